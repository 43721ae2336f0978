// Addition, subtraction, logic and their neighbours: opcodes 00-3F, 80-83, inc, dec, neg, not, test, cmpxchg, xadd, ADX. SDM 2A, 2B.
import { RAX, RBX, RCX, RDX } from '../layout';
import { rows, type Machine, type Operand, type Row, type Semantics, type V } from './machine';
import { AL, Eb, Ev, Gb, Gv, Ib, Iz, Mdq, Mq, rAX } from './operands';

const carry = (m: Machine): V<'i64'> => m.extend(m.flag('cf'));
export const mask = (m: Machine, v: V<'i64'>, bits = m.bits): V<'i64'> => bits === 64 ? v : m.and(v, m.i64((1n << BigInt(bits)) - 1n));

const add: Semantics = (m, [dst, src]) => {
  const a = m.update(dst!), b = m.read(src!), r = m.add(a, b);
  m.write(dst!, r);
  m.arith('add', a, b, r);
};
const adc: Semantics = (m, [dst, src]) => {
  const a = m.update(dst!), b = m.read(src!), r = m.add(m.add(a, b), carry(m));
  m.write(dst!, r);
  m.arith('adc', a, b, r);
};
const sub: Semantics = (m, [dst, src]) => {
  const a = m.update(dst!), b = m.read(src!), r = m.sub(a, b);
  m.write(dst!, r);
  m.arith('sub', a, b, r);
};
const sbb: Semantics = (m, [dst, src]) => {
  const a = m.update(dst!), b = m.read(src!), r = m.sub(m.sub(a, b), carry(m));
  m.write(dst!, r);
  m.arith('sbb', a, b, r);
};
const cmp: Semantics = (m, [left, right]) => {
  const a = m.read(left!), b = m.read(right!);
  m.arith('sub', a, b, m.sub(a, b));
};
const logical = (f: (m: Machine, a: V<'i64'>, b: V<'i64'>) => V<'i64'>): Semantics => (m, [dst, src]) => {
  const r = f(m, m.update(dst!), m.read(src!));
  m.write(dst!, r);
  m.logic(r);
};
const and = logical((m, a, b) => m.and(a, b)), or = logical((m, a, b) => m.or(a, b)), xor = logical((m, a, b) => m.xor(a, b));
const test: Semantics = (m, [left, right]) => m.logic(m.and(m.read(left!), m.read(right!)));

const MODIFIED = 'm--mmmmm', LOGIC = '0--mmum0';
const families: readonly [string, Semantics, string][] = [['add', add, MODIFIED], ['or', or, LOGIC], ['adc', adc, MODIFIED], ['sbb', sbb, MODIFIED], ['and', and, LOGIC], ['sub', sub, MODIFIED], ['xor', xor, LOGIC], ['cmp', cmp, MODIFIED]];
const hex = (n: number): string => n.toString(16).toUpperCase().padStart(2, '0');

/** The eight operations of 00-3F and 80-83. */
const binary = rows((): Row[] => families.flatMap(([name, f, flags], i): Row[] => {
  const lock = name === 'cmp' ? {} : { lock: true as const };
  const hot = name === 'adc' || name === 'sbb' ? {} : { hot: true as const };
  const hotByte = name === 'cmp' ? hot : {};
  const base = 8 * i;
  return [
    [hex(base), name, [Eb, Gb], flags, f, { ...lock, ...hotByte }],
    [hex(base + 1), name, [Ev, Gv], flags, f, { ...lock, ...hot }],
    [hex(base + 2), name, [Gb, Eb], flags, f, hotByte],
    [hex(base + 3), name, [Gv, Ev], flags, f, hot],
    [hex(base + 4), name, [AL, Ib], flags, f, hotByte],
    [hex(base + 5), name, [rAX, Iz], flags, f, hot],
    [`80 /${i}`, name, [Eb, Ib], flags, f, { ...lock, ...hotByte }],
    [`81 /${i}`, name, [Ev, Iz], flags, f, { ...lock, ...hot }],
    [`83 /${i}`, name, [Ev, Ib], flags, f, { ...lock, ...hot }],
  ];
}));

const inc: Semantics = (m, [dst]) => {
  const r = mask(m, m.add(m.update(dst!), m.i64(1)));
  m.write(dst!, r);
  m.resultFlags(r, { of: m.op('i64.eq', r, m.i64(1n << BigInt(m.bits - 1))), af: m.isZero(m.and(r, m.i64(15))) });
};
const dec: Semantics = (m, [dst]) => {
  const r = mask(m, m.sub(m.update(dst!), m.i64(1)));
  m.write(dst!, r);
  m.resultFlags(r, { of: m.op('i64.eq', r, m.i64((1n << BigInt(m.bits - 1)) - 1n)), af: m.op('i64.eq', m.and(r, m.i64(15)), m.i64(15)) });
};
const neg: Semantics = (m, [dst]) => {
  const a = m.update(dst!), zero = m.i64(0), r = m.sub(zero, a);
  m.write(dst!, r);
  m.arith('sub', zero, a, r);
};
const not: Semantics = (m, [dst]) => m.write(dst!, m.not(m.update(dst!)));

const xadd: Semantics = (m, [dst, src]) => {
  const a = m.update(dst!), b = m.read(src!), r = m.add(a, b);
  // With two names of one register the sum stays.
  const order: [Operand, V<'i64'>][] = dst!.isMemory ? [[dst!, r], [src!, a]] : [[src!, a], [dst!, r]];
  for (const [operand, value] of order) m.write(operand, value);
  m.arith('add', a, b, r);
};

const cmpxchg: Semantics = (m, [dst, src]) => {
  const bytes = m.bits / 8, a = m.update(dst!), b = m.read(src!), accumulator = m.gpr(RAX, bytes);
  const equal = m.op('i64.eq', accumulator, a);
  // Memory is written in any case; a register only when equal (with 32 bits its upper half stays).
  if (dst!.isMemory) m.write(dst!, m.select(equal, b, a));
  m.when(equal, () => { if (!dst!.isMemory) m.write(dst!, b); }, () => m.setGpr(RAX, a, bytes));
  m.arith('sub', accumulator, a, m.sub(accumulator, a));
};

/** cmpxchg8b, cmpxchg16b. */
const cmpxchgWide: Semantics = (m, [dst]) => {
  const half = dst!.size / 2, load = half === 4 ? 'i64.load32_u' : 'i64.load', store = half === 4 ? 'i64.store32' : 'i64.store';
  if (half === 8) m.requireAligned(dst!, 16);
  const pointer = m.operandPointer(dst!, 'w');
  const low = m.load(load, pointer, 0), high = m.load(load, pointer, half);
  const equal = m.isZero(m.or(m.xor(low, m.gpr(RAX, half)), m.xor(high, m.gpr(RDX, half))));
  const newLow = m.gpr(RBX, half), newHigh = m.gpr(RCX, half);
  m.store(store, pointer, 0, m.select(equal, newLow, low));
  m.store(store, pointer, half, m.select(equal, newHigh, high));
  m.when(m.op('i32.eqz', equal), () => { m.setGpr(RAX, low, half); m.setGpr(RDX, high, half); });
  m.setFlags({ zf: equal });
};

export const arith = rows(() => [
  ...binary(),
  ['FE /0', 'inc', [Eb], 'm--mmmm-', inc, { lock: true }],
  ['FF /0', 'inc', [Ev], 'm--mmmm-', inc, { lock: true, hot: true }],
  ['FE /1', 'dec', [Eb], 'm--mmmm-', dec, { lock: true }],
  ['FF /1', 'dec', [Ev], 'm--mmmm-', dec, { lock: true, hot: true }],
  ['F6 /2', 'not', [Eb], '--------', not, { lock: true }],
  ['F7 /2', 'not', [Ev], '--------', not, { lock: true, hot: true }],
  ['F6 /3', 'neg', [Eb], MODIFIED, neg, { lock: true }],
  ['F7 /3', 'neg', [Ev], MODIFIED, neg, { lock: true, hot: true }],
  ['84', 'test', [Eb, Gb], LOGIC, test, { hot: true }],
  ['85', 'test', [Ev, Gv], LOGIC, test, { hot: true }],
  ['A8', 'test', [AL, Ib], LOGIC, test, { hot: true }],
  ['A9', 'test', [rAX, Iz], LOGIC, test],
  ['F6 /0', 'test', [Eb, Ib], LOGIC, test, { hot: true }],
  ['F6 /1', 'test', [Eb, Ib], LOGIC, test],
  ['F7 /0', 'test', [Ev, Iz], LOGIC, test],
  ['F7 /1', 'test', [Ev, Iz], LOGIC, test],
  ['0F B0', 'cmpxchg', [Eb, Gb], MODIFIED, cmpxchg, { lock: true }],
  ['0F B1', 'cmpxchg', [Ev, Gv], MODIFIED, cmpxchg, { lock: true }],
  ['0F C0', 'xadd', [Eb, Gb], MODIFIED, xadd, { lock: true }],
  ['0F C1', 'xadd', [Ev, Gv], MODIFIED, xadd, { lock: true }],
  ['0F C7 /1 W0', 'cmpxchg8b', [Mq], '----m---', cmpxchgWide, { lock: true }],
  ['0F C7 /1 W1', 'cmpxchg16b', [Mdq], '----m---', cmpxchgWide, { lock: true, feature: 'cx16' }],
]);
