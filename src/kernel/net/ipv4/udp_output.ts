// How a datagram leaves a socket and comes to another, the datagram that a corked socket gathers, and what comes back when nobody listens. Linux: net/ipv4/udp.c:udp_send_skb(), udp_push_pending_frames(), __udp4_lib_err(), net/ipv4/ip_output.c:ip_append_data().
import type { int } from '../../../abi/c_types';
import { ECONNREFUSED, EMSGSIZE, type Errno } from '../../../abi/errno';
import { AF_INET6, IP_RECVERR, IP_TOS, IP_TTL, IPPROTO_IP, IPPROTO_IPV6, IPV6_RECVERR, IPV6_TCLASS, IPV6_UNICAST_HOPS } from '../../../abi/socket';
import { current_time } from '../../fs/inode';
import type { iov_iter } from '../../fs/iov_iter';
import { failed, type Block } from '../../result';
import type { ipcm_cookie } from '../core/scm';
import { kfree_skb, skb_append, skb_trim } from '../core/skbuff';
import { sk_state_change, skb_queue_tail } from '../core/sock';
import type { sk_buff, sock } from '../types';
import { inet_lookup, inet_sk, isUnboundAddress, make_sockaddr, source_for, type endpoint } from './addresses';

/** Linux: net.ipv4.ip_default_ttl, net.ipv6.conf.all.hop_limit */
const DEFAULT_HOPS = 64;
export const UDP_MAX = 65507;
/** How much of a datagram a message of ICMP brings back: it has 576 bytes, of ICMPv6 1280. */
const ICMP_PAYLOAD = 520, ICMPV6_PAYLOAD = 1184;

/** An option that IP and IPv6 have under two names; -1: it was never set. */
const option = (sk: sock, v4: int, v6: int): int => sk.options.get(sk.sk_family === AF_INET6 ? `${IPPROTO_IPV6}:${v6}` : `${IPPROTO_IP}:${v4}`) ?? -1;

/** The datagram goes on its way, and is given up. */
export function udp_send_skb(sk: sock, skb: sk_buff, to: endpoint, ipc: ipcm_cookie): void {
  const inet = inet_sk(sk), from: endpoint = { address: isUnboundAddress(inet.inet_saddr) ? source_for(to.address) : inet.inet_saddr, port: inet.inet_sport };
  const receiver = inet_lookup(sk.sk_protocol, to, from, () => true);
  if (!receiver) {
    port_unreachable(sk, skb, to);
    return;
  }
  if (receiver.sk_rmem_alloc + skb.truesize > receiver.sk_rcvbuf && receiver.sk_receive_queue.length > 0) {
    // No room: the datagram is lost, and nobody is told.
    kfree_skb(skb);
    return;
  }
  skb.name = String.fromCharCode(...make_sockaddr(receiver, from.address, from.port));
  skb.daddr = to.address;
  const hops = ipc.ttl >= 0 ? ipc.ttl : option(sk, IP_TTL, IPV6_UNICAST_HOPS);
  skb.ttl = hops < 0 ? DEFAULT_HOPS : hops;
  skb.tos = Math.max(0, ipc.tos >= 0 ? ipc.tos : option(sk, IP_TOS, IPV6_TCLASS));
  skb.tstamp = current_time();
  skb_queue_tail(receiver, skb);
}

/** ICMP comes back: a connected socket is told, and one that asked for errors with what it had sent. */
function port_unreachable(sk: sock, skb: sk_buff, to: endpoint): void {
  const isAsked = option(sk, IP_RECVERR, IPV6_RECVERR) > 0;
  if (isAsked) {
    skb_trim(skb, sk.sk_family === AF_INET6 ? ICMPV6_PAYLOAD : ICMP_PAYLOAD);
    skb.name = String.fromCharCode(...make_sockaddr(sk, to.address, to.port));
    skb.daddr = to.address;
    sk.sk_error_queue.push(skb);
  } else {
    kfree_skb(skb);
  }
  if (!isAsked && inet_sk(sk).inet_dport === 0) return;
  sk.sk_err = ECONNREFUSED.number;
  sk_state_change(sk);
}

/** More of the datagram that the socket gathers; it goes when the socket is not corked any more. */
export function udp_append_data(sk: sock, iter: iov_iter, ipc: ipcm_cookie, isCorked: boolean): Errno | Block | number {
  const { pending } = inet_sk(sk), length = iter.count;
  if (!pending) return 0;
  const appended = pending.len + length > UDP_MAX ? EMSGSIZE.because(`the datagram that is gathered would have ${pending.len + length} bytes, more than ${UDP_MAX}`) : skb_append(pending, iter, length);
  if (failed(appended)) {
    udp_flush_pending(sk);
    return appended;
  }
  if (!isCorked) udp_push_pending(sk, ipc);
  return length;
}

/** The socket is uncorked. */
export function udp_push_pending(sk: sock, ipc: ipcm_cookie = { ttl: -1, tos: -1 }): void {
  const inet = inet_sk(sk), { pending } = inet;
  inet.pending = null;
  if (pending) udp_send_skb(sk, pending, { address: pending.daddr, port: inet.pending_dport }, ipc);
}

export function udp_flush_pending(sk: sock): void {
  const inet = inet_sk(sk), { pending } = inet;
  inet.pending = null;
  if (pending) kfree_skb(pending);
}
