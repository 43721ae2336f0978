// Extended attributes, in memory: those of host files do not show through. Linux: fs/xattr.c.
import { latin1 } from '../../base/text';
import { bits, fd, int, long, outBuffer, path, size, str, buffer } from '../../abi/arg_types';
import { E2BIG, EACCES, EEXIST, EINVAL, ENODATA, ENOENT, EOPNOTSUPP, EPERM, ERANGE, type Errno } from '../../abi/errno';
import { AT_FDCWD } from '../../abi/fcntl';
import { XATTR_NAME_MAX, XATTR_SIZE_MAX } from '../../abi/fs';
import { S_ISDIR, S_ISLNK, S_ISREG, XATTR_CREATE, XATTR_FLAGS, XATTR_REPLACE, S_ISVTX } from '../../abi/stat';
import type { task_struct } from '../kernel/types';
import { copy_from_user, copy_to_user, strncpy_from_user } from '../mm/uaccess';
import { failed, type Block } from '../result';
import { syscall } from '../syscall';
import { fdget } from './file';
import { CAP_SYS_ADMIN, capable, current_time, inode_owner_or_capable, inode_permission, MAY_READ, MAY_WRITE } from './inode';
import { LOOKUP_FOLLOW, user_path_at } from './namei';
import { mnt_want_write } from './super';
import type { inode, Result } from './types';
import { task_mm } from './uio';

type Purpose = 'look' | 'change';

/** Which inode a call means: by path (followed or not) or by descriptor. */
function inode_at(task: task_struct, filename: number, follow: boolean, purpose: Purpose = 'look'): Result<inode> {
  const at = user_path_at(task, AT_FDCWD, filename, follow ? LOOKUP_FOLLOW : 0);
  if (failed(at)) return at;
  const inode = at.dentry.d_inode ?? ENOENT.because('no file has this name');
  return failed(inode) || purpose === 'look' ? inode : mnt_want_write(at) ?? inode;
}

function inode_of_fd(task: task_struct, number: number, purpose: Purpose = 'look'): Result<inode> {
  const file = fdget(task, number);
  if (!('f_op' in file)) return file;
  return purpose === 'look' ? file.f_inode : mnt_want_write(file.f_path) ?? file.f_inode;
}

function attribute_name(task: task_struct, address: number): Result<string> {
  const name = strncpy_from_user(task_mm(task), address, XATTR_NAME_MAX + 1);
  if (failed(name)) return name;
  return name === '' || name.length > XATTR_NAME_MAX ? ERANGE.because('the attribute name is empty or longer than 255 bytes') : name;
}

/** Linux: fs/xattr.c:xattr_permission() */
function xattr_permission(task: task_struct, inode: inode, name: string, mask: number): Errno | Block | null {
  if (name.startsWith('security.') || name.startsWith('system.')) return null;
  if (name.startsWith('trusted.')) return capable(task, CAP_SYS_ADMIN) ? null : mask === MAY_WRITE ? EPERM.because('CAP_SYS_ADMIN is needed') : ENODATA.because('trusted attributes are hidden');
  if (name.startsWith('user.')) {
    if (!S_ISREG(inode.i_mode) && !S_ISDIR(inode.i_mode)) return mask === MAY_WRITE ? EPERM.because('user attributes are for files and directories') : ENODATA.because('only files and directories have user attributes');
    if (mask === MAY_WRITE && S_ISDIR(inode.i_mode) && inode.i_mode & S_ISVTX && !inode_owner_or_capable(task, inode)) return EPERM.because('only the owner changes attributes of a sticky directory');
  }
  return inode_permission(task, inode, mask);
}

/** May the caller change attributes that belong to security modules? Linux: security/commoncap.c:cap_inode_setxattr() */
const cap_inode_setxattr = (task: task_struct, inode: inode, name: string): Errno | null => name.startsWith('security.') && inode.i_sb.s_type !== 'anon_inodefs' && !capable(task, CAP_SYS_ADMIN) ? EPERM.because('attributes of security modules need CAP_SYS_ADMIN') : null;

/** The namespaces that a file system keeps, and whether `name` is in one. Linux: fs/xattr.c:xattr_resolve_name() */
function xattr_resolve_name(inode: inode, name: string): Errno | null {
  const { s_type } = inode.i_sb;
  if (s_type === 'pipefs' || s_type === 'anon_inodefs' || s_type === 'proc') return EOPNOTSUPP.because('the file system has no extended attributes');
  if (isAcl(name) && s_type !== 'sockfs') return null;
  const namespaces = s_type === 'sockfs' ? ['security.'] : ['user.', 'trusted.', 'security.'];
  if (namespaces.includes(name)) return EINVAL.because('the name is a namespace only');
  return namespaces.some(prefix => name.startsWith(prefix)) || inode.i_xattrs.has(name) ? null : EOPNOTSUPP.because('the name is in no known namespace');
}

const isAcl = (name: string): boolean => name === 'system.posix_acl_access' || name === 'system.posix_acl_default';

function do_getxattr(task: task_struct, inode_of: () => Result<inode>, nameAt: number, value: number, length: number): Result<number> {
  const name = attribute_name(task, nameAt);
  if (failed(name)) return name;
  const inode = inode_of();
  if (failed(inode)) return inode;
  const refused = xattr_permission(task, inode, name, MAY_READ) ?? xattr_resolve_name(inode, name);
  if (refused) return refused;
  if (inode.i_sb.s_type === 'sockfs' && name.startsWith('security.')) return EOPNOTSUPP.because('security modules keep none for sockets');
  const bytes = inode.i_xattrs.get(name);
  if (!bytes) return ENODATA.because(`there is no attribute '${name}'`);
  if (length === 0) return bytes.length;
  if (bytes.length > length) return ERANGE.because(`the value has ${bytes.length} bytes and the buffer ${length}`);
  const stored = copy_to_user(task_mm(task), value, bytes);
  return failed(stored) ? stored : bytes.length;
}

function do_setxattr(task: task_struct, inode_of: () => Result<inode>, nameAt: number, value: number, length: number, flags: number): Result<number> {
  if (flags & ~(XATTR_CREATE | XATTR_REPLACE)) return EINVAL.because('a flag is not known');
  const name = attribute_name(task, nameAt);
  if (failed(name)) return name;
  if (length > XATTR_SIZE_MAX) return E2BIG.because('the value is larger than 64 KiB');
  const bytes = copy_from_user(task_mm(task), value, length);
  if (failed(bytes)) return bytes;
  const inode = inode_of();
  if (failed(inode)) return inode;
  if (isAcl(name)) return set_acl(task, inode, name, bytes);
  const refused = xattr_permission(task, inode, name, MAY_WRITE) ?? cap_inode_setxattr(task, inode, name) ?? xattr_resolve_name(inode, name);
  if (refused) return refused;
  if (inode.i_sb.s_type === 'sockfs') return EOPNOTSUPP.because('attributes of a socket are not set');
  if (flags & XATTR_CREATE && inode.i_xattrs.has(name)) return EEXIST.because('the attribute exists and XATTR_CREATE is set');
  if (flags & XATTR_REPLACE && !inode.i_xattrs.has(name)) return ENODATA.because('the attribute does not exist and XATTR_REPLACE is set');
  inode.i_xattrs.set(name, bytes);
  inode.i_ctime = current_time();
  return 0;
}

/** An empty list takes the lists away; others are not kept. Linux: fs/posix_acl.c:posix_acl_from_xattr(), set_posix_acl() */
function set_acl(task: task_struct, inode: inode, name: string, bytes: Uint8Array): Result<number> {
  if (bytes.length > 0 && bytes.length < ACL_HEADER) return EINVAL.because('an access control list has a version of 4 bytes');
  const isEmpty = bytes.length <= ACL_HEADER;
  if (bytes.length > 0 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) !== POSIX_ACL_XATTR_VERSION) return EOPNOTSUPP.because('the access control list is of another version');
  if ((bytes.length - ACL_HEADER) % ACL_ENTRY !== 0 && !isEmpty) return EINVAL.because('an entry of the access control list is cut off');
  const refused = xattr_resolve_name(inode, name);
  if (refused) return refused;
  if (S_ISLNK(inode.i_mode)) return EOPNOTSUPP.because('symbolic links have no access control lists');
  if (name === 'system.posix_acl_default' && !S_ISDIR(inode.i_mode)) return isEmpty ? 0 : EACCES.because('only directories have a default list');
  if (!inode_owner_or_capable(task, inode)) return EPERM.because('only the owner may change the access control list');
  return isEmpty ? 0 : EOPNOTSUPP.because('access control lists are not supported');
}

const POSIX_ACL_XATTR_VERSION = 2, ACL_HEADER = 4, ACL_ENTRY = 8;

function do_listxattr(task: task_struct, inode: Result<inode>, list: number, length: number): Result<number> {
  if (failed(inode)) return inode;
  const names = [...inode.i_xattrs.keys()].map(name => `${name}\0`).join('');
  if (length === 0) return names.length;
  if (names.length > length) return ERANGE.because(`the names have ${names.length} bytes and the buffer ${length}`);
  const stored = copy_to_user(task_mm(task), list, latin1(names));
  return failed(stored) ? stored : names.length;
}

function do_removexattr(task: task_struct, inode_of: () => Result<inode>, nameAt: number): Result<number> {
  const name = attribute_name(task, nameAt);
  if (failed(name)) return name;
  const inode = inode_of();
  if (failed(inode)) return inode;
  if (isAcl(name)) return set_acl(task, inode, name, new Uint8Array(0));
  const refused = xattr_permission(task, inode, name, MAY_WRITE) ?? cap_inode_setxattr(task, inode, name) ?? xattr_resolve_name(inode, name);
  if (refused) return refused;
  if (inode.i_sb.s_type === 'sockfs') return EOPNOTSUPP.because('attributes of a socket are not removed');
  return inode.i_xattrs.delete(name) ? 0 : ENODATA.because(`there is no attribute '${name}'`);
}

const set_args = { name: str, value: buffer('size'), size, flags: bits(XATTR_FLAGS) };
const get_args = { name: str, value: outBuffer('size'), size };
const list_args = { list: outBuffer('size'), size };

export const sys_setxattr = syscall({ nr: 188, nr32: 226, name: 'setxattr', brief: 'set an extended attribute value', args: { path, ...set_args }, ret: int, classes: ['file'] }, (task, a) => do_setxattr(task, () => inode_at(task, a.path, true, 'change'), a.name, a.value, a.size, a.flags));
export const sys_lsetxattr = syscall({ nr: 189, nr32: 227, name: 'lsetxattr', brief: 'set an extended attribute value', args: { path, ...set_args }, ret: int, classes: ['file'] }, (task, a) => do_setxattr(task, () => inode_at(task, a.path, false, 'change'), a.name, a.value, a.size, a.flags));
export const sys_fsetxattr = syscall({ nr: 190, nr32: 228, name: 'fsetxattr', brief: 'set an extended attribute value', args: { fd, ...set_args }, ret: int, classes: ['desc'] }, (task, a) => do_setxattr(task, () => inode_of_fd(task, a.fd, 'change'), a.name, a.value, a.size, a.flags));
export const sys_getxattr = syscall({ nr: 191, nr32: 229, name: 'getxattr', brief: 'retrieve an extended attribute value', args: { path, ...get_args }, ret: long, classes: ['file'] }, (task, a) => do_getxattr(task, () => inode_at(task, a.path, true), a.name, a.value, a.size));
export const sys_lgetxattr = syscall({ nr: 192, nr32: 230, name: 'lgetxattr', brief: 'retrieve an extended attribute value', args: { path, ...get_args }, ret: long, classes: ['file'] }, (task, a) => do_getxattr(task, () => inode_at(task, a.path, false), a.name, a.value, a.size));
export const sys_fgetxattr = syscall({ nr: 193, nr32: 231, name: 'fgetxattr', brief: 'retrieve an extended attribute value', args: { fd, ...get_args }, ret: long, classes: ['desc'] }, (task, a) => do_getxattr(task, () => inode_of_fd(task, a.fd), a.name, a.value, a.size));
export const sys_listxattr = syscall({ nr: 194, nr32: 232, name: 'listxattr', brief: 'list extended attribute names', args: { path, ...list_args }, ret: long, classes: ['file'] }, (task, a) => do_listxattr(task, inode_at(task, a.path, true), a.list, a.size));
export const sys_llistxattr = syscall({ nr: 195, nr32: 233, name: 'llistxattr', brief: 'list extended attribute names', args: { path, ...list_args }, ret: long, classes: ['file'] }, (task, a) => do_listxattr(task, inode_at(task, a.path, false), a.list, a.size));
export const sys_flistxattr = syscall({ nr: 196, nr32: 234, name: 'flistxattr', brief: 'list extended attribute names', args: { fd, ...list_args }, ret: long, classes: ['desc'] }, (task, a) => do_listxattr(task, inode_of_fd(task, a.fd), a.list, a.size));
export const sys_removexattr = syscall({ nr: 197, nr32: 235, name: 'removexattr', brief: 'remove an extended attribute', args: { path, name: str }, ret: int, classes: ['file'] }, (task, a) => do_removexattr(task, () => inode_at(task, a.path, true, 'change'), a.name));
export const sys_lremovexattr = syscall({ nr: 198, nr32: 236, name: 'lremovexattr', brief: 'remove an extended attribute', args: { path, name: str }, ret: int, classes: ['file'] }, (task, a) => do_removexattr(task, () => inode_at(task, a.path, false, 'change'), a.name));
export const sys_fremovexattr = syscall({ nr: 199, nr32: 237, name: 'fremovexattr', brief: 'remove an extended attribute', args: { fd, name: str }, ret: int, classes: ['desc'] }, (task, a) => do_removexattr(task, () => inode_of_fd(task, a.fd, 'change'), a.name));
