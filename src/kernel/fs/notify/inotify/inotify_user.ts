// inotify: events of watched files as something to read. Linux: fs/notify/inotify/inotify_user.c, inotify_fsnotify.c.
import { bits, fd, int, path } from '../../../../abi/arg_types';
import { EAGAIN, EEXIST, EINVAL, ENOENT, ENOTTY, type Errno } from '../../../../abi/errno';
import { AT_FDCWD, O_NONBLOCK, O_RDONLY } from '../../../../abi/fcntl';
import {
  IN_CLOEXEC, IN_DELETE_SELF, IN_DONT_FOLLOW, IN_EXCL_UNLINK, IN_IGNORED, IN_ISDIR, IN_MASK_ADD, IN_MASK_CREATE, IN_MOVE_SELF, IN_NONBLOCK, IN_ONESHOT, IN_ONLYDIR, IN_Q_OVERFLOW, IN_UNMOUNT,
  INOTIFY_INIT_FLAGS, INOTIFY_MASK, inotify_event,
} from '../../../../abi/fs';
import { FIONREAD } from '../../../../abi/ioctl';
import { POLL_IN } from '../../../../abi/signal';
import { POLLIN } from '../../../../abi/poll';
import { packStruct } from '../../../../abi/struct';
import type { task_struct, wait_queue_head } from '../../../kernel/types';
import { block, init_waitqueue_head, wake_up } from '../../../kernel/wait';
import { f, kobject, ops, type Instance } from '../../../kobject';
import { task_mm } from '../../../mm/mmap';
import { put_user32 } from '../../../mm/uaccess';
import { failed } from '../../../result';
import { syscall } from '../../../syscall';
import { anon_inode_getfile } from '../../anon_inodes';
import { fasync_helper, wake_async } from '../../fasync';
import { fd_install_new, fdget } from '../../file';
import { inode_permission, MAY_READ } from '../../inode';
import { copy_to_iter, type iov_iter } from '../../iov_iter';
import { noop_llseek } from '../../libfs';
import { LOOKUP_DIRECTORY, LOOKUP_FOLLOW, user_path_at } from '../../namei';
import { FMODE_READ, type file, type inode, type poll_table, type Result } from '../../types';
import { fsnotify_add_mark, fsnotify_destroy_mark, fsnotify_group, type fsnotify_mark } from '../fsnotify';

/** Linux: fs.inotify.max_queued_events, max_user_watches is not counted */
const MAX_QUEUED_EVENTS = 16384;
const ALL_EVENTS = 0xfff, ALL_INOTIFY_BITS = ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_MASK_CREATE | IN_MASK_ADD | IN_ISDIR | IN_ONESHOT;

/** One event that has not been read. `name` '': none. */
export const inotify_event_info = kobject('inotify_event_info', { wd: f.s32, mask: f.hex, sync_cookie: f.u32, name: f.str });
export interface inotify_event_info extends Instance<typeof inotify_event_info> {}

/** The rest of its group. Linux: struct inotify_group_private_data, and the queue of struct fsnotify_group */
export const inotify_instance = kobject('inotify_instance', {
  group: f.ref<fsnotify_group>('fsnotify_group'), next_wd: { ...f.int('int', 'dec', 1) },
  notification_list: f.list(f.ref<inotify_event_info>('inotify_event_info')), notification_waitq: f.ref<wait_queue_head>('wait_queue_head'),
});
export interface inotify_instance extends Instance<typeof inotify_instance> {}

const instance_of = (file: file): inotify_instance => file.private_data as inotify_instance;

function queue_event(instance: inotify_instance, event: { wd: number; mask: number; sync_cookie: number; name: string }): void {
  const list = instance.notification_list;
  const last = list[list.length - 1];
  if (last && last.wd === event.wd && last.mask === event.mask && last.sync_cookie === event.sync_cookie && last.name === event.name) return;
  if (list.length > MAX_QUEUED_EVENTS) return;
  list.push(inotify_event_info.make(list.length === MAX_QUEUED_EVENTS ? { wd: -1, mask: IN_Q_OVERFLOW, sync_cookie: 0, name: '' } : event));
  wake_up(instance.notification_waitq);
  wake_async(instance.group.fsn_fa, POLL_IN);
}

const inotify_fsnotify_ops = ops('inotify_fsnotify_ops', {
  name: 'inotify_fsnotify_ops',
  handle_inode_event(mark: fsnotify_mark, mask: number, name: string | null, cookie: number): void {
    // Events of the watched file itself do not say that it is a directory.
    const told = mask & (IN_MOVE_SELF | IN_DELETE_SELF) ? mask & ~IN_ISDIR : mask;
    queue_event(mark.group.private as inotify_instance, { wd: mark.wd, mask: told >>> 0, sync_cookie: cookie, name: name ?? '' });
    if (mark.mask & IN_ONESHOT) fsnotify_destroy_mark(mark);
  },
  freeing_mark(mark: fsnotify_mark): void {
    queue_event(mark.group.private as inotify_instance, { wd: mark.wd, mask: IN_IGNORED, sync_cookie: 0, name: '' });
  },
});

/** The name with its NUL, in whole units of the structure before it. */
const name_bytes = (name: string): number => name === '' ? 0 : Math.ceil((name.length + 1) / inotify_event.size) * inotify_event.size;

function event_bytes({ wd, mask, sync_cookie, name }: inotify_event_info): Uint8Array {
  const bytes = new Uint8Array(inotify_event.size + name_bytes(name));
  bytes.set(packStruct(inotify_event, { wd, mask, cookie: sync_cookie, len: name_bytes(name) }));
  for (let i = 0; i < name.length; i++) bytes[inotify_event.size + i] = name.charCodeAt(i);
  return bytes;
}

function inotify_read(file: file, to: iov_iter): Result<number> {
  const instance = instance_of(file);
  const list = instance.notification_list;
  let done = 0;
  for (;;) {
    const event = list[0];
    if (!event) break;
    const bytes = event_bytes(event);
    if (bytes.length > to.count) return done > 0 ? done : EINVAL.because(`the buffer is too small for an event of ${bytes.length} bytes`);
    const copied = copy_to_iter(bytes, to);
    if (typeof copied !== 'number') return done > 0 ? done : copied;
    list.shift();
    done += copied;
  }
  if (done > 0) return done;
  return file.f_flags & O_NONBLOCK ? EAGAIN.because('nothing has happened to what it watches') : block(instance.notification_waitq);
}

function inotify_poll(file: file, table: poll_table | null): number {
  const instance = instance_of(file);
  table?.queues.push(instance.notification_waitq);
  return instance.notification_list.length > 0 ? POLLIN : 0;
}

function inotify_ioctl(file: file, cmd: number, arg: number, task: task_struct): Result<number> {
  if (cmd !== FIONREAD) return ENOTTY.because('an inotify descriptor has no such ioctl');
  return put_user32(task_mm(task), arg, instance_of(file).notification_list.reduce((sum, { name }) => sum + inotify_event.size + name_bytes(name), 0));
}

function inotify_release(_inode: inode, file: file): void {
  for (const mark of instance_of(file).group.marks.slice()) fsnotify_destroy_mark(mark);
}

const inotify_fops = ops('inotify_fops', {
  name: 'inotify_fops', llseek: noop_llseek, read_iter: inotify_read, poll: inotify_poll, fasync: (fd: number, file: file, isOn: boolean): void => fasync_helper(fd, file, isOn, instance_of(file).group.fsn_fa), ioctl: inotify_ioctl, release: inotify_release,
  show_fdinfo: (file: file): string => instance_of(file).group.marks.map(mark =>
    `inotify wd:${mark.wd.toString(16)} ino:${mark.inode.i_ino.toString(16)} sdev:${mark.inode.i_sb.s_dev.toString(16)} mask:${(mark.mask & ALL_EVENTS).toString(16)} ignored_mask:0\n`).join(''),
});

function do_inotify_init(task: task_struct, flags: number): Result<number> {
  if (flags & ~(IN_CLOEXEC | IN_NONBLOCK)) return EINVAL.because('a flag is not known');
  const group = fsnotify_group.make({ ops: inotify_fsnotify_ops });
  const instance = inotify_instance.make({ group, notification_waitq: init_waitqueue_head() });
  group.private = instance;
  const file = anon_inode_getfile('inotify', O_RDONLY | (flags & IN_NONBLOCK), FMODE_READ, inotify_fops, instance);
  return fd_install_new(task, file, (flags & IN_CLOEXEC) !== 0);
}

function inotify_file(task: task_struct, number: number): file | Errno {
  const file = fdget(task, number);
  return 'f_op' in file && file.f_op !== inotify_fops ? EINVAL.because('the descriptor is no inotify instance') : file;
}

/** Linux: inotify_update_watch() */
function inotify_update_watch(group: fsnotify_group, inode: inode, arg: number): number | Errno {
  const mask = arg & (ALL_EVENTS | IN_ONESHOT | IN_EXCL_UNLINK) | IN_UNMOUNT;
  const known = group.marks.find(mark => mark.inode === inode);
  if (!known) return fsnotify_add_mark(group, inode, mask, (group.private as inotify_instance).next_wd++).wd;
  if (arg & IN_MASK_CREATE) return EEXIST.because('the file is watched already, and IN_MASK_CREATE is set');
  known.mask = arg & IN_MASK_ADD ? known.mask | mask : mask;
  return known.wd;
}

export const sys_inotify_init = syscall({ nr: 253, nr32: 291, name: 'inotify_init', brief: 'initialize an inotify instance', args: {}, ret: fd, classes: ['desc'] }, task => do_inotify_init(task, 0));

export const sys_inotify_init1 = syscall({
  nr: 294, nr32: 332, name: 'inotify_init1', brief: 'initialize an inotify instance', args: { flags: bits(INOTIFY_INIT_FLAGS) }, ret: fd, classes: ['desc'],
}, (task, { flags }) => do_inotify_init(task, flags));

export const sys_inotify_add_watch = syscall({
  nr: 254, nr32: 292, name: 'inotify_add_watch', brief: 'add a watch to an initialized inotify instance', args: { fd, pathname: path, mask: bits(INOTIFY_MASK, undefined, 'uint32_t') }, ret: int,
  classes: ['desc', 'file'], support: { partial: 'IN_EXCL_UNLINK is taken and changes nothing' },
}, (task, { fd: number, pathname, mask }) => {
  if ((mask & ~ALL_INOTIFY_BITS) !== 0 || (mask & ALL_INOTIFY_BITS) === 0) return EINVAL.because('mask names no event, or one that is not known');
  const watched = fdget(task, number, 0);
  if (!('f_op' in watched)) return watched;
  if (mask & IN_MASK_ADD && mask & IN_MASK_CREATE) return EINVAL.because('IN_MASK_ADD and IN_MASK_CREATE exclude each other');
  const file = inotify_file(task, number);
  if (!('f_op' in file)) return file;
  const at = user_path_at(task, AT_FDCWD, pathname, (mask & IN_DONT_FOLLOW ? 0 : LOOKUP_FOLLOW) | (mask & IN_ONLYDIR ? LOOKUP_DIRECTORY : 0), 1);
  if (failed(at)) return at;
  const inode = at.dentry.d_inode;
  if (!inode) return ENOENT.because('no file has this name');
  const refused = inode_permission(task, inode, MAY_READ);
  return refused ?? inotify_update_watch(instance_of(file).group, inode, mask);
});

export const sys_inotify_rm_watch = syscall({
  nr: 255, nr32: 293, name: 'inotify_rm_watch', brief: 'remove an existing watch from an inotify instance', args: { fd, wd: int }, ret: int, classes: ['desc'],
}, (task, { fd: number, wd }) => {
  const file = inotify_file(task, number);
  if (!('f_op' in file)) return file;
  const mark = instance_of(file).group.marks.find(one => one.wd === wd);
  if (!mark) return EINVAL.because(`there is no watch ${wd}`);
  fsnotify_destroy_mark(mark);
  return 0;
});
