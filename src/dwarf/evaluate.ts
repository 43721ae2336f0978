// Evaluation of DWARF expressions as a machine that asks: step() runs until it needs something of the target, says what, and goes
// on when answer() brings it. It never calls into a target, so the target may be asynchronous, recorded or absent. DWARF5 2.5, 2.6.
import { ByteReader } from '../base/bytes';
import { FormatError } from '../base/errors';
import { DW_OP } from './constants';
import { decodeOperation, type Expression, type Operation } from './expr';
import { binary, convert, generic, mask, type TypedValue, unary, type ValueType } from './expr_value';

/** What evaluation needs next. The answer is a bigint: raw little-endian bits. */
export type Need =
  /** A register's low `size` bytes, by DWARF number. */
  | { need: 'register'; register: number; size: number }
  | { need: 'memory'; address: bigint; size: number }
  /** The value of the function's DW_AT_frame_base. */
  | { need: 'frameBase' }
  | { need: 'cfa' }
  /** The address of this thread's block of the module's TLS, plus offset. */
  | { need: 'tls'; offset: bigint }
  /** The run-time address of a file address: adds where the file is loaded. */
  | { need: 'relocate'; address: bigint }
  /** What the expression had been at the function's entry: from the caller's call site. */
  | { need: 'entryValue'; expression: Expression }
  | { need: 'objectAddress' };

export type Piece = { sizeBits?: number; offsetBits?: number } & (
  | { kind: 'memory'; address: bigint }
  | { kind: 'register'; register: number }
  | { kind: 'value'; value: bigint; size: number }
  | { kind: 'implicit'; bytes: Uint8Array }
  /** A pointer whose target was optimised out: the entry at `offset` of .debug_info, `delta` bytes into it. */
  | { kind: 'implicitPointer'; offset: number; delta: number }
  | { kind: 'empty' });

export type Outcome = Need | { need: 'nothing'; pieces: Piece[] };

const MAX_STEPS = 100_000, MAX_STACK = 4096, MAX_CALLS = 16;

export class Evaluation {
  private readonly frames: { expression: Expression; reader: ByteReader }[] = [];
  private readonly stack: TypedValue[] = [];
  private readonly pieces: Piece[] = [];
  private pending: Piece | undefined;
  private steps = 0;
  private continuation: ((answer: bigint) => void) | undefined;

  /** `initial`: values on the stack at the beginning (the CFA for unwind rules). */
  constructor(readonly expression: Expression, initial: readonly bigint[] = []) {
    this.enter(expression);
    for (const value of initial) this.push(value);
  }

  /** Runs until something is needed or all is done; FormatError for what is malformed or runs for ever. */
  step(): Outcome {
    for (;;) {
      const frame = this.frames[this.frames.length - 1];
      if (!frame) return this.finish();
      if (frame.reader.atEnd) { this.frames.pop(); continue; }
      if (++this.steps > MAX_STEPS) throw new FormatError('expression', frame.reader.offset, 'the expression runs for ever');
      const need = this.execute(decodeOperation(frame.reader, frame.expression), frame);
      if (need) return need;
    }
  }

  /** Brings what step() asked for. */
  answer(value: bigint): void {
    const next = this.continuation;
    this.continuation = undefined;
    next?.(value);
  }

  private finish(): Outcome {
    if (this.pieces.length > 0) return { need: 'nothing', pieces: this.pieces };
    if (this.pending) return { need: 'nothing', pieces: [this.pending] };
    const top = this.stack[this.stack.length - 1];
    return { need: 'nothing', pieces: [top ? { kind: 'memory', address: top.value } : { kind: 'empty' }] };
  }

  private enter(expression: Expression): void {
    if (this.frames.length >= MAX_CALLS) throw new FormatError('expression', 0, 'expressions call each other too deeply');
    this.frames.push({ expression, reader: new ByteReader(expression.bytes, 'expression') });
  }

  private ask(need: Need, type: ValueType = generic): Need {
    this.continuation = value => { this.pushTyped({ type, value: mask(value, type.size) }); };
    return need;
  }

  private push(value: bigint): void { this.pushTyped({ type: generic, value: BigInt.asUintN(64, value) }); }

  private pushTyped(value: TypedValue): void {
    if (this.stack.length >= MAX_STACK) throw new FormatError('expression', 0, 'the stack overflows');
    this.stack.push(value);
  }

  private pop(): TypedValue {
    const value = this.stack.pop();
    if (!value) throw new FormatError('expression', 0, 'the stack is empty');
    return value;
  }

  private peek(depth: number): TypedValue {
    const value = this.stack[this.stack.length - 1 - depth];
    if (!value) throw new FormatError('expression', 0, 'the stack is too small');
    return value;
  }

  private typeAt(expression: Expression, offset: bigint): ValueType {
    if (offset === 0n) return generic;
    const type = expression.unit?.baseTypeAt(Number(offset));
    if (!type || type.size < 1 || type.size > 16) throw new FormatError('expression', 0, `there is no base type at 0x${offset.toString(16)}`);
    return type;
  }

  private execute(op: Operation, frame: { expression: Expression; reader: ByteReader }): Need | undefined {
    const { code, a, b } = op;
    const { expression } = frame;
    if (code >= DW_OP.lit0 && code <= DW_OP.lit31) { this.push(BigInt(code - DW_OP.lit0)); return undefined; }
    if (code >= DW_OP.reg0 && code <= DW_OP.reg31) { this.pending = { kind: 'register', register: code - DW_OP.reg0 }; return undefined; }
    if (code >= DW_OP.breg0 && code <= DW_OP.breg31) return this.based({ need: 'register', register: code - DW_OP.breg0, size: 8 }, a);
    switch (code) {
      case DW_OP.addr: return this.ask({ need: 'relocate', address: a });
      case DW_OP.addrx: case DW_OP.GNU_addr_index: return this.ask({ need: 'relocate', address: this.indexed(expression, a) });
      case DW_OP.constx: case DW_OP.GNU_const_index: this.push(BigInt(expression.unit?.constantAt(Number(a)) ?? 0)); break;
      case DW_OP.const1u: case DW_OP.const1s: case DW_OP.const2u: case DW_OP.const2s: case DW_OP.const4u: case DW_OP.const4s: case DW_OP.const8u: case DW_OP.const8s:
      case DW_OP.constu: case DW_OP.consts: this.push(a); break;
      case DW_OP.dup: this.pushTyped(this.peek(0)); break;
      case DW_OP.drop: this.pop(); break;
      case DW_OP.over: this.pushTyped(this.peek(1)); break;
      case DW_OP.pick: this.pushTyped(this.peek(Number(a))); break;
      case DW_OP.swap: { const x = this.pop(), y = this.pop(); this.pushTyped(x); this.pushTyped(y); break; }
      case DW_OP.rot: { const x = this.pop(), y = this.pop(), z = this.pop(); this.pushTyped(x); this.pushTyped(z); this.pushTyped(y); break; }
      case DW_OP.deref: return this.ask({ need: 'memory', address: this.pop().value, size: expression.addressSize });
      case DW_OP.deref_size: return this.ask({ need: 'memory', address: this.pop().value, size: this.checkSize(a) });
      case DW_OP.deref_type: case DW_OP.GNU_deref_type: return this.ask({ need: 'memory', address: this.pop().value, size: this.checkSize(a) }, this.typeAt(expression, b));
      case DW_OP.abs: case DW_OP.neg: case DW_OP.not: this.pushTyped(unary(code, this.pop())); break;
      case DW_OP.plus_uconst: { const x = this.pop(); this.pushTyped({ type: x.type, value: mask(x.value + a, x.type.size) }); break; }
      case DW_OP.and: case DW_OP.div: case DW_OP.minus: case DW_OP.mod: case DW_OP.mul: case DW_OP.or: case DW_OP.plus: case DW_OP.shl: case DW_OP.shr: case DW_OP.shra: case DW_OP.xor:
      case DW_OP.eq: case DW_OP.ge: case DW_OP.gt: case DW_OP.le: case DW_OP.lt: case DW_OP.ne: { const right = this.pop(), left = this.pop(); this.pushTyped(binary(code, left, right)); break; }
      case DW_OP.skip: frame.reader.seek(op.next + Number(a)); break;
      case DW_OP.bra: if (this.pop().value !== 0n) frame.reader.seek(op.next + Number(a)); break;
      case DW_OP.regx: this.pending = { kind: 'register', register: Number(a) }; break;
      case DW_OP.bregx: return this.based({ need: 'register', register: Number(a), size: 8 }, b);
      case DW_OP.fbreg: return this.based({ need: 'frameBase' }, a);
      case DW_OP.call_frame_cfa: return this.ask({ need: 'cfa' });
      case DW_OP.push_object_address: return this.ask({ need: 'objectAddress' });
      case DW_OP.form_tls_address: case DW_OP.GNU_push_tls_address: return this.ask({ need: 'tls', offset: this.pop().value });
      case DW_OP.entry_value: case DW_OP.GNU_entry_value: return this.ask({ need: 'entryValue', expression: { ...expression, bytes: op.block ?? new Uint8Array() } });
      case DW_OP.regval_type: case DW_OP.GNU_regval_type: { const type = this.typeAt(expression, b); return this.ask({ need: 'register', register: Number(a), size: type.size }, type); }
      case DW_OP.const_type: case DW_OP.GNU_const_type: {
        const type = this.typeAt(expression, a);
        let value = 0n;
        (op.block ?? []).forEach((byte, i) => { value |= BigInt(byte) << BigInt(8 * i); });
        this.pushTyped({ type, value: mask(value, type.size) });
        break;
      }
      case DW_OP.convert: case DW_OP.GNU_convert: this.pushTyped(convert(this.pop(), this.typeAt(expression, a))); break;
      case DW_OP.reinterpret: case DW_OP.GNU_reinterpret: { const type = this.typeAt(expression, a); this.pushTyped({ type, value: mask(this.pop().value, type.size) }); break; }
      case DW_OP.call2: case DW_OP.call4: case DW_OP.call_ref: {
        const target = expression.unit?.locationOf(Number(a), code === DW_OP.call_ref);
        if (target) this.enter(target);
        break;
      }
      case DW_OP.implicit_value: this.pending = { kind: 'implicit', bytes: op.block ?? new Uint8Array() }; break;
      case DW_OP.stack_value: { const x = this.pop(); this.pending = { kind: 'value', value: x.value, size: x.type.size }; break; }
      case DW_OP.implicit_pointer: case DW_OP.GNU_implicit_pointer: this.pending = { kind: 'implicitPointer', offset: Number(a), delta: Number(b) }; break;
      case DW_OP.piece: this.endPiece(Number(a) * 8, 0); break;
      case DW_OP.bit_piece: this.endPiece(Number(a), Number(b)); break;
      case DW_OP.nop: case DW_OP.GNU_uninit: break;
      default: throw new FormatError('expression', op.at, `operation 0x${code.toString(16)} is not supported`);
    }
    return undefined;
  }

  private based(need: Need, delta: bigint): Need {
    this.continuation = value => { this.push(value + delta); };
    return need;
  }

  private indexed(expression: Expression, index: bigint): bigint {
    if (!expression.unit) throw new FormatError('expression', 0, 'an address index stands outside a unit');
    return BigInt.asUintN(64, BigInt(expression.unit.addressAt(Number(index))));
  }

  private checkSize(size: bigint): number {
    if (size < 1n || size > 16n) throw new FormatError('expression', 0, `a value of ${size} bytes cannot be read`);
    return Number(size);
  }

  private endPiece(sizeBits: number, offsetBits: number): void {
    const top = this.pending ?? (this.stack.length > 0 ? { kind: 'memory' as const, address: this.pop().value } : { kind: 'empty' as const });
    this.pending = undefined;
    this.pieces.push({ ...top, sizeBits, ...(offsetBits > 0 && { offsetBits }) });
  }
}
