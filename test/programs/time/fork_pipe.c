// Children that talk to their parent through pipes and are waited for.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  for (int i = 0; i < 3; i++) {
    int ends[2];
    if (pipe(ends)) return 1;
    pid_t child = fork();
    if (child == 0) {
      char text[32];
      int length = snprintf(text, sizeof text, "child %d", i);
      for (volatile int spin = 0; spin < 3000 * i; spin++);
      write(ends[1], text, length);
      _exit(i + 5);
    }
    close(ends[1]);
    char got[32];
    ssize_t length = read(ends[0], got, sizeof got);
    close(ends[0]);
    int status;
    waitpid(child, &status, 0);
    printf("%.*s ended with %d\n", (int)length, got, WEXITSTATUS(status));
    fflush(stdout);
  }
  return 0;
}
