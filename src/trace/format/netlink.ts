// Messages of netlink: header and payload. strace: src/netlink.c. Families but NETLINK_ROUTE (netlink_route.ts) are shown by their bytes.
import { findErrno } from '../../abi/errno';
import { NETLINK_ROUTE, NLM_F_CAPPED, NLMSG_DONE, NLMSG_ERROR, NLMSG_HDRLEN, NLMSG_MIN_TYPE } from '../../abi/netlink';
import { NLM_ACK_FLAGS, NLM_DELETE_FLAGS, NLM_FLAGS, NLM_GET_FLAGS, NLM_NEW_FLAGS, NLMSG_TYPES, NLMSGERR_ATTR, RTM } from '../../abi/netlink_names';
import { tableLike } from '../../abi/table';
import { readExactly } from '../memory';
import { choice, flags, named } from './flags';
import { align, attributesText, chain, rawBytes, string } from './netlink_attributes';
import { routePayload } from './netlink_route';
import type { Printer } from './printer';

/** What is sent or received on a netlink socket; null where it is none. */
export function netlinkText(p: Printer, fd: number, at: number, length: number): string | null {
  const family = p.facts.netlink?.(p.pid, fd) ?? null;
  if (family === null) return null;
  if (!p.options.dereferences) return p.hexAddress(at);
  const b = at === 0 || length > 2 ** 20 ? null : readExactly(p.memory, at, length);
  return b && b.length > 0 ? chain(p, b, NLMSG_HDRLEN, view => view.getUint32(0, true), message => messageText(p, family, message)) : null;
}

function messageText(p: Printer, family: number, b: Uint8Array): string {
  const view = new DataView(b.buffer, b.byteOffset, b.length), type = view.getUint16(4, true), bits = view.getUint16(6, true);
  const header = `{nlmsg_len=${view.getUint32(0, true)}, nlmsg_type=${typeText(family, type)}, nlmsg_flags=${flagsText(family, type, bits)}, nlmsg_seq=${view.getUint32(8, true)}, nlmsg_pid=${p.process(view.getInt32(12, true))}}`;
  return b.length > NLMSG_HDRLEN ? `[${header}, ${payloadText(p, family, type, bits, b.subarray(NLMSG_HDRLEN))}]` : header;
}

function typeText(family: number, type: number): string {
  if (type < NLMSG_MIN_TYPE) return choice(NLMSG_TYPES, type);
  return family === NETLINK_ROUTE ? choice(RTM, type) : choice(tableLike(NLMSG_TYPES, () => []), type);
}

function flagsText(family: number, type: number, bits: number): string {
  const more = type === NLMSG_ERROR ? NLM_ACK_FLAGS : family !== NETLINK_ROUTE || type < NLMSG_MIN_TYPE ? null : [NLM_NEW_FLAGS, NLM_DELETE_FLAGS, NLM_GET_FLAGS][type & 3];
  return flags(more ? tableLike(NLM_FLAGS, all => [...all, ...more.entries]) : NLM_FLAGS, bits);
}

function payloadText(p: Printer, family: number, type: number, bits: number, b: Uint8Array): string {
  if (type === NLMSG_ERROR && b.length >= 4 + NLMSG_HDRLEN) return errorText(p, family, bits, b);
  if (type === NLMSG_DONE && b.length === 4) return String(new DataView(b.buffer, b.byteOffset).getInt32(0, true));
  return family === NETLINK_ROUTE && type >= NLMSG_MIN_TYPE ? routePayload(p, type, b) : rawBytes(p, b);
}

/** struct nlmsgerr: an error, and the message that it answers. */
function errorText(p: Printer, family: number, bits: number, b: Uint8Array): string {
  const error = new DataView(b.buffer, b.byteOffset).getInt32(0, true), name = error < 0 ? findErrno(-error)?.name : undefined, asked = b.subarray(4);
  const length = new DataView(asked.buffer, asked.byteOffset).getUint32(0, true);
  const shown = bits & NLM_F_CAPPED ? NLMSG_HDRLEN : Math.max(NLMSG_HDRLEN, Math.min(length, asked.length));
  const text = `{error=${name === undefined ? error : named(String(error), `-${name}`)}, msg=${messageText(p, family, asked.subarray(0, shown))}}`, rest = asked.subarray(align(shown));
  return rest.length > 0 ? `[${text}, ${attributesText(p, rest, NLMSGERR_ATTR, { 1: string, 2: (q, data) => data.length < 4 ? rawBytes(q, data) : String(new DataView(data.buffer, data.byteOffset).getUint32(0, true)) })}]` : text;
}
