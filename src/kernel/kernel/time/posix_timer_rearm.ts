// A timer of timer_create that goes on does so when its signal is taken: what it missed counts as overruns. Linux: kernel/time/posix-timers.c:posixtimer_rearm()
import { ports } from '../../state';
import type { k_itimer, kernel_siginfo, signal_struct } from '../types';
import { hrtimer_start } from './hrtimer';

const DELAYTIMER_MAX = 0x7fffffff;

/** How often the timer would have come by now since it came. */
export const missed_expiries = (it: k_itimer): number => Math.floor((ports().clock.now() - it.it_expires) / it.it_interval);

export function posixtimer_rearm(signal: signal_struct, info: kernel_siginfo): void {
  const it = signal.posix_timers.get(info.si_tid);
  if (!it || !it.it_requeue_pending) return;
  it.it_requeue_pending = false;
  const missed = missed_expiries(it);
  it.it_overrun_last = info.si_overrun = Math.min(missed, DELAYTIMER_MAX);
  it.it_expires += (missed + 1) * it.it_interval;
  hrtimer_start(it.it_timer, it.it_expires);
}
