// The events of a run outlive the window, and only for a Ringside that reads them as they were written.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EventBatch } from '../../src/trace/columns';
import { keepTiming, readTiming, type TimingRun } from '../../src/extension/kept_timing';

describe('extension/kept_timing', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ringside-timing-')), file = path.join(folder, 'timing.json');
  after(() => { rmSync(folder, { recursive: true }); });
  const run: TimingRun = {
    run: 'a session:1', facts: { program: 'ls', nowNs: 12, isRunning: false, isOver: true, realCallNs: {}, canGo: false },
    batches: [{ rows: 2, columns: Uint8Array.of(1, 2, 255) } as unknown as EventBatch],
  };

  it('reads what was kept', () => {
    assert.equal(readTiming(folder), undefined);
    keepTiming(folder, run);
    assert.deepEqual(readTiming(folder), run);
  });

  it('reads nothing that another build wrote, or that was cut off', () => {
    keepTiming(folder, run);
    const text = readFileSync(file, 'utf8'), { format, ...old } = JSON.parse(text) as { format: string };
    assert.notEqual(format, '');
    for (const other of [JSON.stringify(old), JSON.stringify({ ...old, format: 'columns' }), text.slice(0, -9), '']) {
      writeFileSync(file, other);
      assert.equal(readTiming(folder), undefined);
    }
  });
});
