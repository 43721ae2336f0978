// The names of UNIX sockets: paths, abstract names, and what they lead to. Linux: net/unix/af_unix.c (unix_bind, unix_find_other).
import { EADDRINUSE, ECONNREFUSED, EINVAL, ENOENT, ENOTCONN, EPROTOTYPE, type Errno } from '../../../abi/errno';
import { AT_FDCWD } from '../../../abi/fcntl';
import { AF_UNIX, SOCK_DGRAM } from '../../../abi/socket';
import { S_IFMT, S_IFSOCK } from '../../../abi/stat';
import { inode_permission, MAY_WRITE } from '../../fs/inode';
import { LOOKUP_FOLLOW, name_at } from '../../fs/namei';
import { filename_create, vfs_mknod } from '../../fs/namei_modify';
import type { Result } from '../../fs/types';
import type { task_struct } from '../../kernel/types';
import { f, kobject, type Instance } from '../../kobject';
import { failed } from '../../result';
import { kernel } from '../../state';
import { unix_sock as unix_sock_type, type sock, type unix_sock } from '../types';

export const SUN_PATH_OFFSET = 2;
const UNIX_PATH_MAX = 108;

/** The sockets that have a name. */
const unix_table = kobject('unix_table', { sockets: f.list(f.ref<sock>('sock')), ordernum: f.u32 });
interface unix_table extends Instance<typeof unix_table> {}

function table(): unix_table {
  const known = kernel.subsystems.get('unix_table') as unix_table | undefined;
  if (known) return known;
  const made = unix_table.make({});
  kernel.subsystems.set('unix_table', made);
  return made;
}

/** The named sockets, for /proc/net/unix. */
export const unix_sockets = (): readonly sock[] => table().sockets;

export function unix_unbind(sk: sock): void {
  const known = table();
  known.sockets = known.sockets.filter(other => other !== sk);
}

export function unix_sk(sk: sock): unix_sock {
  if (!sk.unix) sk.unix = unix_sock_type.make({});
  return sk.unix;
}

export const isConnectionless = (sk: sock): boolean => sk.sk_type === SOCK_DGRAM;

/** The name in a struct sockaddr_un: '' asks for one. Linux: net/unix/af_unix.c:unix_validate_addr() */
export function sun_path(address: Uint8Array): Result<string> {
  if (address.length < SUN_PATH_OFFSET || address.length > SUN_PATH_OFFSET + UNIX_PATH_MAX) return EINVAL.because('an AF_UNIX address has 2 to 110 bytes');
  if (((address[0] ?? 0) | (address[1] ?? 0) << 8) !== AF_UNIX) return EINVAL.because('the address is not one of AF_UNIX');
  let path = '';
  const isAbstract = address[SUN_PATH_OFFSET] === 0;
  for (let i = SUN_PATH_OFFSET; i < address.length && (isAbstract || address[i] !== 0); i++) path += String.fromCharCode(address[i] ?? 0);
  return path;
}

function sockaddr_un(path: string, isBound: boolean): Uint8Array {
  const isPath = isBound && !path.startsWith('\0');
  const bytes = new Uint8Array(SUN_PATH_OFFSET + (isBound ? path.length + (isPath ? 1 : 0) : 0));
  bytes[0] = AF_UNIX;
  if (isBound) for (let i = 0; i < path.length; i++) bytes[SUN_PATH_OFFSET + i] = path.charCodeAt(i);
  return bytes;
}

export const name_of = (sk: sock): Uint8Array => sockaddr_un(unix_sk(sk).addr, unix_sk(sk).is_bound);

/** What the address leads to, when the task may write to it. Linux: net/unix/af_unix.c:unix_find_other() */
export function unix_find_other(task: task_struct, address: Uint8Array, type: number): Result<sock> {
  const path = sun_path(address);
  if (failed(path)) return path;
  const { sockets } = table();
  if (path === '') return EINVAL.because('the address has no name');
  if (path.startsWith('\0')) {
    const other = sockets.find(sk => unix_sk(sk).addr === path && unix_sk(sk).inode === null);
    if (!other) return ECONNREFUSED.because(`no socket has the abstract name '${path.slice(1)}'`);
    return other.sk_type === type ? other : EPROTOTYPE.because('the socket there is of another type');
  }
  const at = name_at(task, AT_FDCWD, path, LOOKUP_FOLLOW, 1);
  if (failed(at)) return at;
  const inode = at.dentry.d_inode;
  if (!inode) return ENOENT.because(`'${path}' does not exist`);
  const refused = inode_permission(task, inode, MAY_WRITE);
  if (refused) return refused;
  if ((inode.i_mode & S_IFMT) !== S_IFSOCK) return ECONNREFUSED.because(`'${path}' is no socket`);
  const other = sockets.find(sk => unix_sk(sk).inode === inode);
  if (!other) return ECONNREFUSED.because(`no process has a socket bound to '${path}' any more`);
  return other.sk_type === type ? other : EPROTOTYPE.because(`the socket at '${path}' is of another type`);
}

export function unix_bind(task: task_struct, sk: sock, address: Uint8Array): Result<number> {
  const path = sun_path(address);
  if (failed(path)) return path;
  const u = unix_sk(sk);
  const named = (): Errno => EINVAL.because('the socket has a name already');
  if (path === '') return unix_autobind(sk);
  if (path.startsWith('\0')) {
    if (table().sockets.some(other => unix_sk(other).addr === path && unix_sk(other).inode === null)) return EADDRINUSE.because(`the abstract name '${path.slice(1)}' is taken`);
    if (u.is_bound) return named();
  } else {
    // The name could be made before it is seen that the socket has one.
    const made = u.is_bound ? filename_create(task, AT_FDCWD, path, false, 0) : vfs_mknod(task, AT_FDCWD, path, S_IFSOCK | 0o777, 0);
    if (!failed(made) && !('i_mode' in made)) return named();
    if (failed(made)) return 'name' in made && made.name === 'EEXIST' ? EADDRINUSE.because(`'${path}' exists`) : made;
    u.inode = made;
  }
  unix_set_addr(sk, path);
  return 0;
}

function unix_set_addr(sk: sock, path: string): void {
  const u = unix_sk(sk);
  u.addr = path;
  u.is_bound = true;
  table().sockets.push(sk);
}

/** An abstract name of five hexadecimal digits. Linux: net/unix/af_unix.c:unix_autobind() */
export function unix_autobind(sk: sock): Result<number> {
  if (unix_sk(sk).is_bound) return 0;
  const known = table();
  let path: string;
  do path = `\0${(known.ordernum++ & 0xfffff).toString(16).padStart(5, '0')}`; while (known.sockets.some(other => unix_sk(other).addr === path));
  unix_set_addr(sk, path);
  return 0;
}

export function unix_getname(sk: sock, isPeer: boolean): Result<Uint8Array> {
  if (!isPeer) return name_of(sk);
  return sk.peer ? name_of(sk.peer) : ENOTCONN.because('the socket has no peer');
}
