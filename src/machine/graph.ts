// The kernel's object graph, saved and put back in place: living objects keep their identity, and a later save shares what has not changed with an earlier one.
// Driven by the field lists of kobject(); what is not declared has no place in the graph. Not here: memory and registers (checkpoint.ts).
import { assert } from '../base/assert';
import { kobjectTypes, serial, type FieldKind, type KObject } from '../kernel/kobject';
import { kernel } from '../kernel/state';

/** One object as it was: its fields in declaration order, containers copied. */
interface Record { readonly object: Fields; readonly codec: Codec; readonly values: readonly unknown[] }
type Fields = KObject & { [field: string]: unknown };

export interface GraphImage { readonly records: readonly Record[]; readonly serial: number; /** About what it takes beside what it shares. */ readonly bytes: number }

interface FieldCodec {
  /** A value to keep; `before` itself when nothing has changed. Tells `reach` of each object that it points to. */
  save(value: unknown, before: unknown, reach: (object: unknown) => void): unknown;
  /** A value for the field again; containers are new. */
  load(saved: unknown): unknown;
}

interface Codec { readonly names: readonly string[]; readonly fields: readonly FieldCodec[] }

const plain: FieldCodec = { save: value => value, load: saved => saved };
const pointer: FieldCodec = { save: (value, _, reach) => { if (value !== null) reach(value); return value; }, load: saved => saved };
const bytes: FieldCodec = {
  save: (value, before) => value instanceof Uint8Array && before instanceof Uint8Array && isSame(value, before) ? before : (value as Uint8Array).slice(),
  load: saved => (saved as Uint8Array).slice(),
};

/** Several values of one kind, or of alternating kinds, as an array. */
function sequence(of: readonly FieldCodec[], flatten: (value: unknown) => readonly unknown[], build: (values: unknown[]) => unknown): FieldCodec {
  const arePlain = of.every(codec => codec === plain);
  return {
    save(value, before, reach) {
      const items = flatten(value);
      const known = Array.isArray(before) && before.length === items.length ? before as unknown[] : null;
      let changed: unknown[] | null = known ? null : [];
      for (let i = 0; i < items.length; i++) {
        const item = items[i];
        const kept = arePlain ? item : (of[i % of.length] ?? plain).save(item, known?.[i], reach);
        if (!changed && !Object.is(kept, known?.[i])) changed = (known ?? []).slice();
        if (changed) changed[i] = kept;
      }
      return changed ?? known;
    },
    load: saved => build((saved as unknown[]).map((item, i) => arePlain ? item : (of[i % of.length] ?? plain).load(item))),
  };
}

function codecOf(kind: FieldKind): FieldCodec {
  switch (kind.kind) {
    case 'object': return pointer;
    case 'bytes': return bytes;
    case 'list': return sequence([codecOf(kind.of)], value => value as unknown[], values => values);
    case 'set': return sequence([codecOf(kind.of)], value => [...value as Set<unknown>], values => new Set(values));
    case 'map': return sequence([codecOf(kind.key), codecOf(kind.of)], value => pairs(value as Map<unknown, unknown>), values => {
      const map = new Map<unknown, unknown>();
      for (let i = 0; i < values.length; i += 2) map.set(values[i], values[i + 1]);
      return map;
    });
    case 'struct': {
      const names = Object.keys(kind.fields);
      return sequence(Object.values(kind.fields).map(codecOf), value => names.map(name => (value as Fields)[name]), values => Object.fromEntries(names.map((name, i) => [name, values[i]])));
    }
    default: return plain;
  }
}

function pairs(map: Map<unknown, unknown>): unknown[] {
  const flat: unknown[] = [];
  for (const [key, value] of map) flat.push(key, value);
  return flat;
}

const codecs = new Map<string, Codec>();

function codecFor(object: Fields): Codec {
  const known = codecs.get(object.$type);
  if (known) return known;
  const type = kobjectTypes.get(object.$type);
  assert(type, `the kernel's graph holds ${describe(object)}, which kobject() does not declare`);
  const made = { names: Object.keys(type.fields), fields: Object.values(type.fields).map(codecOf) };
  codecs.set(object.$type, made);
  return made;
}

/** Saves the graph again and again, remembering what each object was the last time. */
export class GraphStore {
  private known = new Map<unknown, Record>();

  save(): GraphImage {
    const { known } = this;
    const records: Record[] = [];
    const reached = new Set<unknown>();
    const queue: Fields[] = [];
    let values = 0;
    const reach = (object: unknown): void => {
      if (reached.has(object)) return;
      reached.add(object);
      queue.push(object as Fields);
    };
    reach(kernel);
    for (let at = 0; at < queue.length; at++) {
      const object = queue[at] as Fields;
      const before = known.get(object);
      const codec = before?.codec ?? codecFor(object);
      const record = saveObject(object, codec, before, reach);
      if (record !== before) {
        known.set(object, record);
        values += record.values.length + 8;
      }
      records.push(record);
    }
    if (known.size > 2 * records.length + 1000) this.known = new Map(records.map(record => [record.object, record]));
    return { records, serial: serial.next, bytes: (records.length + values) * 8 };
  }

  load(image: GraphImage): void {
    const { known } = this;
    for (const record of image.records) {
      const { object, codec: { names, fields }, values } = record;
      for (let i = 0; i < names.length; i++) object[names[i] as string] = (fields[i] as FieldCodec).load(values[i]);
      known.set(object, record);
    }
    serial.next = image.serial;
  }
}

function saveObject(object: Fields, codec: Codec, before: Record | undefined, reach: (object: unknown) => void): Record {
  const { names, fields } = codec;
  let changed: unknown[] | null = before ? null : [];
  for (let i = 0; i < names.length; i++) {
    const old = before?.values[i];
    const value = object[names[i] as string], codec = fields[i] as FieldCodec;
    // Most fields are these, and checkpoints so few that calls are seldom optimised.
    const kept = codec === plain || codec === pointer && value === null ? value : codec.save(value, old, reach);
    if (!changed && !Object.is(kept, old)) changed = before?.values.slice() ?? [];
    if (changed) changed[i] = kept;
  }
  return changed || !before ? { object, codec, values: changed ?? [] } : before;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  const name = (value as { $type?: unknown }).$type ?? value.constructor?.name ?? 'object without a prototype';
  return `an object of type ${String(name)}`;
}
