// A table of names: the bits of a flag word or the values of a choice, in the order in which strace 6.1 tries them.
// Not here: the tables themselves (one file a uapi header) and the text (trace/format).

/** Names with their values. `unknown` is what strace calls a value that has no name ("PROT_???"). */
export interface NameTable<N extends string = string> {
  readonly unknown: string;
  /** The constants by name, for code: `export const { PROT_READ } = PROT.values`. */
  readonly values: Readonly<Record<N, number>>;
  readonly entries: readonly (readonly [N, number])[];
}

/** Declares a table. Values are integers below 2^53 (negative ones only in choices); the order of the keys is the order of the names. */
export function table<const V extends Record<string, number>>(unknown: string, values: V): NameTable<Extract<keyof V, string>> & { readonly values: V } {
  return { unknown, values, entries: Object.entries(values) as [Extract<keyof V, string>, number][] };
}

/** The first name of exactly this value. */
export function findName(names: NameTable, value: number): string | undefined {
  for (const [name, v] of names.entries) if (v === value) return name;
  return undefined;
}

/** The bits of `value` as names in table order, then what is left. Handles 53 bits; a zero entry is never matched here. */
export function splitBits(names: NameTable, value: number): { names: string[]; rest: number } {
  const found: string[] = [];
  let [lo, hi] = words(value);
  for (const [name, v] of names.entries) {
    if (v === 0) continue;
    const [vlo, vhi] = words(v);
    if (((lo & vlo) >>> 0) === vlo && ((hi & vhi) >>> 0) === vhi) {
      found.push(name);
      lo = (lo & ~vlo) >>> 0;
      hi = (hi & ~vhi) >>> 0;
      if (lo === 0 && hi === 0) break;
    }
  }
  return { names: found, rest: hi * 0x1_0000_0000 + lo };
}

const words = (value: number): [number, number] => [value >>> 0, Math.floor(value / 0x1_0000_0000) >>> 0];
