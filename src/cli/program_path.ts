// From the words that a person typed to what execve gets: the program's path, its environment and its working directory, as byte strings of the guest.
import path from 'node:path';
import { UserError } from '../base/errors';
import { resolvePath } from '../machine/program';
import type { HostFiles } from '../machine/host';

/** Text of this process as the bytes that the guest sees, one char a byte. */
export function guestBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

const S_IFMT = 0o170000, S_IFREG = 0o100000;

/** The path that execve gets: `program` itself when it has a slash, else the first executable file of that name along PATH. */
export function findProgram(files: HostFiles, sysroot: string, cwd: string, program: string, searchPath: string | undefined): string {
  if (program.includes('/')) return program;
  for (const folder of (searchPath ?? '/usr/local/bin:/usr/bin:/bin').split(':')) {
    const candidate = path.posix.join(folder || cwd, program);
    const real = resolvePath(files, sysroot, path.posix.resolve(cwd, candidate));
    if (typeof real !== 'string' || real === 'pending') continue;
    const stat = files.lstat(sysroot, real);
    if (typeof stat === 'object' && (stat.mode & S_IFMT) === S_IFREG && (stat.mode & 0o111) !== 0) return candidate;
  }
  throw new UserError(`${program}: no such program along PATH`);
}

/** The environment of this process with the changes of -E, as KEY=VALUE. */
export function guestEnvironment(own: NodeJS.ProcessEnv, changes: readonly string[]): string[] {
  const variables = new Map(Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined));
  for (const change of changes) {
    const equals = change.indexOf('=');
    if (equals < 0) variables.delete(change);
    else variables.set(change.slice(0, equals), change.slice(equals + 1));
  }
  return [...variables].map(([key, value]) => guestBytes(`${key}=${value}`));
}
