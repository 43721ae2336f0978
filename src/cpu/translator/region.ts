// Which instructions a region is made of: blocks of predecoded records reached from a hot place, on a few pages, and how control goes between them.
// Not here: the order in which they are written (structure.ts), their code (emitter.ts).
import { ENGINE, JUMP_MAP_SPAN, PAGE_SIZE, RECORD, RECORD_BYTES, STATE } from '../layout';
import type { CodeCache, CodePage } from '../code_cache';
import type { Form } from '../decode';
import { PSEUDO } from '../handlers';
import type { PhysicalMemory } from '../physical_memory';
import { halves } from '../linear_memory';
import { endingOf, factsOf, type Ending } from './facts';

export interface Instruction { readonly record: number; readonly form: Form }

export interface Block {
  readonly index: number;
  readonly page: CodePage;
  readonly instructions: readonly Instruction[];
  readonly ending: Ending;
  /** Where control goes on when the last instruction does not jump; the record is what the interpreter would run there. */
  readonly next: Successor;
  /** Target of the relative jump at the end; where an indirect one leads as long as the word that says so is what it was. */
  readonly taken: Successor | undefined;
}

/** A place that a block leads to: a block of the region, or out of it. */
export interface Successor {
  readonly block: number | undefined;
  /** 0: only the address is known. */
  readonly record: number;
  readonly page: CodePage;
}

export interface Region {
  readonly blocks: readonly Block[];
  readonly pages: readonly CodePage[];
  /** Blocks at which the interpreter may enter. */
  readonly entries: readonly number[];
  /** Blocks to which calls inside the region return. */
  readonly returns: readonly number[];
  /** Blocks to which its indirect jumps and calls may lead, no two of which have the same place in a map. */
  readonly indirect: readonly number[];
  readonly instructionCount: number;
}

/** `MOST_PAGES`: with those that indirect jumps and calls often lead to. */
const MAX_INSTRUCTIONS = 360, MAX_PAGES = 4, MOST_PAGES = 12, MAX_BLOCKS = 90;
/** Places that indirect jumps may lead to, at most; and how far from the page of the first jump those are that they seldom lead to. */
const MAX_TARGETS = 60, NEAR = { from: BigInt(-PAGE_SIZE), to: BigInt(3 * PAGE_SIZE) };

export interface Target { readonly record: number; readonly page: CodePage; readonly isOften: boolean }

export interface RegionSource {
  readonly memory: PhysicalMemory;
  readonly isUser: boolean;
  readonly code: CodeCache;
  /** The form of a record, also where a region was entered; undefined for pseudo records. */
  formAt(record: number): Form | undefined;
  /** Where an indirect jump or call has led. */
  targetsOf(jumper: number): Iterable<Target>;
  /** What a linear address translates to for instructions, and for data, or -1. */
  fetch(low: number, high: number): number;
  read(low: number, high: number): number;
}

interface Found { page: CodePage; instructions: Instruction[]; ending: Ending; next: { record: number; page: CodePage }; taken: { record: number; page: CodePage } | undefined }

/** The region that begins at a record; undefined when there is nothing to gain. */
export function findRegion(source: RegionSource, startPage: CodePage, startRecord: number): Region | undefined {
  const { memory, formAt } = source;
  const { u8, u16, u32 } = memory, { drops } = source.code;
  const pages = new Set<CodePage>([startPage]);
  const leaders = new Map<number, CodePage>([[startRecord, startPage]]);
  const queue = [startRecord];
  const owner = new Map<number, number>();
  let count = 0;

  // In ring 3 a hypercall is an exception.
  const isInterpreted = (form: Form): boolean => factsOf(form).needsInterpreter || (source.isUser && endingOf(form) === 'hypercall');
  const isCode = (record: number): boolean => { const form = formAt(record); return form !== undefined && !isInterpreted(form); };
  /** The record that a jump leads to, when it is predecoded and on a page that the region may have. */
  const targetOf = (jumper: number, from: CodePage): { record: number; page: CodePage } | undefined => recordAt(u32[(jumper + RECORD.immediate) >> 2] as number, u32[(jumper + RECORD.immediate + 4) >> 2] as number, from);
  const recordAt = (low: number, high: number, from: CodePage): { record: number; page: CodePage } | undefined => {
    const pageLow = (low & ~0xfff) >>> 0;
    let page: CodePage | undefined = from;
    if (pageLow !== from.linearLow || high !== from.linearHigh) {
      page = [...pages].find(p => p.linearLow === pageLow && p.linearHigh === high);
      if (!page && pages.size < MAX_PAGES) {
        const pa = source.fetch(pageLow, high);
        page = pa < 0 ? undefined : source.code.find(Math.floor(pa / PAGE_SIZE), pageLow, high);
      }
    }
    const record = page?.records[low & 0xfff] ?? 0;
    return page && record !== 0 ? { record, page } : undefined;
  };
  /** The same of a jump by a word at a fixed address, as the stubs are by which functions of libraries are called. */
  const targetByWord = (jumper: number, from: CodePage): { record: number; page: CodePage } | undefined => {
    if (u16[(jumper + RECORD.base) >> 1] !== ENGINE.codePage || u16[(jumper + RECORD.index) >> 1] !== STATE.zero || formAt(jumper)?.encoding.mnemonic !== 'jmp') return undefined;
    const [low, high] = halves(linear(from) + BigInt(memory.view.getInt32(jumper + RECORD.displacement, true))), pa = source.read(low, high);
    return pa < 0 || pa % 8 !== 0 ? undefined : recordAt(u32[pa >> 2] as number, u32[(pa >> 2) + 1] as number, from);
  };
  const follow = (record: number): number => {
    // A goto on the same page leads on when its target is there.
    let at = record;
    for (let hops = 0; hops < 4 && (u16[at >> 1] as number) === PSEUDO.goto; hops++) {
      const link = u32[(at + RECORD.link) >> 2] as number;
      if (link === 0 || (u16[link >> 1] as number) === PSEUDO.stub) break;
      at = link;
    }
    return at;
  };
  /** The record of the instruction behind a call, which ends its run of records; 0 before it was met, but behind SYSCALL. */
  const behind = (at: number, page: CodePage, ending: Ending): number => {
    const offset = (u16[(at + RECORD.pageOffset) >> 1] as number) + (u8[at + RECORD.length] as number), known = page.records[offset] ?? 0;
    return known === 0 && ending === 'syscall' && offset < PAGE_SIZE ? source.code.recordAt(page, offset) : known;
  };
  const add = (record: number, page: CodePage): void => {
    if (leaders.has(record) || !isCode(record) || leaders.size >= MAX_BLOCKS) return;
    pages.add(page);
    leaders.set(record, page);
    queue.push(record);
  };

  const resume = new Set<number>(), jumps = new Set<number>();
  const returnSites = new Map<number, number>();
  const places = new Set<number>();
  let firstJump: bigint | undefined;
  // First pass: leaders.
  for (let record = queue.shift(); record !== undefined && count < MAX_INSTRUCTIONS; record = queue.shift()) {
    const page = leaders.get(record) as CodePage;
    for (let at = record; ; at += RECORD_BYTES) {
      const form = formAt(at);
      if (!form) { const on = follow(at); if (on !== at) add(on, page); break; }
      if (owner.has(at)) break;
      if (isInterpreted(form)) {
        const after = at + RECORD_BYTES;
        if (!form.encoding.options.ends && isCode(after) && !leaders.has(after)) { add(after, page); if (leaders.has(after)) resume.add(after); }
        break;
      }
      owner.set(at, record);
      count++;
      const ending = endingOf(form);
      if (ending === 'none') continue;
      let isFollowed = ending === 'call';
      if (ending === 'indirect' || ending === 'indirect call') {
        for (const { record: target, page: there, isOften } of source.targetsOf(at)) {
          const distance = linear(there) - (firstJump ??= linear(page));
          if (!isOften && (distance < NEAR.from || distance >= NEAR.to)) continue;
          const place = placeInMap(there, u16[(target + RECORD.pageOffset) >> 1] as number);
          if (!jumps.has(target) && (jumps.size >= MAX_TARGETS || places.has(place) || !there.isValid || (!pages.has(there) && pages.size >= (isOften ? MOST_PAGES : MAX_PAGES)))) continue;
          add(target, there);
          if (!leaders.has(target)) continue;
          jumps.add(target);
          places.add(place);
          isFollowed ||= ending === 'indirect call';
        }
      }
      if (ending === 'conditional' || ending === 'jump' || ending === 'call' || ending === 'indirect') {
        const target = ending === 'indirect' ? targetByWord(at, page) : targetOf(at, page);
        if (target) add(follow(target.record), target.page);
      }
      if (ending === 'conditional') add(at + RECORD_BYTES, page);
      // Who is called by SYSCALL returns behind it, too: its caller's region is entered there.
      const site = isFollowed || ending === 'syscall' || ending === 'hypercall' ? behind(at, page, ending) : 0;
      if (site !== 0) add(site, page);
      if (site !== 0 && leaders.has(site)) { if (isFollowed) returnSites.set(site, at); else resume.add(site); }
      break;
    }
  }

  // Second pass: blocks.
  const found = new Map<number, Found>();
  let total = 0;
  for (const [leader, page] of leaders) {
    const instructions: Instruction[] = [];
    let ending: Ending = 'none', taken: Found['taken'], at = leader;
    for (; ; at += RECORD_BYTES) {
      if (at !== leader && leaders.has(at)) break;
      const form = formAt(at);
      if (!form || isInterpreted(form) || total + instructions.length >= 2 * MAX_INSTRUCTIONS) break;
      instructions.push({ record: at, form });
      ending = endingOf(form);
      if (ending === 'none') continue;
      if (ending === 'conditional' || ending === 'jump' || ending === 'call') taken = targetOf(at, page) ?? { record: 0, page };
      else if (ending === 'indirect') taken = targetByWord(at, page);
      at = ending === 'call' || ending === 'indirect call' || ending === 'syscall' || ending === 'hypercall' ? behind(at, page, ending) : at + RECORD_BYTES;
      break;
    }
    if (instructions.length === 0) continue;
    total += instructions.length;
    found.set(leader, { page, instructions, ending, next: { record: at, page }, taken });
  }
  // Predecoding may have dropped everything.
  if (!found.has(startRecord) || source.code.drops !== drops) return undefined;
  const order = [...found.keys()];
  const indexOf = new Map(order.map((leader, i) => [leader, i]));
  const successor = (place: { record: number; page: CodePage }): Successor => ({ ...place, block: place.record === 0 ? undefined : indexOf.get(follow(place.record)) });
  const blocks = order.map((leader, index): Block => {
    const f = found.get(leader) as Found;
    return { index, page: f.page, instructions: f.instructions, ending: f.ending, next: successor(f.next), taken: f.taken && successor(f.taken) };
  });
  // Where a call returns to, the callee must be inside, too, for the way back to be known here.
  const returns = [...returnSites].filter(([site, caller]) => indexOf.has(site) && blocks.some(b => b.instructions.at(-1)?.record === caller && (b.ending === 'indirect call' || b.taken?.block !== undefined))).map(([site]) => indexOf.get(site) as number);
  const entries = new Set<number>([indexOf.get(startRecord) as number]);
  for (const header of loopHeaders(blocks)) entries.add(header);
  for (const [site] of returnSites) { const i = indexOf.get(site); if (i !== undefined) entries.add(i); }
  for (const record of resume) { const i = indexOf.get(record); if (i !== undefined) entries.add(i); }
  const indirect = [...jumps].map(record => indexOf.get(record)).filter((i): i is number => i !== undefined && i < MAX_BLOCKS);
  const used = new Set(blocks.map(b => b.page));
  return { blocks, pages: [...used], entries: [...entries], returns, indirect, instructionCount: total };
}

/** The linear address of a page. */
export const linear = ({ linearLow, linearHigh }: Pick<CodePage, 'linearLow' | 'linearHigh'>): bigint => BigInt(linearHigh) << 32n | BigInt(linearLow);

/** Where a map has an address: by its lowest bits. */
const placeInMap = ({ linearLow }: CodePage, pageOffset: number): number => (linearLow + pageOffset) % JUMP_MAP_SPAN;

/** Where the map of the region's indirect jumps has a block. */
export function placeOfBlock({ blocks }: Region, block: number, { u16 }: PhysicalMemory): number {
  const { page, instructions } = blocks[block] as Block;
  return placeInMap(page, u16[((instructions[0] as Instruction).record + RECORD.pageOffset) >> 1] as number);
}

/** Blocks in the region that a block leads to directly. */
export function successorsOf(block: Block): number[] {
  const list: number[] = [];
  if (block.taken?.block !== undefined) list.push(block.taken.block);
  if ((block.ending === 'none' || block.ending === 'conditional') && block.next.block !== undefined) list.push(block.next.block);
  return list;
}

/** Targets of edges that go back in a depth-first walk. */
function loopHeaders(blocks: readonly Block[]): Set<number> {
  const headers = new Set<number>(), state = new Uint8Array(blocks.length);
  const visit = (i: number): void => {
    state[i] = 1;
    for (const s of successorsOf(blocks[i] as Block)) {
      if (state[s] === 1) headers.add(s);
      else if (state[s] === 0) visit(s);
    }
    state[i] = 2;
  };
  for (const block of blocks) if (state[block.index] === 0) visit(block.index);
  return headers;
}
