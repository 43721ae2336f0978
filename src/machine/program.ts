// Is this a program that the machine can run? Asked before it boots, so that the person reads one sentence instead of an ENOEXEC. Decides nothing for execve.
import { UserError } from '../base/errors';
import { PT_INTERP } from '../elf/constants';
import { EHDR_SIZE, interpreterPath, isRefusal, isRunnable, readElfHeader, readSegments } from '../elf/header';
import type { HostFiles } from './host';

const S_IFMT = 0o170000, S_IFDIR = 0o040000, S_IFLNK = 0o120000, S_IFREG = 0o100000;
const ENOENT = 2, EACCES = 13, ENOTDIR = 20, ELOOP = 40;
const SYMLINKS = 40;

/** The path without symbolic links below `root`, or the errno that stops it. Paths are absolute, bytes as latin1. */
export function resolvePath(files: HostFiles, root: string, path: string): string | number | 'pending' {
  let done = '', links = 0;
  const rest = path.split('/').filter(name => name && name !== '.').reverse();
  for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
    if (name === '..') {
      done = done.slice(0, Math.max(0, done.lastIndexOf('/')));
      continue;
    }
    const at = `${done}/${name}`;
    const stat = files.lstat(root, at);
    if (typeof stat !== 'object') return stat;
    const type = stat.mode & S_IFMT;
    if (type === S_IFLNK) {
      if (++links > SYMLINKS) return ELOOP;
      const target = files.readlink(root, at);
      if (typeof target === 'number' || target === 'pending') return target;
      if (target.startsWith('/')) done = '';
      rest.push(...target.split('/').filter(part => part && part !== '.').reverse());
    } else {
      if (rest.length > 0 && type !== S_IFDIR) return ENOTDIR;
      done = at;
    }
  }
  return done || '/';
}

/** Throws a UserError, naming it `shown`, when `path` (absolute in the guest) is not a program for this machine, or its interpreter is missing. A pending host is not waited for. */
export function checkProgram(files: HostFiles, root: string, path: string, shown = path): void {
  const real = find(files, root, path, shown);
  if (real === null) return;
  const stat = files.lstat(root, real);
  if (typeof stat === 'object') {
    if ((stat.mode & S_IFMT) === S_IFDIR) throw new UserError(`${shown}: is a directory`);
    if ((stat.mode & S_IFMT) !== S_IFREG) throw new UserError(`${shown}: is not a regular file`);
    if ((stat.mode & 0o111) === 0) throw new UserError(`${shown}: permission denied (the file is not executable)`);
  }
  const header = files.read(root, real, 0, EHDR_SIZE);
  if (header === 'pending') return;
  if (typeof header === 'number') throw new UserError(`${shown}: ${reason(header)}`);
  if (header[0] === 0x23 && header[1] === 0x21) return;
  const elf = readElfHeader(header);
  if (isRefusal(elf)) throw new UserError(`${shown}: ${elf.sentence}`);
  if (!isRunnable(elf)) throw new UserError(`${shown}: is an ELF file but not a program`);
  const table = files.read(root, real, elf.phoff, elf.phentsize * elf.phnum);
  if (!(table instanceof Uint8Array)) return;
  for (const segment of readSegments(table, elf.phnum, elf.phentsize)) {
    if (segment.type !== PT_INTERP) continue;
    const bytes = files.read(root, real, segment.offset, segment.filesz);
    if (!(bytes instanceof Uint8Array)) return;
    const interpreter = interpreterPath(bytes);
    if (typeof resolvePath(files, root, interpreter) === 'number') throw new UserError(`${shown}: its interpreter ${interpreter} does not exist in the sysroot ${root}`);
  }
}

function find(files: HostFiles, root: string, path: string, shown: string): string | null {
  const real = resolvePath(files, root, path);
  if (real === 'pending') return null;
  if (typeof real === 'number') throw new UserError(`${shown}: ${reason(real)}${root === '/' ? '' : ` (in the sysroot ${root})`}`);
  return real;
}

function reason(errno: number): string {
  if (errno === ENOENT) return 'no such file';
  if (errno === EACCES) return 'permission denied';
  if (errno === ENOTDIR) return 'a part of the path is not a directory';
  if (errno === ELOOP) return 'too many symbolic links';
  return `cannot be read (errno ${errno})`;
}
