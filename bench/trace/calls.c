// A million times the same call. Built by build.sh; calls.elf is committed.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
	long n = atol(argv[2]);
	int fd = open("/dev/null", O_WRONLY);
	struct timespec t;
	for (long i = 0; i < n; i++) {
		if (argv[1][0] == 'g') syscall(SYS_getpid);
		else if (argv[1][0] == 'w') write(fd, "x", 1);
		else clock_gettime(CLOCK_MONOTONIC, &t);
	}
	return 0;
}
