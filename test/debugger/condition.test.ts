import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UserError } from '../../src/base/errors';
import { parseCondition, type ConditionValue } from '../../src/debugger/condition';

const names: Record<string, ConditionValue> = { fd: 3n, flags: 0o1101n, O_CREAT: 0o100n, path: '/etc/passwd', ret: -2n, ENOENT: 2n, 'statbuf->st_size': 7n };
const evaluate = (text: string): ConditionValue => parseCondition(text).evaluate(name => names[name]);

describe('condition', () => {
  const table: [string, ConditionValue][] = [
    ['fd == 3', 1n], ['fd != 3', 0n], ['ret < 0', 1n], ['-ret == ENOENT', 1n], ['flags & O_CREAT', 64n], ['!(flags & O_CREAT)', 0n],
    ['path ~ "/etc"', 1n], ['path ~ "^/etc/.*wd$"', 1n], ['path ~ "^passwd"', 0n], ['path !~ "x{3}"', 1n], ['path ~ "\\."', 0n], ['path == "/etc/passwd" && flags & O_CREAT', 1n],
    ['1 + 2 * 3', 7n], ['(1 + 2) * 3', 9n], ['10 - 4 - 3', 3n], ['0x10 | 010', 24n], ['7 / 2', 3n], ['-7 / 2', -3n], ['-7 % 4', -3n],
    ['fd == 3 ? 10 : 20', 10n], ['fd > 5 || ret', 1n], ['~0', -1n], ['1 << 63', -(1n << 63n)], ["'A'", 65n], ["'\\n'", 10n], ['statbuf->st_size', 7n], ['fd <= 3 && fd >= 3', 1n], ['0', 0n], ['5UL', 5n],
  ];
  for (const [text, value] of table) it(`${text} is ${value}`, () => assert.equal(evaluate(text), value));

  const wrong: [string, RegExp][] = [
    ['', /condition ends where a value/], ['fd ==', /ends where a value/], ['fd == = 3', /'=/], ['(fd', /'\)' is expected/], ['fd 3', /'3' stands at column 4 where an operator/],
    ['fd @ 3', /'@' at column 4 cannot be read/], ['path ~ "("', /not a regular expression/], ['path + 1', /needs integers/], ['fd == "x"', /one of them is a string/],
    ['nothing == 1', /nothing here is named 'nothing'/], ['1 / 0', /division by zero/], ['"open', /cannot be read/], ['path ~ 5', /right side of '~'/], ['12abc', /cannot be read/],
  ];
  for (const [text, message] of wrong) it(`${text || '(nothing)'} is refused with a sentence`, () => assert.throws(() => evaluate(text), e => e instanceof UserError && message.test(e.message)));

  it('tells which names it mentions', () => assert.deepEqual([...parseCondition('path ~ "a" && (errno || ret > 3)').names], ['path', 'errno', 'ret']));

  it('never throws anything but UserError', () => {
    const pieces = fc.array(fc.constantFrom('fd', 'path', '"a"', '1', '(', ')', '~', '&&', '?', ':', '-', '<<', '"', "'", '0x', '/', '0', '!'), { maxLength: 30 });
    fc.assert(fc.property(pieces, parts => {
      try { evaluate(parts.join(' ')); } catch (error) { assert(error instanceof UserError, String(error)); }
    }), { numRuns: 500 });
    assert.throws(() => evaluate('('.repeat(100_000)), UserError);
    assert.throws(() => evaluate('-'.repeat(100_000)), UserError);
  });
});
