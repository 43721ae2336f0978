// Numbers and quoted strings as strace 6.1 writes them. strace: src/util.c (string_quote, printaddr).

const TWO32 = 4294967296;
const latin = (byte: number): string => String.fromCharCode(byte);

/** %#lx of two unsigned words: 0 is "0". */
export function hex(lo: number, hi = 0): string {
  if (hi === 0) return lo === 0 ? '0' : `0x${(lo >>> 0).toString(16)}`;
  return `0x${(hi >>> 0).toString(16)}${(lo >>> 0).toString(16).padStart(8, '0')}`;
}

/** An address: NULL for 0. */
export const address = (lo: number, hi = 0): string => lo === 0 && hi === 0 ? 'NULL' : hex(lo, hi);

/** %#lx of a double or a bigint (two's complement when negative). */
export function hexNumber(value: number | bigint): string {
  if (value === 0 || value === 0n) return '0';
  if (typeof value === 'number' && value > 0 && value < 2 ** 53) return `0x${value.toString(16)}`;
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
}

/** %ld of two unsigned words. */
export function signed(lo: number, hi: number): string {
  const high = hi | 0;
  if (high === 0 || (high === -1 && lo !== 0)) return String(high * TWO32 + (lo >>> 0));
  return BigInt.asIntN(64, (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)).toString();
}

/** %lu of two unsigned words. */
export function unsigned(lo: number, hi: number): string {
  if (hi >>> 0 < 0x20_0000) return String((hi >>> 0) * TWO32 + (lo >>> 0));
  return ((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)).toString();
}

/** %#03o: a mode. */
export const octal = (value: number): string => (value === 0 ? '000' : `0${(value >>> 0).toString(8)}`).padStart(3, '0');

export type HexStrings = 'none' | 'nonascii-chars' | 'nonascii' | 'all';

/** How many bytes at the beginning stand for themselves in quotes. */
function countPlain(bytes: Uint8Array): number {
  let n = 0;
  for (let c; n < bytes.length && (c = bytes[n] as number) >= 0x20 && c <= 0x7e && c !== 0x22 && c !== 0x5c;) n++;
  return n;
}

/** The first `length` bytes, several at a time, which is faster. */
function ascii(bytes: Uint8Array, length: number): string {
  const at = (i: number): number => bytes[i] as number;
  let text = '', i = 0;
  for (; i + 8 <= length; i += 8) text += String.fromCharCode(at(i), at(i + 1), at(i + 2), at(i + 3), at(i + 4), at(i + 5), at(i + 6), at(i + 7));
  for (; i < length; i++) text += latin(at(i));
  return text;
}

/** The inside of a quoted string. `escape` are characters that must be escaped besides the quote and the backslash (`<>` in paths of descriptors). */
export function quoteBytes(bytes: Uint8Array, hexStrings: HexStrings, escape = ''): string {
  let useHex = hexStrings === 'all';
  if (hexStrings === 'nonascii') useHex = bytes.some(c => c > 0x7e || (c < 0x20 && !(c >= 9 && c <= 13)));
  const plain = useHex || escape !== '' ? 0 : countPlain(bytes);
  let out = ascii(bytes, plain);
  for (let i = plain; i < bytes.length; i++) {
    const c = bytes[i] ?? 0;
    if (useHex) out += `\\x${c.toString(16).padStart(2, '0')}`;
    else if (c === 0x22 || c === 0x5c) out += `\\${latin(c)}`;
    else if (c >= 9 && c <= 13) out += `\\${'tnvfr'[c - 9]}`;
    else if (c >= 0x20 && c <= 0x7e && !escape.includes(latin(c))) out += latin(c);
    else if (hexStrings === 'nonascii-chars') out += `\\x${c.toString(16).padStart(2, '0')}`;
    else {
      const next = bytes[i + 1];
      const digits = c.toString(8);
      out += `\\${next !== undefined && next >= 0x30 && next <= 0x37 ? digits.padStart(3, '0') : digits}`;
    }
  }
  return out;
}

export const quote = (bytes: Uint8Array, hexStrings: HexStrings): string => `"${quoteBytes(bytes, hexStrings)}"`;

/** The bytes up to the first NUL. */
export function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** The bytes of a latin1 string. */
export { latin1 as bytesOf } from '../../base/text';

/** Clock ticks of 10 ms, with their seconds. */
export const clockTicks = (ticks: number | bigint): string => Number(ticks) === 0 ? '0' : `${ticks} /* ${(Number(ticks) / 100).toFixed(2)} s */`;
