// Whether the kernel's graph is what its field lists say: plain data, all of it declared, no container in two places. For tests: a checkpoint would lose the rest.
import { assert } from '../base/assert';
import { kobjectTypes, opsTables, type FieldKind, type KObject } from '../kernel/kobject';
import { kernel } from '../kernel/state';

type Fields = KObject & { [field: string]: unknown };
const TYPES: Partial<Record<FieldKind['kind'], string>> = { int: 'number', flags: 'number', big: 'bigint', bool: 'boolean', string: 'string' };

/** Throws InternalError with the first thing that is wrong. */
export function checkGraph(): void {
  const objects = new Set<unknown>([kernel]);
  const containers = new Map<unknown, string>();
  const check = (kind: FieldKind, value: unknown, place: string): void => {
    const wanted = TYPES[kind.kind];
    if (wanted) return assert(typeof value === wanted, `${place} is a ${typeof value}, not a ${wanted}`);
    if (kind.kind === 'object') {
      if (value === null) return;
      const type = (value as Partial<KObject>).$type;
      assert(typeof value === 'object' && type !== undefined && kobjectTypes.has(type), `${place} is ${type ?? `a ${typeof value}`}, which kobject() does not declare`);
      assert(kind.type === 'void' || kind.type === type, `${place} is a ${type}, not a ${kind.type}`);
      objects.add(value);
      return;
    }
    if (kind.kind === 'ops') return assert(value === null || opsTables.get((value as { $ops?: string }).$ops ?? '') === value, `${place} is no table of ops()`);
    if (kind.kind !== 'struct') {
      const other = containers.get(value);
      assert(other === undefined, `${place} is shared with ${other}`);
      containers.set(value, place);
    }
    switch (kind.kind) {
      case 'bytes': return assert(value instanceof Uint8Array, `${place} is no byte string`);
      case 'list':
        assert(Array.isArray(value), `${place} is no list`);
        for (const item of value as unknown[]) check(kind.of, item, place);
        return;
      case 'set':
        assert(value instanceof Set, `${place} is no set`);
        for (const item of value) check(kind.of, item, place);
        return;
      case 'map':
        assert(value instanceof Map, `${place} is no map`);
        for (const [key, item] of value) { check(kind.key, key, place); check(kind.of, item, place); }
        return;
      case 'struct':
        checkFields(kind.fields, value as Record<string, unknown>, place, check);
    }
  };
  for (const object of objects) {
    const { $type } = object as Fields;
    const type = kobjectTypes.get($type);
    assert(type, `${$type} is not declared`);
    checkFields(type.fields, object as Fields, $type, check);
  }
}

function checkFields(fields: Record<string, FieldKind>, object: Record<string, unknown>, place: string, check: (kind: FieldKind, value: unknown, place: string) => void): void {
  for (const name of Object.keys(object)) assert(name in fields || name === '$type' || name === '$id', `${place} has the property ${name}, which is not declared`);
  for (const [name, kind] of Object.entries(fields)) {
    assert(typeof object[name] !== 'function', `${place}.${name} is a function`);
    check(kind, object[name], `${place}.${name}`);
  }
}
