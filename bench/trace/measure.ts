// See run.mjs. Arguments: the call, and `turns`, `plain` or `traced`.
import path from 'node:path';
import { launchJourney } from '../../test/machine/journeys';

/** Short turns, by turns: what else the computer does, and how fast it is, is the same for both. */
const TURN = 40_000, GROUP = 16, CALLS = 2_000_000;

const nth = (numbers: number[], part: number): number => numbers.sort((a, b) => a - b)[Math.floor(numbers.length * part)] ?? NaN;

/** Nanoseconds of a call without and with the log, and quartiles of their ratio: of each group of turns the sums of both. */
function measure(what: string): { plain: number; traced: number; ratios: [number, number, number]; events: number } {
  const program = path.resolve('bench/trace/calls.elf');
  let events = (): number => 0;
  const { session: { machine } } = launchJourney({ name: program, program, args: [what, String(CALLS)], input: [] }, {}, 0, made => {
    const log = made.eventLog();
    events = () => log.length;
  });
  const { core, events: fan } = machine.parts, { onTimeStamp } = machine, { onMark } = core;
  const turn = (isTraced: boolean): number => {
    fan.setReplaying(!isTraced);
    machine.onTimeStamp = isTraced ? onTimeStamp : null;
    core.onMark = isTraced ? onMark : null;
    const started = process.cpuUsage(), stop = machine.run(TURN), { user, system } = process.cpuUsage(started);
    return stop.kind === 'exited' ? NaN : 1000 * (user + system);
  };
  const began = machine.instructionsRetired, plain: number[] = [], traced: number[] = [], ratios: number[] = [];
  for (let group = 0; ; group++) {
    const times: [number[], number[]] = [[], []];
    for (let i = 0; i < GROUP; i++) for (const isTraced of i % 2 === 0 ? [true, false] : [false, true]) times[isTraced ? 1 : 0].push(turn(isTraced));
    if (times.flat().some(Number.isNaN)) break;
    // The first ten million instructions are for the engines.
    if (group * GROUP * 2 * TURN < 10_000_000) continue;
    const [without, with_] = times.map(each => each.reduce((sum, time) => sum + time, 0) / GROUP) as [number, number];
    plain.push(without);
    traced.push(with_);
    ratios.push(with_ / without);
  }
  const callsOfTurn = CALLS / ((machine.instructionsRetired - began) / TURN);
  return { plain: nth(plain, 0.5) / callsOfTurn, traced: nth(traced, 0.5) / callsOfTurn, ratios: [nth(ratios, 0.25), nth(ratios, 0.5), nth(ratios, 0.75)], events: events() };
}

/** A program that makes a million calls, from its start to its end. */
function runWhole(what: string, isTraced: boolean): void {
  const program = path.resolve('bench/trace/calls.elf');
  const { session: { machine } } = launchJourney({ name: program, program, args: [what, '1000000'], input: [] }, {}, 0, made => { if (isTraced) made.eventLog(); });
  while (machine.run(10_000_000).kind !== 'exited');
}

const [what = '', way = ''] = process.argv.slice(2);
if (way === 'turns') {
  const { plain, traced, ratios: [low, middle, high], events } = measure(what);
  console.log(`x${middle.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}; ${plain.toFixed(0)} ns without, ${traced.toFixed(0)} ns with; ${events} events)`);
} else runWhole(what, way === 'traced');
