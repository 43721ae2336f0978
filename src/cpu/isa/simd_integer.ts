// Integer arithmetic on vectors: MMX, SSE2 to SSE4.1, AVX and AVX2 from one table. A row here gives the legacy form, the VEX form and, where it exists,
// the MMX form of one meaning. SDM 2A-2C, PADDB and its alphabetical neighbours.
import { rows, type Machine, type Row, type Semantics, type V } from './machine';
import { Hx, Pq, Qq, Ux, Vx, Wdq, Wx, ib, Nq, type OperandKind } from './operands';

type Vec = V<'v128'>;
/** The meaning on 16 bytes. */
export type Binary = (m: Machine, a: Vec, b: Vec) => Vec;
export type Unary = (m: Machine, a: Vec) => Vec;

/** Operands as [destination, first source, second source] whether or not the encoding names the first source apart. */
export function threeOperands<T>(operands: readonly T[]): readonly [T, T, T] {
  const [d, a, b] = operands as readonly [T, T, T];
  return operands.length === 2 ? [d, d, a] : [d, a, b];
}

/** Legacy vector memory operands must be aligned; VEX ones need not be. */
export function alignedUnlessVex(m: Machine, operand: Parameters<Machine['read']>[0]): void {
  if (!m.isVex && operand.isMemory && operand.size === 16) m.requireAligned(operand, 16);
}

export const binary = (f: Binary): Semantics => (m, operands) => {
  const [dst, a, b] = threeOperands(operands);
  alignedUnlessVex(m, b);
  m.vector(dst, half => f(m, m.readV(a, half), m.readV(b, half)));
};

export const unary = (f: Unary): Semantics => (m, [dst, src]) => {
  alignedUnlessVex(m, src!);
  m.vector(dst!, half => f(m, m.readV(src!, half)));
};

const mmxBinary = (f: Binary): Semantics => (m, [dst, src]) => {
  const b = m.readMmx(src!), a = m.readMmx(dst!);
  m.writeMmx(dst!, m.lane('i64x2.extract_lane', 0, f(m, m.op('i64x2.splat', a), m.op('i64x2.splat', b))));
};

/** Both 64-bit operands side by side: for packs, which take all of one and then all of the other. */
const mmxPacked = (f: Binary): Semantics => (m, [dst, src]) => {
  const b = m.readMmx(src!), a = m.readMmx(dst!);
  const both = m.lane('i64x2.replace_lane', 1, m.op('i64x2.splat', a), b);
  m.writeMmx(dst!, m.lane('i64x2.extract_lane', 0, f(m, both, both)));
};

interface Options { mmx?: boolean | 'packed' }

/** The rows of one operation: `opcode` as map and byte, for example '0F FC' or '0F 38 1C'. */
function forms(opcode: string, name: string, f: Binary, { mmx = false }: Options = {}): Row[] {
  const { map, byte } = split(opcode);
  const made: Row[] = [
    [`66 ${opcode}`, name, [Vx, Wx], '--------', binary(f), { unit: 'sse' }],
    [`VEX.66.${map} ${byte}`, `v${name}`, [Vx, Hx, Wx], '--------', binary(f), { unit: 'avx', feature: 'avx2' }],
  ];
  if (mmx) made.push([`NP ${opcode}`, name, [Pq, Qq], '--------', mmx === 'packed' ? mmxPacked(f) : mmxBinary(f), { unit: 'mmx' }]);
  return made;
}

/** '0F 38 1C' as a VEX map name and an opcode byte. */
export function split(opcode: string): { map: string; byte: string } {
  const parts = opcode.split(' ');
  return { map: parts.slice(0, -1).join(''), byte: parts.at(-1) ?? '' };
}

const plain = (name: 'i8x16.add'): Binary => (m, a, b) => m.op(name, a, b);
/** A wasm instruction that means just what the x86 one does. */
const same = (name: string): Binary => plain(name as 'i8x16.add');

/** High halves of 16-bit products. */
const multiplyHigh = (signed: 's' | 'u'): Binary => (m, a, b) => {
  const low = signed === 's' ? m.op('i32x4.extmul_low_i16x8_s', a, b) : m.op('i32x4.extmul_low_i16x8_u', a, b);
  const high = signed === 's' ? m.op('i32x4.extmul_high_i16x8_s', a, b) : m.op('i32x4.extmul_high_i16x8_u', a, b);
  return m.shuffle(low, high, [2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31]);
};

const multiplyEven = (signed: 's' | 'u'): Binary => (m, a, b) => {
  const evens = (v: Vec): Vec => m.shuffle(v, v, [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11]);
  return signed === 's' ? m.op('i64x2.extmul_low_i32x4_s', evens(a), evens(b)) : m.op('i64x2.extmul_low_i32x4_u', evens(a), evens(b));
};

/** PMADDUBSW: a unsigned, b signed, pairs added with saturation. */
const multiplyAddBytes: Binary = (m, a, b) => {
  const product = (odd: boolean): Vec => {
    const x = odd ? m.op('i16x8.shr_u', a, m.i32(8)) : m.op('v128.and', a, m.v128(0x00ff00ff00ff00ffn, 0x00ff00ff00ff00ffn));
    const y = m.op('i16x8.shr_s', odd ? b : m.op('i16x8.shl', b, m.i32(8)), m.i32(8));
    return m.op('i16x8.mul', x, y);
  };
  return m.op('i16x8.add_sat_s', product(false), product(true));
};

/** PMULHRSW: (a * b + 0x4000) >> 15; unlike wasm's q15mulr, -1 * -1 wraps. */
const multiplyRound: Binary = (m, a, b) => {
  const half = m.op('i32x4.splat', m.i32(0x4000));
  const part = (p: Vec): Vec => m.op('i32x4.shr_u', m.op('i32x4.add', p, half), m.i32(15));
  const low = part(m.op('i32x4.extmul_low_i16x8_s', a, b)), high = part(m.op('i32x4.extmul_high_i16x8_s', a, b));
  return m.shuffle(low, high, [0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29]);
};

/** PSADBW: sums of absolute differences of eight bytes, each in 64 bits. */
const sumOfDifferences: Binary = (m, a, b) => {
  const difference = m.op('v128.or', m.op('i8x16.sub_sat_u', a, b), m.op('i8x16.sub_sat_u', b, a));
  const words = m.op('i16x8.extadd_pairwise_i8x16_u', difference);
  const doubles = m.op('i32x4.extadd_pairwise_i16x8_u', words);
  return m.op('i64x2.add', m.op('i64x2.shr_u', doubles, m.i32(32)), m.op('v128.and', doubles, m.v128(0xffffffffn, 0xffffffffn)));
};

/** Even and odd elements of a then b: what horizontal operations combine. */
function evensAndOdds(m: Machine, a: Vec, b: Vec, bytes: 2 | 4): [Vec, Vec] {
  const lanes = (odd: number): number[] => Array.from({ length: 16 }, (_, i) => {
    const element = Math.floor(i / bytes), within = i % bytes;
    return element * 2 * bytes + odd * bytes + within;
  });
  return [m.shuffle(a, b, lanes(0)), m.shuffle(a, b, lanes(1))];
}
const horizontal = (name: string, bytes: 2 | 4): Binary => (m, a, b) => {
  const [even, odd] = evensAndOdds(m, a, b, bytes);
  return same(name)(m, even, odd);
};

/** PSIGN: a negated, zeroed or kept by the sign of b. */
const sign = (shape: 'i8x16' | 'i16x8' | 'i32x4'): Binary => (m, a, b) => {
  const zero = m.v128(0n, 0n);
  const lt = same(`${shape}.lt_s`)(m, b, zero), eq = same(`${shape}.eq`)(m, b, zero);
  const negated = same(`${shape}.sub`)(m, zero, a);
  return m.op('v128.andnot', m.op('v128.bitselect', negated, a, lt), eq);
};

/** PSHUFB: byte indexes whose top bit gives zero. */
export const shuffleBytes: Binary = (m, a, b) => m.op('i8x16.swizzle', a, m.op('v128.and', b, m.v128(0x8f8f8f8f8f8f8f8fn, 0x8f8f8f8f8f8f8f8fn)));

/** MMX pshufb has three index bits. */
const shuffleBytesMmx: Semantics = (m, [dst, src]) => {
  const b = m.op('v128.and', m.op('i64x2.splat', m.readMmx(src!)), m.v128(0x8787878787878787n, 0x8787878787878787n));
  m.writeMmx(dst!, m.lane('i64x2.extract_lane', 0, m.op('i8x16.swizzle', m.op('i64x2.splat', m.readMmx(dst!)), b)));
};

const unpackLanes = (bytes: number, high: boolean): number[] => Array.from({ length: 16 }, (_, i) => {
  const element = Math.floor(i / bytes), within = i % bytes;
  return (high ? 8 : 0) + Math.floor(element / 2) * bytes + within + (element % 2 ? 16 : 0);
});
export const unpack = (bytes: number, high: boolean): Binary => (m, a, b) => m.shuffle(a, b, unpackLanes(bytes, high));
const unpackHighMmx = (bytes: number): Semantics => (m, [dst, src]) => {
  const b = m.op('i64x2.splat', m.readMmx(src!)), a = m.op('i64x2.splat', m.readMmx(dst!));
  m.writeMmx(dst!, m.lane('i64x2.extract_lane', 1, m.shuffle(a, b, unpackLanes(bytes, false))));
};

const andnot: Binary = (m, a, b) => m.op('v128.andnot', b, a);
const packUnsigned32: Binary = (m, a, b) => m.op('i16x8.narrow_i32x4_u', a, b);

/** PACK: within 16 bytes wasm's narrow takes a then b, as x86 does. */
const arithmetic = rows((): Row[] => [
  ...forms('0F FC', 'paddb', same('i8x16.add'), { mmx: true }), ...forms('0F FD', 'paddw', same('i16x8.add'), { mmx: true }),
  ...forms('0F FE', 'paddd', same('i32x4.add'), { mmx: true }), ...forms('0F D4', 'paddq', same('i64x2.add'), { mmx: true }),
  ...forms('0F F8', 'psubb', same('i8x16.sub'), { mmx: true }), ...forms('0F F9', 'psubw', same('i16x8.sub'), { mmx: true }),
  ...forms('0F FA', 'psubd', same('i32x4.sub'), { mmx: true }), ...forms('0F FB', 'psubq', same('i64x2.sub'), { mmx: true }),
  ...forms('0F EC', 'paddsb', same('i8x16.add_sat_s'), { mmx: true }), ...forms('0F ED', 'paddsw', same('i16x8.add_sat_s'), { mmx: true }),
  ...forms('0F DC', 'paddusb', same('i8x16.add_sat_u'), { mmx: true }), ...forms('0F DD', 'paddusw', same('i16x8.add_sat_u'), { mmx: true }),
  ...forms('0F E8', 'psubsb', same('i8x16.sub_sat_s'), { mmx: true }), ...forms('0F E9', 'psubsw', same('i16x8.sub_sat_s'), { mmx: true }),
  ...forms('0F D8', 'psubusb', same('i8x16.sub_sat_u'), { mmx: true }), ...forms('0F D9', 'psubusw', same('i16x8.sub_sat_u'), { mmx: true }),
  ...forms('0F DB', 'pand', same('v128.and'), { mmx: true }), ...forms('0F DF', 'pandn', andnot, { mmx: true }),
  ...forms('0F EB', 'por', same('v128.or'), { mmx: true }), ...forms('0F EF', 'pxor', same('v128.xor'), { mmx: true }),
  ...forms('0F 74', 'pcmpeqb', same('i8x16.eq'), { mmx: true }), ...forms('0F 75', 'pcmpeqw', same('i16x8.eq'), { mmx: true }), ...forms('0F 76', 'pcmpeqd', same('i32x4.eq'), { mmx: true }),
  ...forms('0F 64', 'pcmpgtb', same('i8x16.gt_s'), { mmx: true }), ...forms('0F 65', 'pcmpgtw', same('i16x8.gt_s'), { mmx: true }), ...forms('0F 66', 'pcmpgtd', same('i32x4.gt_s'), { mmx: true }),
  ...forms('0F 38 29', 'pcmpeqq', same('i64x2.eq')), ...forms('0F 38 37', 'pcmpgtq', same('i64x2.gt_s')),
  ...forms('0F DE', 'pmaxub', same('i8x16.max_u'), { mmx: true }), ...forms('0F DA', 'pminub', same('i8x16.min_u'), { mmx: true }),
  ...forms('0F EE', 'pmaxsw', same('i16x8.max_s'), { mmx: true }), ...forms('0F EA', 'pminsw', same('i16x8.min_s'), { mmx: true }),
  ...forms('0F 38 38', 'pminsb', same('i8x16.min_s')), ...forms('0F 38 39', 'pminsd', same('i32x4.min_s')), ...forms('0F 38 3A', 'pminuw', same('i16x8.min_u')), ...forms('0F 38 3B', 'pminud', same('i32x4.min_u')),
  ...forms('0F 38 3C', 'pmaxsb', same('i8x16.max_s')), ...forms('0F 38 3D', 'pmaxsd', same('i32x4.max_s')), ...forms('0F 38 3E', 'pmaxuw', same('i16x8.max_u')), ...forms('0F 38 3F', 'pmaxud', same('i32x4.max_u')),
  ...forms('0F E0', 'pavgb', same('i8x16.avgr_u'), { mmx: true }), ...forms('0F E3', 'pavgw', same('i16x8.avgr_u'), { mmx: true }),
  ...forms('0F D5', 'pmullw', same('i16x8.mul'), { mmx: true }), ...forms('0F 38 40', 'pmulld', same('i32x4.mul')),
  ...forms('0F E5', 'pmulhw', multiplyHigh('s'), { mmx: true }), ...forms('0F E4', 'pmulhuw', multiplyHigh('u'), { mmx: true }),
  ...forms('0F F5', 'pmaddwd', same('i32x4.dot_i16x8_s'), { mmx: true }), ...forms('0F F4', 'pmuludq', multiplyEven('u'), { mmx: true }), ...forms('0F 38 28', 'pmuldq', multiplyEven('s')),
  ...forms('0F 38 04', 'pmaddubsw', multiplyAddBytes, { mmx: true }), ...forms('0F 38 0B', 'pmulhrsw', multiplyRound, { mmx: true }),
  ...forms('0F F6', 'psadbw', sumOfDifferences, { mmx: true }),
  ...forms('0F 63', 'packsswb', same('i8x16.narrow_i16x8_s'), { mmx: 'packed' }), ...forms('0F 67', 'packuswb', same('i8x16.narrow_i16x8_u'), { mmx: 'packed' }),
  ...forms('0F 6B', 'packssdw', same('i16x8.narrow_i32x4_s'), { mmx: 'packed' }), ...forms('0F 38 2B', 'packusdw', packUnsigned32),
  ...forms('0F 38 01', 'phaddw', horizontal('i16x8.add', 2), { mmx: 'packed' }), ...forms('0F 38 02', 'phaddd', horizontal('i32x4.add', 4), { mmx: 'packed' }), ...forms('0F 38 03', 'phaddsw', horizontal('i16x8.add_sat_s', 2), { mmx: 'packed' }),
  ...forms('0F 38 05', 'phsubw', horizontal('i16x8.sub', 2), { mmx: 'packed' }), ...forms('0F 38 06', 'phsubd', horizontal('i32x4.sub', 4), { mmx: 'packed' }), ...forms('0F 38 07', 'phsubsw', horizontal('i16x8.sub_sat_s', 2), { mmx: 'packed' }),
  ...forms('0F 38 08', 'psignb', sign('i8x16'), { mmx: true }), ...forms('0F 38 09', 'psignw', sign('i16x8'), { mmx: true }), ...forms('0F 38 0A', 'psignd', sign('i32x4'), { mmx: true }),
  ...forms('0F 38 00', 'pshufb', shuffleBytes),
  ['NP 0F 38 00', 'pshufb', [Pq, Qq], '--------', shuffleBytesMmx, { unit: 'mmx' }],
  ...forms('0F 60', 'punpcklbw', unpack(1, false), { mmx: true }), ...forms('0F 61', 'punpcklwd', unpack(2, false), { mmx: true }), ...forms('0F 62', 'punpckldq', unpack(4, false), { mmx: true }), ...forms('0F 6C', 'punpcklqdq', unpack(8, false)),
  ...forms('0F 68', 'punpckhbw', unpack(1, true)), ...forms('0F 69', 'punpckhwd', unpack(2, true)), ...forms('0F 6A', 'punpckhdq', unpack(4, true)), ...forms('0F 6D', 'punpckhqdq', unpack(8, true)),
  ['NP 0F 68', 'punpckhbw', [Pq, Qq], '--------', unpackHighMmx(1), { unit: 'mmx' }], ['NP 0F 69', 'punpckhwd', [Pq, Qq], '--------', unpackHighMmx(2), { unit: 'mmx' }], ['NP 0F 6A', 'punpckhdq', [Pq, Qq], '--------', unpackHighMmx(4), { unit: 'mmx' }],
]);

function unaryForms(opcode: string, name: string, wasm: string, mmx: boolean): Row[] {
  const { map, byte } = split(opcode);
  const f: Unary = (m, a) => m.op(wasm as 'i8x16.abs', a);
  const made: Row[] = [
    [`66 ${opcode}`, name, [Vx, Wx], '--------', unary(f), { unit: 'sse' }],
    [`VEX.66.${map} ${byte}`, `v${name}`, [Vx, Wx], '--------', unary(f), { unit: 'avx', feature: 'avx2' }],
  ];
  const mmxForm: Semantics = (m, [dst, src]) => m.writeMmx(dst!, m.lane('i64x2.extract_lane', 0, f(m, m.op('i64x2.splat', m.readMmx(src!)))));
  if (mmx) made.push([`NP ${opcode}`, name, [Pq, Qq], '--------', mmxForm, { unit: 'mmx' }]);
  return made;
}

// --- shifts ----------------------------------------------------------------------------------------------------------------------------------

type Shift = 'shl' | 'shr_u' | 'shr_s';
type Shape = 'i16x8' | 'i32x4' | 'i64x2';
const WIDTH: Record<Shape, number> = { i16x8: 16, i32x4: 32, i64x2: 64 };

/** All elements shifted by one 64-bit count; counts of the width and more give zero or, arithmetic, the sign. */
function shiftBy(m: Machine, shape: Shape, how: Shift, a: Vec, count: V<'i64'>): Vec {
  const tooFar = m.op('i64.ge_u', count, m.i64(WIDTH[shape]));
  const bounded = m.select(tooFar, m.i32(WIDTH[shape] - 1), m.wrap(count));
  const shifted = m.op(`${shape}.${how}` as 'i16x8.shl', a, bounded);
  return how === 'shr_s' ? shifted : m.select(tooFar, m.v128(0n, 0n), shifted);
}

/** Count in the low 64 bits of an xmm register or 16 bytes of memory, whatever the vector length. */
const shiftByRegister = (shape: Shape, how: Shift): Semantics => (m, operands) => {
  const [dst, a, by] = threeOperands(operands);
  alignedUnlessVex(m, by);
  const count = m.lane('i64x2.extract_lane', 0, m.readV(by, 0));
  m.vector(dst, half => shiftBy(m, shape, how, m.readV(a, half), count));
};
const shiftByImmediate = (shape: Shape, how: Shift): Semantics => (m, operands) => {
  const [dst, a, by] = threeOperands(operands);
  const count = m.extend(m.immediate(by));
  m.vector(dst, half => shiftBy(m, shape, how, m.readV(a, half), count));
};
const shiftMmx = (shape: Shape, how: Shift, immediate: boolean): Semantics => (m, [dst, by]) => {
  const count = immediate ? m.extend(m.immediate(by!)) : m.readMmx(by!);
  m.writeMmx(dst!, m.lane('i64x2.extract_lane', 0, shiftBy(m, shape, how, m.op('i64x2.splat', m.readMmx(dst!)), count)));
};

/** PSLLDQ and PSRLDQ: the 16 bytes as one number, shifted by bytes. The byte indexes are counted, so that the immediate may be any value. */
const shiftBytes = (left: boolean): Semantics => (m, operands) => {
  const [dst, a, by] = threeOperands(operands);
  const count = m.immediate(by);
  const bounded = m.select(m.op('i32.gt_u', count, m.i32(16)), m.i32(16), count);
  const iota = m.v128(0x0706050403020100n, 0x0f0e0d0c0b0a0908n);
  const amount = m.op('i8x16.splat', bounded);
  // Indexes outside 0..15 select zero.
  const indexes = left ? m.op('i8x16.sub', iota, amount) : m.op('i8x16.add', iota, amount);
  m.vector(dst, half => m.op('i8x16.swizzle', m.readV(a, half), indexes));
};

function shiftForms(name: string, shape: Shape, how: Shift, registerByte: string, groupByte: string, extension: number): Row[] {
  const avx = { unit: 'avx', feature: 'avx2' } as const;
  return [
    [`66 0F ${registerByte}`, name, [Vx, Wdq], '--------', shiftByRegister(shape, how), { unit: 'sse' }],
    [`VEX.66.0F ${registerByte}`, `v${name}`, [Vx, Hx, Wdq], '--------', shiftByRegister(shape, how), avx],
    [`NP 0F ${registerByte}`, name, [Pq, Qq], '--------', shiftMmx(shape, how, false), { unit: 'mmx' }],
    [`66 0F ${groupByte} /${extension}`, name, [Ux, ib], '--------', shiftByImmediate(shape, how), { unit: 'sse' }],
    [`VEX.66.0F ${groupByte} /${extension}`, `v${name}`, [Hx, Ux, ib], '--------', shiftByImmediate(shape, how), avx],
    [`NP 0F ${groupByte} /${extension}`, name, [Nq, ib], '--------', shiftMmx(shape, how, true), { unit: 'mmx' }],
  ];
}

/** VPSLLV, VPSRLV, VPSRAV: each element by its own count. */
const shiftEach = (how: Shift, bits: 32 | 64): Semantics => (m, operands) => {
  const [dst, a, by] = threeOperands(operands);
  m.vector(dst, half => {
    const values = m.readV(a, half), counts = m.readV(by, half);
    let result = values;
    for (let i = 0; i < 128 / bits; i++) {
      if (bits === 32) {
        const count = m.lane('i32x4.extract_lane', i, counts), far = m.op('i32.ge_u', count, m.i32(32)), value = m.lane('i32x4.extract_lane', i, values);
        const shifted = how === 'shr_s' ? m.op('i32.shr_s', value, m.select(far, m.i32(31), count)) : m.select(far, m.i32(0), m.op(`i32.${how}`, value, count));
        result = m.lane('i32x4.replace_lane', i, result, shifted);
      } else {
        const count = m.lane('i64x2.extract_lane', i, counts), far = m.op('i64.ge_u', count, m.i64(64)), value = m.lane('i64x2.extract_lane', i, values);
        result = m.lane('i64x2.replace_lane', i, result, m.select(far, m.i64(0), m.op(`i64.${how}`, value, count)));
      }
    }
    return result;
  });
};

const each = (opcode: string, name: string, kinds: readonly OperandKind[], s: Semantics): Row => [opcode, name, kinds, '--------', s, { unit: 'avx', feature: 'avx2' }];

export const simdInteger = rows(() => [
  ...arithmetic(),
  ...unaryForms('0F 38 1C', 'pabsb', 'i8x16.abs', true), ...unaryForms('0F 38 1D', 'pabsw', 'i16x8.abs', true), ...unaryForms('0F 38 1E', 'pabsd', 'i32x4.abs', true),
  ...shiftForms('psrlw', 'i16x8', 'shr_u', 'D1', '71', 2), ...shiftForms('psrld', 'i32x4', 'shr_u', 'D2', '72', 2), ...shiftForms('psrlq', 'i64x2', 'shr_u', 'D3', '73', 2),
  ...shiftForms('psraw', 'i16x8', 'shr_s', 'E1', '71', 4), ...shiftForms('psrad', 'i32x4', 'shr_s', 'E2', '72', 4),
  ...shiftForms('psllw', 'i16x8', 'shl', 'F1', '71', 6), ...shiftForms('pslld', 'i32x4', 'shl', 'F2', '72', 6), ...shiftForms('psllq', 'i64x2', 'shl', 'F3', '73', 6),
  ['66 0F 73 /3', 'psrldq', [Ux, ib], '--------', shiftBytes(false), { unit: 'sse' }], each('VEX.66.0F 73 /3', 'vpsrldq', [Hx, Ux, ib], shiftBytes(false)),
  ['66 0F 73 /7', 'pslldq', [Ux, ib], '--------', shiftBytes(true), { unit: 'sse' }], each('VEX.66.0F 73 /7', 'vpslldq', [Hx, Ux, ib], shiftBytes(true)),
  each('VEX.66.0F38.W0 45', 'vpsrlvd', [Vx, Hx, Wx], shiftEach('shr_u', 32)), each('VEX.66.0F38.W1 45', 'vpsrlvq', [Vx, Hx, Wx], shiftEach('shr_u', 64)),
  each('VEX.66.0F38.W0 46', 'vpsravd', [Vx, Hx, Wx], shiftEach('shr_s', 32)),
  each('VEX.66.0F38.W0 47', 'vpsllvd', [Vx, Hx, Wx], shiftEach('shl', 32)), each('VEX.66.0F38.W1 47', 'vpsllvq', [Vx, Hx, Wx], shiftEach('shl', 64)),
]);
