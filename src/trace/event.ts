// The trace as data: what happened, to whom, when, in columns of numbers - bounded, and cheap to add to. The charts, the timeline, the advice and `--json` read it.
// Not here: the columns themselves (event_chunk.ts), text (strace_text.ts), totals (summary.ts).
import type { CallArguments, CallCost, EventSink, SignalFacts, VdsoCall } from '../kernel/arch/x86/ports';
import { ChunkRoom } from './chunk_room';
import { CHUNK_BYTES, CHUNK_EVENTS, EVENT_I386, EVENT_KINDS, EVENT_SERVED, EventChunk, type EventKind } from './event_chunk';

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

/** What the log asks of the machine when something happens. */
export interface EventSource {
  instructions(): number;
  /** The time, when so many instructions have retired and nothing has happened since. */
  timeAt(instructions: number): number;
  /** Without the one in which it happens. */
  kernelEntries(): number;
  /** RIP of a task that is in the kernel. */
  instructionPointer(pid: number): number;
  /** The same as signed words: in `ipLow` and `ipHigh`, where the next look puts others. */
  lookAtInstructionPointer(pid: number): void;
  readonly ipLow: number;
  readonly ipHigh: number;
  /** How many arguments a call has, and which of them is its first path; -1: none. */
  shapeOf(nr: number, abi: 'x86-64' | 'i386'): CallShape;
  /** The string at an address of a task's memory, or null. */
  readString(pid: number, address: number): string | null;
}

const MEGABYTE = 1048576;
const HALF = 2 ** 32;
const [CALL = 0, SIGNAL = 0, EXIT = 0, FORK = 0, EXEC = 0, SWITCH = 0, FAULT = 0, VDSO = 0] = EVENT_KINDS.keys();

/** The recorder: keeps the last events that fit, drops the oldest. Those can be derived again, by a log that listens to the run once more (machine/event_history.ts). */
export class EventLog implements EventSink {
  // What every event needs stands first, close together: a cache line more is a cost here.
  private last: EventChunk;
  /** The task whose call began last, when that is open and in the last chunk, and its row; -1: none. */
  private caller = -1;
  private callerRow = -1;
  // What the last call was, and its number in the last chunk: most are like the one before.
  private nr = -1;
  private pid = -1;
  private ipLow = 0;
  private ipHigh = 0;
  private origin = -1;
  private argumentCount = 0;
  private pathArgument = -1;
  private entryNs = 0;
  private exitNs = 0;
  private costs = 0;
  private vdsoSerial = -1;
  private vdsoOrigin = -1;
  private readonly chunks: EventChunk[] = [];
  private readonly room = new ChunkRoom();
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
    this.last = new EventChunk(length - length % CHUNK_EVENTS, this.room);
    this.last.length = length % CHUNK_EVENTS;
    this.chunks.push(this.last);
  }

  /** An empty log of the same run that begins with event `length`, and keeps no more than the two last chunks. */
  again(length: number): EventLog { return new EventLog(this.source, 0, length); }

  /** Takes over from `derived`, a log of the same run that has come less far than this one's oldest event; `from` is the first event of a chunk that it has whole. */
  rewind(derived: EventLog, from: number): void {
    for (const chunk of this.chunks.splice(0, this.chunks.length, ...derived.columns(from))) chunk.free();
    this.last = derived.last;
    this.forgetOrigins();
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
    const { source } = this, last = this.chunk(), retired = source.instructions();
    source.lookAtInstructionPointer(pid);
    if (source.ipLow !== this.ipLow || nr !== this.nr || pid !== this.pid || this.origin < 0 || source.ipHigh !== this.ipHigh || abi === 'i386') this.begin(pid, nr, abi);
    const row = last.addCall(this.origin, source.kernelEntries(), retired, source.timeAt(retired));
    if (this.caller >= 0) this.open.set(this.caller, last.first + this.callerRow);
    this.caller = pid;
    this.callerRow = row;
    const { argumentCount, pathArgument } = this;
    if (argumentCount > 0) last.setArguments(row, args, argumentCount);
    if (pathArgument >= 0) last.setPath(row, source.readString(pid, (args[2 * pathArgument + 1] ?? 0) * HALF + (args[2 * pathArgument] ?? 0)));
  }

  /** Another call than the last one. */
  private begin(pid: number, nr: number, abi: 'x86-64' | 'i386'): void {
    const { ipLow, ipHigh } = this.source, { argumentCount, pathArgument } = this.source.shapeOf(nr, abi);
    this.pid = pid;
    this.nr = abi === 'i386' ? -1 : nr;
    this.ipLow = ipLow;
    this.ipHigh = ipHigh;
    this.argumentCount = argumentCount;
    this.pathArgument = pathArgument;
    this.origin = this.last.originOf(CALL, abi === 'i386' ? EVENT_I386 : 0, pid, nr, 0, (ipLow >>> 0) + ipHigh * HALF);
  }

  syscallExit(pid: number, _nr: number, ret: number, because: string | null, cost?: CallCost): void {
    if (pid === this.caller) {
      this.caller = -1;
      this.end(this.last, this.callerRow, ret, because, cost);
    } else {
      const place = this.placeOf(this.takeOpen(pid));
      if (place) this.end(place.chunk, place.row, ret, because, cost);
    }
  }

  private end(chunk: EventChunk, row: number, ret: number, because: string | null, cost: CallCost | undefined): void {
    const now = this.now();
    if (!cost) return chunk.close(row, now, ret, 0, 0, 0, 0, because);
    const { entry_ns, exit_ns, blocked_ns, copy_ns, copied } = cost;
    if (chunk !== this.last) return chunk.close(row, now, ret, chunk.costsOf(entry_ns, exit_ns), blocked_ns, copy_ns, copied, because);
    if (entry_ns !== this.entryNs || exit_ns !== this.exitNs) {
      this.entryNs = entry_ns;
      this.exitNs = exit_ns;
      this.costs = chunk.costsOf(entry_ns, exit_ns);
    }
    chunk.close(row, now, ret, this.costs, blocked_ns, copy_ns, copied, because);
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
    if (place) this.end(place.chunk, place.row, NaN, null, undefined);
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

  exec(pid: number, path: string): void {
    const row = this.add(EXEC, pid, 0, 0);
    this.last.setPath(row, path);
  }

  switch(prevPid: number, nextPid: number): void { this.add(SWITCH, prevPid, nextPid, 0); }

  fault(pid: number, address: number, errorCode: number, startNs: number): void {
    const { source } = this, last = this.chunk();
    last.add(last.originOf(FAULT, 0, pid, errorCode, address, source.instructionPointer(pid)), source.kernelEntries(), source.instructions(), startNs, this.now() - startNs);
  }

  vdso(call: VdsoCall, instructions: number, startNs: number, endNs: number): void {
    const last = this.chunk();
    if (call.serial !== this.vdsoSerial) {
      this.vdsoSerial = call.serial;
      this.vdsoOrigin = last.originOf(VDSO, call.isServed ? EVENT_SERVED : 0, call.pid, call.fn, call.clock, call.returnAddress);
    }
    last.add(this.vdsoOrigin, this.source.kernelEntries(), instructions, startNs, endNs - startNs);
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
    const { source } = this;
    const now = this.now(), instructions = source.instructions(), entry = source.kernelEntries();
    while (this.length > this.first) {
      const row = this.last.length - 1;
      if (row < 0) { this.chunks.pop(); this.last.free(); this.last = this.chunks.at(-1) ?? this.last; continue; }
      const at = this.last.instructions(row) - instructions || this.last.entry(row) - entry;
      if (at < 0) break;
      this.last.removeLast();
    }
    this.open.clear();
    this.forgetOrigins();
    for (const index of this.late.keys()) if (index >= this.first) this.late.delete(index);
    for (const chunk of [...this.late.values(), ...this.chunks]) {
      for (let row = 0; row < chunk.length; row++) {
        if (chunk.kind(row) !== CALL || chunk.endNs(row) <= now) continue;
        chunk.reopen(row);
        this.open.set(chunk.pid(row), chunk.first + row);
      }
    }
  }

  private add(kind: number, pid: number, code: number, value: number): number {
    const { source } = this;
    const last = this.chunk();
    return last.add(last.originOf(kind, 0, pid, code, value, 0), source.kernelEntries(), source.instructions(), this.now(), 0);
  }

  private now(): number { return this.source.timeAt(this.source.instructions()); }

  /** The chunk that has room for an event. */
  private chunk(): EventChunk {
    return this.last.length === CHUNK_EVENTS ? this.nextChunk() : this.last;
  }

  private nextChunk(): EventChunk {
    const { length } = this;
    if (this.caller >= 0) this.open.set(this.caller, this.last.first + this.callerRow);
    while (this.chunks.length > 1 && this.room.used + CHUNK_BYTES > this.most) this.drop();
    this.chunks.push(this.last = new EventChunk(length, this.room));
    this.forgetOrigins();
    return this.last;
  }

  /** They are numbers of the last chunk. */
  private forgetOrigins(): void {
    this.caller = this.origin = this.vdsoSerial = this.entryNs = -1;
  }

  private drop(): void {
    const chunk = this.chunks.shift(), since = this.chunks[0]?.startNs(0) ?? 0, late: number[] = [];
    if (!chunk) return;
    for (let row = 0; row < chunk.length; row++) {
      if (chunk.kind(row) !== CALL || chunk.endNs(row) < since) continue;
      const one = chunk.single(row);
      this.late.set(chunk.first + row, one);
      late.push(chunk.first + row);
    }
    this.onDrop(chunk.first, late);
    chunk.free();
  }

  private chunkOf(index: number): EventChunk | undefined {
    return index < this.first ? undefined : this.chunks[Math.floor((index - this.first) / CHUNK_EVENTS)];
  }
}
