// The system calls about turns. Linux: kernel/sched/syscalls.c, kernel/sys.c:setpriority(), kernel/sched/membarrier.c
import { bits, choice, int, pid, pointer, special, struct, outTimespec, uint } from '../../abi/arg_types';
import { E2BIG, EACCES, EINVAL, EPERM, ESRCH, Errno } from '../../abi/errno';
import { MEMBARRIER_CMD } from '../../abi/mman';
import { PRIO, RLIMIT_NICE, RLIMIT_RTPRIO } from '../../abi/resource';
import {
  SCHED, SCHED_DEADLINE, SCHED_FLAG, SCHED_FLAG_KEEP_PARAMS, SCHED_FLAG_KEEP_POLICY, SCHED_FLAG_RESET_ON_FORK, SCHED_FLAG_UTIL_CLAMP_MAX, SCHED_FLAG_UTIL_CLAMP_MIN, SCHED_BATCH, SCHED_IDLE, SCHED_OTHER,
  SCHED_RESET_ON_FORK, sched_attr, sched_param, SCHED_RR,
} from '../../abi/sched';
import { packStruct, readField } from '../../abi/struct';
import { task_mm } from '../mm/mmap';
import { copy_from_user, copy_struct_from_user, copy_to_user, get_user32, put_user32 } from '../mm/uaccess';
import { failed, type SyscallResult } from '../result';
import { kernel } from '../state';
import { syscall } from '../syscall';
import { is_outside } from './sys';
import { copy_times_to_user } from './compat';
import { timespec_bytes } from './time/time';
import type { task_struct } from './types';
import { SLICE_NS } from './wait';

const find = (task: task_struct, id: number): task_struct | Errno => (id === 0 ? task : kernel.tasks.get(id)) ?? ESRCH.because(`there is no process ${id}`);

export const sys_sched_yield = syscall({ nr: 24, nr32: 158, name: 'sched_yield', brief: 'yield the processor', args: {}, ret: int, classes: [] }, task => {
  task.need_resched = kernel.runqueue.length > 0;
  return 0;
});

export const sys_sched_getaffinity = syscall({
  nr: 204, nr32: 242, name: 'sched_getaffinity', brief: "get a thread's CPU affinity mask", args: { pid, cpusetsize: uint, mask: pointer('cpuset', 'cpu_set_t *', 'out', 'cpusetsize') }, ret: int, classes: [],
}, (task, { pid: id, cpusetsize, mask }) => {
  const length = cpusetsize;
  if (length * 8 % 2 ** 32 < 1 || length % 8 !== 0) return EINVAL.because('cpusetsize is no multiple of 8 or too small');
  const target = find(task, id);
  if (!('pid' in target)) return target;
  const stored = copy_to_user(task_mm(task), mask, Uint8Array.of(Number(target.cpus_mask & 1n), 0, 0, 0, 0, 0, 0, 0));
  return failed(stored) ? stored : 8;
});

export const sys_sched_setaffinity = syscall({
  nr: 203, nr32: 241, name: 'sched_setaffinity', brief: "set a thread's CPU affinity mask", args: { pid, cpusetsize: uint, mask: pointer('cpuset', 'const cpu_set_t *', 'in', 'cpusetsize') }, ret: int, classes: [],
}, (task, { pid: id, cpusetsize, mask }) => {
  const bytes = copy_from_user(task_mm(task), mask, Math.min(cpusetsize, 8));
  if (failed(bytes)) return bytes;
  const target = find(task, id);
  if (!('pid' in target)) return target;
  return ((bytes[0] ?? 0) & 1) === 0 ? EINVAL.because('the mask names no processor of this machine') : 0;
});

/** Of schedulers loaded as BPF programs, which there are none of. */
const SCHED_EXT = 7;

function priority_range(policy: number): { min: number; max: number } | null {
  if (policy === 1 || policy === 2) return { min: 1, max: 99 };
  return policy === 0 || policy === 3 || policy === 5 || policy === 6 || policy === SCHED_EXT ? { min: 0, max: 0 } : null;
}

/** What a task's turns shall be like. Linux: include/uapi/linux/sched/types.h:struct sched_attr */
interface Scheduling { policy: number; flags: number; nice: number; priority: number }

/** Linux: __sched_setscheduler() */
function sched_setscheduler(task: task_struct, target: task_struct, { policy, flags, nice, priority }: Scheduling): SyscallResult {
  const range = priority_range(policy);
  if (!range || policy === SCHED_DEADLINE || policy === SCHED_EXT) return EINVAL.because('there is no such policy');
  if ((flags & ~SCHED_FLAG_ALL) !== 0) return EINVAL.because('flags has unknown bits');
  if (priority < range.min || priority > range.max) return EINVAL.because('the priority does not fit the policy');
  const isRealTime = range.max > 0;
  if ((task.cred.cap_effective >> CAP_SYS_NICE & 1n) === 0n) {
    const limit = Number(task.signal.rlim[RLIMIT_RTPRIO]?.rlim_cur ?? 0n);
    if (isRealTime && (target.rt_priority === 0 && limit === 0 || priority > target.rt_priority && priority > limit)) return EPERM.because('real-time priorities need CAP_SYS_NICE or RLIMIT_RTPRIO');
    if ((policy === SCHED_OTHER || policy === SCHED_BATCH) && nice < nice_of(target) && !can_nice(task, nice)) return EPERM.because('a lower nice value needs CAP_SYS_NICE or RLIMIT_NICE');
    if (target.policy === SCHED_IDLE && policy !== SCHED_IDLE && !can_nice(task, nice_of(target))) return EPERM.because('leaving SCHED_IDLE needs CAP_SYS_NICE or RLIMIT_NICE');
    if (target.cred.euid !== task.cred.euid && target.cred.uid !== task.cred.euid) return EPERM.because('the process belongs to another user');
    if (target.sched_reset_on_fork && (flags & SCHED_FLAG_RESET_ON_FORK) === 0) return EPERM.because('SCHED_RESET_ON_FORK is not taken back without CAP_SYS_NICE');
  }
  target.policy = policy;
  target.rt_priority = priority;
  target.sched_reset_on_fork = (flags & SCHED_FLAG_RESET_ON_FORK) !== 0;
  if (policy === SCHED_OTHER || policy === SCHED_BATCH) target.static_prio = 120 + nice;
  if (!isRealTime) target.prio = target.static_prio;
  return 0;
}

const CAP_SYS_NICE = 23n;
const SCHED_FLAG_ALL = SCHED_FLAG.entries.reduce((all, [, flag]) => all | flag, 0);
export const nice_of = (task: task_struct): number => task.static_prio - 120;
export const can_nice = (task: task_struct, nice: number): boolean => 20 - nice <= Number(task.signal.rlim[RLIMIT_NICE]?.rlim_cur ?? 0n);

/** sched_setscheduler and sched_setparam, which keep the nice value. Linux: do_sched_setscheduler() */
function set_scheduler(task: task_struct, id: number, policyAndFlags: number | null, param: number): SyscallResult {
  if (policyAndFlags !== null && policyAndFlags < 0) return EINVAL.because('the policy is negative');
  if (id < 0 || param === 0) return EINVAL.because('pid is negative or param is NULL');
  const priority = get_user32(task_mm(task), param);
  if (typeof priority !== 'number') return priority;
  const target = find(task, id);
  if (!('pid' in target)) return target;
  const reset = policyAndFlags === null ? target.sched_reset_on_fork : (policyAndFlags & SCHED_RESET_ON_FORK) !== 0;
  return sched_setscheduler(task, target, {
    policy: policyAndFlags === null ? target.policy : policyAndFlags & ~SCHED_RESET_ON_FORK, flags: reset ? SCHED_FLAG_RESET_ON_FORK : 0, nice: nice_of(target), priority: priority | 0,
  });
}

const SCHED_ATTR_SIZE_VER0 = 48;

export const sys_sched_setattr = syscall({
  nr: 314, nr32: 351, name: 'sched_setattr', brief: 'set scheduling policy and attributes', args: { pid, attr: struct(sched_attr, 'in'), flags: uint }, ret: int, classes: [],
  support: { partial: 'no SCHED_DEADLINE; utilisation clamps change nothing' },
}, (task, { pid: id, attr, flags }): SyscallResult => {
  const mm = task_mm(task);
  if (attr === 0 || id < 0 || flags !== 0) return EINVAL.because('attr is NULL, pid is negative, or flags is not 0');
  const given = get_user32(mm, attr);
  if (typeof given !== 'number') return given;
  const length = given === 0 ? SCHED_ATTR_SIZE_VER0 : given;
  const bytes = length < SCHED_ATTR_SIZE_VER0 || length > 4096 ? E2BIG.because('size is no size of sched_attr') : copy_struct_from_user(mm, attr, length, sched_attr.size);
  if (bytes instanceof Errno && bytes.number === E2BIG.number) {
    const stored = put_user32(mm, attr, sched_attr.size);
    return failed(stored) ? stored : bytes;
  }
  if (failed(bytes)) return bytes;
  const field = (name: keyof typeof sched_attr.fields): number => readField(sched_attr, bytes, name);
  if ((field('sched_flags') & (SCHED_FLAG_UTIL_CLAMP_MIN | SCHED_FLAG_UTIL_CLAMP_MAX)) !== 0 && length < sched_attr.size) return EINVAL.because('size has no room for the clamps');
  if (field('sched_policy') > 0x7fffffff) return EINVAL.because('the policy is negative');
  const target = find(task, id);
  if (!('pid' in target)) return target;
  const keeps = field('sched_flags') & SCHED_FLAG_KEEP_PARAMS;
  return sched_setscheduler(task, target, {
    policy: (field('sched_flags') & SCHED_FLAG_KEEP_POLICY) !== 0 ? target.policy : field('sched_policy'), flags: field('sched_flags'),
    nice: keeps ? nice_of(target) : Math.min(Math.max(field('sched_nice'), -20), 19), priority: keeps ? target.rt_priority : field('sched_priority'),
  });
});

export const sys_sched_getattr = syscall({
  nr: 315, nr32: 352, name: 'sched_getattr', brief: 'get scheduling policy and attributes', args: { pid, attr: struct(sched_attr, 'out'), size: uint, flags: uint }, ret: int, classes: [],
}, (task, { pid: id, attr, size: length, flags }): SyscallResult => {
  if (attr === 0 || id < 0 || length < SCHED_ATTR_SIZE_VER0 || length > 4096 || flags !== 0) return EINVAL.because('attr is NULL, pid is negative, size is no size of sched_attr, or flags is not 0');
  const target = find(task, id);
  if (!('pid' in target)) return target;
  const known = Math.min(length, sched_attr.size);
  const isFair = target.rt_priority === 0;
  const bytes = packStruct(sched_attr, {
    size: known, sched_policy: target.policy, sched_flags: target.sched_reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0, sched_nice: isFair ? nice_of(target) : 0, sched_priority: target.rt_priority,
    sched_runtime: isFair ? SLICE_NS : 0, 
  });
  const stored = copy_to_user(task_mm(task), attr, bytes.subarray(0, known));
  return failed(stored) ? stored : 0;
});

export const sys_sched_setscheduler = syscall({ nr: 144, nr32: 156, name: 'sched_setscheduler', brief: 'set scheduling policy and parameters', args: { pid, policy: choice(SCHED), param: struct(sched_param, 'in') }, ret: int, classes: [] },
  (task, { pid: id, policy, param }) => set_scheduler(task, id, policy, param));
export const sys_sched_setparam = syscall({ nr: 142, nr32: 154, name: 'sched_setparam', brief: 'set scheduling parameters', args: { pid, param: struct(sched_param, 'in') }, ret: int, classes: [] },
  (task, { pid: id, param }) => set_scheduler(task, id, null, param));
export const sys_sched_getscheduler = syscall({ nr: 145, nr32: 157, name: 'sched_getscheduler', brief: 'get scheduling policy', args: { pid }, ret: special('sched_policy', 'int'), classes: [] },
  (task, { pid: id }) => {
    if (is_outside(id)) return SCHED_OTHER;
    const target = id < 0 ? EINVAL.because('pid is negative') : find(task, id);
    return 'pid' in target ? target.policy | (target.sched_reset_on_fork ? SCHED_RESET_ON_FORK : 0) : target;
  });
export const sys_sched_getparam = syscall({ nr: 143, nr32: 155, name: 'sched_getparam', brief: 'get scheduling parameters', args: { pid, param: struct(sched_param, 'out') }, ret: int, classes: [] },
  (task, { pid: id, param }) => {
    const target = id < 0 || param === 0 ? EINVAL.because('pid is negative or param is NULL') : find(task, id);
    if (!('pid' in target) && !is_outside(id)) return target;
    return put_user32(task_mm(task), param, 'pid' in target ? target.rt_priority : 0);
  });
export const sys_sched_get_priority_max = syscall({ nr: 146, nr32: 159, name: 'sched_get_priority_max', brief: 'get static priority range', args: { policy: choice(SCHED) }, ret: int, classes: [] },
  (_task, { policy }) => priority_range(policy)?.max ?? EINVAL.because('there is no such policy'));
export const sys_sched_get_priority_min = syscall({ nr: 147, nr32: 160, name: 'sched_get_priority_min', brief: 'get static priority range', args: { policy: choice(SCHED) }, ret: int, classes: [] },
  (_task, { policy }) => priority_range(policy)?.min ?? EINVAL.because('there is no such policy'));
export const sys_sched_rr_get_interval = syscall({ nr: 148, nr32: 423, name32: 'sched_rr_get_interval_time64', nr_time32: 161, name: 'sched_rr_get_interval', brief: 'get the SCHED_RR interval', args: { pid, tp: outTimespec }, ret: int, classes: [] },
  // The slice of a normal task is less than a tick, which rounds to 0.
  (task, { pid: id, tp }) => {
    const target = id < 0 ? EINVAL.because('pid is negative') : find(task, id);
    return 'pid' in target ? copy_times_to_user(task, tp, timespec_bytes(target.policy === SCHED_RR ? 100_000_000n : 0n)) : target;
  });

function chosen(task: task_struct, which: number, who: number): task_struct[] | Errno {
  const all = [...kernel.tasks.values()];
  if (which === 0) return all.filter(one => one.pid === (who === 0 ? task.pid : who));
  if (which === 1) return all.filter(one => one.signal.pgrp === (who === 0 ? task.signal.pgrp : who));
  return which === 2 ? all.filter(one => one.cred.uid === (who === 0 ? task.cred.uid : who)) : EINVAL.because('there is no such which');
}

export const sys_getpriority = syscall({ nr: 140, nr32: 96, name: 'getpriority', brief: 'get program scheduling priority', args: { which: choice(PRIO), who: int }, ret: int, classes: [] }, (task, { which, who }) => {
  const found = chosen(task, which, who);
  if (!Array.isArray(found)) return found;
  return found.length === 0 ? ESRCH.because('there is no such process') : Math.max(...found.map(one => 140 - one.static_prio));
});

export const sys_setpriority = syscall({ nr: 141, nr32: 97, name: 'setpriority', brief: 'set program scheduling priority', args: { which: choice(PRIO), who: int, prio: int }, ret: int, classes: [] }, (task, { which, who, prio }) => {
  const found = chosen(task, which, who);
  if (!Array.isArray(found)) return found;
  if (found.length === 0) return ESRCH.because('there is no such process');
  const nice = Math.min(Math.max(prio, -20), 19);
  for (const one of found) {
    if (one.cred.uid !== task.cred.euid && task.cred.euid !== 0) return EPERM.because('the process belongs to another user');
    if (nice < one.static_prio - 120 && (task.cred.cap_effective >> 23n & 1n) === 0n && 20 - nice > Number(task.signal.rlim[13]?.rlim_cur ?? 0n)) return EACCES.because('a lower nice value needs CAP_SYS_NICE or RLIMIT_NICE');
    one.static_prio = 120 + nice;
    one.prio = one.static_prio;
  }
  return 0;
});

export const sys_membarrier = syscall({ nr: 324, nr32: 375, name: 'membarrier', brief: 'issue memory barriers on a set of threads', args: { cmd: choice(MEMBARRIER_CMD), flags: bits(MEMBARRIER_CMD, undefined, 'unsigned int'), cpu_id: int }, ret: int, classes: [] },
  (task, { cmd, flags }) => {
    if (flags !== 0 && (cmd !== MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ || flags !== 1)) return EINVAL.because('flags has unknown bits');
    if (cmd === 0) return 0x3ff;
    if (cmd < 0 || cmd > MEMBARRIER_CMD_GET_REGISTRATIONS || (cmd & (cmd - 1)) !== 0) return EINVAL.because('there is no such command');
    // One processor: all orders are total. What is left is who said that it would ask.
    const mm = task_mm(task);
    if (cmd === MEMBARRIER_CMD_GET_REGISTRATIONS) return mm.membarrier_state;
    if (MEMBARRIER_REGISTRATIONS.includes(cmd)) mm.membarrier_state |= cmd;
    return MEMBARRIER_REGISTRATIONS.includes(cmd * 2) && cmd > 2 && (mm.membarrier_state & cmd * 2) === 0 ? EPERM.because('the process has not registered for this command') : 0;
  });

/** strace 6.1 has no name for the last. */
const MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ = 0x80, MEMBARRIER_CMD_GET_REGISTRATIONS = 0x200;
/** REGISTER_GLOBAL_EXPEDITED, and those of the private commands: each twice its command. */
const MEMBARRIER_REGISTRATIONS = [4, 0x10, 0x40, 0x100];
