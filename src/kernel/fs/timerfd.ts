// timerfd: expirations as something to read. Linux: fs/timerfd.c.
import { bits, clockid, fd, int, itimerspec, outItimerspec } from '../../abi/arg_types';
import { EAGAIN, EINVAL, EPERM } from '../../abi/errno';
import { O_NONBLOCK, O_RDWR } from '../../abi/fcntl';
import { POLLIN, TFD_CLOEXEC, TFD_FLAGS, TFD_NONBLOCK, TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET } from '../../abi/poll';
import { CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM, CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_REALTIME_ALARM } from '../../abi/time';
import { clock_to_mono } from '../kernel/time/timekeeping';
import { hrtimer_cancel, hrtimer_setup, hrtimer_start } from '../kernel/time/hrtimer';
import { block, init_waitqueue_head, wake_up } from '../kernel/wait';
import type { hrtimer, task_struct, wait_queue_head } from '../kernel/types';
import { f, kobject, ops, type Instance } from '../kobject';
import { copy_times_from_user, copy_times_to_user } from '../kernel/compat';
import { failed, isBlock } from '../result';
import { ports } from '../state';
import { syscall } from '../syscall';
import { anon_inode_getfile } from './anon_inodes';
import { fd_install_new, fdget } from './file';
import { copy_to_iter, type iov_iter } from './iov_iter';
import { CAP_WAKE_ALARM, capable } from './inode';
import { noop_llseek } from './libfs';
import { FMODE_READ, FMODE_WRITE, type file, type inode, type poll_table, type Result } from './types';

export const timerfd_ctx = kobject('timerfd_ctx', {
  tmr: f.ptr<hrtimer>('hrtimer'), clockid: f.s32,
  /** ns; 0: fires once. */
  tintv: f.ns, ticks: f.s64, settime_flags: f.hex,
  /** It has come, and goes on when it is read or asked for. */
  expired: f.bool,
  /** CLOCK_MONOTONIC ns of the next expiration; -1: disarmed. */
  expires: { ...f.int('ktime_t', 'dec', -1) },
  wqh: f.ref<wait_queue_head>('wait_queue_head'),
});
export interface timerfd_ctx extends Instance<typeof timerfd_ctx> {}

const ctx_of = (file: file): timerfd_ctx => file.private_data as timerfd_ctx;

const timerfd_timer_operations = ops('timerfd_timer_operations', {
  name: 'timerfd_timer_operations',
  expired(timer: hrtimer): void {
    const ctx = timer.owner as timerfd_ctx;
    ctx.ticks++;
    ctx.expired = true;
    if (ctx.tintv === 0) ctx.expires = -1;
    wake_up(ctx.wqh);
  },
});

/** A timer that goes on does so when it is looked at: what it missed counts. Linux: hrtimer_forward_now() */
function timerfd_forward(ctx: timerfd_ctx): void {
  if (!ctx.expired || ctx.tintv === 0 || !ctx.tmr) return;
  const missed = Math.floor((ports().clock.now() - ctx.expires) / ctx.tintv);
  ctx.ticks += missed;
  ctx.expires += (missed + 1) * ctx.tintv;
  ctx.expired = false;
  hrtimer_start(ctx.tmr, ctx.expires);
}

function timerfd_read(file: file, to: iov_iter): Result<number> {
  const ctx = ctx_of(file);
  if (to.count < 8) return EINVAL.because('the buffer is smaller than 8 bytes');
  if (ctx.ticks === 0) return file.f_flags & O_NONBLOCK ? EAGAIN.because('the timer has not expired') : block(ctx.wqh);
  timerfd_forward(ctx);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(ctx.ticks), true);
  const copied = copy_to_iter(bytes, to);
  if (!isBlock(copied)) ctx.ticks = 0;
  return copied;
}

function timerfd_poll(file: file, table: poll_table | null): number {
  table?.queues.push(ctx_of(file).wqh);
  return ctx_of(file).ticks > 0 ? POLLIN : 0;
}

function timerfd_release(_inode: inode, file: file): void {
  const { tmr } = ctx_of(file);
  if (tmr) hrtimer_cancel(tmr);
}

/** Linux: fs/timerfd.c:timerfd_show() */
function timerfd_show(file: file): string {
  const ctx = ctx_of(file), pair = (ns: number): string => `(${Math.floor(ns / 1e9)}, ${ns % 1e9})`;
  return `clockid: ${ctx.clockid}\nticks: ${ctx.ticks}\nsettime flags: 0${ctx.settime_flags.toString(8)}\nit_value: ${pair(timerfd_remaining(ctx))}\nit_interval: ${pair(ctx.tintv)}\n`;
}

/** Of a timer that is due, nothing is left but what tells it from a disarmed one. */
const timerfd_remaining = ({ expires }: timerfd_ctx): number => expires < 0 ? 0 : Math.max(1, expires - ports().clock.now());

const timerfd_fops = ops('timerfd_fops', {
  name: 'timerfd_fops', llseek: noop_llseek, read_iter: timerfd_read, poll: timerfd_poll, release: timerfd_release, show_fdinfo: timerfd_show,
});

const clocks: number[] = [CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM];

export const sys_timerfd_create = syscall({ nr: 283, nr32: 322, name: 'timerfd_create', brief: 'create a timer that notifies via a file descriptor', args: { clockid, flags: bits(TFD_FLAGS) }, ret: fd, classes: ['desc'] }, (task, args) => {
  if (args.flags & ~(TFD_CLOEXEC | TFD_NONBLOCK)) return EINVAL.because('a flag is not known');
  if (!clocks.includes(args.clockid)) return EINVAL.because('the clock cannot have timers');
  if ((args.clockid === CLOCK_REALTIME_ALARM || args.clockid === CLOCK_BOOTTIME_ALARM) && !capable(task, CAP_WAKE_ALARM)) return EPERM.because('clocks that wake the computer need CAP_WAKE_ALARM');
  const ctx = timerfd_ctx.make({ clockid: args.clockid, wqh: init_waitqueue_head() });
  ctx.tmr = hrtimer_setup(timerfd_timer_operations, ctx);
  return fd_install_new(task, anon_inode_getfile('[timerfd]', O_RDWR | (args.flags & TFD_NONBLOCK), FMODE_READ | FMODE_WRITE, timerfd_fops, ctx), (args.flags & TFD_CLOEXEC) !== 0);
});

function put_setting(task: task_struct, address: number, ctx: timerfd_ctx): Result<number> {
  timerfd_forward(ctx);
  const left = timerfd_remaining(ctx);
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(Math.floor(ctx.tintv / 1e9)), true);
  view.setBigInt64(8, BigInt(ctx.tintv % 1e9), true);
  view.setBigInt64(16, BigInt(Math.floor(left / 1e9)), true);
  view.setBigInt64(24, BigInt(Math.floor(left % 1e9)), true);
  const stored = copy_times_to_user(task, address, bytes);
  return failed(stored) ? stored : 0;
}

function timerfd_fget(task: task_struct, number: number): Result<timerfd_ctx> {
  const file = fdget(task, number);
  if (!('f_op' in file)) return file;
  return file.f_op === timerfd_fops ? ctx_of(file) : EINVAL.because('the descriptor is not a timerfd');
}

export const sys_timerfd_settime = syscall({
  nr: 286, nr32: 411, name32: 'timerfd_settime64', nr_time32: 325, name: 'timerfd_settime', brief: 'arm or disarm a timer of a file descriptor', args: { fd, flags: bits(TFD_FLAGS), new_value: itimerspec, old_value: outItimerspec }, ret: int, classes: ['desc'],
}, (task, args) => {
  const bytes = copy_times_from_user(task, args.new_value, 2);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 32);
  const words = [0, 8, 16, 24].map(at => view.getBigInt64(at, true));
  const time = (i: number): bigint => (words[i] ?? 0n) * 1_000_000_000n + (words[i + 1] ?? 0n);
  if (args.flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) return EINVAL.because('a flag is not known');
  if (words.some((w, i) => w < 0n || (i % 2 === 1 && w >= 1_000_000_000n))) return EINVAL.because('a time is not valid');
  const ctx = timerfd_fget(task, args.fd);
  if (failed(ctx)) return ctx;
  if (args.old_value !== 0) {
    const stored = put_setting(task, args.old_value, ctx);
    if (failed(stored)) return stored;
  }
  const value = time(2);
  ctx.ticks = 0;
  ctx.expired = false;
  ctx.tintv = Number(time(0));
  ctx.settime_flags = args.flags;
  ctx.expires = value === 0n ? -1 : args.flags & TFD_TIMER_ABSTIME ? Math.max(0, clock_to_mono(ctx.clockid, value)) : ports().clock.now() + Number(value);
  if (ctx.tmr) {
    hrtimer_cancel(ctx.tmr);
    if (value !== 0n) hrtimer_start(ctx.tmr, ctx.expires);
  }
  return 0;
});

export const sys_timerfd_gettime = syscall({
  nr: 287, nr32: 410, name32: 'timerfd_gettime64', nr_time32: 326, name: 'timerfd_gettime', brief: 'get the setting of a timer of a file descriptor', args: { fd, curr_value: outItimerspec }, ret: int, classes: ['desc'],
}, (task, args) => {
  const ctx = timerfd_fget(task, args.fd);
  return failed(ctx) ? ctx : put_setting(task, args.curr_value, ctx);
});
