/*
 * The machine-code part of the simulated kernel: the way from ring 3 to ring 0 and back.
 * Linux: arch/x86/entry/entry_64.S (same labels, same pt_regs; no page-table isolation, no speculation barriers).
 * Everything behind do_syscall_64 and the exc_* functions is TypeScript, reached by VMCALL. See ARCHITECTURE.md, "the life of a system call".
 */
#include "abi.inc"

/* The caller of an entry is whatever pt_regs says: the frame's CFA is the end of pt_regs, and each register lies below it. */
.macro CFI_PT_REGS extra=0
	.cfi_def_cfa rsp, SIZEOF_PTREGS + \extra
	.cfi_offset rsp, RSP - SIZEOF_PTREGS
	.cfi_offset rip, RIP - SIZEOF_PTREGS
	.cfi_offset r15, 0x00 - SIZEOF_PTREGS
	.cfi_offset r14, 0x08 - SIZEOF_PTREGS
	.cfi_offset r13, 0x10 - SIZEOF_PTREGS
	.cfi_offset r12, 0x18 - SIZEOF_PTREGS
	.cfi_offset rbp, 0x20 - SIZEOF_PTREGS
	.cfi_offset rbx, 0x28 - SIZEOF_PTREGS
	.cfi_offset r11, R11 - SIZEOF_PTREGS
	.cfi_offset r10, 0x38 - SIZEOF_PTREGS
	.cfi_offset r9,  0x40 - SIZEOF_PTREGS
	.cfi_offset r8,  0x48 - SIZEOF_PTREGS
	.cfi_offset rcx, RCX - SIZEOF_PTREGS
	.cfi_offset rdx, 0x60 - SIZEOF_PTREGS
	.cfi_offset rsi, 0x68 - SIZEOF_PTREGS
	.cfi_offset rdi, RDI - SIZEOF_PTREGS
.endm

/* The CPU pushed SS, RSP, EFLAGS, CS, RIP; \pushed more bytes lie on top. */
.macro CFI_IRET_FRAME pushed=0
	.cfi_def_cfa rsp, 40 + \pushed
	.cfi_offset rsp, RSP - SIZEOF_PTREGS
	.cfi_offset rip, RIP - SIZEOF_PTREGS
.endm

.macro PUSH cfi
	pushq	\cfi
	.cfi_adjust_cfa_offset 8
.endm

.macro PUSH_SAVED reg
	pushq	%\reg
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset \reg, 0
.endm

/* The rest of pt_regs below orig_rax, \rax in the place of RAX; then the registers are cleared, so that the kernel starts from a known state. */
.macro PUSH_AND_CLEAR_REGS rax=%rax
	PUSH_SAVED rdi
	PUSH_SAVED rsi
	PUSH_SAVED rdx
	PUSH_SAVED rcx
	PUSH \rax
	PUSH_SAVED r8
	PUSH_SAVED r9
	PUSH_SAVED r10
	PUSH_SAVED r11
	PUSH_SAVED rbx
	PUSH_SAVED rbp
	PUSH_SAVED r12
	PUSH_SAVED r13
	PUSH_SAVED r14
	PUSH_SAVED r15
	xorl	%edx, %edx
	xorl	%ecx, %ecx
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	xorl	%r10d, %r10d
	xorl	%r11d, %r11d
	xorl	%ebx, %ebx
	xorl	%ebp, %ebp
	xorl	%r12d, %r12d
	xorl	%r13d, %r13d
	xorl	%r14d, %r14d
	xorl	%r15d, %r15d
.endm

.macro POP_SAVED reg
	popq	%\reg
	.cfi_adjust_cfa_offset -8
	.cfi_restore \reg
.endm

/* All of pt_regs up to and with RSI. */
.macro POP_REGS
	POP_SAVED r15
	POP_SAVED r14
	POP_SAVED r13
	POP_SAVED r12
	POP_SAVED rbp
	POP_SAVED rbx
	POP_SAVED r11
	POP_SAVED r10
	POP_SAVED r9
	POP_SAVED r8
	popq	%rax
	.cfi_adjust_cfa_offset -8
	POP_SAVED rcx
	POP_SAVED rdx
	POP_SAVED rsi
.endm

.macro FUNC name
	.globl	\name
	.type	\name, @function
\name:
.endm

.macro END name
	.size	\name, . - \name
.endm

	.text

/*
 * SYSCALL from 64-bit code. In: RCX = return address, R11 = RFLAGS, RAX = number, arguments in RDI RSI RDX R10 R8 R9;
 * RSP and GS are still the user's; interrupts are off (IA32_FMASK).
 */
FUNC entry_SYSCALL_64
	.cfi_startproc simple
	.cfi_signal_frame
	.cfi_def_cfa rsp, 0
	.cfi_register rip, rcx
	.cfi_same_value rsp
	swapgs
	movq	%rsp, %gs:PER_CPU_TSS_SP2
	movq	%gs:PER_CPU_TOP_OF_STACK, %rsp
	.globl	entry_SYSCALL_64_safe_stack
entry_SYSCALL_64_safe_stack:
	.cfi_undefined rsp
	PUSH	$__USER_DS			/* pt_regs->ss */
	PUSH	%gs:PER_CPU_TSS_SP2		/* pt_regs->sp */
	.cfi_rel_offset rsp, 0
	PUSH	%r11				/* pt_regs->flags */
	PUSH	$__USER_CS			/* pt_regs->cs */
	PUSH	%rcx				/* pt_regs->ip */
	.cfi_rel_offset rip, 0
	PUSH	%rax				/* pt_regs->orig_ax */
	PUSH_AND_CLEAR_REGS rax=$-38		/* pt_regs->ax = -ENOSYS */

	movq	%rsp, %rdi
	movslq	%eax, %rsi
	call	do_syscall_64

	/*
	 * SYSRETQ takes RIP from RCX and RFLAGS from R11 and sets fixed selectors. When pt_regs asks for more than that
	 * (a signal frame, ptrace, execve, single step), IRETQ goes the whole way.
	 */
	movq	RCX(%rsp), %rcx
	movq	RIP(%rsp), %r11
	cmpq	%rcx, %r11
	jne	swapgs_restore_regs_and_return_to_usermode
	shlq	$16, %rcx			/* only an address below 2^47 survives this unchanged: SYSRETQ to another one faults in ring 0 */
	sarq	$16, %rcx
	cmpq	%rcx, %r11
	jne	swapgs_restore_regs_and_return_to_usermode
	cmpq	$__USER_CS, CS(%rsp)
	jne	swapgs_restore_regs_and_return_to_usermode
	movq	R11(%rsp), %r11
	cmpq	%r11, EFLAGS(%rsp)
	jne	swapgs_restore_regs_and_return_to_usermode
	testq	$0x10100, %r11			/* RF, TF */
	jnz	swapgs_restore_regs_and_return_to_usermode
	cmpq	$__USER_DS, SS(%rsp)
	jne	swapgs_restore_regs_and_return_to_usermode

	.globl	syscall_return_via_sysret
syscall_return_via_sysret:
	.cfi_remember_state
	POP_REGS
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	.cfi_restore rdi
	movq	RSP-ORIG_RAX(%rsp), %rsp
	.cfi_def_cfa rsp, 0
	.cfi_same_value rsp
	.cfi_register rip, rcx
	swapgs
	sysretq
	.cfi_restore_state
	.cfi_endproc
END entry_SYSCALL_64

/* The way out that can go anywhere: RSP points to a full pt_regs of ring 3. */
FUNC swapgs_restore_regs_and_return_to_usermode
	.cfi_startproc simple
	.cfi_signal_frame
	CFI_PT_REGS
	POP_REGS
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	.cfi_restore rdi
	addq	$8, %rsp			/* orig_ax */
	.cfi_adjust_cfa_offset -8
	swapgs
	.globl	native_iret
native_iret:
	iretq
	.cfi_endproc
END swapgs_restore_regs_and_return_to_usermode

/* The first instruction of a new thread: its parent left a pt_regs at the top of its stack. */
FUNC ret_from_fork_asm
	.cfi_startproc simple
	.cfi_signal_frame
	CFI_PT_REGS
	jmp	swapgs_restore_regs_and_return_to_usermode
	.cfi_endproc
END ret_from_fork_asm

/*
 * One entry for an exception or an interrupt. The CPU switched to TSS.RSP0 and pushed the five words of IRETQ and, for some vectors, an error code,
 * which stands in the place of orig_ax until it is handed over.
 */
.macro IDTENTRY asmsym cfunc has_error_code
FUNC \asmsym
	.cfi_startproc simple
	.cfi_signal_frame
	.if \has_error_code
	CFI_IRET_FRAME 8
	.else
	CFI_IRET_FRAME
	PUSH	$-1
	.endif
	PUSH_AND_CLEAR_REGS
	leaq	1f(%rip), %rdx
	testb	$3, CS(%rsp)
	jz	error_kernelspace
	swapgs
1:	movq	%rsp, %rdi
	movq	ORIG_RAX(%rsp), %rsi
	movq	$-1, ORIG_RAX(%rsp)
	call	\cfunc
	testb	$3, CS(%rsp)
	jnz	swapgs_restore_regs_and_return_to_usermode
	jmp	restore_regs_and_return_to_kernel
	.cfi_endproc
END \asmsym
.endm

/*
 * An exception in ring 0 has one cause that is not a mistake of ours: IRETQ to a frame that ring 3 made impossible (rt_sigreturn, ptrace). GS is the
 * user's again by then. It becomes an exception of ring 3: the registers move up to the user's frame at the top of the stack. RDX: where to go on.
 * Linux: error_entry, fixup_bad_iret()
 */
FUNC error_kernelspace
	.cfi_startproc simple
	.cfi_signal_frame
	CFI_PT_REGS
	leaq	native_iret(%rip), %rax
	cmpq	%rax, RIP(%rsp)
	jne	1f
	swapgs
	movq	%gs:PER_CPU_TOP_OF_STACK, %rdi
	leaq	ORIG_RAX - SIZEOF_PTREGS(%rdi), %rdi
	leaq	ORIG_RAX(%rsp), %rsi
	movl	$16, %ecx			/* orig_ax down to r15: the two areas overlap */
	std
	rep movsq
	cld
	leaq	8(%rdi), %rsp
1:	jmp	*%rdx
	.cfi_endproc
END error_kernelspace

/* A function of the TypeScript kernel. */
.macro HYPERCALL name number
FUNC \name
	.cfi_startproc
	movl	$\number, %eax
	vmcall
	ret
	.cfi_endproc
END \name
.endm

.macro EXCEPTION vector name has_error_code=0
	IDTENTRY asm_exc_\name exc_\name \has_error_code
	HYPERCALL exc_\name HYPERCALL_EXC+\vector
.endm

	EXCEPTION 0,  divide_error
	EXCEPTION 1,  debug
	EXCEPTION 2,  nmi
	EXCEPTION 3,  int3
	EXCEPTION 4,  overflow
	EXCEPTION 5,  bounds
	EXCEPTION 6,  invalid_op
	EXCEPTION 7,  device_not_available
	EXCEPTION 8,  double_fault, 1
	EXCEPTION 9,  coproc_segment_overrun
	EXCEPTION 10, invalid_tss, 1
	EXCEPTION 11, segment_not_present, 1
	EXCEPTION 12, stack_segment, 1
	EXCEPTION 13, general_protection, 1
	EXCEPTION 14, page_fault, 1
	EXCEPTION 15, spurious_interrupt_bug
	EXCEPTION 16, coprocessor_error
	EXCEPTION 17, alignment_check, 1
	EXCEPTION 18, machine_check
	EXCEPTION 19, simd_coprocessor_error
	EXCEPTION 20, virtualization_exception
	EXCEPTION 21, control_protection, 1

	IDTENTRY asm_sysvec_apic_timer_interrupt sysvec_apic_timer_interrupt 0
	HYPERCALL sysvec_apic_timer_interrupt HYPERCALL_TIMER

/* INT 0x80, the i386 way in: RAX is the number, so it stands in the place of orig_ax. */
FUNC entry_INT80_64
	.cfi_startproc simple
	.cfi_signal_frame
	CFI_IRET_FRAME
	movl	%eax, %eax			/* the number is EAX: what the caller left above it does not count */
	PUSH	%rax				/* pt_regs->orig_ax */
	PUSH_AND_CLEAR_REGS rax=$-38		/* pt_regs->ax = -ENOSYS */
	swapgs
	movq	%rsp, %rdi
	call	do_int80_syscall_32
	jmp	swapgs_restore_regs_and_return_to_usermode
	.cfi_endproc
END entry_INT80_64

/* Back to the ring-0 code that an exception interrupted. */
FUNC restore_regs_and_return_to_kernel
	.cfi_startproc simple
	.cfi_signal_frame
	CFI_PT_REGS
	POP_REGS
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	.cfi_restore rdi
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	iretq
	.cfi_endproc
END restore_regs_and_return_to_kernel

	HYPERCALL do_syscall_64 HYPERCALL_SYSCALL_64
	HYPERCALL do_int80_syscall_32 HYPERCALL_INT80

/* The tables that the CPU itself reads. The machine fills them when it boots (image/descriptors.ts). */
	.section .bss..percpu, "aw", @nobits
	.balign	4096
	.globl	__per_cpu_start
__per_cpu_start:
	.globl	cpu_tss_rw
	.type	cpu_tss_rw, @object
cpu_tss_rw:
	.skip	104
	.size	cpu_tss_rw, . - cpu_tss_rw
	.balign	128
	.globl	pcpu_hot
	.type	pcpu_hot, @object
pcpu_hot:					/* top_of_stack */
	.skip	8
	.size	pcpu_hot, . - pcpu_hot

	.bss
	.balign	4096
	.globl	gdt_page
	.type	gdt_page, @object
gdt_page:
	.skip	4096
	.size	gdt_page, . - gdt_page
	.globl	idt_table
	.type	idt_table, @object
idt_table:
	.skip	4096
	.size	idt_table, . - idt_table
	.globl	exception_stack
	.type	exception_stack, @object
exception_stack:				/* IST1, for double faults */
	.skip	4096
	.size	exception_stack, . - exception_stack

	.section .note.GNU-stack, "", @progbits
