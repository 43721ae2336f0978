// Pseudo-terminals: /dev/ptmx and what is written at one end. Linux: drivers/tty/pty.c.
import { EIO, ENOSPC, type Errno } from '../../../abi/errno';
import { O_ACCMODE, O_CLOEXEC, O_NOCTTY, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } from '../../../abi/fcntl';
import { HUPCL } from '../../../abi/ioctl';
import { POLL_IN } from '../../../abi/signal';
import { makedev } from '../../../abi/stat';
import { register_chrdev } from '../../fs/char_dev';
import { devpts_mount, devpts_pty_kill, devpts_pty_new } from '../../fs/devpts/inode';
import { wake_async } from '../../fs/fasync';
import { alloc_file, fd_install_new, fput } from '../../fs/file';
import { FMODE_READ, FMODE_STREAM, FMODE_WRITE, type file, type inode, type Result } from '../../fs/types';
import { wake_up } from '../../kernel/wait';
import type { task_struct } from '../../kernel/types';
import { ops } from '../../kobject';
import { kernel } from '../../state';
import { N_TTY_BUF_SIZE, flush_to_ldisc } from './n_tty';
import { open_peer } from './peer';
import { tty_hangup } from './tty_hangup';
import { PTS_MAJOR, tty_fops, tty_open_tty } from './tty_io';
import { alloc_tty, type tty_struct } from './types';

export const PTMX_DEV = makedev(5, 2);
/** Bytes under way to the other end before a writer waits. Linux: drivers/tty/pty.c:tty_buffer_set_limit() */
const PTY_BUF_LIMIT = 8192;
const MAX_PTYS = 4096;

/** To the master: it reads what comes, as it is. */
function pts_write(tty: tty_struct, bytes: Uint8Array): void {
  const master = tty.link;
  if (!master || master.count === 0) return;
  for (const byte of bytes) master.read_buf.push(byte);
  wake_async(master.fasync, POLL_IN);
  wake_up(master.read_wait);
}

/** To the terminal, as if typed. */
function ptm_write(tty: tty_struct, bytes: Uint8Array): void {
  const slave = tty.link;
  if (!slave) return;
  for (const byte of bytes) slave.flip.push(byte);
  flush_to_ldisc(slave);
}

const pts_operations = ops('pts_operations', {
  name: 'pts_operations', write: pts_write,
  write_room: (tty: tty_struct): number => Math.max(0, PTY_BUF_LIMIT + N_TTY_BUF_SIZE - (tty.link?.read_buf.length ?? 0)),
  open(tty: tty_struct): void {
    if (tty.link) tty.link.other_closed = false;
  },
  /** The last terminal end is closed: the master reads what is left, then EIO. */
  close(tty: tty_struct): void {
    if (!tty.link) return;
    tty.link.other_closed = true;
    wake_up(tty.link.read_wait);
  },
  unthrottle(tty: tty_struct): void {
    if (tty.link) wake_up(tty.link.write_wait);
  },
});
const ptm_operations = ops('ptm_operations', {
  name: 'ptm_operations', write: ptm_write,
  write_room: (tty: tty_struct): number => Math.max(0, PTY_BUF_LIMIT - (tty.link?.flip.length ?? 0)),
  /** The master is gone: its terminal is hung up, its name goes. */
  close(tty: tty_struct): void {
    if (!tty.link) return;
    tty_hangup(tty.link);
    devpts_pty_kill(tty.index);
    kernel.subsystems.delete(`pts/${tty.index}`);
  },
  unthrottle(tty: tty_struct): void {
    if (tty.link) wake_up(tty.link.write_wait);
  },
});

/** A new pair for whoever opens /dev/ptmx. Linux: drivers/tty/pty.c:ptmx_open() */
function ptmx_open(_inode: inode, file: file): Errno | null {
  let index = 0;
  while (kernel.subsystems.has(`pts/${index}`)) index++;
  if (index >= MAX_PTYS) return ENOSPC.because(`there are ${MAX_PTYS} pseudo-terminals`);
  const master = alloc_tty('ptm', ptm_operations, 0, 0), slave = alloc_tty(`pts${index}`, pts_operations, 0, 0);
  // The master's own modes: nothing is echoed or edited. Linux: drivers/tty/pty.c:unix98_pty_init()
  master.c_iflag = master.c_oflag = master.c_lflag = 0;
  master.c_cflag = slave.c_cflag &= ~HUPCL;
  master.is_pty_master = master.pty_lock = true;
  master.index = slave.index = index;
  master.link = slave;
  slave.link = master;
  master.count = 1;
  kernel.subsystems.set(`pts/${index}`, slave);
  devpts_pty_new(index, makedev(PTS_MAJOR, index));
  file.private_data = master;
  file.f_op = tty_fops;
  return null;
}

/** A descriptor of the terminal end without a path. Linux: drivers/tty/pty.c:ptm_open_peer() */
open_peer.open = (task: task_struct, master: tty_struct, flags: number): Result<number> => {
  const mnt = devpts_mount();
  const dentry = mnt?.mnt_root.d_children.get(String(master.index));
  const slave = master.link;
  if (!mnt || !dentry || !slave) return EIO.because('the terminal end is gone');
  const access = flags & O_ACCMODE;
  const mode = (access === O_RDONLY ? FMODE_READ : access === O_WRONLY ? FMODE_WRITE : access === O_RDWR ? FMODE_READ | FMODE_WRITE : 0) | FMODE_STREAM;
  const wasLocked = master.pty_lock;
  master.pty_lock = false;
  const file = alloc_file({ mnt, dentry }, flags & (O_ACCMODE | O_NONBLOCK), mode, tty_fops);
  const refused = tty_open_tty(slave, file, (flags & O_NOCTTY) !== 0);
  master.pty_lock = wasLocked;
  if (!refused) return fd_install_new(task, file, (flags & O_CLOEXEC) !== 0);
  file.f_op = ptmx_fops;
  fput(file);
  return refused;
};

const ptmx_fops = ops('ptmx_fops', { name: 'ptmx_fops', open: ptmx_open });
register_chrdev(PTMX_DEV, ptmx_fops);
register_chrdev(-PTS_MAJOR, tty_fops);
