// The panel's timeline draws as fine as the computer is fast.
import assert from 'node:assert/strict';
import { Pace } from '../../src/webview/pace';

/** A computer that takes 16 ms, and so long for a whole picture. */
const coarseAfter = (pace: Pace, frames: number, wholeMs: number): { slow: number; coarse: number } => {
  let slow = 0;
  for (let i = 0; i < frames; i++) {
    const ms = 16 + wholeMs / pace.coarse;
    if (ms > 50) slow++;
    pace.took(ms);
  }
  return { slow, coarse: pace.coarse };
};

describe('webview/pace', () => {
  it('a fast computer draws whole pictures', () => assert.deepEqual(coarseAfter(new Pace(), 500, 10), { slow: 0, coarse: 1 }));

  it('on a slow one fewer than a frame in fifty takes longer than 50 ms', () => {
    for (const wholeMs of [30, 40, 60, 100, 140]) assert.ok(coarseAfter(new Pace(), 500, wholeMs).slow < 10, `${wholeMs} ms`);
  });

  it('it is fine again soon after the computer has time', () => {
    const pace = new Pace();
    coarseAfter(pace, 20, 100);
    assert.ok(pace.coarse >= 4);
    assert.equal(coarseAfter(pace, 100, 3).coarse, 1);
  });
});
