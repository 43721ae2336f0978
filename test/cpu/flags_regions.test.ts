// Flags in regions where an instruction changes some of them: rotates and products between additions, tests, calls for all flags, in loops whose paths meet.
// The interpreter's state at every stop.
import assert from 'node:assert/strict';
import { CODE, Computer, DATA } from './computer';
import type { CpuOptions } from '../../src/cpu/ports';

const LOOPS: Record<string, number[]> = {
  // add r9, r8; rol eax, 5; setc dl; inc ebx; adc rdx, 0; seto dh
  'a rotate behind a sum': [0x4d, 0x01, 0xc1, 0xc1, 0xc0, 0x05, 0x0f, 0x92, 0xc2, 0xff, 0xc3, 0x48, 0x83, 0xd2, 0x00, 0x0f, 0x90, 0xc6],
  // rol eax, 5; pushfq; pop rdi; inc ebx; pushfq; pop r10; ror r8, 7; jc +3; add r9, r8; rcl r9d, 1; xor rsi, rdi
  'a rotate at the start': [0xc1, 0xc0, 0x05, 0x9c, 0x5f, 0xff, 0xc3, 0x9c, 0x41, 0x5a, 0x49, 0xc1, 0xc8, 0x07, 0x72, 0x03, 0x4d, 0x01, 0xc1, 0x41, 0xd1, 0xd1, 0x48, 0x31, 0xfe],
  // inc ebx; rol bx, 3; sets dl; setz dh; imul eax, esi; dec r8; jo +3; inc r9; setp r10b
  'a rotate behind what keeps the carry': [0xff, 0xc3, 0x66, 0xc1, 0xc3, 0x03, 0x0f, 0x98, 0xc2, 0x0f, 0x94, 0xc6, 0x0f, 0xaf, 0xc6, 0x49, 0xff, 0xc8, 0x70, 0x03, 0x49, 0xff, 0xc1, 0x41, 0x0f, 0x9a, 0xc2],
  // inc ebx; mov [r15], eax; adc rdx, 0; dec r8d; mov [r15], ebx; rcr eax, cl
  'stores on two pages behind what keeps the carry': [0xff, 0xc3, 0x41, 0x89, 0x07, 0x48, 0x83, 0xd2, 0x00, 0x41, 0xff, 0xc8, 0x41, 0x89, 0x1f, 0xd3, 0xd8],
  // imul rax, rsi; jo +3; add r9, rax; imul r8d, r8d, 3; seta dl; and ebx, eax; ror ebx, 1; sbb r10, r10; shl edi, 4; ror edi, 9; cmovbe rdi, rbx
  'products': [0x48, 0x0f, 0xaf, 0xc6, 0x70, 0x03, 0x49, 0x01, 0xc1, 0x45, 0x6b, 0xc0, 0x03, 0x0f, 0x97, 0xc2, 0x21, 0xc3, 0xd1, 0xcb, 0x4d, 0x19, 0xd2, 0xc1, 0xe7, 0x04, 0xc1, 0xcf, 0x09, 0x48, 0x0f, 0x46, 0xfb],
};

function prepare(loop: readonly number[], options: CpuOptions): Computer {
  const c = new Computer(options);
  // ... dec rcx; jnz to the start; shl edx, cl: the last instruction of the region changes flags now and then.
  c.load([...loop, 0x48, 0xff, 0xc9, 0x75, 256 - loop.length - 5, 0xd3, 0xe2, 0xcd, 0x80]);
  for (const [name, value] of [['rax', 0x123456789abcdef1n], ['rbx', 0x8000ffffn], ['rcx', 1_000_000n], ['rsi', 0x1003n], ['r15', BigInt(DATA + 0xffe)], ['r8', 0xfedcba9876543210n], ['rip', BigInt(CODE)]] as const) c.cpu.registers.set(name, value);
  return c;
}

describe('cpu: flags in regions', () => {
  for (const [name, loop] of Object.entries(LOOPS)) {
    it(`are those of the interpreter at every stop: ${name}`, () => {
      const computers = [prepare(loop, { engine: 'translator', translateAfter: 0 }), prepare(loop, { engine: 'interpreter' })], [translated, interpreted] = computers as [Computer, Computer];
      for (let length = 1; length < 150; length++) {
        for (const c of computers) assert.equal(c.run(length).kind, 'budget');
        assert.deepEqual(translated.cpu.saveState(), interpreted.cpu.saveState(), `after ${interpreted.cpu.instructionsRetired}`);
      }
      assert.ok(translated.cpu.translator && translated.cpu.translator.statistics.regions > 0);
    });
  }
});
