// Random instructions from the rows: bytes by a small encoder of its own, and the state from which they run.
import type { Encoding } from '../../../src/cpu/decode';
import type { OperandKind } from '../../../src/cpu/isa/operands';

export const CODE = 0x30000000, DATA = 0x20000000, WINDOW = DATA + 0xf00, WINDOW_BYTES = 512;
export const CASE_BYTES = 16 + 16 * 8 + 8 + 512 + 256 + WINDOW_BYTES, OUTCOME_BYTES = 8 + 16 + 16 * 8 + 8 + 512 + 256 + WINDOW_BYTES;
/** Offsets in a case. */
export const CASE = { code: 0, gpr: 16, flags: 144, fx: 152, ymmh: 664, mem: 920 } as const;
export const OUTCOME = { trapno: 0, err: 4, cr2: 8, rip: 16, gpr: 24, flags: 152, fx: 160, ymmh: 672, mem: 928 } as const;

/** A small generator with a printable seed: sfc32. */
export class Random {
  private a: number; private b = 0x9e3779b9; private c = 0x243f6a88; private counter = 1;
  constructor(seed: number) {
    this.a = seed | 0;
    for (let i = 0; i < 12; i++) this.u32();
  }
  u32(): number {
    const out = (this.a + this.b + this.counter++) | 0;
    this.a = this.b ^ this.b >>> 9;
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21 | this.c >>> 11) + out) | 0;
    return out >>> 0;
  }
  u64(): bigint { return BigInt(this.u32()) << 32n | BigInt(this.u32()); }
  below(n: number): number { return (this.u32() >>> 4) % n; }
  chance(percent: number): boolean { return this.below(100) < percent; }
  pick<T>(list: readonly T[]): T { return list[this.below(list.length)] as T; }
  /** A 64-bit value of the kind that finds mistakes, to `at`. */
  putValue(out: DataView, at: number): void {
    let low: number, high: number;
    switch (this.below(6)) {
      case 0: [high, low] = this.pick(EDGES); break;
      case 1: low = this.below(70); high = 0; break;
      case 2: low = -this.below(300); high = low < 0 ? -1 : 0; break;
      default: low = this.u32(); high = this.u32();
    }
    out.setUint32(at, low >>> 0, true);
    out.setUint32(at + 4, high >>> 0, true);
  }
  putF64(out: DataView, at: number): void {
    const isShort = this.chance(40), isPower = this.chance(12);
    const e = this.pick([0, 1, 2, 0x7fe, 0x7ff, 1023, 1023 + 31, 1023 + 62, 1023 + 63, 1023 - this.below(60), 1023 + this.below(60), this.below(2048), 1023 + this.below(8), 1023 - 127 - this.below(30), 1023 + 127]);
    out.setUint32(at, isPower || isShort ? 0 : this.u32(), true);
    out.setUint32(at + 4, (this.below(2) << 31 | e << 20 | (isPower ? 0 : this.u32() & (isShort ? 0xfff00 : 0xfffff))) >>> 0, true);
  }
  putF32(out: DataView, at: number): void {
    const e = this.pick([0, 1, 2, 254, 255, 127, 127 + 31, 127 + 62, 127 - this.below(30), 127 + this.below(30), this.below(256), 127 + this.below(6), 127 - 14 - this.below(12)]);
    out.setUint32(at, (this.below(2) << 31 | e << 23 | (this.chance(12) ? 0 : this.u32() & (this.chance(40) ? 0x7f0000 : 0x7fffff))) >>> 0, true);
  }
  /** 64 bits of vector contents: integers, doubles or floats. */
  putVectorWord(out: DataView, at: number): void {
    switch (this.below(3)) {
      case 0: this.putValue(out, at); return;
      case 1: this.putF64(out, at); return;
      default: this.putF32(out, at); this.putF32(out, at + 4);
    }
  }
}
const EDGES: readonly (readonly [high: number, low: number])[] = [[0, 0], [0, 1], [0, 2], [0, 0x7f], [0, 0x80], [0, 0xff], [0, 0x7fff], [0, 0x8000], [0, 0xffff], [0, 0x7fffffff], [0, 0x80000000], [0, 0xffffffff], [0x7fffffff, 0xffffffff],
  [0x80000000, 0], [0xffffffff, 0xffffffff], [0xffffffff, 0x80000000]];

const immediateBytes = (o: OperandKind, operandSize: number): number => o.from === 'is4' || o.from === 'imm2' ? 1 : o.from !== 'imm' ? 0 : o.size === 'z' ? Math.min(operandSize, 4) : o.size === 'v' ? operandSize : o.size as number;

/** False for what cannot be compared at CPL 3 in isolation. `features`: of the processor; all, when left out. */
export function isComparable(e: Encoding, features: ReadonlySet<string> | undefined): boolean {
  const { options } = e;
  // POPF may set AC or TF, which the native runner's own handler would run under.
  if (options.native === false || options.privileged || options.ends || e.mnemonic === 'popf') return false;
  if (features && options.feature && !options.feature.split(',').every(f => features.has(f))) return false;
  return !e.operands.some(o => o.class === 'relative' || o.class === 'segment' || o.class === 'control' || o.class === 'debug' || o.from === 'moffs');
}

const BASES = [3, 5, 6, 7, 9, 12, 13];

/** Fills a case for one random form of `e`; returns the instruction bytes. They follow from `r` alone, the state from both. */
export function makeCase(e: Encoding, r: Random, values: Random, out: DataView): number[] {
  const rm = e.operands.find(o => o.from === 'rm'), wantsMemory = e.fixedModrm < 0 && e.hasModrm && e.mod !== 3 && (e.mod === 0 || (rm !== undefined && r.chance(50)));
  for (let i = 0; i < 16; i++) values.putValue(out, CASE.gpr + 8 * i);
  const gpr = new BigUint64Array(16).map((_, i) => out.getBigUint64(CASE.gpr + 8 * i, true));
  gpr[4] = BigInt(DATA + 0x1000 + 8 * values.below(8));
  if (e.options.rep || ['leave', 'enter', 'push', 'pop', 'pushf', 'popf', 'xlatb', 'xlat', 'maskmovdqu', 'vmaskmovdqu', 'maskmovq'].includes(e.mnemonic)) {
    for (const i of [3, 5, 6, 7]) gpr[i] = BigInt(DATA + 0x1000 - 64 + values.below(128));
    if (e.mnemonic.startsWith('xlat')) gpr[0] = gpr[0]! & ~0xffn | BigInt(values.below(100));
    gpr[1] = BigInt(values.below(12));
  }
  const prefixes: number[] = [];
  let wide = e.w === 1 || (e.w < 0 && (e.usesV || e.usesY) && r.chance(40)), small = false;
  if (e.prefix < 0 && e.usesV && !wide && r.chance(25)) { prefixes.push(0x66); small = true; }
  if (e.prefix > 0 && e.prefix !== 0x66 && e.usesV && !e.vex && !wide && r.chance(20)) { prefixes.push(0x66); small = true; }
  if (e.options.rep && r.chance(70)) prefixes.push(r.pick([0xf2, 0xf3]));
  if (wantsMemory && e.options.lock && r.chance(30)) prefixes.push(0xf0);
  const operandSize = small || (e.prefix === 0x66 && e.usesV && !e.vex) ? 2 : wide ? 8 : e.options.size64 ? 8 : 4;
  let reg = e.digit >= 0 ? e.digit : r.below(16), other = r.below(16), index = 0, base = 0;
  const vvvv = e.operands.some(o => o.from === 'vvvv') ? r.below(16) : 0;
  const span = e.span === 1 ? 0 : r.below(e.span), extended = e.span === 8 ? r.below(2) : 0;
  const limit = (o: OperandKind | undefined, n: number): number => o?.class === 'mmx' || o?.class === 'st' ? n & 7 : o?.class === 'gpr' && n === 4 && o.size !== 1 ? 11 : n;
  if (e.vsib) reg = (vvvv + 1 + r.below(15)) & 15;
  let vsib: { index: number; vvvv: number; isQuad: boolean } | undefined;
  if (e.digit < 0) reg = limit(e.operands.find(o => o.from === 'reg'), reg);
  const tail: number[] = [];
  let rexX = 0, rexB = 0;
  if (e.fixedModrm >= 0) tail.push(e.fixedModrm);
  else if (e.hasModrm && !wantsMemory) {
    other = limit(rm, other);
    tail.push(0xc0 | (reg & 7) << 3 | (other & 7));
    rexB = other >> 3;
  } else if (e.hasModrm) {
    base = r.pick(BASES);
    const target = DATA + 0x1000 + (values.chance(60) ? 32 * (values.below(6) - 3) : values.chance(60) ? values.below(128) - 64 : -values.below(32)), displacement = r.chance(50) ? 0 : r.below(200) - 100;
    const bitBase = e.mnemonic.startsWith('bt') && rm?.size === 'v' && e.operands.some(o => o.from === 'reg');
    const useIndex = e.vsib || r.chance(30);
    index = e.vsib ? r.pick([...Array(16).keys()].filter(n => n !== reg && n !== vvvv)) : useIndex ? r.pick([0, 2, 8, 10, 14, 15].filter(n => n !== base)) : 4;
    // An address is a bit offset too large for the window of memory that is set and compared.
    if (bitBase && (reg === base || reg === index)) reg = r.pick([1, 3, 9, 11].filter(n => n !== base && n !== index));
    const scale = r.below(4);
    if (e.vsib) vsib = { index, vvvv, isQuad: e.mnemonic.includes('gatherq') };
    else if (useIndex) gpr[index] = BigInt.asUintN(64, BigInt(values.below(9) - 4));
    gpr[base] = BigInt.asUintN(64, BigInt(target - displacement) - (useIndex && !e.vsib ? BigInt.asIntN(64, gpr[index]!) << BigInt(scale) : 0n));
    const needsSib = useIndex || (base & 7) === 4, far = displacement !== (displacement << 24 >> 24) || r.chance(20), mod = far ? 2 : displacement === 0 && (base & 7) !== 5 ? 0 : 1;
    tail.push(mod << 6 | (reg & 7) << 3 | (needsSib ? 4 : base & 7));
    if (needsSib) tail.push(scale << 6 | (index & 7) << 3 | (base & 7));
    for (let i = 0; i < [0, 1, 4][mod]!; i++) tail.push(displacement >> (8 * i) & 255);
    rexX = useIndex ? index >> 3 : 0;
    rexB = base >> 3;
    if (bitBase) gpr[reg] = BigInt.asUintN(64, BigInt(values.below(1200) - 600));
  }
  if (e.span === 8) rexB = extended;
  const bytes: number[] = [...prefixes], opcode = e.opcode + span;
  if (e.vex) {
    const l = e.l >= 0 ? e.l : e.usesL && r.chance(50) ? 1 : 0, pp = { 0: 0, 0x66: 1, 0xf3: 2, 0xf2: 3 }[e.prefix as 0] ?? 0;
    bytes.push(0xc4, ((~(reg >> 3) & 1) << 7 | (~rexX & 1) << 6 | (~rexB & 1) << 5 | e.map), ((wide ? 1 : 0) << 7 | (~vvvv & 15) << 3 | l << 2 | pp), opcode);
  } else {
    if (e.prefix > 0) bytes.push(e.prefix);
    const rex = 0x40 | (wide ? 8 : 0) | (e.digit >= 0 ? 0 : reg >> 3) << 2 | rexX << 1 | rexB;
    if (rex !== 0x40 || r.chance(15)) bytes.push(rex);
    bytes.push(...[[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]][e.map]!, opcode);
  }
  bytes.push(...tail);
  for (const o of e.operands) for (let i = 0, n = immediateBytes(o, operandSize); i < n; i++) bytes.push(r.chance(30) ? r.pick([0, 1, 0xff, 0x7f, 0x80]) : r.below(256));
  // A 16-bit double shift by more than 16 is undefined.
  if (/^sh[lr]d$/.test(e.mnemonic) && operandSize === 2) { gpr[1] = gpr[1]! & ~0x10n; if (e.operands[2]?.from === 'imm') bytes.push(bytes.pop()! & ~0x10); }
  fill(e, values, out, gpr, bytes);
  if (vsib) fillGather(values, out, vsib);
  return bytes;
}

/** Indices that mostly stay in the window, a mask, and now and then an index that leads astray. */
function fillGather(r: Random, out: DataView, { index, vvvv, isQuad }: { index: number; vvvv: number; isQuad: boolean }): void {
  const word = (register: number, i: number): number => (i < 4 ? CASE.fx + 160 : CASE.ymmh - 16) + register * 16 + i * 4;
  for (let i = 0; i < 8; i++) {
    const isHigh = isQuad && i & 1, small = r.chance(4) ? 0x7000000 : r.below(30) - 15;
    out.setInt32(word(index, i), isHigh ? out.getInt32(word(index, i - 1), true) >> 31 : small, true);
    out.setUint32(word(vvvv, i), r.u32(), true);
  }
}

function fill(e: Encoding, r: Random, out: DataView, gpr: BigUint64Array, bytes: readonly number[]): void {
  out.setUint8(CASE.code, bytes.length);
  for (let i = 0; i < 15; i++) out.setUint8(CASE.code + 1 + i, bytes[i] ?? 0xcc);
  gpr.forEach((v, i) => out.setBigUint64(CASE.gpr + i * 8, v, true));
  out.setBigUint64(CASE.flags, BigInt(0x202 | (r.u32() & 0x8d5) | (e.options.rep && r.chance(40) ? 0x400 : 0)), true);
  for (let i = 0; i < 512; i += 4) out.setUint32(CASE.fx + i, 0, true);
  out.setUint16(CASE.fx, r.chance(50) ? 0x37f : (0x7f | r.pick([0, 0x200, 0x300]) | r.below(4) << 10), true);
  // Unmasked now and then: what INT3 does not wait for.
  if (e.options.unit === 'x87' && r.chance(15)) out.setUint16(CASE.fx, out.getUint16(CASE.fx, true) & ~(1 << r.below(6)), true);
  const top = r.below(8);
  out.setUint16(CASE.fx + 2, top << 11 | (r.u32() & 0x4700), true);
  out.setUint8(CASE.fx + 4, e.options.unit === 'x87' ? (r.chance(70) ? 0x3f : r.below(256)) : e.options.unit === 'mmx' ? 0xff : 0);
  const mode = r.chance(60) ? r.pick([0x1f80, 0x1fa0]) : 0x1f80 | r.below(4) << 13 | (r.chance(30) ? 0x40 : 0) | (r.chance(30) ? 0x8000 : 0) | r.below(64);
  out.setUint32(CASE.fx + 24, r.chance(4) ? mode & ~(0x80 << r.below(6)) : mode, true);
  for (let i = 0; i < 8; i++) {
    out.setUint32(CASE.fx + 32 + i * 16, r.u32(), true);
    out.setUint32(CASE.fx + 36 + i * 16, (r.chance(90) ? r.u32() | 0x80000000 : r.u32()) >>> 0, true);
    out.setUint16(CASE.fx + 40 + i * 16, r.chance(70) ? 16383 - 40 + r.below(80) | r.below(2) << 15 : r.pick([0, 0x7fff, 1, 0xffff, r.below(65536)]), true);
  }
  for (let i = 0; i < 32; i++) { r.putVectorWord(out, CASE.fx + 160 + i * 8); r.putVectorWord(out, CASE.ymmh + i * 8); }
  for (let i = 0; i < WINDOW_BYTES; i += 8) r.putVectorWord(out, CASE.mem + i);
  if (e.options.unit === 'x87') for (let i = 0; i + 16 <= WINDOW_BYTES; i += 16) out.setUint16(CASE.mem + i + 8, 16383 - 20 + r.below(50), true);
}
