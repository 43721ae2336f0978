// What helpers see of the processor: HelperContext over a Cpu, resolved for one record at a time.
import { AC_FLAG, ARITHMETIC, IF, readFlags, SYSTEM_WRITABLE, TF, writeArithmeticFlags, writeSystemFlags } from './flags';
import type { Form } from './decode';
import { Fault, readTable } from './exceptions';
import { RBP, RECORD, RSP, STATE } from './layout';
import { GP, NP, SS, type HelperContext } from './isa/machine';
import type { Cpu } from './cpu';
import { componentsInUse, readLegacy, readXsave, writeLegacy, writeXsave, XSAVE_BYTES } from './xsave';

const STACK_INSTRUCTIONS = new Set(['push', 'pop', 'pushf', 'popf', 'call', 'ret', 'leave', 'enter', 'iret', 'retf', 'callf']);

/** Thrown by what touches watched memory: the instruction runs again, alone. */
export const ALONE = { alone: true };

export class Context implements HelperContext {
  view: DataView;
  record = 0;
  form: Form | undefined;
  /** A helper said where control goes. */
  jumps = false;
  ripLow = 0;
  ripHigh = 0;
  /** The run loop takes over after this instruction. */
  atBoundary = false;
  interruptVector = -1;
  trapVector = -1;
  isIncomplete = false;
  leaving: 'hypercall' | 'hlt' | undefined;
  shadow = false;
  marked = false;

  constructor(readonly cpu: Cpu) { this.view = cpu.memory.view; }

  begin(record: number, form: Form | undefined): void {
    this.view = this.cpu.memory.view;
    this.record = record;
    this.form = form;
    this.jumps = false;
    this.atBoundary = false;
    this.interruptVector = -1;
    this.trapVector = -1;
    this.isIncomplete = false;
    this.leaving = undefined;
    this.shadow = false;
    this.marked = false;
  }

  /** Resolved field by field, only as helpers ask. */
  readonly insn: HelperContext['insn'] = new Insn(this);

  addr32(): boolean { return this.view.getUint8(this.record + RECORD.flags) !== 0; }
  segmentBase(): bigint { return this.cpu.memory.u64[this.view.getUint16(this.record + RECORD.segment, true) >> 3] as bigint; }
  operandSize(): number { return this.form?.operandSize ?? 4; }
  repeat(): '' | 'rep' | 'repne' { return this.form?.repeat ?? ''; }

  isStepwise(): boolean { return (this.systemFlags() & TF) !== 0 || this.cpu.checksAlignment; }
  touchesCode(address: bigint, length: number): boolean { return this.cpu.touchesCode(address, length); }
  again(): void { this.isIncomplete = true; this.atBoundary = true; }

  gpr(number: number): bigint { return this.cpu.memory.u64[(STATE.gpr >> 3) + number] as bigint; }
  setGpr(number: number, value: bigint): void { this.cpu.memory.u64[(STATE.gpr >> 3) + number] = value; }
  flags(): number { return readFlags(this.view); }
  setFlags(flags: number): void { writeArithmeticFlags(this.view, flags); }
  systemFlags(): number { return this.view.getUint32(STATE.flagSystem, true); }
  setSystemFlags(flags: number): void {
    const before = this.systemFlags();
    writeSystemFlags(this.view, flags & SYSTEM_WRITABLE & ~ARITHMETIC);
    const changed = before ^ this.systemFlags();
    if (changed & (TF | IF)) this.atBoundary = true;
    if (changed & AC_FLAG) this.controlChanged();
  }

  read(address: bigint, length: number): Uint8Array { this.cpu.checkAlignment(address, length); return this.cpu.linear.read(address, length, this.cpu.isUser()); }
  readStack(out: Uint8Array): void {
    const { cpu, cpu: { memory: { u32 } } } = this, at = (STATE.gpr >> 2) + 2 * RSP;
    if (cpu.checksAlignment) cpu.checkAlignment(this.gpr(RSP), out.length);
    cpu.linear.readInto(u32[at] as number, u32[at + 1] as number, out, cpu.isUser());
  }
  probeWrite(address: bigint, length: number): void { this.cpu.checkAlignment(address, length); this.cpu.linear.probeWrite(address, length, this.cpu.isUser()); }
  write(address: bigint, bytes: Uint8Array): void { this.cpu.checkAlignment(address, bytes.length); this.cpu.linear.write(address, bytes, this.cpu.isUser()); this.view = this.cpu.memory.view; }
  raise(vector: number, errorCode = 0): never { throw new Fault(vector, errorCode); }

  setRip(address: bigint): void { this.setRipHalves(Number(address & 0xffffffffn), Number(BigInt.asUintN(64, address) >> 32n)); }
  setRipHalves(low: number, high: number): void {
    this.jumps = true;
    this.ripLow = low;
    this.ripHigh = high;
    this.atBoundary = true;
  }
  nextRip(): bigint { const { rip, length } = this.insn; return BigInt.asUintN(64, rip + BigInt(length)); }
  controlChanged(): void { this.cpu.controlChanged(); this.atBoundary = true; }
  unitsChanged(): void { this.cpu.unitsChanged(); }
  flushTlb(): void { this.cpu.flushTlb(); this.atBoundary = true; }
  invlpg(address: bigint): void { this.cpu.invlpg(address); this.atBoundary = true; }
  softwareInterrupt(vector: number): void { this.interruptVector = vector; this.atBoundary = true; }
  trap(vector: number): void { this.trapVector = vector; this.atBoundary = true; }
  leaveRun(kind: 'hypercall' | 'hlt'): void { this.leaving = kind; this.atBoundary = true; }
  delayInterrupts(): void { this.shadow = true; this.atBoundary = true; }

  timeStamp(): bigint {
    this.cpu.onTimeStamp?.();
    return this.cpu.timeStamp();
  }

  mark(): void {
    if (!this.cpu.onMark) return;
    this.marked = true;
    this.atBoundary = true;
  }

  /** Whether an access to this address is one of the stack: by push, pop and their kin, or through RSP or RBP without another segment. SDM 1, 3.7.4. */
  isStackAccess(address: bigint): boolean {
    const { form, view, record } = this;
    if (!form) return false;
    if (form.isMemory) {
      const from = BigInt.asIntN(64, address - this.insn.address);
      if (from >= 0n && from < (STACK_INSTRUCTIONS.has(form.encoding.mnemonic) ? 64n : 1024n)) {
        const base = view.getUint16(record + RECORD.base, true);
        return (base === STATE.gpr + 8 * RSP || base === STATE.gpr + 8 * RBP) && view.getUint16(record + RECORD.segment, true) === STATE.zero;
      }
    }
    return STACK_INSTRUCTIONS.has(form.encoding.mnemonic);
  }

  systemRead64(address: bigint): bigint { return this.cpu.linear.systemRead64(address); }
  descriptorHigh(selector: number): number {
    readTable(this.cpu, STATE.gdtBase, selector & ~7);
    return this.cpu.linear.high;
  }
  componentsInUse(): number { return componentsInUse(this.view); }

  loadSegment(index: number, selector: number): void {
    const { view } = this;
    if ((selector & ~3) === 0) {
      if (index === 2 && (this.cpu.isUser() || (selector & 3) !== 0)) this.raise(GP, 0);
    } else {
      if (selector & 4 || (selector & ~7) + 7 > view.getUint32(STATE.gdtLimit, true)) this.raise(GP, selector & ~3);
      const descriptor = this.cpu.linear.systemRead64((this.cpu.memory.u64[STATE.gdtBase >> 3] as bigint) + BigInt(selector & ~7));
      const type = Number(descriptor >> 40n & 0x1fn), dpl = Number(descriptor >> 45n & 3n), cpl = this.cpu.isUser() ? 3 : 0;
      const isCode = (type & 8) !== 0;
      if (!(type & 16)) this.raise(GP, selector & ~3);
      if (index === 2 ? isCode || !(type & 2) || dpl !== cpl || (selector & 3) !== cpl : (isCode && !(type & 2)) || (!(isCode && type & 4) && dpl < Math.max(cpl, selector & 3))) this.raise(GP, selector & ~3);
      if (!(descriptor >> 47n & 1n)) this.raise(index === 2 ? SS : NP, selector & ~3);
      if (index >= 4) this.cpu.memory.u64[(STATE.segmentBase >> 3) + index] = (descriptor >> 16n & 0xffffffn) | (descriptor >> 56n & 0xffn) << 24n;
    }
    if ((selector & ~3) === 0 && index >= 4) this.cpu.memory.u64[(STATE.segmentBase >> 3) + index] = 0n;
    view.setUint16(STATE.selector + 2 * index, selector, true);
  }

  xsave(address: bigint, mask: number, kind: 'fxsave' | 'xsave' | 'xsavec'): void {
    const size = kind === 'fxsave' ? 512 : mask & 4 ? XSAVE_BYTES : 576;
    // The last byte is touched first: it is where a fault is found.
    this.probeWrite(BigInt.asUintN(64, address + BigInt(size - 1)), 1);
    this.probeWrite(address, size);
    const image = new Uint8Array(XSAVE_BYTES);
    image.set(this.read(address, size));
    if (kind === 'fxsave') writeLegacy(this.view, image, 3);
    else writeXsave(this.view, image, mask, kind === 'xsavec');
    this.write(address, image.subarray(0, kind === 'fxsave' ? 416 : size));
  }

  xrstor(address: bigint, mask: number, kind: 'fxrstor' | 'xrstor'): void {
    if (kind === 'fxrstor') this.read(BigInt.asUintN(64, address + 511n), 1);
    const image = new Uint8Array(XSAVE_BYTES);
    image.set(this.read(address, kind === 'fxrstor' ? 512 : mask & 4 ? XSAVE_BYTES : 576));
    if (!(kind === 'fxrstor' ? readLegacy(this.view, image, 3) : readXsave(this.view, image, mask))) this.raise(GP);
    this.cpu.unitsChanged();
  }
}

class Insn {
  constructor(private readonly of: Context) {}
  private u16(at: number): number { return this.of.view.getUint16(this.of.record + at, true); }
  private register(at: number): bigint { return this.of.cpu.memory.u64[this.u16(at) >> 3] as bigint; }
  get reg(): number { return this.u16(RECORD.reg); }
  get rm(): number { return this.u16(RECORD.rm); }
  get vvvv(): number { return this.u16(RECORD.vvvv); }
  get immediate(): bigint { return this.of.view.getBigInt64(this.of.record + RECORD.immediate, true); }
  get extra(): number { return this.of.view.getUint8(this.of.record + RECORD.immediate2); }
  get isMemory(): boolean { return this.of.form?.isMemory ?? false; }
  get size(): number { return this.of.form?.operandSize ?? 4; }
  get vectorBytes(): number { return this.of.form?.vectorBytes ?? 16; }
  get rip(): bigint { return BigInt.asUintN(64, this.of.cpu.codePageAddress() + BigInt(this.u16(RECORD.pageOffset))); }
  get length(): number { return this.of.view.getUint8(this.of.record + RECORD.length); }
  get base(): bigint { return this.register(RECORD.base) + BigInt(this.of.view.getInt32(this.of.record + RECORD.displacement, true)); }
  get index(): number { return this.u16(RECORD.index); }
  get scale(): number { return this.of.view.getUint8(this.of.record + RECORD.scale); }
  get address(): bigint {
    const { view, record, form } = this.of;
    const offset = form?.encoding.operands.some(o => o.from === 'moffs') ? this.immediate
      : this.register(RECORD.base) + (this.register(RECORD.index) << BigInt(view.getUint8(record + RECORD.scale))) + BigInt(view.getInt32(record + RECORD.displacement, true));
    return BigInt.asUintN(64, (this.of.addr32() ? offset & 0xffffffffn : offset) + this.register(RECORD.segment));
  }
}
