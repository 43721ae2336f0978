// What time travel costs: recording a run, a step back deep in it, a scan of its past. Prints one line a figure. Usage: node bench/time/run.mjs
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeFiles } from '../../src/host/node/files';
import { nodeFacts } from '../../src/host/node/facts';
import type { Session } from '../../src/machine/assemble';
import type { Host } from '../../src/machine/host';
import { launchMachine } from '../../src/machine/launch';
import type { Engine } from '../../src/cpu/ports';
import { Modules } from '../../src/debugger/modules';
import { Reverse } from '../../src/debugger/reverse';
import type { Position } from '../../src/trace/position';
import { countedOverhead, overheadByTurns, type Counted } from './overhead';

const host: Host = {
  files: new NodeFiles(), facts: nodeFacts(), epochNs: 1_700_000_000_000_000_000n, elapsedNs: () => Number(process.hrtime.bigint()),
  console: { kind: () => 'null', windowSize: () => ({ rows: 24, columns: 80 }), write: () => undefined, take: () => 'eof', wait: async () => true },
};
const CHUNK = 200_000, BUILT = path.resolve('.cache/bench_cpu');
const print = (name: string, value: string): void => console.log(`${name.padEnd(58)} ${value}`);
const ms = (ns: number): string => `${(ns / 1e6).toFixed(1)} ms`;
const now = (): number => Number(process.hrtime.bigint());

/** `name`: of a program of this folder, or a path. */
function launch(name: string, engine: Engine): Session {
  const program = name.includes('/') ? path.resolve(name) : path.resolve(`bench/time/${name}.elf`);
  return launchMachine({ program, argv: [name], env: [], cwd: '/', engine }, host);
}

/** Runs on, to the program's end at most; the processor's time, in ns. */
function run(session: Session, instructions: number): number {
  const { machine } = session;
  const end = machine.instructionsRetired + instructions, before = process.cpuUsage();
  while (machine.instructionsRetired < end && machine.run(Math.min(CHUNK, end - machine.instructionsRetired)).kind !== 'exited');
  return processorNs(before);
}

function processorNs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) * 1000;
}

/** This file again, in a process of its own, as a program is run. */
const measured = (...args: string[]): string => spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...args], { encoding: 'utf8' }).stdout;

/** Of numbers in ascending order. */
function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1), low = sorted[Math.floor(at)] ?? NaN, high = sorted[Math.ceil(at)] ?? NaN;
  return low + (high - low) * (at - Math.floor(at));
}

const percent = (ratio: number): string => `${((ratio - 1) * 100).toFixed(1)} %`;
const ascending = (numbers: number[]): number[] => numbers.sort((x, y) => x - y);
const spread = (ratios: readonly number[]): string => `${percent(quantile(ratios, 0.5))} (${percent(quantile(ratios, 0.25))} to ${percent(quantile(ratios, 0.75))})`;

function quantiles(samples: number[]): string {
  const sorted = samples.slice().sort((a, b) => a - b);
  const at = (q: number): string => ms(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0);
  return `median ${at(0.5)}, 95th percentile ${at(0.95)}, most ${at(1)}`;
}

function measure(name: string, deep: number, engine: Engine): void {
  console.log(`\n${name} (${engine})`);
  const session = launch(name, engine);
  const target = session.target();
  run(session, deep);
  const { timeline } = target;
  print('checkpoints', `${timeline.count} in ${(timeline.bytes / 2 ** 20).toFixed(0)} MiB`);
  const back = ({ instructions }: Position): Position => ({ instructions: instructions - 1, entry: 0, probe: 0 });
  const stepBack = (from: Position): number => {
    timeline.goTo(from);
    const before = now();
    timeline.goTo(back(from));
    return now() - before;
  };
  print(`the first step back, at ${timeline.position.instructions.toExponential(0)} instructions`, ms(stepBack(timeline.position)));
  print('a step back, one after the other', quantiles(Array.from({ length: 100 }, () => stepBack(timeline.position))));
  let seed = 1;
  const random = (): number => (seed = Math.imul(seed, 48271) % 0x7fffffff, Math.abs(seed) / 0x7fffffff);
  const { instructions: end } = timeline.end;
  const jump = (recent: number): number => {
    const before = now();
    timeline.goTo({ instructions: Math.floor(end - recent * random()), entry: 0, probe: 0 });
    return now() - before;
  };
  print('to any place in the last 10^8 instructions', quantiles(Array.from({ length: 60 }, () => jump(1e8))));
  print('to any place at all', quantiles(Array.from({ length: 30 }, () => jump(end))));
  reverseContinue(name, 1e8, engine);
}

/** Back over so many instructions to a breakpoint that was hit once: as reverseContinue does. */
function reverseContinue(name: string, distance: number, engine: Engine): void {
  const session = launch(name, engine);
  const target = session.target();
  const entry = target.registers(target.currentPid, 'user').read('rip') ?? 0n;
  run(session, distance);
  const reverse = new Reverse(target, new Modules(target, () => undefined));
  const request = (): void => target.setStopRequests({ breakpoints: new Set([entry]), watchpoints: [], syscallEnter: null, syscallExit: null, signals: null });
  const before = now(), used = process.cpuUsage();
  const journey = reverse.lastStop(target.timeline.position, request, stop => stop.kind === 'breakpoint' ? stop.address : undefined);
  let step = journey.next();
  while (!step.done) step = journey.next();
  if (step.value?.what !== entry) throw new Error('the breakpoint was not found');
  print(`back over ${distance.toExponential(0)} instructions to the only hit of a breakpoint`, `${ms(now() - before)}, ${ms(processorNs(used))} of the processor`);
}

/** Runs by turns in one process. */
const ROUNDS = 6;

/** What recording costs whole runs of the programs of bench/cpu, and how far apart checkpoints stand: medians and quartiles. */
function programs(names: readonly string[], runs: number): void {
  console.log(`\nwhat recording adds to a run (translator), counted in ${runs} runs each, and by turns in others: median and quartiles (overhead.ts)`);
  mkdirSync(BUILT, { recursive: true });
  for (const name of names) {
    const program = path.join(BUILT, name);
    if (spawnSync('gcc', ['-O2', '-static', '-o', program, `bench/cpu/programs/${name}.c`, '-lm'], { stdio: 'inherit' }).status !== 0) continue;
    const counted = Array.from({ length: runs }, () => JSON.parse(measured('counted', program)) as Counted);
    const turns = ascending(Array.from({ length: runs }, () => JSON.parse(measured('turns', program)) as number[]).flat());
    const ways = ascending(counted.map(one => Math.max(...one.ways)));
    const { runMs, checkpoints, copies } = counted.reduce((least, one) => one.runMs < least.runMs ? one : least);
    print(name, `counted ${spread(ascending(counted.map(({ ratio }) => ratio)))}; ${turns.length === 0 ? 'too short for turns' : `by turns in ${turns.length} stretches ${spread(turns)}`}; ${runMs.toFixed(0)} ms, ${checkpoints} checkpoints, ${copies} pages copied; the longest way between two, run again: ${quantile(ways, 0.5).toFixed(0)} ms`);
  }
}

const [first = '1e9', second = 'interpreter,translator', third = 'loop,calls'] = process.argv.slice(2);
if (first === 'turns') {
  console.log(JSON.stringify(overheadByTurns(launch(second, 'translator'), ROUNDS)));
} else if (first === 'counted') {
  console.log(JSON.stringify(countedOverhead(launch(second, 'translator'))));
} else if (first === 'programs') {
  programs(readdirSync('bench/cpu/programs').map(file => file.slice(0, -2)).filter(name => second === 'interpreter,translator' || second.split(',').includes(name)), Number(third) || 7);
} else if (first === 'reverse') {
  for (const name of third.split(',')) for (const one of second.split(',') as Engine[]) reverseContinue(name, 1e8, one);
} else {
  for (const one of second.split(',') as Engine[]) for (const name of third.split(',')) measure(name, Number(first) / (name === 'calls' ? 10 : 1), one);
}
