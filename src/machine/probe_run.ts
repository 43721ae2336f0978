// Stopping inside the kernel: the entry that is to be looked into runs in the probed build, a probe throws, and objects and memory stay as they were at that
// statement. To go anywhere else - the next statement, over, out, back - everything is undone to the entry and the entry runs again to the probe that is
// wanted. What leaves the machine comes only from the plain build, which answers the entry when no probe is wanted any more.
import { kernel, useKernel } from '../kernel/state';
import { PT_REGS } from './image/layout';
import type { Machine, PendingEntry } from './machine';
import { ProbeStop, forgetJournal, run, save } from './probe';
import { probedKernel, type ProbedKernel } from './probed_kernel';
import { SpeculativePorts } from './probe_ports';

export type KernelStep = 'into' | 'over' | 'out';

/** Probes at which the kernel stops when `accepts` says so; asked while the kernel stands at that statement. */
export interface KernelBreakpoints {
  readonly probes: ReadonlySet<number>;
  readonly accepts: (probe: number) => boolean;
}

/** A function of the kernel that is being called. */
export interface KernelFrame {
  readonly fn: number;
  readonly name: string;
  /** Path below src/kernel. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What is in scope at this statement, arguments first. */
  readonly locals: readonly { readonly name: string; readonly value: unknown; readonly isArgument: boolean }[];
}

/** Where the kernel stands. */
export interface Frozen {
  readonly entry: PendingEntry;
  readonly probe: number;
  /** The probes of this entry before this one. */
  readonly index: number;
  readonly depth: number;
  /** Innermost first. */
  readonly frames: readonly KernelFrame[];
  /** The function that this frame has called last, when it has just come back. */
  readonly returned: { readonly name: string; readonly value: unknown } | null;
  /** Of the probes before it. */
  readonly probes: readonly number[];
  readonly depths: readonly number[];
}

const DEEP = Infinity, NOWHERE = -1;

export class KernelProbes {
  frozen: Frozen | null = null;
  private ports: SpeculativePorts | null = null;
  private breakpoints: KernelBreakpoints | null = null;
  private reach: ReturnType<ProbedKernel['reaching']> | null = null;
  private goal: KernelStep | null = null;

  constructor(private readonly machine: Machine) {}

  /** The probed kernel, loaded when it is first asked for. */
  get kernel(): ProbedKernel {
    return probedKernel();
  }

  setBreakpoints(breakpoints: KernelBreakpoints | null): void {
    this.breakpoints = breakpoints;
    const { table } = breakpoints ? this.kernel : { table: null };
    this.reach = breakpoints && table ? this.kernel.reaching([...breakpoints.probes].map(probe => table.probes[probe]?.[0] ?? -1)) : null;
    this.attend();
  }

  /** Where the machine's next run is to stop in the kernel, if it comes to an entry or stands in one. */
  setGoal(goal: KernelStep | null): void {
    this.goal = goal;
    this.attend();
  }

  /** Goes back within the entry. False: there is no such statement, and the machine stands before the entry, which is pending. */
  stepBack(step: KernelStep): boolean {
    const { frozen } = this;
    if (!frozen) return false;
    const depth = step === 'into' ? DEEP : step === 'over' ? frozen.depth : frozen.depth - 1;
    let index = frozen.index - 1;
    while (index >= 0 && (frozen.depths[index] ?? 0) > depth) index--;
    return this.goTo(index);
  }

  /** Back to the last probe at which a breakpoint stops; false as stepBack. */
  continueBack(): boolean {
    const { frozen, breakpoints } = this;
    if (!frozen) return false;
    let last = NOWHERE;
    this.rerun(frozen.entry, 0, NOWHERE, (probe, index) => {
      if (index >= frozen.index) return true;
      if (breakpoints?.probes.has(probe) && breakpoints.accepts(probe)) last = index;
      return false;
    });
    return this.goTo(last);
  }

  /** To the probe with that index in the pending entry (negative: counted from the end); false when there is none, and the machine stands before the entry. */
  goTo(index: number, fromEnd = false): boolean {
    let at = index;
    const entry = this.frozen?.entry ?? this.machine.pendingEntry;
    if (!entry) return false;
    this.open();
    if (fromEnd) {
      this.rerun(entry, Infinity, NOWHERE, null);
      at += run.probes.length;
    }
    if (at >= 0 && this.rerun(entry, at, DEEP, null)) return true;
    this.close();
    return false;
  }

  /** Runs the pending entry to its end; what `inspect` sees is the machine as the probed build leaves it. Then all is undone. */
  runThrough<T>(inspect: (probes: number) => T): T | undefined {
    const entry = this.frozen?.entry ?? this.machine.pendingEntry;
    if (!entry) return undefined;
    this.open();
    this.rerun(entry, Infinity, NOWHERE, null);
    const seen = inspect(run.probes.length);
    this.close();
    return seen;
  }

  private attend(): void {
    this.machine.stopsInside = this.breakpoints || this.goal || this.frozen ? entry => this.offer(entry) : null;
  }

  /** The kernel is about to answer `entry`: does it stop inside? */
  private offer(entry: PendingEntry): boolean {
    const { frozen, goal, breakpoints } = this;
    if (!frozen && !goal && !this.isWithinReach(entry)) return false;
    this.open();
    const maxDepth = goal === 'into' ? DEEP : goal === null ? NOWHERE : frozen ? frozen.depth - (goal === 'out' ? 1 : 0) : NOWHERE;
    if (this.rerun(entry, frozen ? frozen.index + 1 : 0, maxDepth, breakpoints && (probe => breakpoints.probes.has(probe) && breakpoints.accepts(probe)))) return true;
    this.close();
    return false;
  }

  /** Whether `entry`, or a call of another task that goes on in it, may come to a breakpoint. */
  private isWithinReach(entry: PendingEntry): boolean {
    const { reach } = this;
    if (!reach) return false;
    if (reach.everywhere) return true;
    if (entry.kind === 'syscall' || entry.kind === 'int80') {
      const nr = this.machine.parts.ports.phys.read32(entry.regsPa + PT_REGS.orig_rax) | 0;
      if (reach.syscalls[entry.kind === 'syscall' ? 0 : 1]?.has(nr)) return true;
    } else if (reach.faults) {
      return true;
    }
    for (const { call } of kernel.tasks.values()) if (call && !call.over && reach.syscalls[call.abi]?.has(call.nr)) return true;
    return false;
  }

  private open(): void {
    if (this.frozen) return;
    this.ports ??= new SpeculativePorts(this.machine);
    forgetJournal();
    this.ports.begin();
  }

  /** Everything is as it was before the entry. */
  private close(): void {
    this.ports?.undo();
    this.ports?.end();
    this.frozen = null;
    forgetJournal();
    this.attend();
  }

  /** Undoes, and runs the entry to the first probe from `from` on that is wanted. False: there is none, and the entry is through. */
  private rerun(entry: PendingEntry, from: number, maxDepth: number, accepts: ((probe: number, index: number) => boolean) | null): boolean {
    const { ports, machine, kernel: build } = this;
    if (!ports) return false;
    ports.undo();
    this.frozen = null;
    Object.assign(run, { depth: 0, probes: [], depths: [], from, maxDepth, accepts, returned: null });
    save(kernel.noticed);
    useKernel(kernel, ports);
    try {
      build.with(() => machine.enter(entry, build.entries));
      return false;
    } catch (stop) {
      // A failed assertion fails again in the plain build, which tells it.
      if (!(stop instanceof ProbeStop)) return false;
      this.frozen = this.freeze(entry, stop.probe);
      this.attend();
      return true;
    } finally {
      useKernel(kernel, machine.parts.ports);
      run.from = Infinity;
    }
  }

  private freeze(entry: PendingEntry, probe: number): Frozen {
    const { table } = this.kernel;
    const { depth, probes, depths, returned } = run;
    const frames = run.frames.slice(0, depth).reverse().map(({ fn, probe: at, values }): KernelFrame => {
      const [, line, column, names] = table.probes[at] ?? [fn, table.functions[fn]?.line ?? 0, 1, []];
      const called = table.functions[fn];
      return {
        fn, name: called?.name ?? '?', file: table.files[called?.file ?? 0]?.path ?? '?', line, column,
        locals: names.map((name, i) => ({ name, value: values[i], isArgument: called?.params.includes(name) ?? false })),
      };
    });
    return {
      entry, probe, index: probes.length - 1, depth, frames, probes, depths,
      returned: returned && returned.depth === depth ? { name: table.functions[returned.fn]?.name ?? '?', value: returned.value } : null,
    };
  }
}
