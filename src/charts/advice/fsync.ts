// fsync with nothing new to write, or after every small record.
import { formatBytes, formatNs, plural } from '../units';
import { calls, groupBy, rule, siteKey } from './rule';

const SYNCS = new Set(['fsync', 'fdatasync']), WRITES = new Set(['write', 'pwrite64', 'writev', 'pwritev', 'ftruncate', 'fallocate', 'sendfile', 'copy_file_range', 'splice']);
const FEWEST_SMALL = 8, SMALL = 4096;

export default rule({
  id: 'fsync', title: 'Needless fsync',
  find({ events }) {
    /** Bytes written to each file since its last fsync. */
    const unsynced = new Map<number, number>(), known = new Set<number>();
    const inVain: number[] = [], small: number[] = [];
    const bytesBefore = new Map<number, number>();
    for (const index of calls(events)) {
      const name = events.string('name', index), object = events.word('object', index);
      if (WRITES.has(name) && !events.isFailed(index)) unsynced.set(object, (unsynced.get(object) ?? 0) + Math.max(1, events.number('value', index)));
      if (!SYNCS.has(name) || events.isFailed(index)) continue;
      const bytes = unsynced.get(object) ?? 0;
      bytesBefore.set(index, bytes);
      if (bytes === 0 && known.has(object)) inVain.push(index); else if (bytes > 0 && bytes < SMALL) small.push(index);
      unsynced.set(object, 0);
      known.add(object);
    }
    const total = (rows: readonly number[]): number => rows.reduce((sum, index) => sum + events.duration(index), 0);
    return [
      ...groupBy(inVain, index => siteKey(events, index)).map(rows => {
        const [first = 0] = rows;
        return {
          site: events.site(first), calls: rows.length, events: rows, savedNs: Math.round(total(rows)),
          sentence: `called ${events.string('name', first)} on ${events.string('object', first)} ${plural(rows.length, 'time')} with nothing written since the one before (${formatNs(total(rows))}).`, remedy: 'Leave it out.',
        };
      }),
      ...groupBy(small, index => siteKey(events, index)).filter(rows => rows.length >= FEWEST_SMALL).map(rows => {
        const [first = 0] = rows;
        const bytes = rows.reduce((sum, index) => sum + (bytesBefore.get(index) ?? 0), 0);
        return {
          site: events.site(first), calls: rows.length, events: rows, savedNs: Math.round(total(rows) * (1 - 1 / rows.length)),
          sentence: `called ${events.string('name', first)} on ${events.string('object', first)} ${plural(rows.length, 'time')}, each for about ${formatBytes(Math.round(bytes / rows.length))} (${formatNs(total(rows))}).`,
          remedy: 'One at the end, or one for each group of records, makes as sure that they are on the disk then.',
        };
      }),
    ];
  },
});
