// The x87's transcendental functions in fixed-point integers of some two hundred bits, rounded once: within the one unit that the SDM promises (SDM 1,
// 8.3.10), and the same on every host. Reduction uses pi as exact as needed, not the 66 bits of real processors.
import * as soft from './softfloat80';
import { IE, PE, ZE, DE, UE, type F80, type F80Context } from './softfloat80';

/** Fraction bits of the fixed-point numbers. */
const FRACTION = 220;
const ONE = 1n << BigInt(FRACTION);
const BIAS = 16383;

const mulFixed = (a: bigint, b: bigint): bigint => (a * b) >> BigInt(FRACTION);
const divFixed = (a: bigint, b: bigint): bigint => (a << BigInt(FRACTION)) / b;

/** arctan(1/n) by its series, in fixed point with `bits` fraction bits. */
function arctanInverse(n: bigint, bits: number): bigint {
  let power = (1n << BigInt(bits)) / n, sum = power;
  for (let k = 3n, negative = true; power !== 0n; k += 2n, negative = !negative) {
    power /= n * n;
    sum += negative ? -(power / k) : power / k;
  }
  return sum;
}
const PI_BITS = FRACTION + 80;
/** pi by Machin's formula, with 80 bits more than the other numbers: enough to reduce arguments of 2^63. */
const PI_LONG = 4n * (4n * arctanInverse(5n, PI_BITS) - arctanInverse(239n, PI_BITS));
const PI = PI_LONG >> 80n;
/** 2 * artanh(t) = ln((1 + t) / (1 - t)) for |t| below 1/2. */
function twiceArtanh(t: bigint): bigint {
  const square = mulFixed(t, t);
  let power = t, sum = t;
  for (let k = 3n; power !== 0n && power !== -1n; k += 2n) { power = mulFixed(power, square); sum += power / k; }
  return 2n * sum;
}
const LN2 = twiceArtanh(ONE / 3n);

const sign = (a: F80): number => a.signExp >> 15;
const exponent = (a: F80): number => Math.max(a.signExp & 0x7fff, 1) - BIAS;
/** |a| in fixed point; exact unless a is tiny. */
const toFixed = (a: F80): bigint => { const shift = FRACTION + exponent(a) - 63; return shift >= 0 ? a.mant << BigInt(shift) : a.mant >> BigInt(-shift); };
/** A fixed-point result, never exact. */
const fromFixed = (value: bigint, c: F80Context): F80 => {
  const m = value < 0n ? -value : value;
  return soft.roundPack(value < 0n ? 1 : 0, -FRACTION - 1, m << 1n | 1n, c, 64);
};
/** Just below (or above) `a` in magnitude: the rounding of a function that equals its argument but for a very small part. */
const near = (a: F80, below: boolean, c: F80Context): F80 => soft.roundPack(sign(a), exponent(a) - 63 - 128, (a.mant << 128n) + (below ? -1n : 1n), c, 64);

/** NaN or unsupported operands: what any operation makes of them; undefined otherwise. Notes denormals. */
function special(a: F80, c: F80Context): F80 | undefined {
  if (soft.isUnsupported(a) || soft.isNaN80(a)) return soft.add(a, soft.ZERO, c);
  if (soft.isDenormal(a)) c.flags |= DE;
  return undefined;
}
const invalid = (c: F80Context): F80 => { c.flags |= IE; return soft.INDEFINITE; };
const infinity = (negative: boolean): F80 => ({ signExp: negative ? 0xffff : 0x7fff, mant: 1n << 63n });

/** sin and cos of |a| in fixed point, |a| from 2^-68 to 2^63. */
function sineFixed(a: F80): { sin: bigint; cos: bigint } {
  const long = exponent(a) - 63 + PI_BITS;
  const value = long >= 0 ? a.mant << BigInt(long) : a.mant >> BigInt(-long);
  const halfPi = PI_LONG / 2n;
  const quadrant = (value + halfPi / 2n) / halfPi, rest = (value - quadrant * halfPi) >> 80n;
  const square = mulFixed(rest, rest);
  const series = (first: bigint, from: bigint): bigint => {
    let term = first, total = first;
    for (let k = from; term !== 0n && term !== -1n; k += 2n) { term = -mulFixed(term, square) / (k * (k + 1n)); total += term; }
    return total;
  };
  const sinRest = series(rest, 2n), cosRest = series(ONE, 1n);
  const q = Number(quadrant & 3n);
  return { sin: [sinRest, cosRest, -sinRest, -cosRest][q] ?? 0n, cos: [cosRest, -sinRest, -cosRest, sinRest][q] ?? 0n };
}

/** sin and cos of |a| < 2^63 (or NaN, infinity). */
export function sine(a: F80, c: F80Context): { sin: F80; cos: F80 } {
  const s = special(a, c);
  if (s) return { sin: s, cos: s };
  if (soft.isInfinite(a)) { const value = invalid(c); return { sin: value, cos: value }; }
  if (soft.isZero(a)) return { sin: a, cos: soft.ONE };
  if (exponent(a) < -68) {
    c.flags |= PE;
    if (soft.isDenormal(a)) c.flags |= UE;
    return { sin: near(a, true, c), cos: near(soft.ONE, true, c) };
  }
  const { sin, cos } = sineFixed(a);
  return { sin: fromFixed(sign(a) ? -sin : sin, c), cos: fromFixed(cos, c) };
}

/** tan of |a| < 2^63 (or NaN, infinity). */
export function tangent(a: F80, c: F80Context): F80 {
  const s = special(a, c);
  if (s) return s;
  if (soft.isInfinite(a)) return invalid(c);
  if (soft.isZero(a)) return a;
  if (exponent(a) < -68) {
    c.flags |= PE;
    if (soft.isDenormal(a)) c.flags |= UE;
    return near(a, false, c);
  }
  const { sin, cos } = sineFixed(a), value = divFixed(sin, cos);
  return fromFixed(sign(a) ? -value : value, c);
}

/** F2XM1: 2^a - 1 for -1 <= a <= 1. */
export function exponential(a: F80, c: F80Context): F80 {
  const s = special(a, c);
  if (s) return s;
  if (soft.isZero(a)) return a;
  if (soft.isInfinite(a)) return sign(a) ? { signExp: 0xbfff, mant: 1n << 63n } : a;
  if (exponent(a) > 0) return a;
  if (exponent(a) === 0 && a.mant === 1n << 63n) return sign(a) ? { signExp: 0xbffe, mant: 1n << 63n } : soft.ONE;
  // a * ln 2 to full relative precision, then the series of e^t - 1.
  if (exponent(a) < -100) return soft.roundPack(sign(a), exponent(a) - 63 - FRACTION - 1, (a.mant * LN2) << 1n | 1n, c, 64);
  const magnitude = mulFixed(toFixed(a), LN2), t = sign(a) ? -magnitude : magnitude;
  let term = t, total = t;
  for (let k = 2n; term !== 0n && term !== -1n; k++) { term = mulFixed(term, t) / k; total += term; }
  return fromFixed(total, c);
}

/** FYL2X: y * log2(x); FYL2XP1 (`plusOne`): y * log2(x + 1). */
export function logarithm(x: F80, y: F80, plusOne: boolean, c: F80Context): F80 {
  if (soft.isUnsupported(x) || soft.isUnsupported(y) || soft.isNaN80(x) || soft.isNaN80(y)) return soft.multiply(x, y, c);
  const log = plusOne ? logOnePlus(x, c) : log2(x, y, c);
  if (log === undefined) return invalid(c);
  if (soft.isDenormal(x) || soft.isDenormal(y)) c.flags |= DE;
  if ('mant' in log) {
    // Zero, or an infinity: ordinary multiplication rules.
    if (soft.isInfinite(log) && soft.isZero(y)) return invalid(c);
    if (soft.isInfinite(y) && soft.isZero(log)) return invalid(c);
    return soft.multiply(log, y, { ...c, precision: 64 });
  }
  const negative = (log.value < 0n ? 1 : 0) ^ sign(y), m = log.value < 0n ? -log.value : log.value;
  if (soft.isInfinite(y)) return infinity(negative === 1);
  if (soft.isZero(y)) return { signExp: negative << 15, mant: 0n };
  const exact = log.exact;
  return soft.roundPack(negative, exponent(y) - 63 + log.scale - 1, (m * y.mant) << 1n | (exact ? 0n : 1n), c, 64);
}

type Log = F80 | { value: bigint; scale: number; exact: boolean } | undefined;
function log2(x: F80, y: F80, c: F80Context): Log {
  if (soft.isZero(x)) {
    if (soft.isZero(y)) return undefined;
    if (!soft.isInfinite(y)) c.flags |= ZE;
    return infinity(true);
  }
  if (sign(x)) return undefined;
  if (soft.isInfinite(x)) return infinity(false);
  const length = soft.bitLength(x.mant), e = exponent(x) - 63 + length - 1;
  const m = x.mant << BigInt(FRACTION - (length - 1));
  if (m === ONE) return e === 0 ? soft.ZERO : { value: BigInt(e), scale: 0, exact: true };
  // ln m over ln 2, with m brought near 1 so that the series is short and a logarithm near 0 keeps its precision.
  const high = m > (ONE * 3n) / 2n, centred = high ? m >> 1n : m;
  const ln = twiceArtanh(divFixed(centred - ONE, centred + ONE));
  return { value: (BigInt(high ? e + 1 : e) << BigInt(FRACTION)) + divFixed(ln, LN2), scale: -FRACTION, exact: false };
}
function logOnePlus(x: F80, c: F80Context): Log {
  if (soft.isZero(x)) return x;
  if (soft.isInfinite(x)) return sign(x) ? undefined : infinity(false);
  if (exponent(x) < -100) return { value: (sign(x) ? -1n : 1n) * ((x.mant << BigInt(2 * FRACTION)) / LN2), scale: exponent(x) - 63 - FRACTION, exact: false };
  const magnitude = toFixed(x), value = sign(x) ? -magnitude : magnitude;
  if (value <= -ONE) return value === -ONE ? (c.flags |= ZE, infinity(true)) : undefined;
  return { value: divFixed(twiceArtanhWide(value), LN2), scale: -FRACTION, exact: false };
}
/** ln(1 + v) for any v above -1: halved by square-root free reduction to the series' range. */
function twiceArtanhWide(v: bigint): bigint {
  let u = ONE + v, twos = 0n;
  while (u > (ONE * 3n) / 2n) { u >>= 1n; twos++; }
  while (u < (ONE * 3n) / 4n) { u <<= 1n; twos--; }
  return (twos === 0n ? twiceArtanh(divFixed(v, ONE + u)) : twiceArtanh(divFixed(u - ONE, u + ONE))) + twos * LN2;
}

/** FPATAN: the angle of the point (x, y), in the quadrant of their signs. */
export function arctangent(y: F80, x: F80, c: F80Context): F80 {
  if (soft.isUnsupported(x) || soft.isUnsupported(y) || soft.isNaN80(x) || soft.isNaN80(y)) return soft.add(x, y, c);
  if (soft.isDenormal(x) || soft.isDenormal(y)) c.flags |= DE;
  const negative = sign(y) === 1, left = sign(x) === 1;
  const angle = (value: bigint): F80 => fromFixed(negative ? -value : value, c);
  if (soft.isInfinite(y)) return angle(soft.isInfinite(x) ? (left ? (PI * 3n) / 4n : PI / 4n) : PI / 2n);
  if (soft.isZero(y) || soft.isInfinite(x)) return left ? angle(PI) : { signExp: negative ? 0x8000 : 0, mant: 0n };
  if (soft.isZero(x)) return angle(PI / 2n);
  const distance = exponent(y) - 63 + soft.bitLength(y.mant) - (exponent(x) - 63 + soft.bitLength(x.mant));
  if (distance < -100) return left ? angle(PI) : soft.divide(y, x, { ...c, precision: 64 });
  if (distance > 100) return angle(PI / 2n);
  const shift = exponent(y) - exponent(x);
  const scaled = (steep: boolean): bigint => {
    const n = steep ? x.mant : y.mant, d = steep ? y.mant : x.mant, by = (steep ? -shift : shift) + FRACTION;
    return by >= 0 ? (n << BigInt(by)) / d : n / (d << BigInt(-by));
  };
  const steep = shift > 0 || (shift === 0 && y.mant > x.mant);
  const base = arctanFixed(scaled(steep));
  const first = steep ? PI / 2n - base : base;
  return angle(left ? PI - first : first);
}

/** arctan of 0..1: reduced twice by t / (1 + sqrt(1 + t^2)), then the series. */
function arctanFixed(t: bigint): bigint {
  let u = t;
  for (let i = 0; i < 3; i++) u = divFixed(u, ONE + soft.integerSqrt((ONE + mulFixed(u, u)) << BigInt(FRACTION)));
  const square = mulFixed(u, u);
  let power = u, sum = u;
  for (let k = 3n; power !== 0n && power !== -1n; k += 2n) { power = -mulFixed(power, square); sum += power / k; }
  return sum << 3n;
}
