// File modes, directory entry types, statx masks and the layouts of struct stat and statx. Linux: include/uapi/linux/stat.h, arch/x86/include/uapi/asm/stat.h.
import { struct } from './struct';
import { table } from './table';

// S_IFMT: a choice.
export const S_IFMT = 0o170000, S_IFSOCK = 0o140000, S_IFLNK = 0o120000, S_IFREG = 0o100000, S_IFBLK = 0o60000, S_IFDIR = 0o40000, S_IFCHR = 0o20000,
  S_IFIFO = 0o10000;
export const FILE_TYPES = table('S_???', () => ({ S_IFMT, S_IFSOCK, S_IFLNK, S_IFREG, S_IFBLK, S_IFDIR, S_IFCHR, S_IFIFO }));

export const S_ISUID = 0o4000, S_ISGID = 0o2000, S_ISVTX = 0o1000;
export const MODE_BITS = table('S_???', () => ({ S_ISUID, S_ISGID, S_ISVTX }));

// Permission bits.
export const S_IRWXU = 0o700, S_IRUSR = 0o400, S_IWUSR = 0o200, S_IXUSR = 0o100, S_IRWXG = 0o70, S_IRGRP = 0o40, S_IWGRP = 0o20, S_IXGRP = 0o10,
  S_IRWXO = 0o7, S_IRWXUGO = 0o777, S_IALLUGO = 0o7777, S_IXUGO = 0o111;

// d_type of getdents64.
export const DT_UNKNOWN = 0, DT_FIFO = 1, DT_CHR = 2, DT_DIR = 4, DT_BLK = 6, DT_REG = 8, DT_LNK = 10, DT_SOCK = 12, DT_WHT = 14;
export const DIRENT_TYPES = table('DT_???', () => ({ DT_UNKNOWN, DT_FIFO, DT_CHR, DT_DIR, DT_BLK, DT_REG, DT_LNK, DT_SOCK, DT_WHT }));

// The groups first, as strace prints them.
export const STATX_ALL = 4095, STATX_BASIC_STATS = 2047, STATX_TYPE = 1, STATX_MODE = 2, STATX_NLINK = 4, STATX_UID = 8, STATX_GID = 16,
  STATX_ATIME = 32, STATX_MTIME = 64, STATX_CTIME = 128, STATX_INO = 256, STATX_SIZE = 512, STATX_BLOCKS = 1024, STATX_BTIME = 2048,
  STATX_MNT_ID = 0x1000, STATX_DIOALIGN = 0x2000;
export const STATX_MASK = table('STATX_???', () => ({ STATX_ALL, STATX_BASIC_STATS, STATX_TYPE, STATX_MODE, STATX_NLINK, STATX_UID, STATX_GID, STATX_ATIME,
  STATX_MTIME, STATX_CTIME, STATX_INO, STATX_SIZE, STATX_BLOCKS, STATX_BTIME, STATX_MNT_ID, STATX_DIOALIGN }));

export const STATX_ATTR_COMPRESSED = 4, STATX_ATTR_IMMUTABLE = 16, STATX_ATTR_APPEND = 32, STATX_ATTR_NODUMP = 64, STATX_ATTR_ENCRYPTED = 2048,
  STATX_ATTR_AUTOMOUNT = 0x1000, STATX_ATTR_MOUNT_ROOT = 0x2000, STATX_ATTR_VERITY = 0x100000, STATX_ATTR_DAX = 0x200000;
export const STATX_ATTRIBUTES = table('STATX_???', () => ({ STATX_ATTR_COMPRESSED, STATX_ATTR_IMMUTABLE, STATX_ATTR_APPEND, STATX_ATTR_NODUMP,
  STATX_ATTR_ENCRYPTED, STATX_ATTR_AUTOMOUNT, STATX_ATTR_MOUNT_ROOT, STATX_ATTR_VERITY, STATX_ATTR_DAX }));

// utimensat.
export const UTIME_NOW = 0x3fffffff, UTIME_OMIT = 0x3ffffffe;

export const XATTR_CREATE = 1, XATTR_REPLACE = 2;
export const XATTR_FLAGS = table('XATTR_???', () => ({ XATTR_CREATE, XATTR_REPLACE }));

export const stat = struct('struct stat', {
  st_dev: 'u64', st_ino: 'u64', st_nlink: 'u64', st_mode: 'u32', st_uid: 'u32', st_gid: 'u32', __pad0: 'u32', st_rdev: 'u64', st_size: 's64', st_blksize: 's64',
  st_blocks: 's64', st_atime: 'u64', st_atime_nsec: 'u64', st_mtime: 'u64', st_mtime_nsec: 'u64', st_ctime: 'u64', st_ctime_nsec: 'u64', __unused: ['s64', 3],
});
const statx_timestamp = struct('struct statx_timestamp', { tv_sec: 's64', tv_nsec: 'u32', __reserved: 's32' });
export const statx = struct('struct statx', {
  stx_mask: 'u32', stx_blksize: 'u32', stx_attributes: 'u64', stx_nlink: 'u32', stx_uid: 'u32', stx_gid: 'u32', stx_mode: 'u16', __spare0: 'u16', stx_ino: 'u64',
  stx_size: 'u64', stx_blocks: 'u64', stx_attributes_mask: 'u64', stx_atime: statx_timestamp, stx_btime: statx_timestamp, stx_ctime: statx_timestamp,
  stx_mtime: statx_timestamp, stx_rdev_major: 'u32', stx_rdev_minor: 'u32', stx_dev_major: 'u32', stx_dev_minor: 'u32', stx_mnt_id: 'u64',
  stx_dio_mem_align: 'u32', stx_dio_offset_align: 'u32', __spare3: ['u64', 12],
});
/** The head of a directory entry; the name follows at 19, and the whole is rounded up to 8. */
export const linux_dirent64 = struct('struct linux_dirent64', { d_ino: 'u64', d_off: 's64', d_reclen: 'u16', d_type: 'u8' });

export const S_ISREG = (mode: number): boolean => (mode & S_IFMT) === S_IFREG;
export const S_ISDIR = (mode: number): boolean => (mode & S_IFMT) === S_IFDIR;
export const S_ISLNK = (mode: number): boolean => (mode & S_IFMT) === S_IFLNK;
export const S_ISCHR = (mode: number): boolean => (mode & S_IFMT) === S_IFCHR;
export const S_ISBLK = (mode: number): boolean => (mode & S_IFMT) === S_IFBLK;
export const S_ISFIFO = (mode: number): boolean => (mode & S_IFMT) === S_IFIFO;
export const S_ISSOCK = (mode: number): boolean => (mode & S_IFMT) === S_IFSOCK;

/** dev_t as the kernel's numbers: major and minor to the 64-bit encoding of struct stat. Linux: include/linux/kdev_t.h:new_encode_dev() */
export const makedev = (major: number, minor: number): number => (minor & 0xff) + (major & 0xfff) * 0x100 + (minor & ~0xff) * 0x1000;
export const major = (dev: number): number => Math.floor(dev / 0x100) & 0xfff;
export const minor = (dev: number): number => (dev & 0xff) | (Math.floor(dev / 0x1000) & 0xfff00);
