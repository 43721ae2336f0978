// How many instructions each way through a function of vdso.S has: before the RDTSC, or up to and with the mark, and from there up to and with RET.
// test/machine/vdso.test.ts steps through every way and compares.

export interface VdsoPath { before: number; after: number }

const RAW = 4;
const isCoarse = (clock: number): boolean => clock === 5 || clock === 6;

export function clock_gettime(clock: number): VdsoPath {
  if (isCoarse(clock)) return { before: 23, after: 1 };
  return { before: clock === RAW ? 23 : 18, after: 27 };
}

/** RDI: tv, RSI: tz. */
export function gettimeofday(_clock: number, hasTv: boolean, hasTz: boolean): VdsoPath {
  const tz = hasTz ? 4 : 0;
  return hasTv ? { before: 14 + tz, after: 30 } : { before: 7 + tz, after: 1 };
}

export function time(_clock: number, isStored: boolean): VdsoPath {
  return { before: isStored ? 5 : 4, after: 1 };
}

export function getcpu(_clock: number, hasCpu: boolean, hasNode: boolean): VdsoPath {
  return { before: 7 + (hasCpu ? 3 : 0) + (hasNode ? 2 : 0), after: 1 };
}

export function clock_getres(clock: number, _isSomeClock: boolean, isStored: boolean): VdsoPath {
  return { before: (isCoarse(clock) ? 12 : 15) + (isStored ? 2 : 0), after: 1 };
}
