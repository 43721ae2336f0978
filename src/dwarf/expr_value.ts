// Arithmetic on the typed values of DWARF expressions: the generic 64-bit type and base types. DWARF5 2.5.1.4, 2.5.1.6.
import { FormatError } from '../base/errors';
import { DW_ATE, DW_OP } from './constants';

/** `encoding` is a DW_ATE; undefined is the generic type: address-sized, of no sign. */
export interface ValueType { size: number; encoding?: number }
/** `value`: the raw bits, unsigned. */
export interface TypedValue { type: ValueType; value: bigint }

export const generic: ValueType = { size: 8 };

export function mask(value: bigint, size: number): bigint {
  return BigInt.asUintN(size * 8, value);
}

const isFloat = (type: ValueType): boolean => type.encoding === DW_ATE.float;
const isSignedType = (type: ValueType): boolean => type.encoding === DW_ATE.signed || type.encoding === DW_ATE.signed_char;
const signed = (v: TypedValue): bigint => BigInt.asIntN(v.type.size * 8, v.value);
/** As the type has it: the generic type is unsigned here. */
const exact = (v: TypedValue): bigint => isSignedType(v.type) ? signed(v) : v.value;

const scratch = new DataView(new ArrayBuffer(16));

function toNumber(v: TypedValue): number {
  if (!isFloat(v.type)) return Number(exact(v));
  if (v.type.size === 4) { scratch.setUint32(0, Number(v.value), true); return scratch.getFloat32(0, true); }
  if (v.type.size === 8) { scratch.setBigUint64(0, v.value, true); return scratch.getFloat64(0, true); }
  return float80ToNumber(v.value);
}

/** The nearest double of an 80-bit x87 value's bits. */
export function float80ToNumber(bits: bigint): number {
  const mantissa = BigInt.asUintN(64, bits);
  const exponent = Number((bits >> 64n) & 0x7fffn);
  const sign = (bits >> 79n) & 1n ? -1 : 1;
  if (exponent === 0x7fff) return mantissa << 1n & 0xffff_ffff_ffff_ffffn ? NaN : sign * Infinity;
  if (mantissa === 0n) return sign * 0;
  const scale = exponent - 16383 - 63;
  // Two steps, so that neither factor overflows or becomes denormal on its own.
  return sign * Number(mantissa) * 2 ** Math.max(-1000, Math.min(900, scale)) * 2 ** (scale - Math.max(-1000, Math.min(900, scale)));
}

/** The 80-bit x87 bits of a double. */
export function numberToFloat80(number: number): bigint {
  scratch.setFloat64(0, number, true);
  const bits = scratch.getBigUint64(0, true);
  const sign = (bits >> 63n) << 79n;
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  if (exponent === 0x7ff) return sign | (0x7fffn << 64n) | (1n << 63n) | (fraction << 11n);
  if (exponent === 0) {
    if (fraction === 0n) return sign;
    const shift = 64 - fraction.toString(2).length;
    return sign | (BigInt(16383 - 1022 + 11 - shift) << 64n) | (fraction << BigInt(shift));
  }
  return sign | (BigInt(exponent - 1023 + 16383) << 64n) | (1n << 63n) | (fraction << 11n);
}

function fromNumber(number: number, type: ValueType): TypedValue {
  if (!isFloat(type)) return { type, value: Number.isFinite(number) ? mask(BigInt(Math.trunc(number)), type.size) : 0n };
  if (type.size === 4) { scratch.setFloat32(0, number, true); return { type, value: BigInt(scratch.getUint32(0, true)) }; }
  if (type.size === 8) { scratch.setFloat64(0, number, true); return { type, value: scratch.getBigUint64(0, true) }; }
  return { type, value: numberToFloat80(number) };
}

export function convert(value: TypedValue, type: ValueType): TypedValue {
  if (isFloat(value.type) || isFloat(type)) return fromNumber(toNumber(value), type);
  return { type, value: mask(exact(value), type.size) };
}

export function unary(code: number, v: TypedValue): TypedValue {
  if (code === DW_OP.not) return { type: v.type, value: mask(~v.value, v.type.size) };
  if (isFloat(v.type)) { const n = toNumber(v); return fromNumber(code === DW_OP.abs ? Math.abs(n) : -n, v.type); }
  const n = v.type.encoding === undefined || isSignedType(v.type) ? signed(v) : v.value;
  return { type: v.type, value: mask(code === DW_OP.abs ? (n < 0n ? -n : n) : -n, v.type.size) };
}

export function binary(code: number, left: TypedValue, right: TypedValue): TypedValue {
  const { type } = left;
  if (isFloat(type) || isFloat(right.type)) return binaryFloat(code, toNumber(left), toNumber(right), type);
  const x = left.value, y = right.value;
  // DWARF5 2.5.1.4: div and the relations of the generic type are signed, mod is unsigned.
  const isSigned = type.encoding === undefined || isSignedType(type);
  const sx = isSigned ? signed(left) : x, sy = isSigned ? signed(right) : y;
  const result = (value: bigint): TypedValue => ({ type, value: mask(value, type.size) });
  const truth = (value: boolean): TypedValue => ({ type: generic, value: value ? 1n : 0n });
  const bits = BigInt(type.size * 8);
  switch (code) {
    case DW_OP.and: return result(x & y);
    case DW_OP.or: return result(x | y);
    case DW_OP.xor: return result(x ^ y);
    case DW_OP.plus: return result(x + y);
    case DW_OP.minus: return result(x - y);
    case DW_OP.mul: return result(x * y);
    case DW_OP.div: if (y === 0n) throw new FormatError('expression', 0, 'the expression divides by zero'); return result(sx / sy);
    case DW_OP.mod: if (y === 0n) throw new FormatError('expression', 0, 'the expression divides by zero'); return result(isSignedType(type) ? sx % sy : x % y);
    case DW_OP.shl: return result(y >= bits ? 0n : x << y);
    case DW_OP.shr: return result(y >= bits ? 0n : x >> y);
    case DW_OP.shra: return result(signed(left) >> (y >= bits ? bits : y));
    case DW_OP.eq: return truth(x === y);
    case DW_OP.ne: return truth(x !== y);
    case DW_OP.lt: return truth(sx < sy);
    case DW_OP.le: return truth(sx <= sy);
    case DW_OP.gt: return truth(sx > sy);
    default: return truth(sx >= sy);
  }
}

function binaryFloat(code: number, x: number, y: number, type: ValueType): TypedValue {
  const truth = (value: boolean): TypedValue => ({ type: generic, value: value ? 1n : 0n });
  switch (code) {
    case DW_OP.plus: return fromNumber(x + y, type);
    case DW_OP.minus: return fromNumber(x - y, type);
    case DW_OP.mul: return fromNumber(x * y, type);
    case DW_OP.div: return fromNumber(x / y, type);
    case DW_OP.eq: return truth(x === y);
    case DW_OP.ne: return truth(x !== y);
    case DW_OP.lt: return truth(x < y);
    case DW_OP.le: return truth(x <= y);
    case DW_OP.gt: return truth(x > y);
    case DW_OP.ge: return truth(x >= y);
    default: throw new FormatError('expression', 0, 'the operation does not exist for floating-point values');
  }
}
