// The page cache: file contents in guest pages. Linux: mm/filemap.c, mm/truncate.c.
// Nothing is written back to the host; a page that differs from the lower file is only noted as dirty.
import type { loff_t, pgoff_t, phys_addr_t, size_t, ssize_t } from '../../abi/c_types';
import { EFAULT, ENOMEM } from '../../abi/errno';
import type { address_space, dentry, file, inode, Result } from '../fs/types';
import { copy_page_from_iter, copy_page_to_iter, type iov_iter } from '../fs/iov_iter';
import { ops } from '../kobject';
import { isBlock } from '../result';
import { charge, kernel, ports } from '../state';
import { unmap_mapping_pages } from './memory';
import { page_count, put_page, try_alloc_page } from './page_alloc';
import { PAGE_SIZE, VM_MAYWRITE, VM_SHARED, type vm_area_struct, type vm_operations_struct } from './types';

/** Pages around one that is being read in: they belong to the same host read. */
const BUSY_PAGES = 32;

/** A new zeroed page at `index`. */
export function filemap_add_page(mapping: address_space, index: pgoff_t): Result<phys_addr_t> {
  const present = mapping.i_pages.get(index);
  if (present !== undefined) return present;
  let pa = try_alloc_page();
  if (pa < 0 && reclaim_page_cache(mapping, index) > 0) pa = try_alloc_page();
  if (pa < 0) return ENOMEM.because('guest memory is exhausted');
  mapping.i_pages.set(index, pa);
  return pa;
}

/** The page at `index`, read in when needed. The cache keeps the reference; who keeps the page longer takes their own. */
export function filemap_get_page(inode: inode, index: pgoff_t): Result<phys_addr_t> {
  const mapping = inode.i_mapping;
  if (!mapping) return EFAULT.because('the file has no pages');
  const present = mapping.i_pages.get(index);
  if (present !== undefined) return present;
  const refused = mapping.a_ops.read_folio(mapping, index);
  if (refused) return refused;
  return mapping.i_pages.get(index) ?? filemap_add_page(mapping, index);
}

/** Linux: mm/filemap.c:filemap_read() */
export function filemap_read(file: file, to: iov_iter, pos: loff_t): Result<ssize_t> {
  const inode = file.f_inode;
  let done = 0;
  while (to.count > 0 && pos + done < inode.i_size) {
    const at = pos + done;
    const page = filemap_get_page(inode, Math.floor(at / PAGE_SIZE));
    // A host read that is pending: the whole call runs again, since a short read of a file would be seen.
    if (typeof page !== 'number') return page;
    const offset = at % PAGE_SIZE;
    const part = Math.min(PAGE_SIZE - offset, inode.i_size - at, to.count);
    charge('cache_page_read');
    const copied = copy_page_to_iter(page, offset, part, to);
    if (typeof copied !== 'number') return done > 0 && !isBlock(copied) ? done : copied;
    done += copied;
    if (copied < part) break;
  }
  return done;
}

/** Linux: mm/filemap.c:generic_perform_write() */
export function filemap_write(file: file, from: iov_iter, pos: loff_t): Result<ssize_t> {
  const inode = file.f_inode;
  const mapping = inode.i_mapping;
  if (!mapping) return EFAULT.because('the file has no pages');
  let done = 0;
  while (from.count > 0) {
    const at = pos + done;
    const index = Math.floor(at / PAGE_SIZE);
    const offset = at % PAGE_SIZE;
    const part = Math.min(PAGE_SIZE - offset, from.count);
    const isWhole = part === PAGE_SIZE || (offset === 0 && at + part >= inode.i_size);
    const page = isWhole && !mapping.i_pages.has(index) ? filemap_add_page(mapping, index) : filemap_get_page(inode, index);
    if (typeof page !== 'number') return done > 0 ? done : page;
    charge('cache_page_write');
    const copied = copy_page_from_iter(page, offset, part, from);
    if (typeof copied !== 'number') {
      if (isWhole && !mapping.dirty.has(index)) drop_page(mapping, index);
      return done > 0 ? done : copied;
    }
    mapping.dirty.add(index);
    done += copied;
    if (at + copied > inode.i_size) inode.i_size = at + copied;
    if (copied < part) break;
  }
  return done;
}

/** Bytes of a file for the kernel's own use (ELF headers, scripts); shorter at the end of the file. */
export function filemap_kernel_read(inode: inode, pos: loff_t, length: size_t): Result<Uint8Array> {
  const size = Math.max(0, Math.min(length, inode.i_size - pos));
  const bytes = new Uint8Array(size);
  let done = 0;
  while (done < size) {
    const at = pos + done;
    const page = filemap_get_page(inode, Math.floor(at / PAGE_SIZE));
    if (typeof page !== 'number') return page;
    const part = Math.min(PAGE_SIZE - at % PAGE_SIZE, size - done);
    bytes.set(ports().phys.readBytes(page + at % PAGE_SIZE, part), done);
    done += part;
  }
  return bytes;
}

function drop_page(mapping: address_space, index: pgoff_t): void {
  const pa = mapping.i_pages.get(index);
  if (pa === undefined) return;
  mapping.i_pages.delete(index);
  mapping.dirty.delete(index);
  put_page(pa);
}

/** Forgets the pages from byte `size` on and zeroes the tail of the last one. Linux: mm/truncate.c:truncate_pagecache() */
export function truncate_pagecache(mapping: address_space, size: loff_t): void {
  const first = Math.ceil(size / PAGE_SIZE);
  unmap_mapping_pages(mapping, first);
  for (const index of mapping.i_pages.keys()) if (index >= first) drop_page(mapping, index);
  const tail = size % PAGE_SIZE;
  const last = tail === 0 ? undefined : mapping.i_pages.get(first - 1);
  if (last !== undefined) {
    ports().phys.fill(last + tail, PAGE_SIZE - tail, 0);
    mapping.dirty.add(first - 1);
  }
}

/** What stands behind the end of the last page, where a mapping may have left it, is zero when the file grows. Linux: mm/truncate.c:pagecache_isize_extended() */
export function pagecache_isize_extended(mapping: address_space, from: loff_t): void {
  const tail = from % PAGE_SIZE, last = tail === 0 ? undefined : mapping.i_pages.get(Math.floor(from / PAGE_SIZE));
  if (last !== undefined) ports().phys.fill(last + tail, PAGE_SIZE - tail, 0);
}

/** Forgets all pages (the inode goes away). */
export function truncate_inode_pages(mapping: address_space): void {
  for (const index of mapping.i_pages.keys()) drop_page(mapping, index);
}

/** Zeroes [start, end): a hole. Whole pages are dropped only where reading them again gives zeroes. */
export function zero_range(inode: inode, start: loff_t, end: loff_t): Result<number> {
  const mapping = inode.i_mapping;
  if (!mapping) return 0;
  for (let at = start; at < end;) {
    const offset = at % PAGE_SIZE;
    const part = Math.min(PAGE_SIZE - offset, end - at);
    const page = filemap_get_page(inode, Math.floor(at / PAGE_SIZE));
    if (typeof page !== 'number') return page;
    ports().phys.fill(page + offset, part, 0);
    mapping.dirty.add(Math.floor(at / PAGE_SIZE));
    at += part;
  }
  return 0;
}

/** The contents of [from, end) of a file stand at `to` afterwards; both are whole pages. All is read in before the first byte moves, so that a call may run again. */
export function move_pages(inode: inode, from: loff_t, to: loff_t, end: loff_t): Result<number> {
  const first = from / PAGE_SIZE, count = Math.ceil(end / PAGE_SIZE) - first, distance = (to - from) / PAGE_SIZE;
  for (let i = 0; i < count; i++) {
    const page = filemap_get_page(inode, first + i);
    if (typeof page !== 'number') return page;
  }
  for (let n = 0; n < count; n++) {
    const index = first + (distance > 0 ? count - 1 - n : n);
    const source = filemap_get_page(inode, index), target = filemap_get_page(inode, index + distance);
    if (typeof source !== 'number') return source;
    if (typeof target !== 'number') return target;
    ports().phys.copy(target, source, PAGE_SIZE);
    inode.i_mapping?.dirty.add(index + distance);
  }
  return count;
}

/** Gives back clean pages that nobody maps, for when memory is short. How many were freed. Linux: mm/vmscan.c, much simplified. */
function shrink_mapping(mapping: address_space, keepAround: number): number {
  let freed = 0;
  for (const index of mapping.i_pages.keys()) {
    const pa = mapping.i_pages.get(index);
    if (pa === undefined || mapping.dirty.has(index) || page_count(pa) > 1 || Math.abs(index - keepAround) < BUSY_PAGES) continue;
    drop_page(mapping, index);
    freed++;
  }
  return freed;
}

/** Gives back the clean, unmapped pages of all files but those near `index` of `busy`, which are being read. How many were freed. */
export function reclaim_page_cache(busy: address_space | null, index: pgoff_t): number {
  let freed = 0;
  for (const mount of kernel.mounts) freed += shrink_dentry(mount.mnt_root, busy, index);
  return freed;
}

function shrink_dentry(dentry: dentry, busy: address_space | null, index: pgoff_t): number {
  const mapping = dentry.d_inode?.i_mapping;
  // Only the overlay can read its pages again.
  let freed = mapping && dentry.d_sb.s_type === 'overlay' ? shrink_mapping(mapping, mapping === busy ? index : -BUSY_PAGES) : 0;
  for (const child of dentry.d_children.values()) freed += shrink_dentry(child, busy, index);
  return freed;
}

/** Linux: mm/filemap.c:filemap_fault(). EFAULT past the end of the file: SIGBUS. */
function filemap_fault(vma: vm_area_struct, pgoff: pgoff_t): Result<phys_addr_t> {
  const inode = vma.vm_file?.f_inode;
  if (!inode) return EFAULT.because('the mapping has no file');
  if (pgoff * PAGE_SIZE >= inode.i_size) return EFAULT.because('the address lies past the end of the mapped file');
  return filemap_get_page(inode, pgoff);
}

function filemap_page_mkwrite(vma: vm_area_struct, pgoff: pgoff_t): void {
  vma.vm_file?.f_inode.i_mapping?.dirty.add(pgoff);
}

/** A mapping that is or may become a way to write the file. Linux: vma_is_shared_maywrite() */
const is_shared_maywrite = (vma: vm_area_struct): boolean => (vma.vm_flags & (VM_SHARED | VM_MAYWRITE)) === (VM_SHARED | VM_MAYWRITE);

function filemap_map_open(vma: vm_area_struct): void {
  const mapping = vma.vm_file?.f_mapping;
  if (mapping && is_shared_maywrite(vma)) mapping.i_mmap_writable++;
}

function filemap_map_close(vma: vm_area_struct): void {
  const mapping = vma.vm_file?.f_mapping;
  if (mapping && is_shared_maywrite(vma)) mapping.i_mmap_writable--;
}

export const generic_file_vm_ops: vm_operations_struct = ops('generic_file_vm_ops', {
  name: 'generic_file_vm_ops',
  fault: filemap_fault,
  page_mkwrite: filemap_page_mkwrite,
  open: filemap_map_open,
  close: filemap_map_close,
});

/** Linux: mm/filemap.c:generic_file_mmap() */
export function generic_file_mmap(_file: file, vma: vm_area_struct): null {
  vma.vm_ops = generic_file_vm_ops;
  filemap_map_open(vma);
  return null;
}

