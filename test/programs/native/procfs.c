// /proc and /dev as programs use them: fd, maps, status, cmdline, environ, exe, cwd, self, limits, stat; null, zero, full, random, tty.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void line(const char *path, const char *start) {
	char b[65536];
	int f = open(path, O_RDONLY);
	ssize_t n = f < 0 ? -1 : read(f, b, sizeof b - 1);
	if (n < 0) { printf("%s: %s\n", path, strerror(errno)); return; }
	b[n] = 0;
	char *at = strstr(b, start);
	printf("%s: %.*s\n", path, at ? (int)strcspn(at, "\n") : 8, at ? at : "(absent)");
	close(f);
}

int main(int argc, char **argv) {
	char b[4096] = "";
	struct stat st;
	line("/proc/self/status", "Name:");
	line("/proc/self/status", "State:");
	line("/proc/self/status", "Threads:");
	line("/proc/self/status", "SigBlk:");
	line("/proc/self/comm", "");
	line("/proc/self/limits", "Max open files");
	printf("self is me %d\n", (int)(readlink("/proc/self", b, sizeof b) > 0 && atoi(b) == getpid()));
	ssize_t n = readlink("/proc/self/exe", b, sizeof b);
	printf("exe %s\n", n > 0 && strstr(b, "procfs") ? "procfs" : "?");
	char cwd[4096];
	getcwd(cwd, sizeof cwd);
	n = readlink("/proc/self/cwd", b, sizeof b - 1);
	b[n] = 0;
	printf("cwd %d\n", !strcmp(b, cwd));
	int f = open("/proc/self/cmdline", O_RDONLY);
	n = read(f, b, sizeof b);
	printf("cmdline %d\n", n == (ssize_t)strlen(argv[0]) + 1 && !strcmp(b, argv[0]));
	int file = open("proc-test", O_CREAT | O_RDWR, 0600);
	write(file, "abc", 3);
	char name[64];
	sprintf(name, "/proc/self/fd/%d", file);
	n = readlink(name, b, sizeof b - 1);
	b[n] = 0;
	printf("fd %s\n", strrchr(b, '/'));
	int again = open(name, O_RDONLY);
	printf("opened through /proc: %ld\n", read(again, b, 10));
	sprintf(name, "/proc/self/fdinfo/%d", file);
	line(name, "pos:");
	unlink("proc-test");
	sprintf(name, "/proc/self/fd/%d", file);
	n = readlink(name, b, sizeof b - 1);
	b[n] = 0;
	printf("deleted %s\n", strstr(b, " (deleted)") ? "yes" : "no");
	int p[2];
	pipe(p);
	sprintf(name, "/proc/self/fd/%d", p[0]);
	n = readlink(name, b, sizeof b - 1);
	b[n] = 0;
	printf("pipe %.5s\n", b);
	void *m = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(m, 4096, PROT_NONE);
	FILE *maps = fopen("/proc/self/maps", "r");
	int stack = 0, heap = 0, vdso = 0, none = 0;
	unsigned long start;
	while (fgets(b, sizeof b, maps)) {
		if (strstr(b, "[stack]")) stack++;
		if (strstr(b, "[heap]")) heap++;
		if (strstr(b, "[vdso]")) vdso++;
		sscanf(b, "%lx", &start);
		if (start == (unsigned long)m) none = strstr(b, "---p") != NULL;
	}
	printf("maps stack %d heap %d vdso %d none %d\n", stack, heap, vdso, none);
	int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDWR), full = open("/dev/full", O_RDWR), random = open("/dev/urandom", O_RDONLY);
	memset(b, 0, sizeof b);
	printf("null %ld %ld\n", write(null, b, 100), read(null, b, 100));
	memset(b, 1, 8);
	printf("zero %ld %d\n", read(zero, b, 8), b[0] | b[7]);
	n = write(full, b, 1);
	printf("full %ld %s\n", n, strerror(errno));
	printf("random %ld\n", read(random, b, 16));
	fstat(null, &st);
	printf("null %o %lx\n", st.st_mode & S_IFMT, st.st_rdev);
	char *mapped = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, zero, 0);
	printf("mapped zero %d\n", mapped == MAP_FAILED ? -1 : mapped[100]);
	n = open("/proc/self/nothing", O_RDONLY);
	printf("%ld %s\n", n, strerror(errno));
	n = open("/proc/999999/status", O_RDONLY);
	printf("%ld %s\n", n, strerror(errno));
	n = mkdir("/proc/self/x", 0700);
	printf("%ld %s\n", n, strerror(errno));
	n = unlink("/proc/self/status");
	printf("%ld %s\n", n, strerror(errno));
	int comm = open("/proc/self/comm", O_WRONLY);
	printf("comm %ld\n", write(comm, "renamed", 7));
	line("/proc/self/status", "Name:");
	line("/proc/sys/kernel/ostype", "Linux");
	return 0;
}
