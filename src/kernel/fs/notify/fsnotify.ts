// What happens to files, told to those who watch: the marks on an inode and on its directory. Linux: fs/notify/fsnotify.c, include/linux/fsnotify.h.
// Not here: what a watcher keeps of it (inotify/inotify_user.ts).
import { IN_ACCESS, IN_ATTRIB, IN_CLOSE_NOWRITE, IN_CLOSE_WRITE, IN_CREATE, IN_DELETE, IN_DELETE_SELF, IN_ISDIR, IN_MODIFY, IN_MOVED_FROM, IN_MOVED_TO, IN_MOVE_SELF, IN_OPEN } from '../../../abi/fs';
import { S_ISDIR } from '../../../abi/stat';
import { f, kobject, type Instance, type KObject } from '../../kobject';
import { kernel } from '../../state';
import type { fasync_struct } from '../fasync';
import { FMODE_PATH, FMODE_WRITE, type dentry, type file, type inode, type Result } from '../types';

/** One inode watched by one group. Linux: include/linux/fsnotify_backend.h:struct fsnotify_mark */
export const fsnotify_mark = kobject('fsnotify_mark', { group: f.ref<fsnotify_group>('fsnotify_group'), inode: f.ref<inode>('inode'), mask: f.hex, wd: f.s32 });
export interface fsnotify_mark extends Instance<typeof fsnotify_mark> {}

/** What a group does with an event: a leaf known by name. */
export interface fsnotify_ops { readonly name: string; handle_inode_event(mark: fsnotify_mark, mask: number, name: string | null, cookie: number): void; freeing_mark(mark: fsnotify_mark): void }

/** Whoever watches: an inotify instance. */
export const fsnotify_group = kobject('fsnotify_group', { ops: f.ops<fsnotify_ops>('fsnotify_ops'), marks: f.list(f.ref<fsnotify_mark>('fsnotify_mark')), private: f.ptr<KObject>('void'), fsn_fa: f.list(f.ref<fasync_struct>('fasync_struct')) });
export interface fsnotify_group extends Instance<typeof fsnotify_group> {}

/** A name in a directory became another: told to dnotify only. */
export const FS_RENAME = 0x10000000;

function send(inode: inode, mask: number, name: string | null, cookie: number): void {
  for (const mark of inode.i_fsnotify_marks.slice()) if (mark.mask & mask & ~IN_ISDIR) mark.group.ops.handle_inode_event(mark, mask, name, cookie);
}

/** Something happened to the file behind a name: told to the watchers of its directory, with the name, and to its own. Linux: __fsnotify_parent() */
function notify_dentry(dentry: dentry, event: number): void {
  const inode = dentry.d_inode;
  if (!inode || kernel.fsnotify_marks === 0) return;
  const mask = event | (S_ISDIR(inode.i_mode) ? IN_ISDIR : 0);
  const parent = dentry.d_parent?.d_inode;
  if (parent && parent !== inode) send(parent, mask, dentry.d_name, 0);
  send(inode, mask, null, 0);
}

function notify_file(file: file, mask: number): void {
  if ((file.f_mode & FMODE_PATH) === 0) notify_dentry(file.f_path.dentry, mask);
}

export const fsnotify_access = (file: file): void => notify_file(file, IN_ACCESS);
export const fsnotify_modify = (file: file): void => notify_file(file, IN_MODIFY);
export const fsnotify_open = (file: file): void => notify_file(file, IN_OPEN);
export const fsnotify_close = (file: file): void => notify_file(file, file.f_mode & FMODE_WRITE ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);

/** After a call that changes a file: tells of it where it went well, and gives its result. Linux: fsnotify_change() */
export function told_change(dentry: dentry, event: number, result: Result<number>): Result<number> {
  if (result === 0 && event !== 0) notify_dentry(dentry, event);
  return result;
}

/** A new name in `dir`. */
export function fsnotify_create(dir: inode, dentry: dentry): void {
  if (kernel.fsnotify_marks > 0) send(dir, IN_CREATE | (dentry.d_inode && S_ISDIR(dentry.d_inode.i_mode) ? IN_ISDIR : 0), dentry.d_name, 0);
}

/** A second name for an inode: its number of links changed, then the name is new. */
export function fsnotify_link(dir: inode, inode: inode, dentry: dentry): void {
  if (kernel.fsnotify_marks === 0) return;
  send(inode, IN_ATTRIB, null, 0);
  send(dir, IN_CREATE, dentry.d_name, 0);
}

/** A name was removed. The inode's end is told by fsnotify_inoderemove(). */
export function fsnotify_delete(dir: inode, inode: inode, name: string): void {
  if (kernel.fsnotify_marks === 0) return;
  if (!S_ISDIR(inode.i_mode)) send(inode, IN_ATTRIB, null, 0);
  if (inode.i_nlink === 0 && inode.i_count === 0 || S_ISDIR(inode.i_mode)) fsnotify_inoderemove(inode);
  send(dir, IN_DELETE | (S_ISDIR(inode.i_mode) ? IN_ISDIR : 0), name, 0);
}

/** The inode is gone, with all that watch it. */
export function fsnotify_inoderemove(inode: inode): void {
  if (inode.i_fsnotify_marks.length === 0) return;
  send(inode, IN_DELETE_SELF | (S_ISDIR(inode.i_mode) ? IN_ISDIR : 0), null, 0);
  for (const mark of inode.i_fsnotify_marks.slice()) fsnotify_destroy_mark(mark);
}

/** `replaced`: what had the new name before. Linux: fsnotify_move() */
export function fsnotify_move(old_dir: inode, new_dir: inode, old_name: string, new_name: string, moved: inode, replaced: inode | null): void {
  if (kernel.fsnotify_marks === 0) return;
  const isDir = S_ISDIR(moved.i_mode) ? IN_ISDIR : 0;
  kernel.fsnotify_cookie++;
  send(old_dir, FS_RENAME | isDir, old_name, 0);
  send(old_dir, IN_MOVED_FROM | isDir, old_name, kernel.fsnotify_cookie);
  send(new_dir, IN_MOVED_TO | isDir, new_name, kernel.fsnotify_cookie);
  if (replaced) send(replaced, IN_ATTRIB | (S_ISDIR(replaced.i_mode) ? IN_ISDIR : 0), null, 0);
  send(moved, IN_MOVE_SELF | isDir, null, 0);
  if (replaced && (replaced.i_nlink === 0 && replaced.i_count === 0 || S_ISDIR(replaced.i_mode))) fsnotify_inoderemove(replaced);
}

export function fsnotify_add_mark(group: fsnotify_group, inode: inode, mask: number, wd: number): fsnotify_mark {
  const mark = fsnotify_mark.make({ group, inode, mask, wd });
  group.marks.push(mark);
  inode.i_fsnotify_marks.push(mark);
  kernel.fsnotify_marks++;
  return mark;
}

export function fsnotify_destroy_mark(mark: fsnotify_mark): void {
  const i = mark.inode.i_fsnotify_marks.indexOf(mark), k = mark.group.marks.indexOf(mark);
  if (i < 0 || k < 0) return;
  mark.inode.i_fsnotify_marks.splice(i, 1);
  mark.group.marks.splice(k, 1);
  kernel.fsnotify_marks--;
  mark.group.ops.freeing_mark(mark);
}
