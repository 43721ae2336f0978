// Is this a program that the machine can run? Asked before it boots, so that the person reads one sentence instead of an ENOEXEC. Decides nothing for execve.
import { UserError } from '../base/errors';
import type { HostFiles } from './host';

const HEADER = 64;
const ELFCLASS64 = 2, ELFDATA2LSB = 1, ET_EXEC = 2, ET_DYN = 3, EM_X86_64 = 62, PT_INTERP = 3;
const S_IFMT = 0o170000, S_IFDIR = 0o040000, S_IFLNK = 0o120000, S_IFREG = 0o100000;
const ENOENT = 2, EACCES = 13, ENOTDIR = 20, ELOOP = 40;
const SYMLINKS = 40;

/** e_machine values that a person is likely to meet. Linux: include/uapi/linux/elf-em.h */
const MACHINES = new Map([[2, 'sparc'], [3, 'i386'], [8, 'mips'], [20, 'ppc'], [21, 'ppc64'], [22, 's390'], [40, 'arm'], [43, 'sparc64'], [183, 'aarch64'], [243, 'riscv'], [258, 'loongarch']]);

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
  const header = files.read(root, real, 0, HEADER);
  if (header === 'pending') return;
  if (typeof header === 'number') throw new UserError(`${shown}: ${reason(header)}`);
  if (header[0] === 0x23 && header[1] === 0x21) return;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (header.length < 20 || view.getUint32(0, false) !== 0x7f454c46) throw new UserError(`${shown}: is not an ELF program`);
  const machine = view.getUint16(18, header[5] === ELFDATA2LSB);
  const name = MACHINES.get(machine);
  if (machine !== EM_X86_64) throw new UserError(`${shown}: is a program for ${name ?? `machine ${machine}`}; Ringside runs x86-64 programs`);
  if (header[4] !== ELFCLASS64) throw new UserError(`${shown}: is a 32-bit program (x32); Ringside runs 64-bit x86-64 programs`);
  const type = view.getUint16(16, true);
  if (header.length < HEADER || (type !== ET_EXEC && type !== ET_DYN)) throw new UserError(`${shown}: is an ELF file but not a program`);
  checkInterpreter(files, root, shown, real, view);
}

function checkInterpreter(files: HostFiles, root: string, shown: string, real: string, header: DataView): void {
  const entry = header.getUint16(54, true), count = header.getUint16(56, true);
  const table = files.read(root, real, Number(header.getBigUint64(32, true)), entry * count);
  if (!(table instanceof Uint8Array)) return;
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  for (let at = 0; at + 56 <= table.length && entry >= 56; at += entry) {
    if (view.getUint32(at, true) !== PT_INTERP) continue;
    const bytes = files.read(root, real, Number(view.getBigUint64(at + 8, true)), Number(view.getBigUint64(at + 32, true)));
    if (!(bytes instanceof Uint8Array)) return;
    const interpreter = latin1(bytes).replace(/\0.*$/s, '');
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

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
