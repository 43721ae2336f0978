/*
 * The same question asked in two ways: clock_gettime through the vDSO stays in ring 3 (about 20 ns), the system call goes to ring 0 and back.
 * Look at: the vDSO beside the real call in the timing panel. With "vdso": false both are real calls; CPU-time clocks always are.
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

int main(void)
{
	struct timespec t;

	double start = now();
	for (int i = 0; i < CALLS; i++)
		clock_gettime(CLOCK_MONOTONIC, &t);
	double vdso = (now() - start) / CALLS;

	start = now();
	for (int i = 0; i < CALLS; i++)
		clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	double coarse = (now() - start) / CALLS;

	start = now();
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
	double real = (now() - start) / CALLS;

	start = now();
	for (int i = 0; i < CALLS; i++)
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	double cpu = (now() - start) / CALLS;

	printf("clock_gettime(CLOCK_MONOTONIC), vDSO:        %6.1f ns\n", vdso);
	printf("clock_gettime(CLOCK_MONOTONIC_COARSE), vDSO: %6.1f ns\n", coarse);
	printf("clock_gettime(CLOCK_MONOTONIC), real call:   %6.1f ns\n", real);
	printf("clock_gettime(CLOCK_PROCESS_CPUTIME_ID):     %6.1f ns, never through the vDSO\n", cpu);
	return 0;
}
