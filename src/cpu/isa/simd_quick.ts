// Floating point where the translator knows MXCSR: rounding to nearest, all exceptions masked, nothing flushed. What is left to look for, but for inexact results,
// is what sets a flag or what WebAssembly does otherwise: denormal operands, results out of range, NaNs. A value that has been looked at is
// remembered as ordinary: zero or a normal number.
import type { Machine, V } from './machine';

export type QuickKind = 'sum' | 'product' | 'quotient' | 'root' | 'order';
type Bits = 32 | 64;

/** Bit patterns without their sign. */
const SMALLEST = { 32: 0x00800000n, 64: 0x0010000000000000n } as const, INFINITY = { 32: 0x7f800000n, 64: 0x7ff0000000000000n } as const;

/** Leaves where a scalar is denormal, infinite or a NaN. */
export function requireOrdinary(m: Machine, bits: Bits, value: V, leave: () => void): void {
  if (!m.isOrdinary(value, bits)) m.unlessOrdinary(value, bits, () => requireRange(m, bits, value, undefined, leave));
}

/**
 * Leaves unless |value| is a number above the smallest normal one, or the value is zero and `mayBeZero`. The smallest normal number may be a rounded smaller one; a
 * product or quotient of zero, one that vanished.
 */
function requireRange(m: Machine, bits: Bits, value: V, mayBeZero: (() => V<'i32'>) | undefined, leave: () => void): void {
  const least = SMALLEST[bits] + 1n, limit = 2n * (INFINITY[bits] - least);
  if (bits === 64) {
    const doubled = m.shl(m.op('i64.reinterpret_f64', value as V<'f64'>), 1);
    m.when(m.op('i64.ge_u', m.add(doubled, m.steady(-2n * least)), m.steady(limit)), () => unlessZero(m, isZero(m, bits, value), mayBeZero, leave), undefined, true);
  } else {
    const doubled = m.op('i32.shl', m.op('i32.reinterpret_f32', value as V<'f32'>), m.i32(1));
    m.when(m.op('i32.ge_u', m.op('i32.sub', doubled, m.i32(Number(2n * least))), m.i32(Number(limit))), () => unlessZero(m, isZero(m, bits, value), mayBeZero, leave), undefined, true);
  }
  m.noteOrdinary(value, bits);
}

/** Asked seldom: so that what the usual way computes is of no use any more behind its comparison. */
const isZero = (m: Machine, bits: Bits, x: V): V<'i32'> => bits === 64 ? m.op('f64.eq', x as V<'f64'>, m.f64bits(0n)) : m.op('f32.eq', x as V<'f32'>, m.f32bits(0));

function unlessZero(m: Machine, isZero: V<'i32'>, mayBeZero: (() => V<'i32'>) | undefined, leave: () => void): void {
  m.when(m.op('i32.eqz', mayBeZero ? m.op('i32.and', isZero, mayBeZero()) : isZero), leave, undefined, true);
}

/** The looks that a scalar operation needs; `r` is its result. */
export function checkScalar(m: Machine, kind: QuickKind, bits: Bits, a: V, b: V, r: V, leave: () => void): void {
  requireOrdinary(m, bits, a, leave);
  if (kind !== 'root') requireOrdinary(m, bits, b, leave);
  switch (kind) {
    case 'order': m.noteOrdinary(r, bits); return;
    case 'sum': case 'root': requireRange(m, bits, r, undefined, leave); return;
    case 'product': requireRange(m, bits, r, () => m.op('i32.or', isZero(m, bits, a), isZero(m, bits, b)), leave); return;
    case 'quotient': requireRange(m, bits, r, () => isZero(m, bits, a), leave);
  }
}

type Vec = V<'v128'>;

/** A vector of two equal words: read from memory, since making one takes several instructions wherever it is wanted. */
const fromTable = (m: Machine, word: bigint): Vec => m.load('v128.load', m.table(Array.from({ length: 16 }, (_, i) => Number(word >> BigInt(8 * (i & 7)) & 0xffn))));

/** 1 unless a and b have so many low zeros that their product is exact: cheap, and true of small integers and their halves. */
export function mayRoundProduct(m: Machine, bits: Bits, a: V, b: V): V<'i32'> {
  if (bits === 64) return m.op('i64.ne', m.shl(m.or(m.op('i64.reinterpret_f64', a as V<'f64'>), m.op('i64.reinterpret_f64', b as V<'f64'>)), 64 - 27), m.i64(0));
  return m.op('i32.and', m.op('i32.or', m.op('i32.reinterpret_f32', a as V<'f32'>), m.op('i32.reinterpret_f32', b as V<'f32'>)), m.i32(0xfff));
}
export function mayRoundProducts(m: Machine, bits: Bits, parts: readonly { x: Vec; y: Vec }[]): V<'i32'> {
  const low = bits === 64 ? 0x7ffffffn : 0xfff00000fffn;
  return m.op('v128.any_true', m.op('v128.and', parts.map(({ x, y }) => m.op('v128.or', x, y)).reduce((p, q) => m.op('v128.or', p, q)), fromTable(m, low)));
}

type Shape = 'f64x2' | 'f32x4';

/** The same for vectors, 16 bytes each. */
export function checkVectors(m: Machine, kind: QuickKind, bits: Bits, parts: readonly { x: Vec; y: Vec; r: Vec }[], leave: () => void): void {
  const shape: Shape = bits === 64 ? 'f64x2' : 'f32x4', lanes = bits === 64 ? 'i64x2' : 'i32x4';
  const splat = (value: bigint): Vec => fromTable(m, bits === 64 ? BigInt.asUintN(64, value) : BigInt.asUintN(32, value) | BigInt.asUintN(32, value) << 32n);
  const sign = 1n << BigInt(bits - 1);
  /** Lanes whose pattern is not from `least` up to infinity: an unsigned comparison, by way of a signed one. */
  const outside = (value: Vec, least: bigint): Vec => {
    const size = m.op('v128.and', value, splat(sign - 1n));
    return m.op(`${lanes}.gt_s` as 'i64x2.gt_s', m.op(`${lanes}.add` as 'i64x2.add', size, splat(sign - least)), splat(INFINITY[bits] - least - 1n - sign));
  };
  /** Lanes are all ones or zero. */
  const isAny = (lanesOf: readonly Vec[]): V<'i32'> => m.op(`${lanes}.bitmask` as 'i64x2.bitmask', lanesOf.reduce((p, q) => m.op('v128.or', p, q)));
  const zeros = (value: Vec): Vec => m.op(`${shape}.eq` as 'f64x2.eq', value, m.v128(0n, 0n));
  const require = (values: readonly Vec[], least: bigint, mayBeZero: (i: number) => Vec | undefined): void => {
    const odd = values.map(value => outside(value, least));
    m.when(isAny(odd), () => {
      const bad = values.map((value, i) => { const may = mayBeZero(i), zero = zeros(value); return m.op('v128.andnot', odd[i] as Vec, may ? m.op('v128.and', zero, may) : zero); });
      m.when(isAny(bad), leave, undefined, true);
    }, undefined, true);
    for (const value of values) m.noteOrdinary(value, bits);
  };
  const operands = [...new Set(parts.flatMap(({ x, y }) => kind === 'root' ? [x] : [x, y]))].filter(value => !m.isOrdinary(value, bits));
  if (operands.length > 0) require(operands, SMALLEST[bits], () => undefined);
  const results = parts.map(({ r }) => r);
  switch (kind) {
    case 'order': for (const r of results) m.noteOrdinary(r, bits); return;
    case 'sum': case 'root': require(results, SMALLEST[bits], () => undefined); return;
    case 'product': require(results, SMALLEST[bits] + 1n, i => { const { x, y } = parts[i] as { x: Vec; y: Vec }; return m.op('v128.or', zeros(x), zeros(y)); }); return;
    case 'quotient': require(results, SMALLEST[bits] + 1n, i => zeros((parts[i] as { x: Vec }).x));
  }
}
