// prctl and what else a process says about itself. Linux: kernel/sys.c:prctl(), exec_domain.c. What prctl says of capabilities: capability.ts.
import { choice, hex, int, pointer, ptr, ulong } from '../../abi/arg_types';
import { EINVAL, ENODEV, ENXIO, EPERM, type Errno } from '../../abi/errno';
import {
  PR, PR_GET_CHILD_SUBREAPER, PR_GET_DUMPABLE, PR_GET_IO_FLUSHER, PR_GET_NAME, PR_GET_NO_NEW_PRIVS, PR_GET_PDEATHSIG, PR_GET_SECCOMP, PR_GET_SPECULATION_CTRL, PR_GET_THP_DISABLE, PR_GET_TID_ADDRESS,
  PR_GET_TIMERSLACK, PR_GET_TIMING, PR_GET_TSC, PR_MCE_KILL, PR_MCE_KILL_GET, PR_SCHED_CORE, PR_SET_CHILD_SUBREAPER, PR_SET_DUMPABLE, PR_SET_IO_FLUSHER, PR_SET_MM, PR_SET_NAME, PR_SET_NO_NEW_PRIVS,
  PR_SET_PDEATHSIG, PR_SET_PTRACER, PR_SET_SECCOMP, PR_SET_SPECULATION_CTRL, PR_SET_SYSCALL_USER_DISPATCH, PR_SET_THP_DISABLE, PR_SET_TIMERSLACK, PR_SET_TIMING, PR_SET_TSC, PR_SET_VMA, PR_TASK_PERF_EVENTS_DISABLE, PR_TASK_PERF_EVENTS_ENABLE,
} from '../../abi/prctl';
import { capable } from '../fs/inode';
import { task_mm } from '../mm/mmap';
import { copy_to_user, put_user32, put_user64, strncpy_from_user } from '../mm/uaccess';
import { failed } from '../result';
import { syscall } from '../syscall';
import { cap_task_prctl } from './capability';
import { prctl_set_seccomp } from './seccomp';
import { set_syscall_user_dispatch } from './syscall_user_dispatch';
import type { task_struct } from './types';

/** Linux: include/uapi/linux/prctl.h */
const PR_TSC_ENABLE = 1, PR_SET_MM_AUXV = 12, PR_SPEC_STORE_BYPASS = 0, PR_SPEC_INDIRECT_BRANCH = 1, PR_SPEC_L1D_FLUSH = 2, PR_SPEC_FORCE_DISABLE = 8;
const PR_MCE_KILL_CLEAR = 0, PR_MCE_KILL_SET = 1, PR_MCE_KILL_DEFAULT = 2;
const CAP_SYS_RESOURCE = 24;

/** What a broken page of memory would do to the task; none breaks here. */
function set_mce_kill(task: task_struct, what: number, policy: number): number | Errno {
  if (what === PR_MCE_KILL_CLEAR ? policy !== 0 : what !== PR_MCE_KILL_SET || policy > PR_MCE_KILL_DEFAULT) return EINVAL.because('there is no such policy');
  task.mce_kill = what === PR_MCE_KILL_CLEAR ? PR_MCE_KILL_DEFAULT : policy;
  return 0;
}

export const sys_prctl = syscall({
  nr: 157, nr32: 172, name: 'prctl', brief: 'operations on a process or thread', args: { op: choice(PR), arg2: ulong, arg3: ulong, arg4: ulong, arg5: ulong }, ret: int, classes: ['creds'],
  support: { partial: 'PR_SET_VMA changes nothing' },
}, (task, { op, arg2, arg3, arg4, arg5 }) => {
  const mm = task_mm(task);
  const rest = arg3 !== 0 || arg4 !== 0 || arg5 !== 0;
  switch (op) {
    case PR_SET_PDEATHSIG:
      if (arg2 > 64) return EINVAL.because('there is no such signal');
      task.pdeath_signal = arg2;
      return 0;
    case PR_GET_PDEATHSIG: return put_user32(mm, arg2, task.pdeath_signal);
    case PR_GET_DUMPABLE: return mm.dumpable;
    case PR_SET_DUMPABLE:
      if (arg2 > 1) return EINVAL.because('the value is neither 0 nor 1');
      mm.dumpable = arg2;
      return 0;
    case PR_SET_NAME: {
      const name = strncpy_from_user(mm, arg2, 15);
      if (typeof name !== 'string') return name;
      task.comm = name;
      return 0;
    }
    case PR_GET_NAME: return copy_to_user(mm, arg2, Uint8Array.from({ length: 16 }, (_, i) => i < task.comm.length ? task.comm.charCodeAt(i) : 0));
    case PR_SET_NO_NEW_PRIVS:
      if (arg2 !== 1 || rest) return EINVAL.because('the arguments are not 1, 0, 0, 0');
      task.no_new_privs = true;
      return 0;
    case PR_GET_NO_NEW_PRIVS: return arg2 !== 0 || rest ? EINVAL.because('the arguments are not 0') : task.no_new_privs ? 1 : 0;
    case PR_SET_CHILD_SUBREAPER:
      task.signal.is_child_subreaper = arg2 !== 0;
      return 0;
    case PR_GET_CHILD_SUBREAPER: return put_user32(mm, arg2, task.signal.is_child_subreaper ? 1 : 0);
    case PR_GET_SECCOMP: return task.seccomp_mode;
    case PR_SET_SECCOMP: return prctl_set_seccomp(task, arg2, arg3);
    case PR_GET_TIMERSLACK: return task.timer_slack_ns;
    case PR_SET_TIMERSLACK:
      task.timer_slack_ns = arg2 === 0 ? 50000 : arg2;
      return 0;
    case PR_GET_TSC: return put_user32(mm, arg2, PR_TSC_ENABLE);
    case PR_SET_TSC: return arg2 === PR_TSC_ENABLE ? 0 : EINVAL.because('the time stamp counter cannot be taken away');
    case PR_GET_TIMING: return 0;
    case PR_SET_TIMING: return arg2 === 0 ? 0 : EINVAL.because('only statistical timing is known');
    case PR_TASK_PERF_EVENTS_DISABLE: case PR_TASK_PERF_EVENTS_ENABLE: return 0;
    case PR_MCE_KILL: return arg4 !== 0 || arg5 !== 0 ? EINVAL.because('the arguments are not 0') : set_mce_kill(task, arg2, arg3);
    case PR_MCE_KILL_GET: return arg2 !== 0 || rest ? EINVAL.because('the arguments are not 0') : task.mce_kill;
    case PR_SET_THP_DISABLE:
      if (rest) return EINVAL.because('the arguments are not 0');
      mm.thp_disable = arg2 !== 0;
      return 0;
    case PR_GET_THP_DISABLE: return arg2 !== 0 || rest ? EINVAL.because('the arguments are not 0') : mm.thp_disable ? 1 : 0;
    case PR_SET_IO_FLUSHER:
      if (!capable(task, CAP_SYS_RESOURCE)) return EPERM.because('needs CAP_SYS_RESOURCE');
      if (rest || arg2 > 1) return EINVAL.because('the value is neither 0 nor 1');
      task.io_flusher = arg2 === 1;
      return 0;
    case PR_GET_IO_FLUSHER:
      if (!capable(task, CAP_SYS_RESOURCE)) return EPERM.because('needs CAP_SYS_RESOURCE');
      return arg2 !== 0 || rest ? EINVAL.because('the arguments are not 0') : task.io_flusher ? 1 : 0;
    case PR_SET_MM:
      if (arg5 !== 0 || arg4 !== 0 && arg2 !== PR_SET_MM_AUXV) return EINVAL.because('the arguments are not 0');
      return capable(task, CAP_SYS_RESOURCE) ? EINVAL.because('where a program has its parts cannot be changed') : EPERM.because('needs CAP_SYS_RESOURCE');
    case PR_GET_SPECULATION_CTRL:
      if (rest) return EINVAL.because('the arguments are not 0');
      return arg2 === PR_SPEC_STORE_BYPASS || arg2 === PR_SPEC_INDIRECT_BRANCH ? 0 : arg2 === PR_SPEC_L1D_FLUSH ? PR_SPEC_FORCE_DISABLE : ENODEV.because('there is no such speculation');
    case PR_SET_SPECULATION_CTRL:
      if (arg4 !== 0 || arg5 !== 0) return EINVAL.because('the arguments are not 0');
      return arg2 > PR_SPEC_L1D_FLUSH ? ENODEV.because('there is no such speculation') : arg2 === PR_SPEC_L1D_FLUSH ? EPERM.because('the kernel was not told so') : ENXIO.because('the processor does not speculate');
    case PR_SET_SYSCALL_USER_DISPATCH: return set_syscall_user_dispatch(task, arg2, arg3, arg4, arg5);
    case PR_SCHED_CORE: return ENODEV.because('the processor has one thread');
    case PR_GET_TID_ADDRESS: return put_user64(mm, arg2, task.clear_child_tid);
    case PR_SET_PTRACER: return 0;
    case PR_SET_VMA: return EINVAL.because('mappings cannot be named');
    default: return cap_task_prctl(task, op, arg2, arg3, arg4, arg5) ?? EINVAL.because('this operation is not supported');
  }
});

export const sys_personality = syscall({ nr: 135, nr32: 136, name: 'personality', brief: 'set the process execution domain', args: { persona: hex }, ret: hex, classes: [] }, (task, { persona }) => {
  const old = task.personality;
  if (persona !== 0xffffffff && persona !== 2 ** 64 - 1) task.personality = persona >>> 0;
  return old;
});

export const sys_getcpu = syscall({ nr: 309, nr32: 318, name: 'getcpu', brief: 'determine CPU and NUMA node', args: { cpu: pointer('outInt', 'unsigned int *', 'out'), node: pointer('outInt', 'unsigned int *', 'out'), tcache: ptr }, ret: int, classes: [] },
  (task, { cpu, node }) => {
    const stored = cpu === 0 ? 0 : put_user32(task_mm(task), cpu, 0);
    return failed(stored) || node === 0 ? stored : put_user32(task_mm(task), node, 0);
  });

