// Section headers and section contents, compressed ones expanded. Original: elf.h Elf64_Shdr, Elf64_Chdr; the old .zdebug_ form too.
import { unzlibSync } from 'fflate';
import { decompress as unzstd } from 'fzstd';
import type { Address } from '../base/address';
import { ByteReader } from '../base/bytes';
import { FormatError } from '../base/errors';
import { decodeUtf8 } from '../base/text';
import { ELFCOMPRESS_ZLIB, ELFCOMPRESS_ZSTD, SHF_COMPRESSED, SHN_XINDEX, SHT_NOBITS } from './constants';
import type { ElfHeader } from './header';

export interface Section {
  index: number;
  name: string;
  type: number;
  flags: number;
  address: Address;
  offset: number;
  /** In the file: of a compressed section the compressed size. */
  size: number;
  link: number;
  info: number;
  align: number;
  entrySize: number;
}

const SHDR_SIZE = 64;
/** No expanded section is larger: a wrong size must not take the memory of the machine. */
const MAX_EXPANDED = 2 ** 31;

/** Reads all section headers; none when the file has none (stripped of them, or truncated). */
export function readSections(bytes: Uint8Array, header: ElfHeader): Section[] {
  if (header.shoff === 0 || header.shentsize < SHDR_SIZE) return [];
  const room = Math.floor((bytes.length - header.shoff) / header.shentsize);
  if (room < 1) throw new FormatError('section headers', header.shoff, 'the table is outside the file');
  const first = readOne(bytes, header, 0);
  const count = header.shnum === 0 ? first.size : header.shnum;
  if (count > room) throw new FormatError('section headers', header.shoff, `${count} sections are declared, the file has room for ${room}`);
  const sections = Array.from({ length: count }, (_, index) => readOne(bytes, header, index));
  const names = sections[header.shstrndx === SHN_XINDEX ? first.link : header.shstrndx];
  if (names && names.type !== SHT_NOBITS) {
    for (const section of sections) section.name = stringAt(bytes, names.offset + section.nameOffset, names.offset + names.size);
  }
  return sections;
}

function readOne(bytes: Uint8Array, header: ElfHeader, index: number): Section & { nameOffset: number } {
  const reader = new ByteReader(bytes, 'section headers', header.shoff + index * header.shentsize);
  const big = (): number => Number(reader.u64());
  return {
    index, name: '', nameOffset: reader.u32(), type: reader.u32(), flags: big(), address: reader.u64(), offset: big(), size: big(),
    link: reader.u32(), info: reader.u32(), align: big(), entrySize: big(),
  };
}

/** The zero-terminated text at `at`; empty when that is outside. */
export function stringAt(bytes: Uint8Array, at: number, limit = bytes.length): string {
  if (!(at >= 0 && at < Math.min(limit, bytes.length))) return '';
  const end = bytes.indexOf(0, at);
  return decodeUtf8(bytes, at, end < 0 ? Math.min(limit, bytes.length) : Math.min(end, limit));
}

/** Expands a zlib stream of `size` bytes. A host may bring a faster one than fflate (node's is about three times as fast). */
export type Inflate = (packed: Uint8Array, size: number) => Uint8Array;

const inflateSlowly: Inflate = (packed, size) => unzlibSync(packed, { out: new Uint8Array(size) });

/** A section's contents: a view of the file, or expanded when compressed. SHT_NOBITS is empty. */
export function sectionContents(bytes: Uint8Array, section: Section, inflate: Inflate = inflateSlowly): Uint8Array {
  if (section.type === SHT_NOBITS) return bytes.subarray(0, 0);
  if (!(section.offset + section.size <= bytes.length)) throw new FormatError(section.name, 0, 'the section reaches beyond the end of the file');
  const raw = bytes.subarray(section.offset, section.offset + section.size);
  if (section.flags & SHF_COMPRESSED) {
    const reader = new ByteReader(raw, section.name);
    const kind = reader.u32();
    reader.skip(4);
    const size = reader.size64();
    reader.skip(8);
    return expand(raw.subarray(reader.offset), kind, size, section.name, inflate);
  }
  if (section.name.startsWith('.zdebug_') && decodeUtf8(raw, 0, 4) === 'ZLIB') {
    let size = 0;
    for (let i = 4; i < 12; i++) size = size * 256 + (raw[i] ?? 0);
    return expand(raw.subarray(12), ELFCOMPRESS_ZLIB, size, section.name, inflate);
  }
  return raw;
}

function expand(packed: Uint8Array, kind: number, size: number, name: string, inflate: Inflate): Uint8Array {
  if (size > MAX_EXPANDED || size > packed.length * 1100 + 4096) throw new FormatError(name, 0, `the expanded size ${size} is absurd`);
  if (kind !== ELFCOMPRESS_ZLIB && kind !== ELFCOMPRESS_ZSTD) throw new FormatError(name, 0, `compression ${kind} is unknown`);
  let data: Uint8Array;
  try {
    data = kind === ELFCOMPRESS_ZLIB ? inflate(packed, size) : unzstd(packed, new Uint8Array(size));
  } catch (error) {
    throw new FormatError(name, 0, `the compressed contents are damaged: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (data.length !== size) throw new FormatError(name, 0, `the contents expand to ${data.length} bytes, not ${size}`);
  return data;
}
