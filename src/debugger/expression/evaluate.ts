// Evaluates the tree of a C expression against a program. Side effects only when they are allowed: a hover must change nothing.
// No calls of the program's functions. C11 6.5; gdb where C says nothing (`.` on pointers, `@`, `{type} address`).
import { UserError } from '../../base/errors';
import { arrayOf, cTypes, type CType, findMember, isCharacter, pointerTo, strip, typeName } from '../../dwarf/ctype';
import { containerOf } from '../containers/open';
import { binary, convert, decay, isTrue, promotedType, unary } from './arithmetic';
import { element, memberOf } from './member';
import type { Node } from './parse';
import { ExpressionError, unescape } from './tokens';
import { bytesOf, type EvaluationContext, integerOf, littleEndian, makeFloat, makeInteger, makeValue, toBytes, type Value } from './value';

export interface EvaluateOptions {
  /** Assignments and increments change the program; without it they are refused. */
  allowSideEffects?: boolean;
}

const MAX_STEPS = 100_000;

/** The value of the expression; errors are UserErrors that name the column where one is known. */
export function evaluate(node: Node, context: EvaluationContext, options: EvaluateOptions = {}): Value {
  return new Evaluator(context, options.allowSideEffects ?? false).value(node);
}

class Evaluator {
  private steps = 0;

  constructor(private readonly context: EvaluationContext, private readonly allowSideEffects: boolean) {}

  value(node: Node): Value {
    if (++this.steps > MAX_STEPS) throw new ExpressionError('the expression takes too long', node.column);
    try {
      return this.dispatch(node);
    } catch (error) {
      if (error instanceof UserError && !(error instanceof ExpressionError)) throw new ExpressionError(error.message, node.column);
      throw error;
    }
  }

  private dispatch(node: Node): Value {
    const { context } = this;
    switch (node.kind) {
      case 'integer': return integerLiteral(node.text, node.column);
      case 'float': return floatLiteral(node.text);
      case 'character': return this.character(node.text, node.column);
      case 'string': { const bytes = Uint8Array.from([...unescape(node.text.slice(1, -1), node.column), 0]); return makeValue(arrayOf(cTypes.char, bytes.length), bytes); }
      case 'name': return this.name(node.text, node.column);
      case 'register': {
        const found = node.text.length > 1 ? context.readRegister(node.text.slice(1)) : undefined;
        if (!found) throw new ExpressionError(`there is no register '${node.text}'`, node.column);
        return found;
      }
      case 'unary': return this.unary(node);
      case 'postfix': {
        const place = this.value(node.operand);
        const old = this.load(place);
        this.assign(place, binary(node.operator === '++' ? '+' : '-', old, makeInteger(cTypes.int, 1n), context), node.column);
        return old;
      }
      case 'binary': return this.binary(node);
      case 'assign': {
        const place = this.value(node.left);
        const right = this.value(node.right);
        return this.assign(place, node.operator === '=' ? right : binary(node.operator.slice(0, -1), place, right, context), node.column);
      }
      case 'conditional': return this.value(isTrue(this.value(node.condition), context) ? node.yes : node.no);
      case 'member': return this.member(this.value(node.operand), node.name, node.column);
      case 'index': return this.index(this.value(node.operand), this.value(node.index));
      case 'call': throw new ExpressionError('functions of the program cannot be called here', node.column);
      case 'cast': return convert(this.value(node.operand), node.type, context);
      case 'at': { const address = integerOf(decay(this.value(node.operand), context), context); if (address === undefined) throw new ExpressionError('an address is expected', node.column); return { type: node.type, place: { address: BigInt.asUintN(64, address) } }; }
      case 'type': return { type: node.type, place: { problem: `'${typeName(node.type)}' is a type, not a value` } };
      case 'sizeofType': return sizeOf(node.type);
    }
  }

  private name(name: string, column: number): Value {
    const found = this.context.lookup(name);
    if (found) return found;
    if (name === 'true' || name === 'false') return makeInteger(cTypes.bool, name === 'true' ? 1n : 0n);
    if (name === 'NULL' || name === 'nullptr') return makeInteger(pointerTo({ kind: 'void', size: undefined }), 0n);
    throw new ExpressionError(`No symbol "${name}" in current context`, column);
  }

  private character(text: string, column: number): Value {
    const prefix = text[0] === "'" ? '' : text[0];
    const bytes = unescape(text.slice(prefix ? 2 : 1, -1), column);
    if (prefix) return makeInteger(prefix === 'u' ? cTypes.unsignedShort : cTypes.int, BigInt(text.slice(2, -1).codePointAt(0) ?? 0));
    if (bytes.length !== 1) throw new ExpressionError('a character constant holds one character', column);
    return makeInteger(cTypes.char, BigInt(bytes[0] ?? 0));
  }

  private unary(node: Extract<Node, { kind: 'unary' }>): Value {
    const { context } = this;
    const { operator, operand, column } = node;
    if (operator === 'sizeof') return sizeOf(this.value(operand).type);
    const value = this.value(operand);
    switch (operator) {
      case '*': return this.dereference(value);
      case '&': {
        if (value.bits) throw new ExpressionError('a bit field has no address', column);
        const type = strip(value.type);
        if (type.kind === 'reference' || type.kind === 'rvalueReference') return makeInteger(pointerTo(type.target), integerOf(value, context) ?? 0n);
        if (value.place.address === undefined) throw new ExpressionError(value.place.register ? `it is in register ${value.place.register} and has no address` : value.place.problem ?? 'it is not in memory and has no address', column);
        return makeInteger(pointerTo(value.type), value.place.address);
      }
      case '++': case '--': return this.assign(value, binary(operator === '++' ? '+' : '-', value, makeInteger(cTypes.int, 1n), context), column);
      default: return unary(operator, value, context);
    }
  }

  private binary(node: Extract<Node, { kind: 'binary' }>): Value {
    const { context } = this;
    const { operator } = node;
    const left = this.value(node.left);
    switch (operator) {
      case ',': return this.value(node.right);
      case '&&': return makeInteger(cTypes.int, isTrue(left, context) && isTrue(this.value(node.right), context) ? 1n : 0n);
      case '||': return makeInteger(cTypes.int, isTrue(left, context) || isTrue(this.value(node.right), context) ? 1n : 0n);
      case '@': return this.artificialArray(left, this.value(node.right));
      case '~': return makeInteger(cTypes.int, matches(textOf(left, context), textOf(this.value(node.right), context)) ? 1n : 0n);
      default: {
        const right = this.value(node.right);
        const texts = operator === '==' || operator === '!=' ? this.literalComparison(node, left, right) : undefined;
        return texts === undefined ? binary(operator, left, right, context) : makeInteger(cTypes.int, texts === (operator === '==') ? 1n : 0n);
      }
    }
  }

  /** `name == "main"`: with a string literal or a library's string, texts are compared; C would compare addresses, which a literal does not have here. */
  private literalComparison(node: Extract<Node, { kind: 'binary' }>, left: Value, right: Value): boolean | undefined {
    const isText = (side: Node, value: Value): boolean => side.kind === 'string' || containerOf(decayed(value, this.context), this.context)?.kind === 'text';
    return isText(node.left, left) || isText(node.right, right) ? textOf(left, this.context) === textOf(right, this.context) : undefined;
  }

  private dereference(value: Value): Value {
    const direct = decay(value, this.context), container = containerOf(direct, this.context);
    const v = container?.kind === 'pointer' ? container.pointer : direct;
    const type = strip(v.type);
    const address = integerOf(v, this.context);
    if (address === undefined || (type.kind !== 'pointer' && type.kind !== 'base')) throw new UserError(`'${typeName(value.type)}' is not a pointer`);
    // gdb reads an integer that is dereferenced as the address of a long.
    const target: CType = type.kind === 'pointer' ? type.target : cTypes.long;
    if (strip(target).kind === 'void') throw new UserError('Attempt to take contents of a non-pointer value');
    return { type: target, place: { address: BigInt.asUintN(64, address) } };
  }

  private index(value: Value, index: Value): Value {
    const type = strip(value.type);
    const i = integerOf(index, this.context);
    if (type.kind === 'array' && i !== undefined) return element(value, type.element, i, this.context);
    const container = containerOf(decayed(value, this.context), this.context);
    if (container?.kind === 'elements' && container.style !== 'keyed' && i !== undefined) {
      const [found] = i < 0n || i >= BigInt(container.length) ? [] : container.elements(Number(i), 1);
      if (!found) throw new UserError(`no such element: [${i}] of ${container.length}`);
      return found.value;
    }
    return this.dereference(binary('+', value, index, this.context));
  }

  private member(value: Value, name: string, column: number): Value {
    let object = value;
    const type = strip(value.type);
    if (type.kind === 'pointer' || type.kind === 'reference' || type.kind === 'rvalueReference') object = { type: type.target, place: { address: BigInt.asUintN(64, integerOf(value, this.context) ?? 0n) } };
    const struct = strip(object.type);
    if (struct.kind !== 'struct' && struct.kind !== 'union' && struct.kind !== 'class') throw new ExpressionError(`'${typeName(value.type)}' has no members`, column);
    const found = findMember(struct, name);
    const container = found ? undefined : containerOf(object, this.context);
    if (container?.kind === 'pointer') return this.member(container.pointer, name, column);
    if (!found) throw new ExpressionError(struct.isIncomplete ? `'${typeName(struct)}' is incomplete: its members are not known` : `There is no member named ${name}`, column);
    return memberOf(object, found);
  }

  private artificialArray(first: Value, count: Value): Value {
    const n = integerOf(count, this.context);
    if (first.place.address === undefined || n === undefined) throw new UserError('only values in memory can be extended with \'@\'');
    if (n < 1n || n > 1_000_000n) throw new UserError(`Invalid number ${n} of repetitions`);
    return { type: arrayOf(first.type, Number(n)), place: { address: first.place.address } };
  }

  private load(value: Value): Value {
    return { type: value.type, place: { bytes: bytesOf(value, this.context).slice() }, ...(value.bits && { bits: value.bits }) };
  }

  private assign(target: Value, value: Value, column: number): Value {
    if (!this.allowSideEffects) throw new ExpressionError('the expression would change the program, which is not allowed here', column);
    const { context } = this;
    const { address, register, problem } = target.place;
    if (problem !== undefined) throw new ExpressionError(`it cannot be changed: ${problem}`, column);
    let bytes: Uint8Array;
    if (target.bits) {
      const old = littleEndian(bytesOf(target, context));
      const { offset, size } = target.bits;
      const mask = ((1n << BigInt(size)) - 1n) << BigInt(offset);
      const number = integerOf(convert(value, promotedOf(target), context), context) ?? 0n;
      bytes = toBytes((old & ~mask) | ((number << BigInt(offset)) & mask), Math.ceil((offset + size) / 8));
    } else {
      bytes = bytesOf(convert(value, target.type, context), context);
    }
    if (address !== undefined) {
      if (context.writeMemory(address, bytes) < bytes.length) throw new ExpressionError(`Cannot access memory at address 0x${address.toString(16)}`, column);
    } else if (register === undefined) throw new ExpressionError('Left operand of assignment is not an lvalue', column);
    else if (!context.writeRegister(register, bytes)) throw new ExpressionError(`register ${register} cannot be changed here`, column);
    return { ...target, place: { ...target.place, bytes } };
  }
}

function promotedOf(target: Value): CType {
  return promotedType({ type: target.type, place: {} });
}

function sizeOf(type: CType): Value {
  const { size } = strip(type);
  if (size === undefined && strip(type).kind !== 'void' && strip(type).kind !== 'function') throw new UserError(`the size of '${typeName(type)}' is not known`);
  return makeInteger(cTypes.unsignedLong, BigInt(size ?? 1));
}

/** A reference as what it refers to; arrays stay what they are. */
function decayed(value: Value, context: EvaluationContext): Value {
  const { kind } = strip(value.type);
  return kind === 'reference' || kind === 'rvalueReference' ? decay(value, context) : value;
}

const MAX_TEXT = 4096;

/** The text that a char array or char pointer holds. */
export function textOf(value: Value, context: EvaluationContext): string {
  const type = strip(value.type);
  let bytes: Uint8Array;
  const container = containerOf(decayed(value, context), context);
  if (container?.kind === 'text') return Array.from(container.bytes.subarray(0, MAX_TEXT), b => String.fromCharCode(b)).join('');
  if (type.kind === 'array' && isCharacter(type.element)) bytes = bytesOf(value, context);
  else if (type.kind === 'pointer' && isCharacter(type.target)) {
    const address = integerOf(value, context) ?? 0n;
    bytes = context.readMemory(address, MAX_TEXT);
    if (bytes.length === 0) throw new UserError(`Cannot access memory at address 0x${address.toString(16)}`);
  } else throw new UserError(`'${typeName(value.type)}' is not a text`);
  const end = bytes.indexOf(0);
  return Array.from(end < 0 ? bytes : bytes.subarray(0, end), b => String.fromCharCode(b)).join('');
}

function matches(text: string, pattern: string): boolean {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern);
  } catch (error) {
    throw new UserError(`'${pattern}' is not a regular expression: ${error instanceof Error ? error.message : String(error)}`);
  }
  return expression.test(text);
}

function integerLiteral(text: string, column: number): Value {
  const [, digits = '0', suffix = ''] = /^(.*?)([uUlL]*)$/.exec(text) ?? [];
  const isDecimal = !digits.startsWith('0') || digits === '0';
  if (/^0[0-7]*[89]/.test(digits) || !/^(u?l{0,2}|l{1,2}u)$/i.test(suffix)) throw new ExpressionError(`Invalid number "${text}"`, column);
  const number = BigInt(/^0\d+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const isUnsigned = /u/i.test(suffix), isLong = /l/i.test(suffix), isLongLong = /ll/i.test(suffix);
  const fits = (bits: number, hasSign: boolean): boolean => number < 1n << BigInt(hasSign ? bits - 1 : bits);
  // C11 6.4.4.1: the first type of the list that can hold it; unsigned ones only for octal and hexadecimal.
  if (!isLong && !isUnsigned && fits(32, true)) return makeInteger(cTypes.int, number);
  if (!isLong && (isUnsigned || !isDecimal) && fits(32, false)) return makeInteger(cTypes.unsignedInt, number);
  if (!isUnsigned && fits(64, true)) return makeInteger(isLongLong ? cTypes.longLong : cTypes.long, number);
  if (fits(64, false)) return makeInteger(isLongLong ? cTypes.unsignedLongLong : cTypes.unsignedLong, number);
  throw new ExpressionError('Numeric constant too large.', column);
}

function floatLiteral(text: string): Value {
  const type = /[fF]$/.test(text) && !/^0x/i.test(text) ? cTypes.float : /[lL]$/.test(text) ? cTypes.longDouble : cTypes.double;
  const digits = text.replace(/[lL]$/, '').replace(type === cTypes.float ? /[fF]$/ : /$/, '');
  const hex = /^0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?\d+)$/i.exec(digits);
  const number = hex ? parseInt(`${hex[1]}${hex[2]}` || '0', 16) * 2 ** (Number(hex[3]) - 4 * (hex[2] ?? '').length) : Number(digits);
  return makeFloat(type, number);
}

