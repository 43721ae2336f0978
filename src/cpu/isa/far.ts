// Far transfers: RET of both kinds, CALL and JMP through memory, to 64-bit code; RET to an outer ring, too. SDM 2A, CALL, JMP; 2B, RET. No call gates.
// Differs: there is no compatibility mode, so its code segments are refused with #GP.
import { RSP, STATE } from '../layout';
import { GP, helper, NP, rows, type Helper, type HelperContext } from './machine';
import { Iw, Mv, rAX } from './operands';
import { checkStackSegment, cplOf, enterRing, leaveDataSegments, u16 } from './system';

const wordAt = (bytes: Uint8Array, at: number, size: number): bigint => {
  let value = 0n;
  for (let i = size - 1; i >= 0; i--) value = value << 8n | BigInt(bytes[at + i] as number);
  return value;
};
const bytesOf = (value: bigint, size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => Number(value >> BigInt(8 * i) & 0xffn));
const isCanonical = (address: bigint): boolean => BigInt.asUintN(64, BigInt.asIntN(48, address)) === address;

/** The ring in which the code behind a selector runs; #GP or #NP if it may not be gone to. `isReturn`: to the selector's ring, not inwards. */
function checkCode(cpu: HelperContext, selector: number, isReturn: boolean): number {
  const cpl = cplOf(cpu), rpl = selector & 3, refuse = (): never => cpu.raise(GP, selector & ~3);
  if ((selector & ~3) === 0) cpu.raise(GP);
  if (selector & 4 || (selector & ~7) + 7 > cpu.view.getUint32(STATE.gdtLimit, true)) refuse();
  const descriptor = cpu.descriptorHigh(selector), dpl = descriptor >>> 13 & 3, isConforming = (descriptor >>> 10 & 1) !== 0, ring = isReturn ? rpl : cpl;
  if ((descriptor >>> 11 & 3) !== 3 || (descriptor >>> 21 & 3) !== 1 || (isReturn && rpl < cpl)) refuse();
  if (isConforming ? dpl > ring : dpl !== ring || rpl > ring) refuse();
  if (!(descriptor >>> 15 & 1)) cpu.raise(NP, selector & ~3);
  return ring;
}

const ret: Helper = cpu => {
  const { view } = cpu, size = cpu.operandSize(), more = Number(cpu.insn.immediate & 0xffffn), top = cpu.gpr(RSP);
  // CS is read first.
  const selector = u16(cpu.read(BigInt.asUintN(64, top + BigInt(size)), size), 0), target = wordAt(cpu.read(top, size), 0, size), cpl = cplOf(cpu), ring = checkCode(cpu, selector, true), rsp = BigInt.asUintN(64, top + BigInt(2 * size + more));
  if (ring === cpl) {
    if (!isCanonical(target)) cpu.raise(GP);
    cpu.setGpr(RSP, rsp);
    view.setUint16(STATE.selector + 2, selector, true);
    cpu.setRip(target);
    return;
  }
  const outer = cpu.read(rsp, 2 * size), ss = u16(outer, size), stack = wordAt(outer, 0, size);
  checkStackSegment(cpu, ss, ring);
  if (!isCanonical(target)) cpu.raise(GP);
  cpu.setGpr(RSP, stack + BigInt(more));
  cpu.setRip(target);
  leaveDataSegments(cpu, ring);
  enterRing(cpu, ring, selector, ss);
};

const go = (isCall: boolean): Helper => cpu => {
  const { view, insn } = cpu, size = cpu.operandSize(), place = cpu.read(insn.address, size + 2), target = wordAt(place, 0, size), selector = u16(place, size), ring = checkCode(cpu, selector, false);
  if (!isCanonical(target)) cpu.raise(GP);
  if (isCall) {
    const old = BigInt(view.getUint16(STATE.selector + 2, true)), top = cpu.gpr(RSP), below = (n: number): bigint => BigInt.asUintN(64, top - BigInt(n * size));
    // Two pushes: the first stays when the second faults.
    cpu.write(below(1), bytesOf(old, size));
    cpu.write(below(2), bytesOf(cpu.nextRip(), size));
    cpu.setGpr(RSP, below(2));
  }
  cpu.view.setUint16(STATE.selector + 2, (selector & ~3) | ring, true);
  cpu.setRip(target);
};

const NONE = '--------', ENDS = { native: false, ends: true } as const;
export const far = rows(() => [
  ['CB', 'retf', [rAX], NONE, helper(ret), ENDS], ['CA', 'retf', [rAX, Iw], NONE, helper(ret), ENDS],
  ['FF /3', 'callf', [Mv], NONE, helper(go(true)), ENDS], ['FF /5', 'jmpf', [Mv], NONE, helper(go(false)), ENDS],
]);
