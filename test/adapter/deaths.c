// Ways to die of a signal, one a run.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int target;

static void writes(int *where) { *where = 1; }  // the write
static int grows(int depth) { volatile char room[4096]; room[0] = (char)depth; return grows(depth + 1) + room[0]; }
static void *thread(void *where) { writes(where); return 0; }
static void waits(void) { char byte; int ends[2]; pipe(ends); read(ends[0], &byte, 1); }

static void refuses(void) {
  struct sock_filter kill[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS) };
  struct sock_fprog filter = { 1, kill };
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
  getppid();
}

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  int *volatile nowhere = 0;
  if (!strcmp(how, "write")) writes(nowhere);
  if (!strcmp(how, "abort")) abort();
  if (!strcmp(how, "illegal")) __builtin_trap();
  if (!strcmp(how, "overflow")) return grows(0);
  if (!strcmp(how, "sent")) { pid_t self = getpid(); if (fork() == 0) { usleep(1000); kill(self, SIGABRT); _exit(0); } waits(); }
  if (!strcmp(how, "seccomp")) refuses();
  if (!strcmp(how, "thread")) { pthread_t other; pthread_create(&other, 0, thread, nowhere); pthread_join(other, 0); }
  if (!strcmp(how, "child")) { int status; if (fork() == 0) writes(nowhere); wait(&status); printf("%d\n", WTERMSIG(status)); return 3; }
  return 0;
}
