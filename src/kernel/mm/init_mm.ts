// The life of an address space. Linux: kernel/fork.c:mm_init(), mmput(), dup_mm(), exit_mmap()
import { fput } from '../fs/file';
import { charge, kernel, ports } from '../state';
import { pgd_alloc, pgd_free } from '../arch/x86/pgtable';
import { copy_page_range, unmap_page_range } from './memory';
import { TASK_SIZE, VM_DONTCOPY, VM_LOCKED, VM_WIPEONFORK, mm_struct } from './types';
import { drop_vma, vm_area_dup } from './vma';

/** An empty address space with one user; null when memory is exhausted. */
export function mm_alloc(): mm_struct | null {
  const pgd = pgd_alloc(kernel.swapper_pg_dir);
  if (pgd < 0) return null;
  return mm_struct.make({ pgd, mm_users: 1, task_size: TASK_SIZE, mmap_base: 0x7ffff7fff000, dumpable: 1 });
}

/** Drops a user; the last one frees everything. */
export function mmput(mm: mm_struct): void {
  mm.mm_users--;
  if (mm.mm_users > 0) return;
  charge('exit_mm');
  for (const vma of mm.mmap) unmap_page_range(mm, vma.vm_start, vma.vm_end);
  for (const vma of mm.mmap.splice(0)) drop_vma(vma);
  if (mm.exe_file) fput(mm.exe_file);
  mm.exe_file = null;
  ports().cpu.flushTlb();
  pgd_free(mm.pgd);
}

/** A copy as fork makes it. null: memory is exhausted. */
export function dup_mm(old: mm_struct): mm_struct | null {
  const pgd = pgd_alloc(kernel.swapper_pg_dir);
  if (pgd < 0) return null;
  const mm = mm_struct.make({ ...old, pgd, mm_users: 1, mmap: [], saved_auxv: old.saved_auxv.slice(), nr_ptes: 0, locked_vm: 0, rss_anon: 0, rss_file: 0, rss_shmem: 0, def_flags: old.def_flags & ~VM_LOCKED });
  if (mm.exe_file) mm.exe_file.f_count++;
  let isComplete = true;
  for (const vma of old.mmap) {
    if ((vma.vm_flags & VM_DONTCOPY) !== 0) {
      mm.total_vm -= (vma.vm_end - vma.vm_start) / 4096;
      continue;
    }
    const copy = vm_area_dup(vma, mm);
    copy.vm_flags &= ~VM_LOCKED;
    mm.mmap.push(copy);
    if ((vma.vm_flags & VM_WIPEONFORK) === 0) isComplete = copy_page_range(mm, old, vma) && isComplete;
  }
  ports().cpu.flushTlb();
  if (isComplete) return mm;
  mmput(mm);
  return null;
}
