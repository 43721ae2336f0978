// Sums, products and quotients of 80-bit numbers in WebAssembly: of normal ones, with normal results, rounded to nearest to 64 bits. Whatever else there is,
// is in doubt. Not here: the register stack, flags (x87_quick.ts), all other numbers (softfloat80.ts).
import type { Code, V, Variable } from '../wasm/code';
import { Machine, routine, type Doubt, type Float80, type Routine } from './machine';

type I32 = V<'i32'>;
type I64 = V<'i64'>;
/** `isUp`: away from zero. `isInexact`: not zero where it was rounded. */
export interface Rounded extends Float80 { readonly isUp: I32; readonly isInexact: I32 }
export type Arithmetic = (c: Code, a: Float80, b: Float80, doubt: Doubt) => Rounded;

export const BIAS = 16383, INTEGER_BIT = -(1n << 63n), SIGN = -(2 ** 31);

export const exponent = (c: Code, { signExp }: Float80): I32 => c.op('i32.and', signExp, c.i32(0x7fff));
/** The exponent is neither zero nor that of infinities, nor beyond them. The sign is shifted out. */
const isOutOfRange = (c: Code, signExp: I32): I32 => c.op('i32.ge_u', c.op('i32.add', c.op('i32.shl', signExp, c.i32(1)), c.i32(-2)), c.i32(2 * 0x7ffe));

/** What engines that remember know of a number by its significand: that it is normal; that it is normal or zero, as its top bit tells. */
const NORMAL = 64, NORMAL_OR_ZERO = 32;
const isKnown = (c: Code, mant: I64, what: typeof NORMAL | typeof NORMAL_OR_ZERO): boolean => c instanceof Machine && c.isOrdinary(mant, what);
export const noteNormal = (m: Machine, { mant }: Float80): void => { if (!isKnown(m, mant, NORMAL)) m.noteOrdinary(mant, NORMAL); };
export const noteNormalOrZero = (m: Machine, { mant }: Float80): void => m.noteOrdinary(mant, NORMAL_OR_ZERO);

export function requireNormal(c: Code, { mant, signExp }: Float80, doubt: Doubt): void {
  const require = (): void => {
    doubt(c.op('i64.ge_s', mant, c.i64(0)));
    if (!isKnown(c, mant, NORMAL_OR_ZERO)) doubt(isOutOfRange(c, signExp));
  };
  if (isKnown(c, mant, NORMAL)) return;
  if (c instanceof Machine) c.unlessOrdinary(mant, NORMAL, require); else require();
}

/** 1 where a significand of which `low` is cut off is to be rounded up: more than a half, or a half and `kept` is odd. */
export function roundsUp(c: Code, kept: I64, low: I64): I64 {
  const w = c.or(low, c.and(kept, c.i64(1)));
  return c.shr(c.and(c.sub(w, c.i64(1)), w), 63);
}

/** Rounds high:low, of which the top bit is set, to `high`. */
function rounded(c: Code, signExp: Variable<'i32'>, high: I64, low: I64, doubt: Doubt): Rounded {
  const up = roundsUp(c, high, low), mant = c.variable(c.add(high, up));
  c.when(c.isZero(mant.get()), () => {
    mant.set(c.i64(INTEGER_BIT));
    signExp.set(c.op('i32.add', signExp.get(), c.i32(1)));
    doubt(isOutOfRange(c, signExp.get()));
  }, undefined, true);
  return { mant: mant.get(), signExp: signExp.get(), isUp: c.wrap(up), isInexact: c.op('i64.ne', low, c.i64(0)) };
}

/** The larger exponent first. Which one that is hardly ever changes from one time to the next, nor whether the signs differ. */
export const add: Arithmetic = (c, a, b, doubt) => {
  requireNormal(c, a, doubt);
  requireNormal(c, b, doubt);
  const big = c.variable(a.mant), small = c.variable(b.mant), exp = c.variable(a.signExp), distance = c.variable(c.op('i32.shr_s', c.op('i32.shl', c.op('i32.sub', a.signExp, b.signExp), c.i32(1)), c.i32(1)));
  c.when(c.op('i32.lt_s', distance.get(), c.i32(0)), () => {
    big.set(b.mant);
    small.set(a.mant);
    exp.set(b.signExp);
    distance.set(c.op('i32.sub', c.i32(0), distance.get()));
  });
  doubt(c.op('i32.ge_u', distance.get(), c.i32(64)));
  const d = c.extend(distance.get()), x = big.get(), y = small.get(), above = c.shr(y, d), below = c.xor(c.op('i64.rotr', y, d), above);
  const high = c.variable(above), low = c.variable(below);
  c.when(c.op('i32.lt_s', c.op('i32.xor', a.signExp, b.signExp), c.i32(0)), () => {
    high.set(c.sub(c.sub(x, above), c.extend(c.op('i64.ne', below, c.i64(0)))));
    // Of equal exponents the first may be the smaller one.
    c.when(c.op('i64.lt_u', x, above), () => {
      high.set(c.sub(above, x));
      exp.set(c.op('i32.xor', exp.get(), c.i32(SIGN)));
    });
    const h = high.get(), n = c.op('i64.clz', h), l = c.sub(c.i64(0), below), shifted = c.shl(l, n);
    doubt(c.isZero(h));
    high.set(c.or(c.shl(h, n), c.xor(c.op('i64.rotl', l, n), shifted)));
    low.set(shifted);
    exp.set(c.op('i32.sub', exp.get(), c.wrap(n)));
    doubt(isOutOfRange(c, exp.get()));
  }, () => {
    const sum = c.add(x, above);
    high.set(sum);
    c.when(c.op('i64.lt_u', sum, x), () => {
      high.set(c.or(c.shr(sum, 1), c.i64(INTEGER_BIT)));
      // The lowest bit only has to stay different from zero.
      low.set(c.or(c.or(c.shr(below, 1), c.and(below, c.i64(1))), c.shl(sum, 63)));
      exp.set(c.op('i32.add', exp.get(), c.i32(1)));
      doubt(isOutOfRange(c, exp.get()));
    });
  });
  return rounded(c, exp, high.get(), low.get(), doubt);
};

/** Of a factor or divisor that is a power of two, as many constants are, only the exponent counts. */
function unlessPower(c: Code, a: Float80, b: Float80, signExp: I32, doubt: Doubt, otherwise: () => Rounded): Rounded {
  const mant = c.variable(a.mant), exp = c.variable(signExp), isUp = c.variable(c.i32(0)), isInexact = c.variable(c.i32(0));
  c.when(c.op('i64.ne', b.mant, c.i64(INTEGER_BIT)), () => {
    const r = otherwise();
    mant.set(r.mant);
    exp.set(r.signExp);
    isUp.set(r.isUp);
    isInexact.set(r.isInexact);
  }, () => doubt(isOutOfRange(c, signExp)));
  return { mant: mant.get(), signExp: exp.get(), isUp: isUp.get(), isInexact: isInexact.get() };
}

export const multiply: Arithmetic = (c, a, b, doubt) => {
  requireNormal(c, a, doubt);
  requireNormal(c, b, doubt);
  const sum = c.op('i32.add', c.op('i32.add', a.signExp, b.signExp), c.i32(-BIAS));
  return unlessPower(c, a, b, sum, doubt, () => product(c, a, b, sum, doubt));
};

function product(c: Code, a: Float80, b: Float80, sum: I32, doubt: Doubt): Rounded {
  const word = (v: I64): I64 => c.extend(c.wrap(v)), a0 = word(a.mant), a1 = c.shr(a.mant, 32), b0 = word(b.mant), b1 = c.shr(b.mant, 32);
  const m1 = c.add(c.mul(a1, b0), c.shr(c.mul(a0, b0), 32)), m2 = c.add(c.mul(a0, b1), word(m1));
  const high = c.add(c.add(c.mul(a1, b1), c.shr(m1, 32)), c.shr(m2, 32)), low = c.mul(a.mant, b.mant);
  const n = c.xor(c.shr(high, 63), c.i64(1));
  const exp = c.variable(c.op('i32.sub', c.op('i32.add', sum, c.i32(1)), c.wrap(n)));
  doubt(isOutOfRange(c, exp.get()));
  return rounded(c, exp, c.or(c.shl(high, n), c.and(c.shr(low, 63), n)), c.shl(low, n), doubt);
}

/** 1.5 * 2^52: a double added to it has the integer that is nearest in its low bits. */
const MAGIC = 0x4338000000000000n, FRACTION_BITS = 52, BIAS64 = 1023;
/** Remainders are looked at without so many low bits. */
const REST_SHIFT = 45, REMAINDER_SHIFT = 46;

/**
 * Two digits of about 32 bits, each rounded to nearest from doubles, so that what remains may be negative: 64 bits of it are enough. The first estimate is at most
 * 2^-19.4 away from the digit's half, which is 2^44.6 of what remains, the second one 2^-18.6, which is 2^45.4: what is closer to it than that is looked at again, or in doubt. A quotient is never a half of the last place.
 */
function quotient(c: Code, a: Float80, b: Float80, difference: I32, doubt: Doubt): Rounded {
  const u = a.mant, v = b.mant, isLess = c.op('i64.lt_u', u, v), less = c.extend(isLess), magic = c.f64bits(MAGIC);
  const power = (e: number): I64 => c.i64(BigInt(BIAS64 + e) << BigInt(FRACTION_BITS));
  /** The significand as a number from 2^e on; its first bit counts one in the exponent. */
  const double = (x: I64, e: number): V<'f64'> => c.op('f64.reinterpret_i64', c.add(c.shr(x, 63 - FRACTION_BITS), power(e - 1)));
  const nearest = (x: V<'f64'>): I64 => c.sub(c.op('i64.reinterpret_f64', c.op('f64.add', x, magic)), c.i64(MAGIC));
  const divisor = double(v, 0), first = nearest(c.op('f64.div', double(u, 31), divisor));
  const rest = c.sub(c.shl(u, 31), c.mul(first, v)), part = (x: I64, n: number): I32 => c.wrap(c.shr(x, n));
  doubt(c.op('i32.lt_u', c.op('i32.sub', part(rest, REST_SHIFT), c.i32(2 ** (63 - REST_SHIFT) - 1)), c.i32(2)));
  const factor = c.op('f64.div', c.op('f64.reinterpret_i64', c.add(c.shl(less, FRACTION_BITS), power(-31))), divisor);
  const second = c.variable(nearest(c.op('f64.mul', c.op('f64.convert_i64_s', rest), factor)));
  const shifted = (x: I64): I64 => c.shl(c.shl(x, 32), less), half = c.shr(v, 1), remains = c.variable(c.sub(shifted(rest), c.mul(second.get(), v)));
  c.when(c.op('i32.ge_u', c.op('i32.sub', part(c.add(remains.get(), half), REMAINDER_SHIFT), c.i32(1)), c.op('i32.sub', part(v, REMAINDER_SHIFT), c.i32(2))), () => {
    // Of the largest divisors it may have gone beyond 64 bits.
    doubt(c.op('i32.eq', part(v, REMAINDER_SHIFT + 1), c.i32(2 ** (63 - REMAINDER_SHIFT) - 1)));
    const far = remains.get(), step = (condition: I32, by: bigint): void => c.when(condition, () => {
      second.set(c.add(second.get(), c.i64(by)));
      remains.set(by > 0n ? c.sub(far, v) : c.add(far, v));
    });
    step(c.op('i64.gt_s', far, half), 1n);
    step(c.op('i64.gt_s', c.sub(c.i64(0), far), half), -1n);
  }, undefined, true);
  const remainder = remains.get();
  const signExp = c.op('i32.sub', difference, isLess);
  doubt(isOutOfRange(c, signExp));
  return { mant: c.add(shifted(first), second.get()), signExp, isUp: part(remainder, 63), isInexact: c.op('i64.ne', remainder, c.i64(0)) };
}

export const divide: Arithmetic = (c, a, b, doubt) => {
  requireNormal(c, a, doubt);
  requireNormal(c, b, doubt);
  const difference = c.op('i32.add', c.op('i32.sub', a.signExp, b.signExp), c.i32(BIAS));
  return unlessPower(c, a, b, difference, doubt, () => quotient(c, a, b, difference, doubt));
};

// --- as routines: significand, sign and exponent, and how it went: negative: in doubt; bit 0: rounded up, bit 1: inexact ------------------------------------

const shared = (name: string, arithmetic: Arithmetic): Routine => routine(name, ['i64', 'i32', 'i64', 'i32'], ['i64', 'i32', 'i32'], (c, args) => {
  const [ma, sa, mb, sb] = args as [I64, I32, I64, I32], mant = c.variable(c.i64(0)), signExp = c.variable(c.i32(0)), outcome = c.variable(c.i32(-1));
  c.block(done => {
    const r = arithmetic(c, { mant: ma, signExp: sa }, { mant: mb, signExp: sb }, condition => c.when(condition, () => c.br(done), undefined, true));
    mant.set(r.mant);
    signExp.set(r.signExp);
    outcome.set(c.op('i32.or', r.isUp, c.op('i32.shl', r.isInexact, c.i32(1))));
  });
  return [mant.get(), signExp.get(), outcome.get()];
});
const ROUTINES = new Map<Arithmetic, Routine>([[add, shared('add80', add)], [multiply, shared('multiply80', multiply)], [divide, shared('divide80', divide)]]);

/** In place where the engine wants that, else by a call. */
export function compute(m: Machine, arithmetic: Arithmetic, a: Float80, b: Float80, doubt: Doubt): Rounded {
  if (m.placesRoutine()) return arithmetic(m, a, b, doubt);
  const [mant, signExp, outcome] = m.callRoutine(ROUTINES.get(arithmetic) as Routine, a.mant, a.signExp, b.mant, b.signExp) as [I64, I32, I32];
  doubt(m.op('i32.lt_s', outcome, m.i32(0)));
  return { mant, signExp, isUp: m.op('i32.and', outcome, m.i32(1)), isInexact: m.op('i32.and', outcome, m.i32(2)) };
}
