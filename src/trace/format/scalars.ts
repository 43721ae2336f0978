// Arguments that are a number: ints, ids, modes, flags, descriptors, signals, clocks. strace: src/util.c, src/open.c (tprint_open_modes), src/time.c.
import type { ArgType } from '../../abi/arg_types';
import { OPEN_ACCESS_MODE, OPEN_FLAGS } from '../../abi/fcntl';
import { findName } from '../../abi/table';
import { CLOCK } from '../../abi/time';
import { choice, flags, inStyle, named, plainFlags, signalText } from './flags';
import type { Printer } from './printer';
import { hexNumber, octal, signed, unsigned } from './text';

export type Format = (p: Printer, i: number, type: ArgType<number> | ArgType<bigint>) => string;

/** The same as names, whatever -X says: what stands behind a result. */
export function openFlagNames(value: number): string {
  const access = value & 3;
  const name = findName(OPEN_ACCESS_MODE, access) ?? '';
  const rest = inStyle('abbrev', () => plainFlags(OPEN_FLAGS, (value & ~3) >>> 0));
  return rest === '' ? name : `${name}|${rest}`;
}

/** Flags that open takes: the access mode, then the bits. */
export function openFlags(value: number): string {
  return named(hexNumber(value >>> 0), openFlagNames(value));
}

/** A clock by name. The clocks of single processes and threads are negative numbers without one. strace: src/time.c (printclockname). */
export const clockName = (clock: number): string => choice(CLOCK, clock);

export const id = (value: number): string => value === 0xffffffff ? '-1' : String(value >>> 0);

export function device(lo: number, hi = 0): string {
  const value = hexNumber((hi >>> 0) * 4294967296 + (lo >>> 0));
  const major = ((lo >>> 8) & 0xfff) | (hi & 0xfffff000);
  const minor = (lo & 0xff) | ((lo >>> 12) & 0xfff00);
  return named(value, `makedev(${hexNumber(major >>> 0)}, ${hexNumber(minor >>> 0)})`);
}

export const scalars: Record<string, Format> = {
  int: (p, i) => String(p.int(i)),
  uint: (p, i) => String(p.lo(i)),
  long: (p, i) => p.signed(i),
  ulong: (p, i) => p.unsigned(i),
  u64: (p, i) => p.unsigned(i),
  size: (p, i) => p.unsigned(i),
  lenOf: (p, i) => p.unsigned(i),
  off: (p, i) => p.signed(i),
  /** A long long of two arguments of i386. */
  off64: (p, i) => signed(p.lo(i), p.lo(i + 1)),
  ulong64: (p, i) => unsigned(p.lo(i), p.lo(i + 1)),
  hex: (p, i) => p.hex(i),
  uhex: (p, i) => hexNumber(p.lo(i)),
  ptr: (p, i) => p.address(i),
  /** All arguments of a call in one structure, which cannot be read. */
  wholeStruct: (p, i) => p.address(i),
  fd: (p, i) => p.fd(p.int(i)),
  dirfd: (p, i) => p.dirfd(p.int(i)),
  mode: (p, i) => octal(p.lo(i) & 0xffff),
  umode: (p, i) => octal(p.lo(i) & 0xffff),
  dev: (p, i) => device(p.lo(i)),
  pid: (p, i) => p.process(p.int(i)),
  uid: (p, i) => id(p.lo(i)),
  gid: (p, i) => id(p.lo(i)),
  signo: (p, i) => signalText(p.int(i)),
  openFlags: (p, i) => openFlags(p.lo(i)),
  clockid: (p, i) => clockName(p.int(i)),
  choice: (p, i, type) => type.table ? choice(type.table, p.int(i)) : String(p.int(i)),
  bits(p, i, type) {
    if (!type.table) return p.hex(i);
    const value = type.c.includes('long') ? p.num(i) : p.lo(i);
    if (!type.choiceTable) return flags(type.table, value);
    const mask = 0xf;
    const chosen = choice(type.choiceTable, value & mask);
    const rest = plainFlags(type.table, value - (value & mask));
    return rest === '' ? chosen : `${chosen}|${rest}`;
  },
};
