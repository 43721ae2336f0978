// Capabilities and lists of groups. strace: src/capability.c, src/uid.c, src/ioprio.c.
import { CAP } from '../../abi/prctl';
import { PER, PERSONALITY_FLAGS } from '../../abi/personality';
import { IOPRIO_CLASS } from '../../abi/sched';
import { readNumber } from '../../abi/struct';
import { table } from '../../abi/table';
import { choice, flags } from './flags';

import type { Format } from './scalars';

const VERSION = table('_LINUX_CAPABILITY_VERSION_???', () => ({ _LINUX_CAPABILITY_VERSION_1: 0x19980330, _LINUX_CAPABILITY_VERSION_2: 0x20071026, _LINUX_CAPABILITY_VERSION_3: 0x20080522 }));

const cap_header: Format = (p, i) => {
  const bytes = p.num(i) === 0 ? null : p.read(p.num(i), 8);
  return bytes ? `{version=${choice(VERSION, readNumber(bytes, 0, 'u32'))}, pid=${readNumber(bytes, 4, 's32')}}` : p.address(i);
};


function capabilities(low: number, high: number): string {
  const set = (bit: number): boolean => ((bit < 32 ? low >>> bit : high >>> (bit - 32)) & 1) === 1;
  const names = CAP.entries.filter(([, bit]) => set(bit)).map(([name]) => `1<<${name}`);
  return names.length === 0 ? '0' : names.join('|');
}

/** Beside the header: its version says how many words a set has. */
const cap_data: Format = (p, i) => {
  const header = p.num(i - 1) === 0 ? null : p.read(p.num(i - 1), 4);
  const isWide = header !== null && readNumber(header, 0, 'u32') !== 0x19980330;
  const bytes = header && findVersion(readNumber(header, 0, 'u32')) ? p.fetch(i, isWide ? 24 : 12) : null;
  if (!bytes) return p.address(i);
  const set = (at: number): string => capabilities(readNumber(bytes, at, 'u32'), isWide ? readNumber(bytes, 12 + at, 'u32') : 0);
  return `{effective=${set(0)}, permitted=${set(4)}, inheritable=${set(8)}}`;
};

const findVersion = (version: number): boolean => VERSION.entries.some(([, value]) => value === version);

/** A list of ids; i386's older calls have them in 16 bits. */
const groups = (type: 'u16' | 'u32'): Format => (p, i) => {
  const count = p.exiting && p.call.name.startsWith('getgroups') ? p.ret : p.int(0), minusOne = type === 'u16' ? 0xffff : 0xffffffff;
  if (count < 0 || count > 65536 || p.call.name.startsWith('getgroups') && p.int(0) === 0 && p.ret !== 0) return p.address(i);
  return p.array(i, p.num(i), count, type === 'u16' ? 2 : 4, bytes => { const id = readNumber(bytes, 0, type); return id === minusOne && type === 'u16' ? '-1' : String(id); });
};

const uid16: Format = (p, i) => (p.lo(i) & 0xffff) === 0xffff ? '-1' : String(p.lo(i) & 0xffff);

/** A class and a value in one word. */
export const ioprio = (value: number): string => `IOPRIO_PRIO_VALUE(${choice(IOPRIO_CLASS, value >>> 13)}, ${value & 0x1fff})`;

export const creds: Record<string, Format> = { cap_header, cap_data, groups: groups('u32'), outGroups: groups('u32'), groups16: groups('u16'), outGroups16: groups('u16'), uid16 };

/** The persona of personality(2): its low byte, then flags. */
export function persona(value: number): string {
  const rest = (value & ~0xff) >>> 0;
  return rest === 0 ? choice(PER, value & 0xff) : `${choice(PER, value & 0xff)}|${flags(PERSONALITY_FLAGS, rest)}`;
}
