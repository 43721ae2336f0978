// The ELF header and the program headers: all that a loader needs, from a file's first bytes. Nothing here throws: a wrong
// file is a value that says what it is. Original: elf.h Elf64_Ehdr, Elf64_Phdr. No big-endian files.
import { type Address, toAddress } from '../base/address';
import { decodeUtf8 } from '../base/text';
import { ELFCLASS64, ELFDATA2LSB, EM_X86_64, ET_DYN, ET_EXEC, machineNames, PF_R, PF_W, PF_X } from './constants';

export interface ElfHeader {
  /** ET_EXEC, ET_DYN, ET_REL, ET_CORE. */
  type: number;
  machine: number;
  /** EI_OSABI. */
  osAbi: number;
  entry: Address;
  flags: number;
  /** Program headers: offset in the file, size of one, how many (0xffff: see section 0's sh_info). */
  phoff: number; phentsize: number; phnum: number;
  /** Section headers: offset in the file, size of one, how many, which one holds the names. */
  shoff: number; shentsize: number; shnum: number; shstrndx: number;
}

export interface Segment {
  /** PT_LOAD, PT_INTERP ... */
  type: number;
  /** PF_R | PF_W | PF_X */
  flags: number;
  offset: number;
  vaddr: Address;
  paddr: Address;
  filesz: number;
  memsz: number;
  align: number;
}

/** Why a file is not an ELF that this machine runs: a fact, with a sentence for the person. */
export interface ElfRefusal {
  kind: 'not-elf' | 'truncated' | 'wrong-class' | 'wrong-byte-order' | 'wrong-machine' | 'wrong-version';
  /** `i386`, `AArch64`: when the machine is known. */
  machine?: string;
  /** Completes "FILE ...": `is a 32-bit i386 program`. */
  sentence: string;
}

export const EHDR_SIZE = 64, PHDR_SIZE = 56;

/** Reads the header from a file's first 64 bytes, whatever the machine; a refusal otherwise. `anyMachine` lets other 64-bit little-endian machines pass. */
export function readElfHeader(bytes: Uint8Array, anyMachine = false): ElfHeader | ElfRefusal {
  if (bytes.length < 4 || bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46) {
    return { kind: 'not-elf', sentence: bytes[0] === 0x23 && bytes[1] === 0x21 ? 'is a script, not an ELF file' : 'is not an ELF file' };
  }
  if (bytes.length < 20) return { kind: 'truncated', sentence: 'is a truncated ELF file' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[5] !== ELFDATA2LSB) {
    const name = machineNames[view.getUint16(18, false)];
    return { kind: 'wrong-byte-order', ...(name && { machine: name }), sentence: `is a big-endian${name ? ` ${name}` : ''} ELF file; x86-64 is little-endian` };
  }
  const machine = view.getUint16(18, true);
  const name = machineNames[machine] ?? `machine ${machine}`;
  if (bytes[4] !== ELFCLASS64) return { kind: 'wrong-class', machine: name, sentence: `is a 32-bit ${name} ELF file; only 64-bit x86-64 programs run here` };
  if (machine !== EM_X86_64 && !anyMachine) return { kind: 'wrong-machine', machine: name, sentence: `is a 64-bit ELF file for ${name}; only x86-64 programs run here` };
  if (bytes.length < EHDR_SIZE) return { kind: 'truncated', sentence: 'is a truncated ELF file' };
  if (bytes[6] !== 1) return { kind: 'wrong-version', sentence: `has ELF version ${bytes[6]}, which is unknown` };
  return {
    type: view.getUint16(16, true), machine, osAbi: bytes[7] ?? 0, entry: view.getBigUint64(24, true), flags: view.getUint32(48, true),
    phoff: offsetAt(view, 32), phentsize: view.getUint16(54, true), phnum: view.getUint16(56, true),
    shoff: offsetAt(view, 40), shentsize: view.getUint16(58, true), shnum: view.getUint16(60, true), shstrndx: view.getUint16(62, true),
  };
}

export function isRefusal(header: ElfHeader | ElfRefusal): header is ElfRefusal {
  return 'sentence' in header;
}

/** Whether the kernel would run it: ET_EXEC or ET_DYN. */
export function isRunnable(header: ElfHeader): boolean {
  return header.type === ET_EXEC || header.type === ET_DYN;
}

/** Reads `count` program headers from `bytes`, which begin at the table (a loader reads just those bytes); fewer when the bytes end. */
export function readSegments(bytes: Uint8Array, count: number, entrySize = PHDR_SIZE): Segment[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments: Segment[] = [];
  if (entrySize < PHDR_SIZE) return segments;
  for (let i = 0, at = 0; i < count && at + PHDR_SIZE <= bytes.length; i++, at += entrySize) {
    segments.push({
      type: view.getUint32(at, true), flags: view.getUint32(at + 4, true), offset: offsetAt(view, at + 8),
      vaddr: toAddress(view.getBigUint64(at + 16, true)), paddr: toAddress(view.getBigUint64(at + 24, true)),
      filesz: offsetAt(view, at + 32), memsz: offsetAt(view, at + 40), align: offsetAt(view, at + 48),
    });
  }
  return segments;
}

/** The text of a PT_INTERP segment's bytes: up to the first zero. */
export function interpreterPath(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeUtf8(bytes, 0, end < 0 ? bytes.length : end);
}

/** `r-x`: a segment's permissions as /proc/PID/maps writes them. */
export function formatSegmentFlags(flags: number): string {
  return (flags & PF_R ? 'r' : '-') + (flags & PF_W ? 'w' : '-') + (flags & PF_X ? 'x' : '-');
}

/** A 64-bit offset or size as a number; one over 2^53 stays absurdly big, never negative, so that every bounds check refuses it. */
function offsetAt(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
}
