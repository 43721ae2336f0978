// What the engines do, counted for a person who asks how fast a program runs and why. Nothing counts while nobody asks. Time is the host's: it changes nothing.
import { LEFT } from './handlers';
import type { RegionStatistics } from './translator/translator';

export interface BlockProfile { readonly address: bigint; readonly isUser: boolean; ms: number; samples: number; translated: number }

export class EngineProfile {
  /** Times that the interpreter's inner function came back, by LEFT. */
  readonly exits = new Uint32Array(Object.keys(LEFT).length);
  /** Memory accesses that the TLB did not answer: misses, pages crossed, faults, writes to pages with code. */
  slowAccesses = 0;
  /** Instructions that TypeScript ran, by mnemonic. */
  readonly helpers = new Map<string, number>();
  /** Times that ring 0 called whoever runs the processor. */
  hypercalls = 0;
  /** Where slices ended. */
  readonly blocks = new Map<string, BlockProfile>();
  /** Slices that ended inside regions, and all. */
  translated = 0;
  samples = 0;
  private last: number;

  constructor(private readonly clock: () => number, readonly regions: RegionStatistics | undefined) { this.last = clock(); }

  /** The processor runs again after something else did. */
  resume(): void { this.last = this.clock(); }

  exit(why: number): void { this.exits[why] = (this.exits[why] ?? 0) + 1; }
  helper(mnemonic = '?'): void { this.helpers.set(mnemonic, (this.helpers.get(mnemonic) ?? 0) + 1); }

  sample(address: bigint, isUser: boolean, isTranslated: boolean): void {
    const now = this.clock(), key = `${isUser} ${address}`;
    let block = this.blocks.get(key);
    if (!block) this.blocks.set(key, block = { address, isUser, ms: 0, samples: 0, translated: 0 });
    block.ms += now - this.last;
    block.samples++;
    this.samples++;
    if (isTranslated) { block.translated++; this.translated++; }
    this.last = now;
  }

  exitsByCause(): { cause: string; count: number }[] {
    return Object.entries(LEFT).map(([cause, why]) => ({ cause, count: this.exits[why] ?? 0 })).filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  }
}
