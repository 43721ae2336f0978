// What a person's step is at the place where it is asked for: by lines or instructions, out of a sleep, through a wrapper, into ring 0, or by statements of the kernel.
// Not here: carrying it out (stepping.ts, kernel_plan.ts) and running the machine (debugger.ts).
import { UserError } from '../base/errors';
import { DescentPlan, EntryCodePlan, isSystemCall, KernelPlan, type StepDestination } from './kernel_plan';
import type { Modules } from './modules';
import type { StopReport } from './report';
import type { LazyStack, StackFrame } from './stack';
import { StepPlan, type Advance, type Granularity, type StepKind } from './stepping';
import type { SyscallCatalog } from './syscall_filter';
import type { KernelGoal, Target } from './target';
import { isCallWrapper, type StepInto } from './wrapper';

export type StepOrder = { kind: StepKind; granularity: Granularity };

/** How a goal of the machine's run that is not a breakpoint of the person's is come to. */
export interface Way {
  advance(): Advance;
  arrived(): boolean;
  /** A handler of a signal has been entered. */
  interrupted?(): void;
}

export interface Step {
  readonly pid: number;
  readonly way: Way;
  /** It may lead into code without lines. */
  readonly mayLeaveLines?: boolean;
}

const KERNEL_HALF = 1n << 63n;

export class Steps {
  constructor(private readonly target: Target, private readonly modules: Modules, private readonly options: { readonly stepInto?: StepInto; readonly catalog: SyscallCatalog }) {}

  order(pid: number, order: StepOrder, stack: LazyStack, lastStop: StopReport | undefined): Step {
    const { target, modules } = this;
    const goal = this.kernelGoal(pid, order, lastStop), isByLines = order.granularity === 'line';
    if (goal === 'into' && isByLines && target.kernel.frames.length === 0) return { pid, way: new EntryCodePlan(target, modules, pid) };
    if (goal) return { pid, way: new KernelPlan(goal) };
    const base = this.base(pid, order, stack, lastStop);
    let { granularity } = order;
    if (base && isByLines && order.kind !== 'out' && this.isInWrapper(base)) {
      if (order.kind === 'into' && !isSystemCall(target, pid, base.pc)) return this.towards({ kind: 'syscall' }, pid, stack);
      granularity = 'instruction';
    }
    return { pid, way: new StepPlan(target, modules, pid, { kind: order.kind, granularity, base, enters: address => this.enters(pid, address) }), mayLeaveLines: isByLines };
  }

  /** From the program's frame on the way into the kernel, or inside the kernel. */
  towards(destination: StepDestination, pid: number, stack: LazyStack): Step {
    if (destination.kind === 'kernel') return { pid, way: new KernelPlan(destination.goal) };
    const base = stack.find(frame => frame.ring === 3);
    if (!base) throw new UserError('there is no frame to step from');
    return { pid, way: new DescentPlan(this.target, this.modules, base, destination.kind), mayLeaveLines: true };
  }

  /** A step of the kernel's own code: inside it, or into it from where the entry code or a call stands before it. */
  private kernelGoal(pid: number, { kind, granularity }: StepOrder, lastStop: StopReport | undefined): KernelGoal | undefined {
    if (pid !== this.target.currentPid) return undefined;
    if (this.target.kernel.frames.length > 0) return kind;
    if (kind !== 'into') return undefined;
    const isInCall = lastStop?.reason === 'syscall' && lastStop.phase === 'enter' && lastStop.pid === pid;
    if (isInCall) return granularity === 'instruction' ? 'into' : 'handler';
    return (this.target.registers(pid, 'innermost').read('rip') ?? 0n) >= KERNEL_HALF ? 'into' : undefined;
  }

  /** The frame that is stepped. */
  private base(pid: number, { kind, granularity }: StepOrder, stack: LazyStack, lastStop: StopReport | undefined): StackFrame | undefined {
    const innermost = stack.at(0);
    if (granularity === 'instruction') return innermost;
    const isInCall = lastStop?.reason === 'syscall' && lastStop.pid === pid;
    // Of a task that is off the processor, the person's own frame is stepped; a step out leads out of the kernel.
    const isAway = pid !== this.target.currentPid && innermost?.ring === 0;
    if (!isAway && (!isInCall || kind === 'into')) return innermost;
    const entered = stack.find(frame => frame.ring === 3);
    if (isAway && kind === 'out') return entered && stack.at(entered.index - 1);
    return stack.find(frame => frame.ring === 3 && this.modules.hasSource(pid, frame.physical.lookupPc)) ?? entered ?? innermost;
  }

  /** Whether a step into enters a function that has no source. */
  private enters(pid: number, address: bigint): boolean {
    const { stepInto = 'source', catalog } = this.options;
    return stepInto === 'all' || stepInto === 'syscalls' && isCallWrapper(this.target, this.modules, pid, address, catalog.names());
  }

  /** A wrapper of a system call without source is seen as machine code: a step over goes by instructions, a step into to the `syscall` instruction, and from there into ring 0. */
  private isInWrapper({ pid, pc, ring }: StackFrame): boolean {
    return ring === 3 && !this.modules.hasSource(pid, pc) && (isSystemCall(this.target, pid, pc) || this.enters(pid, pc));
  }
}
