// Which unit has the code at an address. .debug_aranges answers for the units that it lists; the others' first entries are read.
import { readAranges } from './aranges';
import { DW_UT } from './constants';
import type { DebugFiles } from './debug_files';
import { isTombstone, rangesOf } from './rnglists';
import type { Unit } from './unit';

export class UnitIndex {
  private skeletons: Unit[] | undefined;
  private sorted: { lows: Float64Array; highs: Float64Array; units: Unit[] } | undefined;
  private readonly ordinals = new Map<Unit, number>();
  private readonly numbered: Unit[] = [];

  constructor(private readonly files: DebugFiles) {}

  /** The compilation units of the program's file (of split ones the skeletons). */
  get compileUnits(): readonly Unit[] {
    this.skeletons ??= this.files.main.units.filter(u => !u.isTypeUnit && u.header.unitType !== DW_UT.partial);
    return this.skeletons;
  }

  /** All compilation units with their entries. Opens every split file. */
  get fullUnits(): Unit[] { return this.compileUnits.map(u => this.files.full(u)); }

  /** The unit with entries that has code at `pc` (signed number). */
  unitAt(pc: number): Unit | undefined {
    const unit = this.skeletonAt(pc);
    return unit && this.files.full(unit);
  }

  /** The unit in the program's own file: the one that knows the line table. */
  skeletonAt(pc: number): Unit | undefined {
    const { lows, highs, units } = this.index();
    let low = 0, high = lows.length;
    while (low < high) { const middle = (low + high) >> 1; if ((lows[middle] ?? 0) <= pc) low = middle + 1; else high = middle; }
    for (let i = low - 1, steps = 0; i >= 0 && steps < 16; i--, steps++) if (pc < (highs[i] ?? 0)) return units[i];
    return undefined;
  }

  /** A number that identifies the unit: ids of entries are made with it. */
  ordinal(unit: Unit): number {
    let n = this.ordinals.get(unit);
    if (n === undefined) { this.ordinals.set(unit, n = this.numbered.length); this.numbered.push(unit); }
    return n;
  }

  unitOf(ordinal: number): Unit | undefined { return this.numbered[ordinal]; }

  private index(): { lows: Float64Array; highs: Float64Array; units: Unit[] } {
    if (this.sorted) return this.sorted;
    const { files } = this;
    const listed = readAranges(files.main.section('.debug_aranges'), files.report);
    const found: { low: number; high: number; unit: Unit }[] = [];
    for (const unit of this.compileUnits) {
      let ranges = listed.get(unit.header.offset)?.filter(r => r.low !== 0) ?? [];
      if (ranges.length === 0) ranges = files.guard(() => rangesOf(unit.root), []);
      // Code that the linker dropped is left at address 0.
      for (const { low, high } of ranges) if (low !== 0 && !isTombstone(low)) found.push({ low, high, unit });
    }
    found.sort((a, b) => a.low - b.low || b.high - a.high);
    this.sorted = { lows: Float64Array.from(found, f => f.low), highs: Float64Array.from(found, f => f.high), units: found.map(f => f.unit) };
    return this.sorted;
  }
}
