// The log as data: one JSON object a line, with what the text log says (strace_text.ts) as typed values (format/typed.ts). A call is one line, written when it ends; one that never ends has no "return".
import { AUDIT_ARCH_I386 } from '../abi/seccomp';
import { findErrno } from '../abi/errno';
import { signalName } from '../abi/signal';
import { WCOREDUMP, WEXITSTATUS, WIFEXITED, WTERMSIG } from '../abi/wait';
import type { CallArguments, EventSink, SignalFacts } from '../kernel/arch/x86/ports';
import { entryText, exitText, resultText } from './format/call_text';
import { Printer } from './format/printer';
import { siginfoText } from './format/signal';
import { subcallOf } from './format/subcall';
import { hexNumber } from './format/text';
import { typedFields, typedValue, type Typed } from './format/typed';
import type { StraceOptions } from './options';
import { everything, unknownCall, type Abi, type LogFilter, type LogSource } from './strace_text';

interface Open { readonly printer: Printer; readonly nr: number; readonly abi: Abi; readonly startedNs: bigint; readonly text: string; readonly ip: number | null }

const BITS = new Set(['bits', 'openFlags']), COUNTS = new Set(['int', 'uint', 'long', 'ulong', 'size', 'lenOf', 'off']);

/** Nanoseconds as seconds with microseconds. */
const seconds = (ns: bigint): number => Number(ns / 1000n) / 1e6;

export class JsonLog implements EventSink {
  private readonly open = new Map<number, Open>();

  constructor(
    private readonly source: LogSource,
    private readonly options: StraceOptions,
    private readonly write: (line: string) => void,
    private readonly filter: LogFilter = everything,
  ) {}

  syscallEnter(pid: number, nr: number, abi: Abi, args: CallArguments): void {
    const declared = this.source.declaration(nr, abi);
    const inner = abi === 'i386' ? subcallOf(nr, args, this.source.memory(pid), number => this.source.declaration(number, 'x86-64')) : null;
    const call = inner?.call ?? declared ?? unknownCall(nr);
    this.open.delete(pid);
    const memory = this.source.memory(pid);
    if (!this.filter.call(call.name, nr, abi, { pid, declared: call, args, memory })) return;
    const printer = new Printer(pid, call, inner?.words ?? args, memory, this.options.byCall?.(call.name) ?? this.options, this.source.facts, abi === 'i386');
    const ip = this.options.instructionPointer ? this.source.instructionPointer(pid) : null;
    this.open.set(pid, { printer, nr, abi, startedNs: this.source.now(), text: entryText(printer), ip });
  }

  syscallExit(pid: number, _nr: number, ret: number, because: string | null = null): void {
    const record = this.open.get(pid);
    if (!record) return;
    this.open.delete(pid);
    const { status } = this.options, isFailed = ret < 0 && ret >= -4095;
    const text = record.text + exitText(record.printer, ret);
    if (status !== null && !status.has(isFailed ? 'failed' : 'successful')) return;
    this.put({ ...this.call(pid, record, text), ...this.result(record.printer, ret), ...(because !== null && isFailed ? { because } : {}), duration: seconds(this.source.now() - record.startedNs), ...this.stack(pid) });
  }

  signal(pid: number, signo: number, info: SignalFacts): void {
    if (!this.filter.signal(signo)) return;
    this.put({ type: 'signal', pid, time: seconds(this.source.now()), signal: signalName(signo), info: typedValue(siginfoText({ ...info, signo }, nr => this.source.declaration(nr, info.arch === AUDIT_ARCH_I386 ? 'i386' : 'x86-64')?.name)), ...this.stack(pid) });
  }

  stopped(pid: number, signo: number): void {
    this.put({ type: 'stopped', pid, time: seconds(this.source.now()), signal: signalName(signo) });
  }

  exit(pid: number, _tgid: number, waitStatus: number): void {
    this.endCall(pid);
    if (this.options.quiet.has('exit')) return;
    const how: Record<string, Typed> = WIFEXITED(waitStatus) ? { status: WEXITSTATUS(waitStatus) } : { signal: signalName(WTERMSIG(waitStatus)), isCoreDumped: WCOREDUMP(waitStatus) };
    this.put({ type: 'exit', pid, time: seconds(this.source.now()), ...how });
  }

  superseded(leader: number, thread: number): void {
    this.endCall(leader);
    const record = this.open.get(thread);
    this.open.delete(thread);
    if (record) this.open.set(leader, record);
    this.put({ type: 'superseded', pid: leader, time: seconds(this.source.now()), by: thread });
  }

  fork(): void { /* The call that forks tells the child. */ }
  exec(): void { /* The call tells it. */ }
  switch(): void { /* No more than the text log. */ }
  fault(): void { /* No more than the text log. */ }
  vdso(): void { /* No more than the text log. */ }
  notice(): void { /* Notices are for the person. */ }

  /** The log ends while calls are open. */
  detach(): void {
    for (const pid of this.open.keys()) this.endCall(pid);
  }

  /** A task goes on without a log (-b execve). */
  leave(pid: number): void { this.endCall(pid); }

  private endCall(pid: number): void {
    const record = this.open.get(pid);
    this.open.delete(pid);
    if (record && (this.options.status?.has('unfinished') ?? true)) this.put(this.call(pid, record, record.text.replace(/, $/, '')));
  }

  private call(pid: number, { printer, nr, abi, startedNs, ip }: Open, text: string): Record<string, Typed> {
    return {
      type: 'syscall', pid, time: seconds(startedNs), name: printer.call.name, nr, ...(abi === 'i386' ? { abi } : {}), ...(ip === null ? {} : { ip: hexNumber(ip) }),
      args: argumentsOf(printer, text), raw: Object.keys(printer.call.args).map((_, i) => printer.hex(i)),
    };
  }

  private result(printer: Printer, ret: number): Record<string, Typed> {
    const error = ret < 0 && ret >= -4095 ? findErrno(-ret) : undefined;
    const aux: Record<string, Typed> = printer.aux === null ? {} : { aux: typedValue(printer.aux) };
    if (error) return ret <= -512 ? { errno: error.name, error: error.text } : { return: -1, errno: error.name, error: error.text, ...aux };
    const text = resultText(printer, ret);
    return { return: typedValue(printer.aux === null ? text : text.slice(0, -printer.aux.length - 3)), ...aux };
  }

  private stack(pid: number): Record<string, Typed> {
    if (!this.options.stackTraces) return {};
    return { stack: (this.source.backtrace?.(pid) ?? '').split('\n').map(line => line.trim().replace(/^> /, '')).filter(line => line !== '') };
  }

  private put(line: Record<string, Typed>): void {
    this.write(`${JSON.stringify(line)}\n`);
  }
}

/** Arguments by the names of the declaration, or by those that the text itself has (clone). Flags are always a list. */
function argumentsOf(printer: Printer, text: string): Typed {
  const { named, plain } = typedFields(text);
  const types = Object.entries(printer.call.args).filter(([, type]) => type.kind !== 'unused');
  const args: Record<string, Typed> = {};
  plain.forEach((value, i) => {
    const [name, type] = types[i] ?? [`arg${i}`, undefined];
    if (type && BITS.has(type.kind) && !Array.isArray(value)) args[name] = value === 0 ? [] : [value];
    else if (type && COUNTS.has(type.kind) && typeof value === 'string' && Number.isSafeInteger(Number(value))) args[name] = Number(value);
    else args[name] = value;
  });
  return { ...args, ...named };
}
