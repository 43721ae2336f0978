// Memory for the chunks of a log: in slabs that grow, since each allocation makes the collector look around, and used again when a chunk is dropped.

export interface Piece { readonly buffer: ArrayBuffer; readonly at: number; readonly bytes: number; /** It may hold anything; otherwise zeros. */ readonly isUsed: boolean }

const FIRST_SLAB = 1 << 18, LARGEST_SLAB = 1 << 24;

export class ChunkRoom {
  private slab = new ArrayBuffer(0);
  private at = 0;
  private slabs = 0;
  private readonly free = new Map<number, Piece[]>();
  /** Bytes that were taken and not given back. */
  used = 0;

  take(bytes: number): Piece {
    this.used += bytes;
    const again = this.free.get(bytes)?.pop();
    if (again) return again;
    if (this.at + bytes > this.slab.byteLength) {
      this.slab = new ArrayBuffer(Math.max(bytes, FIRST_SLAB, Math.min(this.slabs, LARGEST_SLAB)));
      this.slabs += this.slab.byteLength;
      this.at = 0;
    }
    const { slab, at } = this;
    this.at += bytes;
    return { buffer: slab, at, bytes, isUsed: false };
  }

  give({ buffer, at, bytes }: Piece): void {
    this.used -= bytes;
    const piece = { buffer, at, bytes, isUsed: true }, same = this.free.get(bytes);
    if (same) same.push(piece);
    else this.free.set(bytes, [piece]);
  }
}
