// Sleeping and waking. A call that must sleep returns block(queue) and is called again from its top when woken. Linux: kernel/sched/wait.c, core.c
import type { int, ktime_t } from '../../abi/c_types';
import { assert } from '../../base/assert';
import { type Errno } from '../../abi/errno';
import { BLOCK, type Block } from '../result';
import { charge, current, kernel, ports } from '../state';
import { ops, type KObject } from '../kobject';
import { hrtimer_cancel, hrtimer_setup, hrtimer_start, program_timer } from './time/hrtimer';
import { TASK_INTERRUPTIBLE, TASK_RUNNING, TASK_UNINTERRUPTIBLE, type task_struct, wait_queue_entry, wait_queue_head, type hrtimer, type wait_queue_operations } from './types';

/** Its own real-time priority, or what who waits for its locks lends it. */
export const effective_prio = (task: task_struct): number => Math.max(task.rt_priority, task.pi_priority);

/** The turn of a task of nice 0 while others are ready. Linux: sysctl_sched_base_slice */
export const SLICE_NS = 3_000_000;

export function init_waitqueue_head(): wait_queue_head {
  return wait_queue_head.make({});
}

/** Puts the current task on `queue` besides others; block() or block_until() must follow. */
export function add_wait_queue(queue: wait_queue_head): void {
  const task = current();
  if (!queue.head.includes(task)) queue.head.push(task);
  if (!task.waiting.includes(queue)) task.waiting.push(queue);
}

/** A watcher that is told of each wake-up of `queue` (epoll); remove_watcher ends it. */
export function add_watcher(queue: wait_queue_head, func: wait_queue_operations, owner: KObject): wait_queue_entry {
  const entry = wait_queue_entry.make({ func, owner });
  queue.entries.push(entry);
  return entry;
}

export function remove_watcher(queue: wait_queue_head, entry: wait_queue_entry): void {
  const i = queue.entries.indexOf(entry);
  if (i >= 0) queue.entries.splice(i, 1);
}

/**
 * The caller sleeps until `queue` (or one of several) is woken, a signal comes, or the deadline (absolute CLOCK_MONOTONIC ns) is reached; then its call runs again from the top.
 * `interrupted` is what a signal makes of the call (ERESTARTSYS unless said).
 */
export function block(queue: wait_queue_head | readonly wait_queue_head[] | null, deadlineNs = Infinity, interrupted?: Errno): Block {
  const task = current();
  charge('sleep');
  if (queue && '$type' in queue) add_wait_queue(queue);
  else for (const one of queue ?? []) add_wait_queue(one);
  if (task.call) task.call.interrupted = interrupted?.name ?? 'ERESTARTSYS';
  task.__state = TASK_INTERRUPTIBLE;
  if (deadlineNs !== Infinity) {
    task.sleep_timer ??= hrtimer_setup(sleep_timer_operations, task);
    hrtimer_start(task.sleep_timer, deadlineNs);
  }
  return BLOCK;
}

/** As block(), but signals do not end it (vfork). */
export function block_uninterruptible(queue: wait_queue_head): Block {
  block(queue);
  current().__state = TASK_UNINTERRUPTIBLE;
  return BLOCK;
}

/** The host has no answer yet: sleep until it has. */
export function block_on_host(): Block {
  assert(kernel.host_wait, 'the kernel has not booted');
  return block_uninterruptible(kernel.host_wait);
}

/** The absolute deadline of the current call, fixed at its first run: `relativeNs` from now. */
export function call_deadline(task: task_struct, relativeNs: ktime_t): ktime_t {
  if (!task.call) return ports().clock.now() + relativeNs;
  if (task.call.deadline < 0) task.call.deadline = ports().clock.now() + relativeNs;
  return task.call.deadline;
}

/** True when the deadline is reached. */
export function is_past(deadlineNs: ktime_t): boolean {
  return deadlineNs <= ports().clock.now();
}

/** True when a signal waits that the task does not block: a sleep would end at once. */
export function signal_pending(task: task_struct): boolean {
  return task.sigpending;
}

/** Most queues have one task: nothing is moved, and no list made. */
function take_out(tasks: task_struct[], task: task_struct): void {
  const i = tasks.indexOf(task);
  if (i < 0) return;
  if (i === tasks.length - 1) tasks.pop();
  else tasks.splice(i, 1);
}

/** Takes the task off every queue it sleeps on. */
export function finish_wait(task: task_struct): void {
  for (let queue = task.waiting.pop(); queue; queue = task.waiting.pop()) take_out(queue.head, task);
  if (task.sleep_timer) hrtimer_cancel(task.sleep_timer);
}

/** Makes a sleeping task ready. `states` are those that it may be woken from. True if it was woken. */
export function try_to_wake_up(task: task_struct, states = TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE): boolean {
  if ((task.__state & states) === 0) return false;
  charge('wake');
  finish_wait(task);
  task.__state = TASK_RUNNING;
  enqueue_task(task);
  return true;
}

/** Puts a ready task at the end of its priority's turn. */
export function enqueue_task(task: task_struct): void {
  if (task.on_rq) return;
  task.on_rq = true;
  kernel.runqueue.push(task);
  const running = kernel.current;
  if (!running || running === task) return;
  if (effective_prio(task) > effective_prio(running)) {
    running.need_resched = true;
  } else if (kernel.slice_end === Infinity) {
    kernel.slice_end = ports().clock.now() + SLICE_NS;
    program_timer();
  }
}

export function dequeue_task(task: task_struct): void {
  if (!task.on_rq) return;
  task.on_rq = false;
  take_out(kernel.runqueue, task);
}

/** Wakes all that wait on `queue` (or the first `count` tasks). */
export function wake_up(queue: wait_queue_head, count = Infinity): int {
  let woken = 0;
  charge('wake_up');
  queue.seq++;
  if (queue.entries.length > 0) for (const entry of queue.entries.slice()) entry.func.wake(entry);
  if (queue.head.length === 0) return 0;
  for (const task of queue.head.slice()) {
    if (woken >= count) break;
    if (try_to_wake_up(task)) woken++;
  }
  return woken;
}

const sleep_timer_operations = ops('sleep_timer_operations', {
  name: 'sleep_timer_operations',
  expired(timer: hrtimer): void {
    if (timer.owner) try_to_wake_up(timer.owner as task_struct);
  },
});
