// A terminal goes away under those who use it. Linux: drivers/tty/tty_io.c:__tty_hangup().
import { wake_up } from '../../kernel/wait';
import { tty_signal_session_leader } from './tty_jobctrl';
import type { tty_struct } from './types';

export function tty_hangup(tty: tty_struct): void {
  if (tty.hung_up) return;
  tty.hung_up = true;
  tty.read_buf = [];
  tty.line = [];
  tty.flip = [];
  tty_signal_session_leader(tty);
  if (tty.link) {
    tty.link.other_closed = true;
    wake_up(tty.link.read_wait);
    wake_up(tty.link.write_wait);
  }
  wake_up(tty.read_wait);
  wake_up(tty.write_wait);
}
