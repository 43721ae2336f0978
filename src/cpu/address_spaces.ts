// What the engine keeps of address spaces that are not the present one, so that going back to one costs no walks and no look-ups: its TLB entries, the tag of its
// jumps, and its generation of translations. As with PCIDs: who changes the tables of a space that is not loaded tells of it by invlpg or flushTlb, which reach all
// spaces; a load of CR3 forgets them all. SDM 3A, 4.10.1
import { linearPage, type CodeCache } from './code_cache';
import { ENGINE, PAGE_SIZE, SPACE_TAGS, STATE } from './layout';
import { TakenOut, type Mmu } from './mmu';
import type { PhysicalMemory } from './physical_memory';

interface Space {
  /** Mixed into the tags of the jump cache. */
  readonly tag: number;
  /** ENGINE.fetchGeneration: a later change of translations counts for all spaces. */
  generation: number;
  /** While it is not loaded. */
  readonly translations: TakenOut;
}

/** Spaces that are kept: the one that was met first gives way to the newest. */
const MOST_SPACES = 16;
/** Pages of a range that are flushed one by one. Linux: tlb_single_page_flush_ceiling */
const SINGLE_PAGES = 33;
/** Pages that an upper half of an address stands for. */
const PAGES_OF_HALF = 2 ** 20;

export class AddressSpaces {
  /** By the physical address of their tables, those that were met first first; the present one may be among them. */
  private readonly kept = new Map<number, Space>();
  private present: Space = newSpace(0);
  private nextTag = 1;

  constructor(private readonly memory: PhysicalMemory, private readonly mmu: Mmu, private readonly code: CodeCache) {}

  /** Goes from the space that is loaded to that of the tables at `pa`. */
  switchTo(pa: number): void {
    const { kept, mmu, present, memory: { u32 } } = this, known = kept.get(pa);
    present.generation = u32[ENGINE.fetchGeneration >> 2] as number;
    mmu.takeOut(present.translations);
    kept.set(u32[STATE.cr3 >> 2] as number, present);
    u32[STATE.cr3 >> 2] = pa;
    u32[(STATE.cr3 >> 2) + 1] = 0;
    const space = known ?? newSpace(this.newTag());
    this.use(space);
    if (known) {
      mmu.putIn(known.translations);
      if (known.generation >= this.code.changedAt) { u32[ENGINE.fetchGeneration >> 2] = known.generation; return; }
    } else {
      kept.set(pa, space);
      for (const [oldest, one] of kept) { if (kept.size <= MOST_SPACES) break; if (one !== space) kept.delete(oldest); }
    }
    this.code.newGeneration();
  }

  /** Only the present space is known. */
  forget(): void { this.kept.clear(); }

  /** What TLBs have is true no more, of all spaces or of one page of each. */
  forgetTranslations(): void {
    for (const { translations } of this.kept.values()) translations.count = 0;
  }

  /** INVLPG of each of `pages` pages from an address on. */
  flushRange(low: number, high: number, pages: number): void {
    const first = linearPage(low, high);
    if (pages <= SINGLE_PAGES) {
      for (let i = 0; i < pages; i++) this.invlpg((low + i * PAGE_SIZE) >>> 0, Math.floor((first + i) / PAGES_OF_HALF));
      return;
    }
    this.mmu.flush();
    this.forgetTranslations();
    if (!this.code.mayHold(first, pages)) return;
    this.code.forgetAllJumps();
    this.code.translationsChanged();
  }

  invlpg(low: number, high: number): void {
    this.mmu.invlpg(low);
    for (const { translations } of this.kept.values()) translations.leaveOut(low);
    if (!this.code.mayHold(linearPage(low, high), 1)) return;
    this.code.forgetJumps(low, high);
    this.code.translationsChanged();
  }

  private newTag(): number {
    if (this.nextTag < SPACE_TAGS) return this.nextTag++;
    this.code.forgetAllJumps();
    this.kept.clear();
    this.nextTag = 2;
    return 1;
  }

  private use(space: Space): void {
    this.present = space;
    this.memory.u32[ENGINE.spaceTag >> 2] = space.tag << 16;
    this.mmu.useRing((this.memory.u32[STATE.cpl >> 2] as number) === 3);
  }
}

const newSpace = (tag: number): Space => ({ tag, generation: 0, translations: new TakenOut() });
