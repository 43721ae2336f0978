// entry_SYSCALL_64 of entry.S as the processor may do it at once (cpu/ports.ts, SyscallGate). test/machine/syscall_gate.test.ts counts and compares.
import { assert } from '../../base/assert';
import { ENOSYS } from '../../abi/errno';
import type { SyscallGate } from '../../cpu/ports';
import type { KernelImage } from './kernel_image';
import { HYPERCALL, KERNEL_TEXT, PER_CPU, PT_REGS, PT_REGS_BYTES, USER_CS, USER_DS } from './layout';

/** Instructions behind SYSCALL up to VMCALL, and from there up to SYSRET. */
const BEFORE = 41, AFTER = 36;
const CALL = 0xe8, CALL_BYTES = 5, MOV_EAX_BYTES = 5, VMCALL_BYTES = 3;
/** General registers by their numbers in instructions. */
const REGISTERS = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'] as const;

export function syscallGate(image: KernelImage): SyscallGate {
  const entry = image.addressOf('entry_SYSCALL_64'), callee = image.addressOf('do_syscall_64');
  const { orig_rax: number, rip, cs, rflags, rsp, ss } = PT_REGS;
  return {
    entry, from: KERNEL_TEXT, to: KERNEL_TEXT + BigInt(image.size), before: BEFORE, after: AFTER,
    perCpu: { userStack: PER_CPU.tssSp2, top: PER_CPU.topOfStack },
    frame: { bytes: PT_REGS_BYTES, registers: REGISTERS.flatMap((name, register) => name === 'rsp' ? [] : [[register, PT_REGS[name]] as const]), number, rip, cs, rflags, rsp, ss },
    answer: -ENOSYS.number, cs: USER_CS, ss: USER_DS, hypercall: HYPERCALL.syscall64,
    returnsTo: behindCall(image, entry, callee), answered: callee + BigInt(MOV_EAX_BYTES + VMCALL_BYTES),
  };
}

/** Behind the first CALL of a function after an address. */
function behindCall({ segments }: KernelImage, from: bigint, callee: bigint): bigint {
  const text = segments.find(({ isExecutable }) => isExecutable);
  assert(text, 'the kernel image has text');
  const { bytes, offset } = text, view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = Number(from - KERNEL_TEXT) - offset; at + CALL_BYTES <= bytes.length; at++) {
    const behind = KERNEL_TEXT + BigInt(offset + at + CALL_BYTES);
    if (bytes[at] === CALL && behind + BigInt(view.getInt32(at + 1, true)) === callee) return behind;
  }
  assert(false, 'entry_SYSCALL_64 calls do_syscall_64');
}
