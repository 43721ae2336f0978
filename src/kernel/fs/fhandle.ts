// Files by handles that outlive their names. Linux: fs/fhandle.c, fs/libfs.c:generic_encode_ino32_fh(), mm/shmem.c:shmem_encode_fh().
// Differs: a handle finds what this run has seen of its file system.
import { bits, dirfd, fd, openFlags, int, outInt, path, ptr } from '../../abi/arg_types';
import { EINVAL, EOPNOTSUPP, EOVERFLOW, EPERM, ESTALE } from '../../abi/errno';
import { AT_EMPTY_PATH, AT_FDCWD, AT_FLAGS, AT_SYMLINK_FOLLOW, O_CLOEXEC } from '../../abi/fcntl';
import type { task_struct } from '../kernel/types';
import { copy_from_user, copy_to_user, put_user32 } from '../mm/uaccess';
import { failed } from '../result';
import { syscall } from '../syscall';
import { fd_install_new, fdget_raw } from './file';
import { CAP_DAC_READ_SEARCH, capable } from './inode';
import { LOOKUP_EMPTY, LOOKUP_FOLLOW, user_path_at } from './namei';
import { do_dentry_open } from './open';
import type { dentry, inode, path as path_t, Result } from './types';
import { task_mm } from './uio';

const MAX_HANDLE_SZ = 128, HEADER = 8, FILEID_INO32_GEN = 1;

/** A generation that goes with the number. */
const generation = (ino: number): number => Math.imul(ino, 0x9e3779b1) >>> 0;

/** What stands in f_handle; null: the file system has no handles. Those of tmpfs begin with the generation. */
function encode_fh({ i_ino, i_sb }: inode): Uint32Array | null {
  switch (i_sb.s_type) {
    case 'tmpfs': case 'ramfs': case 'devtmpfs': return Uint32Array.of(generation(i_ino), i_ino, 0);
    case 'overlay': return Uint32Array.of(i_ino, generation(i_ino));
    default: return null;
  }
}

export const sys_name_to_handle_at = syscall({
  nr: 303, nr32: 341, name: 'name_to_handle_at', brief: 'obtain handle for a pathname', args: { dirfd, pathname: path, handle: ptr, mount_id: outInt, flags: bits(AT_FLAGS) }, ret: int, classes: ['desc', 'file'],
}, (task, { dirfd: dfd, pathname, handle, mount_id, flags }) => {
  if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) return EINVAL.because('a flag is not known');
  const at = user_path_at(task, dfd, pathname, (flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0));
  if (failed(at)) return at;
  const words = at.dentry.d_inode && encode_fh(at.dentry.d_inode);
  if (!words) return EOPNOTSUPP.because('the file system has no handles');
  const header = copy_from_user(task_mm(task), handle, HEADER);
  if (failed(header)) return header;
  const room = new DataView(header.buffer, header.byteOffset).getUint32(0, true);
  if (room > MAX_HANDLE_SZ) return EINVAL.because(`handle_bytes is more than ${MAX_HANDLE_SZ}`);
  const told = put_user32(task_mm(task), mount_id, at.mnt.mnt_id);
  if (failed(told)) return told;
  const isShort = words.byteLength > room, bytes = new Uint8Array(HEADER + (isShort ? 0 : words.byteLength));
  bytes.set(new Uint8Array(Uint32Array.of(words.byteLength, FILEID_INO32_GEN).buffer));
  if (!isShort) bytes.set(new Uint8Array(words.buffer), HEADER);
  const stored = copy_to_user(task_mm(task), handle, bytes);
  return failed(stored) || !isShort ? stored : EOVERFLOW.because(`the handle has ${words.byteLength} bytes`);
});

/** The place that a descriptor stands for. Linux: fs/fhandle.c:get_path_from_fd() */
function path_of_fd(task: task_struct, number: number): Result<path_t> {
  if (number === AT_FDCWD && task.fs) return task.fs.pwd;
  const file = fdget_raw(task, number);
  return 'f_op' in file ? file.f_path : file;
}

/** The first name of the file with this number, from `top` down. */
function find_by_ino(top: dentry, ino: number): dentry | null {
  if (top.d_inode?.i_ino === ino) return top;
  for (const child of top.d_children.values()) {
    const found = find_by_ino(child, ino);
    if (found) return found;
  }
  return null;
}

export const sys_open_by_handle_at = syscall({
  nr: 304, nr32: 342, name: 'open_by_handle_at', brief: 'open file by handle', args: { mount_fd: fd, handle: ptr, flags: openFlags }, ret: fd, classes: ['desc'],
}, (task, { mount_fd, handle, flags }) => {
  const anchor = path_of_fd(task, mount_fd);
  if (failed(anchor)) return anchor;
  const header = copy_from_user(task_mm(task), handle, HEADER);
  if (failed(header)) return header;
  const view = new DataView(header.buffer, header.byteOffset), length = view.getUint32(0, true), type = view.getUint32(4, true);
  if (length === 0 || length > MAX_HANDLE_SZ) return EINVAL.because(`handle_bytes is 0 or more than ${MAX_HANDLE_SZ}`);
  if (!capable(task, CAP_DAC_READ_SEARCH)) return EPERM.because('handles are opened with CAP_DAC_READ_SEARCH');
  const bytes = copy_from_user(task_mm(task), handle + HEADER, length);
  if (failed(bytes)) return bytes;
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), { mnt } = anchor, root = mnt.mnt_sb.s_root ?? mnt.mnt_root, isShmem = length === 12;
  const ino = length >= 8 ? words.getUint32(isShmem ? 4 : 0, true) : 0, gen = length >= 8 ? words.getUint32(isShmem ? 0 : 4, true) : 0;
  const found = type === FILEID_INO32_GEN && gen === generation(ino) ? find_by_ino(root, ino) : null;
  if (!found) return ESTALE.because('no file has this handle');
  const file = do_dentry_open(task, { mnt, dentry: found }, flags);
  return failed(file) ? file : fd_install_new(task, file, (flags & O_CLOEXEC) !== 0);
});
