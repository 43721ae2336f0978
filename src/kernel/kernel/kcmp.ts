// Do two processes share a resource? Linux: kernel/kcmp.c. The order of different objects is that of their making.
import { choice, pid, ulong } from '../../abi/arg_types';
import { EBADF, EINVAL, EPERM, ESRCH, Errno } from '../../abi/errno';
import { KCMP, KCMP_EPOLL_TFD, KCMP_FILE, KCMP_FILES, KCMP_FS, KCMP_IO, KCMP_SIGHAND, KCMP_SYSVSEM, KCMP_VM } from '../../abi/kcmp';
import { files_lookup_fd } from '../fs/file';
import type { KObject } from '../kobject';
import type { SyscallResult } from '../result';
import { kernel } from '../state';
import { syscall } from '../syscall';
import { ptrace_may_access } from './pid';
import type { task_struct } from './types';

/** 0: the same, 1: the first is less, 2: it is greater. */
function kcmp_ptr(a: KObject | null, b: KObject | null): number {
  const first = a?.$id ?? 0, second = b?.$id ?? 0;
  return first === second ? 0 : first < second ? 1 : 2;
}

function kcmp_file(one: task_struct, other: task_struct, idx1: number, idx2: number): number | Errno {
  const a = files_lookup_fd(one.files, idx1), b = files_lookup_fd(other.files, idx2);
  return a && b ? kcmp_ptr(a, b) : EBADF.because('one of the descriptors is not open');
}

export const sys_kcmp = syscall({
  nr: 312, nr32: 349, name: 'kcmp', brief: 'compare two processes to determine if they share a kernel resource', args: { pid1: pid, pid2: pid, type: choice(KCMP), idx1: ulong, idx2: ulong }, ret: pid, classes: [],
  support: { partial: 'no KCMP_EPOLL_TFD' },
}, (task, { pid1, pid2, type, idx1, idx2 }): SyscallResult => {
  const one = kernel.tasks.get(pid1), other = kernel.tasks.get(pid2);
  if (!one || !other) return ESRCH.because('one of the processes is not there');
  if (!ptrace_may_access(task, one) || !ptrace_may_access(task, other)) return EPERM.because('one of the processes belongs to another user');
  switch (type) {
    case KCMP_FILE: return kcmp_file(one, other, idx1, idx2);
    case KCMP_VM: return kcmp_ptr(one.mm, other.mm);
    case KCMP_FILES: return kcmp_ptr(one.files, other.files);
    case KCMP_FS: return kcmp_ptr(one.fs, other.fs);
    case KCMP_SIGHAND: return kcmp_ptr(one.sighand, other.sighand);
    // No task has an I/O context or a list of semaphore undos of its own here: both are NULL.
    case KCMP_IO: case KCMP_SYSVSEM: return 0;
    case KCMP_EPOLL_TFD: return EINVAL.because('KCMP_EPOLL_TFD is not supported');
    default: return EINVAL.because('there is no such resource');
  }
});
