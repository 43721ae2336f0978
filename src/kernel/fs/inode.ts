// Inodes: making them, their times, who may do what. Linux: fs/inode.c, fs/attr.c, fs/namei.c:generic_permission(), kernel/capability.c.
import { EACCES, EROFS, type Errno } from '../../abi/errno';
import { O_NOATIME } from '../../abi/fcntl';
import { S_ISDIR, S_ISREG, S_ISGID, S_ISUID, S_IXGRP, S_IXUGO } from '../../abi/stat';
import type { task_struct } from '../kernel/types';
import { CLOCK_REALTIME_COARSE } from '../../abi/time';
import { ktime_read } from '../kernel/time/timekeeping';
import type { Block } from '../result';
import { address_space, inode as inode_type, SB_RDONLY, type address_space_operations, type file, type file_operations, type inode, type inode_operations, type super_block } from './types';

export const MAY_EXEC = 1, MAY_WRITE = 2, MAY_READ = 4;
export const CAP_CHOWN = 0, CAP_DAC_OVERRIDE = 1, CAP_DAC_READ_SEARCH = 2, CAP_FOWNER = 3, CAP_FSETID = 4, CAP_NET_BIND_SERVICE = 10, CAP_NET_ADMIN = 12, CAP_NET_RAW = 13, CAP_IPC_LOCK = 14, CAP_SYS_CHROOT = 18, CAP_SYS_ADMIN = 21, CAP_SYS_NICE = 23, CAP_SYS_RESOURCE = 24, CAP_SYS_TIME = 25, CAP_MKNOD = 27, CAP_LEASE = 28, CAP_WAKE_ALARM = 35, CAP_CHECKPOINT_RESTORE = 40;

export function capable(task: task_struct, cap: number): boolean {
  return ((task.cred.cap_effective >> BigInt(cap)) & 1n) === 1n;
}

export function in_group_p(task: task_struct, gid: number): boolean {
  return task.cred.fsgid === gid || task.cred.group_info.includes(gid);
}

/** The time that inodes get: CLOCK_REALTIME at the last tick (4 ms). Linux: fs/inode.c:current_time() */
export function current_time(): bigint {
  return ktime_read(CLOCK_REALTIME_COARSE);
}

export interface new_inode_options { mode: number; uid: number; gid: number; i_op: inode_operations; i_fop: file_operations; rdev?: number; ino?: number }

/** A new inode with one name to come. */
export function new_inode(sb: super_block, options: new_inode_options): inode {
  const now = current_time();
  return inode_type.make({
    i_ino: options.ino ?? sb.s_next_ino++, i_mode: options.mode, i_uid: options.uid, i_gid: options.gid, i_rdev: options.rdev ?? 0,
    i_nlink: S_ISDIR(options.mode) ? 2 : 1, i_atime: now, i_mtime: now, i_ctime: now, i_btime: now,
    i_dev: sb.s_dev, i_blksize: sb.s_blocksize, i_sb: sb, i_op: options.i_op, i_fop: options.i_fop,
  });
}

/** Gives an inode its pages. */
export function inode_add_mapping(inode: inode, a_ops: address_space_operations): void {
  inode.i_mapping = address_space.make({ host: inode, a_ops });
}

/** Owner and group of what a task makes in a directory. Linux: fs/inode.c:inode_init_owner() */
export function inode_init_owner(task: task_struct, dir: inode | null, mode: number): { uid: number; gid: number; mode: number } {
  const uid = task.cred.fsuid;
  if (dir && dir.i_mode & S_ISGID) return { uid, gid: dir.i_gid, mode: S_ISDIR(mode) ? mode | S_ISGID : mode };
  return { uid, gid: task.cred.fsgid, mode };
}

const wants = (mask: number): string => mask & MAY_WRITE ? 'write to' : mask & MAY_READ ? 'read' : 'search or execute';

/** Linux: fs/namei.c:generic_permission() */
export function generic_permission(task: task_struct, inode: inode, mask: number): Errno | null {
  const { i_mode } = inode;
  const isOwner = task.cred.fsuid === inode.i_uid;
  const granted = isOwner ? (i_mode >> 6) & 7 : in_group_p(task, inode.i_gid) ? (i_mode >> 3) & 7 : i_mode & 7;
  if ((mask & ~granted) === 0) return null;
  if (S_ISDIR(i_mode)) {
    if (!(mask & MAY_WRITE) && capable(task, CAP_DAC_READ_SEARCH)) return null;
    if (capable(task, CAP_DAC_OVERRIDE)) return null;
  } else {
    if (mask === MAY_READ && capable(task, CAP_DAC_READ_SEARCH)) return null;
    if ((!(mask & MAY_EXEC) || i_mode & S_IXUGO) && capable(task, CAP_DAC_OVERRIDE)) return null;
  }
  return EACCES.because(`mode 0${(i_mode & 0o7777).toString(8)} of owner ${inode.i_uid}:${inode.i_gid} does not let uid ${task.cred.fsuid} ${wants(mask & ~granted)} it`);
}

/** May the task do `mask` with the inode? Linux: fs/namei.c:inode_permission() */
export function inode_permission(task: task_struct, inode: inode, mask: number): Errno | Block | null {
  if (mask & MAY_WRITE && inode.i_sb.s_flags & SB_RDONLY && (S_ISREG(inode.i_mode) || S_ISDIR(inode.i_mode))) return EROFS.because('the file system is read-only');
  if (inode.i_op.permission) return inode.i_op.permission(inode, mask);
  return generic_permission(task, inode, mask);
}

/** Owner or CAP_FOWNER. */
export function inode_owner_or_capable(task: task_struct, inode: inode): boolean {
  return task.cred.fsuid === inode.i_uid || capable(task, CAP_FOWNER);
}

/** Linux: include/linux/fs.h */
export const I_LINKABLE = 0x400;

/** Whoever changes contents takes set-user-id and set-group-id away, unless capable. Linux: fs/inode.c:file_remove_privs() */
export function file_remove_privs(task: task_struct, inode: inode): void {
  if (!(inode.i_mode & (S_ISUID | S_ISGID)) || !S_ISREG(inode.i_mode) || capable(task, CAP_FSETID)) return;
  inode.i_mode &= ~(S_ISUID | (inode.i_mode & S_IXGRP ? S_ISGID : 0));
}

const RELATIME_NS = 86_400_000_000_000n;

/** Contents were read: relatime. Linux: fs/inode.c:touch_atime() */
export function touch_atime(file: file): void {
  const inode = file.f_inode;
  if (file.f_flags & O_NOATIME || inode.i_sb.s_flags & SB_RDONLY) return;
  const now = current_time();
  if (inode.i_atime > inode.i_mtime && inode.i_atime > inode.i_ctime && now - inode.i_atime < RELATIME_NS) return;
  inode.i_atime = now;
}

/** Contents changed. */
export function file_update_time(inode: inode): void {
  const now = current_time();
  inode.i_mtime = now;
  inode.i_ctime = now;
}
