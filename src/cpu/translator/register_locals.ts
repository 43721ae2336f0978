// What a region knows of registers, flags and floats while its code is written: registers in locals, read and written once where they can be; flags by what
// set them; values that are known to be ordinary. Conditional code forgets what it may have changed. Not here: control (emitter.ts), what flags follow from (lazy_flags.ts).
import { FSW_C1, FSW_C1_BIT, STATE } from '../layout';
import type { ArithKind, ConditionCode, FlagValues, Float80, Operand } from '../isa/machine';
import type { Form } from '../decode';
import type { PhysicalMemory } from '../physical_memory';
import { Tier0, type Surroundings } from '../tier0';
import type { V, Variable } from '../wasm/code';
import type { LOAD_OPS, LaneOpName, LoadName, OpName, StoreName } from '../wasm/ops';
import { factsOf } from './facts';
import { fits, fold } from './fold';
import { VARIABLES, type FlagState, type LazyFlags } from './lazy_flags';
import type { Marks } from './marks';

/** The modes of MXCSR that regions are made for: nearest, all masked, nothing flushed, and whether inexact is noted. The other flags do not count. */
export const MXCSR_MASK = 0xffe0;
const MXCSR_USUAL = 0x1f80, MXCSR_NOTED = 0x1fa0;
export type MxcsrMode = typeof MXCSR_USUAL | typeof MXCSR_NOTED;
export function mxcsrMode(memory: PhysicalMemory): MxcsrMode | undefined {
  const mode = (memory.u32[STATE.mxcsr >> 2] as number) & MXCSR_MASK;
  return mode === MXCSR_USUAL || mode === MXCSR_NOTED ? mode : undefined;
}
const GPRS = 16;
export const isGpr = (at: number): boolean => at >= STATE.gpr && at < STATE.gpr + 8 * GPRS;
/** What else of the state stands in locals: the x87's control, status, top and tags, and where its last instruction is. */
export const WORDS: readonly number[] = [STATE.fcw, STATE.fsw, STATE.ftop, STATE.ftag, STATE.fip];
/** TOP and the tags. */
export interface X87State { readonly top: number; readonly tags: number }
const TOP = WORDS.indexOf(STATE.ftop), TAGS = WORDS.indexOf(STATE.ftag), STATUS = WORDS.indexOf(STATE.fsw);
const SCALAR_MOVE = /^v?movs[sd]$/;
const isVector = (at: number): boolean => at >= STATE.ymm && at < STATE.ymm + 32 * 16;

/** What is known at one place of the code. */
export interface Scope {
  flags: FlagState;
  /** Instructions retired on the way here that `left` does not know of yet. */
  pending: number;
  registers: (V<'i64'> | undefined)[]; zeroExtended: boolean[]; vectors: (V<'v128'> | undefined)[];
  words: (V | undefined)[]; x87: (V | undefined)[];
  /** By half of a vector register: its low element, where its local does not have that yet. Never changed, always made anew. */
  lows: readonly (Low | undefined)[];
  /** Floats known to be zero or normal, and elements taken from vectors. */
  ordinary: Known | undefined;
  lanes: Lane | undefined;
  /** Vector registers, by number, and registers of the x87, that were written since the marks were renewed: a bit each. */
  newVectors: number; newX87: number;
  spans: Spans | undefined;
}
/** `clears`: the rest is zero; else it is as the local has it. */
interface Low { readonly value: V<'f64'> | V<'f32'>; readonly clears: boolean }
interface Known { readonly value: V; readonly bits: number; readonly next: Known | undefined }
interface Lane { readonly of: V; readonly name: LaneOpName; readonly value: V; readonly next: Lane | undefined }
interface Spans { readonly span: Span; readonly next: Spans | undefined }
/** Bytes around a value (undefined: zero) from `low` to before `end` that are on one page, met first in the block numbered `block`; where those at `first` are in memory. */
export interface Span { readonly root: V<'i64'> | undefined; readonly block: number; access: 'r' | 'w'; readonly first: bigint; low: bigint; end: bigint; readonly pointer: Variable<'i32'> }
/** Nothing is known. */
export const fresh = (): Scope => ({ flags: VARIABLES, pending: 0, registers: [], zeroExtended: [], vectors: [], words: [], x87: [], lows: [], ordinary: undefined, lanes: undefined, newVectors: 0, newX87: 0, spans: undefined });

export abstract class RegisterLocals extends Tier0 {
  protected readonly gprs: (Variable<'i64'> | undefined)[] = [];
  protected readonly halves: (Variable<'v128'> | undefined)[] = [];
  protected readonly words: (Variable | undefined)[] = [];
  protected readonly writtenWords = new Set<number>();
  /** Where a region goes round: of the low elements of vectors, and of the x87's registers. */
  protected vectorMarks: Marks | undefined;
  protected x87Marks: Marks | undefined;
  /** Constants in locals. */
  private readonly steadies = new Map<bigint, Variable<'i64'>>();
  /** C1, 0 or 1, apart from the rest of the status word, which hardly ever changes. */
  private c1: Variable<'i32'> | undefined;
  /** Whether the present instruction has set C1. */
  protected setsC1 = false;
  /** By physical register: its significand, and behind eight of them its sign and exponent. Only where TOP is known. */
  protected readonly x87: (Variable | undefined)[] = [];
  protected readonly writtenX87 = new Set<number>();
  /** Whether TOP and the tags are numbers everywhere, so that registers of the x87 stand in locals. */
  protected isX87Known = false;
  protected readonly writtenGprs = new Set<number>();
  protected readonly writtenHalves = new Set<number>();
  /** Values that registers have now, while straight code is written. */
  protected scope: Scope = fresh();
  /** How deep inside conditional code of an instruction. */
  private nest = 0;
  protected get isConditional(): boolean { return this.nest > 0; }
  /** Registers and flags that conditional code has changed. */
  private touched = { gprs: new Set<number>(), halves: new Set<number>(), words: new Set<number>(), flags: false };
  protected lazy!: LazyFlags;
  /** Whether something counts on MXCSR being in the mode that the region is made for. */
  protected needsMxcsr = false;

  /** `fixedMxcsr`: the mode of MXCSR that the code may count on; undefined: none. */
  constructor(form: Form, private readonly fixedMxcsr: MxcsrMode | undefined, around: Surroundings) {
    super(form, around);
  }

  /** What the code itself does with memory and conditions, beside the registers. */
  protected plainLoad<N extends LoadName>(name: N, address: V<'i32'>, offset = 0): V<(typeof LOAD_OPS)[N][1]> { return super.load(name, address, offset); }
  protected plainStore(name: StoreName, address: V<'i32'>, offset: number, value: V): void { super.store(name, address, offset, value); }
  protected plainWhen(condition: V<'i32'>, then: () => void, otherwise?: () => void): void { super.when(condition, then, otherwise); }
  protected plainRarely(condition: V<'i32'>, then: () => void): void { super.when(condition, then, undefined, true); }

  // --- flags ---------------------------------------------------------------------------------------------------------------------------------

  override arith(kind: ArithKind, a: V<'i64'>, b: V<'i64'>, r: V<'i64'>, bits = this.bits): void { this.setFlagState({ k: 'arith', kind, bits, a, b, r }); }
  override logic(r: V<'i64'>, bits = this.bits): void { this.setFlagState({ k: 'logic', bits, r }); }

  override resultFlags(r: V<'i64'>, rest: Pick<FlagValues, 'cf' | 'of' | 'af'>, bits = this.bits): void {
    const { cf, of, af } = rest;
    if (this.nest > 0 || of === undefined || af === undefined) { super.resultFlags(r, rest, bits); return; }
    if (cf === undefined) this.lazy.keepCarry(r, of, af, bits); else this.lazy.giveResult(r, cf, of, af, bits);
    this.scope.flags = this.lazy.state;
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
    if (this.nest === 0 && cf !== undefined && of !== undefined && pf === undefined && zf === undefined && sf === undefined && af === undefined) {
      this.lazy.newCarry(cf, of);
      this.scope.flags = this.lazy.state;
      return;
    }
    if (this.nest > 0 || cf === undefined || pf === undefined || zf === undefined || sf === undefined || of === undefined || af === undefined) { super.setFlags(values); return; }
    this.setFlagState({ k: 'bits', cf, pf, zf, sf, of, af });
  }

  // --- floating point ------------------------------------------------------------------------------------------------------------------------

  override isMxcsrKnown(): boolean {
    const isFixed = this.fixedMxcsr !== undefined;
    this.needsMxcsr ||= isFixed;
    return isFixed;
  }

  override isInexactNoted(): boolean { return this.fixedMxcsr === MXCSR_NOTED; }

  override isOrdinary(value: V, bits: 32 | 64): boolean {
    for (let known = this.scope.ordinary; known; known = known.next) if (known.value === value && known.bits === bits) return true;
    return false;
  }

  override noteOrdinary(value: V, bits: 32 | 64): void { this.scope.ordinary = { value, bits, next: this.scope.ordinary }; }

  /** A value that the code has no knowledge of, since it stood in a register where paths met. */
  override unlessOrdinary(value: V, bits: 32 | 64, require: () => void): void {
    const isX87 = value.type === 'i64', marks = this.nest > 0 ? undefined : isX87 ? this.x87Marks : this.vectorMarks, n = !marks ? -1 : isX87 ? this.metX87(value) : this.metVector(value);
    if (!marks || n < 0) { require(); return; }
    const bit = 1 << (bits === 64 ? n : n + 16);
    this.plainRarely(marks.isMissing(bit), () => { require(); marks.set(bit); });
    this.noteOrdinary(value, bits);
  }
  private metX87(value: V): number { return this.scope.x87.findIndex((known, n) => known === value && n < 8 && (this.scope.newX87 >> n & 1) === 0); }
  private metVector(value: V): number {
    let lane = this.scope.lanes;
    while (lane && lane.value !== value) lane = lane.next;
    return lane ? this.scope.vectors.findIndex((whole, n) => whole === lane.of && (n & 1) === 0 && (this.scope.newVectors >> (n >> 1) & 1) === 0) >> 1 : -1;
  }

  /** Before paths meet: the marks are those of what registers have now. */
  protected renewMarks(): void {
    const { newVectors, newX87, lows, vectors, x87 } = this.scope, is = (value: V | undefined, bits: 32 | 64): boolean => value !== undefined && this.isOrdinary(value, bits);
    let ordinary = 0, normal = 0;
    for (let n = 0; n < 16; n++) {
      if ((newVectors >> n & 1) === 0) continue;
      const whole = vectors[2 * n], low = (name: Parameters<typeof this.knownLow>[0]): V | undefined => lows[2 * n]?.value ?? (whole && this.knownLow(name, whole));
      if (is(low('f64x2.extract_lane'), 64)) ordinary |= 1 << n;
      if (is(low('f32x4.extract_lane'), 32)) ordinary |= 1 << (n + 16);
    }
    for (let n = 0; n < 8; n++) if (newX87 >> n & 1 && is(x87[n], 64)) normal |= 1 << n;
    this.vectorMarks?.renew(newVectors | newVectors << 16, ordinary);
    this.x87Marks?.renew(newX87, normal);
  }

  override steady(value: bigint): V<'i64'> {
    let variable = this.steadies.get(value);
    if (!variable) this.steadies.set(value, variable = this.declare('i64'));
    return variable.get();
  }
  protected loadSteadies(): void {
    for (const [value, variable] of this.steadies) variable.set(this.plainLoad('i64.load', this.table(Array.from({ length: 16 }, (_, i) => Number(value >> BigInt(8 * (i & 7)) & 0xffn)))));
  }

  /** The low element of a vector: what was put there, or taken from there before. */
  private lowElement(name: 'f64x2.extract_lane' | 'f32x4.extract_lane', whole: V<'v128'>): V {
    const known = this.knownLow(name, whole);
    if (known) return known;
    const value = this.lane(name, 0, whole);
    this.scope.lanes = { of: whole, name, value, next: this.scope.lanes };
    return value;
  }

  private knownLow(name: 'f64x2.extract_lane' | 'f32x4.extract_lane', whole: V<'v128'>): V | undefined {
    const put = whole.replacedLane(name === 'f64x2.extract_lane' ? 'f64x2.replace_lane' : 'f32x4.replace_lane', 0);
    if (put) return put;
    for (let lane = this.scope.lanes; lane; lane = lane.next) if (lane.of === whole && lane.name === name) return lane.value;
    return undefined;
  }

  /** A scalar from memory is read as one. */
  override readV(operand: Operand, half: 0 | 1 = 0): V<'v128'> {
    if (!operand.isMemory || !SCALAR_MOVE.test(this.form.encoding.mnemonic)) return super.readV(operand, half);
    const zero = this.v128(0n, 0n);
    return operand.size === 8 ? this.lane('f64x2.replace_lane', 0, zero, this.readF64(operand)) : this.lane('f32x4.replace_lane', 0, zero, this.readF32(operand));
  }

  // --- registers -----------------------------------------------------------------------------------------------------------------------------

  override load<N extends LoadName>(name: N, address: V<'i32'>, offset = 0): V<(typeof LOAD_OPS)[N][1]> {
    const fixed = address.constant;
    if (fixed !== undefined && this.lazy) {
      const at = Number(fixed) + offset;
      if (isGpr(at)) return this.readGpr(name, at) as V<(typeof LOAD_OPS)[N][1]>;
      if (isVector(at)) return this.readVector(name, at) as V<(typeof LOAD_OPS)[N][1]>;
      if (at === STATE.fsw) return this.op('i32.or', this.statusButC1(), this.op('i32.shl', this.c1Variable.get(), this.i32(FSW_C1_BIT))) as V<(typeof LOAD_OPS)[N][1]>;
      if (WORDS.includes(at)) return this.wholeWord(WORDS.indexOf(at)) as V<(typeof LOAD_OPS)[N][1]>;
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
      if (at === STATE.fsw) this.setRoundedUp(this.op('i32.and', this.op('i32.shr_u', value as V<'i32'>, this.i32(FSW_C1_BIT)), this.i32(1)));
      if (at === STATE.fsw) { this.setWord(STATUS, this.op('i32.and', value as V<'i32'>, this.i32(~FSW_C1))); return; }
      if (WORDS.includes(at)) { this.setWord(WORDS.indexOf(at), value); return; }
      if (at === STATE.flagResult || at === STATE.flagCarry || at === STATE.flagAux) {
        const word = value as V<'i64'>, { result, carry, aux } = this.lazy.words();
        this.setFlagState({ k: 'words', result: at === STATE.flagResult ? word : result, carry: at === STATE.flagCarry ? word : carry, aux: at === STATE.flagAux ? word : aux });
        return;
      }
    }
    super.store(name, address, offset, value);
  }

  /** A general register gets a value. */
  protected abstract noteWrite(n: number, value: V<'i64'>): void;

  protected gprVariable(n: number): Variable<'i64'> { return this.gprs[n] ??= this.declare('i64'); }
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
    this.noteWrite(n, value);
    this.scope.registers[n] = value;
    this.scope.zeroExtended[n] = isZeroExtended;
    if (this.nest > 0) this.touched.gprs.add(n);
  }

  private wordVariable(n: number): Variable { return this.words[n] ??= this.declare(WORDS[n] === STATE.fip ? 'i64' : 'i32'); }

  private wholeWord(n: number): V {
    const known = this.scope.words[n];
    if (known) return known;
    const value = this.wordVariable(n).get();
    if (this.nest === 0) this.scope.words[n] = value;
    return value;
  }

  private setWord(n: number, value: V): void {
    this.wordVariable(n).set(value);
    this.writtenWords.add(n);
    this.scope.words[n] = value;
    if (this.nest > 0) this.touched.words.add(n);
  }

  /** TOP and the tags, if they are known to be numbers. */
  protected get x87State(): X87State | undefined {
    const top = this.scope.words[TOP]?.constant, tags = this.scope.words[TAGS]?.constant;
    return top === undefined || tags === undefined ? undefined : { top: Number(top), tags: Number(tags) };
  }
  protected set x87State(state: X87State) {
    this.scope.words[TOP] = this.i32(state.top);
    this.scope.words[TAGS] = this.i32(state.tags);
  }

  override statusButC1(): V<'i32'> { return this.wholeWord(STATUS) as V<'i32'>; }
  override setRoundedUp(isUp = this.i32(0)): void {
    this.setsC1 = true;
    this.c1Variable.set(isUp);
    this.writtenWords.add(STATUS);
  }
  private get c1Variable(): Variable<'i32'> {
    this.wordVariable(STATUS);
    return this.c1 ??= this.declare('i32');
  }

  private x87Variable(n: number): Variable { return this.x87[n] ??= this.declare(n < 8 ? 'i64' : 'i32'); }
  private physical(i: V<'i32'> | number): number { return Number(this.op('i32.add', this.state(STATE.ftop), typeof i === 'number' ? this.i32(i) : i).constant) & 7; }

  override readX87(i: V<'i32'> | number): Float80 {
    if (!this.isX87Known) return super.readX87(i);
    const n = this.physical(i), whole = (at: number): V => {
      const known = this.scope.x87[at];
      if (known) return known;
      const value = this.x87Variable(at).get();
      if (this.nest === 0) this.scope.x87[at] = value;
      return value;
    };
    return { mant: whole(n) as V<'i64'>, signExp: whole(n + 8) as V<'i32'> };
  }

  override writeX87(i: V<'i32'> | number, value: Float80): void {
    if (!this.isX87Known) { super.writeX87(i, value); return; }
    const n = this.physical(i);
    this.scope.newX87 |= 1 << n;
    for (const [at, half] of [[n, value.mant], [n + 8, value.signExp]] as const) {
      this.x87Variable(at).set(half);
      this.writtenX87.add(at);
      this.scope.x87[at] = half;
    }
  }

  /** Words and registers of the x87, between memory and their locals. */
  protected loadX87(): void {
    this.words.forEach((variable, n) => variable?.set(this.plainLoad(WORDS[n] === STATE.fip ? 'i64.load' : 'i32.load', this.i32(0), WORDS[n])));
    if (this.c1) {
      const status = this.words[STATUS] as Variable<'i32'>, whole = status.get();
      this.c1.set(this.op('i32.and', this.op('i32.shr_u', whole, this.i32(FSW_C1_BIT)), this.i32(1)));
      status.set(this.op('i32.and', whole, this.i32(~FSW_C1)));
    }
    this.x87.forEach((variable, n) => variable?.set(n < 8 ? this.plainLoad('i64.load', this.i32(0), x87Place(n)) : this.wideSignExp(this.plainLoad('i32.load16_s', this.i32(0), x87Place(n)))));
  }
  protected storeX87(): void {
    const { c1 } = this, word = (n: number): V => {
      const value = (this.words[n] as Variable).get();
      return n === STATUS && c1 ? this.op('i32.or', value as V<'i32'>, this.op('i32.shl', c1.get(), this.i32(FSW_C1_BIT))) : value;
    };
    for (const n of this.writtenWords) this.plainStore(WORDS[n] === STATE.fip ? 'i64.store' : 'i32.store', this.i32(0), WORDS[n] as number, word(n));
    for (const n of this.writtenX87) {
      const value = (this.x87[n] as Variable).get();
      this.plainStore(n < 8 ? 'i64.store' : 'i32.store16', this.i32(0), x87Place(n), n < 8 ? value : this.narrowSignExp(value as V<'i32'>));
    }
  }

  private wholeHalf(n: number): V<'v128'> {
    const known = this.scope.vectors[n];
    if (known) return known;
    const low = this.scope.lows[n], value = low ? this.joined(n, low) : this.halfVariable(n).get();
    if (low) {
      this.halfVariable(n).set(value);
      this.setLow(n, undefined);
    }
    if (this.nest === 0 || low) this.scope.vectors[n] = value;
    return value;
  }

  private noteNewVector(n: number): void { if ((n & 1) === 0) this.scope.newVectors |= 1 << (n >> 1); }

  private setLow(n: number, low: Low | undefined): void {
    if (!low && !this.scope.lows[n]) return;
    const lows = [...this.scope.lows];
    lows[n] = low;
    this.scope.lows = lows;
  }

  /** The whole of a half whose local does not have its low element. */
  private joined(n: number, { value, clears }: Low): V<'v128'> {
    const rest = clears ? this.v128(0n, 0n) : this.halfVariable(n).get();
    return value.type === 'f64' ? this.lane('f64x2.replace_lane', 0, rest, value as V<'f64'>) : this.lane('f32x4.replace_lane', 0, rest, value as V<'f32'>);
  }

  /** Where control leaves what is known: locals get the low elements that they do not have. */
  protected joinLows(): void {
    this.scope.lows.forEach((low, n) => { if (low) this.halfVariable(n).set(this.joined(n, low)); });
  }

  /** The same where control hardly ever comes, by way of memory: an optimizing compiler would do equal operations of many such places once, where control always comes. */
  protected joinLowsRarely(): void {
    this.scope.lows.forEach((low, n) => {
      if (!low) return;
      const zero = this.i32(0), at = STATE.ymm + 16 * n, half = this.halfVariable(n);
      this.plainStore('v128.store', zero, at, low.clears ? this.v128(0n, 0n) : half.get());
      this.plainStore(`${low.value.type}.store`, zero, at, low.value);
      half.set(this.plainLoad('v128.load', zero, at));
    });
  }

  /** A scalar stays a scalar, until somebody asks for the vector that it is in. */
  private putLow(n: number, value: V<'f64'> | V<'f32'>, clears: boolean): void {
    this.halfVariable(n);
    this.writtenHalves.add(n);
    this.noteNewVector(n);
    this.scope.vectors[n] = undefined;
    this.setLow(n, { value, clears });
  }

  private readVector(name: LoadName, at: number): V {
    const n = (at - STATE.ymm) >> 4, byte = (at - STATE.ymm) & 15, low = this.scope.lows[n];
    if (low && byte === 0 && name === `${low.value.type}.load` && !this.scope.vectors[n]) return low.value;
    const whole = this.wholeHalf(n);
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
    if (this.nest === 0 && byte === 0 && (name === 'f64.store' || name === 'f32.store')) {
      if (this.scope.lows[n] && this.scope.lows[n]?.value.type !== value.type) this.wholeHalf(n);
      this.putLow(n, value as V<'f64'>, this.scope.lows[n]?.clears ?? this.scope.vectors[n]?.isZeroVector === true);
      return;
    }
    const scalar = name === 'v128.store' && this.nest === 0 ? value.onlyLane('f64x2.replace_lane') ?? value.onlyLane('f32x4.replace_lane') : undefined;
    if (scalar) { this.putLow(n, scalar as V<'f64'>, true); return; }
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
    this.noteNewVector(n);
    this.scope.vectors[n] = whole;
    this.setLow(n, undefined);
    if (this.nest > 0) this.touched.halves.add(n);
  }

  // --- code that knows constants and conditions ----------------------------------------------------------------------------------------------

  protected override simplify(name: OpName, args: readonly V[]): V | undefined { return fold(this, name, args); }

  override when(condition: V<'i32'>, then: () => void, otherwise?: () => void, isRare = false): void {
    if (condition.constant !== undefined) { if (condition.constant !== 0n) then(); else otherwise?.(); return; }
    // Flags that only one way sets are those of the variables behind it.
    if (this.nest === 0 && factsOf(this.form).setsFlagsInside) this.settleFlags();
    const before = this.save(), outer = this.touched;
    const mine = { gprs: new Set<number>(), halves: new Set<number>(), words: new Set<number>(), flags: false };
    this.touched = mine;
    const join = this.later();
    this.nest++;
    const inside = (body: () => void) => (): void => { this.restore(before); body(); };
    super.when(condition, inside(then), otherwise && inside(otherwise), isRare);
    this.nest--;
    this.touched = outer;
    this.restore(before);
    for (const n of mine.gprs) { this.scope.registers[n] = undefined; this.scope.zeroExtended[n] = false; outer.gprs.add(n); }
    for (const n of mine.words) { this.scope.words[n] = undefined; outer.words.add(n); }
    for (const n of mine.halves) {
      const low = this.scope.lows[n];
      if (low) join(() => this.halfVariable(n).set(this.joined(n, low)));
      this.setLow(n, undefined);
      this.noteNewVector(n);
      this.scope.vectors[n] = undefined;
      outer.halves.add(n);
    }
    if (mine.flags) { this.setVariablesState(); outer.flags = true; }
  }

  protected save(): Scope { return { ...this.scope, flags: this.lazy.state, pending: this.scope.pending, registers: [...this.scope.registers], zeroExtended: [...this.scope.zeroExtended], vectors: [...this.scope.vectors], words: [...this.scope.words], x87: [...this.scope.x87] }; }
  protected restore(scope: Scope): void {
    this.scope = { ...scope, registers: [...scope.registers], zeroExtended: [...scope.zeroExtended], vectors: [...scope.vectors], words: [...scope.words], x87: [...scope.x87] };
    this.lazy.state = scope.flags;
  }
}

/** Where a half of a register of the x87 is: see RegisterLocals.x87. */
const x87Place = (n: number): number => STATE.x87 + 16 * (n & 7) + (n & 8);
