// One step of a person - over, into or out, by line or by instruction - as a sequence of runs of the machine.
// Not here: breakpoints of the person, slices, reports; debugger.ts asks `advance` what to run and tells `arrived` what came of it.
import type { Modules } from './modules';
import { LazyStack, type StackFrame } from './stack';
import { statementsOf } from './statements';
import type { KernelGoal, Target } from './target';
import { memoryReader, unwind } from './unwind';

export type StepKind = 'over' | 'into' | 'out';
export type Granularity = 'line' | 'instruction';

/** Run one instruction of the task, freely until one of these addresses, or to a place inside the kernel. */
export type Advance = { kind: 'instruction' } | { kind: 'run'; until: ReadonlySet<bigint> } | { kind: 'kernel'; goal: KernelGoal };

export interface StepRequest {
  kind: StepKind;
  granularity: Granularity;
  /** The frame that is stepped; the innermost one when absent. */
  base?: StackFrame;
  /** Whether a step into ends at the first instruction of the function there, which has no source. Absent: never. */
  enters?: (address: bigint) => boolean;
}

const KERNEL_HALF = 1n << 63n;

/** Where a run to an address ends: only with a stack pointer of at least `leastSp`, so that a deeper call of the same code does not count; or at `orElse`, when it does not come there. */
interface Return { address: bigint; leastSp: bigint; after: 'done' | 'judge' | 'again'; orElse?: Return }

/** Of struct rt_sigframe, at which the stack pointer stands when a handler is entered. Linux: arch/x86/include/asm/sigframe.h */
const SIGFRAME_RSP = 168n, SIGFRAME_RIP = 176n;

interface Position { pc: bigint; sp: bigint }

export class StepPlan {
  private goal: Return | undefined;
  private isFree = false;
  private before: Position;
  private handlersEntered = 0;
  /** Instructions that this step has passed, and where it runs to since it came to one of them again: a loop may go round a million times. */
  private readonly passed = new Set<bigint>();
  private exits: ReadonlySet<bigint> | undefined;
  /** What the line step compares with. */
  private origin: { file?: string; line?: number; low: bigint; high: bigint; cfa: bigint; depth: number } | undefined;

  constructor(private readonly target: Target, private readonly modules: Modules, readonly pid: number, private readonly request: StepRequest) {
    this.before = this.position();
    const stack = new LazyStack(target, modules, pid);
    const base = request.base ?? stack.at(0);
    if (!base) return;
    this.setOrigin(base);
    if (request.granularity === 'instruction' && request.kind !== 'out') return;
    if (request.kind === 'out') {
      if (!base.isInlined) this.leave(stack, base);
    } else if (base.physical.pc !== this.before.pc) {
      this.goal = { address: base.pc, leastSp: base.physical.registers.read('rsp') ?? 0n, after: 'judge' };
    }
  }

  advance(): Advance {
    if (this.isFree) return { kind: 'run', until: new Set() };
    if (this.handlersEntered > 0) this.passHandlers();
    if (this.goal) return { kind: 'run', until: new Set([this.goal.address, ...this.goal.orElse ? [this.goal.orElse.address] : []]) };
    if (this.exits) return { kind: 'run', until: this.exits };
    this.before = this.position();
    return { kind: 'instruction' };
  }

  /** A signal's handler runs now; the step goes on behind it. */
  interrupted(): void {
    if (!this.goal && !this.exits && !this.isFree && !(this.request.granularity === 'instruction' && this.request.kind === 'into')) this.handlersEntered++;
  }

  private passHandlers(): void {
    const read = memoryReader(this.target, this.pid);
    let sp = this.target.registers(this.pid, 'user').read('rsp') ?? 0n, pc: bigint | undefined;
    for (; this.handlersEntered > 0; this.handlersEntered--) {
      pc = read(sp + SIGFRAME_RIP, 8);
      sp = read(sp + SIGFRAME_RSP, 8) ?? 0n;
    }
    if (pc !== undefined) this.goal = { address: pc, leastSp: sp, after: this.request.granularity === 'line' ? 'judge' : pc === this.before.pc ? 'again' : 'done' };
  }

  /** After the task was stepped, or stands at an address of `until`. True when the person's step is done. */
  arrived(): boolean {
    const now = this.position();
    const goal = [this.goal, this.goal?.orElse].find(one => one && now.pc === one.address && now.sp >= one.leastSp);
    if (this.goal) {
      if (!goal) return false;
      this.goal = undefined;
      return goal.after === 'done' || goal.after === 'judge' && this.judge(now);
    }
    if (this.exits) return this.exits.has(now.pc) && this.leftLoop(now);
    return this.request.granularity === 'instruction' && this.request.kind !== 'out' ? this.judgeInstruction(now) : this.judgeMove(now);
  }

  private judgeInstruction(now: Position): boolean {
    const back = this.request.kind === 'over' ? this.calledFrom(now) ?? this.trappedFrom(now) : undefined;
    if (back === undefined) return true;
    this.goal = { address: back, leastSp: this.before.sp, after: 'done' };
    return false;
  }

  private judgeMove(now: Position): boolean {
    const trapped = this.trappedFrom(now);
    if (trapped !== undefined) return this.go({ address: trapped, leastSp: this.before.sp, after: 'judge' });
    const back = this.calledFrom(now);
    if (back === undefined) return this.judge(now);
    return this.enter(now, { address: back, leastSp: this.before.sp, after: 'judge' });
  }

  /** Into the function at whose first instruction the task stands, for a step into and when it is one to be entered; else `back`. */
  private enter(now: Position, back: Return | undefined): boolean {
    if (this.request.kind === 'into') {
      const body = this.bodyOf(now.pc);
      if (body === 'stub') return false;
      if (body !== undefined) return body === now.pc || this.go({ address: body, leastSp: 0n, after: 'done', ...(back && { orElse: back }) });
    }
    return back === undefined || this.go(back);
  }

  /** At an instruction of the stepped task, outside of any call that it made: is this where the step ends? */
  private judge(now: Position): boolean {
    const { origin } = this;
    if (!origin) return true;
    if (now.pc >= origin.low && now.pc < origin.high) return this.judgeLine(now, origin);
    if (now.sp < origin.cfa) return this.judgeJump(now, origin);
    // Back in a caller: as soon as it has lines, in the middle of the line that made the call.
    if (this.modules.hasSource(this.pid, now.pc)) return true;
    const stack = new LazyStack(this.target, this.modules, this.pid);
    const shown = stack.find(frame => frame.ring === 3 && !frame.isInlined && this.modules.hasSource(this.pid, frame.physical.lookupPc));
    if (!shown) { this.isFree = true; return false; }
    return this.go({ address: shown.pc, leastSp: shown.physical.registers.read('rsp') ?? 0n, after: 'done' });
  }

  private judgeLine(now: Position, origin: NonNullable<StepPlan['origin']>): boolean {
    if (this.request.kind !== 'out') {
      if (this.passed.has(now.pc)) this.exits = this.exitsOf(origin);
      else this.passed.add(now.pc);
    }
    const row = this.modules.lineAt(this.pid, now.pc);
    if (!row || row.line === 0) return false;
    const depth = this.modules.functionAt(this.pid, now.pc)?.inlined.length ?? 0;
    if (this.request.kind === 'out') return depth < origin.depth;
    if (this.request.kind === 'over' && depth > origin.depth) return false;
    if (depth < origin.depth) return true;
    return row.isStmt && now.pc === row.start && (row.line !== origin.line || row.file !== origin.file || depth !== origin.depth);
  }

  /** Where a loop on one line can be left: at other lines, at the return, and, when calls are stepped into, at what may be a call or a jump to another function. */
  private exitsOf(origin: NonNullable<StepPlan['origin']>): ReadonlySet<bigint> {
    const exits = new Set<bigint>();
    for (const [address, row] of statementsOf(this.modules, this.pid, origin, this.request.kind === 'into' ? Infinity : origin.depth)) {
      if (row.line !== origin.line || row.file !== origin.file || row.depth !== origin.depth) exits.add(address);
    }
    const back = memoryReader(this.target, this.pid)(origin.cfa - 8n, 8);
    if (back !== undefined) exits.add(back);
    if (this.request.kind === 'into') for (const address of this.mayLeave(origin)) exits.add(address);
    return exits;
  }

  /** Every place whose bytes may be a call or a jump; one that is in the middle of an instruction never stops. E8, E9, FF and their prefixes: SDM 2A, CALL, JMP. */
  private mayLeave({ low, high }: { low: bigint; high: bigint }): bigint[] {
    const code = this.target.readMemory(this.pid, low, Number(high - low));
    return [...code.keys()].flatMap(at => {
      const byte = code[at];
      if (byte !== 0xe8 && byte !== 0xe9 && byte !== 0xff) return [];
      // A call of a fixed function that was passed is one without lines.
      return [at, at - 1, at - 2].map(place => low + BigInt(place)).filter(address => byte === 0xff || !this.passed.has(address));
    });
  }

  private leftLoop(now: Position): boolean {
    const { origin } = this;
    if (!origin) return true;
    if (now.pc < origin.low || now.pc >= origin.high) {
      if (now.sp < origin.cfa) return false;
      this.exits = undefined;
      return this.judge(now);
    }
    const [innermost] = unwind(this.target, this.modules, this.pid);
    if (innermost?.cfa !== origin.cfa) return false;
    this.exits = undefined;
    return this.judgeLine(now, origin);
  }

  /** Left the function without a call or a return: a jump to another part of it, a tail call, or the stub of a call. */
  private judgeJump(now: Position, origin: NonNullable<StepPlan['origin']>): boolean {
    const read = memoryReader(this.target, this.pid);
    const inCall = now.sp < this.before.sp ? undefined : read(now.sp, 8);
    if (inCall !== undefined && inCall >= origin.low && inCall < origin.high) return this.enter(now, { address: inCall, leastSp: now.sp + 8n, after: 'judge' });
    const back = read(origin.cfa - 8n, 8);
    return this.enter(now, back === undefined ? undefined : { address: back, leastSp: origin.cfa, after: 'judge' });
  }

  private go(goal: Return): false {
    this.goal = goal;
    return false;
  }

  private leave(stack: LazyStack, base: StackFrame): void {
    const next = stack.find(frame => frame.index > base.index && frame.physical !== base.physical);
    // Out of ring 0 means to where the person's own code goes on.
    const caller = base.ring === 0 && next?.ring === 3 ? stack.find(frame => frame.ring === 3 && this.modules.hasSource(this.pid, frame.physical.lookupPc)) ?? next : next;
    if (!caller) { this.isFree = true; return; }
    this.goal = { address: caller.pc, leastSp: caller.physical.registers.read('rsp') ?? 0n, after: 'done' };
  }

  private setOrigin(base: StackFrame): void {
    const { function: fn, pc } = base;
    const symbol = fn ? undefined : base.module?.symbolAt(pc);
    this.origin = {
      file: base.file, line: base.line, cfa: base.physical.cfa, depth: base.inlineDepth,
      low: fn?.low ?? symbol?.address ?? pc, high: fn?.high ?? (symbol ? symbol.address + (symbol.size || 1n) : pc + 1n),
    };
  }

  /**
   * Where a step into the function at `pc` ends: where a breakpoint of it goes when it has lines, at once when it is to be entered without; undefined: it is not entered.
   * A stub of the procedure linkage table stands for the function that it jumps to, by way of the dynamic linker the first time; 'stub': where that is, its jump will tell.
   */
  private bodyOf(pc: bigint): bigint | 'stub' | undefined {
    const { modules, pid, request: { enters } } = this;
    const fn = modules.functionAt(pid, pc);
    if (fn && modules.hasSource(pid, pc)) return fn.low === pc ? fn.bodyStart : undefined;
    const symbol = modules.at(pid, pc)?.symbolAt(pc);
    const stub = /^(.*)@plt$/.exec(symbol?.name ?? '')?.[1];
    if (stub === undefined) return enters && (fn?.low ?? symbol?.address) === pc && enters(pc) ? pc : undefined;
    for (const module of modules.of(pid)) {
      const [described] = module.symbols?.functionsNamed(stub) ?? [];
      if (described) return described.bodyStart + module.bias;
      const entered = enters && module.symbols?.symbolsNamed(stub).find(({ name, address }) => !name.endsWith('@plt') && enters(address + module.bias));
      if (entered) return entered.address + module.bias;
    }
    // ENDBR64, then JMP [address]; behind those the stub asks the dynamic linker.
    const [a, b] = this.target.readMemory(pid, pc, 2);
    return a === 0xf3 && b === 0x0f || a === 0xf2 && b === 0xff || a === 0xff && b === 0x25 ? 'stub' : undefined;
  }

  /** The return address when the last instruction was a call. */
  private calledFrom(now: Position): bigint | undefined {
    if (now.sp !== this.before.sp - 8n) return undefined;
    const back = memoryReader(this.target, this.pid)(now.sp, 8);
    return back !== undefined && back > this.before.pc && back <= this.before.pc + 15n && now.pc !== back ? back : undefined;
  }

  /** Where ring 3 goes on when the last step led from ring 3 into ring 0: behind `syscall` or `int 0x80`, else where it was interrupted. */
  private trappedFrom(now: Position): bigint | undefined {
    if (now.pc < KERNEL_HALF || this.before.pc >= KERNEL_HALF) return undefined;
    const [a, b] = this.target.readMemory(this.pid, this.before.pc, 2);
    return a === 0x0f && b === 0x05 || a === 0xcd && b === 0x80 ? this.before.pc + 2n : this.before.pc;
  }

  private position(): Position {
    const registers = this.target.registers(this.pid, 'innermost');
    return { pc: registers.read('rip') ?? 0n, sp: registers.read('rsp') ?? 0n };
  }
}
