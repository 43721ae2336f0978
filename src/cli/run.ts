// `ringside run` and `ringside strace`: from the command line to the exit status.
import path from 'node:path';
import { UserError } from '../base/errors';
import { NodeConsole, writeAll } from '../host/node/console';
import { nodeHost } from '../host/node/host';
import type { LaunchOptions, Session } from '../machine/assemble';
import type { Host } from '../machine/host';
import { StraceLog } from '../trace/strace_text';
import { parseEpoch, type CommandLine } from './arguments';
import { drive } from './drive';
import { findProgram, guestBytes, guestEnvironment } from './program_path';
import { saveFiles, writtenSentence } from './save';
import { straceOptions, TraceOutput } from './trace_output';

export const DEADLOCK_STATUS = 124;
const STDERR = 2;

/** Runs what `line` says; the exit status. Throws UserError. */
export async function runProgram(line: CommandLine, launch: (options: LaunchOptions, host: Host, attach: (session: Session) => void) => Session): Promise<number> {
  const { options } = line;
  const console = new NodeConsole();
  const host = nodeHost(console);
  const sysroot = path.resolve(options.sysroot);
  const cwd = guestBytes(options.workingDirectory === null ? (sysroot === '/' ? process.cwd() : '/') : path.posix.resolve('/', options.workingDirectory));
  const env = guestEnvironment(process.env, options.environment);
  const searchPath = env.find(variable => variable.startsWith('PATH='))?.slice('PATH='.length);
  const program = findProgram(host.files, sysroot, cwd, guestBytes(line.program), searchPath);

  let log: Log | null = null;
  const session = launch({
    program, argv: [line.program, ...line.args].map(guestBytes), env, cwd, sysroot, ...(options.epoch === null ? {} : { epochNs: parseEpoch(options.epoch) }),
  }, host, made => {
    made.machine.listen({ notice: sentence => say(`ringside: ${sentence}`) });
    if (line.command === 'strace') log = attachLog(line, made);
  });
  try {
    const ending = await drive(session.machine, console);
    endLog(log, ending.kind === 'deadlock');
    if (ending.kind === 'deadlock') say(`ringside: deadlock: every task waits and nothing can wake one\n${ending.waits.map(wait => `  ${wait}`).join('\n')}`);
    const written = session.writtenFiles();
    const sentence = writtenSentence(written, Buffer.from(cwd, 'latin1').toString('utf8'));
    if (sentence) say(sentence);
    if (options.save !== null) saveFiles(written, Buffer.from(cwd, 'latin1').toString('utf8'), options.save);
    return ending.kind === 'deadlock' ? DEADLOCK_STATUS : ending.status;
  } finally {
    console.close();
  }
}

/** One or more lines for the person, beside what the program writes. */
function say(text: string): void {
  writeAll(STDERR, Buffer.from(`${text}\n`, 'utf8'));
}

interface Log { detach(): void; close(): void }

/** A log that ends while calls are open says so. */
function endLog(log: Log | null, isDetached: boolean): void {
  if (isDetached) log?.detach();
  log?.close();
}

function attachLog(line: CommandLine, session: Session): Log {
  const output = new TraceOutput(line.options.output);
  const log = new StraceLog(session.logSource, straceOptions(line.options), text => output.write(text), undefined, text => writeAll(STDERR, Buffer.from(text, 'latin1')));
  session.machine.listen(log);
  return { detach: () => log.detach(), close: () => output.close() };
}

/** What a person reads when something is wrong: one sentence, never a stack trace. */
export function sentenceOf(error: unknown): string {
  if (error instanceof UserError) return error.message;
  return `internal error: ${error instanceof Error ? error.message : String(error)}`;
}
