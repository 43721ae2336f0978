// System instructions: syscall, sysret, iret, int, MSRs, control registers, descriptor tables, XSAVE, RDTSC, HLT, VMCALL. SDM 2A-2D and 3A.
import { AC_FLAG, SYSTEM_WRITABLE, TF } from '../flags';
import { ENGINE, RAX, RCX, RDX, RSP, STATE } from '../layout';
import { cpuid, hasAvx } from './cpuid';
import { flagsImage, setFlagsImage } from './flags_image';
import { BP, DB, GP, SS, UD, exactHelper, helper, rows, type Helper, type HelperContext, type Machine, type Row, type Semantics, type V } from './machine';
import { AL, Cq, Dq, DX, Evw, Ew, Gv, ib, Ib, M, Mb, Md, rAX, Rq } from './operands';

export const EFER_SCE = 1;
/** Of R11, what SYSRET puts into RFLAGS. */
export const SYSRET_FLAGS = 0x3c7fd7n;
const EFER_LMA = 0x400, EFER_WRITABLE = 0xd01, CR4_TSD = 4, CR4_OSXSAVE = 1 << 18;
const R11 = 11;
export const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] as number) | (bytes[at + 1] as number) << 8;
const u64 = (bytes: Uint8Array, at: number): bigint => new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true);
const isCanonical = (address: bigint): boolean => BigInt.asIntN(48, address) === BigInt.asIntN(64, address);
export const cplOf = (cpu: HelperContext): number => cpu.view.getUint32(STATE.cpl, true);
export function enterRing(cpu: HelperContext, cpl: number, cs: number, ss: number): void {
  cpu.view.setUint32(STATE.cpl, cpl, true);
  cpu.view.setUint16(STATE.selector + 2, cs, true);
  cpu.view.setUint16(STATE.selector + 4, ss, true);
  cpu.controlChanged();
}

/**
 * SYSCALL and SYSRET come a million times a second, and what they lead to is nearly always the next instruction: that way is code. `isOdd`: a trap or an
 * interrupt comes between, alignment is checked, or the instruction faults.
 */
const betweenRings = (isOdd: (m: Machine) => V<'i32'>, odd: Helper, go: Semantics): Semantics => (m, operands) => {
  const mayNot = m.op('i32.eqz', m.op('i32.and', m.state(STATE.efer), m.i32(EFER_SCE))), isInterrupted = m.op('i32.ge_s', m.state(ENGINE.interrupt), m.i32(0));
  m.when(m.op('i32.or', m.op('i32.or', mayNot, isInterrupted), isOdd(m)), () => m.callHelper(odd));
  go(m, operands);
};
export const setSelectors = (m: Machine, cs: V<'i32'>, ss: V<'i32'>): void => {
  m.store('i32.store16', m.i32(0), STATE.selector + 2, cs);
  m.store('i32.store16', m.i32(0), STATE.selector + 4, ss);
};
export const syscallSelectors = (m: Machine): [cs: V<'i32'>, ss: V<'i32'>] => {
  const cs = m.op('i32.and', m.state(STATE.star + 4), m.i32(0xfffc));
  return [cs, m.op('i32.add', cs, m.i32(8))];
};
export const sysretSelectors = (m: Machine): [cs: V<'i32'>, ss: V<'i32'>] => {
  const star = m.op('i32.shr_u', m.state(STATE.star + 4), m.i32(16));
  return [m.op('i32.or', m.op('i32.add', star, m.i32(16)), m.i32(3)), m.op('i32.or', m.op('i32.add', star, m.i32(8)), m.i32(3))];
};

const oddSyscall: Helper = cpu => {
  const { view } = cpu;
  if (!(view.getUint32(STATE.efer, true) & EFER_SCE)) cpu.raise(UD);
  const flags = cpu.flags(), star = view.getUint32(STATE.star + 4, true), mask = view.getUint32(STATE.fmask, true);
  cpu.setGpr(RCX, cpu.nextRip());
  cpu.setGpr(R11, BigInt(flags));
  cpu.setRip(view.getBigUint64(STATE.lstar, true));
  cpu.setFlags(flags & ~mask);
  cpu.setSystemFlags(flags & ~mask & SYSTEM_WRITABLE);
  enterRing(cpu, 0, star & 0xfffc, (star & 0xfffc) + 8);
};
const syscall = betweenRings(m => m.op('i32.and', m.state(STATE.flagSystem), m.i32(TF | AC_FLAG)), oddSyscall, m => {
  const flags = flagsImage(m), kept = m.and(flags, m.not(m.extend(m.state(STATE.fmask)))), target = m.state64(STATE.lstar), selectors = syscallSelectors(m);
  m.setGpr(RCX, m.nextRip());
  m.setGpr(R11, flags);
  setFlagsImage(m, kept);
  setSelectors(m, ...selectors);
  m.enterRing(0, target);
});
const oddSysret: Helper = cpu => {
  const { view } = cpu;
  if (!(view.getUint32(STATE.efer, true) & EFER_SCE)) cpu.raise(UD);
  const rip = cpu.gpr(RCX), star = view.getUint32(STATE.star + 4, true) >>> 16, flags = Number(cpu.gpr(R11) & SYSRET_FLAGS) | 2;
  if (!isCanonical(rip)) cpu.raise(GP);
  cpu.setRip(rip);
  cpu.setFlags(flags);
  cpu.setSystemFlags(flags & SYSTEM_WRITABLE);
  enterRing(cpu, 3, (star + 16) | 3, (star + 8) | 3);
};
const sysret = betweenRings(m => {
  const target = m.gpr(RCX);
  return m.op('i32.or', m.wrap(m.and(m.gpr(R11), m.i64(TF | AC_FLAG))), m.op('i64.ne', m.sar(m.shl(target, 16), 16), target));
}, oddSysret, m => {
  const target = m.gpr(RCX), flags = m.or(m.and(m.gpr(R11), m.i64(SYSRET_FLAGS)), m.i64(2)), selectors = sysretSelectors(m);
  setFlagsImage(m, flags);
  setSelectors(m, ...selectors);
  m.enterRing(3, target);
});

/** Of the SS that IRET loads: a writable data segment of the new ring, or null in ring 0. */
export function checkStackSegment(cpu: HelperContext, ss: number, cpl: number): void {
  const { view } = cpu;
  if ((ss & ~3) === 0) { if (cpl === 3 || (ss & 3) !== cpl) cpu.raise(GP, ss & ~3); return; }
  if ((ss & 3) !== cpl || ss & 4 || (ss & ~7) + 7 > view.getUint32(STATE.gdtLimit, true)) cpu.raise(GP, ss & ~3);
  const descriptor = cpu.descriptorHigh(ss);
  if ((descriptor >>> 9 & 0xd) !== 9 || (descriptor >>> 13 & 3) !== cpl) cpu.raise(GP, ss & ~3);
  if (!(descriptor >>> 15 & 1)) cpu.raise(SS, ss & ~3);
}

/** On the way to ring 3, segments that it may not use become null; null selectors stay as they are. */
export function leaveDataSegments({ view }: HelperContext, ring: number): void {
  if (ring !== 3) return;
  for (let index = 0; index < 6; index++) {
    if (index === 1 || index === 2) continue;
    const at = STATE.selector + 2 * index, selector = view.getUint16(at, true);
    if ((selector & ~3) !== 0 && (selector & 3) < 3) view.setUint16(at, 0, true);
  }
}

/** Room for a frame, of which each exception reads one: RIP, CS, RFLAGS, RSP, SS. In plain numbers, as page faults are many. */
const IRET_FRAME = new Uint8Array(40), IRET_HALF_FRAME = IRET_FRAME.subarray(0, 20), IRET_QUARTER_FRAME = IRET_FRAME.subarray(0, 10), IRET_WORDS = new DataView(IRET_FRAME.buffer);
const iretHelper: Helper = cpu => {
  const { view } = cpu, size = cpu.operandSize(), cpl = cplOf(cpu), frame = size === 8 ? IRET_FRAME : size === 4 ? IRET_HALF_FRAME : IRET_QUARTER_FRAME, words = IRET_WORDS;
  cpu.readStack(frame);
  const low = (i: number): number => size === 2 ? words.getUint16(2 * i, true) : words.getUint32(size * i, true), high = (i: number): number => size === 8 ? words.getUint32(8 * i + 4, true) : 0;
  const cs = u16(frame, size), image = low(2) & 0x3fffff, ss = u16(frame, 4 * size), rpl = cs & 3, ripTop = high(0) >>> 15;
  if ((cs & ~3) === 0) cpu.raise(GP);
  if (rpl < cpl || (ripTop !== 0 && ripTop !== 0x1ffff)) cpu.raise(GP, rpl < cpl ? cs & ~3 : 0);
  if ((cs & ~7) + 7 > view.getUint32(STATE.gdtLimit, true)) cpu.raise(GP, cs & ~3);
  const descriptor = cpu.descriptorHigh(cs);
  if ((descriptor >>> 11 & 3) !== 3 || !(descriptor >>> 21 & 1) || (descriptor >>> 13 & 3) !== rpl) cpu.raise(GP, cs & ~3);
  checkStackSegment(cpu, ss, rpl);
  const before = cpu.systemFlags();
  let keep = 0;
  if (cpl !== 0) keep |= 0x3000;
  if (cpl > (before >> 12 & 3)) keep |= 0x200;
  const flags = (image & ~keep) | (before & keep);
  view.setUint32(STATE.gpr + 8 * RSP, low(3), true);
  view.setUint32(STATE.gpr + 8 * RSP + 4, high(3), true);
  cpu.setRipHalves(low(0), high(0));
  cpu.setFlags(flags);
  cpu.setSystemFlags(flags & SYSTEM_WRITABLE);
  if (rpl !== cpl) leaveDataSegments(cpu, rpl);
  enterRing(cpu, rpl, cs, ss);
};
/**
 * As page faults are many, the way back from ring 0 to ring 3 with flat segments is code, too. `isOdd`: what is asked of the frame alone; where it holds nothing, the
 * selectors lie in the GDT. Descriptors are looked at each time: the bits of one's upper word that have to be as they are in a present code or data segment of ring 3.
 */
const CODE_OF_RING_3 = { mask: 1 << 21 | 1 << 15 | 3 << 13 | 3 << 11, value: 1 << 21 | 1 << 15 | 3 << 13 | 3 << 11 }, DATA_OF_RING_3 = { mask: 1 << 15 | 3 << 13 | 0xd << 9, value: 1 << 15 | 3 << 13 | 9 << 9 };
const iretFromKernel: Semantics = m => {
  const frame = m.pointer(m.gpr(RSP), 40, 'r'), target = m.load('i64.load', frame), cs = m.load('i32.load16_u', frame, 8), image = m.load('i64.load32_u', frame, 16), rsp = m.load('i64.load', frame, 24), ss = m.load('i32.load16_u', frame, 32);
  const or = (...all: V<'i32'>[]): V<'i32'> => all.reduce((one, other) => m.op('i32.or', one, other)), limit = m.state(STATE.gdtLimit);
  const isOutside = (selector: V<'i32'>): V<'i32'> => m.op('i32.gt_u', m.op('i32.or', selector, m.i32(7)), limit);
  // RPL 3, of the GDT.
  const isOther = (selector: V<'i32'>): V<'i32'> => m.op('i32.xor', m.op('i32.and', selector, m.i32(7)), m.i32(3));
  const dataSelectors = [0, 3, 4, 5].map(index => m.state(STATE.selector + 2 * index, 'i32.load16_u'));
  const isOdd = or(m.state(STATE.cpl), m.op('i32.ge_s', m.state(ENGINE.interrupt), m.i32(0)), m.op('i32.and', m.op('i32.or', m.wrap(image), m.state(STATE.flagSystem)), m.i32(TF | AC_FLAG)),
    m.op('i64.ne', m.shr(target, 47), m.i64(0)), isOther(cs), isOther(ss), isOutside(cs), isOutside(ss), ...dataSelectors);
  m.when(isOdd, () => m.callHelper(iretHelper));
  const isWrong = (selector: V<'i32'>, { mask, value }: typeof CODE_OF_RING_3): V<'i32'> => {
    const descriptor = m.pointer(m.add(m.state64(STATE.gdtBase), m.extend(m.op('i32.sub', selector, m.i32(3)))), 8, 'r');
    return m.op('i32.xor', m.op('i32.and', m.load('i32.load', descriptor, 4), m.i32(mask)), m.i32(value));
  };
  m.when(or(isWrong(cs, CODE_OF_RING_3), isWrong(ss, DATA_OF_RING_3)), () => m.callHelper(iretHelper));
  m.setGpr(RSP, rsp);
  setFlagsImage(m, image);
  setSelectors(m, cs, ss);
  m.setState(ENGINE.resumed, target);
  m.enterRing(3, target);
};
const iret: Semantics = (m, operands) => { if (m.bits === 64) iretFromKernel(m, operands); else m.callHelper(iretHelper); };

const interrupt = helper(cpu => cpu.softwareInterrupt(Number(cpu.insn.immediate & 0xffn)));
const int3 = helper(cpu => cpu.softwareInterrupt(BP));
/** ICEBP: a trap, for which the gate's DPL does not count. */
const int1 = helper(cpu => cpu.trap(DB));

/** MSR number to state address, and the bits that may be written. */
const MSRS = new Map<number, { at: number; mask?: bigint; canonical?: true }>([
  [0x1b, { at: STATE.apicBase }], [0x174, { at: STATE.sysenter, mask: 0xffffn }], [0x175, { at: STATE.sysenter + 8, canonical: true }], [0x176, { at: STATE.sysenter + 16, canonical: true }], [0x277, { at: STATE.pat }],
  [0xc0000080, { at: STATE.efer, mask: BigInt(EFER_WRITABLE) }], [0xc0000081, { at: STATE.star }], [0xc0000082, { at: STATE.lstar, canonical: true }], [0xc0000083, { at: STATE.cstar, canonical: true }],
  [0xc0000084, { at: STATE.fmask, mask: 0xffffffffn }], [0xc0000100, { at: STATE.segmentBase + 32, canonical: true }], [0xc0000101, { at: STATE.segmentBase + 40, canonical: true }],
  [0xc0000102, { at: STATE.kernelGsBase, canonical: true }], [0xc0000103, { at: STATE.tscAux, mask: 0xffffffffn }],
]);
const rdmsr = exactHelper(cpu => {
  const number = Number(cpu.gpr(RCX) & 0xffffffffn), msr = MSRS.get(number);
  if (!msr && number !== 0x10) cpu.raise(GP);
  const value = msr ? cpu.view.getBigUint64(msr.at, true) : cpu.timeStamp();
  cpu.setGpr(RAX, value & 0xffffffffn);
  cpu.setGpr(RDX, value >> 32n);
});
const wrmsr = helper(cpu => {
  const msr = MSRS.get(Number(cpu.gpr(RCX) & 0xffffffffn)), value = (cpu.gpr(RDX) & 0xffffffffn) << 32n | (cpu.gpr(RAX) & 0xffffffffn);
  if (!msr || (msr.mask !== undefined && value & ~msr.mask) || (msr.canonical && !isCanonical(value))) return cpu.raise(GP);
  const lma = msr.at === STATE.efer ? BigInt(cpu.view.getUint32(STATE.efer, true) & EFER_LMA) : 0n;
  cpu.view.setBigUint64(msr.at, value | lma, true);
  if (msr.at === STATE.efer) cpu.flushTlb();
  cpu.controlChanged();
});

const CONTROL: Record<number, number> = { 0: STATE.cr0, 2: STATE.cr2, 3: STATE.cr3, 4: STATE.cr4, 8: STATE.cr8 };
const movFromControl = helper(cpu => cpu.view.setBigUint64(cpu.insn.rm, cpu.view.getBigUint64(CONTROL[cpu.insn.reg] as number, true), true));
const movToControl = helper(cpu => {
  const { reg, rm } = cpu.insn, at = CONTROL[reg] as number;
  const value = cpu.view.getBigUint64(rm, true);
  const isBad = reg === 0 ? value >> 32n !== 0n || (value & 0x80000001n) === 0x80000000n : reg === 4 ? (value & ~0x7f7ffn) !== 0n && (value & ~0x37fffffn) !== 0n : reg === 8 ? value > 15n : reg === 3 ? (value & 0x7ff0000000000000n) !== 0n : false;
  if (isBad) cpu.raise(GP);
  cpu.view.setBigUint64(at, reg === 3 ? value & ~(1n << 63n) : value, true);
  if (reg === 0) {
    const efer = cpu.view.getUint32(STATE.efer, true);
    if (value & 0x80000000n && efer & 0x100) cpu.view.setUint32(STATE.efer, efer | EFER_LMA, true);
  }
  if (reg === 0 || reg === 3 || reg === 4) cpu.flushTlb();
  cpu.controlChanged();
});
const debugAddress = (cpu: HelperContext): number => { const n = cpu.insn.reg; return STATE.dr + 8 * (n === 4 ? 6 : n === 5 ? 7 : n); };
const movFromDebug = helper(cpu => cpu.view.setBigUint64(cpu.insn.rm, cpu.view.getBigUint64(debugAddress(cpu), true), true));
const movToDebug = helper(cpu => cpu.view.setBigUint64(debugAddress(cpu), cpu.view.getBigUint64(cpu.insn.rm, true), true));

const loadTable = (base: number, limit: number): Semantics => helper(cpu => {
  const image = cpu.read(cpu.insn.address, 10);
  if (!isCanonical(u64(image, 2))) cpu.raise(GP);
  cpu.view.setUint32(limit, u16(image, 0), true);
  cpu.view.setBigUint64(base, u64(image, 2), true);
});
const storeTable = (base: number, limit: number): Semantics => helper(cpu => {
  const image = new Uint8Array(10), view = new DataView(image.buffer);
  view.setUint16(0, cpu.view.getUint32(limit, true), true);
  view.setBigUint64(2, cpu.view.getBigUint64(base, true), true);
  cpu.write(cpu.insn.address, image);
});
const selectorOf = (cpu: HelperContext): number => cpu.insn.isMemory ? u16(cpu.read(cpu.insn.address, 2), 0) : cpu.view.getUint16(cpu.insn.rm, true);
const ltr = helper(cpu => {
  const selector = selectorOf(cpu), { view } = cpu;
  if ((selector & ~3) === 0 || (selector & ~7) + 15 > view.getUint32(STATE.gdtLimit, true)) cpu.raise(GP, selector & ~3);
  const at = view.getBigUint64(STATE.gdtBase, true) + BigInt(selector & ~7), low = cpu.systemRead64(at), high = cpu.systemRead64(at + 8n);
  if ((low >> 40n & 0x1fn) !== 9n) cpu.raise(GP, selector & ~3);
  view.setUint16(STATE.selector + 12, selector, true);
  view.setBigUint64(STATE.trBase, (low >> 16n & 0xffffffn) | (low >> 56n & 0xffn) << 24n | (high & 0xffffffffn) << 32n, true);
  view.setBigUint64(STATE.trLimit, (low & 0xffffn) | (low >> 48n & 0xfn) << 16n, true);
});
const lldt = helper(cpu => {
  const selector = selectorOf(cpu);
  if ((selector & ~3) !== 0) cpu.raise(GP, selector & ~3);
  cpu.view.setUint16(STATE.selector + 14, selector, true);
});
/** The descriptor behind a selector, when ring and type let it be seen; undefined otherwise: LAR, LSL, VERR, VERW clear ZF then. SDM 2A, LAR. */
function visible(cpu: HelperContext, selector: number, isWanted: (type: number, isSystem: boolean) => boolean): bigint | undefined {
  const { view } = cpu;
  if ((selector & ~3) === 0 || selector & 4 || (selector & ~7) + 7 > view.getUint32(STATE.gdtLimit, true)) return undefined;
  const descriptor = cpu.systemRead64(view.getBigUint64(STATE.gdtBase, true) + BigInt(selector & ~7));
  const type = Number(descriptor >> 40n & 15n), isSystem = !(descriptor >> 44n & 1n), dpl = Number(descriptor >> 45n & 3n), isConforming = !isSystem && (type & 12) === 12;
  return isWanted(type, isSystem) && (isConforming || dpl >= Math.max(cplOf(cpu), selector & 3)) ? descriptor : undefined;
}
const setZf = (cpu: HelperContext, on: boolean): void => cpu.setFlags(on ? cpu.flags() | 0x40 : cpu.flags() & ~0x40);
const load = (isWanted: (type: number, isSystem: boolean) => boolean, value: (descriptor: bigint) => bigint): Semantics => helper(cpu => {
  const { insn } = cpu, descriptor = visible(cpu, selectorOf(cpu), isWanted);
  setZf(cpu, descriptor !== undefined);
  if (descriptor === undefined) return;
  if (insn.size === 2) cpu.view.setUint16(insn.reg, Number(value(descriptor) & 0xffffn), true); else cpu.view.setBigUint64(insn.reg, value(descriptor), true);
});
const lar = load((type, isSystem) => !isSystem || [2, 9, 11, 12].includes(type), descriptor => descriptor >> 32n & 0xffff00n);
const lsl = load((type, isSystem) => !isSystem || [2, 9, 11].includes(type), descriptor => {
  const limit = (descriptor & 0xffffn) | (descriptor >> 32n & 0xf0000n);
  return descriptor >> 55n & 1n ? limit << 12n | 0xfffn : limit;
});
const verify = (isWanted: (type: number) => boolean): Semantics => helper(cpu => setZf(cpu, visible(cpu, selectorOf(cpu), (type, isSystem) => !isSystem && isWanted(type)) !== undefined));
const storeSelector = (at: number): Semantics => (m, [dst]) => m.write(dst!, m.extend(m.state(at, 'i32.load16_u')));

const rdtscAllowed = (cpu: HelperContext): void => { if (cplOf(cpu) !== 0 && cpu.view.getUint32(STATE.cr4, true) & CR4_TSD) cpu.raise(GP); };
const rdtsc = (withAux: boolean): Semantics => exactHelper(cpu => {
  rdtscAllowed(cpu);
  const stamp = cpu.timeStamp();
  cpu.setGpr(RAX, stamp & 0xffffffffn);
  cpu.setGpr(RDX, stamp >> 32n & 0xffffffffn);
  if (withAux) cpu.setGpr(RCX, cpu.view.getBigUint64(STATE.tscAux, true) & 0xffffffffn);
});

const needXsave = (cpu: HelperContext): void => { if (!(cpu.view.getUint32(STATE.cr4, true) & CR4_OSXSAVE)) cpu.raise(UD); };
const xgetbv = helper(cpu => {
  needXsave(cpu);
  const which = cpu.gpr(RCX) & 0xffffffffn;
  if (which > 1n) cpu.raise(GP);
  cpu.setGpr(RAX, which === 0n ? cpu.view.getBigUint64(STATE.xcr0, true) & 0xffffffffn : BigInt(cpu.componentsInUse() & cpu.view.getUint32(STATE.xcr0, true)));
  cpu.setGpr(RDX, 0n);
});
const xsetbv = helper(cpu => {
  needXsave(cpu);
  const value = (cpu.gpr(RDX) & 0xffffffffn) << 32n | (cpu.gpr(RAX) & 0xffffffffn);
  if ((cpu.gpr(RCX) & 0xffffffffn) !== 0n || !(value & 1n) || value & ~(hasAvx() ? 7n : 3n) || (value & 6n) === 4n) cpu.raise(GP);
  cpu.view.setBigUint64(STATE.xcr0, value, true);
  cpu.controlChanged();
});
const area = (cpu: HelperContext, alignment: bigint): bigint => { const { address } = cpu.insn; if (address % alignment !== 0n) cpu.raise(GP); return address; };
const xmask = (cpu: HelperContext): number => { needXsave(cpu); return Number(cpu.gpr(RAX) & 7n) & cpu.view.getUint32(STATE.xcr0, true); };
const fxsave = helper(cpu => cpu.xsave(area(cpu, 16n), 3, 'fxsave')), fxrstor = helper(cpu => cpu.xrstor(area(cpu, 16n), 3, 'fxrstor'));
const xsave = helper(cpu => cpu.xsave(area(cpu, 64n), xmask(cpu), 'xsave')), xsavec = helper(cpu => cpu.xsave(area(cpu, 64n), xmask(cpu), 'xsavec')), xrstor = helper(cpu => cpu.xrstor(area(cpu, 64n), xmask(cpu), 'xrstor'));

const ldmxcsr: Semantics = (m, [src]) => {
  const value = m.wrap(m.read(src!));
  m.raise(GP, m.op('i32.and', value, m.i32(~0xffff)));
  m.setState(STATE.mxcsr, value);
};
const stmxcsr: Semantics = (m, [dst]) => m.write(dst!, m.extend(m.state(STATE.mxcsr)));

const interruptFlag = (on: boolean): Semantics => helper(cpu => {
  const flags = cpu.systemFlags();
  if (cplOf(cpu) > (flags >> 12 & 3)) cpu.raise(GP);
  cpu.setSystemFlags(on ? flags | 0x200 : flags & ~0x200);
  if (on && !(flags & 0x200)) cpu.delayInterrupts();
});
const hlt = helper(cpu => cpu.leaveRun('hlt'));
const vmcall: Semantics = m => {
  m.raise(UD, m.state(STATE.cpl));
  m.hypercall();
};
const swapgs: Semantics = m => {
  const gs = m.state64(STATE.segmentBase + 40), other = m.state64(STATE.kernelGsBase);
  m.setState(STATE.segmentBase + 40, other);
  m.setState(STATE.kernelGsBase, gs);
};
/** There are no performance counters. */
const rdpmc = helper(cpu => cpu.raise(GP));
/** PE MP EM TS; PE cannot be cleared. */
const lmsw = helper(cpu => {
  const cr0 = cpu.view.getUint32(STATE.cr0, true);
  cpu.view.setUint32(STATE.cr0, (cr0 & ~14) | (selectorOf(cpu) & 15), true);
  cpu.controlChanged();
});
const clts = helper(cpu => { cpu.view.setUint32(STATE.cr0, cpu.view.getUint32(STATE.cr0, true) & ~8, true); cpu.controlChanged(); });
const stac = (on: boolean): Semantics => helper(cpu => {
  if (cplOf(cpu) !== 0) cpu.raise(UD);
  cpu.setSystemFlags(on ? cpu.systemFlags() | 0x40000 : cpu.systemFlags() & ~0x40000);
});
/** No devices: ports read as ones. In ring 3 IOPL decides, there is no I/O bitmap. */
const portAccess = (isInput: boolean, bytes: (cpu: HelperContext) => number): Semantics => helper(cpu => {
  if (cplOf(cpu) > (cpu.systemFlags() >> 12 & 3)) cpu.raise(GP);
  if (!isInput) return;
  const n = bytes(cpu), old = cpu.gpr(RAX);
  cpu.setGpr(RAX, n === 1 ? old | 0xffn : n === 2 ? old | 0xffffn : 0xffffffffn);
});
const refused = helper(cpu => { if (cplOf(cpu) > (cpu.systemFlags() >> 12 & 3)) cpu.raise(GP); cpu.raise(UD); });

const NONE = '--------', ALL = 'mmmmmmmm';
const privileged = { privileged: true, native: false } as const, special = { native: false } as const, ends = { native: false, ends: true } as const;
const ports = rows((): Row[] => [
  ['E4', 'in', [AL, ib], NONE, portAccess(true, () => 1), special], ['E5', 'in', [rAX, ib], NONE, portAccess(true, c => c.insn.size), special],
  ['E6', 'out', [ib, AL], NONE, portAccess(false, () => 1), special], ['E7', 'out', [ib, rAX], NONE, portAccess(false, c => c.insn.size), special],
  ['EC', 'in', [AL, DX], NONE, portAccess(true, () => 1), special], ['ED', 'in', [rAX, DX], NONE, portAccess(true, c => c.insn.size), special],
  ['EE', 'out', [DX, AL], NONE, portAccess(false, () => 1), special], ['EF', 'out', [DX, rAX], NONE, portAccess(false, c => c.insn.size), special],
  ['6C', 'ins', [], NONE, refused, special], ['6D', 'ins', [], NONE, refused, special], ['6E', 'outs', [], NONE, refused, special], ['6F', 'outs', [], NONE, refused, special],
]);
export const system = rows(() => [
  ...ports(),
  ['0F 05', 'syscall', [], ALL, syscall, ends],
  ['0F 07', 'sysret', [], ALL, sysret, { ...ends, privileged: true }],
  ['CF', 'iret', [rAX], ALL, iret, ends],
  ['CD', 'int', [Ib], NONE, interrupt, ends],
  ['CC', 'int3', [], NONE, int3, ends],
  ['F1', 'int1', [], NONE, int1, ends],
  ['0F 30', 'wrmsr', [], NONE, wrmsr, privileged],
  ['0F 32', 'rdmsr', [], NONE, rdmsr, privileged],
  ['0F 20', 'mov', [Rq, Cq], NONE, movFromControl, { ...privileged, ignoresMod: true }],
  ['0F 22', 'mov', [Cq, Rq], NONE, movToControl, { ...privileged, ignoresMod: true, ends: true }],
  ['0F 21', 'mov', [Rq, Dq], NONE, movFromDebug, { ...privileged, ignoresMod: true }],
  ['0F 23', 'mov', [Dq, Rq], NONE, movToDebug, { ...privileged, ignoresMod: true }],
  ['0F 01 /0', 'sgdt', [M], NONE, storeTable(STATE.gdtBase, STATE.gdtLimit), special],
  ['0F 01 /1', 'sidt', [M], NONE, storeTable(STATE.idtBase, STATE.idtLimit), special],
  ['0F 01 /2', 'lgdt', [M], NONE, loadTable(STATE.gdtBase, STATE.gdtLimit), privileged],
  ['0F 01 /3', 'lidt', [M], NONE, loadTable(STATE.idtBase, STATE.idtLimit), privileged],
  ['0F 01 /4', 'smsw', [Evw], NONE, (m, [dst]) => m.write(dst!, m.state64(STATE.cr0)), special],
  ['0F 01 /6', 'lmsw', [Ew], NONE, lmsw, privileged],
  ['0F 01 /7', 'invlpg', [Mb], NONE, helper(cpu => cpu.invlpg(cpu.insn.address)), privileged],
  ['NP 0F 01 C1', 'vmcall', [], NONE, vmcall, ends],
  ['NP 0F 01 CA', 'clac', [], NONE, stac(false), special],
  ['NP 0F 01 CB', 'stac', [], NONE, stac(true), special],
  ['NP 0F 01 D0', 'xgetbv', [], NONE, xgetbv, special],
  ['NP 0F 01 D1', 'xsetbv', [], NONE, xsetbv, privileged],
  ['0F 01 F8', 'swapgs', [], NONE, swapgs, privileged],
  ['0F 01 F9', 'rdtscp', [], NONE, rdtsc(true), special],
  ['F3 0F C7 /7', 'rdpid', [Rq], NONE, (m, [dst]) => m.write(dst!, m.state64(STATE.tscAux)), special],
  ['0F 33', 'rdpmc', [], NONE, rdpmc, special],
  ['0F 31', 'rdtsc', [], NONE, rdtsc(false), special],
  ['0F 00 /0', 'sldt', [Evw], NONE, storeSelector(STATE.selector + 14), special],
  ['0F 00 /1', 'str', [Evw], NONE, storeSelector(STATE.selector + 12), special],
  ['0F 00 /2', 'lldt', [Ew], NONE, lldt, privileged],
  ['0F 00 /3', 'ltr', [Ew], NONE, ltr, privileged],
  ['0F 00 /4', 'verr', [Ew], '----m---', verify(type => !(type & 8) || (type & 2) !== 0), special],
  ['0F 00 /5', 'verw', [Ew], '----m---', verify(type => !(type & 8) && (type & 2) !== 0), special],
  ['0F 02', 'lar', [Gv, Evw], '----m---', lar, special],
  ['0F 03', 'lsl', [Gv, Evw], '----m---', lsl, special],
  ['0F A2', 'cpuid', [], NONE, helper(cpuid), special],
  ['0F 06', 'clts', [], NONE, clts, privileged],
  ['0F 08', 'invd', [], NONE, () => undefined, privileged],
  ['0F 09', 'wbinvd', [], NONE, () => undefined, privileged],
  ['FA', 'cli', [], NONE, interruptFlag(false), special],
  ['FB', 'sti', [], NONE, interruptFlag(true), special],
  ['F4', 'hlt', [], NONE, hlt, { ...privileged, ends: true }],
  ['NP 0F AE /2', 'ldmxcsr', [Md], NONE, ldmxcsr, { unit: 'sse' }],
  ['NP 0F AE /3', 'stmxcsr', [Md], NONE, stmxcsr, { unit: 'sse' }],
  ['VEX.NP.0F.L0 AE /2', 'vldmxcsr', [Md], NONE, ldmxcsr, { unit: 'avx', feature: 'avx' }],
  ['VEX.NP.0F.L0 AE /3', 'vstmxcsr', [Md], NONE, stmxcsr, { unit: 'avx', feature: 'avx' }],
  ['NP 0F AE /0', 'fxsave', [M], NONE, fxsave, special],
  ['NP 0F AE /1', 'fxrstor', [M], NONE, fxrstor, special],
  ['NP 0F AE /4', 'xsave', [M], NONE, xsave, special],
  ['NP 0F AE /5', 'xrstor', [M], NONE, xrstor, special],
  ['NP 0F C7 /4', 'xsavec', [M], NONE, xsavec, special],
]);
