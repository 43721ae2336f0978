// The programs that the tests of time run, and machines for them that no clock or disk outside can disturb.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { NodeFiles } from '../../src/host/node/files';
import { nodeFacts } from '../../src/host/node/facts';
import type { LaunchOptions, Session } from '../../src/machine/assemble';
import type { Host } from '../../src/machine/host';
import { launchMachine } from '../../src/machine/launch';
import { RecordedFiles } from '../../src/machine/recorder';
import { hashState, type StateHash } from '../../src/machine/state_hash';

/** `heights`: of the terminal's window, one a look. */
export interface Journey { name: string; program: string; args: string[]; input: string[]; heights?: number[] }

/** Other programs of this computer may touch its files meanwhile. */
const files = new RecordedFiles(new NodeFiles());
const FOLDER = path.resolve('test/programs/time');
const own = (name: string, input: string[] = []): Journey => ({ name, program: path.join(FOLDER, `${name}.elf`), args: [], input });
const OWN = ['sieve', 'fork_pipe', 'threads', 'signals', 'sleeps', 'sockets', 'files', 'memory', 'exec', 'faults', 'numbers', 'chance', 'events', 'loopback', 'busy', 'patched'].map(name => own(name));

/** Static programs that are committed, one that is typed to, and dynamic ones where this computer has them. */
export const journeys: Journey[] = [
  ...OWN, own('terminal', ['Ada\n', 'Grace\n']), own('typing', ['one\n', 'two\n']), { ...own('window', ['one\n']), heights: [24, 24, 30, 30, 40] },
  ...[['/bin/ls', '-l', '/'], ['/usr/bin/sh', '-c', 'echo one | cat; (exit 3) || echo two']].flatMap(([program = '', ...args]) =>
    existsSync(program) && process.platform === 'linux' && process.arch === 'x64' ? [{ name: `${path.basename(program)} (dynamic)`, program, args, input: [] }] : []),
];

export interface Journeyed { session: Session; output(): string }

/** `hurry`: what a look at the host's clock adds to it, in ns. */
export function journeyHost({ input, heights = [24] }: Journey, hurry = 0): { host: Host; output(): string } {
  let text = '', elapsed = 0, looks = 0;
  const arrivals = input.flatMap(line => [...Array.from({ length: 3 }, () => null), Buffer.from(line)]);
  const host: Host = {
    files, facts: { ...nodeFacts(), uid: 1000, gid: 1000, groups: [1000], nodename: 'journey' }, epochNs: 1_700_000_000_000_000_000n, elapsedNs: () => elapsed += hurry,
    console: {
      kind: () => input.length > 0 ? 'tty' : 'pipe', windowSize: () => ({ rows: heights[Math.min(looks++, heights.length - 1)] ?? 24, columns: 80 }), write: (_, bytes) => { text += Buffer.from(bytes).toString('latin1'); },
      take: unit => unit !== 0 || arrivals.length === 0 ? 'eof' : arrivals.shift() ?? null, wait: async () => true,
    },
  };
  return { host, output: () => text };
}

export const launchOptionsOf = ({ program, args }: Journey): LaunchOptions => ({ program, argv: [path.basename(program), ...args], env: ['PATH=/usr/bin:/bin', 'LC_ALL=C'], cwd: '/tmp' });

export function launchJourney(journey: Journey, options: Partial<LaunchOptions> = {}, hurry = 0, attach?: (session: Session) => void): Journeyed {
  const { host, output } = journeyHost(journey, hurry);
  return { session: launchMachine({ ...launchOptionsOf(journey), ...options }, host, attach), output };
}

export const hashOf = ({ machine, memory }: Session): StateHash => hashState(machine, memory);
