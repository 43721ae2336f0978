// timer_create and its family. Linux: kernel/time/posix-timers.c. Timers of processor time are in posix_cpu_timers.ts.
import { bits, clockid, int, pointer } from '../../../abi/arg_types';
import { EAGAIN, EINVAL, EOPNOTSUPP } from '../../../abi/errno';
import { SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD_ID } from '../../../abi/signal';
import { CLOCK_BOOTTIME_ALARM, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_ALARM, TIMER, TIMER_ABSTIME } from '../../../abi/time';
import { ops } from '../../kobject';
import { task_mm } from '../../mm/mmap';
import { put_user32 } from '../../mm/uaccess';
import { failed } from '../../result';
import { kernel, ports } from '../../state';
import { syscall } from '../../syscall';
import { copy_sigevent_from_user, copy_times_from_user, copy_times_to_user } from '../compat';
import { SIGALRM, _NSIG, is_sigqueue_full } from '../signal';
import { k_itimer, type hrtimer, type task_struct } from '../types';
import { cpu_clock_task, posix_cpu_timer_remaining, posix_cpu_timer_set } from './posix_cpu_timers';
import { posix_timer_event } from './posix_timer_event';
import { missed_expiries } from './posix_timer_rearm';
import { TICK_NSEC, clock_to_mono, is_coarse } from './timekeeping';
import { hrtimer_active, hrtimer_cancel, hrtimer_get_remaining, hrtimer_setup, hrtimer_start, program_timer } from './hrtimer';
import { timespec_bytes } from './time';

/** CLOCK_REALTIME, MONOTONIC, BOOTTIME, TAI. */
const TIMER_CLOCKS = [0, 1, 7, 11];

const special_timer = (direction: 'in' | 'out') => pointer('itimerspec', direction === 'in' ? 'const struct itimerspec *' : 'struct itimerspec *', direction);

function start_timer(it: k_itimer, expires: number): void {
  it.it_expires = expires;
  hrtimer_start(it.it_timer, expires);
}

const posix_timer_operations = ops('posix_timer_operations', {
  name: 'posix_timer_operations',
  expired(timer: hrtimer): void {
    const it = timer.owner as k_itimer;
    const isPending = posix_timer_event(it);
    if (it.it_interval === 0 || it.it_sigev_notify === SIGEV_NONE) return;
    it.it_requeue_pending = isPending;
    // Where the signal is ignored, it comes at each tick at most.
    if (!isPending) start_timer(it, ports().clock.now() + Math.max(it.it_interval, TICK_NSEC));
  },
});

export const sys_timer_create = syscall({
  nr: 222, nr32: 259, name: 'timer_create', brief: 'create a POSIX per-process timer',
  args: { clockid, sevp: pointer('sigevent', 'struct sigevent *', 'in'), timerid: pointer('outInt', 'timer_t *', 'out') }, ret: int, classes: [],
}, (task, { clockid: clock, sevp, timerid }) => {
  const bytes = sevp === 0 ? null : copy_sigevent_from_user(task, sevp);
  if (bytes && failed(bytes)) return bytes;
  const counted = cpu_clock_task(task, clock);
  if (clock === CLOCK_MONOTONIC_RAW || is_coarse(clock)) return EOPNOTSUPP.because('this clock has no timers');
  const isAlarm = clock === CLOCK_REALTIME_ALARM || clock === CLOCK_BOOTTIME_ALARM;
  if (clock >= 0 && !counted && !isAlarm && !TIMER_CLOCKS.includes(clock)) return EINVAL.because('there is no such clock');
  const { signal } = task;
  if (is_sigqueue_full(task)) return EAGAIN.because('RLIMIT_SIGPENDING is reached');
  if (signal.posix_timers.size >= 1024) return EAGAIN.because('the process has 1024 timers');
  // What is refused from here on has used up a number.
  const id = signal.next_timer_id++;
  const it = k_itimer.make({ it_id: id, it_clock: clock, it_signo: SIGALRM, it_sigev_notify: SIGEV_SIGNAL, it_value: BigInt(id), it_pid: task.tgid, it_signal: signal, it_cpu_pid: counted?.pid ?? 0 });
  if (bytes) {
    const view = new DataView(bytes.buffer);
    it.it_value = view.getBigUint64(0, true);
    it.it_signo = view.getInt32(8, true);
    it.it_sigev_notify = view.getInt32(12, true);
    const tid = view.getInt32(16, true);
    if (it.it_sigev_notify === SIGEV_THREAD_ID) {
      if (kernel.tasks.get(tid)?.tgid !== task.tgid) return EINVAL.because('the thread is not of this process');
      it.it_pid = tid;
    } else if (it.it_sigev_notify < 0 || it.it_sigev_notify > 2) {
      return EINVAL.because('sigev_notify is not supported');
    }
    if (it.it_sigev_notify !== SIGEV_NONE && (it.it_signo < 1 || it.it_signo > _NSIG)) return EINVAL.because('there is no such signal');
  }
  it.it_timer = hrtimer_setup(posix_timer_operations, it);
  const stored = put_user32(task_mm(task), timerid, it.it_id);
  if (failed(stored)) return stored;
  if (clock < 0 && !counted) return EINVAL.because('the clock counts the time of no process');
  if (isAlarm) return EOPNOTSUPP.because('there is no clock that could wake the computer');
  signal.posix_timers.set(it.it_id, it);
  return 0;
});

/** Nanoseconds until it comes, also while it waits for its signal to be taken. Linux: common_timer_get() */
function posix_timer_remaining(it: k_itimer): number {
  const isWaiting = it.it_interval > 0 && it.it_expires > 0 && !hrtimer_active(it.it_timer);
  return isWaiting ? it.it_expires + (missed_expiries(it) + 1) * it.it_interval - ports().clock.now() : hrtimer_get_remaining(it.it_timer);
}

function timer_setting(it: k_itimer): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set(timespec_bytes(BigInt(Math.floor(it.it_interval))), 0);
  bytes.set(timespec_bytes(BigInt(Math.floor(it.it_cpu_pid === 0 ? posix_timer_remaining(it) : posix_cpu_timer_remaining(it)))), 16);
  return bytes;
}

const find = (task: task_struct, id: number): k_itimer | undefined => task.signal.posix_timers.get(id);

export const sys_timer_settime = syscall({
  nr: 223, nr32: 409, name32: 'timer_settime64', nr_time32: 260, name: 'timer_settime', brief: 'arm/disarm a POSIX per-process timer',
  args: { timerid: int, flags: bits(TIMER), new_value: special_timer('in'), old_value: special_timer('out') }, ret: int, classes: [],
}, (task, { timerid, flags, new_value, old_value }) => {
  if (new_value === 0) return EINVAL.because('new_value is NULL');
  const bytes = copy_times_from_user(task, new_value, 2);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer);
  const [second, nano, valueSecond, valueNano] = [view.getBigInt64(0, true), view.getBigInt64(8, true), view.getBigInt64(16, true), view.getBigInt64(24, true)];
  if (second < 0n || nano < 0n || nano >= 1_000_000_000n || valueSecond < 0n || valueNano < 0n || valueNano >= 1_000_000_000n) return EINVAL.because('the time is not valid');
  const it = find(task, timerid);
  if (!it) return EINVAL.because('there is no such timer');
  const old = timer_setting(it);
  hrtimer_cancel(it.it_timer);
  it.it_requeue_pending = false;
  it.it_expires = 0;
  const value = valueSecond * 1_000_000_000n + valueNano;
  it.it_interval = Number(second) * 1e9 + Number(nano);
  it.it_overrun = it.it_overrun_last = 0;
  const isAbsolute = (flags & TIMER_ABSTIME) !== 0;
  if (it.it_cpu_pid !== 0) {
    posix_cpu_timer_set(it, Number(value), isAbsolute);
    program_timer();
  } else if (value > 0n) {
    start_timer(it, isAbsolute ? clock_to_mono(it.it_clock, value) : ports().clock.now() + Number(value));
  }
  return old_value === 0 ? 0 : copy_times_to_user(task, old_value, old);
});

export const sys_timer_gettime = syscall({ nr: 224, nr32: 408, name32: 'timer_gettime64', nr_time32: 261, name: 'timer_gettime', brief: 'fetch state of POSIX per-process timer', args: { timerid: int, curr_value: special_timer('out') }, ret: int, classes: [] },
  (task, { timerid, curr_value }) => {
    const it = find(task, timerid);
    return it ? copy_times_to_user(task, curr_value, timer_setting(it)) : EINVAL.because('there is no such timer');
  });

export const sys_timer_getoverrun = syscall({ nr: 225, nr32: 262, name: 'timer_getoverrun', brief: 'get overrun count for a POSIX per-process timer', args: { timerid: int }, ret: int, classes: [] },
  (task, { timerid }) => {
  const it = find(task, timerid);
  return it ? it.it_cpu_pid === 0 ? it.it_overrun_last : it.it_overrun : EINVAL.because('there is no such timer');
});

export const sys_timer_delete = syscall({ nr: 226, nr32: 263, name: 'timer_delete', brief: 'delete a POSIX per-process timer', args: { timerid: int }, ret: int, classes: [] }, (task, { timerid }) => {
  const it = find(task, timerid);
  if (!it) return EINVAL.because('there is no such timer');
  hrtimer_cancel(it.it_timer);
  if (it.it_cpu_pid !== 0) posix_cpu_timer_set(it, 0, false);
  task.signal.posix_timers.delete(timerid);
  return 0;
});
