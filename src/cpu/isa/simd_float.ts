// Floating point on vectors: SSE, SSE2, SSE3, SSE4.1, AVX, FMA, F16C. Each row has two ways to one meaning: WebAssembly's own operation where the
// result and the sticky flags are certain (default rounding, all exceptions masked, inexact already noted, operands and result ordinary), and the exact
// arithmetic of softfloat.ts for everything else. SDM 1, chapter 11; NaN rules: table 4-7.
import { STATE } from '../layout';
import * as soft from '../softfloat';
import { DE, PE } from '../softfloat80';
import type { FloatContext, Format } from '../softfloat';
import { helper, rows, XM, GP, type Helper, type HelperContext, type Machine, type Operand, type Row, type RowOptions, type Semantics, type V } from './machine';
import { Ey, Gy, Hdq, Hx, Pq, Qq, Vdq, Vqq, Vx, Wdq, Wqq, Wsd, Wss, Wx, ib, type OperandKind } from './operands';
import { alignedUnlessVex, threeOperands } from './simd_integer';
import { checkScalar, checkVectors, mayRoundProduct, mayRoundProducts, requireOrdinary, type QuickKind } from './simd_quick';

const NONE = '--------';
type Vec = V<'v128'>;
type Bits = 32 | 64;
const format = (bits: Bits): Format => bits === 32 ? soft.F32 : soft.F64;

// --- the exact way -----------------------------------------------------------------------------------------------------------------------------

const readBits = (view: DataView, at: number, bits: Bits): bigint => bits === 32 ? BigInt(view.getUint32(at, true)) : view.getBigUint64(at, true);
const writeBits = (view: DataView, at: number, bits: Bits, value: bigint): void => bits === 32 ? view.setUint32(at, Number(value), true) : view.setBigUint64(at, value, true);

/** Ends an exact operation: raises #XM when an exception is unmasked, else notes the flags. Call before anything is written. */
function finish(cpu: HelperContext, c: FloatContext): void {
  const at = STATE.mxcsr, unmasked = c.flags & ~c.masks & 0x3f;
  // Invalid, denormal and zero-divide are found before anything is computed: unmasked, they leave the other flags alone.
  cpu.view.setUint32(at, cpu.view.getUint32(at, true) | (unmasked & 7 ? c.flags & 7 : c.flags), true);
  if (unmasked) cpu.raise(XM);
}
const contextFor = (cpu: HelperContext): FloatContext => soft.contextOfMxcsr(cpu.view.getUint32(STATE.mxcsr, true));

/** `length` bytes of the rm operand: a register or memory. */
function source(cpu: HelperContext, length: number, aligned: boolean): DataView {
  const { insn } = cpu;
  if (!insn.isMemory) return new DataView(cpu.view.buffer.slice(insn.rm, insn.rm + length));
  if (aligned && (insn.address & 15n) !== 0n) cpu.raise(GP);
  const bytes = cpu.read(insn.address, length);
  return new DataView(bytes.buffer, bytes.byteOffset, length);
}

function store(cpu: HelperContext, isVex: boolean, results: readonly bigint[], bits: Bits, keepFrom: number): void {
  const { view, insn } = cpu, step = bits / 8;
  const low = view.getBigUint64(keepFrom, true), high = view.getBigUint64(keepFrom + 8, true);
  if (results.length * step < 16 && keepFrom !== insn.reg) { view.setBigUint64(insn.reg, low, true); view.setBigUint64(insn.reg + 8, high, true); }
  results.forEach((r, i) => writeBits(view, insn.reg + i * step, bits, r));
  if (isVex && results.length * step <= 16) { view.setBigUint64(insn.reg + 16, 0n, true); view.setBigUint64(insn.reg + 24, 0n, true); }
}

type Exact = (f: Format, a: bigint, b: bigint, c: FloatContext) => bigint;

/** dst[i] = op(a[i], b[i]); `scalar`: the first element only, the rest from the first source. */
function exactBinary(op: Exact, bits: Bits, scalar: boolean, isVex: boolean): Helper {
  return cpu => {
    const { view, insn } = cpu, step = bits / 8, c = contextFor(cpu);
    const length = scalar ? step : isVex ? insn.vectorBytes : 16;
    const b = source(cpu, length, !scalar && !isVex), first = isVex ? insn.vvvv : insn.reg;
    const results: bigint[] = [];
    for (let i = 0; i < length; i += step) results.push(op(format(bits), readBits(view, first + i, bits), readBits(b, i, bits), c));
    finish(cpu, c);
    store(cpu, isVex, results, bits, first);
  };
}
type ExactUnary = (f: Format, a: bigint, c: FloatContext, immediate: number) => bigint;
function exactUnary(op: ExactUnary, bits: Bits, scalar: boolean, isVex: boolean): Helper {
  return cpu => {
    const { insn } = cpu, step = bits / 8, c = contextFor(cpu);
    const length = scalar ? step : isVex ? insn.vectorBytes : 16;
    const a = source(cpu, length, !scalar && !isVex), immediate = Number(BigInt.asUintN(8, insn.immediate));
    const results: bigint[] = [];
    for (let i = 0; i < length; i += step) results.push(op(format(bits), readBits(a, i, bits), c, immediate));
    finish(cpu, c);
    store(cpu, isVex, results, bits, scalar && isVex ? insn.vvvv : insn.reg);
  };
}

// --- the fast way ------------------------------------------------------------------------------------------------------------------------------

const LIMITS = { 32: { smallest: 0x00800000n, largest: 0x7f7fffffn }, 64: { smallest: 0x0010000000000000n, largest: 0x7fefffffffffffffn } } as const;

/** Rounding to nearest, nothing flushed, all exceptions masked: a result needs no flags unless it is out of the ordinary, or inexact. */
const ordinaryMode = (m: Machine): V<'i32'> => m.op('i32.eq', m.op('i32.and', m.state(STATE.mxcsr), m.i32(0xffc0)), m.i32(0x1f80));
/** The same, and inexact is noted already. */
const notedMode = (m: Machine): V<'i32'> => m.op('i32.eq', m.op('i32.and', m.state(STATE.mxcsr), m.i32(0xffe0)), m.i32(0x1fa0));

/** One element or a vector of them, as far as the checks need it. */
interface Lanes<T extends 'f32' | 'f64' | 'v128'> {
  constant(bits: bigint): V<T>;
  op(name: 'abs' | 'sqrt', a: V<T>): V<T>;
  arith(name: 'add' | 'sub' | 'mul', a: V<T>, b: V<T>): V<T>;
  compare(name: 'lt' | 'le' | 'ne' | 'eq', a: V<T>, b: V<T>): V;
  or(a: V, b: V): V;
  and(a: V, b: V): V;
  not(a: V): V;
  any(a: V): V<'i32'>;
}

function vectorLanes(m: Machine, bits: Bits): Lanes<'v128'> {
  const shape = bits === 32 ? 'f32x4' : 'f64x2';
  return {
    constant: b => { const word = bits === 32 ? b | b << 32n : b; return m.v128(word, word); },
    op: (name, a) => m.op(`${shape}.${name}` as 'f32x4.abs', a),
    arith: (name, a, b) => m.op(`${shape}.${name}` as 'f32x4.add', a, b),
    compare: (name, a, b) => m.op(`${shape}.${name}` as 'f32x4.lt', a, b),
    or: (a, b) => m.op('v128.or', a as Vec, b as Vec),
    and: (a, b) => m.op('v128.and', a as Vec, b as Vec),
    not: a => m.op('v128.not', a as Vec),
    any: a => m.op('v128.any_true', a as Vec),
  };
}
function scalarLanes(m: Machine, bits: Bits): Lanes<'f64'> {
  const shape = bits === 32 ? 'f32' : 'f64';
  return {
    constant: b => bits === 32 ? m.f32bits(Number(b)) as unknown as V<'f64'> : m.f64bits(b),
    op: (name, a) => m.op(`${shape}.${name}` as 'f64.abs', a),
    arith: (name, a, b) => m.op(`${shape}.${name}` as 'f64.add', a, b),
    compare: (name, a, b) => m.op(`${shape}.${name}` as 'f64.lt', a, b),
    or: (a, b) => m.op('i32.or', a as V<'i32'>, b as V<'i32'>),
    and: (a, b) => m.op('i32.and', a as V<'i32'>, b as V<'i32'>),
    not: a => m.op('i32.eqz', a as V<'i32'>),
    any: a => a as V<'i32'>,
  };
}

const isTiny = <T extends 'f64' | 'v128'>(l: Lanes<T>, bits: Bits, x: V<T>): V => l.and(l.compare('lt', l.op('abs', x), l.constant(LIMITS[bits].smallest)), l.compare('ne', x, l.constant(0n)));
const isUnbounded = <T extends 'f64' | 'v128'>(l: Lanes<T>, bits: Bits, x: V<T>): V => l.not(l.compare('le', l.op('abs', x), l.constant(LIMITS[bits].largest)));

/** True where the wasm result may not be x86's or a flag may be missing. */
type Doubt = <T extends 'f64' | 'v128'>(l: Lanes<T>, bits: Bits, a: V<T>, b: V<T>, r: V<T>) => V;
const doubtSum: Doubt = (l, bits, a, b, r) => l.or(l.or(isTiny(l, bits, a), isTiny(l, bits, b)), isUnbounded(l, bits, r));
const doubtProduct: Doubt = (l, bits, a, b, r) => {
  const small = l.compare('le', l.op('abs', r), l.constant(LIMITS[bits].smallest));
  const nonZero = l.and(l.compare('ne', a, l.constant(0n)), l.compare('ne', b, l.constant(0n)));
  return l.or(doubtSum(l, bits, a, b, r), l.and(small, nonZero));
};
const doubtQuotient: Doubt = (l, bits, a, b, r) => {
  const small = l.compare('le', l.op('abs', r), l.constant(LIMITS[bits].smallest));
  return l.or(l.or(doubtSum(l, bits, a, b, r), isUnbounded(l, bits, b)), l.and(small, l.compare('ne', a, l.constant(0n))));
};
const doubtOrder: Doubt = (l, bits, a, b) => l.or(l.or(isTiny(l, bits, a), isTiny(l, bits, b)), l.or(l.compare('ne', a, a), l.compare('ne', b, b)));
const doubtRoot: Doubt = (l, bits, a, _b, r) => l.or(isTiny(l, bits, a), isUnbounded(l, bits, r));

// --- whether a result is exact: the error of a rounded sum or product is itself a number. Dekker 1971, Knuth 4.2.2 -----------------------------

/** True where a result that is in no doubt was rounded, or where that cannot be told. */
type Inexact = Doubt;
const inexactSum: Inexact = (l, _bits, a, b, r) => {
  const t = l.arith('sub', r, a);
  return l.compare('ne', l.arith('add', l.arith('sub', a, l.arith('sub', r, t)), l.arith('sub', b, t)), l.constant(0n));
};
const inexactDifference: Inexact = (l, _bits, a, b, r) => {
  const t = l.arith('sub', r, a);
  return l.compare('ne', l.arith('sub', l.arith('sub', a, l.arith('sub', r, t)), l.arith('add', b, t)), l.constant(0n));
};

/** Half of the significand's bits and one, as a factor; between these the parts of a product neither overflow nor vanish. */
const SPLIT = { 32: { factor: 0x45800800n, smallest: 0x0d800000n, largest: 0x71800000n }, 64: { factor: 0x41a0000002000000n, smallest: 0x07b0000000000000n, largest: 0x7bb0000000000000n } } as const;

/** a * b - r, when r is the rounded product. */
function productError<T extends 'f64' | 'v128'>(l: Lanes<T>, bits: Bits, a: V<T>, b: V<T>, r: V<T>): V<T> {
  const split = (x: V<T>): [V<T>, V<T>] => { const t = l.arith('mul', l.constant(SPLIT[bits].factor), x), high = l.arith('sub', t, l.arith('sub', t, x)); return [high, l.arith('sub', x, high)]; };
  const [ah, al] = split(a), [bh, bl] = split(b);
  return l.arith('add', l.arith('add', l.arith('add', l.arith('sub', l.arith('mul', ah, bh), r), l.arith('mul', ah, bl)), l.arith('mul', al, bh)), l.arith('mul', al, bl));
}
function isExtreme<T extends 'f64' | 'v128'>(l: Lanes<T>, bits: Bits, values: readonly V<T>[]): V {
  const { smallest, largest } = SPLIT[bits];
  return values.map(x => { const size = l.op('abs', x); return l.or(l.not(l.compare('le', size, l.constant(largest))), l.and(l.compare('lt', size, l.constant(smallest)), l.compare('ne', x, l.constant(0n)))); }).reduce((p, q) => l.or(p, q));
}
const inexactProduct: Inexact = (l, bits, a, b, r) => l.or(l.compare('ne', productError(l, bits, a, b, r), l.constant(0n)), isExtreme(l, bits, [a, b, r]));
const inexactQuotient: Inexact = (l, bits, a, b, r) => {
  const p = l.arith('mul', r, b);
  return l.or(l.or(l.compare('ne', p, a), l.compare('ne', productError(l, bits, r, b, p), l.constant(0n))), isExtreme(l, bits, [a, b, r]));
};
const inexactRoot: Inexact = (l, bits, a, _b, r) => inexactQuotient(l, bits, a, r, r);

/** Runs `fast` when the mode is ordinary and no doubt remains, else the exact helper. `inexact`: true where the result needs the inexact flag; asked while it is not noted. */
function guarded(m: Machine, doubt: V<'i32'>, fast: () => void, exact: Helper, inexact?: () => V<'i32'>): void {
  if (m.isMxcsrKnown()) {
    m.when(doubt, () => m.callHelper(exact));
    if (inexact && !m.isInexactNoted()) m.when(inexact(), () => m.callHelper(exact));
    fast();
    return;
  }
  const sure = m.op('i32.eqz', doubt);
  if (!inexact) { m.when(m.op('i32.and', ordinaryMode(m), sure), fast, () => m.callHelper(exact)); return; }
  const goes = m.variable(m.op('i32.and', notedMode(m), sure));
  m.when(m.op('i32.eqz', goes.get()), () => m.when(m.op('i32.and', ordinaryMode(m), sure), () => goes.set(m.op('i32.eqz', inexact()))));
  m.when(goes.get(), fast, () => m.callHelper(exact));
}

/** In code that knows MXCSR: leaves where a result was rounded, unless that is noted. `mayRound`: 0 where it certainly was not. */
function leaveIfRounded(m: Machine, inexact: (() => V<'i32'>) | undefined, mayRound: V<'i32'> | undefined, exact: Helper): void {
  if (!inexact || m.isInexactNoted()) return;
  const look = (): void => m.when(inexact(), () => m.callHelper(exact));
  if (mayRound) m.when(mayRound, look); else look();
}

type VectorOp = (m: Machine, a: Vec, b: Vec) => Vec;

function packed(bits: Bits, op: VectorOp, kind: QuickKind, doubt: Doubt, inexact: Inexact | undefined, exact: Exact, isVex: boolean): Semantics {
  const slow = exactBinary(exact, bits, false, isVex);
  return (m, operands) => {
    const [dst, a, b] = threeOperands(operands);
    alignedUnlessVex(m, b);
    const l = vectorLanes(m, bits);
    const halves = (m.vectorBytes === 32 ? [0, 1] as const : [0] as const).map(half => {
      const x = m.readV(a, half), y = m.readV(b, half), r = op(m, x, y);
      return { x, y, r };
    });
    const rounded = inexact && ((): V<'i32'> => l.any(halves.map(h => inexact(l, bits, h.x, h.y, h.r)).reduce((p, q) => l.or(p, q))));
    if (m.isMxcsrKnown()) {
      checkVectors(m, kind, bits, halves, () => m.callHelper(slow));
      leaveIfRounded(m, rounded, kind === 'product' ? mayRoundProducts(m, bits, halves) : undefined, slow);
      halves.forEach((h, i) => m.writeV(dst, h.r, i as 0 | 1));
      return;
    }
    const bad = l.any(halves.map(h => doubt(l, bits, h.x, h.y, h.r)).reduce((p, q) => l.or(p, q)));
    guarded(m, bad, () => halves.forEach((h, i) => m.writeV(dst, h.r, i as 0 | 1)), slow, rounded);
  };
}

/** Writes the low element; the rest of the destination comes from the first source. */
function writeScalar(m: Machine, dst: Operand, rest: Operand, value: V<'f64'>, bits: Bits): void {
  m.writeV(dst, bits === 32 ? m.lane('f32x4.replace_lane', 0, m.readV(rest), value as unknown as V<'f32'>) : m.lane('f64x2.replace_lane', 0, m.readV(rest), value));
}
/** The low element; typed f64 for both widths, since the checks treat them alike. */
const readScalar = (m: Machine, operand: Operand, bits: Bits): V<'f64'> => bits === 32 ? m.readF32(operand) as unknown as V<'f64'> : m.readF64(operand);

type ScalarOp = (m: Machine, a: V<'f64'>, b: V<'f64'>, bits: Bits) => V<'f64'>;
function scalar(bits: Bits, op: ScalarOp, kind: QuickKind, doubt: Doubt, inexact: Inexact | undefined, exact: Exact, isVex: boolean): Semantics {
  const slow = exactBinary(exact, bits, true, isVex);
  return (m, operands) => {
    const [dst, a, b] = threeOperands(operands);
    const y = readScalar(m, b, bits), x = readScalar(m, a, bits), r = op(m, x, y, bits);
    const l = scalarLanes(m, bits), rounded = inexact && ((): V<'i32'> => inexact(l, bits, x, y, r) as V<'i32'>);
    if (m.isMxcsrKnown()) {
      checkScalar(m, kind, bits, x, y, r, () => m.callHelper(slow));
      leaveIfRounded(m, rounded, kind === 'product' ? mayRoundProduct(m, bits, x, y) : undefined, slow);
      writeScalar(m, dst, a, r, bits);
      return;
    }
    guarded(m, doubt(l, bits, x, y, r) as V<'i32'>, () => writeScalar(m, dst, a, r, bits), slow, rounded);
  };
}

interface Arithmetic { byte: string; name: string; vector: string; kind: QuickKind; exact: Exact; doubt: Doubt; inexact?: Inexact; swapped?: boolean }
const ARITHMETIC: Arithmetic[] = [
  { byte: '58', name: 'add', vector: 'add', kind: 'sum', exact: soft.add, doubt: doubtSum, inexact: inexactSum },
  { byte: '5C', name: 'sub', vector: 'sub', kind: 'sum', exact: soft.sub, doubt: doubtSum, inexact: inexactDifference },
  { byte: '59', name: 'mul', vector: 'mul', kind: 'product', exact: soft.mul, doubt: doubtProduct, inexact: inexactProduct },
  { byte: '5E', name: 'div', vector: 'div', kind: 'quotient', exact: soft.div, doubt: doubtQuotient, inexact: inexactQuotient },
  // MIN(a, b) is a < b ? a : b, which is pmin with the operands exchanged.
  { byte: '5D', name: 'min', vector: 'pmin', kind: 'order', exact: soft.min, doubt: doubtOrder, swapped: true },
  { byte: '5F', name: 'max', vector: 'pmax', kind: 'order', exact: soft.max, doubt: doubtOrder, swapped: true },
];

const SSE: RowOptions = { unit: 'sse' }, AVX: RowOptions = { unit: 'avx', feature: 'avx' };

const arithmetic = rows((): Row[] => ARITHMETIC.flatMap(({ byte, name, vector, kind, exact, doubt, inexact, swapped }) => ([['NP', 32], ['66', 64]] as ['NP' | '66', Bits][]).flatMap(([prefix, bits]): Row[] => {
  const shape = bits === 32 ? 'f32x4' : 'f64x2', one = bits === 32 ? 'f32' : 'f64';
  const vectorOp: VectorOp = (m, a, b) => swapped ? m.op(`${shape}.${vector}` as 'f32x4.add', b, a) : m.op(`${shape}.${vector}` as 'f32x4.add', a, b);
  const scalarOp: ScalarOp = (m, a, b) => {
    if (!swapped) return m.op(`${one}.${vector}` as 'f64.add', a, b);
    const less = name === 'min' ? m.op(`${one}.lt` as 'f64.lt', a, b) : m.op(`${one}.gt` as 'f64.gt', a, b);
    return m.select(less, a, b);
  };
  const scalarPrefix = bits === 32 ? 'F3' : 'F2', W = bits === 32 ? Wss : Wsd, suffix = bits === 32 ? 's' : 'd';
  return [
    [`${prefix} 0F ${byte}`, `${name}p${suffix}`, [Vx, Wx], NONE, packed(bits, vectorOp, kind, doubt, inexact, exact, false), SSE],
    [`VEX.${prefix}.0F ${byte}`, `v${name}p${suffix}`, [Vx, Hx, Wx], NONE, packed(bits, vectorOp, kind, doubt, inexact, exact, true), AVX],
    [`${scalarPrefix} 0F ${byte}`, `${name}s${suffix}`, [Vdq, W], NONE, scalar(bits, scalarOp, kind, doubt, inexact, exact, false), SSE],
    [`VEX.${scalarPrefix}.0F ${byte}`, `v${name}s${suffix}`, [Vdq, Hdq, W], NONE, scalar(bits, scalarOp, kind, doubt, inexact, exact, true), AVX],
  ];
})));

// --- square roots and estimates ----------------------------------------------------------------------------------------------------------------

function unaryRows(byte: string, name: string, exact: ExactUnary, estimate: boolean): Row[] {
  const widths: [string, string, Bits][] = estimate ? [['NP', 'F3', 32]] : [['NP', 'F3', 32], ['66', 'F2', 64]];
  return widths.flatMap(([prefix, scalarPrefix, bits]): Row[] => {
    const suffix = bits === 32 ? 's' : 'd', W = bits === 32 ? Wss : Wsd;
    const vectorRoot = (isVex: boolean): Semantics => estimate ? helper(exactUnary(exact, bits, false, isVex)) : (m, [dst, src]) => {
      alignedUnlessVex(m, src!);
      const l = vectorLanes(m, bits);
      const halves = (m.vectorBytes === 32 ? [0, 1] as const : [0] as const).map(half => { const x = m.readV(src!, half), r = l.op('sqrt', x); return { x, r, bad: doubtRoot(l, bits, x, x, r) }; });
      guarded(m, l.any(halves.map(h => h.bad).reduce((p, q) => l.or(p, q))), () => halves.forEach((h, i) => m.writeV(dst!, h.r, i as 0 | 1)), exactUnary(exact, bits, false, isVex),
        () => l.any(halves.map(h => inexactRoot(l, bits, h.x, h.x, h.r)).reduce((p, q) => l.or(p, q))));
    };
    const scalarRoot = (isVex: boolean): Semantics => estimate ? helper(exactUnary(exact, bits, true, isVex)) : (m, operands) => {
      const [dst, rest, src] = threeOperands(operands);
      const l = scalarLanes(m, bits), x = readScalar(m, src, bits), r = l.op('sqrt', x);
      if (m.isMxcsrKnown()) {
        const slow = exactUnary(exact, bits, true, isVex);
        checkScalar(m, 'root', bits, x, x, r, () => m.callHelper(slow));
        leaveIfRounded(m, () => inexactRoot(l, bits, x, x, r) as V<'i32'>, undefined, slow);
        writeScalar(m, dst, rest, r, bits);
        return;
      }
      guarded(m, doubtRoot(l, bits, x, x, r) as V<'i32'>, () => writeScalar(m, dst, rest, r, bits), exactUnary(exact, bits, true, isVex), () => inexactRoot(l, bits, x, x, r) as V<'i32'>);
    };
    const native = estimate ? { native: false as const } : {};
    return [
      [`${prefix} 0F ${byte}`, `${name}p${suffix}`, [Vx, Wx], NONE, vectorRoot(false), { ...SSE, ...native }], [`VEX.${prefix}.0F ${byte}`, `v${name}p${suffix}`, [Vx, Wx], NONE, vectorRoot(true), { ...AVX, ...native }],
      [`${scalarPrefix} 0F ${byte}`, `${name}s${suffix}`, [Vdq, W], NONE, scalarRoot(false), { ...SSE, ...native }], [`VEX.${scalarPrefix}.0F ${byte}`, `v${name}s${suffix}`, [Vdq, Hdq, W], NONE, scalarRoot(true), { ...AVX, ...native }],
    ];
  });
}

/** 1/x or 1/sqrt(x) to twelve bits: within the promised 1.5 * 2^-12, no flags, denormals as zero. SDM 2B, RCPPS. */
const reciprocal = (root: boolean): ExactUnary => (f, a) => {
  const c: FloatContext = { rc: 0, daz: true, ftz: true, flags: 0, masks: 0x3f };
  const value = root ? soft.sqrt(f, a, c) : a;
  const r = soft.div(f, 0x3f800000n, value, c);
  const exponent = (r >> 23n) & 0xffn;
  return exponent === 0xffn || exponent === 0n ? (root && (a & 0x7fffffffn) === 0n ? (a & 0x80000000n) | 0x7f800000n : r) : ((r + 0x400n) & ~0x7ffn);
};

// --- comparisons -------------------------------------------------------------------------------------------------------------------------------

/** The 32 predicates of VCMPxx: order of [less, equal, greater, unordered] that hold, and whether quiet NaNs signal. SDM 2A, CMPPD. */
function predicate(imm: number, order: number | undefined): boolean {
  const base = [order === 0, order === -1, order === -1 || order === 0, order === undefined][imm & 3] as boolean;
  const low = (imm & 4) ? !base : base;
  if (!(imm & 8)) return low;
  // 8-15: EQ_UQ NGE NGT FALSE NEQ_OQ GE GT TRUE
  return [order === 0 || order === undefined, order === -1 || order === undefined, order !== 1, false, order === -1 || order === 1, order === 0 || order === 1, order === 1, true][imm & 7] as boolean;
}
const SIGNALING = [0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1] as const;

function exactCompare(bits: Bits, isScalar: boolean, isVex: boolean): Helper {
  return cpu => {
    const imm = Number(BigInt.asUintN(8, cpu.insn.immediate)) & (isVex ? 31 : 7);
    exactBinary((f, a, b, c) => predicate(imm & 15, soft.compare(f, a, b, SIGNALING[imm] === 1, c)) ? (1n << BigInt(bits)) - 1n : 0n, bits, isScalar, isVex)(cpu);
  };
}

function compareVector(bits: Bits, isVex: boolean): Semantics {
  return (m, operands) => {
    const [dst, a, b, imm] = operands.length === 3 ? [operands[0]!, operands[0]!, operands[1]!, operands[2]!] : operands as readonly [Operand, Operand, Operand, Operand];
    alignedUnlessVex(m, b);
    const l = vectorLanes(m, bits), control = m.immediate(imm);
    const invert = m.op('i32x4.splat', m.op('i32.sub', m.i32(0), m.op('i32.and', m.op('i32.shr_u', control, m.i32(2)), m.i32(1))));
    const kind = m.op('i32.and', control, m.i32(3)), is = (n: number): V<'i32'> => m.op('i32.eq', kind, m.i32(n));
    const halves = (m.vectorBytes === 32 ? [0, 1] as const : [0] as const).map(half => {
      const x = m.readV(a, half), y = m.readV(b, half);
      const [lt, le, eq] = [l.compare('lt', x, y), l.compare('le', x, y), l.compare('eq', x, y)] as [Vec, Vec, Vec];
      const base = m.select(is(0), eq, m.select(is(1), lt, m.select(is(2), le, m.v128(0n, 0n))));
      return { r: m.op('v128.xor', base, invert), bad: doubtOrder(l, bits, x, y, x) };
    });
    const bad = m.op('i32.or', l.any(halves.map(h => h.bad).reduce((p, q) => l.or(p, q))), m.op('i32.gt_u', control, m.i32(7)));
    guarded(m, bad, () => halves.forEach((h, i) => m.writeV(dst, h.r, i as 0 | 1)), exactCompare(bits, false, isVex));
  };
}

/** COMISx and UCOMISx: ZF PF CF as for unsigned integers, all set when unordered. */
const comis = (bits: Bits, signaling: boolean): Semantics => {
  const exact: Helper = cpu => {
    const c = contextFor(cpu), other = source(cpu, bits / 8, false);
    const order = soft.compare(format(bits), readBits(cpu.view, cpu.insn.reg, bits), readBits(other, 0, bits), signaling, c);
    finish(cpu, c);
    cpu.setFlags(order === undefined ? 0x45 : order === 0 ? 0x40 : order < 0 ? 1 : 0);
  };
  return (m, [left, right]) => {
    const y = readScalar(m, right!, bits), x = readScalar(m, left!, bits), l = scalarLanes(m, bits);
    const order = (): void => m.setFlags({ zf: l.compare('eq', x, y) as V<'i32'>, cf: l.compare('lt', x, y) as V<'i32'>, pf: 0, of: 0, sf: 0, af: 0 });
    if (!m.isMxcsrKnown()) { guarded(m, doubtOrder(l, bits, x, y, x) as V<'i32'>, order, exact); return; }
    for (const value of [x, y]) requireOrdinary(m, bits, value, () => m.callHelper(exact));
    order();
  };
};

// --- conversions -------------------------------------------------------------------------------------------------------------------------------

const fromInteger = (bits: Bits, isVex: boolean): Semantics => (m, operands) => {
  const [dst, rest, src] = threeOperands(operands);
  const value = m.readSigned(src), size = src.size;
  const r = (bits === 32 ? m.op('f32.convert_i64_s', value) : m.op('f64.convert_i64_s', value)) as V<'f64'>;
  // A 32-bit integer is exact as a double: no flag, no rounding.
  if (bits === 64 && size === 4) { m.noteOrdinary(r, bits); return writeScalar(m, dst, rest, r, bits); }
  guarded(m, m.i32(0), () => writeScalar(m, dst, rest, r, bits), cpu => {
    const c = contextFor(cpu), { insn, view } = cpu;
    const raw = insn.isMemory ? source(cpu, size, false) : new DataView(view.buffer, insn.rm, 8);
    const integer = size === 8 ? raw.getBigInt64(0, true) : BigInt(raw.getInt32(0, true));
    const result = soft.fromInteger(format(bits), integer, c);
    finish(cpu, c);
    store(cpu, isVex, [result], bits, isVex ? insn.vvvv : insn.reg);
    // The largest integer is no float, but what saturates there looks like it.
  }, () => m.op('i32.or', m.op('i64.ne', m.op(`i64.trunc_sat_${bits === 32 ? 'f32' : 'f64'}_s` as 'i64.trunc_sat_f64_s', r), value), m.op('i64.eq', value, m.i64(0x7fffffffffffffffn))));
};

const toInteger = (bits: Bits, truncate: boolean): Semantics => (m, [dst, src]) => {
  const x = readScalar(m, src!, bits), size = dst!.size, l = scalarLanes(m, bits), one = bits === 32 ? 'f32' : 'f64';
  const limit = size === 8 ? 62n : 30n;
  const bound = l.constant(bits === 32 ? (limit + 127n) << 23n : (limit + 1023n) << 52n);
  const rounded = truncate ? x : m.op(`${one}.nearest` as 'f64.nearest', x);
  const r = m.op(`i64.trunc_sat_${one}_s` as 'i64.trunc_sat_f64_s', rounded);
  guarded(m, l.not(l.compare('le', l.op('abs', x), bound)) as V<'i32'>, () => m.write(dst!, r), cpu => {
    const c = contextFor(cpu), raw = source(cpu, bits / 8, false);
    const value = soft.toInteger(format(bits), readBits(raw, 0, bits), size === 8 ? 64 : 32, truncate, c);
    finish(cpu, c);
    cpu.view.setBigUint64(cpu.insn.reg, BigInt.asUintN(size * 8, value), true);
  }, () => l.compare('ne', (bits === 32 ? m.op('f32.convert_i64_s', r) : m.op('f64.convert_i64_s', r)) as V<'f64'>, x) as V<'i32'>);
};

const betweenScalars = (from: Bits, isVex: boolean): Semantics => (m, operands) => {
  const [dst, rest, src] = threeOperands(operands);
  const to: Bits = from === 32 ? 64 : 32, x = readScalar(m, src, from), l = scalarLanes(m, from);
  const r = (from === 32 ? m.op('f64.promote_f32', x as unknown as V<'f32'>) : m.op('f32.demote_f64', x)) as V<'f64'>;
  const wide = l.or(isTiny(l, from, x), isUnbounded(l, from, x));
  const t = scalarLanes(m, to);
  const narrowed = from === 64 ? t.or(isUnbounded(t, to, r), t.and(t.compare('le', t.op('abs', r), t.constant(LIMITS[to].smallest)), l.compare('ne', x, l.constant(0n)))) : undefined;
  guarded(m, (narrowed ? l.or(wide, narrowed) : wide) as V<'i32'>, () => writeScalar(m, dst, rest, r, to), cpu => {
    const c = contextFor(cpu), raw = source(cpu, from / 8, false);
    const result = soft.convert(format(from), format(to), readBits(raw, 0, from), c);
    finish(cpu, c);
    store(cpu, isVex, [result], to, isVex ? cpu.insn.vvvv : cpu.insn.reg);
  }, from === 32 ? undefined : () => m.op('f64.ne', m.op('f64.promote_f32', r as unknown as V<'f32'>), x));
};

/** Packed conversions: `count` elements (per 16 bytes of vector length) of `from` bits become elements of `to` bits; missing results are zero. */
function convertPacked(from: Bits, to: Bits, count: number, isVex: boolean, one: (value: bigint, c: FloatContext) => bigint): Semantics {
  return helper(cpu => {
    const { insn } = cpu, c = contextFor(cpu), n = count * (isVex ? insn.vectorBytes / 16 : 1);
    const raw = source(cpu, n * from / 8, !isVex && count * from === 128);
    const results: bigint[] = [];
    for (let i = 0; i < n; i++) results.push(BigInt.asUintN(to, one(readBits(raw, i * from / 8, from), c)));
    finish(cpu, c);
    while (results.length * to < 128) results.push(0n);
    store(cpu, isVex, results, to, insn.reg);
  });
}
const asSigned32 = (v: bigint): bigint => BigInt.asIntN(32, v);
type One = (value: bigint, c: FloatContext) => bigint;
const CONVERSIONS: { prefix: 'NP' | '66' | 'F3' | 'F2'; byte: string; name: string; from: Bits; to: Bits; count: number; one: One; narrow?: true; widen?: true }[] = [
  { prefix: 'NP', byte: '5A', name: 'cvtps2pd', from: 32, to: 64, count: 2, widen: true, one: (v, c) => soft.convert(soft.F32, soft.F64, v, c) },
  { prefix: '66', byte: '5A', name: 'cvtpd2ps', from: 64, to: 32, count: 2, narrow: true, one: (v, c) => soft.convert(soft.F64, soft.F32, v, c) },
  { prefix: 'NP', byte: '5B', name: 'cvtdq2ps', from: 32, to: 32, count: 4, one: (v, c) => soft.fromInteger(soft.F32, asSigned32(v), c) },
  { prefix: '66', byte: '5B', name: 'cvtps2dq', from: 32, to: 32, count: 4, one: (v, c) => soft.toInteger(soft.F32, v, 32, false, c) },
  { prefix: 'F3', byte: '5B', name: 'cvttps2dq', from: 32, to: 32, count: 4, one: (v, c) => soft.toInteger(soft.F32, v, 32, true, c) },
  { prefix: 'F3', byte: 'E6', name: 'cvtdq2pd', from: 32, to: 64, count: 2, widen: true, one: (v, c) => soft.fromInteger(soft.F64, asSigned32(v), c) },
  { prefix: 'F2', byte: 'E6', name: 'cvtpd2dq', from: 64, to: 32, count: 2, narrow: true, one: (v, c) => soft.toInteger(soft.F64, v, 32, false, c) },
  { prefix: '66', byte: 'E6', name: 'cvttpd2dq', from: 64, to: 32, count: 2, narrow: true, one: (v, c) => soft.toInteger(soft.F64, v, 32, true, c) },
];
const conversions = rows((): Row[] => CONVERSIONS.flatMap(({ prefix, byte, name, from, to, count, one, narrow, widen }): Row[] => {
  const wide = [`VEX.${prefix}.0F.L1 ${byte}`, `v${name}`, narrow ? [Vdq, Wqq] : [Vqq, widen ? Wdq : Wqq], NONE, convertPacked(from, to, count, true, one), AVX] as const;
  return [
    [`${prefix} 0F ${byte}`, name, [Vdq, widen ? Wsd : Wdq], NONE, convertPacked(from, to, count, false, one), SSE],
    [`VEX.${prefix}.0F.L0 ${byte}`, `v${name}`, [Vdq, widen ? Wsd : Wdq], NONE, convertPacked(from, to, count, true, one), AVX],
    wide,
  ];
}));

/** ROUNDxx by immediate: bits 0-1 the mode unless bit 2 says MXCSR's; bit 3 suppresses the precision exception. */
const roundOne: ExactUnary = (f, a, c, imm) => soft.roundToIntegral(f, a, (imm & 4) ? c.rc : imm & 3, (imm & 8) !== 0, c);
const rounding = rows((): Row[] => ([['08', 32, false], ['09', 64, false], ['0A', 32, true], ['0B', 64, true]] as [string, Bits, boolean][]).flatMap(([byte, bits, isScalar]): Row[] => {
  const name = `round${isScalar ? 's' : 'p'}${bits === 32 ? 's' : 'd'}`, W: OperandKind = isScalar ? (bits === 32 ? Wss : Wsd) : Wx;
  return [
    [`66 0F 3A ${byte}`, name, [isScalar ? Vdq : Vx, W, ib], NONE, helper(exactUnary(roundOne, bits, isScalar, false)), SSE],
    [`VEX.66.0F3A ${byte}`, `v${name}`, isScalar ? [Vdq, Hdq, W, ib] : [Vx, W, ib], NONE, helper(exactUnary(roundOne, bits, isScalar, true)), AVX],
  ];
}));

// --- horizontal ----------------------------------------------------------------------------------------------------------------------------------

/** HADD, HSUB, ADDSUB over the exact operations: result element i combines chosen elements of a and b. */
function combined(bits: Bits, isVex: boolean, pick: (i: number, a: readonly bigint[], b: readonly bigint[], c: FloatContext) => bigint): Semantics {
  return helper(cpu => {
    const { insn, view } = cpu, c = contextFor(cpu), step = bits / 8, length = isVex ? insn.vectorBytes : 16, first = isVex ? insn.vvvv : insn.reg;
    const other = source(cpu, length, !isVex);
    const results: bigint[] = [];
    for (let lane = 0; lane < length; lane += 16) {
      const a: bigint[] = [], b: bigint[] = [];
      for (let i = 0; i < 16; i += step) { a.push(readBits(view, first + lane + i, bits)); b.push(readBits(other, lane + i, bits)); }
      for (let i = 0; i < 16 / step; i++) results.push(pick(i, a, b, c));
    }
    finish(cpu, c);
    store(cpu, isVex, results, bits, first);
  });
}
const at = (list: readonly bigint[], i: number): bigint => list[i] ?? 0n;
const horizontalRows = rows((): Row[] => ([['F2', 32], ['66', 64]] as ['F2' | '66', Bits][]).flatMap(([prefix, bits]): Row[] => {
  const n = 128 / bits, suffix = bits === 32 ? 'ps' : 'pd', f = format(bits);
  const across = (op: Exact) => (i: number, a: readonly bigint[], b: readonly bigint[], c: FloatContext): bigint => { const list = i < n / 2 ? a : b, k = (i % (n / 2)) * 2; return op(f, at(list, k), at(list, k + 1), c); };
  const alternate = (i: number, a: readonly bigint[], b: readonly bigint[], c: FloatContext): bigint => (i & 1 ? soft.add : soft.sub)(f, at(a, i), at(b, i), c);
  return ([['7C', 'hadd', across(soft.add)], ['7D', 'hsub', across(soft.sub)], ['D0', 'addsub', alternate]] as [string, string, typeof alternate][]).flatMap(([byte, name, pick]): Row[] => [
    [`${prefix} 0F ${byte}`, `${name}${suffix}`, [Vx, Wx], NONE, combined(bits, false, pick), SSE], [`VEX.${prefix}.0F ${byte}`, `v${name}${suffix}`, [Vx, Hx, Wx], NONE, combined(bits, true, pick), AVX],
  ]);
}));

// --- FMA -----------------------------------------------------------------------------------------------------------------------------------------

type FmaOrder = '132' | '213' | '231';
/** VFMADD and its kin. 132: dst*rm + vvvv; 213: vvvv*dst + rm; 231: vvvv*rm + dst. `alternate`: fmaddsub (odd adds) or fmsubadd. */
function exactFma(bits: Bits, isScalar: boolean, order: FmaOrder, negateProduct: boolean, negateAddend: boolean | 'addsub' | 'subadd'): Helper {
  return cpu => {
    const { insn, view } = cpu, c = contextFor(cpu), step = bits / 8, length = isScalar ? step : insn.vectorBytes, rm = source(cpu, length, false);
    const results: bigint[] = [];
    for (let i = 0; i < length; i += step) {
      const d = readBits(view, insn.reg + i, bits), h = readBits(view, insn.vvvv + i, bits), w = readBits(rm, i, bits);
      const odd = (i / step) % 2 === 1;
      const negate = negateAddend === 'addsub' ? !odd : negateAddend === 'subadd' ? odd : negateAddend;
      const [x, y, z, nans] = order === '132' ? [d, w, h, [0, 1, 2]] as const : order === '213' ? [h, d, w, [0, 1, 2]] as const : [h, w, d, [0, 1, 2]] as const;
      results.push(soft.fma(format(bits), x, y, z, negateProduct, negate, c, nans));
    }
    finish(cpu, c);
    store(cpu, true, results, bits, insn.reg);
  };
}
const fmaRows = rows((): Row[] => ([['132', 0x90], ['213', 0xa0], ['231', 0xb0]] as [FmaOrder, number][]).flatMap(([order, base]) => ([
  [6, 'vfmaddsub', false, 'addsub', false], [7, 'vfmsubadd', false, 'subadd', false], [8, 'vfmadd', false, false, false], [9, 'vfmadd', false, false, true], [0xa, 'vfmsub', false, true, false], [0xb, 'vfmsub', false, true, true],
  [0xc, 'vfnmadd', true, false, false], [0xd, 'vfnmadd', true, false, true], [0xe, 'vfnmsub', true, true, false], [0xf, 'vfnmsub', true, true, true],
] as [number, string, boolean, boolean | 'addsub' | 'subadd', boolean][]).flatMap(([low, name, product, addend, isScalar]) => ([[32, 'W0'], [64, 'W1']] as [Bits, string][]).map(([bits, w]): Row => {
  const W = isScalar ? (bits === 32 ? Wss : Wsd) : Wx, V = isScalar ? Vdq : Vx, H = isScalar ? Hdq : Hx;
  return [`VEX.66.0F38.${w} ${(base + low).toString(16).toUpperCase()}`, `${name}${order}${isScalar ? 's' : 'p'}${bits === 32 ? 's' : 'd'}`, [V, H, W], NONE, helper(exactFma(bits, isScalar, order, product, addend)), { unit: 'avx', feature: 'fma' }];
}))));

// --- F16C ----------------------------------------------------------------------------------------------------------------------------------------

const fromHalf: Helper = cpu => {
  const { insn } = cpu, c = contextFor(cpu), n = insn.vectorBytes / 4, raw = source(cpu, n * 2, false);
  // VCVTPH2PS ignores DAZ, and a half's denormal is not reported.
  const exact = { ...c, daz: false };
  const results = Array.from({ length: n }, (_, i) => soft.convert(soft.F16, soft.F32, BigInt(raw.getUint16(i * 2, true)), exact));
  c.flags |= exact.flags & ~2;
  finish(cpu, c);
  store(cpu, true, results, 32, insn.reg);
};
const toHalf: Helper = cpu => {
  const { insn, view } = cpu, c = contextFor(cpu), n = insn.vectorBytes / 4, imm = Number(BigInt.asUintN(8, insn.immediate));
  const exact = { ...c, ftz: false, rc: (imm & 4) ? c.rc : imm & 3 };
  const bytes = new Uint8Array(16), out = new DataView(bytes.buffer);
  for (let i = 0; i < n; i++) out.setUint16(i * 2, Number(soft.convert(soft.F32, soft.F16, BigInt(view.getUint32(insn.reg + i * 4, true)), exact)), true);
  if (insn.isMemory) cpu.probeWrite(insn.address, n * 2);
  // No denormal of 32 bits comes through: silicon says inexact even where it would stop for the underflow first.
  c.flags |= exact.flags | (exact.flags & DE ? PE : 0);
  finish(cpu, c);
  if (insn.isMemory) return cpu.write(insn.address, bytes.subarray(0, n * 2));
  for (let i = 0; i < 32; i++) view.setUint8(insn.rm + i, bytes[i] ?? 0);
};

/** A conversion that uses an MMX register makes the x87 registers MMX ones, even if it then raises #XM. */
function enterMmx(cpu: HelperContext): void {
  cpu.view.setUint32(STATE.ftop, 0, true);
  cpu.view.setUint32(STATE.ftag, 0xff, true);
}

const MMX_CONVERSIONS = rows((): Row[] => [
  ['NP 0F 2A', 'cvtpi2ps', [Vdq, Qq], NONE, helper(cpu => {
    const { insn, view } = cpu, c = contextFor(cpu), raw = insn.isMemory ? source(cpu, 8, false) : new DataView(view.buffer, insn.rm, 8);
    const results = [0, 4].map(i => soft.fromInteger(soft.F32, BigInt(raw.getInt32(i, true)), c));
    if (!insn.isMemory) enterMmx(cpu);
    finish(cpu, c);
    results.forEach((r, i) => writeBits(view, insn.reg + i * 4, 32, r));
  }), { unit: 'mmx' }],
  ...([['NP', 32], ['66', 64]] as ['NP' | '66', Bits][]).flatMap(([prefix, bits]) => ([['2C', true], ['2D', false]] as [string, boolean][]).map(([byte, truncate]): Row => [
    `${prefix} 0F ${byte}`, `cvt${truncate ? 't' : ''}p${bits === 32 ? 's' : 'd'}2pi`, [Pq, bits === 32 ? Wsd : Wdq], NONE, helper(cpu => {
      const { insn, view } = cpu, c = contextFor(cpu), raw = source(cpu, bits / 4, bits === 64);
      const results = [0, 1].map(i => Number(soft.toInteger(format(bits), readBits(raw, i * bits / 8, bits), 32, truncate, c)));
      enterMmx(cpu);
      finish(cpu, c);
      results.forEach((r, i) => view.setInt32(insn.reg + i * 4, r, true));
      view.setUint16(insn.reg + 8, 0xffff, true);
    }), { unit: 'mmx' }])),
]);

const comparisons = rows((): Row[] => ([['NP', 'F3', 32], ['66', 'F2', 64]] as ['NP' | '66', 'F3' | 'F2', Bits][]).flatMap(([prefix, scalarPrefix, bits]): Row[] => {
  const suffix = bits === 32 ? 's' : 'd', W = bits === 32 ? Wss : Wsd;
  return [
    [`${prefix} 0F C2`, `cmpp${suffix}`, [Vx, Wx, ib], NONE, compareVector(bits, false), SSE], [`VEX.${prefix}.0F C2`, `vcmpp${suffix}`, [Vx, Hx, Wx, ib], NONE, compareVector(bits, true), AVX],
    [`${scalarPrefix} 0F C2`, `cmps${suffix}`, [Vdq, W, ib], NONE, helper(exactCompare(bits, true, false)), SSE], [`VEX.${scalarPrefix}.0F C2`, `vcmps${suffix}`, [Vdq, Hdq, W, ib], NONE, helper(exactCompare(bits, true, true)), AVX],
    [`${prefix} 0F 2E`, `ucomis${suffix}`, [Vdq, W], '0--0m0mm', comis(bits, false), SSE], [`VEX.${prefix}.0F 2E`, `vucomis${suffix}`, [Vdq, W], '0--0m0mm', comis(bits, false), AVX],
    [`${prefix} 0F 2F`, `comis${suffix}`, [Vdq, W], '0--0m0mm', comis(bits, true), SSE], [`VEX.${prefix}.0F 2F`, `vcomis${suffix}`, [Vdq, W], '0--0m0mm', comis(bits, true), AVX],
    [`${scalarPrefix} 0F 2A`, `cvtsi2s${suffix}`, [Vdq, Ey], NONE, fromInteger(bits, false), SSE], [`VEX.${scalarPrefix}.0F 2A`, `vcvtsi2s${suffix}`, [Vdq, Hdq, Ey], NONE, fromInteger(bits, true), AVX],
    [`${scalarPrefix} 0F 2C`, `cvtts${suffix}2si`, [Gy, W], NONE, toInteger(bits, true), SSE], [`VEX.${scalarPrefix}.0F 2C`, `vcvtts${suffix}2si`, [Gy, W], NONE, toInteger(bits, true), AVX],
    [`${scalarPrefix} 0F 2D`, `cvts${suffix}2si`, [Gy, W], NONE, toInteger(bits, false), SSE], [`VEX.${scalarPrefix}.0F 2D`, `vcvts${suffix}2si`, [Gy, W], NONE, toInteger(bits, false), AVX],
    [`${scalarPrefix} 0F 5A`, bits === 32 ? 'cvtss2sd' : 'cvtsd2ss', [Vdq, W], NONE, betweenScalars(bits, false), SSE], [`VEX.${scalarPrefix}.0F 5A`, bits === 32 ? 'vcvtss2sd' : 'vcvtsd2ss', [Vdq, Hdq, W], NONE, betweenScalars(bits, true), AVX],
  ];
}));

export const simdFloat = rows(() => [
  ...arithmetic(), ...unaryRows('51', 'sqrt', soft.sqrt, false), ...unaryRows('53', 'rcp', reciprocal(false), true), ...unaryRows('52', 'rsqrt', reciprocal(true), true),
  ...comparisons(), ...conversions(), ...rounding(), ...horizontalRows(), ...fmaRows(), ...MMX_CONVERSIONS(),
  ['66 0F 2A', 'cvtpi2pd', [Vdq, Qq], NONE, helper(cpu => {
    const { insn, view } = cpu, c = contextFor(cpu), raw = insn.isMemory ? source(cpu, 8, false) : new DataView(view.buffer, insn.rm, 8);
    const results = [0, 4].map(i => soft.fromInteger(soft.F64, BigInt(raw.getInt32(i, true)), c));
    if (!insn.isMemory) enterMmx(cpu);
    results.forEach((r, i) => writeBits(view, insn.reg + i * 8, 64, r));
  }), { unit: 'mmx' }],
  ['VEX.66.0F38.W0.L0 13', 'vcvtph2ps', [Vdq, Wsd], NONE, helper(fromHalf), { unit: 'avx', feature: 'f16c' }], ['VEX.66.0F38.W0.L1 13', 'vcvtph2ps', [Vqq, Wdq], NONE, helper(fromHalf), { unit: 'avx', feature: 'f16c' }],
  ['VEX.66.0F3A.W0.L0 1D', 'vcvtps2ph', [Wsd, Vdq, ib], NONE, helper(toHalf), { unit: 'avx', feature: 'f16c' }], ['VEX.66.0F3A.W0.L1 1D', 'vcvtps2ph', [Wdq, Vqq, ib], NONE, helper(toHalf), { unit: 'avx', feature: 'f16c' }],
]);
