// A typed value as text and as children, printed as gdb prints it. Not here: where values are (location.ts), expressions.
import { isCharacter, isSigned, strip, type CType, type Member, type StructType, typeName } from '../dwarf/ctype';
import { readAt, type Place } from './location';
import { extendedToText } from './registers';
import type { Target } from './target';

export interface Value {
  type: CType;
  place: Place;
  /** A bit field: its bits in `place.bytes`. */
  bits?: { offset: number; size: number };
}

export interface NamedValue { name: string; value: Value; /** An expression that gives it again. */ path?: string }

/** What printing may look at. */
export interface ValueContext {
  target: Target;
  pid: number;
  /** `main+4` for a code address. */
  describe(address: bigint): string | undefined;
  isHex?: boolean;
}

const MAX_ELEMENTS = 200;
const MAX_DEPTH = 4;

export function integerOf(value: Value): bigint | undefined {
  const { bytes } = value.place;
  const type = strip(value.type);
  const size = type.size ?? 0;
  if (!bytes || size === 0 || size > 16 || bytes.length < (value.bits ? 1 : size)) return undefined;
  let number = 0n;
  for (let i = Math.min(bytes.length, value.bits ? bytes.length : size) - 1; i >= 0; i--) number = (number << 8n) | BigInt(bytes[i] ?? 0);
  if (value.bits) {
    number = BigInt.asUintN(value.bits.size, number >> BigInt(value.bits.offset));
    return isSigned(type) ? BigInt.asIntN(value.bits.size, number) : number;
  }
  return isSigned(type) ? BigInt.asIntN(8 * size, number) : number;
}

export function formatValue(value: Value, context: ValueContext, depth = 0): string {
  const { place } = value;
  if (place.problem !== undefined) return `<${place.problem}>`;
  const type = strip(value.type);
  switch (type.kind) {
    case 'void': return 'void';
    case 'function': return `{${typeName(type)}} ${hex(place.address ?? 0n)}${symbolText(place.address ?? 0n, context)}`;
    case 'struct': case 'union': case 'class': return formatStruct(value, type, context, depth);
    case 'array': return formatArray(value, context, depth);
    case 'pointer': case 'reference': case 'rvalueReference': return formatPointer(value, type.target, context, depth);
    case 'enum': return formatEnum(integerOf(value), type.enumerators, context);
    case 'memberPointer': return hex(integerOf(value) ?? 0n);
    case 'base': return formatBase(value, type.encoding, type.size, context);
  }
}

function formatBase(value: Value, encoding: string, size: number, context: ValueContext): string {
  const { bytes } = value.place;
  if (!bytes) return '<unavailable>';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (encoding === 'float') {
    if (size === 4) return trimFloat(view.getFloat32(0, true), 9);
    if (size === 8) return trimFloat(view.getFloat64(0, true), 17);
    return extendedToText(view.getBigUint64(0, true) | (BigInt(view.getUint16(8, true)) << 64n));
  }
  if (encoding === 'complex' && (size === 8 || size === 16)) {
    const [re, im] = size === 8 ? [view.getFloat32(0, true), view.getFloat32(4, true)] : [view.getFloat64(0, true), view.getFloat64(8, true)];
    return `${re} + ${im}i`;
  }
  const number = integerOf(value);
  if (number === undefined) return '<unavailable>';
  if (encoding === 'boolean') return number === 0n ? 'false' : number === 1n ? 'true' : String(number);
  if (context.isHex) return hex(BigInt.asUintN(8 * size, number));
  return isCharacter(value.type) ? `${number} ${quoteChar(Number(BigInt.asUintN(8 * size, number)))}` : String(number);
}

/** The shortest text of at most `digits` significant digits that reads back as the same number, as %g has it. */
function trimFloat(number: number, digits: number): string {
  if (Number.isNaN(number)) return 'nan';
  if (!Number.isFinite(number)) return number < 0 ? '-inf' : 'inf';
  if (Object.is(number, -0)) return '-0';
  const text = Number(number.toPrecision(digits)).toString();
  return digits === 9 ? shortestSingle(number) : text;
}

function shortestSingle(number: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = Number(number.toPrecision(digits));
    if (Math.fround(text) === number) return String(text);
  }
  return String(Number(number.toPrecision(9)));
}

function formatEnum(number: bigint | undefined, enumerators: readonly { name: string; value: bigint }[], context: ValueContext): string {
  if (number === undefined) return '<unavailable>';
  const exact = enumerators.find(e => e.value === number);
  if (exact) return exact.name;
  let rest = number;
  const names: string[] = [];
  for (const { name, value } of enumerators) if (value > 0n && (value & (value - 1n)) === 0n && (rest & value) === value) { names.push(name); rest &= ~value; }
  if (names.length === 0) return context.isHex ? hex(number) : String(number);
  return rest === 0n ? `(${names.join(' | ')})` : `(${names.join(' | ')} | unknown: ${hex(rest)})`;
}

function formatPointer(value: Value, pointee: CType, context: ValueContext, depth: number): string {
  const address = integerOf(value);
  if (address === undefined) return '<unavailable>';
  const target = strip(pointee);
  if (isCharacter(pointee) && target.size === 1) {
    const text = address === 0n ? undefined : readString(context, address);
    return text === undefined ? hex(address) : `${hex(address)} ${text}`;
  }
  const named = target.kind === 'function' || depth < 2 ? symbolText(address, context) : '';
  return target.kind === 'function' && depth === 0 ? `(${typeName(value.type)}) ${hex(address)}${named}` : `${depth === 0 && target.kind !== 'function' ? `(${typeName(value.type)}) ` : ''}${hex(address)}${named}`;
}

function symbolText(address: bigint, context: ValueContext): string {
  const name = address === 0n ? undefined : context.describe(address);
  return name === undefined ? '' : ` <${name.replace(/\+0x([0-9a-f]+)$/, (_, digits: string) => `+${parseInt(digits, 16)}`)}>`;
}

function formatStruct(value: Value, type: StructType, context: ValueContext, depth: number): string {
  if (type.isIncomplete) return '<incomplete type>';
  if (depth >= MAX_DEPTH) return '{...}';
  return `{${type.members.filter(m => !m.isStatic).map(m => `${m.name === '' ? '' : `${m.name} = `}${formatValue(memberOf(value, m, context), context, depth + 1)}`).join(', ')}}`;
}

function formatArray(value: Value, context: ValueContext, depth: number): string {
  const type = strip(value.type);
  if (type.kind !== 'array') return '';
  const count = type.count ?? 0;
  if (isCharacter(type.element) && strip(type.element).size === 1 && value.place.bytes) return quoteArray(value.place.bytes.subarray(0, count));
  if (depth >= MAX_DEPTH) return '{...}';
  const parts: string[] = [];
  let shown = 0;
  for (let i = 0; i < count && shown < MAX_ELEMENTS; shown++) {
    const text = formatValue(elementOf(value, type.element, i, context), context, depth + 1);
    let run = 1;
    while (i + run < count && run < 100_000 && formatValue(elementOf(value, type.element, i + run, context), context, depth + 1) === text) run++;
    if (run >= 10) { parts.push(`${text} <repeats ${run} times>`); i += run; } else { parts.push(text); i++; }
    if (i >= count) return `{${parts.join(', ')}}`;
  }
  return count === 0 ? '{}' : `{${parts.join(', ')}...}`;
}

export function memberOf(value: Value, member: Member, context: ValueContext): Value {
  const size = strip(member.type).size ?? 0;
  const start = member.bits ? Math.floor(member.bits.offset / 8) : member.offset;
  const length = member.bits ? Math.ceil((member.bits.offset + member.bits.size) / 8) - start : size;
  return { type: member.type, place: part(value.place, start, length, context), bits: member.bits && { offset: member.bits.offset - 8 * start, size: member.bits.size } };
}

export function elementOf(value: Value, element: CType, index: number, context: ValueContext): Value {
  const size = strip(element).size ?? 0;
  return { type: element, place: part(value.place, index * size, size, context) };
}

function part(place: Place, offset: number, length: number, context: ValueContext): Place {
  if (place.problem !== undefined) return place;
  const address = place.address === undefined ? undefined : place.address + BigInt(offset);
  if (place.bytes && offset + length <= place.bytes.length) return { address, bytes: place.bytes.subarray(offset, offset + length) };
  return address === undefined ? { problem: 'unavailable' } : readAt(context.target, context.pid, address, length);
}

/** What `*value` is. */
export function dereference(value: Value, context: ValueContext): Value | undefined {
  const type = strip(value.type);
  if (type.kind !== 'pointer' && type.kind !== 'reference' && type.kind !== 'rvalueReference') return undefined;
  const address = integerOf(value);
  const size = strip(type.target).size;
  if (address === undefined || size === undefined || size === 0) return undefined;
  return { type: type.target, place: readAt(context.target, context.pid, address, size) };
}

export function hasChildren(value: Value): boolean {
  if (value.place.problem !== undefined) return false;
  const type = strip(value.type);
  if (type.kind === 'array') return (type.count ?? 0) > 0;
  if (type.kind === 'struct' || type.kind === 'union' || type.kind === 'class') return type.members.length > 0;
  if (type.kind !== 'pointer' && type.kind !== 'reference' && type.kind !== 'rvalueReference') return false;
  const target = strip(type.target);
  return integerOf(value) !== 0n && target.kind !== 'void' && target.kind !== 'function' && (target.size ?? 0) > 0 && !(isCharacter(target) && target.size === 1);
}

/** Members, elements, or what a pointer points to; `path` is the expression of `value` itself. */
export function childrenOf(value: Value, path: string, context: ValueContext, start = 0, count = 1000): NamedValue[] {
  const type = strip(value.type);
  if (type.kind === 'array') {
    return Array.from({ length: Math.max(0, Math.min(count, (type.count ?? 0) - start)) }, (_, i) => ({ name: `[${start + i}]`, value: elementOf(value, type.element, start + i, context), path: `${path}[${start + i}]` }));
  }
  if (type.kind === 'struct' || type.kind === 'union' || type.kind === 'class') {
    return type.members.filter(m => !m.isStatic).flatMap(m => m.name === '' && !m.isBase
      ? childrenOf(memberOf(value, m, context), path, context)
      : [{ name: m.name || typeName(m.type), value: memberOf(value, m, context), path: `${path}.${m.name}` }]).slice(start, start + count);
  }
  const inner = dereference(value, context);
  if (!inner) return [];
  const innerKind = strip(inner.type).kind;
  if (innerKind === 'struct' || innerKind === 'union' || innerKind === 'class') return childrenOf(inner, '', context, start, count).map(c => ({ ...c, path: `${path}->${c.path?.replace(/^\./, '') ?? c.name}` }));
  return [{ name: `*${path}`, value: inner, path: `*(${path})` }];
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

const ESCAPES: Record<number, string> = { 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r', 27: '\\033', 92: '\\\\' };

function quoteByte(byte: number, quote: string): string {
  const escaped = ESCAPES[byte];
  if (escaped !== undefined) return escaped;
  if (byte === quote.charCodeAt(0)) return `\\${quote}`;
  return byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
}

const quoteChar = (code: number): string => `'${quoteByte(code, "'")}'`;

function quote(bytes: Uint8Array): string { return `"${Array.from(bytes, b => quoteByte(b, '"')).join('')}"`; }

/** A char array: without its trailing NULs, but for one that is not the terminator. */
function quoteArray(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  const shown = quote(bytes.subarray(0, Math.min(end, MAX_ELEMENTS)));
  return end > MAX_ELEMENTS ? `${shown}...` : shown;
}

/** The quoted string at an address, at most 200 bytes of it; undefined when it cannot be read. */
function readString(context: Pick<ValueContext, 'target' | 'pid'>, address: bigint): string | undefined {
  const bytes = context.target.readMemory(context.pid, address, MAX_ELEMENTS + 1);
  if (bytes.length === 0) return undefined;
  const end = bytes.indexOf(0);
  return end >= 0 ? quote(bytes.subarray(0, end)) : `${quote(bytes.subarray(0, MAX_ELEMENTS))}...`;
}
