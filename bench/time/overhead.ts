// What recording costs a run, in two ways that the other work of a computer hardly touches. Not here: which programs, and printing (measure.ts).
//   counted  a clock around all that recording does: looks, checkpoints, first writes to pages and the way to them; as a share of the run on the same clock.
//   turns    stretches of one run by turns with and without recording, each from one checkpoint to where the next is due: what caches and TLBs lose is in it, too.
import type { PhysicalMemory } from '../../src/cpu/physical_memory';
import type { Session } from '../../src/machine/assemble';
import type { Gate } from '../../src/machine/machine';
import { effortTo } from '../../src/machine/pace';
import type { Timeline } from '../../src/machine/timeline';

const CHUNK = 100_000;
const NO_GATE: Gate = { at: Infinity, isReached: () => false };
/** Neither is first more often, and what slowly changes is the same for both. */
const GROUP = [true, false, false, true];

const clock = (): number => Number(process.hrtime.bigint());
function processorNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/** Ratios of processor time with and without, one of each group of turns, of a program that is run to its end. */
export function overheadByTurns({ machine, memory, target }: Session): number[] {
  const { timeline } = target();
  let isOver = false;
  const run = (isDone: () => boolean): { ns: number; instructions: number } => {
    const from = machine.instructionsRetired, before = processorNs();
    while (!isDone() && !isOver) isOver = machine.run(CHUNK).kind === 'exited';
    return { ns: processorNs() - before, instructions: machine.instructionsRetired - from };
  };
  const turn = (isRecorded: boolean, instructions: number): { ns: number; instructions: number } => {
    machine.gate = isRecorded ? timeline : NO_GATE;
    if (!isRecorded) {
      memory.endEpoch();
      const end = machine.instructionsRetired + instructions;
      return run(() => machine.instructionsRetired >= end);
    }
    const count = timeline['serial'];
    timeline['dueAt'] = timeline.at = 0;
    return run(() => timeline['serial'] > count && effortTo(machine.position) >= timeline['dueAt']);
  };
  const ratios: number[] = [];
  // The first turn is for the engines.
  for (let { instructions } = turn(true, 0); !isOver;) {
    const plain = { ns: 0, instructions: 0 }, recorded = { ns: 0, instructions: 0 };
    for (const isRecorded of GROUP) {
      const one = turn(isRecorded, instructions), sum = isRecorded ? recorded : plain;
      instructions = one.instructions;
      sum.ns += one.ns;
      sum.instructions += one.instructions;
    }
    if (!isOver) ratios.push(recorded.ns / recorded.instructions / (plain.ns / plain.instructions));
  }
  return ratios;
}

export interface Counted {
  /** What the run would have taken without, to what recording adds. */
  readonly ratio: number;
  readonly runMs: number;
  readonly checkpoints: number;
  readonly copies: number;
  /** Milliseconds of each part; a part that another calls is in both. */
  readonly parts: Record<string, number>;
}

/** Runs a program to its end, recorded. */
export function countedOverhead({ machine, memory, target }: Session): Counted {
  const parts: Record<string, number> = {}, { core } = machine.parts;
  let depth = 0, total = 0, firstWrites = 0;
  const clocked = <A extends unknown[], R>(name: string, work: (...args: A) => R, counts = (): boolean => true): ((...args: A) => R) => (...args) => {
    const before = clock();
    depth++;
    const done = work(...args), took = clock() - before;
    depth--;
    if (counts()) {
      parts[name] = (parts[name] ?? 0) + took / 1e6;
      if (depth === 0) total += took;
    }
    return done;
  };
  const began = clock(), timeline = clocked('beginning', () => target().timeline)();
  timeline['mark'] = clocked('checkpoints', timeline['mark'].bind(timeline));
  timeline['thin'] = clocked('thinning', timeline['thin'].bind(timeline));
  timeline['keep'] = clocked('copies', timeline['keep'].bind(timeline));
  timeline.isReached = clocked('looks', timeline.isReached.bind(timeline));
  noteFirstWrites(memory, timeline, () => firstWrites++);
  const slow = (core as unknown as { slow: { access: (info: number, isUser: boolean, isAlone: boolean) => number } }).slow;
  let known = firstWrites;
  slow.access = clocked('first writes', slow.access.bind(slow), () => firstWrites !== known && (known = firstWrites, true));
  while (machine.run(CHUNK).kind !== 'exited');
  const runMs = (clock() - began) / 1e6;
  return { ratio: 1 + total / 1e6 / (runMs - total / 1e6), runMs, checkpoints: timeline['serial'], copies: timeline['history'].copies, parts };
}

function noteFirstWrites(memory: PhysicalMemory, timeline: Timeline, note: () => void): void {
  const noteGuestWrite = memory.noteGuestWrite.bind(memory);
  memory.noteGuestWrite = page => {
    const before = memory.dirtyPages.length;
    noteGuestWrite(page);
    if (memory.dirtyPages.length !== before) note();
  };
  timeline['track']();
}
