// Options of the levels IP, IPv6, TCP, UDP and UDP-Lite. Linux: net/ipv4/ip_sockglue.c:do_ip_setsockopt(), net/ipv6/ipv6_sockglue.c, net/ipv4/tcp.c:do_tcp_setsockopt(), net/ipv4/udp.c:udp_lib_setsockopt().
import type { int } from '../../../abi/c_types';
import { EADDRNOTAVAIL, EINVAL, ENOENT, ENOPROTOOPT, ENOTCONN, EPERM, type Errno } from '../../../abi/errno';
import * as so from '../../../abi/socket';
import { latin1 } from '../../../base/text';
import { CAP_NET_ADMIN, CAP_NET_RAW, capable } from '../../fs/inode';
import { current, ports } from '../../state';
import { any, flag, get_int_option, int_bytes, int_of, keep_int_option, range, readOnly, resettable, set_int_option, type int_options } from '../core/int_options';
import { LOOPBACK_IFINDEX } from '../netlink/rtnetlink';
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN, type sock } from '../types';
import { inet_sk } from './addresses';
import { ip_membership, ip_multicast_if, ipv6_membership, ipv6_multicast_if } from './multicast';
import { udp_push_pending } from './udp_output';

const LOOPBACK_MTU = 65536, IPV6_MIN_MTU = 1280, TCP_TIMEOUT_INIT_US = 1_000_000, TCP_MSS_DEFAULT = 536, TCP_FIN_TIMEOUT = 60, TCP_FIN_TIMEOUT_MAX = 120, TCP_RTO_MAX_SECONDS = 120, MIN_WINDOW_CLAMP = 1152;
const IP_LOCAL_PORT_RANGE = 51, IP_PROTOCOL = 52, TCP_IS_MPTCP = 43, CC_NAMES = ['cubic', 'reno'];

const IP: int_options = new Map([
  [so.IP_TOS, any()], [so.IP_TTL, resettable(64, 1, 255)], [so.IP_HDRINCL, readOnly()], [so.IP_ROUTER_ALERT, range(0, 1, 0)], [so.IP_RECVOPTS, flag()], [so.IP_RETOPTS, flag()], [so.IP_PKTINFO, flag()],
  [so.IP_MTU_DISCOVER, range(1, 0, 5)], [so.IP_RECVERR, flag()], [so.IP_RECVTTL, flag()], [so.IP_RECVTOS, flag()], [so.IP_FREEBIND, flag()], [so.IP_PASSSEC, flag()], [so.IP_TRANSPARENT, flag()], [so.IP_ORIGDSTADDR, flag()],
  [so.IP_MINTTL, range(0, 0, 255)], [so.IP_NODEFRAG, readOnly()], [so.IP_CHECKSUM, flag()], [so.IP_BIND_ADDRESS_NO_PORT, flag()], [so.IP_RECVFRAGSIZE, flag()], [so.IP_RECVERR_RFC4884, range(0, 0, 1)],
  [so.IP_MULTICAST_IF, any()], [so.IP_MULTICAST_TTL, resettable(1, 0, 255)], [so.IP_MULTICAST_LOOP, flag(1)], [so.IP_MULTICAST_ALL, range(1, 0, 1)], [so.IP_UNICAST_IF, any()], [IP_LOCAL_PORT_RANGE, any()],
]);
/** What IP refuses to streams with EINVAL. */
const OF_DATAGRAMS = new Set<int>([so.IP_RECVFRAGSIZE, so.IP_MULTICAST_IF, so.IP_MULTICAST_TTL]);
/** An empty value is 0 for the others. */
const NOT_EMPTY = new Set<int>([so.IP_TTL, so.IP_FREEBIND, so.IP_TRANSPARENT, so.IP_MINTTL, so.IP_MULTICAST_TTL, so.IP_MULTICAST_LOOP, so.IP_MULTICAST_ALL, so.IP_MULTICAST_IF]);

const IPV6: int_options = new Map([
  [so.IPV6_2292PKTINFO, flag()], [so.IPV6_2292HOPOPTS, flag()], [so.IPV6_2292DSTOPTS, flag()], [so.IPV6_2292RTHDR, flag()], [so.IPV6_2292HOPLIMIT, flag()], [so.IPV6_FLOWINFO, flag()],
  [so.IPV6_UNICAST_HOPS, resettable(64, 0, 255)], [so.IPV6_MULTICAST_IF, any()], [so.IPV6_MULTICAST_HOPS, resettable(1, 0, 255)], [so.IPV6_MULTICAST_LOOP, range(1, 0, 1)], [so.IPV6_ROUTER_ALERT, readOnly()],
  [so.IPV6_MTU_DISCOVER, range(1, 0, 5)], [so.IPV6_RECVERR, flag()], [so.IPV6_MULTICAST_ALL, flag(1)], [so.IPV6_ROUTER_ALERT_ISOLATE, flag()], [so.IPV6_RECVERR_RFC4884, range(0, 0, 1)], [so.IPV6_FLOWINFO_SEND, flag()],
  [so.IPV6_RECVPKTINFO, flag()], [so.IPV6_RECVHOPLIMIT, flag()], [so.IPV6_RECVHOPOPTS, flag()], [so.IPV6_RECVRTHDR, flag()], [so.IPV6_RECVDSTOPTS, flag()], [so.IPV6_RECVPATHMTU, flag()], [so.IPV6_DONTFRAG, flag()],
  [so.IPV6_RECVTCLASS, flag()], [so.IPV6_TCLASS, range(0, -1, 255)], [so.IPV6_AUTOFLOWLABEL, flag(1)], [so.IPV6_MINHOPCOUNT, range(0, 0, 255)], [so.IPV6_ORIGDSTADDR, flag()], [so.IPV6_TRANSPARENT, flag()],
  [so.IPV6_UNICAST_IF, any()], [so.IPV6_RECVFRAGSIZE, flag()], [so.IPV6_FREEBIND, flag()],
]);

/** Options of IPv6 that are an int, and more than kept. */
const OF_IPV6 = new Set<int>([so.IPV6_V6ONLY, so.IPV6_MTU, so.IPV6_ADDRFORM]);

const TCP: int_options = new Map([
  [so.TCP_NODELAY, flag()], [so.TCP_MAXSEG, any(TCP_MSS_DEFAULT)], [so.TCP_CORK, flag()], [so.TCP_KEEPIDLE, range(7200, 1, 32767)], [so.TCP_KEEPINTVL, range(75, 1, 32767)], [so.TCP_KEEPCNT, range(9, 1, 127)],
  [so.TCP_SYNCNT, range(6, 1, 127)], [so.TCP_LINGER2, any(TCP_FIN_TIMEOUT)], [so.TCP_DEFER_ACCEPT, any()], [so.TCP_WINDOW_CLAMP, any()], [so.TCP_QUICKACK, flag(1)], [so.TCP_THIN_LINEAR_TIMEOUTS, range(0, 0, 1)],
  [so.TCP_THIN_DUPACK, range(0, 0, 1)], [so.TCP_USER_TIMEOUT, range(0, 0, 0x7fffffff)], [so.TCP_REPAIR, any()], [so.TCP_FASTOPEN, range(0, 0, 0x7fffffff)], [so.TCP_NOTSENT_LOWAT, any()], [so.TCP_SAVE_SYN, range(0, 0, 2)],
  [so.TCP_FASTOPEN_CONNECT, range(0, 0, 1)], [so.TCP_FASTOPEN_NO_COOKIE, range(0, 0, 1)], [so.TCP_INQ, range(0, 0, 1)], [so.TCP_TX_DELAY, range(0, 0, 0x1fffffff)], [TCP_IS_MPTCP, readOnly()],
]);
const UDP: int_options = new Map([
  [so.UDP_CORK, flag()], [10, readOnly()], [11, readOnly()], [100, readOnly()], [101, flag()], [102, flag()], [103, range(0, 0, 65535)], [104, flag()],
]);
const UDPLITE: int_options = new Map([[so.UDP_CORK, flag()], [so.UDPLITE_SEND_CSCOV, any()], [so.UDPLITE_RECV_CSCOV, any()]]);

/** The level's options on this socket; undefined: it has no such level. */
function options_of(sk: sock, level: int): int_options | undefined {
  switch (level) {
    case so.IPPROTO_IP: return IP;
    case so.IPPROTO_IPV6: return sk.sk_family === so.AF_INET6 ? IPV6 : undefined;
    case so.IPPROTO_TCP: return sk.sk_type === so.SOCK_STREAM ? TCP : undefined;
    case so.IPPROTO_UDP: return sk.sk_type === so.SOCK_DGRAM ? UDP : undefined;
    case so.IPPROTO_UDPLITE: return sk.sk_protocol === level ? UDPLITE : undefined;
    default: return undefined;
  }
}

export function inet_setsockopt(sk: sock, level: int, name: int, value: Uint8Array): Errno | number | null {
  const options = options_of(sk, level), option = options?.get(name);
  if (!options) return null;
  const special = level === so.IPPROTO_IP ? ip_set(sk, name, value) : level === so.IPPROTO_IPV6 ? ipv6_set(sk, name, value) : level === so.IPPROTO_TCP ? tcp_set(sk, name, value) : level === so.IPPROTO_UDP ? udp_set(sk, name, value) : null;
  if (special !== null) return special;
  if (level === so.IPPROTO_IP && option?.takes === 'nothing') return ENOPROTOOPT.because('the option cannot be set on this socket');
  if (option && value.length < (level === so.IPPROTO_IP ? Number(NOT_EMPTY.has(name)) : 4)) return EINVAL.because('the value of the option is too short');
  if (!option) return ENOPROTOOPT.because(`option ${name} of level ${level} is not simulated`);
  const number = int_of(value), done = set_int_option(sk, level, name, option, number);
  if (number === 0 && name === so.UDP_CORK && level === so.IPPROTO_UDP) udp_push_pending(sk);
  return done;
}

const isTransparent = (): boolean => capable(current(), CAP_NET_ADMIN) || capable(current(), CAP_NET_RAW);

/** Null: as the option's row says. */
function ip_set(sk: sock, name: int, value: Uint8Array): Errno | 0 | null {
  const number = int_of(value), isStream = sk.sk_type === so.SOCK_STREAM;
  if (name === so.IP_MULTICAST_IF) return ip_multicast_if(sk, value);
  if (isStream && OF_DATAGRAMS.has(name)) return EINVAL.because('the option is for datagrams');
  switch (name) {
    case so.IP_TOS: return keep_int_option(sk, so.IPPROTO_IP, name, number & (isStream ? 0xfc : 0xff));
    case so.IP_TRANSPARENT: return value.length > 0 && number !== 0 && !isTransparent() ? EPERM.because('IP_TRANSPARENT needs CAP_NET_ADMIN or CAP_NET_RAW') : null;
    case so.IP_OPTIONS: return value.length <= 40 && (value[0] ?? 0) <= 1 ? 0 : EINVAL.because('the value is no list of IP options');
    case so.IP_IPSEC_POLICY: case so.IP_XFRM_POLICY: return capable(current(), CAP_NET_ADMIN) ? ENOPROTOOPT.because('there is no IPsec') : EPERM.because('policies of IPsec need CAP_NET_ADMIN');
    case so.IP_ADD_MEMBERSHIP: case so.IP_DROP_MEMBERSHIP: return ip_membership(sk, name, value);
    case so.IP_UNBLOCK_SOURCE: case so.IP_BLOCK_SOURCE: case so.IP_ADD_SOURCE_MEMBERSHIP: case so.IP_DROP_SOURCE_MEMBERSHIP: case so.IP_MSFILTER:
    case so.MCAST_JOIN_GROUP: case so.MCAST_BLOCK_SOURCE: case so.MCAST_UNBLOCK_SOURCE: case so.MCAST_LEAVE_GROUP: case so.MCAST_JOIN_SOURCE_GROUP: case so.MCAST_LEAVE_SOURCE_GROUP: case so.MCAST_MSFILTER:
      return EINVAL.because('sources of groups are not simulated');
    case so.IP_UNICAST_IF:
      if (value.length !== 4) return EINVAL.because('the value is no int');
      // The device's number stands in the order of the network.
      return number === 0 || number === LOOPBACK_IFINDEX << 24 ? null : EADDRNOTAVAIL.because('there is no device of this number');
    case IP_LOCAL_PORT_RANGE: {
      const low = number & 0xffff, high = number >>> 16;
      return value.length !== 4 || low !== 0 && high !== 0 && low > high ? EINVAL.because('the value is no range of ports') : null;
    }
    default: return null;
  }
}

function ipv6_set(sk: sock, name: int, value: Uint8Array): Errno | 0 | null {
  const number = int_of(value), isStream = sk.sk_type === so.SOCK_STREAM;
  if (isStream && (name === so.IPV6_MULTICAST_IF || name === so.IPV6_MULTICAST_HOPS)) return ENOPROTOOPT.because('streams have no multicast');
  switch (name) {
    case so.IPV6_ADD_MEMBERSHIP: case so.IPV6_DROP_MEMBERSHIP: return ipv6_membership(sk, name, value);
    case so.IPV6_2292PKTOPTIONS: return value.length < 16 ? 0 : EINVAL.because('the value is no control message');
    case so.IPV6_IPSEC_POLICY: case so.IPV6_XFRM_POLICY: return capable(current(), CAP_NET_ADMIN) ? ENOPROTOOPT.because('there is no IPsec') : EPERM.because('policies of IPsec need CAP_NET_ADMIN');
    case so.IPV6_HOPOPTS: case so.IPV6_RTHDRDSTOPTS: case so.IPV6_DSTOPTS: return capable(current(), CAP_NET_RAW) ? value.length === 0 ? 0 : EINVAL.because('the value is no header') : EPERM.because('headers of options need CAP_NET_RAW');
    case so.IPV6_RTHDR: return value.length === 0 ? 0 : EINVAL.because('the value is no routing header');
    case so.IPV6_DONTFRAG: case so.IPV6_AUTOFLOWLABEL: case so.IPV6_RECVFRAGSIZE: return keep_int_option(sk, so.IPPROTO_IPV6, name, Number(number !== 0));
    case so.IPV6_JOIN_ANYCAST: case so.IPV6_LEAVE_ANYCAST: case so.IPV6_FLOWLABEL_MGR: case so.IPV6_PKTINFO:
    case so.MCAST_JOIN_GROUP: case so.MCAST_BLOCK_SOURCE: case so.MCAST_UNBLOCK_SOURCE: case so.MCAST_LEAVE_GROUP: case so.MCAST_JOIN_SOURCE_GROUP: case so.MCAST_LEAVE_SOURCE_GROUP: case so.MCAST_MSFILTER:
      return EINVAL.because('the value is too short, or the option is not simulated');
    default:
  }
  if (value.length < 4) return IPV6.has(name) || OF_IPV6.has(name) ? EINVAL.because('the value of the option is shorter than an int') : null;
  switch (name) {
    case so.IPV6_V6ONLY:
      if (inet_sk(sk).inet_sport !== 0) return EINVAL.because('the socket has an address already');
      inet_sk(sk).ipv6only = number !== 0;
      return 0;
    case so.IPV6_ADDRFORM: return number === so.AF_INET ? ENOTCONN.because('the socket is not connected') : EINVAL.because('a socket can become one of AF_INET only');
    case so.IPV6_MULTICAST_IF: return ipv6_multicast_if(sk, number);
    case so.IPV6_MTU: return number !== 0 && number < IPV6_MIN_MTU ? EINVAL.because('the least MTU is 1280') : keep_int_option(sk, so.IPPROTO_IPV6, name, number);
    case so.IPV6_TCLASS: return number < -1 || number > 255 ? null : keep_int_option(sk, so.IPPROTO_IPV6, name, number < 0 ? 0 : number & (isStream ? 0xfc : 0xff));
    case so.IPV6_TRANSPARENT: return number !== 0 && !isTransparent() ? EPERM.because('IPV6_TRANSPARENT needs CAP_NET_ADMIN or CAP_NET_RAW') : null;
    case so.IPV6_UNICAST_IF: return value.length !== 4 ? EINVAL.because('the value is no int') : number === 0 || number === LOOPBACK_IFINDEX << 24 ? null : EADDRNOTAVAIL.because('there is no device of this number');
    default: return null;
  }
}

const UDP_ENCAP = 100, UDP_ENCAP_ESPINUDP = 2;

function udp_set(sk: sock, name: int, value: Uint8Array): Errno | 0 | null {
  if (name !== UDP_ENCAP || value.length < 4) return null;
  const number = int_of(value);
  return number === 0 || number === UDP_ENCAP_ESPINUDP ? keep_int_option(sk, so.IPPROTO_UDP, name, number) : ENOPROTOOPT.because('there is no such encapsulation');
}

const text_of = (value: Uint8Array): string => String.fromCharCode(...value).replace(/\0.*$/s, '');

function tcp_set(sk: sock, name: int, value: Uint8Array): Errno | 0 | null {
  const keep = (kept: int): 0 => keep_int_option(sk, so.IPPROTO_TCP, name, kept);
  if (name === so.TCP_CONGESTION || name === so.TCP_ULP) {
    if (value.length < 1) return EINVAL.because('the name is empty');
    const index = CC_NAMES.indexOf(text_of(value.subarray(0, 15)));
    return name === so.TCP_CONGESTION && index >= 0 ? keep(index) : ENOENT.because('the machine has nothing of this name');
  }
  if (name === so.TCP_FASTOPEN_KEY) return value.length === 16 || value.length === 32 ? 0 : EINVAL.because('a key has 16 bytes, two have 32');
  if (value.length < 4) return null;
  const number = int_of(value);
  switch (name) {
    case so.TCP_MAXSEG: return number !== 0 && (number < 88 || number > 32767) ? EINVAL.because('a segment has 88 to 32767 bytes') : keep(number === 0 ? TCP_MSS_DEFAULT : number);
    case so.TCP_LINGER2: return keep(number < 0 ? -1 : number === 0 ? TCP_FIN_TIMEOUT : Math.min(number, TCP_FIN_TIMEOUT_MAX));
    case so.TCP_DEFER_ACCEPT: return keep(whole_retransmissions(number));
    case so.TCP_WINDOW_CLAMP: return number === 0 && sk.sk_state !== TCP_CLOSE ? EINVAL.because('the socket is connected') : keep(number === 0 ? 0 : Math.max(MIN_WINDOW_CLAMP, number));
    case so.TCP_THIN_DUPACK: return number === 0 || number === 1 ? 0 : null;
    case so.TCP_MD5SIG: case so.TCP_MD5SIG_EXT: case so.TCP_QUEUE_SEQ: case so.TCP_REPAIR_OPTIONS: return EINVAL.because('the option is not simulated');
    case so.TCP_REPAIR: case so.TCP_REPAIR_QUEUE: case so.TCP_TIMESTAMP: case so.TCP_REPAIR_WINDOW: return EPERM.because('the socket is not under repair');
    case so.TCP_FASTOPEN: return number >= 0 && (sk.sk_state === TCP_CLOSE || sk.sk_state === TCP_LISTEN) ? keep(Math.min(number, so.SOMAXCONN)) : EINVAL.because('the length of the queue is negative, or the socket is connected');
    default: return null;
  }
}

/** The seconds that as many retransmissions take as begin within so many. Linux: net/ipv4/tcp.c:secs_to_retrans(), retrans_to_secs() */
function whole_retransmissions(seconds: int): int {
  if (seconds <= 0) return 0;
  let period = 1, timeout = 1, count = 1;
  while (seconds > period && count < 255) {
    count++;
    timeout = Math.min(timeout * 2, TCP_RTO_MAX_SECONDS);
    period += timeout;
  }
  return period;
}

/** `room`: how much the caller takes. */
export function inet_getsockopt(sk: sock, level: int, name: int, room = 4): Uint8Array | Errno | null {
  const options = options_of(sk, level);
  if (!options) return null;
  const special = level === so.IPPROTO_IP ? ip_get(sk, name) : level === so.IPPROTO_IPV6 ? ipv6_get(sk, name, room) : level === so.IPPROTO_TCP ? tcp_get(sk, name) : null;
  if (special) return special;
  const option = options.get(name);
  if (!option) return ENOPROTOOPT.because(`option ${name} of level ${level} is not simulated`);
  return int_bytes(get_int_option(sk, level, name, level === so.IPPROTO_IP && name === so.IP_MULTICAST_ALL && sk.sk_family === so.AF_INET6 ? 0 : option.initial));
}

const isConnected = (sk: sock): boolean => inet_sk(sk).inet_dport !== 0;
const NOTHING = new Uint8Array(0);

function ip_get(sk: sock, name: int): Uint8Array | Errno | null {
  switch (name) {
    case so.IP_MTU: return isConnected(sk) ? int_bytes(LOOPBACK_MTU) : ENOTCONN.because('the socket has no peer');
    case so.IP_OPTIONS: return NOTHING;
    case so.IP_PKTOPTIONS: return sk.sk_type === so.SOCK_STREAM ? NOTHING : ENOPROTOOPT.because('the option is for streams');
    case so.IP_MSFILTER: case so.MCAST_MSFILTER: return EINVAL.because('the value is too short for a filter');
    case IP_PROTOCOL: return int_bytes(inet_sk(sk).inet_sport);
    default: return null;
  }
}

function ipv6_get(sk: sock, name: int, room: int): Uint8Array | Errno | null {
  switch (name) {
    case so.IPV6_V6ONLY: return int_bytes(inet_sk(sk).ipv6only ? 1 : 0);
    case so.IPV6_ADDRFORM: return isConnected(sk) ? int_bytes(sk.sk_family) : ENOTCONN.because('the socket is not connected');
    case so.IPV6_MTU: return isConnected(sk) ? int_bytes(LOOPBACK_MTU) : ENOTCONN.because('the socket has no peer');
    case so.IPV6_2292PKTOPTIONS: return sk.sk_type === so.SOCK_STREAM ? NOTHING : ENOPROTOOPT.because('the option is for streams');
    case so.IPV6_HOPOPTS: case so.IPV6_RTHDRDSTOPTS: case so.IPV6_RTHDR: case so.IPV6_DSTOPTS: return NOTHING;
    case so.IPV6_PATHMTU: return room < 32 ? EINVAL.because('the value is a struct ip6_mtuinfo') : ENOTCONN.because('the socket has no peer');
    case so.IPV6_FLOWLABEL_MGR: return EINVAL.because('the value is no struct in6_flowlabel_req');
    case so.MCAST_MSFILTER: return room < 144 ? EINVAL.because('the value is too short for a filter') : EADDRNOTAVAIL.because('the socket is no member of the group');
    default: return null;
  }
}

function tcp_get(sk: sock, name: int): Uint8Array | Errno | null {
  switch (name) {
    case so.TCP_CONGESTION: return latin1((CC_NAMES[get_int_option(sk, so.IPPROTO_TCP, name, 0)] ?? '').padEnd(16, '\0'));
    case so.TCP_INFO: return tcp_info(sk);
    case so.TCP_TIMESTAMP: return int_bytes(Math.floor(ports().clock.now() / 1e6) | 0);
    case so.TCP_CC_INFO: case so.TCP_SAVED_SYN: case so.TCP_ULP: case so.TCP_FASTOPEN_KEY: return NOTHING;
    case so.TCP_REPAIR_QUEUE: case so.TCP_QUEUE_SEQ: case so.TCP_REPAIR_WINDOW: return EINVAL.because('the socket is not under repair');
    case so.TCP_ZEROCOPY_RECEIVE: return EINVAL.because('the value is no struct tcp_zerocopy_receive');
    default: return null;
  }
}

const TCP_INFO_BYTES = 248, LOOPBACK_MSS = 32768, LOOPBACK_ADVMSS = 65483, UNLIMITED = 0xffffffffffffffffn;

/** struct tcp_info of a connection that loses nothing: state, timeouts, sizes, the first window. Linux: include/uapi/linux/tcp.h, net/ipv4/tcp.c:tcp_get_info() */
function tcp_info(sk: sock): Uint8Array {
  const bytes = new Uint8Array(TCP_INFO_BYTES), view = new DataView(bytes.buffer), isOpen = sk.sk_state === TCP_ESTABLISHED;
  bytes[0] = sk.sk_state;
  // The application limits the rate: there is nothing to send.
  bytes[7] = 1;
  view.setUint32(8, isOpen ? 201_000 : TCP_TIMEOUT_INIT_US, true);
  view.setUint32(16, isOpen ? LOOPBACK_MSS : TCP_MSS_DEFAULT, true);
  if (sk.sk_state === TCP_LISTEN) {
    view.setUint32(24, sk.accept_queue.length, true);
    view.setUint32(28, sk.sk_max_ack_backlog, true);
  }
  view.setUint32(60, isOpen ? LOOPBACK_MTU - 1 : 0, true);
  view.setUint32(72, 0x7fffffff, true);
  view.setUint32(76, 10, true);
  view.setUint32(80, isOpen ? LOOPBACK_ADVMSS : 0, true);
  view.setUint32(84, 3, true);
  view.setBigUint64(104, UNLIMITED, true);
  view.setBigUint64(112, UNLIMITED, true);
  return bytes;
}
