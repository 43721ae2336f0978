// Finds the entries of one name without an index: where the name stands in .debug_str, which places of .debug_info hold that offset,
// which entries those are. One pass over the bytes, where an index would decode every entry of a big library.
import { encodeUtf8 } from '../base/text';
import { DW_AT, DW_TAG } from './constants';
import type { Container } from './container';
import type { Die } from './die';
import type { Unit } from './unit';

/** Entries at the top level (or in namespaces and classes, and enumerators) that have that name or complete one that has; undefined when this file needs an index. */
export function searchName(container: Container, name: string): Die[] | undefined {
  if (container.supplement || container.section('.debug_str_offsets').length > 0 || container.section('.debug_types').length > 0) return undefined;
  const info = container.section('.debug_info');
  const found = new Map<number, Die>();
  const wanted = encodeUtf8(name);
  if (wanted.length === 0) return [];
  const places = [...placesOf(container.section('.debug_str'), wanted, info), ...textPlaces(info, wanted)];
  if (places.length > 10_000) return undefined;
  for (const place of places) {
    const unit = container.unitAt(place);
    const die = unit && dieAround(unit, place);
    if (!unit || !die || die.name !== name || !isNamedWidely(unit, die.index)) continue;
    found.set(die.offset, die);
    for (const other of completionsOf(unit, die)) found.set(other.offset, other);
  }
  return [...found.values()].sort((a, b) => a.offset - b.offset);
}

/** Where `info` holds the offset of a text that ends like `wanted` does. */
function* placesOf(strings: Uint8Array, wanted: Uint8Array, info: Uint8Array): Generator<number> {
  const offsets = new Set(textPlaces(strings, wanted));
  if (offsets.size === 0) return;
  const flags = new Uint8Array(65536);
  for (const offset of offsets) flags[offset & 0xffff] = 1;
  for (let i = 0, last = info.length - 3; i < last; i++) {
    if (flags[(info[i] ?? 0) | ((info[i + 1] ?? 0) << 8)] === 0) continue;
    const value = ((info[i] ?? 0) | ((info[i + 1] ?? 0) << 8) | ((info[i + 2] ?? 0) << 16) | ((info[i + 3] ?? 0) << 24)) >>> 0;
    if (offsets.has(value)) yield i;
  }
}

/** Where the bytes stand with a zero after them. */
export function* textPlaces(bytes: Uint8Array, wanted: Uint8Array): Generator<number> {
  const first = wanted[0];
  if (first === undefined) return;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let i = 1;
    while (i < wanted.length && bytes[at + i] === wanted[i]) i++;
    if (i === wanted.length && bytes[at + i] === 0) yield at;
  }
}

function dieAround(unit: Unit, place: number): Die | undefined {
  const { offsets } = unit.table;
  let low = 0, high = offsets.length;
  while (low < high) { const middle = (low + high) >> 1; if ((offsets[middle] ?? 0) <= place) low = middle + 1; else high = middle; }
  return low > 0 ? unit.die(low - 1) : undefined;
}

const open: ReadonlySet<number> = new Set([DW_TAG.compile_unit, DW_TAG.type_unit, DW_TAG.partial_unit, DW_TAG.skeleton_unit, DW_TAG.namespace, DW_TAG.structure_type, DW_TAG.class_type, DW_TAG.module]);

/** The entry stands where names are seen from elsewhere; an enumerator belongs to where its enumeration stands. */
function isNamedWidely(unit: Unit, index: number): boolean {
  const { abbrevs, parents } = unit.table;
  let parent = parents[index] ?? -1;
  if (abbrevs[index]?.tag === DW_TAG.enumerator) parent = parents[parent] ?? -1;
  for (let depth = 0; parent >= 0 && depth < 256; parent = parents[parent] ?? -1, depth++) if (!open.has(abbrevs[parent]?.tag ?? 0)) return false;
  return true;
}

/** The entries of the unit that give `die` its code or its place. */
function* completionsOf(unit: Unit, die: Die): Generator<Die> {
  if (die.tag !== DW_TAG.subprogram && die.tag !== DW_TAG.variable) return;
  const { abbrevs } = unit.table;
  for (let i = 0; i < abbrevs.length; i++) {
    const abbrev = abbrevs[i];
    if (!abbrev || abbrev.tag !== die.tag || i === die.index) continue;
    if (!abbrev.names.includes(DW_AT.abstract_origin) && !abbrev.names.includes(DW_AT.specification)) continue;
    const other = unit.die(i);
    const target = other && (other.reference(DW_AT.abstract_origin) ?? other.reference(DW_AT.specification));
    if (!other || !target || !isNamedWidely(unit, i)) continue;
    if (target.offset === die.offset || (target.reference(DW_AT.specification) ?? target.reference(DW_AT.abstract_origin))?.offset === die.offset) yield other;
  }
}
