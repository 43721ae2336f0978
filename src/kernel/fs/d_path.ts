// Paths as text: from a place in the tree back to its name. Linux: fs/d_path.c.
import type { task_struct } from '../kernel/types';
import type { dentry, mount, path } from './types';

/** The name from `root` down; '(unreachable)' before it when `path` is not below `root`. */
function prepend_path(path: path, root: path): string {
  let { mnt, dentry }: { mnt: mount; dentry: dentry } = path;
  let text = '';
  while (dentry !== root.dentry || mnt !== root.mnt) {
    if (dentry === mnt.mnt_root) {
      if (!mnt.mnt_parent || !mnt.mnt_mountpoint) {
        if (root.mnt.mnt_parent || root.dentry !== root.mnt.mnt_root) return `(unreachable)${text || '/'}`;
        break;
      }
      dentry = mnt.mnt_mountpoint;
      mnt = mnt.mnt_parent;
      continue;
    }
    text = `/${dentry.d_name}${text}`;
    if (!dentry.d_parent) break;
    dentry = dentry.d_parent;
  }
  return text || '/';
}

/** As /proc/self/fd shows it: with " (deleted)" when the name is gone. */
export function d_path(path: path, root: path): string {
  const special = path.dentry.d_op?.d_dname?.(path.dentry);
  if (special !== undefined) return special;
  const text = prepend_path(path, root);
  return path.dentry.d_unhashed ? `${text} (deleted)` : text;
}

/** The path as the task sees it. */
export function d_path_of(path: path, task: task_struct): string {
  return d_path(path, task.fs ? task.fs.root : path);
}

/** The path within its mount. */
export function dentry_path(dentry: dentry): string {
  let text = '';
  for (let at: dentry | null = dentry; at && at.d_parent; at = at.d_parent) text = `/${at.d_name}${text}`;
  return text || '/';
}
