// The rows of a few thousand events. Each names a step: what happened, how it went, and how far instructions, time and kernel entries are from those of the row before.
// Rows that came about alike share a step, so an event in a loop is one word to write, and next to nothing when it is packed; of others, the numbers of their steps take
// a few bytes. The first touch of a page of memory costs more than everything that is done for the events on it.
// Not here: what the numbers mean (event_chunk.ts).
import { packColumns, unpackColumns } from './packed_columns';

/** The numbers of a step. Step 0 is that of a row that nobody has written, and the first row's is from 0. */
export const WHAT = 0, HOW = 1, INSTRUCTIONS = 2, EXTRA = 3, ENTRY = 4, STEP = 5;
const FIRST_STEPS = 64;
const MET = 256;

/** How far a row is from the one before it. */
export interface Far { readonly farInstructions: number; readonly farExtra: number; readonly farEntry: number }

export class Steps {
  /** By row, the number of its step. */
  readonly rows: Int32Array;
  numbers = new Float64Array(FIRST_STEPS * STEP);
  count = 1;
  /** Instructions, time beside them and entries of the newest row, and how far they are from those of the row before. No numbers at first, so that the engine keeps doubles there. */
  newestInstructions = NaN;
  newestExtra = NaN;
  newestEntry = NaN;
  farInstructions = NaN;
  farExtra = NaN;
  farEntry = NaN;
  /** Steps that were met lately; 0: none. */
  private readonly met = new Int32Array(MET);
  /** What `newest` was, of the first `summed` rows: made when somebody reads. */
  private sums: { readonly instructions: Float64Array; readonly extra: Float64Array; readonly entry: Float64Array } | null = null;
  private summed = 0;

  constructor(readonly capacity: number) { this.rows = new Int32Array(capacity); }

  /** No row is there. */
  clear(): void {
    this.rows.fill(0);
    this.count = 1;
    this.forget();
    this.newestInstructions = this.newestExtra = this.newestEntry = 0;
  }

  /** Sums and steps that were met are of other rows. */
  private forget(): void {
    this.met.fill(0);
    this.summed = 0;
  }

  /** The newest row is now the next one; `write` says which, or whoever knows its step. */
  advance(instructions: number, extra: number, entry: number): void {
    this.farInstructions = instructions - this.newestInstructions;
    this.farExtra = extra - this.newestExtra;
    this.farEntry = entry - this.newestEntry;
    this.newestInstructions = instructions;
    this.newestExtra = extra;
    this.newestEntry = entry;
  }

  /** Writes the row after the newest one, if it is so far from that as the step of `likely`. */
  repeat(row: number, likely: Far & { readonly step: number }, instructions: number, extra: number, entry: number): boolean {
    if (instructions - this.newestInstructions !== likely.farInstructions || extra - this.newestExtra !== likely.farExtra || entry - this.newestEntry !== likely.farEntry) return false;
    this.newestInstructions = instructions;
    this.newestExtra = extra;
    this.newestEntry = entry;
    this.rows[row] = likely.step;
    return true;
  }

  /** Writes the row that `advance` was for; the result is its step. */
  write(row: number, what: number, how: number): number {
    return this.rows[row] = this.find(what, how, this.farInstructions, this.farExtra, this.farEntry);
  }

  /** Such a step. */
  private find(what: number, how: number, instructions: number, extra: number, entry: number): number {
    const { numbers } = this, slot = (what ^ how << 3 ^ instructions ^ extra << 1 ^ entry << 4) & MET - 1, met = this.met[slot] as number, from = met * STEP;
    if (met !== 0 && numbers[from + WHAT] === what && numbers[from + HOW] === how && numbers[from + INSTRUCTIONS] === instructions && numbers[from + EXTRA] === extra && numbers[from + ENTRY] === entry) return met;
    const made = this.count++, at = made * STEP;
    if (at === numbers.length) {
      this.numbers = new Float64Array(2 * numbers.length);
      this.numbers.set(numbers);
    }
    const into = this.numbers;
    into[at + WHAT] = what;
    into[at + HOW] = how;
    into[at + INSTRUCTIONS] = instructions;
    into[at + EXTRA] = extra;
    into[at + ENTRY] = entry;
    return this.met[slot] = made;
  }

  what(row: number): number { return this.numbers[(this.rows[row] as number) * STEP + WHAT] as number; }
  how(row: number): number { return this.numbers[(this.rows[row] as number) * STEP + HOW] as number; }
  instructions(row: number): number { return this.sum(row).instructions[row] as number; }
  extra(row: number): number { return this.sum(row).extra[row] as number; }
  entry(row: number): number { return this.sum(row).entry[row] as number; }

  /** The sums, as far as that row at least. */
  private sum(row: number): NonNullable<Steps['sums']> {
    const sums = this.sums ??= { instructions: new Float64Array(this.capacity), extra: new Float64Array(this.capacity), entry: new Float64Array(this.capacity) };
    if (row < this.summed) return sums;
    const { numbers, rows } = this, before = this.summed - 1;
    let ran = sums.instructions[before] ?? 0, passed = sums.extra[before] ?? 0, entered = sums.entry[before] ?? 0;
    for (let k = this.summed; k <= row; k++) {
      const at = (rows[k] as number) * STEP;
      sums.instructions[k] = ran += numbers[at + INSTRUCTIONS] as number;
      sums.extra[k] = passed += numbers[at + EXTRA] as number;
      sums.entry[k] = entered += numbers[at + ENTRY] as number;
    }
    this.summed = row + 1;
    return sums;
  }

  /** A row went otherwise. */
  setHow(row: number, how: number): void {
    const { numbers } = this, at = (this.rows[row] as number) * STEP;
    this.rows[row] = this.find(numbers[at + WHAT] as number, how, numbers[at + INSTRUCTIONS] as number, numbers[at + EXTRA] as number, numbers[at + ENTRY] as number);
  }

  /** Row `row` of `length` is another one; those behind it stay what they are. */
  replace(row: number, length: number, what: number, how: number, instructions: number, extra: number, entry: number): void {
    const sums = this.sum(length - 1), next = row + 1, isLast = next === length;
    const nextInstructions = sums.instructions[next] ?? 0, nextExtra = sums.extra[next] ?? 0, nextEntry = sums.entry[next] ?? 0;
    this.rows[row] = this.find(what, how, instructions - (sums.instructions[row - 1] ?? 0), extra - (sums.extra[row - 1] ?? 0), entry - (sums.entry[row - 1] ?? 0));
    if (!isLast) this.rows[next] = this.find(this.what(next), this.how(next), nextInstructions - instructions, nextExtra - extra, nextEntry - entry);
    this.summed = row;
    this.end(length);
  }

  /** The newest row is the one before `length`. */
  end(length: number): void {
    const last = length - 1;
    this.summed = Math.min(this.summed, length);
    this.newestInstructions = last >= 0 ? this.instructions(last) : 0;
    this.newestExtra = last >= 0 ? this.extra(last) : 0;
    this.newestEntry = last >= 0 ? this.entry(last) : 0;
  }

  /** Room for `count` steps, which somebody fills. */
  receive(count: number): Float64Array {
    this.forget();
    this.count = count;
    while (this.numbers.length < count * STEP) this.numbers = new Float64Array(2 * this.numbers.length);
    return this.numbers;
  }
}

/** The first `length` rows, small. */
export class PackedSteps {
  private readonly bytes: Uint8Array;
  private readonly count: number;

  constructor({ rows, numbers, count }: Steps, private readonly length: number) {
    const column = scratch(Math.max(length, count));
    this.count = count;
    this.bytes = packColumns([length, ...Array.from({ length: STEP }, () => count)], k => {
      if (k > 0) return { column: gather(column, numbers, k - 1, count), isStepped: false };
      column.set(length === rows.length ? rows : rows.subarray(0, length));
      return { column, isStepped: true };
    });
  }

  get byteLength(): number { return this.bytes.byteLength; }

  unpack(into: Steps): void {
    const { length, count } = this, column = scratch(Math.max(length, count)), numbers = into.receive(count);
    unpackColumns(this.bytes, [length, ...Array.from({ length: STEP }, () => count)], k => ({ column, isStepped: k === 0 }), k => {
      if (k === 0) into.rows.set(column.subarray(0, length));
      else for (let i = 0; i < count; i++) numbers[i * STEP + k - 1] = column[i] as number;
    });
  }
}

/** Every STEP-th number from `from` on. */
function gather(line: Float64Array, numbers: Float64Array, from: number, count: number): Float64Array {
  for (let i = 0; i < count; i++) line[i] = numbers[i * STEP + from] as number;
  return line;
}

/** One column at a time. */
let column = new Float64Array(0);
function scratch(length: number): Float64Array {
  if (column.length < length) column = new Float64Array(length);
  return column;
}
