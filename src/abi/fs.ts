// Superblock magics, seek origins, mount flags, iovec limits, rwf, inotify, file system ioctl facts. Linux: include/uapi/linux/fs.h, magic.h, mount.h, inotify.h.
import { struct } from './struct';
import { table } from './table';

export const SEEK_SET = 0, SEEK_CUR = 1, SEEK_END = 2, SEEK_DATA = 3, SEEK_HOLE = 4;
export const SEEK_WHENCE = table('SEEK_???', () => ({ SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE }));

export const RWF_HIPRI = 1, RWF_DSYNC = 2, RWF_SYNC = 4, RWF_NOWAIT = 8, RWF_APPEND = 16;
export const RWF_FLAGS = table('RWF_???', () => ({ RWF_HIPRI, RWF_DSYNC, RWF_SYNC, RWF_NOWAIT, RWF_APPEND }));

export const MS_RDONLY = 1, MS_NOSUID = 2, MS_NODEV = 4, MS_NOEXEC = 8, MS_SYNCHRONOUS = 16, MS_REMOUNT = 32, MS_MANDLOCK = 64, MS_DIRSYNC = 128,
  MS_NOSYMFOLLOW = 256, MS_NOATIME = 1024, MS_NODIRATIME = 2048, MS_BIND = 0x1000, MS_MOVE = 0x2000, MS_REC = 0x4000, MS_SILENT = 0x8000,
  MS_POSIXACL = 0x10000, MS_UNBINDABLE = 0x20000, MS_PRIVATE = 0x40000, MS_SLAVE = 0x80000, MS_SHARED = 0x100000, MS_RELATIME = 0x200000,
  MS_KERNMOUNT = 0x400000, MS_I_VERSION = 0x800000, MS_STRICTATIME = 0x1000000, MS_LAZYTIME = 0x2000000;
export const MOUNT_FLAGS = table('MS_???', () => ({ MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_SYNCHRONOUS, MS_REMOUNT, MS_MANDLOCK, MS_DIRSYNC,
  MS_NOSYMFOLLOW, MS_NOATIME, MS_NODIRATIME, MS_BIND, MS_MOVE, MS_REC, MS_SILENT, MS_POSIXACL, MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED,
  MS_RELATIME, MS_KERNMOUNT, MS_I_VERSION, MS_STRICTATIME, MS_LAZYTIME, MS_SUBMOUNT: 0x4000000, MS_NOREMOTELOCK: 0x8000000, MS_NOSEC: 0x10000000, MS_BORN: 0x20000000, MS_ACTIVE: 0x40000000, MS_NOUSER: 0x80000000 }));

/** What the flags had in their upper half at first. */
export const MS_MGC_VAL = 0xc0ed0000;

export const MNT_FORCE = 1, MNT_DETACH = 2, MNT_EXPIRE = 4, UMOUNT_NOFOLLOW = 8;
export const UMOUNT_FLAGS = table('MNT_???', () => ({ MNT_FORCE, MNT_DETACH, MNT_EXPIRE, UMOUNT_NOFOLLOW }));

// statfs f_type.
export const PROC_SUPER_MAGIC = 0x9fa0, SYSFS_MAGIC = 0x62656572, TMPFS_MAGIC = 0x1021994, DEVPTS_SUPER_MAGIC = 0x1cd1,
  OVERLAYFS_SUPER_MAGIC = 0x794c7630, EXT4_SUPER_MAGIC = 0xef53, PIPEFS_MAGIC = 0x50495045, SOCKFS_MAGIC = 0x534f434b,
  ANON_INODE_FS_MAGIC = 0x9041934, CGROUP2_SUPER_MAGIC = 0x63677270, NSFS_MAGIC = 0x6e736673;
export const FSMAGIC = table('???_MAGIC', () => ({ PROC_SUPER_MAGIC, SYSFS_MAGIC, TMPFS_MAGIC, DEVPTS_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC, EXT4_SUPER_MAGIC,
  PIPEFS_MAGIC, SOCKFS_MAGIC, ANON_INODE_FS_MAGIC, CGROUP2_SUPER_MAGIC, NSFS_MAGIC }));

export const IN_ACCESS = 1, IN_MODIFY = 2, IN_ATTRIB = 4, IN_CLOSE_WRITE = 8, IN_CLOSE_NOWRITE = 16, IN_OPEN = 32, IN_MOVED_FROM = 64,
  IN_MOVED_TO = 128, IN_CREATE = 256, IN_DELETE = 512, IN_DELETE_SELF = 1024, IN_MOVE_SELF = 2048, IN_UNMOUNT = 0x2000, IN_Q_OVERFLOW = 0x4000,
  IN_IGNORED = 0x8000, IN_ONLYDIR = 0x1000000, IN_DONT_FOLLOW = 0x2000000, IN_EXCL_UNLINK = 0x4000000, IN_MASK_CREATE = 0x10000000,
  IN_MASK_ADD = 0x20000000, IN_ISDIR = 0x40000000, IN_ONESHOT = 0x80000000;
export const INOTIFY_MASK = table('IN_???', () => ({ IN_ACCESS, IN_MODIFY, IN_ATTRIB, IN_CLOSE_WRITE, IN_CLOSE_NOWRITE, IN_OPEN, IN_MOVED_FROM, IN_MOVED_TO,
  IN_CREATE, IN_DELETE, IN_DELETE_SELF, IN_MOVE_SELF, IN_UNMOUNT, IN_Q_OVERFLOW, IN_IGNORED, IN_ONLYDIR, IN_DONT_FOLLOW, IN_EXCL_UNLINK,
  IN_MASK_CREATE, IN_MASK_ADD, IN_ISDIR, IN_ONESHOT }));

export const IN_NONBLOCK = 0o4000, IN_CLOEXEC = 0o2000000;
export const INOTIFY_INIT_FLAGS = table('IN_???', () => ({ IN_NONBLOCK, IN_CLOEXEC }));

// Limits. Linux: include/uapi/linux/limits.h, uio.h.
export const NAME_MAX = 255, PATH_MAX = 4096, UIO_MAXIOV = 1024, PIPE_BUF = 4096, XATTR_NAME_MAX = 255, XATTR_SIZE_MAX = 65536;

export const iovec = struct('struct iovec', { iov_base: 'ptr', iov_len: 'u64' });
export const statfs = struct('struct statfs', {
  f_type: 's64', f_bsize: 's64', f_blocks: 'u64', f_bfree: 'u64', f_bavail: 'u64', f_files: 'u64', f_ffree: 'u64', f_fsid: ['s32', 2], f_namelen: 's64',
  f_frsize: 's64', f_flags: 's64', f_spare: ['s64', 4],
});
export const inotify_event = struct('struct inotify_event', { wd: 's32', mask: 'u32', cookie: 'u32', len: 'u32' });

/** The most bytes that one read or write moves. Linux: include/linux/fs.h:MAX_RW_COUNT */
export const MAX_RW_COUNT = 0x7ffff000;

/** The last offset of any file. Linux: include/linux/fs.h */
export const OFFSET_MAX = 0x7fffffffffffffffn;
/** An offset as a double: the largest ones are the last double below 2^63, so that they do not become 2^63. */
export const offset_number = (value: bigint): number => value > 0x7ffffffffffffc00n ? 2 ** 63 - 1024 : Number(value);
