// The x87 in regions, which count on TOP and the tags: the interpreter's state at every stop, also where they are entered with others.
import assert from 'node:assert/strict';
import { CODE, Computer } from './computer';
import type { CpuOptions } from '../../src/cpu/ports';

/** Once round: fincstp; fld1; fldpi; loop: fmul st, st(1); fld st; fdiv st, st(2); call function; faddp; fxch; fsqrt; dec ecx; jnz loop; fstp st; fstp st; int 0x80. */
const LOOP = [0xd8, 0xc9, 0xd9, 0xc0, 0xd8, 0xf2, 0xe8, 0, 0, 0, 0, 0xde, 0xc1, 0xd9, 0xc9, 0xd9, 0xfa, 0xff, 0xc9];
const START = [0xd9, 0xf7, 0xd9, 0xe8, 0xd9, 0xeb], END = [0xdd, 0xd8, 0xdd, 0xd8, 0xcd, 0x80];
const FUNCTION = CODE + 0x80;

/** fldl2e; fldpi; loop: fmul st, st(1); fadd st, st(1); fdiv st, st(1); fsub st, st(1); dec ecx; jnz loop; int 0x80: rounds all the time. */
const ROUNDING = [0xd9, 0xea, 0xd9, 0xeb, 0xd8, 0xc9, 0xd8, 0xc1, 0xd8, 0xf1, 0xd8, 0xe1, 0xff, 0xc9, 0x75, 0xf4, 0xcd, 0x80];

function prepare(options: CpuOptions): Computer {
  const c = new Computer(options);
  const code = [...START, ...LOOP, 0x75, 256 - LOOP.length - 2, ...END], call = START.length + 6;
  code.splice(call + 1, 4, FUNCTION - CODE - call - 5, 0, 0, 0);
  c.write(CODE, code);
  // fld st(1); fchs; faddp st(1): once more than it was; and every second time, by ecx: test cl, 1; jz to ret; fsub st, st(2).
  c.write(FUNCTION, [0xd9, 0xc1, 0xd9, 0xe0, 0xde, 0xc1, 0xf6, 0xc1, 0x01, 0x74, 0x02, 0xd8, 0xe2, 0xc3]);
  return c;
}
function begin(c: Computer, turns: number): void {
  for (const [name, value] of [['rip', BigInt(CODE)], ['rcx', BigInt(turns)], ['cs', 0x23n], ['ss', 0x1bn], ['rsp', 0x700000n]] as const) c.cpu.registers.set(name, value);
}

describe('cpu: the x87 in regions', () => {
  for (const [way, options] of Object.entries({ 'translated at once': { engine: 'translator', translateAfter: 0 }, 'translated after samples': {} } satisfies Record<string, CpuOptions>) as [string, CpuOptions][]) {
    it(`have the state of the interpreter at every stop: ${way}`, () => {
      const computers = [prepare(options), prepare({ engine: 'interpreter' })], [translated, interpreted] = computers as [Computer, Computer];
      for (const c of computers) {
        begin(c, 300_000);
        assert.equal(c.run(options.translateAfter === 0 ? 100_000 : 4_000_000).kind, 'budget');
      }
      for (let length = 1; length < 80; length++) {
        for (const c of computers) assert.equal(c.run(length).kind, 'budget');
        assert.deepEqual(translated.cpu.saveState(), interpreted.cpu.saveState(), `after ${interpreted.cpu.instructionsRetired}`);
      }
      assert.ok(translated.cpu.translator && translated.cpu.translator.statistics.regions > 0);
    });
  }

  it('note the first inexact result, also where one was noted when they were made', () => {
    const computers = [prepare({ engine: 'translator', translateAfter: 0 }), prepare({ engine: 'interpreter' })], [translated, interpreted] = computers as [Computer, Computer];
    let inexact = 0;
    for (const c of computers) { c.write(CODE, ROUNDING); begin(c, 300_000); }
    for (let turn = 1; turn < 60; turn++) {
      for (const c of computers) {
        assert.equal(c.run(turn === 1 ? 100 : turn).kind, 'budget');
        if (c.cpu.registers.get('fsw') & 0x20n) inexact++;
      }
      assert.deepEqual(translated.cpu.saveState(), interpreted.cpu.saveState(), `turn ${turn}`);
      for (const c of computers) c.cpu.registers.set('fsw', c.cpu.registers.get('fsw') & ~0x20n);
    }
    assert.ok(inexact > 60, `${inexact} of ${2 * 59}`);
  });

  it('are made anew for another TOP, and at last for any', () => {
    const computers = [prepare({ engine: 'translator', translateAfter: 0 }), prepare({ engine: 'interpreter' })], [translated, interpreted] = computers as [Computer, Computer];
    let regions = 0;
    for (let turn = 0; turn < 24; turn++) {
      for (const c of computers) {
        begin(c, 20);
        assert.equal(c.run().kind, 'hypercall');
      }
      assert.deepEqual(translated.cpu.saveState(), interpreted.cpu.saveState(), `turn ${turn}`);
      if (turn === 15) regions = translated.cpu.translator?.statistics.regions ?? 0;
    }
    assert.equal(translated.cpu.translator?.statistics.regions, regions, 'no new ones after all tops');
  });
});
