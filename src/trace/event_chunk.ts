// A few thousand events: what the log is made of, and what a chart reads without an object for each event.
// A program repeats itself. So a row says when, and names two records of its chunk: what happened (task, call, arguments, place in the code) and how it went (result, and where the
// time went); those equal to one met lately are shared. The rows of a full chunk are packed (event_columns.ts), and its memory is for the next one's.
// Not here: how events come in and when the oldest go (event.ts).
import { Columns, PackedColumns } from './event_columns';
import { ReadingRoom } from './reading_room';

/** The order is that of the numbers of kinds. */
export const EVENT_KINDS = ['call', 'signal', 'exit', 'fork', 'exec', 'switch', 'fault', 'vdso'] as const;
export type EventKind = typeof EVENT_KINDS[number];
const CALL = EVENT_KINDS.indexOf('call');

/** Bits of an event's flags. */
export const EVENT_I386 = 1, EVENT_SERVED = 2;

export const CHUNK_EVENTS = 4096;
/** Six arguments as [lo, hi]. */
export const ARGUMENT_WORDS = 12;

/**
 * The words of a record of what happened, behind one of kind, flags, whether there is a path, how many words of arguments. VALUE: a double's two. LATEST: how it went the last time.
 * Record 0 is nobody's.
 */
const PID = 1, CODE = 2, VALUE = 3, IP_LOW = 5, IP_HIGH = 6, PATH = 7, LATEST = 8, ARGUMENTS = 9;
const FLAGS_SHIFT = 8, HAS_PATH = 1 << 15, COUNT_SHIFT = 16, KIND_MASK = 0xff, FLAGS_MASK = 0x7f, LIKE_MASK = 0xffff;

/** The numbers of a record of how it went, behind a word with the number of the reason and whether they are doubles; RAN: instructions, PASSED: the time that these do not explain. */
const RESULT = 0, RAN = 1, PASSED = 2, ENTRY = 3, EXIT = 4, COPY = 5, BYTES = 6, BLOCKED = 7, NUMBERS = 1;
const WIDE = 1, REASON_SHIFT = 1, SHORT_WORDS = NUMBERS + BLOCKED, WIDE_WORDS = NUMBERS + 2 * (BLOCKED + 1);
/** Not over yet, which no end is equal to; and over at once. */
export const OPEN = 0, INSTANT = SHORT_WORDS;
const NEVER = -1;

const HALF = 2 ** 32;
const CACHED = 256;
const FIRST_WORDS = 1024;
/** What a chunk is beside its numbers, about. */
const OBJECT_BYTES = 2048;

/** What the newest chunk of a log writes on. */
export class Desk {
  readonly columns = new Columns(CHUNK_EVENTS);
  readonly room = new ReadingRoom(CHUNK_EVENTS);
  whats: Int32Array = new Int32Array(FIRST_WORDS);
  hows: Int32Array = new Int32Array(FIRST_WORDS);
  /** Where records that were met lately are; 0: nowhere. */
  readonly whatCache = new Int32Array(CACHED);
  readonly howCache = new Int32Array(CACHED);
  /** Bytes at most, when nothing is like anything before. */
  static readonly BYTES = CHUNK_EVENTS * (32 + 4 * (ARGUMENTS + ARGUMENT_WORDS + WIDE_WORDS));
}

/** CHUNK_EVENTS rows (without a desk: one), of which `length` are filled. What each number means stands at TraceEvent. */
export class EventChunk {
  length = 0;
  private columns: Columns | null;
  private whats: Int32Array;
  private hows: Int32Array;
  private whatLength = ARGUMENTS;
  private howLength = INSTANT + SHORT_WORDS;
  private packed: PackedColumns | null = null;
  private isChanged = false;
  /** The calls that were open when it was full. */
  late: readonly number[] = [];
  /** Bytes that it took when it was packed. */
  packedBytes = 0;
  readonly texts: string[] = [];
  private places: Map<string, number> | null = null;

  /** `first`: index of the event in row 0. */
  constructor(readonly first: number, private readonly nsPerInstruction: number, private readonly desk: Desk | null) {
    this.columns = desk?.columns ?? new Columns(1);
    this.whats = desk?.whats ?? new Int32Array(ARGUMENTS + ARGUMENTS + ARGUMENT_WORDS);
    this.hows = desk?.hows ?? new Int32Array(INSTANT + SHORT_WORDS + WIDE_WORDS);
    this.whats.fill(0, 0, ARGUMENTS);
    this.hows.fill(0, 0, INSTANT + SHORT_WORDS);
    this.hows[OPEN] = NEVER;
    this.forgetMet();
  }

  /** It is full; its desk is for the next one. */
  pack(late: readonly number[]): void {
    const { desk, whats, hows } = this;
    if (!desk || !this.columns) return;
    this.packed = new PackedColumns(this.columns, this.length);
    this.columns = null;
    this.late = late;
    desk.whats = whats;
    desk.hows = hows;
    this.whats = whats.slice(0, this.whatLength);
    this.hows = hows.slice(0, this.howLength);
    this.packedBytes = this.packed.byteLength + this.whats.byteLength + this.hows.byteLength + OBJECT_BYTES;
  }

  /** It is the newest again. */
  resume(): void {
    const { desk } = this;
    if (!desk || this.columns === desk.columns) return;
    if (this.columns) {
      desk.room.forget(this);
      this.leave();
    }
    this.packed?.unpack(desk.columns);
    this.columns = desk.columns;
    this.packed = null;
    this.forgetMet();
  }

  /** ReadingRoom's. */
  leave(): Columns {
    const columns = this.open();
    if (this.isChanged) this.packed = new PackedColumns(columns, this.length);
    this.isChanged = false;
    this.columns = null;
    return columns;
  }

  private open(): Columns {
    const { desk, packed } = this;
    if (this.columns || !desk || !packed) return this.columns as Columns;
    this.columns = desk.room.enter(this);
    packed.unpack(this.columns);
    return this.columns;
  }

  private forgetMet(): void {
    this.desk?.whatCache.fill(0);
    this.desk?.howCache.fill(0);
  }

  /** A new row; `what`: of callLike or whatOf; `how`: OPEN, INSTANT or of howOf. */
  add(what: number, how: number, entry: number, instructions: number, extraNs: number): number {
    const row = this.length++, columns = this.columns as Columns;
    columns.instructions[row] = instructions;
    columns.extra[row] = extraNs;
    columns.entry[row] = entry;
    columns.what[row] = what;
    columns.how[row] = how;
    return row;
  }

  /** The record of such a call without a path, if it was met lately; 0: it was not. */
  callLike(pid: number, nr: number, flags: number, ipLow: number, ipHigh: number, words: ArrayLike<number>): number {
    const { whats } = this, at = (this.desk as Desk).whatCache[slotOfWhat(nr, 0, ipLow)] as number;
    if (whats[at + IP_LOW] !== ipLow || whats[at + CODE] !== nr || whats[at + PID] !== pid || whats[at + IP_HIGH] !== ipHigh || ((whats[at] as number) & LIKE_MASK) !== flags << FLAGS_SHIFT) return 0;
    return this.hasWords(at, words) ? at : 0;
  }

  private hasWords(what: number, words: ArrayLike<number>): boolean {
    const { whats } = this, from = what + ARGUMENTS, count = (whats[what] as number) >>> COUNT_SHIFT;
    for (let k = 0; k < count; k++) if (whats[from + k] !== ((words[k] as number) | 0)) return false;
    return true;
  }

  /** The record of what happened, with the first `count` of `words`. `value` of a call is 0: its result tells how it went. */
  whatOf(kind: number, flags: number, pid: number, code: number, value: number, ipLow: number, ipHigh: number, words: ArrayLike<number> = [], count = 0, path: string | null = null): number {
    const head = kind | flags << FLAGS_SHIFT | (path === null ? 0 : HAS_PATH) | count << COUNT_SHIFT, text = path === null ? 0 : this.intern(path);
    const { desk, whats } = this, slot = slotOfWhat(code, value, ipLow), met = desk?.whatCache[slot] ?? 0;
    const isMet = whats[met] === head && whats[met + IP_LOW] === ipLow && whats[met + CODE] === (code | 0) && whats[met + PID] === pid && whats[met + IP_HIGH] === ipHigh && whats[met + PATH] === text;
    if (met !== 0 && isMet && doubleAt(whats, met + VALUE) === value && this.hasWords(met, words)) return met;
    const at = this.whatLength;
    this.whatLength += ARGUMENTS + count;
    if (this.whatLength > whats.length) this.whats = doubled(whats);
    const made = this.whats;
    made[at] = head;
    made[at + PID] = pid;
    made[at + CODE] = code;
    setDouble(made, at + VALUE, value);
    made[at + IP_LOW] = ipLow;
    made[at + IP_HIGH] = ipHigh;
    made[at + PATH] = text;
    made[at + LATEST] = met === 0 ? OPEN : made[met + LATEST] as number;
    for (let k = 0; k < count; k++) made[at + ARGUMENTS + k] = words[k] as number;
    if (desk) desk.whatCache[slot] = at;
    return at;
  }

  /** The event in this row is over, when the machine has come so far. Most end as the one before that was like it. */
  close(row: number, instructions: number, extraNs: number, result: number, entryNs: number, exitNs: number, blockedNs: number, copyNs: number, bytes: number, because: string | null): void {
    const columns = this.columns ?? this.open(), { hows, whats } = this, ran = instructions - (columns.instructions[row] as number), passed = extraNs - (columns.extra[row] as number);
    const what = columns.what[row] as number, at = whats[what + LATEST] as number;
    if (hows[at + NUMBERS + RAN] === ran && hows[at + NUMBERS + PASSED] === passed && hows[at + NUMBERS + RESULT] === result && hows[at + NUMBERS + ENTRY] === entryNs && hows[at + NUMBERS + EXIT] === exitNs &&
      hows[at + NUMBERS + COPY] === copyNs && hows[at + NUMBERS + BYTES] === bytes && blockedNs === 0 && because === null && hows[at] === 0) columns.how[row] = at;
    else columns.how[row] = whats[what + LATEST] = this.howOf(result, ran, passed, entryNs, exitNs, copyNs, bytes, blockedNs, because);
    this.isChanged = true;
  }

  /** The record of how it went. */
  howOf(result: number, ran: number, passed: number, entryNs: number, exitNs: number, copyNs: number, bytes: number, blockedNs: number, because: string | null): number {
    const reason = because === null ? 0 : this.intern(because), { desk, hows } = this;
    const isShort = blockedNs === 0 && (result | 0) === result && (ran | 0) === ran && (passed | 0) === passed && (entryNs | 0) === entryNs && (exitNs | 0) === exitNs && (copyNs | 0) === copyNs && (bytes | 0) === bytes;
    const head = reason << REASON_SHIFT | (isShort ? 0 : WIDE), slot = (result ^ ran << 3 ^ passed ^ bytes << 1) & CACHED - 1, met = isShort && desk ? desk.howCache[slot] as number : 0;
    if (met !== 0 && hows[met] === head && hows[met + NUMBERS + RESULT] === result && hows[met + NUMBERS + RAN] === ran && hows[met + NUMBERS + PASSED] === passed && hows[met + NUMBERS + ENTRY] === entryNs &&
      hows[met + NUMBERS + EXIT] === exitNs && hows[met + NUMBERS + COPY] === copyNs && hows[met + NUMBERS + BYTES] === bytes) return met;
    const at = this.howLength, numbers = [result, ran, passed, entryNs, exitNs, copyNs, bytes, blockedNs];
    this.howLength += isShort ? SHORT_WORDS : WIDE_WORDS;
    if (this.howLength > hows.length) this.hows = doubled(hows);
    const made = this.hows;
    made[at] = head;
    if (isShort) for (let k = 0; k < BLOCKED; k++) made[at + NUMBERS + k] = numbers[k] as number;
    else for (const [k, number] of numbers.entries()) setDouble(made, at + NUMBERS + 2 * k, number);
    if (isShort && desk) desk.howCache[slot] = at;
    return at;
  }

  kind(row: number): number { return this.head(row) & KIND_MASK; }
  flags(row: number): number { return this.head(row) >>> FLAGS_SHIFT & FLAGS_MASK; }
  pid(row: number): number { return this.whats[this.what(row) + PID] as number; }
  code(row: number): number { return this.whats[this.what(row) + CODE] as number; }
  /** NaN: a call that is not over, or that its task did not survive. */
  value(row: number): number { return this.kind(row) !== CALL ? doubleAt(this.whats, this.what(row) + VALUE) : this.isOpen(row) ? NaN : this.number(row, RESULT); }
  ip(row: number): number { const { whats } = this, at = this.what(row); return ((whats[at + IP_LOW] as number) >>> 0) + ((whats[at + IP_HIGH] as number) >>> 0) * HALF; }
  entry(row: number): number { return this.open().entry[row] as number; }
  instructions(row: number): number { return this.open().instructions[row] as number; }
  startNs(row: number): number { return this.timeAt(this.instructions(row), this.open().extra[row] as number); }
  endNs(row: number): number { return this.isOpen(row) ? NaN : this.timeAt(this.instructions(row) + this.number(row, RAN), (this.open().extra[row] as number) + this.number(row, PASSED)); }
  entryNs(row: number): number { return this.number(row, ENTRY); }
  exitNs(row: number): number { return this.number(row, EXIT); }
  blockedNs(row: number): number { return this.number(row, BLOCKED); }
  copyNs(row: number): number { return this.number(row, COPY); }
  bytes(row: number): number { return this.number(row, BYTES); }
  handlerNs(row: number): number { return this.kind(row) === CALL ? this.endNs(row) - this.startNs(row) - this.entryNs(row) - this.copyNs(row) - this.blockedNs(row) - this.exitNs(row) : 0; }
  path(row: number): string | null { return this.texts[(this.whats[this.what(row) + PATH] as number) - 1] ?? null; }
  reason(row: number): string | null { return this.isOpen(row) ? null : this.texts[((this.hows[this.how(row)] as number) >>> REASON_SHIFT) - 1] ?? null; }
  /** A call that has not come back. */
  isOpen(row: number): boolean { return this.how(row) === OPEN; }

  arguments(row: number): Float64Array {
    const words = new Float64Array(ARGUMENT_WORDS), from = this.what(row) + ARGUMENTS;
    for (let k = this.argumentWords(row) - 1; k >= 0; k--) words[k] = (this.whats[from + k] as number) >>> 0;
    return words;
  }

  /** Whether the arguments of a row are those. */
  hasArguments(row: number, words: ArrayLike<number>): boolean {
    const length = this.argumentWords(row), from = this.what(row) + ARGUMENTS;
    if (words.length !== ARGUMENT_WORDS) return false;
    for (let k = 0; k < ARGUMENT_WORDS; k++) if ((k < length ? (this.whats[from + k] as number) >>> 0 : 0) !== words[k]) return false;
    return true;
  }

  /** A chunk of that row alone. */
  single(row: number): EventChunk {
    const one = new EventChunk(this.first + row, this.nsPerInstruction, null);
    one.length = 1;
    one.take(0, this, row);
    return one;
  }

  /** Row `row` becomes what `from` has in row `at`. */
  take(row: number, from: EventChunk, at: number): void {
    const columns = this.open(), theirs = from.open(), they = from.what(at);
    const what = this.whatOf(from.kind(at), from.flags(at), from.pid(at), from.code(at), doubleAt(from.whats, they + VALUE), from.whats[they + IP_LOW] as number, from.whats[they + IP_HIGH] as number, from.arguments(at), from.argumentWords(at), from.path(at));
    columns.instructions[row] = theirs.instructions[at] as number;
    columns.extra[row] = theirs.extra[at] as number;
    columns.entry[row] = theirs.entry[at] as number;
    columns.what[row] = what;
    columns.how[row] = from.isOpen(at) ? OPEN : this.howOf(from.number(at, RESULT), from.number(at, RAN), from.number(at, PASSED), from.entryNs(at), from.exitNs(at), from.copyNs(at), from.bytes(at), from.blockedNs(at), from.reason(at));
    this.isChanged = true;
  }

  /** Forgets the newest row. */
  removeLast(): void { this.length--; }

  /** The call of this row has not come back yet. */
  reopen(row: number): void {
    this.open().how[row] = OPEN;
    this.isChanged = true;
  }

  private timeAt(instructions: number, extraNs: number): number { return Math.floor(instructions * this.nsPerInstruction) + extraNs; }
  private what(row: number): number { return (this.columns ?? this.open()).what[row] as number; }
  private how(row: number): number { return (this.columns ?? this.open()).how[row] as number; }
  private head(row: number): number { return this.whats[this.what(row)] as number; }
  private argumentWords(row: number): number { return this.head(row) >>> COUNT_SHIFT; }

  /** A number of how it went; of what is open, 0. */
  private number(row: number, which: number): number {
    const { hows } = this, at = this.how(row);
    if (at === OPEN) return 0;
    return (hows[at] as number) & WIDE ? doubleAt(hows, at + NUMBERS + 2 * which) : which === BLOCKED ? 0 : hows[at + NUMBERS + which] as number;
  }

  /** The number that stands for `text`: equal texts share it. */
  private intern(text: string): number {
    const places = this.places ??= new Map<string, number>();
    let place = places.get(text);
    if (place === undefined) {
      place = this.texts.push(text);
      places.set(text, place);
    }
    return place;
  }
}

const slotOfWhat = (code: number, value: number, ipLow: number): number => (ipLow ^ code ^ value) & CACHED - 1;

const double = new Float64Array(1), itsWords = new Int32Array(double.buffer);

function doubleAt(words: Int32Array, at: number): number {
  itsWords[0] = words[at] as number;
  itsWords[1] = words[at + 1] as number;
  return double[0] as number;
}

function setDouble(words: Int32Array, at: number, number: number): void {
  double[0] = number;
  words[at] = itsWords[0] as number;
  words[at + 1] = itsWords[1] as number;
}

function doubled(words: Int32Array): Int32Array {
  const made = new Int32Array(2 * words.length);
  made.set(words);
  return made;
}
