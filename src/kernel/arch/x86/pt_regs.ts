// struct pt_regs at the top of the task's kernel stack, in guest memory. Linux: arch/x86/include/asm/ptrace.h
import type { addr_t, phys_addr_t, u32, uint, ulong } from '../../../abi/c_types';
import { ports } from '../../state';
import type { task_struct } from '../../kernel/types';

export const THREAD_SIZE = 0x4000;
export const PT_REGS_SIZE = 168;

/** Offsets in pt_regs. */
export const R15 = 0, R14 = 8, R13 = 16, R12 = 24, RBP = 32, RBX = 40, R11 = 48, R10 = 56, R9 = 64, R8 = 72, RAX = 80, RCX = 88, RDX = 96, RSI = 104, RDI = 112,
  ORIG_RAX = 120, RIP = 128, CS = 136, EFLAGS = 144, RSP = 152, SS = 160;

// Linux: arch/x86/include/asm/segment.h
export const __USER_DS = 0x2b, __USER_CS = 0x33;
export const X86_EFLAGS_CF = 1, X86_EFLAGS_TF = 0x100, X86_EFLAGS_IF = 0x200, X86_EFLAGS_DF = 0x400, X86_EFLAGS_RF = 0x10000, X86_EFLAGS_FIXED = 2;

export function task_pt_regs(task: task_struct): phys_addr_t {
  return task.thread.stackPa + THREAD_SIZE - PT_REGS_SIZE;
}

/** A register as a double: exact below 2^53 (addresses, small numbers). */
export function get_reg(task: task_struct, offset: uint): ulong {
  return ports().phys.read64(task_pt_regs(task) + offset);
}

export function get_reg_lo(task: task_struct, offset: uint): u32 {
  return ports().phys.read32(task_pt_regs(task) + offset) >>> 0;
}

export function get_reg_hi(task: task_struct, offset: uint): u32 {
  return ports().phys.read32(task_pt_regs(task) + offset + 4) >>> 0;
}

export function get_reg_big(task: task_struct, offset: uint): bigint {
  return ports().phys.readBig64(task_pt_regs(task) + offset);
}

export function set_reg(task: task_struct, offset: uint, value: ulong): void {
  ports().phys.write64(task_pt_regs(task) + offset, value);
}

export function set_reg_big(task: task_struct, offset: uint, value: bigint): void {
  ports().phys.writeBig64(task_pt_regs(task) + offset, BigInt.asUintN(64, value));
}

/** True when the registers are those of ring 3. */
export function user_mode(task: task_struct): boolean {
  return (get_reg_lo(task, CS) & 3) === 3;
}

/** A new program: all registers zero but these. Linux: arch/x86/kernel/process_64.c:start_thread() */
export function start_thread(task: task_struct, ip: addr_t, sp: addr_t): void {
  ports().phys.fill(task_pt_regs(task), PT_REGS_SIZE, 0);
  set_reg(task, RIP, ip);
  set_reg(task, RSP, sp);
  set_reg(task, CS, __USER_CS);
  set_reg(task, SS, __USER_DS);
  set_reg(task, EFLAGS, X86_EFLAGS_IF | X86_EFLAGS_FIXED);
  set_reg(task, ORIG_RAX, -1);
}
