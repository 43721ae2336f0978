// Values printed as gdb prints them: `(int *) 0x... <x>`, `{a = 1, b = 2}`, `65 'A'`, `"text", '\000' <repeats 12 times>`.
// gdb: c-valprint.c, valprint.c, generic-printstr; formats as CodeLLDB writes them (`,x`).
import { UserError } from '../../base/errors';
import { type CType, type EnumType, isCharacter, isSigned, strip, type StructType, typeName } from '../../dwarf/ctype';
import type { Container } from '../containers/container';
import { containerOf, variantOf } from '../containers/open';
import { element, memberOf } from './member';
import { escapeByte, formatFloat, formatString, REPEATS } from './format_number';
import { bytesOf, floatOfBytes, integerOf, littleEndian, type Memory, type Value } from './value';

/** x hexadecimal, o octal, d decimal, u unsigned, b binary, c character, s string, f float, p pointer, y bytes. */
export type FormatLetter = 'x' | 'o' | 'd' | 'u' | 'b' | 'c' | 's' | 'f' | 'p' | 'y';

export interface FormatOptions {
  letter?: FormatLetter;
  /** Integers in hexadecimal, whatever else is in the value. */
  isHex?: boolean;
  /** For a row that can be unfolded: deep structs are `{...}`, and a text ends before the zeros at its end. */
  isRow?: boolean;
}

const MAX_ELEMENTS = 200, MAX_DEPTH = 20, ROW_DEPTH = 3, MAX_READ = 1 << 20;

/** The value as gdb's print shows it; what cannot be read is shown as `<error: ...>`, never thrown. */
export function formatValue(value: Value, memory: Memory, options: FormatOptions = {}): string {
  return new Formatter(memory, options).format(value, 0);
}

class Formatter {
  private readonly letter: FormatLetter | undefined;

  constructor(private readonly memory: Memory, private readonly options: FormatOptions) { this.letter = options.letter; }

  format(value: Value, depth: number): string {
    const { problem } = value.place;
    if (problem !== undefined) return `<${problem}>`;
    try {
      return this.dispatch(value, depth);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return error.message === 'the value was optimized out' ? '<optimized out>' : `<error: ${error.message}>`;
    }
  }

  private dispatch(value: Value, depth: number): string {
    const type = strip(value.type);
    if (depth > (this.options.isRow ? ROW_DEPTH : MAX_DEPTH)) return '{...}';
    switch (type.kind) {
      case 'void': return 'void';
      case 'function': return `{${typeName(type)}} ${hex(value.place.address ?? 0n)}${this.symbol(value.place.address ?? 0n)}`;
      case 'struct': case 'union': case 'class': return this.struct(value, type, depth);
      case 'array': return this.array(value, depth);
      case 'pointer': return this.pointer(value, type.target, depth);
      case 'reference': case 'rvalueReference': {
        const address = integerOf(value, this.memory) ?? 0n;
        const target = this.format({ type: type.target, place: { address } }, depth + 1);
        return depth === 0 ? `(${typeName(value.type)}) @${hex(address)}: ${target}` : `@${hex(address)}: ${target}`;
      }
      case 'enum': return this.letter && this.letter !== 's' ? this.integer(value, type) : formatEnum(integerOf(value, this.memory) ?? 0n, type);
      case 'memberPointer': return hex(BigInt.asUintN(64, integerOf(value, this.memory) ?? 0n));
      case 'base': return this.base(value, depth);
    }
  }

  private base(value: Value, depth: number): string {
    const type = strip(value.type);
    if (type.kind !== 'base') return '';
    if (type.encoding === 'float') {
      const bytes = bytesOf(value, this.memory);
      if (!this.letter || this.letter === 'f') return formatFloat(bytes, type.size);
      if (this.letter === 'y') return bytesText(bytes);
      const number = floatOfBytes(bytes, type.size);
      return Number.isFinite(number) ? this.inFormat(BigInt(Math.trunc(number)), 8, true) : String(number);
    }
    if (type.encoding === 'complex') {
      const bytes = bytesOf(value, this.memory);
      const half = type.size / 2;
      return `${formatFloat(bytes.subarray(0, half), half)} + ${formatFloat(bytes.subarray(half), half)}i`;
    }
    if (type.size === 0) return depth === 0 ? 'void' : '<void>';
    return this.integer(value, type);
  }

  private integer(value: Value, type: CType): string {
    const number = integerOf(value, this.memory);
    if (number === undefined) return '<error: it has no number>';
    const size = strip(type).size ?? 8;
    const t = strip(type);
    if (this.letter && !(this.letter === 's' && !isCharacter(type))) return this.letter === 'y' ? bytesText(bytesOf(value, this.memory)) : this.inFormat(value.bits ? BigInt.asUintN(value.bits.size, number) : number, size, isSigned(type));
    if (t.kind === 'base' && t.encoding === 'boolean') return number === 0n ? 'false' : number === 1n ? 'true' : String(number);
    if (this.options.isHex) return hex(BigInt.asUintN(value.bits?.size ?? 8 * size, number));
    if (isCharacter(type)) return size === 1 ? `${number} '${escapeByte(Number(BigInt.asUintN(8, number)), "'")}'` : `${number} ${size === 2 ? 'u' : 'U'}'${number < 0x110000n ? String.fromCodePoint(Number(number)) : '?'}'`;
    return String(number);
  }

  private inFormat(number: bigint, size: number, isSignedType: boolean): string {
    const unsigned = BigInt.asUintN(size * 8, number);
    switch (this.letter) {
      case 'x': case 'p': return hex(unsigned);
      case 'o': return unsigned === 0n ? '0' : `0${unsigned.toString(8)}`;
      case 'b': return `0b${unsigned.toString(2)}`;
      case 'u': return String(unsigned);
      case 'c': { const code = Number(BigInt.asUintN(8, number)); return `${isSignedType ? BigInt.asIntN(8, number) : code} '${escapeByte(code, "'")}'`; }
      case 'f': return String(number);
      default: return String(BigInt.asIntN(size * 8, number));
    }
  }

  private pointer(value: Value, pointee: CType, depth: number): string {
    const address = BigInt.asUintN(64, integerOf(value, this.memory) ?? 0n);
    const target = strip(pointee);
    if (this.letter && this.letter !== 's' && this.letter !== 'p') return this.inFormat(address, 8, false);
    if ((isCharacter(pointee) && target.size === 1 && this.letter !== 'p') || (this.letter === 's' && target.size === 1)) {
      const symbol = this.symbol(address);
      return address === 0n ? '0x0' : `${hex(address)}${symbol} ${this.textAt(address)}`;
    }
    const prefix = depth === 0 && !this.letter ? `(${typeName(value.type)}) ` : '';
    return `${prefix}${hex(address)}${this.symbol(address)}`;
  }

  private textAt(address: bigint): string {
    const limit = MAX_ELEMENTS;
    const bytes = this.memory.readMemory(address, limit + 1);
    const end = bytes.indexOf(0);
    if (end >= 0 && end <= limit) return formatString(bytes.subarray(0, end));
    if (bytes.length === 0) return `<error: Cannot access memory at address ${hex(address)}>`;
    return bytes.length > limit ? formatString(bytes.subarray(0, limit), limit, true) : `${formatString(bytes)}<error: Cannot access memory at address ${hex(address + BigInt(bytes.length))}>`;
  }

  private symbol(address: bigint): string {
    const name = address === 0n ? undefined : this.memory.describe?.(address);
    return name === undefined ? '' : ` <${name}>`;
  }

  private struct(value: Value, type: StructType, depth: number): string {
    if (type.isIncomplete) return '<incomplete type>';
    if (value.isRaw && this.options.isRow) return '{...}';
    const container = containerOf(value, this.memory);
    if (container) return this.container(container, depth);
    if (type.variants) return this.variant(value, type, depth);
    const shown = type.members.filter(m => !m.isStatic && !(this.options.isRow && m.isBase && isEmpty(m.type)));
    if (shown.length === 0) return '{<No data fields>}';
    // One read for all members: a struct that cannot be read is one error, not many.
    const whole = value.place.bytes ? value : { ...value, place: { ...value.place, bytes: bytesOf(value, this.memory) } };
    const members = shown.map(m => {
      const text = this.format(memberOf(whole, m), depth + 1);
      if (m.isBase) return `<${typeName(m.type)}> = ${text}`;
      return m.name === '' ? text : `${m.name} = ${text}`;
    });
    return `{${members.join(', ')}}`;
  }

  /** As gdb's printers for the library print it. */
  private container(container: Container, depth: number): string {
    if (container.kind === 'text') return formatString(container.bytes.subarray(0, MAX_ELEMENTS), MAX_ELEMENTS, container.isCut || container.bytes.length > MAX_ELEMENTS);
    if (container.kind === 'pointer') return `${container.head} = {get() = ${this.format(container.pointer, depth + 1)}}`;
    const { head, length, style } = container;
    if (length === 0) return head;
    const elements = container.elements(0, MAX_ELEMENTS).map((one, i) => {
      const text = this.format(one.value, depth + 1);
      return style === 'list' ? text : `[${one.key ? this.format(one.key, depth + 1) : one.label ?? i}] = ${text}`;
    });
    return `${head} = {${elements.join(', ')}${length > elements.length ? '...' : ''}}`;
  }

  /** `Some(5)`, `Rect {w = 2, h = 3}`, `Unit`. */
  private variant(value: Value, type: StructType, depth: number): string {
    const member = variantOf(value, type, this.memory), inner = member && strip(member.type);
    if (!member || (inner?.kind !== 'struct' && inner?.kind !== 'class')) return '<none of its variants>';
    if (inner.members.length === 0) return member.name;
    if (inner.members.some(m => m.name !== `__${inner.members.indexOf(m)}`)) return `${member.name} ${this.format(memberOf(value, member), depth)}`;
    return `${member.name}(${inner.members.map(m => this.format(memberOf(memberOf(value, member), m), depth + 1)).join(', ')})`;
  }

  private array(value: Value, depth: number): string {
    const type = strip(value.type);
    if (type.kind !== 'array') return '';
    const inner = strip(type.element);
    const isBytes = inner.kind === 'base' && inner.size === 1;
    if (type.count === undefined) return value.place.address === undefined ? '{...}' : `${hex(value.place.address)}${this.symbol(value.place.address)}`;
    if (this.letter === 'y') return bytesText(bytesOf(value, this.memory));
    if ((isCharacter(type.element) && isBytes && (!this.letter || this.letter === 's')) || (this.letter === 's' && isBytes)) return this.text(value, type.count);
    const parts: string[] = [];
    const size = inner.size ?? 0;
    // Of a huge array only the beginning is read: that is more than is shown, unless it repeats itself.
    const limit = size === 0 ? type.count : Math.min(type.count, Math.max(1, Math.floor(MAX_READ / size)));
    const bytes = value.place.bytes ?? bytesOf({ type: { ...type, count: limit, size: limit * size }, place: value.place }, this.memory);
    const place = { ...value, place: { ...value.place, bytes } };
    let shown = 0;
    for (let i = 0; i < limit;) {
      if (shown >= MAX_ELEMENTS) return `{${parts.join(', ')}...}`;
      const text = this.format(element(place, type.element, BigInt(i), this.memory), depth + 1);
      const run = runLength(bytes, size, i, limit);
      if (run > REPEATS) { parts.push(`${text} <repeats ${run} times>`); i += run; shown += REPEATS; }
      else { parts.push(text); i++; shown++; }
    }
    return `{${parts.join(', ')}${limit < type.count ? '...' : ''}}`;
  }

  /** A char array: its one final zero is not shown. gdb: c_val_print_array(), generic_printstr(). */
  private text(value: Value, count: number): string {
    const bytes = bytesOf(value, this.memory).subarray(0, count);
    if (this.options.isRow) return formatString(withoutZeros(bytes));
    const end = count > 0 && count <= MAX_ELEMENTS && bytes[count - 1] === 0 ? count - 1 : count;
    // With print elements at 200, a longer array that is zero from somewhere on is cut there.
    if (count > MAX_ELEMENTS) {
      let used = count;
      while (used > 0 && bytes[used - 1] === 0) used--;
      if (used < count) return used === 0 ? `'\\000' <repeats ${count - 1} times>` : formatString(bytes.subarray(0, count - 1));
    }
    return formatString(bytes.subarray(0, end));
  }
}

/** A base class that only has a name, like an allocator. */
function isEmpty(type: CType): boolean {
  const t = strip(type);
  return (t.kind === 'struct' || t.kind === 'class') && !t.isIncomplete && t.members.every(m => m.isStatic || m.isBase && isEmpty(m.type));
}

function withoutZeros(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}

/** How many elements from `start` on have the same bytes. */
function runLength(bytes: Uint8Array, size: number, start: number, count: number): number {
  if (size === 0) return count - start;
  let run = 1;
  for (; start + run < count; run++) {
    for (let k = 0; k < size; k++) if (bytes[start * size + k] !== bytes[(start + run) * size + k]) return run;
  }
  return run;
}

function formatEnum(number: bigint, type: EnumType): string {
  const exact = type.enumerators.find(e => e.value === number);
  if (exact) return exact.name;
  if (!isFlagEnum(type)) return String(number);
  if (number === 0n) return '0';
  let rest = BigInt.asUintN(8 * type.size, number);
  const names: string[] = [];
  for (const { name, value } of type.enumerators) if (value !== 0n && (rest & value) === value) { names.push(name); rest &= ~value; }
  if (names.length === 0) return `(unknown: ${hex(rest)})`;
  return `(${names.join(' | ')}${rest ? ` | unknown: ${hex(rest)}` : ''})`;
}

/** gdb: dwarf2/read.c process_enumeration_scope(): each value positive and made of bits that no other one has. */
function isFlagEnum(type: EnumType): boolean {
  let seen = 0n;
  for (const { value } of type.enumerators) {
    if (value < 0n || (seen & value) !== 0n) return false;
    // Several bits count as one flag only when they stand together.
    const bits = value.toString(2).replace(/0+$/, '');
    if (value !== 0n && bits.includes('0')) return false;
    seen |= value;
  }
  return true;
}

function bytesText(bytes: Uint8Array): string {
  return Array.from(bytes, b => b.toString(16).padStart(2, '0')).join(' ');
}

function hex(number: bigint): string {
  return `0x${BigInt.asUintN(128, number).toString(16)}`;
}

/** The low bytes as a number: for who shows raw values. */
export function rawNumber(value: Value, memory: Memory): bigint {
  return littleEndian(bytesOf(value, memory));
}
