// Pipes and FIFOs: a ring of pages between two files. Linux: fs/pipe.c. No splice here.
import type { int as c_int } from '../../abi/c_types';
import { bits, int, outFds } from '../../abi/arg_types';
import { EAGAIN, EFAULT, EBUSY, EINVAL, ENOMEM, ENOPKG, ENOTTY, ENXIO, EPERM, EPIPE, type Errno } from '../../abi/errno';
import { F_GETPIPE_SZ, F_SETPIPE_SZ, O_CLOEXEC, O_DIRECT, O_NONBLOCK, O_RDONLY, O_WRONLY, OPEN_FLAGS } from '../../abi/fcntl';
import { PIPE_BUF } from '../../abi/fs';
import { FIONREAD } from '../../abi/ioctl';
import { POLL_IN, POLL_OUT } from '../../abi/signal';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../abi/poll';
import { block, init_waitqueue_head, wake_up } from '../kernel/wait';
import type { task_struct, wait_queue_head } from '../kernel/types';
import { f, kobject, ops, type Instance } from '../kobject';
import { put_page, try_alloc_page } from '../mm/page_alloc';
import { copy_to_user, put_user32 } from '../mm/uaccess';
import { failed, type Block } from '../result';
import { charge, current, ports } from '../state';
import { syscall } from '../syscall';
import { alloc_file_pseudo, pseudo_inode } from './anon_inodes';
import { special_fops } from './char_dev';
import { close_fd, fd_install_new, fput, task_files } from './file';
import { CAP_SYS_RESOURCE, capable, current_time } from './inode';
import { copy_page_from_iter, copy_page_to_iter, type iov_iter } from './iov_iter';
import { fasync_helper, wake_async, type fasync_struct } from './fasync';
import { send_sig, SIGPIPE } from './signals';
import { FMODE_READ, FMODE_WRITE, type file, type inode, type poll_table, type Result } from './types';
import { task_mm } from './uio';

const PAGE = 4096;
/** Linux: include/linux/pipe_fs_i.h:PIPE_DEF_BUFFERS; fs/pipe.c:pipe_max_size */
const PIPE_DEF_BUFFERS = 16, PIPE_MAX_SIZE = 1048576;

export const pipe_buffer = kobject('pipe_buffer', { page: f.pa, offset: f.u32, len: f.u32, is_packet: f.bool });
export interface pipe_buffer extends Instance<typeof pipe_buffer> {}

export const pipe_inode_info = kobject('pipe_inode_info', {
  /** Oldest first; at most max_usage. */
  bufs: f.list(f.ref<pipe_buffer>('pipe_buffer')),
  max_usage: f.u32, readers: f.u32, writers: f.u32,
  /** How often a reader or writer opened it: FIFO opens wait for these. */
  r_counter: f.u32, w_counter: f.u32,
  rd_wait: f.ref<wait_queue_head>('wait_queue_head'), wr_wait: f.ref<wait_queue_head>('wait_queue_head'),
  fasync_readers: f.list(f.ref<fasync_struct>('fasync_struct')), fasync_writers: f.list(f.ref<fasync_struct>('fasync_struct')),
});
export interface pipe_inode_info extends Instance<typeof pipe_inode_info> {}

const pipe_of = (file: file): pipe_inode_info => file.private_data as pipe_inode_info;

export function alloc_pipe_info(): pipe_inode_info {
  return pipe_inode_info.make({ max_usage: PIPE_DEF_BUFFERS, rd_wait: init_waitqueue_head(), wr_wait: init_waitqueue_head() });
}

function anon_pipe_buf_release(pipe: pipe_inode_info): void {
  const buf = pipe.bufs.shift();
  if (buf) put_page(buf.page);
}

/** Linux: fs/pipe.c:pipe_read() */
function pipe_read(file: file, to: iov_iter): Result<number> {
  if (to.count === 0) return 0;
  const pipe = pipe_of(file);
  const wasFull = pipe.bufs.length >= pipe.max_usage;
  let done = 0;
  for (let buf = pipe.bufs[0]; buf && to.count > 0; buf = pipe.bufs[0]) {
    const chars = Math.min(buf.len, to.count);
    const copied = copy_page_to_iter(buf.page, buf.offset, chars, to);
    if (typeof copied !== 'number') {
      if (done === 0) return copied;
      break;
    }
    done += copied;
    buf.offset += copied;
    buf.len -= copied;
    const isPacket = buf.is_packet;
    if (buf.len === 0 || isPacket) anon_pipe_buf_release(pipe);
    if (isPacket || copied < chars) break;
  }
  if (done > 0) {
    if (wasFull) wake_up(pipe.wr_wait);
    wake_async(pipe.fasync_writers, POLL_OUT);
    file.f_inode.i_atime = current_time();
    return done;
  }
  if (pipe.writers === 0) return 0;
  if (file.f_flags & O_NONBLOCK) return EAGAIN.because('the pipe is empty');
  return block(pipe.rd_wait);
}

/** Adds what fits. Bytes added, or the reason why none were. */
/** A page of which some bytes cannot be read is not sent. */
const cut_off = (): Errno => EFAULT.because('the buffer is not readable memory to its end');

function pipe_fill(pipe: pipe_inode_info, from: iov_iter, isPacket: boolean): Result<number> {
  let done = 0;
  const last = pipe.bufs[pipe.bufs.length - 1];
  if (last && !isPacket && !last.is_packet) {
    const room = PAGE - last.offset - last.len;
    // The first part of a write goes to the last page only when its odd bytes fit whole.
    const odd = from.count % PAGE;
    if (odd > 0 && odd <= room) {
      const copied = copy_page_from_iter(last.page, last.offset + last.len, odd, from);
      if (typeof copied !== 'number') return copied;
      if (copied < odd) return cut_off();
      last.len += copied;
      done += copied;
    }
  }
  while (from.count > 0 && pipe.bufs.length < pipe.max_usage) {
    const page = try_alloc_page();
    if (page < 0) return done > 0 ? done : ENOMEM.because('guest memory is exhausted');
    const wanted = Math.min(PAGE, from.count), copied = copy_page_from_iter(page, 0, wanted, from);
    if (typeof copied !== 'number' || copied < wanted) {
      put_page(page);
      return done > 0 ? done : typeof copied === 'number' ? cut_off() : copied;
    }
    pipe.bufs.push(pipe_buffer.make({ page, len: copied, is_packet: isPacket }));
    done += copied;
  }
  return done;
}

/** Linux: fs/pipe.c:pipe_write(). The call record counts the bytes of a write that sleeps half way. */
function pipe_write(file: file, from: iov_iter): Result<number> {
  if (from.count === 0) return 0;
  const pipe = pipe_of(file);
  const { call } = current();
  const before = call?.done ?? 0;
  if (before > 0) iov_advance(from, before);
  if (pipe.readers === 0) {
    if (before > 0) return before;
    send_sig(SIGPIPE, current());
    return EPIPE.because('the pipe has no reader');
  }
  // Up to PIPE_BUF bytes go whole or not at all.
  const last = pipe.bufs[pipe.bufs.length - 1];
  const room = (pipe.max_usage - pipe.bufs.length) * PAGE + (last && !last.is_packet && from.count <= PAGE - last.offset - last.len ? from.count : 0);
  const isAtomic = from.count <= PIPE_BUF && before === 0;
  const added = isAtomic && room < from.count ? 0 : pipe_fill(pipe, from, (file.f_flags & O_DIRECT) !== 0);
  if (typeof added !== 'number') return before > 0 && !('blocked' in added) ? before : added;
  if (added > 0) {
    // Also when it was not empty: each write is an edge to epoll. Linux: pipe->poll_usage
    wake_up(pipe.rd_wait);
    wake_async(pipe.fasync_readers, POLL_IN);
    file.f_inode.i_mtime = file.f_inode.i_ctime = current_time();
  }
  const done = before + added;
  if (from.count === 0) return done;
  if (file.f_flags & O_NONBLOCK) return done > 0 ? done : EAGAIN.because('the pipe is full');
  if (call) call.done = done;
  return block(pipe.wr_wait);
}

function iov_advance(iter: iov_iter, length: number): void {
  iter.count -= length;
  iter.offset += length;
  for (let seg = iter.segs[iter.seg]; seg && iter.offset >= seg.len; seg = iter.segs[iter.seg]) {
    iter.offset -= seg.len;
    iter.seg++;
  }
}

function pipe_poll(file: file, table: poll_table | null): number {
  const pipe = pipe_of(file);
  let mask = 0;
  if (file.f_mode & FMODE_READ) {
    table?.queues.push(pipe.rd_wait);
    if (pipe.bufs.length > 0) mask |= POLLIN | POLLRDNORM;
    if (pipe.writers === 0 && pipe.w_counter > 0) mask |= POLLHUP;
  }
  if (file.f_mode & FMODE_WRITE) {
    table?.queues.push(pipe.wr_wait);
    if (pipe.bufs.length < pipe.max_usage) mask |= POLLOUT | POLLWRNORM;
    if (pipe.readers === 0) mask |= POLLERR;
  }
  return mask;
}

function pipe_ioctl(file: file, cmd: number, arg: number, task: task_struct): Result<number> {
  const pipe = pipe_of(file);
  switch (cmd) {
    case FIONREAD: {
      const stored = put_user32(task_mm(task), arg, pipe.bufs.reduce((sum, b) => sum + b.len, 0));
      return failed(stored) ? stored : 0;
    }
    case F_GETPIPE_SZ:
      return pipe.max_usage * PAGE;
    case F_SETPIPE_SZ: {
      const wanted = arg >>> 0;
      if (wanted > 0x80000000) return EINVAL.because('the size is too large');
      let size = PAGE;
      while (size < wanted) size *= 2;
      if (size > PIPE_MAX_SIZE && size > pipe.max_usage * PAGE && !capable(task, CAP_SYS_RESOURCE)) return EPERM.because(`${size} bytes are more than pipe-max-size`);
      if (pipe.bufs.length > size / PAGE) return EBUSY.because('the pipe holds more than that');
      pipe.max_usage = size / PAGE;
      wake_up(pipe.wr_wait);
      return size;
    }
    default:
      return ENOTTY.because('a pipe knows no such ioctl');
  }
}

/** Linux: fs/pipe.c:pipe_release() */
function pipe_release(inode: inode, file: file): void {
  const pipe = pipe_of(file);
  if (file.f_mode & FMODE_READ) pipe.readers--;
  if (file.f_mode & FMODE_WRITE) pipe.writers--;
  if (pipe.readers + pipe.writers === 0) {
    while (pipe.bufs.length > 0) anon_pipe_buf_release(pipe);
    inode.i_pipe = null;
    return;
  }
  wake_up(pipe.rd_wait);
  wake_up(pipe.wr_wait);
  if (pipe.readers > 0 && pipe.writers > 0) return;
  wake_async(pipe.fasync_readers, POLL_IN);
  wake_async(pipe.fasync_writers, POLL_OUT);
}

function pipe_fasync(fd: c_int, file: file, isOn: boolean): void {
  const pipe = pipe_of(file);
  if (file.f_mode & FMODE_READ) fasync_helper(fd, file, isOn, pipe.fasync_readers);
  if (file.f_mode & FMODE_WRITE) fasync_helper(fd, file, isOn, pipe.fasync_writers);
}

/** Opening a FIFO waits for the other side. The call record's step says that this open is already counted. Linux: fs/pipe.c:fifo_open() */
function fifo_open(inode: inode, file: file): Errno | Block | null {
  inode.i_pipe ??= alloc_pipe_info();
  const pipe = inode.i_pipe as pipe_inode_info;
  file.private_data = pipe;
  const isReader = (file.f_mode & FMODE_READ) !== 0;
  const isWriter = (file.f_mode & FMODE_WRITE) !== 0;
  if (!isReader && !isWriter) return EINVAL.because('the FIFO is opened for neither reading nor writing');
  // A pipe without a name is opened again through /proc/PID/fd: nobody is waited for.
  const isPipe = inode.i_sb.s_type === 'pipefs';
  if (isWriter && !isReader && !isPipe && file.f_flags & O_NONBLOCK && pipe.readers === 0) return ENXIO.because('the FIFO has no reader');
  const { call } = current();
  // While an open waits it counts as a side, so that the other side's open goes on; the re-run takes that count over.
  const isRerun = call !== null && call.step === 1;
  if (!isRerun) {
    if (isReader) pipe.readers++;
    if (isWriter) pipe.writers++;
    if (isReader && pipe.r_counter++ >= 0 && pipe.readers === 1) wake_up(pipe.wr_wait);
    if (isWriter && pipe.w_counter++ >= 0 && pipe.writers === 1) wake_up(pipe.rd_wait);
    if (call) call.objects.push(pipe);
    if (call) call.deadline = isReader ? pipe.w_counter : pipe.r_counter;
  }
  if (isPipe || (isReader && isWriter)) return null;
  const seen = call?.deadline ?? 0;
  const isAlone = isReader ? pipe.writers === 0 && pipe.w_counter === seen : pipe.readers === 0 && pipe.r_counter === seen;
  if (!isAlone || (isReader && file.f_flags & O_NONBLOCK)) {
    if (call) call.step = 0;
    return null;
  }
  if (call) call.step = 1;
  return block(isReader ? pipe.rd_wait : pipe.wr_wait);
}

export const pipefifo_fops = ops('pipefifo_fops', {
  name: 'pipefifo_fops', open: fifo_open, read_iter: pipe_read, write_iter: pipe_write, poll: pipe_poll, ioctl: pipe_ioctl, fasync: pipe_fasync, release: pipe_release,
});
special_fops.fifo = pipefifo_fops;

/** Both ends of a new pipe. Linux: fs/pipe.c:create_pipe_files() */
export function create_pipe_files(flags: number): { reader: file; writer: file } {
  const inode = pseudo_inode('pipefs', pipefifo_fops);
  const pipe = alloc_pipe_info();
  pipe.readers = pipe.writers = pipe.r_counter = pipe.w_counter = 1;
  inode.i_pipe = pipe;
  const kept = flags & (O_NONBLOCK | O_DIRECT);
  return {
    reader: alloc_file_pseudo(inode, 'pipefs', '', O_RDONLY | (flags & O_NONBLOCK), FMODE_READ, pipefifo_fops, pipe),
    writer: alloc_file_pseudo(inode, 'pipefs', '', O_WRONLY | kept, FMODE_WRITE, pipefifo_fops, pipe),
  };
}

/** Linux: include/uapi/linux/watch_queue.h, the number of O_EXCL. */
const O_NOTIFICATION_PIPE = 0x80;

/** Linux: fs/pipe.c:do_pipe2() */
function do_pipe2(task: task_struct, address: number, flags: number): Result<number> {
  charge('pipe_create');
  if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT | O_NOTIFICATION_PIPE)) return EINVAL.because('only O_CLOEXEC, O_NONBLOCK and O_DIRECT are known');
  if (flags & O_NOTIFICATION_PIPE) return ENOPKG.because('the kernel is built without watch queues');
  const ends = create_pipe_files(flags);
  const cloexec = (flags & O_CLOEXEC) !== 0;
  const read_fd = fd_install_new(task, ends.reader, cloexec);
  if (typeof read_fd !== 'number') {
    fput(ends.writer);
    return read_fd;
  }
  const write_fd = fd_install_new(task, ends.writer, cloexec);
  if (typeof write_fd !== 'number') {
    close_fd(task_files(task), read_fd);
    return write_fd;
  }
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setInt32(0, read_fd, true);
  new DataView(bytes.buffer).setInt32(4, write_fd, true);
  const stored = copy_to_user(task_mm(task), address, bytes);
  if (!failed(stored)) return 0;
  close_fd(task_files(task), read_fd);
  close_fd(task_files(task), write_fd);
  return stored;
}

export const sys_pipe = syscall({ nr: 22, nr32: 42, name: 'pipe', brief: 'create pipe', args: { pipefd: outFds }, ret: int, classes: ['desc'] }, (task, args) => do_pipe2(task, args.pipefd, 0));
export const sys_pipe2 = syscall({ nr: 293, nr32: 331, name: 'pipe2', brief: 'create pipe', args: { pipefd: outFds, flags: bits(OPEN_FLAGS) }, ret: int, classes: ['desc'] }, (task, args) => do_pipe2(task, args.pipefd, args.flags));

/** Bytes that a write takes without sleeping. */
export function pipe_room(file: file): number {
  const pipe = pipe_of(file);
  return pipe.readers === 0 ? 0 : (pipe.max_usage - pipe.bufs.length) * PAGE;
}

/** Up to `length` bytes of a pipe, which keeps them until pipe_consume(). Empty: no writer is left. */
export function pipe_peek(file: file, length: number, isNonblocking: boolean): Result<Uint8Array> {
  const pipe = pipe_of(file);
  if (pipe.bufs.length === 0) {
    if (pipe.writers === 0) return new Uint8Array(0);
    return isNonblocking || file.f_flags & O_NONBLOCK ? EAGAIN.because('the pipe is empty') : block(pipe.rd_wait);
  }
  const bytes = new Uint8Array(Math.min(length, pipe.bufs.reduce((sum, buf) => sum + buf.len, 0)));
  let done = 0;
  for (const buf of pipe.bufs) {
    const part = Math.min(buf.len, bytes.length - done);
    bytes.set(ports().phys.readBytes(buf.page + buf.offset, part), done);
    done += part;
  }
  return bytes;
}

/** The first `length` bytes of a pipe have been used. */
export function pipe_consume(file: file, length: number): void {
  const pipe = pipe_of(file);
  const wasFull = pipe.bufs.length >= pipe.max_usage;
  for (let left = length, buf = pipe.bufs[0]; buf && left > 0; buf = pipe.bufs[0]) {
    const part = Math.min(buf.len, left);
    buf.offset += part;
    buf.len -= part;
    left -= part;
    if (buf.len === 0) anon_pipe_buf_release(pipe);
  }
  if (wasFull && pipe.bufs.length < pipe.max_usage) wake_up(pipe.wr_wait);
}

/** What a writer finds at a full pipe: no reader, EAGAIN, or sleep. Linux: fs/splice.c:wait_for_space() */
export function wait_for_space(file: file, isNonblocking: boolean): Errno | Block {
  const pipe = pipe_of(file);
  if (pipe.readers === 0) {
    send_sig(SIGPIPE, current());
    return EPIPE.because('the pipe has no reader');
  }
  if (isNonblocking || file.f_flags & O_NONBLOCK) return EAGAIN.because('the pipe is full');
  return block(pipe.wr_wait);
}

/** Gives `output` a copy of up to `length` bytes that stand in `input`, which keeps them. Linux: fs/splice.c:link_pipe(); there the pages are shared. */
export function link_pipe(input: file, output: file, length: number, isNonblocking: boolean): Result<number> {
  const from = pipe_of(input), to = pipe_of(output);
  if (from.bufs.length === 0) {
    if (from.writers === 0) return 0;
    return isNonblocking || input.f_flags & O_NONBLOCK ? EAGAIN.because('the pipe is empty') : block(from.rd_wait);
  }
  if (to.readers === 0 || to.bufs.length >= to.max_usage) return wait_for_space(output, isNonblocking);
  let done = 0;
  for (const buf of from.bufs) {
    if (done >= length || to.bufs.length >= to.max_usage) break;
    const page = try_alloc_page();
    if (page < 0) return done > 0 ? done : ENOMEM.because('guest memory is exhausted');
    const len = Math.min(buf.len, length - done);
    ports().phys.copy(page, buf.page, PAGE);
    to.bufs.push(pipe_buffer.make({ page, offset: buf.offset, len, is_packet: buf.is_packet }));
    done += len;
  }
  wake_up(to.rd_wait);
  return done;
}
