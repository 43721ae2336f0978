// How long things take here, measured on the way: what a stretch of the run costs to run again, and so how far apart checkpoints may stand.
// Not here: taking and dropping them (timeline.ts). The run itself never sees these numbers.
import type { Position } from '../trace/position';

/** Kernel work, in instructions that take as long. */
const ENTRY = 500;
/** Running again from the checkpoint before may take that long, in the recent past. */
const NEAR_NS = 50e6;
/** The share of a run that checkpoints may take. */
const SHARE = 0.07;
/** Copying a page before its first write, and the way there out of translated code. */
const PAGE_NS = 14_000;
const LOOK_NS = 2e6;
/** A stretch that seems slower than this was interrupted. */
const SLOWEST_NS = 100;

/** What it takes to run from the start to a position, in instructions. */
export const effortTo = ({ instructions, entry }: Position): number => instructions + ENTRY * entry;

export class Pace {
  private nsPerEffort = 4;
  private markNs = 500_000;
  /** Copied between two checkpoints. */
  private pages = 0;
  private lastNs: number;
  private last: Position;
  private effortPerInsn = 2;

  constructor(private readonly elapsedNs: () => number, start: Position) {
    this.lastNs = elapsedNs();
    this.last = start;
  }

  /** The machine has run up to `position` since the last look or jump. */
  look(position: Position): void {
    const now = this.elapsedNs();
    const effort = effortTo(position) - effortTo(this.last);
    const instructions = position.instructions - this.last.instructions;
    if (effort > 10_000) {
      const measured = (now - this.lastNs) / effort;
      if (measured > 0 && measured < SLOWEST_NS) this.nsPerEffort += (measured - this.nsPerEffort) * (measured < this.nsPerEffort ? 0.3 : 0.1);
      if (instructions > 0) this.effortPerInsn = effort / instructions;
      this.lastNs = now;
      this.last = position;
    }
  }

  /** The machine was moved, or stood still: that was not running. */
  jump(position: Position): void {
    this.lastNs = this.elapsedNs();
    this.last = position;
  }

  /** A checkpoint has been taken, in that time; since the one before, so many pages were copied. */
  marked(ns: number, pages: number): void {
    // Where other work of the computer interrupts, a measurement is far too long; never too short.
    const measured = Math.min(ns, 2 * this.markNs);
    this.markNs += (measured - this.markNs) * (measured < this.markNs ? 0.5 : 0.1);
    this.pages += (pages - this.pages) * (pages < this.pages ? 0.2 : 0.7);
  }

  effortOf(ns: number): number { return ns / this.nsPerEffort; }

  /** Instructions that take about that long. */
  instructionsOf(ns: number): number { return Math.ceil(ns / this.nsPerEffort / this.effortPerInsn); }

  /** When to look again. */
  get lookInsns(): number { return Math.max(1000, this.instructionsOf(LOOK_NS)); }

  /** The distance of checkpoints in the recent past, as effort. */
  get spacing(): number { return this.effortOf(Math.max(NEAR_NS, (this.markNs + this.pages * PAGE_NS) / SHARE)); }
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
