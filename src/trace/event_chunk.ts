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

/** Columns of CHUNK_EVENTS rows, of which `length` are filled. What each means stands at TraceEvent. */
export class EventChunk {
  length = 0;
  readonly startNs = new Float64Array(CHUNK_EVENTS);
  readonly endNs = new Float64Array(CHUNK_EVENTS);
  readonly blockedNs = new Float64Array(CHUNK_EVENTS);
  readonly entryNs = new Float32Array(CHUNK_EVENTS);
  readonly copyNs = new Float64Array(CHUNK_EVENTS);
  readonly exitNs = new Float32Array(CHUNK_EVENTS);
  readonly bytes = new Float64Array(CHUNK_EVENTS);
  readonly value = new Float64Array(CHUNK_EVENTS);
  readonly ip = new Float64Array(CHUNK_EVENTS);
  readonly instructions = new Float64Array(CHUNK_EVENTS);
  readonly entry = new Uint32Array(CHUNK_EVENTS);
  readonly pid = new Int32Array(CHUNK_EVENTS);
  readonly code = new Int32Array(CHUNK_EVENTS);
  readonly kind = new Uint8Array(CHUNK_EVENTS);
  readonly flags = new Uint8Array(CHUNK_EVENTS);
  /** 1 + place in `texts`; 0: none. */
  readonly because = new Uint16Array(CHUNK_EVENTS);
  readonly path = new Uint16Array(CHUNK_EVENTS);
  /** Absent while there is no call in the chunk. */
  args: Uint32Array | undefined;
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
    return Float64Array.from(this.args?.subarray(row * ARGUMENT_WORDS, (row + 1) * ARGUMENT_WORDS) ?? []);
  }

  setArguments(row: number, words: ArrayLike<number>): void {
    const at = row * ARGUMENT_WORDS;
    this.args ??= new Uint32Array(CHUNK_EVENTS * ARGUMENT_WORDS);
    for (let k = 0; k < ARGUMENT_WORDS; k++) this.args[at + k] = words[k] ?? 0;
  }
}

/** Bytes of one full chunk's columns, with arguments. */
export const CHUNK_BYTES = CHUNK_EVENTS * ARGUMENT_WORDS * 4 + Object.values(new EventChunk(0)).reduce((sum: number, column: unknown) => sum + (ArrayBuffer.isView(column) ? column.byteLength : 0), 0);
