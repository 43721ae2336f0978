// What all families share: making socks, charging buffers, sleeping, errors, the options of level SOL_SOCKET. Linux: net/core/sock.c.
import { EACCES, EAGAIN, EDOM, EINTR, EINVAL, ENODEV, ENOPROTOOPT, EOPNOTSUPP, EPERM, EPIPE, findErrno, type Errno } from '../../../abi/errno';
import { POLL_IN, POLL_OUT } from '../../../abi/signal';
import * as so from '../../../abi/socket';
import { CAP_NET_ADMIN, CAP_NET_RAW, capable } from '../../fs/inode';
import { wake_async } from '../../fs/fasync';
import { send_sig, SIGPIPE } from '../../fs/signals';
import type { Result } from '../../fs/types';
import type { task_struct, wait_queue_head } from '../../kernel/types';
import { block, call_deadline, init_waitqueue_head, is_past, wake_up } from '../../kernel/wait';
import { current } from '../../state';
import { isBlock, type Block } from '../../result';
import { kfree_skb } from './skbuff';
import { sock, TCP_LISTEN, type sk_buff } from '../types';

/** Linux: net/core/sysctl_net_core.c: wmem_default, wmem_max and their kin */
export const SK_MEM_DEFAULT = 212992;
const SOCK_MIN_SNDBUF = 4608, SOCK_MIN_RCVBUF = 2304;

export function sk_alloc(family: number, type: number, protocol: number): sock {
  return sock.make({
    sk_family: family, sk_type: type, sk_protocol: protocol, sk_sndbuf: SK_MEM_DEFAULT, sk_rcvbuf: SK_MEM_DEFAULT, sk_wq: init_waitqueue_head(), sk_wr_wq: init_waitqueue_head(),
  });
}

// --- buffers -----------------------------------------------------------------------------------------------------------------------------------

/** `skb` counts against what its sender may have in flight. */
export function skb_set_owner_w(skb: sk_buff, sk: sock): void {
  skb.sk = sk;
  sk.sk_wmem_alloc += skb.truesize;
}

/** `skb` enters the receive queue of `sk`; readers look. */
export function skb_queue_tail(sk: sock, skb: sk_buff): void {
  sk.sk_receive_queue.push(skb);
  sk.sk_rmem_alloc += skb.truesize;
  wake_up(sk.sk_wq);
  wake_async(sk.fasync_list, POLL_IN);
}

/** The head of the receive queue was read to its end. */
export function skb_dequeue(sk: sock, writable: (sender: sock) => boolean): void {
  const skb = sk.sk_receive_queue.shift();
  if (skb) free_received(sk, skb, writable);
}

export function skb_queue_purge(sk: sock, writable: (sender: sock) => boolean): void {
  while (sk.sk_receive_queue.length > 0) skb_dequeue(sk, writable);
}

function free_received(sk: sock, skb: sk_buff, writable: (sender: sock) => boolean): void {
  sk.sk_rmem_alloc -= skb.truesize;
  const sender = skb.sk;
  kfree_skb(skb);
  if (!sender) return;
  sender.sk_wmem_alloc -= skb.truesize;
  if (writable(sender)) sk_write_space(sender);
}

/** Writers that met a full buffer look again. Linux: net/core/sock.c:sock_def_write_space() */
export function sk_write_space(sk: sock): void {
  if (!sk.nospace) return;
  sk.nospace = false;
  wake_up(sk.sk_wr_wq);
  wake_async(sk.fasync_list, POLL_OUT);
}

/** Something about the sock's state changed: everybody looks. `reason`: what its SIGIO tells; 0: none is sent. Linux: net/core/sock.c:sock_def_wakeup() */
export function sk_state_change(sk: sock, reason = 0): void {
  wake_up(sk.sk_wq);
  wake_up(sk.sk_wr_wq);
  if (reason !== 0) wake_async(sk.fasync_list, reason);
}

// --- sleeping and errors -----------------------------------------------------------------------------------------------------------------------

/** The caller sleeps on `queue` until it is woken, at most the sock's timeout (0: none). `why` is what it waits for. */
export function sk_wait(queue: wait_queue_head, isNonblocking: boolean, timeoutNs: number, why: string): Errno | Block {
  if (isNonblocking) return EAGAIN.because(why);
  if (timeoutNs === 0) return block(queue);
  const deadline = call_deadline(current(), timeoutNs);
  return is_past(deadline) ? EAGAIN.because(`${why}, and the socket's timeout is over`) : block(queue, deadline, EINTR);
}

/** What was moved already counts more than an error. */
export function partial(done: number, result: Errno | Block): Result<number> {
  return done > 0 && !isBlock(result) ? done : result;
}

export function sk_wait_for_space(sk: sock, isNonblocking: boolean): Errno | Block {
  sk.nospace = true;
  return sk_wait(sk.sk_wr_wq, isNonblocking, sk.sk_sndtimeo, 'the send buffer is full');
}

/** The pending error, reported once. Linux: include/net/sock.h:sock_error() */
export function sock_error(sk: sock): Errno | null {
  const number = sk.sk_err;
  sk.sk_err = 0;
  return findErrno(number)?.because(ERROR_REASONS[number] ?? 'an earlier operation failed') ?? null;
}
const ERROR_REASONS: Record<number, string> = { 32: 'the other side has closed the connection', 104: 'the other side has closed with data unread, or reset the connection', 111: 'nobody listens at the address', 110: 'the other side did not answer' };

/** What a send finds that cannot go on: the pending error, else EPIPE, with SIGPIPE. Linux: net/core/stream.c:sk_stream_error() */
export function sk_stream_error(sk: sock, flags: number, why: string): Errno {
  const error = sock_error(sk) ?? EPIPE.because(why);
  if (error.number === EPIPE.number && !(flags & so.MSG_NOSIGNAL)) send_sig(SIGPIPE, current());
  return error;
}

// --- options -----------------------------------------------------------------------------------------------------------------------------------

/** Options that are kept and read back: they change nothing in a machine whose network is its own memory. */
const KEPT: ReadonlyMap<number, number> = new Map<number, number>([
  [so.SO_DEBUG, 0], [so.SO_DONTROUTE, 0], [so.SO_KEEPALIVE, 0], [so.SO_OOBINLINE, 0], [so.SO_NO_CHECK, 0], [so.SO_PRIORITY, 0], [so.SO_PASSSEC, 0], [so.SO_MARK, 0],
  [so.SO_RXQ_OVFL, 0], [so.SO_BUSY_POLL, 0], [so.SO_TIMESTAMPNS_OLD, 0], [so.SO_ZEROCOPY, 0], [so.SO_PEEK_OFF, -1], [so.SO_INCOMING_CPU, -1], [so.SO_LOCK_FILTER, 0],
  [so.SO_SELECT_ERR_QUEUE, 0], [so.SO_WIFI_STATUS, 0], [so.SO_NOFCS, 0],
]);

/** Those of them that are numbers; the others are switches. */
const VALUED: ReadonlySet<number> = new Set<number>([so.SO_PRIORITY, so.SO_MARK, so.SO_BUSY_POLL, so.SO_PEEK_OFF, so.SO_INCOMING_CPU]);

/** Why this caller may not give an option this value; null: it may. */
function refuse_option(task: task_struct, sk: sock, name: number, number: number): Errno | null {
  const isNetAdmin = capable(task, CAP_NET_ADMIN), isPrivileged = isNetAdmin || capable(task, CAP_NET_RAW);
  if (name === so.SO_PRIORITY && (number < 0 || number > 6) && !isPrivileged) return EPERM.because('priorities above 6 need CAP_NET_ADMIN or CAP_NET_RAW');
  if (name === so.SO_LOCK_FILTER && number === 0 && sk.options.get(`1:${name}`) === 1) return EPERM.because('a lock is not taken off');
  if (name === so.SO_MARK && !isPrivileged) return EPERM.because('SO_MARK needs CAP_NET_ADMIN or CAP_NET_RAW');
  if (name === so.SO_DEBUG && number !== 0 && !isNetAdmin) return EACCES.because('SO_DEBUG needs CAP_NET_ADMIN');
  if (name === so.SO_REUSEPORT && number !== 0 && sk.sk_family === so.AF_UNIX) return EOPNOTSUPP.because('only sockets of the internet share ports');
  return null;
}

const int_of = (value: Uint8Array): number => new DataView(value.buffer, value.byteOffset, value.byteLength).getInt32(0, true);
export const int_bytes = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);

/** Linux: net/core/sock.c:sk_setsockopt() */
export function sock_setsockopt(task: task_struct, sk: sock, name: number, value: Uint8Array): Result<number> {
  if (name === so.SO_BINDTODEVICE) return bind_to_device(value);
  if (value.length < 4) return EINVAL.because('the value of the option is shorter than an int');
  const number = int_of(value), isOn = number !== 0;
  const refused = refuse_option(task, sk, name, number);
  if (refused) return refused;
  switch (name) {
    case so.SO_BSDCOMPAT: return 0;
    case so.SO_REUSEADDR: sk.sk_reuse = isOn; return 0;
    case so.SO_REUSEPORT: sk.sk_reuseport = isOn; return 0;
    case so.SO_BROADCAST: sk.sk_broadcast = isOn; return 0;
    case so.SO_PASSCRED:
      if (sk.sk_family !== so.AF_UNIX && sk.sk_family !== so.AF_NETLINK) return EOPNOTSUPP.because('no credentials come with the data of this family');
      sk.sk_passcred = isOn; return 0;
    case so.SO_TIMESTAMP_OLD: sk.sk_timestamp = isOn; return 0;
    case so.SO_SNDBUF: sk.sk_sndbuf = Math.max(Math.min(number >>> 0, SK_MEM_DEFAULT) * 2, SOCK_MIN_SNDBUF); sk_write_space(sk); return 0;
    case so.SO_RCVBUF: sk.sk_rcvbuf = Math.max(Math.min(number >>> 0, SK_MEM_DEFAULT) * 2, SOCK_MIN_RCVBUF); return 0;
    case so.SO_SNDBUFFORCE: case so.SO_RCVBUFFORCE:
      if (!capable(task, CAP_NET_ADMIN)) return EPERM.because('CAP_NET_ADMIN is needed to exceed the maximum');
      if (name === so.SO_SNDBUFFORCE) sk.sk_sndbuf = Math.max(number * 2, SOCK_MIN_SNDBUF); else sk.sk_rcvbuf = Math.max(number * 2, SOCK_MIN_RCVBUF);
      return 0;
    case so.SO_RCVLOWAT: sk.sk_rcvlowat = Math.max(1, number < 0 ? 0x7fffffff : number); return 0;
    case so.SO_LINGER:
      if (value.length < 8) return EINVAL.because('SO_LINGER takes a struct linger');
      sk.sk_lingers = isOn;
      sk.sk_lingertime = int_of(value.subarray(4));
      return 0;
    case so.SO_RCVTIMEO_OLD: case so.SO_RCVTIMEO_NEW: case so.SO_SNDTIMEO_OLD: case so.SO_SNDTIMEO_NEW: return set_timeout(sk, name, value);
    case so.SO_TYPE: case so.SO_ERROR: case so.SO_PROTOCOL: case so.SO_DOMAIN: case so.SO_ACCEPTCONN: case so.SO_SNDLOWAT: return ENOPROTOOPT.because('the option cannot be set');
    default:
      if (!KEPT.has(name)) return ENOPROTOOPT.because(`option ${name} of SOL_SOCKET is not simulated`);
      sk.options.set(`1:${name}`, VALUED.has(name) ? number : isOn ? 1 : 0);
      return 0;
  }
}

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

/** The value as bytes, not cut to the caller's length. Linux: net/core/sock.c:sk_getsockopt() */
export function sock_getsockopt(sk: sock, name: number, peername: () => Result<Uint8Array>): Uint8Array | Errno | Block {
  const flag = (isOn: boolean): Uint8Array => int_bytes(isOn ? 1 : 0);
  switch (name) {
    case so.SO_BSDCOMPAT: return int_bytes(0);
    case so.SO_REUSEADDR: return flag(sk.sk_reuse);
    case so.SO_REUSEPORT: return flag(sk.sk_reuseport);
    case so.SO_BROADCAST: return flag(sk.sk_broadcast);
    case so.SO_PASSCRED: return flag(sk.sk_passcred);
    case so.SO_TIMESTAMP_OLD: return flag(sk.sk_timestamp);
    case so.SO_TYPE: return int_bytes(sk.sk_type);
    case so.SO_PROTOCOL: return int_bytes(sk.sk_protocol);
    case so.SO_DOMAIN: return int_bytes(sk.sk_family);
    case so.SO_ACCEPTCONN: return flag(sk.sk_state === TCP_LISTEN);
    case so.SO_SNDBUF: return int_bytes(sk.sk_sndbuf);
    case so.SO_RCVBUF: return int_bytes(sk.sk_rcvbuf);
    case so.SO_RCVLOWAT: return int_bytes(sk.sk_rcvlowat);
    case so.SO_SNDLOWAT: return int_bytes(1);
    case so.SO_ERROR: return int_bytes(sock_error(sk)?.number ?? 0);
    case so.SO_LINGER: return new Uint8Array(Int32Array.of(sk.sk_lingers ? 1 : 0, sk.sk_lingertime).buffer);
    case so.SO_RCVTIMEO_OLD: case so.SO_RCVTIMEO_NEW: return timeval(sk.sk_rcvtimeo);
    case so.SO_SNDTIMEO_OLD: case so.SO_SNDTIMEO_NEW: return timeval(sk.sk_sndtimeo);
    case so.SO_PEERCRED: return new Uint8Array(Uint32Array.of(sk.peer_pid, sk.peer_uid, sk.peer_gid).buffer);
    case so.SO_PEERNAME: return peername();
    case so.SO_COOKIE: return new Uint8Array(BigUint64Array.of(BigInt(sk.$id)).buffer);
    case so.SO_BINDTODEVICE: return new Uint8Array(0);
    default: {
      const initial = KEPT.get(name);
      return initial === undefined ? ENOPROTOOPT.because(`option ${name} of SOL_SOCKET is not simulated`) : int_bytes(sk.options.get(`1:${name}`) ?? initial);
    }
  }
}

function timeval(ns: number): Uint8Array {
  const rounded = ns === 1 ? 0 : ns;
  return new Uint8Array(BigInt64Array.of(BigInt(Math.floor(rounded / 1e9)), BigInt(Math.floor(rounded % 1e9 / 1e3))).buffer);
}
