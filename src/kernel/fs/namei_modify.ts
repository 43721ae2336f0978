// Making, removing and renaming names. Linux: fs/namei.c (the second half).
import { bits, dev, dirfd, int, mode as mode_arg, path } from '../../abi/arg_types';
import { EBUSY, EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, EPERM, EXDEV, type Errno } from '../../abi/errno';
import { AT_EMPTY_PATH, AT_FDCWD, AT_FLAGS, AT_REMOVEDIR, AT_SYMLINK_FOLLOW, RENAME_EXCHANGE, RENAME_FLAGS, RENAME_NOREPLACE, RENAME_WHITEOUT } from '../../abi/fcntl';
import { S_IALLUGO, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFMT, S_IFREG, S_IFSOCK, S_ISDIR, S_ISGID, S_ISREG, S_ISUID, S_ISVTX, S_IXGRP } from '../../abi/stat';
import type { task_struct } from '../kernel/types';
import { failed, type Block } from '../result';
import { syscall } from '../syscall';
import { d_add, is_subdir } from './dcache';
import { CAP_MKNOD, capable, I_LINKABLE, inode_owner_or_capable, inode_permission, MAY_EXEC, MAY_READ, MAY_WRITE } from './inode';
import { mnt_want_write } from './super';
import { filename_parentat, getname, LOOKUP_EMPTY, LOOKUP_FOLLOW, lookup_last, user_path_at, type nameidata } from './namei';
import { fsnotify_create, fsnotify_delete, fsnotify_link, fsnotify_move } from './notify/fsnotify';
import type { dentry, inode, Result } from './types';

/** Linux: fs/namei.c:may_create() */
function may_create(task: task_struct, dir: inode): Errno | Block | null {
  return inode_permission(task, dir, MAY_WRITE | MAY_EXEC);
}

/** Linux: fs/namei.c:may_delete() */
function may_delete(task: task_struct, dir: inode, victim: dentry, wantsDirectory: boolean | null): Errno | Block | null {
  const inode = victim.d_inode;
  if (!inode) return ENOENT.because(`'${victim.d_name}' does not exist`);
  const refused = inode_permission(task, dir, MAY_WRITE | MAY_EXEC);
  if (refused) return refused;
  if (dir.i_mode & S_ISVTX && task.cred.fsuid !== dir.i_uid && !inode_owner_or_capable(task, inode)) return EPERM.because('the directory is sticky and the file is not the caller\'s');
  if (wantsDirectory === true && !S_ISDIR(inode.i_mode)) return ENOTDIR.because(`'${victim.d_name}' is not a directory`);
  if (wantsDirectory === false && S_ISDIR(inode.i_mode)) return EISDIR.because(`'${victim.d_name}' is a directory`);
  if (victim.d_mounted > 0) return EBUSY.because('something is mounted there');
  return null;
}

interface place { nd: nameidata; dir: inode; dentry: dentry }

/** The place for a new name of user memory. */
function user_path_create(task: task_struct, dfd: number, filename: number, isDirectory: boolean, slot = 0): Result<place> {
  const name = getname(task, filename);
  return failed(name) ? name : filename_place(task, dfd, name, isDirectory, slot);
}

/** The place for a new name. Linux: fs/namei.c:filename_create() */
function filename_place(task: task_struct, dfd: number, name: string, isDirectory: boolean, slot: number): Result<place> {
  const nd = filename_parentat(task, dfd, name, 0, slot);
  if (failed(nd)) return nd;
  if (nd.last_type !== 'norm') return EEXIST.because(`'${name}' exists`);
  const dentry = lookup_last(nd);
  if (failed(dentry)) return dentry;
  if (dentry.d_inode) return EEXIST.because(`'${name}' exists`);
  if (nd.trailing && !isDirectory) return ENOENT.because('the name ends in a slash');
  const dir = nd.path.dentry.d_inode;
  if (!dir || nd.path.dentry.d_unhashed) return ENOENT.because('the directory was removed');
  return mnt_want_write(nd.path) ?? { nd, dir, dentry };
}

/** The same, where the caller may make one. */
export function filename_create(task: task_struct, dfd: number, name: string, isDirectory: boolean, slot: number): Result<place> {
  const at = filename_place(task, dfd, name, isDirectory, slot);
  return failed(at) ? at : may_create(task, at.dir) ?? at;
}

/** The device that everybody may make. Linux: include/linux/fs.h */
const WHITEOUT_DEV = 0;

/** Linux: fs/namei.c:may_mknod() */
function may_mknod(mode: number): Errno | null {
  const type = mode & S_IFMT || S_IFREG;
  if (type === S_IFDIR) return EPERM.because('mknod makes no directories');
  return type !== S_IFREG && type !== S_IFCHR && type !== S_IFBLK && type !== S_IFIFO && type !== S_IFSOCK ? EINVAL.because('the file type is not known') : null;
}

/** Linux: fs/namei.c:do_mknodat() */
function do_mknodat(task: task_struct, dfd: number, filename: number, mode: number, rdev: number): Result<number> {
  const refused = may_mknod(mode);
  if (refused) return refused;
  const name = getname(task, filename);
  if (failed(name)) return name;
  const made = vfs_mknod(task, dfd, name, mode, rdev);
  return failed(made) ? made : 0;
}

/** Makes a special or regular file at a path (also for bind of a UNIX socket: S_IFSOCK). Linux: fs/namei.c:vfs_mknod(), net/unix/af_unix.c:unix_bind_bsd() */
export function vfs_mknod(task: task_struct, dfd: number, name: string, mode: number, rdev: number): Result<inode> {
  const type = mode & S_IFMT || S_IFREG;
  const at = filename_create(task, dfd, name, false, 0);
  if (failed(at)) return at;
  if ((type === S_IFCHR || type === S_IFBLK) && !(type === S_IFCHR && rdev === WHITEOUT_DEV) && !capable(task, CAP_MKNOD)) return EPERM.because('CAP_MKNOD is needed for a device');
  if (!at.dir.i_op.mknod) return EPERM.because('the file system has no such files');
  const made = at.dir.i_op.mknod(at.dir, at.dentry, type | (mode & S_IALLUGO & ~(task.fs?.umask ?? 0)), rdev);
  if (failed(made)) return made;
  d_add(at.dentry, made);
  fsnotify_create(at.dir, at.dentry);
  return made;
}

function do_mkdirat(task: task_struct, dfd: number, filename: number, mode: number): Result<number> {
  const at = user_path_create(task, dfd, filename, true), refused = failed(at) ? at : may_create(task, at.dir);
  if (failed(at)) return at;
  if (refused) return refused;
  if (!at.dir.i_op.mkdir) return EPERM.because('directories cannot be made in this file system');
  const made = at.dir.i_op.mkdir(at.dir, at.dentry, mode & (0o777 | S_ISVTX) & ~(task.fs?.umask ?? 0));
  if (failed(made)) return made;
  d_add(at.dentry, made);
  fsnotify_create(at.dir, at.dentry);
  return 0;
}

function do_symlinkat(task: task_struct, target: number, dfd: number, linkpath: number): Result<number> {
  const text = getname(task, target);
  if (failed(text)) return text;
  if (text === '') return ENOENT.because('the target is empty');
  const at = user_path_create(task, dfd, linkpath, false), refused = failed(at) ? at : may_create(task, at.dir);
  if (failed(at)) return at;
  if (refused) return refused;
  if (!at.dir.i_op.symlink) return EPERM.because('the file system has no symbolic links');
  const made = at.dir.i_op.symlink(at.dir, at.dentry, text);
  if (failed(made)) return made;
  d_add(at.dentry, made);
  fsnotify_create(at.dir, at.dentry);
  return 0;
}

/** fs.protected_hardlinks: what one may not read and write, or what is set-id, gets no name from others. Linux: fs/namei.c:may_linkat() */
function may_linkat(task: task_struct, inode: inode): Errno | Block | null {
  if (inode_owner_or_capable(task, inode)) return null;
  const isSafe = S_ISREG(inode.i_mode) && !(inode.i_mode & S_ISUID) && (inode.i_mode & (S_ISGID | S_IXGRP)) !== (S_ISGID | S_IXGRP);
  const refused = isSafe ? inode_permission(task, inode, MAY_READ | MAY_WRITE) : null;
  return isSafe && !refused ? null : refused && 'blocked' in refused ? refused : EPERM.because('fs.protected_hardlinks: another owns the file');
}

function do_linkat(task: task_struct, olddfd: number, oldname: number, newdfd: number, newname: number, flags: number): Result<number> {
  if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) return EINVAL.because('a flag is not known');
  const old = user_path_at(task, olddfd, oldname, (flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0), 0);
  if (failed(old)) return old;
  const at = user_path_create(task, newdfd, newname, false, 1);
  if (failed(at)) return at;
  const inode = old.dentry.d_inode;
  if (!inode) return ENOENT.because('no file has this name');
  if (inode.i_sb !== at.dir.i_sb) return EXDEV.because('the two names are in different file systems');
  const unsafe = may_linkat(task, inode) ?? may_create(task, at.dir);
  if (unsafe) return unsafe;
  if (S_ISDIR(inode.i_mode)) return EPERM.because('a directory cannot have a second name');
  if (inode.i_nlink === 0 && !(inode.i_flags & I_LINKABLE)) return ENOENT.because('the file has no name any more, or was opened with O_TMPFILE and O_EXCL');
  if (!at.dir.i_op.link) return EPERM.because('the file system has no hard links');
  const refused = at.dir.i_op.link(inode, at.dir, at.dentry);
  if (refused) return refused;
  d_add(at.dentry, inode);
  fsnotify_link(at.dir, inode, at.dentry);
  return 0;
}

/** Removed names are told where they went well. */
function told_delete(dir: inode, inode: inode, name: string, refused: Errno | Block | null): Result<number> {
  if (!refused) fsnotify_delete(dir, inode, name);
  return refused ?? 0;
}

function do_unlinkat(task: task_struct, dfd: number, filename: number): Result<number> {
  const name = getname(task, filename);
  if (failed(name)) return name;
  const nd = filename_parentat(task, dfd, name);
  if (failed(nd)) return nd;
  if (nd.last_type !== 'norm') return EISDIR.because(`'${name}' is a directory`);
  const isReadOnly = mnt_want_write(nd.path);
  if (isReadOnly) return isReadOnly;
  const dentry = lookup_last(nd);
  if (failed(dentry)) return dentry;
  const dir = nd.path.dentry.d_inode;
  if (!dir || !dentry.d_inode) return ENOENT.because(`'${nd.last}' does not exist`);
  if (nd.trailing) return S_ISDIR(dentry.d_inode.i_mode) ? EISDIR.because('it is a directory') : ENOTDIR.because('the name ends in a slash and is not a directory');
  const refused = may_delete(task, dir, dentry, false);
  if (refused) return refused;
  return dir.i_op.unlink ? told_delete(dir, dentry.d_inode, nd.last, dir.i_op.unlink(dir, dentry)) : EPERM.because('names cannot be removed in this file system');
}

function do_rmdir(task: task_struct, dfd: number, filename: number): Result<number> {
  const name = getname(task, filename);
  if (failed(name)) return name;
  const nd = filename_parentat(task, dfd, name);
  if (failed(nd)) return nd;
  if (nd.last_type === 'dotdot') return ENOTEMPTY.because("the path ends in '..'");
  if (nd.last_type === 'dot') return EINVAL.because("the path ends in '.'");
  if (nd.last_type === 'root') return EBUSY.because('it is the root directory');
  const isReadOnly = mnt_want_write(nd.path);
  if (isReadOnly) return isReadOnly;
  const dentry = lookup_last(nd);
  if (failed(dentry)) return dentry;
  const dir = nd.path.dentry.d_inode;
  if (!dir || !dentry.d_inode) return ENOENT.because(`'${nd.last}' does not exist`);
  const refused = may_delete(task, dir, dentry, true);
  if (refused) return refused;
  return dir.i_op.rmdir ? told_delete(dir, dentry.d_inode, nd.last, dir.i_op.rmdir(dir, dentry)) : EPERM.because('names cannot be removed in this file system');
}

/** Linux: fs/namei.c:do_renameat2() */
/** A device 0:0 where the name was, as layers of an overlay have it. Linux: shmem_whiteout() */
function leave_whiteout(nd: nameidata, dir: inode): void {
  const at = lookup_last(nd), made = failed(at) ? at : dir.i_op.mknod?.(dir, at, S_IFCHR, 0);
  if (!failed(at) && made && !failed(made)) d_add(at, made);
}

function do_renameat2(task: task_struct, olddfd: number, oldname: number, newdfd: number, newname: number, flags: number): Result<number> {
  if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) return EINVAL.because('a flag is not known');
  if (flags & (RENAME_NOREPLACE | RENAME_WHITEOUT) && flags & RENAME_EXCHANGE) return EINVAL.because('RENAME_EXCHANGE goes with no other flag');
  const from = getname(task, oldname);
  if (failed(from)) return from;
  const to = getname(task, newname);
  const old_nd = filename_parentat(task, olddfd, from, 0, 0);
  if (failed(old_nd)) return old_nd;
  if (failed(to)) return to;
  const new_nd = filename_parentat(task, newdfd, to, 0, 1);
  if (failed(new_nd)) return new_nd;
  if (old_nd.path.mnt !== new_nd.path.mnt) return EXDEV.because('the two names are on different mounts');
  if (old_nd.last_type !== 'norm') return EBUSY.because("the old path ends in '.', '..' or is the root");
  if (new_nd.last_type !== 'norm') return flags & RENAME_NOREPLACE ? EEXIST.because('the new name exists') : EBUSY.because("the new path ends in '.', '..' or is the root");
  const isReadOnly = mnt_want_write(old_nd.path);
  if (isReadOnly) return isReadOnly;
  const old_dentry = lookup_last(old_nd);
  if (failed(old_dentry)) return old_dentry;
  const moved = old_dentry.d_inode;
  if (!moved) return ENOENT.because(`'${old_nd.last}' does not exist`);
  const new_dentry = lookup_last(new_nd);
  if (failed(new_dentry)) return new_dentry;
  const replaced = new_dentry.d_inode;
  if (flags & RENAME_NOREPLACE && replaced) return EEXIST.because('the new name exists and RENAME_NOREPLACE is set');
  if (flags & RENAME_EXCHANGE && !replaced) return ENOENT.because('the new name does not exist and RENAME_EXCHANGE is set');
  const isDirectory = S_ISDIR(moved.i_mode);
  if (!isDirectory && (old_nd.trailing || (!(flags & RENAME_EXCHANGE) && new_nd.trailing))) return ENOTDIR.because('a name ends in a slash and is not a directory');
  if (isDirectory && is_subdir(new_nd.path.dentry, old_dentry)) return EINVAL.because('a directory cannot move into itself');
  if (replaced && is_subdir(old_nd.path.dentry, new_dentry)) return flags & RENAME_EXCHANGE ? EINVAL.because('the new name is above the old one') : ENOTEMPTY.because('the new name is a directory above the old one');
  const old_dir = old_nd.path.dentry.d_inode;
  const new_dir = new_nd.path.dentry.d_inode;
  if (!old_dir || !new_dir) return ENOENT.because('a directory of the two names has been removed');
  if (moved === replaced) return 0;
  const refused = may_delete(task, old_dir, old_dentry, null) ?? (replaced ? may_delete(task, new_dir, new_dentry, flags & RENAME_EXCHANGE ? null : isDirectory) : may_create(task, new_dir));
  if (refused) return refused;
  if (isDirectory && old_dir !== new_dir) {
    const noWrite = inode_permission(task, moved, MAY_WRITE);
    if (noWrite) return noWrite;
  }
  if (isDirectory && replaced && !(flags & RENAME_EXCHANGE)) {
    for (const child of new_dentry.d_children.values()) if (child.d_inode) return ENOTEMPTY.because('the new name is a directory with entries');
  }
  if (flags & RENAME_WHITEOUT && !old_dir.i_op.mknod) return EINVAL.because('the file system makes no whiteout devices');
  if (!old_dir.i_op.rename) return EPERM.because('names cannot change in this file system');
  const isExchange = (flags & RENAME_EXCHANGE) !== 0;
  const stopped = old_dir.i_op.rename(old_dir, old_dentry, new_dir, new_dentry, flags);
  if (stopped) return stopped;
  if (flags & RENAME_WHITEOUT) leave_whiteout(old_nd, old_dir);
  fsnotify_move(old_dir, new_dir, old_nd.last, new_nd.last, moved, isExchange ? null : replaced);
  if (isExchange && replaced) fsnotify_move(new_dir, old_dir, new_nd.last, old_nd.last, replaced, null);
  return 0;
}

export const sys_mknod = syscall({
  nr: 133, nr32: 14, name: 'mknod', brief: 'create a special or ordinary file', args: { pathname: path, mode: mode_arg, dev }, ret: int, classes: ['file'],
}, (task, args) => do_mknodat(task, AT_FDCWD, args.pathname, args.mode, args.dev));
export const sys_mknodat = syscall({
  nr: 259, nr32: 297, name: 'mknodat', brief: 'create a special or ordinary file', args: { dirfd, pathname: path, mode: mode_arg, dev }, ret: int, classes: ['desc', 'file'],
}, (task, args) => do_mknodat(task, args.dirfd, args.pathname, args.mode, args.dev));
export const sys_mkdir = syscall({
  nr: 83, nr32: 39, name: 'mkdir', brief: 'create a directory', args: { pathname: path, mode: mode_arg }, ret: int, classes: ['file'],
}, (task, args) => do_mkdirat(task, AT_FDCWD, args.pathname, args.mode));
export const sys_mkdirat = syscall({
  nr: 258, nr32: 296, name: 'mkdirat', brief: 'create a directory', args: { dirfd, pathname: path, mode: mode_arg }, ret: int, classes: ['desc', 'file'],
}, (task, args) => do_mkdirat(task, args.dirfd, args.pathname, args.mode));
export const sys_symlink = syscall({
  nr: 88, nr32: 83, name: 'symlink', brief: 'make a new name for a file', args: { target: path, linkpath: path }, ret: int, classes: ['file'],
}, (task, args) => do_symlinkat(task, args.target, AT_FDCWD, args.linkpath));
export const sys_symlinkat = syscall({
  nr: 266, nr32: 304, name: 'symlinkat', brief: 'make a new name for a file', args: { target: path, newdirfd: dirfd, linkpath: path }, ret: int, classes: ['desc', 'file'],
}, (task, args) => do_symlinkat(task, args.target, args.newdirfd, args.linkpath));
export const sys_link = syscall({
  nr: 86, nr32: 9, name: 'link', brief: 'make a new name for a file', args: { oldpath: path, newpath: path }, ret: int, classes: ['file'],
}, (task, args) => do_linkat(task, AT_FDCWD, args.oldpath, AT_FDCWD, args.newpath, 0));
export const sys_linkat = syscall({
  nr: 265, nr32: 303, name: 'linkat', brief: 'make a new name for a file', args: { olddirfd: dirfd, oldpath: path, newdirfd: dirfd, newpath: path, flags: bits(AT_FLAGS) }, ret: int, classes: ['desc', 'file'],
}, (task, args) => do_linkat(task, args.olddirfd, args.oldpath, args.newdirfd, args.newpath, args.flags));
export const sys_unlink = syscall({
  nr: 87, nr32: 10, name: 'unlink', brief: 'delete a name and possibly the file it refers to', args: { pathname: path }, ret: int, classes: ['file'],
}, (task, args) => do_unlinkat(task, AT_FDCWD, args.pathname));
export const sys_unlinkat = syscall({
  nr: 263, nr32: 301, name: 'unlinkat', brief: 'delete a name and possibly the file it refers to', args: { dirfd, pathname: path, flags: bits(AT_FLAGS) }, ret: int, classes: ['desc', 'file'],
}, (task, args) => {
  if (args.flags & ~AT_REMOVEDIR) return EINVAL.because('a flag is not known');
  return args.flags & AT_REMOVEDIR ? do_rmdir(task, args.dirfd, args.pathname) : do_unlinkat(task, args.dirfd, args.pathname);
});
export const sys_rmdir = syscall({
  nr: 84, nr32: 40, name: 'rmdir', brief: 'delete a directory', args: { pathname: path }, ret: int, classes: ['file'],
}, (task, args) => do_rmdir(task, AT_FDCWD, args.pathname));
export const sys_rename = syscall({
  nr: 82, nr32: 38, name: 'rename', brief: 'change the name or location of a file', args: { oldpath: path, newpath: path }, ret: int, classes: ['file'],
}, (task, args) => do_renameat2(task, AT_FDCWD, args.oldpath, AT_FDCWD, args.newpath, 0));
export const sys_renameat = syscall({
  nr: 264, nr32: 302, name: 'renameat', brief: 'change the name or location of a file', args: { olddirfd: dirfd, oldpath: path, newdirfd: dirfd, newpath: path }, ret: int, classes: ['desc', 'file'],
}, (task, args) => do_renameat2(task, args.olddirfd, args.oldpath, args.newdirfd, args.newpath, 0));
export const sys_renameat2 = syscall({
  nr: 316, nr32: 353, name: 'renameat2', brief: 'change the name or location of a file', args: { olddirfd: dirfd, oldpath: path, newdirfd: dirfd, newpath: path, flags: bits(RENAME_FLAGS, undefined, 'unsigned int') }, ret: int, classes: ['desc', 'file'],
}, (task, args) => do_renameat2(task, args.olddirfd, args.oldpath, args.newdirfd, args.newpath, args.flags));
