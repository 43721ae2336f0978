// Sending, queueing and choosing signals. Linux: kernel/signal.c. The frames on the user's stack are in arch/x86/signal.ts, the system calls in sigaction.ts.
import { posixtimer_rearm } from './time/posix_timer_rearm';
import type { int, kuid_t } from '../../abi/c_types';
import { SA_NOCLDSTOP, SA_NOCLDWAIT, SA_RESETHAND, SI_KERNEL, SI_TIMER, SI_USER, CLD_CONTINUED, CLD_DUMPED, CLD_EXITED, CLD_KILLED, CLD_STOPPED, SIG_DFL, SIG_IGN } from '../../abi/signal';
import { wake_up, enqueue_task, finish_wait, try_to_wake_up } from './wait';
import {
  EXIT_ZOMBIE, TASK_INTERRUPTIBLE, TASK_RUNNING, TASK_STOPPED, TASK_UNINTERRUPTIBLE, kernel_siginfo, sigpending, type SignalInfo, type k_sigaction, type task_struct,
} from './types';
import { is_current_pgrp_orphaned } from './orphaned_pgrp';
import { charge, kernel, ports } from '../state';

export const SIGHUP = 1, SIGINT = 2, SIGQUIT = 3, SIGILL = 4, SIGTRAP = 5, SIGABRT = 6, SIGBUS = 7, SIGFPE = 8, SIGKILL = 9, SIGUSR1 = 10, SIGSEGV = 11, SIGUSR2 = 12,
  SIGPIPE = 13, SIGALRM = 14, SIGTERM = 15, SIGSTKFLT = 16, SIGCHLD = 17, SIGCONT = 18, SIGSTOP = 19, SIGTSTP = 20, SIGTTIN = 21, SIGTTOU = 22, SIGURG = 23,
  SIGXCPU = 24, SIGXFSZ = 25, SIGVTALRM = 26, SIGPROF = 27, SIGWINCH = 28, SIGIO = 29, SIGPWR = 30, SIGSYS = 31, SIGRTMIN = 32, _NSIG = 64;

export const sigmask = (signo: number): bigint => 1n << BigInt(signo - 1);
const mask_of = (...signals: number[]): bigint => signals.reduce((mask, signo) => mask | sigmask(signo), 0n);
export const SIG_KERNEL_ONLY_MASK = mask_of(SIGKILL, SIGSTOP);
export const SIG_KERNEL_STOP_MASK = mask_of(SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU);
export const SIG_KERNEL_COREDUMP_MASK = mask_of(SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGSEGV, SIGBUS, SIGSYS, SIGXCPU, SIGXFSZ);
export const SIG_KERNEL_IGNORE_MASK = mask_of(SIGCONT, SIGCHLD, SIGWINCH, SIGURG);
const SYNCHRONOUS_MASK = mask_of(SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS);

export function new_sigpending(): sigpending {
  return sigpending.make({});
}

export function sighand_action(task: task_struct, signo: number): k_sigaction {
  return task.sighand.action[signo - 1] as k_sigaction;
}

function sig_ignored(task: task_struct, signo: number): boolean {
  // A blocked signal is kept: the task may unblock it with a handler then.
  if (((task.blocked | task.real_blocked) & sigmask(signo)) !== 0n) return false;
  return sig_task_ignored(task, signo);
}

export function sig_task_ignored(task: task_struct, signo: number): boolean {
  const { sa_handler } = sighand_action(task, signo);
  return sa_handler === SIG_IGN || (sa_handler === SIG_DFL && (sigmask(signo) & SIG_KERNEL_IGNORE_MASK) !== 0n);
}

/** Sets TIF_SIGPENDING from what is pending and not blocked. */
export function recalc_sigpending(task: task_struct): void {
  task.sigpending = ((task.pending.signal | task.signal.shared_pending.signal) & ~task.blocked) !== 0n || (task.signal.group_stop_signo !== 0 && task.__state !== TASK_STOPPED)
    || task.signal.group_exit && task.pending.signal !== 0n;
}

function remove_from_queue(queue: sigpending, mask: bigint): void {
  if ((queue.signal & mask) === 0n) return;
  queue.signal &= ~mask;
  queue.list = queue.list.filter(info => (sigmask(info.si_signo) & mask) === 0n);
}

/** Forgets pending signals of `mask` in all threads. */
export function flush_sigqueue_mask(task: task_struct, mask: bigint): void {
  remove_from_queue(task.signal.shared_pending, mask);
  for (const thread of task.signal.thread_head) {
    remove_from_queue(thread.pending, mask);
    recalc_sigpending(thread);
  }
}

/** What SIGCONT and stop signals do when they are sent, whatever becomes of them. False: nothing more to do. Linux: prepare_signal() */
function prepare_signal(signo: int, task: task_struct): boolean {
  const { signal } = task;
  if (signal.group_exit) return signo === SIGKILL;
  if ((sigmask(signo) & SIG_KERNEL_STOP_MASK) !== 0n) {
    flush_sigqueue_mask(task, sigmask(SIGCONT));
  } else if (signo === SIGCONT) {
    flush_sigqueue_mask(task, SIG_KERNEL_STOP_MASK);
    const wasStopped = signal.group_stop_signo !== 0;
    signal.group_stop_signo = 0;
    signal.stop_unreported = false;
    for (const thread of signal.thread_head) resume_stopped(thread);
    if (wasStopped) {
      signal.continue_unreported = true;
      notify_parent_cldstop(task, CLD_CONTINUED, SIGCONT);
    }
  }
  return !sig_ignored(task, signo);
}

function resume_stopped(thread: task_struct): void {
  if (thread.__state !== TASK_STOPPED) return;
  thread.__state = TASK_RUNNING;
  enqueue_task(thread);
}

/** True when a user's signals with information would pass RLIMIT_SIGPENDING. Linux: __sigqueue_alloc() */
export function is_sigqueue_full(task: task_struct): boolean {
  const limit = task.signal.rlim[11]?.rlim_cur ?? 0n;
  return limit <= MANY_SIGNALS && BigInt(queued_signals(task.cred.uid)) >= limit;
}

/** Limits above this are not counted up to. */
const MANY_SIGNALS = 0xffff_ffffn;

/** Signals with information, and timers, of all processes of a user. */
export function queued_signals(uid: kuid_t): int {
  let count = 0;
  for (const task of kernel.tasks.values()) {
    if (task.cred.uid !== uid) continue;
    count += task.pending.list.length;
    if (task.pid === task.tgid) count += task.signal.shared_pending.list.length + task.signal.posix_timers.size;
  }
  return count;
}

/** Queues a signal for a thread or (isGroup) its process. False: the queue of a real-time signal is full. Linux: __send_signal_locked() */
export function send_signal(signo: int, info: SignalInfo, task: task_struct, isGroup: boolean): boolean {
  if (signo === 0 || task.exit_state !== 0 && !isGroup) return true;
  charge('signal_send');
  if (!prepare_signal(signo, task)) {
    if (!task.signal.group_exit) note_ignored(signo, info, task, isGroup);
    return true;
  }
  const queue = isGroup ? task.signal.shared_pending : task.pending;
  if (signo < SIGRTMIN && (queue.signal & sigmask(signo)) !== 0n) return true;
  const code = info.si_code ?? SI_USER;
  // A signal from the kernel or without a queue of its own is told even then, the others lose what they carry; a timer has its place from the start.
  const isFull = code < SI_KERNEL && code !== SI_TIMER && (signo >= SIGRTMIN || code < 0) && is_sigqueue_full(task);
  if (isFull && signo >= SIGRTMIN && code !== SI_USER) return false;
  if (!isFull) queue.list.push(kernel_siginfo.make({ ...info, si_signo: signo }));
  queue.signal |= sigmask(signo);
  if (task.sighand.signalfd_wqh) wake_up(task.sighand.signalfd_wqh);
  complete_signal(signo, task, isGroup);
  return true;
}

/** Linux: sig_ignored() keeps what a traced task ignores, for its tracer. */
function note_ignored(signo: number, info: SignalInfo, task: task_struct, isGroup: boolean): void {
  const target = wants_signal(signo, task) ? task : isGroup ? task.signal.thread_head.find(thread => wants_signal(signo, thread)) : undefined;
  if (target && !target.ignored.some(known => known.si_signo === signo)) target.ignored.push(kernel_siginfo.make({ ...info, si_signo: signo }));
}

/** Tells of the signals that were ignored since the task was in ring 3. */
export function tell_ignored_signals(task: task_struct): void {
  for (const info of task.ignored.splice(0)) tell_signal(task, info);
}

function wants_signal(signo: int, task: task_struct): boolean {
  if ((task.blocked & sigmask(signo)) !== 0n || task.exit_state !== 0) return false;
  return signo === SIGKILL || task.__state !== TASK_STOPPED;
}

function complete_signal(signo: int, task: task_struct, isGroup: boolean): void {
  const target = wants_signal(signo, task) ? task : isGroup ? task.signal.thread_head.find(thread => wants_signal(signo, thread)) : undefined;
  if (!target) return;
  if (signo === SIGKILL) {
    for (const thread of task.signal.thread_head) {
      thread.pending.signal |= sigmask(SIGKILL);
      signal_wake_up(thread, true);
    }
    return;
  }
  signal_wake_up(target, false);
}

/** Linux: signal_wake_up_state() */
export function signal_wake_up(task: task_struct, isFatal: boolean): void {
  task.sigpending = true;
  if (isFatal && task.__state === TASK_STOPPED) {
    resume_stopped(task);
    return;
  }
  try_to_wake_up(task, isFatal ? TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE : TASK_INTERRUPTIBLE);
}

/** A signal from another process's call or from the kernel to a whole process. */
export function group_send_sig(signo: int, info: SignalInfo, task: task_struct): void {
  send_signal(signo, info, task, true);
}

/** SI_KERNEL, to a process. */
export function send_sig_kernel(signo: int, task: task_struct): void {
  send_signal(signo, { si_code: SI_KERNEL }, task, true);
}

/** SI_USER from `sender`. */
export function user_siginfo(sender: task_struct): SignalInfo {
  return { si_code: SI_USER, si_pid: sender.tgid, si_uid: sender.cred.uid };
}

/** A fault of the task itself: delivered even when blocked or ignored (then it kills). Linux: force_sig_info_to_task() */
export function force_sig_info(signo: int, info: SignalInfo, task: task_struct): void {
  const action = sighand_action(task, signo);
  const isBlocked = (task.blocked & sigmask(signo)) !== 0n;
  if (isBlocked || action.sa_handler === SIG_IGN) {
    action.sa_handler = SIG_DFL;
    task.blocked &= ~sigmask(signo);
  }
  send_signal(signo, info, task, false);
  recalc_sigpending(task);
  task.sigpending = true;
}

/** Takes the next signal that `mask` does not block. Linux: dequeue_signal() */
export function dequeue_signal(task: task_struct, blocked: bigint): kernel_siginfo | null {
  for (const queue of [task.pending, task.signal.shared_pending]) {
    const ready = queue.signal & ~blocked;
    if (ready === 0n) continue;
    const urgent = ready & SYNCHRONOUS_MASK;
    const signo = lowest(urgent !== 0n ? urgent : ready);
    const i = queue.list.findIndex(info => info.si_signo === signo);
    const info = i < 0 ? kernel_siginfo.make({ si_signo: signo }) : queue.list.splice(i, 1)[0] as kernel_siginfo;
    if (!queue.list.some(other => other.si_signo === signo)) queue.signal &= ~sigmask(signo);
    recalc_sigpending(task);
    if (info.si_code === SI_TIMER) posixtimer_rearm(task.signal, info);
    return info;
  }
  recalc_sigpending(task);
  return null;
}

function lowest(mask: bigint): number {
  let signo = 1;
  for (let rest = mask; (rest & 1n) === 0n; rest >>= 1n) signo++;
  return signo;
}

/** What the return to user mode has to do about signals. */
export type SignalTodo = { todo: 'none' } | { todo: 'handle'; info: kernel_siginfo; action: k_sigaction } | { todo: 'exit'; code: number; info: kernel_siginfo } | { todo: 'stop' };

/** Takes pending signals until one needs the user's handler, death or a stop. Linux: get_signal() */
export function get_signal(task: task_struct): SignalTodo {
  const { signal } = task;
  for (;;) {
    if (signal.group_exit || (task.pending.signal & sigmask(SIGKILL)) !== 0n) {
      const info = kernel_siginfo.make({ si_signo: SIGKILL, si_code: SI_KERNEL });
      return { todo: 'exit', code: signal.group_exit ? signal.group_exit_code : SIGKILL, info };
    }
    if (signal.group_stop_signo !== 0) {
      stop_task(task);
      return { todo: 'stop' };
    }
    const info = dequeue_signal(task, task.blocked);
    if (!info) return { todo: 'none' };
    const signo = info.si_signo;
    const action = sighand_action(task, signo);
    tell_signal(task, info);
    if (action.sa_handler === SIG_IGN) continue;
    if (action.sa_handler !== SIG_DFL) {
      const taken = { ...action };
      if ((action.sa_flags & SA_RESETHAND) !== 0) action.sa_handler = SIG_DFL;
      return { todo: 'handle', info, action: taken };
    }
    const bit = sigmask(signo);
    if ((bit & SIG_KERNEL_IGNORE_MASK) !== 0n) continue;
    if ((bit & SIG_KERNEL_STOP_MASK) !== 0n) {
      if (signo !== SIGSTOP && is_current_pgrp_orphaned()) continue;
      signal.group_stop_signo = signo;
      signal.stop_unreported = true;
      for (const thread of signal.thread_head) if (thread !== task) signal_wake_up(thread, false);
      notify_parent_cldstop(task, CLD_STOPPED, signo);
      stop_task(task);
      return { todo: 'stop' };
    }
    return { todo: 'exit', code: signo | ((bit & SIG_KERNEL_COREDUMP_MASK) !== 0n && signo !== SIGKILL ? core_flag(task) : 0), info };
  }
}

/** 0x80 where Linux would write a core: RLIMIT_CORE is not 0. No core file is written. */
export function core_flag(task: task_struct): number {
  return (task.signal.rlim[4]?.rlim_cur ?? 0n) > 0n ? 0x80 : 0;
}

function stop_task(task: task_struct): void {
  finish_wait(task);
  ports().events.stopped(task.pid, task.signal.group_stop_signo);
  task.__state = TASK_STOPPED;
  recalc_sigpending(task);
}

function tell_signal(task: task_struct, info: kernel_siginfo): void {
  ports().events.signal(task.pid, info.si_signo, {
    code: info.si_code, errno: info.si_errno, pid: info.si_pid, uid: info.si_uid, status: info.si_status, address: info.si_addr || info.si_call_addr, value: info.si_value,
    syscall: info.si_syscall, arch: info.si_arch, utime: info.si_utime, stime: info.si_stime, timerid: info.si_tid, overrun: info.si_overrun, band: info.si_band, fd: info.si_fd,
  });
}

/** SIGCHLD for a stop or continuation. Linux: do_notify_parent_cldstop() */
function notify_parent_cldstop(task: task_struct, code: number, status: number): void {
  const leader = task.group_leader ?? task;
  const parent = leader.real_parent;
  if (!parent) return;
  const action = sighand_action(parent, SIGCHLD);
  if (action.sa_handler !== SIG_IGN && (action.sa_flags & SA_NOCLDSTOP) === 0) send_signal(SIGCHLD, child_siginfo(leader, code, status), parent, true);
  wake_up(parent.signal.wait_chldexit);
}

const TICK_NS = 10_000_000;

export function child_siginfo(child: task_struct, code: number, status: number): SignalInfo {
  return {
    si_code: code, si_pid: child.pid, si_uid: child.cred.uid, si_status: status,
    si_utime: Math.floor((child.signal.utime + child.utime) / TICK_NS), si_stime: Math.floor((child.signal.stime + child.stime) / TICK_NS),
  };
}

/** Tells the parent of a zombie. True: nobody will wait for it, reap it now. Linux: do_notify_parent() */
export function do_notify_parent(task: task_struct): boolean {
  const parent = task.real_parent;
  if (!parent) return true;
  task.exit_state = EXIT_ZOMBIE;
  const status = task.exit_code;
  const code = (status & 0x7f) === 0 ? CLD_EXITED : (status & 0x80) !== 0 ? CLD_DUMPED : CLD_KILLED;
  let autoreap = false;
  let signo = task.exit_signal;
  if (signo === SIGCHLD) {
    const action = sighand_action(parent, SIGCHLD);
    if (action.sa_handler === SIG_IGN || (action.sa_flags & SA_NOCLDWAIT) !== 0) {
      autoreap = true;
      if (action.sa_handler === SIG_IGN) signo = 0;
    }
  }
  // A number that is no signal, as clone(2) takes for an exit signal, is not sent. Linux: do_notify_parent(), valid_signal()
  if (signo > 0 && signo <= 64) send_signal(signo, child_siginfo(task, code, code === CLD_EXITED ? status >> 8 : status & 0x7f), parent, true);
  wake_up(parent.signal.wait_chldexit);
  return autoreap;
}
