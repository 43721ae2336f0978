// The log as lines, to the byte as strace 6.1 writes them: prefixes, padding, unfinished and resumed calls, signals, exits. strace: src/strace.c, syscall.c.
// Not here: arguments and results (format/), which calls are shown (filter.ts), the table of -c (summary.ts). A call that never ends before its task does reads "= ?".
import { AUDIT_ARCH_I386 } from '../abi/seccomp';
import type { CallArguments, CallCost, EventSink, SignalFacts } from '../kernel/arch/x86/ports';
import { signalName } from '../abi/signal';
import { WCOREDUMP, WEXITSTATUS, WIFEXITED, WTERMSIG } from '../abi/wait';
import { ptr, type ArgType } from '../abi/arg_types';
import { entryText, exitText, isComplete, resultText } from './format/call_text';
import { subcallOf } from './format/subcall';
import { inAngles, Printer, type CallDeclaration, type Facts } from './format/printer';
import { siginfoText } from './format/signal';
import { hexNumber } from './format/text';
import type { MemoryReader } from './memory';
import { dumpText } from './dump';
import { useStyle } from './format/flags';
import type { CallStatus, Digits, StraceOptions, TextOptions } from './options';

export type Abi = 'x86-64' | 'i386';

/** What the log asks of the machine. */
export interface LogSource {
  declaration(nr: number, abi: Abi): CallDeclaration | undefined;
  memory(pid: number): MemoryReader;
  readonly facts: Facts;
  /** The wall clock, in nanoseconds since 1970. */
  now(): bigint;
  /** The user's RIP and RSP of a task that is in the kernel. */
  instructionPointer(pid: number): number;
  stackPointer(pid: number): number;
  /** The call stack of a task as lines; asked with -k only. */
  backtrace?(pid: number): string;
}

/** A call as a filter sees it, at its entry. */
export interface FilteredCall { readonly pid: number; readonly declared: CallDeclaration; readonly args: CallArguments; readonly memory: MemoryReader }

export interface LogFilter {
  call(name: string, nr: number, abi: Abi, call: FilteredCall): boolean;
  signal(signo: number): boolean;
}

export const everything: LogFilter = { call: () => true, signal: () => true };

/** strace 6.1 knows the calls of Linux 6.0: later numbers are printed as numbers. */
const LAST_KNOWN_CALL = 450;
/** uc_sigmask in struct ucontext, to which RSP points at rt_sigreturn. Linux: arch/x86/include/asm/sigframe.h. */
const UC_SIGMASK = 296;
/** After these there is nothing of the caller's stack. strace: src/syscall.c (STACKTRACE_CAPTURE_ON_ENTER) */
const LEAVING = new Set(['execve', 'execveat', 'exit', 'exit_group']);

interface Open {
  readonly printer: Printer;
  readonly nr: number;
  readonly startedNs: bigint;
  /** False once another line has interrupted this one: it goes on with `<... name resumed>`. */
  onLine: boolean;
  readonly isComplete: boolean;
  /** With -z and -Z the whole line waits for the result. */
  staged: string | null;
  /** The stack at the entry, of calls after which it is gone. */
  readonly stack: string;
}

/** A call without a declaration: six words. */
export const unknownCall = (nr: number): CallDeclaration => ({ name: `syscall_${hexNumber(nr)}`, args: unknownArgs, ret: ptrless });

export const isUnknown = (name: string): boolean => name.startsWith('syscall_0x');

const unknownArgs: Record<string, ArgType<number>> = Object.fromEntries([0, 1, 2, 3, 4, 5].map(i => [`arg${i}`, { ...ptr, kind: 'hex' }]));

/** What a log knows of what came before: with it another one goes on. */
export interface StraceState {
  readonly open: ReadonlyMap<number, Open>;
  readonly tasks: ReadonlySet<number>;
  readonly lineOwner: number | null;
  readonly column: number;
  readonly lastStampNs: bigint | null;
  readonly previousCall: ReadonlyMap<number, string>;
  readonly lastNr: ReadonlyMap<number, number>;
  readonly abiOf: ReadonlyMap<number, Abi>;
}

/** What is told of a call whose end is not shown. */
const isShown = (wanted: ReadonlySet<CallStatus> | null, status: CallStatus): boolean => wanted === null || wanted.has(status);

const copiesOf = (open: ReadonlyMap<number, Open>): Map<number, Open> => new Map([...open].map(([pid, call]) => [pid, { ...call, printer: call.printer.copy() }]));

export class StraceLog implements EventSink {
  private open = new Map<number, Open>();
  private tasks = new Set<number>();
  /** The task whose line is not finished, and how many characters of it are written. */
  private lineOwner: number | null = null;
  private column = 0;
  private lastStampNs: bigint | null = null;
  private previousCall = new Map<number, string>();
  /** The number that -n shows beside signals and exits: that of the last call. */
  private lastNr = new Map<number, number>();
  private abiOf = new Map<number, Abi>();

  constructor(
    private readonly source: LogSource,
    private readonly options: StraceOptions,
    private readonly write: (text: string) => void,
    private readonly filter: LogFilter = everything,
    /** strace's own messages, which go to stderr wherever the log goes. */
    private readonly message: (text: string) => void = () => undefined,
  ) {}

  saveState(): StraceState {
    const { open, tasks, lineOwner, column, lastStampNs, previousCall, lastNr, abiOf } = this;
    return { open: copiesOf(open), tasks: new Set(tasks), lineOwner, column, lastStampNs, previousCall: new Map(previousCall), lastNr: new Map(lastNr), abiOf: new Map(abiOf) };
  }

  loadState({ open, tasks, lineOwner, column, lastStampNs, previousCall, lastNr, abiOf }: StraceState): void {
    this.open = copiesOf(open);
    this.tasks = new Set(tasks);
    this.lineOwner = lineOwner;
    this.column = column;
    this.lastStampNs = lastStampNs;
    this.previousCall = new Map(previousCall);
    this.lastNr = new Map(lastNr);
    this.abiOf = new Map(abiOf);
  }

  syscallEnter(pid: number, nr: number, abi: Abi, args: CallArguments): void {
    this.tasks.add(pid);
    this.lastNr.set(pid, nr);
    this.reportMode(pid, abi);
    const declared = nr <= LAST_KNOWN_CALL ? this.source.declaration(nr, abi) : undefined;
    const inner = abi === 'i386' ? subcallOf(nr, args, this.source.memory(pid), number => this.source.declaration(number, 'x86-64')) : null;
    const call = inner?.call ?? declared ?? unknownCall(nr);
    const memory = this.source.memory(pid);
    if (!this.filter.call(call.name, nr, abi, { pid, declared: call, args, memory })) { this.open.delete(pid); return; }
    const words = call.name === 'rt_sigreturn' ? maskAddress(this.source.stackPointer(pid)) : inner?.words ?? args;
    const printer = new Printer(pid, call, words, memory, this.textOptions(call.name), this.source.facts, abi === 'i386');
    const text = call.name === 'restart_syscall' ? `<... resuming interrupted ${this.previousCall.get(pid) ?? 'system call'} ...>` : entryText(printer);
    const leader = this.options.status === null ? null : this.leaderText(pid, nr);
    const record: Open = {
      printer, nr, startedNs: this.options.callTimes !== null ? this.source.now() : 0n, onLine: true, isComplete: isComplete(printer, text),
      staged: leader === null ? null : `${leader}${call.name}(${text}`, stack: LEAVING.has(call.name) ? this.stack(pid) : '',
    };
    this.open.set(pid, record);
    if (record.staged !== null) return;
    this.leader(pid, nr);
    this.put(`${call.name}(${text}`);
  }

  /** `ret` is negative for errors. `injected`: what stands in `(INJECTED)`. */
  syscallExit(pid: number, _nr: number, ret: number, _because: string | null = null, _cost?: CallCost, injected: string | null = null): void {
    const record = this.open.get(pid);
    if (!record) return;
    this.open.delete(pid);
    const { printer } = record;
    this.previousCall.set(pid, printer.call.name);
    const rest = `${printer.call.name === 'restart_syscall' ? '' : exitText(printer, ret)})`;
    const dump = this.options.dumps === null ? '' : dumpText(printer, ret, this.options.dumps);
    const result = `${resultText(printer, ret)}${injected === null ? '' : ` (${injected})`}${this.elapsed(record)}\n${dump}`;
    if (record.staged !== null) {
      const failed = ret < 0 && ret >= -4095;
      if (!isShown(this.options.status, failed ? 'failed' : 'successful')) return;
      this.breakLine();
      const line = record.staged + rest;
      this.write(`${line}${padding(line.length, this.options.column)}= ${result}${record.stack || this.stack(pid)}`);
      return;
    }
    this.resume(pid, record);
    this.put(rest);
    this.finish(result + (record.stack || this.stack(pid)));
  }

  signal(pid: number, signo: number, info: SignalFacts): void {
    if (!this.filter.signal(signo)) return;
    this.leader(pid, -1);
    useStyle(this.options.constStyle);
    const text = siginfoText({ ...info, signo }, nr => this.source.declaration(nr, info.arch === AUDIT_ARCH_I386 ? 'i386' : 'x86-64')?.name, one => this.processText(one));
    this.endLine(`--- ${signalName(signo)} ${text} ---\n${this.stack(pid)}`);
  }

  /** A job control stop, which has no siginfo. */
  stopped(pid: number, signo: number): void {
    this.leader(pid, -1);
    this.endLine(`--- stopped by ${signalName(signo)} ---\n`);
  }

  /** A call that never returns. */
  private endCall(pid: number): void {
    const record = this.open.get(pid);
    if (!record) return;
    this.open.delete(pid);
    if (record.staged !== null) {
      if (!isShown(this.options.status, 'unfinished')) return;
      this.breakLine();
      const line = `${record.staged}${record.isComplete ? '' : ' <unfinished ...>'})`;
      this.write(`${line}${padding(line.length, this.options.column)}= ?\n`);
      return;
    }
    this.resume(pid, record);
    this.put(`${record.isComplete ? '' : ' <unfinished ...>'})`);
    this.finish('?\n');
  }

  exit(pid: number, _tgid: number, waitStatus: number): void {
    const record = this.open.get(pid);
    this.endCall(pid);
    if (WIFEXITED(waitStatus) ? !this.options.quiet.has('exit') : this.filter.signal(WTERMSIG(waitStatus))) {
      this.leader(pid, -1, false);
      const text = WIFEXITED(waitStatus)
        ? `exited with ${WEXITSTATUS(waitStatus)}`
        : `killed by ${signalName(WTERMSIG(waitStatus))}${WCOREDUMP(waitStatus) ? ' (core dumped)' : ''}`;
      this.endLine(`+++ ${text} +++\n${record?.stack ?? ''}`);
    }
    this.tasks.delete(pid);
    this.abiOf.delete(pid);
    this.lastNr.delete(pid);
    this.previousCall.delete(pid);
  }

  fork(_parent: number, child: number, _flags: number): void {
    if (!this.options.follow) return;
    this.tasks.add(child);
    if (!this.options.quiet.has('attach')) this.message(`strace: Process ${child} attached\n`);
  }

  /** A thread that is not the leader called execve: the leader's number lives on in it. */
  superseded(leader: number, thread: number): void {
    this.endCall(leader);
    const record = this.open.get(thread);
    this.open.delete(thread);
    this.tasks.delete(thread);
    if (record) this.open.set(leader, record);
    if (this.options.quiet.has('thread-execve')) return;
    this.leader(leader, -1, false);
    this.endLine(`+++ superseded by execve in pid ${thread} +++\n`);
  }

  exec(): void { /* The text of execve is complete at entry. */ }
  switch(): void { /* strace does not show switches. */ }
  fault(): void { /* strace does not show faults. */ }
  vdso(): void { /* strace does not see what happens in ring 3. */ }
  notice(): void { /* Notices are for the person, not for the log. */ }

  /** The person has changed the past: what was logged after that place never happens. What is printed stays, and says so. */
  forgetFuture(): void {
    this.breakLine();
    this.open.clear();
    this.write('--- the past was changed: calls logged after that place are discarded ---\n');
  }

  /** The log ends while calls are open (the person stopped the program). */
  detach(): void {
    if (this.lineOwner !== null && this.column > 0) this.endLine(' <detached ...>\n');
    this.open.clear();
  }

  /** A task goes on without a log (-b execve). */
  leave(pid: number): void {
    if (!this.options.quiet.has('attach')) this.message(`strace: Process ${pid} detached\n`);
    if (this.lineOwner === pid && this.column > 0) this.endLine(' <detached ...>\n');
    this.open.delete(pid);
    this.tasks.delete(pid);
  }

  private reportMode(pid: number, abi: Abi): void {
    if ((this.abiOf.get(pid) ?? 'x86-64') === abi) return;
    this.abiOf.set(pid, abi);
    if (!this.options.quiet.has('personality')) this.message(`strace: [ Process PID=${pid} runs in ${abi === 'i386' ? '32 bit' : '64 bit'} mode. ]\n`);
  }

  /** A process with its name, where -Y asks for it. */
  private processText(pid: number): string {
    const comm = this.options.comm && pid > 0 ? this.source.facts.comm?.(pid) ?? null : null;
    return comm === null ? String(pid) : `${pid}${inAngles(comm, this.options.hexStrings)}`;
  }

  private textOptions(name: string): TextOptions { return this.options.byCall?.(name) ?? this.options; }

  private stack(pid: number): string {
    return this.options.stackTraces ? this.source.backtrace?.(pid) ?? '' : '';
  }

  private elapsed(record: Open): string {
    const { callTimes } = this.options;
    return callTimes === null ? '' : ` <${secondsText(this.source.now() - record.startedNs, callTimes)}>`;
  }

  /** The open line gives way to another. */
  private breakLine(): void {
    if (this.lineOwner === null || this.column === 0) return;
    this.write(' <unfinished ...>\n');
    const record = this.open.get(this.lineOwner);
    if (record) record.onLine = false;
    this.lineOwner = null;
    this.column = 0;
  }

  private leader(pid: number, nr: number, isAlive = true): void {
    this.breakLine();
    this.lineOwner = pid;
    this.column = 0;
    this.put(this.leaderText(pid, nr, isAlive));
  }

  private leaderText(pid: number, nr: number, isAlive = true): string {
    const { options } = this;
    let text = '';
    const named = options.comm ? inAngles(this.source.facts.comm?.(pid) ?? '', options.hexStrings) : '';
    if (options.separate) { /* The file's name tells. */ }
    else if (options.follow && options.toFile) text += `${String(pid).padEnd(5)}${named} `;
    else if (options.follow && this.tasks.size > 1) text += `[pid ${String(pid).padStart(5)}${named}] `;
    text += this.stamp();
    if (options.callNumber) text += `[${String(nr < 0 ? this.lastNr.get(pid) ?? 0 : nr).padStart(4)}] `;
    if (options.instructionPointer) text += isAlive ? `[${this.source.instructionPointer(pid).toString(16).padStart(16, '0')}] ` : '[????????????????] ';
    return text;
  }

  private stamp(): string {
    const { time, relative, timeZoneMinutes } = this.options;
    if (time === null && relative === null) return '';
    const now = this.source.now();
    const seconds = now / BILLION;
    let text = '';
    if (time?.format === 'unix') text = `${secondsText(now, time.digits)} `;
    else if (time) {
      const day = Number(((seconds + BigInt(timeZoneMinutes * 60)) % 86400n + 86400n) % 86400n);
      const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
      text = `${two(day / 3600)}:${two(day / 60 % 60)}:${two(day % 60)}${fraction(now, time.digits)} `;
    }
    if (relative === null) return text;
    const delta = now - (this.lastStampNs ?? now);
    this.lastStampNs = now;
    const gap = `${String(delta / BILLION).padStart(6)}${fraction(delta, relative)}`;
    return time === null ? `${gap} ` : `${text}(+${gap}) `;
  }

  private resume(pid: number, record: Open): void {
    if (record.onLine && this.lineOwner === pid) return;
    this.leader(pid, record.nr);
    this.put(`<... ${record.printer.call.name} resumed>`);
  }

  private put(text: string): void {
    this.write(text);
    this.column += text.length;
  }

  /** The result, in its column. */
  private finish(result: string): void {
    this.endLine(`${padding(this.column, this.options.column)}= ${result}`);
  }

  private endLine(text: string): void {
    this.write(text);
    this.lineOwner = null;
    this.column = 0;
  }
}

const BILLION = 1_000_000_000n;
const fraction = (ns: bigint, digits: Digits): string => digits === 0 ? '' : `.${String(ns % BILLION).padStart(9, '0').slice(0, digits)}`;
const secondsText = (ns: bigint, digits: Digits): string => `${ns / BILLION}${fraction(ns, digits)}`;

const ptrless: ArgType<number> = { ...ptr, kind: 'long' };

/** One space at least, then up to the column. */
const padding = (at: number, column: number): string => column - at < 2 ? ' ' : spaces[column - at] ??= ' '.repeat(column - at);
const spaces: (string | undefined)[] = [];

const maskAddress = (sp: number): Float64Array => {
  const at = sp + UC_SIGMASK;
  return Float64Array.of(at % 4294967296, Math.floor(at / 4294967296), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
};
