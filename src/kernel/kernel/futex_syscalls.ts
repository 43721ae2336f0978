// The futex calls. Linux: kernel/futex/syscalls.c.
import type { ktime_t, uaddr_t } from '../../abi/c_types';
import { int, pid, pointer, ptr, size, uint } from '../../abi/arg_types';
import { EINVAL, ENOSYS, EPERM, ESRCH, type Errno } from '../../abi/errno';
import {
  FUTEX_BITSET_MATCH_ANY, FUTEX_CLOCK_REALTIME, FUTEX_CMP_REQUEUE, FUTEX_CMP_REQUEUE_PI, FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_PRIVATE_FLAG, FUTEX_REQUEUE, FUTEX_TRYLOCK_PI, FUTEX_UNLOCK_PI, FUTEX_WAIT,
  FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI, FUTEX_WAKE, FUTEX_WAKE_BITSET, FUTEX_WAKE_OP, robust_list_head,
} from '../../abi/futex';
import { compat_robust_list_head } from '../../abi/compat';
import { CLOCK_REALTIME } from '../../abi/time';
import { task_mm } from '../mm/mmap';
import { put_user32, put_user64 } from '../mm/uaccess';
import type { Block } from '../result';
import { kernel, ports } from '../state';
import { in_compat_syscall, low_word, syscall } from '../syscall';
import { futex_requeue, futex_wait, futex_wake, futex_wake_op } from './futex';
import { futex_lock_pi, futex_requeue_pi, futex_unlock_pi, futex_wait_requeue_pi } from './futex_pi';
import { get_timespec } from './time/time';
import { clock_to_mono } from './time/timekeeping';
import type { task_struct } from './types';

/** Addresses far beyond user memory are no whole numbers here: another one there that is as aligned stands for each. */
const whole = (address: uaddr_t, low: number): uaddr_t => address > Number.MAX_SAFE_INTEGER ? 2 ** 52 + (low & 3) : address;

/** Commands whose fourth argument is a time. Linux: futex_cmd_has_timeout() */
const TIMED = new Set<number>([FUTEX_WAIT, FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI]);

export const sys_futex = syscall({
  nr: 202, nr32: 422, nr_time32: 240, name32: 'futex_time64', name: 'futex', brief: 'fast user-space locking',
  args: { uaddr: ptr, futex_op: int, val: uint, timeout: pointer('timespec', 'const struct timespec *', 'in'), uaddr2: ptr, val3: uint },
  ret: int, classes: [],
}, (task, { uaddr: first, futex_op, val, timeout, uaddr2: second, val3 }) => {
  const mm = task_mm(task), uaddr = whole(first, low_word(task, 0, first)), uaddr2 = whole(second, low_word(task, 4, second));
  const isPrivate = (futex_op & FUTEX_PRIVATE_FLAG) !== 0;
  const command = futex_op & 0x7f;
  const isRealtime = (futex_op & FUTEX_CLOCK_REALTIME) !== 0;
  // The time is read before anything else; a call that slept has read it.
  const isAgain = task.call !== null && task.call.step === 1;
  const deadline = timeout === 0 || isAgain || !TIMED.has(command) ? Infinity : read_deadline(task, timeout, command === FUTEX_WAIT, isRealtime || command === FUTEX_LOCK_PI);
  if (typeof deadline !== 'number') return deadline;
  if (isRealtime && command !== FUTEX_WAIT_BITSET && command !== FUTEX_WAIT_REQUEUE_PI && command !== FUTEX_LOCK_PI2) return ENOSYS.because('this command has no FUTEX_CLOCK_REALTIME');
  // For some commands the fourth argument is a count.
  const val2 = (task.call?.args[6] ?? timeout) | 0;
  switch (command) {
    case FUTEX_WAIT: return futex_wait(task, uaddr, isPrivate, val, deadline, FUTEX_BITSET_MATCH_ANY);
    case FUTEX_WAIT_BITSET: return futex_wait(task, uaddr, isPrivate, val, deadline, val3);
    case FUTEX_WAKE: return futex_wake(mm, uaddr, isPrivate, val | 0);
    case FUTEX_WAKE_BITSET: return futex_wake(mm, uaddr, isPrivate, val | 0, val3);
    case FUTEX_REQUEUE: return futex_requeue(mm, uaddr, uaddr2, isPrivate, val | 0, val2, null);
    case FUTEX_CMP_REQUEUE: return futex_requeue(mm, uaddr, uaddr2, isPrivate, val | 0, val2, val3);
    case FUTEX_WAKE_OP: return futex_wake_op(mm, uaddr, uaddr2, isPrivate, val | 0, val2, val3);
    case FUTEX_LOCK_PI: case FUTEX_LOCK_PI2: return futex_lock_pi(task, uaddr, isPrivate, deadline, false);
    case FUTEX_TRYLOCK_PI: return futex_lock_pi(task, uaddr, isPrivate, Infinity, true);
    case FUTEX_UNLOCK_PI: return futex_unlock_pi(task, uaddr, isPrivate);
    case FUTEX_WAIT_REQUEUE_PI: return futex_wait_requeue_pi(task, uaddr, isPrivate, val, deadline, FUTEX_BITSET_MATCH_ANY, uaddr2);
    case FUTEX_CMP_REQUEUE_PI: return futex_requeue_pi(task, uaddr, uaddr2, isPrivate, val | 0, val2, val3);
    default: return ENOSYS.because('this futex operation is not implemented');
  }
});

function read_deadline(task: task_struct, address: uaddr_t, isRelative: boolean, isRealtime: boolean): ktime_t | Errno | Block {
  const ns = get_timespec(task, address);
  if (typeof ns !== 'bigint') return ns;
  if (isRelative) return ports().clock.now() + Number(ns);
  return isRealtime ? clock_to_mono(CLOCK_REALTIME, ns) : Number(ns);
}

export const sys_set_robust_list = syscall({
  nr: 273, nr32: 311, name: 'set_robust_list', brief: 'set list of robust futexes', args: { head: ptr, len: size }, ret: int, classes: [],
}, (task, { head, len }) => {
  const { size: expected } = in_compat_syscall(task) ? compat_robust_list_head : robust_list_head;
  if (len !== expected) return EINVAL.because(`len is not ${expected}`);
  if (in_compat_syscall(task)) task.compat_robust_list = head;
  else task.robust_list = head;
  return 0;
});

export const sys_get_robust_list = syscall({
  nr: 274, nr32: 312, name: 'get_robust_list', brief: 'get list of robust futexes', args: { pid, head_ptr: pointer('outPtr', 'struct robust_list_head **', 'out'), len_ptr: pointer('outSize', 'size_t *', 'out') },
  ret: int, classes: [],
}, (task, { pid: number, head_ptr, len_ptr }) => {
  const target = number === 0 ? task : kernel.tasks.get(number);
  if (!target) return ESRCH.because('there is no such task');
  if (target.cred.uid !== task.cred.euid && task.cred.euid !== 0) return EPERM.because('the task belongs to another user');
  if (in_compat_syscall(task)) {
    const told = put_user32(task_mm(task), len_ptr, compat_robust_list_head.size);
    return typeof told === 'number' ? put_user32(task_mm(task), head_ptr, target.compat_robust_list) : told;
  }
  const stored = put_user64(task_mm(task), len_ptr, robust_list_head.size);
  return typeof stored === 'number' ? put_user64(task_mm(task), head_ptr, target.robust_list) : stored;
});
