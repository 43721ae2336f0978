// poll, ppoll, select, pselect6. Linux: fs/select.c.
import { fdset, int, outTimespec, outTimeval, pollfds, sigset, size, ulong, pointer } from '../../abi/arg_types';
import { EBADF, EFAULT, EINTR, EINVAL, ERESTARTNOHAND, ERESTART_RESTARTBLOCK } from '../../abi/errno';
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI, POLLRDBAND, POLLRDNORM, POLLWRBAND, POLLWRNORM } from '../../abi/poll';
import { copy_longs_from_user, long_size, copy_times_from_user, copy_times_to_user } from '../kernel/compat';
import { restart_functions, set_restart_fn } from '../kernel/restart';
import { add_wait_queue, block, call_deadline, is_past, signal_pending } from '../kernel/wait';
import type { restart_block, task_struct } from '../kernel/types';
import { copy_from_user, copy_to_user } from '../mm/uaccess';
import { BLOCK, failed, isBlock, type Block } from '../result';
import { ports } from '../state';
import { low_word, syscall } from '../syscall';
import { files_lookup_fd, nofile_limit } from './file';
import { FMODE_PATH, type file, type poll_table, type Result } from './types';
import { access_ok, task_mm } from './uio';

const DEFAULT_POLLMASK = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

/** What is ready now; files without a poll operation always are. Linux: include/linux/poll.h:vfs_poll() */
export function vfs_poll(file: file, table: poll_table | null): number {
  return file.f_op.poll ? file.f_op.poll(file, table) : DEFAULT_POLLMASK;
}

/** Sleeps on all queues of a table. */
export function poll_schedule(table: poll_table, deadlineNs: number, restarts: boolean): Block {
  for (const queue of table.queues) add_wait_queue(queue);
  return block(null, deadlineNs, restarts ? ERESTART_RESTARTBLOCK : ERESTARTNOHAND);
}

/** The absolute deadline of the call; Infinity: none. `timeoutNs` null: none. */
function deadline_of(task: task_struct, timeoutNs: number | null): number {
  if (timeoutNs === null) return Infinity;
  return timeoutNs === 0 ? 0 : call_deadline(task, timeoutNs);
}

/** Linux: fs/select.c:do_sys_poll() */
function do_sys_poll(task: task_struct, address: number, nfds: number, deadline: number, restarts: boolean): Result<number> {
  if (nfds > nofile_limit(task)) return EINVAL.because(`${nfds} entries are more than RLIMIT_NOFILE`);
  const bytes = copy_from_user(task_mm(task), address, nfds * 8);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table: poll_table = { queues: [] };
  let ready = 0;
  for (let i = 0; i < nfds; i++) {
    const fd = view.getInt32(i * 8, true);
    const events = view.getUint16(i * 8 + 4, true);
    let revents = 0;
    if (fd >= 0) {
      const file = files_lookup_fd(task.files, fd);
      revents = !file || file.f_mode & FMODE_PATH ? POLLNVAL : vfs_poll(file, table) & (events | POLLERR | POLLHUP);
    }
    view.setUint16(i * 8 + 6, revents, true);
    if (revents !== 0) ready++;
  }
  if (ready === 0 && !is_past(deadline)) {
    if (!restarts || !signal_pending(task)) return poll_schedule(table, deadline, restarts);
    set_restart_fn(task, 'poll', deadline, [address, nfds]);
    return ERESTART_RESTARTBLOCK;
  }
  if (!access_ok(address, nfds * 8)) return EFAULT.because('fds lies outside user memory');
  const stored = copy_to_user(task_mm(task), address, bytes);
  return failed(stored) ? stored : ready;
}

/** A struct timespec of user memory in ns; null for a NULL pointer. */
export function get_timespec(task: task_struct, address: number, unitNs: number): Result<number> | null {
  if (address === 0) return null;
  const bytes = copy_times_from_user(task, address, 1);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const given = Number(view.getBigInt64(8, true)), perSecond = 1e9 / unitNs;
  // Microseconds may be more than a second, and a second less than none.
  const carried = unitNs === 1 ? 0 : Math.trunc(given / perSecond);
  const seconds = Number(view.getBigInt64(0, true)) + carried, fraction = given - carried * perSecond;
  if (seconds < 0 || fraction < 0 || fraction >= perSecond) return EINVAL.because('the timeout is not a valid time');
  return seconds * 1e9 + fraction * unitNs;
}

/** The time left goes back to the caller. Linux: fs/select.c:poll_select_finish() */
function put_remaining(task: task_struct, address: number, timeoutNs: number | null, unitNs: number): void {
  if (address === 0 || timeoutNs === null) return;
  const left = timeoutNs === 0 ? 0 : Math.max(0, call_deadline(task, timeoutNs) - ports().clock.now());
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(Math.floor(left / 1e9)), true);
  view.setBigInt64(8, BigInt(Math.floor((left % 1e9) / unitNs)), true);
  copy_times_to_user(task, address, bytes);
}

/** The signal mask of ppoll and pselect6 holds for the sleep only. Linux: kernel/signal.c:set_user_sigmask() */
export function set_user_sigmask(task: task_struct, address: number, length: number): Result<null> {
  if (address === 0 || task.restore_sigmask) return null;
  if (length !== 8) return EINVAL.because(`the signal set has ${length} bytes, not 8`);
  const bytes = copy_from_user(task_mm(task), address, 8);
  if (failed(bytes)) return bytes;
  task.saved_sigmask = task.blocked;
  task.restore_sigmask = true;
  task.blocked = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true) & ~((1n << 8n) | (1n << 18n));
  const pending = task.pending.signal | task.signal.shared_pending.signal;
  task.sigpending = (pending & ~task.blocked) !== 0n;
  return null;
}

/** The call ends without a signal: the mask comes back at once. */
export function restore_saved_sigmask_unless(task: task_struct, result: Result<number>): Result<number> {
  if (isBlock(result) || !task.restore_sigmask) return result;
  if (result === EINTR || result === ERESTARTNOHAND) return result;
  task.restore_sigmask = false;
  task.blocked = task.saved_sigmask;
  const pending = task.pending.signal | task.signal.shared_pending.signal;
  task.sigpending = (pending & ~task.blocked) !== 0n;
  return result;
}

export const sys_poll = syscall({
  nr: 7, nr32: 168, name: 'poll', brief: 'wait for some event on a file descriptor', args: { fds: pollfds('nfds'), nfds: ulong, timeout: int }, ret: int, classes: ['desc'],
}, (task, args) => do_sys_poll(task, args.fds, low_word(task, 1, args.nfds), deadline_of(task, args.timeout < 0 ? null : args.timeout * 1e6), true));

restart_functions.set('poll', (task: task_struct, saved: restart_block) => do_sys_poll(task, saved.args[0] ?? 0, saved.args[1] ?? 0, saved.deadline, true));

export const sys_ppoll = syscall({
  nr: 271, nr32: 414, name32: 'ppoll_time64', nr_time32: 309, name: 'ppoll', brief: 'wait for some event on a file descriptor', args: { fds: pollfds('nfds'), nfds: ulong, tmo_p: outTimespec, sigmask: sigset, sigsetsize: size }, ret: int, classes: ['desc'],
}, (task, args) => {
  const timeout = get_timespec(task, args.tmo_p, 1);
  if (failed(timeout)) return timeout;
  const masked = set_user_sigmask(task, args.sigmask, args.sigsetsize);
  if (failed(masked)) return masked;
  const result = do_sys_poll(task, args.fds, low_word(task, 1, args.nfds), deadline_of(task, timeout), false);
  if (result !== BLOCK) put_remaining(task, args.tmo_p, timeout, 1);
  return restore_saved_sigmask_unless(task, result);
});

const POLLIN_SET = POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR | POLLNVAL;
const POLLOUT_SET = POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR | POLLNVAL;
const POLLEX_SET = POLLPRI | POLLNVAL;

/** Linux: fs/select.c:core_sys_select() */
function core_sys_select(task: task_struct, n: number, sets: number[], timeoutNs: number | null): Result<number> {
  if (n < 0) return EINVAL.because('nfds is negative');
  const count = Math.min(n, Math.max(64, task.files?.fd.length ?? 0));
  const bits = long_size(task) * 8, length = Math.ceil(count / bits) * bits / 8;
  const inputs: (Uint8Array | null)[] = [];
  for (const address of sets) {
    const bytes = address === 0 ? null : copy_from_user(task_mm(task), address, length);
    if (failed(bytes)) return bytes;
    inputs.push(bytes);
  }
  const outputs = inputs.map(bytes => bytes ? new Uint8Array(length) : null);
  const table: poll_table = { queues: [] };
  const wanted = [POLLIN_SET, POLLOUT_SET, POLLEX_SET];
  let ready = 0;
  for (let fd = 0; fd < count; fd++) {
    const bit = 1 << (fd & 7);
    if (!inputs.some(bytes => bytes && (bytes[fd >> 3] ?? 0) & bit)) continue;
    const file = files_lookup_fd(task.files, fd);
    if (!file) return EBADF.because(`descriptor ${fd} in a set is not open`);
    // What cannot be asked counts in every set.
    const mask = file.f_mode & FMODE_PATH ? POLLNVAL : vfs_poll(file, table);
    for (let s = 0; s < 3; s++) {
      const input = inputs[s];
      const output = outputs[s];
      if (!input || !output || !((input[fd >> 3] ?? 0) & bit) || !(mask & (wanted[s] ?? 0))) continue;
      output[fd >> 3] = (output[fd >> 3] ?? 0) | bit;
      ready++;
    }
  }
  const deadline = deadline_of(task, timeoutNs);
  if (ready === 0 && !is_past(deadline)) return poll_schedule(table, deadline, false);
  for (let s = 0; s < 3; s++) {
    const output = outputs[s];
    const stored = output ? copy_to_user(task_mm(task), sets[s] ?? 0, output) : 0;
    if (failed(stored)) return stored;
  }
  return ready;
}

export const sys_select = syscall({
  nr: 23, nr_time32: 142, name_time32: '_newselect', name: 'select', brief: 'synchronous I/O multiplexing', args: { nfds: int, readfds: fdset('nfds'), writefds: fdset('nfds'), exceptfds: fdset('nfds'), timeout: outTimeval }, ret: int, classes: ['desc'],
}, (task, args) => {
  const timeout = get_timespec(task, args.timeout, 1000);
  if (failed(timeout)) return timeout;
  const result = core_sys_select(task, args.nfds, [args.readfds, args.writefds, args.exceptfds], timeout);
  if (result !== BLOCK) put_remaining(task, args.timeout, timeout, 1000);
  return result;
});

export const sys_pselect6 = syscall({
  nr: 270, nr32: 413, name32: 'pselect6_time64', nr_time32: 308, name: 'pselect6', brief: 'synchronous I/O multiplexing',
  args: { nfds: int, readfds: fdset('nfds'), writefds: fdset('nfds'), exceptfds: fdset('nfds'), timeout: outTimespec, sigmask: pointer('pselectMask', 'const struct { const sigset_t *ss; size_t ss_len; } *', 'in') }, ret: int, classes: ['desc'],
}, (task, args) => {
  // The pair is read before the time, and used after it.
  let pack: Uint8Array | null = null;
  if (args.sigmask !== 0) {
    const bytes = copy_longs_from_user(task, args.sigmask, 2);
    if (failed(bytes)) return EFAULT.because('the mask argument is not readable');
    pack = bytes;
  }
  const timeout = get_timespec(task, args.timeout, 1);
  if (failed(timeout)) return timeout;
  if (pack) {
    const view = new DataView(pack.buffer, pack.byteOffset, 16);
    const masked = set_user_sigmask(task, Number(view.getBigUint64(0, true)), Number(view.getBigUint64(8, true)));
    if (failed(masked)) return masked;
  }
  const result = core_sys_select(task, args.nfds, [args.readfds, args.writefds, args.exceptfds], timeout);
  if (result !== BLOCK) put_remaining(task, args.timeout, timeout, 1);
  return restore_saved_sigmask_unless(task, result);
});
