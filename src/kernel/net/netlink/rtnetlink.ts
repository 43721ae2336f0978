// What NETLINK_ROUTE tells of a machine whose one device is the loopback: its link, its addresses, its routes and rules, as getifaddrs, getaddrinfo and ip ask. Linux: net/core/rtnetlink.c, net/ipv4/devinet.c,
// fib_frontend.c, route.c, net/ipv6/addrconf.c, route.c, net/core/fib_rules.c. Differs: devices, addresses and routes are not changed, nothing is counted.
import type { int, u32, u8 } from '../../../abi/c_types';
import { EINVAL, ENETUNREACH, ENODEV, EOPNOTSUPP, EPERM, type Errno } from '../../../abi/errno';
import * as nl from '../../../abi/netlink';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../../abi/socket';
import { current } from '../../state';
import { attribute, byte, dump, find_attribute, isDump, join, reply, text, word, type Answer, type nlmsg } from './messages';

export const LOOPBACK_IFINDEX = 1, LOOPBACK_MTU = 65536, TX_QUEUE = 1000;
const ARPHRD_LOOPBACK = 772, STATS64_BYTES = 200, STATS_BYTES = 96, MAP_BYTES = 32;
/** IFF_UP, IFF_LOOPBACK, IFF_RUNNING, IFF_LOWER_UP */
export const LOOPBACK_FLAGS = 0x10049;
/** struct ifinfomsg, ifaddrmsg, rtmsg, fib_rule_hdr, ndmsg */
const IFINFOMSG = 16, IFADDRMSG = 8, RTMSG = 12;
const LOCALHOST = Uint8Array.of(127, 0, 0, 1), LOCALHOST6 = new Uint8Array(16).fill(1, 15);

const words = (...values: u32[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);

/** struct ifinfomsg and what programs read of the link. */
function link(): Uint8Array[] {
  const info = new Uint8Array(IFINFOMSG), view = new DataView(info.buffer);
  view.setUint16(2, ARPHRD_LOOPBACK, true);
  view.setInt32(4, LOOPBACK_IFINDEX, true);
  view.setUint32(8, LOOPBACK_FLAGS, true);
  return [
    info, attribute(nl.IFLA_IFNAME, text('lo')), attribute(nl.IFLA_TXQLEN, word(TX_QUEUE)), attribute(nl.IFLA_OPERSTATE, byte(0)), attribute(nl.IFLA_LINKMODE, byte(0)), attribute(nl.IFLA_MTU, word(LOOPBACK_MTU)),
    attribute(nl.IFLA_MIN_MTU, word(0)), attribute(nl.IFLA_MAX_MTU, word(0)), attribute(nl.IFLA_GROUP, word(0)), attribute(nl.IFLA_PROMISCUITY, word(0)), attribute(nl.IFLA_NUM_TX_QUEUES, word(1)),
    attribute(nl.IFLA_GSO_MAX_SEGS, word(65535)), attribute(nl.IFLA_GSO_MAX_SIZE, word(65536)), attribute(nl.IFLA_NUM_RX_QUEUES, word(1)), attribute(nl.IFLA_CARRIER, byte(1)), attribute(nl.IFLA_CARRIER_CHANGES, word(0)),
    attribute(nl.IFLA_CARRIER_UP_COUNT, word(0)), attribute(nl.IFLA_CARRIER_DOWN_COUNT, word(0)), attribute(nl.IFLA_PROTO_DOWN, byte(0)), attribute(nl.IFLA_ADDRESS, new Uint8Array(6)), attribute(nl.IFLA_BROADCAST, new Uint8Array(6)),
    attribute(nl.IFLA_STATS64, new Uint8Array(STATS64_BYTES)), attribute(nl.IFLA_STATS, new Uint8Array(STATS_BYTES)), attribute(nl.IFLA_XDP, join([attribute(nl.IFLA_XDP_ATTACHED, byte(0))])), attribute(nl.IFLA_QDISC, text('noqueue')),
    attribute(nl.IFLA_MAP, new Uint8Array(MAP_BYTES)),
  ];
}

/** struct ifaddrmsg and the address: of IPv4 with its label. */
function address(family: u8): Uint8Array[] {
  const isFour = family === AF_INET, value = isFour ? LOCALHOST : LOCALHOST6;
  const info = new Uint8Array(IFADDRMSG);
  info.set([family, isFour ? 8 : 128, nl.IFA_F_PERMANENT, nl.RT_SCOPE_HOST]);
  new DataView(info.buffer).setUint32(4, LOOPBACK_IFINDEX, true);
  const lifetime = attribute(nl.IFA_CACHEINFO, words(0xffffffff, 0xffffffff, 0, 0)), flags = attribute(nl.IFA_FLAGS, word(nl.IFA_F_PERMANENT)), where = attribute(nl.IFA_ADDRESS, value);
  return isFour ? [info, where, attribute(nl.IFA_LOCAL, value), attribute(nl.IFA_LABEL, text('lo')), flags, lifetime] : [info, where, lifetime, flags, attribute(nl.IFA_PROTO, byte(nl.IFAPROT_KERNEL_LO))];
}

/** What a question brings is a copy of a route, and names the table main. */
function rtmsg(family: u8, length: u8, scope: u8, type: u8, flags: u32): Uint8Array {
  const bytes = new Uint8Array(RTMSG);
  bytes.set([family, length, 0, 0, flags === 0 ? nl.RT_TABLE_LOCAL : nl.RT_TABLE_MAIN, flags === 0 ? nl.RTPROT_KERNEL : 0, scope, type]);
  new DataView(bytes.buffer).setUint32(8, flags, true);
  return bytes;
}

/** A route of the table local, the only one that has any. */
const local_route = (length: u8, scope: u8, type: u8, to: Uint8Array): Uint8Array[] => [
  rtmsg(AF_INET, length, scope, type, 0), attribute(nl.RTA_TABLE, word(nl.RT_TABLE_LOCAL)), attribute(nl.RTA_DST, to), attribute(nl.RTA_PREFSRC, LOCALHOST), attribute(nl.RTA_OIF, word(LOOPBACK_IFINDEX)),
];

function routes(family: u8): Uint8Array[][] {
  const four = family === AF_INET6 ? [] : [
    local_route(8, nl.RT_SCOPE_HOST, nl.RTN_LOCAL, Uint8Array.of(127, 0, 0, 0)), local_route(32, nl.RT_SCOPE_HOST, nl.RTN_LOCAL, LOCALHOST), local_route(32, nl.RT_SCOPE_LINK, nl.RTN_BROADCAST, Uint8Array.of(127, 255, 255, 255)),
  ];
  return family === AF_INET ? four : [...four, [
    rtmsg(AF_INET6, 128, nl.RT_SCOPE_UNIVERSE, nl.RTN_LOCAL, 0), attribute(nl.RTA_TABLE, word(nl.RT_TABLE_LOCAL)), attribute(nl.RTA_DST, LOCALHOST6), attribute(nl.RTA_PRIORITY, word(0)), attribute(nl.RTA_OIF, word(LOOPBACK_IFINDEX)),
    attribute(nl.RTA_CACHEINFO, new Uint8Array(32)), attribute(nl.RTA_PREF, byte(0)),
  ]];
}

function getroute(request: nlmsg, family: u8): Answer {
  if (isDump(request)) {
    const asked = find_attribute(request.body, RTMSG, nl.RTA_TABLE), table = asked && asked.length >= 4 ? new DataView(asked.buffer, asked.byteOffset).getUint32(0, true) : request.body[4] ?? 0;
    const isAsked = !request.isStrict || table === 0 || table === nl.RT_TABLE_LOCAL;
    return dump(request, (isAsked ? routes(family) : []).map(route => reply(request, nl.RTM_NEWROUTE, route)));
  }
  if (request.body.length < RTMSG) return EINVAL.because('the message is shorter than a struct rtmsg');
  const isFour = family === AF_INET, to = find_attribute(request.body, RTMSG, nl.RTA_DST);
  if (!to || to.length < (isFour ? 4 : 16)) return isFour && !to ? EINVAL.because('the address that the route leads to is missing') : EINVAL.because('the address is too short');
  const isLocal = isFour ? to[0] === 127 : to.slice(0, 16).every((one, i) => one === LOCALHOST6[i]);
  if (!isLocal) return ENETUNREACH.because('the machine\'s network is its loopback device');
  return [reply(request, nl.RTM_NEWROUTE, [
    rtmsg(family, isFour ? 32 : 128, nl.RT_SCOPE_UNIVERSE, nl.RTN_LOCAL, isFour ? nl.RTM_F_CLONED | 0x80000000 : nl.RTM_F_CLONED), attribute(nl.RTA_TABLE, word(nl.RT_TABLE_MAIN)), attribute(nl.RTA_DST, to.slice(0, isFour ? 4 : 16)),
    attribute(nl.RTA_OIF, word(LOOPBACK_IFINDEX)), attribute(nl.RTA_PREFSRC, isFour ? LOCALHOST : LOCALHOST6), attribute(nl.RTA_UID, word(current().cred.uid)), attribute(nl.RTA_CACHEINFO, new Uint8Array(32)),
  ])];
}

/** Which tables are looked at, in their order: local, main, and for IPv4 default. */
function rules(family: u8): Uint8Array[][] {
  const one = (of: u8, table: u8, priority: u32): Uint8Array[] => [
    Uint8Array.of(of, 0, 0, 0, table, 0, 0, nl.FR_ACT_TO_TBL, 0, 0, 0, 0), attribute(nl.FRA_TABLE, word(table)), attribute(nl.FRA_SUPPRESS_PREFIXLEN, word(0xffffffff)), attribute(nl.FRA_PROTOCOL, byte(nl.RTPROT_KERNEL)),
    ...(priority === 0 ? [] : [attribute(nl.FRA_PRIORITY, word(priority))]),
  ];
  const four = [one(AF_INET, nl.RT_TABLE_LOCAL, 0), one(AF_INET, nl.RT_TABLE_MAIN, 32766), one(AF_INET, nl.RT_TABLE_DEFAULT, 32767)], six = [one(AF_INET6, nl.RT_TABLE_LOCAL, 0), one(AF_INET6, nl.RT_TABLE_MAIN, 32766)];
  return family === AF_INET ? four : family === AF_INET6 ? six : [...four, ...six];
}

function getlink(request: nlmsg, family: u8): Answer {
  if (isDump(request)) return dump(request, family === AF_UNSPEC || family === AF_INET || family === AF_INET6 || request.body.length < IFINFOMSG ? [reply(request, nl.RTM_NEWLINK, link())] : []);
  if (request.body.length < IFINFOMSG) return EINVAL.because('the message is shorter than a struct ifinfomsg');
  const index: int = new DataView(request.body.buffer, request.body.byteOffset).getInt32(4, true), name = find_attribute(request.body, IFINFOMSG, nl.IFLA_IFNAME);
  if (index <= 0 && !name) return EINVAL.because('neither a number nor a name is given');
  const isLoopback = index > 0 ? index === LOOPBACK_IFINDEX : String.fromCharCode(...name ?? []).replace(/\0.*$/s, '') === 'lo';
  return isLoopback ? [reply(request, nl.RTM_NEWLINK, link())] : ENODEV.because('the machine has the device lo only');
}

const noDump = (): Errno => EOPNOTSUPP.because('the question can be asked of all only');

/** Linux: net/core/rtnetlink.c:rtnetlink_rcv_msg() */
export function rtnetlink_rcv_msg(request: nlmsg): Answer {
  const { type, body } = request, family = body[0] ?? AF_UNSPEC;
  if (type > nl.RTM_LAST) return EOPNOTSUPP.because(`there is no message ${type}`);
  if (body.length < 1) return [];
  // Of each four messages the third asks; the others change something.
  if ((type & 3) !== (nl.RTM_GETLINK & 3)) return EPERM.because('the network is not configured from inside');
  switch (type) {
    case nl.RTM_GETLINK: return getlink(request, family);
    case nl.RTM_GETADDR: {
      if (!isDump(request)) return family === AF_INET6 ? EINVAL.because('the address is missing') : noDump();
      const families = [AF_INET, AF_INET6].filter(one => family === AF_UNSPEC || family === one);
      return dump(request, families.map(one => reply(request, nl.RTM_NEWADDR, address(one))));
    }
    case nl.RTM_GETROUTE: return getroute(request, family);
    case nl.RTM_GETRULE: return isDump(request) ? dump(request, rules(family).map(rule => reply(request, nl.RTM_NEWRULE, rule))) : noDump();
    case nl.RTM_GETNEIGH: case nl.RTM_GETQDISC: case nl.RTM_GETADDRLABEL: case nl.RTM_GETNETCONF: return isDump(request) ? dump(request, []) : EINVAL.because('what is asked for is missing');
    case nl.RTM_GETNSID: return isDump(request) ? dump(request, []) : EINVAL.because('no namespace is named');
    default: return isDump(request) ? dump(request, []) : EOPNOTSUPP.because(`message ${type} is not simulated`);
  }
}
