// A million calls: the same again and again (getpid, write, vdso), or what programs do for a living: copy (read and write 4 KiB, as dd and cat), look (openat, fstat, read, close of a
// small file, and access to one that is not there, as shells and loaders), talk (a line through a pipe, with poll, as servers). Built by build.sh; calls.elf is committed.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static char page[4096];

static void copy(long calls) {
	int from = open("/dev/zero", O_RDONLY), to = open("/dev/null", O_WRONLY);
	for (long i = 0; i < calls / 2; i++) write(to, page, read(from, page, sizeof page));
}

static void look(long calls) {
	struct stat status;
	for (long i = 0; i < calls / 5; i++) {
		access("/etc/ld.so.nohwcap", R_OK);
		int fd = openat(AT_FDCWD, "/etc/passwd", O_RDONLY);
		fstat(fd, &status);
		read(fd, page, sizeof page);
		close(fd);
	}
}

static void talk(long calls) {
	int ends[2];
	pipe(ends);
	for (long i = 0; i < calls / 3; i++) {
		struct pollfd readable = { ends[0], POLLIN, 0 };
		write(ends[1], "a line of some text\n", 20);
		poll(&readable, 1, -1);
		read(ends[0], page, sizeof page);
	}
}

int main(int argc, char **argv) {
	long n = atol(argv[2]);
	int fd = open("/dev/null", O_WRONLY);
	struct timespec t;
	if (strcmp(argv[1], "copy") == 0) copy(n);
	else if (strcmp(argv[1], "look") == 0) look(n);
	else if (strcmp(argv[1], "talk") == 0) talk(n);
	else for (long i = 0; i < n; i++) {
		if (argv[1][0] == 'g') syscall(SYS_getpid);
		else if (argv[1][0] == 'w') write(fd, "x", 1);
		else clock_gettime(CLOCK_MONOTONIC, &t);
	}
	return 0;
}
