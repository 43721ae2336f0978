// A region as a WebAssembly function. The semantics are those of the rows, written through Tier0; what differs is where operands are: registers in locals,
// immediates and addresses as constants, flags known by what set them. An access that misses the TLB, an exception, a helper: the region is left before the
// instruction, with every register in its place, and the interpreter runs it.
import { ENGINE, PAGE_SIZE, RBP, RECORD, RSP, STATE } from '../layout';
import type { ArithKind, ConditionCode, FlagValues, Operand } from '../isa/machine';
import type { Form } from '../decode';
import type { PhysicalMemory } from '../physical_memory';
import { Tier0, type Surroundings } from '../tier0';
import { Code, type Label, type V, type Variable } from '../wasm/code';
import { type LOAD_OPS, type LaneOpName, type LoadName, type OpName, type StoreName } from '../wasm/ops';
import { REGION_STALE } from '../handlers';
import { fits, fold } from './fold';
import { LazyFlags, VARIABLES, type FlagState, type Meeting, type Source } from './lazy_flags';
import { factsOf } from './facts';
import { edge, structure, type Structure } from './structure';
import { flagsLiveAt, longestRuns } from './flow';
import { successorsOf, type Block, type Region, type Successor } from './region';

// A region's function returns the record to go on with; 0: look up ENGINE.target; REGION_STALE: look at its pages first; minus a record: interpret that one.


/** Places whose last page is kept; a tag that no address meets. */
const MAX_LAST_PAGES = 24, NO_PAGE = 0x4000000000000000n;
/** The modes of MXCSR that regions are made for: nearest, all masked, nothing flushed, and whether inexact is noted. The other flags do not count. */
const MXCSR_MASK = 0xffe0, MXCSR_USUAL = 0x1f80, MXCSR_NOTED = 0x1fa0;
export type MxcsrMode = typeof MXCSR_USUAL | typeof MXCSR_NOTED;
export function mxcsrMode(memory: PhysicalMemory): MxcsrMode | undefined {
  const mode = (memory.u32[STATE.mxcsr >> 2] as number) & MXCSR_MASK;
  return mode === MXCSR_USUAL || mode === MXCSR_NOTED ? mode : undefined;
}
const GPRS = 16, BLOCKED_BITS = { sse: 1, avx: 2, x87: 4, mmx: 8 } as const;
const isGpr = (at: number): boolean => at >= STATE.gpr && at < STATE.gpr + 8 * GPRS;
const isVector = (at: number): boolean => at >= STATE.ymm && at < STATE.ymm + 32 * 16;

interface Scope {
  flags: FlagState;
  /** Instructions retired on the way here that `left` does not know of yet. */
  pending: number;
  registers: (V<'i64'> | undefined)[]; zeroExtended: boolean[]; vectors: (V<'v128'> | undefined)[];
  /** Floats known to be zero or normal, and elements taken from vectors. */
  ordinary: Known | undefined;
  lanes: Lane | undefined;
}
interface Known { readonly value: V; readonly bits: number; readonly next: Known | undefined }
interface Lane { readonly of: V; readonly name: LaneOpName; readonly value: V; readonly next: Lane | undefined }

export class RegionEmitter extends Tier0 {
  private readonly gprs: (Variable<'i64'> | undefined)[] = [];
  private readonly halves: (Variable<'v128'> | undefined)[] = [];
  private readonly lastPages = new Map<string, { tag: Variable<'i64'>; addend: Variable<'i32'> }>();
  private readonly writtenGprs = new Set<number>();
  private readonly writtenHalves = new Set<number>();
  /** Values that registers have now, while straight code is written. */
  private scope: Scope = fresh();
  /** How deep inside conditional code of an instruction. */
  private nest = 0;
  /** Registers and flags that conditional code has changed. */
  private touched = { gprs: new Set<number>(), halves: new Set<number>(), flags: false };
  private lazy!: LazyFlags;
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
  /** Whether something counts on MXCSR being in the mode that the region is made for. */
  private needsMxcsr = false;
  private readonly isMxcsrFixed: boolean;
  /** Units that the region's instructions use. */
  private units = 0;

  constructor(private readonly region: Region, private readonly memory: PhysicalMemory, private readonly cells: { generation: number; map: number | undefined; mxcsr: MxcsrMode | undefined }, outside: Pick<Surroundings, 'slowPath' | 'callHelper' | 'helperNumber' | 'routine' | 'table'>) {
    super((region.blocks[0] as Block).instructions[0]?.form as Form, {
      ...outside, record: new Code().parameter('i32', 0),
      tlb: (_, access) => this.i32(access === 'w' ? this.writeTlb : this.readTlb),
      leave: () => this.interpretHere(), jumpTo: () => undefined, branchTo: () => undefined, changeRing: () => undefined,
    });
    for (const block of region.blocks) for (const { form } of block.instructions) { const { unit } = form.encoding.options; if (unit) this.units |= BLOCKED_BITS[unit]; }
    this.shape = structure(region.blocks.map(successorsOf), region.entries,
      [...(region.blocks.some(b => b.ending === 'return') ? region.returns : []), ...(cells.map === undefined ? [] : region.indirect)]);
    this.isMxcsrFixed = cells.mxcsr !== undefined && !region.blocks.some(block => block.instructions.some(({ form }) => form.encoding.mnemonic.endsWith('ldmxcsr')));
    this.entrance = this.later();
    this.needs = longestRuns(region.blocks, this.shape);
    this.flagsLive = flagsLiveAt(region.blocks, this.shape);
    this.left = this.variableAt('i32', 1);
    this.entryState = this.variableAt('i32', 2);
    this.outcome = this.variable(this.i32(0));
    this.readTlb = memory.u32[ENGINE.readTlb >> 2] as number;
    this.writeTlb = memory.u32[ENGINE.writeTlb >> 2] as number;
    this.writeFunction();
    if (this.needsMxcsr) this.entrance(() => super.when(this.op('i32.ne', this.op('i32.and', super.load('i32.load', this.i32(0), STATE.mxcsr), this.i32(MXCSR_MASK)), this.i32(cells.mxcsr ?? 0)), () => this.return(this.i32(REGION_STALE))));
  }

  /** The mode of MXCSR that the region counts on. */
  get mxcsr(): MxcsrMode | undefined { return this.needsMxcsr ? this.cells.mxcsr : undefined; }

  /** Entry blocks in the order of the numbers that the function takes. */
  get entryBlocks(): readonly number[] { return this.shape.dispatched; }

  // --- the function --------------------------------------------------------------------------------------------------------------------------

  private writeFunction(): void {
    if (this.region.pages.length > 1) {
      super.when(this.op('i32.ne', super.load('i32.load', this.i32(0), ENGINE.fetchGeneration), super.load('i32.load', this.i32(this.cells.generation), 0)), () => this.return(this.i32(REGION_STALE)));
    }
    const isOtherRing = this.op('i32.ne', super.load('i32.load', this.i32(0), ENGINE.readTlb), this.i32(this.readTlb));
    const isBlocked = this.op('i32.and', super.load('i32.load', this.i32(0), ENGINE.blockedUnits), this.i32(this.units));
    super.when(this.units ? this.op('i32.or', isOtherRing, isBlocked) : isOtherRing, () => {
      super.store('i32.store', this.i32(0), ENGINE.regionLeft, this.left.get());
      this.return(this.op('i32.sub', this.i32(0), this.parameter('i32', 0)));
    });
    this.lazy = new LazyFlags(this);
    // Registers are loaded once it is known which are used: the loads go first, and are written last.
    const loads = this.later();
    this.block(exit => {
      this.exit = exit;
      this.writeDispatcher();
    });
    for (const meeting of this.meetings.values()) this.lazy.complete(meeting);
    for (const n of this.writtenGprs) super.store('i64.store', this.i32(0), STATE.gpr + 8 * n, (this.gprs[n] as Variable<'i64'>).get());
    for (const n of this.writtenHalves) super.store('v128.store', this.i32(0), STATE.ymm + 16 * n, (this.halves[n] as Variable<'v128'>).get());
    for (const [offset, word] of this.lazy.stored()) super.store('i64.store', this.i32(0), offset, word);
    super.store('i32.store', this.i32(0), ENGINE.regionLeft, this.left.get());
    this.return(this.outcome.get());
    loads(() => {
      for (const { tag, addend } of this.lastPages.values()) { tag.set(this.i64(NO_PAGE)); addend.set(this.i32(0)); }
      this.gprs.forEach((variable, n) => variable?.set(super.load('i64.load', this.i32(0), STATE.gpr + 8 * n)));
      this.halves.forEach((variable, n) => variable?.set(super.load('v128.load', this.i32(0), STATE.ymm + 16 * n)));
    });
  }

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
      if (factsOf(form).setsFlagsInside) this.settleFlags();
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
        const branch = (yes: () => void, no: () => void): void => super.when(terminator?.condition ?? this.i32(1), yes, no);
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
        const target = terminator?.target as V<'i64'>, first = this.region.blocks[0] as Block;
        if (this.cells.map !== undefined && block.instructions.at(-1)?.form.encoding.mnemonic === 'jmp') this.jumpByMap(target, linear(first), this.cells.map);
        this.leaveTo(target);
        return;
      }
    }
  }

  /** To the block that begins at `target`, if the map of the page at `page` knows one. */
  private jumpByMap(target: V<'i64'>, page: bigint, map: number): void {
    const offset = this.sub(target, this.i64(page));
    this.retire();
    const need = Math.max(...this.region.indirect.map(block => this.needs[block] as number));
    super.when(this.op('i32.and', this.op('i64.lt_u', offset, this.i64(PAGE_SIZE)), this.op('i32.ge_s', this.left.get(), this.i32(need))), () => {
      const state = super.load('i32.load8_u', this.wrap(offset), map);
      super.when(state, () => {
        this.lazy.sync();
        this.entryState.set(this.op('i32.sub', state, this.i32(1)));
        this.br(this.dispatcher as Label);
      });
    });
  }

  private linearOf(block: Block): bigint {
    const { record } = block.instructions[0] as { record: number };
    return linear(block) + BigInt(this.memory.view.getUint16(record + RECORD.pageOffset, true));
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
    if (this.flagsLive[target]) this.lazy.syncFor(this.meetingAt(target), value => this.sourceOf(value));
  }

  /** Where control goes round: out, unless what is left covers the way to the next such place. The interpreter runs the rest. */
  private testBudget(target: number): void {
    this.retire();
    const to = this.region.blocks[target] as Block, { record } = to.instructions[0] as { record: number };
    this.when(this.op('i32.lt_s', this.left.get(), this.i32(this.needs[target] as number)), () => {
      this.lazy.sync();
      this.noteCodePage(to);
      this.outcome.set(this.i32(record));
      this.br(this.exit);
    });
  }

  /** Out of the region, all instructions of the block retired. */
  private leaveAfter(from: Block, to: Successor, jumper: number | undefined): void {
    this.lazy.sync();
    this.retire();
    this.noteCodePage(from);
    if (jumper === undefined) { this.outcome.set(this.i32(to.record)); this.br(this.exit); return; }
    // The link may become known, or better, later.
    const link = super.load('i32.load', this.i32(jumper), RECORD.link);
    this.outcome.set(link);
    this.br(this.exit, link);
    super.store('i64.store', this.i32(0), ENGINE.target, this.i64(this.memory.view.getBigInt64(jumper + RECORD.immediate, true)));
    this.br(this.exit);
  }

  private leaveTo(target: V<'i64'>): void {
    this.lazy.sync();
    this.retire();
    super.store('i64.store', this.i32(0), ENGINE.target, target);
    this.outcome.set(this.i32(0));
    this.br(this.exit);
  }

  /** Out of the region before this instruction, which the interpreter runs. */
  private interpretHere(): void {
    this.lazy.sync();
    this.noteCodePage(this.here);
    const retired = this.scope.pending + this.done;
    if (retired > 0) this.left.set(this.op('i32.sub', this.left.get(), this.i32(retired)));
    this.outcome.set(this.i32(-this.at));
    this.br(this.exit);
  }

  private noteCodePage(block: Block): void {
    if (this.region.pages.length > 1) super.store('i64.store', this.i32(0), ENGINE.codePage, this.i64(linear(block)));
  }

  // --- what instructions ask for -------------------------------------------------------------------------------------------------------------

  /**
   * The page that an access went to last is kept in locals, for the stack and for each place that reads with an index: nothing can change translations
   * while the region runs. Otherwise the TLB tells; what it does not know is left to the interpreter.
   */
  override pointer(address: V<'i64'>, bytes: number, access: 'r' | 'w'): V<'i32'> {
    const low = this.wrap(address), limit = this.i64(PAGE_SIZE - bytes);
    const lookUp = (): { tag: V<'i64'>; addend: V<'i32'> } => {
      const base = access === 'w' ? this.writeTlb : this.readTlb;
      const entry = this.op('i32.and', this.op('i32.shr_u', low, this.i32(8)), this.i32((PAGE_SIZE - 1) * 16));
      const tag = super.load('i64.load', entry, base);
      super.when(this.op('i64.gt_u', this.xor(address, tag), limit), () => this.interpretHere());
      return { tag, addend: super.load('i32.load', entry, base + 8) };
    };
    const page = address.constant === undefined ? this.lastPage(access) : undefined;
    if (!page) return this.op('i32.add', low, lookUp().addend);
    super.when(this.op('i64.gt_u', this.xor(address, page.tag.get()), limit), () => {
      const { tag, addend } = lookUp();
      page.tag.set(tag);
      page.addend.set(addend);
    });
    return this.op('i32.add', low, page.addend.get());
  }

  private lastPage(access: 'r' | 'w'): { tag: Variable<'i64'>; addend: Variable<'i32'> } | undefined {
    const { view } = this.memory, index = view.getUint16(this.at + RECORD.index, true);
    const base = this.hasMemoryOperand ? view.getUint16(this.at + RECORD.base, true) : STATE.gpr + 8 * RSP;
    const isIndexed = this.hasMemoryOperand && index !== STATE.zero;
    // A pointer that walks meets new pages; the stack and tables that are looked up in do not.
    if (!(base === STATE.gpr + 8 * RSP || base === STATE.gpr + 8 * RBP) && !(isIndexed && access === 'r')) return undefined;
    const key = `${access}${isIndexed ? this.at : base}`;
    let page = this.lastPages.get(key);
    if (!page && this.lastPages.size < MAX_LAST_PAGES) this.lastPages.set(key, page = { tag: this.declare('i64'), addend: this.declare('i32') });
    return page;
  }
  /** Else an access is one of the stack. */
  private get hasMemoryOperand(): boolean { return this.form.isMemory; }

  override raise(_vector: number, condition?: V<'i32'>): void {
    if (condition) this.when(condition, () => this.interpretHere());
    else this.interpretHere();
  }

  override callHelper(): void { this.interpretHere(); }

  override branch(_operand: Operand, condition?: V<'i32'>): void { this.terminator = condition ? { condition } : {}; }
  override jump(target: V<'i64'>): void { this.terminator = { target }; }

  override rip(): V<'i64'> { return this.i64(linear(this.here) + BigInt(this.memory.view.getUint16(this.at + RECORD.pageOffset, true))); }
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
    if (base === ENGINE.codePage) fixed += linear(this.here);
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

  // --- flags ---------------------------------------------------------------------------------------------------------------------------------

  override arith(kind: ArithKind, a: V<'i64'>, b: V<'i64'>, r: V<'i64'>, bits = this.bits): void { this.setFlagState({ k: 'arith', kind, bits, a, b, r }); }
  override logic(r: V<'i64'>, bits = this.bits): void { this.setFlagState({ k: 'logic', bits, r }); }

  override resultFlags(r: V<'i64'>, rest: Pick<FlagValues, 'cf' | 'of' | 'af'>, bits = this.bits): void {
    if (this.nest === 0 && rest.cf === undefined && rest.of !== undefined && rest.af !== undefined) {
      this.lazy.keepCarry(r, rest.of, rest.af, bits);
      this.scope.flags = this.lazy.state;
      return;
    }
    super.resultFlags(r, rest, bits);
  }

  override flag(name: keyof FlagValues): V<'i32'> { return this.lazy.flag(name) ?? super.flag(name); }
  override test(condition: ConditionCode): V<'i32'> { return this.lazy.test(condition) ?? super.test(condition); }

  private setFlagState(state: FlagState): void {
    this.lazy.state = state;
    this.scope.flags = state;
    if (this.nest === 0) return;
    this.lazy.sync();
    this.touched.flags = true;
  }

  /** From now on the variables tell. */
  private settleFlags(): void {
    this.lazy.sync();
    this.setVariablesState();
  }
  private setVariablesState(): void { this.lazy.state = this.scope.flags = VARIABLES; }

  override setFlags(values: FlagValues): void {
    const { cf, pf, zf, sf, of, af } = values;
    if (this.nest > 0 || cf === undefined || pf === undefined || zf === undefined || sf === undefined || of === undefined || af === undefined) { super.setFlags(values); return; }
    this.setFlagState({ k: 'bits', cf, pf, zf, sf, of, af });
  }

  // --- floating point ------------------------------------------------------------------------------------------------------------------------

  override isMxcsrKnown(): boolean {
    this.needsMxcsr ||= this.isMxcsrFixed;
    return this.isMxcsrFixed;
  }

  override isInexactNoted(): boolean { return this.cells.mxcsr === MXCSR_NOTED; }

  override isOrdinary(value: V, bits: 32 | 64): boolean {
    for (let known = this.scope.ordinary; known; known = known.next) if (known.value === value && known.bits === bits) return true;
    return false;
  }

  override noteOrdinary(value: V, bits: 32 | 64): void { this.scope.ordinary = { value, bits, next: this.scope.ordinary }; }

  /** The low element of a vector: what was put there, or taken from there before. */
  private lowElement(name: 'f64x2.extract_lane' | 'f32x4.extract_lane', whole: V<'v128'>): V {
    const put = whole.replacedLane(name === 'f64x2.extract_lane' ? 'f64x2.replace_lane' : 'f32x4.replace_lane', 0);
    if (put) return put;
    for (let lane = this.scope.lanes; lane; lane = lane.next) if (lane.of === whole && lane.name === name) return lane.value;
    const value = this.lane(name, 0, whole);
    this.scope.lanes = { of: whole, name, value, next: this.scope.lanes };
    return value;
  }

  // --- registers -----------------------------------------------------------------------------------------------------------------------------

  override load<N extends LoadName>(name: N, address: V<'i32'>, offset = 0): V<(typeof LOAD_OPS)[N][1]> {
    const fixed = address.constant;
    if (fixed !== undefined && this.lazy) {
      const at = Number(fixed) + offset;
      if (isGpr(at)) return this.readGpr(name, at) as V<(typeof LOAD_OPS)[N][1]>;
      if (isVector(at)) return this.readVector(name, at) as V<(typeof LOAD_OPS)[N][1]>;
      if (at === STATE.zero) return this.i64(0) as V<(typeof LOAD_OPS)[N][1]>;
      if (at === STATE.flagResult || at === STATE.flagCarry || at === STATE.flagAux) {
        const words = this.lazy.words();
        if (this.lazy.state.k !== 'words' && this.nest === 0) this.setFlagState({ k: 'words', ...words });
        return (at === STATE.flagResult ? words.result : at === STATE.flagCarry ? words.carry : words.aux) as V<(typeof LOAD_OPS)[N][1]>;
      }
    }
    return super.load(name, address, offset);
  }

  override store(name: StoreName, address: V<'i32'>, offset: number, value: V): void {
    const fixed = address.constant;
    if (fixed !== undefined && this.lazy) {
      const at = Number(fixed) + offset;
      if (isGpr(at)) { this.writeGpr(name, at, value as V<'i64'>); return; }
      if (isVector(at)) { this.writeVector(name, at, value); return; }
      if (at === STATE.flagResult || at === STATE.flagCarry || at === STATE.flagAux) {
        const word = value as V<'i64'>, { result, carry, aux } = this.lazy.words();
        this.setFlagState({ k: 'words', result: at === STATE.flagResult ? word : result, carry: at === STATE.flagCarry ? word : carry, aux: at === STATE.flagAux ? word : aux });
        return;
      }
    }
    super.store(name, address, offset, value);
  }

  private gprVariable(n: number): Variable<'i64'> { return this.gprs[n] ??= this.declare('i64'); }
  private halfVariable(n: number): Variable<'v128'> { return this.halves[n] ??= this.declare('v128'); }

  private wholeGpr(n: number): V<'i64'> {
    const known = this.scope.registers[n];
    if (known) return known;
    const value = this.gprVariable(n).get();
    if (this.nest === 0) this.scope.registers[n] = value;
    return value;
  }

  private readGpr(name: LoadName, at: number): V {
    const n = (at - STATE.gpr) >> 3, byte = (at - STATE.gpr) & 7, whole = this.wholeGpr(n);
    const value = byte ? this.shr(whole, 8 * byte) : whole;
    switch (name) {
      case 'i64.load': return value;
      case 'i64.load32_u': return this.scope.zeroExtended[n] && !byte ? whole : this.and(value, this.i64(0xffffffff));
      case 'i64.load32_s': return this.op('i64.extend32_s', value);
      case 'i64.load16_u': return this.and(value, this.i64(0xffff));
      case 'i64.load16_s': return this.op('i64.extend16_s', value);
      case 'i64.load8_u': return this.and(value, this.i64(0xff));
      case 'i64.load8_s': return this.op('i64.extend8_s', value);
      case 'i32.load': return this.wrap(value);
      case 'i32.load16_u': return this.op('i32.and', this.wrap(value), this.i32(0xffff));
      case 'i32.load8_u': return this.op('i32.and', this.wrap(value), this.i32(0xff));
      default: throw new Error(`a general register is not read with ${name}`);
    }
  }

  private writeGpr(name: StoreName, at: number, value: V<'i64'>): void {
    const n = (at - STATE.gpr) >> 3, byte = (at - STATE.gpr) & 7;
    const merged = (bits: number): V<'i64'> => {
      const mask = ((1n << BigInt(bits)) - 1n) << BigInt(8 * byte), part = this.and(byte ? this.shl(value, 8 * byte) : value, this.i64(mask));
      return this.or(this.and(this.wholeGpr(n), this.i64(~mask)), part);
    };
    switch (name) {
      case 'i64.store': this.setRegister(n, value, fits(value, 0xffffffffn)); return;
      case 'i64.store32': this.setRegister(n, merged(32), false); return;
      case 'i64.store16': this.setRegister(n, merged(16), this.scope.zeroExtended[n] === true); return;
      case 'i64.store8': this.setRegister(n, merged(8), this.scope.zeroExtended[n] === true); return;
      default: throw new Error(`a general register is not written with ${name}`);
    }
  }

  private setRegister(n: number, value: V<'i64'>, isZeroExtended: boolean): void {
    this.gprVariable(n).set(value);
    this.writtenGprs.add(n);
    this.scope.registers[n] = value;
    this.scope.zeroExtended[n] = isZeroExtended;
    if (this.nest > 0) this.touched.gprs.add(n);
  }

  private wholeHalf(n: number): V<'v128'> {
    const known = this.scope.vectors[n];
    if (known) return known;
    const value = this.halfVariable(n).get();
    if (this.nest === 0) this.scope.vectors[n] = value;
    return value;
  }

  private readVector(name: LoadName, at: number): V {
    const n = (at - STATE.ymm) >> 4, byte = (at - STATE.ymm) & 15, whole = this.wholeHalf(n);
    switch (name) {
      case 'v128.load': return whole;
      case 'f64.load': return byte === 0 ? this.lowElement('f64x2.extract_lane', whole) : this.lane('f64x2.extract_lane', byte >> 3, whole);
      case 'f32.load': return byte === 0 ? this.lowElement('f32x4.extract_lane', whole) : this.lane('f32x4.extract_lane', byte >> 2, whole);
      case 'i64.load': return this.lane('i64x2.extract_lane', byte >> 3, whole);
      case 'i64.load32_u': return this.op('i64.extend_i32_u', this.lane('i32x4.extract_lane', byte >> 2, whole));
      case 'i64.load32_s': return this.op('i64.extend_i32_s', this.lane('i32x4.extract_lane', byte >> 2, whole));
      case 'i64.load16_u': return this.op('i64.extend_i32_u', this.lane('i16x8.extract_lane_u', byte >> 1, whole));
      case 'i64.load16_s': return this.op('i64.extend_i32_s', this.lane('i16x8.extract_lane_s', byte >> 1, whole));
      case 'i64.load8_u': return this.op('i64.extend_i32_u', this.lane('i8x16.extract_lane_u', byte, whole));
      case 'i64.load8_s': return this.op('i64.extend_i32_s', this.lane('i8x16.extract_lane_s', byte, whole));
      case 'i32.load': return this.lane('i32x4.extract_lane', byte >> 2, whole);
      default: throw new Error(`a vector register is not read with ${name}`);
    }
  }

  private writeVector(name: StoreName, at: number, value: V): void {
    const n = (at - STATE.ymm) >> 4, byte = (at - STATE.ymm) & 15;
    const put = (lane: LaneOpName, index: number, part: V): V<'v128'> => (this.lane as (name: LaneOpName, lane: number, ...args: V[]) => V)(lane, index, this.wholeHalf(n), part) as V<'v128'>;
    const whole = ((): V<'v128'> => {
      switch (name) {
        case 'v128.store': return value as V<'v128'>;
        case 'f64.store': return put('f64x2.replace_lane', byte >> 3, value);
        case 'f32.store': return put('f32x4.replace_lane', byte >> 2, value);
        case 'i64.store': return put('i64x2.replace_lane', byte >> 3, value);
        case 'i32.store': return put('i32x4.replace_lane', byte >> 2, value);
        case 'i64.store32': return put('i32x4.replace_lane', byte >> 2, this.wrap(value as V<'i64'>));
        case 'i64.store16': return put('i16x8.replace_lane', byte >> 1, this.wrap(value as V<'i64'>));
        case 'i64.store8': return put('i8x16.replace_lane', byte, this.wrap(value as V<'i64'>));
        default: throw new Error(`a vector register is not written with ${name}`);
      }
    })();
    this.halfVariable(n).set(whole);
    this.writtenHalves.add(n);
    this.scope.vectors[n] = whole;
    if (this.nest > 0) this.touched.halves.add(n);
  }

  // --- code that knows constants and conditions ----------------------------------------------------------------------------------------------

  protected override simplify(name: OpName, args: readonly V[]): V | undefined { return fold(this, name, args); }

  override when(condition: V<'i32'>, then: () => void, otherwise?: () => void): void {
    if (condition.constant !== undefined) { if (condition.constant !== 0n) then(); else otherwise?.(); return; }
    const before = this.save(), outer = this.touched;
    const mine = { gprs: new Set<number>(), halves: new Set<number>(), flags: false };
    this.touched = mine;
    this.nest++;
    const inside = (body: () => void) => (): void => { this.restore(before); body(); };
    super.when(condition, inside(then), otherwise && inside(otherwise));
    this.nest--;
    this.touched = outer;
    this.restore(before);
    for (const n of mine.gprs) { this.scope.registers[n] = undefined; this.scope.zeroExtended[n] = false; outer.gprs.add(n); }
    for (const n of mine.halves) { this.scope.vectors[n] = undefined; outer.halves.add(n); }
    if (mine.flags) { this.setVariablesState(); outer.flags = true; }
  }

  private save(): Scope { return { ...this.scope, flags: this.lazy.state, pending: this.scope.pending, registers: [...this.scope.registers], zeroExtended: [...this.scope.zeroExtended], vectors: [...this.scope.vectors] }; }
  private restore(scope: Scope): void {
    this.scope = { ...scope, registers: [...scope.registers], zeroExtended: [...scope.zeroExtended], vectors: [...scope.vectors] };
    this.lazy.state = scope.flags;
  }
}

const fresh = (): Scope => ({ flags: VARIABLES, pending: 0, registers: [], zeroExtended: [], vectors: [], ordinary: undefined, lanes: undefined });
const linear = (block: Block): bigint => BigInt(block.page.linearHigh) << 32n | BigInt(block.page.linearLow);
