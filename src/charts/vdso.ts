// The vDSO beside the real calls that it replaces: for each function, and for each line that calls it, what a call costs either way and what was saved.
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams, CustomSeriesRenderItemReturn } from 'echarts';
import type { Site } from '../trace/columns';
import { VDSO_FUNCTIONS } from '../trace/event';
import { chart, type Run } from './chart';
import { baseName } from './lanes';
import type { Theme } from './theme';
import { formatCount, formatNs, plural, significant } from './units';

export interface VdsoRow {
  function: string;
  /** Absent in the row of the whole function. */
  site: Site | undefined;
  vdsoCalls: number;
  vdsoNs: number;
  realCalls: number;
  realNs: number;
  /** What one real call costs: measured in this run, else by the cost model; NaN where neither says. */
  realEachNs: number;
  isMeasured: boolean;
}
export interface VdsoModel { rows: VdsoRow[]; savedNs: number; missedNs: number }

const SERVED: ReadonlySet<string> = new Set(VDSO_FUNCTIONS);
const ROW = 46, TOP = 36, BOTTOM = 34, LEFT = 190, MOST_ROWS = 16;

export const vdsoEach = (row: VdsoRow): number => row.vdsoNs / row.vdsoCalls;
export const savedNs = (row: VdsoRow): number => row.vdsoCalls > 0 && !Number.isNaN(row.realEachNs) ? row.vdsoCalls * row.realEachNs - row.vdsoNs : 0;

export default chart<VdsoModel>({
  id: 'vdso', title: 'vDSO', unit: 'time of a call',
  empty: 'This program reads no clock: it calls none of clock_gettime, gettimeofday, time, getcpu and clock_getres, neither in the vDSO nor in the kernel.',

  model({ events, realCallNs }: Run) {
    const whole = new Map<string, VdsoRow>(), sites = new Map<string, VdsoRow>();
    for (let index = events.first; index < events.length; index++) {
      const kind = events.kind(index);
      if (kind !== 'call' && (kind !== 'vdso' || events.isFallback(index))) continue;
      const name = events.string('name', index);
      const duration = events.duration(index);
      if (!SERVED.has(name) || Number.isNaN(duration)) continue;
      const site = events.site(index);
      for (const [rows, key, place] of [[whole, name, undefined], [sites, `${name} ${events.word('site', index)}`, site]] as const) {
        if (rows === sites && !site) continue;
        let row = rows.get(key);
        if (!row) rows.set(key, row = { function: name, site: place, vdsoCalls: 0, vdsoNs: 0, realCalls: 0, realNs: 0, realEachNs: NaN, isMeasured: false });
        if (kind === 'vdso') { row.vdsoCalls++; row.vdsoNs += duration; } else { row.realCalls++; row.realNs += duration; }
      }
    }
    for (const row of [...whole.values(), ...sites.values()]) {
      const all = whole.get(row.function) ?? row;
      row.isMeasured = all.realCalls > 0;
      row.realEachNs = row.realCalls > 0 ? row.realNs / row.realCalls : all.realCalls > 0 ? all.realNs / all.realCalls : realCallNs[row.function] ?? NaN;
    }
    const ordered = [...whole.values()].sort((a, b) => b.vdsoCalls + b.realCalls - a.vdsoCalls - a.realCalls);
    const rows = ordered.flatMap(row => [row, ...[...sites.values()].filter(s => s.function === row.function).sort((a, b) => b.vdsoCalls + b.realCalls - a.vdsoCalls - a.realCalls)]);
    return { rows, savedNs: ordered.reduce((sum, row) => sum + savedNs(row), 0), missedNs: ordered.reduce((sum, row) => sum + row.realNs, 0) };
  },

  option({ rows }, { width, theme }) {
    const shown = rows.slice(0, MOST_ROWS);
    const isWide = width >= 560;
    const right = isWide ? 170 : 70;
    const most = Math.max(...shown.flatMap(row => [row.vdsoCalls > 0 ? vdsoEach(row) : 0, Number.isNaN(row.realEachNs) ? 0 : row.realEachNs]), 1);
    const small = { color: theme.muted, fontFamily: theme.font, fontSize: theme.fontSize - 1 };
    return {
      animation: false, backgroundColor: theme.background, textStyle: { fontFamily: theme.font },
      grid: { left: LEFT, right, top: TOP, height: shown.length * ROW },
      xAxis: { type: 'value', min: 0, max: most * 1.12, axisLine: { show: false }, axisTick: { show: false }, splitLine: { showMaxLine: false, lineStyle: { color: theme.line } }, axisLabel: { ...small, showMaxLabel: false, formatter: (value: number) => formatNs(value) } },
      yAxis: {
        type: 'category', inverse: true, data: shown.map((row, i) => `${i}`), axisLine: { show: false }, axisTick: { show: false },
        axisLabel: {
          interval: 0, fontFamily: theme.font, formatter: (label: string) => labelOf(shown[Number(label)]),
          rich: { name: { color: theme.foreground, fontSize: theme.fontSize, fontWeight: 'bold', width: LEFT - 18, align: 'right' }, site: { color: theme.muted, fontSize: theme.fontSize, width: LEFT - 18, align: 'right' } },
        },
      },
      graphic: [...swatch(LEFT, 'vDSO', theme.states.vdso, theme), ...swatch(LEFT + 70, 'real call', theme.states.kernel, theme), ...swatch(LEFT + 154, 'real call, by the cost model', theme.states.user, theme)],
      series: [{
        type: 'custom', silent: true, animation: false, data: shown.map((_, i) => [0, i]), encode: { x: 0, y: 1 },
        renderItem: (params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => {
          const row = shown[params.dataIndex];
          return row ? drawRow(row, theme, api, params, isWide ? width - 14 : null) : undefined;
        },
      }],
    };
  },

  height: ({ rows }) => TOP + BOTTOM + Math.max(1, Math.min(MOST_ROWS, rows.length)) * ROW,

  table({ rows }) {
    const ns = (value: number, isThere = true): { text: string; value: number } => ({ text: isThere ? formatNs(value) : '', value: isThere ? value : 0 });
    return {
      columns: [
        { id: 'function', title: 'Function', isNumber: false }, { id: 'site', title: 'Called at', isNumber: false }, { id: 'vdsoCalls', title: 'vDSO calls', isNumber: true }, { id: 'vdsoEach', title: 'Each', isNumber: true },
        { id: 'realCalls', title: 'Real calls', isNumber: true }, { id: 'realEach', title: 'Each (real)', isNumber: true, help: 'measured in this run, else by the cost model' },
        { id: 'ratio', title: 'Ratio', isNumber: true }, { id: 'saved', title: 'Saved by the vDSO', isNumber: true },
      ],
      rows: rows.map(row => [
        row.function, row.site ? `${baseName(row.site.file)}:${row.site.line}` : 'all', { text: formatCount(row.vdsoCalls), value: row.vdsoCalls }, ns(vdsoEach(row), row.vdsoCalls > 0),
        { text: formatCount(row.realCalls), value: row.realCalls }, { text: Number.isNaN(row.realEachNs) ? '' : `${formatNs(row.realEachNs)}${row.isMeasured ? '' : ' (model)'}`, value: row.realEachNs },
        { text: ratioText(row), value: row.vdsoCalls > 0 ? row.realEachNs / vdsoEach(row) : 0 }, ns(savedNs(row), row.vdsoCalls > 0),
      ]),
    };
  },

  sentence({ rows, savedNs: saved }) {
    const [top] = rows;
    if (!top) return null;
    if (top.vdsoCalls === 0) return `${plural(top.realCalls, `real call`)} of ${top.function}, none through the vDSO.`;
    const versus = Number.isNaN(top.realEachNs) ? '' : `, where the real call costs ${formatNs(top.realEachNs)}: ${ratioText(top)}`;
    return `${plural(top.vdsoCalls, 'call')} of ${top.function} through the vDSO took ${formatNs(vdsoEach(top))} each${versus}. The vDSO saved ${formatNs(saved)}.`;
  },
});

const ratioText = (row: VdsoRow): string => row.vdsoCalls > 0 && row.vdsoNs > 0 && !Number.isNaN(row.realEachNs) ? `${significant(row.realEachNs / vdsoEach(row))}×` : '';

function labelOf(row: VdsoRow | undefined): string {
  if (!row) return '';
  return row.site ? `{site|${baseName(row.site.file)}:${row.site.line}}` : `{name|${row.function}}`;
}

function swatch(left: number, name: string, fill: string, theme: Theme): object[] {
  return [
    { type: 'rect', silent: true, shape: { x: left, y: 12, width: 11, height: 11, r: 2 }, style: { fill, stroke: theme.edge ?? 'none' } },
    { type: 'text', x: left + 16, y: 18, silent: true, style: { text: name, verticalAlign: 'middle', fill: theme.muted, font: `${theme.fontSize - 1}px ${theme.font}` } },
  ];
}

function drawRow(row: VdsoRow, theme: Theme, api: CustomSeriesRenderItemAPI, params: CustomSeriesRenderItemParams, figuresRight: number | null): CustomSeriesRenderItemReturn {
  const [zero = 0, middle = 0] = api.coord([0, params.dataIndex]);
  const font = `${theme.fontSize}px ${theme.font}`;
  const bar = (ns: number, y: number, fill: string, text: string): object[] => {
    const end = api.coord([ns, params.dataIndex])[0] ?? 0;
    return [
      { type: 'rect', shape: { x: zero, y, width: Math.max(2, end - zero), height: 14, r: [0, 3, 3, 0] }, style: { fill, stroke: theme.edge ?? 'none' } },
      { type: 'text', style: { text, x: Math.max(zero + 2, end) + 6, y: y + 7, verticalAlign: 'middle', fill: theme.foreground, font } },
    ];
  };
  const hasReal = !Number.isNaN(row.realEachNs);
  const saved = savedNs(row);
  return {
    type: 'group', children: [
      ...row.vdsoCalls > 0 ? bar(vdsoEach(row), middle - 17, theme.states.vdso, `${formatNs(vdsoEach(row))}  × ${formatCount(row.vdsoCalls)}`) : [],
      ...hasReal ? bar(row.realEachNs, middle + 1, row.isMeasured ? theme.states.kernel : theme.states.user, row.realCalls > 0 ? `${formatNs(row.realEachNs)}  × ${formatCount(row.realCalls)}` : formatNs(row.realEachNs)) : [],
      ...figuresRight !== null && saved > 0 ? [
        { type: 'text', style: { text: `saved ${formatNs(saved)}`, x: figuresRight, y: middle - 8, align: 'right', verticalAlign: 'middle', fill: theme.foreground, font: `bold ${font}` } },
        { type: 'text', style: { text: `${ratioText(row)} faster`, x: figuresRight, y: middle + 8, align: 'right', verticalAlign: 'middle', fill: theme.muted, font: `${theme.fontSize - 1}px ${theme.font}` } },
      ] : [],
    ],
  } as CustomSeriesRenderItemReturn;
}
