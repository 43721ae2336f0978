// The whole graph of kernel objects, walked from its root: finding an object by its serial, and who points at one (what container_of answers in Linux).
import { kobjectTypes, type FieldKind, type KObject } from '../../kernel/kobject';
import { kernel } from '../../kernel/state';
import { isObject } from './kernel_value';

/** Calls `visit` once for each pointer to an object, with the object that holds it and the field it stands in; stops at true. */
export function walkGraph(visit: (object: KObject, owner: KObject | undefined, field: string) => boolean | undefined): void {
  const seen = new Set<KObject>();
  const queue: KObject[] = [];
  let isDone = false;
  const meet = (value: unknown, owner: KObject | undefined, field: string): void => {
    if (isDone || !isObject(value)) return;
    if (visit(value, owner, field)) { isDone = true; return; }
    if (seen.has(value)) return;
    seen.add(value);
    queue.push(value);
  };
  meet(kernel, undefined, '');
  for (let at = 0; at < queue.length && !isDone; at++) {
    const object = queue[at];
    if (!object) break;
    for (const [name, kind] of Object.entries(kobjectTypes.get(object.$type)?.fields ?? {})) pointers(kind, (object as unknown as Record<string, unknown>)[name], name, (value, field) => meet(value, object, field));
  }
}

/** The objects in a field's value, with the text that leads to each. */
function pointers(kind: FieldKind, value: unknown, field: string, found: (value: unknown, field: string) => void): void {
  switch (kind.kind) {
    case 'object': return found(value, field);
    case 'list': if (mayHold(kind.of)) (value as unknown[]).forEach((one, i) => pointers(kind.of, one, `${field}[${i}]`, found)); return;
    case 'set': if (mayHold(kind.of)) for (const one of value as Set<unknown>) pointers(kind.of, one, field, found); return;
    case 'map': if (mayHold(kind.of)) for (const [key, one] of value as Map<unknown, unknown>) pointers(kind.of, one, `${field}[${typeof key === 'number' ? key : JSON.stringify(key)}]`, found); return;
    case 'struct': for (const [name, one] of Object.entries(kind.fields)) pointers(one, (value as Record<string, unknown>)[name], `${field}.${name}`, found); return;
    default:
  }
}

const mayHold = (kind: FieldKind): boolean => kind.kind === 'object' || kind.kind === 'list' || kind.kind === 'map' || kind.kind === 'set' || kind.kind === 'struct';

/** The object with this serial, wherever it is in the graph. */
export function findObject(serial: number): KObject | undefined {
  let found: KObject | undefined;
  walkGraph(object => { if (object.$id === serial) found = object; return found !== undefined; });
  return found;
}

/** Every object that points at `target`, with the field that does. */
export function collectOwners(target: KObject, limit = 100): { owner: KObject; field: string }[] {
  const owners: { owner: KObject; field: string }[] = [];
  walkGraph((object, owner, field) => {
    if (object === target && owner) owners.push({ owner, field });
    return owners.length >= limit;
  });
  return owners;
}
