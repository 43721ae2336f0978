// Options of the level SOL_SOCKET. Linux: net/core/sock.c:sk_setsockopt(), sk_getsockopt().
import type { int } from '../../../abi/c_types';
import { EACCES, EBADF, EDOM, EINVAL, ENODATA, ENODEV, ENOENT, ENOPROTOOPT, EOPNOTSUPP, EPERM, ERANGE, type Errno } from '../../../abi/errno';
import * as so from '../../../abi/socket';
import { CAP_NET_ADMIN, CAP_NET_RAW, capable } from '../../fs/inode';
import type { Result } from '../../fs/types';
import type { task_struct } from '../../kernel/types';
import type { Block } from '../../result';
import { current, kernel } from '../../state';
import { TCP_ESTABLISHED, TCP_LISTEN, type sock } from '../types';
import { any, flag, get_int_option, int_bytes, int_of, keep_int_option, range, readOnly, set_int_option, type int_options } from './int_options';
import { sk_write_space, SK_MEM_DEFAULT, sock_error } from './sock';

const SOCK_MIN_SNDBUF = 4608, SOCK_MIN_RCVBUF = 2304, TCP_RMEM_MAX = 6291456;
const SO_ATTACH_FILTER = 26, SO_PASSPIDFD = 76, SO_PEERPIDFD = 77, SO_DEVMEM_DONTNEED = 80;
/** Extensions that a filter's program may use. Linux: SKF_AD_MAX */
const BPF_EXTENSIONS = 64;
/** Linux: SOF_TIMESTAMPING_LAST of 6.12, and those that need a connection or another one */
const TIMESTAMPING_MASK = 0x3ffff, TIMESTAMPING_OPT_ID = 0x80, TIMESTAMPING_OPT_ID_TCP = 0x10000;

/** Options that are kept and read back: they change nothing in a machine whose network is its own memory. */
const KEPT: int_options = new Map([
  [so.SO_DEBUG, flag()], [so.SO_DONTROUTE, flag()], [so.SO_KEEPALIVE, flag()], [so.SO_OOBINLINE, flag()], [so.SO_NO_CHECK, flag()], [so.SO_PRIORITY, any()], [so.SO_PASSSEC, flag()], [so.SO_MARK, any()],
  [so.SO_RXQ_OVFL, flag()], [so.SO_BUSY_POLL, range(0, 0, 0x7fffffff)], [so.SO_TIMESTAMPNS_OLD, flag()], [so.SO_TIMESTAMP_NEW, flag()], [so.SO_TIMESTAMPNS_NEW, flag()], [so.SO_ZEROCOPY, range(0, 0, 1)],
  [so.SO_PEEK_OFF, any(-1)], [so.SO_INCOMING_CPU, any(-1)], [so.SO_LOCK_FILTER, flag()], [so.SO_SELECT_ERR_QUEUE, flag()], [so.SO_WIFI_STATUS, flag()], [so.SO_NOFCS, flag()],
  [so.SO_BINDTOIFINDEX, range(0, 0, 0x7fffffff)], [so.SO_PREFER_BUSY_POLL, flag()], [so.SO_BUF_LOCK, range(0, 0, 3)], [so.SO_RESERVE_MEM, readOnly()], [so.SO_TXREHASH, range(1, -1, 1)], [so.SO_RCVMARK, flag()],
  [SO_PASSPIDFD, flag()], [so.SO_INCOMING_NAPI_ID, readOnly()], [so.SO_BPF_EXTENSIONS, readOnly(BPF_EXTENSIONS)],
]);
/** Options that some families have not. */
const OF_UNIX = new Set<int>([SO_PASSPIDFD]), OF_CREDENTIALS = new Set<int>([so.SO_PASSCRED, so.SO_PASSSEC]), OF_STREAMS = new Set<int>([so.SO_TXREHASH]);

function of_another_family(sk: sock, name: int): Errno | null {
  const isUnix = sk.sk_family === so.AF_UNIX, isNetlink = sk.sk_family === so.AF_NETLINK;
  if (OF_UNIX.has(name) && !isUnix || OF_CREDENTIALS.has(name) && !isUnix && !isNetlink) return EOPNOTSUPP.because('no credentials come with the data of this family');
  if (OF_STREAMS.has(name) && sk.sk_protocol !== so.IPPROTO_TCP) return EOPNOTSUPP.because('the option is for TCP');
  if (name === so.SO_PEEK_OFF && isNetlink) return EOPNOTSUPP.because('netlink peeks at the beginning only');
  return null;
}

/** Why this caller may not give an option this value; null: it may. */
function refuse_option(task: task_struct, sk: sock, name: int, number: int): Errno | null {
  const isNetAdmin = capable(task, CAP_NET_ADMIN), isPrivileged = isNetAdmin || capable(task, CAP_NET_RAW), isInternet = sk.sk_family === so.AF_INET || sk.sk_family === so.AF_INET6;
  switch (name) {
    case so.SO_PRIORITY: return (number < 0 || number > 6) && !isPrivileged ? EPERM.because('priorities above 6 need CAP_NET_ADMIN or CAP_NET_RAW') : null;
    case so.SO_LOCK_FILTER: return number === 0 && get_int_option(sk, so.SOL_SOCKET, name, 0) === 1 ? EPERM.because('a lock is not taken off') : null;
    case so.SO_MARK: return isPrivileged ? null : EPERM.because('SO_MARK needs CAP_NET_ADMIN or CAP_NET_RAW');
    case so.SO_DEBUG: return number !== 0 && !isNetAdmin ? EACCES.because('SO_DEBUG needs CAP_NET_ADMIN') : null;
    case so.SO_REUSEPORT: return number !== 0 && !isInternet ? EOPNOTSUPP.because('only sockets of the internet share ports') : null;
    case so.SO_ZEROCOPY: return isInternet ? null : EOPNOTSUPP.because('only TCP and UDP send without copying');
    case so.SO_PREFER_BUSY_POLL: return number !== 0 && !isNetAdmin ? EPERM.because('SO_PREFER_BUSY_POLL needs CAP_NET_ADMIN') : null;
    case so.SO_BUSY_POLL_BUDGET: return number !== 0 && !isNetAdmin ? EPERM.because('SO_BUSY_POLL_BUDGET needs CAP_NET_ADMIN') : null;
    case so.SO_BINDTOIFINDEX: return get_int_option(sk, so.SOL_SOCKET, name, 0) !== 0 && !capable(task, CAP_NET_RAW) ? EPERM.because('a socket that is bound to a device is bound to another by CAP_NET_RAW') : null;
    case so.SO_RESERVE_MEM: return number < 0 ? EINVAL.because('the size is negative') : EOPNOTSUPP.because('no memory is accounted to groups');
    default: return null;
  }
}

/** Linux: net/core/sock.c:sk_setsockopt() */
export function sock_setsockopt(task: task_struct, sk: sock, name: int, value: Uint8Array): Result<number> {
  if (name === so.SO_BINDTODEVICE) return bind_to_device(value);
  if (value.length < 4) return EINVAL.because('the value of the option is shorter than an int');
  const number = int_of(value), isOn = number !== 0;
  const refused = of_another_family(sk, name) ?? refuse_option(task, sk, name, number);
  if (refused) return refused;
  switch (name) {
    case so.SO_BSDCOMPAT: return 0;
    case so.SO_REUSEADDR: sk.sk_reuse = isOn; return 0;
    case so.SO_REUSEPORT: sk.sk_reuseport = isOn; return 0;
    case so.SO_BROADCAST: sk.sk_broadcast = isOn; return 0;
    case so.SO_PASSCRED: sk.sk_passcred = isOn; return 0;
    case so.SO_TIMESTAMP_OLD: sk.sk_timestamp = isOn; return 0;
    case so.SO_SNDBUF: sk.sk_sndbuf = Math.max(Math.min(number >>> 0, SK_MEM_DEFAULT) * 2, SOCK_MIN_SNDBUF); sk_write_space(sk); return 0;
    case so.SO_RCVBUF: sk.sk_rcvbuf = Math.max(Math.min(number >>> 0, SK_MEM_DEFAULT) * 2, SOCK_MIN_RCVBUF); return 0;
    case so.SO_SNDBUFFORCE: case so.SO_RCVBUFFORCE:
      if (!capable(task, CAP_NET_ADMIN)) return EPERM.because('CAP_NET_ADMIN is needed to exceed the maximum');
      if (name === so.SO_SNDBUFFORCE) sk.sk_sndbuf = Math.max(number * 2, SOCK_MIN_SNDBUF); else sk.sk_rcvbuf = Math.max(number * 2, SOCK_MIN_RCVBUF);
      return 0;
    case so.SO_RCVLOWAT: sk.sk_rcvlowat = Math.min(Math.max(1, number < 0 ? 0x7fffffff : number), sk.sk_protocol === so.IPPROTO_TCP ? TCP_RMEM_MAX / 2 : 0x7fffffff); return 0;
    case so.SO_LINGER:
      if (value.length < 8) return EINVAL.because('SO_LINGER takes a struct linger');
      sk.sk_lingers = isOn;
      sk.sk_lingertime = int_of(value.subarray(4));
      return 0;
    case so.SO_RCVTIMEO_OLD: case so.SO_RCVTIMEO_NEW: case so.SO_SNDTIMEO_OLD: case so.SO_SNDTIMEO_NEW: return set_timeout(sk, name, value);
    case so.SO_TYPE: case so.SO_ERROR: case so.SO_PROTOCOL: case so.SO_DOMAIN: case so.SO_ACCEPTCONN: case so.SO_SNDLOWAT: return ENOPROTOOPT.because('the option cannot be set');
    case so.SO_TIMESTAMPING_OLD: case so.SO_TIMESTAMPING_NEW: return set_timestamping(sk, name, number);
    case so.SO_MAX_PACING_RATE: return keep_int_option(sk, so.SOL_SOCKET, name, number);
    case so.SO_CNX_ADVICE: case so.SO_BUSY_POLL_BUDGET: return 0;
    case so.SO_TXTIME: return EINVAL.because('the value is no struct sock_txtime');
    case SO_ATTACH_FILTER: case so.SO_ATTACH_REUSEPORT_CBPF: return EINVAL.because('the value is no struct sock_fprog');
    case so.SO_DETACH_FILTER: return ENOENT.because('no filter is attached');
    case so.SO_DETACH_REUSEPORT_BPF: return EINVAL.because('no filter is attached');
    case so.SO_ATTACH_BPF: case so.SO_ATTACH_REUSEPORT_EBPF: return task.files?.fd[number] ? EINVAL.because('the descriptor is no program') : EBADF.because(`descriptor ${number} is not open`);
    case SO_DEVMEM_DONTNEED: return sk.sk_protocol === so.IPPROTO_TCP ? EINVAL.because('the value is no list of tokens') : EBADF.because('the socket receives into memory of its own');
    default: {
      const option = KEPT.get(name);
      return option ? set_int_option(sk, so.SOL_SOCKET, name, option, number) : ENOPROTOOPT.because(`option ${name} of SOL_SOCKET is not simulated`);
    }
  }
}

/** Linux: net/core/sock.c:sock_set_timestamping() */
function set_timestamping(sk: sock, name: int, number: int): Errno | 0 {
  if ((number & ~TIMESTAMPING_MASK) !== 0) return EINVAL.because('a flag is not known');
  if ((number & TIMESTAMPING_OPT_ID_TCP) !== 0 && (number & TIMESTAMPING_OPT_ID) === 0) return EINVAL.because('OPT_ID_TCP goes with OPT_ID');
  if ((number & TIMESTAMPING_OPT_ID) !== 0 && sk.sk_protocol === so.IPPROTO_TCP && sk.sk_state !== TCP_ESTABLISHED) return EINVAL.because('bytes are counted from a connection on');
  if ((number & 0x4000) !== 0) return EOPNOTSUPP.because('no device tells its clock');
  keep_int_option(sk, so.SOL_SOCKET, so.SO_TIMESTAMPING_OLD, number);
  return keep_int_option(sk, so.SOL_SOCKET, so.SO_TIMESTAMPING_NEW, name === so.SO_TIMESTAMPING_NEW ? number : 0);
}

/** Linux: net/core/sock.c:sock_setbindtodevice() */
function bind_to_device(value: Uint8Array): Result<number> {
  const name = String.fromCharCode(...value).replace(/\0.*$/s, '');
  return name === '' || name === 'lo' ? 0 : ENODEV.because(`there is no device '${name}': the machine has 'lo' only`);
}

function set_timeout(sk: sock, name: number, value: Uint8Array): Result<number> {
  if (value.length < 16) return EINVAL.because('a timeout is a struct timeval');
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const seconds = Number(view.getBigInt64(0, true)), micros = Number(view.getBigInt64(8, true));
  if (micros < 0 || micros >= 1e6) return EDOM.because('tv_usec is not below a second');
  // A negative timeout waits for nothing, as Linux's does.
  const ns = seconds < 0 ? 1 : seconds * 1e9 + micros * 1e3;
  if (name === so.SO_RCVTIMEO_OLD || name === so.SO_RCVTIMEO_NEW) sk.sk_rcvtimeo = ns; else sk.sk_sndtimeo = ns;
  return 0;
}

/** The value as bytes, not cut to the caller's length; `room` is that. */
export function sock_getsockopt(sk: sock, name: int, room: int, peername: () => Result<Uint8Array>): Uint8Array | Errno | Block {
  const told = (isOn: boolean): Uint8Array => int_bytes(isOn ? 1 : 0), refused = of_another_family(sk, name);
  if (refused) return refused;
  switch (name) {
    case so.SO_BSDCOMPAT: return int_bytes(0);
    case so.SO_REUSEADDR: return told(sk.sk_reuse);
    case so.SO_REUSEPORT: return told(sk.sk_reuseport);
    case so.SO_BROADCAST: return told(sk.sk_broadcast);
    case so.SO_PASSCRED: return told(sk.sk_passcred);
    case so.SO_TIMESTAMP_OLD: return told(sk.sk_timestamp);
    case so.SO_TYPE: return int_bytes(sk.sk_type);
    case so.SO_PROTOCOL: return int_bytes(sk.sk_protocol);
    case so.SO_DOMAIN: return int_bytes(sk.sk_family);
    case so.SO_ACCEPTCONN: return told(sk.sk_state === TCP_LISTEN);
    case so.SO_SNDBUF: return int_bytes(sk.sk_sndbuf);
    case so.SO_RCVBUF: return int_bytes(sk.sk_rcvbuf);
    case so.SO_RCVLOWAT: return int_bytes(sk.sk_rcvlowat);
    case so.SO_SNDLOWAT: return int_bytes(1);
    case so.SO_ERROR: return int_bytes(sock_error(sk)?.number ?? 0);
    case so.SO_LINGER: return new Uint8Array(Int32Array.of(sk.sk_lingers ? 1 : 0, sk.sk_lingertime).buffer);
    case so.SO_RCVTIMEO_OLD: case so.SO_RCVTIMEO_NEW: return timeval(sk.sk_rcvtimeo);
    case so.SO_SNDTIMEO_OLD: case so.SO_SNDTIMEO_NEW: return timeval(sk.sk_sndtimeo);
    case so.SO_PEERCRED: return new Uint8Array(Uint32Array.of(sk.peer_pid, sk.peer_uid, sk.peer_gid).buffer);
    case so.SO_PEERNAME: {
      const name_of_peer = peername();
      return name_of_peer instanceof Uint8Array && room > name_of_peer.length && sk.sk_family === so.AF_NETLINK ? EINVAL.because('the name is shorter') : name_of_peer;
    }
    case so.SO_PEERGROUPS: return peer_groups(sk, room);
    case SO_PEERPIDFD: return ENODATA.because('the socket has no peer');
    case so.SO_COOKIE: return room < 8 ? EINVAL.because('a cookie has 8 bytes') : big(BigInt(sk.$id));
    case so.SO_NETNS_COOKIE: return room !== 8 ? EINVAL.because('a cookie has 8 bytes') : big(1n);
    case so.SO_BINDTODEVICE: case SO_ATTACH_FILTER: return new Uint8Array(0);
    case so.SO_TXTIME: return new Uint8Array(8);
    case so.SO_TIMESTAMPING_OLD: case so.SO_TIMESTAMPING_NEW: return new Uint8Array(Int32Array.of(get_int_option(sk, so.SOL_SOCKET, name, 0), 0).buffer);
    case so.SO_MAX_PACING_RATE: return pacing_rate(get_int_option(sk, so.SOL_SOCKET, name, -1), room);
    case so.SO_MEMINFO: return new Uint8Array(Int32Array.of(sk.sk_rmem_alloc, sk.sk_rcvbuf, sk.sk_wmem_alloc, sk.sk_sndbuf, 0, 0, 0, 0, 0).buffer);
    default: {
      const option = KEPT.get(name);
      return option ? int_bytes(get_int_option(sk, so.SOL_SOCKET, name, option.initial)) : ENOPROTOOPT.because(`option ${name} of SOL_SOCKET is not simulated`);
    }
  }
}

const big = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer);

/** A rate of all ones is none. */
const pacing_rate = (rate: int, room: int): Uint8Array => room >= 8 ? big(rate === -1 ? 0xffffffffffffffffn : BigInt(rate >>> 0)) : int_bytes(rate);

/** The supplementary groups of who connected. */
function peer_groups(sk: sock, room: int): Uint8Array | Errno {
  if (sk.peer_pid === 0) return ENODATA.because('the socket has no peer');
  const groups = (kernel.tasks.get(sk.peer_pid) ?? current()).cred.group_info;
  return groups.length * 4 > room ? ERANGE.because('the groups do not fit') : new Uint8Array(Uint32Array.from(groups).buffer);
}

function timeval(ns: number): Uint8Array {
  const rounded = ns === 1 ? 0 : ns;
  return new Uint8Array(BigInt64Array.of(BigInt(Math.floor(rounded / 1e9)), BigInt(Math.floor(rounded % 1e9 / 1e3))).buffer);
}
