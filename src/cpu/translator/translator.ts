// The second engine: what samples of the running program fall into becomes regions of WebAssembly, entered where the interpreter meets their first records.
// Bounded: numbers of entries and bytes of code; when they are used up, everything is forgotten and begins anew.
import { ENGINE, JUMP_MAP_BYTES, JUMP_MAP_COUNT, JUMP_MAPS, PAGE_SIZE, RECORD, RECORD_BYTES, REGION_ENTRIES, REGION_ENTRY, REGIONS, STATE } from '../layout';
import type { CodeCache, CodePage } from '../code_cache';
import type { Form } from '../decode';
import { FIRST_REGION, PSEUDO, type Handlers } from '../handlers';
import type { PhysicalMemory } from '../physical_memory';
import { RegionEmitter } from './emitter';
import { mxcsrMode, type MxcsrMode } from './register_locals';
import { distanceInMap, findRegion, type Region } from './region';
import { factsOf } from './facts';

/**
 * How often samples fall into a place before it is translated: running it until then costs about half of what compiling it does, and most places never come so
 * far. Regions that are compiled together; samples that a place waits for others.
 */
const SAMPLES = 64, BATCH = 6, PATIENCE = 12;
/** Changes of MXCSR after which code is made for any. */
const MXCSR_CHANGES = 3;
/** Exits in a period between samples for bytes on two pages, after which a region is made anew, in which every access looks at its page by itself. */
const MAX_STRADDLES = 50;
const MAX_BYTES = 48 << 20;
/** Samples in a row that fell into regions, after each of which the next ones are a period further apart; so many periods at most. */
const QUIET_SAMPLES = 16, MOST_PERIODS = 12;

/** Code to be translated, for the ring that it was met in. */
interface Wanted { readonly page: CodePage; readonly record: number; readonly isUser: boolean }
interface Entry { readonly record: number; readonly number: number; readonly original: number }
interface Compiled { readonly region: Region; readonly isUser: boolean; readonly mxcsr: MxcsrMode | undefined; readonly entries: Entry[]; readonly bytes: number; readonly map: number | undefined; isAlive: boolean; /** Not entered: the bytes of one of its pages are not there now. */ isShelved: boolean }

export interface RegionStatistics { regions: number; instructions: number; bytes: number; compileMs: number; dropped: number; forgotten: number; stale: number }

export class Translator {
  private readonly counts = new Map<number, number>();
  private queue: Wanted[] = [];
  private waiting = 0;
  /** Samples since one met interpreted code. */
  private quiet = 0;
  /** To the next sample. */
  periods = 1;
  private readonly byPage = new Map<CodePage, Set<Compiled>>();
  private readonly byEntry: (Compiled | undefined)[] = [];
  /** Records inside regions: samples there lead to nothing new. */
  private readonly inside = new Map<number, Compiled>();
  /** Where indirect jumps have led, by the jump's record. */
  private readonly jumps = new Map<number, Map<number, CodePage>>();
  /** How often regions were entered with another MXCSR than they counted on, by record. */
  private readonly otherMxcsr = new Map<number, number>();
  /** Records of accesses that fell on two pages again and again. */
  private readonly straddlers = new Set<number>();
  private readonly freeNumbers: number[] = [];
  private nextNumber = 0;
  private readonly freeMaps: number[] = Array.from({ length: JUMP_MAP_COUNT }, (_, i) => i);
  private bytes = 0;
  /** For those who ask how it goes. */
  readonly statistics: RegionStatistics = { regions: 0, instructions: 0, bytes: 0, compileMs: 0, dropped: 0, forgotten: 0, stale: 0 };
  /** Set by who has a clock. */
  clock: () => number = () => 0;

  constructor(private readonly memory: PhysicalMemory, private readonly handlers: Handlers, private readonly code: CodeCache, private readonly fetch: (low: number, high: number, isUser: boolean) => number, private readonly samples = SAMPLES, private readonly maxBytes = MAX_BYTES) {
    code.originalHandler = record => this.handlerAt(record);
    code.onDropPage = page => this.dropPage(page);
    code.onShelve = page => this.shelve(page);
    code.onReturn = page => this.unshelve(page);
    code.onDropAll = () => { this.dropAll(); this.jumps.clear(); };
  }

  /** The form of a record, also where a region is entered. */
  formAt(record: number): Form | undefined {
    return this.handlers.formOf(this.handlerAt(record));
  }

  /** An interpreted jump led to a record: the first time, and whenever the jump cache had forgotten. Its target is what a register or a table says, no function of a library. */
  noteJump(jumper: number, page: CodePage, record: number): void {
    if (this.formAt(jumper)?.encoding.mnemonic !== 'jmp' || this.memory.u16[(jumper + RECORD.base) >> 1] === ENGINE.codePage) return;
    const known = this.jumps.get(jumper);
    if (known) known.set(record, page); else this.jumps.set(jumper, new Map([[record, page]]));
  }

  private handlerAt(record: number): number {
    const handler = this.memory.u16[record >> 1] as number;
    return handler >= FIRST_REGION ? this.memory.u16[(entryAddress(handler - FIRST_REGION) + REGION_ENTRY.original) >> 1] as number : handler;
  }

  /** The program is about to execute `record` of `page`. False: no region holds it. */
  sample(page: CodePage, record: number): boolean {
    this.lookAtStraddles();
    const isInside = this.inside.has(record);
    if (!isInside) {
      const head = this.headOf(page, record);
      if (head !== 0) {
        const n = (this.counts.get(head) ?? 0) + 1;
        this.counts.set(head, n);
        if (n === this.samples) this.queue.push({ page, record: head, isUser: this.isUser });
      }
    }
    this.quiet = isInside ? this.quiet + 1 : 0;
    this.periods = Math.min(MOST_PERIODS, 1 + Math.floor(this.quiet / QUIET_SAMPLES));
    if (this.queue.length >= BATCH || (this.queue.length > 0 && ++this.waiting > PATIENCE)) this.translate();
    return isInside;
  }

  /** Regions that were left again and again for bytes on two pages are made anew. */
  private lookAtStraddles(): void {
    const { u32 } = this.memory, count = u32[ENGINE.straddles >> 2] as number;
    if (count === 0) return;
    u32[ENGINE.straddles >> 2] = 0;
    const record = u32[ENGINE.straddler >> 2] as number;
    if (count <= MAX_STRADDLES * this.periods || this.straddlers.has(record)) return;
    this.straddlers.add(record);
    for (const made of new Set([...this.byPage.values()].flatMap(set => [...set]))) {
      const first = made.region.blocks[0]?.instructions[0];
      if (!first || !made.region.blocks.some(block => holds(block, record))) continue;
      this.drop(made);
      this.queue.push({ page: (made.region.blocks[0] as Region['blocks'][number]).page, record: first.record, isUser: made.isUser });
    }
  }

  private get isUser(): boolean { return this.memory.u32[STATE.cpl >> 2] === 3; }

  /** Whether code waits for being translated together with other. */
  get isWaiting(): boolean { return this.queue.length > 0; }

  /** Bytes of translated code that are kept. */
  get keptBytes(): number { return this.bytes; }

  /** Whether a region has code for the record. */
  holds(record: number): boolean { return this.inside.has(record); }

  /** Translates what is reached from a record, at once. */
  translateNow(page: CodePage, record: number): void {
    if (this.inside.has(record)) return;
    this.queue.push({ page, record, isUser: this.isUser });
    this.translate();
  }

  /** The nearest jump target at or before a record, in its own sequence; 0 where nothing can be translated. */
  private headOf(page: CodePage, record: number): number {
    const { u16 } = this.memory;
    let from = 0;
    for (let i = 0; i < page.ranges.length; i += 2) if (record >= (page.ranges[i] as number) && record < (page.ranges[i + 1] as number)) from = page.ranges[i] as number;
    if (from === 0) return 0;
    for (let at = record; at >= from; at -= RECORD_BYTES) {
      const handler = this.handlerAt(at), form = this.handlers.formOf(handler);
      if (handler < PSEUDO.count || (form && factsOf(form).needsInterpreter)) return at === record ? 0 : at + RECORD_BYTES;
      if (page.targets[u16[(at + RECORD.pageOffset) >> 1] as number] !== 0 || at === from) return at;
    }
    return 0;
  }

  private translate(): void {
    const { queue } = this, began = this.clock();
    this.queue = [];
    this.waiting = 0;
    const regions: Region[] = [], rings: boolean[] = [];
    for (const { page, record, isUser } of queue) {
      if (!page.isValid || this.inside.has(record) || regions.some(r => r.blocks.some(b => b.instructions.some(i => i.record === record)))) continue;
      const region = findRegion({ memory: this.memory, code: this.code, formAt: at => this.formAt(at), targetsOf: at => this.jumps.get(at) ?? [], fetch: (low, high) => this.fetch(low, high, isUser) }, page, record);
      if (!region) continue;
      regions.push(region);
      rings.push(isUser);
    }
    if (regions.length === 0) return;
    if (this.bytes > this.maxBytes || this.nextNumber + regions.length * 100 > REGION_ENTRIES) { this.dropAll(); this.statistics.forgotten++; }
    const numbers = regions.map(region => this.numbersFor(region.blocks.length));
    const maps = regions.map(region => region.indirect.length > 0 ? this.freeMaps.pop() : undefined);
    const emitters: RegionEmitter[] = [];
    const bytes = this.handlers.compileRegions(regions.map((region, i) => around => {
      const emitter = new RegionEmitter(region, this.memory, { generation: entryAddress((numbers[i] as number[])[0] as number) + REGION_ENTRY.generation, map: mapAddress(maps[i]), mxcsr: this.mxcsrFor(region), isUser: rings[i] === true, isCareful: [...this.straddlers].some(record => region.blocks.some(block => holds(block, record))) }, around);
      emitters.push(emitter);
      return emitter;
    }), numbers.map(list => list[0] as number));
    regions.forEach((region, i) => this.install(region, emitters[i] as RegionEmitter, numbers[i] as number[], bytes / regions.length, maps[i], rings[i] === true));
    this.statistics.compileMs += this.clock() - began;
  }

  /** The mode of MXCSR that a region is made for: the present one, unless its code was met in others again and again. */
  private mxcsrFor(region: Region): MxcsrMode | undefined {
    const met = Math.max(...region.blocks.map(block => this.otherMxcsr.get((block.instructions[0] as { record: number }).record) ?? 0));
    return met < MXCSR_CHANGES ? mxcsrMode(this.memory) : undefined;
  }

  /** As many numbers as a region may need; those that it does not use are given back. */
  private numbersFor(blocks: number): number[] {
    const list: number[] = [];
    while (list.length < blocks) list.push(this.freeNumbers.pop() ?? this.nextNumber++);
    return list;
  }

  private install(region: Region, { entryBlocks, needs, mxcsr }: RegionEmitter, numbers: number[], bytes: number, map: number | undefined, isUser: boolean): void {
    const { u8, u16, u32 } = this.memory;
    const made: Compiled = { region, isUser, mxcsr, entries: [], bytes, map, isAlive: true, isShelved: false };
    const at = mapAddress(map);
    if (at !== undefined) {
      u8.fill(0, at, at + JUMP_MAP_BYTES);
      for (const block of region.indirect) u8[at + distanceInMap(region, block, this.memory)] = entryBlocks.indexOf(block) + 1;
    }
    const slot = numbers[0] as number;
    let used = 0;
    entryBlocks.forEach((block, state) => {
      const { instructions } = region.blocks[block] as Region['blocks'][number];
      const record = (instructions[0] as { record: number }).record;
      // Another region may begin there already.
      if ((u16[record >> 1] as number) >= FIRST_REGION && used > 0) return;
      const number = numbers[used++] as number, at = entryAddress(number), original = this.handlerAt(record);
      u32[(at + REGION_ENTRY.minimum) >> 2] = needs[block] as number;
      u32[(at + REGION_ENTRY.slot) >> 2] = slot;
      u16[(at + REGION_ENTRY.original) >> 1] = original;
      u16[(at + REGION_ENTRY.state) >> 1] = state;
      u32[(at + REGION_ENTRY.generation) >> 2] = u32[ENGINE.fetchGeneration >> 2] as number;
      u16[record >> 1] = FIRST_REGION + number;
      made.entries.push({ record, number, original });
      this.byEntry[number] = made;
    });
    this.freeNumbers.push(...numbers.slice(Math.max(1, used)));
    for (const page of region.pages) {
      const set = this.byPage.get(page);
      if (set) set.add(made); else this.byPage.set(page, new Set([made]));
    }
    for (const block of region.blocks) for (const { record } of block.instructions) if (!this.inside.has(record)) this.inside.set(record, made);
    this.bytes += bytes;
    this.statistics.regions++;
    this.statistics.instructions += region.instructionCount;
    this.statistics.bytes += bytes;
  }

  /** A region does not run as the processor stands: translations changed, or MXCSR is another. False when its pages are not where they were. */
  revalidate(record: number): boolean {
    const handler = this.memory.u16[record >> 1] as number, made = this.byEntry[handler - FIRST_REGION];
    if (!made) return false;
    this.statistics.stale++;
    const isThere = made.region.pages.every(page => Math.floor(this.fetch(page.linearLow, page.linearHigh, made.isUser) / PAGE_SIZE) === page.page);
    const first = made.entries[0];
    if (isThere && made.mxcsr !== undefined && made.mxcsr !== mxcsrMode(this.memory)) {
      this.otherMxcsr.set(record, (this.otherMxcsr.get(record) ?? 0) + 1);
      this.drop(made);
      return true;
    }
    if (isThere && first) this.memory.u32[(entryAddress(first.number) + REGION_ENTRY.generation) >> 2] = this.memory.u32[ENGINE.fetchGeneration >> 2] as number;
    else this.drop(made);
    return isThere;
  }

  private dropPage(page: CodePage): void {
    for (const made of this.byPage.get(page) ?? []) this.drop(made);
    this.queue = this.queue.filter(one => one.page !== page);
    this.counts.clear();
    this.otherMxcsr.clear();
    this.straddlers.clear();
  }

  private drop(made: Compiled): void {
    if (!made.isAlive) return;
    made.isAlive = false;
    this.statistics.dropped++;
    this.leave(made);
    for (const { number } of made.entries) {
      this.byEntry[number] = undefined;
      this.freeNumbers.push(number);
    }
    for (const page of made.region.pages) this.byPage.get(page)?.delete(made);
    if (made.map !== undefined) this.freeMaps.push(made.map);
    this.handlers.forgetRegion(made.entries[0]?.number);
    this.bytes -= made.bytes;
  }

  private shelve(page: CodePage): void {
    for (const made of this.byPage.get(page) ?? []) {
      if (made.isShelved) continue;
      made.isShelved = true;
      this.leave(made);
    }
    this.queue = this.queue.filter(one => one.page !== page);
  }

  /** What stands on pages that are all there again is entered again. */
  private unshelve(page: CodePage): void {
    const { u16 } = this.memory;
    for (const made of this.byPage.get(page) ?? []) {
      if (!made.isShelved || !made.region.pages.every(one => one.isValid)) continue;
      made.isShelved = false;
      // Another region may begin there by now.
      for (const { record, number } of made.entries) if ((u16[record >> 1] as number) < FIRST_REGION) u16[record >> 1] = FIRST_REGION + number;
      for (const block of made.region.blocks) for (const { record } of block.instructions) if (!this.inside.has(record)) this.inside.set(record, made);
    }
  }

  /** The region is not entered any more. */
  private leave(made: Compiled): void {
    const { u16 } = this.memory;
    for (const { record, number, original } of made.entries) if ((u16[record >> 1] as number) === FIRST_REGION + number) u16[record >> 1] = original;
    for (const block of made.region.blocks) for (const { record } of block.instructions) if (this.inside.get(record) === made) this.inside.delete(record);
  }

  dropAll(): void {
    for (const set of this.byPage.values()) for (const made of set) this.drop(made);
    this.byPage.clear();
    this.counts.clear();
    this.otherMxcsr.clear();
    this.straddlers.clear();
    this.queue = [];
  }
}

const entryAddress = (number: number): number => REGIONS + number * REGION_ENTRY.bytes;
const mapAddress = (map: number | undefined): number | undefined => map === undefined ? undefined : JUMP_MAPS + map * JUMP_MAP_BYTES;
const holds = (block: Region['blocks'][number], record: number): boolean => block.instructions.some(one => one.record === record);
