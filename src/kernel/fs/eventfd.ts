// eventfd: a counter that can be read, written and polled. Linux: fs/eventfd.c.
import { bits, fd, uint } from '../../abi/arg_types';
import { EAGAIN, EINVAL } from '../../abi/errno';
import { O_NONBLOCK, O_RDWR } from '../../abi/fcntl';
import { EFD_CLOEXEC, EFD_FLAGS, EFD_NONBLOCK, EFD_SEMAPHORE, POLLERR, POLLIN, POLLOUT } from '../../abi/poll';
import { block, init_waitqueue_head, wake_up } from '../kernel/wait';
import type { task_struct, wait_queue_head } from '../kernel/types';
import { f, kobject, ops, type Instance } from '../kobject';
import { syscall } from '../syscall';
import { anon_inode_getfile } from './anon_inodes';
import { fd_install_new } from './file';
import { copy_from_iter, copy_to_iter, type iov_iter } from './iov_iter';
import { noop_llseek } from './libfs';
import { FMODE_READ, FMODE_WRITE, type file, type poll_table, type Result } from './types';

export const eventfd_ctx = kobject('eventfd_ctx', { wqh: f.ref<wait_queue_head>('wait_queue_head'), count: f.big('__u64'), flags: f.hex });
export interface eventfd_ctx extends Instance<typeof eventfd_ctx> {}

const ULLONG_MAX = 0xffffffffffffffffn;
const ctx_of = (file: file): eventfd_ctx => file.private_data as eventfd_ctx;

function eventfd_read(file: file, to: iov_iter): Result<number> {
  const ctx = ctx_of(file);
  if (to.count < 8) return EINVAL.because('the buffer is smaller than 8 bytes');
  if (ctx.count === 0n) return file.f_flags & O_NONBLOCK ? EAGAIN.because('the counter is 0') : block(ctx.wqh);
  const value = ctx.flags & EFD_SEMAPHORE ? 1n : ctx.count;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  const copied = copy_to_iter(bytes, to);
  if (typeof copied !== 'number') return copied;
  ctx.count -= value;
  wake_up(ctx.wqh);
  return 8;
}

function eventfd_write(file: file, from: iov_iter): Result<number> {
  const ctx = ctx_of(file);
  // It has write alone, which takes buffer by buffer.
  const length = from.mm ? (from.segs.find(seg => seg.len > 0)?.len ?? 0) : from.count;
  if (length !== 8) return EINVAL.because('the buffer has not 8 bytes');
  const bytes = new Uint8Array(8);
  const copied = copy_from_iter(bytes, from);
  if (typeof copied !== 'number') return copied;
  const value = new DataView(bytes.buffer).getBigUint64(0, true);
  if (value === ULLONG_MAX) return EINVAL.because('the value is 2^64-1');
  if (ULLONG_MAX - ctx.count <= value) return file.f_flags & O_NONBLOCK ? EAGAIN.because('the counter would overflow') : block(ctx.wqh);
  ctx.count += value;
  wake_up(ctx.wqh);
  return 8;
}

function eventfd_poll(file: file, table: poll_table | null): number {
  const ctx = ctx_of(file);
  table?.queues.push(ctx.wqh);
  return (ctx.count > 0n ? POLLIN : 0) | (ctx.count === ULLONG_MAX ? POLLERR : 0) | (ULLONG_MAX - 1n > ctx.count ? POLLOUT : 0);
}

const eventfd_fops = ops('eventfd_fops', {
  name: 'eventfd_fops', llseek: noop_llseek, read_iter: eventfd_read, write_iter: eventfd_write, poll: eventfd_poll,
  show_fdinfo: (file: file): string => `eventfd-count: ${ctx_of(file).count.toString(16).padStart(16)}\n`,
});

function do_eventfd(task: task_struct, count: number, flags: number): Result<number> {
  if (flags & ~(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK)) return EINVAL.because('a flag is not known');
  const ctx = eventfd_ctx.make({ wqh: init_waitqueue_head(), count: BigInt(count), flags });
  const file = anon_inode_getfile('[eventfd]', O_RDWR | (flags & EFD_NONBLOCK), FMODE_READ | FMODE_WRITE, eventfd_fops, ctx);
  return fd_install_new(task, file, (flags & EFD_CLOEXEC) !== 0);
}

export const sys_eventfd = syscall({ nr: 284, nr32: 323, name: 'eventfd', brief: 'create a file descriptor for event notification', args: { initval: uint }, ret: fd, classes: ['desc'] }, (task, args) => do_eventfd(task, args.initval, 0));
export const sys_eventfd2 = syscall({
  nr: 290, nr32: 328, name: 'eventfd2', brief: 'create a file descriptor for event notification', args: { initval: uint, flags: bits(EFD_FLAGS) }, ret: fd, classes: ['desc'],
}, (task, args) => do_eventfd(task, args.initval, args.flags));
