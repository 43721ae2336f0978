// Indirect jumps and calls inside regions: handlers of an interpreter on two pages, functions on many, stubs of a library's functions.
import assert from 'node:assert/strict';
import { ENGINE, REGION_EXIT } from '../../src/cpu/layout';
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

/** Functions far from each other; the last has the lowest 14 bits of the first. */
const FUNCTIONS = [0x1040, 0x7080, 0x10c0c0, 0x20c8c0, 0x309900, 0x40a100, 0x504840, 0x609040].map(at => CODE + at);
const REGISTERS = ['rip', 'rax', 'rcx', 'rdx', 'rsp', 'rflags'] as const;
const relative = (from: number, to: number): number[] => [0, 8, 16, 24].map(bits => (to - from) >> bits & 0xff);

/** again: call [rbx + rax * 8]; inc eax; and eax, 7; dec ecx; jnz again - and functions that add to rdx. */
function prepareCalls(c: Computer): void {
  c.write(CODE, [0xff, 0x14, 0xc3, 0xff, 0xc0, 0x83, 0xe0, 0x07, 0xff, 0xc9, 0x75, 0xf4]);
  FUNCTIONS.forEach((at, i) => {
    if (at >= CODE + 0x4000) c.mapNew(at & ~0xfff);
    c.write(at, [0x48, 0x83, 0xc2, i + 1, 0xc3]);
    c.memory.write64(c.pa(DATA + 8 * i), at, 0);
  });
  for (const [name, value] of [['rip', CODE], ['rbx', DATA], ['rax', 0], ['rdx', 0], ['rcx', 100_000_000]] as const) c.cpu.registers.set(name, BigInt(value));
}

/** again: call stub; dec ecx; jnz again - stub: jmp [rip + ...], to one of two functions. */
const STUB = CODE + 0x100, WORD = DATA + 0x10;
function prepareStub(c: Computer): void {
  c.write(CODE, [0xe8, ...relative(CODE + 5, STUB), 0xff, 0xc9, 0x75, 0xf7]);
  c.write(STUB, [0xff, 0x25, ...relative(STUB + 6, WORD)]);
  [0x1040, 0x2080].forEach((at, i) => { c.write(CODE + at, [0x48, 0x83, 0xc2, i + 1, 0xc3]); });
  c.memory.write64(c.pa(WORD), CODE + 0x1040, 0);
  for (const [name, value] of [['rip', CODE], ['rdx', 0], ['rcx', 100_000_000]] as const) c.cpu.registers.set(name, BigInt(value));
}

const lookups = (c: Computer): number => c.memory.u32[(ENGINE.regionExits >> 2) + REGION_EXIT.lookup] as number;
function compare(computers: readonly Computer[], lengths: number): void {
  for (let length = 1; length < lengths; length++) {
    for (const c of computers) assert.equal(c.run(length).kind, 'budget');
    const [one, other] = computers.map(({ cpu }) => REGISTERS.map(name => `${name} ${cpu.registers.get(name).toString(16)}`).join(' ') + ` after ${cpu.instructionsRetired}`);
    assert.equal(one, other);
  }
}

describe('cpu: indirect calls in regions', () => {
  it('go on inside, to functions on many pages and back, once they were seen to lead out again and again', () => {
    const translated = new Computer(), interpreted = new Computer({ engine: 'interpreter' });
    for (const c of [translated, interpreted]) { prepareCalls(c); assert.equal(c.run(8_000_000).kind, 'budget'); }
    const before = lookups(translated), turns = 1000, insns = 7 * turns;
    for (const c of [translated, interpreted]) assert.equal(c.run(insns).kind, 'budget');
    // The first and the last function have the same place in the map: one of them is looked up, and comes back so.
    assert.ok(lookups(translated) - before <= 2 * turns / FUNCTIONS.length + 10, `${lookups(translated) - before} times out of the region`);
    compare([translated, interpreted], 60);
  });

  it('through a stub, go on inside as long as its word is the same', () => {
    const translated = new Computer(), interpreted = new Computer({ engine: 'interpreter' }), both = [translated, interpreted];
    for (const c of both) { prepareStub(c); assert.equal(c.run(4_000_000).kind, 'budget'); }
    const before = lookups(translated);
    for (const c of both) assert.equal(c.run(6000).kind, 'budget');
    assert.ok(lookups(translated) - before <= 5, `${lookups(translated) - before} times out of the region`);
    compare(both, 30);
    for (const c of both) c.memory.write64(c.pa(WORD), CODE + 0x2080, 0);
    compare(both, 60);
  });
});
