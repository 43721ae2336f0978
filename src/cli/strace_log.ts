// The log of `ringside strace` on a machine: who is followed, what is shown, in which files, and the table beside it.
import path from 'node:path';
import type { Host } from '../machine/host';
import type { EventSink } from '../machine/events';
import type { Session } from '../machine/assemble';
import { FIRST_PID } from '../machine/launch_call';
import { resolvePath } from '../machine/program';
import { writeAll } from '../host/node/console';
import { JsonLog } from '../trace/json_log';
import { quote } from '../trace/format/text';
import { worksOn } from '../trace/path_filter';
import { isUnknown, StraceLog, type LogFilter, type LogSource } from '../trace/strace_text';
import { Summary } from '../trace/summary';
import { guestBytes } from './program_path';
import type { StraceArguments } from './strace_arguments';
import { summaryListener } from './summary_listener';
import { TraceOutput } from './trace_output';

const STDERR = 2;

export interface Log {
  /** The run ends while calls are open. */
  detach(): void;
  close(): void;
}

/** strace's own messages, which go to standard error wherever the log goes. */
const message = (text: string): void => writeAll(STDERR, Buffer.from(text, 'latin1'));

/** Says what strace says before it begins. */
export function sayRemarks(remarks: readonly string[]): void {
  for (const remark of remarks) message(`strace: ${remark}\n`);
}

interface OneLog extends EventSink { detach(): void; leave(pid: number): void }
interface Writer { readonly log: OneLog; readonly output: TraceOutput }

/** The logs of a run: one, or with -ff one for each process. */
class Logs {
  private readonly writers = new Map<number, Writer>();

  constructor(private readonly trace: StraceArguments, private readonly json: boolean, private readonly source: LogSource, private readonly filter: LogFilter) {
    this.of(FIRST_PID);
  }

  of(pid: number): OneLog {
    const { output, appends, log: { separate } } = this.trace, key = separate ? pid : FIRST_PID;
    let writer = this.writers.get(key);
    if (!writer) this.writers.set(key, writer = this.make(new TraceOutput(output !== null && separate ? `${output}.${pid}` : output, appends)));
    return writer.log;
  }

  private make(output: TraceOutput): Writer {
    const { source, filter, trace: { log } } = this, write = (text: string): void => output.write(text);
    // The output takes bytes as characters; JSON is UTF-8.
    return { output, log: this.json ? new JsonLog(source, log, line => write(Buffer.from(line, 'utf8').toString('latin1')), filter) : new StraceLog(source, log, write, filter, message) };
  }

  detach(): void { for (const { log } of this.writers.values()) log.detach(); }

  close(lastWords: string): void {
    for (const { output } of this.writers.values()) {
      output.write(lastWords);
      output.close();
    }
  }
}

/** The paths of -P as the program sees them, with those that they lead to. */
function tracedPaths({ paths, log }: StraceArguments, host: Host, sysroot: string, cwd: string): Set<string> {
  const all = new Set<string>();
  for (const given of paths.map(guestBytes)) {
    all.add(given);
    const real = resolvePath(host.files, sysroot, path.posix.resolve(cwd, given));
    if (typeof real !== 'string' || real === 'pending' || real === given) continue;
    all.add(real);
    const quoted = (text: string): string => quote(Buffer.from(text, 'latin1'), log.hexStrings);
    if (!log.quiet.has('path-resolution')) message(`strace: Requested path ${quoted(given)} resolved into ${quoted(real)}\n`);
  }
  return all;
}

/** Starts the log of a run, before anything has happened. Throws UserError. */
export function attachLog(trace: StraceArguments, json: boolean, { machine, logSource }: Session, host: Host, sysroot: string, cwd: string, backtrace?: (pid: number) => string): Log {
  const { summary: wanted } = trace, paths = trace.paths.length > 0 ? tracedPaths(trace, host, sysroot, cwd) : null;
  sayRemarks(trace.lastRemarks);
  const filter: LogFilter = {
    // What strace has no name for is in no set, and always shown.
    call: (name, _nr, _abi, call) => (trace.calls.has(name) || isUnknown(name)) && (paths === null || worksOn(paths, call, logSource.facts)),
    signal: signo => trace.signals.has(signo),
  };
  const logs = new Logs(trace, json, { ...logSource, ...(backtrace ? { backtrace } : {}) }, filter);
  const summary = wanted ? new Summary() : null, start = machine.parts.clock.bootEpochNs;
  const traced = new Set([FIRST_PID]);
  if (summary && wanted) {
    const listener = summaryListener(summary, filter, logSource, () => Number(logSource.now() - start), wanted);
    machine.listen({
      syscallEnter: (pid, ...facts) => { if (traced.has(pid)) listener.syscallEnter?.(pid, ...facts); },
      syscallExit: (pid, ...facts) => { if (traced.has(pid)) listener.syscallExit?.(pid, ...facts); },
    });
  }
  machine.listen(followed(trace, traced, logs));
  return {
    detach: () => logs.detach(),
    close: () => logs.close(summary && wanted ? summary.text(wanted) : ''),
  };
}

/** What the logs hear: of the processes that are followed. With -c they hear of no calls, but say who comes and goes. */
function followed({ log: { follow }, summary, detachesOnExecve }: StraceArguments, traced: Set<number>, logs: Logs): Partial<EventSink> {
  const isQuiet = summary?.isOnly === true;
  let hasProgram = false;
  const told = (pid: number): OneLog | null => isQuiet || !traced.has(pid) ? null : logs.of(pid);
  return {
    syscallEnter: (pid, ...facts) => told(pid)?.syscallEnter(pid, ...facts),
    syscallExit: (pid, ...facts) => told(pid)?.syscallExit(pid, ...facts),
    signal: (pid, ...facts) => told(pid)?.signal(pid, ...facts),
    stopped: (pid, ...facts) => told(pid)?.stopped(pid, ...facts),
    exit(pid, ...facts) {
      told(pid)?.exit(pid, ...facts);
      traced.delete(pid);
    },
    superseded: (leader, thread) => told(leader)?.superseded(leader, thread),
    fork(parent, child, flags) {
      if (!follow || !traced.has(parent)) return;
      traced.add(child);
      logs.of(child).fork(parent, child, flags);
    },
    exec(pid) {
      if (detachesOnExecve && hasProgram && traced.delete(pid)) logs.of(pid).leave(pid);
      hasProgram = true;
    },
  };
}
