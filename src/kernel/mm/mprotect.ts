// Changing permissions. Linux: mm/mprotect.c
import type { flags_t, pgoff_t } from '../../abi/c_types';
import { bits, hex, int, ptr, size } from '../../abi/arg_types';
import { EACCES, EINVAL, ENOMEM, type Errno } from '../../abi/errno';
import { PROT, PROT_EXEC, PROT_GROWSDOWN, PROT_GROWSUP, PROT_READ, PROT_SEM, PROT_WRITE } from '../../abi/mman';
import { PKEY_RIGHTS } from '../../abi/ni';
import { walk_page_range } from '../arch/x86/pgtable';
import { ports } from '../state';
import { low_word, syscall } from '../syscall';
import { change_protection, find_vma, find_vma_index } from './memory';
import { may_expand_vm, page_align, task_mm, vm_enough_memory } from './mmap';
import { PAGE_SIZE, TASK_SIZE, VM_ACCOUNT, VM_EXEC, VM_GROWSDOWN, VM_NORESERVE, VM_READ, VM_SHARED, VM_WRITE, type mm_struct, type vm_area_struct } from './types';
import { account, isolate, vma_merge } from './vma';

const becomes_accountable = (vma: vm_area_struct, wanted: flags_t): boolean =>
  (wanted & VM_WRITE) !== 0 && (vma.vm_flags & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE)) === 0;

/** Memory that becomes private and writable counts against RLIMIT_DATA and all memory from then on. Linux: mprotect_fixup() */
function refuse_growth(mm: mm_struct, vma: vm_area_struct, wanted: flags_t, pages: pgoff_t): Errno | null {
  if ((wanted & VM_WRITE) === 0) return null;
  const flags = (vma.vm_flags & ~(VM_READ | VM_WRITE | VM_EXEC)) | wanted;
  if (is_data_mapping(flags) && !is_data_mapping(vma.vm_flags)) {
    const limit = may_expand_vm(mm, flags, pages);
    if (limit) return limit;
  }
  return becomes_accountable(vma, wanted) ? vm_enough_memory(pages) : null;
}

const is_data_mapping = (flags: flags_t): boolean => (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) === VM_WRITE;

/** Whether anything of the mapping was ever touched: Linux asks for its anon_vma. */
function has_pages(mm: mm_struct, vma: vm_area_struct): boolean {
  let found = false;
  walk_page_range(mm.pgd, vma.vm_start, vma.vm_end, () => { found = true; });
  return found;
}

export function do_mprotect(mm: mm_struct, address: number, length: number, protection: number): number | Errno {
  const prot = protection & ~(PROT_GROWSDOWN | PROT_GROWSUP);
  const grows = protection & (PROT_GROWSDOWN | PROT_GROWSUP);
  if (grows === (PROT_GROWSDOWN | PROT_GROWSUP)) return EINVAL.because('PROT_GROWSDOWN and PROT_GROWSUP together');
  if (address % PAGE_SIZE !== 0) return EINVAL.because('addr is not a multiple of the page size');
  if (length === 0) return 0;
  const end = address + page_align(length);
  if (end >= 2 ** 64) return ENOMEM.because('the range wraps around');
  if ((prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM)) !== 0) return EINVAL.because('prot has unknown bits');
  if (end > TASK_SIZE + PAGE_SIZE) return ENOMEM.because('the range ends beyond user memory');
  let start = address;
  const first = find_vma(mm, start);
  if (!first) return ENOMEM.because('nothing is mapped there');
  if ((grows & PROT_GROWSDOWN) !== 0) {
    if (first.vm_start >= end) return ENOMEM.because('nothing is mapped there');
    if ((first.vm_flags & VM_GROWSDOWN) === 0) return EINVAL.because('PROT_GROWSDOWN on a mapping that is no stack');
    start = first.vm_start;
  } else if ((grows & PROT_GROWSUP) !== 0) {
    return EINVAL.because('PROT_GROWSUP on a mapping that does not grow upwards');
  } else if (first.vm_start > start) {
    return ENOMEM.because(`nothing is mapped at 0x${start.toString(16)}`);
  }
  const wanted = prot & (VM_READ | VM_WRITE | VM_EXEC);
  let at = start;
  let result: number | Errno = 0;
  // Linux changes mapping by mapping and stops at the first that refuses.
  for (let i = find_vma_index(mm, start); at < end; i++) {
    const vma = mm.mmap[i];
    if (!vma || vma.vm_start > at) {
      result = ENOMEM.because(`nothing is mapped at 0x${at.toString(16)}`);
      break;
    }
    if ((wanted & ~(vma.vm_flags >> 4)) !== 0) {
      result = EACCES.because('the mapping may not have this permission');
      break;
    }
    const refused = refuse_growth(mm, vma, wanted, (Math.min(vma.vm_end, end) - Math.max(vma.vm_start, start)) / PAGE_SIZE);
    if (refused) {
      result = refused;
      break;
    }
    at = vma.vm_end;
  }
  if (at <= start) return result;
  const changed = isolate(mm, start, Math.min(at, end));
  for (const vma of changed) {
    let flags = (vma.vm_flags & ~(VM_READ | VM_WRITE | VM_EXEC)) | wanted;
    if (flags === vma.vm_flags) continue;
    if (becomes_accountable(vma, wanted)) flags |= VM_ACCOUNT;
    else if ((wanted & VM_WRITE) === 0 && (vma.vm_flags & VM_ACCOUNT) !== 0 && !vma.vm_file && !has_pages(mm, vma)) flags &= ~VM_ACCOUNT;
    const pages = (vma.vm_end - vma.vm_start) / PAGE_SIZE;
    account(mm, vma.vm_flags, -pages, vma.vm_file !== null);
    vma.vm_flags = flags;
    account(mm, flags, pages, vma.vm_file !== null);
    change_protection(mm, vma, vma.vm_start, vma.vm_end);
  }
  for (const vma of changed) if (mm.mmap[find_vma_index(mm, vma.vm_start)] === vma) vma_merge(mm, vma);
  ports().cpu.flushTlbRange(start, end);
  return result;
}

export const sys_mprotect = syscall({
  nr: 10, nr32: 125, name: 'mprotect', brief: 'set protection on a region of memory', args: { addr: ptr, len: size, prot: bits(PROT) }, ret: int, classes: ['memory'],
}, (task, { addr, len, prot }) => addr >= 2 ** 53 && low_word(task, 0, addr) % PAGE_SIZE !== 0 ? EINVAL.because('addr is not a multiple of the page size') : do_mprotect(task_mm(task), addr, len, prot));

// The processor has no protection keys: none is ever allocated.
export const sys_pkey_alloc = syscall({ nr: 330, nr32: 381, name: 'pkey_alloc', brief: 'allocate a protection key', args: { flags: hex, access_rights: bits(PKEY_RIGHTS) }, ret: int, classes: [] },
  (_task, { flags, access_rights }) => flags !== 0 || access_rights > 3 ? EINVAL.because('flags or access rights have unknown bits') : EINVAL.because('the processor has no protection keys'));
export const sys_pkey_free = syscall({ nr: 331, nr32: 382, name: 'pkey_free', brief: 'free a protection key', args: { pkey: int }, ret: int, classes: [] }, () => EINVAL.because('no key is allocated'));

export const sys_pkey_mprotect = syscall({ nr: 329, nr32: 380, name: 'pkey_mprotect', brief: 'set protection on a region of memory', args: { addr: ptr, len: size, prot: bits(PROT), pkey: int }, ret: int, classes: ['memory'] },
  (task, { addr, len, prot, pkey }) => pkey !== -1 && (len !== 0 || addr % PAGE_SIZE !== 0) ? EINVAL.because('the key is not allocated') : do_mprotect(task_mm(task), addr, len, prot));
