// The process objects. Linux: include/linux/sched.h, sched/signal.h, cred.h, wait.h.
import type { Errno } from '../../abi/errno';
import type { file, files_struct, fs_struct } from '../fs/types';
import type { mm_struct } from '../mm/types';
import { f, kobject, type Instance, type KObject } from '../kobject';

// Linux: include/linux/sched.h
export const TASK_RUNNING = 0, TASK_INTERRUPTIBLE = 1, TASK_UNINTERRUPTIBLE = 2, TASK_STOPPED = 4, TASK_TRACED = 8, EXIT_DEAD = 0x10, EXIT_ZOMBIE = 0x20;

/** Tasks that wait for something. Linux: include/linux/wait.h */
export const wait_queue_head = kobject('wait_queue_head', { head: f.list(f.ref<task_struct>('task_struct')), entries: f.list(f.ref<wait_queue_entry>('wait_queue_entry')), /** How often it was woken, also when nobody waited. */ seq: f.u64 });
export interface wait_queue_head extends Instance<typeof wait_queue_head> {}

/** Something other than a sleeping task that wants to know of a wake-up (epoll). */
export interface wait_queue_operations { readonly name: string; wake(entry: wait_queue_entry): void }
export const wait_queue_entry = kobject('wait_queue_entry', { func: f.ops<wait_queue_operations>('wait_queue_operations'), owner: f.ptr<KObject>('void') });
export interface wait_queue_entry extends Instance<typeof wait_queue_entry> {}

/** What is called when a timer expires: a leaf known by name. */
export interface hrtimer_operations { readonly name: string; expired(timer: hrtimer): void }
export const hrtimer = kobject('hrtimer', {
  /** CLOCK_MONOTONIC nanoseconds; -1: not started. */
  expires: { ...f.int('ktime_t', 'dec', -1) },
  ops: f.ops<hrtimer_operations>('hrtimer_operations'),
  owner: f.ptr<KObject>('void'),
});
export interface hrtimer extends Instance<typeof hrtimer> {}

/**
 * The call that a task is in, kept while it blocks, since the handler is called again from the top: what was resolved or copied once stays so.
 * Ours; Linux keeps these on the kernel stack.
 */
export const call_record = kobject('call_record', {
  nr: f.s32,
  /** 0: x86-64, 1: i386 (int 0x80). */
  abi: f.s32,
  /** Six arguments as unsigned [lo, hi] words. */
  args: f.list(f.u32),
  /** Absolute CLOCK_MONOTONIC deadline in ns; -1: none chosen yet. Infinity: never. */
  deadline: { ...f.int('ktime_t', 'dec', -1) },
  /** Bytes (or items) already done. */
  done: f.s64,
  /** Whole messages of sendmmsg and recvmmsg: what a signal leaves of the call. */
  messages: f.s32,
  /** A handler's own step counter. */
  step: f.s32,
  /** A file resolved once by fdget(): close-and-reopen by another thread cannot redirect the call. */
  files: f.list(f.ptr<file>('file')),
  /** Other objects resolved once. */
  objects: f.list(f.ptr<KObject>('void')),
  /** Bytes copied in once. */
  data: f.bytes,
  /** The errno name that an interrupted sleep gives ('ERESTARTSYS'). */
  interrupted: f.str,
  /** The handler is through; what is left is the way back to user mode. */
  over: f.bool,
  /** It gave an errno, which may be one that asks for the call to be made again. */
  failed: f.bool,
  /** Set by who woke us, when that matters (futex). */
  woken: f.bool,
  /** Secure computing has let the call pass. */
  secured: f.bool,
  /** What the call has cost so far: the way in and out, copying (ns and bytes), and the time without the processor. See CallCost. */
  entry_ns: f.ns, exit_ns: f.ns, copy_ns: f.ns, blocked_ns: f.ns, copied: f.size,
});
export interface call_record extends Instance<typeof call_record> {}

export const kernel_siginfo = kobject('kernel_siginfo', {
  si_signo: f.s32, si_errno: f.s32, si_code: f.s32,
  si_pid: f.pid, si_uid: f.uid, si_status: f.s32, si_utime: f.s64, si_stime: f.s64,
  si_addr: f.uaddr, si_addr_lsb: f.s32, si_value: f.big('sigval_t'), si_tid: f.s32, si_overrun: f.s32, si_band: f.s64, si_fd: f.s32,
  si_call_addr: f.uaddr, si_syscall: f.s32, si_arch: f.hex,
});
export interface kernel_siginfo extends Instance<typeof kernel_siginfo> {}

export const sigpending = kobject('sigpending', { list: f.list(f.ref<kernel_siginfo>('kernel_siginfo')), signal: f.big('sigset_t') });
export interface sigpending extends Instance<typeof sigpending> {}

export const k_sigaction = kobject('k_sigaction', { sa_handler: f.uaddr, sa_flags: f.hex, sa_restorer: f.uaddr, sa_mask: f.big('sigset_t') });
export interface k_sigaction extends Instance<typeof k_sigaction> {}

/** Index 0 is SIGHUP's. */
export const sighand_struct = kobject('sighand_struct', {
  count: f.s32, action: f.list(f.ref<k_sigaction>('k_sigaction')),
  /** Readers and pollers of signalfd; made when the first comes. */
  signalfd_wqh: f.ptr<wait_queue_head>('wait_queue_head'),
});
export interface sighand_struct extends Instance<typeof sighand_struct> {}

export const rlimit = kobject('rlimit', { rlim_cur: f.big(), rlim_max: f.big() });
export interface rlimit extends Instance<typeof rlimit> {}

export const k_itimer = kobject('k_itimer', {
  it_id: f.s32, it_clock: f.s32, it_signo: f.s32, it_sigev_notify: f.s32, it_value: f.big('sigval_t'), it_pid: f.pid,
  it_interval: f.ns, it_overrun: f.s32, it_overrun_last: f.s32, it_timer: f.ref<hrtimer>('hrtimer'),
  /** When it comes next, or came last: then it waits for its signal to be taken. */
  it_expires: f.ns, it_requeue_pending: f.bool,
  /** Of a timer of processor time: whose, and when in that time (0: stopped). */
  it_cpu_pid: f.pid, it_cpu_expires: f.ns,
  it_signal: f.ptr<signal_struct>('signal_struct'),
});
export interface k_itimer extends Instance<typeof k_itimer> {}

export const signal_struct = kobject('signal_struct', {
  nr_threads: f.s32,
  thread_head: f.list(f.ref<task_struct>('task_struct')),
  shared_pending: f.ref<sigpending>('sigpending'),
  wait_chldexit: f.ref<wait_queue_head>('wait_queue_head'),
  group_exit: f.bool, group_exit_code: f.s32, group_exec_task: f.ptr<task_struct>('task_struct'),
  /** The signal that stopped the group (0: not stopped), and what the parent has not been told yet. */
  group_stop_signo: f.s32, stop_unreported: f.bool, continue_unreported: f.bool,
  pgrp: f.pid, session: f.pid, leader: f.bool,
  tty: f.ptr<KObject>('tty_struct'),
  /** The foreground of the terminal that a session leader lost: hung up when the leader ends. */
  tty_old_pgrp: f.pid,
  rlim: f.list(f.ref<rlimit>('rlimit')),
  real_timer: f.ptr<hrtimer>('hrtimer'), it_real_incr: f.ns,
  it_virt_expires: f.ns, it_virt_incr: f.ns, it_prof_expires: f.ns, it_prof_incr: f.ns,
  /** Started timers that count the processor time of this process or one of its threads. */
  cpu_timers: f.list(f.ref<k_itimer>('k_itimer')),
  posix_timers: f.map(f.s32, f.ref<k_itimer>('k_itimer')), next_timer_id: f.s32,
  utime: f.ns, stime: f.ns, cutime: f.ns, cstime: f.ns,
  min_flt: f.s64, maj_flt: f.s64, nvcsw: f.s64, nivcsw: f.s64, cmin_flt: f.s64, cmaj_flt: f.s64, cnvcsw: f.s64, cnivcsw: f.s64, maxrss: f.s64, cmaxrss: f.s64,
  is_child_subreaper: f.bool, oom_score_adj: f.s32, oom_score_adj_min: f.s32,
});
export interface signal_struct extends Instance<typeof signal_struct> {}

export const cred = kobject('cred', {
  uid: f.uid, gid: f.gid, suid: f.uid, sgid: f.gid, euid: f.uid, egid: f.gid, fsuid: f.uid, fsgid: f.gid,
  group_info: f.list(f.gid), securebits: f.hex,
  cap_inheritable: f.big('kernel_cap_t'), cap_permitted: f.big('kernel_cap_t'), cap_effective: f.big('kernel_cap_t'), cap_bset: f.big('kernel_cap_t'), cap_ambient: f.big('kernel_cap_t'),
});
export interface cred extends Instance<typeof cred> {}

/** The machine part: ThreadContext of arch/x86/ports.ts. */
export const thread_struct = kobject('thread_struct', {
  stackPa: f.pa, sp: { ...f.int('int', 'hex', -1) }, ip: f.hex, pgdPa: f.pa, fsBase: f.uaddr, gsBase: f.uaddr, fpuPa: f.pa,
});
export interface thread_struct extends Instance<typeof thread_struct> {}

export const restart_block = kobject('restart_block', {
  /** The name of the call to go on with ('nanosleep', 'futex', 'poll'); '': none. */
  fn: f.str, deadline: f.ns, args: f.list(f.u64),
});
export interface restart_block extends Instance<typeof restart_block> {}

export const task_struct = kobject('task_struct', {
  pid: f.pid, tgid: f.pid, comm: f.str,
  __state: f.hex, exit_state: f.hex, exit_code: f.s32, exit_signal: f.s32, pdeath_signal: f.s32,
  flags: f.hex, personality: f.hex,
  real_parent: f.ptr<task_struct>('task_struct'),
  children: f.list(f.ref<task_struct>('task_struct')),
  group_leader: f.ptr<task_struct>('task_struct'),
  /** What its process descriptors share; null until the first is made. */
  thread_pid: f.ptr<KObject>('pid'),
  mm: f.ptr<mm_struct>('mm_struct'),
  fs: f.ptr<fs_struct>('fs_struct'),
  files: f.ptr<files_struct>('files_struct'),
  cred: f.ref<cred>('cred'),
  signal: f.ref<signal_struct>('signal_struct'),
  sighand: f.ref<sighand_struct>('sighand_struct'),
  pending: f.ref<sigpending>('sigpending'),
  /** Signals that were ignored when they came: they wake nobody, and the trace tells them at the next return to ring 3, where a tracer sees them. */
  ignored: f.list(f.ref<kernel_siginfo>('kernel_siginfo')),
  blocked: f.big('sigset_t'), real_blocked: f.big('sigset_t'),
  saved_sigmask: f.big('sigset_t'), restore_sigmask: f.bool,
  sas_ss_sp: f.uaddr, sas_ss_size: f.size, sas_ss_flags: f.hex,
  /** TIF_SIGPENDING and TIF_NEED_RESCHED. */
  sigpending: f.bool, need_resched: f.bool,
  restart_block: f.ref<restart_block>('restart_block'),
  call: f.ptr<call_record>('call_record'),
  /** The record of the call before, to be used again. */
  call_slot: f.ptr<call_record>('call_record'),
  /** The queues that the task sleeps on. */
  waiting: f.list(f.ref<wait_queue_head>('wait_queue_head')),
  sleep_timer: f.ptr<hrtimer>('hrtimer'),
  thread: f.ref<thread_struct>('thread_struct'),
  /** The last fault: error code, vector and address, as a signal frame tells them. */
  thread_error: f.hex, thread_trap: f.s32, thread_cr2: f.uaddr,
  prio: f.s32, static_prio: f.s32, policy: f.s32, rt_priority: f.s32, pi_priority: f.s32, time_slice: f.s64, cpus_mask: f.big('cpumask_t'), on_rq: f.bool, sched_reset_on_fork: f.bool,
  /** Class and value as ioprio_set gives them; 0: it never said. */
  ioprio: f.s32,
  start_time: f.ns, utime: f.ns, stime: f.ns,
  /** Has the processor, and up to when its time is accounted. */
  on_cpu: f.bool, user_since: f.ns,
  min_flt: f.s64, maj_flt: f.s64, nvcsw: f.s64, nivcsw: f.s64,
  /** NUMA's mode with its flags, as set_mempolicy() set it. */
  mempolicy: f.hex,
  set_child_tid: f.uaddr, clear_child_tid: f.uaddr, robust_list: f.uaddr, compat_robust_list: f.uaddr,
  rseq: f.uaddr, rseq_len: f.u32, rseq_sig: f.u32,
  vfork_done: f.ptr<wait_queue_head>('wait_queue_head'), vfork_parent: f.ptr<task_struct>('task_struct'),
  no_new_privs: f.bool, seccomp_mode: f.s32, seccomp_filter: f.ptr<KObject>('seccomp_filter'), syscall_dispatch: f.ptr<KObject>('syscall_user_dispatch'),
  /** What the end of the process undoes to semaphores. */
  sysvsem: f.ptr<KObject>('sem_undo_list'),
  /** PR_MCE_KILL and PR_SET_IO_FLUSHER. */
  mce_kill: { ...f.int('s32', 'dec', 2) }, io_flusher: f.bool,
  did_exec: f.bool, keepcaps: f.bool, timer_slack_ns: { ...f.int('u64', 'dec', 50000) },
  tls_array: f.list(f.u32),
});
export interface task_struct extends Instance<typeof task_struct> {}
export type SignalInfo = Partial<kernel_siginfo>;
export type TaskResult = task_struct | Errno;
