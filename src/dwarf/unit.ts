// One unit: its encoding, its bases into the other sections, and its entries as a table that is built on first use. DWARF5 3.1, 7.5.
import { addressToNumber } from '../base/address';
import { ByteReader } from '../base/bytes';
import { FormatError } from '../base/errors';
import { type Abbrev, type AbbrevTable, skipForm } from './abbrev';
import { DW_AT, DW_TAG, DW_UT } from './constants';
import type { Container } from './container';
import { Die } from './die';
import type { Expression, ExpressionUnit } from './expr';
import { indexedAddress } from './str';
import type { UnitHeader } from './units';

/** Entries in order of offset. `parents` and `ends` are positions in the table: an entry's children lie between itself and its end. */
export interface DieTable {
  offsets: Uint32Array;
  abbrevs: Abbrev[];
  parents: Int32Array;
  ends: Int32Array;
}

export class Unit implements ExpressionUnit {
  readonly version: number;
  readonly addressSize: number;
  readonly offsetSize: number;
  private abbrevTable: AbbrevTable | undefined;
  private dieTable: DieTable | undefined;
  private rootDie: Die | undefined;
  private basesFound: { strOffsets: number; addr: number; rnglists: number; loclists: number; ranges: number } | undefined;
  /** For a split unit: the skeleton in the program's own file, which knows addresses and the line table. */
  skeleton: Unit | undefined;

  /** `slices`: a package file's contributions to this unit, by section name without `.dwo`. */
  constructor(readonly container: Container, readonly header: UnitHeader, private readonly slices?: ReadonlyMap<string, Uint8Array>) {
    this.version = header.version;
    this.addressSize = header.addressSize;
    this.offsetSize = header.offsetSize;
  }

  /** The section's bytes as this unit sees them. */
  section(name: string): Uint8Array {
    return this.slices?.get(name) ?? this.container.section(name);
  }

  /** The section that this unit's entries stand in. */
  get entries(): Uint8Array { return this.container.section(this.header.section); }

  get isTypeUnit(): boolean { return this.header.unitType === DW_UT.type || this.header.unitType === DW_UT.split_type; }

  get abbrevs(): AbbrevTable {
    this.abbrevTable ??= this.slices?.has('.debug_abbrev')
      ? this.container.abbrevsOf(this.section('.debug_abbrev'), this.header.abbrevOffset, this)
      : this.container.abbrevs(this.header.abbrevOffset, this);
    return this.abbrevTable;
  }

  get root(): Die {
    if (this.rootDie) return this.rootDie;
    const reader = new ByteReader(this.entries, this.header.section, this.header.firstEntry, this.header.end);
    const abbrev = this.abbrevs.get(reader.uleb());
    if (!abbrev) throw new FormatError(this.header.section, this.header.firstEntry, 'the unit has no first entry');
    this.rootDie = new Die(this, this.header.firstEntry, abbrev, reader.offset, 0);
    return this.rootDie;
  }

  /** Where this unit's parts of the other sections begin. */
  get bases(): { strOffsets: number; addr: number; rnglists: number; loclists: number; ranges: number } {
    if (this.basesFound) return this.basesFound;
    const { root } = this;
    const isSplit = this.container.isDwo;
    const v5 = this.version >= 5;
    const head = this.offsetSize === 8 ? 16 : 8;
    const listHead = this.offsetSize === 8 ? 20 : 12;
    // A split unit has no base attributes: its tables begin after their headers. DWARF5 7.26, 7.28, 7.29.
    this.basesFound = { strOffsets: isSplit && v5 ? head : 0, addr: v5 && !isSplit ? head : 0, rnglists: v5 && isSplit ? listHead : 0, loclists: v5 && isSplit ? listHead : 0, ranges: 0 };
    const found = {
      strOffsets: root.sectionOffset(DW_AT.str_offsets_base) ?? this.basesFound.strOffsets,
      addr: root.sectionOffset(DW_AT.addr_base) ?? root.sectionOffset(DW_AT.GNU_addr_base) ?? this.basesFound.addr,
      rnglists: root.sectionOffset(DW_AT.rnglists_base) ?? this.basesFound.rnglists,
      loclists: root.sectionOffset(DW_AT.loclists_base) ?? this.basesFound.loclists,
      ranges: root.sectionOffset(DW_AT.GNU_ranges_base) ?? 0,
    };
    this.basesFound = found;
    return found;
  }

  addressAt(index: number): number {
    const owner = this.skeleton ?? this;
    return indexedAddress(owner.container.section('.debug_addr'), owner.bases.addr, index, this.addressSize);
  }

  /**
   * gcc's split DWARF writes a thread-local variable's address in the template (section address and all) where its offset in the
   * TLS block belongs: it becomes the offset here.
   */
  constantAt(index: number): number {
    const value = this.addressAt(index);
    const tls = (this.skeleton ?? this).container.elf.tlsSegment;
    const low = tls ? addressToNumber(tls.vaddr) : 0;
    return tls && low > 0 && value >= low && value < low + tls.memsz ? value - low : value;
  }

  baseTypeAt(offset: number): { size: number; encoding: number } | undefined {
    const die = this.dieAt(this.header.offset + offset);
    if (!die || die.tag !== DW_TAG.base_type) return undefined;
    return { size: die.number(DW_AT.byte_size) ?? 0, encoding: die.number(DW_AT.encoding) ?? 0 };
  }

  locationOf(offset: number, isSectionOffset: boolean): Expression | undefined {
    const die = isSectionOffset ? this.container.dieAt(offset) : this.dieAt(this.header.offset + offset);
    return die?.expression(DW_AT.location);
  }

  /** The bytes of an expression of this unit, ready for evaluation. */
  expression(bytes: Uint8Array): Expression {
    return { bytes, addressSize: this.addressSize, offsetSize: this.offsetSize, version: this.version, unit: this };
  }

  /** All entries. Entries after a malformed one are left out. */
  get table(): DieTable {
    this.dieTable ??= this.buildTable();
    return this.dieTable;
  }

  /** Forgets the table of entries; it is built again when needed. */
  release(): void { this.dieTable = undefined; }

  /** The entry at that position of the table. */
  die(index: number): Die | undefined {
    const { offsets, abbrevs } = this.table;
    const offset = offsets[index], abbrev = abbrevs[index];
    if (offset === undefined || !abbrev) return undefined;
    const reader = new ByteReader(this.entries, this.header.section, offset, this.header.end);
    reader.skipLeb();
    return new Die(this, offset, abbrev, reader.offset, index);
  }

  /** The entry at an offset of the section. */
  dieAt(offset: number): Die | undefined {
    const { offsets } = this.table;
    let low = 0, high = offsets.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const at = offsets[middle] ?? 0;
      if (at === offset) return this.die(middle);
      if (at < offset) low = middle + 1; else high = middle - 1;
    }
    return undefined;
  }

  private buildTable(): DieTable {
    const { abbrevs, header } = this;
    const reader = new ByteReader(this.entries, header.section, header.firstEntry, header.end);
    const offsets: number[] = [], shapes: Abbrev[] = [], parents: number[] = [], ends: number[] = [];
    const open: number[] = [];
    const close = (count: number): void => { const index = open.pop(); if (index !== undefined) ends[index] = count; };
    try {
      while (!reader.atEnd) {
        const offset = reader.offset;
        const code = reader.uleb();
        if (code === 0) {
          close(offsets.length);
          if (open.length === 0) break;
          continue;
        }
        const abbrev = abbrevs.get(code);
        if (!abbrev) throw new FormatError(header.section, offset, `abbreviation ${code} does not exist`);
        const index = offsets.length;
        offsets.push(offset); shapes.push(abbrev); parents.push(open[open.length - 1] ?? -1); ends.push(index + 1);
        if (abbrev.fixedSize >= 0) reader.skip(abbrev.fixedSize);
        else for (let i = 0; i < abbrev.forms.length; i++) skipForm(reader, abbrev.forms[i] ?? 0, this);
        if (abbrev.hasChildren) open.push(index);
        else if (open.length === 0) break;
      }
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.container.report(error);
    }
    while (open.length > 0) close(offsets.length);
    return { offsets: Uint32Array.from(offsets), abbrevs: shapes, parents: Int32Array.from(parents), ends: Int32Array.from(ends) };
  }
}
