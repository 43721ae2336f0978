import assert from 'node:assert/strict';
import { cellText, inOrder, listEvents, listTable, type Filter, type Sorting } from '../../src/charts/event_list';
import { chromeTrace } from '../../src/charts/chrome_trace';
import { TraceBuilder, pipeRun } from './runs';

const run = pipeRun();
const { events } = run;
const found = (text: string, showsAll = false, sorting: Sorting = inOrder): string[] => Array.from(listEvents(events, { text, showsAll } satisfies Filter, sorting), index => events.string('name', index));

describe('the list of events', () => {
  it('faults and switches are shown on request', () => {
    assert.equal(found('').includes('page fault'), false);
    assert.equal(found('', true).filter(name => name === 'page fault').length, 12);
    assert.equal(found('', true).length, events.length);
  });

  for (const [words, names] of [
    ['openat', ['openat']], ['/etc/none', ['openat']], ['ENOENT', ['openat']], ['failed', ['openat']], ['sample.c:25', ['wait4']], ['pipe -write -pipe:[7]', ['pipe2']], ['>50us -execve', ['clone', 'wait4', 'nanosleep']],
    ['signal', ['SIGUSR1']], ['vdso <15ns', []], ['nothing at all', []],
  ] as const) {
    it(`'${words}' finds ${names.length === 0 ? 'nothing' : names.join(', ')}`, () => {
      assert.deepEqual([...new Set(found(words))].sort(), [...names].sort());
    });
  }

  it('the name of a call means its calls, not what is written so elsewhere', () => {
    const t = new TraceBuilder();
    t.call(1, 'mmap', 0, 100, { says: 'mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000' });
    t.call(1, 'write', 1000, 100);
    const names = (text: string): string[] => Array.from(listEvents(t.events, { text, showsAll: true }, inOrder), index => t.events.string('name', index));
    assert.deepEqual(names('write'), ['write']);
    assert.deepEqual(names('writ'), ['mmap', 'write']);
    assert.deepEqual(names('-write'), ['mmap']);
  });

  it('sorts by numbers and by words, equal rows in order of time', () => {
    assert.deepEqual(found('-vdso', false, { column: 'duration', isDescending: true }).slice(0, 3), ['execve', 'wait4', 'nanosleep']);
    const names = found('', false, { column: 'call', isDescending: false });
    assert.deepEqual(names, [...names].sort());
    const t = new TraceBuilder();
    for (let i = 0; i < 5; i++) t.call(1, 'getpid', i * 1000, 100);
    assert.deepEqual([...listEvents(t.events, { text: '', showsAll: true }, { column: 'duration', isDescending: true })], [0, 1, 2, 3, 4]);
  });

  it('cells are short, exports are whole', () => {
    const openat = events.length > 0 ? listEvents(events, { text: 'openat', showsAll: false }, inOrder)[0] ?? -1 : -1;
    assert.deepEqual((['call', 'result', 'duration', 'object', 'site'] as const).map(column => cellText(events, openat, column, 0)), ['openat(AT_FDCWD, "/etc/none", O_RDONLY)', 'ENOENT', '900 ns', '/etc/none', 'sample.c:10']);
    const { columns, rows } = listTable(events, [openat], 0);
    assert.equal(rows[0]?.length, columns.length);
    assert.equal(rows[0]?.[columns.findIndex(c => c.id === 'file')], '/src/sample.c');
  });

  it('a Chrome trace has a thread for each task and a slice for each call', () => {
    const { traceEvents } = JSON.parse(chromeTrace(run)) as { traceEvents: { ph: string; name: string; tid: number; dur?: number; args?: Record<string, unknown> }[] };
    assert.deepEqual(traceEvents.filter(e => e.name === 'thread_name').map(e => e.tid), [1, 2]);
    assert.deepEqual(traceEvents.filter(e => e.name === 'wait4').map(e => [e.ph, e.tid, e.args?.['line']]), [['X', 1, 'sample.c:25']]);
  });
});
