// The table of -c: time, calls and errors of each system call. strace: src/count.c. A call that never returns is not counted.

export interface SummaryOptions {
  /** -S: what the rows are sorted by. */
  sortBy: 'time' | 'calls' | 'errors' | 'name' | 'min' | 'max' | 'avg' | 'none';
  /** -U min,max: the shortest and the longest call too. */
  extremes: boolean;
}

export const defaultSummary: SummaryOptions = { sortBy: 'time', extremes: false };

export interface SummaryRow { readonly nr: number; readonly name: string; calls: number; errors: number; totalNs: number; minNs: number; maxNs: number }

export class Summary {
  private readonly rows = new Map<string, SummaryRow>();

  /** One call that has returned, with the time that counts: that in the kernel, or with -w from entry to exit. */
  add(nr: number, name: string, elapsedNs: number, failed: boolean): void {
    let row = this.rows.get(name);
    if (!row) {
      row = { nr, name, calls: 0, errors: 0, totalNs: 0, minNs: Infinity, maxNs: 0 };
      this.rows.set(name, row);
    }
    row.calls++;
    if (failed) row.errors++;
    row.totalNs += elapsedNs;
    row.minNs = Math.min(row.minNs, elapsedNs);
    row.maxNs = Math.max(row.maxNs, elapsedNs);
  }

  /** The rows as data, sorted. */
  sorted(sortBy: SummaryOptions['sortBy'] = 'time'): SummaryRow[] {
    // Equal rows stay in the order of the numbers, as glibc's qsort leaves them.
    const rows = [...this.rows.values()].sort((a, b) => a.nr - b.nr);
    const by: Record<SummaryOptions['sortBy'], (a: SummaryRow, b: SummaryRow) => number> = {
      time: (a, b) => b.totalNs - a.totalNs, calls: (a, b) => b.calls - a.calls, errors: (a, b) => b.errors - a.errors,
      name: (a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0, min: (a, b) => b.minNs - a.minNs, max: (a, b) => b.maxNs - a.maxNs,
      avg: (a, b) => b.totalNs / b.calls - a.totalNs / a.calls, none: () => 0,
    };
    return rows.sort(by[sortBy]);
  }

  /** The table as text. */
  text(options: SummaryOptions = defaultSummary): string {
    const rows = this.sorted(options.sortBy);
    const total = rows.reduce((sum, row) => ({
      calls: sum.calls + row.calls, errors: sum.errors + row.errors, ns: sum.ns + row.totalNs, min: Math.min(sum.min, row.minNs), max: Math.max(sum.max, row.maxNs),
    }), { calls: 0, errors: 0, ns: 0, min: Infinity, max: 0 });
    const cells = rows.map(row => line(total.ns > 0 ? (row.totalNs * 100 / total.ns).toFixed(2) : '0.00', row.totalNs, row.calls, row.errors, row.minNs, row.maxNs, row.name, options));
    const last = line('100.00', total.ns, total.calls, total.errors, Number.isFinite(total.min) ? total.min : 0, total.max, 'total', options);
    const heads = ['% time', 'seconds', 'usecs/call', ...options.extremes ? ['shortest', 'longest'] : [], 'calls', 'errors', 'syscall'];
    const least = [6, 11, 11, ...options.extremes ? [8, 8] : [], 9, 9, 16];
    const widths = heads.map((head, k) => Math.max(head.length, least[k] ?? 0, ...[...cells, last].map(row => row[k]?.length ?? 0)));
    const print = (row: string[]): string => row.map((cell, k) => k === row.length - 1 ? cell : cell.padStart(widths[k] ?? 0)).join(' ');
    const rule = widths.map(width => '-'.repeat(width)).join(' ');
    return `${[print(heads), rule, ...cells.map(print), rule, print(last)].join('\n')}\n`;
  }
}

const seconds = (ns: number): string => (Math.floor(ns / 1000) / 1_000_000).toFixed(6);

function line(percent: string, ns: number, calls: number, errors: number, min: number, max: number, name: string, options: SummaryOptions): string[] {
  const perCall = calls > 0 ? Math.floor(ns / 1000 / calls) : 0;
  return [percent, seconds(ns), String(perCall), ...options.extremes ? [seconds(min), seconds(max)] : [], String(calls), errors === 0 ? '' : String(errors), name];
}
