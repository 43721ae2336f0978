// What recording costs a run, in two ways that the other work of a computer hardly touches. Not here: which programs, and printing (measure.ts).
//   counted  a clock around all that recording does: looks, checkpoints, first writes to pages and the way to them; as a share of the run on the same clock.
//   turns    a run's stretches with and without recording by turns, in one run after the other of the same program, so that each stretch is compared with itself:
//            what caches and TLBs lose is in it, too. The program has run before: while regions are made, each run is faster than the one before it.
import { CPU_RESERVED_BYTES, PAGE_SIZE } from '../../src/cpu/layout';
import type { PhysicalMemory } from '../../src/cpu/physical_memory';
import type { Session } from '../../src/machine/assemble';
import type { Gate } from '../../src/machine/machine';
import type { Timeline } from '../../src/machine/timeline';

const CHUNK = 100_000;
const NO_GATE: Gate = { at: Infinity, isReached: () => false };
const clock = (): number => Number(process.hrtime.bigint());
function processorNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/** Ratios of processor time with and without, one of each stretch between checkpoints, of a program that is run to its end once for the engines, and then `rounds` times. */
export function overheadByTurns({ machine, memory, target }: Session, rounds: number): number[] {
  const { timeline } = target(), start = memory.u8.slice();
  const run = (to: number): boolean => {
    while (machine.instructionsRetired < to) if (machine.run(Math.min(CHUNK, to - machine.instructionsRetired)).kind === 'exited') return false;
    return true;
  };
  run(Infinity);
  const length = longestWay(timeline), recorded: number[][] = [], plain: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    machine.gate = timeline;
    timeline.goTo(timeline.start);
    timeline.forgetFuture();
    // What was written in stretches that were not recorded is not in the history.
    for (let at = CPU_RESERVED_BYTES; at < start.length; at += PAGE_SIZE) memory.replacePage(at / PAGE_SIZE, start.subarray(at, at + PAGE_SIZE));
    // Copies are made in memory that is touched for the first time, as in a program's only run.
    timeline['history']['free'].length = 0;
    for (let i = 0; ; i++) {
      const isRecorded = (i + round) % 2 === 0, end = machine.instructionsRetired + length, before = processorNs();
      machine.gate = isRecorded ? timeline : NO_GATE;
      if (isRecorded) {
        timeline['dueNs'] = timeline.at = 0;
        machine.run(1);
        timeline['dueNs'] = Infinity;
      } else memory.endEpoch();
      if (!run(end)) break;
      ((isRecorded ? recorded : plain)[i] ??= []).push(processorNs() - before);
    }
  }
  return recorded.map((times, i) => median(times) / median(plain[i] ?? []));
}

function longestWay(timeline: Timeline): number {
  let longest = 0;
  for (const { from, to } of ways(timeline)) longest = Math.max(longest, to - from);
  return longest;
}

/** From each checkpoint to the next, in instructions, the last first. */
function* ways(timeline: Timeline): Iterable<{ from: number; to: number }> {
  for (let to = timeline.end.instructions; to > timeline.start.instructions;) {
    const from = timeline.checkpointBefore({ instructions: to - 1, entry: 0, probe: 0 }).instructions;
    yield { from, to };
    to = from;
  }
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.slice().sort((a, b) => a - b), middle = sorted.length >> 1;
  return ((sorted[middle] ?? NaN) + (sorted[(sorted.length - 1) >> 1] ?? NaN)) / 2;
}

export interface Counted {
  /** What the run would have taken without, to what recording adds. */
  readonly ratio: number;
  readonly runMs: number;
  readonly checkpoints: number;
  readonly copies: number;
  /** Milliseconds of each part; a part that another calls is in both. */
  readonly parts: Record<string, number>;
  /** Milliseconds of the processor that the way from each checkpoint to the next takes, run again. */
  readonly ways: number[];
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
  const runMs = (clock() - began) / 1e6, checkpoints = timeline['serial'], { copies } = timeline['history'];
  return { ratio: 1 + total / 1e6 / (runMs - total / 1e6), runMs, checkpoints, copies, parts, ways: waysAgain(timeline) };
}

function waysAgain(timeline: Timeline): number[] {
  return [...ways(timeline)].map(({ from, to }) => {
    timeline.goTo(timeline.checkpointBefore({ instructions: to - 1, entry: 0, probe: 0 }));
    const before = processorNs();
    timeline.goTo({ instructions: Math.max(from, to - 1), entry: 0, probe: 0 });
    return (processorNs() - before) / 1e6;
  });
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
