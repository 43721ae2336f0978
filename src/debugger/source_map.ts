// From the paths that debug information names to the person's files and back: launch's sourceMap, and relative paths beside the ELF file.
// Not here: whether a file exists.

export class SourceMap {
  private readonly rules: readonly (readonly [string, string])[];

  /** `map`: prefix in debug information to folder of the person; the longest matching prefix wins. `toHostPath`: where a module of the guest is for the person. */
  constructor(map: Readonly<Record<string, string>> = {}, private readonly toHostPath: (guestPath: string) => string = path => path) {
    this.rules = Object.entries(map).map(([from, to]) => [trim(from), trim(to)] as const).sort((a, b) => b[0].length - a[0].length);
  }

  /** The person's path for a source of a module; relative paths are taken from the folder of `modulePath`. */
  toLocal(source: string, modulePath: string): string {
    const path = normalize(source);
    for (const [from, to] of this.rules) {
      if (path === from || path.startsWith(from === '' ? '' : `${from}/`)) return normalize(`${to}/${path.slice(from.length)}`);
    }
    return isAbsolute(path) ? path : normalize(`${folderOf(this.toHostPath(modulePath))}/${path}`);
  }

  /** What debug information may call the person's file `local`, without folders. */
  namesOf(local: string): string[] {
    const path = normalize(local);
    return [path, ...this.rules.filter(([, to]) => to === path).map(([from]) => from)].map(baseName);
  }

  /** Whether debug information's `source` is the person's file `local`. */
  isSame(source: string, modulePath: string, local: string): boolean {
    return this.toLocal(source, modulePath) === normalize(local);
  }
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:\//.test(path);
}

/** Without `.`, `..`, doubled slashes and backslashes; a drive letter in upper case. */
export function normalize(path: string): string {
  const slashes = path.replace(/\\/g, '/').replace(/^([a-z]):/, (_, drive: string) => `${drive.toUpperCase()}:`);
  const root = slashes.startsWith('/') ? '/' : '';
  const parts: string[] = [];
  for (const part of slashes.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || root === '') parts.push(part);
  }
  return root + parts.join('/');
}

const folderOf = (path: string): string => path.slice(0, path.replace(/\\/g, '/').lastIndexOf('/'));
const trim = (path: string): string => normalize(path).replace(/\/$/, '');
