// The panel's page by itself: what it shows, how it answers mouse and keys, what axe-core says, and what it keeps.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pipeRun } from '../charts/runs';
import { missingVSCode } from '../vscode/workbench';
import { encodeRows, type EventBatch } from '../../src/trace/columns';
import { batchOf, facts, PanelPage, rowOf, type ThemeKind } from './page';

const missing = [process.env['DESKTOP_VSCODE'] ? 'a desktop VS Code is tested' : missingVSCode(), !existsSync('dist/webview.js') && 'dist/webview.js is not built'].find(Boolean);
const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const TABS = ['Calls', 'Distribution', 'vDSO', 'Advice', 'Tasks'];

(missing ? describe.skip : describe)(`the timing panel${missing ? ` (skipped: ${missing})` : ''}`, function () {
  this.timeout(60_000);
  let panel: PanelPage;

  const fill = async (): Promise<void> => {
    const run = pipeRun();
    const known = facts({ nowNs: run.nowNs, cursorNs: run.cursorNs });
    await panel.tell({ type: 'begin', run: 'one', facts: known });
    await panel.tell({ type: 'events', batch: batchOf(run.events) });
    await panel.tell({ type: 'facts', facts: known });
    await panel.page.locator('.figures').filter({ hasText: '27 calls' }).waitFor();
    await panel.page.waitForTimeout(450); // what lies below the timeline is drawn a little later
  };
  const tab = async (name: string): Promise<void> => { await panel.page.locator('vscode-tab-header').filter({ hasText: name }).click(); await panel.settle(); };

  afterEach(async () => { await panel.close(); });

  it('keeps tab, filter, window and selection, and takes them up again', async () => {
    panel = await PanelPage.open();
    await fill();
    await tab('Distribution');
    await panel.page.locator('.picture-timeline').focus();
    await panel.page.keyboard.press('End');
    await panel.page.keyboard.press('+');
    await panel.settle();
    const kept = await panel.state();
    assert.deepEqual([kept['tab'], kept['run'], typeof kept['selected'], typeof (kept['window'] as { fromNs: number }).fromNs], ['distribution', 'one', 'number', 'number']);
    await panel.close();
    panel = await PanelPage.open('vscode-dark', undefined, kept);
    await fill();
    assert.equal(await panel.page.locator('vscode-tab-header[active]').textContent(), 'Distribution');
    assert.deepEqual(await panel.state(), kept);
    // Another run has other events: what was chosen is forgotten, how it is shown is not.
    await panel.tell({ type: 'begin', run: 'two', facts: facts() });
    const after = await panel.state();
    assert.deepEqual([after['tab'], after['selected'], after['window']], ['distribution', null, null]);
  });

  it('everything is reached by keys', async () => {
    panel = await PanelPage.open();
    await fill();
    const seen = new Set<string>();
    for (let i = 0; i < 26; i++) {
      await panel.page.keyboard.press('Tab');
      seen.add(await panel.page.evaluate(() => { let e = document.activeElement; const name = e?.getAttribute('aria-label') ?? e?.getAttribute('label') ?? e?.textContent ?? ''; while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement; return name.trim(); }));
    }
    const all = [...seen].join('|');
    for (const wanted of [/Zoom in/, /Zoom out/, /Fit/, /Export/, /Timeline\./, /Calls/, /Filter the list|Filter/, /Duration/, /Calls and other events/]) assert.match(all, wanted);
  });

  it('"Go there" and a line ask the extension', async () => {
    panel = await PanelPage.open();
    await fill();
    await panel.page.locator('.grid-body .grid-row').filter({ hasText: 'ENOENT' }).click();
    await panel.page.getByRole('button', { name: 'Go there' }).click();
    await panel.page.locator('.details .link').click();
    assert.deepEqual((await panel.sent<{ file: string; line: number }>('open')).map(({ file, line }) => [file, line]), [['/src/sample.c', 10]]);
    assert.equal((await panel.sent<{ instructions: number }>('go')).length, 1);
  });

  it('events that it has not are asked for where the person moves to before the first one, in words and by a button', async () => {
    panel = await PanelPage.open();
    const { events, nowNs } = pipeRun(), all = batchOf(events), known = facts({ nowNs, isOver: false });
    const part = (from: number, to: number): EventBatch => ({ ...all, rows: to - from, columns: encodeRows(Array.from({ length: to - from }, (_, i) => ({ index: from + i, row: rowOf(events, from + i) }))) });
    const bar = panel.page.locator('.older');
    await panel.tell({ type: 'begin', run: 'one', facts: known });
    await panel.tell({ type: 'events', batch: part(20, events.length) });
    await panel.tell({ type: 'facts', facts: known });
    await bar.filter({ hasText: 'The first 20 events are not shown.' }).waitFor();
    await panel.page.locator('.picture-timeline').focus();
    for (const key of ['+', 'Home', 'PageUp', 'PageUp', 'PageUp', 'PageUp']) await panel.page.keyboard.press(key);
    await bar.filter({ hasText: 'The run is repeated' }).waitFor();
    assert.deepEqual(await panel.sent('older'), [{ type: 'older', before: 20 }]);
    await panel.tell({ type: 'older', batch: part(5, 20) });
    await bar.filter({ hasText: 'The first 5 events are not shown.' }).waitFor();
    await bar.locator('vscode-button').filter({ hasText: 'Older events' }).click();
    assert.deepEqual((await panel.sent('older')).length, 2);
    await panel.tell({ type: 'older', batch: part(0, 5) });
    await bar.waitFor({ state: 'hidden' });
    await panel.page.locator('.figures').filter({ hasText: '27 calls' }).waitFor();
    await panel.tell({ type: 'begin', run: 'two', facts: known });
    await panel.tell({ type: 'events', batch: part(20, events.length) });
    await panel.tell({ type: 'facts', facts: { ...known, isOver: true } });
    await bar.filter({ hasText: 'not kept: the session is over' }).waitFor();
  });

  it('a part of the bar is named where its name fits as a whole, and not where it does not', async () => {
    panel = await PanelPage.open();
    await fill();
    let named = 0, unnamed = 0;
    for (const width of [1280, 700, 460, 380]) {
      await panel.page.setViewportSize({ width, height: 800 });
      await panel.settle();
      const places = await panel.page.evaluate(() => [...document.querySelectorAll('.spent > div')].filter(part => part.textContent !== '').map(part => {
        const range = document.createRange();
        range.selectNodeContents(part);
        const text = range.getBoundingClientRect(), box = part.getBoundingClientRect();
        return { text: part.textContent, isShown: text.top < box.bottom, fits: text.right <= box.right };
      }));
      for (const { text, isShown, fits } of places) assert.ok(!isShown || fits, `${text} is cut at ${width} pixels`);
      named += places.filter(({ isShown }) => isShown).length;
      unnamed += places.filter(({ isShown }) => !isShown).length;
    }
    assert.ok(named > 0 && unnamed > 0, `${named} named, ${unnamed} not`);
  });

  it('exports are what they say', async () => {
    panel = await PanelPage.open();
    await fill();
    for (const format of ['csv', 'svg-timeline', 'chrome']) await panel.page.locator('select.export').selectOption(format);
    const [csv, svg, chrome] = await panel.sent<{ name: string; text: string }>('save');
    assert.match(csv?.text ?? '', /^index,kind,pid/);
    assert.match(svg?.text ?? '', /^<svg xmlns=/);
    const trace = JSON.parse(chrome?.text ?? '{}') as { traceEvents: { ph: string; name: string; ts: number; dur: number; tid: number }[] };
    const call = trace.traceEvents.find(e => e.name === 'nanosleep');
    assert.deepEqual([call?.ph, call?.tid, call?.dur], ['X', 2, 60]);
  });

  /** The colours differ by theme, the structure by tab and width. */
  const looks: [ThemeKind, number][] = [['vscode-light', 1280], ['vscode-dark', 520], ['vscode-high-contrast', 1280], ['vscode-high-contrast-light', 520]];
  for (const [theme, width] of looks) {
    it(`axe-core finds nothing in ${theme} at ${width} pixels: empty, ${TABS.join(', ')}`, async () => {
      const violations: string[] = [];
      panel = await PanelPage.open(theme, { width, height: 800 });
      await panel.page.evaluate(readFileSync(axeFile, 'utf8'));
      const check = async (where: string): Promise<void> => {
        const found = await panel.page.evaluate(() => (window as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[] }> } }).axe.run());
        violations.push(...found.violations.map(v => `${where}: ${v.id} (${v.impact}): ${v.nodes[0]?.html.slice(0, 160)} ${v.nodes[0]?.failureSummary}`));
      };
      await check('empty');
      await fill();
      await panel.page.locator('.grid-body .grid-row').nth(2).click();
      for (const name of TABS) {
        await tab(name);
        await check(name);
      }
      assert.deepEqual(violations, []);
    });
  }
});
