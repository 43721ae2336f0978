// Signals: dispositions, masks, queues, siginfo, restarts, children, job control.
#include "signals.h"

CASE(sigaction_refuses) {
	struct { void *handler; unsigned long flags; void *restorer; unsigned long mask; } act = { SIG_IGN }, old;
	TRY(syscall(SYS_rt_sigaction, SIGUSR1, &act, NULL, 7));
	TRY(syscall(SYS_rt_sigaction, SIGUSR1, BAD_POINTER, NULL, 8));
	TRY(syscall(SYS_rt_sigaction, SIGUSR1, NULL, BAD_POINTER, 8));
	TRY(syscall(SYS_rt_sigaction, SIGUSR1, KERNEL_POINTER, NULL, 8));
	TRY(syscall(SYS_rt_sigaction, 0, &act, NULL, 8));
	TRY(syscall(SYS_rt_sigaction, 65, &act, NULL, 8));
	TRY(syscall(SYS_rt_sigaction, -1, NULL, NULL, 8));
	TRY(syscall(SYS_rt_sigaction, SIGKILL, &act, NULL, 8));
	TRY(syscall(SYS_rt_sigaction, SIGSTOP, &act, NULL, 8));
	TRY(syscall(SYS_rt_sigaction, SIGKILL, NULL, &old, 8));
	TRY(syscall(SYS_rt_sigaction, 64, &act, &old, 8));
	act.flags = SA_RESTART | SA_NODEFER | SA_RESETHAND | SA_ONSTACK | SA_SIGINFO | SA_NOCLDSTOP | SA_NOCLDWAIT | 0x400 | 0x800 | 0x1000;
	act.mask = ~0ul;
	TRY(syscall(SYS_rt_sigaction, SIGUSR2, &act, NULL, 8));
	TRY(syscall(SYS_rt_sigaction, SIGUSR2, NULL, &old, 8));
	say("flags %lx mask %lx", old.flags, old.mask);
}

CASE(sigprocmask_ways) {
	unsigned long set = 1ul << (SIGUSR1 - 1) | 1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1) | 1ul << 40, old = 0;
	TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 8));
	TRY(syscall(SYS_rt_sigprocmask, 77, NULL, &old, 8));
	say("%lx", old);
	TRY(syscall(SYS_rt_sigprocmask, 3, &set, &old, 8));
	TRY(syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, NULL, 4));
	TRY(syscall(SYS_rt_sigprocmask, SIG_SETMASK, BAD_POINTER, NULL, 8));
	TRY(syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, BAD_POINTER, 8));
	set = ~0ul;
	TRY(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &set, &old, 8));
	TRY(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &old, &set, 8));
	say("%lx %lx", old, set);
	TRY(syscall(SYS_rt_sigpending, &old, 9));
	TRY(syscall(SYS_rt_sigpending, &old, 4));
	TRY(syscall(SYS_rt_sigpending, BAD_POINTER, 8));
}

CASE(blocked_signals_come_when_unblocked_lowest_first) {
	on(SIGUSR1, 0, -1); on(SIGUSR2, 0, -1); on(SIGTERM, 0, -1); on(SIGHUP, 0, -1);
	MASK(SIG_BLOCK, SIGUSR1, SIGUSR2, SIGTERM, SIGHUP);
	raise(SIGTERM); raise(SIGUSR2); raise(SIGUSR1); raise(SIGUSR1); kill(getpid(), SIGHUP);
	say("pending %lx", kernel_pending());
	MASK(SIG_UNBLOCK, SIGUSR1, SIGUSR2, SIGTERM, SIGHUP);
	say_order();
	say("%d", count);
}

CASE(an_ignored_signal_is_dropped_even_when_pending) {
	on(SIGUSR1, 0, -1);
	MASK(SIG_BLOCK, SIGUSR1, SIGCHLD, SIGUSR2);
	raise(SIGUSR1);
	say("%lx", kernel_pending());
	signal(SIGUSR1, SIG_IGN);
	say("%lx", kernel_pending());
	raise(SIGUSR1);
	say("%lx", kernel_pending());
	on(SIGUSR1, 0, -1);
	raise(SIGCHLD);
	say("%lx", kernel_pending());
	signal(SIGCHLD, SIG_DFL);
	say("%lx", kernel_pending());
	MASK(SIG_UNBLOCK, SIGUSR1, SIGCHLD);
	say("%d", count);
	raise(SIGWINCH); raise(SIGURG); raise(SIGCONT); raise(SIGCHLD);
}

CASE(real_time_signals_queue_in_order) {
	for (int i = 0; i < 3; i++) on(SIGRTMIN + i, SA_SIGINFO, -1);
	on(SIGUSR1, SA_SIGINFO, -1);
	MASK(SIG_BLOCK, SIGRTMIN, SIGRTMIN + 1, SIGRTMIN + 2, SIGUSR1);
	union sigval v;
	for (int i = 0; i < 3; i++) {
		v.sival_int = i;
		TRY(sigqueue(getpid(), SIGRTMIN + 2 - i, v));
		TRY(sigqueue(getpid(), SIGRTMIN, v));
	}
	TRY(sigqueue(getpid(), SIGUSR1, v));
	v.sival_int = 77;
	TRY(sigqueue(getpid(), SIGUSR1, v));
	sigset_t set = SET(SIGRTMIN, SIGRTMIN + 1, SIGRTMIN + 2, SIGUSR1);
	siginfo_t i;
	while (sigtimedwait(&set, &i, &(struct timespec){ 0, 0 }) > 0) say("%d: %d from %d", i.si_signo, i.si_value.sival_int, i.si_pid == getpid());
	for (int n = 0; n < 4; n++) { v.sival_int = n; sigqueue(getpid(), SIGRTMIN + 2 - n % 3, v); }
	MASK(SIG_UNBLOCK, SIGRTMIN, SIGRTMIN + 1, SIGRTMIN + 2, SIGUSR1);
	say_order();
}

CASE(thread_and_process_queues) {
	siginfo_t i;
	MASK(SIG_BLOCK, SIGUSR1, SIGUSR2, SIGRTMIN);
	kill(getpid(), SIGUSR1);
	syscall(SYS_tkill, getpid(), SIGUSR1);
	syscall(SYS_tgkill, getpid(), getpid(), SIGUSR2);
	sigset_t set = SET(SIGUSR1, SIGUSR2, SIGRTMIN);
	while (sigtimedwait(&set, &i, &(struct timespec){ 0, 0 }) > 0) say("%d: code %d", i.si_signo, i.si_code);
	TRY(sigtimedwait(&set, &i, &(struct timespec){ 0, 10000000 }));
	TRY(syscall(SYS_rt_sigtimedwait, &set, &i, &(struct timespec){ 0, -1 }, 8));
	TRY(syscall(SYS_rt_sigtimedwait, &set, &i, &(struct timespec){ -1, 0 }, 8));
	TRY(syscall(SYS_rt_sigtimedwait, &set, &i, BAD_POINTER, 8));
	TRY(syscall(SYS_rt_sigtimedwait, &set, &i, NULL, 4));
	TRY(syscall(SYS_rt_sigtimedwait, NULL, &i, NULL, 8));
	raise(SIGUSR1);
	TRY(syscall(SYS_rt_sigtimedwait, &set, BAD_POINTER, NULL, 8));
	say("%lx", kernel_pending());
	on(SIGALRM, SA_RESTART, -1);
	in_ms(10);
	TRY(sigwaitinfo(&set, &i));
}

CASE(siginfo_of_kill_tgkill_and_sigqueue) {
	on(SIGUSR1, SA_SIGINFO, -1); on(SIGRTMIN + 3, SA_SIGINFO, -1);
	kill(getpid(), SIGUSR1);
	say("code %d, mine %d, errno %d", last.si_code, last.si_pid == getpid(), last.si_errno);
	syscall(SYS_tkill, getpid(), SIGUSR1);
	say("code %d, mine %d", last.si_code, last.si_pid == getpid());
	union sigval v = { .sival_ptr = (void *)0x123456789abcdef0 };
	sigqueue(getpid(), SIGRTMIN + 3, v);
	say("code %d, value %lx", last.si_code, (long)last.si_value.sival_ptr);
	siginfo_t i = { 0 };
	i.si_code = -60; i.si_signo = 99; i.si_errno = 7; i.si_pid = 1234; i.si_uid = 4321;
	TRY(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &i));
	say("signo %d, code %d, errno %d, pid %d, uid %d", last.si_signo, last.si_code, last.si_errno, last.si_pid, last.si_uid);
	TRY(syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, &i));
	i.si_code = SI_KERNEL;
	TRY(syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, &i));
	say("code %d", last.si_code);
	IN_CHILD("to the parent", {
		TRY(syscall(SYS_rt_sigqueueinfo, getppid(), 0, &i));
		i.si_code = SI_TKILL;
		TRY(syscall(SYS_rt_tgsigqueueinfo, getppid(), getppid(), 0, &i));
		i.si_code = SI_QUEUE;
		TRY(syscall(SYS_rt_tgsigqueueinfo, getppid(), getppid(), 0, &i));
	});
	TRY(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, BAD_POINTER));
	i.si_code = SI_QUEUE;
	TRY(syscall(SYS_rt_sigqueueinfo, getpid(), 65, &i));
	TRY(syscall(SYS_rt_sigqueueinfo, 999999, SIGUSR1, &i));
	TRY(syscall(SYS_rt_tgsigqueueinfo, 0, 1, SIGUSR1, &i));
	TRY(syscall(SYS_rt_tgsigqueueinfo, -1, 1, SIGUSR1, &i));
}

CASE(kill_refuses) {
	TRY(kill(getpid(), 0));
	TRY(kill(getpid(), 65));
	TRY(kill(getpid(), -1));
	TRY(kill(999999, SIGTERM));
	TRY(kill(-999999, SIGTERM));
	TRY(kill(INT_MIN, SIGTERM));
	TRY(kill(0, 0));
	TRY(syscall(SYS_tkill, 0, SIGUSR1));
	TRY(syscall(SYS_tkill, getpid(), 65));
	TRY(syscall(SYS_tgkill, getpid(), 999999, SIGUSR1));
	TRY(syscall(SYS_tgkill, 1, getpid(), SIGUSR1));
	TRY(syscall(SYS_tgkill, -1, getpid(), SIGUSR1));
	pid_t child = CHILD({ setpgid(0, 0); pause(); });
	usleep(50000);
	TRY(kill(-child, SIGTERM));
	int status;
	waitpid(child, &status, 0);
	say_status("by its group", status);
}

CASE(sa_restart_and_without) {
	int p[2];
	char b;
	pipe(p);
	on(SIGALRM, 0, -1);
	in_ms(10);
	TRY(read(p[0], &b, 1));
	on(SIGALRM, SA_RESTART, -1);
	pid_t child = CHILD({ usleep(60000); write(p[1], "x", 1); });
	in_ms(10);
	TRY(read(p[0], &b, 1));
	waitpid(child, NULL, 0);
	say("%d", count);
	child = CHILD({ usleep(60000); _exit(3); });
	in_ms(10);
	int status;
	TRY(waitpid(child, &status, 0) > 0);
	on(SIGALRM, 0, -1);
	child = CHILD({ usleep(60000); _exit(3); });
	in_ms(10);
	TRY(waitpid(child, &status, 0));
	TRY(waitpid(child, &status, 0) > 0);
}

CASE(never_restarted) {
	on(SIGALRM, SA_RESTART, -1);
	in_ms(10); TRY(pause());
	in_ms(10); TRY(poll(NULL, 0, 1000));
	in_ms(10); TRY(select(0, NULL, NULL, NULL, &(struct timeval){ 1, 0 }));
	struct timespec left;
	in_ms(10); TRY(nanosleep(&(struct timespec){ 1, 0 }, &left));
	IS(left.tv_sec == 0 && left.tv_nsec > 500000000);
	in_ms(10); TRY(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){ 100000000, 0 }, NULL));
	in_ms(10); TRY(syscall(SYS_nanosleep, &(struct timespec){ 1, 0 }, BAD_POINTER));
	sigset_t none;
	sigemptyset(&none);
	in_ms(10); TRY(sigsuspend(&none));
	int word = 5;
	in_ms(10); TRY(syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 5, &(struct timespec){ 1, 0 }));
}

// A stop and a continuation interrupt a sleep without a handler: it goes on by restart_syscall.
static void stop_soon(pid_t who) { usleep(40000); kill(who, SIGSTOP); usleep(60000); kill(who, SIGCONT); }
CASE(stops_restart_by_restart_block) {
	int status, word = 5;
	struct timespec before, after;
	TRY(syscall(SYS_restart_syscall));
	// What a tracer sees of SIGCHLD would interrupt the parent's sleeps.
	MASK(SIG_BLOCK, SIGCHLD);
	pid_t child = fork();
	if (!child) {
		clock_gettime(CLOCK_MONOTONIC, &before);
		TRY(nanosleep(&(struct timespec){ 0, 200000000 }, NULL));
		clock_gettime(CLOCK_MONOTONIC, &after);
		long ms = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
		IS(ms >= 200 && ms < 300);
		_exit(0);
	}
	stop_soon(child);
	waitpid(child, &status, 0);
	child = fork();
	if (!child) { TRY(poll(NULL, 0, 200)); _exit(0); }
	stop_soon(child);
	waitpid(child, &status, 0);
	child = fork();
	if (!child) { TRY(syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 5, &(struct timespec){ 0, 200000000 })); _exit(0); }
	stop_soon(child);
	waitpid(child, &status, 0);
	child = fork();
	if (!child) { TRY(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &(struct timespec){ 0, 200000000 }, NULL)); _exit(0); }
	stop_soon(child);
	waitpid(child, &status, 0);
}

static volatile int depth, deepest, raised;
static void nests(int signo) { if (++depth > deepest) deepest = depth; if (raised++ < 3) raise(signo); depth--; }
CASE(nodefer_nests_and_resethand_resets) {
	struct sigaction act = { .sa_handler = nests, .sa_flags = 0 }, old;
	sigaction(SIGUSR1, &act, NULL);
	raise(SIGUSR1);
	say("deepest without SA_NODEFER: %d", deepest);
	deepest = raised = 0;
	act.sa_flags = SA_NODEFER;
	sigaction(SIGUSR1, &act, NULL);
	raise(SIGUSR1);
	say("deepest with it: %d", deepest);
	on(SIGUSR2, SA_RESETHAND, -1);
	raise(SIGUSR2);
	sigaction(SIGUSR2, NULL, &old);
	say("default again: %d", old.sa_handler == SIG_DFL);
	IN_CHILD("the second kills", raise(SIGUSR2));
}

static unsigned long seen_mask;
static void reads_mask(int signo) { syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &seen_mask, 8); }
CASE(masks_during_a_handler) {
	struct sigaction act = { .sa_handler = reads_mask };
	sigemptyset(&act.sa_mask);
	sigaddset(&act.sa_mask, SIGHUP);
	sigaddset(&act.sa_mask, SIGKILL);
	sigaction(SIGUSR1, &act, NULL);
	MASK(SIG_BLOCK, SIGTERM);
	raise(SIGUSR1);
	say("during %lx", seen_mask);
	reads_mask(0);
	say("after %lx", seen_mask);
	// sigsuspend's mask counts for the handler, the old one comes back.
	sigset_t suspended = SET(SIGINT);
	on(SIGALRM, 0, -1);
	sigaction(SIGALRM, &act, NULL);
	in_ms(10);
	TRY(sigsuspend(&suspended));
	say("during %lx", seen_mask);
	reads_mask(0);
	say("after %lx", seen_mask);
	TRY(syscall(SYS_rt_sigsuspend, &suspended, 4));
	TRY(syscall(SYS_rt_sigsuspend, BAD_POINTER, 8));
}

CASE(sigchld_flags) {
	int status;
	siginfo_t i;
	on(SIGCHLD, SA_SIGINFO | SA_RESTART, -1);
	MASK(SIG_BLOCK, SIGCHLD);
	sigset_t set = SET(SIGCHLD);
	pid_t child = CHILD({ raise(SIGSTOP); _exit(9); });
	sigwaitinfo(&set, &i);
	say("code %d, status %d, child %d", i.si_code, i.si_status, i.si_pid == child);
	kill(child, SIGCONT);
	sigwaitinfo(&set, &i);
	say("code %d, status %d, child %d", i.si_code, i.si_status, i.si_pid == child);
	if (i.si_code == CLD_CONTINUED) sigwaitinfo(&set, &i);
	say("code %d, status %d, child %d", i.si_code, i.si_status, i.si_pid == child);
	waitpid(child, &status, 0);
	on(SIGCHLD, SA_SIGINFO | SA_NOCLDSTOP, -1);
	child = CHILD({ raise(SIGSTOP); kill(getpid(), SIGTERM); });
	waitpid(child, &status, WUNTRACED);
	say_status("stopped", status);
	TRY(sigtimedwait(&set, &i, &(struct timespec){ 0, 1000000 }));
	kill(child, SIGCONT);
	sigwaitinfo(&set, &i);
	say("code %d, status %d", i.si_code, i.si_status);
	waitpid(child, &status, 0);
	on(SIGCHLD, SA_SIGINFO | SA_NOCLDWAIT, -1);
	child = CHILD(_exit(1));
	sigwaitinfo(&set, &i);
	say("code %d, status %d", i.si_code, i.si_status);
	TRY(waitpid(child, &status, 0));
}

CASE(stops_and_continues) {
	int status, stops[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU }, seen[2];
	char byte;
	pipe(seen);
	MASK(SIG_BLOCK, SIGCHLD);
	for (int i = 0; i < 4; i++) {
		// It ends only when it was seen to go on: who has ended is not told of as continued.
		pid_t child = CHILD({ raise(stops[i]); read(seen[0], &byte, 1); _exit(i); });
		waitpid(child, &status, WUNTRACED);
		say_status("then", status);
		TRY(waitpid(child, &status, WUNTRACED | WCONTINUED | WNOHANG));
		kill(child, SIGCONT);
		waitpid(child, &status, WCONTINUED);
		say_status("then", status);
		write(seen[1], "", 1);
		waitpid(child, &status, 0);
		say_status("then", status);
	}
	// A stop signal takes a pending SIGCONT away and the other way round.
	MASK(SIG_BLOCK, SIGCONT, SIGTSTP);
	raise(SIGCONT); say("%lx", kernel_pending());
	on(SIGCONT, 0, -1); on(SIGTSTP, 0, -1);
	raise(SIGCONT); say("%lx", kernel_pending());
	raise(SIGTSTP); say("%lx", kernel_pending());
	raise(SIGCONT); say("%lx", kernel_pending());
	MASK(SIG_UNBLOCK, SIGCONT, SIGTSTP);
	say_order();
	// SIGKILL and SIGTERM while stopped.
	pid_t child = CHILD({ raise(SIGSTOP); say("never"); });
	waitpid(child, &status, WUNTRACED);
	kill(child, SIGTERM);
	TRY(waitpid(child, &status, WNOHANG));
	kill(child, SIGCONT);
	waitpid(child, &status, 0);
	say_status("SIGTERM after SIGCONT", status);
	child = CHILD({ raise(SIGSTOP); say("never"); });
	waitpid(child, &status, WUNTRACED);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	say_status("SIGKILL", status);
}

CASE(orphaned_groups_do_not_stop) {
	// A group without a parent in its session outside the group: SIGTSTP does nothing, SIGSTOP stops.
	int p[2];
	char b;
	pipe(p);
	pid_t child = fork();
	if (!child) {
		setsid();
		raise(SIGTSTP);
		raise(SIGTTIN);
		say("not stopped");
		_exit(0);
	}
	int status;
	waitpid(child, &status, WUNTRACED);
	say_status("own session", status);
	// A stopped group that becomes orphaned is hung up and continued.
	child = fork();
	if (!child) {
		close(p[0]);
		setsid();
		on(SIGHUP, 0, -1); on(SIGCONT, 0, -1);
		pid_t inner = fork();
		if (!inner) { setpgid(0, 0); raise(SIGSTOP); say_order(); write(p[1], "x", 1); _exit(0); }
		waitpid(inner, &status, WUNTRACED);
		_exit(0);
	}
	close(p[1]);
	waitpid(child, &status, 0);
	TRY(read(p[0], &b, 1));
}

CASE(sigpipe) {
	int p[2];
	pipe(p);
	close(p[0]);
	IN_CHILD("default", write(p[1], "x", 1));
	on(SIGPIPE, SA_SIGINFO, -1);
	TRY(write(p[1], "x", 1));
	say("%d: code %d", count, last.si_code);
	signal(SIGPIPE, SIG_IGN);
	TRY(write(p[1], "x", 1));
	signal(SIGPIPE, SIG_DFL);
	MASK(SIG_BLOCK, SIGPIPE);
	TRY(write(p[1], "x", 1));
	say("%lx", kernel_pending());
}

CASE(default_actions) {
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	for (int signo = 1; signo <= 64; signo++) {
		if (signo == SIGSTOP || signo == SIGTSTP || signo == SIGTTIN || signo == SIGTTOU || signo > 34 && signo < 63 || signo == 32 || signo == 33) continue;
		IN_CHILD("ends", { syscall(SYS_tkill, getpid(), signo); });
	}
}

CASE(rlimit_sigpending_limits_the_queue) {
	MASK(SIG_BLOCK, SIGRTMIN, SIGUSR1);
	setrlimit(RLIMIT_SIGPENDING, &(struct rlimit){ 0, 0 });
	union sigval v = { 0 };
	TRY(sigqueue(getpid(), SIGRTMIN, v));
	TRY(sigqueue(getpid(), SIGUSR1, v));
	TRY(kill(getpid(), SIGRTMIN));
	TRY(kill(getpid(), SIGUSR1));
	sigset_t set = SET(SIGRTMIN, SIGUSR1);
	siginfo_t i;
	while (sigtimedwait(&set, &i, &(struct timespec){ 0, 0 }) > 0) say("%d: code %d, pid %d", i.si_signo, i.si_code, i.si_pid);
	TRY(made_timer(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0, NULL));
}

CASE(signalfd_tells_all_fields) {
	sigset_t set = SET(SIGHUP, SIGUSR1, SIGRTMIN, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	int fd = TRY(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
	struct signalfd_siginfo i[4];
	TRY(read(fd, i, sizeof i));
	TRY(read(fd, i, 100));
	union sigval v = { .sival_ptr = (void *)0x1122334455667788 };
	sigqueue(getpid(), SIGRTMIN, v);
	kill(getpid(), SIGUSR1);
	pid_t child = CHILD(_exit(5));
	waitpid(child, NULL, 0);
	arm(made_timer(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGHUP, 0, NULL), 1, 0);
	usleep(5000);
	struct pollfd p = { fd, POLLIN };
	TRY(poll(&p, 1, 0));
	long n = read(fd, i, sizeof i) / sizeof *i;
	for (int k = 0; k < n; k++) say("%d: code %d, int %d, ptr %lx, status %d, pid %d", i[k].ssi_signo, i[k].ssi_code, i[k].ssi_int, (long)i[k].ssi_ptr, i[k].ssi_status, i[k].ssi_pid == getpid() || i[k].ssi_pid == child);
	sigset_t less = SET(SIGUSR1);
	TRY(signalfd(fd, &less, 0));
	kill(getpid(), SIGCHLD);
	TRY(read(fd, i, sizeof i));
	TRY(signalfd(99, &less, 0));
	TRY(signalfd(0, &less, 0));
	TRY(syscall(SYS_signalfd4, -1, &less, 8, 3));
	TRY(syscall(SYS_signalfd4, -1, &less, 7, 0));
	TRY(syscall(SYS_signalfd4, -1, BAD_POINTER, 8, 0));
}

static volatile pid_t handled_by;
static void whose(int signo) { handled_by = syscall(SYS_gettid); }
static volatile int thread_ready, thread_done;
static void *waits(void *unused) {
	MASK(SIG_UNBLOCK, SIGUSR1);
	thread_ready = syscall(SYS_gettid);
	while (!handled_by) pause();
	usleep(20000);
	return NULL;
}
CASE(a_process_signal_goes_to_a_thread_that_does_not_block_it) {
	pthread_t t;
	MASK(SIG_BLOCK, SIGUSR1);
	signal(SIGUSR1, whose);
	pthread_create(&t, NULL, waits, NULL);
	while (!thread_ready) usleep(1000);
	usleep(20000);
	kill(getpid(), SIGUSR1);
	pthread_join(t, NULL);
	IS(handled_by == thread_ready);
}

CASE(execve_keeps_ignored_and_blocked_and_pending) {
	if (getenv("AGAIN")) {
		static char text[8192];
		dup2(open("/proc/self/status", O_RDONLY), UNCOMPARED);
		read(UNCOMPARED, text, sizeof text - 1);
		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) if (!strncmp(line, "Sig", 3) && line[3] != 'Q' || !strncmp(line, "ShdPnd", 6)) say("%s", line);
		return;
	}
	signal(SIGUSR1, SIG_IGN);
	on(SIGUSR2, 0, -1);
	MASK(SIG_BLOCK, SIGTERM, SIGHUP);
	raise(SIGHUP);
	char *argv[] = { "signals", "execve_keeps_ignored_and_blocked_and_pending", NULL }, *env[] = { "AGAIN=1", NULL };
	IN_CHILD("itself", { kill(getpid(), SIGHUP); execve("/proc/self/exe", argv, env); });
}
