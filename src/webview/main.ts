// The timing panel: puts its parts together, keeps what the person has chosen, and draws when events or choices change.
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-tab-header/index.js';
import '@vscode-elements/elements/dist/vscode-tab-panel/index.js';
import '@vscode-elements/elements/dist/vscode-tabs/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import type { VscodeCheckbox } from '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import type { VscodeTabs } from '@vscode-elements/elements/dist/vscode-tabs/index.js';
import type { VscodeTextfield } from '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { assert } from '../base/assert';
import type { Run } from '../charts/chart';
import { findChart } from '../charts/charts';
import { FILTER_HELP, listEvents } from '../charts/event_list';
import { Lanes } from '../charts/lanes';
import type { RunFacts } from '../charts/panel_messages';
import { EventTable } from '../trace/columns';
import { AdviceView } from './advice_view';
import { Details } from './details';
import { h, onFrame } from './dom';
import { EventGrid } from './event_grid';
import { formats } from './export';
import { OlderBar } from './older_bar';
import { Pace } from './pace';
import { Picture } from './picture';
import { SmallTable } from './small_table';
import { SummaryBar } from './summary_bar';
import { onThemeChange, readTheme } from './theme';
import { TimelineView } from './timeline_view';
import { loadState, onMessage, post, saveState } from './vscode_api';

const nothing: RunFacts = { program: '', nowNs: 0, isRunning: false, isOver: false, realCallNs: {}, canGo: false };
const TABS = ['calls', 'distribution', 'vdso', 'advice', 'tasks'] as const;
/** While events pour in, what lies below the timeline is drawn this often. */
const LIVE_MS = 400;
/** And is at rest for so many times as long as it took. */
const REST_SHARE = 5;
/** A gesture has come to rest after this. */
const REST_MS = 150;

let theme = readTheme();
let facts = nothing;
let events = new EventTable();
let lanes = new Lanes(events);
let rows: Float64Array = new Float64Array(0);
let callCount = 0, counted = 0;
const state = loadState();

const run = (): Run => ({
  events, lanes, program: facts.program, nowNs: facts.nowNs, realCallNs: facts.realCallNs, cursorNs: facts.cursorNs, window: state.window ?? undefined, selected: state.selected ?? undefined,
});

// ---- the parts ----

const openSelected = (): void => {
  const site = state.selected === null ? undefined : events.site(state.selected);
  if (site) post({ type: 'open', file: site.file, line: site.line });
};
const older = (): void => {
  if (!olderBar.ask(events, facts)) return;
  post({ type: 'older', before: events.first });
  changed();
};
const olderBar = new OlderBar({ older, newest: () => post({ type: 'ready' }) });
const summary = new SummaryBar();
const timeline = new TimelineView(() => lanes, { look: window => { state.window = window; timelineChanged(); windowChanged(); }, select, older, open: openSelected });
const details = new Details({ open: openSelected, go: () => { if (state.selected !== null) post({ type: 'go', instructions: events.number('instructions', state.selected), entry: events.word('entry', state.selected), pid: events.word('pid', state.selected) }); } });
const grid = new EventGrid({ select, older, open: openSelected, sort: sorting => { state.sorting = sorting; relist(); changed(); } });
const advice = new AdviceView({ open: (file, line) => post({ type: 'open', file, line }), select });
const pictures = Object.fromEntries((['distribution', 'vdso'] as const).map(id => { const chart = findChart(id); assert(chart, id); return [id, new Picture(chart)]; })) as Record<'distribution' | 'vdso', Picture>;
const twins = { timeline: new SmallTable('Time of each task by state'), distribution: new SmallTable('Figures of each call'), vdso: new SmallTable('The vDSO beside the real calls') };

const filterBox = h('vscode-textfield', { placeholder: 'Filter: openat /etc failed >10us -close', label: 'Filter the list', title: FILTER_HELP, class: 'filter' }) as VscodeTextfield;
const showAll = h('vscode-checkbox', { label: 'page faults and switches' }) as VscodeCheckbox;
const count = h('span', { class: 'count', role: 'status' });
const exportMenu = h('select', { 'aria-label': 'Export', class: 'export', title: 'Save what is shown' }, h('option', { value: '' }, 'Export…'), ...formats.map(format => h('option', { value: format.id }, format.title)));
const zoomButton = (label: string, text: string, act: () => void): HTMLElement => {
  const button = h('vscode-button', { secondary: true, 'aria-label': label, title: label }, text);
  button.addEventListener('click', act);
  return button;
};
const tabs = h('vscode-tabs', { class: 'tabs' },
  h('vscode-tab-header', { slot: 'header' }, 'Calls'), h('vscode-tab-panel', {}, h('div', { class: 'list' }, h('div', { class: 'tools' }, filterBox, showAll, count), grid.element)),
  h('vscode-tab-header', { slot: 'header' }, 'Distribution'), h('vscode-tab-panel', {}, h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Distribution' }, pictures.distribution.element, twins.distribution.element)),
  h('vscode-tab-header', { slot: 'header' }, 'vDSO'), h('vscode-tab-panel', {}, h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'vDSO' }, pictures.vdso.element, twins.vdso.element)),
  h('vscode-tab-header', { slot: 'header' }, 'Advice ', h('span', { class: 'badge' })), h('vscode-tab-panel', {}, h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Advice' }, advice.element)),
  h('vscode-tab-header', { slot: 'header' }, 'Tasks'), h('vscode-tab-panel', {}, h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Tasks' }, twins.timeline.element)),
) as VscodeTabs;
const badge = tabs.querySelector('.badge');
const welcome = h('div', { class: 'welcome' }, h('h2', {}, 'No run yet'), h('p', {}, 'Debug or run a program with Ringside: every system call, page fault and vDSO call appears here while it happens.'));
const start = h('vscode-button', {}, 'Debug a program');
start.addEventListener('click', () => post({ type: 'debug' }));
welcome.append(start);
const work = h('div', { class: 'work' }, olderBar.element, timeline.element, h('div', { class: 'lower' }, tabs, details.element));

document.body.append(
  h('main', {}, h('header', { class: 'head' }, summary.element, h('div', { class: 'buttons', role: 'toolbar', 'aria-label': 'Timeline' },
    zoomButton('Zoom in', '+', () => timeline.zoom(0.5)), zoomButton('Zoom out', '−', () => timeline.zoom(2)), zoomButton('Fit: show everything', 'Fit', () => timeline.fit()), exportMenu)), welcome, work));

filterBox.value = state.filter;
showAll.checked = state.showsAll;
tabs.setAttribute('selected-index', String(Math.max(0, TABS.findIndex(tab => tab === state.tab))));

filterBox.addEventListener('input', () => { state.filter = filterBox.value; relist(); changed(); });
showAll.addEventListener('change', () => { state.showsAll = showAll.checked; relist(); changed(); });
tabs.addEventListener('vsc-tabs-select', () => { state.tab = TABS[tabs.selectedIndex] ?? 'calls'; changed(); lower(); });
exportMenu.addEventListener('change', () => {
  const format = formats.find(f => f.id === exportMenu.value);
  exportMenu.value = '';
  if (format) post({ type: 'save', ...format.make(run(), rows, theme) });
});
onThemeChange(() => { theme = readTheme(); changed(); lower(); });
new ResizeObserver(() => { changed(); if (state.tab !== 'calls') lowerSoon(); }).observe(work);

// ---- drawing ----

const pace = new Pace();
/** Only the timeline: what a gesture changes at every frame. */
const timelineChanged = onFrame(() => {
  if (work.hidden) return;
  const began = performance.now();
  timeline.draw({ ...run(), coarse: pace.coarse }, theme);
  requestAnimationFrame(() => pace.took(performance.now() - began));
});

let windowTimer: ReturnType<typeof setTimeout> | undefined;
/** When a gesture has come to rest: the figures of the window, and the state to keep. */
function windowChanged(): void {
  clearTimeout(windowTimer);
  windowTimer = setTimeout(() => {
    saveState(state);
    if (!work.hidden && pace.coarse > 1) timeline.draw(run(), theme);
    if (state.tab === 'distribution') lower();
  }, REST_MS);
}

const changed = onFrame(() => {
  saveState(state);
  const isEmpty = events.size === 0;
  welcome.hidden = !isEmpty || facts.program !== '';
  work.hidden = !welcome.hidden;
  lanes.update();
  summary.draw(run(), facts, theme, callCount);
  olderBar.draw(events, facts);
  if (!work.hidden) {
    timeline.draw(run(), theme);
    details.draw(run(), theme, facts.canGo);
  }
});

let lowerTookMs = 0;
const lower = onFrame(() => {
  if (work.hidden) return;
  const began = performance.now();
  if (state.tab === 'calls') relist();
  if (state.tab === 'distribution' || state.tab === 'vdso') {
    const picture = pictures[state.tab];
    picture.draw(run(), theme);
    twins[state.tab].show(picture.chart.table(picture.chart.model(run())));
  }
  const timelineChart = findChart('timeline');
  if (state.tab === 'tasks' && timelineChart) twins.timeline.show(timelineChart.table(timelineChart.model(run())));
  if (state.tab === 'advice' || !facts.isRunning) advise();
  lowerTookMs = performance.now() - began;
});

let advisedAt = '';
/** Looks for advice where events have come since the last time. */
function advise(): void {
  const at = `${state.run} ${events.length} ${events.revision}`;
  if (at === advisedAt) return;
  advisedAt = at;
  const found = advice.draw(run());
  if (badge) badge.textContent = found > 0 ? String(found) : '';
}

let lowerTimer: ReturnType<typeof setTimeout> | undefined;
/** Soon, and not more often than LIVE_MS; where it takes long, so seldom that most of the time is left for what comes. */
function lowerSoon(): void {
  lowerTimer ??= setTimeout(() => { lowerTimer = undefined; lower(); }, Math.max(LIVE_MS, REST_SHARE * lowerTookMs));
}

function relist(): void {
  rows = listEvents(events, { text: state.filter, showsAll: state.showsAll }, state.sorting);
  grid.show(events, rows, state.sorting, events.number('startNs', events.first), state.selected ?? undefined);
  count.textContent = `${rows.length.toLocaleString('en')} of ${events.size.toLocaleString('en')} events`;
}

function select(index: number): void {
  state.selected = index;
  timeline.reveal(index);
  grid.show(events, rows, state.sorting, events.number('startNs', events.first), index);
  grid.reveal();
  changed();
}

// ---- events ----

function countCalls(): void {
  for (counted = Math.max(counted, events.first); counted < events.length; counted++) if (events.kind(counted) === 'call') callCount++;
}

onMessage(message => {
  switch (message.type) {
    case 'begin':
      facts = message.facts;
      events = new EventTable();
      lanes = new Lanes(events);
      callCount = counted = 0;
      olderBar.answered(true);
      // What was chosen in an earlier run means nothing in this one.
      if (state.run !== message.run) Object.assign(state, { run: message.run, window: null, selected: null });
      lower();
      break;
    case 'events':
      events.append(message.batch);
      countCalls();
      lowerSoon();
      break;
    case 'older':
      if (message.batch) events.prepend(message.batch);
      olderBar.answered(message.batch !== undefined);
      callCount = counted = 0;
      countCalls();
      lower();
      break;
    case 'facts':
      if (facts.isOver !== message.facts.isOver || facts.isRunning !== message.facts.isRunning) lowerSoon();
      facts = message.facts;
      break;
  }
  changed();
});
changed();
post({ type: 'ready' });
