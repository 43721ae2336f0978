// All unwind rules of one file: .eh_frame first, then .debug_frame, as gdb looks.
import { type Address, addressToNumber } from '../base/address';
import { FormatError } from '../base/errors';
import { PT_GNU_EH_FRAME } from '../elf/constants';
import type { ElfFile } from '../elf/elf';
import { ehFramePointer, type Fde, findFde, type FrameSection, readFrameSection, unwindRowAt, unwindRows } from './frame';
import type { UnwindRow } from './frame_types';

export class UnwindTable {
  private loaded: { section: FrameSection; fdes: Fde[] }[] | undefined;

  /** `debugElf`: the separate debug file, for its .debug_frame. */
  constructor(private readonly elf: ElfFile, private readonly debugElf: ElfFile | undefined, private readonly report: (problem: FormatError) => void) {}

  private get tables(): { section: FrameSection; fdes: Fde[] }[] {
    if (this.loaded) return this.loaded;
    this.loaded = [];
    for (const read of [() => this.ehFrame(), () => this.debugFrame()]) {
      try {
        const section = read();
        if (section) this.loaded.push({ section, fdes: readFrameSection(section, this.report) });
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        this.report(error);
      }
    }
    return this.loaded;
  }

  rowAt(pc: Address): UnwindRow | undefined {
    const at = addressToNumber(pc);
    for (const { section, fdes } of this.tables) {
      try {
        const row = unwindRowAt(fdes, section, at);
        if (row) return row;
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        this.report(error);
      }
    }
    return undefined;
  }

  /** The code that the entry for `pc` describes: a function's bounds where there are no symbols. */
  boundsAt(pc: Address): { low: number; high: number } | undefined {
    for (const { fdes } of this.tables) { const fde = findFde(fdes, addressToNumber(pc)); if (fde) return { low: fde.low, high: fde.high }; }
    return undefined;
  }

  /** Every row of every entry of one section, in order of address. */
  *rows(name: FrameSection['name']): Generator<{ fde: Fde; rows: UnwindRow[] }> {
    for (const { section, fdes } of this.tables) {
      if (section.name !== name) continue;
      for (const fde of fdes) yield { fde, rows: unwindRows(fde, section) };
    }
  }

  private ehFrame(): FrameSection | undefined {
    const { elf } = this;
    const section = elf.section('.eh_frame');
    const bytes = section && elf.sectionData(section);
    if (section && bytes) return { name: '.eh_frame', bytes, address: addressToNumber(section.address) };
    const header = elf.sections.length === 0 ? elf.segments.find(s => s.type === PT_GNU_EH_FRAME) : undefined;
    if (!header) return undefined;
    const address = ehFramePointer(elf.segmentData(header), addressToNumber(header.vaddr));
    const segment = elf.segments.find(s => s.type === 1 && address >= addressToNumber(s.vaddr) && address < addressToNumber(s.vaddr) + s.filesz);
    return segment && { name: '.eh_frame', bytes: elf.segmentData(segment).subarray(address - addressToNumber(segment.vaddr)), address };
  }

  private debugFrame(): FrameSection | undefined {
    const bytes = this.elf.sectionData('.debug_frame') ?? this.debugElf?.sectionData('.debug_frame');
    return bytes && { name: '.debug_frame', bytes, address: 0 };
  }
}
