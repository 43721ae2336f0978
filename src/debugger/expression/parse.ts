// C expressions -> trees. C11 6.5, 6.7.7 (type names); gdb's `@` (so many elements) and `{type} address`; a binary `~` for
// regular expressions where the caller allows it. Which names are types is asked of the caller: C cannot be parsed without.
import { arrayOf, cTypes, type CType, pointerTo, voidType } from '../../dwarf/ctype';
import { ExpressionError, type Token, tokenize } from './tokens';

export type Node =
  | { kind: 'integer' | 'float' | 'character' | 'string' | 'name' | 'register'; text: string; column: number }
  | { kind: 'unary'; operator: '-' | '+' | '!' | '~' | '*' | '&' | '++' | '--' | 'sizeof'; operand: Node; column: number }
  | { kind: 'postfix'; operator: '++' | '--'; operand: Node; column: number }
  | { kind: 'binary'; operator: string; left: Node; right: Node; column: number }
  | { kind: 'assign'; operator: string; left: Node; right: Node; column: number }
  | { kind: 'conditional'; condition: Node; yes: Node; no: Node; column: number }
  | { kind: 'member'; operand: Node; name: string; column: number }
  | { kind: 'index'; operand: Node; index: Node; column: number }
  | { kind: 'call'; operand: Node; argument?: Node; column: number }
  | { kind: 'cast'; type: CType; operand: Node; column: number }
  | { kind: 'at'; type: CType; operand: Node; column: number }
  | { kind: 'type'; type: CType; column: number }
  | { kind: 'sizeofType'; type: CType; column: number };

export interface ParseOptions {
  /** The type of that name: a typedef's, or `struct tag`, `union tag`, `enum tag`. */
  lookupType(name: string): CType | undefined;
  /** A variable hides a typedef of the same name. */
  isVariable?(name: string): boolean;
  /** `path ~ "text"` means a regular-expression match. */
  isMatchAllowed?: boolean;
}

const precedences: Readonly<Record<string, number>> = {
  '||': 1, '&&': 2, '|': 3, '^': 4, '&': 5, '==': 6, '!=': 6, '~': 6, '<': 7, '>': 7, '<=': 7, '>=': 7, '<<': 8, '>>': 8, '@': 9, '+': 10, '-': 10, '*': 11, '/': 11, '%': 11,
};
const assignments: ReadonlySet<string> = new Set(['=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>=']);
const typeWords: ReadonlySet<string> = new Set(['void', 'char', 'short', 'int', 'long', 'float', 'double', 'signed', 'unsigned', '_Bool', 'bool', '__int128', 'struct', 'union', 'enum', 'class', 'const', 'volatile', 'restrict', '_Atomic']);
const MAX_DEPTH = 200;

/** Parses a whole expression; ExpressionError tells where it went wrong. */
export function parseExpression(text: string, options: ParseOptions): Node {
  return new Parser(tokenize(text), options).whole();
}

class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[], private readonly options: ParseOptions) {}

  whole(): Node {
    const node = this.comma();
    if (this.token.kind !== 'end') throw this.unexpected('the end of the expression');
    return node;
  }

  private get token(): Token { return this.tokens[this.at] ?? { kind: 'end', text: '', column: 1 }; }
  private next(): Token { const { token } = this; this.at++; return token; }
  private is(text: string): boolean { return this.token.kind === 'operator' && this.token.text === text; }
  private accept(text: string): boolean { if (!this.is(text)) return false; this.at++; return true; }
  private expect(text: string): void { if (!this.accept(text)) throw this.unexpected(`'${text}'`); }
  private unexpected(wanted: string): ExpressionError {
    const { token } = this;
    return new ExpressionError(token.kind === 'end' ? `the expression ends where ${wanted} is expected` : `'${token.text}' stands where ${wanted} is expected`, token.column);
  }

  private comma(): Node {
    let left = this.assignment();
    while (this.is(',')) { const { column } = this.next(); left = { kind: 'binary', operator: ',', left, right: this.assignment(), column }; }
    return left;
  }

  private assignment(): Node {
    if (++this.depth > MAX_DEPTH) throw new ExpressionError('the expression is nested too deeply', this.token.column);
    const left = this.conditional();
    let node = left;
    if (this.token.kind === 'operator' && assignments.has(this.token.text)) {
      const { text, column } = this.next();
      node = { kind: 'assign', operator: text, left, right: this.assignment(), column };
    }
    this.depth--;
    return node;
  }

  private conditional(): Node {
    const condition = this.binary(1);
    if (!this.is('?')) return condition;
    const { column } = this.next();
    const yes = this.comma();
    this.expect(':');
    return { kind: 'conditional', condition, yes, no: this.assignment(), column };
  }

  private binary(least: number): Node {
    let left = this.unary();
    for (;;) {
      const { token } = this;
      const precedence = token.kind === 'operator' ? precedences[token.text] : undefined;
      if (precedence === undefined || precedence < least || (token.text === '~' && !this.options.isMatchAllowed)) return left;
      this.next();
      left = { kind: 'binary', operator: token.text, left, right: this.binary(precedence + 1), column: token.column };
    }
  }

  private unary(): Node {
    if (++this.depth > MAX_DEPTH) throw new ExpressionError('the expression is nested too deeply', this.token.column);
    const node = this.unaryInner();
    this.depth--;
    return node;
  }

  private unaryInner(): Node {
    const { token } = this;
    const { text, column } = token;
    if (token.kind === 'operator') {
      switch (text) {
        case '-': case '+': case '!': case '~': case '*': case '&': case '++': case '--': this.next(); return { kind: 'unary', operator: text, operand: this.unary(), column };
        case '{': {
          this.next();
          const type = this.typeName();
          this.expect('}');
          return { kind: 'at', type, operand: this.unary(), column };
        }
        case '(':
          if (this.startsType(this.at + 1)) {
            this.next();
            const type = this.typeName();
            this.expect(')');
            return { kind: 'cast', type, operand: this.unary(), column };
          }
          break;
        default:
      }
    }
    if (token.kind === 'name' && text === 'sizeof') {
      this.next();
      if (this.is('(') && this.startsType(this.at + 1)) {
        this.next();
        const type = this.typeName();
        this.expect(')');
        return { kind: 'sizeofType', type, column };
      }
      return { kind: 'unary', operator: 'sizeof', operand: this.unary(), column };
    }
    return this.postfix();
  }

  private postfix(): Node {
    let node = this.primary();
    for (;;) {
      const { text, column } = this.token;
      if (this.accept('[')) { const index = this.comma(); this.expect(']'); node = { kind: 'index', operand: node, index, column }; }
      else if (this.is('.') || this.is('->')) {
        this.next();
        const name = this.next();
        if (name.kind !== 'name') { this.at--; throw this.unexpected('the name of a member'); }
        node = { kind: 'member', operand: node, name: name.text, column: name.column };
      } else if (this.is('++') || this.is('--')) { this.next(); node = { kind: 'postfix', operator: text === '++' ? '++' : '--', operand: node, column }; }
      else if (this.accept('(')) {
        const argument = this.is(')') ? undefined : this.comma();
        this.expect(')');
        node = { kind: 'call', operand: node, ...(argument && { argument }), column };
      } else return node;
    }
  }

  private primary(): Node {
    const { token } = this;
    if (token.kind === 'operator') {
      if (!this.accept('(')) throw this.unexpected('a value');
      const inner = this.comma();
      this.expect(')');
      return inner;
    }
    if (token.kind === 'end') throw this.unexpected('a value');
    if (token.kind === 'name' && this.startsType(this.at)) return { kind: 'type', type: this.typeName(), column: token.column };
    this.next();
    let { text } = token;
    // Adjacent string literals are one. C11 6.4.5.
    if (token.kind === 'string') while (this.token.kind === 'string') text = text.slice(0, -1) + this.next().text.slice(1);
    return { kind: token.kind, text, column: token.column };
  }

  private startsType(at: number): boolean {
    const token = this.tokens[at];
    if (token?.kind !== 'name') return false;
    if (typeWords.has(token.text)) return true;
    return !this.options.isVariable?.(token.text) && this.options.lookupType(token.text) !== undefined;
  }

  /** A type name: specifiers and an abstract declarator. */
  typeName(): CType {
    return this.declarator(this.specifiers());
  }

  private specifiers(): CType {
    const { column } = this.token;
    const words: string[] = [];
    const qualifiers: ('const' | 'volatile')[] = [];
    let named: CType | undefined;
    for (;;) {
      const { token } = this;
      if (token.kind !== 'name') break;
      const { text } = token;
      if (text === 'const' || text === 'volatile') qualifiers.push(text);
      else if (text === 'struct' || text === 'union' || text === 'enum' || text === 'class') {
        this.next();
        const tag = this.token;
        if (tag.kind !== 'name') throw this.unexpected(`the tag of a ${text}`);
        named = this.options.lookupType(`${text} ${tag.text}`);
        if (!named) throw new ExpressionError(`there is no ${text} named '${tag.text}'`, tag.column);
      } else if (typeWords.has(text)) words.push(text);
      else if (!named && words.length === 0) {
        named = this.options.lookupType(text);
        if (!named) throw new ExpressionError(`there is no type named '${text}'`, token.column);
      } else break;
      this.next();
    }
    let type = named ?? builtin(words);
    if (!type || (named && words.length > 0)) throw new ExpressionError(words.length > 0 ? `'${words.join(' ')}' is not a type` : 'a type is expected', column);
    for (const kind of qualifiers) type = qualify(kind, type);
    return type;
  }

  /** An abstract declarator: what it makes of the type before it. */
  private declarator(base: CType): CType {
    let type = base;
    while (this.is('*') || this.is('&')) {
      const { text } = this.next();
      type = text === '*' ? pointerTo(type) : { kind: 'reference', size: 8, target: type };
      while (this.token.kind === 'name' && (this.token.text === 'const' || this.token.text === 'volatile' || this.token.text === 'restrict')) type = qualify(this.next().text as 'const', type);
    }
    // A parenthesis that holds a star is a declarator: its type is made of what follows the parenthesis.
    let innerStart = -1, innerEnd = -1;
    if (this.is('(') && this.tokens[this.at + 1]?.text === '*') {
      innerStart = ++this.at;
      for (let open = 1; open > 0; this.at++) {
        if (this.token.kind === 'end') throw this.unexpected("')'");
        if (this.is('(')) open++;
        else if (this.is(')')) open--;
      }
      innerEnd = this.at;
    }
    type = this.suffixes(type);
    if (innerStart >= 0) {
      const after = this.at;
      this.at = innerStart;
      type = this.declarator(type);
      if (this.at !== innerEnd - 1) throw this.unexpected("')'");
      this.at = after;
    }
    return type;
  }

  private suffixes(element: CType): CType {
    if (this.accept('[')) {
      const count = this.token.kind === 'integer' ? Number(BigInt(this.next().text.replace(/[uUlL]+$/, ''))) : 0;
      this.expect(']');
      return arrayOf(this.suffixes(element), count);
    }
    if (this.is('(')) {
      this.next();
      const parameters: { name: string; type: CType }[] = [];
      let isVariadic = false;
      while (!this.is(')')) {
        if (this.is('.')) { this.expect('.'); this.expect('.'); this.expect('.'); isVariadic = true; break; }
        parameters.push({ name: '', type: this.typeName() });
        if (!this.accept(',')) break;
      }
      this.expect(')');
      const only = parameters[0];
      const isVoid = parameters.length === 1 && only?.type.kind === 'void';
      return { kind: 'function', size: undefined, returns: element, parameters: isVoid ? [] : parameters, isVariadic, isPrototyped: parameters.length > 0 };
    }
    return element;
  }
}

function qualify(kind: 'const' | 'volatile' | 'restrict', target: CType): CType {
  return { kind, target, size: target.size };
}

/** The type that words like `unsigned long int` mean, in any order. C11 6.7.2. */
function builtin(words: readonly string[]): CType | undefined {
  const count = (word: string): number => words.filter(w => w === word).length;
  const rest = words.filter(w => !['signed', 'unsigned', 'short', 'long', 'int'].includes(w));
  const isUnsigned = count('unsigned') > 0;
  if (words.length === 0 || rest.length > 1 || count('int') > 1 || count('long') > 2 || count('short') > 1 || (isUnsigned && count('signed') > 0)) return undefined;
  const sized = count('short') + count('long') + count('int') > 0;
  switch (rest[0]) {
    case 'void': return words.length === 1 ? voidType : undefined;
    case '_Bool': case 'bool': return words.length === 1 ? cTypes.bool : undefined;
    case 'float': return words.length === 1 ? cTypes.float : undefined;
    case 'double': return words.length === 1 ? cTypes.double : words.length === 2 && count('long') === 1 ? cTypes.longDouble : undefined;
    case 'char': return sized ? undefined : isUnsigned ? cTypes.unsignedChar : count('signed') > 0 ? cTypes.signedChar : cTypes.char;
    case '__int128': return sized ? undefined : isUnsigned ? cTypes.unsignedInt128 : cTypes.int128;
    default:
  }
  if (count('short') > 0) return count('long') > 0 ? undefined : isUnsigned ? cTypes.unsignedShort : cTypes.short;
  if (count('long') === 2) return isUnsigned ? cTypes.unsignedLongLong : cTypes.longLong;
  if (count('long') === 1) return isUnsigned ? cTypes.unsignedLong : cTypes.long;
  return isUnsigned ? cTypes.unsignedInt : cTypes.int;
}
