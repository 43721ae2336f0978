// How long it takes to run a stretch again, measured on the way, so that checkpoints stand as far apart as that allows.
// Not here: taking and dropping them (timeline.ts). The run itself never sees these numbers.
import type { Position } from '../trace/position';

/** Kernel work, in instructions that take as long. */
const ENTRY = 500;
/** In the recent past, the distance of checkpoints: what the way from one to the next takes, run again. The way is up to twice as long where caches are cold and other work interrupts: no place is to be much further than 100 ms. */
export const NEAR_NS = 60e6;
const LOOK_NS = 2e6;
/** What seems slower than this, or that many times slower than of late, was interrupted. */
const SLOWEST_NS = 100, SLOWER = 3;

/** What it takes to run from the start to a position, in instructions. */
export const effortTo = ({ instructions, entry }: Position): number => instructions + ENTRY * entry;

export class Pace {
  /** What it takes to run from the start to where the machine was looked at last, in ns; `last` is that place, while it runs live. */
  ranNs = 0;
  /** Of an undisturbed run: where other work of the computer interrupts, a measurement is far too long; never too short. */
  private nsPerEffort = 20;
  private effortPerInsn = 2;
  private lastNs: number;
  private last: Position;
  /** What recording took since then: running again does not take that. */
  private recordingNs = 0;

  constructor(private readonly elapsedNs: () => number, start: Position) {
    this.lastNs = elapsedNs();
    this.last = start;
  }

  /** The machine has run up to `position` since the last look or jump. */
  look(position: Position): void {
    const now = this.elapsedNs();
    const effort = effortTo(position) - effortTo(this.last);
    const instructions = position.instructions - this.last.instructions;
    if (effort <= 10_000) return;
    const measured = (now - this.lastNs - this.recordingNs) / effort;
    const { nsPerEffort } = this;
    if (measured > 0 && measured < SLOWEST_NS) {
      this.nsPerEffort += (measured - nsPerEffort) * (measured < nsPerEffort ? 0.3 : 0.1);
      this.ranNs += effort * Math.min(measured, nsPerEffort * SLOWER);
    } else this.ranNs += this.nsOf(effort);
    if (instructions > 0) this.effortPerInsn = effort / instructions;
    this.start(now, position);
  }

  /** The machine was moved, or stood still: that was not running. */
  jump(position: Position): void { this.start(this.elapsedNs(), position); }

  /** Something was recorded, in that time. */
  recorded(ns: number): void { this.recordingNs += ns; }

  nsOf(effort: number): number { return effort * this.nsPerEffort; }

  /** Instructions that take about that long. */
  instructionsOf(ns: number): number { return Math.ceil(ns / this.nsPerEffort / this.effortPerInsn); }

  /** When to look again. */
  get lookInsns(): number { return Math.max(1000, this.instructionsOf(LOOK_NS)); }

  private start(now: number, position: Position): void {
    this.lastNs = now;
    this.last = position;
    this.recordingNs = 0;
  }
}

/**
 * Which checkpoints may go, oldest first: the gap that is left must stay below `near`, or below a fraction 1/`density` of its age. `places` are what it takes
 * to run to each, in ascending order and in one unit with `near`; `mayGo` tells whether one may be dropped at all.
 */
export function tooDense(places: readonly number[], mayGo: (index: number) => boolean, near: number, density: number): number[] {
  const end = places[places.length - 1] ?? 0;
  const dropped: number[] = [];
  let before = places[0] ?? 0;
  for (let i = 1; i < places.length - 1; i++) {
    const after = places[i + 1] ?? end;
    if (mayGo(i) && after - before <= Math.max(near, (end - after) / density)) dropped.push(i);
    else before = places[i] ?? 0;
  }
  return dropped;
}
