// Data movement: mov, movzx, movsx, lea, xchg, push, pop, cmov, setcc, bswap, movbe, conversions of the accumulator. SDM 2A, 2B.
import { RAX, RBP, RDX, RSP, STATE } from '../layout';
import { SYSTEM_WRITABLE } from '../flags';
import { arithmeticImage, flagsImage, setArithmeticFlags, type FlagName } from './flags_image';
import { helper, rows, type Machine, type Semantics, type V } from './machine';
import { AL, Eb, Ev, Evw, Ew, Gb, Gv, ib2, Ib, Iv, Iw, Iz, M, Mv, Ob, Ov, rAX, Rv, Sw, Zb, Zv, Ed } from './operands';

const mov: Semantics = (m, [dst, src]) => m.write(dst!, m.read(src!));
const movSigned: Semantics = (m, [dst, src]) => m.write(dst!, m.readSigned(src!));
const lea: Semantics = (m, [dst, src]) => m.write(dst!, m.offset(src!));
const xchg: Semantics = (m, [a, b]) => {
  const x = m.update(a!), y = m.read(b!);
  m.write(a!, y);
  m.write(b!, x);
};
const cmov: Semantics = (m, [dst, src]) => m.write(dst!, m.select(m.test(m.condition), m.read(src!), m.read(dst!)));
const setcc: Semantics = (m, [dst]) => m.write(dst!, m.extend(m.test(m.condition)));

/** Reverses the bytes of the operand size. */
function swapBytes(m: Machine, v: V<'i64'>, bits: number): V<'i64'> {
  const step = (x: V<'i64'>, mask: bigint, by: number): V<'i64'> => m.or(m.and(m.shr(x, by), m.i64(mask)), m.shl(m.and(x, m.i64(mask)), by));
  const pairs = step(v, 0x00ff00ff00ff00ffn, 8);
  if (bits === 16) return pairs;
  const quads = step(pairs, 0x0000ffff0000ffffn, 16);
  return bits === 32 ? quads : m.op('i64.rotl', quads, m.i64(32));
}
const movbe: Semantics = (m, [dst, src]) => m.write(dst!, swapBytes(m, m.read(src!), m.bits));

const push: Semantics = (m, [src]) => m.push(src!.kind.class === 'immediate' ? m.readSigned(src!) : m.read(src!), m.bits / 8);
const pop: Semantics = (m, [dst]) => {
  const bytes = m.bits / 8, rsp = m.gpr(RSP), pointer = m.pointer(rsp, bytes, 'r');
  const value = bytes === 8 ? m.load('i64.load', pointer) : m.load('i64.load16_u', pointer);
  m.setGpr(RSP, m.add(rsp, m.i64(bytes)));
  m.write(dst!, value);
};
/** pop to memory: RSP as a base counts after the pop. */
const popMemory: Semantics = (m, [dst]) => {
  const bytes = m.bits / 8, rsp = m.gpr(RSP), pointer = m.pointer(rsp, bytes, 'r');
  const value = bytes === 8 ? m.load('i64.load', pointer) : m.load('i64.load16_u', pointer);
  const address = m.add(m.address(dst!), m.select(m.baseIs(RSP), m.i64(bytes), m.i64(0)));
  const to = m.pointer(address, bytes, 'w');
  m.store(bytes === 8 ? 'i64.store' : 'i64.store16', to, 0, value);
  m.setGpr(RSP, m.add(rsp, m.i64(bytes)));
};

const leave: Semantics = m => {
  const bytes = m.bits / 8, rbp = m.gpr(RBP), pointer = m.pointer(rbp, bytes, 'r');
  const value = bytes === 8 ? m.load('i64.load', pointer) : m.load('i64.load16_u', pointer);
  m.setGpr(RSP, m.add(rbp, m.i64(bytes)));
  m.setGpr(RBP, value, bytes);
};
/** Words go to the stack one by one before the new stack top is tried, as on silicon: a fault at the end leaves them written. */
const enter = helper(cpu => {
  const { size, immediate, extra } = cpu.insn, level = extra & 31, bytes = size === 2 ? 2 : 8;
  const rsp = cpu.gpr(RSP), rbp = cpu.gpr(RBP), frameTemp = BigInt.asUintN(64, rsp - BigInt(bytes));
  let top = rsp;
  const push = (value: bigint): void => {
    const word = new Uint8Array(8);
    new DataView(word.buffer).setBigUint64(0, value, true);
    top = BigInt.asUintN(64, top - BigInt(bytes));
    cpu.write(top, word.subarray(0, bytes));
  };
  push(rbp);
  for (let i = 1; i < level; i++) {
    const from = cpu.read(BigInt.asUintN(64, rbp - BigInt(i * bytes)), bytes), word = new Uint8Array(8);
    word.set(from);
    push(new DataView(word.buffer).getBigUint64(0, true));
  }
  if (level > 0) push(frameTemp);
  const newRsp = BigInt.asUintN(64, top - (immediate & 0xffffn));
  cpu.probeWrite(newRsp, bytes);
  cpu.setGpr(RBP, bytes === 8 ? frameTemp : (rbp & ~0xffffn) | (frameTemp & 0xffffn));
  cpu.setGpr(RSP, newRsp);
});

const LOW_FLAGS: readonly FlagName[] = ['cf', 'pf', 'af', 'zf', 'sf'];
const lahf: Semantics = m => {
  const image = arithmeticImage(m, LOW_FLAGS);
  m.setGpr(RAX, m.or(m.and(m.gpr(RAX), m.i64(~0xff00n)), m.shl(image, 8)));
};
const sahf: Semantics = m => setArithmeticFlags(m, m.shr(m.gpr(RAX), 8), LOW_FLAGS);
const pushf: Semantics = m => m.push(flagsImage(m), m.bits / 8);
const popf = helper(cpu => {
  const bytes = cpu.insn.size === 2 ? 2 : 8, rsp = cpu.gpr(RSP), image = cpu.read(rsp, bytes);
  const before = cpu.systemFlags(), cpl = cpu.view.getUint32(STATE.cpl, true), iopl = before >> 12 & 3;
  let flags = (image[0] as number) | (image[1] as number) << 8 | (bytes === 8 ? (image[2] as number) << 16 : (before & 0xff0000));
  let keep = 0;
  if (cpl !== 0) keep |= 0x3000;
  if (cpl > iopl) keep |= 0x200;
  flags = (flags & ~keep) | (before & keep);
  cpu.setGpr(RSP, BigInt.asUintN(64, rsp + BigInt(bytes)));
  cpu.setFlags(flags);
  cpu.setSystemFlags(flags & SYSTEM_WRITABLE);
});

const cbw: Semantics = m => {
  const half = m.bits / 2, value = m.gpr(RAX, half / 8);
  m.setGpr(RAX, half === 8 ? m.op('i64.extend8_s', value) : half === 16 ? m.op('i64.extend16_s', value) : m.op('i64.extend32_s', value), m.bits / 8);
};
const cwd: Semantics = m => {
  const bytes = m.bits / 8;
  m.setGpr(RDX, m.sar(m.shl(m.gpr(RAX), 64 - m.bits), 63), bytes);
};
const xlat: Semantics = m => {
  const offset = m.add(m.gpr(3), m.gpr(RAX, 1));
  const address = m.add(m.select(m.addr32(), m.and(offset, m.i64(0xffffffff)), offset), m.segmentBase());
  m.setGpr(RAX, m.load('i64.load8_u', m.pointer(address, 1, 'r')), 1);
};

const movFromSegment: Semantics = (m, [dst, src]) => m.write(dst!, m.extend(m.load('i32.load16_u', m.op('i32.add', m.i32(STATE.selector), m.op('i32.shl', m.registerNumber(src!), m.i32(1))))));
const movToSegment = helper(cpu => {
  const { reg, rm, isMemory, address } = cpu.insn;
  const image = isMemory ? cpu.read(address, 2) : undefined;
  cpu.loadSegment(reg, image ? (image[0] as number) | (image[1] as number) << 8 : cpu.view.getUint16(rm, true));
  if (reg === 2) cpu.delayInterrupts();
});
const pushSegment = (index: number): Semantics => m => m.push(m.extend(m.state(STATE.selector + 2 * index, 'i32.load16_u')), m.bits / 8);
const popSegment = (index: number): Semantics => helper(cpu => {
  const bytes = cpu.insn.size === 2 ? 2 : 8, rsp = cpu.gpr(RSP), image = cpu.read(rsp, bytes);
  cpu.loadSegment(index, (image[0] as number) | (image[1] as number) << 8);
  cpu.setGpr(RSP, BigInt.asUintN(64, rsp + BigInt(bytes)));
});

const NONE = '--------';
export const move = rows(() => [
  ['88', 'mov', [Eb, Gb], NONE, mov, { hot: true }],
  ['89', 'mov', [Ev, Gv], NONE, mov, { hot: true }],
  ['8A', 'mov', [Gb, Eb], NONE, mov, { hot: true }],
  ['8B', 'mov', [Gv, Ev], NONE, mov, { hot: true }],
  ['8C', 'mov', [Evw, Sw], NONE, movFromSegment],
  ['8E', 'mov', [Sw, Ew], NONE, movToSegment, { native: false }],
  ['8D', 'lea', [Gv, M], NONE, lea, { hot: true }],
  ['A0', 'mov', [AL, Ob], NONE, mov],
  ['A1', 'mov', [rAX, Ov], NONE, mov],
  ['A2', 'mov', [Ob, AL], NONE, mov],
  ['A3', 'mov', [Ov, rAX], NONE, mov],
  ['B0+r', 'mov', [Zb, Ib], NONE, mov],
  ['B8+r', 'mov', [Zv, Iv], NONE, mov, { hot: true }],
  ['C6 /0', 'mov', [Eb, Ib], NONE, mov, { hot: true }],
  ['C7 /0', 'mov', [Ev, Iz], NONE, mov, { hot: true }],
  ['0F B6', 'movzx', [Gv, Eb], NONE, mov, { hot: true }],
  ['0F B7', 'movzx', [Gv, Ew], NONE, mov, { hot: true }],
  ['0F BE', 'movsx', [Gv, Eb], NONE, movSigned, { hot: true }],
  ['0F BF', 'movsx', [Gv, Ew], NONE, movSigned, { hot: true }],
  ['63', 'movsxd', [Gv, Ed], NONE, movSigned, { hot: true }],
  ['86', 'xchg', [Eb, Gb], NONE, xchg, { lock: true }],
  ['87', 'xchg', [Ev, Gv], NONE, xchg, { lock: true }],
  ['90+r', 'xchg', [Zv, rAX], NONE, xchg],
  ['90', 'nop', [], NONE, () => undefined, { hot: true }],
  ['F3 90', 'pause', [], NONE, () => undefined],
  ['0F 40+cc', 'cmov', [Gv, Ev], NONE, cmov, { hot: true }],
  ['0F 90+cc', 'set', [Eb], NONE, setcc, { hot: true }],
  ['0F 38 F0', 'movbe', [Gv, Mv], NONE, movbe, { feature: 'movbe', noRepeat: true }],
  ['0F 38 F1', 'movbe', [Mv, Gv], NONE, movbe, { feature: 'movbe', noRepeat: true }],
  ['50+r', 'push', [Zv], NONE, push, { size64: true, hot: true }],
  ['58+r', 'pop', [Zv], NONE, pop, { size64: true, hot: true }],
  ['FF /6', 'push', [Ev], NONE, push, { size64: true }],
  ['8F /0', 'pop', [Mv], NONE, popMemory, { size64: true }],
  ['8F /0', 'pop', [Rv], NONE, pop, { size64: true }],
  ['68', 'push', [Iz], NONE, push, { size64: true }],
  ['6A', 'push', [Ib], NONE, push, { size64: true }],
  ['0F A0', 'push', [], NONE, pushSegment(4), { size64: true }],
  ['0F A8', 'push', [], NONE, pushSegment(5), { size64: true }],
  ['0F A1', 'pop', [], NONE, popSegment(4), { size64: true, native: false }],
  ['0F A9', 'pop', [], NONE, popSegment(5), { size64: true, native: false }],
  ['C9', 'leave', [], NONE, leave, { size64: true, hot: true }],
  ['C8', 'enter', [Iw, ib2], NONE, enter, { size64: true }],
  ['9C', 'pushf', [], NONE, pushf, { size64: true }],
  ['9D', 'popf', [], 'mmmmmmmm', popf, { size64: true }],
  ['9F', 'lahf', [], NONE, lahf],
  ['9E', 'sahf', [], '---mmmmm', sahf],
  ['98', 'cbw', [rAX], NONE, cbw, { hot: true }],
  ['99', 'cwd', [rAX], NONE, cwd, { hot: true }],
  ['D7', 'xlat', [], NONE, xlat],
]);
