// Waiting on several futexes at once. Linux: kernel/futex/syscalls.c:futex_waitv(), waitwake.c:futex_wait_multiple()
import { choice, hex, pointer, timespec, uint, int } from '../../abi/arg_types';
import { EAGAIN, EFAULT, EINVAL, ERESTARTSYS, ETIMEDOUT, Errno } from '../../abi/errno';
import { FUTEX_BITSET_MATCH_ANY } from '../../abi/futex';
import { CLOCK, CLOCK_MONOTONIC, CLOCK_REALTIME } from '../../abi/time';
import { task_mm } from '../mm/mmap';
import { copy_from_user, get_user32 } from '../mm/uaccess';
import { failed, type Block, type SyscallResult } from '../result';
import { syscall } from '../syscall';
import { futex_q, get_futex_key, queue_futex, unqueue } from './futex';
import { get_timespec } from './time/time';
import { clock_to_mono } from './time/timekeeping';
import type { task_struct } from './types';
import { block, is_past, signal_pending } from './wait';

const FUTEX_WAITV_MAX = 128, WAITV_BYTES = 24;
/** Linux: include/uapi/linux/futex.h: FUTEX2_SIZE_U32 and FUTEX2_PRIVATE; other sizes and NUMA are not there. */
const FUTEX2_SIZE_U32 = 2, FUTEX2_SIZE_MASK = 3, FUTEX2_PRIVATE = 0x80;

interface Waiter { value: number; uaddr: number; isPrivate: boolean }

function read_waiters(task: task_struct, address: number, count: number): Waiter[] | Errno | Block {
  const waiters: Waiter[] = [];
  for (let i = 0; i < count; i++) {
    const bytes = copy_from_user(task_mm(task), address + i * WAITV_BYTES, WAITV_BYTES);
    if (failed(bytes)) return bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const flags = view.getUint32(16, true);
    if ((flags & ~(FUTEX2_SIZE_MASK | FUTEX2_PRIVATE)) !== 0 || view.getUint32(20, true) !== 0) return EINVAL.because('a waiter has unknown flags');
    if ((flags & FUTEX2_SIZE_MASK) !== FUTEX2_SIZE_U32 || view.getUint32(4, true) !== 0) return EINVAL.because('a futex is not of 32 bits');
    waiters.push({ value: view.getUint32(0, true), uaddr: Number(view.getBigUint64(8, true)), isPrivate: (flags & FUTEX2_PRIVATE) !== 0 });
  }
  return waiters;
}

/** Queues the task on every futex; an Errno when one does not hold its value. Linux: futex_wait_multiple_setup() */
function queue_all(task: task_struct, waiters: Waiter[]): futex_q[] | Errno | Block {
  const keys: string[] = [];
  for (const { uaddr, isPrivate } of waiters) {
    const key = get_futex_key(task_mm(task), uaddr, isPrivate);
    if (typeof key !== 'string') return key;
    keys.push(key);
  }
  for (const { uaddr, value } of waiters) {
    const word = get_user32(task_mm(task), uaddr);
    if (typeof word !== 'number') return word;
    if (word !== value) return EAGAIN.because(`a futex holds ${word}, not ${value}`);
  }
  return keys.map(key => queue_futex(futex_q.make({ task, key, bitset: FUTEX_BITSET_MATCH_ANY })));
}

/** The end of the wait: which futex was woken, or `otherwise`. */
function finish(queued: futex_q[], otherwise: Errno): number | Errno {
  const woken = queued.findIndex(q => q.woken);
  for (const q of queued) unqueue(q);
  return woken >= 0 ? woken : otherwise;
}

export const sys_futex_waitv = syscall({
  nr: 449, nr32: 449, name: 'futex_waitv', brief: 'wait on a list of futexes',
  args: { waiters: pointer('futex_waitv', 'struct futex_waitv *', 'in', 'nr_futexes'), nr_futexes: uint, flags: hex, timeout: timespec, clockid: choice(CLOCK) }, ret: int, classes: [],
}, (task, { waiters, nr_futexes, flags, timeout, clockid }): SyscallResult => {
  const { call } = task;
  let queued = call && call.step === 1 ? call.objects as futex_q[] : null;
  if (!queued) {
    if (flags !== 0) return EINVAL.because('flags is not 0');
    if (nr_futexes === 0 || nr_futexes > FUTEX_WAITV_MAX || waiters === 0) return EINVAL.because(`there are no waiters, or more than ${FUTEX_WAITV_MAX}`);
    const deadline = timeout === 0 ? Infinity : read_deadline(task, timeout, clockid);
    if (typeof deadline !== 'number') return deadline;
    const list = read_waiters(task, waiters, nr_futexes);
    if (failed(list)) return list;
    const made = queue_all(task, list);
    if (failed(made)) return made;
    queued = made;
    if (call) {
      call.step = 1;
      call.objects = made;
      call.deadline = deadline;
    }
  }
  const until = call ? call.deadline : 0;
  if (queued.some(q => q.woken)) return finish(queued, EFAULT);
  if (is_past(until)) return finish(queued, ETIMEDOUT.because('the timeout passed'));
  if (signal_pending(task)) return finish(queued, ERESTARTSYS);
  return block(null, until);
});

/** CLOCK_MONOTONIC ns of an absolute timeout. Linux: futex2_setup_timeout() */
function read_deadline(task: task_struct, timeout: number, clockid: number): number | Errno | Block {
  if (clockid !== CLOCK_REALTIME && clockid !== CLOCK_MONOTONIC) return EINVAL.because('the clock is neither CLOCK_REALTIME nor CLOCK_MONOTONIC');
  const ns = get_timespec(task, timeout);
  if (typeof ns !== 'bigint') return ns;
  return clockid === CLOCK_REALTIME ? clock_to_mono(CLOCK_REALTIME, ns) : Number(ns);
}
