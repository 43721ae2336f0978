// The walk of the page tables for one address, entry by entry, as the processor makes it. Linux: PGD, P4D (folded with four levels), PUD, PMD, PTE. SDM 3A 4.5.
// Not here: faulting a page in. What is not there yet says so.
import { pte_offset } from '../../kernel/arch/x86/pgtable';
import type { FieldKind } from '../../kernel/kobject';
import { page_count } from '../../kernel/mm/page_alloc';
import type { mm_struct } from '../../kernel/mm/types';
import { ports } from '../../kernel/state';
import type { KernelValue } from './kernel_value';

const DIRECT_MAP = 0xffff_8880_0000_0000n;
const ADDRESS = 0x000f_ffff_ffff_f000n;
/** Bits of an entry by name. Linux: arch/x86/include/asm/pgtable_types.h; SDM 3A table 4-20. Bits 9 and 10 are software's. */
const BITS: readonly (readonly [string, bigint])[] = [
  ['PRESENT', 1n], ['RW', 2n], ['USER', 4n], ['PWT', 8n], ['PCD', 0x10n], ['ACCESSED', 0x20n], ['DIRTY', 0x40n], ['PSE', 0x80n], ['GLOBAL', 0x100n], ['ANON', 0x200n], ['SHMEM', 0x400n], ['NX', 1n << 63n],
];
const LEVELS = [['PGD', 39n], ['PUD', 30n], ['PMD', 21n], ['PTE', 12n]] as const;

export interface PageLevel {
  level: string;
  index: number;
  /** Where the entry stands, and what it holds. */
  at: bigint;
  entry: bigint;
  isPresent: boolean;
}

export interface PageWalk {
  levels: PageLevel[];
  /** The physical address that the address means; undefined where the walk ends before. */
  physical?: bigint;
  isLarge: boolean;
}

/** Follows `address` from the table at `pgdPa`; addresses of the kernel's half too. */
export function walkPage(pgdPa: number, address: bigint): PageWalk {
  const { phys } = ports();
  const levels: PageLevel[] = [];
  let table = BigInt(pgdPa);
  for (const [level, shift] of LEVELS) {
    const index = Number((address >> shift) & 511n);
    const at = table + BigInt(index * 8);
    const entry = phys.readBig64(Number(at));
    const isPresent = (entry & 1n) !== 0n;
    levels.push({ level, index, at: DIRECT_MAP + at, entry, isPresent });
    if (!isPresent) return { levels, isLarge: false };
    const isLarge = level !== 'PTE' && (entry & 0x80n) !== 0n;
    if (isLarge || level === 'PTE') {
      const offset = (1n << shift) - 1n;
      return { levels, physical: (entry & ADDRESS & ~offset) | (address & offset), isLarge };
    }
    table = entry & ADDRESS;
  }
  return { levels, isLarge: false };
}

export function entryFlags(entry: bigint): string {
  return BITS.filter(([, bit]) => (entry & bit) !== 0n).map(([name]) => name).join('|') || 'not present';
}

const levelFields: Record<string, FieldKind> = { index: { kind: 'int', c: 'int', show: 'dec' }, at: { kind: 'int', c: 'unsigned long', show: 'hex' }, entry: { kind: 'int', c: 'unsigned long', show: 'hex' }, flags: { kind: 'string' } };

/** The walk as a value to unfold: a row a level, then the page. */
export function pageValue(mm: mm_struct, address: bigint): KernelValue {
  const { levels, physical } = walkPage(mm.pgd, address);
  const fields: Record<string, FieldKind> = {};
  const value: Record<string, unknown> = {};
  for (const { level, index, at, entry } of levels) {
    fields[level] = { kind: 'struct', fields: levelFields };
    value[level] = { index, at, entry, flags: entryFlags(entry) };
    if (level !== 'PGD') continue;
    fields['P4D'] = { kind: 'string' };
    value['P4D'] = 'folded into PGD: four levels';
  }
  fields['page'] = { kind: 'string' };
  value['page'] = pageText(mm, address, physical);
  return { kind: { kind: 'struct', fields }, value };
}

/** One sentence: where the page is, who else maps it; or why there is none. */
export function pageText(mm: mm_struct, address: bigint, physical = walkPage(mm.pgd, address).physical): string {
  if (physical === undefined) return 'not in memory yet: the first access faults it in';
  const frame = Number(physical >> 12n) * 4096;
  const isUser = address < 0x8000_0000_0000n;
  const flags = isUser ? ports().phys.readBig64(pte_offset(mm.pgd, Number(address), null)) : 0n;
  const users = isUser ? page_count(frame) : 1;
  const state = [flags & 0x40n ? 'written' : flags & 0x20n ? 'read, not written' : 'not touched yet', flags & 2n ? '' : 'read-only', users > 1 ? `${users} references` : ''].filter(Boolean).join(', ');
  return `page frame 0x${(physical >> 12n).toString(16)} (kernel address 0x${(DIRECT_MAP + BigInt(frame)).toString(16)})${isUser ? `, ${state}` : ''}`;
}
