import assert from 'node:assert/strict';
import path from 'node:path';
import type { Session } from '../../src/machine/assemble';
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

  for (const way of ['pause', 'sigwait', 'signalfd', 'ignore']) {
    it(`a program in ${way} with no one who types: ${way === 'ignore' ? 'a deadlock' : 'a new size ends it, at the same place again'}`, () => {
      const journey = { name: 'resized', program: path.resolve('test/programs/time/resized.elf'), args: [way], input: [] };
      const { host, output } = journeyHost(journey);
      let rows = 24;
      const launch = (isResizable: boolean): Session => launchMachine(launchOptionsOf(journey), { ...host, console: { ...host.console, isResizable, kind: () => 'tty', windowSize: () => ({ rows, columns: 80 }), take: () => null } });
      const until = (session: Session): string => { for (;;) { const { kind } = session.machine.run(100_000); if (kind !== 'budget' && kind !== 'gate' && kind !== 'answered') return kind; } };
      assert.equal(until(launch(false)), 'deadlock');
      const session = launch(true), { timeline } = session.target();
      assert.equal(until(session), way === 'ignore' ? 'deadlock' : 'idle');
      if (way === 'ignore') return;
      assert.equal(until(session), 'idle');
      rows = 40;
      assert.equal(until(session), 'exited');
      assert.equal(output(), `${way}: 40 rows\r\n`);
      const hash = hashOf(session);
      timeline.goTo(timeline.start);
      timeline.goTo(timeline.end);
      assert.deepEqual(hashOf(session), hash);
    });
  }
});
