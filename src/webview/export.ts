// What the panel gives away: the list as CSV, a chart as SVG, the run as a Chrome trace.
import type { Run } from '../charts/chart';
import { charts } from '../charts/charts';
import { chromeTrace } from '../charts/chrome_trace';
import { listTable } from '../charts/event_list';
import { renderSvg } from '../charts/render';
import { tableCsv } from '../charts/text';
import type { Theme } from '../charts/theme';

export interface Exported { name: string; text: string }
export interface Format { id: string; title: string; make(run: Run, rows: ArrayLike<number>, theme: Theme): Exported }

export const formats: readonly Format[] = [
  { id: 'csv', title: 'The list as CSV', make: (run, rows) => ({ name: `${run.program}.csv`, text: tableCsv(listTable(run.events, rows, run.events.number('startNs', run.events.first))) }) },
  ...charts.map(chart => ({ id: `svg-${chart.id}`, title: `${chart.title} as SVG`, make: (run: Run, _: ArrayLike<number>, theme: Theme): Exported => ({ name: `${run.program}-${chart.id}.svg`, text: renderSvg(chart, run, 1200, { ...theme, fontSize: 12 }) }) })),
  { id: 'chrome', title: 'Chrome trace (Perfetto)', make: run => ({ name: `${run.program}.trace.json`, text: chromeTrace(run) }) },
];
