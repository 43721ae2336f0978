// The committed kernel image as the machine needs it: what to load where, and the addresses of its labels. Built by build.sh from entry.S.
import { assert } from '../../base/assert';
import { KERNEL_TEXT } from './layout';
import image from './kernel.elf';

export interface ImageSegment {
  /** Offset from the start of the text. */
  offset: number;
  bytes: Uint8Array;
  sizeInMemory: number;
  isExecutable: boolean;
  isWritable: boolean;
}

export interface KernelImage {
  /** The whole ELF file, for the debugger. */
  file: Uint8Array;
  segments: ImageSegment[];
  /** Bytes from the start of the text to the end of the last segment, in whole pages. */
  size: number;
  /** Offset of a label from the start of the text. */
  offsetOf(symbol: string): number;
  addressOf(symbol: string): bigint;
}

const PT_LOAD = 1, PF_X = 1, PF_W = 2, SHT_SYMTAB = 2;

/** Reads our own image: one file, known to be well formed, so a mistake here is ours. */
export function readKernelImage(file: Uint8Array = image): KernelImage {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const u16 = (at: number): number => view.getUint16(at, true);
  const u32 = (at: number): number => view.getUint32(at, true);
  const u64 = (at: number): number => Number(view.getBigUint64(at, true));
  const offset = (at: number): number => Number(view.getBigUint64(at, true) - KERNEL_TEXT);
  assert(u32(0) === 0x464c457f, 'the kernel image is not an ELF file');

  const segments: ImageSegment[] = [];
  for (let i = 0, at = u64(32); i < u16(56); i++, at += u16(54)) {
    if (u32(at) !== PT_LOAD) continue;
    const flags = u32(at + 4), start = u64(at + 8);
    segments.push({
      offset: offset(at + 16), bytes: file.subarray(start, start + u64(at + 32)), sizeInMemory: u64(at + 40),
      isExecutable: (flags & PF_X) !== 0, isWritable: (flags & PF_W) !== 0,
    });
  }

  const symbols = new Map<string, number>();
  const section = (index: number): number => u64(40) + index * u16(58);
  for (let i = 0; i < u16(60); i++) {
    const at = section(i);
    if (u32(at + 4) !== SHT_SYMTAB) continue;
    const names = u64(section(u32(at + 40)) + 24);
    const start = u64(at + 24), size = u64(at + 32);
    for (let entry = start; entry < start + size; entry += 24) {
      let end = names + u32(entry), name = '';
      for (; file[end]; end++) name += String.fromCharCode(file[end] ?? 0);
      if (name) symbols.set(name, offset(entry + 8));
    }
  }

  const offsetOf = (symbol: string): number => {
    const found = symbols.get(symbol);
    assert(found !== undefined, `the kernel image has no label ${symbol}`);
    return found;
  };
  return { file, segments, size: offsetOf('_end'), offsetOf, addressOf: symbol => KERNEL_TEXT + BigInt(offsetOf(symbol)) };
}
