// What NETLINK_ROUTE tells of a machine whose one device is the loopback: its link and its addresses, as getifaddrs and getaddrinfo ask. Linux: net/core/rtnetlink.c, net/ipv4/devinet.c, net/ipv6/addrconf.c.
import { latin1 } from '../../../base/text';
import type { int, u16, u32, u8 } from '../../../abi/c_types';
import { EOPNOTSUPP } from '../../../abi/errno';
import * as nl from '../../../abi/netlink';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../../abi/socket';

export const LOOPBACK_IFINDEX = 1, LOOPBACK_MTU = 65536, TX_QUEUE = 1000;
const ARPHRD_LOOPBACK = 772;
/** IFF_UP, IFF_LOOPBACK, IFF_RUNNING, IFF_LOWER_UP */
export const LOOPBACK_FLAGS = 0x10049;

const aligned = (length: number): number => Math.ceil(length / 4) * 4;
const text = (value: string): Uint8Array => latin1(`${value}\0`);
const word = (value: u32): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
const join = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + aligned(part.length), 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += aligned(part.length);
  }
  return whole;
};

function attribute(type: u16, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + value.length);
  new Uint16Array(bytes.buffer, 0, 2).set([bytes.length, type]);
  bytes.set(value, 4);
  return bytes;
}

/** A message for `portid` in answer to number `seq`. */
function message(type: u16, flags: u16, seq: u32, portid: u32, payload: readonly Uint8Array[]): Uint8Array {
  const body = join(payload), bytes = new Uint8Array(nl.NLMSG_HDRLEN + body.length), view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, seq, true);
  view.setUint32(12, portid, true);
  bytes.set(body, nl.NLMSG_HDRLEN);
  return bytes;
}

/** struct ifinfomsg and what programs read of the link. */
function link(): Uint8Array[] {
  const info = new Uint8Array(16), view = new DataView(info.buffer);
  view.setUint16(2, ARPHRD_LOOPBACK, true);
  view.setInt32(4, LOOPBACK_IFINDEX, true);
  view.setUint32(8, LOOPBACK_FLAGS, true);
  return [
    info, attribute(nl.IFLA_IFNAME, text('lo')), attribute(nl.IFLA_TXQLEN, word(TX_QUEUE)), attribute(nl.IFLA_OPERSTATE, Uint8Array.of(0)), attribute(nl.IFLA_LINKMODE, Uint8Array.of(0)),
    attribute(nl.IFLA_MTU, word(LOOPBACK_MTU)), attribute(nl.IFLA_QDISC, text('noqueue')), attribute(nl.IFLA_ADDRESS, new Uint8Array(6)), attribute(nl.IFLA_BROADCAST, new Uint8Array(6)),
  ];
}

/** struct ifaddrmsg and the address: of IPv4 with its label. */
function address(family: u8): Uint8Array[] {
  const isFour = family === AF_INET, value = isFour ? Uint8Array.of(127, 0, 0, 1) : new Uint8Array(16).fill(1, 15);
  const info = new Uint8Array(8);
  info.set([family, isFour ? 8 : 128, nl.IFA_F_PERMANENT, nl.RT_SCOPE_HOST]);
  new DataView(info.buffer).setUint32(4, LOOPBACK_IFINDEX, true);
  const lifetime = new Uint8Array(Uint32Array.of(0xffffffff, 0xffffffff, 0, 0).buffer);
  return [
    info, attribute(nl.IFA_ADDRESS, value), ...(isFour ? [attribute(nl.IFA_LOCAL, value), attribute(nl.IFA_LABEL, text('lo'))] : []), attribute(nl.IFA_CACHEINFO, lifetime),
    attribute(nl.IFA_FLAGS, word(nl.IFA_F_PERMANENT)),
  ];
}

/** The datagrams that answer one request; `family` is the first byte behind its header. Linux: rtnetlink_rcv_msg() */
export function rtnetlink_answer(request: Uint8Array, portid: u32): Uint8Array[] {
  const view = new DataView(request.buffer, request.byteOffset, request.byteLength);
  const type = view.getUint16(4, true), flags = view.getUint16(6, true), seq = view.getUint32(8, true), family = request[nl.NLMSG_HDRLEN] ?? AF_UNSPEC;
  if ((flags & nl.NLM_F_REQUEST) === 0 || type < nl.NLMSG_MIN_TYPE) return [];
  const isDump = (flags & nl.NLM_F_DUMP) === nl.NLM_F_DUMP, multi = isDump ? nl.NLM_F_MULTI : 0;
  const done = message(nl.NLMSG_DONE, nl.NLM_F_MULTI, seq, portid, [word(0)]);
  if (type === nl.RTM_GETLINK) {
    const told = message(nl.RTM_NEWLINK, multi, seq, portid, link());
    return isDump ? [told, done] : [told];
  }
  if (type === nl.RTM_GETADDR && isDump) {
    const families = [AF_INET, AF_INET6].filter(one => family === AF_UNSPEC || family === one);
    return [join(families.map(one => message(nl.RTM_NEWADDR, multi, seq, portid, address(one)))), done].filter(part => part.length > 0);
  }
  if (type === nl.RTM_GETROUTE && isDump) return [done];
  return [acknowledge(-EOPNOTSUPP.number, request, seq, portid)];
}

/** NLMSG_ERROR with the header of what it answers. */
function acknowledge(error: int, request: Uint8Array, seq: u32, portid: u32): Uint8Array {
  return message(nl.NLMSG_ERROR, 0, seq, portid, [new Uint8Array(Int32Array.of(error).buffer), request.slice(0, nl.NLMSG_HDRLEN)]);
}
