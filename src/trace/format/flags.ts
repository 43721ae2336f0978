// Named bits and choices as strace 6.1 writes them in the style that -X asks for. strace: src/xlat.c (printflags, printxval).
import { signalName } from '../../abi/signal';
import { findName, splitBits, type NameTable } from '../../abi/table';
import { hexNumber } from './text';


/** -X: names, numbers, or both. */
export type ConstStyle = 'abbrev' | 'raw' | 'verbose';

/** The style of the call whose text is being made: one call's text is made at a time, and all of its tables obey it. */
let style: ConstStyle = 'abbrev';

export function useStyle(wanted: ConstStyle): void { style = wanted; }

export const isAbbreviated = (): boolean => style === 'abbrev';
export const isRaw = (): boolean => style === 'raw';

/** A value that has a name. */
export const named = (value: string, name: string): string => style === 'abbrev' ? name : style === 'raw' ? value : `${value} /* ${name} */`;

/** A value of a choice that has no name. */
export const unnamed = (value: number | bigint, names: NameTable): string => style === 'raw' ? hexNumber(value) : `${hexNumber(value)} /* ${names.unknown} */`;

/** A signal. Those without a name are numbers. */
export function signalText(signo: number): string {
  const name = signalName(signo);
  return style === 'abbrev' || name === String(signo) ? name : named(String(signo), name);
}

/** Text made in another style: results are named though arguments are not. */
export function inStyle(wanted: ConstStyle, show: () => string): string {
  const before = style;
  style = wanted;
  const text = show();
  style = before;
  return text;
}

/** The bits as NAME|NAME|0xrest; the zero name or 0; what has no name at all carries a comment. */
export function flags(names: NameTable, value: number): string {
  if (style === 'raw') return hexNumber(value);
  if (value === 0) {
    const name = findName(names, 0);
    return name === undefined ? '0' : named('0', name);
  }
  const { names: found, rest } = splitBits(names, value);
  if (found.length === 0) return `${hexNumber(rest)} /* ${names.unknown} */`;
  const text = rest === 0 ? found.join('|') : `${found.join('|')}|${hexNumber(rest)}`;
  return style === 'abbrev' ? text : `${hexNumber(value)} /* ${text} */`;
}

/** The bits of a 64-bit word: what stands above 32 bits has no name in these tables. */
export function flags64(names: NameTable, lo: number, hi: number): string {
  if (hi === 0) return flags(names, lo);
  const whole = hexNumber((BigInt(hi) << 32n) | BigInt(lo >>> 0));
  if (style === 'raw') return whole;
  const { names: found, rest } = splitBits(names, lo);
  if (found.length === 0) return `${whole} /* ${names.unknown} */`;
  const text = `${found.join('|')}|${hexNumber((BigInt(hi) << 32n) | BigInt(rest))}`;
  return style === 'abbrev' ? text : `${whole} /* ${text} */`;
}

/** Without the comment: '' when no bit is set, hex where nothing has a name. */
export function plainFlags(names: NameTable, value: number): string {
  if (value === 0) return '';
  if (style === 'raw') return hexNumber(value);
  const { names: found, rest } = splitBits(names, value);
  if (style === 'verbose' && found.length === 0) return hexNumber(value);
  if (rest !== 0) found.push(hexNumber(rest));
  return style === 'abbrev' ? found.join('|') : `${hexNumber(value)} /* ${found.join('|')} */`;
}

/** The same where the number is a decimal one. */
export function decimalChoice(names: NameTable, value: number, unknown = ` /* ${names.unknown} */`): string {
  const name = findName(names, value);
  return name !== undefined ? named(String(value), name) : `${value}${unknown}`;
}

/** The name of exactly this value, or hex with a comment. `value` may be negative: the number of an unknown one is the 32-bit word. */
export function choice(names: NameTable, value: number): string {
  if (style === 'raw') return hexNumber(value < 0 ? value >>> 0 : value);
  const name = findName(names, value) ?? findName(names, value < 0 ? value >>> 0 : value) ?? names.unknown;
  if (style === 'abbrev' && name !== names.unknown) return name;
  return `${hexNumber(value < 0 ? value >>> 0 : value)} /* ${name} */`;
}
