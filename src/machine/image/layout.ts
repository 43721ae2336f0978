// Where things lie and what the image and the machine agree on. The numbers that entry.S needs too stand in abi.inc; a test compares the two.

// Linux: arch/x86/include/asm/segment.h
export const KERNEL_CS = 0x10, KERNEL_DS = 0x18, USER32_CS = 0x23, USER_DS = 0x2b, USER_CS = 0x33, TSS_SELECTOR = 0x40;

// Linux: Documentation/arch/x86/x86_64/mm.rst
export const KERNEL_TEXT = 0xffffffff81000000n;
export const DIRECT_MAP = 0xffff888000000000n;
export const DIRECT_MAP_BYTES = 4 * 2 ** 30;

/** Linux: THREAD_SIZE */
export const STACK_BYTES = 16384;
export const PAGE = 4096;

/** Offsets in struct pt_regs. Linux: arch/x86/include/asm/ptrace.h */
export const PT_REGS = {
  r15: 0x00, r14: 0x08, r13: 0x10, r12: 0x18, rbp: 0x20, rbx: 0x28, r11: 0x30, r10: 0x38, r9: 0x40, r8: 0x48, rax: 0x50, rcx: 0x58, rdx: 0x60, rsi: 0x68, rdi: 0x70,
  orig_rax: 0x78, rip: 0x80, cs: 0x88, rflags: 0x90, rsp: 0x98, ss: 0xa0,
} as const;
export const PT_REGS_BYTES = 0xa8;

/** Offsets from the per-CPU base. */
export const PER_CPU = { tss: 0, tssSp0: 0x04, tssSp2: 0x14, tssIst1: 0x24, tssIoMap: 0x66, topOfStack: 0x80 } as const;
export const TSS_BYTES = 104;

/** EAX at VMCALL. */
export const HYPERCALL = { syscall64: 1, int80: 2, timer: 3, exc: 0x100 } as const;

/** Linux: LOCAL_TIMER_VECTOR */
export const TIMER_VECTOR = 0xec;
