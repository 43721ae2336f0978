// The list of mappings: find, insert, merge, split, grow. Linux: mm/vma.c, mm/mmap.c
import { RLIMIT_STACK } from '../../abi/resource';
import { fput } from '../fs/file';
import { charge, kernel } from '../state';
import { canGrowDown, find_vma, find_vma_index } from './memory';
import { PAGE_SIZE, VM_EXEC, VM_GROWSDOWN, VM_SHARED, VM_WRITE, vm_area_struct, type mm_struct, type shared_pages } from './types';

/** Lowest address that may be mapped. Linux: vm.mmap_min_addr */
export const mmap_min_addr = 0x10000;
const STACK_GUARD_GAP = 256 * PAGE_SIZE;

/** The mapping that holds `address` after the stack has grown to it, or undefined. Linux: mm/memory.c:lock_mm_and_find_vma() */
export function find_extend_vma(mm: mm_struct, address: number): vm_area_struct | undefined {
  const i = find_vma_index(mm, address);
  const vma = mm.mmap[i];
  if (!vma || vma.vm_start <= address) return vma;
  if (!canGrowDown(vma)) return undefined;
  const start = address - address % PAGE_SIZE;
  if (start < mmap_min_addr) return undefined;
  const limit = kernel.current?.signal.rlim[RLIMIT_STACK]?.rlim_cur ?? 0x800000n;
  if (BigInt(vma.vm_end - start) > limit) return undefined;
  const before = mm.mmap[i - 1];
  if (before && start - before.vm_end < STACK_GUARD_GAP && (before.vm_flags & VM_GROWSDOWN) === 0 && (before.vm_flags & 7) !== 0) return undefined;
  const pages = (vma.vm_start - start) / PAGE_SIZE;
  account(mm, vma.vm_flags, pages, vma.vm_file !== null);
  vma.vm_pgoff -= pages;
  vma.vm_start = start;
  return vma;
}

/** Adds to the counters that /proc/self/status shows. */
export function account(mm: mm_struct, flags: number, pages: number, isFile: boolean): void {
  mm.total_vm += pages;
  if (mm.total_vm > mm.hiwater_vm) mm.hiwater_vm = mm.total_vm;
  if ((flags & VM_GROWSDOWN) !== 0) mm.stack_vm += pages;
  else if ((flags & (VM_EXEC | VM_WRITE)) === VM_EXEC && isFile) mm.exec_vm += pages;
  else if ((flags & (VM_WRITE | VM_SHARED)) === VM_WRITE) mm.data_vm += pages;
}

/** Puts a mapping in its place; merges with equal neighbours. Gives the mapping that now holds the range. */
export function insert_vm_struct(mm: mm_struct, vma: vm_area_struct): vm_area_struct {
  charge('vma');
  const i = find_vma_index(mm, vma.vm_start);
  mm.mmap.splice(i, 0, vma);
  account(mm, vma.vm_flags, (vma.vm_end - vma.vm_start) / PAGE_SIZE, vma.vm_file !== null);
  return vma_merge(mm, vma);
}

/** Joins `vma` with its neighbours where they continue each other. Linux: mm/vma.c:vma_merge() */
export function vma_merge(mm: mm_struct, vma: vm_area_struct): vm_area_struct {
  const i = find_vma_index(mm, vma.vm_start);
  let kept = vma;
  const next = mm.mmap[i + 1];
  if (next && continues(vma, next)) {
    vma.vm_end = next.vm_end;
    mm.mmap.splice(i + 1, 1);
    drop_vma(next);
  }
  const before = mm.mmap[i - 1];
  if (before && continues(before, vma)) {
    before.vm_end = vma.vm_end;
    mm.mmap.splice(i, 1);
    drop_vma(vma);
    kept = before;
  }
  return kept;
}

function continues(a: vm_area_struct, b: vm_area_struct): boolean {
  return a.vm_end === b.vm_start && a.vm_flags === b.vm_flags && a.vm_policy === b.vm_policy && a.vm_file === b.vm_file && a.vm_ops === b.vm_ops && a.vm_private_data === b.vm_private_data
    && a.anon_name === b.anon_name && b.vm_pgoff === a.vm_pgoff + (a.vm_end - a.vm_start) / PAGE_SIZE
    && (a.vm_flags & VM_GROWSDOWN) === 0
    // The heap never continues the .bss below it.
    && (b.vm_start !== b.vm_mm.start_brk || a.vm_start >= b.vm_mm.start_brk || b.vm_mm.start_brk === 0);
}

/** A mapping object goes away (its pages are unmapped or taken over by another). */
export function drop_vma(vma: vm_area_struct): void {
  vma.vm_ops?.close?.(vma);
  if (vma.vm_file) fput(vma.vm_file);
}

/** A second mapping object like `vma` (fork, split), with its own references. */
export function vm_area_dup(vma: vm_area_struct, mm: mm_struct): vm_area_struct {
  const copy = vm_area_struct.make({ ...vma, vm_mm: mm });
  if (copy.vm_file) copy.vm_file.f_count++;
  copy.vm_ops?.open?.(copy);
  return copy;
}

/** Cuts a mapping in two at `address`, which must lie inside; `vma` keeps the lower part. Linux: mm/vma.c:__split_vma() */
export function split_vma(mm: mm_struct, vma: vm_area_struct, address: number): vm_area_struct {
  charge('vma');
  const upper = vm_area_dup(vma, mm);
  upper.vm_start = address;
  upper.vm_pgoff += (address - vma.vm_start) / PAGE_SIZE;
  vma.vm_end = address;
  mm.mmap.splice(find_vma_index(mm, vma.vm_start) + 1, 0, upper);
  return upper;
}

/** Makes [start, end) begin and end at mapping borders and gives the mappings inside. */
export function isolate(mm: mm_struct, start: number, end: number): vm_area_struct[] {
  const first = find_vma(mm, start);
  if (first && first.vm_start < start) split_vma(mm, first, start);
  const inside: vm_area_struct[] = [];
  for (let i = find_vma_index(mm, start); i < mm.mmap.length; i++) {
    const vma = mm.mmap[i];
    if (!vma || vma.vm_start >= end) break;
    if (vma.vm_end > end) split_vma(mm, vma, end);
    inside.push(vma);
  }
  return inside;
}

/** The highest free range of `length` bytes below `high`. Linux: mm/mmap.c:unmapped_area_topdown(). -1: none. */
export function unmapped_area_topdown(mm: mm_struct, length: number, high: number): number {
  let end = high;
  for (let i = mm.mmap.length - 1; i >= 0; i--) {
    const vma = mm.mmap[i];
    if (!vma) break;
    // The guard gap below a stack stays free.
    const start = (vma.vm_flags & VM_GROWSDOWN) !== 0 ? vma.vm_start - STACK_GUARD_GAP : vma.vm_start;
    if (start >= end) continue;
    if (vma.vm_end <= end && end - vma.vm_end >= length) return end - length;
    end = Math.min(end, start);
  }
  return end - length >= mmap_min_addr ? end - length : -1;
}

/** The lowest free range of `length` bytes in [low, high). -1: none. */
export function unmapped_area(mm: mm_struct, length: number, low: number, high: number): number {
  let start = low;
  for (let i = find_vma_index(mm, low); i < mm.mmap.length; i++) {
    const vma = mm.mmap[i];
    if (!vma) break;
    if (vma.vm_start - start >= length) break;
    start = vma.vm_end;
  }
  return start + length <= high ? start : -1;
}

/** True when some mapping lies in [start, end). */
export function find_vma_intersection(mm: mm_struct, start: number, end: number): boolean {
  const vma = find_vma(mm, start);
  return vma !== undefined && vma.vm_start < end;
}

export function isShared(vma: vm_area_struct): vma is vm_area_struct & { vm_private_data: shared_pages } {
  return (vma.vm_flags & VM_SHARED) !== 0 && vma.vm_file === null;
}
