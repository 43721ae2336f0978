// Advice, residence, locking and write-back of mappings. Linux: mm/madvise.c, mincore.c, mlock.c, msync.c
import type { addr_t } from '../../abi/c_types';
import { bits, choice, int, pointer, ptr, size } from '../../abi/arg_types';
import { EACCES, EBUSY, EFAULT, EINVAL, ENOMEM, EPERM, Errno } from '../../abi/errno';
import {
  MADV, MADV_COLD, MADV_DODUMP, MADV_DOFORK, MADV_DONTDUMP, MADV_DONTFORK, MADV_DONTNEED, MADV_DONTNEED_LOCKED, MADV_FREE, MADV_HUGEPAGE, MADV_KEEPONFORK, MADV_MERGEABLE, MADV_NOHUGEPAGE,
  MADV_NORMAL, MADV_PAGEOUT, MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_RANDOM, MADV_REMOVE, MADV_SEQUENTIAL, MADV_UNMERGEABLE, MADV_WILLNEED, MADV_WIPEONFORK, MCL, MLOCK, MS, MS_ASYNC, MS_INVALIDATE, MS_SYNC,
} from '../../abi/mman';
import { RLIMIT_MEMLOCK } from '../../abi/resource';
import { _PAGE_PRESENT, pte_lo, pte_offset } from '../arch/x86/pgtable';
import type { task_struct } from '../kernel/types';
import { CAP_IPC_LOCK, capable } from '../fs/inode';
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE } from '../../abi/fcntl';
import { failed, isBlock, type SyscallResult } from '../result';
import { ports } from '../state';
import { low_word, syscall } from '../syscall';
import { find_vma_at, find_vma_index, handle_mm_fault, unmap_page_range } from './memory';
import { count_locked, mm_populate, page_align, task_mm } from './mmap';
import {
  PAGE_SIZE, TASK_SIZE, VM_DONTCOPY, VM_DONTDUMP, VM_DONTEXPAND, VM_HUGEPAGE, VM_IO, VM_LOCKED, VM_MAYWRITE, VM_NOHUGEPAGE, VM_PFNMAP, VM_RAND_READ, VM_READ, VM_SEQ_READ, VM_SHARED, VM_WIPEONFORK, VM_WRITE, type mm_struct, type shared_pages,
  type vm_area_struct,
} from './types';
import { copy_to_user } from './uaccess';
import { isolate, vma_merge } from './vma';

/** The mappings of [start, end) and whether they cover it without a hole. */
function covered(mm: mm_struct, start: number, end: number): { vmas: vm_area_struct[]; isWhole: boolean } {
  const vmas: vm_area_struct[] = [];
  let at = start;
  for (let i = find_vma_index(mm, start); i < mm.mmap.length; i++) {
    const vma = mm.mmap[i];
    if (!vma || vma.vm_start >= end) break;
    vmas.push(vma);
    if (vma.vm_start <= at) at = vma.vm_end;
  }
  return { vmas, isWhole: at >= end };
}

function change_flags(mm: mm_struct, start: number, end: number, set: number, clear: number): void {
  const changed = isolate(mm, start, end);
  for (const vma of changed) vma.vm_flags = (vma.vm_flags | set) & ~clear;
  for (const vma of changed) if (mm.mmap[find_vma_index(mm, vma.vm_start)] === vma) vma_merge(mm, vma);
}

/** Gives back the memory behind shared mappings: a hole in the object. Linux: madvise_remove() */
function madvise_remove(mm: mm_struct, start: addr_t, end: addr_t): SyscallResult {
  for (const vma of covered(mm, start, end).vmas) {
    if ((vma.vm_flags & VM_LOCKED) !== 0) return EINVAL.because('the memory is locked');
    if (!vma.vm_file && (vma.vm_flags & VM_SHARED) === 0) return EINVAL.because('the memory is no part of a file');
    if ((vma.vm_flags & (VM_SHARED | VM_MAYWRITE)) !== (VM_SHARED | VM_MAYWRITE)) return EACCES.because('the mapping is private, or of a file that is not open for writing');
    const from = Math.max(vma.vm_start, start), to = Math.min(vma.vm_end, end), first = vma.vm_pgoff + (from - vma.vm_start) / PAGE_SIZE;
    if (vma.vm_file) {
      const punched = vma.vm_file.f_op.fallocate?.(vma.vm_file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, first * PAGE_SIZE, to - from) ?? EINVAL.because('the file has no holes');
      if (failed(punched)) return punched;
      continue;
    }
    const shared = vma.vm_private_data;
    if (shared?.$type !== 'shared_pages') return EINVAL.because('the mapping has no memory of its own');
    for (let index = first; index < first + (to - from) / PAGE_SIZE; index++) {
      const pa = (shared as shared_pages).pages.get(index);
      if (pa !== undefined) ports().phys.fill(pa, PAGE_SIZE, 0);
    }
  }
  return 0;
}

/** Brings all pages of a range or says why not. Linux: madvise_populate() */
function madvise_populate(mm: mm_struct, start: addr_t, end: addr_t, isWrite: boolean): SyscallResult {
  for (let address = start; address < end; address += PAGE_SIZE) {
    const vma = find_vma_at(mm, address);
    if (!vma) return ENOMEM.because('the range has a hole');
    if ((vma.vm_flags & (isWrite ? VM_WRITE : VM_READ)) === 0 || (vma.vm_flags & (VM_PFNMAP | VM_IO)) !== 0) return EINVAL.because('the mapping does not permit it');
    const fault = handle_mm_fault(mm, vma, address, isWrite ? 'write' : 'read');
    if (isBlock(fault)) return fault;
    if (fault !== null) return fault === 'oom' ? ENOMEM.because('guest memory is exhausted') : EFAULT.because('the mapped file ends before the range');
  }
  return 0;
}

/** What a mapping is not advised of; null: nothing stands in the way. Linux: madvise_vma_behavior() */
function refusal({ vm_flags, vm_file }: vm_area_struct, advice: number): Errno | null {
  const isOwn = !vm_file && (vm_flags & VM_SHARED) === 0;
  switch (advice) {
    case MADV_DONTNEED: case MADV_COLD: case MADV_PAGEOUT: return (vm_flags & (VM_LOCKED | VM_PFNMAP)) === 0 ? null : EINVAL.because('the memory is locked or no memory of its own');
    case MADV_DONTNEED_LOCKED: return (vm_flags & VM_PFNMAP) === 0 ? null : EINVAL.because('the mapping is no memory of its own');
    case MADV_FREE: return isOwn && (vm_flags & (VM_LOCKED | VM_PFNMAP)) === 0 ? null : EINVAL.because('MADV_FREE on memory that is locked, or not private and anonymous');
    case MADV_WIPEONFORK: return isOwn ? null : EINVAL.because('MADV_WIPEONFORK on memory that is not private and anonymous');
    case MADV_DOFORK: return (vm_flags & VM_IO) === 0 ? null : EINVAL.because('the mapping is a device\'s');
    case MADV_DODUMP: return (vm_flags & (VM_IO | VM_PFNMAP | VM_DONTEXPAND)) === 0 ? null : EINVAL.because('the mapping is the kernel\'s or a device\'s');
    case MADV_COLLAPSE: return EINVAL.because('there are no huge pages');
    default: return null;
  }
}

export const sys_madvise = syscall({
  nr: 28, nr32: 219, name: 'madvise', brief: 'give advice about use of memory', args: { addr: ptr, length: size, advice: choice(MADV) }, ret: int, classes: ['memory'],
}, (task, { addr, length, advice }) => {
  const mm = task_mm(task);
  if (low_word(task, 0, addr) % PAGE_SIZE !== 0) return EINVAL.because('addr is not a multiple of the page size');
  if (length > 2 ** 64 - 2 * PAGE_SIZE || length > 0 && addr + page_align(length) >= 2 ** 64) return EINVAL.because('the range wraps around');
  const last = addr + page_align(length);
  if (last === addr && MADV.entries.some(([, value]) => value === advice)) return 0;
  // Mapping by mapping, up to the first that refuses.
  const { vmas, isWhole } = covered(mm, addr, last), refusing = vmas.find(vma => refusal(vma, advice) !== null), end = refusing ? Math.max(refusing.vm_start, addr) : last;
  switch (advice) {
    case MADV_NORMAL: change_flags(mm, addr, end, 0, VM_RAND_READ | VM_SEQ_READ); break;
    case MADV_RANDOM: change_flags(mm, addr, end, VM_RAND_READ, VM_SEQ_READ); break;
    case MADV_SEQUENTIAL: change_flags(mm, addr, end, VM_SEQ_READ, VM_RAND_READ); break;
    case MADV_HUGEPAGE: change_flags(mm, addr, end, VM_HUGEPAGE, VM_NOHUGEPAGE); break;
    case MADV_NOHUGEPAGE: change_flags(mm, addr, end, VM_NOHUGEPAGE, VM_HUGEPAGE); break;
    case MADV_WILLNEED: case MADV_MERGEABLE: case MADV_UNMERGEABLE: case MADV_COLD: case MADV_PAGEOUT:
      break;
    case MADV_DONTNEED: case MADV_DONTNEED_LOCKED: case MADV_FREE:
      for (const vma of covered(mm, addr, end).vmas) unmap_page_range(mm, Math.max(vma.vm_start, addr), Math.min(vma.vm_end, end));
      ports().cpu.flushTlbRange(addr, end);
      break;
    case MADV_DONTFORK: change_flags(mm, addr, end, VM_DONTCOPY, 0); break;
    case MADV_DOFORK: change_flags(mm, addr, end, 0, VM_DONTCOPY); break;
    case MADV_REMOVE: {
      const removed = madvise_remove(mm, addr, end);
      if (removed !== 0) return removed;
      break;
    }
    case MADV_WIPEONFORK: change_flags(mm, addr, end, VM_WIPEONFORK, 0); break;
    case MADV_KEEPONFORK: change_flags(mm, addr, end, 0, VM_WIPEONFORK); break;
    case MADV_DONTDUMP: change_flags(mm, addr, end, VM_DONTDUMP, 0); break;
    case MADV_DODUMP: change_flags(mm, addr, end, 0, VM_DONTDUMP); break;
    case MADV_POPULATE_READ: case MADV_POPULATE_WRITE: {
      const populated = madvise_populate(mm, addr, end, advice === MADV_POPULATE_WRITE);
      if (populated !== 0) return populated;
      break;
    }
    case MADV_COLLAPSE: break;
    default: return EINVAL.because('this advice is not supported');
  }
  return refusing ? refusal(refusing, advice) ?? 0 : isWhole ? 0 : ENOMEM.because('the range has a hole');
});

export const sys_mincore = syscall({
  nr: 27, nr32: 218, name: 'mincore', brief: 'determine whether pages are resident in memory', args: { addr: ptr, length: size, vec: pointer('mincore', 'unsigned char *', 'out', 'length') }, ret: int, classes: ['memory'],
}, (task, { addr, length, vec }) => {
  const mm = task_mm(task);
  if (addr % PAGE_SIZE !== 0) return EINVAL.because('addr is not a multiple of the page size');
  const pages = page_align(length) / PAGE_SIZE;
  if (addr + length > TASK_SIZE) return ENOMEM.because('the range ends outside user memory');
  if (vec + pages > TASK_SIZE) return EFAULT.because('vec is no user memory');
  // Mapping by mapping: what is before a hole has been told when the hole is met.
  for (let at = addr, end = addr + pages * PAGE_SIZE; at < end;) {
    const vma = find_vma_at(mm, at);
    if (!vma) return ENOMEM.because('the range has a hole');
    const until = Math.min(vma.vm_end, end), begin = at;
    const bytes = Uint8Array.from({ length: (until - begin) / PAGE_SIZE }, (_, i) => {
      const entry = pte_offset(mm.pgd, begin + i * PAGE_SIZE, null);
      return entry >= 0 && (pte_lo(entry) & _PAGE_PRESENT) !== 0 ? 1 : 0;
    });
    const stored = copy_to_user(mm, vec + (begin - addr) / PAGE_SIZE, bytes);
    if (failed(stored)) return stored;
    at = until;
  }
  return 0;
});

/** strace 6.1 names it; nothing here is collapsed. */
const { MADV_COLLAPSE } = MADV.values;

/** The pages of a range; a length of nearly 2^64 comes to none. */
function lock_range(addr: number, length: number): { start: number; end: number } {
  const within = addr % PAGE_SIZE, wraps = length > 2 ** 64 - PAGE_SIZE - within;
  return { start: addr - within, end: addr - within + (wraps || within > 0 && length >= 2 ** 64 - PAGE_SIZE ? 0 : page_align(length + within)) };
}

/** Linux: mm/mlock.c:count_mm_mlocked_page_nr() */
function locked_bytes(mm: mm_struct, start: number, end: number): number {
  return covered(mm, start, end).vmas.reduce((sum, vma) => sum + ((vma.vm_flags & VM_LOCKED) !== 0 ? Math.min(end, vma.vm_end) - Math.max(start, vma.vm_start) : 0), 0);
}

/** What lies before a hole is locked or unlocked all the same. Linux: mm/mlock.c:apply_vma_lock_flags() */
function change_locked(mm: mm_struct, start: number, end: number, set: number, clear: number): Errno | null {
  const { vmas, isWhole } = covered(mm, start, end);
  let until = start;
  for (const vma of vmas) if (vma.vm_start <= until) until = vma.vm_end;
  change_flags(mm, start, Math.min(until, end), set, clear);
  count_locked(mm);
  return isWhole ? null : ENOMEM.because('the range has a hole');
}

function lock(task: task_struct, addr: number, length: number, isOnFault = false): number | Errno {
  const mm = task_mm(task);
  const { start, end } = lock_range(addr, length);
  const limit = task.signal.rlim[RLIMIT_MEMLOCK]?.rlim_cur ?? 0n;
  if (limit === 0n && !capable(task, CAP_IPC_LOCK)) return EPERM.because('RLIMIT_MEMLOCK is 0');
  if (BigInt(mm.locked_vm * PAGE_SIZE + end - start - locked_bytes(mm, start, end)) > limit && !capable(task, CAP_IPC_LOCK)) return ENOMEM.because('RLIMIT_MEMLOCK would be exceeded');
  if (end >= 2 ** 64) return EINVAL.because('the range wraps around');
  if (end === start) return 0;
  const refused = change_locked(mm, start, end, VM_LOCKED, 0);
  if (refused) return refused;
  const populated = isOnFault ? null : mm_populate(mm, start, end);
  return populated instanceof Errno ? ENOMEM.because('a page of the range is not there to be locked') : 0;
}

export const sys_mlock = syscall({ nr: 149, nr32: 150, name: 'mlock', brief: 'lock memory', args: { addr: ptr, len: size }, ret: int, classes: ['memory'] }, (task, { addr, len }) => lock(task, addr, len));
export const sys_mlock2 = syscall({ nr: 325, nr32: 376, name: 'mlock2', brief: 'lock memory', args: { addr: ptr, len: size, flags: bits(MLOCK, undefined, 'unsigned int') }, ret: int, classes: ['memory'] },
  (task, { addr, len, flags }) => (flags & ~1) !== 0 ? EINVAL.because('flags has unknown bits') : lock(task, addr, len, flags === 1));
export const sys_munlock = syscall({ nr: 150, nr32: 151, name: 'munlock', brief: 'unlock memory', args: { addr: ptr, len: size }, ret: int, classes: ['memory'] }, (task, { addr, len }) => {
  const mm = task_mm(task);
  const { start, end } = lock_range(addr, len);
  if (end >= 2 ** 64) return EINVAL.because('the range wraps around');
  return end === start ? 0 : change_locked(mm, start, end, 0, VM_LOCKED) ?? 0;
});

export const sys_mlockall = syscall({ nr: 151, nr32: 152, name: 'mlockall', brief: 'lock all memory', args: { flags: bits(MCL) }, ret: int, classes: ['memory'] }, (task, { flags }) => {
  const mm = task_mm(task);
  if (flags === 0 || (flags & ~7) !== 0 || flags === 4) return EINVAL.because('flags is not a valid choice');
  const limit = task.signal.rlim[RLIMIT_MEMLOCK]?.rlim_cur ?? 0n, isFree = capable(task, CAP_IPC_LOCK);
  if (!isFree && limit === 0n) return EPERM.because('RLIMIT_MEMLOCK is 0');
  if ((flags & 1) !== 0 && limit < BigInt(mm.total_vm * PAGE_SIZE) && !isFree) return ENOMEM.because('RLIMIT_MEMLOCK would be exceeded');
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
    if (length > 2 ** 64 - PAGE_SIZE) return 0;
    if (addr + length >= 2 ** 64) return ENOMEM.because('the range wraps around');
    const { vmas, isWhole } = covered(task_mm(task), addr, addr + page_align(length));
    if ((flags & MS_INVALIDATE) !== 0 && vmas.some(vma => (vma.vm_flags & VM_LOCKED) !== 0)) return EBUSY.because('the memory is locked');
    // Mappings and files share their pages: there is nothing to write.
    return isWhole ? 0 : ENOMEM.because('the range has a hole');
  });

