// How long things take here, measured on the way: what a stretch of the run costs to run again, what checkpoints cost, and so how far apart they may stand.
// Not here: taking and dropping them (timeline.ts). The run itself never sees these numbers.
import type { Position } from '../trace/position';

/** Kernel work, in instructions that take as long. */
const ENTRY = 500;
/** In the recent past, running again from the checkpoint before takes that long at least; the second, or the third where checkpoints are dear, at most. */
const NEAREST_NS = 75e6, NEAR_NS = 100e6, FURTHEST_NS = 400e6;
/** The share of a run that checkpoints take: from the first on they stand further apart, and from the second on further than that. */
const SHARE = 0.03, MOST_SHARE = 0.04;
/** The way to a page's copy before its first write, out of translated code and back. */
const WAY_NS = 2000;
const LOOK_NS = 4e6;
/** A stretch that seems slower than this was interrupted. */
const SLOWEST_NS = 100;
/** How much of what was measured before a checkpoint still counts after it. */
const MEMORY = 0.8;

/** What it takes to run from the start to a position, in instructions. */
export const effortTo = ({ instructions, entry }: Position): number => instructions + ENTRY * entry;

export class Pace {
  /** Of an undisturbed run: where other work of the computer interrupts, a measurement is far too long; never too short. */
  private nsPerEffort = 4;
  private effortPerInsn = 2;
  /** Of late, as the clock had it: running, and what it took to record that. Both are disturbed alike. */
  private ran = { effort: 0, ns: 0 };
  private spent = { checkpoints: 0.1, ns: 50_000 };
  private lastNs: number;
  private last: Position;

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
    const ns = now - this.lastNs, measured = ns / effort, isRun = measured > 0 && measured < SLOWEST_NS;
    if (isRun) this.nsPerEffort += (measured - this.nsPerEffort) * (measured < this.nsPerEffort ? 0.3 : 0.1);
    if (instructions > 0) this.effortPerInsn = effort / instructions;
    this.ran.effort += effort;
    this.ran.ns += isRun ? ns : effort * this.nsPerEffort;
    this.lastNs = now;
    this.last = position;
  }

  /** The machine was moved, or stood still: that was not running. */
  jump(position: Position): void {
    this.lastNs = this.elapsedNs();
    this.last = position;
  }

  /** A page has been copied, in that time. */
  copied(ns: number): void { this.spent.ns += ns + WAY_NS; }

  /** A checkpoint has been taken, in that time. */
  marked(ns: number): void {
    this.ran = { effort: this.ran.effort * MEMORY, ns: this.ran.ns * MEMORY };
    this.spent = { checkpoints: this.spent.checkpoints * MEMORY + 1, ns: this.spent.ns * MEMORY + ns };
  }

  effortOf(ns: number): number { return ns / this.nsPerEffort; }

  /** Instructions that take about that long. */
  instructionsOf(ns: number): number { return Math.ceil(ns / this.nsPerEffort / this.effortPerInsn); }

  /** When to look again. */
  get lookInsns(): number { return Math.max(1000, this.instructionsOf(LOOK_NS)); }

  /** The distance of checkpoints in the recent past, as effort. */
  get spacing(): number {
    const { ran, spent } = this;
    const cost = ran.ns > 0 ? spent.ns / spent.checkpoints * ran.effort / ran.ns : 0;
    return Math.max(this.effortOf(NEAREST_NS), Math.min(this.effortOf(NEAR_NS), cost / SHARE), Math.min(this.effortOf(FURTHEST_NS), cost / MOST_SHARE));
  }
}

/**
 * Which checkpoints may go, oldest first: the gap that is left must stay below `near`, or below a fraction 1/`density` of its age. `efforts` are their
 * places in ascending order, `mayGo` whether one may be dropped at all.
 */
export function tooDense(efforts: readonly number[], mayGo: (index: number) => boolean, near: number, density: number): number[] {
  const end = efforts[efforts.length - 1] ?? 0;
  const dropped: number[] = [];
  let before = efforts[0] ?? 0;
  for (let i = 1; i < efforts.length - 1; i++) {
    const after = efforts[i + 1] ?? end;
    if (mayGo(i) && after - before <= Math.max(near, (end - after) / density)) dropped.push(i);
    else before = efforts[i] ?? 0;
  }
  return dropped;
}
