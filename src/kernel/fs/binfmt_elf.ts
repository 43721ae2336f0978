// Loading an ELF program and its interpreter into a new address space, and its first stack. Linux: fs/binfmt_elf.c
import { latin1 } from '../../base/text';
import { EINVAL, ENOEXEC, ENOMEM, EIO, type Errno } from '../../abi/errno';
import { MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_PRIVATE } from '../../abi/mman';
import type { Block } from '../result';
import { failed } from '../result';
import { kernel, ports } from '../state';
import { filemap_kernel_read } from '../mm/filemap';
import { do_brk_flags, do_mmap, get_unmapped_area, page_align } from '../mm/mmap';
import { clear_user, copy_to_user } from '../mm/uaccess';
import { PAGE_SIZE, TASK_SIZE, VM_EXEC, VM_GROWSDOWN, VM_MAYEXEC, VM_MAYREAD, VM_MAYWRITE, VM_READ, VM_WRITE, type mm_struct } from '../mm/types';
import type { cred } from '../kernel/types';
import type { file } from './types';

const ET_EXEC = 2, ET_DYN = 3, EM_X86_64 = 62;
const PT_LOAD = 1, PT_INTERP = 3, PT_PHDR = 6, PT_GNU_STACK = 0x6474e551;
const PF_X = 1, PF_W = 2, PF_R = 4;
const ELF_ET_DYN_BASE = 0x555555554000;

export interface ElfSegment { type: number; flags: number; offset: number; vaddr: number; filesz: number; memsz: number; align: number }
export interface ElfImage { file: file; type: number; entry: number; phoff: number; phnum: number; segments: ElfSegment[] }

/** What the first stack needs to know of the loaded program. */
export interface ElfLoaded { entry: number; programEntry: number; phdr: number; phnum: number; interpBase: number; vdso: number }

/** Header and program headers. ENOEXEC where this is no ELF file for this machine. */
export function elf_read(file: file, head: Uint8Array): ElfImage | Errno | Block {
  if (head.length < 64) return ENOEXEC.because('the file is shorter than an ELF header');
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getUint32(0, false) !== 0x7f454c46) return ENOEXEC.because('the file is no ELF file and no script');
  const type = view.getUint16(16, true);
  if (type !== ET_EXEC && type !== ET_DYN) return ENOEXEC.because('the ELF file is not executable');
  if (head[4] !== 2 || view.getUint16(18, true) !== EM_X86_64) return ENOEXEC.because('the ELF file is not for x86-64');
  const phoff = Number(view.getBigUint64(32, true));
  const phnum = view.getUint16(56, true);
  if (view.getUint16(54, true) !== 56 || phnum < 1 || phnum > 1170) return ENOEXEC.because('the program headers have a wrong size');
  const table = filemap_kernel_read(file.f_inode, phoff, phnum * 56);
  if (failed(table)) return table;
  if (table.length < phnum * 56) return EIO.because('the file ends inside the program headers');
  const rows = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const segments: ElfSegment[] = [];
  for (let at = 0; at < phnum * 56; at += 56) {
    const word = (offset: number): number => Number(rows.getBigUint64(at + offset, true));
    segments.push({ type: rows.getUint32(at, true), flags: rows.getUint32(at + 4, true), offset: word(8), vaddr: word(16), filesz: word(32), memsz: word(40), align: word(48) });
  }
  return { file, type, entry: Number(view.getBigUint64(24, true)), phoff, phnum, segments };
}

/** The path in PT_INTERP; '' when there is none. */
export function elf_interpreter(image: ElfImage): string | Errno | Block {
  const segment = image.segments.find(s => s.type === PT_INTERP);
  if (!segment) return '';
  if (segment.filesz < 2 || segment.filesz > 4096) return ENOEXEC.because('PT_INTERP has a wrong length');
  const bytes = filemap_kernel_read(image.file.f_inode, segment.offset, segment.filesz);
  if (failed(bytes)) return bytes;
  if (bytes.length < segment.filesz || bytes[bytes.length - 1] !== 0) return ENOEXEC.because('PT_INTERP is not terminated');
  return String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)));
}

const page_start = (address: number): number => address - address % PAGE_SIZE;

/** Maps the PT_LOAD segments at `bias`. Gives the end of the last one in memory, or why not. Linux: elf_load(), set_brk() */
function map_segments(mm: mm_struct, image: ElfImage, bias: number, isInterpreter: boolean): number | Errno | Block {
  let end = 0;
  for (const segment of image.segments) {
    if (segment.type !== PT_LOAD) continue;
    if (segment.filesz > segment.memsz || segment.memsz > TASK_SIZE || segment.vaddr + segment.memsz > TASK_SIZE) return EINVAL.because('a segment is larger than user memory');
    const prot = ((segment.flags & PF_R) !== 0 ? 1 : 0) | ((segment.flags & PF_W) !== 0 ? 2 : 0) | ((segment.flags & PF_X) !== 0 ? 4 : 0);
    const address = bias + segment.vaddr;
    const start = page_start(address);
    const fileEnd = address + segment.filesz;
    if (segment.filesz > 0) {
      const flags = MAP_PRIVATE | (isInterpreter || image.type === ET_DYN ? MAP_FIXED : MAP_FIXED_NOREPLACE);
      const mapped = do_mmap(mm, image.file, start, page_align(fileEnd - start), prot, flags, (segment.offset - segment.vaddr % PAGE_SIZE) / PAGE_SIZE);
      if (typeof mapped !== 'number') return mapped;
    }
    if (segment.memsz > segment.filesz) {
      const zeroEnd = page_align(address + segment.memsz);
      const zeroStart = segment.filesz > 0 ? page_align(fileEnd) : start;
      if (segment.filesz > 0 && fileEnd % PAGE_SIZE !== 0 && (prot & 2) !== 0) {
        const cleared = clear_user(mm, fileEnd, zeroStart - fileEnd);
        if (typeof cleared !== 'number') return cleared;
      }
      if (zeroEnd > zeroStart) {
        const vm = (prot & 7) | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
        const mapped = do_brk_flags(mm, zeroStart, zeroEnd - zeroStart, vm);
        if (typeof mapped !== 'number') return mapped;
      }
    }
    end = Math.max(end, address + segment.memsz);
    if (!isInterpreter) note_segment(mm, segment, address);
  }
  return end;
}

function note_segment(mm: mm_struct, segment: ElfSegment, address: number): void {
  if ((segment.flags & PF_X) !== 0) {
    if (mm.start_code === 0 || address < mm.start_code) mm.start_code = address;
    mm.end_code = Math.max(mm.end_code, address + segment.filesz);
  }
  if (address > mm.start_data) mm.start_data = address;
  mm.end_data = Math.max(mm.end_data, address + segment.filesz);
}

/** Loads the program and its interpreter. Linux: load_elf_binary() */
export function elf_load(mm: mm_struct, image: ElfImage, interp: ElfImage | null): ElfLoaded | Errno | Block {
  const loads = image.segments.filter(s => s.type === PT_LOAD);
  const first = loads[0];
  if (!first) return EINVAL.because('the program has no PT_LOAD segment');
  let bias = 0;
  if (image.type === ET_DYN) {
    const align = Math.max(PAGE_SIZE, ...loads.map(s => s.align));
    const total = total_size(loads);
    // With an interpreter a program goes to ELF_ET_DYN_BASE; the loader itself, started as a program, goes where mmap would put it.
    const base = interp ? ELF_ET_DYN_BASE : get_unmapped_area(mm, 0, total, false);
    bias = base - base % align - page_start(first.vaddr);
  }
  const end = map_segments(mm, image, bias, false);
  if (typeof end !== 'number') return end;
  mm.start_brk = page_align(end);
  mm.brk = mm.start_brk;
  const phdrSegment = image.segments.find(s => s.type === PT_PHDR);
  const holder = loads.find(s => s.offset <= image.phoff && image.phoff < s.offset + s.filesz);
  const phdr = phdrSegment ? bias + phdrSegment.vaddr : holder ? bias + image.phoff - holder.offset + holder.vaddr : 0;
  const loaded: ElfLoaded = { entry: bias + image.entry, programEntry: bias + image.entry, phdr, phnum: image.phnum, interpBase: 0, vdso: 0 };
  if (interp) {
    const interpLoads = interp.segments.filter(s => s.type === PT_LOAD);
    const interpFirst = interpLoads[0];
    if (!interpFirst || interp.type !== ET_DYN) return ENOEXEC.because('the interpreter is not a shared object');
    const size = page_align(total_size(interpLoads));
    const base = get_unmapped_area(mm, 0, size, false);
    if (base < 0) return ENOMEM.because('there is no room for the interpreter');
    const interpBias = base - page_start(interpFirst.vaddr);
    const mapped = map_segments(mm, interp, interpBias, true);
    if (typeof mapped !== 'number') return mapped;
    loaded.interpBase = interpBias;
    loaded.entry = interpBias + interp.entry;
  }
  return loaded;
}

function total_size(loads: readonly ElfSegment[]): number {
  const last = loads[loads.length - 1];
  const first = loads[0];
  return first && last ? last.vaddr + last.memsz - page_start(first.vaddr) : 0;
}

/** Whether PT_GNU_STACK asks for an executable stack. */
export function elf_stack_flags(image: ElfImage): number {
  const segment = image.segments.find(s => s.type === PT_GNU_STACK);
  return segment && (segment.flags & PF_X) !== 0 ? VM_EXEC : 0;
}

export interface StackStrings { filename: string; argv: string[]; envp: string[] }

/** The stack as Linux lays it out: strings, auxiliary vector, envp, argv, argc. Gives the stack pointer. Linux: setup_arg_pages(), create_elf_tables() */
export function create_elf_tables(mm: mm_struct, loaded: ElfLoaded, strings: StackStrings, cred: cred, isSecure: boolean, stackFlags: number): number | Errno | Block {
  const bytes = (s: string): Uint8Array => latin1(`${s}\0`);
  const stringBytes = [strings.filename, ...strings.argv, ...strings.envp].reduce((sum, s) => sum + s.length + 1, 0);
  const top = TASK_SIZE;
  // Linux gives the stack 128 KiB more than its contents at first (stack_expand).
  const words = strings.argv.length + strings.envp.length + 3 + 48;
  const used = page_align(stringBytes + words * 8 + 256);
  const bottom = page_start(top - used) - 0x20000;
  const vm = VM_READ | VM_WRITE | stackFlags | VM_GROWSDOWN | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
  const mapped = do_brk_flags(mm, bottom, top - bottom, vm);
  if (typeof mapped !== 'number') return mapped;
  let p = top - 8;
  const place = (piece: Uint8Array): number | Errno | Block => {
    p -= piece.length;
    const copied = copy_to_user(mm, p, piece);
    return typeof copied === 'number' ? p : copied;
  };
  const filename = place(bytes(strings.filename));
  if (typeof filename !== 'number') return filename;
  mm.env_end = p;
  const envAt: number[] = [];
  for (let i = strings.envp.length - 1; i >= 0; i--) {
    const at = place(bytes(strings.envp[i] ?? ''));
    if (typeof at !== 'number') return at;
    envAt.unshift(at);
  }
  mm.env_start = p;
  mm.arg_end = p;
  const argAt: number[] = [];
  for (let i = strings.argv.length - 1; i >= 0; i--) {
    const at = place(bytes(strings.argv[i] ?? ''));
    if (typeof at !== 'number') return at;
    argAt.unshift(at);
  }
  mm.arg_start = p;
  p -= p % 16;
  const platform = place(bytes('x86_64'));
  if (typeof platform !== 'number') return platform;
  const seed = new Uint8Array(16);
  ports().entropy.fill(seed);
  const random = place(seed);
  if (typeof random !== 'number') return random;
  const auxv: [number, number][] = [
    ...(loaded.vdso ? [[33, loaded.vdso] as [number, number]] : []),
    [51, Math.ceil((ports().cpu.xsaveSize + 680) / 16) * 16],
    [16, kernel.hwcap], [6, PAGE_SIZE], [17, 100], [3, loaded.phdr], [4, 56], [5, loaded.phnum], [7, loaded.interpBase], [8, 0], [9, loaded.programEntry],
    [11, cred.uid], [12, cred.euid], [13, cred.gid], [14, cred.egid], [23, isSecure ? 1 : 0], [25, random], [26, 0], [31, filename], [15, platform],
    [27, 28], [28, 32], [0, 0],
  ];
  const items = strings.argv.length + 1 + strings.envp.length + 1 + 1;
  let sp = p - p % 8 - auxv.length * 16 - items * 8;
  sp -= sp % 16;
  const table = new Uint8Array((items + auxv.length * 2) * 8);
  const view = new DataView(table.buffer);
  let at = 0;
  const push = (value: number): void => {
    view.setBigUint64(at, BigInt(value), true);
    at += 8;
  };
  push(strings.argv.length);
  for (const pointer of argAt) push(pointer);
  push(0);
  for (const pointer of envAt) push(pointer);
  push(0);
  for (const [key, value] of auxv) {
    push(key);
    push(value);
  }
  mm.saved_auxv = table.slice(items * 8);
  mm.start_stack = sp;
  const copied = copy_to_user(mm, sp, table);
  return typeof copied === 'number' ? sp : copied;
}

