// Mounting, and what else belongs to whoever runs the computer. Linux: fs/namespace.c, fsopen.c, fs/quota/quota.c, mm/swapfile.c, kernel/acct.c, fs/notify/fanotify/.
// Differs: there are no namespaces of mounts: a mount is seen by all. New instances of tmpfs and proc, binds and moves of the root are done; there are no block devices.
import { latin1 } from '../../base/text';
import { bits, dev, dirfd, fd, hex, int, path, ptr, str, uint } from '../../abi/arg_types';
import { EBUSY, EINVAL, ENODEV, ENOSYS, ENOTBLK, ENOTDIR, EPERM, type Errno } from '../../abi/errno';
import { AT_FDCWD } from '../../abi/fcntl';
import { MNT_FORCE, MOUNT_FLAGS, MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_REMOUNT, MS_PRIVATE, MS_SHARED, MS_SLAVE, MS_UNBINDABLE, UMOUNT_FLAGS, UMOUNT_NOFOLLOW } from '../../abi/fs';
import { S_ISDIR } from '../../abi/stat';
import type { task_struct } from '../kernel/types';
import { copy_to_user, strncpy_from_user } from '../mm/uaccess';
import { failed } from '../result';
import { kernel } from '../state';
import { low_word, syscall } from '../syscall';
import { capable, CAP_SYS_ADMIN } from './inode';
import { LOOKUP_FOLLOW, user_path_at } from './namei';
import { mount_proc } from './proc/root';
import { umount_tree, vfs_mount } from './super';
import { shmem_fill_super } from './tmpfs/shmem';
import { MNT_NODEV, MNT_NOEXEC, MNT_NOSUID, MNT_READONLY, MNT_RELATIME, type mount, type path as path_t, type Result } from './types';
import { task_mm } from './uio';

const notAllowed = (what: string): Errno => EPERM.because(`${what} needs CAP_SYS_ADMIN`);

function flags_of(flags: number): number {
  return MNT_RELATIME | (flags & MS_NOSUID ? MNT_NOSUID : 0) | (flags & MS_NODEV ? MNT_NODEV : 0) | (flags & MS_NOEXEC ? MNT_NOEXEC : 0) | (flags & MS_RDONLY ? MNT_READONLY : 0);
}

function user_text(task: task_struct, address: number): Result<string> {
  if (address === 0) return '';
  return strncpy_from_user(task_mm(task), address, 4095);
}

/** What is mounted at exactly this place. */
const mount_at = (at: path_t): mount | null => at.mnt.mnt_root === at.dentry ? at.mnt : null;

/** A new instance of a file system. Linux: fs/namespace.c:do_new_mount() */
function do_new_mount(at: path_t, type: string, source: string, flags: number): Result<number> {
  if (type === '') return EINVAL.because('the type of file system is missing');
  if (type === 'proc') {
    mount_proc(at, flags_of(flags));
    return 0;
  }
  if (type !== 'tmpfs' && type !== 'ramfs') return ENODEV.because(`file systems of type '${type}' are not there`);
  const sb = shmem_fill_super(type, 0o1777);
  if (sb.s_root) vfs_mount(sb, sb.s_root, at, source, flags_of(flags));
  return 0;
}

/** Linux: fs/namespace.c:path_mount() */
export const sys_mount = syscall({
  nr: 165, nr32: 21, name: 'mount', brief: 'mount filesystem', args: { source: str, target: path, filesystemtype: str, mountflags: bits(MOUNT_FLAGS), data: ptr }, ret: int, classes: ['file'],
  support: { partial: 'tmpfs, proc and binds; no block devices and no propagation' },
}, (task, args) => {
  const type = user_text(task, args.filesystemtype);
  if (failed(type)) return type;
  const source = user_text(task, args.source);
  if (failed(source)) return source;
  const at = user_path_at(task, AT_FDCWD, args.target, LOOKUP_FOLLOW);
  if (failed(at)) return at;
  if (!capable(task, CAP_SYS_ADMIN)) return notAllowed('mount');
  const flags = args.mountflags;
  if (flags & MS_REMOUNT) {
    const mnt = mount_at(at);
    if (!mnt) return EINVAL.because('nothing is mounted exactly there');
    mnt.mnt_flags = flags_of(flags);
    return 0;
  }
  if (flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)) return mount_at(at) ? 0 : EINVAL.because('nothing is mounted exactly there');
  if (!(flags & MS_BIND)) return do_new_mount(at, type, source, flags);
  const from = user_path_at(task, AT_FDCWD, args.source, LOOKUP_FOLLOW);
  if (failed(from)) return from;
  const isDirectory = (one: path_t): boolean => one.dentry.d_inode !== null && S_ISDIR(one.dentry.d_inode.i_mode);
  if (isDirectory(from) !== isDirectory(at)) return ENOTDIR.because('one is a directory and the other is not');
  vfs_mount(from.mnt.mnt_sb, from.dentry, at, from.mnt.mnt_devname, from.mnt.mnt_flags);
  return 0;
});

const is_in_use = (mnt: mount): boolean => kernel.mounts.some(other => other.mnt_parent === mnt)
  || [...kernel.tasks.values()].some(task => task.fs?.pwd.mnt === mnt || task.fs?.root.mnt === mnt || task.files?.fd.some(file => file?.f_path.mnt === mnt));

export const sys_umount2 = syscall({
  nr: 166, nr32: 52, name: 'umount2', brief: 'unmount filesystem', args: { target: path, flags: bits(UMOUNT_FLAGS) }, ret: int, classes: ['file'],
}, (task, args) => {
  if (args.flags & ~0xf) return EINVAL.because('a flag is not known');
  const at = user_path_at(task, AT_FDCWD, args.target, args.flags & UMOUNT_NOFOLLOW ? 0 : LOOKUP_FOLLOW);
  if (failed(at)) return at;
  if (!capable(task, CAP_SYS_ADMIN)) return notAllowed('umount');
  const mnt = mount_at(at);
  if (!mnt) return EINVAL.because('nothing is mounted exactly there');
  if (!mnt.mnt_parent) return args.flags & MNT_FORCE ? EBUSY.because('it is the root') : EINVAL.because('it is the root');
  if (!(args.flags & 2) && is_in_use(mnt)) return EBUSY.because('somebody uses it');
  umount_tree(mnt);
  return 0;
});

export const sys_pivot_root = syscall({
  nr: 155, nr32: 217, name: 'pivot_root', brief: 'change the root mount', args: { new_root: path, put_old: path }, ret: int, classes: ['file'],
  support: { partial: 'nobody may: the root of everything stays' },
}, task => capable(task, CAP_SYS_ADMIN) ? EINVAL.because('the root of the sandbox cannot be moved') : notAllowed('pivot_root'));

export const sys_swapon = syscall({ nr: 167, nr32: 87, name: 'swapon', brief: 'start swapping to file/device', args: { path, swapflags: hex }, ret: int, classes: ['file'] },
  (task, args) => args.swapflags & ~0x7ffff ? EINVAL.because('a flag is not known') : !capable(task, CAP_SYS_ADMIN) ? notAllowed('swapon') : EINVAL.because('the file has no swap header'));
export const sys_swapoff = syscall({ nr: 168, nr32: 115, name: 'swapoff', brief: 'stop swapping to file/device', args: { path }, ret: int, classes: ['file'] }, (task, args) => {
  if (!capable(task, CAP_SYS_ADMIN)) return notAllowed('swapoff');
  const at = user_path_at(task, AT_FDCWD, args.path, LOOKUP_FOLLOW);
  return failed(at) ? at : EINVAL.because('nobody swaps to it');
});
export const sys_acct = syscall({ nr: 163, nr32: 51, name: 'acct', brief: 'switch process accounting on or off', args: { filename: path }, ret: int, classes: ['file'] },
  task => capable(task, CAP_SYS_PACCT) ? ENOSYS.because('there is no process accounting') : EPERM.because('CAP_SYS_PACCT is needed'));
export const sys_vhangup = syscall({ nr: 153, nr32: 111, name: 'vhangup', brief: 'virtually hangup the current terminal', args: {}, ret: int, classes: [] },
  task => capable(task, CAP_SYS_TTY_CONFIG) ? 0 : EPERM.because('CAP_SYS_TTY_CONFIG is needed'));
const CAP_SYS_PACCT = 20, CAP_SYS_TTY_CONFIG = 26;


export const sys_ustat = syscall({ nr: 136, nr32: 62, name: 'ustat', brief: 'get filesystem statistics', args: { dev, ubuf: ptr }, ret: int, classes: [] },
  () => EINVAL.because('no file system has this device number'));

const FILE_SYSTEMS = ['tmpfs', 'proc', 'devtmpfs', 'devpts', 'overlay', 'pipefs', 'sockfs'];
/** Linux: fs/filesystems.c */
export const sys_sysfs = syscall({ nr: 139, nr32: 135, name: 'sysfs', brief: 'get filesystem type information', args: { option: hex, arg1: hex, arg2: hex }, ret: int, classes: [] }, (task, args) => {
  if (args.option === 3) return FILE_SYSTEMS.length;
  if (args.option === 2) {
    const asked = FILE_SYSTEMS[args.arg1];
    if (asked === undefined) return EINVAL.because('there are not that many file systems');
    const stored = copy_to_user(task_mm(task), args.arg2, latin1(`${asked}\0`));
    return failed(stored) ? stored : 0;
  }
  if (args.option !== 1) return EINVAL.because('the option is not known');
  const name = user_text(task, args.arg1);
  if (failed(name)) return name;
  const index = FILE_SYSTEMS.indexOf(name);
  return index < 0 ? EINVAL.because(`there is no file system '${name}'`) : index;
});

const MAXQUOTAS = 3;

/** Nothing has quotas: there are no block devices. */
export const sys_quotactl = syscall({ nr: 179, nr32: 131, name: 'quotactl', brief: 'manipulate disk quotas', args: { cmd: hex, special: path, id: uint, addr: ptr }, ret: int, classes: ['file'] }, (task, args) => {
  if ((low_word(task, 0, args.cmd) & 0xff) >= MAXQUOTAS) return EINVAL.because('there is no such kind of quota');
  if (args.special === 0) return args.cmd >>> 8 === 0x800001 ? 0 : ENODEV.because('no device is named');
  const at = user_path_at(task, AT_FDCWD, args.special, LOOKUP_FOLLOW);
  return failed(at) ? at : ENOTBLK.because('it is not a block device');
});

export const sys_fanotify_init = syscall({ nr: 300, nr32: 338, name: 'fanotify_init', brief: 'create and initialize fanotify group', args: { flags: hex, event_f_flags: hex }, ret: fd, classes: ['desc'] },
  () => EPERM.because('a container may not watch the whole computer'));
export const sys_fanotify_mark = syscall({ nr: 301, nr32: 339, name: 'fanotify_mark', brief: 'add, remove, or modify a fanotify mark', args: { fanotify_fd: fd, flags: hex, mask: hex, dirfd, pathname: path }, ret: int, classes: ['desc', 'file'] },
  () => EINVAL.because('the descriptor is no fanotify group'));
