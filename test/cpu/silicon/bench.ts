// A bare machine for single instructions: long mode, two data pages and a code page for CPL 3, and an IDT whose every gate ends in a hypercall.
import { Cpu } from '../../../src/cpu/cpu';
import { PhysicalMemory } from '../../../src/cpu/physical_memory';
import type { CpuOptions } from '../../../src/cpu/ports';
import { CASE, CODE, DATA, OUTCOME, OUTCOME_BYTES, WINDOW, WINDOW_BYTES } from './cases';

const BASE = 0x3000000, PML4 = BASE, PDPT = BASE + 0x1000, PD = BASE + 0x2000, TABLES = BASE + 0x3000;
const SYSTEM = 0x38000000, GDT = SYSTEM, IDT = SYSTEM + 0x1000, TSS = SYSTEM + 0x2000, STUBS = SYSTEM + 0x3000, STACK = SYSTEM + 0x5000, XSAVE = BASE + 0x20000;
const physical = new Map<number, number>([[CODE, BASE + 0x10000], [DATA, BASE + 0x11000], [DATA + 0x1000, BASE + 0x12000]]);
for (let i = 0; i < 5; i++) physical.set(SYSTEM + i * 0x1000, BASE + 0x13000 + i * 0x1000);
const GPR = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'] as const;
const HAS_ERROR_CODE = new Set([8, 10, 11, 12, 13, 14, 17]);

export class Bench {
  readonly memory = new PhysicalMemory({ initialBytes: 96 << 20 });
  readonly cpu: Cpu;
  /** Instructions that the processor said it does not know. */
  unimplemented = '';

  constructor(options: CpuOptions) {
    const { memory } = this;
    this.cpu = new Cpu(memory, { ...options, onUnimplemented: what => { this.unimplemented = what.text; } });
    memory.write64(PML4, PDPT | 7, 0);
    memory.write64(PDPT, PD | 7, 0);
    let nextTable = TABLES;
    for (const [linear, pa] of physical) {
      const slot = PD + (linear >>> 21) * 8;
      let table = memory.view.getUint32(slot, true) & ~0xfff;
      if (table === 0) { table = nextTable; nextTable += 0x1000; memory.write64(slot, table | 7, 0); }
      memory.write64(table + ((linear >>> 12) & 511) * 8, pa | (linear < SYSTEM ? 7 : 3), 0);
    }
    const at = (linear: number): number => physical.get(linear & ~0xfff)! + (linear & 0xfff);
    const descriptor = (n: number, low: number, high: number): void => memory.write64(at(GDT) + n * 8, low, high);
    descriptor(2, 0xffff, 0x00af9b00); descriptor(3, 0xffff, 0x00cf9300); descriptor(5, 0xffff, 0x00cff300); descriptor(6, 0xffff, 0x00affb00);
    memory.write64(at(TSS) + 4, STACK, 0);
    for (let v = 0; v < 256; v++) {
      const target = STUBS + v * 16;
      memory.write64(at(IDT) + v * 16, (target & 0xffff) | 0x10 << 16, (target & ~0xffff) | 0xee00);
      memory.writeBytes(at(target), Uint8Array.of(0x0f, 0x01, 0xc1));
    }
    const r = this.cpu.registers;
    r.set('cr4', 0x406e0n | 0x10000n);
    r.set('efer', 0xd01n);
    r.set('cr3', BigInt(PML4));
    r.set('cr0', 0x80010033n);
    r.set('xcr0', 7n);
    r.set('gdt_base', BigInt(GDT)); r.set('gdt_limit', 0xffn); r.set('idt_base', BigInt(IDT)); r.set('idt_limit', 0xfffn); r.set('tr', 0x40n); r.set('tr_base', BigInt(TSS)); r.set('tr_limit', 0x67n);
  }

  /** Runs a case; the outcome in the native runner's layout. */
  run(test: DataView): DataView {
    const { memory, cpu } = this, r = cpu.registers, bytes = new Uint8Array(test.buffer, test.byteOffset, test.byteLength);
    const code = new Uint8Array(64).fill(0xcc), at = physical.get(CODE)!;
    code.set(bytes.subarray(1, 1 + test.getUint8(0)));
    if (code.some((byte, i) => memory.u8[at + i] !== byte)) memory.writeBytes(at, code);
    this.window((pa, from, length) => memory.writeBytes(pa, bytes.subarray(CASE.mem + from, CASE.mem + from + length)));
    GPR.forEach((name, i) => r.set(name, test.getBigUint64(CASE.gpr + i * 8, true)));
    r.set('cs', 0x33n); r.set('ss', 0x2bn); r.set('cpl', 3n);
    r.set('rflags', test.getBigUint64(CASE.flags, true));
    r.set('rip', BigInt(CODE));
    const image = new Uint8Array(832);
    image.set(bytes.subarray(CASE.fx, CASE.fx + 416));
    image[512] = 7;
    image.set(bytes.subarray(CASE.ymmh, CASE.ymmh + 256), 576);
    memory.writeBytes(XSAVE, image);
    if (!cpu.xrstor(XSAVE)) throw new Error('the case has a bad XSAVE image');
    const exit = cpu.run(10000);
    if (exit.kind !== 'hypercall') throw new Error(`run ended with ${exit.kind}${exit.kind === 'shutdown' ? `: ${exit.reason}` : ''}`);
    return this.outcome();
  }

  private outcome(): DataView {
    const { memory, cpu } = this, out = new DataView(new ArrayBuffer(OUTCOME_BYTES)), r = cpu.registers;
    const vector = Number((r.get('rip') - 3n - BigInt(STUBS)) / 16n);
    const frame = Number(r.get('rsp')), at = (n: number): bigint => memory.view.getBigUint64(physical.get((frame + n * 8) & ~0xfff)! + ((frame + n * 8) & 0xfff), true);
    const skip = HAS_ERROR_CODE.has(vector) ? 1 : 0;
    out.setUint32(OUTCOME.trapno, vector, true);
    out.setUint32(OUTCOME.err, skip ? Number(at(0) & 0xffffffffn) : 0, true);
    out.setBigUint64(OUTCOME.cr2, vector === 14 ? r.get('cr2') : 0n, true);
    out.setBigUint64(OUTCOME.rip, at(skip), true);
    GPR.forEach((name, i) => out.setBigUint64(OUTCOME.gpr + i * 8, name === 'rsp' ? at(skip + 3) : r.get(name), true));
    out.setBigUint64(OUTCOME.flags, at(skip + 2), true);
    memory.fill(XSAVE, 832);
    cpu.xsave(XSAVE);
    const image = memory.u8.subarray(XSAVE, XSAVE + 832), bytes = new Uint8Array(out.buffer);
    bytes.set(image.subarray(0, 416), OUTCOME.fx);
    bytes.set(image.subarray(576, 832), OUTCOME.ymmh);
    this.window((pa, from, length) => bytes.set(memory.u8.subarray(pa, pa + length), OUTCOME.mem + from));
    return out;
  }

  private window(each: (pa: number, from: number, length: number) => void): void {
    const first = DATA + 0x1000 - WINDOW;
    each(physical.get(DATA)! + (WINDOW & 0xfff), 0, first);
    each(physical.get(DATA + 0x1000)!, first, WINDOW_BYTES - first);
  }
}
