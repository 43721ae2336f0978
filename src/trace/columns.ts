// Events as columns of numbers with strings and call sites by number: what charts compute on and what travels from the adapter to a panel.
// Not here: recording (event.ts), filling the columns from a running machine (timing_feed.ts).
import { EVENT_KINDS, type EventChunk, type EventKind } from './event';

/** Doubles first, so that each column of an encoded batch is aligned. Times are virtual nanoseconds since boot, durations are nanoseconds. */
const DOUBLES = ['startNs', 'endNs', 'entryNs', 'handlerNs', 'copyNs', 'blockedNs', 'exitNs', 'value', 'instructions'] as const;
const WORDS = ['bytes', 'entry', 'code', 'pid', 'name', 'text', 'object', 'error', 'site'] as const;

export type DoubleColumn = typeof DOUBLES[number];
export type WordColumn = typeof WORDS[number];

/**
 * What the numbers mean stands at TraceEvent. `name`, `text`, `object` and `error` are numbers of strings: the call or function, the decoded call, the path or
 * open file that it works on, and the error's name (for a vDSO function: `fallback` when it made the real call); `site` is the number of a site.
 */
export type EventRow = Record<DoubleColumn | WordColumn, number> & { kind: EventKind };

/** A line of the person's source that made calls. */
export interface Site { file: string; line: number; function: string }

/** Rows with what they refer to. `index` names the row of the trace, so that a call that was open may come again. */
export interface EventBatch {
  /** How many events there are up to the end of this batch: fewer than before when the run was changed in its past. */
  length: number;
  /** Events before this one are no longer kept. */
  first: number;
  rows: number;
  /** The columns one after another, little-endian: index, DOUBLES, WORDS, kind. */
  columns: Uint8Array;
  strings: { from: number; added: string[] };
  sites: { from: number; added: Site[] };
  inherited: Inherited[];
}

/** What a new program was given open beyond standard input, output and error. `index`: of the exec. */
export interface Inherited { index: number; descriptors: { fd: number; object: string }[] }

const DOUBLE_BYTES = 8 * (DOUBLES.length + 1), WORD_BYTES = 4 * WORDS.length;
export const BYTES_PER_ROW = DOUBLE_BYTES + WORD_BYTES + 1;

/** The columns of a batch of `capacity` rows while they are filled, as EventBatch has them. */
export class BatchRows {
  readonly bytes: Uint8Array;
  length = 0;
  readonly index: Float64Array;
  readonly doubles: Record<DoubleColumn, Float64Array>;
  readonly words: Record<WordColumn, Int32Array>;
  readonly kinds: Uint8Array;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity * BYTES_PER_ROW);
    const { buffer } = this.bytes;
    const double = (k: number): Float64Array => new Float64Array(buffer, capacity * 8 * k, capacity);
    this.index = double(0);
    this.doubles = record(DOUBLES, column => double(1 + DOUBLES.indexOf(column)));
    this.words = record(WORDS, column => new Int32Array(buffer, capacity * (DOUBLE_BYTES + 4 * WORDS.indexOf(column)), capacity));
    this.kinds = new Uint8Array(buffer, capacity * (DOUBLE_BYTES + WORD_BYTES), capacity);
  }

  /** Adds rows of the log as they stand there: without their name, text, object, error and site. */
  copy(chunk: EventChunk, row: number, count: number): void {
    const { startNs, endNs, entryNs, handlerNs, copyNs, blockedNs, exitNs, value, instructions } = this.doubles, { bytes, entry, code, pid } = this.words;
    for (let from = row, to = this.length; from < row + count; from++, to++) {
      this.index[to] = chunk.first + from;
      this.kinds[to] = chunk.kind(from);
      startNs[to] = chunk.startNs(from);
      endNs[to] = chunk.endNs(from);
      entryNs[to] = chunk.entryNs(from);
      handlerNs[to] = chunk.handlerNs(from);
      copyNs[to] = chunk.copyNs(from);
      blockedNs[to] = chunk.blockedNs(from);
      exitNs[to] = chunk.exitNs(from);
      value[to] = chunk.value(from);
      instructions[to] = chunk.instructions(from);
      bytes[to] = chunk.bytes(from);
      entry[to] = chunk.entry(from);
      code[to] = chunk.code(from);
      pid[to] = chunk.pid(from);
    }
    this.length += count;
  }

  add(index: number, row: EventRow): void {
    const at = this.length++;
    this.index[at] = index;
    for (const column of DOUBLES) this.doubles[column][at] = row[column];
    for (const column of WORDS) this.words[column][at] = row[column];
    this.kinds[at] = EVENT_KINDS.indexOf(row.kind);
  }
}

/** The columns of `rows` as bytes. */
export function encodeRows(rows: readonly { index: number; row: EventRow }[]): Uint8Array {
  const batch = new BatchRows(rows.length);
  for (const { index, row } of rows) batch.add(index, row);
  return batch.bytes;
}

const INITIAL = 4096;
/** Rows that a table keeps. */
export const TABLE_ROWS = 1 << 20;

/** The columns of a trace, growing; the oldest quarter goes when `limit` rows are there. Row numbers are those of the trace. */
export class EventTable {
  readonly strings: string[] = [''];
  /** Site 0 is nowhere. */
  readonly sites: Site[] = [{ file: '', line: 0, function: '' }];
  readonly inherited: Inherited[] = [];
  /** Of the oldest row that is kept, and behind the newest. */
  first = 0;
  length = 0;
  /** Changes when rows that were complete have changed or gone: the run was changed in its past, or the oldest were dropped. */
  revision = 0;
  /** How many rows the trace has. */
  total = 0;
  /** Older rows were put before, and the newest had to go for them: new ones are not added. */
  isCut = false;
  private doubles: Record<DoubleColumn, Float64Array>;
  private words: Record<WordColumn, Int32Array>;
  private kinds: Uint8Array = new Uint8Array(INITIAL);
  private room = INITIAL;

  constructor(private readonly limit = TABLE_ROWS) {
    this.doubles = record(DOUBLES, () => new Float64Array(INITIAL));
    this.words = record(WORDS, () => new Int32Array(INITIAL));
  }

  get size(): number { return this.length - this.first; }

  /** Nanoseconds, values: NaN outside. */
  number(column: DoubleColumn, index: number): number { return this.doubles[column][index - this.first] ?? NaN; }
  word(column: WordColumn, index: number): number { return this.words[column][index - this.first] ?? 0; }
  kind(index: number): EventKind { return EVENT_KINDS[this.kinds[index - this.first] ?? 0] ?? 'call'; }
  string(column: 'name' | 'text' | 'object' | 'error', index: number): string { return this.strings[this.word(column, index)] ?? ''; }
  site(index: number): Site | undefined { const id = this.word('site', index); return id > 0 ? this.sites[id] : undefined; }
  /** Entry to exit; NaN while a call is open. */
  duration(index: number): number { return this.number('endNs', index) - this.number('startNs', index); }
  /** A call that returned an error. */
  isFailed(index: number): boolean { return this.word('error', index) !== 0 && this.kind(index) === 'call'; }
  /** A vDSO function that answered by the real call, which is an event of its own. */
  isFallback(index: number): boolean { return this.word('error', index) !== 0 && this.kind(index) === 'vdso'; }

  /** Adds a row, or changes one that is there. Rows before `first` are forgotten already. */
  put(index: number, row: EventRow): void {
    if (index < this.first) return;
    if (index > this.length) this.leap(index);
    if (index >= this.length) {
      if (index - this.first >= this.limit) this.dropOldest();
      this.grow(index - this.first + 1);
      this.length = index + 1;
    } else if (!Number.isNaN(this.number('endNs', index))) this.revision++;
    const at = index - this.first;
    for (const column of DOUBLES) this.doubles[column][at] = row[column];
    for (const column of WORDS) this.words[column][at] = row[column];
    this.kinds[at] = EVENT_KINDS.indexOf(row.kind);
  }

  /** Rows from just before the first one, perhaps with others after them; the newest go where there are too many then. */
  prepend(batch: EventBatch): void {
    this.learn(batch);
    const bytes = batch.columns.slice(), rows = batch.rows;
    const doubles = new Float64Array(bytes.buffer, 0, rows * (DOUBLES.length + 1)), words = new Int32Array(bytes.buffer, rows * DOUBLE_BYTES, rows * WORDS.length);
    const kinds = bytes.subarray(rows * (DOUBLE_BYTES + WORD_BYTES)), start = doubles[0] ?? this.first, count = Math.min(rows, this.first - start);
    if (count <= 0 || start + rows < this.first) return;
    const kept = Math.min(this.size, this.limit - count);
    if (kept < this.size) this.isCut = true;
    this.grow(count + kept);
    const put = <T extends Float64Array | Int32Array | Uint8Array>(column: T, from: T): void => { column.copyWithin(count, 0, kept); column.set(from); };
    DOUBLES.forEach((column, k) => put(this.doubles[column], doubles.subarray((k + 1) * rows, (k + 1) * rows + count)));
    WORDS.forEach((column, k) => put(this.words[column], words.subarray(k * rows, k * rows + count)));
    put(this.kinds, kinds.subarray(0, count));
    this.first = start;
    this.length = start + count + kept;
    this.revision++;
  }

  /** What the numbers of strings and sites stand for. */
  private learn(batch: EventBatch): void {
    batch.strings.added.forEach((text, i) => { this.strings[batch.strings.from + i] = text; });
    batch.sites.added.forEach((site, i) => { this.sites[batch.sites.from + i] = site; });
    this.inherited.push(...batch.inherited);
  }

  append(batch: EventBatch): void {
    this.learn(batch);
    this.total = batch.length;
    if (batch.length < this.length) {
      this.length = Math.max(this.first, batch.length);
      this.revision++;
    }
    if (this.isCut) return;
    const { rows } = batch;
    // A copy: the bytes may stand anywhere in their buffer.
    const bytes = batch.columns.slice();
    const doubles = new Float64Array(bytes.buffer, 0, rows * (DOUBLES.length + 1));
    const words = new Int32Array(bytes.buffer, rows * DOUBLE_BYTES, rows * WORDS.length);
    const kinds = bytes.subarray(rows * (DOUBLE_BYTES + WORD_BYTES));
    if (rows > 0 && (doubles[0] ?? 0) >= this.length && (doubles[rows - 1] ?? 0) - (doubles[0] ?? 0) === rows - 1) return this.putRun(doubles, words, kinds, rows);
    for (let i = 0; i < rows; i++) {
      const index = doubles[i] ?? 0;
      const row = { kind: EVENT_KINDS[kinds[i] ?? 0] ?? 'call' } as EventRow;
      DOUBLES.forEach((column, k) => { row[column] = doubles[(k + 1) * rows + i] ?? NaN; });
      WORDS.forEach((column, k) => { row[column] = words[k * rows + i] ?? 0; });
      this.put(index, row);
    }
  }

  /** New rows in an unbroken run: whole columns at once. */
  private putRun(doubles: Float64Array, words: Int32Array, kinds: Uint8Array, rows: number): void {
    const start = doubles[0] ?? 0;
    if (start > this.length) this.leap(start);
    while (start - this.first + rows > this.limit && this.length > this.first) this.dropOldest();
    this.grow(start - this.first + rows);
    const at = start - this.first;
    DOUBLES.forEach((column, k) => { this.doubles[column].set(doubles.subarray((k + 1) * rows, (k + 2) * rows), at); });
    WORDS.forEach((column, k) => { this.words[column].set(words.subarray(k * rows, (k + 1) * rows), at); });
    this.kinds.set(kinds, at);
    this.length = start + rows;
  }

  /** Rows were left out: the table begins anew behind them. */
  private leap(index: number): void {
    this.first = this.length = index;
    this.revision++;
  }

  private dropOldest(): void {
    const gone = this.limit >>> 2;
    for (const column of DOUBLES) this.doubles[column].copyWithin(0, gone);
    for (const column of WORDS) this.words[column].copyWithin(0, gone);
    this.kinds.copyWithin(0, gone);
    this.first += gone;
    this.revision++;
  }

  private grow(rows: number): void {
    if (rows <= this.room) return;
    this.room = Math.min(this.limit, Math.max(rows, this.room * 2));
    const { room } = this;
    this.doubles = record(DOUBLES, column => extended(this.doubles[column], new Float64Array(room)));
    this.words = record(WORDS, column => extended(this.words[column], new Int32Array(room)));
    this.kinds = extended(this.kinds, new Uint8Array(room));
  }
}

function extended<T extends Float64Array | Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function record<K extends string, V>(keys: readonly K[], make: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map(key => [key, make(key)])) as Record<K, V>;
}

/** Gives the same text the same number, for batches. */
export class Interner<T> {
  private readonly numbers = new Map<string, number>();
  private fresh: T[] = [];
  private sent: number;

  /** Number 0 stands for none. At most `limit` entries: later ones are 0. */
  constructor(private readonly key: (value: T) => string, private readonly limit = Infinity) { this.sent = 1; }

  number(value: T): number {
    const key = this.key(value);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    if (this.numbers.size >= this.limit) return 0;
    const number = this.numbers.size + 1;
    this.numbers.set(key, number);
    this.fresh.push(value);
    return number;
  }

  /** What has come since the last call of this. */
  take(): { from: number; added: T[] } {
    const taken = { from: this.sent, added: this.fresh };
    this.sent += this.fresh.length;
    this.fresh = [];
    return taken;
  }
}
