// .debug_rnglists and .debug_ranges: the addresses of what is not contiguous. DWARF5 2.17.3, 7.25; DWARF4 2.17.3.
import { ByteReader } from '../base/bytes';
import { FormatError } from '../base/errors';
import { DW_AT, DW_RLE } from './constants';
import type { Die } from './die';
import type { Unit } from './unit';
import { readOffset } from './units';

/** Addresses as signed numbers, [low, high). */
export interface Range { low: number; high: number }

const MAX_ENTRIES = 1_000_000;

/** The ranges of an entry: DW_AT_ranges, or DW_AT_low_pc to DW_AT_high_pc; empty when it has no code. */
export function rangesOf(die: Die): Range[] {
  if (die.has(DW_AT.ranges)) return readRanges(die);
  const low = die.address(DW_AT.low_pc);
  if (low === undefined) return [];
  const high = die.highPc(low);
  return high === undefined || high <= low ? [] : [{ low, high }];
}

/** The base that a unit's lists are relative to. */
export function unitBase(unit: Unit): number {
  return unit.root.address(DW_AT.low_pc) ?? unit.skeleton?.root.address(DW_AT.low_pc) ?? 0;
}

function readRanges(die: Die): Range[] {
  const { unit } = die;
  if (unit.version >= 5) {
    const section = unit.section('.debug_rnglists');
    const index = die.listIndex(DW_AT.ranges);
    if (index === undefined) return readRangeList(section, die.sectionOffset(DW_AT.ranges) ?? 0, unit);
    const base = unit.bases.rnglists;
    const entry = new ByteReader(section, '.debug_rnglists', base + index * unit.offsetSize);
    return readRangeList(section, base + readOffset(entry, unit.offsetSize), unit);
  }
  const offset = die.sectionOffset(DW_AT.ranges) ?? 0;
  // GNU's split DWARF 4 keeps the ranges in the program's file, relative to the skeleton's base.
  const owner = unit.skeleton ?? unit;
  return readOldRanges(owner.section('.debug_ranges'), offset + (unit.skeleton ? owner.bases.ranges : 0), unit);
}

function readRangeList(section: Uint8Array, offset: number, unit: Unit): Range[] {
  const reader = new ByteReader(section, '.debug_rnglists', offset);
  const address = (): number => unit.addressSize === 8 ? reader.address64() : reader.u32();
  const ranges: Range[] = [];
  let base = unitBase(unit);
  const add = (low: number, high: number): void => { if (high > low && !isTombstone(low)) ranges.push({ low, high }); };
  for (let i = 0; i < MAX_ENTRIES; i++) {
    const kind = reader.u8();
    switch (kind) {
      case DW_RLE.end_of_list: return ranges;
      case DW_RLE.base_addressx: base = unit.addressAt(reader.uleb()); break;
      case DW_RLE.startx_endx: { const low = unit.addressAt(reader.uleb()); add(low, unit.addressAt(reader.uleb())); break; }
      case DW_RLE.startx_length: { const low = unit.addressAt(reader.uleb()); add(low, low + reader.uleb()); break; }
      case DW_RLE.offset_pair: { const low = reader.uleb(), high = reader.uleb(); if (!isTombstone(base)) add(base + low, base + high); break; }
      case DW_RLE.base_address: base = address(); break;
      case DW_RLE.start_end: { const low = address(); add(low, address()); break; }
      case DW_RLE.start_length: { const low = address(); add(low, low + reader.uleb()); break; }
      default: throw new FormatError('.debug_rnglists', reader.offset - 1, `entry kind ${kind} is unknown`);
    }
  }
  return ranges;
}

function readOldRanges(section: Uint8Array, offset: number, unit: Unit): Range[] {
  const reader = new ByteReader(section, '.debug_ranges', offset);
  const address = (): number => unit.addressSize === 8 ? reader.address64() : reader.u32();
  const ranges: Range[] = [];
  let base = unitBase(unit);
  const selection = unit.addressSize === 8 ? -1 : 0xffff_ffff;
  for (let i = 0; i < MAX_ENTRIES; i++) {
    const low = address(), high = address();
    if (low === 0 && high === 0) break;
    if (low === selection) base = high;
    else if (high > low) ranges.push({ low: base + low, high: base + high });
  }
  return ranges;
}

/** Linkers mark code that they dropped with the highest addresses. DWARF6 proposal, lld, gold. */
export function isTombstone(address: number): boolean {
  return address === -1 || address === -2;
}
