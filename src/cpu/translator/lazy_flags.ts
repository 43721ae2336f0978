// The arithmetic flags inside a region: what set them last is remembered while code is written, so that a comparison and its branch become one WebAssembly
// comparison. Where blocks meet, the same facts stand in memory - not in locals, which would have to be merged and spilled wherever paths meet -; the three
// words of flags.ts are made where a region is left, and where somebody asks.
import { ENGINE, STATE } from '../layout';
import type { ArithKind, ConditionCode, FlagValues } from '../isa/machine';
import type { Code, V, Variable } from '../wasm/code';

type Bit = V<'i32'> | 0 | 1;

/** What is known of the flags while code is written. Nodes are values of this moment: they never change. */
export type FlagState =
  /** As the variables say. */
  | { k: 'variables' }
  | { k: 'arith'; kind: ArithKind; bits: number; a: V<'i64'>; b: V<'i64'>; r: V<'i64'> }
  | { k: 'logic'; bits: number; r: V<'i64'> }
  /** Result, overflow and auxiliary carry are new, the carry is what it was before (inc, dec). */
  | { k: 'keepsCarry'; bits: number; r: V<'i64'>; of: Bit; af: Bit; under: FlagState }
  /** The carry and the overflow are new, the others are what they were before (rotates, products). */
  | { k: 'newCarry'; cf: Bit; of: Bit; under: FlagState }
  /** ZF, SF and PF are those of the result, the others are given (shifts). */
  | { k: 'result'; bits: number; r: V<'i64'>; cf: Bit; of: Bit; af: Bit }
  /** Where blocks meet: as the variables say, or, by `kind`, as registers say that have not changed since. */
  | { k: 'met'; meeting: Meeting }
  | { k: 'bits'; cf: Bit; pf: Bit; zf: Bit; sf: Bit; of: Bit; af: Bit }
  | { k: 'words'; result: V<'i64'>; carry: V<'i64'>; aux: V<'i64'> };

export const VARIABLES: FlagState = { k: 'variables' };

/** A block that others jump to: which recipes its flags may be made by is known when all is written. */
export interface Meeting {
  readonly recipes: Map<number, Recipe>;
  /** Where the recipes have to be carried out. */
  readonly places: ((write: () => void) => void)[];
  /** A register as the block begins with it. */
  register(n: number): V<'i64'>;
  /** Called where the block begins. */
  begin(): void;
}

/** A number, or a register's bits under a mask. */
export type Source = { constant: bigint } | { register: number; mask: bigint | undefined };
/** The last arithmetic again, from what registers hold: a and b for `sub`, r for logic, else r and b. */
export interface Recipe { readonly kind: 'add' | 'sub' | 'undoneSub' | 'logic'; readonly bits: number; readonly first: Source; readonly second: Source }

/**
 * ENGINE.flagKind: the words in STATE say it, or how a, b and r are meant. Above it stands the distance from the operand size to 64 bits. KEEPS: the result is
 * `newer`, with OF and AF of its own; the carry is as the rest says. CARRY: the carry and OF have places of their own; with KEEPS, too.
 */
const WORDS = 0, ADD = 1, SUB = 2, LOGIC = 3, KEEPS = 1 << 16, CARRY = 1 << 17;
/** From here on: a recipe's number. */
const FIRST_RECIPE = 256;
/** Recipes, after which jumps to many places make no more of them. */
const MAX_RECIPES = 6;
const { flagKind: KIND, flagR: R, flagA: A, flagB: B, flagNewer: NEWER, flagOf: OF, flagAf: AF, flagCf: CF } = ENGINE;

export class LazyFlags {
  state: FlagState = VARIABLES;

  /** `plain`: memory as it is, not what the region knows of it, and conditions that change nothing of that: what is written at the end belongs to no instruction. */
  constructor(private readonly m: Code, private readonly plain: Pick<Code, 'load' | 'store' | 'when'>) { this.setKind(WORDS); }

  private readonly numbers = new Map<string, number>();

  // --- where blocks meet ---------------------------------------------------------------------------------------------------------------------

  /** Before a jump to one of `meetings`: by a recipe if `sourceOf` knows where the operands are, else as `sync`. */
  syncFor(meetings: readonly Meeting[], sourceOf: (value: V<'i64'>) => Source | undefined): void {
    const recipe = this.recipe(sourceOf);
    if (!recipe) { this.sync(); return; }
    const key = JSON.stringify(recipe, (_, value: unknown) => typeof value === 'bigint' ? String(value) : value);
    let number = this.numbers.get(key);
    if (meetings.length > 1 && number === undefined && this.numbers.size >= MAX_RECIPES) { this.sync(); return; }
    if (number === undefined) this.numbers.set(key, number = FIRST_RECIPE + this.numbers.size);
    for (const meeting of meetings) meeting.recipes.set(number, recipe);
    this.setKind(number);
  }

  private recipe(sourceOf: (value: V<'i64'>) => Source | undefined): Recipe | undefined {
    const { state } = this;
    if (state.k === 'logic') {
      const r = sourceOf(state.r);
      return r && { kind: 'logic', bits: state.bits, first: r, second: r };
    }
    if (state.k !== 'arith' || (state.kind !== 'add' && state.kind !== 'sub')) return undefined;
    const { bits } = state, a = sourceOf(state.a), b = sourceOf(state.b);
    if (!b) return undefined;
    if (state.kind === 'sub' && a) return { kind: 'sub', bits, first: a, second: b };
    const r = sourceOf(state.r);
    return r && { kind: state.kind === 'add' ? 'add' : 'undoneSub', bits, first: r, second: b };
  }

  /** When all jumps to the meeting are written. */
  complete(meeting: Meeting): void {
    const { m } = this;
    if (meeting.recipes.size === 0) return;
    const valueOf = (source: Source): V<'i64'> => 'constant' in source ? m.i64(source.constant) : source.mask === undefined ? meeting.register(source.register) : m.and(meeting.register(source.register), m.i64(source.mask));
    for (const place of meeting.places) {
      place(() => {
        for (const [number, { kind, bits, first, second }] of meeting.recipes) {
          this.plain.when(m.op('i32.eq', this.kind(), m.i32(number)), () => {
            const x = valueOf(first), y = valueOf(second), size = (64 - bits) << 2;
            if (kind === 'logic') this.set(LOGIC | size, x);
            else if (kind === 'sub') this.set(SUB | size, m.sub(x, y), x, y);
            else if (kind === 'add') this.set(ADD | size, x, m.sub(x, y), y);
            else this.set(SUB | size, x, m.add(x, y), y);
          });
        }
      });
    }
  }

  // --- what sets them ------------------------------------------------------------------------------------------------------------------------

  keepCarry(r: V<'i64'>, of: Bit, af: Bit, bits: number): void {
    const { state } = this, cf = state.k === 'newCarry' || state.k === 'result' ? state.cf : undefined;
    this.state = cf !== undefined ? { k: 'result', bits, r, cf, of, af } : { k: 'keepsCarry', bits, r, of, af, under: state.k === 'keepsCarry' ? state.under : state };
  }

  newCarry(cf: Bit, of: Bit): void {
    const { state, m } = this;
    this.state = ((): FlagState => {
      switch (state.k) {
        case 'arith': return { k: 'result', bits: state.bits, r: state.r, cf, of, af: m.op('i32.and', m.wrap(m.shr(m.xor(m.xor(state.a, state.b), state.r), 4)), m.i32(1)) };
        case 'logic': return { k: 'result', bits: state.bits, r: state.r, cf, of, af: 0 };
        case 'keepsCarry': return { k: 'result', bits: state.bits, r: state.r, cf, of, af: state.af };
        case 'result': case 'bits': return { ...state, cf, of };
        case 'words': return { ...state, carry: this.carryWord(this.wide(cf), this.wide(of)) };
        case 'newCarry': return { ...state, cf, of };
        default: return { k: 'newCarry', cf, of, under: state };
      }
    })();
  }

  giveResult(r: V<'i64'>, cf: Bit, of: Bit, af: Bit, bits: number): void { this.state = { k: 'result', bits, r, cf, of, af }; }

  /** Writes what is known to the variables; the state of the writing stays. */
  sync(): void {
    this.syncState(this.state);
  }

  private syncState(state: FlagState): void {
    const { m } = this;
    switch (state.k) {
      case 'variables': return;
      case 'met': state.meeting.places.push(this.m.later()); return;
      case 'arith':
        this.set((state.kind === 'add' || state.kind === 'adc' ? ADD : SUB) | (64 - state.bits) << 2, state.r, state.a, state.b);
        return;
      case 'logic': this.set(LOGIC | (64 - state.bits) << 2, state.r); return;
      case 'bits': case 'result': { const { result, carry, aux } = state.k === 'bits' ? this.wordsOfBits(state) : this.wordsOfResult(state); this.setWords(result, carry, aux); return; }
      case 'words': this.setWords(state.result, state.carry, state.aux); return;
      case 'keepsCarry':
        this.syncState(state.under);
        this.setKind(m.op('i32.or', this.kind(), m.i32(KEEPS)));
        this.put(NEWER, this.signed(state.r, state.bits));
        this.plain.store('i32.store', m.i32(0), OF, this.bit32(state.of));
        this.plain.store('i32.store', m.i32(0), AF, this.bit32(state.af));
        return;
      case 'newCarry':
        this.syncState(state.under);
        this.setKind(m.op('i32.or', this.kind(), m.i32(CARRY)));
        this.plain.store('i32.store', m.i32(0), CF, this.bit32(state.cf));
        this.plain.store('i32.store', m.i32(0), OF, this.bit32(state.of));
    }
  }

  private set(kind: number, r: V<'i64'>, a?: V<'i64'>, b?: V<'i64'>): void {
    this.setKind(kind);
    this.put(R, r);
    if (a) this.put(A, a);
    if (b) this.put(B, b);
  }

  private setWords(result: V<'i64'>, carry: V<'i64'>, aux: V<'i64'>): void {
    this.setKind(WORDS);
    this.put(STATE.flagResult, result);
    this.put(STATE.flagCarry, carry);
    this.put(STATE.flagAux, aux);
  }

  private kind(): V<'i32'> { return this.plain.load('i32.load', this.m.i32(0), KIND); }
  private setKind(kind: number | V<'i32'>): void { this.plain.store('i32.store', this.m.i32(0), KIND, typeof kind === 'number' ? this.m.i32(kind) : kind); }
  private take(place: number): V<'i64'> { return this.plain.load('i64.load', this.m.i32(0), place); }
  private put(place: number, value: V<'i64'>): void { this.plain.store('i64.store', this.m.i32(0), place, value); }

  // --- what reads them -----------------------------------------------------------------------------------------------------------------------

  /** The condition as one comparison, where what set the flags is known; else undefined. */
  test(condition: ConditionCode): V<'i32'> | undefined {
    const value = this.fused(condition >> 1, this.state);
    return value && (condition & 1 ? this.m.op('i32.eqz', value) : value);
  }

  private fused(which: number, state: FlagState): V<'i32'> | undefined {
    const { m } = this;
    if (state.k === 'arith' && (state.kind === 'sub')) return this.compared(which, state.a, state.b, state.r, state.bits);
    if (state.k === 'arith' && state.kind === 'add') {
      if (which === 2) return this.isZero(state.r, state.bits);
      if (which === 4) return this.isNegative(state.r, state.bits);
      if (which === 1) return state.bits === 64 ? m.op('i64.lt_u', state.r, state.a) : state.bits === 32 ? m.op('i32.lt_u', this.low(state.r), m.wrap(state.a)) : m.op('i64.ne', m.shr(state.r, state.bits), m.i64(0));
      return undefined;
    }
    if (state.k === 'arith') return which === 2 ? this.isZero(state.r, state.bits) : which === 4 ? this.isNegative(state.r, state.bits) : undefined;
    if (state.k === 'logic') {
      switch (which) {
        case 0: case 1: return m.i32(0);
        case 2: case 3: return this.isZero(state.r, state.bits);
        case 4: case 6: return this.isNegative(state.r, state.bits);
        case 7: return m.op('i32.or', this.isZero(state.r, state.bits), this.isNegative(state.r, state.bits));
        default: return undefined;
      }
    }
    if (state.k === 'bits') {
      const { cf, pf, zf, sf, of } = state, less = (): V<'i32'> => sf === of ? m.i32(0) : m.op('i32.xor', this.bit32(sf), this.bit32(of));
      switch (which) {
        case 0: return this.bit32(of);
        case 1: return this.bit32(cf);
        case 2: return this.bit32(zf);
        case 3: return m.op('i32.or', this.bit32(cf), this.bit32(zf));
        case 4: return this.bit32(sf);
        case 5: return this.bit32(pf);
        case 6: return less();
        default: return m.op('i32.or', less(), this.bit32(zf));
      }
    }
    if (state.k === 'newCarry') return which === 0 ? this.bit32(state.of) : which === 1 ? this.bit32(state.cf) : undefined;
    if (state.k === 'keepsCarry' || state.k === 'result') {
      const negative = (): V<'i32'> => this.isNegative(state.r, state.bits), zero = (): V<'i32'> => this.isZero(state.r, state.bits);
      switch (which) {
        case 0: return this.bit32(state.of);
        case 1: return state.k === 'result' ? this.bit32(state.cf) : this.fused(1, state.under);
        case 2: return zero();
        case 3: return state.k === 'result' ? m.op('i32.or', this.bit32(state.cf), zero()) : undefined;
        case 4: return negative();
        case 6: return m.op('i32.xor', negative(), this.bit32(state.of));
        case 7: return m.op('i32.or', m.op('i32.xor', negative(), this.bit32(state.of)), zero());
        default: return undefined;
      }
    }
    return undefined;
  }

  /** Conditions after a comparison of a with b, both zero-extended. */
  private compared(which: number, a: V<'i64'>, b: V<'i64'>, r: V<'i64'>, bits: number): V<'i32'> | undefined {
    const { m } = this;
    const signed = (name: 'lt_s' | 'le_s'): V<'i32'> => bits === 32 ? m.op(`i32.${name}`, m.wrap(a), m.wrap(b)) : m.op(`i64.${name}`, this.signed(a, bits), this.signed(b, bits));
    const plain = (name: 'lt_u' | 'eq' | 'le_u'): V<'i32'> => bits === 32 ? m.op(`i32.${name}`, m.wrap(a), m.wrap(b)) : m.op(`i64.${name}`, a, b);
    switch (which) {
      case 1: return plain('lt_u');
      case 2: return plain('eq');
      case 3: return plain('le_u');
      case 4: return this.isNegative(r, bits);
      case 6: return signed('lt_s');
      case 7: return signed('le_s');
      default: return undefined;
    }
  }

  /** One flag where it follows simply; else undefined. */
  flag(name: keyof FlagValues): V<'i32'> | undefined {
    if (name === 'pf' && this.state.k === 'bits') return this.bit32(this.state.pf);
    const which = { of: 0, cf: 1, zf: 2, sf: 4, pf: -1, af: -1 }[name];
    return which < 0 ? undefined : this.fused(which, this.state);
  }

  /** The three words of flags.ts. */
  words(): { result: V<'i64'>; carry: V<'i64'>; aux: V<'i64'> } {
    const { m, state } = this;
    switch (state.k) {
      case 'words': return state;
      case 'bits': return this.wordsOfBits(state);
      case 'result': return this.wordsOfResult(state);
      case 'logic': return { result: this.signed(state.r, state.bits), carry: m.i64(0), aux: m.i64(0) };
      case 'arith': {
        const { a, b, r, bits } = state, carry = this.carries(state.kind === 'add' || state.kind === 'adc', a, b, r);
        return { result: this.signed(r, bits), carry: bits === 64 ? carry : m.shl(carry, 64 - bits), aux: m.and(m.xor(m.xor(a, b), r), m.i64(16)) };
      }
      default: {
        this.sync();
        return this.canonical();
      }
    }
  }

  private wordsOfResult({ r, cf, of, af, bits }: Extract<FlagState, { k: 'result' }>): { result: V<'i64'>; carry: V<'i64'>; aux: V<'i64'> } {
    const { m } = this, c = this.wide(cf);
    return { result: this.signed(r, bits), carry: this.carryWord(c, this.wide(of)), aux: m.shl(this.wide(af), 4) };
  }

  private wordsOfBits({ cf, pf, zf, sf, of, af }: Extract<FlagState, { k: 'bits' }>): { result: V<'i64'>; carry: V<'i64'>; aux: V<'i64'> } {
    const { m } = this, c = this.wide(cf), z = this.wide(zf);
    return {
      result: m.xor(z, m.i64(1)), carry: this.carryWord(c, this.wide(of)),
      aux: m.or(m.or(m.shl(this.wide(sf), 63), m.shl(m.xor(this.wide(pf), z), 8)), m.shl(this.wide(af), 4)),
    };
  }

  private carries(isSum: boolean, a: V<'i64'>, b: V<'i64'>, r: V<'i64'>): V<'i64'> {
    const { m } = this, x = isSum ? a : m.not(a), y = isSum ? m.not(r) : r;
    return m.or(m.and(x, b), m.and(m.or(x, b), y));
  }

  /** The words as the variables have them, whatever their kind is at run time. */
  private canonical(): { result: V<'i64'>; carry: V<'i64'>; aux: V<'i64'> } {
    const { m } = this;
    const result = m.variable(this.take(STATE.flagResult)), carry = m.variable(this.take(STATE.flagCarry)), aux = m.variable(this.take(STATE.flagAux));
    const kind = this.kind();
    this.plain.when(kind, () => this.compute(kind, result, carry, aux));
    return { result: result.get(), carry: carry.get(), aux: aux.get() };
  }

  private compute(all: V<'i32'>, result: Variable<'i64'>, carry: Variable<'i64'>, aux: Variable<'i64'>): void {
    const { m } = this, kind = m.op('i32.and', all, m.i32(KEEPS - 1));
    this.plain.when(kind, () => {
      const a = this.take(A), b = this.take(B), r = this.take(R), shift = m.extend(m.op('i32.shr_u', kind, m.i32(2)));
      const which = m.op('i32.and', kind, m.i32(3)), isLogic = m.op('i32.eq', which, m.i32(LOGIC)), isSum = m.op('i32.eq', which, m.i32(ADD));
      result.set(m.sar(m.shl(r, shift), shift));
      const carries = m.shl(m.select(isSum, this.carries(true, a, b, r), this.carries(false, a, b, r)), shift);
      carry.set(m.select(isLogic, m.i64(0), carries));
      aux.set(m.select(isLogic, m.i64(0), m.and(m.xor(m.xor(a, b), r), m.i64(16))));
    });
    const bit = (place: number): V<'i64'> => m.extend(this.plain.load('i32.load', m.i32(0), place));
    this.plain.when(m.op('i32.and', all, m.i32(KEEPS | CARRY)), () => {
      carry.set(this.carryWord(m.select(m.op('i32.and', all, m.i32(CARRY)), bit(CF), m.shr(carry.get(), 63)), bit(OF)));
      this.plain.when(m.op('i32.and', all, m.i32(KEEPS)), () => {
        result.set(this.take(NEWER));
        aux.set(m.shl(bit(AF), 4));
      });
    });
  }

  /** Where the region is left: the words, as the variables have them, in their place. */
  finish(): void {
    const { m } = this, kind = this.kind();
    this.plain.when(kind, () => {
      const words = { result: m.variable(this.take(STATE.flagResult)), carry: m.variable(this.take(STATE.flagCarry)), aux: m.variable(this.take(STATE.flagAux)) };
      this.compute(kind, words.result, words.carry, words.aux);
      this.setWords(words.result.get(), words.carry.get(), words.aux.get());
    });
  }

  // --- small things --------------------------------------------------------------------------------------------------------------------------

  private wide(bit: Bit): V<'i64'> { return typeof bit === 'number' ? this.m.i64(bit) : this.m.extend(bit); }
  private bit32(bit: Bit): V<'i32'> { return typeof bit === 'number' ? this.m.i32(bit) : bit; }

  /** The word of flags.ts for CF and OF. */
  private carryWord(c: V<'i64'>, o: V<'i64'>): V<'i64'> { return this.m.or(this.m.shl(c, 63), this.m.shl(this.m.xor(c, o), 62)); }

  /** The low half of a result, computed as one where it can be: the upper one may not be wanted at all. */
  private low(r: V<'i64'>): V<'i32'> { return this.m.wrap(this.m.and(r, this.m.i64(0xffffffff))); }

  private isZero(r: V<'i64'>, bits: number): V<'i32'> {
    const { m } = this;
    return bits === 64 ? m.isZero(r) : bits === 32 ? m.op('i32.eqz', this.low(r)) : m.op('i32.eqz', m.op('i32.and', m.wrap(r), m.i32((1 << bits) - 1)));
  }

  private isNegative(r: V<'i64'>, bits: number): V<'i32'> {
    const { m } = this;
    if (bits === 64) return m.op('i64.lt_s', r, m.i64(0));
    const w = bits === 32 ? this.low(r) : m.wrap(r);
    return m.op('i32.lt_s', bits === 32 ? w : bits === 16 ? m.op('i32.extend16_s', w) : m.op('i32.extend8_s', w), m.i32(0));
  }

  private signed(value: V<'i64'>, bits: number): V<'i64'> {
    switch (bits) {
      case 8: return this.m.op('i64.extend8_s', value);
      case 16: return this.m.op('i64.extend16_s', value);
      case 32: return this.m.op('i64.extend32_s', value);
      default: return value;
    }
  }
}
