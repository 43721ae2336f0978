// Clocks of processor time, and the timers on them: of timer_create, ITIMER_VIRTUAL and ITIMER_PROF. Linux: kernel/time/posix-cpu-timers.c
import { CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, ITIMER_VIRTUAL } from '../../../abi/time';
import { kernel } from '../../state';
import { thread_group_cputime } from '../rusage';
import { SIGPROF, SIGVTALRM, send_signal } from '../signal';
import type { k_itimer, signal_struct, task_struct } from '../types';
import { hrtimer_cancel } from './hrtimer';
import { posix_timer_event } from './posix_timer_event';
import { TICK_NSEC } from './timekeeping';

export const CPUCLOCK_PERTHREAD_MASK = 4;
/** A clock of an open device. Linux: include/linux/posix-timers_types.h */
export const CLOCKFD = 3, CLOCKFD_MASK = 7;
const CPUCLOCK_MAX = 3;

/** Whose processor time a clock counts: that of the caller, or of the pid whose complement stands above the low three bits. Linux: pid_for_clock() */
export function cpu_clock_task(task: task_struct, clock: number): task_struct | null {
  if (clock === CLOCK_PROCESS_CPUTIME_ID || clock === CLOCK_THREAD_CPUTIME_ID) return task;
  if (clock >= 0 || (clock & 3) >= CPUCLOCK_MAX) return null;
  const pid = ~(clock >> 3);
  if (pid === 0) return task;
  const target = kernel.tasks.get(pid);
  if (!target) return null;
  if ((clock & CPUCLOCK_PERTHREAD_MASK) !== 0) return target.tgid === task.tgid ? target : null;
  return target.pid === target.tgid || target === task ? target : null;
}

/** Nanoseconds of a thread or of a whole process. */
export function cpu_clock_sample(target: task_struct, clock: number): number {
  const isThread = clock === CLOCK_THREAD_CPUTIME_ID || clock < 0 && (clock & CPUCLOCK_PERTHREAD_MASK) !== 0;
  const group = thread_group_cputime(target);
  const { utime, stime } = isThread ? target : group;
  return utime + stime;
}

const target_of = (it: k_itimer): task_struct | undefined => kernel.tasks.get(it.it_cpu_pid);

/** Starts a timer; `value` 0 stops it. A time that has passed is told at once. Linux: posix_cpu_timer_set() */
export function posix_cpu_timer_set(it: k_itimer, value: number, isAbsolute: boolean): void {
  stop(it);
  const target = target_of(it);
  if (value <= 0 || !target) return;
  const now = cpu_clock_sample(target, it.it_clock);
  it.it_cpu_expires = isAbsolute ? value : now + value;
  target.signal.cpu_timers.push(it);
  if (it.it_cpu_expires <= now) fire(it, now);
}

/** Nanoseconds until it expires; 0 when it is stopped. */
export function posix_cpu_timer_remaining(it: k_itimer): number {
  const target = target_of(it);
  return it.it_cpu_expires === 0 || !target ? 0 : Math.max(it.it_cpu_expires - cpu_clock_sample(target, it.it_clock), 1);
}

function stop(it: k_itimer): void {
  const timers = target_of(it)?.signal.cpu_timers;
  const i = timers ? timers.indexOf(it) : -1;
  if (i >= 0) timers?.splice(i, 1);
  it.it_cpu_expires = 0;
}

/** Tells one expiry and goes to the next one after `now`. */
function fire(it: k_itimer, now: number): void {
  posix_timer_event(it);
  if (it.it_interval === 0) return stop(it);
  const missed = Math.floor((now - it.it_cpu_expires) / it.it_interval);
  it.it_overrun += missed;
  it.it_cpu_expires += it.it_interval * (missed + 1);
}

function check_timers(task: task_struct): void {
  for (const it of task.signal.cpu_timers.slice()) {
    const target = target_of(it);
    const now = target ? cpu_clock_sample(target, it.it_clock) : 0;
    if (now >= it.it_cpu_expires) fire(it, now);
  }
}

/** The timers of a process end. Linux: kernel/time/posix-timers.c:exit_itimers() */
export function exit_itimers(signal: signal_struct): void {
  for (const it of signal.posix_timers.values()) {
    hrtimer_cancel(it.it_timer);
    stop(it);
  }
  signal.posix_timers.clear();
}

/** Starts or stops ITIMER_VIRTUAL or ITIMER_PROF, which count processor time; what was left. Linux: set_cpu_itimer() */
export function set_cpu_itimer(task: task_struct, which: number, value: number, interval: number): { left: number; interval: number } {
  const old = get_cpu_itimer(task, which);
  const { signal } = task;
  const expires = value > 0 ? cpu_itimer_clock(task, which) + value : 0;
  if (which === ITIMER_VIRTUAL) {
    signal.it_virt_expires = expires;
    signal.it_virt_incr = interval;
  } else {
    signal.it_prof_expires = expires;
    signal.it_prof_incr = interval;
  }
  return old;
}

export function get_cpu_itimer(task: task_struct, which: number): { left: number; interval: number } {
  const { it_virt_expires, it_virt_incr, it_prof_expires, it_prof_incr } = task.signal;
  const expires = which === ITIMER_VIRTUAL ? it_virt_expires : it_prof_expires;
  return { left: expires === 0 ? 0 : Math.max(expires - cpu_itimer_clock(task, which), TICK_NSEC), interval: which === ITIMER_VIRTUAL ? it_virt_incr : it_prof_incr };
}

/** User time for ITIMER_VIRTUAL, user and system time for ITIMER_PROF. */
function cpu_itimer_clock(task: task_struct, which: number): number {
  const { utime, stime } = thread_group_cputime(task);
  return which === ITIMER_VIRTUAL ? utime : utime + stime;
}

/** At the tick: sends what has come due. Linux: run_posix_cpu_timers() */
export function run_posix_cpu_timers(task: task_struct): void {
  const { signal } = task;
  if (signal.cpu_timers.length > 0) check_timers(task);
  if (signal.it_virt_expires === 0 && signal.it_prof_expires === 0) return;
  const { utime, stime } = thread_group_cputime(task);
  if (signal.it_virt_expires !== 0 && utime >= signal.it_virt_expires) {
    signal.it_virt_expires = signal.it_virt_incr > 0 ? signal.it_virt_expires + signal.it_virt_incr : 0;
    send_signal(SIGVTALRM, { si_code: 0x80 }, task, true);
  }
  if (signal.it_prof_expires !== 0 && utime + stime >= signal.it_prof_expires) {
    signal.it_prof_expires = signal.it_prof_incr > 0 ? signal.it_prof_expires + signal.it_prof_incr : 0;
    send_signal(SIGPROF, { si_code: 0x80 }, task, true);
  }
}
