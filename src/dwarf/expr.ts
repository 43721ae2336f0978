// DWARF expressions: decoding to operations. Evaluation is in evaluate.ts. DWARF5 2.5, 7.7.
import { ByteReader } from '../base/bytes';
import { FormatError } from '../base/errors';
import { DW_OP } from './constants';

/** Where an expression's indexes and references lead: the unit that it stands in. */
export interface ExpressionUnit {
  /** The address with that index of .debug_addr, as a file address (base/address.ts, signed number). */
  addressAt(index: number): number;
  /** The constant with that index of .debug_addr: an offset into thread-local storage. */
  constantAt(index: number): number;
  /** The base type at that offset of the unit. */
  baseTypeAt(offset: number): { size: number; encoding: number } | undefined;
  /** The DW_AT_location expression of the entry at an offset of the unit, or of .debug_info. */
  locationOf(offset: number, isSectionOffset: boolean): Expression | undefined;
}

export interface Expression {
  readonly bytes: Uint8Array;
  readonly addressSize: number;
  /** 4 or 8: the size of section offsets. */
  readonly offsetSize: number;
  readonly version: number;
  readonly unit?: ExpressionUnit;
}

export interface Operation {
  /** The operation's offset in the expression and the offset of the next one. */
  at: number;
  next: number;
  code: number;
  /** First operand (a literal, offset, register, size, index); 64-bit exact. */
  a: bigint;
  /** Second operand. */
  b: bigint;
  /** A block operand. */
  block?: Uint8Array;
}

/** Decodes all operations; FormatError for unknown codes and truncated operands. */
export function decodeExpression(expression: Expression): Operation[] {
  const reader = new ByteReader(expression.bytes, 'expression');
  const operations: Operation[] = [];
  while (!reader.atEnd) operations.push(decodeOperation(reader, expression));
  return operations;
}

/** Decodes the operation at the reader's position. */
export function decodeOperation(reader: ByteReader, expression: Expression): Operation {
  const at = reader.offset;
  const code = reader.u8();
  let a = 0n, b = 0n;
  let block: Uint8Array | undefined;
  const offset = (): bigint => expression.offsetSize === 8 ? reader.u64() : BigInt(reader.u32());
  switch (code) {
    case DW_OP.addr: a = expression.addressSize === 4 ? BigInt(reader.u32()) : reader.u64(); break;
    case DW_OP.const1u: case DW_OP.pick: case DW_OP.deref_size: case DW_OP.xderef_size: a = BigInt(reader.u8()); break;
    case DW_OP.const1s: a = BigInt(reader.i8()); break;
    case DW_OP.const2u: case DW_OP.call2: a = BigInt(reader.u16()); break;
    case DW_OP.const2s: case DW_OP.skip: case DW_OP.bra: a = BigInt(reader.i16()); break;
    case DW_OP.const4u: case DW_OP.call4: case DW_OP.GNU_parameter_ref: a = BigInt(reader.u32()); break;
    case DW_OP.const4s: a = BigInt(reader.i32()); break;
    case DW_OP.const8u: a = reader.u64(); break;
    case DW_OP.const8s: a = reader.i64(); break;
    case DW_OP.constu: case DW_OP.plus_uconst: case DW_OP.regx: case DW_OP.piece: case DW_OP.addrx: case DW_OP.constx: case DW_OP.convert: case DW_OP.reinterpret:
    case DW_OP.GNU_convert: case DW_OP.GNU_reinterpret: case DW_OP.GNU_addr_index: case DW_OP.GNU_const_index: a = reader.uleb64(); break;
    case DW_OP.consts: case DW_OP.fbreg: a = reader.sleb64(); break;
    case DW_OP.bregx: a = reader.uleb64(); b = reader.sleb64(); break;
    case DW_OP.bit_piece: case DW_OP.regval_type: case DW_OP.GNU_regval_type: a = reader.uleb64(); b = reader.uleb64(); break;
    case DW_OP.call_ref: case DW_OP.GNU_variable_value: a = offset(); break;
    case DW_OP.implicit_value: case DW_OP.entry_value: case DW_OP.GNU_entry_value: block = reader.take(reader.uleb()); break;
    case DW_OP.implicit_pointer: case DW_OP.GNU_implicit_pointer: a = expression.version <= 2 ? BigInt(expression.addressSize === 4 ? reader.u32() : reader.size64()) : offset(); b = reader.sleb64(); break;
    case DW_OP.const_type: case DW_OP.GNU_const_type: a = reader.uleb64(); block = reader.take(reader.u8()); break;
    case DW_OP.deref_type: case DW_OP.xderef_type: case DW_OP.GNU_deref_type: a = BigInt(reader.u8()); b = reader.uleb64(); break;
    default:
      if (code >= DW_OP.breg0 && code <= DW_OP.breg31) a = reader.sleb64();
      else if (!known.has(code) && !(code >= DW_OP.lit0 && code <= DW_OP.reg31)) throw new FormatError('expression', at, `operation 0x${code.toString(16)} is unknown`);
  }
  return { at, next: reader.offset, code, a, b, ...(block && { block }) };
}

const known: ReadonlySet<number> = new Set(Object.values(DW_OP));
