// Expressions at a frame of a stopped (recorded) program: variables, registers, functions, types and enumerators through the debugger.
import assert from 'node:assert/strict';
import { Debugger } from '../../../src/debugger/debugger';
import { printExpression } from '../../../src/debugger/expression/expression';
import { frameContext } from '../../../src/debugger/expression/frame_context';
import { Modules } from '../../../src/debugger/modules';
import { catalog } from '../catalog';
import { lineOf, openSymbols, PID, ReplayTarget, SOURCE } from '../replay_target';

function at(marker: string): (text: string, depth?: number, allowSideEffects?: boolean) => string {
  const target = new ReplayTarget(() => undefined);
  const core = new Debugger(target, {
    openSymbols, catalog, listener: { breakpointChanged: () => undefined, logged: () => undefined, taskStarted: () => undefined, taskExited: () => undefined, modulesChanged: () => undefined },
  });
  core.setSourceBreakpoints(SOURCE, [{ line: lineOf(marker) }]);
  core.continue();
  while (!core.runSlice(() => true));
  const modules = new Modules(target, openSymbols);
  return (text, depth = 0, allowSideEffects = false) => {
    const frame = core.stackOf(PID).at(depth);
    assert.ok(frame);
    return printExpression(text, frameContext(target, modules, frame), { allowSideEffects });
  };
}

describe('expressions at a frame', () => {
  it('see variables of the frame and of its callers', () => {
    const print = at('middle-after');
    assert.equal(print('numbers'), '{1, 2, 3}');
    assert.equal(print('numbers[1] * 2 + a'), '7');
    assert.equal(print('*p'), print('origin'));
    assert.match(print('*p'), /^\{x = 7, y = -8, next = 0x[0-9a-f]+ <origin>, low = 5, high = 17\}$/);
    assert.match(print('p'), /^\(struct point \*\) 0x[0-9a-f]+ <origin>$/);
    assert.equal(print('p->next->next->x'), '7');
    assert.equal(print('half'), '0.5');
    assert.equal(print('colour'), 'GREEN');
    assert.equal(print('colour == GREEN && RED == 0'), '1');
    assert.match(print('name'), /^0x[0-9a-f]+ <greeting> "hello"$/);
    assert.equal(print('greeting'), '"hello", \'\\000\' <repeats 10 times>');
    assert.equal(print('sizeof(struct point)'), '24');
    assert.equal(print('(enum colour)5'), 'GREEN');
    assert.equal(print('result', 1).length > 0, true);
  });

  it('see functions and registers', () => {
    const print = at('leaf');
    assert.match(print('leaf'), /^\{int \(int, int\)\} 0x[0-9a-f]+ <leaf>$/);
    assert.match(print('&leaf'), /^\(int \(\*\)\(int, int\)\) 0x[0-9a-f]+ <leaf>$/);
    assert.match(print('$pc'), /^\(void \(\*\)\(\)\) 0x[0-9a-f]+ <leaf\+\d+>$/);
    assert.match(print('$rsp'), /^\(void \*\) 0x7f[0-9a-f]+$/);
    assert.equal(print('$rip == $pc'), '1');
    assert.match(print('$rsp,x'), /^0x7f/);
    assert.equal(print('b'), '7');
  });

  it('refuse what is not there', () => {
    const print = at('leaf');
    assert.throws(() => print('nothing + 1'), /No symbol "nothing" in current context \(column 1\)/);
    assert.throws(() => print('counter = 5'), /would change the program/);
    assert.throws(() => print('$rnothing'), /there is no register/);
  });
});
