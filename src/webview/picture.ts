// A chart in the page: an echarts canvas that follows its box, with the chart's sentence for who cannot see it.
import { CustomChart } from 'echarts/charts';
import { GraphicComponent, GridComponent } from 'echarts/components';
import { init, use, type EChartsType } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { Chart, Run } from '../charts/chart';
import type { Theme } from '../charts/theme';
import { h } from './dom';

use([CustomChart, GridComponent, GraphicComponent, CanvasRenderer]);

export class Picture {
  readonly element: HTMLElement;
  private readonly canvas = h('div', { class: 'canvas', 'aria-hidden': 'true' });
  private readonly empty = h('p', { class: 'empty' });
  private instance: EChartsType | undefined;
  width = 0;
  height = 0;

  constructor(readonly chart: Chart, attributes: Record<string, string | number> = { role: 'img' }) {
    this.element = h('div', { class: `picture picture-${chart.id}`, ...attributes }, this.canvas, this.empty);
    this.empty.textContent = chart.empty;
  }

  /** Draws `run`; false when the box has no size yet. */
  draw(run: Run, theme: Theme): boolean {
    const width = this.element.clientWidth;
    if (width === 0) return false;
    const model = this.chart.model(run);
    const sentence = this.chart.sentence(model);
    this.element.setAttribute('aria-label', `${this.chart.title}. ${sentence ?? this.chart.empty}`);
    this.empty.hidden = sentence !== null;
    this.canvas.hidden = sentence === null;
    if (sentence === null) return true;
    const height = this.chart.height(model, width);
    const isNew = !this.instance;
    if (!this.instance) this.instance = init(this.canvas, null, { renderer: 'canvas', width, height });
    else if (width !== this.width || height !== this.height) this.instance.resize({ width, height });
    this.width = width;
    this.height = height;
    this.canvas.style.height = `${height}px`;
    this.instance.setOption(this.chart.option(model, { width, height, theme }), isNew ? { silent: true } : { replaceMerge: ['graphic', 'series'], silent: true });
    this.instance.getZr().flush();
    return true;
  }
}
