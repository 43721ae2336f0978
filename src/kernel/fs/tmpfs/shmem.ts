// tmpfs: files that are nothing but pages, directories that are nothing but dentries. Also memfd and shared anonymous files. Linux: mm/shmem.c.
import { EOPNOTSUPP, EPERM, type Errno } from '../../../abi/errno';
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE, F_SEAL_GROW, F_SEAL_SHRINK, F_SEAL_WRITE, F_SEAL_FUTURE_WRITE } from '../../../abi/fcntl';
import { TMPFS_MAGIC } from '../../../abi/fs';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_ISREG } from '../../../abi/stat';
import { f, kobject, ops, type Instance } from '../../kobject';
import { filemap_add_page, generic_file_mmap, pagecache_isize_extended, truncate_inode_pages, truncate_pagecache, zero_range } from '../../mm/filemap';
import { VM_MAYWRITE, VM_SHARED, VM_WRITE, type vm_area_struct } from '../../mm/types';
import { failed } from '../../result';
import { charge, current } from '../../state';
import { d_make_root } from '../dcache';
import { file_update_time, inode_add_mapping, inode_init_owner, new_inode } from '../inode';
import type { iov_iter } from '../iov_iter';
import { dcache_dir_lseek, dcache_iterate, generic_file_llseek, generic_file_read_iter, generic_file_write_iter, inode_newsize_ok, noop_fsync, simple_added, simple_link, simple_rename, simple_rmdir, simple_unlink, update_blocks } from '../libfs';
import { alloc_super } from '../super';
import type { address_space, dentry, file, inode, Result, super_block } from '../types';

/** What tmpfs keeps besides the inode: the seals of a memfd. */
export const shmem_inode_info = kobject('shmem_inode_info', { seals: f.hex, is_memfd: f.bool });
export interface shmem_inode_info extends Instance<typeof shmem_inode_info> {}

export function shmem_info(inode: inode): shmem_inode_info | null {
  const info = inode.i_private;
  return info && info.$type === 'shmem_inode_info' ? info as shmem_inode_info : null;
}

function shmem_read_folio(mapping: address_space, index: number): Errno | null {
  const page = filemap_add_page(mapping, index);
  return typeof page === 'number' || !failed(page) || 'blocked' in page ? null : page;
}

/** A new inode of any type. `dir` gives the group where its set-group-id bit says so. Linux: mm/shmem.c:shmem_get_inode() */
export function shmem_get_inode(sb: super_block, dir: inode | null, mode: number, rdev = 0): inode {
  const owner = inode_init_owner(current(), dir, mode);
  const type = mode & S_IFMT;
  const inode = new_inode(sb, {
    mode: owner.mode, uid: owner.uid, gid: owner.gid, rdev,
    i_op: type === S_IFDIR ? shmem_dir_inode_operations : shmem_inode_operations,
    i_fop: type === S_IFDIR ? shmem_dir_operations : shmem_file_operations,
  });
  inode.i_private = shmem_inode_info.make({});
  if (type === S_IFREG || type === S_IFLNK) inode_add_mapping(inode, shmem_aops);
  return inode;
}

function shmem_mknod(dir: inode, _dentry: dentry, mode: number, dev: number): inode {
  const inode = shmem_get_inode(dir.i_sb, dir, mode, dev);
  simple_added(dir, inode);
  return inode;
}

const shmem_create = (dir: inode, dentry: dentry, mode: number): inode => shmem_mknod(dir, dentry, mode, 0);
const shmem_mkdir = (dir: inode, dentry: dentry, mode: number): inode => shmem_mknod(dir, dentry, S_IFDIR | mode, 0);

function shmem_symlink(dir: inode, dentry: dentry, target: string): inode {
  const inode = shmem_mknod(dir, dentry, S_IFLNK | 0o777, 0);
  inode.i_link = target;
  inode.i_size = target.length;
  return inode;
}

/** Truncates or extends; null leaves the size. */
export function shmem_setattr(inode: inode, size: number | null): Errno | null {
  if (size === null || !S_ISREG(inode.i_mode) || !inode.i_mapping) return null;
  const seals = shmem_info(inode)?.seals ?? 0;
  if (size < inode.i_size && seals & F_SEAL_SHRINK) return EPERM.because('F_SEAL_SHRINK is set');
  if (size > inode.i_size && seals & F_SEAL_GROW) return EPERM.because('F_SEAL_GROW is set');
  if (size < inode.i_size) truncate_pagecache(inode.i_mapping, size);
  else pagecache_isize_extended(inode.i_mapping, inode.i_size);
  inode.i_size = size;
  update_blocks(inode);
  file_update_time(inode);
  return null;
}

function shmem_evict_inode(inode: inode): void {
  charge('inode_evict');
  if (inode.i_mapping) truncate_inode_pages(inode.i_mapping);
  inode.i_size = 0;
}

function shmem_write_iter(file: file, from: iov_iter, pos: number): Result<number> {
  const seals = shmem_info(file.f_inode)?.seals ?? 0;
  if (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) return EPERM.because('F_SEAL_WRITE is set');
  if (seals & F_SEAL_GROW && pos + from.count > file.f_inode.i_size) return EPERM.because('F_SEAL_GROW is set');
  return generic_file_write_iter(file, from, pos);
}

function shmem_mmap(file: file, vma: vm_area_struct): Errno | null {
  const seals = shmem_info(file.f_inode)?.seals ?? 0;
  if (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE) && vma.vm_flags & VM_SHARED) {
    if (vma.vm_flags & VM_WRITE) return EPERM.because('F_SEAL_WRITE is set');
    vma.vm_flags &= ~VM_MAYWRITE;
  }
  return generic_file_mmap(file, vma);
}

/** Linux: mm/shmem.c:shmem_fallocate(), also used by the overlay. */
export function generic_fallocate(file: file, mode: number, offset: number, length: number): Result<number> {
  const inode = file.f_inode;
  // Files of tmpfs are held to the limit though they keep their size.
  if (!(mode & FALLOC_FL_KEEP_SIZE) || inode.i_sb.s_type === 'tmpfs' && !(mode & FALLOC_FL_PUNCH_HOLE)) {
    const tooBig = inode_newsize_ok(inode, offset + length);
    if (tooBig) return tooBig;
  }
  if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) return EOPNOTSUPP.because('only KEEP_SIZE, PUNCH_HOLE and ZERO_RANGE are supported');
  const end = offset + length;
  const seals = shmem_info(inode)?.seals ?? 0;
  if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) {
    if (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) return EPERM.because('F_SEAL_WRITE is set');
    const zeroed = zero_range(inode, offset, Math.min(end, inode.i_size));
    if (failed(zeroed)) return zeroed;
  }
  if (!(mode & FALLOC_FL_KEEP_SIZE) && end > inode.i_size) {
    if (seals & F_SEAL_GROW) return EPERM.because('F_SEAL_GROW is set');
    inode.i_size = end;
    inode.i_blocks = Math.max(inode.i_blocks, Math.ceil(end / 4096) * 8);
  }
  file_update_time(inode);
  return 0;
}

function shmem_rename(old_dir: inode, old_dentry: dentry, new_dir: inode, new_dentry: dentry, flags: number): Errno | null {
  return simple_rename(old_dir, old_dentry, new_dir, new_dentry, flags, false);
}

const shmem_aops = ops('shmem_aops', { name: 'shmem_aops', read_folio: shmem_read_folio });
export const shmem_file_operations = ops('shmem_file_operations', {
  name: 'shmem_file_operations', llseek: generic_file_llseek, read_iter: generic_file_read_iter, write_iter: shmem_write_iter, mmap: shmem_mmap, fsync: noop_fsync, fallocate: generic_fallocate,
});
const shmem_dir_operations = ops('shmem_dir_operations', { name: 'shmem_dir_operations', llseek: dcache_dir_lseek, iterate: dcache_iterate, fsync: noop_fsync });
const shmem_inode_operations = ops('shmem_inode_operations', { name: 'shmem_inode_operations', setattr: shmem_setattr });
const shmem_dir_inode_operations = ops('shmem_dir_inode_operations', {
  name: 'shmem_dir_inode_operations', create: shmem_create, mknod: shmem_mknod, mkdir: shmem_mkdir, symlink: shmem_symlink,
  link: (inode: inode, dir: inode): null => simple_link(inode, dir),
  unlink: (dir: inode, dentry: dentry): null => simple_unlink(dir, dentry, false),
  rmdir: (dir: inode, dentry: dentry): Errno | null => simple_rmdir(dir, dentry, false),
  rename: shmem_rename,
  tmpfile: (dir: inode, mode: number): inode => {
    const inode = shmem_get_inode(dir.i_sb, dir, mode);
    inode.i_nlink = 0;
    return inode;
  },
});
export const shmem_ops = ops('shmem_ops', { name: 'shmem_ops', evict_inode: shmem_evict_inode, show_options: (): string => '' });

/** A tmpfs of its own. Linux: mm/shmem.c:shmem_fill_super() */
export function shmem_fill_super(type: string, mode: number): super_block {
  const sb = alloc_super(type, TMPFS_MAGIC, shmem_ops);
  const root = shmem_get_inode(sb, null, S_IFDIR | mode);
  sb.s_root = d_make_root(sb, root);
  return sb;
}

