// Faults: demand paging, copy on write, file and shared mappings; and taking pages away again. Linux: mm/memory.c
import type { addr_t, int, phys_addr_t, pte_ptr, u32 } from '../../abi/c_types';
import { EFAULT, ENOMEM, Errno } from '../../abi/errno';
import { isBlock, type Block } from '../result';
import type { address_space } from '../fs/types';
import { charge, kernel, ports } from '../state';
import {
  _PAGE_ACCESSED, _PAGE_ANON, _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_RW, _PAGE_SHMEM, _PAGE_USER, pte_clear, pte_lo, pte_offset, pte_page, set_pte, walk_page_range,
} from '../arch/x86/pgtable';
import { get_page, page_count, put_page, try_alloc_page } from './page_alloc';
import { PAGE_SIZE, VM_EXEC, VM_GROWSDOWN, VM_PFNMAP, VM_READ, VM_SHARED, VM_WRITE, type mm_struct, type vm_area_struct } from './types';

export type FaultAccess = 'read' | 'write' | 'exec';

/** Why an access cannot be: what SIGSEGV or SIGBUS will say. */
export type VmFault = 'maperr' | 'accerr' | 'sigbus' | 'oom';

/** The mapping that holds `address`, or undefined. */
export function find_vma_at(mm: mm_struct, address: addr_t): vm_area_struct | undefined {
  const vma = find_vma(mm, address);
  return vma && vma.vm_start <= address ? vma : undefined;
}

/** The first mapping that ends above `address`. Linux: mm/mmap.c:find_vma() */
export function find_vma(mm: mm_struct, address: addr_t): vm_area_struct | undefined {
  return mm.mmap[find_vma_index(mm, address)];
}

/** The index of the first mapping that ends above `address`. */
export function find_vma_index(mm: mm_struct, address: addr_t): int {
  let low = 0;
  let high = mm.mmap.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const vma = mm.mmap[middle];
    if (vma && vma.vm_end <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Brings in the page at `address` for an access. null: done. Linux: mm/memory.c:handle_mm_fault() */
export function handle_mm_fault(mm: mm_struct, vma: vm_area_struct, address: addr_t, access: FaultAccess): VmFault | Block | null {
  const needed = access === 'write' ? VM_WRITE : access === 'exec' ? VM_EXEC : VM_READ | VM_WRITE | VM_EXEC;
  const { clock } = ports();
  clock.spend(clock.prices.page_fault);
  if ((vma.vm_flags & needed) === 0) return 'accerr';
  const page = Math.floor(address / PAGE_SIZE) * PAGE_SIZE;
  const entry = pte_offset(mm.pgd, page, mm);
  if (entry < 0) return 'oom';
  const lo = pte_lo(entry);
  if ((lo & _PAGE_PRESENT) !== 0) {
    if (access === 'write' && (lo & _PAGE_RW) === 0) return do_wp_page(mm, vma, page, entry);
    ports().cpu.invlpg(page);
    return null;
  }
  const pgoff = vma.vm_pgoff + (page - vma.vm_start) / PAGE_SIZE;
  if (!vma.vm_ops) return do_anonymous_page(mm, vma, entry, access);
  const pa = vma.vm_ops.fault(vma, pgoff);
  if (isBlock(pa)) return pa;
  if (pa instanceof Errno) return pa.number === ENOMEM.number ? 'oom' : 'sigbus';
  const isShared = (vma.vm_flags & VM_SHARED) !== 0;
  if (access === 'write' && !isShared) return do_cow_fault(mm, vma, entry, pa);
  get_page(pa);
  charge('map_page');
  if (access === 'write') vma.vm_ops.page_mkwrite?.(vma, pgoff);
  const kind = vma.vm_file ? 0 : _PAGE_SHMEM;
  if (kind) mm.rss_shmem++;
  else if ((vma.vm_flags & VM_PFNMAP) === 0) mm.rss_file++;
  const isWritable = isShared && access === 'write';
  set_pte(entry, pa, _PAGE_PRESENT | _PAGE_USER | kind | (isWritable ? _PAGE_RW : 0), (vma.vm_flags & VM_EXEC) !== 0);
  update_hiwater(mm);
  return null;
}

/** Differs: Linux maps one page of zeros for all that is only read. Here each gets its own, at the price of that. */
function do_anonymous_page(mm: mm_struct, vma: vm_area_struct, entry: pte_ptr, access: FaultAccess): VmFault | null {
  const pa = try_alloc_page();
  if (pa < 0) return 'oom';
  const { clock } = ports();
  clock.spend(access === 'write' ? clock.prices.zero_page : clock.prices.map_page);
  set_anon(mm, vma, entry, pa);
  return null;
}

function set_anon(mm: mm_struct, vma: vm_area_struct, entry: pte_ptr, pa: phys_addr_t): void {
  const write = (vma.vm_flags & VM_WRITE) !== 0 ? _PAGE_RW : 0;
  set_pte(entry, pa, _PAGE_PRESENT | _PAGE_USER | _PAGE_ANON | write, (vma.vm_flags & VM_EXEC) !== 0);
  mm.rss_anon++;
  update_hiwater(mm);
}

/** A private mapping of a file is written before it was read: a copy at once. */
function do_cow_fault(mm: mm_struct, vma: vm_area_struct, entry: pte_ptr, source: phys_addr_t): VmFault | null {
  const pa = try_alloc_page();
  if (pa < 0) return 'oom';
  charge('copy_page');
  ports().phys.copy(pa, source, PAGE_SIZE);
  set_anon(mm, vma, entry, pa);
  return null;
}

/** A write to a present page that is mapped read-only. */
function do_wp_page(mm: mm_struct, vma: vm_area_struct, page: addr_t, entry: pte_ptr): VmFault | null {
  const lo = pte_lo(entry);
  const old = pte_page(entry);
  const isExecutable = (vma.vm_flags & VM_EXEC) !== 0;
  const isShared = (vma.vm_flags & VM_SHARED) !== 0;
  if (isShared) {
    vma.vm_ops?.page_mkwrite?.(vma, vma.vm_pgoff + (page - vma.vm_start) / PAGE_SIZE);
    set_pte(entry, old, (lo & 0xfff) | _PAGE_RW, isExecutable);
  } else if ((lo & _PAGE_ANON) !== 0 && page_count(old) === 1) {
    set_pte(entry, old, (lo & 0xfff) | _PAGE_RW, isExecutable);
  } else {
    const pa = try_alloc_page();
    if (pa < 0) return 'oom';
    charge('copy_page');
    ports().phys.copy(pa, old, PAGE_SIZE);
    if ((lo & _PAGE_ANON) === 0) {
      forget_rss(mm, lo);
      mm.rss_anon++;
    }
    set_pte(entry, pa, _PAGE_PRESENT | _PAGE_USER | _PAGE_ANON | _PAGE_RW, isExecutable);
    put_page(old);
  }
  ports().cpu.invlpg(page);
  return null;
}

function forget_rss(mm: mm_struct, lo: u32): void {
  if ((lo & _PAGE_ANON) !== 0) mm.rss_anon--;
  else if ((lo & _PAGE_SHMEM) !== 0) mm.rss_shmem--;
  else if (mm.rss_file > 0) mm.rss_file--;
}

function update_hiwater(mm: mm_struct): void {
  const rss = mm.rss_anon + mm.rss_file + mm.rss_shmem;
  if (rss > mm.hiwater_rss) mm.hiwater_rss = rss;
}

/** Unmaps the pages of [start, end). The caller flushes the TLB. Linux: mm/memory.c:unmap_page_range() */
export function unmap_page_range(mm: mm_struct, start: addr_t, end: addr_t): void {
  const { clock } = ports();
  walk_page_range(mm.pgd, start, end, (_address, entry) => {
    const lo = pte_lo(entry);
    const pa = pte_page(entry);
    pte_clear(entry);
    clock.spend(clock.prices.unmap_page);
    forget_rss(mm, lo);
    put_page(pa);
  });
}

/** Takes the pages of a file from page `first` on out of every address space, copies of private mappings too. Linux: unmap_mapping_pages() */
export function unmap_mapping_pages(mapping: address_space, first: number): void {
  const seen = new Set<mm_struct>();
  for (const { mm } of kernel.tasks.values()) {
    if (!mm || seen.has(mm)) continue;
    seen.add(mm);
    for (const vma of mm.mmap) {
      if (vma.vm_file?.f_mapping !== mapping) continue;
      const start = vma.vm_start + Math.max(first - vma.vm_pgoff, 0) * PAGE_SIZE;
      if (start < vma.vm_end) unmap_page_range(mm, start, vma.vm_end);
    }
  }
  ports().cpu.flushTlb();
}

/** Gives `dst` the pages of `vma` as fork does: private pages become read-only in both. Linux: mm/memory.c:copy_page_range(). False: out of memory. */
export function copy_page_range(dst: mm_struct, src: mm_struct, vma: vm_area_struct): boolean {
  const isShared = (vma.vm_flags & VM_SHARED) !== 0;
  // Pages of a file can be found again in its page cache.
  if (isShared && vma.vm_ops) return true;
  let isComplete = true;
  walk_page_range(src.pgd, vma.vm_start, vma.vm_end, (address, entry) => {
    const lo = pte_lo(entry);
    if ((lo & _PAGE_ANON) === 0 && vma.vm_ops) return;
    const copy = pte_offset(dst.pgd, address, dst);
    if (copy < 0) {
      isComplete = false;
      return;
    }
    const pa = pte_page(entry);
    const flags = lo & 0xfff & ~(_PAGE_RW | _PAGE_DIRTY | _PAGE_ACCESSED);
    set_pte(entry, pa, flags | (lo & (_PAGE_ACCESSED | _PAGE_DIRTY)), (vma.vm_flags & VM_EXEC) !== 0);
    set_pte(copy, pa, flags, (vma.vm_flags & VM_EXEC) !== 0);
    get_page(pa);
    charge('share_page');
    dst.rss_anon++;
  });
  return isComplete;
}

/** Present pages of [start, end) get the protection of `vma`. Linux: mm/mprotect.c:change_protection() */
export function change_protection(mm: mm_struct, vma: vm_area_struct, start: addr_t, end: addr_t): void {
  const isExecutable = (vma.vm_flags & VM_EXEC) !== 0;
  const isAccessible = (vma.vm_flags & (VM_READ | VM_WRITE | VM_EXEC)) !== 0;
  const isWritable = (vma.vm_flags & (VM_WRITE | VM_SHARED)) === VM_WRITE;
  walk_page_range(mm.pgd, start, end, (_address, entry) => {
    const lo = pte_lo(entry);
    const pa = pte_page(entry);
    const write = isWritable && (lo & _PAGE_ANON) !== 0 && page_count(pa) === 1 ? _PAGE_RW : 0;
    // A page without any permission stays present for the kernel only: no user bit.
    const flags = (lo & 0xfff & ~(_PAGE_RW | _PAGE_USER)) | write | (isAccessible ? _PAGE_USER : 0);
    set_pte(entry, pa, flags, isExecutable);
  });
}

/** The stack grows down to hold `address`. Linux: mm/mmap.c:expand_downwards(). Asked by find_extend_vma() of mmap.ts. */
export function canGrowDown(vma: vm_area_struct | undefined): vma is vm_area_struct {
  return vma !== undefined && (vma.vm_flags & VM_GROWSDOWN) !== 0;
}

/** The errno of a failed kernel access to user memory. */
export function vm_fault_errno(fault: VmFault, address: addr_t): Errno {
  const at = `0x${address.toString(16)}`;
  switch (fault) {
    case 'maperr': return EFAULT.because(`nothing is mapped at ${at}`);
    case 'accerr': return EFAULT.because(`the mapping at ${at} does not permit the access`);
    case 'sigbus': return EFAULT.because(`the mapped file ends before ${at}`);
    default: return EFAULT.because('guest memory is exhausted');
  }
}
