// New tasks: fork, vfork, clone, clone3. Linux: kernel/fork.c
import { hex, pid, ptr, size, struct } from '../../abi/arg_types';
import { E2BIG, EAGAIN, EBADF, EEXIST, EINVAL, ENOMEM, EPERM, Errno } from '../../abi/errno';
import { PIDFD_THREAD } from '../../abi/pidfd';
import { RLIMIT_NPROC, RLIM64_INFINITY } from '../../abi/resource';
import {
  CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID, CLONE_CLEAR_SIGHAND, CLONE_FILES, CLONE_FS, CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWTIME, CLONE_NEWUSER, CLONE_NEWUTS, CLONE_PARENT,
  CLONE_DETACHED, CLONE_INTO_CGROUP, CLONE_PARENT_SETTID, CLONE_PIDFD, CLONE_SETTLS, CLONE_SIGHAND, CLONE_SYSVSEM, CLONE_THREAD, CLONE_VFORK, CLONE_VM, clone_args,
} from '../../abi/sched';
import { readField } from '../../abi/struct';
import { close_fd, dup_fd, exit_files, task_files } from '../fs/file';
import { copy_semundo } from '../ipc/sem';
import { fs_struct } from '../fs/types';
import { TASK_SIZE } from '../mm/types';
import { alloc_pages } from '../mm/page_alloc';
import { copy_struct_from_user, get_user32, put_user32 } from '../mm/uaccess';
import { dup_mm, mmput } from '../mm/init_mm';
import { task_mm } from '../mm/mmap';
import { PT_REGS_SIZE, RAX, RSP, THREAD_SIZE, set_reg, task_pt_regs } from '../arch/x86/pt_regs';
import { failed, type Block, type SyscallResult } from '../result';
import { charge, kernel, ports } from '../state';
import { syscall } from '../syscall';
import { release_task } from './exit';
import { pidfd_create } from './pid';
import { SIGCHLD, _NSIG, new_sigpending } from './signal';
import { block_uninterruptible, enqueue_task, init_waitqueue_head } from './wait';
import {
  TASK_RUNNING, k_sigaction, restart_block, rlimit, sighand_struct, signal_struct, task_struct, thread_struct,
} from './types';

/** A kernel stack with its FPU page behind; 0 when memory is exhausted. */
export function alloc_thread_stack(): number {
  const used = kernel.thread_stacks.pop();
  if (used !== undefined) {
    ports().phys.fill(used, THREAD_SIZE + 4096, 0);
    return used;
  }
  const pa = alloc_pages(THREAD_SIZE / 4096 + Math.ceil(ports().cpu.xsaveSize / 4096));
  return pa < 0 ? 0 : pa;
}

export function alloc_pid(): number {
  for (;;) {
    const pid = kernel.next_pid;
    kernel.next_pid = pid >= 4194303 ? 300 : pid + 1;
    if (!kernel.tasks.has(pid)) return pid;
  }
}

const CAP_CHECKPOINT_RESTORE = 40n, PID_MAX = 4194304;

/** The number that clone3's set_tid asks for. */
function take_pid(task: task_struct, pid: number): number | Errno {
  if (pid < 1 || pid >= PID_MAX) return EINVAL.because('set_tid is not a valid number');
  if ((task.cred.cap_effective >> CAP_CHECKPOINT_RESTORE & 1n) === 0n) return EPERM.because('set_tid needs CAP_CHECKPOINT_RESTORE');
  return kernel.tasks.has(pid) ? EEXIST.because(`there is a task ${pid}`) : pid;
}

export interface kernel_clone_args { flags: number; exit_signal: number; stack: number; tls: number; parent_tid: number; child_tid: number; clearSighand: boolean; /** Where CLONE_PIDFD puts the descriptor. */ pidfd: number; /** The number that the child must get; 0: the next one. */ set_tid: number }

const NEW_NAMESPACES = (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET) >>> 0;

function check_clone_flags(args: kernel_clone_args): Errno | null {
  const { flags } = args;
  if ((flags & CLONE_FS) !== 0 && (flags & (CLONE_NEWNS | CLONE_NEWUSER)) !== 0) return EINVAL.because('CLONE_FS with a new mount or user namespace');
  if ((flags & CLONE_THREAD) !== 0 && (flags & CLONE_SIGHAND) === 0) return EINVAL.because('CLONE_THREAD without CLONE_SIGHAND');
  if ((flags & CLONE_SIGHAND) !== 0 && (flags & CLONE_VM) === 0) return EINVAL.because('CLONE_SIGHAND without CLONE_VM');
  if ((flags & CLONE_THREAD) !== 0 && (flags & (CLONE_NEWUSER | CLONE_NEWPID)) !== 0) return EINVAL.because('a thread in a new user or pid namespace');
  if ((flags & NEW_NAMESPACES) !== 0) return EPERM.because('namespaces cannot be made here');
  return null;
}

/** Linux: copy_process() */
function copy_process(parent: task_struct, args: kernel_clone_args): task_struct | Errno {
  const { flags } = args;
  const refused = check_clone_flags(args);
  if (refused) return refused;
  const isThread = (flags & CLONE_THREAD) !== 0;
  const limit = parent.signal.rlim[RLIMIT_NPROC]?.rlim_cur ?? RLIM64_INFINITY;
  if (parent.cred.uid !== 0 && limit !== RLIM64_INFINITY && BigInt(count_tasks(parent.cred.uid)) >= limit) return EAGAIN.because('RLIMIT_NPROC is reached');
  if (kernel.tasks.size >= 32768) return EAGAIN.because('there are 32768 tasks');
  const pid = args.set_tid === 0 ? alloc_pid() : take_pid(parent, args.set_tid);
  if (typeof pid !== 'number') return pid;
  const stackPa = alloc_thread_stack();
  if (stackPa === 0) return ENOMEM.because('guest memory is exhausted');
  const oldMm = task_mm(parent);
  const mm = (flags & CLONE_VM) !== 0 ? oldMm : dup_mm(oldMm);
  if (!mm) {
    kernel.thread_stacks.push(stackPa);
    return ENOMEM.because('guest memory is exhausted');
  }
  if ((flags & CLONE_VM) !== 0) mm.mm_users++;
  const { cpu, phys, clock } = ports();
  const thread = thread_struct.make({
    stackPa, sp: -1, pgdPa: mm.pgd, fpuPa: stackPa + THREAD_SIZE, fsBase: (flags & CLONE_SETTLS) !== 0 ? args.tls : cpu.fsBase, gsBase: cpu.userGsBase,
  });
  const child = task_struct.make({
    pid, tgid: isThread ? parent.tgid : pid, comm: parent.comm, personality: parent.personality, mm, cred: parent.cred,
    signal: isThread ? parent.signal : copy_signal(parent), sighand: copy_sighand(parent, args), pending: new_sigpending(),
    blocked: parent.blocked, restart_block: restart_block.make({}), thread, exit_signal: isThread ? -1 : args.exit_signal,
    ...inherit_scheduling(parent), ioprio: parent.ioprio, mempolicy: parent.mempolicy, cpus_mask: parent.cpus_mask, start_time: clock.now(),
    no_new_privs: parent.no_new_privs, seccomp_mode: parent.seccomp_mode, seccomp_filter: parent.seccomp_filter, timer_slack_ns: parent.timer_slack_ns,
    keepcaps: parent.keepcaps, mce_kill: parent.mce_kill, io_flusher: parent.io_flusher, tls_array: parent.tls_array.slice(), __state: TASK_RUNNING,
  });
  if (parent.files) {
    if ((flags & CLONE_FILES) !== 0) parent.files.count++;
    child.files = (flags & CLONE_FILES) !== 0 ? parent.files : dup_fd(parent.files);
  }
  if (parent.fs) {
    if ((flags & CLONE_FS) !== 0) parent.fs.users++;
    child.fs = (flags & CLONE_FS) !== 0 ? parent.fs : fs_struct.make({ ...parent.fs, users: 1, root: { ...parent.fs.root }, pwd: { ...parent.fs.pwd } });
  }
  if ((flags & CLONE_VM) === 0 || (flags & CLONE_VFORK) !== 0) {
    child.sas_ss_sp = parent.sas_ss_sp;
    child.sas_ss_size = parent.sas_ss_size;
    child.sas_ss_flags = parent.sas_ss_flags;
  } else {
    child.sas_ss_flags = 2; // SS_DISABLE
  }
  if ((flags & CLONE_VM) === 0) {
    child.rseq = parent.rseq;
    child.rseq_len = parent.rseq_len;
    child.rseq_sig = parent.rseq_sig;
  }
  if ((flags & CLONE_CHILD_SETTID) !== 0) child.set_child_tid = args.child_tid;
  if ((flags & CLONE_CHILD_CLEARTID) !== 0) child.clear_child_tid = args.child_tid;
  copy_semundo(parent, child, (flags & CLONE_SYSVSEM) !== 0);
  phys.copy(task_pt_regs(child), task_pt_regs(parent), PT_REGS_SIZE);
  set_reg(child, RAX, 0);
  if (args.stack !== 0) set_reg(child, RSP, args.stack);
  cpu.xsave(thread.fpuPa);
  if (isThread) {
    child.group_leader = parent.group_leader;
    child.real_parent = parent.real_parent;
    child.signal.nr_threads++;
  } else {
    child.group_leader = child;
    const real = (flags & CLONE_PARENT) !== 0 ? parent.real_parent : parent.group_leader;
    child.real_parent = real;
    if ((flags & CLONE_PARENT) !== 0) child.exit_signal = parent.group_leader?.exit_signal ?? SIGCHLD;
    real?.children.push(child);
  }
  child.signal.thread_head.push(child);
  kernel.tasks.set(pid, child);
  return child;
}

/** Linux: kernel/sched/core.c:sched_fork() */
function inherit_scheduling(parent: task_struct): Pick<task_struct, 'prio' | 'static_prio' | 'policy' | 'rt_priority'> {
  if (!parent.sched_reset_on_fork) return { prio: parent.prio, static_prio: parent.static_prio, policy: parent.policy, rt_priority: parent.rt_priority };
  const isRealTime = parent.rt_priority > 0;
  const static_prio = isRealTime ? 120 : Math.max(parent.static_prio, 120);
  return { prio: static_prio, static_prio, policy: isRealTime ? 0 : parent.policy, rt_priority: 0 };
}

function count_tasks(uid: number): number {
  let count = 0;
  for (const task of kernel.tasks.values()) if (task.cred.uid === uid) count++;
  return count;
}

function copy_sighand(parent: task_struct, args: kernel_clone_args): sighand_struct {
  if ((args.flags & CLONE_SIGHAND) !== 0) {
    parent.sighand.count++;
    return parent.sighand;
  }
  const action = parent.sighand.action.map(old => args.clearSighand ? k_sigaction.make({ sa_handler: old.sa_handler === 1 ? 1 : 0 }) : k_sigaction.make({ ...old }));
  return sighand_struct.make({ count: 1, action });
}

function copy_signal(parent: task_struct): signal_struct {
  const old = parent.signal;
  return signal_struct.make({
    nr_threads: 1, shared_pending: new_sigpending(), wait_chldexit: init_waitqueue_head(), pgrp: old.pgrp, session: old.session, tty: old.tty,
    rlim: old.rlim.map(one => rlimit.make({ ...one })), oom_score_adj: old.oom_score_adj, oom_score_adj_min: old.oom_score_adj_min,
  });
}

/** Makes a task and starts it. Called again after a vfork's wait. Linux: kernel_clone() */
export function kernel_clone(task: task_struct, args: kernel_clone_args): SyscallResult {
  const { call } = task;
  const started = call && call.step === 1 ? call.objects[0] as task_struct : null;
  if (started) return wait_for_vfork_done(started);
  const wantsPidfd = (args.flags & CLONE_PIDFD) !== 0;
  if (wantsPidfd && (args.flags & CLONE_PARENT_SETTID) !== 0 && args.pidfd === args.parent_tid) return EINVAL.because('CLONE_PIDFD and CLONE_PARENT_SETTID name the same word');
  const child = copy_process(task, args);
  if (child instanceof Errno) return child;
  if (wantsPidfd) {
    const refused = give_pidfd(task, child, args);
    if (refused) return refused;
  }
  if ((args.flags & CLONE_PARENT_SETTID) !== 0) put_user32(task_mm(task), args.parent_tid, child.pid);
  if ((args.flags & CLONE_CHILD_SETTID) !== 0 && child.mm) put_user32(child.mm, args.child_tid, child.pid);
  charge('new_task');
  if ((args.flags & CLONE_VM) === 0) charge('new_mm');
  ports().events.fork(task.pid, child.pid, args.flags);
  if ((args.flags & CLONE_VFORK) !== 0) {
    child.vfork_done = init_waitqueue_head();
    child.vfork_parent = task;
  }
  enqueue_task(child);
  if ((args.flags & CLONE_VFORK) === 0 || !call) return child.pid;
  call.step = 1;
  call.objects = [child];
  return wait_for_vfork_done(child);
}

/** The descriptor of a child that has not run yet, which is taken back where there is no room for it. */
function give_pidfd(task: task_struct, child: task_struct, { flags, pidfd }: kernel_clone_args): Errno | Block | null {
  const fd = pidfd_create(task, child, (flags & CLONE_THREAD) !== 0 ? PIDFD_THREAD : 0);
  const stored = typeof fd === 'number' ? put_user32(task_mm(task), pidfd, fd) : fd;
  if (!failed(stored)) return null;
  if (typeof fd === 'number') close_fd(task_files(task), fd);
  undo_copy_process(child);
  return stored;
}

/** Takes back a child that never ran. Linux: the labels at the end of copy_process() */
function undo_copy_process(child: task_struct): void {
  if (child.mm) mmput(child.mm);
  exit_files(child);
  if (child.fs) child.fs.users--;
  child.signal.nr_threads--;
  child.sighand.count--;
  child.mm = child.fs = null;
  release_task(child);
}

function wait_for_vfork_done(child: task_struct): SyscallResult {
  return child.vfork_done ? block_uninterruptible(child.vfork_done) : child.pid;
}

const NO_ARGS: kernel_clone_args = { flags: 0, exit_signal: SIGCHLD, stack: 0, tls: 0, parent_tid: 0, child_tid: 0, clearSighand: false, pidfd: 0, set_tid: 0 };

export const sys_fork = syscall({
  nr: 57, nr32: 2, name: 'fork', brief: 'create a child process', args: {}, ret: pid, classes: ['process'],
}, task => kernel_clone(task, NO_ARGS));

export const sys_vfork = syscall({
  nr: 58, nr32: 190, name: 'vfork', brief: 'create a child process and block parent', args: {}, ret: pid, classes: ['process'],
}, task => kernel_clone(task, { ...NO_ARGS, flags: CLONE_VFORK | CLONE_VM }));

export const sys_clone = syscall({
  nr: 56, name: 'clone', brief: 'create a child process', args: { flags: hex, stack: ptr, parent_tid: ptr, child_tid: ptr, tls: ptr }, ret: pid, classes: ['process'],
  support: { partial: 'no namespaces' },
}, (task, { flags, stack, parent_tid, child_tid, tls }) =>
  kernel_clone(task, { flags: (flags & ~0xff) >>> 0, exit_signal: flags & 0xff, stack, tls, parent_tid, child_tid, clearSighand: false, pidfd: parent_tid, set_tid: 0 }));

export const sys_clone3 = syscall({
  nr: 435, nr32: 435, name: 'clone3', brief: 'create a child process', args: { cl_args: struct(clone_args, 'inout'), size }, ret: pid, classes: ['process'],
  support: { partial: 'no namespaces, no control groups' },
}, (task, { cl_args, size: length }) => {
  if (length > 4096) return E2BIG.because('size is larger than a page');
  if (length < 64) return EINVAL.because('size is smaller than the first version of clone_args');
  const bytes = copy_struct_from_user(task_mm(task), cl_args, length, clone_args.size);
  if (failed(bytes)) return bytes;
  const args = read_clone_args(task, bytes, length);
  return failed(args) ? args : kernel_clone(task, args);
});

const MAX_PID_NS_LEVEL = 32, CLONE3_FLAGS = 2 ** 34;

/** Linux: copy_clone_args_from_user(), clone3_args_valid() */
function read_clone_args(task: task_struct, bytes: Uint8Array, length: number): kernel_clone_args | Errno | Block {
  const field = (name: keyof typeof clone_args.fields): number => readField(clone_args, bytes, name);
  const flags = field('flags'), exit_signal = field('exit_signal'), stack = field('stack'), stack_size = field('stack_size'), set_tid_size = field('set_tid_size'), set_tid = field('set_tid');
  const low = flags % 2 ** 32, intoCgroup = flags % CLONE3_FLAGS >= CLONE_INTO_CGROUP, clearSighand = flags % CLONE_INTO_CGROUP >= CLONE_CLEAR_SIGHAND;
  if (set_tid_size > MAX_PID_NS_LEVEL || (set_tid === 0) !== (set_tid_size === 0)) return EINVAL.because('set_tid and set_tid_size do not fit each other');
  if (exit_signal > _NSIG) return EINVAL.because('exit_signal is no signal');
  if (intoCgroup && (field('cgroup') > 0x7fffffff || length < clone_args.size)) return EINVAL.because('cgroup is no descriptor');
  const tid = set_tid_size === 0 ? 0 : get_user32(task_mm(task), set_tid);
  if (typeof tid !== 'number') return tid;
  if (flags >= CLONE3_FLAGS || (low & (CLONE_DETACHED | 0x7f)) !== 0) return EINVAL.because('flags has unknown bits');
  if (clearSighand && (low & CLONE_SIGHAND) !== 0) return EINVAL.because('CLONE_SIGHAND with CLONE_CLEAR_SIGHAND');
  if ((low & (CLONE_THREAD | CLONE_PARENT)) !== 0 && exit_signal !== 0) return EINVAL.because('exit_signal with CLONE_THREAD or CLONE_PARENT');
  if ((stack === 0) !== (stack_size === 0) || stack + stack_size > TASK_SIZE) return EINVAL.because('stack and stack_size are no range of memory');
  if ((low & CLONE_NEWTIME) !== 0) return EPERM.because('namespaces cannot be made here');
  if (set_tid_size > 1) return EINVAL.because('there is one pid namespace');
  if (set_tid_size === 1 && tid === 0) return EINVAL.because('set_tid is not a valid number');
  if (intoCgroup) return EBADF.because('the descriptor is no control group');
  return { flags: low, exit_signal, stack: stack + stack_size, tls: field('tls'), parent_tid: field('parent_tid'), child_tid: field('child_tid'), clearSighand, pidfd: field('pidfd'), set_tid: tid };
}

export const sys_set_tid_address = syscall({
  nr: 218, nr32: 258, name: 'set_tid_address', brief: 'set pointer to thread ID', args: { tidptr: ptr }, ret: pid, classes: [],
}, (task, { tidptr }) => {
  task.clear_child_tid = tidptr;
  return task.pid;
});

