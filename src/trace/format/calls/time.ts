// Calls that sleep. strace: src/time.c, strace.c (restart_syscall).
import { TIMER } from '../../../abi/time';
import type { CallFormat } from '../call_format';
import { flags } from '../flags';
import { kindText } from '../kinds';
import type { Printer } from '../printer';
import { clockName } from '../scalars';

/** The remaining time is meaningful only when a signal interrupted the sleep. */
const remaining = (p: Printer, i: number): string => {
  if (!p.interrupted) return p.address(i);
  p.trustMemory = true;
  const text = kindText('timespec', p, i);
  p.trustMemory = false;
  return text;
};

export const sleeping: Record<string, CallFormat> = {
  // By int 0x80 its times have 32 bits.
  nanosleep: { enter: p => `${kindText(p.call.args['req']?.kind ?? 'timespec', p, 0)}, `, exit: p => p.call.args['req']?.kind === 'timespec32' && p.num(1) !== 0 ? p.address(1) : remaining(p, 1) },
  clock_nanosleep: {
    enter: p => `${clockName(p.int(0))}, ${flags(TIMER, p.lo(1))}, ${kindText('timespec', p, 2)}, `,
    exit: p => p.lo(1) & 1 ? p.address(3) : remaining(p, 3),
  },
};
