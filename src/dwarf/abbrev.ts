// .debug_abbrev: the shapes of debugging entries. DWARF5 7.5.3.
import { ByteReader } from '../base/bytes';
import { FormatError } from '../base/errors';
import { DW_AT, DW_FORM } from './constants';

export interface Encoding { version: number; addressSize: number; offsetSize: number }

export interface Abbrev {
  code: number;
  tag: number;
  hasChildren: boolean;
  /** DW_AT_*, DW_FORM_* and (DW_FORM_implicit_const) the value, in parallel. */
  names: number[];
  forms: number[];
  constants: bigint[];
  /** The size of all attribute values together, when it does not depend on them; -1 otherwise. */
  fixedSize: number;
  /** The position of DW_AT_sibling among the attributes; -1 without. */
  sibling: number;
}

export type AbbrevTable = ReadonlyMap<number, Abbrev>;

/** Decodes the table at `offset`; sizes are for units of `encoding`. */
export function readAbbrevs(section: Uint8Array, offset: number, encoding: Encoding): AbbrevTable {
  const reader = new ByteReader(section, '.debug_abbrev', offset);
  const table = new Map<number, Abbrev>();
  while (!reader.atEnd) {
    const code = reader.uleb();
    if (code === 0) break;
    const abbrev: Abbrev = { code, tag: reader.uleb(), hasChildren: reader.u8() !== 0, names: [], forms: [], constants: [], fixedSize: 0, sibling: -1 };
    for (;;) {
      const name = reader.uleb(), form = reader.uleb();
      if (name === 0 && form === 0) break;
      if (abbrev.names.length > 4096) throw new FormatError('.debug_abbrev', offset, 'an entry has too many attributes');
      if (name === DW_AT.sibling) abbrev.sibling = abbrev.names.length;
      abbrev.constants.push(form === DW_FORM.implicit_const ? reader.sleb64() : 0n);
      abbrev.names.push(name);
      abbrev.forms.push(form);
      const size = formSize(form, encoding);
      abbrev.fixedSize = size < 0 || abbrev.fixedSize < 0 ? -1 : abbrev.fixedSize + size;
    }
    if (!table.has(code)) table.set(code, abbrev);
  }
  return table;
}

/** The size of a value of the form; -1 when it varies. */
export function formSize(form: number, { version, addressSize, offsetSize }: Encoding): number {
  switch (form) {
    case DW_FORM.flag_present: case DW_FORM.implicit_const: return 0;
    case DW_FORM.data1: case DW_FORM.ref1: case DW_FORM.flag: case DW_FORM.strx1: case DW_FORM.addrx1: return 1;
    case DW_FORM.data2: case DW_FORM.ref2: case DW_FORM.strx2: case DW_FORM.addrx2: return 2;
    case DW_FORM.strx3: case DW_FORM.addrx3: return 3;
    case DW_FORM.data4: case DW_FORM.ref4: case DW_FORM.strx4: case DW_FORM.addrx4: case DW_FORM.ref_sup4: return 4;
    case DW_FORM.data8: case DW_FORM.ref8: case DW_FORM.ref_sig8: case DW_FORM.ref_sup8: return 8;
    case DW_FORM.data16: return 16;
    case DW_FORM.addr: return addressSize;
    case DW_FORM.strp: case DW_FORM.line_strp: case DW_FORM.sec_offset: case DW_FORM.strp_sup: case DW_FORM.GNU_strp_alt: case DW_FORM.GNU_ref_alt: return offsetSize;
    // DWARF2 had addresses' size here.
    case DW_FORM.ref_addr: return version <= 2 ? addressSize : offsetSize;
    default: return -1;
  }
}

/** Moves the reader past a value of the form. */
export function skipForm(reader: ByteReader, form: number, encoding: Encoding): void {
  const size = formSize(form, encoding);
  if (size >= 0) { reader.skip(size); return; }
  switch (form) {
    case DW_FORM.block1: reader.skip(reader.u8()); break;
    case DW_FORM.block2: reader.skip(reader.u16()); break;
    case DW_FORM.block4: reader.skip(reader.u32()); break;
    case DW_FORM.block: case DW_FORM.exprloc: reader.skip(reader.uleb()); break;
    case DW_FORM.string: reader.skipCstring(); break;
    case DW_FORM.sdata: case DW_FORM.udata: case DW_FORM.ref_udata: case DW_FORM.strx: case DW_FORM.addrx: case DW_FORM.loclistx: case DW_FORM.rnglistx:
    case DW_FORM.GNU_addr_index: case DW_FORM.GNU_str_index: reader.skipLeb(); break;
    case DW_FORM.indirect: {
      const actual = reader.uleb();
      if (actual === DW_FORM.indirect || actual === DW_FORM.implicit_const) throw new FormatError(reader.section, reader.offset, 'an indirect form leads to another');
      skipForm(reader, actual, encoding);
      break;
    }
    default: throw new FormatError(reader.section, reader.offset, `form 0x${form.toString(16)} is unknown`);
  }
}
