// The committed kernel image as the machine needs it: what to load where, and the addresses of its labels. Built by build.sh from entry.S.
import { assert } from '../../base/assert';
import { PF_W, PF_X, PT_LOAD, SHN_ABS, SHN_UNDEF, STB_LOCAL, STT_FILE, STT_SECTION } from '../../elf/constants';
import { ElfFile } from '../../elf/elf';
import type { KernelSymbol } from '../../kernel/arch/x86/ports';
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
  /** For /proc/kallsyms, in the order of their addresses. */
  symbols(): KernelSymbol[];
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
  let listed: KernelSymbol[] | undefined;
  const symbols = (): KernelSymbol[] => listed ??= [...elf.symbols].filter(({ name, section, type }) => name !== '' && section !== SHN_UNDEF && section < SHN_ABS && type !== STT_SECTION && type !== STT_FILE)
    .sort((a, b) => a.value < b.value ? -1 : a.value > b.value ? 1 : 0).map(({ name, value, binding }) => {
      const segment = segments.find(({ offset, sizeInMemory }) => Number(value - KERNEL_TEXT) >= offset && Number(value - KERNEL_TEXT) < offset + sizeInMemory);
      const letter = segment?.isExecutable ? 't' : 'b';
      return { address: value.toString(16).padStart(16, '0'), type: binding === STB_LOCAL ? letter : letter.toUpperCase(), name };
    });
  return { file, symbols, segments, size: offsetOf('_end'), offsetOf, addressOf };
}
