// The committed kernel image as the machine needs it: what to load where, and the addresses of its labels. Built by build.sh from entry.S.
import { assert } from '../../base/assert';
import { PF_W, PF_X, PT_LOAD } from '../../elf/constants';
import { ElfFile } from '../../elf/elf';
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

/** Our own image: known to be well formed, so a mistake here is ours. */
export function readKernelImage(file: Uint8Array = image): KernelImage {
  const elf = ElfFile.open(file);
  const segments = elf.segments.filter(segment => segment.type === PT_LOAD).map(segment => ({
    offset: Number(segment.vaddr - KERNEL_TEXT), bytes: elf.segmentData(segment), sizeInMemory: segment.memsz,
    isExecutable: (segment.flags & PF_X) !== 0, isWritable: (segment.flags & PF_W) !== 0,
  }));
  const addressOf = (label: string): bigint => {
    const [symbol] = elf.symbols.allNamed(label);
    assert(symbol, `the kernel image has no label ${label}`);
    return symbol.value;
  };
  const offsetOf = (label: string): number => Number(addressOf(label) - KERNEL_TEXT);
  return { file, segments, size: offsetOf('_end'), offsetOf, addressOf };
}
