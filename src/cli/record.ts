// `ringside record` and `ringside replay`: a run as one file, and the run again from it, with none of the files that it read.
import { NodeConsole, writeAll } from '../host/node/console';
import { readRecording, writeRecording } from '../host/node/recording';
import { differences, recordedHost, recordingOf } from '../machine/recording';
import { UserError } from '../base/errors';
import type { CommandLine } from './arguments';
import { drive } from './drive';
import { DEADLOCK_STATUS, say, type Launch, type LoadProgram } from './run';

const DIFFERS_STATUS = 70;

/** Runs the program and writes its recording; the exit status is the program's. */
export async function recordProgram(line: CommandLine, load: LoadProgram, product: string): Promise<number> {
  const file = line.options.output;
  if (file === null) throw new UserError('record needs a file to write: ringside record -o FILE -- PROGRAM [ARGUMENTS]');
  const { session, console, finish, options, host } = load(line, () => undefined);
  const { status } = await finish(() => drive(session.machine, console));
  const bytes = writeRecording(file, recordingOf(session, options, host, status, product));
  say(`ringside: recorded ${session.machine.instructionsRetired.toLocaleString('en')} instructions in ${file} (${(bytes / 2 ** 20).toFixed(1)} MiB)`);
  return status;
}

/** Runs a recording again: prints what it printed and returns its status. */
export async function replayProgram(line: CommandLine, launch: Launch, product: string): Promise<number> {
  const recording = readRecording(line.program);
  const console = new NodeConsole();
  const host = recordedHost(recording, (unit, bytes) => writeAll(unit, bytes), () => 0);
  const session = launch(recording.options, host, made => { made.machine.listen({ notice: sentence => say(`ringside: ${sentence}`) }); });
  const ending = await drive(session.machine, console);
  const status = ending.kind === 'deadlock' ? DEADLOCK_STATUS : ending.status;
  const differing = differences(recording, session);
  if (differing.length === 0 && status === recording.status) return status;
  const maker = recording.product === product ? '' : `: it was made by ${recording.product}, this is ${product}`;
  say(`ringside: the replay does not end as the recording did (${differing.join(', ') || 'status'})${maker}`);
  return DIFFERS_STATUS;
}
