// Virtual time: retired instructions at a price, plus what the kernel's work costs, plus time slept through. Never the wall clock. The prices: cost_model.ts.
import type { Clock, Work } from '../kernel/arch/x86/ports';
import { costModels, type CostModel } from './cost_model';

/** The TSC ticks at 2 GHz whatever the processor does: a power of two, so that mult and shift of the vDSO give the same nanosecond as the kernel's own arithmetic. */
export const TSC_PER_NS = 2;

/** What counts the instructions that were retired. */
interface Counter { readonly instructionsRetired: number }

/** More than the numbers of calls: a list that does not grow is not asked anew for how long it is. */
const CALL_NUMBERS = 512;

/** Instructions by which rounding may be wrong, and more. */
const FEW = 3;

/** The clock that the kernel and, through TSC and vvar, the guest read. All state is in numbers: see saveState. */
export class VirtualClock implements Clock {
  /** Charged and skipped so far: a whole number, as every price that is charged is rounded. */
  private extraNs = 0;
  private timer = Infinity;
  readonly tscPerNs = TSC_PER_NS;
  readonly ticksPerInstruction: number;
  private readonly instructionsPerNs: number;
  private readonly processor: Counter;
  private readonly nsPerInstruction: number;
  /** Whole nanoseconds. */
  readonly prices: Readonly<Record<Work, number>>;
  /** What calls' handlers cost, by number, as they are met. */
  private readonly callPrices = Array.from<number | undefined>({ length: CALL_NUMBERS });

  constructor(processor: Counter, readonly bootEpochNs: bigint, readonly costs: CostModel = costModels['bare-metal']) {
    this.processor = processor;
    this.ticksPerInstruction = costs.instruction * TSC_PER_NS;
    this.nsPerInstruction = costs.instruction;
    this.instructionsPerNs = 1 / costs.instruction;
    // Parsed, not built: an object to which many properties are added one by one is a hash table to the engine.
    this.prices = JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(costs.work).map(([work, ns]) => [work, Math.round(ns)])))) as Record<Work, number>;
  }

  now(): number {
    return Math.floor(this.processor.instructionsRetired * this.nsPerInstruction) + this.extraNs;
  }

  /** The time at which the machine had retired so many instructions, if nothing was charged since: the TSC in nanoseconds, exactly. */
  at(instructions: number): number {
    return Math.floor(instructions * this.nsPerInstruction) + this.extraNs;
  }

  /** The TSC is this and ticksPerInstruction for each instruction: a function of them alone, wherever the run is cut into slices. */
  get tscBase(): number {
    return this.extraNs * TSC_PER_NS;
  }

  charge(work: Work, count = 1): number {
    return this.spend(count === 1 ? this.prices[work] : Math.round(this.costs.work[work] * count));
  }

  spend(ns: number): number {
    this.extraNs += ns;
    return ns;
  }

  chargeCopy(bytes: number): number {
    return this.spend(this.prices.copy_call + Math.round(this.costs.work.copy_byte * bytes));
  }

  chargeCall(name: string, nr: number): number {
    return this.spend(this.callPrices[nr] ?? this.priceOfCall(name, nr));
  }

  private priceOfCall(name: string, nr: number): number {
    const ns = this.costs.calls.get(name) ?? this.costs.calls.get('other') ?? 0;
    if (nr >= 0) this.callPrices[nr] = ns;
    return ns;
  }

  setTimer(atNs: number): void {
    this.timer = atNs;
  }

  get timerAt(): number {
    return this.timer;
  }

  /** The part of time that is not instructions. With a TSC that ticks with this clock, its value at instruction 0. */
  get skippedNs(): number {
    return this.extraNs;
  }

  /** Instructions that may retire before the timer is due; 0 when it is. The same place in the run whenever it is asked on the way. */
  get instructionsToTimer(): number {
    const { instruction } = this.costs;
    if (this.timer === Infinity) return Infinity;
    let due = Math.ceil((this.timer - this.extraNs) / instruction);
    while (Math.floor(due * instruction + this.extraNs) < this.timer) due++;
    return Math.max(0, due - this.processor.instructionsRetired);
  }

  /**
   * Some of those, quickly told, with a fraction: less than one where the timer is near. Without a branch, as what has not been met when V8 compiles a caller makes it
   * compile that again.
   */
  get instructionsBeforeTimer(): number {
    return (this.timer - this.extraNs) * this.instructionsPerNs - FEW - this.processor.instructionsRetired;
  }

  /** Sleeps: time passes without instructions. */
  skipTo(ns: number): void {
    const now = this.now();
    if (ns > now) this.extraNs += Math.ceil(ns - now);
  }

  saveState(): { extraNs: number; timer: number } {
    return { extraNs: this.extraNs, timer: this.timer };
  }

  loadState(state: { extraNs: number; timer: number }): void {
    this.extraNs = state.extraNs;
    this.timer = state.timer;
  }
}
