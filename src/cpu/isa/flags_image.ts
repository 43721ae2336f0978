// RFLAGS as one word, for the instructions that move it about (PUSHF, LAHF, SYSCALL, SYSRET). How the engines keep the flags: ../flags.ts.
import { SYSTEM_WRITABLE } from '../flags';
import { STATE } from '../layout';
import type { FlagValues, Machine, V } from './machine';

const FLAG_BITS = [['cf', 0], ['pf', 2], ['af', 4], ['zf', 6], ['sf', 7], ['of', 11]] as const;
export type FlagName = keyof FlagValues;
const ALL: readonly FlagName[] = FLAG_BITS.map(([name]) => name);

/** Arithmetic flags as they stand in RFLAGS, with bit 1. */
export function arithmeticImage(m: Machine, names: readonly FlagName[] = ALL): V<'i64'> {
  let image = m.i64(2);
  for (const [name, bit] of FLAG_BITS) if (names.includes(name)) image = m.or(image, m.shl(m.extend(m.flag(name)), bit));
  return image;
}

/** Arithmetic and system flags. */
export const flagsImage = (m: Machine): V<'i64'> => m.or(m.extend(m.state(STATE.flagSystem)), arithmeticImage(m));

/** Sets the named arithmetic flags from an image. */
export function setArithmeticFlags(m: Machine, image: V<'i64'>, names: readonly FlagName[] = ALL): void {
  const low = m.wrap(image);
  m.setFlags(Object.fromEntries(FLAG_BITS.filter(([name]) => names.includes(name)).map(([name, bit]) => [name, m.op('i32.and', m.op('i32.shr_u', low, m.i32(bit)), m.i32(1))])));
}

/** Sets all flags that software can set from an image. */
export function setFlagsImage(m: Machine, image: V<'i64'>): void {
  setArithmeticFlags(m, image);
  setSystemFlags(m, image);
}

/** Sets those that are not arithmetic. */
export function setSystemFlags(m: Machine, image: V<'i64'>): void {
  m.setState(STATE.flagSystem, m.op('i32.or', m.op('i32.and', m.wrap(image), m.i32(SYSTEM_WRITABLE)), m.i32(2)));
}
