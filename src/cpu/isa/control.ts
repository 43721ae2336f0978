// Jumps, calls, returns, loops, flag instructions, nothing-doers. SDM 2A, 2B.
import { DF_FLAG } from '../flags';
import { RCX, RSP, STATE } from '../layout';
import { GP, helper, UD, rows, type Machine, type Operand, type Semantics, type V } from './machine';
import { Ev, Gv, Iw, Jb, Jz, Mb, Rd, Ry } from './operands';

const jmp: Semantics = (m, [target]) => m.branch(target!);
const jcc: Semantics = (m, [target]) => m.branch(target!, m.test(m.condition));
const call: Semantics = (m, [target]) => {
  m.push(m.nextRip(), 8);
  m.branch(target!);
};
/** #GP at the branch, which has done nothing yet, when it leads to where no address is: Intel's way; AMD's processors find it at the target. */
function checkTarget(m: Machine, target: V<'i64'>): void {
  m.when(m.op('i64.ne', m.shr(target, 47), m.i64(0)), () => m.raise(GP, m.op('i64.ne', m.sar(m.shl(target, 16), 16), target)));
}
const jmpIndirect: Semantics = (m, [target]) => {
  const to = m.read(target!);
  checkTarget(m, to);
  m.jump(to);
};
const callIndirect: Semantics = (m, [target]) => {
  const to = m.read(target!);
  // The return address is written before the target is looked at.
  const rsp = m.sub(m.gpr(RSP), m.i64(8));
  m.store('i64.store', m.pointer(rsp, 8, 'w'), 0, m.nextRip());
  checkTarget(m, to);
  m.setGpr(RSP, rsp);
  m.jump(to);
};
const ret: Semantics = (m, [extra]) => {
  const rsp = m.gpr(RSP), to = m.load('i64.load', m.pointer(rsp, 8, 'r'));
  checkTarget(m, to);
  m.setGpr(RSP, m.add(rsp, extra ? m.add(m.i64(8), m.read(extra)) : m.i64(8)));
  m.jump(to);
};

const counter = (m: Machine): V<'i64'> => { const rcx = m.gpr(RCX); return m.select(m.addr32(), m.and(rcx, m.i64(0xffffffff)), rcx); };
const loopWhile = (condition: (m: Machine) => V<'i32'> | undefined): Semantics => (m, [target]) => {
  const rcx = m.sub(counter(m), m.i64(1)), next = m.select(m.addr32(), m.and(rcx, m.i64(0xffffffff)), rcx);
  m.setGpr(RCX, next);
  const more = m.op('i64.ne', next, m.i64(0)), also = condition(m);
  m.branch(target!, also ? m.op('i32.and', more, also) : more);
};
const jrcxz: Semantics = (m, [target]) => m.branch(target!, m.isZero(counter(m)));

const direction = (on: boolean): Semantics => m => {
  const flags = m.state(STATE.flagSystem);
  m.setState(STATE.flagSystem, on ? m.op('i32.or', flags, m.i32(DF_FLAG)) : m.op('i32.and', flags, m.i32(~DF_FLAG)));
};
const nothing: Semantics = () => undefined;
const undefinedOpcode: Semantics = m => m.raise(UD);
const touch = (m: Machine, operand: Operand): void => { m.operandPointer(operand, 'r'); };
const rdBase = (index: number): Semantics => (m, [dst]) => { needFsGsBase(m); m.write(dst!, m.state64(STATE.segmentBase + 8 * index)); };
const wrBase = (index: number): Semantics => (m, [src]) => {
  needFsGsBase(m);
  const base = m.read(src!);
  m.raise(GP, m.op('i64.ne', m.sar(m.shl(base, 16), 16), base));
  m.setState(STATE.segmentBase + 8 * index, base);
};
const needFsGsBase = (m: Machine): void => m.raise(UD, m.op('i32.eqz', m.op('i32.and', m.state(STATE.cr4), m.i32(1 << 16))));
/** endbr and the reserved NOPs of 0F 1A-1F. */
const nops = ['0F 1A', '0F 1B', '0F 1C', '0F 1D', '0F 1E', '0F 1F'];

const NONE = '--------', ENDS = { ends: true, native: false } as const;
const baseRow = { feature: 'fsgsbase', native: false } as const;
export const control = rows(() => [
  ['EB', 'jmp', [Jb], NONE, jmp, { ...ENDS, force64: true, hot: true }],
  ['E9', 'jmp', [Jz], NONE, jmp, { ...ENDS, force64: true, hot: true }],
  ['70+cc', 'j', [Jb], NONE, jcc, { native: false, hot: true }],
  ['0F 80+cc', 'j', [Jz], NONE, jcc, { native: false, hot: true }],
  ['E8', 'call', [Jz], NONE, call, { ...ENDS, force64: true, hot: true }],
  ['FF /2', 'call', [Ev], NONE, callIndirect, { ...ENDS, force64: true, hot: true }],
  ['FF /4', 'jmp', [Ev], NONE, jmpIndirect, { ...ENDS, force64: true, hot: true }],
  ['C3', 'ret', [], NONE, ret, { ...ENDS, force64: true, hot: true }],
  ['C2', 'ret', [Iw], NONE, ret, { ...ENDS, force64: true }],
  ['E0', 'loopne', [Jb], NONE, loopWhile(m => m.op('i32.eqz', m.flag('zf'))), { native: false }],
  ['E1', 'loope', [Jb], NONE, loopWhile(m => m.flag('zf')), { native: false }],
  ['E2', 'loop', [Jb], NONE, loopWhile(() => undefined), { native: false }],
  ['E3', 'jrcxz', [Jb], NONE, jrcxz, { native: false }],
  ['F5', 'cmc', [], '-------m', m => m.setFlags({ cf: m.op('i32.eqz', m.flag('cf')) })],
  ['F8', 'clc', [], '-------0', m => m.setFlags({ cf: 0 })],
  ['F9', 'stc', [], '-------1', m => m.setFlags({ cf: 1 })],
  ['FC', 'cld', [], '-0------', direction(false)],
  ['FD', 'std', [], '-1------', direction(true)],
  ...nops.map(spec => [spec, 'nop', [Ev], NONE, nothing] as const),
  // A NOP, too, which tells whoever listens that it was executed: Processor.onMark.
  ['0F 19', 'nop', [Ev], NONE, helper(cpu => cpu.mark())],
  ['0F 0D', 'prefetchw', [Mb], NONE, nothing],
  ['0F 18', 'prefetch', [Ev], NONE, nothing],
  ['F3 0F 1E FA', 'endbr64', [], NONE, nothing, { hot: true }],
  ['F3 0F 1E FB', 'endbr32', [], NONE, nothing],
  ['NP 0F AE /5', 'lfence', [Rd], NONE, nothing],
  ['NP 0F AE /6', 'mfence', [Rd], NONE, nothing],
  ['NP 0F AE /7', 'sfence', [Rd], NONE, nothing],
  ['NP 0F AE /7', 'clflush', [Mb], NONE, (m, [at]) => touch(m, at!), { native: false }],
  ['66 0F AE /7', 'clflushopt', [Mb], NONE, (m, [at]) => touch(m, at!), { native: false }],
  ['0F 0B', 'ud2', [], NONE, undefinedOpcode],
  ['0F B9', 'ud1', [Gv, Ev], NONE, undefinedOpcode],
  ['0F FF', 'ud0', [Gv, Ev], NONE, undefinedOpcode],
  ['F3 0F AE /0', 'rdfsbase', [Ry], NONE, rdBase(4), baseRow],
  ['F3 0F AE /1', 'rdgsbase', [Ry], NONE, rdBase(5), baseRow],
  ['F3 0F AE /2', 'wrfsbase', [Ry], NONE, wrBase(4), baseRow],
  ['F3 0F AE /3', 'wrgsbase', [Ry], NONE, wrBase(5), baseRow],
]);
