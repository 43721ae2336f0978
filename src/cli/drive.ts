// Runs a machine to its end, letting this process breathe between slices, waiting where the guest waits for a person.
import type { HostConsole } from '../machine/host';
import type { Machine } from '../machine/machine';
import type { MachineTarget } from '../machine/target';

/** About ten milliseconds of a hot guest. */
const SLICE = 2_000_000;

export type Ending = { kind: 'exited'; status: number } | { kind: 'deadlock'; waits: string[] };

export async function drive(machine: Pick<Machine, 'run'> | Pick<MachineTarget, 'run'>, console: HostConsole): Promise<Ending> {
  for (;;) {
    const stop = machine.run(SLICE);
    if (stop.kind === 'exited' || stop.kind === 'deadlock') return stop;
    if (stop.kind === 'idle') await console.wait(stop.waitMs);
    else await new Promise(resolve => setImmediate(resolve));
  }
}
