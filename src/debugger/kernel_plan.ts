// Steps that end inside the kernel, or on the way into it: to the called function, the `syscall` instruction, the handler behind it, or a place in the kernel's
// own code. Not here: how the kernel is stopped (machine/probe_run.ts), steps of the program's own lines (stepping.ts).
import type { Modules } from './modules';
import type { StackFrame } from './stack';
import type { LineRow } from './symbols';
import type { Advance } from './stepping';
import type { CallFacts, KernelGoal, Target } from './target';

/** Where a step can go that is not simply in, over or out. */
export type StepDestination = { kind: 'kernel'; goal: KernelGoal } | { kind: 'call' } | { kind: 'syscall' } | { kind: 'handler' };

export interface StepTarget { label: string; order: StepDestination }

/** What a step into can lead to from `frame`, besides the obvious. */
export function stepTargetsAt({ kernel, currentPid }: Target, frame: StackFrame, lastStop: { call?: CallFacts; phase?: 'enter' | 'exit' } | undefined): StepTarget[] {
  if (frame.pid !== currentPid) return [];
  if (kernel.frames.length > 0) return kernel.callees().map(name => ({ label: name, order: { kind: 'kernel', goal: { into: name } } }));
  if (lastStop?.call && lastStop.phase === 'enter') {
    return [
      { label: `the kernel's handler: __x64_sys_${lastStop.call.name}`, order: { kind: 'kernel', goal: 'handler' } },
      { label: 'the kernel from its entry: do_syscall_64', order: { kind: 'kernel', goal: 'into' } },
    ];
  }
  if (frame.ring === 0) return [{ label: 'the kernel', order: { kind: 'kernel', goal: 'into' } }];
  return [
    { label: 'the function that is called, also without source', order: { kind: 'call' } },
    { label: 'the syscall instruction', order: { kind: 'syscall' } },
    { label: "the kernel's handler of the system call", order: { kind: 'handler' } },
  ];
}

const KERNEL_HALF = 1n << 63n;

/** One run to the goal; when the entry is answered without it, to where its task goes on. */
export class KernelPlan {
  private isAnswered = false;

  constructor(private readonly goal: KernelGoal) {}

  advance(): Advance {
    if (this.isAnswered) return { kind: 'instruction' };
    this.isAnswered = true;
    return { kind: 'kernel', goal: this.goal };
  }

  arrived(): boolean { return true; }
}

/** From a line of the entry code to its next one, into the kernel's own code, or out to ring 3. */
export class EntryCodePlan {
  private readonly line: number | undefined;

  constructor(private readonly target: Target, private readonly modules: Modules, private readonly pid: number) {
    this.line = this.here()?.line;
  }

  advance(): Advance { return { kind: 'kernel', goal: 'into' }; }

  arrived(): boolean {
    const row = this.here();
    return row?.line !== this.line || row === undefined;
  }

  private here(): LineRow | undefined {
    return this.modules.lineAt(this.pid, this.target.registers(this.pid, 'innermost').read('rip') ?? 0n);
  }
}

/** Instruction by instruction from a line of the program towards the kernel; ends at another line of the same function at the latest. */
export class DescentPlan {
  private isBelow = false;
  private readonly sp: bigint;
  /** From code without source, the first that has some ends it too: a wrapper may call the vDSO. */
  private readonly endsAtSource: boolean;

  constructor(private readonly target: Target, private readonly modules: Modules, private readonly base: StackFrame, private readonly destination: 'call' | 'syscall' | 'handler') {
    this.sp = base.physical.registers.read('rsp') ?? 0n;
    this.endsAtSource = !modules.hasSource(base.pid, base.pc);
  }

  advance(): Advance {
    return this.isBelow ? { kind: 'kernel', goal: 'handler' } : { kind: 'instruction' };
  }

  arrived(): boolean {
    const { target, modules, base } = this;
    const registers = target.registers(base.pid, 'innermost');
    const pc = registers.read('rip') ?? 0n, sp = registers.read('rsp') ?? 0n;
    // In ring 0 the descent goes on to the probe that ends it, and through the exceptions that come between.
    if (pc >= KERNEL_HALF) return false;
    if (this.isBelow || sp > base.physical.cfa) return true;
    if (this.destination === 'call') { if (sp < this.sp && this.isFunction(pc)) return true; }
    else if (isSystemCall(target, base.pid, pc)) {
      if (this.destination === 'syscall') return true;
      this.isBelow = true;
      return false;
    } else if (this.endsAtSource && modules.hasSource(base.pid, pc)) return true;
    const row = !this.endsAtSource && pc >= (base.function?.low ?? 1n) && pc < (base.function?.high ?? 0n) ? modules.lineAt(base.pid, pc) : undefined;
    return row !== undefined && row.isStmt && row.start === pc && row.line !== 0 && row.line !== base.line;
  }

  /** The first instruction of a function that the program meant: no stub of the linkage table, not the dynamic linker. */
  private isFunction(pc: bigint): boolean {
    const module = this.modules.at(this.base.pid, pc);
    const symbol = module?.symbolAt(pc);
    return symbol?.address === pc && !symbol.name.endsWith('@plt') && !/\/ld[-.][^/]*$/.test(module?.path ?? '');
  }
}

/** `syscall` is 0F 05, `int 0x80` is CD 80. */
export function isSystemCall(target: Target, pid: number, pc: bigint): boolean {
  const [a, b] = target.readMemory(pid, pc, 2);
  return a === 0x0f && b === 0x05 || a === 0xcd && b === 0x80;
}
