// Timers of timer_create.
#include "signals.h"
#include <sys/timerfd.h>

CASE(posix_timers_refuse) {
	int id, first = -1;
	struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec t = { { 0, 0 }, { 0, 1000000000 } }, old;
	TRY(syscall(SYS_timer_create, 99, &e, &id));
	TRY(syscall(SYS_timer_create, CLOCK_MONOTONIC_RAW, &e, &id));
	TRY(syscall(SYS_timer_create, CLOCK_REALTIME_COARSE, &e, &id));
	TRY(syscall(SYS_timer_create, CLOCK_MONOTONIC, BAD_POINTER, &id));
	e.sigev_signo = 65;
	TRY(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e.sigev_signo = 0;
	TRY(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e.sigev_notify = 77; e.sigev_signo = SIGUSR1;
	TRY(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e.sigev_notify = SIGEV_SIGNAL | SIGEV_THREAD_ID; e._sigev_un._tid = 1;
	TRY(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	TRY(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &first));
	TRY(syscall(SYS_timer_settime, first, 0, &t, &old));
	t.it_value.tv_nsec = 0; t.it_value.tv_sec = -1;
	TRY(syscall(SYS_timer_settime, first, 0, &t, &old));
	t.it_value.tv_sec = 100;
	TRY(syscall(SYS_timer_settime, first, 0, NULL, &old));
	TRY(syscall(SYS_timer_settime, first, 0, BAD_POINTER, &old));
	TRY(syscall(SYS_timer_settime, first + 1000, 0, &t, &old));
	TRY(syscall(SYS_timer_settime, first, 0, &t, BAD_POINTER));
	TRY(syscall(SYS_timer_gettime, first, &old));
	IS(old.it_value.tv_sec == 99 || old.it_value.tv_sec == 100);
	TRY(syscall(SYS_timer_gettime, first, BAD_POINTER));
	TRY(syscall(SYS_timer_gettime, first + 1000, &old));
	TRY(syscall(SYS_timer_getoverrun, first));
	TRY(syscall(SYS_timer_getoverrun, first + 1000));
	TRY(syscall(SYS_timer_delete, first));
	TRY(syscall(SYS_timer_delete, first));
}

CASE(posix_timers_signal) {
	sigset_t set = SET(SIGUSR1, SIGRTMIN, SIGALRM);
	siginfo_t i;
	sigprocmask(SIG_BLOCK, &set, NULL);
	int a = made_timer(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN, 0, (void *)0x1234), b = made_timer(CLOCK_REALTIME, SIGEV_THREAD_ID, SIGUSR1, syscall(SYS_gettid), (void *)0x5678);
	arm(a, 20, 0);
	sigwaitinfo(&set, &i);
	say("%d: code %d, value %lx, id %d, overrun %d", i.si_signo, i.si_code, (long)i.si_value.sival_ptr, i.si_timerid == a, i.si_overrun);
	arm(b, 20, 0);
	sigwaitinfo(&set, &i);
	say("%d: code %d, value %lx, id %d, overrun %d", i.si_signo, i.si_code, (long)i.si_value.sival_ptr, i.si_timerid == b, i.si_overrun);
	arm(a, 10, 10);
	usleep(200000);
	sigwaitinfo(&set, &i);
	IS(i.si_overrun >= 10);
	IS(syscall(SYS_timer_getoverrun, a) == i.si_overrun);
	struct itimerspec got;
	syscall(SYS_timer_gettime, a, &got);
	IS(got.it_interval.tv_nsec == 10000000 && got.it_value.tv_nsec > 0);
	arm(a, 0, 0);
	syscall(SYS_timer_gettime, a, &got);
	say("%ld %ld", (long)got.it_value.tv_nsec, (long)got.it_interval.tv_nsec);
	// An absolute time that has passed; deletion takes a pending signal away.
	struct itimerspec past = { { 0, 0 }, { 1, 0 } };
	sigtimedwait(&set, &i, &(struct timespec){ 0, 0 });
	TRY(syscall(SYS_timer_settime, b, TIMER_ABSTIME, &past, NULL));
	sigwaitinfo(&set, &i);
	say("%d", i.si_signo);
	// SIGEV_NONE counts without a signal.
	int none = made_timer(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0, NULL);
	arm(none, 10, 0);
	usleep(20000);
	syscall(SYS_timer_gettime, none, &got);
	say("%ld", (long)got.it_value.tv_nsec);
	TRY(sigtimedwait(&set, &i, &(struct timespec){ 0, 1000000 }));
	// Timers are not inherited and end by execve.
	IN_CHILD("a child", TRY(syscall(SYS_timer_delete, a)));
	TRY(syscall(SYS_timer_delete, a));
}

CASE(timers_of_processor_time) {
	on(SIGUSR1, SA_SIGINFO, -1);
	int ids[2] = { made_timer(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR1, 0, (void *)1), made_timer(CLOCK_THREAD_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR1, 0, (void *)2) };
	for (int i = 0; i < 2; i++) {
		count = 0;
		arm(ids[i], 20, 0);
		usleep(50000);
		say("after a sleep: %d", count);
		while (count < 1);
		say("value %ld, code %d", (long)last.si_value.sival_ptr, last.si_code);
	}
	int id;
	struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	TRY(syscall(SYS_timer_create, ~(1 << 3) | 7, &e, &id));
}

/* A timer that comes every microsecond costs nothing while nobody takes its signal. */
CASE(timers_that_come_all_the_while_wait_to_be_taken) {
	sigset_t set;
	siginfo_t info;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec always = { { 0, 1000 }, { 0, 1000 } }, left;
	timer_t timer;
	TRY(timer_create(CLOCK_MONOTONIC, &event, &timer));
	TRY(timer_settime(timer, 0, &always, NULL));
	nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
	TRY(timer_getoverrun(timer));
	timer_gettime(timer, &left);
	IS(left.it_value.tv_sec == 0 && left.it_value.tv_nsec >= 1);
	sigwaitinfo(&set, &info);
	IS(info.si_code == SI_TIMER && info.si_overrun >= 19000);
	IS(timer_getoverrun(timer) == info.si_overrun);
	TRY(timer_delete(timer));
	event.sigev_notify = SIGEV_NONE;
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	TRY(timer_settime(timer, 0, &always, NULL));
	nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
	TRY(timer_getoverrun(timer));
	TRY(timer_delete(timer));
}

CASE(descriptors_of_timers_that_come_all_the_while) {
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	dup2(timer, UNCOMPARED);
	struct itimerspec always = { { 0, 1 }, { 0, 1 } };
	uint64_t ticks = 0;
	TRY(timerfd_settime(timer, TFD_TIMER_ABSTIME, &always, NULL));
	nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
	read(UNCOMPARED, &ticks, 8);
	IS(ticks > 20000000);
	ticks = 0;
	TRY(read(UNCOMPARED, &ticks, 8));
	IS(ticks > 0);
	TRY(read(timer, BAD_POINTER, 8));
	struct itimerspec once = { { 0, 0 }, { 0, 1 } };
	TRY(timerfd_settime(timer, 0, &once, NULL));
	nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	TRY(read(timer, BAD_POINTER, 8));
	TRY(read(timer, &ticks, 8));
}
