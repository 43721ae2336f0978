// The machine: a processor and a kernel that do not know each other, married by hypercalls, interrupts and ports; and the loop that runs them in slices.
// Not here: what stops a person (target.ts), building one (launch.ts).
import { assert } from '../base/assert';
import type { MachinePorts } from '../kernel/arch/x86/ports';
import type { GuestPages } from './physical_pages';
import type { task_struct } from '../kernel/kernel/types';
import type { Position } from '../trace/position';
import type { KernelSpace } from './boot';
import type { VirtualClock } from './clock';
import type { RecordedConsole } from './console';
import type { SeededEntropy } from './entropy';
import type { EventFan, Listener } from './events';
import type { KernelImage } from './image/kernel_image';
import type { VdsoImage } from './image/vdso_image';
import { DIRECT_MAP, HYPERCALL, TIMER_VECTOR } from './image/layout';
import type { Core } from './processor';
import type { RecordedFiles, Recorder } from './recorder';

/** What a kernel entry says: go on in the current task; nothing is runnable; the session is over. */
export type Resume = 'run' | 'idle' | 'halted';

/** The kernel as the machine calls it. Linux: arch/x86/entry/common.c, kernel/traps.c, mm/fault.c */
export interface KernelEntries {
  do_syscall_64(regsPa: number): Resume;
  do_int80_syscall_32(regsPa: number): Resume;
  exc(vector: number, errorCode: number, regsPa: number): Resume;
  timer_interrupt(regsPa: number): Resume;
  /** An answer of the host, or input for the terminal, has come. */
  host_ready(): void;
}

/** What the machine asks of the kernel's state, when nothing is runnable and at the end. */
export interface KernelFacts {
  currentPid(): number;
  /** Where the vDSO stands in the current task; 0: it has none. */
  currentVdso(): number;
  /** pt_regs of the current task, at the top of its stack. */
  currentRegs(): number;
  waitsForHost(): boolean;
  /** Some sleeping task would be woken by a new size of the terminal's window. */
  waitsForWindow(): boolean;
  exitStatus(): number;
  /** One sentence for each task that waits. */
  waits(): string[];
}

/** A call of the kernel that the processor has made and the kernel has not answered yet; or, with nothing runnable, the timer ('idle') or the host ('host') that ends that. */
export interface PendingEntry {
  kind: 'syscall' | 'int80' | 'exception' | 'timer' | 'idle' | 'host';
  regsPa: number;
  vector: number;
  errorCode: number;
}

export type MachineStop =
  | { kind: 'budget' }
  | { kind: 'breakpoint'; address: bigint }
  | { kind: 'watchpoint'; address: bigint; size: number; access: 'read' | 'write' }
  /** The processor has called the kernel: run() again lets the kernel answer. Only with stopsAtEntry. */
  | { kind: 'entry'; entry: PendingEntry }
  /** The kernel stands at a statement of its own, before it has answered. Only with stopsInside. */
  | { kind: 'inside'; entry: PendingEntry }
  /** The kernel has answered `entry`. Only with stopsAfterEntry. */
  | { kind: 'answered' }
  /** Nothing is runnable; the host may have something within `waitMs`. */
  | { kind: 'idle'; waitMs: number }
  /** The gate has been reached. */
  | { kind: 'gate' }
  | { kind: 'deadlock'; waits: string[] }
  | { kind: 'exited'; status: number };

/** What the run loop owns, for a checkpoint. */
export interface MachineState { readonly pending: PendingEntry | null; readonly isAnnounced: boolean; readonly state: Resume; readonly entryCount: number; readonly hostCame: boolean; readonly cursor: number }

/** Someone who wants to look at places of the run, between two instructions: timeline.ts. */
export interface Gate {
  /** Asks once that many instructions have retired. */
  readonly at: number;
  /** True: run() comes back. */
  isReached(): boolean;
}

/** All parts of a machine. */
export interface Parts {
  core: Core;
  image: KernelImage;
  vdso: VdsoImage;
  space: KernelSpace;
  ports: MachinePorts & { readonly phys: GuestPages };
  clock: VirtualClock;
  console: RecordedConsole;
  files: RecordedFiles;
  recorder: Recorder;
  entropy: SeededEntropy;
  events: EventFan;
  entries: KernelEntries;
  facts: KernelFacts;
  /** Writes through page protection, breaking copy-on-write; how many bytes were written. */
  writeMemory: (task: task_struct, address: bigint, bytes: Uint8Array) => number;
  /** The contents of a file of the guest, or of "[vdso]". */
  readFile: (path: string) => Uint8Array | undefined;
  /** Real nanoseconds, for pacing while a person's terminal is waited for. */
  elapsedNs: () => number;
}

/** How long to wait before a host that owes an answer about a file is asked again. */
const HOST_PATIENCE_MS = 1;
/** Instructions after which the processor asks again how many it may run, at the latest. */
const LOOK_EVERY = 100_000;

/** Of the way to the timer, what may be run at once: readings of the time stamp counter shorten the rest, and only those near its end come back for it. */
const spared = (toTimer: number): number => toTimer > LOOK_EVERY ? Math.floor(toTimer * 0.875) : toTimer;

/** Of the exception that a hypercall is about. */
function vectorOf(number: number): number {
  const vector = number - HYPERCALL.exc;
  if (vector < 0 || vector >= 32) assert(false, `hypercall ${number} does not exist`);
  return vector;
}

export class Machine {
  /** Asked when the processor has called the kernel: true stops before the kernel answers. */
  stopsAtEntry: ((entry: PendingEntry) => boolean) | null = null;
  /** Asked when the kernel is about to answer, each time that the machine goes on: true stops inside the kernel (probe_run.ts). */
  stopsInside: ((entry: PendingEntry) => boolean) | null = null;
  /** Asked when the kernel has answered: true stops there. */
  stopsAfterEntry: (() => boolean) | null = null;
  gate: Gate = { at: Infinity, isReached: () => false };
  /** On the way to a place: nobody is asked or told. */
  isQuiet = false;
  /** Called by each RDTSC with its price, which is charged already. */
  onTimeStamp: ((chargedNs: number) => void) | null = null;
  private pending: PendingEntry | null = null;
  private isAnnounced = false;
  private state: Resume = 'run';
  /** Kernel entries so far, idle wake-ups included: the position of an arrival of input. */
  private entryCount = 0;
  /** Within the kernel entry that was counted last. */
  private isAnswering = false;
  /** Events that had been told of before it. */
  private toldBefore = 0;
  private idleSinceNs = 0;
  /** Where run() comes back, in instructions retired; where the loop has to look around, at the latest; and where the processor comes back. */
  private end = 0;
  private placeAt = 0;
  private slicedTo = 0;
  /** The processor's last hypercall was answered while it waited, and whether that is a reason to stop. */
  private isAnswered = false;
  private stop: MachineStop | null = null;
  /** The next timer interrupt tells the kernel that the host has something. */
  private hostCame = false;
  /** While the first program cannot be loaded, because the host has not answered: tries again; true when it is loaded. */
  boot: (() => boolean) | null = null;

  /** Where the entry code puts the number of its hypercall, pt_regs and an error code. */
  private readonly slots: { rax: number; rdi: number; rsi: number };

  constructor(readonly parts: Parts) {
    const { clock, core } = parts;
    assert((DIRECT_MAP & 0xffffffffn) === 0n, 'the direct map begins at a multiple of 4 GiB');
    this.slots = { rax: core.registers.slotOf('rax'), rdi: core.registers.slotOf('rdi'), rsi: core.registers.slotOf('rsi') };
    core.timeStampCounter.perInsn = clock.ticksPerInstruction;
    core.onHypercall = () => this.crossing();
    core.onTimeStamp = () => {
      const ns = clock.spend(clock.prices.rdtsc);
      core.timeStampCounter.base = clock.tscBase;
      this.onTimeStamp?.(ns);
      // The price brings the timer nearer.
      if (clock.instructionsBeforeTimer < this.slicedTo - core.instructionsRetired) core.requestStop();
    };
  }

  get instructionsRetired(): number {
    return this.parts.core.instructionsRetired;
  }

  get position(): Position {
    return { instructions: this.parts.core.instructionsRetired, entry: this.entryCount, probe: 0 };
  }

  get kernelEntries(): number {
    return this.entryCount;
  }

  /** Where a person goes to be there when this happens: before the kernel's answer, while it answers. */
  get instant(): Position {
    return { instructions: this.parts.core.instructionsRetired, entry: this.entriesBefore, probe: 0 };
  }

  /** How many events the kernel has told of in the entry that is being answered, with the present one. */
  get eventOfEntry(): number { return this.isAnswering ? this.parts.events.told - this.toldBefore : 0; }

  /** Kernel entries without the one that is being answered. */
  get entriesBefore(): number {
    return this.isAnswering ? this.entryCount - 1 : this.entryCount;
  }

  /** Nothing is runnable. */
  get isIdle(): boolean {
    return this.state === 'idle';
  }

  /** Between two instructions of a task, with nothing under way. */
  get isRunning(): boolean {
    return this.state === 'run' && this.pending === null;
  }

  /** The entry that stopsAtEntry stopped at. */
  get pendingEntry(): PendingEntry | null {
    return this.pending;
  }

  /** Tells of each event once, however often the run passes it. */
  listen(listener: Listener): () => void {
    return this.parts.events.listen(listener);
  }

  saveState(): MachineState {
    const { pending, isAnnounced, state, entryCount, hostCame } = this;
    return { pending, isAnnounced, state, entryCount, hostCame, cursor: this.parts.recorder.cursor };
  }

  loadState({ pending, isAnnounced, state, entryCount, hostCame, cursor }: MachineState): void {
    this.pending = pending;
    this.isAnnounced = isAnnounced;
    this.state = state;
    this.entryCount = entryCount;
    this.hostCame = hostCame;
    this.parts.recorder.cursor = cursor;
  }

  /** The machine was brought here. `stopsHere`: the next run() reports a breakpoint or a call at this very place, else it passes it. */
  arrive(stopsHere: boolean): void {
    this.isAnnounced = this.pending !== null && !stopsHere;
    this.idleSinceNs = this.parts.elapsedNs();
    if (!stopsHere) this.parts.core.passBreakpoint();
  }

  /** Does `work`, which moves the machine and brings it back: then it is for everybody as if it had stood still. */
  whileAway(work: () => void): void {
    const { isQuiet, isAnnounced, idleSinceNs } = this, { core } = this.parts, passes = core.passesBreakpoint;
    this.isQuiet = true;
    try {
      work();
    } finally {
      this.isQuiet = isQuiet;
      this.isAnnounced = isAnnounced;
      this.idleSinceNs = idleSinceNs;
      if (passes) core.passBreakpoint();
    }
  }

  /** Runs until something of MachineStop happens, at most `budget` instructions. */
  run(budget: number): MachineStop {
    const { core, clock, recorder, facts } = this.parts;
    this.end = core.instructionsRetired + budget;
    if (this.boot) {
      this.parts.files.poll(0);
      if (!this.boot()) return { kind: 'idle', waitMs: HOST_PATIENCE_MS };
      this.boot = null;
    }
    if (this.isRunning && budget > 0 && !recorder.isReplaying && (facts.waitsForHost() ? this.pollHost() : this.parts.console.pollWindow())) recorder.add(clock.now());
    for (;;) {
      if (core.instructionsRetired >= this.gate.at && this.gate.isReached()) return { kind: 'gate' };
      if (this.pending) {
        const stop = this.answer(this.pending);
        if (stop) return stop;
        continue;
      }
      if (this.state === 'halted') return { kind: 'exited', status: this.parts.facts.exitStatus() };
      if (this.state === 'idle') {
        const stop = this.idle();
        if (stop) return stop;
        continue;
      }
      const left = this.end - core.instructionsRetired;
      if (left <= 0) return { kind: 'budget' };
      if (core.instructionsRetired === recorder.nextAt && recorder.due(core.instructionsRetired, this.entryCount)) {
        recorder.cursor++;
        this.hostCame = true;
        core.injectInterrupt(TIMER_VECTOR);
      }
      const toTimer = clock.instructionsToTimer;
      if (toTimer === 0) {
        core.injectInterrupt(TIMER_VECTOR);
        clock.setTimer(Infinity);
      }
      core.timeStampCounter.base = clock.tscBase;
      this.placeAt = Math.min(this.end, this.gate.at, recorder.nextAt);
      const slice = Math.min(spared(toTimer || Infinity), Math.max(1, this.placeAt - core.instructionsRetired));
      this.slicedTo = core.instructionsRetired + slice;
      const exit = core.run(slice);
      switch (exit.kind) {
        case 'budget': break;
        case 'hypercall': {
          if (!this.isAnswered) { this.pending = this.readEntry(); break; }
          const { stop } = this;
          this.isAnswered = false;
          this.stop = null;
          if (stop) return stop;
          break;
        }
        case 'breakpoint': return { kind: 'breakpoint', address: exit.address };
        case 'watchpoint': return { kind: 'watchpoint', address: exit.address, size: exit.size, access: exit.access };
        case 'hlt': assert(false, 'the kernel image has no HLT');
        // falls through
        case 'shutdown': assert(false, `the processor shut down: ${exit.kind === 'shutdown' ? exit.reason : ''}`);
      }
    }
  }

  /** The kernel answers while the processor waits, as nearly always it goes on from there: how many instructions may run; negative: the loop above has to look around. */
  private crossing(): number {
    const { core, clock } = this.parts, retired = core.instructionsRetired, toPlace = this.placeAt - retired;
    if (toPlace <= 0) return -1;
    const number = core.registers.lowAt(this.slots.rax);
    // What is rare is left to the loop, so that V8 does not compile this again for it.
    if (number === HYPERCALL.timer) return -1;
    if (this.isUnasked) this.answerUnasked(number);
    else {
      this.pending = this.readEntry();
      this.stop = this.answer(this.pending);
    }
    const budget = Math.floor(Math.min(toPlace, LOOK_EVERY, clock.instructionsBeforeTimer));
    if (this.stop !== null || this.state !== 'run' || budget <= 0) {
      this.isAnswered = true;
      return -1;
    }
    core.timeStampCounter.base = clock.tscBase;
    this.slicedTo = retired + budget;
    return budget;
  }

  /** Nobody wants to stop at, inside or after an entry. */
  private get isUnasked(): boolean {
    return this.isQuiet || (this.stopsAtEntry === null && this.stopsInside === null && this.stopsAfterEntry === null);
  }

  /** What answer() does with a system call or an exception that nobody asks about, without a record of it. */
  private answerUnasked(number: number): void {
    const { core: { registers }, entries } = this.parts, regsPa = registers.lowAt(this.slots.rdi);
    this.isAnnounced = true;
    this.stop = null;
    this.entryCount++;
    this.isAnswering = true;
    this.toldBefore = this.parts.events.told;
    if (number === HYPERCALL.syscall64) this.state = entries.do_syscall_64(regsPa);
    else if (number === HYPERCALL.int80) this.state = entries.do_int80_syscall_32(regsPa);
    else this.state = entries.exc(vectorOf(number), registers.lowAt(this.slots.rsi), regsPa);
    this.isAnswering = false;
    if (this.state === 'idle') this.idleSinceNs = this.parts.elapsedNs();
  }

  private readEntry(): PendingEntry {
    const { registers } = this.parts.core;
    const number = registers.lowAt(this.slots.rax), errorCode = registers.lowAt(this.slots.rsi);
    // Physical memory is less than 4 GiB, and DIRECT_MAP a multiple of that: pt_regs stand at the low word.
    const regsPa = registers.lowAt(this.slots.rdi);
    this.isAnnounced = false;
    if (number === HYPERCALL.syscall64) return { kind: 'syscall', regsPa, vector: -1, errorCode: 0 };
    if (number === HYPERCALL.int80) return { kind: 'int80', regsPa, vector: 0x80, errorCode: 0 };
    if (number === HYPERCALL.timer) {
      const kind = this.hostCame ? 'host' : 'timer';
      this.hostCame = false;
      return { kind, regsPa, vector: TIMER_VECTOR, errorCode: 0 };
    }
    return { kind: 'exception', regsPa, vector: vectorOf(number), errorCode };
  }

  private answer(entry: PendingEntry): MachineStop | null {
    if (!this.isAnnounced) {
      this.isAnnounced = true;
      if (!this.isQuiet && this.stopsAtEntry?.(entry)) return { kind: 'entry', entry };
    }
    if (!this.isQuiet && this.stopsInside?.(entry)) return { kind: 'inside', entry };
    this.pending = null;
    this.enter(entry, this.parts.entries);
    return !this.isQuiet && this.stopsAfterEntry?.() ? { kind: 'answered' } : null;
  }

  /** A build of the kernel answers. */
  enter(entry: PendingEntry, kernel: KernelEntries): void {
    this.entryCount++;
    this.isAnswering = true;
    this.toldBefore = this.parts.events.told;
    try {
      this.state = this.answerOf(entry, kernel);
    } finally {
      this.isAnswering = false;
    }
    if (this.state === 'idle') this.idleSinceNs = this.parts.elapsedNs();
  }

  private answerOf(entry: PendingEntry, kernel: KernelEntries): Resume {
    switch (entry.kind) {
      case 'syscall':
        return kernel.do_syscall_64(entry.regsPa);
      case 'int80':
        return kernel.do_int80_syscall_32(entry.regsPa);
      case 'timer':
        return kernel.timer_interrupt(entry.regsPa);
      case 'exception':
        return kernel.exc(entry.vector, entry.errorCode, entry.regsPa);
      case 'host':
        kernel.host_ready();
        return kernel.timer_interrupt(entry.regsPa);
      case 'idle':
        return kernel.timer_interrupt(entry.regsPa);
    }
  }

  /** Nothing is runnable: lets time pass to the timer, or waits for the host. */
  private idle(): MachineStop | null {
    const { clock, recorder, files, facts } = this.parts;
    if (facts.waitsForHost() && !recorder.isReplaying) {
      const passedNs = this.parts.elapsedNs() - this.idleSinceNs;
      if (this.pollHost()) recorder.add(Math.min(clock.now() + passedNs, clock.timerAt));
      else {
        const leftNs = clock.timerAt - clock.now() - passedNs;
        if (leftNs > 0) return { kind: 'idle', waitMs: Math.min(leftNs / 1e6, files.isWaiting ? HOST_PATIENCE_MS : Infinity) };
      }
    }
    const wake = recorder.due(this.instructionsRetired, this.entryCount);
    if (wake) {
      recorder.cursor++;
      clock.skipTo(wake.clockNs);
      this.wake('host');
      return null;
    }
    if (clock.timerAt === Infinity) {
      if (this.parts.console.isResizable && !recorder.isReplaying && facts.waitsForWindow()) {
        if (!this.parts.console.pollWindow()) return { kind: 'idle', waitMs: Infinity };
        recorder.add(clock.now());
        return null;
      }
      return { kind: 'deadlock', waits: facts.waits() };
    }
    clock.skipTo(clock.timerAt);
    clock.setTimer(Infinity);
    this.wake('idle');
    return null;
  }

  /** Takes what the host has. Answers about files are for the guest after so many wakes. */
  private pollHost(): boolean {
    const { console, files, recorder } = this.parts;
    const hasInput = console.poll();
    return files.poll(recorder.cursor + 1) || hasInput;
  }

  /** Whatever has become runnable runs: a timer interrupt in the idle loop. */
  private wake(kind: 'idle' | 'host'): void {
    this.pending = { kind, regsPa: this.parts.facts.currentRegs(), vector: TIMER_VECTOR, errorCode: 0 };
    this.isAnnounced = false;
  }
}
