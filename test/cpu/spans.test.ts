// One look at a page stands for several accesses around a value: what if their bytes are on two pages.
import assert from 'node:assert/strict';
import { ENGINE } from '../../src/cpu/layout';
import { Computer, CODE, STACK_TOP } from './computer';

const END = [0x0f, 0x01, 0xc1];
/** push rax; push rcx; pop rbx; pop rdx; dec ecx; jnz to the first. */
const LOOP = [0x50, 0x51, 0x5b, 0x5a, 0xff, 0xc9, 0x75, 0xf8, ...END];

/** In a loop, with the boundary of two pages `above` bytes below the stack pointer; runs of many lengths end anywhere in it. */
function run(c: Computer, above: number, turns: number): void {
  const set = (name: Parameters<typeof c.cpu.registers.set>[0], value: number): void => c.cpu.registers.set(name, BigInt(value));
  c.write(CODE, LOOP);
  set('rip', CODE);
  set('rsp', STACK_TOP - 0x1000 + above);
  set('rax', 0x1234);
  set('rcx', turns);
}

describe('cpu: accesses that one look at a page stands for', () => {
  for (const above of [0, 4, 8, 12, 16]) {
    it(`give the same when the pages meet ${above} bytes below the first`, () => {
      const translated = new Computer({ translateAfter: 0 }), interpreted = new Computer({ engine: 'interpreter' });
      run(translated, above, 3000);
      run(interpreted, above, 3000);
      for (let length = 1; length < 150; length++) {
        for (const c of [translated, interpreted]) assert.equal(c.run(length).kind, 'budget');
        for (const name of ['rip', 'rsp', 'rbx', 'rcx', 'rdx', 'rflags'] as const) assert.equal(translated.cpu.registers.get(name), interpreted.cpu.registers.get(name), `${name} after ${interpreted.cpu.instructionsRetired}`);
        assert.equal(translated.cpu.instructionsRetired, interpreted.cpu.instructionsRetired);
      }
    });
  }

  it('look at their pages one by one where they were on two again and again', () => {
    const c = new Computer();
    run(c, 8, 3_000_000);
    const straddles = (): number => c.memory.u32[ENGINE.straddles >> 2] ?? 0;
    assert.equal(c.run(9_000_000).kind, 'budget');
    assert.ok((c.cpu.translator?.statistics.regions ?? 0) >= 2, 'the loop was translated again');
    assert.equal(c.cpu.translator?.statistics.dropped, 1);
    assert.equal(straddles(), 0);
    assert.equal(c.run(5_000_000).kind, 'budget');
    assert.equal(c.cpu.translator.statistics.dropped, 1);
    assert.equal(straddles(), 0);
    assert.equal(c.cpu.registers.get('rdx'), 0x1234n);
  });
});
