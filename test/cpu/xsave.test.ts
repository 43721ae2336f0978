// The XSAVE image of a whole state, which is copied word by word where it is aligned: compared with the way that serves any address and any components.
import assert from 'node:assert/strict';
import { XSAVE_BYTES } from '../../src/cpu/xsave';
import { Computer, DATA } from './computer';

const NUMBERS = 300;

/** Random numbers with many zeros among them. */
function randomWords(seed: number): () => number {
  let state = seed;
  const next = (): number => state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return () => next() >>> 28 < 8 ? 0 : next();
}

function randomize(c: Computer, seed: number): void {
  const { registers } = c.cpu, word = randomWords(seed), wide = (): bigint => BigInt(word()) << 32n | BigInt(word());
  const isInitial = (bit: number): boolean => (seed >> bit & 1) === 1;
  registers.set('fcw', isInitial(0) ? 0x37fn : BigInt(word() & 0xffff));
  registers.set('fsw', isInitial(0) ? 0n : BigInt(word() & 0xffff));
  registers.set('ftw', isInitial(0) ? 0n : BigInt(word() & 0xff));
  registers.set('fop', BigInt(word() & 0x7ff));
  registers.set('fip', wide());
  registers.set('fdp', wide());
  registers.set('mxcsr', isInitial(1) ? 0x1f80n : BigInt(word() & 0xffff));
  for (let i = 0; i < 8; i++) registers.setSt(i, isInitial(0) ? 0n : wide(), isInitial(0) ? 0 : word() & 0xffff);
  for (let i = 0; i < 16; i++) registers.setYmm(i, [wide(), wide(), wide(), wide()].map((value, k) => isInitial(k < 2 ? 1 : 2) ? 0n : value) as [bigint, bigint, bigint, bigint]);
}

describe('cpu/xsave: a whole image', () => {
  const c = new Computer(), aligned = c.pa(DATA), odd = c.pa(DATA + 0x1000) + 1;
  const image = (pa: number): Uint8Array => c.memory.u8.slice(pa, pa + XSAVE_BYTES);

  it('is the same at an aligned address and at another', () => {
    for (let seed = 0; seed < NUMBERS; seed++) {
      randomize(c, seed);
      c.memory.fill(aligned, XSAVE_BYTES, 0xaa);
      c.cpu.xsave(aligned);
      // Over zeros, as what is not saved stays.
      c.memory.fill(odd, XSAVE_BYTES, 0);
      c.cpu.xsave(odd);
      assert.deepEqual(image(aligned), image(odd), `seed ${seed}`);
    }
  });

  it('is loaded the same from either, with components left out, and refused the same', () => {
    for (let seed = 0; seed < NUMBERS; seed++) {
      randomize(c, seed);
      c.cpu.xsave(aligned);
      c.memory.write8(aligned + 512, seed % 11);
      if (seed % 7 === 0) c.memory.write8(aligned + 512 + [4, 8, 12, 15][seed % 4]!, 1);
      if (seed % 5 === 0) c.memory.write8(aligned + 26, 1);
      c.memory.writeBytes(odd, image(aligned));
      randomize(c, seed + 1);
      const before = c.cpu.saveState(), isLoaded = c.cpu.xrstor(odd), expected = c.cpu.saveState();
      c.cpu.loadState(before);
      assert.equal(c.cpu.xrstor(aligned), isLoaded, `seed ${seed}`);
      if (isLoaded) assert.deepEqual(c.cpu.saveState(), expected, `seed ${seed}`);
    }
  });
});
