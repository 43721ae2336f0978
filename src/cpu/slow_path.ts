// Memory accesses that the TLB does not answer for the emitted code: misses, accesses over two pages, watched memory, stores into code, alignment.
import type { BounceBuffers } from './bounce';
import type { CodeCache } from './code_cache';
import { ENGINE, PAGE_SIZE } from './layout';
import { type Mmu, USER, WRITE } from './mmu';
import type { PhysicalMemory } from './physical_memory';
import type { Watchpoints } from './watchpoints';

/** In place of an address: the walk failed (`failedLow`, `failedHigh`, Mmu.errorCode), the instruction has to run alone, #AC. */
export const NOT_REACHED = -1, NEEDS_ALONE = -2, MISALIGNED = -3;

/** As #AC has it: vectors are not looked at, an 80-bit number is aligned like its first 64. SDM 3A, table 6-7. */
const isAligned = (low: number, size: number): boolean => size > 10 || (low & (size === 10 ? 7 : size - 1)) === 0;
const isCanonical = (high: number): boolean => high >>> 15 === 0 || high >>> 15 === 0x1ffff;

export class SlowPath {
  failedLow = 0;
  failedHigh = 0;
  /** CR0.AM and RFLAGS.AC are set in ring 3. Nothing is put into the TLBs meanwhile, so that every access is seen. */
  checksAlignment = false;

  constructor(private readonly memory: PhysicalMemory, private readonly mmu: Mmu, private readonly watches: Watchpoints, private readonly bounce: BounceBuffers, private readonly code: CodeCache) {}

  isMisaligned(low: number, high: number, size: number): boolean {
    return this.checksAlignment && !isAligned(low, size) && isCanonical(high);
  }

  /** `info`: size, and 0x100 for a write. The address in WebAssembly memory, or one of the above. */
  access(info: number, isUser: boolean, isAlone: boolean): number {
    const { memory, mmu, watches } = this;
    const { u32 } = memory;
    const low = u32[ENGINE.slowAddress >> 2] as number, high = u32[(ENGINE.slowAddress >> 2) + 1] as number;
    const size = info & 0xff, isWrite = (info & 0x100) !== 0, kind = isWrite ? 'write' : 'read';
    const access = (isUser ? USER : 0) | (isWrite ? WRITE : 0);
    if (this.isMisaligned(low, high, size)) return MISALIGNED;
    const pa = mmu.walk(low, high, access, true);
    const room = PAGE_SIZE - (low & 0xfff), nextLow = (low + room) >>> 0, nextHigh = nextLow === 0 ? (high + 1) >>> 0 : high;
    if (pa < 0) {
      // Whether all of it is canonical is asked first.
      if (size > room && mmu.errorCode >= 0 && !isCanonical(nextHigh)) mmu.errorCode = -1;
      return this.notReached(low, high);
    }
    if (size > room) {
      const second = mmu.walk(nextLow, nextHigh, access, true);
      if (second < 0) return this.notReached(nextLow, nextHigh);
      if ((isWrite || watches.covers(low, high, size, 'read')) && !isAlone) return NEEDS_ALONE;
      watches.note(low, high, size, kind);
      return this.bounce.slot(isWrite, isAlone, [{ pa, from: 0, length: room }, { pa: second, from: room, length: size - room }]);
    }
    const page = Math.floor(pa / PAGE_SIZE);
    const isWatched = watches.hasPage(low, high);
    if (isWatched) {
      if (watches.covers(low, high, size, kind) && !isAlone) return NEEDS_ALONE;
      watches.note(low, high, size, kind);
    }
    if (isWrite) {
      if (memory.u8[ENGINE.codePages + page] !== 0) {
        if (!this.code.touches(pa, size)) { memory.noteGuestWrite(page); return pa; }
        if (!isAlone) return NEEDS_ALONE;
        return this.bounce.slot(true, true, [{ pa, from: 0, length: size }]);
      }
      memory.noteGuestWrite(page);
    }
    if (isWatched || this.checksAlignment) return pa;
    mmu.fill(low, high, pa, isWrite, isUser);
    return pa;
  }

  private notReached(low: number, high: number): number {
    this.failedLow = low;
    this.failedHigh = high;
    return NOT_REACHED;
  }
}
