// Where the kernel refused a call: function, file and line of the `because(...)` whose sentence the call came back with. Found in the kernel's own text when a person asks,
// so that a refusal costs nothing at run time. Not here: the sentence itself (Errno.because carries it).
import type { KernelCode } from '../target';

export interface ReasonPlace { name: string; file: string; line: number }

/** `from`: the line where its function begins. */
interface Site extends ReasonPlace { errno: string; pattern: RegExp; from: number }

const known = new WeakMap<KernelCode, readonly Site[]>();

/** The places that give this errno this reason to that system call, the nearest to its handler first: one, or few where several checks on its way use the same words. */
export function findReasonPlaces(kernel: KernelCode, syscall: string, errno: string, reason: string): ReasonPlace[] {
  let sites = known.get(kernel);
  if (!sites) known.set(kernel, sites = collectSites(kernel));
  const found = sites.filter(site => site.errno === errno && site.pattern.test(reason));
  if (found.length === 0) return collectSentences(kernel, reason);
  if (found.length < 2) return found.map(placeOf);
  const distances = kernel.distancesFrom(syscall);
  const distance = ({ file, from }: Site): number => distances.get(`${file}:${from}`) ?? Infinity;
  // Without variable parts in its words the sentence says more than one that fits anything.
  const exact = found.filter(site => !site.pattern.source.includes('.*'));
  return (exact.length > 0 ? exact : found).filter(site => distances.size === 0 || distance(site) < Infinity).sort((a, b) => distance(a) - distance(b)).map(placeOf);
}

const placeOf = ({ name, file, line }: Site): ReasonPlace => ({ name, file, line });

/** Every `EXXX.because(text)` of the kernel's sources; what stands in ${} may be anything. */
function collectSites({ sources, functions }: KernelCode): Site[] {
  const sites: Site[] = [];
  for (const { path, text } of sources) {
    if (!path.endsWith('.ts')) continue;
    const inFile = functions.filter(({ file }) => file === path).sort((a, b) => a.line - b.line);
    for (const match of text.matchAll(/\b(E[A-Z0-9]+)\)?\.because\(/g)) {
      const line = text.slice(0, match.index).split('\n').length;
      const fn = inFile.filter(one => one.line <= line).at(-1);
      for (const pattern of literalsAt(text, match.index + match[0].length)) sites.push({ name: fn?.name ?? '', from: fn?.line ?? 0, file: path, line, errno: match[1] ?? '', pattern });
    }
  }
  return sites;
}

/** Where the sentence stands as an argument of a function that refuses for its caller. */
function collectSentences({ sources, functions }: KernelCode, reason: string): ReasonPlace[] {
  return sources.filter(({ path }) => path.endsWith('.ts')).flatMap(({ path, text }) => text.split('\n').flatMap((line, i): ReasonPlace[] => {
    if (!line.includes(`'${reason.replace(/[\\']/g, '\\$&')}'`)) return [];
    const fn = functions.filter(({ file, line: from }) => file === path && from <= i + 1).sort((a, b) => a.line - b.line).at(-1);
    return [{ name: fn?.name ?? '', file: path, line: i + 1 }];
  }));
}

/** The string literals of an argument list that starts at `at`, as patterns. */
function literalsAt(text: string, at: number): RegExp[] {
  const found: RegExp[] = [];
  for (let depth = 1; depth > 0 && at < text.length; at++) {
    const character = text[at];
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === "'" || character === '`') {
      const { pattern, end } = literal(text, at);
      found.push(new RegExp(`^${pattern}$`, 's'));
      at = end;
    }
  }
  return found;
}

/** The literal whose quote stands at `start`; `end` is its closing quote. */
function literal(text: string, start: number): { pattern: string; end: number } {
  const quote = text[start];
  let pattern = '';
  let at = start + 1;
  while (at < text.length && text[at] !== quote) {
    if (text[at] === '\\') { pattern += escape(text[at + 1] ?? ''); at += 2; continue; }
    if (quote === '`' && text.startsWith('${', at)) { pattern += '.*'; at = closingBrace(text, at + 2) + 1; continue; }
    pattern += escape(text[at] ?? '');
    at++;
  }
  return { pattern, end: at };
}

function closingBrace(text: string, at: number): number {
  for (let depth = 1; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
    else if (text[at] === "'" || text[at] === '`') at = literal(text, at).end;
  }
  return at;
}

const escape = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
