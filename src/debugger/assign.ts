// Assignment of integers to a value that is in memory or in a register of the innermost frame.
// Not here: C's conversions; the number is cut to the size of the place.
import { UserError } from '../base/errors';
import { isInteger, strip } from '../dwarf/ctype';
import { readAt, toBytes } from './location';
import { writeRegister } from './registers';
import type { StackFrame } from './stack';
import type { Target } from './target';
import type { Value } from './value';

/** Writes; returns the value as it is then. Throws UserError. */
export function writeInteger(target: Target, frame: StackFrame, value: Value, number: bigint): Value {
  const type = strip(value.type);
  const size = type.size ?? 0;
  if (!isInteger(type) && type.kind !== 'pointer') throw new UserError('only integers, enums and pointers can be changed');
  const { address, register, problem } = value.place;
  if (problem !== undefined) throw new UserError(`it cannot be changed: ${problem}`);
  if (address !== undefined) {
    const length = value.bits ? value.place.bytes?.length ?? size : size;
    let bits = number;
    if (value.bits) {
      const old = value.place.bytes?.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n) ?? 0n;
      const shift = BigInt(value.bits.offset);
      bits = (old & ~(((1n << BigInt(value.bits.size)) - 1n) << shift)) | (BigInt.asUintN(value.bits.size, number) << shift);
    }
    if (target.writeMemory(frame.pid, address, toBytes(bits, length)) < length) throw new UserError(`the memory at 0x${address.toString(16)} cannot be written`);
    return { ...value, place: readAt(target, frame.pid, address, length) };
  }
  if (register === undefined) throw new UserError('it has no place that could be changed');
  if (frame.index !== 0) throw new UserError('it is in a register, and registers can be changed in the innermost frame only');
  const whole = frame.physical.registers.read(register) ?? 0n;
  const mask = (1n << BigInt(8 * size)) - 1n;
  if (!writeRegister(frame.physical.registers, register, (whole & ~mask) | BigInt.asUintN(8 * size, number))) throw new UserError(`${register} cannot be changed`);
  return { ...value, place: { bytes: toBytes(number, size), register } };
}
