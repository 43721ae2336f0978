// Names in memory: dentries. Linux: fs/dcache.c.
// A directory in memory is its dentry's d_children; a negative dentry stands there only as a whiteout that hides a lower file.
import { dentry as dentry_type, type dentry, type inode, type path, type super_block } from './types';

/** A dentry that is not in its directory yet. */
export function d_alloc(parent: dentry, name: string): dentry {
  return dentry_type.make({ d_name: name, d_parent: parent, d_sb: parent.d_sb, d_op: null });
}

/** The root of a file system. */
export function d_make_root(sb: super_block, inode: inode): dentry {
  return dentry_type.make({ d_name: '/', d_sb: sb, d_inode: inode, d_op: null });
}

/** The dentry gets its inode and its place in the directory. Linux: fs/dcache.c:d_add(), d_instantiate() */
export function d_add(dentry: dentry, inode: inode | null): void {
  dentry.d_inode = inode;
  dentry.d_unhashed = false;
  dentry.d_parent?.d_children.set(dentry.d_name, dentry);
}

/** The name is gone; open files keep the dentry. */
export function d_drop(dentry: dentry): void {
  dentry.d_unhashed = true;
  const siblings = dentry.d_parent?.d_children;
  if (siblings && siblings.get(dentry.d_name) === dentry) siblings.delete(dentry.d_name);
}

/** The name is gone and hides what lies below. */
export function d_whiteout(dentry: dentry): void {
  d_drop(dentry);
  const { d_parent } = dentry;
  if (d_parent) d_add(d_alloc(d_parent, dentry.d_name), null);
}

/** `dentry` takes the place of `target`. Linux: fs/dcache.c:d_move() */
export function d_move(dentry: dentry, target: dentry): void {
  d_drop(dentry);
  if (target.d_inode && !target.d_unhashed) d_drop(target);
  dentry.d_parent = target.d_parent;
  dentry.d_name = target.d_name;
  d_add(dentry, dentry.d_inode);
}

/** Both keep their inodes and change places. */
export function d_exchange(a: dentry, b: dentry): void {
  const { d_parent: parent, d_name: name } = a;
  a.d_parent = b.d_parent;
  a.d_name = b.d_name;
  b.d_parent = parent;
  b.d_name = name;
  d_add(a, a.d_inode);
  d_add(b, b.d_inode);
}

/** True when `child` is `ancestor` or below it, within one file system. */
export function is_subdir(child: dentry, ancestor: dentry): boolean {
  for (let at: dentry | null = child; at; at = at.d_parent) if (at === ancestor) return true;
  return false;
}

export function same_path(a: path, b: path): boolean {
  return a.mnt === b.mnt && a.dentry === b.dentry;
}
