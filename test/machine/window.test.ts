import assert from 'node:assert/strict';
import { launchMachine } from '../../src/machine/launch';
import { hashOf, journeyHost, journeys, launchOptionsOf } from './journeys';

describe('the window of the terminal', function () {
  this.timeout(60_000);

  it('tells those in the foreground of its new size, while they work and while they wait, and at the same places again', () => {
    const journey = journeys.find(({ name }) => name === 'window');
    assert.ok(journey);
    const { host, output } = journeyHost(journey);
    let rows = 24;
    const typed = ['one\n'];
    const session = launchMachine(launchOptionsOf(journey), { ...host, console: { ...host.console, windowSize: () => ({ rows, columns: 80 }), take: () => output().includes('read again') ? Buffer.from(typed.shift() ?? '') : null } });
    const { machine } = session, { timeline } = session.target();
    const run = (): void => {
      for (let stop = machine.run(20_000); stop.kind !== 'exited' && stop.kind !== 'gate'; stop = machine.run(20_000)) {
        assert.notEqual(stop.kind, 'deadlock');
        rows = stop.kind === 'idle' ? 40 : Math.max(rows, output() === '' ? 24 : 30);
      }
    };
    run();
    assert.equal(output(), '24 rows\n30 rows after 1 signals\nread again: 40 rows after 2 signals\none\r\n4 bytes, 40 rows after 2 signals\n'.replace(/([^\r])\n/g, '$1\r\n'));
    const hash = hashOf(session);
    for (const from of [timeline.start, { instructions: Math.floor(timeline.end.instructions / 2), entry: 0, probe: 0 }]) {
      timeline.goTo(from);
      timeline.goTo(timeline.end);
      assert.deepEqual(hashOf(session), hash);
    }
    // In another future, the window has the size that it has now.
    const printed = output().length;
    timeline.goTo(timeline.start);
    timeline.forgetFuture();
    run();
    assert.match(output().slice(printed), /^40 rows\r\n40 rows after 0 signals\r\n/m);
  });
});
