// Where indirect jumps and calls lead, by the record of each: what was met while they were interpreted, and what regions were left for again and again.
import type { CodeCache, CodePage } from '../code_cache';
import { ENGINE, PAGE_SIZE } from '../layout';
import { halves } from '../linear_memory';
import type { PhysicalMemory } from '../physical_memory';
import type { Target } from './region';

/** Times that regions are left so in a period between samples that are worth a note of the last one. */
const MANY = 40;
/** Notes of a jump after which somebody should act: short programs do not come so far, whose compiling would take longer than it saves. The next time it takes so many times as many. */
const ENOUGH = 64, PATIENCE = 8;

type Places = Map<number, CodePage>;

export class Jumps {
  private readonly met = new Map<number, Places>();
  /** Places that a jump often leads to, those first that regions were left for most. */
  private readonly often = new Map<number, Places>();
  private readonly leaps = new Map<number, { notes: number; enough: number; readonly targets: Map<bigint, number> }>();

  constructor(private readonly memory: PhysicalMemory, private readonly fetch: (low: number, high: number) => number, private readonly code: CodeCache) {}

  add(jumper: number, record: number, page: CodePage): void { add(this.met, jumper, record, page); }
  addOften(jumper: number, record: number, page: CodePage): void { add(this.often, jumper, record, page); }

  *targetsOf(jumper: number): Iterable<Target> {
    for (const [record, page] of this.often.get(jumper) ?? []) yield { record, page, isOften: true };
    for (const [record, page] of this.met.get(jumper) ?? []) yield { record, page, isOften: false };
  }

  /** Takes a note of how regions were left last. A jump that has led out of regions so often that those should be made anew. */
  lookAtLeaps(periods: number): number | undefined {
    const { u32, u64 } = this.memory, count = u32[ENGINE.leaps >> 2] as number;
    if (count === 0) return undefined;
    u32[ENGINE.leaps >> 2] = 0;
    if (count <= MANY * periods) return undefined;
    const jumper = u32[ENGINE.leaper >> 2] as number, target = u64[ENGINE.leaptTo >> 3] as bigint;
    let known = this.leaps.get(jumper);
    if (!known) this.leaps.set(jumper, known = { notes: 0, enough: ENOUGH, targets: new Map() });
    known.targets.set(target, (known.targets.get(target) ?? 0) + 1);
    if (++known.notes < known.enough) return undefined;
    known.enough *= PATIENCE;
    const before = this.often.get(jumper) ?? [];
    this.often.delete(jumper);
    for (const [led] of [...known.targets].sort(([, a], [, b]) => b - a)) this.addAddress(jumper, led);
    for (const [record, page] of before) this.addOften(jumper, record, page);
    return jumper;
  }

  private addAddress(jumper: number, target: bigint): void {
    const [low, high] = halves(target), pa = this.fetch(low, high), page = pa < 0 ? undefined : this.code.find(Math.floor(pa / PAGE_SIZE), (low & -PAGE_SIZE) >>> 0, high);
    const record = page?.records[low % PAGE_SIZE];
    if (page && record) this.addOften(jumper, record, page);
  }

  forgetLeaps(): void {
    this.leaps.clear();
    this.often.clear();
  }

  forget(): void {
    this.forgetLeaps();
    this.met.clear();
  }
}

/** A place stays where it is in the order. */
function add(all: Map<number, Places>, jumper: number, record: number, page: CodePage): void {
  const known = all.get(jumper);
  if (known) known.set(record, page); else all.set(jumper, new Map([[record, page]]));
}
