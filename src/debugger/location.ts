// Where a variable's value is in one frame: DWARF expressions evaluated over the frame's registers and the task's memory.
// Not here: decoding and evaluating expressions (src/dwarf); what the bytes mean (expression/format.ts).
import { FormatError } from '../base/errors';
import type { DebugInfo } from '../dwarf/debug_info';
import { Evaluation, type Need, type Piece } from '../dwarf/evaluate';
import type { Expression } from '../dwarf/expr';
import type { Place } from './expression/value';
import { dwarfRegisterName } from './registers';
import type { StackFrame } from './stack';
import type { Target } from './target';
import { memoryReader } from './unwind';

const MAX_BYTES = 1 << 20;

/** Evaluates a location expression and fetches `size` bytes. */
export function fetch(target: Target, frame: StackFrame, info: DebugInfo, expression: Expression, size: number): Place {
  const pieces = locate(target, frame, info, expression);
  if (!pieces) return { problem: 'optimized out' };
  const [only] = pieces;
  if (pieces.length === 1 && only?.kind === 'memory') return readAt(target, frame.pid, only.address, size);
  const bytes = new Uint8Array(Math.min(size, MAX_BYTES));
  let at = 0;
  let register: string | undefined;
  for (const piece of pieces) {
    const length = piece.sizeBits === undefined ? size - at : Math.ceil(piece.sizeBits / 8);
    const part = pieceBytes(target, frame, piece, length);
    if (!part) return { problem: piece.kind === 'implicitPointer' ? 'synthetic pointer' : 'optimized out' };
    bytes.set(part.subarray(0, Math.max(0, bytes.length - at)), at);
    at += length;
    if (piece.kind === 'register' && pieces.length === 1) register = dwarfRegisterName(piece.register);
  }
  return { bytes, register };
}

/** The bytes at an address, or why they cannot be read. */
export function readAt(target: Target, pid: number, address: bigint, size: number): Place {
  if (size > MAX_BYTES) return { address };
  const bytes = target.readMemory(pid, address, size);
  return bytes.length < size ? { address, problem: `cannot access memory at address 0x${(address + BigInt(bytes.length)).toString(16)}` } : { address, bytes };
}

function pieceBytes(target: Target, frame: StackFrame, piece: Piece, length: number): Uint8Array | undefined {
  switch (piece.kind) {
    case 'memory': return readAt(target, frame.pid, piece.address, length).bytes;
    case 'register': {
      const name = dwarfRegisterName(piece.register);
      const value = name === undefined ? undefined : frame.physical.registers.read(name);
      return value === undefined ? undefined : toBytes(value >> BigInt(piece.offsetBits ?? 0), length);
    }
    case 'value': return toBytes(piece.value, length);
    case 'implicit': return piece.bytes;
    default: return undefined;
  }
}

export function toBytes(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0, rest = value; i < size; i++, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}

/** The pieces of a value; undefined when something that it needs is not known in this frame. */
export function locate(target: Target, frame: StackFrame, info: DebugInfo, expression: Expression, initial: readonly bigint[] = []): Piece[] | undefined {
  try {
    const evaluation = new Evaluation(expression, initial);
    for (;;) {
      const outcome = evaluation.step();
      if (outcome.need === 'nothing') return outcome.pieces;
      const answer = provide(target, frame, info, outcome);
      if (answer === undefined) return undefined;
      evaluation.answer(answer);
    }
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function provide(target: Target, frame: StackFrame, info: DebugInfo, need: Need): bigint | undefined {
  const { registers, cfa } = frame.physical;
  switch (need.need) {
    case 'register': {
      const name = dwarfRegisterName(need.register);
      const value = name === undefined ? undefined : registers.read(name);
      return value === undefined ? undefined : BigInt.asUintN(8 * need.size, value);
    }
    case 'memory': return memoryReader(target, frame.pid)(need.address, need.size);
    case 'cfa': return cfa;
    case 'relocate': return BigInt.asUintN(64, need.address + (frame.module?.bias ?? 0n));
    case 'frameBase': return frameBase(target, frame, info);
    case 'tls': return threadLocal(target, frame.pid, need.offset);
    case 'entryValue': case 'objectAddress': return undefined;
  }
}

function frameBase(target: Target, frame: StackFrame, info: DebugInfo): bigint | undefined {
  const expression = info.frameBaseAt(frame.physical.lookupPc - (frame.module?.bias ?? 0n));
  const [piece] = (expression && locate(target, frame, info, expression)) ?? [];
  if (piece?.kind === 'memory') return piece.address;
  if (piece?.kind === 'value') return piece.value;
  const name = piece?.kind === 'register' ? dwarfRegisterName(piece.register) : undefined;
  return name === undefined ? undefined : frame.physical.registers.read(name);
}

/** The block of the program itself is the first entry of the thread's dtv. Differs: libraries' blocks are not looked up. psABI TLS, variant II. */
export function threadLocal(target: Target, pid: number, offset: bigint): bigint | undefined {
  const fsBase = target.registers(pid, 'user').read('fs_base');
  const read = memoryReader(target, pid);
  const dtv = fsBase === undefined ? undefined : read(fsBase + 8n, 8);
  const block = dtv === undefined ? undefined : read(dtv + 16n, 8);
  return block === undefined || block === 0n || block === (1n << 64n) - 1n ? undefined : block + offset;
}
