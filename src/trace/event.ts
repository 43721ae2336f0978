// The trace as data: what happened, to whom, when, in columns of numbers - bounded, and cheap to add to. The charts, the timeline and `--json` read it.
// Not here: text (strace_text.ts) and totals (summary.ts).
import type { EventSink, SignalFacts } from '../kernel/arch/x86/ports';

export const EVENT_KINDS = ['call', 'signal', 'exit', 'fork', 'exec', 'switch', 'fault', 'vdso'] as const;
export type EventKind = typeof EVENT_KINDS[number];

/** One event read back. Times are virtual nanoseconds since boot. */
export interface TraceEvent {
  readonly index: number;
  readonly kind: EventKind;
  readonly pid: number;
  readonly startNs: number;
  /** For a call that has not returned: NaN. For an instant: startNs. */
  readonly endNs: number;
  /** Nanoseconds of the interval in which the task did not run. */
  readonly blockedNs: number;
  /** call: number; signal: its number; fork: the child; switch: the task that runs next; fault: error code; exit: wait status; vdso: which function. */
  readonly code: number;
  /** call: result, NaN while open; fault: address; fork: flags. */
  readonly value: number;
  readonly abi: 'x86-64' | 'i386';
  /** Instruction address of the call in user space; 0 where it has none. */
  readonly ip: number;
  /** call: the six arguments as [lo, hi] words. */
  readonly args: Float64Array | null;
  /** call: which check refused it. */
  readonly because: string | null;
}

/** Doubles of one event: start, end, blocked, code, value, ip, pid, kind. */
const STRIDE = 8;
const BYTES_PER_EVENT = STRIDE * 8 + 12 * 4;

/** The recorder: keeps the last events that fit, drops the oldest. */
export class EventLog implements EventSink {
  private readonly capacity: number;
  private columns: Float64Array;
  private words: Uint32Array;
  private readonly reasons = new Map<number, string>();
  private readonly executables = new Map<number, string>();
  /** Index of the next event; those from `first` on are kept. */
  private next = 0;
  /** The open call of each task. */
  private readonly open = new Map<number, number>();
  /** Since when a task in a call has been switched away. */
  private readonly away = new Map<number, number>();

  constructor(private readonly now: () => number, private readonly instructionPointer: (pid: number) => number = () => 0, memoryMB = 256) {
    this.capacity = Math.max(1024, Math.floor(memoryMB * 1048576 / BYTES_PER_EVENT));
    const initial = Math.min(this.capacity, 4096);
    this.columns = new Float64Array(initial * STRIDE);
    this.words = new Uint32Array(initial * 12);
  }

  get length(): number { return this.next; }
  /** The oldest event that is kept. */
  get first(): number { return Math.max(0, this.next - this.capacity); }

  syscallEnter(pid: number, nr: number, abi: 'x86-64' | 'i386', args: Float64Array): void {
    const index = this.add('call', pid, nr, NaN, this.instructionPointer(pid), abi);
    this.set(index, 1, NaN);
    const at = this.slot(index) * 12;
    for (let k = 0; k < 12; k++) this.words[at + k] = args[k] ?? 0;
    this.open.set(pid, index);
  }

  syscallExit(pid: number, _nr: number, ret: number, because: string | null): void {
    const index = this.open.get(pid);
    this.open.delete(pid);
    if (index === undefined || index < this.first) return;
    this.set(index, 1, this.now());
    this.set(index, 4, ret);
    if (because !== null) this.reasons.set(index, because);
  }

  signal(pid: number, signo: number, info: SignalFacts): void { this.add('signal', pid, signo, info.code, info.address, 'x86-64'); }

  exit(pid: number, tgid: number, waitStatus: number): void {
    this.add('exit', pid, waitStatus, tgid, 0, 'x86-64');
    this.open.delete(pid);
    this.away.delete(pid);
  }

  fork(parent: number, child: number, flags: number): void { this.add('fork', parent, child, flags, 0, 'x86-64'); }

  exec(pid: number, path: string): void { this.executables.set(this.add('exec', pid, 0, 0, 0, 'x86-64'), path); }

  switch(prevPid: number, nextPid: number): void {
    const now = this.now();
    this.away.set(prevPid, now);
    const since = this.away.get(nextPid);
    this.away.delete(nextPid);
    const call = this.open.get(nextPid);
    if (since !== undefined && call !== undefined && call >= this.first) this.set(call, 2, (this.columns[this.slot(call) * STRIDE + 2] ?? 0) + now - since);
    this.add('switch', prevPid, nextPid, 0, 0, 'x86-64');
  }

  fault(pid: number, address: number, errorCode: number): void { this.add('fault', pid, errorCode, address, this.instructionPointer(pid), 'x86-64'); }

  /** A call of a vDSO function: `code` is its place in the vDSO's list. */
  vdso(pid: number, code: number, startNs: number, ip: number): void {
    const index = this.add('vdso', pid, code, 0, ip, 'x86-64');
    this.set(index, 0, startNs);
  }

  notice(): void { /* Sentences for the person are no events. */ }

  /** The event at `index`; undefined when it was never there or is dropped. */
  at(index: number): TraceEvent | undefined {
    if (index < this.first || index >= this.next) return undefined;
    const slot = this.slot(index);
    const c = this.columns.subarray(slot * STRIDE, slot * STRIDE + STRIDE);
    const packed = c[7] ?? 0;
    const kind = EVENT_KINDS[packed & 15] ?? 'call';
    return {
      index, kind, startNs: c[0] ?? 0, endNs: c[1] ?? 0, blockedNs: c[2] ?? 0, code: c[3] ?? 0, value: c[4] ?? 0, ip: c[5] ?? 0, pid: c[6] ?? 0, abi: packed & 16 ? 'i386' : 'x86-64',
      args: kind === 'call' ? Float64Array.from(this.words.subarray(slot * 12, slot * 12 + 12)) : null, because: this.reasons.get(index) ?? this.executables.get(index) ?? null,
    };
  }

  /** The kept events from the oldest to the newest. */
  * [Symbol.iterator](): Generator<TraceEvent> {
    for (let index = this.first; index < this.next; index++) {
      const event = this.at(index);
      if (event) yield event;
    }
  }

  private add(kind: EventKind, pid: number, code: number, value: number, ip: number, abi: 'x86-64' | 'i386'): number {
    const index = this.next++;
    this.grow();
    if (index >= this.capacity) { this.reasons.delete(index - this.capacity); this.executables.delete(index - this.capacity); }
    const at = this.slot(index) * STRIDE;
    const now = this.now();
    this.columns[at] = now;
    this.columns[at + 1] = now;
    this.columns[at + 2] = 0;
    this.columns[at + 3] = code;
    this.columns[at + 4] = value;
    this.columns[at + 5] = ip;
    this.columns[at + 6] = pid;
    this.columns[at + 7] = EVENT_KINDS.indexOf(kind) | (abi === 'i386' ? 16 : 0);
    return index;
  }

  private slot(index: number): number { return index % this.capacity; }

  private set(index: number, column: number, value: number): void { this.columns[this.slot(index) * STRIDE + column] = value; }

  /** Doubles the columns until they hold the capacity. */
  private grow(): void {
    const have = this.columns.length / STRIDE;
    if (this.next <= have || have >= this.capacity) return;
    const size = Math.min(this.capacity, have * 2);
    const columns = new Float64Array(size * STRIDE);
    columns.set(this.columns);
    this.columns = columns;
    const words = new Uint32Array(size * 12);
    words.set(this.words);
    this.words = words;
  }
}
