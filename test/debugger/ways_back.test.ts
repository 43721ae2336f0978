// The other ways back from every kind of stop: a step back, the way out to the caller, the system call before, the instant of a row of the log.
// Each leads to a state that was there on the way forwards, and forwards again from there is the same run.
import assert from 'node:assert/strict';
import { LogRows } from '../../src/machine/log_rows';
import { formatPosition, parseEventPlace } from '../../src/trace/position';
import { KINDS, layoutOf, meet, MOST, PROGRAMS, type Met, type Program } from './stop_kinds';
import { Walk } from './walk';

const STEPS = 3;
const launch = ({ name, argv }: Program): Walk => new Walk(name, argv ? { argv } : {});

/** To a stop that was met before, with nothing known of how one came. */
function stand(walk: Walk, { position, hash }: Met): void {
  walk.core.goTo(position);
  walk.stop();
  walk.core.stateChanged();
  assert.deepEqual(walk.hash, hash);
}

/** Step by step on, and as many steps back; whether the task went all those steps. */
function thereAndBack(walk: Walk, { pid, what }: Met, granularity: 'line' | 'instruction', isKnown: boolean): boolean {
  const { core } = walk, been = [{ position: formatPosition(core.target.timeline.position), hash: walk.hash }];
  for (let i = 0; i < STEPS; i++) {
    const report = walk.step('over', granularity, pid);
    // A handler, another breakpoint or the task's end has come between.
    if (report.kind !== 'stopped' || report.reason !== 'step' || report.pid !== pid) return false;
    been.push({ position: formatPosition(core.target.timeline.position), hash: walk.hash });
  }
  if (!isKnown) core.stateChanged();
  for (const place of been.reverse().slice(1)) {
    walk.back(granularity, pid);
    assert.deepEqual({ position: formatPosition(core.target.timeline.position), hash: walk.hash }, place, `${what}, ${granularity}, ${isKnown ? 'known' : 'found'}`);
  }
  return true;
}

describe('a step back from every kind of stop', function () {
  this.timeout(240_000);
  for (const program of PROGRAMS) {
    for (const [kind, set] of Object.entries(KINDS)) {
      it(`${program.name}: ${kind}`, () => {
        const layout = layoutOf(program), walk = launch(program), { core } = walk;
        set(walk, program, layout);
        const { met } = meet(walk, () => core.continue(), MOST);
        let compared = 0;
        core.setFilters([]);
        core.setFunctionBreakpoints([]);
        core.setInstructionBreakpoints([]);
        core.setSourceBreakpoints(program.source, []);
        for (const one of met.filter((_, i) => i % 3 === 0).reverse()) {
          // A stop in the middle of a line, or of the kernel's answer to the one instruction that stands there, is gone back to only where it is known that the person stood there.
          const isInAnswer = one.position.probe > 0 || one.what.includes(' exit ');
          for (const [granularity, isKnown] of [['line', true], ['instruction', true], ...isInAnswer ? [] : [['instruction', false] as const]] as const) {
            stand(walk, one);
            if (thereAndBack(walk, one, granularity, isKnown)) compared++;
          }
        }
        assert.ok(compared > 0, 'nothing was compared');
      });
    }
  }
});

describe('the way back out of a function', function () {
  this.timeout(120_000);
  for (const program of PROGRAMS) {
    it(`${program.name}: leads to its call, from where the same stop is met again`, () => {
      const layout = layoutOf(program), walk = launch(program), { core } = walk;
      KINDS['a function']?.(walk, program, layout);
      const { met } = meet(walk, () => core.continue(), MOST);
      let compared = 0;
      for (const one of met.slice().reverse()) {
        stand(walk, one);
        const frame = core.stackOf(one.pid).at(0), caller = core.stackOf(one.pid).at(1);
        assert.ok(frame);
        if (!caller?.function || caller.ring !== 3) continue;
        core.stepBackOut(frame);
        const report = walk.stop();
        assert.deepEqual([report.pid, core.stackOf(one.pid).at(0)?.name], [one.pid, caller.name], one.what);
        core.continue();
        walk.stop();
        assert.deepEqual([core.target.timeline.position, walk.hash], [one.position, one.hash], one.what);
        compared++;
      }
      assert.ok(compared > 0);
    });
  }
});

describe('calls and rows of the log', function () {
  this.timeout(240_000);
  for (const program of PROGRAMS) {
    it(`${program.name}: the call before, and each one before that, is the one that was met`, () => {
      const walk = launch(program), { core } = walk, beginning = walk.hash;
      core.setFilters([{ filter: 'syscall', condition: '' }]);
      const { met, last } = meet(walk, () => core.continue());
      assert.deepEqual([last, met.length > 4], ['exited', true]);
      core.setFilters([]);
      core.goTo(core.target.timeline.end);
      walk.stop();
      for (const one of met.slice().reverse()) {
        core.backToSyscall();
        const report = walk.stop();
        assert.deepEqual([report.reason, report.phase, report.pid, core.target.timeline.position, walk.hash], ['syscall', 'enter', one.pid, one.position, one.hash], one.what);
      }
      core.backToSyscall();
      assert.deepEqual([walk.stop().text, walk.hash], ['the beginning of the recording', beginning]);
    });

    it(`${program.name}: the instant of each row, kept or dropped, backwards and forwards`, () => {
      let log: LogRows | undefined;
      const walk = new Walk(program.name, program.argv ? { argv: program.argv } : {}, made => { log = new LogRows(made, text => text, 0); }), { core, timeline } = walk;
      assert.ok(log);
      const rows = log;
      rows.follow(timeline);
      timeline.onMark = position => rows.mark(position);
      core.setFilters([{ filter: 'syscall', condition: '' }]);
      const { met } = meet(walk, () => core.continue());
      core.setFilters([]);
      core.goTo(timeline.end);
      walk.stop();
      const { places } = rows.rows(0, Infinity), known = new Map(met.map(one => [formatPosition(one.position), one]));
      let compared = 0;
      const seen = new Map<string, unknown>();
      for (const order of [places.slice().reverse(), places]) {
        for (const place of order) {
          const parsed = parseEventPlace(place);
          assert.ok(parsed, place);
          core.goTo(parsed.position, parsed.event);
          walk.stop();
          const hash = walk.hash, one = known.get(place);
          if (seen.has(place)) assert.deepEqual(hash, seen.get(place), place);
          seen.set(place, hash);
          if (!one) continue;
          assert.deepEqual(hash, one.hash, one.what);
          compared++;
        }
      }
      assert.ok(compared > 8, `${compared} of ${places.length} rows are calls that were met`);
    });
  }
});
