// The objects of the virtual file system and their operation tables. Linux: include/linux/fs.h, dcache.h, mount.h, path.h, fdtable.h, fs_struct.h.
// Not here: functions. Paths and names are byte strings held as latin1 JavaScript strings, one char a byte.
import type { dev_t, iflags_t, ino_t, int, kgid_t, kuid_t, loff_t, long, pgoff_t, poll_t, ssize_t, u32, u64, u8, uflags_t, uint, ulong, umode_t } from '../../abi/c_types';
import { OPEN_FLAGS } from '../../abi/fcntl';
import type { Errno } from '../../abi/errno';
import type { cred, task_struct, wait_queue_head } from '../kernel/types';
import type { vm_area_struct } from '../mm/types';
import { f, kobject, type Instance, type KObject } from '../kobject';
import type { fasync_struct } from './fasync';
import type { Block } from '../result';
import type { iov_iter } from './iov_iter';
import type { fsnotify_mark } from './notify/fsnotify';

// Linux: include/linux/fs.h
export const FMODE_READ = 0x1, FMODE_WRITE = 0x2, FMODE_LSEEK = 0x4, FMODE_PREAD = 0x8, FMODE_PWRITE = 0x10, FMODE_EXEC = 0x20, FMODE_PATH = 0x4000,
  FMODE_ATOMIC_POS = 0x8000, FMODE_CREATED = 0x100000, FMODE_STREAM = 0x200000;
export const FMODE_NAMES: readonly (readonly [string, number])[] = [
  ['FMODE_READ', FMODE_READ], ['FMODE_WRITE', FMODE_WRITE], ['FMODE_LSEEK', FMODE_LSEEK], ['FMODE_PREAD', FMODE_PREAD], ['FMODE_PWRITE', FMODE_PWRITE],
  ['FMODE_EXEC', FMODE_EXEC], ['FMODE_PATH', FMODE_PATH], ['FMODE_ATOMIC_POS', FMODE_ATOMIC_POS], ['FMODE_CREATED', FMODE_CREATED], ['FMODE_STREAM', FMODE_STREAM],
];
// Linux: include/linux/mount.h; the flags that statfs and /proc/mounts show.
export const MNT_NOSUID = 1, MNT_NODEV = 2, MNT_NOEXEC = 4, MNT_NOATIME = 8, MNT_NODIRATIME = 0x10, MNT_RELATIME = 0x20, MNT_READONLY = 0x40;
export const SB_RDONLY = 1;

/** What is done to every kind of result: a value, an errno with its reason, or "sleep and call again". */
export type Result<T> = T | Errno | Block;

/** The pages of a file by index. Linux: include/linux/fs.h:struct address_space */
export const address_space = kobject('address_space', {
  host: f.ptr<inode>('inode'),
  /** Page index to physical address; the cache holds one reference to each page. */
  i_pages: f.map(f.s64, f.pa),
  /** Indices whose contents differ from the lower file. */
  dirty: f.set(f.s64),
  a_ops: f.ops<address_space_operations>('address_space_operations'),
  /** Private writable mappings need no note; shared ones do (memfd seals, busy files). */
  i_mmap_writable: f.s32,
});
export interface address_space extends Instance<typeof address_space> {}

export interface address_space_operations {
  readonly name: string;
  /** Brings in page `index` (and perhaps its neighbours); the page is in i_pages afterwards. */
  read_folio(mapping: address_space, index: pgoff_t): Errno | Block | null;
  /** True where the page's contents stand below: it is no hole, though nobody wrote it. */
  is_lower?(mapping: address_space, index: pgoff_t): boolean;
}

/** A lock of fcntl (POSIX or open file description) or flock. Linux: include/linux/filelock.h:struct file_lock */
export const file_lock = kobject('file_lock', {
  /** 'posix' | 'ofd' | 'flock' */
  kind: f.str,
  /** The end is inclusive; OFFSET_MAX: to the end of the file. */
  type: f.s32, start: f.big('loff_t'), end: f.big('loff_t'),
  pid: f.pid,
  /** files_struct of a POSIX lock, file of the others. */
  owner: f.ptr<KObject>('void'),
});
export interface file_lock extends Instance<typeof file_lock> {}
/** A lease, and what is wanted of it: its end, or that it becomes a read lease, until `break_at`. */
export const file_lease = kobject('file_lease', {
  file: f.ref<file>('file'), type: f.s32, pid: f.pid, unlock_pending: f.bool, downgrade_pending: f.bool, break_at: f.ns,
  fl_fasync: f.list(f.ref<fasync_struct>('fasync_struct')),
});
export interface file_lease extends Instance<typeof file_lease> {}
export const file_lock_context = kobject('file_lock_context', {
  list: f.list(f.ref<file_lock>('file_lock')), flc_lease: f.list(f.ref<file_lease>('file_lease')),
  wait: f.ref<wait_queue_head>('wait_queue_head'),
});
export interface file_lock_context extends Instance<typeof file_lock_context> {}

export const inode = kobject('inode', {
  i_ino: f.u64, i_mode: f.umode, i_nlink: f.u32, i_uid: f.uid, i_gid: f.gid, i_rdev: f.dev, i_size: f.loff,
  i_blocks: f.u64,
  /** Nanoseconds since 1970. */
  /** i_btime 0: the birth is not known (the host does not tell it), and statx leaves it out. */
  i_atime: f.big('ktime_t'), i_mtime: f.big('ktime_t'), i_ctime: f.big('ktime_t'), i_btime: f.big('ktime_t'),
  /** st_dev where it is not the superblock's: files of the overlay keep the host's. */
  i_dev: f.dev, i_blksize: f.u32,
  i_sb: f.ref<super_block>('super_block'),
  i_op: f.ops<inode_operations>('inode_operations'),
  i_fop: f.ops<file_operations>('file_operations'),
  i_mapping: f.ptr<address_space>('address_space'),
  /** The target of a symbolic link. */
  i_link: f.str,
  i_pipe: f.ptr<KObject>('pipe_inode_info'),
  i_flctx: f.ptr<file_lock_context>('file_lock_context'),
  i_xattrs: f.map(f.str, f.bytes),
  /** Directories: how often their names changed. */
  i_version: f.u64,
  /** Open descriptions with write access; negative: being executed. */
  i_writecount: f.s32,
  /** Open descriptions; contents go when this and i_nlink are 0. */
  i_count: f.s32,
  /** I_LINKABLE: an unnamed file that may get a name. */
  i_flags: f.hex,
  /** RWH_WRITE_LIFE_*, kept for F_GET_RW_HINT. */
  i_write_hint: f.u32,
  i_private: f.ptr<KObject>('void'),
  i_fsnotify_marks: f.list(f.ref<fsnotify_mark>('fsnotify_mark')),
});
export interface inode extends Instance<typeof inode> {}

export const dentry = kobject('dentry', {
  d_name: f.str,
  d_parent: f.ptr<dentry>('dentry'),
  /** null: known not to exist. */
  d_inode: f.ptr<inode>('inode'),
  d_sb: f.ref<super_block>('super_block'),
  d_children: f.map(f.str, f.ref<dentry>('dentry')),
  /** Removed from its directory. */
  d_unhashed: f.bool,
  /** Mounts that stand here, in whatever namespace. */
  d_mounted: f.s32,
  d_op: f.ops<dentry_operations | null>('dentry_operations'),
});
export interface dentry extends Instance<typeof dentry> {}

export const super_block = kobject('super_block', {
  s_id: f.str, s_dev: f.dev, s_magic: f.hex, s_flags: f.hex, s_blocksize: { ...f.int('unsigned long', 'dec', 4096) }, s_type: f.str,
  s_root: f.ptr<dentry>('dentry'),
  s_op: f.ops<super_operations>('super_operations'),
  s_next_ino: { ...f.int('ino_t', 'dec', 1) },
  /** Bytes that tmpfs may hold; Infinity: no limit. */
  s_limit: { ...f.int('loff_t', 'dec', Infinity) }, s_used: f.loff,
  s_fs_info: f.ptr<KObject>('void'),
});
export interface super_block extends Instance<typeof super_block> {}

export const mount = kobject('mount', {
  mnt_id: f.s32,
  mnt_root: f.ref<dentry>('dentry'), mnt_sb: f.ref<super_block>('super_block'),
  mnt_parent: f.ptr<mount>('mount'), mnt_mountpoint: f.ptr<dentry>('dentry'),
  mnt_devname: f.str, mnt_flags: f.hex,
  /** It is in the tree of mounts, not only behind a descriptor. */
  is_attached: f.bool,
});
export interface mount extends Instance<typeof mount> {}

/** A place in the tree. A record without identity. */
export interface path { mnt: mount; dentry: dentry }
const path_fields = { mnt: f.ref<mount>('mount'), dentry: f.ref<dentry>('dentry') };

export const file = kobject('file', {
  f_path: f.struct(path_fields),
  f_inode: f.ref<inode>('inode'),
  f_op: f.ops<file_operations>('file_operations'),
  f_mode: f.flags('fmode_t', FMODE_NAMES),
  f_flags: f.flags('unsigned int', OPEN_FLAGS.entries),
  f_pos: f.loff,
  /** Descriptors, mappings and calls in flight that refer to it. */
  f_count: f.s32,
  f_cred: f.ptr<cred>('cred'),
  /** fcntl F_SETOWN (negative: process group), who set it, and F_SETSIG. */
  f_owner: f.pid, f_owner_type: f.s32, f_owner_uid: f.uid, f_owner_euid: f.uid, f_owner_signum: f.s32,
  f_mapping: f.ptr<address_space>('address_space'),
  private_data: f.ptr<KObject>('void'),
  /** Epoll instances that watch it. */
  f_ep: f.list(f.ref<KObject>('epitem')),
});
export interface file extends Instance<typeof file> {}

/** The descriptor table. Linux: include/linux/fdtable.h */
export const files_struct = kobject('files_struct', {
  count: f.s32,
  fd: f.list(f.ptr<file>('file')),
  close_on_exec: f.set(f.s32),
  next_fd: f.s32,
});
export interface files_struct extends Instance<typeof files_struct> {}

export const fs_struct = kobject('fs_struct', { users: f.s32, umask: f.umode, root: f.struct(path_fields), pwd: f.struct(path_fields) });
export interface fs_struct extends Instance<typeof fs_struct> {}

/** What a directory tells about one name. */
export interface dir_entry { name: string; ino: ino_t; type: u8 }

/** The queues that a poll may sleep on. */
export interface poll_table { queues: wait_queue_head[] }

export interface kstat {
  dev: dev_t; ino: ino_t; mode: umode_t; nlink: uint; uid: kuid_t; gid: kgid_t; rdev: dev_t; size: loff_t; blksize: u32; blocks: u64;
  atime: bigint; mtime: bigint; ctime: bigint; btime: bigint;
}

/** What an open file can do. Absent: not supported (the errno is that of the system call's page). */
export interface file_operations {
  readonly name: string;
  llseek?(file: file, offset: loff_t, whence: int): Result<loff_t>;
  /** Moves up to `to.count` bytes at `pos`; streams ignore `pos`. Gives the bytes moved. */
  read_iter?(file: file, to: iov_iter, pos: loff_t): Result<ssize_t>;
  write_iter?(file: file, from: iov_iter, pos: loff_t): Result<ssize_t>;
  /** All names but "." and "..", in order; a snapshot. */
  iterate?(file: file): Result<dir_entry[]>;
  /** The events that are ready now; adds the queues that announce others. */
  poll?(file: file, table: poll_table | null): poll_t;
  ioctl?(file: file, cmd: uflags_t, arg: ulong, task: task_struct): Result<long>;
  mmap?(file: file, vma: vm_area_struct): Errno | Block | null;
  open?(inode: inode, file: file): Errno | Block | null;
  /** A descriptor is closed (not the last one, perhaps). */
  flush?(file: file, id: files_struct): Errno | null;
  /** The last reference went away. */
  release?(inode: inode, file: file): void;
  fsync?(file: file): Result<int>;
  /** O_ASYNC is set or cleared; `fd` is what the signals will name. */
  fasync?(fd: int, file: file, isOn: boolean): void;
  fallocate?(file: file, mode: int, offset: loff_t, length: loff_t): Result<long>;
  /** Extra lines of /proc/PID/fdinfo/N. */
  show_fdinfo?(file: file): string;
}

export interface inode_operations {
  readonly name: string;
  /** The inode of `name` in `dir`, or null when there is none; keeps nothing. */
  lookup?(dir: inode, name: dentry): Result<inode | null>;
  create?(dir: inode, dentry: dentry, mode: umode_t): Result<inode>;
  link?(inode: inode, dir: inode, dentry: dentry): Errno | Block | null;
  unlink?(dir: inode, dentry: dentry): Errno | Block | null;
  symlink?(dir: inode, dentry: dentry, target: string): Result<inode>;
  mkdir?(dir: inode, dentry: dentry, mode: umode_t): Result<inode>;
  rmdir?(dir: inode, dentry: dentry): Errno | Block | null;
  mknod?(dir: inode, dentry: dentry, mode: umode_t, dev: dev_t): Result<inode>;
  rename?(old_dir: inode, old_dentry: dentry, new_dir: inode, new_dentry: dentry, flags: iflags_t): Errno | Block | null;
  tmpfile?(dir: inode, mode: umode_t): Result<inode>;
  /** Where a symbolic link leads. */
  get_link?(inode: inode): Result<string>;
  /** A link that leads to an object, not to a name (/proc/self/fd/3). */
  jump_link?(inode: inode): Result<path>;
  permission?(inode: inode, mask: iflags_t): Errno | Block | null;
  /** Called before attributes change; copies up where that is needed. */
  setattr?(inode: inode, size: loff_t | null): Errno | Block | null;
  getattr?(inode: inode, stat: kstat): void;
}

export interface dentry_operations {
  readonly name: string;
  /** False: forget what is cached and look again (a process has gone). */
  d_revalidate?(dentry: dentry): boolean;
  /** The name that /proc/self/fd and maps show where there is no path ("pipe:[123]"). */
  d_dname?(dentry: dentry): string;
}

export interface super_operations {
  readonly name: string;
  /** The last name and the last open description of an inode went away. */
  evict_inode?(inode: inode): void;
  /** Names of options as /proc/mounts shows them after rw or ro. */
  show_options?(sb: super_block): string;
}
