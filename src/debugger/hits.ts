// Which breakpoints of a place hold, and what their log points say: conditions, hit counts and messages, read in the program or in the kernel.
// Not here: where breakpoints stand (breakpoints.ts), filters of system calls (syscall_filter.ts), what a stop becomes (debugger.ts).
import { UserError } from '../base/errors';
import { comparePositions, type Position } from '../trace/position';
import type { Breakpoint } from './breakpoints';
import { namesOf } from './kernel_source';
import type { Modules } from './modules';
import { evaluateKernel, isKernelTrue } from './objects/evaluate';
import { formatKernel } from './objects/format';
import { isProgramTrue, programText } from './program_expression';
import type { StackFrame } from './stack';
import type { KernelFrame, Target } from './target';

/** Those that stop; `failure`: a condition could not be evaluated. */
export type Hits = Breakpoint[] & { failure?: string };

/**
 * Where a breakpoint was hit: which hit one is depends on its place in the recording alone, not on when the breakpoint was set, nor on how the person came
 * there. All hits before `known` are in it.
 */
class Tally {
  /** Instructions, kernel entry and probe of each hit, ascending. */
  private readonly places: number[] = [];

  constructor(public known: Position) {}

  /** The number of the hit at `place`, from 1; undefined where it is not in the tally. */
  numberOf(place: Position): number | undefined {
    const index = this.indexOf(place);
    return index < this.count && comparePositions(this.at(index), place) === 0 ? index + 1 : undefined;
  }

  /** After all others; the number of the hit. */
  add({ instructions, entry, probe }: Position): number {
    this.places.push(instructions, entry, probe);
    return this.count;
  }

  /** What comes after `place` may become different. */
  forgetAfter(place: Position): void {
    if (comparePositions(this.known, place) <= 0) return;
    this.known = place;
    this.places.length = 3 * this.indexOf(place);
  }

  private get count(): number { return this.places.length / 3; }

  /** Of the first hit that is not before `place`. */
  private indexOf(place: Position): number {
    let low = 0, high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comparePositions(this.at(middle), place) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private at(index: number): Position {
    return { instructions: this.places[3 * index] ?? 0, entry: this.places[3 * index + 1] ?? 0, probe: this.places[3 * index + 2] ?? 0 };
  }
}

/** How conditions and log messages of breakpoints are read at a place. */
interface Viewpoint { holds(breakpoint: Breakpoint): boolean; text(expression: string): string }

export class HitCounter {
  /** What happens now is only looked at: nothing is logged. */
  isLooking = false;
  /** Whether a breakpoint stops cannot be told before the hits of an earlier part of the recording are counted. */
  isUncounted = false;
  private readonly tallies = new Map<string, Tally>();
  /** From here on, whatever was hit has been seen. */
  private seenFrom: Position;

  constructor(private readonly target: Target, private readonly modules: Modules, private readonly logged: (text: string, frame: StackFrame | undefined) => void) {
    this.seenFrom = target.timeline.position;
  }

  /** The machine is about to run on from `here`, or the breakpoints are others from here on. */
  depart(here: Position): void { this.seenFrom = here; }

  /** It has run up to `here`, and `breakpoints` were set all the way. */
  arrive(here: Position, breakpoints: readonly Breakpoint[]): void {
    for (const breakpoint of breakpoints) {
      const tally = this.tallyOf(breakpoint);
      if (comparePositions(tally.known, this.seenFrom) >= 0 && comparePositions(tally.known, here) < 0) tally.known = here;
    }
  }

  /** Up to where all hits of all of them are counted. */
  countedTo(breakpoints: readonly Breakpoint[]): Position {
    return breakpoints.map(breakpoint => this.tallyOf(breakpoint).known).reduce((a, b) => comparePositions(a, b) < 0 ? a : b, this.target.timeline.end);
  }

  /** What comes after `here` may become different. */
  forgetAfter(here: Position): void {
    for (const tally of this.tallies.values()) tally.forgetAfter(here);
  }

  /** Those of the program's places. */
  inProgram(breakpoints: readonly Breakpoint[], frame: StackFrame | undefined): Hits {
    const { target, modules } = this;
    const here = (): StackFrame => {
      if (!frame) throw new UserError('the place is not known');
      return frame;
    };
    // A kernel entry between two instructions hits nothing of the program's.
    const { instructions } = target.timeline.position;
    return this.counted(breakpoints, frame, { instructions, entry: 0, probe: 0 }, {
      holds: ({ condition }) => condition === undefined || isProgramTrue(target, modules, here(), condition),
      text: expression => programText(target, modules, here(), expression),
    });
  }

  /** Those of the kernel's own statements. */
  inKernel(breakpoints: readonly Breakpoint[], frame: KernelFrame, place: Position): Hits {
    const names = namesOf(this.target.kernel, frame);
    return this.counted(breakpoints, undefined, place, {
      holds: ({ kernelCondition }) => kernelCondition === undefined || isKernelTrue(kernelCondition.evaluate(names)),
      text: expression => formatKernel(evaluateKernel(expression, names)),
    });
  }

  /** Those whose conditions hold, log points aside. A condition that cannot be evaluated stops, and says why. */
  private counted(breakpoints: readonly Breakpoint[], frame: StackFrame | undefined, place: Position, seen: Viewpoint): Hits {
    const hit: Hits = [], logs: Breakpoint[] = [];
    for (const breakpoint of breakpoints) {
      try {
        if (!seen.holds(breakpoint) || !this.counts(breakpoint, place)) continue;
        (breakpoint.logMessage === undefined ? hit : logs).push(breakpoint);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        hit.failure = `the condition of a breakpoint cannot be evaluated: ${error.message}`;
        hit.push(breakpoint);
      }
    }
    if (!this.isLooking && !this.isUncounted) for (const { logMessage = '' } of logs) this.logged(interpolate(logMessage, seen), frame);
    return hit;
  }

  private counts(breakpoint: Breakpoint, place: Position): boolean {
    if (!breakpoint.hitCondition) return true;
    const tally = this.tallyOf(breakpoint);
    let number = tally.numberOf(place);
    if (number === undefined && comparePositions(tally.known, this.seenFrom) >= 0) {
      number = tally.add(place);
      tally.known = place;
    }
    if (number === undefined) this.isUncounted ||= !this.isLooking;
    return number !== undefined && breakpoint.hitCondition(number);
  }

  /** A breakpoint that is set again, as editors do when another one changes, has the hits that it had. */
  private tallyOf({ kind, condition, request: { source, name, watch }, addresses }: Breakpoint): Tally {
    const what = source ? [source.path, source.asked.line, source.asked.column] : watch ? [String(watch.address), watch.size, watch.access] : [name ?? addresses.map(String)];
    const key = JSON.stringify([kind, condition, what]);
    let tally = this.tallies.get(key);
    if (!tally) this.tallies.set(key, tally = new Tally(this.target.timeline.start));
    return tally;
  }
}

function interpolate(message: string, seen: Viewpoint): string {
  return message.replace(/\{([^{}]+)\}/g, (_, expression: string) => {
    try {
      return seen.text(expression);
    } catch (error) {
      if (error instanceof UserError) return `{${error.message}}`;
      throw error;
    }
  });
}
