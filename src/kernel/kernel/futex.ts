// Futexes: waiting on a word of memory. Linux: kernel/futex/core.c, waitwake.c, requeue.c. The calls: futex_syscalls.ts; locks that lend priority: futex_pi.ts.
import type { ktime_t, u32, uaddr_t } from '../../abi/c_types';
import { EAGAIN, EFAULT, EINVAL, ENOSYS, ERESTARTSYS, ERESTART_RESTARTBLOCK, ETIMEDOUT, type Errno } from '../../abi/errno';
import {
  FUTEX_BITSET_MATCH_ANY, FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS, ROBUST_LIST_LIMIT,
} from '../../abi/futex';
import { f, kobject, type Instance } from '../kobject';
import { find_vma_at } from '../mm/memory';
import { task_mm } from '../mm/mmap';
import { copy_from_user, get_user32, get_user64, put_user32, user_page } from '../mm/uaccess';
import { TASK_SIZE, VM_SHARED, VM_WRITE, type mm_struct } from '../mm/types';
import { failed, type Block, type SyscallResult } from '../result';
import { kernel } from '../state';
import { restart_functions, set_restart_fn } from './restart';
import type { restart_block, task_struct } from './types';
import { block, is_past, signal_pending, try_to_wake_up } from './wait';

/** A lock with waiters. `owner`: whom the word names. Linux: kernel/futex/futex.h:struct futex_pi_state */
export const futex_pi_state = kobject('futex_pi_state', { owner: f.ptr<task_struct>('task_struct'), uaddr: f.uaddr });
export interface futex_pi_state extends Instance<typeof futex_pi_state> {}

export const futex_q = kobject('futex_q', {
  task: f.ref<task_struct>('task_struct'), key: f.str, bitset: f.u32, woken: f.bool,
  /** A waiter for a lock. */
  pi_state: f.ptr<futex_pi_state>('futex_pi_state'),
  /** FUTEX_WAIT_REQUEUE_PI: the futex that it is to be moved to; '': another kind of waiter. */
  requeue_pi_key: f.str,
});
export interface futex_q extends Instance<typeof futex_q> {}
export const futex_hash_bucket = kobject('futex_hash_bucket', { waiters: f.list(f.ref<futex_q>('futex_q')) });
export interface futex_hash_bucket extends Instance<typeof futex_hash_bucket> {}

/** What names a futex: its page where memory is shared, else the address in its address space. Linux: get_futex_key() */
export function get_futex_key(mm: mm_struct, address: uaddr_t, isPrivate: boolean): string | Errno | Block {
  if (address % 4 !== 0) return EINVAL.because('the futex is not aligned to 4 bytes');
  if (address > TASK_SIZE) return EFAULT.because('the futex is no user memory');
  if (isPrivate) return `${mm.$id}:${address}`;
  const pa = user_page(mm, address, false);
  if (typeof pa !== 'number') return pa;
  const vma = find_vma_at(mm, address);
  // Private memory that nobody can write never changes.
  if (vma && (vma.vm_flags & (VM_SHARED | VM_WRITE)) === 0 && !vma.vm_file) return EFAULT.because('the futex is private memory that cannot be written');
  return vma && (vma.vm_flags & VM_SHARED) !== 0 ? `page:${pa}` : `${mm.$id}:${address}`;
}

/** Who waits for a futex, in order. */
export const waiters_of = (key: string): readonly futex_q[] => (kernel.futex_queues.get(key) as futex_hash_bucket | undefined)?.waiters ?? [];

function bucket(key: string): futex_hash_bucket {
  let found = kernel.futex_queues.get(key) as futex_hash_bucket | undefined;
  if (!found) {
    found = futex_hash_bucket.make({});
    kernel.futex_queues.set(key, found);
  }
  return found;
}

/** Puts a waiter at the end of its futex's queue. */
export function queue_futex(q: futex_q): futex_q {
  bucket(q.key).waiters.push(q);
  return q;
}

export function unqueue(q: futex_q): void {
  const found = kernel.futex_queues.get(q.key) as futex_hash_bucket | undefined;
  if (!found) return;
  const i = found.waiters.indexOf(q);
  if (i >= 0) found.waiters.splice(i, 1);
  if (found.waiters.length === 0) kernel.futex_queues.delete(q.key);
}

/** The key of a futex that holds `value`. Linux: futex_wait_setup() */
export function key_of_value(mm: mm_struct, uaddr: uaddr_t, isPrivate: boolean, value: u32): string | Errno | Block {
  const key = get_futex_key(mm, uaddr, isPrivate);
  if (typeof key !== 'string') return key;
  const word = get_user32(mm, uaddr);
  if (typeof word !== 'number') return word;
  return word === value >>> 0 ? key : EAGAIN.because(`the futex holds ${word}, not ${value >>> 0}`);
}

/** What the call waits as, when it was begun before; null the first time. */
export const waiter_of = ({ call }: task_struct): futex_q | null => call && call.step === 1 ? call.objects[0] as futex_q : null;

/** The call waits as `q` from now on. */
export function begin_wait(task: task_struct, q: futex_q, deadline: ktime_t): futex_q {
  const { call } = task;
  if (call) {
    call.step = 1;
    call.objects = [q];
    call.deadline = deadline;
  }
  return queue_futex(q);
}

/** How a wait goes on: 0 when it was woken, or it sleeps. Else `q` is in no queue any more: its time has come, or a signal has: null. Linux: futex_wait_queue() */
export function go_on_waiting(task: task_struct, q: futex_q, deadline: ktime_t): SyscallResult | null {
  if (q.woken) return 0;
  const until = task.call ? task.call.deadline : deadline, isLate = is_past(until);
  if (!isLate && !signal_pending(task)) return block(null, until);
  unqueue(q);
  return isLate ? ETIMEDOUT.because('the timeout passed') : null;
}

/** Sleeps while *uaddr is `value`. `deadline`: CLOCK_MONOTONIC ns, Infinity for none. */
export function futex_wait(task: task_struct, uaddr: uaddr_t, isPrivate: boolean, value: u32, deadline: ktime_t, bitset: u32): SyscallResult {
  if (bitset === 0) return EINVAL.because('the bitset is empty');
  let q = waiter_of(task);
  if (!q) {
    const key = key_of_value(task_mm(task), uaddr, isPrivate, value);
    if (typeof key !== 'string') return key;
    q = begin_wait(task, futex_q.make({ task, key, bitset }), deadline);
  }
  const result = go_on_waiting(task, q, deadline);
  if (result !== null) return result;
  const until = task.call ? task.call.deadline : deadline;
  if (until === Infinity) return ERESTARTSYS;
  set_restart_fn(task, 'futex', until, [uaddr, isPrivate ? 1 : 0, value, bitset]);
  return ERESTART_RESTARTBLOCK;
}

restart_functions.set('futex', (task: task_struct, saved: restart_block) => {
  return futex_wait(task, saved.args[0] ?? 0, saved.args[1] === 1, saved.args[2] ?? 0, saved.deadline, saved.args[3] ?? 0);
});

/** The waiter's futex is its own, or it was woken. */
export function wake_q(q: futex_q): void {
  unqueue(q);
  q.woken = true;
  try_to_wake_up(q.task);
}

function wake_key(key: string, count: number, bitset: u32): number | Errno {
  let woken = 0;
  for (const q of waiters_of(key).slice()) {
    if (woken >= count) break;
    if (q.pi_state || q.requeue_pi_key !== '') return EINVAL.because('a waiter for a lock is woken by FUTEX_UNLOCK_PI only');
    if ((q.bitset & bitset) === 0) continue;
    wake_q(q);
    woken++;
  }
  return woken;
}

/** Wakes up to `count` waiters. */
export function futex_wake(mm: mm_struct, uaddr: uaddr_t, isPrivate: boolean, count: number, bitset = FUTEX_BITSET_MATCH_ANY): number | Errno | Block {
  if (bitset === 0) return EINVAL.because('the bitset is empty');
  const key = get_futex_key(mm, uaddr, isPrivate);
  return typeof key === 'string' ? wake_key(key, Math.max(count, 1), bitset) : key;
}

export function futex_requeue(mm: mm_struct, uaddr: uaddr_t, uaddr2: uaddr_t, isPrivate: boolean, wakeCount: number, moveCount: number, expected: u32 | null): SyscallResult {
  if (wakeCount < 0 || moveCount < 0) return EINVAL.because('a count is negative');
  const from = get_futex_key(mm, uaddr, isPrivate);
  if (typeof from !== 'string') return from;
  const to = get_futex_key(mm, uaddr2, isPrivate);
  if (typeof to !== 'string') return to;
  if (expected !== null) {
    const word = get_user32(mm, uaddr);
    if (typeof word !== 'number') return word;
    if (word !== expected >>> 0) return EAGAIN.because(`the futex holds ${word}, not ${expected >>> 0}`);
  }
  const woken = wakeCount > 0 ? wake_key(from, wakeCount, FUTEX_BITSET_MATCH_ANY) : 0;
  if (typeof woken !== 'number') return woken;
  let moved = 0;
  const source = kernel.futex_queues.get(from) as futex_hash_bucket | undefined;
  for (const q of source ? source.waiters.slice() : []) {
    if (moved >= moveCount) break;
    unqueue(q);
    q.key = to;
    bucket(to).waiters.push(q);
    moved++;
  }
  return woken + moved;
}

export function futex_wake_op(mm: mm_struct, uaddr: uaddr_t, uaddr2: uaddr_t, isPrivate: boolean, count: number, count2: number, op: number): SyscallResult {
  const key = get_futex_key(mm, uaddr, isPrivate);
  if (typeof key !== 'string') return key;
  const key2 = get_futex_key(mm, uaddr2, isPrivate);
  if (typeof key2 !== 'string') return key2;
  const old = get_user32(mm, uaddr2);
  if (typeof old !== 'number') return old;
  const kind = op >>> 28 & 7;
  const compare = op >>> 24 & 15;
  const arg = (op & 0x80000000) !== 0 ? 1 << (op << 8 >> 20 & 31) : op << 8 >> 20;
  const compareArg = op << 20 >> 20;
  if (kind > 4) return ENOSYS.because('there is no such FUTEX_OP');
  const value = [arg, old + arg, old | arg, old & ~arg, old ^ arg][kind] ?? 0;
  const stored = put_user32(mm, uaddr2, value);
  if (typeof stored !== 'number') return stored;
  const signed = old | 0;
  const holds = [signed === compareArg, signed !== compareArg, signed < compareArg, signed <= compareArg, signed > compareArg, signed >= compareArg][compare];
  if (holds === undefined) return ENOSYS.because('there is no such FUTEX_OP_CMP');
  const woken = wake_key(key, Math.max(count, 1), FUTEX_BITSET_MATCH_ANY);
  if (typeof woken !== 'number' || !holds) return woken;
  const more = wake_key(key2, Math.max(count2, 1), FUTEX_BITSET_MATCH_ANY);
  return typeof more === 'number' ? woken + more : more;
}

/** A thread died: marks the robust futexes it held. Linux: exit_robust_list() */
export function exit_robust_list(task: task_struct): void {
  if (task.robust_list !== 0) walk_robust_list(task, task.robust_list, 8);
  if (task.compat_robust_list !== 0) walk_robust_list(task, task.compat_robust_list, 4);
}

/** `word`: the bytes of a pointer in it. */
function walk_robust_list(task: task_struct, head: uaddr_t, word: 4 | 8): void {
  const { mm } = task, raw = mm && copy_from_user(mm, head, 3 * word);
  if (!mm || !raw || failed(raw)) return;
  const view = new DataView(raw.buffer, raw.byteOffset), pointer = (i: number): number => word === 8 ? Number(view.getBigUint64(i * 8, true)) : view.getUint32(i * 4, true);
  const offset = word === 8 ? Number(view.getBigInt64(8, true)) : view.getInt32(4, true), pending = pointer(2);
  let entry = pointer(0);
  for (let i = 0; i < ROBUST_LIST_LIMIT && entry !== head; i++) {
    const at = entry - entry % 2, next = word === 8 ? get_user64(mm, at) : get_user32(mm, at);
    if (entry !== pending) handle_futex_death(task, mm, entry - entry % 2 + offset, entry % 2 === 1);
    if (typeof next !== 'number') return;
    entry = next;
  }
  if (pending !== 0) handle_futex_death(task, mm, pending - pending % 2 + offset, pending % 2 === 1);
}

/** `isPi`: the next owner is woken by exit_pi_state_list(). */
function handle_futex_death(task: task_struct, mm: mm_struct, uaddr: uaddr_t, isPi: boolean): void {
  const word = get_user32(mm, uaddr);
  if (typeof word !== 'number' || (word & FUTEX_TID_MASK) !== task.pid) return;
  put_user32(mm, uaddr, (word & FUTEX_WAITERS | FUTEX_OWNER_DIED) >>> 0);
  if (!isPi && (word & FUTEX_WAITERS) !== 0) futex_wake(mm, uaddr, false, 1);
}

