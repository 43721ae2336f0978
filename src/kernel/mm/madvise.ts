// Advice, residence, locking and write-back of mappings. Linux: mm/madvise.c, mincore.c, mlock.c, msync.c
import { bits, choice, int, pointer, ptr, size } from '../../abi/arg_types';
import { EBUSY, EINVAL, ENOMEM, EPERM, type Errno } from '../../abi/errno';
import {
  MADV, MADV_COLD, MADV_DODUMP, MADV_DOFORK, MADV_DONTDUMP, MADV_DONTFORK, MADV_DONTNEED, MADV_DONTNEED_LOCKED, MADV_FREE, MADV_HUGEPAGE, MADV_KEEPONFORK, MADV_MERGEABLE, MADV_NOHUGEPAGE,
  MADV_NORMAL, MADV_PAGEOUT, MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_RANDOM, MADV_SEQUENTIAL, MADV_UNMERGEABLE, MADV_WILLNEED, MADV_WIPEONFORK, MCL, MLOCK, MS, MS_ASYNC, MS_INVALIDATE, MS_SYNC,
} from '../../abi/mman';
import { RLIMIT_MEMLOCK } from '../../abi/resource';
import { _PAGE_PRESENT, pte_lo, pte_offset } from '../arch/x86/pgtable';
import type { task_struct } from '../kernel/types';
import { ports } from '../state';
import { syscall } from '../syscall';
import { unmap_page_range } from './memory';
import { mm_populate, page_align, task_mm } from './mmap';
import { PAGE_SIZE, VM_DONTCOPY, VM_DONTDUMP, VM_LOCKED, VM_SHARED, VM_WIPEONFORK, type mm_struct, type vm_area_struct } from './types';
import { copy_to_user } from './uaccess';
import { isolate, vma_merge } from './vma';

/** The mappings of [start, end) and whether they cover it without a hole. */
function covered(mm: mm_struct, start: number, end: number): { vmas: vm_area_struct[]; isWhole: boolean } {
  const vmas = mm.mmap.filter(vma => vma.vm_start < end && vma.vm_end > start);
  let at = start;
  for (const vma of vmas) if (vma.vm_start <= at) at = vma.vm_end;
  return { vmas, isWhole: at >= end };
}

function change_flags(mm: mm_struct, start: number, end: number, set: number, clear: number): void {
  const changed = isolate(mm, start, end);
  for (const vma of changed) vma.vm_flags = (vma.vm_flags | set) & ~clear;
  for (const vma of changed) if (mm.mmap.includes(vma)) vma_merge(mm, vma);
}

export const sys_madvise = syscall({
  nr: 28, nr32: 219, name: 'madvise', brief: 'give advice about use of memory', args: { addr: ptr, length: size, advice: choice(MADV) }, ret: int, classes: ['memory'],
}, (task, { addr, length, advice }) => {
  const mm = task_mm(task);
  if (addr % PAGE_SIZE !== 0) return EINVAL.because('addr is not a multiple of the page size');
  if (length > 2 ** 64 - 2 * PAGE_SIZE || addr + length > 2 ** 64) return EINVAL.because('the range wraps around');
  const end = addr + page_align(length);
  const isWhole = covered(mm, addr, end).isWhole;
  switch (advice) {
    case MADV_NORMAL: case MADV_RANDOM: case MADV_SEQUENTIAL: case MADV_WILLNEED: case MADV_HUGEPAGE: case MADV_NOHUGEPAGE: case MADV_MERGEABLE: case MADV_UNMERGEABLE: case MADV_COLD: case MADV_PAGEOUT:
      break;
    case MADV_DONTNEED: case MADV_DONTNEED_LOCKED: case MADV_FREE:
      for (const vma of covered(mm, addr, end).vmas) {
        if (advice === MADV_FREE && (vma.vm_file || (vma.vm_flags & VM_SHARED) !== 0)) return EINVAL.because('MADV_FREE on memory that is not private and anonymous');
        unmap_page_range(mm, Math.max(vma.vm_start, addr), Math.min(vma.vm_end, end));
      }
      ports().cpu.flushTlb();
      break;
    case MADV_DONTFORK: change_flags(mm, addr, end, VM_DONTCOPY, 0); break;
    case MADV_DOFORK: change_flags(mm, addr, end, 0, VM_DONTCOPY); break;
    case MADV_WIPEONFORK: change_flags(mm, addr, end, VM_WIPEONFORK, 0); break;
    case MADV_KEEPONFORK: change_flags(mm, addr, end, 0, VM_WIPEONFORK); break;
    case MADV_DONTDUMP: change_flags(mm, addr, end, VM_DONTDUMP, 0); break;
    case MADV_DODUMP: change_flags(mm, addr, end, 0, VM_DONTDUMP); break;
    case MADV_POPULATE_READ: case MADV_POPULATE_WRITE: {
      const waits = mm_populate(mm, addr, end);
      if (waits) return waits;
      break;
    }
    default: return EINVAL.because('this advice is not supported');
  }
  return isWhole ? 0 : ENOMEM.because('the range has a hole');
});

export const sys_mincore = syscall({
  nr: 27, nr32: 218, name: 'mincore', brief: 'determine whether pages are resident in memory', args: { addr: ptr, length: size, vec: pointer('mincore', 'unsigned char *', 'out', 'length') }, ret: int, classes: ['memory'],
}, (task, { addr, length, vec }) => {
  const mm = task_mm(task);
  if (addr % PAGE_SIZE !== 0) return EINVAL.because('addr is not a multiple of the page size');
  const pages = page_align(length) / PAGE_SIZE;
  if (!covered(mm, addr, addr + length).isWhole) return ENOMEM.because('the range has a hole');
  const bytes = Uint8Array.from({ length: pages }, (_, i) => {
    const entry = pte_offset(mm.pgd, addr + i * PAGE_SIZE, null);
    return entry >= 0 && (pte_lo(entry) & _PAGE_PRESENT) !== 0 ? 1 : 0;
  });
  return copy_to_user(mm, vec, bytes);
});

function lock(task: task_struct, addr: number, length: number, isOnFault = false): number | Errno {
  const mm = task_mm(task);
  const start = addr - addr % PAGE_SIZE;
  const end = page_align(addr + length);
  const limit = task.signal.rlim[RLIMIT_MEMLOCK]?.rlim_cur ?? 0n;
  if (limit === 0n && task.cred.euid !== 0) return EPERM.because('RLIMIT_MEMLOCK is 0');
  if (BigInt(mm.locked_vm * PAGE_SIZE + end - start) > limit && task.cred.euid !== 0) return ENOMEM.because('RLIMIT_MEMLOCK would be exceeded');
  if (!covered(mm, start, end).isWhole) return ENOMEM.because('the range has a hole');
  change_flags(mm, start, end, VM_LOCKED, 0);
  count_locked(mm);
  if (!isOnFault) mm_populate(mm, start, end);
  return 0;
}

function count_locked(mm: mm_struct): void {
  mm.locked_vm = mm.mmap.reduce((sum, vma) => sum + ((vma.vm_flags & VM_LOCKED) !== 0 ? (vma.vm_end - vma.vm_start) / PAGE_SIZE : 0), 0);
}

export const sys_mlock = syscall({ nr: 149, nr32: 150, name: 'mlock', brief: 'lock memory', args: { addr: ptr, len: size }, ret: int, classes: ['memory'] }, (task, { addr, len }) => lock(task, addr, len));
export const sys_mlock2 = syscall({ nr: 325, nr32: 376, name: 'mlock2', brief: 'lock memory', args: { addr: ptr, len: size, flags: bits(MLOCK, undefined, 'unsigned int') }, ret: int, classes: ['memory'] },
  (task, { addr, len, flags }) => (flags & ~1) !== 0 ? EINVAL.because('flags has unknown bits') : lock(task, addr, len, flags === 1));
export const sys_munlock = syscall({ nr: 150, nr32: 151, name: 'munlock', brief: 'unlock memory', args: { addr: ptr, len: size }, ret: int, classes: ['memory'] }, (task, { addr, len }) => {
  const mm = task_mm(task);
  const start = addr - addr % PAGE_SIZE;
  if (!covered(mm, start, page_align(addr + len)).isWhole) return ENOMEM.because('the range has a hole');
  change_flags(mm, start, page_align(addr + len), 0, VM_LOCKED);
  count_locked(mm);
  return 0;
});

export const sys_mlockall = syscall({ nr: 151, nr32: 152, name: 'mlockall', brief: 'lock all memory', args: { flags: bits(MCL) }, ret: int, classes: ['memory'] }, (task, { flags }) => {
  const mm = task_mm(task);
  if (flags === 0 || (flags & ~7) !== 0 || flags === 4) return EINVAL.because('flags is not a valid choice');
  if ((task.signal.rlim[RLIMIT_MEMLOCK]?.rlim_cur ?? 0n) < BigInt(mm.total_vm * PAGE_SIZE) && task.cred.euid !== 0) return ENOMEM.because('RLIMIT_MEMLOCK would be exceeded');
  mm.def_flags = (flags & 2) !== 0 ? VM_LOCKED : 0;
  if ((flags & 1) !== 0) for (const vma of mm.mmap) vma.vm_flags |= VM_LOCKED;
  count_locked(mm);
  return 0;
});

export const sys_munlockall = syscall({ nr: 152, nr32: 153, name: 'munlockall', brief: 'unlock all memory', args: {}, ret: int, classes: ['memory'] }, task => {
  const mm = task_mm(task);
  mm.def_flags = 0;
  for (const vma of mm.mmap) vma.vm_flags &= ~VM_LOCKED;
  mm.locked_vm = 0;
  return 0;
});

export const sys_msync = syscall({ nr: 26, nr32: 144, name: 'msync', brief: 'synchronize a file with a memory map', args: { addr: ptr, length: size, flags: bits(MS) }, ret: int, classes: ['memory'] },
  (task, { addr, length, flags }) => {
    if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) !== 0) return EINVAL.because('flags has unknown bits');
    if (addr % PAGE_SIZE !== 0) return EINVAL.because('addr is not a multiple of the page size');
    if ((flags & (MS_ASYNC | MS_SYNC)) === (MS_ASYNC | MS_SYNC)) return EINVAL.because('MS_ASYNC and MS_SYNC together');
    const { vmas, isWhole } = covered(task_mm(task), addr, addr + page_align(length));
    if ((flags & MS_INVALIDATE) !== 0 && vmas.some(vma => (vma.vm_flags & VM_LOCKED) !== 0)) return EBUSY.because('the memory is locked');
    // Mappings and files share their pages: there is nothing to write.
    return isWhole ? 0 : ENOMEM.because('the range has a hole');
  });

