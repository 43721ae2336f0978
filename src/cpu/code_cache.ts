// Predecoded code: 32-byte records in the reserved memory, by (physical page, linear page). Written by any store into the bytes they were made from.
import { ENGINE, CPU_RESERVED_BYTES, JUMP_CACHE, JUMP_CACHE_ENTRIES, JUMP_ENTRY_BYTES, PAGE_SIZE, RECORD, RECORD_BYTES, RECORDS } from './layout';
import { CodeShelf } from './code_shelf';
import { type Decoder } from './decode';
import { PSEUDO, type Handlers } from './handlers';
import { bytesOf, TAIL_BYTES, writeCode, type KeptCode, type KeptPage, type PageToKeep } from './kept_code';
import { isSame, wordsAt, wordsOf } from './page_words';
import type { PhysicalMemory } from './physical_memory';
import { NO_REGIONS, readRegions, type KeptRegions } from './translator/kept_regions';

export interface CodePage {
  readonly page: number;
  readonly linearLow: number; readonly linearHigh: number;
  /** Record by offset in the page, 0 for none. */
  readonly records: Int32Array;
  /** Bytes after each offset that its instruction takes. */
  readonly lengths: Uint8Array;
  /** JUMPED_TO: the target of a relative jump; LOOKED_UP: of something else (an indirect jump, a return, the start of a run). */
  readonly targets: Uint8Array;
  /** [start, end) pairs of the record memory. */
  readonly ranges: number[];
  /** A page whose first bytes end an instruction of this one, or -1. */
  nextPage: number;
  nextLow: number; nextHigh: number;
  /** What the next linear page has to begin with, until it has been looked at: the page was decoded by another processor. */
  tail?: Uint8Array;
  isValid: boolean;
}

/** Translates for instruction fetch without side effects: -1 when it would fault. */
export type FetchTranslation = (low: number, high: number) => number;

const MAX_BLOCK = 128;
/** The upper half of a tag that no address has: not canonical. */
const NO_JUMP = 0x80000000;
/** Bytes of an instruction. */
const LONGEST = 15;
/** Pages with code that are known at a time: each takes 24 KiB beside its records. */
const MOST_PAGES = 1 << 14;
const JUMPED_TO = 1, LOOKED_UP = 2;
/** So many pages, of 4 KiB and their records, and so many bytes of records are kept for the next processor; that is done when so much of what a run needed was new. */
const MOST_KEPT = 1 << 11, MOST_KEPT_BYTES = CPU_RESERVED_BYTES / 2 - RECORDS, WORTH_KEEPING = 0.05;

export class CodeCache {
  private readonly pages = new Map<number, CodePage[]>();
  /** Pages that end instructions of other pages. */
  private readonly tails = new Map<number, Set<CodePage>>();
  private free = RECORDS;
  private readonly jumpEntries = new Map<number, Set<number>>();
  /** The same of pages that a load of CR3 leaves. */
  private readonly globalJumps = new Map<number, Set<number>>();
  /** Offsets of breakpoints by linear page. */
  private readonly breakpoints = new Map<number, Set<number>>();
  private readonly buffer = new Uint8Array(32);
  /** The last that any address space had, and that since which translations have not changed. */
  private generation = 1;
  changedAt = 0;
  private readonly metPages = new Set<number>();
  decodedInstructions = 0;
  mostPages = MOST_PAGES;
  mostKept = MOST_KEPT;
  private pageCount = 0;
  /** How often code was dropped: who holds a record's address across predecoding compares, and a region that calls somebody. */
  get drops(): number { return this.memory.u32[ENGINE.codeDrops >> 2] as number; }
  /** The handler of a record, also where a region is entered. */
  originalHandler = (record: number): number => this.memory.u16[record >> 1] as number;
  /** Called when a page holds code for the first time. */
  onNewCodePage: (page: number) => void = () => undefined;
  /** Called before the code of a page goes, and before all of it goes. */
  onDropPage: (page: CodePage) => void = () => undefined;
  /** The bytes of a page go for a while, and are there again. */
  onShelve: (page: CodePage) => void = () => undefined;
  onReturn: (page: CodePage) => void = () => undefined;
  onDropAll: () => void = () => undefined;
  /** What of the regions is kept: whether much of it is new, and how it is written. */
  regionsToKeep = (): { isNew: boolean; write(whereIs: (record: number) => number): Uint8Array } => ({ isNew: false, write: () => new Uint8Array(0) });

  /** Pages of an earlier processor that were not asked for yet, by linear page. */
  private readonly kept = new Map<number, KeptPage[]>();
  private readonly shelf = new CodeShelf();
  private keptInstructions = 0;
  /** Of the same processor as its pages. */
  readonly keptRegions: KeptRegions = NO_REGIONS;

  /** `kept`: what keep() of another processor of this build gave. */
  constructor(private readonly memory: PhysicalMemory, private readonly decoder: Decoder, private readonly handlers: Handlers, private readonly fetch: FetchTranslation, private readonly keptCode: KeptCode | null = null) {
    if (!keptCode || keptCode.image.length > MOST_KEPT_BYTES) return;
    this.keptRegions = readRegions(keptCode.regions);
    handlers.placeTables(this.keptRegions.tables);
    handlers.adopt(keptCode);
    memory.u8.set(keptCode.image, RECORDS);
    this.free += keptCode.image.length;
    this.keptInstructions = keptCode.image.length / RECORD_BYTES;
    for (const page of keptCode.pages) {
      const key = linearPage(page.linearLow, page.linearHigh), list = this.kept.get(key);
      if (list) list.push(page); else this.kept.set(key, [page]);
    }
  }

  /** The page object for code at a linear page that lies at physical page `page`. */
  pageAt(page: number, linearLow: number, linearHigh: number): CodePage {
    let list = this.pages.get(page);
    if (!list) this.pages.set(page, list = []);
    for (const p of list) if (p.linearLow === linearLow && p.linearHigh === linearHigh) return p;
    const returned = this.shelf.take(page, linearLow, linearHigh, wordsOf(this.memory.i32, page));
    const made = returned ?? this.adopt(page, linearLow, linearHigh) ?? newPage(page, linearLow, linearHigh);
    this.metPages.add(linearPage(linearLow, linearHigh));
    if (made.tail) this.metPages.add(linearPage(made.nextLow, made.nextHigh));
    list.push(made);
    if (returned) {
      returned.isValid = true;
      this.onReturn(returned);
    } else {
      this.pageCount++;
    }
    if (this.memory.u8[ENGINE.codePages + page] === 0) {
      this.memory.u8[ENGINE.codePages + page] = 1;
      this.onNewCodePage(page);
    }
    return made;
  }

  /** The record for the instruction at an offset of the page, made now if need be. */
  recordAt(page: CodePage, offset: number): number {
    page.targets[offset] = (page.targets[offset] as number) | LOOKED_UP;
    return page.records[offset] || this.predecode(page, offset);
  }

  /** The same for a place where the processor was stopped. */
  resumedAt(page: CodePage, offset: number): number {
    return page.records[offset] || this.predecode(page, offset);
  }

  private predecode(page: CodePage, start: number): number {
    if (this.free + (MAX_BLOCK * 3 + 2) * RECORD_BYTES > CPU_RESERVED_BYTES || this.pageCount > this.mostPages) { this.dropAll(); page = this.pageAt(page.page, page.linearLow, page.linearHigh); }
    const { memory, decoder, handlers } = this;
    const { u8, u16, u32, i32 } = memory;
    const base = page.page * PAGE_SIZE, first = this.free;
    const jumps: number[] = [], breaks = this.breakpoints.get(linearPage(page.linearLow, page.linearHigh));
    let at = start, rec = this.free, ended = false;
    for (let n = 0; n < MAX_BLOCK && at < PAGE_SIZE && !ended; n++) {
      if (n > 0 && page.records[at] !== 0) break;
      let length: number, crosses = false;
      length = decoder.decode(u8, base + at, PAGE_SIZE - at);
      const d = decoder.decoded;
      if (breaks?.has(at)) {
        this.pseudo(rec, PSEUDO.breakpoint, at);
        page.records[at] = rec;
        rec += RECORD_BYTES;
      }
      if (length === 0) {
        // The instruction goes on in the next linear page.
        const [low, high] = pageBehind(page), pa = this.fetch(low, high);
        // Where another tail has been before, the page is made anew.
        if (pa < 0 || page.tail && !this.isTail(page, pa)) {
          page.records[at] ||= rec;
          this.pseudo(rec, PSEUDO.fetchFault, at);
          this.goTo(rec, page, at);
          page.lengths[at] = LONGEST;
          rec += RECORD_BYTES;
          ended = true;
          break;
        }
        const have = PAGE_SIZE - at;
        this.buffer.set(u8.subarray(base + at, base + PAGE_SIZE), 0);
        this.buffer.set(u8.subarray(pa, pa + 15), have);
        length = decoder.decode(this.buffer, 0, 15 + have);
        crosses = true;
        this.goesOn(page, low, high, pa);
        page.records[at] ||= rec;
        this.pseudo(rec, PSEUDO.cross, at);
        u32[(rec + RECORD.immediate) >> 2] = 0;
        rec += RECORD_BYTES;
      }
      page.records[at] ||= rec;
      this.decodedInstructions++;
      const { form } = d;
      if (length <= 0 || !form) {
        this.pseudo(rec, PSEUDO.undefined, at);
        u8[rec + RECORD.length] = length === -2 ? LONGEST : d.length;
        u8[rec + RECORD.flags] = length === -2 ? 1 : 0;
        page.lengths[at] = LONGEST;
        rec += RECORD_BYTES;
        ended = true;
        break;
      }
      page.lengths[at] = length;
      u16[(rec + RECORD.handler) >> 1] = handlers.need(form);
      u8[rec + RECORD.length] = length;
      u8[rec + RECORD.scale] = d.scale;
      u16[(rec + RECORD.reg) >> 1] = d.reg;
      u16[(rec + RECORD.rm) >> 1] = d.rm;
      u16[(rec + RECORD.vvvv) >> 1] = d.vvvv;
      u16[(rec + RECORD.segment) >> 1] = d.segment;
      u16[(rec + RECORD.pageOffset) >> 1] = at;
      u8[rec + RECORD.flags] = d.addr32 ? 1 : 0;
      u8[rec + RECORD.immediate2] = d.immediate2;
      let { base: baseRegister, index, displacement } = d;
      if (d.isRipRelative) {
        baseRegister = ENGINE.codePage;
        displacement += at + length;
        if (displacement > 0x7fffffff) { displacement -= 0x80000000; index = ENGINE.plus2G; u16[(rec + RECORD.handler) >> 1] = handlers.need(this.full(form)); }
      }
      u16[(rec + RECORD.base) >> 1] = baseRegister;
      u16[(rec + RECORD.index) >> 1] = index;
      i32[(rec + RECORD.displacement) >> 2] = displacement;
      i32[(rec + RECORD.immediate) >> 2] = d.immediateLow;
      i32[(rec + RECORD.immediate + 4) >> 2] = d.immediateHigh;
      const last = form.encoding.operands.at(-1);
      if (last?.class === 'relative') {
        const low = page.linearLow + at + length + d.immediateLow;
        const targetLow = low >>> 0, carry = Math.floor(low / 2 ** 32);
        u32[(rec + RECORD.immediate) >> 2] = targetLow;
        u32[(rec + RECORD.immediate + 4) >> 2] = (page.linearHigh + carry) >>> 0;
        i32[(rec + RECORD.link) >> 2] = 0;
        if (((targetLow & ~0xfff) >>> 0) === page.linearLow && ((page.linearHigh + carry) >>> 0) === page.linearHigh && !crosses) jumps.push(rec, targetLow & 0xfff);
      }
      rec += RECORD_BYTES;
      at += length;
      ended = form.encoding.options.ends === true;
    }
    if (!ended) {
      this.pseudo(rec, PSEUDO.goto, at);
      this.goTo(rec, page, at);
      if (at < PAGE_SIZE) jumps.push(rec, at);
      rec += RECORD_BYTES;
    }
    for (let i = 0; i < jumps.length; i += 2) {
      const jumper = jumps[i] as number, target = jumps[i + 1] as number, known = page.records[target] as number;
      page.targets[target] = (page.targets[target] as number) | JUMPED_TO;
      if (known !== 0) { i32[(jumper + RECORD.link) >> 2] = known; continue; }
      this.pseudo(rec, PSEUDO.stub, target);
      u32[(rec + RECORD.immediate) >> 2] = jumper;
      i32[(jumper + RECORD.link) >> 2] = rec;
      rec += RECORD_BYTES;
    }
    this.free = rec;
    page.ranges.push(first, rec);
    handlers.compile();
    return page.records[start] as number;
  }

  /** Where a record leads, or will. */
  private goTo(rec: number, { linearLow, linearHigh }: CodePage, offset: number): void {
    const { u32 } = this.memory, low = linearLow + offset;
    u32[(rec + RECORD.immediate) >> 2] = low >>> 0;
    u32[(rec + RECORD.immediate + 4) >> 2] = low >= 2 ** 32 ? (linearHigh + 1) >>> 0 : linearHigh;
    u32[(rec + RECORD.link) >> 2] = 0;
  }

  /** The page behind `page` is there now, at `pa`, which the instruction of `record` needs. What had led to that leads to the instruction. */
  pageBehindCame(page: CodePage, record: number, pa: number): void {
    const { u16, u32 } = this.memory, { drops } = this, at = u16[(record + RECORD.pageOffset) >> 1] as number;
    // Another tail, or a person's breakpoint, stands there.
    if (page.tail && !this.isTail(page, pa) || page.records[at] !== record) { this.dropPage(page.page); return; }
    page.records[at] = 0;
    const made = this.predecode(page, at);
    if (this.drops !== drops) return;
    u16[record >> 1] = PSEUDO.goto;
    u32[(record + RECORD.link) >> 2] = made;
  }

  /** The last instruction of a page ends at `pa`, the next linear page. */
  private goesOn(page: CodePage, low: number, high: number, pa: number): void {
    const { u8 } = this.memory;
    page.nextPage = Math.floor(pa / PAGE_SIZE); page.nextLow = low; page.nextHigh = high;
    this.metPages.add(linearPage(low, high));
    let tail = this.tails.get(page.nextPage);
    if (!tail) this.tails.set(page.nextPage, tail = new Set());
    tail.add(page);
    if (u8[ENGINE.codePages + page.nextPage] === 0) { u8[ENGINE.codePages + page.nextPage] = 1; this.onNewCodePage(page.nextPage); }
  }

  /** The form with a full address computation in place of a simple one. */
  private full(form: NonNullable<Decoder['decoded']['form']>): typeof form {
    return form.isSimple ? this.decoder.formFor(form.encoding, form.key & ~64) : form;
  }

  private pseudo(rec: number, handler: number, offset: number): void {
    const { u16, u32 } = this.memory;
    for (let i = 0; i < RECORD_BYTES; i += 4) u32[(rec + i) >> 2] = 0;
    u16[(rec + RECORD.handler) >> 1] = handler;
    u16[(rec + RECORD.pageOffset) >> 1] = offset;
  }

  // --- pages of another processor --------------------------------------------------------------------------------------------------------------

  /** The page as it was decoded in an earlier run, if its bytes are the same. */
  private adopt(page: number, linearLow: number, linearHigh: number): CodePage | undefined {
    const list = this.kept.get(linearPage(linearLow, linearHigh));
    if (!list) return undefined;
    const content = wordsOf(this.memory.i32, page);
    const at = list.findIndex(kept => isSame(content, wordsAt(kept.content)));
    const kept = list[at];
    if (!kept) return undefined;
    const made = newPage(page, linearLow, linearHigh);
    made.ranges.push(...kept.ranges);
    this.readRecords(made, (this.keptCode as KeptCode).targets);
    if (this.breaksIn(made)) return undefined;
    if (kept.tail.length > 0) {
      [made.nextLow, made.nextHigh] = pageBehind(made);
      made.tail = kept.tail;
    }
    // It has its records once.
    list.splice(at, 1);
    return made;
  }

  /** Which instructions the records of a page are. */
  private readRecords({ ranges, records, lengths, targets }: CodePage, targetsOf: Uint8Array): void {
    const { u8, u16 } = this.memory;
    for (let i = 0; i < ranges.length; i += 2) {
      for (let record = ranges[i] as number; record < (ranges[i + 1] as number); record += RECORD_BYTES) {
        const handler = u16[record >> 1] as number;
        if (handler < PSEUDO.count && handler !== PSEUDO.cross && handler !== PSEUDO.undefined) continue;
        const at = u16[(record + RECORD.pageOffset) >> 1] as number;
        if (records[at] === 0) records[at] = record;
        lengths[at] = handler === PSEUDO.undefined ? LONGEST : u8[record + RECORD.length] as number;
        targets[at] = targetsOf[(record - RECORDS) / RECORD_BYTES] as number;
      }
    }
  }

  /** Whether the instruction that goes over the page's end ends in the page at `pa`. */
  isTail(page: CodePage, pa: number): boolean {
    if (Math.floor(pa / PAGE_SIZE) === page.nextPage) return true;
    const { tail } = page;
    if (!tail?.every((byte, i) => byte === this.memory.u8[pa + i])) return false;
    delete page.tail;
    this.goesOn(page, page.nextLow, page.nextHigh, pa);
    return true;
  }

  private breaksIn({ linearLow, linearHigh, records }: CodePage): boolean {
    for (const offset of this.breakpoints.get(linearPage(linearLow, linearHigh)) ?? []) if (records[offset] !== 0) return true;
    return false;
  }

  /** What readCode() reads; null when too little of it is new. */
  keep(): Uint8Array | null {
    const regions = this.regionsToKeep();
    if (this.decodedInstructions <= this.keptInstructions * WORTH_KEEPING && !regions.isNew) return null;
    const { i32 } = this.memory, { image, targets } = this.keptCode ?? {};
    const made = [...this.pages.values()].flat().map(page => ({ page, content: wordsOf(i32, page.page) }));
    const pages = [...made, ...this.shelf.all].flatMap(({ page, content }) => this.toKeep(page, content) ?? []);
    const known = new Set(pages.map(({ page }) => linearPage(page.linearLow, page.linearHigh)));
    if (image) {
      const view = new DataView(image.buffer, image.byteOffset), handlerAt = (record: number): number => view.getUint16(record - RECORDS + RECORD.handler, true);
      const targetAt = (record: number): number => targets?.[(record - RECORDS) / RECORD_BYTES] ?? 0;
      for (const [key, list] of this.kept) if (!known.has(key)) pages.push(...list.map(page => ({ page, image, handlerAt, targetAt })));
    }
    const fitting = this.fitting(pages), unused = [...this.kept.values()].reduce((sum, list) => sum + list.length, 0);
    // Not all of it fits, and what is kept already serves.
    if (fitting.length < pages.length && this.keptCode && unused * 2 < this.keptCode.pages.length) return null;
    const { forms, met } = this.handlers.namedForms();
    return writeCode(fitting, forms, met, whereIs => regions.write(whereIs));
  }

  private fitting(pages: readonly PageToKeep[]): PageToKeep[] {
    let bytes = 0;
    const end = pages.slice(0, this.mostKept).findIndex(({ page }) => (bytes += bytesOf(page.ranges)) > MOST_KEPT_BYTES);
    return pages.slice(0, end < 0 ? this.mostKept : end);
  }

  private toKeep(page: CodePage, content: Int32Array): PageToKeep | null {
    const { u8 } = this.memory, links: number[] = [];
    for (let i = 0; i < page.ranges.length; i += 2) {
      for (let record = page.ranges[i] as number; record < (page.ranges[i + 1] as number); record += RECORD_BYTES) {
        const handler = this.originalHandler(record);
        // What a person's breakpoints left there is of this run alone.
        if (handler === PSEUDO.breakpoint) return null;
        if (handler === PSEUDO.goto || this.handlers.formOf(handler)?.encoding.operands.at(-1)?.class === 'relative') links.push(record);
      }
    }
    const tailAt = page.nextPage * PAGE_SIZE, tail = page.nextPage < 0 ? page.tail ?? new Uint8Array(0) : u8.subarray(tailAt, tailAt + TAIL_BYTES);
    return {
      page: {
        linearLow: page.linearLow, linearHigh: page.linearHigh, content: new Uint8Array(content.buffer, content.byteOffset, PAGE_SIZE), tail,
        ranges: Int32Array.from(page.ranges), links: Int32Array.from(links),
      },
      image: u8.subarray(RECORDS), handlerAt: record => whereKept(this.originalHandler(record)), targetAt: record => page.targets[this.memory.u16[(record + RECORD.pageOffset) >> 1] as number] ?? 0,
    };
  }

  // --- the jump cache ------------------------------------------------------------------------------------------------------------------------

  /** Remembers the record of a linear address for jumps of the current ring. What stood in its entry gives way to the one beside. */
  cacheJump(low: number, high: number, record: number, isGlobal: boolean): void {
    const { u32 } = this.memory, entry = jumpEntry(low), other = entry ^ JUMP_ENTRY_BYTES;
    if (u32[(entry >> 2) + 1] !== NO_JUMP) u32.copyWithin(other >> 2, entry >> 2, (entry + JUMP_ENTRY_BYTES) >> 2);
    u32[entry >> 2] = low;
    u32[(entry >> 2) + 1] = this.jumpTag(high);
    u32[(entry >> 2) + 2] = record;
    const jumps = isGlobal ? this.globalJumps : this.jumpEntries, key = linearPage(low, high), known = jumps.get(key);
    if (known) known.add(entry).add(other); else jumps.set(key, new Set([entry, other]));
  }

  /** What the cache has for a linear address; 0: nothing. */
  cachedJump(low: number, high: number): number {
    const { u32 } = this.memory, entry = jumpEntry(low), tag = this.jumpTag(high);
    for (const at of [entry >> 2, (entry ^ JUMP_ENTRY_BYTES) >> 2]) if (u32[at] === low && u32[at + 1] === tag) return u32[at + 2] as number;
    return 0;
  }

  private jumpTag(high: number): number { return (high ^ (this.memory.u32[(ENGINE.ringTag >> 2) + 1] as number)) >>> 0; }

  forgetJumps(low: number, high: number): void {
    const key = linearPage(low, high);
    for (const jumps of [this.jumpEntries, this.globalJumps]) {
      const list = jumps.get(key);
      if (!list) continue;
      for (const entry of list) this.clearJump(entry);
      jumps.delete(key);
    }
  }

  forgetAllJumps(): void {
    this.forgetAddressSpace();
    for (const list of this.globalJumps.values()) for (const entry of list) this.clearJump(entry);
    this.globalJumps.clear();
  }

  /** What stands on two pages looks at both again. */
  translationsChanged(): void {
    this.newGeneration();
    this.changedAt = this.generation;
  }

  /** Another address space is loaded, in which it has not looked yet. */
  newGeneration(): void { this.memory.i32[ENGINE.fetchGeneration >> 2] = ++this.generation; }

  /** Whether code has ever been met on a linear page of `count` from `first` on, or ended there. */
  mayHold(first: number, count: number): boolean {
    if (count === 1) return this.metPages.has(first);
    for (const page of this.metPages) if (page >= first && page < first + count) return true;
    return false;
  }

  /** As a load of CR3: all but those to global pages. */
  forgetAddressSpace(): void {
    for (const list of this.jumpEntries.values()) for (const entry of list) this.clearJump(entry);
    this.jumpEntries.clear();
  }

  private clearJump(entry: number): void { this.memory.u32[(entry >> 2) + 1] = NO_JUMP; }

  initialize(): void { this.memory.u32.fill(NO_JUMP, JUMP_CACHE >> 2, (JUMP_CACHE + JUMP_CACHE_ENTRIES * JUMP_ENTRY_BYTES) >> 2); }

  // --- invalidation --------------------------------------------------------------------------------------------------------------------------

  /** Whether a write to [pa, pa + length) on one page touches bytes of decoded instructions. */
  touches(pa: number, length: number): boolean {
    const page = Math.floor(pa / PAGE_SIZE), offset = pa % PAGE_SIZE;
    for (const p of this.pages.get(page) ?? []) {
      for (let at = Math.max(0, offset - 14); at < Math.min(PAGE_SIZE, offset + length); at++) if (p.records[at] !== 0 && at + (p.lengths[at] as number) > offset) return true;
    }
    return offset < 15 && (this.tails.get(page)?.size ?? 0) > 0;
  }

  /** Drops all code made from a physical page. */
  dropPage(page: number): void {
    for (const p of this.pages.get(page) ?? []) this.dropCodePage(p);
    this.pages.delete(page);
    for (const p of this.tails.get(page) ?? []) {
      this.dropCodePage(p);
      const list = this.pages.get(p.page)?.filter(q => q !== p) ?? [];
      if (list.length === 0) this.pages.delete(p.page); else this.pages.set(p.page, list);
    }
    this.tails.delete(page);
    this.memory.u8[ENGINE.codePages + page] = 0;
  }

  /** A physical page is about to get other bytes as a whole, while nothing runs: code made from those that it has waits for their return. */
  shelvePage(page: number): void {
    const { u8, i32 } = this.memory, content = wordsOf(i32, page).slice(), tail = u8.slice(page * PAGE_SIZE, page * PAGE_SIZE + TAIL_BYTES);
    this.memory.u32[ENGINE.codeDrops >> 2] = this.drops + 1;
    for (const p of this.tails.get(page) ?? []) {
      p.nextPage = -1;
      p.tail = tail;
    }
    this.tails.delete(page);
    for (const p of this.pages.get(page) ?? []) {
      if (p.nextPage >= 0) {
        p.tail = u8.slice(p.nextPage * PAGE_SIZE, p.nextPage * PAGE_SIZE + TAIL_BYTES);
        this.tails.get(p.nextPage)?.delete(p);
        p.nextPage = -1;
      }
      p.isValid = false;
      this.onShelve(p);
      this.forgetJumps(p.linearLow, p.linearHigh);
      for (const gone of this.shelf.put(p, content)) this.forgetShelved(gone);
    }
    this.pages.delete(page);
    u8[ENGINE.codePages + page] = 0;
    // Tails are looked at again.
    this.translationsChanged();
  }

  private forgetShelved(page: CodePage): void {
    this.pageCount--;
    this.onDropPage(page);
  }

  private dropCodePage(p: CodePage): void {
    if (!p.isValid) return;
    this.memory.u32[ENGINE.codeDrops >> 2] = this.drops + 1;
    p.isValid = false;
    this.pageCount--;
    this.onDropPage(p);
    const { u16, u32 } = this.memory;
    for (let i = 0; i < p.ranges.length; i += 2) {
      for (let rec = p.ranges[i] as number; rec < (p.ranges[i + 1] as number); rec += RECORD_BYTES) {
        u16[(rec + RECORD.handler) >> 1] = PSEUDO.stub;
        u32[(rec + RECORD.immediate) >> 2] = 0;
      }
    }
    this.forgetJumps(p.linearLow, p.linearHigh);
    if (p.nextPage >= 0) this.tails.get(p.nextPage)?.delete(p);
  }

  addBreakpoint(low: number, high: number): void {
    const key = linearPage(low, high), offsets = this.breakpoints.get(key);
    if (offsets) offsets.add(low & 0xfff); else this.breakpoints.set(key, new Set([low & 0xfff]));
    this.dropInstruction(key, low & 0xfff);
  }

  removeBreakpoint(low: number, high: number): void {
    const key = linearPage(low, high), offsets = this.breakpoints.get(key);
    if (!offsets?.delete(low & 0xfff)) return;
    if (offsets.size === 0) this.breakpoints.delete(key);
    this.dropInstruction(key, low & 0xfff);
  }

  /** Drops the pages at a linear page on which an instruction starts at the offset. */
  private dropInstruction(key: number, offset: number): void {
    for (const [page, list] of this.pages) if (list.some(p => linearPage(p.linearLow, p.linearHigh) === key && p.records[offset] !== 0)) this.dropPage(page);
    for (const page of this.shelf.forget(p => linearPage(p.linearLow, p.linearHigh) === key && p.records[offset] !== 0)) this.forgetShelved(page);
  }

  dropAll(): void {
    this.onDropAll();
    for (const page of this.pages.keys()) this.dropPage(page);
    for (const page of this.shelf.forget(() => true)) this.forgetShelved(page);
    for (const page of this.tails.keys()) this.memory.u8[ENGINE.codePages + page] = 0;
    this.tails.clear();
    this.metPages.clear();
    this.kept.clear();
    this.forgetAllJumps();
    this.free = RECORDS;
  }

  /** The valid code page of a physical page at a linear page, if any. */
  find(page: number, linearLow: number, linearHigh: number): CodePage | undefined {
    return this.pages.get(page)?.find(p => p.linearLow === linearLow && p.linearHigh === linearHigh);
  }
}

const newPage = (page: number, linearLow: number, linearHigh: number): CodePage =>
  ({ page, linearLow, linearHigh, records: new Int32Array(PAGE_SIZE), lengths: new Uint8Array(PAGE_SIZE), targets: new Uint8Array(PAGE_SIZE), ranges: [], nextPage: -1, nextLow: 0, nextHigh: 0, isValid: true });

/** Low and high half of the next linear page's address. */
function pageBehind({ linearLow, linearHigh }: Pick<CodePage, 'linearLow' | 'linearHigh'>): [low: number, high: number] {
  const low = (linearLow + PAGE_SIZE) >>> 0;
  return [low, low === 0 ? (linearHigh + 1) >>> 0 : linearHigh];
}

/** Whether the page behind is there is looked at again. */
const whereKept = (handler: number): number => handler === PSEUDO.fetchFault ? PSEUDO.goto : handler;

const jumpEntry = (low: number): number => JUMP_CACHE + ((low ^ low >>> 14) & (JUMP_CACHE_ENTRIES - 1)) * JUMP_ENTRY_BYTES;

export function linearPage(low: number, high: number): number {
  return high * 2 ** 20 + (low >>> 12);
}
