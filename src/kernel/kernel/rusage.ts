// Times and counters of tasks. Linux: kernel/sys.c:getrusage(), times(), kernel/sched/cputime.c
import type { ktime_t, uaddr_t } from '../../abi/c_types';
import { choice, int, long, pointer } from '../../abi/arg_types';
import { narrowWords } from '../../abi/compat';
import { EINVAL, type Errno } from '../../abi/errno';
import { RUSAGE } from '../../abi/resource';
import { task_mm } from '../mm/mmap';
import { copy_to_user } from '../mm/uaccess';
import { failed, type Block } from '../result';
import { kernel, ports } from '../state';
import { in_compat_syscall, syscall } from '../syscall';
import type { task_struct } from './types';

/** Adds the time since the last border crossing to the task's user time. A task without the processor uses none. */
export function account_user_time(task: task_struct, now: ktime_t): void {
  if (!task.on_cpu) return;
  const ns = now - task.user_since;
  task.user_since = now;
  task.utime += ns;
  kernel.cpu_user += ns;
}

export function account_system_time(task: task_struct, now: ktime_t): void {
  if (!task.on_cpu) return;
  const ns = now - task.user_since;
  task.user_since = now;
  task.stime += ns;
  kernel.cpu_system += ns;
}

/** What the current task has used of its call so far counts, too. */
function account_current(): void {
  if (kernel.current) account_system_time(kernel.current, ports().clock.now());
}

/** User and system nanoseconds of a whole process. */
export function thread_group_cputime(task: task_struct): { utime: number; stime: number } {
  account_current();
  let { utime, stime } = task.signal;
  for (const thread of task.signal.thread_head) {
    if (thread.exit_state !== 0) continue;
    utime += thread.utime;
    stime += thread.stime;
  }
  return { utime, stime };
}

/** struct rusage. */
export function rusage_bytes(task: task_struct, who: 'self' | 'children' | 'both' | 'thread'): Uint8Array {
  account_current();
  const { signal, mm } = task;
  const row = { utime: 0, stime: 0, maxrss: 0, minflt: 0, majflt: 0, nvcsw: 0, nivcsw: 0 };
  const live = who === 'thread' ? [task] : signal.thread_head.filter(thread => thread.exit_state === 0);
  if (who !== 'children') {
    for (const thread of live) {
      row.utime += thread.utime;
      row.stime += thread.stime;
      row.minflt += thread.min_flt;
      row.majflt += thread.maj_flt;
      row.nvcsw += thread.nvcsw;
      row.nivcsw += thread.nivcsw;
    }
    row.maxrss = Math.max(signal.maxrss, mm ? mm.hiwater_rss : 0);
  }
  if (who === 'self' || who === 'both') {
    row.utime += signal.utime;
    row.stime += signal.stime;
    row.minflt += signal.min_flt;
    row.majflt += signal.maj_flt;
    row.nvcsw += signal.nvcsw;
    row.nivcsw += signal.nivcsw;
  }
  if (who === 'children' || who === 'both') {
    row.utime += signal.cutime;
    row.stime += signal.cstime;
    row.minflt += signal.cmin_flt;
    row.majflt += signal.cmaj_flt;
    row.nvcsw += signal.cnvcsw;
    row.nivcsw += signal.cnivcsw;
    row.maxrss = Math.max(row.maxrss, signal.cmaxrss);
  }
  const words = [
    Math.floor(row.utime / 1e9), Math.floor(row.utime % 1e9 / 1000), Math.floor(row.stime / 1e9), Math.floor(row.stime % 1e9 / 1000),
    row.maxrss * 4, 0, 0, 0, row.minflt, row.majflt, 0, 0, 0, 0, 0, 0, row.nvcsw, row.nivcsw,
  ];
  const bytes = new Uint8Array(144);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setBigInt64(i * 8, BigInt(word), true));
  return bytes;
}

/** A struct rusage as the caller's ABI has it. */
export function put_rusage(task: task_struct, address: uaddr_t, bytes: Uint8Array): number | Errno | Block {
  return copy_to_user(task_mm(task), address, in_compat_syscall(task) ? narrowWords(bytes) : bytes);
}

export const sys_getrusage = syscall({
  nr: 98, nr32: 77, name: 'getrusage', brief: 'get resource usage', args: { who: choice(RUSAGE), usage: pointer('rusage', 'struct rusage *', 'out') }, ret: int,
}, (task, { who, usage }) => {
  const kind = who === 0 ? 'self' : who === -1 ? 'children' : who === 1 ? 'thread' : null;
  if (!kind) return EINVAL.because('there is no such who');
  return put_rusage(task, usage, rusage_bytes(task, kind));
});

const USER_HZ_NS = 10_000_000;

export const sys_times = syscall({
  nr: 100, nr32: 43, name: 'times', brief: 'get process times', args: { buf: pointer('tms', 'struct tms *', 'out') }, ret: long,
}, (task, { buf }) => {
  const own = thread_group_cputime(task);
  if (buf !== 0) {
    const bytes = new Uint8Array(32);
    const view = new DataView(bytes.buffer);
    [own.utime, own.stime, task.signal.cutime, task.signal.cstime].forEach((ns, i) => view.setBigInt64(i * 8, BigInt(Math.floor(ns / USER_HZ_NS)), true));
    const stored = copy_to_user(task_mm(task), buf, in_compat_syscall(task) ? narrowWords(bytes) : bytes);
    if (failed(stored)) return stored;
  }
  // Linux counts from 5 minutes before boot.
  return Math.floor(ports().clock.now() / USER_HZ_NS) + 429496729;
});
