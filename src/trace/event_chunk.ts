// A few thousand events: what the log is made of, and what a chart reads without an object for each event.
// A program repeats itself. So a row says when, and names two records of its chunk: what happened (task, call, arguments, place in the code) and how it went (result, and where the
// time went); those equal to one met lately are shared. The rows of a full chunk are packed (event_steps.ts), and its memory is for the next one's.
// Not here: how events come in and when the oldest go (event.ts).
import type { CallCost } from '../kernel/arch/x86/ports';
import { PackedSteps, STEP, Steps } from './event_steps';
import { Habit } from './habit';
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
 * The words of a record of what happened, behind one of kind, flags, whether there is a path, how many words of arguments. VALUE: a double's two.
 * Record 0 is nobody's.
 */
const PID = 1, CODE = 2, VALUE = 3, IP_LOW = 5, IP_HIGH = 6, PATH = 7, ARGUMENTS = 8;
const FLAGS_SHIFT = 8, HAS_PATH = 1 << 15, COUNT_SHIFT = 16, KIND_MASK = 0xff, FLAGS_MASK = 0x7f;

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

const NOBODY = new Habit();

/** Where the run is. */
export interface Moment {
  /** Instructions retired. */
  readonly instructions: number;
  /** The time is what the instructions take, without fractions, and this. A whole number. */
  readonly extraNs: number;
  /** Kernel entries, without the one in which it happens. */
  readonly entry: number;
}

export interface PathSource {
  /** The string at an address of a task's memory, or null. */
  readString(pid: number, address: number): string | null;
  /** Whether it is that one; false, too, where that is not easily told. */
  isStringAt(pid: number, address: number, text: string): boolean;
}

/** An argument of a call as a pointer. */
export const addressIn = (words: ArrayLike<number>, argument: number): number => (words[2 * argument + 1] as number) * HALF + (words[2 * argument] as number);

/** What the newest chunk of a log writes on. */
export class Desk {
  readonly steps = new Steps(CHUNK_EVENTS);
  readonly room = new ReadingRoom(CHUNK_EVENTS);
  whats: Int32Array = new Int32Array(FIRST_WORDS);
  hows: Int32Array = new Int32Array(FIRST_WORDS);
  /** Where records that were met lately are; 0: nowhere. */
  readonly whatCache = new Int32Array(CACHED);
  readonly howCache = new Int32Array(CACHED);
  /** By place; NOBODY's: nothing was met there. */
  readonly habits: Habit[] = Array.from({ length: CACHED }, () => NOBODY);
  /** Bytes at most, when nothing is like anything before. */
  static readonly BYTES = CHUNK_EVENTS * (4 + 8 * STEP + 4 * (ARGUMENTS + ARGUMENT_WORDS + WIDE_WORDS));
}

/** CHUNK_EVENTS rows (without a desk: one), of which `length` are filled. What each number means stands at TraceEvent. */
export class EventChunk {
  length = 0;
  private steps: Steps | null;
  private whats: Int32Array;
  private hows: Int32Array;
  private whatLength = ARGUMENTS;
  private howLength = INSTANT + SHORT_WORDS;
  private packed: PackedSteps | null = null;
  /** The call in the last row, while how it went is not written: most come back before anything else happens. 0: none. */
  private begun = 0;
  private begunHabit = NOBODY;
  private readonly habits: Habit[];
  private isChanged = false;
  /** The calls that were open when it was full. */
  late: readonly number[] = [];
  /** Bytes that it took when it was packed. */
  packedBytes = 0;
  readonly texts: string[] = [];
  private places: Map<string, number> | null = null;

  /** `first`: index of the event in row 0. */
  constructor(readonly first: number, private readonly nsPerInstruction: number, private readonly desk: Desk | null) {
    this.steps = desk?.steps ?? new Steps(1);
    this.steps.clear();
    this.habits = desk?.habits ?? [];
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
    if (!desk || !this.steps) return;
    this.settle();
    this.packed = new PackedSteps(this.steps, this.length);
    this.steps = null;
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
    if (!desk || this.steps === desk.steps) return;
    if (this.steps) {
      desk.room.forget(this);
      this.leave();
    }
    this.packed?.unpack(desk.steps);
    this.steps = desk.steps;
    this.steps.end(this.length);
    this.packed = null;
    this.forgetMet();
  }

  /** ReadingRoom's. */
  leave(): Steps {
    const steps = this.open();
    if (this.isChanged) this.packed = new PackedSteps(steps, this.length);
    this.isChanged = false;
    this.steps = null;
    return steps;
  }

  private open(): Steps {
    const { desk, packed } = this;
    if (this.steps || !desk || !packed) return this.steps as Steps;
    this.steps = desk.room.enter(this);
    packed.unpack(this.steps);
    return this.steps;
  }

  /** The desk's notes of what was met are those of the newest chunk. */
  private get notes(): Desk | null { return this.desk && this.steps === this.desk.steps ? this.desk : null; }

  private forgetMet(): void {
    this.desk?.whatCache.fill(0);
    this.desk?.howCache.fill(0);
    this.desk?.habits.fill(NOBODY);
  }

  /** A new row; `what`: of whatOf; `how`: OPEN, INSTANT or of howOf. */
  add(what: number, how: number, entry: number, instructions: number, extraNs: number): void {
    const steps = this.steps as Steps;
    if (this.begun !== 0) this.settle();
    steps.advance(instructions, extraNs, entry);
    steps.write(this.length++, what, how);
  }

  /** A new row for what happens like that again and again, perhaps as far from the event before as the last time. */
  addLike(habit: Habit, entry: number, instructions: number, extraNs: number): void {
    if (this.begun !== 0) this.settle();
    const { steps } = this.desk as Desk, row = this.length++;
    if (habit.step === 0 || !steps.repeat(row, habit, instructions, extraNs, entry)) {
      steps.advance(instructions, extraNs, entry);
      habit.setFar(steps, steps.write(row, habit.what, habit.how));
    }
  }

  /** A new row for a call that may come back before anything else happens, if one was made like that lately from there. */
  beginLike(source: Moment & PathSource, pid: number, nr: number, flags: number, ipLow: number, ipHigh: number, words: ArrayLike<number>): boolean {
    const habit = this.habits[slotOfWhat(nr, 0, ipLow)] as Habit;
    if (habit.ipLow !== ipLow || habit.nr !== nr || habit.pid !== pid || habit.ipHigh !== ipHigh || habit.flags !== flags || !habit.hasWords(words)) return false;
    if (habit.pathArgument >= 0 && (habit.path === null || !source.isStringAt(pid, addressIn(words, habit.pathArgument), habit.path))) return false;
    if (this.begun !== 0) this.settle();
    this.begun = habit.what;
    this.begunHabit = habit;
    this.length++;
    (this.steps as Steps).advance(source.instructions, source.extraNs, source.entry);
    return true;
  }

  /** The same for any call; `words`: the `count` that are kept of its arguments. */
  begin({ instructions, extraNs, entry }: Moment, pid: number, nr: number, flags: number, ipLow: number, ipHigh: number, words: ArrayLike<number>, count: number, pathArgument: number, path: string | null): void {
    const what = this.whatOf(CALL, flags, pid, nr, 0, ipLow, ipHigh, words, count, path), slot = slotOfWhat(nr, 0, ipLow), { habits } = this;
    if (this.begun !== 0) this.settle();
    if (habits[slot] === NOBODY) habits[slot] = new Habit();
    const habit = habits[slot] as Habit;
    habit.begin(what, pid, nr, flags, ipLow, ipHigh, words, count, pathArgument, path);
    this.begun = what;
    this.begunHabit = habit;
    this.length++;
    (this.steps as Steps).advance(instructions, extraNs, entry);
  }

  /** The call in the last row stays open. */
  private settle(): void {
    const { begun } = this;
    if (begun === 0) return;
    this.begun = 0;
    (this.steps as Steps).write(this.length - 1, begun, OPEN);
  }

  private hasWords(what: number, words: ArrayLike<number>): boolean {
    const { whats } = this, from = what + ARGUMENTS, count = (whats[what] as number) >>> COUNT_SHIFT;
    for (let k = 0; k < count; k++) if (whats[from + k] !== ((words[k] as number) | 0)) return false;
    return true;
  }

  /** The record of what happened, with the first `count` of `words`. `value` of a call is 0: its result tells how it went. */
  whatOf(kind: number, flags: number, pid: number, code: number, value: number, ipLow: number, ipHigh: number, words: ArrayLike<number> = [], count = 0, path: string | null = null): number {
    const head = kind | flags << FLAGS_SHIFT | (path === null ? 0 : HAS_PATH) | count << COUNT_SHIFT, text = path === null ? 0 : this.intern(path);
    const { notes, whats } = this, slot = slotOfWhat(code, value, ipLow), met = notes?.whatCache[slot] ?? 0;
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
    for (let k = 0; k < count; k++) made[at + ARGUMENTS + k] = words[k] as number;
    if (notes) notes.whatCache[slot] = at;
    return at;
  }

  /** The call in the last row is over, and nothing else has happened since it began; false: something has. Most end as the one before that was like it. */
  end({ instructions, extraNs }: Moment, result: number, because: string | null, cost: CallCost): boolean {
    const { begun, begunHabit: habit } = this, steps = this.steps as Steps;
    if (begun === 0) return false;
    const row = this.length - 1, ran = instructions - steps.newestInstructions, passed = extraNs - steps.newestExtra;
    this.begun = 0;
    const isLike = habit.ran === ran && habit.passed === passed && habit.result === result && habit.entryNs === cost.entry_ns && habit.exitNs === cost.exit_ns && habit.copyNs === cost.copy_ns && habit.bytes === cost.copied && cost.blocked_ns === 0 && habit.because === because;
    if (isLike && habit.isAsFar(steps)) steps.rows[row] = habit.step;
    else {
      const { entry_ns, exit_ns, copy_ns, copied, blocked_ns } = cost, how = isLike ? habit.how : this.howOf(result, ran, passed, entry_ns, exit_ns, copy_ns, copied, blocked_ns, because), step = steps.write(row, begun, how);
      if (blocked_ns === 0) habit.end(step, how, steps, result, because, ran, passed, cost);
    }
    return true;
  }

  /** A call is over during which something else happened. */
  close(row: number, { instructions, extraNs }: Moment, result: number, because: string | null, { entry_ns, exit_ns, copy_ns, copied, blocked_ns }: CallCost): void {
    const steps = this.written();
    steps.setHow(row, this.howOf(result, instructions - steps.instructions(row), extraNs - steps.extra(row), entry_ns, exit_ns, copy_ns, copied, blocked_ns, because));
    this.isChanged = true;
  }

  /** The record of how it went. */
  howOf(result: number, ran: number, passed: number, entryNs: number, exitNs: number, copyNs: number, bytes: number, blockedNs: number, because: string | null): number {
    const reason = because === null ? 0 : this.intern(because), { notes, hows } = this;
    const isShort = blockedNs === 0 && (result | 0) === result && (ran | 0) === ran && (passed | 0) === passed && (entryNs | 0) === entryNs && (exitNs | 0) === exitNs && (copyNs | 0) === copyNs && (bytes | 0) === bytes;
    const head = reason << REASON_SHIFT | (isShort ? 0 : WIDE), slot = (result ^ ran << 3 ^ passed ^ bytes << 1) & CACHED - 1, met = isShort && notes ? notes.howCache[slot] as number : 0;
    if (met !== 0 && hows[met] === head && hows[met + NUMBERS + RESULT] === result && hows[met + NUMBERS + RAN] === ran && hows[met + NUMBERS + PASSED] === passed && hows[met + NUMBERS + ENTRY] === entryNs &&
      hows[met + NUMBERS + EXIT] === exitNs && hows[met + NUMBERS + COPY] === copyNs && hows[met + NUMBERS + BYTES] === bytes) return met;
    const at = this.howLength, numbers = [result, ran, passed, entryNs, exitNs, copyNs, bytes, blockedNs];
    this.howLength += isShort ? SHORT_WORDS : WIDE_WORDS;
    if (this.howLength > hows.length) this.hows = doubled(hows);
    const made = this.hows;
    made[at] = head;
    if (isShort) for (let k = 0; k < BLOCKED; k++) made[at + NUMBERS + k] = numbers[k] as number;
    else for (const [k, number] of numbers.entries()) setDouble(made, at + NUMBERS + 2 * k, number);
    if (isShort && notes) notes.howCache[slot] = at;
    return at;
  }

  /** Rows of the same step differ in when they happened, and in nothing else. */
  stepOf(row: number): number { return this.written().rows[row] as number; }
  /** Numbers of steps are less than this. */
  get stepCount(): number { return this.written().count; }

  kind(row: number): number { return this.head(row) & KIND_MASK; }
  flags(row: number): number { return this.head(row) >>> FLAGS_SHIFT & FLAGS_MASK; }
  pid(row: number): number { return this.whats[this.what(row) + PID] as number; }
  code(row: number): number { return this.whats[this.what(row) + CODE] as number; }
  /** NaN: a call that is not over, or that its task did not survive. */
  value(row: number): number { return this.kind(row) !== CALL ? doubleAt(this.whats, this.what(row) + VALUE) : this.isOpen(row) ? NaN : this.number(row, RESULT); }
  ip(row: number): number { const { whats } = this, at = this.what(row); return ((whats[at + IP_LOW] as number) >>> 0) + ((whats[at + IP_HIGH] as number) >>> 0) * HALF; }
  entry(row: number): number { return this.written().entry(row); }
  instructions(row: number): number { return this.written().instructions(row); }
  startNs(row: number): number { return this.timeAt(this.instructions(row), this.written().extra(row)); }
  endNs(row: number): number { return this.isOpen(row) ? NaN : this.timeAt(this.instructions(row) + this.number(row, RAN), this.written().extra(row) + this.number(row, PASSED)); }
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
    const steps = this.written(), they = from.what(at);
    const what = this.whatOf(from.kind(at), from.flags(at), from.pid(at), from.code(at), doubleAt(from.whats, they + VALUE), from.whats[they + IP_LOW] as number, from.whats[they + IP_HIGH] as number, from.arguments(at), from.argumentWords(at), from.path(at));
    const how = from.isOpen(at) ? OPEN : this.howOf(from.number(at, RESULT), from.number(at, RAN), from.number(at, PASSED), from.entryNs(at), from.exitNs(at), from.copyNs(at), from.bytes(at), from.blockedNs(at), from.reason(at));
    steps.replace(row, this.length, what, how, from.instructions(at), from.written().extra(at), from.entry(at));
    this.isChanged = true;
  }

  /** Forgets the newest row. */
  removeLast(): void {
    const steps = this.written();
    steps.end(--this.length);
  }

  /** The call of this row has not come back yet. */
  reopen(row: number): void {
    this.written().setHow(row, OPEN);
    this.isChanged = true;
  }

  private timeAt(instructions: number, extraNs: number): number { return Math.floor(instructions * this.nsPerInstruction) + extraNs; }
  /** All rows, the last one, too. */
  private written(): Steps {
    if (this.begun !== 0) this.settle();
    return this.steps ?? this.open();
  }

  private what(row: number): number { return this.begun !== 0 && row === this.length - 1 ? this.begun : (this.steps ?? this.open()).what(row); }
  private how(row: number): number { return this.begun !== 0 && row === this.length - 1 ? OPEN : (this.steps ?? this.open()).how(row); }
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
