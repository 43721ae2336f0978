// Terminals as files: opening by number, reading, writing, the last close. Linux: drivers/tty/tty_io.c.
import type { int } from '../../../abi/c_types';
import { EIO, ENODEV, ENXIO, type Errno } from '../../../abi/errno';
import { F_OWNER_PGRP, O_NOCTTY } from '../../../abi/fcntl';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../../abi/poll';
import { makedev } from '../../../abi/stat';
import { register_chrdev } from '../../fs/char_dev';
import { __f_setown, f_setown_if_none, fasync_helper } from '../../fs/fasync';
import type { iov_iter } from '../../fs/iov_iter';
import type { file, inode, poll_table, Result } from '../../fs/types';
import type { task_struct } from '../../kernel/types';
import { ops } from '../../kobject';
import type { Block } from '../../result';
import { current, kernel } from '../../state';
import { n_tty_poll, n_tty_read, n_tty_write } from './n_tty';
import { refuse_exclusive, tty_ioctl } from './tty_ioctl';
import { tty_open_proc_set_tty } from './tty_jobctrl';
import type { tty_struct } from './types';

export const TTY_DEV = makedev(5, 0), CONSOLE_DEV = makedev(5, 1), PTS_MAJOR = 136;
/** Linux: fs/open.c hands the flags to the driver before they are dropped from f_flags; here the call's record has them. */
export const tty_of = (file: file): tty_struct => file.private_data as tty_struct;

/** The terminal that a device number means. Linux: drivers/tty/tty_io.c:tty_lookup_driver() */
function lookup_tty(rdev: number): tty_struct | Errno {
  if (rdev === TTY_DEV) {
    const { tty } = current().signal;
    return tty ? tty as tty_struct : ENXIO.because('the process has no controlling terminal');
  }
  const known = kernel.subsystems.get(rdev === CONSOLE_DEV ? 'console_tty' : `pts/${rdev & 0xff | (rdev >> 12 & 0xfff00)}`);
  return known ? known as tty_struct : rdev === CONSOLE_DEV ? ENODEV.because('there is no console') : EIO.because('the master of the pseudo-terminal is closed');
}

function tty_open(inode: inode, file: file): Errno | Block | null {
  const tty = lookup_tty(inode.i_rdev);
  if (!('$type' in tty)) return tty;
  return tty_open_tty(tty, file, (file.f_flags & O_NOCTTY) !== 0 || inode.i_rdev === TTY_DEV);
}

/** One more open description. */
export function tty_open_tty(tty: tty_struct, file: file, noctty: boolean): Errno | Block | null {
  if (tty.link && !tty.is_pty_master && (tty.link.pty_lock || tty.link.count === 0 || tty.hung_up)) return EIO.because(tty.link.pty_lock ? 'the pseudo-terminal is locked; unlockpt() opens it' : 'the master is closed');
  const refused = refuse_exclusive(tty, current());
  if (refused) return refused;
  if (tty.count === 0) tty.ops.open?.(tty);
  tty.count++;
  file.private_data = tty;
  if (!noctty && !tty.is_pty_master) tty_open_proc_set_tty(file, tty);
  return null;
}

export function tty_release(_inode: inode, file: file): void {
  const tty = tty_of(file);
  tty.count--;
  if (tty.count === 0) tty.ops.close?.(tty);
}

const tty_read = (file: file, to: iov_iter): Result<number> => tty_of(file).hung_up ? 0 : n_tty_read(tty_of(file), file, to);
const tty_write = (file: file, from: iov_iter): Result<number> => tty_of(file).hung_up ? EIO.because('the terminal is hung up') : n_tty_write(tty_of(file), file, from);

function tty_poll(file: file, table: poll_table | null): number {
  const tty = tty_of(file);
  return tty.hung_up ? POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM : n_tty_poll(tty, table);
}

/** The foreground group is told, or the caller where there is none, unless an owner was set. Linux: drivers/tty/tty_io.c:__tty_fasync() */
function tty_fasync(fd: int, file: file, isOn: boolean): void {
  const tty = tty_of(file);
  fasync_helper(fd, file, isOn, tty.fasync);
  if (!isOn || file.f_owner !== 0) return;
  if (tty.pgrp > 0) __f_setown(current(), file, tty.pgrp, F_OWNER_PGRP);
  else f_setown_if_none(current(), file);
}

export const tty_fops = ops('tty_fops', {
  name: 'tty_fops', open: tty_open, read_iter: tty_read, write_iter: tty_write, poll: tty_poll, fasync: tty_fasync, release: tty_release,
  ioctl: (file: file, cmd: number, arg: number, task: task_struct): Result<number> => tty_ioctl(tty_of(file), file, cmd, arg, task),
});
register_chrdev(TTY_DEV, tty_fops);
register_chrdev(CONSOLE_DEV, tty_fops);
