// The smallest machine around a Cpu: page tables, GDT, IDT, TSS in physical memory, code at CPL 3 and 0. Every exception ends in a VMCALL of its own.
import { Cpu } from '../../src/cpu/cpu';
import { PhysicalMemory } from '../../src/cpu/physical_memory';
import type { CpuOptions, Exit } from '../../src/cpu/ports';

const START = 34 << 20;
const PML4 = START, GDT = START + 0x1000, IDT = START + 0x2000, TSS = START + 0x3000, HANDLERS = START + 0x4000;
export const CODE = 0x400000, DATA = 0x600000, STACK_TOP = 0x700000;
const SYSTEM = 0xffff800000000000n;

export interface Raised { vector: number; errorCode: number | undefined; rip: bigint; cr2: bigint; rsp: bigint }

export class Computer {
  readonly memory = new PhysicalMemory();
  readonly cpu: Cpu;
  private nextPage = START + 0x10000;

  constructor(options: CpuOptions = {}) {
    const { memory } = this;
    this.cpu = new Cpu(memory, options);
    for (let pa = START; pa < START + 0x10000; pa += 0x1000) this.map(SYSTEM + BigInt(pa), pa, 3);
    memory.write64(GDT + 8, 0, 0x00af9b00);
    memory.write64(GDT + 16, 0, 0x00cf9300);
    memory.write64(GDT + 24, 0, 0x00cff300);
    memory.write64(GDT + 32, 0, 0x00affb00);
    memory.write64(TSS + 4, HANDLERS + 0x4000, 0xffff8000);
    for (let v = 0; v < 256; v++) {
      const handler = HANDLERS + v * 8;
      memory.write64(IDT + v * 16, (handler & 0xffff) | 8 << 16, ((handler & 0xffff0000) | 0xee00) >>> 0);
      memory.write64(IDT + v * 16 + 8, 0xffff8000, 0);
      memory.writeBytes(handler, Uint8Array.of(0x0f, 0x01, 0xc1));
    }
    const r = this.cpu.registers;
    for (const [name, value] of [['cr3', BigInt(PML4)], ['cr4', 0x50620n], ['efer', 0xd01n], ['cr0', 0x80010033n], ['xcr0', 7n], ['gdt_base', SYSTEM + BigInt(GDT)], ['gdt_limit', 0xffn],
      ['idt_base', SYSTEM + BigInt(IDT)], ['idt_limit', 0xfffn], ['tr_base', SYSTEM + BigInt(TSS)], ['tr_limit', 0x67n], ['cs', 0x23n], ['ss', 0x1bn], ['rsp', BigInt(STACK_TOP)], ['rflags', 0x202n]] as const) r.set(name, value);
    for (let i = 0; i < 4; i++) { this.mapNew(CODE + i * 0x1000); this.mapNew(DATA + i * 0x1000); this.mapNew(STACK_TOP - 0x1000 * (i + 1)); }
  }

  page(): number {
    const pa = this.nextPage;
    this.nextPage += 0x1000;
    return pa;
  }

  /** Maps a page; returns its physical address. */
  mapNew(address: number | bigint, rights = 7): number {
    const pa = this.page();
    this.map(BigInt(address), pa, rights);
    return pa;
  }

  map(address: bigint, pa: number, rights: number, noExecute = false): void {
    this.memory.write64(this.entryOf(address, true), (pa | rights) >>> 0, noExecute ? 0x80000000 : 0);
    this.cpu.invlpg(address);
  }

  /** Physical address of the page table entry of an address. */
  entryOf(address: bigint, create = false): number {
    let table = PML4;
    for (let shift = 39n; shift > 12n; shift -= 9n) {
      const at = table + Number(address >> shift & 511n) * 8;
      if (!(this.memory.u32[at >> 2]! & 1) && create) this.memory.write64(at, this.page() | 7, 0);
      table = this.memory.u32[at >> 2]! & ~0xfff;
    }
    return table + Number(address >> 12n & 511n) * 8;
  }

  write(address: number, bytes: readonly number[]): void {
    bytes.forEach((b, i) => this.memory.write8(this.pa(address + i), b));
  }

  pa(address: number): number {
    const found = this.cpu.translate(BigInt(address), 'read', false);
    if (!('pa' in found)) throw new Error(`0x${address.toString(16)} is not mapped`);
    return found.pa;
  }

  read64(address: number): bigint {
    let v = 0n;
    for (let i = 7; i >= 0; i--) v = v << 8n | BigInt(this.memory.u8[this.pa(address + i)]!);
    return v;
  }

  /** Puts code at `address`, sets RIP there. */
  load(code: readonly number[], address = CODE): void {
    this.write(address, code);
    this.cpu.registers.set('rip', BigInt(address));
  }

  run(max = 1e6): Exit { return this.cpu.run(max); }

  /** The exception whose handler has just reached its VMCALL. */
  raised(): Raised {
    const { registers } = this.cpu, vector = Math.floor((Number(registers.get('rip') - 3n - SYSTEM) - HANDLERS) / 8), hasCode = [8, 10, 11, 12, 13, 14, 17].includes(vector);
    const frame = Number(registers.get('rsp') - SYSTEM), word = (i: number): bigint => this.memory.u64[(frame >> 3) + i]!;
    return { vector, errorCode: hasCode ? Number(word(0)) : undefined, rip: word(hasCode ? 1 : 0), cr2: registers.get('cr2'), rsp: word(hasCode ? 4 : 3) };
  }
}
