// Reading and writing the memory of another process by ranges, and advice about it. Linux: mm/process_vm_access.c, mm/madvise.c:process_madvise()
import { choice, fd, hex, iovec, pid, uhex, ulong } from '../../abi/arg_types';
import { COMPAT_IOVEC_SIZE } from '../../abi/compat';
import { EFAULT, EINVAL, EPERM, ESRCH, Errno } from '../../abi/errno';
import { MADV, MADV_COLD, MADV_PAGEOUT, MADV_WILLNEED } from '../../abi/mman';
import { pidfd_get_task, ptrace_may_access } from '../kernel/pid';
import type { task_struct } from '../kernel/types';
import { failed, type Block, type SyscallResult } from '../result';
import { kernel } from '../state';
import { in_compat_syscall, low_word, syscall } from '../syscall';
import { task_mm } from './mmap';
import { PAGE_SIZE, TASK_SIZE, type mm_struct } from './types';
import { copy_from_user, copy_to_user } from './uaccess';

const UIO_MAXIOV = 1024;
const COLLAPSE = 25, CAP_SYS_NICE = 23n;

interface Range { base: number; length: number }

/** Linux: lib/iov_iter.c:iovec_from_user() */
/** `isOwn`: the ranges are the caller's memory. */
function iovec_from_user(task: task_struct, address: number, count: number, isOwn: boolean): Range[] | Errno | Block {
  if (count > UIO_MAXIOV) return EINVAL.because(`more than ${UIO_MAXIOV} ranges`);
  if (count === 0) return [];
  const isCompat = in_compat_syscall(task), bytes = copy_from_user(task_mm(task), address, count * (isCompat ? COMPAT_IOVEC_SIZE : 16));
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset), word = (i: number): number => isCompat ? view.getUint32(i * 4, true) : Number(view.getBigUint64(i * 8, true));
  const ranges = Array.from({ length: count }, (_, i) => ({ base: word(2 * i), length: word(2 * i + 1) }));
  if (ranges.some((_, i) => view.getInt32(isCompat ? i * 8 + 4 : i * 16 + 12, true) < 0)) return EINVAL.because('a length is negative');
  return isOwn && ranges.some(range => range.base + range.length > TASK_SIZE) ? EFAULT.because('a range lies outside user memory') : ranges;
}

/** Copies page by page until one side ends or a page is not there; the bytes moved, or the errno where none were. Linux: process_vm_rw_core() */
function copy_ranges(from: mm_struct, sources: Range[], to: mm_struct, targets: Range[]): number | Errno | Block {
  let done = 0;
  for (let i = 0, j = 0, skip = 0, into = 0; i < sources.length && j < targets.length;) {
    const source = sources[i] as Range, target = targets[j] as Range;
    if (skip === source.length || into === target.length) {
      if (skip === source.length) { i++; skip = 0; } else { j++; into = 0; }
      continue;
    }
    const at = source.base + skip, dest = target.base + into;
    const part = Math.min(source.length - skip, target.length - into, PAGE_SIZE - at % PAGE_SIZE, PAGE_SIZE - dest % PAGE_SIZE);
    const bytes = copy_from_user(from, at, part);
    const stored = failed(bytes) ? bytes : copy_to_user(to, dest, bytes);
    if (failed(stored)) return done > 0 && stored instanceof Errno ? done : stored;
    done += part;
    skip += part;
    into += part;
  }
  return done;
}

interface VmArgs { pid: number; local_iov: number; liovcnt: number; remote_iov: number; riovcnt: number; flags: number }

function process_vm_rw(task: task_struct, { pid: number, local_iov, liovcnt, remote_iov, riovcnt, flags }: VmArgs, isWrite: boolean): SyscallResult {
  if (flags !== 0) return EINVAL.because('flags is not 0');
  const local = iovec_from_user(task, local_iov, low_word(task, 2, liovcnt), true);
  if (failed(local)) return local;
  if (!local.some(range => range.length > 0)) return 0;
  const remote = iovec_from_user(task, remote_iov, riovcnt, false);
  if (failed(remote)) return remote;
  if (!remote.some(range => range.length > 0)) return 0;
  const target = kernel.tasks.get(number);
  if (!target?.mm) return ESRCH.because(`there is no process ${number}`);
  if (!ptrace_may_access(task, target)) return EPERM.because('the process belongs to another user');
  return isWrite ? copy_ranges(task_mm(task), local, target.mm, remote) : copy_ranges(target.mm, remote, task_mm(task), local);
}

export const sys_process_vm_readv = syscall({
  nr: 310, nr32: 347, name: 'process_vm_readv', brief: 'transfer data between process address spaces',
  args: { pid, local_iov: iovec('liovcnt'), liovcnt: ulong, remote_iov: iovec('riovcnt'), riovcnt: ulong, flags: ulong }, ret: ulong, classes: [],
}, (task, args) => process_vm_rw(task, args, false));

export const sys_process_vm_writev = syscall({
  nr: 311, nr32: 348, name: 'process_vm_writev', brief: 'transfer data between process address spaces',
  args: { pid, local_iov: iovec('liovcnt'), liovcnt: ulong, remote_iov: iovec('riovcnt'), riovcnt: ulong, flags: ulong }, ret: ulong, classes: [],
}, (task, args) => process_vm_rw(task, args, true));

export const sys_process_madvise = syscall({
  nr: 440, nr32: 440, name: 'process_madvise', brief: 'give advice about use of memory to a process',
  args: { pidfd: fd, iovec: iovec('vlen'), vlen: ulong, advice: choice(MADV), flags: hex }, ret: ulong, classes: ['desc'],
}, (task, { pidfd, iovec: address, vlen, advice, flags }): SyscallResult => {
  if (flags !== 0) return EINVAL.because('flags is not 0');
  const ranges = iovec_from_user(task, address, vlen, true);
  if (failed(ranges)) return ranges;
  const target = pidfd_get_task(task, pidfd);
  if (target instanceof Errno) return target;
  if (!ptrace_may_access(task, target)) return EPERM.because('the process belongs to another user');
  if (![MADV_COLD, MADV_PAGEOUT, MADV_WILLNEED, COLLAPSE].includes(advice) && target.mm !== task.mm) return EINVAL.because('this advice is not for other processes');
  if (target.mm !== task.mm && (task.cred.cap_effective >> CAP_SYS_NICE & 1n) === 0n) return EPERM.because('advice about another process needs CAP_SYS_NICE');
  // Nothing is ever paged out: the advice is taken and changes nothing.
  let done = 0;
  for (const { base, length } of ranges) {
    if (base % PAGE_SIZE !== 0) return done > 0 ? done : EINVAL.because('a range does not begin at a page');
    done += length;
  }
  return done;
});

export const sys_process_mrelease = syscall({
  nr: 448, nr32: 448, name: 'process_mrelease', brief: 'release the memory of a dying process', args: { pidfd: fd, flags: uhex }, ret: ulong, classes: ['desc'],
}, (task, { pidfd, flags }): SyscallResult => {
  if (flags !== 0) return EINVAL.because('flags is not 0');
  const target = pidfd_get_task(task, pidfd);
  if (target instanceof Errno) return target;
  // A killed process gives its memory back before anybody else runs: there is never any left.
  return target.mm ? EINVAL.because('the process is not being killed') : ESRCH.because('the process has no memory any more');
});
