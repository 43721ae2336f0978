// Random instructions from the rows: bytes by a small encoder of its own, and the state from which they run.
import type { Encoding } from '../../../src/cpu/decode';
import type { OperandKind } from '../../../src/cpu/isa/operands';

export const CODE = 0x30000000, DATA = 0x20000000, WINDOW = DATA + 0xf00, WINDOW_BYTES = 512;
export const CASE_BYTES = 16 + 16 * 8 + 8 + 512 + 256 + WINDOW_BYTES, OUTCOME_BYTES = 8 + 16 + 16 * 8 + 8 + 512 + 256 + WINDOW_BYTES;
/** Offsets in a case. */
export const CASE = { code: 0, gpr: 16, flags: 144, fx: 152, ymmh: 664, mem: 920 } as const;
export const OUTCOME = { trapno: 0, err: 4, cr2: 8, rip: 16, gpr: 24, flags: 152, fx: 160, ymmh: 672, mem: 928 } as const;

/** A small generator with a printable seed. */
export class Random {
  private state: bigint;
  constructor(seed: number) { this.state = BigInt.asUintN(64, BigInt(seed) * 0x9e3779b97f4a7c15n + 1n) || 1n; }
  u64(): bigint {
    let s = this.state;
    s ^= BigInt.asUintN(64, s << 13n); s ^= s >> 7n; s ^= BigInt.asUintN(64, s << 17n);
    return this.state = s;
  }
  below(n: number): number { return Number(this.u64() >> 20n) % n; }
  chance(percent: number): boolean { return this.below(100) < percent; }
  pick<T>(list: readonly T[]): T { return list[this.below(list.length)] as T; }
  /** A 64-bit value of the kind that finds mistakes. */
  value(): bigint {
    switch (this.below(6)) {
      case 0: return this.pick([0n, 1n, 2n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n, 0xffffn, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0x7fffffffffffffffn, 0x8000000000000000n, 0xffffffffffffffffn, 0xffffffff80000000n]);
      case 1: return BigInt(this.below(70));
      case 2: return BigInt.asUintN(64, -BigInt(this.below(300)));
      default: return this.u64();
    }
  }
  f64(): bigint {
    const sign = this.u64() & (1n << 63n), fraction = this.chance(40) ? this.u64() & 0xfff0000000000n : this.u64() & 0xfffffffffffffn;
    const e = this.pick([0, 1, 2, 0x7fe, 0x7ff, 1023, 1023 + 31, 1023 + 62, 1023 + 63, 1023 - this.below(60), 1023 + this.below(60), this.below(2048), 1023 + this.below(8), 1023 - 127 - this.below(30), 1023 + 127]);
    return sign | BigInt(e) << 52n | (this.chance(12) ? 0n : fraction);
  }
  f32(): bigint {
    const e = this.pick([0, 1, 2, 254, 255, 127, 127 + 31, 127 + 62, 127 - this.below(30), 127 + this.below(30), this.below(256), 127 + this.below(6), 127 - 14 - this.below(12)]);
    return (this.u64() & 0x80000000n) | BigInt(e) << 23n | (this.chance(12) ? 0n : this.u64() & (this.chance(40) ? 0x7f0000n : 0x7fffffn));
  }
  /** 64 bits of vector contents: integers, doubles or floats. */
  vectorWord(): bigint {
    switch (this.below(3)) { case 0: return this.value(); case 1: return this.f64(); default: return this.f32() << 32n | this.f32(); }
  }
}

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

/** Fills a case for one random form of `e`; returns the instruction bytes. */
export function makeCase(e: Encoding, r: Random, out: DataView): number[] {
  const rm = e.operands.find(o => o.from === 'rm'), wantsMemory = e.fixedModrm < 0 && e.hasModrm && e.mod !== 3 && (e.mod === 0 || (rm !== undefined && r.chance(50)));
  const gpr = Array.from({ length: 16 }, () => r.value());
  gpr[4] = BigInt(DATA + 0x1000 + 8 * r.below(8));
  if (e.options.rep || ['leave', 'enter', 'push', 'pop', 'pushf', 'popf', 'xlatb', 'xlat', 'maskmovdqu', 'vmaskmovdqu', 'maskmovq'].includes(e.mnemonic)) {
    for (const i of [3, 5, 6, 7]) gpr[i] = BigInt(DATA + 0x1000 - 64 + r.below(128));
    if (e.mnemonic.startsWith('xlat')) gpr[0] = gpr[0]! & ~0xffn | BigInt(r.below(100));
    gpr[1] = BigInt(r.below(12));
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
    const target = DATA + 0x1000 + (r.chance(60) ? 32 * (r.below(6) - 3) : r.chance(60) ? r.below(128) - 64 : -r.below(32)), displacement = r.chance(50) ? 0 : r.below(200) - 100;
    const bitBase = e.mnemonic.startsWith('bt') && rm?.size === 'v' && e.operands.some(o => o.from === 'reg');
    const useIndex = e.vsib || r.chance(30);
    index = e.vsib ? r.pick([...Array(16).keys()].filter(n => n !== reg && n !== vvvv)) : useIndex ? r.pick([0, 2, 8, 10, 14, 15].filter(n => n !== base)) : 4;
    const scale = r.below(4);
    if (e.vsib) vsib = { index, vvvv, isQuad: e.mnemonic.includes('gatherq') };
    else if (useIndex) gpr[index] = BigInt.asUintN(64, BigInt(r.below(9) - 4));
    gpr[base] = BigInt.asUintN(64, BigInt(target - displacement) - (useIndex && !e.vsib ? BigInt.asIntN(64, gpr[index]!) << BigInt(scale) : 0n));
    const needsSib = useIndex || (base & 7) === 4, far = displacement !== (displacement << 24 >> 24) || r.chance(20), mod = far ? 2 : displacement === 0 && (base & 7) !== 5 ? 0 : 1;
    tail.push(mod << 6 | (reg & 7) << 3 | (needsSib ? 4 : base & 7));
    if (needsSib) tail.push(scale << 6 | (index & 7) << 3 | (base & 7));
    for (let i = 0; i < [0, 1, 4][mod]!; i++) tail.push(displacement >> (8 * i) & 255);
    rexX = useIndex ? index >> 3 : 0;
    rexB = base >> 3;
    if (bitBase && reg !== base && !(useIndex && reg === index)) gpr[reg] = BigInt.asUintN(64, BigInt(r.below(1200) - 600));
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
  fill(e, r, out, gpr, bytes);
  if (vsib) fillGather(r, out, vsib);
  return bytes;
}

/** Indices that mostly stay in the window, a mask, and now and then an index that leads astray. */
function fillGather(r: Random, out: DataView, { index, vvvv, isQuad }: { index: number; vvvv: number; isQuad: boolean }): void {
  const word = (register: number, i: number): number => (i < 4 ? CASE.fx + 160 : CASE.ymmh - 16) + register * 16 + i * 4;
  for (let i = 0; i < 8; i++) {
    const isHigh = isQuad && i & 1, small = r.chance(4) ? 0x7000000 : r.below(30) - 15;
    out.setInt32(word(index, i), isHigh ? out.getInt32(word(index, i - 1), true) >> 31 : small, true);
    out.setUint32(word(vvvv, i), Number(r.u64() & 0xffffffffn), true);
  }
}

function fill(e: Encoding, r: Random, out: DataView, gpr: readonly bigint[], bytes: readonly number[]): void {
  out.setUint8(CASE.code, bytes.length);
  for (let i = 0; i < 15; i++) out.setUint8(CASE.code + 1 + i, bytes[i] ?? 0xcc);
  gpr.forEach((v, i) => out.setBigUint64(CASE.gpr + i * 8, v, true));
  out.setBigUint64(CASE.flags, 0x202n | (r.u64() & 0x8d5n) | (e.options.rep && r.chance(40) ? 0x400n : 0n), true);
  for (let i = 0; i < 512; i += 8) out.setBigUint64(CASE.fx + i, 0n, true);
  out.setUint16(CASE.fx, r.chance(50) ? 0x37f : (0x7f | r.pick([0, 0x200, 0x300]) | r.below(4) << 10), true);
  const top = r.below(8);
  out.setUint16(CASE.fx + 2, top << 11 | (r.u64() & 0x4700n ? Number(r.u64() & 0x4700n) : 0), true);
  out.setUint8(CASE.fx + 4, e.options.unit === 'x87' ? (r.chance(70) ? 0x3f : r.below(256)) : e.options.unit === 'mmx' ? 0xff : 0);
  const mode = r.chance(60) ? r.pick([0x1f80, 0x1fa0]) : 0x1f80 | r.below(4) << 13 | (r.chance(30) ? 0x40 : 0) | (r.chance(30) ? 0x8000 : 0) | r.below(64);
  out.setUint32(CASE.fx + 24, r.chance(4) ? mode & ~(0x80 << r.below(6)) : mode, true);
  for (let i = 0; i < 8; i++) {
    out.setBigUint64(CASE.fx + 32 + i * 16, r.chance(90) ? r.u64() | 1n << 63n : r.u64(), true);
    out.setUint16(CASE.fx + 40 + i * 16, r.chance(70) ? 16383 - 40 + r.below(80) | r.below(2) << 15 : r.pick([0, 0x7fff, 1, 0xffff, r.below(65536)]), true);
  }
  for (let i = 0; i < 32; i++) { out.setBigUint64(CASE.fx + 160 + i * 8, r.vectorWord(), true); out.setBigUint64(CASE.ymmh + i * 8, r.vectorWord(), true); }
  for (let i = 0; i < WINDOW_BYTES; i += 8) out.setBigUint64(CASE.mem + i, r.vectorWord(), true);
  if (e.options.unit === 'x87') for (let i = 0; i + 16 <= WINDOW_BYTES; i += 16) out.setUint16(CASE.mem + i + 8, 16383 - 20 + r.below(50), true);
}
