// Where memory is: looks at the TLB, one for all accesses around a value, and the page that a place went to last. Not here: what is done when a look fails.
import { ENGINE, PAGE_SIZE, RBP, RECORD, REGION_EXIT, ringWords, RSP, STATE } from '../layout';
import type { Form } from '../decode';
import type { PhysicalMemory } from '../physical_memory';
import type { Surroundings } from '../tier0';
import { Variable, type V } from '../wasm/code';
import type { Block } from './region';
import { isGpr, RegisterLocals, type MxcsrMode, type Span } from './register_locals';

export type RegionExit = keyof typeof REGION_EXIT;

/** Places whose last page is kept; a tag that no address meets. */
const MAX_LAST_PAGES = 24, NO_PAGE = 0x4000000000000000n;
/** Bytes that one look at a page may stand for, and how many such places are thought of. */
const MAX_SPAN = 256, MAX_SPANS = 8;
/** Bytes that a pointer walks by, at most, for its last page to be kept. */
const MAX_STEP = 512n;

export abstract class PageLooks extends RegisterLocals {
  /** Where in memory the last page of a place stands. */
  private readonly lastPages = new Map<string, number>();
  /** What is written when all accesses are known: where the page of a span is looked at. */
  private readonly looks: (() => void)[] = [];
  /** Whether every access looks at its page by itself. */
  private readonly isCareful: boolean;
  /** TLBs of the ring that the code runs in. */
  protected readonly readTlb: number;
  protected readonly writeTlb: number;
  /** The block and the record of the present instruction. */
  protected here!: Block;
  protected at = 0;
  /** Instructions of the block before this one. */
  protected done = 0;
  /** By loop: registers that get values from memory there, or move far. */
  private readonly chasers = new Map<number, Set<number>>();

  constructor(form: Form, mxcsr: MxcsrMode | undefined, around: Surroundings, protected readonly memory: PhysicalMemory, { isUser, isCareful }: { isUser: boolean; isCareful: boolean }) {
    super(form, mxcsr, around);
    ({ readTlb: this.readTlb, writeTlb: this.writeTlb } = ringWords(isUser));
    this.isCareful = isCareful;
  }

  /** Leaves the present instruction to the interpreter. */
  protected abstract interpretHere(cause: RegionExit, more?: V<'i32'>): void;

  /** The number of the loop that a block is in; undefined: it is in none. */
  protected abstract loopOf(block: number): number | undefined;

  protected override noteWrite(n: number, value: V<'i64'>): void {
    const { offset } = placeOf(value), leadsOff = value.isLoad || offset > MAX_STEP || offset < -MAX_STEP, loop = leadsOff ? this.loopOf(this.here.index) : undefined;
    if (loop === undefined) return;
    const known = this.chasers.get(loop);
    if (known) known.add(n); else this.chasers.set(loop, new Set([n]));
  }

  protected writeLooks(): void { for (const look of this.looks) look(); }
  protected forgetLastPages(): void { for (const cell of this.lastPages.values()) this.plainStore('i64.store', this.i32(0), cell, this.i64(NO_PAGE)); }

  /**
   * One look at the page serves what is reached from the same value by constants, as long as control goes straight on: the look is written last, when it is
   * known how far such accesses reach, and before the first of them. What may be written may be read; what is read and then written in one block is looked at
   * as what is written. Bytes that lie on two pages are left to the interpreter, and counted: see Translator.sample. Nothing can change translations while the
   * region runs.
   */
  override pointer(address: V<'i64'>, bytes: number, access: 'r' | 'w'): V<'i32'> {
    const { root, offset } = placeOf(address), reach = this.isCareful ? 0 : MAX_SPAN;
    for (let known = this.scope.spans, n = 0; known && n < MAX_SPANS; known = known.next, n++) {
      const { span } = known;
      if (span.root !== root || (access === 'w' && span.access === 'r' && (span.block !== this.here.index || this.isConditional))) continue;
      const low = offset < span.low ? offset : span.low, end = offset + BigInt(bytes) > span.end ? offset + BigInt(bytes) : span.end;
      if (end - low > reach) continue;
      span.low = low;
      span.end = end;
      if (access === 'w') span.access = 'w';
      return this.op('i32.add', span.pointer.get(), this.i32(Number(offset - span.first)));
    }
    const pointer = new Variable('i32', this, true);
    const span: Span = { root, block: this.here.index, access, first: offset, low: offset, end: offset + BigInt(bytes), pointer };
    const look = this.later(), cell = address.constant === undefined ? this.lastPage() : undefined;
    const then = { here: this.here, at: this.at, done: this.done, scope: this.scope, pending: this.scope.pending, lows: this.scope.lows, flags: this.lazy.state };
    this.looks.push(() => look(() => {
      ({ here: this.here, at: this.at, done: this.done } = then);
      this.scope = { ...then.scope, pending: then.pending, lows: then.lows };
      this.lazy.state = then.flags;
      this.lookAt(span, address, cell?.(span.access));
    }));
    this.scope.spans = { span, next: this.scope.spans };
    return pointer.get();
  }

  /**
   * The page that an access went to last is kept, for the stack and for each place that reads with an index. Not in locals, which would have to be merged and
   * spilled wherever paths meet: a load from a fixed place waits for nothing. Otherwise the TLB tells; what it does not know is left to the interpreter.
   */
  private lookAt(span: Span, address: V<'i64'>, cell: number | undefined): void {
    const lowest = this.add(address, this.i64(span.low - span.first)), low = this.wrap(lowest), size = Number(span.end - span.low), limit = this.i64(PAGE_SIZE - size);
    const lookUp = (): { tag: V<'i64'>; addend: V<'i32'> } => {
      const base = span.access === 'w' ? this.writeTlb : this.readTlb;
      const entry = this.op('i32.and', this.op('i32.shr_u', low, this.i32(8)), this.i32((PAGE_SIZE - 1) * 16));
      const tag = this.plainLoad('i64.load', entry, base);
      this.plainRarely(this.op('i64.gt_u', this.xor(lowest, tag), limit), () => {
        this.interpretHere('page', this.isCareful ? undefined : this.countStraddling(low, size));
      });
      return { tag, addend: this.plainLoad('i32.load', entry, base + 8) };
    };
    const zero = this.i32(0);
    if (cell === undefined) { span.pointer.set(this.op('i32.add', this.wrap(address), lookUp().addend)); return; }
    this.plainRarely(this.op('i64.gt_u', this.xor(lowest, this.plainLoad('i64.load', zero, cell)), limit), () => {
      const { tag, addend } = lookUp();
      this.plainStore('i64.store', zero, cell, tag);
      this.plainStore('i32.store', zero, cell + 8, addend);
    });
    span.pointer.set(this.op('i32.add', this.wrap(address), this.plainLoad('i32.load', zero, cell + 8)));
  }

  /** 1 where the bytes are on two pages, else 0. */
  private countStraddling(low: V<'i32'>, size: number): V<'i32'> {
    const zero = this.i32(0), isStraddling = this.op('i32.gt_u', this.op('i32.and', low, this.i32(PAGE_SIZE - 1)), this.i32(PAGE_SIZE - size));
    this.plainStore('i32.store', zero, ENGINE.straddles, this.op('i32.add', this.plainLoad('i32.load', zero, ENGINE.straddles), isStraddling));
    this.plainStore('i32.store', zero, ENGINE.straddler, this.marked(this.at));
    return isStraddling;
  }

  /**
   * Where the last page of the present instruction's accesses stands, if it is kept: for the stack, tables that are looked up in, and, in loops, for what walks or
   * stands still. A register that is loaded there, or moves far, meets new pages.
   */
  private lastPage(): ((access: 'r' | 'w') => number | undefined) | undefined {
    const { view } = this.memory, { at } = this, loop = this.loopOf(this.here.index), gpr = (place: number): number => (place - STATE.gpr) >> 3;
    const base = this.hasMemoryOperand ? view.getUint16(at + RECORD.base, true) : STATE.gpr + 8 * RSP, index = view.getUint16(at + RECORD.index, true);
    const isIndexed = this.hasMemoryOperand && index !== STATE.zero, isOfStack = base === STATE.gpr + 8 * RSP || base === STATE.gpr + 8 * RBP;
    if (!isOfStack && !isIndexed && (loop === undefined || !isGpr(base))) return undefined;
    return access => {
      const chasers = loop === undefined ? undefined : this.chasers.get(loop), isSteady = loop !== undefined && !chasers?.has(gpr(base)) && !(isIndexed && chasers?.has(gpr(index)));
      if (!isSteady && !isOfStack && (access === 'w' || !isIndexed)) return undefined;
      const key = `${access}${isIndexed ? at : base}`;
      let cell = this.lastPages.get(key);
      if (cell === undefined && this.lastPages.size < MAX_LAST_PAGES) this.lastPages.set(key, cell = ENGINE.lastPages + 16 * this.lastPages.size);
      return cell;
    };
  }
  /** Else an access is one of the stack. */
  private get hasMemoryOperand(): boolean { return this.form.isMemory; }
}

/** An address as a value and a constant. */
function placeOf(address: V<'i64'>): { root: V<'i64'> | undefined; offset: bigint } {
  let offset = 0n;
  for (let root = address; ;) {
    if (root.constant !== undefined) return { root: undefined, offset: offset + root.constant };
    const [whole, by] = root.args as readonly V<'i64'>[], constant = by?.constant;
    if (constant === undefined || (root.opName !== 'i64.add' && root.opName !== 'i64.sub')) return { root, offset };
    offset += root.opName === 'i64.add' ? constant : -constant;
    root = whole as V<'i64'>;
  }
}
