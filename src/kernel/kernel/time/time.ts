// Clocks and sleeping. Linux: kernel/time/posix-timers.c, hrtimer.c, time.c
import { bits, clockid, int, outTimespec, pointer, timespec, uint, long } from '../../../abi/arg_types';
import { EINVAL, EOPNOTSUPP, EPERM, ERESTARTNOHAND, ERESTART_RESTARTBLOCK, type Errno } from '../../../abi/errno';
import { CLOCK_BOOTTIME_ALARM, CLOCK_MONOTONIC_RAW, CLOCK_PROCESS_CPUTIME_ID, CLOCK_REALTIME_ALARM, CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_THREAD_CPUTIME_ID, ITIMER, ITIMER_PROF, ITIMER_REAL, ITIMER_VIRTUAL, TIMER, TIMER_ABSTIME } from '../../../abi/time';
import { choice } from '../../../abi/arg_types';
import { narrowWords } from '../../../abi/compat';
import { task_mm } from '../../mm/mmap';
import { copy_to_user } from '../../mm/uaccess';
import { failed, type Block, type SyscallResult } from '../../result';
import { ops } from '../../kobject';
import { update_vsyscall } from '../../arch/x86/vdso';
import { capable, CAP_SYS_TIME } from '../../fs/inode';
import { charge, kernel, ports } from '../../state';
import { in_time32_syscall, syscall } from '../../syscall';
import { copy_times_from_user, copy_times_to_user } from '../compat';
import { restart_functions, set_restart_fn } from '../restart';
import { NSEC_PER_SEC, TICK_NSEC, clock_to_mono, is_coarse, is_ktime_clock, ktime_get_real, ktime_read } from './timekeeping';
import { SIGALRM, send_signal } from '../signal';
import type { hrtimer, restart_block, task_struct } from '../types';
import { block, is_past, signal_pending } from '../wait';
import { CLOCKFD, CLOCKFD_MASK, CPUCLOCK_PERTHREAD_MASK, cpu_clock_sample, cpu_clock_task, get_cpu_itimer, set_cpu_itimer } from './posix_cpu_timers';
import { hrtimer_cancel, hrtimer_get_remaining, hrtimer_setup, hrtimer_start } from './hrtimer';

const NS = NSEC_PER_SEC;

/** A clock's reading in ns; null: there is no such clock. */
function read_clock(task: task_struct, clock: number): bigint | null {
  // Alarms need a clock that runs while the computer sleeps: there is none.
  if (clock === CLOCK_REALTIME_ALARM || clock === CLOCK_BOOTTIME_ALARM) return null;
  if (is_ktime_clock(clock)) return ktime_read(clock);
  const target = cpu_clock_task(task, clock);
  if (!target) return null;
  charge('cputime');
  return BigInt(Math.floor(cpu_clock_sample(target, clock)));
}

/** struct timespec. */
export function timespec_bytes(ns: bigint, unit = 1n): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, ns / NS, true);
  view.setBigInt64(8, ns % NS / unit, true);
  return bytes;
}

/** A timeval of the user as ns. */
export function get_timeval(task: task_struct, address: number): bigint | Errno | Block {
  const bytes = copy_times_from_user(task, address, 1);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer);
  const sec = view.getBigInt64(0, true);
  const usec = view.getBigInt64(8, true);
  if (sec < 0n || usec < 0n || usec >= 1_000_000n) return EINVAL.because('the time is not valid');
  return sec * NS + usec * 1000n;
}

/** A timespec of the user as ns. */
export function get_timespec(task: task_struct, address: number): bigint | Errno | Block {
  const bytes = copy_times_from_user(task, address, 1);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer);
  const sec = view.getBigInt64(0, true);
  const nsec = view.getBigInt64(8, true);
  if (sec < 0n || nsec < 0n || nsec >= NS) return EINVAL.because('the time is not valid');
  return sec * NS + nsec;
}

export const sys_clock_gettime = syscall({ nr: 228, nr32: 403, nr_time32: 265, name32: 'clock_gettime64', name: 'clock_gettime', brief: 'get clock time', args: { clockid, tp: outTimespec }, ret: int, classes: ['clock'] },
  (task, { clockid: clock, tp }) => {
    const ns = read_clock(task, clock);
    return ns === null ? EINVAL.because('there is no such clock') : copy_times_to_user(task, tp, timespec_bytes(ns));
  });

export const sys_clock_getres = syscall({ nr: 229, nr32: 406, nr_time32: 266, name32: 'clock_getres_time64', name: 'clock_getres', brief: 'get clock resolution', args: { clockid, res: outTimespec }, ret: int, classes: ['clock'] },
  (task, { clockid: clock, res }) => {
    if (read_clock(task, clock) === null) return EINVAL.because('there is no such clock');
    return res === 0 ? 0 : copy_times_to_user(task, res, timespec_bytes(is_coarse(clock) ? BigInt(TICK_NSEC) : 1n));
  });

/** Sets the wall clock. Linux: do_settimeofday64() */
export function do_settimeofday(task: task_struct, ns: bigint): Errno | null {
  if (!capable(task, CAP_SYS_TIME)) return EPERM.because('setting the clock needs CAP_SYS_TIME');
  if (ns < BigInt(ports().clock.now())) return EINVAL.because('the wall clock would be behind the time since boot');
  kernel.wall_offset += ns - ktime_get_real();
  kernel.xtime_at = ports().clock.now();
  update_vsyscall();
  return null;
}

export const sys_clock_settime = syscall({ nr: 227, nr32: 404, nr_time32: 264, name32: 'clock_settime64', name: 'clock_settime', brief: 'set clock time', args: { clockid, tp: timespec }, ret: int, classes: ['clock'] },
  (task, { clockid: clock, tp }) => {
    const isCpuClock = clock < 0 && cpu_clock_task(task, clock) !== null;
    if (clock >= 0 && clock !== CLOCK_REALTIME) return EINVAL.because('only CLOCK_REALTIME can be set');
    const given = clock < 0 ? copy_times_from_user(task, tp, 1) : null;
    if (failed(given)) return given;
    if (clock < 0) return isCpuClock ? EPERM.because('clocks of processor time cannot be set') : EINVAL.because('the clock counts the time of no process');
    const ns = get_timespec(task, tp);
    return typeof ns === 'bigint' ? do_settimeofday(task, ns) ?? 0 : ns;
  });

/** struct timezone. */
function timezone_bytes(): Uint8Array {
  return new Uint8Array(Int32Array.of(kernel.tz_minuteswest, kernel.tz_dsttime).buffer);
}

export const sys_gettimeofday = syscall({ nr: 96, nr_time32: 78, name: 'gettimeofday', brief: 'get time', args: { tv: pointer('timeval', 'struct timeval *', 'out'), tz: pointer('timezone', 'struct timezone *', 'out') }, ret: int, classes: ['clock'] },
  (task, { tv, tz }) => {
    const stored = tv === 0 ? 0 : copy_times_to_user(task, tv, timespec_bytes(ktime_get_real(), 1000n));
    if (failed(stored)) return stored;
    return tz === 0 ? 0 : copy_to_user(task_mm(task), tz, timezone_bytes());
  });

export const sys_time = syscall({ nr: 201, name: 'time', brief: 'get time in seconds', args: { tloc: pointer('outTime', 'time_t *', 'out') }, ret: long, classes: ['clock'] },
  (task, { tloc }) => {
    const seconds = ktime_read(CLOCK_REALTIME_COARSE) / NS;
    const stored = tloc === 0 ? 0 : copy_to_user(task_mm(task), tloc, timespec_bytes(seconds * NS).subarray(0, 8));
    return failed(stored) ? stored : seconds;
  });

/** Sleeps until `deadline` (CLOCK_MONOTONIC). `rmtp`: where the rest goes after a signal; absolute sleeps are simply restarted. */
function sleep_until(task: task_struct, deadline: number, rmtp: number, isAbsolute: boolean, isTime32: boolean): SyscallResult {
  if (is_past(deadline)) return 0;
  if (!signal_pending(task)) return block(null, deadline + (isAbsolute ? 0 : task.timer_slack_ns));
  if (isAbsolute) return ERESTARTNOHAND;
  if (rmtp !== 0) {
    const left = timespec_bytes(BigInt(Math.max(Math.floor(deadline - ports().clock.now()), 0)));
    const stored = copy_to_user(task_mm(task), rmtp, isTime32 ? narrowWords(left) : left);
    if (failed(stored)) return stored;
  }
  set_restart_fn(task, 'nanosleep', deadline, [rmtp, isTime32 ? 1 : 0]);
  return ERESTART_RESTARTBLOCK;
}

restart_functions.set('nanosleep', (task: task_struct, saved: restart_block) => sleep_until(task, saved.deadline, saved.args[0] ?? 0, false, saved.args[1] === 1));

function nanosleep(task: task_struct, address: number, rmtp: number, clock: number, isAbsolute: boolean): SyscallResult {
  const { call } = task;
  if (call && call.deadline < 0) {
    const ns = get_timespec(task, address);
    if (typeof ns !== 'bigint') return ns;
    call.deadline = isAbsolute ? clock_to_mono(clock, ns) : ports().clock.now() + Number(ns);
  }
  return sleep_until(task, call ? call.deadline : 0, rmtp, isAbsolute, in_time32_syscall(task));
}

export const sys_nanosleep = syscall({ nr: 35, nr_time32: 162, name: 'nanosleep', brief: 'high-resolution sleep', args: { req: timespec, rem: outTimespec }, ret: int },
  (task, { req, rem }) => nanosleep(task, req, rem, 1, false));

/** How often a sleeper on a clock of processor time looks at it at least: how fast that goes depends on who else runs. */
const CPU_CLOCK_LOOK_NS = 1e6;

/** Sleeps until the processor time of a process is `target`. */
function sleep_on_cpu_clock(task: task_struct, clock: number, target: number, rmtp: number, isAbsolute: boolean): SyscallResult {
  const whose = cpu_clock_task(task, clock), left = whose ? target - cpu_clock_sample(whose, clock) : 0;
  if (left <= 0) return 0;
  if (!signal_pending(task)) return block(null, ports().clock.now() + Math.max(left, CPU_CLOCK_LOOK_NS));
  if (isAbsolute) return ERESTARTNOHAND;
  const stored = rmtp === 0 ? 0 : copy_times_to_user(task, rmtp, timespec_bytes(BigInt(Math.floor(left))));
  if (failed(stored)) return stored;
  set_restart_fn(task, 'cpu_nanosleep', target, [clock, rmtp]);
  return ERESTART_RESTARTBLOCK;
}

restart_functions.set('cpu_nanosleep', (task: task_struct, saved: restart_block) => sleep_on_cpu_clock(task, saved.args[0] ?? 0, saved.deadline, saved.args[1] ?? 0, false));

/** Linux: kernel/time/posix-cpu-timers.c:posix_cpu_nsleep() */
function posix_cpu_nsleep(task: task_struct, clock: number, isAbsolute: boolean, address: number, rmtp: number): SyscallResult {
  const { call } = task, whose = cpu_clock_task(task, clock);
  if (call && call.deadline < 0) {
    const ns = get_timespec(task, address);
    if (typeof ns !== 'bigint') return ns;
    if (!whose) return EINVAL.because('the clock counts the time of no process');
    if (clock < 0 && (clock & CPUCLOCK_PERTHREAD_MASK) !== 0 && whose === task) return EINVAL.because('a thread cannot wait for its own processor time');
    call.deadline = Number(ns) + (isAbsolute ? 0 : cpu_clock_sample(whose, clock));
  }
  return sleep_on_cpu_clock(task, clock, call ? call.deadline : 0, isAbsolute ? 0 : rmtp, isAbsolute);
}

/** CLOCK_REALTIME, MONOTONIC, BOOTTIME, TAI. */
const SLEEP_CLOCKS = [0, 1, 7, 11];

export const sys_clock_nanosleep = syscall({
  nr: 230, nr32: 407, nr_time32: 267, name32: 'clock_nanosleep_time64', name: 'clock_nanosleep', brief: 'high-resolution sleep with specifiable clock', args: { clockid, flags: bits(TIMER), t: timespec, remain: outTimespec }, ret: int,
}, (task, { clockid: clock, flags, t, remain }) => {
  if (clock < 0 && (clock & CLOCKFD_MASK) === CLOCKFD) return EOPNOTSUPP.because('clocks of devices cannot be slept on');
  if (clock < 0 || clock === CLOCK_PROCESS_CPUTIME_ID) return posix_cpu_nsleep(task, clock, (flags & TIMER_ABSTIME) !== 0, t, remain);
  if (clock === CLOCK_REALTIME_ALARM || clock === CLOCK_BOOTTIME_ALARM) {
    const ns = get_timespec(task, t);
    if (typeof ns !== 'bigint') return ns;
  }
  if (clock === CLOCK_THREAD_CPUTIME_ID || clock === CLOCK_MONOTONIC_RAW || is_coarse(clock) || clock === CLOCK_REALTIME_ALARM || clock === CLOCK_BOOTTIME_ALARM) return EOPNOTSUPP.because('this clock cannot be slept on');
  if (!SLEEP_CLOCKS.includes(clock)) return EINVAL.because('there is no such clock, or it cannot be slept on');
  return nanosleep(task, t, (flags & TIMER_ABSTIME) !== 0 ? 0 : remain, clock, (flags & TIMER_ABSTIME) !== 0);
});

const it_real_operations = ops('it_real_operations', {
  name: 'it_real_operations',
  expired(timer: hrtimer): void {
    const task = timer.owner as task_struct;
    send_signal(SIGALRM, { si_code: 0x80 }, task, true);
    if (task.signal.it_real_incr > 0) hrtimer_start(timer, ports().clock.now() + task.signal.it_real_incr);
  },
});

/** Starts ITIMER_REAL; gives what was left of the old one in ns. */
function set_real_timer(task: task_struct, value: number, interval: number): number {
  const { signal } = task;
  const left = signal.real_timer ? hrtimer_get_remaining(signal.real_timer) : 0;
  signal.real_timer ??= hrtimer_setup(it_real_operations, task.group_leader ?? task);
  hrtimer_cancel(signal.real_timer);
  signal.it_real_incr = interval;
  if (value > 0) hrtimer_start(signal.real_timer, ports().clock.now() + value);
  return left;
}

export const sys_alarm = syscall({ nr: 37, nr32: 27, name: 'alarm', brief: 'set an alarm clock for delivery of a signal', args: { seconds: uint }, ret: uint, classes: [] },
  (task, { seconds }) => Math.ceil(set_real_timer(task, seconds * 1e9, 0) / 1e9));

const itimerval_of = (value: number, interval: number): Uint8Array => {
  const bytes = new Uint8Array(32);
  bytes.set(timespec_bytes(BigInt(Math.floor(interval)), 1000n), 0);
  bytes.set(timespec_bytes(BigInt(Math.ceil(value / 1000) * 1000), 1000n), 16);
  return bytes;
};

const itimerval_in = pointer('itimerval', 'const struct itimerval *', 'in'), itimerval_out = pointer('itimerval', 'struct itimerval *', 'out');

const isItimer = (which: number): boolean => which === ITIMER_REAL || which === ITIMER_VIRTUAL || which === ITIMER_PROF;

export const sys_getitimer = syscall({ nr: 36, nr_time32: 105, name: 'getitimer', brief: 'get value of an interval timer', args: { which: choice(ITIMER), curr_value: itimerval_out }, ret: int, classes: [] },
  (task, { which, curr_value }) => {
    if (!isItimer(which)) return EINVAL.because('there is no such timer');
    const { left, interval } = which === ITIMER_REAL ? { left: task.signal.real_timer ? hrtimer_get_remaining(task.signal.real_timer) : 0, interval: task.signal.it_real_incr } : get_cpu_itimer(task, which);
    return copy_times_to_user(task, curr_value, itimerval_of(left, interval));
  });

/** The two times of a struct itimerval in ns; zeros where it is NULL, as Linux still takes it. */
function get_itimerval(task: task_struct, address: number): { interval: number; value: number } | Errno | Block {
  if (address === 0) return { interval: 0, value: 0 };
  const interval = get_timeval(task, address);
  if (typeof interval !== 'bigint') return interval;
  const value = get_timeval(task, address + (in_time32_syscall(task) ? 8 : 16));
  return typeof value === 'bigint' ? { interval: Number(interval), value: Number(value) } : value;
}

export const sys_setitimer = syscall({
  nr: 38, nr_time32: 104, name: 'setitimer', brief: 'set value of an interval timer', args: { which: choice(ITIMER), new_value: itimerval_in, old_value: itimerval_out }, ret: int, classes: [],
}, (task, { which, new_value, old_value }) => {
  const wanted = get_itimerval(task, new_value);
  if (failed(wanted)) return wanted;
  if (!isItimer(which)) return EINVAL.because('there is no such timer');
  const old = which === ITIMER_REAL ? { interval: task.signal.it_real_incr, left: set_real_timer(task, wanted.value, wanted.interval) } : set_cpu_itimer(task, which, wanted.value, wanted.interval);
  return old_value === 0 ? 0 : copy_times_to_user(task, old_value, itimerval_of(old.left, old.interval));
});
