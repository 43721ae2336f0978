// Sockets of the UNIX family as far as programs look for a server with them: socket() and connect(). Linux: net/socket.c, net/unix/af_unix.c.
// Nothing can bind or listen yet, so no peer is ever found; the other families are refused.
import { choice, fd, int, sockaddr } from '../../abi/arg_types';
import { EAFNOSUPPORT, ECONNREFUSED, EINVAL, ENOENT, ENOTCONN, ENOTSOCK, EPROTONOSUPPORT, ESOCKTNOSUPPORT } from '../../abi/errno';
import { AT_FDCWD, O_NONBLOCK, O_RDWR } from '../../abi/fcntl';
import { POLLHUP, POLLOUT } from '../../abi/poll';
import { AF, AF_UNIX, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM, SOCK_TYPE_MASK } from '../../abi/socket';
import { S_IFMT, S_IFSOCK } from '../../abi/stat';
import { alloc_file_pseudo, pseudo_inode } from '../fs/anon_inodes';
import { fd_install_new, fdget } from '../fs/file';
import { LOOKUP_FOLLOW, name_at } from '../fs/namei';
import { task_mm } from '../fs/uio';
import { FMODE_READ, FMODE_WRITE, type file, type Result } from '../fs/types';
import type { task_struct } from '../kernel/types';
import { f, kobject, ops, type Instance } from '../kobject';
import { copy_from_user } from '../mm/uaccess';
import { failed } from '../result';
import { syscall } from '../syscall';

export const socket = kobject('socket', { family: f.s32, type: f.s32, protocol: f.s32 });
export interface socket extends Instance<typeof socket> {}

const unconnected = (): Result<number> => ENOTCONN.because('the socket has no peer');
const socket_file_ops = ops('socket_file_ops', {
  name: 'socket_file_ops', read_iter: unconnected, write_iter: unconnected, poll: (): number => POLLOUT | POLLHUP,
});

function do_socket(task: task_struct, family: number, flags: number, protocol: number): Result<number> {
  const type = flags & SOCK_TYPE_MASK;
  if (flags & ~SOCK_TYPE_MASK & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) return EINVAL.because('a flag beside the type is not known');
  if (family !== AF_UNIX) return EAFNOSUPPORT.because('only AF_UNIX sockets are simulated');
  if (protocol !== 0 && protocol !== AF_UNIX) return EPROTONOSUPPORT.because('AF_UNIX has one protocol');
  if (type !== SOCK_STREAM && type !== SOCK_DGRAM && type !== SOCK_SEQPACKET && type !== SOCK_RAW) return ESOCKTNOSUPPORT.because('AF_UNIX has stream, datagram and sequenced packet sockets');
  const made = socket.make({ family, type: type === SOCK_RAW ? SOCK_DGRAM : type, protocol });
  const file = alloc_file_pseudo(pseudo_inode('sockfs', socket_file_ops), 'sockfs', '', O_RDWR | (flags & SOCK_NONBLOCK ? O_NONBLOCK : 0), FMODE_READ | FMODE_WRITE, socket_file_ops, made);
  return fd_install_new(task, file, (flags & SOCK_CLOEXEC) !== 0);
}

/** The socket behind a descriptor. Linux: net/socket.c:sockfd_lookup() */
function sockfd_lookup(task: task_struct, fd: number): Result<socket> {
  const found = fdget(task, fd);
  if (failed(found)) return found;
  return isSocket(found) ? found.private_data as socket : ENOTSOCK.because(`descriptor ${fd} is no socket`);
}
const isSocket = (file: file): boolean => file.f_op === socket_file_ops;

const PATH_OFFSET = 2, PATH_MAX = 108;

function do_connect(task: task_struct, fd: number, address: number, length: number): Result<number> {
  const sock = sockfd_lookup(task, fd);
  if (failed(sock)) return sock;
  if (length < 0 || length > 128) return EINVAL.because('the address is longer than any');
  const bytes = copy_from_user(task_mm(task), address, length);
  if (failed(bytes)) return bytes;
  const family = (bytes[0] ?? 0) | (bytes[1] ?? 0) << 8;
  if (length <= PATH_OFFSET || length > PATH_OFFSET + PATH_MAX || family !== AF_UNIX) return EINVAL.because('this is no AF_UNIX address');
  if (bytes[PATH_OFFSET] === 0) return ECONNREFUSED.because('no socket has this abstract name');
  let path = '';
  for (let i = PATH_OFFSET; i < length && bytes[i] !== 0; i++) path += String.fromCharCode(bytes[i] ?? 0);
  const at = name_at(task, AT_FDCWD, path, LOOKUP_FOLLOW, 1);
  if (failed(at)) return at;
  const inode = at.dentry.d_inode;
  if (!inode) return ENOENT.because(`${path} does not exist`);
  if ((inode.i_mode & S_IFMT) !== S_IFSOCK) return ECONNREFUSED.because(`${path} is no socket`);
  return ECONNREFUSED.because(`nobody listens at ${path}`);
}

const partial = 'AF_UNIX only, and nothing listens: a program can look for a server and is told that there is none';
export const sys_socket = syscall({
  nr: 41, nr32: 359, name: 'socket', brief: 'create an endpoint for communication', args: { domain: choice(AF), type: int, protocol: int }, ret: fd, classes: ['network'], support: { partial },
}, (task, args) => do_socket(task, args.domain, args.type, args.protocol));
export const sys_connect = syscall({
  nr: 42, nr32: 362, name: 'connect', brief: 'initiate a connection on a socket', args: { sockfd: fd, addr: sockaddr('addrlen'), addrlen: int }, ret: int, classes: ['network'], support: { partial },
}, (task, args) => do_connect(task, args.sockfd, args.addr, args.addrlen));
