// A loop that asks and gets "not yet" each time: EAGAIN from a descriptor that does not block, poll with no time to wait, sched_yield in a circle.
import { formatNs, plural } from '../units';
import { calls, groupBy, rule, siteKey } from './rule';

const POLLS = new Set(['poll', 'ppoll', 'select', 'pselect6', 'epoll_wait', 'epoll_pwait', 'epoll_pwait2']);
const WAITS = new Set(['wait4', 'waitid']);
const FEWEST = 16;

export default rule({
  id: 'busy-polling', title: 'Busy polling',
  find({ events }) {
    const kindOf = (index: number): 'again' | 'poll' | 'wait' | 'yield' | undefined => {
      const name = events.string('name', index), hasWaited = events.number('blockedNs', index) > 0;
      if (events.string('error', index) === 'EAGAIN' && name !== 'futex') return 'again';
      if (hasWaited || events.number('value', index) !== 0) return undefined;
      return POLLS.has(name) ? 'poll' : WAITS.has(name) ? 'wait' : name === 'sched_yield' ? 'yield' : undefined;
    };
    return groupBy(calls(events), index => { const kind = kindOf(index); return kind && `${kind} ${siteKey(events, index)}`; }).filter(rows => rows.length >= FEWEST).map(rows => {
      const [first = 0] = rows, kind = kindOf(first), last = rows.at(-1) ?? first;
      const name = events.string('name', first), on = events.string('object', first);
      // Between the first and the last of them the task did nothing else of use: its calls and the code around them.
      const spun = events.number('endNs', last) - events.number('startNs', first);
      const what = kind === 'again' ? `got EAGAIN from ${name}${on === '' ? '' : ` on ${on}`}` : kind === 'poll' ? `called ${name} without time to wait, in vain,` : kind === 'wait' ? `asked ${name} with WNOHANG, in vain,` : 'gave the processor away with sched_yield';
      return {
        site: events.site(first), calls: rows.length, events: rows, savedNs: Math.round(spun),
        sentence: `${what} ${plural(rows.length, 'time')} within ${formatNs(spun)}.`,
        remedy: kind === 'again' ? 'Let poll or epoll_wait sleep until the descriptor is ready.' : kind === 'poll' ? 'Give it a timeout, -1 to wait for ever: the kernel wakes the task when there is something.' : kind === 'wait' ? 'Wait without WNOHANG, or let SIGCHLD tell.' : 'Sleep on a futex, a condition variable or a pipe until there is work.',
      };
    });
  },
});
