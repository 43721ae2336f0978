// User buffers of a call: the task's memory and its iovecs. Linux: lib/iov_iter.c:import_iovec().
import type { size_t, uaddr_t, ulong } from '../../abi/c_types';
import { EFAULT, EINVAL } from '../../abi/errno';
import { MAX_RW_COUNT, UIO_MAXIOV } from '../../abi/fs';
import { assert } from '../../base/assert';
import { TASK_SIZE, type mm_struct } from '../mm/types';
import type { task_struct } from '../kernel/types';
import { copy_from_user } from '../mm/uaccess';
import { COMPAT_IOVEC_SIZE } from '../../abi/compat';
import { failed } from '../result';
import { in_compat_syscall } from '../syscall';
import { iov_iter_truncate, iov_iter_ubuf, iov_iter_user, type iov_iter, type iovec } from './iov_iter';
import type { Result } from './types';

export function task_mm(task: task_struct): mm_struct {
  assert(task.mm, 'a task without memory made a system call');
  return task.mm;
}

/** Linux: arch/x86/include/asm/uaccess_64.h:access_ok() */
export function access_ok(address: uaddr_t, length: size_t): boolean {
  return address + length <= TASK_SIZE;
}

/** One buffer, cut to what a call may move. */
export function import_ubuf(task: task_struct, base: uaddr_t, len: size_t): Result<iov_iter> {
  const count = Math.min(len, MAX_RW_COUNT);
  if (!access_ok(base, count)) return EFAULT.because('the buffer lies outside user memory');
  return iov_iter_ubuf(task_mm(task), base, count);
}

/** The same for read and write, which ask for all of the length that was given. */
export function import_rw_buffer(task: task_struct, base: uaddr_t, len: size_t): Result<iov_iter> {
  return access_ok(base, len) ? import_ubuf(task, base, len) : EFAULT.because('the buffer lies outside user memory');
}

/** An array of buffers. */
export function import_iovec(task: task_struct, address: uaddr_t, vlen: ulong): Result<iov_iter> {
  if (vlen < 0 || vlen > UIO_MAXIOV) return EINVAL.because(`${vlen} buffers are more than ${UIO_MAXIOV}`);
  const isCompat = in_compat_syscall(task), size = isCompat ? COMPAT_IOVEC_SIZE : 16;
  const bytes = copy_from_user(task_mm(task), address, vlen * size);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segs: iovec[] = [];
  for (let i = 0; i < vlen; i++) {
    const base = isCompat ? view.getUint32(i * size, true) : Number(view.getBigUint64(i * size, true));
    const len = isCompat ? view.getInt32(i * size + 4, true) : Number(view.getBigInt64(i * size + 8, true));
    if (len < 0) return EINVAL.because(`the length of buffer ${i} is negative`);
    segs.push({ base, len });
  }
  let total = 0;
  for (const [i, seg] of segs.entries()) {
    // One buffer is cut first, of several each is looked at whole.
    if (!access_ok(seg.base, segs.length === 1 ? Math.min(seg.len, MAX_RW_COUNT) : seg.len)) return EFAULT.because(`buffer ${i} lies outside user memory`);
    seg.len = Math.min(seg.len, MAX_RW_COUNT - total);
    total += seg.len;
  }
  const iter = iov_iter_user(task_mm(task), segs);
  iov_iter_truncate(iter, MAX_RW_COUNT);
  return iter;
}
