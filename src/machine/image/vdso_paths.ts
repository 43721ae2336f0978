// How many instructions each way through a function of vdso.S has: before the RDTSC, or up to and with the mark, and from there up to and with RET.
// test/machine/vdso.test.ts steps through every way and compares.

export interface VdsoPath { readonly before: number; readonly after: number }

const RAW = 4;
const isCoarse = (clock: number): boolean => clock === 5 || clock === 6;
const [HRES, RAW_HRES, COARSE]: readonly [VdsoPath, VdsoPath, VdsoPath] = [{ before: 18, after: 27 }, { before: 23, after: 27 }, { before: 23, after: 1 }];

export const clock_gettime = (clock: number): VdsoPath => isCoarse(clock) ? COARSE : clock === RAW ? RAW_HRES : HRES;

/** RDI: tv, RSI: tz. */
export function gettimeofday(_clock: number, hasTv: boolean, hasTz: boolean): VdsoPath {
  const tz = hasTz ? 4 : 0;
  return hasTv ? { before: 14 + tz, after: 30 } : { before: 7 + tz, after: 1 };
}

export const time = (_clock: number, isStored: boolean): VdsoPath => ({ before: isStored ? 5 : 4, after: 1 });

export const getcpu = (_clock: number, hasCpu: boolean, hasNode: boolean): VdsoPath => ({ before: 7 + (hasCpu ? 3 : 0) + (hasNode ? 2 : 0), after: 1 });

export const clock_getres = (clock: number, _isSomeClock: boolean, isStored: boolean): VdsoPath => ({ before: (isCoarse(clock) ? 12 : 15) + (isStored ? 2 : 0), after: 1 });
