// Who is told by a signal that a descriptor is ready: owners (F_SETOWN), lists of descriptors with O_ASYNC, SIGIO and SIGURG. Linux: fs/fcntl.c, include/linux/fs.h.
import type { int, kuid_t, poll_t } from '../../abi/c_types';
import { EINVAL, ESRCH, type Errno } from '../../abi/errno';
import { FASYNC, F_OWNER_PGRP, F_OWNER_PID, F_OWNER_TID } from '../../abi/fcntl';
import { POLLERR, POLLHUP, POLLIN, POLLMSG, POLLOUT, POLLPRI, POLLRDBAND, POLLRDNORM, POLLWRBAND, POLLWRNORM } from '../../abi/poll';
import { POLL_ERR, POLL_HUP, POLL_IN, POLL_MSG, POLL_OUT, POLL_PRI } from '../../abi/signal';
import type { cred, task_struct } from '../kernel/types';
import { f, kobject, type Instance } from '../kobject';
import { kernel } from '../state';
import { send_sig_info } from './signals';
import type { file } from './types';

/** One descriptor that asked for SIGIO, in the list of the object behind it. */
export const fasync_struct = kobject('fasync_struct', { fa_file: f.ptr<file>('file'), fa_fd: f.s32 });
export interface fasync_struct extends Instance<typeof fasync_struct> {}

const SIGIO = 29, SIGURG = 23, SI_SIGIO = -5, SI_KERNEL = 0x80;
/** SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGCHLD, SIGSYS: what si_code says is theirs. Linux: include/linux/signal.h:SIG_SPECIFIC_SICODES_MASK */
const SPECIFIC_SICODES: readonly int[] = [4, 5, 7, 8, 11, 17, 31];
const INT_MIN = -0x80000000;

const BANDS: ReadonlyMap<int, poll_t> = new Map<int, poll_t>([
  [POLL_IN, POLLIN | POLLRDNORM], [POLL_OUT, POLLOUT | POLLWRNORM | POLLWRBAND], [POLL_MSG, POLLIN | POLLRDNORM | POLLMSG], [POLL_ERR, POLLERR], [POLL_PRI, POLLPRI | POLLRDBAND],
  [POLL_HUP, POLLHUP | POLLERR],
]);

// --- owners ------------------------------------------------------------------------------------------------------------------------------------

/** The owner by the number that F_SETOWN takes: a process, or a group as a negative number; 0: nobody. Linux: f_setown() */
export function f_setown(task: task_struct, file: file, who: int): Errno | null {
  if (who === INT_MIN) return EINVAL.because('there is no such process group');
  return __f_setown(task, file, Math.abs(who), who < 0 ? F_OWNER_PGRP : F_OWNER_PID);
}

/** Linux: __f_setown() with force */
export function __f_setown(task: task_struct, file: file, pid: int, type: int): Errno | null {
  if (pid !== 0 && !exists(pid, type)) return ESRCH.because(`there is no ${type === F_OWNER_PGRP ? 'process group' : 'process'} ${pid}`);
  file.f_owner = type === F_OWNER_PGRP ? -pid : pid;
  file.f_owner_type = type;
  file.f_owner_uid = task.cred.uid;
  file.f_owner_euid = task.cred.euid;
  return null;
}

const exists = (pid: int, type: int): boolean => kernel.tasks.has(pid) || type === F_OWNER_PGRP && [...kernel.tasks.values()].some(task => task.signal.pgrp === pid);

/** The caller's process becomes the owner where there is none. */
export function f_setown_if_none(task: task_struct, file: file): void {
  if (file.f_owner === 0) __f_setown(task, file, task.tgid, F_OWNER_PID);
}

function owners(file: file): task_struct[] {
  const pid = Math.abs(file.f_owner);
  if (pid === 0) return [];
  const one = kernel.tasks.get(pid);
  if (file.f_owner_type !== F_OWNER_PGRP) return one && (file.f_owner_type === F_OWNER_TID || one.pid === one.tgid) ? [one] : [];
  return [...kernel.tasks.values()].filter(task => task.pid === task.tgid && task.signal.pgrp === pid);
}

/** Linux: sigio_perm() */
function sigio_perm(file: file, { uid, suid }: cred): boolean {
  const may = (owner: kuid_t): boolean => owner === uid || owner === suid;
  return file.f_owner_euid === 0 || may(file.f_owner_euid) || may(file.f_owner_uid);
}

// --- signals -----------------------------------------------------------------------------------------------------------------------------------

/** Tells the owner why (POLL_IN and its kin): SIGIO, or the signal of F_SETSIG with the descriptor in it. Linux: send_sigio_to_task() */
export function send_sigio(file: file, fd: int, reason: int): void {
  const isGroup = file.f_owner_type !== F_OWNER_TID, signo = file.f_owner_signum;
  for (const task of owners(file)) {
    if (!sigio_perm(file, task.cred)) continue;
    const info = { si_code: signo !== SIGIO && SPECIFIC_SICODES.includes(signo) ? SI_SIGIO : reason, si_band: BANDS.get(reason) ?? 0, si_fd: fd };
    const isQueued = signo !== 0 && send_sig_info(signo, info, task, isGroup);
    if (!isQueued) send_sig_info(SIGIO, { si_code: SI_KERNEL }, task, isGroup);
  }
}

/** Urgent data has come. False: the file has no owner. Linux: send_sigurg() */
export function send_sigurg(file: file): boolean {
  if (file.f_owner === 0) return false;
  for (const task of owners(file)) if (sigio_perm(file, task.cred)) send_sig_info(SIGURG, { si_code: SI_KERNEL }, task, file.f_owner_type !== F_OWNER_TID);
  return true;
}

/** Tells the owners of all descriptors in a list. Linux: kill_fasync() */
export function kill_fasync(list: readonly fasync_struct[], signo: int, reason: int): void {
  for (const { fa_file, fa_fd } of list) {
    // SIGURG of a socket is sent to its owner already: here it is for who chose a signal.
    if (fa_file && !(signo === SIGURG && fa_file.f_owner_signum === 0)) send_sigio(fa_file, fa_fd, reason);
  }
}

/** Something can be read, or written, or has ended. */
export function wake_async(list: readonly fasync_struct[], reason: int): void {
  if (list.length > 0) kill_fasync(list, SIGIO, reason);
}

/** Puts a descriptor into an object's list, or takes its file out, and notes that in the file's flags. Linux: fasync_helper() */
export function fasync_helper(fd: int, file: file, isOn: boolean, list: fasync_struct[]): void {
  const at = list.findIndex(one => one.fa_file === file);
  file.f_flags = isOn ? file.f_flags | FASYNC : file.f_flags & ~FASYNC;
  if (isOn && at >= 0) (list[at] as fasync_struct).fa_fd = fd;
  // The newest stands first.
  else if (isOn) list.unshift(fasync_struct.make({ fa_file: file, fa_fd: fd }));
  else if (at >= 0) list.splice(at, 1);
}
