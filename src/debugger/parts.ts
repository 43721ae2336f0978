// What a value has inside: members, elements, what a pointer points to. Not here: how values print (expression/format.ts).
import { isCharacter, strip, typeName } from '../dwarf/ctype';
import { element, memberOf } from './expression/evaluate';
import { integerHere, loaded, type Memory, type Value } from './expression/value';

/** `path`: an expression that gives the value again. */
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

export function hasParts(value: Value): boolean {
  if (value.place.problem !== undefined) return false;
  const type = strip(value.type);
  if (type.kind === 'array') return (type.count ?? 0) > 0;
  if (type.kind === 'struct' || type.kind === 'union' || type.kind === 'class') return type.members.some(m => !m.isStatic);
  if (type.kind !== 'pointer') return false;
  const target = strip(type.target);
  return integerHere(value) !== 0n && target.kind !== 'void' && target.kind !== 'function' && (target.size ?? 0) > 0 && !(isCharacter(target) && target.size === 1);
}

/** Members, elements, or what a pointer points to; `path` is the expression of `value` itself. */
export function partsOf(value: Value, path: string, memory: Memory, start = 0, count = 1000): NamedValue[] {
  const type = strip(value.type);
  if (type.kind === 'array') {
    return Array.from({ length: Math.max(0, Math.min(count, (type.count ?? 0) - start)) }, (_, i) => ({ name: `[${start + i}]`, value: loaded(element(value, type.element, BigInt(start + i), memory), memory), path: `${path}[${start + i}]` }));
  }
  if (type.kind === 'struct' || type.kind === 'union' || type.kind === 'class') return members(value, path, '.', memory).slice(start, start + count);
  const inner = dereference(value, memory);
  if (!inner) return [];
  const { kind } = strip(inner.type);
  if (kind === 'struct' || kind === 'union' || kind === 'class') return members(inner, path, '->', memory).slice(start, start + count);
  return [{ name: `*${path}`, value: inner, path: `*(${path})` }];
}

/** Of a struct, those of anonymous ones inside it as if they were its own. */
function members(value: Value, path: string, operator: '.' | '->', memory: Memory): NamedValue[] {
  const type = strip(value.type);
  if (type.kind !== 'struct' && type.kind !== 'union' && type.kind !== 'class') return [];
  return type.members.filter(m => !m.isStatic).flatMap(m => {
    const inner = loaded(memberOf(value, m), memory);
    if (m.name !== '') return [{ name: m.name, value: inner, path: `${path}${operator}${m.name}` }];
    // The members of a base class answer to their names in what is derived from it.
    return m.isBase ? [{ name: typeName(m.type), value: inner, path: operator === '.' ? path : `(*${path})` }] : members(inner, path, operator, memory);
  });
}
