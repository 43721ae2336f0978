// splice: moving bytes between a pipe and another file. Linux: fs/splice.c. The bytes are copied, not the pages.
import { bits, fd, iovec, long, offAt, size } from '../../abi/arg_types';
import { EBADF, EINVAL, ESPIPE } from '../../abi/errno';
import { O_APPEND, O_NONBLOCK, SPLICE_FLAGS, SPLICE_F_NONBLOCK } from '../../abi/fcntl';
import { MAX_RW_COUNT, offset_number } from '../../abi/fs';
import { copy_from_user, put_user64 } from '../mm/uaccess';
import { failed, isBlock } from '../result';
import { low_word, syscall } from '../syscall';
import { fdget } from './file';
import { iov_iter_kvec } from './iov_iter';
import { link_pipe, pipe_consume, pipe_peek, pipe_room, wait_for_space } from './pipe';
import { can_splice_read, can_splice_write, heeds_nonblock, vfs_read, vfs_write } from './read_write';
import { FMODE_PREAD, FMODE_PWRITE, FMODE_READ, FMODE_WRITE, type file, type Result } from './types';
import { import_iovec, task_mm } from './uio';
import type { task_struct } from '../kernel/types';

function position(task: task_struct, address: number): Result<number | null> {
  if (address === 0) return null;
  const bytes = copy_from_user(task_mm(task), address, 8);
  return failed(bytes) ? bytes : offset_number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true));
}

/** The machine's own standard streams look like pipes and are none. Linux: get_pipe_info() */
const is_pipe = (file: file): boolean => file.private_data?.$type === 'pipe_inode_info';

export const sys_splice = syscall({
  nr: 275, nr32: 313, name: 'splice', brief: 'splice data to/from a pipe', args: { fd_in: fd, off_in: offAt, fd_out: fd, off_out: offAt, len: size, flags: bits(SPLICE_FLAGS, undefined, 'unsigned int') }, ret: long, classes: ['desc'],
}, (task, args) => {
  if (args.len === 0) return 0;
  if (args.flags & ~0xf) return EINVAL.because('a flag is not known');
  const input = fdget(task, args.fd_in, 0);
  if (!('f_op' in input)) return input;
  const output = fdget(task, args.fd_out, 1);
  if (!('f_op' in output)) return output;
  const isFromPipe = is_pipe(input);
  const isToPipe = is_pipe(output);
  if ((isFromPipe && args.off_in !== 0) || (isToPipe && args.off_out !== 0)) return ESPIPE.because('a pipe has no positions');
  const to = position(task, args.off_out);
  if (failed(to)) return to;
  const from = position(task, args.off_in);
  if (failed(from)) return from;
  if (!(input.f_mode & FMODE_READ) || !(output.f_mode & FMODE_WRITE)) return EBADF.because('a descriptor is not open for that');
  if (!isFromPipe && !isToPipe) return EINVAL.because('neither descriptor is a pipe');
  if (isFromPipe && isToPipe && input.f_inode === output.f_inode) return EINVAL.because('both are ends of one pipe');
  if ((from !== null && !(input.f_mode & FMODE_PREAD)) || (to !== null && !(output.f_mode & FMODE_PWRITE))) return EINVAL.because('a descriptor has no positions');
  if (!isToPipe && output.f_flags & O_APPEND) return EINVAL.because('the output was opened with O_APPEND');
  if ((from ?? 0) < 0 || (to ?? 0) < 0) return EINVAL.because('the position is negative');
  if (!(isFromPipe && isToPipe) && ((task.call?.args[9] ?? 0) | 0) < 0) return EINVAL.because('len is negative');
  if (!isToPipe && !can_splice_write(output)) return EINVAL.because('the output is of a kind that cannot be spliced to');
  if (isFromPipe && !isToPipe) return splice_from_pipe(task, input, output, to, args);
  const room = Math.min(pipe_room(output), args.len, MAX_RW_COUNT, 65536);
  if (room === 0) return wait_for_space(output, (args.flags & SPLICE_F_NONBLOCK) !== 0 || isFromPipe && (input.f_flags & O_NONBLOCK) !== 0);
  if (!isFromPipe && !can_splice_read(input)) return EINVAL.because('the input is of a kind that cannot be spliced from');
  const saved = input.f_flags;
  if (heeds_nonblock(input)) input.f_flags |= (args.flags & SPLICE_F_NONBLOCK ? O_NONBLOCK : 0) | output.f_flags & O_NONBLOCK;
  const bytes = new Uint8Array(room);
  const got = vfs_read(input, iov_iter_kvec(bytes), from);
  input.f_flags = saved;
  if (typeof got !== 'number' || got === 0) return got;
  const put = vfs_write(output, iov_iter_kvec(bytes.subarray(0, got)), to);
  if (typeof put !== 'number') return put;
  if (from !== null) {
    const stored = put_user64(task_mm(task), args.off_in, from + put);
    if (failed(stored)) return stored;
  }
  return put;
});

/**
 * What stands in the pipe goes to a file that is none, and leaves the pipe as the file takes it; the call record counts the bytes when the file makes it
 * sleep. Linux: fs/splice.c:splice_from_pipe()
 */
function splice_from_pipe(task: task_struct, input: file, output: file, to: number | null, args: { off_out: number; len: number; flags: number }): Result<number> {
  const { call } = task, before = call?.done ?? 0;
  const bytes = pipe_peek(input, Math.min(args.len - before, MAX_RW_COUNT), (args.flags & SPLICE_F_NONBLOCK) !== 0);
  if (failed(bytes)) return before > 0 ? before : bytes;
  if (bytes.length === 0) return before;
  // The file counts its own bytes from 0.
  if (call) call.done = 0;
  const put = vfs_write(output, iov_iter_kvec(bytes), to);
  const moved = typeof put === 'number' ? put : isBlock(put) ? call?.done ?? 0 : 0;
  pipe_consume(input, moved);
  const done = before + moved;
  if (call) call.done = done;
  if (isBlock(put)) return put;
  if (typeof put !== 'number') return before > 0 ? before : put;
  if (to === null) return done;
  const stored = put_user64(task_mm(task), args.off_out, to + put);
  return failed(stored) ? stored : done;
}

export const sys_tee = syscall({
  nr: 276, nr32: 315, name: 'tee', brief: 'duplicating pipe content', args: { fd_in: fd, fd_out: fd, len: size, flags: bits(SPLICE_FLAGS, undefined, 'unsigned int') }, ret: long, classes: ['desc'],
}, (task, args) => {
  if (args.flags & ~0xf) return EINVAL.because('a flag is not known');
  if (args.len === 0) return 0;
  const input = fdget(task, args.fd_in, 0);
  if (!('f_op' in input)) return input;
  const output = fdget(task, args.fd_out, 1);
  if (!('f_op' in output)) return output;
  if (!(input.f_mode & FMODE_READ) || !(output.f_mode & FMODE_WRITE)) return EBADF.because('a descriptor is not open for that');
  if (!is_pipe(input) || !is_pipe(output) || input.f_inode === output.f_inode) return EINVAL.because('the descriptors are not two pipes');
  return link_pipe(input, output, args.len, (args.flags & SPLICE_F_NONBLOCK) !== 0 || ((input.f_flags | output.f_flags) & O_NONBLOCK) !== 0);
});

export const sys_vmsplice = syscall({
  nr: 278, nr32: 316, name: 'vmsplice', brief: 'splice user pages to/from a pipe', args: { fd, iov: iovec('nr_segs'), nr_segs: size, flags: bits(SPLICE_FLAGS, undefined, 'unsigned int') }, ret: long, classes: ['desc'],
}, (task, args) => {
  if (args.flags & ~0xf) return EINVAL.because('a flag is not known');
  const file = fdget(task, args.fd);
  if (!('f_op' in file)) return file;
  if (!(file.f_mode & (FMODE_READ | FMODE_WRITE))) return EBADF.because('the descriptor is open for nothing');
  const iter = import_iovec(task, args.iov, low_word(task, 2, args.nr_segs));
  if (failed(iter)) return iter;
  if (iter.count === 0) return 0;
  if (!is_pipe(file)) return EBADF.because('the descriptor is no pipe');
  const saved = file.f_flags;
  if (args.flags & SPLICE_F_NONBLOCK) file.f_flags |= O_NONBLOCK;
  const done = file.f_mode & FMODE_WRITE ? vfs_write(file, iter, null) : vfs_read(file, iter, null);
  file.f_flags = saved;
  return done;
});
