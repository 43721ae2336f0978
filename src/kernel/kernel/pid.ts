// Process descriptors: files that stand for a process or thread, so that its number cannot come to mean another. Linux: kernel/pid.c, fs/pidfs.c, kernel/signal.c:pidfd_send_signal()
import { bits, fd, int, pid as pidType, siginfo, signo, uhex } from '../../abi/arg_types';
import { EBADF, EINVAL, EPERM, ESRCH, Errno } from '../../abi/errno';
import { O_NONBLOCK, O_RDWR } from '../../abi/fcntl';
import { PIDFD_FLAGS, PIDFD_NONBLOCK, PIDFD_SIGNAL_PROCESS_GROUP, PIDFD_SIGNAL_THREAD, PIDFD_SIGNAL_THREAD_GROUP, PIDFD_THREAD } from '../../abi/pidfd';
import { POLLHUP, POLLIN, POLLRDNORM } from '../../abi/poll';
import { anon_inode_getfile } from '../fs/anon_inodes';
import { fd_install_new, fdget, files_lookup_fd, get_file } from '../fs/file';
import { FMODE_PREAD, FMODE_PWRITE, FMODE_READ, FMODE_WRITE, type file, type poll_table, type Result } from '../fs/types';
import type { proc_inode } from '../fs/proc/root';
import { f, kobject, ops, type Instance } from '../kobject';
import { failed, type SyscallResult } from '../result';
import { kernel } from '../state';
import { syscall } from '../syscall';
import { kill_something, read_siginfo, send_to } from './sigaction';
import { _NSIG, user_siginfo } from './signal';
import type { task_struct } from './types';
import { init_waitqueue_head, wake_up } from './wait';
import type { wait_queue_head } from './types';

/** The identity of a task for those who hold descriptors of it; made when the first is asked for. */
export const pid = kobject('pid', {
  nr: f.pid,
  /** Null once the task has been waited for. */
  task: f.ptr<task_struct>('task_struct'),
  wait_pidfd: f.ref<wait_queue_head>('wait_queue_head'),
});
export interface pid extends Instance<typeof pid> {}

/** Linux: task_pid() */
function task_pid(task: task_struct): pid {
  task.thread_pid ??= pid.make({ nr: task.pid, task, wait_pidfd: init_waitqueue_head() });
  return task.thread_pid as pid;
}

/** A task has ended or been waited for: who polls its descriptors looks again. Linux: do_notify_pidfd() */
export function do_notify_pidfd(task: task_struct): void {
  if (task.thread_pid) wake_up((task.thread_pid as pid).wait_pidfd);
}

/** The number is free for others. Linux: __change_pid() */
export function detach_pid(task: task_struct): void {
  if (!task.thread_pid) return;
  (task.thread_pid as pid).task = null;
  do_notify_pidfd(task);
}

/** The task takes over the identity of `leader` (execve by a thread). Linux: exchange_tids() */
export function transfer_pid(leader: task_struct, task: task_struct): void {
  detach_pid(task);
  task.thread_pid = leader.thread_pid;
  leader.thread_pid = null;
  if (task.thread_pid) (task.thread_pid as pid).task = task;
}

function pidfd_poll(file: file, table: poll_table | null): number {
  const id = file.private_data as pid;
  table?.queues.push(id.wait_pidfd);
  if (!id.task) return POLLIN | POLLRDNORM | POLLHUP;
  const isOver = id.task.exit_state !== 0 && ((file.f_flags & PIDFD_THREAD) !== 0 || id.task.signal.nr_threads === 0);
  return isOver ? POLLIN | POLLRDNORM : 0;
}

const pidfs_file_operations = ops('pidfs_file_operations', {
  name: 'pidfs_file_operations', poll: pidfd_poll,
  show_fdinfo(file: file): string {
    const { task, nr } = file.private_data as pid;
    return `Pid:\t${task ? nr : -1}\nNSpid:\t${task ? nr : -1}\n`;
  },
});

/** A new descriptor of `task`, closed on exec. Linux: pidfd_prepare() */
export function pidfd_create(owner: task_struct, task: task_struct, flags: number): Result<number> {
  const file = anon_inode_getfile('[pidfd]', O_RDWR | flags, FMODE_READ | FMODE_WRITE | FMODE_PREAD | FMODE_PWRITE, pidfs_file_operations, task_pid(task));
  return fd_install_new(owner, file, true);
}

/** Linux: pidfd_get_pid() */
function pidfd_get_pid(task: task_struct, number: number): { id: pid; flags: number } | Errno {
  const file = fdget(task, number);
  if (file instanceof Errno) return file;
  return file.f_op === pidfs_file_operations ? { id: file.private_data as pid, flags: file.f_flags } : EBADF.because(`descriptor ${number} is no process descriptor`);
}

/** As pidfd_get_pid(), and a directory /proc/PID does, too. Linux: kernel/signal.c:pidfd_to_pid() */
function pidfd_to_pid(task: task_struct, number: number): { id: pid; flags: number } | Errno {
  const file = fdget(task, number);
  if (file instanceof Errno) return file;
  const info = file.f_inode.i_private;
  if (info?.$type !== 'proc_inode' || (info as proc_inode).kind !== 'tgid') return pidfd_get_pid(task, number);
  const target = kernel.tasks.get((info as proc_inode).pid);
  return target ? { id: task_pid(target), flags: 0 } : ESRCH.because('the process has been waited for');
}

/** Which child waitid's P_PIDFD means. */
export function pidfd_child(task: task_struct, number: number): { which(child: task_struct): boolean; isNonblocking: boolean } | Errno {
  const found = pidfd_get_pid(task, number);
  if (found instanceof Errno) return found;
  return { which: child => child.thread_pid === found.id, isNonblocking: (found.flags & O_NONBLOCK) !== 0 };
}

/** Linux: pidfd_get_task() */
export function pidfd_get_task(task: task_struct, number: number): task_struct | Errno {
  const found = pidfd_get_pid(task, number);
  if (found instanceof Errno) return found;
  return found.id.task ?? ESRCH.because('the process has been waited for');
}

export const sys_pidfd_open = syscall({
  nr: 434, nr32: 434, name: 'pidfd_open', brief: 'obtain a file descriptor that refers to a process', args: { pid: pidType, flags: bits(PIDFD_FLAGS, undefined, 'unsigned int') }, ret: fd, classes: ['desc'],
}, (task, { pid: number, flags }) => {
  if ((flags & ~(PIDFD_NONBLOCK | PIDFD_THREAD)) !== 0) return EINVAL.because('flags has unknown bits');
  if (number <= 0) return EINVAL.because('pid is not positive');
  const target = kernel.tasks.get(number);
  if (!target) return ESRCH.because(`there is no process ${number}`);
  if ((flags & PIDFD_THREAD) === 0 && target.pid !== target.tgid) return EINVAL.because('the number is that of a thread which is no process leader');
  return pidfd_create(task, target, flags);
});

export const sys_pidfd_send_signal = syscall({
  nr: 424, nr32: 424, name: 'pidfd_send_signal', brief: 'send a signal to a process specified by a file descriptor',
  args: { pidfd: fd, sig: signo, info: siginfo, flags: uhex }, ret: int, classes: ['desc', 'signal', 'process'],
}, (task, { pidfd, sig, info, flags }): SyscallResult => {
  if ((flags & ~(PIDFD_SIGNAL_THREAD | PIDFD_SIGNAL_THREAD_GROUP | PIDFD_SIGNAL_PROCESS_GROUP)) !== 0) return EINVAL.because('flags has unknown bits');
  if ((flags & (flags - 1)) !== 0) return EINVAL.because('more than one scope is named');
  const found = pidfd_to_pid(task, pidfd);
  if (found instanceof Errno) return found;
  const { task: target } = found.id;
  const isThread = (flags & PIDFD_SIGNAL_THREAD) !== 0 || flags === 0 && (found.flags & PIDFD_THREAD) !== 0;
  let facts = user_siginfo(task);
  if (info !== 0) {
    const read = read_siginfo(task, info, null);
    if (failed(read)) return read;
    if (read.si_signo !== sig) return EINVAL.because('the siginfo is of another signal');
    if (target !== task.group_leader && ((read.si_code ?? 0) >= 0 || read.si_code === -6)) return EPERM.because('si_code is reserved for the kernel');
    facts = read;
  }
  if (sig < 0 || sig > _NSIG) return EINVAL.because(`there is no signal ${sig}`);
  if (!target) return ESRCH.because('the process has been waited for');
  if ((flags & PIDFD_SIGNAL_PROCESS_GROUP) !== 0) return kill_something(task, -target.signal.pgrp, sig, facts);
  return send_to(task, target, sig, facts, !isThread);
});

export const sys_pidfd_getfd = syscall({
  nr: 438, nr32: 438, name: 'pidfd_getfd', brief: 'obtain a duplicate of another process\'s file descriptor', args: { pidfd: fd, targetfd: int, flags: uhex }, ret: fd, classes: ['desc'],
}, (task, { pidfd, targetfd, flags }): SyscallResult => {
  if (flags !== 0) return EINVAL.because('flags is not 0');
  const target = pidfd_get_task(task, pidfd);
  if (target instanceof Errno) return target;
  if (!ptrace_may_access(task, target)) return EPERM.because('the process belongs to another user');
  const file = files_lookup_fd(target.files, targetfd);
  return file ? fd_install_new(task, get_file(file), true) : EBADF.because(`${targetfd} is not an open descriptor there`);
});

/** Whether one task may look into another. Linux: kernel/ptrace.c:__ptrace_may_access() */
export function ptrace_may_access(task: task_struct, target: task_struct): boolean {
  if (task.tgid === target.tgid) return true;
  const { cred } = task, other = target.cred;
  const isSame = [other.uid, other.euid, other.suid].every(id => id === cred.uid) && [other.gid, other.egid, other.sgid].every(id => id === cred.gid);
  const isCapable = (cred.cap_effective >> CAP_SYS_PTRACE & 1n) === 1n;
  return isCapable || isSame && (!target.mm || target.mm.dumpable === 1) && (other.cap_permitted & ~cred.cap_permitted) === 0n;
}

const CAP_SYS_PTRACE = 19n;
