// Events as columns of numbers with strings and call sites by number: what charts compute on and what travels from the adapter to a panel.
// Not here: recording (event.ts), filling the columns from a running machine (timing_feed.ts).
import { EVENT_KINDS, type EventChunk, type EventKind } from './event';
import { packColumns, unpackColumns } from './packed_columns';

/** Times are virtual nanoseconds since boot, durations are nanoseconds. */
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
  /** Packed (BatchRows.pack): a few bytes a row. */
  columns: Uint8Array;
  strings: { from: number; added: string[] };
  sites: { from: number; added: Site[] };
  inherited: Inherited[];
}

/** What a new program was given open beyond standard input, output and error. `index`: of the exec. */
export interface Inherited { index: number; descriptors: { fd: number; object: string }[] }

/** Columns that grow from row to row are packed as steps. A call's end is packed as how long it took, and its handler's time as what the other times do not explain: 0. */
const STEPPED: ReadonlySet<DoubleColumn | WordColumn> = new Set(['startNs', 'instructions', 'entry']);
const CALL = EVENT_KINDS.indexOf('call');
const [INDEX, KIND] = [0, 1 + DOUBLES.length + WORDS.length], COLUMNS = KIND + 1;

/** The rows of a batch, column by column. */
export class BatchRows {
  length = 0;
  readonly index: Float64Array;
  readonly doubles: Record<DoubleColumn, Float64Array>;
  readonly words: Record<WordColumn, Int32Array>;
  readonly kinds: Uint8Array;

  constructor(readonly capacity: number) {
    this.index = new Float64Array(capacity);
    this.doubles = record(DOUBLES, () => new Float64Array(capacity));
    this.words = record(WORDS, () => new Int32Array(capacity));
    this.kinds = new Uint8Array(capacity);
  }

  /** As bytes, small. */
  pack(): Uint8Array {
    const { length } = this, column = new Float64Array(length);
    return packColumns(Array.from({ length: COLUMNS }, () => length), k => {
      if (k === INDEX) return { column: this.index, isStepped: true };
      if (k === KIND) column.set(this.kinds.subarray(0, length));
      else if (k > DOUBLES.length) column.set(this.words[wordAt(k)].subarray(0, length));
      else {
        const name = doubleAt(k);
        if (name === 'endNs') for (let i = 0; i < length; i++) column[i] = this.lasted(i);
        else if (name === 'handlerNs') for (let i = 0; i < length; i++) column[i] = (this.doubles.handlerNs[i] as number) - this.unexplained(i);
        else return { column: this.doubles[name], isStepped: STEPPED.has(name) };
      }
      return { column, isStepped: k !== KIND && STEPPED.has(wordAt(k)) };
    });
  }

  /** What `pack` made of `length` rows. */
  static unpack(packed: Uint8Array, length: number): BatchRows {
    const rows = new BatchRows(length), column = new Float64Array(length), { doubles } = rows;
    rows.length = length;
    // A copy: the bytes may stand anywhere in their buffer.
    unpackColumns(packed.slice(), Array.from({ length: COLUMNS }, () => length), k => {
      if (k === INDEX) return { column: rows.index, isStepped: true };
      return k > DOUBLES.length ? { column, isStepped: k !== KIND && STEPPED.has(wordAt(k)) } : { column: doubles[doubleAt(k)], isStepped: STEPPED.has(doubleAt(k)) };
    }, k => {
      if (k === KIND) rows.kinds.set(column);
      else if (k > DOUBLES.length) rows.words[wordAt(k)].set(column);
    });
    for (let i = 0; i < length; i++) doubles.endNs[i] = (doubles.startNs[i] as number) + (doubles.endNs[i] as number);
    for (let i = 0; i < length; i++) doubles.handlerNs[i] = (doubles.handlerNs[i] as number) + rows.unexplained(i);
    return rows;
  }

  private lasted(row: number): number { return (this.doubles.endNs[row] as number) - (this.doubles.startNs[row] as number); }
  private unexplained(row: number): number {
    const { entryNs, copyNs, blockedNs, exitNs } = this.doubles;
    return this.lasted(row) - (entryNs[row] as number) - (copyNs[row] as number) - (blockedNs[row] as number) - (exitNs[row] as number);
  }

  /** Adds a row of the log as it stands there: without its name, text, object, error and site. */
  copy(chunk: EventChunk, row: number): void {
    const { doubles, words } = this, to = this.place(chunk, row);
    this.kinds[to] = chunk.kind(row);
    doubles.entryNs[to] = chunk.entryNs(row);
    doubles.handlerNs[to] = chunk.handlerNs(row);
    doubles.copyNs[to] = chunk.copyNs(row);
    doubles.blockedNs[to] = chunk.blockedNs(row);
    doubles.exitNs[to] = chunk.exitNs(row);
    doubles.value[to] = chunk.value(row);
    words.bytes[to] = chunk.bytes(row);
    words.code[to] = chunk.code(row);
    words.pid[to] = chunk.pid(row);
  }

  /** The same where row `like` of the batch came about in the same step: with its name and error. */
  copyLike(chunk: EventChunk, row: number, like: number): void {
    const { doubles: { startNs, endNs, entryNs, handlerNs, copyNs, blockedNs, exitNs, value }, words: { bytes, code, pid, name, error } } = this, to = this.place(chunk, row);
    this.kinds[to] = this.kinds[like] as number;
    entryNs[to] = entryNs[like] as number;
    copyNs[to] = copyNs[like] as number;
    blockedNs[to] = blockedNs[like] as number;
    exitNs[to] = exitNs[like] as number;
    value[to] = value[like] as number;
    // Whole nanoseconds of the same instructions are not always as many.
    handlerNs[to] = this.kinds[to] === CALL ? (handlerNs[like] as number) + ((endNs[to] as number) - (startNs[to] as number)) - ((endNs[like] as number) - (startNs[like] as number)) : 0;
    bytes[to] = bytes[like] as number;
    code[to] = code[like] as number;
    pid[to] = pid[like] as number;
    name[to] = name[like] as number;
    error[to] = error[like] as number;
  }

  /** Which one it is, and when. */
  private place(chunk: EventChunk, row: number): number {
    const { startNs, endNs, instructions } = this.doubles, to = this.length++;
    this.index[to] = chunk.first + row;
    startNs[to] = chunk.startNs(row);
    endNs[to] = chunk.endNs(row);
    instructions[to] = chunk.instructions(row);
    this.words.entry[to] = chunk.entry(row);
    return to;
  }

  add(index: number, row: EventRow): void {
    const at = this.length++;
    this.index[at] = index;
    for (const column of DOUBLES) this.doubles[column][at] = row[column];
    for (const column of WORDS) this.words[column][at] = row[column];
    this.kinds[at] = EVENT_KINDS.indexOf(row.kind);
  }
}

/** `rows` as bytes. */
export function encodeRows(rows: readonly { index: number; row: EventRow }[]): Uint8Array {
  const batch = new BatchRows(rows.length);
  for (const { index, row } of rows) batch.add(index, row);
  return batch.pack();
}

const doubleAt = (column: number): DoubleColumn => DOUBLES[column - 1] as DoubleColumn;
const wordAt = (column: number): WordColumn => WORDS[column - 1 - DOUBLES.length] as WordColumn;

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
    const { rows } = batch, { index, doubles, words, kinds } = BatchRows.unpack(batch.columns, rows), start = index[0] ?? this.first, count = Math.min(rows, this.first - start);
    if (count <= 0 || start + rows < this.first) return;
    const kept = Math.min(this.size, this.limit - count);
    if (kept < this.size) this.isCut = true;
    this.grow(count + kept);
    const put = <T extends Float64Array | Int32Array | Uint8Array>(column: T, from: T): void => { column.copyWithin(count, 0, kept); column.set(from); };
    for (const column of DOUBLES) put(this.doubles[column], doubles[column].subarray(0, count));
    for (const column of WORDS) put(this.words[column], words[column].subarray(0, count));
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
    const { rows } = batch, from = BatchRows.unpack(batch.columns, rows), { index, doubles, words, kinds } = from;
    if (rows > 0 && (index[0] ?? 0) >= this.length && (index[rows - 1] ?? 0) - (index[0] ?? 0) === rows - 1) return this.putRun(from);
    for (let i = 0; i < rows; i++) {
      const row = { kind: EVENT_KINDS[kinds[i] ?? 0] ?? 'call' } as EventRow;
      for (const column of DOUBLES) row[column] = doubles[column][i] ?? NaN;
      for (const column of WORDS) row[column] = words[column][i] ?? 0;
      this.put(index[i] ?? 0, row);
    }
  }

  /** New rows in an unbroken run: whole columns at once. */
  private putRun({ index, doubles, words, kinds, length: rows }: BatchRows): void {
    const start = index[0] ?? 0;
    if (start > this.length) this.leap(start);
    while (start - this.first + rows > this.limit && this.length > this.first) this.dropOldest();
    this.grow(start - this.first + rows);
    const at = start - this.first;
    for (const column of DOUBLES) this.doubles[column].set(doubles[column], at);
    for (const column of WORDS) this.words[column].set(words[column], at);
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
