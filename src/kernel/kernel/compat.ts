// Words of user memory that are of 32 bits where the call came by int 0x80: times, longs. Everything is of 64 bits inside. Linux: kernel/compat.c, kernel/time/time.c.
import { compat_sigevent, convertStruct, narrowWords, widenWords } from '../../abi/compat';
import { sigevent } from '../../abi/signal';
import type { uaddr_t } from '../../abi/c_types';
import { copy_from_user, copy_to_user } from '../mm/uaccess';
import { task_mm } from '../fs/uio';
import { failed, type Block } from '../result';
import type { Errno } from '../../abi/errno';
import { in_compat_syscall, in_time32_syscall } from '../syscall';
import type { task_struct } from './types';

/** sizeof(long) */
export const long_size = (task: task_struct): number => in_compat_syscall(task) ? 4 : 8;

/** `count` longs of user memory. */
export function copy_longs_from_user(task: task_struct, address: uaddr_t, count: number): Uint8Array | Errno | Block {
  if (!in_compat_syscall(task)) return copy_from_user(task_mm(task), address, count * 8);
  const bytes = copy_from_user(task_mm(task), address, count * 4);
  return failed(bytes) ? bytes : widenWords(bytes);
}

export function copy_longs_to_user(task: task_struct, address: uaddr_t, bytes: Uint8Array): number | Errno | Block {
  return copy_to_user(task_mm(task), address, in_compat_syscall(task) ? narrowWords(bytes) : bytes);
}

/** struct sigevent. Linux: kernel/compat.c:get_compat_sigevent() */
export function copy_sigevent_from_user(task: task_struct, address: uaddr_t): Uint8Array | Errno | Block {
  if (!in_compat_syscall(task)) return copy_from_user(task_mm(task), address, sigevent.size);
  const bytes = copy_from_user(task_mm(task), address, compat_sigevent.size);
  return failed(bytes) ? bytes : convertStruct(compat_sigevent, sigevent, bytes);
}

/** `count` times of user memory, each seconds and a rest. A compat task's rest is of 32 bits, with or without padding. Linux: get_timespec64(), get_old_timespec32() */
export function copy_times_from_user(task: task_struct, address: uaddr_t, count: number): Uint8Array | Errno | Block {
  if (in_time32_syscall(task)) return copy_longs_from_user(task, address, count * 2);
  const bytes = copy_from_user(task_mm(task), address, count * 16);
  if (failed(bytes) || !in_compat_syscall(task)) return bytes;
  for (let at = 8; at < bytes.length; at += 16) bytes.fill(0, at + 4, at + 8);
  return bytes;
}

export function copy_times_to_user(task: task_struct, address: uaddr_t, bytes: Uint8Array): number | Errno | Block {
  return in_time32_syscall(task) ? copy_longs_to_user(task, address, bytes) : copy_to_user(task_mm(task), address, bytes);
}
