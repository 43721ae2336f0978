// The list of events as a person sorts and filters it: a choice of rows of the trace, in an order. Works on numbers of strings, so that a million rows are sifted in a blink.
// Not here: drawing rows.
import type { EventTable, Site } from '../trace/columns';
import type { Column, Table } from './chart';
import { baseName } from './lanes';
import { formatBytes, formatNs } from './units';

export const LIST_COLUMNS = [
  { id: 'time', title: 'Time', isNumber: true, help: 'since launch' }, { id: 'pid', title: 'Task', isNumber: true }, { id: 'call', title: 'Call', isNumber: false },
  { id: 'result', title: 'Result', isNumber: true }, { id: 'duration', title: 'Duration', isNumber: true, help: 'entry to exit, waiting included' }, { id: 'blocked', title: 'Waiting', isNumber: true },
  { id: 'bytes', title: 'Bytes', isNumber: true }, { id: 'object', title: 'On', isNumber: false, help: 'path or open file' }, { id: 'site', title: 'Line', isNumber: false },
] as const satisfies readonly Column[];
export type ListColumn = typeof LIST_COLUMNS[number]['id'];

export interface Sorting { column: ListColumn; isDescending: boolean }
export const inOrder: Sorting = { column: 'time', isDescending: false };

/** Words that must all match; see `help`. */
export interface Filter { text: string; /** Page faults and switches too. */ showsAll: boolean }

export const FILTER_HELP = 'The name of a call shows its calls; other words match names, arguments, paths, errors, lines and task numbers; -word leaves out. failed: calls with an error. >10us, <1ms: by duration.';

type Test = (index: number) => boolean;
const UNITS: Record<string, number> = { ns: 1, us: 1e3, 'µs': 1e3, ms: 1e6, s: 1e9 };

/** Rows of `events` that the filter lets through, sorted. */
export function listEvents(events: EventTable, filter: Filter, sorting: Sorting): Float64Array {
  const tests = filter.text.trim().split(/\s+/).filter(word => word !== '').map(word => testOf(events, word));
  const rows: number[] = [];
  for (let index = events.first; index < events.length; index++) {
    const kind = events.kind(index);
    if ((kind === 'switch' || kind === 'fault') && !filter.showsAll) continue;
    if (tests.every(test => test(index))) rows.push(index);
  }
  return sorted(events, Float64Array.from(rows), sorting);
}

function testOf(events: EventTable, word: string): Test {
  if (word.length > 1 && word.startsWith('-')) {
    const test = testOf(events, word.slice(1));
    return index => !test(index);
  }
  if (word === 'failed') return index => events.isFailed(index);
  const limit = /^([<>])(\d+(?:\.\d+)?)(ns|us|µs|ms|s)$/.exec(word);
  if (limit) {
    const ns = Number(limit[2]) * (UNITS[limit[3] ?? 'ns'] ?? 1);
    return limit[1] === '>' ? index => events.duration(index) > ns : index => events.duration(index) < ns;
  }
  const name = events.strings.indexOf(word);
  if (isName(events, name)) return index => events.word('name', index) === name;
  const needle = word.toLowerCase();
  const strings = Uint8Array.from(events.strings, text => text.toLowerCase().includes(needle) ? 1 : 0);
  const sites = Uint8Array.from(events.sites, site => siteText(site).toLowerCase().includes(needle) ? 1 : 0);
  const pid = /^\d+$/.test(word) ? Number(word) : NaN;
  return index => strings[events.word('name', index)] === 1 || strings[events.word('text', index)] === 1 || strings[events.word('object', index)] === 1
    || strings[events.word('error', index)] === 1 || sites[events.word('site', index)] === 1 || events.word('pid', index) === pid || events.kind(index) === needle;
}

/** Whether a string of the trace is what an event is called: `write` means the calls, not PROT_WRITE. */
function isName(events: EventTable, string: number): boolean {
  if (string <= 0) return false;
  for (let index = events.first; index < events.length; index++) if (events.word('name', index) === string) return true;
  return false;
}

function sorted(events: EventTable, rows: Float64Array, { column, isDescending }: Sorting): Float64Array {
  if (column !== 'time') {
    const key = keyOf(events, column);
    const keys = Float64Array.from(rows, key);
    const order = Uint32Array.from(rows, (_, i) => i);
    // NaN, an open call, is the largest; equal rows stay in the order of time.
    const value = (i: number): number => { const k = keys[i] ?? NaN; return Number.isNaN(k) ? Infinity : k; };
    order.sort((a, b) => { const x = value(a), y = value(b); return (x < y ? -1 : x > y ? 1 : 0) * (isDescending ? -1 : 1) || a - b; });
    return Float64Array.from(order, i => rows[i] ?? 0);
  }
  return isDescending ? rows.reverse() : rows;
}

function keyOf(events: EventTable, column: ListColumn): (index: number) => number {
  const ranked = (texts: readonly string[]): Float64Array => {
    const ranks = new Float64Array(texts.length);
    texts.map((text, i) => [text, i] as const).sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0).forEach(([, i], rank) => { ranks[i] = rank; });
    return ranks;
  };
  switch (column) {
    case 'time': return index => events.number('startNs', index);
    case 'pid': return index => events.word('pid', index);
    case 'result': return index => events.kind(index) === 'call' ? events.number('value', index) : -Infinity;
    case 'duration': return index => events.duration(index);
    case 'blocked': return index => events.number('blockedNs', index);
    case 'bytes': return index => events.word('bytes', index);
    case 'call': { const ranks = ranked(events.strings); return index => ranks[events.word('name', index)] ?? 0; }
    case 'object': { const ranks = ranked(events.strings); return index => ranks[events.word('object', index)] ?? 0; }
    case 'site': { const ranks = ranked(events.sites.map(site => `${site.file}:${String(site.line).padStart(8, '0')}`)); return index => ranks[events.word('site', index)] ?? 0; }
  }
}

export const siteText = (site: Site | undefined): string => site && site.line > 0 ? `${baseName(site.file)}:${site.line}` : '';

/** The call without its result, which has a column of its own. */
export function callText(events: EventTable, index: number): string {
  const text = events.string('text', index) || events.string('name', index);
  const at = text.lastIndexOf(') = ');
  return at < 0 || events.kind(index) !== 'call' ? text : text.slice(0, at + 1);
}

/** The end of a long path tells more than its beginning. */
const shortPath = (path: string): string => path.startsWith('/') && path.length > 18 ? `…/${baseName(path)}` : path;

/** What stands in a row's cell. */
export function cellText(events: EventTable, index: number, column: ListColumn, startNs: number): string {
  switch (column) {
    case 'time': return formatNs(events.number('startNs', index) - startNs);
    case 'pid': return String(events.word('pid', index));
    case 'call': return callText(events, index);
    case 'result': return resultText(events, index);
    case 'duration': return events.duration(index) > 0 || Number.isNaN(events.duration(index)) ? formatNs(events.duration(index)) : '';
    case 'blocked': return events.number('blockedNs', index) > 0 ? formatNs(events.number('blockedNs', index)) : '';
    case 'bytes': return events.word('bytes', index) > 0 ? formatBytes(events.word('bytes', index)) : '';
    case 'object': return shortPath(events.string('object', index));
    case 'site': return siteText(events.site(index));
  }
}

function resultText(events: EventTable, index: number): string {
  if (events.kind(index) !== 'call') return '';
  const error = events.string('error', index);
  if (error !== '') return error;
  const value = events.number('value', index);
  if (Number.isNaN(value)) return '?';
  return Math.abs(value) >= 2 ** 32 ? `0x${value.toString(16)}` : String(value);
}

/** The rows as a table, for export: times in nanoseconds. */
export function listTable(events: EventTable, rows: ArrayLike<number>, startNs: number): Table {
  const phases = ['entryNs', 'handlerNs', 'copyNs', 'blockedNs', 'exitNs'] as const;
  return {
    columns: [
      { id: 'index', title: 'index', isNumber: true }, { id: 'kind', title: 'kind', isNumber: false }, { id: 'pid', title: 'pid', isNumber: true }, { id: 'startNs', title: 'startNs', isNumber: true },
      { id: 'durationNs', title: 'durationNs', isNumber: true }, ...phases.map(id => ({ id, title: id, isNumber: true })), { id: 'bytes', title: 'bytes', isNumber: true },
      { id: 'name', title: 'name', isNumber: false }, { id: 'text', title: 'text', isNumber: false }, { id: 'result', title: 'result', isNumber: false }, { id: 'on', title: 'on', isNumber: false },
      { id: 'file', title: 'file', isNumber: false }, { id: 'line', title: 'line', isNumber: true },
    ],
    rows: Array.from(rows, index => {
      const number = (value: number): { text: string; value: number } => ({ text: String(value), value });
      const site = events.site(index);
      return [
        number(index), events.kind(index), number(events.word('pid', index)), number(events.number('startNs', index) - startNs), number(events.duration(index)), ...phases.map(id => number(events.number(id, index))),
        number(events.word('bytes', index)), events.string('name', index), events.string('text', index), resultText(events, index), events.string('object', index), site?.file ?? '', number(site?.line ?? NaN),
      ];
    }),
  };
}
