// Many calls of many kinds, so that a trace of them drops its oldest: a thread and a child that answer through pipes, a timer's signals, the clock of the vDSO,
// and a task that sleeps in its call all the while.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int to_thread[2], to_child[2], back[2], never[2];
static volatile int ticks;

static void tick(int signo) { ticks += signo; }

static void *echo(void *arg) {
  char byte;
  while (read(to_thread[0], &byte, 1) == 1 && byte) write(back[1], &byte, 1);
  return arg;
}

static void *sleeper(void *arg) {
  char byte;
  read(never[0], &byte, 1);
  return arg;
}

int main(void) {
  pthread_t thread, waiting;
  pipe(to_thread); pipe(to_child); pipe(back); pipe(never);
  signal(SIGALRM, tick);
  pid_t child = fork();
  if (child == 0) {
    char byte;
    while (read(to_child[0], &byte, 1) == 1 && byte) { getppid(); write(back[1], &byte, 1); }
    _exit(3);
  }
  pthread_create(&waiting, NULL, sleeper, NULL);
  pthread_create(&thread, NULL, echo, NULL);
  struct itimerval every = { { 0, 700 }, { 0, 700 } };
  setitimer(ITIMER_REAL, &every, NULL);
  long sum = 0;
  for (int i = 0; i < 1200; i++) {
    char byte = 'a' + i % 26, got, name[32];
    struct timespec now;
    write(i % 3 ? to_thread[1] : to_child[1], &byte, 1);
    while (read(back[0], &got, 1) != 1);
    clock_gettime(CLOCK_MONOTONIC, &now);
    sum += got + now.tv_nsec;
    snprintf(name, sizeof name, "/tmp/busy%d", i % 7);
    int file = open(name, O_CREAT | O_RDWR, 0644);
    write(file, name, strlen(name));
    lseek(file, -i, SEEK_CUR);
    close(file);
    if (i % 50 == 0) access("/tmp/nowhere", F_OK);
  }
  every.it_interval.tv_usec = every.it_value.tv_usec = 0;
  setitimer(ITIMER_REAL, &every, NULL);
  write(to_thread[1], "", 1);
  write(to_child[1], "", 1);
  write(never[1], "!", 1);
  pthread_join(thread, NULL);
  pthread_join(waiting, NULL);
  int status;
  while (wait(&status) != child);
  printf("%d %ld %d\n", WEXITSTATUS(status), sum % 1000, ticks > 0);
  return 0;
}
