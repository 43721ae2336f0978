// signalfd: pending signals as something to read. Linux: fs/signalfd.c.
import { bits, fd, sigset, size } from '../../abi/arg_types';
import { EAGAIN, EINVAL } from '../../abi/errno';
import { O_NONBLOCK, O_RDWR } from '../../abi/fcntl';
import { POLLIN, SFD_CLOEXEC, SFD_FLAGS, SFD_NONBLOCK, signalfd_siginfo } from '../../abi/poll';
import { packStruct } from '../../abi/struct';
import { SIGKILL, SIGSTOP, dequeue_signal, sigmask } from '../kernel/signal';
import type { kernel_siginfo, task_struct, wait_queue_head } from '../kernel/types';
import { block, init_waitqueue_head } from '../kernel/wait';
import { f, kobject, ops, type Instance } from '../kobject';
import { task_mm } from '../mm/mmap';
import { copy_from_user } from '../mm/uaccess';
import { failed } from '../result';
import { current } from '../state';
import { syscall } from '../syscall';
import { anon_inode_getfile } from './anon_inodes';
import { fd_install_new, fdget } from './file';
import { copy_to_iter, type iov_iter } from './iov_iter';
import { noop_llseek } from './libfs';
import { FMODE_READ, FMODE_WRITE, type file, type poll_table, type Result } from './types';

export const signalfd_ctx = kobject('signalfd_ctx', { sigmask: f.big('sigset_t') });
export interface signalfd_ctx extends Instance<typeof signalfd_ctx> {}

const ctx_of = (file: file): signalfd_ctx => file.private_data as signalfd_ctx;

/** Woken by every signal that the handlers' owners get. Whoever reads or polls waits for their own signals, not for those of the file's maker. */
function signalfd_wqh(task: task_struct): wait_queue_head {
  task.sighand.signalfd_wqh ??= init_waitqueue_head();
  return task.sighand.signalfd_wqh;
}

/** Linux: signalfd_copyinfo() */
function signalfd_bytes(info: kernel_siginfo): Uint8Array {
  return packStruct(signalfd_siginfo, {
    ssi_signo: info.si_signo, ssi_errno: info.si_errno, ssi_code: info.si_code, ssi_pid: info.si_pid, ssi_uid: info.si_uid, ssi_fd: info.si_fd, ssi_tid: info.si_tid, ssi_band: info.si_band,
    ssi_overrun: info.si_overrun, ssi_status: info.si_status, ssi_int: Number(BigInt.asIntN(32, info.si_value)), ssi_ptr: info.si_value, ssi_utime: info.si_utime, ssi_stime: info.si_stime,
    ssi_addr: info.si_addr, ssi_addr_lsb: info.si_addr_lsb, ssi_syscall: info.si_syscall, ssi_call_addr: info.si_call_addr, ssi_arch: info.si_arch,
  });
}

function signalfd_read(file: file, to: iov_iter): Result<number> {
  const task = current();
  const { sigmask: wanted } = ctx_of(file);
  if (to.count < signalfd_siginfo.size) return EINVAL.because(`the buffer is smaller than a struct signalfd_siginfo, ${signalfd_siginfo.size} bytes`);
  let done = 0;
  while (to.count >= signalfd_siginfo.size) {
    const info = dequeue_signal(task, ~wanted);
    if (!info) break;
    const copied = copy_to_iter(signalfd_bytes(info), to);
    if (typeof copied !== 'number') return done > 0 ? done : copied;
    done += copied;
  }
  if (done > 0) return done;
  return file.f_flags & O_NONBLOCK ? EAGAIN.because('none of its signals is pending') : block(signalfd_wqh(task));
}

function signalfd_poll(file: file, table: poll_table | null): number {
  const task = current();
  table?.queues.push(signalfd_wqh(task));
  return ((task.pending.signal | task.signal.shared_pending.signal) & ctx_of(file).sigmask) !== 0n ? POLLIN : 0;
}

const signalfd_fops = ops('signalfd_fops', {
  name: 'signalfd_fops', llseek: noop_llseek, read_iter: signalfd_read, poll: signalfd_poll,
  show_fdinfo: (file: file): string => `sigmask:\t${ctx_of(file).sigmask.toString(16).padStart(16, '0')}\n`,
});

function do_signalfd4(task: task_struct, ufd: number, mask: number, sizemask: number, flags: number): Result<number> {
  if (sizemask !== 8) return EINVAL.because('sizemask is not the size of a sigset_t');
  const bytes = copy_from_user(task_mm(task), mask, 8);
  if (failed(bytes)) return bytes;
  if (flags & ~(SFD_CLOEXEC | SFD_NONBLOCK)) return EINVAL.because('a flag is not known');
  const wanted = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true) & ~(sigmask(SIGKILL) | sigmask(SIGSTOP));
  if (ufd === -1) {
    const file = anon_inode_getfile('[signalfd]', O_RDWR | (flags & SFD_NONBLOCK), FMODE_READ | FMODE_WRITE, signalfd_fops, signalfd_ctx.make({ sigmask: wanted }));
    return fd_install_new(task, file, (flags & SFD_CLOEXEC) !== 0);
  }
  const file = fdget(task, ufd);
  if (!('f_op' in file)) return file;
  if (file.f_op !== signalfd_fops) return EINVAL.because('the descriptor is no signalfd');
  ctx_of(file).sigmask = wanted;
  return ufd;
}

export const sys_signalfd = syscall({
  nr: 282, nr32: 321, name: 'signalfd', brief: 'create a file descriptor for accepting signals', args: { ufd: fd, user_mask: sigset, sizemask: size }, ret: fd, classes: ['desc', 'signal'],
}, (task, { ufd, user_mask, sizemask }) => do_signalfd4(task, ufd, user_mask, sizemask, 0));

export const sys_signalfd4 = syscall({
  nr: 289, nr32: 327, name: 'signalfd4', brief: 'create a file descriptor for accepting signals', args: { ufd: fd, user_mask: sigset, sizemask: size, flags: bits(SFD_FLAGS) }, ret: fd, classes: ['desc', 'signal'],
}, (task, { ufd, user_mask, sizemask, flags }) => do_signalfd4(task, ufd, user_mask, sizemask, flags));
