// Regions that outlive their processor: the modules of one run as bytes, with what the next run has to know of each region to enter it. Numbers of entries and
// maps are the same there, so that nothing but the addresses of records changes, which stand where the module's marks say. Not here: the pages that the
// records are on (kept_code.ts), when a region is taken over (translator.ts).
import { REGION_EXIT_MASK } from '../layout';
import { readFixed32, writeFixed32 } from '../wasm/bytes';
import type { MxcsrMode } from './register_locals';

/** What is entered and how, apart from its code. */
export interface RegionPlan {
  /** The pages of its blocks. */
  readonly pages: readonly { readonly linearLow: number; readonly linearHigh: number }[];
  /** By block: the index of its page, and its records, [from, to). */
  readonly blocks: readonly (readonly [page: number, from: number, to: number])[];
  /** Where the interpreter may enter, in the order of the numbers that the function takes; instructions that may run from there. */
  readonly entries: readonly { readonly record: number; readonly minimum: number }[];
  /** What stands in the map of its indirect jumps, by place. */
  readonly targets: readonly (readonly [place: number, value: number])[];
  readonly isUser: boolean;
  readonly mxcsr: MxcsrMode | undefined;
  /** It counts on TOP and the tags of the x87 at each entry. */
  readonly countsOnX87: boolean;
  /** The number of its first entry, and of its map: its code names both. */
  readonly number: number;
  readonly map: number | undefined;
}

export interface RegionModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Names of the routines that it imports. */
  readonly routines: readonly string[];
  /** Where in `bytes` addresses of records stand, some of them negative. */
  readonly marks: readonly number[];
}

/** Regions of one module, by their place in it. */
export interface KeptModule { readonly module: RegionModule; readonly regions: ReadonlyMap<number, RegionPlan> }

export interface KeptRegions {
  /** Constant tables by their order, which is where they stand. */
  readonly tables: readonly (readonly number[])[];
  readonly modules: readonly KeptModule[];
  /** Samples of places that are not translated, by record, of so many runs. */
  readonly samples: readonly (readonly [record: number, count: number])[];
  readonly runs: number;
}

export const NO_REGIONS: KeptRegions = { tables: [], modules: [], samples: [], runs: 0 };

/** What readRegions() reads. `whereIs`: where a record will be; 0: nowhere. A region that lacks a record is left out. */
export function writeRegions({ tables, modules, samples, runs }: KeptRegions, whereIs: (record: number) => number): Uint8Array {
  const words: number[] = [], parts: Uint8Array[] = [];
  const list = <T>(items: Iterable<T>, write: (item: T) => void): void => {
    const at = words.push(0) - 1;
    for (const item of items) { write(item); words[at] = (words[at] as number) + 1; }
  };
  list(tables, table => list(table, byte => words.push(byte)));
  const complete = modules.map(({ module, regions }) => ({ module, regions: [...regions].filter(([, plan]) => recordsOf(plan).every(record => whereIs(record) !== 0)) }));
  list(complete.filter(({ regions }) => regions.length > 0), ({ module, regions }) => {
    const bytes = new Uint8Array(module.bytes);
    for (const mark of module.marks) {
      const place = readFixed32(bytes, mark), cause = Math.abs(place) & REGION_EXIT_MASK;
      writeFixed32(bytes, mark, Math.sign(place) * (whereIs(Math.abs(place) - cause) + cause));
    }
    words.push(bytes.length);
    parts.push(bytes);
    list(module.routines, name => list(name, letter => words.push(letter.charCodeAt(0))));
    list(module.marks, mark => words.push(mark));
    list(regions, ([index, { pages, blocks, entries, targets, isUser, mxcsr, countsOnX87, number, map }]) => {
      words.push(index, (isUser ? 1 : 0) | (countsOnX87 ? 2 : 0), mxcsr ?? 0, number, map ?? -1);
      list(pages, ({ linearLow, linearHigh }) => words.push(linearLow, linearHigh));
      list(blocks, ([page, from, to]) => words.push(page, whereIs(from), to - from));
      list(entries, ({ record, minimum }) => words.push(whereIs(record), minimum));
      list(targets, target => words.push(...target));
    });
  });
  words.push(runs);
  list(samples.filter(([record]) => whereIs(record) !== 0), ([record, count]) => words.push(whereIs(record), count));
  const head = Int32Array.from([words.length].concat(words)), out = new Uint8Array(head.byteLength + parts.reduce((sum, part) => sum + part.length, 0));
  out.set(new Uint8Array(head.buffer));
  let at = head.byteLength;
  for (const part of parts) { out.set(part, at); at += part.length; }
  return out;
}

export function readRegions(file: Uint8Array): KeptRegions {
  if (file.length === 0) return NO_REGIONS;
  const words = new Int32Array(new Uint8Array(file.subarray(0, file.length & ~3)).buffer);
  let at = 1, part = 4 + 4 * (words[0] as number);
  const next = (): number => words[at++] as number;
  const list = <T>(read: () => T): T[] => Array.from({ length: next() }, read);
  const tables = list(() => list(next));
  const modules = list((): KeptModule => {
    const length = next(), bytes = file.subarray(part, part += length) as Uint8Array<ArrayBuffer>;
    const routines = list(() => String.fromCharCode(...list(next))), marks = list(next);
    const regions = list((): [number, RegionPlan] => {
      const [index, bits, mode, number, map] = [next(), next(), next(), next(), next()];
      return [index, {
        isUser: (bits & 1) !== 0, countsOnX87: (bits & 2) !== 0, mxcsr: mode === 0 ? undefined : mode as MxcsrMode, number, map: map < 0 ? undefined : map,
        pages: list(() => ({ linearLow: next() >>> 0, linearHigh: next() >>> 0 })),
        blocks: list(() => { const page = next(), from = next(); return [page, from, from + next()] as const; }),
        entries: list(() => ({ record: next(), minimum: next() })), targets: list(() => [next(), next()] as const),
      }];
    });
    return { module: { bytes, routines, marks }, regions: new Map(regions) };
  });
  const runs = next();
  return { tables, modules, runs, samples: list(() => [next(), next()] as const) };
}

const recordsOf = ({ blocks, entries }: RegionPlan): number[] => [...blocks.map(([, from]) => from), ...entries.map(({ record }) => record)];
