// F_NOTIFY: a signal when something happens to the names of a directory or to what stands in it. Linux: fs/notify/dnotify/dnotify.c.
import type { iflags_t, int, uflags_t } from '../../../../abi/c_types';
import { ENOTDIR } from '../../../../abi/errno';
import { DN_ACCESS, DN_ATTRIB, DN_CREATE, DN_DELETE, DN_MODIFY, DN_MULTISHOT, DN_RENAME } from '../../../../abi/fcntl';
import { IN_ACCESS, IN_ATTRIB, IN_CREATE, IN_DELETE, IN_ISDIR, IN_MODIFY, IN_MOVED_FROM, IN_MOVED_TO } from '../../../../abi/fs';
import { POLL_MSG } from '../../../../abi/signal';
import { S_ISDIR } from '../../../../abi/stat';
import type { task_struct } from '../../../kernel/types';
import { f, kobject, ops, type Instance } from '../../../kobject';
import { f_setown_if_none, send_sigio } from '../../fasync';
import { file_release_hooks } from '../../file';
import { FS_RENAME, fsnotify_add_mark, fsnotify_destroy_mark, fsnotify_group, type fsnotify_mark } from '../fsnotify';
import type { file, files_struct, Result } from '../../types';

/** One descriptor that asked. The group of its mark has this for its own. */
export const dnotify_struct = kobject('dnotify_struct', { dn_mask: f.hex, dn_fd: f.s32, dn_filp: f.ptr<file>('file'), dn_owner: f.ptr<files_struct>('files_struct') });
export interface dnotify_struct extends Instance<typeof dnotify_struct> {}

const dnotify_fsnotify_ops = ops('dnotify_fsnotify_ops', {
  name: 'dnotify_fsnotify_ops',
  handle_inode_event(mark: fsnotify_mark, mask: uflags_t, name: string | null): void {
    const dn = mark.group.private as dnotify_struct;
    // What happens to the directory itself counts only where it says that it is one.
    if (name === null && !(mask & IN_ISDIR)) return;
    if (dn.dn_filp) send_sigio(dn.dn_filp, dn.dn_fd, POLL_MSG);
    if (!(dn.dn_mask & DN_MULTISHOT)) fsnotify_destroy_mark(mark);
  },
  freeing_mark(): void { /* Nobody reads of it. */ },
});

const EVENTS: readonly (readonly [uflags_t, uflags_t])[] = [
  [DN_DELETE, IN_DELETE | IN_MOVED_FROM], [DN_MODIFY, IN_MODIFY], [DN_ACCESS, IN_ACCESS], [DN_ATTRIB, IN_ATTRIB], [DN_RENAME, FS_RENAME], [DN_CREATE, IN_CREATE | IN_MOVED_TO],
];

const marks_of = (file: file): fsnotify_mark[] =>
  file.f_inode.i_fsnotify_marks.filter(({ group }) => group.ops === dnotify_fsnotify_ops && (group.private as dnotify_struct).dn_filp === file);

/** F_NOTIFY with no events, and a close: the description asks no more. Linux: dnotify_flush() */
function dnotify_flush(file: file, owner: files_struct): void {
  for (const mark of marks_of(file)) if ((mark.group.private as dnotify_struct).dn_owner === owner) fsnotify_destroy_mark(mark);
}

file_release_hooks.dnotify_flush = dnotify_flush;

export function fcntl_dirnotify(task: task_struct, fd: int, file: file, arg: iflags_t): Result<int> {
  const owner = task.files;
  if ((arg & ~DN_MULTISHOT) === 0 || !owner) {
    if (owner) dnotify_flush(file, owner);
    return 0;
  }
  if (!S_ISDIR(file.f_inode.i_mode)) return ENOTDIR.because('F_NOTIFY is for directories');
  const events = EVENTS.reduce((mask, [asked, told]) => arg & asked ? mask | told : mask, 0), [mark] = marks_of(file);
  if (mark) {
    mark.mask |= events;
    const dn = mark.group.private as dnotify_struct;
    dn.dn_mask |= arg;
    dn.dn_fd = fd;
  } else {
    const dn = dnotify_struct.make({ dn_mask: arg, dn_fd: fd, dn_filp: file, dn_owner: owner });
    fsnotify_add_mark(fsnotify_group.make({ ops: dnotify_fsnotify_ops, private: dn }), file.f_inode, events, -1);
  }
  f_setown_if_none(task, file);
  return 0;
}
