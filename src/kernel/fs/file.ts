// The descriptor table and the life of open descriptions. Linux: fs/file.c, fs/file_table.c, fs/open.c:filp_close().
import type { iflags_t, int, uint, umode_t } from '../../abi/c_types';
import { EBADF, EMFILE, type Errno } from '../../abi/errno';
import { FASYNC } from '../../abi/fcntl';
import type { call_record, task_struct } from '../kernel/types';
import type { KObject } from '../kobject';
import { wake_up } from '../kernel/wait';
import { charge } from '../state';
import { fsnotify_close, fsnotify_inoderemove } from './notify/fsnotify';
import { FMODE_PATH, FMODE_WRITE, file as file_type, files_struct as files_type, type file, type file_operations, type files_struct, type path } from './types';

/** Index of RLIMIT_NOFILE in signal.rlim. */
const RLIMIT_NOFILE = 7;

export function nofile_limit(task: task_struct): number {
  const limit = task.signal.rlim[RLIMIT_NOFILE];
  return limit ? Math.min(Number(limit.rlim_cur), 0x100000) : 1024;
}

/** Slots of the table on Linux, which begins with NR_OPEN_DEFAULT of them and grows to powers of two. Linux: fs/file.c:alloc_fdtable() */
export const max_fds = ({ fd }: files_struct): uint => Math.max(64, 2 ** (32 - Math.clz32(Math.max(1, fd.length) - 1)));

export function alloc_files(): files_struct {
  return files_type.make({ count: 1 });
}

/** The lowest free descriptor from `start` on, reserved by fd_install. Linux: fs/file.c:alloc_fd() */
export function alloc_fd(files: files_struct, start: uint, end: uint): int | Errno {
  let fd = Math.max(start, files.next_fd);
  while (fd < files.fd.length && files.fd[fd]) fd++;
  if (fd >= end) return EMFILE.because(`the process has ${end} descriptors, its RLIMIT_NOFILE`);
  if (start <= files.next_fd) files.next_fd = fd;
  return fd;
}

export function get_unused_fd(task: task_struct): int | Errno {
  return alloc_fd(task_files(task), 0, nofile_limit(task));
}

export function task_files(task: task_struct): files_struct {
  if (!task.files) task.files = alloc_files();
  return task.files;
}

/** Takes over the caller's reference. */
export function fd_install(files: files_struct, fd: int, file: file, cloexec: boolean): void {
  while (files.fd.length <= fd) files.fd.push(null);
  files.fd[fd] = file;
  if (cloexec) files.close_on_exec.add(fd);
  else files.close_on_exec.delete(fd);
  if (fd === files.next_fd) files.next_fd = fd + 1;
}

/** A free descriptor for `file`; the reference is dropped when there is none. */
export function fd_install_new(task: task_struct, file: file, cloexec: boolean): int | Errno {
  const fd = get_unused_fd(task);
  if (typeof fd !== 'number') {
    fput(file);
    return fd;
  }
  fd_install(task_files(task), fd, file, cloexec);
  return fd;
}

/** The open description behind a descriptor, without a reference; null when there is none. */
export function files_lookup_fd(files: files_struct | null, fd: int): file | null {
  return files?.fd[fd] ?? null;
}

export function get_file(file: file): file {
  file.f_count++;
  return file;
}

/**
 * The file that a call works on. Resolved at the first run of the call and kept in its record, so that a close by another thread while it sleeps changes nothing.
 * O_PATH descriptors give EBADF, as fdget() does.
 */
export function fdget(task: task_struct, fd: int, slot = 0): file | Errno {
  const file = fdget_raw(task, fd, slot);
  if ('f_op' in file && file.f_mode & FMODE_PATH) return EBADF.because(`descriptor ${fd} was opened with O_PATH`);
  return file;
}

/** As fdget(), with O_PATH descriptors. */
export function fdget_raw(task: task_struct, fd: int, slot = 0): file | Errno {
  const kept = task.call?.files[slot];
  if (kept) return kept;
  const file = files_lookup_fd(task.files, fd);
  if (!file) return EBADF.because(`descriptor ${fd} is not open`);
  charge('fdget');
  if (task.call) {
    while (task.call.files.length < slot) task.call.files.push(null);
    task.call.files[slot] = get_file(file);
  }
  return file;
}

/** When a call is over: lets go of the files it worked on. */
export function release_call_files(call: call_record): void {
  if (call.files.length === 0) return;
  for (const file of call.files) if (file) fput(file);
  while (call.files.length > 0) call.files.pop();
}

/** The last reference to an open description goes. Linux: fs/file_table.c:__fput() */
function __fput(file: file): void {
  const inode = file.f_inode;
  charge('fput');
  fsnotify_close(file);
  for (const item of file.f_ep.slice()) file_release_hooks.eventpoll_release?.(file, item);
  if (inode.i_flctx) {
    if (inode.i_flctx.flc_lease.length > 0) file_release_hooks.locks_remove_lease?.(file);
    const before = inode.i_flctx.list.length;
    inode.i_flctx.list = inode.i_flctx.list.filter(lock => lock.owner !== file);
    if (inode.i_flctx.list.length !== before) wake_up(inode.i_flctx.wait);
  }
  if (file.f_flags & FASYNC) file.f_op.fasync?.(-1, file, false);
  file.f_op.release?.(inode, file);
  if (file.f_mode & FMODE_WRITE && !(file.f_mode & FMODE_PATH) && inode.i_writecount > 0) inode.i_writecount--;
  iput(inode);
  if (inode.i_nlink === 0 && inode.i_count === 0) fsnotify_inoderemove(inode);
}

export function fput(file: file): void {
  file.f_count--;
  if (file.f_count === 0) __fput(file);
}

/** An open description lets go of its inode. */
export function iput(inode: file['f_inode']): void {
  inode.i_count--;
  if (inode.i_count === 0 && inode.i_nlink === 0) inode.i_sb.s_op.evict_inode?.(inode);
}

/** What other files of this room do when an open description ends; filled by name at load. */
export const file_release_hooks: {
  eventpoll_release?(file: file, item: KObject): void;
  locks_remove_lease?(file: file): void;
  dnotify_flush?(file: file, owner: files_struct): void;
} = {};

/** A new open description of an inode. Linux: fs/file_table.c:alloc_file() */
export function alloc_file(path: path, flags: iflags_t, mode: umode_t, fop: file_operations, private_data: KObject | null = null): file {
  const inode = path.dentry.d_inode;
  const file = file_type.make({ f_path: { mnt: path.mnt, dentry: path.dentry }, f_op: fop, f_mode: mode, f_flags: flags, f_count: 1, private_data });
  if (inode) {
    file.f_inode = inode;
    file.f_mapping = inode.i_mapping;
    inode.i_count++;
  }
  return file;
}

/** Linux: fs/open.c:filp_close() */
export function filp_close(file: file, files: files_struct): Errno | null {
  const result = file.f_op.flush?.(file, files) ?? null;
  if (file.f_inode.i_fsnotify_marks.length > 0) file_release_hooks.dnotify_flush?.(file, files);
  const locks = file.f_inode.i_flctx;
  if (locks) {
    const before = locks.list.length;
    locks.list = locks.list.filter(lock => !(lock.kind === 'posix' && lock.owner === files));
    if (locks.list.length !== before) wake_up(locks.wait);
  }
  fput(file);
  return result;
}

/** Takes a descriptor out of the table. */
export function file_close_fd(files: files_struct, fd: int): file | null {
  const file = files.fd[fd] ?? null;
  if (!file) return null;
  files.fd[fd] = null;
  files.close_on_exec.delete(fd);
  if (fd < files.next_fd) files.next_fd = fd;
  return file;
}

export function close_fd(files: files_struct, fd: int): Errno | null {
  const file = file_close_fd(files, fd);
  if (!file) return EBADF.because(`descriptor ${fd} is not open`);
  return filp_close(file, files);
}

/** A copy of the table for a new process. Linux: fs/file.c:dup_fd() */
export function dup_fd(old: files_struct): files_struct {
  for (const file of old.fd) if (file) get_file(file);
  return files_type.make({ count: 1, fd: [...old.fd], close_on_exec: new Set(old.close_on_exec), next_fd: old.next_fd });
}

/** A process gives up its table. */
export function put_files_struct(files: files_struct): void {
  files.count--;
  if (files.count > 0) return;
  for (let fd = 0; fd < files.fd.length; fd++) {
    const file = file_close_fd(files, fd);
    if (file) filp_close(file, files);
  }
}

export function exit_files(task: task_struct): void {
  const files = task.files;
  task.files = null;
  if (files) put_files_struct(files);
}

/** execve and unshare: a table of one's own. */
export function unshare_files(task: task_struct): void {
  const files = task.files;
  if (!files || files.count === 1) return;
  task.files = dup_fd(files);
  put_files_struct(files);
}

export function do_close_on_exec(files: files_struct): void {
  for (const fd of [...files.close_on_exec].sort((a, b) => a - b)) close_fd(files, fd);
  files.close_on_exec.clear();
}
