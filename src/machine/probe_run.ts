// Stopping inside the kernel: the entry that is to be looked into runs in the probed build, a probe throws, and objects and memory stay as they were at that
// statement. To go anywhere else - the next statement, over, out, back - everything is undone to the entry and the entry runs again to the probe that is
// wanted. What leaves the machine comes only from the plain build, which answers the entry when no probe is wanted any more.
import { assert } from '../base/assert';
import { UserError } from '../base/errors';
import { TASK_RUNNING, type task_struct } from '../kernel/kernel/types';
import { kernel, useKernel } from '../kernel/state';
import { syscalls, syscalls32 } from '../kernel/syscall';
import { comparePositions, type Position } from '../trace/position';
import { PT_REGS } from './image/layout';
import type { Machine, PendingEntry } from './machine';
import { DEEP, NEVER, OUTSIDE, ProbeStop, forgetJournal, repeatQuietly, run, save, tellFrom, write, type ProbeFrame } from './probe';
import type { KernelType, ProbedFunction } from './probed_build';
import { loadInPart, probedKernel, type KernelFunction, type ProbedKernel } from './probed_kernel';
import { SpeculativePorts } from './probe_ports';

export type KernelStep = 'into' | 'over' | 'out';
/** A step, or the first statement of a function: of that name, or the one that handles the system call. */
export type KernelGoal = KernelStep | { readonly into: string } | 'handler';

/** Probes at which the kernel stops when `accepts` says so; asked while the kernel stands at that statement, which is at `place`. */
export interface KernelBreakpoints {
  readonly probes: ReadonlySet<number>;
  readonly accepts: (probe: number, frame: KernelFrame, place: Position) => boolean;
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
  readonly locals: readonly { readonly name: string; readonly value: unknown; readonly isArgument: boolean; readonly type?: KernelType }[];
}

/** Where the kernel stands. */
export interface Frozen {
  readonly entry: PendingEntry;
  readonly probe: number;
  /** How much of this entry has happened before: probes and returns. */
  readonly index: number;
  readonly depth: number;
  /** Innermost first. */
  readonly frames: readonly KernelFrame[];
  /** The function that this frame has called last, when it has just come back. */
  readonly returned: { readonly name: string; readonly value: unknown; readonly type?: KernelType } | null;
  /** Before the entry. */
  readonly position: Position;
  /** Up to here, as run of probe.ts has them. */
  readonly probes: Int32Array;
  readonly depths: Int16Array;
}

/** Where a run is to stop: see run in probe.ts. What is absent stops nowhere. */
type Wanted = Pick<typeof run, 'from'> & Partial<Pick<typeof run, 'maxDepth' | 'maxReturn' | 'watched' | 'accepts' | 'isOurs'>>;

const NOWHERE = -1;

const isAsleep = ({ __state, exit_state, call }: task_struct): boolean => __state !== TASK_RUNNING && exit_state === 0 && call !== null && !call.over;

/** The type of a variable at a line. */
function typeAt({ types }: ProbedFunction, name: string, line: number): KernelType | undefined {
  const type = types?.[name];
  return Array.isArray(type) ? (type as (readonly [number, KernelType])[]).filter(([from]) => from <= line).at(-1)?.[1] : type as KernelType | undefined;
}

const resultOf = (fn: ProbedFunction | undefined): { name: string; type?: KernelType } => ({ name: fn?.name ?? '?', ...(fn?.returns !== undefined && { type: fn.returns }) });

export class KernelProbes {
  frozen: Frozen | null = null;
  furthest: Position | null = null;
  /** The machine has stopped because it stands at `furthest` again. */
  isBackAtFurthest = false;
  private ports: SpeculativePorts | null = null;
  private breakpoints: KernelBreakpoints | null = null;
  private reach: ReturnType<ProbedKernel['reaching']> | null = null;
  private goal: KernelGoal | null = null;
  /** The task that is stepped. */
  private pid = 0;
  /** What run of probe.ts has is of the entry that is open, from its beginning. */
  private isRepeat = false;

  constructor(private readonly machine: Machine) {}

  /** Loads the next part of the probed kernel before it is asked for; false: there is more. */
  prepare(): boolean {
    return loadInPart();
  }

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
  setGoal(goal: KernelGoal | null, pid = 0): void {
    this.goal = goal;
    this.pid = pid;
    this.attend();
  }

  /** The functions that are being called, innermost first. Empty: the machine does not stand inside the kernel. */
  get frames(): readonly KernelFrame[] { return this.frozen?.frames ?? []; }
  get returned(): Frozen['returned'] { return this.frozen?.returned ?? null; }
  get structs(): Readonly<Record<string, Readonly<Record<string, KernelType>>>> { return this.kernel.table.structs; }
  get functions(): readonly KernelFunction[] { return this.kernel.functions; }
  get sources(): readonly { readonly path: string; readonly text: string }[] { return this.kernel.table.files; }
  statementsAt(file: string, line: number): { line: number; probes: number[] } | undefined { return this.kernel.statementsAt(file, line); }
  constant(name: string): ReturnType<ProbedKernel['constant']> { return this.kernel.constant(name); }
  lines(file: string, from: number, to: number): number[] { return this.kernel.lines(file, from, to); }

  /** Functions that a system call can come to, by their distance from its handler in calls; "file:line" of each. */
  distancesFrom(syscall: string): ReadonlyMap<string, number> {
    const { functions, table: { calls, handlers } } = this.kernel;
    const distances = new Map<string, number>();
    const handler = handlers[syscall];
    for (let ring = handler === undefined ? [] : [handler], seen = new Set(ring), distance = 0; ring.length > 0; distance++) {
      for (const id of ring) { const fn = functions[id]; if (fn) distances.set(`${fn.file}:${fn.line}`, distance); }
      const next = new Set(ring.flatMap(id => calls[id] ?? []).filter(id => !seen.has(id)));
      next.forEach(id => seen.add(id));
      ring = [...next];
    }
    return distances;
  }

  /** Names of the functions that the statement at which the innermost function stands may call, in the order of its text. */
  callees(): string[] {
    const [frame] = this.frames;
    const { table } = this.kernel;
    const fn = frame && table.functions[frame.fn];
    if (!frame || !fn) return [];
    const next = this.kernel.lines(frame.file, frame.line + 1, fn.endLine)[0] ?? fn.endLine;
    const text = (table.files[fn.file]?.text ?? '').split('\n').slice(frame.line - 1, Math.max(frame.line, next - 1)).join('\n');
    const known = new Set((table.calls[frame.fn] ?? []).map(to => table.functions[to]?.name ?? ''));
    const called = [...text.matchAll(/([\w$]+(?:\.[\w$]+)*)\s*\(/g)].map(([, path = '']) => path.includes('.') ? this.operation(frame, path.split('.')) : path);
    return [...new Set(called)].filter((name): name is string => name !== undefined && known.has(name));
  }

  /** The function that `file.f_op.read_iter` is now. */
  private operation({ locals }: KernelFrame, path: readonly string[]): string | undefined {
    let owner: unknown = locals.find(({ name }) => name === path[0])?.value;
    for (const step of path.slice(1, -1)) owner = typeof owner === 'object' && owner !== null ? (owner as Record<string, unknown>)[step] : undefined;
    const ops = typeof owner === 'object' && owner !== null && '$ops' in owner ? this.kernel.table.ops[String(owner.$ops)] : undefined;
    return this.kernel.table.functions[ops?.[path.at(-1) ?? ''] ?? -1]?.name;
  }

  /** Goes back within the entry. False: there is no such statement, and the machine stands before the entry, which is pending. */
  stepBack(step: KernelStep): boolean {
    const { frozen } = this;
    if (!frozen) return false;
    const depth = step === 'into' ? DEEP : step === 'over' ? frozen.depth : frozen.depth - 1;
    let index = frozen.index - 1;
    while (index >= 0 && ((frozen.depths[index] ?? 0) > depth || step !== 'into' && (frozen.probes[index] ?? 0) < 0)) index--;
    return this.goTo(index);
  }

  /** Back to the last probe at which a breakpoint stops; false as stepBack. */
  continueBack(): boolean {
    const { frozen, breakpoints } = this;
    if (!frozen) return false;
    let last = NOWHERE;
    this.find(frozen.entry, {
      from: 0, watched: breakpoints?.probes ?? null,
      accepts: (probe, index) => {
        if (index >= frozen.index) return true;
        if (breakpoints?.accepts(probe, this.innermost(), this.placeOf(index))) last = index;
        return false;
      },
    });
    // The entry is still open: going there undoes what this run has changed.
    this.frozen = frozen;
    return this.goTo(last);
  }

  /** Where the machine stands, when it stands inside. */
  get position(): Position | null {
    return this.frozen && { ...this.frozen.position, probe: this.frozen.index + 1 };
  }

  /** Leaves the kernel backwards: the machine stands before the entry. */
  leave(): void {
    if (this.frozen) this.close();
  }

  /** To the probe with that index in the pending entry (negative: counted from the end); false when there is none, and the machine stands before the entry. */
  goTo(index: number, fromEnd = false): boolean {
    let at = index;
    const entry = this.frozen?.entry ?? this.machine.pendingEntry ?? this.awaken();
    if (!entry) return false;
    this.open();
    if (fromEnd) {
      this.rerun(entry, { from: NEVER });
      at += run.count;
    }
    if (at >= 0 && this.rerun(entry, { from: at, maxDepth: DEEP, maxReturn: DEEP })) {
      this.arrived();
      return true;
    }
    this.close();
    return false;
  }

  /** To the statement of the pending entry that tells of its event of that number, from 1 on; false as goTo. */
  goToEvent(number: number): boolean {
    if (!(this.frozen?.entry ?? this.machine.pendingEntry ?? this.awaken())) return false;
    const ports = this.ports ??= new SpeculativePorts(this.machine);
    let told = 0, at = -1;
    ports.onEvent = () => { if (++told === number) at = run.count - 1; };
    this.runThrough(() => undefined);
    ports.onEvent = () => undefined;
    return this.goTo(at);
  }

  /**
   * Changes something as of before the entry, which then runs again to the same statement, or to the first one at which it goes another way for it. What the
   * entry has changed itself by then has no value to be changed: UserError.
   */
  changeBefore<T>(look: () => unknown, change: () => T): T {
    const { frozen } = this;
    assert(frozen, 'a change inside the kernel outside of it');
    const now = look();
    this.close();
    if (look() !== now) {
      this.goTo(frozen.index);
      throw new UserError('this call has changed it itself before this statement: change it at the entry of the call, or after its return');
    }
    const result = change();
    const probes = this.runThrough(() => run.probes.slice(0, Math.min(run.count, frozen.index + 1))) ?? new Int32Array(0);
    const other = frozen.probes.findIndex((probe, i) => probes[i] !== probe);
    this.goTo(other < 0 ? frozen.index : Math.min(other, probes.length - 1));
    return result;
  }

  /** Runs the pending entry to its end; what `inspect` sees is the machine as the probed build leaves it. Then all is undone. */
  runThrough<T>(inspect: (probes: number) => T): T | undefined {
    const entry = this.frozen?.entry ?? this.machine.pendingEntry;
    if (!entry) return undefined;
    this.open();
    this.rerun(entry, { from: NEVER });
    const seen = inspect(run.count);
    this.close();
    return seen;
  }

  /**
   * Where a sleeping task sleeps, innermost first: its call is begun again from its top, as it will be when it is woken, up to where it asks to sleep; then all is
   * undone. Empty for a task that does not sleep in a call.
   */
  asleep(pid: number): readonly KernelFrame[] {
    const task = kernel.tasks.get(pid);
    return task && (this.frozen || isAsleep(task)) ? this.meanwhile(() => isAsleep(task) ? this.sleepOf(task) : []) : [];
  }

  private sleepOf(task: task_struct): readonly KernelFrame[] {
    const { entries } = this.kernel, [sleep] = this.functions[this.kernel.functionNamed('block')]?.probes ?? [];
    tellFrom(0);
    const stop = this.attempt(() => {
      write(kernel, 'current').current = task;
      write(task, '__state').__state = TASK_RUNNING;
      entries.exit_to_user_mode();
    }, { from: 0, maxDepth: DEEP, isOurs: () => run.probes[run.count - 1] === sleep });
    return stop ? this.liveFrames() : [];
  }

  /**
   * Runs the entry in which the kernel stands from its beginning as a step over a statement does, for at least so many probes; false: it has more. Nothing is changed by it, and nothing
   * is told; but V8 compiles what runs often, for what it was called with, and what a person's next step repeats, or passes, takes a tenth of the time then.
   */
  rehearse(probes: number): boolean {
    const { frozen } = this;
    if (!frozen) return true;
    return this.meanwhile(() => {
      this.recall(frozen);
      return this.runFrom(frozen.entry, { from: probes, maxDepth: DEEP, maxReturn: frozen.depth - 1, watched: new Set(), accepts: () => false, isOurs: () => true }) === null;
    });
  }

  /** Does something as of before the entry in which the kernel stands, and takes back what that changes. */
  private meanwhile<T>(body: () => T): T {
    const { frozen, ports } = this;
    if (!frozen || !ports) {
      this.open();
      const result = body();
      this.close();
      return result;
    }
    const aside = ports.setAside();
    const result = body();
    ports.resume(aside);
    this.recall(frozen);
    return result;
  }

  /** What the next step repeats. */
  private recall({ probes, depths }: Frozen): void {
    run.count = probes.length;
    run.probes.set(probes);
    run.depths.set(depths);
  }

  /** With nothing runnable: the entry that ends that. */
  private awaken(): PendingEntry | null {
    const { machine } = this;
    if (!machine.isIdle) return null;
    machine.stopsInside = () => true;
    machine.run(0);
    this.attend();
    return machine.pendingEntry;
  }

  private attend(): void {
    this.machine.stopsInside = this.breakpoints || this.goal || this.frozen || this.furthest ? entry => this.offer(entry) : null;
  }

  /** The kernel is about to answer `entry`: does it stop inside? */
  private offer(entry: PendingEntry): boolean {
    const { frozen, goal, breakpoints } = this, last = this.indexOfFurthest();
    this.isBackAtFurthest = false;
    if (!frozen && !goal && last < 0 && !this.isWithinReach(entry)) return false;
    this.open();
    const maxDepth = goal === 'into' ? DEEP : !frozen || goal === null || typeof goal === 'object' || goal === 'handler' ? NOWHERE : frozen.depth - (goal === 'out' ? 1 : 0);
    const wanted = new Set(typeof goal === 'object' && goal ? this.functions.filter(({ name }) => name === goal.into).flatMap(fn => fn.probes) : goal === 'handler' ? this.handlerOf(entry) : []);
    const watched = breakpoints ? new Set([...breakpoints.probes, ...wanted]) : wanted;
    const accepts = (probe: number, index: number): boolean => wanted.has(probe) || breakpoints !== null && breakpoints.accepts(probe, this.innermost(), this.placeOf(index));
    const maxReturn = frozen && (goal === 'into' || goal === 'over' || goal === 'out') ? frozen.depth - 1 : NOWHERE;
    const hasStopped = this.rerun(entry, { from: frozen ? frozen.index + 1 : 0, maxDepth, maxReturn, watched, accepts, isOurs: () => kernel.current?.pid === this.pid });
    if (!hasStopped) this.close();
    this.isBackAtFurthest = last > (frozen?.index ?? -1) && (this.frozen?.index ?? NEVER) > last && this.goTo(last);
    if (hasStopped) this.arrived();
    return hasStopped || this.isBackAtFurthest;
  }

  /** In the entry that is due and has no answer yet; -1: nobody has stood in there. */
  private indexOfFurthest(): number {
    const { furthest, machine: { position, parts: { recorder } } } = this, here = this.frozen?.position ?? position;
    const isNew = recorder.end === null || comparePositions(here, recorder.end) >= 0;
    return isNew && furthest?.instructions === here.instructions && furthest.entry === here.entry ? furthest.probe - 1 : -1;
  }

  private arrived(): void {
    const { position, furthest } = this;
    if (position && (!furthest || comparePositions(position, furthest) > 0)) this.furthest = position;
  }

  /** Where the handler of the system call begins; of what is none, where the entry does. */
  private handlerOf(entry: PendingEntry): readonly number[] {
    const nr = this.machine.parts.ports.phys.read32(entry.regsPa + PT_REGS.orig_rax) | 0;
    const called = entry.kind === 'syscall' ? syscalls.get(nr) : entry.kind === 'int80' ? syscalls32.get(nr) : undefined;
    const handler = called && this.kernel.table.handlers[called.name];
    return handler === undefined ? this.functions.flatMap(fn => fn.probes) : this.functions[handler]?.probes ?? [];
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
    this.isRepeat = false;
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

  /** Undoes, and runs the entry to the first place that is wanted. False: there is none, and the entry is through. */
  private rerun(entry: PendingEntry, wanted: Wanted): boolean {
    const stop = this.find(entry, wanted);
    if (!stop) return false;
    if (!stop.isTold) this.find(entry, { from: run.count - 1, maxDepth: DEEP, maxReturn: DEEP });
    this.frozen = this.freeze(entry, stop.probe);
    this.attend();
    return true;
  }

  /** `isTold`: the values of all functions that are being called there are known. To know them for certain while nobody has been there yet would cost three times what going there twice does. */
  private find(entry: PendingEntry, wanted: Wanted): { probe: number; isTold: boolean } | null {
    const { isRepeat } = this, { from, maxDepth = NOWHERE } = wanted;
    this.ports?.undo();
    this.frozen = null;
    const stop = this.runFrom(entry, wanted);
    return stop && { probe: stop.probe, isTold: (isRepeat || from === 0) && run.depth <= maxDepth };
  }

  /** Runs an entry that nothing has been changed of. */
  private runFrom(entry: PendingEntry, wanted: Wanted): ProbeStop | null {
    // Loaded first: its modules have probes, too.
    const { entries } = this.kernel;
    if (this.isRepeat) repeatQuietly(wanted.from); else tellFrom(wanted.from);
    this.isRepeat = true;
    return this.attempt(() => this.machine.enter(entry, entries), wanted);
  }

  /** Runs `body` in the probed build; where it was stopped. */
  private attempt(body: () => void, wanted: Wanted): ProbeStop | null {
    const { ports, machine, kernel: build } = this;
    if (!ports) return null;
    Object.assign(run, { depth: 0, innermost: OUTSIDE, count: 0, maxDepth: NOWHERE, maxReturn: NOWHERE, watched: null, accepts: null, isOurs: null, ...wanted });
    Object.assign(run.returned, { fn: -1, value: undefined, depth: -1 });
    save(kernel.noticed);
    useKernel(kernel, ports);
    try {
      build.with(body);
      return null;
    } catch (stop) {
      // A failed assertion fails again in the plain build, which tells it.
      return stop instanceof ProbeStop ? stop : null;
    } finally {
      useKernel(kernel, machine.parts.ports);
      run.from = NEVER;
    }
  }

  /** Of what the kernel does in the entry under way, that with this index. */
  private placeOf(index: number): Position {
    const { position } = this.machine;
    return { ...position, entry: position.entry - 1, probe: index + 1 };
  }

  private innermost(): KernelFrame {
    const frame = run.frames[run.depth - 1];
    assert(frame, 'a probe outside of every function');
    return this.describe(frame);
  }

  private liveFrames(): KernelFrame[] {
    return run.frames.slice(0, run.depth).reverse().map(frame => this.describe(frame));
  }

  private describe({ fn, probe, values }: ProbeFrame): KernelFrame {
    const { table } = this.kernel;
    const [, line, column, names] = table.probes[probe] ?? [fn, table.functions[fn]?.line ?? 0, 1, []];
    const called = table.functions[fn];
    return {
      fn, name: called?.name ?? '?', file: table.files[called?.file ?? 0]?.path ?? '?', line, column,
      locals: names.map((name, i) => {
        const type = called && typeAt(called, name, line);
        return { name, value: values[i], isArgument: called?.params.includes(name) ?? false, ...(type !== undefined && { type }) };
      }),
    };
  }

  private freeze(entry: PendingEntry, probe: number): Frozen {
    const { table } = this.kernel;
    const { depth, count, probes, depths, returned } = run;
    const frames = this.liveFrames();
    return {
      entry, probe, index: count - 1, depth, frames, probes: probes.slice(0, count), depths: depths.slice(0, count), position: this.placeOf(-1),
      returned: returned.fn >= 0 && returned.depth === depth && returned.value !== undefined ? { ...resultOf(table.functions[returned.fn]), value: returned.value } : null,
    };
  }
}
