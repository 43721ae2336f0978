// Numbers as C's printf and gdb write them: %g with all the digits that a type carries, exact for 80-bit values.
import { littleEndian } from './value';

/** A floating-point value of 4, 8 or 16 (x87) bytes as gdb prints it. gdb: target-float.c, %.9g, %.17g, %.18Lg. */
export function formatFloat(bytes: Uint8Array, size: number): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size === 4 || size === 8) {
    const number = size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
    const raw = littleEndian(bytes.subarray(0, size));
    if (Number.isNaN(number)) return nan(raw >> BigInt(size * 8 - 1), raw & ((1n << (size === 4 ? 23n : 52n)) - 1n));
    if (!Number.isFinite(number)) return number < 0 ? '-inf' : 'inf';
    return formatG(number, size === 4 ? 9 : 17);
  }
  return formatExtended(littleEndian(bytes.subarray(0, 10)));
}

function nan(sign: bigint, payload: bigint): string {
  return `${sign ? '-' : ''}nan(0x${payload.toString(16)})`;
}

/** printf's %.{digits}g. */
export function formatG(number: number, digits: number): string {
  if (number === 0) return Object.is(number, -0) ? '-0' : '0';
  const [mantissa = '0', exponentText = '0'] = number.toExponential(digits - 1).split('e');
  return layOut(mantissa.startsWith('-') ? '-' : '', mantissa.replace(/[-.]/g, ''), Number(exponentText), digits);
}

/** `digits`: the significant ones; the point stands after the first, times ten to the exponent. */
function layOut(sign: string, digits: string, exponent: number, precision: number): string {
  const significant = digits.replace(/0+$/, '') || '0';
  if (exponent < -4 || exponent >= precision) {
    const power = `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
    return `${sign}${significant[0]}${significant.length > 1 ? `.${significant.slice(1)}` : ''}e${power}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${significant}`;
  const whole = significant.padEnd(exponent + 1, '0');
  return `${sign}${whole.slice(0, exponent + 1)}${whole.length > exponent + 1 ? `.${whole.slice(exponent + 1)}` : ''}`;
}

/** An x87 value with 18 significant digits, rounded to nearest even as printf does: by exact integers. */
function formatExtended(bits: bigint): string {
  const mantissa = BigInt.asUintN(64, bits);
  const exponent = Number((bits >> 64n) & 0x7fffn);
  const sign = bits >> 79n & 1n ? '-' : '';
  if (exponent === 0x7fff) return mantissa << 1n & 0xffff_ffff_ffff_ffffn ? nan(bits >> 79n & 1n, mantissa) : `${sign}inf`;
  if (mantissa === 0n) return `${sign}0`;
  const scale = exponent === 0 ? -16382 - 63 : exponent - 16383 - 63;
  const numerator = scale > 0 ? mantissa << BigInt(scale) : mantissa, denominator = scale < 0 ? 1n << BigInt(-scale) : 1n;
  let power = Math.floor((mantissa.toString(2).length - 1 + scale) * Math.LOG10E * Math.LN2);
  const precision = 18;
  for (let attempt = 0; attempt < 3; attempt++) {
    const shift = precision - 1 - power;
    const top = shift >= 0 ? numerator * 10n ** BigInt(shift) : numerator, bottom = shift < 0 ? denominator * 10n ** BigInt(-shift) : denominator;
    let quotient = top / bottom;
    const rest = (top % bottom) * 2n;
    if (rest > bottom || (rest === bottom && quotient & 1n)) quotient++;
    const digits = quotient.toString();
    if (digits.length === precision) return layOut(sign, digits, power, precision);
    power += digits.length - precision;
  }
  return `${sign}0`;
}

/** The escaped character as it stands between `quote`s. gdb: valprint.c print_wchar. */
export function escapeByte(byte: number, quote: '"' | "'"): string {
  const named = escapes[byte];
  if (named) return named;
  const character = String.fromCharCode(byte);
  if (character === quote || character === '\\') return `\\${character}`;
  return byte >= 0x20 && byte < 0x7f ? character : `\\${byte.toString(8).padStart(3, '0')}`;
}

const escapes: Readonly<Record<number, string>> = { 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r', 27: '\\033' };

/** Bytes as gdb prints a string: long runs of one character apart, at most `limit` characters. gdb: generic_printstr. */
export function formatString(bytes: Uint8Array, limit = 200, isTruncated = false): string {
  const count = Math.min(bytes.length, limit);
  const parts: string[] = [];
  let run = '';
  let printed = 0;
  let at = 0;
  const flush = (): void => { if (run !== '') parts.push(`"${run}"`); run = ''; };
  while (at < bytes.length && printed < count) {
    const byte = bytes[at] ?? 0;
    let length = 1;
    while (at + length < bytes.length && bytes[at + length] === byte) length++;
    if (length > REPEATS) {
      flush();
      parts.push(`'${escapeByte(byte, "'")}' <repeats ${length} times>`);
      at += length;
      printed += REPEATS;
    } else {
      run += escapeByte(byte, '"');
      at++;
      printed++;
    }
  }
  flush();
  if (parts.length === 0) parts.push('""');
  return parts.join(', ') + (at < bytes.length || isTruncated ? '...' : '');
}

/** Runs longer than this are counted, not printed: gdb's `print repeats`. */
export const REPEATS = 9;
