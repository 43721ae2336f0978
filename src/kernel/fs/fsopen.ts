// Mounting by descriptors: a context that is configured and becomes a mount, and mounts that are opened, moved and changed. Linux: fs/fsopen.c, fs/fs_context.c, fs/namespace.c, mm/shmem.c:shmem_parse_one().
// Differs: sizes and modes of quota are checked and not kept; a tree is opened without what is mounted below it; a mount that nobody attaches is not taken apart, as nothing counts it.
import { latin1 } from '../../base/text';
import { bits, choice, dirfd, fd, hex, int, path, ptr, size, str } from '../../abi/arg_types';
import { EBADF, EBUSY, EINVAL, ELOOP, EMSGSIZE, ENODATA, ENODEV, EOPNOTSUPP, EPERM, E2BIG, type Errno } from '../../abi/errno';
import { AT_EMPTY_PATH, AT_FDCWD, AT_FLAGS, AT_NO_AUTOMOUNT, AT_RECURSIVE, AT_SYMLINK_NOFOLLOW, O_PATH, O_RDWR } from '../../abi/fcntl';
import { FSCONFIG_CMD, FSMOUNT_FLAGS, FSOPEN_FLAGS, MOVE_MOUNT_FLAGS, OPEN_TREE_FLAGS } from '../../abi/ni';
import { S_ISDIR } from '../../abi/stat';
import type { task_struct } from '../kernel/types';
import { f, kobject, ops, type Instance } from '../kobject';
import { copy_from_user, strncpy_from_user } from '../mm/uaccess';
import { failed } from '../result';
import { syscall } from '../syscall';
import { anon_inode_getfile } from './anon_inodes';
import { alloc_file, fd_install_new, fdget, fdget_raw } from './file';
import { capable, CAP_SYS_ADMIN } from './inode';
import { copy_to_iter, type iov_iter } from './iov_iter';
import { LOOKUP_EMPTY, LOOKUP_FOLLOW, user_path_at } from './namei';
import { path_fops } from './open';
import { proc_fill_super } from './proc/root';
import { alloc_mount, attach_mount, detach_mount } from './super';
import { shmem_fill_super } from './tmpfs/shmem';
import { FMODE_PATH, FMODE_READ, FMODE_WRITE, MNT_NODEV, MNT_NOEXEC, MNT_NOSUID, MNT_READONLY, MNT_RELATIME, type dentry, type file, type mount, type path as path_t, type Result, type super_block } from './types';
import { task_mm } from './uio';

export const fs_context = kobject('fs_context', {
  fs_type: f.str, /** 'create', 'awaiting mount', 'awaiting reconfiguration', 'reconfigure'. Linux: enum fs_context_phase */ phase: f.str, source: f.str, mode: f.umode,
  root: f.ptr<dentry>('dentry'), sb: f.ptr<super_block>('super_block'),
  /** What was wrong, a line each, for who reads. */
  log: f.list(f.str),
});
export interface fs_context extends Instance<typeof fs_context> {}

const not_allowed = (what: string): Errno => EPERM.because(`${what} needs CAP_SYS_ADMIN`);
const may_mount = (task: task_struct): boolean => capable(task, CAP_SYS_ADMIN);

/** Linux: fs/fsopen.c:fscontext_read() */
function fscontext_read(file: file, to: iov_iter): Result<number> {
  const fc = file.private_data as fs_context, [first] = fc.log;
  if (first === undefined) return ENODATA.because('there is no message');
  if (first.length > to.count) return EMSGSIZE.because(`the message has ${first.length} bytes`);
  const copied = copy_to_iter(latin1(first), to);
  if (!failed(copied)) fc.log = fc.log.slice(1);
  return copied;
}

const fscontext_fops = ops('fscontext_fops', { name: 'fscontext_fops', read_iter: fscontext_read });

const context_fd = (task: task_struct, fc: fs_context, cloexec: boolean): number | Errno => fd_install_new(task, anon_inode_getfile('[fscontext]', O_RDWR, FMODE_READ | FMODE_WRITE, fscontext_fops, fc), cloexec);

const FILE_SYSTEMS = new Set(['tmpfs', 'ramfs', 'proc']), PAGE = 4096;

export const sys_fsopen = syscall({ nr: 430, nr32: 430, name: 'fsopen', brief: 'create a filesystem context', args: { fs_name: str, flags: bits(FSOPEN_FLAGS) }, ret: fd, classes: ['desc'], support: { partial: 'tmpfs and proc' } }, (task, { fs_name, flags }) => {
  if (!may_mount(task)) return not_allowed('fsopen');
  if (flags & ~1) return EINVAL.because('a flag is not known');
  const name = strncpy_from_user(task_mm(task), fs_name, PAGE);
  if (failed(name)) return name;
  if (name.length >= PAGE) return EINVAL.because('the name is longer than a page');
  if (!FILE_SYSTEMS.has(name)) return ENODEV.because(`file systems of type '${name}' are not there`);
  return context_fd(task, fs_context.make({ fs_type: name, phase: 'create', mode: 0o1777 }), (flags & 1) !== 0);
});

const SET_FLAG = 0, SET_STRING = 1, SET_BINARY = 2, SET_PATH = 3, SET_PATH_EMPTY = 4, SET_FD = 5, CMD_CREATE = 6, CMD_RECONFIGURE = 7, CMD_CREATE_EXCL = 8;

/** Which of key, value and aux each command takes. Linux: fs/fsopen.c:fsconfig() */
function is_well_formed(cmd: number, key: number, value: number, aux: number): boolean | null {
  switch (cmd) {
    case SET_FLAG: return key !== 0 && value === 0 && aux === 0;
    case SET_STRING: return key !== 0 && value !== 0 && aux === 0;
    case SET_BINARY: return key !== 0 && value !== 0 && aux > 0 && aux <= 1024 * 1024;
    case SET_PATH: case SET_PATH_EMPTY: return key !== 0 && value !== 0 && (aux === AT_FDCWD || aux >= 0);
    case SET_FD: return key !== 0 && value === 0 && aux >= 0;
    case CMD_CREATE: case CMD_CREATE_EXCL: case CMD_RECONFIGURE: return key === 0 && value === 0 && aux === 0;
    default: return null;
  }
}

function complaint(fc: fs_context, text: string): Errno {
  fc.log = [...fc.log, `e ${text}\n`].slice(-8);
  return EINVAL.because(text);
}

/** Flags of every superblock. Linux: fs/fs_context.c:common_set_sb_flag */
const SB_FLAGS = new Set(['dirsync', 'lazytime', 'mand', 'ro', 'sync', 'async', 'nolazytime', 'nomand', 'rw']);

/** What each file system is told: the form of its value; null: none. */
const PARAMETERS: Readonly<Record<string, Readonly<Record<string, RegExp | null>>>> = {
  tmpfs: {
    gid: /^\d+$/, uid: /^\d+$/, mode: /^[0-7]+$/, size: /^(?:0[xX][\da-fA-F]+|\d+)[kKmMgGtTpPeE]?%?$/, nr_blocks: /^\d+[kKmMgGtTpPeE]?$/, nr_inodes: /^\d+[kKmMgGtTpPeE]?$/, huge: /^(?:never|always|within_size|advise)$/, mpol: /^/,
    inode32: null, inode64: null, noswap: null,
  },
  ramfs: { mode: /^[0-7]+$/ },
  proc: { gid: /^\d+$/, hidepid: /^(?:[0124]|off|noaccess|invisible|ptraceable)$/, subset: /^pid$/ },
};

/** Linux: fs/fs_context.c:vfs_parse_fs_param(), fs_parser.c:__fs_parse(). `value` null: the key is a flag. */
function parse_param(fc: fs_context, key: string, value: string | null): number | Errno {
  if (SB_FLAGS.has(key)) return 0;
  const known = PARAMETERS[fc.fs_type]?.[key];
  if (known === undefined) {
    if (key !== 'source') return complaint(fc, `${fc.fs_type}: Unknown parameter '${key}'`);
    if (value === null) return complaint(fc, 'Non-string source');
    if (fc.source !== '') return complaint(fc, 'Multiple sources');
    fc.source = value;
    return 0;
  }
  if (known === null) return value === null ? 0 : complaint(fc, `${fc.fs_type}: Unexpected value for '${key}'`);
  if (value === null || !known.test(value)) return complaint(fc, `${fc.fs_type}: Bad value for '${key}'`);
  if (key === 'mode') fc.mode = parseInt(value, 8) & 0o7777;
  return 0;
}

/** Linux: fs/fsopen.c:vfs_cmd_create() */
function cmd_create(fc: fs_context): number | Errno {
  if (fc.phase !== 'create') return EBUSY.because('the context has been created already');
  const sb = fc.fs_type === 'proc' ? proc_fill_super() : shmem_fill_super(fc.fs_type, fc.mode);
  fc.sb = sb;
  fc.root = sb.s_root;
  fc.phase = 'awaiting mount';
  return 0;
}

/** A context that is done with begins again as one that changes its file system. Linux: fs/fs_context.c:finish_clean_context() */
function finish_clean_context(fc: fs_context): void {
  if (fc.phase === 'awaiting reconfiguration') fc.phase = 'reconfigure';
}

function context_of(task: task_struct, number: number): fs_context | Errno {
  const file = fdget(task, number);
  if (!('f_op' in file)) return file;
  return file.f_op === fscontext_fops ? file.private_data as fs_context : EINVAL.because('the descriptor is no context of a file system');
}

const KEY_MAX = 256;

function user_word(task: task_struct, address: number): Result<string> {
  const word = strncpy_from_user(task_mm(task), address, KEY_MAX);
  return typeof word === 'string' && word.length >= KEY_MAX ? EINVAL.because('the word is longer than 255 bytes') : word;
}

export const sys_fsconfig = syscall({
  nr: 431, nr32: 431, name: 'fsconfig', brief: 'configure a file system context', args: { fd, cmd: choice(FSCONFIG_CMD, 'unsigned int'), key: str, value: ptr, aux: int }, ret: int, classes: ['desc', 'file'],
  support: { partial: 'no parameters that are files' },
}, (task, { fd: number, cmd, key, value, aux }) => {
  if (number < 0) return EINVAL.because('the descriptor is negative');
  const isFormed = is_well_formed(cmd, key, value, aux);
  if (isFormed === null) return EOPNOTSUPP.because('there is no such command');
  if (!isFormed) return EINVAL.because('the command takes other arguments');
  const fc = context_of(task, number);
  if (failed(fc)) return fc;
  const word = key === 0 ? '' : user_word(task, key);
  if (failed(word)) return word;
  const text = cmd === SET_STRING ? user_word(task, value) : cmd === SET_BINARY ? copy_from_user(task_mm(task), value, aux) : null;
  if (failed(text)) return text;
  if (cmd === SET_FD) {
    const given = fdget_raw(task, aux, 1);
    if (!('f_op' in given)) return given;
  }
  finish_clean_context(fc);
  if (cmd === CMD_CREATE || cmd === CMD_CREATE_EXCL) return cmd_create(fc);
  if (cmd === CMD_RECONFIGURE) {
    if (fc.phase !== 'reconfigure') return EBUSY.because('the context is not one that changes a file system');
    fc.phase = 'awaiting reconfiguration';
    return 0;
  }
  if (fc.phase !== 'create' && fc.phase !== 'reconfigure') return EBUSY.because('the context takes no parameters now');
  return parse_param(fc, word, typeof text === 'string' ? text : null);
});

const MOUNT_ATTR_RDONLY = 1, MOUNT_ATTR_NOSUID = 2, MOUNT_ATTR_NODEV = 4, MOUNT_ATTR_NOEXEC = 8, MOUNT_ATTR__ATIME = 0x70, MOUNT_ATTR_NOATIME = 0x10, MOUNT_ATTR_STRICTATIME = 0x20;
/** With NODIRATIME and NOSYMFOLLOW. */
const FSMOUNT_VALID_FLAGS = 0x2000ff, MOUNT_SETATTR_VALID_FLAGS = FSMOUNT_VALID_FLAGS | 0x100000;
const MS_SLAVE_TO_SHARED = [0x20000, 0x40000, 0x80000, 0x100000];

/** Linux: fs/namespace.c:attr_flags_to_mnt_flags() */
const mnt_flags_of = (attributes: number): number => (attributes & MOUNT_ATTR_RDONLY ? MNT_READONLY : 0) | (attributes & MOUNT_ATTR_NOSUID ? MNT_NOSUID : 0) | (attributes & MOUNT_ATTR_NODEV ? MNT_NODEV : 0)
  | (attributes & MOUNT_ATTR_NOEXEC ? MNT_NOEXEC : 0);
const isAtime = (attributes: number): boolean => [0, MOUNT_ATTR_NOATIME, MOUNT_ATTR_STRICTATIME].includes(attributes & MOUNT_ATTR__ATIME);

/** A descriptor of a place, without access. */
const path_fd = (task: task_struct, at: path_t, cloexec: boolean): number | Errno => fd_install_new(task, alloc_file(at, O_PATH, FMODE_PATH, path_fops), cloexec);

export const sys_fsmount = syscall({ nr: 432, nr32: 432, name: 'fsmount', brief: 'make a mount of a file system context', args: { fd, flags: bits(FSMOUNT_FLAGS), attr_flags: hex }, ret: fd, classes: ['desc'] }, (task, { fd: number, flags, attr_flags }) => {
  if (!may_mount(task)) return not_allowed('fsmount');
  if (flags & ~1) return EINVAL.because('a flag is not known');
  if (attr_flags & ~FSMOUNT_VALID_FLAGS || !isAtime(attr_flags)) return EINVAL.because('an attribute is not known');
  const fc = context_of(task, number);
  if (failed(fc)) return fc;
  if (!fc.root || !fc.sb) return EINVAL.because('the context has no file system yet');
  if (fc.phase !== 'awaiting mount') return EBUSY.because('the context has been mounted already');
  fc.phase = 'awaiting reconfiguration';
  const mnt = alloc_mount(fc.sb, fc.root, fc.source === '' ? 'none' : fc.source, mnt_flags_of(attr_flags) | (attr_flags & MOUNT_ATTR__ATIME ? 0 : MNT_RELATIME));
  return path_fd(task, { mnt, dentry: fc.root }, (flags & 1) !== 0);
});

const isMountRoot = ({ mnt, dentry }: path_t): boolean => mnt.mnt_root === dentry;

const FSPICK_SYMLINK_NOFOLLOW = 2, FSPICK_EMPTY_PATH = 8;

export const sys_fspick = syscall({ nr: 433, nr32: 433, name: 'fspick', brief: 'choose a mounted file system to reconfigure', args: { dirfd, path, flags: hex }, ret: fd, classes: ['desc', 'file'] }, (task, { dirfd: dfd, path: name, flags }) => {
  if (!may_mount(task)) return not_allowed('fspick');
  if (flags & ~0xf) return EINVAL.because('a flag is not known');
  const at = user_path_at(task, dfd, name, (flags & FSPICK_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (flags & FSPICK_EMPTY_PATH ? LOOKUP_EMPTY : 0));
  if (failed(at)) return at;
  if (!isMountRoot(at)) return EINVAL.because('nothing is mounted exactly there');
  return context_fd(task, fs_context.make({ fs_type: at.mnt.mnt_sb.s_type, phase: 'reconfigure', root: at.dentry, sb: at.mnt.mnt_sb }), (flags & 1) !== 0);
});

const F_SYMLINKS = 1, F_EMPTY_PATH = 4, T_SYMLINKS = 0x10, T_EMPTY_PATH = 0x40, SET_GROUP = 0x100, BENEATH = 0x200, MOVE_MOUNT__MASK = 0x377;

const isDirectory = ({ dentry }: path_t): boolean => dentry.d_inode !== null && S_ISDIR(dentry.d_inode.i_mode);

/** Linux: fs/namespace.c:do_move_mount() */
function do_move_mount(from: path_t, to: path_t): number | Errno {
  if (from.mnt.is_attached && !from.mnt.mnt_parent) return EINVAL.because('the root of everything stays');
  if (!isMountRoot(from)) return EINVAL.because('nothing is mounted exactly there');
  if (isDirectory(from) !== isDirectory(to)) return EINVAL.because('one is a directory and the other is not');
  for (let over: mount | null = to.mnt; over; over = over.mnt_parent) if (over === from.mnt) return ELOOP.because('the target lies below what is moved');
  detach_mount(from.mnt);
  attach_mount(from.mnt, to);
  return 0;
}

export const sys_move_mount = syscall({
  nr: 429, nr32: 429, name: 'move_mount', brief: 'move mounts in a filesystem', args: { from_dirfd: dirfd, from_pathname: path, to_dirfd: dirfd, to_pathname: path, flags: bits(MOVE_MOUNT_FLAGS) }, ret: int, classes: ['desc', 'file'],
  support: { partial: 'no peer groups, nothing is put beneath' },
}, (task, { from_dirfd, from_pathname, to_dirfd, to_pathname, flags }) => {
  if (!may_mount(task)) return not_allowed('move_mount');
  if (flags & ~MOVE_MOUNT__MASK || (flags & (SET_GROUP | BENEATH)) === (SET_GROUP | BENEATH)) return EINVAL.because('a flag is not known');
  const from = user_path_at(task, from_dirfd, from_pathname, (flags & F_SYMLINKS ? LOOKUP_FOLLOW : 0) | (flags & F_EMPTY_PATH ? LOOKUP_EMPTY : 0));
  if (failed(from)) return from;
  const to = user_path_at(task, to_dirfd, to_pathname, (flags & T_SYMLINKS ? LOOKUP_FOLLOW : 0) | (flags & T_EMPTY_PATH ? LOOKUP_EMPTY : 0), 1);
  if (failed(to)) return to;
  if (flags & (SET_GROUP | BENEATH)) return EINVAL.because('there are no peer groups, and nothing is put beneath a mount');
  return do_move_mount(from, to);
});

const OPEN_TREE_CLONE = 1, OPEN_TREE_CLOEXEC = 0x80000;

export const sys_open_tree = syscall({ nr: 428, nr32: 428, name: 'open_tree', brief: 'open the mount at a place', args: { dirfd, pathname: path, flags: bits(OPEN_TREE_FLAGS) }, ret: fd, classes: ['desc', 'file'] }, (task, { dirfd: dfd, pathname, flags }) => {
  if (flags & ~(AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)) return EINVAL.because('a flag is not known');
  if ((flags & (AT_RECURSIVE | OPEN_TREE_CLONE)) === AT_RECURSIVE) return EINVAL.because('AT_RECURSIVE goes with OPEN_TREE_CLONE');
  if (flags & OPEN_TREE_CLONE && !may_mount(task)) return not_allowed('OPEN_TREE_CLONE');
  const at = user_path_at(task, dfd, pathname, (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0));
  if (failed(at)) return at;
  const mnt = flags & OPEN_TREE_CLONE ? alloc_mount(at.mnt.mnt_sb, at.dentry, at.mnt.mnt_devname, at.mnt.mnt_flags) : at.mnt;
  return path_fd(task, { mnt, dentry: at.dentry }, (flags & OPEN_TREE_CLOEXEC) !== 0);
});

const MOUNT_ATTR_SIZE = 32;

/** Linux: fs/namespace.c:build_mount_kattr() */
function attr_refused(set: number, clear: number, isHigh: boolean, propagation: bigint, userns: bigint): Errno | null {
  if (propagation !== 0n && !MS_SLAVE_TO_SHARED.some(one => BigInt(one) === propagation)) return EINVAL.because('propagation is none, or several at once');
  if (isHigh || (set | clear) & ~MOUNT_SETATTR_VALID_FLAGS) return EINVAL.because('an attribute is not known');
  if ((clear & MOUNT_ATTR__ATIME) !== 0 ? (clear & MOUNT_ATTR__ATIME) !== MOUNT_ATTR__ATIME || !isAtime(set) : (set & MOUNT_ATTR__ATIME) !== 0) return EINVAL.because('the kind of access times is changed as a whole');
  if ((set | clear) & 0x100000) return userns > 0x7fffffffn ? EINVAL.because('userns_fd is no descriptor') : EBADF.because('ids cannot be mapped');
  return null;
}

export const sys_mount_setattr = syscall({
  nr: 442, nr32: 442, name: 'mount_setattr', brief: 'change properties of a mount or mount tree', args: { dirfd, pathname: path, flags: bits(AT_FLAGS), attr: ptr, size }, ret: int, classes: ['desc', 'file'], support: { partial: 'one mount at a time, no mapped ids' },
}, (task, { dirfd: dfd, pathname, flags, attr, size: bytes }) => {
  if (flags & ~(AT_EMPTY_PATH | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT)) return EINVAL.because('a flag is not known');
  if (bytes > PAGE) return E2BIG.because('size is more than a page');
  if (bytes < MOUNT_ATTR_SIZE) return EINVAL.because('size is less than struct mount_attr');
  if (!may_mount(task)) return not_allowed('mount_setattr');
  const given = copy_from_user(task_mm(task), attr, bytes);
  if (failed(given)) return given;
  if (given.subarray(MOUNT_ATTR_SIZE).some(byte => byte !== 0)) return E2BIG.because('bytes past the known struct are not zero');
  const view = new DataView(given.buffer, given.byteOffset), set = view.getUint32(0, true), clear = view.getUint32(8, true), propagation = view.getBigUint64(16, true);
  const isHigh = view.getUint32(4, true) !== 0 || view.getUint32(12, true) !== 0;
  if (set === 0 && clear === 0 && !isHigh && propagation === 0n) return 0;
  const refused = attr_refused(set, clear, isHigh, propagation, view.getBigUint64(24, true));
  if (refused) return refused;
  const at = user_path_at(task, dfd, pathname, (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0));
  if (failed(at)) return at;
  if (!isMountRoot(at)) return EINVAL.because('nothing is mounted exactly there');
  at.mnt.mnt_flags = at.mnt.mnt_flags & ~mnt_flags_of(clear) & ~(clear & MOUNT_ATTR__ATIME ? MNT_RELATIME : 0) | mnt_flags_of(set) | (clear & MOUNT_ATTR__ATIME && (set & MOUNT_ATTR__ATIME) === 0 ? MNT_RELATIME : 0);
  return 0;
});
