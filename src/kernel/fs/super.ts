// Superblocks and the tree of mounts. Linux: fs/super.c, fs/namespace.c.
import { makedev } from '../../abi/stat';
import { kernel } from '../state';
import { mount as mount_type, super_block, type dentry, type mount, type path, type super_operations } from './types';

/** `minor`: the anonymous device number 0:minor; what is mounted counts up from 20. Linux: fs/super.c:get_anon_bdev() */
export function alloc_super(s_type: string, s_magic: number, s_op: super_operations, minor = 20 + kernel.mounts.length): super_block {
  return super_block.make({ s_id: s_type, s_type, s_magic, s_op, s_dev: makedev(0, minor) });
}

/** Mounts `sb` at `at` (null: the root of everything). */
export function vfs_mount(sb: super_block, root: dentry, at: path | null, devname: string, flags: number): mount {
  const mnt_id = 20 + kernel.mounts.length;
  const made = mount_type.make({ mnt_id, mnt_root: root, mnt_sb: sb, mnt_devname: devname, mnt_flags: flags, mnt_parent: at ? at.mnt : null, mnt_mountpoint: at ? at.dentry : null });
  if (at) at.dentry.d_mounted++;
  kernel.mounts.push(made);
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
