import assert from 'node:assert/strict';
import type { EngineProfile } from '../../src/cpu/profile';
import { CODE, Computer, DATA } from './computer';

const END = [0x0f, 0x01, 0xc1];
/** mov al, [rsi]; mov [rdi], al: the TLB knows both pages. Then the instruction. */
const program = (instruction: readonly number[]): number[] => [0x8a, 0x06, 0x88, 0x07, ...instruction, ...END];
const FORMS = [1, 2, 4, 8].flatMap(size => {
  const prefix = size === 2 ? [0x66] : [], wide = size === 8 ? [0x48] : [], low = size === 1 ? 0 : 1;
  return [{ name: `rep movs of ${size}`, size, isMove: true, code: [...prefix, 0xf3, ...wide, 0xa4 + low] }, { name: `rep stos of ${size}`, size, isMove: false, code: [...prefix, 0xf3, ...wide, 0xaa + low] }];
});

function randomness(seed: number): (most: number) => number {
  let state = seed;
  return most => { state = Math.imul(state, 1103515245) + 12345 & 0x7fffffff; return (state >>> 8) % most; };
}

/** Instructions that were not the emitted code's, the VMCALL at the end among them. */
const counted = ({ helpers }: EngineProfile): number => [...helpers.values()].reduce((sum, n) => sum + n, 0);
const bytesAt = (c: Computer, address: number): Uint8Array => c.memory.u8.slice(c.pa(address), c.pa(address) + 4096);

describe('repeated string instructions', () => {
  for (const engine of ['interpreter', 'translator'] as const) {
    for (const { name, size, isMove, code } of FORMS) {
      it(`${name} is what element after element gives, however it lies: ${engine}`, () => {
        const random = randomness(size * 2 + Number(isMove)), c = new Computer(engine === 'interpreter' ? { engine } : { translateAfter: 0 }), profile = c.cpu.startProfile(() => 0);
        let byTypeScript = 0;
        c.load(program(code));
        for (let turn = 0; turn < 300; turn++) {
          // Two pages; now far apart, now overlapping, now over the border.
          const before = Uint8Array.from({ length: 8192 }, () => random(256)), count = random(4) === 0 ? random(3) : random(3000 / size);
          const room = 8192 - count * size, from = random(room), to = random(3) === 0 ? Math.min(room, Math.max(0, from + random(64) - 32)) : random(room);
          const rax = random(2) === 0 ? 0x4242424242424242n : BigInt(random(0x7fffffff)) << 31n ^ BigInt(random(0x7fffffff));
          for (const at of [0, 4096]) c.memory.u8.set(before.subarray(at, at + 4096), c.pa(DATA + at));
          for (const [register, value] of [['rip', CODE], ['rsi', DATA + from], ['rdi', DATA + to], ['rcx', count]] as const) c.cpu.registers.set(register, BigInt(value));
          c.cpu.registers.set('rax', rax);
          const known = counted(profile), retired = c.cpu.instructionsRetired;
          assert.equal(c.run().kind, 'hypercall');
          byTypeScript += counted(profile) - known;
          const wanted = before.slice(), al = before[from] ?? 0;
          wanted[to] = al;
          const pattern = rax & ~0xffn | BigInt(al);
          const stored = Uint8Array.from({ length: size }, (_, i) => Number(pattern >> BigInt(8 * i) & 0xffn));
          for (let i = 0; i < count * size; i += size) wanted.set(isMove ? wanted.slice(from + i, from + i + size) : stored, to + i);
          assert.deepEqual(bytesAt(c, DATA), wanted.slice(0, 4096), `turn ${turn}`);
          assert.deepEqual(bytesAt(c, DATA + 4096), wanted.slice(4096), `turn ${turn}`);
          assert.deepEqual(['rsi', 'rdi', 'rcx'].map(register => c.cpu.registers.get(register as 'rsi')), [BigInt(DATA + from + (isMove ? count * size : 0)), BigInt(DATA + to + count * size), 0n]);
          assert.equal(c.cpu.instructionsRetired - retired, 4);
        }
        assert.ok(byTypeScript > 0 && byTypeScript < 270, `${byTypeScript} of 300 repetitions were TypeScript's`);
      });
    }
  }
});
