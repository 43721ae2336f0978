// Calls from different depths: below main, in a signal handler, before a program replaces itself.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static void handler(int signo) { write(1, "handled\n", 8); }
__attribute__((noinline)) static int inner(int n) { return write(1, "inner\n", 6) + n; }
__attribute__((noinline)) static int outer(int n) { return inner(n) + 1; }

int main(int argc, char **argv) {
  if (argc > 1) return open("/nonexistent", O_RDONLY) + 8;
  signal(SIGUSR1, handler);
  raise(SIGUSR1);
  outer(3);
  execl(argv[0], argv[0], "again", (char *)0);
}
