// Memory descriptors. Linux: include/linux/mm_types.h. Page tables themselves stand in guest physical memory.
import type { addr_t, pgoff_t, phys_addr_t, uint } from '../../abi/c_types';
import type { Errno } from '../../abi/errno';
import type { Block } from '../result';
import type { file } from '../fs/types';
import { f, kobject, type Instance, type KObject } from '../kobject';

export const PAGE_SIZE = 4096;
export const PAGE_SHIFT = 12;
/** Of addresses above 32 bits, too: a remainder of those takes long. Linux: include/linux/mm.h:offset_in_page() */
export const offset_in_page = (address: addr_t): uint => address & (PAGE_SIZE - 1);
export const TASK_SIZE = 0x7ffffffff000;

// Linux: include/linux/mm.h
export const VM_READ = 0x1, VM_WRITE = 0x2, VM_EXEC = 0x4, VM_SHARED = 0x8, VM_MAYREAD = 0x10, VM_MAYWRITE = 0x20, VM_MAYEXEC = 0x40, VM_MAYSHARE = 0x80;
export const VM_GROWSDOWN = 0x100, VM_PFNMAP = 0x400, VM_LOCKED = 0x2000, VM_IO = 0x4000, VM_SEQ_READ = 0x8000, VM_RAND_READ = 0x10000, VM_DONTCOPY = 0x20000, VM_DONTEXPAND = 0x40000, VM_ACCOUNT = 0x100000, VM_NORESERVE = 0x200000, VM_WIPEONFORK = 0x2000000, VM_DONTDUMP = 0x4000000, VM_HUGEPAGE = 0x20000000, VM_NOHUGEPAGE = 0x40000000;
export const VM_FLAG_NAMES: readonly (readonly [string, number])[] = [
  ['VM_READ', VM_READ], ['VM_WRITE', VM_WRITE], ['VM_EXEC', VM_EXEC], ['VM_SHARED', VM_SHARED], ['VM_MAYREAD', VM_MAYREAD], ['VM_MAYWRITE', VM_MAYWRITE],
  ['VM_MAYEXEC', VM_MAYEXEC], ['VM_MAYSHARE', VM_MAYSHARE], ['VM_GROWSDOWN', VM_GROWSDOWN], ['VM_PFNMAP', VM_PFNMAP], ['VM_LOCKED', VM_LOCKED], ['VM_IO', VM_IO], ['VM_SEQ_READ', VM_SEQ_READ], ['VM_RAND_READ', VM_RAND_READ], ['VM_DONTCOPY', VM_DONTCOPY],
  ['VM_DONTEXPAND', VM_DONTEXPAND], ['VM_ACCOUNT', VM_ACCOUNT], ['VM_NORESERVE', VM_NORESERVE], ['VM_WIPEONFORK', VM_WIPEONFORK], ['VM_DONTDUMP', VM_DONTDUMP], ['VM_HUGEPAGE', VM_HUGEPAGE],
  ['VM_NOHUGEPAGE', VM_NOHUGEPAGE],
];

/** How the pages of a mapping come to be; set by `file_operations.mmap` or by mmap itself. */
export interface vm_operations_struct {
  readonly name: string;
  /** The page at `pgoff` (in pages, of the object) as a physical address; the caller takes its own reference. EFAULT past the end means SIGBUS. */
  fault(vma: vm_area_struct, pgoff: pgoff_t): phys_addr_t | Errno | Block;
  /** A shared page becomes writable for the first time: the object may note it as dirty. */
  page_mkwrite?(vma: vm_area_struct, pgoff: pgoff_t): void;
  /** A mapping was duplicated (fork, split). */
  open?(vma: vm_area_struct): void;
  /** A mapping goes away. */
  close?(vma: vm_area_struct): void;
  /** The name that /proc/PID/maps shows when there is no file ("[vdso]"). */
  vma_name?(vma: vm_area_struct): string;
}

/** Pages that several mappings share without a file: MAP_SHARED|MAP_ANONYMOUS. Linux uses an unlinked shmem file. */
export const shared_pages = kobject('shared_pages', { users: f.s32, /** In pages: what lies beyond is no memory. */ nr_pages: f.u64, pages: f.map(f.s64, f.pa), ino: f.u64 });
export interface shared_pages extends Instance<typeof shared_pages> {}

export const vm_area_struct = kobject('vm_area_struct', {
  vm_start: f.hex, vm_end: f.hex,
  vm_mm: f.ref<mm_struct>('mm_struct'),
  vm_flags: f.flags('vm_flags_t', VM_FLAG_NAMES),
  /** Offset in the file, in pages; for anonymous memory vm_start >> PAGE_SHIFT. */
  vm_pgoff: f.u64,
  vm_file: f.ptr<file>('file'),
  vm_ops: f.ops<vm_operations_struct | null>('vm_operations_struct'),
  vm_private_data: f.ptr<shared_pages | KObject>('void'),
  anon_name: f.str,
  /** NUMA's mode with its flags, as mbind() set it; 0: that of the task. */
  vm_policy: f.hex,
});
export interface vm_area_struct extends Instance<typeof vm_area_struct> {}

export const mm_struct = kobject('mm_struct', {
  /** Sorted by vm_start, never overlapping. */
  mmap: f.list(f.ref<vm_area_struct>('vm_area_struct')),
  /** Physical address of the top-level page table. */
  pgd: f.pa,
  mm_users: f.s32,
  mmap_base: f.hex, task_size: f.hex,
  start_code: f.hex, end_code: f.hex, start_data: f.hex, end_data: f.hex,
  start_brk: f.hex, brk: f.hex, start_stack: f.hex,
  arg_start: f.hex, arg_end: f.hex, env_start: f.hex, env_end: f.hex,
  /** Pages. */
  total_vm: f.u64, locked_vm: f.u64, data_vm: f.u64, exec_vm: f.u64, stack_vm: f.u64,
  rss_file: f.s64, rss_anon: f.s64, rss_shmem: f.s64, hiwater_rss: f.s64, hiwater_vm: f.s64, nr_ptes: f.s64,
  exe_file: f.ptr<file>('file'),
  saved_auxv: f.bytes,
  vdso: f.hex,
  thp_disable: f.bool,
  dumpable: f.s32, membarrier_state: f.hex,
  def_flags: f.hex,
});
export interface mm_struct extends Instance<typeof mm_struct> {}
