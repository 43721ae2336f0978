// Guest physical memory: one WebAssembly memory in which the guest's physical address is the byte offset. The first CPU_RESERVED_BYTES are the
// processor's own. Not the address space of a program: that is mmu.ts.
import { assert } from '../base/assert';
import { CPU_RESERVED_BYTES, ENGINE, PAGE_SIZE } from './layout';
import { isSame, wordsAt, wordsOf } from './page_words';

const WASM_PAGE = 65536;

export interface PhysicalMemoryOptions {
  /** Bytes to begin with, including CPU_RESERVED_BYTES. Default 64 MiB. */
  initialBytes?: number;
  /** Bytes it may grow to, below 4 GiB. Default 3 GiB. */
  maximumBytes?: number;
}

/** Called with the physical page number before the first write to it in an epoch. */
export type FirstWrite = (page: number) => void;

export class PhysicalMemory {
  readonly memory: WebAssembly.Memory;
  readonly maximumBytes: number;
  /** Views of the whole memory; replaced when it grows, so never keep one. */
  u8!: Uint8Array<ArrayBuffer>; u16!: Uint16Array<ArrayBuffer>; u32!: Uint32Array<ArrayBuffer>; i32!: Int32Array<ArrayBuffer>;
  u64!: BigUint64Array<ArrayBuffer>; f64!: Float64Array<ArrayBuffer>; view!: DataView<ArrayBuffer>;
  /** Set by the processor: drops what is predecoded or translated from [pa, pa + length). */
  onCodeWrite: (pa: number, length: number) => void = () => undefined;
  /** Set by the processor: a page is about to get other bytes as a whole, while nothing runs. */
  onCodeReplaced: (page: number) => void = () => undefined;
  /** Physical pages that were written since beginEpoch, in order of first write. */
  dirtyPages: number[] = [];
  private dirty = new Uint8Array(0);
  private firstWrite: FirstWrite | undefined;
  private tracking = false;

  constructor(options: PhysicalMemoryOptions = {}) {
    const { initialBytes = 64 << 20, maximumBytes = 3 * 2 ** 30 } = options;
    assert(initialBytes >= CPU_RESERVED_BYTES && maximumBytes <= 2 ** 32 - WASM_PAGE, 'physical memory is between the reserved part and 4 GiB');
    this.maximumBytes = maximumBytes;
    this.memory = new WebAssembly.Memory({ initial: Math.ceil(initialBytes / WASM_PAGE), maximum: Math.ceil(maximumBytes / WASM_PAGE) });
    this.refresh();
  }

  /** Bytes that are there now. */
  get size(): number { return this.u8.length; }

  /** Grows to at least `bytes`; false when the host refuses or the maximum is reached. New memory is zero. Contents and addresses stay. */
  ensure(bytes: number): boolean {
    if (bytes <= this.size) return true;
    if (bytes > this.maximumBytes) return false;
    const wanted = Math.min(this.maximumBytes, Math.max(bytes, Math.min(this.size * 2, this.size + (256 << 20))));
    try {
      this.memory.grow(Math.ceil((wanted - this.size) / WASM_PAGE));
    } catch (e) {
      if (!(e instanceof RangeError)) throw e;
      return false;
    }
    this.refresh();
    return true;
  }

  // --- writes by anyone but the processor ----------------------------------------------------------------------------------------------------

  /**
   * To be called BEFORE the kernel, debugger or loader writes [pa, pa + length) through a view: copies pages of an epoch, drops code. The methods below do
   * it themselves.
   */
  noteWrite(pa: number, length: number): void {
    const last = (pa + length - 1) >>> 12;
    if (last !== pa >>> 12 || this.tracking || this.u8[ENGINE.codePages + last] !== 0) this.noteWrites(pa, length, last);
  }

  private noteWrites(pa: number, length: number, last: number): void {
    for (let page = pa >>> 12; page <= last; page++) {
      if (this.tracking && this.dirty[page] === 0) this.markDirty(page);
      if (this.u8[ENGINE.codePages + page] !== 0) this.onCodeWrite(Math.max(pa, page * PAGE_SIZE), Math.min(pa + length, (page + 1) * PAGE_SIZE) - Math.max(pa, page * PAGE_SIZE));
    }
  }

  writeBytes(pa: number, bytes: Uint8Array): void { if (bytes.length === 0) return; this.noteWrite(pa, bytes.length); this.u8.set(bytes, pa); }
  fill(pa: number, length: number, value = 0): void { if (length === 0) return; this.noteWrite(pa, length); this.u8.fill(value, pa, pa + length); }
  copy(toPa: number, fromPa: number, length: number): void { if (length === 0) return; this.noteWrite(toPa, length); this.u8.copyWithin(toPa, fromPa, fromPa + length); }
  write8(pa: number, value: number): void { this.noteWrite(pa, 1); this.u8[pa] = value; }
  write16(pa: number, value: number): void { this.noteWrite(pa, 2); this.view.setUint16(pa, value, true); }
  write32(pa: number, value: number): void { this.noteWrite(pa, 4); this.view.setUint32(pa, value, true); }
  write64(pa: number, low: number, high: number): void { this.noteWrite(pa, 8); this.view.setUint32(pa, low, true); this.view.setUint32(pa + 4, high, true); }

  /** Gives a page the bytes that it had at another time, which begin at a word, while the processor stands. No write to be noted. */
  replacePage(page: number, bytes: Uint8Array): void {
    if (this.u8[ENGINE.codePages + page] !== 0) {
      if (isSame(wordsOf(this.i32, page), wordsAt(bytes))) return;
      this.onCodeReplaced(page);
    }
    this.u8.set(bytes, page * PAGE_SIZE);
  }

  // --- epochs --------------------------------------------------------------------------------------------------------------------------------

  /**
   * Starts an epoch: from now, the first write to each page - by the guest or through this class - calls `onFirstWrite(page)` before it takes place and
   * adds the page to `dirtyPages`. Use Cpu.beginEpoch, which also makes the processor's write TLB miss once a page.
   */
  beginEpoch(onFirstWrite?: FirstWrite): void {
    this.tracking = true;
    this.firstWrite = onFirstWrite;
    if (this.dirty.length * PAGE_SIZE < this.size) this.dirty = new Uint8Array(Math.ceil(this.size / PAGE_SIZE));
    else for (const page of this.dirtyPages) this.dirty[page] = 0;
    this.dirtyPages = [];
  }

  /** Stops tracking; `dirtyPages` stays as it is. */
  endEpoch(): void { this.tracking = false; }

  /** The processor is about to write to `page` for the first time since its write TLB was emptied. */
  noteGuestWrite(page: number): void {
    if (this.tracking && this.dirty[page] === 0) this.markDirty(page);
  }

  private markDirty(page: number): void {
    this.firstWrite?.(page);
    this.dirty[page] = 1;
    this.dirtyPages.push(page);
  }

  private refresh(): void {
    const { buffer } = this.memory;
    this.u8 = new Uint8Array(buffer); this.u16 = new Uint16Array(buffer); this.u32 = new Uint32Array(buffer); this.i32 = new Int32Array(buffer);
    this.u64 = new BigUint64Array(buffer); this.f64 = new Float64Array(buffer); this.view = new DataView(buffer);
    if (this.tracking) {
      const dirty = new Uint8Array(Math.ceil(this.size / PAGE_SIZE));
      dirty.set(this.dirty);
      this.dirty = dirty;
    }
  }
}
