// Opening, closing, truncating, and the attributes of files. Linux: fs/open.c, fs/namei.c:path_openat().
import type { iflags_t, kgid_t, kuid_t, loff_t, u64, uaddr_t, umode_t } from '../../abi/c_types';
import { bits, dirfd, fd, int, mode as mode_arg, off, offUnsigned, openFlags, path, pointer, size, uint, uid, gid } from '../../abi/arg_types';
import { E2BIG, EACCES, EAGAIN, EBADF, EEXIST, EFBIG, EINVAL, EISDIR, ELOOP, ENODEV, ENOENT, ENOTDIR, ENXIO, EOPNOTSUPP, EPERM, ESPIPE, ETXTBSY, type Errno } from '../../abi/errno';
import {
  ACCESS_MODES, AT_EACCESS, AT_EMPTY_PATH, AT_FDCWD, AT_FLAGS, AT_SYMLINK_NOFOLLOW, CLOSE_RANGE_CLOEXEC, CLOSE_RANGE_FLAGS, CLOSE_RANGE_UNSHARE, FACCESSAT_FLAGS, FALLOC_FLAGS, FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE, FALLOC_FL_UNSHARE_RANGE, FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE,
  O_ACCMODE, O_CLOEXEC, O_CREAT, O_DIRECTORY, O_EXCL, O_NOATIME, O_NOCTTY, O_NOFOLLOW, O_PATH, O_RDWR, O_TMPFILE, O_TRUNC, O_WRONLY, O_LARGEFILE, O_RDONLY, RESOLVE_BENEATH,
  RESOLVE_CACHED, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV, VALID_OPEN_FLAGS,
} from '../../abi/fcntl';
import { IN_ATTRIB, IN_MODIFY } from '../../abi/fs';
import { S_IALLUGO, S_IFREG, S_ISBLK, S_ISCHR, S_ISDIR, S_ISFIFO, S_ISGID, S_ISLNK, S_ISREG, S_ISSOCK, S_ISUID, S_IXGRP } from '../../abi/stat';
import type { task_struct } from '../kernel/types';
import { copy_from_user } from '../mm/uaccess';
import { failed, type Block } from '../result';
import { charge, kernel } from '../state';
import { syscall } from '../syscall';
import { chrdev_fops, special_fops } from './char_dev';
import { d_add, d_alloc } from './dcache';
import { alloc_file, close_fd, fd_install, fdget, file_close_fd, filp_close, fput, get_unused_fd, iput, task_files, unshare_files } from './file';
import { capable, CAP_CHOWN, CAP_FSETID, current_time, file_remove_privs, I_LINKABLE, in_group_p, inode_owner_or_capable, inode_permission, MAY_EXEC, MAY_READ, MAY_WRITE } from './inode';
import { filename_lookup, getname, link_path_walk, LOOKUP_BENEATH, LOOKUP_CACHED, LOOKUP_EMPTY, LOOKUP_FOLLOW, LOOKUP_IN_ROOT, LOOKUP_NO_MAGICLINKS, LOOKUP_NO_SYMLINKS, LOOKUP_NO_XDEV, lookup_last, path_init, step_link, user_path_at, type nameidata } from './namei';
import { mnt_want_write } from './super';
import { break_lease } from './leases';
import { inode_newsize_ok, MAX_LFS_FILESIZE } from './libfs';
import { fsnotify_create, fsnotify_modify, fsnotify_open, told_change } from './notify/fsnotify';
import { traverse_mounts } from './super';
import { FMODE_CREATED, FMODE_EXEC, FMODE_LSEEK, FMODE_PATH, FMODE_PREAD, FMODE_PWRITE, FMODE_READ, FMODE_STREAM, FMODE_WRITE, type file, type file_operations, type inode, type path as path_t, type Result } from './types';
import { task_mm } from './uio';

export const path_fops: file_operations = { name: 'empty_fops' };

/** What is asked of an inode by the access mode of open flags. */
function acc_mode_of(flags: iflags_t): number {
  const access = flags & O_ACCMODE;
  const mask = access === O_RDONLY ? MAY_READ : access === O_WRONLY ? MAY_WRITE : MAY_READ | MAY_WRITE;
  return flags & O_TRUNC ? mask | MAY_WRITE : mask;
}

/** Linux: fs/namei.c:may_open() */
function may_open(task: task_struct, inode: inode, flags: iflags_t, acc_mode: iflags_t): Errno | Block | null {
  if (S_ISLNK(inode.i_mode)) return ELOOP.because('the last component is a symbolic link and O_NOFOLLOW is set');
  if (S_ISDIR(inode.i_mode) && acc_mode & MAY_WRITE) return EISDIR.because('a directory cannot be opened for writing');
  if (S_ISREG(inode.i_mode) && acc_mode & MAY_WRITE && is_running(inode)) return ETXTBSY.because('the file is being executed');
  const refused = inode_permission(task, inode, acc_mode);
  if (refused) return refused;
  if (flags & O_NOATIME && !inode_owner_or_capable(task, inode)) return EPERM.because('O_NOATIME is for the owner');
  return null;
}

/** Whether a process has the file as its program. Linux: deny_write_access() */
function is_running(inode: inode): boolean {
  for (const task of kernel.tasks.values()) if (task.mm?.exe_file?.f_inode === inode) return true;
  return false;
}

/** Linux: fs/open.c:do_dentry_open() */
export function do_dentry_open(task: task_struct, at: path_t, flags: iflags_t): Result<file> {
  const inode = at.dentry.d_inode;
  if (!inode) return ENOENT.because('the file is gone');
  if (flags & O_PATH) return alloc_file(at, flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), FMODE_PATH, path_fops);
  const access = flags & O_ACCMODE;
  let mode = access === O_RDONLY ? FMODE_READ : access === O_WRONLY ? FMODE_WRITE : access === O_RDWR ? FMODE_READ | FMODE_WRITE : 0;
  let fop: file_operations | null = inode.i_fop;
  if (S_ISCHR(inode.i_mode)) {
    fop = chrdev_fops(inode.i_rdev);
    if (!fop) return ENXIO.because(`there is no driver for character device ${inode.i_rdev >> 8}:${inode.i_rdev & 0xff}`);
  } else if (S_ISFIFO(inode.i_mode)) {
    fop = special_fops.fifo;
  } else if (S_ISBLK(inode.i_mode) || S_ISSOCK(inode.i_mode)) {
    return ENXIO.because(S_ISSOCK(inode.i_mode) ? 'a socket cannot be opened' : 'there are no block devices');
  }
  if (!fop) return ENXIO.because('this kind of file cannot be opened');
  const isReadOnly = (mode & FMODE_WRITE || flags & O_TRUNC) && (S_ISREG(inode.i_mode) || S_ISDIR(inode.i_mode)) ? mnt_want_write(at) : null;
  if (isReadOnly) return isReadOnly;
  const isBroken = break_lease(inode, flags);
  if (isBroken) return isBroken;
  const isStream = S_ISFIFO(inode.i_mode);
  mode |= isStream ? FMODE_STREAM : fop.llseek || S_ISDIR(inode.i_mode) ? FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE : 0;
  const file = alloc_file(at, flags & ~(O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC), mode, fop);
  file.f_cred = task.cred;
  if (mode & FMODE_WRITE) inode.i_writecount++;
  if (fop.open) {
    const refused = fop.open(inode, file);
    if (refused) {
      if (mode & FMODE_WRITE) inode.i_writecount--;
      iput(inode);
      return refused;
    }
  }
  file.f_flags &= ~O_NOCTTY;
  return file;
}

/** The last component of an open: found, followed or made. Linux: fs/namei.c:do_last() of old, open_last_lookups() */
function open_last(nd: nameidata, flags: iflags_t, mode: umode_t): Result<{ at: path_t; created: boolean }> {
  const { task } = nd;
  for (;;) {
    if (nd.last_type !== 'norm') {
      if (flags & O_CREAT) return EISDIR.because('O_CREAT with a path that names a directory');
      const at = filename_lookup_last(nd);
      return failed(at) ? at : { at, created: false };
    }
    const dentry = lookup_last(nd);
    if (failed(dentry)) return dentry;
    const inode = dentry.d_inode;
    if (!inode) {
      if (!(flags & O_CREAT)) return ENOENT.because(`'${nd.last}' does not exist in ${nd.path.dentry.d_parent ? `directory '${nd.path.dentry.d_name}'` : 'the root directory'}`);
      if (nd.trailing) return EISDIR.because('O_CREAT with a path that ends in a slash');
      const dir = nd.path.dentry.d_inode;
      if (!dir || nd.path.dentry.d_unhashed) return ENOENT.because('the directory was removed');
      const refused = mnt_want_write(nd.path) ?? inode_permission(task, dir, MAY_WRITE | MAY_EXEC);
      if (refused) return refused;
      if (!dir.i_op.create) return EACCES.because('files cannot be made in this file system');
      charge('inode_create');
      const made = dir.i_op.create(dir, dentry, S_IFREG | (mode & S_IALLUGO & ~(task.fs?.umask ?? 0)));
      if (failed(made)) return made;
      d_add(dentry, made);
      fsnotify_create(dir, dentry);
      return { at: { mnt: nd.path.mnt, dentry }, created: true };
    }
    if (flags & O_CREAT && nd.trailing) return EISDIR.because('O_CREAT with a path that ends in a slash');
    if (flags & O_CREAT && flags & O_EXCL) return EEXIST.because('the file exists and O_EXCL is set');
    if (S_ISLNK(inode.i_mode) && (!(flags & O_NOFOLLOW) || nd.trailing)) {
      if (inode.i_op.jump_link) {
        const refused = step_link(nd, dentry);
        return refused ?? { at: nd.path, created: false };
      }
      const target = inode.i_op.get_link ? inode.i_op.get_link(inode) : inode.i_link;
      if (failed(target)) return target;
      if (nd.flags & LOOKUP_NO_SYMLINKS) return ELOOP.because(`RESOLVE_NO_SYMLINKS refuses the link '${dentry.d_name}'`);
      if (++nd.links > 40) return ELOOP.because(`more than 40 symbolic links in '${nd.name}'`);
      const refused = link_path_walk(nd, target);
      if (refused) return refused;
      continue;
    }
    return { at: traverse_mounts({ mnt: nd.path.mnt, dentry }), created: false };
  }
}

/** '/', '.' and '..' as the last component. */
function filename_lookup_last(nd: nameidata): Result<path_t> {
  if (nd.last_type !== 'dotdot') return nd.path;
  const parent = filename_lookup(nd.task, AT_FDCWD, nd.name, nd.flags | LOOKUP_FOLLOW);
  return parent;
}

/** Opens a path name. The call's slot 0 keeps the directory descriptor. Linux: fs/namei.c:path_openat() */
export function path_openat(task: task_struct, dfd: number, name: string, flags: iflags_t, mode: umode_t, lookup = 0): Result<file> {
  const nd = path_init(task, dfd, name, lookup);
  if (failed(nd)) return nd;
  if ((flags & O_TMPFILE) === O_TMPFILE) return do_tmpfile(task, dfd, name, flags, mode, lookup);
  const refused = link_path_walk(nd, name);
  if (refused) return refused;
  if (nd.last_type === 'dotdot' && dfd !== AT_FDCWD) {
    const at = filename_lookup(task, dfd, name, lookup | LOOKUP_FOLLOW);
    return failed(at) ? at : finish_open(task, nd, at, flags, false);
  }
  const found = open_last(nd, flags, mode);
  if (failed(found)) return found;
  return finish_open(task, nd, found.at, flags, found.created);
}

function finish_open(task: task_struct, nd: nameidata, at: path_t, flags: iflags_t, created: boolean): Result<file> {
  const inode = at.dentry.d_inode;
  if (!inode) return ENOENT.because(`'${nd.name}' does not exist`);
  if (flags & O_CREAT && S_ISDIR(inode.i_mode)) return EISDIR.because('O_CREAT and the path names a directory');
  if ((flags & O_DIRECTORY || nd.trailing) && !S_ISDIR(inode.i_mode)) return ENOTDIR.because(`'${nd.name}' is not a directory`);
  if (flags & O_PATH) return do_dentry_open(task, at, flags);
  if (!created) {
    const refused = may_open(task, inode, flags, acc_mode_of(flags));
    if (refused) return refused;
  }
  charge('open_file');
  const file = do_dentry_open(task, at, flags);
  if (failed(file)) return file;
  if (created) file.f_mode |= FMODE_CREATED;
  fsnotify_open(file);
  if (flags & O_TRUNC && !created && S_ISREG(inode.i_mode)) {
    const truncated = inode.i_op.setattr?.(inode, 0);
    if (truncated) {
      fput(file);
      return truncated;
    }
    fsnotify_modify(file);
  }
  return file;
}

function do_tmpfile(task: task_struct, dfd: number, name: string, flags: iflags_t, mode: umode_t, lookup: iflags_t): Result<file> {
  const at = filename_lookup(task, dfd, name, lookup | LOOKUP_FOLLOW);
  if (failed(at)) return at;
  const dir = at.dentry.d_inode;
  if (!dir || !S_ISDIR(dir.i_mode)) return ENOTDIR.because(`'${name}' is not a directory`);
  const refused = inode_permission(task, dir, MAY_WRITE | MAY_EXEC);
  if (refused) return refused;
  if (!dir.i_op.tmpfile) return EOPNOTSUPP.because('the file system has no unnamed files');
  const made = dir.i_op.tmpfile(dir, S_IFREG | (mode & S_IALLUGO & ~(task.fs?.umask ?? 0)));
  if (failed(made)) return made;
  const dentry = d_alloc(at.dentry, `#${made.i_ino}`);
  dentry.d_inode = made;
  dentry.d_unhashed = true;
  // Linux: I_LINKABLE
  made.i_flags = flags & O_EXCL ? 0 : I_LINKABLE;
  return do_dentry_open(task, { mnt: at.mnt, dentry }, flags & ~(O_TMPFILE & ~O_DIRECTORY));
}

interface open_how { flags: iflags_t; mode: umode_t; resolve: u64 }

/** Linux: fs/open.c:build_open_flags() */
function build_open_flags(how: open_how, isOpenat2: boolean): { flags: iflags_t; lookup: iflags_t } | Errno {
  let { flags } = how;
  if (isOpenat2) {
    if (flags & ~VALID_OPEN_FLAGS) return EINVAL.because('a flag is not known');
    if (how.resolve & ~0x3f) return EINVAL.because('a resolve flag is not known');
    if (how.resolve & RESOLVE_BENEATH && how.resolve & RESOLVE_IN_ROOT) return EINVAL.because('RESOLVE_BENEATH and RESOLVE_IN_ROOT exclude each other');
    if (!(flags & O_CREAT) && (flags & O_TMPFILE) !== O_TMPFILE && how.mode !== 0) return EINVAL.because('mode without O_CREAT');
    if (how.mode & ~S_IALLUGO) return EINVAL.because('mode has bits besides permissions');
  }
  flags &= VALID_OPEN_FLAGS;
  if (flags & O_PATH && !isOpenat2) flags &= O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC;
  if (flags & O_TMPFILE & ~O_DIRECTORY && (!(flags & O_DIRECTORY) || flags & O_CREAT || !(flags & (O_WRONLY | O_RDWR)))) return EINVAL.because('O_TMPFILE needs write access and excludes O_CREAT');
  if ((flags & (O_DIRECTORY | O_CREAT)) === (O_DIRECTORY | O_CREAT)) return EINVAL.because('O_DIRECTORY with O_CREAT');
  if (flags & O_PATH && flags & ~(O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC)) return EINVAL.because('O_PATH goes only with O_DIRECTORY, O_NOFOLLOW and O_CLOEXEC');
  if (how.resolve & RESOLVE_CACHED && flags & (O_CREAT | O_TRUNC | O_TMPFILE & ~O_DIRECTORY)) return EAGAIN.because('what is made or cut off is not cached');
  let lookup = 0;
  if (how.resolve & RESOLVE_NO_XDEV) lookup |= LOOKUP_NO_XDEV;
  if (how.resolve & RESOLVE_NO_MAGICLINKS) lookup |= LOOKUP_NO_MAGICLINKS;
  if (how.resolve & RESOLVE_NO_SYMLINKS) lookup |= LOOKUP_NO_SYMLINKS | LOOKUP_NO_MAGICLINKS;
  if (how.resolve & RESOLVE_BENEATH) lookup |= LOOKUP_BENEATH | LOOKUP_NO_MAGICLINKS;
  if (how.resolve & RESOLVE_CACHED) lookup |= LOOKUP_CACHED;
  if (how.resolve & RESOLVE_IN_ROOT) lookup |= LOOKUP_IN_ROOT | LOOKUP_NO_MAGICLINKS;
  if (how.resolve & RESOLVE_CACHED && flags & (O_TRUNC | O_CREAT)) return EAGAIN.because('RESOLVE_CACHED with O_TRUNC or O_CREAT');
  return { flags: flags | (isOpenat2 ? 0 : O_LARGEFILE), lookup };
}

/** Linux: fs/open.c:do_sys_openat2() */
function do_sys_openat2(task: task_struct, dfd: number, filename: uaddr_t, how: open_how, isOpenat2 = false): Result<number> {
  const built = build_open_flags(how, isOpenat2);
  if (failed(built)) return built;
  const name = getname(task, filename);
  if (failed(name)) return name;
  const fd = get_unused_fd(task);
  if (typeof fd !== 'number') return fd;
  const file = path_openat(task, dfd, name, built.flags, how.mode, built.lookup);
  if (failed(file)) return file;
  fd_install(task_files(task), fd, file, (how.flags & O_CLOEXEC) !== 0);
  return fd;
}

/** A program for execve. Linux: fs/exec.c:do_open_execat() */
export function open_exec(task: task_struct, dfd: number, name: string, flags = 0): Result<file> {
  const lookup = (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
  const at = name === '' && flags & AT_EMPTY_PATH && dfd !== AT_FDCWD ? exec_by_fd(task, dfd) : filename_lookup(task, dfd, name, lookup);
  if (failed(at)) return at;
  const inode = at.dentry.d_inode;
  if (!inode) return ENOENT.because(`'${name}' does not exist`);
  if (S_ISLNK(inode.i_mode)) return ELOOP.because('the program is a symbolic link and AT_SYMLINK_NOFOLLOW is set');
  if (!S_ISREG(inode.i_mode)) return EACCES.because(`'${name}' is not a regular file`);
  const refused = inode_permission(task, inode, MAY_EXEC);
  if (refused) return refused;
  if (inode.i_writecount > 0) return ETXTBSY.because('the file is open for writing');
  const file = do_dentry_open(task, at, O_RDONLY | O_LARGEFILE);
  if (!failed(file)) file.f_mode |= FMODE_EXEC;
  return file;
}

function exec_by_fd(task: task_struct, dfd: number): Result<path_t> {
  const file = task.files?.fd[dfd];
  return file ? { mnt: file.f_path.mnt, dentry: file.f_path.dentry } : EBADF.because(`descriptor ${dfd} is not open`);
}

export const sys_open = syscall({
  nr: 2, nr32: 5, name: 'open', brief: 'open and possibly create a file', args: { pathname: path, flags: openFlags, mode: mode_arg }, ret: fd, classes: ['desc', 'file'],
}, (task, { pathname, flags, mode }) => do_sys_openat2(task, AT_FDCWD, pathname, { flags, mode, resolve: 0 }));

export const sys_creat = syscall({
  nr: 85, nr32: 8, name: 'creat', brief: 'create a file', args: { pathname: path, mode: mode_arg }, ret: fd, classes: ['desc', 'file'],
}, (task, { pathname, mode }) => do_sys_openat2(task, AT_FDCWD, pathname, { flags: O_CREAT | O_WRONLY | O_TRUNC, mode, resolve: 0 }));

export const sys_openat = syscall({
  nr: 257, nr32: 295, name: 'openat', brief: 'open and possibly create a file', args: { dirfd, pathname: path, flags: openFlags, mode: mode_arg }, ret: fd, classes: ['desc', 'file'],
}, (task, args) => do_sys_openat2(task, args.dirfd, args.pathname, { flags: args.flags, mode: args.mode, resolve: 0 }));

export const sys_openat2 = syscall({
  nr: 437, nr32: 437, name: 'openat2', brief: 'open and possibly create a file (extended)', args: { dirfd, pathname: path, how: pointer('openHow', 'struct open_how *', 'in'), size }, ret: fd, classes: ['desc', 'file'],
}, (task, args) => {
  if (args.size < 24) return EINVAL.because(`size ${args.size} is less than struct open_how`);
  if (args.size > 4096) return E2BIG.because('size is more than a page');
  const bytes = copy_from_user(task_mm(task), args.how, args.size);
  if (failed(bytes)) return bytes;
  if (bytes.subarray(24).some(b => b !== 0)) return E2BIG.because('bytes past the known struct are not zero');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const high = view.getUint32(4, true) | view.getUint32(12, true) | view.getUint32(20, true);
  if (high !== 0) return EINVAL.because('the upper half of a field is not zero');
  return do_sys_openat2(task, args.dirfd, args.pathname, { flags: view.getInt32(0, true), mode: view.getUint32(8, true), resolve: view.getUint32(16, true) }, true);
});

export const sys_close = syscall({
  nr: 3, nr32: 6, name: 'close', brief: 'close a file descriptor', args: { fd }, ret: int, classes: ['desc'],
}, (task, args) => close_fd(task_files(task), args.fd) ?? 0);

export const sys_close_range = syscall({
  nr: 436, nr32: 436, name: 'close_range', brief: 'close all file descriptors in a given range', args: { first: uint, last: uint, flags: bits(CLOSE_RANGE_FLAGS) }, ret: int,
}, (task, args) => {
  if (args.flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) return EINVAL.because('a flag is not known');
  if (args.first > args.last) return EINVAL.because('first is greater than last');
  if (args.flags & CLOSE_RANGE_UNSHARE) unshare_files(task);
  const files = task_files(task);
  for (let fd = args.first; fd <= args.last && fd < files.fd.length; fd++) {
    if (!files.fd[fd]) continue;
    if (args.flags & CLOSE_RANGE_CLOEXEC) {
      files.close_on_exec.add(fd);
      continue;
    }
    const file = file_close_fd(files, fd);
    if (file) filp_close(file, files);
  }
  return 0;
});

/** Linux: fs/open.c:do_faccessat(): as the real user, unless AT_EACCESS. */
function do_faccessat(task: task_struct, dfd: number, filename: uaddr_t, mode: number, flags: iflags_t): Result<number> {
  if (mode & ~7) return EINVAL.because(`mode 0${mode.toString(8)} has unknown bits`);
  if (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return EINVAL.because('a flag is not known');
  const lookup = (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
  const { cred } = task;
  const { fsuid, fsgid } = cred;
  if (!(flags & AT_EACCESS)) {
    cred.fsuid = cred.uid;
    cred.fsgid = cred.gid;
  }
  const at = user_path_at(task, dfd, filename, lookup);
  const inode = failed(at) ? null : at.dentry.d_inode;
  const refused = inode && mode !== 0 ? inode_permission(task, inode, mode) ?? (mode & MAY_WRITE && !failed(at) && (S_ISREG(inode.i_mode) || S_ISDIR(inode.i_mode)) ? mnt_want_write(at) : null) : null;
  cred.fsuid = fsuid;
  cred.fsgid = fsgid;
  return failed(at) ? at : refused ?? 0;
}

export const sys_access = syscall({
  nr: 21, nr32: 33, name: 'access', brief: "check user's permissions for a file", args: { pathname: path, mode: bits(ACCESS_MODES) }, ret: int, classes: ['file'],
}, (task, { pathname, mode }) => do_faccessat(task, AT_FDCWD, pathname, mode, 0));

export const sys_faccessat = syscall({
  nr: 269, nr32: 307, name: 'faccessat', brief: "check user's permissions for a file", args: { dirfd, pathname: path, mode: bits(ACCESS_MODES) }, ret: int, classes: ['desc', 'file'],
}, (task, args) => do_faccessat(task, args.dirfd, args.pathname, args.mode, 0));

export const sys_faccessat2 = syscall({
  nr: 439, nr32: 439, name: 'faccessat2', brief: "check user's permissions for a file", args: { dirfd, pathname: path, mode: bits(ACCESS_MODES), flags: bits(FACCESSAT_FLAGS) }, ret: int, classes: ['desc', 'file'],
}, (task, args) => do_faccessat(task, args.dirfd, args.pathname, args.mode, args.flags));

/** Linux: fs/open.c:vfs_truncate() */
function do_truncate(task: task_struct, inode: inode, length: loff_t, isOpen: boolean): Result<number> {
  if (S_ISDIR(inode.i_mode)) return EISDIR.because('it is a directory');
  if (!S_ISREG(inode.i_mode)) return EINVAL.because('it is not a regular file');
  const refused = isOpen ? null : inode_permission(task, inode, MAY_WRITE);
  if (refused) return refused;
  if (is_running(inode)) return ETXTBSY.because('the file is being executed');
  const isBroken = isOpen ? null : break_lease(inode, O_WRONLY);
  if (isBroken) return isBroken;
  if (length > MAX_LFS_FILESIZE) return EFBIG.because(`${length} bytes are more than a file may have`);
  const tooBig = inode_newsize_ok(inode, length);
  if (tooBig) return tooBig;
  file_remove_privs(task, inode);
  return inode.i_op.setattr?.(inode, length) ?? 0;
}

export const sys_truncate = syscall({
  nr: 76, nr32: 92, name: 'truncate', brief: 'truncate a file to a specified length', args: { path, length: offUnsigned }, ret: int, classes: ['file'],
}, (task, args) => {
  if (args.length < 0) return EINVAL.because('length is negative');
  const at = user_path_at(task, AT_FDCWD, args.path, LOOKUP_FOLLOW);
  if (failed(at)) return at;
  return at.dentry.d_inode ? mnt_want_write(at) ?? told_change(at.dentry, IN_MODIFY, do_truncate(task, at.dentry.d_inode, args.length, false)) : ENOENT.because('no file has this name');
});

export const sys_ftruncate = syscall({
  nr: 77, nr32: 93, name: 'ftruncate', brief: 'truncate a file to a specified length', args: { fd, length: offUnsigned }, ret: int, classes: ['desc'],
}, (task, args) => {
  if (args.length < 0) return EINVAL.because('length is negative');
  const file = fdget(task, args.fd);
  if (!('f_op' in file)) return file;
  if (!S_ISREG(file.f_inode.i_mode) || !(file.f_mode & FMODE_WRITE)) return EINVAL.because('the descriptor is not a regular file open for writing');
  return told_change(file.f_path.dentry, IN_MODIFY, do_truncate(task, file.f_inode, args.length, true));
});

/** Modes that go together. Linux: fs/open.c:vfs_fallocate() */
function fallocate_mode(mode: number): Errno | null {
  const what = mode & ~FALLOC_FL_KEEP_SIZE, keepsSize = (mode & FALLOC_FL_KEEP_SIZE) !== 0;
  if (![0, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE, FALLOC_FL_UNSHARE_RANGE, FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE].includes(what)) return EOPNOTSUPP.because('a mode bit is not known, or modes exclude each other');
  if (what === FALLOC_FL_PUNCH_HOLE && !keepsSize) return EOPNOTSUPP.because('PUNCH_HOLE needs KEEP_SIZE');
  return keepsSize && (what === FALLOC_FL_COLLAPSE_RANGE || what === FALLOC_FL_INSERT_RANGE) ? EOPNOTSUPP.because('COLLAPSE_RANGE and INSERT_RANGE change the size') : null;
}

export const sys_fallocate = syscall({
  nr: 285, name: 'fallocate', brief: 'manipulate file space', args: { fd, mode: bits(FALLOC_FLAGS), offset: off, len: off }, ret: int, classes: ['desc'],
}, (task, args) => {
  const file = fdget(task, args.fd);
  if (!('f_op' in file)) return file;
  if (args.offset < 0 || args.len <= 0) return EINVAL.because('offset is negative or len is not positive');
  const refused = fallocate_mode(args.mode);
  if (refused) return refused;
  if (!(file.f_mode & FMODE_WRITE)) return EBADF.because('the descriptor is not open for writing');
  if (S_ISFIFO(file.f_inode.i_mode)) return ESPIPE.because('the descriptor is a pipe');
  if (S_ISDIR(file.f_inode.i_mode)) return EISDIR.because('the descriptor is a directory');
  if (!S_ISREG(file.f_inode.i_mode)) return ENODEV.because('the descriptor is not a regular file');
  if (args.offset + args.len > MAX_LFS_FILESIZE) return EFBIG.because('the range ends past the largest file');
  return file.f_op.fallocate ? told_change(file.f_path.dentry, IN_MODIFY, file.f_op.fallocate(file, args.mode, args.offset, args.len)) : EOPNOTSUPP.because('the file system has no fallocate');
});

/** Linux: fs/anon_inodes.c:anon_inode_setattr() */
const isAnonymous = (inode: inode): boolean => inode.i_sb.s_type === 'anon_inodefs';

/** Linux: fs/open.c:chmod_common() */
function chmod_common(task: task_struct, inode: inode | null, mode: umode_t): Result<number> {
  if (!inode) return ENOENT.because('no file has this name');
  if (isAnonymous(inode)) return EOPNOTSUPP.because('an anonymous inode keeps its attributes');
  if (!inode_owner_or_capable(task, inode)) return EPERM.because(`uid ${task.cred.fsuid} does not own the file (uid ${inode.i_uid})`);
  const refused = inode.i_op.setattr?.(inode, null);
  if (refused) return refused;
  const kept = in_group_p(task, inode.i_gid) || capable(task, CAP_FSETID) ? mode : mode & ~S_ISGID;
  inode.i_mode = (inode.i_mode & ~S_IALLUGO) | (kept & S_IALLUGO);
  inode.i_ctime = current_time();
  return 0;
}

function chmod_at(task: task_struct, dfd: number, filename: uaddr_t, mode: umode_t, flags: iflags_t): Result<number> {
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return EINVAL.because('a flag is not known');
  const at = user_path_at(task, dfd, filename, (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0));
  if (failed(at)) return at;
  if (at.dentry.d_inode && S_ISLNK(at.dentry.d_inode.i_mode)) return EOPNOTSUPP.because('symbolic links have no mode of their own');
  return mnt_want_write(at) ?? told_change(at.dentry, IN_ATTRIB, chmod_common(task, at.dentry.d_inode, mode));
}

export const sys_chmod = syscall({
  nr: 90, nr32: 15, name: 'chmod', brief: 'change permissions of a file', args: { pathname: path, mode: mode_arg }, ret: int, classes: ['file'],
}, (task, { pathname, mode }) => chmod_at(task, AT_FDCWD, pathname, mode, 0));

export const sys_fchmod = syscall({
  nr: 91, nr32: 94, name: 'fchmod', brief: 'change permissions of a file', args: { fd, mode: mode_arg }, ret: int, classes: ['desc'],
}, (task, args) => {
  const file = fdget(task, args.fd);
  return 'f_op' in file ? mnt_want_write(file.f_path) ?? told_change(file.f_path.dentry, IN_ATTRIB, chmod_common(task, file.f_inode, args.mode)) : file;
});

export const sys_fchmodat = syscall({
  nr: 268, nr32: 306, name: 'fchmodat', brief: 'change permissions of a file', args: { dirfd, pathname: path, mode: mode_arg }, ret: int, classes: ['desc', 'file'],
}, (task, args) => chmod_at(task, args.dirfd, args.pathname, args.mode, 0));

export const sys_fchmodat2 = syscall({
  nr: 452, nr32: 452, name: 'fchmodat2', brief: 'change permissions of a file', args: { dirfd, pathname: path, mode: mode_arg, flags: bits(AT_FLAGS) }, ret: int, classes: ['desc', 'file'],
}, (task, args) => chmod_at(task, args.dirfd, args.pathname, args.mode, args.flags));

const NO_ID = 0xffffffff;

/** Linux: fs/open.c:chown_common(), fs/attr.c:chown_ok() */
function chown_common(task: task_struct, inode: inode | null, user: kuid_t, group: kgid_t): Result<number> {
  if (!inode) return ENOENT.because('no file has this name');
  if (isAnonymous(inode)) return EOPNOTSUPP.because('an anonymous inode keeps its attributes');
  const isCapable = capable(task, CAP_CHOWN);
  if (user !== NO_ID && !isCapable && !(task.cred.fsuid === inode.i_uid && user === inode.i_uid)) return EPERM.because('only root may give a file away');
  if (group !== NO_ID && !isCapable && !(task.cred.fsuid === inode.i_uid && (group === inode.i_gid || in_group_p(task, group)))) return EPERM.because(`gid ${group} is not a group of the caller`);
  const refused = inode.i_op.setattr?.(inode, null);
  if (refused) return refused;
  if (user !== NO_ID) inode.i_uid = user;
  if (group !== NO_ID) inode.i_gid = group;
  if (!S_ISDIR(inode.i_mode)) inode.i_mode &= ~(S_ISUID | (inode.i_mode & S_IXGRP ? S_ISGID : 0));
  inode.i_ctime = current_time();
  return 0;
}

function chown_at(task: task_struct, dfd: number, filename: uaddr_t, user: kuid_t, group: kgid_t, flags: iflags_t): Result<number> {
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return EINVAL.because('a flag is not known');
  const at = user_path_at(task, dfd, filename, (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0));
  return failed(at) ? at : mnt_want_write(at) ?? told_change(at.dentry, IN_ATTRIB, chown_common(task, at.dentry.d_inode, user, group));
}

export const sys_chown = syscall({
  nr: 92, nr32: 212, name32: 'chown32', name: 'chown', brief: 'change ownership of a file', args: { pathname: path, owner: uid, group: gid }, ret: int, classes: ['file'],
}, (task, args) => chown_at(task, AT_FDCWD, args.pathname, args.owner, args.group, 0));

export const sys_fchown = syscall({
  nr: 93, nr32: 207, name32: 'fchown32', name: 'fchown', brief: 'change ownership of a file', args: { fd, owner: uid, group: gid }, ret: int, classes: ['desc'],
}, (task, args) => {
  const file = fdget(task, args.fd);
  return 'f_op' in file ? mnt_want_write(file.f_path) ?? told_change(file.f_path.dentry, IN_ATTRIB, chown_common(task, file.f_inode, args.owner, args.group)) : file;
});

export const sys_lchown = syscall({
  nr: 94, nr32: 198, name32: 'lchown32', name: 'lchown', brief: 'change ownership of a file', args: { pathname: path, owner: uid, group: gid }, ret: int, classes: ['file'],
}, (task, args) => chown_at(task, AT_FDCWD, args.pathname, args.owner, args.group, AT_SYMLINK_NOFOLLOW));

export const sys_fchownat = syscall({
  nr: 260, nr32: 298, name: 'fchownat', brief: 'change ownership of a file', args: { dirfd, pathname: path, owner: uid, group: gid, flags: bits(AT_FLAGS) }, ret: int, classes: ['desc', 'file'],
}, (task, args) => chown_at(task, args.dirfd, args.pathname, args.owner, args.group, args.flags));
