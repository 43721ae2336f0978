// Indirect jumps inside regions: handlers of an interpreter on two pages.
import assert from 'node:assert/strict';
import { Computer, CODE, DATA } from './computer';

const HANDLERS = [CODE + 0x40, CODE + 0x1040];

/** and eax, 1; jmp [rbx + rax * 8]; and two handlers that add to rdx, count, and go back. */
function prepare(c: Computer, turns: number): void {
  c.write(CODE, [0x83, 0xe0, 0x01, 0xff, 0x24, 0xc3]);
  HANDLERS.forEach((at, i) => {
    const back = (CODE - (at + 14)) | 0;
    c.write(at, [0x48, 0x83, 0xc2, 3 + 2 * i, 0xff, 0xc0, 0xff, 0xc9, 0x0f, 0x85, back & 0xff, (back >> 8) & 0xff, (back >> 16) & 0xff, (back >> 24) & 0xff, 0x0f, 0x01, 0xc1]);
    c.memory.write64(c.pa(DATA + 8 * i), at, 0);
  });
  for (const [name, value] of [['rip', CODE], ['rbx', DATA], ['rax', 0], ['rdx', 0], ['rcx', turns]] as const) c.cpu.registers.set(name, BigInt(value));
}

describe('cpu: indirect jumps in regions', () => {
  it('go on inside where they led before, on another page too, with the state of the interpreter at every stop', () => {
    const translated = new Computer(), interpreted = new Computer({ engine: 'interpreter' });
    for (const c of [translated, interpreted]) {
      prepare(c, 3_000_000);
      assert.equal(c.run(6_000_000).kind, 'budget');
    }
    const { regions, instructions } = translated.cpu.translator?.statistics ?? {};
    assert.deepEqual({ regions, instructions }, { regions: 1, instructions: 2 + 2 * 4 }, 'loop and handlers are one region');
    for (let length = 1; length < 100; length++) {
      for (const c of [translated, interpreted]) assert.equal(c.run(length).kind, 'budget');
      for (const name of ['rip', 'rax', 'rcx', 'rdx', 'rflags'] as const) assert.equal(translated.cpu.registers.get(name), interpreted.cpu.registers.get(name), `${name} after ${interpreted.cpu.instructionsRetired}`);
    }
  });

  it('leave for a target that is new', () => {
    const c = new Computer();
    prepare(c, 10_000_000);
    assert.equal(c.run(6_000_000).kind, 'budget');
    const at = CODE + 0x2010;
    c.write(at, [0xbf, 7, 0, 0, 0, 0x0f, 0x01, 0xc1]);
    c.memory.write64(c.pa(DATA + 8), at, 0);
    assert.notEqual(c.run(1000).kind, 'budget');
    assert.equal(c.cpu.registers.get('rdi'), 7n);
  });
});
