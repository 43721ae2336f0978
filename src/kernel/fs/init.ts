// The tree that the first process sees: the overlay at /, then /dev, /proc, /sys and /dev/shm. Linux: init/do_mounts.c, fs/namespace.c:mnt_init(), drivers/base/devtmpfs.c.
import { ENOTDIR } from '../../abi/errno';
import { makedev, S_IFCHR, S_IFDIR, S_IFLNK, S_ISDIR } from '../../abi/stat';
import { mount_cgroup2 } from '../kernel/cgroup/cgroup';
import type { task_struct } from '../kernel/types';
import { failed } from '../result';
import { ports } from '../state';
import { PTMX_DEV } from '../drivers/tty/pty';
import { CONSOLE_DEV, PTS_MAJOR, TTY_DEV } from '../drivers/tty/tty_io';
import { console_tty, open_console } from './console';
import { d_add, d_alloc } from './dcache';
import { devpts_pty_new, mount_devpts } from './devpts/inode';
import { alloc_files, fd_install } from './file';
import { filename_lookup, LOOKUP_FOLLOW, lookup_dcache } from './namei';
import './syscalls';
import { ovl_fill_super } from './overlayfs/overlay';
import { mount_proc } from './proc/root';
import { mount_sysfs } from './sysfs/sysfs';
import { vfs_mount } from './super';
import { shmem_fill_super, shmem_get_inode } from './tmpfs/shmem';
import { fs_struct, MNT_NOSUID, MNT_NODEV, MNT_NOEXEC, MNT_RELATIME, type dentry, type mount, type path, type Result } from './types';

export interface rootfs_options {
  /** The host root that the ports know; null: an empty tree. */
  root: string | null;
  /** Absolute; made when it does not exist. */
  cwd: string;
}

/** A name in a file system of ours, owned by root. */
function make_node(parent: dentry, name: string, mode: number, rdev = 0): dentry {
  const dentry = d_alloc(parent, name);
  const inode = shmem_get_inode(parent.d_sb, null, mode, rdev);
  inode.i_uid = 0;
  inode.i_gid = 0;
  if (parent.d_inode && S_ISDIR(mode)) parent.d_inode.i_nlink++;
  d_add(dentry, inode);
  return dentry;
}

function make_symlink(parent: dentry, name: string, target: string): void {
  const dentry = make_node(parent, name, S_IFLNK | 0o777);
  if (dentry.d_inode) {
    dentry.d_inode.i_link = target;
    dentry.d_inode.i_size = target.length;
  }
}

/** A directory of the root file system, made above when the host has none. */
function mountpoint(root: mount, name: string): Result<path> {
  const dentry = lookup_dcache(root.mnt_root, name);
  if (failed(dentry)) return dentry;
  if (!dentry.d_inode) {
    const dir = root.mnt_root.d_inode;
    const made = dir?.i_op.mkdir?.(dir, dentry, 0o755);
    if (!made || failed(made)) return ENOTDIR.because(`/${name} cannot be made`);
    d_add(dentry, made);
  }
  return { mnt: root, dentry };
}

/** A directory that a file system of ours has. */
function folder_in(parent: dentry, name: string): dentry | null {
  const found = lookup_dcache(parent, name);
  return failed(found) ? null : found;
}

function fill_dev(dev: mount): { pts: path | null; nullDevice: path } {
  const root = dev.mnt_root;
  const nullDevice = make_node(root, 'null', S_IFCHR | 0o666, makedev(1, 3));
  make_node(root, 'zero', S_IFCHR | 0o666, makedev(1, 5));
  make_node(root, 'full', S_IFCHR | 0o666, makedev(1, 7));
  make_node(root, 'random', S_IFCHR | 0o666, makedev(1, 8));
  make_node(root, 'urandom', S_IFCHR | 0o666, makedev(1, 9));
  make_node(root, 'tty', S_IFCHR | 0o666, TTY_DEV);
  make_node(root, 'console', S_IFCHR | 0o600, CONSOLE_DEV);
  make_node(root, 'ptmx', S_IFCHR | 0o666, PTMX_DEV);
  make_symlink(root, 'fd', '/proc/self/fd');
  make_symlink(root, 'stdin', '/proc/self/fd/0');
  make_symlink(root, 'stdout', '/proc/self/fd/1');
  make_symlink(root, 'stderr', '/proc/self/fd/2');
  const shm = make_node(root, 'shm', S_IFDIR | 0o1777);
  const pts = make_node(root, 'pts', S_IFDIR | 0o755);
  const shm_sb = shmem_fill_super('tmpfs', 0o1777);
  if (shm_sb.s_root) vfs_mount(shm_sb, own_by_root(shm_sb.s_root), { mnt: dev, dentry: shm }, 'tmpfs', MNT_NOSUID | MNT_NODEV | MNT_RELATIME);
  const devpts = mount_devpts({ mnt: dev, dentry: pts });
  const hasTerminal = has_terminal();
  if (hasTerminal) devpts_pty_new(0, makedev(PTS_MAJOR, 0));
  const terminal = hasTerminal ? devpts.mnt_root.d_children.get('0') : undefined;
  return { pts: terminal ? { mnt: devpts, dentry: terminal } : null, nullDevice: { mnt: dev, dentry: nullDevice } };
}

const has_terminal = (): boolean => [0, 1, 2].some(unit => ports().console.kind(unit) === 'tty');

function own_by_root(dentry: dentry): dentry {
  if (dentry.d_inode) dentry.d_inode.i_uid = dentry.d_inode.i_gid = 0;
  return dentry;
}

/**
 * Mounts everything and gives `task` (which is current) its root, working directory and descriptors 0, 1, 2. Block: the host has no answer yet; call again,
 * nothing has been mounted.
 */
export function init_rootfs(task: task_struct, options: rootfs_options): Result<null> {
  const sb = ovl_fill_super(options.root);
  if (failed(sb)) return sb;
  const { s_root } = sb;
  if (!s_root) return ENOTDIR.because('the root file system has no root');
  // What needs the host comes first.
  for (const name of ['dev', 'proc', 'sys']) {
    const found = lookup_dcache(s_root, name);
    if (failed(found)) return found;
  }
  const root = vfs_mount(sb, s_root, null, 'overlay', MNT_RELATIME);
  const dev_point = mountpoint(root, 'dev');
  if (failed(dev_point)) return dev_point;
  const dev_sb = shmem_fill_super('devtmpfs', 0o755);
  if (!dev_sb.s_root) return ENOTDIR.because('/dev has no root');
  const dev = vfs_mount(dev_sb, own_by_root(dev_sb.s_root), dev_point, 'devtmpfs', MNT_NOSUID | MNT_RELATIME);
  const nodes = fill_dev(dev);
  const proc_point = mountpoint(root, 'proc');
  if (failed(proc_point)) return proc_point;
  mount_proc(proc_point, MNT_NOSUID | MNT_NODEV | MNT_NOEXEC | MNT_RELATIME);
  const sys_point = mountpoint(root, 'sys');
  if (failed(sys_point)) return sys_point;
  const sys = mount_sysfs(sys_point), sys_fs = folder_in(sys.mnt_root, 'fs'), cgroup = sys_fs && folder_in(sys_fs, 'cgroup');
  if (cgroup) mount_cgroup2({ mnt: sys, dentry: cgroup });

  const at_root = { mnt: root, dentry: root.mnt_root };
  task.fs = fs_struct.make({ users: 1, umask: ports().facts.umask, root: { ...at_root }, pwd: { ...at_root } });
  const cwd = filename_lookup(task, -100, options.cwd, LOOKUP_FOLLOW);
  if (!failed(cwd)) task.fs.pwd = cwd;
  const files = alloc_files();
  task.files = files;
  for (let unit = 0; unit < 3; unit++) fd_install(files, unit, open_console(unit, nodes.pts, nodes.nullDevice), false);
  if (has_terminal()) {
    const tty = console_tty();
    tty.session = task.signal.session;
    tty.pgrp = task.signal.pgrp;
    task.signal.tty = tty;
  }
  return null;
}
