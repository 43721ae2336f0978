// Moving and resizing mappings. Linux: mm/mremap.c
import type { size_t } from '../../abi/c_types';
import { bits, ptr, size } from '../../abi/arg_types';
import { EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM, type Errno } from '../../abi/errno';
import { MREMAP, MREMAP_DONTUNMAP, MREMAP_FIXED, MREMAP_MAYMOVE } from '../../abi/mman';
import { pte_clear, pte_hi, pte_lo, pte_offset, pte_page, set_pte, walk_page_range, _PAGE_NX_HI } from '../arch/x86/pgtable';
import { ports } from '../state';
import { syscall } from '../syscall';
import { find_vma_at } from './memory';
import { get_unmapped_area, may_expand_vm, mlock_future_ok, page_align, task_mm, unmap_region, vm_enough_memory } from './mmap';
import { PAGE_SIZE, TASK_SIZE, VM_ACCOUNT, VM_DONTEXPAND, VM_PFNMAP, VM_SHARED, type mm_struct, type vm_area_struct } from './types';
import { account, find_vma_intersection, insert_vm_struct, mmap_min_addr, vm_area_dup, vma_merge } from './vma';

/** Gives the pages of [from, from+length) their new place. False: no memory for page tables. */
function move_page_tables(mm: mm_struct, from: number, to: number, length: number): boolean {
  let isComplete = true;
  walk_page_range(mm.pgd, from, from + length, (address, entry) => {
    const target = pte_offset(mm.pgd, to + (address - from), mm);
    if (target < 0) {
      isComplete = false;
      return;
    }
    set_pte(target, pte_page(entry), pte_lo(entry) & 0xfff, (pte_hi(entry) & _PAGE_NX_HI) === 0);
    pte_clear(entry);
  });
  ports().cpu.flushTlbRange(from, from + length);
  return isComplete;
}

function move_vma(mm: mm_struct, vma: vm_area_struct, addr: number, oldLength: number, to: number, newLength: number, keepsOld: boolean): number | Errno {
  const limit = may_expand_vm(mm, vma.vm_flags, newLength / PAGE_SIZE);
  if (limit) return limit;
  const copy = vm_area_dup(vma, mm);
  copy.vm_pgoff = vma.vm_pgoff + (addr - vma.vm_start) / PAGE_SIZE;
  copy.vm_start = to;
  copy.vm_end = to + newLength;
  insert_vm_struct(mm, copy);
  if (!move_page_tables(mm, addr, to, Math.min(oldLength, newLength))) return ENOMEM.because('guest memory is exhausted');
  if (!keepsOld) unmap_region(mm, addr, addr + oldLength);
  return to;
}

/** A length of nearly 2^64 comes to 0. */
const page_align_wrapping = (length: size_t): size_t => length > 2 ** 64 - PAGE_SIZE ? 0 : page_align(length);

export const sys_mremap = syscall({
  nr: 25, nr32: 163, name: 'mremap', brief: 'remap a virtual memory address', args: { old_address: ptr, old_size: size, new_size: size, flags: bits(MREMAP), new_address: ptr }, ret: ptr, classes: ['memory'],
}, (task, { old_address, old_size, new_size, flags, new_address }) => {
  const mm = task_mm(task);
  if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0) return EINVAL.because('flags has unknown bits');
  if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0 && (flags & MREMAP_MAYMOVE) === 0) return EINVAL.because('MREMAP_FIXED or MREMAP_DONTUNMAP without MREMAP_MAYMOVE');
  if ((flags & MREMAP_DONTUNMAP) !== 0 && page_align_wrapping(old_size) !== page_align_wrapping(new_size)) return EINVAL.because('MREMAP_DONTUNMAP with another size');
  if (old_address % PAGE_SIZE !== 0) return EINVAL.because('old_address is not a multiple of the page size');
  let oldLength = page_align_wrapping(old_size);
  const newLength = page_align_wrapping(new_size);
  if (newLength === 0) return EINVAL.because('new_size is 0');
  if (newLength > TASK_SIZE) return EINVAL.because('new_size is larger than user memory');
  const isFixed = (flags & MREMAP_FIXED) !== 0;
  if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0) {
    if (new_address % PAGE_SIZE !== 0 || new_address > TASK_SIZE - newLength) return EINVAL.because('new_address is not a page of user memory');
    if (new_address < old_address + oldLength && old_address < new_address + newLength) return EINVAL.because('the old and new ranges overlap');
  }
  const vma = find_vma_at(mm, old_address);
  if (!vma) return EFAULT.because('nothing is mapped at old_address');
  if (oldLength === 0 && (vma.vm_flags & VM_SHARED) === 0) return EINVAL.because('old_size is 0 and the mapping is private');
  if (!isFixed && newLength < oldLength && old_address + oldLength > TASK_SIZE) return EINVAL.because('the old range ends outside user memory');
  if (isFixed && newLength < oldLength && old_address + oldLength <= TASK_SIZE && (flags & MREMAP_DONTUNMAP) === 0) {
    unmap_region(mm, old_address + newLength, old_address + oldLength);
    oldLength = newLength;
  }
  const keepsOld = (flags & MREMAP_DONTUNMAP) !== 0 || oldLength === 0;
  if (!isFixed && !keepsOld && newLength <= oldLength) {
    if (newLength < oldLength) unmap_region(mm, old_address + newLength, old_address + oldLength);
    return old_address;
  }
  if (oldLength > vma.vm_end - old_address) return EFAULT.because('the old range is more than one mapping');
  if (newLength > oldLength && (vma.vm_flags & (VM_DONTEXPAND | VM_PFNMAP)) !== 0) return EFAULT.because('the mapping may not grow');
  if (newLength > oldLength) {
    if (!mlock_future_ok(mm, vma.vm_flags, newLength - oldLength)) return EAGAIN.because('RLIMIT_MEMLOCK would be exceeded');
    const tooMuch = (vma.vm_flags & VM_ACCOUNT) !== 0 ? vm_enough_memory((newLength - oldLength) / PAGE_SIZE) : null;
    if (tooMuch) return tooMuch;
  }
  if (isFixed) {
    if (new_address < mmap_min_addr) return EPERM.because('the address is below vm.mmap_min_addr');
    unmap_region(mm, new_address, new_address + newLength);
    return move_vma(mm, vma, old_address, oldLength, new_address, newLength, keepsOld);
  }
  if (!keepsOld) {
    const end = old_address + oldLength;
    if (end === vma.vm_end && !find_vma_intersection(mm, end, old_address + newLength) && old_address + newLength <= TASK_SIZE) {
      const pages = (newLength - oldLength) / PAGE_SIZE;
      const limit = may_expand_vm(mm, vma.vm_flags, pages);
      if (limit) return limit;
      account(mm, vma.vm_flags, pages, vma.vm_file !== null);
      vma.vm_end = old_address + newLength;
      vma_merge(mm, vma);
      return old_address;
    }
  }
  if ((flags & MREMAP_MAYMOVE) === 0) return ENOMEM.because('the mapping cannot grow in its place');
  const to = get_unmapped_area(mm, 0, newLength, false);
  if (to < 0) return ENOMEM.because('there is no free range of this length');
  return move_vma(mm, vma, old_address, oldLength, to, newLength, keepsOld);
});

