// Who runs next: real-time priorities first, else round robin with slices by nice value. Linux: kernel/sched/core.c; the order is ours, and exact.
import { charge, kernel, ports } from '../state';
import { TASK_RUNNING, type task_struct } from './types';
import { program_timer } from './time/hrtimer';
import { SLICE_NS, dequeue_task, effective_prio, enqueue_task } from './wait';

/** Linux: kernel/sched/core.c:sched_prio_to_weight, as a ratio to nice 0; one step is 1.25. */
function slice_of(task: task_struct): number {
  if (task.policy === 1) return Infinity; // SCHED_FIFO
  let slice = SLICE_NS;
  for (let nice = task.static_prio - 120; nice < 0; nice++) slice = Math.floor(slice * 5 / 4);
  for (let nice = task.static_prio - 120; nice > 0; nice--) slice = Math.max(Math.floor(slice * 4 / 5), 100_000);
  return slice;
}

function pick_next_task(): task_struct | null {
  let best: task_struct | null = null;
  for (const task of kernel.runqueue) if (!best || effective_prio(task) > effective_prio(best)) best = task;
  return best;
}

/** Gives the processor to the next ready task, which becomes current. False: none is ready. Linux: __schedule() */
export function schedule(): boolean {
  const prev = kernel.current;
  if (prev) {
    prev.need_resched = false;
    if (prev.__state === TASK_RUNNING && prev.exit_state === 0) enqueue_task(prev);
  }
  const next = pick_next_task();
  if (!next) {
    kernel.slice_end = Infinity;
    program_timer();
    return false;
  }
  dequeue_task(next);
  kernel.slice_end = kernel.runqueue.length > 0 ? ports().clock.now() + slice_of(next) : Infinity;
  program_timer();
  if (next !== prev) switch_to(prev, next);
  return true;
}

function switch_to(prev: task_struct | null, next: task_struct): void {
  kernel.current = next;
  kernel.nr_switches++;
  if (prev && prev.__state === TASK_RUNNING) prev.nivcsw++;
  else if (prev) prev.nvcsw++;
  charge('context_switch');
  if (prev?.mm !== next.mm) charge('mm_switch');
  ports().cpu.switchTo(prev ? prev.thread : null, next.thread);
  if (prev) ports().events.switch(prev.pid, next.pid);
  if (prev && prev.exit_state !== 0) release_thread(prev);
}

/** The kernel stack of a dead task that no longer runs on it is used again. */
function release_thread(task: task_struct): void {
  if (task.thread.stackPa === 0) return;
  kernel.thread_stacks.push(task.thread.stackPa);
  task.thread.stackPa = 0;
}
