// /proc/PID/maps. Linux: fs/proc/task_mmu.c:show_map_vma().
import { major, minor } from '../../../abi/stat';
import type { task_struct } from '../../kernel/types';
import { VM_EXEC, VM_MAYSHARE, VM_READ, VM_WRITE, type mm_struct, type vm_area_struct } from '../../mm/types';
import { d_path } from '../d_path';

const hex = (n: number, width: number): string => n.toString(16).padStart(width, '0');

/** What stands at the end of the line. */
function vma_name(mm: mm_struct, vma: vm_area_struct, task: task_struct): string {
  if (vma.vm_file) return d_path(vma.vm_file.f_path, task.fs ? task.fs.root : vma.vm_file.f_path).replaceAll('\n', '\\012');
  const special = vma.vm_ops?.vma_name?.(vma);
  if (special) return special;
  if (vma.vm_start <= mm.brk && vma.vm_end >= mm.start_brk && mm.brk > mm.start_brk) return '[heap]';
  if (vma.vm_start <= mm.start_stack && vma.vm_end >= mm.start_stack) return '[stack]';
  return vma.anon_name === '' ? '' : `[anon:${vma.anon_name}]`;
}

export function show_map_vma(mm: mm_struct, vma: vm_area_struct, task: task_struct): string {
  const { vm_flags } = vma;
  const perms = `${vm_flags & VM_READ ? 'r' : '-'}${vm_flags & VM_WRITE ? 'w' : '-'}${vm_flags & VM_EXEC ? 'x' : '-'}${vm_flags & VM_MAYSHARE ? 's' : 'p'}`;
  const inode = vma.vm_file?.f_inode;
  const head = `${hex(vma.vm_start, 8)}-${hex(vma.vm_end, 8)} ${perms} ${hex(inode ? vma.vm_pgoff * 4096 : 0, 8)} ${hex(inode ? major(inode.i_dev) : 0, 2)}:${hex(inode ? minor(inode.i_dev) : 0, 2)} ${inode ? inode.i_ino : 0} `;
  const name = vma_name(mm, vma, task);
  return name === '' ? `${head}\n` : `${head.padEnd(73)}${name}\n`;
}

export function show_maps(task: task_struct): string {
  const { mm } = task;
  return mm ? mm.mmap.map(vma => show_map_vma(mm, vma, task)).join('') : '';
}
