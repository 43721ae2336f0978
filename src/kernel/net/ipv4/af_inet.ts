// Internet sockets: what streams and datagrams share. Linux: net/ipv4/af_inet.c, net/ipv6/af_inet6.c, net/ipv4/ip_sockglue.c.
import { latin1 } from '../../../base/text';
import { EACCES, EAFNOSUPPORT, EINVAL, ENOPROTOOPT, ENOTCONN, EPERM, EPROTONOSUPPORT, ESOCKTNOSUPPORT, type Errno } from '../../../abi/errno';
import * as so from '../../../abi/socket';
import { CAP_NET_ADMIN, CAP_NET_RAW, capable } from '../../fs/inode';
import type { Result } from '../../fs/types';
import type { task_struct } from '../../kernel/types';
import { failed } from '../../result';
import { current } from '../../state';
import { int_bytes, sk_alloc } from '../core/sock';
import { inet_sock, TCP_CLOSE, type sock } from '../types';
import { inet_bind_to, inet_sk, isUnspecified, make_sockaddr, parse_sockaddr } from './addresses';

/** Linux: net.ipv4.tcp_wmem, tcp_rmem: the default of each */
const TCP_SNDBUF = 16384, TCP_RCVBUF = 131072;

/** Linux: net/ipv4/af_inet.c:inet_create() */
export function inet_create(task: task_struct, family: number, type: number, protocol: number): Result<sock> {
  if (protocol < 0 || protocol > 262) return EINVAL.because(`there is no protocol ${protocol}`);
  if (type === so.SOCK_DGRAM && protocol === (family === so.AF_INET ? so.IPPROTO_ICMP : so.IPPROTO_ICMPV6)) return EACCES.because('net.ipv4.ping_group_range has no groups');
  if (type === so.SOCK_RAW && protocol === 0) return EPROTONOSUPPORT.because('a raw socket names its protocol');
  if (type === so.SOCK_RAW) return capable(task, CAP_NET_RAW) ? EPROTONOSUPPORT.because('raw sockets are not simulated') : EPERM.because('CAP_NET_RAW is needed for a raw socket');
  const own = type === so.SOCK_STREAM ? so.IPPROTO_TCP : type !== so.SOCK_DGRAM ? -1 : protocol === so.IPPROTO_UDPLITE ? protocol : so.IPPROTO_UDP;
  if (own < 0) return ESOCKTNOSUPPORT.because('the internet families have stream, datagram and raw sockets');
  if (protocol !== 0 && protocol !== own) return EPROTONOSUPPORT.because(`protocol ${protocol} is not simulated: streams are TCP, datagrams UDP or UDP-Lite`);
  const sk = sk_alloc(family, type, own);
  sk.inet = inet_sock.make({});
  if (type === so.SOCK_STREAM) {
    sk.sk_sndbuf = TCP_SNDBUF;
    sk.sk_rcvbuf = TCP_RCVBUF;
  }
  return sk;
}

/** Linux: net/ipv4/af_inet.c:inet_bind() */
export function inet_bind(task: task_struct, sk: sock, address: Uint8Array): Result<number> {
  if (sk.sk_family === so.AF_INET && address.length >= 16 && isUnspecified(address)) {
    if (address.subarray(4, 8).some(byte => byte !== 0)) return EAFNOSUPPORT.because('the address has no family');
    const any = address.slice();
    any[0] = so.AF_INET;
    return inet_bind(task, sk, any);
  }
  if (sk.sk_family === so.AF_INET6 && address.length >= 24 && ((address[0] ?? 0) | (address[1] ?? 0) << 8) !== so.AF_INET6) return EAFNOSUPPORT.because('the address is not one of AF_INET6');
  const to = parse_sockaddr(sk, address);
  return failed(to) ? to : inet_bind_to(task, sk, to);
}

export function inet_getname(sk: sock, isPeer: boolean): Result<Uint8Array> {
  const inet = inet_sk(sk);
  if (!isPeer) return make_sockaddr(sk, inet.inet_saddr, inet.inet_sport);
  return inet.inet_dport === 0 || sk.sk_type === so.SOCK_STREAM && sk.sk_state === TCP_CLOSE ? ENOTCONN.because('the socket has no peer') : make_sockaddr(sk, inet.inet_daddr, inet.inet_dport);
}

const LOOPBACK_MTU = 65536, TCP_TIMEOUT_INIT_US = 1_000_000, TCP_MSS_DEFAULT = 536;

/** Options by level and number with the value that they begin with. They are kept and read back. */
const KEPT: Readonly<Record<number, ReadonlyMap<number, number>>> = {
  [so.IPPROTO_IP]: new Map([
    [so.IP_TOS, 0], [so.IP_TTL, 64], [so.IP_HDRINCL, 0], [so.IP_RECVOPTS, 0], [so.IP_RETOPTS, 0], [so.IP_PKTINFO, 0], [so.IP_MTU_DISCOVER, 1], [so.IP_RECVERR, 0], [so.IP_RECVTTL, 0],
    [so.IP_RECVTOS, 0], [so.IP_FREEBIND, 0], [so.IP_TRANSPARENT, 0], [so.IP_ORIGDSTADDR, 0], [so.IP_MINTTL, 0], [so.IP_BIND_ADDRESS_NO_PORT, 0], [so.IP_MULTICAST_TTL, 1],
    [so.IP_MULTICAST_LOOP, 1], [so.IP_MULTICAST_ALL, 1], [so.IP_PASSSEC, 0],
  ]),
  [so.IPPROTO_IPV6]: new Map([
    [so.IPV6_UNICAST_HOPS, 64], [so.IPV6_MULTICAST_HOPS, 1], [so.IPV6_MULTICAST_LOOP, 1], [so.IPV6_MTU_DISCOVER, 1], [so.IPV6_RECVERR, 0], [so.IPV6_RECVPKTINFO, 0], [so.IPV6_RECVHOPLIMIT, 0],
    [so.IPV6_RECVTCLASS, 0], [so.IPV6_TCLASS, 0], [so.IPV6_DONTFRAG, 0], [so.IPV6_MULTICAST_ALL, 1], [so.IPV6_FREEBIND, 0], [so.IPV6_TRANSPARENT, 0],
  ]),
  [so.IPPROTO_UDP]: new Map([[so.UDP_CORK, 0]]),
  [so.IPPROTO_UDPLITE]: new Map([[so.UDPLITE_SEND_CSCOV, 0], [so.UDPLITE_RECV_CSCOV, 0]]),
  [so.IPPROTO_TCP]: new Map([
    [so.TCP_NODELAY, 0], [so.TCP_MAXSEG, 536], [so.TCP_CORK, 0], [so.TCP_KEEPIDLE, 7200], [so.TCP_KEEPINTVL, 75], [so.TCP_KEEPCNT, 9], [so.TCP_SYNCNT, 6], [so.TCP_LINGER2, 60],
    [so.TCP_DEFER_ACCEPT, 0], [so.TCP_WINDOW_CLAMP, 0], [so.TCP_QUICKACK, 1], [so.TCP_USER_TIMEOUT, 0], [so.TCP_FASTOPEN, 0], [so.TCP_NOTSENT_LOWAT, 0], [so.TCP_INQ, 0],
    [so.TCP_THIN_LINEAR_TIMEOUTS, 0], [so.TCP_THIN_DUPACK, 0], [so.TCP_FASTOPEN_CONNECT, 0], [so.TCP_SAVE_SYN, 0],
  ]),
};

/** What TCP and IP take; others take any int. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  [`${so.IPPROTO_TCP}:${so.TCP_KEEPIDLE}`]: [1, 32767], [`${so.IPPROTO_TCP}:${so.TCP_KEEPINTVL}`]: [1, 32767], [`${so.IPPROTO_TCP}:${so.TCP_KEEPCNT}`]: [1, 127], [`${so.IPPROTO_TCP}:${so.TCP_SYNCNT}`]: [1, 127],
  [`${so.IPPROTO_TCP}:${so.TCP_USER_TIMEOUT}`]: [0, 0x7fffffff], [`${so.IPPROTO_TCP}:${so.TCP_MAXSEG}`]: [88, 32767], [`${so.IPPROTO_IP}:${so.IP_TTL}`]: [1, 255], [`${so.IPPROTO_IP}:${so.IP_MTU_DISCOVER}`]: [0, 5],
  [`${so.IPPROTO_IP}:${so.IP_MULTICAST_TTL}`]: [0, 255], [`${so.IPPROTO_IPV6}:${so.IPV6_UNICAST_HOPS}`]: [0, 255],
};
/** Options for which -1 brings the first value back. */
const RESET = new Set([`${so.IPPROTO_IP}:${so.IP_TTL}`, `${so.IPPROTO_IP}:${so.IP_MULTICAST_TTL}`, `${so.IPPROTO_IPV6}:${so.IPV6_UNICAST_HOPS}`]);

const int_of = (value: Uint8Array): number => value.length >= 4 ? new DataView(value.buffer, value.byteOffset).getInt32(0, true) : value[0] ?? 0;

function kept(sk: sock, level: number): ReadonlyMap<number, number> | undefined {
  return level === so.IPPROTO_TCP && sk.sk_type !== so.SOCK_STREAM || level === so.IPPROTO_UDP && sk.sk_type !== so.SOCK_DGRAM || level === so.IPPROTO_UDPLITE && sk.sk_protocol !== level || level === so.IPPROTO_IPV6 && sk.sk_family !== so.AF_INET6 ? undefined : KEPT[level];
}

/** Linux: net/ipv4/ip_sockglue.c:do_ip_setsockopt(), net/ipv6/ipv6_sockglue.c, net/ipv4/tcp.c:do_tcp_setsockopt() */
export function inet_setsockopt(sk: sock, level: number, name: number, value: Uint8Array): Errno | number | null {
  const options = kept(sk, level);
  if (!options) return null;
  if (level === so.IPPROTO_TCP && name === so.TCP_CONGESTION) return ['cubic', 'reno'].includes(String.fromCharCode(...value).replace(/\0.*$/s, '')) ? 0 : EINVAL.because('the machine has no such congestion control');
  if (value.length < (level === so.IPPROTO_IP ? 1 : 4)) return EINVAL.because('the value of the option is too short');
  const number = int_of(value);
  if (level === so.IPPROTO_IPV6 && name === so.IPV6_V6ONLY) {
    if (inet_sk(sk).inet_sport !== 0) return EINVAL.because('the socket has an address already');
    inet_sk(sk).ipv6only = number !== 0;
    return 0;
  }
  if (!options.has(name)) return ENOPROTOOPT.because(`option ${name} of level ${level} is not simulated`);
  const key = `${level}:${name}`, [least, most] = RANGES[key] ?? [-Infinity, Infinity];
  if (number === -1 && RESET.has(key)) {
    sk.options.delete(key);
    return 0;
  }
  if (number < least && !(number === 0 && name === so.TCP_MAXSEG && level === so.IPPROTO_TCP) || number > most) return EINVAL.because(`the option takes ${least} to ${most}`);
  if (level === so.IPPROTO_IP && name === so.IP_TRANSPARENT && number !== 0 && !capable(current(), CAP_NET_ADMIN) && !capable(current(), CAP_NET_RAW)) return EPERM.because('IP_TRANSPARENT needs CAP_NET_ADMIN or CAP_NET_RAW');
  sk.options.set(key, number);
  return 0;
}

export function inet_getsockopt(sk: sock, level: number, name: number): Uint8Array | Errno | null {
  const options = kept(sk, level);
  if (!options) return null;
  if (level === so.IPPROTO_IPV6 && name === so.IPV6_V6ONLY) return int_bytes(inet_sk(sk).ipv6only ? 1 : 0);
  if (level === so.IPPROTO_TCP && name === so.TCP_CONGESTION) return latin1('cubic'.padEnd(16, '\0'));
  if (level === so.IPPROTO_TCP && name === so.TCP_INFO) return tcp_info(sk);
  if (level === so.IPPROTO_IP && name === so.IP_MTU) return inet_sk(sk).inet_dport === 0 ? ENOTCONN.because('the socket has no peer') : int_bytes(LOOPBACK_MTU);
  const initial = options.get(name);
  return initial === undefined ? ENOPROTOOPT.because(`option ${name} of level ${level} is not simulated`) : int_bytes(sk.options.get(`${level}:${name}`) ?? initial);
}

/** The first fields of struct tcp_info: state, timeout and segment size before anything was sent. Linux: include/uapi/linux/tcp.h */
function tcp_info(sk: sock): Uint8Array {
  const bytes = new Uint8Array(104);
  const view = new DataView(bytes.buffer);
  bytes[0] = sk.sk_state;
  // The application limits the rate: there is nothing to send.
  bytes[7] = 1;
  view.setUint32(8, TCP_TIMEOUT_INIT_US, true);
  view.setUint32(16, TCP_MSS_DEFAULT, true);
  return bytes;
}
