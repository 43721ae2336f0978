// Turns of all kinds for walks there and back: loops on one line, recursion, signals in the middle of lines, a child, a thread.
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int counter, isDone;
static jmp_buf place;

static void on_signal(int signo) { counter += signo; }
static void on_alarm(int signo) { isDone = signo; }

static int fib(int n) {
  if (n < 2) return n;
  return fib(n - 1) + fib(n - 2);
}

static void jump(int depth) {
  if (depth == 0) longjmp(place, 1);
  jump(depth - 1);
}

static void *thread(void *argument) {
  for (int i = 0; i < 3; i++)
    counter += *(int *)argument;
  return argument;
}

int main(void) {
  for (int i = 0; i < 4; i++) counter += i;
  while (counter < 10) counter++;
  signal(SIGUSR1, on_signal);
  raise(SIGUSR1);
  counter = fib(4);
  if (setjmp(place) == 0) jump(2); else counter++;
  signal(SIGALRM, on_alarm);
  setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 0, 100 } }, 0);
  while (!isDone) counter++;
  pid_t child = fork();
  if (child == 0) {
    counter = 5;
    counter += fib(3);
    _exit(counter);
  }
  waitpid(child, (int *)&counter, 0);
  int step = 2;
  pthread_t other;
  pthread_create(&other, 0, thread, &step);
  pthread_join(other, 0);
  printf("%d\n", counter);
  return 0;
}
