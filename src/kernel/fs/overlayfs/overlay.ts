// The overlay: the host's files below, read-only; memory above. Nothing is ever written to the host. Linux: fs/overlayfs/ (inode.c, namei.c, readdir.c, copy_up.c).
// Differs: one inode serves both layers. Its clean pages come from the lower file, dirty ones stay in memory, so copying up costs nothing and keeps st_dev, st_ino,
// open descriptors and shared mappings. Linux gives such files new identities unless xino is on.
import { EFBIG, EINVAL, EIO, ENOENT, ENOTDIR, ENOTEMPTY, findErrno, type Errno } from '../../../abi/errno';
import { FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE } from '../../../abi/fcntl';
import { OVERLAYFS_SUPER_MAGIC } from '../../../abi/fs';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_ISDIR, S_ISREG } from '../../../abi/stat';
import type { HostStat } from '../../arch/x86/ports';
import { block_on_host } from '../../kernel/wait';
import { f, kobject, ops, type Instance } from '../../kobject';
import { filemap_add_page, generic_file_mmap, move_pages, pagecache_isize_extended, truncate_inode_pages, truncate_pagecache, zero_range } from '../../mm/filemap';
import { PAGE_SIZE } from '../../mm/types';
import { failed, type Block } from '../../result';
import { charge, current, ports } from '../../state';
import { d_make_root } from '../dcache';
import { file_update_time, inode_add_mapping, inode_init_owner, new_inode } from '../inode';
import { dcache_dir_lseek, fs_umode_to_dtype, generic_file_llseek, generic_file_read_iter, generic_file_write_iter, MAX_LFS_FILESIZE, noop_fsync, simple_added, simple_link, simple_rename, simple_rmdir, simple_unlink, update_blocks } from '../libfs';
import { alloc_super } from '../super';
import { generic_fallocate } from '../tmpfs/shmem';
import { inode as inode_type, type address_space, type dentry, type dir_entry, type file, type inode, type Result, type super_block } from '../types';

/** Linux: fs/overlayfs/ovl_entry.h:struct ovl_inode */
export const ovl_inode = kobject('ovl_inode', {
  /** The path below, absolute in the host root; '' for what was made above. */
  lower: f.str,
  has_lower: f.bool,
  /** Bytes of the lower file that still show through; what is truncated never comes back. */
  lower_size: f.loff,
  lower_size_at_start: f.loff,
});
export interface ovl_inode extends Instance<typeof ovl_inode> {}

/** Linux: fs/overlayfs/ovl_entry.h:struct ovl_fs */
export const ovl_fs = kobject('ovl_fs', {
  /** The host root that the ports know; '' for none. */
  root: f.str, has_lower: f.bool,
  /** Lower files with several names by "dev:ino": their names share an inode. */
  inodes: f.map(f.str, f.ref<inode>('inode')),
});
export interface ovl_fs extends Instance<typeof ovl_fs> {}

const OVL_I = (inode: inode): ovl_inode => inode.i_private as ovl_inode;
const OVL_FS = (sb: super_block): ovl_fs => sb.s_fs_info as ovl_fs;
/** Pages read from the host at once. */
const READAHEAD_PAGES = 16;

function host_errno(number: number, what: string): Errno {
  return (findErrno(number) ?? EIO).because(`the host refused ${what}`);
}

function ovl_new_inode(sb: super_block, dir: inode | null, mode: number, rdev: number): inode {
  const owner = inode_init_owner(current(), dir, mode);
  const inode = new_inode(sb, { mode: owner.mode, uid: owner.uid, gid: owner.gid, rdev, ...ovl_operations(mode) });
  if (dir) inode.i_dev = dir.i_dev;
  inode.i_private = ovl_inode.make({});
  if (S_ISDIR(mode)) {
    // As ext4 has them: a directory is a block at least.
    inode.i_size = sb.s_blocksize;
    inode.i_blocks = sb.s_blocksize / 512;
  }
  if (S_ISREG(mode)) inode_add_mapping(inode, ovl_aops);
  return inode;
}

const ovl_operations = (mode: number): Pick<inode, 'i_op' | 'i_fop'> => S_ISDIR(mode)
  ? { i_op: ovl_dir_inode_operations, i_fop: ovl_dir_operations }
  : { i_op: (mode & S_IFMT) === S_IFLNK ? ovl_symlink_inode_operations : ovl_file_inode_operations, i_fop: ovl_file_operations };

/** The inode of a lower file. Its atime is never the host's. */
function ovl_get_inode(sb: super_block, stat: HostStat, lower: string): inode {
  // Nothing is spread: what stands behind it in a literal takes V8 ten times as long.
  const { i_op, i_fop } = ovl_operations(stat.mode);
  const made = inode_type.make({
    i_ino: stat.ino, i_mode: stat.mode, i_nlink: stat.nlink, i_uid: stat.uid, i_gid: stat.gid, i_rdev: stat.rdev, i_size: stat.size, i_blocks: stat.blocks,
    i_atime: stat.mtimeNs, i_mtime: stat.mtimeNs, i_ctime: stat.ctimeNs, i_btime: 0n,
    i_dev: stat.dev, i_blksize: stat.blksize, i_sb: sb, i_op, i_fop,
    i_private: ovl_inode.make({ lower, has_lower: true, lower_size: stat.size, lower_size_at_start: stat.size }),
  });
  if (S_ISREG(stat.mode)) inode_add_mapping(made, ovl_aops);
  return made;
}

const lower_path = (dir: inode, name: string): string => `${OVL_I(dir).lower === '/' ? '' : OVL_I(dir).lower}/${name}`;

function ovl_lookup(dir: inode, dentry: dentry): Result<inode | null> {
  if (!OVL_I(dir).has_lower) return null;
  const fs = OVL_FS(dir.i_sb);
  const lower = lower_path(dir, dentry.d_name);
  const stat = ports().files.lstat(fs.root, lower);
  if (stat === 'pending') return block_on_host();
  if (typeof stat === 'number') return stat === ENOENT.number || stat === ENOTDIR.number ? null : host_errno(stat, `to look up ${lower}`);
  if (stat.nlink < 2 || S_ISDIR(stat.mode)) return ovl_get_inode(dir.i_sb, stat, lower);
  const key = `${stat.dev}:${stat.ino}`;
  const known = fs.inodes.get(key);
  if (known) return known;
  const made = ovl_get_inode(dir.i_sb, stat, lower);
  fs.inodes.set(key, made);
  return made;
}

function ovl_get_link(inode: inode): Result<string> {
  if (inode.i_link !== '' || !OVL_I(inode).has_lower) return inode.i_link;
  const target = ports().files.readlink(OVL_FS(inode.i_sb).root, OVL_I(inode).lower);
  if (target === 'pending') return block_on_host();
  if (typeof target === 'number') return host_errno(target, `to read the link ${OVL_I(inode).lower}`);
  inode.i_link = target;
  return target;
}

function ovl_read_folio(mapping: address_space, index: number): Errno | Block | null {
  const inode = mapping.host;
  const info = inode ? OVL_I(inode) : null;
  if (!inode || !info || index * PAGE_SIZE >= info.lower_size) {
    const page = filemap_add_page(mapping, index);
    return failed(page) ? page : null;
  }
  const first = index - index % READAHEAD_PAGES;
  const start = first * PAGE_SIZE;
  const bytes = ports().files.read(OVL_FS(inode.i_sb).root, info.lower, start, Math.min(READAHEAD_PAGES * PAGE_SIZE, info.lower_size - start));
  if (bytes === 'pending') return block_on_host();
  if (typeof bytes === 'number') return host_errno(bytes, `to read ${info.lower}`);
  for (let i = 0; i * PAGE_SIZE < bytes.length || first + i <= index; i++) {
    if (mapping.i_pages.has(first + i)) continue;
    const page = filemap_add_page(mapping, first + i);
    if (failed(page)) return mapping.i_pages.has(index) ? null : page;
    const part = bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE);
    if (part.length > 0) ports().phys.writeBytes(page, part);
  }
  return null;
}

function ovl_iterate(file: file): Result<dir_entry[]> {
  const dir = file.f_inode;
  const children = file.f_path.dentry.d_children;
  const entries: dir_entry[] = [];
  const listed = new Set<string>();
  if (OVL_I(dir).has_lower) {
    const names = ports().files.readdir(OVL_FS(dir.i_sb).root, OVL_I(dir).lower);
    if (names === 'pending') return block_on_host();
    if (typeof names === 'number') return host_errno(names, `to list ${OVL_I(dir).lower}`);
    for (const lower of names) {
      const above = children.get(lower.name);
      listed.add(lower.name);
      if (!above) entries.push({ name: lower.name, ino: lower.ino, type: lower.type });
      else if (above.d_inode) entries.push({ name: lower.name, ino: above.d_inode.i_ino, type: fs_umode_to_dtype(above.d_inode.i_mode) });
    }
  }
  for (const child of children.values()) {
    if (child.d_inode && !listed.has(child.d_name)) entries.push({ name: child.d_name, ino: child.d_inode.i_ino, type: fs_umode_to_dtype(child.d_inode.i_mode) });
  }
  return entries;
}

function ovl_mknod(dir: inode, _dentry: dentry, mode: number, dev: number): inode {
  const inode = ovl_new_inode(dir.i_sb, dir, mode, dev);
  simple_added(dir, inode);
  return inode;
}

function ovl_symlink(dir: inode, dentry: dentry, target: string): inode {
  const inode = ovl_mknod(dir, dentry, S_IFLNK | 0o777, 0);
  inode.i_link = target;
  inode.i_size = target.length;
  return inode;
}

/** ENOTEMPTY when the host's list has a name that was never looked up or removed; names in memory are the caller's to check. */
function ovl_check_lower_empty(dentry: dentry): Errno | Block | null {
  const dir = dentry.d_inode;
  if (!dir || !S_ISDIR(dir.i_mode) || !OVL_I(dir).has_lower) return null;
  const names = ports().files.readdir(OVL_FS(dir.i_sb).root, OVL_I(dir).lower);
  if (names === 'pending') return block_on_host();
  if (typeof names === 'number') return host_errno(names, `to list ${OVL_I(dir).lower}`);
  for (const { name } of names) {
    if (dentry.d_children.has(name)) continue;
    return ENOTEMPTY.because(`the directory has the entry '${name}'`);
  }
  return null;
}

function ovl_rmdir(dir: inode, dentry: dentry): Errno | Block | null {
  return ovl_check_lower_empty(dentry) ?? simple_rmdir(dir, dentry, OVL_I(dir).has_lower);
}

function ovl_rename(old_dir: inode, old_dentry: dentry, new_dir: inode, new_dentry: dentry, flags: number): Errno | Block | null {
  const refused = new_dentry.d_inode && flags === 0 ? ovl_check_lower_empty(new_dentry) : null;
  return refused ?? simple_rename(old_dir, old_dentry, new_dir, new_dentry, flags, OVL_I(old_dir).has_lower);
}

function ovl_setattr(inode: inode, size: number | null): null {
  if (size === null || !S_ISREG(inode.i_mode) || !inode.i_mapping) return null;
  const info = OVL_I(inode);
  info.lower_size = Math.min(info.lower_size, size);
  if (size < inode.i_size) truncate_pagecache(inode.i_mapping, size);
  else pagecache_isize_extended(inode.i_mapping, inode.i_size);
  inode.i_size = size;
  update_blocks(inode);
  file_update_time(inode);
  return null;
}

function ovl_evict_inode(inode: inode): void {
  charge('inode_evict');
  if (inode.i_mapping) truncate_inode_pages(inode.i_mapping);
}

const ovl_aops = ops('ovl_aops', {
  name: 'ovl_aops', read_folio: ovl_read_folio,
  is_lower: (mapping: address_space, index: number): boolean => mapping.host !== null && index * PAGE_SIZE < OVL_I(mapping.host).lower_size,
});
/** As ext4: ranges may be taken out and put in, in whole blocks. Linux: fs/ext4/extents.c:ext4_collapse_range(), ext4_insert_range() */
function ovl_fallocate(file: file, mode: number, offset: number, length: number): Result<number> {
  const isCollapse = (mode & FALLOC_FL_COLLAPSE_RANGE) !== 0;
  if (!isCollapse && !(mode & FALLOC_FL_INSERT_RANGE)) return generic_fallocate(file, mode, offset, length);
  const inode = file.f_inode, size = inode.i_size;
  if (offset % PAGE_SIZE !== 0 || length % PAGE_SIZE !== 0) return EINVAL.because('the range is not one of whole blocks');
  if (isCollapse ? offset + length >= size : offset >= size) return EINVAL.because('the range reaches the end of the file');
  if (!isCollapse && size + length > MAX_LFS_FILESIZE) return EFBIG.because('the file would be too large');
  const moved = move_pages(inode, isCollapse ? offset + length : offset, isCollapse ? offset : offset + length, size);
  if (failed(moved)) return moved;
  const refused = isCollapse ? ovl_setattr(inode, size - length) : null;
  if (!isCollapse) {
    inode.i_size = size + length;
    const zeroed = zero_range(inode, offset, offset + length);
    if (failed(zeroed)) return zeroed;
    update_blocks(inode);
    file_update_time(inode);
  }
  return refused ?? 0;
}

const ovl_file_operations = ops('ovl_file_operations', {
  name: 'ovl_file_operations', llseek: generic_file_llseek, read_iter: generic_file_read_iter, write_iter: generic_file_write_iter, mmap: generic_file_mmap, fsync: noop_fsync, fallocate: ovl_fallocate,
});
const ovl_dir_operations = ops('ovl_dir_operations', { name: 'ovl_dir_operations', llseek: dcache_dir_lseek, iterate: ovl_iterate, fsync: noop_fsync });
const ovl_file_inode_operations = ops('ovl_file_inode_operations', { name: 'ovl_file_inode_operations', setattr: ovl_setattr });
const ovl_symlink_inode_operations = ops('ovl_symlink_inode_operations', { name: 'ovl_symlink_inode_operations', get_link: ovl_get_link });
const ovl_dir_inode_operations = ops('ovl_dir_inode_operations', {
  name: 'ovl_dir_inode_operations', lookup: ovl_lookup, mknod: ovl_mknod, symlink: ovl_symlink, rmdir: ovl_rmdir, rename: ovl_rename,
  create: (dir: inode, dentry: dentry, mode: number): inode => ovl_mknod(dir, dentry, mode, 0),
  mkdir: (dir: inode, dentry: dentry, mode: number): inode => ovl_mknod(dir, dentry, S_IFDIR | mode, 0),
  link: (inode: inode, dir: inode): null => simple_link(inode, dir),
  unlink: (dir: inode, dentry: dentry): null => simple_unlink(dir, dentry, OVL_I(dir).has_lower),
  tmpfile: (dir: inode, mode: number): inode => {
    const inode = ovl_new_inode(dir.i_sb, dir, S_IFREG | (mode & 0o7777), 0);
    inode.i_nlink = 0;
    return inode;
  },
});
const ovl_super_operations = ops('ovl_super_operations', { name: 'ovl_super_operations', evict_inode: ovl_evict_inode, show_options: (): string => '' });

/** The root of everything. `root`: the host root that the ports know; null: an empty tree in memory. Linux: fs/overlayfs/super.c:ovl_fill_super() */
export function ovl_fill_super(root: string | null): Result<super_block> {
  const sb = alloc_super('overlay', OVERLAYFS_SUPER_MAGIC, ovl_super_operations);
  sb.s_next_ino = 0x1000000;
  sb.s_fs_info = ovl_fs.make({ root: root ?? '', has_lower: root !== null });
  if (root === null) {
    sb.s_root = d_make_root(sb, ovl_new_inode(sb, null, S_IFDIR | 0o755, 0));
    return sb;
  }
  const stat = ports().files.lstat(root, '/');
  if (stat === 'pending') return block_on_host();
  if (typeof stat === 'number') return host_errno(stat, 'to look at its root');
  sb.s_root = d_make_root(sb, ovl_get_inode(sb, stat, '/'));
  return sb;
}

/** A file that the guest made or changed. */
export interface written_file { path: string; inode: inode }

/** Every regular file below `at` whose contents are not the host's. */
export function collect_written_files(at: dentry, path = ''): written_file[] {
  const found: written_file[] = [];
  for (const child of at.d_children.values()) {
    const inode = child.d_inode;
    if (!inode) continue;
    const name = `${path}/${child.d_name}`;
    if (S_ISDIR(inode.i_mode)) found.push(...collect_written_files(child, name));
    else if (S_ISREG(inode.i_mode) && is_written(inode)) found.push({ path: name, inode });
  }
  return found;
}

function is_written(inode: inode): boolean {
  const info = OVL_I(inode);
  return !info.has_lower || info.lower_size !== info.lower_size_at_start || inode.i_size !== info.lower_size_at_start || (inode.i_mapping?.dirty.size ?? 0) > 0;
}
