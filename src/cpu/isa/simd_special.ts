// What no vector operation of WebAssembly resembles: SSE4.2 string comparison and CRC32, AES, carry-less multiplication, SHA, gathers, masked moves,
// dot products. Helpers but for what C libraries search strings with: rare in hot loops, exact and short. SDM 2A-2C by mnemonic.
import { RCX, STATE } from '../layout';
import * as soft from '../softfloat';
import { GP, helper, rows, XM, type HelperContext, type Operand, type Row, type RowOptions, type Semantics, type V } from './machine';
import { Eb, Ev, Gv, Gy, Hdq, Hx, Mx, Nq, Pq, Udq, Vdq, Vx, Wdq, Wx, ib, vm32, vm64, type OperandKind } from './operands';

const NONE = '--------', STRING_FLAGS = 'm--mm00m';
const SSE: RowOptions = { unit: 'sse' }, AVX: RowOptions = { unit: 'avx', feature: 'avx' }, AVX2: RowOptions = { unit: 'avx', feature: 'avx2' };

/** A copy of 16 or 32 bytes of a register. */
function register(cpu: HelperContext, at: number, length = 16): Uint8Array {
  const copy = new Uint8Array(length), { view } = cpu;
  for (let i = 0; i < length; i++) copy[i] = view.getUint8(at + i);
  return copy;
}
/** A copy of the rm operand: register or memory. */
function rm(cpu: HelperContext, length = 16, aligned = false): Uint8Array {
  const { insn } = cpu;
  if (!insn.isMemory) return register(cpu, insn.rm, length);
  if (aligned && (insn.address & 15n) !== 0n) cpu.raise(GP);
  return cpu.read(insn.address, length).slice();
}
/** Writes `bytes` to the vector register at `at`; under VEX the rest of it is cleared. */
function put(cpu: HelperContext, at: number, bytes: Uint8Array, isVex: boolean): void {
  const all = new Uint8Array(cpu.view.buffer, at, 32);
  all.set(bytes);
  if (isVex) all.fill(0, bytes.length);
}
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const immediate = (cpu: HelperContext): number => Number(BigInt.asUintN(8, cpu.insn.immediate));
const word32 = (bytes: Uint8Array, i: number): number => viewOf(bytes).getUint32(i * 4, true);

type Combine = (a: Uint8Array, b: Uint8Array, imm: number, cpu: HelperContext) => Uint8Array;
/** 16 bytes from 16 and 16, for each 16 bytes of the vector length. */
const combine = (f: Combine, isVex: boolean, aligned = !isVex): Semantics => helper(cpu => {
  const { insn } = cpu, length = isVex ? insn.vectorBytes : 16;
  const b = rm(cpu, length, aligned), a = register(cpu, isVex ? insn.vvvv : insn.reg, length), result = new Uint8Array(length);
  for (let at = 0; at < length; at += 16) result.set(f(a.subarray(at, at + 16), b.subarray(at, at + 16), at === 16 ? immediate(cpu) >> 3 : immediate(cpu), cpu), at);
  put(cpu, insn.reg, result, isVex);
});
/** The legacy and the VEX.128 row (or, `wide`, of both lengths). */
function both(map: '0F' | '0F 38' | '0F 3A', byte: string, name: string, f: Combine, withImmediate: boolean, feature?: string, wide = false): Row[] {
  const tail = withImmediate ? [ib] : [], V = wide ? Vx : Vdq, H = wide ? Hx : Hdq, W = wide ? Wx : Wdq;
  return [
    [`66 ${map} ${byte}`, name, [V, W, ...tail], NONE, combine(f, false), { unit: 'sse', feature }],
    [`VEX.66.${map.replace(' ', '')}${wide ? '' : '.L0'} ${byte}`, `v${name}`, [V, H, W, ...tail], NONE, combine(f, true), { unit: 'avx', feature: wide ? 'avx2' : feature }],
  ];
}

// --- SSE4.2 strings ------------------------------------------------------------------------------------------------------------------------------

const LEFT = new Int32Array(16), RIGHT = new Int32Array(16);
/** The elements of a string operand as numbers. */
function spread(v: Uint8Array, words: boolean, signed: boolean, out: Int32Array): void {
  if (words) for (let i = 0; i < 8; i++) { const x = (v[2 * i] as number) | (v[2 * i + 1] as number) << 8; out[i] = signed ? x << 16 >> 16 : x; }
  else for (let i = 0; i < 16; i++) { const x = v[i] as number; out[i] = signed ? x << 24 >> 24 : x; }
}

/** The comparison behind PCMPxSTRx: the result mask and the flags. SDM 2B, 4.1. */
function compareStrings(a: Uint8Array, b: Uint8Array, lengthA: number, lengthB: number, imm: number): { mask: number; count: number; flags: number } {
  const words = (imm & 1) !== 0, signed = (imm & 2) !== 0, count = words ? 8 : 16;
  spread(a, words, signed, LEFT);
  spread(b, words, signed, RIGHT);
  const element = (v: Uint8Array, i: number): number => (v === a ? LEFT : RIGHT)[i] as number;
  let raw = 0;
  const kind = (imm >> 2) & 3;
  for (let j = 0; j < count; j++) {
    let bit = false;
    if (kind === 0) { for (let i = 0; i < lengthA && j < lengthB; i++) bit ||= element(a, i) === element(b, j); }
    else if (kind === 1) { for (let i = 0; i + 1 < lengthA && j < lengthB; i += 2) bit ||= element(a, i) <= element(b, j) && element(b, j) <= element(a, i + 1); }
    else if (kind === 2) bit = j < lengthA && j < lengthB ? element(a, j) === element(b, j) : j >= lengthA && j >= lengthB;
    else {
      bit = true;
      for (let i = 0; i < lengthA && j + i < count; i++) if (j + i >= lengthB || element(a, i) !== element(b, j + i)) { bit = false; break; }
    }
    if (bit) raw |= 1 << j;
  }
  const polarity = (imm >> 4) & 3, all = count === 16 ? 0xffff : 0xff, valid = lengthB >= count ? all : (1 << lengthB) - 1;
  const mask = polarity === 1 ? raw ^ all : polarity === 3 ? raw ^ valid : raw;
  const flags = (mask ? 1 : 0) | (lengthB < count ? 0x40 : 0) | (lengthA < count ? 0x80 : 0) | (mask & 1 ? 0x800 : 0);
  return { mask, count, flags };
}
const stringCompare = (explicit: boolean, toIndex: boolean, isVex: boolean): Semantics => helper(cpu => {
  const { insn } = cpu, imm = immediate(cpu), a = register(cpu, insn.reg), b = rm(cpu), count = imm & 1 ? 8 : 16;
  const implicitLength = (v: Uint8Array): number => { for (let i = 0; i < count; i++) if ((count === 8 ? (v[2 * i] as number) | (v[2 * i + 1] as number) : v[i]) === 0) return i; return count; };
  const explicitLength = (register64: bigint): number => {
    const value = insn.size === 8 ? BigInt.asIntN(64, register64) : BigInt.asIntN(32, register64), magnitude = value < 0n ? -value : value;
    return magnitude > BigInt(count) ? count : Number(magnitude);
  };
  const lengthA = explicit ? explicitLength(cpu.gpr(0)) : implicitLength(a), lengthB = explicit ? explicitLength(cpu.gpr(2)) : implicitLength(b);
  const { mask, flags } = compareStrings(a, b, lengthA, lengthB, imm);
  if (toIndex) {
    const index = mask === 0 ? count : imm & 0x40 ? 31 - Math.clz32(mask) : 31 - Math.clz32(mask & -mask);
    cpu.setGpr(1, BigInt(index));
  } else {
    const result = new Uint8Array(16), wide = (imm & 0x40) !== 0;
    for (let i = 0; i < count; i++) {
      const set = (mask >> i & 1) !== 0;
      if (!wide) { if (set) result[i >> 3] = (result[i >> 3] ?? 0) | 1 << (i & 7); }
      else if (set) result.fill(0xff, i * 16 / count, (i + 1) * 16 / count);
    }
    put(cpu, STATE.ymm, result, isVex);
  }
  cpu.setFlags(flags);
});

/** Bits of the immediate: elements are words; the aggregation is ranges or "equal ordered"; the highest index is wanted. SDM 2B, 4.1. */
const WORDS = 1, RANGES_OR_ORDERED = 4, EACH = 8, NEGATED = 0x10, MASKED = 0x20, HIGHEST = 0x40;

/** PCMPISTRI of bytes by "equal any" and "equal each", to the lowest index: what C libraries search and compare strings with. */
const byteIndex = (slowly: Semantics): Semantics => (m, operands) => {
  const [a, b, byte] = operands as [Operand, Operand, Operand], imm = m.immediate(byte), all = m.i32(0xffff);
  const has = (bits: number): V<'i32'> => m.op('i32.and', imm, m.i32(bits)), not = (x: V<'i32'>): V<'i32'> => m.op('i32.xor', x, all);
  m.when(has(WORDS | RANGES_OR_ORDERED | HIGHEST), () => slowly(m, operands), () => {
    const left = m.readV(a), right = m.readV(b);
    const zeros = (v: V<'v128'>): V<'i32'> => m.op('i32.or', m.op('i8x16.bitmask', m.op('i8x16.eq', v, m.v128(0n, 0n))), m.i32(0x10000));
    const endA = zeros(left), endB = zeros(right);
    /** Bits of the elements before the end of the string. */
    const before = (end: V<'i32'>): V<'i32'> => m.op('i32.sub', m.op('i32.and', end, m.op('i32.sub', m.i32(0), end)), m.i32(1));
    const validA = before(endA), validB = before(endB), raw = m.variable(m.i32(0));
    m.when(has(EACH), () => {
      const equal = m.op('i8x16.bitmask', m.op('i8x16.eq', left, right));
      raw.set(m.op('i32.or', m.op('i32.and', equal, m.op('i32.and', validA, validB)), m.op('i32.and', not(validA), not(validB))));
    }, () => {
      // A zero in place of what follows the end: no valid byte of the other string is one.
      const set = m.op('v128.and', left, m.op('i8x16.lt_u', m.v128(0x0706050403020100n, 0x0f0e0d0c0b0a0908n), m.op('i8x16.splat', m.op('i32.ctz', endA))));
      const found = Array.from({ length: 16 }, (_, i) => m.op('i8x16.eq', right, m.shuffle(set, set, Array.from({ length: 16 }, () => i)))).reduce((x, y) => m.op('v128.or', x, y));
      raw.set(m.op('i32.and', m.op('i8x16.bitmask', found), validB));
    });
    const mask = m.op('i32.xor', raw.get(), m.select(has(NEGATED), m.select(has(MASKED), validB, all), m.i32(0)));
    m.setGpr(RCX, m.op('i64.extend_i32_u', m.op('i32.ctz', m.op('i32.or', mask, m.i32(0x10000)))));
    m.setFlags({ cf: m.op('i32.ne', mask, m.i32(0)), zf: m.op('i32.ne', validB, all), sf: m.op('i32.ne', validA, all), of: m.op('i32.and', mask, m.i32(1)), af: 0, pf: 0 });
  });
};
const meaning = (explicit: boolean, toIndex: boolean, isVex: boolean): Semantics => toIndex && !explicit ? byteIndex(stringCompare(explicit, toIndex, isVex)) : stringCompare(explicit, toIndex, isVex);
const stringRows = rows((): Row[] => ([['60', 'pcmpestrm', true, false], ['61', 'pcmpestri', true, true], ['62', 'pcmpistrm', false, false], ['63', 'pcmpistri', false, true]] as [string, string, boolean, boolean][]).flatMap(([byte, name, explicit, toIndex]): Row[] => [
  [`66 0F 3A ${byte}`, name, [Vdq, Wdq, ib], STRING_FLAGS, meaning(explicit, toIndex, false), { unit: 'sse', feature: 'sse4_2' }],
  [`VEX.66.0F3A.L0 ${byte}`, `v${name}`, [Vdq, Wdq, ib], STRING_FLAGS, meaning(explicit, toIndex, true), AVX],
]));

// --- CRC32C ----------------------------------------------------------------------------------------------------------------------------------------

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => { let c = n; for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1; return c; });
const crc32 = (bytesOf: (size: number) => number): Semantics => helper(cpu => {
  const { insn } = cpu, n = bytesOf(insn.size);
  const data = insn.isMemory ? cpu.read(insn.address, n) : register(cpu, insn.rm, n);
  let crc = cpu.view.getUint32(insn.reg, true);
  for (let i = 0; i < n; i++) crc = (CRC_TABLE[(crc ^ (data[i] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  cpu.view.setBigUint64(insn.reg, BigInt(crc >>> 0), true);
});

// --- AES (FIPS 197), carry-less multiplication ---------------------------------------------------------------------------------------------------------

const double = (x: number): number => ((x << 1) ^ (x & 0x80 ? 0x11b : 0)) & 0xff;
function times(a: number, b: number): number { let r = 0; for (let x = a, y = b; y; y >>= 1, x = double(x)) if (y & 1) r ^= x; return r; }
/** By the powers of the generator 3 and of its inverse. */
function substitutionBox(): Uint8Array {
  const box = new Uint8Array(256);
  for (let p = 1, q = 1, first = true; first || p !== 1; first = false) {
    p ^= double(p);
    q ^= q << 1; q ^= q << 2; q ^= q << 4; q &= 0xff;
    if (q & 0x80) q ^= 9;
    const rotated = q ^ (q << 1 | q >> 7) ^ (q << 2 | q >> 6) ^ (q << 3 | q >> 5) ^ (q << 4 | q >> 4);
    box[p] = (rotated ^ 0x63) & 0xff;
  }
  box[0] = 0x63;
  return box;
}
const SBOX = substitutionBox();
const INVERSE_SBOX = new Uint8Array(256);
SBOX.forEach((s, i) => { INVERSE_SBOX[s] = i; });
const mix = (v: Uint8Array, factors: readonly [number, number, number, number]): Uint8Array => v.map((_, i) => {
  const column = i & 12;
  return factors.reduce((r, _f, k) => r ^ times(v[column + k] ?? 0, factors[(k - (i & 3) + 4) & 3] ?? 0), 0);
});
const MIX = [2, 3, 1, 1] as const, UNMIX = [14, 11, 13, 9] as const;
const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((x, i) => x ^ (b[i] ?? 0));
const encryptLast = (v: Uint8Array): Uint8Array => Uint8Array.from(v, (_, i) => SBOX[v[(i + (i & 3) * 4) & 15] ?? 0] ?? 0);
const decryptLast = (v: Uint8Array): Uint8Array => Uint8Array.from(v, (_, i) => INVERSE_SBOX[v[(i - (i & 3) * 4) & 15] ?? 0] ?? 0);
const substituteWord = (w: number): number => (SBOX[w & 255] ?? 0) | (SBOX[w >> 8 & 255] ?? 0) << 8 | (SBOX[w >> 16 & 255] ?? 0) << 16 | (SBOX[w >>> 24] ?? 0) << 24;
const words = (...list: number[]): Uint8Array => new Uint8Array(Uint32Array.from(list.map(w => w >>> 0)).buffer);

const single = (f: (v: Uint8Array, imm: number) => Uint8Array, isVex: boolean): Semantics => helper(cpu => put(cpu, cpu.insn.reg, f(rm(cpu, 16, !isVex), immediate(cpu)), isVex));
const singleRows = (opcode: string, vex: string, name: string, operands: readonly OperandKind[], f: (v: Uint8Array, imm: number) => Uint8Array, feature: string): Row[] => [
  [`66 ${opcode}`, name, operands, NONE, single(f, false), { unit: 'sse', feature }], [`VEX.66.${vex}`, `v${name}`, operands, NONE, single(f, true), { unit: 'avx', feature }],
];
const keygen = (v: Uint8Array, rcon: number): Uint8Array => {
  const x1 = substituteWord(word32(v, 1)), x3 = substituteWord(word32(v, 3)), rotate = (x: number): number => x >>> 8 | x << 24;
  return words(x1, rotate(x1) ^ rcon, x3, rotate(x3) ^ rcon);
};
const carryless: Combine = (a, b, imm) => {
  const x = viewOf(a).getBigUint64(imm & 1 ? 8 : 0, true), y = viewOf(b).getBigUint64(imm & 16 ? 8 : 0, true);
  let r = 0n;
  for (let i = 0n; i < 64n; i++) if (y >> i & 1n) r ^= x << i;
  const out = new Uint8Array(16);
  viewOf(out).setBigUint64(0, BigInt.asUintN(64, r), true);
  viewOf(out).setBigUint64(8, r >> 64n, true);
  return out;
};

// Differs: the manual wants aligned memory operands, AMD's processors do not; nor do we.
// --- SHA (FIPS 180-4) ------------------------------------------------------------------------------------------------------------------------------

const rol = (x: number, n: number): number => x << n | x >>> (32 - n), ror = (x: number, n: number): number => x >>> n | x << (32 - n);
const W = (v: Uint8Array): [number, number, number, number] => [word32(v, 0), word32(v, 1), word32(v, 2), word32(v, 3)];
const sha = (opcode: string, name: string, operands: readonly OperandKind[], f: Combine): Row => [`NP ${opcode}`, name, operands, NONE, combine(f, false), { unit: 'sse', feature: 'sha_ni' }];
const sha1rounds: Combine = (dst, src, imm) => {
  let [d, c, b, a] = W(dst), e = 0;
  const w = W(src);
  const [k, f] = ([
    [0x5a827999, (x: number, y: number, z: number) => (x & y) ^ (~x & z)], [0x6ed9eba1, (x: number, y: number, z: number) => x ^ y ^ z],
    [0x8f1bbcdc, (x: number, y: number, z: number) => (x & y) ^ (x & z) ^ (y & z)], [0xca62c1d6, (x: number, y: number, z: number) => x ^ y ^ z],
  ] as const)[imm & 3] ?? [0, () => 0];
  for (let i = 0; i < 4; i++) { const t = (f(b, c, d) + rol(a, 5) + (w[3 - i] ?? 0) + (i ? e : 0) + k) | 0; e = d; d = c; c = rol(b, 30); b = a; a = t; }
  return words(d, c, b, a);
};
const sigma0 = (x: number): number => ror(x, 7) ^ ror(x, 18) ^ x >>> 3, sigma1 = (x: number): number => ror(x, 17) ^ ror(x, 19) ^ x >>> 10;
const sha256rounds: Combine = (dst, src, _imm, cpu) => {
  const wk = register(cpu, STATE.ymm);
  let [h, g, d, c] = W(dst), [f, e, b, a] = W(src);
  for (let i = 0; i < 2; i++) {
    const t1 = (((e & f) ^ (~e & g)) + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) + word32(wk, i) + h) | 0, t2 = (((a & b) ^ (a & c) ^ (b & c)) + (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  return words(f, e, b, a);
};
const shaRows = rows((): Row[] => [
  sha('0F 3A CC', 'sha1rnds4', [Vdq, Wdq, ib], sha1rounds),
  sha('0F 38 C8', 'sha1nexte', [Vdq, Wdq], (a, b) => { const w = W(b); return words(w[0], w[1], w[2], w[3] + rol(word32(a, 3), 30)); }),
  sha('0F 38 C9', 'sha1msg1', [Vdq, Wdq], (a, b) => { const [w3, w2, w1, w0] = W(a), [, , w5, w4] = W(b); return words(w5 ^ w3, w4 ^ w2, w3 ^ w1, w2 ^ w0); }),
  sha('0F 38 CA', 'sha1msg2', [Vdq, Wdq], (a, b) => { const [a0, a1, a2, a3] = W(a), [b0, b1, b2] = W(b), w16 = rol(a3 ^ b2, 1), w17 = rol(a2 ^ b1, 1), w18 = rol(a1 ^ b0, 1), w19 = rol(a0 ^ w16, 1); return words(w19, w18, w17, w16); }),
  sha('0F 38 CB', 'sha256rnds2', [Vdq, Wdq], sha256rounds),
  sha('0F 38 CC', 'sha256msg1', [Vdq, Wdq], (a, b) => { const [w0, w1, w2, w3] = W(a), w4 = word32(b, 0); return words(w0 + sigma0(w1), w1 + sigma0(w2), w2 + sigma0(w3), w3 + sigma0(w4)); }),
  sha('0F 38 CD', 'sha256msg2', [Vdq, Wdq], (a, b) => { const [a0, a1, a2, a3] = W(a), [, , w14, w15] = W(b), w16 = (a0 + sigma1(w14)) | 0, w17 = (a1 + sigma1(w15)) | 0; return words(w16, w17, a2 + sigma1(w16), a3 + sigma1(w17)); }),
]);

// --- gathers and masked moves ------------------------------------------------------------------------------------------------------------------------

/** VMASKMOV and VPMASKMOV: elements whose mask sign is clear are neither read (they become zero) nor written. */
const maskedLoad = (bytes: 4 | 8): Semantics => helper(cpu => {
  const { insn } = cpu, mask = register(cpu, insn.vvvv, insn.vectorBytes), result = new Uint8Array(insn.vectorBytes);
  for (let i = 0; i < result.length; i += bytes) if ((mask[i + bytes - 1] ?? 0) & 0x80) result.set(cpu.read(BigInt.asUintN(64, insn.address + BigInt(i)), bytes), i);
  put(cpu, insn.reg, result, true);
});
const maskedStore = (bytes: 1 | 4 | 8, to: 'memory' | 'rdi', isMmx = false): Semantics => helper(cpu => {
  const { insn } = cpu, vector = to === 'memory';
  const length = isMmx ? 8 : vector ? insn.vectorBytes : 16, mask = register(cpu, vector ? insn.vvvv : insn.rm, length), data = register(cpu, insn.reg, length), base = vector ? insn.address : cpu.gpr(7);
  const chosen: number[] = [];
  for (let i = 0; i < length; i += bytes) if ((mask[i + bytes - 1] ?? 0) & 0x80) chosen.push(i);
  const address = (i: number): bigint => BigInt.asUintN(64, base + BigInt(i));
  for (const i of chosen) cpu.probeWrite(address(i), bytes);
  for (const i of chosen) cpu.write(address(i), data.subarray(i, i + bytes));
});

/**
 * VGATHER: elements in order, each taken off the mask when it is there; a fault leaves what was done, and the instruction goes on from it. First of all each
 * element of the mask becomes ones or zeros, and what lies above the vector length zero.
 */
const gather = (bytes: 4 | 8, indexBytes: 4 | 8): Semantics => helper(cpu => {
  const { insn, view } = cpu, { base, scale, index, reg, vvvv, vectorBytes } = insn, segment = cpu.segmentBase(), addr32 = cpu.addr32();
  const count = vectorBytes / Math.max(bytes, indexBytes);
  const setMask = (at: number, word: number): void => { for (let k = 0; k < bytes; k += 4) view.setUint32(vvvv + at + k, word, true); };
  for (let at = 0; at < 32; at += bytes) setMask(at, at < vectorBytes && view.getInt8(vvvv + at + bytes - 1) < 0 ? 0xffffffff : 0);
  const clearFrom = (from: number): void => { for (let at = from; at < 32; at += 8) view.setBigUint64(reg + at, 0n, true); };
  for (let i = 0; i < count; i++) {
    const at = i * bytes;
    if (view.getUint8(vvvv + at) === 0) continue;
    const element = indexBytes === 4 ? BigInt(view.getInt32(index + 4 * i, true)) : view.getBigInt64(index + 8 * i, true), offset = base + (element << BigInt(scale));
    const found = cpu.read(BigInt.asUintN(64, (addr32 ? offset & 0xffffffffn : offset) + segment), bytes);
    for (let k = 0; k < bytes; k++) view.setUint8(reg + at + k, found[k] as number);
    clearFrom(vectorBytes);
    setMask(at, 0);
  }
  for (let at = 0; at < 32; at += 8) view.setBigUint64(vvvv + at, 0n, true);
  clearFrom(count * bytes);
});
const gathers = rows((): Row[] => ([['90', 'vpgatherd', 'd', 'q'], ['91', 'vpgatherq', 'd', 'q'], ['92', 'vgatherd', 'ps', 'pd'], ['93', 'vgatherq', 'ps', 'pd']] as const).flatMap(([byte, name, narrow, wide]): Row[] => {
  const byQuad = name.endsWith('q'), where = byQuad ? vm64 : vm32;
  return [
    [`VEX.66.0F38.W0 ${byte}`, name + narrow, [Vx, where, Hx], NONE, gather(4, byQuad ? 8 : 4), AVX2],
    [`VEX.66.0F38.W1 ${byte}`, name + wide, [Vx, where, Hx], NONE, gather(8, byQuad ? 8 : 4), AVX2],
  ];
}));

/**
 * DPPS and DPPD: chosen products summed pairwise, the sum in chosen elements. Each element adds in an order of its own, which tells when products are NaNs; an
 * unmasked exception in the products comes before the sums.
 */
const dot = (bits: 32 | 64, isVex: boolean): Semantics => helper(cpu => {
  const { insn, view } = cpu, f = bits === 32 ? soft.F32 : soft.F64, n = 128 / bits, imm = immediate(cpu), length = isVex ? insn.vectorBytes : 16;
  const b = rm(cpu, length, !isVex), a = register(cpu, isVex ? insn.vvvv : insn.reg, length), result = new Uint8Array(length), c = soft.contextOfMxcsr(view.getUint32(STATE.mxcsr, true));
  const get = (v: Uint8Array, at: number): bigint => bits === 32 ? BigInt(viewOf(v).getUint32(at, true)) : viewOf(v).getBigUint64(at, true);
  const noteFlags = (): void => {
    const unmasked = c.flags & ~c.masks & 0x3f;
    view.setUint32(STATE.mxcsr, view.getUint32(STATE.mxcsr, true) | (unmasked & 7 ? c.flags & 7 : c.flags), true);
    if (unmasked) cpu.raise(XM);
  };
  const products = Array.from({ length: length * 8 / bits }, (_, i) => imm >> (4 + i % n) & 1 ? soft.mul(f, get(a, i * bits / 8), get(b, i * bits / 8), c) : 0n);
  noteFlags();
  for (let lane = 0; lane < products.length; lane += n) {
    const p = (i: number): bigint => products[lane + i] as bigint;
    for (let i = 0; i < n; i++) {
      const sum = n === 2 ? soft.add(f, p(i), p(i ^ 1), c) : soft.add(f, soft.add(f, p(i ^ 1), p(i), c), soft.add(f, p(i ^ 3), p(i ^ 2), c), c);
      if (!(imm >> i & 1)) continue;
      if (bits === 32) viewOf(result).setUint32((lane + i) * 4, Number(sum), true); else viewOf(result).setBigUint64((lane + i) * 8, sum, true);
    }
  }
  noteFlags();
  put(cpu, insn.reg, result, isVex);
});

const multipleSums: Combine = (a, b, imm) => {
  const out = new Uint8Array(16), from = (imm & 4) ? 4 : 0, block = (imm & 3) * 4;
  for (let i = 0; i < 8; i++) {
    let sum = 0;
    for (let k = 0; k < 4; k++) sum += Math.abs((a[from + i + k] ?? 0) - (b[block + k] ?? 0));
    viewOf(out).setUint16(i * 2, sum, true);
  }
  return out;
};
const minimumWord = (v: Uint8Array): Uint8Array => {
  const out = new Uint8Array(16);
  let best = 0;
  for (let i = 1; i < 8; i++) if (viewOf(v).getUint16(i * 2, true) < viewOf(v).getUint16(best * 2, true)) best = i;
  viewOf(out).setUint16(0, viewOf(v).getUint16(best * 2, true), true);
  viewOf(out).setUint16(2, best, true);
  return out;
};

const zeroHalves = (from: number, step: 16 | 32): Semantics => m => { for (let at = STATE.ymm + from; at < STATE.ymm + 512; at += step) m.store('v128.store', m.i32(0), at, m.v128(0n, 0n)); };

export const simdSpecial = rows(() => [
  ...stringRows(),
  ['F2 0F 38 F0', 'crc32', [Gy, Eb], NONE, crc32(() => 1), { feature: 'sse4_2' }], ['F2 0F 38 F1', 'crc32', [Gv, Ev], NONE, crc32(size => size), { feature: 'sse4_2' }],
  ...both('0F 38', 'DC', 'aesenc', (a, b) => xor(mix(encryptLast(a), MIX), b), false, 'aes'), ...both('0F 38', 'DD', 'aesenclast', (a, b) => xor(encryptLast(a), b), false, 'aes'),
  ...both('0F 38', 'DE', 'aesdec', (a, b) => xor(mix(decryptLast(a), UNMIX), b), false, 'aes'), ...both('0F 38', 'DF', 'aesdeclast', (a, b) => xor(decryptLast(a), b), false, 'aes'),
  ...singleRows('0F 38 DB', '0F38.L0 DB', 'aesimc', [Vdq, Wdq], v => mix(v, UNMIX), 'aes'), ...singleRows('0F 3A DF', '0F3A.L0 DF', 'aeskeygenassist', [Vdq, Wdq, ib], keygen, 'aes'),
  ...both('0F 3A', '44', 'pclmulqdq', carryless, true, 'pclmulqdq'),
  ...shaRows(),
  ['VEX.66.0F38.W0 8C', 'vpmaskmovd', [Vx, Hx, Mx], NONE, maskedLoad(4), AVX2], ['VEX.66.0F38.W1 8C', 'vpmaskmovq', [Vx, Hx, Mx], NONE, maskedLoad(8), AVX2], ['VEX.66.0F38.W0 8E', 'vpmaskmovd', [Mx, Hx, Vx], NONE, maskedStore(4, 'memory'), AVX2], ['VEX.66.0F38.W1 8E', 'vpmaskmovq', [Mx, Hx, Vx], NONE, maskedStore(8, 'memory'), AVX2],
  ['VEX.66.0F38.W0 2C', 'vmaskmovps', [Vx, Hx, Mx], NONE, maskedLoad(4), AVX], ['VEX.66.0F38.W0 2D', 'vmaskmovpd', [Vx, Hx, Mx], NONE, maskedLoad(8), AVX], ['VEX.66.0F38.W0 2E', 'vmaskmovps', [Mx, Hx, Vx], NONE, maskedStore(4, 'memory'), AVX], ['VEX.66.0F38.W0 2F', 'vmaskmovpd', [Mx, Hx, Vx], NONE, maskedStore(8, 'memory'), AVX],
  ...gathers(),
  ['NP 0F F7', 'maskmovq', [Pq, Nq], NONE, (m, operands) => { maskedStore(1, 'rdi', true)(m, operands); m.enterMmx(); }, { unit: 'mmx' }],
  ['66 0F F7', 'maskmovdqu', [Vdq, Udq], NONE, maskedStore(1, 'rdi'), SSE], ['VEX.66.0F.L0 F7', 'vmaskmovdqu', [Vdq, Udq], NONE, maskedStore(1, 'rdi'), AVX],
  ['66 0F 3A 40', 'dpps', [Vdq, Wdq, ib], NONE, dot(32, false), SSE], ['VEX.66.0F3A 40', 'vdpps', [Vx, Hx, Wx, ib], NONE, dot(32, true), AVX], ['66 0F 3A 41', 'dppd', [Vdq, Wdq, ib], NONE, dot(64, false), SSE], ['VEX.66.0F3A.L0 41', 'vdppd', [Vdq, Hdq, Wdq, ib], NONE, dot(64, true), AVX],
  ...both('0F 3A', '42', 'mpsadbw', multipleSums, true, undefined, true), ...singleRows('0F 38 41', '0F38.L0 41', 'phminposuw', [Vdq, Wdq], minimumWord, 'sse4_1'),
  ['VEX.NP.0F.L0 77', 'vzeroupper', [], NONE, zeroHalves(16, 32), AVX], ['VEX.NP.0F.L1 77', 'vzeroall', [], NONE, zeroHalves(0, 16), AVX],
  ['NP 0F 77', 'emms', [], NONE, helper(cpu => { cpu.view.setUint32(STATE.ftag, 0, true); cpu.view.setUint32(STATE.ftop, 0, true); }), { unit: 'x87' }],
]);
