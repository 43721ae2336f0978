// One debugging entry: its attributes, decoded when asked for. DWARF5 7.5.4 to 7.5.6.
import { addressToNumber } from '../base/address';
import { ByteReader } from '../base/bytes';
import { FormatError } from '../base/errors';
import { type Abbrev, skipForm } from './abbrev';
import { DW_AT, DW_FORM } from './constants';
import type { Expression } from './expr';
import { indexedString, stringAtOffset } from './str';
import type { Unit } from './unit';
import { readOffset } from './units';

export class Die {
  /** `offset` in the section; `valuesAt`: where the attributes begin; `index`: the position in the unit's table. */
  constructor(readonly unit: Unit, readonly offset: number, readonly abbrev: Abbrev, private readonly valuesAt: number, readonly index: number) {}

  get tag(): number { return this.abbrev.tag; }
  get hasChildren(): boolean { return this.abbrev.hasChildren; }
  has(name: number): boolean { return this.abbrev.names.includes(name); }

  /** A reader at the attribute's value, with its form; undefined when the entry does not have it. */
  private find(name: number): { reader: ByteReader; form: number; constant: bigint } | undefined {
    const wanted = this.abbrev.names.indexOf(name);
    if (wanted < 0) return undefined;
    const { header } = this.unit;
    const reader = new ByteReader(this.unit.entries, header.section, this.valuesAt, header.end);
    for (let i = 0; i < wanted; i++) skipForm(reader, this.abbrev.forms[i] ?? 0, this.unit);
    let form = this.abbrev.forms[wanted] ?? 0;
    if (form === DW_FORM.indirect) form = reader.uleb();
    return { reader, form, constant: this.abbrev.constants[wanted] ?? 0n };
  }

  /** The attribute's form; 0 when absent. */
  form(name: number): number { return this.find(name)?.form ?? 0; }

  string(name: number): string | undefined {
    const found = this.find(name);
    if (!found) return undefined;
    const { reader, form } = found;
    const { unit } = this;
    const indexed = (index: number): string => indexedString(unit.section('.debug_str_offsets'), unit.section('.debug_str'), unit.bases.strOffsets, index, unit.offsetSize);
    switch (form) {
      case DW_FORM.string: return reader.cstring();
      case DW_FORM.strp: return stringAtOffset(unit.section('.debug_str'), '.debug_str', readOffset(reader, unit.offsetSize));
      case DW_FORM.line_strp: return stringAtOffset(unit.section('.debug_line_str'), '.debug_line_str', readOffset(reader, unit.offsetSize));
      case DW_FORM.strx: case DW_FORM.GNU_str_index: return indexed(reader.uleb());
      case DW_FORM.strx1: return indexed(reader.u8());
      case DW_FORM.strx2: return indexed(reader.u16());
      case DW_FORM.strx3: return indexed(reader.u24());
      case DW_FORM.strx4: return indexed(reader.u32());
      case DW_FORM.GNU_strp_alt: case DW_FORM.strp_sup: {
        const alt = unit.container.supplement;
        return alt && stringAtOffset(alt.section('.debug_str'), '.debug_str', readOffset(reader, unit.offsetSize));
      }
      default: return undefined;
    }
  }

  get name(): string | undefined { return this.string(DW_AT.name); }

  /** A constant, exact. `isSigned` tells how to read the fixed-size data forms, which do not say. */
  constant(name: number, isSigned = false): bigint | undefined {
    const found = this.find(name);
    if (!found) return undefined;
    const { reader, form } = found;
    switch (form) {
      case DW_FORM.data1: return BigInt(isSigned ? reader.i8() : reader.u8());
      case DW_FORM.flag: return BigInt(reader.u8());
      case DW_FORM.data2: return BigInt(isSigned ? reader.i16() : reader.u16());
      case DW_FORM.data4: return BigInt(isSigned ? reader.i32() : reader.u32());
      case DW_FORM.data8: return isSigned ? reader.i64() : reader.u64();
      case DW_FORM.data16: { const low = reader.u64(); return low | (isSigned ? reader.i64() : reader.u64()) << 64n; }
      case DW_FORM.sdata: return reader.sleb64();
      case DW_FORM.udata: return reader.uleb64();
      case DW_FORM.implicit_const: return found.constant;
      case DW_FORM.flag_present: return 1n;
      case DW_FORM.sec_offset: return BigInt(readOffset(reader, this.unit.offsetSize));
      default: return undefined;
    }
  }

  number(name: number): number | undefined {
    const value = this.constant(name);
    return value === undefined ? undefined : Number(value);
  }

  flag(name: number): boolean { return this.has(name) && this.constant(name) !== 0n; }

  /** An address, as a signed number; also by index. */
  address(name: number): number | undefined {
    const found = this.find(name);
    if (!found) return undefined;
    const { reader, form } = found;
    switch (form) {
      case DW_FORM.addr: return this.unit.addressSize === 8 ? reader.address64() : reader.u32();
      case DW_FORM.addrx: case DW_FORM.GNU_addr_index: return this.unit.addressAt(reader.uleb());
      case DW_FORM.addrx1: return this.unit.addressAt(reader.u8());
      case DW_FORM.addrx2: return this.unit.addressAt(reader.u16());
      case DW_FORM.addrx3: return this.unit.addressAt(reader.u24());
      case DW_FORM.addrx4: return this.unit.addressAt(reader.u32());
      default: return undefined;
    }
  }

  /** DW_AT_high_pc: an address, or a length from `low`. */
  highPc(low: number): number | undefined {
    if (!this.has(DW_AT.high_pc)) return undefined;
    const address = this.address(DW_AT.high_pc);
    if (address !== undefined) return address;
    const length = this.constant(DW_AT.high_pc);
    return length === undefined ? undefined : low + addressToNumber(length);
  }

  /** An offset into another section (forms sec_offset, and data4/data8 before DWARF 4). */
  sectionOffset(name: number): number | undefined {
    const found = this.find(name);
    if (!found) return undefined;
    switch (found.form) {
      case DW_FORM.sec_offset: return readOffset(found.reader, this.unit.offsetSize);
      case DW_FORM.data4: return found.reader.u32();
      case DW_FORM.data8: return found.reader.size64();
      default: return undefined;
    }
  }

  /** A list's index (forms rnglistx, loclistx). */
  listIndex(name: number): number | undefined {
    const found = this.find(name);
    return found && (found.form === DW_FORM.rnglistx || found.form === DW_FORM.loclistx) ? found.reader.uleb() : undefined;
  }

  /** A block's bytes (forms block*, exprloc, data16). */
  block(name: number): Uint8Array | undefined {
    const found = this.find(name);
    if (!found) return undefined;
    const { reader, form } = found;
    switch (form) {
      case DW_FORM.block: case DW_FORM.exprloc: return reader.take(reader.uleb());
      case DW_FORM.block1: return reader.take(reader.u8());
      case DW_FORM.block2: return reader.take(reader.u16());
      case DW_FORM.block4: return reader.take(reader.u32());
      case DW_FORM.data16: return reader.take(16);
      default: return undefined;
    }
  }

  /** A location given directly, not by a list. */
  expression(name: number): Expression | undefined {
    const form = this.form(name);
    if (form === DW_FORM.data16) return undefined;
    const bytes = this.block(name);
    return bytes && this.unit.expression(bytes);
  }

  /** The entry that the attribute refers to. */
  reference(name: number): Die | undefined {
    const found = this.find(name);
    if (!found) return undefined;
    const { reader, form } = found;
    const { unit } = this;
    const local = (offset: number): Die | undefined => unit.dieAt(unit.header.offset + offset);
    switch (form) {
      case DW_FORM.ref1: return local(reader.u8());
      case DW_FORM.ref2: return local(reader.u16());
      case DW_FORM.ref4: return local(reader.u32());
      case DW_FORM.ref8: return local(reader.size64());
      case DW_FORM.ref_udata: return local(reader.uleb());
      case DW_FORM.ref_addr: return unit.container.dieAt(unit.version <= 2 && unit.addressSize === 8 ? reader.size64() : readOffset(reader, unit.offsetSize));
      case DW_FORM.ref_sig8: return unit.container.typeBySignature(reader.u64());
      case DW_FORM.GNU_ref_alt: case DW_FORM.ref_sup4: return unit.container.supplement?.dieAt(readOffset(reader, form === DW_FORM.ref_sup4 ? 4 : unit.offsetSize));
      case DW_FORM.ref_sup8: return unit.container.supplement?.dieAt(reader.size64());
      default: throw new FormatError(unit.header.section, this.offset, `form 0x${form.toString(16)} is no reference`);
    }
  }

  /** The children, in order. */
  *children(): Generator<Die> {
    const { ends } = this.unit.table;
    const end = ends[this.index] ?? 0;
    for (let i = this.index + 1; i < end; i = ends[i] ?? end) {
      const child = this.unit.die(i);
      if (child) yield child;
    }
  }

  get parent(): Die | undefined {
    const index = this.unit.table.parents[this.index] ?? -1;
    return index < 0 ? undefined : this.unit.die(index);
  }

  /** The entry that this one completes: DW_AT_abstract_origin, DW_AT_specification. */
  private get completed(): Die | undefined {
    return this.reference(DW_AT.abstract_origin) ?? this.reference(DW_AT.specification);
  }

  /** The attribute of this entry, or of the ones that it completes. */
  inherit<T>(get: (die: Die) => T | undefined, depth = 0): T | undefined {
    const own = get(this);
    return own !== undefined || depth > 8 ? own : this.completed?.inherit(get, depth + 1);
  }

  /** The entry at the end of the chain of abstract origins. */
  get origin(): Die { return this.originFrom(0); }

  private originFrom(depth: number): Die {
    const next = depth > 8 ? undefined : this.reference(DW_AT.abstract_origin);
    return next ? next.originFrom(depth + 1) : this;
  }
}
