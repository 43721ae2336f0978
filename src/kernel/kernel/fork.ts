// New tasks: fork, vfork, clone, clone3. Linux: kernel/fork.c
import { hex, pid, ptr, size, struct } from '../../abi/arg_types';
import { E2BIG, EAGAIN, EINVAL, ENOMEM, EPERM, Errno } from '../../abi/errno';
import { RLIMIT_NPROC, RLIM64_INFINITY } from '../../abi/resource';
import {
  CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID, CLONE_FILES, CLONE_FS, CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, CLONE_NEWUTS, CLONE_PARENT,
  CLONE_PARENT_SETTID, CLONE_PIDFD, CLONE_SETTLS, CLONE_SIGHAND, CLONE_SYSVSEM, CLONE_THREAD, CLONE_VFORK, CLONE_VM, clone_args,
} from '../../abi/sched';
import { readField } from '../../abi/struct';
import { dup_fd } from '../fs/file';
import { copy_semundo } from '../ipc/sem';
import { fs_struct } from '../fs/types';
import { alloc_pages } from '../mm/page_alloc';
import { copy_from_user, put_user32 } from '../mm/uaccess';
import { dup_mm } from '../mm/init_mm';
import { task_mm } from '../mm/mmap';
import { PT_REGS_SIZE, RAX, RSP, THREAD_SIZE, set_reg, task_pt_regs } from '../arch/x86/pt_regs';
import { failed, type SyscallResult } from '../result';
import { charge, kernel, ports } from '../state';
import { syscall } from '../syscall';
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

export interface kernel_clone_args { flags: number; exit_signal: number; stack: number; tls: number; parent_tid: number; child_tid: number; clearSighand: boolean }

const NEW_NAMESPACES = (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET) >>> 0;

function check_clone_flags(args: kernel_clone_args): Errno | null {
  const { flags } = args;
  if ((flags & CLONE_FS) !== 0 && (flags & (CLONE_NEWNS | CLONE_NEWUSER)) !== 0) return EINVAL.because('CLONE_FS with a new mount or user namespace');
  if ((flags & CLONE_THREAD) !== 0 && (flags & CLONE_SIGHAND) === 0) return EINVAL.because('CLONE_THREAD without CLONE_SIGHAND');
  if ((flags & CLONE_SIGHAND) !== 0 && (flags & CLONE_VM) === 0) return EINVAL.because('CLONE_SIGHAND without CLONE_VM');
  if ((flags & CLONE_SIGHAND) !== 0 && args.clearSighand) return EINVAL.because('CLONE_SIGHAND with CLONE_CLEAR_SIGHAND');
  if ((flags & NEW_NAMESPACES) !== 0) return EPERM.because('namespaces cannot be made here');
  if ((flags & CLONE_PIDFD) !== 0) return EINVAL.because('CLONE_PIDFD is not supported');
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
  const stackPa = alloc_thread_stack();
  if (stackPa === 0) return ENOMEM.because('guest memory is exhausted');
  const oldMm = task_mm(parent);
  const mm = (flags & CLONE_VM) !== 0 ? oldMm : dup_mm(oldMm);
  if (!mm) {
    kernel.thread_stacks.push(stackPa);
    return ENOMEM.because('guest memory is exhausted');
  }
  if ((flags & CLONE_VM) !== 0) mm.mm_users++;
  const pid = alloc_pid();
  const { cpu, phys, clock } = ports();
  const thread = thread_struct.make({
    stackPa, sp: -1, pgdPa: mm.pgd, fpuPa: stackPa + THREAD_SIZE, fsBase: (flags & CLONE_SETTLS) !== 0 ? args.tls : cpu.fsBase, gsBase: cpu.userGsBase,
  });
  const child = task_struct.make({
    pid, tgid: isThread ? parent.tgid : pid, comm: parent.comm, personality: parent.personality, mm, cred: parent.cred,
    signal: isThread ? parent.signal : copy_signal(parent), sighand: copy_sighand(parent, args), pending: new_sigpending(),
    blocked: parent.blocked, restart_block: restart_block.make({}), thread, exit_signal: isThread ? -1 : args.exit_signal,
    prio: parent.prio, static_prio: parent.static_prio, policy: parent.policy, rt_priority: parent.rt_priority, cpus_mask: parent.cpus_mask, start_time: clock.now(),
    no_new_privs: parent.no_new_privs, seccomp_mode: parent.seccomp_mode, seccomp_filter: parent.seccomp_filter, timer_slack_ns: parent.timer_slack_ns,
    keepcaps: parent.keepcaps, tls_array: parent.tls_array.slice(), __state: TASK_RUNNING,
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
  const action = parent.sighand.action.map(old => args.clearSighand && old.sa_handler > 1 ? k_sigaction.make({}) : k_sigaction.make({ ...old }));
  return sighand_struct.make({ count: 1, action });
}

function copy_signal(parent: task_struct): signal_struct {
  const old = parent.signal;
  return signal_struct.make({
    nr_threads: 1, shared_pending: new_sigpending(), wait_chldexit: init_waitqueue_head(), pgrp: old.pgrp, session: old.session, tty: old.tty,
    rlim: old.rlim.map(one => rlimit.make({ ...one })), oom_score_adj: old.oom_score_adj,
  });
}

/** Makes a task and starts it. Called again after a vfork's wait. Linux: kernel_clone() */
export function kernel_clone(task: task_struct, args: kernel_clone_args): SyscallResult {
  const { call } = task;
  const started = call && call.step === 1 ? call.objects[0] as task_struct : null;
  if (started) return wait_for_vfork_done(started);
  const child = copy_process(task, args);
  if (child instanceof Errno) return child;
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

function wait_for_vfork_done(child: task_struct): SyscallResult {
  return child.vfork_done ? block_uninterruptible(child.vfork_done) : child.pid;
}

const NO_ARGS: kernel_clone_args = { flags: 0, exit_signal: SIGCHLD, stack: 0, tls: 0, parent_tid: 0, child_tid: 0, clearSighand: false };

export const sys_fork = syscall({
  nr: 57, nr32: 2, name: 'fork', brief: 'create a child process', args: {}, ret: pid, classes: ['process'],
}, task => kernel_clone(task, NO_ARGS));

export const sys_vfork = syscall({
  nr: 58, nr32: 190, name: 'vfork', brief: 'create a child process and block parent', args: {}, ret: pid, classes: ['process'],
}, task => kernel_clone(task, { ...NO_ARGS, flags: CLONE_VFORK | CLONE_VM }));

export const sys_clone = syscall({
  nr: 56, name: 'clone', brief: 'create a child process', args: { flags: hex, stack: ptr, parent_tid: ptr, child_tid: ptr, tls: ptr }, ret: pid, classes: ['process'],
  support: { partial: 'no namespaces, no CLONE_PIDFD' },
}, (task, { flags, stack, parent_tid, child_tid, tls }) =>
  kernel_clone(task, { flags: (flags & ~0xff) >>> 0, exit_signal: flags & 0xff, stack, tls, parent_tid, child_tid, clearSighand: false }));

export const sys_clone3 = syscall({
  nr: 435, nr32: 435, name: 'clone3', brief: 'create a child process', args: { cl_args: struct(clone_args, 'inout'), size }, ret: pid, classes: ['process'],
  support: { partial: 'no namespaces, no CLONE_PIDFD, no set_tid' },
}, (task, { cl_args, size: length }) => {
  if (length > 4096) return E2BIG.because('size is larger than a page');
  if (length < 64) return EINVAL.because('size is smaller than the first version of clone_args');
  const raw = copy_from_user(task_mm(task), cl_args, Math.min(length, clone_args.size));
  if (failed(raw)) return raw;
  const bytes = new Uint8Array(clone_args.size);
  bytes.set(raw);
  const exit_signal = readField(clone_args, bytes, 'exit_signal');
  const flags = readField(clone_args, bytes, 'flags');
  const stack = readField(clone_args, bytes, 'stack');
  const stack_size = readField(clone_args, bytes, 'stack_size');
  if (readField(clone_args, bytes, 'set_tid_size') !== 0) return EPERM.because('set_tid needs CAP_CHECKPOINT_RESTORE');
  if (exit_signal > _NSIG || (flags & 0xff & ~0x80) !== 0 || flags >= 2 ** 34) return EINVAL.because('flags or exit_signal have unknown bits');
  if ((stack === 0) !== (stack_size === 0)) return EINVAL.because('stack and stack_size must be given together');
  if ((flags & (CLONE_THREAD | CLONE_PARENT)) !== 0 && exit_signal !== 0) return EINVAL.because('exit_signal with CLONE_THREAD or CLONE_PARENT');
  return kernel_clone(task, {
    flags: flags % 2 ** 32, exit_signal, stack: stack + stack_size, tls: readField(clone_args, bytes, 'tls'), parent_tid: readField(clone_args, bytes, 'parent_tid'),
    child_tid: readField(clone_args, bytes, 'child_tid'), clearSighand: flags >= 2 ** 32,
  });
});

export const sys_set_tid_address = syscall({
  nr: 218, nr32: 258, name: 'set_tid_address', brief: 'set pointer to thread ID', args: { tidptr: ptr }, ret: pid, classes: [],
}, (task, { tidptr }) => {
  task.clear_child_tid = tidptr;
  return task.pid;
});

