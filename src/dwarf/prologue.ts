// Where a function's prologue ends: where gdb sets a breakpoint on the function. The compiler's own mark (DWARF5 6.2.2 prologue_end)
// comes first; otherwise gdb's rule for amd64: after `push %rbp; mov %rsp,%rbp`, to the beginning of the next line-table row.
import { DW_AT, DW_FORM, DW_TAG } from './constants';
import { PROLOGUE_END } from './line';
import { rowIndexAt, type UnitLines } from './line_index';
import type { Unit } from './unit';

/** `code`: the function's first bytes. Addresses are signed numbers. */
export function findPrologueEnd(unit: Unit, lines: UnitLines | undefined, low: number, high: number, code: Uint8Array): number {
  const marked = lines && markedEnd(lines, low, high);
  if (marked !== undefined) return marked;
  // gdb trusts location lists from the first instruction on, and then does not skip: COMPUNIT_LOCATIONS_VALID.
  if (hasLocationLists(unit)) return low;
  const after = low + pushLength(code);
  const found = lines && rowIndexAt(lines, after);
  if (!lines || !found) return after;
  const table = lines.table();
  if (table.addresses[found.row] === after) return after;
  for (let i = found.row + 1; i <= found.sequence.last; i++) {
    const address = table.addresses[i] ?? 0;
    if (address > after && (table.lines[i] !== 0 || i === found.sequence.last)) return address < high ? address : after;
  }
  return after;
}

function markedEnd(lines: UnitLines, low: number, high: number): number | undefined {
  const found = rowIndexAt(lines, low);
  if (!found) return undefined;
  const table = lines.table();
  for (let i = found.row; i < found.sequence.last; i++) {
    const address = table.addresses[i] ?? 0;
    if (address >= high) return undefined;
    if ((table.flags[i] ?? 0) & PROLOGUE_END) return address;
  }
  return undefined;
}

function hasLocationLists(unit: Unit): boolean {
  for (const { tag, names, forms } of unit.abbrevs.values()) {
    if (tag !== DW_TAG.variable && tag !== DW_TAG.formal_parameter) continue;
    const form = forms[names.indexOf(DW_AT.location)] ?? 0;
    if (form === DW_FORM.sec_offset || form === DW_FORM.loclistx || (unit.version < 4 && (form === DW_FORM.data4 || form === DW_FORM.data8))) return true;
  }
  return false;
}

/** The length of `endbr64`, `push %rbp` and `mov %rsp,%rbp` at the beginning of a function, as far as they stand there. */
function pushLength(code: Uint8Array): number {
  let at = 0;
  const is = (...bytes: number[]): boolean => bytes.every((b, i) => code[at + i] === b);
  if (is(0xf3, 0x0f, 0x1e, 0xfa)) at += 4;
  if (!is(0x55)) return at;
  at += 1;
  if (is(0x48, 0x89, 0xe5) || is(0x48, 0x8b, 0xec)) at += 3;
  return at;
}
