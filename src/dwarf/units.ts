// The headers of units in .debug_info and .debug_types. DWARF5 7.5.1.
import { ByteReader } from '../base/bytes';
import { FormatError } from '../base/errors';
import { DW_UT } from './constants';

export interface UnitHeader {
  section: '.debug_info' | '.debug_types';
  /** Of the header and of what follows the unit, in the section. */
  offset: number;
  end: number;
  version: number;
  offsetSize: number;
  addressSize: number;
  abbrevOffset: number;
  /** DW_UT_*. Before DWARF 5: compile, or type in .debug_types. */
  unitType: number;
  /** Where the first entry stands, in the section. */
  firstEntry: number;
  /** Type units: the signature and where the type stands, relative to the header. */
  signature?: bigint;
  typeOffset?: number;
  /** Skeleton and split units of DWARF 5. */
  dwoId?: bigint;
}

/** A unit length: 4 bytes, or 0xffffffff and 8 bytes. DWARF5 7.4. */
export function readUnitLength(reader: ByteReader): { length: number; offsetSize: number } {
  const length = reader.u32();
  if (length < 0xffff_fff0) return { length, offsetSize: 4 };
  if (length !== 0xffff_ffff) throw new FormatError(reader.section, reader.offset - 4, 'the unit length is reserved');
  return { length: reader.size64(), offsetSize: 8 };
}

export function readOffset(reader: ByteReader, offsetSize: number): number {
  return offsetSize === 8 ? reader.size64() : reader.u32();
}

/** Reads the headers of a section from `start` to `end`; a malformed unit is reported and left out. */
export function readUnitHeaders(bytes: Uint8Array, section: UnitHeader['section'], report: (problem: FormatError) => void): UnitHeader[] {
  const headers: UnitHeader[] = [];
  for (let at = 0; at < bytes.length;) {
    let end = bytes.length;
    try {
      const reader = new ByteReader(bytes, section, at);
      const { length, offsetSize } = readUnitLength(reader);
      if (length > reader.remaining) throw new FormatError(section, at, 'the unit reaches beyond its section');
      end = reader.offset + length;
      headers.push(readRest(new ByteReader(bytes, section, reader.offset, end), section, at, offsetSize));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      report(error);
    }
    at = end;
  }
  return headers;
}

function readRest(reader: ByteReader, section: UnitHeader['section'], offset: number, offsetSize: number): UnitHeader {
  const version = reader.u16();
  if (version < 2 || version > 5) throw new FormatError(section, offset, `DWARF version ${version} is unknown`);
  let unitType: number = section === '.debug_types' ? DW_UT.type : DW_UT.compile;
  let addressSize: number, abbrevOffset: number;
  if (version >= 5) { unitType = reader.u8(); addressSize = reader.u8(); abbrevOffset = readOffset(reader, offsetSize); }
  else { abbrevOffset = readOffset(reader, offsetSize); addressSize = reader.u8(); }
  if (addressSize !== 8 && addressSize !== 4) throw new FormatError(section, offset, `addresses of ${addressSize} bytes are not supported`);
  const header: UnitHeader = { section, offset, end: reader.end, version, offsetSize, addressSize, abbrevOffset, unitType, firstEntry: 0 };
  if (unitType === DW_UT.skeleton || unitType === DW_UT.split_compile) header.dwoId = reader.u64();
  if (unitType === DW_UT.type || unitType === DW_UT.split_type) { header.signature = reader.u64(); header.typeOffset = readOffset(reader, offsetSize); }
  header.firstEntry = reader.offset;
  return header;
}
