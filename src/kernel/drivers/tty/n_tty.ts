// The line discipline: echo, editing, signals of the keyboard, output processing. Linux: drivers/tty/n_tty.c.
// Not here: where the bytes come from and go to (pty.ts, fs/console.ts), ioctls (tty_ioctl.ts), who may read (tty_jobctrl.ts).
import { EAGAIN, EIO } from '../../../abi/errno';
import { O_NONBLOCK } from '../../../abi/fcntl';
import {
  ECHO, ECHOCTL, ECHOE, ECHOK, ECHOKE, ECHONL, ICANON, ICRNL, IEXTEN, IGNCR, IMAXBEL, INLCR, ISIG, ISTRIP, IUCLC, IUTF8, IXANY, IXON, NOFLSH, OCRNL, OLCUC, ONLCR, ONLRET, ONOCR,
  OPOST, PARMRK, TIOCPKT_FLUSHREAD, TIOCPKT_START, TIOCPKT_STOP, TOSTOP, VEOF, VEOL, VEOL2, VERASE, VINTR, VKILL, VLNEXT, VMIN, VQUIT, VREPRINT, VSTART, VSTOP, VSUSP, VTIME, VWERASE, XTABS,
} from '../../../abi/ioctl';
import { POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDNORM, POLLWRNORM } from '../../../abi/poll';
import { POLL_IN } from '../../../abi/signal';
import { wake_async } from '../../fs/fasync';
import { copy_from_iter, copy_to_iter, iov_iter_advance, type iov_iter } from '../../fs/iov_iter';
import { kill_pgrp, SIGINT, SIGQUIT, SIGTSTP } from '../../fs/signals';
import type { file, poll_table, Result } from '../../fs/types';
import { block, call_deadline, is_past, wake_up } from '../../kernel/wait';
import { current, ports } from '../../state';
import { job_control, tty_check_change } from './tty_jobctrl';
import type { tty_struct } from './types';

export const N_TTY_BUF_SIZE = 4096;
const BACKSPACE = 8, TAB = 9, NEWLINE = 10, RETURN = 13, BELL = 7, SPACE = 32;
const iscntrl = (c: number): boolean => c < 32 || c === 127;
const isalnum = (c: number): boolean => (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
const cc = (tty: tty_struct, index: number): number => tty.c_cc[index] ?? 0;
const is_continuation = (tty: tty_struct, c: number): boolean => (tty.c_iflag & IUTF8) !== 0 && (c & 0xc0) === 0x80;

/** One character by the output modes, appended to `out`. Linux: drivers/tty/n_tty.c:do_output_char() */
function do_output_char(tty: tty_struct, byte: number, out: number[]): void {
  let c = byte;
  switch (c) {
    case NEWLINE:
      if (tty.c_oflag & ONLRET) tty.column = 0;
      if (tty.c_oflag & ONLCR) {
        tty.canon_column = tty.column = 0;
        out.push(RETURN);
      }
      break;
    case RETURN:
      if (tty.c_oflag & ONOCR && tty.column === 0) return;
      if (tty.c_oflag & OCRNL) c = NEWLINE;
      if (!(tty.c_oflag & OCRNL) || tty.c_oflag & ONLRET) tty.canon_column = tty.column = 0;
      break;
    case TAB: {
      const spaces = 8 - (tty.column & 7);
      tty.column += spaces;
      if ((tty.c_oflag & XTABS) === XTABS) {
        for (let i = 0; i < spaces; i++) out.push(SPACE);
        return;
      }
      break;
    }
    case BACKSPACE:
      if (tty.column > 0) tty.column--;
      break;
    default:
      if (iscntrl(c)) break;
      if (tty.c_oflag & OLCUC && c >= 97 && c <= 122) c -= 32;
      if (!is_continuation(tty, c)) tty.column++;
  }
  out.push(c);
}

/** What the terminal itself writes: it goes out when all input that came together has been looked at. */
function tty_put(tty: tty_struct, bytes: readonly number[]): void {
  for (const byte of bytes) tty.echo_buf.push(byte);
}

/** Linux: drivers/tty/n_tty.c:process_echoes() */
function process_echoes(tty: tty_struct): void {
  if (tty.stopped || tty.echo_buf.length === 0) return;
  const echoes = tty.echo_buf;
  tty.echo_buf = [];
  tty.ops.write(tty, Uint8Array.from(echoes));
}

function echo_char_raw(tty: tty_struct, c: number): void {
  const out: number[] = [];
  if (tty.c_oflag & OPOST) do_output_char(tty, c, out);
  else out.push(c);
  tty_put(tty, out);
}

/** Linux: drivers/tty/n_tty.c:echo_char() */
function echo_char(tty: tty_struct, c: number): void {
  if (tty.c_lflag & ECHOCTL && iscntrl(c) && c !== TAB) {
    tty.column += 2;
    tty_put(tty, [94, c ^ 0x40]);
  } else {
    echo_char_raw(tty, c);
  }
}

/** Cursor columns of the line from where it began. */
function line_columns(tty: tty_struct): number {
  let column = tty.canon_column;
  for (const c of tty.line) {
    if (c === TAB) column = (column | 7) + 1;
    else if (iscntrl(c)) column += tty.c_lflag & ECHOCTL ? 2 : 0;
    else if (!is_continuation(tty, c)) column++;
  }
  return column;
}

function erase_on_screen(tty: tty_struct, width: number): void {
  const out: number[] = [];
  for (let i = 0; i < width; i++) out.push(BACKSPACE, SPACE, BACKSPACE);
  tty.column = Math.max(0, tty.column - width);
  tty_put(tty, out);
}

/** Linux: drivers/tty/n_tty.c:eraser() */
function eraser(tty: tty_struct, what: 'erase' | 'word' | 'kill', by: number): void {
  if (tty.line.length === 0) return;
  const isEchoed = (tty.c_lflag & ECHO) !== 0;
  if (what === 'kill' && !(isEchoed && tty.c_lflag & ECHOK && tty.c_lflag & ECHOKE && tty.c_lflag & ECHOE)) {
    tty.line = [];
    if (!isEchoed) return;
    echo_char(tty, by);
    if (tty.c_lflag & ECHOK) echo_char_raw(tty, NEWLINE);
    return;
  }
  let hasSeenAlnum = false;
  while (tty.line.length > 0) {
    let first = tty.line.length - 1;
    while (first > 0 && is_continuation(tty, tty.line[first] ?? 0)) first--;
    const c = tty.line[first] ?? 0;
    if (is_continuation(tty, c)) break;
    if (what === 'word') {
      if (isalnum(c) || c === 95) hasSeenAlnum = true;
      else if (hasSeenAlnum) break;
    }
    const before = tty.column;
    tty.line.length = first;
    if (isEchoed) {
      if (what === 'erase' && !(tty.c_lflag & ECHOE)) echo_char(tty, by);
      else if (c === TAB) {
        const back = Math.max(0, before - line_columns(tty));
        tty.column = before - back;
        tty_put(tty, Array<number>(back).fill(BACKSPACE));
      } else erase_on_screen(tty, iscntrl(c) ? (tty.c_lflag & ECHOCTL ? 2 : 0) : 1);
    }
    if (what === 'erase') break;
  }
}

/** The edited line may be read. */
function handle_newline(tty: tty_struct, end: number): void {
  tty.read_buf.push(...tty.line, end);
  tty.line = [];
  wake_async(tty.fasync, POLL_IN);
  wake_up(tty.read_wait);
}

/** A status for the master's next read in packet mode. */
export function set_pktstatus(tty: tty_struct, bits: number, clear = 0): void {
  const master = tty.link;
  if (!master?.packet) return;
  master.pktstatus = (master.pktstatus & ~clear) | bits;
  wake_up(master.read_wait);
}

export function n_tty_flush_buffer(tty: tty_struct): void {
  tty.line = [];
  tty.read_buf = [];
  tty.lnext = false;
  set_pktstatus(tty, TIOCPKT_FLUSHREAD);
}

/** Linux: drivers/tty/tty_io.c:stop_tty() */
export function stop_tty(tty: tty_struct): void {
  if (tty.stopped) return;
  tty.stopped = true;
  set_pktstatus(tty, TIOCPKT_STOP, TIOCPKT_START);
}

export function start_tty(tty: tty_struct): void {
  if (!tty.stopped || tty.tco_stopped) return;
  tty.stopped = false;
  process_echoes(tty);
  set_pktstatus(tty, TIOCPKT_START, TIOCPKT_STOP);
  wake_up(tty.write_wait);
}

/** The signal of a key, or 0. */
function signal_of(tty: tty_struct, c: number): number {
  if (!(tty.c_lflag & ISIG) || c === 0) return 0;
  return c === cc(tty, VINTR) ? SIGINT : c === cc(tty, VQUIT) ? SIGQUIT : c === cc(tty, VSUSP) ? SIGTSTP : 0;
}

export function isig(tty: tty_struct, signo: number): void {
  if (!(tty.c_lflag & NOFLSH)) {
    tty.echo_buf = [];
    n_tty_flush_buffer(tty);
  }
  if (tty.pgrp > 0) kill_pgrp(tty.pgrp, signo);
}

function echo_input(tty: tty_struct, c: number, isLine = false): void {
  if (!(tty.c_lflag & ECHO)) return;
  if (c === NEWLINE && isLine) {
    echo_char_raw(tty, c);
    return;
  }
  if (tty.line.length === 0) tty.canon_column = tty.column;
  echo_char(tty, c);
}

/** Keys that edit or end the line; true when `c` was one. */
function receive_canonical(tty: tty_struct, c: number): boolean {
  const isExtended = (tty.c_lflag & IEXTEN) !== 0;
  if (c === 0) return false;
  if (c === cc(tty, VERASE)) eraser(tty, 'erase', c);
  else if (c === cc(tty, VKILL)) eraser(tty, 'kill', c);
  else if (c === cc(tty, VWERASE) && isExtended) eraser(tty, 'word', c);
  else if (c === cc(tty, VLNEXT) && isExtended) {
    tty.lnext = true;
    if (tty.c_lflag & ECHO && tty.c_lflag & ECHOCTL) tty_put(tty, [94, BACKSPACE]);
  } else if (c === cc(tty, VREPRINT) && tty.c_lflag & ECHO && isExtended) {
    echo_char(tty, c);
    echo_char_raw(tty, NEWLINE);
    for (const one of tty.line) echo_char(tty, one);
  } else if (c === NEWLINE) {
    if (tty.c_lflag & (ECHO | ECHONL)) echo_char_raw(tty, c);
    handle_newline(tty, c);
  } else if (c === cc(tty, VEOF)) handle_newline(tty, -1);
  else if (c === cc(tty, VEOL) || (c === cc(tty, VEOL2) && isExtended)) {
    echo_input(tty, c);
    handle_newline(tty, c);
  } else return false;
  return true;
}

/** One byte from the keyboard. Linux: drivers/tty/n_tty.c:n_tty_receive_char_special() */
function receive_char(tty: tty_struct, raw: number): void {
  let c = tty.c_iflag & ISTRIP ? raw & 0x7f : raw;
  if (tty.c_iflag & IUCLC && tty.c_lflag & IEXTEN && c >= 65 && c <= 90) c += 32;
  const put = (byte: number): void => void (tty.c_lflag & ICANON ? tty.line : tty.read_buf).push(byte);
  if (tty.lnext) {
    tty.lnext = false;
    echo_input(tty, c);
    put(c);
    return;
  }
  if (tty.c_iflag & IXON && c !== 0) {
    if (c === cc(tty, VSTART)) return start_tty(tty);
    if (c === cc(tty, VSTOP)) return stop_tty(tty);
  }
  const signo = signal_of(tty, c);
  if (signo > 0) {
    isig(tty, signo);
    if (tty.c_iflag & IXON) start_tty(tty);
    if (tty.c_lflag & ECHO) echo_char(tty, c);
    return;
  }
  if (tty.stopped && tty.c_iflag & IXON && tty.c_iflag & IXANY) start_tty(tty);
  if (c === RETURN) {
    if (tty.c_iflag & IGNCR) return;
    if (tty.c_iflag & ICRNL) c = NEWLINE;
  } else if (c === NEWLINE && tty.c_iflag & INLCR) c = RETURN;
  if (tty.c_lflag & ICANON) {
    if (receive_canonical(tty, c)) return;
    // A full line keeps what it has; the last byte may still be replaced by the newline.
    if (tty.line.length >= N_TTY_BUF_SIZE - 1) {
      if (tty.c_iflag & IMAXBEL) tty_put(tty, [BELL]);
      return;
    }
  }
  // A return that became a newline ends a line also where nothing is edited.
  echo_input(tty, c, c !== raw);
  if (c === 0xff && tty.c_iflag & PARMRK) put(c);
  put(c);
}

/** Bytes that the discipline takes now: a line that is being edited is never full. Linux: drivers/tty/n_tty.c:receive_room() */
function receive_room(tty: tty_struct): number {
  const room = N_TTY_BUF_SIZE - 1 - tty.read_buf.length - tty.line.length;
  return room <= 0 && tty.c_lflag & ICANON && tty.read_buf.length === 0 ? 1 : room;
}

/** What came and was not looked at yet. Linux: drivers/tty/tty_buffer.c:flush_to_ldisc() */
export function flush_to_ldisc(tty: tty_struct): void {
  let done = 0;
  while (done < tty.flip.length && receive_room(tty) > 0) receive_char(tty, tty.flip[done++] ?? 0);
  if (done === 0) return;
  tty.flip.splice(0, done);
  process_echoes(tty);
  tty.input_at = ports().clock.now();
  if (!(tty.c_lflag & ICANON) && tty.read_buf.length > 0) {
    wake_async(tty.fasync, POLL_IN);
    wake_up(tty.read_wait);
  }
}

/** Bytes from the keyboard, or from the master. Linux: drivers/tty/n_tty.c:n_tty_receive_buf() */
export function tty_input(tty: tty_struct, bytes: Uint8Array): void {
  for (const byte of bytes) tty.flip.push(byte);
  flush_to_ldisc(tty);
}

const is_line_end = (tty: tty_struct, c = 0): boolean => c === NEWLINE || (c > 0 && (c === cc(tty, VEOL) || (c === cc(tty, VEOL2) && (tty.c_lflag & IEXTEN) !== 0)));

/** How many bytes a read of `nr` would get now; 0: it has to wait. */
function available(tty: tty_struct, nr: number, minimum: number): number {
  if (!(tty.c_lflag & ICANON) || tty.is_pty_master) return tty.read_buf.length >= Math.max(1, Math.min(minimum, nr)) ? Math.min(nr, tty.read_buf.length) : 0;
  let length = 0;
  while (length < nr && length < tty.read_buf.length) {
    const c = tty.read_buf[length];
    if (c === -1) break;
    length++;
    if (is_line_end(tty, c)) break;
  }
  return length;
}

/** Linux: drivers/tty/n_tty.c:n_tty_read() */
export function n_tty_read(tty: tty_struct, file: file, to: iov_iter): Result<number> {
  const refused = job_control(tty);
  if (refused) return refused;
  if (to.count === 0) return 0;
  tty.ops.take_input?.(tty);
  if (tty.packet && tty.pktstatus) {
    const status = tty.pktstatus;
    tty.pktstatus = 0;
    return copy_to_iter(Uint8Array.of(status), to);
  }
  const isCanonical = (tty.c_lflag & ICANON) !== 0 && !tty.is_pty_master;
  const minimum = isCanonical || tty.is_pty_master ? 1 : cc(tty, VMIN);
  const time = isCanonical || tty.is_pty_master ? 0 : cc(tty, VTIME) * 1e8;
  const nr = Math.min(tty.packet ? to.count - 1 : to.count, tty.is_pty_master ? N_TTY_BUF_SIZE - 1 : Infinity);
  let length = available(tty, nr, minimum);
  if (length === 0 && !(isCanonical && tty.read_buf[0] === -1)) {
    if (tty.other_closed) return EIO.because('the other end of the pseudo-terminal is closed');
    if (tty.hung_up || tty.at_eof) return 0;
    let deadline = Infinity;
    if (!isCanonical && !tty.is_pty_master) {
      if (minimum === 0 && time === 0) return 0;
      if (minimum === 0) deadline = call_deadline(current(), time);
      else if (time > 0 && tty.read_buf.length > 0) deadline = tty.input_at + time;
      if (is_past(deadline)) {
        if (tty.read_buf.length === 0) return 0;
        length = Math.min(nr, tty.read_buf.length);
      }
    }
    // Whoever does not wait gets what is there, though it is less than VMIN.
    if (length === 0 && file.f_flags & O_NONBLOCK) length = Math.min(nr, tty.read_buf.length);
    if (length === 0) {
      if (file.f_flags & O_NONBLOCK) return EAGAIN.because('no input has arrived');
      return block(tty.read_wait, deadline);
    }
  }
  const prefix = tty.packet ? [0] : [];
  const copied = copy_to_iter(Uint8Array.from([...prefix, ...tty.read_buf.slice(0, length)]), to);
  if (typeof copied !== 'number') return copied;
  const taken = copied - prefix.length;
  // An end of file that ends this line goes with it.
  const isEnded = isCanonical && taken === length && tty.read_buf[taken] === -1 && !(taken > 0 && is_line_end(tty, tty.read_buf[taken - 1]));
  tty.read_buf.splice(0, taken + (isEnded ? 1 : 0));
  flush_to_ldisc(tty);
  tty.ops.unthrottle?.(tty);
  return copied;
}

/** Output by OPOST, as much as the other side takes. Linux: drivers/tty/n_tty.c:n_tty_write() */
export function n_tty_write(tty: tty_struct, file: file, from: iov_iter): Result<number> {
  const refused = tty.c_lflag & TOSTOP ? tty_check_change(tty) : null;
  if (refused) return refused;
  const task = current();
  /** What the call had written before it slept. */
  let done = task.call?.done ?? 0;
  if (done > 0) iov_iter_advance(from, done);
  while (from.count > 0) {
    if (tty.hung_up || (tty.link && tty.link.count === 0)) return done > 0 ? done : EIO.because('the terminal is hung up');
    const room = tty.stopped ? 0 : tty.ops.write_room?.(tty) ?? 65536;
    const isProcessed = (tty.c_oflag & OPOST) !== 0 && !tty.is_pty_master;
    // A newline may become two characters, a tab eight.
    const fits = isProcessed && room < 65536 ? room >> 3 : room;
    if (fits === 0) {
      if (file.f_flags & O_NONBLOCK) return done > 0 ? done : EAGAIN.because(tty.stopped ? 'output is stopped' : 'the other side has not read what was written');
      if (task.call) task.call.done = done;
      return block(tty.write_wait);
    }
    const bytes = new Uint8Array(Math.min(from.count, fits));
    const copied = copy_from_iter(bytes, from);
    if (typeof copied !== 'number') return done > 0 ? done : copied;
    if (copied === 0) break;
    let out = copied === bytes.length ? bytes : bytes.subarray(0, copied);
    if (isProcessed) {
      const processed: number[] = [];
      for (const byte of out) do_output_char(tty, byte, processed);
      out = Uint8Array.from(processed);
    }
    tty.ops.write(tty, out);
    done += copied;
  }
  return done;
}

/** Linux: drivers/tty/n_tty.c:n_tty_poll() */
export function n_tty_poll(tty: tty_struct, table: poll_table | null): number {
  table?.queues.push(tty.read_wait, tty.write_wait);
  tty.ops.take_input?.(tty);
  const amount = !(tty.c_lflag & ICANON) && cc(tty, VTIME) === 0 && cc(tty, VMIN) > 0 && !tty.is_pty_master ? cc(tty, VMIN) : 1;
  let mask = tty.read_buf.length >= amount || tty.at_eof ? POLLIN | POLLRDNORM : 0;
  if (tty.packet && tty.pktstatus) mask |= POLLPRI | POLLIN | POLLRDNORM;
  if (tty.other_closed) mask |= POLLHUP;
  if (!tty.stopped && (tty.ops.write_room?.(tty) ?? 1) > 0) mask |= POLLOUT | POLLWRNORM;
  return mask;
}

/** The modes changed. What was edited may be read in raw mode; what was raw counts as a line. Linux: drivers/tty/n_tty.c:n_tty_set_termios() */
export function n_tty_set_termios(tty: tty_struct, old_lflag: number): void {
  if ((old_lflag ^ tty.c_lflag) & ICANON) {
    tty.lnext = false;
    if (!(tty.c_lflag & ICANON)) {
      tty.read_buf = [...tty.read_buf.map(byte => byte < 0 ? 0 : byte), ...tty.line];
      tty.line = [];
    }
    flush_to_ldisc(tty);
    if (tty.read_buf.length > 0) wake_up(tty.read_wait);
  }
  if (tty.stopped && !(tty.c_iflag & IXON)) start_tty(tty);
}
