// Advice as a list: what happened where, what would help, and what it would save.
import { findAdvice, type Finding } from '../charts/advice/advice';
import type { Run } from '../charts/chart';
import { siteText } from '../charts/event_list';
import { formatNs, plural } from '../charts/units';
import { h } from './dom';

export interface AdviceActions { open(file: string, line: number): void; select(index: number): void }

export class AdviceView {
  readonly element = h('div', { class: 'advice' });

  constructor(private readonly actions: AdviceActions) {}

  /** How many findings there are. */
  draw(run: Run): number {
    const findings = findAdvice(run);
    if (findings.length === 0) this.element.replaceChildren(h('p', { class: 'empty' }, run.events.size === 0 ? 'Nothing has run yet.' : 'Nothing to advise: no small writes in a row, no polling, no calls that fail again and again.'));
    else this.element.replaceChildren(h('ul', {}, ...findings.map(finding => this.item(finding))));
    return findings.length;
  }

  private item(finding: Finding): HTMLElement {
    const { site, sentence, remedy, savedNs, calls, events } = finding;
    const head = h('p', { class: 'finding' });
    if (site) {
      const line = h('button', { type: 'button', class: 'link', title: `Open ${site.file} at line ${site.line}` }, siteText(site));
      line.addEventListener('click', () => this.actions.open(site.file, site.line));
      head.append(line, ' ');
    }
    head.append(sentence);
    const show = h('button', { type: 'button', class: 'link' }, plural(calls, 'call'));
    show.title = 'Show the first of them';
    show.addEventListener('click', () => { const [first] = events; if (first !== undefined) this.actions.select(first); });
    return h('li', {}, h('div', { class: 'saving' }, ...savedNs > 0 ? [h('strong', {}, formatNs(savedNs)), h('span', {}, 'to save')] : []), h('div', {}, head, h('p', { class: 'remedy' }, remedy, ' ', show)));
  }
}
