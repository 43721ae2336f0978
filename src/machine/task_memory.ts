// A task's memory as the trace and the debugger see it: what its page tables hold, and behind pages not yet faulted in, what a fault would bring.
// Reading changes nothing: no page is mapped, no host file is asked through the kernel.
import { d_path_of } from '../kernel/fs/d_path';
import type { task_struct } from '../kernel/kernel/types';
import { PAGE_SIZE, TASK_SIZE, VM_EXEC, VM_READ, VM_SHARED, VM_WRITE, type vm_area_struct } from '../kernel/mm/types';
import type { PhysicalPages } from '../kernel/arch/x86/ports';
import type { HostFiles } from './host';
import { DIRECT_MAP } from './image/layout';
import { readVirtual, walkPageTables, walkUserAddress } from './walk';

const PAGE = 4096n;
/** V8 keeps so many bytes in the array itself; memory for more takes longer than all that is done with them. */
const MOST_COPIED = 64;

export interface TaskMapping { start: bigint; end: bigint; offset: bigint; permissions: string; path: string }

/** The bytes from `address` on: shorter than `length` where the mapping ends. */
export function readTaskMemory(phys: PhysicalPages, files: HostFiles, root: string, task: task_struct, address: bigint, length: number): Uint8Array {
  const pgd = task.mm?.pgd ?? 0;
  if (address >= DIRECT_MAP || pgd === 0) return pgd === 0 ? new Uint8Array(0) : readVirtual(phys, pgd, address, length);
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const at = address + BigInt(done);
    const count = Math.min(length - done, Number(PAGE - (at & (PAGE - 1n))));
    const found = walkPageTables(phys, pgd, at);
    const piece = found ? phys.readBytes(found.pa, count) : absent(phys, files, root, task, Number(at), count);
    if (!piece) break;
    bytes.set(piece, done);
    done += count;
  }
  return done === length ? bytes : bytes.slice(0, done);
}

/**
 * The bytes at an address of ring 3 that are on one page and there; null: not so, and readTaskMemory() tells more. For the log, which reads a million times a second,
 * and looks at them at once: many are no copy.
 */
export function readPresent(phys: PhysicalPages, task: task_struct, address: number, length: number): Uint8Array | null {
  const pgd = task.mm?.pgd ?? 0;
  if (pgd === 0 || address >= TASK_SIZE || (address & (PAGE_SIZE - 1)) + length > PAGE_SIZE) return null;
  const found = walkUserAddress(phys, pgd, address);
  return found && (length > MOST_COPIED ? phys.viewBytes(found.pa, length) : phys.readBytes(found.pa, length));
}

/** What a read fault at `address` would show, or null where nothing is mapped. */
function absent(phys: PhysicalPages, files: HostFiles, root: string, task: task_struct, address: number, count: number): Uint8Array | null {
  const vma = findVma(task, address);
  if (!vma || (vma.vm_flags & VM_READ) === 0) return null;
  const bytes = new Uint8Array(count);
  if (!vma.vm_file) return bytes;
  const offset = vma.vm_pgoff * 4096 + (address - vma.vm_start);
  const cached = vma.vm_file.f_mapping?.i_pages.get(Math.floor(offset / 4096));
  if (cached !== undefined) return phys.readBytes(cached + offset % 4096, count);
  const read = files.read(root, d_path_of(vma.vm_file.f_path, task), offset, count);
  if (!(read instanceof Uint8Array)) return null;
  bytes.set(read.subarray(0, count));
  return bytes;
}

export function findVma(task: task_struct, address: number): vm_area_struct | undefined {
  return task.mm?.mmap.find(vma => address >= vma.vm_start && address < vma.vm_end);
}

/** As /proc/PID/maps lists them. Linux: fs/proc/task_mmu.c:show_map_vma() */
export function taskMappings(task: task_struct): TaskMapping[] {
  const { mm } = task;
  if (!mm) return [];
  return mm.mmap.map(vma => {
    const flag = (bit: number, letter: string): string => vma.vm_flags & bit ? letter : '-';
    return {
      start: BigInt(vma.vm_start), end: BigInt(vma.vm_end), offset: vma.vm_file ? BigInt(vma.vm_pgoff) * PAGE : 0n,
      permissions: `${flag(VM_READ, 'r')}${flag(VM_WRITE, 'w')}${flag(VM_EXEC, 'x')}${vma.vm_flags & VM_SHARED ? 's' : 'p'}`,
      path: nameOf(vma, task),
    };
  });
}

function nameOf(vma: vm_area_struct, task: task_struct): string {
  const { mm } = task;
  if (vma.vm_file) return d_path_of(vma.vm_file.f_path, task);
  const name = vma.vm_ops?.vma_name?.(vma);
  if (name) return name;
  if (mm && vma.vm_start <= mm.brk && vma.vm_end >= mm.start_brk) return '[heap]';
  if (mm && vma.vm_start <= mm.start_stack && vma.vm_end >= mm.start_stack) return '[stack]';
  return vma.anon_name ? `[anon:${vma.anon_name}]` : '';
}
