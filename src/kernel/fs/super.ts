// Superblocks and the tree of mounts. Linux: fs/super.c, fs/namespace.c.
import { EROFS, type Errno } from '../../abi/errno';
import { makedev } from '../../abi/stat';
import { kernel } from '../state';
import { MNT_READONLY, mount as mount_type, super_block, type dentry, type mount, type path, type super_operations } from './types';

/** `minor`: the anonymous device number 0:minor; what is mounted counts up from 20. Linux: fs/super.c:get_anon_bdev() */
export function alloc_super(s_type: string, s_magic: number, s_op: super_operations, minor = 20 + kernel.mounts.length): super_block {
  return super_block.make({ s_id: s_type, s_type, s_magic, s_op, s_dev: makedev(0, minor) });
}

/** A mount that is nowhere yet. Linux: fs/namespace.c:alloc_vfsmnt() */
export function alloc_mount(sb: super_block, root: dentry, devname: string, flags: number): mount {
  return mount_type.make({ mnt_id: 20 + kernel.mounts.length, mnt_root: root, mnt_sb: sb, mnt_devname: devname, mnt_flags: flags });
}

/** Whether files there may be changed. Linux: fs/namespace.c:mnt_want_write() */
export const mnt_want_write = ({ mnt }: path): Errno | null => mnt.mnt_flags & MNT_READONLY ? EROFS.because('the mount is read-only') : null;

/** Puts a mount at a place (null: the root of everything). */
export function attach_mount(mnt: mount, at: path | null): void {
  mnt.mnt_parent = at ? at.mnt : null;
  mnt.mnt_mountpoint = at ? at.dentry : null;
  mnt.is_attached = true;
  if (at) at.dentry.d_mounted++;
  kernel.mounts.push(mnt);
}

/** Takes it from where it is; what is mounted on it stays with it. */
export function detach_mount(mnt: mount): void {
  if (mnt.is_attached) umount_tree(mnt);
  mnt.is_attached = false;
  mnt.mnt_parent = mnt.mnt_mountpoint = null;
}

/** Mounts `sb` at `at` (null: the root of everything). */
export function vfs_mount(sb: super_block, root: dentry, at: path | null, devname: string, flags: number): mount {
  const made = alloc_mount(sb, root, devname, flags);
  attach_mount(made, at);
  return made;
}

/** The mount that covers this place, if there is one. Linux: fs/namespace.c:__lookup_mnt() */
function lookup_mnt(path: path): mount | undefined {
  if (path.dentry.d_mounted === 0) return undefined;
  for (let i = kernel.mounts.length - 1; i >= 0; i--) {
    const m = kernel.mounts[i];
    if (m && m.mnt_parent === path.mnt && m.mnt_mountpoint === path.dentry) return m;
  }
  return undefined;
}

/** Steps onto what is mounted at a place, through all layers. */
export function traverse_mounts(path: path): path {
  let at = path;
  for (let over = lookup_mnt(at); over; over = lookup_mnt(at)) at = { mnt: over, dentry: over.mnt_root };
  return at;
}

/** Takes a mount out of the tree. */
export function umount_tree(mnt: mount): void {
  if (mnt.mnt_mountpoint) mnt.mnt_mountpoint.d_mounted--;
  kernel.mounts = kernel.mounts.filter(m => m !== mnt);
}
