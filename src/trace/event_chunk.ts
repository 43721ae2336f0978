// A few thousand events as numbers: what the log is made of, and what a chart reads without an object for each event.
// A program repeats itself, so a row is short: what it shares with others of its chunk stands once in a table of origins and in one of costs, and what few events
// have - arguments, texts, time blocked, bytes copied - stands in notes of their own. A page's first touch, and a cache line more, cost more than all arithmetic here.
// Not here: how events come in and when the oldest go (event.ts), where the memory comes from (chunk_room.ts).
import type { ChunkRoom, Piece } from './chunk_room';

/** The order is that of the numbers of kinds. */
export const EVENT_KINDS = ['call', 'signal', 'exit', 'fork', 'exec', 'switch', 'fault', 'vdso'] as const;
export type EventKind = typeof EVENT_KINDS[number];
const CALL = EVENT_KINDS.indexOf('call');

/** Bits of an event's flags. */
export const EVENT_I386 = 1, EVENT_SERVED = 2;

export const CHUNK_EVENTS = 4096;

/** A row: two doubles, and four words behind them. */
const INSTRUCTIONS = 0, START = 1, ROW_DOUBLES = 4;
/** The number of the origin, with that of the costs above it; kernel entries; nanoseconds that it took; of a call its result. */
const ORIGIN = 4, ENTRY = 5, DURATION = 6, RESULT = 7, ROW_WORDS = 8;
const COST_SHIFT = 16, ORIGIN_MASK = 0xffff;
/** As a duration and as a result: the number stands in `wide`. As a duration: the call has not come back. */
const WIDE = 0xfffffffe, OPEN = 0xffffffff, WIDE_RESULT = 0x80000000, LEAST_RESULT = -0x80000000, MOST_RESULT = 0x7fffffff;
/** Of an origin: what stays the same when the same place does the same thing again. */
const KIND = 0, FLAGS = 1, PID = 2, CODE = 3, VALUE = 4, IP = 5, ORIGIN_NUMBERS = 6;
const CACHED_ORIGINS = 256;
/** Six arguments as [lo, hi]. */
export const ARGUMENT_WORDS = 12;
/** A note: number of the path, and above it of the reason; ns of copying; bytes copied; ns blocked, low and high word; 1 when other rows have it, too, so that it stays; then arguments. */
const TEXTS = 0, COPY = 1, BYTES = 2, BLOCKED = 3, SHARED = 5, ARGUMENTS = 6;
/** Where a note is: 1 + number of the piece, the word in it, and above both how many words of arguments it has. */
const NOTE_WORD_BITS = 14, NOTE_PIECE_BITS = 14, ARGUMENTS_SHIFT = NOTE_WORD_BITS + NOTE_PIECE_BITS;
const NOTE_WORDS = 2 ** NOTE_WORD_BITS, NOTE_WORD_MASK = NOTE_WORDS - 1, NOTE_PIECE_MASK = 2 ** NOTE_PIECE_BITS - 1;
const HALF = 2 ** 32;

/** Bytes of one chunk at most: rows, with where their notes are, and notes. */
export const CHUNK_BYTES = CHUNK_EVENTS * 4 * (ROW_WORDS + 1) + Math.ceil(CHUNK_EVENTS * (ARGUMENTS + ARGUMENT_WORDS) / (NOTE_WORDS - ARGUMENTS - ARGUMENT_WORDS)) * 4 * NOTE_WORDS;
const FIRST_ORIGINS = 64;

/** CHUNK_EVENTS rows (fewer where that is said), of which `length` are filled. What each number means stands at TraceEvent. */
export class EventChunk {
  length = 0;
  private readonly words: Uint32Array;
  private readonly doubles: Float64Array;
  /** 0: the row has none. */
  private readonly noteAt: Uint32Array;
  private readonly notes: Uint32Array[] = [];
  private note: Uint32Array = NO_NOTES;
  private noteLength = NOTE_WORDS;
  /** The newest note with arguments, where these are, and in what: rows may share it. */
  private latest = 0;
  private latestAt = 0;
  private latestNote: Uint32Array = NO_NOTES;
  private origins: Float64Array = new Float64Array(FIRST_ORIGINS * ORIGIN_NUMBERS);
  private originCount = 0;
  private readonly originCache = new Uint16Array(CACHED_ORIGINS);
  /** Pairs of entry and exit; those of events without are pair 0. */
  private readonly costs = [0, 0];
  /** Numbers that do not fit their word, by the word. */
  private readonly wide = new Map<number, number>();
  readonly texts: string[] = [];
  private readonly places = new Map<string, number>();
  private readonly pieces: Piece[] = [];

  /** `first`: index of the event in row 0. */
  constructor(readonly first: number, private readonly room: ChunkRoom | null = null, capacity = CHUNK_EVENTS) {
    const rows = this.memory(capacity * 4 * (ROW_WORDS + 1));
    this.words = new Uint32Array(rows.buffer, rows.at, capacity * ROW_WORDS);
    this.doubles = new Float64Array(rows.buffer, rows.at, capacity * ROW_DOUBLES);
    this.noteAt = new Uint32Array(rows.buffer, rows.at + capacity * 4 * ROW_WORDS, capacity);
    if (rows.isUsed) this.noteAt.fill(0);
  }

  /** Its memory is for other chunks. */
  free(): void {
    for (const piece of this.pieces) this.room?.give(piece);
  }

  /** A new row of what `origin` tells, which originOf gave. */
  add(origin: number, entry: number, instructions: number, startNs: number, durationNs: number): number {
    const row = this.length++, { words, doubles } = this, at = row * ROW_WORDS, at64 = row * ROW_DOUBLES;
    doubles[at64 + INSTRUCTIONS] = instructions;
    doubles[at64 + START] = startNs;
    words[at + ORIGIN] = origin;
    words[at + ENTRY] = entry;
    words[at + DURATION] = durationNs < WIDE ? durationNs : this.widen(at + DURATION, durationNs);
    return row;
  }

  /** A new row of a call that has not come back. */
  addCall(origin: number, entry: number, instructions: number, startNs: number): number {
    const row = this.length++, { words, doubles } = this, at = row * ROW_WORDS, at64 = row * ROW_DOUBLES;
    doubles[at64 + INSTRUCTIONS] = instructions;
    doubles[at64 + START] = startNs;
    words[at + ORIGIN] = origin;
    words[at + ENTRY] = entry;
    words[at + DURATION] = OPEN;
    return row;
  }

  /** The call of this row ends. `costs`: what costsOf gave, 0: none. */
  close(row: number, endNs: number, result: number, costs: number, blockedNs: number, copyNs: number, bytes: number, because: string | null): void {
    const { words, doubles } = this, at = row * ROW_WORDS, ns = endNs - (doubles[row * ROW_DOUBLES + START] as number);
    words[at + DURATION] = ns < WIDE ? ns : this.widen(at + DURATION, ns);
    words[at + RESULT] = result > LEAST_RESULT && result <= MOST_RESULT ? result : this.wideResult(at, result);
    if (costs !== 0) words[at + ORIGIN] = (words[at + ORIGIN] as number) | costs << COST_SHIFT;
    if (this.noteAt[row] === 0 && bytes === 0 && blockedNs === 0 && copyNs === 0 && because === null) return;
    this.setWork(row, blockedNs, copyNs, bytes, because);
  }

  /** The number that stands for what entry and exit of a call cost. */
  costsOf(entryNs: number, exitNs: number): number {
    const { costs } = this;
    let pair = 0;
    while (pair < costs.length && (costs[pair] !== entryNs || costs[pair + 1] !== exitNs)) pair += 2;
    if (pair === costs.length) costs.push(entryNs, exitNs);
    return pair;
  }

  private setWork(row: number, blockedNs: number, copyNs: number, bytes: number, because: string | null): void {
    const at = this.noteOf(row), { note } = this, texts = note[at + TEXTS] as number, reason = because === null ? 0 : this.intern(because);
    const isSame = note[at + BYTES] === bytes && note[at + COPY] === copyNs && texts >>> COST_SHIFT === reason && (note[at + BLOCKED] as number) + (note[at + BLOCKED + 1] as number) * HALF === blockedNs;
    if (!isSame) this.writeWork(row, blockedNs, copyNs, bytes, reason);
  }

  private writeWork(row: number, blockedNs: number, copyNs: number, bytes: number, reason: number): void {
    const at = this.ownNote(row), { note } = this;
    note[at + TEXTS] = (note[at + TEXTS] as number) & ORIGIN_MASK | reason << COST_SHIFT;
    note[at + COPY] = copyNs;
    note[at + BYTES] = bytes;
    note[at + BLOCKED] = blockedNs;
    note[at + BLOCKED + 1] = blockedNs / HALF;
  }

  setPath(row: number, path: string | null): void {
    const place = path === null ? 0 : this.intern(path), at = this.noteOf(row);
    if (((this.note[at + TEXTS] as number) & ORIGIN_MASK) === place) return;
    const own = this.ownNote(row);
    this.note[own + TEXTS] = (this.note[own + TEXTS] as number) & ~ORIGIN_MASK | place;
  }

  /** The first `count` arguments of `words`, two words each, of a row that has no note yet. A call like the last one shares its note, until it turns out to differ. */
  setArguments(row: number, words: ArrayLike<number>, count: number): void {
    const length = 2 * count;
    if (this.latest >>> ARGUMENTS_SHIFT === length && this.isLatest(words, length)) {
      this.latestNote[this.latestAt - ARGUMENTS + SHARED] = 1;
      this.noteAt[row] = this.latest;
      return;
    }
    const at = this.newNote(row, length) + ARGUMENTS, { note } = this;
    for (let k = 0; k < length; k++) note[at + k] = words[k] as number;
    this.setLatest(row, note, at);
  }

  private setLatest(row: number, note: Uint32Array, at: number): void {
    this.latest = this.noteAt[row] as number;
    this.latestNote = note;
    this.latestAt = at;
  }

  private isLatest(words: ArrayLike<number>, length: number): boolean {
    const { latestNote: note, latestAt: at } = this;
    for (let k = 0; k < length; k++) if (note[at + k] !== words[k]) return false;
    return true;
  }

  kind(row: number): number { return this.origins[this.originAt(row) + KIND] as number; }
  flags(row: number): number { return this.origins[this.originAt(row) + FLAGS] as number; }
  pid(row: number): number { return this.origins[this.originAt(row) + PID] as number; }
  code(row: number): number { return this.origins[this.originAt(row) + CODE] as number; }
  value(row: number): number { return this.kind(row) === CALL ? this.result(row) : this.origins[this.originAt(row) + VALUE] as number; }
  ip(row: number): number { return this.origins[this.originAt(row) + IP] as number; }
  entry(row: number): number { return this.words[row * ROW_WORDS + ENTRY] as number; }
  instructions(row: number): number { return this.doubles[row * ROW_DOUBLES + INSTRUCTIONS] as number; }
  startNs(row: number): number { return this.doubles[row * ROW_DOUBLES + START] as number; }
  endNs(row: number): number { return this.isOpen(row) ? NaN : this.startNs(row) + this.durationNs(row); }
  entryNs(row: number): number { return this.costs[this.costAt(row)] as number; }
  exitNs(row: number): number { return this.costs[this.costAt(row) + 1] as number; }
  blockedNs(row: number): number { return this.done(row, BLOCKED) + this.done(row, BLOCKED + 1) * HALF; }
  copyNs(row: number): number { return this.done(row, COPY); }
  bytes(row: number): number { return this.done(row, BYTES); }
  handlerNs(row: number): number { return this.kind(row) === CALL ? this.endNs(row) - this.startNs(row) - this.entryNs(row) - this.copyNs(row) - this.blockedNs(row) - this.exitNs(row) : 0; }
  path(row: number): string | null { return this.texts[(this.noted(row, TEXTS) & ORIGIN_MASK) - 1] ?? null; }
  reason(row: number): string | null { return this.texts[(this.done(row, TEXTS) >>> COST_SHIFT) - 1] ?? null; }
  /** A call that has not come back. */
  isOpen(row: number): boolean { return this.words[row * ROW_WORDS + DURATION] === OPEN; }

  arguments(row: number): Float64Array {
    const words = new Float64Array(ARGUMENT_WORDS);
    for (let k = this.argumentWords(row) - 1; k >= 0; k--) words[k] = this.noted(row, ARGUMENTS + k);
    return words;
  }

  /** Whether the arguments of a row are those. */
  hasArguments(row: number, words: ArrayLike<number>): boolean {
    const length = this.argumentWords(row);
    if (words.length !== ARGUMENT_WORDS) return false;
    for (let k = 0; k < ARGUMENT_WORDS; k++) if ((k < length ? this.noted(row, ARGUMENTS + k) : 0) !== words[k]) return false;
    return true;
  }

  /** A chunk of that row alone. */
  single(row: number): EventChunk {
    const one = new EventChunk(this.first + row, null, 1);
    one.length = 1;
    one.take(0, this, row);
    return one;
  }

  /** Row `row` becomes what `from` has in row `at`. */
  take(row: number, from: EventChunk, at: number): void {
    const { words } = this, to = row * ROW_WORDS;
    this.forgetWide(row);
    this.doubles[row * ROW_DOUBLES + INSTRUCTIONS] = from.instructions(at);
    this.doubles[row * ROW_DOUBLES + START] = from.startNs(at);
    words[to + ORIGIN] = this.originOf(from.kind(at), from.flags(at), from.pid(at), from.code(at), from.kind(at) === CALL ? 0 : from.value(at), from.ip(at));
    words[to + ENTRY] = from.entry(at);
    words[to + DURATION] = OPEN;
    this.noteAt[row] = 0;
    const length = from.argumentWords(at), path = from.path(at);
    if (length > 0) this.setArguments(row, from.arguments(at), length / 2);
    if (length > 0 || path !== null) this.setPath(row, path);
    if (!from.isOpen(at)) this.close(row, from.endNs(at), from.kind(at) === CALL ? from.result(at) : 0, this.costsOf(from.entryNs(at), from.exitNs(at)), from.blockedNs(at), from.copyNs(at), from.bytes(at), from.reason(at));
  }

  /** Forgets the newest row. */
  removeLast(): void {
    const row = --this.length;
    this.forgetWide(row);
    this.noteAt[row] = 0;
  }

  /** The call of this row has not come back yet. */
  reopen(row: number): void {
    const { words } = this, at = row * ROW_WORDS;
    this.forgetWide(row);
    words[at + ORIGIN] = (words[at + ORIGIN] as number) & ORIGIN_MASK;
    words[at + DURATION] = OPEN;
  }

  /** A new note for a row, in `note`. */
  private newNote(row: number, argumentWords: number): number {
    if (this.noteLength + ARGUMENTS + argumentWords > NOTE_WORDS || this.note !== this.notes[this.notes.length - 1]) this.lastNotes(ARGUMENTS + argumentWords);
    const { note, noteLength: at } = this;
    this.noteAt[row] = argumentWords << ARGUMENTS_SHIFT | this.notes.length << NOTE_WORD_BITS | at;
    this.noteLength = at + ARGUMENTS + argumentWords;
    note[at + TEXTS] = note[at + COPY] = note[at + BYTES] = note[at + BLOCKED] = note[at + BLOCKED + 1] = note[at + SHARED] = 0;
    return at;
  }

  private memory(bytes: number): Piece {
    if (!this.room) return { buffer: new ArrayBuffer(bytes), at: 0, bytes, isUsed: false };
    const piece = this.room.take(bytes);
    this.pieces.push(piece);
    return piece;
  }

  /** `note` is the last piece, and has so many words left. */
  private lastNotes(words: number): void {
    if (this.notes.length > 0 && this.noteLength + words <= NOTE_WORDS) { this.note = this.notes[this.notes.length - 1] as Uint32Array; return; }
    const length = this.room ? NOTE_WORDS : ARGUMENTS + ARGUMENT_WORDS, { buffer, at } = this.memory(4 * length);
    this.notes.push(this.note = new Uint32Array(buffer, at, length));
    this.noteLength = 0;
  }

  /** The place of a row's note, made if there is none, in `note`. */
  private noteOf(row: number): number {
    const place = this.noteAt[row] as number;
    if (place === 0) return this.newNote(row, 0);
    this.note = this.notes[(place >>> NOTE_WORD_BITS & NOTE_PIECE_MASK) - 1] as Uint32Array;
    return place & NOTE_WORD_MASK;
  }

  /** The place of a note that no other row has, in `note`. */
  private ownNote(row: number): number {
    const known = this.noteOf(row), isLatest = this.noteAt[row] === this.latest;
    if (this.note[known + SHARED] === 0) return known;
    const words = this.arguments(row), length = this.argumentWords(row), path = this.noted(row, TEXTS) & ORIGIN_MASK, at = this.newNote(row, length), { note } = this;
    note[at + TEXTS] = path;
    for (let k = 0; k < length; k++) note[at + ARGUMENTS + k] = words[k] as number;
    if (isLatest) this.setLatest(row, note, at + ARGUMENTS);
    return at;
  }

  /** A word that is of no meaning while the call is open: the note may be another call's, too. */
  private done(row: number, word: number): number { return this.isOpen(row) ? 0 : this.noted(row, word); }

  private noted(row: number, word: number): number {
    const place = this.noteAt[row] as number;
    return place === 0 ? 0 : (this.notes[(place >>> NOTE_WORD_BITS & NOTE_PIECE_MASK) - 1] as Uint32Array)[(place & NOTE_WORD_MASK) + word] as number;
  }

  private argumentWords(row: number): number { return (this.noteAt[row] as number) >>> ARGUMENTS_SHIFT; }

  /** The number of an origin of rows of this chunk: that of an equal one, if it was met lately. `value` of a call is 0: its result is the row's. */
  originOf(kind: number, flags: number, pid: number, code: number, value: number, ip: number): number {
    const { origins, originCache } = this, slot = (ip ^ code) & CACHED_ORIGINS - 1, known = originCache[slot] as number, at = known * ORIGIN_NUMBERS;
    if (known < this.originCount && origins[at + IP] === ip && origins[at + CODE] === code && origins[at + PID] === pid && origins[at + VALUE] === value && origins[at + KIND] === kind && origins[at + FLAGS] === flags) return known;
    return originCache[slot] = this.newOrigin(kind, flags, pid, code, value, ip);
  }

  private newOrigin(kind: number, flags: number, pid: number, code: number, value: number, ip: number): number {
    const number = this.originCount++, at = number * ORIGIN_NUMBERS;
    if (at >= this.origins.length) this.origins = doubled(this.origins);
    const { origins } = this;
    origins[at + KIND] = kind;
    origins[at + FLAGS] = flags;
    origins[at + PID] = pid;
    origins[at + CODE] = code;
    origins[at + VALUE] = value;
    origins[at + IP] = ip;
    return number;
  }

  private originAt(row: number): number { return ((this.words[row * ROW_WORDS + ORIGIN] as number) & ORIGIN_MASK) * ORIGIN_NUMBERS; }
  private costAt(row: number): number { return (this.words[row * ROW_WORDS + ORIGIN] as number) >>> COST_SHIFT; }

  private durationNs(row: number): number {
    const at = row * ROW_WORDS + DURATION, word = this.words[at] as number;
    return word === WIDE ? this.wide.get(at) as number : word;
  }

  private result(row: number): number {
    const at = row * ROW_WORDS + RESULT, word = this.words[at] as number;
    return this.isOpen(row) ? NaN : word === WIDE_RESULT ? this.wide.get(at) as number : word | 0;
  }

  private widen(at: number, number: number): number {
    this.wide.set(at, number);
    return WIDE;
  }

  private wideResult(at: number, result: number): number {
    this.wide.set(at + RESULT, result);
    return WIDE_RESULT;
  }

  private forgetWide(row: number): void {
    this.wide.delete(row * ROW_WORDS + DURATION);
    this.wide.delete(row * ROW_WORDS + RESULT);
  }

  /** The number that stands for `text`: equal texts share it. */
  private intern(text: string): number {
    let place = this.places.get(text);
    if (place === undefined) {
      place = this.texts.push(text);
      this.places.set(text, place);
    }
    return place;
  }
}

const NO_NOTES = new Uint32Array(0);

function doubled(numbers: Float64Array): Float64Array {
  const made = new Float64Array(2 * numbers.length);
  made.set(numbers);
  return made;
}
