// Binary32 and binary64 arithmetic exactly as SSE defines it, flags included: what the float instructions fall back on whenever the fast path cannot
// know the flags. Values are their bits as BigInts. Original: IEEE 754, SDM 1 chapter 11 and table 4-7 (NaNs).
import { bitLength, DE, IE, integerSqrt, OE, PE, RC_DOWN, RC_NEAREST, RC_UP, RC_ZERO, UE, ZE } from './softfloat80';

/** A format: total bits, fraction bits, exponent bias. */
export interface Format { readonly bits: number; readonly fraction: number; readonly bias: number; readonly exponentMask: number }
export const F16: Format = { bits: 16, fraction: 10, bias: 15, exponentMask: 0x1f };
export const F32: Format = { bits: 32, fraction: 23, bias: 127, exponentMask: 0xff };
export const F64: Format = { bits: 64, fraction: 52, bias: 1023, exponentMask: 0x7ff };

/** Rounding control, denormals-are-zero, flush-to-zero; `flags` collects exceptions (bits of MXCSR). */
export interface FloatContext { rc: number; daz: boolean; ftz: boolean; flags: number; masks: number }

/** The context of an MXCSR value, with no exceptions yet. */
export const contextOfMxcsr = (mxcsr: number): FloatContext =>
  ({ rc: (mxcsr >> 13) & 3, daz: (mxcsr & 0x40) !== 0, ftz: (mxcsr & 0x8000) !== 0, flags: 0, masks: (mxcsr >> 7) & 0x3f });

interface Unpacked { sign: number; kind: 'zero' | 'finite' | 'infinity' | 'nan'; mant: bigint; exp: number; signaling: boolean; denormal: boolean; bits: bigint }

const signBit = (f: Format): bigint => 1n << BigInt(f.bits - 1);
const infinityBits = (f: Format, sign: number): bigint => (sign ? signBit(f) : 0n) | BigInt(f.exponentMask) << BigInt(f.fraction);
const zeroBits = (f: Format, sign: number): bigint => sign ? signBit(f) : 0n;
const quietBit = (f: Format): bigint => 1n << BigInt(f.fraction - 1);
/** The real indefinite: the default NaN. */
export const indefinite = (f: Format): bigint => infinityBits(f, 1) | quietBit(f);

function unpack(f: Format, bits: bigint, c: FloatContext): Unpacked {
  const sign = Number(bits >> BigInt(f.bits - 1)), e = Number(bits >> BigInt(f.fraction)) & f.exponentMask, fraction = bits & ((1n << BigInt(f.fraction)) - 1n);
  const base = { sign, mant: 0n, exp: 0, signaling: false, denormal: false, bits };
  if (e === f.exponentMask) {
    if (fraction === 0n) return { ...base, kind: 'infinity' };
    return { ...base, kind: 'nan', signaling: (fraction & quietBit(f)) === 0n };
  }
  if (e === 0) {
    if (fraction === 0n || c.daz) return { ...base, kind: 'zero', bits: zeroBits(f, sign) };
    return { ...base, kind: 'finite', mant: fraction, exp: 1 - f.bias - f.fraction, denormal: true };
  }
  return { ...base, kind: 'finite', mant: fraction | 1n << BigInt(f.fraction), exp: e - f.bias - f.fraction };
}

function shiftRounded(m: bigint, shift: number, sign: number, rc: number): [bigint, boolean] {
  if (shift <= 0) return [m << BigInt(-shift), false];
  const n = BigInt(shift), q = m >> n, rest = m - (q << n);
  if (rest === 0n) return [q, false];
  const half = 1n << (n - 1n);
  const up = rc === RC_NEAREST ? rest > half || (rest === half && (q & 1n) === 1n) : rc === RC_UP ? sign === 0 : rc === RC_DOWN ? sign === 1 : false;
  return [up ? q + 1n : q, true];
}

/** (-1)^sign * m * 2^exp, rounded into the format. `m` may carry a sticky lowest bit below the rounding position. */
function pack(f: Format, sign: number, exp: number, m: bigint, c: FloatContext): bigint {
  if (m === 0n) return zeroBits(f, sign);
  const quantum = exp + bitLength(m) - 1 - f.fraction;
  const [q, inexact] = shiftRounded(m, quantum - exp, sign, c.rc);
  const e = quantum + bitLength(q) - 1;
  if (e < 1 - f.bias) {
    const floor = 1 - f.bias - f.fraction;
    const [d, lost] = shiftRounded(m, Math.min(floor - exp, bitLength(m) + 2), sign, c.rc);
    if (c.ftz && (c.masks & UE)) { c.flags |= UE | PE; return zeroBits(f, sign); }
    if (lost || !(c.masks & UE)) c.flags |= UE;
    // Unmasked, the result is rounded as if exponents had no end.
    if (c.masks & UE ? lost : inexact) c.flags |= PE;
    return zeroBits(f, sign) | d;
  }
  if (e > f.bias) {
    c.flags |= OE | (inexact || c.masks & OE ? PE : 0);
    const toInfinity = c.rc === RC_NEAREST || (c.rc === RC_UP && !sign) || (c.rc === RC_DOWN && sign);
    return toInfinity ? infinityBits(f, sign) : infinityBits(f, sign) - 1n;
  }
  if (inexact) c.flags |= PE;
  const significand = bitLength(q) > f.fraction + 1 ? q >> 1n : q;
  return zeroBits(f, sign) | BigInt(e + f.bias) << BigInt(f.fraction) | (significand & ((1n << BigInt(f.fraction)) - 1n));
}

/** The NaN of an operation: the first operand that is one, made quiet. */
function nanOf(f: Format, operands: readonly Unpacked[], c: FloatContext): bigint | undefined {
  if (operands.some(o => o.signaling)) c.flags |= IE;
  const nan = operands.find(o => o.kind === 'nan');
  return nan && nan.bits | quietBit(f);
}

function invalid(f: Format, c: FloatContext): bigint {
  c.flags |= IE;
  return indefinite(f);
}

const noteDenormals = (c: FloatContext, ...operands: Unpacked[]): void => { if (operands.some(o => o.denormal)) c.flags |= DE; };

export type BinaryOp = (f: Format, a: bigint, b: bigint, c: FloatContext) => bigint;

function sum(f: Format, x: Unpacked, y: Unpacked, c: FloatContext): bigint {
  if (x.kind === 'infinity' || y.kind === 'infinity') {
    if (x.kind === y.kind && x.sign !== y.sign) return invalid(f, c);
    noteDenormals(c, x, y);
    return infinityBits(f, x.kind === 'infinity' ? x.sign : y.sign);
  }
  noteDenormals(c, x, y);
  if (x.kind === 'zero' && y.kind === 'zero') return zeroBits(f, x.sign === y.sign ? x.sign : c.rc === RC_DOWN ? 1 : 0);
  return exactSum(f, x.sign ? -x.mant : x.mant, x.exp, y.sign ? -y.mant : y.mant, y.exp, c);
}

function exactSum(f: Format, a: bigint, aExp: number, b: bigint, bExp: number, c: FloatContext): bigint {
  if (a === 0n) return b === 0n ? zeroBits(f, c.rc === RC_DOWN ? 1 : 0) : pack(f, b < 0n ? 1 : 0, bExp, b < 0n ? -b : b, c);
  if (b === 0n) return pack(f, a < 0n ? 1 : 0, aExp, a < 0n ? -a : a, c);
  const exp = Math.min(aExp, bExp);
  const total = (a << BigInt(aExp - exp)) + (b << BigInt(bExp - exp));
  if (total === 0n) return zeroBits(f, c.rc === RC_DOWN ? 1 : 0);
  return pack(f, total < 0n ? 1 : 0, exp, total < 0n ? -total : total, c);
}

export const add: BinaryOp = (f, a, b, c) => {
  const x = unpack(f, a, c), y = unpack(f, b, c);
  return nanOf(f, [x, y], c) ?? sum(f, x, y, c);
};
export const sub: BinaryOp = (f, a, b, c) => {
  const x = unpack(f, a, c), y = unpack(f, b, c);
  return nanOf(f, [x, y], c) ?? sum(f, x, { ...y, sign: y.sign ^ 1 }, c);
};
export const mul: BinaryOp = (f, a, b, c) => {
  const x = unpack(f, a, c), y = unpack(f, b, c), nan = nanOf(f, [x, y], c);
  if (nan !== undefined) return nan;
  const sign = x.sign ^ y.sign;
  if ((x.kind === 'infinity' && y.kind === 'zero') || (x.kind === 'zero' && y.kind === 'infinity')) return invalid(f, c);
  noteDenormals(c, x, y);
  if (x.kind === 'infinity' || y.kind === 'infinity') return infinityBits(f, sign);
  return pack(f, sign, x.exp + y.exp, x.mant * y.mant, c);
};
export const div: BinaryOp = (f, a, b, c) => {
  const x = unpack(f, a, c), y = unpack(f, b, c), nan = nanOf(f, [x, y], c);
  if (nan !== undefined) return nan;
  const sign = x.sign ^ y.sign;
  if (x.kind === y.kind && x.kind !== 'finite') return invalid(f, c);
  if (y.kind === 'zero' && x.kind !== 'infinity') { c.flags |= ZE; return infinityBits(f, sign); }
  noteDenormals(c, x, y);
  if (x.kind === 'infinity') return infinityBits(f, sign);
  if (y.kind === 'infinity' || x.kind === 'zero') return zeroBits(f, sign);
  const n = x.mant << 120n, q = n / y.mant;
  return pack(f, sign, x.exp - y.exp - 121, q << 1n | (q * y.mant === n ? 0n : 1n), c);
};
export function sqrt(f: Format, a: bigint, c: FloatContext): bigint {
  const x = unpack(f, a, c), nan = nanOf(f, [x], c);
  if (nan !== undefined) return nan;
  if (x.kind === 'zero') return x.bits;
  if (x.sign) return invalid(f, c);
  if (x.kind === 'infinity') return x.bits;
  noteDenormals(c, x);
  let m = x.mant << 120n, exp = x.exp - 120;
  if (exp & 1) { m <<= 1n; exp -= 1; }
  const root = integerSqrt(m);
  return pack(f, 0, exp / 2 - 1, root << 1n | (root * root === m ? 0n : 1n), c);
}
/** a * b + d with one rounding; `negateProduct` and `negateAddend` change signs after the NaN rules looked at the operands in this order. */
export function fma(f: Format, a: bigint, b: bigint, d: bigint, negateProduct: boolean, negateAddend: boolean, c: FloatContext, nanOrder: readonly [0 | 1 | 2, 0 | 1 | 2, 0 | 1 | 2]): bigint {
  const u = [unpack(f, a, c), unpack(f, b, c), unpack(f, d, c)] as const, [x, y, z] = u;
  const productInvalid = (x.kind === 'infinity' && y.kind === 'zero') || (x.kind === 'zero' && y.kind === 'infinity');
  const nan = nanOf(f, nanOrder.map(i => u[i]), c);
  if (nan !== undefined) return nan;
  if (productInvalid) return invalid(f, c);
  const sign = x.sign ^ y.sign ^ (negateProduct ? 1 : 0), addendSign = z.sign ^ (negateAddend ? 1 : 0);
  if (x.kind === 'infinity' || y.kind === 'infinity') {
    if (z.kind === 'infinity' && addendSign !== sign) return invalid(f, c);
    noteDenormals(c, x, y, z);
    return infinityBits(f, sign);
  }
  noteDenormals(c, x, y, z);
  if (z.kind === 'infinity') return infinityBits(f, addendSign);
  const product = x.mant * y.mant;
  if (product === 0n && z.mant === 0n) return zeroBits(f, sign === addendSign ? sign : c.rc === RC_DOWN ? 1 : 0);
  return exactSum(f, sign ? -product : product, x.exp + y.exp, addendSign ? -z.mant : z.mant, z.exp, c);
}

/** MINxx and MAXxx: the second operand when either is a NaN or both are zero. */
const extreme = (greatest: boolean): BinaryOp => (f, a, b, c) => {
  const x = unpack(f, a, c), y = unpack(f, b, c);
  if (x.kind === 'nan' || y.kind === 'nan') { c.flags |= IE; return b === y.bits ? b : y.bits; }
  noteDenormals(c, x, y);
  const order = compareFinite(x, y);
  return (greatest ? order > 0 : order < 0) ? x.bits : y.bits;
};
export const min = extreme(false), max = extreme(true);

function compareFinite(x: Unpacked, y: Unpacked): number {
  const value = (u: Unpacked): number => u.kind === 'zero' ? 0 : u.sign ? -1 : 1;
  if (value(x) !== value(y)) return value(x) - value(y);
  if (value(x) === 0) return 0;
  const magnitude = x.kind === 'infinity' ? (y.kind === 'infinity' ? 0 : 1) : y.kind === 'infinity' ? -1 : magnitudes(x, y);
  return x.sign ? -magnitude : magnitude;
}
function magnitudes(x: Unpacked, y: Unpacked): number {
  const exp = Math.min(x.exp, y.exp), a = x.mant << BigInt(x.exp - exp), b = y.mant << BigInt(y.exp - exp);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** -1, 0, 1 or undefined when unordered. IE for signaling NaNs, and for any NaN when `signaling`. */
export function compare(f: Format, a: bigint, b: bigint, signaling: boolean, c: FloatContext): number | undefined {
  const x = unpack(f, a, c), y = unpack(f, b, c);
  if (x.kind === 'nan' || y.kind === 'nan') {
    if (signaling || x.signaling || y.signaling) c.flags |= IE;
    return undefined;
  }
  noteDenormals(c, x, y);
  return Math.sign(compareFinite(x, y));
}

/** From one format to another. */
export function convert(from: Format, to: Format, a: bigint, c: FloatContext): bigint {
  const x = unpack(from, a, c);
  if (x.kind === 'nan') {
    if (x.signaling) c.flags |= IE;
    const fraction = (a & ((1n << BigInt(from.fraction)) - 1n)) | quietBit(from);
    const moved = to.fraction >= from.fraction ? fraction << BigInt(to.fraction - from.fraction) : fraction >> BigInt(from.fraction - to.fraction);
    return infinityBits(to, x.sign) | moved;
  }
  if (x.kind === 'infinity') return infinityBits(to, x.sign);
  if (x.kind === 'zero') return zeroBits(to, x.sign);
  noteDenormals(c, x);
  return pack(to, x.sign, x.exp, x.mant, c);
}

export function fromInteger(f: Format, value: bigint, c: FloatContext): bigint {
  if (value === 0n) return 0n;
  return pack(f, value < 0n ? 1 : 0, 0, value < 0n ? -value : value, c);
}

/** To a signed integer of `bits` bits: the integer indefinite with IE when it does not fit. */
export function toInteger(f: Format, a: bigint, bits: 32 | 64, truncate: boolean, c: FloatContext): bigint {
  const x = unpack(f, a, c), lowest = -(1n << BigInt(bits - 1));
  if (x.kind === 'zero') return 0n;
  if (x.kind !== 'finite') { c.flags |= IE; return lowest; }
  const [q, inexact] = shiftRounded(x.mant, Math.min(-x.exp, 70), x.sign, truncate ? RC_ZERO : c.rc);
  const value = x.sign ? -q : q;
  if (value < lowest || value >= -lowest) { c.flags |= IE; return lowest; }
  if (inexact) c.flags |= PE;
  return value;
}

/** ROUNDxx: to an integral value by `rc`; PE unless `quietly`. */
export function roundToIntegral(f: Format, a: bigint, rc: number, quietly: boolean, c: FloatContext): bigint {
  const x = unpack(f, a, c), nan = nanOf(f, [x], c);
  if (nan !== undefined) return nan;
  if (x.kind !== 'finite' || x.exp >= 0) return x.bits;
  const [q, inexact] = shiftRounded(x.mant, Math.min(-x.exp, 70), x.sign, rc);
  if (inexact && !quietly) c.flags |= PE;
  return pack(f, x.sign, 0, q, { ...c, flags: 0 });
}
