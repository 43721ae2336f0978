// What an emitted function computes, and how many locals it takes for it.
import { strict as assert } from 'node:assert';
import { Bytes } from '../../../src/cpu/wasm/bytes';
import { Code, Locals, type V } from '../../../src/cpu/wasm/code';
import { ModuleBuilder } from '../../../src/cpu/wasm/module';

/** A function of one i64 that returns one: the function, and the number of its locals. */
function compiled(write: (code: Code, x: V<'i64'>) => V<'i64'>): { run: (x: bigint) => bigint; locals: number } {
  const code = new Code(), out = new Bytes(), locals = new Locals(1), module = new ModuleBuilder();
  code.return(write(code, code.parameter('i64', 0)));
  code.emit(out, locals);
  out.byte(0x00);
  module.addFunction(['i64'], ['i64'], locals.body(out), 'f');
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.finish()));
  return { run: exports['f'] as (x: bigint) => bigint, locals: locals.types.length };
}

describe('locals of emitted functions', () => {
  it('a long chain of values takes as many as are wanted at one time', () => {
    const { run, locals } = compiled((code, x) => {
      let value = x;
      for (let i = 0; i < 1000; i++) {
        const next = code.add(value, code.i64(i));
        value = code.xor(code.mul(next, next), code.shr(next, 7));
        const copy = code.variable(value);
        code.when(code.isZero(code.and(value, code.i64(1))), () => copy.set(code.add(value, code.i64(3))));
        value = copy.get();
      }
      return value;
    });
    let expected = 123n;
    for (let i = 0n; i < 1000n; i++) {
      const next = BigInt.asUintN(64, expected + i);
      expected = BigInt.asUintN(64, (next * next) ^ (next >> 7n));
      if (expected % 2n === 0n) expected = BigInt.asUintN(64, expected + 3n);
    }
    assert.equal(BigInt.asUintN(64, run(123n)), expected);
    assert.ok(locals <= 6, `${locals} locals`);
  });

  it('a value from before a loop outlives its last use inside', () => {
    const { run } = compiled((code, x) => {
      const step = code.mul(x, x), count = code.variable(code.i64(0)), sum = code.variable(code.add(step, code.i64(1)));
      code.loop(again => {
        sum.set(code.add(sum.get(), step));
        // Made where nothing of the loop's body uses `step` any more.
        const other = code.mul(sum.get(), sum.get());
        sum.set(code.add(code.sub(sum.get(), other), other));
        count.set(code.add(count.get(), code.i64(1)));
        code.br(again, code.op('i64.lt_u', count.get(), code.i64(10)));
      });
      return sum.get();
    });
    assert.equal(run(7n), 49n * 11n + 1n);
  });
});
