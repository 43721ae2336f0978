// String instructions: movs, stos, lods, cmps, scas, with and without repetition. SDM 2A/2B: REP/REPE/REPZ/REPNE/REPNZ. A repetition moves whole
// runs within pages; registers are up to date after each run, so that a fault leaves it restartable. Retired once, on completion. While the instruction
// is traced, or writes to code, it goes by elements and is begun again for each.
import { AF, CF, DF_FLAG, OF, PF_FLAG, SF, TF, ZF } from '../flags';
import { PAGE_SIZE, RAX, RCX, RDI, RSI, STATE } from '../layout';
import { helper, rows, type HelperContext, type Machine, type Semantics, type V } from './machine';
import { AL, rAX, Xb, Xv, Yb, Yv } from './operands';

const LOAD = { 1: 'i64.load8_u', 2: 'i64.load16_u', 4: 'i64.load32_u', 8: 'i64.load' } as const;
const STORE = { 1: 'i64.store8', 2: 'i64.store16', 4: 'i64.store32', 8: 'i64.store' } as const;
type Size = keyof typeof LOAD;
const SHIFT = { 1: 0, 2: 1, 4: 2, 8: 3 } as const;

/** [rsi] with its segment or [rdi]; 32-bit addresses under the prefix. */
function place(m: Machine, register: number): { offset: V<'i64'>; address: V<'i64'> } {
  const full = m.gpr(register), offset = m.select(m.addr32(), m.and(full, m.i64(0xffffffff)), full);
  return { offset, address: register === RSI ? m.add(offset, m.segmentBase()) : offset };
}

function advance(m: Machine, register: number, from: V<'i64'>): void {
  const bytes = m.bits / 8;
  const down = m.op('i32.and', m.state(STATE.flagSystem), m.i32(DF_FLAG));
  const next = m.add(from, m.select(down, m.i64(-bytes), m.i64(bytes)));
  m.setGpr(register, m.select(m.addr32(), m.and(next, m.i64(0xffffffff)), next));
}

const repeatable = (once: Semantics, repeated: Semantics): Semantics => (m, operands) => { (m.repeat === '' ? once : repeated)(m, operands); };

/**
 * A repetition upwards whose bytes lie on pages that the TLB knows, movs where nothing of the source is overwritten before it is read. Everything else
 * goes by runs in TypeScript.
 */
const quickly = (repeated: (cpu: HelperContext) => void, isMove: boolean): Semantics => m => {
  const size = (m.bits / 8) as Size, count = m.gpr(RCX), to = m.gpr(RDI), from = isMove ? m.add(m.gpr(RSI), m.segmentBase()) : undefined;
  const bytes = m.shl(count, SHIFT[size]), leavesPage = (address: V<'i64'>): V<'i32'> => m.op('i64.gt_u', m.add(m.and(address, m.i64(PAGE_SIZE - 1)), bytes), m.i64(PAGE_SIZE));
  const odd = [
    m.addr32(), m.op('i32.and', m.state(STATE.flagSystem), m.i32(DF_FLAG | TF)), m.op('i64.gt_u', count, m.i64(PAGE_SIZE / size)), leavesPage(to),
    ...from ? [leavesPage(from), m.op('i64.lt_u', m.sub(to, from), bytes)] : [],
  ].reduce((a, b) => m.op('i32.or', a, b));
  m.when(odd, () => m.callHelper(repeated), () => m.when(m.op('i64.ne', count, m.i64(0)), () => {
    const target = m.pageHit(to, 'w'), source = from && m.pageHit(from, 'r'), length = m.wrap(bytes);
    m.when(m.op('i32.eqz', source ? m.op('i32.and', target.isKnown, source.isKnown) : target.isKnown), () => m.callHelper(repeated), () => {
      if (source) m.copyBytes(target.pointer, source.pointer, length);
      else fill(m, size, target.pointer, length);
      if (source) m.setGpr(RSI, m.add(m.gpr(RSI), bytes));
      m.setGpr(RDI, m.add(to, bytes));
      m.setGpr(RCX, m.i64(0));
    });
  }));
};

/** With the low bytes of RAX; `length` is not zero. */
function fill(m: Machine, size: Size, to: V<'i32'>, length: V<'i32'>): void {
  const value = m.gpr(RAX, size), low = m.and(value, m.i64(0xff)), byByte = (): void => m.fillBytes(to, m.wrap(low), length);
  if (size === 1) { byByte(); return; }
  m.when(m.op('i64.eq', value, m.op('i64.mul', low, m.i64(BigInt.asUintN(8 * size, 0x0101010101010101n)))), byByte, () => {
    const at = m.variable(to), end = m.op('i32.add', to, length);
    m.loop(again => {
      m.store(STORE[size], at.get(), 0, value);
      at.set(m.op('i32.add', at.get(), m.i32(size)));
      m.br(again, m.op('i32.lt_u', at.get(), end));
    });
  });
}

const movs: Semantics = m => {
  const size = (m.bits / 8) as Size, from = place(m, RSI), to = place(m, RDI);
  const value = m.load(LOAD[size], m.pointer(from.address, size, 'r'));
  m.store(STORE[size], m.pointer(to.address, size, 'w'), 0, value);
  advance(m, RSI, from.offset);
  advance(m, RDI, to.offset);
};
const stos: Semantics = m => {
  const size = (m.bits / 8) as Size, to = place(m, RDI), value = m.gpr(RAX, size);
  m.store(STORE[size], m.pointer(to.address, size, 'w'), 0, value);
  advance(m, RDI, to.offset);
};
const lods: Semantics = m => {
  const size = (m.bits / 8) as Size, from = place(m, RSI);
  const value = m.load(LOAD[size], m.pointer(from.address, size, 'r'));
  advance(m, RSI, from.offset);
  m.setGpr(RAX, value, size);
};
const cmps: Semantics = m => {
  const size = (m.bits / 8) as Size, from = place(m, RSI), to = place(m, RDI);
  const b = m.load(LOAD[size], m.pointer(to.address, size, 'r')), a = m.load(LOAD[size], m.pointer(from.address, size, 'r'));
  advance(m, RSI, from.offset);
  advance(m, RDI, to.offset);
  m.arith('sub', a, b, m.sub(a, b));
};
const scas: Semantics = m => {
  const size = (m.bits / 8) as Size, to = place(m, RDI);
  const a = m.gpr(RAX, size), b = m.load(LOAD[size], m.pointer(to.address, size, 'r'));
  advance(m, RDI, to.offset);
  m.arith('sub', a, b, m.sub(a, b));
};

interface Run { cpu: HelperContext; size: number; addressMask: bigint; step: bigint; isDown: boolean; isStepwise: boolean }

function begin(cpu: HelperContext, size: number): Run {
  const isDown = (cpu.systemFlags() & DF_FLAG) !== 0;
  return { cpu, size, addressMask: cpu.addr32() ? 0xffffffffn : 0xffffffffffffffffn, step: BigInt(isDown ? -size : size), isDown, isStepwise: cpu.isStepwise() };
}
const sizeOf = (cpu: HelperContext, isByte: boolean): number => isByte ? 1 : cpu.operandSize();

/** Elements from `address` on that stay on its page; at least one. */
function elementsOnPage(run: Run, address: bigint): number {
  const offset = Number(address & 0xfffn);
  return Math.max(1, run.isDown ? (offset + run.size <= 4096 ? Math.floor(offset / run.size) + 1 : 1) : Math.floor((4096 - offset) / run.size));
}

/** Moves a register on by n elements. */
function move(run: Run, register: number, n: number): void {
  run.cpu.setGpr(register, (run.cpu.gpr(register) + run.step * BigInt(n)) & run.addressMask);
}
function countDown(run: Run, n: number): void {
  run.cpu.setGpr(RCX, ((run.cpu.gpr(RCX) & run.addressMask) - BigInt(n)) & run.addressMask);
}
const remaining = (run: Run): bigint => run.cpu.gpr(RCX) & run.addressMask;
const least = (limit: bigint, ...numbers: number[]): number => { const n = Math.min(...numbers); return limit < BigInt(n) ? Number(limit) : n; };
/** Lowest address of n elements that begin at `address`. */
const bottom = (run: Run, address: bigint, n: number): bigint => BigInt.asUintN(64, run.isDown ? address - BigInt((n - 1) * run.size) : address);

/** The first of the elements, where a fault is found, when they go down. */
function touchFirst(run: Run, address: bigint, n: number, isWrite: boolean): void {
  if (!run.isDown || n === 1) return;
  if (isWrite) run.cpu.probeWrite(address, run.size); else run.cpu.read(address, run.size);
}
/** Writes n elements, or one where they are code: then the instruction is begun again, for it may be another one now. Returns how many. */
function put(run: Run, to: bigint, n: number, bytesOf: (n: number) => Uint8Array): number {
  const touchesCode = run.cpu.touchesCode(bottom(run, to, n), n * run.size), count = touchesCode ? 1 : n;
  touchFirst(run, to, count, true);
  run.cpu.write(bottom(run, to, count), bytesOf(count));
  if (touchesCode) run.isStepwise = true;
  return count;
}
/** After a run of elements, with registers up to date: whether the instruction ends here, to be begun again. */
function isOver(run: Run): boolean {
  if (!run.isStepwise) return false;
  if (remaining(run) > 0n) run.cpu.again();
  return true;
}

const repeatMovs = (isByte: boolean) => (cpu: HelperContext): void => {
  const run = begin(cpu, sizeOf(cpu, isByte)), base = cpu.segmentBase();
  for (let left = remaining(run); left > 0n; left = remaining(run)) {
    const from = BigInt.asUintN(64, (cpu.gpr(RSI) & run.addressMask) + base), to = cpu.gpr(RDI) & run.addressMask;
    // A destination shortly after the source repeats what was just written.
    const distance = BigInt.asUintN(64, run.isDown ? from - to : to - from);
    const apart = distance > 0n && distance < 4096n ? Math.max(1, Math.floor(Number(distance) / run.size)) : 4096;
    const most = run.isStepwise ? 1 : least(left, elementsOnPage(run, from), elementsOnPage(run, to), apart);
    touchFirst(run, from, most, false);
    const n = put(run, to, most, count => cpu.read(bottom(run, from, count), count * run.size));
    move(run, RSI, n);
    move(run, RDI, n);
    countDown(run, n);
    if (isOver(run)) return;
  }
};
const repeatStos = (isByte: boolean) => (cpu: HelperContext): void => {
  const run = begin(cpu, sizeOf(cpu, isByte)), bytes = least(remaining(run), 4096 / run.size) * run.size, pattern = new Uint8Array(Math.max(8, bytes));
  new DataView(pattern.buffer).setBigUint64(0, cpu.gpr(RAX), true);
  for (let done = run.size; done < bytes; done *= 2) pattern.copyWithin(done, 0, done);
  for (let left = remaining(run); left > 0n; left = remaining(run)) {
    const to = cpu.gpr(RDI) & run.addressMask, n = put(run, to, run.isStepwise ? 1 : least(left, elementsOnPage(run, to)), count => pattern.subarray(0, count * run.size));
    move(run, RDI, n);
    countDown(run, n);
    if (isOver(run)) return;
  }
};
const repeatLods = (isByte: boolean) => (cpu: HelperContext): void => {
  const run = begin(cpu, sizeOf(cpu, isByte)), base = cpu.segmentBase();
  for (let left = remaining(run); left > 0n; left = remaining(run)) {
    const value = element(cpu.read(BigInt.asUintN(64, (cpu.gpr(RSI) & run.addressMask) + base), run.size), 0, run.size);
    const old = cpu.gpr(RAX);
    cpu.setGpr(RAX, run.size >= 4 ? value : run.size === 2 ? (old & ~0xffffn) | value : (old & ~0xffn) | value);
    move(run, RSI, 1);
    countDown(run, 1);
    if (isOver(run)) return;
  }
};

function element(bytes: Uint8Array, at: number, size: number): bigint {
  let value = 0n;
  for (let i = size - 1; i >= 0; i--) value = value << 8n | BigInt(bytes[at + i] as number);
  return value;
}

/** The flags of a - b. */
function compareFlags(a: bigint, b: bigint, size: number): number {
  const bits = size * 8, r = BigInt.asUintN(bits, a - b), sign = 1n << BigInt(bits - 1);
  let parity = Number(r & 0xffn);
  parity ^= parity >> 4; parity ^= parity >> 2; parity ^= parity >> 1;
  return (a < b ? CF : 0) | (parity & 1 ? 0 : PF_FLAG) | ((a ^ b ^ r) & 16n ? AF : 0) | (r === 0n ? ZF : 0) | (r & sign ? SF : 0) | ((a ^ b) & (a ^ r) & sign ? OF : 0);
}

/** repe/repne cmps and scas: until the count is exhausted or (in)equality. */
const repeatCompare = (isByte: boolean, isScan: boolean) => (cpu: HelperContext): void => {
  const run = begin(cpu, sizeOf(cpu, isByte)), base = cpu.segmentBase(), { size } = run, untilEqual = cpu.repeat() === 'repne';
  const accumulator = BigInt.asUintN(size * 8, cpu.gpr(RAX));
  // A fault leaves the flags as they were before the instruction.
  let flags = cpu.flags();
  for (let left = remaining(run); left > 0n; left = remaining(run)) {
    const from = BigInt.asUintN(64, (cpu.gpr(RSI) & run.addressMask) + base), to = cpu.gpr(RDI) & run.addressMask;
    const n = run.isStepwise ? 1 : least(left, elementsOnPage(run, to), isScan ? 4096 : elementsOnPage(run, from));
    touchFirst(run, to, n, false);
    if (!isScan) touchFirst(run, from, n, false);
    const right = cpu.read(bottom(run, to, n), n * size), source = isScan ? right : cpu.read(bottom(run, from, n), n * size);
    let done = 0, a = 0n, b = 0n;
    while (done < n) {
      const at = (run.isDown ? n - 1 - done : done) * size;
      a = isScan ? accumulator : element(source, at, size);
      b = element(right, at, size);
      done++;
      if ((a === b) === untilEqual) break;
    }
    const stops = (a === b) === untilEqual;
    flags = compareFlags(a, b, size);
    if (!isScan) move(run, RSI, done);
    move(run, RDI, done);
    countDown(run, done);
    if (stops) break;
    if (run.isStepwise && remaining(run) > 0n) { cpu.again(); break; }
  }
  cpu.setFlags(flags);
};

const CMP = 'm--mmmmm', NONE = '--------';
export const strings = rows(() => [
  ['A4', 'movs', [Yb, Xb], NONE, repeatable(movs, quickly(repeatMovs(true), true)), { rep: true }],
  ['A5', 'movs', [Yv, Xv], NONE, repeatable(movs, quickly(repeatMovs(false), true)), { rep: true }],
  ['AA', 'stos', [Yb, AL], NONE, repeatable(stos, quickly(repeatStos(true), false)), { rep: true }],
  ['AB', 'stos', [Yv, rAX], NONE, repeatable(stos, quickly(repeatStos(false), false)), { rep: true }],
  ['AC', 'lods', [AL, Xb], NONE, repeatable(lods, helper(repeatLods(true))), { rep: true }],
  ['AD', 'lods', [rAX, Xv], NONE, repeatable(lods, helper(repeatLods(false))), { rep: true }],
  ['A6', 'cmps', [Xb, Yb], CMP, repeatable(cmps, helper(repeatCompare(true, false))), { rep: true }],
  ['A7', 'cmps', [Xv, Yv], CMP, repeatable(cmps, helper(repeatCompare(false, false))), { rep: true }],
  ['AE', 'scas', [AL, Yb], CMP, repeatable(scas, helper(repeatCompare(true, true))), { rep: true }],
  ['AF', 'scas', [rAX, Yv], CMP, repeatable(scas, helper(repeatCompare(false, true))), { rep: true }],
]);
