import type { ktime_t } from '../../abi/c_types';
// Sockets as system calls and as files. Linux: net/socket.c. What a family does: unix/, ipv4/.
import { arrayOf, bits, buffer, choice, fd, int, long, msghdr as msghdr_arg, outBuffer, outFds, outInt, outMsghdr, outSockaddr, outTimespec, size, sockaddr, socklen, uint } from '../../abi/arg_types';
import { EAFNOSUPPORT, EAGAIN, EINVAL, EMSGSIZE, ENOBUFS, ENOPROTOOPT, ENOTSOCK, ENOTTY, EOPNOTSUPP, EPERM, EPROTONOSUPPORT, ESOCKTNOSUPPORT, type Errno } from '../../abi/errno';
import { O_NONBLOCK, O_RDWR } from '../../abi/fcntl';
import { FIOGETOWN, FIONREAD, FIOSETOWN, SIOCATMARK, SIOCGPGRP, SIOCSPGRP, TIOCOUTQ } from '../../abi/ioctl';
import * as so from '../../abi/socket';
import { latin1 } from '../../base/text';
import { CAP_NET_RAW, capable } from '../fs/inode';
import { alloc_file_pseudo, pseudo_inode } from '../fs/anon_inodes';
import { f_setown, fasync_helper } from '../fs/fasync';
import { alloc_fd, close_fd, fd_install_new, fdget, get_unused_fd, nofile_limit, task_files } from '../fs/file';
import type { iov_iter } from '../fs/iov_iter';
import { FMODE_READ, FMODE_WRITE, type file, type inode, type poll_table, type Result } from '../fs/types';
import { import_iovec, import_ubuf, task_mm } from '../fs/uio';
import { call_deadline, is_past } from '../kernel/wait';
import type { task_struct } from '../kernel/types';
import { ops } from '../kobject';
import { copy_times_from_user, copy_times_to_user } from '../kernel/compat';
import { copy_from_user, copy_to_user, get_user32, put_user32 } from '../mm/uaccess';
import { failed, isBlock } from '../result';
import { current, ports } from '../state';
import { in_compat_syscall, syscall } from '../syscall';
import { cmsgs_from_compat, scm_destroy, scm_send } from './core/scm';
import { dev_ioctl } from './core/dev_ioctl';
import { sock_error } from './core/sock';
import { sock_getsockopt, sock_setsockopt } from './core/sockopt';
import { inet_create } from './ipv4/af_inet';
import { inet_stream_ops } from './ipv4/tcp';
import { inet_dgram_ops } from './ipv4/udp';
import { socket as socket_type, type msghdr, type proto_ops, type sock, type socket } from './types';
import { netlink_create, netlink_ops } from './netlink/af_netlink';
import { unix_create, unix_ops, unix_socketpair } from './unix/af_unix';

const MAX_SOCK_ADDR = 128, MAX_CONTROL = 20480, UIO_MAXIOV = 1024, NPROTO = 46;

// --- sockets and their files -------------------------------------------------------------------------------------------------------------------

/** Linux: net/socket.c:__sock_create() */
function sock_create(task: task_struct, family: number, type: number, protocol: number): Result<{ sk: sock; ops: proto_ops }> {
  if (family < 0 || family >= NPROTO) return EAFNOSUPPORT.because(`there is no family ${family}`);
  if (type < 0 || type > so.SOCK_PACKET) return EINVAL.because(`socket type ${type} is not known`);
  if (family === so.AF_UNIX) {
    if (protocol !== 0 && protocol !== so.AF_UNIX) return EPROTONOSUPPORT.because('AF_UNIX has one protocol');
    if (type !== so.SOCK_STREAM && type !== so.SOCK_DGRAM && type !== so.SOCK_SEQPACKET && type !== so.SOCK_RAW) return ESOCKTNOSUPPORT.because('AF_UNIX has stream, datagram and sequenced packet sockets');
    return { sk: unix_create(type === so.SOCK_RAW ? so.SOCK_DGRAM : type), ops: unix_ops };
  }
  if (family === so.AF_NETLINK) {
    const made = netlink_create(type, protocol);
    return failed(made) ? made : { sk: made, ops: netlink_ops };
  }
  if (family !== so.AF_INET && family !== so.AF_INET6) return EAFNOSUPPORT.because('AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK sockets are simulated');
  if (family === so.AF_INET && type === so.SOCK_PACKET && !capable(task, CAP_NET_RAW)) return EPERM.because('packet sockets need CAP_NET_RAW');
  const sk = inet_create(task, family, type, protocol);
  return failed(sk) ? sk : { sk, ops: type === so.SOCK_STREAM ? inet_stream_ops : inet_dgram_ops };
}

/** Linux: struct proto's name */
function protocol_name({ sk_family, sk_type, sk_protocol }: sock): string {
  if (sk_family === so.AF_UNIX) return sk_type === so.SOCK_STREAM ? 'UNIX-STREAM' : 'UNIX';
  if (sk_family === so.AF_NETLINK) return 'NETLINK';
  return `${sk_type === so.SOCK_STREAM ? 'TCP' : sk_protocol === so.IPPROTO_UDPLITE ? 'UDPLITE' : 'UDP'}${sk_family === so.AF_INET6 ? 'v6' : ''}`;
}

/** A descriptor for a sock. Linux: net/socket.c:sock_map_fd() */
function sock_map_fd(task: task_struct, sk: sock, proto: proto_ops, flags: number): Result<number> {
  const sock = socket_type.make({ type: sk.sk_type, ops: proto, sk });
  sk.sk_socket = sock;
  const inode = pseudo_inode('sockfs', socket_file_ops);
  inode.i_xattrs.set('system.sockprotoname', latin1(`${protocol_name(sk)}\0`));
  const file = alloc_file_pseudo(inode, 'sockfs', '', O_RDWR | (flags & so.SOCK_NONBLOCK ? O_NONBLOCK : 0), FMODE_READ | FMODE_WRITE, socket_file_ops, sock);
  sock.file = file;
  return fd_install_new(task, file, (flags & so.SOCK_CLOEXEC) !== 0);
}

const areFlagsKnown = (flags: number): boolean => (flags & ~so.SOCK_TYPE_MASK & ~(so.SOCK_CLOEXEC | so.SOCK_NONBLOCK)) === 0;

/** The socket behind a descriptor. Linux: net/socket.c:sockfd_lookup_light() */
function sockfd_lookup(task: task_struct, fd: number): Result<socket> {
  const found = fdget(task, fd);
  return failed(found) ? found : sock_from_file(found, fd);
}

const sock_from_file = (file: file, fd: number): Result<socket> => file.f_op === socket_file_ops ? file.private_data as socket : ENOTSOCK.because(`descriptor ${fd} is no socket`);

const isNonblocking = (sock: socket): boolean => ((sock.file?.f_flags ?? 0) & O_NONBLOCK) !== 0;
const socket_of = (file: file): socket => file.private_data as socket;

function plain_message(file: file, iter: iov_iter): msghdr {
  return { iter, name: null, flags: file.f_flags & O_NONBLOCK ? so.MSG_DONTWAIT : 0, out_flags: 0, scm: null, control: null };
}

function sock_read_iter(file: file, to: iov_iter): Result<number> {
  const { ops: proto, sk } = socket_of(file);
  return to.count === 0 ? 0 : proto.recvmsg(current(), sk, plain_message(file, to));
}

function sock_write_iter(file: file, from: iov_iter): Result<number> {
  const { ops: proto, sk } = socket_of(file);
  return proto.sendmsg(current(), sk, plain_message(file, from));
}

/** Who is told by SIGIO and SIGURG; null: another ioctl. Linux: net/socket.c:sock_ioctl() */
function sock_owner_ioctl(task: task_struct, file: file, cmd: number, arg: number): Result<number> | null {
  if (cmd === FIOGETOWN || cmd === SIOCGPGRP) return put_user32(task_mm(task), arg, file.f_owner >>> 0);
  if (cmd !== FIOSETOWN && cmd !== SIOCSPGRP) return null;
  const who = get_user32(task_mm(task), arg);
  return failed(who) ? who : f_setown(task, file, who | 0) ?? 0;
}

function sock_ioctl(file: file, cmd: number, arg: number, task: task_struct): Result<number> {
  const { ops: proto, sk } = socket_of(file);
  const told = dev_ioctl(task, sk.sk_family, cmd, arg);
  if (told !== null) return told;
  const owner = sock_owner_ioctl(task, file, cmd, arg);
  if (owner !== null) return owner;
  const value = cmd === SIOCATMARK && proto.atmark ? proto.atmark(sk) : cmd === FIONREAD ? proto.inq(sk) : cmd === TIOCOUTQ ? proto.outq(sk) : ENOTTY.because('a socket knows no such ioctl here');
  if (failed(value)) return value;
  const stored = put_user32(task_mm(task), arg, value);
  return failed(stored) ? stored : 0;
}

const socket_file_ops = ops('socket_file_ops', {
  name: 'socket_file_ops', read_iter: sock_read_iter, write_iter: sock_write_iter, ioctl: sock_ioctl, fasync: (fd: number, file: file, isOn: boolean): void => fasync_helper(fd, file, isOn, socket_of(file).sk.fasync_list),
  poll: (file: file, table: poll_table | null): number => socket_of(file).ops.poll(socket_of(file).sk, table),
  release(_inode: inode, file: file): void {
    const sock = socket_of(file);
    sock.ops.release(sock.sk);
    sock.file = null;
  },
});

// --- addresses ---------------------------------------------------------------------------------------------------------------------------------

/** Linux: net/socket.c:move_addr_to_kernel() */
function move_addr_to_kernel(task: task_struct, address: number, length: number): Result<Uint8Array> {
  if (length < 0 || length > MAX_SOCK_ADDR) return EINVAL.because(`no address has ${length} bytes`);
  return copy_from_user(task_mm(task), address, length);
}

/** Linux: net/socket.c:move_addr_to_user() */
function move_addr_to_user(task: task_struct, bytes: Uint8Array, address: number, lengthAddress: number): Result<number> {
  const room = get_user32(task_mm(task), lengthAddress);
  if (failed(room)) return room;
  if ((room | 0) < 0) return EINVAL.because('the length of the buffer for the address is negative');
  const stored = copy_to_user(task_mm(task), address, bytes.subarray(0, Math.min(room, bytes.length)));
  if (failed(stored)) return stored;
  return put_user32(task_mm(task), lengthAddress, bytes.length);
}

// --- calls -------------------------------------------------------------------------------------------------------------------------------------

const socketType = choice(so.SOCK);
const partial = 'the network is the machine itself: AF_UNIX, and TCP and UDP over its loopback device';

export const sys_socket = syscall({
  nr: 41, nr32: 359, name: 'socket', brief: 'create an endpoint for communication', args: { domain: choice(so.AF), type: socketType, protocol: int }, ret: fd, classes: ['network'], support: { partial },
}, (task, { domain, type, protocol }) => {
  if (!areFlagsKnown(type)) return EINVAL.because('a flag beside the type is not known');
  const made = sock_create(task, domain, type & so.SOCK_TYPE_MASK, protocol);
  return failed(made) ? made : sock_map_fd(task, made.sk, made.ops, type);
});

export const sys_socketpair = syscall({
  nr: 53, nr32: 360, name: 'socketpair', brief: 'create a pair of connected sockets', args: { domain: choice(so.AF), type: socketType, protocol: int, sv: outFds }, ret: int, classes: ['network'],
}, (task, { domain, type, protocol, sv }) => {
  if (!areFlagsKnown(type)) return EINVAL.because('a flag beside the type is not known');
  // The numbers are told before there are sockets, one by one.
  const one = get_unused_fd(task), other = failed(one) ? one : alloc_fd(task_files(task), one + 1, nofile_limit(task));
  if (failed(one)) return one;
  if (failed(other)) return other;
  const first_told = put_user32(task_mm(task), sv, one), stored = failed(first_told) ? first_told : put_user32(task_mm(task), sv + 4, other);
  if (failed(stored)) return stored;
  const a = sock_create(task, domain, type & so.SOCK_TYPE_MASK, protocol), b = sock_create(task, domain, type & so.SOCK_TYPE_MASK, protocol);
  if (failed(a)) return a;
  if (failed(b)) return b;
  if (domain !== so.AF_UNIX) return EOPNOTSUPP.because('only AF_UNIX has pairs of sockets');
  unix_socketpair(task, a.sk, b.sk);
  const first = sock_map_fd(task, a.sk, a.ops, type);
  if (failed(first)) return first;
  const second = sock_map_fd(task, b.sk, b.ops, type);
  return failed(second) ? second : 0;
});

export const sys_bind = syscall({
  nr: 49, nr32: 361, name: 'bind', brief: 'bind a name to a socket', args: { sockfd: fd, addr: sockaddr('addrlen'), addrlen: int }, ret: int, classes: ['network'],
}, (task, args) => {
  const sock = sockfd_lookup(task, args.sockfd);
  if (failed(sock)) return sock;
  const address = move_addr_to_kernel(task, args.addr, args.addrlen);
  return failed(address) ? address : sock.ops.bind(task, sock.sk, address);
});

export const sys_connect = syscall({
  nr: 42, nr32: 362, name: 'connect', brief: 'initiate a connection on a socket', args: { sockfd: fd, addr: sockaddr('addrlen'), addrlen: int }, ret: int, classes: ['network'], support: { partial },
}, (task, args) => {
  const found = fdget(task, args.sockfd);
  if (failed(found)) return found;
  const address = move_addr_to_kernel(task, args.addr, args.addrlen);
  if (failed(address)) return address;
  const sock = sock_from_file(found, args.sockfd);
  if (failed(sock)) return sock;
  return address.length < 2 ? EINVAL.because('the address has no family') : sock.ops.connect(task, sock.sk, address, isNonblocking(sock));
});

export const sys_listen = syscall({
  nr: 50, nr32: 363, name: 'listen', brief: 'listen for connections on a socket', args: { sockfd: fd, backlog: int }, ret: int, classes: ['network'],
}, (task, args) => {
  const sock = sockfd_lookup(task, args.sockfd);
  return failed(sock) ? sock : sock.ops.listen(task, sock.sk, Math.min(args.backlog >>> 0, so.SOMAXCONN));
});

function do_accept(task: task_struct, sockfd: number, address: number, lengthAddress: number, flags: number): Result<number> {
  const found = fdget(task, sockfd);
  if (failed(found)) return found;
  if (flags & ~(so.SOCK_CLOEXEC | so.SOCK_NONBLOCK)) return EINVAL.because('only SOCK_CLOEXEC and SOCK_NONBLOCK are known');
  const unused = get_unused_fd(task);
  if (failed(unused)) return unused;
  const sock = sock_from_file(found, sockfd);
  if (failed(sock)) return sock;
  const made = sock.ops.accept(sock.sk, isNonblocking(sock));
  if (failed(made)) return made;
  const fd = sock_map_fd(task, made, sock.ops, flags);
  if (failed(fd) || address === 0) return fd;
  const name = sock.ops.getname(made, true);
  const told = failed(name) ? name : move_addr_to_user(task, name, address, lengthAddress);
  if (!failed(told)) return fd;
  close_fd(task_files(task), fd);
  return told;
}

export const sys_accept = syscall({
  nr: 43, name: 'accept', brief: 'accept a connection on a socket', args: { sockfd: fd, addr: outSockaddr('addrlen'), addrlen: socklen }, ret: fd, classes: ['network'],
}, (task, args) => do_accept(task, args.sockfd, args.addr, args.addrlen, 0));
export const sys_accept4 = syscall({
  nr: 288, nr32: 364, name: 'accept4', brief: 'accept a connection on a socket', args: { sockfd: fd, addr: outSockaddr('addrlen'), addrlen: socklen, flags: bits(so.SOCK_FLAGS) }, ret: fd, classes: ['network'],
}, (task, args) => do_accept(task, args.sockfd, args.addr, args.addrlen, args.flags));

function do_getname(task: task_struct, sockfd: number, address: number, lengthAddress: number, isPeer: boolean): Result<number> {
  const sock = sockfd_lookup(task, sockfd);
  if (failed(sock)) return sock;
  const name = sock.ops.getname(sock.sk, isPeer);
  if (failed(name)) return name;
  const told = move_addr_to_user(task, name, address, lengthAddress);
  return failed(told) ? told : 0;
}

export const sys_getsockname = syscall({
  nr: 51, nr32: 367, name: 'getsockname', brief: 'get socket name', args: { sockfd: fd, addr: outSockaddr('addrlen'), addrlen: socklen }, ret: int, classes: ['network'],
}, (task, args) => do_getname(task, args.sockfd, args.addr, args.addrlen, false));
export const sys_getpeername = syscall({
  nr: 52, nr32: 368, name: 'getpeername', brief: 'get name of connected peer socket', args: { sockfd: fd, addr: outSockaddr('addrlen'), addrlen: socklen }, ret: int, classes: ['network'],
}, (task, args) => do_getname(task, args.sockfd, args.addr, args.addrlen, true));

export const sys_shutdown = syscall({
  nr: 48, nr32: 373, name: 'shutdown', brief: 'shut down part of a full-duplex connection', args: { sockfd: fd, how: choice(so.SHUT) }, ret: int, classes: ['network'],
}, (task, args) => {
  const sock = sockfd_lookup(task, args.sockfd);
  if (failed(sock)) return sock;
  return args.how < so.SHUT_RD || args.how > so.SHUT_RDWR ? EINVAL.because(`how ${args.how} is none of SHUT_RD, SHUT_WR, SHUT_RDWR`) : sock.ops.shutdown(sock.sk, args.how + 1);
});

/** Options of SOL_SOCKET that are more than an int, and how much of them is read. */
const WIDE_OPTIONS: ReadonlyMap<number, number> = new Map<number, number>([
  [so.SO_LINGER, 8], [so.SO_RCVTIMEO_OLD, 16], [so.SO_RCVTIMEO_NEW, 16], [so.SO_SNDTIMEO_OLD, 16], [so.SO_SNDTIMEO_NEW, 16], [so.SO_BINDTODEVICE, 15],
]);

export const sys_setsockopt = syscall({
  nr: 54, nr32: 366, name: 'setsockopt', brief: 'set options on sockets', args: { sockfd: fd, level: choice(so.SOL), optname: int, optval: buffer('optlen'), optlen: int }, ret: int, classes: ['network'],
}, (task, args) => {
  const sock = sockfd_lookup(task, args.sockfd);
  if (failed(sock)) return sock;
  if (args.optlen < 0) return EINVAL.because('the length of the value is negative');
  const isLevel = args.level === so.SOL_SOCKET || (sock.ops.getsockopt?.(sock.sk, args.level, -1) ?? null) !== null;
  if (!isLevel) return (sock.sk.sk_family === so.AF_UNIX ? EOPNOTSUPP : ENOPROTOOPT).because(`level ${args.level} is none of this socket's`);
  const least = args.level === so.SOL_SOCKET && args.optname !== so.SO_BINDTODEVICE || args.level === so.IPPROTO_UDP && sock.sk.sk_protocol === so.IPPROTO_UDP || args.level === so.IPPROTO_TCP && sock.sk.sk_protocol === so.IPPROTO_TCP && args.optname !== so.TCP_CONGESTION ? 4 : 0;
  if (args.optlen < least) return EINVAL.because('the value of the option is shorter than an int');
  const wide = args.level === so.SOL_SOCKET ? WIDE_OPTIONS.get(args.optname) ?? 4 : 4096, isTooShort = args.level === so.SOL_SOCKET && args.optlen < wide && args.optname !== so.SO_BINDTODEVICE;
  // A value that is too short is refused when its first four bytes have been read.
  const value = copy_from_user(task_mm(task), args.optval, isTooShort ? 4 : Math.min(args.optlen, wide));
  if (failed(value)) return value;
  if (args.level === so.SOL_SOCKET) return sock_setsockopt(task, sock.sk, args.optname, value);
  return sock.ops.setsockopt?.(sock.sk, args.level, args.optname, value) ?? ENOPROTOOPT.because('the option is not known');
});

export const sys_getsockopt = syscall({
  nr: 55, nr32: 365, name: 'getsockopt', brief: 'get options on sockets', args: { sockfd: fd, level: choice(so.SOL), optname: int, optval: outInt, optlen: socklen }, ret: int, classes: ['network'],
}, (task, args) => {
  const sock = sockfd_lookup(task, args.sockfd);
  if (failed(sock)) return sock;
  const { sk, ops: proto } = sock, isOwn = args.level === so.SOL_SOCKET;
  if (!isOwn && (proto.getsockopt?.(sk, args.level, -1) ?? null) === null) return (sk.sk_family === so.AF_NETLINK || sk.sk_family === so.AF_INET6 ? ENOPROTOOPT : EOPNOTSUPP).because(`level ${args.level} is none of this socket's`);
  const asked = get_user32(task_mm(task), args.optlen);
  if (failed(asked)) return asked;
  // IPv6 takes a negative length for a long one.
  if ((asked | 0) < 0 && args.level !== so.IPPROTO_IPV6) return EINVAL.because('the length of the buffer is negative');
  const room = asked >>> 0;
  const value = isOwn ? sock_getsockopt(sk, args.optname, room, () => proto.getname(sk, true)) : proto.getsockopt?.(sk, args.level, args.optname, room) ?? ENOPROTOOPT.because('the option is not known');
  if (failed(value)) return value;
  const length = Math.min(room, value.length);
  const stored = copy_to_user(task_mm(task), args.optval, value.subarray(0, length));
  if (failed(stored)) return stored;
  const told = put_user32(task_mm(task), args.optlen, length);
  return failed(told) ? told : 0;
});

// --- messages ----------------------------------------------------------------------------------------------------------------------------------

function with_flags(sock: socket, flags: number): number {
  return flags | (isNonblocking(sock) ? so.MSG_DONTWAIT : 0);
}

export const sys_sendto = syscall({
  nr: 44, nr32: 369, name: 'sendto', brief: 'send a message on a socket', args: { sockfd: fd, buf: buffer('len'), len: size, flags: bits(so.MSG), dest_addr: sockaddr('addrlen'), addrlen: int }, ret: long, classes: ['network'],
}, (task, args) => {
  const iter = import_ubuf(task, args.buf, args.len);
  if (failed(iter)) return iter;
  const sock = sockfd_lookup(task, args.sockfd);
  if (failed(sock)) return sock;
  const name = args.dest_addr === 0 ? null : move_addr_to_kernel(task, args.dest_addr, args.addrlen);
  if (failed(name)) return name;
  return sock.ops.sendmsg(task, sock.sk, { iter, name: name && (name.length > 0 || sock.sk.sk_family !== so.AF_UNIX) ? name : null, flags: with_flags(sock, args.flags), out_flags: 0, scm: null, control: null });
});

export const sys_recvfrom = syscall({
  nr: 45, nr32: 371, name: 'recvfrom', brief: 'receive a message from a socket', args: { sockfd: fd, buf: outBuffer('len'), len: size, flags: bits(so.MSG), src_addr: outSockaddr('addrlen'), addrlen: socklen }, ret: long, classes: ['network'],
}, (task, args) => {
  const iter = import_ubuf(task, args.buf, args.len);
  if (failed(iter)) return iter;
  const sock = sockfd_lookup(task, args.sockfd);
  if (failed(sock)) return sock;
  const msg: msghdr = { iter, name: null, flags: with_flags(sock, args.flags), out_flags: 0, scm: null, control: null };
  const received = sock.ops.recvmsg(task, sock.sk, msg);
  if (failed(received) || args.src_addr === 0) return received;
  const told = move_addr_to_user(task, msg.name ?? new Uint8Array(0), args.src_addr, args.addrlen);
  return failed(told) ? told : received;
});

interface user_msghdr { name: number; namelen: number; iov: number; iovlen: number; control: number; controllen: number }

/** Where a struct msghdr has what is told back, and its size; that of i386 has words of 32 bits. */
const WIDE_MSGHDR = { namelen: 8, controllen: 40, flags: 48, size: so.msghdr.size }, COMPAT_MSGHDR = { namelen: 4, controllen: 20, flags: 24, size: 28 };
const msghdr_of = (task: task_struct): typeof WIDE_MSGHDR => in_compat_syscall(task) ? COMPAT_MSGHDR : WIDE_MSGHDR;

/** Linux: net/socket.c:__copy_msghdr(), net/compat.c:__get_compat_msghdr() */
function read_msghdr(task: task_struct, address: number): Result<user_msghdr> {
  const bytes = copy_from_user(task_mm(task), address, msghdr_of(task).size);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u64 = (at: number): number => Number(view.getBigUint64(at, true)), u32 = (at: number): number => view.getUint32(at, true);
  const header = in_compat_syscall(task) ? { name: u32(0), namelen: view.getInt32(4, true), iov: u32(8), iovlen: u32(12), control: u32(16), controllen: u32(20) }
    : { name: u64(0), namelen: view.getInt32(8, true), iov: u64(16), iovlen: u64(24), control: u64(32), controllen: u64(40) };
  if (header.name === 0) header.namelen = 0;
  if (header.namelen < 0) return EINVAL.because('msg_namelen is negative');
  return header;
}

const too_many = ({ iovlen }: user_msghdr): Errno | null => iovlen > UIO_MAXIOV ? EMSGSIZE.because(`${iovlen} buffers are more than ${UIO_MAXIOV}`) : null;

/** Linux: net/socket.c:___sys_sendmsg() */
function do_sendmsg(task: task_struct, sock: socket, address: number, flags: number): Result<number> {
  const header = read_msghdr(task, address);
  if (failed(header)) return header;
  const name = header.name === 0 || header.namelen === 0 ? null : move_addr_to_kernel(task, header.name, Math.min(header.namelen, MAX_SOCK_ADDR));
  if (failed(name)) return name;
  const iter = too_many(header) ?? import_iovec(task, header.iov, header.iovlen);
  if (failed(iter)) return iter;
  if (header.controllen > MAX_CONTROL) return ENOBUFS.because('msg_controllen is larger than the kernel keeps');
  const given = header.controllen > 0 ? copy_from_user(task_mm(task), header.control, header.controllen) : null;
  if (failed(given)) return given;
  const control = given && in_compat_syscall(task) ? cmsgs_from_compat(given) : given;
  if (failed(control)) return control;
  const scm = control && sock.sk.sk_family === so.AF_UNIX ? scm_send(task, control) : null;
  if (failed(scm)) return scm;
  const sent = sock.ops.sendmsg(task, sock.sk, { iter, name, flags: with_flags(sock, flags), out_flags: 0, scm, cmsg: control, control: null });
  scm_destroy(scm);
  return sent;
}

/** Linux: net/socket.c:___sys_recvmsg() */
function do_recvmsg(task: task_struct, sock: socket, address: number, flags: number): Result<number> {
  const header = read_msghdr(task, address);
  if (failed(header)) return header;
  const iter = too_many(header) ?? import_iovec(task, header.iov, header.iovlen);
  if (failed(iter)) return iter;
  const msg: msghdr = {
    iter, name: null, flags: with_flags(sock, flags), out_flags: flags & so.MSG_CMSG_CLOEXEC, scm: null,
    control: header.control === 0 || header.controllen === 0 ? null : { address: header.control, length: header.controllen, used: 0, isCompat: in_compat_syscall(task) },
  };
  const received = sock.ops.recvmsg(task, sock.sk, msg);
  if (failed(received)) return received;
  const stored = header.name === 0 ? 0 : move_name(task, header, address, msg.name ?? new Uint8Array(0));
  if (failed(stored)) return stored;
  const places = msghdr_of(task), used = msg.control?.used ?? 0, told = put_user32(task_mm(task), address + places.flags, msg.out_flags);
  if (failed(told)) return told;
  const length = copy_to_user(task_mm(task), address + places.controllen, in_compat_syscall(task) ? new Uint8Array(Uint32Array.of(used).buffer) : new Uint8Array(BigUint64Array.of(BigInt(used)).buffer));
  return failed(length) ? length : received;
}

function move_name(task: task_struct, header: user_msghdr, address: number, name: Uint8Array): Result<number> {
  const stored = copy_to_user(task_mm(task), header.name, name.subarray(0, Math.min(header.namelen, name.length)));
  return failed(stored) ? stored : put_user32(task_mm(task), address + msghdr_of(task).namelen, name.length);
}

/** That the message has 32-bit fields is said by the table that the call came through, not by the caller. */
const compat_flag = (task: task_struct, flags: number): Errno | null => (flags & so.MSG_CMSG_COMPAT) !== 0 && !in_compat_syscall(task) ? EINVAL.because('MSG_CMSG_COMPAT is for the kernel itself') : null;

export const sys_sendmsg = syscall({
  nr: 46, nr32: 370, name: 'sendmsg', brief: 'send a message on a socket', args: { sockfd: fd, msg: msghdr_arg, flags: bits(so.MSG) }, ret: long, classes: ['network'],
}, (task, args) => {
  const sock = compat_flag(task, args.flags) ?? sockfd_lookup(task, args.sockfd);
  return failed(sock) ? sock : do_sendmsg(task, sock, args.msg, args.flags);
});

export const sys_recvmsg = syscall({
  nr: 47, nr32: 372, name: 'recvmsg', brief: 'receive a message from a socket', args: { sockfd: fd, msg: outMsghdr, flags: bits(so.MSG) }, ret: long, classes: ['network'],
}, (task, args) => {
  const sock = compat_flag(task, args.flags) ?? sockfd_lookup(task, args.sockfd);
  return failed(sock) ? sock : do_recvmsg(task, sock, args.msg, args.flags);
});

/** Several messages by one call; the call record's step counts those done. Linux: net/socket.c:__sys_sendmmsg(), do_recvmmsg() */
function many_messages(task: task_struct, sock: socket, vec: number, vlen: number, one: (address: number, index: number) => Result<number>, isOver: (() => boolean) | null): Result<number> {
  const { call } = task;
  for (let i = call?.step ?? 0; i < Math.min(vlen, UIO_MAXIOV); i++) {
    const at = vec + i * (in_compat_syscall(task) ? COMPAT_MSGHDR.size + 4 : so.mmsghdr.size);
    const moved = one(at, i);
    // A signal may end the sleep: what came before it is a message of its own.
    if (isBlock(moved) && call && call.done > 0) {
      put_user32(task_mm(task), at + msghdr_of(task).size, call.done);
      call.messages = i + 1;
    }
    if (isBlock(moved) || failed(moved) && i === 0) return moved;
    if (failed(moved)) {
      // The next receive tells why this one ended.
      if (isOver && moved.number !== EAGAIN.number) sock.sk.sk_err = moved.number;
      return i;
    }
    const told = put_user32(task_mm(task), at + msghdr_of(task).size, moved);
    if (failed(told)) return told;
    if (call) {
      call.step = call.messages = i + 1;
      call.done = 0;
    }
    if (isOver?.()) return i + 1;
  }
  return call?.step ?? vlen;
}

export const sys_sendmmsg = syscall({
  nr: 307, nr32: 345, name: 'sendmmsg', brief: 'send multiple messages on a socket', args: { sockfd: fd, msgvec: arrayOf(so.mmsghdr, 'vlen'), vlen: uint, flags: bits(so.MSG) }, ret: int, classes: ['network'],
}, (task, args) => {
  const sock = compat_flag(task, args.flags) ?? sockfd_lookup(task, args.sockfd);
  return failed(sock) ? sock : many_messages(task, sock, args.msgvec, args.vlen, at => do_sendmsg(task, sock, at, args.flags), null);
});

export const sys_recvmmsg = syscall({
  nr: 299, nr32: 417, nr_time32: 337, name32: 'recvmmsg_time64', name: 'recvmmsg', brief: 'receive multiple messages on a socket', args: { sockfd: fd, msgvec: arrayOf(so.mmsghdr, 'vlen', 'out'), vlen: uint, flags: bits(so.MSG), timeout: outTimespec }, ret: int, classes: ['network'],
  support: { partial: 'the timeout is looked at between messages, as on Linux' },
}, (task, args) => {
  const refused = compat_flag(task, args.flags);
  if (refused) return refused;
  const limit = args.timeout === 0 ? null : copy_times_from_user(task, args.timeout, 1);
  if (failed(limit)) return limit;
  const nanoseconds = limit ? timespec_ns(limit) : 0;
  if (nanoseconds === null) return EINVAL.because('the timeout is not a valid time');
  const deadline = limit ? call_deadline(task, nanoseconds) : Infinity;
  const sock = sockfd_lookup(task, args.sockfd);
  if (failed(sock)) return sock;
  const error = (task.call?.step ?? 0) > 0 || args.flags & so.MSG_ERRQUEUE ? null : sock_error(sock.sk);
  if (error) return error;
  const received = many_messages(task, sock, args.msgvec, args.vlen, (at, i) => {
    const late = i > 0 && (args.flags & so.MSG_WAITFORONE) !== 0;
    return do_recvmsg(task, sock, at, (args.flags & ~so.MSG_WAITFORONE) | (late ? so.MSG_DONTWAIT : 0));
  }, () => limit !== null && is_past(deadline));
  if (failed(received) || received === 0 || !limit) return received;
  const left = Math.max(0, Math.floor(deadline - ports().clock.now()));
  const told = copy_times_to_user(task, args.timeout, new Uint8Array(BigInt64Array.of(BigInt(Math.floor(left / 1e9)), BigInt(left % 1e9)).buffer));
  return failed(told) ? told : received;
});

/** Nanoseconds; null for a time that is none. */
function timespec_ns(bytes: Uint8Array): ktime_t | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seconds = view.getBigInt64(0, true), nanoseconds = view.getBigInt64(8, true);
  return seconds < 0n || nanoseconds < 0n || nanoseconds >= 1_000_000_000n ? null : Number(seconds) * 1e9 + Number(nanoseconds);
}
