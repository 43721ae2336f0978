// .debug_str, .debug_line_str, .debug_str_offsets and .debug_addr: texts and addresses by offset and by index. DWARF5 7.26, 7.27.
import { ByteReader } from '../base/bytes';
import { FormatError } from '../base/errors';
import { readOffset } from './units';

/** The text at an offset of a string section. */
export function stringAtOffset(section: Uint8Array, name: string, offset: number): string {
  return new ByteReader(section, name, offset).cstring();
}

/** The text with that index of a table of offsets that begins at `base`. */
export function indexedString(offsets: Uint8Array, strings: Uint8Array, base: number, index: number, offsetSize: number): string {
  const reader = new ByteReader(offsets, '.debug_str_offsets', base + index * offsetSize);
  return stringAtOffset(strings, '.debug_str', readOffset(reader, offsetSize));
}

/** The address with that index of a table that begins at `base`, as a signed number. */
export function indexedAddress(addresses: Uint8Array, base: number, index: number, addressSize: number): number {
  if (addresses.length === 0) throw new FormatError('.debug_addr', base, 'the section is missing');
  const reader = new ByteReader(addresses, '.debug_addr', base + index * addressSize);
  return addressSize === 8 ? reader.address64() : reader.u32();
}
