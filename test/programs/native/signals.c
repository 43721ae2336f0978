// Signals: handlers and masks, restart and interruption, alternate stacks, real-time queues, timers, sigsuspend, sigtimedwait, faults, reset and nodefer.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static volatile int count, depth, last;
static sigjmp_buf jump;
static char alternate[65536];

static void on(int signo, void (*f)(int, siginfo_t *, void *), int flags, int mask) {
	struct sigaction a = { .sa_sigaction = f, .sa_flags = SA_SIGINFO | flags };
	sigemptyset(&a.sa_mask);
	if (mask) sigaddset(&a.sa_mask, mask);
	sigaction(signo, &a, NULL);
}
static void counted(int s, siginfo_t *i, void *c) { count++; last = s; }
static void told(int s, siginfo_t *i, void *c) { printf("signal %d code %d value %d\n", s, i->si_code, i->si_value.sival_int); }
static int raised;
static void nested(int s, siginfo_t *i, void *c) { depth++; if (++raised % 3) raise(s); printf("depth %d\n", depth); depth--; }
static void fault(int s, siginfo_t *i, void *c) { printf("signal %d code %d address %p\n", s, i->si_code, s == SIGFPE || s == SIGILL || s == SIGTRAP ? 0 : i->si_addr); siglongjmp(jump, 1); }
static void where(int s, siginfo_t *i, void *c) { char here; printf("on the alternate stack: %d\n", &here >= alternate && &here < alternate + sizeof alternate); }
static void skip(int s, siginfo_t *i, void *c) { ((ucontext_t *)c)->uc_mcontext.gregs[REG_RIP] += 2; count++; }

int main(void) {
	setvbuf(stdout, NULL, _IOLBF, 0);
	on(SIGUSR1, counted, 0, 0);
	raise(SIGUSR1);
	printf("count %d\n", count);
	sigset_t set, old, pending;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN + 1);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, &old);
	raise(SIGUSR1);
	raise(SIGUSR1);
	on(SIGRTMIN + 1, told, 0, 0);
	on(SIGRTMIN + 3, told, 0, 0);
	for (int i = 0; i < 3; i++) sigqueue(getpid(), SIGRTMIN + 3 - 2 * (i % 2), (union sigval){ .sival_int = i });
	sigpending(&pending);
	printf("pending %d %d count %d\n", sigismember(&pending, SIGUSR1), sigismember(&pending, SIGRTMIN + 3), count);
	sigprocmask(SIG_SETMASK, &old, NULL);
	printf("count %d\n", count);
	on(SIGUSR2, nested, SA_NODEFER, 0);
	raise(SIGUSR2);
	on(SIGUSR2, nested, 0, 0);
	raise(SIGUSR2);
	on(SIGUSR2, counted, SA_RESETHAND, 0);
	raise(SIGUSR2);
	struct sigaction now;
	sigaction(SIGUSR2, NULL, &now);
	printf("reset %d\n", now.sa_handler == SIG_DFL);
	stack_t stack = { .ss_sp = alternate, .ss_size = sizeof alternate };
	sigaltstack(&stack, NULL);
	on(SIGUSR2, where, SA_ONSTACK, 0);
	raise(SIGUSR2);
	sigaltstack(NULL, &stack);
	printf("stack flags %d\n", stack.ss_flags);

	on(SIGSEGV, fault, 0, 0);
	on(SIGBUS, fault, 0, 0);
	on(SIGFPE, fault, 0, 0);
	on(SIGILL, fault, 0, 0);
	on(SIGTRAP, fault, 0, 0);
	if (!sigsetjmp(jump, 1)) *(volatile int *)16 = 1;
	if (!sigsetjmp(jump, 1)) *(volatile int *)0x123456789abcdef0 = 1;
	char *page = mmap((void *)0x10000000, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (!sigsetjmp(jump, 1)) page[5] = 1;
	if (!sigsetjmp(jump, 1)) ((void (*)(void))page)();
	volatile int zero = 0;
	if (!sigsetjmp(jump, 1)) zero = 1 / zero;
	if (!sigsetjmp(jump, 1)) __asm__ volatile("ud2");
	if (!sigsetjmp(jump, 1)) __asm__ volatile("int3");
	if (!sigsetjmp(jump, 1)) __asm__ volatile("hlt");
	on(SIGILL, skip, 0, 0);
	count = 0;
	__asm__ volatile("ud2");
	printf("skipped %d\n", count);

	int p[2];
	char c;
	pipe(p);
	struct itimerval soon = { { 0, 0 }, { 0, 20000 } };
	on(SIGALRM, counted, 0, 0);
	setitimer(ITIMER_REAL, &soon, NULL);
	printf("read %ld %s\n", read(p[0], &c, 1), strerror(errno));
	on(SIGALRM, counted, SA_RESTART, 0);
	pid_t child = fork();
	if (child == 0) { usleep(60000); write(p[1], "x", 1); _exit(0); }
	setitimer(ITIMER_REAL, &soon, NULL);
	printf("restarted read %ld\n", read(p[0], &c, 1));
	waitpid(child, NULL, 0);
	setitimer(ITIMER_REAL, &soon, NULL);
	struct timespec t = { 0, 100000000 }, left = { 0, 0 };
	printf("nanosleep %d %s, some left %d\n", nanosleep(&t, &left), strerror(errno), left.tv_nsec > 50000000 && left.tv_nsec < 90000000);
	setitimer(ITIMER_REAL, &soon, NULL);
	printf("pause %d %s\n", pause(), strerror(errno));
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	sigset_t all;
	sigemptyset(&all);
	printf("sigsuspend %d %s\n", sigsuspend(&all), strerror(errno));
	siginfo_t info;
	struct timespec brief = { 0, 5000000 };
	printf("sigtimedwait %d %s\n", sigtimedwait(&set, &info, &brief), strerror(errno));
	setitimer(ITIMER_REAL, &soon, NULL);
	printf("sigwaitinfo %d code %d\n", sigwaitinfo(&set, &info), info.si_code);
	raise(SIGALRM);
	signal(SIGALRM, SIG_IGN);
	sigpending(&pending);
	printf("pending after ignoring %d\n", sigismember(&pending, SIGALRM));
	timer_t timer;
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1, .sigev_value.sival_int = 42 };
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	struct itimerspec spec = { { 0, 0 }, { 0, 10000000 } };
	timer_settime(timer, 0, &spec, NULL);
	while (pause() != -1) ;
	timer_delete(timer);
	printf("%d %s\n", sigaction(SIGKILL, &now, NULL), strerror(errno));
	printf("%d %s\n", kill(getpid(), 65), strerror(errno));
	return 0;
}
