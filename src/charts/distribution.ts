// The distribution: how long the calls of each kind took, on a logarithmic axis, with the figures beside. Heights are square roots of counts, so that a single slow call stays visible.
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams, CustomSeriesRenderItemReturn } from 'echarts';
import { chart, type Run } from './chart';
import { collectStatistics, quantile, type CallStatistics } from './statistics';
import type { Theme } from './theme';
import { formatBytes, formatCount, formatNs, formatShare, plural } from './units';

const ROW = 30, TOP = 36, BOTTOM = 34, LEFT = 148, PER_DECADE = 20, MOST_ROWS = 30;

interface Row extends CallStatistics { label: string; minNs: number; medianNs: number; p99Ns: number; maxNs: number }
interface DistributionModel { rows: Row[]; calls: number; totalNs: number }

export default chart<DistributionModel>({
  id: 'distribution', title: 'Distribution', unit: 'time of a call',
  empty: 'No call has returned yet.',

  model({ events, window }: Run) {
    const isInside = window && ((index: number): boolean => events.number('startNs', index) >= window.fromNs && events.number('startNs', index) <= window.toNs);
    const rows = collectStatistics(events, isInside).map(row => ({
      ...row, label: row.kind === 'vdso' ? `${row.name} (vDSO)` : row.name,
      minNs: row.durations[0] ?? NaN, medianNs: quantile(row.durations, 0.5), p99Ns: quantile(row.durations, 0.99), maxNs: row.durations.at(-1) ?? NaN,
    }));
    return { rows, calls: rows.reduce((sum, row) => sum + row.count, 0), totalNs: rows.reduce((sum, row) => sum + row.totalNs, 0) };
  },

  option(model, { width, theme }) {
    const rows = model.rows.slice(0, MOST_ROWS);
    const isWide = width >= 640;
    const right = isWide ? 272 : 20;
    const least = Math.min(...rows.map(row => Math.max(1, row.minNs)), 1e9), most = Math.max(...rows.map(row => row.maxNs), 10);
    const low = 10 ** Math.floor(Math.log10(least)), high = 10 ** Math.max(Math.ceil(Math.log10(most)), Math.log10(low) + 1);
    const small = { color: theme.muted, fontFamily: theme.font, fontSize: theme.fontSize - 1 };
    const columns = [{ title: 'count', at: 70 }, { title: 'median', at: 136 }, { title: 'total', at: 200 }, { title: 'share', at: 258 }];
    return {
      animation: false, backgroundColor: theme.background, textStyle: { fontFamily: theme.font },
      grid: { left: LEFT, right, top: TOP, height: rows.length * ROW },
      xAxis: {
        type: 'log', min: low, max: high, axisLine: { show: false }, axisTick: { show: false }, splitLine: { showMaxLine: false, lineStyle: { color: theme.line } }, minorSplitLine: { show: false },
        axisLabel: { ...small, formatter: (value: number) => formatNs(value) },
      },
      yAxis: {
        type: 'category', inverse: true, data: rows.map(row => row.label), axisLine: { show: false }, axisTick: { show: false },
        axisLabel: { color: theme.foreground, fontFamily: theme.font, fontSize: theme.fontSize, width: LEFT - 16, overflow: 'truncate', interval: 0 },
      },
      graphic: [
        ...key(theme),
        ...isWide ? columns.map(({ title, at }) => ({ type: 'text', x: width - right + at, y: 18, silent: true, style: { text: title, align: 'right', verticalAlign: 'middle', fill: theme.muted, font: `${theme.fontSize - 1}px ${theme.font}` } })) : [],
      ],
      series: [{
        type: 'custom', silent: true, animation: false, data: rows.map((row, i) => [low, i]), encode: { x: 0, y: 1 },
        renderItem: (params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => {
          const row = rows[params.dataIndex];
          return row ? drawRow(row, theme, api, params, isWide ? width - right : null, columns.map(c => c.at)) : undefined;
        },
      }],
    };
  },

  height: ({ rows }) => TOP + BOTTOM + Math.max(1, Math.min(MOST_ROWS, rows.length)) * ROW,

  table({ rows }) {
    const ns = (value: number): { text: string; value: number } => ({ text: formatNs(value), value });
    return {
      columns: [
        { id: 'name', title: 'Call', isNumber: false }, { id: 'count', title: 'Count', isNumber: true }, { id: 'errors', title: 'Errors', isNumber: true },
        { id: 'min', title: 'Min', isNumber: true }, { id: 'median', title: 'Median', isNumber: true }, { id: 'p99', title: 'p99', isNumber: true, help: '99 of 100 calls took at most this' },
        { id: 'max', title: 'Max', isNumber: true }, { id: 'total', title: 'Total', isNumber: true, help: 'entry to exit, waiting included' },
        { id: 'blocked', title: 'Waiting', isNumber: true, help: 'of the total, the time in which the task slept' },
        { id: 'share', title: 'Share', isNumber: true, help: 'of the time that all calls took together' }, { id: 'bytes', title: 'Bytes', isNumber: true },
      ],
      rows: rows.map(row => [
        row.label, { text: formatCount(row.count), value: row.count }, { text: row.errors > 0 ? formatCount(row.errors) : '', value: row.errors },
        ns(row.minNs), ns(row.medianNs), ns(row.p99Ns), ns(row.maxNs), ns(row.totalNs), { text: row.blockedNs > 0 ? formatNs(row.blockedNs) : '', value: row.blockedNs },
        { text: formatShare(row.share), value: row.share }, { text: row.bytes > 0 ? formatBytes(row.bytes) : '', value: row.bytes },
      ]),
    };
  },

  sentence({ rows, calls, totalNs }) {
    const [top] = rows;
    if (!top) return null;
    return `${plural(calls, 'call')} of ${plural(rows.length, 'kind')} took ${formatNs(totalNs)}; ${top.label} took most: ${formatNs(top.totalNs)} in ${plural(top.count, 'call')}, median ${formatNs(top.medianNs)}.`;
  },
});

/** What the marks mean. */
function key(theme: Theme): object[] {
  const font = `${theme.fontSize - 1}px ${theme.font}`;
  const entry = (left: number, name: string, mark: object): object[] => [mark, { type: 'text', x: left + 15, y: 18, silent: true, style: { text: name, verticalAlign: 'middle', fill: theme.muted, font } }];
  const line = (left: number, style: object): object => ({ type: 'line', silent: true, shape: { x1: left + 8, y1: 11, x2: left + 8, y2: 25 }, style });
  return [
    ...entry(LEFT, 'calls', { type: 'rect', silent: true, shape: { x: LEFT, y: 13, width: 10, height: 10 }, style: { fill: theme.states.kernel, opacity: 0.75 } }),
    ...entry(LEFT + 58, 'median', line(LEFT + 58, { stroke: theme.foreground, lineWidth: 2 })),
    ...entry(LEFT + 124, 'p99', line(LEFT + 124, { stroke: theme.foreground, lineWidth: 1, lineDash: [2, 2] })),
  ];
}

function drawRow(row: Row, theme: Theme, api: CustomSeriesRenderItemAPI, params: CustomSeriesRenderItemParams, figuresAt: number | null, at: number[]): CustomSeriesRenderItemReturn {
  const [, middle = 0] = api.coord([row.minNs, params.dataIndex]);
  const baseline = middle + ROW / 2 - 6, tall = ROW - 12;
  const x = (ns: number): number => api.coord([Math.max(1, ns), params.dataIndex])[0] ?? 0;
  const bins = new Map<number, number>();
  for (const ns of row.durations) {
    const bin = Math.floor(Math.log10(Math.max(1, ns)) * PER_DECADE);
    bins.set(bin, (bins.get(bin) ?? 0) + 1);
  }
  const most = Math.max(...bins.values());
  const fill = row.kind === 'vdso' ? theme.states.vdso : theme.states.kernel;
  const bars = [...bins].map(([bin, count]) => {
    const left = x(10 ** (bin / PER_DECADE)), right = x(10 ** ((bin + 1) / PER_DECADE)), height = Math.max(2, Math.sqrt(count / most) * tall);
    return { type: 'rect', shape: { x: left, y: baseline - height, width: Math.max(1, right - left - 1), height }, style: { fill, opacity: 0.75, stroke: theme.edge ?? 'none' } };
  });
  const line = (ns: number, style: object): object => ({ type: 'line', shape: { x1: x(ns), x2: x(ns), y1: baseline - tall - 1, y2: baseline + 3 }, style });
  const font = `${theme.fontSize}px ${theme.font}`;
  const figures = figuresAt === null ? [] : [formatCount(row.count), formatNs(row.medianNs), formatNs(row.totalNs), formatShare(row.share)].map((text, i) => (
    { type: 'text', style: { text, x: figuresAt + (at[i] ?? 0), y: i === 0 && row.errors > 0 ? middle - 4 : middle, align: 'right', verticalAlign: 'middle', fill: theme.foreground, font } }));
  const errors = figuresAt !== null && row.errors > 0 ? [{ type: 'text', style: { text: `${formatCount(row.errors)} failed`, x: figuresAt + (at[0] ?? 0), y: middle + 8, align: 'right', verticalAlign: 'middle', fill: theme.error, font: `${theme.fontSize - 2}px ${theme.font}` } }] : [];
  return {
    type: 'group', children: [
      { type: 'line', shape: { x1: x(row.minNs), x2: x(row.maxNs), y1: baseline, y2: baseline }, style: { stroke: theme.muted, lineWidth: 1 } },
      ...bars, line(row.p99Ns, { stroke: theme.foreground, lineWidth: 1, lineDash: [2, 2] }), line(row.medianNs, { stroke: theme.foreground, lineWidth: 2 }), ...figures, ...errors,
    ],
  } as CustomSeriesRenderItemReturn;
}
