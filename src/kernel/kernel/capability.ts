// Capabilities: capget, capset, and what prctl says of them. Linux: kernel/capability.c, security/commoncap.c
import { int, pointer } from '../../abi/arg_types';
import { EINVAL, EPERM, ESRCH, type Errno } from '../../abi/errno';
import {
  PR_CAPBSET_DROP, PR_CAPBSET_READ, PR_CAP_AMBIENT, PR_GET_KEEPCAPS, PR_GET_SECUREBITS, PR_SET_KEEPCAPS, PR_SET_SECUREBITS,
} from '../../abi/prctl';
import { capable } from '../fs/inode';
import { task_mm } from '../mm/mmap';
import { copy_from_user, copy_to_user, get_user32, put_user32 } from '../mm/uaccess';
import { failed, type Block } from '../result';
import { kernel } from '../state';
import { syscall } from '../syscall';
import { is_outside } from './sys';
import { cred, type task_struct } from './types';

const CAP_SETPCAP = 8, CAP_LAST_CAP = 40, ALL_CAPS = (1n << 41n) - 1n;
/** Linux: include/uapi/linux/securebits.h: of each two, the upper one locks the lower. */
const SECBIT_KEEP_CAPS = 0x10, SECBIT_KEEP_CAPS_LOCKED = 0x20, SECBIT_NO_CAP_AMBIENT_RAISE = 0x40, SECURE_ALL_BITS = 0x55, SECURE_ALL_LOCKS = 0xaa;
const PR_CAP_AMBIENT_IS_SET = 1, PR_CAP_AMBIENT_RAISE = 2, PR_CAP_AMBIENT_LOWER = 3, PR_CAP_AMBIENT_CLEAR_ALL = 4;
const CAP_VERSIONS = new Map([[0x19980330, 1], [0x20071026, 2], [0x20080522, 2]]);

const unknownVersion = EINVAL.because('the version is unknown');

/** How many words of each set the version in the header has; one that is unknown is replaced by ours. Linux: cap_validate_magic() */
function cap_validate_magic(task: task_struct, hdrp: number): number | Errno | Block {
  const version = get_user32(task_mm(task), hdrp);
  if (failed(version)) return version;
  const words = CAP_VERSIONS.get(version);
  if (words) return words;
  const stored = put_user32(task_mm(task), hdrp, 0x20080522);
  return failed(stored) ? stored : unknownVersion;
}

export const sys_capget = syscall({ nr: 125, nr32: 184, name: 'capget', brief: 'get capabilities of thread(s)', args: { hdrp: pointer('cap_header', 'cap_user_header_t', 'inout'), datap: pointer('cap_data', 'cap_user_data_t', 'out') }, ret: int, classes: ['creds'] },
  (task, { hdrp, datap }) => {
    const mm = task_mm(task);
    const words = cap_validate_magic(task, hdrp);
    if (failed(words)) return datap === 0 && words === unknownVersion ? 0 : words;
    if (datap === 0) return 0;
    const given = get_user32(mm, hdrp + 4), id = Number(given) | 0;
    if (failed(given)) return given;
    if (id < 0) return EINVAL.because('pid is negative');
    // Those outside may what the first process may.
    const target = id === 0 ? task : kernel.tasks.get(id) ?? (is_outside(id) ? kernel.init : null);
    if (!target) return ESRCH.because(`there is no process ${id}`);
    const bytes = new Uint8Array(words * 12);
    const out = new DataView(bytes.buffer);
    for (let i = 0; i < words; i++) {
      [target.cred.cap_effective, target.cred.cap_permitted, target.cred.cap_inheritable].forEach((set, j) => out.setUint32(i * 12 + j * 4, Number(set >> BigInt(i * 32) & 0xffffffffn), true));
    }
    return copy_to_user(mm, datap, bytes);
  });

export const sys_capset = syscall({ nr: 126, nr32: 185, name: 'capset', brief: 'set capabilities of thread(s)', args: { hdrp: pointer('cap_header', 'cap_user_header_t', 'in'), datap: pointer('cap_data', 'const cap_user_data_t', 'in') }, ret: int, classes: ['creds'] },
  (task, { hdrp, datap }) => {
    const words = cap_validate_magic(task, hdrp);
    if (failed(words)) return words;
    const id = get_user32(task_mm(task), hdrp + 4);
    if (failed(id)) return id;
    if (id !== 0 && id !== task.pid) return EPERM.because('capabilities of others cannot be set');
    const data = copy_from_user(task_mm(task), datap, words * 12);
    if (failed(data)) return data;
    const view = new DataView(data.buffer);
    const set = (j: number): bigint => (BigInt(view.getUint32(j * 4, true)) | (words > 1 ? BigInt(view.getUint32(12 + j * 4, true)) << 32n : 0n)) & ALL_CAPS;
    const old = task.cred, limit = old.cap_inheritable | (capable(task, CAP_SETPCAP) ? old.cap_bset : old.cap_permitted & old.cap_bset);
    if ((set(2) & ~limit) !== 0n) return EPERM.because('a capability may not be inherited');
    if ((set(1) & ~old.cap_permitted) !== 0n || (set(0) & ~set(1)) !== 0n) return EPERM.because('a capability is not permitted');
    task.cred = cred.make({ ...old, cap_effective: set(0), cap_permitted: set(1), cap_inheritable: set(2), cap_ambient: old.cap_ambient & set(1) & set(2) });
    return 0;
  });

const no_such_capability = (): Errno => EINVAL.because('there is no such capability');

/** What prctl knows of capabilities; null: it is another operation. Linux: security/commoncap.c:cap_task_prctl() */
export function cap_task_prctl(task: task_struct, op: number, arg2: number, arg3: number, arg4: number, arg5: number): number | Errno | null {
  const secure = task.cred.securebits | (task.keepcaps ? SECBIT_KEEP_CAPS : 0);
  switch (op) {
    case PR_CAPBSET_READ: return arg2 > CAP_LAST_CAP ? no_such_capability() : Number(task.cred.cap_bset >> BigInt(arg2) & 1n);
    case PR_CAPBSET_DROP:
      if (!capable(task, CAP_SETPCAP)) return EPERM.because('needs CAP_SETPCAP');
      if (arg2 > CAP_LAST_CAP) return no_such_capability();
      task.cred = cred.make({ ...task.cred, cap_bset: task.cred.cap_bset & ~(1n << BigInt(arg2)) });
      return 0;
    case PR_GET_SECUREBITS: return secure;
    case PR_SET_SECUREBITS: {
      const isLocked = ((secure & SECURE_ALL_LOCKS) >> 1 & (secure ^ arg2)) !== 0 || (secure & SECURE_ALL_LOCKS & ~arg2) !== 0;
      if (isLocked || arg2 > (SECURE_ALL_BITS | SECURE_ALL_LOCKS) || !capable(task, CAP_SETPCAP)) return EPERM.because('a bit is locked or unknown, or CAP_SETPCAP is missing');
      task.cred = cred.make({ ...task.cred, securebits: arg2 & ~SECBIT_KEEP_CAPS });
      task.keepcaps = (arg2 & SECBIT_KEEP_CAPS) !== 0;
      return 0;
    }
    case PR_GET_KEEPCAPS: return task.keepcaps ? 1 : 0;
    case PR_SET_KEEPCAPS:
      if (arg2 > 1) return EINVAL.because('the value is neither 0 nor 1');
      if ((secure & SECBIT_KEEP_CAPS_LOCKED) !== 0) return EPERM.because('the bit is locked');
      task.keepcaps = arg2 === 1;
      return 0;
    case PR_CAP_AMBIENT: return cap_ambient(task, arg2, arg3, arg4 !== 0 || arg5 !== 0);
    default: return null;
  }
}

function cap_ambient(task: task_struct, what: number, cap: number, hasMore: boolean): number | Errno {
  const old = task.cred;
  if (hasMore || what === PR_CAP_AMBIENT_CLEAR_ALL && cap !== 0) return EINVAL.because('the arguments are not 0');
  if (what === PR_CAP_AMBIENT_CLEAR_ALL) {
    task.cred = cred.make({ ...old, cap_ambient: 0n });
    return 0;
  }
  if (cap > CAP_LAST_CAP) return no_such_capability();
  const bit = 1n << BigInt(cap);
  if (what === PR_CAP_AMBIENT_IS_SET) return (old.cap_ambient & bit) !== 0n ? 1 : 0;
  if (what !== PR_CAP_AMBIENT_RAISE && what !== PR_CAP_AMBIENT_LOWER) return EINVAL.because('there is no such operation');
  const mayRaise = (old.cap_permitted & old.cap_inheritable & bit) !== 0n && (old.securebits & SECBIT_NO_CAP_AMBIENT_RAISE) === 0;
  if (what === PR_CAP_AMBIENT_RAISE && !mayRaise) return EPERM.because('the capability is not both permitted and inheritable');
  task.cred = cred.make({ ...old, cap_ambient: what === PR_CAP_AMBIENT_RAISE ? old.cap_ambient | bit : old.cap_ambient & ~bit });
  return 0;
}
