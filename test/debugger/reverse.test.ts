import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { evaluateProgram } from '../../src/debugger/program_expression';
import { Walk } from './walk';

const SOURCE = path.resolve('test/programs/time/walk.c');
const lineOf = (text: string): number => readFileSync(SOURCE, 'utf8').split('\n').findIndex(line => line.includes(text)) + 1;
const PID = 1001;

/** Forgets by which steps the person came: what is left is to find out. */
function forgetSteps(walk: Walk): void { walk.core.stateChanged(); }

describe('backwards through a program', function () {
  this.timeout(120_000);

  for (const program of ['walk0.elf', 'walk2.elf']) {
    for (const granularity of ['line', 'instruction'] as const) {
      it(`${program}: steps back are the steps over, in reverse, ${granularity} by ${granularity}`, () => {
        const walk = new Walk(program);
        walk.toMain();
        const places = [walk.place];
        while (places.length < 150) {
          const report = walk.step('over', granularity);
          if (report.kind === 'exited' || walk.core.stackOf(PID).at(0)?.name !== 'main') break;
          places.push(walk.place);
        }
        assert.ok(places.length > 10, places.join('\n'));
        if (places.length < 150) assert.match(walk.output(), /one\ntwo\n/);
        for (const how of ['remembered', 'found'] as const) {
          walk.core.goTo(walk.core.target.timeline.end);
          walk.stop();
          const position = places.at(-1)?.split(' ')[0]?.split('.') ?? [];
          walk.core.goTo({ instructions: Number(position[0]), entry: Number(position[1]), probe: 0 });
          walk.stop();
          if (how === 'found') forgetSteps(walk);
          const back = [walk.place];
          while (back.length < places.length) { walk.back(granularity); back.push(walk.place); }
          assert.deepEqual(back, places.slice().reverse(), how);
        }
      });
    }
  }

  it('a step back at the beginning of a function leads to the line that called it', () => {
    const walk = new Walk();
    walk.toMain();
    while (!walk.line.startsWith('square')) walk.step('into');
    const inside = walk.line;
    forgetSteps(walk);
    walk.back();
    assert.equal(walk.line, `main:${lineOf('int part = square(i)')}`);
    walk.step('into');
    assert.equal(walk.line, inside);
  });

  it('after a return, a step back leads into the function again', () => {
    const walk = new Walk();
    walk.toMain();
    while (!walk.line.startsWith('square')) walk.step('into');
    while (walk.line.startsWith('square')) walk.step('over');
    forgetSteps(walk);
    walk.back();
    assert.equal(walk.line, `square:${lineOf('return result') + 1}`);
  });
});

describe('backwards to what stopped', function () {
  this.timeout(120_000);

  it('breakpoints, calls and writes are met in the reverse of their order, and nothing is counted or logged twice', () => {
    const walk = new Walk();
    walk.toMain();
    const { core } = walk;
    core.setSourceBreakpoints(SOURCE, [{ line: lineOf('sum += part') }, { line: lineOf('int below ='), logMessage: 'n is {n}' }]);
    core.setFilters([{ filter: 'syscall', condition: 'write' }]);
    const places: string[] = [];
    const next = (): boolean => {
      const report = walk.finish();
      if (report.kind !== 'stopped') return false;
      places.push(`${report.reason} ${report.text ?? ''} ${walk.place}`);
      return true;
    };
    for (core.continue(); next() && places.length < 5; core.continue());
    core.step(PID, { kind: 'over', granularity: 'instruction' });
    walk.stop();
    assert.deepEqual(walk.logged, ['n is 4', 'n is 3', 'n is 2']);
    const logged = walk.logged.slice(), printed = walk.output();
    const back: string[] = [];
    for (;;) {
      core.reverseContinue();
      const report = walk.stop();
      if (report.reason === 'entry') { assert.equal(report.text, 'the beginning of the recording'); break; }
      back.push(`${report.reason} ${report.text ?? ''} ${walk.place}`);
    }
    assert.deepEqual(back, places.slice().reverse());
    assert.deepEqual([walk.logged, walk.output()], [logged, printed]);
    // And forwards again, to where the recording ends.
    const again: string[] = [];
    for (;;) {
      core.continue();
      const report = walk.stop();
      if (report.text === 'the end of the recording') break;
      again.push(`${report.reason} ${report.text ?? ''} ${walk.place}`);
    }
    assert.deepEqual(again, places);
    core.continue();
    assert.equal(walk.finish().kind, 'exited');
  });

  it('hit counts count from the beginning of the recording, whatever the direction, and whenever the breakpoint was set', () => {
    const square = lineOf('int result ='), factorial = lineOf('if (n <= 1)');
    const breakpoints = (walk: Walk): void => {
      walk.core.setSourceBreakpoints(SOURCE, [{ line: square, hitCondition: '%2' }, { line: square, hitCondition: '5' }, { line: factorial, hitCondition: '>=3', condition: 'n < 4' }, { line: lineOf('int part ='), hitCondition: '2', logMessage: 'i is {i}' }]);
      walk.core.setFunctionBreakpoints([{ name: 'kernel:ksys_write', hitCondition: '<3' }]);
    };
    const run = (walk: Walk, go: () => void): string[] => {
      const places: string[] = [];
      for (;;) {
        go();
        const report = walk.finish();
        if (report.kind === 'exited' || report.kind === 'stopped' && (report.reason === 'entry' || report.text === 'the end of the recording')) return places;
        places.push(`${report.kind === 'stopped' ? report.reason : ''} ${walk.place}`);
      }
    };
    const walk = new Walk(), { core } = walk;
    breakpoints(walk);
    const places = run(walk, () => core.continue());
    assert.deepEqual(places.map(place => /(\w+):\d+ /.exec(place)?.[1]), ['square', 'ksys_write', 'factorial', 'square', 'square', 'ksys_write']);
    assert.deepEqual(run(walk, () => core.reverseContinue()), places.slice().reverse());
    assert.deepEqual(walk.logged, ['i is 1']);
    assert.deepEqual(run(walk, () => core.continue()), places);
    const fromMiddle = (middle: Walk): void => {
      middle.core.setSourceBreakpoints(SOURCE, [{ line: lineOf('sum += factorial') }]);
      middle.core.setFunctionBreakpoints([]);
      middle.core.continue();
      middle.stop();
      breakpoints(middle);
      assert.deepEqual(run(middle, () => middle.core.continue()), places.slice(2));
      assert.deepEqual(run(middle, () => middle.core.reverseContinue()), places.slice().reverse());
    };
    // Set again in the middle, as editors do, and set for the first time there.
    core.goTo(core.target.timeline.start);
    walk.stop();
    fromMiddle(walk);
    fromMiddle(new Walk());
  });

  it('a data breakpoint tells who wrote last', () => {
    const walk = new Walk();
    walk.toMain();
    const { core } = walk;
    core.setSourceBreakpoints(SOURCE, [{ line: lineOf('say("two') }]);
    core.continue();
    walk.stop();
    const frame = core.stackOf(PID).at(0);
    const address = frame && evaluateProgram(core.target, core.modules, frame, 'shared').value.place.address;
    assert.ok(address !== undefined);
    core.setSourceBreakpoints(SOURCE, []);
    core.setDataBreakpoints([{ address, size: 4, access: 'write' }]);
    core.reverseContinue();
    assert.equal(walk.stop().reason, 'data breakpoint');
    assert.match(walk.line, /^main:/);
    core.reverseContinue();
    assert.equal(walk.stop().reason, 'data breakpoint');
    assert.match(walk.line, /^square:/);
  });

  it('breakpoints are met backwards in programs that have been replaced since', () => {
    const hop = path.resolve('test/programs/time/hop.c'), between = readFileSync(hop, 'utf8').split('\n').findIndex(line => line.includes('BP:between')) + 1;
    const walk = new Walk('hop0.elf', { argv: ['hop', path.resolve('test/programs/time/walk0.elf')] }), { core } = walk;
    core.setSourceBreakpoints(hop, [{ line: between }]);
    core.setSourceBreakpoints(SOURCE, [{ line: lineOf('int result ='), hitCondition: '>1' }]);
    const places: string[] = [];
    const run = (go: () => void): string[] => {
      for (const met: string[] = []; ;) {
        go();
        const report = walk.finish();
        if (report.kind === 'exited' || report.kind === 'stopped' && (report.reason === 'entry' || report.text === 'the end of the recording')) return met;
        assert.ok(report.kind === 'stopped');
        met.push(`${report.pid} ${walk.placeOf(report.pid)}`);
      }
    };
    places.push(...run(() => core.continue()));
    assert.deepEqual(places.map(place => place.replace(/(\d+) \S+ (\S+) \S+/, '$1 $2')), [
      ...Array.from({ length: 4 }, () => `1002 square:${lineOf('int result =')}`), `1001 main:${between}`, ...Array.from({ length: 5 }, () => `1001 square:${lineOf('int result =')}`),
    ]);
    assert.deepEqual(run(() => core.reverseContinue()), places.slice().reverse());
    assert.deepEqual(run(() => core.continue()), places);
  });

  it('a frame is started again from its entry', () => {
    const walk = new Walk();
    walk.toMain();
    const { core } = walk;
    core.setSourceBreakpoints(SOURCE, [{ line: lineOf('return 1;') }]);
    core.continue();
    walk.stop();
    const frame = core.stackOf(PID).find(one => one.index === 2);
    assert.ok(frame);
    core.restartFrame(frame);
    walk.stop();
    const [first, second] = [core.stackOf(PID).at(0), core.stackOf(PID).at(1)];
    assert.deepEqual([first?.name, first?.pc === first?.function?.low, second?.name], ['factorial', true, 'factorial']);
  });

  it('pausing on the way leaves a stop in the past', () => {
    const walk = new Walk();
    walk.toMain();
    const { core } = walk;
    core.continue();
    walk.finish();
    core.reverseContinue();
    core.runSlice(() => true);
    assert.equal(core.pause().reason, 'pause');
    assert.ok(core.target.timeline.isInPast);
  });
});
