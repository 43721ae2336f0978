// The recorder of events.
import assert from 'node:assert/strict';
import { EventLog } from '../../src/trace/event';

describe('trace/event', () => {
  it('a call has its times, arguments, result and reason; the time away from the processor counts as blocked', () => {
    let now = 100;
    const log = new EventLog(() => now, () => 0x401000);
    log.syscallEnter(1, 0, 'x86-64', Float64Array.of(3, 0, 0xffffff9c, 0xffffffff));
    now = 150;
    assert.equal(Number.isNaN(log.at(0)?.endNs), true);
    log.switch(1, 2);
    now = 400;
    log.switch(2, 1);
    now = 420;
    log.syscallExit(1, 0, -22, 'length is 0');
    const call = log.at(0);
    assert.ok(call?.args);
    assert.deepEqual({ ...call, args: [...call.args].slice(0, 4) }, {
      index: 0, kind: 'call', pid: 1, startNs: 100, endNs: 420, blockedNs: 250, code: 0, value: -22, abi: 'x86-64', ip: 0x401000, args: [3, 0, 0xffffff9c, 0xffffffff], because: 'length is 0',
    });
    assert.deepEqual([...log].map(e => e.kind), ['call', 'switch', 'switch']);
  });

  it('the oldest events are dropped when the memory is full', () => {
    const log = new EventLog(() => 0, () => 0, 0.1);
    for (let i = 0; i < 5000; i++) log.fork(1, i, 0);
    assert.equal(log.length, 5000);
    assert.ok(log.first > 3000);
    assert.equal(log.at(log.first - 1), undefined);
    assert.equal(log.at(4999)?.code, 4999);
    assert.equal(log.at(log.first)?.code, log.first);
    assert.equal([...log].length, 5000 - log.first);
  });

  it('many events fit before the columns have grown', () => {
    const log = new EventLog(() => 0);
    for (let i = 0; i < 20000; i++) log.fault(7, i, 4);
    assert.equal(log.at(12345)?.value, 12345);
    assert.equal(log.at(0)?.kind, 'fault');
  });
});
