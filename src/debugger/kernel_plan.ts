// Steps that end inside the kernel, or on the way into it: to the called function, the `syscall` instruction, the handler behind it, or a place in the kernel's
// own code. Not here: how the kernel is stopped (machine/probe_run.ts), steps of the program's own lines (stepping.ts).
import type { Modules } from './modules';
import type { StackFrame } from './stack';
import type { Advance } from './stepping';
import type { KernelGoal, Target } from './target';

/** Where a step can go that is not simply in, over or out. */
export type StepDestination = { kind: 'kernel'; goal: KernelGoal } | { kind: 'call' } | { kind: 'syscall' } | { kind: 'handler' };

export interface StepTarget { label: string; order: StepDestination }

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

/** Instruction by instruction from a line of the program towards the kernel; ends at another line of the same function at the latest. */
export class DescentPlan {
  private isBelow = false;
  private readonly sp: bigint;

  constructor(private readonly target: Target, private readonly modules: Modules, private readonly base: StackFrame, private readonly destination: 'call' | 'syscall' | 'handler') {
    this.sp = base.physical.registers.read('rsp') ?? 0n;
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
    }
    const row = pc >= (base.function?.low ?? 1n) && pc < (base.function?.high ?? 0n) ? modules.lineAt(base.pid, pc) : undefined;
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
function isSystemCall(target: Target, pid: number, pc: bigint): boolean {
  const [a, b] = target.readMemory(pid, pc, 2);
  return a === 0x0f && b === 0x05 || a === 0xcd && b === 0x80;
}
