// The table of -c: time, calls and errors of each system call. strace: src/count.c. A call that never returns is not counted.

type Column = 'percent' | 'total' | 'min' | 'max' | 'avg' | 'calls' | 'errors' | 'name';

export interface SummaryOptions {
  /** -S: what the rows are sorted by. */
  sortBy: Column | 'none';
  /** -U: which columns there are. */
  columns?: readonly Column[];
}

const DEFAULT_COLUMNS: readonly Column[] = ['percent', 'total', 'avg', 'calls', 'errors', 'name'];

/** By what words -S and -U call a column. */
const ALIASES: readonly (readonly [word: string, column: Column | 'none'])[] = [
  ['time', 'percent'], ['time_percent', 'percent'], ['time-percent', 'percent'], ['time_total', 'total'], ['time-total', 'total'], ['total_time', 'total'], ['total-time', 'total'],
  ['min_time', 'min'], ['min-time', 'min'], ['shortest', 'min'], ['time_min', 'min'], ['time-min', 'min'], ['longest', 'max'], ['max_time', 'max'], ['max-time', 'max'], ['time_max', 'max'], ['time-max', 'max'],
  ['avg_time', 'avg'], ['avg-time', 'avg'], ['time_avg', 'avg'], ['time-avg', 'avg'], ['calls', 'calls'], ['count', 'calls'], ['error', 'errors'], ['errors', 'errors'],
  ['name', 'name'], ['syscall', 'name'], ['syscall_name', 'name'], ['syscall-name', 'name'], ['none', 'none'], ['nothing', 'none'],
];
const columnOf = (word: string): Column | 'none' | undefined => ALIASES.find(([alias]) => alias === word)?.[1];

/** The value of -S; undefined where it is none. */
export const parseSummaryOrder = (text: string): SummaryOptions['sortBy'] | undefined => columnOf(text);

/** The value of -U. The names of the calls stand last where nobody placed them. */
export function parseSummaryColumns(text: string): { columns: readonly Column[] } | { unknown: string } | { twice: string; rest: string } {
  const words = text.split(','), columns: Column[] = [];
  for (const [i, word] of words.entries()) {
    const column = columnOf(word);
    if (column === undefined || column === 'none') return { unknown: word };
    if (columns.includes(column)) return { twice: word, rest: words.slice(i).join(',') };
    columns.push(column);
  }
  return { columns: columns.includes('name') ? columns : [...columns, 'name'] };
}

export interface SummaryRow { readonly nr: number; readonly name: string; calls: number; errors: number; totalNs: number; minNs: number; maxNs: number }

interface Form { readonly head: string; readonly width: number; show(row: SummaryRow, allNs: number): string }

const seconds = (ns: number): string => (Math.floor(ns / 1000) / 1_000_000).toFixed(6);

const FORMS: Readonly<Record<Column, Form>> = {
  percent: { head: '% time', width: 6, show: (row, all) => all > 0 ? (row.totalNs * 100 / all).toFixed(2) : '0.00' },
  total: { head: 'seconds', width: 11, show: row => seconds(row.totalNs) },
  min: { head: 'shortest', width: 8, show: row => seconds(row.minNs) },
  max: { head: 'longest', width: 7, show: row => seconds(row.maxNs) },
  avg: { head: 'usecs/call', width: 11, show: row => String(row.calls > 0 ? Math.floor(row.totalNs / 1000 / row.calls) : 0) },
  calls: { head: 'calls', width: 9, show: row => String(row.calls) },
  errors: { head: 'errors', width: 9, show: row => row.errors === 0 ? '' : String(row.errors) },
  name: { head: 'syscall', width: 16, show: row => row.name },
};

const byTotal = (a: SummaryRow, b: SummaryRow): number => b.totalNs - a.totalNs;
const ORDERS: Readonly<Record<SummaryOptions['sortBy'], (a: SummaryRow, b: SummaryRow) => number>> = {
  percent: byTotal, total: byTotal, calls: (a, b) => b.calls - a.calls, errors: (a, b) => b.errors - a.errors, name: (a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0,
  min: (a, b) => b.minNs - a.minNs, max: (a, b) => b.maxNs - a.maxNs, avg: (a, b) => b.totalNs / b.calls - a.totalNs / a.calls, none: () => 0,
};

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
  sorted(sortBy: SummaryOptions['sortBy'] = 'total'): SummaryRow[] {
    // Equal rows stay in the order of the numbers, as glibc's qsort leaves them.
    return [...this.rows.values()].sort((a, b) => a.nr - b.nr).sort(ORDERS[sortBy]);
  }

  /** The table as text; '' when nothing was counted. */
  text({ sortBy, columns = DEFAULT_COLUMNS }: SummaryOptions = { sortBy: 'total' }): string {
    const rows = this.sorted(sortBy);
    if (rows.length === 0) return '';
    const total = rows.reduce((sum, row): SummaryRow => ({
      nr: 0, name: 'total', calls: sum.calls + row.calls, errors: sum.errors + row.errors, totalNs: sum.totalNs + row.totalNs, minNs: Math.min(sum.minNs, row.minNs), maxNs: Math.max(sum.maxNs, row.maxNs),
    }), { nr: 0, name: 'total', calls: 0, errors: 0, totalNs: 0, minNs: Infinity, maxNs: 0 });
    const cells = rows.map(row => columns.map(column => FORMS[column].show(row, total.totalNs)));
    const last = columns.map(column => column === 'percent' ? '100.00' : FORMS[column].show(total, total.totalNs));
    const longest = Math.max(...rows.map(row => row.name.length)) + 1;
    const widths = columns.map((column, k) => column === 'name' ? Math.max(FORMS.name.width, longest) : Math.max(FORMS[column].width, ...[...cells, last].map(row => row[k]?.length ?? 0)));
    const print = (row: readonly string[]): string => row.map((cell, k) => columns[k] !== 'name' ? cell.padStart(widths[k] ?? 0) : k === row.length - 1 ? cell : cell.padEnd(widths[k] ?? 0)).join(' ');
    const rule = widths.map(width => '-'.repeat(width)).join(' ');
    return `${[print(columns.map(column => FORMS[column].head)), rule, ...cells.map(print), rule, print(last)].join('\n')}\n`;
  }
}
