// Going backwards: the last place before this one at which something would have stopped. It is found by going back a stretch and running it forwards again,
// the stretches growing; and a step back is the place from which `next` leads here. Not here: what the person wants to stop at (debugger.ts), moving (Timeline).
import { comparePositions, type Position } from '../trace/position';
import type { Modules } from './modules';
import { isSameLine as isSame, statementsOf, type StatementLine as Line } from './statements';
import { LazyStack, type StackFrame } from './stack';
import type { CallFacts, Stop, StopRequests, Target } from './target';
import { unwind } from './unwind';

/** Yields where others may look around. */
export type Journey<T> = Generator<undefined, T>;

/** Asks for the stops that are looked for. `isFirst`: nothing is asked for yet. */
export type Request = (isFirst: boolean) => void;

export interface Found<T> { position: Position; what: T }

/** The first stretch, in instructions, and how much longer each next one is. */
const STRETCH = 256, GROWTH = 8;
const CHUNK = 200_000;
const KERNEL_HALF = 1n << 63n;
const NOTHING: StopRequests = { breakpoints: new Set(), watchpoints: [], syscallEnter: null, syscallExit: null, signals: null };
/** FF /2 with a REX prefix, a SIB byte and 32 bits of displacement. */
const LONGEST_CALL = 8;
/** Where ring 0 is entered from ring 3. */
const ENTRIES = /^(entry_SYSCALL_64|entry_INT80_64|asm_exc_\w+|asm_sysvec_\w+)$/;
const TIMER = /^asm_sysvec_/;

interface Stretch { from: Position; to: Position; isFirst: boolean }

export class Reverse {
  /** Asked between two slices. */
  shouldYield: () => boolean = () => false;

  constructor(private readonly target: Target, private readonly modules: Modules) {}

  /** To that place; to its end. Nothing is asked to stop on the way, nor afterwards. */
  * goTo(position: Position, stopsHere = false): Journey<void> {
    this.target.setStopRequests(NOTHING);
    while (!this.target.timeline.goTo(position, { shouldYield: this.shouldYield, stopsHere })) yield;
    this.modules.forget();
  }

  /**
   * The last stop before `before` of which `judge` makes something, in the stretches that `goOn` still asks for. The machine is somewhere in the past then.
   * `request` is called whenever the stops may have to be asked for anew.
   */
  * lastStop<T>(before: Position, request: Request, judge: (stop: Stop) => T | undefined): Journey<Found<T> | undefined> {
    for (const stretch of this.stretches(before)) {
      const found = yield* this.scan(stretch, request, judge);
      if (found.length > 0) return found[found.length - 1];
    }
    return undefined;
  }

  /** Runs from `from` to `to`, and tells `meet` of each stop before it. The machine is somewhere near `to` then. */
  * pass(from: Position, to: Position, request: Request, meet: (stop: Stop) => void): Journey<void> {
    yield* this.scan({ from, to, isFirst: true }, request, stop => { meet(stop); return undefined; });
  }

  /** Where the previous line of the frame that `pid` is in begins; the line of a caller where there is none. Undefined: it began before the recording. */
  * previousLine(pid: number): Journey<Position | undefined> {
    const { timeline } = this.target;
    const before = timeline.position;
    const stack = new LazyStack(this.target, this.modules, pid);
    const isShown = (frame: StackFrame): boolean => frame.ring === 3 && frame.function !== undefined && this.modules.hasSource(pid, frame.physical.lookupPc);
    let frame = stack.find(isShown);
    if (!frame) return yield* this.previousInstruction(pid);
    const callers: StackFrame[] = [];
    for (let outer = stack.find(one => one.index > (frame?.index ?? 0) && one.physical !== frame?.physical && isShown(one)); outer; outer = stack.find(one => one.index > (outer?.index ?? 0) && one.physical !== outer?.physical && isShown(one))) callers.push(outer);
    const row = this.modules.lineAt(pid, frame.pc);
    if (frame.index === 0 && row?.start !== frame.pc) {
      const callee = yield* this.returnedFrom(pid, before, isShown);
      if (callee) { callers.unshift(frame); frame = callee; }
    }
    for (let end = before; ;) {
      const { start, entered } = yield* this.blockBefore(frame, end);
      if (start) return start;
      const caller = callers.shift();
      if (!entered || !caller) return undefined;
      frame = caller;
      end = entered;
    }
  }

  /** The instruction of `pid` before this one; the call itself after a return, the system call or the interrupted instruction after an entry to the kernel. */
  * previousInstruction(pid: number): Journey<Position | undefined> {
    const { timeline } = this.target;
    const before = timeline.position;
    const { pc, sp } = this.place(pid);
    const found = yield* this.precedingInstruction(pid, before, pc >= KERNEL_HALF);
    if (!found || pc >= KERNEL_HALF) return found;
    const now = this.place(pid);
    const [code] = this.target.readMemory(pid, now.pc, 1);
    if (now.sp !== sp - 8n || now.pc === pc || !isReturn(code)) return found;
    const calls = this.callsBefore(pid, pc);
    const called = calls.length === 0 ? undefined : yield* this.lastStop(found, this.breakAt(calls), stop => stop.kind === 'breakpoint' && stop.pid === pid && this.place(pid).sp === sp ? true : undefined);
    if (!called) return found;
    yield* this.goTo(called.position);
    return called.position;
  }

  /** Where a call instruction may begin that ends at `pc`: E8 with 32 bits, or FF /2 of any length. SDM 2A, CALL. */
  private callsBefore(pid: number, pc: bigint): bigint[] {
    const bytes = this.target.readMemory(pid, pc - BigInt(LONGEST_CALL), LONGEST_CALL);
    const found = [...bytes.keys()].filter(at => bytes.length - at === 5 && bytes[at] === 0xe8 || bytes[at] === 0xff && ((bytes[at + 1] ?? 0) >> 3 & 7) === 2);
    return found.flatMap(at => {
      const isPrefixed = at > 0 && ((bytes[at - 1] ?? 0) & 0xf0) === 0x40 && bytes[at] === 0xff;
      return [at, ...isPrefixed ? [at - 1] : []].map(one => pc - BigInt(bytes.length - one));
    });
  }

  /** Where the frame's function was called: before its first instruction. */
  * entryOf(frame: StackFrame): Journey<Position | undefined> {
    const { pid, function: fn, physical: { cfa } } = frame;
    if (!fn) return undefined;
    const { position } = this.target.timeline;
    const { pc, sp } = this.place(pid);
    if (pc === fn.low && sp === cfa - 8n) return position;
    const entered = yield* this.lastStop(position, this.breakAt([fn.low]), stop => stop.kind === 'breakpoint' && stop.pid === pid && this.place(pid).sp === cfa - 8n ? true : undefined);
    return entered?.position;
  }

  /** Where the frame's function was called: before the call instruction; for the kernel's entry code, before the instruction of ring 3 that led there. */
  * callOf(frame: StackFrame): Journey<Position | undefined> {
    const { pid } = frame;
    if (frame.ring === 3) {
      const entered = yield* this.entryOf(frame);
      if (!entered) return undefined;
      yield* this.goTo(entered);
    } else {
      const entered = yield* this.lastStop(this.target.timeline.position, this.breakAt(this.kernelEntries()), stop => stop.kind === 'breakpoint' && stop.pid === pid ? true : undefined);
      if (!entered) return undefined;
      yield* this.goTo(entered.position);
    }
    return yield* this.previousInstruction(pid);
  }

  /** The entry of the last system call before `before`. */
  * lastSyscall(before: Position): Journey<Found<{ pid: number; call: CallFacts }> | undefined> {
    const wanted = { ...NOTHING, syscallEnter: () => true };
    return yield* this.lastStop(before, isFirst => { if (isFirst) this.target.setStopRequests(wanted); }, stop => stop.kind === 'syscall' && stop.phase === 'enter' ? { pid: stop.pid, call: stop.call } : undefined);
  }

  // ---- lines ----

  /** The beginning of the run of statements of one line that ends before `before`, in this activation of the frame's function; or where that was entered. */
  private * blockBefore(frame: StackFrame, before: Position): Journey<{ start?: Position; entered?: Position }> {
    const { pid, function: fn, inlineDepth, physical: { cfa } } = frame;
    if (!fn) return {};
    const rows = statementsOf(this.modules, pid, fn, inlineDepth);
    // Without a prologue the first statement stands where the function is entered.
    const first = fn.bodyStart === fn.low ? rows.get(fn.low) : undefined;
    if (!first) rows.delete(fn.low);
    const judge = (stop: Stop): Line | 'entry' | undefined => {
      if (stop.kind !== 'breakpoint' || stop.pid !== pid) return undefined;
      if (stop.address === fn.low) return this.place(pid).sp === cfa - 8n ? 'entry' : undefined;
      const [innermost] = unwind(this.target, this.modules, pid);
      return innermost?.cfa === cfa ? rows.get(stop.address) : undefined;
    };
    const last = yield* this.lastStop(before, this.breakAt([fn.low, ...rows.keys()]), judge);
    if (!last) return {};
    if (last.what === 'entry') return first ? { start: last.position } : { entered: last.position };
    // A loop on one line may have run a million times: only other lines stop on the way back to where it began.
    const line = last.what, mine = [...rows].flatMap(([address, row]) => isSame(row, line) ? [address] : []);
    const border = yield* this.lastStop(last.position, this.breakAt([fn.low, ...rows.keys()].filter(address => !mine.includes(address) || address === fn.low)), judge);
    if (border?.what === 'entry' && first && isSame(line, first)) return { start: border.position };
    const [begun] = yield* this.scan({ from: border?.position ?? this.target.timeline.start, to: last.position, isFirst: false }, this.breakAt(mine), judge, 1);
    return { start: begun?.position ?? last.position };
  }

  /** In the middle of a line the task may just have come back from a function: its frame, at the return. */
  private * returnedFrom(pid: number, before: Position, isShown: (frame: StackFrame) => boolean): Journey<StackFrame | undefined> {
    const { sp } = this.place(pid);
    yield* this.goTo({ instructions: before.instructions - 1, entry: 0, probe: 0 });
    if (this.target.currentPid !== pid) return undefined;
    const now = this.place(pid);
    const [code] = this.target.readMemory(pid, now.pc, 1);
    if (now.sp !== sp - 8n || !isReturn(code)) return undefined;
    const callee = new LazyStack(this.target, this.modules, pid).at(0);
    return callee && isShown(callee) ? callee : undefined;
  }

  // ---- instructions ----

  /** The machine is brought to where `pid` stood before its last instruction before `before`. */
  private * precedingInstruction(pid: number, before: Position, isKernel: boolean): Journey<Position | undefined> {
    const { timeline } = this.target;
    if (comparePositions(before, timeline.start) <= 0) return undefined;
    yield* this.goTo({ instructions: before.instructions - 1, entry: 0, probe: 0 });
    const isHere = (): boolean => this.target.currentPid === pid && (isKernel || this.place(pid).pc < KERNEL_HALF);
    if (!isHere()) {
      const entry = yield* this.lastStop(before, this.breakAt(this.kernelEntries()), stop => stop.kind === 'breakpoint' && stop.pid === pid ? true : undefined);
      if (!entry) return undefined;
      yield* this.goTo({ ...entry.position, entry: 0 });
      if (isKernel) return yield* this.lastOf(pid, before);
      if (!isHere()) yield* this.goTo({ instructions: entry.position.instructions - 1, entry: 0, probe: 0 });
    }
    if (isKernel || comparePositions(timeline.position, timeline.start) <= 0) return timeline.position;
    // A timer's interrupt right before it does not show: the task stood here before it, too.
    const { position } = timeline;
    yield* this.goTo({ instructions: position.instructions - 1, entry: 0, probe: 0 });
    if (this.target.currentPid !== pid || this.place(pid).pc >= KERNEL_HALF) {
      const entry = yield* this.lastStop(position, this.breakAt(this.kernelEntries()), stop => stop.kind === 'breakpoint' && stop.pid === pid ? this.modules.describe(pid, stop.address) ?? '' : undefined);
      if (entry && TIMER.test(entry.what)) {
        yield* this.goTo({ ...entry.position, entry: 0 });
        return timeline.position;
      }
    }
    yield* this.goTo(position);
    return position;
  }

  /** From the entry code of ring 0, in which `pid` is: the last place before `before` where it had the processor, as it lost it in that entry. */
  private * lastOf(pid: number, before: Position): Journey<Position> {
    const { timeline } = this.target;
    for (;;) {
      const { position } = timeline;
      yield* this.goTo({ instructions: position.instructions + 1, entry: 0, probe: 0 });
      if (this.target.currentPid === pid && comparePositions(timeline.position, before) < 0) continue;
      yield* this.goTo(position);
      return position;
    }
  }

  private kernelEntries(): bigint[] {
    const kernel = this.modules.of(this.target.currentPid).find(module => module.isKernel);
    return kernel?.functionAddresses(ENTRIES).map(({ address }) => address) ?? [];
  }

  // ---- stretches ----

  private breakAt(addresses: readonly bigint[]): Request {
    const requests = { ...NOTHING, breakpoints: new Set(addresses) };
    return isFirst => { if (isFirst) this.target.setStopRequests(requests); };
  }

  /** The past before `before`, the last part first. */
  private * stretches(before: Position): Generator<Stretch> {
    const { timeline } = this.target;
    let to = before, length = STRETCH;
    while (comparePositions(to, timeline.start) > 0) {
      const wanted = { instructions: to.instructions - length, entry: 0, probe: 0 };
      // A stretch that reaches over a checkpoint begins there: it costs no running to go there.
      const checkpoint = timeline.checkpointBefore({ instructions: to.instructions - 1, entry: 0, probe: 0 });
      const from = comparePositions(checkpoint, wanted) > 0 && comparePositions(checkpoint, to) < 0 ? checkpoint : wanted;
      yield { from, to, isFirst: to === before };
      to = comparePositions(from, timeline.start) < 0 ? timeline.start : from;
      length *= GROWTH;
    }
  }

  /** Runs from `from` on, until `most` stops are found. What `judge` makes of the stops there, in their order. `isFirst`: a stop at `to` is none before it; else it counts, unless it was met already. */
  private * scan<T>({ from, to, isFirst }: Stretch, request: Request, judge: (stop: Stop) => T | undefined, most = Infinity): Journey<Found<T>[]> {
    const { target } = this, { timeline } = target;
    yield* this.goTo(from, true);
    const found: Found<T>[] = [];
    for (let count = 0, before = timeline.position; found.length < most && comparePositions(before, to) < (isFirst ? 0 : 1); before = timeline.position, count++) {
      request(count === 0);
      const stop = target.run(Math.max(0, Math.min(CHUNK, to.instructions - before.instructions)));
      const { position } = timeline;
      const place = comparePositions(position, to);
      // Backwards, one stands before the instruction that touched a watched place, not behind it.
      const isTouched = stop.kind === 'watchpoint';
      if (place > 0 || place === 0 && isFirst && !isTouched || stop.kind === 'recording-end') break;
      if (stop.kind === 'exec' || stop.kind === 'mapped') this.modules.forget();
      const what = judge(stop);
      if (what !== undefined) found.push({ position: isTouched ? { instructions: position.instructions - 1, entry: 0, probe: 0 } : position, what });
      if (stop.kind === 'idle' || stop.kind === 'budget' && comparePositions(position, before) === 0) break;
      if ((stop.kind === 'budget' || count % 64 === 63) && this.shouldYield()) yield;
    }
    return found;
  }

  private place(pid: number): { pc: bigint; sp: bigint } {
    const registers = this.target.registers(pid, 'innermost');
    return { pc: registers.read('rip') ?? 0n, sp: registers.read('rsp') ?? 0n };
  }
}

/** RET near, with or without an operand, or behind a REP prefix. */
const isReturn = (code: number | undefined): boolean => code === 0xc3 || code === 0xc2 || code === 0xf3;
