// The anatomy of one call: the way in, the handler's work, copying, waiting, the way out, one under the other, each with its time.
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams, CustomSeriesRenderItemReturn } from 'echarts';
import { chart, type Run } from './chart';
import type { State } from './theme';
import { formatBytes, formatCount, formatNs, formatShare, timeUnit } from './units';
import { tickValues, ticks } from './timeline';

interface Phase { id: string; title: string; ns: number; state: State }
interface AnatomyModel { title: string; phases: Phase[]; totalNs: number; bytes: number }

const ROW = 26, TOP = 8, BOTTOM = 30, LEFT = 84;

export default chart<AnatomyModel>({
  id: 'anatomy', title: 'Anatomy of one call', unit: 'time since its entry',
  empty: 'Select a call: click it in the timeline or in the list.',

  /** Of the selected event, or of the longest call of the run. */
  model({ events, selected }: Run) {
    let index = selected;
    if (index === undefined) {
      for (let i = events.first, longest = 0; i < events.length; i++) {
        const ns = events.kind(i) === 'call' ? events.duration(i) - events.number('blockedNs', i) : 0;
        if (ns > longest) { longest = ns; index = i; }
      }
    }
    if (index === undefined || index < events.first || index >= events.length) return { title: '', phases: [], totalNs: 0, bytes: 0 };
    const at = index, kind = events.kind(at);
    const totalNs = events.duration(at);
    const title = events.string('text', at) || events.string('name', at);
    if (kind !== 'call') return { title, phases: totalNs > 0 ? [{ id: kind, title: kind === 'vdso' ? 'in ring 3' : kind, ns: totalNs, state: kind === 'vdso' ? 'vdso' : kind === 'fault' ? 'fault' : 'kernel' }] : [], totalNs, bytes: 0 };
    const part = (column: 'entryNs' | 'handlerNs' | 'copyNs' | 'blockedNs' | 'exitNs'): number => events.number(column, at) || 0;
    const phases: Phase[] = [
      { id: 'entry', title: 'entry', ns: part('entryNs'), state: 'kernel' }, { id: 'handler', title: 'handler', ns: part('handlerNs'), state: 'kernel' },
      { id: 'copy', title: 'copy', ns: part('copyNs'), state: 'fault' }, { id: 'blocked', title: 'blocked', ns: part('blockedNs'), state: 'blocked' }, { id: 'exit', title: 'exit', ns: part('exitNs'), state: 'kernel' },
    ];
    return { title, phases: Number.isNaN(totalNs) ? [] : phases, totalNs, bytes: events.word('bytes', at) };
  },

  option({ phases, totalNs, bytes }, { width, theme }) {
    const right = 120;
    const step = ticks({ fromNs: 0, toNs: totalNs }, width - LEFT - right);
    const { unit, name } = timeUnit(step);
    const customValues = tickValues({ fromNs: 0, toNs: totalNs }, 0, step);
    return {
      animation: false, backgroundColor: theme.background, textStyle: { fontFamily: theme.font },
      grid: { left: LEFT, right, top: TOP, height: phases.length * ROW },
      xAxis: {
        type: 'value', min: 0, max: Math.max(1, totalNs), axisLine: { show: false }, splitLine: { show: false }, axisTick: { show: true, inside: true, length: phases.length * ROW, customValues, lineStyle: { color: theme.line } },
        axisLabel: { color: theme.muted, fontFamily: theme.font, fontSize: theme.fontSize - 1, customValues, formatter: (value: number) => `${formatCount(Number((value / unit).toFixed(3)))} ${name}` },
      },
      yAxis: { type: 'category', inverse: true, data: phases.map(phase => phase.title), axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: theme.foreground, fontFamily: theme.font, fontSize: theme.fontSize, interval: 0 } },
      series: [{
        type: 'custom', silent: true, animation: false, data: phases.map((phase, i) => [0, i]), encode: { x: 0, y: 1 },
        renderItem: (params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI): CustomSeriesRenderItemReturn => {
          const phase = phases[params.dataIndex];
          if (!phase) return undefined;
          const from = phases.slice(0, params.dataIndex).reduce((sum, earlier) => sum + earlier.ns, 0);
          const [left = 0, middle = 0] = api.coord([from, params.dataIndex]);
          const end = api.coord([from + phase.ns, params.dataIndex])[0] ?? 0;
          const text = phase.ns > 0 ? `${formatNs(phase.ns)}  ${formatShare(phase.ns / totalNs)}${phase.id === 'copy' && bytes > 0 ? `  (${formatBytes(bytes)})` : ''}` : '–';
          return {
            type: 'group', children: [
              ...phase.ns > 0 ? [{ type: 'rect', shape: { x: left, y: middle - 8, width: Math.max(2, end - left), height: 16, r: 2 }, style: { fill: theme.states[phase.state], stroke: theme.edge ?? (phase.state === 'blocked' ? theme.muted : 'none'), lineWidth: 1 } }] : [],
              { type: 'text', style: { text, x: width - right + 8, y: middle, verticalAlign: 'middle', fill: theme.foreground, font: `${theme.fontSize - 1}px ${theme.font}` } },
            ],
          } as CustomSeriesRenderItemReturn;
        },
      }],
    };
  },

  height: ({ phases }) => TOP + BOTTOM + Math.max(1, phases.length) * ROW,

  table({ phases, totalNs }) {
    return {
      columns: [{ id: 'phase', title: 'Phase', isNumber: false }, { id: 'ns', title: 'Time', isNumber: true }, { id: 'share', title: 'Share', isNumber: true }],
      rows: phases.map(({ title, ns }) => [title, { text: formatNs(ns), value: ns }, { text: formatShare(ns / totalNs), value: ns / totalNs }]),
    };
  },

  sentence({ title, phases, totalNs }) {
    if (phases.length === 0) return null;
    return `${title} took ${formatNs(totalNs)}: ${phases.filter(p => p.ns > 0).map(p => `${p.title} ${formatNs(p.ns)}`).join(', ')}.`;
  },
});
