// What the guest wrote stays in the machine: this tells the person, and copies it out when they ask.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../base/errors';

export interface WrittenFile { path: string; size: number; data(): Uint8Array }

/** "1 file written in the sandbox: test.txt": names relative to the working directory where that is shorter. Null when there is none. */
export function writtenSentence(files: readonly WrittenFile[], cwd: string): string | null {
  if (files.length === 0) return null;
  const names = files.map(file => shortName(Buffer.from(file.path, 'latin1').toString('utf8'), cwd));
  return `${files.length} ${files.length === 1 ? 'file' : 'files'} written in the sandbox: ${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? `, and ${names.length - SHOWN} more` : ''}`;
}

const SHOWN = 10;

function shortName(file: string, cwd: string): string {
  const relative = path.posix.relative(cwd, file);
  return relative.startsWith('..') ? file : relative;
}

/** Copies the files below `folder`: those under the working directory by their relative names, the others by their full paths. */
export function saveFiles(files: readonly WrittenFile[], cwd: string, folder: string): void {
  for (const file of files) {
    const name = shortName(Buffer.from(file.path, 'latin1').toString('utf8'), cwd);
    const target = path.join(folder, name);
    const inside = path.relative(path.resolve(folder), path.resolve(target));
    if (inside.startsWith('..') || path.isAbsolute(inside)) throw new UserError(`${name} would be saved outside ${folder}`);
    try {
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, file.data());
    } catch (error) {
      throw new UserError(`${target} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
