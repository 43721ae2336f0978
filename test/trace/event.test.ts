// The recorder of events.
import assert from 'node:assert/strict';
import { CHUNK_EVENTS } from '../../src/trace/event_chunk';
import { EventLog, type EventSource } from '../../src/trace/event';

/** A machine whose time the test sets. */
type Fake = EventSource & { ns: number };
const at = (source: Partial<Fake> = {}): Fake => {
  const made: Fake = { ns: 100, now: () => made.ns, instructions: () => made.ns * 3, kernelEntries: () => 7, instructionPointer: () => 0x401000, shapeOf: () => ({ argumentCount: 2, pathArgument: -1 }), readString: () => null, ...source };
  return made;
};
const cost = { entry_ns: 30, exit_ns: 20, copy_ns: 5, blocked_ns: 200, copied: 14 };

describe('trace/event', () => {
  it('a call has its times, arguments, result, reason and place; its phases add up to its whole', () => {
    const source = at();
    const log = new EventLog(source);
    log.syscallEnter(1, 0, 'x86-64', Float64Array.of(3, 0, 0xffffff9c, 0xffffffff));
    source.ns = 150;
    assert.deepEqual([log.at(0)?.endNs, log.at(0)?.value], [NaN, NaN]);
    log.switch(1, 2);
    source.ns = 420;
    log.syscallExit(1, 0, -22, 'length is 0', cost);
    const call = log.at(0);
    assert.ok(call?.args);
    assert.deepEqual({ ...call, args: [...call.args].slice(0, 4) }, {
      index: 0, kind: 'call', pid: 1, startNs: 100, endNs: 420, entryNs: 30, handlerNs: 65, copyNs: 5, blockedNs: 200, exitNs: 20, bytes: 14, code: 0, value: -22, abi: 'x86-64', isServed: false,
      ip: 0x401000, instructions: 300, entry: 7, args: [3, 0, 0xffffff9c, 0xffffffff], because: 'length is 0', path: null,
    });
    assert.deepEqual([...log.events()].map(e => e.kind), ['call', 'switch']);
  });

  it('the calls of two tasks close each their own event', () => {
    const source = at();
    const log = new EventLog(source);
    log.syscallEnter(1, 0, 'x86-64', new Float64Array(12));
    log.syscallEnter(2, 1, 'i386', new Float64Array(12));
    source.ns = 200;
    log.syscallExit(1, 0, 5, null);
    source.ns = 300;
    log.syscallExit(2, 1, 6, null);
    assert.deepEqual([...log.events()].map(e => [e.pid, e.abi, e.endNs, e.value]), [[1, 'x86-64', 200, 5], [2, 'i386', 300, 6]]);
  });

  it('a call that its task does not survive ends with the task, without a result', () => {
    const source = at();
    const log = new EventLog(source);
    log.syscallEnter(1, 231, 'x86-64', new Float64Array(12));
    source.ns = 170;
    log.exit(1, 1, 0x300);
    assert.deepEqual([...log.events()].map(e => [e.kind, e.endNs, e.value]), [['call', 170, NaN], ['exit', 170, 1]]);
  });

  it('paths and reasons are kept with their event', () => {
    const log = new EventLog(at({ shapeOf: () => ({ argumentCount: 1, pathArgument: 0 }), readString: () => '/etc/none' }));
    for (let i = 0; i < 3; i++) {
      log.syscallEnter(1, 257, 'x86-64', new Float64Array(12));
      log.syscallExit(1, 257, -2, 'there is no such name');
    }
    log.exec(1, '/bin/true');
    assert.deepEqual([...log.events()].map(e => [e.path, e.because]), [...Array<[string, string]>(3).fill(['/etc/none', 'there is no such name']), ['/bin/true', null]]);
  });

  it('a fault and a vDSO call are intervals', () => {
    const log = new EventLog(at({ ns: 900 }));
    log.fault(1, 0x7fff0000, 6, 400);
    log.vdso({ pid: 1, fn: 0, startNs: 500, endNs: 521, clock: 1, isServed: true, returnAddress: 0x401234, instructions: 77 });
    assert.deepEqual([...log.events()].map(e => [e.kind, e.startNs, e.endNs, e.code, e.value, e.isServed, e.ip, e.instructions]),
      [['fault', 400, 900, 6, 0x7fff0000, false, 0x401000, 2700], ['vdso', 500, 521, 0, 1, true, 0x401234, 77]]);
  });

  it('what is run differently replaces what was recorded; a call that was open then is open again', () => {
    const source = at();
    const log = new EventLog(source);
    const call = (ns: number): void => { source.ns = ns; log.syscallEnter(1, ns, 'x86-64', new Float64Array(12)); };
    call(100);
    call(200);
    call(300);
    source.ns = 350;
    log.syscallExit(1, 300, 0, null);
    call(400);
    source.ns = 310;
    log.forgetFuture();
    assert.deepEqual([...log.events()].map(e => [e.code, e.value]), [[100, NaN], [200, NaN], [300, NaN]]);
    source.ns = 320;
    log.syscallExit(1, 300, 2, null);
    assert.deepEqual([log.at(2)?.endNs, log.at(2)?.value], [320, 2]);
  });

  it('a row that was forgotten leaves nothing to the event that comes in its place', () => {
    const source = at();
    const log = new EventLog(source);
    log.syscallEnter(1, 0, 'i386', Float64Array.of(3, 4, 5, 6));
    source.ns = 200;
    log.syscallExit(1, 0, -22, 'length is 0', cost);
    source.ns = 50;
    log.forgetFuture();
    assert.equal(log.length, 0);
    log.exit(1, 2, 3);
    assert.deepEqual(log.at(0), {
      index: 0, kind: 'exit', pid: 1, startNs: 50, endNs: 50, entryNs: 0, handlerNs: 0, copyNs: 0, blockedNs: 0, exitNs: 0, bytes: 0, code: 3, value: 2, abi: 'x86-64', isServed: false,
      ip: 0, instructions: 150, entry: 7, args: null, because: null, path: null,
    });
  });

  it('the oldest events are dropped when the memory is full, and calls open since then close quietly', () => {
    const log = new EventLog(at(), 1);
    log.syscallEnter(9, 0, 'x86-64', new Float64Array(12));
    for (let i = 0; i < 5 * CHUNK_EVENTS; i++) log.fork(1, i, 0);
    log.syscallExit(9, 0, 0, null);
    assert.equal(log.length, 5 * CHUNK_EVENTS + 1);
    assert.equal(log.first, 4 * CHUNK_EVENTS);
    assert.equal(log.at(log.first - 1), undefined);
    assert.equal(log.at(log.length), undefined);
    assert.equal(log.at(log.length - 1)?.code, 5 * CHUNK_EVENTS - 1);
    assert.equal(log.at(log.first)?.code, log.first - 1);
    assert.equal([...log.events()].length, log.length - log.first);
    assert.deepEqual(log.columns(log.length - 1).map(chunk => [chunk.first, chunk.length]), [[5 * CHUNK_EVENTS, 1]]);
  });
});
