// Where the engines go on: the decoded record at RIP, by the jump cache or through the page tables, and what may stand in the way of fetching it.
import type { CodeCache, CodePage } from './code_cache';
import { ENGINE, PAGE_SIZE, RECORD, RECORD_BYTES, STATE } from './layout';
import { EXECUTE, USER, type Mmu } from './mmu';
import type { PhysicalMemory } from './physical_memory';

export class InstructionFetch {
  /**
   * `fault`: a walk to that address has just failed. `met`: a record was looked up that no jump had led to; `jumper`: the record that led there, 0 if that is
   * not known.
   */
  constructor(
    private readonly memory: PhysicalMemory, private readonly mmu: Mmu, private readonly code: CodeCache, private readonly fault: (low: number, high: number) => void,
    private readonly met: (jumper: number, page: CodePage, record: number) => void,
  ) {}

  /** What a walk asks for. */
  get rights(): number { return EXECUTE | (this.memory.u32[STATE.cpl >> 2] === 3 ? USER : 0); }

  /** The record at RIP, if it is where jumps have led; 0: not known. Sets the code page. */
  cached(low: number, high: number): number {
    const cached = this.code.cachedJump(low, high);
    if (cached !== 0) this.setCodePage(low, high);
    return cached;
  }

  /** RIP is where IRET has led. */
  isReturn(): boolean {
    const { u32 } = this.memory;
    return u32[STATE.rip >> 2] === u32[ENGINE.resumed >> 2] && u32[(STATE.rip >> 2) + 1] === u32[(ENGINE.resumed >> 2) + 1];
  }

  /** The record at RIP, made if need be; -1 with the exception pending when it cannot be fetched. Sets the code page. `jumper`: the record that leads here. */
  entry(isResumed = false, jumper = 0): number {
    const { u32 } = this.memory, low = u32[STATE.rip >> 2] as number, high = u32[(STATE.rip >> 2) + 1] as number;
    const cached = this.cached(low, high);
    if (cached !== 0) return cached;
    const pa = this.mmu.walk(low, high, this.rights, true), { isGlobal } = this.mmu;
    if (pa < 0) { this.fault(low, high); return -1; }
    const page = this.code.pageAt(Math.floor(pa / PAGE_SIZE), (low & ~0xfff) >>> 0, high);
    // Where a slice ended says nothing of where jumps lead.
    const record = isResumed ? this.code.resumedAt(page, low & 0xfff) : this.code.recordAt(page, low & 0xfff);
    if (!isResumed || this.isReturn()) this.code.cacheJump(low, high, record, isGlobal);
    this.setCodePage(low, high);
    this.met(jumper, page, record);
    return record;
  }

  /** An instruction goes over the end of its page, and translations may have changed since both pages were looked at: the record behind this look, or as entry(). */
  checkCrossing(record: number): number {
    const { u32, i32 } = this.memory, page = this.page();
    if (!page) return this.entry();
    const pa = this.mmu.walk(page.nextLow, page.nextHigh, this.rights, true);
    if (pa < 0) { this.fault(page.nextLow, page.nextHigh); return -1; }
    if (!this.code.isTail(page, pa)) {
      this.code.dropPage(page.page);
      return this.entry();
    }
    i32[(record + RECORD.immediate) >> 2] = u32[ENGINE.fetchGeneration >> 2] as number;
    return record + RECORD_BYTES;
  }

  /** The page behind the present one, which the instruction at RIP, that of `record`, needs, was not there when that was made: as entry(). */
  behindPage(record: number): number {
    const { u32 } = this.memory, pageLow = u32[ENGINE.codePage >> 2] as number, pageHigh = u32[(ENGINE.codePage >> 2) + 1] as number;
    const low = (pageLow + PAGE_SIZE) >>> 0, high = low === 0 ? (pageHigh + 1) >>> 0 : pageHigh;
    const pa = this.mmu.walk(low, high, this.rights, true);
    if (pa < 0) { this.fault(low, high); return -1; }
    const page = this.page();
    if (page) this.code.pageBehindCame(page, record, pa);
    return this.entry();
  }

  /** The present code page, if it is there. */
  page(): CodePage | undefined {
    const { u32 } = this.memory, low = u32[ENGINE.codePage >> 2] as number, high = u32[(ENGINE.codePage >> 2) + 1] as number;
    const pa = this.mmu.walk(low, high, this.rights, false);
    return pa < 0 ? undefined : this.code.find(Math.floor(pa / PAGE_SIZE), low, high);
  }

  private setCodePage(low: number, high: number): void {
    const { u32 } = this.memory;
    u32[ENGINE.codePage >> 2] = low & ~0xfff;
    u32[(ENGINE.codePage >> 2) + 1] = high;
  }
}
