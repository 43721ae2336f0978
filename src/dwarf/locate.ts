// Answers an evaluation's questions from a stopped frame, and reads the bytes of what it found. The synchronous companion of
// evaluate.ts. DWARF5 2.6.
import { addressToNumber } from '../base/address';
import { FormatError } from '../base/errors';
import { type CType, strip } from './ctype';
import { Evaluation, type Piece } from './evaluate';
import type { Expression } from './expr';
import type { VariableLocation } from './model';

/** What a stopped frame can tell. undefined: not known there (a register that was not saved, memory that is not mapped). */
export interface FramePorts {
  /** The low `size` bytes of a register, by DWARF number. */
  register(number: number, size: number): bigint | undefined;
  memory(address: bigint, size: number): Uint8Array | undefined;
  cfa(): bigint | undefined;
  /** DW_AT_frame_base of the frame's function. */
  frameBase(): Expression | undefined;
  /** The run-time address of a file address. */
  relocate(address: bigint): bigint;
  /** The address at `offset` of this thread's TLS block of the module. */
  tls(offset: bigint): bigint | undefined;
  /** What the expression was when the function was entered. */
  entryValue(expression: Expression): bigint | undefined;
  objectAddress?(): bigint | undefined;
  /** The file address at which the frame's variables are looked up: of a caller's frame within its call. */
  readonly lookup: bigint;
}

/** `sentence` completes "the value is not available: ". */
export interface Unavailable { unavailable: string; isOptimizedOut?: boolean }

/** Evaluates a location. FormatErrors become Unavailable. */
export function locate(expression: Expression, ports: FramePorts, initial: readonly bigint[] = []): Piece[] | Unavailable {
  return locateAtDepth(expression, ports, initial, 0);
}

function locateAtDepth(expression: Expression, ports: FramePorts, initial: readonly bigint[], depth: number): Piece[] | Unavailable {
  try {
    const evaluation = new Evaluation(expression, initial);
    for (;;) {
      const outcome = evaluation.step();
      if (outcome.need === 'nothing') return outcome.pieces;
      let answer: bigint | undefined;
      switch (outcome.need) {
        case 'register': answer = ports.register(outcome.register, outcome.size); break;
        case 'memory': { const bytes = ports.memory(outcome.address, outcome.size); answer = bytes && bytesToBigInt(bytes); break; }
        case 'cfa': answer = ports.cfa(); break;
        case 'relocate': answer = ports.relocate(outcome.address); break;
        case 'tls': answer = ports.tls(outcome.offset); break;
        case 'entryValue': answer = ports.entryValue(outcome.expression); break;
        case 'objectAddress': answer = ports.objectAddress?.(); break;
        case 'frameBase': {
          const base = depth < 4 ? ports.frameBase() : undefined;
          const pieces = base && locateAtDepth(base, ports, [], depth + 1);
          if (pieces && 'unavailable' in pieces) return pieces;
          const first = pieces?.[0];
          // A frame base that is a register means the register's value. DWARF5 3.3.5.
          answer = first?.kind === 'memory' ? first.address : first?.kind === 'register' ? ports.register(first.register, 8) : first?.kind === 'value' ? first.value : undefined;
          break;
        }
      }
      if (answer === undefined) return { unavailable: reasons[outcome.need], ...(outcome.need === 'entryValue' || outcome.need === 'register' ? { isOptimizedOut: true } : {}) };
      evaluation.answer(answer);
    }
  } catch (error) {
    if (error instanceof FormatError) return { unavailable: error.sentence };
    throw error;
  }
}

const reasons = {
  register: 'a register was not saved', memory: 'memory cannot be read', cfa: 'the frame cannot be found', relocate: 'the module is not loaded',
  tls: 'thread-local storage is not set up', entryValue: 'the caller does not tell what it passed', objectAddress: 'there is no object', frameBase: 'the function has no frame base',
};

/** The number that the expression computes: a location's address, or a value. */
export function evaluateNumber(expression: Expression, ports: FramePorts, initial: readonly bigint[] = []): bigint | undefined {
  const pieces = locate(expression, ports, initial);
  if ('unavailable' in pieces) return undefined;
  const first = pieces[0];
  return first?.kind === 'memory' ? first.address : first?.kind === 'value' ? first.value : first?.kind === 'register' ? ports.register(first.register, 8) : undefined;
}

/** The `size` bytes at the pieces of a location. */
export function readPieces(pieces: readonly Piece[], size: number, ports: FramePorts): Uint8Array | Unavailable {
  const only = pieces[0];
  if (pieces.length === 1 && only && only.sizeBits === undefined) return readPiece(only, size, ports);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    const bits = piece.sizeBits ?? size * 8 - at;
    const offset = piece.offsetBits ?? 0;
    const part = readPiece(piece, Math.ceil((bits + offset) / 8), ports);
    if ('unavailable' in part) return part;
    copyBits(part, offset, bytes, at, Math.min(bits, size * 8 - at));
    at += bits;
    if (at >= size * 8) break;
  }
  return at >= size * 8 ? bytes : { unavailable: 'a part of it was optimised out', isOptimizedOut: true };
}

function readPiece(piece: Piece, size: number, ports: FramePorts): Uint8Array | Unavailable {
  switch (piece.kind) {
    case 'memory': return ports.memory(piece.address, size) ?? { unavailable: `memory at 0x${piece.address.toString(16)} cannot be read` };
    case 'register': { const value = ports.register(piece.register, size); return value === undefined ? { unavailable: 'a register was not saved', isOptimizedOut: true } : bigIntToBytes(value, size); }
    case 'value': return bigIntToBytes(piece.value, size);
    case 'implicit': { const bytes = new Uint8Array(size); bytes.set(piece.bytes.subarray(0, size)); return bytes; }
    case 'implicitPointer': return { unavailable: 'it points to an object that was optimised out' };
    case 'empty': return { unavailable: 'it was optimised out', isOptimizedOut: true };
  }
}

/** The bytes of a variable. */
export function readVariable(location: VariableLocation, size: number, ports: FramePorts): Uint8Array | Unavailable {
  switch (location.kind) {
    case 'optimizedOut': return { unavailable: 'it was optimised out', isOptimizedOut: true };
    case 'constant': return bigIntToBytes(location.value, size);
    case 'bytes': { const bytes = new Uint8Array(size); bytes.set(location.bytes.subarray(0, size)); return bytes; }
    case 'expression': {
      const pieces = locate(location.expression, ports);
      return 'unavailable' in pieces ? pieces : readPieces(pieces, size, ports);
    }
  }
}

/** The type with the lengths of variable-length arrays as they are in the frame; itself when it has none. */
export function resolveType(type: CType, ports: FramePorts, depth = 0): CType {
  const array = strip(type);
  if (array.kind !== 'array' || depth > 16) return type;
  const element = resolveType(array.element, ports, depth + 1);
  let { count } = array;
  const bound = array.upperBound;
  const expression = count === undefined ? bound?.at(addressToNumber(ports.lookup)) : undefined;
  if (bound && expression) {
    let value = bound.isLocation ? undefined : evaluateNumber(expression, ports);
    if (bound.isLocation) {
      const pieces = locate(expression, ports);
      const bytes = 'unavailable' in pieces ? pieces : readPieces(pieces, bound.size, ports);
      value = 'unavailable' in bytes ? undefined : bytesToBigInt(bytes);
    }
    if (value !== undefined) count = Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, Number(BigInt.asIntN(64, value)) + (bound.isCount ? 0 : 1)));
  }
  if (count === array.count && element === array.element) return type;
  return { kind: 'array', element, count, isVector: array.isVector, size: count === undefined || element.size === undefined ? undefined : element.size * count };
}

export function bytesToBigInt(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}

export function bigIntToBytes(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0, rest = BigInt.asUintN(size * 8, value); i < size; i++, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}

function copyBits(from: Uint8Array, fromBit: number, to: Uint8Array, toBit: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const source = fromBit + i, target = toBit + i;
    const bit = ((from[source >> 3] ?? 0) >> (source & 7)) & 1;
    if (bit) to[target >> 3] = (to[target >> 3] ?? 0) | (1 << (target & 7));
  }
}
