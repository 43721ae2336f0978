// Entries that describe types -> CType. DWARF5 chapter 5. What a type refers to is read when it is asked for.
import { lazy } from '../base/lazy';
import { DW_AT, DW_ATE, DW_FORM, DW_LANG, DW_OP, DW_TAG } from './constants';
import type { Container } from './container';
import { type ArrayType, type CType, type Encoding, type Member, strip, type VariantPart, voidType } from './ctype';
import type { Die } from './die';
import { decodeExpression } from './expr';
import { locationAt } from './loclists';

const encodings: Readonly<Record<number, Encoding>> = {
  [DW_ATE.address]: 'address', [DW_ATE.boolean]: 'boolean', [DW_ATE.complex_float]: 'complex', [DW_ATE.float]: 'float', [DW_ATE.signed]: 'signed', [DW_ATE.signed_char]: 'signedChar',
  [DW_ATE.unsigned]: 'unsigned', [DW_ATE.unsigned_char]: 'unsignedChar', [DW_ATE.UTF]: 'utf', [DW_ATE.UCS]: 'utf', [DW_ATE.ASCII]: 'utf',
};

const cLanguages: ReadonlySet<number> = new Set([DW_LANG.C89, DW_LANG.C, DW_LANG.C99, DW_LANG.C11, DW_LANG.C17, DW_LANG.Mips_Assembler]);

export class TypeReader {
  private readonly known = new Map<Container, Map<string, CType>>();

  /** `findDefinition`: the complete entry of a struct, union or enum that is only declared; `guard` keeps a malformed part from spoiling the rest. */
  constructor(private readonly findDefinition: (tag: number, name: string) => Die | undefined, private readonly guard: <T>(action: () => T, fallback: T) => T) {}

  /** The type that DW_AT_type of `die` (or of what it completes) names; void without. */
  typeOf(die: Die): CType {
    const target = die.inherit(d => d.reference(DW_AT.type));
    return target ? this.read(target) : voidType;
  }

  /** The type that an entry describes. */
  read(die: Die): CType {
    const { container, header } = die.unit;
    let types = this.known.get(container);
    if (!types) this.known.set(container, types = new Map());
    const key = `${header.section === '.debug_types' ? 't' : ''}${die.offset}`;
    let type = types.get(key);
    if (!type) types.set(key, type = this.guard(() => this.convert(die), voidType));
    return type;
  }

  private convert(die: Die): CType {
    const { tag } = die;
    const size = die.number(DW_AT.byte_size);
    const target = lazy<CType>(() => this.guard(() => this.typeOf(die), voidType), voidType);
    const common = { get target() { return target(); } };
    switch (tag) {
      case DW_TAG.base_type: {
        const endianity = die.number(DW_AT.endianity);
        return { kind: 'base', name: canonicalName(die.name ?? '', isC(die)), size: size ?? Math.ceil((die.number(DW_AT.bit_size) ?? 0) / 8), encoding: encodings[die.number(DW_AT.encoding) ?? 0] ?? 'other', ...(endianity === 1 && { isBigEndian: true }) };
      }
      case DW_TAG.unspecified_type: return { kind: 'base', name: die.name ?? 'void', size: 0, encoding: 'other' };
      case DW_TAG.pointer_type: return defineTarget({ kind: 'pointer' as const, size: size ?? die.unit.addressSize }, common);
      case DW_TAG.reference_type: return defineTarget({ kind: 'reference' as const, size: size ?? die.unit.addressSize }, common);
      case DW_TAG.rvalue_reference_type: return defineTarget({ kind: 'rvalueReference' as const, size: size ?? die.unit.addressSize }, common);
      case DW_TAG.ptr_to_member_type: {
        const container = lazy<CType>(() => this.guard(() => { const c = die.reference(DW_AT.containing_type); return c ? this.read(c) : voidType; }, voidType), voidType);
        return { kind: 'memberPointer', size: size ?? 8, get target() { return target(); }, get container() { return container(); } };
      }
      case DW_TAG.typedef: case DW_TAG.template_alias: return { kind: 'typedef', name: qualifiedName(die) ?? '', get target() { return target(); }, get size() { return strip(this).size; } };
      case DW_TAG.const_type: case DW_TAG.immutable_type: return qualifier('const', target);
      case DW_TAG.volatile_type: return qualifier('volatile', target);
      case DW_TAG.restrict_type: return qualifier('restrict', target);
      case DW_TAG.atomic_type: return qualifier('atomic', target);
      case DW_TAG.structure_type: return this.struct(die, 'struct');
      case DW_TAG.class_type: case DW_TAG.interface_type: return this.struct(die, 'class');
      case DW_TAG.union_type: return this.struct(die, 'union');
      case DW_TAG.enumeration_type: return this.enumeration(die);
      case DW_TAG.array_type: return this.array(die, target);
      case DW_TAG.subrange_type: return target();
      case DW_TAG.subroutine_type: case DW_TAG.subprogram: return this.functionType(die, target);
      default: return voidType;
    }
  }

  /** The type of a function: also of a subprogram's entry. */
  private functionType(die: Die, returns: () => CType): CType {
    const origin = die.has(DW_AT.abstract_origin) ? die.origin : die;
    const parameters = lazy(() => this.guard(() => {
      const list: { name: string; type: CType }[] = [];
      for (const child of origin.children()) if (child.tag === DW_TAG.formal_parameter) list.push({ name: child.inherit(d => d.name) ?? '', type: this.typeOf(child) });
      return list;
    }, []), []);
    // clang marks a variadic function only at its code, gcc only at its declaration.
    const isVariadic = lazy(() => this.guard(() => [die, origin].some(d => { for (const child of d.children()) if (child.tag === DW_TAG.unspecified_parameters) return true; return false; }), false), false);
    return {
      kind: 'function', size: undefined, get returns() { return returns(); }, get parameters() { return parameters(); }, get isVariadic() { return isVariadic() && parameters().length > 0; },
      isPrototyped: die.inherit(d => d.has(DW_AT.prototyped) ? d.flag(DW_AT.prototyped) : undefined) ?? !isC(die),
    };
  }

  private struct(die: Die, kind: 'struct' | 'union' | 'class'): CType {
    const tag = qualifiedName(die) ?? '';
    const definition = lazy<Die | undefined>(() => this.guard(() => this.definitionOf(die), undefined), undefined);
    const size = lazy<number | undefined>(() => this.guard(() => definition()?.number(DW_AT.byte_size), undefined), undefined);
    const members = lazy<Member[]>(() => this.guard(() => { const d = definition(); return d ? this.members(d) : []; }, []), []);
    const variants = lazy<VariantPart | undefined>(() => this.guard(() => { const d = definition(); return d && this.variants(d); }, undefined), undefined);
    const templateArguments = lazy<CType[]>(() => this.guard(() => { const d = definition(); return d ? this.templateArguments(d) : []; }, []), []);
    return {
      kind, tag, isTagVisible: isC(die), get isIncomplete() { return definition() === undefined; },
      get size() { return size(); }, get members() { return members(); }, get variants() { return variants(); }, get templateArguments() { return templateArguments(); },
    };
  }

  private templateArguments(struct: Die): CType[] {
    const types: CType[] = [];
    for (const child of struct.children()) if (child.tag === DW_TAG.template_type_parameter) types.push(this.typeOf(child));
    return types;
  }

  private variants(struct: Die): VariantPart | undefined {
    for (const part of struct.children()) {
      if (part.tag !== DW_TAG.variant_part) continue;
      const tag = part.reference(DW_AT.discr), variants: { value?: bigint; member: Member }[] = [];
      for (const variant of part.children()) {
        if (variant.tag !== DW_TAG.variant) continue;
        const value = variant.constant(DW_AT.discr_value);
        for (const child of variant.children()) if (child.tag === DW_TAG.member) variants.push({ ...(value !== undefined && { value }), member: this.member(child) });
      }
      return { ...(tag && { discriminant: this.member(tag) }), variants };
    }
    return undefined;
  }

  private definitionOf(die: Die): Die | undefined {
    if (!die.flag(DW_AT.declaration)) return die;
    if (die.has(DW_AT.signature)) return die.reference(DW_AT.signature);
    const name = qualifiedName(die);
    return name ? this.findDefinition(die.tag, name) : undefined;
  }

  private members(struct: Die): Member[] {
    const members: Member[] = [];
    for (const child of struct.children()) {
      const isBase = child.tag === DW_TAG.inheritance;
      if (child.tag !== DW_TAG.member && !isBase && !(child.tag === DW_TAG.variable && child.name !== undefined)) continue;
      members.push(this.member(child));
    }
    return members;
  }

  private member(die: Die): Member {
    const type = lazy<CType>(() => this.guard(() => this.typeOf(die), voidType), voidType);
    const isBase = die.tag === DW_TAG.inheritance, isStatic = die.tag === DW_TAG.variable || (die.flag(DW_AT.external) && die.flag(DW_AT.declaration));
    const offset = memberOffset(die);
    const bits = bitField(die, offset, type);
    return {
      name: die.name ?? '', offset: bits ? Math.floor(bits.offset / 8) : offset, get type() { return type(); },
      ...(bits && { bits }), ...(isBase && { isBase }), ...(isStatic && { isStatic }),
    };
  }

  private enumeration(die: Die): CType {
    const definition = lazy<Die | undefined>(() => this.guard(() => this.definitionOf(die), undefined), undefined);
    const enumerators = lazy<{ name: string; value: bigint }[]>(() => this.guard(() => {
      const list: { name: string; value: bigint }[] = [];
      const found = definition();
      for (const child of found?.children() ?? []) if (child.tag === DW_TAG.enumerator) list.push({ name: qualifiedName(child) ?? '', value: child.constant(DW_AT.const_value) ?? 0n });
      return list;
    }, []), []);
    const size = lazy(() => this.guard(() => definition()?.number(DW_AT.byte_size), undefined) ?? 4, 4);
    const underlying = die.has(DW_AT.type) ? strip(this.typeOf(die)) : undefined;
    return {
      kind: 'enum', tag: qualifiedName(die) ?? '', isTagVisible: isC(die), get isIncomplete() { return definition() === undefined; },
      get size() { return size(); },
      get isSigned() { return underlying?.kind === 'base' ? underlying.encoding === 'signed' || underlying.encoding === 'signedChar' : enumerators().some(e => e.value < 0n); },
      get enumerators() { return enumerators(); },
    };
  }

  private array(die: Die, element: () => CType): CType {
    const dimensions: { count: number | undefined; upperBound?: Bound }[] = [];
    for (const child of die.children()) {
      if (child.tag === DW_TAG.subrange_type) dimensions.push(this.dimension(child));
      else if (child.tag === DW_TAG.enumeration_type) { let count = 0; for (const e of child.children()) if (e.tag === DW_TAG.enumerator) count++; dimensions.push({ count }); }
    }
    if (dimensions.length === 0) dimensions.push({ count: undefined });
    const isVector = die.flag(DW_AT.GNU_vector);
    let make = element;
    for (const { count, upperBound } of dimensions.slice(0, 64).reverse()) {
      const inner = make;
      const size = lazy<number | undefined>(() => { const s = inner().size; return s === undefined || count === undefined ? undefined : s * count; }, undefined);
      make = () => ({ kind: 'array', get element() { return inner(); }, count, ...(upperBound && { upperBound }), isVector, get size() { return size(); } });
    }
    return make();
  }

  private dimension(range: Die): { count: number | undefined; upperBound?: Bound } {
    const lower = Number(range.constant(DW_AT.lower_bound, true) ?? 0n);
    for (const name of [DW_AT.count, DW_AT.upper_bound]) {
      if (!range.has(name)) continue;
      const constant = range.constant(name);
      if (constant !== undefined) {
        const bound = constant >= 1n << 63n ? Number(BigInt.asIntN(64, constant)) : Number(constant);
        return { count: Math.max(0, name === DW_AT.count ? bound : bound - lower + 1) };
      }
      const upperBound = dynamicBound(range, name, die => strip(this.typeOf(die)).size ?? 8);
      return { count: undefined, ...(upperBound && { upperBound }) };
    }
    return { count: undefined };
  }
}

type Bound = NonNullable<ArrayType['upperBound']>;

function dynamicBound(range: Die, name: number, sizeOf: (die: Die) => number): Bound | undefined {
  const isCount = name === DW_AT.count;
  const direct = range.expression(name);
  if (direct) return { at: () => direct, isLocation: false, size: 8, isCount };
  const form = range.form(name);
  if (form === DW_FORM.sec_offset || form === DW_FORM.loclistx) return { at: pc => locationAt(range, name, pc), isLocation: false, size: 8, isCount };
  const variable = range.reference(name);
  return variable && { at: pc => locationAt(variable, DW_AT.location, pc), isLocation: true, size: sizeOf(variable), isCount };
}

/** Adds the lazily read target to a type object. */
function defineTarget<T extends object>(type: T, source: { readonly target: CType }): T & { readonly target: CType } {
  return Object.defineProperty(type, 'target', { get: () => source.target, enumerable: true }) as T & { readonly target: CType };
}

function qualifier(kind: 'const' | 'volatile' | 'restrict' | 'atomic', target: () => CType): CType {
  return { kind, get target() { return target(); }, get size() { return strip(this).size; } };
}

/** DW_AT_data_member_location: a constant, or an expression that adds one. */
function memberOffset(die: Die): number {
  const constant = die.number(DW_AT.data_member_location);
  if (constant !== undefined) return constant;
  const expression = die.expression(DW_AT.data_member_location);
  if (!expression) return 0;
  const [first, ...rest] = decodeExpression(expression);
  return first && rest.length === 0 && (first.code === DW_OP.plus_uconst || first.code === DW_OP.constu) ? Number(first.a) : 0;
}

/** DWARF5 5.7.6; DW_AT_bit_offset of DWARF 2 and 3 counts from the most significant bit of a storage unit. */
function bitField(die: Die, memberAt: number, type: () => CType): { offset: number; size: number } | undefined {
  const size = die.number(DW_AT.bit_size);
  if (size === undefined) return undefined;
  const offset = die.number(DW_AT.data_bit_offset);
  if (offset !== undefined) return { offset: offset + memberAt * 8, size };
  const fromTop = die.has(DW_AT.bit_offset) ? Number(die.constant(DW_AT.bit_offset, die.form(DW_AT.bit_offset) === DW_FORM.sdata) ?? 0n) : undefined;
  if (fromTop === undefined) return { offset: memberAt * 8, size };
  const storage = die.number(DW_AT.byte_size) ?? strip(type()).size ?? 4;
  return { offset: memberAt * 8 + storage * 8 - fromTop - size, size };
}

export function isC(die: Die): boolean {
  return cLanguages.has(languageOf(die) ?? DW_LANG.C);
}

export function languageOf(die: Die): number | undefined {
  return die.unit.root.number(DW_AT.language) ?? die.unit.skeleton?.root.number(DW_AT.language);
}

/** gdb writes `unsigned long` where gcc says `long unsigned int`. gdb: cp-support.c cp_canonicalize_string(). */
function canonicalName(name: string, isOfC: boolean): string {
  const words = name.split(' ');
  if (!isOfC && !words.includes('int')) return name;
  if (words.length < 2 || !words.every(w => integerWords.has(w))) return name;
  const rest = words.filter(w => w !== 'unsigned' && w !== 'signed' && w !== 'int');
  const sign = words.includes('unsigned') ? ['unsigned'] : words.includes('signed') && words.includes('char') ? ['signed'] : [];
  return [...sign, ...(rest.length > 0 ? rest : ['int'])].join(' ');
}

const integerWords: ReadonlySet<string> = new Set(['unsigned', 'signed', 'long', 'short', 'int', 'char']);

const enclosing: ReadonlySet<number> = new Set([DW_TAG.namespace, DW_TAG.structure_type, DW_TAG.class_type, DW_TAG.union_type, DW_TAG.module]);

/** The entry's name with the namespaces and classes around it; in C just the name. */
export function qualifiedName(die: Die): string | undefined {
  const name = die.inherit(d => d.name);
  if (name === undefined || isC(die)) return name;
  let declared: Die = die;
  for (let depth = 0; depth < 8; depth++) {
    const next = declared.reference(DW_AT.abstract_origin) ?? declared.reference(DW_AT.specification);
    if (!next) break;
    declared = next;
  }
  return [scopeOf(declared), name].filter(part => part !== '').join('::');
}

/** The namespaces and classes around an entry; around an enumerator its scoped enum. */
function scopeOf(die: Die): string {
  const parts: string[] = [];
  let { parent } = die;
  for (let depth = 0; parent && depth < 64; depth++) {
    if (enclosing.has(parent.tag) || parent.tag === DW_TAG.enumeration_type && parent.flag(DW_AT.enum_class)) parts.unshift(parent.name ?? (parent.tag === DW_TAG.namespace ? '(anonymous namespace)' : ''));
    parent = parent.parent;
  }
  return parts.filter(p => p !== '').join('::');
}
