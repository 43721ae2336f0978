// Calls that sleep. strace: src/time.c, strace.c (restart_syscall).
import { TIMER } from '../../../abi/time';
import { readBig } from '../../../abi/struct';
import type { CallFormat } from '../call_format';
import { flags } from '../flags';
import { kindText } from '../kinds';
import type { Printer } from '../printer';
import { clockName } from '../scalars';
import { isoTime, secondsText, zone } from '../time';

/** The remaining time is meaningful only when a signal interrupted the sleep. */
const remaining = (p: Printer, i: number): string => {
  if (!p.interrupted) return p.address(i);
  p.trustMemory = true;
  const text = kindText('timespec', p, i);
  p.trustMemory = false;
  return text;
};

/** What adjtimex answers is the clock's state. */
const STATES = ['TIME_OK', 'TIME_INS', 'TIME_DEL', 'TIME_OOP', 'TIME_WAIT', 'TIME_ERROR'];
const stateOf = (p: Printer): void => { if (!p.failed) p.aux = STATES[p.ret] ?? null; };

/** A time in seconds with its comment, where the call writes one and as its result. */
const time: CallFormat = {
  enter: () => '',
  exit(p) {
    const bytes = p.fetch(0, p.isCompat ? 4 : 8), comment = p.failed ? null : isoTime(BigInt(p.ret), 0, zone(p));
    p.aux = comment;
    return bytes ? secondsText(p, readBig(bytes, 0, p.isCompat ? 's32' : 's64')) : p.address(0);
  },
};

export const sleeping: Record<string, CallFormat> = {
  time,
  adjtimex: { enter: () => '', exit(p) { stateOf(p); return kindText('timex', p, 0); } },
  clock_adjtime: { enter: p => `${clockName(p.int(0))}, `, exit(p) { stateOf(p); return kindText('timex', p, 1); } },
  nanosleep: { enter: p => `${kindText('timespec', p, 0)}, `, exit: p => remaining(p, 1) },
  clock_nanosleep: {
    enter: p => `${clockName(p.int(0))}, ${flags(TIMER, p.lo(1))}, ${kindText('timespec', p, 2)}, `,
    exit: p => p.lo(1) & 1 ? p.address(3) : remaining(p, 3),
  },
};
