// Signal frames: alternate stacks, faults, what sigreturn restores.
#include "signals.h"

static char alternate[65536] __attribute__((aligned(4096)));
static volatile int on_alternate, ss_flags_seen, sas_errno;
static void where(int signo, siginfo_t *info, void *context) {
	char here;
	stack_t now;
	on_alternate = &here >= alternate && &here < alternate + sizeof alternate;
	sigaltstack(NULL, &now);
	ss_flags_seen = now.ss_flags;
	errno = 0;
	sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, NULL);
	sas_errno = errno;
	stack_t *in_frame = &((ucontext_t *)context)->uc_stack;
	say("frame: flags %d, size %ld, same place %d", in_frame->ss_flags, (long)in_frame->ss_size, in_frame->ss_sp == alternate);
}
CASE(sigaltstack_ways) {
	stack_t old, s = { .ss_sp = alternate, .ss_size = sizeof alternate };
	TRY(sigaltstack(NULL, &old));
	say("%d %ld", old.ss_flags, (long)old.ss_size);
	TRY(sigaltstack(&(stack_t){ .ss_sp = alternate, .ss_size = 1000 }, NULL));
	TRY(sigaltstack(&(stack_t){ .ss_sp = alternate, .ss_size = 65536, .ss_flags = 8 }, NULL));
	TRY(syscall(SYS_sigaltstack, BAD_POINTER, NULL));
	TRY(syscall(SYS_sigaltstack, &s, BAD_POINTER));
	TRY(sigaltstack(NULL, &old));
	say("%d %ld", old.ss_flags, (long)old.ss_size);
	struct sigaction act = { .sa_sigaction = where, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	sigaction(SIGUSR1, &act, NULL);
	raise(SIGUSR1);
	say("on it %d, flags %d, change gives %s", on_alternate, ss_flags_seen, error_name(sas_errno));
	act.sa_flags = SA_SIGINFO;
	sigaction(SIGUSR1, &act, NULL);
	raise(SIGUSR1);
	say("on it %d, flags %d, change gives %d", on_alternate, ss_flags_seen, sas_errno);
	s.ss_flags = SS_ONSTACK;
	TRY(sigaltstack(&s, &old));
	TRY(sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE, .ss_size = 1 }, &old));
	TRY(sigaltstack(NULL, &old));
	say("%d %ld", old.ss_flags, (long)old.ss_size);
	s.ss_flags = 1u << 31;
	TRY(sigaltstack(&s, NULL));
	act.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigaction(SIGUSR1, &act, NULL);
	raise(SIGUSR1);
	say("autodisarmed: on it %d, flags %x", on_alternate, ss_flags_seen);
	sigaltstack(NULL, &old);
	say("%x %ld", old.ss_flags, (long)old.ss_size);
	IN_CHILD("a child", { sigaltstack(NULL, &old); say("inherited %x", old.ss_flags); });
}

// The handler leaves 900 bytes, which is no room for a frame.
static void recurse(int signo) {
	char here;
	volatile char *room = __builtin_alloca(&here - alternate - 900);
	room[0] = 1;
	syscall(SYS_tkill, getpid(), signo);
	room[1] = count++;
}
CASE(signals_in_handlers_on_a_full_alternate_stack) {
	IN_CHILD("overflow", {
		sigaltstack(&(stack_t){ .ss_sp = alternate, .ss_size = 16384 }, NULL);
		struct sigaction act = { .sa_handler = recurse, .sa_flags = SA_ONSTACK | SA_NODEFER };
		sigaction(SIGUSR1, &act, NULL);
		raise(SIGUSR1);
	});
}
static void overflowed(int signo, siginfo_t *info, void *context) { say("SIGSEGV, code %d, address %d", info->si_code, info->si_addr != NULL); _exit(7); }
static int deep(int n) { volatile char room[4096]; room[0] = n; return deep(n + 1) + room[0]; }
CASE(a_stack_overflow_is_handled_on_the_alternate_stack) {
	IN_CHILD("overflow", {
		setrlimit(RLIMIT_STACK, &(struct rlimit){ 256 * 1024, 256 * 1024 });
		sigaltstack(&(stack_t){ .ss_sp = alternate, .ss_size = sizeof alternate }, NULL);
		struct sigaction act = { .sa_sigaction = overflowed, .sa_flags = SA_ONSTACK | SA_SIGINFO };
		sigaction(SIGSEGV, &act, NULL);
		deep(1);
	});
	IN_CHILD("without an alternate stack", {
		setrlimit(RLIMIT_STACK, &(struct rlimit){ 256 * 1024, 256 * 1024 });
		struct sigaction act = { .sa_sigaction = overflowed, .sa_flags = SA_SIGINFO };
		sigaction(SIGSEGV, &act, NULL);
		deep(1);
	});
	IN_CHILD("a handler without a restorer", {
		struct { void *handler; unsigned long flags; void *restorer; unsigned long mask; } act = { counts };
		syscall(SYS_rt_sigaction, SIGUSR1, &act, NULL, 8);
		raise(SIGUSR1);
	});
}

static volatile unsigned long trap, error, cr2;
static volatile int at_place;
static char *fault_page;
static void tells_fault(int signo, siginfo_t *info, void *context) {
	ucontext_t *uc = context;
	trap = uc->uc_mcontext.gregs[REG_TRAPNO]; error = uc->uc_mcontext.gregs[REG_ERR]; cr2 = uc->uc_mcontext.gregs[REG_CR2];
	say("SIG%s code %d, address %s, trap %ld, error %lx", sigabbrev_np(signo), info->si_code,
		info->si_addr == NULL ? "0" : info->si_addr == (void *)8 ? "8" : info->si_addr == fault_page ? "the page" : (unsigned long)info->si_addr == uc->uc_mcontext.gregs[REG_RIP] ? "RIP" : "other", trap, error);
	_exit(0);
}
CASE(faults_tell_code_address_trap_and_error) {
	int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
	struct sigaction act = { .sa_sigaction = tells_fault, .sa_flags = SA_SIGINFO };
	for (int i = 0; i < 5; i++) sigaction(signals[i], &act, NULL);
	fault_page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	IN_CHILD("read of 8", *(volatile char *)8);
	IN_CHILD("write of 8", *(volatile char *)8 = 1);
	IN_CHILD("write of a read-only page", *(volatile char *)fault_page = 1);
	IN_CHILD("jump into data", ((void (*)(void))fault_page)());
	IN_CHILD("a non-canonical address", *(volatile char *)0x8000000000000000);
	IN_CHILD("the kernel's address", *(volatile char *)0xffff888000000000);
	IN_CHILD("ud2", __asm__ volatile("ud2"));
	IN_CHILD("int3", __asm__ volatile("int3"));
	IN_CHILD("division by zero", __asm__ volatile("xor %%ecx, %%ecx; mov $1, %%eax; cdq; idiv %%ecx" ::: "eax", "ecx", "edx"));
	IN_CHILD("int $0x20", __asm__ volatile("int $0x20"));
	IN_CHILD("int $4", __asm__ volatile("int $4"));
	IN_CHILD("hlt", __asm__ volatile("hlt"));
	IN_CHILD("cli", __asm__ volatile("cli"));
	IN_CHILD("trap flag", __asm__ volatile("pushf; orl $0x100, (%%rsp); popf; nop" ::: "cc"));
	IN_CHILD("SSE division", { unsigned int csr = 0x1d80; volatile double zero = 0, one = 1; __asm__ volatile("ldmxcsr %0" :: "m"(csr)); one = one / zero; });
}

CASE(a_blocked_or_ignored_fault_kills) {
	IN_CHILD("blocked", { on(SIGSEGV, 0, -1); MASK(SIG_BLOCK, SIGSEGV); *(volatile char *)8; });
	IN_CHILD("ignored", { signal(SIGSEGV, SIG_IGN); *(volatile char *)8; });
	IN_CHILD("blocked but sent by kill", { on(SIGSEGV, 0, -1); MASK(SIG_BLOCK, SIGSEGV); kill(getpid(), SIGSEGV); say("still here"); });
	IN_CHILD("ignored division", { signal(SIGFPE, SIG_IGN); __asm__ volatile("xor %%ecx, %%ecx; div %%ecx" ::: "eax", "ecx", "edx"); });
}

static void changes(int signo, siginfo_t *info, void *context) {
	ucontext_t *uc = context;
	uc->uc_mcontext.gregs[REG_R12] = 0x1122334455667788;
	uc->uc_mcontext.gregs[REG_EFL] |= 0x1 | 0x40000 | 0x3000;
	uc->uc_mcontext.fpregs->_xmm[7].element[0] = 0xdeadbeef;
	sigaddset(&uc->uc_sigmask, SIGHUP);
	uint32_t *sw = (uint32_t *)((char *)uc->uc_mcontext.fpregs + 464);
	uint32_t *end = (uint32_t *)((char *)uc->uc_mcontext.fpregs + sw[4]);
	say("magic %x, %d, end magic %x, size is features' %d", sw[0], sw[1] == sw[4] + 4, end[0], sw[4] >= 576);
	say("uc_flags %lx, cs %lx, ss %lx, xmm0 %x", uc->uc_flags, (long)uc->uc_mcontext.gregs[REG_CSGSFS] & 0xffff, (long)uc->uc_mcontext.gregs[REG_CSGSFS] >> 48 & 0xffff, uc->uc_mcontext.fpregs->_xmm[0].element[0]);
	say("frame alignment %ld, fp alignment %ld", ((unsigned long)info & 15), (unsigned long)uc->uc_mcontext.fpregs & 63);
	__asm__ volatile("pxor %%xmm0, %%xmm0" ::: "xmm0");
}
CASE(sigreturn_restores_the_frame) {
	struct sigaction act = { .sa_sigaction = changes, .sa_flags = SA_SIGINFO };
	sigaction(SIGUSR1, &act, NULL);
	unsigned long r12 = 0, flags = 0, mask;
	unsigned int xmm7 = 0, xmm0 = 0, kept = 0xcafe;
	register long rax __asm__("rax") = SYS_tkill, rdi __asm__("rdi") = getpid(), rsi __asm__("rsi") = SIGUSR1;
	rax = SYS_tkill;
	__asm__ volatile("movd %[kept], %%xmm0; syscall; mov %%r12, %[r12]; movd %%xmm7, %[xmm7]; movd %%xmm0, %[xmm0]; pushf; pop %[flags]; push $0x202; popf"
		: "+r"(rax), [r12] "=&m"(r12), [xmm7] "=&m"(xmm7), [xmm0] "=&m"(xmm0), [flags] "=&r"(flags)
		: "r"(rdi), "r"(rsi), [kept] "r"(kept) : "rcx", "r11", "r12", "xmm0", "xmm7", "memory", "cc");
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8);
	say("rax %ld, r12 %lx, xmm7 %x, xmm0 %x, flags %lx, mask %lx", rax, r12, xmm7, xmm0, flags & ~0xd4ul, mask);
}

CASE(a_wrong_frame_kills) {
	IN_CHILD("RSP is wild", __asm__ volatile("mov $0x1000, %%rsp; mov $15, %%eax; syscall" ::: "memory"));
	IN_CHILD("zeros", { static char zeros[8192]; __asm__ volatile("lea 4096(%0), %%rsp; mov $15, %%eax; syscall" :: "r"(zeros) : "memory"); });
}
