// Sums, products and quotients of 80-bit numbers as they are emitted, against softfloat80.ts, which the processor itself judges: where digits, halves and
// exponents come close to where they change. CASES= sets how many of each kind, SEED= another sequence.
import assert from 'node:assert/strict';
import { routines } from '../../src/cpu/isa/machine';
import '../../src/cpu/isa/x87_arithmetic';
import * as soft from '../../src/cpu/softfloat80';
import type { F80, F80Context } from '../../src/cpu/softfloat80';
import { Bytes } from '../../src/cpu/wasm/bytes';
import { Code, Locals } from '../../src/cpu/wasm/code';
import { ModuleBuilder } from '../../src/cpu/wasm/module';

const CASES = Number(process.env.CASES ?? 3000), SEED = Number(process.env.SEED ?? 1);
const TOP = 1n << 63n, WORD = (1n << 64n) - 1n;

type Emitted = (ma: bigint, sa: number, mb: bigint, sb: number) => [mant: bigint, signExp: number, outcome: number];
function emitted(name: string): Emitted {
  const routine = routines.get(name);
  assert.ok(routine);
  const code = new Code(), out = new Bytes(), locals = new Locals(routine.params.length), module = new ModuleBuilder();
  code.return(...routine.body(code, routine.params.map((type, i) => code.parameter(type, i)), () => assert.fail('calls'), () => assert.fail('tables')));
  code.emit(out, locals);
  out.byte(0x00);
  module.addFunction(routine.params, routine.results, locals.body(out), 'f');
  return new WebAssembly.Instance(new WebAssembly.Module(module.finish())).exports['f'] as Emitted;
}

/** Sign and exponent as registers of emitted code have them. */
const wide = ({ signExp }: F80): number => (signExp & 0x7fff) | (signExp & 0x8000) << 16;

class Random {
  constructor(private state: number) {}
  below(n: number): number {
    this.state = Math.imul(this.state, 0x9e3779b1) + 0x7f4a7c15 | 0;
    let x = this.state;
    x = Math.imul(x ^ x >>> 15, 0x85ebca6b);
    x = Math.imul(x ^ x >>> 13, 0xc2b2ae35);
    return ((x ^ x >>> 16) >>> 0) % n;
  }
  word(): bigint { return BigInt(this.below(2 ** 32)) << 32n | BigInt(this.below(2 ** 32)); }
  /** Small, of either sign. */
  little(): bigint { return BigInt(this.below(9) - 4); }
  significand(): bigint {
    const bits = BigInt(this.below(64));
    switch (this.below(6)) {
      case 0: return TOP;
      case 1: return TOP + BigInt(this.below(4));
      case 2: return WORD - BigInt(this.below(4));
      case 3: return TOP | (WORD << bits & WORD);
      case 4: return TOP | this.word() & (WORD << bits);
      default: return TOP | this.word();
    }
  }
  number(mant = this.significand(), spread = 70): F80 { return { mant, signExp: 16383 - (spread >> 1) + this.below(spread) | this.below(2) << 15 }; }
}
const normal = (mant: bigint): bigint => { let m = mant; while (m > WORD) m >>= 1n; while (m > 0n && m < TOP) m <<= 1n; return m === 0n ? TOP : m; };

/** 1 / a modulo an odd number. */
function inverse(a: bigint, modulus: bigint): bigint {
  let [r0, r1, s0, s1] = [modulus, a % modulus, 0n, 1n];
  while (r1 !== 0n) { const q = r0 / r1; [r0, r1, s0, s1] = [r1, r0 - q * r1, s1, s0 - q * s1]; }
  return ((s0 % modulus) + modulus) % modulus;
}

/** Operands of which what is computed lies close to where it goes another way. */
const CLOSE: Record<string, (r: Random) => [F80, F80]> = {
  // The exact sum is a half of the last place, or nearly.
  add80: r => {
    const a = r.number(), d = r.below(67), b = { mant: normal((1n << 63n) + r.little()), signExp: (a.signExp & 0x7fff) - d | r.below(2) << 15 };
    return r.below(2) ? [a, b] : [b, a];
  },
  // The product is near an integer of 64 or 65 bits.
  multiply80: r => { const b = r.significand(), target = (r.word() | TOP) << BigInt(62 + r.below(3)); return [r.number(normal(target / b + r.little())), r.number(b)]; },
  // The quotient, after 31, 32, 63 or 64 bits, is near a half of the last place, or a whole one; or what remains of it then is near a half of the divisor.
  divide80: r => {
    if (r.below(2)) {
      const v = (r.below(2) ? WORD - (r.word() >> BigInt(14 + r.below(14))) : r.significand()) | 1n, near = (v >> 1n) + (r.little() << BigInt(r.below(48)));
      const u = near * inverse(1n << ([31n, 63n, 64n][r.below(3)] as bigint), v) % v;
      return [r.number(u >= TOP ? u : u + v <= WORD ? u + v : normal(u)), r.number(v)];
    }
    const v = r.below(3) ? r.significand() : WORD - (r.word() >> BigInt(12 + r.below(12))), bits = [31n, 32n, 63n, 64n][r.below(4)] as bigint;
    const doubled = ((r.word() | TOP) >> (63n - bits)) | BigInt(r.below(2)), u = (doubled * v + (1n << bits)) / (2n << bits);
    return [r.number(normal(u + (r.below(2) ? 0n : r.little()))), r.number(v)];
  },
};
const ANY: ((r: Random) => [F80, F80])[] = [
  r => [r.number(), r.number()],
  // Of about the same size: sums that vanish, or nearly.
  r => { const a = r.number(), b = r.number(r.below(2) ? a.mant : normal(a.mant + r.little()), 1); return [a, { ...b, signExp: b.signExp & 0x8000 | (a.signExp & 0x7fff) + r.below(3) - 1 }]; },
  // Whose exponents come close to the ends.
  r => [{ mant: r.significand(), signExp: ([1, 2, 70, 16382, 16383, 0x7ffd, 0x7ffe][r.below(7)] as number) | r.below(2) << 15 }, { mant: r.significand(), signExp: ([1, 2, 70, 16382, 16383, 0x7ffd, 0x7ffe][r.below(7)] as number) | r.below(2) << 15 }],
  // That are not normal.
  r => { const odd = { mant: [0n, 1n, TOP, TOP - 1n, WORD][r.below(5)] as bigint, signExp: ([0, 0x7fff, 16383][r.below(3)] as number) | r.below(2) << 15 }; return r.below(2) ? [odd, r.number()] : [r.number(), odd]; },
];

const EXACT: Record<string, (a: F80, b: F80, c: F80Context) => F80> = { add80: soft.add, multiply80: soft.multiply, divide80: soft.divide };
const show = (v: F80): string => `${v.signExp.toString(16).padStart(4, '0')}:${v.mant.toString(16)}`;

describe('cpu: 80-bit arithmetic that is emitted', () => {
  for (const [name, exact] of Object.entries(EXACT)) {
    const run = emitted(name), compare = (kind: string, operands: (r: Random) => [F80, F80], mostInDoubt: number): void => {
      const random = new Random(SEED);
      let inDoubt = 0;
      for (let i = 0; i < CASES; i++) {
        const [a, b] = operands(random), c = soft.contextOf(0x37f), expected = exact(a, b, c);
        const [mant, signExp, outcome] = run(a.mant, wide(a), b.mant, wide(b));
        if (outcome < 0) { inDoubt++; continue; }
        const found = `${show({ mant: BigInt.asUintN(64, mant), signExp: signExp & 0x7fff | signExp >>> 16 & 0x8000 })} up ${outcome & 1} inexact ${outcome >> 1}`;
        assert.equal(found, `${show(expected)} up ${c.roundedUp ? 1 : 0} inexact ${c.flags === soft.PE ? 1 : 0}`, `${name} ${kind} ${show(a)} ${show(b)}`);
        assert.equal(c.flags & ~soft.PE, 0, `${name} ${kind} ${show(a)} ${show(b)}: flags ${c.flags}`);
      }
      assert.ok(inDoubt <= mostInDoubt * CASES, `${name} ${kind}: ${inDoubt} of ${CASES} in doubt`);
    };
    it(`${name}: what is in no doubt is right`, () => {
      ANY.forEach((operands, i) => compare(`kind ${i}`, operands, 1));
      compare('close', CLOSE[name] as (r: Random) => [F80, F80], 1);
    });
    it(`${name}: ordinary numbers are in no doubt`, () => compare('ordinary', r => [r.number(r.word() | TOP, 30), r.number(r.word() | TOP, 30)], 0.002));
  }
});
