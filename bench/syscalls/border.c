// The same way into the kernel and back, again and again: border KIND COUNT [COMMAND...]. Built by build.sh.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGES = 16, PAGE = 4096 };

static void getpids(int count) {
	for (int i = 0; i < count; i++) syscall(SYS_getpid);
}

/* A byte to the child and back: two switches of tasks. */
static void pipes(int count) {
	int there[2], back[2];
	char byte = 'x';
	if (pipe(there) || pipe(back)) exit(1);
	if (fork() == 0) {
		for (int i = 0; i < count; i++)
			if (read(there[0], &byte, 1) != 1 || write(back[1], &byte, 1) != 1) exit(1);
		exit(0);
	}
	for (int i = 0; i < count; i++)
		if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1) exit(1);
	wait(0);
}

static void execs(int count, char **command) {
	for (int i = 0; i < count; i++) {
		int status;
		if (fork() == 0) {
			execv(command[0], command);
			_exit(127);
		}
		if (wait(&status) < 0 || status != 0) exit(1);
	}
}

static void maps(int count) {
	for (int i = 0; i < count; i++) {
		volatile char *at = mmap(0, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (at == MAP_FAILED) exit(1);
		for (int page = 0; page < PAGES; page++) at[page * PAGE] = 1;
		munmap((void *)at, PAGES * PAGE);
	}
}

static void *nothing(void *argument) { return argument; }

static void threads(int count) {
	for (int i = 0; i < count; i++) {
		pthread_t thread;
		if (pthread_create(&thread, 0, nothing, 0) || pthread_join(thread, 0)) exit(1);
	}
}

int main(int argc, char **argv) {
	int count = atoi(argv[2]);
	if (!strcmp(argv[1], "getpid")) getpids(count);
	else if (!strcmp(argv[1], "pipe")) pipes(count);
	else if (!strcmp(argv[1], "exec")) execs(count, argv + 3);
	else if (!strcmp(argv[1], "mmap")) maps(count);
	else if (!strcmp(argv[1], "thread")) threads(count);
	return 0;
}
