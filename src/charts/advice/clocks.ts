// Clocks read by the real call although the vDSO would answer, and clocks that the vDSO never answers.
import { VDSO_FUNCTIONS } from '../../trace/event';
import { formatCount, formatNs, significant } from '../units';
import { busyNs, calls, groupBy, rule } from './rule';

const CLOCKS: ReadonlySet<string> = new Set(VDSO_FUNCTIONS);
/** Linux: include/vdso/datapage.h:VDSO_HRES, VDSO_COARSE, VDSO_RAW */
const SERVED = /\bCLOCK_(REALTIME|MONOTONIC|BOOTTIME|TAI|MONOTONIC_RAW|REALTIME_COARSE|MONOTONIC_COARSE)\b/;
const FEWEST = 16;
/** What the vDSO takes, where this run does not tell. */
const USUAL_NS = 22;

export default rule({
  id: 'clocks', title: 'Clocks that miss the vDSO',
  find({ events }) {
    const vdso = new Map<string, { ns: number; calls: number }>();
    for (let index = events.first; index < events.length; index++) {
      if (events.kind(index) !== 'vdso' || events.isFallback(index)) continue;
      const row = vdso.get(events.string('name', index)) ?? { ns: 0, calls: 0 };
      vdso.set(events.string('name', index), { ns: row.ns + events.duration(index), calls: row.calls + 1 });
    }
    const clockOf = (index: number): string => /\bCLOCK_\w+/.exec(events.string('text', index))?.[0] ?? '';
    const key = (index: number): string | undefined => CLOCKS.has(events.string('name', index)) ? `${events.word('site', index)} ${events.word('name', index)} ${clockOf(index)}` : undefined;
    return groupBy(calls(events), key).filter(rows => rows.length >= FEWEST).map(rows => {
      const [first = 0] = rows;
      const name = events.string('name', first), clock = clockOf(first), spent = busyNs(events, rows), own = vdso.get(name);
      const vdsoNs = own ? own.ns / own.calls : USUAL_NS;
      const isServed = clock === '' || SERVED.test(clock);
      return {
        site: events.site(first), calls: rows.length, events: rows, savedNs: isServed ? Math.max(0, Math.round(spent - rows.length * vdsoNs)) : 0,
        sentence: `read ${clock || 'the clock'} ${formatCount(rows.length)} times by the real ${name} call: ${formatNs(spent)}, ${significant(spent / rows.length)} ns each.`,
        remedy: isServed ? `Call libc's ${name}, not syscall(): the vDSO answers in about ${formatNs(vdsoNs)} without entering the kernel.` : `The vDSO never answers ${clock}: read it less often, or use CLOCK_MONOTONIC where wall time will do.`,
      };
    });
  },
});
