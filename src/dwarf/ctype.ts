// The types of C (and, as far as values go, of C++ and Rust) as a debugger shows them. Types come from DWARF or are made here
// (a cast's `char *`). What a type refers to is computed on first use, because types are cyclic. Names are as gdb writes them.
import type { Expression } from './expr';

export type Encoding = 'signed' | 'unsigned' | 'signedChar' | 'unsignedChar' | 'boolean' | 'float' | 'complex' | 'utf' | 'address' | 'other';

interface TypeCommon {
  /** Bytes; undefined for incomplete types, functions and arrays of unknown length. */
  readonly size: number | undefined;
}

export interface VoidType extends TypeCommon { readonly kind: 'void' }
export interface BaseType extends TypeCommon { readonly kind: 'base'; readonly name: string; readonly size: number; readonly encoding: Encoding; readonly isBigEndian?: boolean }
export interface PointerType extends TypeCommon { readonly kind: 'pointer' | 'reference' | 'rvalueReference'; readonly size: number; readonly target: CType }
export interface MemberPointerType extends TypeCommon { readonly kind: 'memberPointer'; readonly size: number; readonly target: CType; readonly container: CType }
export interface StructType extends TypeCommon {
  readonly kind: 'struct' | 'union' | 'class';
  /** Empty when anonymous. */
  readonly tag: string;
  /** C writes `struct tag`, C++ and Rust just `tag`. */
  readonly isTagVisible: boolean;
  /** Declared, but its definition was not found. */
  readonly isIncomplete: boolean;
  readonly members: readonly Member[];
  /** Of a tagged union (a Rust enum): what else it holds, by its tag. */
  readonly variants?: VariantPart;
  /** The types among the arguments of a C++ template or a Rust generic. */
  readonly templateArguments?: readonly CType[];
}
/** DWARF5 5.7.10. */
export interface VariantPart {
  /** Absent when there is one variant only. */
  readonly discriminant?: Member;
  /** `value`: of the discriminant, as bits; the one without is meant by every other value. */
  readonly variants: readonly { readonly value?: bigint; readonly member: Member }[];
}
export interface Member {
  /** Empty for an anonymous struct or union whose members are seen through, and for a C++ base class. */
  readonly name: string;
  readonly type: CType;
  /** Bytes from the beginning of the struct; of a bit field the beginning of its first byte. */
  readonly offset: number;
  /** Set for a bit field: the first bit counted from the struct's beginning in little-endian order, and how many. */
  readonly bits?: { readonly offset: number; readonly size: number };
  readonly isBase?: boolean;
  readonly isStatic?: boolean;
}
export interface EnumType extends TypeCommon {
  readonly kind: 'enum';
  readonly tag: string;
  readonly isTagVisible: boolean;
  readonly isIncomplete: boolean;
  readonly size: number;
  readonly isSigned: boolean;
  readonly enumerators: readonly { readonly name: string; readonly value: bigint }[];
}
export interface ArrayType extends TypeCommon {
  readonly kind: 'array';
  readonly element: CType;
  /** The number of elements when it is known from the type alone. */
  readonly count: number | undefined;
  /**
   * A variable-length array's bound at a file address (signed number): the expression's value, or with `isLocation` the value of
   * `size` bytes of the variable there. Unless it is the count itself, one more is the count.
   */
  readonly upperBound?: { at(pc: number): Expression | undefined; readonly isLocation: boolean; readonly size: number; readonly isCount: boolean };
  readonly isVector: boolean;
}
export interface FunctionType extends TypeCommon {
  readonly kind: 'function';
  readonly returns: CType;
  readonly parameters: readonly { readonly name: string; readonly type: CType }[];
  readonly isVariadic: boolean;
  readonly isPrototyped: boolean;
}
export interface TypedefType extends TypeCommon { readonly kind: 'typedef'; readonly name: string; readonly target: CType }
export interface QualifiedType extends TypeCommon { readonly kind: 'const' | 'volatile' | 'restrict' | 'atomic'; readonly target: CType }

export type CType = VoidType | BaseType | PointerType | MemberPointerType | StructType | EnumType | ArrayType | FunctionType | TypedefType | QualifiedType;

export const voidType: VoidType = { kind: 'void', size: undefined };

const base = (name: string, size: number, encoding: Encoding): BaseType => ({ kind: 'base', name, size, encoding });

/** C's own arithmetic types under the names that compilers give them. psABI 3.1.2. */
export const cTypes = {
  bool: base('_Bool', 1, 'boolean'),
  char: base('char', 1, 'signedChar'), signedChar: base('signed char', 1, 'signedChar'), unsignedChar: base('unsigned char', 1, 'unsignedChar'),
  short: base('short', 2, 'signed'), unsignedShort: base('unsigned short', 2, 'unsigned'),
  int: base('int', 4, 'signed'), unsignedInt: base('unsigned int', 4, 'unsigned'),
  long: base('long', 8, 'signed'), unsignedLong: base('unsigned long', 8, 'unsigned'),
  longLong: base('long long', 8, 'signed'), unsignedLongLong: base('unsigned long long', 8, 'unsigned'),
  int128: base('__int128', 16, 'signed'), unsignedInt128: base('unsigned __int128', 16, 'unsigned'),
  float: base('float', 4, 'float'), double: base('double', 8, 'float'), longDouble: base('long double', 16, 'float'),
} as const;

export function pointerTo(target: CType): PointerType { return { kind: 'pointer', size: 8, target }; }

export function arrayOf(element: CType, count: number): ArrayType {
  return { kind: 'array', element, count, isVector: false, size: element.size === undefined ? undefined : element.size * count };
}

/** The type without typedefs and qualifiers on the outside. Cyclic typedefs (damaged files) end as void. */
export function strip(type: CType): Exclude<CType, TypedefType | QualifiedType> {
  let t = type;
  for (let depth = 0; depth < 64; depth++) {
    switch (t.kind) {
      case 'typedef': case 'const': case 'volatile': case 'restrict': case 'atomic': t = t.target; break;
      default: return t;
    }
  }
  return voidType;
}

export function isInteger(type: CType): boolean {
  const t = strip(type);
  return t.kind === 'enum' || (t.kind === 'base' && t.encoding !== 'float' && t.encoding !== 'complex');
}

export function isCharacter(type: CType): boolean {
  const t = strip(type);
  return t.kind === 'base' && ((t.size === 1 && (t.encoding === 'signedChar' || t.encoding === 'unsignedChar')) || t.encoding === 'utf');
}

export function isSigned(type: CType): boolean {
  const t = strip(type);
  return (t.kind === 'base' && (t.encoding === 'signed' || t.encoding === 'signedChar')) || (t.kind === 'enum' && t.isSigned);
}

/** The member of that name, looking through anonymous structs and unions and base classes; offsets are from the outermost struct. */
export function findMember(type: CType, name: string, depth = 0): Member | undefined {
  const t = strip(type);
  if ((t.kind !== 'struct' && t.kind !== 'union' && t.kind !== 'class') || depth > 32) return undefined;
  const direct = t.members.find(m => m.name === name && !m.isBase) ?? t.variants?.variants.find(({ member }) => member.name === name)?.member;
  if (direct) return direct;
  for (const m of t.members) {
    if (m.isStatic || (m.name !== '' && !m.isBase)) continue;
    const inner = findMember(m.type, name, depth + 1);
    if (inner) return { ...inner, offset: inner.offset + m.offset, ...(inner.bits && { bits: { offset: inner.bits.offset + 8 * m.offset, size: inner.bits.size } }) };
  }
  return undefined;
}

/** The type's name as gdb writes it: `char *`, `int (*)(int)`, `struct point [3]`. */
export function typeName(type: CType): string {
  return declare(type, '', tagOf);
}

/** A declaration of `name` with the type: `int (*handler)(int)`. */
export function declaration(type: CType, name: string): string {
  return declare(type, name, tagOf);
}

/** What gdb's ptype prints after `type = `: typedefs resolved, the outermost struct, union or enum written out. */
export function describeType(type: CType): string {
  let t = type;
  for (let depth = 0; t.kind === 'typedef' && depth < 64; depth++) t = t.target;
  return declare(t, '', inner => body(inner, 1, 0), true);
}

type Tagged = StructType | EnumType;

function tagOf(t: Tagged): string {
  const keyword = t.kind === 'class' ? 'class' : t.kind;
  if (t.tag === '') return `${keyword} {...}`;
  return t.isTagVisible ? `${keyword} ${t.tag}` : t.tag;
}

function body(t: Tagged, show: number, level: number): string {
  if (show <= 0 && t.tag !== '') return tagOf(t);
  const head = t.tag === '' ? t.kind : t.isTagVisible ? `${t.kind} ${t.tag}` : `${t.kind} ${t.tag}`;
  if (show < 0) return `${head} {...}`;
  const pad = ' '.repeat(level + 4);
  if (t.kind === 'enum') {
    let next = 0n;
    const names = t.enumerators.map(e => { const text = e.value === next ? e.name : `${e.name} = ${e.value}`; next = e.value + 1n; return text; });
    return `${head} {${names.join(', ')}}`;
  }
  if (t.isIncomplete) return `${head} {\n${pad}<incomplete type>\n${' '.repeat(level)}}`;
  if (t.members.length === 0) return `${head} {\n${pad}<no data fields>\n${' '.repeat(level)}}`;
  const lines = t.members.map(m => {
    const shown = strip(m.type).kind === 'union' ? show : show - 1;
    const text = declare(m.type, m.name, inner => body(inner, shown === show && m.name !== '' && inner.tag !== '' ? show - 1 : shown, level + 4));
    return `${pad}${m.isStatic ? 'static ' : ''}${text}${m.bits ? ` : ${m.bits.size}` : ''};\n`;
  });
  return `${head} {\n${lines.join('')}${' '.repeat(level)}}`;
}

const join = (head: string, inner: string): string => inner === '' ? head : `${head} ${inner}`;

function declare(type: CType, inner: string, tagged: (t: Tagged) => string, resolve = false, depth = 0): string {
  if (depth > 64) return '...';
  const next = (t: CType, text: string): string => declare(t, text, tagged, resolve, depth + 1);
  switch (type.kind) {
    case 'void': return join('void', inner);
    case 'base': return join(type.name, inner);
    case 'typedef': return resolve ? next(type.target, inner) : join(type.name, inner);
    case 'struct': case 'union': case 'class': case 'enum': return join(tagged(type), inner);
    case 'pointer': return next(type.target, parenthesize(type.target, `*${inner}`));
    case 'reference': return next(type.target, parenthesize(type.target, `&${inner}`));
    case 'rvalueReference': return next(type.target, parenthesize(type.target, `&&${inner}`));
    case 'memberPointer': return next(type.target, parenthesize(type.target, `${typeName(type.container)}::*${inner}`));
    case 'array': {
      const suffix = type.isVector ? ` __attribute__ ((vector_size(${type.count ?? ''})))` : `[${type.count ?? ''}]`;
      return type.isVector ? `${next(type.element, inner)}${suffix}` : next(type.element, `${inner}${suffix}`);
    }
    case 'function': {
      const parameters = type.parameters.map(p => declare(p.type, '', tagOf, false, depth + 1));
      if (type.isVariadic) parameters.push('...');
      const list = parameters.length > 0 ? parameters.join(', ') : type.isPrototyped ? 'void' : '';
      return next(type.returns, `${inner}(${list})`);
    }
    default: return qualified(type, inner, next);
  }
}

/** `const char`, but `char * const`: a pointer's qualifiers stand after its star. */
function qualified(type: QualifiedType, inner: string, next: (t: CType, text: string) => string): string {
  const words: string[] = [];
  let target: CType = type;
  for (let depth = 0; depth < 8 && isQualifier(target); depth++) {
    const word = target.kind === 'atomic' ? '_Atomic' : target.kind;
    if (!words.includes(word)) words.push(word);
    target = target.target;
  }
  const order = ['const', 'volatile', 'restrict', '_Atomic'];
  const text = words.sort((a, b) => order.indexOf(a) - order.indexOf(b)).join(' ');
  if (target.kind === 'pointer') return next(target.target, parenthesize(target.target, join(`* ${text}`, inner)));
  return `${text} ${next(target, inner)}`;
}

function isQualifier(type: CType): type is QualifiedType {
  return type.kind === 'const' || type.kind === 'volatile' || type.kind === 'restrict' || type.kind === 'atomic';
}

function parenthesize(target: CType, inner: string): string {
  let t = target;
  for (let depth = 0; depth < 8 && isQualifier(t); depth++) t = t.target;
  return (t.kind === 'array' && !t.isVector) || t.kind === 'function' ? `(${inner})` : inner;
}
