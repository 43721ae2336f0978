// Named bits and choices as strace 6.1 writes them (-X abbrev). strace: src/xlat.c (printflags, printxval).
import { findName, splitBits, type NameTable } from '../../abi/table';
import { hexNumber } from './text';

/** The bits as NAME|NAME|0xrest; the zero name or 0; what has no name at all carries a comment. */
export function flags(names: NameTable, value: number): string {
  if (value === 0) return findName(names, 0) ?? '0';
  const { names: found, rest } = splitBits(names, value);
  if (found.length === 0) return `${hexNumber(rest)} /* ${names.unknown} */`;
  return rest === 0 ? found.join('|') : `${found.join('|')}|${hexNumber(rest)}`;
}

/** The bits of a 64-bit word: what stands above 32 bits has no name in these tables. */
export function flags64(names: NameTable, lo: number, hi: number): string {
  if (hi === 0) return flags(names, lo);
  const { names: found, rest } = splitBits(names, lo);
  const left = hexNumber((BigInt(hi) << 32n) | BigInt(rest));
  return found.length === 0 ? `${left} /* ${names.unknown} */` : `${found.join('|')}|${left}`;
}

/** Without the comment: '' when no bit is set, hex where nothing has a name. */
export function plainFlags(names: NameTable, value: number): string {
  if (value === 0) return '';
  const { names: found, rest } = splitBits(names, value);
  if (rest !== 0) found.push(hexNumber(rest));
  return found.join('|');
}

/** The name of exactly this value, or hex with a comment. `value` may be negative: the number of an unknown one is the 32-bit word. */
export function choice(names: NameTable, value: number): string {
  return findName(names, value) ?? findName(names, value < 0 ? value >>> 0 : value) ?? `${hexNumber(value < 0 ? value >>> 0 : value)} /* ${names.unknown} */`;
}
