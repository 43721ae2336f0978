// The words of a C expression, with the column of each. C11 6.4; gdb's `$rax` and `::` besides.
import { UserError } from '../../base/errors';

/** The person's expression is wrong: the sentence names the column, counted from 1. */
export class ExpressionError extends UserError {
  override name = 'ExpressionError';
  constructor(readonly sentence: string, readonly column: number) {
    super(`${sentence} (column ${column})`);
  }
}

export interface Token {
  kind: 'name' | 'register' | 'integer' | 'float' | 'character' | 'string' | 'operator' | 'end';
  text: string;
  /** From 1. */
  column: number;
}

const pattern = /([$][A-Za-z_]\w*|[$])|((?:[A-Za-z_]\w*::)*[A-Za-z_]\w*)|(0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*[pP][+-]?\d+[fFlL]?|(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?[fFlL]?|\d+[eE][+-]?\d+[fFlL]?)|(0[xX][0-9a-fA-F]+[uUlL]*|0[bB][01]+[uUlL]*|\d+[uUlL]*)|([LuU]?'(?:[^'\\\n]|\\.)+')|("(?:[^"\\\n]|\\.)*")|(<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%&|^~!<>=?:,.()[\]{}@])/y;
const kinds = ['register', 'name', 'float', 'integer', 'character', 'string', 'operator'] as const;

/** All words of `text`, and an end mark. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && /\s/.test(text[at] ?? '')) at++;
    if (at >= text.length) break;
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) throw new ExpressionError(text[at] === '"' || text[at] === "'" ? 'the quotation mark is not closed' : `'${text[at]}' does not belong in an expression`, at + 1);
    const kind = kinds[match.slice(1).findIndex(group => group !== undefined)] ?? 'operator';
    const end = pattern.lastIndex;
    if ((kind === 'integer' || kind === 'float') && /[\w.]/.test(text[end] ?? '')) throw new ExpressionError(`'${text.slice(at).match(/^[\w.]+/)?.[0] ?? ''}' is not a number`, at + 1);
    tokens.push({ kind, text: match[0], column: at + 1 });
    at = end;
  }
  tokens.push({ kind: 'end', text: '', column: text.length + 1 });
  return tokens;
}

const simpleEscapes: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11, e: 27, '0': 0 };

/** The bytes of a quoted text without its quotes; UTF-8. C11 6.4.4.4. */
export function unescape(body: string, column: number): number[] {
  const bytes: number[] = [];
  for (let i = 0; i < body.length;) {
    if (body[i] !== '\\') {
      const code = body.codePointAt(i) ?? 0;
      bytes.push(...utf8(code));
      i += code > 0xffff ? 2 : 1;
      continue;
    }
    const octal = /^[0-7]{1,3}/.exec(body.slice(i + 1))?.[0];
    const hex = /^x([0-9a-fA-F]+)/.exec(body.slice(i + 1));
    if (octal) { bytes.push(parseInt(octal, 8) & 0xff); i += 1 + octal.length; continue; }
    if (hex) { bytes.push(parseInt(hex[1] ?? '0', 16) & 0xff); i += 1 + hex[0].length; continue; }
    const letter = body[i + 1] ?? '';
    const known = simpleEscapes[letter];
    if (known === undefined && !/['"\\?]/.test(letter)) throw new ExpressionError(`the escape '\\${letter}' is unknown`, column + i + 1);
    bytes.push(known ?? letter.charCodeAt(0));
    i += 2;
  }
  return bytes;
}

function utf8(code: number): number[] {
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), 0x80 | (code & 0x3f)];
  if (code < 0x10000) return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
  return [0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
}
