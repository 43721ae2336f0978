// What the debugger knows of a running machine: tasks, registers, memory, files, and running until something stops it.
// Not here: symbols, source lines, breakpoints as a person sees them. The machine room implements this by shape (it may not import it).
//
// Addresses are bigints (kernel addresses do not fit a double). Nothing here blocks: `run` comes back after its budget at the latest.

import type { Errno } from '../abi/errno';
import type { Position } from '../trace/position';

export type TaskState = 'running' | 'blocked' | 'stopped' | 'zombie';

export interface TaskFacts {
  pid: number;
  /** The pid of its thread group's leader. */
  tgid: number;
  /** comm: at most 15 bytes. */
  name: string;
  state: TaskState;
}

/** One line of /proc/PID/maps, or the kernel image (path "[kernel]"). */
export interface Mapping {
  start: bigint;
  end: bigint;
  /** Offset into the file. */
  offset: bigint;
  /** "rwxp" as in /proc/PID/maps. */
  permissions: string;
  /** Path in the guest, "[vdso]", "[kernel]", "[stack]", "[heap]", or "" for anonymous memory. */
  path: string;
}

/**
 * Names: rax rbx rcx rdx rsi rdi rbp rsp r8..r15 rip rflags cs ss ds es fs gs fs_base gs_base kernel_gs_base orig_rax
 * cr0 cr2 cr3 cr4 efer mxcsr, ymm0..15 (256 bits), st0..7 (80 bits), fctrl fstat ftag. An unknown name reads as undefined.
 */
export interface RegisterFile {
  read(name: string): bigint | undefined;
  /** False when the register is unknown or may not be written. */
  write(name: string, value: bigint): boolean;
}

export interface CallArgument {
  /** Its man-page name. */
  name: string;
  /** As it was passed, zero-extended as the type is wide: an int -100 is 0xffffff9c with `isSigned`. */
  raw: bigint;
  bits: 8 | 16 | 32 | 64;
  isSigned: boolean;
  /** The text of a path or string argument (bytes as latin1), when memory could be read. */
  text?: string;
}

export type Abi = 'x86-64' | 'i386';

/** A system call as decoded for a person. */
export interface CallFacts {
  nr: number;
  abi: Abi;
  name: string;
  args: readonly CallArgument[];
  /** Present at the return. */
  ret?: bigint;
  /** Present at a failing return; `reason` is the check that refused the call. */
  errno?: { name: string; number: number; text: string; reason: string | null };
  /** At the return: what stood behind each pointer argument when the call was made. */
  before?: readonly (Uint8Array | undefined)[];
  /** As strace prints it: `write(1, "hi\n", 3)`, with ` = 3` or ` = -1 ENOENT (No such file or directory)` at the return. */
  text: string;
}

export interface SignalFacts { signo: number; name: string; text: string; address?: bigint; isFatal: boolean; isHandled: boolean }

/** Why `run` came back. */
export type Stop =
  /** The budget is used up; nothing else happened. */
  | { kind: 'budget' }
  /** Every task sleeps and one of them waits for the host (terminal, real-time pacing): run again after at most `waitMs`. */
  | { kind: 'idle'; waitMs: number }
  /** Before the instruction at a breakpoint. */
  | { kind: 'breakpoint'; pid: number; address: bigint }
  /** After the instruction that touched a watched range. */
  | { kind: 'watchpoint'; pid: number; address: bigint; size: number; access: 'read' | 'write' }
  /** The task that was stepped has retired one instruction (in ring 3 or ring 0). */
  | { kind: 'step'; pid: number }
  /** In the kernel's own code, before a statement of it: one that setStopRequests asked for, or the end of a step in the kernel. */
  | { kind: 'probe'; pid: number; probe: number; call?: CallFacts }
  /** 'enter': in ring 0, before the kernel's handler. 'exit': in ring 0, after it. */
  | { kind: 'syscall'; phase: 'enter' | 'exit'; pid: number; call: CallFacts }
  /** A signal is about to be delivered. */
  | { kind: 'signal'; pid: number; signal: SignalFacts }
  /** The task's program was replaced; it is about to run its first instruction. */
  | { kind: 'exec'; pid: number; path: string }
  /** A file was mapped with PROT_EXEC: code may have appeared. Reported after the call that mapped it. */
  | { kind: 'mapped'; pid: number; path: string }
  | { kind: 'task-started'; pid: number }
  | { kind: 'task-exited'; pid: number; status: number }
  /** The machine has ended; `status` is the first process' (128+n when signal n killed it). */
  | { kind: 'exited'; status: number; signal?: string }
  /** All tasks are blocked and nothing can wake one; one sentence per task. */
  | { kind: 'deadlock'; waits: string[] }
  /** Once, when a run in the past has come to where the recording ends; the next run goes on live. */
  | { kind: 'recording-end' };

/** Time as a place to go to. */
export interface Timeline {
  /** Where the machine stands. */
  readonly position: Position;
  readonly start: Position;
  /** The furthest place that has been recorded. */
  readonly end: Position;
  /** True before `end`: run() repeats what was, printing nothing and logging nothing twice, until it reports 'recording-end'. */
  readonly isInPast: boolean;
  /**
   * Moves the machine to the first place at or after `position` (at most `end`). Nobody is told and nothing stops it. False: `shouldYield` (asked now and
   * then) stopped it on the way; call again to go on. The next run passes a breakpoint or call at the new place, unless `stopsHere` asks to report it.
   */
  goTo(position: Position, options?: { shouldYield?: () => boolean; stopsHere?: boolean }): boolean;
  /** The nearest stored checkpoint at or before `position`: going there costs no running. */
  checkpointBefore(position: Position): Position;
  /** From here on, what is recorded after this place never happens; the next run is live. */
  forgetFuture(): void;
}

export interface Watchpoint { address: bigint; size: number; access: 'read' | 'write' | 'readWrite' }

/** What the debugger wants to be told of; replaces the previous requests. Unrequested kinds are not reported. */
/** A function of the simulated kernel that is being called, at a statement of its TypeScript source. */
export interface KernelFrame {
  /** Linux's name. */
  name: string;
  /** Path of the source below src/kernel. */
  file: string;
  line: number;
  column: number;
  /** What is in scope at this statement. */
  locals: readonly { name: string; value: unknown; isArgument: boolean; type?: KernelType }[];
}

/**
 * What declares the type of a variable, of its elements, of its fields: `c:size_t` (a name of abi/c_types.ts), `f:file.f_pos` (a field of a kernel object), `a:read.fd`
 * (an argument of a system call), `r:read` (its result); `object` is a kernel object's type.
 */
export type KernelType = string | { readonly object: string } | { readonly list: KernelType } | { readonly set: KernelType } | { readonly map: readonly [KernelType | null, KernelType | null] } | { readonly struct: string };

export type KernelStep = 'into' | 'over' | 'out';
/** Where to stop in the next kernel entry: a step, the first statement of the function of that name, or that of the system call's handler. */
export type KernelGoal = KernelStep | { into: string } | 'handler';

/** The kernel's own code. What is not about frames loads the probed kernel when it is first asked. */
export interface KernelCode {
  /** Innermost first; empty when the machine does not stand inside the kernel. They belong to the current task. */
  readonly frames: readonly KernelFrame[];
  /** Where a task sleeps in its system call, innermost first; empty for one that does not. */
  asleep(pid: number): readonly KernelFrame[];
  /** The function that has just come back to the innermost frame, and its result. */
  readonly returned: { name: string; value: unknown; type?: KernelType } | null;
  /** The fields of the records that types name. */
  readonly structs: Readonly<Record<string, Readonly<Record<string, KernelType>>>>;
  /** Every function with the probes at which a breakpoint on it stops. */
  readonly functions: readonly { name: string; file: string; line: number; probes: readonly number[] }[];
  readonly sources: readonly { path: string; text: string }[];
  /** The nearest line from `line` on that has statements. */
  statementsAt(file: string, line: number): { line: number; probes: number[] } | undefined;
  lines(file: string, from: number, to: number): number[];
  /** The value of a constant of the kernel's: an integer, an errno. */
  constant(name: string): number | Errno | undefined;
  /** Functions that a system call can come to, by their distance from its handler in calls; "file:line" of each. */
  distancesFrom(syscall: string): ReadonlyMap<string, number>;
  /** The functions that the statement of the innermost frame may call. */
  callees(): string[];
  /** Within the entry; false: there is no such statement, and the machine stands before the entry. */
  stepBack(step: KernelStep): boolean;
  /** To the last probe that StopRequests.kernel accepts; false as stepBack. */
  continueBack(): boolean;
  /** To the probe with that index of the entry that is due, from its end where `fromEnd` (-1 is the last); false as stepBack. */
  goTo(index: number, fromEnd?: boolean): boolean;
  /** To the statement at which the entry that is due tells of its event of that number, from 1 on; false as stepBack. */
  goToEvent(number: number): boolean;
  /** Runs the entry inside which the machine stands from its beginning, for at most so many probes, and takes that back: what the next step runs is fast then. False: it has more. */
  rehearse(probes: number): boolean;
  /** Loads the next part of what looking inside takes; false: there is more. Nothing has to wait for it: what is asked loads the rest. */
  prepare(): boolean;
}

export interface StopRequests {
  breakpoints: ReadonlySet<bigint>;
  watchpoints: readonly Watchpoint[];
  /** Asked once per call, before its handler runs; null: no call stops. */
  syscallEnter: ((nr: number, abi: 'x86-64' | 'i386') => boolean) | null;
  /** Asked once per call, after its handler has returned. */
  syscallExit: ((nr: number, abi: 'x86-64' | 'i386', isFailure: boolean) => boolean) | null;
  signals: ((signo: number) => boolean) | null;
  /** Statements of the kernel, by probe. Asked while the kernel stands there, at `place`; absent or null: none. */
  kernel?: { probes: ReadonlySet<number>; accepts: (probe: number, frame: KernelFrame, place: Position) => boolean } | null;
}

export interface Target {
  /** Living tasks by pid. */
  tasks(): TaskFacts[];
  /** The task that the processor runs. */
  readonly currentPid: number;
  /** 'innermost': the processor's registers for the current task; for another, where in ring 0 it goes on, pt_regs before it first runs. 'user': pt_regs, the ring-3 state. */
  registers(pid: number, level: 'innermost' | 'user'): RegisterFile;
  /** The bytes that can be read from `address` on: shorter than `length` at the first unmapped page. Pages not yet faulted in are read from their file. */
  readMemory(pid: number, address: bigint, length: number): Uint8Array;
  /** Writes through page protection, breaking copy-on-write; returns how many bytes were written. */
  writeMemory(pid: number, address: bigint, bytes: Uint8Array): number;
  /**
   * Changes objects of the kernel. Inside a kernel entry this change, and those of registers and memory, are made as of before the entry, which then runs again to the same
   * statement, or to where it goes another way for it; UserError when the entry has changed what `look` gives.
   */
  changeKernel(look: () => unknown, change: () => void): void;
  /** In address order. Always has the kernel image. */
  mappings(pid: number): Mapping[];
  /** The contents of a mapped file by the path of its mapping ("[vdso]" and "[kernel]" too), or of a file of the guest such as a separate debug file. */
  readFile(path: string): Uint8Array | undefined;
  setStopRequests(requests: StopRequests): void;
  /**
   * Runs at most `budget` instructions. With `stepPid`, comes back with 'step' as soon as that task has retired one instruction; other tasks may run in between.
   * The instruction at which the current task stands is executed even if a breakpoint stands there.
   * 'exec', 'mapped', 'task-started', 'task-exited', 'exited' and 'deadlock' are always reported.
   */
  run(budget: number, stepPid?: number, goal?: KernelGoal): Stop;
  /** With a `goal`, run() looks into the kernel: into the entry that it stands in or before, or that the step of `stepPid` makes. It comes back with 'probe', or with 'step' when the entry is answered. */
  readonly kernel: KernelCode;
  /** Registers and memory that are written make a new present: what was recorded after this place is forgotten. */
  readonly timeline: Timeline;
  /** Instructions retired since launch. */
  readonly instructionsRetired: number;
}
