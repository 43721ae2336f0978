// The table of -c.
import assert from 'node:assert/strict';
import { Summary } from '../../src/trace/summary';

describe('trace/summary', () => {
  it('rows are sorted by time, the total stands below, blank errors are blank', () => {
    const summary = new Summary();
    summary.add(0, 'read', 10_125_000, false);
    summary.add(0, 'read', 10_125_000, false);
    for (let i = 0; i < 20; i++) summary.add(1, 'write', 220_000, false);
    summary.add(257, 'openat', 1_000, true);
    assert.equal(summary.text(), `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 82.15    0.020250       10125         2           read
 17.85    0.004400         220        20           write
  0.00    0.000001           1         1         1 openat
------ ----------- ----------- --------- --------- ----------------
100.00    0.024651        1071        23         1 total
`);
  });

  it('where nothing was counted there is no table', () => {
    assert.equal(new Summary().text(), '');
  });

  it('equal times leave the calls in the order of their numbers', () => {
    const summary = new Summary();
    summary.add(9, 'mmap', 0, false);
    summary.add(0, 'read', 0, false);
    assert.deepEqual(summary.sorted().map(row => row.name), ['read', 'mmap']);
    assert.deepEqual(summary.sorted('name').map(row => row.name), ['mmap', 'read']);
  });
});
