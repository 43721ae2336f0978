// /proc/PID/maps and smaps. Linux: fs/proc/task_mmu.c.
import { major, minor } from '../../../abi/stat';
import type { ulong } from '../../../abi/c_types';
import type { task_struct } from '../../kernel/types';
import { _PAGE_ANON, _PAGE_PRESENT, pte_lo, pte_offset, pte_page } from '../../arch/x86/pgtable';
import { VSYSCALL_MAP } from '../../arch/x86/vsyscall_64';
import { page_count } from '../../mm/page_alloc';
import { PAGE_SIZE, VM_ACCOUNT, VM_DONTCOPY, VM_DONTDUMP, VM_DONTEXPAND, VM_EXEC, VM_GROWSDOWN, VM_HUGEPAGE, VM_IO, VM_LOCKED, VM_MAYEXEC, VM_MAYREAD, VM_MAYSHARE, VM_MAYWRITE, VM_NOHUGEPAGE, VM_NORESERVE, VM_PFNMAP, VM_RAND_READ, VM_READ, VM_SEQ_READ, VM_SHARED, VM_WIPEONFORK, VM_WRITE, type mm_struct, type vm_area_struct } from '../../mm/types';
import { d_path } from '../d_path';

const hex = (n: number, width: number): string => n.toString(16).padStart(width, '0');

/** What stands at the end of the line. */
function vma_name(mm: mm_struct, vma: vm_area_struct, task: task_struct): string {
  if (vma.vm_file) return d_path(vma.vm_file.f_path, task.fs ? task.fs.root : vma.vm_file.f_path).replaceAll('\n', '\\012');
  const special = vma.vm_ops?.vma_name?.(vma);
  if (special) return special;
  if (vma.vm_start < mm.brk && vma.vm_end > mm.start_brk) return '[heap]';
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
  return mm ? mm.mmap.map(vma => show_map_vma(mm, vma, task)).join('') + VSYSCALL_MAP : '';
}

/** Linux: fs/proc/task_mmu.c:show_smap_vma_flags() */
const VM_MNEMONICS: readonly (readonly [number, string])[] = [
  [VM_READ, 'rd'], [VM_WRITE, 'wr'], [VM_EXEC, 'ex'], [VM_SHARED, 'sh'], [VM_MAYREAD, 'mr'], [VM_MAYWRITE, 'mw'], [VM_MAYEXEC, 'me'], [VM_MAYSHARE, 'ms'], [VM_GROWSDOWN, 'gd'],
  [VM_PFNMAP, 'pf'], [VM_LOCKED, 'lo'], [VM_IO, 'io'], [VM_SEQ_READ, 'sr'], [VM_RAND_READ, 'rr'], [VM_DONTCOPY, 'dc'], [VM_DONTEXPAND, 'de'], [VM_ACCOUNT, 'ac'], [VM_NORESERVE, 'nr'], [VM_WIPEONFORK, 'wf'], [VM_DONTDUMP, 'dd'],
  [VM_HUGEPAGE, 'hg'], [VM_NOHUGEPAGE, 'nh'],
];

/** The pages of a mapping that are there. */
function smap_pages_of(mm: mm_struct, vma: vm_area_struct): smap_pages {
  let rss = 0, anonymous = 0, shared = 0, share = 0, ownDirty = 0, sharedDirty = 0, anonymousShare = 0;
  // What only memory has is dirty.
  const isMemory = vma.vm_file === null && (vma.vm_flags & VM_SHARED) !== 0;
  for (let at = vma.vm_start; at < vma.vm_end; at += PAGE_SIZE) {
    const entry = pte_offset(mm.pgd, at, null);
    if (entry < 0 || (pte_lo(entry) & _PAGE_PRESENT) === 0) continue;
    const isAnonymous = (pte_lo(entry) & _PAGE_ANON) !== 0;
    // The page cache holds a reference of its own.
    const users = Math.max(1, page_count(pte_page(entry)) - (isAnonymous ? 0 : 1));
    if (isAnonymous || isMemory) { if (users > 1) sharedDirty++; else ownDirty++; }
    rss++;
    share += 1 / users;
    if (isAnonymous) { anonymous++; anonymousShare += 1 / users; }
    if (users > 1) shared++;
  }
  return { size: (vma.vm_end - vma.vm_start) / PAGE_SIZE, rss, share, shared, ownDirty, sharedDirty, anonymous, anonymousShare, locked: vma.vm_flags & VM_LOCKED ? share : 0 };
}

/** Linux: fs/proc/task_mmu.c:show_smap() */
const show_smap = (mm: mm_struct, vma: vm_area_struct, task: task_struct): string =>
  show_map_vma(mm, vma, task) + smap_lines(smap_pages_of(mm, vma), VM_MNEMONICS.map(([bit, name]) => vma.vm_flags & bit ? `${name} ` : '').join(''));

interface smap_pages { size: ulong; rss: ulong; share: number; shared: ulong; ownDirty: ulong; sharedDirty: ulong; anonymous: ulong; anonymousShare: number; locked: number }
const NO_PAGES: smap_pages = { size: 1, rss: 0, share: 0, shared: 0, ownDirty: 0, sharedDirty: 0, anonymous: 0, anonymousShare: 0, locked: 0 };

const size_line = (name: string, pages: number): string => `${`${name}:`.padEnd(16)}${String(Math.floor(pages * 4)).padStart(8)} kB\n`;

function smap_lines(pages: smap_pages, flags: string): string {
  return size_line('Size', pages.size) + size_line('KernelPageSize', 1) + size_line('MMUPageSize', 1) + sum_lines(pages, '') + `THPeligible:           0\nVmFlags: ${flags}\n`;
}

/** Linux: fs/proc/task_mmu.c:__show_smap(); a sum over all mappings tells the shares of each kind, too. */
function sum_lines({ rss, share, shared, ownDirty, sharedDirty, anonymous, locked }: smap_pages, shares: string): string {
  const own = rss - shared, line = size_line;
  return line('Rss', rss) + line('Pss', share) + line('Pss_Dirty', ownDirty) + shares
    + line('Shared_Clean', shared - sharedDirty) + line('Shared_Dirty', sharedDirty) + line('Private_Clean', own - ownDirty) + line('Private_Dirty', ownDirty) + line('Referenced', rss) + line('Anonymous', anonymous) + line('KSM', 0) + line('LazyFree', 0)
    + line('AnonHugePages', 0) + line('ShmemPmdMapped', 0) + line('FilePmdMapped', 0) + line('Shared_Hugetlb', 0) + line('Private_Hugetlb', 0) + line('Swap', 0) + line('SwapPss', 0) + line('Locked', locked);
}

/** Linux: fs/proc/task_mmu.c:show_smaps_rollup() */
export function show_smaps_rollup(task: task_struct): string {
  const { mm } = task, first = mm?.mmap[0], last = mm?.mmap[mm.mmap.length - 1];
  if (!mm || !first || !last) return '';
  const sum = { ...NO_PAGES };
  for (const vma of mm.mmap) {
    const pages = smap_pages_of(mm, vma);
    for (const key of SUMMED) sum[key] += pages[key];
  }
  const head = `${hex(first.vm_start, 8)}-${hex(last.vm_end, 8)} ---p 00000000 00:00 0 `;
  return `${head.padEnd(73)}[rollup]\n${sum_lines(sum, size_line('Pss_Anon', sum.anonymousShare) + size_line('Pss_File', sum.share - sum.anonymousShare) + size_line('Pss_Shmem', 0))}`;
}
const SUMMED: readonly (keyof smap_pages)[] = ['rss', 'share', 'shared', 'ownDirty', 'sharedDirty', 'anonymous', 'anonymousShare', 'locked'];

/** Linux: fs/proc/task_mmu.c:show_numa_map() */
export function show_numa_maps(task: task_struct): string {
  const { mm } = task;
  if (!mm) return '';
  return mm.mmap.map(vma => {
    const { rss, anonymous } = smap_pages_of(mm, vma), name = vma_name(mm, vma, task);
    const what = vma.vm_file ? ` file=${name}` : name === '[heap]' ? ' heap' : name === '[stack]' ? ' stack' : '';
    if (rss === 0) return `${hex(vma.vm_start, 8)} default${what}\n`;
    return `${hex(vma.vm_start, 8)} default${what}${anonymous > 0 ? ` anon=${anonymous} dirty=${anonymous}` : ''}${rss > anonymous ? ` mapped=${rss}` : ''} N0=${rss} kernelpagesize_kB=4\n`;
  }).join('');
}

export function show_smaps(task: task_struct): string {
  const { mm } = task;
  return mm ? mm.mmap.map(vma => show_smap(mm, vma, task)).join('') + VSYSCALL_MAP + smap_lines(NO_PAGES, 'ex ') : '';
}
