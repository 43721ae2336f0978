// Bit instructions: BT and its kin, scans and counts, BMI1, BMI2, ADX, MOVBE, BSWAP. SDM 2A, 2B by mnemonic.
import { rows, type Machine, type Operand, type Row, type Semantics, type V } from './machine';
import { By, Ev, Ey, Gv, Gy, Zv, ib, type OperandKind } from './operands';

type I64 = V<'i64'>;
const bmi = (feature: string): { feature: string } => ({ feature });

// --- single bits ---------------------------------------------------------------------------------------------------------------------------------

type Change = 'bt' | 'bts' | 'btr' | 'btc';
function changed(m: Machine, value: I64, mask: I64, change: Change): I64 {
  return change === 'bts' ? m.or(value, mask) : change === 'btr' ? m.and(value, m.not(mask)) : m.xor(value, mask);
}
const LOADS = { 2: 'i64.load16_u', 4: 'i64.load32_u', 8: 'i64.load' } as const, STORES = { 2: 'i64.store16', 4: 'i64.store32', 8: 'i64.store' } as const;

/** A bit number in a register may reach any distance from a memory operand; an immediate one stays within it. */
const bitTest = (change: Change, far: boolean): Semantics => (m, [base, number]) => {
  const { bits } = m, bytes = bits / 8 as 2 | 4 | 8;
  if (base!.isMemory && far) return farBit(m, base!, number!, change, bytes);
  const n = m.and(m.read(number!), m.i64(bits - 1)), value = change === 'bt' ? m.read(base!) : m.update(base!);
  const cf = m.wrap(m.and(m.shr(value, n), m.i64(1)));
  if (change !== 'bt') m.write(base!, changed(m, value, m.shl(m.i64(1), n), change));
  m.setFlags({ cf });
};
function farBit(m: Machine, base: Operand, number: Operand, change: Change, bytes: 2 | 4 | 8): void {
  const index = m.readSigned(number), n = m.and(index, m.i64(bytes * 8 - 1));
  const linear = m.add(m.address(base), m.mul(m.sar(index, { 2: 4, 4: 5, 8: 6 }[bytes]), m.i64(bytes)));
  const at = m.pointer(linear, bytes, change === 'bt' ? 'r' : 'w'), value = m.load(LOADS[bytes], at) as I64;
  const cf = m.wrap(m.and(m.shr(value, n), m.i64(1)));
  if (change !== 'bt') m.store(STORES[bytes], at, 0, changed(m, value, m.shl(m.i64(1), n), change));
  m.setFlags({ cf });
}
const BIT = 'u--u-uum';
const bitRows = rows((): Row[] => ([['bt', 'A3', 4], ['bts', 'AB', 5], ['btr', 'B3', 6], ['btc', 'BB', 7]] as [Change, string, number][]).flatMap(([name, byte, extension]): Row[] => {
  const lock = name === 'bt' ? {} : { lock: true as const };
  return [[`0F ${byte}`, name, [Ev, Gv], BIT, bitTest(name, true), lock], [`0F BA /${extension}`, name, [Ev, ib], BIT, bitTest(name, false), lock]];
}));

// --- scans and counts ----------------------------------------------------------------------------------------------------------------------------

/** BSF, BSR: nothing is written for a zero source. */
const scan = (forward: boolean): Semantics => (m, [dst, src]) => {
  const value = m.read(src!), zf = m.isZero(value);
  m.when(m.op('i32.eqz', zf), () => m.write(dst!, forward ? m.op('i64.ctz', value) : m.sub(m.i64(63), m.op('i64.clz', value))));
  m.setFlags({ zf });
};
const count = (leading: boolean): Semantics => (m, [dst, src]) => {
  const { bits } = m, value = m.read(src!), empty = m.isZero(value);
  const r = leading ? m.sub(m.op('i64.clz', value), m.i64(64 - bits)) : m.select(empty, m.i64(bits), m.op('i64.ctz', value));
  m.write(dst!, r);
  m.setFlags({ cf: empty, zf: m.isZero(r) });
};
const popcnt: Semantics = (m, [dst, src]) => {
  const value = m.read(src!);
  m.write(dst!, m.op('i64.popcnt', value));
  m.setFlags({ zf: m.isZero(value), cf: 0, of: 0, sf: 0, af: 0, pf: 0 });
};

// --- BMI -------------------------------------------------------------------------------------------------------------------------------------------

/** ZF and SF from r, OF cleared, CF as given. */
function bmiFlags(m: Machine, r: I64, cf: V<'i32'> | 0): void {
  m.setFlags({ zf: m.isZero(low(m, r)), sf: m.wrap(m.and(m.shr(r, m.bits - 1), m.i64(1))), of: 0, cf });
}
const low = (m: Machine, v: I64): I64 => m.bits === 64 ? v : m.and(v, m.i64(0xffffffffn));

const andn: Semantics = (m, [dst, a, b]) => { const r = low(m, m.and(m.not(m.read(a!)), m.read(b!))); m.write(dst!, r); bmiFlags(m, r, 0); };
const bextr: Semantics = (m, [dst, src, control]) => {
  const value = m.read(src!), c = m.read(control!), start = m.and(c, m.i64(0xff)), length = m.and(m.shr(c, 8), m.i64(0xff));
  const shifted = m.select(m.op('i64.gt_u', start, m.i64(m.bits - 1)), m.i64(0), m.shr(value, start));
  const mask = m.select(m.op('i64.gt_u', length, m.i64(63)), m.i64(-1), m.sub(m.shl(m.i64(1), length), m.i64(1)));
  const r = m.and(shifted, mask);
  m.write(dst!, r);
  m.setFlags({ zf: m.isZero(r), cf: 0, of: 0 });
};
/** BLSR, BLSMSK, BLSI. */
const lowestSet = (f: (m: Machine, v: I64) => I64, carryWhenZero: boolean): Semantics => (m, [dst, src]) => {
  const value = m.read(src!), r = low(m, f(m, value)), empty = m.isZero(value);
  m.write(dst!, r);
  bmiFlags(m, r, carryWhenZero ? empty : m.op('i32.eqz', empty));
};
const bzhi: Semantics = (m, [dst, src, number]) => {
  const value = m.read(src!), n = m.and(m.read(number!), m.i64(0xff)), beyond = m.op('i64.gt_u', n, m.i64(m.bits - 1));
  const r = m.select(beyond, value, m.and(value, m.sub(m.shl(m.i64(1), n), m.i64(1))));
  m.write(dst!, r);
  bmiFlags(m, r, beyond);
};
/** PDEP (scatter) and PEXT (gather): one turn for each bit of the mask. */
const parallel = (scatter: boolean): Semantics => (m, [dst, src, selector]) => {
  const value = m.read(src!), mask = m.variable(m.read(selector!)), result = m.variable(m.i64(0)), position = m.variable(m.i64(1));
  m.block(done => m.loop(again => {
    const left = mask.get();
    m.br(done, m.isZero(left));
    const lowest = m.and(left, m.sub(m.i64(0), left)), p = position.get();
    const [test, set] = scatter ? [p, lowest] : [lowest, p];
    result.set(m.or(result.get(), m.select(m.isZero(m.and(value, test)), m.i64(0), set)));
    position.set(m.shl(p, 1));
    mask.set(m.xor(left, lowest));
    m.br(again);
  }));
  m.write(dst!, result.get());
};
const shiftX = (f: (m: Machine, v: I64, n: I64) => I64, signed = false): Semantics => (m, [dst, src, by]) => {
  const value = signed ? m.readSigned(src!) : m.read(src!);
  m.write(dst!, f(m, value, m.and(m.read(by!), m.i64(m.bits - 1))));
};
const rorx: Semantics = (m, [dst, src, by]) => {
  const value = m.read(src!), n = m.and(m.read(by!), m.i64(m.bits - 1));
  m.write(dst!, m.bits === 64 ? m.op('i64.rotr', value, n) : m.or(m.shr(value, n), m.shl(value, m.sub(m.i64(32), n))));
};

// --- ADX, byte order --------------------------------------------------------------------------------------------------------------------------------

const addWith = (flag: 'cf' | 'of'): Semantics => (m, [dst, src]) => {
  const b = m.read(src!), a = m.read(dst!), partial = m.add(a, b), r = m.add(partial, m.extend(m.flag(flag)));
  const carry = m.bits === 64 ? m.op('i32.or', m.op('i64.lt_u', partial, a), m.op('i64.lt_u', r, partial)) : m.wrap(m.and(m.shr(r, 32), m.i64(1)));
  m.write(dst!, r);
  m.setFlags({ [flag]: carry });
};
function byteSwapped(m: Machine, v: I64, bits: number): I64 {
  const swapPairs = (x: I64, mask: bigint, by: number): I64 => m.or(m.and(m.shr(x, by), m.i64(mask)), m.shl(m.and(x, m.i64(mask)), by));
  const words = swapPairs(v, 0x00ff00ff00ff00ffn, 8);
  if (bits === 16) return words;
  const doubles = swapPairs(words, 0x0000ffff0000ffffn, 16);
  return bits === 32 ? doubles : m.op('i64.rotr', doubles, m.i64(32));
}
/** BSWAP of 16 bits is undefined; processors clear the word. */
const bswap: Semantics = (m, [dst]) => m.write(dst!, m.bits === 16 ? m.i64(0) : byteSwapped(m, m.read(dst!), m.bits));

const vex = (opcode: string, name: string, operands: readonly OperandKind[], flags: string, s: Semantics, feature: 'bmi1' | 'bmi2'): Row => [opcode, name, operands, flags, s, bmi(feature)];
const NONE = '--------', LOGIC = '0--mmuum';

export const bitInstructions = rows(() => [
  ...bitRows(),
  ['0F BC', 'bsf', [Gv, Ev], 'u--umuuu', scan(true)], ['0F BD', 'bsr', [Gv, Ev], 'u--umuuu', scan(false)],
  ['F3 0F BC', 'tzcnt', [Gv, Ev], 'u--umuum', count(false), bmi('bmi1')], ['F3 0F BD', 'lzcnt', [Gv, Ev], 'u--umuum', count(true), bmi('abm')], ['F3 0F B8', 'popcnt', [Gv, Ev], '0--0m000', popcnt, bmi('popcnt')],
  vex('VEX.NP.0F38.L0 F2', 'andn', [Gy, By, Ey], '0--mmuu0', andn, 'bmi1'), vex('VEX.NP.0F38.L0 F7', 'bextr', [Gy, Ey, By], '0--umuu0', bextr, 'bmi1'),
  vex('VEX.NP.0F38.L0 F3 /1', 'blsr', [By, Ey], LOGIC, lowestSet((m, v) => m.and(v, m.sub(v, m.i64(1))), true), 'bmi1'),
  vex('VEX.NP.0F38.L0 F3 /2', 'blsmsk', [By, Ey], '0--m0uum', lowestSet((m, v) => m.xor(v, m.sub(v, m.i64(1))), true), 'bmi1'),
  vex('VEX.NP.0F38.L0 F3 /3', 'blsi', [By, Ey], LOGIC, lowestSet((m, v) => m.and(v, m.sub(m.i64(0), v)), false), 'bmi1'),
  vex('VEX.NP.0F38.L0 F5', 'bzhi', [Gy, Ey, By], LOGIC, bzhi, 'bmi2'),
  vex('VEX.F2.0F38.L0 F5', 'pdep', [Gy, By, Ey], NONE, parallel(true), 'bmi2'), vex('VEX.F3.0F38.L0 F5', 'pext', [Gy, By, Ey], NONE, parallel(false), 'bmi2'),
  vex('VEX.66.0F38.L0 F7', 'shlx', [Gy, Ey, By], NONE, shiftX((m, v, n) => m.shl(v, n)), 'bmi2'), vex('VEX.F2.0F38.L0 F7', 'shrx', [Gy, Ey, By], NONE, shiftX((m, v, n) => m.shr(v, n)), 'bmi2'), vex('VEX.F3.0F38.L0 F7', 'sarx', [Gy, Ey, By], NONE, shiftX((m, v, n) => m.sar(v, n), true), 'bmi2'),
  vex('VEX.F2.0F3A.L0 F0', 'rorx', [Gy, Ey, ib], NONE, rorx, 'bmi2'),
  ['66 0F 38 F6', 'adcx', [Gy, Ey], '-------m', addWith('cf'), bmi('adx')], ['F3 0F 38 F6', 'adox', [Gy, Ey], 'm-------', addWith('of'), bmi('adx')],
  ['0F C8+r', 'bswap', [Zv], NONE, bswap],
]);
