// The kernel's view of guest physical memory, over the views of the processor's memory. Each write is noted, for predecoded code and checkpoints.
import { assert } from '../base/assert';
import type { PhysicalPages } from '../kernel/arch/x86/ports';

/** What is needed of the processor's PhysicalMemory, which is less than 4 GiB. The views are replaced when the memory grows. */
export interface Ram {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  /** Grows to at least `bytes`; false when that is refused. */
  ensure(bytes: number): boolean;
  /** [pa, pa + length) is about to be written from outside the processor. */
  noteWrite(pa: number, length: number): void;
}

const HIGH = 2 ** 32;
/** Bytes up to which a loop is faster than an array's own copy. */
const SHORT = 64;

export class GuestPages implements PhysicalPages {
  private readonly ram: Ram;

  constructor(ram: Ram, readonly start: number, readonly end: number) {
    this.ram = ram;
  }

  get words(): Uint32Array {
    return this.ram.u32;
  }

  get bytes(): Uint8Array {
    return this.ram.u8;
  }

  read8(pa: number): number {
    return this.ram.u8[pa] ?? 0;
  }

  read16(pa: number): number {
    const { ram } = this;
    return pa & 1 ? (ram.u8[pa] ?? 0) | ((ram.u8[pa + 1] ?? 0) << 8) : ram.u16[pa >>> 1] ?? 0;
  }

  read32(pa: number): number {
    return pa & 3 ? (this.read16(pa) | (this.read16(pa + 2) << 16)) >>> 0 : this.ram.u32[pa >>> 2] ?? 0;
  }

  read64(pa: number): number {
    return this.read32(pa) + this.read32(pa + 4) * HIGH;
  }

  readBig64(pa: number): bigint {
    return BigInt(this.read32(pa)) | (BigInt(this.read32(pa + 4)) << 32n);
  }

  write8(pa: number, value: number): void {
    this.note(pa, 1);
    this.ram.u8[pa] = value;
  }

  write16(pa: number, value: number): void {
    this.note(pa, 2);
    this.ram.u8[pa] = value;
    this.ram.u8[pa + 1] = value >>> 8;
  }

  write32(pa: number, value: number): void {
    this.note(pa, 4);
    this.store32(pa, value);
  }

  write64(pa: number, value: number): void {
    const high = value === (value | 0) ? value >> 31 : Math.floor(value / HIGH);
    this.note(pa, 8);
    if (pa & 3) {
      this.storeBytes(pa, value);
      this.storeBytes(pa + 4, high);
      return;
    }
    const { u32 } = this.ram, at = pa >>> 2;
    u32[at] = value;
    u32[at + 1] = high;
  }

  writeBig64(pa: number, value: bigint): void {
    this.note(pa, 8);
    this.store32(pa, Number(value & 0xffffffffn));
    this.store32(pa + 4, Number((value >> 32n) & 0xffffffffn));
  }

  readBytes(pa: number, length: number): Uint8Array {
    const { u8 } = this.ram;
    if (length > SHORT || pa + length > u8.length) return u8.slice(pa, pa + length);
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = u8[pa + i] as number;
    return bytes;
  }

  viewBytes(pa: number, length: number): Uint8Array { return this.ram.u8.subarray(pa, pa + length); }

  readText(pa: number, most: number): string {
    const { u8 } = this.ram;
    let end = pa;
    while (end < pa + most && u8[end]) end++;
    let text = '', at = pa;
    // Longer pieces make fewer strings of strings.
    for (; at + 8 <= end; at += 8) text += String.fromCharCode(u8[at] ?? 0, u8[at + 1] ?? 0, u8[at + 2] ?? 0, u8[at + 3] ?? 0, u8[at + 4] ?? 0, u8[at + 5] ?? 0, u8[at + 6] ?? 0, u8[at + 7] ?? 0);
    for (; at < end; at++) text += String.fromCharCode(u8[at] ?? 0);
    return text;
  }

  /** What is there of the bytes at `pa`, into `target`: how many. */
  readInto(pa: number, target: Uint8Array): number {
    const bytes = this.ram.u8.subarray(pa, pa + target.length);
    target.set(bytes);
    return bytes.length;
  }

  writeBytes(pa: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.note(pa, bytes.length);
    this.ram.u8.set(bytes, pa);
  }

  fill(pa: number, length: number, value: number): void {
    if (length === 0) return;
    this.note(pa, length);
    this.ram.u8.fill(value, pa, pa + length);
  }

  copy(toPa: number, fromPa: number, length: number): void {
    if (length === 0) return;
    this.note(toPa, length);
    this.ram.u8.copyWithin(toPa, fromPa, fromPa + length);
  }

  /** Memory is there from its first write on: page_alloc fills a page before it hands it out. */
  private note(pa: number, length: number): void {
    const { ram } = this;
    if (pa + length > ram.u8.length) this.grow(pa + length);
    ram.noteWrite(pa, length);
  }

  private grow(end: number): void { assert(this.ram.ensure(end), `the host refuses memory for physical addresses below ${end}`); }

  private store32(pa: number, value: number): void {
    if (pa & 3) this.storeBytes(pa, value);
    else this.ram.u32[pa >>> 2] = value;
  }

  private storeBytes(pa: number, value: number): void {
    for (let i = 0; i < 4; i++) this.ram.u8[pa + i] = value >>> (8 * i);
  }
}
