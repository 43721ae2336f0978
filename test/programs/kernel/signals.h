/* What the families about signals share: a handler that counts, sets and masks in one line, timers. */
#include "cases.h"
#include <linux/futex.h>
#include <sys/signalfd.h>
#include <sys/ucontext.h>
#include <sys/wait.h>

static volatile int count, order[64], ordered;
static volatile siginfo_t last;
static void counts(int signo) { count++; order[ordered++ & 63] = signo; }
static void informs(int signo, siginfo_t *info, void *context) { count++; last = *info; order[ordered++ & 63] = signo; }

static int on(int signo, int flags, ...) {
	struct sigaction act = { .sa_flags = flags };
	if (flags & SA_SIGINFO) act.sa_sigaction = informs; else act.sa_handler = counts;
	sigemptyset(&act.sa_mask);
	va_list list;
	va_start(list, flags);
	for (int more; (more = va_arg(list, int)) > 0;) sigaddset(&act.sa_mask, more);
	va_end(list);
	return sigaction(signo, &act, NULL);
}
static sigset_t set_of(int one, ...) {
	sigset_t set;
	sigemptyset(&set);
	va_list list;
	va_start(list, one);
	for (int signo = one; signo > 0; signo = va_arg(list, int)) sigaddset(&set, signo);
	va_end(list);
	return set;
}
#define SET(...) set_of(__VA_ARGS__, 0)
#define MASK(how, ...) ({ sigset_t set_ = SET(__VA_ARGS__); sigprocmask(how, &set_, NULL); })
static void in_ms(int ms) { setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 0, ms * 1000 } }, NULL); }
static void say_order(void) {
	char line[400] = "order:";
	for (int i = 0; i < ordered && i < 64; i++) sprintf(line + strlen(line), " %d", order[i]);
	say("%s", line);
	ordered = 0;
}
static long kernel_pending(void) { unsigned long set = 0; syscall(SYS_rt_sigpending, &set, 8); return set; }

static int made_timer(clockid_t clock, int notify, int signo, int tid, void *value) {
	struct sigevent e = { .sigev_notify = notify, .sigev_signo = signo, .sigev_value.sival_ptr = value };
	e._sigev_un._tid = tid;
	int id = -1;
	return syscall(SYS_timer_create, clock, &e, &id) == -1 ? -1 : id;
}
static int arm(int id, long first_ms, long every_ms) {
	struct itimerspec t = { { every_ms / 1000, every_ms % 1000 * 1000000 }, { first_ms / 1000, first_ms % 1000 * 1000000 } };
	return syscall(SYS_timer_settime, id, 0, &t, NULL);
}
