// Clocks, sleeps, interval timers, CPU time.
#include "cases.h"

CASE(clock_gettime_refuses) {
	struct timespec now;
	TRY(syscall(SYS_clock_gettime, 99, &now));
	TRY(syscall(SYS_clock_gettime, -1, &now));
	TRY(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, BAD_POINTER));
	TRY(syscall(SYS_clock_getres, 99, &now));
	TRY(syscall(SYS_clock_getres, CLOCK_MONOTONIC, BAD_POINTER));
	TRY(syscall(SYS_clock_getres, CLOCK_MONOTONIC, NULL));
	TRY(syscall(SYS_clock_settime, CLOCK_MONOTONIC, &now));
	TRY(syscall(SYS_clock_settime, CLOCK_REALTIME, &(struct timespec){ 0, 0 }));
	TRY(syscall(SYS_clock_settime, CLOCK_REALTIME, &(struct timespec){ 0, -1 }));
	TRY(syscall(SYS_clock_settime, CLOCK_REALTIME, BAD_POINTER));
	TRY(syscall(SYS_gettimeofday, BAD_POINTER, NULL));
	TRY(syscall(SYS_settimeofday, BAD_POINTER, NULL));
	TRY(syscall(SYS_time, BAD_POINTER));
}

CASE(clock_resolutions) {
	struct timespec r;
	int clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_TAI };
	for (int i = 0; i < 7; i++) { syscall(SYS_clock_getres, clocks[i], &r); say("clock %d: %ld", clocks[i], r.tv_nsec); }
}

CASE(clocks_go_forwards) {
	struct timespec a, b;
	int clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME };
	for (int i = 0; i < 6; i++) {
		syscall(SYS_clock_gettime, clocks[i], &a);
		for (volatile int j = 0; j < 20000; j++);
		syscall(SYS_clock_gettime, clocks[i], &b);
		say("clock %d: %s", clocks[i], b.tv_sec > a.tv_sec || b.tv_nsec > a.tv_nsec ? "later" : "not later");
	}
}

CASE(nanosleep_refuses) {
	TRY(syscall(SYS_nanosleep, &(struct timespec){ 0, 1000000000 }, NULL));
	TRY(syscall(SYS_nanosleep, &(struct timespec){ -1, 0 }, NULL));
	TRY(syscall(SYS_nanosleep, &(struct timespec){ 0, -1 }, NULL));
	TRY(syscall(SYS_nanosleep, BAD_POINTER, NULL));
	TRY(syscall(SYS_nanosleep, &(struct timespec){ 0, 0 }, BAD_POINTER));
	TRY(syscall(SYS_clock_nanosleep, 99, 0, &(struct timespec){ 0, 0 }, NULL));
	TRY(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &(struct timespec){ 0, 0 }, NULL));
	TRY(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &(struct timespec){ 0, 0 }, NULL));
	TRY(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &(struct timespec){ 0, 1000000000 }, NULL));
	TRY(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){ 0, 0 }, NULL));
	TRY(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &(struct timespec){ 1, 0 }, NULL));
}

CASE(sleeps_take_their_time) {
	struct timespec a, b;
	clock_gettime(CLOCK_MONOTONIC, &a);
	TRY(nanosleep(&(struct timespec){ 0, 30000000 }, NULL));
	clock_gettime(CLOCK_MONOTONIC, &b);
	long ms = (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000;
	IS(ms >= 30);
	b.tv_nsec += 20000000;
	if (b.tv_nsec >= 1000000000) { b.tv_sec++; b.tv_nsec -= 1000000000; }
	syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &b, NULL);
	clock_gettime(CLOCK_MONOTONIC, &a);
	IS(a.tv_sec > b.tv_sec || a.tv_sec == b.tv_sec && a.tv_nsec >= b.tv_nsec);
}

static volatile int count;
static void counts(int signo) { count++; }

CASE(setitimer_refuses) {
	struct itimerval one = { { 0, 0 }, { 0, 1000000 } }, got;
	TRY(setitimer(ITIMER_REAL, &one, NULL));
	one.it_value = (struct timeval){ -1, 0 };
	TRY(setitimer(ITIMER_REAL, &one, NULL));
	TRY(setitimer(9, &(struct itimerval){ 0 }, NULL));
	TRY(syscall(SYS_setitimer, ITIMER_REAL, BAD_POINTER, NULL));
	TRY(syscall(SYS_setitimer, ITIMER_REAL, NULL, NULL));
	TRY(getitimer(9, &got));
	TRY(syscall(SYS_getitimer, ITIMER_REAL, BAD_POINTER));
	TRY(getitimer(ITIMER_REAL, &got));
	say("%ld %ld", (long)got.it_value.tv_sec, (long)got.it_value.tv_usec);
}

CASE(alarm_and_setitimer_share_a_timer) {
	struct itimerval got;
	TRY(alarm(100));
	getitimer(ITIMER_REAL, &got);
	say("%ld to %ld", (long)got.it_value.tv_sec, 100l);
	TRY(alarm(50));
	TRY(alarm(0));
	TRY(alarm(0));
}

CASE(an_interval_timer_repeats) {
	signal(SIGALRM, counts);
	struct itimerval every = { { 0, 10000 }, { 0, 10000 } };
	setitimer(ITIMER_REAL, &every, NULL);
	while (count < 3);
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	IS(count >= 3);
}

CASE(virtual_and_profiling_timers_count_processor_time) {
	signal(SIGVTALRM, counts);
	setitimer(ITIMER_VIRTUAL, &(struct itimerval){ { 0, 0 }, { 0, 5000 } }, NULL);
	while (count < 1);
	signal(SIGPROF, counts);
	setitimer(ITIMER_PROF, &(struct itimerval){ { 0, 0 }, { 0, 5000 } }, NULL);
	while (count < 2);
	say("%d", count);
}

CASE(sleeping_uses_no_processor_time) {
	struct timespec before, after;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	nanosleep(&(struct timespec){ 0, 100000000 }, NULL);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	IS((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec < 50000000);
}
