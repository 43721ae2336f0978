// getdents64, getcwd, chdir and umask: a task's view of directories. Linux: fs/readdir.c, fs/d_path.c, fs/open.c, fs/fs_struct.c.
import { latin1 } from '../../base/text';
import { dirents, fd, int, lenOf, long, outPath, path, uint, umode } from '../../abi/arg_types';
import { PATH_MAX } from '../../abi/fs';
import { EINVAL, ENAMETOOLONG, ENOENT, ENOTDIR, EPERM, ERANGE, type Errno } from '../../abi/errno';
import { AT_FDCWD } from '../../abi/fcntl';
import { DT_DIR, S_ISDIR } from '../../abi/stat';
import { writeScalar } from '../../abi/struct';
import type { task_struct } from '../kernel/types';
import { f, kobject, type Instance } from '../kobject';
import { copy_to_user } from '../mm/uaccess';
import { failed, type Block } from '../result';
import { syscall } from '../syscall';
import { d_path } from './d_path';
import { fdget, fdget_raw } from './file';
import { CAP_SYS_CHROOT, capable, inode_permission, MAY_EXEC } from './inode';
import { fsnotify_access } from './notify/fsnotify';
import { LOOKUP_DIRECTORY, LOOKUP_FOLLOW, user_path_at } from './namei';
import { fs_struct as fs_struct_type, type file, type fs_struct, type path as path_t, type Result } from './types';
import { task_mm } from './uio';

/** The names that an open directory goes through: a snapshot taken at its start. Linux's overlay keeps such a cache too (fs/overlayfs/readdir.c). */
export const dir_context = kobject('dir_context', {
  entries: f.list(f.struct({ name: f.str, ino: f.u64, type: f.s32 })),
  version: f.u64,
});
export interface dir_context extends Instance<typeof dir_context> {}

function read_names(file: file): Result<dir_context> {
  const kept = file.private_data as dir_context | null;
  if (kept && (file.f_pos > 0 || kept.version === file.f_inode.i_version)) return kept;
  const names = file.f_op.iterate?.(file);
  if (!names) return ENOTDIR.because('the descriptor is not a directory');
  if (failed(names)) return names;
  const parent = file.f_path.dentry.d_parent?.d_inode ?? file.f_path.mnt?.mnt_mountpoint?.d_parent?.d_inode ?? file.f_inode;
  const made = dir_context.make({
    entries: [{ name: '.', ino: file.f_inode.i_ino, type: DT_DIR }, { name: '..', ino: parent.i_ino, type: DT_DIR }, ...names],
    version: file.f_inode.i_version,
  });
  file.private_data = made;
  return made;
}

/** Linux: fs/readdir.c:iterate_dir() */
function iterate_dir(file: file): Result<dir_context> {
  if (!S_ISDIR(file.f_inode.i_mode)) return ENOTDIR.because('the descriptor is not a directory');
  const context = read_names(file);
  if (failed(context) || file.f_inode.i_nlink > 0) return context;
  return ENOENT.because('the directory was removed');
}

/** Where the name stands in a struct linux_dirent64. */
const DIRENT64_NAME = 19;

/** The three layouts of an entry: now's, the first one of x86-64, and that of i386. */
type DirentKind = 'linux_dirent64' | 'linux_dirent' | 'compat_linux_dirent';

/** Linux: fs/readdir.c:compat_filldir() */
function compat_dirent(name: string, ino: number, type: number, next: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((12 + name.length) / 4) * 4);
  writeScalar(bytes, 0, 'u32', ino);
  writeScalar(bytes, 4, 'u32', next);
  writeScalar(bytes, 8, 'u16', bytes.length);
  bytes.set(latin1(name), 10);
  bytes[bytes.length - 1] = type;
  return bytes;
}

/** One entry. */
function dirent_bytes(name: string, ino: number, type: number, next: number, kind: DirentKind): Uint8Array {
  if (kind === 'compat_linux_dirent') return compat_dirent(name, ino, type, next);
  const isLegacy = kind === 'linux_dirent', head = isLegacy ? 18 : DIRENT64_NAME;
  const bytes = new Uint8Array(Math.ceil((head + name.length + (isLegacy ? 2 : 1)) / 8) * 8);
  writeScalar(bytes, 0, 'u64', ino);
  writeScalar(bytes, 8, 's64', next);
  writeScalar(bytes, 16, 'u16', bytes.length);
  if (!isLegacy) bytes[18] = type;
  bytes.set(latin1(name), head);
  if (isLegacy) bytes[bytes.length - 1] = type;
  return bytes;
}

export function getdents(task: task_struct, fd: number, address: number, count: number, kind: DirentKind): Result<number> {
  const file = fdget(task, fd);
  if (!('f_op' in file)) return file;
  const context = iterate_dir(file);
  if (failed(context)) return context;
  let done = 0;
  let pos = file.f_pos;
  while (pos < context.entries.length) {
    const entry = context.entries[pos];
    if (!entry) break;
    const bytes = dirent_bytes(entry.name, entry.ino, entry.type, pos + 1, kind);
    if (done + bytes.length > (count | 0)) {
      if (done === 0) return EINVAL.because(`the buffer of ${count} bytes is too small for one entry`);
      break;
    }
    // What fills the entry up is left as it is.
    const stored = copy_to_user(task_mm(task), address + done, kind !== 'linux_dirent64' ? bytes : bytes.subarray(0, DIRENT64_NAME + entry.name.length + 1));
    if (failed(stored)) {
      if (done === 0) return stored;
      break;
    }
    done += bytes.length;
    pos++;
  }
  file.f_pos = pos;
  fsnotify_access(file);
  return done;
}

/** One entry a call, as the first Linux gave them: 1, or 0 at the end. Linux: fs/readdir.c:compat_sys_old_readdir() */
export function old_readdir(task: task_struct, fd: number, address: number): Result<number> {
  const file = fdget(task, fd);
  if (!('f_op' in file)) return file;
  const context = iterate_dir(file);
  if (failed(context)) return context;
  const entry = context.entries[file.f_pos];
  if (!entry) return 0;
  const bytes = new Uint8Array(11 + entry.name.length);
  writeScalar(bytes, 0, 'u32', entry.ino);
  writeScalar(bytes, 4, 'u32', file.f_pos);
  writeScalar(bytes, 8, 'u16', entry.name.length);
  bytes.set(latin1(entry.name), 10);
  const stored = copy_to_user(task_mm(task), address, bytes);
  if (failed(stored)) return stored;
  file.f_pos++;
  fsnotify_access(file);
  return 1;
}

export const sys_getdents = syscall({
  nr: 78, name: 'getdents', brief: 'get directory entries', args: { fd, dirp: dirents('count'), count: uint }, ret: long, classes: ['desc'],
}, (task, args) => getdents(task, args.fd, args.dirp, args.count, 'linux_dirent'));

export const sys_getdents64 = syscall({
  nr: 217, nr32: 220, name: 'getdents64', brief: 'get directory entries', args: { fd, dirp: dirents('count'), count: uint }, ret: long, classes: ['desc'],
}, (task, args) => getdents(task, args.fd, args.dirp, args.count, 'linux_dirent64'));

export const sys_getcwd = syscall({
  nr: 79, nr32: 183, name: 'getcwd', brief: 'get current working directory', args: { buf: outPath('size'), size: lenOf('buf') }, ret: long, classes: ['file'],
}, (task, args) => {
  const { fs } = task;
  if (!fs || fs.pwd.dentry.d_unhashed) return ENOENT.because('the working directory was removed');
  const text = `${d_path(fs.pwd, fs.root)}\0`;
  if (text.length > PATH_MAX) return ENAMETOOLONG.because(`the name needs ${text.length} bytes, more than PATH_MAX`);
  if (text.length > args.size) return ERANGE.because(`the name needs ${text.length} bytes and the buffer has ${args.size}`);
  const stored = copy_to_user(task_mm(task), args.buf, latin1(text));
  return failed(stored) ? stored : text.length;
});

function may_enter(task: task_struct, at: path_t): Errno | Block | null {
  const inode = at.dentry.d_inode;
  if (!inode || !S_ISDIR(inode.i_mode)) return ENOTDIR.because('it is not a directory');
  return inode_permission(task, inode, MAY_EXEC);
}

export const sys_chdir = syscall({
  nr: 80, nr32: 12, name: 'chdir', brief: 'change working directory', args: { path }, ret: int, classes: ['file'],
}, (task, args) => {
  const at = user_path_at(task, AT_FDCWD, args.path, LOOKUP_FOLLOW | LOOKUP_DIRECTORY);
  if (failed(at)) return at;
  const refused = may_enter(task, at);
  if (refused) return refused;
  if (task.fs) task.fs.pwd = { mnt: at.mnt, dentry: at.dentry };
  return 0;
});

export const sys_fchdir = syscall({
  nr: 81, nr32: 133, name: 'fchdir', brief: 'change working directory', args: { fd }, ret: int, classes: ['desc'],
}, (task, args) => {
  const file = fdget_raw(task, args.fd);
  if (!('f_op' in file)) return file;
  const refused = may_enter(task, file.f_path);
  if (refused) return refused;
  if (task.fs) task.fs.pwd = { mnt: file.f_path.mnt, dentry: file.f_path.dentry };
  return 0;
});

export const sys_chroot = syscall({
  nr: 161, nr32: 61, name: 'chroot', brief: 'change root directory', args: { path }, ret: int, classes: ['file'],
}, (task, args) => {
  const at = user_path_at(task, AT_FDCWD, args.path, LOOKUP_FOLLOW | LOOKUP_DIRECTORY);
  if (failed(at)) return at;
  const refused = may_enter(task, at);
  if (refused) return refused;
  if (!capable(task, CAP_SYS_CHROOT)) return EPERM.because('CAP_SYS_CHROOT is needed');
  if (task.fs) task.fs.root = { mnt: at.mnt, dentry: at.dentry };
  return 0;
});

export const sys_umask = syscall({
  nr: 95, nr32: 60, name: 'umask', brief: 'set file mode creation mask', args: { mask: umode }, ret: umode, classes: [],
}, (task, args) => {
  const before = task.fs?.umask ?? 0;
  if (task.fs) task.fs.umask = args.mask & 0o777;
  return before;
});

/** A copy for a new process. Linux: fs/fs_struct.c:copy_fs_struct() */
export function copy_fs_struct(old: fs_struct): fs_struct {
  return fs_struct_type.make({ users: 1, umask: old.umask, root: { ...old.root }, pwd: { ...old.pwd } });
}

export function exit_fs(task: task_struct): void {
  if (task.fs) task.fs.users--;
  task.fs = null;
}

/** unshare(CLONE_FS) */
export function unshare_fs_struct(task: task_struct): void {
  if (!task.fs || task.fs.users === 1) return;
  task.fs.users--;
  task.fs = copy_fs_struct(task.fs);
}
