// Open flags, *at flags, fcntl commands, locks, seals. Linux: include/uapi/asm-generic/fcntl.h, linux/fcntl.h. Tables in the order in which strace prints.
import { struct } from './struct';
import { table } from './table';

// Access modes: a choice under O_ACCMODE, not bits.
export const O_RDONLY = 0o0, O_WRONLY = 0o1, O_RDWR = 0o2, O_ACCMODE = 0o3;
export const OPEN_ACCESS_MODE = table('O_???', () => ({ O_RDONLY, O_WRONLY, O_RDWR, O_ACCMODE }));

// O_SYNC contains O_DSYNC and O_TMPFILE contains O_DIRECTORY: a table walk matches the larger first.
export const O_CREAT = 0o100, O_EXCL = 0o200, O_NOCTTY = 0o400, O_TRUNC = 0o1000, O_APPEND = 0o2000, O_NONBLOCK = 0o4000, O_SYNC = 0o4010000,
  O_DSYNC = 0o10000, O_DIRECT = 0o40000, O_LARGEFILE = 0o100000, O_NOFOLLOW = 0o400000, O_NOATIME = 0o1000000, O_CLOEXEC = 0o2000000,
  O_PATH = 0o10000000, O_TMPFILE = 0o20200000, O_DIRECTORY = 0o200000, FASYNC = 0o20000;
export const OPEN_FLAGS = table('O_???', () => ({ O_CREAT, O_EXCL, O_NOCTTY, O_TRUNC, O_APPEND, O_NONBLOCK, O_SYNC, O_DSYNC, O_DIRECT, O_LARGEFILE,
  O_NOFOLLOW, O_NOATIME, O_CLOEXEC, O_PATH, O_TMPFILE, O_DIRECTORY, FASYNC }));

/** Every flag that open(2) knows; openat2 refuses others. */
export const VALID_OPEN_FLAGS = OPEN_FLAGS.entries.reduce((all, [, bit]) => all | bit, O_ACCMODE);

// AT_*
export const AT_FDCWD = -100;

// The flags of *at calls.
export const AT_SYMLINK_NOFOLLOW = 256, AT_REMOVEDIR = 512, AT_SYMLINK_FOLLOW = 1024, AT_NO_AUTOMOUNT = 2048, AT_EMPTY_PATH = 0x1000,
  AT_RECURSIVE = 0x8000;
export const AT_FLAGS = table('AT_???', () => ({ AT_SYMLINK_NOFOLLOW, AT_REMOVEDIR, AT_SYMLINK_FOLLOW, AT_NO_AUTOMOUNT, AT_EMPTY_PATH, AT_RECURSIVE }));

// statx only: a choice under AT_STATX_SYNC_TYPE_MASK.
export const AT_STATX_SYNC_AS_STAT = 0, AT_STATX_FORCE_SYNC = 0x2000, AT_STATX_DONT_SYNC = 0x4000, AT_STATX_SYNC_TYPE_MASK = 0x6000;
export const AT_STATX_SYNC_TYPE = table('AT_???', () => ({ AT_STATX_SYNC_AS_STAT, AT_STATX_FORCE_SYNC, AT_STATX_DONT_SYNC, 'AT_STATX_FORCE_SYNC|AT_STATX_DONT_SYNC': AT_STATX_SYNC_TYPE_MASK }));

// faccessat2 reads bit 0x200 as AT_EACCESS.
export const AT_EACCESS = 512;
export const FACCESSAT_FLAGS = table('AT_???', () => ({ AT_SYMLINK_NOFOLLOW, AT_EACCESS, AT_EMPTY_PATH }));

export const F_OK = 0, R_OK = 4, W_OK = 2, X_OK = 1;
export const ACCESS_MODES = table('?_OK', () => ({ F_OK, R_OK, W_OK, X_OK }));

// fcntl(2).
export const F_DUPFD = 0, F_GETFD = 1, F_SETFD = 2, F_GETFL = 3, F_SETFL = 4, F_GETLK = 5, F_SETLK = 6, F_SETLKW = 7, F_SETOWN = 8, F_GETOWN = 9,
  F_SETSIG = 10, F_GETSIG = 11, F_GETLK64 = 12, F_SETLK64 = 13, F_SETLKW64 = 14, F_SETOWN_EX = 15, F_GETOWN_EX = 16, F_GETOWNER_UIDS = 17,
  F_OFD_GETLK = 36, F_OFD_SETLK = 37, F_OFD_SETLKW = 38, F_SETLEASE = 1024, F_GETLEASE = 1025, F_NOTIFY = 1026, F_CANCELLK = 1029,
  F_DUPFD_CLOEXEC = 1030, F_SETPIPE_SZ = 1031, F_GETPIPE_SZ = 1032, F_ADD_SEALS = 1033, F_GET_SEALS = 1034, F_GET_RW_HINT = 1035,
  F_SET_RW_HINT = 1036, F_GET_FILE_RW_HINT = 1037, F_SET_FILE_RW_HINT = 1038;
export const FCNTL_COMMANDS = table('F_???', () => ({ F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW, F_SETOWN, F_GETOWN, F_SETSIG,
  F_GETSIG, F_GETLK64, F_SETLK64, F_SETLKW64, F_SETOWN_EX, F_GETOWN_EX, F_GETOWNER_UIDS, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_SETLEASE,
  F_GETLEASE, F_NOTIFY, F_CANCELLK, F_DUPFD_CLOEXEC, F_SETPIPE_SZ, F_GETPIPE_SZ, F_ADD_SEALS, F_GET_SEALS, F_GET_RW_HINT, F_SET_RW_HINT,
  F_GET_FILE_RW_HINT, F_SET_FILE_RW_HINT }));

export const FD_CLOEXEC = 1;
export const FD_FLAGS = table('FD_???', () => ({ FD_CLOEXEC }));

// struct flock l_type.
export const F_RDLCK = 0, F_WRLCK = 1, F_UNLCK = 2;
export const LOCK_TYPES = table('F_???', () => ({ F_RDLCK, F_WRLCK, F_UNLCK }));

// F_NOTIFY.
export const DN_ACCESS = 1, DN_MODIFY = 2, DN_CREATE = 4, DN_DELETE = 8, DN_RENAME = 16, DN_ATTRIB = 32, DN_MULTISHOT = 0x80000000;
export const NOTIFY_FLAGS = table('DN_???', () => ({ DN_ACCESS, DN_MODIFY, DN_CREATE, DN_DELETE, DN_RENAME, DN_ATTRIB, DN_MULTISHOT }));

// flock(2).
export const LOCK_SH = 1, LOCK_EX = 2, LOCK_NB = 4, LOCK_UN = 8, LOCK_MAND = 32, LOCK_READ = 64, LOCK_WRITE = 128, LOCK_RW = 192;
export const FLOCK_OPERATIONS = table('LOCK_???', () => ({ LOCK_SH, LOCK_EX, LOCK_NB, LOCK_UN, LOCK_MAND, LOCK_RW, LOCK_READ, LOCK_WRITE }));

export const F_SEAL_SEAL = 1, F_SEAL_SHRINK = 2, F_SEAL_GROW = 4, F_SEAL_WRITE = 8, F_SEAL_FUTURE_WRITE = 16;
export const SEALS = table('F_SEAL_???', () => ({ F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE, F_SEAL_FUTURE_WRITE }));

export const F_OWNER_TID = 0, F_OWNER_PID = 1, F_OWNER_PGRP = 2;
export const SYNC_FILE_RANGE_WAIT_BEFORE = 1, SYNC_FILE_RANGE_WRITE = 2, SYNC_FILE_RANGE_WAIT_AFTER = 4;
export const SYNC_FILE_RANGE_FLAGS = table('SYNC_FILE_RANGE_???', () => ({ SYNC_FILE_RANGE_WAIT_BEFORE, SYNC_FILE_RANGE_WRITE, SYNC_FILE_RANGE_WAIT_AFTER }));
export const OWNER_TYPES = table('F_OWNER_???', () => ({ F_OWNER_TID, F_OWNER_PID, F_OWNER_PGRP }));

export const FALLOC_FL_KEEP_SIZE = 1, FALLOC_FL_PUNCH_HOLE = 2, FALLOC_FL_NO_HIDE_STALE = 4, FALLOC_FL_COLLAPSE_RANGE = 8, FALLOC_FL_ZERO_RANGE = 16,
  FALLOC_FL_INSERT_RANGE = 32, FALLOC_FL_UNSHARE_RANGE = 64;
export const FALLOC_FLAGS = table('FALLOC_FL_???', () => ({ FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_NO_HIDE_STALE, FALLOC_FL_COLLAPSE_RANGE,
  FALLOC_FL_ZERO_RANGE, FALLOC_FL_INSERT_RANGE, FALLOC_FL_UNSHARE_RANGE }));

export const POSIX_FADV_NORMAL = 0, POSIX_FADV_RANDOM = 1, POSIX_FADV_SEQUENTIAL = 2, POSIX_FADV_WILLNEED = 3, POSIX_FADV_DONTNEED = 4,
  POSIX_FADV_NOREUSE = 5;
export const FADVISE = table('POSIX_FADV_???', () => ({ POSIX_FADV_NORMAL, POSIX_FADV_RANDOM, POSIX_FADV_SEQUENTIAL, POSIX_FADV_WILLNEED,
  POSIX_FADV_DONTNEED, POSIX_FADV_NOREUSE }));

// openat2.
export const RESOLVE_NO_XDEV = 1, RESOLVE_NO_MAGICLINKS = 2, RESOLVE_NO_SYMLINKS = 4, RESOLVE_BENEATH = 8, RESOLVE_IN_ROOT = 16, RESOLVE_CACHED = 32;
export const RESOLVE_FLAGS = table('RESOLVE_???', () => ({ RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH, RESOLVE_IN_ROOT,
  RESOLVE_CACHED }));

export const RENAME_NOREPLACE = 1, RENAME_EXCHANGE = 2, RENAME_WHITEOUT = 4;
export const RENAME_FLAGS = table('RENAME_??', () => ({ RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT }));

export const CLOSE_RANGE_UNSHARE = 2, CLOSE_RANGE_CLOEXEC = 4;
export const CLOSE_RANGE_FLAGS = table('CLOSE_RANGE_???', () => ({ CLOSE_RANGE_UNSHARE, CLOSE_RANGE_CLOEXEC }));

export const SPLICE_F_MOVE = 1, SPLICE_F_NONBLOCK = 2, SPLICE_F_MORE = 4, SPLICE_F_GIFT = 8;
export const SPLICE_FLAGS = table('SPLICE_F_???', () => ({ SPLICE_F_MOVE, SPLICE_F_NONBLOCK, SPLICE_F_MORE, SPLICE_F_GIFT }));

// memfd_create (the huge page size is a number above bit 26).
export const MFD_CLOEXEC = 1, MFD_ALLOW_SEALING = 2, MFD_HUGETLB = 4, MFD_NOEXEC_SEAL = 8, MFD_EXEC = 16;
export const MFD_FLAGS = table('MFD_???', () => ({ MFD_CLOEXEC, MFD_ALLOW_SEALING, MFD_HUGETLB, MFD_NOEXEC_SEAL, MFD_EXEC }));

export const flock = struct('struct flock', { l_type: 's16', l_whence: 's16', l_start: 's64', l_len: 's64', l_pid: 's32' });
export const open_how = struct('struct open_how', { flags: 'u64', mode: 'u64', resolve: 'u64' });
export const f_owner_ex = struct('struct f_owner_ex', { type: 's32', pid: 's32' });
