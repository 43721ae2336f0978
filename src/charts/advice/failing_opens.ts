// The same path is opened, looked up or run from the same line again and again, and fails each time.
import { formatNs, plural } from '../units';
import { busyNs, calls, groupBy, rule, siteKey } from './rule';

const OPENS = new Set(['open', 'openat', 'openat2', 'creat', 'stat', 'lstat', 'newfstatat', 'statx', 'access', 'faccessat', 'faccessat2', 'readlink', 'readlinkat', 'execve', 'connect']);
const FEWEST = 5;

export default rule({
  id: 'failing-opens', title: 'Repeated failing opens',
  find({ events }) {
    return groupBy(calls(events), index => events.isFailed(index) && OPENS.has(events.string('name', index)) && events.word('object', index) !== 0 ? `${siteKey(events, index)} ${events.word('error', index)}` : undefined)
      .filter(rows => rows.length >= FEWEST).map(rows => {
        const [first = 0] = rows;
        const spent = busyNs(events, rows);
        return {
          site: events.site(first), calls: rows.length, events: rows, savedNs: Math.round(spent * (1 - 1 / rows.length)),
          sentence: `tried ${events.string('name', first)} of ${events.string('object', first)} ${plural(rows.length, 'time')} and got ${events.string('error', first)} each time (${formatNs(spent)}).`,
          remedy: 'Remember that it failed, or watch its folder with inotify, instead of asking again.',
        };
      });
  },
});
