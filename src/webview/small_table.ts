// A chart's twin: the same figures as a table, sorted by its headers.
import { textOf, valueOf, type Table } from '../charts/chart';
import { h } from './dom';

export class SmallTable {
  readonly element = h('div', { class: 'small-table', tabindex: 0, role: 'region' });
  private table: Table = { columns: [], rows: [] };
  private sortedBy = -1;
  private isDescending = false;

  constructor(private readonly caption: string, private readonly onRow?: (row: number) => void) {
    this.element.setAttribute('aria-label', caption);
  }

  show(table: Table): void {
    this.table = table;
    this.draw();
  }

  private draw(): void {
    const { columns, rows } = this.table;
    const order = rows.map((_, i) => i);
    if (this.sortedBy >= 0) {
      const value = (i: number): number | string => valueOf(rows[i]?.[this.sortedBy] ?? '');
      order.sort((a, b) => { const x = value(a), y = value(b); return (x < y ? -1 : x > y ? 1 : 0) * (this.isDescending ? -1 : 1) || a - b; });
    }
    const heads = columns.map((column, k) => {
      const button = h('button', { type: 'button', title: column.help ?? `Sort by ${column.title.toLowerCase()}` }, column.title);
      button.addEventListener('click', () => {
        this.isDescending = this.sortedBy === k ? !this.isDescending : column.isNumber;
        this.sortedBy = k;
        this.draw();
        this.element.querySelectorAll('button')[k]?.focus();
      });
      return h('th', { scope: 'col', class: column.isNumber ? 'number' : undefined, 'aria-sort': this.sortedBy !== k ? 'none' : this.isDescending ? 'descending' : 'ascending' }, button);
    });
    const body = order.map(i => {
      const row = h('tr', {}, ...columns.map((column, k) => {
        const text = textOf(rows[i]?.[k] ?? '');
        return k === 0 ? h('th', { scope: 'row' }, text) : h('td', { class: column.isNumber ? 'number' : undefined }, text);
      }));
      if (this.onRow) row.addEventListener('click', () => this.onRow?.(i));
      return row;
    });
    this.element.replaceChildren(h('table', {}, h('caption', { class: 'unseen' }, this.caption), h('thead', {}, h('tr', {}, ...heads)), h('tbody', {}, ...body)));
  }
}
