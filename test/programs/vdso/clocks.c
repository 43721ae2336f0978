// Every clock read by the library, which goes through the vDSO where there is one, and by the call itself: they must agree and never go backwards.
// `set`: sets the wall clock, too, and looks whether both see it. Prints what is wrong; the exit status is how much.
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int bad;

static long long ns(struct timespec t) { return t.tv_sec * 1000000000LL + t.tv_nsec; }

static void between(const char *what, int clock, long long a, long long b, long long c) {
	if (a <= b && b <= c) return;
	printf("%s of clock %d: %lld %lld %lld\n", what, clock, a, b, c);
	bad++;
}

static void look(void) {
	static const int clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_TAI };
	for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++) {
		struct timespec a, b, c, res, realRes;
		clock_gettime(clocks[i], &a);
		syscall(SYS_clock_gettime, clocks[i], &b);
		clock_gettime(clocks[i], &c);
		between("readings", clocks[i], ns(a), ns(b), ns(c));
		clock_getres(clocks[i], &res);
		syscall(SYS_clock_getres, clocks[i], &realRes);
		between("resolutions", clocks[i], ns(res), ns(realRes), ns(res));
	}
	struct timeval a, b, c;
	gettimeofday(&a, NULL);
	syscall(SYS_gettimeofday, &b, NULL);
	gettimeofday(&c, NULL);
	between("gettimeofday", 0, a.tv_sec * 1000000LL + a.tv_usec, b.tv_sec * 1000000LL + b.tv_usec, c.tv_sec * 1000000LL + c.tv_usec);
	long before = time(NULL), real = syscall(SYS_time, NULL);
	between("time", 0, before, real, time(NULL));
}

static void pass(void) { for (volatile int i = 0; i < 3000; i++) ; }

int main(int argc, char **argv) {
	if (sched_getcpu() != 0 && argc > 1) bad++;
	look();
	if (argc > 1 && !strcmp(argv[1], "set")) {
		struct timespec to = { 1000000000, 5 }, now;
		if (clock_settime(CLOCK_REALTIME, &to)) perror("clock_settime"), bad++;
		clock_gettime(CLOCK_REALTIME, &now);
		between("after clock_settime", 0, ns(to), ns(now), ns(to) + 1000000);
		struct timeval tv = { 1100000000, 7 };
		if (settimeofday(&tv, NULL)) perror("settimeofday"), bad++;
		clock_gettime(CLOCK_REALTIME, &now);
		between("after settimeofday", 0, 1100000000LL * 1000000000 + 7000, ns(now), 1100000000LL * 1000000000 + 1000000);
		look();
	}
	/* Two ticks in ring 3, without a call. */
	struct timespec a, b;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &b);
	do pass(), clock_gettime(CLOCK_MONOTONIC_COARSE, &a); while (ns(a) == ns(b));
	do pass(), clock_gettime(CLOCK_MONOTONIC_COARSE, &b); while (ns(a) == ns(b));
	between("coarse step", CLOCK_MONOTONIC_COARSE, 4000000, ns(b) - ns(a), 4000000);
	look();
	return bad;
}
