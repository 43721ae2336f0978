// POSIX record locks, open file description locks and flock. Linux: fs/locks.c. No mandatory locks. Leases are in leases.ts.
import { bits, fd, int } from '../../abi/arg_types';
import { compat_flock, compat_flock64, convertStruct } from '../../abi/compat';
import { EAGAIN, EBADF, EDEADLK, EINVAL, EOVERFLOW } from '../../abi/errno';
import { F_GETLK, F_RDLCK, F_SETLK, F_SETLKW, F_UNLCK, F_WRLCK, FLOCK_OPERATIONS, LOCK_EX, LOCK_MAND, LOCK_NB, LOCK_SH, LOCK_UN, flock as flock_layout } from '../../abi/fcntl';
import { OFFSET_MAX, SEEK_CUR, SEEK_END, SEEK_SET } from '../../abi/fs';
import { packStruct, readBig, readField, type StructLayout } from '../../abi/struct';
import { block, init_waitqueue_head, wake_up } from '../kernel/wait';
import type { task_struct } from '../kernel/types';
import { copy_from_user, copy_to_user } from '../mm/uaccess';
import type { KObject } from '../kobject';
import { failed } from '../result';
import { kernel } from '../state';
import { in_compat_syscall, syscall } from '../syscall';
import { fdget } from './file';
import { file_lock as file_lock_type, file_lock_context, FMODE_READ, FMODE_WRITE, type file, type file_lock, type inode, type Result } from './types';
import { task_files } from './file';
import { task_mm } from './uio';

export function locks_of(inode: inode): file_lock_context {
  inode.i_flctx ??= file_lock_context.make({ wait: init_waitqueue_head() });
  return inode.i_flctx;
}

const overlaps = (a: file_lock, b: file_lock): boolean => a.start <= b.end && b.start <= a.end;
const isRecord = (lock: file_lock): boolean => lock.kind !== 'flock';

function conflicts(held: file_lock, wanted: file_lock): boolean {
  if (isRecord(held) !== isRecord(wanted) || held.owner === wanted.owner) return false;
  return (held.type === F_WRLCK || wanted.type === F_WRLCK) && overlaps(held, wanted);
}

/** By int 0x80 the first commands have offsets of 32 bits. Linux: fs/fcntl.c:get_compat_flock() */
const compat_layout = (task: task_struct): StructLayout => [F_GETLK, F_SETLK, F_SETLKW].includes(task.call?.args[2] ?? 0) ? compat_flock : compat_flock64;

function copy_flock_from_user(task: task_struct, address: number): Result<Uint8Array> {
  const layout = in_compat_syscall(task) ? compat_layout(task) : flock_layout, bytes = copy_from_user(task_mm(task), address, layout.size);
  return failed(bytes) || layout === flock_layout ? bytes : convertStruct(layout, flock_layout, bytes);
}

/** The struct flock of user memory as a lock. Linux: fs/locks.c:flock_to_posix_lock() */
function read_flock(task: task_struct, file: file, address: number, isOfd: boolean): Result<file_lock> {
  const bytes = copy_flock_from_user(task, address);
  if (failed(bytes)) return bytes;
  const whence = readField(flock_layout, bytes, 'l_whence');
  const length = readBig(bytes, flock_layout.fields.l_len.offset, 's64'), offset = readBig(bytes, flock_layout.fields.l_start.offset, 's64');
  if (whence !== SEEK_SET && whence !== SEEK_CUR && whence !== SEEK_END) return EINVAL.because('l_whence is not known');
  const from = BigInt(whence === SEEK_CUR ? file.f_pos : whence === SEEK_END ? file.f_inode.i_size : 0), start = from + offset;
  if (start > OFFSET_MAX) return EOVERFLOW.because('the range does not fit');
  if (start < 0n) return EINVAL.because('the range starts before the file');
  if (length > 0n && start + length - 1n > OFFSET_MAX) return EOVERFLOW.because('the range does not fit');
  if (start + length < 0n) return EINVAL.because('the range starts before the file');
  // A negative length is of what lies before.
  const range = length < 0n ? { start: start + length, end: start - 1n } : { start, end: length === 0n ? OFFSET_MAX : start + length - 1n };
  const type = readField(flock_layout, bytes, 'l_type');
  if (type !== F_RDLCK && type !== F_WRLCK && type !== F_UNLCK) return EINVAL.because('l_type is not known');
  if (isOfd && readField(flock_layout, bytes, 'l_pid') !== 0) return EINVAL.because('l_pid must be 0 for open file description locks');
  return file_lock_type.make({ kind: isOfd ? 'ofd' : 'posix', type, ...range, pid: isOfd ? -1 : task.tgid, owner: isOfd ? file : task_files(task) });
}

export function fcntl_getlk(task: task_struct, file: file, address: number, isOfd: boolean): Result<number> {
  const wanted = read_flock(task, file, address, isOfd);
  if (failed(wanted)) return wanted;
  if (wanted.type === F_UNLCK && !isOfd) return EINVAL.because('l_type is F_UNLCK');
  const held = file.f_inode.i_flctx?.list.find(lock => conflicts(lock, wanted));
  const bytes = copy_flock_from_user(task, address);
  if (failed(bytes)) return bytes;
  if (held) {
    bytes.set(packStruct(flock_layout, { l_type: held.type, l_whence: SEEK_SET, l_start: held.start, l_len: held.end === OFFSET_MAX ? 0 : held.end - held.start + 1n, l_pid: held.pid }));
  } else {
    bytes[0] = F_UNLCK;
    bytes[1] = 0;
  }
  const stored = copy_to_user(task_mm(task), address, in_compat_syscall(task) ? convertStruct(flock_layout, compat_layout(task), bytes) : bytes);
  return failed(stored) ? stored : 0;
}

/** Replaces what the owner holds in the range. Linux: fs/locks.c:posix_lock_inode() */
function posix_lock_inode(inode: inode, wanted: file_lock): void {
  const context = locks_of(inode);
  const rest: file_lock[] = [];
  for (const held of context.list) {
    if (!isRecord(held) || held.owner !== wanted.owner || !overlaps(held, wanted)) {
      rest.push(held);
      continue;
    }
    if (held.start < wanted.start) rest.push(file_lock_type.make({ ...held, end: wanted.start - 1n }));
    if (held.end > wanted.end) rest.push(file_lock_type.make({ ...held, start: wanted.end + 1n }));
  }
  if (wanted.type !== F_UNLCK) rest.push(wanted);
  // One owner's locks stand together and by their start: that is the order in which F_GETLK finds them.
  const own = rest.filter(lock => isRecord(lock) && lock.owner === wanted.owner).sort((a, b) => a.start < b.start ? -1 : 1);
  const first = rest.findIndex(lock => isRecord(lock) && lock.owner === wanted.owner);
  const others = rest.filter(lock => !isRecord(lock) || lock.owner !== wanted.owner);
  others.splice(first < 0 ? others.length : first, 0, ...own);
  context.list = others;
  wake_up(context.wait);
}

/** Whether `holder` waits, directly or over others, for a lock of `owner`. Linux: fs/locks.c:posix_locks_deadlock() */
function posix_locks_deadlock(owner: KObject | null, holder: file_lock): boolean {
  let at: file_lock | undefined = holder;
  for (let steps = 0; at && steps < MAX_DEADLK_ITERATIONS; steps++) {
    const blocked: KObject | null = at.owner;
    if (at.kind !== 'posix') return false;
    const waiter = [...kernel.tasks.values()].find(task => task.files === blocked && task.call && task.waiting.length > 0 && task.call.objects[0]?.$type === 'file_lock');
    at = waiter?.call?.objects[0] as file_lock | undefined;
    if (at?.owner === owner) return true;
  }
  return false;
}
const MAX_DEADLK_ITERATIONS = 10;

export function fcntl_setlk(task: task_struct, file: file, address: number, isOfd: boolean, waits: boolean): Result<number> {
  const wanted = read_flock(task, file, address, isOfd);
  if (failed(wanted)) return wanted;
  if (wanted.type === F_RDLCK && !(file.f_mode & FMODE_READ)) return EBADF.because('a read lock needs a descriptor open for reading');
  if (wanted.type === F_WRLCK && !(file.f_mode & FMODE_WRITE)) return EBADF.because('a write lock needs a descriptor open for writing');
  const context = locks_of(file.f_inode);
  const holder = wanted.type === F_UNLCK ? undefined : context.list.find(lock => conflicts(lock, wanted));
  if (holder) {
    if (!waits) return EAGAIN.because(`process ${holder.pid} holds a lock in the range`);
    if (!isOfd && posix_locks_deadlock(wanted.owner, holder)) return EDEADLK.because(`process ${holder.pid} waits for a lock that the caller holds`);
    // The call remembers what it waits for: that is how a circle is seen.
    if (task.call) task.call.objects[0] = holder;
    return block(context.wait);
  }
  posix_lock_inode(file.f_inode, wanted);
  return 0;
}

export const sys_flock = syscall({
  nr: 73, nr32: 143, name: 'flock', brief: 'apply or remove an advisory lock on an open file', args: { fd, operation: bits(FLOCK_OPERATIONS) }, ret: int, classes: ['desc'],
}, (task, args) => {
  // Mandatory locks are gone: Linux says so once and does nothing.
  if (args.operation & LOCK_MAND) return 0;
  const operation = args.operation & ~LOCK_NB;
  if (operation !== LOCK_SH && operation !== LOCK_EX && operation !== LOCK_UN) return EINVAL.because('the operation is not known');
  const file = fdget(task, args.fd);
  if (!('f_op' in file)) return file;
  const context = locks_of(file.f_inode);
  const own = context.list.find(lock => lock.kind === 'flock' && lock.owner === file);
  if (operation === LOCK_UN) {
    context.list = context.list.filter(lock => lock !== own);
    if (own) wake_up(context.wait);
    return 0;
  }
  const wanted = file_lock_type.make({ kind: 'flock', type: operation === LOCK_SH ? F_RDLCK : F_WRLCK, start: 0n, end: OFFSET_MAX, pid: task.tgid, owner: file });
  if (own?.type === wanted.type) return 0;
  if (context.list.some(lock => conflicts(lock, wanted))) return args.operation & LOCK_NB ? EAGAIN.because('another open description holds the lock') : block(context.wait);
  context.list = [...context.list.filter(lock => lock !== own), wanted];
  if (own) wake_up(context.wait);
  return 0;
});
