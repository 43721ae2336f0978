// What pages of physical memory held at the moments that were marked. A page is copied once between two moments, before it is first written; so a moment
// costs what is written after it. Not here: when a moment is worth marking (timeline.ts).
import { assert } from '../base/assert';
import { PAGE_SIZE } from '../cpu/ports';

/** What is needed of the processor's PhysicalMemory. */
export interface TrackedMemory {
  readonly u8: Uint8Array;
  readonly u32: Uint32Array;
  endEpoch(): void;
  replacePage(page: number, bytes: Uint8Array): void;
}

/** Where a copy lies; ZERO: the page was all zero. */
type Slot = number;
const ZERO: Slot = -1;
const SLAB_PAGES = 256;

/** A marked moment: copies of pages that have been written between it and the next one. */
export interface Moment { readonly pages: Map<number, Slot> }

export const newMoment = (): Moment => ({ pages: new Map() });

/** The moments of a run in their order are the caller's; each method gets them. The last one is where what has been recorded ends. */
export class PageHistory {
  private readonly slabs: Uint8Array[] = [];
  private readonly free: Slot[] = [];
  private used = 0;
  /** Copies made so far. */
  copies = 0;

  constructor(private readonly memory: TrackedMemory) {}

  /** Bytes of all copies. */
  get bytes(): number { return this.used * PAGE_SIZE; }

  /** `page` is about to be written after `here`; `last` is the end of the recording. */
  keep(page: number, here: Moment, last: Moment): void {
    if (here.pages.has(page)) return;
    here.pages.set(page, this.copy(page));
    if (last !== here && !last.pages.has(page)) last.pages.set(page, this.copy(page));
  }

  /** Makes memory what it was at `moments[to]`. It stands after `moments[from]`, and has written `dirty` pages since. */
  restore(moments: readonly Moment[], from: number, to: number, dirty: readonly number[]): void {
    const last = moments[moments.length - 1];
    assert(last, 'a history without moments');
    const wanted = new Map<number, Slot>();
    const want = (page: number): void => {
      wanted.set(page, NaN);
      if (!last.pages.has(page)) last.pages.set(page, this.copy(page));
    };
    for (let i = Math.min(from, to); i < Math.max(from, to); i++) for (const page of moments[i]?.pages.keys() ?? []) want(page);
    if (to <= from) for (const page of dirty) want(page);
    let missing = wanted.size;
    for (let i = to; missing > 0 && i < moments.length; i++) {
      const pages = moments[i]?.pages;
      if (!pages) continue;
      if (pages.size < wanted.size) for (const [page, slot] of pages) missing -= settle(wanted, page, slot);
      else for (const [page, known] of wanted) if (Number.isNaN(known)) missing -= settle(wanted, page, pages.get(page));
    }
    assert(missing === 0, 'a page of the past is not in the history');
    this.memory.endEpoch();
    for (const [page, slot] of wanted) this.write(page, slot);
  }

  /** Between `before` and the moment after it a new moment is marked, here; `written` are the pages that differ from `before`. */
  split(before: Moment, written: readonly number[]): Moment {
    const here = newMoment();
    const touched = new Set(written);
    for (const [page, slot] of before.pages) {
      if (touched.has(page)) continue;
      here.pages.set(page, slot);
      before.pages.delete(page);
    }
    for (const page of before.pages.keys()) here.pages.set(page, this.copy(page));
    return here;
  }

  /** Forgets `moment`: what it kept and `before` did not is handed to `before`. Without `before` it is simply dropped. */
  merge(before: Moment | undefined, moment: Moment): void {
    for (const [page, slot] of moment.pages) {
      if (before && !before.pages.has(page)) before.pages.set(page, slot);
      else this.release(slot);
    }
    moment.pages.clear();
  }

  private copy(page: number): Slot {
    const { u8, u32 } = this.memory;
    const at = page * PAGE_SIZE;
    if (isZero(u32, at >> 2)) return ZERO;
    let slot = this.free.pop();
    if (slot === undefined) {
      const first = this.slabs.length * SLAB_PAGES;
      this.slabs.push(new Uint8Array(SLAB_PAGES * PAGE_SIZE));
      for (let i = SLAB_PAGES - 1; i > 0; i--) this.free.push(first + i);
      slot = first;
    }
    this.used++;
    this.copies++;
    this.bytesOf(slot).set(u8.subarray(at, at + PAGE_SIZE));
    return slot;
  }

  private release(slot: Slot): void {
    if (slot === ZERO) return;
    this.used--;
    this.free.push(slot);
  }

  private bytesOf(slot: Slot): Uint8Array {
    const slab = this.slabs[Math.floor(slot / SLAB_PAGES)];
    assert(slab, 'a copy outside the slabs');
    const at = slot % SLAB_PAGES * PAGE_SIZE;
    return slab.subarray(at, at + PAGE_SIZE);
  }

  private write(page: number, slot: Slot): void {
    this.memory.replacePage(page, slot === ZERO ? EMPTY : this.bytesOf(slot));
  }
}

const EMPTY = new Uint8Array(PAGE_SIZE);

function settle(wanted: Map<number, Slot>, page: number, slot: Slot | undefined): number {
  if (slot === undefined || !Number.isNaN(wanted.get(page) ?? 0)) return 0;
  wanted.set(page, slot);
  return 1;
}

function isZero(words: Uint32Array, at: number): boolean {
  for (let i = at; i < at + PAGE_SIZE / 4; i++) if (words[i] !== 0) return false;
  return true;
}
