// What only pseudo-terminals know. Linux: drivers/tty/pty.c:pty_unix98_ioctl(), pty_bsd_ioctl().
import { EINVAL, ENOTTY } from '../../../abi/errno';
import { TIOCGPKT, TIOCGPTLCK, TIOCGPTN, TIOCGPTPEER, TIOCPKT, TIOCSIG, TIOCSPTLCK } from '../../../abi/ioctl';
import { kill_pgrp } from '../../fs/signals';
import type { Result } from '../../fs/types';
import { task_mm } from '../../fs/uio';
import type { task_struct } from '../../kernel/types';
import { get_user32, put_user32 } from '../../mm/uaccess';
import { failed } from '../../result';
import { open_peer } from './peer';
import type { tty_struct } from './types';

export function pty_ioctl(tty: tty_struct, cmd: number, arg: number, task: task_struct): Result<number> {
  const mm = task_mm(task);
  const store = (value: number): Result<number> => {
    const stored = put_user32(mm, arg, value);
    return failed(stored) ? stored : 0;
  };
  if (!tty.is_pty_master) return ENOTTY.because(`the terminal does not know ioctl 0x${cmd.toString(16)}`);
  switch (cmd) {
    case TIOCGPTN:
      return store(tty.index);
    case TIOCGPTLCK:
      return store(tty.pty_lock ? 1 : 0);
    case TIOCGPKT:
      return store(tty.packet ? 1 : 0);
    case TIOCSPTLCK:
    case TIOCPKT: {
      const on = get_user32(mm, arg);
      if (failed(on)) return on;
      if (cmd === TIOCSPTLCK) tty.pty_lock = on !== 0;
      else {
        tty.packet = on !== 0;
        tty.pktstatus = 0;
      }
      return 0;
    }
    case TIOCSIG:
      if (arg !== 2 && arg !== 3 && arg !== 20) return EINVAL.because('only SIGINT, SIGQUIT and SIGTSTP can be sent');
      if (tty.link && tty.link.pgrp > 0) kill_pgrp(tty.link.pgrp, arg);
      return 0;
    case TIOCGPTPEER:
      return open_peer.open ? open_peer.open(task, tty, arg) : ENOTTY.because('there is no other end');
    default:
      return ENOTTY.because(`the terminal does not know ioctl 0x${cmd.toString(16)}`);
  }
}
