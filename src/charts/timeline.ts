// The timeline: a lane for each task, coloured by what it did; below, the whole run with the window that is shown above. Pixels show the share of each state, so that a million calls look as honest as ten.
// Not here: what a lane is (lanes.ts), zooming with the mouse (the panel sets `window`).
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams, CustomSeriesRenderItemReturn } from 'echarts';
import type { EventTable } from '../trace/columns';
import type { EventKind } from '../trace/event';
import { chart, type Run, type Window } from './chart';
import { Lanes, nearest, type Lane } from './lanes';
import { STATES, STATE_NAMES, type State, type Theme } from './theme';
import { formatCount, formatNs, formatShare, plural, timeUnit } from './units';

export interface TimelineModel {
  events: EventTable;
  lanes: Lane[];
  startNs: number;
  endNs: number;
  window: Window;
  selected: number | undefined;
  cursorNs: number | undefined;
  coarse: number;
}

export const RIGHT = 20, TOP = 34, AXIS = 32, MINIMAP = 18;
const BAR = 26, GAP = 16;

/** Room for the names of the tasks. */
export const leftOf = (width: number): number => width < 640 ? 112 : 136;

/** Few tasks have room for tall lanes. */
export const laneHeight = (lanes: number): number => GAP + (lanes <= 2 ? 2 : lanes <= 4 ? 1.4 : lanes <= 12 ? 1 : 0.6) * BAR;
/** From the bottom of a lane to its top. */
const STACK: readonly State[] = ['kernel', 'fault', 'vdso', 'user', 'waiting', 'blocked'];
const MOST_LANES = 40;

/** The places of the two grids at this size. */
export function layout(height: number): { lanesTop: number; lanesHeight: number; minimapTop: number } {
  const minimapTop = height - MINIMAP - 8;
  return { lanesTop: TOP, lanesHeight: Math.max(20, minimapTop - AXIS - TOP), minimapTop };
}

/** About `pixels / 90` round steps. */
export function ticks({ fromNs, toNs }: Window, pixels: number): number {
  const rough = Math.max(1, (toNs - fromNs) / Math.max(2, Math.floor(pixels / 90)));
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map(k => k * power).find(step => step >= rough * 0.999) ?? power * 10;
}

/** Round instants inside the window, counted from `startNs`. echarts would count steps from the window's edge. */
export function tickValues({ fromNs, toNs }: Window, startNs: number, step: number): number[] {
  const values: number[] = [];
  for (let value = Math.ceil((fromNs - startNs) / step) * step; value <= toNs - startNs && values.length < 100; value += step) values.push(value);
  return values;
}

export default chart<TimelineModel>({
  id: 'timeline', title: 'Timeline', unit: 'time since launch',
  empty: 'Nothing has run yet. Start a program with Ringside, and its tasks appear here as they run.',

  model({ events, lanes, nowNs, window, selected, cursorNs, coarse = 1 }: Run) {
    const all = (lanes ?? new Lanes(events)).update().lanes;
    const startNs = all.reduce((least, lane) => Math.min(least, lane.startNs), nowNs);
    const endNs = Math.max(startNs + 1, ...all.map(lane => Number.isNaN(lane.endNs) ? nowNs : lane.endNs));
    return { events, lanes: all.slice(0, MOST_LANES), startNs, endNs, window: window ?? { fromNs: startNs, toNs: endNs }, selected, cursorNs, coarse };
  },

  option(model, { width, height, theme }) {
    const { lanes, startNs, endNs, window } = model;
    const { lanesTop, lanesHeight, minimapTop } = layout(height);
    const left = leftOf(width), inner = width - left - RIGHT;
    const step = ticks(window, inner);
    const { unit, name } = timeUnit(step);
    const customValues = tickValues(window, startNs, step);
    const text = { color: theme.muted, fontFamily: theme.font, fontSize: theme.fontSize - 1 };
    return {
      animation: false, backgroundColor: theme.background, textStyle: { fontFamily: theme.font },
      grid: [{ left, right: RIGHT, top: lanesTop, height: lanesHeight }, { left, right: RIGHT, top: minimapTop, height: MINIMAP }],
      xAxis: [
        {
          type: 'value', gridIndex: 0, min: window.fromNs - startNs, max: window.toNs - startNs, axisLine: { lineStyle: { color: theme.line } }, splitLine: { show: false },
          axisTick: { show: true, inside: true, length: lanesHeight, customValues, lineStyle: { color: theme.line } },
          axisLabel: { ...text, customValues, hideOverlap: true, formatter: (value: number) => `${formatCount(Number((value / unit).toFixed(3)))} ${name}` },
        },
        { type: 'value', gridIndex: 1, min: 0, max: endNs - startNs, show: false },
      ],
      yAxis: [
        {
          type: 'category', gridIndex: 0, inverse: true, data: lanes.map(lane => laneLabel(lane)), axisLine: { show: false }, axisTick: { show: false },
          axisLabel: {
            width: left - 16, overflow: 'truncate', interval: 0, fontFamily: theme.font,
            formatter: (label: string) => { const [title, pid] = label.split('\n'); return `{title|${title ?? ''}}{pid|${pid ?? ''}}`; },
            rich: { title: { color: theme.foreground, fontSize: theme.fontSize }, pid: { color: theme.muted, fontSize: theme.fontSize - 1, padding: [0, 0, 0, 6] } },
          },
        },
        { type: 'category', gridIndex: 1, data: [''], axisLine: { show: false }, axisTick: { show: false }, axisLabel: { show: false } },
      ],
      graphic: legend(model, left, theme),
      series: [
        {
          type: 'custom', xAxisIndex: 0, yAxisIndex: 0, clip: true, silent: true, animation: false, encode: { x: [0, 1], y: 2 }, data: lanes.map((_, i) => [0, endNs - startNs, i]),
          renderItem: (params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => drawLane(model, theme, params, api),
        },
        {
          type: 'custom', xAxisIndex: 1, yAxisIndex: 1, clip: true, silent: true, animation: false, encode: { x: [0, 1], y: 2 }, data: [[0, endNs - startNs, 0]],
          renderItem: (params: CustomSeriesRenderItemParams) => drawMinimap(model, theme, params),
        },
      ],
    };
  },

  height: ({ lanes }) => TOP + Math.max(1, lanes.length) * laneHeight(lanes.length) + AXIS + MINIMAP + 14,

  table({ lanes, endNs }) {
    return {
      columns: [
        { id: 'task', title: 'Task', isNumber: false }, { id: 'pid', title: 'PID', isNumber: true }, { id: 'alive', title: 'Lived', isNumber: true },
        ...STATES.map(state => ({ id: state, title: STATE_NAMES[state], isNumber: true })), { id: 'events', title: 'Calls', isNumber: true },
      ],
      rows: lanes.map(lane => {
        const times = lane.times(endNs);
        const alive = (Number.isNaN(lane.endNs) ? endNs : lane.endNs) - lane.startNs;
        return [
          lane.name || 'task', { text: String(lane.pid), value: lane.pid }, { text: formatNs(alive), value: alive },
          ...STATES.map(state => ({ text: times[state] > 0 ? `${formatNs(times[state])} (${formatShare(times[state] / alive)})` : '–', value: times[state] })),
          { text: formatCount(lane.callCount), value: lane.callCount },
        ];
      }),
    };
  },

  sentence({ lanes, startNs, endNs, events }) {
    if (events.size === 0) return null;
    const total = sumTimes(lanes, endNs);
    const spent = Object.values(total).reduce((sum, ns) => sum + ns, 0);
    const parts = STATES.filter(state => total[state] > 0).map(state => `${formatShare(total[state] / spent)} ${STATE_NAMES[state]}`);
    return `${plural(lanes.length, 'task')} in ${formatNs(endNs - startNs)}: ${parts.join(', ')}.`;
  },
});

const laneLabel = (lane: Lane): string => `${lane.name || 'task'}\n${lane.pid}`;

/** Time of all tasks in each state. */
export function sumTimes(lanes: readonly Lane[], endNs: number): Record<State, number> {
  const sum = Object.fromEntries(STATES.map(state => [state, 0])) as Record<State, number>;
  for (const lane of lanes) {
    const times = lane.times(endNs);
    for (const state of STATES) sum[state] += times[state];
  }
  return sum;
}

/** The states that occur, as a row of swatches. */
function legend({ lanes, endNs }: TimelineModel, from: number, theme: Theme): object[] {
  const times = sumTimes(lanes, endNs);
  let x = from;
  return STACK.filter(state => times[state] > 0).flatMap(state => {
    const left = x;
    x += 34 + STATE_NAMES[state].length * theme.fontSize * 0.5;
    return [
      { type: 'rect', shape: { x: left, y: 11, width: 11, height: 11, r: 2 }, style: { fill: theme.states[state], stroke: theme.edge ?? 'none' }, silent: true },
      { type: 'text', x: left + 16, y: 17, style: { text: STATE_NAMES[state], verticalAlign: 'middle', fill: theme.muted, font: `${theme.fontSize - 1}px ${theme.font}` }, silent: true },
    ];
  });
}

interface Box { x: number; y: number; width: number; height: number }

function boxOf(params: CustomSeriesRenderItemParams): Box {
  return params.coordSys as unknown as Box;
}

type Shape = NonNullable<CustomSeriesRenderItemReturn>;

function drawLane(model: TimelineModel, theme: Theme, params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI): CustomSeriesRenderItemReturn {
  const lane = model.lanes[params.dataIndex];
  if (!lane) return undefined;
  const box = boxOf(params);
  const [, middle = 0] = api.coord([0, params.dataIndex]);
  const band = box.height / model.lanes.length, height = Math.max(6, band - GAP);
  const place: Box = { x: box.x, width: box.width, y: middle - height / 2 + GAP / 4, height };
  const now = model.endNs;
  const frame = theme.edge === null ? [] : [{ type: 'rect', shape: laneBox(model, lane, place), style: { fill: 'none', stroke: theme.edge, lineWidth: 1 } } as Shape];
  const children: Shape[] = [...stacks([lane], model.window, now, place, theme, model.coarse), ...frame, ...callLabels(model, lane, place, theme), ...marks(model, lane, place, theme), ...hints(model, lane, params.dataIndex, place, box, theme)];
  return { type: 'group', children } as Shape;
}

/** The strip of the whole run is the same at every zoom. */
const strips = new WeakMap<EventTable, { key: string; shapes: Shape[] }>();

/** The part of the lane in which the task lived. */
function laneBox({ window: { fromNs, toNs }, endNs }: TimelineModel, lane: Lane, { x, y, width, height }: Box): Box {
  const at = (ns: number): number => x + Math.max(0, Math.min(1, (ns - fromNs) / (toNs - fromNs))) * width;
  const left = at(lane.startNs);
  return { x: left, y, width: at(Number.isNaN(lane.endNs) ? endNs : lane.endNs) - left, height };
}

function drawMinimap({ events, lanes, startNs, endNs, window }: TimelineModel, theme: Theme, params: CustomSeriesRenderItemParams): CustomSeriesRenderItemReturn {
  const box = boxOf(params);
  const key = `${endNs} ${box.x} ${box.width} ${box.y} ${theme.background} ${theme.states.kernel} ${lanes.map(lane => lane.count).join(' ')}`;
  let strip = strips.get(events);
  if (strip?.key !== key) strips.set(events, strip = { key, shapes: stacks(lanes, { fromNs: startNs, toNs: endNs }, endNs, box, theme, 1) });
  const left = box.x + (window.fromNs - startNs) / (endNs - startNs) * box.width, right = box.x + (window.toNs - startNs) / (endNs - startNs) * box.width;
  const veil = { fill: theme.background, opacity: 0.6 };
  const rect = (x: number, width: number, style: object): Shape => ({ type: 'rect', shape: { x, y: box.y, width: Math.max(0, width), height: box.height }, style } as Shape);
  return {
    type: 'group', children: [
      ...strip.shapes, rect(box.x, left - box.x, veil), rect(right, box.x + box.width - right, veil),
      rect(left, Math.max(2, right - left), { fill: 'none', stroke: theme.accent, lineWidth: 1 }),
    ],
  } as Shape;
}

/** What the tasks did in a window, in one box: for each state an area from the bottom up to the share of it and those below it, the lower ones drawn over the upper ones. */
function stacks(lanes: readonly Lane[], { fromNs, toNs }: Window, nowNs: number, { x, y, width, height }: Box, theme: Theme, coarse: number): Shape[] {
  // Where every pixel holds several segments, two pixels a step show as much and cost half.
  const isDense = lanes.reduce((sum, lane) => sum + lane.segmentsIn(fromNs, toNs), 0) > width;
  const pixels = Math.max(1, Math.floor(isDense ? width / (2 * coarse) : width));
  const shares = new Float64Array(pixels * STATES.length);
  const scale = 1 / lanes.length;
  const until = Math.min(toNs, nowNs);
  for (const lane of lanes) {
    const own = lane.shares(fromNs, toNs, pixels);
    for (let i = 0; i < own.length; i++) shares[i] = (shares[i] ?? 0) + (own[i] ?? 0) * scale;
  }
  const last = Math.min(pixels, Math.ceil((until - fromNs) / (toNs - fromNs) * pixels));
  // Half a pixel of height makes no difference to the eye.
  const step = width / pixels, bottom = y + height, least = 0.5 / height;
  const tops = new Float64Array(last);
  const shapes: Shape[] = [];
  for (const state of STACK) {
    const k = STATES.indexOf(state);
    // One area for each state, of no height where the state does not occur: many small areas would cost more than their points.
    const points: number[][] = [[x, bottom]];
    let from = 0, top = 0;
    const end = (at: number): void => { if (at > from) points.push([x + from * step, bottom - top * height], [x + at * step, bottom - top * height]); };
    for (let i = 0; i < last; i++) {
      const share = shares[i * STATES.length + k] ?? 0, over = tops[i] = (tops[i] ?? 0) + share, wanted = share < least ? 0 : over;
      if ((wanted === 0) === (top === 0) && Math.abs(top - wanted) < least) continue;
      end(i);
      from = i;
      top = wanted;
    }
    if (points.length === 1 && top === 0) continue;
    end(last);
    points.push([x + last * step, bottom]);
    shapes.unshift({ type: 'polygon', shape: { points }, style: { fill: theme.states[state] } } as Shape);
  }
  return shapes;
}

/** In pixels: events that get an outline of their own. */
const LEAST_WIDE = 12;

/** The names of calls that are wide enough, and a mark below those that failed. */
function callLabels({ events, window: { fromNs, toNs }, endNs }: TimelineModel, lane: Lane, { x, y, width, height }: Box, theme: Theme): Shape[] {
  const perPixel = (toNs - fromNs) / width;
  const shapes: Shape[] = [];
  let last = -1;
  // An event that is wide enough covers at least one of these places: no need to look at all.
  for (let probe = LEAST_WIDE / 2; probe < width; probe += LEAST_WIDE) {
    const at = fromNs + probe * perPixel;
    const index = lane.events[nearest(events, lane.events, at)] ?? -1;
    const start = events.number('startNs', index);
    if (index === last || index < 0 || start > at) continue;
    last = index;
    const end = events.number('endNs', index);
    const left = Math.max(x, x + (start - fromNs) / perPixel), right = Math.min(x + width, x + ((Number.isNaN(end) ? endNs : end) - fromNs) / perPixel);
    const kind = events.kind(index);
    if (right - left < LEAST_WIDE) continue;
    const edge = theme.edge ?? theme.background;
    shapes.push({ type: 'rect', shape: { x: left, y, width: right - left, height }, style: { fill: 'none', stroke: edge, lineWidth: 0.6 } } as Shape);
    if (events.isFailed(index)) shapes.push({ type: 'rect', shape: { x: left, y: y + height - 3, width: right - left, height: 3 }, style: { fill: theme.error } } as Shape);
    const state: State = kind === 'vdso' ? 'vdso' : kind === 'fault' ? 'fault' : events.number('blockedNs', index) > (end - start) / 2 ? 'blocked' : 'kernel';
    if (right - left < 26) continue;
    shapes.push({
      type: 'text', style: { text: events.string('name', index), x: left + 5, y: y + height / 2, width: right - left - 8, overflow: 'truncate', ellipsis: '', fill: theme.on[state], font: `${theme.fontSize - 1}px ${theme.font}`, verticalAlign: 'middle' },
    } as Shape);
  }
  return shapes;
}

/** Around a point above the lane: a flag, a fork's two ways, the start and the end of a program. */
const SYMBOLS: Partial<Record<EventKind, number[][]>> = {
  signal: [[0, 0], [0, -9], [7, -6.5], [1.2, -4], [1.2, 0]], fork: [[-4, -8], [0, -3], [4, -8], [4, -6], [0.8, -1.5], [0.8, 0], [-0.8, 0], [-0.8, -1.5], [-4, -6]],
  exec: [[-2.5, -8], [4, -4], [-2.5, 0]], exit: [[-3, -7], [3, -7], [3, -1], [-3, -1]],
};

/** Signals, forks, execs and the end, at most one in ten pixels. */
function marks({ events, window: { fromNs, toNs } }: TimelineModel, lane: Lane, { x, y, width }: Box, theme: Theme): Shape[] {
  const shapes: Shape[] = [];
  let free = -Infinity;
  for (const index of lane.marks) {
    const at = events.number('startNs', index);
    const left = x + (at - fromNs) / (toNs - fromNs) * width;
    if (at < fromNs || at > toNs || left < free) continue;
    free = left + 10;
    const kind = events.kind(index);
    const points = (SYMBOLS[kind] ?? []).map(([dx = 0, dy = 0]) => [left + dx, y - 2 + dy]);
    shapes.push({ type: 'polygon', shape: { points }, style: { fill: kind === 'signal' ? theme.error : theme.muted } } as Shape);
  }
  return shapes;
}

/** A frame around the selected event, and the line where the debugger stands. */
function hints({ events, selected, cursorNs, window: { fromNs, toNs }, endNs }: TimelineModel, lane: Lane, dataIndex: number, { x, y, width, height }: Box, grid: Box, theme: Theme): Shape[] {
  const shapes: Shape[] = [];
  const at = (ns: number): number => x + (ns - fromNs) / (toNs - fromNs) * width;
  if (cursorNs !== undefined && dataIndex === 0 && cursorNs >= fromNs && cursorNs <= toNs) {
    const left = at(cursorNs);
    shapes.push(
      { type: 'line', shape: { x1: left, x2: left, y1: grid.y, y2: grid.y + grid.height }, style: { stroke: theme.cursor, lineWidth: 1.5 } } as Shape,
      { type: 'polygon', shape: { points: [[left - 5, grid.y], [left + 5, grid.y], [left, grid.y + 7]] }, style: { fill: theme.cursor } } as Shape,
    );
  }
  if (selected === undefined || events.word('pid', selected) !== lane.pid) return shapes;
  const start = events.number('startNs', selected), end = events.number('endNs', selected);
  const left = at(start), right = Math.max(left + 3, at(Number.isNaN(end) ? endNs : end));
  if (right < x || left > x + width) return shapes;
  shapes.push({ type: 'rect', shape: { x: left - 1, y: y - 2, width: right - left + 2, height: height + 4, r: 2 }, style: { fill: 'none', stroke: theme.accent, lineWidth: 2 } } as Shape);
  return shapes;
}
