import assert from 'node:assert/strict';
import { comparePositions, formatPosition, parsePosition } from '../../src/trace/position';

describe('positions', () => {
  it('are ordered by instructions, then kernel entries, then probes', () => {
    const order = [[1, 9, 9], [2, 0, 0], [2, 0, 1], [2, 1, 0], [3, 0, 0]].map(([instructions = 0, entry = 0, probe = 0]) => ({ instructions, entry, probe }));
    for (let i = 1; i < order.length; i++) {
      assert.ok(comparePositions(order[i - 1]!, order[i]!) < 0);
      assert.ok(comparePositions(order[i]!, order[i - 1]!) > 0);
    }
    assert.equal(comparePositions(order[0]!, { ...order[0]! }), 0);
  });

  it('are one token, and read back from it', () => {
    const inside = { instructions: 1234567, entry: 45, probe: 6 };
    assert.deepEqual([formatPosition(inside), formatPosition({ ...inside, probe: 0 })], ['1234567.45.6', '1234567.45']);
    assert.deepEqual(parsePosition('1234567.45.6'), inside);
    assert.deepEqual(parsePosition('1234567.45'), { ...inside, probe: 0 });
    for (const text of ['', '12', '1.2.3.4', '-1.2', '1.x', '1.2 ']) assert.equal(parsePosition(text), undefined, text);
  });
});
