// 80-bit extended floating point, bit for bit as the x87 computes it with exceptions masked: add, multiply, divide, square root, remainder,
// compare, conversions, rounding. Not here: the register stack (x87.ts) and the transcendentals. Original: SDM 1, chapter 8; IEEE 754.
//
// A value is its memory image: 16 bits of sign and biased exponent, and a 64-bit significand with an explicit integer bit.

/** An 80-bit value as it lies in memory. */
export interface F80 { readonly signExp: number; readonly mant: bigint }

/** Exception flags, bits of the x87 status word. SDM 1, 8.1.3. */
export const IE = 1, DE = 2, ZE = 4, OE = 8, UE = 16, PE = 32;

/** The stack fault bit, set by the register stack beside IE. */
export const SF = 64;

/** Rounding control, as in the control word. */
export const RC_NEAREST = 0, RC_DOWN = 1, RC_UP = 2, RC_ZERO = 3;

/** How to round, and what happened: `flags` collects exceptions, `roundedUp` is C1 after an inexact result. */
export interface F80Context { rc: number; precision: 24 | 53 | 64; flags: number; roundedUp: boolean; masks: number }

/** A context with the given 16-bit control word. */
export function contextOf(controlWord: number): F80Context {
  const pc = (controlWord >> 8) & 3;
  return { rc: (controlWord >> 10) & 3, precision: pc === 0 ? 24 : pc === 2 ? 53 : 64, flags: 0, roundedUp: false, masks: controlWord & 0x3f };
}

const BIAS = 16383;
const MIN_EXP = 1 - BIAS;
/** What an unmasked overflow or underflow takes from or adds to the exponent of its result. SDM 1, 8.5.4. */
const BIAS_ADJUST = 24576;
const INTEGER_BIT = 1n << 63n;
const QUIET_BIT = 1n << 62n;
const MASK64 = (1n << 64n) - 1n;

export const INDEFINITE: F80 = { signExp: 0xffff, mant: INTEGER_BIT | QUIET_BIT };
export const ZERO: F80 = { signExp: 0, mant: 0n };
export const ONE: F80 = { signExp: BIAS, mant: INTEGER_BIT };

const signOf = (a: F80): number => a.signExp >> 15;
const exponentOf = (a: F80): number => a.signExp & 0x7fff;
const zero = (sign: number): F80 => ({ signExp: sign << 15, mant: 0n });
const infinity = (sign: number): F80 => ({ signExp: (sign << 15) | 0x7fff, mant: INTEGER_BIT });

export const isNaN80 = (a: F80): boolean => exponentOf(a) === 0x7fff && (a.mant & (INTEGER_BIT - 1n)) !== 0n && (a.mant & INTEGER_BIT) !== 0n;
export const isSignaling = (a: F80): boolean => isNaN80(a) && (a.mant & QUIET_BIT) === 0n;
export const isInfinite = (a: F80): boolean => exponentOf(a) === 0x7fff && a.mant === INTEGER_BIT;
export const isZero = (a: F80): boolean => exponentOf(a) === 0 && a.mant === 0n;
/** Pseudo-NaN, pseudo-infinity and unnormal encodings, which the 387 and later refuse as invalid operands. SDM 1, 8.2.2. */
export const isUnsupported = (a: F80): boolean => exponentOf(a) !== 0 && (a.mant & INTEGER_BIT) === 0n;
/** A denormal's exponent with the integer bit set: read as exponent 1. */
const isPseudoDenormal = (a: F80): boolean => exponentOf(a) === 0 && (a.mant & INTEGER_BIT) !== 0n;
export const isDenormal = (a: F80): boolean => exponentOf(a) === 0 && a.mant !== 0n;

/** A signaling NaN made quiet, with IE. */
export function quieted(a: F80, c: F80Context): F80 {
  if (!isSignaling(a)) return a;
  c.flags |= IE;
  return { signExp: a.signExp, mant: a.mant | QUIET_BIT };
}

export const negate = (a: F80): F80 => ({ signExp: a.signExp ^ 0x8000, mant: a.mant });
export const absolute = (a: F80): F80 => ({ signExp: a.signExp & 0x7fff, mant: a.mant });

/** Number of significant bits of a positive integer. */
export function bitLength(m: bigint): number {
  if (m === 0n) return 0;
  const high = m >> 64n;
  if (high !== 0n) return 64 + bitLength(high);
  const top = Number(m >> 32n);
  return top !== 0 ? 64 - Math.clz32(top) : 32 - Math.clz32(Number(m));
}

/** Rounds `m` by `shift` bits to the right; returns [quotient, inexact, away from zero]. */
function shiftRounded(m: bigint, shift: number, sign: number, rc: number): [bigint, boolean, boolean] {
  if (shift <= 0) return [m << BigInt(-shift), false, false];
  const n = BigInt(shift);
  const q = m >> n, rest = m - (q << n);
  if (rest === 0n) return [q, false, false];
  const half = 1n << (n - 1n);
  const up = rc === RC_NEAREST ? rest > half || (rest === half && (q & 1n) === 1n) : rc === RC_UP ? sign === 0 : rc === RC_DOWN ? sign === 1 : false;
  return [up ? q + 1n : q, true, up];
}

/** The value (-1)^sign * m * 2^exp rounded to `precision` bits into the 80-bit format. `m` may carry a sticky lowest bit. */
export function roundPack(sign: number, exp: number, m: bigint, c: F80Context, precision: number = c.precision): F80 {
  if (m === 0n) return zero(sign);
  const e = exp + bitLength(m) - 1;
  let [q, inexact, up] = shiftRounded(m, e - (precision - 1) - exp, sign, c.rc);
  let quantum = e - (precision - 1);
  const rounded = quantum + bitLength(q) - 1;
  // Unmasked, the result is as if exponents had no end, moved to where it can be written.
  if ((rounded < MIN_EXP && !(c.masks & UE)) || (rounded > BIAS && !(c.masks & OE))) {
    c.flags |= (rounded > BIAS ? OE : UE) | (inexact ? PE : 0);
    c.roundedUp = up;
    const moved = rounded + (rounded > BIAS ? -BIAS_ADJUST : BIAS_ADJUST);
    if (moved > BIAS || moved < MIN_EXP) {
      c.flags |= PE;
      return moved > BIAS ? infinity(sign) : zero(sign);
    }
    return { signExp: (sign << 15) | (moved + BIAS), mant: q << BigInt(64 - bitLength(q)) };
  }
  if (rounded < MIN_EXP) {
    // A denormal result keeps the precision's bit positions counted from the smallest exponent.
    quantum = MIN_EXP - (precision - 1);
    [q, inexact, up] = shiftRounded(m, quantum - exp, sign, c.rc);
    if (inexact) c.flags |= UE;
    c.flags |= inexact ? PE : 0;
    c.roundedUp = up;
    const mant = q << BigInt(64 - precision);
    return { signExp: (sign << 15) | ((mant & INTEGER_BIT) !== 0n ? 1 : 0), mant };
  }
  if (rounded > BIAS) {
    c.flags |= OE | PE;
    const toInfinity = c.rc === RC_NEAREST || (c.rc === RC_UP && sign === 0) || (c.rc === RC_DOWN && sign === 1);
    c.roundedUp = toInfinity;
    if (toInfinity) return infinity(sign);
    return { signExp: (sign << 15) | 0x7ffe, mant: (MASK64 >> BigInt(64 - precision)) << BigInt(64 - precision) };
  }
  if (inexact) c.flags |= PE;
  c.roundedUp = up;
  return { signExp: (sign << 15) | (rounded + BIAS), mant: q << BigInt(64 - bitLength(q)) };
}

/** value = mant * 2^scaleOf */
const scaleOf = (a: F80): number => Math.max(exponentOf(a), 1) - BIAS - 63;

/** The result for operands of which one is a NaN or unsupported; undefined when neither is. SDM 1, table 4-7. */
function nanResult(a: F80, b: F80, c: F80Context): F80 | undefined {
  if (isUnsupported(a) || isUnsupported(b)) { c.flags |= IE; return INDEFINITE; }
  const na = isNaN80(a), nb = isNaN80(b);
  if (!na && !nb) return undefined;
  if (isSignaling(a) || isSignaling(b)) c.flags |= IE;
  const quiet = (x: F80): F80 => ({ signExp: x.signExp, mant: x.mant | QUIET_BIT });
  if (!nb) return quiet(a);
  if (!na) return quiet(b);
  // Two NaNs: the quiet one when the other signals; else the larger significand; on a tie the positive one.
  if (isSignaling(a) !== isSignaling(b)) return isSignaling(a) ? b : a;
  if (a.mant !== b.mant) return quiet(a.mant > b.mant ? a : b);
  return quiet(signOf(a) <= signOf(b) ? a : b);
}

function noteDenormals(a: F80, b: F80, c: F80Context): void {
  if (isDenormal(a) || isDenormal(b)) c.flags |= DE;
}

function invalid(c: F80Context): F80 {
  c.flags |= IE;
  return INDEFINITE;
}

export function add(a: F80, b: F80, c: F80Context): F80 {
  const nan = nanResult(a, b, c);
  if (nan) return nan;
  if (isInfinite(a) && isInfinite(b) && signOf(a) !== signOf(b)) return invalid(c);
  noteDenormals(a, b, c);
  if (isInfinite(a)) return a;
  if (isInfinite(b)) return b;
  if (isZero(a) && isZero(b)) return zero(signOf(a) === signOf(b) ? signOf(a) : c.rc === RC_DOWN ? 1 : 0);
  // Far apart operands: the smaller one is only a sticky bit, so that the shift stays bounded.
  const [big, small] = scaleOf(a) + bitLength(a.mant) >= scaleOf(b) + bitLength(b.mant) ? [a, b] : [b, a];
  const distance = scaleOf(big) - scaleOf(small);
  let x = big.mant, y = small.mant, scale = scaleOf(small);
  if (distance > 192 && !isZero(small) && !isZero(big)) { x <<= 128n; y = 1n; scale = scaleOf(big) - 128; }
  else if (isZero(big)) return roundPack(signOf(small), scaleOf(small), small.mant, c);
  else if (isZero(small)) return roundPack(signOf(big), scaleOf(big), big.mant, c);
  else if (distance >= 0) x <<= BigInt(distance);
  else { y <<= BigInt(-distance); scale = scaleOf(big); }
  const sum = (signOf(big) ? -x : x) + (signOf(small) ? -y : y);
  if (sum === 0n) return zero(c.rc === RC_DOWN ? 1 : 0);
  return roundPack(sum < 0n ? 1 : 0, scale, sum < 0n ? -sum : sum, c);
}

export function subtract(a: F80, b: F80, c: F80Context): F80 {
  return nanResult(a, b, { ...c }) ? nanResult(a, b, c) ?? INDEFINITE : add(a, negate(b), c);
}

export function multiply(a: F80, b: F80, c: F80Context): F80 {
  const nan = nanResult(a, b, c);
  if (nan) return nan;
  const sign = signOf(a) ^ signOf(b);
  if ((isInfinite(a) && isZero(b)) || (isZero(a) && isInfinite(b))) return invalid(c);
  noteDenormals(a, b, c);
  if (isInfinite(a) || isInfinite(b)) return infinity(sign);
  return roundPack(sign, scaleOf(a) + scaleOf(b), a.mant * b.mant, c);
}

export function divide(a: F80, b: F80, c: F80Context): F80 {
  const nan = nanResult(a, b, c);
  if (nan) return nan;
  const sign = signOf(a) ^ signOf(b);
  if ((isInfinite(a) && isInfinite(b)) || (isZero(a) && isZero(b))) return invalid(c);
  if (isZero(b) && !isInfinite(a)) { c.flags |= ZE; return infinity(sign); }
  noteDenormals(a, b, c);
  if (isInfinite(a)) return infinity(sign);
  if (isInfinite(b) || isZero(a)) return zero(sign);
  const shift = BigInt(66 + Math.max(0, bitLength(b.mant) - bitLength(a.mant) + 1));
  const n = a.mant << shift;
  const q = n / b.mant;
  return roundPack(sign, scaleOf(a) - scaleOf(b) - Number(shift) - 1, (q << 1n) | (q * b.mant === n ? 0n : 1n), c);
}

/** Integer square root, rounded down. */
export function integerSqrt(n: bigint): bigint {
  if (n < 2n) return n;
  let x = 1n << BigInt((bitLength(n) + 1) >> 1);
  for (;;) {
    const y = (x + n / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

export function squareRoot(a: F80, c: F80Context): F80 {
  const nan = nanResult(a, a, c);
  if (nan) return nan;
  if (isZero(a)) return a;
  if (signOf(a)) return invalid(c);
  if (isInfinite(a)) return a;
  if (isDenormal(a)) c.flags |= DE;
  let scale = scaleOf(a) - 136, m = a.mant << 136n;
  if (scale & 1) { m <<= 1n; scale -= 1; }
  const root = integerSqrt(m);
  return roundPack(0, scale / 2 - 1, (root << 1n) | (root * root === m ? 0n : 1n), c);
}

/** Rounds to an integral value in the same format (FRNDINT). */
export function roundToIntegral(a: F80, c: F80Context): F80 {
  const nan = nanResult(a, a, c);
  if (nan) return nan;
  if (isInfinite(a) || isZero(a)) return a;
  if (isDenormal(a)) c.flags |= DE;
  if (scaleOf(a) >= 0) return a;
  const [q, inexact, up] = shiftRounded(a.mant, Math.min(-scaleOf(a), 70), signOf(a), c.rc);
  if (inexact) c.flags |= PE;
  c.roundedUp = up;
  return q === 0n ? zero(signOf(a)) : { ...roundPack(signOf(a), 0, q, { ...c, flags: 0 }, 64) };
}

/** The order of two values: -1, 0, 1; undefined when unordered. IE for signaling NaNs, and for quiet ones unless `quietly` (FUCOM). */
export function compare(a: F80, b: F80, c: F80Context, quietly: boolean): -1 | 0 | 1 | undefined {
  if (isUnsupported(a) || isUnsupported(b)) { c.flags |= IE; return undefined; }
  if (isNaN80(a) || isNaN80(b)) {
    if (!quietly || isSignaling(a) || isSignaling(b)) c.flags |= IE;
    return undefined;
  }
  noteDenormals(a, b, c);
  if (isZero(a) && isZero(b)) return 0;
  if (signOf(a) !== signOf(b)) return signOf(a) ? -1 : 1;
  const ea = Math.max(exponentOf(a), 1), eb = Math.max(exponentOf(b), 1);
  const magnitude = ea !== eb ? (isZero(a) ? -1 : isZero(b) ? 1 : ea < eb ? -1 : 1) : a.mant === b.mant ? 0 : a.mant < b.mant ? -1 : 1;
  return magnitude === 0 ? 0 : (magnitude < 0) === (signOf(a) === 0) ? -1 : 1;
}

/** From a signed integer of at most 64 bits: always exact. */
export function fromInteger(value: bigint): F80 {
  if (value === 0n) return ZERO;
  const sign = value < 0n ? 1 : 0, m = sign ? -value : value;
  return { signExp: (sign << 15) | (bitLength(m) - 1 + BIAS), mant: m << BigInt(64 - bitLength(m)) };
}

/** To a signed integer of `bits` bits; the integer indefinite (the most negative) with IE when it does not fit. `truncate`: FISTTP. */
export function toInteger(a: F80, bits: 16 | 32 | 64, c: F80Context, truncate = false): bigint {
  const lowest = -(1n << BigInt(bits - 1));
  if (isUnsupported(a) || exponentOf(a) === 0x7fff || scaleOf(a) > 0) {
    if (isZero(a)) return 0n;
    c.flags |= IE;
    return lowest;
  }
  const sign = signOf(a);
  const [q, inexact, up] = shiftRounded(a.mant, Math.min(-scaleOf(a), 70), sign, truncate ? RC_ZERO : c.rc);
  const value = sign ? -q : q;
  if (value < lowest || value >= -lowest) { c.flags |= IE; return lowest; }
  if (inexact) c.flags |= PE;
  c.roundedUp = up;
  return value;
}

interface Narrow { exponentBits: number; fractionBits: number }
const SINGLE: Narrow = { exponentBits: 8, fractionBits: 23 }, DOUBLE: Narrow = { exponentBits: 11, fractionBits: 52 };

function widen(bits: bigint, { exponentBits, fractionBits }: Narrow, c: F80Context): F80 {
  const sign = Number(bits >> BigInt(exponentBits + fractionBits)) & 1;
  const exponent = Number(bits >> BigInt(fractionBits)) & ((1 << exponentBits) - 1);
  const fraction = bits & ((1n << BigInt(fractionBits)) - 1n);
  const bias = (1 << (exponentBits - 1)) - 1;
  const aligned = fraction << BigInt(63 - fractionBits);
  if (exponent === (1 << exponentBits) - 1) {
    if (fraction === 0n) return infinity(sign);
    return { signExp: (sign << 15) | 0x7fff, mant: INTEGER_BIT | aligned };
  }
  if (exponent === 0) {
    if (fraction === 0n) return zero(sign);
    c.flags |= DE;
    return roundPack(sign, 1 - bias - fractionBits, fraction, { ...c }, 64);
  }
  return { signExp: (sign << 15) | (exponent - bias + BIAS), mant: INTEGER_BIT | aligned };
}

function narrow(a: F80, { exponentBits, fractionBits }: Narrow, c: F80Context): bigint {
  const sign = BigInt(signOf(a)) << BigInt(exponentBits + fractionBits);
  const top = (1n << BigInt(exponentBits)) - 1n;
  const bias = (1 << (exponentBits - 1)) - 1;
  const exponentField = (e: bigint): bigint => e << BigInt(fractionBits);
  if (isUnsupported(a)) { c.flags |= IE; return (1n << BigInt(exponentBits + fractionBits)) | exponentField(top) | (1n << BigInt(fractionBits - 1)); }
  if (isNaN80(a)) {
    if (isSignaling(a)) c.flags |= IE;
    return sign | exponentField(top) | ((a.mant | QUIET_BIT) & (INTEGER_BIT - 1n)) >> BigInt(63 - fractionBits);
  }
  if (isInfinite(a)) return sign | exponentField(top);
  if (isZero(a)) return sign;
  const scale = scaleOf(a), e = scale + bitLength(a.mant) - 1;
  const normalQuantum = e - fractionBits, floor = 1 - bias - fractionBits;
  let [q, inexact, up] = shiftRounded(a.mant, normalQuantum - scale, signOf(a), c.rc);
  const rounded = normalQuantum + bitLength(q) - 1;
  if (rounded < 1 - bias) {
    [q, inexact, up] = shiftRounded(a.mant, Math.min(floor - scale, 200), signOf(a), c.rc);
    if (inexact) c.flags |= UE | PE;
    c.roundedUp = up;
    return sign | q;
  }
  if (rounded > bias) {
    c.flags |= OE | PE;
    const toInfinity = c.rc === RC_NEAREST || (c.rc === RC_UP && sign === 0n) || (c.rc === RC_DOWN && sign !== 0n);
    c.roundedUp = toInfinity;
    return toInfinity ? sign | exponentField(top) : (sign | exponentField(top)) - 1n;
  }
  if (inexact) c.flags |= PE;
  c.roundedUp = up;
  const significand = bitLength(q) > fractionBits + 1 ? q >> 1n : q;
  return sign | exponentField(BigInt(rounded + bias)) | (significand & ((1n << BigInt(fractionBits)) - 1n));
}

/** Signaling NaNs stay as they are: the operation that uses them reports and quiets them (see `quieted`). */
export const fromFloat32 = (bits: number, c: F80Context): F80 => widen(BigInt(bits >>> 0), SINGLE, c);
export const fromFloat64 = (bits: bigint, c: F80Context): F80 => widen(bits, DOUBLE, c);
export const toFloat32 = (a: F80, c: F80Context): number => Number(narrow(a, SINGLE, c));
export const toFloat64 = (a: F80, c: F80Context): bigint => narrow(a, DOUBLE, c);

/** FSCALE: a * 2^trunc(b). */
export function scale(a: F80, b: F80, c: F80Context): F80 {
  const nan = nanResult(a, b, c);
  if (nan) return nan;
  if (isInfinite(b)) {
    if (isDenormal(a)) c.flags |= DE;
    if (signOf(b)) return isInfinite(a) ? invalid(c) : zero(signOf(a));
    return isZero(a) ? invalid(c) : infinity(signOf(a));
  }
  noteDenormals(a, b, c);
  if (isInfinite(a) || isZero(a)) return a;
  const by = exponentOf(b) > BIAS + 20 ? (signOf(b) ? -70000n : 70000n) : toInteger(b, 64, { ...c, flags: 0 }, true);
  const bounded = by > 70000n ? 70000 : by < -70000n ? -70000 : Number(by);
  return roundPack(signOf(a), scaleOf(a) + bounded, a.mant, c, 64);
}

/** FXTRACT: [exponent, significand]. */
export function extract(a: F80, c: F80Context): [F80, F80] {
  const nan = nanResult(a, a, c);
  if (nan) return [nan, nan];
  if (isInfinite(a)) return [infinity(0), a];
  if (isZero(a)) { c.flags |= ZE; return [infinity(1), a]; }
  if (isDenormal(a)) c.flags |= DE;
  const length = bitLength(a.mant);
  return [fromInteger(BigInt(scaleOf(a) + length - 1)), { signExp: (signOf(a) << 15) | BIAS, mant: a.mant << BigInt(64 - length) }];
}

/**
 * FPREM (`nearest` false: quotient truncated) and FPREM1 (rounded to nearest even), complete in one go when the exponents differ by less than 64,
 * else partial as the SDM describes. Returns the remainder, the low three bits of the
 * quotient (undefined where there is none: NaNs, zeros, infinities), and whether the reduction is incomplete (C2).
 */
export function remainder(a: F80, b: F80, nearest: boolean, c: F80Context): { value: F80; quotient: number | undefined; incomplete: boolean } {
  const nan = nanResult(a, b, c);
  if (nan) return { value: nan, quotient: undefined, incomplete: false };
  if (isInfinite(a) || isZero(b)) return { value: invalid(c), quotient: undefined, incomplete: false };
  noteDenormals(a, b, c);
  const unchanged: F80 = isPseudoDenormal(a) ? { signExp: a.signExp | 1, mant: a.mant } : a;
  if (isZero(a) || isInfinite(b)) return { value: unchanged, quotient: undefined, incomplete: false };
  const sign = signOf(a);
  const distance = scaleOf(a) + bitLength(a.mant) - (scaleOf(b) + bitLength(b.mant));
  const base = Math.min(scaleOf(a), scaleOf(b));
  if (distance >= 64) {
    // Partial: reduces the exponent difference by 32 to 63 bits. SDM 2A, FPREM.
    const n = 32 + (distance % 32);
    const x = a.mant << BigInt(scaleOf(a) - base), y = b.mant << BigInt(scaleOf(b) - base + distance - n);
    return { value: roundPack(sign, base, x % y, c, 64), quotient: 0, incomplete: true };
  }
  // A denormal that stays is a tiny result, of which an unmasked underflow hears.
  if (distance < -1) return { value: roundPack(sign, scaleOf(a), a.mant, c, 64), quotient: 0, incomplete: false };
  const x = a.mant << BigInt(scaleOf(a) - base), y = b.mant << BigInt(scaleOf(b) - base);
  let q = x / y, r = x - q * y, negative = sign;
  if (nearest && (2n * r > y || (2n * r === y && (q & 1n) === 1n))) { q += 1n; r = y - r; negative ^= 1; }
  const value = r === 0n ? zero(sign) : roundPack(negative, base, r, c, 64);
  return { value, quotient: Number(q & 7n), incomplete: false };
}

/** FBLD: eighteen packed decimal digits and a sign byte, low byte first. */
export function fromPackedDecimal(bytes: Uint8Array): F80 {
  let value = 0n;
  for (let i = 8; i >= 0; i--) { const b = bytes[i] ?? 0; value = value * 100n + BigInt((b >> 4) * 10 + (b & 15)); }
  const sign = (bytes[9] ?? 0) >> 7;
  return value === 0n ? zero(sign) : fromInteger(sign ? -value : value);
}

/** FBSTP: the packed decimal of the rounded value; the packed indefinite with IE when it has more than eighteen digits. */
export function toPackedDecimal(a: F80, c: F80Context): Uint8Array {
  const bytes = new Uint8Array(10);
  const trial = { ...c };
  const value = toInteger(a, 64, trial);
  const magnitude = value < 0n ? -value : value;
  if ((trial.flags & ~c.flags & IE) !== 0 || magnitude >= 1000000000000000000n) {
    c.flags |= IE;
    bytes.set([0, 0, 0, 0, 0, 0, 0, 0xc0, 0xff, 0xff]);
    return bytes;
  }
  Object.assign(c, { flags: trial.flags, roundedUp: trial.roundedUp });
  let rest = magnitude;
  for (let i = 0; i < 9; i++) { const d = Number(rest % 100n); rest /= 100n; bytes[i] = ((d / 10 | 0) << 4) | d % 10; }
  bytes[9] = signOf(a) << 7;
  return bytes;
}
