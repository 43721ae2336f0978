// /proc/locks: locks of files and leases, of those that have the files open. Linux: fs/locks.c:locks_show(), lock_get_status().
// Differs: in the order of processes and their descriptors, not of time, and without those that wait.
import { F_RDLCK } from '../../../abi/fcntl';
import { OFFSET_MAX } from '../../../abi/fs';
import { major, minor } from '../../../abi/stat';
import { kernel } from '../../state';
import type { file_lock, inode } from '../types';

const KINDS: Readonly<Record<string, string>> = { posix: 'POSIX  ADVISORY ', ofd: 'OFDLCK ADVISORY ', flock: 'FLOCK  ADVISORY ' };
const hex = (value: number): string => value.toString(16).padStart(2, '0');

function lock_line(number: number, lock: file_lock, inode: inode): string {
  const place = `${hex(major(inode.i_dev))}:${hex(minor(inode.i_dev))}:${inode.i_ino}`;
  return `${number}: ${KINDS[lock.kind] ?? ''} ${lock.type === F_RDLCK ? 'READ ' : 'WRITE'} ${lock.pid} ${place} ${lock.start} ${lock.end === OFFSET_MAX ? 'EOF' : lock.end}\n`;
}

export function show_locks(): string {
  const inodes = new Set<inode>();
  for (const { files } of kernel.tasks.values()) for (const file of files?.fd ?? []) if (file?.f_inode.i_flctx) inodes.add(file.f_inode);
  let number = 0, text = '';
  for (const inode of inodes) for (const lock of [...inode.i_flctx?.list ?? []].reverse()) text += lock_line(++number, lock, inode);
  return text;
}
