// Bounce buffers: where emitted code reads and writes what lies in two pages or must not be written yet. Writes take place when the instruction is complete.
import { ENGINE } from './layout';
import type { PhysicalMemory } from './physical_memory';

/** Bytes `from` to `from + length` of the access lie at `pa`. */
export interface Part { pa: number; from: number; length: number }

const SLOT = 64;

export class BounceBuffers {
  private writes: { slot: number; parts: Part[] }[] = [];
  private next: number = ENGINE.bounce;

  constructor(private readonly memory: PhysicalMemory) {}

  /** A slot that holds what the parts hold now. Slots of an instruction that does not run alone are read at once, so they may be used again. */
  slot(isWrite: boolean, isAlone: boolean, parts: Part[]): number {
    if (!isAlone && this.next + 2 * SLOT > ENGINE.bounceEnd) this.next = ENGINE.bounce;
    const slot = this.next;
    this.next += SLOT;
    for (const { pa, from, length } of parts) this.memory.u8.copyWithin(slot + from, pa, pa + length);
    if (isWrite) this.writes.push({ slot, parts });
    return slot;
  }

  /** The writes take place. */
  complete(): void {
    const { memory } = this;
    for (const { slot, parts } of this.writes) for (const { pa, from, length } of parts) memory.writeBytes(pa, memory.u8.slice(slot + from, slot + from + length));
    this.discard();
  }

  discard(): void {
    this.writes = [];
    this.next = ENGINE.bounce;
  }
}
