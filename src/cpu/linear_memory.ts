// Memory by linear address, for the instructions' helpers and for the processor itself (descriptor tables, frames of exceptions). What cannot be reached throws Fault.
import { ALONE } from './context';
import { Fault } from './exceptions';
import { GP, PF, SS } from './isa/machine';
import { PAGE_SIZE, STATE } from './layout';
import { type Mmu, USER, WRITE } from './mmu';
import type { PhysicalMemory } from './physical_memory';
import type { Watchpoints } from './watchpoints';

const LONGEST_INSTRUCTION = 15;
/** Bytes up to which a loop is faster than an array's own copy. */
const SHORT = 64;

export const halves = (address: bigint): [low: number, high: number] => [Number(address & 0xffffffffn), Number(BigInt.asUintN(64, address) >> 32n)];

export class LinearMemory {
  /** What systemReadHalves has read. */
  low = 0;
  high = 0;

  /**
   * `isAlone`: whether the instruction runs alone; an access to watched memory that does not throws ALONE. `isStackAccess`: of the running instruction, asked when
   * an address is not canonical.
   */
  constructor(private readonly memory: PhysicalMemory, private readonly mmu: Mmu, private readonly watches: Watchpoints, private readonly isAlone: () => boolean, private readonly isStackAccess: (address: bigint) => boolean) {}

  read(address: bigint, length: number, isUser: boolean): Uint8Array {
    const out = new Uint8Array(length);
    this.readInto(...halves(address), out, isUser);
    return out;
  }

  readInto(fromLow: number, fromHigh: number, out: Uint8Array, isUser: boolean): void {
    let low = fromLow, high = fromHigh;
    for (let done = 0; done < out.length;) {
      const n = Math.min(out.length - done, PAGE_SIZE - (low & 0xfff)), pa = this.reach(low, high, isUser ? USER : 0), { u8 } = this.memory;
      if (n > SHORT) out.set(u8.subarray(pa, pa + n), done);
      else for (let i = 0; i < n; i++) out[done + i] = u8[pa + i] as number;
      done += n;
      low = (low + n) >>> 0;
      if (low < n) high = (high + 1) >>> 0;
    }
    this.watch(fromLow, fromHigh, out.length, 'read');
  }

  probeWrite(address: bigint, length: number, isUser: boolean): void {
    for (let done = 0; done < length;) {
      const at = BigInt.asUintN(64, address + BigInt(done));
      this.reach(...halves(at), WRITE | (isUser ? USER : 0));
      done += PAGE_SIZE - Number(at & 0xfffn);
    }
    this.watch(...halves(address), length, 'write');
  }

  write(address: bigint, bytes: Uint8Array, isUser: boolean): void {
    this.probeWrite(address, bytes.length, isUser);
    for (let done = 0; done < bytes.length;) {
      const at = BigInt.asUintN(64, address + BigInt(done));
      const n = Math.min(bytes.length - done, PAGE_SIZE - Number(at & 0xfffn));
      this.memory.writeBytes(this.reach(...halves(at), WRITE | (isUser ? USER : 0)), bytes.subarray(done, done + n));
      done += n;
    }
  }

  /** The bytes of an instruction, as many as can be fetched. `bits`: of Mmu.walk. */
  instructionBytes(rip: bigint, bits: number): number[] {
    const bytes: number[] = [];
    while (bytes.length < LONGEST_INSTRUCTION) {
      const pa = this.mmu.walk(...halves(BigInt.asUintN(64, rip + BigInt(bytes.length))), bits, false);
      if (pa < 0) break;
      bytes.push(this.memory.u8[pa] as number);
    }
    return bytes;
  }

  /** As CPL 0. */
  systemRead64(address: bigint): bigint {
    const [low, high] = halves(address);
    this.systemReadHalves(low, high);
    return BigInt(this.high) << 32n | BigInt(this.low);
  }

  /** As CPL 0: eight bytes, in `low` and `high`. */
  systemReadHalves(low: number, high: number): void {
    if ((low & 0xfff) <= PAGE_SIZE - 8 && this.watches.isEmpty) {
      const pa = this.reach(low, high, 0), { u32, view } = this.memory, isAligned = (pa & 3) === 0;
      this.low = isAligned ? u32[pa >>> 2] as number : view.getUint32(pa, true);
      this.high = isAligned ? u32[(pa >>> 2) + 1] as number : view.getUint32(pa + 4, true);
      return;
    }
    const bytes = new DataView(this.read(BigInt(high) << 32n | BigInt(low), 8, false).buffer);
    this.low = bytes.getUint32(0, true);
    this.high = bytes.getUint32(4, true);
  }

  /** As CPL 0. */
  systemWriteHalves(low: number, high: number, valueLow: number, valueHigh: number): void {
    if ((low & 0xfff) <= PAGE_SIZE - 8 && this.watches.isEmpty) {
      const pa = this.reach(low, high, WRITE);
      this.memory.noteWrite(pa, 8);
      const { view } = this.memory;
      view.setUint32(pa, valueLow, true);
      view.setUint32(pa + 4, valueHigh, true);
      return;
    }
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setUint32(0, valueLow, true);
    bytes.setUint32(4, valueHigh, true);
    this.write(BigInt(high) << 32n | BigInt(low), new Uint8Array(bytes.buffer), false);
  }

  /**
   * As CPL 0: where the `bytes` below an address, which is a multiple of 8, stand in memory, to be written now. -1: they have to be written word by word. What cannot be
   * reached is that of the uppermost word, as that is written first.
   */
  systemFrameBelow(low: number, high: number, bytes: number): number {
    if (((low - 8) & 0xfff) < bytes - 8 || low === 0 || !this.watches.isEmpty) return -1;
    const pa = this.reach(low - 8, high, WRITE) - (bytes - 8);
    this.memory.noteWrite(pa, bytes);
    return pa;
  }

  /** Of a walk that has failed just now: #PF with CR2 set, or for an address that is not canonical #SS (of the stack) or #GP. */
  faultAt(low: number, high: number): Fault {
    if (this.mmu.errorCode < 0) return new Fault(this.isStackAccess(BigInt(high) << 32n | BigInt(low)) ? SS : GP, 0);
    this.memory.u32[STATE.cr2 >> 2] = low;
    this.memory.u32[(STATE.cr2 >> 2) + 1] = high;
    return new Fault(PF, this.mmu.errorCode);
  }

  private reach(low: number, high: number, access: number): number {
    const known = this.mmu.find(low, high, (access & WRITE) !== 0, (access & USER) !== 0);
    if (known >= 0) return known;
    const pa = this.mmu.walk(low, high, access, true);
    if (pa < 0) throw this.faultAt(low, high);
    // Descriptor tables, which nobody else reads. What is more to a write or to ring 3 is the slow path's.
    if (!(access & (WRITE | USER)) && this.watches.isEmpty) this.mmu.fill(low, high, pa, false, false);
    return pa;
  }

  /** The instruction runs alone, so that the stop comes right after it. */
  private watch(low: number, high: number, length: number, kind: 'read' | 'write'): void {
    if (!this.watches.covers(low, high, length, kind)) return;
    if (!this.isAlone()) throw ALONE;
    this.watches.note(low, high, length, kind);
  }
}
