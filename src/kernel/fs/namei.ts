// Walking paths. Linux: fs/namei.c (the first half; making and removing names is in namei_modify.ts).
// A walk is synchronous and starts again from the top when the host has no answer yet.
import type { int, uaddr_t, uflags_t, uint } from '../../abi/c_types';
import { AT_FDCWD } from '../../abi/fcntl';
import { EACCES, EAGAIN, EBADF, EFAULT, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, EXDEV, type Errno } from '../../abi/errno';
import { NAME_MAX, PATH_MAX } from '../../abi/fs';
import { S_ISDIR, S_ISLNK } from '../../abi/stat';
import type { task_struct } from '../kernel/types';
import { strncpy_from_user } from '../mm/uaccess';
import { failed, type Block } from '../result';
import { charge } from '../state';
import { d_alloc } from './dcache';
import { fdget_raw } from './file';
import { inode_permission, MAY_EXEC } from './inode';
import { traverse_mounts } from './super';
import type { dentry, path, Result } from './types';

// Linux: include/linux/namei.h
export const LOOKUP_FOLLOW = 1, LOOKUP_DIRECTORY = 2, LOOKUP_EMPTY = 4, LOOKUP_NO_SYMLINKS = 0x10000, LOOKUP_NO_MAGICLINKS = 0x20000, LOOKUP_NO_XDEV = 0x40000,
  LOOKUP_BENEATH = 0x80000, LOOKUP_IN_ROOT = 0x100000, LOOKUP_CACHED = 0x200000;
const MAXSYMLINKS = 40;

/** The state of one walk. Not part of the graph. */
export interface nameidata {
  task: task_struct;
  flags: uflags_t;
  root: path;
  /** Where the walk stands: the directory of `last` after link_path_walk(). */
  path: path;
  last: string;
  last_type: 'norm' | 'dot' | 'dotdot' | 'root';
  /** The name ended in a slash: it must be a directory. */
  trailing: boolean;
  links: uint;
  /** The whole name, for the reasons. */
  name: string;
}

/** Where a path name starts: the directory descriptor resolves only for relative names. */
export function path_init(task: task_struct, dfd: int, name: string, flags: uflags_t, slot = 0): Result<nameidata> {
  const { fs } = task;
  if (!fs) return ENOENT.because('the task has no root directory');
  charge('path_start');
  if (name === '' && !(flags & LOOKUP_EMPTY)) return ENOENT.because('the path is empty');
  const nd: nameidata = { task, flags, root: fs.root, path: fs.pwd, last: '', last_type: 'root', trailing: false, links: 0, name };
  const isAnchored = (flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT)) !== 0;
  if (name.startsWith('/') && !isAnchored) {
    nd.path = fs.root;
    return nd;
  }
  if (name.startsWith('/') && flags & LOOKUP_BENEATH) return EXDEV.because('RESOLVE_BENEATH refuses an absolute path');
  if (dfd !== AT_FDCWD) {
    const file = fdget_raw(task, dfd, slot);
    if (!('f_op' in file)) return file.because(`the directory descriptor ${dfd} is not open`);
    const inode = file.f_path.dentry.d_inode;
    if (name !== '' && !(inode && S_ISDIR(inode.i_mode))) return ENOTDIR.because(`descriptor ${dfd} is not a directory`);
    nd.path = { mnt: file.f_path.mnt, dentry: file.f_path.dentry };
  }
  if (isAnchored) nd.root = nd.path;
  return nd;
}

/** The dentry of `name` in a directory; negative when it does not exist. */
export function lookup_dcache(dir: dentry, name: string): Result<dentry> {
  const known = dir.d_children.get(name);
  if (known) {
    if (!known.d_op?.d_revalidate || known.d_op.d_revalidate(known)) return known;
    dir.d_children.delete(name);
  }
  const found = d_alloc(dir, name);
  const inode = dir.d_inode;
  if (!inode?.i_op.lookup) return found;
  const result = inode.i_op.lookup(inode, found);
  if (failed(result)) return result;
  if (result) {
    found.d_inode = result;
    dir.d_children.set(name, found);
  }
  return found;
}

/** Linux: fs/namei.c:lookup_one_common() and lookup_slow() */
function lookup_one(nd: nameidata, name: string): Result<dentry> {
  if (name.length > NAME_MAX) return ENAMETOOLONG.because(`the component '${name.slice(0, 20)}...' has ${name.length} bytes, more than ${NAME_MAX}`);
  // Differs: names that are known not to exist are not kept.
  if (nd.flags & LOOKUP_CACHED && !nd.path.dentry.d_children.has(name)) return EAGAIN.because(`'${name}' is not cached`);
  const found = lookup_dcache(nd.path.dentry, name);
  charge(!failed(found) && found.d_inode ? 'path_component' : 'path_negative');
  return found;
}

function may_lookup(nd: nameidata): Errno | Block | null {
  const inode = nd.path.dentry.d_inode;
  if (!inode) return ENOENT.because(`'${nd.path.dentry.d_name}' does not exist`);
  if (!S_ISDIR(inode.i_mode)) return ENOTDIR.because(`'${nd.path.dentry.d_name}' in '${nd.name}' is not a directory`);
  const refused = inode_permission(nd.task, inode, MAY_EXEC);
  return refused && !('blocked' in refused) ? EACCES.because(`directory '${nd.path.dentry.d_name}' may not be searched: ${refused.reason ?? ''}`) : refused;
}

function follow_dotdot(nd: nameidata): Errno | null {
  let { mnt, dentry }: path = nd.path;
  for (;;) {
    if (dentry === nd.root.dentry && mnt === nd.root.mnt) {
      if (nd.flags & LOOKUP_BENEATH) return EXDEV.because('RESOLVE_BENEATH refuses to leave the starting directory');
      return null;
    }
    if (dentry !== mnt.mnt_root) {
      nd.path = traverse_mounts({ mnt, dentry: dentry.d_parent ?? dentry });
      return null;
    }
    if (!mnt.mnt_parent || !mnt.mnt_mountpoint) return null;
    if (nd.flags & LOOKUP_NO_XDEV) return EXDEV.because('RESOLVE_NO_XDEV refuses to leave the mount');
    dentry = mnt.mnt_mountpoint;
    mnt = mnt.mnt_parent;
  }
}

/** Follows the symbolic link `link` that stands in nd.path. */
export function step_link(nd: nameidata, link: dentry): Errno | Block | null {
  const inode = link.d_inode;
  if (!inode) return ENOENT.because('the link has no inode');
  if (nd.flags & LOOKUP_NO_SYMLINKS) return ELOOP.because(`RESOLVE_NO_SYMLINKS refuses the link '${link.d_name}'`);
  nd.links++;
  if (nd.links > MAXSYMLINKS) return ELOOP.because(`more than ${MAXSYMLINKS} symbolic links in '${nd.name}'`);
  if (inode.i_op.jump_link) {
    if (nd.flags & LOOKUP_NO_MAGICLINKS) return ELOOP.because(`RESOLVE_NO_MAGICLINKS refuses the link '${link.d_name}'`);
    const target = inode.i_op.jump_link(inode);
    if (failed(target)) return target;
    nd.path = target;
    return null;
  }
  const target = inode.i_op.get_link ? inode.i_op.get_link(inode) : inode.i_link;
  if (failed(target)) return target;
  if (target === '') return ENOENT.because(`the link '${link.d_name}' is empty`);
  const refused = link_path_walk(nd, target);
  if (refused) return refused;
  return walk_last(nd, true);
}

/** One step of the walk: from the directory nd.path to `name`. */
function walk_component(nd: nameidata, name: string, follow: boolean): Errno | Block | null {
  if (name === '.') return null;
  if (name === '..') return follow_dotdot(nd);
  const found = lookup_one(nd, name);
  if (failed(found)) return found;
  const inode = found.d_inode;
  if (!inode) return ENOENT.because(`'${name}' does not exist in ${nd.path.dentry.d_parent ? `directory '${nd.path.dentry.d_name}'` : 'the root directory'}`);
  if (follow && S_ISLNK(inode.i_mode)) return step_link(nd, found);
  const over = traverse_mounts({ mnt: nd.path.mnt, dentry: found });
  if (over.mnt !== nd.path.mnt && nd.flags & LOOKUP_NO_XDEV) return EXDEV.because(`RESOLVE_NO_XDEV refuses the mount at '${name}'`);
  nd.path = over;
  return null;
}

const SLASH = 0x2f;
const after_slashes = (name: string, from: int): int => {
  let at = from;
  while (name.charCodeAt(at) === SLASH) at++;
  return at;
};

/** Walks all but the last component of `name`, which is left in nd.last. Linux: fs/namei.c:link_path_walk() */
export function link_path_walk(nd: nameidata, name: string): Errno | Block | null {
  if (name.startsWith('/')) {
    if (nd.flags & LOOKUP_BENEATH) return EXDEV.because('RESOLVE_BENEATH refuses an absolute link');
    nd.path = nd.root;
  }
  nd.last = '';
  nd.last_type = 'root';
  for (let at = after_slashes(name, 0); at < name.length;) {
    const slash = name.indexOf('/', at), end = slash < 0 ? name.length : slash;
    const part = name.slice(at, end);
    at = after_slashes(name, end);
    const refused = may_lookup(nd);
    if (refused) return refused;
    if (at === name.length) {
      nd.last = part;
      nd.last_type = part === '.' ? 'dot' : part === '..' ? 'dotdot' : 'norm';
      break;
    }
    const stopped = walk_component(nd, part, true);
    if (stopped) return stopped;
    const inode = nd.path.dentry.d_inode;
    if (inode && !S_ISDIR(inode.i_mode)) return ENOTDIR.because(`'${part}' in '${nd.name}' is not a directory`);
  }
  if (name.endsWith('/') && nd.last !== '') nd.trailing = true;
  return null;
}

/** The last step of a walk. */
function walk_last(nd: nameidata, follow: boolean): Errno | Block | null {
  switch (nd.last_type) {
    case 'root':
    case 'dot':
      return null;
    case 'dotdot':
      return follow_dotdot(nd);
    default:
      return walk_component(nd, nd.last, follow);
  }
}

/** A name to its place. `slot`: where the call record keeps the directory descriptor's file. Linux: fs/namei.c:filename_lookup() */
export function filename_lookup(task: task_struct, dfd: int, name: string, flags: uflags_t, slot = 0): Result<path> {
  const nd = path_init(task, dfd, name, flags, slot);
  if (failed(nd)) return nd;
  const refused = link_path_walk(nd, name);
  if (refused) return refused;
  const mustBeDirectory = nd.trailing || (flags & LOOKUP_DIRECTORY) !== 0;
  const stopped = walk_last(nd, (flags & LOOKUP_FOLLOW) !== 0 || nd.trailing);
  if (stopped) return stopped;
  const inode = nd.path.dentry.d_inode;
  if (mustBeDirectory && inode && !S_ISDIR(inode.i_mode)) return ENOTDIR.because(`'${name}' is not a directory`);
  return nd.path;
}

/** The directory that a name is to be made in or removed from, with the name's last component in nd.last. */
export function filename_parentat(task: task_struct, dfd: int, name: string, flags = 0, slot = 0): Result<nameidata> {
  const nd = path_init(task, dfd, name, flags, slot);
  if (failed(nd)) return nd;
  const refused = link_path_walk(nd, name);
  return refused ?? nd;
}

/** The dentry of nd.last in nd.path. */
export function lookup_last(nd: nameidata): Result<dentry> {
  return lookup_one(nd, nd.last);
}

/** A path name from user memory, copied once for the life of the call. Linux: fs/namei.c:getname_flags() */
export function getname(task: task_struct, address: uaddr_t): Result<string> {
  if (!task.mm) return EFAULT.because('the task has no memory');
  const name = strncpy_from_user(task.mm, address, PATH_MAX);
  if (failed(name)) return name;
  if (name.length >= PATH_MAX) return ENAMETOOLONG.because(`the path has ${PATH_MAX} bytes or more`);
  return name;
}

/** The place that an *at call names: a path, or the descriptor itself with AT_EMPTY_PATH. Linux: fs/namei.c:user_path_at() */
export function user_path_at(task: task_struct, dfd: int, address: uaddr_t, flags: uflags_t, slot = 0): Result<path> {
  const name = getname(task, address);
  if (failed(name)) return name;
  return name_at(task, dfd, name, flags, slot);
}

export function name_at(task: task_struct, dfd: int, name: string, flags: uflags_t, slot = 0): Result<path> {
  if (name !== '' || !(flags & LOOKUP_EMPTY)) return filename_lookup(task, dfd, name, flags, slot);
  if (dfd === AT_FDCWD) return task.fs ? { mnt: task.fs.pwd.mnt, dentry: task.fs.pwd.dentry } : EBADF.because('the task has no directory');
  const file = fdget_raw(task, dfd, slot);
  if (!('f_op' in file)) return file;
  return { mnt: file.f_path.mnt, dentry: file.f_path.dentry };
}
