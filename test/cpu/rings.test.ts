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

  it('a region that calls a kernel goes on behind its SYSCALL, and so returns to who called it', () => {
    const c = new Computer(), { registers, translator } = c.cpu;
    c.write(CODE, [0xe8, 0xfb, 0x00, 0x00, 0x00, 0xff, 0xc1, 0xeb, 0xf7]); // again: call 256 bytes on; inc ecx; jmp again
    c.write(CODE + 0x100, [0x52, 0x51, 0x0f, 0x05, 0x59, 0x5a, 0xc3]); // push rdx; push rcx; syscall; pop rcx; pop rdx; ret
    c.write(AT_SPIN, [0x48, 0xff, 0xc3, 0x48, 0x0f, 0x07]); // inc rbx; sysret
    for (const [name, value] of [['star', 0x0010_0008n << 32n], ['lstar', BigInt(AT_SPIN)], ['rsp', BigInt(STACK_TOP - 64)], ['rcx', 0n], ['rbx', 0n]] as const) registers.set(name, value);
    go(c, CODE, 3);
    const alive = (): number => (translator?.statistics.regions ?? 0) - (translator?.statistics.dropped ?? 0);
    for (let i = 0; i < 10_000 && !(alive() === 2 && isRegionRun(c)); i++) assert.equal(c.run(1000).kind, 'budget');
    assert.equal(c.run(1_000_000).kind, 'budget');
    assert.equal(alive(), 2);
    assert.ok(registers.get('rbx') - registers.get('rcx') <= 1n);
  });
});
