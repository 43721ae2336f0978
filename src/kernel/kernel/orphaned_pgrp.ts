// Process groups that nobody in their session could continue. Linux: kernel/exit.c, apart from exit.ts since signal.ts asks.
import { current, kernel } from '../state';
import { EXIT_ZOMBIE, TASK_STOPPED, type task_struct } from './types';

/** The processes of a group, one task each. */
export function processes_of(pgrp: number): task_struct[] {
  return [...kernel.tasks.values()].filter(task => task.pid === task.tgid && task.signal.pgrp === pgrp);
}

/** Nobody of the group but `ignored` has a parent in another group of its session who could continue it. */
export function will_become_orphaned_pgrp(pgrp: number, ignored: task_struct | null): boolean {
  return !processes_of(pgrp).some(task => {
    if (task === ignored || (task.exit_state & EXIT_ZOMBIE) !== 0) return false;
    const { real_parent, signal } = task;
    if (real_parent) return real_parent.signal.pgrp !== pgrp && real_parent.signal.session === signal.session;
    // The parent of the first process is the shell outside, that of those who lost theirs is init, which cares for no group.
    return task === kernel.init && signal.session !== task.pid;
  });
}

export function is_current_pgrp_orphaned(): boolean {
  return will_become_orphaned_pgrp(current().signal.pgrp, null);
}

export function has_stopped_jobs(pgrp: number): boolean {
  return processes_of(pgrp).some(task => task.signal.thread_head.some(thread => thread.__state === TASK_STOPPED));
}
