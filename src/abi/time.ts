// Clocks and timers. Linux: include/uapi/linux/time.h, timex.h, timerfd.h, times.h.
import { struct } from './struct';
import { table } from './table';

/** The two words of a time, low first: a bigint's division takes long. */
const time = new BigInt64Array(1), timeWords = new Int32Array(time.buffer);
const NSEC_PER_SEC = 1e9;

/** Whole seconds, rounded down, of a signed 64-bit count of nanoseconds. */
export function secondsOf(ns: bigint): number {
  time[0] = ns;
  const low = timeWords[0] as number, high = timeWords[1] as number, near = Math.floor((high * 2 ** 32 + (low >>> 0)) / NSEC_PER_SEC);
  // The quotient of a rounded number is off by one at most; what remains fits into 32 bits.
  const rest = (low - Math.imul(near, NSEC_PER_SEC)) | 0;
  return rest < 0 ? near - 1 : rest >= NSEC_PER_SEC ? near + 1 : near;
}

/** The nanoseconds beyond those, none of them negative. */
export function nanosecondsOf(ns: bigint): number {
  const seconds = secondsOf(ns);
  time[0] = ns;
  return ((timeWords[0] as number) - Math.imul(seconds, NSEC_PER_SEC)) | 0;
}

export const CLOCK = table('CLOCK_???', () => ({
  CLOCK_REALTIME: 0, CLOCK_MONOTONIC: 1, CLOCK_PROCESS_CPUTIME_ID: 2, CLOCK_THREAD_CPUTIME_ID: 3, CLOCK_MONOTONIC_RAW: 4, CLOCK_REALTIME_COARSE: 5,
  CLOCK_MONOTONIC_COARSE: 6, CLOCK_BOOTTIME: 7, CLOCK_REALTIME_ALARM: 8, CLOCK_BOOTTIME_ALARM: 9, CLOCK_SGI_CYCLE: 10, CLOCK_TAI: 11,
}));
export const {
  CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
  CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM, CLOCK_SGI_CYCLE, CLOCK_TAI,
} = CLOCK.values;

export const TIMER = table('TIMER_???', () => ({
  TIMER_ABSTIME: 1,
}));
export const {
  TIMER_ABSTIME,
} = TIMER.values;

export const ITIMER = table('ITIMER_???', () => ({
  ITIMER_REAL: 0, ITIMER_VIRTUAL: 1, ITIMER_PROF: 2,
}));
export const {
  ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF,
} = ITIMER.values;

export const TFD = table('TFD_???', () => ({
  TFD_TIMER_ABSTIME: 1, TFD_TIMER_CANCEL_ON_SET: 2, TFD_CLOEXEC: 0x80000, TFD_NONBLOCK: 0x800,
}));
export const {
  TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET, TFD_CLOEXEC, TFD_NONBLOCK,
} = TFD.values;

export const ADJ = table('ADJ_???', () => ({
  ADJ_OFFSET_SS_READ: 0xa001, ADJ_OFFSET_SINGLESHOT: 0x8001, ADJ_OFFSET: 1, ADJ_FREQUENCY: 2, ADJ_MAXERROR: 4, ADJ_ESTERROR: 8, ADJ_STATUS: 0x10,
  ADJ_TIMECONST: 0x20, ADJ_TAI: 0x80, ADJ_SETOFFSET: 0x100, ADJ_MICRO: 0x1000, ADJ_NANO: 0x2000, ADJ_TICK: 0x4000,
}));
export const {
  ADJ_OFFSET_SS_READ, ADJ_OFFSET_SINGLESHOT, ADJ_OFFSET, ADJ_FREQUENCY, ADJ_MAXERROR, ADJ_ESTERROR, ADJ_STATUS, ADJ_TIMECONST, ADJ_TAI, ADJ_SETOFFSET,
  ADJ_MICRO, ADJ_NANO, ADJ_TICK,
} = ADJ.values;

export const STA = table('STA_???', () => ({
  STA_PLL: 1, STA_PPSFREQ: 2, STA_PPSTIME: 4, STA_FLL: 8, STA_INS: 0x10, STA_DEL: 0x20, STA_UNSYNC: 0x40, STA_FREQHOLD: 0x80, STA_PPSSIGNAL: 0x100,
  STA_PPSJITTER: 0x200, STA_PPSWANDER: 0x400, STA_PPSERROR: 0x800, STA_CLOCKERR: 0x1000, STA_NANO: 0x2000, STA_MODE: 0x4000, STA_CLK: 0x8000,
}));
export const {
  STA_PLL, STA_PPSFREQ, STA_PPSTIME, STA_FLL, STA_INS, STA_DEL, STA_UNSYNC, STA_FREQHOLD, STA_PPSSIGNAL, STA_PPSJITTER, STA_PPSWANDER, STA_PPSERROR,
  STA_CLOCKERR, STA_NANO, STA_MODE, STA_CLK,
} = STA.values;

export const TIME_STATE = table('TIME_???', () => ({
  TIME_OK: 0, TIME_INS: 1, TIME_DEL: 2, TIME_OOP: 3, TIME_WAIT: 4, TIME_ERROR: 5,
}));
export const {
  TIME_OK, TIME_INS, TIME_DEL, TIME_OOP, TIME_WAIT, TIME_ERROR,
} = TIME_STATE.values;

export const timespec = struct('struct timespec', { tv_sec: 's64', tv_nsec: 's64' });
export const timeval = struct('struct timeval', { tv_sec: 's64', tv_usec: 's64' });
export const timezone = struct('struct timezone', { tz_minuteswest: 's32', tz_dsttime: 's32' });
export const itimerspec = struct('struct itimerspec', { it_interval: timespec, it_value: timespec });
export const itimerval = struct('struct itimerval', { it_interval: timeval, it_value: timeval });
export const tms = struct('struct tms', { tms_utime: 's64', tms_stime: 's64', tms_cutime: 's64', tms_cstime: 's64' });
export const utimbuf = struct('struct utimbuf', { actime: 's64', modtime: 's64' });
export const timex = struct('struct timex', {
  modes: 'u32', offset: 's64', freq: 's64', maxerror: 's64', esterror: 's64', status: 's32', constant: 's64', precision: 's64', tolerance: 's64',
  time: timeval, tick: 's64', ppsfreq: 's64', jitter: 's64', shift: 's32', stabil: 's64', jitcnt: 's64', calcnt: 's64', errcnt: 's64', stbcnt: 's64',
  tai: 's32', reserved: ['s32', 11],
});
