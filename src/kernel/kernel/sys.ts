// Identity, limits and facts of the system. Linux: kernel/sys.c, kernel/cred.c, kernel/groups.c
import { compat_sysinfo, convertStruct } from '../../abi/compat';
import { uint, bits, choice, gid, hex, int, lenOf, outBuffer, pid, pointer, ptr, size, uid } from '../../abi/arg_types';
import { EACCES, EFAULT, EINVAL, EPERM, ESRCH } from '../../abi/errno';
import { RLIMIT, RLIM_NLIMITS } from '../../abi/resource';
import { GRND, GRND_INSECURE, GRND_RANDOM, RSEQ_FLAG, new_utsname, sysinfo } from '../../abi/utsname';
import { packStruct } from '../../abi/struct';
import { copy_to_iter } from '../fs/iov_iter';
import { import_ubuf } from '../fs/uio';
import { task_mm } from '../mm/mmap';
import { copy_from_user, copy_to_user } from '../mm/uaccess';
import { failed, type SyscallResult } from '../result';
import { kernel, ports } from '../state';
import { in_compat_syscall, syscall } from '../syscall';
import { cred, type task_struct } from './types';

export const UTS_RELEASE = '6.12.0';
export const UTS_VERSION = '#1 SMP PREEMPT_DYNAMIC Ringside';

export const sys_getpid = syscall({ nr: 39, nr32: 20, name: 'getpid', brief: 'get process identification', args: {}, ret: pid, classes: ['pure'] }, task => task.tgid);
export const sys_gettid = syscall({ nr: 186, nr32: 224, name: 'gettid', brief: 'get thread identification', args: {}, ret: pid, classes: ['pure'] }, task => task.pid);
/** The first process has a parent outside; who has lost theirs is init's. Linux: task_ppid_nr() */
export function task_ppid_nr(task: task_struct): number {
  return task.real_parent?.tgid ?? (task.group_leader === kernel.init ? task.tgid - 1 : 1);
}

/** Whether the number is that of init or of the shell that started the first process: they are no processes here. */
export const is_outside = (pid: number): boolean => pid === 1 || pid === (kernel.init?.tgid ?? 0) - 1;

export const sys_getppid = syscall({ nr: 110, nr32: 64, name: 'getppid', brief: 'get process identification', args: {}, ret: pid, classes: ['pure'] },
  task => task_ppid_nr(task));
export const sys_getuid = syscall({ nr: 102, nr32: 199, name32: 'getuid32', name: 'getuid', brief: 'get user identity', args: {}, ret: uid, classes: ['creds', 'pure'] }, task => task.cred.uid);
export const sys_getgid = syscall({ nr: 104, nr32: 200, name32: 'getgid32', name: 'getgid', brief: 'get group identity', args: {}, ret: gid, classes: ['creds', 'pure'] }, task => task.cred.gid);
export const sys_geteuid = syscall({ nr: 107, nr32: 201, name32: 'geteuid32', name: 'geteuid', brief: 'get user identity', args: {}, ret: uid, classes: ['creds', 'pure'] }, task => task.cred.euid);
export const sys_getegid = syscall({ nr: 108, nr32: 202, name32: 'getegid32', name: 'getegid', brief: 'get group identity', args: {}, ret: gid, classes: ['creds', 'pure'] }, task => task.cred.egid);

const CAP_SETGID = 6n, CAP_SETUID = 7n;
const has = (task: task_struct, cap: bigint): boolean => (task.cred.cap_effective >> cap & 1n) === 1n;
const UNCHANGED = 0xffffffff;

/** Takes a changed copy of the credentials; losing uid 0 loses the capabilities. */
export function commit_creds(task: task_struct, changes: Partial<cred>): number {
  const old = task.cred;
  const next = cred.make({ ...old, ...changes });
  if (changes.euid !== undefined) next.fsuid = next.euid;
  if (changes.egid !== undefined) next.fsgid = next.egid;
  const hadRoot = old.uid === 0 || old.euid === 0 || old.suid === 0;
  if (hadRoot && next.uid !== 0 && next.euid !== 0 && next.suid !== 0 && !task.keepcaps) {
    next.cap_permitted = 0n;
    next.cap_effective = 0n;
  }
  if (old.euid === 0 && next.euid !== 0) next.cap_effective = 0n;
  if (old.euid !== 0 && next.euid === 0) next.cap_effective = next.cap_permitted;
  task.cred = next;
  return 0;
}

export const sys_setuid = syscall({ nr: 105, nr32: 213, name32: 'setuid32', name: 'setuid', brief: 'set user identity', args: { uid }, ret: int, classes: ['creds'] }, (task, { uid: id }) => {
  if (id === UNCHANGED) return EINVAL.because('-1 is no uid');
  if (has(task, CAP_SETUID)) return commit_creds(task, { uid: id, suid: id, euid: id });
  return id === task.cred.uid || id === task.cred.suid ? commit_creds(task, { euid: id }) : EPERM.because('needs CAP_SETUID');
});

export const sys_setgid = syscall({ nr: 106, nr32: 214, name32: 'setgid32', name: 'setgid', brief: 'set group identity', args: { gid }, ret: int, classes: ['creds'] }, (task, { gid: id }) => {
  if (id === UNCHANGED) return EINVAL.because('-1 is no gid');
  if (has(task, CAP_SETGID)) return commit_creds(task, { gid: id, sgid: id, egid: id });
  return id === task.cred.gid || id === task.cred.sgid ? commit_creds(task, { egid: id }) : EPERM.because('needs CAP_SETGID');
});

export const sys_setresuid = syscall({
  nr: 117, nr32: 208, name32: 'setresuid32', name: 'setresuid', brief: 'set real, effective, and saved user ID', args: { ruid: uid, euid: uid, suid: uid }, ret: int, classes: ['creds'],
}, (task, { ruid, euid, suid }) => {
  const old = task.cred;
  const may = (id: number): boolean => id === UNCHANGED || [old.uid, old.euid, old.suid].includes(id);
  if (!has(task, CAP_SETUID) && !(may(ruid) && may(euid) && may(suid))) return EPERM.because('needs CAP_SETUID');
  const pick = (id: number, kept: number): number => id === UNCHANGED ? kept : id;
  return commit_creds(task, { uid: pick(ruid, old.uid), euid: pick(euid, old.euid), suid: pick(suid, old.suid) });
});

export const sys_setresgid = syscall({
  nr: 119, nr32: 210, name32: 'setresgid32', name: 'setresgid', brief: 'set real, effective, and saved group ID', args: { rgid: gid, egid: gid, sgid: gid }, ret: int, classes: ['creds'],
}, (task, { rgid, egid, sgid }) => {
  const old = task.cred;
  const may = (id: number): boolean => id === UNCHANGED || [old.gid, old.egid, old.sgid].includes(id);
  if (!has(task, CAP_SETGID) && !(may(rgid) && may(egid) && may(sgid))) return EPERM.because('needs CAP_SETGID');
  const pick = (id: number, kept: number): number => id === UNCHANGED ? kept : id;
  return commit_creds(task, { gid: pick(rgid, old.gid), egid: pick(egid, old.egid), sgid: pick(sgid, old.sgid) });
});

const outUid = pointer('outUid', 'uid_t *', 'out');

function put_ids(task: task_struct, rows: readonly [address: number, id: number][]): SyscallResult {
  for (const [address, id] of rows) {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, id, true);
    const stored = copy_to_user(task_mm(task), address, bytes);
    if (failed(stored)) return stored;
  }
  return 0;
}

export const sys_getresuid = syscall({ nr: 118, nr32: 209, name32: 'getresuid32', name: 'getresuid', brief: 'get real, effective, and saved user IDs', args: { ruid: outUid, euid: outUid, suid: outUid }, ret: int, classes: ['creds'] },
  (task, { ruid, euid, suid }) => put_ids(task, [[ruid, task.cred.uid], [euid, task.cred.euid], [suid, task.cred.suid]]));
export const sys_getresgid = syscall({ nr: 120, nr32: 211, name32: 'getresgid32', name: 'getresgid', brief: 'get real, effective, and saved group IDs', args: { rgid: outUid, egid: outUid, sgid: outUid }, ret: int, classes: ['creds'] },
  (task, { rgid, egid, sgid }) => put_ids(task, [[rgid, task.cred.gid], [egid, task.cred.egid], [sgid, task.cred.sgid]]));

export const sys_getgroups = syscall({
  nr: 115, nr32: 205, name32: 'getgroups32', name: 'getgroups', brief: 'get list of supplementary group IDs', args: { size: int, list: pointer('outGroups', 'gid_t *', 'out') }, ret: int, classes: ['creds'],
}, (task, { size: count, list }) => {
  const { group_info } = task.cred;
  if (count < 0) return EINVAL.because('size is negative');
  if (count === 0) return group_info.length;
  if (count < group_info.length) return EINVAL.because(`size is smaller than the ${group_info.length} groups`);
  const bytes = new Uint8Array(group_info.length * 4);
  const view = new DataView(bytes.buffer);
  group_info.forEach((id, i) => view.setUint32(i * 4, id, true));
  const stored = copy_to_user(task_mm(task), list, bytes);
  return failed(stored) ? stored : group_info.length;
});

export const sys_setgroups = syscall({
  nr: 116, nr32: 206, name32: 'setgroups32', name: 'setgroups', brief: 'set list of supplementary group IDs', args: { size: int, list: pointer('groups', 'const gid_t *', 'in', 'size') }, ret: int, classes: ['creds'],
}, (task, { size: count, list }) => {
  if (!has(task, CAP_SETGID)) return EPERM.because('needs CAP_SETGID');
  if (count < 0 || count > 65536) return EINVAL.because('size is not between 0 and 65536');
  const bytes = copy_from_user(task_mm(task), list, count * 4);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer);
  const ids = Array.from({ length: count }, (_, i) => view.getUint32(i * 4, true));
  return ids.includes(0xffffffff) ? EINVAL.because('-1 is no group') : commit_creds(task, { group_info: ids.sort((a, b) => a - b) });
});

export const sys_getpgid = syscall({ nr: 121, nr32: 132, name: 'getpgid', brief: 'get process group', args: { pid }, ret: pid, classes: [] },
  (task, { pid: id }) => (id === 0 ? task : kernel.tasks.get(id))?.signal.pgrp ?? ESRCH.because(`there is no process ${id}`));
export const sys_getpgrp = syscall({ nr: 111, nr32: 65, name: 'getpgrp', brief: 'get process group', args: {}, ret: pid, classes: ['pure'] }, task => task.signal.pgrp);
export const sys_getsid = syscall({ nr: 124, nr32: 147, name: 'getsid', brief: 'get session ID', args: { pid }, ret: pid, classes: [] },
  (task, { pid: id }) => (id === 0 ? task : kernel.tasks.get(id))?.signal.session ?? ESRCH.because(`there is no process ${id}`));

export const sys_setpgid = syscall({ nr: 109, nr32: 57, name: 'setpgid', brief: 'set process group', args: { pid, pgid: pid }, ret: int, classes: [] }, (task, { pid: id, pgid }) => {
  const target = id === 0 ? task.group_leader : kernel.tasks.get(id);
  const group = pgid === 0 ? id === 0 ? task.tgid : id : pgid;
  if (group < 0) return EINVAL.because('the process group is negative');
  if (!target || target.tgid !== target.pid) return ESRCH.because(`there is no process ${id}`);
  if (target !== task.group_leader && target.real_parent?.tgid !== task.tgid) return ESRCH.because('the process is no child of the caller');
  if (target.signal.session !== task.signal.session) return EPERM.because('the process is in another session');
  if (target !== task.group_leader && target.did_exec) return EACCES.because('the child runs a program of its own already');
  if (target.signal.leader) return EPERM.because('the process leads a session');
  const exists = group === target.pid || [...kernel.tasks.values()].some(one => one.signal.pgrp === group && one.signal.session === task.signal.session);
  if (!exists) return EPERM.because('there is no such process group in the session');
  target.signal.pgrp = group;
  return 0;
});

export const sys_setsid = syscall({ nr: 112, nr32: 66, name: 'setsid', brief: 'create session and set process group ID', args: {}, ret: pid, classes: [] }, task => {
  if ([...kernel.tasks.values()].some(one => one.signal.pgrp === task.tgid)) return EPERM.because('the caller leads a process group');
  task.signal.session = task.tgid;
  task.signal.pgrp = task.tgid;
  task.signal.leader = true;
  task.signal.tty = null;
  task.signal.tty_old_pgrp = 0;
  return task.tgid;
});

export const sys_uname = syscall({ nr: 63, nr32: 122, name: 'uname', brief: 'get name and information about current kernel', args: { buf: pointer('utsname', 'struct utsname *', 'out') }, ret: int, classes: [] },
  (task, { buf }) => copy_to_user(task_mm(task), buf, utsname_bytes()));

/** struct new_utsname. */
export function utsname_bytes(): Uint8Array {
  const bytes = new Uint8Array(new_utsname.size);
  ['Linux', kernel.nodename, UTS_RELEASE, UTS_VERSION, 'x86_64', kernel.domainname].forEach((text, i) => {
    for (let at = 0; at < Math.min(text.length, 64); at++) bytes[i * 65 + at] = text.charCodeAt(at);
  });
  return bytes;
}

export const sys_prlimit64 = syscall({
  nr: 302, nr32: 340, name: 'prlimit64', brief: 'get/set resource limits',
  args: { pid, resource: choice(RLIMIT), new_limit: pointer('rlimit', 'const struct rlimit *', 'in'), old_limit: pointer('rlimit', 'struct rlimit *', 'out') }, ret: int, classes: [],
}, (task, { pid: id, resource, new_limit, old_limit }) => {
  const bytes = new_limit === 0 ? null : copy_from_user(task_mm(task), new_limit, 16);
  if (bytes && failed(bytes)) return bytes;
  const target = id === 0 ? task : kernel.tasks.get(id);
  if (!target) return ESRCH.because(`there is no process ${id}`);
  if (!may_prlimit(task, target)) return EPERM.because('the process belongs to another user');
  return do_prlimit(task, target, resource, bytes, old_limit);
});

/** Linux: check_prlimit_permission() */
function may_prlimit(task: task_struct, target: task_struct): boolean {
  const { cred } = task, other = target.cred;
  const isSame = [other.euid, other.suid, other.uid].every(id => id === cred.uid) && [other.egid, other.sgid, other.gid].every(id => id === cred.gid);
  return task === target || isSame || has(task, 24n);
}

export function do_prlimit(task: task_struct, target: task_struct, resource: number, bytes: Uint8Array | null, old_limit: number): SyscallResult {
  const limit = resource >= 0 && resource < RLIM_NLIMITS ? target.signal.rlim[resource] : undefined;
  if (!limit) return EINVAL.because('there is no such resource');
  const old = new Uint8Array(16);
  const out = new DataView(old.buffer);
  out.setBigUint64(0, limit.rlim_cur, true);
  out.setBigUint64(8, limit.rlim_max, true);
  if (bytes) {
    const view = new DataView(bytes.buffer);
    const cur = view.getBigUint64(0, true);
    const max = view.getBigUint64(8, true);
    if (cur > max) return EINVAL.because('the soft limit is above the hard one');
    if (max > limit.rlim_max && !has(task, 24n)) return EPERM.because('raising the hard limit needs CAP_SYS_RESOURCE');
    limit.rlim_cur = cur;
    limit.rlim_max = max;
  }
  return old_limit === 0 ? 0 : copy_to_user(task_mm(task), old_limit, old);
}

export const sys_getrlimit = syscall({ nr: 97, name: 'getrlimit', brief: 'get resource limits', args: { resource: choice(RLIMIT), rlim: pointer('rlimit', 'struct rlimit *', 'out') }, ret: int, classes: [] },
  (task, { resource, rlim }) => rlim === 0 ? EFAULT.because('rlim is NULL') : do_prlimit(task, task, resource, null, rlim));
export const sys_setrlimit = syscall({ nr: 160, name: 'setrlimit', brief: 'set resource limits', args: { resource: choice(RLIMIT), rlim: pointer('rlimit', 'const struct rlimit *', 'in') }, ret: int, classes: [] },
  (task, { resource, rlim }) => {
    const bytes = copy_from_user(task_mm(task), rlim, 16);
    return failed(bytes) ? bytes : do_prlimit(task, task, resource, bytes, 0);
  });

/** As much as one call gives. */
const GETRANDOM_CHUNK = 0x2000000;

export const sys_getrandom = syscall({
  nr: 318, nr32: 355, name: 'getrandom', brief: 'obtain a series of random bytes', args: { buf: outBuffer('buflen'), buflen: lenOf('buf'), flags: bits(GRND, undefined, 'unsigned int') }, ret: size, classes: [],
}, (task, { buf, buflen, flags }) => {
  if ((flags & ~7) !== 0) return EINVAL.because('flags has unknown bits');
  if ((flags & (GRND_RANDOM | GRND_INSECURE)) === (GRND_RANDOM | GRND_INSECURE)) return EINVAL.because('GRND_RANDOM and GRND_INSECURE together');
  const iter = import_ubuf(task, buf, buflen), bytes = new Uint8Array(Math.min(buflen, GETRANDOM_CHUNK));
  if (failed(iter)) return iter;
  ports().entropy.fill(bytes);
  return copy_to_iter(bytes, iter);
});

export const sys_sysinfo = syscall({ nr: 99, nr32: 116, name: 'sysinfo', brief: 'return system information', args: { info: pointer('sysinfo', 'struct sysinfo *', 'out') }, ret: int, classes: [] },
  (task, { info }) => {
    const isCompat = in_compat_syscall(task);
    const bytes = packStruct(sysinfo, { uptime: Math.floor(ports().clock.now() / 1e9), totalram: kernel.nr_pages * 4096, freeram: kernel.nr_free_pages * 4096, procs: kernel.tasks.size, mem_unit: 1 });
    return copy_to_user(task_mm(task), info, isCompat ? convertStruct(sysinfo, compat_sysinfo, bytes) : bytes);
  });

export const sys_rseq = syscall({
  nr: 334, nr32: 386, name: 'rseq', brief: 'register a restartable sequence area', args: { rseq: ptr, rseq_len: hex, flags: bits(RSEQ_FLAG), sig: pointer('hex32', 'uint32_t', 'in') }, ret: int, classes: [],
  support: { partial: 'sequences are never aborted: a task is never moved, and a preempted one goes on' },
}, (task, { rseq, rseq_len, flags, sig }) => {
  if ((flags & 1) !== 0) {
    if (task.rseq !== rseq || rseq === 0) return EINVAL.because('this area is not registered');
    if (task.rseq_sig !== sig) return EPERM.because('the signature differs');
    task.rseq = 0;
    return 0;
  }
  if (flags !== 0) return EINVAL.because('flags has unknown bits');
  if (task.rseq !== 0) return EINVAL.because('an area is registered already');
  if (rseq_len < 32 || rseq % 32 !== 0) return EINVAL.because('the area has a wrong length or alignment');
  const bytes = new Uint8Array(8);
  const stored = copy_to_user(task_mm(task), rseq, bytes);
  if (failed(stored)) return stored;
  task.rseq = rseq;
  task.rseq_len = rseq_len;
  task.rseq_sig = sig;
  return 0;
});

export const sys_sethostname = syscall({ nr: 170, nr32: 74, name: 'sethostname', brief: 'set hostname', args: { name: pointer('buffer', 'const char *', 'in', 'len'), len: uint }, ret: int, classes: [] },
  (task, { name, len }) => {
    if (!has(task, 21n)) return EPERM.because('needs CAP_SYS_ADMIN');
    if (len > 64) return EINVAL.because('the name is longer than 64 bytes');
    const bytes = copy_from_user(task_mm(task), name, len);
    if (failed(bytes)) return bytes;
    kernel.nodename = String.fromCharCode(...bytes);
    return 0;
  });


export const sys_setdomainname = syscall({ nr: 171, nr32: 121, name: 'setdomainname', brief: 'set NIS domain name', args: { name: pointer('buffer', 'const char *', 'in', 'len'), len: uint }, ret: int, classes: [] },
  (task, { name, len }) => {
    if (!has(task, 21n)) return EPERM.because('needs CAP_SYS_ADMIN');
    if (len > 64) return EINVAL.because('the name is longer than 64 bytes');
    const bytes = copy_from_user(task_mm(task), name, len);
    if (failed(bytes)) return bytes;
    kernel.domainname = String.fromCharCode(...bytes);
    return 0;
  });
