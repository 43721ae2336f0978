// The supervisor of a seccomp filter: it reads from a descriptor what calls the filter asks it about, and answers. Linux: kernel/seccomp.c (seccomp_do_user_notification, seccomp_notify_ioctl)
// Differs: no SECCOMP_IOCTL_NOTIF_ADDFD and _SET_FLAGS, and no POLLHUP when the last task of the filter ends.
import { EBUSY, EINPROGRESS, EINVAL, ENOENT, ENOSYS, Errno, findErrno } from '../../abi/errno';
import { O_RDWR } from '../../abi/fcntl';
import { POLLIN, POLLOUT } from '../../abi/poll';
import { SECCOMP_IOCTL_NOTIF_ID_VALID, SECCOMP_IOCTL_NOTIF_RECV, SECCOMP_IOCTL_NOTIF_SEND, SECCOMP_USER_NOTIF_FLAG_CONTINUE, seccomp_notif, seccomp_notif_resp } from '../../abi/seccomp';
import { readBig, readField, writeScalar } from '../../abi/struct';
import { anon_inode_getfile } from '../fs/anon_inodes';
import { fd_install_new } from '../fs/file';
import { FMODE_READ, FMODE_WRITE, type file, type poll_table, type Result } from '../fs/types';
import { f, kobject, ops, type Instance } from '../kobject';
import { task_mm } from '../mm/mmap';
import { copy_from_user, copy_to_user, get_user_big64 } from '../mm/uaccess';
import { failed, type SyscallResult } from '../result';
import { ports } from '../state';
import { block, init_waitqueue_head, wake_up } from './wait';
import type { task_struct, wait_queue_head } from './types';

const SECCOMP_NOTIFY_INIT = 0, SECCOMP_NOTIFY_SENT = 1, SECCOMP_NOTIFY_REPLIED = 2;

/** One call that waits for an answer. */
export const seccomp_knotif = kobject('seccomp_knotif', {
  task: f.ref<task_struct>('task_struct'), id: f.big('u64'), data: f.list(f.u32), state: f.s32, error: f.s32, val: f.s64, flags: f.hex, ready: f.ref<wait_queue_head>('wait_queue_head'),
});
export interface seccomp_knotif extends Instance<typeof seccomp_knotif> {}

/** Linux: struct notification */
export const seccomp_notification = kobject('notification', {
  next_id: f.big('u64'), notifications: f.list(f.ref<seccomp_knotif>('seccomp_knotif')), wqh: f.ref<wait_queue_head>('wait_queue_head'), closed: f.bool,
});
export interface seccomp_notification extends Instance<typeof seccomp_notification> {}

/** Forgets calls that a signal has ended. */
function drop_interrupted(notif: seccomp_notification): void {
  notif.notifications = notif.notifications.filter(one => one.state === SECCOMP_NOTIFY_REPLIED || one.task.waiting.includes(one.ready));
}

/** The current call asks the supervisor: sleeps until it has answered. null: the call is made. Linux: seccomp_do_user_notification() */
export function notify_supervisor(task: task_struct, notif: seccomp_notification, words: readonly number[]): SyscallResult | null {
  const { call } = task;
  const known = notif.notifications.find(one => one.task === task && one.state === SECCOMP_NOTIFY_REPLIED);
  if (known) {
    notif.notifications.splice(notif.notifications.indexOf(known), 1);
    if (call) call.secured = true;
    if ((known.flags & SECCOMP_USER_NOTIF_FLAG_CONTINUE) !== 0) return null;
    if (known.error === 0) return known.val;
    return (findErrno(-known.error) ?? new Errno(`${-known.error}`, -known.error, `Unknown error ${-known.error}`)).because("the seccomp filter's supervisor answered so");
  }
  if (notif.closed) return ENOSYS.because("the seccomp filter's supervisor is gone");
  let mine = notif.notifications.find(one => one.task === task && one.task.waiting.includes(one.ready));
  if (!mine) {
    drop_interrupted(notif);
    mine = seccomp_knotif.make({ task, id: notif.next_id, data: words.map(word => word >>> 0), state: SECCOMP_NOTIFY_INIT, ready: init_waitqueue_head() });
    notif.next_id = BigInt.asUintN(64, notif.next_id + 1n);
    notif.notifications.push(mine);
    const asleep = block(mine.ready);
    wake_up(notif.wqh);
    return asleep;
  }
  return block(mine.ready);
}

const notif_of = (file: file): seccomp_notification => file.private_data as seccomp_notification;

/** Linux: seccomp_notify_recv() */
function seccomp_notify_recv(notif: seccomp_notification, task: task_struct, address: number): Result<number> {
  const mm = task_mm(task);
  const old = copy_from_user(mm, address, seccomp_notif.size);
  if (failed(old)) return old;
  if (old.some(byte => byte !== 0)) return EINVAL.because('struct seccomp_notif is not zero');
  drop_interrupted(notif);
  const first = notif.notifications.find(one => one.state === SECCOMP_NOTIFY_INIT);
  if (!first) return block(notif.wqh);
  const bytes = new Uint8Array(seccomp_notif.size);
  writeScalar(bytes, 0, 'u64', first.id);
  writeScalar(bytes, 8, 'u32', first.task.pid);
  first.data.forEach((word, i) => writeScalar(bytes, 16 + i * 4, 'u32', word));
  const stored = copy_to_user(mm, address, bytes);
  if (failed(stored)) return stored;
  first.state = SECCOMP_NOTIFY_SENT;
  wake_up(notif.wqh);
  return 0;
}

/** Linux: seccomp_notify_send() */
function seccomp_notify_send(notif: seccomp_notification, task: task_struct, address: number): Result<number> {
  const bytes = copy_from_user(task_mm(task), address, seccomp_notif_resp.size);
  if (failed(bytes)) return bytes;
  const flags = readField(seccomp_notif_resp, bytes, 'flags');
  const error = readField(seccomp_notif_resp, bytes, 'error');
  const val = readField(seccomp_notif_resp, bytes, 'val');
  if ((flags & ~SECCOMP_USER_NOTIF_FLAG_CONTINUE) !== 0) return EINVAL.because('flags has unknown bits');
  if (flags !== 0 && (error !== 0 || val !== 0)) return EINVAL.because('a call that goes on has no result yet');
  drop_interrupted(notif);
  const id = readBig(bytes, 0, 'u64');
  const asked = notif.notifications.find(one => one.id === id);
  if (!asked) return ENOENT.because('no call with this id waits');
  if (asked.state !== SECCOMP_NOTIFY_SENT) return EINPROGRESS.because('the call has not been received, or is answered already');
  asked.state = SECCOMP_NOTIFY_REPLIED;
  asked.error = error;
  asked.val = val;
  asked.flags = flags;
  wake_up(asked.ready);
  return 0;
}

function seccomp_notify_ioctl(file: file, cmd: number, arg: number, task: task_struct): Result<number> {
  const notif = notif_of(file);
  switch (cmd >>> 0) {
    case SECCOMP_IOCTL_NOTIF_RECV: return seccomp_notify_recv(notif, task, arg);
    case SECCOMP_IOCTL_NOTIF_SEND: return seccomp_notify_send(notif, task, arg);
    case SECCOMP_IOCTL_NOTIF_ID_VALID: {
      const id = get_user_big64(task_mm(task), arg);
      if (typeof id !== 'bigint') return id;
      drop_interrupted(notif);
      return notif.notifications.some(one => one.id === id && one.state === SECCOMP_NOTIFY_SENT) ? 0 : ENOENT.because('no call with this id waits');
    }
    default: return EINVAL.because('a seccomp listener knows no such ioctl');
  }
}

function seccomp_notify_poll(file: file, table: poll_table | null): number {
  const notif = notif_of(file);
  table?.queues.push(notif.wqh);
  drop_interrupted(notif);
  let events = 0;
  for (const one of notif.notifications) events |= one.state === SECCOMP_NOTIFY_INIT ? POLLIN : one.state === SECCOMP_NOTIFY_SENT ? POLLOUT : 0;
  return events;
}

/** Who waits gets ENOSYS. Linux: seccomp_notify_detach() */
function seccomp_notify_release(_inode: file['f_inode'], file: file): void {
  const notif = notif_of(file);
  notif.closed = true;
  for (const one of notif.notifications) {
    if (one.state === SECCOMP_NOTIFY_REPLIED) continue;
    one.state = SECCOMP_NOTIFY_REPLIED;
    one.error = -ENOSYS.number;
    wake_up(one.ready);
  }
}

const seccomp_notify_ops = ops('seccomp_notify_ops', { name: 'seccomp_notify_ops', poll: seccomp_notify_poll, release: seccomp_notify_release, ioctl: seccomp_notify_ioctl });

/** A descriptor for the supervisor of a filter. Linux: init_listener() */
export function new_listener(task: task_struct, isTaken: boolean): { fd: number; notif: seccomp_notification } | Errno {
  if (isTaken) return EBUSY.because('an older filter has a listener');
  const seed = new Uint8Array(8);
  ports().entropy.fill(seed);
  const notif = seccomp_notification.make({ next_id: readBig(seed, 0, 'u64'), wqh: init_waitqueue_head() });
  const file = anon_inode_getfile('seccomp notify', O_RDWR, FMODE_READ | FMODE_WRITE, seccomp_notify_ops, notif);
  const fd = fd_install_new(task, file, true);
  return typeof fd === 'number' ? { fd, notif } : fd;
}
