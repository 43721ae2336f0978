// What netlink's messages are made of: pieces that say how long they are, and attributes. strace: src/nlattr.c
import type { NameTable } from '../../abi/table';
import { choice } from './flags';
import type { Printer } from './printer';
import { quote } from './text';

/** Netlink's unit is four bytes. */
export const align = (length: number): number => Math.ceil(length / 4) * 4;

/** Bytes that nobody knows more of, at most as many as -s says. */
export function rawBytes(p: Printer, b: Uint8Array): string {
  const { stringLimit } = p.options;
  return quote(b.subarray(0, stringLimit), 'all') + (b.length > stringLimit ? '...' : '');
}

/** Pieces that each say how long they are: one as it is, several in brackets. `show` gives a piece's text. */
export function chain(p: Printer, b: Uint8Array, headerSize: number, lengthAt: (view: DataView) => number, show: (piece: Uint8Array) => string): string {
  const parts: string[] = [];
  for (let at = 0; ;) {
    const rest = b.subarray(at);
    if (rest.length < headerSize) { parts.push(rawBytes(p, rest)); break; }
    if (!p.options.verbose && parts.length === p.options.stringLimit) { parts.push('...'); break; }
    const length = lengthAt(new DataView(rest.buffer, rest.byteOffset)), step = align(length);
    parts.push(show(rest.subarray(0, Math.max(headerSize, Math.min(length, rest.length)))));
    if (length < headerSize || step >= rest.length) break;
    at += step;
  }
  return parts.length === 1 ? parts[0] ?? '' : `[${parts.join(', ')}]`;
}

const NLA_HDRLEN = 4, NLA_F_NESTED = 0x8000, NLA_F_NET_BYTEORDER = 0x4000;

export type AttributeText = (p: Printer, b: Uint8Array) => string;

/** A string: without the NUL where what is shown ends with one; any other is more than is shown. strace: src/util.c (string_quote, QUOTE_0_TERMINATED) */
export const string: AttributeText = (p, b) => {
  const shown = Math.min(b.length, p.options.stringLimit), isWhole = shown > 0 && b[shown - 1] === 0;
  return `${p.quoted(b.subarray(0, isWhole ? shown - 1 : shown))}${isWhole ? '' : '...'}`;
};

/** Attributes behind a message's own struct: `names` of their types, and how those are shown that are more than bytes. */
export function attributesText(p: Printer, b: Uint8Array, names: NameTable, texts: Readonly<Record<number, AttributeText>>): string {
  return chain(p, b, NLA_HDRLEN, view => view.getUint16(0, true), (attribute) => {
    const view = new DataView(attribute.buffer, attribute.byteOffset), whole = view.getUint16(2, true), type = whole & 0x3fff, data = attribute.subarray(NLA_HDRLEN);
    const marks = `${whole & NLA_F_NESTED ? 'NLA_F_NESTED|' : ''}${whole & NLA_F_NET_BYTEORDER ? 'NLA_F_NET_BYTEORDER|' : ''}`;
    const header = `{nla_len=${view.getUint16(0, true)}, nla_type=${marks}${choice(names, type)}}`;
    return data.length === 0 ? header : `[${header}, ${texts[type]?.(p, data) ?? rawBytes(p, data)}]`;
  });
}
