// Calls by int 0x80 whose arguments are laid out otherwise than x86-64's of the same name: 32-bit times, offsets in two words. Linux: arch/x86/entry/syscalls/syscall_32.tbl,
// arch/x86/kernel/sys_ia32.c, kernel/time/time.c. Calls whose arguments are the same numbers have nr32 in their declaration.
// Structures of calls that both tables have: abi/compat.ts.
// Files: compat_fs.ts, the older signal calls: compat_signal.ts, ipc: compat_ipc.ts, the rest: compat_misc.ts, numbers of 16 bits: uid16.ts, times of 32 bits: nr_time32 in the declarations.
// Differs: structures of ioctls, of socket options other than these and of move_pages are those of x86-64.
import { bits, choice, dirfd, fd, int, long, off, path, pid, pointer, ptr, special, size, uint } from '../../../abi/arg_types';
import { convertStruct, stat64 } from '../../../abi/compat';
import { EINVAL, ENOENT } from '../../../abi/errno';
import { AT_EMPTY_PATH, AT_FDCWD, AT_FLAGS, AT_NO_AUTOMOUNT, AT_SYMLINK_NOFOLLOW, FCNTL_COMMANDS, F_GETLK, F_GETLK64, F_SETLK, F_SETLK64, F_SETLKW, F_SETLKW64 } from '../../../abi/fcntl';
import { SEEK_WHENCE } from '../../../abi/fs';
import { MAP, MAP_32BIT, MAP_TYPE, PROT } from '../../../abi/mman';
import { SOCKETCALLS, socketcallArgs } from '../../../abi/socket';
import { stat } from '../../../abi/stat';
import { writeScalar } from '../../../abi/struct';
import { findName } from '../../../abi/table';
import { WAIT } from '../../../abi/wait';
import { sys_fcntl } from '../../fs/fcntl';
import { fdget_raw } from '../../fs/file';
import { LOOKUP_EMPTY, LOOKUP_FOLLOW, user_path_at } from '../../fs/namei';
import { sys_lseek } from '../../fs/read_write';
import { stat_bytes, vfs_getattr } from '../../fs/stat';
import type { inode, Result } from '../../fs/types';
import { sys_wait4 } from '../../kernel/exit';
import type { task_struct } from '../../kernel/types';
import { ktime_get_real } from '../../kernel/time/timekeeping';
import { sys_mmap, task_mm } from '../../mm/mmap';
import { copy_from_user, copy_to_user, put_user32, put_user64 } from '../../mm/uaccess';
import { failed } from '../../result';
import { syscall, syscallsByName } from '../../syscall';

const NS = 1_000_000_000n;
export const compat_sys_lseek = syscall({
  nr: -1, nr32: 19, name: 'lseek', brief: 'reposition read/write file offset', args: { fd, offset: int, whence: choice(SEEK_WHENCE) }, ret: off, classes: ['desc'],
}, (task, args) => sys_lseek.handler?.(task, args) ?? 0);

export const compat_sys_llseek = syscall({
  nr: -1, nr32: 140, name: '_llseek', brief: 'reposition read/write file offset', args: { fd, offset_high: uint, offset_low: uint, result: ptr, whence: choice(SEEK_WHENCE) }, ret: int, classes: ['desc'],
}, (task, { fd: number, offset_high, offset_low, result, whence }) => {
  const offset = Number(BigInt.asIntN(64, BigInt(offset_high) << 32n | BigInt(offset_low)));
  const at = sys_lseek.handler?.(task, { fd: number, offset, whence }) ?? 0;
  return typeof at === 'number' ? put_user64(task_mm(task), result, at) : at;
});

export const compat_sys_mmap2 = syscall({
  nr: -1, nr32: 192, name: 'mmap2', brief: 'map files or devices into memory', args: { addr: ptr, length: size, prot: bits(PROT), flags: bits(MAP, MAP_TYPE), fd, pgoff: uint }, ret: ptr, classes: ['desc', 'memory'],
}, (task, { addr, length, prot, flags, fd: number, pgoff }) => sys_mmap.handler?.(task, { addr, length, prot, flags: flags | MAP_32BIT, fd: number, offset: pgoff * 4096 }) ?? 0);

/** The commands whose offsets are of 64 bits (fs/locks.ts looks at the one that was given). */
const LOCKS_64: ReadonlyMap<number, number> = new Map([[F_GETLK64, F_GETLK], [F_SETLK64, F_SETLK], [F_SETLKW64, F_SETLKW]]);

export const compat_sys_fcntl64 = syscall({
  nr: -1, nr32: 221, name: 'fcntl64', brief: 'manipulate file descriptor', args: { fd, cmd: choice(FCNTL_COMMANDS), arg: special('fcntlArg', 'unsigned long') }, ret: special('fcntlRet', 'int'), classes: ['desc'],
}, (task, args) => sys_fcntl.handler?.(task, { ...args, cmd: LOCKS_64.get(args.cmd) ?? args.cmd }) ?? 0);

export const compat_sys_time = syscall({
  nr: -1, nr32: 13, name: 'time', brief: 'get time in seconds', args: { tloc: pointer('outTime', 'old_time32_t *', 'out') }, ret: long, classes: ['clock'],
}, (task, { tloc }) => {
  const seconds = Number(ktime_get_real() / NS);
  const stored = tloc === 0 ? 0 : put_user32(task_mm(task), tloc, seconds);
  return failed(stored) ? stored : seconds;
});

export const compat_sys_waitpid = syscall({
  nr: -1, nr32: 7, name: 'waitpid', brief: 'wait for process to change state', args: { pid, wstatus: pointer('wstatus', 'int *', 'out'), options: bits(WAIT) }, ret: pid, classes: ['process'],
}, (task, { pid: upid, wstatus, options }) => sys_wait4.handler?.(task, { pid: upid, wstatus, options, rusage: 0 }) ?? 0);

const stat64_arg = pointer('stat64', 'struct stat64 *', 'out');

/** The calls write x86-64's struct stat; what differs is its layout. Linux: arch/x86/kernel/sys_ia32.c:cp_stat64() */
function cp_stat64(task: task_struct, inode: inode | null, address: number): Result<number> {
  if (!inode) return ENOENT.because('the file is gone');
  const wide = vfs_getattr(inode), bytes = convertStruct(stat, stat64, stat_bytes(wide));
  writeScalar(bytes, stat64.fields.__st_ino.offset, 'u32', wide.ino);
  return copy_to_user(task_mm(task), address, bytes);
}

function stat64_at(task: task_struct, dfd: number, filename: number, flags: number, address: number): Result<number> {
  const at = user_path_at(task, dfd, filename, (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0));
  return failed(at) ? at : cp_stat64(task, at.dentry.d_inode ?? null, address);
}

export const compat_sys_stat64 = syscall({
  nr: -1, nr32: 195, name: 'stat64', brief: 'get file status', args: { pathname: path, statbuf: stat64_arg }, ret: int, classes: ['file', 'stat', 'stat_like'],
}, (task, { pathname, statbuf }) => stat64_at(task, AT_FDCWD, pathname, 0, statbuf));

export const compat_sys_lstat64 = syscall({
  nr: -1, nr32: 196, name: 'lstat64', brief: 'get file status', args: { pathname: path, statbuf: stat64_arg }, ret: int, classes: ['file', 'lstat', 'stat_like'],
}, (task, { pathname, statbuf }) => stat64_at(task, AT_FDCWD, pathname, AT_SYMLINK_NOFOLLOW, statbuf));

export const compat_sys_fstat64 = syscall({
  nr: -1, nr32: 197, name: 'fstat64', brief: 'get file status', args: { fd, statbuf: stat64_arg }, ret: int, classes: ['desc', 'fstat', 'stat_like'],
}, (task, { fd: number, statbuf }) => {
  const file = fdget_raw(task, number);
  return 'f_op' in file ? cp_stat64(task, file.f_inode, statbuf) : file;
});

export const compat_sys_fstatat64 = syscall({
  nr: -1, nr32: 300, name: 'fstatat64', brief: 'get file status', args: { dirfd, pathname: path, statbuf: stat64_arg, flags: bits(AT_FLAGS) }, ret: int, classes: ['desc', 'file', 'fstat', 'stat_like'],
}, (task, { dirfd: dfd, pathname, statbuf, flags }) => {
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH)) return EINVAL.because('a flag is not known');
  return stat64_at(task, dfd, pathname, flags, statbuf);
});

/** All socket calls behind one number: which, and where their arguments stand. Linux: net/compat.c */
export const compat_sys_socketcall = syscall({
  nr: -1, nr32: 102, name: 'socketcall', brief: 'socket system calls', args: { call: int, args: ptr }, ret: int, classes: ['network'],
}, (task, { call, args }) => {
  const name = findName(SOCKETCALLS, call)?.replace('SYS_', '').toLowerCase();
  if (name === undefined) return EINVAL.because(`there is no socket call ${call}`);
  const declared = syscallsByName.get(name === 'send' ? 'sendto' : name === 'recv' ? 'recvfrom' : name), count = socketcallArgs(call);
  const words = copy_from_user(task_mm(task), args, count * 4);
  if (failed(words)) return words;
  const view = new DataView(words.buffer, words.byteOffset);
  const values = Object.fromEntries(Object.entries(declared?.args ?? {}).map(([key, type], i) => [key, i < count ? type.decode(view.getUint32(i * 4, true), 0) : 0]));
  return declared?.handler?.(task, values) ?? EINVAL.because(`${name} is not here`);
});
