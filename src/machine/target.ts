// A running machine as the debugger sees it. The shape is debugger/target.ts's Target, which stands above this room; a test compares the two.
import type { EventSink, SignalFacts } from '../kernel/arch/x86/ports';
import { comparePositions, type Position } from '../trace/position';
import { EXIT_ZOMBIE, TASK_RUNNING, TASK_STOPPED, TASK_TRACED, type task_struct } from '../kernel/kernel/types';
import { kernel } from '../kernel/state';
import { argumentsOf, errnoOf, findDeclaration, type Abi, type CallFacts, type CallWords } from './calls';
import type { HostFiles } from './host';
import { KERNEL_TEXT, PT_REGS } from './image/layout';
import { regsOf } from './kernel_facts';
import type { Machine, MachineStop, PendingEntry } from './machine';
import { KernelProbes, type KernelBreakpoints, type KernelGoal } from './probe_run';
import { processorRegisters, savedRegisters, switchedOutRegisters, type NamedRegisters } from './registers';
import { readTaskMemory, taskMappings, type TaskMapping } from './task_memory';
import type { Timeline } from './timeline';

export type TargetStop =
  | { kind: 'budget' }
  | { kind: 'idle'; waitMs: number }
  | { kind: 'breakpoint'; pid: number; address: bigint }
  | { kind: 'watchpoint'; pid: number; address: bigint; size: number; access: 'read' | 'write' }
  | { kind: 'step'; pid: number }
  | { kind: 'probe'; pid: number; probe: number; call?: CallFacts }
  | { kind: 'syscall'; phase: 'enter' | 'exit'; pid: number; call: CallFacts }
  | { kind: 'signal'; pid: number; signal: { signo: number; name: string; text: string; address?: bigint; isFatal: boolean; isHandled: boolean } }
  | { kind: 'exec'; pid: number; path: string }
  | { kind: 'mapped'; pid: number; path: string }
  | { kind: 'task-started'; pid: number }
  | { kind: 'task-exited'; pid: number; status: number }
  | { kind: 'exited'; status: number; signal?: string }
  | { kind: 'deadlock'; waits: string[] }
  | { kind: 'recording-end' };

export interface TargetRequests {
  breakpoints: ReadonlySet<bigint>;
  watchpoints: readonly { address: bigint; size: number; access: 'read' | 'write' | 'readWrite' }[];
  syscallEnter: ((nr: number, abi: Abi) => boolean) | null;
  syscallExit: ((nr: number, abi: Abi, isFailure: boolean) => boolean) | null;
  signals: ((signo: number) => boolean) | null;
  kernel?: KernelBreakpoints | null;
}

/** What the target asks of the rooms that print: strace text of calls and names of signals. */
export interface Describer {
  call(pid: number, nr: number, abi: Abi, words: CallWords, ret: number | null): string;
  signal(signo: number, facts: SignalFacts): { name: string; text: string; isFatal: boolean; isHandled: boolean };
}

const MMAP = 9, PROT_EXEC = 4;
const NOTHING: TargetRequests = { breakpoints: new Set(), watchpoints: [], syscallEnter: null, syscallExit: null, signals: null };

export class MachineTarget {
  private requests = NOTHING;
  /** What has happened in the last kernel entry and has not been told yet. */
  private readonly news: TargetStop[] = [];
  private isStepping = false;
  /** The place of the first signal among the news that ends its task, and the one before which the run has stopped last. */
  private end: Position | null = null;
  private passed: Position | null = null;
  /** The kernel's own functions, and stopping in them. */
  readonly kernel: KernelProbes;

  constructor(readonly machine: Machine, readonly timeline: Timeline, private readonly files: HostFiles, private readonly sysroot: string, private readonly describe: Describer) {
    this.kernel = new KernelProbes(machine);
    timeline.inside = this.kernel;
    machine.stopsAtEntry = entry => this.isWantedCall(entry);
    machine.stopsAfterEntry = () => this.isStepping || this.news.length > 0;
    machine.parts.events.watch(this.listener());
    timeline.onMoved = () => { this.news.length = 0; this.end = this.passed = null; };
  }

  get currentPid(): number {
    return kernel.current?.pid ?? 0;
  }

  get instructionsRetired(): number {
    return this.machine.instructionsRetired;
  }

  tasks(): { pid: number; tgid: number; name: string; state: 'running' | 'blocked' | 'stopped' | 'zombie' }[] {
    return [...kernel.tasks.values()].map(task => ({ pid: task.pid, tgid: task.tgid, name: task.comm, state: stateOf(task) }));
  }

  registers(pid: number, level: 'innermost' | 'user'): NamedRegisters {
    const { core, ports } = this.machine.parts;
    const task = this.task(pid);
    const inKernel = core.registers.number('cpl') === 0;
    const running = pid === this.currentPid ? processorRegisters(core.registers, ports.phys, inKernel ? regsOf(task) : null) : null;
    const user = (): NamedRegisters => savedRegisters(ports.phys, regsOf(task), task.thread, running);
    const file = level === 'user' ? running && !inKernel ? running : user() : running ?? switchedOutRegisters(task.thread) ?? user();
    return { read: name => file.read(name), write: (name, value) => this.edit(() => file.read(name), () => file.write(name, value)) };
  }

  readMemory(pid: number, address: bigint, length: number): Uint8Array {
    return readTaskMemory(this.machine.parts.ports.phys, this.files, this.sysroot, this.task(pid), address, length);
  }

  writeMemory(pid: number, address: bigint, bytes: Uint8Array): number {
    return this.edit(() => this.readMemory(pid, address, bytes.length).join(), () => this.machine.parts.writeMemory(this.task(pid), address, bytes));
  }

  changeKernel(look: () => unknown, change: () => void): void { this.edit(look, change); }

  mappings(pid: number): TaskMapping[] {
    const { image } = this.machine.parts;
    const kernelImage = image.segments.filter(segment => segment.isExecutable).map(segment => ({
      start: KERNEL_TEXT + BigInt(segment.offset), end: KERNEL_TEXT + BigInt(Math.ceil((segment.offset + segment.sizeInMemory) / 4096) * 4096),
      offset: BigInt(segment.bytes.byteOffset - image.file.byteOffset), permissions: 'r-xp', path: '[kernel]',
    }));
    return [...taskMappings(this.task(pid)), ...kernelImage];
  }

  readFile(path: string): Uint8Array | undefined {
    return path === '[kernel]' ? this.machine.parts.image.file : this.machine.parts.readFile(path);
  }

  setStopRequests(requests: TargetRequests): void {
    const { core } = this.machine.parts;
    for (const address of this.requests.breakpoints) if (!requests.breakpoints.has(address)) core.clearBreakpoint(address);
    for (const address of requests.breakpoints) if (!this.requests.breakpoints.has(address)) core.setBreakpoint(address);
    for (const { address, size, access } of this.requests.watchpoints) core.clearWatchpoint(address, size, access);
    for (const { address, size, access } of requests.watchpoints) core.setWatchpoint(address, size, access);
    if (requests.kernel || this.requests.kernel) this.kernel.setBreakpoints(requests.kernel ?? null);
    this.requests = { ...requests, breakpoints: new Set(requests.breakpoints), watchpoints: [...requests.watchpoints] };
  }

  run(budget: number, stepPid?: number, goal?: KernelGoal): TargetStop {
    const untold = this.takeNews();
    if (untold) return untold;
    if (goal !== undefined) return this.runInKernel(budget, stepPid ?? this.currentPid, goal);
    if (stepPid !== undefined) return this.step(budget, stepPid);
    const stop = this.machine.run(budget);
    return this.translate(stop) ?? { kind: 'budget' };
  }

  /** As run() or step(), but the first entry stops inside at the goal; without it, as soon as the entry is answered. */
  private runInKernel(budget: number, pid: number, goal: KernelGoal): TargetStop {
    this.kernel.setGoal(goal, pid);
    this.isStepping = true;
    try {
      if (!this.machine.pendingEntry) return this.step(budget, pid);
      const stop = this.machine.run(budget);
      const told = this.translate(stop);
      if (told) return told;
      if (stop.kind === 'gate') return { kind: 'budget' };
      this.kernel.setGoal(null);
      return this.sleepUntilBack(pid, this.machine.instructionsRetired + budget) ?? (this.currentPid === pid && !this.machine.isIdle ? { kind: 'step', pid } : { kind: 'budget' });
    } finally {
      this.kernel.setGoal(null);
      this.isStepping = false;
    }
  }

  /** Runs others until `pid` is on the processor, then one instruction of it; a timer interrupt that comes first runs as a whole. */
  private step(budget: number, pid: number): TargetStop {
    const { machine } = this;
    const { core, image } = machine.parts;
    const end = machine.instructionsRetired + budget;
    const interrupt = image.addressOf('asm_sysvec_apic_timer_interrupt');
    let isInterrupted = false;
    this.isStepping = true;
    try {
      while (machine.instructionsRetired < end) {
        const isOurs = this.currentPid === pid && machine.pendingEntry === null && !machine.isIdle && !(isInterrupted && core.registers.number('cpl') === 0);
        if (isOurs) isInterrupted = false;
        const wasUser = core.registers.number('cpl') === 3;
        const stop = machine.run(isOurs ? 1 : Math.min(this.currentPid === pid ? 1 : STEP_SLICE, end - machine.instructionsRetired));
        const told = this.translate(stop);
        if (told && told.kind !== 'budget') return told;
        if (!isOurs) continue;
        if (stop.kind === 'budget') {
          isInterrupted = wasUser && core.registers.number('cpl') === 0 && isWithin(core.registers.get('rip'), interrupt);
          if (!isInterrupted) return { kind: 'step', pid };
        } else if (this.currentPid === pid && !machine.isIdle) {
          return { kind: 'step', pid };
        } else {
          // The call has put the task to sleep: its step ends when it runs again.
          const woken = this.sleepUntilBack(pid, end);
          if (woken) return woken;
          return this.currentPid === pid ? { kind: 'step', pid } : { kind: 'budget' };
        }
      }
      return { kind: 'budget' };
    } finally {
      this.isStepping = false;
    }
  }

  private sleepUntilBack(pid: number, end: number): TargetStop | null {
    const { machine } = this;
    while (machine.instructionsRetired < end && (machine.isIdle || this.currentPid !== pid)) {
      const told = this.translate(machine.run(Math.min(STEP_SLICE, end - machine.instructionsRetired)));
      if (told && told.kind !== 'budget') return told;
    }
    return null;
  }

  /** Null: nothing to tell (the kernel has answered). */
  private translate(stop: MachineStop): TargetStop | null {
    const pid = this.currentPid;
    switch (stop.kind) {
      case 'breakpoint': return { kind: 'breakpoint', pid, address: stop.address };
      case 'watchpoint': return { kind: 'watchpoint', pid, address: stop.address, size: stop.size, access: stop.access };
      case 'entry': return { kind: 'syscall', phase: 'enter', pid, call: this.pendingCall(stop.entry) };
      case 'inside': return this.kernel.isBackAtFurthest ? { kind: 'recording-end' } : { kind: 'probe', pid, probe: this.kernel.frozen?.probe ?? -1, ...this.callInside(stop.entry) };
      case 'answered': return this.takeNews();
      case 'gate': return this.timeline.takeEnd() ? this.atEnd(pid) : null;
      case 'exited': {
        const signo = stop.status > 128 ? stop.status - 128 : 0;
        return { kind: 'exited', status: stop.status, ...(signo > 0 && ((kernel.init?.exit_code ?? 0) & 0x7f) === signo ? { signal: this.signalName(signo) } : {}) };
      }
      default: return stop;
    }
  }

  /** Where the recording ends, a call may be due that is to be reported. */
  private atEnd(pid: number): TargetStop {
    const { pendingEntry } = this.machine;
    if (!pendingEntry || !this.isWantedCall(pendingEntry)) return { kind: 'recording-end' };
    this.machine.arrive(false);
    return { kind: 'syscall', phase: 'enter', pid, call: this.pendingCall(pendingEntry) };
  }

  /** The system call that the current task has entered the kernel with. */
  private callInside(entry: PendingEntry): { call?: CallFacts } {
    const isCall = entry.kind === 'syscall' || entry.kind === 'int80';
    return isCall && kernel.current && regsOf(kernel.current) === entry.regsPa ? { call: this.pendingCall(entry) } : {};
  }

  private isWantedCall(entry: PendingEntry): boolean {
    if (entry.kind !== 'syscall' && entry.kind !== 'int80') return false;
    return this.requests.syscallEnter?.(this.numberOf(entry), abiOf(entry)) ?? false;
  }

  private numberOf(entry: PendingEntry): number {
    return this.machine.parts.ports.phys.read32(entry.regsPa + PT_REGS.orig_rax) | 0;
  }

  private pendingCall(entry: PendingEntry): CallFacts {
    const { phys } = this.machine.parts.ports;
    const abi = abiOf(entry);
    const order = abi === 'x86-64' ? ARGUMENTS : ARGUMENTS32;
    const words = order.flatMap(name => [phys.read32(entry.regsPa + PT_REGS[name]), abi === 'i386' ? 0 : phys.read32(entry.regsPa + PT_REGS[name] + 4)]);
    return this.facts(this.currentPid, this.numberOf(entry), abi, words, null, null);
  }

  private facts(pid: number, nr: number, abi: Abi, words: number[], ret: number | null, because: string | null): CallFacts {
    const facts: CallFacts = {
      nr, abi, name: findDeclaration(nr, abi)?.name ?? `syscall_0x${nr.toString(16)}`, args: argumentsOf(nr, abi, words, address => this.readString(pid, address)),
      text: this.describe.call(pid, nr, abi, words, ret),
    };
    if (ret !== null) {
      const before = this.before.get(pid);
      this.before.delete(pid);
      if (before) facts.before = before;
      facts.ret = BigInt(ret);
      const errno = errnoOf(ret, because);
      if (errno) facts.errno = errno;
    }
    return facts;
  }

  /** What stands behind the pointer arguments of a call that will be told of at its return. */
  private pointedAt(pid: number, nr: number, abi: Abi, words: CallWords): (Uint8Array | undefined)[] {
    const types = Object.values(findDeclaration(nr, abi)?.args ?? {});
    return types.map(({ c }, i) => {
      const address = (words[2 * i + 1] ?? 0) * 2 ** 32 + (words[2 * i] ?? 0);
      return /[*\]]$/.test(c) && address > 0 && address < 2 ** 47 ? this.readMemory(pid, BigInt(address), BEFORE_BYTES) : undefined;
    });
  }

  private readString(pid: number, address: number): string | null {
    const bytes = this.readMemory(pid, BigInt(address), PATH_MAX);
    const end = bytes.indexOf(0);
    if (bytes.length === 0) return null;
    let text = '';
    for (const byte of end < 0 ? bytes : bytes.subarray(0, end)) text += String.fromCharCode(byte);
    return text;
  }

  private readonly before = new Map<number, (Uint8Array | undefined)[]>();

  private listener(): Partial<EventSink> {
    return {
      syscallEnter: (pid, nr, abi, args) => {
        const { syscallExit } = this.requests;
        if (syscallExit && !this.machine.isQuiet && (syscallExit(nr, abi, false) || syscallExit(nr, abi, true))) this.before.set(pid, this.pointedAt(pid, nr, abi, args));
      },
      syscallExit: (pid, nr, ret, because) => {
        if (this.machine.isQuiet || nr !== MMAP && !this.requests.syscallExit) return;
        const call = kernel.tasks.get(pid)?.call;
        if (!call) return;
        const { args } = call, abi = call.abi === 0 ? 'x86-64' : 'i386';
        if (nr === MMAP && ret > 0 && ((args[4] ?? 0) & PROT_EXEC) !== 0 && args[8] !== 0xffffffff) {
          const path = taskMappings(this.task(pid)).find(mapping => mapping.start === BigInt(ret))?.path;
          if (path) this.news.push({ kind: 'mapped', pid, path });
        }
        const isFailure = errnoOf(ret, null) !== undefined;
        if (this.requests.syscallExit?.(nr, abi, isFailure)) this.news.push({ kind: 'syscall', phase: 'exit', pid, call: this.facts(pid, nr, abi, args, ret, because) });
      },
      signal: (pid, signo, facts) => {
        if (this.machine.isQuiet || !this.requests.signals?.(signo)) return;
        const { name, text, isFatal, isHandled } = this.describe.signal(signo, facts);
        if (isFatal && !this.dies()) return;
        this.news.push({ kind: 'signal', pid, signal: { signo, name, text, isFatal, isHandled, ...(FAULTS.has(signo) ? { address: BigInt(facts.address) } : {}) } });
      },
      exec: (pid, path) => { this.tell({ kind: 'exec', pid, path }); },
      fork: (_parent, child) => { this.tell({ kind: 'task-started', pid: child }); },
      exit: (pid, _tgid, waitStatus) => {
        const signo = waitStatus & 0x7f;
        // What seccomp kills gets no signal first.
        if (signo === SIGSYS && this.end === null && !this.machine.isQuiet && this.requests.signals?.(signo) && this.dies()) {
          this.news.push({ kind: 'signal', pid, signal: { signo, name: this.signalName(signo), text: 'a seccomp filter kills it for this call', isFatal: true, isHandled: false } });
        }
        this.tell({ kind: 'task-exited', pid, status: signo ? 128 + signo : (waitStatus >> 8) & 0xff });
      },
    };
  }

  /** A change by the person of what `look` gives. */
  private edit<T>(look: () => unknown, change: () => T): T {
    const make = (): T => {
      this.timeline.forgetFuture();
      const result = change();
      this.timeline.edited();
      return result;
    };
    return this.kernel.frozen ? this.kernel.changeBefore(look, make) : make();
  }

  /** A task ends in the entry that is being answered; false: the run has stopped for that already. */
  private dies(): boolean {
    const { instant } = this.machine;
    if (this.passed && comparePositions(instant, this.passed) === 0) return false;
    this.end ??= instant;
    return true;
  }

  private takeNews(): TargetStop | null {
    const told = this.news.shift();
    if (told?.kind === 'signal' && told.signal.isFatal && this.end) this.standBefore(this.end, told.pid);
    return told ?? null;
  }

  /** The task is gone when the news of its end is read: the run stands before its last instruction, as it were under ptrace. */
  private standBefore(end: Position, pid: number): void {
    const { timeline, machine } = this, { core } = machine.parts;
    let place = end;
    for (let instructions = Math.max(timeline.start.instructions, end.instructions - LONGEST_STUB); instructions < end.instructions; instructions++) {
      timeline.stepBefore({ instructions, entry: 0, probe: 0 });
      if (this.currentPid === pid && core.registers.number('cpl') === 3 && machine.pendingEntry === null) place = machine.position;
    }
    timeline.stepBefore(place);
    this.passed = end;
  }

  private tell(stop: TargetStop): void {
    if (!this.machine.isQuiet) this.news.push(stop);
  }

  private signalName(signo: number): string {
    return this.describe.signal(signo, NO_FACTS).name;
  }

  private task(pid: number): task_struct {
    const task = kernel.tasks.get(pid);
    if (!task) throw new RangeError(`there is no task ${pid}`);
    return task;
  }
}

const ARGUMENTS = ['rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9'] as const;
const ARGUMENTS32 = ['rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp'] as const;
const STEP_SLICE = 10_000;
/** Instructions from the gate of an entry to the kernel, at most. */
const LONGEST_STUB = 64;
const PATH_MAX = 4096;
const BEFORE_BYTES = 256;
/** SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV: si_addr tells where. */
const FAULTS = new Set([4, 5, 7, 8, 11]);
const SIGSYS = 31;
const NO_FACTS: SignalFacts = { code: 0, errno: 0, pid: 0, uid: 0, status: 0, address: 0, value: 0n, syscall: 0, utime: 0, stime: 0, timerid: 0, overrun: 0, band: 0, fd: 0 };

const abiOf = (entry: PendingEntry): Abi => entry.kind === 'int80' ? 'i386' : 'x86-64';
/** The stub is a few dozen instructions long. */
const isWithin = (address: bigint, stub: bigint): boolean => address >= stub && address < stub + 256n;

function stateOf(task: task_struct): 'running' | 'blocked' | 'stopped' | 'zombie' {
  if (task.exit_state & EXIT_ZOMBIE) return 'zombie';
  if (task.__state & (TASK_STOPPED | TASK_TRACED)) return 'stopped';
  return task.__state === TASK_RUNNING ? 'running' : 'blocked';
}
