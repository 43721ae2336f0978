// The end of a task, and waiting for it. Linux: kernel/exit.c
import { bits, choice, int, pid, pointer } from '../../abi/arg_types';
import { EAGAIN, ECHILD, EINVAL, ESRCH, Errno } from '../../abi/errno';
import { CLD_CONTINUED, CLD_DUMPED, CLD_EXITED, CLD_KILLED, CLD_STOPPED } from '../../abi/signal';
import { P_ALL, P_PGID, P_PID, P_PIDFD, WAIT, WAITID, WCONTINUED, WEXITED, WNOHANG, WNOWAIT, WSTOPPED, __WALL, __WCLONE, __WNOTHREAD } from '../../abi/wait';
import { disassociate_ctty } from '../drivers/tty/tty_jobctrl';
import { exit_files, release_call_files } from '../fs/file';
import { exit_sem } from '../ipc/sem';
import { mmput } from '../mm/init_mm';
import { task_mm } from '../mm/mmap';
import { copy_to_user, put_user32 } from '../mm/uaccess';
import { charge, kernel, ports } from '../state';
import { failed, type SyscallResult } from '../result';
import { in_compat_syscall, syscall } from '../syscall';
import { exit_robust_list, futex_wake } from './futex';
import { exit_pi_state_list } from './futex_pi';
import { detach_pid, do_notify_pidfd, pidfd_child } from './pid';
import { account_system_time, put_rusage, rusage_bytes } from './rusage';
import { has_stopped_jobs, processes_of, will_become_orphaned_pgrp } from './orphaned_pgrp';
import { SIGCHLD, SIGCONT, SIGHUP, SIGKILL, do_notify_parent, send_sig_kernel, send_signal, signal_wake_up, sigmask } from './signal';
import { hrtimer_cancel, program_timer } from './time/hrtimer';
import { exit_itimers } from './time/posix_cpu_timers';
import { EXIT_DEAD, EXIT_ZOMBIE, TASK_STOPPED, type task_struct } from './types';
import { block, dequeue_task, finish_wait, wake_up } from './wait';

/** Gives up the address space: clear_child_tid, robust futexes, the waiting parent of a vfork. Linux: kernel/fork.c:exec_mm_release() */
export function mm_release(task: task_struct): void {
  const { mm } = task;
  exit_robust_list(task);
  exit_pi_state_list(task);
  task.robust_list = task.compat_robust_list = 0;
  if (mm && task.clear_child_tid !== 0) {
    if (mm.mm_users > 1 && task.clear_child_tid % 4 === 0) {
      put_user32(mm, task.clear_child_tid, 0);
      futex_wake(mm, task.clear_child_tid, false, 1);
    }
    task.clear_child_tid = 0;
  }
  complete_vfork_done(task);
}

export function complete_vfork_done(task: task_struct): void {
  const queue = task.vfork_done;
  if (!queue) return;
  task.vfork_done = null;
  task.vfork_parent = null;
  wake_up(queue);
}

/** The current task ends with a wait status. The caller schedules another. Linux: do_exit() */
export function do_exit(task: task_struct, code: number): void {
  const { signal } = task;
  charge('exit_task');
  finish_wait(task);
  dequeue_task(task);
  task.exit_code = code;
  mm_release(task);
  if (task.call) release_call_files(task.call);
  const { mm } = task;
  if (mm) {
    signal.maxrss = Math.max(signal.maxrss, mm.hiwater_rss);
    task.mm = null;
    mmput(mm);
    // The page tables may be gone: the processor goes on with the kernel's own.
    ports().cpu.loadCr3(kernel.swapper_pg_dir);
  }
  exit_sem(task);
  exit_files(task);
  if (task.fs) task.fs.users--;
  task.fs = null;
  account_system_time(task, ports().clock.now());
  signal.utime += task.utime;
  signal.stime += task.stime;
  signal.min_flt += task.min_flt;
  signal.maj_flt += task.maj_flt;
  signal.nvcsw += task.nvcsw;
  signal.nivcsw += task.nivcsw;
  signal.nr_threads--;
  const isLast = signal.nr_threads === 0;
  task.__state = 0;
  task.exit_state = EXIT_ZOMBIE;
  // The number of a leader whose thread calls execve goes on: take_leadership() tells.
  if (task !== task.group_leader || !signal.group_exec_task) ports().events.exit(task.pid, task.tgid, signal.group_exit ? signal.group_exit_code : code);
  if (isLast) {
    if (signal.real_timer) hrtimer_cancel(signal.real_timer);
    exit_itimers(signal);
    disassociate_ctty(task, true);
  }
  forget_original_parent(task);
  if (isLast) kill_orphaned_pgrp(task.group_leader ?? task, null);
  const leader = task.group_leader ?? task;
  do_notify_pidfd(task);
  if (isLast && leader !== task) do_notify_pidfd(leader);
  if (task !== leader) release_task(task);
  if (isLast) {
    leader.exit_code = signal.group_exit ? signal.group_exit_code : leader.exit_code;
    leader.__state = 0;
    if (leader === kernel.init) note_session_end(leader);
    if (do_notify_parent(leader)) release_task(leader);
  } else if (task === leader && signal.group_exec_task) {
    wake_up(signal.wait_chldexit);
  }
  if (signal.group_exec_task) signal_wake_up(signal.group_exec_task, false);
}

function note_session_end(init: task_struct): void {
  const status = init.exit_code;
  kernel.exit_code = (status & 0x7f) === 0 ? status >> 8 & 0xff : 128 + (status & 0x7f);
  kernel.linger_until = ports().clock.now() + LINGER_NS;
  program_timer();
}

/** Processes that the first one left behind go on for five seconds of virtual time: what they still print is part of the run. Differs: on Linux they live on. */
const LINGER_NS = 5_000_000_000;

/** True when the session is over: the first process has ended and those it left behind have too, or their time is up. */
export function is_session_over(): boolean {
  if (kernel.exit_code < 0) return false;
  if (kernel.linger_until <= ports().clock.now()) return true;
  for (const task of kernel.tasks.values()) if (task.exit_state === 0) return false;
  return true;
}

/** Children go to another thread, a subreaper or to init, which is not there and waits for them at once. */
function forget_original_parent(task: task_struct): void {
  const heir = task.signal.thread_head.find(thread => thread !== task && thread.exit_state === 0) ?? find_reaper(task);
  for (const child of task.children.splice(0)) {
    child.real_parent = heir;
    if (heir) heir.children.push(child);
    if (heir && heir.tgid === task.tgid) continue;
    if (child.pdeath_signal !== 0) send_signal(child.pdeath_signal, { si_code: 0, si_pid: task.tgid, si_uid: task.cred.uid }, child, true);
    child.exit_signal = SIGCHLD;
    if (child.exit_state === EXIT_ZOMBIE && child.signal.nr_threads === 0 && do_notify_parent(child)) release_task(child);
    kill_orphaned_pgrp(child, task);
  }
}

/** A stopped group that nobody can continue any more is hung up and continued. `parent` null: because `task` ends; else because its parent does. */
function kill_orphaned_pgrp(task: task_struct, parent: task_struct | null): void {
  const { pgrp, session } = task.signal;
  const lost = parent ?? task.real_parent;
  if (!lost || lost.signal.pgrp === pgrp || lost.signal.session !== session) return;
  if (!will_become_orphaned_pgrp(pgrp, parent ? null : task) || !has_stopped_jobs(pgrp)) return;
  for (const signo of [SIGHUP, SIGCONT]) for (const member of processes_of(pgrp)) send_sig_kernel(signo, member);
}

function find_reaper(task: task_struct): task_struct | null {
  for (let at = task.real_parent; at; at = at.real_parent) if (at.signal.is_child_subreaper && at.exit_state === 0) return at;
  return null;
}

/** The last trace of a task goes. Linux: release_task() */
export function release_task(task: task_struct): void {
  task.exit_state = EXIT_DEAD;
  kernel.tasks.delete(task.pid);
  detach_pid(task);
  const { thread_head } = task.signal;
  const i = thread_head.indexOf(task);
  if (i >= 0) thread_head.splice(i, 1);
  const parent = task.real_parent;
  const at = parent && task.pid === task.tgid ? parent.children.indexOf(task) : -1;
  if (parent && at >= 0) parent.children.splice(at, 1);
  if (task !== kernel.current && task.thread.stackPa !== 0) {
    kernel.thread_stacks.push(task.thread.stackPa);
    task.thread.stackPa = 0;
  }
}

/** All threads end with this status. Linux: do_group_exit() */
export function do_group_exit(task: task_struct, code: number): void {
  const { signal } = task;
  // Killed by another thread's execve: the process goes on.
  if (!signal.group_exit && signal.group_exec_task) return do_exit(task, 0);
  if (!signal.group_exit) {
    signal.group_exit = true;
    signal.group_exit_code = code;
    zap_other_threads(task);
  }
  do_exit(task, signal.group_exit_code);
}

export function zap_other_threads(task: task_struct): void {
  task.signal.group_stop_signo = 0;
  for (const thread of task.signal.thread_head) {
    if (thread === task || thread.exit_state !== 0) continue;
    thread.pending.signal |= sigmask(SIGKILL);
    signal_wake_up(thread, true);
  }
}

export const sys_exit = syscall({
  nr: 60, nr32: 1, name: 'exit', brief: 'terminate the calling thread', args: { status: int }, ret: int, classes: ['process'], noreturn: true,
}, (task, { status }) => {
  do_exit(task, (status & 0xff) << 8);
  return 0;
});

export const sys_exit_group = syscall({
  nr: 231, nr32: 252, name: 'exit_group', brief: 'exit all threads in a process', args: { status: int }, ret: int, classes: ['process'], noreturn: true,
}, (task, { status }) => {
  do_group_exit(task, (status & 0xff) << 8);
  return 0;
});

interface WaitResult { pid: number; uid: number; status: number; code: number; siStatus: number; rusage: Uint8Array }

interface WaitOptions { which: (child: task_struct) => boolean; options: number; parent: task_struct }

/** One child that has something to tell; null: none yet; ECHILD: there is no such child. Linux: do_wait() */
function do_wait(task: task_struct, { which, options }: Omit<WaitOptions, 'parent'>): WaitResult | Errno | null {
  let hasChild = false;
  for (const parent of (options & __WNOTHREAD) !== 0 ? [task] : task.signal.thread_head) {
    for (const child of parent.children) {
      if (!which(child)) continue;
      const isClone = child.exit_signal !== SIGCHLD;
      if ((options & __WALL) === 0 && isClone !== ((options & __WCLONE) !== 0)) continue;
      // The end of a child is nothing to wait for where nobody asks for ends.
      if ((options & WEXITED) !== 0 || child.exit_state !== EXIT_ZOMBIE || child.signal.nr_threads > 0) hasChild = true;
      const result = wait_consider_task(task, child, options);
      if (result) return result;
    }
  }
  return hasChild ? null : ECHILD.because('there is no such child');
}

function wait_consider_task(task: task_struct, child: task_struct, options: number): WaitResult | null {
  const { signal } = child;
  const base = { pid: child.pid, uid: child.cred.uid };
  if (child.exit_state === EXIT_ZOMBIE && signal.nr_threads === 0) {
    if ((options & WEXITED) === 0) return null;
    const status = child.exit_code;
    const rusage = rusage_bytes(child, 'both');
    if ((options & WNOWAIT) === 0) {
      const mine = task.signal;
      mine.cutime += signal.utime + signal.cutime;
      mine.cstime += signal.stime + signal.cstime;
      mine.cmin_flt += signal.min_flt + signal.cmin_flt;
      mine.cmaj_flt += signal.maj_flt + signal.cmaj_flt;
      mine.cnvcsw += signal.nvcsw + signal.cnvcsw;
      mine.cnivcsw += signal.nivcsw + signal.cnivcsw;
      mine.cmaxrss = Math.max(mine.cmaxrss, signal.maxrss, signal.cmaxrss);
      charge('reap');
      release_task(child);
    }
    const code = (status & 0x7f) === 0 ? CLD_EXITED : (status & 0x80) !== 0 ? CLD_DUMPED : CLD_KILLED;
    return { ...base, status, code, siStatus: code === CLD_EXITED ? status >> 8 & 0xff : status & 0x7f, rusage };
  }
  if ((options & WSTOPPED) !== 0 && signal.stop_unreported && signal.thread_head.some(thread => thread.__state === TASK_STOPPED)) {
    if ((options & WNOWAIT) === 0) signal.stop_unreported = false;
    const signo = signal.group_stop_signo;
    return { ...base, status: signo << 8 | 0x7f, code: CLD_STOPPED, siStatus: signo, rusage: rusage_bytes(child, 'both') };
  }
  if ((options & WCONTINUED) !== 0 && signal.continue_unreported) {
    if ((options & WNOWAIT) === 0) signal.continue_unreported = false;
    return { ...base, status: 0xffff, code: CLD_CONTINUED, siStatus: SIGCONT, rusage: rusage_bytes(child, 'both') };
  }
  return null;
}

/** Chooses children as wait4's pid says. */
function wait4_choice(task: task_struct, upid: number): (child: task_struct) => boolean {
  if (upid === -1) return () => true;
  if (upid > 0) return child => child.pid === upid;
  const pgrp = upid === 0 ? task.signal.pgrp : -upid;
  return child => child.signal.pgrp === pgrp;
}

export const sys_wait4 = syscall({
  nr: 61, nr32: 114, name: 'wait4', brief: 'wait for process to change state, BSD style',
  args: { pid, wstatus: pointer('wstatus', 'int *', 'out'), options: bits(WAIT), rusage: pointer('rusage', 'struct rusage *', 'out') }, ret: pid, classes: ['process'],
}, (task, { pid: upid, wstatus, options, rusage }): SyscallResult => {
  if ((options & ~(WNOHANG | WSTOPPED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL)) !== 0) return EINVAL.because('options has unknown bits');
  if (upid === -2147483648) return ESRCH.because('there is no such process group');
  const result = do_wait(task, { which: wait4_choice(task, upid), options: options | WEXITED });
  if (result === null) return (options & WNOHANG) !== 0 ? 0 : block(task.signal.wait_chldexit);
  if ('number' in result) return result;
  if (wstatus !== 0) {
    const stored = put_user32(task_mm(task), wstatus, result.status);
    if (failed(stored)) return stored;
  }
  if (rusage !== 0) {
    const stored = put_rusage(task, rusage, result.rusage);
    if (failed(stored)) return stored;
  }
  return result.pid;
});

/** Linux: kernel_waitid_prepare() */
function waitid_choice(task: task_struct, idtype: number, id: number): { which(child: task_struct): boolean; isNonblocking: boolean } | Errno {
  if (idtype === P_ALL) return { which: () => true, isNonblocking: false };
  if (idtype === P_PID && id <= 0 || (idtype === P_PGID || idtype === P_PIDFD) && id < 0) return EINVAL.because('id is not positive');
  if (idtype === P_PIDFD) return pidfd_child(task, id);
  if (idtype !== P_PID && idtype !== P_PGID) return EINVAL.because('there is no such idtype');
  return { which: wait4_choice(task, idtype === P_PID ? id : -(id === 0 ? task.signal.pgrp : id)), isNonblocking: false };
}

export const sys_waitid = syscall({
  nr: 247, nr32: 284, name: 'waitid', brief: 'wait for a process to change state',
  args: { idtype: choice(WAITID), id: int, infop: pointer('siginfo', 'siginfo_t *', 'out'), options: bits(WAIT), rusage: pointer('rusage', 'struct rusage *', 'out') },
  ret: int, classes: ['process'],
}, (task, args): SyscallResult => {
  const result = kernel_waitid(task, args);
  if (!(result instanceof Errno) || args.infop === 0) return result;
  // Whom nothing is told of is told so, whatever was wrong.
  const stored = copy_to_user(task_mm(task), args.infop, new Uint8Array(28));
  return failed(stored) ? stored : result;
});

function kernel_waitid(task: task_struct, { idtype, id, infop, options, rusage }: { idtype: number; id: number; infop: number; options: number; rusage: number }): SyscallResult {
  if ((options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL)) !== 0) return EINVAL.because('options has unknown bits');
  if ((options & (WEXITED | WSTOPPED | WCONTINUED)) === 0) return EINVAL.because('options names no event');
  const chosen = waitid_choice(task, idtype, id);
  if (chosen instanceof Errno) return chosen;
  const result = do_wait(task, { which: chosen.which, options });
  if (result === null && (options & WNOHANG) === 0) return chosen.isNonblocking ? EAGAIN.because('the process descriptor does not block') : block(task.signal.wait_chldexit);
  if (result && 'number' in result) return result;
  if (result && rusage !== 0) {
    const stored = put_rusage(task, rusage, result.rusage);
    if (failed(stored)) return stored;
  }
  if (infop !== 0) {
    const bytes = new Uint8Array(28);
    const view = new DataView(bytes.buffer);
    // i386 has no padding before the process.
    const padding = in_compat_syscall(task) ? [] : [0];
    if (result) [SIGCHLD, 0, result.code, ...padding, result.pid, result.uid, result.siStatus].forEach((word, i) => view.setInt32(i * 4, word, true));
    const stored = copy_to_user(task_mm(task), infop, bytes.subarray(0, 24 + padding.length * 4));
    if (failed(stored)) return stored;
  }
  return 0;
}

