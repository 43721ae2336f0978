// Terminals: line discipline, echo, signals, window size. Linux: drivers/tty/n_tty.c, tty_io.c, tty_ioctl.c, tty_jobctrl.c.
// Not here: where the bytes come from and go to (console.ts).
import { EAGAIN, EINVAL, ENOTTY, EPERM, ERESTARTSYS, EIO } from '../../abi/errno';
import { O_NONBLOCK } from '../../abi/fcntl';
import {
  B38400, CREAD, CS8, ECHO, ECHOCTL, ECHOE, ECHOK, ECHOKE, ECHONL, HUPCL, ICANON, ICRNL, IEXTEN, IGNCR, INLCR, ISIG, ISTRIP, IUTF8, IXON, NOFLSH, ONLCR, OPOST, OCRNL, TCFLSH, TCGETS, TCSBRK,
  TCSETS, TCSETSF, TCSETSW, TCXONC, FIONREAD, TIOCGPGRP, TIOCGSID, TIOCGWINSZ, TIOCNOTTY, TIOCOUTQ, TIOCSCTTY, TIOCSPGRP, TIOCSWINSZ, VEOF, VEOL, VERASE, VINTR, VKILL, VLNEXT, VMIN, VQUIT,
  VSUSP, VTIME, VWERASE, termios as termios_layout, winsize as winsize_layout,
} from '../../abi/ioctl';
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../abi/poll';
import { packStruct, readField } from '../../abi/struct';
import { block, init_waitqueue_head, wake_up } from '../kernel/wait';
import type { task_struct, wait_queue_head } from '../kernel/types';
import { f, kobject, type Instance } from '../kobject';
import { copy_from_user, copy_to_user, get_user32, put_user32 } from '../mm/uaccess';
import { failed } from '../result';
import { current } from '../state';
import { copy_from_iter, copy_to_iter, type iov_iter } from './iov_iter';
import { kill_pgrp, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGWINCH } from './signals';
import type { file, poll_table, Result } from './types';
import { task_mm } from './uio';

/** Where a terminal's output goes: a leaf known by name. */
export interface tty_operations { readonly name: string; write(tty: tty_struct, bytes: Uint8Array): void }

export const tty_struct = kobject('tty_struct', {
  name: f.str, ops: f.ops<tty_operations>('tty_operations'),
  c_iflag: f.hex, c_oflag: f.hex, c_cflag: f.hex, c_lflag: f.hex, c_cc: f.list(f.s32),
  ws_row: f.s32, ws_col: f.s32, ws_xpixel: f.s32, ws_ypixel: f.s32,
  pgrp: f.pid, session: f.pid,
  /** Bytes that may be read: whole lines in canonical mode. -1 marks an end of file. */
  read_buf: f.list(f.s32),
  /** The line that is being edited. */
  line: f.list(f.s32),
  lnext: f.bool, hung_up: f.bool, column: f.s32,
  read_wait: f.ref<wait_queue_head>('wait_queue_head'),
});
export interface tty_struct extends Instance<typeof tty_struct> {}

/** Linux: include/asm-generic/termios.h:INIT_C_CC */
const INIT_C_CC = [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0];

export function alloc_tty(name: string, ops: tty_operations, rows: number, columns: number): tty_struct {
  return tty_struct.make({
    name, ops, c_iflag: ICRNL | IXON | IUTF8, c_oflag: OPOST | ONLCR, c_cflag: B38400 | CS8 | CREAD | HUPCL, c_lflag: ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
    c_cc: [...INIT_C_CC], ws_row: rows, ws_col: columns, read_wait: init_waitqueue_head(),
  });
}

/** Output processing. */
export function tty_output(tty: tty_struct, bytes: Uint8Array): void {
  if (!(tty.c_oflag & OPOST)) {
    tty.ops.write(tty, bytes);
    return;
  }
  const out: number[] = [];
  for (const byte of bytes) {
    if (byte === 10 && tty.c_oflag & ONLCR) out.push(13, 10);
    else out.push(byte === 13 && tty.c_oflag & OCRNL ? 10 : byte);
  }
  tty.ops.write(tty, Uint8Array.from(out));
}

function echo(tty: tty_struct, byte: number): void {
  if (!(tty.c_lflag & ECHO) && !(byte === 10 && tty.c_lflag & ECHONL && tty.c_lflag & ICANON)) return;
  if (byte < 32 && byte !== 10 && byte !== 9 && tty.c_lflag & ECHOCTL) tty_output(tty, Uint8Array.of(94, byte + 64));
  else if (byte === 127 && tty.c_lflag & ECHOCTL) tty_output(tty, Uint8Array.of(94, 63));
  else tty_output(tty, Uint8Array.of(byte));
}

function erase_one(tty: tty_struct): void {
  let byte = tty.line.pop();
  // A UTF-8 character goes as a whole.
  while (byte !== undefined && tty.c_iflag & IUTF8 && (byte & 0xc0) === 0x80 && tty.line.length > 0) byte = tty.line.pop();
  if (byte === undefined || !(tty.c_lflag & ECHO)) return;
  const width = byte < 32 && tty.c_lflag & ECHOCTL ? 2 : 1;
  for (let i = 0; i < width; i++) tty.ops.write(tty, Uint8Array.of(8, 32, 8));
}

function finish_line(tty: tty_struct): void {
  tty.read_buf.push(...tty.line);
  tty.line = [];
  wake_up(tty.read_wait);
}

function isig(tty: tty_struct, byte: number): boolean {
  const signo = byte === tty.c_cc[VINTR] ? SIGINT : byte === tty.c_cc[VQUIT] ? SIGQUIT : byte === tty.c_cc[VSUSP] ? SIGTSTP : 0;
  if (!(tty.c_lflag & ISIG) || signo === 0 || byte === 0) return false;
  if (!(tty.c_lflag & NOFLSH)) {
    tty.line = [];
    tty.read_buf = [];
  }
  echo(tty, byte);
  if (tty.pgrp > 0) kill_pgrp(tty.pgrp, signo);
  return true;
}

/** Bytes from the keyboard. Linux: drivers/tty/n_tty.c:n_tty_receive_buf() */
export function tty_input(tty: tty_struct, bytes: Uint8Array): void {
  for (const raw of bytes) {
    let byte = tty.c_iflag & ISTRIP ? raw & 0x7f : raw;
    if (tty.lnext) {
      tty.lnext = false;
      tty.line.push(byte);
      echo(tty, byte);
      continue;
    }
    if (byte === 13 && tty.c_iflag & IGNCR) continue;
    if (byte === 13 && tty.c_iflag & ICRNL) byte = 10;
    else if (byte === 10 && tty.c_iflag & INLCR) byte = 13;
    if (isig(tty, byte)) continue;
    if (!(tty.c_lflag & ICANON)) {
      tty.read_buf.push(byte);
      echo(tty, byte);
      continue;
    }
    if (byte === tty.c_cc[VERASE]) erase_one(tty);
    else if (byte === tty.c_cc[VWERASE] && tty.c_lflag & IEXTEN) {
      while (tty.line.length > 0 && tty.line[tty.line.length - 1] === 32) erase_one(tty);
      while (tty.line.length > 0 && tty.line[tty.line.length - 1] !== 32) erase_one(tty);
    } else if (byte === tty.c_cc[VKILL]) {
      while (tty.line.length > 0) erase_one(tty);
    } else if (byte === tty.c_cc[VEOF]) {
      if (tty.line.length === 0) tty.line.push(-1);
      finish_line(tty);
    } else if (byte === tty.c_cc[VLNEXT] && tty.c_lflag & IEXTEN) {
      tty.lnext = true;
      if (tty.c_lflag & ECHO) tty.ops.write(tty, Uint8Array.of(94, 8));
    } else {
      tty.line.push(byte);
      echo(tty, byte);
      if (byte === 10 || (byte !== 0 && byte === tty.c_cc[VEOL])) finish_line(tty);
    }
  }
  if (!(tty.c_lflag & ICANON) && tty.read_buf.length > 0) wake_up(tty.read_wait);
}

/** The other side is gone: reads end. */
export function tty_hangup(tty: tty_struct): void {
  tty.hung_up = true;
  wake_up(tty.read_wait);
}

/** A process of the background reads: SIGTTIN. Linux: drivers/tty/tty_jobctrl.c:__tty_check_change() */
function is_background(tty: tty_struct, task: task_struct): boolean {
  return task.signal.tty === tty && tty.pgrp > 0 && task.signal.pgrp !== tty.pgrp;
}

/** Linux: drivers/tty/n_tty.c:n_tty_read() */
export function tty_read(tty: tty_struct, file: file, to: iov_iter): Result<number> {
  if (to.count === 0) return 0;
  const task = current();
  if (is_background(tty, task)) {
    kill_pgrp(task.signal.pgrp, SIGTTIN);
    return ERESTARTSYS;
  }
  const isCanonical = (tty.c_lflag & ICANON) !== 0;
  const minimum = isCanonical ? 1 : tty.c_cc[VMIN] ?? 1;
  if (tty.read_buf.length < Math.max(1, Math.min(minimum, to.count)) && !(tty.read_buf.length > 0 && isCanonical)) {
    if (tty.hung_up) return 0;
    if (!isCanonical && minimum === 0 && (tty.c_cc[VTIME] ?? 0) === 0) {
      if (tty.read_buf.length === 0) return 0;
    } else {
      if (file.f_flags & O_NONBLOCK) return EAGAIN.because('no input has arrived');
      return block(tty.read_wait);
    }
  }
  let length = 0;
  while (length < to.count && length < tty.read_buf.length) {
    const byte = tty.read_buf[length];
    if (byte === -1) break;
    length++;
    if (isCanonical && byte === 10) break;
  }
  const copied = copy_to_iter(Uint8Array.from(tty.read_buf.slice(0, length)), to);
  if (typeof copied !== 'number') return copied;
  const sawEnd = tty.read_buf[copied] === -1;
  tty.read_buf.splice(0, copied + (sawEnd && copied === length ? 1 : 0));
  return copied;
}

export function tty_write(tty: tty_struct, from: iov_iter): Result<number> {
  if (tty.hung_up && tty.name !== 'console') return EIO.because('the terminal is gone');
  let done = 0;
  while (from.count > 0) {
    const bytes = new Uint8Array(Math.min(from.count, 65536));
    const copied = copy_from_iter(bytes, from);
    if (typeof copied !== 'number') return done > 0 ? done : copied;
    if (copied === 0) break;
    tty_output(tty, copied === bytes.length ? bytes : bytes.subarray(0, copied));
    done += copied;
  }
  return done;
}

export function tty_poll(tty: tty_struct, table: poll_table | null): number {
  table?.queues.push(tty.read_wait);
  return (tty.read_buf.length > 0 || tty.hung_up ? POLLIN | POLLRDNORM : 0) | POLLOUT | POLLWRNORM;
}

function set_termios(tty: tty_struct, address: number, flush: boolean, task: task_struct): Result<number> {
  const bytes = copy_from_user(task_mm(task), address, termios_layout.size);
  if (failed(bytes)) return bytes;
  const wasCanonical = (tty.c_lflag & ICANON) !== 0;
  tty.c_iflag = readField(termios_layout, bytes, 'c_iflag');
  tty.c_oflag = readField(termios_layout, bytes, 'c_oflag');
  tty.c_cflag = readField(termios_layout, bytes, 'c_cflag');
  tty.c_lflag = readField(termios_layout, bytes, 'c_lflag');
  tty.c_cc = [...bytes.subarray(17, 36)];
  if (flush) {
    tty.read_buf = [];
    tty.line = [];
  }
  if (wasCanonical && !(tty.c_lflag & ICANON)) finish_line(tty);
  return 0;
}

/** Linux: drivers/tty/tty_io.c:tty_ioctl(), n_tty_ioctl_helper() */
export function tty_ioctl(tty: tty_struct, cmd: number, arg: number, task: task_struct): Result<number> {
  const mm = task_mm(task);
  const store = (bytes: Uint8Array): Result<number> => {
    const stored = copy_to_user(mm, arg, bytes);
    return failed(stored) ? stored : 0;
  };
  const store32 = (value: number): Result<number> => {
    const stored = put_user32(mm, arg, value);
    return failed(stored) ? stored : 0;
  };
  switch (cmd) {
    case TCGETS: {
      const bytes = packStruct(termios_layout, { c_iflag: tty.c_iflag, c_oflag: tty.c_oflag, c_cflag: tty.c_cflag, c_lflag: tty.c_lflag });
      bytes.set(tty.c_cc, 17);
      return store(bytes);
    }
    case TCSETS:
    case TCSETSW:
      return set_termios(tty, arg, false, task);
    case TCSETSF:
      return set_termios(tty, arg, true, task);
    case TCSBRK:
    case TCXONC:
      return 0;
    case TCFLSH:
      if (arg > 2) return EINVAL.because('the queue selector is not known');
      if (arg !== 1) {
        tty.read_buf = [];
        tty.line = [];
      }
      return 0;
    case TIOCGWINSZ:
      return store(packStruct(winsize_layout, { ws_row: tty.ws_row, ws_col: tty.ws_col, ws_xpixel: tty.ws_xpixel, ws_ypixel: tty.ws_ypixel }));
    case TIOCSWINSZ: {
      const bytes = copy_from_user(mm, arg, 8);
      if (failed(bytes)) return bytes;
      const rows = readField(winsize_layout, bytes, 'ws_row');
      const columns = readField(winsize_layout, bytes, 'ws_col');
      const changed = rows !== tty.ws_row || columns !== tty.ws_col;
      tty.ws_row = rows;
      tty.ws_col = columns;
      if (changed && tty.pgrp > 0) kill_pgrp(tty.pgrp, SIGWINCH);
      return 0;
    }
    case FIONREAD:
      return store32(tty.read_buf.filter(b => b >= 0).length);
    case TIOCOUTQ:
      return store32(0);
    case TIOCGPGRP:
      return task.signal.tty === tty ? store32(tty.pgrp) : ENOTTY.because('it is not the controlling terminal');
    case TIOCSPGRP: {
      if (task.signal.tty !== tty || tty.session !== task.signal.session) return ENOTTY.because('it is not the controlling terminal');
      const pgrp = get_user32(mm, arg);
      if (failed(pgrp)) return pgrp;
      if ((pgrp | 0) < 0) return EINVAL.because('the group number is negative');
      tty.pgrp = pgrp;
      return 0;
    }
    case TIOCGSID:
      return task.signal.tty === tty ? store32(tty.session) : ENOTTY.because('it is not the controlling terminal');
    case TIOCSCTTY:
      if (task.signal.leader && task.signal.session === tty.session) return 0;
      if (!task.signal.leader || task.signal.tty) return EPERM.because('only a session leader without a terminal may take one');
      if (tty.session > 0 && arg !== 1) return EPERM.because('the terminal belongs to another session');
      task.signal.tty = tty;
      tty.session = task.signal.session;
      tty.pgrp = task.signal.pgrp;
      return 0;
    case TIOCNOTTY:
      if (task.signal.tty !== tty) return ENOTTY.because('it is not the controlling terminal');
      task.signal.tty = null;
      return 0;
    default:
      return ENOTTY.because(`the terminal does not know ioctl 0x${cmd.toString(16)}`);
  }
}
