// Expressions over the kernel's objects, in C's syntax: `current->files->fdt->fd[3]->f_pos > 4096`, `$task(1002)->mm`, `file->f_path ~ "/etc"`. What an assignment would change is told, and nothing changed.
// Not here: C expressions over the program's memory (debugger/expression). Casts are accepted and mean nothing: an object knows its type.
import { UserError } from '../../base/errors';
import { voidType } from '../../dwarf/ctype';
import { kobjectTypes } from '../../kernel/kobject';
import type { task_struct } from '../../kernel/kernel/types';
import { kernel } from '../../kernel/state';
import { Errno } from '../../abi/errno';
import { parseExpression, type Node } from '../expression/parse';
import { ExpressionError, tokenize, unescape } from '../expression/tokens';
import { cellAt, type Cell } from './edit';
import { addressOf, isObject, kernelValue, type KernelValue } from './kernel_value';
import { elementAt, findMember, memberNames } from './members';
import { findRoot } from './roots';
import { pathText } from './summary';
import type { path } from '../../kernel/fs/types';

/** The value of a name that is none of the kernel's roots: a local of a kernel function. Undefined: there is none. */
export type KernelNames = (name: string) => unknown;

const NOTHING: KernelNames = () => undefined;

export interface KernelExpression {
  readonly text: string;
  /** Throws UserError for an unknown name or field. `pid`: the task that `current` means (default: the one that runs). */
  evaluate(lookup?: KernelNames, pid?: number): KernelValue;
}

/** Parses once, for conditions that are asked often. */
export function parseKernelExpression(text: string): KernelExpression {
  const node = parseExpression(text, { lookupType: name => kobjectTypes.has(name.replace(/^struct /, '')) && name.startsWith('struct ') ? voidType : undefined, isMatchAllowed: true });
  return { text, evaluate: (lookup = NOTHING, pid) => new Evaluation(lookup, pid).value(node) };
}

export function evaluateKernel(text: string, lookup: KernelNames = NOTHING, pid?: number): KernelValue {
  return parseKernelExpression(text).evaluate(lookup, pid);
}

/** `field = value`, with its cell and the value; undefined for an expression that is no assignment. Nothing has been changed yet. */
export function kernelAssignment(text: string, lookup: KernelNames = NOTHING, pid?: number): { cell: Cell; value: bigint; left: () => KernelValue } | undefined {
  const node = parseExpression(text, { lookupType: () => undefined });
  if (node.kind !== 'assign') return undefined;
  const evaluation = new Evaluation(lookup, pid);
  const cell = cellAt(node.left, one => evaluation.value(one));
  const right = evaluation.value(node.right);
  const value = node.operator === '=' ? integer(right, '=') : arithmetic(node.operator.slice(0, -1), integer(evaluation.value(node.left), node.operator), integer(right, node.operator));
  return { cell, value: BigInt(value), left: () => new Evaluation(lookup, pid).value(node.left) };
}

/** The roots of the kernel that an expression mentions: `current`, `$task` with its argument. Members of that name (`p->current`) are none. */
export function rootsIn(text: string): string[] {
  const tokens = tokenize(text);
  return tokens.flatMap(({ text: name }, i) => {
    const root = findRoot(name);
    const before = tokens[i - 1]?.text, after = tokens[i + 1]?.text;
    return root && before !== '->' && before !== '.' && (root.argument === undefined || after === '(') ? [name] : [];
  });
}

/** C's notion of truth. */
export function isKernelTrue(value: KernelValue): boolean {
  const scalar = scalarOf(value);
  return typeof scalar === 'string' ? scalar !== '' : scalar !== 0n;
}

/** A value as a number (objects by address) or as text; UserError for records and lists. */
export function scalarOf({ value }: KernelValue): bigint | string {
  switch (typeof value) {
    case 'bigint': return value;
    case 'number': return Number.isFinite(value) ? BigInt(Math.trunc(value)) : value > 0 ? (1n << 63n) - 1n : -(1n << 63n);
    case 'boolean': return value ? 1n : 0n;
    case 'string': return value;
    case 'undefined': throw new UserError('it has no value yet');
    default:
  }
  if (value === null) return 0n;
  if (isObject(value)) return addressOf(value);
  if (value instanceof Errno) return BigInt(-value.number);
  if (typeof value === 'object' && 'mnt' in value && 'dentry' in value) return pathText(value as unknown as path);
  throw new UserError('it is neither a number nor text');
}

const integerKind = { kind: 'big', c: 'long' } as const;
const make = (value: bigint | boolean): KernelValue => ({ kind: integerKind, value: typeof value === 'boolean' ? value ? 1n : 0n : BigInt.asIntN(64, value) });

class Evaluation {
  constructor(private readonly lookup: KernelNames, private readonly pid: number | undefined) {}

  value(node: Node): KernelValue {
    try {
      return this.dispatch(node);
    } catch (error) {
      if (error instanceof UserError && !(error instanceof ExpressionError)) throw new ExpressionError(error.message, node.column);
      throw error;
    }
  }

  readonly task = (): task_struct => {
    const task = this.pid === undefined ? kernel.current : kernel.tasks.get(this.pid);
    if (!task) throw new UserError(this.pid === undefined ? 'no task runs' : `there is no task ${this.pid} any more`);
    return task;
  };

  private dispatch(node: Node): KernelValue {
    switch (node.kind) {
      case 'integer': return make(BigInt(/^0[0-7]/.test(node.text) ? `0o${node.text.slice(1)}` : node.text.replace(/[uUlL]+$/, '')));
      case 'character': return make(BigInt(unescape(node.text.slice(1, -1), node.column)[0] ?? 0));
      case 'string': return { kind: { kind: 'string' }, value: String.fromCharCode(...unescape(node.text.slice(1, -1), node.column)) };
      case 'name': case 'register': return this.name(node.text);
      case 'call': return this.call(node);
      case 'member': return this.member(this.value(node.operand), node.name);
      case 'index': return this.index(this.value(node.operand), this.value(node.index));
      case 'unary': return this.unary(node.operator, this.value(node.operand));
      case 'binary': return this.binary(node);
      case 'conditional': return this.value(isKernelTrue(this.value(node.condition)) ? node.yes : node.no);
      case 'cast': return this.value(node.operand);
      case 'assign': case 'postfix': throw new UserError('the kernel\'s objects are changed in the console or the Variables view, not here');
      default: throw new UserError('this is not possible over the kernel\'s objects');
    }
  }

  private name(name: string): KernelValue {
    const local = this.lookup(name);
    if (local !== undefined) return isKernelValue(local) ? local : kernelValue(local);
    const root = findRoot(name);
    if (root?.argument !== undefined) throw new UserError(`${name} needs an argument: ${name}(${root.argument})`);
    if (root) return root.value(this, undefined);
    if (name === 'NULL') return kernelValue(null);
    if (name === 'true' || name === 'false') return make(name === 'true');
    throw new UserError(`nothing here is named '${name}'`);
  }

  private call(node: Extract<Node, { kind: 'call' }>): KernelValue {
    const root = node.operand.kind === 'register' || node.operand.kind === 'name' ? findRoot(node.operand.text) : undefined;
    if (root?.argument === undefined) throw new UserError('functions of the kernel cannot be called here');
    return root.value(this, node.argument && this.value(node.argument));
  }

  private member(owner: KernelValue, name: string): KernelValue {
    const found = findMember(owner, name);
    if (found) return found;
    if (owner.value === null) throw new UserError(`it is NULL and has no '${name}'`);
    const names = memberNames(owner);
    const near = names.filter(one => one.includes(name) || name.includes(one) || one.replace(/^[a-z]+_/, '') === name);
    throw new UserError(names.length === 0 ? `it has no fields, and so no '${name}'` : `there is no field '${name}'${near.length > 0 ? `; did you mean ${near.slice(0, 3).join(', ')}?` : `; there are ${names.slice(0, 12).join(', ')}${names.length > 12 ? ' ...' : ''}`}`);
  }

  private index(owner: KernelValue, index: KernelValue): KernelValue {
    const at = scalarOf(index);
    const found = elementAt(owner, typeof at === 'bigint' ? Number(at) : at);
    if (found) return found;
    if (isObject(owner.value) && at === 0n) return owner;
    throw new UserError(`there is no element [${typeof at === 'string' ? JSON.stringify(at) : at}]`);
  }

  private unary(operator: string, operand: KernelValue): KernelValue {
    if (operator === '*' || operator === '&') {
      if (isObject(operand.value)) return operand;
      throw new UserError(operand.value === null ? 'it is NULL' : 'it is not a kernel object');
    }
    if (operator === '!') return make(!isKernelTrue(operand));
    const value = integer(operand, operator);
    switch (operator) {
      case '-': return make(-value);
      case '~': return make(~value);
      case '+': return make(value);
      default: throw new UserError(`'${operator}' is not possible over the kernel's objects`);
    }
  }

  private binary(node: Extract<Node, { kind: 'binary' }>): KernelValue {
    const { operator } = node;
    const left = this.value(node.left);
    if (operator === '&&') return make(isKernelTrue(left) && isKernelTrue(this.value(node.right)));
    if (operator === '||') return make(isKernelTrue(left) || isKernelTrue(this.value(node.right)));
    const right = this.value(node.right);
    if (operator === ',') return right;
    if (operator === '~') return make(matches(String(scalarOf(left)), String(scalarOf(right))));
    if (operator === '==' || operator === '!=') return make(isSame(scalarOf(left), scalarOf(right)) === (operator === '=='));
    return make(arithmetic(operator, integer(left, operator), integer(right, operator)));
  }
}

/** Numbers are the same in 64 bits: an object's address is one above 2^63, and a literal of it, or -1, is signed here. */
const isSame = (left: bigint | string, right: bigint | string): boolean => typeof left === 'bigint' && typeof right === 'bigint' ? BigInt.asUintN(64, left) === BigInt.asUintN(64, right) : left === right;

function isKernelValue(value: unknown): value is KernelValue {
  return typeof value === 'object' && value !== null && 'kind' in value && 'value' in value && typeof value.kind === 'object';
}

function matches(text: string, source: string): boolean {
  try {
    return new RegExp(source, 's').test(text);
  } catch (error) {
    throw new UserError(`"${source}" is not a regular expression: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function integer(operand: KernelValue, operator: string): bigint {
  const value = scalarOf(operand);
  if (typeof value === 'string') throw new UserError(`'${operator}' needs numbers, and ${JSON.stringify(value)} is text`);
  return value;
}

function arithmetic(operator: string, left: bigint, right: bigint): bigint | boolean {
  switch (operator) {
    case '+': return left + right;
    case '-': return left - right;
    case '*': return left * right;
    case '&': return left & right;
    case '|': return left | right;
    case '^': return left ^ right;
    case '<<': return left << (right & 63n);
    case '>>': return left >> (right & 63n);
    case '<': return left < right;
    case '>': return left > right;
    case '<=': return left <= right;
    case '>=': return left >= right;
    case '/': case '%':
      if (right === 0n) throw new UserError('division by zero');
      return operator === '/' ? left / right : left % right;
    default: throw new UserError(`'${operator}' is not possible over the kernel's objects`);
  }
}
