// System calls that the task's own handler of SIGSYS makes in the kernel's place, for programs of another operating system. Linux: kernel/entry/syscall_user_dispatch.c
import { AUDIT_ARCH_I386, AUDIT_ARCH_X86_64 } from '../../abi/seccomp';
import { EFAULT, EINVAL, type Errno } from '../../abi/errno';
import { SIG_DFL, SI_KERNEL, SYS_USER_DISPATCH } from '../../abi/signal';
import { ORIG_RAX, RAX, RIP, get_reg, set_reg } from '../arch/x86/pt_regs';
import { f, kobject, type Instance } from '../kobject';
import { task_mm } from '../mm/mmap';
import { TASK_SIZE } from '../mm/types';
import { copy_from_user } from '../mm/uaccess';
import { failed } from '../result';
import { SIGSEGV, SIGSYS, force_sig_info, sighand_action } from './signal';
import type { task_struct } from './types';

/** Calls from `offset` on for `len` bytes are always the kernel's; others as the byte at `selector` says. */
export const syscall_user_dispatch = kobject('syscall_user_dispatch', { selector: f.uaddr, offset: f.uaddr, len: f.u64 });
export interface syscall_user_dispatch extends Instance<typeof syscall_user_dispatch> {}

const PR_SYS_DISPATCH_OFF = 0, PR_SYS_DISPATCH_ON = 1;
const SYSCALL_DISPATCH_FILTER_ALLOW = 0, SYSCALL_DISPATCH_FILTER_BLOCK = 1;

/** prctl(PR_SET_SYSCALL_USER_DISPATCH) */
export function set_syscall_user_dispatch(task: task_struct, mode: number, offset: number, len: number, selector: number): number | Errno {
  if (mode === PR_SYS_DISPATCH_OFF) {
    if (offset !== 0 || len !== 0 || selector !== 0) return EINVAL.because('the arguments are not 0');
    task.syscall_dispatch = null;
    return 0;
  }
  if (mode !== PR_SYS_DISPATCH_ON) return EINVAL.because('there is no such mode');
  if (offset !== 0 && (len === 0 || offset + len >= 2 ** 64)) return EINVAL.because('the range wraps around');
  if (selector >= TASK_SIZE) return EFAULT.because('the selector lies outside user memory');
  task.syscall_dispatch = syscall_user_dispatch.make({ selector, offset, len });
  return 0;
}

/** Whether the call that begins is the program's own; then it has SIGSYS. */
export function is_user_dispatched(task: task_struct, abi: 0 | 1): boolean {
  const sd = task.syscall_dispatch as syscall_user_dispatch | null, ip = get_reg(task, RIP);
  if (!sd || ip >= sd.offset && ip - sd.offset < sd.len) return false;
  if (sd.selector !== 0) {
    const state = copy_from_user(task_mm(task), sd.selector, 1);
    if (failed(state)) return refuse(task, SIGSEGV);
    if (state[0] === SYSCALL_DISPATCH_FILTER_ALLOW) return false;
    if (state[0] !== SYSCALL_DISPATCH_FILTER_BLOCK) return refuse(task, SIGSYS);
  }
  const nr = get_reg(task, ORIG_RAX);
  set_reg(task, RAX, nr);
  force_sig_info(SIGSYS, { si_code: SYS_USER_DISPATCH, si_call_addr: ip, si_syscall: nr | 0, si_arch: abi === 1 ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64 }, task);
  return true;
}

/** The program dies, handler or not. Linux: force_exit_sig() */
function refuse(task: task_struct, signo: number): true {
  sighand_action(task, signo).sa_handler = SIG_DFL;
  force_sig_info(signo, { si_code: SI_KERNEL }, task);
  return true;
}
