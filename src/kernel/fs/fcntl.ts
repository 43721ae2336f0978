// dup, fcntl, ioctl on any descriptor, sync calls, fadvise. Linux: fs/fcntl.c, fs/file.c:ksys_dup3(), fs/ioctl.c, fs/sync.c, mm/fadvise.c.
import { bits, choice, fd, int, long, off, ulong, special } from '../../abi/arg_types';
import { EBADF, EBUSY, EINVAL, ENOTTY, EPERM, ESPIPE } from '../../abi/errno';
import {
  FADVISE, FASYNC, FCNTL_COMMANDS, FD_CLOEXEC, F_ADD_SEALS, F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_GETFL, F_GETLEASE, F_GETOWN, F_GETOWNER_UIDS, F_GETOWN_EX, F_GETPIPE_SZ, F_GETSIG, F_GET_SEALS, F_GET_RW_HINT, F_NOTIFY, F_OWNER_PGRP,
  F_OWNER_TID, F_SETFD, F_SETFL, F_SETLEASE, F_SETOWN, F_SETOWN_EX, F_SETPIPE_SZ, F_SETSIG, F_SET_RW_HINT, F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_SEAL_SEAL,
  O_APPEND, O_CLOEXEC, O_DIRECT, O_NOATIME, O_NONBLOCK, F_SEAL_WRITE, OPEN_FLAGS, SYNC_FILE_RANGE_FLAGS,
} from '../../abi/fcntl';
import { FIGETBSZ, FIOASYNC, FIOCLEX, FIONBIO, FIONCLEX, FIONREAD, FIOQSIZE } from '../../abi/ioctl';
import { S_ISDIR, S_ISFIFO, S_ISLNK, S_ISREG } from '../../abi/stat';
import { OFFSET_MAX } from '../../abi/fs';
import type { task_struct } from '../kernel/types';
import { copy_from_user, copy_to_user, get_user32, get_user64, put_user32, put_user64 } from '../mm/uaccess';
import { failed } from '../result';
import { low_word, syscall } from '../syscall';
import { __f_setown, f_setown } from './fasync';
import { alloc_fd, fd_install, fdget, fdget_raw, file_close_fd, files_lookup_fd, filp_close, get_file, nofile_limit, task_files } from './file';
import { inode_owner_or_capable } from './inode';
import { fcntl_getlease, fcntl_setlease } from './leases';
import { fcntl_dirnotify } from './notify/dnotify/dnotify';
import { fcntl_getlk, fcntl_setlk } from './locks';
import { shmem_info } from './tmpfs/shmem';
import { FMODE_CREATED, FMODE_PATH, FMODE_READ, FMODE_WRITE, type file, type Result } from './types';
import { task_mm } from './uio';

/** What F_SETFL may change; FASYNC is changed by those who can tell. Linux: fs/fcntl.c:SETFL_MASK */
const SETFL_MASK = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME;

function f_dupfd(task: task_struct, file: file, from: number, cloexec: boolean): Result<number> {
  const limit = nofile_limit(task);
  if (from < 0 || from >= limit) return EINVAL.because(`${from} is not below the limit of ${limit} descriptors`);
  const fd = alloc_fd(task_files(task), from, limit);
  if (typeof fd === 'number') fd_install(task_files(task), fd, get_file(file), cloexec);
  return fd;
}

function setfl(task: task_struct, fd: number, file: file, flags: number): Result<number> {
  if (flags & O_NOATIME && !(file.f_flags & O_NOATIME) && !inode_owner_or_capable(task, file.f_inode)) return EPERM.because('O_NOATIME is for the owner');
  if (flags & O_DIRECT && !S_ISFIFO(file.f_inode.i_mode) && !S_ISREG(file.f_inode.i_mode)) return EINVAL.because('O_DIRECT is for files and pipes');
  if ((flags ^ file.f_flags) & FASYNC) file.f_op.fasync?.(fd, file, (flags & FASYNC) !== 0);
  file.f_flags = (flags & SETFL_MASK) | (file.f_flags & ~SETFL_MASK);
  return 0;
}

function add_seals(file: file, seals: number): Result<number> {
  const info = shmem_info(file.f_inode);
  if (!(file.f_mode & FMODE_WRITE)) return EPERM.because('the descriptor is not open for writing');
  if (seals & ~0x3f) return EINVAL.because('a seal is not known');
  if (!info?.is_memfd) return EINVAL.because('the file is not a memfd');
  if (info.seals & F_SEAL_SEAL) return EPERM.because('F_SEAL_SEAL is set');
  if (seals & F_SEAL_WRITE && (file.f_mapping?.i_mmap_writable ?? 0) > 0) return EBUSY.because('the file has a shared mapping that can be written');
  info.seals |= seals;
  return 0;
}

/** strace 6.1 has no name for it. */
const F_CREATED_QUERY = 1028;
const RWH_WRITE_LIFE_EXTREME = 5;

/** How long the data of a file is said to live: kept, and of no effect. Linux: fs/fcntl.c:fcntl_get_rw_hint(), fcntl_set_rw_hint() */
function rw_hint(task: task_struct, file: file, address: number, isSet: boolean): Result<number> {
  const inode = file.f_inode;
  if (!isSet) return put_user64(task_mm(task), address, inode.i_write_hint);
  if (!inode_owner_or_capable(task, inode)) return EPERM.because('only the owner says how long the data lives');
  const hint = get_user64(task_mm(task), address);
  if (failed(hint)) return hint;
  if (hint > RWH_WRITE_LIFE_EXTREME) return EINVAL.because('there is no such hint');
  inode.i_write_hint = hint;
  return 0;
}

function owner_ex(task: task_struct, file: file, address: number, isSet: boolean): Result<number> {
  if (!isSet) {
    const type = file.f_owner_type === 0 && file.f_owner === 0 ? F_OWNER_TID : file.f_owner_type;
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setInt32(0, type, true);
    new DataView(bytes.buffer).setInt32(4, Math.abs(file.f_owner), true);
    const stored = copy_to_user(task_mm(task), address, bytes);
    return failed(stored) ? stored : 0;
  }
  const bytes = copy_from_user(task_mm(task), address, 8);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const type = view.getInt32(0, true);
  if (type < F_OWNER_TID || type > F_OWNER_PGRP) return EINVAL.because('the owner type is not known');
  return __f_setown(task, file, view.getInt32(4, true), type) ?? 0;
}

function do_fcntl(task: task_struct, fd: number, cmd: number, arg: number, file: file): Result<number> {
  const files = task_files(task);
  const small = low_word(task, 2, arg) | 0;
  switch (cmd) {
    case F_DUPFD:
      return f_dupfd(task, file, small, false);
    case F_DUPFD_CLOEXEC:
      return f_dupfd(task, file, small, true);
    case F_GETFD:
      return files.close_on_exec.has(fd) ? FD_CLOEXEC : 0;
    case F_SETFD:
      if (small & FD_CLOEXEC) files.close_on_exec.add(fd);
      else files.close_on_exec.delete(fd);
      return 0;
    case F_GETFL:
      return file.f_flags & ~O_CLOEXEC;
    case F_SETFL:
      return setfl(task, fd, file, small);
    case F_GETLK:
    case F_OFD_GETLK:
      return fcntl_getlk(task, file, arg, cmd === F_OFD_GETLK);
    case F_SETLK:
    case F_SETLKW:
      return fcntl_setlk(task, file, arg, false, cmd === F_SETLKW);
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
      return fcntl_setlk(task, file, arg, true, cmd === F_OFD_SETLKW);
    case F_GETOWN:
      return file.f_owner;
    case F_SETOWN:
      return f_setown(task, file, small) ?? 0;
    case F_GETOWN_EX:
    case F_SETOWN_EX:
      return owner_ex(task, file, arg, cmd === F_SETOWN_EX);
    case F_GETSIG:
      return file.f_owner_signum;
    case F_SETSIG:
      if (small < 0 || small > 64) return EINVAL.because(`${small} is not a signal`);
      file.f_owner_signum = small;
      return 0;
    case F_GETLEASE:
      return fcntl_getlease(file);
    case F_SETLEASE:
      return fcntl_setlease(task, fd, file, small);
    case F_NOTIFY:
      return fcntl_dirnotify(task, fd, file, small);
    case F_ADD_SEALS:
      return add_seals(file, small);
    case F_GET_SEALS: {
      const info = shmem_info(file.f_inode);
      return info?.is_memfd ? info.seals : EINVAL.because('the file is not a memfd');
    }
    case F_GETPIPE_SZ:
    case F_SETPIPE_SZ:
      return file.f_op.ioctl && S_ISFIFO(file.f_inode.i_mode) ? file.f_op.ioctl(file, cmd, arg, task) : EBADF.because('the descriptor is not a pipe');
    case F_GET_RW_HINT:
    case F_SET_RW_HINT:
      return rw_hint(task, file, arg, cmd === F_SET_RW_HINT);
    case F_GETOWNER_UIDS: {
      const stored = put_user32(task_mm(task), arg, file.f_owner_uid);
      return failed(stored) ? stored : put_user32(task_mm(task), arg + 4, file.f_owner_euid);
    }
    case F_CREATED_QUERY:
      return file.f_mode & FMODE_CREATED ? 1 : 0;
    default:
      return EINVAL.because(`fcntl command ${cmd} is not known`);
  }
}

/** What an O_PATH descriptor allows. Linux: fs/fcntl.c:check_fcntl_cmd() */
const path_commands = [F_CREATED_QUERY, F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL];

export const sys_fcntl = syscall({
  nr: 72, nr32: 55, name: 'fcntl', brief: 'manipulate file descriptor', args: { fd, cmd: choice(FCNTL_COMMANDS), arg: special('fcntlArg', 'unsigned long') }, ret: special('fcntlRet', 'int'), classes: ['desc'],
}, (task, args) => {
  const file = fdget_raw(task, args.fd);
  if (!('f_op' in file)) return file;
  if (file.f_mode & FMODE_PATH && !path_commands.includes(args.cmd)) return EBADF.because(`descriptor ${args.fd} was opened with O_PATH`);
  return do_fcntl(task, args.fd, args.cmd, args.arg, file);
});

export const sys_dup = syscall({
  nr: 32, nr32: 41, name: 'dup', brief: 'duplicate a file descriptor', args: { oldfd: fd }, ret: fd, classes: ['desc'],
}, (task, args) => {
  const file = fdget_raw(task, args.oldfd);
  if (!('f_op' in file)) return file;
  const fd = alloc_fd(task_files(task), 0, nofile_limit(task));
  if (typeof fd === 'number') fd_install(task_files(task), fd, get_file(file), false);
  return fd;
});

/** Linux: fs/file.c:ksys_dup3() */
function ksys_dup3(task: task_struct, oldfd: number, newfd: number, flags: number): Result<number> {
  const files = task_files(task);
  if (newfd < 0 || newfd >= nofile_limit(task)) return EBADF.because(`${newfd} is not below the limit of ${nofile_limit(task)} descriptors`);
  const file = files_lookup_fd(files, oldfd);
  if (!file) return EBADF.because(`descriptor ${oldfd} is not open`);
  get_file(file);
  const replaced = file_close_fd(files, newfd);
  fd_install(files, newfd, file, (flags & O_CLOEXEC) !== 0);
  if (replaced) filp_close(replaced, files);
  return newfd;
}

export const sys_dup2 = syscall({
  nr: 33, nr32: 63, name: 'dup2', brief: 'duplicate a file descriptor', args: { oldfd: fd, newfd: fd }, ret: fd, classes: ['desc'],
}, (task, args) => {
  if (args.oldfd !== args.newfd) return ksys_dup3(task, args.oldfd, args.newfd, 0);
  return files_lookup_fd(task.files, args.oldfd) ? args.oldfd : EBADF.because(`descriptor ${args.oldfd} is not open`);
});

export const sys_dup3 = syscall({
  nr: 292, nr32: 330, name: 'dup3', brief: 'duplicate a file descriptor', args: { oldfd: fd, newfd: fd, flags: bits(OPEN_FLAGS) }, ret: fd, classes: ['desc'],
}, (task, args) => {
  if (args.flags & ~O_CLOEXEC) return EINVAL.because('only O_CLOEXEC is known');
  if (args.oldfd === args.newfd) return EINVAL.because('the two descriptors are the same');
  return ksys_dup3(task, args.oldfd, args.newfd, args.flags);
});

/** Linux: fs/ioctl.c:do_vfs_ioctl() */
function do_vfs_ioctl(task: task_struct, fd: number, file: file, cmd: number, arg: number): Result<number> {
  const mm = task_mm(task);
  switch (cmd) {
    case FIOCLEX:
      task_files(task).close_on_exec.add(fd);
      return 0;
    case FIONCLEX:
      task_files(task).close_on_exec.delete(fd);
      return 0;
    case FIONBIO: {
      const on = get_user32(mm, arg);
      if (failed(on)) return on;
      file.f_flags = on ? file.f_flags | O_NONBLOCK : file.f_flags & ~O_NONBLOCK;
      return 0;
    }
    case FIOASYNC: {
      const on = get_user32(mm, arg);
      if (failed(on)) return on;
      if ((on !== 0) === ((file.f_flags & FASYNC) !== 0)) return 0;
      if (!file.f_op.fasync) return ENOTTY.because('this kind of file tells nobody that it is ready');
      file.f_op.fasync(fd, file, on !== 0);
      return 0;
    }
    case FIOQSIZE: {
      if (!S_ISREG(file.f_inode.i_mode) && !S_ISDIR(file.f_inode.i_mode)) return ENOTTY.because('only files and directories have a size');
      const stored = put_user64(mm, arg, file.f_inode.i_size);
      return failed(stored) ? stored : 0;
    }
    case FIGETBSZ: {
      const stored = put_user32(mm, arg, file.f_inode.i_sb.s_blocksize);
      return failed(stored) ? stored : 0;
    }
    default:
      break;
  }
  if (cmd === FIONREAD && S_ISREG(file.f_inode.i_mode)) {
    const stored = put_user32(mm, arg, Math.max(0, file.f_inode.i_size - file.f_pos));
    return failed(stored) ? stored : 0;
  }
  return file.f_op.ioctl ? file.f_op.ioctl(file, cmd, arg, task) : ENOTTY.because('this kind of file knows no such ioctl');
}

export const sys_ioctl = syscall({
  nr: 16, nr32: 54, name: 'ioctl', brief: 'control device', args: { fd, request: special('ioctlRequest', 'unsigned long'), argp: special('ioctlArg', 'void *') }, ret: int, classes: ['desc'],
}, (task, args) => {
  const file = fdget(task, args.fd);
  if (!('f_op' in file)) return file;
  return do_vfs_ioctl(task, args.fd, file, args.request >>> 0, args.argp);
});

function do_fsync(task: task_struct, fd: number): Result<number> {
  const file = fdget(task, fd);
  if (!('f_op' in file)) return file;
  return file.f_op.fsync ? file.f_op.fsync(file) : EINVAL.because('this kind of file has nothing to write back');
}

export const sys_fsync = syscall({ nr: 74, nr32: 118, name: 'fsync', brief: "synchronize a file's in-core state with storage", args: { fd }, ret: int, classes: ['desc'] }, (task, args) => do_fsync(task, args.fd));
export const sys_fdatasync = syscall({ nr: 75, nr32: 148, name: 'fdatasync', brief: "synchronize a file's in-core state with storage", args: { fd }, ret: int, classes: ['desc'] }, (task, args) => do_fsync(task, args.fd));
export const sys_sync = syscall({ nr: 162, nr32: 36, name: 'sync', brief: 'commit filesystem caches to disk', args: {}, ret: int, classes: [] }, () => 0);
export const sys_syncfs = syscall({ nr: 306, nr32: 344, name: 'syncfs', brief: 'commit filesystem caches to disk', args: { fd }, ret: int, classes: ['desc'] }, (task, args) => {
  const file = fdget(task, args.fd);
  return 'f_op' in file ? 0 : file;
});
/** Whether the range of arguments 1 and 2 ends past the largest offset, to the bit. */
function ends_past_offsets(task: task_struct): boolean {
  const args = task.call?.args ?? [], word = (i: number): bigint => BigInt(args[i] ?? 0);
  return (word(3) + word(5) << 32n) + word(2) + word(4) > OFFSET_MAX;
}

export const sys_sync_file_range = syscall({ nr: 277, name: 'sync_file_range', brief: 'sync a file segment with disk', args: { fd, offset: off, nbytes: off, flags: bits(SYNC_FILE_RANGE_FLAGS) }, ret: int, classes: ['desc'] }, (task, args) => {
  const file = fdget(task, args.fd);
  if (!('f_op' in file)) return file;
  if (args.flags & ~7 || args.offset < 0 || args.nbytes < 0 || ends_past_offsets(task)) return EINVAL.because('a flag is not known or the range is negative');
  return S_ISREG(file.f_inode.i_mode) || S_ISDIR(file.f_inode.i_mode) || S_ISLNK(file.f_inode.i_mode) ? 0 : ESPIPE.because('this kind of file has no ranges');
});

export const sys_fadvise64 = syscall({
  nr: 221, name: 'fadvise64', brief: 'predeclare an access pattern for file data', args: { fd, offset: off, len: ulong, advice: choice(FADVISE) }, ret: int, classes: ['desc'],
}, (task, args) => {
  const file = fdget(task, args.fd);
  if (!('f_op' in file)) return file;
  if (S_ISFIFO(file.f_inode.i_mode)) return ESPIPE.because('the descriptor is a pipe');
  if (((task.call?.args[5] ?? 0) | 0) < 0 || args.advice < 0 || args.advice > 5) return EINVAL.because('the advice is not known or len is negative');
  return 0;
});

export const sys_readahead = syscall({ nr: 187, name: 'readahead', brief: 'initiate file readahead into page cache', args: { fd, offset: off, count: ulong }, ret: long, classes: ['desc'] }, (task, args) => {
  const file = fdget(task, args.fd);
  if (!('f_op' in file)) return file;
  if (!(file.f_mode & FMODE_READ)) return EBADF.because('the descriptor is not open for reading');
  return S_ISREG(file.f_inode.i_mode) && args.count < 2 ** 63 ? 0 : EINVAL.because('the descriptor is not a regular file, or the count is negative');
});
