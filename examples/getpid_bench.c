/*
 * What does the border between ring 3 and ring 0 cost? getpid does next to nothing there, so a call of it is the price of the way in and out: about 100 ns.
 * Look at: the anatomy of one call in the timing panel (entry, handler, exit), then at "costModel": "pti", where the way costs twice as much.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CALLS 10000

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static long add(long a, long b) { return a + b; }

int main(void)
{
	volatile long sink = 0;

	double start = now();
	for (int i = 0; i < CALLS; i++)
		sink = add(sink, i);
	double function = (now() - start) / CALLS;

	start = now();
	for (int i = 0; i < CALLS; i++)
		sink = syscall(SYS_getpid);
	double call = (now() - start) / CALLS;

	printf("a function call: %6.1f ns\n", function);
	printf("a getpid call:   %6.1f ns, %.0f times as much\n", call, call / function);
	return 0;
}
