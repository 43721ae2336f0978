// Socket addresses, message headers, control messages. strace: src/sockaddr.c, src/msghdr.c.
import { compat_cmsghdr, compat_msghdr, convertStruct } from '../../abi/compat';
import * as abi from '../../abi/socket';
import { ARPHRD } from '../../abi/netlink_names';
import { readNumber } from '../../abi/struct';
import { findName, table } from '../../abi/table';
import { choice, flags, inStyle, named } from './flags';
import type { Printer } from './printer';
import type { Format } from './scalars';
import { be16, be32, ipv4, ipv6 } from './inet';
import { iovText } from './io';
import { netlinkText } from './netlink';
import { bytesOf, hexNumber, quote } from './text';
import { timevalText } from './time';

/** Bytes in the order of the network, as -X raw shows them. */
const raw = (b: Uint8Array, at: number, length: number): string => quote(b.subarray(at, at + length), 'all');
const portText = (b: Uint8Array, at: number): string => named(raw(b, at, 2), `htons(${be16(b, at)})`);

const VMADDR_CID = table('VMADDR_CID_???', () => ({ VMADDR_CID_HYPERVISOR: 0, VMADDR_CID_LOCAL: 1, VMADDR_CID_HOST: 2 }));
const VMADDR_FLAGS = table('VMADDR_FLAG_???', () => ({ VMADDR_FLAG_TO_HOST: 1 }));
const ETH_P = table('ETH_P_???', () => ({ ETH_P_ALL: 3, ETH_P_IP: 0x800, ETH_P_ARP: 0x806, ETH_P_8021Q: 0x8100, ETH_P_IPV6: 0x86dd }));
const PACKET_TYPES = table('PACKET_???', () => ({ PACKET_HOST: 0, PACKET_BROADCAST: 1, PACKET_MULTICAST: 2, PACKET_OTHERHOST: 3, PACKET_OUTGOING: 4, PACKET_LOOPBACK: 5, PACKET_USER: 6, PACKET_KERNEL: 7 }));

/** A sockaddr of `length` bytes. */
export function sockaddrText(p: Printer, at: number, length: number): string {
  if (at === 0) return 'NULL';
  if (length < 2) return p.hexAddress(at);
  const b = p.read(at, Math.min(length, 128));
  if (!b) return p.hexAddress(at);
  const family = (b[0] ?? 0) | ((b[1] ?? 0) << 8);
  const head = `{sa_family=${choice(abi.AF, family)}`;
  if (family === abi.AF_UNIX && b.length > 2) {
    const path = b.subarray(2, Math.min(b.length, 110));
    if (path[0] === 0) return `${head}, sun_path=@${p.quoted(path.subarray(1))}}`;
    const end = path.indexOf(0);
    return `${head}, sun_path=${p.quoted(end < 0 ? path : path.subarray(0, end))}}`;
  }
  if (family === abi.AF_INET && b.length >= 16) return `${head}, sin_port=${portText(b, 2)}, sin_addr=${named(raw(b, 4, 4), `inet_addr(${p.quoted(bytesOf(ipv4(b, 4)))})`)}}`;
  if (family === abi.AF_INET6 && b.length >= 24) {
    const scope = b.length >= 28 ? `, sin6_scope_id=${p.field(abi.sockaddr_in6, b, 'sin6_scope_id')}` : '';
    const text = p.quoted(bytesOf(ipv6(b, 8))), call = `inet_pton(AF_INET6, ${text}`;
    const address = named(`sin6_addr=${raw(b, 8, 16)}`, `${call})`), plain = address === `${call})` ? `${call}, &sin6_addr)` : address;
    return `${head}, sin6_port=${portText(b, 2)}, sin6_flowinfo=${named(raw(b, 4, 4), `htonl(${be32(b, 4)})`)}, ${plain}${scope}}`;
  }
  if (family === abi.AF_NETLINK && b.length >= 12) {
    const groups = p.field(abi.sockaddr_nl, b, 'nl_groups');
    const pad = readNumber(b, 2, 'u16');
    return `${head}${pad === 0 ? '' : `, nl_pad=${hexNumber(pad)}`}, nl_pid=${p.field(abi.sockaddr_nl, b, 'nl_pid')}, nl_groups=${groups === 0 ? '00000000' : `0x${groups.toString(16).padStart(6, '0')}`}}`;
  }
  if (family === abi.AF_VSOCK && b.length >= 16) {
    const word = (at: number): number => readNumber(b, at, 'u32'), reserved = readNumber(b, 2, 'u16'), zero = b.subarray(13, 16);
    return `${head}${reserved === 0 ? '' : `, svm_reserved1=${hexNumber(reserved)}`}, svm_cid=${findName(VMADDR_CID, word(8)) === undefined ? hexNumber(word(8)) : choice(VMADDR_CID, word(8))}, svm_port=${hexNumber(word(4))}, svm_flags=${flags(VMADDR_FLAGS, b[12] ?? 0)}${zero.some(byte => byte !== 0) ? `, svm_zero=${quote(zero, 'all')}` : ''}}`;
  }
  if (family === abi.AF_PACKET && b.length >= 20) {
    const length = b[11] ?? 0, shown = Math.min(length, b.length - 12), index = readNumber(b, 4, 's32'), bytes = Array.from(b.subarray(12, 12 + shown), byte => `0x${byte.toString(16).padStart(2, '0')}`).join(', ');
    return `${head}, sll_protocol=${named(raw(b, 2, 2), inStyle('abbrev', () => `htons(${choice(ETH_P, be16(b, 2))})`))}, sll_ifindex=${index === LOOPBACK_IFINDEX ? named('1', 'if_nametoindex("lo")') : index}, sll_hatype=${choice(ARPHRD, readNumber(b, 8, 'u16'))}, `
      + `sll_pkttype=${choice(PACKET_TYPES, b[10] ?? 0)}, sll_halen=${length}${length === 0 ? '' : `, sll_addr=[${bytes}${length > shown ? ', ...' : ''}]`}}`;
  }
  if (b.length === 2) return `${head}}`;
  return `${head}, sa_data=${p.quoted(b.subarray(2))}}`;
}

function cmsgData(p: Printer, level: number, type: number, b: Uint8Array): string {
  const view = new DataView(b.buffer, b.byteOffset, b.length);
  if (level === abi.SOL_SOCKET && type === abi.SCM_RIGHTS && b.length >= 4) {
    return p.items(Array.from({ length: Math.floor(b.length / 4) }, (_, k) => p.fd(view.getInt32(4 * k, true))));
  }
  if (level === abi.SOL_SOCKET && type === abi.SCM_CREDENTIALS && b.length >= 12) {
    return `{pid=${view.getInt32(0, true)}, uid=${view.getUint32(4, true)}, gid=${view.getUint32(8, true)}}`;
  }
  if (level === abi.SOL_SOCKET && type === abi.SO_TIMESTAMP && b.length >= 16) return timevalText(p, b);
  if (level === abi.SOL_IP && type === abi.IP_TTL && b.length >= 4) return `[${view.getUint32(0, true)}]`;
  if (level === abi.SOL_IP && type === abi.IP_TOS) return `[${hexNumber(b[0] ?? 0)}]`;
  if (level === abi.SOL_IP && type === abi.IP_PKTINFO && b.length >= 12) {
    const index = view.getUint32(0, true), inet = (at: number): string => `inet_addr("${[...b.subarray(at, at + 4)].join('.')}")`;
    return `{ipi_ifindex=${index === LOOPBACK_IFINDEX ? 'if_nametoindex("lo")' : index}, ipi_spec_dst=${inet(4)}, ipi_addr=${inet(8)}}`;
  }
  return p.quoted(b);
}

/** The machine's one device. */
const LOOPBACK_IFINDEX = 1;

function controlText(p: Printer, at: number, length: number): string {
  if (at === 0) return 'NULL';
  const b = p.read(at, Math.min(length, 65536));
  const header = p.isCompat ? compat_cmsghdr : abi.cmsghdr;
  if (!b || b.length < header.size) return p.hexAddress(at);
  const parts: string[] = [];
  let pos = 0;
  while (pos + header.size <= b.length) {
    const size = p.field(header, b, 'cmsg_len', pos);
    const level = p.field(header, b, 'cmsg_level', pos);
    const type = p.field(header, b, 'cmsg_type', pos);
    const typeText = level === abi.SOL_SOCKET ? choice(abi.SCM, type) : level === abi.SOL_IP ? choice(abi.IP, type) : `0x${type.toString(16)}`;
    const data = b.subarray(pos + header.size, Math.min(b.length, pos + Math.max(size, header.size)));
    parts.push(`{cmsg_len=${size}, cmsg_level=${choice(abi.SOL, level)}, cmsg_type=${typeText}${data.length > 0 && (level === abi.SOL_SOCKET || level === abi.SOL_IP) ? `, cmsg_data=${cmsgData(p, level, type, data)}` : ''}}`);
    if (size < header.size) break;
    pos += p.isCompat ? Math.ceil(size / 4) * 4 : Math.ceil(size / 8) * 8;
  }
  return `[${parts.join(', ')}]`;
}

/** What goes through the socket of argument 0: netlink's messages, or bytes. */
export const socketData = (p: Printer, at: number, length: number): string => netlinkText(p, p.int(0), at, length) ?? p.bytes(at, length);

/** The header at an address, in x86-64's layout; null: nothing can be read there. */
export function readMsghdr(p: Printer, at: number): Uint8Array | null {
  if (!p.isCompat) return p.read(at, abi.msghdr.size);
  const b = p.read(at, compat_msghdr.size);
  return b && convertStruct(compat_msghdr, abi.msghdr, b);
}

/** A message header. `moved`: the bytes that the call moved; for a receiver `nameLength` is what msg_namelen was at entry. */
export function msghdrText(p: Printer, i: number, at: number, b: Uint8Array, moved: number, receiving: boolean, nameLength?: number): string {
  const get = (name: string): number => p.field(abi.msghdr, b, name);
  const length = get('msg_namelen');
  const capacity = nameLength ?? length;
  const exact = (name: string): bigint => p.big(abi.msghdr, b, name), addressOf = (name: string): number => p.pointer(exact(name));
  const name = sockaddrText(p, addressOf('msg_name'), Math.min(capacity, length));
  const lengthText = nameLength !== undefined && nameLength !== length ? `${nameLength} => ${length}` : String(length);
  const control = get('msg_controllen');
  return `{msg_name=${name}, msg_namelen=${lengthText}, msg_iov=${iovText(p, i, addressOf('msg_iov'), get('msg_iovlen'), moved, receiving, (base, length) => socketData(p, base, length))}, msg_iovlen=${exact('msg_iovlen')}, `
    + `${control > 0 ? `msg_control=${controlText(p, addressOf('msg_control'), control)}, ` : ''}msg_controllen=${exact('msg_controllen')}, msg_flags=${flags(abi.MSG, get('msg_flags'))}}`;
}

export const sockets: Record<string, Format> = {
  sockaddr: (p, i, type) => sockaddrText(p, p.num(i), p.named(type.length)),
  msghdr(p, i) {
    const b = readMsghdr(p, p.num(i));
    return b ? msghdrText(p, i, p.num(i), b, Infinity, false) : p.address(i);
  },
};
