// A run that has ended, as data: what it was started with, all that came from the host, how it ended. With it the run is repeated where the host is another one.
// Not here: bytes (recording_file.ts), reading and writing files (host/).
import { ENOENT } from '../abi/errno';
import type { LaunchOptions, Session } from './assemble';
import type { Host, HostConsole, LaunchFacts, RecordedInputs } from './host';
import { hashState, type StateHash } from './state_hash';

export interface Recording {
  /** Of the program that wrote it: another one may run differently. */
  readonly product: string;
  readonly options: LaunchOptions;
  readonly facts: LaunchFacts;
  readonly epochNs: bigint;
  readonly inputs: RecordedInputs;
  /** Of the process that `ringside` was, as run and replay return it. */
  readonly status: number;
  readonly hash: StateHash;
}

const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46];

/** The recording of a session that has ended. Asks the host for the whole of each ELF file that was read, for the debug information in it. */
export function recordingOf(session: Session, options: LaunchOptions, host: Host, status: number, product: string): Recording {
  const { files, recorder, console } = session.machine.parts;
  for (const [question, { answer }] of files.entries()) {
    const [kind, root = '', path = '', offset] = question.split('\0');
    if (kind !== 'r' || offset !== '0' || !(answer instanceof Uint8Array) || !ELF_MAGIC.every((byte, i) => answer[i] === byte)) continue;
    const stat = files.lstat(root, path);
    if (typeof stat === 'object') files.read(root, path, 0, stat.size);
  }
  return {
    product, options, facts: host.facts, epochNs: options.epochNs ?? host.epochNs, status, hash: hashState(session.machine, session.memory),
    inputs: { answers: files.entries(), wakes: recorder.wakes, console: console.inputs(), end: session.machine.position },
  };
}

/** A host that knows what the recording knows, and nothing else. */
export function recordedHost({ facts, epochNs, inputs }: Recording, write: HostConsole['write'], elapsedNs: () => number): Host {
  const nothing = (): number => ENOENT.number;
  return {
    files: { lstat: nothing, readlink: nothing, readdir: nothing, read: nothing }, facts, epochNs, recorded: inputs, elapsedNs,
    console: {
      kind: unit => inputs.console.kinds[unit] ?? 'null', windowSize: () => ({ rows: 24, columns: 80 }), write,
      take: () => null, wait: () => Promise.resolve(false),
    },
  };
}

/** The parts of the state in which a replay does not end as the recording did. */
export function differences(recording: Recording, session: Session): string[] {
  const now = hashState(session.machine, session.memory);
  return (Object.keys(now) as (keyof StateHash)[]).filter(part => now[part] !== recording.hash[part]);
}
