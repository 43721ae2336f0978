// A region as a WebAssembly function: how control goes through its blocks and out of it, and where memory is. The semantics are those of the rows; immediates
// and addresses are constants. An access that misses the TLB, an exception, a helper: the region is left before the instruction, with every register in its
// place, and the interpreter runs it. Not here: registers and flags (register_locals.ts, lazy_flags.ts), the order of blocks (structure.ts).
import { ENGINE, JUMP_MAP_BYTES, PAGE_SIZE, RBP, RECORD, ringWords, RSP, STATE } from '../layout';
import type { Operand } from '../isa/machine';
import type { Form } from '../decode';
import type { PhysicalMemory } from '../physical_memory';
import { Code, Variable, type Callee, type Label, type V } from '../wasm/code';
import type { LOAD_OPS, LoadName } from '../wasm/ops';
import { REGION_HYPERCALL, REGION_STALE, type RegionSurroundings } from '../handlers';
import { LazyFlags, type Meeting, type Source } from './lazy_flags';
import { fresh, MXCSR_MASK, RegisterLocals, WORDS, type MxcsrMode, type Span } from './register_locals';
import { edge, structure, type Structure } from './structure';
import { flagsLiveAt, longestRuns } from './flow';
import { linear, successorsOf, type Block, type Region, type Successor } from './region';

// A region's function returns the record to go on with; 0: look up ENGINE.target; REGION_STALE: look at its pages first; REGION_HYPERCALL: run() comes back;
// minus a record: interpret that one.


/** Places whose last page is kept; a tag that no address meets. */
const MAX_LAST_PAGES = 24, NO_PAGE = 0x4000000000000000n;
/** Bytes that one look at a page may stand for, and how many such places are thought of. */
const MAX_SPAN = 256, MAX_SPANS = 8;
const BLOCKED_BITS = { sse: 1, avx: 2, x87: 4, mmx: 8 } as const;

export class RegionEmitter extends RegisterLocals {
  /** Where in memory the last page of a place stands. */
  private readonly lastPages = new Map<string, number>();
  /** What is written when all accesses are known: where the page of a span is looked at. */
  private readonly looks: (() => void)[] = [];
  /** The same: which registers a hypercall is told of. */
  private readonly calls: (() => void)[] = [];
  /** Whether every access looks at its page by itself. */
  private readonly isCareful: boolean;
  private here!: Block;
  private at = 0;
  /** Instructions of the block before this one. */
  private done = 0;
  private readonly left: Variable<'i32'>;
  private readonly outcome: Variable<'i32'>;
  private readonly entryState: Variable<'i32'>;
  /** TLBs of the ring that the region runs in. */
  private readonly readTlb: number;
  private readonly writeTlb: number;
  private exit!: Label;
  private readonly labels = new Map<number, Label>();
  /** By block that others jump to. */
  private readonly meetings = new Map<number, Meeting>();
  private dispatcher: Label | undefined;
  private readonly shape: Structure;
  /** By block: instructions that may run from its start before the budget is looked at again. */
  readonly needs: readonly number[];
  /** By block: whether somebody may want the flags that it begins with. */
  private readonly flagsLive: readonly boolean[];
  private terminator: { condition?: V<'i32'>; target?: V<'i64'> } | undefined;
  /** Where the region is entered: filled in when it is known what it counts on. */
  private readonly entrance: (write: () => void) => void;
  /** Units that the region's instructions use. */
  private units = 0;
  private readonly callee: Callee;

  constructor(private readonly region: Region, private readonly memory: PhysicalMemory, private readonly cells: { generation: number; otherGeneration: number; map: number | undefined; mxcsr: MxcsrMode | undefined; isUser: boolean; isCareful: boolean }, outside: RegionSurroundings) {
    super((region.blocks[0] as Block).instructions[0]?.form as Form, region.blocks.some(block => block.instructions.some(({ form }) => form.encoding.mnemonic.endsWith('ldmxcsr'))) ? undefined : cells.mxcsr, {
      ...outside, record: new Code().parameter('i32', 0),
      tlb: (_, access) => this.i32(access === 'w' ? this.writeTlb : this.readTlb),
      leave: () => this.interpretHere(), jumpTo: () => undefined, branchTo: () => undefined, changeRing: () => undefined, hypercall: () => undefined,
    });
    this.callee = outside.callOut;
    for (const block of region.blocks) for (const { form } of block.instructions) { const { unit } = form.encoding.options; if (unit) this.units |= BLOCKED_BITS[unit]; }
    this.shape = structure(region.blocks.map(successorsOf), region.entries,
      [...(region.blocks.some(b => b.ending === 'return') ? region.returns : []), ...(cells.map === undefined ? [] : region.indirect), ...region.blocks.flatMap(({ ending, next }) => ending === 'hypercall' ? next.block ?? [] : [])]);
    this.entrance = this.later();
    this.needs = longestRuns(region.blocks, this.shape);
    this.flagsLive = flagsLiveAt(region.blocks, this.shape);
    this.left = this.variableAt('i32', 1);
    this.entryState = this.variableAt('i32', 2);
    this.outcome = this.variable(this.i32(0));
    ({ readTlb: this.readTlb, writeTlb: this.writeTlb } = ringWords(cells.isUser));
    this.isCareful = cells.isCareful;
    this.writeFunction();
    if (this.needsMxcsr) this.entrance(() => this.plainWhen(this.op('i32.ne', this.op('i32.and', this.plainLoad('i32.load', this.i32(0), STATE.mxcsr), this.i32(MXCSR_MASK)), this.i32(cells.mxcsr ?? 0)), () => this.return(this.i32(REGION_STALE))));
  }

  /** The mode of MXCSR that the region counts on. */
  get mxcsr(): MxcsrMode | undefined { return this.needsMxcsr ? this.cells.mxcsr : undefined; }

  /** Entry blocks in the order of the numbers that the function takes. */
  get entryBlocks(): readonly number[] { return this.shape.dispatched; }

  // --- the function --------------------------------------------------------------------------------------------------------------------------

  private writeFunction(): void {
    if (this.region.pages.length > 1) {
      this.whenStale(() => this.return(this.i32(REGION_STALE)));
    }
    const isOtherRing = this.isOtherRing();
    const isBlocked = this.op('i32.and', this.plainLoad('i32.load', this.i32(0), ENGINE.blockedUnits), this.i32(this.units));
    this.plainWhen(this.units ? this.op('i32.or', isOtherRing, isBlocked) : isOtherRing, () => {
      this.plainStore('i32.store', this.i32(0), ENGINE.regionLeft, this.left.get());
      this.return(this.op('i32.sub', this.i32(0), this.parameter('i32', 0)));
    });
    this.lazy = new LazyFlags(this, { load: this.plainLoad.bind(this), store: this.plainStore.bind(this) });
    // Registers are loaded once it is known which are used: the loads go first, and are written last.
    const loads = this.later();
    this.block(exit => {
      this.exit = exit;
      this.writeDispatcher();
    });
    for (const look of this.looks) look();
    for (const meeting of this.meetings.values()) this.lazy.complete(meeting);
    this.storeRegisters();
    this.leaveNow(this.outcome.get());
    loads(() => this.loadRegisters());
    for (const complete of this.calls) complete();
  }

  private storeRegisters(): void {
    for (const n of this.writtenGprs) this.plainStore('i64.store', this.i32(0), STATE.gpr + 8 * n, (this.gprs[n] as Variable<'i64'>).get());
    for (const n of this.writtenWords) this.plainStore(WORDS[n] === STATE.fip ? 'i64.store' : 'i32.store', this.i32(0), WORDS[n] as number, (this.words[n] as Variable).get());
    for (const n of this.writtenHalves) this.plainStore('v128.store', this.i32(0), STATE.ymm + 16 * n, (this.halves[n] as Variable<'v128'>).get());
    this.lazy.finish();
  }

  private loadRegisters(): void {
    for (const cell of this.lastPages.values()) this.plainStore('i64.store', this.i32(0), cell, this.i64(NO_PAGE));
    this.gprs.forEach((variable, n) => variable?.set(this.plainLoad('i64.load', this.i32(0), STATE.gpr + 8 * n)));
    this.words.forEach((variable, n) => variable?.set(this.plainLoad(WORDS[n] === STATE.fip ? 'i64.load' : 'i32.load', this.i32(0), WORDS[n])));
    this.halves.forEach((variable, n) => variable?.set(this.plainLoad('v128.load', this.i32(0), STATE.ymm + 16 * n)));
  }

  private leaveNow(outcome: V<'i32'>): void {
    this.plainStore('i32.store', this.i32(0), ENGINE.regionLeft, this.left.get());
    this.return(outcome);
  }

  private whenStale(then: () => void): void {
    const isOther = (cell: number): V<'i32'> => this.op('i32.ne', this.plainLoad('i32.load', this.i32(0), ENGINE.fetchGeneration), this.plainLoad('i32.load', this.i32(cell), 0));
    this.plainWhen(isOther(this.cells.generation), () => this.plainWhen(isOther(this.cells.otherGeneration), then));
  }

  private isOtherRing(): V<'i32'> { return this.op('i32.ne', this.plainLoad('i32.load', this.i32(0), ENGINE.readTlb), this.i32(this.readTlb)); }

  private writeDispatcher(): void {
    const D = this.region.blocks.length;
    const children = this.byOrder(this.shape.children[D] as readonly number[]);
    if (!this.shape.hasDispatcher) { this.writeTree(this.shape.dispatched[0] as number); return; }
    this.loop(again => {
      this.dispatcher = again;
      this.within(children, () => {
        const targets = this.shape.dispatched.map(b => this.labels.get(b) as Label);
        this.brTable([...targets, targets[0] as Label], this.entryState.get());
      });
    });
  }

  /** `first`, then the trees of `blocks`, each behind the end of a block that jumps to it leave. */
  private within(blocks: readonly number[], first: () => void): void {
    const last = blocks.at(-1);
    if (last === undefined) { first(); return; }
    this.block(label => {
      this.labels.set(last, label);
      this.within(blocks.slice(0, -1), first);
    });
    this.restore(fresh());
    if (!this.shape.isLoop[last]) this.meet(last);
    this.writeTree(last);
  }

  private meetingAt(index: number): Meeting {
    let meeting = this.meetings.get(index);
    if (!meeting) {
      // Registers are read where the block begins, once it does.
      const values = new Map<number, V<'i64'>>();
      let start: ((write: () => void) => void) | undefined;
      const register = (n: number): V<'i64'> => {
        if (!values.has(n)) start?.(() => values.set(n, this.gprVariable(n).get()));
        return values.get(n) as V<'i64'>;
      };
      this.meetings.set(index, meeting = { recipes: new Map(), places: [], register, begin: () => { start = this.later(); } });
    }
    return meeting;
  }

  /** At the start of a block that others jump to. */
  private meet(index: number): void {
    if (!this.flagsLive[index]) return;
    const meeting = this.meetingAt(index);
    meeting.begin();
    this.lazy.state = this.scope.flags = { k: 'met', meeting };
  }

  /** Where a value of this moment is found where control goes on. */
  private sourceOf(value: V<'i64'>): Source | undefined {
    if (value.constant !== undefined) return { constant: value.constant };
    const mask = value.opName === 'i64.and' ? value.args[1]?.constant : undefined, whole = mask === undefined ? value : value.args[0];
    const register = this.scope.registers.findIndex(known => known !== undefined && (known === whole || known === value));
    if (register < 0) return undefined;
    return { register, mask: this.scope.registers[register] === value ? undefined : mask };
  }

  private byOrder(blocks: readonly number[]): number[] {
    return [...blocks].filter(b => this.shape.isMerge[b]).sort((a, b) => (this.shape.order[a] as number) - (this.shape.order[b] as number));
  }

  private writeTree(index: number): void {
    const merges = this.byOrder(this.shape.children[index] as readonly number[]);
    if (!this.shape.isLoop[index]) { this.within(merges, () => this.writeBlock(index)); return; }
    // What is known when the loop is entered is not known when it comes round.
    this.settle(index);
    this.restore(fresh());
    this.loop(again => {
      this.labels.set(index, again);
      this.meet(index);
      this.within(merges, () => this.writeBlock(index));
    });
  }

  private writeBlock(index: number): void {
    const block = this.region.blocks[index] as Block;
    const n = block.instructions.length;
    this.here = block;
    this.done = 0;
    for (let k = 0; k < n; k++) {
      const { form, record } = block.instructions[k] as { form: Form; record: number };
      this.at = record;
      this.done = k;
      this.terminator = undefined;
      this.record = this.i32(record);
      this.begin(form);
      this.checkPrivilege();
      form.encoding.row[4](this, this.operands);
    }
    this.scope.pending += n;
    this.done = 0;
    this.finish(block);
  }

  private finish(block: Block): void {
    const { ending, next, taken } = block, terminator = this.terminator as { condition?: V<'i32'>; target?: V<'i64'> } | undefined;
    switch (ending) {
      case 'none': this.goTo(block, next); return;
      case 'jump': case 'call': this.goTo(block, taken as Successor, this.at); return;
      case 'conditional': {
        const before = this.save();
        const branch = (yes: () => void, no: () => void): void => this.plainWhen(terminator?.condition ?? this.i32(1), yes, no);
        branch(() => this.goTo(block, taken as Successor, this.at), () => { this.restore(before); this.here = block; this.goTo(block, next); });
        return;
      }
      case 'return': {
        const target = terminator?.target as V<'i64'>;
        for (const site of this.region.returns) {
          const to = this.region.blocks[site] as Block;
          this.when(this.op('i64.eq', target, this.i64(this.linearOf(to))), () => this.dispatchTo(site));
        }
        this.leaveTo(target);
        return;
      }
      case 'indirect': {
        const target = terminator?.target as V<'i64'>;
        if (this.cells.map !== undefined && block.instructions.at(-1)?.form.encoding.mnemonic === 'jmp') this.jumpByMap(target, this.region.mapFrom, this.cells.map);
        this.leaveTo(target);
        return;
      }
      case 'hypercall': this.callOut(block); return;
    }
  }

  /**
   * Whoever answers may change all that there is of the processor. As nearly always it goes on behind, in the ring and with the code that the region was made for:
   * then control stays inside.
   */
  private callOut({ next }: Block): void {
    if (next.block === undefined || this.units !== 0) {
      this.scope.pending--;
      this.interpretHere();
      return;
    }
    const zero = this.i32(0), behind = this.nextRip(), drops = (): V<'i32'> => this.plainLoad('i32.load', zero, ENGINE.codeDrops), before = this.variable(drops());
    this.lazy.sync();
    this.retire();
    this.plainStore('i64.store', zero, STATE.rip, behind);
    const store = this.later();
    const more = this.variable(this.call(this.callee, this.left.get())[0] as V<'i32'>);
    this.plainWhen(this.op('i32.lt_s', more.get(), zero), () => this.leaveNow(this.i32(REGION_HYPERCALL)));
    this.left.set(more.get());
    const goOn = (): V<'i64'> => this.plainLoad('i64.load', zero, STATE.rip);
    const leave = (): void => { this.plainStore('i64.store', zero, ENGINE.target, goOn()); this.leaveNow(zero); };
    this.plainWhen(this.op('i32.or', this.op('i32.or', this.op('i64.ne', goOn(), behind), this.op('i32.ne', drops(), before.get())), this.isOtherRing()), leave);
    if (this.region.pages.length > 1) this.whenStale(leave);
    this.noteCodePage(this.here);
    this.restore(fresh());
    const load = this.later();
    this.calls.push(() => { store(() => this.storeRegisters()); load(() => this.loadRegisters()); });
    this.dispatchTo(next.block);
  }

  /** To the block that begins at `target`, if the map of the pages from `first` on knows one. */
  private jumpByMap(target: V<'i64'>, first: bigint, map: number): void {
    const offset = this.sub(target, this.i64(first));
    this.retire();
    const need = Math.max(...this.region.indirect.map(block => this.needs[block] as number));
    this.plainWhen(this.op('i32.and', this.op('i64.lt_u', offset, this.i64(JUMP_MAP_BYTES)), this.op('i32.ge_s', this.left.get(), this.i32(need))), () => {
      const state = this.plainLoad('i32.load8_u', this.wrap(offset), map);
      this.plainWhen(state, () => {
        this.lazy.syncFor(this.region.indirect.filter(block => this.flagsLive[block]).map(block => this.meetingAt(block)), value => this.sourceOf(value));
        this.entryState.set(this.op('i32.sub', state, this.i32(1)));
        this.br(this.dispatcher as Label);
      });
    });
  }

  private linearOf(block: Block): bigint {
    const { record } = block.instructions[0] as { record: number };
    return linear(block.page) + BigInt(this.memory.view.getUint16(record + RECORD.pageOffset, true));
  }

  // --- going on ------------------------------------------------------------------------------------------------------------------------------

  private goTo(from: Block, to: Successor, jumper?: number): void {
    if (to.block === undefined) { this.leaveAfter(from, to, jumper); return; }
    const target = to.block;
    if (this.shape.viaDispatcher.has(edge(from.index, target))) { this.dispatchTo(target); return; }
    const isBack = (this.shape.order[target] as number) <= (this.shape.order[from.index] as number);
    if (!isBack && !this.shape.isMerge[target]) { this.writeTree(target); return; }
    if (isBack) this.testBudget(target);
    this.settle(target);
    this.br(this.labels.get(target) as Label);
  }

  private dispatchTo(target: number): void {
    this.testBudget(target);
    this.settle(target);
    this.entryState.set(this.i32(this.shape.dispatched.indexOf(target)));
    this.br(this.dispatcher as Label);
  }

  /** Tells `left` of what was retired. */
  private retire(): void {
    const { pending } = this.scope;
    if (pending === 0) return;
    this.left.set(this.op('i32.sub', this.left.get(), this.i32(pending)));
    this.scope.pending = 0;
  }

  /** Before a jump to a block that others jump to, too. */
  private settle(target: number): void {
    this.retire();
    if (this.flagsLive[target]) this.lazy.syncFor([this.meetingAt(target)], value => this.sourceOf(value));
  }

  /** Where control goes round: out, unless what is left covers the way to the next such place. The interpreter runs the rest. */
  private testBudget(target: number): void {
    this.retire();
    const to = this.region.blocks[target] as Block, { record } = to.instructions[0] as { record: number };
    this.when(this.op('i32.lt_s', this.left.get(), this.i32(this.needs[target] as number)), () => {
      this.lazy.sync();
      this.noteCodePage(to);
      this.outcome.set(this.marked(record));
      this.br(this.exit);
    });
  }

  /** Out of the region, all instructions of the block retired. */
  private leaveAfter(from: Block, to: Successor, jumper: number | undefined): void {
    this.lazy.sync();
    this.retire();
    this.noteCodePage(from);
    if (jumper === undefined) { this.outcome.set(to.record === 0 ? this.i32(0) : this.marked(to.record)); this.br(this.exit); return; }
    // The link may become known, or better, later.
    const link = this.plainLoad('i32.load', this.marked(jumper), RECORD.link);
    this.outcome.set(link);
    this.br(this.exit, link);
    this.plainStore('i64.store', this.i32(0), ENGINE.target, this.i64(this.memory.view.getBigInt64(jumper + RECORD.immediate, true)));
    this.br(this.exit);
  }

  private leaveTo(target: V<'i64'>): void {
    this.lazy.sync();
    this.retire();
    this.plainStore('i64.store', this.i32(0), ENGINE.target, target);
    this.outcome.set(this.i32(0));
    this.br(this.exit);
  }

  /** Out of the region before this instruction, which the interpreter runs. */
  private interpretHere(): void {
    this.lazy.sync();
    this.noteCodePage(this.here);
    const retired = this.scope.pending + this.done;
    if (retired > 0) this.left.set(this.op('i32.sub', this.left.get(), this.i32(retired)));
    this.outcome.set(this.marked(-this.at));
    this.br(this.exit);
  }

  private noteCodePage(block: Block): void {
    if (this.region.pages.length > 1) this.plainStore('i64.store', this.i32(0), ENGINE.codePage, this.i64(linear(block.page)));
  }

  // --- what instructions ask for -------------------------------------------------------------------------------------------------------------

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
    const then = { here: this.here, at: this.at, done: this.done, scope: this.scope, pending: this.scope.pending, flags: this.lazy.state };
    this.looks.push(() => look(() => {
      ({ here: this.here, at: this.at, done: this.done } = then);
      this.scope = { ...then.scope, pending: then.pending };
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
      this.plainWhen(this.op('i64.gt_u', this.xor(lowest, tag), limit), () => {
        if (!this.isCareful) this.countStraddling(low, size);
        this.interpretHere();
      });
      return { tag, addend: this.plainLoad('i32.load', entry, base + 8) };
    };
    const zero = this.i32(0), first = this.wrap(address);
    if (cell === undefined) { span.pointer.set(this.op('i32.add', first, lookUp().addend)); return; }
    this.plainWhen(this.op('i64.gt_u', this.xor(lowest, this.plainLoad('i64.load', zero, cell)), limit), () => {
      const { tag, addend } = lookUp();
      this.plainStore('i64.store', zero, cell, tag);
      this.plainStore('i32.store', zero, cell + 8, addend);
    });
    span.pointer.set(this.op('i32.add', first, this.plainLoad('i32.load', zero, cell + 8)));
  }

  private countStraddling(low: V<'i32'>, size: number): void {
    const zero = this.i32(0), isStraddling = this.op('i32.gt_u', this.op('i32.and', low, this.i32(PAGE_SIZE - 1)), this.i32(PAGE_SIZE - size));
    this.plainStore('i32.store', zero, ENGINE.straddles, this.op('i32.add', this.plainLoad('i32.load', zero, ENGINE.straddles), isStraddling));
    this.plainStore('i32.store', zero, ENGINE.straddler, this.marked(this.at));
  }

  /** Where the last page of the present instruction's accesses stands, if it is kept. */
  private lastPage(): ((access: 'r' | 'w') => number | undefined) | undefined {
    const { view } = this.memory, { at } = this, index = view.getUint16(at + RECORD.index, true);
    const base = this.hasMemoryOperand ? view.getUint16(this.at + RECORD.base, true) : STATE.gpr + 8 * RSP;
    const isIndexed = this.hasMemoryOperand && index !== STATE.zero;
    // A pointer that walks meets new pages; the stack and tables that are looked up in do not.
    const isOfStack = base === STATE.gpr + 8 * RSP || base === STATE.gpr + 8 * RBP;
    if (!isOfStack && !isIndexed) return undefined;
    return access => {
      if (!isOfStack && access === 'w') return undefined;
      const key = `${access}${isIndexed ? at : base}`;
      let cell = this.lastPages.get(key);
      if (cell === undefined && this.lastPages.size < MAX_LAST_PAGES) this.lastPages.set(key, cell = ENGINE.lastPages + 16 * this.lastPages.size);
      return cell;
    };
  }
  /** Else an access is one of the stack. */
  private get hasMemoryOperand(): boolean { return this.form.isMemory; }

  override raise(_vector: number, condition?: V<'i32'>): void {
    if (condition) this.when(condition, () => this.interpretHere());
    else this.interpretHere();
  }

  override callHelper(): void { this.interpretHere(); }
  /** What is left for something odd does not come back: `act` is straight code. */
  override ordinarily(condition: V<'i32'>, act: () => void): void {
    this.plainWhen(this.op('i32.eqz', condition), () => this.interpretHere());
    act();
  }

  override branch(_operand: Operand, condition?: V<'i32'>): void { this.terminator = condition ? { condition } : {}; }
  override jump(target: V<'i64'>): void { this.terminator = { target }; }
  override enterRing(cpl: 0 | 3, target: V<'i64'>): void {
    super.enterRing(cpl, target);
    this.jump(target);
  }

  override rip(): V<'i64'> { return this.i64(linear(this.here.page) + BigInt(this.memory.view.getUint16(this.at + RECORD.pageOffset, true))); }
  override nextRip(): V<'i64'> { return this.i64((this.rip().constant ?? 0n) + BigInt(this.memory.view.getUint8(this.at + RECORD.length))); }

  protected override fromRecord<N extends LoadName>(name: N, offset: number): V<(typeof LOAD_OPS)[N][1]> {
    const { view } = this.memory, at = this.at + offset;
    const value = ((): V => {
      switch (name) {
        case 'i32.load8_u': return this.i32(view.getUint8(at));
        case 'i32.load16_u': return this.i32(view.getUint16(at, true));
        case 'i32.load': return this.i32(view.getInt32(at, true));
        case 'i64.load8_u': return this.i64(view.getUint8(at));
        case 'i64.load16_u': return this.i64(view.getUint16(at, true));
        case 'i64.load32_s': return this.i64(view.getInt32(at, true));
        case 'i64.load32_u': return this.i64(view.getUint32(at, true));
        case 'i64.load': return this.i64(view.getBigInt64(at, true));
        default: throw new Error(`a record field is not read with ${name}`);
      }
    })();
    return value as V<(typeof LOAD_OPS)[N][1]>;
  }

  override offset(operand: Operand): V<'i64'> {
    const { view } = this.memory, u16 = (field: number): number => view.getUint16(this.at + field, true);
    const base = u16(RECORD.base), index = u16(RECORD.index), displacement = view.getInt32(this.at + RECORD.displacement, true);
    if (operand.kind.from === 'moffs') return super.offset(operand);
    let sum: V<'i64'> | undefined, fixed = BigInt(displacement);
    if (base === ENGINE.codePage) fixed += linear(this.here.page);
    else if (base !== STATE.zero) sum = this.state64(base);
    if (index === ENGINE.plus2G) fixed += 0x80000000n;
    else if (index !== STATE.zero) {
      const scale = view.getUint8(this.at + RECORD.scale), scaled = scale ? this.shl(this.state64(index), scale) : this.state64(index);
      sum = sum ? this.add(sum, scaled) : scaled;
    }
    const whole = !sum ? this.i64(fixed) : fixed !== 0n ? this.add(sum, this.i64(fixed)) : sum;
    return view.getUint8(this.at + RECORD.flags) !== 0 ? this.and(whole, this.i64(0xffffffff)) : whole;
  }

  override address(operand: Operand): V<'i64'> {
    const offset = this.offset(operand);
    const segment = this.memory.view.getUint16(this.at + RECORD.segment, true);
    return segment === STATE.zero ? offset : this.add(offset, this.segmentBase());
  }

  override segmentBase(): V<'i64'> {
    return this.memory.view.getUint16(this.at + RECORD.segment, true) === STATE.zero ? this.i64(0) : super.segmentBase();
  }
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
