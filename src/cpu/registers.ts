// The registers by name, over the state in WebAssembly memory. Changing what the engines derive something from (CR3, CPL, flags ...) tells the processor.
import { assert } from '../base/assert';
import { readFlags, writeFlags } from './flags';
import { GPR_NAMES, STATE } from './layout';
import type { PhysicalMemory } from './physical_memory';
import type { RegisterFile, RegisterName } from './ports';

const WIDE: Partial<Record<RegisterName, number>> = {
  rip: STATE.rip, fs_base: STATE.segmentBase + 32, gs_base: STATE.segmentBase + 40, kernel_gs_base: STATE.kernelGsBase,
  cr0: STATE.cr0, cr2: STATE.cr2, cr3: STATE.cr3, cr4: STATE.cr4, cr8: STATE.cr8, xcr0: STATE.xcr0, efer: STATE.efer,
  star: STATE.star, lstar: STATE.lstar, cstar: STATE.cstar, fmask: STATE.fmask, tsc_aux: STATE.tscAux,
  gdt_base: STATE.gdtBase, gdt_limit: STATE.gdtLimit, idt_base: STATE.idtBase, idt_limit: STATE.idtLimit, tr_base: STATE.trBase, tr_limit: STATE.trLimit,
  dr0: STATE.dr, dr1: STATE.dr + 8, dr2: STATE.dr + 16, dr3: STATE.dr + 24, dr6: STATE.dr + 48, dr7: STATE.dr + 56, fip: STATE.fip, fdp: STATE.fdp,
};
GPR_NAMES.forEach((name, i) => { WIDE[name] = STATE.gpr + 8 * i; });
const SELECTORS: Partial<Record<RegisterName, number>> = {};
(['es', 'cs', 'ss', 'ds', 'fs', 'gs', 'tr', 'ldtr'] as const).forEach((name, i) => { SELECTORS[name] = STATE.selector + 2 * i; });
const WORDS: Partial<Record<RegisterName, number>> = { mxcsr: STATE.mxcsr, fcw: STATE.fcw, fop: STATE.fop };
/** Changes of these reach the engine. */
const CONTROL = new Set<RegisterName>(['cr0', 'cr3', 'cr4', 'efer', 'xcr0', 'cpl', 'cs', 'rflags', 'fsw']);

export class Registers implements RegisterFile {
  constructor(private readonly memory: PhysicalMemory, private readonly changed: (name: RegisterName) => void) {}

  get(name: RegisterName): bigint {
    const wide = WIDE[name];
    return wide !== undefined ? this.memory.u64[wide >> 3] as bigint : BigInt(this.low(name));
  }

  set(name: RegisterName, value: bigint): void {
    this.setHalves(name, Number(value & 0xffffffffn), Number(BigInt.asUintN(64, value) >> 32n));
  }

  low(name: RegisterName): number {
    const wide = WIDE[name];
    if (wide !== undefined) return this.memory.u32[wide >> 2] as number;
    const { view } = this.memory;
    const selector = SELECTORS[name];
    if (selector !== undefined) return view.getUint16(selector, true);
    const word = WORDS[name];
    if (word !== undefined) return view.getUint32(word, true);
    switch (name) {
      case 'rflags': return readFlags(view);
      case 'cpl': return view.getUint32(STATE.cpl, true);
      case 'fsw': return view.getUint32(STATE.fsw, true) | view.getUint32(STATE.ftop, true) << 11;
      case 'ftw': return view.getUint32(STATE.ftag, true);
      default: return assert(false, `register ${name}`) as never;
    }
  }

  slotOf(name: RegisterName): number {
    const wide = WIDE[name];
    assert(wide !== undefined, `register ${name} has no 64 bits`);
    return wide >> 2;
  }

  get words(): Uint32Array { return this.memory.u32; }

  lowAt(slot: number): number {
    return this.memory.u32[slot] as number;
  }

  numberAt(slot: number): number {
    return (this.memory.u32[slot] as number) + (this.memory.u32[slot + 1] as number) * 2 ** 32;
  }

  setHalvesAt(slot: number, low: number, high: number): void {
    const { u32 } = this.memory;
    u32[slot] = low;
    u32[slot + 1] = high;
  }

  high(name: RegisterName): number {
    const wide = WIDE[name];
    return wide !== undefined ? this.memory.u32[(wide >> 2) + 1] as number : 0;
  }

  setHalves(name: RegisterName, low: number, high: number): void {
    const { view } = this.memory;
    const wide = WIDE[name], selector = SELECTORS[name], word = WORDS[name];
    if (wide !== undefined) { view.setUint32(wide, low, true); view.setUint32(wide + 4, high, true); }
    else if (selector !== undefined) {
      view.setUint16(selector, low, true);
      if (name === 'cs') view.setUint32(STATE.cpl, low & 3, true);
    } else if (word !== undefined) view.setUint32(word, low, true);
    else if (name === 'rflags') writeFlags(view, low);
    else if (name === 'cpl') view.setUint32(STATE.cpl, low & 3, true);
    else if (name === 'fsw') { view.setUint32(STATE.fsw, low & ~0x3800, true); view.setUint32(STATE.ftop, low >>> 11 & 7, true); }
    else if (name === 'ftw') view.setUint32(STATE.ftag, low & 0xff, true);
    if (CONTROL.has(name)) this.changed(name);
  }

  number(name: RegisterName): number {
    return this.low(name) + this.high(name) * 2 ** 32;
  }

  getYmm(index: number): [bigint, bigint, bigint, bigint] {
    const at = (STATE.ymm + 32 * index) >> 3, { u64 } = this.memory;
    return [u64[at] as bigint, u64[at + 1] as bigint, u64[at + 2] as bigint, u64[at + 3] as bigint];
  }

  setYmm(index: number, words: readonly bigint[]): void {
    words.forEach((word, i) => { this.memory.u64[((STATE.ymm + 32 * index) >> 3) + i] = word; });
  }

  getSt(index: number): { significand: bigint; exponent: number } {
    const at = this.stAddress(index), { view } = this.memory;
    return { significand: view.getBigUint64(at, true), exponent: view.getUint16(at + 8, true) };
  }

  setSt(index: number, significand: bigint, exponent: number): void {
    const at = this.stAddress(index), { view } = this.memory;
    view.setBigUint64(at, BigInt.asUintN(64, significand), true);
    view.setUint16(at + 8, exponent, true);
  }

  private stAddress(index: number): number {
    return STATE.x87 + 16 * ((this.memory.view.getUint32(STATE.ftop, true) + index) & 7);
  }
}
