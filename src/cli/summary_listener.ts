// Counts calls and their virtual time for the table of -c.
import type { EventSink } from '../machine/events';
import { isUnknown, unknownCall, type LogFilter, type LogSource } from '../trace/strace_text';
import type { Summary } from '../trace/summary';

/** A listener that fills `summary`; `now` is the virtual time in nanoseconds. A call's time is what the kernel worked for it; `isWall`: from entry to return. `overheadNs` is left out of each. */
export function summaryListener(summary: Summary, filter: LogFilter, source: Pick<LogSource, 'declaration' | 'memory'>, now: () => number, { isWall, overheadNs }: { isWall: boolean; overheadNs: number }): Partial<EventSink> {
  const open = new Map<number, { nr: number; name: string; startedNs: number }>();
  return {
    syscallEnter(pid, nr, abi, args) {
      const declared = source.declaration(nr, abi) ?? unknownCall(nr), { name } = declared;
      if (!isUnknown(name) && filter.call(name, nr, abi, { pid, declared, args, memory: source.memory(pid) })) open.set(pid, { nr, name, startedNs: now() });
    },
    syscallExit(pid, _nr, ret, _because, cost) {
      const call = open.get(pid);
      open.delete(pid);
      if (call) summary.add(call.nr, call.name, Math.max(0, now() - call.startedNs - (isWall ? 0 : cost?.blocked_ns ?? 0) - overheadNs), ret < 0 && ret >= -4095);
    },
  };
}
