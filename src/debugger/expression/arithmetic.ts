// C's arithmetic: promotions, common types, conversions and operators over values. C11 6.3.1, 6.3.2, 6.5.
import { UserError } from '../../base/errors';
import { type BaseType, cTypes, type CType, isSigned, pointerTo, strip, typeName } from '../../dwarf/ctype';
import { bytesOf, type EvaluationContext, type Value, integerOf, isFloat, makeFloat, makeInteger, makeValue, numberOf } from './value';

/** Arrays become pointers to their first elements, functions pointers to themselves, references what they refer to. C11 6.3.2.1. */
export function decay(value: Value, context: EvaluationContext): Value {
  const type = strip(value.type);
  if (type.kind === 'reference' || type.kind === 'rvalueReference') return decay({ type: type.target, place: { address: integerOf(value, context) ?? 0n } }, context);
  if (type.kind !== 'array' && type.kind !== 'function') return value;
  if (type.kind === 'array' && type.isVector) return value;
  const { address } = value.place;
  if (address === undefined) throw new UserError(value.place.problem ?? 'the array is not in memory, so it has no address');
  return makeInteger(pointerTo(type.kind === 'array' ? type.element : value.type), address);
}

/** C11 6.3.1.1: what is smaller than an int becomes one. */
export function promotedType(value: Value): CType {
  const type = strip(value.type);
  if (type.kind === 'enum') return (type.size ?? 4) > 4 ? (type.isSigned ? cTypes.long : cTypes.unsignedLong) : type.isSigned || (type.size ?? 4) < 4 ? cTypes.int : cTypes.unsignedInt;
  if (type.kind !== 'base' || type.encoding === 'float' || type.encoding === 'complex') return type;
  const size = value.bits ? value.bits.size / 8 : type.size;
  if (size < 4 || (value.bits && value.bits.size < 32)) return cTypes.int;
  return type;
}

function integerType(size: number, isUnsigned: boolean, like: BaseType): CType {
  if (size >= 16) return isUnsigned ? cTypes.unsignedInt128 : cTypes.int128;
  if (size === 8) return like.name.includes('long long') ? (isUnsigned ? cTypes.unsignedLongLong : cTypes.longLong) : isUnsigned ? cTypes.unsignedLong : cTypes.long;
  return isUnsigned ? cTypes.unsignedInt : cTypes.int;
}

/** The type that both operands are converted to. C11 6.3.1.8. */
export function commonType(left: Value, right: Value): CType {
  const a = strip(promotedType(left)), b = strip(promotedType(right));
  if (a.kind !== 'base' || b.kind !== 'base') throw new UserError(`'${typeName(left.type)}' and '${typeName(right.type)}' cannot be combined`);
  if (a.encoding === 'float' || b.encoding === 'float') {
    if (a.encoding === 'float' && b.encoding === 'float') return a.size >= b.size ? a : b;
    return a.encoding === 'float' ? a : b;
  }
  const size = Math.max(a.size, b.size);
  const isUnsigned = (a.size === size && !isSigned(a)) || (b.size === size && !isSigned(b));
  return integerType(size, isUnsigned, a.size === size ? a : b);
}

/** Conversion as by assignment or a cast. C11 6.3, 6.5.4. */
export function convert(value: Value, to: CType, context: EvaluationContext): Value {
  const target = strip(to);
  if (target.kind === 'void') return { type: to, place: {} };
  if (target.kind === 'struct' || target.kind === 'union' || target.kind === 'class' || target.kind === 'array') {
    const from = strip(value.type);
    if (from === target || typeName(from) === typeName(target)) return { ...value, type: to };
    // gdb reads memory anew under an array type of the same or a smaller size.
    if (target.kind === 'array' && value.place.address !== undefined) return { type: to, place: { address: value.place.address } };
    throw new UserError(`'${typeName(value.type)}' cannot be converted to '${typeName(to)}'`);
  }
  const source = decay(value, context);
  const size = target.size ?? 0;
  if (target.kind === 'base' && target.encoding === 'float') {
    const number = numberOf(source, context);
    if (number === undefined || strip(source.type).kind === 'pointer') throw new UserError(`'${typeName(value.type)}' cannot be converted to '${typeName(to)}'`);
    // A long double that stays one keeps all its digits.
    if (isFloat(source.type) && strip(source.type).size === size) return makeValue(to, bytesOf(source, context).slice());
    return makeFloat(to, number);
  }
  if (target.kind === 'function') throw new UserError('nothing can be converted to a function');
  let integer = integerOf(source, context);
  if (integer === undefined && isFloat(source.type)) {
    const number = numberOf(source, context) ?? 0;
    if (target.kind === 'base' && target.encoding === 'boolean') return makeInteger(to, number !== 0 ? 1n : 0n);
    if (target.kind === 'pointer') throw new UserError(`'${typeName(value.type)}' cannot be converted to '${typeName(to)}'`);
    integer = Number.isFinite(number) ? BigInt(Math.trunc(number)) : 1n << BigInt(8 * size - 1);
  }
  if (integer === undefined) throw new UserError(`'${typeName(value.type)}' cannot be converted to '${typeName(to)}'`);
  if (target.kind === 'base' && target.encoding === 'boolean') integer = integer === 0n ? 0n : 1n;
  return makeInteger(to, integer);
}

export function isTrue(value: Value, context: EvaluationContext): boolean {
  const v = decay(value, context);
  const integer = integerOf(v, context);
  if (integer !== undefined) return integer !== 0n;
  const number = numberOf(v, context);
  if (number === undefined) throw new UserError(`'${typeName(value.type)}' is neither true nor false`);
  return number !== 0;
}

export function unary(operator: '-' | '+' | '~' | '!', value: Value, context: EvaluationContext): Value {
  const v = decay(value, context);
  if (operator === '!') return makeInteger(cTypes.int, isTrue(v, context) ? 0n : 1n);
  const type = promotedType(v);
  if (isFloat(type) && operator !== '~') return makeFloat(type, (operator === '-' ? -1 : 1) * (numberOf(v, context) ?? 0));
  const integer = strip(type).kind === 'base' ? integerOf(v, context) : undefined;
  if (integer === undefined) throw new UserError(`'${operator}' cannot be applied to '${typeName(value.type)}'`);
  return makeInteger(type, operator === '-' ? -integer : operator === '~' ? ~integer : integer);
}

const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '>', '<=', '>=']);

export function binary(operator: string, leftValue: Value, rightValue: Value, context: EvaluationContext): Value {
  const left = decay(leftValue, context), right = decay(rightValue, context);
  const a = strip(left.type), b = strip(right.type);
  if (a.kind === 'pointer' || b.kind === 'pointer') return pointers(operator, left, right, context);
  if (operator === '<<' || operator === '>>') return shift(operator, left, right, context);
  const type = commonType(left, right);
  if (isFloat(type)) return floats(operator, numberOf(left, context) ?? 0, numberOf(right, context) ?? 0, type);
  const x = integerOf(convert(left, type, context), context), y = integerOf(convert(right, type, context), context);
  if (x === undefined || y === undefined) throw new UserError(`'${operator}' cannot be applied to '${typeName(left.type)}' and '${typeName(right.type)}'`);
  if (comparisons.has(operator)) return makeInteger(cTypes.int, compare(operator, x, y) ? 1n : 0n);
  return makeInteger(type, integers(operator, x, y));
}

function integers(operator: string, x: bigint, y: bigint): bigint {
  switch (operator) {
    case '+': return x + y;
    case '-': return x - y;
    case '*': return x * y;
    case '/': if (y === 0n) throw new UserError('Division by zero'); return x / y;
    case '%': if (y === 0n) throw new UserError('Division by zero'); return x % y;
    case '&': return x & y;
    case '|': return x | y;
    case '^': return x ^ y;
    default: throw new UserError(`'${operator}' cannot be applied to numbers`);
  }
}

function shift(operator: string, left: Value, right: Value, context: EvaluationContext): Value {
  const type = promotedType(left);
  const x = integerOf(left, context), by = integerOf(right, context);
  if (x === undefined || by === undefined || isFloat(type)) throw new UserError(`'${operator}' cannot be applied to '${typeName(left.type)}' and '${typeName(right.type)}'`);
  if (by < 0n) throw new UserError(`a value cannot be shifted by ${by} bits`);
  const bits = BigInt(8 * (strip(type).size ?? 4));
  if (by >= bits) return makeInteger(type, operator === '>>' && x < 0n ? -1n : 0n);
  return makeInteger(type, operator === '<<' ? x << by : x >> by);
}

function floats(operator: string, x: number, y: number, type: CType): Value {
  switch (operator) {
    case '+': return makeFloat(type, x + y);
    case '-': return makeFloat(type, x - y);
    case '*': return makeFloat(type, x * y);
    case '/': return makeFloat(type, x / y);
    default:
      if (!comparisons.has(operator)) throw new UserError(`'${operator}' cannot be applied to floating-point numbers`);
      return makeInteger(cTypes.int, compare(operator, x, y) ? 1n : 0n);
  }
}

function compare<T extends bigint | number>(operator: string, x: T, y: T): boolean {
  switch (operator) {
    case '==': return x === y;
    case '!=': return x !== y;
    case '<': return x < y;
    case '>': return x > y;
    case '<=': return x <= y;
    default: return x >= y;
  }
}

/** The size of what a pointer points to; void and functions count as one byte, as in GNU C. */
export function targetSize(type: CType): bigint {
  const target = strip(type);
  if (target.kind === 'void' || target.kind === 'function') return 1n;
  if (target.size === undefined) throw new UserError(`the size of '${typeName(type)}' is not known`);
  return BigInt(target.size);
}

function pointers(operator: string, left: Value, right: Value, context: EvaluationContext): Value {
  const a = strip(left.type), b = strip(right.type);
  const x = integerOf(left, context), y = integerOf(right, context);
  if (x === undefined || y === undefined) throw new UserError(`'${operator}' cannot be applied to '${typeName(left.type)}' and '${typeName(right.type)}'`);
  if (comparisons.has(operator)) return makeInteger(cTypes.int, compare(operator, BigInt.asUintN(64, x), BigInt.asUintN(64, y)) ? 1n : 0n);
  if (a.kind === 'pointer' && b.kind === 'pointer') {
    const size = targetSize(a.target);
    if (operator !== '-' || size === 0n) throw new UserError(`'${operator}' cannot be applied to two pointers`);
    return makeInteger(cTypes.long, BigInt.asIntN(64, x - y) / size);
  }
  if (a.kind === 'pointer' && (operator === '+' || operator === '-')) return makeInteger(left.type, x + (operator === '+' ? y : -y) * targetSize(a.target));
  if (b.kind === 'pointer' && operator === '+') return makeInteger(right.type, y + x * targetSize(b.target));
  // gdb lets a person mask a pointer: it is an integer then.
  return makeInteger(cTypes.long, integers(operator, x, y));
}
