// What the real call behind each function of the vDSO costs by a cost model: for programs that never make it. A test compares with calls that are made.
import { VDSO_FUNCTIONS } from '../trace/event';
import type { CostModel } from './cost_model';

/** Bytes that the answer takes: timespec, timeval, nothing, two unsigned ints, timespec. */
const COPIED: Record<typeof VDSO_FUNCTIONS[number], number[]> = { clock_gettime: [16], gettimeofday: [16], time: [], getcpu: [4], clock_getres: [16] };

/** Nanoseconds as a call's event has them, by function. */
export function realCallPrices({ work, calls }: CostModel): Record<string, number> {
  const border = work.syscall_entry + work.syscall_exit;
  return Object.fromEntries(VDSO_FUNCTIONS.map(name => {
    const copies = COPIED[name].reduce((sum, bytes) => sum + work.copy_call + bytes * work.copy_byte, 0);
    return [name, Math.round(border + (calls.get(name) ?? calls.get('other') ?? 0) + copies)];
  }));
}
