// The processor's state as bytes: registers, and behind them what stands elsewhere.
import { STATE } from './layout';
import type { PhysicalMemory } from './physical_memory';

const REGISTERS = STATE.end - STATE.gpr, INTERRUPT = REGISTERS, SHADOW = REGISTERS + 4, BYTES = REGISTERS + 16;

/** What is no register: instructions retired, the time stamp counter, the interrupt that waits (-1: none), and whether interrupts wait for one more instruction. */
export interface Apart { retired: number; tscBase: number; tscPrice: number; interrupt: number; shadow: boolean }

export function writeState(memory: PhysicalMemory, { retired, tscBase, tscPrice, interrupt, shadow }: Apart): Uint8Array {
  memory.f64[STATE.retired >> 3] = retired;
  memory.f64[STATE.tscBase >> 3] = tscBase;
  memory.f64[STATE.tscPrice >> 3] = tscPrice;
  const out = new Uint8Array(BYTES), view = new DataView(out.buffer);
  out.set(memory.u8.subarray(STATE.gpr, STATE.end));
  view.setInt32(INTERRUPT, interrupt, true);
  view.setInt32(SHADOW, shadow ? 1 : 0, true);
  return out;
}

/** Puts the registers in their places; the rest is the caller's. */
export function readState(memory: PhysicalMemory, bytes: Uint8Array): Apart {
  memory.u8.set(bytes.subarray(0, REGISTERS), STATE.gpr);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), number = (at: number): number => memory.f64[at >> 3] as number;
  return { retired: number(STATE.retired), tscBase: number(STATE.tscBase), tscPrice: number(STATE.tscPrice), interrupt: view.getInt32(INTERRUPT, true), shadow: view.getInt32(SHADOW, true) === 1 };
}
