// Control messages: descriptors and credentials that travel with data. Linux: net/core/scm.c.
import { EBADF, EINVAL, EPERM, ETOOMANYREFS } from '../../../abi/errno';
import { MSG_CMSG_CLOEXEC, MSG_CTRUNC, SCM_CREDENTIALS, SCM_MAX_FD, SCM_RIGHTS, SOL_SOCKET } from '../../../abi/socket';
import { fd_install, files_lookup_fd, fput, get_file, get_unused_fd, task_files } from '../../fs/file';
import { CAP_SYS_ADMIN, capable } from '../../fs/inode';
import type { file, Result } from '../../fs/types';
import { task_mm } from '../../fs/uio';
import type { task_struct } from '../../kernel/types';
import { copy_from_user, copy_to_user } from '../../mm/uaccess';
import { failed } from '../../result';
import { kernel } from '../../state';
import type { control_buffer, msghdr, scm_cookie } from '../types';

const CMSG_HEADER = 16, CAP_SETGID = 6, CAP_SETUID = 7;
const align = (length: number): number => Math.ceil(length / 8) * 8;

/** What a caller of sendmsg has put into msg_control. The files are held until scm_destroy() or until a buffer takes them over. */
export function scm_send(task: task_struct, address: number, length: number): Result<scm_cookie> {
  const cookie: scm_cookie = { fp: [], creds: null };
  const bytes = copy_from_user(task_mm(task), address, length);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + CMSG_HEADER <= length;) {
    const size = Number(view.getBigUint64(at, true)), level = view.getInt32(at + 8, true), type = view.getInt32(at + 12, true);
    if (size < CMSG_HEADER || size > length - at) return refuse(cookie, EINVAL.because('a control message is longer than msg_control, or shorter than its header'));
    if (level === SOL_SOCKET) {
      const taken = type === SCM_RIGHTS ? scm_rights(task, cookie, view, at + CMSG_HEADER, at + size) : type === SCM_CREDENTIALS ? scm_credentials(task, cookie, view, at + CMSG_HEADER, size) : EINVAL.because(`control message type ${type} cannot be sent`);
      if (failed(taken)) return refuse(cookie, taken);
    }
    at += align(size);
  }
  return cookie;
}

function refuse<E>(cookie: scm_cookie, error: E): E {
  scm_destroy(cookie);
  return error;
}

function scm_rights(task: task_struct, cookie: scm_cookie, view: DataView, from: number, to: number): Result<number> {
  const count = Math.floor((to - from) / 4);
  if (cookie.fp.length + count > SCM_MAX_FD) return EINVAL.because(`more than ${SCM_MAX_FD} descriptors in one message`);
  for (let i = 0; i < count; i++) {
    const fd = view.getInt32(from + i * 4, true);
    const file = fd < 0 ? null : files_lookup_fd(task.files, fd);
    if (!file) return EBADF.because(`descriptor ${fd} of the control message is not open`);
    cookie.fp.push(get_file(file));
  }
  return cookie.fp.length > SCM_MAX_FD ? ETOOMANYREFS.because('too many descriptors are in flight') : 0;
}

/** Linux: net/core/scm.c:scm_check_creds() */
function scm_credentials(task: task_struct, cookie: scm_cookie, view: DataView, at: number, size: number): Result<number> {
  if (size !== CMSG_HEADER + 12) return EINVAL.because('SCM_CREDENTIALS carries a struct ucred');
  const creds = { pid: view.getInt32(at, true), uid: view.getUint32(at + 4, true), gid: view.getUint32(at + 8, true) };
  const { cred } = task;
  const isUid = [cred.uid, cred.euid, cred.suid].includes(creds.uid) || capable(task, CAP_SETUID);
  const isGid = [cred.gid, cred.egid, cred.sgid].includes(creds.gid) || capable(task, CAP_SETGID);
  const isPid = creds.pid === task.tgid || (capable(task, CAP_SYS_ADMIN) && kernel.tasks.has(creds.pid));
  if (!isPid || !isUid || !isGid) return EPERM.because('the credentials are not the sender\'s');
  cookie.creds = creds;
  return 0;
}

export function scm_destroy(cookie: scm_cookie | null): void {
  for (const file of cookie?.fp ?? []) fput(file);
  if (cookie) cookie.fp = [];
}

/** Appends one control message, cut to the room that is left. Linux: net/core/scm.c:put_cmsg() */
export function put_cmsg(task: task_struct, msg: msghdr, level: number, type: number, data: Uint8Array): Result<number> {
  const { control } = msg;
  const room = control ? control.length - control.used : 0;
  if (!control || room < CMSG_HEADER) {
    msg.out_flags |= MSG_CTRUNC;
    return 0;
  }
  const size = Math.min(CMSG_HEADER + data.length, room);
  if (size < CMSG_HEADER + data.length) msg.out_flags |= MSG_CTRUNC;
  return write_cmsg(task, control, level, type, data.subarray(0, size - CMSG_HEADER));
}

function write_cmsg(task: task_struct, control: control_buffer, level: number, type: number, data: Uint8Array): Result<number> {
  const bytes = new Uint8Array(CMSG_HEADER + data.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(bytes.length), true);
  view.setInt32(8, level, true);
  view.setInt32(12, type, true);
  bytes.set(data, CMSG_HEADER);
  const stored = copy_to_user(task_mm(task), control.address + control.used, bytes);
  if (failed(stored)) return stored;
  control.used = Math.min(control.length, control.used + align(bytes.length));
  return 0;
}

/** Gives the receiver descriptors of its own; what finds no room is closed. Takes over the references. Linux: net/core/scm.c:scm_detach_fds() */
export function scm_detach_fds(task: task_struct, msg: msghdr, files: readonly file[]): Result<number> {
  const { control } = msg;
  const room = control ? Math.floor((control.length - control.used - CMSG_HEADER) / 4) : 0;
  const fds: number[] = [];
  for (const file of files) {
    const fd = fds.length < room ? get_unused_fd(task) : null;
    if (typeof fd !== 'number') {
      msg.out_flags |= MSG_CTRUNC;
      fput(file);
      continue;
    }
    fd_install(task_files(task), fd, file, (msg.flags & MSG_CMSG_CLOEXEC) !== 0);
    fds.push(fd);
  }
  return control && fds.length > 0 ? write_cmsg(task, control, SOL_SOCKET, SCM_RIGHTS, new Uint8Array(Int32Array.from(fds).buffer)) : 0;
}
