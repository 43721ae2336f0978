// What a step inside the kernel costs, in time of the processor: every kind of entry of a program is run to its last probe, which is the dearest place to go to, and from
// there a step is made. Going there is what a breakpoint costs; a step repeats what ran before.
import { NodeFiles } from '../../src/host/node/files';
import { nodeFacts } from '../../src/host/node/facts';
import type { Host } from '../../src/machine/host';
import { launchMachine } from '../../src/machine/launch';
import { KernelProbes } from '../../src/machine/probe_run';

const argv = process.argv.slice(3);
const host: Host = {
  files: new NodeFiles(), facts: nodeFacts(), epochNs: 0n, elapsedNs: () => 0,
  console: { kind: () => 'null', windowSize: () => ({ rows: 24, columns: 80 }), write: () => undefined, take: () => 'eof', wait: async () => true },
};
const session = launchMachine({ program: argv[0] ?? '', argv, env: ['PATH=/bin:/usr/bin'], cwd: '/tmp' }, host);
const { machine } = session, probes = new KernelProbes(machine), rows: { kind: string; count: number; ms: number; arrival: number }[] = [];
machine.stopsAtEntry = () => true;
/** Milliseconds, of five times. */
function best(body: () => void, after: () => void): number {
  return Math.min(...[1, 2, 3, 4, 5].map(() => {
    const start = process.cpuUsage();
    body();
    const { user, system } = process.cpuUsage(start);
    after();
    return (user + system) / 1000;
  }));
}

for (let stop = machine.run(1e9); stop.kind !== 'exited'; stop = machine.run(1e9)) {
  if (stop.kind !== 'entry') continue;
  const count = probes.runThrough(n => n) ?? 0;
  const arrival = best(() => { probes.goTo(count - 1); }, () => probes.leave());
  probes.goTo(count - 1);
  const ms = best(() => { probes.stepBack('into'); }, () => undefined);
  probes.leave();
  rows.push({ kind: `${stop.entry.kind} ${stop.entry.kind === 'syscall' ? machine.parts.ports.phys.read32(stop.entry.regsPa + 120) : stop.entry.vector}`, count, ms, arrival });
}
rows.sort((a, b) => b.ms - a.ms);
const median = rows[rows.length >> 1];
console.log(`${rows.length} entries; a step at the last probe: median ${median?.ms.toFixed(3)} ms (${median?.count} probes)`);
for (const { kind, count, ms, arrival } of rows.slice(0, 8)) console.log(`${kind}: ${count} probes, ${ms.toFixed(2)} ms a step, ${arrival.toFixed(2)} ms to go there`);
