// The timeline in the page: wheel and keys zoom and pan, a click selects the event under it, the strip below moves the window.
import type { Run, Window } from '../charts/chart';
import { findChart } from '../charts/charts';
import { nearest, type Lane, type Lanes } from '../charts/lanes';
import { MINIMAP, RIGHT, layout, leftOf } from '../charts/timeline';
import type { Theme } from '../charts/theme';
import { formatNs } from '../charts/units';
import { callText } from '../charts/event_list';
import { assert } from '../base/assert';
import { h } from './dom';
import { Picture } from './picture';

export interface TimelineActions {
  /** The window that the person looks at; null: everything. */
  look(window: Window | null): void;
  select(index: number): void;
  /** The person moves to before the first event that is there. */
  older(): void;
  /** Opens the line of the selected event. */
  open(): void;
}

/** Closer than this there is nothing to see, in nanoseconds. */
const LEAST = 20;
const KEYS = 'Arrow keys choose events and tasks, plus and minus zoom, Shift and arrows move, 0 shows everything, Enter opens the line.';

export class TimelineView {
  readonly element: HTMLElement;
  private readonly picture: Picture;
  private readonly tip = h('div', { class: 'tip', 'aria-hidden': 'true' });
  private run: Run | undefined;
  private laneAt = 0;

  constructor(private readonly lanes: () => Lanes, private readonly actions: TimelineActions) {
    const chart = findChart('timeline');
    assert(chart, 'no timeline');
    this.picture = new Picture(chart, { role: 'application', tabindex: 0, 'aria-roledescription': 'timeline', 'aria-describedby': 'timeline-keys' });
    this.tip.hidden = true;
    this.element = h('div', { class: 'timeline' }, this.picture.element, h('p', { id: 'timeline-keys', class: 'unseen' }, KEYS), this.tip);
    const box = this.picture.element;
    box.addEventListener('wheel', event => this.wheel(event), { passive: false });
    box.addEventListener('pointerdown', event => this.press(event));
    box.addEventListener('pointermove', event => this.hover(event));
    box.addEventListener('pointerleave', () => { this.tip.hidden = true; });
    box.addEventListener('dblclick', () => this.zoomToSelected());
    box.addEventListener('keydown', event => this.key(event));
  }

  draw(run: Run, theme: Theme): void {
    this.run = run;
    this.picture.draw(run, theme);
  }

  focus(): void { this.picture.element.focus(); }

  // ---- where things are ----

  private get whole(): Window {
    const lanes = this.lanes().lanes, nowNs = this.run?.nowNs ?? 0;
    const fromNs = lanes.reduce((least, lane) => Math.min(least, lane.startNs), nowNs);
    return { fromNs, toNs: Math.max(fromNs + 1, ...lanes.map(lane => Number.isNaN(lane.endNs) ? nowNs : lane.endNs)) };
  }

  private get window(): Window { return this.run?.window ?? this.whole; }
  private get left(): number { return leftOf(this.picture.width); }
  private get inner(): number { return Math.max(1, this.picture.width - this.left - RIGHT); }

  private timeAt(x: number, window = this.window): number { return window.fromNs + (x - this.left) / this.inner * (window.toNs - window.fromNs); }

  private point(event: MouseEvent): { x: number; y: number } {
    const box = this.picture.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private laneUnder(y: number): Lane | undefined {
    const { lanes } = this.lanes();
    const { lanesTop, lanesHeight } = layout(this.picture.height);
    return lanes[Math.floor((y - lanesTop) / lanesHeight * lanes.length)];
  }

  private eventUnder(x: number, y: number): number | undefined {
    const lane = this.laneUnder(y), events = this.run?.events;
    if (!lane || !events) return undefined;
    const at = this.timeAt(x), slack = (this.window.toNs - this.window.fromNs) / this.inner * 4;
    const index = lane.events[nearest(events, lane.events, at)];
    if (index === undefined) return undefined;
    const start = events.number('startNs', index), end = events.number('endNs', index);
    return at >= start - slack && (Number.isNaN(end) || at <= end + slack) ? index : undefined;
  }

  // ---- zoom and pan ----

  zoom(factor: number, aroundNs?: number): void {
    const { fromNs, toNs } = this.window;
    const around = aroundNs ?? this.centre();
    const width = Math.max(LEAST, (toNs - fromNs) * factor);
    const from = around - (around - fromNs) / (toNs - fromNs) * width;
    this.look({ fromNs: from, toNs: from + width });
  }

  /** The selected event where it is in view, else the middle. */
  private centre(): number {
    const { fromNs, toNs } = this.window, { selected, events } = this.run ?? {};
    const at = selected === undefined ? NaN : events?.number('startNs', selected) ?? NaN;
    return at >= fromNs && at <= toNs ? at : (fromNs + toNs) / 2;
  }

  pan(part: number): void {
    const { fromNs, toNs } = this.window;
    const by = (toNs - fromNs) * part;
    this.look({ fromNs: fromNs + by, toNs: toNs + by });
  }

  fit(): void { this.actions.look(null); }

  private look(wanted: Window): void {
    const whole = this.whole;
    const width = wanted.toNs - wanted.fromNs;
    if (wanted.fromNs < whole.fromNs) this.actions.older();
    if (width >= whole.toNs - whole.fromNs) return this.fit();
    const fromNs = Math.max(whole.fromNs, Math.min(wanted.fromNs, whole.toNs - width));
    this.actions.look({ fromNs, toNs: fromNs + width });
  }

  /** Makes the event visible, zooming out or moving no further than needed. */
  reveal(index: number): void {
    const events = this.run?.events;
    if (!events || !this.run?.window) return;
    const { fromNs, toNs } = this.window;
    const start = events.number('startNs', index), end = Math.max(start, events.duration(index) > 0 ? events.number('endNs', index) : start);
    if (start >= fromNs && end <= toNs) return;
    const width = Math.max(toNs - fromNs, (end - start) * 1.2);
    this.look({ fromNs: (start + end) / 2 - width / 2, toNs: (start + end) / 2 + width / 2 });
  }

  private zoomToSelected(): void {
    const { selected, events } = this.run ?? {};
    if (selected === undefined || !events) return;
    const start = events.number('startNs', selected), duration = events.duration(selected) || 100;
    this.look({ fromNs: start - duration * 4, toNs: start + duration * 5 });
  }

  // ---- mouse and keys ----

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : 0;
    if (sideways !== 0) this.pan(sideways / 1000);
    else this.zoom(Math.exp(Math.max(-240, Math.min(240, event.deltaY)) / 400), this.timeAt(this.point(event).x));
  }

  private press(event: PointerEvent): void {
    if (event.button !== 0) return;
    const { x, y } = this.point(event);
    const isStrip = y >= layout(this.picture.height).minimapTop - 4 && y <= layout(this.picture.height).minimapTop + MINIMAP + 6;
    const start = this.window, whole = this.whole;
    let hasMoved = false;
    const box = this.picture.element;
    const centreOn = (at: number): void => { const half = (start.toNs - start.fromNs) / 2; this.look({ fromNs: at - half, toNs: at + half }); };
    const move = (moved: PointerEvent): void => {
      const to = this.point(moved).x;
      if (!hasMoved && Math.abs(to - x) < 4) return;
      hasMoved = true;
      this.tip.hidden = true;
      if (isStrip) centreOn(this.timeAt(to, whole));
      else {
        const by = (x - to) / this.inner * (start.toNs - start.fromNs);
        this.look({ fromNs: start.fromNs + by, toNs: start.toNs + by });
      }
    };
    const up = (): void => {
      box.removeEventListener('pointermove', move);
      box.removeEventListener('pointerup', up);
      box.removeEventListener('pointercancel', up);
      if (hasMoved) return;
      if (isStrip) return centreOn(this.timeAt(x, whole));
      const index = this.eventUnder(x, y);
      if (index !== undefined) this.actions.select(index);
    };
    box.setPointerCapture(event.pointerId);
    box.addEventListener('pointermove', move);
    box.addEventListener('pointerup', up);
    box.addEventListener('pointercancel', up);
  }

  private hover(event: PointerEvent): void {
    const { x, y } = this.point(event);
    const events = this.run?.events;
    const index = event.buttons === 0 && x > this.left ? this.eventUnder(x, y) : undefined;
    this.tip.hidden = index === undefined;
    if (index === undefined || !events) return;
    const duration = events.duration(index);
    this.tip.replaceChildren(h('code', {}, callText(events, index)), h('span', {}, `${formatNs(duration)}${events.number('blockedNs', index) > 0 ? `, ${formatNs(events.number('blockedNs', index))} of it waiting` : ''}${events.isFailed(index) ? ` - ${events.string('error', index)}` : ''}`));
    const width = this.tip.offsetWidth;
    this.tip.style.left = `${Math.max(4, Math.min(x + 12, this.picture.width - width - 4))}px`;
    this.tip.style.top = `${y + 18}px`;
  }

  private key(event: KeyboardEvent): void {
    const steps: Record<string, () => void> = {
      ArrowLeft: () => event.shiftKey ? this.pan(-0.2) : this.step(-1), ArrowRight: () => event.shiftKey ? this.pan(0.2) : this.step(1),
      ArrowUp: () => this.changeLane(-1), ArrowDown: () => this.changeLane(1), '+': () => this.zoom(0.5), '=': () => this.zoom(0.5), '-': () => this.zoom(2),
      0: () => this.fit(), Home: () => this.jump('first'), End: () => this.jump('last'), Enter: () => this.actions.open(), PageUp: () => this.pan(-0.8), PageDown: () => this.pan(0.8),
    };
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : steps[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  private selectedLane(): Lane | undefined {
    const { lanes } = this.lanes(), { selected, events } = this.run ?? {};
    const own = selected === undefined ? undefined : lanes.find(lane => lane.pid === events?.word('pid', selected));
    return own ?? lanes[this.laneAt] ?? lanes[0];
  }

  private step(by: 1 | -1): void {
    const lane = this.selectedLane(), events = this.run?.events;
    if (!lane || !events) return;
    const selected = this.run?.selected;
    const at = selected === undefined ? nearest(events, lane.events, this.window.fromNs) : nearest(events, lane.events, events.number('startNs', selected)) + by;
    const index = lane.events[Math.max(0, Math.min(lane.events.length - 1, at))];
    if (index !== undefined) this.actions.select(index);
  }

  private changeLane(by: 1 | -1): void {
    const { lanes } = this.lanes(), events = this.run?.events, now = this.selectedLane();
    if (!events || !now) return;
    this.laneAt = Math.max(0, Math.min(lanes.length - 1, lanes.indexOf(now) + by));
    const lane = lanes[this.laneAt], at = this.centre();
    const index = lane?.events[nearest(events, lane.events, at)];
    if (index !== undefined) this.actions.select(index);
  }

  private jump(to: 'first' | 'last'): void {
    const lane = this.selectedLane();
    const index = to === 'first' ? lane?.events[0] : lane?.events.at(-1);
    if (index !== undefined) this.actions.select(index);
  }
}
