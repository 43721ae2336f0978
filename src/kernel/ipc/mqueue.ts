// POSIX message queues. Linux: ipc/mqueue.c. Not here: the mounted mqueue file system, notification by a thread (SIGEV_THREAD, over netlink).
import { buffer, fd as fdType, int, mode, openFlags, outBuffer, path, pointer, size, special, timespec, uint } from '../../abi/arg_types';
import { EACCES, EAGAIN, EBADF, EBUSY, EEXIST, EINVAL, EMSGSIZE, ENAMETOOLONG, ENOENT, ENOSYS, ETIMEDOUT, Errno } from '../../abi/errno';
import { O_CLOEXEC, O_CREAT, O_EXCL, O_NONBLOCK } from '../../abi/fcntl';
import { POLLIN, POLLOUT } from '../../abi/poll';
import { SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD, sigevent } from '../../abi/signal';
import { S_IFREG } from '../../abi/stat';
import { readBig, readField, writeScalar } from '../../abi/struct';
import { d_alloc } from '../fs/dcache';
import { alloc_file, fd_install_new, fdget } from '../fs/file';
import { copy_to_iter, type iov_iter } from '../fs/iov_iter';
import { generic_file_llseek } from '../fs/libfs';
import { MAY_READ, MAY_WRITE, capable, inode_permission } from '../fs/inode';
import { shm_mount } from '../fs/memfd';
import { shmem_get_inode } from '../fs/tmpfs/shmem';
import { FMODE_LSEEK, FMODE_PREAD, FMODE_PWRITE, FMODE_READ, FMODE_WRITE, type dentry, type file, type inode, type poll_table, type Result } from '../fs/types';
import { send_signal } from '../kernel/signal';
import { copy_longs_from_user, copy_longs_to_user, copy_sigevent_from_user, copy_times_from_user } from '../kernel/compat';
import { clock_to_mono } from '../kernel/time/timekeeping';
import { block, init_waitqueue_head, is_past, wake_up } from '../kernel/wait';
import type { task_struct, wait_queue_head } from '../kernel/types';
import { f, kobject, ops, type Instance } from '../kobject';
import { task_mm } from '../mm/mmap';
import { copy_from_user, copy_to_user, put_user32, strncpy_from_user } from '../mm/uaccess';
import { failed, type Block, type SyscallResult } from '../result';
import { current, kernel } from '../state';
import { syscall } from '../syscall';
import { msg_msg } from './msg';

const MQ_PRIO_MAX = 32768, MSG_MAX = 10, MSGSIZE_MAX = 8192, HARD_MSGMAX = 65536, HARD_MSGSIZEMAX = 16 * 1024 * 1024;
const CAP_SYS_RESOURCE = 24, CLOCK_REALTIME = 0, SI_MESGQ = -3;

/** A queue: its messages by priority, the oldest of one priority first; m_type of a message is its priority. */
export const mqueue_inode_info = kobject('mqueue_inode_info', {
  inode: f.ref<inode>('inode'), dentry: f.ref<dentry>('dentry'), mq_maxmsg: f.s64, mq_msgsize: f.s64, msg_tree: f.list(f.ref<msg_msg>('msg_msg')), wait_q: f.ref<wait_queue_head>('wait_queue_head'),
  notify_owner: f.pid, notify_method: f.s32, notify_signo: f.s32, notify_value: f.big('sigval_t'),
});
export interface mqueue_inode_info extends Instance<typeof mqueue_inode_info> {}
/** All queues that have a name. */
export const mqueue_names = kobject('mqueue_names', { queues: f.map(f.str, f.ref<mqueue_inode_info>('mqueue_inode_info')) });
export interface mqueue_names extends Instance<typeof mqueue_names> {}

function names(): mqueue_names {
  const known = kernel.subsystems.get('mqueue');
  if (known) return known as mqueue_names;
  const made = mqueue_names.make({});
  kernel.subsystems.set('mqueue', made);
  return made;
}

const info_of = (file: file): mqueue_inode_info => file.private_data as mqueue_inode_info;
const mqueue_dentry_operations = ops('mqueue_dentry_operations', { name: 'mqueue_dentry_operations', d_dname: (d: dentry): string => `/${d.d_name}` });

function mqueue_poll(file: file, table: poll_table | null): number {
  const info = info_of(file);
  table?.queues.push(info.wait_q);
  return (info.msg_tree.length > 0 ? POLLIN : 0) | (info.msg_tree.length < info.mq_maxmsg ? POLLOUT : 0);
}

/** What read(2) tells of a queue. Linux: ipc/mqueue.c:mqueue_read_file() */
function mqueue_read_file(file: file, to: iov_iter, pos: number): Result<number> {
  const info = info_of(file), qsize = info.msg_tree.reduce((sum, message) => sum + message.text.length, 0);
  const text = `QSIZE:${String(qsize).padEnd(10)} NOTIFY:${String(info.notify_owner ? info.notify_method : 0).padEnd(5)} SIGNO:${String(info.notify_owner && info.notify_method === SIGEV_SIGNAL ? info.notify_signo : 0).padEnd(5)} NOTIFY_PID:${String(info.notify_owner).padEnd(6)}\n`;
  return pos >= text.length ? 0 : copy_to_iter(Uint8Array.from(text, c => c.charCodeAt(0)).subarray(pos), to);
}

const mqueue_file_operations = ops('mqueue_file_operations', {
  name: 'mqueue_file_operations', read_iter: mqueue_read_file, llseek: generic_file_llseek, poll: mqueue_poll,
  release(_inode: inode, file: file): void {
    const info = info_of(file);
    if (info.notify_owner === current().tgid) info.notify_owner = 0;
  },
});

/** The name of a queue out of guest memory. */
function queue_name(task: task_struct, at: number): string | Errno | Block {
  const name = strncpy_from_user(task_mm(task), at, 4096);
  if (typeof name !== 'string') return name;
  if (name === '') return ENOENT.because('the name is empty');
  if (name.includes('/')) return EACCES.because('the name has a slash');
  return name.length > 255 ? ENAMETOOLONG.because('the name is longer than 255 bytes') : name;
}

interface mq_attr { flags: number; maxmsg: number; msgsize: number }

function read_attr(task: task_struct, at: number): mq_attr | Errno | Block {
  const bytes = copy_longs_from_user(task, at, 8);
  if (failed(bytes)) return bytes;
  const long = (i: number): number => Number(readBig(bytes, i * 8, 's64'));
  return { flags: long(0), maxmsg: long(1), msgsize: long(2) };
}

/** Linux: mq_attr_ok() */
function attr_refused(task: task_struct, { maxmsg, msgsize }: mq_attr): Errno | null {
  if (maxmsg <= 0 || msgsize <= 0) return EINVAL.because('mq_maxmsg or mq_msgsize is not positive');
  const isCapable = capable(task, CAP_SYS_RESOURCE);
  if (maxmsg > (isCapable ? HARD_MSGMAX : MSG_MAX) || msgsize > (isCapable ? HARD_MSGSIZEMAX : MSGSIZE_MAX)) return EINVAL.because('mq_maxmsg or mq_msgsize is larger than the limit');
  return null;
}

function mqueue_create(task: task_struct, name: string, perm: number, attr: mq_attr): mqueue_inode_info | Errno {
  const mnt = shm_mount();
  if (!mnt) return ENOENT.because('the file system of queues is not mounted');
  const inode = shmem_get_inode(mnt.mnt_sb, null, S_IFREG | perm & ~(task.fs?.umask ?? 0) & 0o777);
  inode.i_size = 80;
  const dentry = d_alloc(mnt.mnt_root, name);
  dentry.d_inode = inode;
  dentry.d_op = mqueue_dentry_operations;
  const info = mqueue_inode_info.make({ inode, dentry, mq_maxmsg: attr.maxmsg, mq_msgsize: attr.msgsize, wait_q: init_waitqueue_head() });
  names().queues.set(name, info);
  return info;
}

export const sys_mq_open = syscall({
  nr: 240, nr32: 277, name: 'mq_open', brief: 'open a message queue', args: { name: path, oflag: openFlags, mode, attr: special('mqAttr', 'struct mq_attr *') }, ret: fdType, classes: ['desc'],
}, (task, { name: at, oflag, mode: perm, attr: attrAt }): SyscallResult => {
  const given = attrAt === 0 ? null : read_attr(task, attrAt);
  if (given && failed(given)) return given;
  const name = queue_name(task, at);
  if (typeof name !== 'string') return name;
  let info: mqueue_inode_info | Errno | undefined = names().queues.get(name);
  const mnt = shm_mount();
  if (!mnt) return ENOENT.because('the file system of queues is not mounted');
  if (!info) {
    if ((oflag & O_CREAT) === 0) return ENOENT.because('there is no queue of this name');
    const attr = given ?? { flags: 0, maxmsg: MSG_MAX, msgsize: MSGSIZE_MAX };
    info = attr_refused(task, attr) ?? mqueue_create(task, name, perm, attr);
    if (info instanceof Errno) return info;
  } else {
    if ((oflag & O_CREAT) !== 0 && (oflag & O_EXCL) !== 0) return EEXIST.because('there is a queue of this name');
    if ((oflag & 3) === 3) return EINVAL.because('the access mode is none of O_RDONLY, O_WRONLY, O_RDWR');
    const refused = inode_permission(task, info.inode, [MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE][oflag & 3] ?? 0);
    if (refused) return refused;
  }
  const access = oflag & 3;
  const file = alloc_file({ mnt, dentry: info.dentry }, oflag & (3 | O_NONBLOCK), (access !== 1 ? FMODE_READ : 0) | (access !== 0 ? FMODE_WRITE : 0) | FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE, mqueue_file_operations, info);
  return fd_install_new(task, file, (oflag & O_CLOEXEC) !== 0);
});

export const sys_mq_unlink = syscall({ nr: 241, nr32: 278, name: 'mq_unlink', brief: 'remove a message queue', args: { name: path }, ret: int, classes: [] }, (task, { name: at }): SyscallResult => {
  const name = queue_name(task, at);
  if (typeof name !== 'string') return name;
  const info = names().queues.get(name);
  if (!info) return ENOENT.because('there is no queue of this name');
  if (info.inode.i_uid !== task.cred.fsuid && task.cred.fsuid !== 0) return EACCES.because('the queue belongs to another user');
  names().queues.delete(name);
  info.inode.i_nlink = 0;
  return 0;
});

/** The absolute timeout of a call as CLOCK_MONOTONIC nanoseconds; null: none. Linux: prepare_timeout() */
function deadline_of(task: task_struct, at: number): number | null | Errno | Block {
  if (at === 0) return null;
  const bytes = copy_times_from_user(task, at, 1);
  if (failed(bytes)) return bytes;
  const sec = readBig(bytes, 0, 's64'), nsec = readBig(bytes, 8, 's64');
  if (sec < 0n || nsec < 0n || nsec >= 1_000_000_000n) return EINVAL.because('the timeout is not a valid time');
  return clock_to_mono(CLOCK_REALTIME, sec * 1_000_000_000n + nsec);
}

function queue_file(task: task_struct, fd: number, need: number): file | Errno {
  const file = fdget(task, fd);
  if (file instanceof Errno) return file;
  if (file.f_op !== mqueue_file_operations) return EBADF.because('the descriptor is no message queue');
  return (file.f_mode & need) === 0 ? EBADF.because(`the queue is not open for ${need === FMODE_WRITE ? 'writing' : 'reading'}`) : file;
}

/** Sleeps until the queue changes. */
function wait_for_queue(file: file, until: number | null, why: string): SyscallResult {
  if ((file.f_flags & O_NONBLOCK) !== 0) return EAGAIN.because(why);
  if (until !== null && is_past(until)) return ETIMEDOUT.because('the timeout passed');
  return block(info_of(file).wait_q, until ?? Infinity);
}

/** Linux: __do_notify(): the first message in an empty queue that nobody waits for. */
function notify(task: task_struct, info: mqueue_inode_info): void {
  const owner = kernel.tasks.get(info.notify_owner);
  if (owner && info.notify_method === SIGEV_SIGNAL) send_signal(info.notify_signo, { si_code: SI_MESGQ, si_pid: task.tgid, si_uid: task.cred.uid, si_value: info.notify_value }, owner, true);
  info.notify_owner = 0;
}

export const sys_mq_timedsend = syscall({
  nr: 242, nr32: 418, nr_time32: 279, name32: 'mq_timedsend_time64', name: 'mq_timedsend', brief: 'send a message to a message queue',
  args: { mqdes: fdType, msg_ptr: buffer('msg_len'), msg_len: size, msg_prio: uint, abs_timeout: timespec }, ret: int, classes: ['desc'],
}, (task, { mqdes, msg_ptr, msg_len, msg_prio, abs_timeout }): SyscallResult => {
  const until = deadline_of(task, abs_timeout);
  if (failed(until)) return until;
  if (msg_prio >= MQ_PRIO_MAX) return EINVAL.because('the priority is larger than 32767');
  const file = queue_file(task, mqdes, FMODE_WRITE);
  if (file instanceof Errno) return file;
  const info = info_of(file);
  if (msg_len > info.mq_msgsize) return EMSGSIZE.because(`the queue takes messages of ${info.mq_msgsize} bytes`);
  const text = copy_from_user(task_mm(task), msg_ptr, msg_len);
  if (failed(text)) return text;
  if (info.msg_tree.length >= info.mq_maxmsg) return wait_for_queue(file, until, `the queue holds ${info.mq_maxmsg} messages`);
  const wasEmpty = info.msg_tree.length === 0;
  const at = info.msg_tree.findIndex(one => one.m_type < msg_prio);
  info.msg_tree.splice(at < 0 ? info.msg_tree.length : at, 0, msg_msg.make({ m_type: msg_prio, text: text.slice() }));
  if (wasEmpty && info.notify_owner !== 0 && info.wait_q.head.length === 0) notify(task, info);
  wake_up(info.wait_q);
  return 0;
});

export const sys_mq_timedreceive = syscall({
  nr: 243, nr32: 419, nr_time32: 280, name32: 'mq_timedreceive_time64', name: 'mq_timedreceive', brief: 'receive a message from a message queue',
  args: { mqdes: fdType, msg_ptr: outBuffer('msg_len'), msg_len: size, msg_prio: pointer('outUint', 'unsigned int *', 'out'), abs_timeout: timespec }, ret: int, classes: ['desc'],
}, (task, { mqdes, msg_ptr, msg_len, msg_prio, abs_timeout }): SyscallResult => {
  const until = deadline_of(task, abs_timeout);
  if (failed(until)) return until;
  const file = queue_file(task, mqdes, FMODE_READ);
  if (file instanceof Errno) return file;
  const info = info_of(file);
  if (msg_len < info.mq_msgsize) return EMSGSIZE.because(`the buffer is smaller than the ${info.mq_msgsize} bytes of a message`);
  const message = info.msg_tree[0];
  if (!message) return wait_for_queue(file, until, 'the queue is empty');
  info.msg_tree.shift();
  wake_up(info.wait_q);
  const stored = msg_prio === 0 ? 0 : put_user32(task_mm(task), msg_prio, message.m_type);
  if (failed(stored)) return stored;
  const copied = copy_to_user(task_mm(task), msg_ptr, message.text);
  return failed(copied) ? copied : message.text.length;
});

export const sys_mq_notify = syscall({
  nr: 244, nr32: 281, name: 'mq_notify', brief: 'register for notification when a message is available', args: { mqdes: fdType, sevp: pointer('sigevent', 'const struct sigevent *', 'in') }, ret: int, classes: ['desc'],
  support: { partial: 'no SIGEV_THREAD' },
}, (task, { mqdes, sevp }): SyscallResult => {
  const bytes = sevp === 0 ? null : copy_sigevent_from_user(task, sevp);
  if (bytes && failed(bytes)) return bytes;
  const method = bytes ? readField(sigevent, bytes, 'sigev_notify') : SIGEV_NONE;
  const signo = bytes ? readField(sigevent, bytes, 'sigev_signo') : 0;
  if (bytes) {
    if (method !== SIGEV_NONE && method !== SIGEV_SIGNAL && method !== SIGEV_THREAD) return EINVAL.because('there is no such notification');
    if (method === SIGEV_SIGNAL && (signo < 0 || signo > 64)) return EINVAL.because(`there is no signal ${signo}`);
    if (method === SIGEV_THREAD) return ENOSYS.because('SIGEV_THREAD is not implemented for queues');
  }
  const file = fdget(task, mqdes);
  if (file instanceof Errno) return file;
  if (file.f_op !== mqueue_file_operations) return EBADF.because('the descriptor is no message queue');
  const info = info_of(file);
  if (!bytes) {
    if (info.notify_owner === task.tgid) info.notify_owner = 0;
    return 0;
  }
  if (info.notify_owner !== 0) return EBUSY.because('a process has registered already');
  info.notify_owner = task.tgid;
  info.notify_method = method;
  info.notify_signo = signo;
  info.notify_value = readBig(bytes, 0, 'u64');
  return 0;
});

export const sys_mq_getsetattr = syscall({
  nr: 245, nr32: 282, name: 'mq_getsetattr', brief: 'get/set message queue attributes', args: { mqdes: fdType, newattr: special('mqAttr', 'const struct mq_attr *'), oldattr: pointer('mqAttr', 'struct mq_attr *', 'out') }, ret: int, classes: ['desc'],
}, (task, { mqdes, newattr, oldattr }): SyscallResult => {
  const given = newattr === 0 ? null : read_attr(task, newattr);
  if (given && failed(given)) return given;
  if (given && (given.flags & ~O_NONBLOCK) !== 0) return EINVAL.because('only O_NONBLOCK can be changed');
  const file = fdget(task, mqdes);
  if (file instanceof Errno) return file;
  if (file.f_op !== mqueue_file_operations) return EBADF.because('the descriptor is no message queue');
  const info = info_of(file);
  const old = new Uint8Array(64);
  [file.f_flags & O_NONBLOCK, info.mq_maxmsg, info.mq_msgsize, info.msg_tree.length].forEach((word, i) => writeScalar(old, i * 8, 's64', word));
  if (given) file.f_flags = file.f_flags & ~O_NONBLOCK | given.flags & O_NONBLOCK;
  return oldattr === 0 ? 0 : copy_longs_to_user(task, oldattr, old);
});
