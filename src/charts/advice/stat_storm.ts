// The same file is asked about from the same line many times, with success: nothing new is learnt.
import { formatNs, plural } from '../units';
import { busyNs, calls, groupBy, rule, siteKey } from './rule';

const STATS = new Set(['stat', 'lstat', 'fstat', 'newfstatat', 'statx', 'access', 'faccessat', 'faccessat2']);
const FEWEST = 16;

export default rule({
  id: 'stat-storm', title: 'Stat storms',
  find({ events }) {
    return groupBy(calls(events), index => !events.isFailed(index) && STATS.has(events.string('name', index)) && events.word('object', index) !== 0 ? siteKey(events, index) : undefined)
      .filter(rows => rows.length >= FEWEST).map(rows => {
        const [first = 0] = rows;
        const spent = busyNs(events, rows);
        return {
          site: events.site(first), calls: rows.length, events: rows, savedNs: Math.round(spent * (1 - 1 / rows.length)),
          sentence: `asked ${plural(rows.length, 'time')} for the state of ${events.string('object', first)} (${events.string('name', first)}, ${formatNs(spent)}).`,
          remedy: 'Keep the answer, or let inotify tell when the file changes.',
        };
      });
  },
});
