// See events.mjs.
import path from 'node:path';
import { launchJourney } from '../../test/machine/journeys';

const TURNS = 5;

/** Milliseconds of a run, and how many events it left. */
function run(program: string, args: string[], isTraced: boolean): { ms: number; events: number } {
  let events = (): number => 0;
  const { session } = launchJourney({ name: program, program: path.resolve(program), args, input: [] }, {}, 0, made => {
    if (!isTraced) return;
    const log = made.eventLog();
    events = () => log.length;
  });
  const started = performance.now();
  while (session.machine.run(1_000_000).kind !== 'exited');
  return { ms: performance.now() - started, events: events() };
}

for (const [what, program, args] of [['getpid', 'bench/trace/calls.elf', ['getpid', '1000000']], ['write', 'bench/trace/calls.elf', ['write', '1000000']], ['vDSO', 'bench/trace/calls.elf', ['vdso', '1000000']]] as const) {
  let plain = Infinity, traced = Infinity, events = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    plain = Math.min(plain, run(program, [...args], false).ms);
    const result = run(program, [...args], true);
    traced = Math.min(traced, result.ms);
    events = result.events;
  }
  console.log(`${what.padEnd(8)} ${events} events: ${(traced / plain).toFixed(3)} times (${plain.toFixed(0)} ms without, ${traced.toFixed(0)} ms with)`);
}
