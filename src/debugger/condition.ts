// Conditions over named values: a C expression of integers and strings, with `~` for an unanchored regular-expression match.
// Not here: types, memory, assignment; the names come from the caller. Arithmetic is that of 64-bit signed integers, as wide as an argument gets.
import { UserError } from '../base/errors';

export type ConditionValue = bigint | string;

/** The value of a name, or undefined when there is no such name. */
export type ConditionNames = (name: string) => ConditionValue | undefined;

export interface Condition {
  readonly text: string;
  /** Every name that the expression mentions. */
  readonly names: ReadonlySet<string>;
  /** Throws UserError for an unknown name or for operands of the wrong kind. */
  evaluate(names: ConditionNames): ConditionValue;
}

type Node = (names: ConditionNames) => ConditionValue;
interface Token { kind: 'number' | 'string' | 'name' | 'operator' | 'end'; text: string; value?: ConditionValue; at: number }

const TOKEN = /\s*(?:(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)[uUlL]*(?![\w.])|("(?:[^"\\]|\\.)*")|('(?:[^'\\]|\\.)+')|([$A-Za-z_][\w]*(?:(?:->|\.)[A-Za-z_]\w*|\[\d+\])*)|(<<|>>|<=|>=|==|!=|=~|!~|&&|\|\||[-+*/%&|^~!<>()?:,]))/y;
const PRECEDENCE: Record<string, number> = {
  '||': 1, '&&': 2, '|': 3, '^': 4, '&': 5, '==': 6, '!=': 6, '~': 6, '=~': 6, '!~': 6, '<': 7, '>': 7, '<=': 7, '>=': 7, '<<': 8, '>>': 8, '+': 9, '-': 9, '*': 10, '/': 10, '%': 10,
};
const MAX_DEPTH = 200;

/** Parses `text`; throws UserError that names the column. */
export function parseCondition(text: string): Condition {
  const tokens = tokenize(text);
  const found = new Set<string>();
  let next = 0;
  let depth = 0;
  const peek = (): Token => tokens[next] ?? { kind: 'end', text: '', at: text.length };
  const take = (): Token => { const token = peek(); next++; return token; };
  const wrong = (token: Token, expected: string): UserError =>
    new UserError(`${token.kind === 'end' ? 'the condition ends' : `'${token.text}' stands at column ${token.at + 1}`} where ${expected} is expected: ${text.trim()}`);
  const expect = (operator: string): void => { const token = take(); if (token.text !== operator || token.kind !== 'operator') throw wrong(token, `'${operator}'`); };

  const primary = (): Node => {
    const token = take();
    if (token.kind === 'number' || token.kind === 'string') { const value = token.value ?? 0n; return () => value; }
    if (token.kind === 'name') {
      const { text: name } = token;
      found.add(name);
      return names => {
        const value = names(name);
        if (value === undefined) throw new UserError(`nothing here is named '${name}'`);
        return value;
      };
    }
    if (token.text === '(') { const inner = ternary(); expect(')'); return inner; }
    throw wrong(token, 'a value');
  };
  const unary = (): Node => {
    if (++depth > MAX_DEPTH) throw new UserError('the condition is nested too deeply');
    const { kind, text: operator } = peek();
    let node: Node;
    if (kind === 'operator' && ['-', '+', '!', '~'].includes(operator)) {
      take();
      const operand = unary();
      if (operator === '!') node = names => truth(!isTrue(operand(names)));
      else node = names => { const v = integer(operand(names), operator); return wrap(operator === '-' ? -v : operator === '~' ? ~v : v); };
    } else node = primary();
    depth--;
    return node;
  };
  const binary = (least: number): Node => {
    let left = unary();
    for (;;) {
      const { kind, text: operator } = peek();
      const precedence = kind === 'operator' ? PRECEDENCE[operator] : undefined;
      if (precedence === undefined || precedence < least) return left;
      take();
      left = combine(operator, left, binary(precedence + 1));
    }
  };
  function ternary(): Node {
    if (++depth > MAX_DEPTH) throw new UserError('the condition is nested too deeply');
    const test = binary(1);
    depth--;
    if (peek().text !== '?' || peek().kind !== 'operator') return test;
    take();
    const yes = ternary();
    expect(':');
    const no = ternary();
    return names => isTrue(test(names)) ? yes(names) : no(names);
  }

  const root = ternary();
  if (peek().kind !== 'end') throw wrong(peek(), 'an operator');
  return { text: text.trim(), names: found, evaluate: root };
}

/** C's notion of truth; a string is true unless it is empty. */
export function isTrue(value: ConditionValue): boolean {
  return typeof value === 'string' ? value !== '' : value !== 0n;
}

const truth = (value: boolean): bigint => value ? 1n : 0n;
const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);

function integer(value: ConditionValue, operator: string): bigint {
  if (typeof value === 'string') throw new UserError(`'${operator}' needs integers, and "${value}" is a string`);
  return value;
}

function combine(operator: string, left: Node, right: Node): Node {
  switch (operator) {
    case '&&': return names => truth(isTrue(left(names)) && isTrue(right(names)));
    case '||': return names => truth(isTrue(left(names)) || isTrue(right(names)));
    case '==': return names => truth(equal(left(names), right(names)));
    case '!=': return names => truth(!equal(left(names), right(names)));
    case '~': case '=~': return names => truth(matches(left(names), right(names)));
    case '!~': return names => truth(!matches(left(names), right(names)));
    default: return names => arithmetic(operator, left(names), right(names));
  }
}

function equal(left: ConditionValue, right: ConditionValue): boolean {
  if (typeof left !== typeof right) throw new UserError(`'${left}' and '${right}' cannot be compared: one of them is a string`);
  return left === right;
}

const expressions = new Map<string, RegExp>();

function matches(left: ConditionValue, right: ConditionValue): boolean {
  if (typeof right !== 'string') throw new UserError("the right side of '~' must be a string that holds a regular expression");
  let expression = expressions.get(right);
  if (!expression) {
    expression = compile(right);
    if (expressions.size > 100) expressions.clear();
    expressions.set(right, expression);
  }
  return expression.test(String(left));
}

function compile(source: string): RegExp {
  try {
    return new RegExp(source, 's');
  } catch (error) {
    throw new UserError(`"${source}" is not a regular expression: ${error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error)}`);
  }
}

function arithmetic(operator: string, leftValue: ConditionValue, rightValue: ConditionValue): bigint {
  if (typeof leftValue === 'string' && typeof rightValue === 'string') {
    if (operator === '<') return truth(leftValue < rightValue);
    if (operator === '>') return truth(leftValue > rightValue);
    if (operator === '<=') return truth(leftValue <= rightValue);
    if (operator === '>=') return truth(leftValue >= rightValue);
  }
  const left = integer(leftValue, operator);
  const right = integer(rightValue, operator);
  switch (operator) {
    case '<': return truth(left < right);
    case '>': return truth(left > right);
    case '<=': return truth(left <= right);
    case '>=': return truth(left >= right);
    case '|': return left | right;
    case '^': return left ^ right;
    case '&': return left & right;
    case '<<': return wrap(left << (right & 63n));
    case '>>': return left >> (right & 63n);
    case '+': return wrap(left + right);
    case '-': return wrap(left - right);
    case '*': return wrap(left * right);
    default:
      if (right === 0n) throw new UserError(`division by zero in '${left} ${operator} ${right}'`);
      return wrap(operator === '/' ? left / right : left % right);
  }
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', 0: '\0', a: '\x07', b: '\b', f: '\f', v: '\v', e: '\x1b' };

/** An escaped regular-expression class such as \d or \. keeps its backslash; C's escapes are resolved. */
function unescape(body: string): string {
  return body.replace(/\\(x[0-9a-fA-F]{1,2}|.)/gs, (all, code: string) => {
    if (code.length > 1) return String.fromCharCode(parseInt(code.slice(1), 16));
    return ESCAPES[code] ?? (code === '"' || code === "'" ? code : all);
  });
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) {
      const column = at + text.slice(at).search(/\S/);
      throw new UserError(`'${text.slice(column).split(/\s/)[0]}' at column ${column + 1} cannot be read: ${text.trim()}`);
    }
    const [all, number, string, char, name, operator] = match;
    const start = at + all.search(/\S/);
    at += all.length;
    const body = all.trim();
    if (number !== undefined) tokens.push({ kind: 'number', text: body, at: start, value: /^0[0-7]/.test(number) ? BigInt(`0o${number.slice(1)}`) : BigInt(number) });
    else if (string !== undefined) tokens.push({ kind: 'string', text: body, at: start, value: unescape(string.slice(1, -1)) });
    else if (char !== undefined) tokens.push(charToken(char, start));
    else if (name !== undefined) tokens.push({ kind: 'name', text: name, at: start });
    else tokens.push({ kind: 'operator', text: operator ?? '', at: start });
  }
  return tokens;
}

function charToken(text: string, at: number): Token {
  const body = text.slice(1, -1);
  const value = body === '\\\\' ? '\\' : unescape(body);
  if (value.length !== 1) throw new UserError(`${text} at column ${at + 1} is not one character`);
  return { kind: 'number', text, at, value: BigInt(value.charCodeAt(0)) };
}
