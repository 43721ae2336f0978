// What an exception of ring 3 becomes: a page, or a signal. Linux: arch/x86/mm/fault.c, kernel/traps.c
import { assert } from '../../../base/assert';
import { BUS_ADRALN, BUS_ADRERR, FPE_FLTDIV, FPE_FLTINV, FPE_FLTOVF, FPE_FLTRES, FPE_FLTUND, FPE_INTDIV, ILL_ILLOPN, SEGV_ACCERR, SEGV_MAPERR, SI_KERNEL, TRAP_BRKPT, TRAP_TRACE } from '../../../abi/signal';
import { SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP, force_sig_info } from '../../kernel/signal';
import type { SignalInfo, task_struct } from '../../kernel/types';
import { find_vma_at, handle_mm_fault, type FaultAccess, type VmFault } from '../../mm/memory';
import { out_of_memory } from '../../mm/oom_kill';
import { find_extend_vma } from '../../mm/vma';
import { TASK_SIZE } from '../../mm/types';
import { isBlock } from '../../result';
import { ports } from '../../state';
import { emulate_vsyscall } from './vsyscall_64';
import { RIP, get_reg, user_mode } from './pt_regs';

const DR_STEP = 0x4000;
const X86_PF_PROT = 1, X86_PF_WRITE = 2, X86_PF_INSTR = 16;

/** Linux: do_user_addr_fault(). When the page waits for the host the task sleeps, and its instruction runs again afterwards. */
export function do_page_fault(task: task_struct, error_code: number): void {
  const { cpu, clock, events } = ports();
  const address = cpu.faultAddress;
  const startNs = clock.now();
  task.thread_cr2 = address;
  const { mm } = task;
  assert(mm, 'a page fault in a task without memory');
  // A page that is not there is brought in for reading, and the fetch tried again. Linux: arch/x86/mm/fault.c:access_error()
  const access: FaultAccess = (error_code & X86_PF_WRITE) !== 0 ? 'write' : (error_code & X86_PF_INSTR) !== 0 && (error_code & X86_PF_PROT) !== 0 ? 'exec' : 'read';
  const isUser = address >= 0 && address < TASK_SIZE;
  if (!isUser && (error_code & X86_PF_INSTR) !== 0 && emulate_vsyscall(task, address)) return;
  // Whether the kernel has a page there is nobody's business. Linux: sanitize_error_code()
  if (!isUser) task.thread_error = error_code | X86_PF_PROT;
  const vma = isUser ? find_vma_at(mm, address) ?? find_extend_vma(mm, address) : undefined;
  const fault = vma ? handle_mm_fault(mm, vma, address, access) : 'maperr';
  events.fault(task.pid, address, error_code, startNs);
  if (isBlock(fault)) {
    task.maj_flt++;
    return;
  }
  if (fault === null) task.min_flt++;
  else fault_signal(task, fault, address);
}

function fault_signal(task: task_struct, fault: VmFault, address: number): void {
  switch (fault) {
    case 'maperr': return force_sig_info(SIGSEGV, { si_code: SEGV_MAPERR, si_addr: address }, task);
    case 'accerr': return force_sig_info(SIGSEGV, { si_code: SEGV_ACCERR, si_addr: address }, task);
    case 'sigbus': return force_sig_info(SIGBUS, { si_code: BUS_ADRERR, si_addr: address }, task);
    default: return out_of_memory(task);
  }
}

/** #DF #TS #NP #SS #GP #PF #AC. SDM 3A, table 6-1 */
const HAS_ERROR_CODE: ReadonlySet<number> = new Set([8, 10, 11, 12, 13, 14, 17]);

/** Linux: arch/x86/kernel/traps.c */
export function do_trap(task: task_struct, vector: number, error_code: number): void {
  if (!user_mode(task)) assert(false, `exception ${vector} (error code ${error_code}) in the kernel at 0x${get_reg(task, RIP).toString(16)}`);
  task.thread_trap = vector;
  // The stubs push -1 where the processor pushes nothing; a signal frame tells 0.
  task.thread_error = HAS_ERROR_CODE.has(vector) ? error_code : 0;
  if (vector === 14) return do_page_fault(task, error_code);
  const ip = get_reg(task, RIP);
  const [signo, info] = trap_signal(task, vector, ip);
  force_sig_info(signo, info, task);
}

function trap_signal(task: task_struct, vector: number, ip: number): [signo: number, info: SignalInfo] {
  const kernel: SignalInfo = { si_code: SI_KERNEL };
  switch (vector) {
    case 0: return [SIGFPE, { si_code: FPE_INTDIV, si_addr: ip }];
    // No reason in DR6: it was INT1. Linux: traps.c:get_si_code()
    case 1: return [SIGTRAP, { si_code: ports().cpu.takeDebugStatus() & DR_STEP ? TRAP_TRACE : TRAP_BRKPT, si_addr: ip }];
    case 3: return [SIGTRAP, kernel];
    case 6: return [SIGILL, { si_code: ILL_ILLOPN, si_addr: ip }];
    case 11: case 12: return [SIGBUS, kernel];
    case 16: return [SIGFPE, { si_code: x87_code(task), si_addr: ip }];
    case 17: return [SIGBUS, { si_code: BUS_ADRALN }];
    case 19: return [SIGFPE, { si_code: simd_code(task), si_addr: ip }];
    default: return [SIGSEGV, kernel];
  }
}

/** The first unmasked exception in a status word and its masks. Linux: fpu__exception_code() */
function fpe_code(raised: number): number {
  if ((raised & 1) !== 0) return FPE_FLTINV;
  if ((raised & 4) !== 0) return FPE_FLTDIV;
  if ((raised & 8) !== 0) return FPE_FLTOVF;
  if ((raised & 0x12) !== 0) return FPE_FLTUND;
  return (raised & 0x20) !== 0 ? FPE_FLTRES : 0;
}

/** x87 status and control word of the task, which is the one that runs. */
function x87_code(task: task_struct): number {
  const { cpu, phys } = ports();
  cpu.xsave(task.thread.fpuPa);
  return fpe_code(phys.read16(task.thread.fpuPa + 2) & ~phys.read16(task.thread.fpuPa));
}

function simd_code(task: task_struct): number {
  const { cpu, phys } = ports();
  cpu.xsave(task.thread.fpuPa);
  const mxcsr = phys.read32(task.thread.fpuPa + 24);
  return fpe_code(mxcsr & ~(mxcsr >>> 7) & 0x3f);
}
