// The bar above the timeline where the panel has not all events of the run: which are left out, and buttons to have them.
import type { RunFacts } from '../charts/panel_messages';
import { formatCount } from '../charts/units';
import type { EventTable } from '../trace/columns';
import { h } from './dom';

export class OlderBar {
  readonly element = h('div', { class: 'older' });
  private readonly text = h('span', { role: 'status' });
  private readonly older = h('vscode-button', { secondary: true }, 'Older events');
  private readonly newest = h('vscode-button', { secondary: true }, 'Newest events');
  /** Older ones are asked for. */
  isAsking = false;
  private isRefused = false;

  constructor(actions: { older(): void; newest(): void }) {
    this.older.addEventListener('click', () => actions.older());
    this.newest.addEventListener('click', () => actions.newest());
    this.element.append(this.text, this.older, this.newest);
  }

  /** True: they are to be asked for. */
  ask(events: EventTable, facts: RunFacts): boolean {
    if (this.isAsking || events.first === 0 || facts.isOver) return false;
    this.isRefused = false;
    return this.isAsking = true;
  }

  answered(isThere: boolean): void {
    this.isAsking = false;
    this.isRefused = !isThere;
  }

  draw(events: EventTable, facts: RunFacts): void {
    const { first, length, total, isCut } = events;
    this.element.hidden = first === 0 && !isCut;
    if (this.element.hidden) return;
    const left = formatCount(first);
    const text = this.isAsking ? `The run is repeated to have events before number ${formatCount(first + 1)} again.`
      : facts.isOver && first > 0 ? `The first ${left} events are not kept: the session is over.`
        : this.isRefused ? `The first ${left} events cannot be had now.`
          : isCut ? `Events ${formatCount(first + 1)} to ${formatCount(length)} of ${formatCount(total)}.` : `The first ${left} events are not shown.`;
    if (this.text.textContent !== text) this.text.textContent = text;
    this.older.hidden = first === 0 || facts.isOver || this.isAsking;
    this.newest.hidden = !isCut;
  }
}
