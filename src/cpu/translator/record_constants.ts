// What a record says - immediates, displacements, where its instruction stands - as constants of a region's code.
import type { Operand } from '../isa/machine';
import { ENGINE, RECORD, STATE } from '../layout';
import type { V } from '../wasm/code';
import type { LOAD_OPS, LoadName } from '../wasm/ops';
import { PageLooks } from './page_looks';
import { linear } from './region';

export abstract class RecordConstants extends PageLooks {
  override rip(): V<'i64'> { return this.i64(linear(this.here.page) + BigInt(this.memory.view.getUint16(this.at + RECORD.pageOffset, true))); }
  override nextRip(): V<'i64'> { return this.i64((this.rip().constant ?? 0n) + BigInt(this.memory.view.getUint8(this.at + RECORD.length))); }

  protected override fromRecord<N extends LoadName>(name: N, offset: number): V<(typeof LOAD_OPS)[N][1]> {
    const { view } = this.memory, at = this.at + offset;
    const value = ((): V => {
      switch (name) {
        case 'i32.load8_u': return this.i32(view.getUint8(at));
        case 'i32.load16_u': return this.i32(view.getUint16(at, true));
        case 'i32.load': return this.i32(view.getInt32(at, true));
        case 'i64.load8_u': return this.i64(view.getUint8(at));
        case 'i64.load16_u': return this.i64(view.getUint16(at, true));
        case 'i64.load32_s': return this.i64(view.getInt32(at, true));
        case 'i64.load32_u': return this.i64(view.getUint32(at, true));
        case 'i64.load': return this.i64(view.getBigInt64(at, true));
        default: throw new Error(`a record field is not read with ${name}`);
      }
    })();
    return value as V<(typeof LOAD_OPS)[N][1]>;
  }

  override offset(operand: Operand): V<'i64'> {
    const { view } = this.memory, u16 = (field: number): number => view.getUint16(this.at + field, true);
    const base = u16(RECORD.base), index = u16(RECORD.index), displacement = view.getInt32(this.at + RECORD.displacement, true);
    if (operand.kind.from === 'moffs') return super.offset(operand);
    let sum: V<'i64'> | undefined, fixed = BigInt(displacement);
    if (base === ENGINE.codePage) fixed += linear(this.here.page);
    else if (base !== STATE.zero) sum = this.state64(base);
    if (index === ENGINE.plus2G) fixed += 0x80000000n;
    else if (index !== STATE.zero) {
      const scale = view.getUint8(this.at + RECORD.scale), scaled = scale ? this.shl(this.state64(index), scale) : this.state64(index);
      sum = sum ? this.add(sum, scaled) : scaled;
    }
    const whole = !sum ? this.i64(fixed) : fixed !== 0n ? this.add(sum, this.i64(fixed)) : sum;
    return view.getUint8(this.at + RECORD.flags) !== 0 ? this.and(whole, this.i64(0xffffffff)) : whole;
  }

  override address(operand: Operand): V<'i64'> {
    const offset = this.offset(operand);
    const segment = this.memory.view.getUint16(this.at + RECORD.segment, true);
    return segment === STATE.zero ? offset : this.add(offset, this.segmentBase());
  }

  override segmentBase(): V<'i64'> {
    return this.memory.view.getUint16(this.at + RECORD.segment, true) === STATE.zero ? this.i64(0) : super.segmentBase();
  }
}
