// Results that the manual bounds but does not define: RCP and RSQRT within 1.5 * 2^-12 (SDM 2B, RCPPS), the x87's transcendental functions within one unit of the last
// place (SDM 1, 8.3.10). Which of the permitted results comes is the same in both engines (random_programs.test.ts) and on every host, for it is integer arithmetic.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { contextOf, type F80 } from '../../src/cpu/softfloat80';
import { arctangent, exponential, logarithm, sine, tangent } from '../../src/cpu/transcendental80';
import { Computer } from './computer';
import { Random } from './silicon/cases';

const CASES = Number(process.env['CASES'] ?? 400);

describe('cpu: estimates', () => {
  const computer = new Computer(), { registers } = computer.cpu, view = new DataView(new ArrayBuffer(16));
  /** rcpps xmm0, xmm1; rsqrtps xmm2, xmm1 of four numbers by their bits. */
  function estimates(bits: readonly number[]): { rcp: number[]; rsqrt: number[]; bits: number[] } {
    bits.forEach((b, i) => view.setUint32(4 * i, b, true));
    computer.load([0x0f, 0x53, 0xc1, 0x0f, 0x52, 0xd1, 0xcd, 0x80]);
    for (const [name, value] of [['cs', 0x23n], ['ss', 0x1bn], ['rsp', 0x6ff000n], ['rflags', 0x202n]] as const) registers.set(name, value);
    registers.setYmm(1, [view.getBigUint64(0, true), view.getBigUint64(8, true), 0n, 0n]);
    assert.equal(computer.run().kind, 'hypercall');
    const floats = (n: number): number[] => { registers.getYmm(n).slice(0, 2).forEach((w, i) => view.setBigUint64(8 * i, w, true)); return [0, 4, 8, 12].map(at => view.getFloat32(at, true)); };
    const rsqrt = floats(2), rcp = floats(0);
    return { rcp, rsqrt, bits: [0, 4, 8, 12].map(at => view.getUint32(at, true)) };
  }

  it('RCPPS and RSQRTPS err by at most 1.5 * 2^-12', () => {
    const r = new Random(1), bound = 1.5 * 2 ** -12;
    let worst = 0;
    for (let n = 0; n < CASES; n++) {
      // Results that are denormal are flushed.
      const bits = Array.from({ length: 4 }, () => (1 + r.below(252)) << 23 | r.u32() & (r.chance(20) ? 0x7ff : 0x7fffff)), { rcp, rsqrt } = estimates(bits);
      bits.forEach((b, i) => {
        view.setUint32(0, b, true);
        const x = view.getFloat32(0, true), errors = [rcp[i]! * x - 1, rsqrt[i]! * Math.sqrt(x) - 1].map(Math.abs);
        worst = Math.max(worst, ...errors);
        assert.ok(errors.every(e => e <= bound), `${x}: ${errors.join(' and ')}`);
      });
    }
    assert.ok(worst > bound / 100, 'estimates that are no estimates');
  });

  it('zeros, infinities, denormals, negative numbers and NaNs are as the manual says', () => {
    assert.deepEqual(estimates([0, 0x80000000, 0x7f800000, 0xff800000]).rcp, [Infinity, -Infinity, 0, -0]);
    assert.deepEqual(estimates([1, 0x80000001, 0x7f7fffff, 0x7fc12345]).rcp.slice(0, 3), [Infinity, -Infinity, 0]);
    const { rsqrt } = estimates([0, 0x80000000, 0x7f800000, 0xbf800000]);
    assert.deepEqual([rsqrt.slice(0, 3), Number.isNaN(rsqrt[3])], [[Infinity, -Infinity, 0], true]);
    assert.ok(estimates([0x7fc12345, 0x7f812345, 0xffc00001, 0x3f800000]).rcp.slice(0, 3).every(Number.isNaN));
  });
});

const number = (r: Random, exponent: number): F80 => ({ mant: r.u64() | 1n << 63n, signExp: (16383 + exponent) | r.below(2) << 15 });
const positive = (v: F80): F80 => ({ ...v, signExp: v.signExp & 0x7fff });
interface Kind { name: string; operands(r: Random): [x: F80, y: F80]; compute(x: F80, y: F80): F80 }
const mode = () => contextOf(0x37f);
/** In the order of transcendentals.c; domains as the manual gives them. */
const KINDS: Kind[] = [
  { name: 'FSIN', operands: r => [number(r, r.below(80) - 20), number(r, 0)], compute: x => sine(x, mode()).sin },
  { name: 'FCOS', operands: r => [number(r, r.below(80) - 20), number(r, 0)], compute: x => sine(x, mode()).cos },
  { name: 'FPTAN', operands: r => [number(r, r.below(80) - 20), number(r, 0)], compute: x => tangent(x, mode()) },
  { name: 'F2XM1', operands: r => [number(r, -1 - r.below(30)), number(r, 0)], compute: x => exponential(x, mode()) },
  { name: 'FYL2X', operands: r => [positive(number(r, r.chance(50) ? r.below(4) - 2 : r.below(2000) - 1000)), number(r, r.below(60) - 30)], compute: (x, y) => logarithm(x, y, false, mode()) },
  { name: 'FYL2XP1', operands: r => [number(r, -2 - r.below(40)), number(r, r.below(60) - 30)], compute: (x, y) => logarithm(x, y, true, mode()) },
  { name: 'FPATAN', operands: r => [number(r, r.below(40) - 20), number(r, r.below(40) - 20)], compute: (x, y) => arctangent(y, x, mode()) },
];

/** The distance of an 80-bit number from a quadruple one, in units of the former's last place. */
function unitsApart(value: F80, low: bigint, high: bigint): number {
  const exponent = Number(high >> 48n & 0x7fffn), fraction = (high & 0xffffffffffffn) << 64n | low | 1n << 112n, sign = Number(high >> 63n);
  // Both over 2^(16383 + 112).
  const ours = value.mant << 49n, shift = (value.signExp & 0x7fff) - exponent;
  if (Math.abs(shift) > 8 || (value.signExp >> 15) !== sign) return Infinity;
  const difference = shift >= 0 ? (ours << BigInt(shift)) - fraction : ours - (fraction << BigInt(-shift));
  return Math.abs(Number(difference)) / Number(1n << (49n + BigInt(Math.max(0, shift))));
}

describe('cpu: transcendental functions of the x87', function () {
  this.timeout(600_000);
  it('err by less than one unit of the last place', function () {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-quad-')), program = path.join(folder, 'reference');
    try {
      if (process.arch !== 'x64' || spawnSync('gcc', ['-O1', '-o', program, 'test/native/cpu/transcendentals.c', '-lquadmath', '-lm']).status !== 0) {
        console.log('      skipped: needs gcc with libquadmath on x86-64');
        return this.skip();
      }
      const r = new Random(Number(process.env['SEED'] ?? 1)), requests = new BigUint64Array(KINDS.length * CASES * 5), operands: [Kind, F80, F80][] = [];
      for (const [f, kind] of KINDS.entries()) for (let i = 0; i < CASES; i++) {
        const [x, y] = kind.operands(r);
        requests.set([BigInt(f), x.mant, BigInt(x.signExp), y.mant, BigInt(y.signExp)], operands.length * 5);
        operands.push([kind, x, y]);
      }
      const { stdout } = spawnSync(program, { input: new Uint8Array(requests.buffer), maxBuffer: 2 ** 30 }), results = new DataView(stdout.buffer, stdout.byteOffset, stdout.length), worst = new Map<string, number>();
      assert.equal(stdout.length, operands.length * 16);
      operands.forEach(([kind, x, y], i) => {
        const units = unitsApart(kind.compute(x, y), results.getBigUint64(i * 16, true), results.getBigUint64(i * 16 + 8, true));
        worst.set(kind.name, Math.max(worst.get(kind.name) ?? 0, units));
        assert.ok(units < 1, `${kind.name} of ${x.signExp.toString(16)}:${x.mant.toString(16)}, ${y.signExp.toString(16)}:${y.mant.toString(16)} is ${units} units off`);
      });
      assert.ok([...worst.values()].every(units => units > 0.3), [...worst].join());
    } finally { rmSync(folder, { recursive: true }); }
  });
});
