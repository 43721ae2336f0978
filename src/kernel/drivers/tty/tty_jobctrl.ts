// Sessions, foreground and background of a terminal. Linux: drivers/tty/tty_jobctrl.c.
import { EINVAL, EIO, ENOTTY, EPERM, ERESTARTSYS, ESRCH, type Errno } from '../../../abi/errno';
import { kill_pgrp, send_sig_to_process, SIGCONT, SIGHUP, SIGTTIN, SIGTTOU } from '../../fs/signals';
import { FMODE_READ, type file, type Result } from '../../fs/types';
import { capable, CAP_SYS_ADMIN } from '../../fs/inode';
import { is_current_pgrp_orphaned } from '../../kernel/orphaned_pgrp';
import type { task_struct } from '../../kernel/types';
import { get_user32, put_user32 } from '../../mm/uaccess';
import { failed } from '../../result';
import { current, kernel } from '../../state';
import { task_mm } from '../../fs/uio';
import type { tty_struct } from './types';

const SIG_IGN = 1;

/** Processes, one task each. */
function processes(): task_struct[] {
  return [...kernel.tasks.values()].filter(task => task.pid === task.tgid);
}

/** What happens to a process of the background. ERESTARTSYS: it got `signo`. Linux: drivers/tty/tty_jobctrl.c:__tty_check_change() */
function check_background(tty: tty_struct, signo: number): Errno | null {
  const task = current();
  const { pgrp } = task.signal;
  if (task.signal.tty !== tty || tty.pgrp <= 0 || pgrp === tty.pgrp) return null;
  const isIgnored = ((task.blocked >> BigInt(signo - 1)) & 1n) === 1n || task.sighand.action[signo - 1]?.sa_handler === SIG_IGN;
  if (isIgnored) return signo === SIGTTIN ? EIO.because('a process of the background that ignores SIGTTIN reads from its terminal') : null;
  if (is_current_pgrp_orphaned()) return EIO.because('the group of the caller is in the background, and nobody could bring it to the foreground');
  kill_pgrp(pgrp, signo);
  return ERESTARTSYS;
}

/** Before a read. */
export const job_control = (tty: tty_struct): Errno | null => check_background(tty, SIGTTIN);
/** Before a change, and before a write with TOSTOP. */
export const tty_check_change = (tty: tty_struct): Errno | null => check_background(tty, SIGTTOU);

function proc_set_tty(tty: tty_struct, task: task_struct): void {
  task.signal.tty = tty;
  tty.session = task.signal.session;
  tty.pgrp = task.signal.pgrp;
}

/** The terminal that a session leader without one opens becomes its own. Linux: drivers/tty/tty_jobctrl.c:tty_open_proc_set_tty() */
export function tty_open_proc_set_tty(file: file, tty: tty_struct): void {
  const task = current();
  if (task.signal.leader && !task.signal.tty && tty.session === 0 && file.f_mode & FMODE_READ) proc_set_tty(tty, task);
}

/** No process of the session has it any more. Linux: drivers/tty/tty_jobctrl.c:session_clear_tty() */
function session_clear_tty(tty: tty_struct): void {
  for (const task of processes()) if (task.signal.session === tty.session && task.signal.tty === tty) task.signal.tty = null;
}

/** The terminal is gone: the leader of its session is told. Linux: drivers/tty/tty_jobctrl.c:tty_signal_session_leader() */
export function tty_signal_session_leader(tty: tty_struct): void {
  if (tty.session <= 0) return;
  for (const task of processes()) {
    if (task.signal.session !== tty.session) continue;
    if (task.signal.tty === tty) task.signal.tty = null;
    if (!task.signal.leader) continue;
    task.signal.tty_old_pgrp = tty.pgrp;
    send_sig_to_process(SIGHUP, task);
    send_sig_to_process(SIGCONT, task);
  }
  tty.session = tty.pgrp = 0;
}

/** A session leader gives its terminal up, or ends. Linux: drivers/tty/tty_jobctrl.c:disassociate_ctty() */
export function disassociate_ctty(task: task_struct, on_exit: boolean): void {
  const { signal } = task;
  if (!signal.leader) return;
  const tty = signal.tty as tty_struct | null;
  if (!tty) {
    if (on_exit && signal.tty_old_pgrp > 0) {
      kill_pgrp(signal.tty_old_pgrp, SIGHUP);
      kill_pgrp(signal.tty_old_pgrp, SIGCONT);
    }
    return;
  }
  const { pgrp } = tty;
  session_clear_tty(tty);
  tty.session = tty.pgrp = 0;
  if (pgrp <= 0) return;
  kill_pgrp(pgrp, SIGHUP);
  if (!on_exit) kill_pgrp(pgrp, SIGCONT);
}

/** Linux: drivers/tty/tty_jobctrl.c:tiocsctty() */
export function tiocsctty(task: task_struct, tty: tty_struct, file: file, arg: number): Result<number> {
  const { signal } = task;
  if (signal.leader && signal.session === tty.session) return 0;
  if (!signal.leader || signal.tty) return EPERM.because('only a session leader without a terminal may take one');
  if (tty.session > 0) {
    if (arg !== 1 || !capable(task, CAP_SYS_ADMIN)) return EPERM.because('the terminal belongs to another session');
    session_clear_tty(tty);
  }
  if (!(file.f_mode & FMODE_READ) && !capable(task, CAP_SYS_ADMIN)) return EPERM.because('the terminal is not open for reading');
  proc_set_tty(tty, task);
  return 0;
}

export function tiocnotty(task: task_struct, tty: tty_struct): Result<number> {
  if (task.signal.tty !== tty) return ENOTTY.because('it is not the controlling terminal');
  if (task.signal.leader) disassociate_ctty(task, false);
  task.signal.tty = null;
  return 0;
}

/** `real`: the terminal of which `tty` is the master, or itself. Linux: drivers/tty/tty_jobctrl.c:tiocgpgrp(), tiocgsid() */
export function tiocgpgrp(task: task_struct, tty: tty_struct, real: tty_struct, arg: number): Result<number> {
  if (tty === real && task.signal.tty !== real) return ENOTTY.because('it is not the controlling terminal');
  const stored = put_user32(task_mm(task), arg, real.pgrp);
  return failed(stored) ? stored : 0;
}

export function tiocgsid(task: task_struct, tty: tty_struct, real: tty_struct, arg: number): Result<number> {
  if (tty === real && task.signal.tty !== real) return ENOTTY.because('it is not the controlling terminal');
  if (real.session === 0) return ENOTTY.because('the terminal has no session');
  const stored = put_user32(task_mm(task), arg, real.session);
  return failed(stored) ? stored : 0;
}

/** Linux: drivers/tty/tty_jobctrl.c:tiocspgrp() */
export function tiocspgrp(task: task_struct, tty: tty_struct, real: tty_struct, arg: number): Result<number> {
  const refused = tty_check_change(real);
  if (refused) return refused === ERESTARTSYS ? refused : refused.number === EIO.number ? ENOTTY.because(refused.reason ?? '') : refused;
  if (!task.signal.tty || (task.signal.tty !== tty && tty === real) || real.session !== task.signal.session) return ENOTTY.because('it is not the controlling terminal');
  const raw = get_user32(task_mm(task), arg);
  if (failed(raw)) return raw;
  const pgrp = raw | 0;
  if (pgrp < 0) return EINVAL.because('the group number is negative');
  const member = processes().find(one => one.signal.pgrp === pgrp);
  if (!member) return ESRCH.because(`there is no process group ${pgrp}`);
  if (member.signal.session !== task.signal.session) return EPERM.because(`process group ${pgrp} is in another session`);
  real.pgrp = pgrp;
  return 0;
}
