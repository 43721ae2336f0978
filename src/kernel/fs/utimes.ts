// Setting file times. Linux: fs/utimes.c.
import { bits, dirfd, int, path, pointer, timespecs, timevals } from '../../abi/arg_types';
import { EACCES, EINVAL, ENOENT, EPERM } from '../../abi/errno';
import { AT_EMPTY_PATH, AT_FDCWD, AT_FLAGS, AT_SYMLINK_NOFOLLOW } from '../../abi/fcntl';
import { IN_ACCESS, IN_ATTRIB, IN_MODIFY } from '../../abi/fs';
import { UTIME_NOW, UTIME_OMIT } from '../../abi/stat';
import type { task_struct } from '../kernel/types';
import { copy_longs_from_user, copy_times_from_user } from '../kernel/compat';
import { failed } from '../result';
import { syscall } from '../syscall';
import { fdget } from './file';
import { current_time, inode_owner_or_capable, inode_permission, MAY_WRITE } from './inode';
import { told_change } from './notify/fsnotify';
import { LOOKUP_EMPTY, LOOKUP_FOLLOW, user_path_at } from './namei';
import { mnt_want_write } from './super';
import type { inode, Result } from './types';

/** Two times, each with nanoseconds or UTIME_NOW, UTIME_OMIT; null: both now. */
type Times = { seconds: bigint; ns: number }[] | null;

function get_times(task: task_struct, address: number, unitNs: number): Result<Times> {
  if (address === 0) return null;
  const bytes = copy_times_from_user(task, address, 2);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 32);
  const times: Times = [];
  for (const at of [0, 16]) {
    const fraction = Number(view.getBigInt64(at + 8, true));
    if (unitNs === 1000 && (fraction < 0 || fraction >= 1e6)) return EINVAL.because('the fraction of a second is not valid');
    times.push({ seconds: view.getBigInt64(at, true), ns: fraction * unitNs });
  }
  return times;
}

/** Linux: fs/utimes.c:vfs_utimes() */
function vfs_utimes(task: task_struct, inode: inode | null, times: Times): Result<number> {
  if (!inode) return ENOENT.because('no file has this name');
  const isNow = times === null || times.every(t => t.ns === UTIME_NOW);
  if (times?.some(({ ns }) => ns !== UTIME_NOW && ns !== UTIME_OMIT && (ns < 0 || ns >= 1e9))) return EINVAL.because('the fraction of a second is not valid');
  if (times?.every(t => t.ns === UTIME_OMIT)) return 0;
  if (!inode_owner_or_capable(task, inode)) {
    if (!isNow) return EPERM.because('only the owner may choose the times');
    const refused = inode_permission(task, inode, MAY_WRITE);
    if (refused) return 'blocked' in refused ? refused : EACCES.because('the file is not writable for the caller');
  }
  const now = current_time();
  const value = (i: number, before: bigint): bigint => {
    const time = times?.[i];
    if (!time || time.ns === UTIME_NOW) return now;
    return time.ns === UTIME_OMIT ? before : time.seconds * 1_000_000_000n + BigInt(time.ns);
  };
  inode.i_atime = value(0, inode.i_atime);
  inode.i_mtime = value(1, inode.i_mtime);
  inode.i_ctime = now;
  return 0;
}

/** Linux: include/linux/fsnotify.h:fsnotify_change() */
function event_of(times: Times): number {
  const isSet = (i: number): boolean => times?.[i]?.ns !== UTIME_OMIT;
  return isSet(0) ? isSet(1) ? IN_ATTRIB : IN_ACCESS : IN_MODIFY;
}

function do_utimes(task: task_struct, dfd: number, filename: number, times: Result<Times>, flags: number): Result<number> {
  if (failed(times)) return times;
  if (times?.every(t => t.ns === UTIME_OMIT)) return 0;
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return EINVAL.because('a flag is not known');
  if (filename === 0 && dfd !== AT_FDCWD) {
    if (flags) return EINVAL.because('flags need a path');
    const file = fdget(task, dfd);
    return 'f_op' in file ? mnt_want_write(file.f_path) ?? told_change(file.f_path.dentry, event_of(times), vfs_utimes(task, file.f_inode, times)) : file;
  }
  const at = user_path_at(task, dfd, filename, (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0));
  return failed(at) ? at : mnt_want_write(at) ?? told_change(at.dentry, event_of(times), vfs_utimes(task, at.dentry.d_inode, times));
}

export const sys_utimensat = syscall({
  nr: 280, nr32: 412, name32: 'utimensat_time64', nr_time32: 320, name: 'utimensat', brief: 'change file timestamps with nanosecond precision', args: { dirfd, pathname: path, times: timespecs, flags: bits(AT_FLAGS) }, ret: int, classes: ['desc', 'file'],
}, (task, args) => do_utimes(task, args.dirfd, args.pathname, get_times(task, args.times, 1), args.flags));

export const sys_futimesat = syscall({
  nr: 261, nr_time32: 299, name: 'futimesat', brief: 'change timestamps of a file relative to a directory', args: { dirfd, pathname: path, times: timevals }, ret: int, classes: ['desc', 'file'],
}, (task, args) => do_utimes(task, args.dirfd, args.pathname, get_times(task, args.times, 1000), 0));

export const sys_utimes = syscall({
  nr: 235, nr_time32: 271, name: 'utimes', brief: 'change file last access and modification times', args: { filename: path, times: timevals }, ret: int, classes: ['file'],
}, (task, args) => do_utimes(task, AT_FDCWD, args.filename, get_times(task, args.times, 1000), 0));

export const sys_utime = syscall({
  nr: 132, nr_time32: 30, name: 'utime', brief: 'change file last access and modification times', args: { filename: path, times: pointer('utimbuf', 'const struct utimbuf *', 'in') }, ret: int, classes: ['file'],
}, (task, args) => {
  let times: Times = null;
  if (args.times !== 0) {
    const bytes = copy_longs_from_user(task, args.times, 2);
    if (failed(bytes)) return bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
    times = [{ seconds: view.getBigInt64(0, true), ns: 0 }, { seconds: view.getBigInt64(8, true), ns: 0 }];
  }
  return do_utimes(task, AT_FDCWD, args.filename, times, 0);
});
