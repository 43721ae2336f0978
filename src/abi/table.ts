// A table of names: the bits of a flag word or the values of a choice, in the order in which strace 6.1 tries them.
// Not here: the tables themselves (one file a uapi header) and the text (trace/format).

/** Names with their values. `unknown` is what strace calls a value that has no name ("PROT_???"). */
export interface NameTable<N extends string = string> {
  readonly unknown: string;
  /** The constants by name, for code: `export const { PROT_READ } = PROT.values`. */
  readonly values: Readonly<Record<N, number>>;
  readonly entries: readonly (readonly [N, number])[];
}

class Table<const V extends Record<string, number>> implements NameTable<Extract<keyof V, string>> {
  private made: V | undefined;
  private pairs: [Extract<keyof V, string>, number][] | undefined;
  constructor(readonly unknown: string, private readonly make: () => V) {}
  get values(): V { return this.made ??= this.make(); }
  get entries(): readonly (readonly [Extract<keyof V, string>, number])[] { return this.pairs ??= Object.entries(this.values) as [Extract<keyof V, string>, number][]; }
}

/**
 * Declares a table. Values are integers below 2^53 (negative ones only in choices); the order of the keys is the order of the names. `make` runs when somebody asks:
 * each new name costs V8 a microsecond, and most programs meet few tables.
 */
export function table<const V extends Record<string, number>>(unknown: string, make: () => V): NameTable<Extract<keyof V, string>> & { readonly values: V } {
  return new Table(unknown, make);
}

/** The names of a table and others, or not all of them, or with another word for what has none. (A table's own parts are not copied by `...`: they are made when somebody asks.) */
export function tableLike(names: NameTable, change: (entries: NameTable['entries']) => NameTable['entries'], unknown = names.unknown): NameTable {
  let made: NameTable['entries'] | undefined;
  return { unknown, get values() { return names.values; }, get entries() { return made ??= change(names.entries); } };
}

// The log asks these a million times a second, and as often as not before V8 has compiled them: no iterators, no pairs.

/** The first name of exactly this value. */
export function findName(names: NameTable, value: number): string | undefined {
  const { entries } = names;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as readonly [string, number];
    if (entry[1] === value) return entry[0];
  }
  return undefined;
}

/** The bits of `value` as names in table order, then what is left. Handles 53 bits; a zero entry is never matched here. */
export function splitBits(names: NameTable, value: number): { names: string[]; rest: number } {
  const found: string[] = [], { entries } = names;
  let lo = value >>> 0, hi = highOf(value);
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as readonly [string, number], v = entry[1], vlo = v >>> 0, vhi = highOf(v);
    if (v === 0 || ((lo & vlo) >>> 0) !== vlo || ((hi & vhi) >>> 0) !== vhi) continue;
    found.push(entry[0]);
    lo = (lo & ~vlo) >>> 0;
    hi = (hi & ~vhi) >>> 0;
    if (lo === 0 && hi === 0) break;
  }
  return { names: found, rest: hi * 0x1_0000_0000 + lo };
}

const highOf = (value: number): number => Math.floor(value / 0x1_0000_0000) >>> 0;
