// Control messages: descriptors and credentials that travel with data. Linux: net/core/scm.c.
import { EBADF, EINVAL, EPERM, ETOOMANYREFS, type Errno } from '../../../abi/errno';
import { AF_INET, AF_INET6, IP_PKTINFO, IP_TOS, IP_TTL, IPPROTO_IP, IPPROTO_IPV6, IPV6_HOPLIMIT, IPV6_PKTINFO, IPV6_TCLASS, MSG_CMSG_CLOEXEC, MSG_CTRUNC, SCM_CREDENTIALS, SCM_MAX_FD, SCM_RIGHTS, SOL_SOCKET } from '../../../abi/socket';
import { fd_install, files_lookup_fd, fput, get_file, get_unused_fd, task_files } from '../../fs/file';
import { CAP_SYS_ADMIN, capable } from '../../fs/inode';
import type { file, Result } from '../../fs/types';
import { task_mm } from '../../fs/uio';
import type { task_struct } from '../../kernel/types';
import { copy_to_user } from '../../mm/uaccess';
import { failed } from '../../result';
import { kernel } from '../../state';
import type { control_buffer, msghdr, scm_cookie } from '../types';

const CMSG_HEADER = 16, COMPAT_CMSG_HEADER = 12, CAP_SETGID = 6, CAP_SETUID = 7;
const align = (length: number): number => Math.ceil(length / 8) * 8;

/** What a caller of sendmsg has put into msg_control. The files are held until scm_destroy() or until a buffer takes them over. */
export function scm_send(task: task_struct, bytes: Uint8Array): Result<scm_cookie> {
  const cookie: scm_cookie = { fp: [], creds: null };
  const { length } = bytes;
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

/** What control messages say of one datagram; -1: nothing. Linux: struct ipcm_cookie, ipcm6_cookie */
export interface ipcm_cookie { ttl: number; tos: number }

function ip_cmsg_send(view: DataView, at: number, length: number, type: number, family: number, ipc: ipcm_cookie): Errno | null {
  const isHops = type === (family === AF_INET ? IP_TTL : IPV6_HOPLIMIT), isTos = type === (family === AF_INET ? IP_TOS : IPV6_TCLASS);
  if (type === (family === AF_INET ? IP_PKTINFO : IPV6_PKTINFO)) return null;
  if (!isHops && !isTos) return EINVAL.because(`control message type ${type} cannot be sent`);
  if (length !== 4 && !(isTos && family === AF_INET && length === 1)) return EINVAL.because('the value of a control message is no int');
  const value = length === 1 ? view.getUint8(at) : view.getInt32(at, true), least = family === AF_INET6 ? -1 : isHops ? 1 : 0;
  if (value < least || value > 255) return EINVAL.because(`${value} is no hop limit or traffic class`);
  if (isHops) ipc.ttl = value; else ipc.tos = value;
  return null;
}

/** Control messages of the internet families are checked, and change nothing here. Linux: net/core/sock.c:sock_cmsg_send(), net/ipv4/ip_sockglue.c:ip_cmsg_send() */
export function sock_cmsg_send(bytes: Uint8Array, family = 0, ipc: ipcm_cookie = { ttl: -1, tos: -1 }): Errno | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), { length } = bytes;
  for (let at = 0; at + CMSG_HEADER <= length;) {
    const size = Number(view.getBigUint64(at, true)), level = view.getInt32(at + 8, true), type = view.getInt32(at + 12, true);
    if (size < CMSG_HEADER || size > length - at) return EINVAL.because('a control message is longer than msg_control, or shorter than its header');
    if (level === SOL_SOCKET && type !== SCM_RIGHTS && type !== SCM_CREDENTIALS) return EINVAL.because(`control message type ${type} cannot be sent`);
    const refused = level === IPPROTO_IP && family === AF_INET || level === IPPROTO_IPV6 && family === AF_INET6 ? ip_cmsg_send(view, at + CMSG_HEADER, size - CMSG_HEADER, type, family, ipc) : null;
    if (refused) return refused;
    at += align(size);
  }
  return null;
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

/** Control messages of i386 as those of x86-64. Linux: net/compat.c:cmsghdr_from_user_compat_to_kern() */
export function cmsgs_from_compat(bytes: Uint8Array): Result<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), parts: Uint8Array[] = [];
  for (let at = 0; at + COMPAT_CMSG_HEADER <= bytes.length;) {
    const size = view.getUint32(at, true);
    if (size < COMPAT_CMSG_HEADER || size > bytes.length - at) return EINVAL.because('a control message is longer than msg_control, or shorter than its header');
    const data = bytes.subarray(at + COMPAT_CMSG_HEADER, at + size), wide = new Uint8Array(align(CMSG_HEADER + data.length)), to = new DataView(wide.buffer);
    to.setBigUint64(0, BigInt(CMSG_HEADER + data.length), true);
    to.setInt32(8, view.getInt32(at + 4, true), true);
    to.setInt32(12, view.getInt32(at + 8, true), true);
    wide.set(data, CMSG_HEADER);
    parts.push(wide);
    at += Math.ceil(size / 4) * 4;
  }
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return parts.length === 0 ? EINVAL.because('msg_control holds no control message') : all;
}

const header_of = ({ isCompat }: control_buffer): number => isCompat ? COMPAT_CMSG_HEADER : CMSG_HEADER;

/** Appends one control message, cut to the room that is left. Linux: net/core/scm.c:put_cmsg(), net/compat.c:put_cmsg_compat() */
export function put_cmsg(task: task_struct, msg: msghdr, level: number, type: number, data: Uint8Array): Result<number> {
  const { control } = msg;
  const room = control ? control.length - control.used : 0;
  if (!control || room < header_of(control)) {
    msg.out_flags |= MSG_CTRUNC;
    return 0;
  }
  const header = header_of(control), size = Math.min(header + data.length, room);
  if (size < header + data.length) msg.out_flags |= MSG_CTRUNC;
  return write_cmsg(task, control, level, type, data.subarray(0, size - header));
}

function write_cmsg(task: task_struct, control: control_buffer, level: number, type: number, data: Uint8Array): Result<number> {
  const header = header_of(control), bytes = new Uint8Array(header + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setInt32(header - 8, level, true);
  view.setInt32(header - 4, type, true);
  bytes.set(data, header);
  const stored = copy_to_user(task_mm(task), control.address + control.used, bytes);
  if (failed(stored)) return stored;
  control.used = Math.min(control.length, control.used + (control.isCompat ? Math.ceil(bytes.length / 4) * 4 : align(bytes.length)));
  return 0;
}

/** Gives the receiver descriptors of its own; what finds no room is closed. Takes over the references. Linux: net/core/scm.c:scm_detach_fds() */
export function scm_detach_fds(task: task_struct, msg: msghdr, files: readonly file[]): Result<number> {
  const { control } = msg;
  const room = control ? Math.floor((control.length - control.used - header_of(control)) / 4) : 0;
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
