// Moves, shuffles, blends, insertions, extractions and conversions of width on vectors: SSE to SSE4.1, AVX, AVX2. SDM 2A-2C by mnemonic.
import { rows, type Machine, type Operand, type Row, type RowOptions, type Semantics, type V } from './machine';
import {
  Ed, Edb, Edw, Ey, Gd, Gy, Hdq, Hqq, Hx, Lx, Md, Mdq, Mq, Mx, My, Nq, Pq, Qq, Udq, Ux, Vdq, Vqq, Vx, Wb, Wdq, Wqq, Wsd, Wss, Ww, Wx, ib, type OperandKind,
} from './operands';
import { STATE } from '../layout';
import { alignedUnlessVex, binary, split, threeOperands, type Binary } from './simd_integer';

type Vec = V<'v128'>;
const NONE = '--------';
const SSE: RowOptions = { unit: 'sse' }, AVX: RowOptions = { unit: 'avx', feature: 'avx' }, AVX2: RowOptions = { unit: 'avx', feature: 'avx2' }, MMX: RowOptions = { unit: 'mmx' };

const zero = (m: Machine): Vec => m.v128(0n, 0n);
const IOTA = [0x0706050403020100n, 0x0f0e0d0c0b0a0908n] as const;
const iota = (m: Machine): Vec => m.v128(...IOTA);
const low64 = (m: Machine, v: Vec): V<'i64'> => m.lane('i64x2.extract_lane', 0, v);
const high64 = (m: Machine, v: Vec): V<'i64'> => m.lane('i64x2.extract_lane', 1, v);
/** Two 64-bit halves as a vector. */
const pair = (m: Machine, low: V<'i64'>, high: V<'i64'>): Vec => m.lane('i64x2.replace_lane', 1, m.op('i64x2.splat', low), high);

// --- plain moves -----------------------------------------------------------------------------------------------------------------------------

const move = (aligned: boolean): Semantics => (m, [dst, src]) => {
  if (aligned) for (const o of [dst!, src!]) if (o.isMemory) m.requireAligned(o, m.vectorBytes);
  m.vector(dst!, half => m.readV(src!, half));
};

function moveForms(prefix: 'NP' | '66' | 'F3' | 'F2', byte: string, name: string, kinds: readonly OperandKind[], aligned: boolean, hot = false): Row[] {
  return [
    [`${prefix} 0F ${byte}`, name, kinds, NONE, move(aligned), hot ? { ...SSE, hot } : SSE],
    [`VEX.${prefix}.0F ${byte}`, `v${name}`, kinds, NONE, move(aligned), AVX],
  ];
}

/** MOVSS and MOVSD to a register: memory clears the rest, a register source leaves it (or takes it from VEX.vvvv). */
const moveScalar = (bits: 32 | 64): Semantics => (m, operands) => {
  const [dst, rest, src] = threeOperands(operands);
  const value = m.readV(src);
  if (src.isMemory) return m.writeV(dst, value);
  const kept = m.readV(rest);
  m.writeV(dst, bits === 32 ? m.lane('i32x4.replace_lane', 0, kept, m.lane('i32x4.extract_lane', 0, value)) : m.lane('i64x2.replace_lane', 0, kept, low64(m, value)));
};
const storeScalar = (bits: 32 | 64): Semantics => (m, operands) => {
  const [dst, rest, src] = threeOperands(operands);
  if (dst.isMemory) return bits === 64 ? m.writeF64(dst, m.readF64(src)) : m.writeF32(dst, m.readF32(src));
  const value = m.readV(src);
  const kept = m.readV(rest);
  m.writeV(dst, bits === 32 ? m.lane('i32x4.replace_lane', 0, kept, m.lane('i32x4.extract_lane', 0, value)) : m.lane('i64x2.replace_lane', 0, kept, low64(m, value)));
};

/** MOVLPS/MOVHLPS and MOVHPS/MOVLHPS: one half of the destination from memory's 8 bytes or from the other half of a register. */
const moveHalf = (half: 0 | 1): Semantics => (m, operands) => {
  const [dst, rest, src] = threeOperands(operands);
  const from = m.readV(src), kept = m.readV(rest);
  const value = src.isMemory || half === 1 ? low64(m, from) : high64(m, from);
  m.writeV(dst, m.lane('i64x2.replace_lane', half, kept, value));
};
const storeHalf = (half: 0 | 1): Semantics => (m, [dst, src]) => m.write(dst!, m.lane('i64x2.extract_lane', half, m.readV(src!)));

const duplicate = (lanes: readonly number[]): Semantics => (m, [dst, src]) => {
  alignedUnlessVex(m, src!);
  m.vector(dst!, half => { const v = m.readV(src!, half); return m.shuffle(v, v, lanes); });
};
const DUPLICATE_LOW: readonly number[] = [0, 1, 2, 3, 0, 1, 2, 3, 8, 9, 10, 11, 8, 9, 10, 11], DUPLICATE_HIGH = [4, 5, 6, 7, 4, 5, 6, 7, 12, 13, 14, 15, 12, 13, 14, 15], DUPLICATE_64 = [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7];

const fromGeneral: Semantics = (m, [dst, src]) => m.writeV(dst!, pair(m, m.read(src!), m.i64(0)));
const toGeneral: Semantics = (m, [dst, src]) => m.write(dst!, low64(m, m.readV(src!)));
const moveQuad: Semantics = (m, [dst, src]) => {
  const value = low64(m, m.readV(src!));
  m.writeV(dst!, pair(m, value, m.i64(0)));
};

// --- shuffles by immediate -------------------------------------------------------------------------------------------------------------------

/**
 * Bytes of `a` chosen by selectors in an immediate: result element i (of `bytes` bytes) is element ((imm >> i * field) & mask) of a, counted from `base`.
 */
function shuffleBy(m: Machine, a: Vec, imm: V<'i32'>, bytes: 2 | 4 | 8, elements: number, field: number, base = 0): Vec {
  const mask = (1 << field) - 1;
  if (imm.constant !== undefined) {
    const known = Number(imm.constant);
    return m.shuffle(a, a, Array.from({ length: 16 }, (_, i) => {
      const element = Math.floor(i / bytes) - base;
      return element < 0 || element >= elements ? i : (((known >> (element * field)) & mask) + base) * bytes + i % bytes;
    }));
  }
  let indexes = iota(m);
  const unit = bytes === 2 ? 0x0202 : bytes === 4 ? 0x04040404 : 0, start = bytes === 2 ? 0x0100 : 0x03020100;
  for (let i = 0; i < elements; i++) {
    const chosen = m.op('i32.and', m.op('i32.shr_u', imm, m.i32(i * field)), m.i32(mask));
    if (bytes === 8) {
      const wide = m.add(m.mul(m.extend(chosen), m.i64(0x0808080808080808n)), m.i64(0x0706050403020100n));
      indexes = m.lane('i64x2.replace_lane', i, indexes, wide);
    } else {
      const lane = m.op('i32.add', m.op('i32.mul', m.op('i32.add', chosen, m.i32(base)), m.i32(unit)), m.i32(start));
      indexes = bytes === 2 ? m.lane('i16x8.replace_lane', i + base, indexes, lane) : m.lane('i32x4.replace_lane', i, indexes, lane);
    }
  }
  return m.op('i8x16.swizzle', a, indexes);
}

const shuffleImmediate = (bytes: 2 | 4, elements: number, base = 0): Semantics => (m, [dst, src, imm]) => {
  alignedUnlessVex(m, src!);
  const selectors = m.immediate(imm!);
  m.vector(dst!, half => shuffleBy(m, m.readV(src!, half), selectors, bytes, elements, 2, base));
};
const shuffleMmx: Semantics = (m, [dst, src, imm]) =>
  m.writeMmx(dst!, low64(m, shuffleBy(m, m.op('i64x2.splat', m.readMmx(src!)), m.immediate(imm!), 2, 4, 2)));

/** [destination, first, second, immediate] with or without VEX. */
function fourOperands(operands: readonly Operand[]): readonly [Operand, Operand, Operand, Operand] {
  const [d, a, b, c] = operands as readonly [Operand, Operand, Operand, Operand];
  return operands.length === 3 ? [d, d, a, b] : [d, a, b, c];
}

/** SHUFPS: two elements of a, two of b. */
const shufps: Semantics = (m, operands) => {
  const [dst, a, b, imm] = fourOperands(operands);
  alignedUnlessVex(m, b);
  const selectors = m.immediate(imm);
  m.vector(dst, half => {
    const x = shuffleBy(m, m.readV(a, half), selectors, 4, 4, 2), y = shuffleBy(m, m.readV(b, half), selectors, 4, 4, 2);
    return m.shuffle(x, y, [0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31]);
  });
};
const shufpd: Semantics = (m, operands) => {
  const [dst, a, b, imm] = fourOperands(operands);
  alignedUnlessVex(m, b);
  const selectors = m.immediate(imm);
  const bit = (n: number): V<'i32'> => m.op('i32.and', m.op('i32.shr_u', selectors, m.i32(n)), m.i32(1));
  m.vector(dst, half => {
    const x = m.readV(a, half), y = m.readV(b, half);
    return pair(m, m.select(bit(half * 2), high64(m, x), low64(m, x)), m.select(bit(half * 2 + 1), high64(m, y), low64(m, y)));
  });
};

/** PALIGNR: bytes of a:b (a high) from byte `imm` on. */
const alignRight: Semantics = (m, operands) => {
  const [dst, a, b, imm] = fourOperands(operands);
  alignedUnlessVex(m, b);
  const raw = m.immediate(imm), count = m.op('i8x16.splat', m.select(m.op('i32.gt_u', raw, m.i32(32)), m.i32(32), raw));
  const fromLow = m.op('i8x16.add', iota(m), count), fromHigh = m.op('i8x16.sub', fromLow, m.v128(0x1010101010101010n, 0x1010101010101010n));
  m.vector(dst, half => m.op('v128.or', m.op('i8x16.swizzle', m.readV(b, half), fromLow), m.op('i8x16.swizzle', m.readV(a, half), fromHigh)));
};
const alignRightMmx: Semantics = (m, [dst, src, imm]) => {
  const both = pair(m, m.readMmx(src!), m.readMmx(dst!));
  const raw = m.immediate(imm!), count = m.op('i8x16.splat', m.select(m.op('i32.gt_u', raw, m.i32(16)), m.i32(16), raw));
  m.writeMmx(dst!, low64(m, m.op('i8x16.swizzle', both, m.op('i8x16.add', iota(m), count))));
};

// --- insert and extract ----------------------------------------------------------------------------------------------------------------------

/** Element number of each byte, for elements of 1, 2, 4 or 8 bytes. */
function elementNumbers(m: Machine, bytes: number): Vec {
  const half = (from: number): bigint => Array.from({ length: 8 }, (_, i) => BigInt(Math.floor((from + i) / bytes)) << BigInt(8 * i)).reduce((x, y) => x | y, 0n);
  return m.v128(half(0), half(8));
}
const elementIndex = (m: Machine, imm: Operand, bytes: number): V<'i32'> => m.op('i32.and', m.immediate(imm), m.i32(16 / bytes - 1));

function extractElement(m: Machine, v: Vec, index: V<'i32'>, bytes: number): V<'i64'> {
  const moved = m.op('i8x16.swizzle', v, m.op('i8x16.add', iota(m), m.op('i8x16.splat', m.op('i32.mul', index, m.i32(bytes)))));
  const value = low64(m, moved);
  return bytes === 8 ? value : m.and(value, m.i64((1n << BigInt(bytes * 8)) - 1n));
}
function insertElement(m: Machine, v: Vec, index: V<'i32'>, value: V<'i64'>, bytes: number): Vec {
  const w = m.wrap(value);
  const everywhere = bytes === 1 ? m.op('i8x16.splat', w) : bytes === 2 ? m.op('i16x8.splat', w) : bytes === 4 ? m.op('i32x4.splat', w) : m.op('i64x2.splat', value);
  return m.op('v128.bitselect', everywhere, v, m.op('i8x16.eq', elementNumbers(m, bytes), m.op('i8x16.splat', index)));
}
/** `bytes` 0: by the size of the general operand (pextrd/q). */
const extract = (bytes: number): Semantics => (m, [dst, src, imm]) => {
  const size = bytes || dst!.size;
  m.write(dst!, extractElement(m, m.readV(src!), elementIndex(m, imm!, size), size));
};
const insert = (bytes: number): Semantics => (m, operands) => {
  const [dst, rest, src, imm] = fourOperands(operands);
  const size = bytes || src.size;
  const value = m.read(src);
  m.writeV(dst, insertElement(m, m.readV(rest), elementIndex(m, imm, size), value, size));
};
const extractMmx: Semantics = (m, [dst, src, imm]) => {
  m.write(dst!, m.and(m.shr(m.readMmx(src!), m.extend(m.op('i32.mul', m.op('i32.and', m.immediate(imm!), m.i32(3)), m.i32(16)))), m.i64(0xffff)));
  m.enterMmx();
};
const insertMmx: Semantics = (m, [dst, src, imm]) => {
  const value = m.read(src!);
  const index = m.op('i32.and', m.immediate(imm!), m.i32(3));
  m.writeMmx(dst!, low64(m, insertElement(m, m.op('i64x2.splat', m.readMmx(dst!)), index, value, 2)));
};

/** INSERTPS: element (imm >> 6) of a register source, or the memory float, into element (imm >> 4) & 3; elements in the low mask are cleared. */
const insertps: Semantics = (m, operands) => {
  const [dst, rest, src, imm] = fourOperands(operands);
  const control = m.immediate(imm), from = m.readV(src), kept = m.readV(rest);
  const field = (shift: number, mask: number): V<'i32'> => m.op('i32.and', m.op('i32.shr_u', control, m.i32(shift)), m.i32(mask));
  const value = src.isMemory ? extractElement(m, from, m.i32(0), 4) : extractElement(m, from, field(6, 3), 4);
  let result = insertElement(m, kept, field(4, 3), value, 4);
  for (let i = 0; i < 4; i++) result = m.lane('i32x4.replace_lane', i, result, m.select(field(i, 1), m.i32(0), m.lane('i32x4.extract_lane', i, result)));
  m.writeV(dst, result);
};

/** The sign bits of the elements as an integer. */
const signMask = (shape: 'i8x16' | 'i32x4' | 'i64x2'): Semantics => (m, [dst, src]) => {
  const mask = (half: 0 | 1): V<'i32'> => m.op(`${shape}.bitmask` as 'i8x16.bitmask', m.readV(src!, half));
  const low = mask(0), per = { i8x16: 16, i32x4: 4, i64x2: 2 }[shape];
  m.write(dst!, m.extend(m.vectorBytes === 32 ? m.op('i32.or', low, m.op('i32.shl', mask(1), m.i32(per))) : low));
};
const signMaskMmx: Semantics = (m, [dst, src]) => {
  m.write(dst!, m.extend(m.op('i8x16.bitmask', pair(m, m.readMmx(src!), m.i64(0)))));
  m.enterMmx();
};

// --- widening --------------------------------------------------------------------------------------------------------------------------------

/** The bytes of a vector widened from `from` to `to` bytes an element; `half` of the 32-byte result. */
function widen(m: Machine, v: Vec, signed: boolean, from: number, to: number, half: 0 | 1): Vec {
  const names: Record<number, string> = { 1: 'i16x8.extend_low_i8x16', 2: 'i32x4.extend_low_i16x8', 4: 'i64x2.extend_low_i32x4' };
  const source = half ? m.op('i8x16.swizzle', v, m.op('i8x16.add', iota(m), m.op('i8x16.splat', m.i32(16 * from / to)))) : v;
  let result = source;
  for (let width = from; width < to; width *= 2) result = m.op(`${names[width]}_${signed ? 's' : 'u'}` as 'i16x8.extend_low_i8x16_s', result);
  return result;
}
const widening = (signed: boolean, from: number, to: number): Semantics => (m, [dst, src]) => {
  const v = m.readV(src!);
  m.vector(dst!, half => widen(m, v, signed, from, to, half));
};
function wideningForms(byte: string, name: string, signed: boolean, from: 1 | 2 | 4, to: 2 | 4 | 8): Row[] {
  const narrow = ({ 2: Wsd, 4: Wss, 8: Ww } as const)[to / from as 2 | 4 | 8], wide = ({ 2: Wdq, 4: Wsd, 8: Wss } as const)[to / from as 2 | 4 | 8];
  return [
    [`66 0F 38 ${byte}`, name, [Vdq, narrow], NONE, widening(signed, from, to), SSE],
    [`VEX.66.0F38.L0 ${byte}`, `v${name}`, [Vdq, narrow], NONE, widening(signed, from, to), AVX],
    [`VEX.66.0F38.L1 ${byte}`, `v${name}`, [Vqq, wide], NONE, widening(signed, from, to), AVX2],
  ];
}

// --- blends ----------------------------------------------------------------------------------------------------------------------------------

/** Elements of b where the bit of the immediate is set; the mask is counted on over the halves unless it repeats (pblendw). */
const blendImmediate = (bytes: 2 | 4 | 8, repeats: boolean): Semantics => (m, operands) => {
  const [dst, a, b, imm] = fourOperands(operands);
  alignedUnlessVex(m, b);
  const control = m.immediate(imm), elements = 16 / bytes;
  const bits = Array.from({ length: 16 }, (_, i) => 1n << BigInt(Math.floor(i / bytes)));
  const word = (from: number): bigint => bits.slice(from, from + 8).reduce((x, bit, i) => x | bit << BigInt(8 * i), 0n);
  m.vector(dst, half => {
    const selected = half && !repeats ? m.op('i32.shr_u', control, m.i32(elements)) : control;
    const own = m.v128(word(0), word(8));
    const mask = m.op('i8x16.eq', m.op('v128.and', m.op('i8x16.splat', selected), own), own);
    return m.op('v128.bitselect', m.readV(b, half), m.readV(a, half), mask);
  });
};
/** Elements of b where the sign of the mask register's element is set. */
const blendVariable = (shape: 'i8x16' | 'i32x4' | 'i64x2'): Semantics => (m, operands) => {
  const legacy = operands.length === 2;
  const [dst, a, b] = legacy ? threeOperands(operands) : operands as readonly [Operand, Operand, Operand];
  alignedUnlessVex(m, b);
  const width = { i8x16: 7, i32x4: 31, i64x2: 63 }[shape];
  m.vector(dst, half => {
    const mask = legacy ? m.load('v128.load', m.i32(0), XMM0) : m.readV(operands[3]!, half);
    return m.op('v128.bitselect', m.readV(b, half), m.readV(a, half), m.op(`${shape}.shr_s` as 'i8x16.shr_s', mask, m.i32(width)));
  });
};

const ptest: Semantics = (m, [left, right]) => {
  alignedUnlessVex(m, right!);
  const any = (f: (a: Vec, b: Vec) => Vec): V<'i32'> => {
    const of = (half: 0 | 1): Vec => f(m.readV(left!, half), m.readV(right!, half));
    return m.op('v128.any_true', m.vectorBytes === 32 ? m.op('v128.or', of(0), of(1)) : of(0));
  };
  const zf = m.op('i32.eqz', any((a, b) => m.op('v128.and', a, b))), cf = m.op('i32.eqz', any((a, b) => m.op('v128.andnot', b, a)));
  m.setFlags({ zf, cf, of: 0, sf: 0, af: 0, pf: 0 });
};
const vtest = (shape: 'i32x4' | 'i64x2'): Semantics => (m, [left, right]) => {
  const any = (f: (a: Vec, b: Vec) => Vec): V<'i32'> => {
    const of = (half: 0 | 1): Vec => f(m.readV(left!, half), m.readV(right!, half));
    return m.op(`${shape}.bitmask` as 'i32x4.bitmask', m.vectorBytes === 32 ? m.op('v128.or', of(0), of(1)) : of(0));
  };
  const zf = m.op('i32.eqz', any((a, b) => m.op('v128.and', a, b))), cf = m.op('i32.eqz', any((a, b) => m.op('v128.andnot', b, a)));
  m.setFlags({ zf, cf, of: 0, sf: 0, af: 0, pf: 0 });
};

// --- AVX and AVX2: across the halves -----------------------------------------------------------------------------------------------------------

const broadcast = (bytes: 1 | 2 | 4 | 8 | 16): Semantics => (m, [dst, src]) => {
  const v = m.readV(src!);
  const shape = bytes === 16 ? undefined : m.shuffle(v, v, Array.from({ length: 16 }, (_, i) => i % bytes));
  m.vector(dst!, () => shape ?? v);
};
const insert128: Semantics = (m, [dst, a, b, imm]) => {
  const value = m.readV(b!), which = m.op('i32.and', m.immediate(imm!), m.i32(1)), low = m.readV(a!, 0), high = m.readV(a!, 1);
  m.writeV(dst!, m.select(which, low, value), 0);
  m.writeV(dst!, m.select(which, value, high), 1);
};
const extract128: Semantics = (m, [dst, src, imm]) => m.writeV(dst!, m.select(m.op('i32.and', m.immediate(imm!), m.i32(1)), m.readV(src!, 1), m.readV(src!, 0)));
const permute128: Semantics = (m, [dst, a, b, imm]) => {
  const control = m.immediate(imm!), parts = [m.readV(a!, 0), m.readV(a!, 1), m.readV(b!, 0), m.readV(b!, 1)] as const;
  const choose = (shift: number): Vec => {
    const bit = (n: number): V<'i32'> => m.op('i32.and', m.op('i32.shr_u', control, m.i32(shift + n)), m.i32(1));
    const chosen = m.select(bit(1), m.select(bit(0), parts[3], parts[2]), m.select(bit(0), parts[1], parts[0]));
    return m.select(bit(3), zero(m), chosen);
  };
  const low = choose(0), high = choose(4);
  m.writeV(dst!, low, 0);
  m.writeV(dst!, high, 1);
};
const permilpsImmediate: Semantics = (m, [dst, src, imm]) => {
  const control = m.immediate(imm!);
  m.vector(dst!, half => shuffleBy(m, m.readV(src!, half), control, 4, 4, 2));
};
const permilpdImmediate: Semantics = (m, [dst, src, imm]) => {
  const control = m.immediate(imm!);
  m.vector(dst!, half => shuffleBy(m, m.readV(src!, half), m.op('i32.shr_u', control, m.i32(half * 2)), 8, 2, 1));
};
const permilVariable = (bits: 32 | 64): Semantics => (m, [dst, a, b]) => {
  m.vector(dst!, half => {
    const control = m.readV(b!, half);
    const chosen = bits === 32 ? m.op('v128.and', control, m.v128(0x0000000300000003n, 0x0000000300000003n)) : m.op('v128.and', m.op('i64x2.shr_u', control, m.i32(1)), m.v128(1n, 1n));
    const indexes = bits === 32
      ? m.op('i32x4.add', m.op('i32x4.mul', chosen, m.op('i32x4.splat', m.i32(0x04040404))), m.op('i32x4.splat', m.i32(0x03020100)))
      : m.op('i64x2.add', m.op('i64x2.mul', chosen, m.op('i64x2.splat', m.i64(0x0808080808080808n))), m.op('i64x2.splat', m.i64(0x0706050403020100n)));
    return m.op('i8x16.swizzle', m.readV(a!, half), indexes);
  });
};
/** VPERMD, VPERMPS: eight elements by eight indexes. */
const permute32: Semantics = (m, [dst, indexes, src]) => {
  const low = m.readV(src!, 0), high = m.readV(src!, 1);
  m.vector(dst!, half => {
    const chosen = m.op('v128.and', m.readV(indexes!, half), m.v128(0x0000000700000007n, 0x0000000700000007n));
    const bytes = m.op('i32x4.add', m.op('i32x4.mul', chosen, m.op('i32x4.splat', m.i32(0x04040404))), m.op('i32x4.splat', m.i32(0x03020100)));
    const fromHigh = m.op('i8x16.sub', bytes, m.v128(0x1010101010101010n, 0x1010101010101010n));
    return m.op('v128.or', m.op('i8x16.swizzle', low, bytes), m.op('i8x16.swizzle', high, fromHigh));
  });
};
/** VPERMQ, VPERMPD: four elements by an immediate. */
const permute64: Semantics = (m, [dst, src, imm]) => {
  const control = m.immediate(imm!), low = m.readV(src!, 0), high = m.readV(src!, 1);
  const parts = [low64(m, low), high64(m, low), low64(m, high), high64(m, high)] as const;
  const choose = (i: number): V<'i64'> => {
    const bit = (n: number): V<'i32'> => m.op('i32.and', m.op('i32.shr_u', control, m.i32(i * 2 + n)), m.i32(1));
    return m.select(bit(1), m.select(bit(0), parts[3], parts[2]), m.select(bit(0), parts[1], parts[0]));
  };
  const first = pair(m, choose(0), choose(1)), second = pair(m, choose(2), choose(3));
  m.writeV(dst!, first, 0);
  m.writeV(dst!, second, 1);
};

/** A 66-prefixed legacy form and its VEX form with operands of the same shape. */
function both(opcode: string, name: string, legacy: readonly OperandKind[], vex: readonly OperandKind[], s: Semantics, prefix = '66', options: RowOptions = AVX): Row[] {
  const { map, byte } = split(opcode), length = vex.some(o => o.size === 'x') ? '' : '.L0';
  return [[`${prefix} ${opcode}`, name, legacy, NONE, s, SSE], [`VEX.${prefix}.${map}${length} ${byte}`, `v${name}`, vex, NONE, s, options]];
}
/** MOVSS and MOVSD: under VEX the memory form has no third operand. */
const scalarMove = (prefix: string, byte: string, name: string, legacy: readonly OperandKind[], registers: readonly OperandKind[], memory: readonly OperandKind[], s: Semantics): Row[] => [
  [`${prefix} 0F ${byte}`, name, legacy, NONE, s, SSE], [`VEX.${prefix}.0F ${byte}`, `v${name}`, registers, NONE, s, AVX], [`VEX.${prefix}.0F ${byte}`, `v${name}`, memory, NONE, s, AVX],
];
const XMM0 = STATE.ymm;
const logical = (prefix: 'NP' | '66', suffix: 'ps' | 'pd'): Row[] => ([['54', 'and', (m, a, b) => m.op('v128.and', a, b)], ['55', 'andn', (m, a, b) => m.op('v128.andnot', b, a)], ['56', 'or', (m, a, b) => m.op('v128.or', a, b)], ['57', 'xor', (m, a, b) => m.op('v128.xor', a, b)]] as [string, string, Binary][])
  .flatMap(([byte, name, f]) => both(`0F ${byte}`, `${name}${suffix}`, [Vx, Wx], [Vx, Hx, Wx], binary(f), prefix));
const unpackFloat = (byte: string, name: string, lanes: readonly number[], prefix: 'NP' | '66'): Row[] =>
  both(`0F ${byte}`, name, [Vx, Wx], [Vx, Hx, Wx], binary((m, a, b) => m.shuffle(a, b, lanes)), prefix);

export const simdMove = rows(() => [
  ...moveForms('NP', '28', 'movaps', [Vx, Wx], true, true), ...moveForms('NP', '29', 'movaps', [Wx, Vx], true, true), ...moveForms('66', '28', 'movapd', [Vx, Wx], true), ...moveForms('66', '29', 'movapd', [Wx, Vx], true),
  ...moveForms('NP', '10', 'movups', [Vx, Wx], false, true), ...moveForms('NP', '11', 'movups', [Wx, Vx], false, true), ...moveForms('66', '10', 'movupd', [Vx, Wx], false), ...moveForms('66', '11', 'movupd', [Wx, Vx], false),
  ...moveForms('66', '6F', 'movdqa', [Vx, Wx], true, true), ...moveForms('66', '7F', 'movdqa', [Wx, Vx], true), ...moveForms('F3', '6F', 'movdqu', [Vx, Wx], false, true), ...moveForms('F3', '7F', 'movdqu', [Wx, Vx], false),
  ...moveForms('F2', 'F0', 'lddqu', [Vx, Mx], false), ...moveForms('66', 'E7', 'movntdq', [Mx, Vx], true), ...moveForms('NP', '2B', 'movntps', [Mx, Vx], true), ...moveForms('66', '2B', 'movntpd', [Mx, Vx], true),
  ['66 0F 38 2A', 'movntdqa', [Vx, Mx], NONE, move(true), SSE], ['VEX.66.0F38 2A', 'vmovntdqa', [Vx, Mx], NONE, move(true), AVX2],
  ['NP 0F C3', 'movnti', [My, Gy], NONE, (m, [dst, src]) => m.write(dst!, m.read(src!))],
  ...scalarMove('F3', '10', 'movss', [Vdq, Wss], [Vdq, Hdq, Udq], [Vdq, Md], moveScalar(32)), ...scalarMove('F3', '11', 'movss', [Wss, Vdq], [Udq, Hdq, Vdq], [Md, Vdq], storeScalar(32)),
  ...scalarMove('F2', '10', 'movsd', [Vdq, Wsd], [Vdq, Hdq, Udq], [Vdq, Mq], moveScalar(64)), ...scalarMove('F2', '11', 'movsd', [Wsd, Vdq], [Udq, Hdq, Vdq], [Mq, Vdq], storeScalar(64)),
  ...both('0F 12', 'movlps', [Vdq, Wsd], [Vdq, Hdq, Wsd], moveHalf(0), 'NP'), ...both('0F 16', 'movhps', [Vdq, Wsd], [Vdq, Hdq, Wsd], moveHalf(1), 'NP'),
  ...both('0F 12', 'movlpd', [Vdq, Mq], [Vdq, Hdq, Mq], (m, operands) => { const [d, r, s] = threeOperands(operands); const v = m.read(s); m.writeV(d, m.lane('i64x2.replace_lane', 0, m.readV(r), v)); }),
  ...both('0F 16', 'movhpd', [Vdq, Mq], [Vdq, Hdq, Mq], (m, operands) => { const [d, r, s] = threeOperands(operands); const v = m.read(s); m.writeV(d, m.lane('i64x2.replace_lane', 1, m.readV(r), v)); }),
  ...both('0F 13', 'movlps', [Mq, Vdq], [Mq, Vdq], storeHalf(0), 'NP'), ...both('0F 13', 'movlpd', [Mq, Vdq], [Mq, Vdq], storeHalf(0)),
  ...both('0F 17', 'movhps', [Mq, Vdq], [Mq, Vdq], storeHalf(1), 'NP'), ...both('0F 17', 'movhpd', [Mq, Vdq], [Mq, Vdq], storeHalf(1)),
  ...both('0F 12', 'movsldup', [Vx, Wx], [Vx, Wx], duplicate(DUPLICATE_LOW), 'F3'), ...both('0F 16', 'movshdup', [Vx, Wx], [Vx, Wx], duplicate(DUPLICATE_HIGH), 'F3'),
  ['F2 0F 12', 'movddup', [Vdq, Wsd], NONE, duplicate(DUPLICATE_64), SSE], ['VEX.F2.0F.L0 12', 'vmovddup', [Vdq, Wsd], NONE, duplicate(DUPLICATE_64), AVX], ['VEX.F2.0F.L1 12', 'vmovddup', [Vqq, Wqq], NONE, duplicate(DUPLICATE_64), AVX],
  ...both('0F 6E', 'movd', [Vdq, Ey], [Vdq, Ey], fromGeneral), ...both('0F 7E', 'movd', [Ey, Vdq], [Ey, Vdq], toGeneral),
  ...both('0F 7E', 'movq', [Vdq, Wsd], [Vdq, Wsd], moveQuad, 'F3'),
  ...both('0F D6', 'movq', [Wsd, Vdq], [Wsd, Vdq], moveQuad),
  ['NP 0F 6E', 'movd', [Pq, Ey], NONE, (m, [dst, src]) => m.writeMmx(dst!, m.read(src!)), MMX], ['NP 0F 7E', 'movd', [Ey, Pq], NONE, (m, [dst, src]) => { m.write(dst!, m.readMmx(src!)); m.enterMmx(); }, MMX],
  ['NP 0F 6F', 'movq', [Pq, Qq], NONE, (m, [dst, src]) => { m.writeMmx(dst!, m.readMmx(src!)); m.enterMmx(); }, MMX], ['NP 0F 7F', 'movq', [Qq, Pq], NONE, (m, [dst, src]) => { m.writeMmx(dst!, m.readMmx(src!)); m.enterMmx(); }, MMX],
  ['NP 0F E7', 'movntq', [Mq, Pq], NONE, (m, [dst, src]) => { m.write(dst!, m.readMmx(src!)); m.enterMmx(); }, MMX],
  ['F3 0F D6', 'movq2dq', [Vdq, Nq], NONE, (m, [dst, src]) => { m.writeV(dst!, pair(m, m.readMmx(src!), m.i64(0))); m.enterMmx(); }, MMX], ['F2 0F D6', 'movdq2q', [Pq, Udq], NONE, (m, [dst, src]) => m.writeMmx(dst!, low64(m, m.readV(src!))), MMX],
  ...both('0F 70', 'pshufd', [Vx, Wx, ib], [Vx, Wx, ib], shuffleImmediate(4, 4), '66', AVX2), ...both('0F 70', 'pshufhw', [Vx, Wx, ib], [Vx, Wx, ib], shuffleImmediate(2, 4, 4), 'F3', AVX2), ...both('0F 70', 'pshuflw', [Vx, Wx, ib], [Vx, Wx, ib], shuffleImmediate(2, 4), 'F2', AVX2),
  ['NP 0F 70', 'pshufw', [Pq, Qq, ib], NONE, shuffleMmx, MMX],
  ...both('0F C6', 'shufps', [Vx, Wx, ib], [Vx, Hx, Wx, ib], shufps, 'NP'), ...both('0F C6', 'shufpd', [Vx, Wx, ib], [Vx, Hx, Wx, ib], shufpd),
  ...both('0F 3A 0F', 'palignr', [Vx, Wx, ib], [Vx, Hx, Wx, ib], alignRight, '66', AVX2), ['NP 0F 3A 0F', 'palignr', [Pq, Qq, ib], NONE, alignRightMmx, MMX],
  ...logical('NP', 'ps'), ...logical('66', 'pd'),
  ...unpackFloat('14', 'unpcklps', [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23], 'NP'), ...unpackFloat('15', 'unpckhps', [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31], 'NP'),
  ...unpackFloat('14', 'unpcklpd', [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23], '66'), ...unpackFloat('15', 'unpckhpd', [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31], '66'),
  ...both('0F C5', 'pextrw', [Gd, Udq, ib], [Gd, Udq, ib], extract(2)), ...both('0F 3A 14', 'pextrb', [Edb, Vdq, ib], [Edb, Vdq, ib], extract(1)), ...both('0F 3A 15', 'pextrw', [Edw, Vdq, ib], [Edw, Vdq, ib], extract(2)),
  ...both('0F 3A 16', 'pextrd', [Ey, Vdq, ib], [Ey, Vdq, ib], extract(0)), ...both('0F 3A 17', 'extractps', [Ed, Vdq, ib], [Ed, Vdq, ib], extract(4)),
  ...both('0F C4', 'pinsrw', [Vdq, Edw, ib], [Vdq, Hdq, Edw, ib], insert(2)), ...both('0F 3A 20', 'pinsrb', [Vdq, Edb, ib], [Vdq, Hdq, Edb, ib], insert(1)), ...both('0F 3A 22', 'pinsrd', [Vdq, Ey, ib], [Vdq, Hdq, Ey, ib], insert(0)),
  ...both('0F 3A 21', 'insertps', [Vdq, Wss, ib], [Vdq, Hdq, Wss, ib], insertps),
  ['NP 0F C5', 'pextrw', [Gd, Nq, ib], NONE, extractMmx, MMX], ['NP 0F C4', 'pinsrw', [Pq, Edw, ib], NONE, insertMmx, MMX],
  ...both('0F D7', 'pmovmskb', [Gd, Ux], [Gd, Ux], signMask('i8x16'), '66', AVX2), ...both('0F 50', 'movmskps', [Gd, Ux], [Gd, Ux], signMask('i32x4'), 'NP'), ...both('0F 50', 'movmskpd', [Gd, Ux], [Gd, Ux], signMask('i64x2')),
  ['NP 0F D7', 'pmovmskb', [Gd, Nq], NONE, signMaskMmx, MMX],
  ...wideningForms('20', 'pmovsxbw', true, 1, 2), ...wideningForms('21', 'pmovsxbd', true, 1, 4), ...wideningForms('22', 'pmovsxbq', true, 1, 8), ...wideningForms('23', 'pmovsxwd', true, 2, 4), ...wideningForms('24', 'pmovsxwq', true, 2, 8), ...wideningForms('25', 'pmovsxdq', true, 4, 8),
  ...wideningForms('30', 'pmovzxbw', false, 1, 2), ...wideningForms('31', 'pmovzxbd', false, 1, 4), ...wideningForms('32', 'pmovzxbq', false, 1, 8), ...wideningForms('33', 'pmovzxwd', false, 2, 4), ...wideningForms('34', 'pmovzxwq', false, 2, 8), ...wideningForms('35', 'pmovzxdq', false, 4, 8),
  ...both('0F 3A 0C', 'blendps', [Vx, Wx, ib], [Vx, Hx, Wx, ib], blendImmediate(4, false)), ...both('0F 3A 0D', 'blendpd', [Vx, Wx, ib], [Vx, Hx, Wx, ib], blendImmediate(8, false)), ...both('0F 3A 0E', 'pblendw', [Vx, Wx, ib], [Vx, Hx, Wx, ib], blendImmediate(2, true), '66', AVX2),
  ['VEX.66.0F3A.W0 02', 'vpblendd', [Vx, Hx, Wx, ib], NONE, blendImmediate(4, false), AVX2],
  ['66 0F 38 10', 'pblendvb', [Vx, Wx], NONE, blendVariable('i8x16'), SSE], ['66 0F 38 14', 'blendvps', [Vx, Wx], NONE, blendVariable('i32x4'), SSE], ['66 0F 38 15', 'blendvpd', [Vx, Wx], NONE, blendVariable('i64x2'), SSE],
  ['VEX.66.0F3A.W0 4C', 'vpblendvb', [Vx, Hx, Wx, Lx], NONE, blendVariable('i8x16'), AVX2], ['VEX.66.0F3A.W0 4A', 'vblendvps', [Vx, Hx, Wx, Lx], NONE, blendVariable('i32x4'), AVX], ['VEX.66.0F3A.W0 4B', 'vblendvpd', [Vx, Hx, Wx, Lx], NONE, blendVariable('i64x2'), AVX],
  ['66 0F 38 17', 'ptest', [Vx, Wx], '0--0m00m', ptest, SSE], ['VEX.66.0F38 17', 'vptest', [Vx, Wx], '0--0m00m', ptest, AVX],
  ['VEX.66.0F38.W0 0E', 'vtestps', [Vx, Wx], '0--0m00m', vtest('i32x4'), AVX], ['VEX.66.0F38.W0 0F', 'vtestpd', [Vx, Wx], '0--0m00m', vtest('i64x2'), AVX],
  ['VEX.66.0F38.W0 18', 'vbroadcastss', [Vx, Wss], NONE, broadcast(4), AVX2], ['VEX.66.0F38.W0.L1 19', 'vbroadcastsd', [Vqq, Wsd], NONE, broadcast(8), AVX2], ['VEX.66.0F38.W0.L1 1A', 'vbroadcastf128', [Vqq, Mdq], NONE, broadcast(16), AVX], ['VEX.66.0F38.W0.L1 5A', 'vbroadcasti128', [Vqq, Mdq], NONE, broadcast(16), AVX2],
  ['VEX.66.0F38.W0 78', 'vpbroadcastb', [Vx, Wb], NONE, broadcast(1), AVX2], ['VEX.66.0F38.W0 79', 'vpbroadcastw', [Vx, Ww], NONE, broadcast(2), AVX2], ['VEX.66.0F38.W0 58', 'vpbroadcastd', [Vx, Wss], NONE, broadcast(4), AVX2], ['VEX.66.0F38.W0 59', 'vpbroadcastq', [Vx, Wsd], NONE, broadcast(8), AVX2],
  ['VEX.66.0F3A.W0.L1 18', 'vinsertf128', [Vqq, Hqq, Wdq, ib], NONE, insert128, AVX], ['VEX.66.0F3A.W0.L1 38', 'vinserti128', [Vqq, Hqq, Wdq, ib], NONE, insert128, AVX2],
  ['VEX.66.0F3A.W0.L1 19', 'vextractf128', [Wdq, Vqq, ib], NONE, extract128, AVX], ['VEX.66.0F3A.W0.L1 39', 'vextracti128', [Wdq, Vqq, ib], NONE, extract128, AVX2],
  ['VEX.66.0F3A.W0.L1 06', 'vperm2f128', [Vqq, Hqq, Wqq, ib], NONE, permute128, AVX], ['VEX.66.0F3A.W0.L1 46', 'vperm2i128', [Vqq, Hqq, Wqq, ib], NONE, permute128, AVX2],
  ['VEX.66.0F3A.W0 04', 'vpermilps', [Vx, Wx, ib], NONE, permilpsImmediate, AVX], ['VEX.66.0F3A.W0 05', 'vpermilpd', [Vx, Wx, ib], NONE, permilpdImmediate, AVX], ['VEX.66.0F38.W0 0C', 'vpermilps', [Vx, Hx, Wx], NONE, permilVariable(32), AVX], ['VEX.66.0F38.W0 0D', 'vpermilpd', [Vx, Hx, Wx], NONE, permilVariable(64), AVX],
  ['VEX.66.0F38.W0.L1 36', 'vpermd', [Vqq, Hqq, Wqq], NONE, permute32, AVX2], ['VEX.66.0F38.W0.L1 16', 'vpermps', [Vqq, Hqq, Wqq], NONE, permute32, AVX2],
  ['VEX.66.0F3A.W1.L1 00', 'vpermq', [Vqq, Wqq, ib], NONE, permute64, AVX2], ['VEX.66.0F3A.W1.L1 01', 'vpermpd', [Vqq, Wqq, ib], NONE, permute64, AVX2],
]);
