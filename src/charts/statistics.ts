// Numbers for each system call and each function of the vDSO: count, errors, quantiles, totals. What the distribution, the table and `ringside stat` say.
import type { EventTable } from '../trace/columns';

export interface CallStatistics {
  name: string;
  kind: 'call' | 'vdso';
  count: number;
  errors: number;
  /** Entry to exit, waiting included, ascending. Calls that have not returned are not counted. */
  durations: Float64Array;
  totalNs: number;
  blockedNs: number;
  bytes: number;
  /** Of the time that all calls took together. */
  share: number;
}

/** By total time, longest first. `isWanted` chooses rows of the trace. */
export function collectStatistics(events: EventTable, isWanted: (index: number) => boolean = () => true): CallStatistics[] {
  interface Growing { name: string; kind: 'call' | 'vdso'; errors: number; blockedNs: number; bytes: number; durations: number[] }
  const groups = new Map<number, Growing>();
  for (let index = events.first; index < events.length; index++) {
    const kind = events.kind(index);
    if (kind !== 'call' && (kind !== 'vdso' || events.isFallback(index))) continue;
    const duration = events.duration(index);
    if (Number.isNaN(duration) || !isWanted(index)) continue;
    const key = events.word('name', index) * 2 + (kind === 'vdso' ? 1 : 0);
    let group = groups.get(key);
    if (!group) groups.set(key, group = { name: events.string('name', index), kind, errors: 0, blockedNs: 0, bytes: 0, durations: [] });
    group.durations.push(duration);
    group.blockedNs += events.number('blockedNs', index) || 0;
    group.bytes += events.word('bytes', index);
    if (events.isFailed(index)) group.errors++;
  }
  const rows = [...groups.values()].map(({ durations, ...group }) => {
    const sorted = Float64Array.from(durations).sort();
    return { ...group, count: sorted.length, durations: sorted, totalNs: sorted.reduce((sum, ns) => sum + ns, 0), share: 0 };
  });
  const all = rows.reduce((sum, row) => sum + row.totalNs, 0);
  for (const row of rows) row.share = all > 0 ? row.totalNs / all : 0;
  return rows.sort((a, b) => b.totalNs - a.totalNs || (a.name < b.name ? -1 : 1));
}

/** The smallest value that at least the part `q` of the sorted values does not exceed. */
export function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? NaN;
}
