// Window size, queues, and what goes to other files. Linux: drivers/tty/tty_io.c:tty_ioctl(), tty_ioctl.c, n_tty.c:n_tty_ioctl().
import { EBUSY, EINVAL, EIO, ENOTTY, EPERM } from '../../../abi/errno';
import {
  FIONREAD, TCFLSH, TCIFLUSH, TCIOFF, TCIOFLUSH, TCION, TCOFLUSH, TCOOFF, TCOON, TCSBRK, TCSBRKP, TCXONC, TIOCCBRK, TIOCEXCL, TIOCGETD,
  TIOCGEXCL, TIOCGPGRP, TIOCGSID, TIOCGWINSZ, TIOCNOTTY, TIOCNXCL, TIOCOUTQ, TIOCPKT_FLUSHWRITE, TIOCSBRK, TIOCSCTTY, TIOCSETD, TIOCSPGRP, TIOCSTI, TIOCSWINSZ, TIOCVHANGUP, VSTART, VSTOP,
  winsize as winsize_layout,
} from '../../../abi/ioctl';
import { packStruct, readField } from '../../../abi/struct';
import { capable, CAP_SYS_ADMIN } from '../../fs/inode';
import { kill_pgrp, SIGWINCH } from '../../fs/signals';
import type { file, Result } from '../../fs/types';
import { task_mm } from '../../fs/uio';
import { wake_up } from '../../kernel/wait';
import type { task_struct } from '../../kernel/types';
import { copy_from_user, copy_to_user, put_user32 } from '../../mm/uaccess';
import { failed } from '../../result';
import { n_tty_flush_buffer, set_pktstatus, start_tty, stop_tty, tty_input } from './n_tty';
import { tiocgpgrp, tiocgsid, tiocnotty, tiocsctty, tiocspgrp, tty_check_change } from './tty_jobctrl';
import { pty_ioctl } from './pty_ioctl';
import { termios_ioctl } from './tty_termios';
import { tty_hangup } from './tty_hangup';
import type { tty_struct } from './types';

function set_winsize(task: task_struct, tty: tty_struct, address: number): Result<number> {
  const bytes = copy_from_user(task_mm(task), address, winsize_layout.size);
  if (failed(bytes)) return bytes;
  const field = (name: 'ws_row' | 'ws_col' | 'ws_xpixel' | 'ws_ypixel'): number => readField(winsize_layout, bytes, name);
  tty_do_resize(tty, { ws_row: field('ws_row'), ws_col: field('ws_col'), ws_xpixel: field('ws_xpixel'), ws_ypixel: field('ws_ypixel') });
  return 0;
}

/** Linux: drivers/tty/tty_io.c:tty_do_resize(), and for both ends drivers/tty/pty.c:pty_resize() */
export function tty_do_resize(tty: tty_struct, wanted: Pick<tty_struct, 'ws_row' | 'ws_col' | 'ws_xpixel' | 'ws_ypixel'>): void {
  if (wanted.ws_row === tty.ws_row && wanted.ws_col === tty.ws_col && wanted.ws_xpixel === tty.ws_xpixel && wanted.ws_ypixel === tty.ws_ypixel) return;
  Object.assign(tty, wanted);
  if (tty.link) Object.assign(tty.link, wanted);
  if (tty.pgrp > 0) kill_pgrp(tty.pgrp, SIGWINCH);
}

/** Linux: drivers/tty/tty_ioctl.c:n_tty_ioctl_helper() */
function tcxonc(tty: tty_struct, arg: number): Result<number> {
  const refused = tty_check_change(tty);
  if (refused) return refused;
  const key = (index: number): void => tty.ops.write(tty, Uint8Array.of(tty.c_cc[index] ?? 0));
  switch (arg) {
    case TCOOFF:
      tty.tco_stopped = true;
      stop_tty(tty);
      return 0;
    case TCOON:
      tty.tco_stopped = false;
      start_tty(tty);
      return 0;
    case TCIOFF:
      key(VSTOP);
      return 0;
    case TCION:
      key(VSTART);
      return 0;
    default:
      return EINVAL.because('the action is not known');
  }
}

function tcflsh(tty: tty_struct, arg: number): Result<number> {
  const refused = tty_check_change(tty);
  if (refused) return refused;
  if (arg !== TCIFLUSH && arg !== TCOFLUSH && arg !== TCIOFLUSH) return EINVAL.because('the queue selector is not known');
  if (arg !== TCOFLUSH) n_tty_flush_buffer(tty);
  if (arg !== TCIFLUSH && tty.link) {
    tty.link.read_buf = [];
    set_pktstatus(tty, TIOCPKT_FLUSHWRITE);
    wake_up(tty.write_wait);
  }
  return 0;
}

/** `tty` is what the descriptor is open on; modes and size of a master are its terminal's. Linux: drivers/tty/tty_io.c:tty_ioctl() */
export function tty_ioctl(tty: tty_struct, file: file, cmd: number, arg: number, task: task_struct): Result<number> {
  if (tty.hung_up) return cmd === TIOCSPGRP ? ENOTTY.because('the terminal is hung up') : EIO.because('the terminal is hung up');
  const real = tty.is_pty_master && tty.link ? tty.link : tty;
  const mm = task_mm(task);
  const store = (value: number): Result<number> => {
    const stored = put_user32(mm, arg, value);
    return failed(stored) ? stored : 0;
  };
  const modes = termios_ioctl(task, real, cmd, arg);
  if (modes !== null) return modes;
  switch (cmd) {
    case TCSBRK:
    case TCSBRKP:
    case TIOCSBRK:
    case TIOCCBRK:
      return tty_check_change(tty) ?? 0;
    case TCXONC:
      return tcxonc(tty, arg);
    case TCFLSH:
      return tcflsh(tty, arg);
    case TIOCGWINSZ: {
      const stored = copy_to_user(mm, arg, packStruct(winsize_layout, { ws_row: tty.ws_row, ws_col: tty.ws_col, ws_xpixel: tty.ws_xpixel, ws_ypixel: tty.ws_ypixel }));
      return failed(stored) ? stored : 0;
    }
    case TIOCSWINSZ:
      return set_winsize(task, real, arg);
    case FIONREAD:
      return store(tty.read_buf.filter(byte => byte >= 0).length);
    case TIOCOUTQ:
      return store(0);
    case TIOCEXCL:
    case TIOCNXCL:
      tty.exclusive = cmd === TIOCEXCL;
      return 0;
    case TIOCGEXCL:
      return store(tty.exclusive ? 1 : 0);
    case TIOCGETD:
      return store(tty.c_line);
    case TIOCSETD: {
      const line = copy_from_user(mm, arg, 4);
      if (failed(line)) return line;
      return line[0] === 0 ? 0 : EINVAL.because('there is no other line discipline');
    }
    case TIOCSTI: {
      if (!capable(task, CAP_SYS_ADMIN)) return task.signal.tty === tty ? EIO.because('dev.tty.legacy_tiocsti is 0') : EPERM.because('it is not the controlling terminal');
      const byte = copy_from_user(mm, arg, 1);
      if (failed(byte)) return byte;
      tty_input(tty, byte);
      return 0;
    }
    case TIOCVHANGUP:
      if (!capable(task, CAP_SYS_ADMIN)) return EPERM.because('CAP_SYS_ADMIN is needed');
      tty_hangup(tty);
      return 0;
    case TIOCSCTTY:
      return tiocsctty(task, real, file, arg);
    case TIOCNOTTY:
      return tiocnotty(task, tty);
    case TIOCGPGRP:
      return tiocgpgrp(task, tty, real, arg);
    case TIOCSPGRP:
      return tiocspgrp(task, tty, real, arg);
    case TIOCGSID:
      return tiocgsid(task, tty, real, arg);
    default:
      return pty_ioctl(tty, cmd, arg, task);
  }
}

/** An exclusive terminal is opened by nobody else. */
export const refuse_exclusive = (tty: tty_struct, task: task_struct): Result<null> => tty.exclusive && !capable(task, CAP_SYS_ADMIN) ? EBUSY.because('TIOCEXCL is set') : null;
