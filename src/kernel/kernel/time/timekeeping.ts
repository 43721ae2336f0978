// What the clocks say: CLOCK_MONOTONIC is the machine's, the wall clock is that plus an offset which can be set, the coarse clocks are those of the last tick.
// Linux: kernel/time/timekeeping.c
// Differs: setting the wall clock does not move absolute CLOCK_REALTIME timers that already run.
import type { ktime_t } from '../../../abi/c_types';
import { CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM, CLOCK_MONOTONIC, CLOCK_MONOTONIC_COARSE, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME, CLOCK_REALTIME_ALARM, CLOCK_REALTIME_COARSE, CLOCK_TAI } from '../../../abi/time';
import { kernel, ports } from '../../state';

export const NSEC_PER_SEC = 1_000_000_000n;
/** HZ=250. */
export const TICK_NSEC = 4_000_000;

const WALL_CLOCKS: readonly number[] = [CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_REALTIME_ALARM, CLOCK_TAI];

/** Clocks that go on by themselves, without those of CPU time. */
export const is_ktime_clock = (clockid: number): boolean => WALL_CLOCKS.includes(clockid) || MONOTONIC_CLOCKS.includes(clockid);
const MONOTONIC_CLOCKS: readonly number[] = [CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM];

export const is_coarse = (clockid: number): boolean => clockid === CLOCK_REALTIME_COARSE || clockid === CLOCK_MONOTONIC_COARSE;

/** What stands on a clock when CLOCK_MONOTONIC is 0. */
export function clock_base(clockid: number): bigint {
  return WALL_CLOCKS.includes(clockid) ? ports().clock.bootEpochNs + kernel.wall_offset : 0n;
}

/** A clock of is_ktime_clock in ns. */
export function ktime_read(clockid: number): bigint {
  const now = ports().clock.now();
  return clock_base(clockid) + BigInt(is_coarse(clockid) ? Math.max(now - now % TICK_NSEC, kernel.xtime_at) : now);
}

/** Nanoseconds since 1970. */
export function ktime_get_real(): bigint {
  return ktime_read(CLOCK_REALTIME);
}

/** An absolute time on a clock as CLOCK_MONOTONIC. */
export function clock_to_mono(clockid: number, ns: bigint): number {
  return Math.max(Number(ns - clock_base(clockid)), 0);
}

/** When the next tick is due. */
export function next_tick(): number {
  return kernel.tick_at + TICK_NSEC;
}

/** The tick: coarse clocks move. */
export function tick_do_update_jiffies64(now: ktime_t): void {
  kernel.tick_at = now - now % TICK_NSEC;
}
