// Watchpoints: which bytes are watched, and the access to them of the instruction that runs alone. Who stops for it: cpu.ts.
import { linearPage } from './code_cache';
import type { WatchKind } from './ports';

interface Watch { low: bigint; size: number; kind: WatchKind }
export interface WatchHit { address: bigint; size: number; access: 'read' | 'write' }

const addressOf = (low: number, high: number): bigint => BigInt(high) << 32n | BigInt(low);

export class Watchpoints {
  private readonly watches: Watch[] = [];
  private readonly pages = new Set<number>();
  private hit: WatchHit | undefined;

  get isEmpty(): boolean { return this.watches.length === 0; }

  add(address: bigint, size: number, kind: WatchKind): void {
    this.watches.push({ low: address, size, kind });
    this.index();
  }

  remove(address: bigint, size: number, kind: WatchKind): void {
    const at = this.watches.findIndex(w => w.low === address && w.size === size && w.kind === kind);
    if (at >= 0) this.watches.splice(at, 1);
    this.index();
  }

  /** Accesses to such a page always take the slow path. */
  hasPage(low: number, high: number): boolean { return this.pages.size > 0 && this.pages.has(linearPage(low, high)); }

  covers(low: number, high: number, size: number, access: 'read' | 'write'): boolean {
    if (this.isEmpty) return false;
    const address = addressOf(low, high);
    return this.watches.some(w => w.kind !== (access === 'read' ? 'write' : 'read') && address < w.low + BigInt(w.size) && w.low < address + BigInt(size));
  }

  /** An access of the instruction that runs alone: its first write counts, or else its last read. */
  note(low: number, high: number, size: number, access: 'read' | 'write'): void {
    if (this.hit?.access === 'write' || !this.covers(low, high, size, access)) return;
    this.hit = { address: addressOf(low, high), size, access };
  }

  /** What was noted, once. */
  takeHit(): WatchHit | undefined {
    const { hit } = this;
    this.hit = undefined;
    return hit;
  }

  private index(): void {
    this.pages.clear();
    for (const { low, size } of this.watches) for (let page = low >> 12n; page <= low + BigInt(size - 1) >> 12n; page++) this.pages.add(Number(page));
  }
}
