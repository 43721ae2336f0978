// The second engine: what samples of the running program fall into becomes regions of WebAssembly, entered where the interpreter meets their first records.
// Bounded: numbers of entries and bytes of code; when they are used up, everything is forgotten and begins anew.
import { ENGINE, FSW_PE, JUMP_MAP_BYTES, JUMP_MAP_COUNT, JUMP_MAP_SPAN, JUMP_MAPS, OTHER_GENERATIONS, PAGE_SIZE, RECORD, RECORD_BYTES, REGION_ENTRIES, REGION_ENTRY, REGIONS, STATE } from '../layout';
import type { CodeCache, CodePage } from '../code_cache';
import type { Form } from '../decode';
import { FIRST_REGION, PSEUDO, type Handlers } from '../handlers';
import type { PhysicalMemory } from '../physical_memory';
import { RegionEmitter, type RegionCells } from './emitter';
import { writeRegions, type KeptRegions, type RegionModule, type RegionPlan } from './kept_regions';
import { mxcsrMode, type MxcsrMode, type X87State } from './register_locals';
import { Jumps } from './jumps';
import { findRegion, linear, placeOfBlock, type Region, type Target } from './region';
import { factsOf } from './facts';

/**
 * How often samples fall into a place before it is translated: running it until then costs about half of what compiling it does, and most places never come so
 * far. Regions that are compiled together; samples that a place waits for others.
 */
const SAMPLES = 21, BATCH = 6, PATIENCE = 4;
/** Changes of MXCSR after which code is made for any. */
const MXCSR_CHANGES = 3;
/** Entries with another TOP of the x87, after which code is made for any. */
const X87_CHANGES = 6;
/** Exits in a period between samples for bytes on two pages, after which a region is made anew, in which every access looks at its page by itself. */
const MAX_STRADDLES = 150;
/** A region with more places where its indirect jumps lead is not made anew for others: it has hardly room for them, and takes long. */
const MOST_LED = 16;
const MAX_BYTES = 48 << 20;
/** Bytes of modules that are remembered for the next processor; that is done when so much of what runs translated was new. */
const MOST_KEPT_BYTES = 8 << 20, WORTH_KEEPING = 0.1;
/** Samples of so many runs of a program add up; a run that had no more of them than one place takes is not counted. */
const MOST_RUNS = 8;
/** Samples in a row that fell into regions, after each of which the next ones are a period further apart; so many periods at most. */
const QUIET_SAMPLES = 5, MOST_PERIODS = 4;

/** Code to be translated, for the ring that it was met in. */
interface Wanted { readonly page: CodePage; readonly record: number; readonly isUser: boolean }
interface Entry { readonly record: number; readonly number: number; readonly original: number }
/** A module whose bytes are at hand, unless there are too many. */
interface Module { readonly module: RegionModule | undefined; readonly functionOf: (index: number) => unknown }
interface Compiled extends Module {
  readonly plan: RegionPlan; readonly pages: readonly CodePage[]; readonly entries: Entry[]; readonly bytes: number;
  /** Its place in the module. */
  readonly index: number;
  isAlive: boolean;
  /** Not entered: the bytes of one of its pages are not there now. */
  isShelved: boolean;
}
/** A region of an earlier processor that nobody has asked for yet. */
interface Kept { readonly plan: RegionPlan; readonly index: number; readonly module: RegionModule }

export interface RegionStatistics { regions: number; /** Of them: taken over from an earlier run. */ kept: number; instructions: number; bytes: number; compileMs: number; dropped: number; forgotten: number; stale: number }

export class Translator {
  /** Samples that fell into code which is not translated, by the record where that would begin. */
  private readonly counts = new Map<number, number>();
  private countedNow = 0;
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
  private readonly jumps: Jumps;
  /** How often regions were entered with another MXCSR than they counted on, by record. */
  private readonly otherMxcsr = new Map<number, number>();
  /** TOP and the tags of the x87 at entries of regions that had counted on others, and how often that was so, by the region's first record. */
  private readonly metX87 = new Map<number, X87State>();
  private readonly otherX87 = new Map<number, number>();
  /** Regions, by first record, that were entered without inexact being noted. */
  private readonly unnoted = new Set<number>();
  /** Records of accesses that fell on two pages again and again. */
  private readonly straddlers = new Set<number>();
  private readonly freeNumbers: number[] = [];
  private nextNumber = 0;
  private freeMaps: number[] = Array.from({ length: JUMP_MAP_COUNT }, (_, i) => i);
  private bytes = 0;
  private keptBytesOfModules = 0;
  /** Regions of an earlier processor, by record, and by the record of their first entry. */
  private readonly kept = new Map<number, Kept>();
  private readonly keptByEntry = new Map<number, Kept>();
  private readonly loaded = new Map<RegionModule, Module>();
  /** Instructions of regions that were kept, and of those made anew. */
  private readonly coverage = { kept: 0, made: 0 };
  /** For those who ask how it goes. */
  readonly statistics: RegionStatistics = { regions: 0, instructions: 0, bytes: 0, compileMs: 0, dropped: 0, forgotten: 0, stale: 0, kept: 0 };
  /** Set by who has a clock. */
  clock: () => number = () => 0;

  constructor(private readonly memory: PhysicalMemory, private readonly handlers: Handlers, private readonly code: CodeCache, private readonly fetch: (low: number, high: number, isUser: boolean, isData?: boolean) => number, private readonly samples = SAMPLES, private readonly maxBytes = MAX_BYTES) {
    this.jumps = new Jumps(memory, (low, high) => this.fetch(low, high, this.isUser), code);
    code.originalHandler = record => this.handlerAt(record);
    code.onDropPage = page => this.dropPage(page);
    code.onShelve = page => this.shelve(page);
    code.onReturn = page => this.unshelve(page);
    code.onDropAll = () => { this.dropAll(); this.jumps.forget(); this.kept.clear(); this.keptByEntry.clear(); this.loaded.clear(); };
    code.regionsToKeep = () => this.regionsToKeep();
    this.expect(code.keptRegions);
    for (const [record, count] of code.keptRegions.samples) this.counts.set(record, count);
  }

  // --- regions of another processor ----------------------------------------------------------------------------------------------------------

  private expect({ modules }: KeptRegions): void {
    const numbers = new Set<number>(), maps = new Set<number | undefined>();
    for (const { module, regions } of modules) {
      for (const [index, plan] of regions) {
        const one = { plan, index, module };
        eachRecord(plan, record => this.kept.set(record, one));
        this.keptByEntry.set(firstRecord(plan), one);
        numbers.add(plan.number);
        maps.add(plan.map);
        this.coverage.kept += instructionsOf(plan);
      }
    }
    // Their code names these.
    this.nextNumber = Math.max(-1, ...numbers) + 1;
    for (let number = 0; number < this.nextNumber; number++) if (!numbers.has(number)) this.freeNumbers.push(number);
    this.freeMaps = this.freeMaps.filter(map => !maps.has(map));
  }

  /** Whether there are regions of another processor to be met. */
  get expectsRegions(): boolean { return this.kept.size > 0; }

  /** Enters a region of another processor that has the record, if all of its records are where it counts on them. */
  private takeOver(record: number): boolean {
    const found = this.kept.get(record);
    return found !== undefined && this.take(found);
  }

  private take({ plan, index, module }: Kept): boolean {
    const mode = mxcsrMode(this.memory);
    if (plan.isUser !== this.isUser || (plan.mxcsr !== undefined && plan.mxcsr !== mode)) return false;
    const pages = plan.pages.map(({ linearLow, linearHigh }) => {
      const pa = this.fetch(linearLow, linearHigh, plan.isUser);
      return pa < 0 ? undefined : this.code.find(Math.floor(pa / PAGE_SIZE), linearLow, linearHigh);
    });
    const isThere = plan.blocks.every(([page, from]) => pages[page]?.records[this.memory.u16[(from + RECORD.pageOffset) >> 1] as number] === from);
    if (!isThere) return false;
    this.forgetKept(plan);
    if ((this.memory.u16[firstRecord(plan) >> 1] as number) >= FIRST_REGION) return false;
    const began = this.clock();
    let loaded = this.loaded.get(module);
    if (!loaded) this.loaded.set(module, loaded = { module, functionOf: this.handlers.loadRegions(module) });
    this.install(plan, pages as CodePage[], loaded, index, module.bytes.length, [plan.number, ...this.numbersFor(plan.entries.length - 1)]);
    this.statistics.kept++;
    this.statistics.compileMs += this.clock() - began;
    // No sample tells of those that begin inside.
    eachRecord(plan, at => {
      const inner = this.keptByEntry.get(at);
      if (inner) this.take(inner);
    });
    return true;
  }

  private forgetKept(plan: RegionPlan): void {
    eachRecord(plan, record => { if (this.kept.get(record)?.plan === plan) this.kept.delete(record); });
    if (this.keptByEntry.get(firstRecord(plan))?.plan === plan) this.keptByEntry.delete(firstRecord(plan));
  }

  private regionsToKeep(): ReturnType<CodeCache['regionsToKeep']> {
    const modules = new Map<RegionModule, Map<number, RegionPlan>>();
    const add = (module: RegionModule | undefined, index: number, plan: RegionPlan): void => {
      if (!module) return;
      const regions = modules.get(module);
      if (regions) regions.set(index, plan); else modules.set(module, new Map([[index, plan]]));
    };
    for (const set of this.byPage.values()) for (const { module, index, plan } of set) add(module, index, plan);
    for (const { module, index, plan } of [...this.kept.values(), ...this.keptByEntry.values()]) add(module, index, plan);
    const { runs } = this.code.keptRegions, isCounted = runs < MOST_RUNS && this.countedNow > this.samples;
    // What is over the limit was translated, or cannot be. After the last run that counts, what came near it would be translated in each of the next ones.
    const samples = isCounted && runs + 1 === MOST_RUNS ? [] : [...this.counts].filter(([, count]) => count < this.samples);
    return {
      isNew: isCounted || this.coverage.made > this.coverage.kept * WORTH_KEEPING,
      write: whereIs => writeRegions({ tables: this.handlers.constantTables(), modules: [...modules].map(([module, regions]) => ({ module, regions })), samples, runs: runs + Number(isCounted) }, whereIs),
    };
  }

  /** The form of a record, also where a region is entered. */
  formAt(record: number): Form | undefined {
    return this.handlers.formOf(this.handlerAt(record));
  }

  /** An interpreted jump led to a record: the first time, and whenever the jump cache had forgotten. Its target is what a register or a table says, no function of a library. */
  noteJump(jumper: number, page: CodePage, record: number): void {
    if (this.formAt(jumper)?.encoding.mnemonic !== 'jmp' || this.memory.u16[(jumper + RECORD.base) >> 1] === ENGINE.codePage) return;
    this.jumps.add(jumper, record, page);
  }

  private handlerAt(record: number): number {
    const handler = this.memory.u16[record >> 1] as number;
    return handler >= FIRST_REGION ? this.memory.u16[(entryAddress(handler - FIRST_REGION) + REGION_ENTRY.original) >> 1] as number : handler;
  }

  /** The program is about to execute the record `at` of `page`. False: no region holds it. */
  sample(page: CodePage, at: number): boolean {
    this.lookAtStraddles();
    this.lookAtLeaps();
    const record = this.memory.u16[at >> 1] === PSEUDO.goto ? this.memory.u32[(at + RECORD.link) >> 2] || at : at;
    const isInside = this.inside.has(record) || this.takeOver(record);
    if (!isInside) {
      const head = this.headOf(page, record);
      if (head !== 0) {
        const n = (this.counts.get(head) ?? 0) + 1;
        this.counts.set(head, n);
        this.countedNow++;
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
    for (const made of this.regions()) {
      if (made.plan.blocks.some(([, from, to]) => record >= from && record < to)) this.makeAnew(made);
    }
  }

  /** Regions that were left again and again by an indirect jump or call are made anew with the places where it led. */
  private lookAtLeaps(): void {
    const jumper = this.jumps.lookAtLeaps(this.periods);
    if (jumper === undefined) return;
    const leader = this.leaderOf(jumper);
    if (leader && leader.plan.targets.length > MOST_LED) return;
    if (leader) for (const [, value] of leader.plan.targets) {
      const { record } = leader.plan.entries[value - 1] as { record: number };
      this.jumps.addOften(jumper, record, leader.pages[pageOf(leader.plan, record)] as CodePage);
    }
    for (const made of leader ? [leader] : this.regions().filter(({ plan }) => endsBlock(plan, jumper))) {
      const { plan, pages, isShelved } = made, has = new Set(plan.targets.map(([, value]) => plan.entries[value - 1]?.record));
      const renewed = isShelved || plan.isUser !== this.isUser ? undefined : this.find(pages[plan.blocks[0]?.[0] ?? 0] as CodePage, firstRecord(plan), plan.isUser, made);
      if (renewed?.indirect.some(block => !has.has(renewed.blocks[block]?.instructions[0]?.record))) this.makeAnew(made);
    }
  }

  private regions(): Compiled[] { return [...new Set([...this.byPage.values()].flatMap(set => [...set]))]; }

  /** The region that knows where a jump leads: others leave for that. */
  private leaderOf(jumper: number): Compiled | undefined { return this.regions().find(({ plan }) => plan.targets.length > 0 && endsBlock(plan, jumper)); }

  private makeAnew(made: Compiled): void {
    const { blocks, isUser } = made.plan;
    this.drop(made);
    this.queue.push({ page: made.pages[blocks[0]?.[0] ?? 0] as CodePage, record: firstRecord(made.plan), isUser });
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
    if (this.inside.has(record) || this.takeOver(record)) return;
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
      const region = this.find(page, record, isUser);
      if (!region) continue;
      regions.push(region);
      rings.push(isUser);
    }
    if (regions.length === 0) return;
    if (this.bytes > this.maxBytes || this.nextNumber + regions.length * 100 > REGION_ENTRIES) { this.dropAll(); this.statistics.forgotten++; }
    const numbers = regions.map(region => this.numbersFor(region.blocks.length));
    const maps = regions.map(region => region.indirect.length > 0 ? this.freeMaps.pop() : undefined);
    const emitters: RegionEmitter[] = [];
    const module = this.handlers.writeRegions(regions.map((region, i) => around => {
      const slot = (numbers[i] as number[])[0] as number, emitter = new RegionEmitter(region, this.memory, { generation: entryAddress(slot) + REGION_ENTRY.generation, otherGeneration: otherGeneration(slot), map: mapAddress(maps[i]), mxcsr: this.mxcsrFor(region), isUser: rings[i] === true, isCareful: [...this.straddlers].some(record => region.blocks.some(block => holds(block, record))), x87: this.x87For(region) }, around);
      emitters.push(emitter);
      return emitter;
    }));
    const { length } = module.bytes, isKept = (this.keptBytesOfModules += length) < MOST_KEPT_BYTES;
    const loaded: Module = { module: isKept ? module : undefined, functionOf: this.handlers.loadRegions(module) };
    regions.forEach((region, i) => {
      const plan = this.planOf(region, emitters[i] as RegionEmitter, (numbers[i] as number[])[0] as number, maps[i], rings[i] === true);
      this.coverage.made += region.instructionCount;
      this.install(plan, region.pages, loaded, i, length / regions.length, numbers[i] as number[]);
    });
    this.statistics.compileMs += this.clock() - began;
  }

  private find(page: CodePage, record: number, isUser: boolean, instead?: Compiled): Region | undefined {
    const targetsOf = (at: number): Iterable<Target> => {
      const leader = this.leaderOf(at);
      return leader !== undefined && leader !== instead ? [] : this.jumps.targetsOf(at);
    };
    return findRegion({ memory: this.memory, isUser, code: this.code, formAt: at => this.formAt(at), targetsOf, fetch: (low, high) => this.fetch(low, high, isUser), read: (low, high) => this.fetch(low, high, isUser, true) }, page, record);
  }

  private planOf(region: Region, { entryBlocks, needs, mxcsr, countsOnX87 }: RegionEmitter, number: number, map: number | undefined, isUser: boolean): RegionPlan {
    const { blocks, pages, indirect } = region;
    const firstOf = (block: number): number => ((blocks[block] as Region['blocks'][number]).instructions[0] as { record: number }).record;
    return {
      pages: pages.map(({ linearLow, linearHigh }) => ({ linearLow, linearHigh })),
      blocks: blocks.map(({ page, instructions }, i) => [pages.indexOf(page), firstOf(i), firstOf(i) + instructions.length * RECORD_BYTES] as const),
      entries: entryBlocks.map(block => ({ record: firstOf(block), minimum: needs[block] as number })),
      targets: map === undefined ? [] : indirect.map(block => [placeOfBlock(region, block, this.memory), entryBlocks.indexOf(block) + 1] as const),
      isUser, mxcsr, countsOnX87, number, map,
    };
  }

  /** The mode of MXCSR that a region is made for: the present one, unless its code was met in others again and again. */
  private mxcsrFor(region: Region): MxcsrMode | undefined {
    const met = Math.max(...region.blocks.map(block => this.otherMxcsr.get((block.instructions[0] as { record: number }).record) ?? 0));
    return met < MXCSR_CHANGES ? mxcsrMode(this.memory) : undefined;
  }

  /** Where TOP and the tags of the x87 are thought to be at a record: as they were met there, else as they are now. Undefined: they were others again and again. Inexact is noted once and for all, as a rule. */
  private x87For(region: Region): RegionCells['x87'] {
    const first = region.blocks[0]?.instructions[0]?.record ?? 0;
    if ((this.otherX87.get(first) ?? 0) >= X87_CHANGES) return undefined;
    const now = this.x87Now();
    return { at: record => this.metX87.get(record) ?? now, isRoundingNoted: this.isRoundingNoted && !this.unnoted.has(first) };
  }
  private get isRoundingNoted(): boolean { return ((this.memory.u32[STATE.fsw >> 2] as number) & FSW_PE) !== 0; }
  private x87Now(): X87State { return { top: this.memory.u32[STATE.ftop >> 2] as number, tags: this.memory.u32[STATE.ftag >> 2] as number }; }

  /** As many numbers as a region may need; those that it does not use are given back. */
  private numbersFor(blocks: number): number[] {
    const list: number[] = [];
    while (list.length < blocks) list.push(this.freeNumbers.pop() ?? this.nextNumber++);
    return list;
  }

  private install(plan: RegionPlan, pages: readonly CodePage[], { module, functionOf }: Module, index: number, bytes: number, numbers: number[]): void {
    const { u8, u16, u32, u64 } = this.memory;
    const made: Compiled = { plan, pages, module, functionOf, index, entries: [], bytes, isAlive: true, isShelved: false };
    const map = mapAddress(plan.map);
    if (map !== undefined) {
      u8.fill(0, map, map + JUMP_MAP_BYTES);
      for (const [place, value] of plan.targets) {
        const address = this.addressOf(plan, (plan.entries[value - 1] as { record: number }).record);
        u8[map + place] = value;
        u64[((map + JUMP_MAP_SPAN) >> 3) + value] = address;
        // Of what is not in the map: an address at whose place it has something.
        u64[(map + JUMP_MAP_SPAN) >> 3] = address ^ 1n << 63n;
      }
    }
    // What was sampled in another address space may have pages that are not there in this one.
    const slot = plan.number, generation = this.areThere(made) ? u32[ENGINE.fetchGeneration >> 2] as number : 0;
    this.handlers.placeRegion(slot, functionOf(index));
    u32[otherGeneration(slot) >> 2] = 0;
    let used = 0;
    plan.entries.forEach(({ record, minimum }, state) => {
      // Another region may begin there already. One that has nothing else gives way.
      const other = used > 0 ? this.byEntry[(u16[record >> 1] as number) - FIRST_REGION] : undefined;
      if (other && isWithin(other.plan, plan)) this.drop(other);
      if (used > 0 && (u16[record >> 1] as number) >= FIRST_REGION) return;
      const number = numbers[used++] as number, at = entryAddress(number), original = this.handlerAt(record);
      u32[(at + REGION_ENTRY.minimum) >> 2] = minimum;
      u32[(at + REGION_ENTRY.slot) >> 2] = slot;
      u16[(at + REGION_ENTRY.original) >> 1] = original;
      u16[(at + REGION_ENTRY.state) >> 1] = state;
      u32[(at + REGION_ENTRY.generation) >> 2] = generation;
      u16[record >> 1] = FIRST_REGION + number;
      made.entries.push({ record, number, original });
      this.byEntry[number] = made;
    });
    this.freeNumbers.push(...numbers.slice(Math.max(1, used)));
    for (const page of pages) {
      const set = this.byPage.get(page);
      if (set) set.add(made); else this.byPage.set(page, new Set([made]));
    }
    eachRecord(plan, record => { if (!this.inside.has(record)) this.inside.set(record, made); });
    this.bytes += bytes;
    this.statistics.regions++;
    this.statistics.instructions += instructionsOf(plan);
    this.statistics.bytes += bytes;
  }

  /** Of a record of the region. */
  private addressOf(plan: RegionPlan, record: number): bigint {
    return linear(plan.pages[pageOf(plan, record)] as RegionPlan['pages'][number]) + BigInt(this.memory.u16[(record + RECORD.pageOffset) >> 1] as number);
  }

  private areThere({ pages, plan }: Compiled): boolean {
    return pages.every(page => Math.floor(this.fetch(page.linearLow, page.linearHigh, plan.isUser) / PAGE_SIZE) === page.page);
  }

  /** A region does not run as the processor stands: translations changed, or MXCSR is another. False when its pages are not where they were. */
  revalidate(record: number): boolean {
    const handler = this.memory.u16[record >> 1] as number, made = this.byEntry[handler - FIRST_REGION];
    if (!made) return false;
    this.statistics.stale++;
    const isThere = this.areThere(made);
    const first = made.entries[0];
    if (isThere && made.plan.mxcsr !== undefined && made.plan.mxcsr !== mxcsrMode(this.memory)) {
      this.otherMxcsr.set(record, (this.otherMxcsr.get(record) ?? 0) + 1);
      this.drop(made);
      return true;
    }
    if (isThere && first) {
      const { u32 } = this.memory, at = (entryAddress(first.number) + REGION_ENTRY.generation) >> 2, other = otherGeneration(first.number) >> 2, now = u32[ENGINE.fetchGeneration >> 2] as number;
      if (made.plan.countsOnX87 && (made.pages.length === 1 || u32[at] === now || u32[other] === now)) { this.renewForX87(made, first.record, record); return true; }
      u32[other] = u32[at] as number;
      u32[at] = now;
    } else this.drop(made);
    return isThere;
  }

  /** The region was entered at `record` with another TOP than it counts on. */
  private renewForX87(made: Compiled, first: number, record: number): void {
    this.metX87.set(record, this.x87Now());
    if (!this.isRoundingNoted) this.unnoted.add(first);
    this.otherX87.set(first, (this.otherX87.get(first) ?? 0) + 1);
    this.makeAnew(made);
    this.translate();
  }

  private dropPage(page: CodePage): void {
    for (const made of this.byPage.get(page) ?? []) this.drop(made);
    this.queue = this.queue.filter(one => one.page !== page);
    this.counts.clear();
    this.otherMxcsr.clear();
    this.metX87.clear();
    this.otherX87.clear();
    this.unnoted.clear();
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
    for (const page of made.pages) this.byPage.get(page)?.delete(made);
    if (made.plan.map !== undefined) this.freeMaps.push(made.plan.map);
    this.handlers.placeRegion(made.plan.number, null);
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
      if (!made.isShelved || !made.pages.every(one => one.isValid)) continue;
      made.isShelved = false;
      // Another region may begin there by now.
      for (const { record, number } of made.entries) if ((u16[record >> 1] as number) < FIRST_REGION) u16[record >> 1] = FIRST_REGION + number;
      eachRecord(made.plan, record => { if (!this.inside.has(record)) this.inside.set(record, made); });
    }
  }

  /** The region is not entered any more. */
  private leave(made: Compiled): void {
    const { u16 } = this.memory;
    for (const { record, number, original } of made.entries) if ((u16[record >> 1] as number) === FIRST_REGION + number) u16[record >> 1] = original;
    eachRecord(made.plan, record => { if (this.inside.get(record) === made) this.inside.delete(record); });
  }

  dropAll(): void {
    this.jumps.forgetLeaps();
    for (const set of this.byPage.values()) for (const made of set) this.drop(made);
    this.byPage.clear();
    this.counts.clear();
    this.otherMxcsr.clear();
    this.metX87.clear();
    this.otherX87.clear();
    this.unnoted.clear();
    this.straddlers.clear();
    this.queue = [];
  }
}

const entryAddress = (number: number): number => REGIONS + number * REGION_ENTRY.bytes;
const otherGeneration = (number: number): number => OTHER_GENERATIONS + 4 * number;
const mapAddress = (map: number | undefined): number | undefined => map === undefined ? undefined : JUMP_MAPS + map * JUMP_MAP_BYTES;
const holds = (block: Region['blocks'][number], record: number): boolean => block.instructions.some(one => one.record === record);
const firstRecord = ({ entries }: RegionPlan): number => (entries[0] as { record: number }).record;
const endsBlock = ({ blocks }: RegionPlan, record: number): boolean => blocks.some(([, , to]) => to - RECORD_BYTES === record);
/** The index of the page on which a block begins at a record. */
const pageOf = ({ blocks }: RegionPlan, record: number): number => blocks.find(([, from]) => from === record)?.[0] ?? 0;
const instructionsOf = ({ blocks }: RegionPlan): number => blocks.reduce((sum, [, from, to]) => sum + (to - from) / RECORD_BYTES, 0);
/** Whether one region has all instructions of another. */
function isWithin(small: RegionPlan, large: RegionPlan): boolean {
  const records = new Set<number>();
  let isInside = true;
  eachRecord(large, record => records.add(record));
  eachRecord(small, record => { isInside &&= records.has(record); });
  return isInside;
}
function eachRecord({ blocks }: RegionPlan, act: (record: number) => void): void {
  for (const [, from, to] of blocks) for (let record = from; record < to; record += RECORD_BYTES) act(record);
}
