// A region as a WebAssembly function: how control goes through its blocks and out of it. The semantics are those of the rows. An access that misses the TLB, an
// exception, a helper: the region is left before the instruction, with every register in its place, and the interpreter runs it. Not here: registers and flags
// (register_locals.ts, lazy_flags.ts), where memory is (page_looks.ts), what stands in records (record_constants.ts), the order of blocks (structure.ts).
import { ENGINE, FSW_PE, JUMP_MAP_SPAN, RECORD, RECORD_BYTES, REGION_EXIT, STATE } from '../layout';
import type { Doubt, Operand } from '../isa/machine';
import type { Form } from '../decode';
import type { PhysicalMemory } from '../physical_memory';
import { Code, Variable, type Callee, type Label, type V } from '../wasm/code';
import { GATE } from './syscall_gate';
import { REGION_HYPERCALL, REGION_STALE, type RegionSurroundings } from '../handlers';
import { LazyFlags, type Meeting, type Source } from './lazy_flags';
import { RecordConstants } from './record_constants';
import type { RegionExit } from './page_looks';
import { Marks } from './marks';
import { fresh, MXCSR_MASK, type MxcsrMode, type X87State } from './register_locals';
import { edge, structure, type Structure } from './structure';
import { flagsLiveAt, longestRuns, loopsOf } from './flow';
import { linear, successorsOf, type Block, type Region, type Successor } from './region';

// A region's function returns the record to go on with; 0: look up ENGINE.target; REGION_STALE: look at its pages first; REGION_HYPERCALL: run() comes back;
// minus a record: interpret that one. To a record is added why: layout.ts, REGION_EXIT.

/** Routines that stand in place, a region. */
const MAX_INLINED = 24;
/** Instructions that ask whether a scalar is ordinary. */
const SCALAR = /^v?((add|sub|mul|div|sqrt|min|max|u?comi)s[sd]|cvts[sd]2s[sd])$/;
const BLOCKED_BITS = { sse: 1, avx: 2, x87: 4, mmx: 8 } as const;

/** What a region's code counts on, and where it finds its own words. */
export interface RegionCells {
  readonly generation: number;
  readonly otherGeneration: number;
  readonly map: number | undefined;
  readonly mxcsr: MxcsrMode | undefined;
  readonly isUser: boolean;
  readonly isCareful: boolean;
  /** TOP and the tags at a record, and whether inexact is noted everywhere; undefined: they may be any. */
  readonly x87: { readonly at: (record: number) => X87State; readonly isRoundingNoted: boolean } | undefined;
}

export class RegionEmitter extends RecordConstants {
  /** What is written when all is known: which registers a hypercall is told of. */
  private readonly calls: (() => void)[] = [];
  private readonly left: Variable<'i32'>;
  private readonly outcome: Variable<'i32'>;
  private readonly entryState: Variable<'i32'>;
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
  private readonly loops: readonly (number | undefined)[];
  private terminator: { condition?: V<'i32'>; target?: V<'i64'> } | undefined;
  /** Where the region is entered: filled in when it is known what it counts on. */
  private readonly entrance: (write: () => void) => void;
  private inlined = 0;
  /** By block that others jump to: TOP and the tags there. */
  private readonly x87Begins = new Map<number, X87State>();
  /** Units that the region's instructions use. */
  private units = 0;
  private readonly callee: Callee;
  private readonly gate: RegionSurroundings['gate'];

  constructor(private readonly region: Region, memory: PhysicalMemory, private readonly cells: RegionCells, outside: RegionSurroundings) {
    super((region.blocks[0] as Block).instructions[0]?.form as Form, region.blocks.some(block => block.instructions.some(({ form }) => form.encoding.mnemonic.endsWith('ldmxcsr'))) ? undefined : cells.mxcsr, {
      ...outside, record: new Code().parameter('i32', 0),
      tlb: (_, access) => this.i32(access === 'w' ? this.writeTlb : this.readTlb),
      leave: () => this.interpretHere('helper'), jumpTo: () => undefined, branchTo: () => undefined, changeRing: () => undefined, hypercall: () => undefined,
    }, memory, cells);
    this.callee = outside.callOut;
    this.gate = outside.gate;
    for (const block of region.blocks) for (const { form } of block.instructions) { const { unit } = form.encoding.options; if (unit) this.units |= BLOCKED_BITS[unit]; }
    this.shape = structure(region.blocks.map(successorsOf), region.entries,
      [...(region.blocks.some(b => b.ending === 'return') ? region.returns : []), ...(cells.map === undefined ? [] : region.indirect), ...region.blocks.flatMap(({ ending, next }) => ending === 'hypercall' || ending === 'syscall' ? next.block ?? [] : [])]);
    this.entrance = this.later();
    this.needs = longestRuns(region.blocks, this.shape);
    this.flagsLive = flagsLiveAt(region.blocks, this.shape);
    this.loops = loopsOf(region);
    this.left = this.variableAt('i32', 1);
    this.entryState = this.variableAt('i32', 2);
    this.outcome = this.variable(this.i32(0));
    // What moves TOP by itself, and where control comes from anywhere, leave it open.
    this.isX87Known = cells.x87 !== undefined && (this.units & (BLOCKED_BITS.x87 | BLOCKED_BITS.mmx)) === BLOCKED_BITS.x87 && region.indirect.length === 0;
    if (this.shape.isLoop.some(is => is)) {
      if (this.isX87Known) this.x87Marks = new Marks(this);
      if (cells.mxcsr !== undefined && region.blocks.some(block => block.instructions.some(({ form }) => SCALAR.test(form.encoding.mnemonic)))) this.vectorMarks = new Marks(this);
    }
    this.writeFunction();
    if (this.isX87Known) this.entrance(() => this.checkX87());
    if (this.needsMxcsr) this.entrance(() => this.plainWhen(this.op('i32.ne', this.op('i32.and', this.plainLoad('i32.load', this.i32(0), STATE.mxcsr), this.i32(MXCSR_MASK)), this.i32(cells.mxcsr ?? 0)), () => this.return(this.i32(REGION_STALE))));
  }

  /** The mode of MXCSR that the region counts on. */
  get mxcsr(): MxcsrMode | undefined { return this.needsMxcsr ? this.cells.mxcsr : undefined; }

  /** Whether the region counts on TOP and the tags. */
  get countsOnX87(): boolean { return this.isX87Known; }

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
      this.return(this.op('i32.sub', this.i32(-REGION_EXIT.refused), this.parameter('i32', 0)));
    });
    this.lazy = new LazyFlags(this, { load: this.plainLoad.bind(this), store: this.plainStore.bind(this), when: this.plainWhen.bind(this) });
    // Registers are loaded once it is known which are used: the loads go first, and are written last.
    const loads = this.later();
    this.block(exit => {
      this.exit = exit;
      this.writeDispatcher();
    });
    this.writeLooks();
    for (const meeting of this.meetings.values()) this.lazy.complete(meeting);
    this.storeRegisters();
    this.leaveNow(this.outcome.get());
    loads(() => this.loadRegisters());
    for (const complete of this.calls) complete();
  }

  private storeRegisters(): void {
    for (const n of this.writtenGprs) this.plainStore('i64.store', this.i32(0), STATE.gpr + 8 * n, (this.gprs[n] as Variable<'i64'>).get());
    this.storeX87();
    for (const n of this.writtenHalves) this.plainStore('v128.store', this.i32(0), STATE.ymm + 16 * n, (this.halves[n] as Variable<'v128'>).get());
    this.lazy.finish();
  }

  private loadRegisters(): void {
    this.forgetLastPages();
    this.loadSteadies();
    this.vectorMarks?.clear();
    this.x87Marks?.clear();
    this.gprs.forEach((variable, n) => variable?.set(this.plainLoad('i64.load', this.i32(0), STATE.gpr + 8 * n)));
    this.loadX87();
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

  private checkX87(): void {
    const load = (at: number): V<'i32'> => this.plainLoad('i32.load', this.i32(0), at), noted = this.isRoundingNoted() ? FSW_PE : 0;
    const found = this.op('i32.or', this.op('i32.or', load(STATE.ftop), this.op('i32.shl', load(STATE.ftag), this.i32(3))), this.op('i32.shl', this.op('i32.and', load(STATE.fsw), this.i32(noted)), this.i32(11)));
    const wanted = this.shape.dispatched.map(block => { const { top, tags } = this.x87Begins.get(block) as X87State; return this.i32(top | tags << 3 | noted << 11); });
    const expected = wanted.reduceRight((rest, one, state) => this.select(this.op('i32.eq', this.entryState.get(), this.i32(state)), one, rest));
    this.plainWhen(this.op('i32.ne', found, expected), () => this.return(this.i32(REGION_STALE)));
  }

  private writeDispatcher(): void {
    const D = this.region.blocks.length;
    const children = this.byOrder(this.shape.children[D] as readonly number[]);
    if (!this.shape.hasDispatcher) {
      const only = this.shape.dispatched[0] as number;
      this.beginX87(only);
      this.writeTree(only);
      return;
    }
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
    this.beginX87(last);
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

  /** TOP and the tags at the start of a block that others jump to. */
  private beginX87(index: number): void {
    if (this.isX87Known) this.x87State = this.x87AtStart(index, () => this.cells.x87?.at((this.region.blocks[index] as Block).instructions[0]?.record ?? 0));
  }
  /** As the first who jumps there has them, or as `otherwise` says. */
  private x87AtStart(index: number, otherwise: () => X87State | undefined): X87State {
    let state = this.x87Begins.get(index);
    if (!state) this.x87Begins.set(index, state = otherwise() ?? { top: 0, tags: 0 });
    return state;
  }

  /** Where a value of this moment is found where control goes on. */
  private sourceOf(value: V<'i64'>): Source | undefined {
    if (value.constant !== undefined) return { constant: value.constant };
    const mask = value.opName === 'i64.and' ? value.args[1]?.constant : undefined, whole = mask === undefined ? value : value.args[0];
    const register = this.scope.registers.findIndex(known => known !== undefined && (known === whole || known === value));
    if (register < 0) return undefined;
    return { register, mask: this.scope.registers[register] === value ? undefined : mask };
  }

  protected override loopOf(block: number): number | undefined { return this.loops[block]; }

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
      this.beginX87(index);
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
      if (k === n - 1 && block.ending === 'syscall') this.goThroughGate(block);
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
      case 'jump': this.goTo(block, taken as Successor, this.at); return;
      case 'call': {
        // What is called puts TOP back, most of the time.
        if (next.block !== undefined && this.isX87Known) { const now = this.x87State; this.x87AtStart(next.block, () => now); }
        this.goTo(block, taken as Successor, this.at);
        return;
      }
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
      case 'indirect': case 'indirect call': {
        const target = terminator?.target as V<'i64'>, isLeap = !taken && (ending === 'indirect call' || block.instructions.at(-1)?.form.encoding.mnemonic === 'jmp');
        if (taken?.block !== undefined) {
          const before = this.save(), { block: to } = taken;
          this.plainWhen(this.op('i64.eq', target, this.i64(this.linearOf(this.region.blocks[to] as Block))), () => this.goTo(block, taken));
          this.restore(before);
          this.here = block;
        }
        if (isLeap && this.cells.map !== undefined) this.jumpByMap(target, this.cells.map);
        if (isLeap) this.noteLeap(target);
        this.leaveTo(target);
        return;
      }
      case 'syscall': this.leaveTo(terminator?.target as V<'i64'>); return;
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
      this.interpretHere('helper');
      return;
    }
    const zero = this.i32(0), behind = this.nextRip(), before = this.variable(this.plainLoad('i32.load', zero, ENGINE.codeDrops));
    this.lazy.sync();
    this.retire();
    this.plainStore('i64.store', zero, STATE.rip, behind);
    const store = this.later();
    const more = this.variable(this.call(this.callee, this.left.get())[0] as V<'i32'>);
    this.plainWhen(this.op('i32.lt_s', more.get(), zero), () => this.leaveNow(this.i32(REGION_HYPERCALL)));
    this.left.set(more.get());
    const goOn = (): V<'i64'> => this.plainLoad('i64.load', zero, STATE.rip);
    this.goOnBehind(next.block, before, store, goOn, this.op('i64.ne', goOn(), behind));
  }

  /** Before SYSCALL: all at once, if the kernel is entered as usual. Otherwise nothing was done. */
  private goThroughGate({ next }: Block): void {
    if (next.block === undefined || this.units !== 0 || this.gate === undefined) return;
    this.lazy.sync();
    const { block } = next, outer = this.save(), zero = this.i32(0), behind = this.nextRip(), began = this.op('i32.sub', this.left.get(), this.i32(this.scope.pending + this.done + 1));
    this.plainWhen(this.plainLoad('i32.load', zero, ENGINE.gate), () => {
      const before = this.variable(this.plainLoad('i32.load', zero, ENGINE.codeDrops));
      this.plainStore('i64.store', zero, ENGINE.target, behind);
      const store = this.later(), answer = this.variable(this.call((this.gate as () => Callee)(), zero, began, zero)[0] as V<'i32'>);
      this.plainWhen(this.op('i32.ge_s', answer.get(), zero), () => {
        this.left.set(answer.get());
        this.scope.pending = 0;
        this.goOnBehind(block, before, store, () => behind);
      });
      this.plainWhen(this.op('i32.ne', answer.get(), this.i32(GATE.refused)), () => this.return(this.select(this.op('i32.eq', answer.get(), this.i32(GATE.stop)), this.i32(REGION_HYPERCALL), zero)));
    });
    this.restore(outer);
  }

  /** After an answer: to `block`, if the code and the ring are as they were, else to `target`. `drops`: as they were before; `store`: where registers were told. */
  private goOnBehind(block: number, drops: Variable<'i32'>, store: (write: () => void) => void, target: () => V<'i64'>, isElsewhere?: V<'i32'>): void {
    const zero = this.i32(0), isOther = this.op('i32.or', this.op('i32.ne', this.plainLoad('i32.load', zero, ENGINE.codeDrops), drops.get()), this.isOtherRing());
    const leave = (): void => { this.plainStore('i64.store', zero, ENGINE.target, target()); this.leaveNow(zero); };
    this.plainWhen(isElsewhere ? this.op('i32.or', isElsewhere, isOther) : isOther, leave);
    if (this.region.pages.length > 1) this.whenStale(leave);
    this.noteCodePage(this.here);
    this.restore(fresh());
    const load = this.later();
    this.calls.push(() => { store(() => this.storeRegisters()); load(() => this.loadRegisters()); });
    this.dispatchTo(block);
  }

  /** To the block that begins at `target`, if the map knows one. */
  private jumpByMap(target: V<'i64'>, map: number): void {
    this.retire();
    this.renewMarks();
    this.joinLows();
    const need = Math.max(...this.region.indirect.map(block => this.needs[block] as number));
    const state = this.plainLoad('i32.load8_u', this.op('i32.and', this.wrap(target), this.i32(JUMP_MAP_SPAN - 1)), map);
    this.plainWhen(this.op('i32.ge_s', this.left.get(), this.i32(need)), () => {
      // No block begins where the map has nothing.
      this.plainWhen(this.op('i64.eq', target, this.plainLoad('i64.load', this.op('i32.shl', state, this.i32(3)), map + JUMP_MAP_SPAN)), () => {
        this.lazy.syncFor(this.region.indirect.filter(block => this.flagsLive[block]).map(block => this.meetingAt(block)), value => this.sourceOf(value));
        this.entryState.set(this.op('i32.sub', state, this.i32(1)));
        this.br(this.dispatcher as Label);
      });
    });
  }

  /** What leads out again and again is asked for: see Translator.sample. */
  private noteLeap(target: V<'i64'>): void {
    const zero = this.i32(0);
    this.plainStore('i32.store', zero, ENGINE.leaps, this.op('i32.add', this.plainLoad('i32.load', zero, ENGINE.leaps), this.i32(1)));
    this.plainStore('i32.store', zero, ENGINE.leaper, this.marked(this.at));
    this.plainStore('i64.store', zero, ENGINE.leaptTo, target);
  }

  private linearOf(block: Block): bigint {
    const { record } = block.instructions[0] as { record: number };
    return linear(block.page) + BigInt(this.memory.view.getUint16(record + RECORD.pageOffset, true));
  }

  // --- going on ------------------------------------------------------------------------------------------------------------------------------

  private goTo(from: Block, to: Successor, jumper?: number): void {
    if (to.block === undefined) { this.expectX87Behind(to.record); this.leaveAfter(from, to, jumper); return; }
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
    this.agreeOnX87(target);
    this.renewMarks();
    this.joinLows();
    if (this.flagsLive[target]) this.lazy.syncFor([this.meetingAt(target)], value => this.sourceOf(value));
  }

  /** Out of the region where TOP and the tags are not those that the block counts on. */
  private agreeOnX87(target: number): void {
    if (!this.isX87Known) return;
    const now = this.x87State, then = this.x87AtStart(target, () => now);
    if (now?.top === then.top && now.tags === then.tags) return;
    this.leaveBefore(target, 'x87');
  }

  /** The interpreter runs what is at `record`: most of what it is needed for leaves TOP as it is. */
  private expectX87Behind(record: number): void {
    const now = this.isX87Known && record !== 0 ? this.x87State : undefined, behind = now && this.region.blocks.find(block => block.instructions[0]?.record === record + RECORD_BYTES);
    if (behind) this.x87AtStart(behind.index, () => now);
  }

  /** Out of the region, to the start of a block. */
  private leaveBefore(target: number, cause: RegionExit): void {
    const to = this.region.blocks[target] as Block, { record } = to.instructions[0] as { record: number };
    this.lazy.sync();
    this.joinLowsRarely();
    this.noteCodePage(to);
    this.outcome.set(this.marked(record + REGION_EXIT[cause]));
    this.br(this.exit);
  }

  /** Where control goes round: out, unless what is left covers the way to the next such place. The interpreter runs the rest. */
  private testBudget(target: number): void {
    this.retire();
    this.when(this.op('i32.lt_s', this.left.get(), this.i32(this.needs[target] as number)), () => this.leaveBefore(target, 'budget'), undefined, true);
  }

  /** Out of the region, all instructions of the block retired. */
  private leaveAfter(from: Block, to: Successor, jumper: number | undefined): void {
    this.lazy.sync();
    this.joinLows();
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
    this.joinLows();
    this.retire();
    this.plainStore('i64.store', this.i32(0), ENGINE.target, target);
    this.outcome.set(this.i32(0));
    this.br(this.exit);
  }

  /** Out of the region before this instruction, which the interpreter runs. `more`: to be added to the number of the cause. */
  protected override interpretHere(cause: RegionExit, more?: V<'i32'>): void {
    this.lazy.sync();
    this.joinLowsRarely();
    this.noteCodePage(this.here);
    const retired = this.scope.pending + this.done;
    if (retired > 0) this.left.set(this.op('i32.sub', this.left.get(), this.i32(retired)));
    const place = this.marked(-this.at - REGION_EXIT[cause]);
    this.outcome.set(more ? this.op('i32.sub', place, more) : place);
    this.br(this.exit);
  }

  private noteCodePage(block: Block): void {
    if (this.region.pages.length > 1) this.plainStore('i64.store', this.i32(0), ENGINE.codePage, this.i64(linear(block.page)));
  }

  // --- what instructions ask for -------------------------------------------------------------------------------------------------------------

  override raise(_vector: number, condition?: V<'i32'>): void {
    if (condition) this.when(condition, () => this.interpretHere('exception'), undefined, true);
    else this.interpretHere('exception');
  }

  override callHelper(): void { this.interpretHere('helper'); }

  /** The first few stand in place: a call would put aside every register that is in use. */
  override placesRoutine(): boolean { return this.inlined++ < MAX_INLINED; }
  override isRoundingNoted(): boolean { return this.isX87Known && this.cells.x87?.isRoundingNoted === true; }
  /** What is left for something odd does not come back. */
  override attempt(act: (doubt: Doubt) => void): void {
    const before = this.save();
    this.setsC1 = false;
    this.block(done => {
      this.block(odd => {
        act(condition => { if (condition.constant !== 0n) this.plainRarely(condition, () => this.br(odd)); });
        this.br(done);
      });
      const after = this.save();
      this.restore(before);
      // The exact way sets it, too: nobody has to keep that of the instruction before.
      if (this.setsC1) this.setRoundedUp();
      this.interpretHere('doubt');
      this.restore(after);
    });
  }

  override branch(_operand: Operand, condition?: V<'i32'>): void { this.terminator = condition ? { condition } : {}; }
  override jump(target: V<'i64'>): void { this.terminator = { target }; }
  override enterRing(cpl: 0 | 3, target: V<'i64'>): void {
    super.enterRing(cpl, target);
    this.jump(target);
  }
}
