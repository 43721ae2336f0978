// The list of events as a grid: only the rows in view are elements, so that a million scroll. Arrow keys walk, Enter opens the line; headers sort.
import { LIST_COLUMNS, callText, cellText, type ListColumn, type Sorting } from '../charts/event_list';
import type { EventTable } from '../trace/columns';
import { h } from './dom';

const ROW = 22;
/** Browsers hold no taller element. */
const MOST_PIXELS = 15_000_000;
const MARGIN = 8;

export interface GridActions {
  select(index: number): void;
  open(index: number): void;
  sort(sorting: Sorting): void;
  /** The person scrolls to before the first row. */
  older(): void;
}

export class EventGrid {
  readonly element: HTMLElement;
  private readonly head = h('div', { role: 'row', class: 'grid-row grid-head', 'aria-rowindex': 1 });
  private readonly body = h('div', { role: 'rowgroup', class: 'grid-body' });
  private readonly scroller = h('div', { class: 'grid-scroller', role: 'grid', tabindex: 0, 'aria-label': 'Calls and other events', 'aria-colcount': LIST_COLUMNS.length });
  private rows: Float64Array = new Float64Array(0);
  private events: EventTable | undefined;
  private startNs = 0;
  private selected: number | undefined;
  private sorting: Sorting = { column: 'time', isDescending: false };

  constructor(private readonly actions: GridActions) {
    for (const [k, column] of LIST_COLUMNS.entries()) {
      const button = h('button', { type: 'button', tabindex: 0, title: `Sort by ${column.title.toLowerCase()}${'help' in column ? `: ${column.help}` : ''}` }, column.title);
      button.addEventListener('click', () => this.sortBy(column.id));
      this.head.append(h('div', { role: 'columnheader', class: `cell cell-${column.id}${column.isNumber ? ' number' : ''}`, 'aria-colindex': k + 1 }, button));
    }
    this.scroller.append(h('div', { role: 'rowgroup', class: 'grid-heads' }, this.head), this.body);
    this.element = h('div', { class: 'grid' }, this.scroller);
    this.scroller.addEventListener('scroll', () => this.draw());
    this.scroller.addEventListener('wheel', event => { if (event.deltaY < 0 && this.scroller.scrollTop === 0) this.actions.older(); }, { passive: true });
    this.scroller.addEventListener('keydown', event => this.key(event));
    this.body.addEventListener('click', event => {
      const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : null;
      if (!row) return;
      const index = Number(row.dataset['index']);
      this.actions.select(index);
      if (event.target instanceof Element && event.target.closest('.cell-site')?.textContent) this.actions.open(index);
    });
    new ResizeObserver(() => this.draw()).observe(this.scroller);
  }

  show(events: EventTable, rows: Float64Array, sorting: Sorting, startNs: number, selected: number | undefined): void {
    Object.assign(this, { events, rows, sorting, startNs, selected });
    for (const [k, column] of LIST_COLUMNS.entries()) this.head.children[k]?.setAttribute('aria-sort', column.id !== sorting.column ? 'none' : sorting.isDescending ? 'descending' : 'ascending');
    this.scroller.setAttribute('aria-rowcount', String(rows.length + 1));
    this.body.style.height = `${Math.min(MOST_PIXELS, rows.length * ROW)}px`;
    this.draw();
  }

  /** Scrolls to the selected event. */
  reveal(): void {
    const at = this.position();
    if (at < 0) return;
    const view = this.scroller.clientHeight - ROW;
    const top = at * ROW * this.squeeze, { scrollTop } = this.scroller;
    if (top < scrollTop || top > scrollTop + view - ROW) this.scroller.scrollTop = Math.max(0, top - view / 2);
    this.draw();
  }

  /** Pixels of scrolling to a pixel of rows: less than 1 where the rows would be too tall for an element. */
  private get squeeze(): number { return Math.min(1, MOST_PIXELS / Math.max(1, this.rows.length * ROW)); }

  private position(): number { return this.selected === undefined ? -1 : this.rows.indexOf(this.selected); }

  private draw(): void {
    const { events } = this;
    if (!events) return;
    const visible = Math.ceil(this.scroller.clientHeight / ROW) + MARGIN;
    const { scrollTop } = this.scroller;
    const first = Math.max(0, Math.min(this.rows.length - visible, Math.floor(scrollTop / this.squeeze / ROW) - MARGIN / 2));
    const offset = this.squeeze < 1 ? scrollTop - (scrollTop / this.squeeze - first * ROW) : first * ROW;
    const elements: HTMLElement[] = [];
    for (let at = first; at < Math.min(this.rows.length, first + visible); at++) {
      const index = this.rows[at] ?? 0;
      const isSelected = index === this.selected;
      const row = h('div', {
        role: 'row', class: `grid-row kind-${events.kind(index)}${events.isFailed(index) ? ' failed' : ''}${isSelected ? ' selected' : ''}`, 'data-index': index, 'aria-rowindex': at + 2, 'aria-selected': isSelected, id: `event-${index}`,
        style: undefined,
      }, ...LIST_COLUMNS.map((column, k) => this.cell(events, index, column.id, column.isNumber, k)));
      row.style.top = `${offset + (at - first) * ROW}px`;
      elements.push(row);
    }
    this.body.replaceChildren(...elements);
    if (this.position() >= 0) this.scroller.setAttribute('aria-activedescendant', `event-${this.selected}`); else this.scroller.removeAttribute('aria-activedescendant');
  }

  private cell(events: EventTable, index: number, column: ListColumn, isNumber: boolean, k: number): HTMLElement {
    const text = cellText(events, index, column, this.startNs);
    return h('div', { role: 'gridcell', class: `cell cell-${column}${isNumber ? ' number' : ''}`, 'aria-colindex': k + 1, title: column === 'call' ? callText(events, index) : column === 'object' ? events.string('object', index) : undefined }, text);
  }

  private sortBy(column: ListColumn): void {
    const isNumber = LIST_COLUMNS.find(c => c.id === column)?.isNumber ?? false;
    // Numbers start with the largest, but time with the earliest.
    const first = isNumber && column !== 'time' && column !== 'pid';
    this.actions.sort({ column, isDescending: this.sorting.column === column ? !this.sorting.isDescending : first });
  }

  private key(event: KeyboardEvent): void {
    if (event.target !== this.scroller || event.ctrlKey || event.altKey || event.metaKey) return;
    const at = this.position(), page = Math.max(1, Math.floor(this.scroller.clientHeight / ROW) - 2);
    const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: this.rows.length - 1 };
    const wanted = to[event.key];
    if (event.key === 'Enter' && this.selected !== undefined) this.actions.open(this.selected);
    else if (wanted === undefined) return;
    else {
      if (wanted < 0) this.actions.older();
      const index = this.rows[Math.max(0, Math.min(this.rows.length - 1, wanted))];
      if (index !== undefined) this.actions.select(index);
      this.reveal();
    }
    event.preventDefault();
  }
}
