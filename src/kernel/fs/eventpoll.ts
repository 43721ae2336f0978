// epoll: level, edge and oneshot. Linux: fs/eventpoll.c.
// Differs: there is no ready list filled by callbacks. A wait polls the items in turn, and an edge is a wake-up of one of the item's queues since its last report.
// EPOLLEXCLUSIVE is accepted and wakes all waiters.
import { bits, choice, epollEvent, epollEvents, fd, int, sigset, outTimespec, size } from '../../abi/arg_types';
import { EEXIST, EFAULT, EINTR, EINVAL, ELOOP, ENOENT, EPERM, type Errno } from '../../abi/errno';
import { O_RDWR } from '../../abi/fcntl';
import { EPOLLERR, EPOLLET, EPOLLEXCLUSIVE, EPOLLHUP, EPOLLIN, EPOLLONESHOT, EPOLLOUT, EPOLLRDNORM, EPOLLWAKEUP, EPOLL_CLOEXEC, EPOLL_CREATE_FLAGS, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLL_CTL_OPS } from '../../abi/poll';
import { block, call_deadline, init_waitqueue_head, is_past, wake_up } from '../kernel/wait';
import type { task_struct, wait_queue_head } from '../kernel/types';
import { f, kobject, ops, type Instance, type KObject } from '../kobject';
import { copy_from_user, copy_to_user } from '../mm/uaccess';
import { failed } from '../result';
import { syscall } from '../syscall';
import { anon_inode_getfile } from './anon_inodes';
import { fd_install_new, fdget, file_release_hooks } from './file';
import { noop_llseek } from './libfs';
import { get_timespec, restore_saved_sigmask_unless, set_user_sigmask, vfs_poll } from './select';
import { FMODE_READ, FMODE_WRITE, type file, type poll_table, type Result } from './types';
import { access_ok, task_mm } from './uio';

/** One watched descriptor. */
export const epitem = kobject('epitem', {
  fd: f.s32, file: f.ref<file>('file'), ep: f.ref<KObject>('eventpoll'),
  events: f.u32, data: f.big('epoll_data_t'),
  /** Wake-ups of its queues at the last report; -1: never reported. */
  seen: { ...f.int('u64', 'dec', -1) },
});
export interface epitem extends Instance<typeof epitem> {}

export const eventpoll = kobject('eventpoll', {
  /** In the order of their turn. */
  items: f.list(f.ref<epitem>('epitem')),
  /** Woken when the items change. */
  wq: f.ref<wait_queue_head>('wait_queue_head'),
});
export interface eventpoll extends Instance<typeof eventpoll> {}

const EP_PRIVATE_BITS = (EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE) >>> 0;
const EP_MAX_NESTS = 4;
const ep_of = (file: file): eventpoll => file.private_data as eventpoll;

/** The events that a report of the item would have now. Adds its queues to `table`. */
function ep_item_poll(item: epitem, table: poll_table): number {
  // A oneshot item that has fired waits for EPOLL_CTL_MOD.
  if ((item.events & ~EP_PRIVATE_BITS) === 0) return 0;
  const own: poll_table = { queues: [] };
  const revents = vfs_poll(item.file, own) & item.events & ~EP_PRIVATE_BITS;
  table.queues.push(...own.queues);
  if (!(item.events & EPOLLET)) return revents;
  return item.seen === wakeups(own) ? 0 : revents;
}

const wakeups = (table: poll_table): number => table.queues.reduce((sum, queue) => sum + queue.seq, 0);

/** Notes that the item's present state was reported. */
function ep_item_reported(item: epitem): void {
  const own: poll_table = { queues: [] };
  vfs_poll(item.file, own);
  item.seen = wakeups(own);
  if (item.events & EPOLLONESHOT) item.events = (item.events & EP_PRIVATE_BITS) >>> 0;
}

function ep_remove(ep: eventpoll, item: epitem): void {
  ep.items = ep.items.filter(i => i !== item);
  item.file.f_ep = item.file.f_ep.filter(i => i !== item);
}

/** A file goes away: nobody watches it any more. Linux: fs/eventpoll.c:eventpoll_release_file() */
file_release_hooks.eventpoll_release = (_file: file, item: KObject): void => ep_remove((item as epitem).ep as eventpoll, item as epitem);

/** How deep epolls are nested below a file. */
function ep_depth(file: file, depth: number): number {
  if (file.f_op !== eventpoll_fops || depth > EP_MAX_NESTS) return depth;
  return ep_of(file).items.reduce((deepest, item) => Math.max(deepest, ep_depth(item.file, depth + 1)), depth);
}

function ep_reaches(file: file, target: file, depth = 0): boolean {
  if (file === target) return true;
  if (file.f_op !== eventpoll_fops || depth > EP_MAX_NESTS + 1) return false;
  return ep_of(file).items.some(item => ep_reaches(item.file, target, depth + 1));
}

function ep_insert(ep: eventpoll, file: file, fd: number, events: number, data: bigint): number {
  const item = epitem.make({ fd, file, ep, events, data });
  ep.items.push(item);
  file.f_ep.push(item);
  wake_up(ep.wq);
  return 0;
}

function ep_poll(file: file, table: poll_table | null): number {
  const ep = ep_of(file);
  const inner = table ?? { queues: [] };
  inner.queues.push(ep.wq);
  let mask = 0;
  for (const item of ep.items) if (ep_item_poll(item, inner) !== 0) mask = EPOLLIN | EPOLLRDNORM;
  return mask;
}

function ep_release(_inode: file['f_inode'], file: file): void {
  const ep = ep_of(file);
  for (const item of ep.items.slice()) ep_remove(ep, item);
}

export const eventpoll_fops = ops('eventpoll_fops', {
  name: 'eventpoll_fops', ioctl: (): Errno => EINVAL.because('an epoll knows no such ioctl'), llseek: noop_llseek, poll: ep_poll, release: ep_release,
  show_fdinfo: (file: file): string => ep_of(file).items.map(i => `tfd: ${String(i.fd).padStart(8)} events: ${i.events.toString(16).padStart(8)} data: ${i.data.toString(16).padStart(16)}  pos:${i.file.f_pos} ino:${i.file.f_inode.i_ino.toString(16)} sdev:${i.file.f_inode.i_dev.toString(16)}\n`).join(''),
});

function do_epoll_create(task: task_struct, flags: number): Result<number> {
  if (flags & ~EPOLL_CLOEXEC) return EINVAL.because('only EPOLL_CLOEXEC is known');
  const ep = eventpoll.make({ wq: init_waitqueue_head() });
  return fd_install_new(task, anon_inode_getfile('[eventpoll]', O_RDWR, FMODE_READ | FMODE_WRITE, eventpoll_fops, ep), (flags & EPOLL_CLOEXEC) !== 0);
}

export const sys_epoll_create = syscall({ nr: 213, nr32: 254, name: 'epoll_create', brief: 'open an epoll file descriptor', args: { size: int }, ret: fd, classes: ['desc'] }, (task, args) =>
  args.size <= 0 ? EINVAL.because('size is not positive') : do_epoll_create(task, 0));
export const sys_epoll_create1 = syscall({ nr: 291, nr32: 329, name: 'epoll_create1', brief: 'open an epoll file descriptor', args: { flags: bits(EPOLL_CREATE_FLAGS) }, ret: fd, classes: ['desc'] }, (task, args) => do_epoll_create(task, args.flags));

/** Linux: fs/eventpoll.c:do_epoll_ctl() */
export const sys_epoll_ctl = syscall({
  nr: 233, nr32: 255, name: 'epoll_ctl', brief: 'control interface for an epoll file descriptor', args: { epfd: fd, op: choice(EPOLL_CTL_OPS), fd, event: epollEvent }, ret: int, classes: ['desc'],
}, (task, args) => {
  let events = 0;
  let data = 0n;
  if (args.op !== EPOLL_CTL_DEL) {
    const bytes = copy_from_user(task_mm(task), args.event, 12);
    if (failed(bytes)) return bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, 12);
    events = view.getUint32(0, true);
    data = view.getBigUint64(4, true);
  }
  const epfile = fdget(task, args.epfd, 0);
  if (!('f_op' in epfile)) return epfile;
  const file = fdget(task, args.fd, 1);
  if (!('f_op' in file)) return file;
  if (!file.f_op.poll) return EPERM.because('this kind of file cannot be polled');
  if (file === epfile || epfile.f_op !== eventpoll_fops) return EINVAL.because('epfd is not an epoll, or watches itself');
  const ep = ep_of(epfile);
  if (events & EPOLLEXCLUSIVE && args.op === EPOLL_CTL_MOD) return EINVAL.because('EPOLLEXCLUSIVE cannot be set later');
  if (events & EPOLLEXCLUSIVE && (file.f_op === eventpoll_fops || events & ~(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE))) return EINVAL.because('EPOLLEXCLUSIVE does not go with these events');
  if (args.op === EPOLL_CTL_ADD && file.f_op === eventpoll_fops && (ep_reaches(file, epfile) || ep_depth(file, 0) > EP_MAX_NESTS)) return ELOOP.because('epolls would watch each other in a circle, or are nested too deep');
  const item = ep.items.find(i => i.fd === args.fd && i.file === file);
  const wanted = (events | EPOLLERR | EPOLLHUP) >>> 0;
  switch (args.op) {
    case EPOLL_CTL_ADD:
      return item ? EEXIST.because('the descriptor is watched already') : ep_insert(ep, file, args.fd, wanted, data);
    case EPOLL_CTL_DEL:
      if (!item) return ENOENT.because('the descriptor is not watched');
      ep_remove(ep, item);
      return 0;
    case EPOLL_CTL_MOD:
      if (!item) return ENOENT.because('the descriptor is not watched');
      if (item.events & EPOLLEXCLUSIVE) return EINVAL.because('an exclusive watch cannot change');
      item.events = wanted;
      item.data = data;
      item.seen = -1;
      wake_up(ep.wq);
      return 0;
    default:
      return EINVAL.because(`operation ${args.op} is not known`);
  }
});

/** Hands out what is ready, and notes in `table` what to sleep on. Reported items go to the end of the turn. Linux: fs/eventpoll.c:ep_send_events() */
function ep_send_events(task: task_struct, ep: eventpoll, address: number, maxevents: number, table: poll_table): Result<number> {
  const reported: epitem[] = [];
  for (const item of ep.items) {
    if (reported.length >= maxevents) break;
    const revents = ep_item_poll(item, table);
    if (revents === 0) continue;
    const bytes = new Uint8Array(12);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, revents, true);
    view.setBigUint64(4, item.data, true);
    const stored = copy_to_user(task_mm(task), address + reported.length * 12, bytes);
    if (failed(stored)) {
      if (reported.length === 0) return stored;
      break;
    }
    reported.push(item);
  }
  for (const item of reported) ep_item_reported(item);
  if (reported.length > 0) ep.items = [...ep.items.filter(item => !reported.includes(item)), ...reported];
  return reported.length;
}

/** Linux: fs/eventpoll.c:do_epoll_wait() */
function do_epoll_wait(task: task_struct, epfd: number, address: number, maxevents: number, timeoutNs: number | null): Result<number> {
  const file = fdget(task, epfd);
  if (!('f_op' in file)) return file;
  if (maxevents <= 0 || maxevents > 0x7fffffff / 12) return EINVAL.because('maxevents is not positive');
  if (!access_ok(address, maxevents * 12)) return EFAULT.because('events lie outside user memory');
  if (file.f_op !== eventpoll_fops) return EINVAL.because('the descriptor is not an epoll');
  const ep = ep_of(file);
  const table: poll_table = { queues: [ep.wq] };
  const sent = ep_send_events(task, ep, address, maxevents, table);
  if (typeof sent !== 'number' || sent > 0) return sent;
  const deadline = timeoutNs === null ? Infinity : timeoutNs === 0 ? 0 : call_deadline(task, timeoutNs);
  if (is_past(deadline)) return 0;
  return block(table.queues, deadline, EINTR);
}

export const sys_epoll_wait = syscall({
  nr: 232, nr32: 256, name: 'epoll_wait', brief: 'wait for an I/O event on an epoll file descriptor', args: { epfd: fd, events: epollEvents('maxevents'), maxevents: int, timeout: int }, ret: int, classes: ['desc'],
}, (task, args) => do_epoll_wait(task, args.epfd, args.events, args.maxevents, args.timeout < 0 ? null : args.timeout * 1e6));

export const sys_epoll_pwait2 = syscall({
  nr: 441, nr32: 441, name: 'epoll_pwait2', brief: 'wait for an I/O event on an epoll file descriptor', args: { epfd: fd, events: epollEvents('maxevents'), maxevents: int, timeout: outTimespec, sigmask: sigset, sigsetsize: size }, ret: int, classes: ['desc'],
}, (task, args) => {
  const timeout = get_timespec(task, args.timeout, 1);
  if (failed(timeout)) return timeout;
  const masked = set_user_sigmask(task, args.sigmask, args.sigsetsize);
  if (failed(masked)) return masked;
  return restore_saved_sigmask_unless(task, do_epoll_wait(task, args.epfd, args.events, args.maxevents, timeout));
});

export const sys_epoll_pwait = syscall({
  nr: 281, nr32: 319, name: 'epoll_pwait', brief: 'wait for an I/O event on an epoll file descriptor', args: { epfd: fd, events: epollEvents('maxevents'), maxevents: int, timeout: int, sigmask: sigset, sigsetsize: size }, ret: int, classes: ['desc'],
}, (task, args) => {
  const masked = set_user_sigmask(task, args.sigmask, args.sigsetsize);
  if (failed(masked)) return masked;
  return restore_saved_sigmask_unless(task, do_epoll_wait(task, args.epfd, args.events, args.maxevents, args.timeout < 0 ? null : args.timeout * 1e6));
});
