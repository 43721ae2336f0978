// Scalars in regions, which stand in locals of their own until somebody asks for the vectors that they are in: the interpreter's state at every stop, also where
// accesses fall on two pages, and where paths meet.
import assert from 'node:assert/strict';
import { STATE } from '../../src/cpu/layout';
import { CODE, Computer, DATA } from './computer';
import type { CpuOptions } from '../../src/cpu/ports';

const LOOPS: Record<string, number[]> = {
  // movsd xmm0, [rbx]; mulsd xmm0, xmm1; movsd [rbx+8], xmm0; addsd xmm2, xmm0; unpcklpd xmm0, xmm2; addss xmm3, xmm4; movss [rbx+16], xmm3; movsd xmm3, xmm1;
  // pxor xmm5, xmm5; cvtsi2sd xmm5, ecx; divsd xmm5, xmm1; comisd xmm5, xmm2
  'of one block': [
    0xf2, 0x0f, 0x10, 0x03, 0xf2, 0x0f, 0x59, 0xc1, 0xf2, 0x0f, 0x11, 0x43, 0x08, 0xf2, 0x0f, 0x58, 0xd0, 0x66, 0x0f, 0x14, 0xc2, 0xf3, 0x0f, 0x58, 0xdc, 0xf3, 0x0f, 0x11, 0x5b, 0x10, 0xf2, 0x0f, 0x10, 0xd9,
    0x66, 0x0f, 0xef, 0xed, 0xf2, 0x0f, 0x2a, 0xe9, 0xf2, 0x0f, 0x5e, 0xe9, 0x66, 0x0f, 0x2f, 0xea,
  ],
  // pxor xmm6, xmm6; sqrtsd xmm6, [rbx+8]; ucomisd xmm6, xmm1; ja over: addsd xmm6, xmm1; movhlps xmm7, xmm6; then movaps xmm8, xmm6; movss xmm6, [rbx+16];
  // movsd [rbx+24], xmm6; mulss xmm6, xmm6; shufps xmm6, xmm8, 0x4e; movq rdx, xmm6
  'where paths meet': [
    0x66, 0x0f, 0xef, 0xf6, 0xf2, 0x0f, 0x51, 0x73, 0x08, 0x66, 0x0f, 0x2e, 0xf1, 0x77, 0x07, 0xf2, 0x0f, 0x58, 0xf1, 0x0f, 0x12, 0xfe, 0x44, 0x0f, 0x28, 0xc6, 0xf3, 0x0f, 0x10, 0x73, 0x10,
    0xf2, 0x0f, 0x11, 0x73, 0x18, 0xf3, 0x0f, 0x59, 0xf6, 0x41, 0x0f, 0xc6, 0xf0, 0x4e, 0x66, 0x48, 0x0f, 0x7e, 0xf2,
  ],
  // vmovsd xmm9, [rbx]; vaddsd xmm10, xmm9, xmm1; vmulss xmm11, xmm10, xmm4; vsubsd xmm9, xmm10, xmm11; vmovsd [rbx+32], xmm9; maxsd xmm10, xmm9; cmpltsd xmm10, xmm1;
  // vcvtsd2ss xmm12, xmm9, xmm1; vcvtss2sd xmm12, xmm12, xmm4; pextrq rdx, xmm9, 1; andpd xmm12, xmm10
  'with three operands': [
    0xc5, 0x7b, 0x10, 0x0b, 0xc5, 0x33, 0x58, 0xd1, 0xc5, 0x2a, 0x59, 0xdc, 0xc4, 0x41, 0x2b, 0x5c, 0xcb, 0xc5, 0x7b, 0x11, 0x4b, 0x20, 0xf2, 0x45, 0x0f, 0x5f, 0xd1, 0xf2, 0x44, 0x0f, 0xc2, 0xd1, 0x01,
    0xc5, 0x33, 0x5a, 0xe1, 0xc5, 0x1a, 0x5a, 0xe4, 0x66, 0x4c, 0x0f, 0x3a, 0x16, 0xca, 0x01, 0x66, 0x45, 0x0f, 0x54, 0xe2,
  ],
  // mulsd xmm1, xmm1; addsd xmm2, xmm1; mulsd xmm3, xmm3; addsd xmm4, xmm3; movapd xmm5, xmm3; subsd xmm5, xmm4; mulss xmm6, xmm6; addss xmm7, xmm6; mulsd xmm8, xmm9;
  // test cl, 31; jnz over: movsd xmm1, [rbx+8]; movsd xmm3, [rbx+16]
  'that leave the ordinary on the way': [
    0xf2, 0x0f, 0x59, 0xc9, 0xf2, 0x0f, 0x58, 0xd1, 0xf2, 0x0f, 0x59, 0xdb, 0xf2, 0x0f, 0x58, 0xe3, 0x66, 0x0f, 0x28, 0xeb, 0xf2, 0x0f, 0x5c, 0xec, 0xf3, 0x0f, 0x59, 0xf6, 0xf3, 0x0f, 0x58, 0xfe,
    0xf2, 0x45, 0x0f, 0x59, 0xc1, 0xf6, 0xc1, 0x1f, 0x75, 0x0a, 0xf2, 0x0f, 0x10, 0x4b, 0x08, 0xf2, 0x0f, 0x10, 0x5b, 0x10,
  ],
};

function prepare(loop: readonly number[], at: number, mxcsr: number, options: CpuOptions): Computer {
  const c = new Computer(options), { view } = c.memory;
  // ... dec rcx; jnz to the start
  c.load([...loop, 0x48, 0xff, 0xc9, 0x75, 256 - loop.length - 5, 0xcd, 0x80]);
  for (let n = 0; n < 16; n++) for (let i = 0; i < 4; i++) view.setFloat64(STATE.ymm + 32 * n + 8 * i, n === 1 && i === 0 ? 0.75 : 1.5 * n + i / 3, true);
  for (let i = 0; i < 6; i++) {
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setFloat64(0, i * 1.25 + 0.1, true);
    c.write(at + 8 * i, [...new Uint8Array(bytes.buffer)]);
  }
  view.setUint32(STATE.mxcsr, mxcsr, true);
  for (const [name, value] of [['rbx', BigInt(at)], ['rcx', 1_000_000n], ['rip', BigInt(CODE)]] as const) c.cpu.registers.set(name, value);
  return c;
}

describe('cpu: scalars in regions', () => {
  for (const [name, loop] of Object.entries(LOOPS)) {
    for (const [where, at] of [['on one page', DATA + 0x100], ['on two', DATA + 0x1000 - 12]] as const) {
      it(`are those of the interpreter at every stop: ${name}, ${where}`, () => {
        for (const mxcsr of [0x1f80, 0x1fa0]) {
          const computers = [prepare(loop, at, mxcsr, { engine: 'translator', translateAfter: 0 }), prepare(loop, at, mxcsr, { engine: 'interpreter' })], [translated, interpreted] = computers as [Computer, Computer];
          for (let length = 1; length < 120; length++) {
            for (const c of computers) assert.equal(c.run(length).kind, 'budget');
            assert.deepEqual(translated.cpu.saveState(), interpreted.cpu.saveState(), `after ${interpreted.cpu.instructionsRetired}`);
            assert.deepEqual(computers.map(c => [0, 8, 16, 24, 32].map(i => c.read64(at + i)))[0], [0, 8, 16, 24, 32].map(i => interpreted.read64(at + i)));
          }
          assert.ok(translated.cpu.translator && translated.cpu.translator.statistics.regions > 0);
        }
      });
    }
  }
});
