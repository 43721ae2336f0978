// Every kind of stop, met forwards and then backwards, in programs of every kind: one thread, several, children, programs that are replaced, signals.
// What the person meets going back is what was met before, in the opposite order, in the same states; then the beginning of the recording.
import assert from 'node:assert/strict';
import { KINDS, layoutOf, meet, MOST, PROGRAMS } from './stop_kinds';
import { Walk } from './walk';

describe('stops are met backwards as they were met forwards', function () {
  this.timeout(120_000);
  for (const program of PROGRAMS) {
    for (const [kind, set] of Object.entries(KINDS)) {
      it(`${program.name}: ${kind}`, () => {
        const layout = layoutOf(program), walk = new Walk(program.name, program.argv ? { argv: program.argv } : {}), { core } = walk, beginning = walk.hash;
        set(walk, program, layout);
        const first = meet(walk, () => core.continue(), MOST), isOver = first.last === 'exited', logged = walk.logged.slice();
        assert.ok(first.met.length > 0, first.last);
        if (isOver) {
          core.goTo(core.target.timeline.end);
          walk.stop();
        }
        const end = walk.hash, earlier = first.met.slice(0, isOver ? undefined : -1);
        const back = meet(walk, () => core.reverseContinue());
        assert.deepEqual(back.met.map(({ what }) => what), earlier.map(({ what }) => what).reverse());
        assert.deepEqual(back, { met: earlier.slice().reverse(), last: 'the beginning of the recording' });
        assert.deepEqual([walk.hash, walk.logged], [beginning, logged]);
        // And again forwards, to the end.
        const again = meet(walk, () => core.continue(), isOver ? Infinity : first.met.length);
        assert.deepEqual(again.met.slice(0, earlier.length), earlier);
        assert.deepEqual([walk.hash, again.last], [end, isOver ? 'exited' : 'enough']);
      });
    }
  }
});

describe('touches of watched memory are met backwards as they were met forwards', function () {
  this.timeout(120_000);
  for (const program of PROGRAMS) {
    const { name, argv } = program;
    for (const access of ['write', 'readWrite'] as const) {
      it(`${name}: ${access}`, () => {
        const { data: address } = layoutOf(program), walk = new Walk(name, argv ? { argv } : {}), { core } = walk;
        core.setDataBreakpoints([{ address, size: 4, access }]);
        const first = meet(walk, () => core.continue(), MOST), isOver = first.last === 'exited';
        assert.ok(first.met.length > 3, first.last);
        if (isOver) { core.goTo(core.target.timeline.end); walk.stop(); }
        // Behind the touch forwards, before it backwards.
        const end = core.target.timeline.position, expected = first.met.slice().reverse();
        for (const { pid, position: there, hash } of expected) {
          core.reverseContinue();
          const report = walk.stop(), { position } = core.target.timeline;
          assert.deepEqual([report.reason, report.pid, position.instructions + 1], ['data breakpoint', pid, there.instructions]);
          core.goTo(there);
          walk.stop();
          assert.deepEqual(walk.hash, hash);
          core.goTo(position);
          walk.stop();
        }
        core.reverseContinue();
        assert.equal(walk.stop().text, 'the beginning of the recording');
        assert.deepEqual(meet(walk, () => core.continue(), expected.length).met, first.met);
        assert.ok(isOver || end.instructions === core.target.timeline.position.instructions);
      });
    }
  }
});
