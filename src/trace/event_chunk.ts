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

/** Bytes of one chunk's columns. */
export const CHUNK_BYTES = CHUNK_EVENTS * (8 * 8 + 5 * 4 + 2 * 2 + 2 + ARGUMENT_WORDS * 4);

/** Cuts columns from one buffer, the wide ones first. One large buffer costs only the pages that are written; many small ones are cleared at once. */
class Cutter {
  private at = 0;
  private readonly buffer = new ArrayBuffer(CHUNK_BYTES);
  column<T>(type: new (buffer: ArrayBuffer, at: number, length: number) => T, bytes: number, length = CHUNK_EVENTS): T {
    const column = new type(this.buffer, this.at, length);
    this.at += length * bytes;
    return column;
  }
}

/** Columns of CHUNK_EVENTS rows, of which `length` are filled. What each means stands at TraceEvent. */
export class EventChunk {
  length = 0;
  private readonly cut = new Cutter();
  readonly startNs = this.cut.column(Float64Array, 8);
  readonly endNs = this.cut.column(Float64Array, 8);
  readonly blockedNs = this.cut.column(Float64Array, 8);
  readonly copyNs = this.cut.column(Float64Array, 8);
  readonly bytes = this.cut.column(Float64Array, 8);
  readonly value = this.cut.column(Float64Array, 8);
  readonly ip = this.cut.column(Float64Array, 8);
  readonly instructions = this.cut.column(Float64Array, 8);
  readonly entryNs = this.cut.column(Float32Array, 4);
  readonly exitNs = this.cut.column(Float32Array, 4);
  readonly entry = this.cut.column(Uint32Array, 4);
  readonly pid = this.cut.column(Int32Array, 4);
  readonly code = this.cut.column(Int32Array, 4);
  private readonly args = this.cut.column(Uint32Array, 4, CHUNK_EVENTS * ARGUMENT_WORDS);
  /** 1 + place in `texts`; 0: none. */
  readonly because = this.cut.column(Uint16Array, 2);
  readonly path = this.cut.column(Uint16Array, 2);
  readonly kind = this.cut.column(Uint8Array, 1);
  readonly flags = this.cut.column(Uint8Array, 1);
  readonly texts: string[] = [];
  private readonly places = new Map<string, number>();

  /** `first`: index of the event in row 0. */
  constructor(readonly first: number) {}

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
