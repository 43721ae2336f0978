// A debugger's access to a task's memory, whatever its permissions say. Linux: mm/memory.c:access_process_vm()
import type { task_struct } from '../kernel/types';
import { _PAGE_ANON, _PAGE_PRESENT, _PAGE_RW, _PAGE_USER, pte_lo, pte_offset, pte_page, set_pte } from '../arch/x86/pgtable';
import { isBlock } from '../result';
import { ports } from '../state';
import { find_vma_at, handle_mm_fault } from './memory';
import { page_count, put_page, try_alloc_page } from './page_alloc';
import { PAGE_SIZE, VM_EXEC, VM_SHARED, type mm_struct } from './types';

/** Writes `bytes`; a private page that is shared is copied first. Gives the count written. */
export function access_process_vm(task: task_struct, address: number, bytes: Uint8Array): number {
  const { mm } = task;
  if (!mm) return 0;
  let done = 0;
  while (done < bytes.length) {
    const at = address + done;
    const pa = own_page(mm, at);
    if (pa < 0) break;
    const part = Math.min(bytes.length - done, PAGE_SIZE - at % PAGE_SIZE);
    ports().phys.writeBytes(pa + at % PAGE_SIZE, bytes.subarray(done, done + part));
    done += part;
  }
  return done;
}

/** Reads up to `length` bytes, faulting pages in; shorter where nothing is mapped. */
export function read_process_vm(task: task_struct, address: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length), { mm } = task;
  let done = 0;
  while (mm && done < length) {
    const at = address + done, vma = find_vma_at(mm, at);
    if (!vma) break;
    let entry = pte_offset(mm.pgd, at, null);
    if (entry < 0 || (pte_lo(entry) & _PAGE_PRESENT) === 0) {
      if (handle_mm_fault(mm, vma, at, (vma.vm_flags & 1) !== 0 ? 'read' : (vma.vm_flags & 2) !== 0 ? 'write' : 'exec') !== null) break;
      entry = pte_offset(mm.pgd, at, null);
      if (entry < 0) break;
    }
    const part = Math.min(length - done, PAGE_SIZE - at % PAGE_SIZE);
    bytes.set(ports().phys.readBytes(pte_page(entry) + at % PAGE_SIZE, part), done);
    done += part;
  }
  return bytes.subarray(0, done);
}

/** The page of `address`, made this address space's own unless the mapping is shared; -1: there is none. */
function own_page(mm: mm_struct, address: number): number {
  const vma = find_vma_at(mm, address);
  if (!vma) return -1;
  let entry = pte_offset(mm.pgd, address, null);
  if (entry < 0 || (pte_lo(entry) & _PAGE_PRESENT) === 0) {
    const access = (vma.vm_flags & 1) !== 0 ? 'read' : (vma.vm_flags & 2) !== 0 ? 'write' : 'exec';
    const fault = handle_mm_fault(mm, vma, address, access);
    if (isBlock(fault) || fault !== null) return -1;
    entry = pte_offset(mm.pgd, address, null);
    if (entry < 0) return -1;
  }
  const lo = pte_lo(entry);
  const old = pte_page(entry);
  if ((vma.vm_flags & VM_SHARED) !== 0 || (lo & _PAGE_ANON) !== 0 && page_count(old) === 1) return old;
  const pa = try_alloc_page();
  if (pa < 0) return -1;
  ports().phys.copy(pa, old, PAGE_SIZE);
  if ((lo & _PAGE_ANON) === 0) {
    mm.rss_anon++;
    mm.rss_file--;
  }
  set_pte(entry, pa, _PAGE_PRESENT | _PAGE_ANON | (lo & (_PAGE_USER | _PAGE_RW)), (vma.vm_flags & VM_EXEC) !== 0);
  put_page(old);
  ports().cpu.flushTlb();
  return pa;
}
