// The system calls about turns. Linux: kernel/sched/syscalls.c, kernel/sys.c:setpriority(), kernel/sched/membarrier.c
import { bits, choice, int, pid, pointer, size, special, struct, outTimespec } from '../../abi/arg_types';
import { EACCES, EINVAL, EPERM, ESRCH, type Errno } from '../../abi/errno';
import { MEMBARRIER_CMD } from '../../abi/mman';
import { PRIO } from '../../abi/resource';
import { SCHED, SCHED_RESET_ON_FORK, sched_param } from '../../abi/sched';
import { task_mm } from '../mm/mmap';
import { copy_from_user, copy_to_user, get_user32, put_user32 } from '../mm/uaccess';
import { failed, type SyscallResult } from '../result';
import { kernel } from '../state';
import { syscall } from '../syscall';
import { timespec_bytes } from './time/time';
import type { task_struct } from './types';

const find = (task: task_struct, id: number): task_struct | Errno => (id === 0 ? task : kernel.tasks.get(id)) ?? ESRCH.because(`there is no process ${id}`);

export const sys_sched_yield = syscall({ nr: 24, nr32: 158, name: 'sched_yield', brief: 'yield the processor', args: {}, ret: int, classes: [] }, task => {
  task.need_resched = kernel.runqueue.length > 0;
  return 0;
});

export const sys_sched_getaffinity = syscall({
  nr: 204, nr32: 242, name: 'sched_getaffinity', brief: "get a thread's CPU affinity mask", args: { pid, cpusetsize: size, mask: pointer('cpuset', 'cpu_set_t *', 'out', 'cpusetsize') }, ret: int, classes: [],
}, (task, { pid: id, cpusetsize, mask }) => {
  if (cpusetsize < 8 || cpusetsize % 8 !== 0) return EINVAL.because('cpusetsize is no multiple of 8 or too small');
  const target = find(task, id);
  if (!('pid' in target)) return target;
  const stored = copy_to_user(task_mm(task), mask, Uint8Array.of(Number(target.cpus_mask & 1n), 0, 0, 0, 0, 0, 0, 0));
  return failed(stored) ? stored : 8;
});

export const sys_sched_setaffinity = syscall({
  nr: 203, nr32: 241, name: 'sched_setaffinity', brief: "set a thread's CPU affinity mask", args: { pid, cpusetsize: size, mask: pointer('cpuset', 'const cpu_set_t *', 'in', 'cpusetsize') }, ret: int, classes: [],
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

function set_scheduler(task: task_struct, id: number, policyAndFlags: number | null, param: number): SyscallResult {
  if (id < 0 || param === 0) return EINVAL.because('pid is negative or param is NULL');
  const priority = get_user32(task_mm(task), param);
  if (typeof priority !== 'number') return priority;
  const target = find(task, id);
  if (!('pid' in target)) return target;
  const policy = policyAndFlags === null ? target.policy : policyAndFlags & ~SCHED_RESET_ON_FORK;
  const range = priority_range(policy);
  if (!range || policy === 6 || policy === SCHED_EXT) return EINVAL.because('there is no such policy');
  if (priority < range.min || priority > range.max) return EINVAL.because('the priority does not fit the policy');
  const limit = Number(task.signal.rlim[14]?.rlim_cur ?? 0n);
  if (range.max > 0 && priority > limit && (task.cred.cap_effective >> 23n & 1n) === 0n) return EPERM.because('real-time priorities need CAP_SYS_NICE or RLIMIT_RTPRIO');
  target.policy = policy;
  target.rt_priority = priority;
  return 0;
}

export const sys_sched_setscheduler = syscall({ nr: 144, nr32: 156, name: 'sched_setscheduler', brief: 'set scheduling policy and parameters', args: { pid, policy: choice(SCHED), param: struct(sched_param, 'in') }, ret: int, classes: [] },
  (task, { pid: id, policy, param }) => set_scheduler(task, id, policy, param));
export const sys_sched_setparam = syscall({ nr: 142, nr32: 154, name: 'sched_setparam', brief: 'set scheduling parameters', args: { pid, param: struct(sched_param, 'in') }, ret: int, classes: [] },
  (task, { pid: id, param }) => set_scheduler(task, id, null, param));
export const sys_sched_getscheduler = syscall({ nr: 145, nr32: 157, name: 'sched_getscheduler', brief: 'get scheduling policy', args: { pid }, ret: special('sched_policy', 'int'), classes: [] },
  (task, { pid: id }) => {
    const target = id < 0 ? EINVAL.because('pid is negative') : find(task, id);
    return 'pid' in target ? target.policy : target;
  });
export const sys_sched_getparam = syscall({ nr: 143, nr32: 155, name: 'sched_getparam', brief: 'get scheduling parameters', args: { pid, param: struct(sched_param, 'out') }, ret: int, classes: [] },
  (task, { pid: id, param }) => {
    const target = id < 0 || param === 0 ? EINVAL.because('pid is negative or param is NULL') : find(task, id);
    return 'pid' in target ? put_user32(task_mm(task), param, target.rt_priority) : target;
  });
export const sys_sched_get_priority_max = syscall({ nr: 146, nr32: 159, name: 'sched_get_priority_max', brief: 'get static priority range', args: { policy: choice(SCHED) }, ret: int, classes: [] },
  (_task, { policy }) => priority_range(policy)?.max ?? EINVAL.because('there is no such policy'));
export const sys_sched_get_priority_min = syscall({ nr: 147, nr32: 160, name: 'sched_get_priority_min', brief: 'get static priority range', args: { policy: choice(SCHED) }, ret: int, classes: [] },
  (_task, { policy }) => priority_range(policy)?.min ?? EINVAL.because('there is no such policy'));
export const sys_sched_rr_get_interval = syscall({ nr: 148, name: 'sched_rr_get_interval', brief: 'get the SCHED_RR interval', args: { pid, tp: outTimespec }, ret: int, classes: [] },
  (task, { pid: id, tp }) => {
    const target = id < 0 ? EINVAL.because('pid is negative') : find(task, id);
    return 'pid' in target ? copy_to_user(task_mm(task), tp, timespec_bytes(target.policy === 1 ? 0n : 3_000_000n)) : target;
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
  (_task, { cmd, flags }) => {
    if (flags !== 0) return EINVAL.because('flags has unknown bits');
    if (cmd === 0) return 0x1ff;
    // One processor: all orders are total.
    return cmd > 0 && cmd <= 0x100 && (cmd & (cmd - 1)) === 0 ? 0 : EINVAL.because('there is no such command');
  });
