// Signal frames on the user's stack and sigreturn. Linux: arch/x86/kernel/signal.c, signal_64.c, fpu/signal.c
import { long } from '../../../abi/arg_types';
import { EINTR, ERESTARTNOHAND, ERESTARTNOINTR, ERESTARTSYS, ERESTART_RESTARTBLOCK } from '../../../abi/errno';
import { SA_NODEFER, SA_ONSTACK, SA_RESTART, SA_RESTORER, SIG_DFL, SS_AUTODISARM, SS_DISABLE } from '../../../abi/signal';
import { SIGBUS, SIGCHLD, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP, SIG_KERNEL_ONLY_MASK, force_sig_info, recalc_sigpending, sighand_action, sigmask } from '../../kernel/signal';
import type { k_sigaction, kernel_siginfo, task_struct } from '../../kernel/types';
import { copy_from_user, copy_to_user } from '../../mm/uaccess';
import { task_mm } from '../../mm/mmap';
import { failed, isBlock, type Block } from '../../result';
import { charge, ports } from '../../state';
import { syscall } from '../../syscall';
import {
  CS, EFLAGS, ORIG_RAX, R10, R11, R12, R13, R14, R15, R8, R9, RAX, RBP, RBX, RCX, RDI, RDX, RIP, RSI, RSP, SS, X86_EFLAGS_DF, X86_EFLAGS_RF, X86_EFLAGS_TF, __USER_CS, __USER_DS,
  get_reg, get_reg_big, get_reg_hi, get_reg_lo, set_reg, set_reg_big,
} from './pt_regs';

const RT_FRAME = 440;
const UC = 8, UC_STACK = 24, UC_MCONTEXT = 48, UC_SIGMASK = 304, INFO = 312;
/** The order of struct sigcontext. */
const SIGCONTEXT_REGS = [R8, R9, R10, R11, R12, R13, R14, R15, RDI, RSI, RBP, RBX, RDX, RAX, RCX, RSP, RIP, EFLAGS];
const FP_XSTATE_MAGIC1 = 0x46505853, FP_XSTATE_MAGIC2 = 0x46505845;
/** Flags that a user may set. Linux: FIX_EFLAGS */
const USER_EFLAGS = 0x50dd5;

/** POLL_IN to POLL_HUP say why a descriptor is told of, by whatever signal was chosen. Linux: siginfo_layout() */
const NSIGPOLL = 6, SI_SIGIO = -5;

/** siginfo_t as user space has it: 128 bytes. Linux: copy_siginfo_to_user() */
export function siginfo_bytes(info: kernel_siginfo): Uint8Array {
  const bytes = new Uint8Array(128);
  const view = new DataView(bytes.buffer);
  const { si_signo, si_code } = info;
  view.setInt32(0, si_signo, true);
  view.setInt32(4, info.si_errno, true);
  view.setInt32(8, si_code, true);
  const word64 = (offset: number, value: number): void => view.setBigInt64(offset, BigInt(value), true);
  if (si_code > 0 && si_code < 0x80 && [SIGILL, SIGFPE, SIGSEGV, SIGBUS, SIGTRAP].includes(si_signo)) {
    word64(16, info.si_addr);
    view.setInt16(24, info.si_addr_lsb, true);
  } else if (si_code > 0 && si_code < 0x80 && si_signo === SIGCHLD) {
    view.setInt32(16, info.si_pid, true);
    view.setUint32(20, info.si_uid, true);
    view.setInt32(24, info.si_status, true);
    word64(32, info.si_utime);
    word64(40, info.si_stime);
  } else if (si_code > 0 && si_code < 0x80 && si_signo === SIGSYS) {
    word64(16, info.si_call_addr);
    view.setInt32(24, info.si_syscall, true);
    view.setUint32(28, info.si_arch, true);
  } else if (si_code === SI_SIGIO || si_code > 0 && si_code <= NSIGPOLL && info.si_band !== 0) {
    word64(16, info.si_band);
    view.setInt32(24, info.si_fd, true);
  } else if (si_code === -2) {
    view.setInt32(16, info.si_tid, true);
    view.setInt32(20, info.si_overrun, true);
    view.setBigUint64(24, BigInt.asUintN(64, info.si_value), true);
  } else {
    view.setInt32(16, info.si_pid, true);
    view.setUint32(20, info.si_uid, true);
    view.setBigUint64(24, BigInt.asUintN(64, info.si_value), true);
    // A child's end told by another signal than SIGCHLD: the union has its status.
    if (info.si_status !== 0) view.setInt32(24, info.si_status, true);
  }
  return bytes;
}

export function on_sig_stack(task: task_struct, sp: number): boolean {
  return task.sas_ss_size > 0 && sp > task.sas_ss_sp && sp - task.sas_ss_sp <= task.sas_ss_size;
}

/** As on_sig_stack(), but a stack that disarms itself is never in use. */
const is_armed_stack = (task: task_struct, sp: number): boolean => (task.sas_ss_flags & SS_AUTODISARM) === 0 && on_sig_stack(task, sp);

/** Rewinds or ends an interrupted call before a handler runs, or when none does (action is null). Linux: handle_signal(), arch_do_signal_or_restart() */
export function handle_restart(task: task_struct, action: k_sigaction | null): void {
  if (task.call === null || get_reg_hi(task, RAX) !== 0xffffffff || (get_reg_hi(task, ORIG_RAX) & 0x80000000) !== 0) return;
  const again = -(get_reg_lo(task, RAX) | 0);
  const isSys = again === ERESTARTSYS.number;
  const isBlockRestart = again === ERESTART_RESTARTBLOCK.number;
  if (!isSys && !isBlockRestart && again !== ERESTARTNOHAND.number && again !== ERESTARTNOINTR.number) return;
  if (action && again !== ERESTARTNOINTR.number && !(isSys && (action.sa_flags & SA_RESTART) !== 0)) {
    set_reg(task, RAX, -EINTR.number);
    return;
  }
  set_reg(task, RAX, isBlockRestart ? (task.call?.abi === 1 ? 0 : 219) : get_reg(task, ORIG_RAX));
  set_reg(task, RIP, get_reg(task, RIP) - 2);
}

/** Builds the frame and points the registers at the handler. Linux: handle_signal(), x64_setup_rt_frame() */
export function handle_signal(task: task_struct, info: kernel_siginfo, action: k_sigaction): Block | null {
  const blocked = setup_rt_frame(task, info, action);
  if (isBlock(blocked)) return blocked;
  if (blocked === 'fault') {
    // The handler of SIGSEGV itself has no room: nothing is left but death. Linux: kernel/signal.c:force_sigsegv()
    if (info.si_signo === SIGSEGV) sighand_action(task, SIGSEGV).sa_handler = SIG_DFL;
    force_sig_info(SIGSEGV, { si_code: 0x80 }, task);
    return null;
  }
  let mask = task.blocked | action.sa_mask;
  if ((action.sa_flags & SA_NODEFER) === 0) mask |= sigmask(info.si_signo);
  task.blocked = mask & ~SIG_KERNEL_ONLY_MASK;
  recalc_sigpending(task);
  return null;
}

function setup_rt_frame(task: task_struct, info: kernel_siginfo, action: k_sigaction): Block | 'fault' | null {
  const { cpu, phys } = ports();
  charge('signal_frame');
  if ((action.sa_flags & SA_RESTORER) === 0) return 'fault';
  const userSp = get_reg(task, RSP);
  let sp = userSp - 128;
  const nested = is_armed_stack(task, userSp);
  const isAlternate = (action.sa_flags & SA_ONSTACK) !== 0 && task.sas_ss_size > 0 && !nested;
  if (isAlternate) sp = task.sas_ss_sp + task.sas_ss_size;
  const fpBytes = cpu.xsaveSize + 4;
  const fp = Math.floor((sp - fpBytes) / 64) * 64;
  const frame = Math.floor((fp - RT_FRAME) / 16) * 16 - 8;
  if (isAlternate && frame < task.sas_ss_sp || nested && frame <= task.sas_ss_sp) return 'fault';
  cpu.xsave(task.thread.fpuPa);
  const image = phys.readBytes(task.thread.fpuPa, fpBytes);
  const fpView = new DataView(image.buffer, image.byteOffset, image.byteLength);
  fpView.setUint32(464, FP_XSTATE_MAGIC1, true);
  fpView.setUint32(468, fpBytes, true);
  fpView.setBigUint64(472, 7n, true);
  fpView.setUint32(480, cpu.xsaveSize, true);
  fpView.setUint32(cpu.xsaveSize, FP_XSTATE_MAGIC2, true);
  const bytes = new Uint8Array(RT_FRAME);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(action.sa_restorer), true);
  view.setBigUint64(UC, 7n, true); // UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS
  view.setBigUint64(UC_STACK, BigInt(task.sas_ss_sp), true);
  view.setUint32(UC_STACK + 8, (task.sas_ss_size === 0 ? 2 : nested ? 1 : 0) | task.sas_ss_flags & SS_AUTODISARM, true);
  view.setBigUint64(UC_STACK + 16, BigInt(task.sas_ss_size), true);
  SIGCONTEXT_REGS.forEach((reg, i) => view.setBigUint64(UC_MCONTEXT + i * 8, get_reg_big(task, reg), true));
  view.setUint16(UC_MCONTEXT + 144, get_reg_lo(task, CS), true);
  view.setUint16(UC_MCONTEXT + 150, get_reg_lo(task, SS), true);
  view.setBigUint64(UC_MCONTEXT + 152, BigInt(task.thread_error), true);
  view.setBigUint64(UC_MCONTEXT + 160, BigInt(task.thread_trap), true);
  view.setBigUint64(UC_MCONTEXT + 168, task.restore_sigmask ? task.saved_sigmask : task.blocked, true);
  view.setBigUint64(UC_MCONTEXT + 176, BigInt(task.thread_cr2), true);
  view.setBigUint64(UC_MCONTEXT + 184, BigInt(fp), true);
  view.setBigUint64(UC_SIGMASK, task.restore_sigmask ? task.saved_sigmask : task.blocked, true);
  bytes.set(siginfo_bytes(info), INFO);
  for (const stored of [copy_to_user(task_mm(task), fp, image), copy_to_user(task_mm(task), frame, bytes)]) {
    if (isBlock(stored)) return stored;
    if (failed(stored)) return 'fault';
  }
  task.restore_sigmask = false;
  if ((task.sas_ss_flags & SS_AUTODISARM) !== 0) {
    task.sas_ss_sp = task.sas_ss_size = 0;
    task.sas_ss_flags = SS_DISABLE;
  }
  set_reg(task, RDI, info.si_signo);
  set_reg(task, RSI, frame + INFO);
  set_reg(task, RDX, frame + UC);
  set_reg(task, RAX, 0);
  set_reg(task, RIP, action.sa_handler);
  set_reg(task, RSP, frame);
  set_reg(task, CS, __USER_CS);
  set_reg(task, SS, __USER_DS);
  set_reg(task, EFLAGS, get_reg(task, EFLAGS) & ~(X86_EFLAGS_DF | X86_EFLAGS_RF | X86_EFLAGS_TF));
  return null;
}

/** The frame is not readable: SIGSEGV. Linux: signal_fault() */
export function bad_frame(task: task_struct): number {
  force_sig_info(SIGSEGV, { si_code: 0x80 }, task);
  return 0;
}

export const sys_rt_sigreturn = syscall({
  nr: 15, name: 'rt_sigreturn', brief: 'return from signal handler and cleanup stack frame', args: {}, ret: long, classes: ['signal'],
}, task => {
  const frame = get_reg(task, RSP) - 8;
  const bytes = copy_from_user(task_mm(task), frame, RT_FRAME);
  if (isBlock(bytes)) return bytes;
  if (failed(bytes)) return bad_frame(task);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fp = Number(view.getBigUint64(UC_MCONTEXT + 184, true));
  const { xsaveSize } = ports().cpu;
  const image = fp === 0 ? null : copy_from_user(task_mm(task), fp, xsaveSize);
  if (isBlock(image)) return image;
  if (image && failed(image)) return bad_frame(task);
  task.blocked = view.getBigUint64(UC_SIGMASK, true) & ~SIG_KERNEL_ONLY_MASK;
  SIGCONTEXT_REGS.forEach((reg, i) => {
    const value = view.getBigUint64(UC_MCONTEXT + i * 8, true);
    set_reg_big(task, reg, reg === EFLAGS ? BigInt((Number(value & 0xffffffffn) & USER_EFLAGS) | 0x202) : value);
  });
  set_reg(task, CS, view.getUint16(UC_MCONTEXT + 144, true) | 3);
  set_reg(task, SS, view.getUint16(UC_MCONTEXT + 150, true) | 3);
  set_reg(task, ORIG_RAX, -1);
  if (image) {
    const magic = new DataView(image.buffer, image.byteOffset, image.byteLength).getUint32(464, true);
    // The software words are no part of the image that the processor reads.
    image.fill(0, 464, 512);
    if (magic !== FP_XSTATE_MAGIC1) image.fill(0, 512).set([3], 512);
    ports().phys.writeBytes(task.thread.fpuPa, image);
    ports().cpu.xrstor(task.thread.fpuPa);
  } else {
    ports().cpu.resetFpu();
  }
  const ss_sp = Number(view.getBigUint64(UC_STACK, true));
  const ss_flags = view.getUint32(UC_STACK + 8, true);
  if (!is_armed_stack(task, get_reg(task, RSP))) {
    const isDisabled = (ss_flags & SS_DISABLE) !== 0;
    task.sas_ss_sp = isDisabled ? 0 : ss_sp;
    task.sas_ss_size = isDisabled ? 0 : Number(view.getBigUint64(UC_STACK + 16, true));
    task.sas_ss_flags = ss_flags;
  }
  recalc_sigpending(task);
  return BigInt.asIntN(64, get_reg_big(task, RAX));
});
