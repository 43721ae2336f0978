// The head of the panel: which program, whether it runs, and how its time was spent, as a bar with figures.
import type { RunFacts } from '../charts/panel_messages';
import type { Run } from '../charts/chart';
import { sumTimes } from '../charts/timeline';
import { STATES, STATE_NAMES, type Theme } from '../charts/theme';
import { formatCount, formatNs, formatShare } from '../charts/units';
import { h } from './dom';

export class SummaryBar {
  readonly element = h('div', { class: 'summary' });
  private readonly title = h('h1', {});
  private readonly status = h('span', { class: 'status', role: 'status' });
  private readonly figures = h('span', { class: 'figures' });
  private readonly bar = h('div', { class: 'spent', 'aria-hidden': 'true' });

  constructor() {
    this.element.append(h('div', { class: 'summary-text' }, this.title, this.status, this.figures), this.bar);
  }

  draw(run: Run, facts: RunFacts, theme: Theme, calls: number): void {
    this.title.textContent = facts.program === '' ? 'Syscall timing' : facts.program;
    const status = facts.program === '' ? '' : facts.isOver ? 'ended' : facts.isRunning ? 'running' : 'stopped';
    if (this.status.textContent !== status) this.status.textContent = status;
    this.status.dataset['state'] = status;
    const lanes = run.lanes?.lanes ?? [];
    const times = sumTimes(lanes, run.nowNs);
    const total = Object.values(times).reduce((sum, ns) => sum + ns, 0);
    const start = lanes.reduce((least, lane) => Math.min(least, lane.startNs), run.nowNs);
    this.figures.textContent = lanes.length === 0 ? '' : `${formatNs(run.nowNs - start)} of virtual time, ${formatCount(calls)} calls`;
    this.bar.hidden = total === 0;
    this.bar.replaceChildren(...STATES.filter(state => times[state] > 0).map(state => {
      const part = times[state] / total;
      const piece = h('div', { title: `${STATE_NAMES[state]}: ${formatNs(times[state])}, ${formatShare(part)}` }, part > 0.08 ? `${STATE_NAMES[state]} ${formatShare(part)}` : '');
      Object.assign(piece.style, { flexGrow: String(part), background: theme.states[state], color: theme.on[state] });
      return piece;
    }));
  }
}
