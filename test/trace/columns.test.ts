import assert from 'node:assert/strict';
import { encodeRows, EventTable, Interner, type EventBatch, type EventRow } from '../../src/trace/columns';

const row = (startNs: number, more: Partial<EventRow> = {}): EventRow => ({
  kind: 'call', startNs, endNs: startNs + 5, entryNs: 1, handlerNs: 2, copyNs: 1, blockedNs: 0, exitNs: 1, value: -2, instructions: 2 ** 40 + startNs, bytes: 7, entry: 9, code: 1, pid: 77, name: 1, text: 0, object: 0, error: 2, site: 1, ...more,
});
const batch = (rows: { index: number; row: EventRow }[], more: Partial<EventBatch> = {}): EventBatch => ({
  length: Math.max(0, ...rows.map(r => r.index + 1)), first: 0, rows: rows.length, columns: encodeRows(rows), strings: { from: 1, added: [] }, sites: { from: 1, added: [] }, inherited: [], ...more,
});

describe('event columns', () => {
  it('what is encoded is what is read', () => {
    const table = new EventTable();
    table.append(batch([{ index: 0, row: row(100) }, { index: 1, row: row(200, { kind: 'vdso', error: 0, endNs: NaN }) }], {
      strings: { from: 1, added: ['openat', 'ENOENT'] }, sites: { from: 1, added: [{ file: '/a.c', line: 3, function: 'main' }] },
    }));
    assert.deepEqual([table.length, table.kind(0), table.kind(1), table.number('instructions', 0), table.word('pid', 1)], [2, 'call', 'vdso', 2 ** 40 + 100, 77]);
    assert.deepEqual([table.string('name', 0), table.string('error', 0), table.isFailed(0), table.isFailed(1), table.duration(0), table.duration(1)], ['openat', 'ENOENT', true, false, 5, NaN]);
    assert.deepEqual(table.site(1), { file: '/a.c', line: 3, function: 'main' });
  });

  it('rows of every kind come back as they were, a few bytes each; those of a loop take less', () => {
    let now = 2 ** 40;
    const mixed = Array.from({ length: 3000 }, (_, i) => {
      const isOpen = i % 700 === 0, entryNs = 30 + i % 2, blockedNs = i % 50 === 0 ? 5e9 : 0, handlerNs = 100 + i * 7919 % 400, isCall = i % 9 !== 0;
      now += 57 + i * 31 % 300;
      return { index: 5 * i, row: row(now, { kind: isCall ? 'call' : 'vdso', entryNs, blockedNs, handlerNs: isOpen ? NaN : isCall ? handlerNs : 0, endNs: isOpen ? NaN : now + entryNs + handlerNs + 2 + blockedNs, value: isOpen ? NaN : i % 11 === 0 ? 0x7fff12345000 + i : -2, entry: i, code: i % 13, site: i % 40, text: i % 90 }) };
    });
    const table = new EventTable();
    table.append(batch(mixed.map(({ row }, index) => ({ index, row }))));
    for (const [index, { row: expected }] of mixed.entries()) {
      for (const column of ['startNs', 'endNs', 'entryNs', 'handlerNs', 'copyNs', 'blockedNs', 'exitNs', 'value', 'instructions'] as const) assert.equal(table.number(column, index), expected[column], column);
      for (const column of ['bytes', 'entry', 'code', 'pid', 'name', 'text', 'object', 'error', 'site'] as const) assert.equal(table.word(column, index), expected[column], column);
      assert.equal(table.kind(index), expected.kind);
    }
    assert.ok(encodeRows(mixed).length < 25 * mixed.length);
    assert.ok(encodeRows(Array.from({ length: 3000 }, (_, index) => ({ index, row: row(1e9 + 57 * index, { entry: index }) }))).length < 2 * 3000);
  });

  it('a call that was open comes again when it has returned', () => {
    const table = new EventTable();
    table.append(batch([{ index: 0, row: row(1, { endNs: NaN }) }, { index: 1, row: row(2) }]));
    table.append(batch([{ index: 0, row: row(1, { endNs: 50 }) }, { index: 2, row: row(60) }]));
    assert.deepEqual([table.length, table.duration(0), table.number('startNs', 2), table.revision], [3, 49, 60, 0]);
  });

  it('a run that is changed in its past loses what came after', () => {
    const table = new EventTable();
    table.append(batch([0, 1, 2, 3].map(index => ({ index, row: row(index * 10) }))));
    table.append(batch([], { length: 2 }));
    assert.deepEqual([table.length, table.revision], [2, 1]);
    table.append(batch([{ index: 2, row: row(25) }]));
    assert.deepEqual([table.length, table.number('startNs', 2)], [3, 25]);
  });

  it('the oldest quarter goes when the table is full, and row numbers stay', () => {
    const table = new EventTable(1000);
    for (let from = 0; from < 2500; from += 100) table.append(batch(Array.from({ length: 100 }, (_, i) => ({ index: from + i, row: row(from + i) }))));
    assert.equal(table.length, 2500);
    assert.ok(table.first >= 1500 && table.size <= 1000, `${table.first}`);
    assert.deepEqual([table.number('startNs', table.first), table.number('startNs', 2499), table.number('startNs', 0)], [table.first, 2499, NaN]);
    table.put(3, row(3));
    assert.equal(table.number('startNs', 3), NaN);
  });

  it('older rows are put before the first; where there are too many, the newest go and none are added', () => {
    const rows = (from: number, to: number): { index: number; row: EventRow }[] => Array.from({ length: to - from }, (_, i) => ({ index: from + i, row: row(from + i) }));
    const table = new EventTable(1000);
    table.append(batch(rows(2000, 2500)));
    table.prepend(batch(rows(1800, 2010), { length: 2500, strings: { from: 1, added: ['old'] } }));
    assert.deepEqual([table.first, table.length, table.isCut, table.total, table.string('name', 1800)], [1800, 2500, false, 2500, 'old']);
    table.append(batch(rows(2500, 2600)));
    table.prepend(batch(rows(1300, 1800), { length: 2600 }));
    assert.deepEqual([table.first, table.length, table.isCut], [1300, 2300, true]);
    for (let index = 1300; index < 2300; index++) assert.deepEqual([table.number('startNs', index), table.number('instructions', index), table.word('pid', index)], [index, 2 ** 40 + index, 77]);
    table.append(batch(rows(2600, 2700)));
    assert.deepEqual([table.length, table.total], [2300, 2700]);
    table.prepend(batch(rows(100, 200), { length: 2700 }));
    assert.equal(table.first, 1300, 'rows that do not reach to the first one are none');
  });

  it('the same text has the same number, and only new texts travel', () => {
    const texts = new Interner<string>(text => text, 3);
    assert.deepEqual([texts.number('a'), texts.number('b'), texts.number('a')], [1, 2, 1]);
    assert.deepEqual(texts.take(), { from: 1, added: ['a', 'b'] });
    assert.deepEqual([texts.number('c'), texts.number('d')], [3, 0]);
    assert.deepEqual(texts.take(), { from: 3, added: ['c'] });
  });
});
