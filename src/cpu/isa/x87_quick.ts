// The x87 for ordinary values, in WebAssembly: rounding to nearest, 64 bits of precision, all exceptions masked; operands and results normal (or zero, where
// that is simple), registers valid. Whatever else there is goes to the exact helper of the row (x87.ts), which gives the same result for these, too.
import { STATE } from '../layout';
import type { Code, V } from '../wasm/code';
import { Machine, routine, type Helper, type Operand, type Semantics } from './machine';

type I32 = V<'i32'>;
type I64 = V<'i64'>;
/** An 80-bit value as it lies in a register; `ok`: it is as ordinary as the instruction needs (undefined: always). */
interface Value { mant: I64; signExp: I32; ok?: I32 }

const C1 = 0x200, CODES = 0x4500, BIAS = 16383, INTEGER_BIT = -(1n << 63n);

// --- arithmetic: (a, b) -> significand, and sign, exponent, flags (bits 16 up); -1 for what is not ordinary ----------------------------------------------

const exponent = (c: Code, signExp: I32): I32 => c.op('i32.and', signExp, c.i32(0x7fff));
const isBetween = (c: Code, e: I32, low: number, high: number): I32 => c.op('i32.lt_u', c.op('i32.sub', e, c.i32(low)), c.i32(high - low + 1));
const isNormal = (c: Code, mant: I64, signExp: I32): I32 => isKnownNormal(c, mant) ? c.i32(1) : c.op('i32.and', isBetween(c, exponent(c, signExp), 1, 0x7ffe), c.op('i64.lt_s', mant, c.i64(0)));

/** Engines that remember note a normal number by its significand. */
const isKnownNormal = (c: Code, mant: I64): boolean => c instanceof Machine && c.isOrdinary(mant, 64);

/** Rounds high:low, of which the top bit is set, to `high`. `rest`: low's relation to a half is decided by it. */
function rounded(c: Code, sign: I32, exp: I32, high: I64, isUp: I32, isInexact: I32, isOrdinary: I32): V[] {
  const more = c.add(high, c.extend(isUp)), carried = c.op('i32.and', isUp, c.isZero(more)), e = c.op('i32.add', exp, carried);
  const flags = c.op('i32.or', c.op('i32.shl', isInexact, c.i32(16 + 5)), c.op('i32.shl', isUp, c.i32(16 + 9)));
  const packed = c.op('i32.or', c.op('i32.or', sign, e), flags);
  return [c.select(carried, c.i64(INTEGER_BIT), more), c.select(c.op('i32.and', isOrdinary, isBetween(c, e, 1, 0x7ffe)), packed, c.i32(-1))];
}
function roundedPair(c: Code, sign: I32, exp: I32, high: I64, low: I64, isOrdinary: I32): V[] {
  const half = c.i64(INTEGER_BIT);
  const isUp = c.op('i32.or', c.op('i64.gt_u', low, half), c.op('i32.and', c.op('i64.eq', low, half), c.wrap(c.and(high, c.i64(1)))));
  return rounded(c, sign, exp, high, isUp, c.op('i64.ne', low, c.i64(0)), isOrdinary);
}

const BINARY = ['i64', 'i32', 'i64', 'i32'] as const, RESULT = ['i64', 'i32'] as const;

const add80 = routine('add80', BINARY, RESULT, (c, args) => {
  const [ma, sa, mb, sb] = args as [I64, I32, I64, I32], ea = exponent(c, sa), eb = exponent(c, sb);
  const isOrdinary = c.op('i32.and', isNormal(c, ma, sa), isNormal(c, mb, sb));
  const swap = c.op('i32.or', c.op('i32.lt_u', ea, eb), c.op('i32.and', c.op('i32.eq', ea, eb), c.op('i64.lt_u', ma, mb)));
  const big = c.select(swap, mb, ma), small = c.select(swap, ma, mb), sign = c.op('i32.and', c.select(swap, sb, sa), c.i32(0x8000));
  const exp = c.variable(c.select(swap, eb, ea)), distance = c.op('i32.sub', exp.get(), c.select(swap, ea, eb)), d = c.extend(distance);
  const above = c.shr(small, d), below = c.select(distance, c.shl(small, c.sub(c.i64(64), d)), c.i64(0));
  const high = c.variable(c.i64(0)), low = c.variable(c.i64(0));
  c.when(c.op('i32.and', c.op('i32.xor', sa, sb), c.i32(0x8000)), () => {
    const h = c.sub(c.sub(big, above), c.extend(c.op('i64.ne', below, c.i64(0)))), l = c.sub(c.i64(0), below);
    const isShort = c.isZero(h), first = c.select(isShort, l, h), second = c.select(isShort, c.i64(0), l);
    const n = c.op('i64.clz', first);
    high.set(c.or(c.shl(first, n), c.shr(c.shr(second, c.i64(1)), c.sub(c.i64(63), n))));
    low.set(c.shl(second, n));
    exp.set(c.op('i32.sub', exp.get(), c.op('i32.add', c.wrap(n), c.op('i32.shl', isShort, c.i32(6)))));
  }, () => {
    const sum = c.add(big, above), isLong = c.op('i64.lt_u', sum, big);
    high.set(c.select(isLong, c.or(c.shr(sum, 1), c.i64(INTEGER_BIT)), sum));
    // The lowest bit only has to stay different from zero.
    low.set(c.select(isLong, c.or(c.or(c.shr(below, 1), c.and(below, c.i64(1))), c.shl(sum, 63)), below));
    exp.set(c.op('i32.add', exp.get(), isLong));
  });
  const isThere = c.op('i32.and', c.op('i32.lt_u', distance, c.i32(64)), c.op('i64.lt_s', high.get(), c.i64(0)));
  return roundedPair(c, sign, exp.get(), high.get(), low.get(), c.op('i32.and', isOrdinary, isThere));
});

const multiply80 = routine('multiply80', BINARY, RESULT, (c, args) => {
  const [ma, sa, mb, sb] = args as [I64, I32, I64, I32], word = (v: I64): I64 => c.extend(c.wrap(v));
  const a0 = word(ma), a1 = c.shr(ma, 32), b0 = word(mb), b1 = c.shr(mb, 32);
  const low = c.mul(a0, b0), m1 = c.mul(a1, b0), m2 = c.mul(a0, b1);
  const middle = c.add(c.add(c.shr(low, 32), word(m1)), word(m2));
  const high = c.add(c.add(c.mul(a1, b1), c.add(c.shr(m1, 32), c.shr(m2, 32))), c.shr(middle, 32)), rest = c.or(word(low), c.shl(middle, 32));
  const isFull = c.op('i64.lt_s', high, c.i64(0));
  const exp = c.op('i32.add', c.op('i32.sub', c.op('i32.add', exponent(c, sa), exponent(c, sb)), c.i32(BIAS)), isFull);
  return roundedPair(c, c.op('i32.and', c.op('i32.xor', sa, sb), c.i32(0x8000)), exp, c.select(isFull, high, c.or(c.shl(high, 1), c.shr(rest, 63))), c.select(isFull, rest, c.shl(rest, 1)),
    c.op('i32.and', isNormal(c, ma, sa), isNormal(c, mb, sb)));
});

/** 128 by 64 bits in two steps of 32. Knuth, The Art of Computer Programming 2, 4.3.1 D; Warren, Hacker's Delight, divlu. */
const divide80 = routine('divide80', BINARY, RESULT, (c, args) => {
  const [ma, sa, mb, sb] = args as [I64, I32, I64, I32], word = c.i64(0xffffffff);
  const isOrdinary = c.op('i32.and', isNormal(c, ma, sa), isNormal(c, mb, sb)), divisor = c.variable(mb);
  c.when(c.op('i32.eqz', isOrdinary), () => divisor.set(c.i64(INTEGER_BIT)));
  const v = divisor.get(), v1 = c.shr(v, 32), v0 = c.and(v, word);
  const isLess = c.op('i64.lt_u', ma, v);
  const u = c.select(isLess, ma, c.shr(ma, 1)), next = c.select(isLess, c.i64(0), c.shl(ma, 63));
  const digit = (top: I64, below: I64): [I64, I64] => {
    const estimate = c.op('i64.div_u', top, v1), q = c.variable(estimate), r = c.variable(c.sub(top, c.mul(estimate, v1)));
    c.loop(again => {
      const isTooBig = c.op('i32.or', c.op('i64.gt_u', q.get(), word), c.op('i64.gt_u', c.mul(q.get(), v0), c.or(c.shl(r.get(), 32), below)));
      c.when(isTooBig, () => {
        q.set(c.sub(q.get(), c.i64(1)));
        r.set(c.add(r.get(), v1));
        c.br(again, c.op('i64.le_u', r.get(), word));
      });
    });
    return [q.get(), c.sub(c.or(c.shl(top, 32), below), c.mul(q.get(), v))];
  };
  const [q1, rest] = digit(u, c.shr(next, 32)), [q0, remainder] = digit(rest, c.and(next, word));
  const quotient = c.or(c.shl(q1, 32), q0), other = c.sub(v, remainder);
  const isUp = c.op('i32.or', c.op('i64.gt_u', remainder, other), c.op('i32.and', c.op('i64.eq', remainder, other), c.wrap(c.and(quotient, c.i64(1)))));
  const exp = c.op('i32.sub', c.op('i32.add', c.op('i32.sub', exponent(c, sa), exponent(c, sb)), c.i32(BIAS)), isLess);
  return rounded(c, c.op('i32.and', c.op('i32.xor', sa, sb), c.i32(0x8000)), exp, quotient, isUp, c.op('i64.ne', remainder, c.i64(0)), isOrdinary);
});

// --- the register stack ----------------------------------------------------------------------------------------------------------------------------

const physical = (m: Machine, i: I32 | number): I32 => m.op('i32.and', m.op('i32.add', m.state(STATE.ftop), typeof i === 'number' ? m.i32(i) : i), m.i32(7));
const tag = (m: Machine, i: I32 | number): I32 => m.op('i32.and', m.op('i32.shr_u', m.state(STATE.ftag), physical(m, i)), m.i32(1));
const get = (m: Machine, i: I32 | number): Value => { const at = m.x87Address(i); return { mant: m.load('i64.load', at), signExp: m.load('i32.load16_u', at, 8) }; };
function put(m: Machine, i: I32 | number, value: Value): void {
  const at = m.x87Address(i);
  m.store('i64.store', at, 0, value.mant);
  m.store('i32.store16', at, 8, value.signExp);
}
function pop(m: Machine): void {
  const top = m.state(STATE.ftop);
  m.setState(STATE.ftag, m.op('i32.and', m.state(STATE.ftag), m.op('i32.xor', m.op('i32.shl', m.i32(1), top), m.i32(-1))));
  m.setState(STATE.ftop, m.op('i32.and', m.op('i32.add', top, m.i32(1)), m.i32(7)));
}
function push(m: Machine, value: Value): void {
  const top = physical(m, -1);
  m.setState(STATE.ftop, top);
  m.setState(STATE.ftag, m.op('i32.or', m.state(STATE.ftag), m.op('i32.shl', m.i32(1), top)));
  put(m, 0, value);
}
const isEmpty = (m: Machine, i: I32 | number): I32 => m.op('i32.eqz', tag(m, i));
/** Rounding to nearest, 64 bits, everything masked. */
const isUsualMode = (m: Machine): I32 => m.op('i32.eq', m.op('i32.and', m.state(STATE.fcw), m.i32(0xf3f)), m.i32(0x33f));

/** Flags of this instruction, and where it and its operand are. */
function note(m: Machine, operand: Operand | undefined, flags?: I32): void {
  const kept = m.op('i32.and', m.state(STATE.fsw), m.i32(~C1));
  m.setState(STATE.fsw, flags ? m.op('i32.or', kept, flags) : kept);
  m.setState(STATE.fip, m.rip());
}

/** `act` when all of `conditions` hold, else the exact way. */
function quickly(m: Machine, conditions: readonly (I32 | undefined)[], act: () => void, exact: Helper): void {
  const all = conditions.filter(c => c !== undefined && c.constant !== 1n).reduce((a: I32 | undefined, b) => a && b ? m.op('i32.and', a, b) : b, undefined) ?? m.i32(1);
  m.ordinarily(all, act, exact);
}

// --- operands in memory ------------------------------------------------------------------------------------------------------------------------------

export type QuickFormat = 'f32' | 'f64' | 'f80' | 'i16' | 'i32' | 'i64';
const FLOAT = { f32: { fraction: 23, exponents: 255, bias: 127 }, f64: { fraction: 52, exponents: 2047, bias: 1023 } } as const;

function load(m: Machine, operand: Operand, format: QuickFormat): Value {
  const at = m.operandPointer(operand, 'r');
  if (format === 'f80') return { mant: m.load('i64.load', at), signExp: m.load('i32.load16_u', at, 8) };
  if (format === 'f32' || format === 'f64') {
    const { fraction, exponents, bias } = FLOAT[format], bits = format === 'f32' ? m.load('i64.load32_u', at) : m.load('i64.load', at), width = format === 'f32' ? 32 : 64;
    const e = m.op('i32.and', m.wrap(m.shr(bits, fraction)), m.i32(exponents)), sign = m.op('i32.shl', m.wrap(m.shr(bits, width - 1)), m.i32(15));
    const isZero = m.isZero(m.shl(bits, 65 - width));
    const mant = m.or(m.shl(bits, 63 - fraction), m.i64(INTEGER_BIT));
    return {
      mant: m.select(isZero, m.i64(0), mant), signExp: m.op('i32.or', sign, m.select(isZero, m.i32(0), m.op('i32.add', e, m.i32(BIAS - bias)))),
      ok: m.op('i32.or', isZero, isBetween(m, e, 1, exponents - 1)),
    };
  }
  const value = format === 'i16' ? m.load('i64.load16_s', at) : format === 'i32' ? m.load('i64.load32_s', at) : m.load('i64.load', at);
  const isNegative = m.op('i64.lt_s', value, m.i64(0)), size = m.select(isNegative, m.sub(m.i64(0), value), value), n = m.op('i64.clz', size);
  const e = m.op('i32.sub', m.i32(BIAS + 63), m.wrap(n));
  return { mant: m.select(m.isZero(value), m.i64(0), m.shl(size, n)), signExp: m.select(m.isZero(value), m.i32(0), m.op('i32.or', m.op('i32.shl', isNegative, m.i32(15)), e)) };
}

/** A register as float bits, rounded to nearest: value, flags, and whether it is ordinary enough. */
function toFloat(m: Machine, { mant, signExp }: Value, format: 'f32' | 'f64'): { bits: I64; flags: I32; ok: I32 } {
  const { fraction, exponents, bias } = FLOAT[format], drop = 63 - fraction, width = format === 'f32' ? 32 : 64;
  const e = m.op('i32.sub', exponent(m, signExp), m.i32(BIAS - bias));
  const rest = m.and(mant, m.i64((1n << BigInt(drop)) - 1n)), half = m.i64(1n << BigInt(drop - 1)), kept = m.shr(mant, drop);
  const isUp = m.op('i32.or', m.op('i64.gt_u', rest, half), m.op('i32.and', m.op('i64.eq', rest, half), m.wrap(m.and(kept, m.i64(1)))));
  const sign = m.shl(m.extend(m.op('i32.shr_u', signExp, m.i32(15))), width - 1);
  // A carry out of the fraction runs into the exponent, as it should.
  const magnitude = m.add(m.add(m.shl(m.extend(m.op('i32.sub', e, m.i32(1))), fraction), kept), m.extend(isUp));
  const isZero = m.op('i32.and', m.isZero(mant), m.op('i32.eqz', exponent(m, signExp)));
  const flags = m.op('i32.or', m.op('i32.shl', m.op('i64.ne', rest, m.i64(0)), m.i32(5)), m.op('i32.shl', isUp, m.i32(9)));
  const isNormalThere = m.op('i32.and', isBetween(m, e, 1, exponents - 2), m.op('i64.lt_s', mant, m.i64(0)));
  return { bits: m.or(sign, m.select(isZero, m.i64(0), magnitude)), flags, ok: m.op('i32.or', isZero, isNormalThere) };
}

// --- what rows are made of -----------------------------------------------------------------------------------------------------------------------------

export const quickLoad = (format: QuickFormat, exact: Helper): Semantics => (m, [src]) => {
  const value = load(m, src as Operand, format);
  const isQuiet = format === 'f80' ? m.op('i32.or', isNormal(m, value.mant, value.signExp), m.op('i32.and', m.isZero(value.mant), m.op('i32.eqz', exponent(m, value.signExp)))) : value.ok;
  quickly(m, [isEmpty(m, -1), isQuiet], () => { note(m, src); push(m, value); }, exact);
};

export const quickStore = (format: 'f32' | 'f64' | 'f80', pops: boolean, exact: Helper): Semantics => (m, [dst]) => {
  // The place is asked for once it is known that nobody else writes there: a pointer may be to a copy.
  const operand = dst as Operand, value = get(m, 0);
  if (format === 'f80') {
    quickly(m, [tag(m, 0)], () => {
      const at = m.operandPointer(operand, 'w');
      m.store('i64.store', at, 0, value.mant);
      m.store('i32.store16', at, 8, value.signExp);
      note(m, dst);
      if (pops) pop(m);
    }, exact);
    return;
  }
  const { bits, flags, ok } = toFloat(m, value, format);
  quickly(m, [isUsualMode(m), tag(m, 0), ok], () => {
    m.store(format === 'f32' ? 'i64.store32' : 'i64.store', m.operandPointer(operand, 'w'), 0, bits);
    note(m, dst, flags);
    if (pops) pop(m);
  }, exact);
};

export type QuickOperation = 'add' | 'mul' | 'sub' | 'subr' | 'div' | 'divr';
function compute(m: Machine, op: QuickOperation, a: Value, b: Value): V[] {
  const flipped = (v: Value): Value => ({ ...v, signExp: m.op('i32.xor', v.signExp, m.i32(0x8000)) });
  const [x, y] = op === 'subr' || op === 'divr' ? [b, a] : [a, b], second = op === 'sub' || op === 'subr' ? flipped(y) : y;
  return m.callRoutine(op === 'mul' ? multiply80 : op === 'div' || op === 'divr' ? divide80 : add80, x.mant, x.signExp, second.mant, second.signExp);
}
function operate(m: Machine, to: I32 | number, other: Value, conditions: readonly (I32 | undefined)[], op: QuickOperation, pops: boolean, operand: Operand | undefined, exact: Helper): void {
  const own = get(m, to), [mant, packed] = compute(m, op, own, other) as [I64, I32];
  quickly(m, [isUsualMode(m), tag(m, to), ...conditions, m.op('i32.ge_s', packed, m.i32(0))], () => {
    for (const value of [own.mant, other.mant, mant]) m.noteOrdinary(value, 64);
    put(m, to, { mant, signExp: packed });
    note(m, operand, m.op('i32.shr_u', packed, m.i32(16)));
    if (pops) pop(m);
  }, exact);
}
/** ST(0) = ST(0) op memory. */
export const quickMemory = (op: QuickOperation, format: QuickFormat, exact: Helper): Semantics => (m, [src]) => {
  const value = load(m, src as Operand, format);
  operate(m, 0, value, [value.ok], op, false, src, exact);
};
/** ST(0) = ST(0) op ST(i), or ST(i) = ST(i) op ST(0). */
export const quickRegister = (op: QuickOperation, toFirst: boolean, pops: boolean, exact: Helper): Semantics => (m, operands) => {
  const i = m.stNumber(operands[toFirst ? 1 : 0] as Operand);
  if (toFirst) operate(m, 0, get(m, i), [tag(m, i)], op, pops, undefined, exact);
  else operate(m, i, get(m, 0), [tag(m, 0)], op, pops, undefined, exact);
};

/** ST(0) with ST(i): order to RFLAGS or to the condition codes. */
export const quickCompare = (pops: number, toFlags: boolean, exact: Helper): Semantics => (m, operands) => {
  const i = operands.length === 2 ? m.stNumber(operands[1] as Operand) : m.i32(1), a = get(m, 0), b = get(m, i);
  const isZero = (v: Value): I32 => m.op('i32.and', m.isZero(v.mant), m.op('i32.eqz', exponent(m, v.signExp)));
  const isPlain = (v: Value): I32 => m.op('i32.or', isNormal(m, v.mant, v.signExp), isZero(v));
  const ea = exponent(m, a.signExp), eb = exponent(m, b.signExp), sameExponent = m.op('i32.eq', ea, eb), negative = m.op('i32.shr_u', a.signExp, m.i32(15)), differ = m.op('i32.xor', negative, m.op('i32.shr_u', b.signExp, m.i32(15)));
  const smaller = m.op('i32.or', m.op('i32.lt_u', ea, eb), m.op('i32.and', sameExponent, m.op('i64.lt_u', a.mant, b.mant)));
  const sameSize = m.op('i32.and', sameExponent, m.op('i64.eq', a.mant, b.mant));
  const equal = m.op('i32.or', m.op('i32.and', sameSize, m.op('i32.eqz', differ)), m.op('i32.and', isZero(a), isZero(b)));
  const less = m.op('i32.and', m.op('i32.eqz', equal), m.select(differ, negative, m.op('i32.xor', smaller, negative)));
  quickly(m, [tag(m, 0), tag(m, i), isPlain(a), isPlain(b)], () => {
    note(m, undefined);
    if (toFlags) m.setFlags({ zf: equal, cf: less, pf: 0, of: 0, sf: 0, af: 0 });
    else m.setState(STATE.fsw, m.op('i32.or', m.op('i32.and', m.state(STATE.fsw), m.i32(~CODES)), m.op('i32.or', m.op('i32.shl', less, m.i32(8)), m.op('i32.shl', equal, m.i32(14)))));
    for (let n = 0; n < pops; n++) pop(m);
  }, exact);
};

export const quickDuplicate = (exact: Helper): Semantics => (m, [src]) => {
  const i = m.stNumber(src as Operand), value = get(m, i);
  quickly(m, [isEmpty(m, -1), tag(m, i)], () => { note(m, undefined); push(m, value); }, exact);
};
export const quickExchange = (exact: Helper): Semantics => (m, [src]) => {
  const i = m.stNumber(src as Operand), a = get(m, 0), b = get(m, i);
  quickly(m, [tag(m, 0), tag(m, i)], () => { note(m, undefined); put(m, 0, b); put(m, i, a); }, exact);
};
/** FST and FSTP to a register. */
export const quickCopy = (pops: boolean, exact: Helper): Semantics => (m, [dst]) => {
  const i = m.stNumber(dst as Operand), value = get(m, 0);
  quickly(m, [tag(m, 0)], () => {
    note(m, undefined);
    m.setState(STATE.ftag, m.op('i32.or', m.state(STATE.ftag), m.op('i32.shl', m.i32(1), physical(m, i))));
    put(m, i, value);
    if (pops) pop(m);
  }, exact);
};
/** FCHS and FABS. */
export const quickSign = (change: (m: Machine, signExp: I32) => I32, exact: Helper): Semantics => m => {
  const { mant, signExp } = get(m, 0);
  quickly(m, [tag(m, 0), isNormal(m, mant, signExp)], () => { note(m, undefined); put(m, 0, { mant, signExp: change(m, signExp) }); }, exact);
};
/** FLDZ, FLD1 and the other constants. */
export const quickConstant = (mant: bigint, signExp: number, exact: Helper): Semantics => m =>
  quickly(m, [isUsualMode(m), isEmpty(m, -1)], () => { note(m, undefined); push(m, { mant: m.i64(mant), signExp: m.i32(signExp) }); }, exact);

/** FIST, FISTP, FISTTP: to nearest or towards zero, of values that surely fit. */
export const quickInteger = (format: 'i16' | 'i32' | 'i64', pops: boolean, truncate: boolean, exact: Helper): Semantics => (m, [dst]) => {
  const operand = dst as Operand, { mant, signExp } = get(m, 0), e = exponent(m, signExp), control = m.op('i32.and', m.state(STATE.fcw), m.i32(0xc3f));
  const largest = { i16: 14, i32: 30, i64: 62 }[format], isTruncated = truncate ? m.i32(1) : m.op('i32.eq', control, m.i32(0xc3f));
  // The distance from the significand's place as a fraction of 64 bits to that of an integer.
  const n = m.extend(m.op('i32.sub', m.i32(BIAS + 63), e)), whole = m.shr(mant, n), rest = m.shl(mant, m.sub(m.i64(64), n));
  const half = m.i64(INTEGER_BIT), nearestUp = m.op('i32.or', m.op('i64.gt_u', rest, half), m.op('i32.and', m.op('i64.eq', rest, half), m.wrap(m.and(whole, m.i64(1)))));
  const isUp = m.op('i32.and', nearestUp, m.op('i32.eqz', isTruncated)), size = m.add(whole, m.extend(isUp));
  const value = m.select(m.op('i32.shr_u', signExp, m.i32(15)), m.sub(m.i64(0), size), size);
  const flags = m.op('i32.or', m.op('i32.shl', m.op('i64.ne', rest, m.i64(0)), m.i32(5)), m.op('i32.shl', isUp, m.i32(9)));
  const isMode = m.op('i32.or', isTruncated, m.op('i32.eq', control, m.i32(0x3f)));
  quickly(m, [tag(m, 0), isMode, m.op('i32.eq', m.op('i32.and', control, m.i32(0x3f)), m.i32(0x3f)), isBetween(m, e, BIAS, BIAS + largest - 1), m.op('i64.lt_s', mant, m.i64(0))], () => {
    m.store(format === 'i16' ? 'i64.store16' : format === 'i32' ? 'i64.store32' : 'i64.store', m.operandPointer(operand, 'w'), 0, value);
    note(m, dst, flags);
    if (pops) pop(m);
  }, exact);
};

/** FLDCW that neither raises what is pending nor clears it. */
export const quickControl = (exact: Helper): Semantics => (m, [src]) => {
  const word = m.wrap(m.read(src as Operand)), status = m.state(STATE.fsw);
  const isQuiet = m.op('i32.eqz', m.op('i32.or', m.op('i32.and', status, m.i32(0x80)), m.op('i32.and', m.op('i32.and', status, m.op('i32.xor', word, m.i32(-1))), m.i32(0x3f))));
  quickly(m, [isQuiet], () => m.setState(STATE.fcw, m.op('i32.or', m.op('i32.and', word, m.i32(0x1f7f)), m.i32(0x40))), exact);
};
