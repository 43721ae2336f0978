// I/O priorities: kept and told; there is no disk that would serve by them. Linux: block/ioprio.c
import { choice, hex, int } from '../../abi/arg_types';
import { EINVAL, EPERM, ESRCH, type Errno } from '../../abi/errno';
import { IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE, IOPRIO_CLASS_NONE, IOPRIO_CLASS_RT, IOPRIO_WHO, IOPRIO_WHO_PGRP, IOPRIO_WHO_PROCESS, IOPRIO_WHO_USER, SCHED_FIFO, SCHED_IDLE, SCHED_RR } from '../../abi/sched';
import type { task_struct } from '../kernel/types';
import { kernel } from '../state';
import { low_word, syscall } from '../syscall';

const CLASS_SHIFT = 13, LEVELS = 8, CAP_SYS_ADMIN = 21n, CAP_SYS_NICE = 23n;
const has = (task: task_struct, cap: bigint): boolean => (task.cred.cap_effective >> cap & 1n) === 1n;

function chosen(task: task_struct, which: number, who: number): task_struct[] | Errno {
  const all = [...kernel.tasks.values()];
  if (which === IOPRIO_WHO_PROCESS) return all.filter(one => one.pid === (who === 0 ? task.pid : who));
  if (which === IOPRIO_WHO_PGRP) return all.filter(one => one.signal.pgrp === (who === 0 ? task.signal.pgrp : who));
  return which === IOPRIO_WHO_USER ? all.filter(one => one.cred.uid === (who === 0 ? task.cred.uid : who)) : EINVAL.because('there is no such which');
}

/** What counts: what was set, else what follows from policy and nice value. Linux: include/linux/ioprio.h:__get_task_ioprio() */
function get_task_ioprio(task: task_struct): number {
  if (task.ioprio >>> CLASS_SHIFT !== IOPRIO_CLASS_NONE) return task.ioprio;
  const ioclass = task.policy === SCHED_IDLE ? IOPRIO_CLASS_IDLE : task.policy === SCHED_FIFO || task.policy === SCHED_RR ? IOPRIO_CLASS_RT : IOPRIO_CLASS_BE;
  return ioclass << CLASS_SHIFT | Math.floor((task.static_prio - 100) / 5);
}

/** Linux: ioprio_check_cap() */
function ioprio_check_cap(task: task_struct, ioprio: number): Errno | null {
  const level = ioprio & (LEVELS - 1);
  switch (ioprio >>> CLASS_SHIFT & 7) {
    case IOPRIO_CLASS_RT: return has(task, CAP_SYS_ADMIN) || has(task, CAP_SYS_NICE) ? null : EPERM.because('the real-time class needs CAP_SYS_NICE');
    case IOPRIO_CLASS_BE: case IOPRIO_CLASS_IDLE: return null;
    case IOPRIO_CLASS_NONE: return level === 0 ? null : EINVAL.because('a level without a class');
    default: return EINVAL.because('there is no such class');
  }
}

export const sys_ioprio_set = syscall({ nr: 251, nr32: 289, name: 'ioprio_set', brief: 'set I/O scheduling class and priority', args: { which: choice(IOPRIO_WHO), who: int, ioprio: hex }, ret: int, classes: [] },
  (task, { which, who, ioprio }) => {
    const value = low_word(task, 2, ioprio), refused = ioprio_check_cap(task, value);
    if (refused) return refused;
    const found = chosen(task, which, who);
    if (!Array.isArray(found)) return found;
    for (const one of found) {
      if (one.cred.uid !== task.cred.euid && one.cred.uid !== task.cred.uid && !has(task, CAP_SYS_NICE)) return EPERM.because('the process belongs to another user');
      one.ioprio = value & 0xffff;
    }
    return found.length > 0 ? 0 : ESRCH.because('there is no such process');
  });

export const sys_ioprio_get = syscall({ nr: 252, nr32: 290, name: 'ioprio_get', brief: 'get I/O scheduling class and priority', args: { which: choice(IOPRIO_WHO), who: int }, ret: int, classes: [] },
  (task, { which, who }) => {
    const found = chosen(task, which, who);
    if (!Array.isArray(found)) return found;
    const [first] = found;
    // One that is asked for by its number tells what was set, be it nothing; a group the best of what counts.
    if (first && which === IOPRIO_WHO_PROCESS) return first.ioprio;
    return first ? Math.min(...found.map(get_task_ioprio)) : ESRCH.because('there is no such process');
  });
