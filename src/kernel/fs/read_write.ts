// read, write, lseek and their vector and positioned kin. Linux: fs/read_write.c.
import type { iflags_t, loff_t, size_t, ssize_t, uaddr_t } from '../../abi/c_types';
import { fd, uint, iovec as iovec_arg, off, buffer, choice, outBuffer, size, bits, ulong, unused, long, inoutOff, offAt } from '../../abi/arg_types';
import { EBADF, EINVAL, EISDIR, EOPNOTSUPP, EOVERFLOW, ESPIPE, EXDEV, type Errno } from '../../abi/errno';
import { O_APPEND, O_NONBLOCK } from '../../abi/fcntl';
import { AF_UNIX, SOCK_STREAM } from '../../abi/socket';
import type { socket } from '../net/types';
import { MAX_RW_COUNT, OFFSET_MAX, offset_number, RWF_APPEND, RWF_FLAGS, RWF_HIPRI, RWF_NOWAIT, SEEK_WHENCE } from '../../abi/fs';
import { S_IFMT, S_ISCHR, S_ISDIR, S_ISFIFO, S_ISREG, S_ISSOCK } from '../../abi/stat';
import type { task_struct } from '../kernel/types';
import { filemap_kernel_read } from '../mm/filemap';
import { copy_from_user, copy_to_user } from '../mm/uaccess';
import { failed, isBlock } from '../result';
import { current } from '../state';
import { copy_longs_from_user, copy_longs_to_user } from '../kernel/compat';
import { in_compat_syscall, low_word, syscall } from '../syscall';
import { fdget, files_lookup_fd } from './file';
import { fsnotify_access, fsnotify_modify } from './notify/fsnotify';
import { iov_iter_kvec, iov_iter_truncate, type iov_iter } from './iov_iter';
import { pipe_room, wait_for_space } from './pipe';
import { FMODE_LSEEK, FMODE_PREAD, FMODE_PWRITE, FMODE_READ, FMODE_STREAM, FMODE_WRITE, type file, type Result } from './types';
import { import_iovec, import_rw_buffer, task_mm } from './uio';

/**
 * Linux: fs/read_write.c:vfs_read(), vfs_readv(). `to`: what is wrong with the buffers is told after what is wrong with the file. `pos` null: at the file's own
 * position, which moves. `flags`: RWF_* of a call with a vector.
 */
export function vfs_read(file: file, to: Result<iov_iter>, pos: loff_t | null, flags: iflags_t | null = null): Result<ssize_t> {
  if (!(file.f_mode & FMODE_READ)) return EBADF.because('the descriptor is not open for reading');
  if (!file.f_op.read_iter && !S_ISDIR(file.f_inode.i_mode)) return EINVAL.because('this kind of file cannot be read');
  if (failed(to)) return to;
  if (flags !== null && to.count === 0) return 0;
  const refused = rw_verify_area(file, to, pos) ?? (flags ? kiocb_set_rw_flags(file, flags) : null);
  if (refused) return refused;
  if (!file.f_op.read_iter && flags && flags & ~RWF_HIPRI) return EOPNOTSUPP.because('a directory knows no flags of preadv2');
  if (!file.f_op.read_iter) return EISDIR.because('the descriptor is a directory');
  const isStream = (file.f_mode & FMODE_STREAM) !== 0;
  const at = isStream ? 0 : pos ?? file.f_pos;
  const done = file.f_op.read_iter(file, to, at);
  if (typeof done === 'number' && pos === null && !isStream) file.f_pos = at + done;
  if (typeof done === 'number' && done > 0) fsnotify_access(file);
  return done;
}

/** RWF_NOAPPEND has no name in strace 6.1. Linux: RWF_SUPPORTED, without RWF_ATOMIC, which asks for a device that can. */
const RWF_NOAPPEND = 0x20, RWF_SUPPORTED = 0x3f;

/** Linux: fs/read_write.c:rw_verify_area() */
function rw_verify_area(file: file, { count }: iov_iter, pos: loff_t | null): Errno | null {
  return pos !== null && count > 0 && pos + count >= 2 ** 63 && !(file.f_mode & FMODE_STREAM) ? EINVAL.because('the range ends past the largest position') : null;
}

/** Linux: include/linux/fs.h:kiocb_set_rw_flags() */
function kiocb_set_rw_flags(file: file, flags: iflags_t): Errno | null {
  if (flags & ~RWF_SUPPORTED) return EOPNOTSUPP.because('a flag of preadv2 or pwritev2 is not known');
  if (flags & RWF_APPEND && flags & RWF_NOAPPEND) return EINVAL.because('RWF_APPEND and RWF_NOAPPEND exclude each other');
  return flags & RWF_NOWAIT && !knows_nowait(file) ? EOPNOTSUPP.because('this kind of file does not know RWF_NOWAIT') : null;
}

/** FMODE_NOWAIT */
const knows_nowait = ({ f_inode: { i_mode, i_sb }, f_op: { name } }: file): boolean => S_ISREG(i_mode) && i_sb.s_type === 'overlay' || S_ISFIFO(i_mode) || S_ISSOCK(i_mode) || NOWAIT_FOPS.has(name);
const NOWAIT_FOPS = new Set(['null_fops', 'zero_fops', 'random_fops', 'eventfd_fops', 'timerfd_fops', 'signalfd_fops']);

/** Linux: fs/read_write.c:vfs_write(), vfs_writev(); as vfs_read() */
export function vfs_write(file: file, from: Result<iov_iter>, pos: loff_t | null, flags: iflags_t | null = null): Result<ssize_t> {
  if (!(file.f_mode & FMODE_WRITE)) return EBADF.because('the descriptor is not open for writing');
  if (!file.f_op.write_iter) return EINVAL.because('this kind of file cannot be written');
  if (failed(from)) return from;
  if (flags !== null && from.count === 0) return 0;
  const refused = rw_verify_area(file, from, pos) ?? (flags ? kiocb_set_rw_flags(file, flags) : null);
  if (refused) return refused;
  if (flags && flags & RWF_NOWAIT && S_ISREG(file.f_inode.i_mode)) return EOPNOTSUPP.because('writes to a file may sleep');
  const append = ((flags ?? 0) & RWF_APPEND) !== 0 || (file.f_flags & O_APPEND) !== 0 && ((flags ?? 0) & RWF_NOAPPEND) === 0;
  const isStream = (file.f_mode & FMODE_STREAM) !== 0;
  let at = isStream ? 0 : pos ?? file.f_pos;
  if (append && S_ISREG(file.f_inode.i_mode)) at = file.f_inode.i_size;
  if (from.count === 0 && file.f_inode.i_mapping && S_ISREG(file.f_inode.i_mode)) return 0;
  const done = file.f_op.write_iter(file, from, at);
  if (typeof done === 'number' && pos === null && !isStream) file.f_pos = at + done;
  if (typeof done === 'number' && done > 0) fsnotify_modify(file);
  return done;
}

/** Bytes of a file for the kernel (exec, mmap of headers); shorter at the end of the file. Linux: fs/read_write.c:kernel_read() */
export function kernel_read(file: file, pos: loff_t, length: size_t): Result<Uint8Array> {
  if (S_ISREG(file.f_inode.i_mode) && file.f_inode.i_mapping) return filemap_kernel_read(file.f_inode, pos, length);
  const bytes = new Uint8Array(length);
  const done = vfs_read(file, iov_iter_kvec(bytes), pos);
  return typeof done === 'number' ? bytes.subarray(0, done) : done;
}

/** Linux: fs/read_write.c:vfs_llseek() */
export function vfs_llseek(file: file, offset: loff_t, whence: number): Result<loff_t> {
  if (!(file.f_mode & FMODE_LSEEK) || !file.f_op.llseek) return ESPIPE.because('the descriptor is a pipe, socket or terminal');
  return file.f_op.llseek(file, offset, whence);
}

/** Whether so many bytes from the offset in argument 3 on end past the largest one, to the bit. */
const exceeds_offsets = (task: task_struct, count: size_t): boolean => (task.call?.args[6] ?? 0) + count > 0xffffffff && task.call?.args[7] === 0x7fffffff;

function pread_file(task: task_struct, fd: number, pos: loff_t, count: size_t, isWrite: boolean): file | Errno {
  if (pos < 0) return EINVAL.because(`the offset ${pos} is negative`);
  const file = fdget(task, fd);
  if (!('f_op' in file)) return file;
  if (!(file.f_mode & (isWrite ? FMODE_PWRITE : FMODE_PREAD))) return ESPIPE.because('the descriptor has no positions');
  if (pos >= 2 ** 63 - 1024 && file.f_mode & (isWrite ? FMODE_WRITE : FMODE_READ) && exceeds_offsets(task, count)) return EINVAL.because('the range ends past the largest position');
  return file;
}

/** Linux: fs/read_write.c:ksys_read() */
function ksys_read(task: task_struct, fd: number, buf: uaddr_t, count: size_t): Result<ssize_t> {
  const file = fdget(task, fd);
  if (!('f_op' in file)) return file;
  return vfs_read(file, import_rw_buffer(task, buf, count), null);
}

export const sys_read = syscall({
  nr: 0, nr32: 3, name: 'read', brief: 'read from a file descriptor', args: { fd, buf: outBuffer('count'), count: size }, ret: long, classes: ['desc'],
}, (task, { fd, buf, count }) => ksys_read(task, fd, buf, count));

/** Linux: fs/read_write.c:ksys_write() */
function ksys_write(task: task_struct, fd: number, buf: uaddr_t, count: size_t): Result<ssize_t> {
  const file = fdget(task, fd);
  if (!('f_op' in file)) return file;
  return vfs_write(file, import_rw_buffer(task, buf, count), null);
}

export const sys_write = syscall({
  nr: 1, nr32: 4, name: 'write', brief: 'write to a file descriptor', args: { fd, buf: buffer('count'), count: size }, ret: long, classes: ['desc'],
}, (task, { fd, buf, count }) => ksys_write(task, fd, buf, count));

export const sys_lseek = syscall({
  nr: 8, name: 'lseek', brief: 'reposition read/write file offset', args: { fd, offset: off, whence: choice(SEEK_WHENCE) }, ret: off, classes: ['desc'],
}, (task, args) => {
  const file = fdget(task, args.fd);
  if (!('f_op' in file)) return file;
  if (args.whence < 0 || args.whence > 4) return EINVAL.because(`whence ${args.whence} is not known`);
  return vfs_llseek(file, args.offset, args.whence);
});

export const sys_pread64 = syscall({
  nr: 17, name: 'pread64', brief: 'read from a file descriptor at a given offset', args: { fd, buf: outBuffer('count'), count: size, offset: off }, ret: long, classes: ['desc'],
}, (task, args) => {
  const file = pread_file(task, args.fd, args.offset, args.count, false);
  if (!('f_op' in file)) return file;
  return vfs_read(file, import_rw_buffer(task, args.buf, args.count), args.offset);
});

export const sys_pwrite64 = syscall({
  nr: 18, name: 'pwrite64', brief: 'write to a file descriptor at a given offset', args: { fd, buf: buffer('count'), count: size, offset: off }, ret: long, classes: ['desc'],
}, (task, args) => {
  const file = pread_file(task, args.fd, args.offset, args.count, true);
  if (!('f_op' in file)) return file;
  return vfs_write(file, import_rw_buffer(task, args.buf, args.count), args.offset);
});

function do_readv(task: task_struct, fd: number, vec: number, vlen: number, pos: loff_t | null, flags: iflags_t): Result<ssize_t> {
  const file = pos === null ? fdget(task, fd) : pread_file(task, fd, pos, 0, false);
  if (!('f_op' in file)) return file;
  const kept = file.f_flags;
  if (flags & RWF_NOWAIT && knows_nowait(file)) file.f_flags |= O_NONBLOCK;
  const done = vfs_read(file, import_iovec(task, vec, vlen), pos, flags);
  file.f_flags = kept;
  return done;
}

function do_writev(task: task_struct, fd: number, vec: number, vlen: number, pos: loff_t | null, flags: iflags_t): Result<ssize_t> {
  const file = pos === null ? fdget(task, fd) : pread_file(task, fd, pos, 0, true);
  if (!('f_op' in file)) return file;
  const kept = file.f_flags;
  if (flags & RWF_NOWAIT && knows_nowait(file)) file.f_flags |= O_NONBLOCK;
  const done = vfs_write(file, import_iovec(task, vec, vlen), pos, flags);
  file.f_flags = kept;
  return done;
}

export const sys_readv = syscall({
  nr: 19, nr32: 145, name: 'readv', brief: 'read data into multiple buffers', args: { fd, iov: iovec_arg('iovcnt', 'out'), iovcnt: ulong }, ret: long, classes: ['desc'],
}, (task, args) => do_readv(task, args.fd, args.iov, low_word(task, 2, args.iovcnt), null, 0));

export const sys_writev = syscall({
  nr: 20, nr32: 146, name: 'writev', brief: 'write data from multiple buffers', args: { fd, iov: iovec_arg('iovcnt'), iovcnt: ulong }, ret: long, classes: ['desc'],
}, (task, args) => do_writev(task, args.fd, args.iov, low_word(task, 2, args.iovcnt), null, 0));

export const sys_preadv = syscall({
  nr: 295, name: 'preadv', brief: 'read data into multiple buffers at a given offset', args: { fd, iov: iovec_arg('iovcnt', 'out'), iovcnt: ulong, offset: off }, ret: long, classes: ['desc'],
}, (task, args) => do_readv(task, args.fd, args.iov, low_word(task, 2, args.iovcnt), args.offset, 0));

export const sys_pwritev = syscall({
  nr: 296, name: 'pwritev', brief: 'write data from multiple buffers at a given offset', args: { fd, iov: iovec_arg('iovcnt'), iovcnt: ulong, offset: off }, ret: long, classes: ['desc'],
}, (task, args) => do_writev(task, args.fd, args.iov, low_word(task, 2, args.iovcnt), args.offset, 0));

export const sys_preadv2 = syscall({
  nr: 327, name: 'preadv2', brief: 'read data into multiple buffers with flags',
  args: { fd, iov: iovec_arg('iovcnt', 'out'), iovcnt: ulong, offset: off, offset_high: unused, flags: bits(RWF_FLAGS) }, ret: long, classes: ['desc'],
}, (task, args) => do_readv(task, args.fd, args.iov, low_word(task, 2, args.iovcnt), args.offset === -1 ? null : args.offset, args.flags));

export const sys_pwritev2 = syscall({
  nr: 328, name: 'pwritev2', brief: 'write data from multiple buffers with flags',
  args: { fd, iov: iovec_arg('iovcnt'), iovcnt: ulong, offset: off, offset_high: unused, flags: bits(RWF_FLAGS) }, ret: long, classes: ['desc'],
}, (task, args) => do_writev(task, args.fd, args.iov, low_word(task, 2, args.iovcnt), args.offset === -1 ? null : args.offset, args.flags));

/**
 * Moves bytes between two files through a kernel buffer; a short write is put back by not moving the source. The call record counts the bytes of a
 * transfer that sleeps half way: those that the output took before it slept are not read again. Linux: fs/read_write.c:do_sendfile()
 */
function copy_between(input: file, in_pos: number | null, output: file, out_pos: number | null, count: size_t): Result<number> {
  const { call } = current();
  let done = call?.done ?? 0;
  while (done < count) {
    const chunk = new Uint8Array(Math.min(65536, count - done));
    const at = in_pos === null ? input.f_pos : in_pos + done;
    const got = vfs_read(input, iov_iter_kvec(chunk), at);
    if (typeof got !== 'number') return done > 0 ? done : got;
    if (got === 0) break;
    if (!can_splice_write(output)) return EINVAL.because('the output is of a kind that cannot be spliced to');
    const iter = iov_iter_kvec(chunk);
    iov_iter_truncate(iter, got);
    // The output counts its own bytes from 0.
    if (call) call.done = 0;
    const put = vfs_write(output, iter, out_pos === null ? null : out_pos + done);
    const moved = typeof put === 'number' ? put : isBlock(put) ? call?.done ?? 0 : 0;
    done += moved;
    if (call) call.done = done;
    if (in_pos === null) input.f_pos = at + moved;
    if (isBlock(put)) return put;
    if (typeof put !== 'number') return done > 0 ? done : put;
    if (put < got) break;
  }
  return done;
}

/** A position in user memory: null when the pointer is NULL. */
function get_offset(task: task_struct, address: uaddr_t): Result<number> | null {
  if (address === 0) return null;
  const bytes = copy_from_user(task_mm(task), address, 8);
  if (failed(bytes)) return bytes;
  return offset_number(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true));
}

function put_offset(task: task_struct, address: uaddr_t, value: number): Result<number> {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true);
  return copy_to_user(task_mm(task), address, bytes);
}

const NR_SENDFILE_32 = 187;

/** Of the two calls that i386 has, the first moves a position of 32 bits. */
const has_short_offset = (task: task_struct): boolean => in_compat_syscall(task) && task.call?.nr === NR_SENDFILE_32;

const read_moved = (task: task_struct, address: uaddr_t): Result<Uint8Array> => has_short_offset(task) ? copy_longs_from_user(task, address, 1) : copy_from_user(task_mm(task), address, 8);

/** The position at which a transfer began, `moved` bytes on: to the bit, also beside 2^63. */
function put_moved(task: task_struct, address: uaddr_t, moved: number): Result<number> {
  const { call } = task, begun = call && call.data.length > 0 ? call.data : read_moved(task, address);
  if (failed(begun)) return begun;
  const position = new DataView(begun.buffer, begun.byteOffset).getBigInt64(0, true) + BigInt(moved);
  const bytes = new Uint8Array(BigInt64Array.of(position).buffer);
  return has_short_offset(task) ? copy_longs_to_user(task, address, bytes) : copy_to_user(task_mm(task), address, bytes);
}

export const sys_sendfile = syscall({
  nr: 40, nr32: 239, name32: 'sendfile64', name: 'sendfile', brief: 'transfer data between file descriptors', args: { out_fd: fd, in_fd: fd, offset: inoutOff, count: size }, ret: long, classes: ['desc', 'network'],
}, (task, args) => {
  const pos = sendfile_offset(task, args.offset);
  if (failed(pos)) return pos;
  const done = do_sendfile(task, pos, args);
  // Devices have no positions that move. Also before a sleep, which a signal may end, and when nothing was done.
  const moved = isBlock(done) ? task.call?.done ?? 0 : typeof done === 'number' ? done : 0, input = files_lookup_fd(task.files, args.in_fd);
  const stored = pos === null ? 0 : put_moved(task, args.offset, input && S_ISCHR(input.f_inode.i_mode) ? 0 : moved);
  return failed(stored) ? stored : done;
});

/** Linux: struct super_block:s_maxbytes; ext4's, where host files are. */
const s_maxbytes = (file: file): number => file.f_inode.i_sb.s_type === 'overlay' ? 2 ** 44 - 4096 : 2 ** 63;

/** Linux: fs/read_write.c:do_sendfile() */
function do_sendfile(task: task_struct, pos: loff_t | null, args: { out_fd: number; in_fd: number; count: size_t }): Result<number> {
  const input = fdget(task, args.in_fd, 0);
  if (!('f_op' in input)) return input;
  if (!(input.f_mode & FMODE_READ)) return EBADF.because('in_fd is not open for reading');
  if (pos !== null && !(input.f_mode & FMODE_PREAD)) return ESPIPE.because('in_fd has no positions');
  const begin = pos ?? input.f_pos;
  if (begin < 0 || ((task.call?.args[7] ?? 0) | 0) < 0) return EINVAL.because('the position or the count is negative');
  const exact = pos !== null && task.call && task.call.data.length > 0 ? new DataView(task.call.data.buffer, task.call.data.byteOffset).getBigInt64(0, true) : BigInt(begin);
  const count64 = BigInt(task.call?.args[6] ?? 0) + (BigInt(task.call?.args[7] ?? 0) << 32n);
  if (exact + count64 > OFFSET_MAX) return EINVAL.because('the range ends past the largest position');
  const output = fdget(task, args.out_fd, 1);
  if (!('f_op' in output)) return output;
  if (!(output.f_mode & FMODE_WRITE)) return EBADF.because('out_fd is not open for writing');
  if (output.f_flags & O_APPEND && !S_ISFIFO(output.f_inode.i_mode)) return EINVAL.because('out_fd was opened with O_APPEND');
  if (begin + args.count > s_maxbytes(input) && begin >= s_maxbytes(input)) return EOVERFLOW.because('the position is past the largest that the file system has');
  const isToPipe = output.private_data?.$type === 'pipe_inode_info';
  if (!S_ISFIFO(output.f_inode.i_mode) && !(input.f_mode & FMODE_LSEEK)) return EINVAL.because('in_fd has no positions');
  let count = Math.min(args.count, MAX_RW_COUNT);
  // A pipe takes the pages of the file that it has room for, and the call returns. Linux: splice_file_to_pipe()
  if (isToPipe) {
    const room = pipe_room(output);
    if (room === 0) return wait_for_space(output, false);
    // What has no pages of a file comes by a copy.
    count = Math.min(count, room - (S_ISREG(input.f_inode.i_mode) ? (pos ?? input.f_pos) % 4096 : 0));
  }
  if (args.count === 0) return 0;
  if (!can_splice_read(input)) return EINVAL.because('in_fd is of a kind that cannot be spliced from');
  // A pipe that does not wait makes the input not wait either.
  const saved = input.f_flags;
  if (isToPipe && heeds_nonblock(input)) input.f_flags |= output.f_flags & O_NONBLOCK;
  const done = copy_between(input, pos, output, null, count);
  input.f_flags = saved;
  return done;
}

/** Directories and what has no kind at all - eventfd, epoll and the like - have no splice_read and splice_write. */
export const can_splice_write = ({ f_inode: { i_mode }, f_op: { name } }: file): boolean => (i_mode & S_IFMT) !== 0 && !S_ISDIR(i_mode) && name !== 'full_fops';
/** Nothing is spliced from /dev/null either, and what comes from a pipe goes by splice_pipe_to_pipe(). */
export const can_splice_read = (file: file): boolean => can_splice_write(file) && file.f_op.name !== 'null_fops' && !S_ISFIFO(file.f_inode.i_mode) || file.f_op.name === 'full_fops';

/** Pipes and streams of AF_UNIX have a splice_read of their own that does not wait for SPLICE_F_NONBLOCK; other kinds are read as by read. */
export function heeds_nonblock({ private_data }: file): boolean {
  return private_data?.$type === 'pipe_inode_info' || private_data?.$type === 'socket' && (private_data as socket).sk.sk_family === AF_UNIX && (private_data as socket).type === SOCK_STREAM;
}

/** Where a sendfile begins: copied in once, since it is stored again whenever the call sleeps. */
function sendfile_offset(task: task_struct, address: uaddr_t): Result<number> | null {
  const { call } = task;
  if (call && call.done > 0 && call.data.length > 0) return offset_number(new DataView(call.data.buffer, call.data.byteOffset).getBigInt64(0, true));
  if (address === 0) return null;
  const bytes = read_moved(task, address);
  if (failed(bytes)) return bytes;
  if (call) call.data = bytes.slice();
  return offset_number(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true));
}

export const sys_copy_file_range = syscall({
  nr: 326, nr32: 377, name: 'copy_file_range', brief: 'copy a range of data from one file to another',
  args: { fd_in: fd, off_in: offAt, fd_out: fd, off_out: offAt, len: size, flags: uint }, ret: long, classes: ['desc'],
}, (task, args) => {
  const input = fdget(task, args.fd_in, 0);
  if (!('f_op' in input)) return input;
  const output = fdget(task, args.fd_out, 1);
  if (!('f_op' in output)) return output;
  const from = get_offset(task, args.off_in);
  if (failed(from)) return from;
  const to = get_offset(task, args.off_out);
  if (failed(to)) return to;
  if (args.flags !== 0) return EINVAL.because('flags must be 0');
  if (!S_ISREG(input.f_inode.i_mode) || !S_ISREG(output.f_inode.i_mode)) return S_ISDIR(input.f_inode.i_mode) || S_ISDIR(output.f_inode.i_mode) ? EISDIR.because('a descriptor is a directory') : EINVAL.because('both must be regular files');
  if (!(output.f_mode & FMODE_WRITE) || output.f_flags & O_APPEND) return EBADF.because('fd_out is not open for writing, or for appending');
  if (input.f_inode.i_sb !== output.f_inode.i_sb) return EXDEV.because('the files are in different file systems');
  const count = Math.min(args.len, MAX_RW_COUNT), start = from ?? input.f_pos, target = to ?? output.f_pos;
  if (start < 0 || target < 0) return EINVAL.because('a position is negative');
  const length = Math.max(0, Math.min(count, input.f_inode.i_size - start));
  if (input.f_inode === output.f_inode && target + length > start && target < start + length) return EINVAL.because('the ranges overlap');
  const done = copy_between(input, from, output, to, count);
  if (typeof done !== 'number') return done;
  if (from !== null) {
    const stored = put_offset(task, args.off_in, from + done);
    if (failed(stored)) return stored;
  }
  if (to !== null) {
    const stored = put_offset(task, args.off_out, to + done);
    if (failed(stored)) return stored;
  }
  return done;
});
