// The values of socket options. strace: src/net.c (print_setsockopt, print_getsockopt).
import { NETLINK_OPTIONS } from '../../abi/netlink';
import * as abi from '../../abi/socket';
import { readNumber } from '../../abi/struct';
import { table, tableLike, type NameTable } from '../../abi/table';
import { choice, named } from './flags';
import { ipv4, ipv6 } from './inet';
import { kindText } from './kinds';
import type { Printer } from './printer';
import { sockaddrText } from './socket';
import { quote } from './text';

const PACKET = table('PACKET_???', () => ({
  PACKET_ADD_MEMBERSHIP: 1, PACKET_DROP_MEMBERSHIP: 2, PACKET_RECV_OUTPUT: 3, PACKET_RX_RING: 5, PACKET_STATISTICS: 6, PACKET_COPY_THRESH: 7, PACKET_AUXDATA: 8, PACKET_ORIGDEV: 9, PACKET_VERSION: 10, PACKET_HDRLEN: 11, PACKET_RESERVE: 12,
  PACKET_TX_RING: 13, PACKET_LOSS: 14, PACKET_VNET_HDR: 15, PACKET_TX_TIMESTAMP: 16, PACKET_TIMESTAMP: 17, PACKET_FANOUT: 18, PACKET_TX_HAS_OFF: 19, PACKET_QDISC_BYPASS: 20, PACKET_ROLLOVER_STATS: 21, PACKET_FANOUT_DATA: 22, PACKET_IGNORE_OUTGOING: 23,
}));
const PACKET_MR = table('PACKET_MR_???', () => ({ PACKET_MR_MULTICAST: 0, PACKET_MR_PROMISC: 1, PACKET_MR_ALLMULTI: 2, PACKET_MR_UNICAST: 3 }));
const TXREHASH = table('SOCK_TXREHASH_???', () => ({ SOCK_TXREHASH_DISABLED: 0, SOCK_TXREHASH_ENABLED: 1, SOCK_TXREHASH_DEFAULT: 255 }));

const OPTION_NAMES: Readonly<Record<number, NameTable>> = {
  [abi.SOL_SOCKET]: abi.SO, [abi.SOL_IP]: abi.IP, [abi.SOL_IPV6]: abi.IPV6, [abi.SOL_TCP]: abi.TCP, [abi.SOL_UDP]: abi.UDP, [abi.SOL_NETLINK]: NETLINK_OPTIONS, [abi.SOL_PACKET]: PACKET,
  [abi.SOL_TLS]: table('TLS_???', () => ({ TLS_TX: 1, TLS_RX: 2 })), [abi.SOL_RAW]: table('RAW_???', () => ({ ICMP_FILTER: 1 })),
};

/** Those that netfilter sets, beside the level's own. */
const NETFILTER: Readonly<Record<number, NameTable>> = {
  [abi.SOL_IP]: tableLike(abi.IP, all => [...all, ['IPT_SO_SET_REPLACE', 64], ['IPT_SO_SET_ADD_COUNTERS', 65]]), [abi.SOL_IPV6]: tableLike(abi.IPV6, all => [...all, ['IP6T_SO_SET_REPLACE', 64], ['IP6T_SO_SET_ADD_COUNTERS', 65]]),
};

/** The names of a level's options. */
export const optionNames = (level: number, isSet: boolean): NameTable | undefined => (isSet ? NETFILTER[level] : undefined) ?? OPTION_NAMES[level];

/** Options of SOL_SOCKET that are ints, however long they are said to be; the others are bytes where they have not four of them. */
const INTS = 'DEBUG REUSEADDR DONTROUTE BROADCAST SNDBUF RCVBUF KEEPALIVE OOBINLINE NO_CHECK PRIORITY BSDCOMPAT REUSEPORT PASSCRED RCVLOWAT SNDLOWAT DETACH_FILTER TIMESTAMP_OLD ACCEPTCONN SNDBUFFORCE RCVBUFFORCE PASSSEC TIMESTAMPNS_OLD MARK TIMESTAMPING_OLD RXQ_OVFL WIFI_STATUS PEEK_OFF NOFCS LOCK_FILTER SELECT_ERR_QUEUE BUSY_POLL INCOMING_CPU CNX_ADVICE INCOMING_NAPI_ID ZEROCOPY TIMESTAMP_NEW TIMESTAMPNS_NEW TIMESTAMPING_NEW DETACH_REUSEPORT_BPF PREFER_BUSY_POLL BUSY_POLL_BUDGET RESERVE_MEM TXREHASH RCVMARK';
let ints: Set<number> | undefined;
const isInt = (option: number): boolean => (ints ??= new Set(INTS.split(' ').map(name => abi.SO.entries.find(([full]) => full === `SO_${name}`)?.[1] ?? -1))).has(option);

/** An option that is a struct of `size` bytes; where it is said to be shorter, or with `isExact` longer, its address is shown. */
interface OptionStruct { readonly size: number; readonly isExact?: boolean; readonly show: (b: Uint8Array, p: Printer) => string }

const u32 = (b: Uint8Array, at: number): number => readNumber(b, at, 'u32');
const ifindex = (index: number): string => index === 1 ? named('1', 'if_nametoindex("lo")') : String(index);
const inet = (b: Uint8Array, at: number): string => named(quote(b.subarray(at, at + 4), 'all'), `inet_addr("${ipv4(b, at)}")`);
const multicast: OptionStruct = { size: 8, show: b => `{imr_multiaddr=${inet(b, 0)}, imr_interface=${inet(b, 4)}}` };
const membership: OptionStruct = {
  size: 20,
  show(b) {
    const call = `inet_pton(AF_INET6, "${ipv6(b, 0)}"`, raw = `ipv6mr_multiaddr=${quote(b.subarray(0, 16), 'all')}`, address = named(raw, `${call})`);
    return `{${address === `${call})` ? `${call}, &ipv6mr_multiaddr)` : address}, ipv6mr_interface=${ifindex(u32(b, 16))}}`;
  },
};
const ring: OptionStruct = { size: 16, isExact: true, show: b => `{${['tp_block_size', 'tp_block_nr', 'tp_frame_size', 'tp_frame_nr'].map((name, i) => `${name}=${u32(b, i * 4)}`).join(', ')}}` };
const packetMembership: OptionStruct = {
  size: 16, isExact: true,
  show: b => `{mr_ifindex=${ifindex(u32(b, 0))}, mr_type=${choice(PACKET_MR, readNumber(b, 4, 'u16'))}, mr_alen=${readNumber(b, 6, 'u16')}, mr_address=${Array.from(b.subarray(8, 8 + Math.min(8, readNumber(b, 6, 'u16'))), byte => byte.toString(16).padStart(2, '0')).join(':')}}`,
};
const linger: OptionStruct = { size: 8, show: b => `{l_onoff=${readNumber(b, 0, 's32')}, l_linger=${readNumber(b, 4, 's32')}}` };
const group: OptionStruct = { size: 136, show: (b, p) => `{gr_interface=${ifindex(u32(b, 0))}, gr_group=${sockaddrText(p, p.num(3) + 8, 128)}}` };
const filter: OptionStruct = { size: 16, isExact: true, show: (_b, p) => kindText('fprog', p, 3) };
const int: OptionStruct = { size: 4, show: b => `[${readNumber(b, 0, 's32')}]` };

const SO_ATTACH_FILTER = 26, SO_TXREHASH = 74, IP_ADD_MEMBERSHIP = 35, IP_DROP_MEMBERSHIP = 36, IPV6_ADD_MEMBERSHIP = 20, IPV6_DROP_MEMBERSHIP = 21, IPV6_JOIN_ANYCAST = 27, IPV6_LEAVE_ANYCAST = 28, MCAST_JOIN_GROUP = 42, MCAST_LEAVE_GROUP = 45;

const SET: Readonly<Record<number, Readonly<Record<number, OptionStruct>>>> = {
  [abi.SOL_SOCKET]: { [abi.SO_LINGER]: linger, [SO_ATTACH_FILTER]: filter, [abi.SO_ATTACH_REUSEPORT_CBPF]: filter, [SO_TXREHASH]: { size: 4, show: b => `[${choice(TXREHASH, u32(b, 0))}]` } },
  [abi.SOL_IP]: { [IP_ADD_MEMBERSHIP]: multicast, [IP_DROP_MEMBERSHIP]: multicast, [MCAST_JOIN_GROUP]: group, [MCAST_LEAVE_GROUP]: group },
  [abi.SOL_IPV6]: {
    [IPV6_ADD_MEMBERSHIP]: membership, [IPV6_DROP_MEMBERSHIP]: membership, [IPV6_JOIN_ANYCAST]: membership, [IPV6_LEAVE_ANYCAST]: membership, [MCAST_JOIN_GROUP]: group, [MCAST_LEAVE_GROUP]: group,
  },
  [abi.SOL_PACKET]: { 1: packetMembership, 2: packetMembership, 5: ring, 13: ring },
};

/** What setsockopt is given: bytes, an int where there are four, or what the option is. */
export function setOptionText(p: Printer, length: number): string {
  const at = p.num(3), level = p.int(1), option = p.int(2);
  if (at === 0) return 'NULL';
  if (!p.options.dereferences) return p.hexAddress(at);
  const struct = SET[level]?.[option] ?? (level === abi.SOL_SOCKET && isInt(option) || level === abi.SOL_NETLINK ? int : undefined);
  if (struct) {
    const b = length < struct.size || struct.isExact && length !== struct.size ? null : p.read(at, struct.size);
    return b ? struct.show(b, p) : p.address(3);
  }
  return plainText(p, at, length);
}

/** What getsockopt has answered. */
export function gotOptionText(p: Printer, length: number): string {
  const at = p.num(3), isSocket = p.int(1) === abi.SOL_SOCKET, option = p.int(2);
  if (at === 0) return 'NULL';
  if (isSocket && option === abi.SO_LINGER) {
    const b = length >= linger.size ? p.read(at, linger.size) : null;
    return b ? linger.show(b, p) : p.address(3);
  }
  if (isSocket && option === abi.SO_PEERCRED && length >= 12) {
    const b = p.read(at, 12);
    return b ? `{pid=${p.process(readNumber(b, 0, 's32'))}, uid=${u32(b, 4)}, gid=${u32(b, 8)}}` : p.address(3);
  }
  if (isSocket && option === abi.SO_BINDTODEVICE) return length === 0 ? p.address(3) : p.bytes(at, length < 0 ? length >>> 0 : length);
  return plainText(p, at, length);
}

function plainText(p: Printer, at: number, length: number): string {
  if (length !== int.size) return p.bytes(at, length < 0 ? length >>> 0 : length);
  const b = p.read(at, int.size);
  return b ? int.show(b, p) : p.address(3);
}
