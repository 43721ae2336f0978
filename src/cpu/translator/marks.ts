// What is remembered while a region runs of floats that registers have where paths meet: which of them were found ordinary. A value that a loop does not change
// is looked at once; one that it makes, where it is made. A bit a register: the low doubles of vectors, then their low singles; or the x87's.
import type { Code, V, Variable } from '../wasm/code';

export class Marks {
  private readonly bits: Variable<'i32'>;

  constructor(private readonly code: Code) { this.bits = code.declare('i32'); }

  clear(): void { this.bits.set(this.code.i32(0)); }

  isMissing(bit: number): V<'i32'> { return this.code.op('i32.eqz', this.code.op('i32.and', this.bits.get(), this.code.i32(bit))); }
  set(bit: number): void { this.bits.set(this.code.op('i32.or', this.bits.get(), this.code.i32(bit))); }

  /** Registers have got other values, of which some are known to be ordinary. */
  renew(written: number, ordinary: number): void {
    const { code, bits } = this, others = written & ~ordinary;
    if (written === 0) return;
    const kept = others === 0 ? bits.get() : code.op('i32.and', bits.get(), code.i32(~others));
    bits.set(code.op('i32.or', kept, code.i32(ordinary)));
  }
}
