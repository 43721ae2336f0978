// Modes, window size, queues. Linux: drivers/tty/tty_io.c:tty_ioctl(), tty_ioctl.c, n_tty.c:n_tty_ioctl().
import { EBUSY, EINVAL, EIO, ENOTTY, EPERM } from '../../../abi/errno';
import {
  FIONREAD, TCFLSH, TCGETS, TCGETS2, TCIFLUSH, TCIOFF, TCIOFLUSH, TCION, TCOFLUSH, TCOOFF, TCOON, TCSBRK, TCSBRKP, TCSETS, TCSETS2, TCSETSF, TCSETSF2, TCSETSW, TCSETSW2, TCXONC, TIOCCBRK, TIOCEXCL, TIOCGETD,
  TIOCGEXCL, TIOCGPGRP, TIOCGSID, TIOCGWINSZ, TIOCNOTTY, TIOCNXCL, TIOCOUTQ, TIOCPKT_FLUSHWRITE, TIOCSBRK, TIOCSCTTY, TIOCSETD, TIOCSPGRP, TIOCSTI, TIOCSWINSZ, TIOCVHANGUP, VSTART, VSTOP,
  termios as termios_layout, winsize as winsize_layout,
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
import { n_tty_flush_buffer, n_tty_set_termios, set_pktstatus, start_tty, stop_tty, tty_input } from './n_tty';
import { tiocgpgrp, tiocgsid, tiocnotty, tiocsctty, tiocspgrp, tty_check_change } from './tty_jobctrl';
import { pty_ioctl } from './pty_ioctl';
import { tty_hangup } from './tty_hangup';
import type { tty_struct } from './types';

const SPEEDS = [0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400];
const TERMIOS2_SIZE = 44;
const CBAUD = 0o10017;

/** Linux: drivers/tty/tty_baudrate.c:tty_termios_baud_rate() */
function baud_rate(tty: tty_struct): number {
  const code = tty.c_cflag & CBAUD;
  return SPEEDS[code & 0o10000 ? (code & 0o17) + 15 : code] ?? 38400;
}

function get_termios(task: task_struct, tty: tty_struct, address: number, isSecond: boolean): Result<number> {
  const bytes = new Uint8Array(isSecond ? TERMIOS2_SIZE : termios_layout.size);
  bytes.set(packStruct(termios_layout, { c_iflag: tty.c_iflag, c_oflag: tty.c_oflag, c_cflag: tty.c_cflag, c_lflag: tty.c_lflag, c_line: tty.c_line }));
  bytes.set(tty.c_cc, 17);
  if (isSecond) {
    new DataView(bytes.buffer).setUint32(36, baud_rate(tty), true);
    new DataView(bytes.buffer).setUint32(40, baud_rate(tty), true);
  }
  const stored = copy_to_user(task_mm(task), address, bytes);
  return failed(stored) ? stored : 0;
}

/** Linux: drivers/tty/tty_ioctl.c:set_termios() */
function set_termios(task: task_struct, tty: tty_struct, address: number, flush: boolean, isSecond: boolean): Result<number> {
  const refused = tty_check_change(tty);
  if (refused) return refused;
  const bytes = copy_from_user(task_mm(task), address, isSecond ? TERMIOS2_SIZE : termios_layout.size);
  if (failed(bytes)) return bytes;
  if (flush) n_tty_flush_buffer(tty);
  const old_lflag = tty.c_lflag;
  tty.c_iflag = readField(termios_layout, bytes, 'c_iflag');
  tty.c_oflag = readField(termios_layout, bytes, 'c_oflag');
  tty.c_cflag = readField(termios_layout, bytes, 'c_cflag');
  // A pseudo-terminal has eight bits and no parity. Linux: drivers/tty/pty.c:pty_set_termios()
  if (tty.link) tty.c_cflag = (tty.c_cflag & ~0o560) | 0o260;
  tty.c_lflag = readField(termios_layout, bytes, 'c_lflag');
  tty.c_line = bytes[16] ?? 0;
  tty.c_cc = [...bytes.subarray(17, 36)];
  n_tty_set_termios(tty, old_lflag);
  return 0;
}

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
  switch (cmd) {
    case TCGETS:
    case TCGETS2:
      return get_termios(task, real, arg, cmd === TCGETS2);
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
      return set_termios(task, real, arg, cmd === TCSETSF, false);
    case TCSETS2:
    case TCSETSW2:
    case TCSETSF2:
      return set_termios(task, real, arg, cmd === TCSETSF2, true);
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
