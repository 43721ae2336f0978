// Columns of numbers as bytes, small: a column that grows evenly or stays as it is takes next to nothing, any other what its range takes. All columns are doubles, so that
// the loops are compiled for one kind of array. Every number comes back as it was.
// Not here: what the numbers are (event_steps.ts, columns.ts).

/** Numbers that are packed alike. */
const BLOCK = 512;
/**
 * Of each block of each column: its first number, the least step (or number) of the others, bytes that a row takes. A negative width: LEAST is what most have,
 * and so many rows that differ are listed, each with its number.
 */
const FIRST = 0, LEAST = 1, WIDTH = 2, HEAD = 3;
/** Bytes of a number as it is, and of a row that is listed. */
const WHOLE = 8, LISTED = 16;

/** A column is packed as steps from row to row, or as numbers. */
export interface Packing { readonly column: Float64Array; readonly isStepped: boolean }

const headsOf = (length: number): number => Math.ceil(length / BLOCK) * HEAD;

/** By column, how many numbers; `columnAt` gives it, in which nothing is changed until the next one is asked for. Heads first, then the numbers. */
export function packColumns(lengths: readonly number[], columnAt: (number: number) => Packing): Uint8Array {
  const heads = new Float64Array(lengths.reduce((sum, length) => sum + headsOf(length), 0));
  let head = 0, at = 0;
  for (const [k, length] of lengths.entries()) {
    const { column, isStepped } = columnAt(k), size = measure(heads, head, column, length, isStepped);
    if (size > 0) at = pack(roomFor(at, size), at, heads, head, column, length, isStepped);
    head += headsOf(length);
  }
  const bytes = new Uint8Array(heads.byteLength + at);
  new Float64Array(bytes.buffer, 0, heads.length).set(heads);
  if (at > 0) bytes.set(room.u8.subarray(0, at), heads.byteLength);
  return bytes;
}

/** Fills the columns in their order, each before the next one is asked for. `bytes` is the whole of its buffer, or stands at a multiple of eight in it. */
export function unpackColumns(bytes: Uint8Array, lengths: readonly number[], columnAt: (number: number) => Packing, done: (number: number) => void): void {
  const heads = new Float64Array(bytes.buffer, bytes.byteOffset, lengths.reduce((sum, length) => sum + headsOf(length), 0)), space = spaceOf(bytes, heads.byteLength);
  let head = 0, at = 0;
  for (const [k, length] of lengths.entries()) {
    const { column, isStepped } = columnAt(k);
    at = unpack(space, at, heads, head, column, length, isStepped);
    head += headsOf(length);
    done(k);
  }
}

/** The packed numbers, in whatever width. Each block begins at a whole double. */
interface Space { readonly u8: Uint8Array; readonly u16: Uint16Array; readonly u32: Uint32Array; readonly f64: Float64Array }

/** What lies behind byte `from`. */
function spaceOf({ buffer, byteOffset, byteLength }: Uint8Array, from: number): Space {
  const start = byteOffset + from, size = byteLength - from;
  return { u8: new Uint8Array(buffer, start, size), u16: new Uint16Array(buffer, start, size / 2), u32: new Uint32Array(buffer, start, size / 4), f64: new Float64Array(buffer, start, size / WHOLE) };
}

/** Where numbers are packed before all of their bytes are counted. */
let room = spaceOf(new Uint8Array(1 << 16), 0);
/** It, with room for `size` bytes behind byte `at`. */
function roomFor(at: number, size: number): Space {
  if (at + size > room.u8.length) {
    const larger = new Uint8Array(2 * (at + size));
    larger.set(room.u8.subarray(0, at));
    room = spaceOf(larger, 0);
  }
  return room;
}

/** What whole numbers from 0 to `range` take; NaN: not all are whole. */
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
      if (!Number.isInteger(value)) low = NaN;
      else if (value < low) low = value;
      else if (value > high) high = value;
    }
    const width = Number.isInteger(usual) ? widthOf(high - low) : WHOLE, isListed = others * LISTED < sizeOf(width, rows);
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
