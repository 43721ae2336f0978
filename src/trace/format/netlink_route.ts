// Links, addresses, routes and neighbours in NETLINK_ROUTE's messages. strace: src/netlink_route.c, rtnl_link.c, rtnl_addr.c, rtnl_route.c, rtnl_neigh.c. Other messages by their family and bytes.
import * as abi from '../../abi/netlink';
import { AF, AF_INET, AF_INET6 } from '../../abi/socket';
import * as names from '../../abi/netlink_names';
import { findName, type NameTable } from '../../abi/table';
import { choice, flags, named } from './flags';
import { attributesText, rawBytes, string, type AttributeText } from './netlink_attributes';
import type { Printer } from './printer';
import { ipv4, ipv6 } from './inet';
import { hexNumber, quote } from './text';

/** The machine's one device. */
const LOOPBACK_IFINDEX = 1;
const ifindex = (index: number): string => index === LOOPBACK_IFINDEX ? named('1', 'if_nametoindex("lo")') : String(index);

/** A name where there is one. */
const bare = (of: NameTable, value: number): string => findName(of, value) === undefined ? hexNumber(value) : choice(of, value);

const view = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.length);
/** A number of `size` bytes, or what is there. */
const number = (size: 1 | 4, show: (n: number) => string = String): AttributeText => (p, b) => b.length < size ? rawBytes(p, b) : show(size === 1 ? b[0] ?? 0 : view(b).getUint32(0, true));
const u8 = number(1), u32 = number(4), index = number(4, ifindex);
/** MAX_ADDR_LEN. Linux: include/linux/netdevice.h */
const LONGEST_ADDRESS = 32;
const hardware: AttributeText = (p, b) => b.length > LONGEST_ADDRESS ? rawBytes(p, b) : named(quote(b, 'all'), Array.from(b, byte => byte.toString(16).padStart(2, '0')).join(':'));
const address = (family: number): AttributeText => (p, b) => family === AF_INET && b.length >= 4 ? named(quote(b.subarray(0, 4), 'all'), `inet_addr("${ipv4(b, 0)}")`)
  : family === AF_INET6 && b.length >= 16 ? named(quote(b.subarray(0, 16), 'all'), `inet_pton(AF_INET6, "${ipv6(b, 0)}")`) : rawBytes(p, b);
/** Numbers by name; `least` of them must be there. */
const fields = (of: readonly string[], size: 4 | 8, least = of.length): AttributeText => (p, b) => {
  const known = Math.min(of.length, Math.floor(b.length / size));
  return known < least ? rawBytes(p, b) : `{${of.slice(0, known).map((name, i) => `${name}=${size === 4 ? view(b).getUint32(i * 4, true) : view(b).getBigUint64(i * 8, true)}`).join(', ')}}`;
};

const STATS = ['rx_packets', 'tx_packets', 'rx_bytes', 'tx_bytes', 'rx_errors', 'tx_errors', 'rx_dropped', 'tx_dropped', 'multicast', 'collisions', 'rx_length_errors', 'rx_over_errors', 'rx_crc_errors', 'rx_frame_errors', 'rx_fifo_errors',
  'rx_missed_errors', 'tx_aborted_errors', 'tx_carrier_errors', 'tx_fifo_errors', 'tx_heartbeat_errors', 'tx_window_errors', 'rx_compressed', 'tx_compressed', 'rx_nohandler', 'rx_otherhost_dropped'];

const cacheInfo: AttributeText = (p, b) => {
  if (b.length < 32) return rawBytes(p, b);
  const v = view(b), words = ['clntref', 'lastuse', 'expires'].map((name, i) => `rta_${name}=${i === 2 ? v.getInt32(8, true) : v.getUint32(i * 4, true)}`);
  return `{${words.join(', ')}, rta_error=${v.getUint32(12, true)}, rta_used=${v.getUint32(16, true)}, rta_id=${hexNumber(v.getUint32(20, true))}, rta_ts=${v.getUint32(24, true)}, rta_tsage=${v.getUint32(28, true)}}`;
};

const mapText: AttributeText = (p, b) => {
  if (b.length < 28) return rawBytes(p, b);
  const v = view(b), long = (at: number): string => hexNumber(v.getBigUint64(at, true));
  return `{mem_start=${long(0)}, mem_end=${long(8)}, base_addr=${long(16)}, irq=${v.getUint16(24, true)}, dma=${b[26]}, port=${b[27]}}`;
};

const LINK: Readonly<Record<number, AttributeText>> = {
  [abi.IFLA_ADDRESS]: hardware, [abi.IFLA_BROADCAST]: hardware, [abi.IFLA_IFNAME]: string, [abi.IFLA_QDISC]: string, [abi.IFLA_MTU]: u32, [abi.IFLA_TXQLEN]: u32, [abi.IFLA_OPERSTATE]: u8, [abi.IFLA_LINKMODE]: u8, [abi.IFLA_MAP]: mapText,
  [abi.IFLA_STATS]: fields(STATS.slice(0, 24), 4, 23), [abi.IFLA_STATS64]: fields(STATS, 8, 23), [abi.IFLA_GROUP]: u32, [abi.IFLA_PROMISCUITY]: u32, [abi.IFLA_NUM_TX_QUEUES]: u32, [abi.IFLA_NUM_RX_QUEUES]: u32, [abi.IFLA_CARRIER]: u8,
  [abi.IFLA_CARRIER_CHANGES]: u32, [abi.IFLA_PROTO_DOWN]: u8, [abi.IFLA_GSO_MAX_SEGS]: u32, [abi.IFLA_GSO_MAX_SIZE]: u32, [abi.IFLA_CARRIER_UP_COUNT]: u32, [abi.IFLA_CARRIER_DOWN_COUNT]: u32, [abi.IFLA_MIN_MTU]: u32, [abi.IFLA_MAX_MTU]: u32,
  58: u32, 59: u32, 60: u32, 61: u32,
  [abi.IFLA_XDP]: (p, b) => attributesText(p, b, names.IFLA_XDP_NAMES, { [abi.IFLA_XDP_ATTACHED]: number(1, n => choice(names.XDP_ATTACHED, n)) }),
};

/** A struct in its form, or abbreviated where the message is shorter; attributes behind it. */
function withAttributes(p: Printer, b: Uint8Array, size: number, head: string, rest: () => string, attributes: (b: Uint8Array) => string): string {
  if (b.length < size) return `{${head}, ...}`;
  const text = `{${head}, ${rest()}}`;
  return b.length > size ? `${text}, ${attributes(b.subarray(size))}` : text;
}

/** What stands behind the header of a message of `type`. */
export function routePayload(p: Printer, type: number, b: Uint8Array): string {
  const family = b[0] ?? 0, familyName = choice(AF, family), v = view(b);
  switch (type & ~3) {
    case abi.RTM_NEWLINK: return withAttributes(p, b, 16, `ifi_family=${familyName}`,
      () => `ifi_type=${choice(names.ARPHRD, v.getUint16(2, true))}, ifi_index=${ifindex(v.getInt32(4, true))}, ifi_flags=${flags(names.IFF, v.getUint32(8, true))}, ifi_change=${hexNumber(v.getUint32(12, true))}`,
      rest => attributesText(p, rest, names.IFLA, LINK));
    case abi.RTM_NEWADDR: return withAttributes(p, b, 8, `ifa_family=${familyName}`,
      () => `ifa_prefixlen=${b[1]}, ifa_flags=${flags(names.IFA_F, b[2] ?? 0)}, ifa_scope=${bare(names.RT_SCOPE, b[3] ?? 0)}, ifa_index=${ifindex(v.getUint32(4, true))}`,
      rest => attributesText(p, rest, names.IFA, {
        [abi.IFA_ADDRESS]: address(family), [abi.IFA_LOCAL]: address(family), [abi.IFA_LABEL]: string, [abi.IFA_CACHEINFO]: fields(['ifa_prefered', 'ifa_valid', 'cstamp', 'tstamp'], 4), [abi.IFA_FLAGS]: number(4, n => flags(names.IFA_F, n)), 4: address(family), 5: address(family),
      }));
    case abi.RTM_NEWROUTE: return withAttributes(p, b, 12, `rtm_family=${familyName}`,
      () => `rtm_dst_len=${b[1]}, rtm_src_len=${b[2]}, rtm_tos=${flags(names.IPTOS, b[3] ?? 0)}, rtm_table=${bare(names.RT_TABLE, b[4] ?? 0)}, rtm_protocol=${choice(names.RTPROT, b[5] ?? 0)}, rtm_scope=${bare(names.RT_SCOPE, b[6] ?? 0)}, `
        + `rtm_type=${choice(names.RTN, b[7] ?? 0)}, rtm_flags=${flags(names.RTM_F, v.getUint32(8, true))}`,
      rest => attributesText(p, rest, names.RTA, {
        [abi.RTA_DST]: address(family), 2: address(family), 3: index, [abi.RTA_OIF]: index, 5: address(family), [abi.RTA_PRIORITY]: u32, [abi.RTA_PREFSRC]: address(family), [abi.RTA_TABLE]: number(4, n => bare(names.RT_TABLE, n)), [abi.RTA_PREF]: u8, [abi.RTA_UID]: u32,
        [abi.RTA_CACHEINFO]: cacheInfo,
      }));
    case names.RTM.values.RTM_NEWNEIGH: return withAttributes(p, b, 12, `ndm_family=${familyName}`,
      () => `ndm_ifindex=${ifindex(v.getInt32(4, true))}, ndm_state=${flags(names.NUD, v.getUint16(8, true))}, ndm_flags=${flags(names.NTF, b[10] ?? 0)}, ndm_type=${choice(names.RTN, b[11] ?? 0)}`,
      rest => attributesText(p, rest, names.NDA, { 1: address(family), 2: hardware, 4: u32 }));
    default: return b.length === 1 ? `{family=${familyName}}` : `{family=${familyName}, data=${rawBytes(p, b.subarray(1))}}`;
  }
}
