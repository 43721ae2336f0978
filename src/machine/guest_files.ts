// The guest's files and memory for the people outside: what it wrote, what a path holds, and edits of a task's memory. Nothing here is seen by the guest's clock.
import { collect_written_files } from '../kernel/fs/overlayfs/overlay';
import { filemap_kernel_read } from '../kernel/mm/filemap';
import { find_vma_at, handle_mm_fault } from '../kernel/mm/memory';
import { VM_WRITE } from '../kernel/mm/types';
import type { PhysicalPages } from '../kernel/arch/x86/ports';
import type { task_struct } from '../kernel/kernel/types';
import { kernel } from '../kernel/state';
import type { HostFiles } from './host';
import { resolvePath } from './program';
import { walkPageTables } from './walk';

/** A regular file that the guest created or changed, by its absolute path. */
export interface WrittenFile { path: string; size: number; data(): Uint8Array }

export function writtenFiles(): WrittenFile[] {
  const root = kernel.mounts[0]?.mnt_root;
  if (!root) return [];
  return collect_written_files(root).map(({ path, inode }) => ({
    path, size: inode.i_size,
    data() {
      const bytes = filemap_kernel_read(inode, 0, inode.i_size);
      return bytes instanceof Uint8Array ? bytes : new Uint8Array(0);
    },
  }));
}

/** The contents of a guest file: as the guest wrote it, else the host's. */
export function readGuestFile(files: HostFiles, root: string, path: string): Uint8Array | null {
  const real = resolvePath(files, root, path);
  const written = writtenFiles().find(file => file.path === path || file.path === real);
  if (written) return written.data();
  if (typeof real === 'number' || real === 'pending') return null;
  const stat = files.lstat(root, real);
  const bytes = typeof stat === 'object' ? files.read(root, real, 0, stat.size) : null;
  return bytes instanceof Uint8Array ? bytes : null;
}

const PAGE = 4096;

/**
 * Writes into a task's memory as its own store would: pages are faulted in, copy-on-write is broken. How many bytes were written: fewer at the first page
 * that the task itself may not write.
 */
export function writeTaskMemory(phys: PhysicalPages, task: task_struct, address: number, bytes: Uint8Array): number {
  const { mm } = task;
  if (!mm) return 0;
  let done = 0;
  while (done < bytes.length) {
    const at = address + done;
    const vma = find_vma_at(mm, at);
    if (!vma || (vma.vm_flags & VM_WRITE) === 0 || handle_mm_fault(mm, vma, at, 'write') !== null) break;
    const found = walkPageTables(phys, mm.pgd, BigInt(at));
    if (!found) break;
    const count = Math.min(bytes.length - done, PAGE - at % PAGE);
    phys.writeBytes(found.pa, bytes.subarray(done, done + count));
    done += count;
  }
  return done;
}
