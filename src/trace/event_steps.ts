// The rows of a few thousand events. Each names a step: what happened, how it went, and how far instructions, time and kernel entries are from those of the row before.
// Rows that came about alike share a step, so an event in a loop is one word to write, and next to nothing when it is packed; of others, the numbers of their steps take
// a few bytes. The first touch of a page of memory costs more than everything that is done for the events on it.
// Not here: what the numbers mean (event_chunk.ts).

/** The numbers of a step. Step 0 is that of a row that nobody has written, and the first row's is from 0. */
export const WHAT = 0, HOW = 1, INSTRUCTIONS = 2, EXTRA = 3, ENTRY = 4, STEP = 5;
const FIRST_STEPS = 64;
const MET = 256;

export class Steps {
  /** By row, the number of its step. */
  readonly rows: Int32Array;
  numbers = new Float64Array(FIRST_STEPS * STEP);
  count = 1;
  /** Instructions, time beside them and entries of the newest row, and how far they are from those of the row before. */
  readonly newest = new Float64Array(3);
  readonly far = new Float64Array(3);
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
    this.newest.fill(0);
  }

  /** Sums and steps that were met are of other rows. */
  private forget(): void {
    this.met.fill(0);
    this.summed = 0;
  }

  /** The newest row is now the next one; `write` says which, or whoever knows its step. */
  advance(instructions: number, extra: number, entry: number): void {
    const { newest, far } = this;
    far[0] = instructions - (newest[0] as number);
    far[1] = extra - (newest[1] as number);
    far[2] = entry - (newest[2] as number);
    newest[0] = instructions;
    newest[1] = extra;
    newest[2] = entry;
  }

  /** Writes the row that `advance` was for; the result is its step. */
  write(row: number, what: number, how: number): number {
    const { far } = this;
    return this.rows[row] = this.find(what, how, far[0] as number, far[1] as number, far[2] as number);
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
    this.newest.fill(0);
    if (last >= 0) this.newest.set([this.instructions(last), this.extra(last), this.entry(last)]);
  }

  /** Room for `count` steps, which somebody fills. */
  receive(count: number): Float64Array {
    this.forget();
    this.count = count;
    while (this.numbers.length < count * STEP) this.numbers = new Float64Array(2 * this.numbers.length);
    return this.numbers;
  }
}

/** Numbers that are packed alike. */
const BLOCK = 512;
/**
 * Of each block of each column: its first number, the least step (or number) of the others, bytes that a row takes. A negative width: LEAST is what most have,
 * and so many rows that differ are listed, each with its number.
 */
const FIRST = 0, LEAST = 1, WIDTH = 2, HEAD = 3;
/** Bytes of what stays as it is, and of a row that is listed. */
const WHOLE = 8, LISTED = 16;

/** The first `length` rows, small. */
export class PackedSteps {
  private readonly heads: Float64Array;
  private readonly space: Space;
  private readonly count: number;

  constructor({ rows, numbers, count }: Steps, private readonly length: number) {
    const ofRows = Math.ceil(length / BLOCK) * HEAD, ofNumbers = Math.ceil(count / BLOCK) * HEAD, heads = this.heads = new Float64Array(ofRows + STEP * ofNumbers), line = scratch(Math.max(length, count));
    this.count = count;
    line.set(length === rows.length ? rows : rows.subarray(0, length));
    let size = measure(heads, 0, line, length, true);
    for (let k = 0; k < STEP; k++) size += measure(heads, ofRows + k * ofNumbers, gather(line, numbers, k, count), count, false);
    const space = this.space = spaceOf(size);
    line.set(length === rows.length ? rows : rows.subarray(0, length));
    let at = pack(space, 0, heads, 0, line, length, true);
    for (let k = 0; k < STEP; k++) at = pack(space, at, heads, ofRows + k * ofNumbers, gather(line, numbers, k, count), count, false);
  }

  get byteLength(): number { return this.heads.byteLength + this.space.u8.byteLength; }

  unpack(into: Steps): void {
    const { heads, space, length, count } = this, ofRows = Math.ceil(length / BLOCK) * HEAD, ofNumbers = (heads.length - ofRows) / STEP, line = scratch(Math.max(length, count));
    let at = unpack(space, 0, heads, 0, line, length, true);
    into.rows.set(line.subarray(0, length));
    const numbers = into.receive(count);
    for (let k = 0; k < STEP; k++) {
      at = unpack(space, at, heads, ofRows + k * ofNumbers, line, count, false);
      for (let i = 0; i < count; i++) numbers[i * STEP + k] = line[i] as number;
    }
  }
}

/** Every STEP-th number from `from` on. */
function gather(line: Float64Array, numbers: Float64Array, from: number, count: number): Float64Array {
  for (let i = 0; i < count; i++) line[i] = numbers[i * STEP + from] as number;
  return line;
}

/** One column at a time; all in doubles, so that the loops below are compiled for one kind of array. */
let column = new Float64Array(0);
function scratch(length: number): Float64Array {
  if (column.length < length) column = new Float64Array(length);
  return column;
}

/** The packed numbers, in whatever width. Each block begins at a whole double. */
interface Space { readonly u8: Uint8Array; readonly u16: Uint16Array; readonly u32: Uint32Array; readonly f64: Float64Array }

function spaceOf(bytes: number): Space {
  const buffer = new ArrayBuffer(bytes);
  return { u8: new Uint8Array(buffer), u16: new Uint16Array(buffer), u32: new Uint32Array(buffer), f64: new Float64Array(buffer) };
}

/** What whole numbers from 0 to `range` take. */
const widthOf = (range: number): number => range <= 0 ? 0 : range <= 0xff ? 1 : range <= 0xffff ? 2 : range <= 0xffffffff ? 4 : WHOLE;
const sizeOf = (width: number, rows: number): number => width < 0 ? -width * LISTED : width * rows + 7 & ~7;
const middle = (a: number, b: number, c: number): number => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));

/** The step (or number) of a row. */
const valueAt = (column: Float64Array, row: number, isStepped: boolean): number => (column[row] as number) - (isStepped ? column[row - 1] as number : 0);

/** Fills the heads of a column's blocks; the result is the bytes that they take. */
function measure(heads: Float64Array, head: number, column: Float64Array, length: number, isStepped: boolean): number {
  let size = 0;
  for (let from = 0; from < length; from += BLOCK, head += HEAD) {
    const to = Math.min(length, from + BLOCK), rows = to - from;
    heads[head + FIRST] = column[from] as number;
    if (rows === 1) continue;
    const usual = middle(valueAt(column, from + 1, isStepped), valueAt(column, from + to + 1 >> 1, isStepped), valueAt(column, to - 1, isStepped));
    let low = usual, high = usual, others = 0;
    for (let row = from + 1; row < to; row++) {
      const value = (column[row] as number) - (isStepped ? column[row - 1] as number : 0);
      if (value === usual) continue;
      others++;
      if (value < low) low = value;
      else if (value > high) high = value;
    }
    const width = widthOf(high - low), isListed = others * LISTED < sizeOf(width, rows);
    heads[head + LEAST] = isListed ? usual : low;
    heads[head + WIDTH] = isListed ? -others : width;
    size += sizeOf(isListed ? -others : width, rows);
  }
  return size;
}

/** Writes a column's blocks behind byte `at`; the result is where they end. */
function pack({ u8, u16, u32, f64 }: Space, at: number, heads: Float64Array, head: number, column: Float64Array, length: number, isStepped: boolean): number {
  for (let from = 0; from < length; from += BLOCK, head += HEAD) {
    const to = Math.min(length, from + BLOCK), least = heads[head + LEAST] as number, width = heads[head + WIDTH] as number;
    if (width === 0) continue;
    if (width < 0) list(f64, at / WHOLE, column, from, to, least, isStepped);
    else if (width === WHOLE) f64.set(column.subarray(from, to), at / WHOLE);
    else {
      const into = width === 1 ? u8 : width === 2 ? u16 : u32, base = at / width - from;
      for (let row = from + 1; row < to; row++) into[base + row] = valueAt(column, row, isStepped) - least;
    }
    at += sizeOf(width, to - from);
  }
  return at;
}

/** Writes the rows that are not as the others are. */
function list(f64: Float64Array, at: number, column: Float64Array, from: number, to: number, usual: number, isStepped: boolean): void {
  for (let row = from + 1; row < to; row++) {
    if (valueAt(column, row, isStepped) === usual) continue;
    f64[at++] = row;
    f64[at++] = column[row] as number;
  }
}

function unlist(f64: Float64Array, at: number, end: number, column: Float64Array, from: number, to: number, usual: number, isStepped: boolean): void {
  for (let row = from + 1; row < to; row++) {
    const isListed = at < end && f64[at] === row;
    column[row] = isListed ? f64[at + 1] as number : usual + (isStepped ? column[row - 1] as number : 0);
    if (isListed) at += 2;
  }
}

function unpack({ u8, u16, u32, f64 }: Space, at: number, heads: Float64Array, head: number, column: Float64Array, length: number, isStepped: boolean): number {
  for (let from = 0; from < length; from += BLOCK, head += HEAD) {
    const to = Math.min(length, from + BLOCK), least = heads[head + LEAST] as number, width = heads[head + WIDTH] as number;
    column[from] = heads[head + FIRST] as number;
    if (width < 0) unlist(f64, at / WHOLE, at / WHOLE - 2 * width, column, from, to, least, isStepped);
    else if (width === WHOLE) column.set(f64.subarray(at / WHOLE, at / WHOLE + to - from), from);
    else {
      const packed = width === 1 ? u8 : width === 2 ? u16 : u32, base = width === 0 ? 0 : at / width - from;
      for (let row = from + 1; row < to; row++) column[row] = (width === 0 ? 0 : packed[base + row] as number) + least + (isStepped ? column[row - 1] as number : 0);
    }
    at += sizeOf(width, to - from);
  }
  return at;
}
