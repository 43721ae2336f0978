// .debug_aranges: which unit has code at an address. An accelerator only: units that it leaves out are asked themselves. DWARF5 6.1.2.
import { ByteReader } from '../base/bytes';
import { FormatError } from '../base/errors';
import type { Range } from './rnglists';
import { readOffset, readUnitLength } from './units';

/** Ranges by the offset of their unit in .debug_info. */
export function readAranges(bytes: Uint8Array, report: (problem: FormatError) => void): Map<number, Range[]> {
  const found = new Map<number, Range[]>();
  for (let at = 0; at < bytes.length;) {
    let end = bytes.length;
    try {
      const whole = new ByteReader(bytes, '.debug_aranges', at);
      const { length, offsetSize } = readUnitLength(whole);
      if (length > whole.remaining) throw new FormatError('.debug_aranges', at, 'the set reaches beyond its section');
      end = whole.offset + length;
      const reader = new ByteReader(bytes, '.debug_aranges', whole.offset, end);
      const version = reader.u16();
      if (version !== 2) throw new FormatError('.debug_aranges', at, `version ${version} is unknown`);
      const unit = readOffset(reader, offsetSize);
      const addressSize = reader.u8();
      reader.skip(1);
      const tuple = addressSize * 2;
      if (addressSize !== 8) throw new FormatError('.debug_aranges', at, `addresses of ${addressSize} bytes are not supported`);
      reader.seek(at + Math.ceil((reader.offset - at) / tuple) * tuple);
      const ranges: Range[] = found.get(unit) ?? [];
      while (reader.remaining >= tuple) {
        const low = reader.address64(), size = reader.address64();
        if (low === 0 && size === 0) break;
        if (size > 0) ranges.push({ low, high: low + size });
      }
      found.set(unit, ranges);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      report(error);
    }
    at = end;
  }
  return found;
}
