// A signal handler that makes a system call, a call by int 0x80, calls that fail, a page fault: stops whose stacks and scopes are known.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void on_alarm(int signo) {
  (void)signo;
  write(1, "tick\n", 5); // BP:in-handler
}

int main(void) {
  int number;
  struct stat status = { .st_size = 77 };
  struct timespec pause = { 0, 2000000 };
  signal(SIGALRM, on_alarm);
  struct itimerval soon = { { 0, 0 }, { 0, 1000 } };
  setitimer(ITIMER_REAL, &soon, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigsuspend(&none);
  open("/nowhere/at/all", O_RDONLY);
  stat("/", &status);
  nanosleep(&pause, NULL);
  __asm__ volatile("int $0x80" : "=a"(number) : "a"(20) : "memory");
  getuid();
  volatile char *heap = malloc(1 << 20);
  heap[500000] = 1;
  return number != getpid();
}
