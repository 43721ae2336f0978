// Virtual time: retired instructions at a price, plus what the kernel charges, plus time slept through. Never the wall clock.
import type { Clock } from '../kernel/arch/x86/ports';

/** Prices in nanoseconds; "bare" is a recent processor without page-table isolation. Calibrated so that getpid costs about 100, 250 and 200 ns. */
export interface CostModel {
  instruction: number;
  /** SYSCALL to SYSRET beyond the instructions and what the kernel charges for its own work. */
  syscall: number;
  /** An exception or interrupt and IRETQ. */
  exception: number;
}

export const costModels = {
  bare: { instruction: 0.3, syscall: 0, exception: 400 },
  pti: { instruction: 0.3, syscall: 150, exception: 700 },
  vm: { instruction: 0.3, syscall: 90, exception: 800 },
} as const satisfies Record<string, CostModel>;

/** The clock that the kernel and, through TSC and vvar, the guest read. All state is in numbers: see saveState. */
export class VirtualClock implements Clock {
  /** Charged and skipped so far. */
  private extraNs = 0;
  private timer = Infinity;
  private readonly retired: () => number;

  constructor(retired: () => number, readonly bootEpochNs: bigint, readonly costs: CostModel = costModels.bare) {
    this.retired = retired;
  }

  now(): number {
    return Math.floor(this.retired() * this.costs.instruction + this.extraNs);
  }

  charge(ns: number): void {
    this.extraNs += ns;
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
    return Math.max(0, due - this.retired());
  }

  /** Sleeps: time passes without instructions. */
  skipTo(ns: number): void {
    const now = this.now();
    if (ns > now) this.extraNs += ns - now;
  }

  saveState(): { extraNs: number; timer: number } {
    return { extraNs: this.extraNs, timer: this.timer };
  }

  loadState(state: { extraNs: number; timer: number }): void {
    this.extraNs = state.extraNs;
    this.timer = state.timer;
  }
}
