// The recorder of events.
import assert from 'node:assert/strict';
import { CHUNK_EVENTS } from '../../src/trace/event_chunk';
import { EventLog, type EventSource, type TraceEvent } from '../../src/trace/event';

/** A machine whose time the test sets. */
type Fake = { -readonly [K in keyof EventSource]: EventSource[K] } & { ns: number; ip: number };
const at = (source: Partial<Fake> = {}): Fake => {
  const made: Fake = {
    ns: 100, ip: 0x401000, get instructions() { return made.ns * 4; }, extraNs: 0, entry: 7, ipLow: 0, ipHigh: 0,
    nsPerInstruction: 1 / 4, instructionPointer: () => made.ip, shapeOf: () => ({ argumentCount: 2, pathArgument: -1 }), readString: () => null, isStringAt: (pid, address, text) => made.readString(pid, address) === text,
    lookAtCall: () => { Object.assign(made, { ipLow: made.ip | 0, ipHigh: made.ip / 2 ** 32 | 0 }); }, ...source,
  };
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
      ip: 0x401000, instructions: 400, entry: 7, args: [3, 0, 0xffffff9c, 0xffffffff], because: 'length is 0', path: null,
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

  it('a call from the same place with the same pointer has the path that is there now, and the reason that it has now', () => {
    let path: string | null = null;
    const log = new EventLog(at({ shapeOf: () => ({ argumentCount: 1, pathArgument: 0 }), readString: () => path })), told: [string | null, number, string | null][] = [];
    for (const [each, ret, why] of [['/a', -2, 'no a'], ['/a', -2, 'no a'], ['/b', -2, 'no b'], ['/b', -13, 'b is closed'], ['/b', -13, 'b is shut'], ['/b', 3, null], ['/b', 3, null], [null, -14, 'no memory'], ['/a', 3, null]] as [string | null, number, string | null][]) {
      path = each;
      log.syscallEnter(1, 257, 'x86-64', new Float64Array(12));
      log.syscallExit(1, 257, ret, why, cost);
      log.syscallEnter(1, 257, 'x86-64', new Float64Array(12));
      log.syscallExit(1, 257, ret, why, { ...cost, blocked_ns: 0 });
      told.push([each, ret, why], [each, ret, why]);
    }
    assert.deepEqual([...log.events()].map(e => [e.path, e.value, e.because]), told);
  });

  it('a fault and a vDSO call are intervals', () => {
    const log = new EventLog(at({ ns: 900 }));
    log.fault(1, 0x7fff0000, 6, 400);
    log.vdso({ pid: 1, fn: 0, clock: 1, isServed: true, returnAddress: 0x401234, instructions: 9, passedNs: 19, serial: 1 }, 77);
    assert.deepEqual([...log.events()].map(e => [e.kind, e.startNs, e.endNs, e.code, e.value, e.isServed, e.ip, e.instructions]),
      [['fault', 400, 900, 6, 0x7fff0000, false, 0x401000, 3600], ['vdso', 0, 21, 0, 1, true, 0x401234, 77]]);
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
      ip: 0, instructions: 200, entry: 7, args: null, because: null, path: null,
    });
  });

  it('the oldest events are dropped when the memory is full, and calls open since then close quietly', () => {
    const log = new EventLog(at(), 1.25);
    log.syscallEnter(9, 0, 'x86-64', new Float64Array(12));
    for (let i = 0; i < 5 * CHUNK_EVENTS; i++) log.fork(1, i, 0);
    log.syscallExit(9, 0, 0, null);
    assert.equal(log.length, 5 * CHUNK_EVENTS + 1);
    assert.equal(log.first, 2 * CHUNK_EVENTS);
    assert.equal(log.at(log.first - 1), undefined);
    assert.equal(log.at(log.length), undefined);
    assert.equal(log.at(log.length - 1)?.code, 5 * CHUNK_EVENTS - 1);
    assert.equal(log.at(log.first)?.code, log.first - 1);
    assert.equal([...log.events()].length, log.length - log.first);
    assert.deepEqual(log.columns(log.length - 1).map(chunk => [chunk.first, chunk.length]), [[5 * CHUNK_EVENTS, 1]]);
  });

  it('whatever happens in whatever order is read back as it was, from memory that was used before, too', () => {
    const source = at({ shapeOf: nr => ({ argumentCount: nr % 7, pathArgument: nr === 2 ? 0 : -1 }), readString: (_, address) => address % 3 === 0 ? null : `/file${address % 5}` });
    const log = new EventLog(source, 1), expected: TraceEvent[] = [], open = new Map<number, number>();
    let seed = 12345;
    const below = (most: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % most;
    const one = <T>(...of: T[]): T => of[below(of.length)] as T;
    const add = (facts: Partial<TraceEvent> & Pick<TraceEvent, 'kind' | 'pid'>): void => {
      const startNs = source.ns;
      expected.push({
        index: expected.length, startNs, endNs: startNs, entryNs: 0, handlerNs: 0, copyNs: 0, blockedNs: 0, exitNs: 0, bytes: 0, code: 0, value: 0, abi: 'x86-64', isServed: false, ip: 0,
        instructions: source.ns * 4, entry: 7, args: null, because: null, path: null, ...facts,
      });
    };
    for (let i = 0; i < 30_000; i++) {
      source.ns += one(1, 50, 50, 700, 5e9);
      const pid = one(1, 2, 3, 4), ip = source.ip = below(200) + one(0, 0, 0, 0x7fff) * 2 ** 32;
      const call = expected[open.get(pid) ?? -1];
      switch (call ? one('exit', 'exit', 'exit', 'fault', 'death') : one('enter', 'enter', 'enter', 'fault', 'switch', 'vdso')) {
        case 'enter': {
          const nr = below(10), abi = one('x86-64', 'x86-64', 'i386'), words = Array.from({ length: 12 }, (_, k) => k === 0 ? one(1, 1, 0xffffff9c, 7) : 3);
          open.set(pid, expected.length);
          log.syscallEnter(pid, nr, abi, words);
          const path = nr === 2 ? source.readString(pid, (words[1] ?? 0) * 2 ** 32 + (words[0] ?? 0)) : null;
          add({ kind: 'call', pid, code: nr, abi, ip, path, endNs: NaN, value: NaN, handlerNs: NaN, args: Float64Array.from(words, (word, k) => k < nr % 7 * 2 ? word : 0) });
          break;
        }
        case 'exit': {
          const { startNs, index } = call as TraceEvent, because = one(null, null, 'no such name', 'length is 0'), value = one(0, 1, -22, 0x7fff12345678, -0x80000000, 0xffffffff);
          const costs = { entryNs: one(30, 30, 45), exitNs: one(20, 20, 60), copyNs: one(0, 5), blockedNs: one(0, 0, 200, 6e9), bytes: one(0, 14, 4096) };
          log.syscallExit(pid, 0, value, because, { entry_ns: costs.entryNs, exit_ns: costs.exitNs, copy_ns: costs.copyNs, blocked_ns: costs.blockedNs, copied: costs.bytes });
          const handlerNs = source.ns - startNs - costs.entryNs - costs.exitNs - costs.copyNs - costs.blockedNs;
          expected[index] = { ...call as TraceEvent, ...costs, handlerNs, endNs: source.ns, value, because };
          open.delete(pid);
          break;
        }
        case 'death':
          expected[(call as TraceEvent).index] = { ...call as TraceEvent, endNs: source.ns, handlerNs: source.ns - (call as TraceEvent).startNs };
          open.delete(pid);
          log.exit(pid, 9, 0x300);
          add({ kind: 'exit', pid, code: 0x300, value: 9 });
          break;
        case 'fault':
          log.fault(pid, 0x7fff00000000 + i, 6, source.ns);
          add({ kind: 'fault', pid, code: 6, value: 0x7fff00000000 + i, ip });
          break;
        case 'switch':
          log.switch(pid, 9);
          add({ kind: 'switch', pid, code: 9 });
          break;
        case 'vdso':
          log.vdso({ pid, fn: 0, clock: below(3), isServed: true, returnAddress: ip, instructions: 12, passedNs: 17, serial: i }, source.ns * 4);
          add({ kind: 'vdso', pid, value: (seed % 3), isServed: true, ip, startNs: source.ns - 17, endNs: source.ns + 3 });
          break;
      }
    }
    assert.ok(log.first > 2 * CHUNK_EVENTS);
    assert.equal(log.length, expected.length);
    for (const event of log.events()) assert.deepEqual(event, expected[event.index]);
    for (const index of open.values()) assert.equal(log.isOpen(index), true);
  });

  it('a change in a past that is packed by now goes on from there; calls that ended later are open again', () => {
    const source = at(), log = new EventLog(source), far = 3 * CHUNK_EVENTS;
    const call = (pid: number, nr: number): void => log.syscallEnter(pid, nr, 'x86-64', [3, 0, nr, 0]);
    call(9, 7);
    for (let i = 1; i <= far; i++) {
      source.ns += 10;
      call(1, i % 5);
      source.ns += 3;
      log.syscallExit(1, i % 5, i % 11 === 0 ? -11 : 4, i % 11 === 0 ? 'nothing is there' : null, cost);
      if (i === far - 10) log.syscallExit(9, 7, 5, null, cost);
    }
    const before = [...log.events()].slice(0, 5000), kept = before.map(event => event.index === 0 ? { ...event, endNs: NaN, value: NaN } : event);
    assert.equal(before[0]?.value, 5);
    source.ns = (before[4999]?.endNs ?? NaN) + 1;
    log.forgetFuture();
    assert.equal(log.length, 5000);
    const same = ({ index, startNs, endNs, value, because, code }: TraceEvent): unknown[] => [index, startNs, endNs, value, because, code];
    assert.deepEqual([...log.events()].map(same), kept.map(same));
    source.ns += 7;
    log.syscallExit(9, 7, 6, null, cost);
    for (let i = 0; i < 2 * CHUNK_EVENTS; i++) log.fork(1, i, 0);
    assert.deepEqual([log.at(0)?.value, log.at(4999)?.startNs, log.at(5000)?.code, log.length], [6, before[4999]?.startNs, 0, 5000 + 2 * CHUNK_EVENTS]);
  });
});
