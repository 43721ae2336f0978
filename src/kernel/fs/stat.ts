// stat and its kin, readlink, statfs. Linux: fs/stat.c, fs/statfs.c.
import { bits, dirfd, fd, int, outPath, path, stat as stat_arg, statfs as statfs_arg, statx as statx_arg, lenOf } from '../../abi/arg_types';
import { EBADF, EINVAL, ENAMETOOLONG, ENOENT } from '../../abi/errno';
import { AT_EMPTY_PATH, AT_FDCWD, AT_FLAGS, AT_NO_AUTOMOUNT, AT_STATX_SYNC_TYPE_MASK, AT_SYMLINK_NOFOLLOW } from '../../abi/fcntl';
import { PATH_MAX, statfs as statfs_layout } from '../../abi/fs';
import { major, minor, S_ISLNK, stat as stat_layout, STATX_ATTR_MOUNT_ROOT, STATX_BASIC_STATS, STATX_BTIME, STATX_MASK, STATX_MNT_ID, statx as statx_layout } from '../../abi/stat';
import { packStruct, writeScalar } from '../../abi/struct';
import { nanosecondsOf, secondsOf } from '../../abi/time';
import type { task_struct } from '../kernel/types';
import { copy_to_user } from '../mm/uaccess';
import { failed } from '../result';
import { kernel } from '../state';
import { low_word, syscall } from '../syscall';
import { fdget_raw } from './file';
import { getname, LOOKUP_EMPTY, LOOKUP_FOLLOW, name_at, user_path_at } from './namei';
import { MNT_NODEV, MNT_NOEXEC, MNT_NOSUID, MNT_READONLY, type inode, type kstat, type path as path_t, type Result } from './types';
import { task_mm } from './uio';

/** Linux: fs/stat.c:generic_fillattr() */
export function vfs_getattr(inode: inode): kstat {
  const stat: kstat = {
    dev: inode.i_dev, ino: inode.i_ino, mode: inode.i_mode, nlink: inode.i_nlink, uid: inode.i_uid, gid: inode.i_gid, rdev: inode.i_rdev, size: inode.i_size,
    blksize: inode.i_blksize, blocks: inode.i_blocks, atime: inode.i_atime, mtime: inode.i_mtime, ctime: inode.i_ctime, btime: inode.i_btime,
  };
  inode.i_op.getattr?.(inode, stat);
  return stat;
}

export function stat_bytes(s: kstat): Uint8Array {
  return packStruct(stat_layout, {
    st_dev: s.dev, st_ino: s.ino, st_nlink: s.nlink, st_mode: s.mode, st_uid: s.uid, st_gid: s.gid, st_rdev: s.rdev, st_size: s.size, st_blksize: s.blksize, st_blocks: s.blocks,
    st_atime: secondsOf(s.atime), st_atime_nsec: nanosecondsOf(s.atime), st_mtime: secondsOf(s.mtime), st_mtime_nsec: nanosecondsOf(s.mtime), st_ctime: secondsOf(s.ctime), st_ctime_nsec: nanosecondsOf(s.ctime),
  });
}

function put_stat(task: task_struct, inode: inode | null, address: number): Result<number> {
  if (!inode) return ENOENT.because('the file is gone');
  const stored = copy_to_user(task_mm(task), address, stat_bytes(vfs_getattr(inode)));
  return failed(stored) ? stored : 0;
}

function stat_at(task: task_struct, dfd: number, filename: number, flags: number, address: number): Result<number> {
  const at = user_path_at(task, dfd, filename, (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0));
  return failed(at) ? at : put_stat(task, at.dentry.d_inode ?? null, address);
}

export const sys_stat = syscall({
  nr: 4, name: 'stat', brief: 'get file status', args: { pathname: path, statbuf: stat_arg }, ret: int, classes: ['file', 'stat', 'stat_like'],
}, (task, args) => stat_at(task, AT_FDCWD, args.pathname, 0, args.statbuf));

export const sys_fstat = syscall({
  nr: 5, name: 'fstat', brief: 'get file status', args: { fd, statbuf: stat_arg }, ret: int, classes: ['desc', 'fstat', 'stat_like'],
}, (task, args) => {
  const file = fdget_raw(task, args.fd);
  return 'f_op' in file ? put_stat(task, file.f_inode, args.statbuf) : file;
});

export const sys_lstat = syscall({
  nr: 6, name: 'lstat', brief: 'get file status', args: { pathname: path, statbuf: stat_arg }, ret: int, classes: ['file', 'lstat', 'stat_like'],
}, (task, args) => stat_at(task, AT_FDCWD, args.pathname, AT_SYMLINK_NOFOLLOW, args.statbuf));

export const sys_newfstatat = syscall({
  nr: 262, name: 'newfstatat', brief: 'get file status', args: { dirfd, pathname: path, statbuf: stat_arg, flags: bits(AT_FLAGS) }, ret: int, classes: ['desc', 'file', 'fstat', 'stat_like'],
}, (task, args) => {
  if (args.flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE_MASK)) return EINVAL.because('a flag is not known');
  return stat_at(task, args.dirfd, args.pathname, args.flags, args.statbuf);
});

function mount_id(at: path_t): number {
  return at.mnt.mnt_id;
}

export const sys_statx = syscall({
  nr: 332, nr32: 383, name: 'statx', brief: 'get file status (extended)',
  args: { dirfd, pathname: path, flags: bits(AT_FLAGS), mask: bits(STATX_MASK, undefined, 'unsigned int'), statxbuf: statx_arg }, ret: int, classes: ['desc', 'file', 'fstat', 'stat_like'],
}, (task, args) => {
  const { flags } = args;
  if (args.mask >= 0x80000000) return EINVAL.because('the reserved bit of mask is set');
  if ((flags & AT_STATX_SYNC_TYPE_MASK) === AT_STATX_SYNC_TYPE_MASK) return EINVAL.because('two kinds of synchronisation at once');
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE_MASK)) return EINVAL.because('a flag is not known');
  const at = user_path_at(task, args.dirfd, args.pathname, (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0));
  if (failed(at)) return at;
  if (!at.dentry.d_inode) return ENOENT.because('no file has this name');
  const s = vfs_getattr(at.dentry.d_inode);
  const bytes = packStruct(statx_layout, {
    stx_mask: STATX_BASIC_STATS | (s.btime === 0n ? 0 : STATX_BTIME) | STATX_MNT_ID, stx_blksize: s.blksize, stx_nlink: s.nlink, stx_uid: s.uid, stx_gid: s.gid, stx_mode: s.mode, stx_ino: s.ino, stx_size: s.size, stx_blocks: s.blocks,
    stx_attributes: at.dentry === at.mnt.mnt_root ? STATX_ATTR_MOUNT_ROOT : 0, stx_attributes_mask: STATX_ATTR_MOUNT_ROOT,
    stx_rdev_major: major(s.rdev), stx_rdev_minor: minor(s.rdev), stx_dev_major: major(s.dev), stx_dev_minor: minor(s.dev), stx_mnt_id: mount_id(at),
  });
  for (const [name, ns] of [['stx_atime', s.atime], ['stx_btime', s.btime], ['stx_ctime', s.ctime], ['stx_mtime', s.mtime]] as const) {
    writeScalar(bytes, statx_layout.fields[name].offset, 's64', secondsOf(ns));
    writeScalar(bytes, statx_layout.fields[name].offset + 8, 'u32', nanosecondsOf(ns));
  }
  const stored = copy_to_user(task_mm(task), args.statxbuf, bytes);
  return failed(stored) ? stored : 0;
});

/** Linux: fs/stat.c:do_readlinkat() */
function do_readlinkat(task: task_struct, dfd: number, pathname: number, buf: number, bufsiz: number): Result<number> {
  if (bufsiz <= 0) return EINVAL.because('the buffer size is not positive');
  const name = getname(task, pathname);
  if (failed(name)) return name;
  const at = name_at(task, dfd, name, LOOKUP_EMPTY);
  if (failed(at)) return at;
  const inode = at.dentry.d_inode;
  if (name === '' && dfd === AT_FDCWD) return ENOENT.because('the path is empty');
  if (!inode) return ENOENT.because('no file has this name');
  if (!S_ISLNK(inode.i_mode)) return name === '' ? ENOENT.because('the descriptor is not a symbolic link') : EINVAL.because('it is not a symbolic link');
  const target = inode.i_op.get_link ? inode.i_op.get_link(inode) : inode.i_link;
  if (failed(target)) return target;
  if (target.length >= PATH_MAX) return ENAMETOOLONG.because('the name that the link leads to is longer than PATH_MAX');
  const length = Math.min(target.length, bufsiz);
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = target.charCodeAt(i);
  const stored = copy_to_user(task_mm(task), buf, bytes);
  return failed(stored) ? stored : length;
}

export const sys_readlink = syscall({
  nr: 89, nr32: 85, name: 'readlink', brief: 'read value of a symbolic link', args: { pathname: path, buf: outPath('bufsiz'), bufsiz: lenOf('buf') }, ret: int, classes: ['file'],
}, (task, args) => do_readlinkat(task, AT_FDCWD, args.pathname, args.buf, low_word(task, 2, args.bufsiz) | 0));

export const sys_readlinkat = syscall({
  nr: 267, nr32: 305, name: 'readlinkat', brief: 'read value of a symbolic link', args: { dirfd, pathname: path, buf: outPath('bufsiz'), bufsiz: lenOf('buf') }, ret: int, classes: ['desc', 'file'],
}, (task, args) => do_readlinkat(task, args.dirfd, args.pathname, args.buf, low_word(task, 3, args.bufsiz) | 0));

const ST_VALID = 0x20;

/** struct statfs of the file system that a file is on. */
export function statfs_bytes(at: path_t): Uint8Array {
  const sb = at.mnt.mnt_sb;
  const isMemory = sb.s_type === 'tmpfs' || sb.s_type === 'devtmpfs' || sb.s_type === 'overlay';
  const flags = ST_VALID | (at.mnt.mnt_flags & (MNT_NOSUID | MNT_NODEV | MNT_NOEXEC)) * 2 | (at.mnt.mnt_flags & MNT_READONLY ? 1 : 0) | (at.mnt.mnt_flags & 0x20 ? 0x1000 : 0);
  return packStruct(statfs_layout, {
    f_type: sb.s_magic, f_bsize: 4096, f_blocks: isMemory ? kernel.nr_pages : 0, f_bfree: isMemory ? kernel.nr_free_pages : 0, f_bavail: isMemory ? kernel.nr_free_pages : 0,
    f_files: isMemory ? kernel.nr_pages : 0, f_ffree: isMemory ? kernel.nr_free_pages : 0, f_namelen: 255, f_frsize: 4096, f_flags: flags,
  });
}

function put_statfs(task: task_struct, at: path_t, address: number): Result<number> {
  const stored = copy_to_user(task_mm(task), address, statfs_bytes(at));
  return failed(stored) ? stored : 0;
}

export const sys_statfs = syscall({
  nr: 137, name: 'statfs', brief: 'get filesystem statistics', args: { path, buf: statfs_arg }, ret: int, classes: ['file', 'statfs', 'statfs_like'],
}, (task, args) => {
  const at = user_path_at(task, AT_FDCWD, args.path, LOOKUP_FOLLOW);
  return failed(at) ? at : put_statfs(task, at, args.buf);
});

export const sys_fstatfs = syscall({
  nr: 138, name: 'fstatfs', brief: 'get filesystem statistics', args: { fd, buf: statfs_arg }, ret: int, classes: ['desc', 'fstatfs', 'statfs_like'],
}, (task, args) => {
  const file = fdget_raw(task, args.fd);
  if (!('f_op' in file)) return file;
  return file.f_path.mnt ? put_statfs(task, file.f_path, args.buf) : EBADF.because('the descriptor has no file system');
});
