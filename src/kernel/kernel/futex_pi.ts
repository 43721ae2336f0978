// Locks in user memory that lend their owner the priority of who waits for them. Linux: kernel/futex/pi.c, requeue.c (the *_PI commands).
import type { ktime_t, u32, uaddr_t } from '../../abi/c_types';
import { EAGAIN, EDEADLK, EINVAL, EPERM, ERESTARTNOINTR, ESRCH, type Errno } from '../../abi/errno';
import { FUTEX_BITSET_MATCH_ANY, FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS } from '../../abi/futex';
import { task_mm } from '../mm/mmap';
import { get_user32, put_user32 } from '../mm/uaccess';
import type { mm_struct } from '../mm/types';
import { failed, type Block, type SyscallResult } from '../result';
import { kernel } from '../state';
import {
  begin_wait, futex_pi_state, futex_q, get_futex_key, go_on_waiting, key_of_value, queue_futex, unqueue, waiter_of, wake_q, waiters_of, type futex_hash_bucket,
} from './futex';
import type { task_struct } from './types';
import { effective_prio } from './wait';

/** Who gets the lock next: the highest priority, and of those who waited longest. Linux: rt_mutex_top_waiter() */
function top_waiter(key: string): futex_q | null {
  let best: futex_q | null = null;
  for (const q of waiters_of(key)) if (!best || effective_prio(q.task) > effective_prio(best.task)) best = q;
  return best;
}

/** The owner of a lock runs with the priority of who waits, and who it waits for itself, too. Linux: rt_mutex_adjust_prio_chain() */
function adjust_priority(owner: task_struct | null): void {
  for (let depth = 0, task = owner; task && depth < MAX_LOCK_DEPTH; depth++) {
    let lent = 0, waitsFor: task_struct | null = null;
    for (const bucket of kernel.futex_queues.values()) {
      for (const q of (bucket as futex_hash_bucket).waiters) {
        if (q.pi_state?.owner === task) lent = Math.max(lent, effective_prio(q.task));
        if (q.task === task && q.pi_state) waitsFor = q.pi_state.owner;
      }
    }
    if (task.pi_priority === lent) return;
    task.pi_priority = lent;
    task = waitsFor;
  }
}

const MAX_LOCK_DEPTH = 1024;

/** Whose the word says the lock is: null, that of `task` now; else the state that it waits with. Linux: futex_lock_pi_atomic() */
function lock_pi_atomic(mm: mm_struct, task: task_struct, uaddr: uaddr_t, key: string, hasWaiters: boolean): futex_pi_state | Errno | Block | null {
  const word = get_user32(mm, uaddr);
  if (typeof word !== 'number') return word;
  const tid = word & FUTEX_TID_MASK;
  if (tid === task.pid) return EDEADLK.because('the caller has the lock already');
  const top = top_waiter(key);
  if (top) return attach_to_pi_state(top, word);
  if (tid === 0) {
    const taken = put_user32(mm, uaddr, (word & FUTEX_OWNER_DIED | task.pid | (hasWaiters ? FUTEX_WAITERS : 0)) >>> 0);
    return failed(taken) ? taken : null;
  }
  const marked = put_user32(mm, uaddr, (word | FUTEX_WAITERS) >>> 0);
  if (failed(marked)) return marked;
  const owner = kernel.tasks.get(tid);
  if (!owner || owner.exit_state !== 0) return ESRCH.because(`there is no thread ${tid} any more that the lock could belong to`);
  return futex_pi_state.make({ owner, uaddr });
}

function attach_to_pi_state({ pi_state }: futex_q, word: u32): futex_pi_state | Errno {
  if (!pi_state) return EINVAL.because('somebody waits at this word without a lock');
  if ((word & FUTEX_TID_MASK) !== (pi_state.owner?.pid ?? 0)) return EINVAL.because('the word does not name the owner of the lock');
  return pi_state;
}

/** As any waiter, but the owner of the lock is told when it is waited for no more. */
function go_on_waiting_for_lock(task: task_struct, q: futex_q, deadline: ktime_t): SyscallResult | null {
  const result = go_on_waiting(task, q, deadline);
  if (result === null || failed(result)) adjust_priority(q.pi_state?.owner ?? null);
  return result;
}

/** `isTry`: without a sleep. `deadline`: CLOCK_MONOTONIC ns, Infinity for none. Linux: futex_lock_pi() */
export function futex_lock_pi(task: task_struct, uaddr: uaddr_t, isPrivate: boolean, deadline: ktime_t, isTry: boolean): SyscallResult {
  let q = waiter_of(task);
  if (!q) {
    const mm = task_mm(task), key = get_futex_key(mm, uaddr, isPrivate);
    if (typeof key !== 'string') return key;
    const found = lock_pi_atomic(mm, task, uaddr, key, false);
    if (found === null) return 0;
    if (failed(found)) return found;
    if (isTry) return EAGAIN.because('the lock is taken');
    q = begin_wait(task, futex_q.make({ task, key, bitset: FUTEX_BITSET_MATCH_ANY, pi_state: found }), deadline);
    adjust_priority(found.owner);
  }
  return go_on_waiting_for_lock(task, q, deadline) ?? ERESTARTNOINTR.because('a signal came while the caller waited for the lock');
}

/** Writes the next owner into the word, and wakes it. Linux: wake_futex_pi(), fixup_pi_state_owner() */
function hand_over(mm: mm_struct, uaddr: uaddr_t, top: futex_q, died: u32): number | Errno | Block {
  const stored = put_user32(mm, uaddr, (FUTEX_WAITERS | top.task.pid | died) >>> 0);
  if (failed(stored)) return stored;
  const { pi_state } = top, before = pi_state?.owner ?? null;
  wake_q(top);
  if (pi_state) pi_state.owner = top.task;
  adjust_priority(before);
  adjust_priority(top.task);
  return 0;
}

/** Linux: futex_unlock_pi() */
export function futex_unlock_pi(task: task_struct, uaddr: uaddr_t, isPrivate: boolean): SyscallResult {
  const mm = task_mm(task), word = get_user32(mm, uaddr);
  if (typeof word !== 'number') return word;
  if ((word & FUTEX_TID_MASK) !== task.pid) return EPERM.because('the lock is not the caller\'s');
  const key = get_futex_key(mm, uaddr, isPrivate);
  if (typeof key !== 'string') return key;
  const top = top_waiter(key);
  if (!top) return put_user32(mm, uaddr, 0);
  if (top.pi_state?.owner !== task) return EINVAL.because('somebody waits at this word without a lock, or the lock is another\'s');
  return hand_over(mm, uaddr, top, 0);
}

/** A thread died: its locks go to who waits for them. Linux: exit_pi_state_list() */
export function exit_pi_state_list(task: task_struct): void {
  const { mm } = task;
  if (!mm) return;
  for (const [key, bucket] of kernel.futex_queues) {
    if (!(bucket as futex_hash_bucket).waiters.some(q => q.pi_state?.owner === task)) continue;
    const top = top_waiter(key);
    if (top?.pi_state) hand_over(mm, top.pi_state.uaddr, top, FUTEX_OWNER_DIED);
  }
}

/** Waits at `uaddr` to be moved to the lock at `uaddr2`. Linux: futex_wait_requeue_pi() */
export function futex_wait_requeue_pi(task: task_struct, uaddr: uaddr_t, isPrivate: boolean, value: u32, deadline: ktime_t, bitset: u32, uaddr2: uaddr_t): SyscallResult {
  if (uaddr === uaddr2) return EINVAL.because('both are one futex');
  let q = waiter_of(task);
  if (!q) {
    const mm = task_mm(task), requeue_pi_key = get_futex_key(mm, uaddr2, isPrivate);
    if (typeof requeue_pi_key !== 'string') return requeue_pi_key;
    const key = key_of_value(mm, uaddr, isPrivate, value);
    if (typeof key !== 'string') return key;
    if (key === requeue_pi_key) return EINVAL.because('both are one futex');
    q = begin_wait(task, futex_q.make({ task, key, bitset, requeue_pi_key }), deadline);
  }
  const result = go_on_waiting_for_lock(task, q, deadline);
  if (result !== null) return result;
  return q.pi_state ? EAGAIN.because('a signal came while the caller waited for the lock') : ERESTARTNOINTR.because('a signal came while the caller waited');
}

/** Gives the first waiter the lock at `uaddr2`, or the place before it, and moves up to `moveCount` others there. Linux: futex_requeue() with requeue_pi */
export function futex_requeue_pi(task: task_struct, uaddr: uaddr_t, uaddr2: uaddr_t, isPrivate: boolean, wakeCount: number, moveCount: number, expected: u32): SyscallResult {
  if (wakeCount < 0 || moveCount < 0) return EINVAL.because('a count is negative');
  if (uaddr === uaddr2) return EINVAL.because('both are one futex');
  if (wakeCount !== 1) return EINVAL.because('one waiter is woken, no other number');
  const mm = task_mm(task), from = get_futex_key(mm, uaddr, isPrivate);
  if (typeof from !== 'string') return from;
  const to = get_futex_key(mm, uaddr2, isPrivate);
  if (typeof to !== 'string') return to;
  if (from === to) return EINVAL.because('both are one futex');
  const word = get_user32(mm, uaddr);
  if (typeof word !== 'number') return word;
  if (word !== expected >>> 0) return EAGAIN.because(`the futex holds ${word}, not ${expected >>> 0}`);
  const first = top_waiter(from);
  if (!first) return 0;
  if (first.requeue_pi_key !== to) return EINVAL.because('a waiter does not wait for this lock');
  const found = lock_pi_atomic(mm, first.task, uaddr2, to, moveCount > 0);
  if (failed(found)) return found;
  let done = 0;
  if (found === null) {
    wake_q(first);
    done++;
  }
  const pi_state = found ?? futex_pi_state.make({ owner: first.task, uaddr: uaddr2 });
  for (const q of waiters_of(from).slice()) {
    if (done - wakeCount >= moveCount) break;
    if (q.requeue_pi_key !== to) return done > 0 ? done : EINVAL.because('a waiter does not wait for this lock');
    unqueue(q);
    q.key = to;
    q.requeue_pi_key = '';
    q.pi_state = pi_state;
    queue_futex(q);
    done++;
  }
  adjust_priority(pi_state.owner);
  return done;
}
