// The committed vDSO as the machine needs it: the pages that programs see, and where in them its functions read the TSC or end. Built by build.sh from vdso.S.
import { assert } from '../../base/assert';
import { PT_LOAD } from '../../elf/constants';
import { ElfFile } from '../../elf/elf';
import { VDSO_FUNCTIONS } from '../../trace/event';
import { PAGE } from './layout';
import image from './vdso.so';

export interface VdsoFunction { fn: number; start: number; end: number }

export interface VdsoImage {
  /** The whole ELF file with its debug information, for the debugger. */
  file: Uint8Array;
  /** What is mapped: two pages as on Linux, without a section table, as Linux strips it. */
  pages: Uint8Array;
  functions: VdsoFunction[];
  /** Offsets of RDTSC, and those behind the marks, with the function that they are in. */
  timeStamps: ReadonlyMap<number, number>;
  marks: ReadonlyMap<number, number>;
}

const RDTSC = [0x0f, 0x31], MARK = [0x0f, 0x19, 0xc0];
/** e_shoff, e_shentsize, e_shnum, e_shstrndx in the ELF header. */
const E_SHOFF = 0x28, E_SHENTSIZE = 0x3a;

/** Our own image: known to be well formed, so a mistake here is ours. */
export function readVdsoImage(file: Uint8Array = image): VdsoImage {
  const elf = ElfFile.open(file);
  const segment = elf.segments.find(s => s.type === PT_LOAD);
  assert(segment && segment.vaddr === 0n, 'the vDSO has one segment at 0');
  const code = elf.segmentData(segment);
  const pages = new Uint8Array(Math.max(2, Math.ceil(code.length / PAGE)) * PAGE);
  pages.set(code);
  pages.fill(0, E_SHOFF, E_SHOFF + 8);
  pages.fill(0, E_SHENTSIZE, E_SHENTSIZE + 6);
  const functions = VDSO_FUNCTIONS.map((name, fn) => {
    const [symbol] = elf.symbols.allNamed(`__vdso_${name}`);
    assert(symbol, `the vDSO has no __vdso_${name}`);
    return { fn, start: Number(symbol.value), end: Number(symbol.value) + Number(symbol.size) };
  });
  const find = (bytes: readonly number[], shift: number): Map<number, number> =>
    new Map(functions.flatMap(({ fn, start, end }) => places(code, bytes, start, end).map(at => [at + shift, fn] as const)));
  return { file, pages, functions, timeStamps: find(RDTSC, 0), marks: find(MARK, MARK.length) };
}

function places(code: Uint8Array, bytes: readonly number[], start: number, end: number): number[] {
  const found: number[] = [];
  for (let at = start; at + bytes.length <= end; at++) if (bytes.every((byte, i) => code[at + i] === byte)) found.push(at);
  return found;
}
