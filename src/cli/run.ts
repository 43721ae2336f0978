// `ringside run` and `ringside strace`: from the command line to the exit status.
import path from 'node:path';
import { UserError } from '../base/errors';
import { nodeCodeStore } from '../host/node/code_store';
import { NodeConsole, writeAll } from '../host/node/console';
import { nodeHost } from '../host/node/host';
import type { LaunchOptions, Session } from '../machine/assemble';
import type { Host } from '../machine/host';
import type { EventSink } from '../machine/events';
import { FIRST_PID } from '../machine/launch_call';
import { JsonLog } from '../trace/json_log';
import { StraceLog } from '../trace/strace_text';
import { Summary } from '../trace/summary';
import { parseEpoch, type CommandLine } from './arguments';
import { drive, type Ending } from './drive';
import { parseFilters } from './filters';
import { findProgram, guestBytes, guestEnvironment } from './program_path';
import { saveFiles, writtenSentence } from './save';
import { summaryListener } from './summary_listener';
import { straceOptions, TraceOutput } from './trace_output';

export const DEADLOCK_STATUS = 124;
const STDERR = 2;

export type Launch = (options: LaunchOptions, host: Host, attach: (session: Session) => void) => Session;

/** loadProgram with the machine's launcher in it. */
export type LoadProgram = (line: CommandLine, attach: (session: Session) => void) => Loaded;

/** A program that is loaded, and how to run it to its end. */
export interface Loaded {
  session: Session;
  console: NodeConsole;
  options: LaunchOptions;
  host: Host;
  /** Runs by `drive`; the exit status. */
  finish(drive: () => Promise<Ending>): Promise<{ status: number; isDeadlock: boolean }>;
}

/** Loads what `line` says, telling `attach` before anything happens. Throws UserError. */
export function loadProgram(line: CommandLine, launch: Launch, attach: (session: Session) => void): Loaded {
  const { options } = line;
  const console = new NodeConsole();
  const host: Host = { ...nodeHost(console), codeStore: nodeCodeStore(__filename) };
  const sysroot = path.resolve(options.sysroot);
  const cwd = guestBytes(options.workingDirectory === null ? (sysroot === '/' ? process.cwd() : '/') : path.posix.resolve('/', options.workingDirectory));
  const env = guestEnvironment(process.env, options.environment);
  const searchPath = env.find(variable => variable.startsWith('PATH='))?.slice('PATH='.length);
  const program = findProgram(host.files, sysroot, cwd, guestBytes(line.program), searchPath);

  const launchOptions: LaunchOptions = {
    program, argv: [line.program, ...line.args].map(guestBytes), env, cwd, sysroot, ...(options.epoch === null ? {} : { epochNs: parseEpoch(options.epoch) }),
    costModel: options.costModel, vdso: !options.hidesVdso,
  };
  const session = launch(launchOptions, host, made => {
    made.machine.listen({ notice: sentence => say(`ringside: ${sentence}`) });
    attach(made);
  });
  return { session, console, host, options: launchOptions, finish: run => finish(line, session, console, cwd, run) };
}

async function finish({ options }: CommandLine, session: Session, console: NodeConsole, cwd: string, run: () => Promise<Ending>): Promise<{ status: number; isDeadlock: boolean }> {
  try {
    const ending = await run();
    if (ending.kind === 'deadlock') say(`ringside: deadlock: every task waits and nothing can wake one\n${ending.waits.map(wait => `  ${wait}`).join('\n')}`);
    const written = session.writtenFiles();
    const sentence = writtenSentence(written, Buffer.from(cwd, 'latin1').toString('utf8'));
    if (sentence) say(sentence);
    if (options.save !== null) saveFiles(written, Buffer.from(cwd, 'latin1').toString('utf8'), options.save);
    return { status: ending.kind === 'deadlock' ? DEADLOCK_STATUS : ending.status, isDeadlock: ending.kind === 'deadlock' };
  } finally {
    console.close();
  }
}

/** `ringside run` and `ringside strace`; the exit status. Throws UserError. */
export async function runProgram(line: CommandLine, launch: Launch): Promise<number> {
  let log: Log | null = null;
  const stacks = line.options.shape.includes('k') ? await stackTracer(line) : null;
  const { session, console, finish } = loadProgram(line, launch, made => { if (line.command === 'strace') log = attachLog(line, made, stacks?.(made)); });
  const { status } = await finish(async () => {
    const ending = await drive(stacks ? session.target() : session.machine, console);
    endLog(log, ending.kind === 'deadlock');
    return ending;
  });
  return status;
}

/** One or more lines for the person, beside what the program writes. */
export function say(text: string): void {
  writeAll(STDERR, Buffer.from(`${text}\n`, 'utf8'));
}

interface Log { detach(): void; close(): void }

/** A log that ends while calls are open says so. */
function endLog(log: Log | null, isDetached: boolean): void {
  if (isDetached) log?.detach();
  log?.close();
}

/** What -k needs, loaded only for it. */
async function stackTracer({ options }: CommandLine): Promise<((session: Session) => (pid: number) => string) | null> {
  if (!options.summaryOnly) return (await import('./timing.js')).traceStacks;
  say('ringside: -k has no effect with -c');
  return null;
}

function attachLog(line: CommandLine, session: Session, backtrace?: (pid: number) => string): Log {
  const { options } = line;
  const { machine, logSource } = session;
  const filters = parseFilters(options.expressions);
  const shape = straceOptions(options);
  const only = filters.status;
  if (only) shape.status = only.has('successful') ? (only.has('failed') ? 'all' : 'successful') : 'failed';
  const output = new TraceOutput(options.output);
  const message = (text: string): void => writeAll(STDERR, Buffer.from(text, 'latin1'));
  const source = { ...logSource, ...(backtrace ? { backtrace } : {}) }, write = (text: string): void => output.write(text);
  // The output takes bytes as characters; JSON is UTF-8.
  const log = options.json ? new JsonLog(source, shape, line => write(Buffer.from(line, 'utf8').toString('latin1')), filters) : new StraceLog(source, shape, write, filters, message);
  const summary = options.summaryOnly || options.summaryToo ? new Summary() : null;
  const start = machine.parts.clock.bootEpochNs;
  const listen = (listener: Partial<EventSink>): void => { machine.listen(options.followForks ? listener : firstProcessOnly(listener)); };
  listen(options.summaryOnly ? { fork: (...facts) => { log.fork?.(...facts); } } : log);
  if (summary) listen(summaryListener(summary, filters, () => Number(logSource.now() - start), options.shape.includes('w')));
  return {
    detach: () => log.detach(),
    close() {
      if (summary) output.write(summary.text());
      output.close();
    },
  };
}

/** Without -f: what happens to the first process and nobody else. */
function firstProcessOnly(listener: Partial<EventSink>): Partial<EventSink> {
  return {
    syscallEnter: (pid, ...facts) => { if (pid === FIRST_PID) listener.syscallEnter?.(pid, ...facts); },
    syscallExit: (pid, ...facts) => { if (pid === FIRST_PID) listener.syscallExit?.(pid, ...facts); },
    signal: (pid, ...facts) => { if (pid === FIRST_PID) listener.signal?.(pid, ...facts); },
    exit: (pid, ...facts) => { if (pid === FIRST_PID) listener.exit?.(pid, ...facts); },
  };
}

/** What a person reads when something is wrong: one sentence, never a stack trace. */
export function sentenceOf(error: unknown): string {
  if (error instanceof UserError) return error.message;
  return `internal error: ${error instanceof Error ? error.message : String(error)}`;
}
