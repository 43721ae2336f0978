// Address translation: the page walk over guest physical memory and the software TLB that the emitted code reads. Linear addresses come as two unsigned
// 32-bit halves. SDM 3A, chapter 4 (4-level paging; no PCID, no protection keys).
import { ENGINE, PAGE_SIZE, STATE, ringWords, TLB_BASE, TLB_BYTES, TLB_ENTRIES } from './layout';
import type { PhysicalMemory } from './physical_memory';

const P = 1, W = 2, U = 4, ACCESSED = 0x20, DIRTY = 0x40, LARGE = 0x80, GLOBAL = 0x100;
const CR0_WP = 0x10000, CR0_PG = 0x80000000, EFER_NXE = 0x800, CR4_PGE = 0x80, CR4_SMEP = 1 << 20, CR4_SMAP = 1 << 21;
export const WRITE = 1, EXECUTE = 2, USER = 4;
/** Physical address bits 32 to 51 in the upper word of an entry. SDM 3A, 4.5.4 */
const FRAME_HIGH = 0xfffff;
/** Upper halves of addresses below the hole. */
const LOWER_HALF = 0x8000;

export class Mmu {
  /** Of the last translation that failed: page fault error code, or -1 for a non-canonical address (#GP). */
  errorCode = 0;
  /** Of the last translation that went well: a load of CR3 leaves it. SDM 3A, 4.10.2.4 */
  isGlobal = false;
  /** Entries that may hold something, by what leaves them: a load of CR3, or not. Each once: `listed` has a bit for either list. */
  private readonly filled: number[] = [];
  private readonly filledGlobal: number[] = [];
  private readonly listed = new Uint8Array(4 * TLB_ENTRIES);

  constructor(private readonly memory: PhysicalMemory) {
    // Zeros are the tag of page 0, which belongs to slot 0: what stands in another slot no page has.
    memory.u32.fill(0, TLB_BASE >> 2, (TLB_BASE + 4 * TLB_BYTES) >> 2);
    for (let i = 0; i < 4; i++) this.invalidate(TLB_BASE + i * TLB_BYTES);
  }

  private invalidate(entry: number): void {
    const slot = slotOf(entry);
    this.memory.u32[entry >> 2] = (slot ^ 1) << 12;
    this.memory.u32[(entry >> 2) + 1] = 0;
  }

  /**
   * The physical address, or -1 with `errorCode`. `access`: WRITE, EXECUTE, USER. `commit` sets accessed and dirty bits (a real access), else nothing changes.
   */
  walk(low: number, high: number, access: number, commit: boolean): number {
    const { memory } = this;
    let { u32 } = memory;
    const cr0 = u32[STATE.cr0 >> 2] as number;
    const top = high >>> 15;
    if (top !== 0 && top !== 0x1ffff) { this.errorCode = -1; return -1; }
    if (!(cr0 & CR0_PG)) { this.isGlobal = false; return this.backed(low); }
    const cr4 = u32[STATE.cr4 >> 2] as number;
    const nxe = (u32[STATE.efer >> 2] as number) & EFER_NXE;
    const violation = (access & WRITE ? 2 : 0) | (access & USER ? 4 : 0) | (access & EXECUTE && (nxe || cr4 & CR4_SMEP) ? 16 : 0);
    // Physical memory is less than 4 GiB, so what an entry says above that is no table.
    let table = ((u32[STATE.cr3 >> 2] as number) & ~0xfff) >>> 0, tableHigh = u32[(STATE.cr3 >> 2) + 1] as number;
    let rights = U | W, accessed = ACCESSED, noExecute = 0;
    let e0 = 0, e1 = 0, e2 = 0, e3 = 0;
    for (let level = 3; ; level--) {
      const index = level === 3 ? high >>> 7 & 511 : level === 2 ? (high & 0x7f) << 2 | low >>> 30 : level === 1 ? low >>> 21 & 511 : low >>> 12 & 511;
      const at = table + index * 8;
      if (tableHigh & FRAME_HIGH || table + PAGE_SIZE > u32.length * 4) {
        if (tableHigh & FRAME_HIGH || !memory.ensure(table + PAGE_SIZE)) { this.errorCode = violation | 8; return -1; }
        ({ u32 } = memory);
      }
      const entry = u32[at >>> 2] as number, entryHigh = u32[(at >>> 2) + 1] as number;
      if (!(entry & P)) { this.errorCode = violation; return -1; }
      rights &= entry;
      if (nxe) noExecute |= entryHigh >>> 31;
      else if (entryHigh >>> 31) { this.errorCode = violation | 9; return -1; }
      if (level === 3) e0 = at; else if (level === 2) e1 = at; else if (level === 1) e2 = at; else e3 = at;
      const isLeaf = level === 0 || (level < 3 && entry & LARGE);
      if (!isLeaf) {
        accessed &= entry;
        table = (entry & ~0xfff) >>> 0;
        tableHigh = entryHigh;
        continue;
      }
      // Rights. SDM 3A 4.6.
      let allowed = true;
      if (access & USER) allowed = (rights & U) !== 0 && (!(access & WRITE) || (rights & W) !== 0) && !(access & EXECUTE && noExecute);
      else {
        if (access & WRITE && !(rights & W) && cr0 & CR0_WP) allowed = false;
        if (access & EXECUTE && (noExecute || (rights & U && cr4 & CR4_SMEP))) allowed = false;
        if (!(access & EXECUTE) && rights & U && cr4 & CR4_SMAP && !((u32[STATE.flagSystem >> 2] as number) & 0x40000)) allowed = false;
      }
      if (!allowed) { this.errorCode = violation | 1; return -1; }
      if (commit) {
        if (accessed === 0) {
          this.mark(e0, ACCESSED);
          if (level <= 1) this.mark(e1, ACCESSED);
          if (level <= 0) this.mark(e2, ACCESSED);
        }
        this.mark(level === 0 ? e3 : level === 1 ? e2 : e1, access & WRITE ? ACCESSED | DIRTY : ACCESSED);
      }
      this.isGlobal = (entry & GLOBAL) !== 0 && (cr4 & CR4_PGE) !== 0;
      const mask = level === 0 ? 0xfff : level === 1 ? 0x1fffff : 0x3fffffff, pa = ((entry & ~mask) >>> 0) + (low & mask);
      return this.backed(entryHigh & FRAME_HIGH ? (entryHigh & FRAME_HIGH) * 2 ** 32 + pa : pa);
    }
  }

  private mark(entryAt: number, bits: number): void {
    const { memory } = this;
    const entry = memory.u32[entryAt >>> 2] as number;
    if ((entry & bits) === bits) return;
    memory.noteWrite(entryAt, 4);
    memory.u32[entryAt >>> 2] = entry | bits;
  }

  /** Physical memory appears when it is first touched; what cannot appear is a reserved-bit fault. */
  private backed(pa: number): number {
    if (pa < this.memory.size || this.memory.ensure(pa - pa % PAGE_SIZE + PAGE_SIZE)) return pa;
    this.errorCode = 9;
    return -1;
  }

  /** What the TLB of a ring has for an address; -1: nothing. */
  find(low: number, high: number, isWrite: boolean, isUser: boolean): number {
    const { u32 } = this.memory, at = entryOf(low, isWrite, isUser) >> 2;
    return u32[at] === (low & ~0xfff) >>> 0 && u32[at + 1] === high ? (low + (u32[at + 2] as number)) >>> 0 : -1;
  }

  /** Puts the last translation into the TLB of a ring. */
  fill(low: number, high: number, pa: number, isWrite: boolean, isUser: boolean): void {
    const entry = entryOf(low, isWrite, isUser), { u32 } = this.memory;
    u32[entry >> 2] = low & ~0xfff;
    u32[(entry >> 2) + 1] = high;
    u32[(entry >> 2) + 2] = (pa & ~0xfff) - (low & ~0xfff);
    if (this.isGlobal) this.list(entry, this.filledGlobal, 2); else this.list(entry, this.filled, 1);
  }

  private list(entry: number, list: number[], bit: number): void {
    const number = (entry - TLB_BASE) >> 4, listed = this.listed[number] as number;
    if (listed & bit) return;
    this.listed[number] = listed | bit;
    list.push(entry);
  }

  flush(): void {
    this.flushAddressSpace();
    this.empty(this.filledGlobal, 2);
  }

  /** As a load of CR3: all but global pages. */
  flushAddressSpace(): void {
    this.empty(this.filled, 1);
  }

  private empty(list: number[], bit: number): void {
    for (const entry of list) {
      this.invalidate(entry);
      this.listed[(entry - TLB_BASE) >> 4] = (this.listed[(entry - TLB_BASE) >> 4] as number) & ~bit;
    }
    list.length = 0;
  }

  /** As a load of CR3; what the TLBs have of the lower half goes to `to`, and comes back from there. */
  takeOut(to: TakenOut): void {
    const { u32 } = this.memory;
    to.count = 0;
    for (const entry of this.filled) {
      const at = entry >> 2, low = u32[at] as number, high = u32[at + 1] as number;
      if (high < LOWER_HALF && isOf(entry, low)) to.add(entry, low, high, u32[at + 2] as number);
    }
    this.flushAddressSpace();
  }
  putIn({ words, count }: TakenOut): void {
    const { u32 } = this.memory;
    for (let i = 0; i < 4 * count; i += 4) {
      const entry = words[i] as number, at = entry >> 2;
      u32[at] = words[i + 1] as number;
      u32[at + 1] = words[i + 2] as number;
      u32[at + 2] = words[i + 3] as number;
      this.list(entry, this.filled, 1);
    }
  }

  /** Only write entries: a new epoch, or pages that became code. */
  flushWrites(): void {
    for (const list of [this.filled, this.filledGlobal]) for (const entry of list) if (isWriteEntry(entry)) this.invalidate(entry);
  }

  /** Drops write entries that lead to a physical page. */
  flushWritesTo(page: number): void {
    const { u32 } = this.memory;
    for (const list of [this.filled, this.filledGlobal]) for (const entry of list) {
      if (!isWriteEntry(entry)) continue;
      if ((((u32[entry >> 2] as number) + (u32[(entry >> 2) + 2] as number)) >>> 12) === page) this.invalidate(entry);
    }
  }

  invlpg(low: number): void {
    const slot = low >>> 12 & (TLB_ENTRIES - 1);
    for (let t = 0; t < 4; t++) this.invalidate(TLB_BASE + t * TLB_BYTES + slot * 16);
  }

  /** The TLBs that the emitted code uses follow CPL. */
  useRing(isUser: boolean): void {
    const { u32 } = this.memory;
    const { readTlb, writeTlb, ringTag } = ringWords(isUser);
    u32[ENGINE.readTlb >> 2] = readTlb;
    u32[ENGINE.writeTlb >> 2] = writeTlb;
    u32[(ENGINE.ringTag >> 2) + 1] = (u32[ENGINE.spaceTag >> 2] as number) | ringTag;
  }
}

/** Entries of TLBs: each entry's place, low and high half of its page, addend. */
export class TakenOut {
  words = new Uint32Array(128);
  count = 0;

  add(entry: number, low: number, high: number, addend: number): void {
    const at = 4 * this.count++;
    if (at === this.words.length) {
      const { words } = this;
      this.words = new Uint32Array(2 * at);
      this.words.set(words);
    }
    const { words } = this;
    words[at] = entry;
    words[at + 1] = low;
    words[at + 2] = high;
    words[at + 3] = addend;
  }

  /** Invalidates those of a page. */
  leaveOut(low: number): void {
    const { words } = this, page = (low & ~0xfff) >>> 0;
    for (let at = 1; at < 4 * this.count; at += 4) if (words[at] === page) words[at] = page ^ PAGE_SIZE;
  }
}

/** Where a TLB has the page of an address. */
const entryOf = (low: number, isWrite: boolean, isUser: boolean): number => TLB_BASE + ((isUser ? 0 : 2) + (isWrite ? 1 : 0)) * TLB_BYTES + (low >>> 12 & (TLB_ENTRIES - 1)) * 16;

const slotOf = (entry: number): number => ((entry - TLB_BASE) / 16) % TLB_ENTRIES;

/** Else the entry is invalid. */
const isOf = (entry: number, low: number): boolean => (low >>> 12 & (TLB_ENTRIES - 1)) === slotOf(entry);

/** Read and write TLBs take turns. */
const isWriteEntry = (entry: number): boolean => (((entry - TLB_BASE) / TLB_BYTES | 0) & 1) === 1;
