// A program that has another one run, argv[1], first in a child and then in its own place.
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char *next[] = { "next", NULL };
  int status, sum = argc;
  pid_t child = fork();
  if (child == 0) {
    execv(argv[1], next);
    _exit(99);
  }
  waitpid(child, &status, 0);
  sum += status; // BP:between
  execv(argv[1], next);
  return sum;
}
