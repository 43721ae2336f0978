import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { charts, findChart } from '../../src/charts/charts';
import { textOf, type Run, type Table } from '../../src/charts/chart';
import { renderSvg } from '../../src/charts/render';
import { collectStatistics, quantile } from '../../src/charts/statistics';
import { tableCsv, tableObjects, tableText } from '../../src/charts/text';
import { tickValues, ticks } from '../../src/charts/timeline';
import { formatBytes, formatCount, formatNs, formatShare } from '../../src/charts/units';
import { CHART_IDS } from '../../src/cli/arguments';
import { EventTable } from '../../src/trace/columns';
import { TraceBuilder, pipeRun } from './runs';

const tableOf = (id: string, run: Run): Table => { const chart = findChart(id)!; return chart.table(chart.model(run)); };
const sentenceOf = (id: string, run: Run): string | null => { const chart = findChart(id)!; return chart.sentence(chart.model(run)); };
const emptyRun = (): Run => ({ events: new EventTable(), program: 'none', nowNs: 0, realCallNs: {} });

describe('charts', () => {
  for (const chart of charts) {
    it(`${chart.id}: the picture of a known trace (golden)`, () => {
      const file = `test/golden/charts/${chart.id}.svg`, svg = renderSvg(chart, pipeRun());
      if (process.env['UPDATE_GOLDEN']) writeFileSync(file, svg);
      const golden = existsSync(file) ? readFileSync(file, 'utf8') : '';
      if (svg !== golden) writeFileSync(`${file}.actual`, svg); else rmSync(`${file}.actual`, { force: true });
      assert.ok(svg === golden, `${file} differs from ${file}.actual`);
    });

    it(`${chart.id}: an SVG is well-formed, titled and described`, () => {
      const svg = renderSvg(chart, pipeRun());
      const open: string[] = [];
      for (const [tag, close, name, self] of svg.matchAll(/<(\/?)([a-zA-Z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g)) {
        if (self) continue;
        if (close) assert.equal(open.pop(), name, tag); else open.push(name!);
      }
      assert.deepEqual(open, []);
      assert.equal(svg.replace(/<\/?[a-zA-Z]+(?:\s+[\w:-]+="[^"<]*")*\s*\/?>/g, '').includes('<'), false);
      assert.match(svg, /<title id="title">.+: sample<\/title>\n<desc id="desc">\S/);
    });

    it(`${chart.id}: without events it says why it is empty`, () => {
      const run = emptyRun();
      assert.equal(chart.sentence(chart.model(run)), null);
      assert.match(chart.empty, /^[A-Z].*\.$/);
      assert.match(renderSvg(chart, run), new RegExp(chart.empty.slice(0, 20)));
    });

    it(`${chart.id}: its table has a cell for each column`, () => {
      const { columns, rows } = tableOf(chart.id, pipeRun());
      assert.ok(rows.length > 0);
      for (const row of rows) assert.equal(row.length, columns.length);
      assert.equal(new Set(columns.map(c => c.id)).size, columns.length);
    });
  }

  it('the command line knows the charts of the registry', () => assert.deepEqual(CHART_IDS, charts.map(chart => chart.id)));

  it('the timeline says how the time of all tasks was spent', () => {
    assert.match(sentenceOf('timeline', pipeRun()) ?? '', /^2 tasks in 408 µs: [\d.]+ % user, <0\.1 % vDSO, [\d.]+ % kernel, .* blocked\.$/);
  });

  it('a timeline that moves may be drawn coarser where it is dense, and only there', () => {
    const timeline = findChart('timeline')!, dense = new TraceBuilder();
    for (let i = 0, now = 0; i < 20_000; i++) now = dense.call(1 + i % 2, 'write', now + 300, 300 + i * 7919 % 1000);
    const size = (run: Run): number => renderSvg(timeline, run).length;
    const whole = dense.run(20_000_000);
    assert.ok(size({ ...whole, coarse: 4 }) < size(whole) / 2);
    const picture = (run: Run): string => renderSvg(timeline, run).replace(/zr\d+/g, 'zr');
    assert.equal(picture({ ...pipeRun(), coarse: 8 }), picture(pipeRun()));
  });

  it('figures are exact: count, errors, quantiles, totals', () => {
    const t = new TraceBuilder();
    let now = 0;
    for (let i = 1; i <= 100; i++) now = t.call(1, 'read', now, i * 10, { bytes: 3, ...i > 98 ? { failed: 'EAGAIN', value: -11 } : {} });
    t.event('call', 1, now, NaN, { called: 'read' });
    const [row] = collectStatistics(t.events);
    assert.deepEqual([row?.count, row?.errors, row?.totalNs, row?.bytes, row?.share], [100, 2, 50_500, 300, 1]);
    assert.deepEqual([0, 0.5, 0.99, 1].map(q => quantile(row!.durations, q)), [10, 500, 990, 1000]);
    const cells = tableObjects(tableOf('distribution', t.run(now)))[0];
    assert.deepEqual([cells?.['min'], cells?.['median'], cells?.['p99'], cells?.['max']], [10, 500, 990, 1000]);
  });

  it('the distribution is of the window that is looked at', () => {
    const t = new TraceBuilder();
    for (let i = 0; i < 10; i++) t.call(1, 'getpid', i * 1000, 100);
    const model = (window?: Run['window']): unknown => tableObjects(tableOf('distribution', t.run(10_000, { window })))[0]?.['count'];
    assert.deepEqual([model(), model({ fromNs: 2000, toNs: 4999 })], [10, 3]);
  });

  it('the vDSO stands beside the real call: measured where there is one, else by the cost model', () => {
    const t = new TraceBuilder();
    for (let i = 0; i < 10; i++) t.event('vdso', 1, i * 100, i * 100 + 20, { called: 'clock_gettime', at: 'a.c:1' });
    t.event('vdso', 1, 1000, 1030, { called: 'clock_gettime', failed: 'fallback', at: 'a.c:9' });
    for (let i = 0; i < 5; i++) t.event('vdso', 1, 2000 + i * 100, 2004 + i * 100, { called: 'time', at: 'a.c:2' });
    const rows = (): Record<string, string | number>[] => tableObjects(tableOf('vdso', t.run(9999)));
    assert.deepEqual(rows().map(r => [r['function'], r['site'], r['vdsoCalls'], r['vdsoEach'], r['realEach'], r['saved']]), [
      ['clock_gettime', 'all', 10, 20, 130, 1100], ['clock_gettime', 'a.c:1', 10, 20, 130, 1100], ['time', 'all', 5, 4, 110, 530], ['time', 'a.c:2', 5, 4, 110, 530],
    ]);
    t.call(1, 'clock_gettime', 3000, 220, { at: 'a.c:3' });
    assert.deepEqual(rows().slice(0, 3).map(r => [r['site'], r['vdsoCalls'], r['realCalls'], r['realEach'], r['saved']]), [['all', 10, 1, 220, 2000], ['a.c:1', 10, 0, 220, 2000], ['a.c:3', 0, 1, 220, 0]]);
  });

  it('the phases of a call add up to the whole', () => {
    const run = pipeRun();
    const [phases, total] = [tableObjects(tableOf('anatomy', run)), run.events.duration(run.selected!)];
    assert.deepEqual(phases.map(p => p['phase']), ['entry', 'handler', 'copy', 'blocked', 'exit']);
    assert.equal(phases.reduce((sum, p) => sum + Number(p['ns']), 0), total);
  });

  it('units: three digits, and one unit for the labels of an axis', () => {
    assert.deepEqual([0, 7, 98.94, 1234, 98_900, 5e8, 2.5e9, NaN].map(formatNs), ['0 ns', '7 ns', '98.9 ns', '1.23 µs', '98.9 µs', '500 ms', '2.5 s', '–']);
    assert.deepEqual([0, 999, 1000, 1234567].map(formatCount), ['0', '999', '1,000', '1,234,567']);
    assert.deepEqual([0, 0.0001, 0.123, 1].map(formatShare), ['0 %', '<0.1 %', '12.3 %', '100 %']);
    assert.deepEqual([1, 1024, 1 << 20].map(formatBytes), ['1 B', '1 KiB', '1 MiB']);
    assert.deepEqual([[0, 1000], [0, 7], [5e6, 6e6]].map(([fromNs = 0, toNs = 0]) => ticks({ fromNs, toNs }, 880)), [200, 1, 200_000]);
  });

  it('the ticks of a zoomed window are round instants since launch', () => assert.deepEqual(tickValues({ fromNs: 1148, toNs: 1357 }, 100, 50), [1050, 1100, 1150, 1200, 1250]));

  it('tables as text keep numbers to the right; CSV quotes and has plain numbers', () => {
    const table: Table = { columns: [{ id: 'a', title: 'Call', isNumber: false }, { id: 'b', title: 'Total', isNumber: true }], rows: [['x,"y"', { text: '1.2 µs', value: 1200 }], ['longer name', { text: '7 ns', value: 7 }]] };
    assert.equal(tableText(table), 'Call          Total\n-----------  ------\nx,"y"        1.2 µs\nlonger name    7 ns\n');
    assert.equal(tableCsv(table), 'Call,Total\r\n"x,""y""",1200\r\nlonger name,7\r\n');
    assert.deepEqual(table.rows.map(row => row.map(textOf)), [['x,"y"', '1.2 µs'], ['longer name', '7 ns']]);
  });
});
