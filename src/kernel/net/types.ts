// The objects of the network and their operation tables. Linux: include/linux/net.h, skbuff.h, include/net/sock.h, af_unix.h, inet_sock.h.
// Not here: functions. Addresses of the internet families are text: '127.0.0.1', '::1'; those of AF_UNIX are byte strings held as latin1.
import type { iflags_t, int, kgid_t, kuid_t, pid_t, poll_t, size_t, ssize_t, uaddr_t } from '../../abi/c_types';
import type { file, inode, poll_table, Result } from '../fs/types';
import type { fasync_struct } from '../fs/fasync';
import type { iov_iter } from '../fs/iov_iter';
import type { Errno } from '../../abi/errno';
import type { task_struct, wait_queue_head } from '../kernel/types';
import { f, kobject, type Instance } from '../kobject';
import type { Block } from '../result';

// Linux: include/net/tcp_states.h. AF_UNIX uses the same names.
export const TCP_ESTABLISHED = 1, TCP_SYN_SENT = 2, TCP_FIN_WAIT2 = 5, TCP_TIME_WAIT = 6, TCP_CLOSE = 7, TCP_CLOSE_WAIT = 8, TCP_LISTEN = 10;
// Linux: include/net/sock.h
export const RCV_SHUTDOWN = 1, SEND_SHUTDOWN = 2, SHUTDOWN_MASK = 3;

/** A piece of a stream, or one datagram. Its bytes stand in guest pages, one after another. */
export const sk_buff = kobject('sk_buff', {
  pages: f.list(f.pa),
  /** Bytes of the first pages that were read already, and bytes left. */
  consumed: f.u32, len: f.u32,
  /** What it is charged with, and whom. */
  truesize: f.u32, sk: f.ptr<sock>('sock'),
  /** The sender's address as msg_name gives it; '' where there is none. */
  name: f.str,
  /** The address that a datagram was sent to. */
  daddr: f.str,
  /** Of a datagram's header: the hops that it may make, and its type of service or traffic class. */
  ttl: f.u32, tos: f.u32,
  /** SCM_RIGHTS: open descriptions in flight. */
  fp: f.list(f.ref<file>('file')),
  pid: f.pid, uid: f.uid, gid: f.gid,
  tstamp: f.big('ktime_t'),
});
export interface sk_buff extends Instance<typeof sk_buff> {}

/** AF_UNIX's part of a sock. */
export const unix_sock = kobject('unix_sock', {
  /** sun_path as bound: a path, or a name that begins with NUL; null bytes and all. */
  addr: f.str, is_bound: f.bool,
  /** The buffer of the urgent byte, while nobody has read it. */
  oob_skb: f.ptr<sk_buff>('sk_buff'),
  inode: f.ptr<inode>('inode'),
});
export interface unix_sock extends Instance<typeof unix_sock> {}

/** The part that the internet families share. */
export const inet_sock = kobject('inet_sock', {
  /** '' before bind; '0.0.0.0' and '::' are any. */
  inet_saddr: f.str, inet_sport: f.u32,
  inet_daddr: f.str, inet_dport: f.u32,
  ipv6only: f.bool,
  /** Port 0 was asked for, or none: the next connect or bind may choose again. */
  is_autobound: f.bool,
  /** A connect that did not wait has not been asked about yet (SS_CONNECTING). */
  is_connecting: f.bool,
  /** It was connected, be it closed since (SS_CONNECTED). */
  was_connected: f.bool,
  /** The datagram that a corked socket gathers (struct udp_sock), and the port that it goes to. */
  pending: f.ptr<sk_buff>('sk_buff'), pending_dport: f.u32,
  /** Connections that wait for room in the accept queue. */
  syn_queue: f.list(f.ref<sock>('sock')),
  /** TCP's urgent data (struct tcp_sock): the byte with TCP_URG_VALID, or TCP_URG_READ; 0: none. Where it stands in the stream, and how much of that was read. */
  urg_data: f.hex, urg_seq: f.loff, copied_seq: f.loff,
});
export interface inet_sock extends Instance<typeof inet_sock> {}

/** What remains of a connection that this side closed first. */
export const inet_timewait_sock = kobject('inet_timewait_sock', { tw_saddr: f.str, tw_sport: f.u32, tw_daddr: f.str, tw_dport: f.u32, tw_family: f.s32, tw_reuse: f.bool, tw_expires: f.ns });
export interface inet_timewait_sock extends Instance<typeof inet_timewait_sock> {}

export const sock = kobject('sock', {
  sk_family: f.s32, sk_type: f.s32, sk_protocol: f.s32, sk_state: { ...f.int('unsigned char', 'dec', TCP_CLOSE) }, sk_shutdown: f.s32,
  /** An error that the next call reports: its number. */
  sk_err: f.s32,
  sk_sndbuf: f.s32, sk_rcvbuf: f.s32, sk_wmem_alloc: f.s32, sk_rmem_alloc: f.s32,
  sk_receive_queue: f.list(f.ref<sk_buff>('sk_buff')),
  /** Datagrams that came back, for MSG_ERRQUEUE. */
  sk_error_queue: f.list(f.ref<sk_buff>('sk_buff')),
  /** Readers and writers that sleep. Writers are woken only while `nospace` says that one has met a full buffer. */
  sk_wq: f.ref<wait_queue_head>('wait_queue_head'), sk_wr_wq: f.ref<wait_queue_head>('wait_queue_head'), nospace: f.bool,
  sk_socket: f.ptr<socket>('socket'),
  /** Linux: struct socket_wq */
  fasync_list: f.list(f.ref<fasync_struct>('fasync_struct')),
  /** The other end, also when its file is closed already; a datagram socket's default destination. */
  peer: f.ptr<sock>('sock'),
  /** No file any more. */
  is_dead: f.bool,
  /** The other side has sent all that it will. */
  is_done: f.bool,
  sk_max_ack_backlog: f.s32, accept_queue: f.list(f.ref<sock>('sock')),
  peer_pid: f.pid, peer_uid: { ...f.int('kuid_t', 'dec', 0xffffffff) }, peer_gid: { ...f.int('kgid_t', 'dec', 0xffffffff) },
  /** Zero: none. */
  sk_rcvtimeo: f.ns, sk_sndtimeo: f.ns,
  sk_rcvlowat: { ...f.int('int', 'dec', 1) },
  sk_reuse: f.bool, sk_reuseport: f.bool, sk_passcred: f.bool, sk_broadcast: f.bool, sk_timestamp: f.bool,
  sk_lingers: f.bool, sk_lingertime: f.s32,
  /** Options that are kept and change nothing here, by 'level:number'. */
  options: f.map(f.str, f.s32),
  unix: f.ptr<unix_sock>('unix_sock'), inet: f.ptr<inet_sock>('inet_sock'),
});
export interface sock extends Instance<typeof sock> {}

/** What a socket descriptor's file holds. */
export const socket = kobject('socket', { type: f.s32, ops: f.ops<proto_ops>('proto_ops'), file: f.ptr<file>('file'), sk: f.ref<sock>('sock') });
export interface socket extends Instance<typeof socket> {}

/** Control messages on their way in. */
export interface scm_cookie { fp: file[]; creds: { pid: pid_t; uid: kuid_t; gid: kgid_t } | null }

/** A message of sendmsg or recvmsg; lives only inside one call. */
export interface msghdr {
  iter: iov_iter;
  /** sendmsg: the destination as the caller gave it; null: none. recvmsg: filled with the sender's. */
  name: Uint8Array | null;
  flags: iflags_t;
  /** recvmsg: MSG_TRUNC and the like. */
  out_flags: iflags_t;
  scm: scm_cookie | null;
  /** sendmsg of the internet families: the control messages as the caller gave them. */
  cmsg?: Uint8Array | null;
  /** recvmsg: where control messages go; null: the caller has no room for any. */
  control: control_buffer | null;
}
/** `isCompat`: with the headers of i386. */
export interface control_buffer { address: uaddr_t; length: size_t; used: size_t; isCompat: boolean }

/** A family's operations. Linux: include/linux/net.h:struct proto_ops */
export interface proto_ops {
  readonly name: string;
  release(sk: sock): void;
  bind(task: task_struct, sk: sock, address: Uint8Array): Result<int>;
  connect(task: task_struct, sk: sock, address: Uint8Array, isNonblocking: boolean): Result<int>;
  /** The sock of the next connection. */
  accept(sk: sock, isNonblocking: boolean): Result<sock>;
  listen(task: task_struct, sk: sock, backlog: int): Result<int>;
  /** The bytes of a struct sockaddr. */
  getname(sk: sock, isPeer: boolean): Result<Uint8Array>;
  shutdown(sk: sock, how: int): Result<int>;
  poll(sk: sock, table: poll_table | null): poll_t;
  sendmsg(task: task_struct, sk: sock, msg: msghdr): Result<ssize_t>;
  recvmsg(task: task_struct, sk: sock, msg: msghdr): Result<ssize_t>;
  /** Options of the family's own levels; null: not one of them. */
  setsockopt?(sk: sock, level: int, name: int, value: Uint8Array): Errno | Block | number | null;
  /** `room`: how much of it the caller takes. */
  getsockopt?(sk: sock, level: int, name: int, room?: int): Uint8Array | Errno | null;
  /** Bytes that can be read now (SIOCINQ), and that wait to be read by the other side (SIOCOUTQ). */
  inq(sk: sock): Result<number>;
  outq(sk: sock): Result<number>;
  /** Whether the next byte to be read is the urgent one (SIOCATMARK). */
  atmark?(sk: sock): Result<number>;
  show_fdinfo?(sk: sock): string;
}
