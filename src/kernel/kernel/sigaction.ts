// The system calls about signals. Linux: kernel/signal.c
import { choice, int, pid, pointer, signo, sigset, outSigset, size, timespec } from '../../abi/arg_types';
import { compat_sigaction, compat_sigaltstack, convertStruct, siginfoFromCompat, siginfoToCompat } from '../../abi/compat';
import { EAGAIN, EFAULT, EINTR, EINVAL, ENOMEM, EPERM, ERESTARTNOHAND, ESRCH, type Errno } from '../../abi/errno';
import {
  SA_NOCLDSTOP, SA_NOCLDWAIT, SA_NODEFER, SA_ONSTACK, SA_RESETHAND, SA_RESTART, SA_RESTORER, SA_SIGINFO, SIG_BLOCK, SIG_HOW, SIG_SETMASK, SIG_UNBLOCK, SI_TKILL, SS_AUTODISARM, SS_DISABLE, SS_ONSTACK, kernel_sigaction, stack_t,
} from '../../abi/signal';
import { on_sig_stack, siginfo_bytes } from '../arch/x86/signal';
import { RSP, get_reg } from '../arch/x86/pt_regs';
import { signal_hooks } from '../fs/signals';
import { task_mm } from '../mm/mmap';
import { copy_from_user, copy_to_user, get_user_big64 } from '../mm/uaccess';
import { get_timespec } from './time/time';
import { failed, type Block, type SyscallResult } from '../result';
import { kernel } from '../state';
import { in_compat_syscall, syscall } from '../syscall';
import {
  SIGCONT, SIGKILL, SIGSTOP, SIG_KERNEL_ONLY_MASK, _NSIG, dequeue_signal, flush_sigqueue_mask, recalc_sigpending, send_signal, sig_task_ignored, sighand_action, sigmask, user_siginfo,
} from './signal';
import type { SignalInfo, task_struct } from './types';
import { block, call_deadline, is_past } from './wait';

signal_hooks.send_sig = (number: number, task: task_struct): void => { send_signal(number, { si_code: 0, si_pid: task.tgid, si_uid: task.cred.uid }, task, false); };
signal_hooks.send_sig_to_process = (number: number, task: task_struct): void => { send_signal(number, { si_code: 0x80 }, task, true); };
signal_hooks.send_sig_info = send_signal;
signal_hooks.kill_pgrp = (pgrp: number, number: number): void => {
  for (const task of kernel.tasks.values()) if (task.pid === task.tgid && task.signal.pgrp === pgrp) send_signal(number, { si_code: 0x80 }, task, true);
};

/** What is kept of sa_flags, with SA_EXPOSE_TAGBITS; an unknown bit reads 0 afterwards. Linux: include/linux/signal_types.h */
const UAPI_SA_FLAGS = SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER | SA_RESETHAND | SA_RESTORER | 0x800;

function valid_signal(number: number): boolean {
  return number >= 1 && number <= _NSIG;
}

export const sys_rt_sigaction = syscall({
  nr: 13, nr32: 174, name: 'rt_sigaction', brief: 'examine and change a signal action',
  args: { signum: signo, act: pointer('sigaction', 'const struct sigaction *', 'in'), oldact: pointer('sigaction', 'struct sigaction *', 'out'), sigsetsize: size }, ret: int, classes: ['signal'],
}, (task, { signum, act, oldact, sigsetsize }) => {
  if (sigsetsize !== 8) return EINVAL.because('sigsetsize is not 8');
  const mm = task_mm(task);
  const isCompat = in_compat_syscall(task);
  const given = act === 0 ? null : copy_from_user(mm, act, isCompat ? compat_sigaction.size : kernel_sigaction.size);
  if (given && failed(given)) return given;
  const old = do_sigaction(task, signum, given && isCompat ? convertStruct(compat_sigaction, kernel_sigaction, given) : given);
  if (failed(old) || oldact === 0) return failed(old) ? old : 0;
  return copy_to_user(mm, oldact, isCompat ? convertStruct(kernel_sigaction, compat_sigaction, old) : old);
});

/** Sets an action where one is given; gives the one before, as struct sigaction. Linux: kernel/signal.c:do_sigaction() */
export function do_sigaction(task: task_struct, signum: number, bytes: Uint8Array | null): Uint8Array | Errno {
  if (!valid_signal(signum)) return EINVAL.because(`there is no signal ${signum}`);
  if (bytes && (signum === SIGKILL || signum === SIGSTOP)) return EINVAL.because('SIGKILL and SIGSTOP cannot be handled');
  const action = sighand_action(task, signum);
  const old = new Uint8Array(32);
  const out = new DataView(old.buffer);
  out.setBigUint64(0, BigInt(action.sa_handler), true);
  out.setBigUint64(8, BigInt(action.sa_flags), true);
  out.setBigUint64(16, BigInt(action.sa_restorer), true);
  out.setBigUint64(24, action.sa_mask, true);
  if (bytes) {
    const view = new DataView(bytes.buffer);
    action.sa_handler = Number(view.getBigUint64(0, true));
    action.sa_flags = (view.getUint32(8, true) & UAPI_SA_FLAGS) >>> 0;
    action.sa_restorer = Number(view.getBigUint64(16, true));
    action.sa_mask = view.getBigUint64(24, true) & ~SIG_KERNEL_ONLY_MASK;
    if (sig_task_ignored(task, signum)) flush_sigqueue_mask(task, sigmask(signum));
  }
  return old;
}

/** A new mask of blocked signals. */
export function set_current_blocked(task: task_struct, mask: bigint): void {
  task.blocked = mask & ~SIG_KERNEL_ONLY_MASK;
  recalc_sigpending(task);
}

function sigset_bytes(set: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, set, true);
  return bytes;
}

/** A mask for the time of one call (ppoll, pselect, sigsuspend). Linux: set_user_sigmask() */
export function set_user_sigmask(task: task_struct, address: number, length: number): Errno | Block | null {
  if (address === 0 || task.restore_sigmask) return null;
  if (length !== 8) return EINVAL.because('sigsetsize is not 8');
  const mask = get_user_big64(task_mm(task), address);
  if (typeof mask !== 'bigint') return mask;
  task.saved_sigmask = task.blocked;
  task.restore_sigmask = true;
  set_current_blocked(task, mask);
  return null;
}

export const sys_rt_sigprocmask = syscall({
  nr: 14, nr32: 175, name: 'rt_sigprocmask', brief: 'examine and change blocked signals',
  args: { how: choice(SIG_HOW), set: sigset, oldset: outSigset, sigsetsize: size }, ret: int, classes: ['signal'],
}, (task, { how, set, oldset, sigsetsize }) => {
  if (sigsetsize !== 8) return EINVAL.because('sigsetsize is not 8');
  const old = task.blocked;
  if (set !== 0) {
    const mask = get_user_big64(task_mm(task), set);
    if (typeof mask !== 'bigint') return mask;
    if (how === SIG_BLOCK) set_current_blocked(task, old | mask);
    else if (how === SIG_UNBLOCK) set_current_blocked(task, old & ~mask);
    else if (how === SIG_SETMASK) set_current_blocked(task, mask);
    else return EINVAL.because('how is none of SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK');
  }
  return oldset === 0 ? 0 : copy_to_user(task_mm(task), oldset, sigset_bytes(old));
});

export const sys_rt_sigpending = syscall({
  nr: 127, nr32: 176, name: 'rt_sigpending', brief: 'examine pending signals', args: { uset: outSigset, sigsetsize: size }, ret: int, classes: ['signal'],
}, (task, { uset, sigsetsize }) => {
  if (sigsetsize > 8) return EINVAL.because('sigsetsize is larger than 8');
  return copy_to_user(task_mm(task), uset, sigset_bytes((task.pending.signal | task.signal.shared_pending.signal) & task.blocked).subarray(0, sigsetsize));
});

export const sys_rt_sigsuspend = syscall({
  nr: 130, nr32: 179, name: 'rt_sigsuspend', brief: 'wait for a signal', args: { mask: sigset, sigsetsize: size }, ret: int, classes: ['signal'],
}, (task, { mask, sigsetsize }) => {
  if (sigsetsize !== 8) return EINVAL.because('sigsetsize is not 8');
  const refused = mask === 0 ? EFAULT.because('mask is NULL') : set_user_sigmask(task, mask, sigsetsize);
  return refused ?? block(null, Infinity, ERESTARTNOHAND);
});

export const sys_pause = syscall({
  nr: 34, nr32: 29, name: 'pause', brief: 'wait for signal', args: {}, ret: int, classes: ['signal'],
}, () => block(null, Infinity, ERESTARTNOHAND));

export const sys_rt_sigtimedwait = syscall({
  nr: 128, nr32: 421, nr_time32: 177, name32: 'rt_sigtimedwait_time64', name: 'rt_sigtimedwait', brief: 'synchronously wait for queued signals',
  args: { set: sigset, info: pointer('siginfo', 'siginfo_t *', 'out'), timeout: timespec, sigsetsize: size }, ret: signo, classes: ['signal'],
}, (task, { set, info, timeout, sigsetsize }): SyscallResult => {
  if (sigsetsize !== 8) return EINVAL.because('sigsetsize is not 8');
  const mm = task_mm(task);
  const wanted = get_user_big64(mm, set);
  if (typeof wanted !== 'bigint') return wanted;
  let until = Infinity;
  if (timeout !== 0) {
    const ns = get_timespec(task, timeout);
    if (typeof ns !== 'bigint') return ns;
    until = call_deadline(task, Number(ns));
  }
  const found = dequeue_signal(task, ~(wanted & ~SIG_KERNEL_ONLY_MASK) & 0xffffffffffffffffn);
  if (task.call && task.call.step === 1) {
    // The signals waited for were let through while the task slept.
    task.blocked = task.real_blocked;
    task.real_blocked = 0n;
    task.call.step = 0;
    recalc_sigpending(task);
  }
  if (found) {
    const stored = info === 0 ? 0 : copy_to_user(mm, info, in_compat_syscall(task) ? siginfoToCompat(siginfo_bytes(found)) : siginfo_bytes(found));
    return failed(stored) ? stored : found.si_signo;
  }
  if (is_past(until)) return EAGAIN.because('the timeout passed');
  if (task.sigpending) return EINTR.because('another signal came');
  if (task.call) {
    task.call.step = 1;
    task.real_blocked = task.blocked;
    task.blocked &= ~wanted;
    recalc_sigpending(task);
  }
  return block(null, until, EINTR);
});

function may_signal(task: task_struct, target: task_struct, number: number): boolean {
  const { cred } = task;
  const other = target.cred;
  if (cred.euid === other.suid || cred.euid === other.uid || cred.uid === other.suid || cred.uid === other.uid) return true;
  if (number === SIGCONT && task.signal.session === target.signal.session) return true;
  return (cred.cap_effective & (1n << 5n)) !== 0n;
}

/** Linux: group_send_sig_info() */
export function send_to(task: task_struct, target: task_struct, number: number, info: SignalInfo, isGroup: boolean): number | Errno {
  if (number < 0 || number > _NSIG) return EINVAL.because(`there is no signal ${number}`);
  if (!may_signal(task, target, number)) return EPERM.because(`pid ${target.pid} belongs to another user`);
  if (number !== 0 && !send_signal(number, info, target, isGroup)) return EAGAIN.because('RLIMIT_SIGPENDING is reached');
  return 0;
}

export const sys_kill = syscall({
  nr: 62, nr32: 37, name: 'kill', brief: 'send signal to a process', args: { pid, sig: signo }, ret: int, classes: ['signal', 'process'],
}, (task, { pid: number, sig }) => {
  return kill_something(task, number, sig, user_siginfo(task));
});

/** Sends to a process, a group (0: ours, below -1: that one) or all (-1). Linux: kill_something_info() */
export function kill_something(task: task_struct, number: number, sig: number, info: SignalInfo): number | Errno {
  if (number > 0) {
    const target = kernel.tasks.get(number);
    if (!target) return ESRCH.because(`there is no process ${number}`);
    return send_to(task, target, sig, info, true);
  }
  if (number === -2147483648) return ESRCH.because('there is no such process group');
  const pgrp = number === 0 ? task.signal.pgrp : -number;
  let found = 0;
  let result: number | Errno = ESRCH.because('there is no such process group');
  for (const target of [...kernel.tasks.values()].filter(one => one.pid === one.tgid && (number === -1 ? one.tgid !== task.tgid && one !== kernel.init : one.signal.pgrp === pgrp))) {
    const sent = send_to(task, target, sig, info, true);
    if (sent === 0) found++;
    result = found > 0 ? 0 : sent;
  }
  return result;
}

function do_tkill(task: task_struct, tgid: number, tid: number, sig: number, info: SignalInfo): number | Errno {
  const target = kernel.tasks.get(tid);
  if (!target || tgid > 0 && target.tgid !== tgid) return ESRCH.because(`there is no thread ${tid}`);
  return send_to(task, target, sig, info, false);
}

export const sys_tkill = syscall({
  nr: 200, nr32: 238, name: 'tkill', brief: 'send a signal to a thread', args: { tid: pid, sig: signo }, ret: int, classes: ['signal', 'process'],
}, (task, { tid, sig }) => tid <= 0 ? EINVAL.because('tid is not positive') : do_tkill(task, 0, tid, sig, { ...user_siginfo(task), si_code: SI_TKILL }));

export const sys_tgkill = syscall({
  nr: 234, nr32: 270, name: 'tgkill', brief: 'send a signal to a thread', args: { tgid: pid, tid: pid, sig: signo }, ret: int, classes: ['signal', 'process'],
}, (task, { tgid, tid, sig }) => tid <= 0 || tgid <= 0 ? EINVAL.because('tgid or tid is not positive') : do_tkill(task, tgid, tid, sig, { ...user_siginfo(task), si_code: SI_TKILL }));

/** A siginfo_t of user space; `sig` null: with its own number. Linux: copy_siginfo_from_user() */
export function read_siginfo(task: task_struct, address: number, sig: number | null): SignalInfo | Errno | Block {
  const given = copy_from_user(task_mm(task), address, 128);
  if (failed(given)) return given;
  const bytes = in_compat_syscall(task) ? siginfoFromCompat(given) : given, view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    si_signo: sig ?? view.getInt32(0, true), si_errno: view.getInt32(4, true), si_code: view.getInt32(8, true), si_pid: view.getInt32(16, true), si_uid: view.getUint32(20, true), si_value: view.getBigUint64(24, true),
  };
}

export const sys_rt_sigqueueinfo = syscall({
  nr: 129, nr32: 178, name: 'rt_sigqueueinfo', brief: 'queue a signal and data', args: { tgid: pid, sig: signo, info: pointer('siginfo', 'siginfo_t *', 'in') }, ret: int, classes: ['signal', 'process'],
}, (task, { tgid, sig, info }) => {
  const read = read_siginfo(task, info, sig);
  if (failed(read)) return read;
  if ((read.si_code ?? 0) >= 0 || read.si_code === SI_TKILL) { if (tgid !== task.tgid) return EPERM.because('si_code is reserved for the kernel'); }
  const target = kernel.tasks.get(tgid);
  return target ? send_to(task, target, sig, read, true) : ESRCH.because(`there is no process ${tgid}`);
});

export const sys_rt_tgsigqueueinfo = syscall({
  nr: 297, nr32: 335, name: 'rt_tgsigqueueinfo', brief: 'queue a signal and data', args: { tgid: pid, tid: pid, sig: signo, info: pointer('siginfo', 'siginfo_t *', 'in') }, ret: int, classes: ['signal', 'process'],
}, (task, { tgid, tid, sig, info }) => {
  const read = read_siginfo(task, info, sig);
  if (failed(read)) return read;
  if (tgid <= 0 || tid <= 0) return EINVAL.because('tgid or tid is not positive');
  if (((read.si_code ?? 0) >= 0 || read.si_code === SI_TKILL) && tid !== task.pid) return EPERM.because('si_code is reserved for the kernel');
  return do_tkill(task, tgid, tid, sig, read);
});

export const sys_sigaltstack = syscall({
  nr: 131, nr32: 186, name: 'sigaltstack', brief: 'set and/or get signal stack context',
  args: { ss: pointer('sigaltstack', 'const stack_t *', 'in'), old_ss: pointer('sigaltstack', 'stack_t *', 'out') }, ret: int, classes: ['signal'],
}, (task, { ss, old_ss }) => {
  const mm = task_mm(task);
  const isOn = on_sig_stack(task, get_reg(task, RSP)) && (task.sas_ss_flags & SS_AUTODISARM) === 0;
  const isCompat = in_compat_syscall(task);
  const old = new Uint8Array(24);
  const out = new DataView(old.buffer);
  out.setBigUint64(0, BigInt(task.sas_ss_sp), true);
  out.setUint32(8, (task.sas_ss_size === 0 ? SS_DISABLE : isOn ? SS_ONSTACK : 0) | task.sas_ss_flags & SS_AUTODISARM, true);
  out.setBigUint64(16, BigInt(task.sas_ss_size), true);
  if (ss !== 0) {
    const given = copy_from_user(mm, ss, isCompat ? compat_sigaltstack.size : stack_t.size);
    if (failed(given)) return given;
    const bytes = isCompat ? convertStruct(compat_sigaltstack, stack_t, given) : given;
    const view = new DataView(bytes.buffer);
    const flags = view.getUint32(8, true);
    const length = Number(view.getBigUint64(16, true));
    if (isOn) return EPERM.because('the task runs on the alternate stack');
    const mode = (flags & ~SS_AUTODISARM) >>> 0, sp = Number(view.getBigUint64(0, true));
    if (mode !== 0 && mode !== SS_ONSTACK && mode !== SS_DISABLE) return EINVAL.because('ss_flags has unknown bits');
    const isSame = sp === task.sas_ss_sp && length === task.sas_ss_size && flags === task.sas_ss_flags;
    if (!isSame && mode !== SS_DISABLE && length < 2048) return ENOMEM.because('the stack is smaller than MINSIGSTKSZ');
    task.sas_ss_sp = mode === SS_DISABLE ? 0 : sp;
    task.sas_ss_size = mode === SS_DISABLE ? 0 : length;
    task.sas_ss_flags = flags;
  }
  return old_ss === 0 ? 0 : copy_to_user(mm, old_ss, isCompat ? convertStruct(stack_t, compat_sigaltstack, old) : old);
});

