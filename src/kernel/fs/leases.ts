// Leases: who holds one is told before another opens or truncates the file, which waits until the lease is given up. Linux: fs/locks.c. No delegations: only NFS makes them.
import type { iflags_t, int } from '../../abi/c_types';
import { EACCES, EAGAIN, EINVAL, type Errno } from '../../abi/errno';
import { F_RDLCK, F_UNLCK, F_WRLCK, O_ACCMODE, O_NONBLOCK, O_RDONLY } from '../../abi/fcntl';
import { POLL_MSG } from '../../abi/signal';
import { S_ISREG } from '../../abi/stat';
import type { task_struct } from '../kernel/types';
import { block, wake_up } from '../kernel/wait';
import type { Block } from '../result';
import { ports } from '../state';
import { f_setown_if_none, fasync_struct, wake_async } from './fasync';
import { file_release_hooks } from './file';
import { CAP_LEASE, capable } from './inode';
import { locks_of } from './locks';
import { FMODE_WRITE, file_lease, type file, type inode, type Result } from './types';

/** Linux: /proc/sys/fs/lease-break-time, 45 s */
const LEASE_BREAK_NS = 45e9;

/** What a breaking lease will be. Linux: target_leasetype() */
const target_leasetype = (lease: file_lease): int => lease.unlock_pending ? F_UNLCK : lease.downgrade_pending ? F_RDLCK : lease.type;

const own_lease = (file: file): file_lease | undefined => file.f_inode.i_flctx?.flc_lease.find(lease => lease.file === file);

/** Breaks that nobody answered are carried out. Linux: time_out_leases() */
function time_out_leases(inode: inode): void {
  const now = ports().clock.now();
  for (const lease of inode.i_flctx?.flc_lease.slice() ?? []) {
    if (lease.downgrade_pending && lease.break_at <= now) lease_modify(lease, F_RDLCK);
    else if (lease.unlock_pending && lease.break_at <= now) lease_modify(lease, F_UNLCK);
  }
}

/** Linux: lease_modify() */
function lease_modify(lease: file_lease, type: int): void {
  lease.type = type;
  lease.downgrade_pending = false;
  if (type === F_UNLCK) lease.unlock_pending = false;
  const { file } = lease, context = locks_of(file.f_inode);
  wake_up(context.wait);
  if (type !== F_UNLCK) return;
  file.f_owner = 0;
  file.f_owner_signum = 0;
  context.flc_lease = context.flc_lease.filter(other => other !== lease);
}

export function fcntl_getlease(file: file): int {
  time_out_leases(file.f_inode);
  const own = own_lease(file);
  return own ? target_leasetype(own) : F_UNLCK;
}

/** Linux: check_conflicting_open() */
function isOpenElsewhere(file: file, type: int): boolean {
  const { i_writecount, i_count } = file.f_inode, isWriter = (file.f_mode & FMODE_WRITE) !== 0;
  if (type === F_RDLCK) return i_writecount > 0;
  return i_writecount !== Number(isWriter) || i_count - i_writecount !== Number(!isWriter);
}

export function fcntl_setlease(task: task_struct, fd: int, file: file, type: int): Result<int> {
  const inode = file.f_inode;
  if (type !== F_UNLCK && type !== F_RDLCK && type !== F_WRLCK) return EINVAL.because('a lease is F_RDLCK, F_WRLCK or F_UNLCK');
  if (inode.i_uid !== task.cred.fsuid && !capable(task, CAP_LEASE)) return EACCES.because('the file is another user\'s');
  if (!S_ISREG(inode.i_mode)) return EINVAL.because('only regular files have leases');
  time_out_leases(inode);
  const own = own_lease(file);
  if (type === F_UNLCK) {
    if (!own) return EAGAIN.because('the descriptor holds no lease');
    lease_modify(own, F_UNLCK);
    return 0;
  }
  if (isOpenElsewhere(file, type)) return EAGAIN.because('the file is open in a way that the lease would have to be told of');
  const others = (inode.i_flctx?.flc_lease ?? []).filter(lease => lease !== own);
  if (others.some(lease => type === F_WRLCK || lease.unlock_pending)) return EAGAIN.because('another descriptor holds a lease');
  if (own) lease_modify(own, type);
  else locks_of(inode).flc_lease.push(file_lease.make({ file, type, pid: task.tgid, fl_fasync: [fasync_struct.make({ fa_file: file, fa_fd: fd })] }));
  f_setown_if_none(task, file);
  return 0;
}

/** The file is opened or truncated: leases in the way are broken, and waited for. Linux: __break_lease() */
export function break_lease(inode: inode, mode: iflags_t): Errno | Block | null {
  if (!inode.i_flctx || inode.i_flctx.flc_lease.length === 0) return null;
  const wantsWrite = (mode & O_ACCMODE) !== O_RDONLY;
  time_out_leases(inode);
  const inTheWay = inode.i_flctx.flc_lease.filter(lease => wantsWrite || lease.type === F_WRLCK);
  for (const lease of inTheWay) {
    if (lease.unlock_pending || !wantsWrite && lease.downgrade_pending) continue;
    if (wantsWrite) lease.unlock_pending = true;
    else lease.downgrade_pending = true;
    lease.break_at = ports().clock.now() + LEASE_BREAK_NS;
    wake_async(lease.fl_fasync, POLL_MSG);
  }
  const first = inTheWay[0];
  if (!first) return null;
  return mode & O_NONBLOCK ? EAGAIN.because(`process ${first.pid} holds a lease on the file`) : block(inode.i_flctx.wait, first.break_at);
}

/** The description is closed for good. */
file_release_hooks.locks_remove_lease = (file: file): void => {
  const own = own_lease(file);
  if (own) lease_modify(own, F_UNLCK);
};
