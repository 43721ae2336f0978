// A step back is the inverse of a step over, wherever one stands: in recursion, in handlers, in children and threads, at the end of a long jump.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parsePosition } from '../../src/trace/position';
import { Walk } from './walk';

const SOURCE = path.resolve('test/programs/time/turns.c');
const LINES = readFileSync(SOURCE, 'utf8').split('\n');
const lineOf = (text: string): number => LINES.findIndex(line => line.includes(text)) + 1;

/** A walk of the person's kinds of steps, the same for each seed. */
function* kinds(seed: number): Generator<'over' | 'into' | 'out'> {
  for (let state = seed; ;) {
    state = (state * 1103515245 + 12345) % 2147483648;
    const turn = state / 2147483648;
    yield turn < 0.3 ? 'into' : turn < 0.97 ? 'over' : 'out';
  }
}

const depthOf = (walk: Walk, pid: number): number => {
  const stack = walk.core.stackOf(pid);
  let depth = 0;
  while (depth < 100 && stack.at(depth)) depth++;
  return depth;
};

/**
 * Steps of `pid`. A step back leads to where the step began. Where it is not known by which step the person came, it leads to where a step over begins
 * that ends here: the same place, unless the person came out of a function into the middle of a line. How many of these were compared.
 */
function walkThereAndBack(walk: Walk, pid: number, granularity: 'line' | 'instruction', seed: number, most: number): number {
  const { core } = walk;
  let compared = 0, isBegun = false;
  const wander = kinds(seed);
  for (let i = 0; i < most; i++) {
    const kind = wander.next().value;
    const from = walk.placeOf(pid), depth = depthOf(walk, pid);
    const isReturn = granularity === 'instruction' && core.target.readMemory(pid, core.stackOf(pid).at(0)?.pc ?? 0n, 1)[0] === 0xc3;
    const report = walk.step(kind, granularity, pid);
    if (report.kind !== 'stopped' || report.reason !== 'step' || report.pid !== pid) return compared;
    const to = walk.placeOf(pid), change = depthOf(walk, pid) - depth;
    const isOver = kind === 'over' && change === 0 && isBegun && !isReturn;
    isBegun = change >= 0;
    for (const how of isOver ? ['remembered', 'found'] : ['remembered']) {
      const what = `${how}: back from ${to}, ${kind}, start ${STARTS[seed - 1]}, step ${i}`;
      if (how === 'found') core.stateChanged();
      walk.back(granularity, pid);
      assert.equal(walk.placeOf(pid), from, what);
      const position = parsePosition(to.split(' ')[0] ?? '');
      assert.ok(position);
      core.goTo(position);
      walk.stop();
      assert.equal(walk.placeOf(pid), to, what);
    }
    if (isOver) compared++;
  }
  return compared;
}

/** Where walks begin: each part of the program. */
const STARTS = ['for (int i = 0; i < 4', 'while (counter < 10', 'raise(', 'counter = fib(4)', 'setjmp(place)', 'while (!isDone)', 'fork()', 'waitpid(', 'pthread_create(', 'pthread_join(', 'printf(', 'counter = 5;', 'counter += *(int', 'counter += signo', 'return fib('];

describe('a step back is the inverse of a step over', function () {
  this.timeout(120_000);

  for (const program of ['turns0.elf', 'turns2.elf']) {
    for (const granularity of ['line', 'instruction'] as const) {
      it(`${program}, ${granularity} by ${granularity}`, () => {
        let compared = 0;
        for (const [i, start] of STARTS.entries()) {
          const walk = new Walk(program);
          walk.toMain();
          walk.core.setSourceBreakpoints(SOURCE, [{ line: lineOf(start) }]);
          walk.core.continue();
          const stop = walk.finish();
          // The optimizer has left nothing of some lines.
          if (stop.kind !== 'stopped') continue;
          walk.core.setSourceBreakpoints(SOURCE, []);
          compared += walkThereAndBack(walk, stop.pid, granularity, i + 1, granularity === 'line' ? 12 : 25);
        }
        assert.ok(compared > 12, String(compared));
      });
    }
  }

  for (const level of [0, 2]) it(`hop${level}.elf: into a program that replaces the stepped one, and back out of it`, () => {
    const PID = 1001, walk = new Walk(`hop${level}.elf`, { argv: ['hop', path.resolve(`test/programs/time/walk${level}.elf`)] }), { core } = walk;
    walk.toMain();
    const hop = path.resolve('test/programs/time/hop.c'), exec = readFileSync(hop, 'utf8').split('\n').findIndex(line => line.includes('BP:between')) + 2;
    core.setSourceBreakpoints(hop, [{ line: exec }]);
    core.continue();
    walk.stop();
    core.setSourceBreakpoints(hop, []);
    const before = walk.place;
    core.setFunctionBreakpoints([{ name: 'main' }]);
    walk.step('over');
    assert.match(walk.line, /^main:/);
    core.setFunctionBreakpoints([]);
    const first = walk.place;
    assert.ok(walkThereAndBack(walk, PID, 'line', 3, 12) > 3);
    const position = parsePosition(first.split(' ')[0] ?? '');
    assert.ok(position);
    core.goTo(position);
    walk.stop();
    core.setSourceBreakpoints(hop, [{ line: exec }]);
    core.reverseContinue();
    walk.stop();
    assert.equal(walk.place, before);
  });

  it('a loop on one line is stepped over without a stop in each of its rounds, through a handler, and back', () => {
    const walk = new Walk('turns0.elf'), { core } = walk;
    walk.toMain();
    const loop = lineOf('while (!isDone)');
    core.setSourceBreakpoints(SOURCE, [{ line: loop }]);
    core.continue();
    walk.stop();
    core.setSourceBreakpoints(SOURCE, []);
    const before = walk.place;
    let runs = 0;
    const { run } = core.target;
    core.target.run = (...args) => { runs++; return run.apply(core.target, args); };
    for (const kind of ['over', 'into'] as const) {
      runs = 0;
      walk.step(kind);
      assert.equal(walk.line, `main:${lineOf('fork()')}`, kind);
      core.stateChanged();
      walk.back();
      assert.equal(walk.place, before, kind);
      // It went round some 70,000 times.
      assert.ok(runs < 1000, `${kind}: ${runs} runs`);
    }
  });
});
