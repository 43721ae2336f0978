// What the expiry of a timer of timer_create sends. Linux: kernel/time/posix-timers.c:posix_timer_queue_signal()
import { SIGEV_NONE, SIGEV_THREAD_ID, SI_TIMER } from '../../../abi/signal';
import { kernel } from '../../state';
import { send_signal } from '../signal';
import type { k_itimer } from '../types';

/** One signal is pending at most; the others are counted in it. False: there is none, since it is ignored or nobody is told. */
export function posix_timer_event(it: k_itimer): boolean {
  const target = kernel.tasks.get(it.it_pid);
  if (!target || it.it_sigev_notify === SIGEV_NONE) return false;
  const isThread = (it.it_sigev_notify & SIGEV_THREAD_ID) !== 0;
  const queue = isThread ? target.pending : target.signal.shared_pending;
  const queued = queue.list.find(info => info.si_code === SI_TIMER && info.si_tid === it.it_id);
  if (queued) {
    queued.si_overrun++;
    it.it_overrun = queued.si_overrun;
    return true;
  }
  it.it_overrun = 0;
  send_signal(it.it_signo, { si_code: SI_TIMER, si_tid: it.it_id, si_value: it.it_value }, target, !isThread);
  return queue.list.some(info => info.si_code === SI_TIMER && info.si_tid === it.it_id);
}
