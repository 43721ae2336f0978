// A chart as an SVG document, without a browser. Same model and option as the panel's.
import { CustomChart } from 'echarts/charts';
import { GraphicComponent, GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Chart, Run } from './chart';
import { paper, type Theme } from './theme';

use([CustomChart, GridComponent, GraphicComponent, SVGRenderer]);

const TITLE = 44, NOTE = 30;

/** The document; a chart with nothing to show is drawn as the sentence that says why. */
export function renderSvg(chart: Chart, run: Run, width = 960, theme: Theme = paper): string {
  const model = chart.model(run);
  const sentence = chart.sentence(model);
  const height = sentence === null ? 60 : chart.height(model, width);
  const body = sentence === null ? '' : picture(chart, model, width, height, theme);
  const total = TITLE + NOTE + height;
  const font = escapeXml(theme.font);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escapeXml(`${chart.title}: ${run.program}`)}</title>`,
    `<desc id="desc">${escapeXml(sentence ?? chart.empty)}</desc>`,
    `<rect width="${width}" height="${total}" fill="${theme.background}"/>`,
    `<text x="20" y="30" font-family="${font}" font-size="${theme.fontSize + 4}" font-weight="600" fill="${theme.foreground}">${escapeXml(chart.title)} <tspan font-weight="400" fill="${theme.muted}">${escapeXml(run.program)}</tspan></text>`,
    `<text x="20" y="${TITLE + 6}" font-family="${font}" font-size="${theme.fontSize}" fill="${theme.muted}">${escapeXml(clip(sentence ?? chart.empty, width / (theme.fontSize * 0.5)))}</text>`,
    `<g transform="translate(0 ${TITLE + NOTE})">${body}</g>`, '</svg>', '',
  ].join('\n');
}

/** echarts' own <svg>, nested. */
function picture(chart: Chart, model: unknown, width: number, height: number, theme: Theme): string {
  const instance = init(null, null, { renderer: 'svg', ssr: true, width, height });
  instance.setOption(chart.option(model, { width, height, theme }));
  const svg = instance.renderToSVGString();
  instance.dispose();
  return svg.replace(FOR_BROWSERS, '');
}

/** What echarts adds for a script that would take the picture up: hover styles, numbered classes, indices. */
const FOR_BROWSERS = /<style\s*>[\s\S]*?<\/style>\n?| (?:class|ecmeta_\w+|pointer-events)="[^"]*"/g;

const clip = (text: string, most: number): string => text.length > most ? `${text.slice(0, most - 1)}…` : text;
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeXml = (text: string): string => text.replace(/[&<>"]/g, c => ENTITIES[c] ?? c);
