// .debug_loclists and .debug_loc: where a variable is, address by address. DWARF5 2.6.2, 7.29; DWARF4 2.6.2; GNU's split form.
import { ByteReader } from '../base/bytes';
import { FormatError } from '../base/errors';
import { DW_FORM, DW_LLE } from './constants';
import type { Die } from './die';
import type { Expression } from './expr';
import { isTombstone, unitBase } from './rnglists';
import type { Unit } from './unit';
import { readOffset } from './units';

/** Addresses as signed numbers; the default location is for all that no other entry names. */
export interface LocationEntry { low: number; high: number; isDefault?: boolean; expression: Expression }

const MAX_ENTRIES = 1_000_000;

/** The location that attribute `name` gives at `pc`: undefined when there is none there. */
export function locationAt(die: Die, name: number, pc: number): Expression | undefined {
  const form = die.form(name);
  if (form === 0) return undefined;
  if (form !== DW_FORM.sec_offset && form !== DW_FORM.loclistx && form !== DW_FORM.data4 && form !== DW_FORM.data8) return die.expression(name);
  const entries = locationList(die, name);
  return (entries.find(e => !e.isDefault && pc >= e.low && pc < e.high) ?? entries.find(e => e.isDefault))?.expression;
}

/** All entries of the attribute's list; empty when it has no list. */
export function locationList(die: Die, name: number): LocationEntry[] {
  const { unit } = die;
  const index = die.listIndex(name);
  if (unit.version >= 5) {
    const section = unit.section('.debug_loclists');
    if (index === undefined) return readList(section, die.sectionOffset(name) ?? 0, unit);
    const base = unit.bases.loclists;
    return readList(section, base + readOffset(new ByteReader(section, '.debug_loclists', base + index * unit.offsetSize), unit.offsetSize), unit);
  }
  const offset = die.sectionOffset(name);
  if (offset === undefined) return [];
  return unit.container.isDwo ? readSplitList(unit.section('.debug_loc'), offset, unit) : readOldList(unit.section('.debug_loc'), offset, unit);
}

function readList(section: Uint8Array, offset: number, unit: Unit): LocationEntry[] {
  const reader = new ByteReader(section, '.debug_loclists', offset);
  const address = (): number => unit.addressSize === 8 ? reader.address64() : reader.u32();
  const entries: LocationEntry[] = [];
  let base = unitBase(unit);
  const add = (low: number, high: number): void => {
    const expression = unit.expression(reader.take(reader.uleb()));
    if (high > low && !isTombstone(low)) entries.push({ low, high, expression });
  };
  for (let i = 0; i < MAX_ENTRIES; i++) {
    const kind = reader.u8();
    switch (kind) {
      case DW_LLE.end_of_list: return entries;
      case DW_LLE.base_addressx: base = unit.addressAt(reader.uleb()); break;
      case DW_LLE.startx_endx: { const low = unit.addressAt(reader.uleb()); add(low, unit.addressAt(reader.uleb())); break; }
      case DW_LLE.startx_length: { const low = unit.addressAt(reader.uleb()); add(low, low + reader.uleb()); break; }
      case DW_LLE.offset_pair: { const low = reader.uleb(), high = reader.uleb(); add(base + low, base + high); break; }
      case DW_LLE.default_location: entries.push({ low: 0, high: 0, isDefault: true, expression: unit.expression(reader.take(reader.uleb())) }); break;
      case DW_LLE.base_address: base = address(); break;
      case DW_LLE.start_end: { const low = address(); add(low, address()); break; }
      case DW_LLE.start_length: { const low = address(); add(low, low + reader.uleb()); break; }
      case DW_LLE.GNU_view_pair: reader.skipLeb(); reader.skipLeb(); break;
      default: throw new FormatError('.debug_loclists', reader.offset - 1, `entry kind ${kind} is unknown`);
    }
  }
  return entries;
}

function readOldList(section: Uint8Array, offset: number, unit: Unit): LocationEntry[] {
  const reader = new ByteReader(section, '.debug_loc', offset);
  const address = (): number => unit.addressSize === 8 ? reader.address64() : reader.u32();
  const entries: LocationEntry[] = [];
  let base = unitBase(unit);
  const selection = unit.addressSize === 8 ? -1 : 0xffff_ffff;
  for (let i = 0; i < MAX_ENTRIES; i++) {
    const low = address(), high = address();
    if (low === 0 && high === 0) break;
    if (low === selection) { base = high; continue; }
    const expression = unit.expression(reader.take(reader.u16()));
    if (high > low) entries.push({ low: base + low, high: base + high, expression });
  }
  return entries;
}

/** Split DWARF before version 5: entry kinds as they then were, lengths of 4 bytes, expressions' lengths of 2. */
function readSplitList(section: Uint8Array, offset: number, unit: Unit): LocationEntry[] {
  const reader = new ByteReader(section, '.debug_loc.dwo', offset);
  const entries: LocationEntry[] = [];
  let base = unitBase(unit);
  for (let i = 0; i < MAX_ENTRIES; i++) {
    const kind = reader.u8();
    if (kind === 0) break;
    let low: number, high: number;
    if (kind === 1) { base = unit.addressAt(reader.uleb()); continue; }
    if (kind === 2) { low = unit.addressAt(reader.uleb()); high = unit.addressAt(reader.uleb()); }
    else if (kind === 3) { low = unit.addressAt(reader.uleb()); high = low + reader.u32(); }
    else if (kind === 4) { low = base + reader.u32(); high = base + reader.u32(); }
    else throw new FormatError('.debug_loc.dwo', reader.offset - 1, `entry kind ${kind} is unknown`);
    const expression = unit.expression(reader.take(reader.u16()));
    if (high > low) entries.push({ low, high, expression });
  }
  return entries;
}
