// Timers on CLOCK_MONOTONIC: a sorted list; the machine is told of the soonest. Linux: kernel/time/hrtimer.c
import { kernel, ports } from '../../state';
import { hrtimer, type hrtimer_operations } from '../types';
import type { KObject } from '../../kobject';
import { next_tick } from './timekeeping';

/** A timer that calls `ops.expired` when it expires. */
export function hrtimer_setup(ops: hrtimer_operations, owner: KObject): hrtimer {
  return hrtimer.make({ ops, owner });
}

/** (Re)starts a timer at an absolute CLOCK_MONOTONIC time in ns; Infinity stops it. */
export function hrtimer_start(timer: hrtimer, expires: number): void {
  hrtimer_cancel(timer);
  if (expires === Infinity) return;
  timer.expires = expires;
  const { timers } = kernel;
  let i = timers.length;
  while (i > 0) {
    const before = timers[i - 1];
    if (!before || before.expires <= expires) break;
    i--;
  }
  timers.splice(i, 0, timer);
  if (i === 0) program_timer();
}

/** Stops a timer; true if it was started. */
export function hrtimer_cancel(timer: hrtimer): boolean {
  if (timer.expires < 0) return false;
  timer.expires = -1;
  const i = kernel.timers.indexOf(timer);
  if (i < 0) return false;
  kernel.timers.splice(i, 1);
  return true;
}

export function hrtimer_active(timer: hrtimer): boolean {
  return timer.expires >= 0;
}

/** Nanoseconds until it expires; 0 when not started. */
export function hrtimer_get_remaining(timer: hrtimer): number {
  return timer.expires < 0 ? 0 : Math.max(timer.expires - ports().clock.now(), 0);
}

/** Runs the timers that are due. */
export function hrtimer_run_queues(): void {
  for (;;) {
    const timer = kernel.timers[0];
    if (timer === undefined || timer.expires > ports().clock.now()) break;
    kernel.timers.shift();
    timer.expires = -1;
    timer.ops.expired(timer);
  }
}

/** Tells the machine when the kernel wants the next timer interrupt, besides the end of the time slice: the tick only while a task runs, which could look at vvar or has a timer of its processor time. */
export function program_timer(): void {
  const signal = kernel.current?.on_cpu ? kernel.current.signal : null;
  const tick = signal && (kernel.vvar_page !== 0 || signal.cpu_timers.length > 0 || signal.it_virt_expires !== 0 || signal.it_prof_expires !== 0) ? next_tick() : Infinity;
  ports().clock.setTimer(Math.min(kernel.timers[0]?.expires ?? Infinity, kernel.slice_end, kernel.linger_until, tick));
}
