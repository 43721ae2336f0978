/* Uses up the memory of a small computer; `exhausts NAME`. Never to be run natively. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096L
#define MIB (1L << 20)

static char *room(long bytes) { return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0); }

static void touch(char *at, long bytes) {
	for (long i = 0; i < bytes; i += PAGE) at[i] = 1;
}

static void adjust(const char *text) {
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);
	write(fd, text, strlen(text));
	close(fd);
}

/* A process that has so much, says so by a byte, and sleeps. */
static pid_t holder(long bytes, const char *adjustment) {
	int ready[2];
	char byte;
	pipe(ready);
	pid_t child = fork();
	if (child == 0) {
		adjust(adjustment);
		touch(room(bytes), bytes);
		write(ready[1], "x", 1);
		for (;;) pause();
	}
	read(ready[0], &byte, 1);
	return child;
}

static const char *fate(pid_t child) {
	int status;
	if (waitpid(child, &status, WNOHANG) == 0) return "lives";
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? "killed" : "ended";
}

/* Touches pages until one of the two is gone. */
static void eat_until(pid_t a, pid_t b) {
	char *at = room(512 * MIB);
	for (long i = 0; i < 512 * MIB; i += PAGE) {
		siginfo_t info = { 0 };
		at[i] = 1;
		if (i % (64 * PAGE) == 0 && waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid) break;
	}
}

/* The same by a call that stores. */
static void read_until(pid_t a, pid_t b) {
	char *at = room(512 * MIB);
	int zero = open("/dev/zero", O_RDONLY);
	for (long i = 0; i < 512 * MIB; i += 64 * PAGE) {
		siginfo_t info = { 0 };
		read(zero, at + i, 64 * PAGE);
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid) break;
	}
}

int main(int argc, char **argv) {
	const char *name = argv[1];
	long total = atol(argv[2]) * MIB;
	pid_t large = holder(total / 2, !strcmp(name, "protected") ? "-1000" : !strcmp(name, "discounted") ? "-400" : "0");
	pid_t small = holder(total / 10, !strcmp(name, "chosen") ? "900" : "0");
	if (!strcmp(name, "call")) read_until(large, small);
	else eat_until(large, small);
	printf("large %s\n", fate(large));
	printf("small %s\n", fate(small));
	kill(large, SIGKILL);
	kill(small, SIGKILL);
	return 0;
}
