// What file systems in memory share: names that stand only in dentries, seeking, moving bytes through the page cache. Linux: fs/libfs.c, fs/read_write.c:generic_file_llseek().
import { EEXIST, EINVAL, ENOTEMPTY, ENXIO, EFBIG, type Errno } from '../../abi/errno';
import { RENAME_EXCHANGE } from '../../abi/fcntl';
import { SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET } from '../../abi/fs';
import { DT_BLK, DT_CHR, DT_DIR, DT_FIFO, DT_LNK, DT_REG, DT_SOCK, DT_UNKNOWN, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK, S_ISDIR } from '../../abi/stat';
import { filemap_read, filemap_write } from '../mm/filemap';
import { d_add, d_alloc, d_drop, d_exchange, d_move, d_whiteout } from './dcache';
import { PAGE_SIZE } from '../mm/types';
import { current_time, file_remove_privs, file_update_time, touch_atime } from './inode';
import { iov_iter_truncate, type iov_iter } from './iov_iter';
import { RLIMIT_FSIZE, RLIM64_INFINITY } from '../../abi/resource';
import { current } from '../state';
import { send_sig, SIGXFSZ } from './signals';
import type { dentry, dir_entry, file, inode, Result } from './types';

/** As ext4 with blocks of 4096 has it. */
export const MAX_LFS_FILESIZE = 0xffffffff000;

const dirent_types = new Map([[S_IFSOCK, DT_SOCK], [S_IFLNK, DT_LNK], [S_IFREG, DT_REG], [S_IFBLK, DT_BLK], [S_IFDIR, DT_DIR], [S_IFCHR, DT_CHR], [S_IFIFO, DT_FIFO]]);

export function fs_umode_to_dtype(mode: number): number {
  return dirent_types.get(mode & S_IFMT) ?? DT_UNKNOWN;
}

export function generic_file_llseek(file: file, offset: number, whence: number): Result<number> {
  const { i_size } = file.f_inode;
  let to = offset;
  switch (whence) {
    case SEEK_SET:
      break;
    case SEEK_CUR:
      to = file.f_pos + offset;
      break;
    case SEEK_END:
      to = i_size + offset;
      break;
    case SEEK_DATA:
    case SEEK_HOLE:
      if (offset < 0 || offset >= i_size) return ENXIO.because(`offset ${offset} is not below the file's size ${i_size}`);
      to = mapping_seek(file.f_inode, offset, whence === SEEK_DATA);
      if (to < 0) return ENXIO.because('no data follows');
      break;
    default:
      return EINVAL.because(`whence ${whence} is not known`);
  }
  if (to < 0) return EINVAL.because(`the position would be ${to}`);
  if (to > MAX_LFS_FILESIZE) return EINVAL.because('the position is past the largest file');
  file.f_pos = to;
  return to;
}

/** Files that are written when they are read have no end to count from. Linux: fs/seq_file.c:seq_lseek() */
export function seq_lseek(file: file, offset: number, whence: number): Result<number> {
  return whence === SEEK_SET || whence === SEEK_CUR ? generic_file_llseek(file, offset, whence) : EINVAL.because('the file has no end to count from');
}

/** Files without a place that programs seek in all the same. Linux: fs/read_write.c:noop_llseek() */
export const noop_llseek = (file: file): number => file.f_pos;

/** The next data or hole at or after `offset`; -1: no data. Linux: mm/filemap.c:mapping_seek_hole_data() */
function mapping_seek(inode: inode, offset: number, wantsData: boolean): number {
  const mapping = inode.i_mapping;
  if (!mapping) return wantsData ? offset : inode.i_size;
  const end = Math.ceil(inode.i_size / PAGE_SIZE);
  for (let index = Math.floor(offset / PAGE_SIZE); index < end; index++) {
    const isData = mapping.dirty.has(index) || (mapping.a_ops.is_lower?.(mapping, index) ?? false);
    if (isData === wantsData) return Math.max(offset, index * PAGE_SIZE);
  }
  return wantsData ? -1 : inode.i_size;
}

export function generic_file_read_iter(file: file, to: iov_iter, pos: number): Result<number> {
  const done = filemap_read(file, to, pos);
  if (typeof done === 'number') touch_atime(file);
  return done;
}

/** RLIMIT_FSIZE of the caller in bytes. */
const file_size_limit = (): number => Number(current().signal.rlim[RLIMIT_FSIZE]?.rlim_cur ?? RLIM64_INFINITY);

function too_big(): Errno {
  send_sig(SIGXFSZ, current());
  return EFBIG.because('RLIMIT_FSIZE allows no larger file');
}

/** Whether a file may become so large. Linux: fs/attr.c:inode_newsize_ok() */
export function inode_newsize_ok(inode: inode, size: number): Errno | null {
  return size > inode.i_size && size > file_size_limit() ? too_big() : null;
}

export function generic_file_write_iter(file: file, from: iov_iter, pos: number): Result<number> {
  if (pos >= MAX_LFS_FILESIZE) return EFBIG.because(`position ${pos} is past the largest file`);
  if (pos >= file_size_limit()) return too_big();
  iov_iter_truncate(from, file_size_limit() - pos);
  file_remove_privs(current(), file.f_inode);
  const written = filemap_write(file, from, pos);
  if (typeof written === 'number' && written > 0) {
    file_update_time(file.f_inode);
    update_blocks(file.f_inode);
  }
  return written;
}

export function update_blocks(inode: inode): void {
  const mapping = inode.i_mapping;
  // A file with a lower part counts as if it had no holes.
  inode.i_blocks = (mapping && !mapping.a_ops.is_lower?.(mapping, 0) ? mapping.dirty.size : Math.ceil(inode.i_size / PAGE_SIZE)) * (PAGE_SIZE / 512);
}

export function noop_fsync(): number {
  return 0;
}

/** The names of a directory that stands only in memory. */
export function dcache_iterate(file: file): dir_entry[] {
  return [...file.f_path.dentry.d_children.values()].flatMap(d => d.d_inode ? [{ name: d.d_name, ino: d.d_inode.i_ino, type: fs_umode_to_dtype(d.d_inode.i_mode) }] : []);
}

export function simple_empty(dentry: dentry): boolean {
  for (const child of dentry.d_children.values()) if (child.d_inode) return false;
  return true;
}

function dir_changed(dir: inode): void {
  file_update_time(dir);
  dir.i_version++;
}

/** A new name was made in `dir`. */
export function simple_added(dir: inode, made: inode): void {
  dir_changed(dir);
  if (S_ISDIR(made.i_mode)) dir.i_nlink++;
}

export function simple_link(inode: inode, dir: inode): null {
  inode.i_nlink++;
  inode.i_ctime = current_time();
  dir_changed(dir);
  return null;
}

/** The name goes; with `hides`, what lies below stays hidden. The inode goes with its last open description. */
export function simple_unlink(dir: inode, dentry: dentry, hides: boolean): null {
  const inode = dentry.d_inode;
  if (hides) d_whiteout(dentry);
  else d_drop(dentry);
  dir_changed(dir);
  if (!inode) return null;
  inode.i_ctime = current_time();
  inode.i_nlink--;
  if (inode.i_nlink === 0 && inode.i_count === 0) inode.i_sb.s_op.evict_inode?.(inode);
  return null;
}

export function simple_rmdir(dir: inode, dentry: dentry, hides: boolean): Errno | null {
  if (!simple_empty(dentry)) return ENOTEMPTY.because(`directory '${dentry.d_name}' has entries`);
  const inode = dentry.d_inode;
  if (inode) inode.i_nlink = 1;
  dir.i_nlink--;
  return simple_unlink(dir, dentry, hides);
}

/** Linux: fs/libfs.c:simple_rename(). The caller has checked types, permissions and emptiness. */
export function simple_rename(old_dir: inode, old_dentry: dentry, new_dir: inode, new_dentry: dentry, flags: number, hides: boolean): Errno | null {
  const moved = old_dentry.d_inode;
  if (!moved) return EEXIST.because('there is nothing to rename');
  const isDirectory = S_ISDIR(moved.i_mode);
  const replaced = new_dentry.d_inode;
  if (flags & RENAME_EXCHANGE && replaced) {
    if (old_dir !== new_dir && isDirectory !== S_ISDIR(replaced.i_mode)) {
      old_dir.i_nlink += isDirectory ? -1 : 1;
      new_dir.i_nlink += isDirectory ? 1 : -1;
    }
    d_exchange(old_dentry, new_dentry);
  } else {
    const { d_parent, d_name } = old_dentry;
    if (replaced) {
      if (S_ISDIR(replaced.i_mode)) {
        replaced.i_nlink = 0;
        new_dir.i_nlink--;
      } else {
        replaced.i_nlink--;
      }
      replaced.i_ctime = current_time();
      if (replaced.i_nlink === 0 && replaced.i_count === 0) replaced.i_sb.s_op.evict_inode?.(replaced);
    }
    d_move(old_dentry, new_dentry);
    // The old name may exist below: a whiteout stays behind.
    if (hides && d_parent) d_add(d_alloc(d_parent, d_name), null);
    if (isDirectory && old_dir !== new_dir) {
      old_dir.i_nlink--;
      new_dir.i_nlink++;
    }
  }
  moved.i_ctime = current_time();
  dir_changed(old_dir);
  if (new_dir !== old_dir) dir_changed(new_dir);
  return null;
}

/** Positions of a directory are the numbers of its entries. Linux: fs/libfs.c:dcache_dir_lseek() */
export function dcache_dir_lseek(file: file, offset: number, whence: number): Result<number> {
  if (whence !== SEEK_SET && whence !== SEEK_CUR) return EINVAL.because('a directory is sought from its start or position only');
  const to = whence === SEEK_CUR ? file.f_pos + offset : offset;
  if (to < 0) return EINVAL.because(`the position would be ${to}`);
  file.f_pos = to;
  return to;
}
