// Calls by int 0x80 whose arguments are laid out otherwise than x86-64's of the same name: 32-bit times, offsets in two words. Linux: arch/x86/entry/syscalls/syscall_32.tbl,
// arch/x86/kernel/sys_ia32.c, kernel/time/time.c. Calls whose arguments are the same numbers have nr32 in their declaration.
// Differs: stat64, socketcall, iovec and msghdr of 32 bits are not here.
import { bits, choice, clockid, fd, int, long, off, pointer, ptr, special, size, uint } from '../../../abi/arg_types';
import { EINVAL } from '../../../abi/errno';
import { FCNTL_COMMANDS } from '../../../abi/fcntl';
import { SEEK_WHENCE } from '../../../abi/fs';
import { MAP, MAP_32BIT, MAP_TYPE, PROT } from '../../../abi/mman';
import { sys_fcntl } from '../../fs/fcntl';
import { sys_lseek } from '../../fs/read_write';
import { sys_clock_nanosleep_ns } from '../../kernel/time/time';
import { ktime_get_real, ktime_read } from '../../kernel/time/timekeeping';
import { sys_mmap, task_mm } from '../../mm/mmap';
import { copy_from_user, copy_to_user, put_user32, put_user64 } from '../../mm/uaccess';
import { failed } from '../../result';
import { syscall } from '../../syscall';

const NS = 1_000_000_000n;
const timespec32 = pointer('timespec32', 'const struct old_timespec32 *', 'in');
const outTimespec32 = pointer('timespec32', 'struct old_timespec32 *', 'out');
const outTimeval32 = pointer('timeval32', 'struct old_timeval32 *', 'out');

/** Seconds and the rest in `unit` nanoseconds, as two 32-bit words. */
function time32(ns: bigint, unit: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, Number(BigInt.asIntN(32, ns / NS)), true);
  view.setInt32(4, Number(ns % NS / unit), true);
  return bytes;
}

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

export const compat_sys_fcntl64 = syscall({
  nr: -1, nr32: 221, name: 'fcntl64', brief: 'manipulate file descriptor', args: { fd, cmd: choice(FCNTL_COMMANDS), arg: special('fcntlArg', 'unsigned long') }, ret: special('fcntlRet', 'int'), classes: ['desc'],
}, (task, args) => sys_fcntl.handler?.(task, args) ?? 0);

export const compat_sys_time = syscall({
  nr: -1, nr32: 13, name: 'time', brief: 'get time in seconds', args: { tloc: pointer('outTime', 'old_time32_t *', 'out') }, ret: long, classes: ['clock'],
}, (task, { tloc }) => {
  const seconds = Number(ktime_get_real() / NS);
  const stored = tloc === 0 ? 0 : put_user32(task_mm(task), tloc, seconds);
  return failed(stored) ? stored : seconds;
});

export const compat_sys_clock_gettime = syscall({
  nr: -1, nr32: 265, name: 'clock_gettime', brief: 'get clock time', args: { clockid, tp: outTimespec32 }, ret: int, classes: ['clock'],
}, (task, { clockid: clock, tp }) => {
  if (clock < 0 || clock > 11 || clock === 2 || clock === 3 || clock === 10) return EINVAL.because(`clock ${clock} is not known to the 32-bit call`);
  return copy_to_user(task_mm(task), tp, time32(ktime_read(clock), 1n));
});

export const compat_sys_gettimeofday = syscall({
  nr: -1, nr32: 78, name: 'gettimeofday', brief: 'get time', args: { tv: outTimeval32, tz: pointer('timezone', 'struct timezone *', 'out') }, ret: int, classes: ['clock'],
}, (task, { tv, tz }) => {
  const stored = tv === 0 ? 0 : copy_to_user(task_mm(task), tv, time32(ktime_get_real(), 1000n));
  if (failed(stored)) return stored;
  return tz === 0 ? 0 : copy_to_user(task_mm(task), tz, new Uint8Array(8));
});

export const compat_sys_nanosleep = syscall({
  nr: -1, nr32: 162, name: 'nanosleep', brief: 'high-resolution sleep', args: { req: timespec32, rem: outTimespec32 }, ret: int, classes: ['clock'],
}, (task, { req }) => {
  const bytes = copy_from_user(task_mm(task), req, 8);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const sec = view.getInt32(0, true), nsec = view.getInt32(4, true);
  if (sec < 0 || nsec < 0 || nsec >= 1e9) return EINVAL.because('the time is not valid');
  return sys_clock_nanosleep_ns(task, sec * 1e9 + nsec);
});
