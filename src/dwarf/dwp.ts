// The index of a DWARF package file: which part of each section belongs to which unit. DWARF5 7.3.5.3; GNU's version 2 before it.
import { ByteReader } from '../base/bytes';
import { FormatError } from '../base/errors';

export interface DwpUnit {
  signature: bigint;
  /** By section name without `.dwo`. */
  parts: Map<string, { offset: number; size: number }>;
}

const namesV5 = ['', '.debug_info', '', '.debug_abbrev', '.debug_line', '.debug_loclists', '.debug_str_offsets', '.debug_macro', '.debug_rnglists'];
const namesV2 = ['', '.debug_info', '.debug_types', '.debug_abbrev', '.debug_line', '.debug_loc', '.debug_str_offsets', '.debug_macinfo', '.debug_macro'];

export function readPackageIndex(bytes: Uint8Array, section: string): DwpUnit[] {
  if (bytes.length === 0) return [];
  const reader = new ByteReader(bytes, section);
  const version = reader.u16();
  reader.skip(2);
  if (version !== 5 && version !== 2) throw new FormatError(section, 0, `version ${version} is unknown`);
  const columns = reader.u32(), units = reader.u32(), slots = reader.u32();
  if (slots * 12 + columns * 4 + units * columns * 8 > reader.remaining) throw new FormatError(section, 4, 'the index is truncated');
  const rows: { signature: bigint; row: number }[] = [];
  const hashes = reader.offset, indexes = hashes + slots * 8, header = indexes + slots * 4;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let slot = 0; slot < slots; slot++) {
    const row = view.getUint32(indexes + slot * 4, true);
    if (row > 0 && row <= units) rows.push({ signature: view.getBigUint64(hashes + slot * 8, true), row: row - 1 });
  }
  const names = version === 5 ? namesV5 : namesV2;
  const offsets = header + columns * 4, sizes = offsets + units * columns * 4;
  return rows.map(({ signature, row }) => {
    const parts = new Map<string, { offset: number; size: number }>();
    for (let column = 0; column < columns; column++) {
      const name = names[view.getUint32(header + column * 4, true)];
      const at = (row * columns + column) * 4;
      if (name) parts.set(name, { offset: view.getUint32(offsets + at, true), size: view.getUint32(sizes + at, true) });
    }
    return { signature, parts };
  });
}
