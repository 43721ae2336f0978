// The measured part of run.mjs: a made-up run of so many events in the panel's page, and the time of its frames.
import { facts, PanelPage } from '../../test/webview/page';
import { encodeRows, type EventBatch, type EventRow } from '../../src/trace/columns';

const PIECE = 32_768, TASKS = 4;

/** Calls of four tasks, of 100 ns to 10 us, one of them blocked now and then. */
function piece(from: number, count: number, clock: { now: number; seed: number }): EventBatch {
  const random = (most: number): number => { clock.seed = (Math.imul(clock.seed, 1103515245) + 12345) & 0x7fffffff; return clock.seed % most; };
  const rows: { index: number; row: EventRow }[] = [];
  for (let i = 0; i < count; i++) {
    const startNs = clock.now + 50 + random(400), length = 100 + (random(20) === 0 ? random(10_000) : random(300)), blockedNs = random(50) === 0 ? length / 2 : 0;
    clock.now = startNs + length;
    rows.push({ index: from + i, row: {
      kind: random(10) === 0 ? 'vdso' : 'call', startNs, endNs: clock.now, entryNs: 35, handlerNs: length - 75 - blockedNs, copyNs: 10, blockedNs, exitNs: 30, value: 1, instructions: startNs * 3, bytes: 1, entry: i, code: 1, pid: 1 + random(TASKS), name: 1 + random(3), text: 4, object: 0, error: 0, site: 0,
    } });
  }
  return { length: from + count, first: 0, rows: count, columns: encodeRows(rows), strings: { from: 1, added: from === 0 ? ['read', 'write', 'clock_gettime', 'write(1, "x", 1) = 1'] : [] }, sites: { from: 1, added: [] }, inherited: [] };
}

export async function measure(events: number): Promise<Record<string, number | Record<string, number>>> {
  const panel = await PanelPage.open('vscode-dark', { width: 1400, height: 900 });
  const { page } = panel;
  const clock = { now: 0, seed: 1 };
  await panel.tell({ type: 'begin', run: 'bench', facts: facts({ isRunning: true, isOver: false }) });
  let takenMs = 0, bytes = 0;
  for (let from = 0; from < events; from += PIECE) {
    const batch = piece(from, Math.min(PIECE, events - from), clock);
    bytes += batch.columns.length;
    takenMs += await panel.tell({ type: 'events', batch });
  }
  takenMs += await panel.tell({ type: 'facts', facts: facts({ nowNs: clock.now }) });
  await page.waitForTimeout(3000);
  const box = await page.locator('.picture-timeline').boundingBox();
  if (!box) throw new Error('no timeline');
  // In the page: a wheel turn, then the time until its frame is drawn.
  const frames = await page.evaluate(async ({ x, y }) => {
    const target = document.querySelector('.picture-timeline');
    const times: number[] = [];
    const frame = (): Promise<number> => new Promise(resolve => { requestAnimationFrame(resolve); });
    for (let i = 0; i < 240; i++) {
      const isPan = i % 3 === 2, zoomsIn = i % 80 < 40;
      await frame();
      const start = performance.now();
      target?.dispatchEvent(new WheelEvent('wheel', { clientX: x + (i * 37) % 600, clientY: y, deltaY: isPan ? 60 : zoomsIn ? -120 : 120, shiftKey: isPan, bubbles: true, cancelable: true }));
      await frame();
      // The next frame starts when this one has been put on the screen.
      await new Promise(resolve => { setTimeout(resolve, 0); });
      times.push(performance.now() - start);
    }
    return times;
  }, { x: box.x + 300, y: box.y + 60 });
  const listMs = await page.evaluate(() => { const start = performance.now(); document.querySelector<HTMLElement>('.grid-head [aria-colindex="5"] button')?.click(); return performance.now() - start; });
  await panel.close();
  const sorted = frames.sort((a, b) => a - b);
  const at = (q: number): number => Number((sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN).toFixed(1));
  return { events, bytesPerEvent: Number((bytes / events).toFixed(1)), takenMs: Math.round(takenMs), frameMs: { median: at(0.5), p95: at(0.95), longest: at(1) }, sortedMs: Math.round(listMs) };
}
