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
  readonly linear: { readonly low: number; readonly high: number; systemReadHalves(low: number, high: number): void; systemWriteHalves(low: number, high: number, valueLow: number, valueHigh: number): void; systemFrameBelow(low: number, high: number, bytes: number): number };
  setCpl(cpl: number): void;
}

/** By vector. */
const HAS_ERROR_CODE = Array.from({ length: 256 }, (_, vector) => [8, 10, 11, 12, 13, 14, 17, 21].includes(vector) ? 1 : 0);
const HALF = 2 ** 32;
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

/** Eight bytes at `offset` from the address that stands at `base` in the state: in linear.low and linear.high. */
export function readTable({ memory: { u32 }, linear }: SystemAccess, base: number, offset: number): void {
  const low = (u32[base >> 2] as number) + offset;
  linear.systemReadHalves(low >>> 0, ((u32[(base >> 2) + 1] as number) + (low >= HALF ? 1 : 0)) >>> 0);
}

/** In plain numbers: a page fault comes a hundred thousand times a second. */
function enter(cpu: SystemAccess, vector: number, errorCode: number, source: Source): void {
  const { memory, linear } = cpu;
  const external = source === 'software' ? 0 : 1;
  const reference = (vector * 8 + 2) | external;
  if (vector * 16 + 15 > memory.view.getUint32(STATE.idtLimit, true)) throw new Fault(GP, reference);
  readTable(cpu, STATE.idtBase, vector * 16);
  const gateLow = linear.low, gateHigh = linear.high;
  readTable(cpu, STATE.idtBase, vector * 16 + 8);
  const targetLow = ((gateLow & 0xffff) | (gateHigh & 0xffff0000)) >>> 0, targetHigh = linear.low;
  const type = gateHigh >>> 8 & 0x1f, dpl = gateHigh >>> 13 & 3, cpl = memory.view.getUint32(STATE.cpl, true);
  if (type !== 0xe && type !== 0xf) throw new Fault(GP, reference);
  if (source === 'software' && dpl < cpl) throw new Fault(GP, reference);
  if (!(gateHigh >>> 15 & 1)) throw new Fault(NP, reference);
  const selector = gateLow >>> 16, ist = gateHigh & 7;
  if ((selector & ~3) === 0) throw new Fault(GP, external);
  if ((selector & ~7) + 7 > memory.view.getUint32(STATE.gdtLimit, true)) throw new Fault(GP, (selector & ~3) | external);
  readTable(cpu, STATE.gdtBase, selector & ~7);
  const descriptorHigh = linear.high, newCpl = descriptorHigh >>> 13 & 3;
  if ((descriptorHigh >>> 11 & 3) !== 3 || !(descriptorHigh >>> 21 & 1) || newCpl > cpl) throw new Fault(GP, (selector & ~3) | external);
  if (!(descriptorHigh >>> 15 & 1)) throw new Fault(NP, (selector & ~3) | external);

  const rspAt = (STATE.gpr >> 2) + 2 * RSP, oldRspLow = memory.u32[rspAt] as number, oldRspHigh = memory.u32[rspAt + 1] as number;
  const oldSs = memory.view.getUint16(STATE.selector + 4, true), oldCs = memory.view.getUint16(STATE.selector + 2, true), flags = readFlags(memory.view);
  let low = oldRspLow, high = oldRspHigh;
  if (ist !== 0 || newCpl !== cpl) {
    const slot = ist !== 0 ? 0x24 + 8 * (ist - 1) : 4 + 8 * newCpl;
    if (slot + 7 > memory.view.getUint32(STATE.trLimit, true)) throw new Fault(TS, memory.view.getUint16(STATE.selector + 12, true) & ~3 | external);
    readTable(cpu, STATE.trBase, slot);
    low = linear.low;
    high = linear.high;
  }
  low = (low & ~15) >>> 0;
  const hasErrorCode = HAS_ERROR_CODE[vector] === 1 && source === 'exception', bytes = hasErrorCode ? 48 : 40;
  const bottomHigh = (high - (low < bytes ? 1 : 0)) >>> 0, top = bottomHigh >>> 15;
  if (top !== 0 && top !== 0x1ffff) throw new Fault(SS, external);
  // Faults save RF, traps do not. SDM 3B, 18.3.1.1.
  const image = source === 'exception' ? flags | RF : flags;
  const pa = linear.systemFrameBelow(low, high, bytes);
  if (pa >= 0) {
    const { u32 } = memory;
    let at = pa >>> 2;
    if (hasErrorCode) { u32[at] = errorCode; u32[at + 1] = 0; at += 2; }
    u32[at] = u32[STATE.rip >> 2] as number;
    u32[at + 1] = u32[(STATE.rip >> 2) + 1] as number;
    u32[at + 2] = oldCs;
    u32[at + 3] = 0;
    u32[at + 4] = image;
    u32[at + 5] = 0;
    u32[at + 6] = oldRspLow;
    u32[at + 7] = oldRspHigh;
    u32[at + 8] = oldSs;
    u32[at + 9] = 0;
  } else {
    const { u32 } = memory, words = [[oldSs, 0], [oldRspLow, oldRspHigh], [image, 0], [oldCs, 0], [u32[STATE.rip >> 2] as number, u32[(STATE.rip >> 2) + 1] as number], [errorCode, 0]] as const;
    words.slice(0, bytes / 8).forEach(([valueLow, valueHigh], i) => {
      const down = 8 * (i + 1);
      linear.systemWriteHalves((low - down) >>> 0, low < down ? (high - 1) >>> 0 : high, valueLow, valueHigh);
    });
  }

  const { u32, view } = memory;
  u32[rspAt] = (low - bytes) >>> 0;
  u32[rspAt + 1] = bottomHigh;
  u32[STATE.rip >> 2] = targetLow;
  u32[(STATE.rip >> 2) + 1] = targetHigh;
  view.setUint16(STATE.selector + 2, (selector & ~3) | newCpl, true);
  if (newCpl !== cpl) view.setUint16(STATE.selector + 4, newCpl, true);
  writeSystemFlags(view, flags & ~(TF | NT | (type === 0xe ? IF : 0)));
  cpu.setCpl(newCpl);
}
