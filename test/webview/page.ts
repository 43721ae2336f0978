// The panel's page in Chromium with a VS Code of a few lines around it: its messages, its state, its colours. For what a whole workbench would be too slow for.
import { readFileSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { RunFacts, ToPanel } from '../../src/charts/panel_messages';
import { encodeRows, type EventBatch, type EventRow, type EventTable } from '../../src/trace/columns';
import { findChromium } from '../vscode/workbench';

export type ThemeKind = 'vscode-light' | 'vscode-dark' | 'vscode-high-contrast' | 'vscode-high-contrast-light';

/** Of VS Code's default themes. */
const COLOURS: Record<ThemeKind, Record<string, string>> = {
  'vscode-light': { 'panelTitle-activeForeground': '#3b3b3b', 'panelTitle-inactiveForeground': '#3b3b3b', 'input-foreground': '#3b3b3b', 'input-placeholderForeground': '#767676', 'button-secondaryForeground': '#3b3b3b', 'editor-background': '#ffffff', foreground: '#3b3b3b', 'editor-foreground': '#3b3b3b', descriptionForeground: '#3b3b3b', 'panel-border': '#e5e5e5', focusBorder: '#005fb8', 'charts-blue': '#1a85ff', 'charts-green': '#388a34', 'charts-orange': '#d18616', 'charts-purple': '#652d90', 'charts-yellow': '#bf8803', 'charts-red': '#e51400', errorForeground: '#f85149', 'textLink-foreground': '#005fb8', 'list-hoverBackground': '#f2f2f2', 'list-activeSelectionBackground': '#e8e8e8', 'list-activeSelectionForeground': '#000000', 'badge-background': '#cccccc', 'badge-foreground': '#3b3b3b', 'dropdown-background': '#ffffff', 'dropdown-foreground': '#3b3b3b', 'dropdown-border': '#cecece' },
  'vscode-dark': { 'panelTitle-activeForeground': '#e7e7e7', 'panelTitle-inactiveForeground': '#9d9d9d', 'input-foreground': '#e7e7e7', 'input-placeholderForeground': '#a9a9a9', 'button-secondaryForeground': '#e7e7e7', 'editor-background': '#1f1f1f', foreground: '#cccccc', 'editor-foreground': '#cccccc', descriptionForeground: '#9d9d9d', 'panel-border': '#2b2b2b', focusBorder: '#0078d4', 'charts-blue': '#3794ff', 'charts-green': '#89d185', 'charts-orange': '#d18616', 'charts-purple': '#b180d7', 'charts-yellow': '#cca700', 'charts-red': '#f14c4c', errorForeground: '#f85149', 'textLink-foreground': '#4daafc', 'list-hoverBackground': '#2a2d2e', 'list-activeSelectionBackground': '#04395e', 'list-activeSelectionForeground': '#ffffff', 'badge-background': '#616161', 'badge-foreground': '#f8f8f8', 'dropdown-background': '#313131', 'dropdown-foreground': '#cccccc', 'dropdown-border': '#3c3c3c' },
  'vscode-high-contrast': { 'panelTitle-activeForeground': '#ffffff', 'panelTitle-inactiveForeground': '#ffffff', 'input-foreground': '#ffffff', 'input-placeholderForeground': '#a9a9a9', 'button-secondaryForeground': '#ffffff', 'editor-background': '#000000', foreground: '#ffffff', 'editor-foreground': '#ffffff', descriptionForeground: 'rgba(255, 255, 255, 0.7)', 'panel-border': '#6fc3df', contrastBorder: '#6fc3df', contrastActiveBorder: '#f38518', focusBorder: '#f38518', 'charts-blue': '#3794ff', 'charts-green': '#89d185', 'charts-orange': '#d18616', 'charts-purple': '#b180d7', 'charts-yellow': '#ffd370', 'charts-red': '#f48771', errorForeground: '#f48771', 'textLink-foreground': '#21a6ff', 'badge-background': '#000000', 'badge-foreground': '#ffffff', 'dropdown-background': '#000000', 'dropdown-foreground': '#ffffff', 'dropdown-border': '#6fc3df', 'list-activeSelectionForeground': '#ffffff' },
  'vscode-high-contrast-light': { 'panelTitle-activeForeground': '#292929', 'panelTitle-inactiveForeground': '#292929', 'input-foreground': '#292929', 'input-placeholderForeground': '#767676', 'button-secondaryForeground': '#292929', 'editor-background': '#ffffff', foreground: '#292929', 'editor-foreground': '#292929', descriptionForeground: 'rgba(41, 41, 41, 0.7)', 'panel-border': '#0f4a85', contrastBorder: '#0f4a85', contrastActiveBorder: '#006bbd', focusBorder: '#006bbd', 'charts-blue': '#0063d3', 'charts-green': '#374e06', 'charts-orange': '#d18616', 'charts-purple': '#652d90', 'charts-yellow': '#895503', 'charts-red': '#b5200d', errorForeground: '#b5200d', 'textLink-foreground': '#0f4a85', 'badge-background': '#0f4a85', 'badge-foreground': '#ffffff', 'dropdown-background': '#ffffff', 'dropdown-foreground': '#292929', 'dropdown-border': '#0f4a85', 'list-activeSelectionForeground': '#292929' },
};

export const facts = (more: Partial<RunFacts> = {}): RunFacts => ({ program: 'sample', nowNs: 0, isRunning: false, isOver: true, realCallNs: { clock_gettime: 130 }, canGo: true, ...more });

/** All rows of a table as one batch. */
export function batchOf(events: EventTable): EventBatch {
  const rows = Array.from({ length: events.length }, (_, index) => ({ index, row: rowOf(events, index) }));
  return { length: events.length, first: 0, rows: rows.length, columns: encodeRows(rows), strings: { from: 1, added: events.strings.slice(1) }, sites: { from: 1, added: events.sites.slice(1) }, inherited: [] };
}

export function rowOf(events: EventTable, index: number): EventRow {
  const doubles = Object.fromEntries((['startNs', 'endNs', 'entryNs', 'handlerNs', 'copyNs', 'blockedNs', 'exitNs', 'value', 'instructions'] as const).map(c => [c, events.number(c, index)]));
  const words = Object.fromEntries((['bytes', 'entry', 'code', 'pid', 'name', 'text', 'object', 'error', 'site'] as const).map(c => [c, events.word(c, index)]));
  return { kind: events.kind(index), ...doubles, ...words } as EventRow;
}

export class PanelPage {
  private constructor(readonly page: Page, private readonly browser: Browser) {}

  static async open(theme: ThemeKind = 'vscode-dark', size = { width: 1280, height: 800 }, state: unknown = null): Promise<PanelPage> {
    const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox', '--disable-gpu'] });
    const page = await browser.newPage({ viewport: size });
    const nonce = 'n0nce';
    const variables = Object.entries({ ...COLOURS[theme], 'font-family': '"Segoe UI", "Ubuntu", sans-serif', 'font-size': '13px', 'editor-font-family': 'monospace' }).map(([name, value]) => `--vscode-${name}: ${value};`).join(' ');
    await page.route('http://panel.test/**', route => {
      const url = new URL(route.request().url());
      if (url.pathname === '/webview.js') return route.fulfill({ contentType: 'text/javascript', body: readFileSync('dist/webview.js', 'utf8') });
      if (url.pathname === '/timing.css') return route.fulfill({ contentType: 'text/css', body: readFileSync('media/timing.css', 'utf8') });
      return route.fulfill({
        contentType: 'text/html', headers: { 'content-security-policy': `default-src 'none'; style-src http://panel.test 'nonce-${nonce}'; script-src 'nonce-${nonce}'` },
        body: `<!DOCTYPE html><html lang="en"><head><title>Syscall Timing</title><style nonce="${nonce}">:root { ${variables} }</style><link rel="stylesheet" href="/timing.css"></head><body class="${theme}">
          <script nonce="${nonce}">window.sent = []; window.kept = ${JSON.stringify(state)}; window.acquireVsCodeApi = () => ({ postMessage: m => window.sent.push(m), getState: () => window.kept ?? undefined, setState: s => { window.kept = s; } });</script>
          <script nonce="${nonce}" src="/webview.js"></script></body></html>`,
      });
    });
    await page.goto('http://panel.test/');
    await page.waitForFunction(() => (window as unknown as { sent: { type: string }[] }).sent.some(m => m.type === 'ready'));
    return new PanelPage(page, browser);
  }

  /** Milliseconds from the message's arrival in the page until what it changed is drawn. */
  async tell(message: ToPanel): Promise<number> {
    const plain = message.type === 'events' ? { ...message, batch: { ...message.batch, columns: Buffer.from(message.batch.columns).toString('base64') } } : message;
    return this.page.evaluate(async sent => {
      const data = sent as { type: string; batch?: { columns: unknown } };
      if (data.batch && typeof data.batch.columns === 'string') data.batch.columns = Uint8Array.from(atob(data.batch.columns), c => c.charCodeAt(0));
      const start = performance.now();
      window.dispatchEvent(new MessageEvent('message', { data }));
      await new Promise(resolve => { requestAnimationFrame(() => requestAnimationFrame(resolve)); });
      return performance.now() - start;
    }, plain as unknown);
  }

  /** Until what was asked for is drawn. */
  async settle(): Promise<void> { await this.page.evaluate(() => new Promise(resolve => { requestAnimationFrame(() => requestAnimationFrame(resolve)); })); }

  async sent<T>(type: string): Promise<T[]> { return await this.page.evaluate(wanted => (window as unknown as { sent: { type: string }[] }).sent.filter(m => m.type === wanted), type) as T[]; }
  async state(): Promise<Record<string, unknown>> { return await this.page.evaluate(() => (window as unknown as { kept: unknown }).kept) as Record<string, unknown>; }
  async close(): Promise<void> { await this.browser.close(); }
}
