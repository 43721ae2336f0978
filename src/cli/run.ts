// `ringside run` and `ringside strace`: from the command line to the exit status.
import path from 'node:path';
import { nodeCodeStore } from '../host/node/code_store';
import { NodeConsole, writeAll } from '../host/node/console';
import { nodeHost } from '../host/node/host';
import type { LaunchOptions, Session } from '../machine/assemble';
import type { Host } from '../machine/host';
import { parseEpoch, type CommandLine } from './arguments';
import { drive, type Ending } from './drive';
import { findProgram, guestBytes, guestEnvironment } from './program_path';
import { saveFiles, writtenSentence } from './save';
import { attachLog, sayRemarks, type Log } from './strace_log';

export const DEADLOCK_STATUS = 124;
const STDERR = 2;

export type Launch = (options: LaunchOptions, host: Host, attach: (session: Session) => void) => Session;

/** loadProgram with the machine's launcher in it. */
export type LoadProgram = (line: CommandLine, attach: (session: Session) => void) => Loaded;

/** What a program is loaded from, and where it begins. */
interface Around { readonly host: Host; readonly sysroot: string; readonly cwd: string }

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
export function loadProgram(line: CommandLine, launch: Launch, attach: (session: Session, around: Around) => void): Loaded {
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
    attach(made, { host, sysroot, cwd });
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
  const { trace, options } = line;
  let log: Log | null = null;
  if (trace) sayRemarks(trace.remarks);
  // What -k needs is loaded only for it.
  const stacks = trace?.log.stackTraces === true && !trace.summary?.isOnly ? (await import('./timing.js')).traceStacks : null;
  const { session, console, finish } = loadProgram(line, launch, (made, loaded) => {
    if (trace) log = attachLog(trace, options.json, made, loaded.host, loaded.sysroot, loaded.cwd, stacks?.(made));
  });
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

/** A log that ends while calls are open says so. */
function endLog(log: Log | null, isDetached: boolean): void {
  if (isDetached) log?.detach();
  log?.close();
}

/** What a person reads when something is wrong: one sentence, never a stack trace. */
export function sentenceOf(error: unknown): string {
  // By name: a bundle that is loaded now and then has a class of its own.
  if (error instanceof Error && error.name === 'UserError') return error.message;
  return `internal error: ${error instanceof Error ? error.message : String(error)}`;
}
