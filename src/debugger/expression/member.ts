// The parts of a value as values: of one that stands in memory, and of one whose bytes are all there is.
import { UserError } from '../../base/errors';
import { type CType, type Member, strip } from '../../dwarf/ctype';
import { targetSize } from './arithmetic';
import { bytesOf, type Memory, type Value } from './value';

/** A member of a struct that may be in memory or not. */
export function memberOf(object: Value, member: Member): Value {
  const { place } = object;
  const start = member.bits ? Math.floor(member.bits.offset / 8) : member.offset;
  const bits = member.bits && { offset: member.bits.offset - 8 * start, size: member.bits.size };
  const size = bits ? Math.ceil((bits.offset + bits.size) / 8) : strip(member.type).size ?? 0;
  return { type: member.type, place: partOf(place, start, size), ...(bits && { bits }) };
}

/** An element of an array, also one beyond its end when it is in memory. */
export function element(array: Value, type: CType, index: bigint, memory: Memory): Value {
  const size = Number(targetSize(type));
  const { place } = array;
  const at = Number(index) * size;
  if (place.address === undefined && place.problem === undefined && (at < 0 || at + size > bytesOf(array, memory).length)) throw new UserError(`no such vector element: [${index}]`);
  return { type, place: partOf(place, at, size) };
}

function partOf(place: Value['place'], at: number, size: number): Value['place'] {
  if (place.problem !== undefined) return place;
  const address = place.address === undefined ? undefined : BigInt.asUintN(64, place.address + BigInt(at));
  const bytes = place.bytes && at >= 0 && at + size <= place.bytes.length ? place.bytes.subarray(at, at + size) : undefined;
  return { ...(address !== undefined && { address }), ...(bytes && { bytes }) };
}
