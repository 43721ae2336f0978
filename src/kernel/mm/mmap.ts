// Making and removing mappings. Linux: mm/mmap.c, mm/vma.c, mm/mprotect.c is in mprotect.ts
import type { addr_t, flags_t, pgoff_t, size_t } from '../../abi/c_types';
import { bits, fd, int, off, ptr, size, ulong } from '../../abi/arg_types';
import { EACCES, EAGAIN, EEXIST, EFAULT, EINVAL, ENODEV, ENOMEM, EOPNOTSUPP, EOVERFLOW, EPERM, Errno } from '../../abi/errno';
import { S_ISREG, S_ISSOCK } from '../../abi/stat';
import {
  MAP, MAP_32BIT, MAP_ANONYMOUS, MAP_FIXED, MAP_HUGE_MASK, MAP_HUGE_SHIFT, MAP_FIXED_NOREPLACE, MAP_GROWSDOWN, MAP_HUGETLB, MAP_LOCKED, MAP_NONBLOCK, MAP_NORESERVE, MAP_POPULATE, MAP_PRIVATE, MAP_SHARED,
  MAP_SHARED_VALIDATE, MAP_SYNC, MAP_TYPE, MAP_TYPE_MASK, PROT, PROT_EXEC, PROT_READ, PROT_WRITE,
} from '../../abi/mman';
import { assert } from '../../base/assert';
import { fdget } from '../fs/file';
import { CAP_IPC_LOCK, capable } from '../fs/inode';
import { FMODE_READ, FMODE_WRITE, type file } from '../fs/types';
import type { task_struct } from '../kernel/types';
import { syscall } from '../syscall';
import { RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK, RLIM64_INFINITY } from '../../abi/resource';
import { failed, isBlock, type Block, type SyscallResult } from '../result';
import { charge, kernel, ports } from '../state';
import { find_vma_at, find_vma_index, handle_mm_fault, unmap_page_range } from './memory';
import { put_page, try_alloc_page } from './page_alloc';
import {
  PAGE_SIZE, TASK_SIZE, VM_ACCOUNT, VM_EXEC, VM_GROWSDOWN, VM_LOCKED, VM_MAYEXEC, VM_MAYREAD, VM_MAYSHARE, VM_MAYWRITE, VM_NORESERVE, VM_READ, VM_SHARED, VM_WRITE, shared_pages, vm_area_struct, type mm_struct, type vm_operations_struct } from './types';
import { account, drop_vma, find_vma_intersection, insert_vm_struct, isolate, mmap_min_addr, unmapped_area, unmapped_area_topdown } from './vma';
import { ops } from '../kobject';

export const page_align = (length: size_t): size_t => Math.ceil(length / PAGE_SIZE) * PAGE_SIZE;

/** A place for `length` bytes near `hint`. -1: none. Linux: arch/x86/kernel/sys_x86_64.c:arch_get_unmapped_area_topdown() */
export function get_unmapped_area(mm: mm_struct, hint: addr_t, length: size_t, below4G: boolean): addr_t {
  if (length > TASK_SIZE) return -1;
  if (below4G) return unmapped_area(mm, length, 0x40000000, 0x80000000);
  const at = page_align(hint);
  if (at >= mmap_min_addr && at + length <= TASK_SIZE && !find_vma_intersection(mm, at, at + length)) return at;
  const top = unmapped_area_topdown(mm, length, mm.mmap_base);
  return top >= 0 ? top : unmapped_area(mm, length, mm.mmap_base, TASK_SIZE);
}

/** Whether `pages` more fit under RLIMIT_AS and RLIMIT_DATA. Linux: mm/mmap.c:may_expand_vm() */
export function may_expand_vm(mm: mm_struct, flags: flags_t, pages: number): Errno | null {
  const rlim = kernel.current?.signal.rlim;
  const as = rlim?.[RLIMIT_AS]?.rlim_cur ?? RLIM64_INFINITY;
  if (as !== RLIM64_INFINITY && BigInt(mm.total_vm + pages) * 4096n > as) return ENOMEM.because('RLIMIT_AS would be exceeded');
  const data = rlim?.[RLIMIT_DATA]?.rlim_cur ?? RLIM64_INFINITY;
  if (data !== RLIM64_INFINITY && (flags & (VM_WRITE | VM_SHARED)) === VM_WRITE && BigInt(mm.data_vm + pages) * 4096n > data) {
    return ENOMEM.because('RLIMIT_DATA would be exceeded');
  }
  return null;
}

/** Private memory that can be written is counted against what there is, unless it says that it need not. Linux: mm/vma.c:accountable_mapping() */
export const is_accountable = (flags: flags_t): boolean => (flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) === VM_WRITE;

/** Refuses what is more than all memory at once, as vm.overcommit_memory 0 does. Linux: mm/util.c:__vm_enough_memory() */
export function vm_enough_memory(pages: pgoff_t): Errno | null {
  return pages > kernel.nr_pages ? ENOMEM.because('this is more than all memory of the machine') : null;
}

/** Whether `bytes` more may be locked. Linux: mm/mmap.c:mlock_future_ok() */
export function mlock_future_ok(mm: mm_struct, flags: flags_t, bytes: size_t): boolean {
  const task = kernel.current;
  if ((flags & VM_LOCKED) === 0 || !task || capable(task, CAP_IPC_LOCK)) return true;
  return BigInt(mm.locked_vm * PAGE_SIZE + bytes) <= (task.signal.rlim[RLIMIT_MEMLOCK]?.rlim_cur ?? 0n);
}

/** Counts the locked pages anew. */
export function count_locked(mm: mm_struct): void {
  mm.locked_vm = mm.mmap.reduce((sum, vma) => sum + ((vma.vm_flags & VM_LOCKED) !== 0 ? (vma.vm_end - vma.vm_start) / PAGE_SIZE : 0), 0);
}

/** Maps [addr, addr+length), which must be free: file or anonymous. Linux: mm/mmap.c:mmap_region() */
export function mmap_region(mm: mm_struct, file: file | null, addr: addr_t, length: size_t, vm_flags: flags_t, pgoff: pgoff_t): addr_t | Errno | Block {
  const limit = may_expand_vm(mm, vm_flags, length / PAGE_SIZE);
  if (limit) return limit;
  const isAccountable = is_accountable(vm_flags), isSharedMemory = !file && (vm_flags & (VM_SHARED | VM_NORESERVE)) === VM_SHARED;
  const tooMuch = isAccountable || isSharedMemory ? vm_enough_memory(length / PAGE_SIZE) : null;
  if (tooMuch) return tooMuch;
  const vma = vm_area_struct.make({ vm_start: addr, vm_end: addr + length, vm_mm: mm, vm_flags: isAccountable ? vm_flags | VM_ACCOUNT : vm_flags, vm_pgoff: file ? pgoff : addr / PAGE_SIZE, vm_file: file });
  if (file) {
    file.f_count++;
    const refused = file.f_op.mmap?.(file, vma);
    if (refused) {
      file.f_count--;
      return refused;
    }
  } else if ((vm_flags & VM_SHARED) !== 0) {
    vma.vm_pgoff = 0;
    vma.vm_private_data = shared_pages.make({ users: 1, nr_pages: length / PAGE_SIZE, ino: kernel.next_ino++ });
    vma.vm_ops = shared_anonymous_vm_ops;
  }
  insert_vm_struct(mm, vma);
  if ((vma.vm_flags & VM_LOCKED) !== 0) count_locked(mm);
  return addr;
}

/** Removes whatever is mapped in [start, start+length). Linux: mm/mmap.c:do_vmi_munmap() */
export function do_munmap(mm: mm_struct, start: addr_t, length: size_t): number | Errno {
  if (start % PAGE_SIZE !== 0) return EINVAL.because('the address is not a multiple of the page size');
  if (length === 0) return EINVAL.because('length is 0');
  if (start > TASK_SIZE || length > TASK_SIZE - start) return EINVAL.because('the range ends beyond user memory');
  unmap_region(mm, start, start + page_align(length));
  return 0;
}

export function unmap_region(mm: mm_struct, start: addr_t, end: addr_t): void {
  const inside = isolate(mm, start, end);
  if (inside.length === 0) return;
  charge('vma', inside.length);
  charge('tlb_flush');
  const first = find_vma_index(mm, start);
  for (const vma of inside) {
    unmap_page_range(mm, vma.vm_start, vma.vm_end);
    account(mm, vma.vm_flags, -(vma.vm_end - vma.vm_start) / PAGE_SIZE, vma.vm_file !== null);
  }
  mm.mmap.splice(first, inside.length);
  if (inside.some(vma => (vma.vm_flags & VM_LOCKED) !== 0)) count_locked(mm);
  for (const vma of inside) drop_vma(vma);
  ports().cpu.flushTlbRange(start, end);
}

/** Anonymous private memory at a place that is free (brk, stack). Linux: mm/mmap.c:do_brk_flags() */
export function do_brk_flags(mm: mm_struct, addr: addr_t, length: size_t, vm_flags: flags_t): number | Errno | Block {
  return mmap_region(mm, null, addr, length, vm_flags, 0);
}

/** Faults in [start, end) as far as it goes. Linux: mm/gup.c:mm_populate() */
export function mm_populate(mm: mm_struct, start: addr_t, end: addr_t): Errno | Block | null {
  for (let address = start; address < end; address += PAGE_SIZE) {
    const vma = find_vma_at(mm, address);
    if (!vma) break;
    const isWrite = (vma.vm_flags & (VM_WRITE | VM_SHARED)) === VM_WRITE;
    if ((vma.vm_flags & (VM_READ | VM_WRITE | VM_EXEC)) === 0) return EFAULT.because('the mapping has no access at all');
    const fault = handle_mm_fault(mm, vma, address, isWrite ? 'write' : 'read');
    if (isBlock(fault)) return fault;
    if (fault !== null) return EFAULT.because('a page is not there');
  }
  return null;
}

/** The address for a fixed mapping, checked. */
export function check_fixed(mm: mm_struct, addr: addr_t, length: size_t, noReplace: boolean): number | Errno {
  if (addr % PAGE_SIZE !== 0) return EINVAL.because('MAP_FIXED with an address that is not a multiple of the page size');
  if (addr > TASK_SIZE - length) return ENOMEM.because('the range ends beyond user memory');
  if (noReplace && find_vma_intersection(mm, addr, addr + length)) return EEXIST.because('MAP_FIXED_NOREPLACE and something is mapped there');
  return addr;
}

export const shared_anonymous_vm_ops: vm_operations_struct = ops('shared_anonymous_vm_ops', {
  name: 'shared_anonymous_vm_ops',
  fault(vma: vm_area_struct, pgoff: pgoff_t): number | Errno {
    const shared = vma.vm_private_data as shared_pages;
    let pa = shared.pages.get(pgoff);
    if (pa === undefined) {
      if (pgoff >= shared.nr_pages) return EFAULT.because('the address lies past the end of the shared memory');
      pa = try_alloc_page();
      if (pa < 0) return ENOMEM.because('guest memory is exhausted');
      shared.pages.set(pgoff, pa);
    }
    return pa;
  },
  open(vma: vm_area_struct): void {
    (vma.vm_private_data as shared_pages).users++;
  },
  close(vma: vm_area_struct): void {
    const shared = vma.vm_private_data as shared_pages;
    shared.users--;
    if (shared.users > 0) return;
    for (const pa of shared.pages.values()) put_page(pa);
    shared.pages.clear();
  },
  vma_name: (): string => '/dev/zero (deleted)',
});


/** The vm_flags of PROT_* and MAP_*. */
export function calc_vm_flags(prot: flags_t, flags: flags_t): flags_t {
  let vm = prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
  if ((flags & MAP_GROWSDOWN) !== 0) vm |= VM_GROWSDOWN;
  if ((flags & MAP_LOCKED) !== 0) vm |= VM_LOCKED;
  if ((flags & MAP_NORESERVE) !== 0) vm |= VM_NORESERVE;
  return vm;
}

/** File systems with SB_I_NOEXEC. Linux: fs/exec.c:path_noexec() */
const NOEXEC = new Set(['sockfs', 'pipefs', 'anon_inodefs', 'proc', 'devpts']);

/** Linux: mm/mmap.c:do_mmap() */
export function do_mmap(mm: mm_struct, file: file | null, addr: addr_t, length: size_t, prot: flags_t, flags: flags_t, pgoff: pgoff_t): addr_t | Errno | Block {
  if (length === 0) return EINVAL.because('length is 0');
  const bytes = page_align(length);
  if (bytes > TASK_SIZE) return ENOMEM.because('length is larger than user memory');
  if (mm.mmap.length > 65530) return ENOMEM.because('the process has vm.max_map_count mappings');
  const isFixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0;
  const at = isFixed ? check_fixed(mm, addr, bytes, (flags & MAP_FIXED_NOREPLACE) !== 0) : get_unmapped_area(mm, addr, bytes, (flags & MAP_32BIT) !== 0);
  if (typeof at !== 'number') return at;
  if (at < 0) return ENOMEM.because('there is no free range of this length');
  if (isFixed && at < mmap_min_addr) return EPERM.because('the address is below vm.mmap_min_addr');
  let vm = calc_vm_flags(prot, flags) | mm.def_flags | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
  if ((flags & MAP_LOCKED) !== 0 && kernel.current && !capable(kernel.current, CAP_IPC_LOCK) && kernel.current.signal.rlim[RLIMIT_MEMLOCK]?.rlim_cur === 0n) return EPERM.because('RLIMIT_MEMLOCK is 0');
  if (!mlock_future_ok(mm, vm, bytes)) return EAGAIN.because('RLIMIT_MEMLOCK would be exceeded');
  const type = flags & MAP_TYPE_MASK;
  if (file) {
    const last = S_ISREG(file.f_inode.i_mode) || S_ISSOCK(file.f_inode.i_mode) ? 2 ** 51 : 2 ** 52;
    if (pgoff + bytes / PAGE_SIZE > last - 1) return EOVERFLOW.because('the range ends past the largest offset');
  }
  if (type !== MAP_SHARED && type !== MAP_PRIVATE && type !== MAP_SHARED_VALIDATE) return EINVAL.because('flags name neither MAP_SHARED nor MAP_PRIVATE');
  const isShared = type !== MAP_PRIVATE;
  if (file) {
    if (type === MAP_SHARED_VALIDATE && (flags & (MAP_SYNC | MAP_FIXED_NOREPLACE)) !== 0) return EOPNOTSUPP.because('a flag is not supported for this file');
    if (isShared && (prot & PROT_WRITE) !== 0 && (file.f_mode & FMODE_WRITE) === 0) return EACCES.because('a shared writable mapping of a file that is not open for writing');
    if ((file.f_mode & FMODE_READ) === 0) return EACCES.because('the file is not open for reading');
    if ((prot & PROT_EXEC) !== 0 && NOEXEC.has(file.f_inode.i_sb.s_type)) return EPERM.because('the file system has no programs');
    if (!file.f_op.mmap) return ENODEV.because('this kind of file cannot be mapped');
    if ((flags & MAP_GROWSDOWN) !== 0) return EINVAL.because('mappings of files do not grow');
    if ((flags & MAP_SYNC) !== 0 && file.f_inode.i_sb.s_type === 'overlay' && S_ISREG(file.f_inode.i_mode)) return EOPNOTSUPP.because('the file is not in persistent memory');
    if (isShared && (file.f_mode & FMODE_WRITE) === 0) vm &= ~VM_MAYWRITE;
    if (isShared) vm |= VM_SHARED | VM_MAYSHARE;
  } else if (type === MAP_SHARED_VALIDATE) {
    return EINVAL.because('only mappings of files are validated');
  } else if (isShared && (flags & MAP_GROWSDOWN) !== 0) {
    return EINVAL.because('shared mappings do not grow');
  } else if (isShared) {
    vm |= VM_SHARED | VM_MAYSHARE;
  }
  if (isFixed && (flags & MAP_FIXED_NOREPLACE) === 0) unmap_region(mm, at, at + bytes);
  const mapped = mmap_region(mm, file, at, bytes, vm, pgoff);
  if (typeof mapped === 'number' && ((flags & (MAP_POPULATE | MAP_NONBLOCK)) === MAP_POPULATE || (vm & VM_LOCKED) !== 0)) mm_populate(mm, at, at + bytes);
  return mapped;
}

/** The default, 2 MiB and 1 GiB, as powers of two. */
const HUGE_SIZES = [0, 21, 30];

export const sys_mmap = syscall({
  nr: 9, name: 'mmap', brief: 'map files or devices into memory',
  args: { addr: ptr, length: size, prot: bits(PROT), flags: bits(MAP, MAP_TYPE), fd, offset: off },
  ret: ptr, classes: ['desc', 'memory'], support: { partial: 'MAP_HUGETLB is refused' },
}, (task, { addr, length, prot, flags, fd: number, offset }) => {
  if (offset % PAGE_SIZE !== 0) return EINVAL.because('offset is not a multiple of the page size');
  if ((flags & MAP_HUGETLB) !== 0) return HUGE_SIZES.includes((flags >>> MAP_HUGE_SHIFT) & MAP_HUGE_MASK) ? ENOMEM.because('there are no huge pages') : EINVAL.because('there are no pages of this size');
  if ((flags & MAP_ANONYMOUS) !== 0) return do_mmap(task_mm(task), null, addr, length, prot, flags, 0);
  const file = fdget(task, number);
  if (file instanceof Errno) return file;
  return do_mmap(task_mm(task), file, addr, length, prot, flags, (offset < 0 ? offset + 18446744073709551616 : offset) / PAGE_SIZE);
});

/** Maps other pages of the file of a shared mapping in the place of some of its pages. Linux: mm/mmap.c:SYSCALL_DEFINE5(remap_file_pages), which emulates it by mmap */
export const sys_remap_file_pages = syscall({
  nr: 216, nr32: 257, name: 'remap_file_pages', brief: 'create a nonlinear file mapping', args: { addr: ptr, size, prot: bits(PROT), pgoff: ulong, flags: bits(MAP, MAP_TYPE) }, ret: int, classes: ['memory'],
}, (task, { addr, size: length, prot, pgoff, flags }): SyscallResult => {
  if (prot !== 0) return EINVAL.because('prot is not 0');
  const mm = task_mm(task), start = addr - addr % PAGE_SIZE, bytes = length - length % PAGE_SIZE;
  if (bytes === 0 || start + bytes > TASK_SIZE) return EINVAL.because('the range is empty or wraps around');
  const vma = mm.mmap.find(one => one.vm_start <= start && one.vm_end > start);
  if (!vma || (vma.vm_flags & VM_SHARED) === 0 || !vma.vm_file || start + bytes > vma.vm_end) return EINVAL.because('the range is no shared mapping of one file');
  const allowed = ((vma.vm_flags & VM_READ) !== 0 ? PROT_READ : 0) | ((vma.vm_flags & VM_WRITE) !== 0 ? PROT_WRITE : 0) | ((vma.vm_flags & VM_EXEC) !== 0 ? PROT_EXEC : 0);
  const mapped = do_mmap(mm, vma.vm_file, start, bytes, allowed, MAP_SHARED | MAP_FIXED | flags & MAP_NONBLOCK, pgoff);
  return failed(mapped) ? mapped : 0;
});

export const sys_munmap = syscall({
  nr: 11, nr32: 91, name: 'munmap', brief: 'unmap files or devices from memory', args: { addr: ptr, length: size }, ret: int, classes: ['memory'],
}, (task, { addr, length }) => do_munmap(task_mm(task), addr, length));

export const sys_brk = syscall({
  nr: 12, nr32: 45, name: 'brk', brief: 'change data segment size', args: { addr: ptr }, ret: ptr, classes: ['memory'],
}, (task, { addr }) => {
  const mm = task_mm(task);
  if (addr < mm.start_brk || addr > TASK_SIZE) return mm.brk;
  const data = task.signal.rlim[RLIMIT_DATA]?.rlim_cur ?? RLIM64_INFINITY;
  if (data !== RLIM64_INFINITY && BigInt(addr - mm.start_brk + mm.end_data - mm.start_data) > data) return mm.brk;
  const oldEnd = page_align(mm.brk);
  const newEnd = page_align(addr);
  if (newEnd < oldEnd) {
    unmap_region(mm, newEnd, oldEnd);
  } else if (newEnd > oldEnd) {
    if (find_vma_intersection(mm, oldEnd, newEnd + PAGE_SIZE)) return mm.brk;
    if (!mlock_future_ok(mm, mm.def_flags, newEnd - oldEnd)) return mm.brk;
    const grown = do_brk_flags(mm, oldEnd, newEnd - oldEnd, VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | mm.def_flags);
    if (typeof grown !== 'number') return mm.brk;
  }
  mm.brk = addr;
  return addr;
});

export function task_mm(task: task_struct): mm_struct {
  assert(task.mm, 'a task without memory made a call');
  return task.mm;
}
