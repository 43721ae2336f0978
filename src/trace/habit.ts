// A call as it was made from one place the last time, and how it went: a program that makes it again mostly has the same answer after the same work, and its event is
// a comparison and one word. Fields of small integers, so that the engine compares them as they are; what is none is nobody's habit.
import type { CallCost } from '../kernel/arch/x86/ports';
import type { Far } from './event_steps';

/** No number of a call. */
const NONE = -1;

export class Habit {
  /** What the chunk's rows say of it: records of what happened and how it went, and its step. 0: none. */
  what = 0;
  how = 0;
  step = 0;
  pid = NONE;
  nr = NONE;
  flags = NONE;
  ipLow = 0;
  ipHigh = 0;
  /** Of a call with a path: which argument points to it, and what it was. */
  pathArgument = NONE;
  path: string | null = null;
  /** Why it was refused. */
  because: string | null = null;
  private count = 0;
  private readonly words: number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  result = 0;
  /** Instructions and time beside them, from its begin to its end and from the event before to its begin. */
  ran = NONE;
  passed = 0;
  farInstructions = 0;
  farExtra = 0;
  farEntry = 0;
  entryNs = 0;
  exitNs = 0;
  copyNs = 0;
  bytes = 0;

  hasWords(words: ArrayLike<number>): boolean {
    const { count, words: mine } = this;
    for (let k = 0; k < count; k++) if (mine[k] !== ((words[k] as number) | 0)) return false;
    return true;
  }

  /** A call is made. */
  begin(what: number, pid: number, nr: number, flags: number, ipLow: number, ipHigh: number, words: ArrayLike<number>, count: number, pathArgument: number, path: string | null): void {
    this.what = what;
    this.pid = pid;
    this.nr = nr;
    this.pathArgument = pathArgument;
    this.path = path;
    this.flags = flags;
    this.ipLow = ipLow;
    this.ipHigh = ipHigh;
    this.count = count;
    for (let k = 0; k < count; k++) this.words[k] = (words[k] as number) | 0;
    this.ran = NONE;
  }

  /** Whether that is how far it was from the event before. */
  isAsFar(far: Far): boolean { return this.farInstructions === far.farInstructions && this.farExtra === far.farExtra && this.farEntry === far.farEntry; }

  /** Its step, which is so far from the event before. */
  setFar({ farInstructions, farExtra, farEntry }: Far, step: number): void {
    this.step = isSmall(farInstructions) && isSmall(farExtra) && isSmall(farEntry) ? step : 0;
    if (this.step === 0) return;
    this.farInstructions = farInstructions;
    this.farExtra = farExtra;
    this.farEntry = farEntry;
  }

  /** It was answered without a wait. `far`: from the event before. */
  end(step: number, how: number, far: Far, result: number, because: string | null, ran: number, passed: number, { entry_ns, exit_ns, copy_ns, copied }: CallCost): void {
    this.ran = NONE;
    if (!isSmall(result) || !isSmall(ran) || !isSmall(passed) || !isSmall(entry_ns) || !isSmall(exit_ns) || !isSmall(copy_ns) || !isSmall(copied)) return;
    this.setFar(far, step);
    if (this.step === 0) return;
    this.how = how;
    this.because = because;
    this.result = result;
    this.passed = passed;
    this.entryNs = entry_ns;
    this.exitNs = exit_ns;
    this.copyNs = copy_ns;
    this.bytes = copied;
    this.ran = ran;
  }
}

const isSmall = (number: number): boolean => number === (number | 0);
