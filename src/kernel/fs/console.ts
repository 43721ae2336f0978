// What the person's terminal, pipes or files are to the guest: descriptors 0, 1 and 2 of the first process, and the terminal devices.
import { EAGAIN, ENOTTY } from '../../abi/errno';
import { F_GETPIPE_SZ, F_SETPIPE_SZ, O_LARGEFILE, O_NONBLOCK, O_RDWR, O_RDONLY, O_WRONLY } from '../../abi/fcntl';
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../abi/poll';
import { S_IFREG } from '../../abi/stat';
import { IUTF8 } from '../../abi/ioctl';
import { tty_input } from '../drivers/tty/n_tty';
import { tty_fops } from '../drivers/tty/tty_io';
import { tty_do_resize } from '../drivers/tty/tty_ioctl';
import { alloc_tty, type tty_struct } from '../drivers/tty/types';
import { block, wake_up } from '../kernel/wait';
import { f, kobject, ops, type Instance } from '../kobject';
import { kernel, ports } from '../state';
import { alloc_file_pseudo, pseudo_inode } from './anon_inodes';
import { null_fops } from './devtmpfs/mem';
import { alloc_file } from './file';
import { copy_from_iter, copy_to_iter, iov_iter_kvec, type iov_iter } from './iov_iter';
import { generic_file_llseek, generic_file_read_iter, generic_file_write_iter } from './libfs';
import { shmem_get_inode } from './tmpfs/shmem';
import { FMODE_LSEEK, FMODE_READ, FMODE_STREAM, FMODE_WRITE, type file, type path, type poll_table, type Result } from './types';

/** A stream of the host behind a descriptor. */
export const console_stream = kobject('console_stream', { unit: f.s32, at_eof: f.bool });
export interface console_stream extends Instance<typeof console_stream> {}

const stream_of = (file: file): console_stream => file.private_data as console_stream;

/** The unit that terminal output goes to. */
function tty_unit(): number {
  const { console } = ports();
  return console.kind(1) === 'tty' ? 1 : console.kind(2) === 'tty' ? 2 : 0;
}

/** The person's terminal, which is /dev/pts/0 in the machine. */
export function console_tty(): tty_struct {
  const known = kernel.subsystems.get('console_tty');
  if (known) return known as tty_struct;
  const { rows, columns } = ports().console.windowSize();
  const made = alloc_tty('pts0', console_tty_operations, rows, columns);
  made.c_iflag |= IUTF8;
  // Whoever waits for the host's input waits for this terminal's.
  if (kernel.console_wait) made.read_wait = kernel.console_wait;
  made.count = 1;
  kernel.subsystems.set('console_tty', made);
  kernel.subsystems.set('pts/0', made);
  return made;
}

/** The person's window has another size: whoever works in the foreground is told. A size that a program has set stays until then. */
export function console_resize(): void {
  const tty = kernel.subsystems.get('console_tty') as tty_struct | undefined, size = tty && ports().console.newWindowSize();
  if (tty && size) tty_do_resize(tty, { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 });
}

/** Hands what the person has typed to the terminal; called when the host has input, and before a read. */
export function console_input(): void {
  if (ports().console.kind(0) === 'tty') take_input(console_tty());
}

function take_input(tty: tty_struct): void {
  const { console } = ports();
  if (console.kind(0) !== 'tty') return;
  while (!tty.at_eof && console.isReadable(0)) {
    const bytes = console.read(0, 4096);
    if (bytes === 'pending') return;
    if (bytes.length === 0) {
      tty.at_eof = true;
      wake_up(tty.read_wait);
    } else tty_input(tty, bytes);
  }
}

const console_tty_operations = ops('console_tty_operations', {
  name: 'console_tty_operations', take_input,
  write: (_tty: tty_struct, bytes: Uint8Array): void => ports().console.write(tty_unit(), bytes),
});

function stream_read(file: file, to: iov_iter): Result<number> {
  if (to.count === 0) return 0;
  const bytes = ports().console.read(stream_of(file).unit, Math.min(to.count, 65536));
  if (bytes !== 'pending') return copy_to_iter(bytes, to);
  if (file.f_flags & O_NONBLOCK) return EAGAIN.because('no input has arrived');
  return block(kernel.console_wait);
}

function stream_write(file: file, from: iov_iter): Result<number> {
  let done = 0;
  while (from.count > 0) {
    const bytes = new Uint8Array(Math.min(from.count, 65536));
    const copied = copy_from_iter(bytes, from);
    if (typeof copied !== 'number') return done > 0 ? done : copied;
    if (copied === 0) break;
    ports().console.write(stream_of(file).unit, bytes.subarray(0, copied));
    done += copied;
  }
  return done;
}

function stream_poll(file: file, table: poll_table | null): number {
  if (kernel.console_wait) table?.queues.push(kernel.console_wait);
  const canRead = file.f_mode & FMODE_READ && ports().console.isReadable(stream_of(file).unit);
  return (canRead ? POLLIN | POLLRDNORM : 0) | (file.f_mode & FMODE_WRITE ? POLLOUT | POLLWRNORM : 0);
}

/** The pipe outside is Linux's, of Linux's usual size. */
const stream_ioctl = (_file: file, cmd: number): Result<number> => cmd === F_GETPIPE_SZ || cmd === F_SETPIPE_SZ ? 65536 : ENOTTY.because('a pipe knows no such ioctl');
const console_pipe_fops = ops('console_pipe_fops', { name: 'console_pipe_fops', read_iter: stream_read, write_iter: stream_write, poll: stream_poll, ioctl: stream_ioctl });

/** A redirected file: what is read is kept in pages, so that the guest can seek back; what is written goes to the host at once and is kept too. */
function redirected_read(file: file, to: iov_iter, pos: number): Result<number> {
  const stream = stream_of(file);
  while (!stream.at_eof && file.f_inode.i_size < pos + to.count) {
    const bytes = ports().console.read(stream.unit, 65536);
    if (bytes === 'pending') return block(kernel.console_wait);
    if (bytes.length === 0) {
      stream.at_eof = true;
      break;
    }
    const kept = generic_file_write_iter(file, iov_iter_kvec(bytes), file.f_inode.i_size);
    if (typeof kept !== 'number') return kept;
  }
  return generic_file_read_iter(file, to, pos);
}

function redirected_write(file: file, from: iov_iter, _pos: number): Result<number> {
  const done = stream_write(file, from);
  if (typeof done === 'number') file.f_inode.i_size += done;
  return done;
}

const console_file_fops = ops('console_file_fops', { name: 'console_file_fops', llseek: generic_file_llseek, read_iter: redirected_read, write_iter: redirected_write, poll: stream_poll });

/** The file of descriptor 0, 1 or 2. `pts` (null: no terminal) and `nullDevice`: their places in the tree. */
export function open_console(unit: number, pts: path | null, nullDevice: path): file {
  const kind = ports().console.kind(unit);
  const access = unit === 0 ? O_RDONLY : O_WRONLY;
  const mode = unit === 0 ? FMODE_READ : FMODE_WRITE;
  switch (kind) {
    case 'tty':
      console_tty().count++;
      return alloc_file(pts ?? nullDevice, O_RDWR | O_LARGEFILE, FMODE_READ | FMODE_WRITE, tty_fops, console_tty());
    case 'null':
      return alloc_file(nullDevice, O_RDWR | O_LARGEFILE, FMODE_READ | FMODE_WRITE | FMODE_LSEEK, null_fops);
    case 'pipe':
      return alloc_file_pseudo(pseudo_inode('pipefs', console_pipe_fops), 'pipefs', '', access, mode, console_pipe_fops, console_stream.make({ unit }));
    default: {
      const inode = shmem_get_inode(nullDevice.mnt.mnt_sb, null, S_IFREG | 0o644);
      const file = alloc_file_pseudo(inode, 'anon_inodefs', unit === 0 ? '[stdin]' : '[stdout]', access | O_LARGEFILE, mode | FMODE_LSEEK, console_file_fops, console_stream.make({ unit }));
      file.f_mode &= ~FMODE_STREAM;
      return file;
    }
  }
}
