// The debugger's heart: what the person asked of a target, run in slices, until there is something to report.
// Not here: DAP, clocks, threads; the adapter calls `runSlice` again and again and stays able to answer in between.
import { UserError } from '../base/errors';
import { comparePositions, formatPosition, type Position } from '../trace/position';
import { Breakpoints, type Breakpoint, type DataRequest, type FilterRequest, type FunctionRequest, type InstructionRequest, type SourceRequest } from './breakpoints';
import { HitCounter, type Hits } from './hits';
import { isImageSource, kernelFile } from './kernel_source';
import { KernelPlan, stepTargetsAt, type StepDestination, type StepTarget } from './kernel_plan';
import { Modules, type OpenSymbols } from './modules';
import { whyLines } from './objects/why';
import type { Report, StopReason, StopReport } from './report';
import { Reverse, type Journey } from './reverse';
import { SourceMap } from './source_map';
import { LazyStack, type StackFrame } from './stack';
import type { CodeLocation } from './symbols';
import type { Advance, Granularity } from './stepping';
import { Steps, type Step, type StepOrder } from './steps';
import type { CallPhase, SyscallCatalog } from './syscall_filter';
import type { CallFacts, KernelFrame, KernelGoal, Stop, Target } from './target';
import { instructionText, type StepInto } from './wrapper';

export interface DebuggerListener {
  breakpointChanged(breakpoint: Breakpoint): void;
  /** A log point's line. */
  logged(text: string, frame: StackFrame | undefined): void;
  taskStarted(pid: number): void;
  taskExited(pid: number): void;
  modulesChanged(pid: number): void;
}

export interface DebuggerOptions {
  openSymbols: OpenSymbols;
  catalog: SyscallCatalog;
  sourceMap?: SourceMap;
  /** Those of an earlier run of the program, to be bound in this one. */
  breakpoints?: Breakpoints;
  /** Whether the person has that file; when absent, all are taken to be there. Steps stay in code whose source is there. */
  isFileThere?: (path: string) => boolean;
  /** Default: functions whose source is there. */
  stepInto?: StepInto;
  listener: DebuggerListener;
}

export type { Report, StepOrder, StepTarget, StopReason, StopReport };

/** What the machine runs for, besides breakpoints. */
interface Plan extends Step { readonly reason: StopReason }

const CHUNK = 200_000;
const KERNEL_HALF = 1n << 63n;
/** Its source comes with the kernel's, whatever files are there. */
const VDSO = '[vdso]';
/** Signals that come from a program's own fault: SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGSEGV SIGSYS. man 7 signal. */
const FAULTS = new Set([4, 5, 6, 7, 8, 11, 31]);
const ANYWHERE: ReadonlySet<bigint> = new Set();

export class Debugger {
  readonly modules: Modules;
  readonly breakpoints: Breakpoints;
  readonly sourceMap: SourceMap;
  /** The last report that stopped, until the machine goes on. */
  lastStop: StopReport | undefined;
  private plan: Plan | undefined;
  private readonly reverse: Reverse;
  /** On the way backwards, or to a place. */
  private journey: Journey<Report | undefined> | undefined;
  private readonly hits: HitCounter;
  private goesOn = false;
  private readonly steps: Steps;
  /** Where a step began, by where it ended. */
  private readonly stepped = new Map<string, { from: Position; pid: number; granularity: Granularity }>();
  /** Where the machine stood when the person let it go on. */
  private departure: Position;
  private stepOrigin: { from: Position; pid: number; granularity: Granularity } | undefined;
  private readonly stacks = new Map<number, LazyStack>();
  private until: ReadonlySet<bigint> = ANYWHERE;
  private areRequestsStale = true;
  private advanced: Advance['kind'] = 'run';
  /** Breakpoints that the kernel has just been stopped for. */
  private probeHits: Hits | undefined;
  /** Breakpoints that were bound anew since the person's client heard of them. */
  private readonly untold = new Set<Breakpoint>();
  /** The task stood at the end of the plan when it was made. */
  private isAtGoal = false;

  constructor(readonly target: Target, private readonly options: DebuggerOptions) {
    this.sourceMap = options.sourceMap ?? new SourceMap();
    const { isFileThere } = options;
    this.modules = new Modules(target, options.openSymbols, isFileThere && ((file, modulePath) => modulePath === VDSO || isFileThere(this.sourceMap.toLocal(file, modulePath))));
    this.reverse = new Reverse(target, this.modules);
    this.steps = new Steps(target, this.modules, options);
    this.hits = new HitCounter(target, this.modules, (text, frame) => options.listener.logged(text, frame));
    this.departure = target.timeline.position;
    this.breakpoints = options.breakpoints ?? new Breakpoints(options.catalog, this.sourceMap);
    this.breakpoints.kernel = target.kernel;
    if (options.breakpoints) this.breakpoints.rebind(this.modules.all());
  }

  // ---- what the person asks for ----

  setSourceBreakpoints(path: string, requests: readonly SourceRequest[]): Breakpoint[] {
    this.breakpointsChange();
    return this.breakpoints.setSource(path, requests, this.modules.all());
  }

  setFunctionBreakpoints(requests: readonly FunctionRequest[]): Breakpoint[] {
    this.breakpointsChange();
    return this.breakpoints.setFunctions(requests, this.modules.all());
  }

  setInstructionBreakpoints(requests: readonly InstructionRequest[]): Breakpoint[] {
    this.breakpointsChange();
    return this.breakpoints.setInstructions(requests);
  }

  setDataBreakpoints(requests: readonly DataRequest[]): Breakpoint[] {
    this.breakpointsChange();
    return this.breakpoints.setData(requests);
  }

  setFilters(requests: readonly FilterRequest[]): Breakpoint[] {
    this.breakpointsChange();
    return this.breakpoints.setFilters(requests);
  }

  /** Runs without debugging: nothing of the person's stops it. */
  forgetBreakpoints(): void {
    this.breakpointsChange();
    this.breakpoints.clear();
  }

  private breakpointsChange(): void {
    if (!this.journey) this.seen();
    this.hits.depart(this.target.timeline.position);
    this.areRequestsStale = true;
  }

  /** The machine has run up to here, and nothing of the person's was missed. */
  private seen(): void { this.hits.arrive(this.target.timeline.position, this.breakpoints.withHitCondition()); }

  /** Statement starts of lines of the person's file, in all modules. */
  breakpointLocations(path: string, from: number, to: number): Pick<CodeLocation, 'line' | 'column'>[] {
    const file = kernelFile(path);
    if (file?.endsWith('.ts')) return this.target.kernel.lines(file, from, to).map(line => ({ line, column: 0 }));
    const names = this.sourceMap.namesOf(path);
    return this.modules.all().flatMap(module => (module.symbols?.sources(names) ?? [])
      .filter(source => file === undefined ? this.sourceMap.isSame(source.file, module.path, path) : isImageSource(path, module, source.file)).flatMap(source => module.breakpointLocations(source.file, from, to)));
  }

  continue(): void { this.start(undefined); }

  /** Runs to `main` of the program, or to its ELF entry when it has none. */
  continueToMain(programPath: string): void {
    const pid = this.target.currentPid;
    const module = this.modules.of(pid).find(m => m.path === programPath) ?? this.modules.of(pid).find(m => !m.isKernel);
    const [main] = module?.functionAddresses('main') ?? [];
    const entry = module?.symbols && module.symbols.entry + module.bias;
    const address = main?.address ?? entry;
    if (address === undefined) return this.start(undefined);
    const until = new Set([address]);
    this.isAtGoal = this.pcOf(pid) === address;
    this.start({ pid, reason: 'entry', way: { advance: () => ({ kind: 'run', until }), arrived: () => true } });
  }

  step(pid: number, order: StepOrder): void {
    this.follow(this.steps.order(pid, order, this.stackOf(pid), this.lastStop));
    this.stepOrigin = { from: this.target.timeline.position, pid, granularity: order.granularity };
  }

  /** What a step into can lead to from `frame`, besides the obvious. */
  stepTargets(frame: StackFrame): StepTarget[] { return stepTargetsAt(this.target, frame, this.lastStop); }

  stepTo(pid: number, destination: StepDestination): void { this.follow(this.steps.towards(destination, pid, this.stackOf(pid))); }

  /** Runs to a place inside the kernel, in the entry that is made next or in which the machine stands. */
  stepInKernel(pid: number, goal: KernelGoal): void { this.follow({ pid, way: new KernelPlan(goal) }); }

  runTo(pid: number, address: bigint): void {
    const until = new Set([address]);
    this.follow({ pid, way: { advance: () => ({ kind: 'run', until }), arrived: () => true } });
  }

  // ---- backwards ----

  /** To the place from which a step leads here: that of the person's step, if one did. */
  stepBack(pid: number, granularity: Granularity): void {
    const known = this.stepped.get(formatPosition(this.target.timeline.position));
    this.depart(this.back(pid, granularity, known?.pid === pid && known.granularity === granularity ? known.from : undefined));
  }

  /** To the last place before this one at which something of the person's stops. */
  reverseContinue(): void { this.depart(this.backToStop()); }

  /** To any place of the recording. `event`: to the kernel's statement that tells of its event of that number, in the entry that comes there. */
  goTo(position: Position, event = 0): void { this.depart(this.toEvent(position, event)); }

  /** To the entry of the frame's function. */
  restartFrame(frame: StackFrame): void { this.depart(this.backToEntry(frame)); }

  /** To where the frame's function was called: its caller's call instruction; in the kernel, the caller's statement. */
  stepBackOut(frame: StackFrame): void { this.depart(this.backToCall(frame)); }

  /** To the entry of the last system call before this place, of whichever task. */
  backToSyscall(): void { this.depart(this.backToCallEntry()); }

  /** To the beginning, from where what was happens again. `goesOn`: where the recording ends, the run goes on live without a stop. */
  restart(goesOn: boolean): void {
    this.start(undefined);
    this.target.timeline.goTo(this.target.timeline.start);
    this.stepped.clear();
    this.hits.depart(this.target.timeline.position);
    this.codeAppeared(this.target.currentPid);
    this.goesOn = goesOn;
  }

  private depart(journey: Journey<Report>): void {
    this.start(undefined);
    this.journey = journey;
  }

  private * back(pid: number, granularity: Granularity, from: Position | undefined): Journey<Report> {
    const { kernel } = this.target;
    if (kernel.frames.length > 0 && !from) {
      kernel.stepBack(granularity === 'line' ? 'over' : 'into');
      return this.arrived('step', pid);
    }
    const found = from ?? (granularity === 'line' ? yield* this.reverse.previousLine(pid) : yield* this.reverse.previousInstruction(pid));
    const report = yield* this.travel(found ?? this.target.timeline.start, 'step', pid);
    // Behind the entry code's call of the kernel, what ran last is the kernel's own code.
    return !from && granularity === 'line' && (this.pcOf(pid) ?? 0n) >= KERNEL_HALF && kernel.goTo(-1, true) ? this.arrived('step', pid) : report;
  }

  private * backToStop(): Journey<Report> {
    const { target } = this;
    const here = target.timeline.position;
    yield* this.countTo(here);
    if (target.kernel.frames.length > 0) this.request(ANYWHERE);
    if (target.kernel.frames.length > 0 && this.look(() => target.kernel.continueBack())) return this.arrived('breakpoint', target.currentPid);
    const found = yield* this.reverse.lastStop(here, isFirst => this.requestAgain(isFirst), stop => this.look(() => {
      const report = this.judge(stop);
      return report?.kind === 'stopped' ? report : undefined;
    }));
    if (!found) return yield* this.travel(target.timeline.start, 'entry');
    yield* this.travel(found.position, found.what.reason);
    this.lastStop = found.what;
    return found.what;
  }

  private * backToEntry(frame: StackFrame): Journey<Report> {
    const found = yield* this.reverse.entryOf(frame);
    return yield* this.travel(found ?? this.target.timeline.start, 'step', frame.pid);
  }

  private * backToCall(frame: StackFrame): Journey<Report> {
    const { kernel, timeline } = this.target;
    if (kernel.frames.length > 0) {
      kernel.stepBack('out');
      return this.arrived('step', frame.pid);
    }
    return yield* this.travel((yield* this.reverse.callOf(frame)) ?? timeline.start, 'step', frame.pid);
  }

  private * backToCallEntry(): Journey<Report> {
    const { timeline, kernel } = this.target, here = timeline.position;
    if (kernel.frames.length > 0) kernel.goTo(-1);
    const found = yield* this.reverse.lastSyscall(here);
    if (!found) return yield* this.travel(timeline.start, 'entry');
    const { pid, call } = found.what;
    yield* this.travel(found.position, 'syscall', pid);
    return this.stopped({ reason: 'syscall', pid, call, phase: 'enter', text: call.text });
  }

  private * toEvent(position: Position, event: number): Journey<Report> {
    const report = yield* this.travel(position, 'goto');
    return event > 0 && this.target.kernel.goToEvent(event) ? this.arrived('goto', this.target.currentPid) : report;
  }

  private * travel(position: Position, reason: StopReason, pid?: number): Journey<Report> {
    yield* this.reverse.goTo(position);
    return this.arrived(reason, pid ?? this.target.currentPid);
  }

  /** The machine has been moved: what is known of modules and stacks is of another time. */
  private arrived(reason: StopReason, pid: number): StopReport {
    const { timeline } = this.target;
    this.probeHits = undefined;
    this.codeAppeared(pid);
    const isStart = comparePositions(timeline.position, timeline.start) === 0;
    return this.stopped({ reason: isStart && reason !== 'goto' ? 'entry' : reason, pid, text: isStart ? 'the beginning of the recording' : undefined });
  }

  /** Judges without logging or telling. */
  private look<T>(judge: () => T): T {
    this.hits.isLooking = true;
    const result = judge();
    this.hits.isLooking = false;
    return result;
  }

  /** The hits before `place` of breakpoints with hit conditions: what nobody has looked at of the recording runs again. The machine stands at `place` then. */
  private * countTo(place: Position): Journey<void> {
    const conditional = this.breakpoints.withHitCondition(), from = this.hits.countedTo(conditional);
    if (conditional.length === 0 || comparePositions(from, place) >= 0) return;
    this.hits.depart(from);
    yield* this.reverse.pass(from, place, isFirst => this.requestAgain(isFirst), stop => { this.look(() => this.judge(stop)); });
    this.hits.arrive(place, conditional);
    yield* this.reverse.goTo(place);
    this.hits.depart(place);
    this.look(() => this.codeAppeared(this.target.currentPid));
  }

  /** For a stretch of the past, in which other programs may have run. */
  private requestAgain(isFirst: boolean): void {
    if (isFirst) this.look(() => this.codeAppeared(this.target.currentPid));
    this.request(ANYWHERE);
  }

  /** The machine stands at `stop`, of which nothing could be made without counting. */
  private * judgeCounted(stop: Stop): Journey<Report | undefined> {
    const { plan, until, advanced, target: { timeline } } = this;
    yield* this.countTo(timeline.position);
    Object.assign(this, { plan, until, advanced });
    return this.judge(stop);
  }

  /** Stops between two slices. */
  pause(): StopReport {
    if (!this.journey) this.seen();
    this.journey = undefined;
    return this.stopped({ reason: 'pause', pid: this.target.currentPid });
  }

  // ---- running ----

  /** Runs until there is something to report or `shouldYield` says so (asked every few hundred thousand instructions). */
  runSlice(shouldYield: () => boolean): Report | undefined {
    if (this.journey) return this.travelOn(this.journey, shouldYield);
    if (this.isAtGoal) { this.isAtGoal = false; return this.stopped({ reason: this.plan?.reason ?? 'step', pid: this.target.currentPid }); }
    for (let steps = 0; ; steps++) {
      const advance = this.plan?.way.advance() ?? { kind: 'run', until: ANYWHERE };
      this.request(advance.kind === 'run' ? advance.until : ANYWHERE);
      this.advanced = advance.kind;
      const stop = advance.kind === 'run' ? this.target.run(CHUNK) : this.target.run(CHUNK, this.plan?.pid, advance.kind === 'kernel' ? advance.goal : undefined);
      const report = this.judge(stop);
      if (report) {
        this.seen();
        return report;
      }
      if (this.hits.isUncounted) {
        this.hits.isUncounted = false;
        this.journey = this.judgeCounted(stop);
        return undefined;
      }
      if ((stop.kind === 'budget' || steps % 64 === 63) && shouldYield()) return undefined;
    }
  }

  private travelOn(journey: Journey<Report | undefined>, shouldYield: () => boolean): Report | undefined {
    this.reverse.shouldYield = shouldYield;
    const { done, value } = journey.next();
    if (!done) return undefined;
    this.journey = undefined;
    this.areRequestsStale = true;
    return value;
  }

  private judge(stop: Stop): Report | undefined {
    if (stop.kind !== 'budget') this.stacks.clear();
    switch (stop.kind) {
      case 'budget': return undefined;
      case 'recording-end': return this.judgeEnd();
      case 'idle': return { kind: 'idle', waitMs: stop.waitMs };
      case 'probe': return this.judgeProbe(stop.pid, stop.probe, stop.call);
      case 'step': case 'breakpoint': return this.judgePlace(stop.pid, stop.kind === 'step');
      case 'watchpoint': return this.judgeWatch(stop.pid, stop.address, stop.size);
      case 'syscall': return this.judgeCall(stop.pid, stop.phase, stop.call);
      case 'signal':
        if (stop.signal.isHandled && this.plan?.pid === stop.pid) this.plan.way.interrupted?.();
        return stop.signal.isFatal ? this.stopped({ reason: 'signal', pid: stop.pid, signal: stop.signal, text: `${stop.signal.name}: ${stop.signal.text}${stop.signal.address === undefined ? '' : ` at 0x${stop.signal.address.toString(16)}`}` }) : undefined;
      case 'exec': case 'mapped': this.codeAppeared(stop.pid); return undefined;
      case 'task-started': if (!this.hits.isLooking) this.options.listener.taskStarted(stop.pid); return undefined;
      case 'task-exited':
        if (!this.hits.isLooking) this.options.listener.taskExited(stop.pid);
        if (this.plan?.pid === stop.pid) this.plan = undefined;
        return undefined;
      case 'exited': this.plan = undefined; return { kind: 'exited', status: stop.status, signal: stop.signal };
      case 'deadlock': {
        const known = whyLines((pid, address) => this.modules.describe(pid, address)), waits = known.length > 0 ? known : stop.waits;
        return this.stopped({ reason: 'deadlock', pid: this.target.currentPid, waits, text: `deadlock: ${waits.join('; ')}` });
      }
    }
  }

  /** Where the recording ends, the run could have stopped for a reason of its own. */
  private judgeEnd(): Report | undefined {
    if (this.goesOn || comparePositions(this.departure, this.target.timeline.position) === 0) return undefined;
    const { currentPid, timeline: { position } } = this.target;
    if (!this.target.tasks().some(({ pid }) => pid === currentPid)) return undefined;
    // Within the kernel's answer to an instruction, that instruction is not over.
    const own = position.probe > 0 ? undefined : this.judgePlace(currentPid, true);
    return own ?? this.stopped({ reason: 'goto', pid: currentPid, text: 'the end of the recording' });
  }

  /** The task stands before an instruction: a breakpoint of the person's, the end of the plan, or neither. */
  private judgePlace(pid: number, isStep: boolean): Report | undefined {
    const pc = this.pcOf(pid);
    const here = pc === undefined ? [] : this.breakpoints.at(pc);
    const hits = this.hits.inProgram(here, here.length > 0 ? this.stackOf(pid).at(0) : undefined);
    if (this.hits.isUncounted) return undefined;
    const isDone = this.plan?.pid === pid && this.isAwaited(pc, isStep) && this.plan.way.arrived();
    if (hits.failure) return this.stopped({ reason: 'error', pid, text: hits.failure, hitBreakpointIds: hits.map(b => b.id) });
    if (hits.length > 0) {
      const kind = hits[0]?.kind, isInListing = hits.some(({ request }) => request.source?.asked.address !== undefined);
      return this.stopped({ reason: kind === 'function' ? 'function breakpoint' : kind === 'instruction' ? 'instruction breakpoint' : 'breakpoint', pid, hitBreakpointIds: hits.map(b => b.id), ...(isInListing && { isInstruction: true }) });
    }
    if (!isDone) return undefined;
    const text = pc !== undefined && this.plan?.mayLeaveLines ? instructionText(this.target, this.modules, pid, pc) : undefined;
    return this.stopped({ reason: this.plan?.reason ?? 'step', pid, ...(text !== undefined && { text, isInstruction: true }) });
  }

  /** The kernel stands at a statement of its own: a breakpoint of the person's, or the end of a step. */
  private judgeProbe(pid: number, probe: number, call: CallFacts | undefined): Report | undefined {
    const [frame] = this.target.kernel.frames;
    const hits = this.probeHits ?? (frame ? this.hits.inKernel(this.breakpoints.atProbe(probe), frame, this.target.timeline.position) : []);
    this.probeHits = undefined;
    if (this.hits.isUncounted) return undefined;
    // It had stopped for a hit that had to be counted, and does not count.
    if (hits.length === 0 && this.advanced !== 'kernel') return undefined;
    if (hits.failure) return this.stopped({ reason: 'error', pid, text: hits.failure, hitBreakpointIds: hits.map(b => b.id) });
    const [first] = hits;
    return this.stopped({ reason: first === undefined ? this.plan?.reason ?? 'step' : first.kind === 'function' ? 'function breakpoint' : 'breakpoint', pid, text: call && `inside ${call.text}`, hitBreakpointIds: hits.map(b => b.id) });
  }

  /** A run ends only at an address that it waits for; a single instruction always ends. */
  private isAwaited(pc: bigint | undefined, isStep: boolean): boolean {
    return this.advanced !== 'run' ? isStep : pc !== undefined && this.until.has(pc);
  }

  private judgeWatch(pid: number, address: bigint, size: number): Report | undefined {
    const hits = this.hits.inProgram(this.breakpoints.watching(address, size), this.stackOf(pid).at(0));
    if (hits.length > 0) return this.stopped({ reason: 'data breakpoint', pid, hitBreakpointIds: hits.map(b => b.id), text: hits.failure });
    return undefined;
  }

  private judgeCall(pid: number, phase: 'enter' | 'exit', call: CallFacts): Report | undefined {
    const phases: CallPhase[] = phase === 'enter' ? ['enter'] : call.errno ? ['exit', 'fail'] : ['exit'];
    let failure: string | undefined;
    const hits = phases.flatMap(p => this.breakpoints.callFilters(p)).filter(({ calls }) => {
      try {
        return calls.matches(call);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        failure = `the condition '${calls.text}' cannot be evaluated: ${error.message}`;
        return true;
      }
    });
    if (hits.length === 0) return undefined;
    return this.stopped({ reason: 'syscall', pid, call, phase, text: failure ?? call.text, hitBreakpointIds: hits.map(h => h.breakpoint.id) });
  }

  // ---- state at a stop ----

  stackOf(pid: number): LazyStack {
    let stack = this.stacks.get(pid);
    if (!stack) this.stacks.set(pid, stack = new LazyStack(this.target, this.modules, pid));
    return stack;
  }

  /** After memory or registers were changed by the person. */
  stateChanged(): void {
    this.stacks.clear();
    this.stepped.clear();
    this.hits.forgetAfter(this.target.timeline.position);
  }

  private codeAppeared(pid: number): void {
    this.modules.forget();
    for (const breakpoint of this.breakpoints.rebind(this.modules.all())) this.untold.add(breakpoint);
    this.areRequestsStale = true;
    if (this.hits.isLooking) return;
    for (const breakpoint of this.untold) this.options.listener.breakpointChanged(breakpoint);
    this.untold.clear();
    this.options.listener.modulesChanged(pid);
  }

  private follow(step: Step): void { this.start({ reason: 'step', ...step }); }

  private start(plan: Plan | undefined): void {
    this.plan = plan;
    this.departure = this.target.timeline.position;
    this.hits.depart(this.departure);
    this.journey = undefined;
    this.stepOrigin = undefined;
    this.probeHits = undefined;
    this.lastStop = undefined;
    this.stacks.clear();
  }

  private stopped(report: Omit<StopReport, 'kind' | 'hitBreakpointIds'> & { hitBreakpointIds?: number[] }): StopReport {
    this.plan = undefined;
    this.stacks.clear();
    this.modules.forget();
    const stop: StopReport = { kind: 'stopped', hitBreakpointIds: [], ...report };
    if (this.hits.isLooking) return stop;
    this.goesOn = false;
    if (this.stepOrigin && report.reason === 'step' && comparePositions(this.stepOrigin.from, this.target.timeline.position) < 0) this.stepped.set(formatPosition(this.target.timeline.position), this.stepOrigin);
    this.stepOrigin = undefined;
    this.lastStop = stop;
    return stop;
  }

  private acceptsProbe(probe: number, frame: KernelFrame, place: Position): boolean {
    const judge = (): Hits => this.hits.inKernel(this.breakpoints.atProbe(probe), frame, place);
    const hits = this.journey ? this.look(judge) : judge();
    if (hits.length === 0 && !this.hits.isUncounted) return false;
    this.probeHits = hits;
    return true;
  }

  private pcOf(pid: number): bigint | undefined {
    return this.target.registers(pid, 'innermost').read('rip');
  }

  private request(until: ReadonlySet<bigint>): void {
    if (!this.areRequestsStale && until.size === this.until.size && [...until].every(address => this.until.has(address))) return;
    this.areRequestsStale = false;
    this.until = until;
    const { breakpoints, options: { catalog } } = this;
    const wants = (phases: CallPhase[], nr: number, abi: 'x86-64' | 'i386'): boolean => {
      const name = catalog.nameOf(nr, abi) ?? `syscall_0x${nr.toString(16)}`;
      return phases.some(phase => breakpoints.callFilters(phase).some(({ calls }) => calls.accepts(name)));
    };
    const probes = breakpoints.probes();
    const has = (phase: CallPhase): boolean => breakpoints.callFilters(phase).length > 0;
    this.target.setStopRequests({
      breakpoints: new Set([...breakpoints.addresses(), ...until]),
      watchpoints: breakpoints.watchpoints(),
      syscallEnter: has('enter') ? (nr, abi) => wants(['enter'], nr, abi) : null,
      syscallExit: has('exit') || has('fail') ? (nr, abi, isFailure) => wants(isFailure ? ['exit', 'fail'] : ['exit'], nr, abi) : null,
      signals: signo => FAULTS.has(signo) || this.plan !== undefined,
      kernel: probes.size > 0 ? { probes, accepts: (probe, frame, place) => this.acceptsProbe(probe, frame, place) } : null,
    });
  }
}
