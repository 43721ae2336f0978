// The debug sections of one file: the program itself, its separate debug file, a .dwo, a .dwp or a supplementary file. Its units.
import { FormatError } from '../base/errors';
import type { ElfFile } from '../elf/elf';
import { type AbbrevTable, type Encoding, readAbbrevs } from './abbrev';
import type { Die } from './die';
import { type DwpUnit, readPackageIndex } from './dwp';
import { Unit } from './unit';
import { readUnitHeaders, type UnitHeader } from './units';

export class Container {
  private unitList: Unit[] | undefined;
  private typeUnits: Map<bigint, Unit> | undefined;
  private readonly abbrevTables = new Map<string, AbbrevTable>();
  private readonly damaged = new Set<string>();
  private readonly packageIndexes = new Map<string, DwpUnit[]>();
  /** dwz's supplementary file, when it was found. */
  supplement: Container | undefined;
  /** For a .dwo or .dwp: whose type units may be referred to as well. */
  parent: Container | undefined;

  /** `isDwo`: the sections are named `.debug_info.dwo`. */
  constructor(readonly elf: ElfFile, readonly isDwo: boolean, readonly report: (problem: FormatError) => void) {}

  /** The bytes of `.debug_x` (in a split file `.debug_x.dwo`); empty when it is missing or damaged. */
  section(name: string): Uint8Array {
    try {
      if (!this.damaged.has(name)) return this.elf.sectionData(this.isDwo ? `${name}.dwo` : name) ?? none;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.damaged.add(name);
      this.report(error);
    }
    return none;
  }

  abbrevs(offset: number, encoding: Encoding): AbbrevTable {
    return this.abbrevsOf(this.section('.debug_abbrev'), offset, encoding);
  }

  abbrevsOf(section: Uint8Array, offset: number, encoding: Encoding): AbbrevTable {
    const key = `${section.byteOffset}/${offset}/${encoding.version <= 2 ? 2 : 3}/${encoding.addressSize}/${encoding.offsetSize}`;
    let table = this.abbrevTables.get(key);
    if (!table) this.abbrevTables.set(key, table = readAbbrevs(section, offset, encoding));
    return table;
  }

  /** All units in order, those of .debug_info first. */
  get units(): readonly Unit[] {
    this.unitList ??= (['.debug_info', '.debug_types'] as const)
      .flatMap(name => readUnitHeaders(this.section(name), name, this.report).map(header => new Unit(this, header, this.slicesOf(header))));
    return this.unitList;
  }

  /** The unit that contains an offset of .debug_info. */
  unitAt(offset: number): Unit | undefined {
    const { units } = this;
    let low = 0, high = units.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const unit = units[middle];
      if (!unit) return undefined;
      if (unit.header.section !== '.debug_info' || offset < unit.header.offset) high = middle - 1;
      else if (offset >= unit.header.end) low = middle + 1;
      else return unit;
    }
    return undefined;
  }

  dieAt(offset: number): Die | undefined {
    return this.unitAt(offset)?.dieAt(offset);
  }

  /** The type that a type unit defines. DWARF5 7.32. */
  typeBySignature(signature: bigint): Die | undefined {
    if (!this.typeUnits) {
      this.typeUnits = new Map();
      for (const unit of this.units) if (unit.header.signature !== undefined && !this.typeUnits.has(unit.header.signature)) this.typeUnits.set(unit.header.signature, unit);
    }
    const unit = this.typeUnits.get(signature);
    return unit ? unit.dieAt(unit.header.offset + (unit.header.typeOffset ?? 0)) : this.parent?.typeBySignature(signature);
  }

  /** In a package file: the parts of the sections that belong to the unit. */
  private slicesOf(header: UnitHeader): Map<string, Uint8Array> | undefined {
    if (!this.isDwo) return undefined;
    const isType = header.signature !== undefined;
    const name = isType ? '.debug_tu_index' : '.debug_cu_index';
    let index = this.packageIndexes.get(name);
    if (!index) {
      index = [];
      try {
        index = readPackageIndex(this.elf.sectionData(name) ?? none, name);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        this.report(error);
      }
      this.packageIndexes.set(name, index);
    }
    const entry = index.find(u => { const own = u.parts.get(header.section); return own !== undefined && own.offset <= header.offset && header.end <= own.offset + own.size; });
    if (!entry) return undefined;
    const slices = new Map<string, Uint8Array>();
    for (const [section, { offset, size }] of entry.parts) if (section !== header.section) slices.set(section, this.section(section).subarray(offset, offset + size));
    return slices;
  }
}

const none = new Uint8Array();
