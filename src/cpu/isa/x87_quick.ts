// The x87 for ordinary values, in WebAssembly: rounding to nearest, 64 bits of precision, all exceptions masked; operands and results normal (or zero, where
// that is simple), registers valid; rounded only where inexact is noted already. Whatever else there is goes to the exact helper of the row (x87.ts), which
// gives the same result for these, too. Not here: how numbers are computed (x87_arithmetic.ts).
import { FSW_PE, STATE } from '../layout';
import type { V } from '../wasm/code';
import type { Doubt, Float80, Helper, Machine, Operand, Semantics } from './machine';
import { add, BIAS, compute, divide, exponent, INTEGER_BIT, multiply, noteNormal, noteNormalOrZero, requireNormal, roundsUp, SIGN, type Arithmetic, type Rounded } from './x87_arithmetic';

type I32 = V<'i32'>;
type I64 = V<'i64'>;

const CODES = 0x4500;

const isBetween = (m: Machine, e: I32, low: number, high: number): I32 => m.op('i32.lt_u', m.op('i32.sub', e, m.i32(low)), m.i32(high - low + 1));
const isZero = (m: Machine, v: Float80): I32 => m.op('i32.and', m.isZero(v.mant), m.op('i32.eqz', exponent(m, v)));

// --- the register stack ----------------------------------------------------------------------------------------------------------------------------

const physical = (m: Machine, i: I32 | number): I32 => m.op('i32.and', m.op('i32.add', m.state(STATE.ftop), typeof i === 'number' ? m.i32(i) : i), m.i32(7));
const tag = (m: Machine, i: I32 | number): I32 => m.op('i32.and', m.op('i32.shr_u', m.state(STATE.ftag), physical(m, i)), m.i32(1));
function pop(m: Machine): void {
  const top = m.state(STATE.ftop);
  m.setState(STATE.ftag, m.op('i32.and', m.state(STATE.ftag), m.op('i32.xor', m.op('i32.shl', m.i32(1), top), m.i32(-1))));
  m.setState(STATE.ftop, m.op('i32.and', m.op('i32.add', top, m.i32(1)), m.i32(7)));
}
function push(m: Machine, value: Float80): void {
  const top = physical(m, -1);
  m.setState(STATE.ftop, top);
  m.setState(STATE.ftag, m.op('i32.or', m.state(STATE.ftag), m.op('i32.shl', m.i32(1), top)));
  m.writeX87(0, value);
}
const isEmpty = (m: Machine, i: I32 | number): I32 => m.op('i32.eqz', tag(m, i));
/** Rounding to nearest, 64 bits, everything masked. */
const isUsualMode = (m: Machine): I32 => m.op('i32.eq', m.op('i32.and', m.state(STATE.fcw), m.i32(0xf3f)), m.i32(0x33f));

/** Where this instruction is, and which way it rounded. */
function note(m: Machine, result?: { readonly isUp: I32 }): void {
  m.setRoundedUp(result?.isUp);
  m.setState(STATE.fip, m.rip());
}

const requireUsualMode = (m: Machine, doubt: Doubt): void => doubt(m.op('i32.eqz', isUsualMode(m)));
const requireValid = (m: Machine, doubt: Doubt, ...numbers: (I32 | number)[]): void => { for (const i of numbers) doubt(isEmpty(m, i)); };
/** Rounded results are for those who noted one already. */
function requireNoted(m: Machine, { isInexact }: Pick<Rounded, 'isInexact'>, doubt: Doubt): void {
  if (!m.isRoundingNoted()) m.when(m.op('i32.eqz', m.op('i32.and', m.statusButC1(), m.i32(FSW_PE))), () => doubt(isInexact), undefined, true);
}
function requireNormalOrZero(m: Machine, value: Float80, doubt: Doubt): void {
  requireNormal(m, value, isOdd => m.when(isOdd, () => doubt(m.op('i32.eqz', isZero(m, value))), undefined, true));
}

// --- operands in memory ------------------------------------------------------------------------------------------------------------------------------

export type QuickFormat = 'f32' | 'f64' | 'f80' | 'i16' | 'i32' | 'i64';
const FLOAT = { f32: { fraction: 23, exponents: 255, bias: 127 }, f64: { fraction: 52, exponents: 2047, bias: 1023 } } as const;

function load(m: Machine, operand: Operand, format: QuickFormat, doubt: Doubt): Float80 {
  const at = m.operandPointer(operand, 'r');
  if (format === 'f80') return { mant: m.load('i64.load', at), signExp: m.op('i32.and', m.load('i32.load16_s', at, 8), m.i32(SIGN | 0x7fff)) };
  if (format === 'f32' || format === 'f64') {
    const { fraction, exponents, bias } = FLOAT[format], bits = format === 'f32' ? m.load('i64.load32_s', at) : m.load('i64.load', at);
    const e = m.op('i32.and', m.wrap(m.shr(bits, fraction)), m.i32(exponents)), sign = m.op('i32.and', m.wrap(m.shr(bits, 32)), m.i32(SIGN));
    const mant = m.variable(m.or(m.shl(bits, 63 - fraction), m.i64(INTEGER_BIT))), signExp = m.variable(m.op('i32.or', sign, m.op('i32.add', e, m.i32(BIAS - bias))));
    m.when(m.op('i32.eqz', isBetween(m, e, 1, exponents - 1)), () => {
      doubt(m.op('i64.ne', m.shl(bits, format === 'f32' ? 33 : 1), m.i64(0)));
      mant.set(m.i64(0));
      signExp.set(sign);
    }, undefined, true);
    const value = { mant: mant.get(), signExp: signExp.get() };
    noteNormalOrZero(m, value);
    return value;
  }
  const number = format === 'i16' ? m.load('i64.load16_s', at) : format === 'i32' ? m.load('i64.load32_s', at) : m.load('i64.load', at);
  const size = m.variable(number), top = m.variable(m.i32(BIAS + 63));
  m.when(m.op('i64.lt_s', number, m.i64(0)), () => {
    size.set(m.sub(m.i64(0), number));
    top.set(m.i32(SIGN | BIAS + 63));
  });
  const n = m.op('i64.clz', size.get()), signExp = m.variable(m.op('i32.sub', top.get(), m.wrap(n)));
  m.when(m.isZero(number), () => signExp.set(m.i32(0)), undefined, true);
  // Zero is shifted by 64, which is as good as any.
  const value = { mant: m.shl(size.get(), n), signExp: signExp.get() };
  noteNormalOrZero(m, value);
  return value;
}

/** A register as float bits, rounded to nearest. */
function toFloat(m: Machine, value: Float80, format: 'f32' | 'f64', doubt: Doubt): { bits: I64; isUp: I32; isInexact: I32 } {
  const { mant, signExp } = value, { fraction, exponents, bias } = FLOAT[format], drop = 63 - fraction, width = format === 'f32' ? 32 : 64;
  const e = m.op('i32.sub', exponent(m, value), m.i32(BIAS - bias)), rest = m.shl(mant, 64 - drop), kept = m.shr(mant, drop), up = roundsUp(m, kept, rest);
  // A carry out of the fraction runs into the exponent, as it should.
  const magnitude = m.variable(m.add(m.add(m.shl(m.extend(m.op('i32.sub', e, m.i32(1))), fraction), kept), up));
  const odd = m.op('i32.or', m.op('i32.eqz', isBetween(m, e, 1, exponents - 2)), m.op('i64.ge_s', mant, m.i64(0)));
  m.when(odd, () => {
    doubt(m.op('i32.eqz', isZero(m, value)));
    magnitude.set(m.i64(0));
  }, undefined, true);
  const sign = m.extend(m.op('i32.and', signExp, m.i32(SIGN)));
  return { bits: m.or(width === 64 ? m.shl(sign, 32) : sign, magnitude.get()), isUp: m.wrap(up), isInexact: m.op('i64.ne', rest, m.i64(0)) };
}

// --- what rows are made of -----------------------------------------------------------------------------------------------------------------------------

export const quickLoad = (format: QuickFormat, exact: Helper): Semantics => (m, [src]) => m.attempt(doubt => {
  doubt(tag(m, -1));
  const value = load(m, src as Operand, format, doubt);
  note(m);
  push(m, value);
}, exact);

export const quickStore = (format: 'f32' | 'f64' | 'f80', pops: boolean, exact: Helper): Semantics => (m, [dst]) => m.attempt(doubt => {
  const operand = dst as Operand, value = m.readX87(0);
  requireValid(m, doubt, 0);
  // The place is asked for once it is known that nobody else writes there: a pointer may be to a copy.
  if (format === 'f80') {
    const at = m.operandPointer(operand, 'w');
    m.store('i64.store', at, 0, value.mant);
    m.store('i32.store16', at, 8, m.op('i32.or', value.signExp, m.op('i32.shr_u', value.signExp, m.i32(16))));
    note(m);
  } else {
    requireUsualMode(m, doubt);
    const result = toFloat(m, value, format, doubt);
    requireNoted(m, result, doubt);
    m.store(format === 'f32' ? 'i64.store32' : 'i64.store', m.operandPointer(operand, 'w'), 0, result.bits);
    note(m, result);
  }
  if (pops) pop(m);
}, exact);

const negated = (m: Machine, { mant, signExp }: Float80): Float80 => ({ mant, signExp: m.op('i32.xor', signExp, m.i32(SIGN)) });
const subtract = (m: Machine, a: Float80, b: Float80, doubt: Doubt): Rounded => compute(m, add, a, negated(m, b), doubt);
const by = (arithmetic: Arithmetic) => (m: Machine, a: Float80, b: Float80, doubt: Doubt): Rounded => compute(m, arithmetic, a, b, doubt);
const OPERATIONS = {
  add: by(add), mul: by(multiply), sub: subtract, subr: (m, a, b, doubt) => subtract(m, b, a, doubt), div: by(divide), divr: (m, a, b, doubt) => compute(m, divide, b, a, doubt),
} satisfies Record<string, (m: Machine, a: Float80, b: Float80, doubt: Doubt) => Rounded>;
export type QuickOperation = keyof typeof OPERATIONS;

function operate(m: Machine, to: I32 | number, other: Float80, op: QuickOperation, pops: boolean, doubt: Doubt): void {
  requireUsualMode(m, doubt);
  requireValid(m, doubt, to);
  const own = m.readX87(to), result = OPERATIONS[op](m, own, other, doubt);
  requireNoted(m, result, doubt);
  for (const value of [own, other, result]) noteNormal(m, value);
  m.writeX87(to, result);
  note(m, result);
  if (pops) pop(m);
}
/** ST(0) = ST(0) op memory. */
export const quickMemory = (op: QuickOperation, format: QuickFormat, exact: Helper): Semantics => (m, [src]) => m.attempt(doubt => operate(m, 0, load(m, src as Operand, format, doubt), op, false, doubt), exact);
/** ST(0) = ST(0) op ST(i), or ST(i) = ST(i) op ST(0). */
export const quickRegister = (op: QuickOperation, toFirst: boolean, pops: boolean, exact: Helper): Semantics => (m, operands) => m.attempt(doubt => {
  const i = m.stNumber(operands[toFirst ? 1 : 0] as Operand), from = toFirst ? i : 0;
  requireValid(m, doubt, from);
  operate(m, toFirst ? 0 : i, m.readX87(from), op, pops, doubt);
}, exact);

/** ST(0) with ST(i): order to RFLAGS or to the condition codes. */
export const quickCompare = (pops: number, toFlags: boolean, exact: Helper): Semantics => (m, operands) => m.attempt(doubt => {
  const i = operands.length === 2 ? m.stNumber(operands[1] as Operand) : m.i32(1), a = m.readX87(0), b = m.readX87(i);
  requireValid(m, doubt, 0, i);
  for (const value of [a, b]) requireNormalOrZero(m, value, doubt);
  const ea = exponent(m, a), eb = exponent(m, b), sameExponent = m.op('i32.eq', ea, eb), negative = m.op('i32.shr_u', a.signExp, m.i32(31)), differ = m.op('i32.xor', negative, m.op('i32.shr_u', b.signExp, m.i32(31)));
  const smaller = m.op('i32.or', m.op('i32.lt_u', ea, eb), m.op('i32.and', sameExponent, m.op('i64.lt_u', a.mant, b.mant)));
  const sameSize = m.op('i32.and', sameExponent, m.op('i64.eq', a.mant, b.mant));
  const equal = m.op('i32.or', m.op('i32.and', sameSize, m.op('i32.eqz', differ)), m.op('i32.and', isZero(m, a), isZero(m, b)));
  const less = m.op('i32.and', m.op('i32.eqz', equal), m.select(differ, negative, m.op('i32.xor', smaller, negative)));
  note(m);
  if (toFlags) m.setFlags({ zf: equal, cf: less, pf: 0, of: 0, sf: 0, af: 0 });
  else m.setState(STATE.fsw, m.op('i32.or', m.op('i32.and', m.statusButC1(), m.i32(~CODES)), m.op('i32.or', m.op('i32.shl', less, m.i32(8)), m.op('i32.shl', equal, m.i32(14)))));
  for (let n = 0; n < pops; n++) pop(m);
}, exact);

export const quickDuplicate = (exact: Helper): Semantics => (m, [src]) => m.attempt(doubt => {
  const i = m.stNumber(src as Operand), value = m.readX87(i);
  requireValid(m, doubt, i);
  doubt(tag(m, -1));
  note(m);
  push(m, value);
}, exact);
export const quickExchange = (exact: Helper): Semantics => (m, [src]) => m.attempt(doubt => {
  const i = m.stNumber(src as Operand), a = m.readX87(0), b = m.readX87(i);
  requireValid(m, doubt, 0, i);
  note(m);
  m.writeX87(0, b);
  m.writeX87(i, a);
}, exact);
/** FST and FSTP to a register. */
export const quickCopy = (pops: boolean, exact: Helper): Semantics => (m, [dst]) => m.attempt(doubt => {
  const i = m.stNumber(dst as Operand), value = m.readX87(0);
  requireValid(m, doubt, 0);
  note(m);
  m.setState(STATE.ftag, m.op('i32.or', m.state(STATE.ftag), m.op('i32.shl', m.i32(1), physical(m, i))));
  m.writeX87(i, value);
  if (pops) pop(m);
}, exact);
/** FCHS and FABS. */
export const quickSign = (change: (m: Machine, signExp: I32) => I32, exact: Helper): Semantics => m => m.attempt(doubt => {
  const { mant, signExp } = m.readX87(0);
  requireValid(m, doubt, 0);
  note(m);
  m.writeX87(0, { mant, signExp: change(m, signExp) });
}, exact);
/** FLDZ, FLD1 and the other constants. */
export const quickConstant = (mant: bigint, exp: number, exact: Helper): Semantics => m => m.attempt(doubt => {
  requireUsualMode(m, doubt);
  doubt(tag(m, -1));
  note(m);
  push(m, { mant: m.i64(mant), signExp: m.i32(exp) });
}, exact);

/** FIST, FISTP, FISTTP: to nearest or towards zero, of values that surely fit. */
export const quickInteger = (format: 'i16' | 'i32' | 'i64', pops: boolean, truncate: boolean, exact: Helper): Semantics => (m, [dst]) => m.attempt(doubt => {
  const operand = dst as Operand, value = m.readX87(0), { mant, signExp } = value, e = exponent(m, value), control = m.op('i32.and', m.state(STATE.fcw), m.i32(0xc3f));
  const largest = { i16: 14, i32: 30, i64: 62 }[format], isTruncated = truncate ? m.i32(1) : m.op('i32.eq', control, m.i32(0xc3f));
  requireValid(m, doubt, 0);
  if (!truncate) doubt(m.op('i32.and', m.op('i32.ne', control, m.i32(0x3f)), m.op('i32.ne', control, m.i32(0xc3f))));
  else doubt(m.op('i32.ne', m.op('i32.and', control, m.i32(0x3f)), m.i32(0x3f)));
  doubt(m.op('i32.eqz', isBetween(m, e, BIAS, BIAS + largest - 1)));
  doubt(m.op('i64.ge_s', mant, m.i64(0)));
  // The distance from the significand's place as a fraction of 64 bits to that of an integer.
  const n = m.extend(m.op('i32.sub', m.i32(BIAS + 63), e)), whole = m.shr(mant, n), rest = m.shl(mant, m.sub(m.i64(64), n));
  const isUp = m.op('i32.and', m.wrap(roundsUp(m, whole, rest)), m.op('i32.eqz', isTruncated)), size = m.add(whole, m.extend(isUp));
  const result = m.select(m.op('i32.lt_s', signExp, m.i32(0)), m.sub(m.i64(0), size), size);
  requireNoted(m, { isInexact: m.op('i64.ne', rest, m.i64(0)) }, doubt);
  m.store(format === 'i16' ? 'i64.store16' : format === 'i32' ? 'i64.store32' : 'i64.store', m.operandPointer(operand, 'w'), 0, result);
  note(m, { isUp });
  if (pops) pop(m);
}, exact);

/** FLDCW that neither raises what is pending nor clears it. */
export const quickControl = (exact: Helper): Semantics => (m, [src]) => m.attempt(doubt => {
  const word = m.wrap(m.read(src as Operand)), status = m.statusButC1();
  doubt(m.op('i32.or', m.op('i32.and', status, m.i32(0x80)), m.op('i32.and', m.op('i32.and', status, m.op('i32.xor', word, m.i32(-1))), m.i32(0x3f))));
  m.setState(STATE.fcw, m.op('i32.or', m.op('i32.and', word, m.i32(0x1f7f)), m.i32(0x40)));
}, exact);
