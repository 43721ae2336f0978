// .debug_line: the line-number program and its tables of directories and files. DWARF5 6.2; versions 2 to 5.
import { ByteReader } from '../base/bytes';
import { FormatError } from '../base/errors';
import { skipForm } from './abbrev';
import { DW_FORM, DW_LNCT, DW_LNE, DW_LNS } from './constants';
import { indexedString, stringAtOffset } from './str';
import { readOffset, readUnitLength } from './units';

export interface LineFile { name: string; directory: number; md5?: string }

export interface LineHeader {
  version: number;
  offset: number;
  end: number;
  offsetSize: number;
  addressSize: number;
  minInstructionLength: number;
  maxOperations: number;
  defaultIsStatement: boolean;
  lineBase: number;
  lineRange: number;
  opcodeBase: number;
  opcodeLengths: number[];
  /** As written; index 0 is the compilation directory (version 5 says so itself). */
  directories: string[];
  /** By file number: from version 5 on counted from 0, before from 1 (entry 0 is absent). */
  files: (LineFile | undefined)[];
  programStart: number;
}

export const IS_STATEMENT = 1, BASIC_BLOCK = 2, END_SEQUENCE = 4, PROLOGUE_END = 8, EPILOGUE_BEGIN = 16;

/** Rows in the program's order. */
export interface LineTable {
  header: LineHeader;
  length: number;
  /** Signed numbers. */
  addresses: Float64Array;
  files: Uint32Array;
  lines: Uint32Array;
  columns: Uint32Array;
  discriminators: Uint32Array;
  flags: Uint8Array;
}

/** The sections that a line table takes its texts from. */
export interface LineSections { line: Uint8Array; lineStr: Uint8Array; str: Uint8Array; strOffsets: Uint8Array; strOffsetsBase: number }

const MAX_ROWS = 20_000_000;

export function readLineHeader(sections: LineSections, offset: number, unitAddressSize: number, compDir: string, unitName: string): LineHeader {
  const whole = new ByteReader(sections.line, '.debug_line', offset);
  const { length, offsetSize } = readUnitLength(whole);
  if (length > whole.remaining) throw new FormatError('.debug_line', offset, 'the table reaches beyond its section');
  const reader = new ByteReader(sections.line, '.debug_line', whole.offset, whole.offset + length);
  const version = reader.u16();
  if (version < 2 || version > 5) throw new FormatError('.debug_line', offset, `version ${version} is unknown`);
  let addressSize = unitAddressSize;
  if (version >= 5) { addressSize = reader.u8(); reader.skip(1); }
  const headerLength = readOffset(reader, offsetSize);
  if (headerLength > reader.remaining) throw new FormatError('.debug_line', offset, 'the header reaches beyond its table');
  const programStart = reader.offset + headerLength;
  const minInstructionLength = reader.u8();
  const maxOperations = version >= 4 ? Math.max(1, reader.u8()) : 1;
  const defaultIsStatement = reader.u8() !== 0;
  const lineBase = reader.i8(), lineRange = reader.u8(), opcodeBase = reader.u8();
  const opcodeLengths = [0];
  for (let i = 1; i < opcodeBase; i++) opcodeLengths.push(reader.u8());
  const header: LineHeader = {
    version, offset, end: reader.end, offsetSize, addressSize, minInstructionLength, maxOperations, defaultIsStatement, lineBase, lineRange, opcodeBase, opcodeLengths,
    directories: [], files: [], programStart,
  };
  if (version >= 5) {
    for (const entry of readEntries(reader, header, sections)) header.directories.push(entry.name);
    header.files = readEntries(reader, header, sections);
  } else {
    header.directories.push(compDir);
    for (let name = reader.cstring(); name !== ''; name = reader.cstring()) header.directories.push(name);
    header.files.push({ name: unitName, directory: 0 });
    for (let name = reader.cstring(); name !== ''; name = reader.cstring()) {
      header.files.push({ name, directory: reader.uleb() });
      reader.skipLeb();
      reader.skipLeb();
    }
  }
  return header;
}

function readEntries(reader: ByteReader, header: LineHeader, sections: LineSections): LineFile[] {
  const formats: { content: number; form: number }[] = [];
  for (let i = reader.u8(); i > 0; i--) formats.push({ content: reader.uleb(), form: reader.uleb() });
  const count = reader.uleb();
  if (count > 0 && (formats.length === 0 || count > reader.remaining)) throw new FormatError('.debug_line', header.offset, `${count} file entries are declared, there is no room for them`);
  const encoding = { version: header.version, addressSize: header.addressSize, offsetSize: header.offsetSize };
  const entries: LineFile[] = [];
  for (let i = 0; i < count; i++) {
    const entry: LineFile = { name: '', directory: 0 };
    for (const { content, form } of formats) {
      if (content === DW_LNCT.path) entry.name = readText(reader, form, header, sections);
      else if (content === DW_LNCT.directory_index) entry.directory = form === DW_FORM.data1 ? reader.u8() : form === DW_FORM.data2 ? reader.u16() : reader.uleb();
      else if (content === DW_LNCT.MD5 && form === DW_FORM.data16) entry.md5 = Array.from(reader.take(16), b => b.toString(16).padStart(2, '0')).join('');
      else skipForm(reader, form, encoding);
    }
    entries.push(entry);
  }
  return entries;
}

function readText(reader: ByteReader, form: number, header: LineHeader, sections: LineSections): string {
  const indexed = (index: number): string => indexedString(sections.strOffsets, sections.str, sections.strOffsetsBase, index, header.offsetSize);
  switch (form) {
    case DW_FORM.string: return reader.cstring();
    case DW_FORM.line_strp: return stringAtOffset(sections.lineStr, '.debug_line_str', readOffset(reader, header.offsetSize));
    case DW_FORM.strp: return stringAtOffset(sections.str, '.debug_str', readOffset(reader, header.offsetSize));
    case DW_FORM.strx: return indexed(reader.uleb());
    case DW_FORM.strx1: return indexed(reader.u8());
    case DW_FORM.strx2: return indexed(reader.u16());
    case DW_FORM.strx3: return indexed(reader.u24());
    case DW_FORM.strx4: return indexed(reader.u32());
    default: throw new FormatError('.debug_line', reader.offset, `form 0x${form.toString(16)} cannot be a path`);
  }
}

/** Runs the line-number program. A malformed end is reported; the rows before it stay. */
export function runLineProgram(sections: LineSections, header: LineHeader, report: (problem: FormatError) => void): LineTable {
  const builder = new Builder();
  try {
    run(new ByteReader(sections.line, '.debug_line', header.programStart, header.end), header, builder);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    report(error);
  }
  return builder.finish(header);
}

function run(reader: ByteReader, header: LineHeader, out: Builder): void {
  const { minInstructionLength, maxOperations, lineBase, lineRange, opcodeBase } = header;
  let address = 0, opIndex = 0, file = 1, line = 1, column = 0, discriminator = 0, flags = header.defaultIsStatement ? IS_STATEMENT : 0;
  const advance = (operations: number): void => {
    if (maxOperations === 1) { address += minInstructionLength * operations; return; }
    address += minInstructionLength * Math.floor((opIndex + operations) / maxOperations);
    opIndex = (opIndex + operations) % maxOperations;
  };
  const emit = (): void => {
    out.add(address, file, line, column, discriminator, flags);
    discriminator = 0;
    flags &= IS_STATEMENT;
  };
  while (!reader.atEnd) {
    const opcode = reader.u8();
    if (opcode >= opcodeBase) {
      if (lineRange === 0) throw new FormatError('.debug_line', header.offset, 'the line range is zero');
      const adjusted = opcode - opcodeBase;
      advance(Math.floor(adjusted / lineRange));
      line += lineBase + adjusted % lineRange;
      emit();
      continue;
    }
    switch (opcode) {
      case 0: {
        const length = reader.uleb();
        if (length === 0) throw new FormatError('.debug_line', reader.offset, 'an extended operation is empty');
        const next = reader.offset + length;
        if (next > reader.end) throw new FormatError('.debug_line', reader.offset, 'an extended operation reaches beyond its table');
        const code = reader.u8();
        if (code === DW_LNE.end_sequence) {
          flags |= END_SEQUENCE;
          emit();
          address = 0; opIndex = 0; file = 1; line = 1; column = 0; discriminator = 0; flags = header.defaultIsStatement ? IS_STATEMENT : 0;
        } else if (code === DW_LNE.set_address) { address = length - 1 === 8 ? reader.address64() : length - 1 === 4 ? reader.u32() : address; opIndex = 0; }
        else if (code === DW_LNE.define_file) { const name = reader.cstring(); header.files.push({ name, directory: reader.uleb() }); }
        else if (code === DW_LNE.set_discriminator) discriminator = reader.uleb();
        reader.seek(next);
        break;
      }
      case DW_LNS.copy: emit(); break;
      case DW_LNS.advance_pc: advance(reader.uleb()); break;
      case DW_LNS.advance_line: line += reader.sleb(); break;
      case DW_LNS.set_file: file = reader.uleb(); break;
      case DW_LNS.set_column: column = reader.uleb(); break;
      case DW_LNS.negate_stmt: flags ^= IS_STATEMENT; break;
      case DW_LNS.set_basic_block: flags |= BASIC_BLOCK; break;
      case DW_LNS.const_add_pc: if (lineRange > 0) advance(Math.floor((255 - opcodeBase) / lineRange)); break;
      case DW_LNS.fixed_advance_pc: address += reader.u16(); opIndex = 0; break;
      case DW_LNS.set_prologue_end: flags |= PROLOGUE_END; break;
      case DW_LNS.set_epilogue_begin: flags |= EPILOGUE_BEGIN; break;
      case DW_LNS.set_isa: reader.skipLeb(); break;
      default: for (let i = header.opcodeLengths[opcode] ?? 0; i > 0; i--) reader.skipLeb();
    }
  }
}

class Builder {
  private length = 0;
  private addresses = new Float64Array(256);
  private numbers = new Uint32Array(4 * 256);
  private flags = new Uint8Array(256);

  add(address: number, file: number, line: number, column: number, discriminator: number, flags: number): void {
    if (this.length === this.flags.length) this.grow();
    const at = this.length++;
    if (at >= MAX_ROWS) throw new FormatError('.debug_line', 0, 'the table has too many rows');
    this.addresses[at] = address;
    this.numbers[at * 4] = file; this.numbers[at * 4 + 1] = line; this.numbers[at * 4 + 2] = column; this.numbers[at * 4 + 3] = discriminator;
    this.flags[at] = flags;
  }

  private grow(): void {
    const size = this.flags.length * 2;
    const addresses = new Float64Array(size), numbers = new Uint32Array(size * 4), flags = new Uint8Array(size);
    addresses.set(this.addresses); numbers.set(this.numbers); flags.set(this.flags);
    Object.assign(this, { addresses, numbers, flags });
  }

  finish(header: LineHeader): LineTable {
    const { length, numbers } = this;
    const column = (k: number): Uint32Array => Uint32Array.from({ length }, (_, i) => numbers[i * 4 + k] ?? 0);
    return { header, length, addresses: this.addresses.slice(0, length), files: column(0), lines: column(1), columns: column(2), discriminators: column(3), flags: this.flags.slice(0, length) };
  }
}
