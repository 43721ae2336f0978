// Shifts and rotates: C0, C1, D0-D3, SHLD, SHRD. SDM 2B, SAL/SAR/SHL/SHR and RCL/RCR/ROL/ROR; 2B, SHLD. Counts are taken modulo 32 (64 for 64-bit
// operands); a count of zero changes no flag. OF is defined only for a count of one.
import { rows, type Machine, type Row, type Semantics, type V } from './machine';
import { CL, Eb, Ev, Gv, ib, one } from './operands';

type I64 = V<'i64'>;
const low = (m: Machine, v: I64, bits: number): I64 => bits === 64 ? v : m.and(v, m.i64((1n << BigInt(bits)) - 1n));
/** Bit `n` of v as 0 or 1. */
const bit = (m: Machine, v: I64, n: I64 | number): V<'i32'> => m.wrap(m.and(m.shr(v, n), m.i64(1)));
const minus = (m: Machine, n: number, count: I64): I64 => m.sub(m.i64(n), count);

interface Outcome { r: I64; cf: V<'i32'>; of: V<'i32'> }
type Shift = (m: Machine, a: I64, n: I64, bits: number) => Outcome;

const shl: Shift = (m, a, n, bits) => {
  const wide = m.shl(a, n), r = low(m, wide, bits);
  const cf = bits === 64 ? bit(m, a, minus(m, 64, n)) : bit(m, wide, bits);
  return { r, cf, of: m.op('i32.xor', bit(m, r, bits - 1), cf) };
};
const shr: Shift = (m, a, n, bits) => ({ r: m.shr(a, n), cf: bit(m, m.shr(a, m.sub(n, m.i64(1))), 0), of: bit(m, a, bits - 1) });
const sar: Shift = (m, a, n, bits) => {
  const wide = bits === 64 ? a : m.sar(m.shl(a, 64 - bits), 64 - bits);
  return { r: low(m, m.sar(wide, n), bits), cf: bit(m, m.sar(wide, m.sub(n, m.i64(1))), 0), of: m.i32(0) };
};

const countOf = (m: Machine, by: I64): I64 => m.and(by, m.i64(m.bits === 64 ? 63 : 31));

const shift = (f: Shift): Semantics => (m, [dst, by]) => {
  const { bits } = m, n = countOf(m, m.read(by!)), a = m.update(dst!), { r, cf, of } = f(m, a, n, bits);
  m.write(dst!, r);
  m.when(m.op('i64.ne', n, m.i64(0)), () => m.resultFlags(r, { cf, of, af: 0 }, bits));
};

/** Rotates: `f` gets the count modulo the width; CF and OF change whenever the masked count is not zero. */
const rotate = (f: Shift, throughCarry: boolean): Semantics => (m, [dst, by]) => {
  const { bits } = m, masked = countOf(m, m.read(by!)), a = m.update(dst!), width = throughCarry ? bits + 1 : bits;
  const n = bits >= 32 ? masked : m.op('i64.rem_u', masked, m.i64(width)), { r, cf, of } = f(m, a, n, bits);
  const changes = m.op('i64.ne', throughCarry ? n : masked, m.i64(0));
  m.write(dst!, r);
  m.when(changes, () => m.setFlags({ cf, of }));
};
const rol: Shift = (m, a, n, bits) => {
  const r = bits === 64 ? m.op('i64.rotl', a, n) : bits === 32 ? m.extend(m.op('i32.rotl', m.wrap(a), m.wrap(n))) : low(m, m.or(m.shl(a, n), m.shr(a, minus(m, bits, n))), bits), cf = bit(m, r, 0);
  return { r, cf, of: m.op('i32.xor', bit(m, r, bits - 1), cf) };
};
const ror: Shift = (m, a, n, bits) => {
  const r = bits === 64 ? m.op('i64.rotr', a, n) : bits === 32 ? m.extend(m.op('i32.rotr', m.wrap(a), m.wrap(n))) : low(m, m.or(m.shr(a, n), m.shl(a, minus(m, bits, n))), bits), cf = bit(m, r, bits - 1);
  return { r, cf, of: m.op('i32.xor', bit(m, r, bits - 2), cf) };
};
const rcl: Shift = (m, a, n, bits) => {
  const carry = m.extend(m.flag('cf'));
  let r: I64, cf: V<'i32'>;
  if (bits === 64) {
    const into = m.or(m.shl(carry, m.sub(n, m.i64(1))), m.shr(m.shr(a, minus(m, 64, n)), 1));
    r = m.select(m.isZero(n), a, m.or(m.shl(a, n), into));
    cf = bit(m, a, minus(m, 64, n));
  } else {
    const x = m.or(a, m.shl(carry, bits)), turned = m.or(m.shl(x, n), m.shr(x, minus(m, bits + 1, n)));
    r = low(m, turned, bits);
    cf = bit(m, turned, bits);
  }
  return { r, cf, of: m.op('i32.xor', bit(m, r, bits - 1), cf) };
};
const rcr: Shift = (m, a, n, bits) => {
  const carry = m.extend(m.flag('cf'));
  let r: I64, cf: V<'i32'>;
  if (bits === 64) {
    const into = m.or(m.shl(carry, minus(m, 64, n)), m.shl(m.shl(a, minus(m, 64, n)), 1));
    r = m.select(m.isZero(n), a, m.or(m.shr(a, n), into));
    cf = bit(m, a, m.sub(n, m.i64(1)));
  } else {
    const x = m.or(a, m.shl(carry, bits)), turned = m.or(m.shr(x, n), m.shl(x, minus(m, bits + 1, n)));
    r = low(m, turned, bits);
    cf = bit(m, turned, bits);
  }
  return { r, cf, of: m.op('i32.xor', bit(m, r, bits - 1), bit(m, r, bits - 2)) };
};

/** SHLD and SHRD: bits of `src` move in. A 16-bit count above 16 is undefined; here the operands go round. */
const double = (left: boolean): Semantics => (m, [dst, src, by]) => {
  const { bits } = m, n = countOf(m, m.read(by!)), b = m.read(src!), a = m.update(dst!);
  let r: I64, cf: V<'i32'>;
  if (bits === 64) {
    const rest = minus(m, 63, n);
    r = left ? m.or(m.shl(a, n), m.shr(m.shr(b, 1), rest)) : m.or(m.shr(a, n), m.shl(m.shl(b, 1), rest));
    cf = left ? bit(m, a, minus(m, 64, n)) : bit(m, a, m.sub(n, m.i64(1)));
  } else {
    const three = bits === 16;
    const x = left ? (three ? m.or(m.shl(a, 32), m.or(m.shl(b, 16), a)) : m.or(m.shl(a, 32), b)) : three ? m.or(m.shl(a, 32), m.or(m.shl(b, 16), a)) : m.or(m.shl(b, 32), a);
    r = left ? low(m, m.shr(m.shl(x, n), 32), bits) : low(m, m.shr(x, n), bits);
    cf = left ? bit(m, m.shl(x, n), 32 + bits) : bit(m, m.shr(x, m.sub(n, m.i64(1))), 0);
    if (left && !three) cf = bit(m, a, minus(m, 32, n));
  }
  const of = m.op('i32.xor', bit(m, r, bits - 1), bit(m, a, bits - 1));
  m.write(dst!, r);
  m.when(m.op('i64.ne', n, m.i64(0)), () => m.resultFlags(r, { cf, of, af: 0 }, bits));
};

/** The six encodings of one operation of group 2. */
function group2(extension: number, name: string, s: Semantics, byOne: string, byCount: string): Row[] {
  return [
    [`D0 /${extension}`, name, [Eb, one], byOne, s], [`D1 /${extension}`, name, [Ev, one], byOne, s, { hot: true }],
    [`C0 /${extension}`, name, [Eb, ib], byCount, s], [`C1 /${extension}`, name, [Ev, ib], byCount, s, { hot: true }],
    [`D2 /${extension}`, name, [Eb, CL], byCount, s], [`D3 /${extension}`, name, [Ev, CL], byCount, s, { hot: true }],
  ];
}
const SHIFT_ONE = 'm--mmumm', SHIFT = 'u--mmumm', ROTATE_ONE = 'm------m', ROTATE = 'u------m';

export const shifts = rows(() => [
  ...group2(0, 'rol', rotate(rol, false), ROTATE_ONE, ROTATE), ...group2(1, 'ror', rotate(ror, false), ROTATE_ONE, ROTATE), ...group2(2, 'rcl', rotate(rcl, true), ROTATE_ONE, ROTATE), ...group2(3, 'rcr', rotate(rcr, true), ROTATE_ONE, ROTATE),
  ...group2(4, 'shl', shift(shl), SHIFT_ONE, SHIFT), ...group2(5, 'shr', shift(shr), SHIFT_ONE, SHIFT), ...group2(6, 'shl', shift(shl), SHIFT_ONE, SHIFT), ...group2(7, 'sar', shift(sar), SHIFT_ONE, SHIFT),
  ['0F A4', 'shld', [Ev, Gv, ib], SHIFT, double(true)], ['0F A5', 'shld', [Ev, Gv, CL], SHIFT, double(true)], ['0F AC', 'shrd', [Ev, Gv, ib], SHIFT, double(false)], ['0F AD', 'shrd', [Ev, Gv, CL], SHIFT, double(false)],
]);
