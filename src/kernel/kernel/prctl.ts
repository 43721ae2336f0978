// prctl and what else a process says about itself. Linux: kernel/sys.c:prctl(), security/commoncap.c, kernel/capability.c, exec_domain.c
import { choice, hex, int, pointer, ptr, ulong } from '../../abi/arg_types';
import { EINVAL, EPERM, ESRCH } from '../../abi/errno';
import {
  PR, PR_CAPBSET_DROP, PR_CAPBSET_READ, PR_CAP_AMBIENT, PR_GET_CHILD_SUBREAPER, PR_GET_DUMPABLE, PR_GET_KEEPCAPS, PR_GET_NAME, PR_GET_NO_NEW_PRIVS, PR_GET_PDEATHSIG, PR_GET_SECCOMP,
  PR_GET_SECUREBITS, PR_GET_TID_ADDRESS, PR_GET_TIMERSLACK, PR_GET_TSC, PR_SET_CHILD_SUBREAPER, PR_SET_DUMPABLE, PR_SET_KEEPCAPS, PR_SET_NAME, PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG,
  PR_SET_PTRACER, PR_SET_SECCOMP, PR_SET_TIMERSLACK, PR_SET_VMA,
} from '../../abi/prctl';
import { task_mm } from '../mm/mmap';
import { copy_from_user, copy_to_user, put_user32, put_user64, strncpy_from_user } from '../mm/uaccess';
import { failed } from '../result';
import { kernel } from '../state';
import { syscall } from '../syscall';
import { prctl_set_seccomp } from './seccomp';
import { cred } from './types';

export const sys_prctl = syscall({
  nr: 157, nr32: 172, name: 'prctl', brief: 'operations on a process or thread', args: { op: choice(PR), arg2: ulong, arg3: ulong, arg4: ulong, arg5: ulong }, ret: int, classes: [],
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
    case PR_GET_KEEPCAPS: return task.keepcaps ? 1 : 0;
    case PR_SET_KEEPCAPS:
      if (arg2 > 1) return EINVAL.because('the value is neither 0 nor 1');
      task.keepcaps = arg2 === 1;
      return 0;
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
    case PR_GET_SECUREBITS: return task.cred.securebits | (task.keepcaps ? SECBIT_KEEP_CAPS : 0);
    case PR_GET_TIMERSLACK: return task.timer_slack_ns;
    case PR_SET_TIMERSLACK:
      task.timer_slack_ns = arg2 === 0 ? 50000 : arg2;
      return 0;
    case PR_GET_TSC: return put_user32(mm, arg2, 1);
    case PR_GET_TID_ADDRESS: return put_user64(mm, arg2, task.clear_child_tid);
    case PR_CAPBSET_READ: return arg2 > 40 ? EINVAL.because('there is no such capability') : Number(task.cred.cap_bset >> BigInt(arg2) & 1n);
    case PR_CAPBSET_DROP: return arg2 > 40 ? EINVAL.because('there is no such capability') : EPERM.because('needs CAP_SETPCAP');
    case PR_CAP_AMBIENT: return arg2 === 1 ? Number(task.cred.cap_ambient >> BigInt(arg3) & 1n) : arg2 === 4 ? 0 : EPERM.because('the capability is not permitted');
    case PR_SET_PTRACER: return 0;
    case PR_SET_VMA: return EINVAL.because('mappings cannot be named');
    default: return EINVAL.because('this operation is not supported');
  }
});

export const sys_personality = syscall({ nr: 135, nr32: 136, name: 'personality', brief: 'set the process execution domain', args: { persona: hex }, ret: hex, classes: [] }, (task, { persona }) => {
  const old = task.personality;
  if (persona !== 0xffffffff && persona !== 2 ** 64 - 1) task.personality = persona >>> 0;
  return old;
});

const SECBIT_KEEP_CAPS = 0x10;
const CAP_VERSIONS = new Map([[0x19980330, 1], [0x20071026, 2], [0x20080522, 2]]);

export const sys_capget = syscall({ nr: 125, nr32: 184, name: 'capget', brief: 'get capabilities of thread(s)', args: { hdrp: pointer('cap_header', 'cap_user_header_t', 'inout'), datap: pointer('cap_data', 'cap_user_data_t', 'out') }, ret: int, classes: [] },
  (task, { hdrp, datap }) => {
    const mm = task_mm(task);
    const header = copy_from_user(mm, hdrp, 8);
    if (failed(header)) return header;
    const view = new DataView(header.buffer);
    const words = CAP_VERSIONS.get(view.getUint32(0, true));
    if (!words) {
      const stored = put_user32(mm, hdrp, 0x20080522);
      return failed(stored) ? stored : datap === 0 ? 0 : EINVAL.because('the version is unknown');
    }
    const id = view.getInt32(4, true);
    if (id < 0) return EINVAL.because('pid is negative');
    const target = id === 0 ? task : kernel.tasks.get(id);
    if (!target) return ESRCH.because(`there is no process ${id}`);
    if (datap === 0) return 0;
    const bytes = new Uint8Array(words * 12);
    const out = new DataView(bytes.buffer);
    for (let i = 0; i < words; i++) {
      [target.cred.cap_effective, target.cred.cap_permitted, target.cred.cap_inheritable].forEach((set, j) => out.setUint32(i * 12 + j * 4, Number(set >> BigInt(i * 32) & 0xffffffffn), true));
    }
    return copy_to_user(mm, datap, bytes);
  });

export const sys_capset = syscall({ nr: 126, nr32: 185, name: 'capset', brief: 'set capabilities of thread(s)', args: { hdrp: pointer('cap_header', 'cap_user_header_t', 'in'), datap: pointer('cap_data', 'const cap_user_data_t', 'in') }, ret: int, classes: [] },
  (task, { hdrp, datap }) => {
    const header = copy_from_user(task_mm(task), hdrp, 8);
    if (failed(header)) return header;
    const words = CAP_VERSIONS.get(new DataView(header.buffer).getUint32(0, true));
    if (!words) return EINVAL.because('the version is unknown');
    const id = new DataView(header.buffer).getInt32(4, true);
    if (id !== 0 && id !== task.pid) return EPERM.because('capabilities of others cannot be set');
    const data = copy_from_user(task_mm(task), datap, words * 12);
    if (failed(data)) return data;
    const view = new DataView(data.buffer);
    const set = (j: number): bigint => BigInt(view.getUint32(j * 4, true)) | (words > 1 ? BigInt(view.getUint32(12 + j * 4, true)) << 32n : 0n);
    const old = task.cred;
    if ((set(1) & ~old.cap_permitted) !== 0n || (set(0) & ~set(1)) !== 0n) return EPERM.because('a capability is not permitted');
    task.cred = cred.make({ ...old, cap_effective: set(0), cap_permitted: set(1), cap_inheritable: set(2) });
    return 0;
  });

export const sys_getcpu = syscall({ nr: 309, nr32: 318, name: 'getcpu', brief: 'determine CPU and NUMA node', args: { cpu: pointer('outInt', 'unsigned int *', 'out'), node: pointer('outInt', 'unsigned int *', 'out'), tcache: ptr }, ret: int, classes: [] },
  (task, { cpu, node }) => {
    const stored = cpu === 0 ? 0 : put_user32(task_mm(task), cpu, 0);
    return failed(stored) || node === 0 ? stored : put_user32(task_mm(task), node, 0);
  });

