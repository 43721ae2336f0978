// Delivery of exceptions and interrupts through the guest's IDT in 64-bit mode: gates, IST, TSS stacks, error codes, double and triple faults.
// SDM 3A, chapter 6. No call gates, no task gates, no 32-bit handlers.
import { readFlags, IF, NT, RF, TF, writeSystemFlags } from './flags';
import { RSP, STATE } from './layout';
import { DF, GP, NP, PF, SS, TS } from './isa/machine';
import type { PhysicalMemory } from './physical_memory';

/** A fault on the way: thrown by what reads and writes guest memory for the processor itself. */
export class Fault {
  constructor(readonly vector: number, readonly errorCode: number) {}
}

/** What delivery needs of the processor: accesses as CPL 0, which throw Fault. */
export interface SystemAccess {
  readonly memory: PhysicalMemory;
  readonly linear: { systemRead64(address: bigint): bigint; systemWrite64(address: bigint, value: bigint): void };
  setCpl(cpl: number): void;
}

const HAS_ERROR_CODE = new Set([8, 10, 11, 12, 13, 14, 17, 21]);
const CONTRIBUTORY = new Set([0, TS, NP, SS, GP]);

/** `exception`: a fault; `trap`: #DB after an instruction; `software`: INT n and its kin, which the gate must permit. */
export type Source = 'exception' | 'trap' | 'interrupt' | 'software';

/**
 * Delivers `vector`; STATE.rip is what is pushed. Returns undefined, or why the processor shuts down. A fault during delivery is delivered in its place, or
 * becomes #DF (SDM 3A table 6-5). `instruction`: where an INT n stands, to which RIP returns when its gate is refused.
 */
export function deliver(cpu: SystemAccess, vector: number, errorCode: number, source: Source, instruction?: bigint): string | undefined {
  let first = vector, code = errorCode, how = source;
  for (let depth = 0; depth < 4; depth++) {
    try {
      enter(cpu, first, code, how);
      return undefined;
    } catch (e) {
      if (!(e instanceof Fault)) throw e;
      if (how === 'software' && instruction !== undefined) cpu.memory.u64[STATE.rip >> 3] = instruction;
      if (first === DF) return `fault ${e.vector} while delivering a double fault`;
      const isDouble = how === 'exception' && ((CONTRIBUTORY.has(first) && CONTRIBUTORY.has(e.vector)) || (first === PF && (e.vector === PF || CONTRIBUTORY.has(e.vector))));
      if (isDouble) { first = DF; code = 0; } else { first = e.vector; code = e.errorCode; }
      how = 'exception';
    }
  }
  return 'faults without end while delivering an exception';
}

function enter(cpu: SystemAccess, vector: number, errorCode: number, source: Source): void {
  const { memory } = cpu;
  const { view } = memory;
  const external = source === 'software' ? 0 : 1;
  const reference = (vector * 8 + 2) | external;
  if (vector * 16 + 15 > view.getUint32(STATE.idtLimit, true)) throw new Fault(GP, reference);
  const gate = memory.u64[STATE.idtBase >> 3] as bigint + BigInt(vector * 16);
  const low = cpu.linear.systemRead64(gate), high = cpu.linear.systemRead64(gate + 8n);
  const type = Number(low >> 40n & 0x1fn), dpl = Number(low >> 45n & 3n), cpl = view.getUint32(STATE.cpl, true);
  if (type !== 0xe && type !== 0xf) throw new Fault(GP, reference);
  if (source === 'software' && dpl < cpl) throw new Fault(GP, reference);
  if (!(low >> 47n & 1n)) throw new Fault(NP, reference);
  const selector = Number(low >> 16n & 0xffffn), ist = Number(low >> 32n & 7n);
  const target = (low & 0xffffn) | (low >> 48n & 0xffffn) << 16n | (high & 0xffffffffn) << 32n;
  if ((selector & ~3) === 0) throw new Fault(GP, external);
  if ((selector & ~7) + 7 > view.getUint32(STATE.gdtLimit, true)) throw new Fault(GP, (selector & ~3) | external);
  const descriptor = cpu.linear.systemRead64((memory.u64[STATE.gdtBase >> 3] as bigint) + BigInt(selector & ~7));
  const newCpl = Number(descriptor >> 45n & 3n);
  if ((descriptor >> 43n & 3n) !== 3n || !(descriptor >> 53n & 1n) || newCpl > cpl) throw new Fault(GP, (selector & ~3) | external);
  if (!(descriptor >> 47n & 1n)) throw new Fault(NP, (selector & ~3) | external);

  const oldRsp = memory.u64[(STATE.gpr >> 3) + RSP] as bigint, oldSs = view.getUint16(STATE.selector + 4, true), oldCs = view.getUint16(STATE.selector + 2, true);
  const flags = readFlags(view);
  let rsp = oldRsp;
  if (ist !== 0 || newCpl !== cpl) {
    const slot = ist !== 0 ? 0x24 + 8 * (ist - 1) : 4 + 8 * newCpl;
    if (slot + 7 > view.getUint32(STATE.trLimit, true)) throw new Fault(TS, view.getUint16(STATE.selector + 12, true) & ~3 | external);
    rsp = cpu.linear.systemRead64((memory.u64[STATE.trBase >> 3] as bigint) + BigInt(slot));
  }
  const pushed = HAS_ERROR_CODE.has(vector) && source === 'exception';
  rsp &= ~15n;
  // Faults save RF, traps do not. SDM 3B, 18.3.1.1.
  const image = source === 'exception' ? flags | RF : flags;
  const words: bigint[] = [BigInt(oldSs), oldRsp, BigInt(image), BigInt(oldCs), memory.u64[STATE.rip >> 3] as bigint];
  if (pushed) words.push(BigInt(errorCode));
  const bottom = BigInt.asUintN(64, rsp - BigInt(8 * words.length));
  if (BigInt.asIntN(48, bottom) !== BigInt.asIntN(64, bottom)) throw new Fault(SS, external);
  words.forEach((word, i) => cpu.linear.systemWrite64(BigInt.asUintN(64, rsp - BigInt(8 * (i + 1))), word));

  memory.u64[(STATE.gpr >> 3) + RSP] = bottom;
  memory.u64[STATE.rip >> 3] = target;
  view.setUint16(STATE.selector + 2, (selector & ~3) | newCpl, true);
  if (newCpl !== cpl) view.setUint16(STATE.selector + 4, newCpl, true);
  writeSystemFlags(view, flags & ~(TF | NT | (type === 0xe ? IF : 0)));
  cpu.setCpl(newCpl);
}
