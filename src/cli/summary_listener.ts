// Counts calls and their virtual time for the table of -c.
import type { EventSink } from '../machine/events';
import { findDeclaration, type Abi } from '../machine/calls';
import type { LogFilter } from '../trace/strace_text';
import { Summary } from '../trace/summary';

/** A listener that fills `summary`; `now` is the virtual time in nanoseconds. A call's time is what the kernel worked for it; `isWall`: from entry to return. */
export function summaryListener(summary: Summary, filter: LogFilter, now: () => number, isWall: boolean): Partial<EventSink> {
  const open = new Map<number, { nr: number; name: string; startedNs: number }>();
  return {
    syscallEnter(pid: number, nr: number, abi: Abi) {
      const name = findDeclaration(nr, abi)?.name ?? `syscall_0x${nr.toString(16)}`;
      if (filter.call(name, nr, abi)) open.set(pid, { nr, name, startedNs: now() });
    },
    syscallExit(pid, _nr, ret, _because, cost) {
      const call = open.get(pid);
      open.delete(pid);
      if (call) summary.add(call.nr, call.name, now() - call.startedNs - (isWall ? 0 : cost?.blocked_ns ?? 0), ret < 0 && ret >= -4095);
    },
  };
}
