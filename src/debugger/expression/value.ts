// Values of a program: a type and bytes, which may stand in memory, in a register or nowhere. Loading and making numbers.
// Not here: their parts (../parts.ts), printing (format.ts).
import { UserError } from '../../base/errors';
import { type CType, isSigned, strip } from '../../dwarf/ctype';
import { float80ToNumber, numberToFloat80 } from '../../dwarf/expr_value';

/** `bytes` may be missing when there is an address: they are read when needed. `problem`: why there is no value. */
export interface Place { bytes?: Uint8Array; address?: bigint; register?: string; problem?: string }

export interface Value {
  type: CType;
  place: Place;
  /** A bit field: its bits, counted from the first of the place's bytes. */
  bits?: { offset: number; size: number };
  /** Shown by its own members, though it is a container of a library. */
  isRaw?: boolean;
}

/** What values lead to. */
export interface Memory {
  /** Fewer bytes when the rest cannot be read. */
  readMemory(address: bigint, size: number): Uint8Array;
  /** `main+4`, for an address that a symbol covers. */
  describe?(address: bigint): string | undefined;
}

/** What an expression may ask of the program. */
export interface EvaluationContext extends Memory {
  /** A variable, a function (its type is a function type, its place an address) or an enumerator. */
  lookup(name: string): Value | undefined;
  /** A typedef's or base type's name, `struct tag`, `union tag`, `enum tag`. */
  lookupType(name: string): CType | undefined;
  /** How many bytes were written. */
  writeMemory(address: bigint, bytes: Uint8Array): number;
  /** The register of that name, without `$`. */
  readRegister(name: string): Value | undefined;
  /** False when it cannot be changed here. */
  writeRegister(name: string, bytes: Uint8Array): boolean;
}

const MAX_BYTES = 1 << 24;

/** The value's bytes; UserError when they cannot be had. */
export function bytesOf(value: Value, memory: Memory): Uint8Array {
  const { place, bits } = value;
  if (place.problem !== undefined) throw new UserError(place.problem === 'optimized out' ? 'the value was optimized out' : place.problem);
  if (place.bytes) return place.bytes;
  const size = bits ? Math.ceil((bits.offset + bits.size) / 8) : strip(value.type).size;
  if (size === undefined) throw new UserError('the type is incomplete: its size is not known');
  if (place.address === undefined) throw new UserError('the value is not available');
  if (size > MAX_BYTES) throw new UserError(`the value has ${size} bytes: too many`);
  const bytes = memory.readMemory(place.address, size);
  if (bytes.length < size) throw new UserError(`Cannot access memory at address 0x${(place.address + BigInt(bytes.length)).toString(16)}`);
  return bytes;
}

/** What is read at once of a value in memory; what is larger is read by its parts. */
const LARGEST = 1 << 16;

/** The value with its bytes, or with the reason why there are none. */
export function loaded(value: Value, memory: Memory): Value {
  const { type, place, bits } = value, size = strip(type).size ?? 0;
  if (place.bytes || place.problem !== undefined || size === 0 || size > LARGEST) return value;
  try {
    return { type, place: { ...place, bytes: bytesOf(value, memory) }, ...(bits && { bits }) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { type, place: { ...place, problem: error.message }, ...(bits && { bits }) };
  }
}

/** The number of a value whose bytes are here; undefined when they are not, or when it has none. */
export function integerHere(value: Value): bigint | undefined {
  return value.place.bytes && value.place.problem === undefined ? integerOf(value, NOTHING) : undefined;
}

const NOTHING: Memory = { readMemory: () => new Uint8Array(0) };

export function littleEndian(bytes: Uint8Array): bigint {
  let number = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) number = (number << 8n) | BigInt(bytes[i] ?? 0);
  return number;
}

export function toBytes(number: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0, rest = BigInt.asUintN(size * 8, number); i < size; i++, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}

/** A value that stands nowhere. */
export function makeValue(type: CType, bytes: Uint8Array): Value { return { type, place: { bytes } }; }

export function makeInteger(type: CType, number: bigint): Value {
  return makeValue(type, toBytes(number, strip(type).size ?? 8));
}

/** An integer's, enum's, character's or pointer's number, with its sign; undefined for other types. */
export function integerOf(value: Value, memory: Memory): bigint | undefined {
  const type = strip(value.type);
  if (type.kind !== 'enum' && type.kind !== 'pointer' && type.kind !== 'reference' && type.kind !== 'rvalueReference' && type.kind !== 'memberPointer' && (type.kind !== 'base' || type.encoding === 'float' || type.encoding === 'complex')) return undefined;
  const bytes = bytesOf(value, memory);
  const { bits } = value;
  if (bits) {
    const number = BigInt.asUintN(bits.size, littleEndian(bytes) >> BigInt(bits.offset));
    return isSigned(type) ? BigInt.asIntN(bits.size, number) : number;
  }
  const size = type.size ?? bytes.length;
  const isBig = type.kind === 'base' && type.isBigEndian;
  const number = littleEndian(isBig ? bytes.slice(0, size).reverse() : bytes.subarray(0, size));
  return isSigned(type) ? BigInt.asIntN(8 * size, number) : number;
}

export function isFloat(type: CType): boolean {
  const t = strip(type);
  return t.kind === 'base' && t.encoding === 'float';
}

export function floatOfBytes(bytes: Uint8Array, size: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return size === 4 ? view.getFloat32(0, true) : size === 8 ? view.getFloat64(0, true) : float80ToNumber(littleEndian(bytes.subarray(0, 10)));
}

/** A number as a double: of integers and floats; undefined for the rest. */
export function numberOf(value: Value, memory: Memory): number | undefined {
  const type = strip(value.type);
  if (type.kind === 'base' && type.encoding === 'float') return floatOfBytes(bytesOf(value, memory), type.size);
  const integer = integerOf(value, memory);
  return integer === undefined ? undefined : Number(integer);
}

export function makeFloat(type: CType, number: number): Value {
  const size = strip(type).size ?? 8;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (size === 4) view.setFloat32(0, number, true);
  else if (size === 8) view.setFloat64(0, number, true);
  else bytes.set(toBytes(numberToFloat80(number), 10));
  return makeValue(type, bytes);
}
