// See run.mjs. Writes results.txt.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { launchJourney } from '../../test/machine/journeys';

const TURNS = 3;

/** Milliseconds of the processor that a run takes, which other work on the computer does not change much, and how many events it left. */
function run(program: string, args: string[], isTraced: boolean): { ms: number; events: number } {
  let events = (): number => 0;
  const { session } = launchJourney({ name: program, program: path.resolve(program), args, input: [] }, {}, 0, made => {
    if (!isTraced) return;
    const log = made.eventLog();
    events = () => log.length;
  });
  const started = process.cpuUsage();
  while (session.machine.run(1_000_000).kind !== 'exited');
  const { user, system } = process.cpuUsage(started);
  return { ms: (user + system) / 1000, events: events() };
}

const lines = [`# a million calls with the log of events, as a ratio to the same without it; times of the processor, best of ${TURNS} turns each`];
for (const [what, args] of [['getpid', ['getpid', '1000000']], ['write', ['write', '1000000']], ['clock_gettime, vDSO', ['vdso', '1000000']]] as const) {
  let plain = Infinity, traced = Infinity, events = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    plain = Math.min(plain, run('bench/trace/calls.elf', [...args], false).ms);
    const result = run('bench/trace/calls.elf', [...args], true);
    traced = Math.min(traced, result.ms);
    events = result.events;
  }
  lines.push(`${what}: x${(traced / plain).toFixed(3)} (${events} events, ${plain.toFixed(0)} ms without, ${traced.toFixed(0)} ms with)`);
}
console.log(lines.join('\n'));
writeFileSync('bench/trace/results.txt', `${lines.join('\n')}\n`);
