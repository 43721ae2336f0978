// Memberships of groups, and through which device multicasts leave: the loopback, the only one there is. Linux: net/ipv4/igmp.c, net/ipv6/mcast.c, net/ipv4/ip_sockglue.c.
// Differs: nothing is sent to a group: no route leads there, as on a computer whose network is down.
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENODEV, EPROTO, type Errno } from '../../../abi/errno';
import type { int } from '../../../abi/c_types';
import { IP_ADD_MEMBERSHIP, IP_MULTICAST_IF, IPPROTO_IP, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, IPV6_MULTICAST_IF, SOCK_STREAM } from '../../../abi/socket';
import { LOOPBACK_IFINDEX } from '../netlink/rtnetlink';
import { int_of, keep_int_option } from '../core/int_options';
import type { sock } from '../types';

const LOOPBACK = 127, IN_ADDR = 4, IP_MREQ = 8, IP_MREQN = 12, IPV6_MREQ = 20;
const hasAddress = (bytes: Uint8Array): boolean => bytes.some(byte => byte !== 0);

/** Which device an address of it, or its number, names; 0: none was named. */
function device_of(address: Uint8Array, ifindex: int): int | Errno {
  if (ifindex !== 0) return ifindex === LOOPBACK_IFINDEX ? ifindex : ENODEV.because(`there is no device ${ifindex}: the machine has 'lo' only`);
  if (!hasAddress(address)) return 0;
  return address[0] === LOOPBACK ? LOOPBACK_IFINDEX : ENODEV.because('no device has this address');
}

/** Linux: net/ipv4/ip_sockglue.c: IP_MULTICAST_IF */
export function ip_multicast_if(sk: sock, value: Uint8Array): Errno | 0 {
  if (sk.sk_type === SOCK_STREAM) return EINVAL.because('streams have no multicast');
  if (value.length < IN_ADDR) return EINVAL.because('the value is no address');
  const at = value.length >= IP_MREQ ? 4 : 0, address = value.subarray(at, at + 4), ifindex = value.length >= IP_MREQN ? int_of(value.subarray(8)) : 0;
  const device = device_of(address, ifindex);
  if (typeof device !== 'number') return EADDRNOTAVAIL.because('no device has this address or number');
  return keep_int_option(sk, IPPROTO_IP, IP_MULTICAST_IF, int_of(address));
}

export function ipv6_multicast_if(sk: sock, ifindex: int): Errno | 0 {
  return ifindex === 0 || ifindex === LOOPBACK_IFINDEX ? keep_int_option(sk, IPPROTO_IPV6, IPV6_MULTICAST_IF, ifindex) : ENODEV.because(`there is no device ${ifindex}: the machine has 'lo' only`);
}

/** Joins a group or leaves it. Linux: net/ipv4/igmp.c:ip_mc_join_group(), ip_mc_leave_group() */
export function ip_membership(sk: sock, name: int, value: Uint8Array): Errno | 0 {
  if (sk.sk_type === SOCK_STREAM) return EPROTO.because('streams have no multicast');
  if (value.length < IP_MREQ) return EINVAL.because('the value is no struct ip_mreq');
  const group = value.subarray(0, 4), device = device_of(value.subarray(4, 8), value.length >= IP_MREQN ? int_of(value.subarray(8)) : 0), isJoin = name === IP_ADD_MEMBERSHIP;
  if (isJoin && ((group[0] ?? 0) & 0xf0) !== 0xe0) return EINVAL.because(`${group.join('.')} is no group`);
  if (typeof device !== 'number') return isJoin ? device : EADDRNOTAVAIL.because('the socket is no member of the group');
  return change(sk, `${IPPROTO_IP}:member:${group.join('.')}`, isJoin, device);
}

export function ipv6_membership(sk: sock, name: int, value: Uint8Array): Errno | 0 {
  if (value.length < IPV6_MREQ) return EINVAL.because('the value is no struct ipv6_mreq');
  if (sk.sk_type === SOCK_STREAM) return EPROTO.because('streams have no multicast');
  const isJoin = name === IPV6_ADD_MEMBERSHIP, device = device_of(new Uint8Array(4), int_of(value.subarray(16)));
  if (value[0] !== 0xff) return isJoin ? EINVAL.because('the address is no group') : EADDRNOTAVAIL.because('the socket is no member of the group');
  if (typeof device !== 'number') return isJoin ? device : EADDRNOTAVAIL.because('the socket is no member of the group');
  return change(sk, `${IPPROTO_IPV6}:member:${value.subarray(0, 16).join(',')}`, isJoin, device);
}

/** A group joined through no device named needs a route to it. */
function change(sk: sock, key: string, isJoin: boolean, device: int): Errno | 0 {
  const joined = sk.options.get(key);
  if (!isJoin) return joined !== undefined && sk.options.delete(key) ? 0 : EADDRNOTAVAIL.because('the socket is no member of the group');
  if (device === 0) return ENODEV.because('no route leads to the group');
  if (joined !== undefined) return EADDRINUSE.because('the socket is a member of the group already');
  sk.options.set(key, device);
  return 0;
}
