import assert from 'node:assert/strict';
import { EventTable } from '../../src/trace/columns';
import { Lanes, nearest } from '../../src/charts/lanes';
import { STATES } from '../../src/charts/theme';
import { TraceBuilder, pipeRun } from './runs';

const share = (shares: Float64Array, pixel: number, state: typeof STATES[number]): number => shares[pixel * STATES.length + STATES.indexOf(state)] ?? NaN;

describe('lanes', () => {
  it('a task is in the kernel from entry to exit, and in user code between its calls', () => {
    const t = new TraceBuilder();
    t.call(1, 'getpid', 100, 100);
    t.call(1, 'getpid', 300, 100);
    const [lane] = new Lanes(t.events).update().lanes;
    assert.ok(lane);
    assert.deepEqual(lane.times(500), { user: 200, vdso: 0, kernel: 200, fault: 0, waiting: 0, blocked: 0 });
    assert.equal(lane.startNs, 100);
  });

  it('time in which a call waits is blocked, before its copying and its way out', () => {
    const t = new TraceBuilder();
    t.call(1, 'read', 0, 1000, { blockedNs: 800, copyNs: 20 });
    const [lane] = new Lanes(t.events).update().lanes;
    const shares = lane!.shares(0, 1000, 1000);
    assert.equal(share(shares, 149, 'kernel'), 1);
    assert.equal(share(shares, 150, 'blocked'), 1);
    assert.equal(share(shares, 949, 'blocked'), 1);
    assert.equal(share(shares, 950, 'kernel'), 1);
  });

  it('a task that is switched away outside a call waits for the processor', () => {
    const t = new TraceBuilder();
    t.call(1, 'getpid', 0, 100);
    t.call(2, 'getpid', 100, 100);
    t.event('switch', 2, 300, 300, { code: 1 });
    t.event('switch', 1, 500, 500, { code: 2 });
    t.call(2, 'getpid', 600, 100);
    const lanes = new Lanes(t.events).update();
    assert.deepEqual(lanes.byPid.get(2)?.times(700), { user: 200, vdso: 0, kernel: 200, fault: 0, waiting: 200, blocked: 0 });
  });

  it('a forked task waits until it runs for the first time, and is gone after its exit', () => {
    const lanes = new Lanes(pipeRun().events).update();
    const child = lanes.byPid.get(2);
    assert.ok(child && child.endNs > child.startNs);
    assert.ok(child.times(1e9).waiting > 40_000);
    const after = child.shares(child.endNs, child.endNs + 1000, 10);
    assert.deepEqual([...after], Array.from(after, () => 0));
  });

  it('the shares of a pixel add up to one while the task lives, at every zoom', () => {
    const t = new TraceBuilder();
    let now = 0, seed = 7;
    const random = (most: number): number => { seed = seed * 1103515245 + 12345 & 0x7fffffff; return 1 + seed % most; };
    for (let i = 0; i < 5000; i++) now = t.call(1, 'write', now + random(300), random(500) + 80) + random(20);
    const [lane] = new Lanes(t.events).update().lanes;
    for (const [from, to] of [[0, now], [now / 3, now / 2], [now / 2, now / 2 + 1000], [now - 100, now]] as const) {
      const shares = lane!.shares(from, to, 400);
      for (let x = 0; x < 400; x++) {
        if (from + (to - from) * x / 400 < lane!.startNs) continue;
        const sum = STATES.reduce((total, state) => total + share(shares, x, state), 0);
        assert.ok(Math.abs(sum - 1) < 1e-6, `pixel ${x} of [${from}, ${to}): ${sum}`);
      }
    }
    const times = lane!.times(now);
    const kernel = Array.from({ length: 5000 }, (_, i) => t.events.duration(i)).reduce((sum, ns) => sum + ns, 0);
    assert.ok(Math.abs(times.kernel - kernel) < 1);
  });

  it('a trace that comes in pieces gives the same lanes as one that comes at once', () => {
    const whole = pipeRun().events;
    const pieces = new EventTable();
    const lanes = new Lanes(pieces);
    pieces.strings.push(...whole.strings.slice(1));
    const copy = (index: number, isOpen: boolean): void => pieces.put(index, {
      kind: whole.kind(index), startNs: whole.number('startNs', index), endNs: isOpen ? NaN : whole.number('endNs', index), entryNs: 0, handlerNs: 0, copyNs: isOpen ? 0 : whole.number('copyNs', index),
      blockedNs: isOpen ? 0 : whole.number('blockedNs', index), exitNs: isOpen ? 0 : whole.number('exitNs', index), value: 0, instructions: 0, bytes: 0, entry: 0, code: whole.word('code', index),
      pid: whole.word('pid', index), name: whole.word('name', index), text: 0, object: whole.word('object', index), error: 0, site: 0,
    });
    for (let index = 0; index < whole.length; index++) {
      if (index > 0) copy(index - 1, false);
      copy(index, whole.kind(index) === 'call');
      lanes.update();
    }
    copy(whole.length - 1, false);
    const now = 1e6;
    const expected = new Lanes(whole).update();
    assert.deepEqual(lanes.update().lanes.map(lane => [lane.pid, lane.times(now)]), expected.lanes.map(lane => [lane.pid, lane.times(now)]));
  });

  it('nearest finds the event under a point, or the closer neighbour', () => {
    const t = new TraceBuilder();
    t.call(1, 'a', 100, 100);
    t.call(1, 'b', 400, 100);
    const list = [0, 1];
    assert.deepEqual([50, 150, 250, 350, 450, 9999].map(at => nearest(t.events, list, at)), [0, 0, 0, 1, 1, 1]);
    assert.equal(nearest(t.events, [], 5), -1);
  });
});
