// How coarse the timeline is while a gesture moves it: as fine as this computer draws in time. At rest it is whole.

/** Longer than this a frame must not take; below that there is time to spare. Both with the wait for the screen. */
const SLOW_MS = 34, QUICK_MS = 20;
const COARSEST = 8;
/** So many quick frames in a row allow the next finer picture; more when that was too much before. */
const CALM = 10, MOST_CALM = 1000;

export class Pace {
  /** So many steps of the picture are one. */
  coarse = 1;
  private quick = 0;
  private calm = CALM;
  private wasFiner = false;

  /** A frame has been drawn, and took so long. */
  took(ms: number): void {
    if (ms > SLOW_MS) {
      if (this.wasFiner) this.calm = Math.min(MOST_CALM, this.calm * 4);
      this.coarse = Math.min(COARSEST, this.coarse * 2);
      this.quick = 0;
      this.wasFiner = false;
    } else if (ms >= QUICK_MS || this.coarse === 1) this.quick = 0;
    else if (++this.quick >= this.calm) {
      this.coarse /= 2;
      this.quick = 0;
      this.wasFiner = true;
    }
  }
}
