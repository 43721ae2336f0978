// The older calls about identity, and namespaces, which there are none of. Linux: kernel/sys.c, kernel/fork.c:unshare(), kernel/time/ntp.c
import { bits, clockid, fd, gid, int, pointer, struct, uid } from '../../abi/arg_types';
import { old_timex32, timex_from_old, timex_to_old } from '../../abi/compat';
import { EINVAL, EOPNOTSUPP, EPERM, type Errno } from '../../abi/errno';
import { CLONE_FILES, CLONE_FS, CLONE_NEWUSER, CLONE_SIGHAND, CLONE_SYSVSEM, CLONE_THREAD, CLONE_VM, SETNS, UNSHARE } from '../../abi/sched';
import { packStruct, readField } from '../../abi/struct';
import { ADJ_MICRO, ADJ_NANO, ADJ_OFFSET, ADJ_SETOFFSET, CLOCK_PROCESS_CPUTIME_ID, CLOCK_REALTIME, CLOCK_THREAD_CPUTIME_ID, timex, timezone } from '../../abi/time';
import { update_vsyscall } from '../arch/x86/vdso';
import { fdget, unshare_files } from '../fs/file';
import { capable, CAP_SYS_ADMIN, CAP_SYS_TIME } from '../fs/inode';
import { ns_type_of } from '../fs/proc/namespaces';
import { copy_fs_struct } from '../fs/readdir';
import { task_mm } from '../mm/mmap';
import { copy_from_user, copy_to_user } from '../mm/uaccess';
import { failed, type Block, type SyscallResult } from '../result';
import { kernel } from '../state';
import { in_time32_syscall, syscall } from '../syscall';
import { commit_creds } from './sys';
import { do_settimeofday, get_timeval } from './time/time';
import { is_ktime_clock, ktime_get_real } from './time/timekeeping';
import type { task_struct } from './types';

const UNSHARE_FLAGS = UNSHARE.entries.reduce((all, [, flag]) => all | flag, 0);
const UNCHANGED = 0xffffffff;
const CAP_SETGID = 6n, CAP_SETUID = 7n;

export const sys_setreuid = syscall({ nr: 113, nr32: 203, name32: 'setreuid32', name: 'setreuid', brief: 'set real and/or effective user ID', args: { ruid: uid, euid: uid }, ret: int, classes: ['creds'] }, (task, { ruid, euid }) => {
  const old = task.cred;
  const isCapable = (old.cap_effective >> CAP_SETUID & 1n) === 1n;
  if (ruid !== UNCHANGED && !isCapable && ruid !== old.uid && ruid !== old.euid) return EPERM.because('needs CAP_SETUID');
  if (euid !== UNCHANGED && !isCapable && euid !== old.uid && euid !== old.euid && euid !== old.suid) return EPERM.because('needs CAP_SETUID');
  const effective = euid === UNCHANGED ? old.euid : euid;
  const suid = ruid !== UNCHANGED || euid !== UNCHANGED && euid !== old.uid ? effective : old.suid;
  return commit_creds(task, { uid: ruid === UNCHANGED ? old.uid : ruid, euid: effective, suid });
});

export const sys_setregid = syscall({ nr: 114, nr32: 204, name32: 'setregid32', name: 'setregid', brief: 'set real and/or effective group ID', args: { rgid: gid, egid: gid }, ret: int, classes: ['creds'] }, (task, { rgid, egid }) => {
  const old = task.cred;
  const isCapable = (old.cap_effective >> CAP_SETGID & 1n) === 1n;
  if (rgid !== UNCHANGED && !isCapable && rgid !== old.gid && rgid !== old.egid) return EPERM.because('needs CAP_SETGID');
  if (egid !== UNCHANGED && !isCapable && egid !== old.gid && egid !== old.egid && egid !== old.sgid) return EPERM.because('needs CAP_SETGID');
  const effective = egid === UNCHANGED ? old.egid : egid;
  const sgid = rgid !== UNCHANGED || egid !== UNCHANGED && egid !== old.gid ? effective : old.sgid;
  return commit_creds(task, { gid: rgid === UNCHANGED ? old.gid : rgid, egid: effective, sgid });
});

/** Gives the old id; a refusal is seen only by asking again. */
export const sys_setfsuid = syscall({ nr: 122, nr32: 215, name32: 'setfsuid32', name: 'setfsuid', brief: 'set user identity used for filesystem checks', args: { fsuid: uid }, ret: uid, classes: ['creds'] }, (task, { fsuid }) => {
  const old = task.cred;
  if ([old.uid, old.euid, old.suid, old.fsuid].includes(fsuid) || (old.cap_effective >> CAP_SETUID & 1n) === 1n && fsuid !== UNCHANGED) commit_creds(task, { fsuid });
  return old.fsuid;
});

export const sys_setfsgid = syscall({ nr: 123, nr32: 216, name32: 'setfsgid32', name: 'setfsgid', brief: 'set group identity used for filesystem checks', args: { fsgid: gid }, ret: gid, classes: ['creds'] }, (task, { fsgid }) => {
  const old = task.cred;
  if ([old.gid, old.egid, old.sgid, old.fsgid].includes(fsgid) || (old.cap_effective >> CAP_SETGID & 1n) === 1n && fsgid !== UNCHANGED) commit_creds(task, { fsgid });
  return old.fsgid;
});

export const sys_unshare = syscall({
  nr: 272, nr32: 310, name: 'unshare', brief: 'run program in new namespaces', args: { flags: bits(UNSHARE) }, ret: int, classes: [], support: { partial: 'no namespaces' },
}, (task, { flags }) => {
  if ((flags & ~UNSHARE_FLAGS) !== 0) return EINVAL.because('flags has unknown bits');
  if ((flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)) !== 0 && task.signal.thread_head.length > 1) return EINVAL.because('the process has other threads');
  if ((flags & (CLONE_SIGHAND | CLONE_VM)) !== 0 && task.sighand.count > 1) return EINVAL.because('the signal handlers are shared with another process');
  if ((flags & CLONE_VM) !== 0 && task_mm(task).mm_users > 1) return EINVAL.because('the memory is shared with another process');
  if ((flags & ~(CLONE_FILES | CLONE_FS | CLONE_SYSVSEM | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)) !== 0) return EPERM.because('namespaces cannot be made here');
  if ((flags & CLONE_FILES) !== 0) unshare_files(task);
  if ((flags & CLONE_FS) !== 0 && task.fs && task.fs.users > 1) {
    task.fs.users--;
    task.fs = copy_fs_struct(task.fs);
  }
  return 0;
});

export const sys_setns = syscall({ nr: 308, nr32: 346, name: 'setns', brief: 'reassociate thread with a namespace', args: { fd, nstype: bits(SETNS) }, ret: int, classes: ['desc'] },
  (task, { fd: number, nstype }) => {
    const file = fdget(task, number);
    if (failed(file)) return file;
    const type = ns_type_of(file);
    if (type === 0) return EINVAL.because('the descriptor is no namespace');
    if (nstype !== 0 && nstype !== type) return EINVAL.because('the namespace is of another kind');
    if (type === CLONE_NEWUSER) return EINVAL.because('the process is in that user namespace already');
    return capable(task, CAP_SYS_ADMIN) ? 0 : EPERM.because('setns needs CAP_SYS_ADMIN');
  });

export const sys_settimeofday = syscall({ nr: 164, nr_time32: 79, name: 'settimeofday', brief: 'set time', args: { tv: pointer('timeval', 'const struct timeval *', 'in'), tz: pointer('timezone', 'const struct timezone *', 'in') }, ret: int, classes: ['clock'] },
  (task, { tv, tz }) => {
    const zone = tz === 0 ? null : copy_from_user(task_mm(task), tz, timezone.size);
    if (zone && failed(zone)) return zone;
    const time = tv === 0 ? null : get_timeval(task, tv);
    if (time !== null && typeof time !== 'bigint') return time;
    if (!capable(task, CAP_SYS_TIME)) return EPERM.because('setting the clock needs CAP_SYS_TIME');
    if (zone) {
      kernel.tz_minuteswest = readField(timezone, zone, 'tz_minuteswest');
      kernel.tz_dsttime = readField(timezone, zone, 'tz_dsttime');
      update_vsyscall();
    }
    return time === null ? 0 : do_settimeofday(task, time) ?? 0;
  });

export const sys_adjtimex = syscall({ nr: 159, nr_time32: 124, name: 'adjtimex', brief: 'tune kernel clock', args: { buf: struct(timex, 'inout') }, ret: int, classes: ['clock'], support: { partial: 'ADJ_SETOFFSET and ADJ_OFFSET_SINGLESHOT only; the clock does not drift' } }, (task, { buf }) => do_adjtimex(task, buf));

export const sys_clock_adjtime = syscall({
  nr: 305, nr32: 405, nr_time32: 343, name32: 'clock_adjtime64', name: 'clock_adjtime', brief: 'tune a clock', args: { which_clock: clockid, tx: struct(timex, 'inout') }, ret: int, classes: ['clock'], support: { partial: 'ADJ_SETOFFSET and ADJ_OFFSET_SINGLESHOT only; the clock does not drift' },
}, (task, { which_clock, tx }) => {
  if (which_clock !== CLOCK_REALTIME) {
    const given = get_timex(task, tx);
    if (failed(given)) return given;
  }
  if (which_clock !== CLOCK_REALTIME) return is_ktime_clock(which_clock) || which_clock === CLOCK_PROCESS_CPUTIME_ID || which_clock === CLOCK_THREAD_CPUTIME_ID ? EOPNOTSUPP.because('this clock cannot be tuned') : EINVAL.because('there is no such clock');
  return do_adjtimex(task, tx);
});

function get_timex(task: task_struct, buf: number): Uint8Array | Errno | Block {
  const isOld = in_time32_syscall(task), bytes = copy_from_user(task_mm(task), buf, isOld ? old_timex32.size : timex.size);
  return failed(bytes) || !isOld ? bytes : timex_from_old(bytes);
}

function do_adjtimex(task: task_struct, buf: number): SyscallResult {
  const bytes = get_timex(task, buf);
  if (failed(bytes)) return bytes;
  const modes = readField(timex, bytes, 'modes');
  if ((modes & ADJ_ADJTIME) !== 0) return do_adjtime(task, buf, bytes, modes);
  if (modes !== 0 && !capable(task, CAP_SYS_TIME)) return EPERM.because('adjusting the clock needs CAP_SYS_TIME');
  if ((modes & ~(ADJ_SETOFFSET | ADJ_NANO | ADJ_MICRO)) !== 0) return EINVAL.because('only ADJ_SETOFFSET is supported: the clock does not drift');
  if ((modes & ADJ_SETOFFSET) !== 0) {
    const step = new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(timex.fields.time.offset, true) * 1_000_000_000n;
    const part = new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(timex.fields.time.offset + 8, true) * ((modes & ADJ_NANO) !== 0 ? 1n : 1000n);
    if (part < 0n || part >= 1_000_000_000n) return EINVAL.because('the time is not valid');
    const refused = do_settimeofday(task, ktime_get_real() + step + part);
    if (refused) return refused;
  }
  return put_timex(task, buf, 0);
}

/** Linux: kernel/time/timekeeping.c:ADJ_ADJTIME */
const ADJ_ADJTIME = 0x8000, ADJ_OFFSET_READONLY = ADJ_NANO;

/** adjtime(3). Differs: the clock is stepped at once, so that nothing is ever left to be adjusted. */
function do_adjtime(task: task_struct, buf: number, bytes: Uint8Array, modes: number): SyscallResult {
  if ((modes & ADJ_OFFSET) === 0) return EINVAL.because('ADJ_OFFSET_SINGLESHOT is the only mode of adjtime');
  if ((modes & ADJ_OFFSET_READONLY) === 0) {
    if (!capable(task, CAP_SYS_TIME)) return EPERM.because('adjusting the clock needs CAP_SYS_TIME');
    const microseconds = new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(timex.fields.offset.offset, true);
    const refused = microseconds === 0n ? null : do_settimeofday(task, ktime_get_real() + microseconds * 1000n);
    if (refused) return refused;
  }
  return put_timex(task, buf, modes);
}

function put_timex(task: task_struct, buf: number, modes: number): SyscallResult {
  const out = packStruct(timex, { modes, status: 0x40, maxerror: 16_000_000, esterror: 16_000_000, constant: 2, precision: 1, tolerance: 32_768_000, tick: 10_000 });
  const now = ktime_get_real();
  const view = new DataView(out.buffer);
  const { offset } = timex.fields.time;
  view.setBigInt64(offset, now / 1_000_000_000n, true);
  view.setBigInt64(offset + 8, now % 1_000_000_000n / 1000n, true);
  const stored = copy_to_user(task_mm(task), buf, in_time32_syscall(task) ? timex_to_old(out) : out);
  return failed(stored) ? stored : 5; // TIME_ERROR: not synchronised
}
