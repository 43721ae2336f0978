// Messages of netlink and their attributes as bytes. Linux: lib/nlattr.c, net/netlink/af_netlink.c:netlink_ack().
import type { int, u16, u32, u8 } from '../../../abi/c_types';
import type { Errno } from '../../../abi/errno';
import * as nl from '../../../abi/netlink';
import { latin1 } from '../../../base/text';

const aligned = (length: number): number => Math.ceil(length / 4) * 4;
export const text = (value: string): Uint8Array => latin1(`${value}\0`);
export const word = (value: u32): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
export const byte = (value: u8): Uint8Array => Uint8Array.of(value);

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + aligned(part.length), 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += aligned(part.length);
  }
  return whole;
}

export function attribute(type: u16, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + value.length);
  new Uint16Array(bytes.buffer, 0, 2).set([bytes.length, type]);
  bytes.set(value, 4);
  return bytes;
}

/** One request: its header, and what follows it. */
export interface nlmsg { readonly type: u16; readonly flags: u16; readonly seq: u32; readonly portid: u32; readonly body: Uint8Array; readonly bytes: Uint8Array; /** Errors come without what they answer (NETLINK_CAP_ACK), questions are taken at their word (NETLINK_GET_STRICT_CHK). */ readonly isCapped: boolean; readonly isStrict: boolean }

/** What a family answers: datagrams of messages, or an errno that the asker gets as NLMSG_ERROR. */
export type Answer = readonly Uint8Array[] | Errno;

export const isDump = (request: nlmsg): boolean => (request.flags & nl.NLM_F_DUMP) === nl.NLM_F_DUMP;

function nlmsg_put(request: nlmsg, type: u16, flags: u16, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(nl.NLMSG_HDRLEN + body.length), view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, request.seq, true);
  view.setUint32(12, request.portid, true);
  bytes.set(body, nl.NLMSG_HDRLEN);
  return bytes;
}

/** A message in answer: a header of the family's own, and attributes. */
export const reply = (request: nlmsg, type: u16, payload: readonly Uint8Array[]): Uint8Array => nlmsg_put(request, type, isDump(request) ? nl.NLM_F_MULTI : 0, join(payload));

/** All messages of a dump as one datagram, and the one that says that it is over. */
export function dump(request: nlmsg, messages: readonly Uint8Array[]): Uint8Array[] {
  const done = nlmsg_put(request, nl.NLMSG_DONE, nl.NLM_F_MULTI, word(0));
  return messages.length === 0 ? [done] : [join(messages), done];
}

/** Linux: net/netlink/af_netlink.c:netlink_ack(): an error brings back what it answers. */
export function acknowledge(request: nlmsg, error: int): Uint8Array {
  const isShort = error === 0 || request.isCapped;
  return nlmsg_put(request, nl.NLMSG_ERROR, isShort ? nl.NLM_F_CAPPED : 0, join([new Uint8Array(Int32Array.of(error).buffer), isShort ? request.bytes.subarray(0, nl.NLMSG_HDRLEN) : request.bytes]));
}

/** The value of the first attribute of a type behind a header of so many bytes; null: there is none. */
export function find_attribute(body: Uint8Array, header: int, type: u16): Uint8Array | null {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  for (let at = aligned(header); at + 4 <= body.length;) {
    const length = view.getUint16(at, true);
    if (length < 4 || at + length > body.length) return null;
    if ((view.getUint16(at + 2, true) & 0x3fff) === type) return body.subarray(at + 4, at + length);
    at += aligned(length);
  }
  return null;
}
