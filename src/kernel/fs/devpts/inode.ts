// devpts: a name for each pseudo-terminal. Linux: fs/devpts/inode.c.
import { DEVPTS_SUPER_MAGIC } from '../../../abi/fs';
import { makedev, S_IFCHR, S_IFDIR } from '../../../abi/stat';
import { ops } from '../../kobject';
import { current, kernel } from '../../state';
import { d_add, d_alloc, d_drop, d_make_root } from '../dcache';
import { new_inode } from '../inode';
import { dcache_dir_lseek, dcache_iterate } from '../libfs';
import { alloc_super, vfs_mount } from '../super';
import { MNT_NOEXEC, MNT_NOSUID, MNT_RELATIME, type file_operations, type inode_operations, type mount, type path, type super_block } from '../types';

/** Group tty on Debian. */
const GID_TTY = 5;
const devpts_inode_operations = ops<inode_operations>('devpts_inode_operations', { name: 'devpts_inode_operations' });
const devpts_dir_operations = ops<file_operations>('devpts_dir_operations', { name: 'devpts_dir_operations', llseek: dcache_dir_lseek, iterate: dcache_iterate });
const devpts_super_operations = ops('devpts_super_operations', { name: 'devpts_super_operations', show_options: (): string => `gid=${GID_TTY},mode=620,ptmxmode=666` });

/** The one instance; null before boot. */
export function devpts_mount(): mount | null {
  return kernel.mounts.find(mnt => mnt.mnt_sb.s_type === 'devpts') ?? null;
}

function devpts_add(sb: super_block, name: string, ino: number, mode: number, uid: number, gid: number, rdev: number): void {
  if (!sb.s_root) return;
  const dentry = d_alloc(sb.s_root, name);
  d_add(dentry, new_inode(sb, { mode, uid, gid, rdev, ino, i_op: devpts_inode_operations, i_fop: devpts_dir_operations }));
}

export function mount_devpts(at: path): mount {
  const sb = alloc_super('devpts', DEVPTS_SUPER_MAGIC, devpts_super_operations);
  sb.s_blocksize = 1024;
  const root = new_inode(sb, { mode: S_IFDIR | 0o755, uid: 0, gid: 0, ino: 1, i_op: devpts_inode_operations, i_fop: devpts_dir_operations });
  sb.s_root = d_make_root(sb, root);
  devpts_add(sb, 'ptmx', 2, S_IFCHR | 0o666, 0, 0, makedev(5, 2));
  return vfs_mount(sb, sb.s_root, at, 'devpts', MNT_NOSUID | MNT_NOEXEC | MNT_RELATIME);
}

/** Linux: fs/devpts/inode.c:devpts_pty_new() */
export function devpts_pty_new(index: number, rdev: number): void {
  const mnt = devpts_mount();
  if (mnt) devpts_add(mnt.mnt_sb, String(index), index + 3, S_IFCHR | 0o620, current().cred.fsuid, GID_TTY, rdev);
}

export function devpts_pty_kill(index: number): void {
  const dentry = devpts_mount()?.mnt_root.d_children.get(String(index));
  if (!dentry) return;
  d_drop(dentry);
  if (dentry.d_inode) dentry.d_inode.i_nlink = 0;
}
