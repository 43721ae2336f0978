// What a value has inside: members, elements, what a pointer points to, as rows. Not here: how values print (expression/format.ts).
import { type CType, isCharacter, strip, type StructType, typeName } from '../dwarf/ctype';
import { type Container, range } from './containers/container';
import { containerOf, variantOf } from './containers/open';
import { formatValue } from './expression/format';
import { element, memberOf } from './expression/member';
import { integerHere, loaded, type Memory, type Value } from './expression/value';

/** `path`: an expression that gives the value again; of some elements of containers there is none. */
export interface NamedValue { name: string; value: Value; path?: string }

/** What `*value` is, of a pointer or a reference that can be followed. */
export function dereference(value: Value, memory: Memory): Value | undefined {
  const type = strip(value.type);
  if (type.kind !== 'pointer' && type.kind !== 'reference' && type.kind !== 'rvalueReference') return undefined;
  const address = integerHere(value), { size } = strip(type.target);
  return address === undefined || size === undefined || size === 0 ? undefined : loaded({ type: type.target, place: { address: BigInt.asUintN(64, address) } }, memory);
}

/** What a person means by a reference: the value that it stands for. */
export function referent(value: Value, memory: Memory): Value {
  const { kind } = strip(value.type);
  return kind === 'reference' || kind === 'rvalueReference' ? dereference(value, memory) ?? value : value;
}

export function hasParts(value: Value, memory: Memory): boolean {
  if (value.place.problem !== undefined) return false;
  const type = strip(value.type);
  if (type.kind === 'array') return (type.count ?? 0) > 0;
  if (isStruct(type)) {
    const variant = variantOf(value, type, memory), inner = variant && strip(variant.type);
    return type.members.some(m => !m.isStatic) || inner !== undefined && isStruct(inner) && inner.members.length > 0;
  }
  if (type.kind !== 'pointer') return false;
  const target = strip(type.target);
  return integerHere(value) !== 0n && target.kind !== 'void' && target.kind !== 'function' && (target.size ?? 0) > 0 && !(isCharacter(target) && target.size === 1);
}

export interface PartsOptions {
  start?: number;
  count?: number;
  /** Those with a number alone, or those without. */
  only?: 'indexed' | 'named';
}

/** Members, elements, what a pointer points to; `path` is the expression of `value` itself. */
export function partsOf(value: Value, path: string, memory: Memory, { start = 0, count = MOST_PARTS, only }: PartsOptions = {}): NamedValue[] {
  const type = strip(value.type);
  if (type.kind === 'array') {
    return range(start, Math.min(type.count ?? 0, start + count), i => ({ name: `[${i}]`, value: loaded(element(value, type.element, BigInt(i), memory), memory), path: `${path}[${i}]` }));
  }
  const container = containerOf(value, memory);
  if (container) return [...only === 'named' ? [] : contained(container, path, memory, start, count), ...only === 'indexed' ? [] : [{ name: '[raw]', value: { ...value, isRaw: true } }]];
  if (isStruct(type)) return members(value, path, '.', memory).slice(start, start + count);
  const inner = dereference(value, memory);
  if (!inner) return [];
  if (isStruct(strip(inner.type)) && !containerOf(inner, memory)) return members(inner, path, '->', memory).slice(start, start + count);
  return [{ name: `*${path}`, value: inner, path: `*(${path})` }];
}

/** How many parts are asked for in portions, and how many there are besides. Undefined: all at once. */
export function portionsOf(value: Value, memory: Memory): { indexed: number; named: number } | undefined {
  const type = strip(value.type);
  if (type.kind === 'array') return { indexed: type.count ?? 0, named: 0 };
  const container = containerOf(value, memory);
  return container?.kind === 'elements' ? { indexed: container.length, named: 1 } : undefined;
}

const MOST_PARTS = 1000;

const isStruct = (type: CType): type is StructType => type.kind === 'struct' || type.kind === 'union' || type.kind === 'class';

function contained(container: Container, path: string, memory: Memory, start: number, count: number): NamedValue[] {
  switch (container.kind) {
    case 'text': return [];
    case 'pointer': {
      const inner = dereference(container.pointer, memory);
      return inner ? [{ name: `*${path}`, value: inner, path: `*(${path})` }] : [];
    }
    case 'elements': return container.elements(start, count).map((one, i) => ({
      name: `[${one.key ? formatValue(loaded(one.key, memory), memory, { isRow: true }) : one.label ?? start + i}]`, value: loaded(one.value, memory),
      ...(one.path !== undefined && { path: `${path}${one.path}` }),
    }));
  }
}

/** Of a struct, those of anonymous ones inside it as if they were its own; of a tagged union those of the variant that it holds. */
function members(value: Value, path: string, operator: '.' | '->', memory: Memory): NamedValue[] {
  const type = strip(value.type);
  if (!isStruct(type)) return [];
  const variant = variantOf(value, type, memory);
  const own = type.members.filter(m => !m.isStatic).flatMap(m => {
    const inner = loaded(memberOf(value, m), memory);
    if (m.name !== '') return [{ name: m.name, value: inner, path: `${path}${operator}${m.name}` }];
    // The members of a base class answer to their names in what is derived from it.
    return m.isBase ? [{ name: typeName(m.type), value: inner, path: operator === '.' ? path : `(*${path})` }] : members(inner, path, operator, memory);
  });
  return variant ? [...own, ...members(loaded(memberOf(value, variant), memory), `${path}${operator}${variant.name}`, '.', memory)] : own;
}
