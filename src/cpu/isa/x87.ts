// The x87: a stack of eight 80-bit registers. Each row is a TypeScript helper over softfloat80.ts; the usual ones try x87_quick.ts first. SDM 1 chapter 8, SDM 2A F2XM1 to FYL2XP1.
import { STATE } from '../layout';
import * as soft from '../softfloat80';
import { IE, SF, type F80, type F80Context } from '../softfloat80';
import { arctangent, exponential, logarithm, sine, tangent } from '../transcendental80';
import { helper, rows, type Helper, type HelperContext, type Row, type Semantics } from './machine';
import { SIGN } from './x87_arithmetic';
import * as quick from './x87_quick';
import { AX, M, Md, Mq, Mt, Mw, ST0, STi, type OperandKind } from './operands';

const C0 = 0x100, C1 = 0x200, C2 = 0x400, C3 = 0x4000, ES = 0x80, BUSY = 0x8000;
const NONE = '--------', ORDER = '0--0m0mm';

/** The register stack and status of one instruction. */
class Fpu {
  readonly view: DataView;
  readonly c: F80Context;
  readonly controlWord: number;

  constructor(readonly cpu: HelperContext) {
    this.view = cpu.view;
    this.controlWord = this.view.getUint32(STATE.fcw, true);
    this.c = soft.contextOf(this.controlWord);
    this.view.setBigUint64(STATE.fip, cpu.insn.rip, true);
    this.status &= ~C1;
  }

  get status(): number { return this.view.getUint32(STATE.fsw, true); }
  set status(value: number) { this.view.setUint32(STATE.fsw, value & 0xffff, true); }
  get top(): number { return this.view.getUint32(STATE.ftop, true); }
  set top(value: number) { this.view.setUint32(STATE.ftop, value & 7, true); }
  get tags(): number { return this.view.getUint32(STATE.ftag, true); }
  set tags(value: number) { this.view.setUint32(STATE.ftag, value & 0xff, true); }

  private physical(i: number): number { return (this.top + i) & 7; }
  isEmpty(i: number): boolean { return (this.tags >> this.physical(i) & 1) === 0; }
  free(i: number): void { this.tags &= ~(1 << this.physical(i)); }

  /** ST(i) whatever its tag. */
  raw(i: number): F80 {
    const at = STATE.x87 + this.physical(i) * 16;
    return { mant: this.view.getBigUint64(at, true), signExp: this.view.getUint16(at + 8, true) };
  }
  set(i: number, value: F80): void {
    const at = STATE.x87 + this.physical(i) * 16;
    this.view.setBigUint64(at, value.mant, true);
    this.view.setUint16(at + 8, value.signExp, true);
    this.tags |= 1 << this.physical(i);
  }
  pop(): void { this.free(0); this.top += 1; }
  /** A push that fits; see `push` for the check. */
  private pushRaw(value: F80): void { this.top -= 1; this.set(0, value); }

  /** Notes the exceptions of this instruction; true when it may store its result (none of those raised before computing is unmasked). */
  settle(): boolean {
    const { flags } = this.c;
    const unmasked = flags & ~this.controlWord & 0x3f;
    // Invalid, denormal and zero-divide are found before anything is computed: unmasked, they come alone.
    if (unmasked & 7) this.status |= flags & (7 | SF) | (flags & SF && this.c.roundedUp ? C1 : 0);
    else this.status |= flags | (this.c.roundedUp ? C1 : 0);
    if (unmasked) {
      this.status |= ES | BUSY;
      this.notePlace();
      this.cpu.unitsChanged();
    }
    return (unmasked & 7) === 0;
  }
  /** Opcode and operand address are kept of instructions that raise unmasked exceptions, and of no others. */
  private notePlace(): void {
    const { rip, length, isMemory } = this.cpu.insn, byteAt = (i: number): number => this.cpu.read(BigInt.asUintN(64, rip + BigInt(i)), 1)[0] as number;
    this.view.setBigUint64(STATE.fdp, isMemory ? this.cpu.insn.address : 0n, true);
    let at = 0;
    while (at < length - 2 && (byteAt(at) & 0xf8) !== 0xd8) at++;
    this.view.setUint32(STATE.fop, (byteAt(at) & 7) << 8 | byteAt(at + 1), true);
  }
  /** Stack underflow or overflow: IE and SF, C1 tells which. */
  stackFault(overflow: boolean): boolean {
    this.c.flags |= IE | SF;
    this.c.roundedUp = overflow;
    return this.settle();
  }
  push(value: F80, evenDenormals = false): void {
    if (!this.isEmpty(-1)) { if (this.stackFault(true)) this.pushRaw(soft.INDEFINITE); return; }
    if (this.settle() || (evenDenormals && (this.c.flags & 7) === soft.DE)) this.pushRaw(value);
  }
  codes(value: number): void { this.status = (this.status & ~(C0 | C2 | C3)) | value; }
}

/** `quickly`: the way of ordinary values, given the exact one. */
function x87(opcode: string, mnemonic: string, operands: readonly OperandKind[], body: (f: Fpu) => void, flags = NONE, quickly?: (exact: Helper) => Semantics): Row {
  const exact: Helper = cpu => body(new Fpu(cpu));
  return [opcode, mnemonic, operands, flags, quickly ? quickly(exact) : helper(exact), { unit: 'x87' }];
}
/** Control instructions that raise no exceptions; the second kind waits for those before it. */
const control = (opcode: string, mnemonic: string, operands: readonly OperandKind[], semantics: Semantics): Row => [opcode, mnemonic, operands, NONE, semantics];
const waiting = (opcode: string, mnemonic: string, operands: readonly OperandKind[], semantics: Semantics): Row => [opcode, mnemonic, operands, NONE, semantics, { unit: 'x87' }];

/** The last bit differs between makers: compared by error bound, not bit for bit. */
const inexact = ([opcode, mnemonic, operands, flags, semantics, options]: Row): Row => [opcode, mnemonic, operands, flags, semantics, { ...options, native: false }];

// --- operands ------------------------------------------------------------------------------------------------------------------------------------

type MemoryFormat = 'f32' | 'f64' | 'i16' | 'i32' | 'i64' | 'f80' | 'bcd';
const MEMORY: Record<MemoryFormat, { kind: OperandKind; bytes: number }> = {
  f32: { kind: Md, bytes: 4 }, f64: { kind: Mq, bytes: 8 }, i16: { kind: Mw, bytes: 2 }, i32: { kind: Md, bytes: 4 }, i64: { kind: Mq, bytes: 8 }, f80: { kind: Mt, bytes: 10 }, bcd: { kind: Mt, bytes: 10 },
};

function load(f: Fpu, format: MemoryFormat): F80 {
  const bytes = f.cpu.read(f.cpu.insn.address, MEMORY[format].bytes), view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (format) {
    case 'f32': return soft.fromFloat32(view.getUint32(0, true), f.c);
    case 'f64': return soft.fromFloat64(view.getBigUint64(0, true), f.c);
    case 'i16': return soft.fromInteger(BigInt(view.getInt16(0, true)));
    case 'i32': return soft.fromInteger(BigInt(view.getInt32(0, true)));
    case 'i64': return soft.fromInteger(view.getBigInt64(0, true));
    case 'f80': return { mant: view.getBigUint64(0, true), signExp: view.getUint16(8, true) };
    case 'bcd': return soft.fromPackedDecimal(bytes);
  }
}

function encode(value: F80, format: MemoryFormat, c: F80Context, truncate: boolean): Uint8Array {
  const bytes = new Uint8Array(MEMORY[format].bytes), view = new DataView(bytes.buffer);
  switch (format) {
    case 'f32': view.setUint32(0, soft.toFloat32(value, c), true); break;
    case 'f64': view.setBigUint64(0, soft.toFloat64(value, c), true); break;
    case 'i16': view.setInt16(0, Number(soft.toInteger(value, 16, c, truncate)), true); break;
    case 'i32': view.setInt32(0, Number(soft.toInteger(value, 32, c, truncate)), true); break;
    case 'i64': view.setBigInt64(0, soft.toInteger(value, 64, c, truncate), true); break;
    case 'f80': view.setBigUint64(0, value.mant, true); view.setUint16(8, value.signExp, true); break;
    case 'bcd': return soft.toPackedDecimal(value, c);
  }
  return bytes;
}

const loadRow = (opcode: string, name: string, format: MemoryFormat): Row => x87(opcode, name, [MEMORY[format].kind], f => {
  const raw = load(f, format), value = format === 'f80' ? raw : soft.quieted(raw, f.c);
  // A full stack is found before the operand is looked at.
  if (!f.isEmpty(-1)) f.c.flags = 0;
  // A denormal is loaded even if the exception is unmasked.
  f.push(value, true);
}, NONE, format === 'bcd' ? undefined : exact => quick.quickLoad(format, exact));

const storeRow = (opcode: string, name: string, format: MemoryFormat, pops: boolean, truncate = false): Row => x87(opcode, name, [MEMORY[format].kind], f => {
  const { address } = f.cpu.insn, { bytes } = MEMORY[format];
  f.cpu.probeWrite(address, bytes);
  if (f.isEmpty(0)) {
    const masked = f.stackFault(false);
    if (!masked) return;
    f.cpu.write(address, encode(soft.INDEFINITE, format, { ...f.c }, truncate));
    if (pops) f.pop();
    return;
  }
  const image = encode(f.raw(0), format, f.c, truncate);
  const unmaskedRange = f.c.flags & ~f.controlWord & 0x18;
  // What is not stored is not inexact.
  if (unmaskedRange && format !== 'f80') { f.c.flags &= ~soft.PE; f.c.roundedUp = false; }
  if (!f.settle() || (unmaskedRange && format !== 'f80')) return;
  f.cpu.write(address, image);
  if (pops) f.pop();
}, NONE, format === 'bcd' ? undefined : exact => format === 'f32' || format === 'f64' || format === 'f80' ? quick.quickStore(format, pops, exact) : quick.quickInteger(format, pops, truncate, exact));

// --- arithmetic ------------------------------------------------------------------------------------------------------------------------------------

type Operation = (a: F80, b: F80, c: F80Context) => F80;
const reversed = (op: Operation): Operation => (a, b, c) => op(b, a, c);
/** By modrm.reg; 2 and 3 compare. */
const OPERATIONS: readonly (readonly [name: quick.QuickOperation, op: Operation] | undefined)[] = [
  ['add', soft.add], ['mul', soft.multiply], undefined, undefined, ['sub', soft.subtract], ['subr', reversed(soft.subtract)], ['div', soft.divide], ['divr', reversed(soft.divide)],
];

/** A denormal memory operand is not reported when the stack is empty or the other operand is a NaN or unsupported. */
function dropDenormal(f: Fpu, b: F80): void {
  if (f.isEmpty(0)) f.c.flags = 0;
  else if (soft.isNaN80(f.raw(0)) || soft.isUnsupported(f.raw(0)) || soft.isNaN80(b)) f.c.flags &= ~soft.DE;
}

/** ST(to) = op(ST(to), b). */
function operate(f: Fpu, to: number, empty: boolean, b: () => F80, op: Operation, pops: boolean): void {
  let result = soft.INDEFINITE;
  let may: boolean;
  if (empty) may = f.stackFault(false);
  else { result = op(f.raw(to), b(), f.c); may = f.settle(); }
  if (!may) return;
  f.set(to, result);
  if (pops) f.pop();
}

function arithmeticRows(): Row[] {
  const made: Row[] = [];
  OPERATIONS.forEach((entry, extension) => {
    if (!entry) return;
    const [name, op] = entry;
    const memory = (opcode: string, prefix: 'f' | 'fi', format: MemoryFormat): Row => x87(`${opcode} /${extension}`, `${prefix}${name}`, [MEMORY[format].kind], f => {
      const b = load(f, format);
      dropDenormal(f, b);
      operate(f, 0, f.isEmpty(0), () => b, op, false);
    }, NONE, exact => quick.quickMemory(name, format as quick.QuickFormat, exact));
    made.push(memory('D8', 'f', 'f32'), memory('DC', 'f', 'f64'), memory('DA', 'fi', 'i32'), memory('DE', 'fi', 'i16'));
    made.push(x87(`D8 /${extension}`, `f${name}`, [ST0, STi], f => { const i = f.cpu.insn.rm; operate(f, 0, f.isEmpty(0) || f.isEmpty(i), () => f.raw(i), op, false); }, NONE, exact => quick.quickRegister(name, true, false, exact)));
    // With ST(i) as the destination the encodings of sub and subr, div and divr are exchanged.
    const swap = extension >= 4 ? extension ^ 1 : extension;
    for (const [opcode, suffix, pops] of [['DC', '', false], ['DE', 'p', true]] as const) {
      made.push(x87(`${opcode} /${swap}`, `f${name}${suffix}`, [STi, ST0], f => { const i = f.cpu.insn.rm; operate(f, i, f.isEmpty(0) || f.isEmpty(i), () => f.raw(0), op, pops); }, NONE, exact => quick.quickRegister(name, false, pops, exact)));
    }
  });
  return made;
}

const orderCodes = (order: number | undefined): number => order === undefined ? C0 | C2 | C3 : order === 0 ? C3 : order < 0 ? C0 : 0;

function compareWith(f: Fpu, empty: boolean, b: () => F80, quietly: boolean, pops: number, toFlags = false): void {
  let order: number | undefined;
  let may: boolean;
  if (empty) may = f.stackFault(false);
  else { order = soft.compare(f.raw(0), b(), f.c, quietly); may = f.settle(); }
  // The outcome is told whether or not somebody hears of the exception.
  if (toFlags) f.cpu.setFlags(order === undefined ? 0x45 : order === 0 ? 0x40 : order < 0 ? 1 : 0);
  else f.codes(orderCodes(order));
  if (may) for (let i = 0; i < pops; i++) f.pop();
}
const compareMemory = (opcode: string, name: string, format: MemoryFormat, pops: number): Row => x87(opcode, name, [MEMORY[format].kind], f => {
  const b = load(f, format);
  dropDenormal(f, b);
  compareWith(f, f.isEmpty(0), () => b, false, pops);
});
const compareRegister = (opcode: string, name: string, quietly: boolean, pops: number, toFlags = false): Row => x87(opcode, name, [ST0, STi], f => {
  const i = f.cpu.insn.rm;
  compareWith(f, f.isEmpty(0) || f.isEmpty(i), () => f.raw(i), quietly, pops, toFlags);
}, toFlags ? ORDER : NONE, exact => quick.quickCompare(pops, toFlags, exact));
const compareBoth = (opcode: string, name: string, quietly: boolean): Row => x87(opcode, name, [], f => compareWith(f, f.isEmpty(0) || f.isEmpty(1), () => f.raw(1), quietly, 2), NONE, exact => quick.quickCompare(2, false, exact));

/** ST(0) = op(ST(0)). */
const unary = (opcode: string, name: string, op: (a: F80, c: F80Context, f: Fpu) => F80, quickly?: (exact: Helper) => Semantics): Row => x87(opcode, name, [], f => {
  let result = soft.INDEFINITE;
  let may: boolean;
  if (f.isEmpty(0)) may = f.stackFault(false);
  else { result = op(f.raw(0), f.c, f); may = f.settle(); }
  if (may) f.set(0, result);
}, NONE, quickly);
/** ST(1) = op(ST(0), ST(1)), pop. */
const binaryPop = (opcode: string, name: string, op: (st0: F80, st1: F80, c: F80Context) => F80): Row => x87(opcode, name, [], f => {
  let result = soft.INDEFINITE;
  let may: boolean;
  if (f.isEmpty(0) || f.isEmpty(1)) may = f.stackFault(false);
  else { result = op(f.raw(0), f.raw(1), f.c); may = f.settle(); }
  if (!may) return;
  f.set(1, result);
  f.pop();
});

const remainderRow = (opcode: string, name: string, nearest: boolean): Row => x87(opcode, name, [], f => {
  f.status &= ~C2;
  if (f.isEmpty(0) || f.isEmpty(1)) { if (f.stackFault(false)) f.set(0, soft.INDEFINITE); return; }
  const { value, quotient, incomplete } = soft.remainder(f.raw(0), f.raw(1), nearest, f.c);
  if (!f.settle()) return;
  f.set(0, value);
  if (quotient === undefined) return;
  f.codes(incomplete ? C2 : ((quotient & 4) ? C0 : 0) | ((quotient & 2) ? C3 : 0));
  if (!incomplete && quotient & 1) f.status |= C1;
});

/** FSIN, FCOS, FPTAN, FSINCOS: an argument of 2^63 and more leaves the operand and sets C2. */
const trigonometric = (opcode: string, name: string, pushes: boolean, compute: (f: Fpu, a: F80) => readonly F80[]): Row => inexact(x87(opcode, name, [], f => {
  f.status &= ~C2;
  const isFull = pushes && !f.isEmpty(-1);
  if (f.isEmpty(0) || isFull) {
    if (!f.stackFault(isFull && !f.isEmpty(0))) return;
    f.set(0, soft.INDEFINITE);
    if (pushes) { f.top -= 1; f.set(0, soft.INDEFINITE); }
    return;
  }
  const a = f.raw(0);
  if (!soft.isNaN80(a) && !soft.isInfinite(a) && (a.signExp & 0x7fff) >= 16383 + 63) { f.status |= C2; return; }
  const [first = soft.INDEFINITE, second] = compute(f, a);
  if (!f.settle()) return;
  f.set(0, first);
  if (second) { f.top -= 1; f.set(0, second); }
}));

/** pi, log2(10) ... by the exponent of the leading bit and 96 bits, from which rounding control makes 64. */
const CONSTANTS: readonly (readonly [opcode: string, name: string, exponent: number, mantissa: bigint])[] = [
  ['D9 E8', 'fld1', 0, 1n << 95n], ['D9 E9', 'fldl2t', 1, 0xd49a784bcd1b8afe492bf6ffn], ['D9 EA', 'fldl2e', 0, 0xb8aa3b295c17f0bbbe87fed0n],
  ['D9 EB', 'fldpi', 1, 0xc90fdaa22168c234c4c6628bn], ['D9 EC', 'fldlg2', -2, 0x9a209a84fbcff7988f8959acn], ['D9 ED', 'fldln2', -1, 0xb17217f7d1cf79abc9e3b398n],
];

const isPositive = (a: F80): boolean => (a.signExp & 0x8000) === 0;
function examine(f: Fpu): void {
  const a = f.raw(0);
  const kind = f.isEmpty(0) ? C3 | C0 : soft.isUnsupported(a) ? 0 : soft.isNaN80(a) ? C0 : soft.isInfinite(a) ? C0 | C2 : soft.isZero(a) ? C3 : soft.isDenormal(a) ? C3 | C2 : C2;
  f.codes(kind);
  if (!isPositive(a)) f.status |= C1;
}

const conditionalMove = (opcode: string, name: string, holds: (flags: number) => boolean): Row => x87(opcode, name, [ST0, STi], f => {
  const i = f.cpu.insn.rm;
  if (f.isEmpty(0) || f.isEmpty(i)) { if (f.stackFault(false)) f.set(0, soft.INDEFINITE); return; }
  if (holds(f.cpu.flags())) f.set(0, f.raw(i));
});

// --- control and environment -------------------------------------------------------------------------------------------------------------------------

const initialise = (cpu: HelperContext): void => {
  const { view } = cpu;
  view.setUint32(STATE.fcw, 0x37f, true);
  for (const at of [STATE.fsw, STATE.ftop, STATE.ftag]) view.setUint32(at, 0, true);
  view.setBigUint64(STATE.fip, 0n, true);
  view.setBigUint64(STATE.fdp, 0n, true);
  view.setUint32(STATE.fop, 0, true);
  cpu.unitsChanged();
};
const statusWord = (view: DataView): number => view.getUint32(STATE.fsw, true) | view.getUint32(STATE.ftop, true) << 11;
function setStatusWord(view: DataView, word: number): void {
  view.setUint32(STATE.fsw, word & ~0x3800 & 0xffff, true);
  view.setUint32(STATE.ftop, (word >> 11) & 7, true);
}
/** ES and B follow from the flags and masks. */
function renewSummary(cpu: HelperContext): void {
  const { view } = cpu, status = view.getUint32(STATE.fsw, true), pending = status & ~view.getUint32(STATE.fcw, true) & 0x3f;
  view.setUint32(STATE.fsw, pending ? status | ES | BUSY : status & ~(ES | BUSY), true);
  cpu.unitsChanged();
}

/** The two-bit tags of the FNSTENV image, which tell zero and special values too. */
function fullTags(view: DataView): number {
  let word = 0;
  for (let r = 0; r < 8; r++) {
    const at = STATE.x87 + r * 16, exponent = view.getUint16(at + 8, true) & 0x7fff, mant = view.getBigUint64(at, true);
    const tag = (view.getUint32(STATE.ftag, true) >> r & 1) === 0 ? 3 : exponent === 0 && mant === 0n ? 1 : exponent === 0 || exponent === 0x7fff || mant >> 63n === 0n ? 2 : 0;
    word |= tag << (2 * r);
  }
  return word;
}
function environment(view: DataView): Uint8Array {
  const bytes = new Uint8Array(28), out = new DataView(bytes.buffer);
  out.setUint32(0, 0xffff0000 | view.getUint32(STATE.fcw, true), true);
  out.setUint32(4, 0xffff0000 | statusWord(view), true);
  out.setUint32(8, 0xffff0000 | fullTags(view), true);
  out.setUint32(12, view.getUint32(STATE.fip, true), true);
  out.setUint32(16, view.getUint32(STATE.fop, true) << 16, true);
  out.setUint32(20, view.getUint32(STATE.fdp, true), true);
  out.setUint32(24, 0xffff0000, true);
  return bytes;
}
function loadEnvironment(cpu: HelperContext, image: DataView): void {
  const { view } = cpu;
  view.setUint32(STATE.fcw, (image.getUint16(0, true) & 0x1f7f) | 0x40, true);
  setStatusWord(view, image.getUint16(4, true));
  const tags = image.getUint16(8, true);
  let abridged = 0;
  for (let r = 0; r < 8; r++) if ((tags >> (2 * r) & 3) !== 3) abridged |= 1 << r;
  view.setUint32(STATE.ftag, abridged, true);
  view.setBigUint64(STATE.fip, BigInt(image.getUint32(12, true)), true);
  view.setBigUint64(STATE.fdp, BigInt(image.getUint32(20, true)), true);
  view.setUint32(STATE.fop, image.getUint16(18, true) & 0x7ff, true);
  renewSummary(cpu);
}
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** Of a large operand the last byte is touched first: it is where a fault is found. */
const lastByte = (cpu: HelperContext, length: number): bigint => BigInt.asUintN(64, cpu.insn.address + BigInt(length - 1));
function readWhole(cpu: HelperContext, length: number): Uint8Array {
  cpu.read(lastByte(cpu, length), 1);
  return cpu.read(cpu.insn.address, length);
}

const controlRows = rows((): Row[] => [
  waiting('D9 /5', 'fldcw', [Mw], quick.quickControl(cpu => {
    const word = viewOf(cpu.read(cpu.insn.address, 2)).getUint16(0, true);
    cpu.view.setUint32(STATE.fcw, (word & 0x1f7f) | 0x40, true);
    renewSummary(cpu);
  })),
  control('D9 /7', 'fnstcw', [Mw], (m, [dst]) => m.write(dst!, m.extend(m.state(STATE.fcw)))),
  control('DD /7', 'fnstsw', [Mw], (m, [dst]) => m.write(dst!, m.extend(m.op('i32.or', m.state(STATE.fsw), m.op('i32.shl', m.state(STATE.ftop), m.i32(11)))))),
  control('DF E0', 'fnstsw', [AX], (m, [dst]) => m.write(dst!, m.extend(m.op('i32.or', m.state(STATE.fsw), m.op('i32.shl', m.state(STATE.ftop), m.i32(11)))))),
  control('DB E2', 'fnclex', [], helper(cpu => { cpu.view.setUint32(STATE.fsw, cpu.view.getUint32(STATE.fsw, true) & 0x7f00, true); cpu.unitsChanged(); })),
  control('DB E3', 'fninit', [], helper(initialise)),
  control('D9 /6', 'fnstenv', [M], helper(cpu => {
    cpu.probeWrite(lastByte(cpu, 28), 1);
    cpu.probeWrite(cpu.insn.address, 28);
    cpu.write(cpu.insn.address, environment(cpu.view));
    cpu.view.setUint32(STATE.fcw, cpu.view.getUint32(STATE.fcw, true) | 0x3f, true);
    renewSummary(cpu);
  })),
  waiting('D9 /4', 'fldenv', [M], helper(cpu => loadEnvironment(cpu, viewOf(readWhole(cpu, 28))))),
  control('DD /6', 'fnsave', [M], helper(cpu => {
    const bytes = new Uint8Array(108), { view } = cpu;
    cpu.probeWrite(lastByte(cpu, 108), 1);
    cpu.probeWrite(cpu.insn.address, 108);
    bytes.set(environment(view));
    for (let i = 0; i < 8; i++) {
      const at = STATE.x87 + ((view.getUint32(STATE.ftop, true) + i) & 7) * 16;
      for (let b = 0; b < 10; b++) bytes[28 + i * 10 + b] = view.getUint8(at + b);
    }
    cpu.write(cpu.insn.address, bytes);
    initialise(cpu);
  })),
  waiting('DD /4', 'frstor', [M], helper(cpu => {
    const bytes = readWhole(cpu, 108), { view } = cpu;
    loadEnvironment(cpu, viewOf(bytes));
    for (let i = 0; i < 8; i++) {
      const at = STATE.x87 + ((view.getUint32(STATE.ftop, true) + i) & 7) * 16;
      for (let b = 0; b < 10; b++) view.setUint8(at + b, bytes[28 + i * 10 + b] ?? 0);
    }
  })),
]);

const CF = 1, PF = 4, ZF = 0x40;

export const x87Rows = rows(() => [
  ...arithmeticRows(), ...controlRows(),
  compareMemory('D8 /2', 'fcom', 'f32', 0), compareMemory('D8 /3', 'fcomp', 'f32', 1), compareMemory('DC /2', 'fcom', 'f64', 0), compareMemory('DC /3', 'fcomp', 'f64', 1),
  compareMemory('DA /2', 'ficom', 'i32', 0), compareMemory('DA /3', 'ficomp', 'i32', 1), compareMemory('DE /2', 'ficom', 'i16', 0), compareMemory('DE /3', 'ficomp', 'i16', 1),
  compareRegister('D8 /2', 'fcom', false, 0), compareRegister('D8 /3', 'fcomp', false, 1), compareBoth('DE D9', 'fcompp', false),
  compareRegister('DC /2', 'fcom', false, 0), compareRegister('DC /3', 'fcomp', false, 1), compareRegister('DE /2', 'fcomp', false, 1),
  compareRegister('DD /4', 'fucom', true, 0), compareRegister('DD /5', 'fucomp', true, 1), compareBoth('DA E9', 'fucompp', true),
  compareRegister('DB /6', 'fcomi', false, 0, true), compareRegister('DF /6', 'fcomip', false, 1, true), compareRegister('DB /5', 'fucomi', true, 0, true), compareRegister('DF /5', 'fucomip', true, 1, true),
  loadRow('D9 /0', 'fld', 'f32'), loadRow('DD /0', 'fld', 'f64'), loadRow('DB /5', 'fld', 'f80'), loadRow('DF /0', 'fild', 'i16'), loadRow('DB /0', 'fild', 'i32'), loadRow('DF /5', 'fild', 'i64'), loadRow('DF /4', 'fbld', 'bcd'),
  storeRow('D9 /2', 'fst', 'f32', false), storeRow('D9 /3', 'fstp', 'f32', true), storeRow('DD /2', 'fst', 'f64', false), storeRow('DD /3', 'fstp', 'f64', true), storeRow('DB /7', 'fstp', 'f80', true),
  storeRow('DF /2', 'fist', 'i16', false), storeRow('DF /3', 'fistp', 'i16', true), storeRow('DB /2', 'fist', 'i32', false), storeRow('DB /3', 'fistp', 'i32', true), storeRow('DF /7', 'fistp', 'i64', true), storeRow('DF /6', 'fbstp', 'bcd', true),
  storeRow('DF /1', 'fisttp', 'i16', true, true), storeRow('DB /1', 'fisttp', 'i32', true, true), storeRow('DD /1', 'fisttp', 'i64', true, true),
  x87('D9 /0', 'fld', [STi], f => {
    const i = f.cpu.insn.rm;
    if (!f.isEmpty(-1) || !f.isEmpty(i)) return f.push(f.raw(i));
    if (f.stackFault(false)) { f.top -= 1; f.set(0, soft.INDEFINITE); }
  }, NONE, quick.quickDuplicate),
  ...['D9 /1', 'DD /1', 'DF /1'].map(opcode => x87(opcode, 'fxch', [STi], f => {
    const i = f.cpu.insn.rm;
    if (f.isEmpty(0) || f.isEmpty(i)) {
      if (!f.stackFault(false)) return;
      for (const n of [0, i]) if (f.isEmpty(n)) f.set(n, soft.INDEFINITE);
    }
    const a = f.raw(0), b = f.raw(i);
    f.set(0, b);
    f.set(i, a);
  }, NONE, quick.quickExchange)),
  ...([['DD /2', 'fst', false], ['DD /3', 'fstp', true], ['DF /2', 'fstp', true], ['DF /3', 'fstp', true]] as [string, string, boolean][]).map(([opcode, name, pops]) => x87(opcode, name, [STi], f => {
    const i = f.cpu.insn.rm;
    if (f.isEmpty(0)) { if (!f.stackFault(false)) return; f.set(i, soft.INDEFINITE); } else f.set(i, f.raw(0));
    if (pops) f.pop();
  }, NONE, exact => quick.quickCopy(pops, exact))),
  // FSTP1: knows no underflow.
  x87('D9 /3', 'fstp', [STi], f => { if (!f.isEmpty(0)) f.set(f.cpu.insn.rm, f.raw(0)); f.pop(); }),
  x87('DD /0', 'ffree', [STi], f => f.free(f.cpu.insn.rm)), x87('DF /0', 'ffreep', [STi], f => { f.free(f.cpu.insn.rm); f.pop(); }),
  x87('D9 D0', 'fnop', [], () => undefined),
  // The 8087's and 80287's FENI, FDISI, FSETPM: nothing since the 80387.
  ...['DB E0', 'DB E1', 'DB E4'].map(spec => x87(spec, 'fnop', [], () => undefined)), x87('9B', 'fwait', [], () => undefined),
  x87('D9 F6', 'fdecstp', [], f => { f.top -= 1; }), x87('D9 F7', 'fincstp', [], f => { f.top += 1; }),
  ...CONSTANTS.map(([opcode, name, exponent, mantissa]) => x87(opcode, name, [], f => {
    const value = soft.roundPack(0, exponent - 95, mantissa, { ...f.c, flags: 0 }, 64);
    f.push(value);
  }, NONE, exact => {
    const { mant, signExp } = soft.roundPack(0, exponent - 95, mantissa, soft.contextOf(0x37f), 64);
    return quick.quickConstant(mant, signExp, exact);
  })),
  x87('D9 EE', 'fldz', [], f => f.push(soft.ZERO), NONE, exact => quick.quickConstant(0n, 0, exact)),
  unary('D9 E0', 'fchs', a => soft.negate(a), exact => quick.quickSign((m, v) => m.op('i32.xor', v, m.i32(SIGN)), exact)),
  unary('D9 E1', 'fabs', a => soft.absolute(a), exact => quick.quickSign((m, v) => m.op('i32.and', v, m.i32(0x7fff)), exact)),
  unary('D9 FA', 'fsqrt', soft.squareRoot), unary('D9 FC', 'frndint', soft.roundToIntegral),
  x87('D9 E4', 'ftst', [], f => compareWith(f, f.isEmpty(0), () => soft.ZERO, false, 0)), x87('D9 E5', 'fxam', [], examine),
  x87('D9 FD', 'fscale', [], f => { if (f.isEmpty(0) || f.isEmpty(1)) { if (f.stackFault(false)) f.set(0, soft.INDEFINITE); return; } const r = soft.scale(f.raw(0), f.raw(1), f.c); if (f.settle()) f.set(0, r); }),
  remainderRow('D9 F8', 'fprem', false), remainderRow('D9 F5', 'fprem1', true),
  x87('D9 F4', 'fxtract', [], f => {
    if (f.isEmpty(0)) { if (f.stackFault(false)) { f.set(0, soft.INDEFINITE); f.top -= 1; f.set(0, soft.INDEFINITE); } return; }
    if (!f.isEmpty(-1)) { if (f.stackFault(true)) { f.set(0, soft.INDEFINITE); f.top -= 1; f.set(0, soft.INDEFINITE); } return; }
    const [exponent, significand] = soft.extract(f.raw(0), f.c);
    if (!f.settle()) return;
    f.set(0, exponent);
    f.top -= 1;
    f.set(0, significand);
  }),
  conditionalMove('DA /0', 'fcmovb', x => (x & CF) !== 0), conditionalMove('DA /1', 'fcmove', x => (x & ZF) !== 0), conditionalMove('DA /2', 'fcmovbe', x => (x & (CF | ZF)) !== 0), conditionalMove('DA /3', 'fcmovu', x => (x & PF) !== 0),
  conditionalMove('DB /0', 'fcmovnb', x => (x & CF) === 0), conditionalMove('DB /1', 'fcmovne', x => (x & ZF) === 0), conditionalMove('DB /2', 'fcmovnbe', x => (x & (CF | ZF)) === 0), conditionalMove('DB /3', 'fcmovnu', x => (x & PF) === 0),
  inexact(unary('D9 F0', 'f2xm1', exponential)),
  inexact(binaryPop('D9 F1', 'fyl2x', (x, y, c) => logarithm(x, y, false, c))), inexact(binaryPop('D9 F9', 'fyl2xp1', (x, y, c) => logarithm(x, y, true, c))), inexact(binaryPop('D9 F3', 'fpatan', (x, y, c) => arctangent(y, x, c))),
  trigonometric('D9 FE', 'fsin', false, (f, a) => [sine(a, f.c).sin]), trigonometric('D9 FF', 'fcos', false, (f, a) => [sine(a, f.c).cos]), trigonometric('D9 FB', 'fsincos', true, (f, a) => { const { sin, cos } = sine(a, f.c); return [sin, cos]; }),
  trigonometric('D9 F2', 'fptan', true, (f, a) => { const tan = tangent(a, f.c); return [tan, soft.isNaN80(tan) ? tan : soft.ONE]; }),
]);
