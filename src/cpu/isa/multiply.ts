// Multiplication and division: MUL, IMUL, DIV, IDIV, MULX. SDM 2A, DIV, IMUL; 2B, MUL, MULX.
import { DE, rows, type Helper, type Machine, type Semantics, type V } from './machine';
import { By, Eb, Ev, Ey, Gv, Gy, Ib, Iz } from './operands';

type I64 = V<'i64'>;
const RAX = 0, RDX = 2;

/** The high 64 bits of an unsigned product. */
export function highUnsigned(m: Machine, a: I64, b: I64): I64 {
  const word = m.i64(0xffffffffn), a0 = m.and(a, word), a1 = m.shr(a, 32), b0 = m.and(b, word), b1 = m.shr(b, 32);
  const middle = m.add(m.mul(a1, b0), m.shr(m.mul(a0, b0), 32));
  const cross = m.add(m.mul(a0, b1), m.and(middle, word));
  return m.add(m.mul(a1, b1), m.add(m.shr(middle, 32), m.shr(cross, 32)));
}
/** The high 64 bits of a signed product. */
function highSigned(m: Machine, a: I64, b: I64): I64 {
  return m.sub(m.sub(highUnsigned(m, a, b), m.and(m.sar(a, 63), b)), m.and(m.sar(b, 63), a));
}

/** CF and OF alike; the others are undefined and kept. */
const overflow = (m: Machine, happened: V<'i32'>): void => m.setFlags({ cf: happened, of: happened });
const signExtend = (m: Machine, v: I64, bits: number): I64 => bits === 64 ? v : m.sar(m.shl(v, 64 - bits), 64 - bits);

/** rDX:rAX = rAX * operand (AX for bytes). */
const multiply = (signed: boolean): Semantics => (m, [src]) => {
  const { bits } = m, bytes = bits / 8;
  const b = signed ? m.readSigned(src!) : m.read(src!), raw = m.gpr(RAX, bytes), a = signed ? signExtend(m, raw, bits) : raw;
  const product = m.mul(a, b);
  if (bits === 8) {
    m.setGpr(RAX, product, 2);
    return overflow(m, m.op('i64.ne', product, signed ? signExtend(m, product, 8) : m.and(product, m.i64(0xff))));
  }
  const high = bits < 64 ? m.shr(product, bits) : signed ? highSigned(m, a, b) : highUnsigned(m, a, b);
  const lost = signed ? (bits === 64 ? m.op('i64.ne', high, m.sar(product, 63)) : m.op('i64.ne', product, signExtend(m, product, bits))) : m.op('i64.ne', high, m.i64(0));
  m.setGpr(RAX, product, bytes);
  m.setGpr(RDX, high, bytes);
  overflow(m, lost);
};

/** IMUL with two or three operands: the product truncated. */
const truncated: Semantics = (m, operands) => {
  const { bits } = m, [dst] = operands, [x, y] = operands.length === 2 ? [operands[0]!, operands[1]!] : [operands[1]!, operands[2]!];
  const b = m.readSigned(y), a = m.readSigned(x), product = m.mul(a, b);
  m.write(dst!, product);
  overflow(m, bits === 64 ? m.op('i64.ne', highSigned(m, a, b), m.sar(product, 63)) : m.op('i64.ne', product, signExtend(m, product, bits)));
};

/** 128 by 64 bits where the quick way does not apply. */
const wideDivision = (signed: boolean): Helper => cpu => {
  const { insn } = cpu;
  const raw = insn.isMemory ? new DataView(cpu.read(insn.address, 8).slice().buffer).getBigUint64(0, true) : cpu.view.getBigUint64(insn.rm, true);
  const dividend = signed ? BigInt.asIntN(64, cpu.gpr(RDX)) << 64n | BigInt.asUintN(64, cpu.gpr(RAX)) : BigInt.asUintN(64, cpu.gpr(RDX)) << 64n | BigInt.asUintN(64, cpu.gpr(RAX));
  const divisor = signed ? BigInt.asIntN(64, raw) : raw;
  if (divisor === 0n) cpu.raise(DE);
  const quotient = dividend / divisor;
  if ((signed ? BigInt.asIntN(64, quotient) : BigInt.asUintN(64, quotient)) !== quotient) cpu.raise(DE);
  cpu.setGpr(RAX, BigInt.asUintN(64, quotient));
  cpu.setGpr(RDX, BigInt.asUintN(64, dividend % divisor));
};

const divide = (signed: boolean): Semantics => (m, [src]) => {
  const { bits } = m, bytes = bits / 8, divisor = signed ? m.readSigned(src!) : m.read(src!);
  const by = (a: I64, b: I64): [I64, I64] => signed ? [m.op('i64.div_s', a, b), m.op('i64.rem_s', a, b)] : [m.op('i64.div_u', a, b), m.op('i64.rem_u', a, b)];
  const store = (quotient: I64, remainder: I64): void => {
    if (bits === 8) m.setGpr(RAX, m.or(m.and(quotient, m.i64(0xff)), m.shl(m.and(remainder, m.i64(0xff)), 8)), 2);
    else { m.setGpr(RAX, quotient, bytes); m.setGpr(RDX, remainder, bytes); }
  };
  if (bits === 64) {
    const a = m.gpr(RAX), high = m.gpr(RDX);
    // The dividend fits 64 bits, and the one quotient that does not fit is left to the exact way.
    const narrow = m.op('i64.eq', high, signed ? m.sar(a, 63) : m.i64(0)), plain = signed ? m.op('i64.gt_u', m.add(divisor, m.i64(1)), m.i64(1)) : m.op('i64.ne', divisor, m.i64(0));
    m.when(m.op('i32.and', narrow, plain), () => { const [q, r] = by(a, divisor); store(q, r); }, () => m.callHelper(wideDivision(signed)));
    return;
  }
  m.raise(DE, m.isZero(divisor));
  const low = m.gpr(RAX, bits === 8 ? 2 : bytes);
  const unsignedDividend = bits === 8 ? low : m.or(m.shl(m.gpr(RDX, bytes), bits), low), dividend = signed ? signExtend(m, unsignedDividend, 2 * bits) : unsignedDividend;
  if (signed && bits === 32) m.raise(DE, m.op('i32.and', m.op('i64.eq', dividend, m.i64(-(1n << 63n))), m.op('i64.eq', divisor, m.i64(-1))));
  const [quotient, remainder] = by(dividend, divisor);
  m.raise(DE, m.op('i64.ne', quotient, signed ? signExtend(m, quotient, bits) : m.and(quotient, m.i64((1n << BigInt(bits)) - 1n))));
  store(quotient, remainder);
};

/** MULX: RDX * operand without flags; the high half to modrm.reg, the low half to VEX.vvvv (the high half wins where they are one register). */
const mulx: Semantics = (m, [high, low, src]) => {
  const b = m.read(src!), a = m.gpr(RDX, m.bits / 8), product = m.mul(a, b);
  const upper = m.bits === 64 ? highUnsigned(m, a, b) : m.shr(product, 32);
  m.write(low!, product);
  m.write(high!, upper);
};

const PRODUCT = 'm--uuuum', QUOTIENT = 'u--uuuuu';
export const multiplication = rows(() => [
  ['F6 /4', 'mul', [Eb], PRODUCT, multiply(false)], ['F7 /4', 'mul', [Ev], PRODUCT, multiply(false), { hot: true }], ['F6 /5', 'imul', [Eb], PRODUCT, multiply(true)], ['F7 /5', 'imul', [Ev], PRODUCT, multiply(true)],
  ['0F AF', 'imul', [Gv, Ev], PRODUCT, truncated, { hot: true }], ['69', 'imul', [Gv, Ev, Iz], PRODUCT, truncated, { hot: true }], ['6B', 'imul', [Gv, Ev, Ib], PRODUCT, truncated, { hot: true }],
  ['F6 /6', 'div', [Eb], QUOTIENT, divide(false)], ['F7 /6', 'div', [Ev], QUOTIENT, divide(false), { hot: true }], ['F6 /7', 'idiv', [Eb], QUOTIENT, divide(true)], ['F7 /7', 'idiv', [Ev], QUOTIENT, divide(true), { hot: true }],
  ['VEX.F2.0F38.L0 F6', 'mulx', [Gy, By, Ey], '--------', mulx, { feature: 'bmi2' }],
]);
