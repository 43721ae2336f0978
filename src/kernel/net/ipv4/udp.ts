// UDP between processes of the machine. Linux: net/ipv4/udp.c, net/ipv4/icmp.c (port unreachable). No multicast.
import { packStruct } from '../../../abi/struct';
import { latin1 } from '../../../base/text';
import { EACCES, EAGAIN, ECONNREFUSED, EDESTADDRREQ, EFAULT, EINVAL, EMSGSIZE, ENOTCONN, EOPNOTSUPP, EPIPE } from '../../../abi/errno';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, POLLRDNORM, POLLWRBAND, POLLWRNORM } from '../../../abi/poll';
import { AF_INET, AF_INET6, IP_PKTINFO, IP_RECVERR, IP_RECVTOS, IP_RECVTTL, IP_TOS, IP_TTL, IPPROTO_IP, IPPROTO_IPV6, IPV6_HOPLIMIT, IPV6_PKTINFO, IPV6_RECVERR, IPV6_RECVHOPLIMIT, IPV6_RECVPKTINFO, IPV6_RECVTCLASS, IPV6_TCLASS, MSG_DONTWAIT, MSG_ERRQUEUE, MSG_MORE, MSG_OOB, MSG_PEEK, MSG_TRUNC, SO_TIMESTAMP_NEW, SO_TIMESTAMP_OLD, SO_TIMESTAMPNS_NEW, SO_TIMESTAMPNS_OLD, SOL_SOCKET, sock_extended_err, UDP_CORK } from '../../../abi/socket';
import type { poll_table, Result } from '../../fs/types';
import type { task_struct } from '../../kernel/types';
import { ops } from '../../kobject';
import { failed, isBlock } from '../../result';
import { int_bytes } from '../core/int_options';
import { put_cmsg, sock_cmsg_send, type ipcm_cookie } from '../core/scm';
import { kfree_skb, skb_copy_to_iter, skb_from_iter } from '../core/skbuff';
import { sk_state_change, sk_wait, skb_dequeue, skb_queue_purge, sock_error } from '../core/sock';
import { RCV_SHUTDOWN, SEND_SHUTDOWN, SHUTDOWN_MASK, TCP_CLOSE, TCP_ESTABLISHED, type msghdr, type sk_buff, type sock } from '../types';
import { address_bytes, inet_autobind, inet_set_peer, inet_sk, inet_unhash, isUnspecified, make_sockaddr, parse_sockaddr, route, source_for, type endpoint } from './addresses';
import { inet_bind, inet_getname } from './af_inet';
import { inet_getsockopt, inet_setsockopt } from './inet_options';
import { UDP_MAX, udp_append_data, udp_flush_pending, udp_send_skb } from './udp_output';

const LOOPBACK_IFINDEX = 1;

function udp_connect(_task: task_struct, sk: sock, address: Uint8Array): Result<number> {
  if (isUnspecified(address)) {
    const inet = inet_sk(sk);
    inet.inet_daddr = '';
    inet.inet_dport = 0;
    // An address and a port that connect chose go with the connection. Linux: __udp_disconnect()
    if (inet.is_autobound) {
      inet_unhash(sk);
      inet.inet_saddr = '';
      inet.inet_sport = 0;
      inet.is_autobound = false;
    }
    sk.sk_state = TCP_CLOSE;
    return 0;
  }
  const to = destination(sk, address, false);
  if (failed(to)) return to;
  const done = inet_set_peer(sk, to);
  if (failed(done)) return done;
  sk.sk_state = TCP_ESTABLISHED;
  return 0;
}

function destination(sk: sock, address: Uint8Array, needsPort: boolean): Result<endpoint> {
  const parsed = parse_sockaddr(sk, address);
  if (failed(parsed)) return parsed;
  if (needsPort && parsed.port === 0) return EINVAL.because('there is no port 0');
  if (parsed.address === '255.255.255.255' && !sk.sk_broadcast) return EACCES.because('SO_BROADCAST is not set');
  return route(sk, parsed);
}

/** Linux: net/ipv4/udp.c:udp_sendmsg() */
function udp_sendmsg(_task: task_struct, sk: sock, msg: msghdr): Result<number> {
  if (msg.flags & MSG_OOB) return EOPNOTSUPP.because('UDP has no out-of-band data');
  const length = msg.iter.count, inet = inet_sk(sk);
  const tooLong = length > UDP_MAX ? EMSGSIZE.because(`${length} bytes are more than a datagram's ${UDP_MAX}`) : null;
  const isCorked = (msg.flags & MSG_MORE) !== 0 || (sk.options.get(`${sk.sk_protocol}:${UDP_CORK}`) ?? 0) !== 0;
  if (inet.pending) return tooLong ?? udp_append_data(sk, msg.iter, { ttl: -1, tos: -1 }, isCorked);
  const family = msg.name ? (msg.name[0] ?? 0) | (msg.name[1] ?? 0) << 8 : 0;
  if (tooLong && (sk.sk_family === AF_INET || family === AF_INET)) return tooLong;
  if (sk.sk_family === AF_INET6 && msg.name && family !== AF_INET && family !== AF_INET6 && msg.name.length >= 24) return EINVAL.because('the address is of neither internet family');
  const to = msg.name ? destination(sk, msg.name, true) : sk.sk_state === TCP_ESTABLISHED ? { address: inet.inet_daddr, port: inet.inet_dport } : EDESTADDRREQ.because('the socket is not connected, and no address was given');
  if (failed(to)) return to;
  const ipc: ipcm_cookie = { ttl: -1, tos: -1 }, refused = tooLong ?? (msg.cmsg ? sock_cmsg_send(msg.cmsg, sk.sk_family, ipc) : null);
  if (refused) return refused;
  const error = sock_error(sk);
  if (error) return error;
  if (sk.sk_shutdown & SEND_SHUTDOWN) return EPIPE.because('the socket was shut down for sending');
  const bound = inet_autobind(sk);
  if (failed(bound)) return bound;
  const skb = skb_from_iter(msg.iter, length);
  if (failed(skb)) return skb;
  if (!isCorked) {
    udp_send_skb(sk, skb, to, ipc);
    return length;
  }
  skb.daddr = to.address;
  inet.pending = skb;
  inet.pending_dport = to.port;
  return length;
}

/** When the datagram came, in the form that was asked for last. Linux: net/socket.c:__sock_recv_timestamp() */
function put_timestamp(task: task_struct, sk: sock, skb: sk_buff, msg: msghdr): Result<number> {
  const isNano = NANO_STAMPS.find(name => sk.options.get(`${SOL_SOCKET}:${name}`) === 1), type = isNano ?? (sk.options.get(`${SOL_SOCKET}:${SO_TIMESTAMP_NEW}`) === 1 ? SO_TIMESTAMP_NEW : sk.sk_timestamp ? SO_TIMESTAMP_OLD : 0);
  if (type === 0) return 0;
  const unit = isNano === undefined ? 1_000_000n : 1_000_000_000n, since = isNano === undefined ? skb.tstamp / 1000n : skb.tstamp;
  return put_cmsg(task, msg, SOL_SOCKET, type, new Uint8Array(BigInt64Array.of(since / unit, since % unit).buffer));
}
const NANO_STAMPS: readonly number[] = [SO_TIMESTAMPNS_OLD, SO_TIMESTAMPNS_NEW];

/** A datagram that came back, and why. Linux: net/ipv4/ip_sockglue.c:ip_recv_error(), net/ipv6/datagram.c:ipv6_recv_error() */
function udp_recv_error(task: task_struct, sk: sock, msg: msghdr): Result<number> {
  const skb = sk.sk_error_queue[0];
  if (!skb) return EAGAIN.because('the error queue is empty');
  const isV6 = sk.sk_family === AF_INET6 && !skb.daddr.includes('.');
  const copied = skb_copy_to_iter(skb, 0, Math.min(skb.len, msg.iter.count), msg.iter);
  if (typeof copied !== 'number') return copied;
  if (copied < skb.len) msg.out_flags |= MSG_TRUNC;
  msg.out_flags |= MSG_ERRQUEUE;
  msg.name = latin1(skb.name);
  const { size } = sock_extended_err, error = new Uint8Array(size + (sk.sk_family === AF_INET6 ? 28 : 16));
  error.set(packStruct(sock_extended_err, isV6 ? { ee_errno: ECONNREFUSED.number, ee_origin: SO_EE_ORIGIN_ICMP6, ee_type: ICMPV6_DEST_UNREACH, ee_code: ICMPV6_PORT_UNREACH } : { ee_errno: ECONNREFUSED.number, ee_origin: SO_EE_ORIGIN_ICMP, ee_type: ICMP_DEST_UNREACH, ee_code: ICMP_PORT_UNREACH }));
  error.set(make_sockaddr(sk, source_for(skb.daddr), 0), size);
  const stored = sk.sk_family === AF_INET6 ? put_cmsg(task, msg, IPPROTO_IPV6, IPV6_RECVERR, error) : put_cmsg(task, msg, IPPROTO_IP, IP_RECVERR, error);
  if (failed(stored)) return stored;
  sk.sk_error_queue.shift();
  kfree_skb(skb);
  sk.sk_err = sk.sk_error_queue.length > 0 ? ECONNREFUSED.number : 0;
  return copied;
}
// Linux: include/uapi/linux/errqueue.h, icmp.h, icmpv6.h
const SO_EE_ORIGIN_ICMP = 2, SO_EE_ORIGIN_ICMP6 = 3, ICMP_DEST_UNREACH = 3, ICMP_PORT_UNREACH = 3, ICMPV6_DEST_UNREACH = 1, ICMPV6_PORT_UNREACH = 4;

function udp_recv_cmsgs(task: task_struct, sk: sock, skb: sk_buff, msg: msghdr): Result<number> {
  const stamped = put_timestamp(task, sk, skb, msg);
  if (failed(stamped)) return stamped;
  if (sk.options.get(`${IPPROTO_IP}:${IP_PKTINFO}`)) {
    const info = new Uint8Array(12);
    info[0] = LOOPBACK_IFINDEX;
    info.set(address_bytes(skb.daddr, false), 4);
    info.set(address_bytes(skb.daddr, false), 8);
    const stored = put_cmsg(task, msg, IPPROTO_IP, IP_PKTINFO, info);
    if (failed(stored)) return stored;
  }
  if (sk.sk_family !== AF_INET6) return put_asked(task, sk, msg, [[IPPROTO_IP, IP_RECVTTL, IP_TTL, int_bytes(skb.ttl)], [IPPROTO_IP, IP_RECVTOS, IP_TOS, Uint8Array.of(skb.tos)]]);
  if (sk.options.get(`${IPPROTO_IPV6}:${IPV6_RECVPKTINFO}`)) {
    const info = new Uint8Array(20);
    info.set(address_bytes(skb.daddr, true), 0);
    info[16] = LOOPBACK_IFINDEX;
    const stored = put_cmsg(task, msg, IPPROTO_IPV6, IPV6_PKTINFO, info);
    if (failed(stored)) return stored;
  }
  return put_asked(task, sk, msg, [[IPPROTO_IPV6, IPV6_RECVHOPLIMIT, IPV6_HOPLIMIT, int_bytes(skb.ttl)], [IPPROTO_IPV6, IPV6_RECVTCLASS, IPV6_TCLASS, int_bytes(skb.tos)]]);
}

/** What of a header the receiver has asked for by an option of the level. */
function put_asked(task: task_struct, sk: sock, msg: msghdr, headers: readonly (readonly [level: number, asked: number, type: number, value: Uint8Array])[]): Result<number> {
  for (const [level, asked, type, value] of headers) {
    const stored = sk.options.get(`${level}:${asked}`) ? put_cmsg(task, msg, level, type, value) : 0;
    if (failed(stored)) return stored;
  }
  return 0;
}

/** Linux: net/ipv4/udp.c:udp_recvmsg() */
function udp_recvmsg(task: task_struct, sk: sock, msg: msghdr): Result<number> {
  if (msg.flags & MSG_ERRQUEUE) return udp_recv_error(task, sk, msg);
  const error = sock_error(sk);
  if (error) return error;
  const skb = sk.sk_receive_queue[0];
  if (!skb) return sk.sk_shutdown & RCV_SHUTDOWN && !(msg.flags & MSG_DONTWAIT) ? 0 : sk_wait(sk.sk_wq, (msg.flags & MSG_DONTWAIT) !== 0, sk.sk_rcvtimeo, 'the receive queue is empty');
  const { len } = skb, wanted = Math.min(len, msg.iter.count);
  const copied = skb_copy_to_iter(skb, 0, wanted, msg.iter);
  if (isBlock(copied)) return copied;
  if (typeof copied !== 'number' || copied < wanted) {
    // What does not fit into memory is lost.
    if (!(msg.flags & MSG_PEEK)) skb_dequeue(sk, () => false);
    return typeof copied === 'number' ? EFAULT.because('the buffers are not writable memory to their end') : copied;
  }
  if (copied < len) msg.out_flags |= MSG_TRUNC;
  msg.name = latin1(skb.name);
  const told = udp_recv_cmsgs(task, sk, skb, msg);
  if (failed(told)) return told;
  if (!(msg.flags & MSG_PEEK)) skb_dequeue(sk, () => false);
  return msg.flags & MSG_TRUNC ? len : copied;
}

function udp_release(sk: sock): void {
  sk.is_dead = true;
  udp_flush_pending(sk);
  for (const skb of sk.sk_error_queue.splice(0)) kfree_skb(skb);
  inet_unhash(sk);
  skb_queue_purge(sk, () => false);
}

function udp_shutdown(sk: sock, how: number): Result<number> {
  // What has no peer is shut down all the same.
  sk.sk_shutdown |= how;
  sk_state_change(sk);
  return sk.sk_state === TCP_ESTABLISHED ? 0 : ENOTCONN.because('the socket is not connected');
}

/** Linux: net/core/datagram.c:datagram_poll() */
function udp_poll(sk: sock, table: poll_table | null): number {
  table?.queues.push(sk.sk_wq);
  return (sk.sk_err !== 0 || sk.sk_error_queue.length > 0 ? POLLERR : 0) | (sk.sk_shutdown & RCV_SHUTDOWN ? POLLRDHUP | POLLIN | POLLRDNORM : 0) | (sk.sk_shutdown === SHUTDOWN_MASK ? POLLHUP : 0)
    | (sk.sk_receive_queue.length > 0 ? POLLIN | POLLRDNORM : 0) | POLLOUT | POLLWRNORM | POLLWRBAND;
}

export const inet_dgram_ops = ops('inet_dgram_ops', {
  name: 'inet_dgram_ops', release: udp_release, bind: inet_bind, connect: udp_connect, getname: inet_getname, shutdown: udp_shutdown, poll: udp_poll, sendmsg: udp_sendmsg, recvmsg: udp_recvmsg,
  accept: () => EOPNOTSUPP.because('datagram sockets do not accept'), listen: () => EOPNOTSUPP.because('datagram sockets do not listen'),
  setsockopt: inet_setsockopt, getsockopt: inet_getsockopt,
  inq: (sk: sock): number => sk.sk_receive_queue[0]?.len ?? 0, outq: (): number => 0,
});
