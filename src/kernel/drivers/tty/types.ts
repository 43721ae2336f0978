// Terminals. Linux: include/linux/tty.h, tty_driver.h, tty_ldisc.h. Not here: functions.
import {
  B38400, CREAD, CS8, ECHO, ECHOCTL, ECHOE, ECHOK, ECHOKE, HUPCL, ICANON, ICRNL, IEXTEN, ISIG, IXON, ONLCR, OPOST,
} from '../../../abi/ioctl';
import type { fasync_struct } from '../../fs/fasync';
import { init_waitqueue_head } from '../../kernel/wait';
import type { wait_queue_head } from '../../kernel/types';
import { f, kobject, type Instance } from '../../kobject';

/** Where a terminal's output goes: a leaf known by name. */
export interface tty_operations {
  readonly name: string;
  /** All of `bytes`; the caller has asked write_room() or may not wait (echoes). */
  write(tty: tty_struct, bytes: Uint8Array): void;
  /** Bytes that a writer may give now; absent: any number. */
  write_room?(tty: tty_struct): number;
  /** A descriptor of this end is open for the first time, or the last one is closed. */
  open?(tty: tty_struct): void;
  close?(tty: tty_struct): void;
  /** Takes what has come from outside, before a read or poll. */
  take_input?(tty: tty_struct): void;
  /** The input of a terminal was read: what did not fit may come. */
  unthrottle?(tty: tty_struct): void;
}

const modes = { c_iflag: f.hex, c_oflag: f.hex, c_cflag: f.hex, c_lflag: f.hex, c_line: f.s32, c_cc: f.list(f.s32) };
export const ktermios = kobject('ktermios', modes);
export interface ktermios extends Instance<typeof ktermios> {}

export const tty_struct = kobject('tty_struct', {
  name: f.str, ops: f.ops<tty_operations>('tty_operations'),
  /** Open descriptions. */
  count: f.s32,
  /** tty_driver's subtype: the end of a pseudo-terminal that a program holds. Its number. The other end; null for a terminal of its own. */
  is_pty_master: f.bool, index: f.s32, link: f.ptr<tty_struct>('tty_struct'),
  c_iflag: f.hex, c_oflag: f.hex, c_cflag: f.hex, c_lflag: f.hex, c_line: f.s32, c_cc: f.list(f.s32),
  /** Modes that TIOCSLCKTRMIOS keeps as they are; null: none. */
  termios_locked: f.ptr<ktermios>('ktermios'),
  ws_row: f.s32, ws_col: f.s32, ws_xpixel: f.s32, ws_ypixel: f.s32,
  pgrp: f.pid, session: f.pid,
  /** Linux: TTY_OTHER_CLOSED, TTY_HUPPED, TTY_PTY_LOCK, TTY_EXCLUSIVE; end of file of the person's console. */
  other_closed: f.bool, hung_up: f.bool, pty_lock: f.bool, exclusive: f.bool, at_eof: f.bool,
  /** Output is stopped by STOP or TCOOFF; what was echoed meanwhile. */
  stopped: f.bool, tco_stopped: f.bool, echo_buf: f.list(f.s32),
  /** Packet mode of a master, and the status that its next read tells (TIOCPKT_*). */
  packet: f.bool, pktstatus: f.s32,
  /** Bytes that came and were not looked at yet, since the terminal was full. */
  flip: f.list(f.s32),
  /** Bytes that may be read: whole lines in canonical mode. -1 marks an end of file. */
  read_buf: f.list(f.s32),
  /** The line that is being edited. */
  line: f.list(f.s32),
  lnext: f.bool,
  /** Where the cursor is, and where it was when the line began. */
  column: f.s32, canon_column: f.s32,
  /** When the last byte came. */
  input_at: f.ns,
  read_wait: f.ref<wait_queue_head>('wait_queue_head'), write_wait: f.ref<wait_queue_head>('wait_queue_head'),
  fasync: f.list(f.ref<fasync_struct>('fasync_struct')),
});
export interface tty_struct extends Instance<typeof tty_struct> {}

/** Linux: include/asm-generic/termios.h:INIT_C_CC */
const INIT_C_CC = [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0];

/** Linux: drivers/tty/tty_io.c:tty_std_termios */
export function alloc_tty(name: string, ops: tty_operations, rows: number, columns: number): tty_struct {
  return tty_struct.make({
    name, ops, c_iflag: ICRNL | IXON, c_oflag: OPOST | ONLCR, c_cflag: B38400 | CS8 | CREAD | HUPCL, c_lflag: ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
    c_cc: [...INIT_C_CC], ws_row: rows, ws_col: columns, read_wait: init_waitqueue_head(), write_wait: init_waitqueue_head(),
  });
}
