// What is known of the selected event: the decoded call, its line, its figures and its anatomy.
import type { Run } from '../charts/chart';
import { findChart } from '../charts/charts';
import { siteText } from '../charts/event_list';
import type { Theme } from '../charts/theme';
import { formatBytes, formatNs } from '../charts/units';
import { assert } from '../base/assert';
import { h } from './dom';
import { Picture } from './picture';
import { SmallTable } from './small_table';

export interface DetailActions { open(): void; go(): void }

export class Details {
  readonly element = h('section', { class: 'details', 'aria-label': 'Selected event' });
  private readonly text = h('code', { class: 'call-text' });
  private readonly facts = h('dl', { class: 'facts' });
  private readonly line = h('button', { type: 'button', class: 'link' });
  private readonly goButton = h('vscode-button', { secondary: true }, 'Go there');
  private readonly hint = h('p', { class: 'empty' }, 'Select a call: click it in the timeline or in the list.');
  private readonly content: HTMLElement;
  private readonly picture: Picture;
  private readonly table = new SmallTable('Phases of the selected call');
  private readonly live = h('p', { class: 'unseen', 'aria-live': 'polite' });

  constructor(actions: DetailActions) {
    const chart = findChart('anatomy');
    assert(chart, 'no anatomy');
    this.picture = new Picture(chart);
    this.line.addEventListener('click', () => actions.open());
    this.goButton.addEventListener('click', () => actions.go());
    this.goButton.setAttribute('title', 'Take the debugger to the instant of this call');
    this.content = h('div', {}, this.text, h('div', { class: 'where' }, this.line, this.goButton), this.facts, this.picture.element, h('details', { class: 'twin' }, h('summary', {}, 'Phases as a table'), this.table.element));
    this.element.append(h('h2', {}, 'Selected call'), this.hint, this.content, this.live);
  }

  draw(run: Run, theme: Theme, canGo: boolean): void {
    const { events, selected } = run;
    const isThere = selected !== undefined && selected >= events.first && selected < events.length;
    this.hint.hidden = isThere;
    this.content.hidden = !isThere;
    this.element.classList.toggle('without', !isThere);
    if (!isThere) return;
    const text = events.string('text', selected) || events.string('name', selected);
    this.text.textContent = text;
    const site = events.site(selected);
    this.line.hidden = !site;
    if (site) {
      this.line.textContent = siteText(site);
      this.line.title = `Open ${site.file} at line ${site.line}`;
      this.line.append(h('span', { class: 'function' }, site.function === '' ? '' : ` in ${site.function}`));
    }
    this.goButton.hidden = !canGo;
    this.line.parentElement?.toggleAttribute('hidden', !site && !canGo);
    const start = events.number('startNs', selected);
    const first = events.number('startNs', events.first);
    const on = events.string('object', selected), bytes = events.word('bytes', selected), duration = events.duration(selected);
    const facts: [string, string][] = [
      ['At', `${formatNs(start - first)} after launch`], ['Took', Number.isNaN(duration) ? 'has not returned' : formatNs(duration)], ['Task', String(events.word('pid', selected))],
      ...on === '' ? [] : [['On', on] as [string, string]], ...bytes > 0 ? [['Copied', formatBytes(bytes)] as [string, string]] : [],
    ];
    this.facts.replaceChildren(...facts.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
    const isCall = events.kind(selected) === 'call';
    this.picture.element.hidden = !isCall;
    this.table.element.parentElement?.toggleAttribute('hidden', !isCall);
    if (isCall) {
      this.picture.draw(run, theme);
      this.table.show(this.picture.chart.table(this.picture.chart.model(run)));
    }
    const said = `${text}, ${formatNs(duration)}${site ? `, ${siteText(site)}` : ''}`;
    if (this.live.textContent !== said) this.live.textContent = said;
  }
}
