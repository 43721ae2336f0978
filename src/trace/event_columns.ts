// The rows of a few thousand events as columns of whole numbers: as they are written, and packed, where a loop takes next to nothing and anything else a few bytes
// a row. The first touch of a page of memory costs more than everything that is done for the events on it.
// Not here: what the numbers mean (event_chunk.ts).

export class Columns {
  readonly instructions: Float64Array;
  readonly extra: Float64Array;
  readonly entry: Float64Array;
  readonly what: Int32Array;
  readonly how: Int32Array;

  constructor(readonly capacity: number) {
    this.instructions = new Float64Array(capacity);
    this.extra = new Float64Array(capacity);
    this.entry = new Float64Array(capacity);
    this.what = new Int32Array(capacity);
    this.how = new Int32Array(capacity);
  }

  get byteLength(): number { return this.capacity * (3 * this.extra.BYTES_PER_ELEMENT + 2 * this.how.BYTES_PER_ELEMENT); }
}

/** Rows that are packed alike. */
const BLOCK = 512;
/**
 * Of each block of each column: its first number, the least step (or number) of the others, bytes that a row takes. A negative width: LEAST is what most have,
 * and so many rows that differ are listed, each with its number.
 */
const FIRST = 0, LEAST = 1, WIDTH = 2, HEAD = 3;
const COLUMNS = 5;
/** Bytes of what stays as it is, and of a row that is listed. */
const WHOLE = 8, LISTED = 16;

/** The first `length` rows of columns, small. Columns that grow from row to row are packed as steps, the others as numbers. */
export class PackedColumns {
  private readonly heads: Float64Array;
  private readonly space: Space;

  constructor({ instructions, extra, entry, what, how }: Columns, private readonly length: number) {
    const each = Math.ceil(length / BLOCK) * HEAD, heads = this.heads = new Float64Array(COLUMNS * each);
    let size = measureSteps(heads, 0, instructions, length);
    size += measureSteps(heads, each, extra, length);
    size += measureSteps(heads, 2 * each, entry, length);
    size += measureNumbers(heads, 3 * each, what, length);
    size += measureNumbers(heads, 4 * each, how, length);
    const space = this.space = spaceOf(size);
    let at = pack(space, 0, heads, 0, instructions, length, true);
    at = pack(space, at, heads, each, extra, length, true);
    at = pack(space, at, heads, 2 * each, entry, length, true);
    at = pack(space, at, heads, 3 * each, what, length, false);
    pack(space, at, heads, 4 * each, how, length, false);
  }

  get byteLength(): number { return this.heads.byteLength + this.space.u8.byteLength; }

  unpack({ instructions, extra, entry, what, how }: Columns): void {
    const { heads, space, length } = this, each = heads.length / COLUMNS;
    let at = unpack(space, 0, heads, 0, instructions, length, true);
    at = unpack(space, at, heads, each, extra, length, true);
    at = unpack(space, at, heads, 2 * each, entry, length, true);
    at = unpack(space, at, heads, 3 * each, what, length, false);
    unpack(space, at, heads, 4 * each, how, length, false);
  }
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

/** Fills the rest of a block's head, of whose steps (or numbers) `others` are not `usual`; the result is the bytes that it takes. */
function measured(heads: Float64Array, head: number, rows: number, low: number, high: number, usual: number, others: number): number {
  const width = widthOf(high - low), isListed = others * LISTED < sizeOf(width, rows);
  heads[head + LEAST] = isListed ? usual : low;
  heads[head + WIDTH] = isListed ? -others : width;
  return sizeOf(isListed ? -others : width, rows);
}

function stepAt(column: Float64Array, row: number, to: number): number { return row < to && row > 0 ? (column[row] as number) - (column[row - 1] as number) : 0; }

/** Fills the heads of a column's blocks; the result is the bytes that they take. */
function measureSteps(heads: Float64Array, head: number, column: Float64Array, length: number): number {
  let size = 0;
  for (let from = 0; from < length; from += BLOCK, head += HEAD) {
    const to = Math.min(length, from + BLOCK);
    const usual = middle(stepAt(column, from + 1, to), stepAt(column, (from + to) >> 1, to), stepAt(column, to - 1, to));
    let before = column[from] as number, low = Infinity, high = -Infinity, others = 0;
    heads[head + FIRST] = before;
    for (let row = from + 1; row < to; row++) {
      const number = column[row] as number, step = number - before;
      before = number;
      if (step !== usual) others++;
      if (step < low) low = step;
      if (step > high) high = step;
    }
    size += measured(heads, head, to - from, low, high, usual, others);
  }
  return size;
}

function measureNumbers(heads: Float64Array, head: number, column: Int32Array, length: number): number {
  let size = 0;
  for (let from = 0; from < length; from += BLOCK, head += HEAD) {
    const to = Math.min(length, from + BLOCK);
    const first = column[from] as number, usual = middle(first, column[(from + to) >> 1] as number, column[to - 1] as number);
    let low = first, high = low, others = 0;
    heads[head + FIRST] = first;
    for (let row = from + 1; row < to; row++) {
      const number = column[row] as number;
      if (number !== usual) others++;
      if (number < low) low = number;
      else if (number > high) high = number;
    }
    size += measured(heads, head, to - from, low, high, usual, others);
  }
  return size;
}

/** Writes a column's blocks behind byte `at`; the result is where they end. */
function pack({ u8, u16, u32, f64 }: Space, at: number, heads: Float64Array, head: number, column: Float64Array | Int32Array, length: number, isStepped: boolean): number {
  for (let from = 0; from < length; from += BLOCK, head += HEAD) {
    const to = Math.min(length, from + BLOCK), least = heads[head + LEAST] as number, width = heads[head + WIDTH] as number;
    if (width === 0) continue;
    if (width < 0) list(f64, at / WHOLE, column, from, to, least, isStepped);
    else if (width === WHOLE) f64.set(column.subarray(from, to), at / WHOLE);
    else {
      const into = width === 1 ? u8 : width === 2 ? u16 : u32, base = at / width - from;
      for (let row = from + 1; row < to; row++) into[base + row] = (column[row] as number) - (isStepped ? column[row - 1] as number : 0) - least;
    }
    at += sizeOf(width, to - from);
  }
  return at;
}

/** Writes the rows that are not as the others are. */
function list(f64: Float64Array, at: number, column: Float64Array | Int32Array, from: number, to: number, usual: number, isStepped: boolean): void {
  for (let row = from + 1; row < to; row++) {
    const number = column[row] as number;
    if (number - (isStepped ? column[row - 1] as number : 0) === usual) continue;
    f64[at++] = row;
    f64[at++] = number;
  }
}

function unlist(f64: Float64Array, at: number, end: number, column: Float64Array | Int32Array, from: number, to: number, usual: number, isStepped: boolean): void {
  for (let row = from + 1; row < to; row++) {
    const isListed = at < end && f64[at] === row;
    column[row] = isListed ? f64[at + 1] as number : usual + (isStepped ? column[row - 1] as number : 0);
    if (isListed) at += 2;
  }
}

function unpack({ u8, u16, u32, f64 }: Space, at: number, heads: Float64Array, head: number, column: Float64Array | Int32Array, length: number, isStepped: boolean): number {
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
