// Internet sockets: what streams and datagrams share. Linux: net/ipv4/af_inet.c, net/ipv6/af_inet6.c, net/ipv4/ip_sockglue.c.
import { EACCES, EAFNOSUPPORT, EINVAL, ENOTCONN, EPERM, EPROTONOSUPPORT, ESOCKTNOSUPPORT } from '../../../abi/errno';
import * as so from '../../../abi/socket';
import { CAP_NET_RAW, capable } from '../../fs/inode';
import type { Result } from '../../fs/types';
import type { task_struct } from '../../kernel/types';
import { failed } from '../../result';
import { sk_alloc } from '../core/sock';
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
  if (sk.sk_family === so.AF_INET6 && address.length < 24) return EINVAL.because('a struct sockaddr_in6 has 24 bytes at least');
  if (sk.sk_family === so.AF_INET6 && ((address[0] ?? 0) | (address[1] ?? 0) << 8) !== so.AF_INET6) return EAFNOSUPPORT.because('the address is not one of AF_INET6');
  const to = parse_sockaddr(sk, address);
  return failed(to) ? to : inet_bind_to(task, sk, to);
}

export function inet_getname(sk: sock, isPeer: boolean): Result<Uint8Array> {
  const inet = inet_sk(sk);
  if (!isPeer) return make_sockaddr(sk, inet.inet_saddr, inet.inet_sport);
  return inet.inet_dport === 0 || sk.sk_type === so.SOCK_STREAM && sk.sk_state === TCP_CLOSE ? ENOTCONN.because('the socket has no peer') : make_sockaddr(sk, inet.inet_daddr, inet.inet_dport);
}
