// The modes of a terminal: struct termios, termios2 and the old termio, and which modes are locked. Linux: drivers/tty/tty_ioctl.c:tty_mode_ioctl(), tty_baudrate.c.
import type { uaddr_t, uflags_t } from '../../../abi/c_types';
import { EPERM } from '../../../abi/errno';
import {
  CLOCAL, TCGETA, TCGETS, TCGETS2, TCSETA, TCSETAF, TCSETAW, TCSETS, TCSETS2, TCSETSF, TCSETSF2, TCSETSW, TCSETSW2, TIOCGLCKTRMIOS, TIOCGSOFTCAR, TIOCSLCKTRMIOS, TIOCSSOFTCAR,
  termio as termio_layout, termios as termios_layout,
} from '../../../abi/ioctl';
import { packStruct, readField } from '../../../abi/struct';
import { capable, CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN } from '../../fs/inode';
import type { Result } from '../../fs/types';
import { task_mm } from '../../fs/uio';
import type { task_struct } from '../../kernel/types';
import { copy_from_user, copy_to_user, get_user32, put_user32 } from '../../mm/uaccess';
import type { KObject } from '../../kobject';
import { failed } from '../../result';
import { n_tty_flush_buffer, n_tty_set_termios } from './n_tty';
import { tty_check_change } from './tty_jobctrl';
import { ktermios, type tty_struct } from './types';

type Modes = Omit<ktermios, keyof KObject>;

const SPEEDS = [0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400];
const TERMIOS2_SIZE = 44, NCC = 8, NCCS = 19;
const CBAUD = 0o10017;

/** Linux: drivers/tty/tty_baudrate.c:tty_termios_baud_rate() */
function baud_rate(tty: tty_struct): number {
  const code = tty.c_cflag & CBAUD;
  return SPEEDS[code & 0o10000 ? (code & 0o17) + 15 : code] ?? 38400;
}

function termios_bytes({ c_iflag, c_oflag, c_cflag, c_lflag, c_line, c_cc }: Modes): Uint8Array {
  const bytes = packStruct(termios_layout, { c_iflag, c_oflag, c_cflag, c_lflag, c_line });
  bytes.set(c_cc, 17);
  return bytes;
}

const modes_of = ({ c_iflag, c_oflag, c_cflag, c_lflag, c_line, c_cc }: Modes): Modes => ({ c_iflag, c_oflag, c_cflag, c_lflag, c_line, c_cc: [...c_cc] });

function termios_of(bytes: Uint8Array): Modes {
  const get = (name: 'c_iflag' | 'c_oflag' | 'c_cflag' | 'c_lflag'): number => readField(termios_layout, bytes, name);
  return { c_iflag: get('c_iflag'), c_oflag: get('c_oflag'), c_cflag: get('c_cflag'), c_lflag: get('c_lflag'), c_line: bytes[16] ?? 0, c_cc: [...bytes.subarray(17, 17 + NCCS)] };
}

/** The old structure has the lower halves of the flags and eight keys. Linux: user_termio_to_kernel_termios() */
function termio_over(bytes: Uint8Array, old: Modes): Modes {
  const low = (name: 'c_iflag' | 'c_oflag' | 'c_cflag' | 'c_lflag'): number => (old[name] & ~0xffff | readField(termio_layout, bytes, name)) >>> 0;
  return { c_iflag: low('c_iflag'), c_oflag: low('c_oflag'), c_cflag: low('c_cflag'), c_lflag: low('c_lflag'), c_line: bytes[8] ?? 0, c_cc: [...bytes.subarray(9, 9 + NCC), ...old.c_cc.slice(NCC)] };
}

/** What is locked stays. Linux: unset_locked_termios() */
function unset_locked_termios(wanted: Modes, old: Modes, locked: Modes | null): Modes {
  if (!locked) return wanted;
  const keep = (now: number, before: number, mask: number): number => (now & ~mask | before & mask) >>> 0;
  return {
    c_iflag: keep(wanted.c_iflag, old.c_iflag, locked.c_iflag), c_oflag: keep(wanted.c_oflag, old.c_oflag, locked.c_oflag), c_cflag: keep(wanted.c_cflag, old.c_cflag, locked.c_cflag),
    c_lflag: keep(wanted.c_lflag, old.c_lflag, locked.c_lflag), c_line: locked.c_line ? old.c_line : wanted.c_line, c_cc: wanted.c_cc.map((key, i) => locked.c_cc[i] ? old.c_cc[i] ?? key : key),
  };
}

function tty_set_termios(tty: tty_struct, wanted: Modes): void {
  const old_lflag = tty.c_lflag;
  Object.assign(tty, unset_locked_termios(wanted, tty, tty.termios_locked));
  // A pseudo-terminal has eight bits and no parity. Linux: drivers/tty/pty.c:pty_set_termios()
  if (tty.link) tty.c_cflag = (tty.c_cflag & ~0o560) | 0o260;
  n_tty_set_termios(tty, old_lflag);
}

/** Linux: set_termios() */
function set_termios(task: task_struct, tty: tty_struct, address: uaddr_t, size: number, flush: boolean): Result<number> {
  const refused = tty_check_change(tty);
  if (refused) return refused;
  const bytes = copy_from_user(task_mm(task), address, size);
  if (failed(bytes)) return bytes;
  if (flush) n_tty_flush_buffer(tty);
  tty_set_termios(tty, size === termio_layout.size ? termio_over(bytes, tty) : termios_of(bytes));
  return 0;
}

function get_termios2(task: task_struct, tty: tty_struct, address: uaddr_t): Result<number> {
  const bytes = new Uint8Array(TERMIOS2_SIZE), view = new DataView(bytes.buffer);
  bytes.set(termios_bytes(tty));
  view.setUint32(36, baud_rate(tty), true);
  view.setUint32(40, baud_rate(tty), true);
  return copy_to_user(task_mm(task), address, bytes);
}

function get_termio(task: task_struct, tty: tty_struct, address: uaddr_t): Result<number> {
  const low = (flag: number): number => flag & 0xffff;
  const bytes = packStruct(termio_layout, { c_iflag: low(tty.c_iflag), c_oflag: low(tty.c_oflag), c_cflag: low(tty.c_cflag), c_lflag: low(tty.c_lflag), c_line: tty.c_line });
  bytes.set(tty.c_cc.slice(0, NCC), 9);
  return copy_to_user(task_mm(task), address, bytes);
}

const UNLOCKED: Modes = { c_iflag: 0, c_oflag: 0, c_cflag: 0, c_lflag: 0, c_line: 0, c_cc: Array<number>(NCCS).fill(0) };

function lock_termios(task: task_struct, tty: tty_struct, address: uaddr_t): Result<number> {
  if (!capable(task, CAP_CHECKPOINT_RESTORE) && !capable(task, CAP_SYS_ADMIN)) return EPERM.because('CAP_CHECKPOINT_RESTORE is needed');
  const bytes = copy_from_user(task_mm(task), address, termios_layout.size);
  if (failed(bytes)) return bytes;
  tty.termios_locked = ktermios.make(termios_of(bytes));
  return 0;
}

function set_softcar(task: task_struct, tty: tty_struct, address: uaddr_t): Result<number> {
  const on = get_user32(task_mm(task), address);
  if (failed(on)) return on;
  tty_set_termios(tty, { ...modes_of(tty), c_cflag: on ? tty.c_cflag | CLOCAL : tty.c_cflag & ~CLOCAL });
  return 0;
}

/** Null: not about modes. */
export function termios_ioctl(task: task_struct, tty: tty_struct, cmd: uflags_t, arg: uaddr_t): Result<number> | null {
  switch (cmd) {
    case TCGETS: return copy_to_user(task_mm(task), arg, termios_bytes(tty));
    case TCGETS2: return get_termios2(task, tty, arg);
    case TCGETA: return get_termio(task, tty, arg);
    case TCSETS: case TCSETSW: case TCSETSF: return set_termios(task, tty, arg, termios_layout.size, cmd === TCSETSF);
    case TCSETS2: case TCSETSW2: case TCSETSF2: return set_termios(task, tty, arg, TERMIOS2_SIZE, cmd === TCSETSF2);
    case TCSETA: case TCSETAW: case TCSETAF: return set_termios(task, tty, arg, termio_layout.size, cmd === TCSETAF);
    case TIOCGLCKTRMIOS: return copy_to_user(task_mm(task), arg, termios_bytes(tty.termios_locked ?? UNLOCKED));
    case TIOCSLCKTRMIOS: return lock_termios(task, tty, arg);
    case TIOCGSOFTCAR: return put_user32(task_mm(task), arg, tty.c_cflag & CLOCAL ? 1 : 0);
    case TIOCSSOFTCAR: return set_softcar(task, tty, arg);
    default: return null;
  }
}
