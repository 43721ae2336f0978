// Kernel objects are plain data of declared shape: one field list gives the TypeScript type, the constructor, the Variables view, the checkpoint and the hash.
// Not here: behaviour. Functions stand beside the type in its Linux-named file; ops tables are leaves known by name (see ops()).

/** How a field is shown and copied. */
export type FieldKind =
  | { kind: 'int'; c: string; show: 'dec' | 'hex' | 'oct' }
  | { kind: 'big'; c: string }
  | { kind: 'bool' }
  | { kind: 'string' }
  | { kind: 'flags'; c: string; names: readonly (readonly [string, number])[] }
  | { kind: 'object'; type: string }
  | { kind: 'list'; of: FieldKind }
  | { kind: 'map'; key: FieldKind; of: FieldKind }
  | { kind: 'set'; of: FieldKind }
  | { kind: 'bytes' }
  | { kind: 'struct'; fields: Record<string, FieldKind>; c?: string }
  | { kind: 'ops'; table: string };

/** A field of value type T; `null` is allowed only where the declaration says optional. */
export interface Field<T> { readonly field: FieldKind; readonly initial: () => T }
type ValueOf<F> = F extends Field<infer T> ? T : never;
export type FieldsOf<D extends Record<string, Field<unknown>>> = { -readonly [K in keyof D]: ValueOf<D[K]> };

/** The part that every kernel object has: its type's name and a serial that is stable within a run. */
export interface KObject { readonly $type: string; readonly $id: number }

const int = (c: string, show: 'dec' | 'hex' | 'oct' = 'dec', initial = 0): Field<number> => ({ field: { kind: 'int', c, show }, initial: () => initial });

/** Field constructors, named as Linux names the C types. */
export const f = {
  s32: int('int'), u32: int('unsigned int'), s64: int('long'), u64: int('unsigned long'), size: int('size_t'), loff: int('loff_t'),
  hex: int('unsigned long', 'hex'), umode: int('umode_t', 'oct'), pid: int('pid_t'), uid: int('kuid_t'), gid: int('kgid_t'), dev: int('dev_t', 'hex'),
  pa: int('phys_addr_t', 'hex'), uaddr: int('void __user *', 'hex'), ns: int('ktime_t'),
  int,
  /** 64 bits that must stay exact. */
  big: (c = 'u64'): Field<bigint> => ({ field: { kind: 'big', c }, initial: () => 0n }),
  bool: { field: { kind: 'bool' }, initial: () => false } as Field<boolean>,
  str: { field: { kind: 'string' }, initial: () => '' } as Field<string>,
  flags: (c: string, names: readonly (readonly [string, number])[]): Field<number> => ({ field: { kind: 'flags', c, names }, initial: () => 0 }),
  /** A pointer to another kernel object, or null. The type argument is written out, since types may be mutually recursive. */
  ptr: <T>(type: string): Field<T | null> => ({ field: { kind: 'object', type }, initial: () => null }),
  /** A pointer that is always set (pass it to `make`). */
  ref: <T>(type: string): Field<T> => ({ field: { kind: 'object', type }, initial: () => null as unknown as T }),
  list: <T>(of: Field<T>): Field<T[]> => ({ field: { kind: 'list', of: of.field }, initial: () => [] }),
  map: <K, V>(key: Field<K>, of: Field<V>): Field<Map<K, V>> => ({ field: { kind: 'map', key: key.field, of: of.field }, initial: () => new Map() }),
  set: <T>(of: Field<T>): Field<Set<T>> => ({ field: { kind: 'set', of: of.field }, initial: () => new Set() }),
  /** Small byte strings (names, queued siginfo). File contents live in guest pages, never here. */
  bytes: { field: { kind: 'bytes' }, initial: () => new Uint8Array(0) } as Field<Uint8Array>,
  /** A nested plain record without identity. */
  struct: <D extends Record<string, Field<unknown>>>(fields: D): Field<FieldsOf<D>> => ({
    field: { kind: 'struct', fields: Object.fromEntries(Object.entries(fields).map(([k, v]) => [k, v.field])) },
    initial: () => Object.fromEntries(Object.entries(fields).map(([k, v]) => [k, v.initial()])) as FieldsOf<D>,
  }),
  /** A pointer to an ops table, which is a leaf known by name. */
  ops: <T>(table: string): Field<T> => ({ field: { kind: 'ops', table }, initial: () => null as unknown as T }),
};

export interface KType<T> {
  readonly name: string;
  readonly fields: Record<string, FieldKind>;
  /** A new object with every field set, in declaration order (one hidden class per type). */
  make(values: Partial<T>): T & KObject;
}

/** All declared types by name: the checkpoint, the hash and the object views walk these. */
export const kobjectTypes = new Map<string, KType<unknown>>();

/** The next serial; part of the kernel's state (checkpoint.ts saves it). */
export const serial = { next: 1 };

/** What every new object of a type begins as, but for the containers, of which each has its own. */
interface Template<D> { readonly blank: Record<string, unknown>; readonly containers: readonly { readonly key: keyof D & string; readonly initial: () => unknown }[] }

/** Made with the first object: most programs meet few of the types. An object to which many properties are added one by one is a hash table to the engine, and so are its copies; a parsed one is a struct. */
function makeTemplate<D extends Record<string, Field<unknown>>>(name: string, fields: D): Template<D> {
  const entries = Object.entries(fields);
  const blank = JSON.parse(JSON.stringify(Object.fromEntries(['$type', '$id', ...entries.map(([key]) => key)].map(key => [key, null])))) as Record<string, unknown>;
  Object.assign(blank, { $type: name, $id: 0 });
  for (const [key, { initial }] of entries) blank[key] = initial();
  return { blank, containers: entries.filter(([key]) => typeof blank[key] === 'object' && blank[key] !== null).map(([key, { initial }]) => ({ key, initial })) };
}

/** Declares a kernel object type. `name` is Linux's struct name. Throws on a duplicate. */
export function kobject<D extends Record<string, Field<unknown>>>(name: string, fields: D): KType<FieldsOf<D>> {
  if (kobjectTypes.has(name)) throw new Error(`kobject '${name}' is declared twice`);
  let template: Template<D> | undefined, kinds: Record<string, FieldKind> | undefined;
  const type: KType<FieldsOf<D>> = {
    name,
    get fields() { return kinds ??= Object.fromEntries(Object.entries(fields).map(([key, { field }]) => [key, field])); },
    make(values) {
      const { blank, containers } = template ??= makeTemplate(name, fields), object = { ...blank };
      object['$id'] = serial.next++;
      for (const { key, initial } of containers) if (values[key] === undefined) object[key] = initial();
      // Another object may be spread into the values: its type and serial are its own.
      for (const key in values) if (key !== '$type' && key !== '$id') object[key] = values[key];
      return object as FieldsOf<D> & KObject;
    },
  };
  kobjectTypes.set(name, type as KType<unknown>);
  return type;
}

/** The type of the objects of a kobject declaration. */
export type Instance<K> = K extends KType<infer T> ? T & KObject : never;

/** All ops tables by name, for checkpoints and views. */
export const opsTables = new Map<string, object>();

/** Declares an ops table (`file_operations`, `inode_operations` ...), filled by name so that two builds of the kernel share its identity. */
export function ops<T extends object>(name: string, table: T): T {
  const existing = opsTables.get(name);
  if (existing) return Object.assign(existing, table) as T;
  Object.defineProperty(table, '$ops', { value: name });
  opsTables.set(name, table);
  return table;
}
