// A program that starts itself again, in a child and then in its own place.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int depth = argc > 1 ? atoi(argv[1]) : 0;
  dprintf(1, "depth %d\n", depth);
  if (depth == 3) return 7;
  char next[16];
  snprintf(next, sizeof next, "%d", depth + 1);
  char *again[] = { argv[0], next, NULL };
  if (depth == 1) execv("/proc/self/exe", again);
  pid_t child = fork();
  if (child == 0) { execv("/proc/self/exe", again); _exit(99); }
  int status;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status) + depth;
}
