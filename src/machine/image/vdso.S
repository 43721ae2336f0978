/*
 * The vDSO: the clock and CPU functions that run in ring 3, mapped into every process below its loader. Linux: arch/x86/entry/vdso/vclock_gettime.c, vgetcpu.c,
 * lib/vdso/gettimeofday.c; the layout of the vvar page is include/vdso/datapage.h of Linux 6.12. In assembly, so that the way through each function has a
 * known length: machine/vdso_watch.ts tells from the RDTSC or from the mark when a call began and ended. Built by build.sh.
 */
#define __NR_clock_gettime 228
#define __NR_gettimeofday 96
#define __NR_clock_getres 229

/* One bit a clock id: REALTIME MONOTONIC BOOTTIME TAI; MONOTONIC_RAW; REALTIME_COARSE MONOTONIC_COARSE. All others are the kernel's. */
#define VDSO_HRES (1 << 0 | 1 << 1 | 1 << 7 | 1 << 11)
#define VDSO_RAW (1 << 4)
#define VDSO_COARSE (1 << 5 | 1 << 6)
#define MAX_CLOCKS 16
#define NSEC_PER_SEC 1000000000
#define LOW_RES_NSEC 4000000		/* HZ=250 */

/* struct vdso_data: offsets */
#define SEQ 0
#define CLOCK_MODE 4
#define CYCLE_LAST 8
#define MULT 32
#define SHIFT 36
#define BASETIME_SEC 40		/* 12 of { sec, nsec }; nsec is shifted left by SHIFT, but not those of coarse clocks */
#define BASETIME_NSEC 48
#define TZ_MINUTESWEST 232
#define TZ_DSTTIME 236
#define HRTIMER_RES 240
#define VDSO_DATA_SIZE 248
#define VDSO_CLOCKMODE_TSC 1

.macro FUNC name
	.globl	__vdso_\name
	.type	__vdso_\name, @function
	.weak	\name
	.set	\name, __vdso_\name
	.balign	32
__vdso_\name:
	.cfi_startproc
.endm

.macro END name
	.cfi_endproc
	.size	__vdso_\name, . - __vdso_\name
	.size	\name, . - __vdso_\name
.endm

/* A NOP that no compiler emits (0F 19 /0): the end of a call that reads no TSC. Real processors do nothing here. */
#define MARK .byte 0x0f, 0x19, 0xc0

/*
 * Nanoseconds within the second to RAX, seconds to RDX, of the clock at basetime offset R9 of the vdso_data at R8. Uses RCX, R10 (how often it had to start
 * again) and R11. Goes to .L\name\()_fallback when the clock source is not the TSC. Linux: do_hres()
 */
.macro HRES name
	xorl	%r10d, %r10d
	jmp	2f
1:	pause
	incl	%r10d
2:	movl	SEQ(%r8), %r11d
	testb	$1, %r11b
	jnz	1b				/* the kernel is writing */
	cmpl	$VDSO_CLOCKMODE_TSC, CLOCK_MODE(%r8)
	jne	.L\name\()_fallback
	lfence
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	xorl	%edx, %edx
	subq	CYCLE_LAST(%r8), %rax
	cmovcq	%rdx, %rax			/* behind the last update: no time has passed */
	movl	MULT(%r8), %edx
	mulq	%rdx				/* 128 bits: no interval is too long */
	addq	BASETIME_NSEC(%r8,%r9), %rax
	adcq	$0, %rdx
	movl	SHIFT(%r8), %ecx
	shrdq	%cl, %rdx, %rax
	movq	BASETIME_SEC(%r8,%r9), %rdx
	cmpl	SEQ(%r8), %r11d
	jne	1b
	cmpq	$2 * NSEC_PER_SEC - 1, %rax
	ja	.L\name\()_far
.L\name\()_near:				/* at most one second over: always the same number of instructions */
	xorl	%ecx, %ecx
	leaq	-NSEC_PER_SEC(%rax), %r11
	testq	%r11, %r11
	cmovnsq	%r11, %rax
	setns	%cl
	addq	%rcx, %rdx
.endm

/* Seconds that have passed since the last update, which is more than ticks leave. */
.macro HRES_FAR name
.L\name\()_far:
	subq	$NSEC_PER_SEC, %rax
	incq	%rdx
	cmpq	$2 * NSEC_PER_SEC - 1, %rax
	ja	.L\name\()_far
	jmp	.L\name\()_near
.endm

	.file	"vdso.S"
	.text

/* int clock_gettime(clockid_t EDI, struct timespec *RSI) */
FUNC clock_gettime
	cmpl	$MAX_CLOCKS, %edi
	jae	.Lclock_gettime_fallback	/* negative ids, too: the clocks of processes */
	movl	%edi, %ecx
	movl	$1, %eax
	shll	%cl, %eax
	movq	%rcx, %r9
	shlq	$4, %r9
	leaq	_vdso_data(%rip), %r8
	testl	$VDSO_HRES, %eax
	jnz	.Lhres
	testl	$VDSO_COARSE, %eax
	jnz	.Lcoarse
	testl	$VDSO_RAW, %eax
	jz	.Lclock_gettime_fallback
	addq	$VDSO_DATA_SIZE, %r8		/* CS_RAW */
.Lhres:
	HRES	clock_gettime
	movq	%rdx, (%rsi)
	movq	%rax, 8(%rsi)
	xorl	%eax, %eax
	ret

	HRES_FAR clock_gettime

	/* Linux: do_coarse() */
1:	pause
.Lcoarse:
	movl	SEQ(%r8), %r11d
	testb	$1, %r11b
	jnz	1b
	movq	BASETIME_SEC(%r8,%r9), %rdx
	movq	BASETIME_NSEC(%r8,%r9), %rax
	cmpl	SEQ(%r8), %r11d
	jne	1b
	movq	%rdx, (%rsi)
	movq	%rax, 8(%rsi)
	xorl	%eax, %eax
	MARK
	ret

.Lclock_gettime_fallback:
	movl	$__NR_clock_gettime, %eax
	syscall
	ret
END clock_gettime

/* int gettimeofday(struct timeval *RDI, struct timezone *RSI) */
FUNC gettimeofday
	leaq	_vdso_data(%rip), %r8
	testq	%rsi, %rsi
	jz	1f
	movl	TZ_MINUTESWEST(%r8), %eax
	movl	TZ_DSTTIME(%r8), %ecx
	movl	%eax, (%rsi)
	movl	%ecx, 4(%rsi)
1:	testq	%rdi, %rdi
	jz	.Lgettimeofday_no_tv
	xorl	%r9d, %r9d			/* CLOCK_REALTIME */
	HRES	gettimeofday
	movq	%rdx, (%rdi)
	/* Microseconds: nsec / 1000 = nsec / 8 * (2^36 / 125, rounded up) / 2^36, exact below 2^30 */
	shrl	$3, %eax
	imulq	$549755814, %rax, %rax
	shrq	$36, %rax
	movq	%rax, 8(%rdi)
	xorl	%eax, %eax
	ret

.Lgettimeofday_no_tv:
	xorl	%eax, %eax
	MARK
	ret

	HRES_FAR gettimeofday

.Lgettimeofday_fallback:
	movl	$__NR_gettimeofday, %eax
	syscall
	ret
END gettimeofday

/* time_t time(time_t *RDI): the seconds as of the last tick */
FUNC time
	movq	_vdso_data+BASETIME_SEC(%rip), %rax
	testq	%rdi, %rdi
	jz	1f
	movq	%rax, (%rdi)
1:	MARK
	ret
END time

/* long getcpu(unsigned *RDI, unsigned *RSI, void *): RDPID gives node << 12 | CPU */
FUNC getcpu
	rdpid	%rax
	testq	%rdi, %rdi
	jz	1f
	movl	%eax, %ecx
	andl	$0xfff, %ecx
	movl	%ecx, (%rdi)
1:	testq	%rsi, %rsi
	jz	2f
	shrl	$12, %eax
	movl	%eax, (%rsi)
2:	xorl	%eax, %eax
	MARK
	ret
END getcpu

/* int clock_getres(clockid_t EDI, struct timespec *RSI) */
FUNC clock_getres
	cmpl	$MAX_CLOCKS, %edi
	jae	.Lclock_getres_fallback
	movl	%edi, %ecx
	movl	$1, %eax
	shll	%cl, %eax
	movl	$LOW_RES_NSEC, %edx
	testl	$VDSO_COARSE, %eax
	jnz	1f
	movl	_vdso_data+HRTIMER_RES(%rip), %edx
	testl	$VDSO_HRES | VDSO_RAW, %eax
	jz	.Lclock_getres_fallback
1:	xorl	%eax, %eax
	testq	%rsi, %rsi
	jz	2f
	movq	%rax, (%rsi)
	movq	%rdx, 8(%rsi)
2:	MARK
	ret

.Lclock_getres_fallback:
	movl	$__NR_clock_getres, %eax
	syscall
	ret
END clock_getres

	/* Linux: arch/x86/entry/vdso/vdso-note.S */
	.section .note.Linux, "a", @note
	.balign	4
	.long	6, 4, 0				/* "Linux", the version code */
	.asciz	"Linux"
	.balign	4
	.long	6 << 16 | 12 << 8

	.section .note.GNU-stack, "", @progbits
