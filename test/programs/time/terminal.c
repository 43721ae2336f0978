// Asks a person, and counts down meanwhile.
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
  char line[64];
  for (int asked = 0; asked < 2; asked++) {
    dprintf(1, "name? ");
    for (int i = 0; i < 3; i++) {
      struct pollfd wait = { 0, POLLIN, 0 };
      if (poll(&wait, 1, 20) > 0) break;
      dprintf(1, ".");
    }
    ssize_t length = read(0, line, sizeof line);
    if (length <= 0) break;
    dprintf(1, "hello %.*s\n", (int)strcspn(line, "\n"), line);
  }
  return 0;
}
