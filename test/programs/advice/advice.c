/* What each rule of advice is about, done badly and done well: advice RULE bad|good. The line that is to blame is marked with BAD:RULE. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void small_transfers(int bad)
{
	int fd = open("small.txt", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (bad) {
		for (int i = 0; i < 1000; i++)
			write(fd, "x", 1); /* BAD:small-transfers */
	} else {
		FILE *file = fdopen(fd, "w");
		for (int i = 0; i < 1000; i++)
			fputc('x', file);
		fclose(file);
	}
}

/* Small, but each must be seen before the next: a question and its answer. */
static void conversation(void)
{
	int ask[2], answer[2];
	char byte;
	pipe2(ask, O_CLOEXEC);
	pipe2(answer, O_CLOEXEC);
	if (fork() == 0) {
		for (int i = 0; i < 40; i++) {
			read(ask[0], &byte, 1);
			write(answer[1], &byte, 1);
		}
		_exit(0);
	}
	for (int i = 0; i < 40; i++) {
		write(ask[1], "x", 1);
		read(answer[0], &byte, 1);
	}
	wait(NULL);
}

static void failing_opens(int bad)
{
	for (int i = 0; i < 20; i++) {
		char name[32];
		snprintf(name, sizeof name, bad ? "none.conf" : "none%d.conf", i);
		open(name, O_RDONLY | O_CLOEXEC); /* BAD:failing-opens */
	}
}

static void stat_storm(int bad)
{
	struct stat st;
	for (int i = 0; i < (bad ? 50 : 2); i++)
		stat("/", &st); /* BAD:stat-storm */
}

static void busy_polling(int bad)
{
	int ends[2];
	char byte;
	pipe2(ends, O_CLOEXEC | (bad ? O_NONBLOCK : 0));
	if (fork() == 0) {
		nanosleep(&(struct timespec){ 0, 200000 }, NULL);
		write(ends[1], "x", 1);
		_exit(0);
	}
	if (bad) {
		while (read(ends[0], &byte, 1) < 0) /* BAD:busy-polling */
			;
	} else {
		struct pollfd wanted = { ends[0], POLLIN, 0 };
		poll(&wanted, 1, -1);
		read(ends[0], &byte, 1);
	}
	wait(NULL);
}

static void sync_often(int bad)
{
	int fd = open("log.txt", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	for (int i = 0; i < 12; i++) {
		write(fd, "a record of some length\n", 24);
		if (bad)
			fsync(fd); /* BAD:fsync */
	}
	fsync(fd); /* BAD:fsync-in-vain */
	close(fd);
}

static void leak(int bad)
{
	open("/etc/passwd", O_RDONLY | (bad ? 0 : O_CLOEXEC)); /* BAD:leaked-descriptors */
	execl("/proc/self/exe", "advice", "nothing", "good", NULL);
}

/* Not closed on exec, and rightly so: the new program reads it. */
static void inherit(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	char number[16];
	snprintf(number, sizeof number, "%d", fd);
	execl("/proc/self/exe", "advice", "use", number, NULL);
}

static void clocks(int bad)
{
	struct timespec now;
	for (int i = 0; i < 100; i++) {
		if (bad)
			syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now); /* BAD:clocks */
		else
			clock_gettime(CLOCK_MONOTONIC, &now);
	}
}

static void blocked(int bad)
{
	if (fork() == 0) {
		if (bad)
			nanosleep(&(struct timespec){ 0, 3000000 }, NULL);
		_exit(0);
	}
	if (!bad) {
		for (volatile int i = 0; i < 5000000; i++)
			;
	}
	wait(NULL); /* BAD:blocked */
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	int bad = strcmp(argv[2], "bad") == 0;
	char byte;
	if (strcmp(argv[1], "small-transfers") == 0) small_transfers(bad);
	else if (strcmp(argv[1], "conversation") == 0) conversation();
	else if (strcmp(argv[1], "failing-opens") == 0) failing_opens(bad);
	else if (strcmp(argv[1], "stat-storm") == 0) stat_storm(bad);
	else if (strcmp(argv[1], "busy-polling") == 0) busy_polling(bad);
	else if (strcmp(argv[1], "fsync") == 0) sync_often(bad);
	else if (strcmp(argv[1], "leaked-descriptors") == 0) leak(bad);
	else if (strcmp(argv[1], "inherit") == 0) inherit();
	else if (strcmp(argv[1], "use") == 0) read(argv[2][0] - '0', &byte, 1);
	else if (strcmp(argv[1], "clocks") == 0) clocks(bad);
	else if (strcmp(argv[1], "blocked") == 0) blocked(bad);
	return 0;
}
