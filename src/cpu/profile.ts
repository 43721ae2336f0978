// What the engines do, counted for a person who asks how fast a program runs and why. Nothing counts while nobody asks. Time is the host's: it changes nothing.
import { LEFT } from './handlers';
import { ENGINE, REGION_EXIT } from './layout';
import type { PhysicalMemory } from './physical_memory';
import type { RegionStatistics } from './translator/translator';

const REGION_EXITS: Record<keyof typeof REGION_EXIT, string> = {
  onward: 'to code outside that is known', lookup: 'to an address that has to be looked up: indirect jumps, returns', budget: 'at the end of the budget',
  page: 'before an access to a page that the TLB does not have', twoPages: 'before an access to bytes on two pages', exception: 'before an exception',
  doubt: 'before an operation out of the ordinary', helper: 'before an instruction, or operands, that TypeScript does', x87: 'for another TOP of the x87',
  hypercall: 'behind a call of the kernel after which the machine looks around', stale: 'not entered: translations, MXCSR or TOP had changed', refused: 'not entered: in another ring, or a unit may not be used',
};

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

  constructor(private readonly clock: () => number, readonly regions: RegionStatistics | undefined, private readonly memory: PhysicalMemory) { this.last = clock(); }

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

  /** Times that control left regions since the processor was made. */
  regionExits(): { cause: string; count: number }[] {
    const { u32 } = this.memory, causes = Object.entries(REGION_EXIT) as [keyof typeof REGION_EXIT, number][];
    return causes.map(([cause, number]) => ({ cause: REGION_EXITS[cause], count: u32[(ENGINE.regionExits >> 2) + number] as number })).filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  }

  exitsByCause(): { cause: string; count: number }[] {
    return Object.entries(LEFT).map(([cause, why]) => ({ cause, count: this.exits[why] ?? 0 })).filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  }
}
