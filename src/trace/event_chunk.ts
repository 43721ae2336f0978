// A few thousand events as columns of numbers: what the log is made of, and what a chart reads without an object for each event.
// Not here: how events come in and when the oldest go (event.ts).

/** The order is that of the numbers in the `kind` column. */
export const EVENT_KINDS = ['call', 'signal', 'exit', 'fork', 'exec', 'switch', 'fault', 'vdso'] as const;
export type EventKind = typeof EVENT_KINDS[number];

/** Bits of the `flags` column. */
export const EVENT_I386 = 1, EVENT_SERVED = 2;

export const CHUNK_EVENTS = 4096;
/** Twelve words an event: six arguments as [lo, hi]. */
const ARGUMENT_WORDS = 12;

const ROW_BYTES = 8 * 8 + 5 * 4 + 2 * 2 + 2 + ARGUMENT_WORDS * 4;
/** Bytes of one chunk's columns. */
export const CHUNK_BYTES = CHUNK_EVENTS * ROW_BYTES;

type Column<T> = new (buffer: ArrayBuffer, at: number, length: number) => T;

/** Cuts columns from one buffer, the wide ones first. One large buffer costs only the pages that are written; many small ones are cleared at once. */
class Cutter {
  private at = 0;
  private readonly buffer: ArrayBuffer;
  constructor(private readonly rows: number) { this.buffer = new ArrayBuffer(rows * ROW_BYTES); }
  column<T>(type: Column<T>, bytes: number, width = 1): T {
    const column = new type(this.buffer, this.at, this.rows * width);
    this.at += this.rows * width * bytes;
    return column;
  }
}

/** Columns of CHUNK_EVENTS rows (of fewer where that is said), of which `length` are filled. What each means stands at TraceEvent. */
export class EventChunk {
  length = 0;
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  readonly blockedNs: Float64Array;
  readonly copyNs: Float64Array;
  readonly bytes: Float64Array;
  readonly value: Float64Array;
  readonly ip: Float64Array;
  readonly instructions: Float64Array;
  readonly entryNs: Float32Array;
  readonly exitNs: Float32Array;
  readonly entry: Uint32Array;
  readonly pid: Int32Array;
  readonly code: Int32Array;
  private readonly args: Uint32Array;
  /** 1 + place in `texts`; 0: none. */
  readonly because: Uint16Array;
  readonly path: Uint16Array;
  readonly kind: Uint8Array;
  readonly flags: Uint8Array;
  readonly texts: string[] = [];
  private readonly places = new Map<string, number>();

  /** `first`: index of the event in row 0. */
  constructor(readonly first: number, rows = CHUNK_EVENTS) {
    const cut = new Cutter(rows);
    this.startNs = cut.column(Float64Array, 8);
    this.endNs = cut.column(Float64Array, 8);
    this.blockedNs = cut.column(Float64Array, 8);
    this.copyNs = cut.column(Float64Array, 8);
    this.bytes = cut.column(Float64Array, 8);
    this.value = cut.column(Float64Array, 8);
    this.ip = cut.column(Float64Array, 8);
    this.instructions = cut.column(Float64Array, 8);
    this.entryNs = cut.column(Float32Array, 4);
    this.exitNs = cut.column(Float32Array, 4);
    this.entry = cut.column(Uint32Array, 4);
    this.pid = cut.column(Int32Array, 4);
    this.code = cut.column(Int32Array, 4);
    this.args = cut.column(Uint32Array, 4, ARGUMENT_WORDS);
    this.because = cut.column(Uint16Array, 2);
    this.path = cut.column(Uint16Array, 2);
    this.kind = cut.column(Uint8Array, 1);
    this.flags = cut.column(Uint8Array, 1);
  }

  /** A new row with what every event has; the other columns are zero. */
  add(kind: number, pid: number, code: number, now: number): number {
    const row = this.length++;
    this.kind[row] = kind;
    this.pid[row] = pid;
    this.code[row] = code;
    this.startNs[row] = now;
    this.endNs[row] = now;
    return row;
  }

  /** A chunk of that row alone. */
  single(row: number): EventChunk {
    const one = new EventChunk(this.first + row, 1);
    one.length = 1;
    one.take(0, this, row);
    return one;
  }

  /** Row `row` becomes what `from` has in row `at`. */
  take(row: number, from: EventChunk, at: number): void {
    const mine = this.columns, theirs = from.columns;
    mine.forEach((column, i) => { column[row] = theirs[i]?.[at] ?? 0; });
    this.because[row] = this.intern(from.text(from.because[at] ?? 0));
    this.path[row] = this.intern(from.text(from.path[at] ?? 0));
    this.setArguments(row, from.argumentsAt(at), ARGUMENT_WORDS / 2);
  }

  /** Forgets the newest row: its columns are zero again. */
  removeLast(): void {
    const row = --this.length;
    for (const column of this.columns) column[row] = 0;
    this.args.fill(0, row * ARGUMENT_WORDS, (row + 1) * ARGUMENT_WORDS);
  }

  /** The call of this row has not come back yet. */
  reopen(row: number): void {
    for (const column of [this.entryNs, this.exitNs, this.copyNs, this.blockedNs, this.bytes, this.because]) column[row] = 0;
    this.endNs[row] = this.value[row] = NaN;
  }

  private get columns(): { [row: number]: number }[] {
    const { startNs, endNs, blockedNs, copyNs, bytes, value, ip, instructions, entryNs, exitNs, entry, pid, code, because, path, kind, flags } = this;
    return [startNs, endNs, blockedNs, copyNs, bytes, value, ip, instructions, entryNs, exitNs, entry, pid, code, because, path, kind, flags];
  }

  /** The number that stands for `text` in a text column: equal texts share it. */
  intern(text: string | null): number {
    if (text === null) return 0;
    let place = this.places.get(text);
    if (place === undefined) {
      place = this.texts.push(text);
      this.places.set(text, place);
    }
    return place;
  }

  text(place: number): string | null {
    return this.texts[place - 1] ?? null;
  }

  argumentsAt(row: number): Float64Array {
    return new Float64Array(this.args.subarray(row * ARGUMENT_WORDS, (row + 1) * ARGUMENT_WORDS));
  }

  /** Whether the arguments of a row are those. */
  hasArguments(row: number, words: ArrayLike<number>): boolean {
    const { args } = this, at = row * ARGUMENT_WORDS;
    if (words.length !== ARGUMENT_WORDS) return false;
    for (let k = 0; k < ARGUMENT_WORDS; k++) if (args[at + k] !== words[k]) return false;
    return true;
  }

  /** The first `count` arguments of `words`, two words each. */
  setArguments(row: number, words: ArrayLike<number>, count: number): void {
    const { args } = this, at = row * ARGUMENT_WORDS;
    for (let k = 0; k < 2 * count; k++) args[at + k] = words[k] ?? 0;
  }
}
