// The trace as data: what happened, to whom, when, in columns of numbers - bounded, and cheap to add to. The charts, the timeline, the advice and `--json` read it.
// Not here: the columns themselves (event_chunk.ts), text (strace_text.ts), totals (summary.ts).
import type { CallArguments, CallCost, EventSink, SignalFacts, VdsoCall } from '../kernel/arch/x86/ports';
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
  now(): number;
  instructions(): number;
  /** Without the one in which it happens. */
  kernelEntries(): number;
  /** RIP of a task that is in the kernel. */
  instructionPointer(pid: number): number;
  /** How many arguments a call has, and which of them is its first path; -1: none. */
  shapeOf(nr: number, abi: 'x86-64' | 'i386'): CallShape;
  /** The string at an address of a task's memory, or null. */
  readString(pid: number, address: number): string | null;
}

/** `chunk` null: none. */
interface OpenCall { readonly pid: number; chunk: EventChunk | null; row: number }

const NOBODY: OpenCall = { pid: -1, chunk: null, row: 0 };

const MEGABYTE = 1048576;
const [CALL = 0, SIGNAL = 0, EXIT = 0, FORK = 0, EXEC = 0, SWITCH = 0, FAULT = 0, VDSO = 0] = EVENT_KINDS.keys();

/** The recorder: keeps the last events that fit, drops the oldest. Those can be derived again, by a log that listens to the run once more (machine/event_history.ts). */
export class EventLog implements EventSink {
  private readonly chunks: EventChunk[] = [];
  private readonly maxChunks: number;
  private last: EventChunk;
  /** Of the chunks that were dropped: calls that came back after their chunk was full, each in a chunk of its own. */
  private readonly late = new Map<number, EventChunk>();
  /** Told when a chunk is dropped: its first event, and those of its events that `late` has. */
  onDrop: (first: number, late: readonly number[]) => void = () => undefined;
  /** Where the open call of each task stands. */
  private readonly open = new Map<number, OpenCall>();
  /** That of the task whose call began last. */
  private latest: OpenCall = NOBODY;

  /** `length`: events before the first one that it records. */
  constructor(private readonly source: EventSource, memoryMB = 256, length = 0) {
    this.maxChunks = Math.max(2, Math.floor(memoryMB * MEGABYTE / CHUNK_BYTES));
    this.last = new EventChunk(length - length % CHUNK_EVENTS);
    this.last.length = length % CHUNK_EVENTS;
    this.chunks.push(this.last);
  }

  /** An empty log of the same run that begins with event `length`, and keeps no more than the two last chunks. */
  again(length: number): EventLog { return new EventLog(this.source, 0, length); }

  /** Takes over from `derived`, a log of the same run that has come less far than this one's oldest event; `from` is the first event of a chunk that it has whole. */
  rewind(derived: EventLog, from: number): void {
    this.chunks.splice(0, this.chunks.length, ...derived.columns(from));
    this.last = derived.last;
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
      if (late) chunk.take(row, late, 0);
    }
  }

  /** Index of the next event: the number of all events so far. */
  get length(): number { return this.last.first + this.last.length; }
  /** Index of the oldest event that is kept. */
  get first(): number { return this.chunks[0]?.first ?? 0; }

  syscallEnter(pid: number, nr: number, abi: 'x86-64' | 'i386', args: CallArguments): void {
    const row = this.add(CALL, pid, nr), { last, source } = this;
    last.endNs[row] = NaN;
    last.value[row] = NaN;
    last.ip[row] = source.instructionPointer(pid);
    if (abi === 'i386') last.flags[row] = EVENT_I386;
    const { argumentCount, pathArgument } = source.shapeOf(nr, abi);
    if (argumentCount > 0) last.setArguments(row, args, argumentCount);
    if (pathArgument >= 0) {
      const path = source.readString(pid, (args[2 * pathArgument + 1] ?? 0) * 2 ** 32 + (args[2 * pathArgument] ?? 0));
      if (path !== null) last.path[row] = last.intern(path);
    }
    this.setOpen(pid, last, row);
  }

  syscallExit(pid: number, _nr: number, ret: number, because: string | null, cost?: CallCost): void {
    const call = this.latest.pid === pid ? this.latest : this.open.get(pid), chunk = call?.chunk;
    if (!call || !chunk) return;
    const { row } = call;
    call.chunk = null;
    chunk.endNs[row] = this.source.now();
    chunk.value[row] = ret;
    if (because !== null) chunk.because[row] = chunk.intern(because);
    if (!cost) return;
    chunk.entryNs[row] = cost.entry_ns;
    chunk.exitNs[row] = cost.exit_ns;
    if (cost.blocked_ns !== 0) chunk.blockedNs[row] = cost.blocked_ns;
    if (cost.copied === 0 && cost.copy_ns === 0) return;
    chunk.copyNs[row] = cost.copy_ns;
    chunk.bytes[row] = cost.copied;
  }

  signal(pid: number, signo: number, info: SignalFacts): void {
    this.last.value[this.add(SIGNAL, pid, signo)] = info.code;
  }

  exit(pid: number, tgid: number, waitStatus: number): void {
    const call = this.open.get(pid);
    if (call?.chunk) call.chunk.endNs[call.row] = this.source.now();
    this.close(pid);
    this.last.value[this.add(EXIT, pid, waitStatus)] = tgid;
  }

  fork(parent: number, child: number, flags: number): void {
    this.last.value[this.add(FORK, parent, child)] = flags;
  }

  /** The leader's events end; those of the thread go on under its number. */
  superseded(leader: number, thread: number): void {
    this.exit(leader, leader, 0);
    const call = this.open.get(thread);
    if (!call?.chunk) return;
    this.close(thread);
    this.setOpen(leader, call.chunk, call.row);
  }

  /** A stop is known from its signal. */
  stopped(): void { /* nothing to add */ }

  exec(pid: number, path: string): void {
    const row = this.add(EXEC, pid, 0);
    this.last.path[row] = this.last.intern(path);
  }

  switch(prevPid: number, nextPid: number): void {
    this.add(SWITCH, prevPid, nextPid);
  }

  fault(pid: number, address: number, errorCode: number, startNs: number): void {
    const row = this.add(FAULT, pid, errorCode);
    this.last.startNs[row] = startNs;
    this.last.value[row] = address;
    this.last.ip[row] = this.source.instructionPointer(pid);
  }

  vdso(call: VdsoCall): void {
    const row = this.add(VDSO, call.pid, call.fn, call.startNs, call.instructions), { last } = this;
    last.endNs[row] = call.endNs;
    last.value[row] = call.clock;
    last.ip[row] = call.returnAddress;
    last.flags[row] = call.isServed ? EVENT_SERVED : 0;
  }

  notice(): void { /* Sentences for the person are no events. */ }

  /** The event at `index`; undefined when it was never there or is dropped. */
  at(index: number): TraceEvent | undefined {
    const chunk = this.chunkOf(index);
    const row = index - (chunk?.first ?? 0);
    if (!chunk || row >= chunk.length) return undefined;
    const kind = EVENT_KINDS[number(chunk.kind, row)] ?? 'call';
    const startNs = number(chunk.startNs, row), endNs = number(chunk.endNs, row), entryNs = number(chunk.entryNs, row), copyNs = number(chunk.copyNs, row);
    const blockedNs = number(chunk.blockedNs, row), exitNs = number(chunk.exitNs, row), flags = number(chunk.flags, row);
    return {
      index, kind, startNs, endNs, entryNs, copyNs, blockedNs, exitNs, handlerNs: kind === 'call' ? endNs - startNs - entryNs - copyNs - blockedNs - exitNs : 0,
      bytes: number(chunk.bytes, row), code: number(chunk.code, row), value: number(chunk.value, row), ip: number(chunk.ip, row), pid: number(chunk.pid, row),
      abi: flags & EVENT_I386 ? 'i386' : 'x86-64', isServed: (flags & EVENT_SERVED) !== 0, instructions: number(chunk.instructions, row), entry: number(chunk.entry, row),
      args: kind === 'call' ? chunk.argumentsAt(row) : null, because: chunk.text(number(chunk.because, row)), path: chunk.text(number(chunk.path, row)),
    };
  }

  /** The path of the event at `index`, if it has one. */
  pathOf(index: number): string | null {
    const chunk = this.chunkOf(index);
    return chunk ? chunk.text(number(chunk.path, index - chunk.first)) : null;
  }

  /** Whether the event at `index` is a call that has not returned yet. */
  isOpen(index: number): boolean {
    const place = this.placeOf(index);
    return place !== undefined && Number.isNaN(number(place.chunk.endNs, place.row));
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
    const now = source.now(), instructions = source.instructions(), entry = source.kernelEntries();
    while (this.length > this.first) {
      const row = this.last.length - 1;
      if (row < 0) { this.chunks.pop(); this.last = this.chunks.at(-1) ?? new EventChunk(this.first); continue; }
      const at = number(this.last.instructions, row) - instructions || number(this.last.entry, row) - entry;
      if (at < 0) break;
      this.last.removeLast();
    }
    this.open.clear();
    this.latest = NOBODY;
    for (const index of this.late.keys()) if (index >= this.first) this.late.delete(index);
    for (const chunk of [...this.late.values(), ...this.chunks]) {
      for (let row = 0; row < chunk.length; row++) {
        if (chunk.kind[row] !== CALL || number(chunk.endNs, row) <= now) continue;
        chunk.reopen(row);
        this.setOpen(number(chunk.pid, row), chunk, row);
      }
    }
  }

  private add(kind: number, pid: number, code: number, startNs = this.source.now(), instructions = this.source.instructions()): number {
    if (this.last.length === CHUNK_EVENTS) {
      this.last = new EventChunk(this.length);
      this.chunks.push(this.last);
      if (this.chunks.length > this.maxChunks) this.drop();
    }
    const { last, source } = this;
    const row = last.add(kind, pid, code, startNs);
    last.instructions[row] = instructions;
    last.entry[row] = source.kernelEntries();
    return row;
  }

  private drop(): void {
    const chunk = this.chunks.shift(), since = this.chunks[0]?.startNs[0] ?? 0, late: number[] = [];
    if (!chunk) return;
    for (let row = 0; row < chunk.length; row++) {
      if (chunk.kind[row] !== CALL || number(chunk.endNs, row) < since) continue;
      const one = chunk.single(row);
      this.late.set(chunk.first + row, one);
      late.push(chunk.first + row);
      for (const call of this.open.values()) if (call.chunk === chunk && call.row === row) { call.chunk = one; call.row = 0; }
    }
    this.onDrop(chunk.first, late);
  }

  private close(pid: number): void {
    this.open.delete(pid);
    if (this.latest.pid === pid) this.latest = NOBODY;
  }

  /** The object of a task is kept from call to call. */
  private setOpen(pid: number, chunk: EventChunk, row: number): void {
    let known = this.latest.pid === pid ? this.latest : this.open.get(pid);
    if (!known) this.open.set(pid, known = { pid, chunk, row });
    known.chunk = chunk;
    known.row = row;
    this.latest = known;
  }

  private chunkOf(index: number): EventChunk | undefined {
    return index < this.first ? undefined : this.chunks[Math.floor((index - this.first) / CHUNK_EVENTS)];
  }
}

const number = (column: ArrayLike<number>, row: number): number => column[row] ?? 0;
