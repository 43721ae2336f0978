// A read that a signal interrupts: with SA_RESTART it is made again, without it gives EINTR; and a sleep.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int ends[2];
static void answer(int signo) { (void)signo; write(ends[1], "x", 1); }
static void nothing(int signo) { (void)signo; }

static void on_alarm(void (*handler)(int), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(SIGALRM, &action, NULL);
  alarm(1);
}

int main(void) {
  char byte;
  struct timespec left, time = {5, 0};
  pipe(ends);
  on_alarm(answer, SA_RESTART);
  read(ends[0], &byte, 1);
  on_alarm(nothing, 0);
  read(ends[0], &byte, 1);
  int error = errno;
  on_alarm(nothing, 0);
  nanosleep(&time, &left);
  return error == EINTR ? 0 : 1;
}
