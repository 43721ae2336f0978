// Regions and rings: code is translated for the ring that it was met in, whatever ring the processor is in when its turn comes.
import assert from 'node:assert/strict';
import { ENGINE } from '../../src/cpu/layout';
import { CODE, Computer, STACK_TOP } from './computer';

/** push rax; pop rbx; jmp to the first. */
const LOOP = [0x50, 0x5b, 0xeb, 0xfc];
const SPIN = [0xeb, 0xfe], AT_SPIN = CODE + 0x1000;
const NOWHERE = 0x123456789abcdefn;

const go = (c: Computer, rip: number, ring: 0 | 3): void => {
  for (const [name, value] of [['cs', ring === 3 ? 0x23 : 8], ['ss', ring === 3 ? 0x1b : 16], ['rip', rip]] as const) c.cpu.registers.set(name, BigInt(value));
};

/** Whether a region runs: it begins with forgetting the pages of its places. */
function isRegionRun(c: Computer): boolean {
  const at = ENGINE.lastPages;
  c.memory.view.setBigUint64(at, NOWHERE, true);
  c.run(1000);
  return c.memory.view.getBigUint64(at, true) !== NOWHERE;
}

describe('cpu: regions and rings', () => {
  it('a region is made for the ring that its code was met in', () => {
    const c = new Computer(), regions = (): number => c.cpu.translator?.statistics.regions ?? 0;
    c.write(CODE, LOOP);
    c.write(AT_SPIN, SPIN);
    c.cpu.registers.set('rsp', BigInt(STACK_TOP - 64));
    go(c, CODE, 3);
    while (!c.cpu.translator?.isWaiting) assert.equal(c.run(1000).kind, 'budget');
    assert.equal(regions(), 0);
    const rip = Number(c.cpu.registers.get('rip'));
    go(c, AT_SPIN, 0);
    for (let i = 0; i < 10_000 && regions() === 0; i++) assert.equal(c.run(1000).kind, 'budget');
    assert.equal(regions(), 1);
    assert.equal(isRegionRun(c), false);
    go(c, rip, 3);
    assert.equal(isRegionRun(c), true);
    go(c, rip, 0);
    assert.equal(isRegionRun(c), false);
  });
});
