// Who has to go when memory is exhausted: the process that frees most, with what users say of it. Linux: mm/oom_kill.c. No control groups, no reaper: the memory is there when the victim has ended.
import type { long } from '../../abi/c_types';
import { SIGKILL, send_sig_kernel, sigmask } from '../kernel/signal';
import type { task_struct } from '../kernel/types';
import { kernel, notice } from '../state';
import { PAGE_SIZE } from './types';

export const OOM_SCORE_ADJ_MIN = -1000;

/** Pages that its end would free, and a thousandth of all memory for each point of oom_score_adj; null: it is not to be killed. */
export function oom_badness(task: task_struct): long | null {
  const { mm, signal: { oom_score_adj } } = task;
  if (!mm || oom_score_adj === OOM_SCORE_ADJ_MIN) return null;
  return mm.rss_file + mm.rss_anon + mm.rss_shmem + mm.nr_ptes + Math.trunc(oom_score_adj * kernel.nr_pages / 1000);
}

const isKilled = (task: task_struct): boolean => task.exit_state === 0 && (task.pending.signal & sigmask(SIGKILL)) !== 0n;

/** The process with most points, of equal ones the youngest; 'dying' while one that was killed still has its memory. Linux: select_bad_process() */
function select_bad_process(): task_struct | 'dying' | null {
  let chosen: task_struct | null = null, most = 0;
  for (const task of kernel.tasks.values()) {
    if (task.mm && isKilled(task)) return 'dying';
    const points = task.pid === task.tgid ? oom_badness(task) : null;
    if (points === null || chosen && points < most) continue;
    chosen = task;
    most = points;
  }
  return chosen;
}

/** Linux: __oom_kill_process() */
function oom_kill_process(victim: task_struct): void {
  const { mm } = victim, kib = (pages: number): string => `${pages * PAGE_SIZE / 1024}kB`;
  if (!mm) return;
  notice(`oom ${victim.tgid}`, `Out of memory: Killed process ${victim.tgid} (${victim.comm}) total-vm:${kib(mm.total_vm)}, anon-rss:${kib(mm.rss_anon)}, file-rss:${kib(mm.rss_file)}, shmem-rss:${kib(mm.rss_shmem)}, `
    + `UID:${victim.cred.uid} pgtables:${kib(mm.nr_ptes)} oom_score_adj:${victim.signal.oom_score_adj}`);
  for (const task of kernel.tasks.values()) if (task.mm === mm) send_sig_kernel(SIGKILL, task);
}

/**
 * No page is left for `task`: somebody is killed, and the access is tried again when others have run.
 * Differs: where all are protected (oom_score_adj -1000), Linux panics; here the task itself is killed.
 */
export function out_of_memory(task: task_struct): void {
  const victim = select_bad_process();
  if (victim !== 'dying') oom_kill_process(victim ?? task);
  task.need_resched = true;
}
