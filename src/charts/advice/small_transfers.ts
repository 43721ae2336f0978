// Many small reads or writes of one open file from one line, with nothing between them for which each had to be made at once.
import type { EventTable } from '../../trace/columns';
import { formatBytes, formatCount, formatNs } from '../units';
import { calls, onText, rule, siteKey, type Finding } from './rule';

const WRITES = new Set(['write', 'pwrite64', 'writev', 'send', 'sendto']), READS = new Set(['read', 'pread64', 'readv', 'recv', 'recvfrom']);
/** Between two small transfers these mean that the first could not wait: the other side, the disk or another task had to see it. */
const SEPARATORS = new Set(['fsync', 'fdatasync', 'sync', 'msync', 'clone', 'fork', 'vfork', 'clone3', 'execve', 'poll', 'ppoll', 'select', 'pselect6', 'epoll_wait', 'epoll_pwait', 'nanosleep', 'clock_nanosleep']);
const FEWEST = 16, SMALL = 512;

interface Stretch { rows: number[]; bytes: number }

export default rule({
  id: 'small-transfers', title: 'Many small reads or writes',

  find({ events }) {
    const stretches = new Map<string, Stretch[]>();
    /** The stretches that are open in each task. */
    const open = new Map<number, Map<string, Stretch>>();
    for (const index of calls(events)) {
      const name = events.string('name', index), pid = events.word('pid', index);
      let own = open.get(pid);
      if (!own) open.set(pid, own = new Map());
      const isTransfer = WRITES.has(name) || READS.has(name);
      if (SEPARATORS.has(name) || isTransfer && events.number('blockedNs', index) > 0) own.clear();
      if (!isTransfer) continue;
      // What is read before an answer is written, or the other way round, is a conversation.
      const other = WRITES.has(name) ? READS : WRITES;
      for (const key of own.keys()) if (key.startsWith(`${events.word('object', index)} `) && other.has(key.slice(key.indexOf(' ') + 1))) own.delete(key);
      const value = events.number('value', index);
      if (value <= 0 || value > SMALL) continue;
      const place = `${events.word('object', index)} ${name}`, key = siteKey(events, index);
      let stretch = own.get(place);
      if (!stretch || keyOf(events, stretch) !== key) {
        own.set(place, stretch = { rows: [], bytes: 0 });
        const list = stretches.get(key);
        if (list) list.push(stretch); else stretches.set(key, [stretch]);
      }
      stretch.rows.push(index);
      stretch.bytes += value;
    }
    return [...stretches.values()].flatMap(list => {
      const long = list.filter(({ rows }) => rows.length >= FEWEST);
      return long.length === 0 ? [] : [finding(events, long)];
    });
  },
});

const keyOf = (events: EventTable, { rows: [first] }: Stretch): string => first === undefined ? '' : siteKey(events, first);

function finding(events: EventTable, stretches: readonly Stretch[]): Omit<Finding, 'rule'> {
  const rows = stretches.flatMap(stretch => stretch.rows), bytes = stretches.reduce((sum, stretch) => sum + stretch.bytes, 0);
  const [first = 0] = rows;
  const name = events.string('name', first), isWrite = WRITES.has(name);
  // One call for each stretch still crosses the border once; all bytes are copied as before.
  const total = rows.reduce((sum, index) => sum + events.duration(index), 0), copied = rows.reduce((sum, index) => sum + events.number('copyNs', index), 0);
  const savedNs = Math.round((total - copied) * (1 - stretches.length / rows.length));
  const each = bytes / rows.length;
  const size = each === 1 ? 'of one byte' : Number.isInteger(each) ? `of ${formatBytes(each)}` : `of ${formatBytes(Math.round(each))} on average`;
  return {
    site: events.site(first), calls: rows.length, events: rows, savedNs,
    sentence: `made ${formatCount(rows.length)} ${isWrite ? 'writes' : 'reads'} ${size}${onText(events, first, isWrite ? 'to' : 'from')} in ${formatNs(total)}.`,
    remedy: `${stretches.length === 1 ? `One ${name} of ${formatBytes(bytes)}` : `${formatCount(stretches.length)} larger ${name} calls`} would do: collect ${isWrite ? 'the bytes in a buffer first (stdio does)' : 'more bytes a call, as stdio does'}.`,
  };
}
