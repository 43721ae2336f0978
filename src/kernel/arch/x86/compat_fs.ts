// The calls of i386's table about files whose arguments or structures are laid out otherwise than x86-64's: offsets in two words, the older struct stat, statfs, dirent. Linux: arch/x86/kernel/sys_ia32.c,
// fs/stat.c, fs/statfs.c, fs/readdir.c. Differs: fcntl's locks by 32-bit offsets are in compat.ts, ioctls with structures of pointers and longs are taken as x86-64's.
import { bits, buffer, choice, fd, int, iovec, long, outBuffer, path, pointer, ptr, size, special, uint, type ArgType } from '../../../abi/arg_types';
import { compat_stat, compat_statfs, compat_statfs64, convertStruct, old_kernel_stat } from '../../../abi/compat';
import type { uaddr_t } from '../../../abi/c_types';
import { EINVAL, EOVERFLOW } from '../../../abi/errno';
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, FADVISE, FALLOC_FLAGS, SYNC_FILE_RANGE_FLAGS } from '../../../abi/fcntl';
import { RWF_FLAGS, statfs } from '../../../abi/fs';
import { MAP_32BIT } from '../../../abi/mman';
import { stat } from '../../../abi/stat';
import { readBig, type StructLayout } from '../../../abi/struct';
import { sys_fadvise64, sys_readahead, sys_sync_file_range } from '../../fs/fcntl';
import { fdget_raw } from '../../fs/file';
import { user_path_at, LOOKUP_FOLLOW } from '../../fs/namei';
import { sys_fallocate, sys_ftruncate, sys_truncate } from '../../fs/open';
import { sys_preadv2, sys_pread64, sys_pwrite64, sys_pwritev2, sys_sendfile } from '../../fs/read_write';
import { getdents, old_readdir } from '../../fs/readdir';
import { stat_bytes, statfs_bytes, vfs_getattr } from '../../fs/stat';
import type { inode, path as path_t, Result } from '../../fs/types';
import { sys_select } from '../../fs/select';
import type { task_struct } from '../../kernel/types';
import { sys_mmap, task_mm } from '../../mm/mmap';
import { copy_from_user, copy_to_user } from '../../mm/uaccess';
import { failed, type SyscallResult } from '../../result';
import { syscall, type SyscallDeclaration } from '../../syscall';

/** A long long of two arguments. */
const wide = (low: number, high: number): number => Number(BigInt.asIntN(64, BigInt(high >>> 0) << 32n | BigInt(low >>> 0)));

const as = (task: task_struct, { handler }: SyscallDeclaration, args: Record<string, number>): SyscallResult => handler?.(task, args) ?? EINVAL.because('the call is not here');

/** An offset of two words, which the log tells as one number. */
const words = { offset: special('off64', 'loff_t'), offset_high: special('unused', 'unsigned int') };
const bytes64 = { len: special('off64', 'loff_t'), len_high: special('unused', 'unsigned int') };
/** Those of truncate64 are told without a sign. */
const length64 = { offset: special('ulong64', 'loff_t'), offset_high: special('unused', 'unsigned int') };

syscall({ nr: -1, nr32: 180, name: 'pread64', brief: 'read from a file descriptor at a given offset', args: { fd, buf: outBuffer('count'), count: size, ...words }, ret: long, classes: ['desc'] },
  (task, { fd: number, buf, count, offset, offset_high }) => as(task, sys_pread64, { fd: number, buf, count, offset: wide(offset, offset_high) }));
syscall({ nr: -1, nr32: 181, name: 'pwrite64', brief: 'write to a file descriptor at a given offset', args: { fd, buf: buffer('count'), count: size, ...words }, ret: long, classes: ['desc'] },
  (task, { fd: number, buf, count, offset, offset_high }) => as(task, sys_pwrite64, { fd: number, buf, count, offset: wide(offset, offset_high) }));
syscall({ nr: -1, nr32: 193, name: 'truncate64', brief: 'truncate a file to a specified length', args: { path, ...length64 }, ret: int, classes: ['file'] },
  (task, { path: at, offset, offset_high }) => as(task, sys_truncate, { path: at, length: wide(offset, offset_high) }));
syscall({ nr: -1, nr32: 194, name: 'ftruncate64', brief: 'truncate a file to a specified length', args: { fd, ...length64 }, ret: int, classes: ['desc'] },
  (task, { fd: number, offset, offset_high }) => as(task, sys_ftruncate, { fd: number, length: wide(offset, offset_high) }));
syscall({ nr: -1, nr32: 225, name: 'readahead', brief: 'initiate file readahead into page cache', args: { fd, ...words, count: size }, ret: long, classes: ['desc'] },
  (task, { fd: number, offset, offset_high, count }) => as(task, sys_readahead, { fd: number, offset: wide(offset, offset_high), count }));
syscall({ nr: -1, nr32: 250, name: 'fadvise64', brief: 'predeclare an access pattern for file data', args: { fd, ...words, len: size, advice: choice(FADVISE) }, ret: int, classes: ['desc'] },
  (task, { fd: number, offset, offset_high, len, advice }) => as(task, sys_fadvise64, { fd: number, offset: wide(offset, offset_high), len, advice }));
syscall({ nr: -1, nr32: 272, name: 'fadvise64_64', brief: 'predeclare an access pattern for file data', args: { fd, ...words, ...bytes64, advice: choice(FADVISE) }, ret: int, classes: ['desc'] },
  (task, { fd: number, offset, offset_high, len, len_high, advice }) => as(task, sys_fadvise64, { fd: number, offset: wide(offset, offset_high), len: wide(len, len_high), advice }));
syscall({ nr: -1, nr32: 314, name: 'sync_file_range', brief: 'sync a file segment with disk', args: { fd, ...words, ...bytes64, flags: bits(SYNC_FILE_RANGE_FLAGS) }, ret: int, classes: ['desc'] },
  (task, { fd: number, offset, offset_high, len, len_high, flags }) => as(task, sys_sync_file_range, { fd: number, offset: wide(offset, offset_high), nbytes: wide(len, len_high), flags }));
syscall({ nr: -1, nr32: 324, name: 'fallocate', brief: 'manipulate file space', args: { fd, mode: bits(FALLOC_FLAGS), ...words, ...bytes64 }, ret: int, classes: ['desc'] },
  (task, { fd: number, mode, offset, offset_high, len, len_high }) => as(task, sys_fallocate, { fd: number, mode, offset: wide(offset, offset_high), len: wide(len, len_high) }));

function vectors(nr32: number, nr32v2: number, name: string, iov: ArgType<number>, to: SyscallDeclaration): void {
  const args = { fd, iov, iovcnt: uint, ...words };
  syscall({ nr: -1, nr32, name, brief: 'move data of multiple buffers at a given offset', args, ret: long, classes: ['desc'] }, (task, { fd: number, iov: vec, iovcnt, offset, offset_high }) => {
    const at = wide(offset, offset_high);
    return at < 0 ? EINVAL.because('the offset is negative') : as(task, to, { fd: number, iov: vec, iovcnt, offset: at, flags: 0 });
  });
  syscall({ nr: -1, nr32: nr32v2, name: `${name}2`, brief: 'move data of multiple buffers with flags', args: { ...args, flags: bits(RWF_FLAGS) }, ret: long, classes: ['desc'] },
    (task, { fd: number, iov: vec, iovcnt, offset, offset_high, flags }) => as(task, to, { fd: number, iov: vec, iovcnt, offset: wide(offset, offset_high), flags }));
}
vectors(333, 378, 'preadv', { ...iovec('iovcnt', 'out') }, sys_preadv2);
vectors(334, 379, 'pwritev', iovec('iovcnt'), sys_pwritev2);

/** A position of 32 bits becomes one of 64 beside the call. Linux: fs/read_write.c:compat_sys_sendfile() */
syscall({ nr: -1, nr32: 187, name: 'sendfile', brief: 'transfer data between file descriptors', args: { out_fd: fd, in_fd: fd, offset: pointer('inoutOff32', 'compat_off_t *', 'out'), count: size }, ret: long, classes: ['desc', 'network'] },
  (task, args) => as(task, sys_sendfile, args));

/** Linux: arch/x86/kernel/sys_ia32.c:compat_sys_ia32_mmap() */
syscall({ nr: -1, nr32: 90, name: 'mmap', brief: 'map files or devices into memory', args: { arg: pointer('wholeStruct', 'struct mmap_arg_struct32 *', 'in') }, ret: ptr, classes: ['desc', 'memory'] }, (task, { arg }) => {
  const bytes = copy_from_user(task_mm(task), arg, 24);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset), word = (i: number): number => view.getUint32(i * 4, true);
  return as(task, sys_mmap, { addr: word(0), length: word(1), prot: word(2), flags: word(3) | MAP_32BIT, fd: view.getInt32(16, true), offset: word(5) });
});

/** Linux: fs/select.c:compat_sys_old_select() */
syscall({ nr: -1, nr32: 82, name: 'select', brief: 'synchronous I/O multiplexing', args: { arg: pointer('wholeStruct', 'struct compat_sel_arg_struct *', 'in') }, ret: int, classes: ['desc'] }, (task, { arg }) => {
  const bytes = copy_from_user(task_mm(task), arg, 20);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset), word = (i: number): number => view.getUint32(i * 4, true);
  return as(task, sys_select, { nfds: view.getInt32(0, true), readfds: word(1), writefds: word(2), exceptfds: word(3), timeout: word(4) });
});

/** Whether each number of `bytes` fits where the older structure has it. */
const fits = (from: StructLayout, to: StructLayout, bytes: Uint8Array, names: readonly string[]): boolean => names.every((name) => {
  const source = from.fields[name], target = to.fields[name];
  return !source || !target || readBig(bytes, source.offset, source.type as 'u64') >> BigInt(target.size * 8) === 0n;
});

type PutStat = (task: task_struct, inode: inode | null, address: uaddr_t) => Result<number>;

/** Linux: fs/stat.c:cp_compat_stat(), cp_old_stat(). What does not fit is EOVERFLOW, ids are cut to what 16 bits say of them. */
const putter = (layout: StructLayout, names: readonly string[]): PutStat => (task, inode, address) => {
  const bytes = inode ? stat_bytes(vfs_getattr(inode)) : new Uint8Array(stat.size);
  if (!fits(stat, layout, bytes, names)) return EOVERFLOW.because('a number does not fit the older struct stat');
  const wideIds = convertStruct(stat, stat, bytes), view = new DataView(wideIds.buffer);
  for (const name of ['st_uid', 'st_gid'] as const) if (view.getUint32(stat.fields[name].offset, true) > 0xffff) view.setUint32(stat.fields[name].offset, 65534, true);
  return copy_to_user(task_mm(task), address, convertStruct(stat, layout, wideIds));
};

function older_stat(numbers: readonly [stat: number, lstat: number, fstat: number], prefix: string, argument: ArgType<number>, put: PutStat): void {
  const by_path = (name: string, nr32: number, flags: number): void => {
    syscall({ nr: -1, nr32, name: prefix + name, brief: 'get file status', args: { pathname: path, statbuf: argument }, ret: int, classes: ['file', name, 'stat_like'] }, (task, { pathname, statbuf }) => {
      const at = user_path_at(task, AT_FDCWD, pathname, flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW);
      return failed(at) ? at : put(task, at.dentry.d_inode, statbuf);
    });
  };
  by_path('stat', numbers[0], 0);
  by_path('lstat', numbers[1], AT_SYMLINK_NOFOLLOW);
  syscall({ nr: -1, nr32: numbers[2], name: `${prefix}fstat`, brief: 'get file status', args: { fd, statbuf: argument }, ret: int, classes: ['desc', 'fstat', 'stat_like'] }, (task, { fd: number, statbuf }) => {
    const file = fdget_raw(task, number);
    return 'f_op' in file ? put(task, file.f_inode, statbuf) : file;
  });
}
older_stat([106, 107, 108], '', pointer('compatStat', 'struct compat_stat *', 'out'), putter(compat_stat, ['st_dev', 'st_rdev', 'st_ino', 'st_nlink', 'st_size']));
older_stat([18, 84, 28], 'old', pointer('ptr', 'struct __old_kernel_stat *', 'out'), putter(old_kernel_stat, ['st_ino', 'st_nlink', 'st_size']));

/** Linux: fs/statfs.c:put_compat_statfs(), put_compat_statfs64() */
const put_statfs = (task: task_struct, at: path_t, address: uaddr_t, layout: StructLayout): Result<number> => copy_to_user(task_mm(task), address, convertStruct(statfs, layout, statfs_bytes(at)));

function by_path(task: task_struct, pathname: uaddr_t, address: uaddr_t, layout: StructLayout): Result<number> {
  const at = user_path_at(task, AT_FDCWD, pathname, LOOKUP_FOLLOW);
  return failed(at) ? at : put_statfs(task, at, address, layout);
}

function by_fd(task: task_struct, number: number, address: uaddr_t, layout: StructLayout): Result<number> {
  const file = fdget_raw(task, number);
  return 'f_op' in file ? put_statfs(task, file.f_path, address, layout) : file;
}

const outStatfs = pointer('compatStatfs', 'struct compat_statfs *', 'out'), outStatfs64 = pointer('compatStatfs64', 'struct compat_statfs64 *', 'out');
const isStatfs64 = (bytes: number): boolean => bytes === compat_statfs64.size;

syscall({ nr: -1, nr32: 99, name: 'statfs', brief: 'get filesystem statistics', args: { path, buf: outStatfs }, ret: int, classes: ['file', 'statfs', 'statfs_like'] }, (task, { path: at, buf }) => by_path(task, at, buf, compat_statfs));
syscall({ nr: -1, nr32: 100, name: 'fstatfs', brief: 'get filesystem statistics', args: { fd, buf: outStatfs }, ret: int, classes: ['desc', 'fstatfs', 'statfs_like'] }, (task, { fd: number, buf }) => by_fd(task, number, buf, compat_statfs));
syscall({ nr: -1, nr32: 268, name: 'statfs64', brief: 'get filesystem statistics', args: { path, size, buf: outStatfs64 }, ret: int, classes: ['file', 'statfs', 'statfs_like'] },
  (task, { path: at, size: bytes, buf }) => isStatfs64(bytes) ? by_path(task, at, buf, compat_statfs64) : EINVAL.because('the size is not that of struct compat_statfs64'));
syscall({ nr: -1, nr32: 269, name: 'fstatfs64', brief: 'get filesystem statistics', args: { fd, size, buf: outStatfs64 }, ret: int, classes: ['desc', 'fstatfs', 'statfs_like'] },
  (task, { fd: number, size: bytes, buf }) => isStatfs64(bytes) ? by_fd(task, number, buf, compat_statfs64) : EINVAL.because('the size is not that of struct compat_statfs64'));

syscall({ nr: -1, nr32: 141, name: 'getdents', brief: 'get directory entries', args: { fd, dirp: pointer('compatDirents', 'struct compat_linux_dirent *', 'out', 'count'), count: uint }, ret: long, classes: ['desc'] },
  (task, { fd: number, dirp, count }) => getdents(task, number, dirp, count, 'compat_linux_dirent'));
syscall({ nr: -1, nr32: 89, name: 'readdir', brief: 'get a directory entry', args: { fd, dirp: pointer('oldDirent', 'struct compat_old_linux_dirent *', 'out'), count: uint }, ret: int, classes: ['desc'] },
  (task, { fd: number, dirp }) => old_readdir(task, number, dirp));
