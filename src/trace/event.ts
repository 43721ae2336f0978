// The trace as data: what happened, to whom, when, in columns of numbers - bounded, and cheap to add to. The charts, the timeline, the advice and `--json` read it.
// Not here: the columns themselves (event_chunk.ts), text (strace_text.ts), totals (summary.ts).
import type { CallArguments, CallCost, EventSink, SignalFacts, VdsoCall } from '../kernel/arch/x86/ports';
import { CHUNK_EVENTS, Desk, EVENT_I386, EVENT_KINDS, EVENT_SERVED, EventChunk, INSTANT, addressIn, type EventKind, type Moment, type PathSource } from './event_chunk';
import { Habit } from './habit';

export { CHUNK_EVENTS, EVENT_KINDS, EVENT_I386, EVENT_SERVED, EventChunk, type EventKind } from './event_chunk';

/** The functions of the vDSO in the order of their numbers. */
export const VDSO_FUNCTIONS = ['clock_gettime', 'gettimeofday', 'time', 'getcpu', 'clock_getres'] as const;

/** One event read back. Times are virtual nanoseconds since boot, whole numbers. */
export interface TraceEvent {
  readonly index: number;
  readonly kind: EventKind;
  readonly pid: number;
  /** call: when ring 3 left for the kernel; fault and vdso: when it began; others: when it happened. */
  readonly startNs: number;
  /** call: when the kernel was through with it, NaN while it is open. A call that its task did not survive ends with the task, its `value` is NaN. */
  readonly endNs: number;
  /** A call's whole, endNs - startNs, is entryNs + handlerNs + copyNs + blockedNs + exitNs. Blocked: the task did not have the processor. */
  readonly entryNs: number;
  readonly handlerNs: number;
  readonly copyNs: number;
  readonly blockedNs: number;
  readonly exitNs: number;
  /** call: bytes copied between user and kernel memory, structures and paths included. */
  readonly bytes: number;
  /** call: number; signal: its number; fork: the child; switch: the task that runs next; fault: error code; exit: wait status; vdso: its place in VDSO_FUNCTIONS. */
  readonly code: number;
  /** call: result (-errno when it failed), NaN while open; fault: address; fork: flags; signal: si_code; exit: tgid; vdso: clock id, -1 where the function has none. */
  readonly value: number;
  readonly abi: 'x86-64' | 'i386';
  /** vdso: answered in ring 3; false: it made the real call, which is an event of its own. */
  readonly isServed: boolean;
  /** call: address after the instruction that made it; vdso: where the function returns to; fault: the instruction; 0 where there is none. */
  readonly ip: number;
  /** Where in the run this is (position.ts): instructions retired by the whole machine, and kernel entries before it. */
  readonly instructions: number;
  readonly entry: number;
  /** call: the six arguments as [lo, hi] words. */
  readonly args: Float64Array | null;
  /** call: which check refused it. */
  readonly because: string | null;
  /** call: its first path argument; exec: the program. One char a byte. */
  readonly path: string | null;
}

export interface CallShape { readonly argumentCount: number; readonly pathArgument: number }

/** What the log asks of the machine when something happens: where the run is now, and more. */
export interface EventSource extends Moment, PathSource {
  /** RIP of a task, which is in the kernel, as signed words: of the last lookAtCall. */
  readonly ipLow: number;
  readonly ipHigh: number;
  lookAtCall(pid: number): void;
  readonly nsPerInstruction: number;
  /** RIP of a task that is in the kernel. */
  instructionPointer(pid: number): number;
  /** How many arguments a call has, and which of them is its first path; -1: none. */
  shapeOf(nr: number, abi: 'x86-64' | 'i386'): CallShape;
}

const MEGABYTE = 1048576;
const NO_COST: CallCost = { entry_ns: 0, exit_ns: 0, blocked_ns: 0, copy_ns: 0, copied: 0 };
const HALF = 2 ** 32;
const [CALL = 0, SIGNAL = 0, EXIT = 0, FORK = 0, EXEC = 0, SWITCH = 0, FAULT = 0, VDSO = 0] = EVENT_KINDS.keys();

/** The recorder: keeps the last events that fit, drops the oldest. Those can be derived again, by a log that listens to the run once more (machine/event_history.ts). */
export class EventLog implements EventSink {
  private last: EventChunk;
  /** The task whose call began last, when that is open and in the last chunk, and its row; -1: none. */
  private caller = -1;
  private callerRow = -1;
  /** What the last call of the vDSO was, in the last chunk. */
  private vdsoSerial = -1;
  private readonly vdsoHabit = new Habit();
  private desk = new Desk();
  private readonly chunks: EventChunk[] = [];
  /** Of the chunks that are full. */
  private usedBytes = 0;
  private readonly most: number;
  /** Of the chunks that were dropped: calls that came back after their chunk was full, each in a chunk of its own. */
  private readonly late = new Map<number, EventChunk>();
  /** Told when a chunk is dropped: its first event, and those of its events that `late` has. */
  onDrop: (first: number, late: readonly number[]) => void = () => undefined;
  /** The events that the open calls of tasks are, without the one of `caller`. */
  private readonly open = new Map<number, number>();

  /** `length`: events before the first one that it records. */
  constructor(private readonly source: EventSource, memoryMB = 256, length = 0) {
    this.most = memoryMB * MEGABYTE;
    this.last = this.emptyChunk(length - length % CHUNK_EVENTS);
    this.last.length = length % CHUNK_EVENTS;
    this.chunks.push(this.last);
  }

  /** An empty log of the same run that begins with event `length`, and keeps no more than the two last chunks. */
  again(length: number): EventLog { return new EventLog(this.source, 0, length); }

  /** Takes over from `derived`, a log of the same run that has come less far than this one's oldest event; `from` is the first event of a chunk that it has whole. */
  rewind(derived: EventLog, from: number): void {
    this.chunks.splice(0, this.chunks.length, ...derived.columns(from));
    this.usedBytes = this.chunks.reduce((sum, chunk) => sum + chunk.packedBytes, 0);
    this.last = derived.last;
    this.desk = derived.desk;
    this.caller = this.vdsoSerial = -1;
  }

  /** Where the event at `index` stands, with its row there; undefined when it was dropped. */
  placeOf(index: number): { chunk: EventChunk; row: number } | undefined {
    const chunk = this.late.get(index) ?? this.chunkOf(index);
    return chunk && { chunk, row: index - chunk.first };
  }

  /** Gives the calls of a derived chunk the end that they had, where that came after the chunk. */
  settle(chunk: EventChunk): void {
    for (let row = 0; row < chunk.length; row++) {
      const late = this.late.get(chunk.first + row);
      if (late && chunk.isOpen(row) && !late.isOpen(0)) chunk.take(row, late, 0);
    }
  }

  /** Index of the next event: the number of all events so far. */
  get length(): number { return this.last.first + this.last.length; }
  /** Index of the oldest event that is kept. */
  get first(): number { return this.chunks[0]?.first ?? 0; }

  syscallEnter(pid: number, nr: number, abi: 'x86-64' | 'i386', args: CallArguments): void {
    const last = this.last.length === CHUNK_EVENTS ? this.nextChunk() : this.last, { source } = this, flags = abi === 'i386' ? EVENT_I386 : 0;
    source.lookAtCall(pid);
    if (this.caller >= 0) this.open.set(this.caller, last.first + this.callerRow);
    this.caller = pid;
    this.callerRow = last.length;
    if (!last.beginLike(source, pid, nr, flags, source.ipLow, source.ipHigh, args)) this.begin(pid, nr, abi, flags, args);
  }

  /** A call that the last one from there was not like. */
  private begin(pid: number, nr: number, abi: 'x86-64' | 'i386', flags: number, args: CallArguments): void {
    const { source } = this, { argumentCount, pathArgument: at } = source.shapeOf(nr, abi);
    const path = at < 0 ? null : source.readString(pid, addressIn(args, at));
    this.last.begin(source, pid, nr, flags, source.ipLow, source.ipHigh, args, 2 * argumentCount, at, path);
  }

  syscallExit(pid: number, _nr: number, ret: number, because: string | null, cost = NO_COST): void {
    const { source } = this;
    if (pid === this.caller) {
      this.caller = -1;
      if (!this.last.end(source, ret, because, cost)) this.last.close(this.callerRow, source, ret, because, cost);
    } else {
      const place = this.placeOf(this.takeOpen(pid));
      place?.chunk.close(place.row, source, ret, because, cost);
    }
  }

  /** The event of a task's open call, which is over; -1: there is none. */
  private takeOpen(pid: number): number {
    if (pid === this.caller) {
      this.caller = -1;
      return this.last.first + this.callerRow;
    }
    const index = this.open.get(pid) ?? -1;
    this.open.delete(pid);
    return index;
  }

  signal(pid: number, signo: number, info: SignalFacts): void { this.add(SIGNAL, pid, signo, info.code); }

  exit(pid: number, tgid: number, waitStatus: number): void {
    const place = this.placeOf(this.takeOpen(pid));
    place?.chunk.close(place.row, this.source, NaN, null, NO_COST);
    this.add(EXIT, pid, waitStatus, tgid);
  }

  fork(parent: number, child: number, flags: number): void { this.add(FORK, parent, child, flags); }

  /** The leader's events end; those of the thread go on under its number. */
  superseded(leader: number, thread: number): void {
    this.exit(leader, leader, 0);
    const call = this.takeOpen(thread);
    if (call >= 0) this.open.set(leader, call);
  }

  /** A stop is known from its signal. */
  stopped(): void { /* nothing to add */ }

  exec(pid: number, path: string): void { this.add(EXEC, pid, 0, 0, path); }

  switch(prevPid: number, nextPid: number): void { this.add(SWITCH, prevPid, nextPid, 0); }

  fault(pid: number, address: number, errorCode: number, startNs: number): void {
    const last = this.chunk(), ip = this.source.instructionPointer(pid), { instructions, entry } = this.source;
    const what = last.whatOf(FAULT, 0, pid, errorCode, address, ip | 0, ip / HALF | 0), how = last.howOf(0, 0, this.now() - startNs, 0, 0, 0, 0, 0, null);
    last.add(what, how, entry, instructions, startNs - this.nsOf(instructions));
  }

  vdso(call: VdsoCall, instructions: number): void {
    const last = this.last.length === CHUNK_EVENTS ? this.nextChunk() : this.last, { source, vdsoHabit: habit } = this;
    if (call.serial !== this.vdsoSerial) {
      this.vdsoSerial = call.serial;
      habit.what = last.whatOf(VDSO, call.isServed ? EVENT_SERVED : 0, call.pid, call.fn, call.clock, call.returnAddress | 0, call.returnAddress / HALF | 0);
      habit.how = last.howOf(0, call.instructions, call.passedNs, 0, 0, 0, 0, 0, null);
      habit.step = 0;
    }
    last.addLike(habit, source.entry, instructions, source.extraNs - call.passedNs);
  }

  notice(): void { /* Sentences for the person are no events. */ }

  /** The event at `index`; undefined when it was never there or is dropped. */
  at(index: number): TraceEvent | undefined {
    const chunk = this.chunkOf(index);
    const row = index - (chunk?.first ?? 0);
    if (!chunk || row >= chunk.length) return undefined;
    const kind = EVENT_KINDS[chunk.kind(row)] ?? 'call', flags = chunk.flags(row);
    return {
      index, kind, startNs: chunk.startNs(row), endNs: chunk.endNs(row), entryNs: chunk.entryNs(row), copyNs: chunk.copyNs(row), blockedNs: chunk.blockedNs(row), exitNs: chunk.exitNs(row), handlerNs: chunk.handlerNs(row),
      bytes: chunk.bytes(row), code: chunk.code(row), value: chunk.value(row), ip: chunk.ip(row), pid: chunk.pid(row),
      abi: flags & EVENT_I386 ? 'i386' : 'x86-64', isServed: (flags & EVENT_SERVED) !== 0, instructions: chunk.instructions(row), entry: chunk.entry(row),
      args: kind === 'call' ? chunk.arguments(row) : null, because: chunk.reason(row), path: chunk.path(row),
    };
  }

  /** The path of the event at `index`, if it has one. */
  pathOf(index: number): string | null {
    const chunk = this.chunkOf(index);
    return chunk ? chunk.path(index - chunk.first) : null;
  }

  /** Whether the event at `index` is a call that has not returned yet. */
  isOpen(index: number): boolean {
    const place = this.placeOf(index);
    return place !== undefined && place.chunk.isOpen(place.row);
  }

  /** The kept events from the oldest, or from `index`, to the newest. */
  * events(index = this.first): Generator<TraceEvent> {
    for (let at = Math.max(index, this.first); at < this.length; at++) {
      const event = this.at(at);
      if (event) yield event;
    }
  }

  /** The columns themselves, oldest first, from the chunk that holds event `index` on. Rows of open calls still change. */
  columns(index = this.first): readonly EventChunk[] {
    return this.chunks.filter(chunk => chunk.first + CHUNK_EVENTS > index);
  }

  /** The run goes on differently from here (a person changed something in the past): what was recorded after this place is forgotten. */
  forgetFuture(): void {
    const now = this.now(), { instructions, entry } = this.source;
    while (this.length > this.first) {
      const row = this.last.length - 1;
      if (row < 0) { this.stepBack(); continue; }
      const at = this.last.instructions(row) - instructions || this.last.entry(row) - entry;
      if (at < 0) break;
      this.last.removeLast();
    }
    this.open.clear();
    this.caller = this.vdsoSerial = -1;
    for (const index of this.late.keys()) if (index >= this.first) this.late.delete(index);
    // Of a full chunk those may have ended later that were open when it was full.
    const reopen = (chunk: EventChunk, row: number): void => {
      if (chunk.kind(row) !== CALL || chunk.endNs(row) <= now) return;
      chunk.reopen(row);
      this.open.set(chunk.pid(row), chunk.first + row);
    };
    for (const chunk of this.late.values()) reopen(chunk, 0);
    for (const chunk of this.chunks) if (chunk !== this.last) for (const row of chunk.late) reopen(chunk, row);
    for (let row = 0; row < this.last.length; row++) reopen(this.last, row);
  }

  private add(kind: number, pid: number, code: number, value: number, path: string | null = null): void {
    const last = this.chunk(), { instructions, entry, extraNs } = this.source;
    last.add(last.whatOf(kind, 0, pid, code, value, 0, 0, [], 0, path), INSTANT, entry, instructions, extraNs);
  }

  private nsOf(instructions: number): number { return Math.floor(instructions * this.source.nsPerInstruction); }
  private now(): number { const { instructions, extraNs } = this.source; return this.nsOf(instructions) + extraNs; }
  private emptyChunk(first: number): EventChunk { return new EventChunk(first, this.source.nsPerInstruction, this.desk); }

  /** The chunk that has room for an event. */
  private chunk(): EventChunk {
    return this.last.length === CHUNK_EVENTS ? this.nextChunk() : this.last;
  }

  /** The last chunk is empty: the one before is the last one. */
  private stepBack(): void {
    this.chunks.pop();
    this.last = this.chunks.at(-1) ?? this.last;
    this.usedBytes -= this.last.packedBytes;
    this.last.resume();
  }

  private nextChunk(): EventChunk {
    const { length, last, open } = this;
    if (this.caller >= 0) open.set(this.caller, last.first + this.callerRow);
    this.caller = this.vdsoSerial = -1;
    last.pack([...open.values()].filter(index => index >= last.first).map(index => index - last.first));
    this.usedBytes += last.packedBytes;
    while (this.chunks.length > 1 && this.usedBytes + Desk.BYTES > this.most) this.drop();
    this.chunks.push(this.last = this.emptyChunk(length));
    return this.last;
  }

  private drop(): void {
    const chunk = this.chunks.shift();
    if (!chunk) return;
    for (const row of chunk.late) this.late.set(chunk.first + row, chunk.single(row));
    this.usedBytes -= chunk.packedBytes;
    this.onDrop(chunk.first, chunk.late.map(row => chunk.first + row));
  }

  private chunkOf(index: number): EventChunk | undefined {
    return index < this.first ? undefined : this.chunks[Math.floor((index - this.first) / CHUNK_EVENTS)];
  }
}
