// Where tasks slept, and who let them wait: the child that wait4 returned, the writer to the pipe, the clock.
import type { EventTable } from '../../trace/columns';
import { Lanes } from '../lanes';
import { formatCount, formatNs, formatShare, plural } from '../units';
import { calls, groupBy, rule, siteKey } from './rule';

const SLEEPS = new Set(['nanosleep', 'clock_nanosleep', 'pause', 'rt_sigsuspend']), WAITS = new Set(['wait4', 'waitid']), WRITES = new Set(['write', 'writev', 'send', 'sendto', 'sendmsg', 'close', 'shutdown']);
/** Of the run: shorter waits are no news. */
const LEAST_SHARE = 0.1, LEAST_NS = 20_000;

export default rule({
  id: 'blocked', title: 'Time spent blocked',
  find(run) {
    const { events } = run;
    const lanes = (run.lanes ?? new Lanes(events)).update();
    const startNs = Math.min(run.nowNs, ...lanes.lanes.map(lane => lane.startNs));
    const elapsed = run.nowNs - startNs;
    return groupBy(calls(events), index => events.number('blockedNs', index) > 0 ? siteKey(events, index) : undefined).flatMap(rows => {
      const [first = 0] = rows;
      const waited = rows.reduce((sum, index) => sum + events.number('blockedNs', index), 0);
      if (waited < LEAST_NS || waited < elapsed * LEAST_SHARE) return [];
      const name = events.string('name', first);
      const whom = whomOf(run.events, lanes, rows);
      return [{
        site: events.site(first), calls: rows.length, events: rows, savedNs: 0,
        sentence: `waited ${formatNs(waited)} in ${rows.length === 1 ? name : `${formatCount(rows.length)} calls of ${name}`}, ${formatShare(waited / elapsed)} of the run${whom}.`,
        remedy: SLEEPS.has(name) ? 'It asked for this sleep: if it waits for something, wait for that instead.' : WAITS.has(name) ? 'Work that does not need the child\'s result can be done before the wait.' : 'Work that does not need the data can be done before, or let poll watch several descriptors at once.',
      }];
    });
  },
});

/** `, for task 1002 (cat)`: whoever ended the waits, the most frequent first. */
function whomOf(events: EventTable, lanes: Lanes, rows: readonly number[]): string {
  const counts = new Map<number, number>();
  let clock = 0;
  for (const index of rows) {
    const waker = wakerOf(events, index);
    if (waker === 'clock') clock++; else if (waker !== undefined) counts.set(waker, (counts.get(waker) ?? 0) + 1);
  }
  const tasks = [...counts].sort((a, b) => b[1] - a[1]).map(([pid]) => { const name = lanes.byPid.get(pid)?.name; return `task ${pid}${name ? ` (${name})` : ''}`; });
  if (tasks.length === 0) return clock > 0 ? ', for the clock' : '';
  return `, for ${tasks.slice(0, 3).join(', ')}${tasks.length > 3 ? ` and ${plural(tasks.length - 3, 'other')}` : ''}`;
}

function wakerOf(events: EventTable, index: number): number | 'clock' | undefined {
  const name = events.string('name', index), value = events.number('value', index), pid = events.word('pid', index);
  if (SLEEPS.has(name)) return 'clock';
  if (WAITS.has(name) && value > 0) return value;
  // The last call of another task before the end of the wait that could have ended it.
  const object = events.word('object', index), start = events.number('startNs', index), end = events.number('endNs', index);
  let found: number | undefined;
  for (let later = index + 1; later < events.length && events.number('startNs', later) < end; later++) {
    if (events.kind(later) !== 'call' || events.word('pid', later) === pid || events.number('startNs', later) < start) continue;
    const other = events.string('name', later);
    if (WRITES.has(other) && object !== 0 && events.word('object', later) === object || name === 'futex' && other === 'futex' || name !== 'futex' && object === 0 && WRITES.has(other)) found = events.word('pid', later);
  }
  return found;
}
