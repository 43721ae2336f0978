// Tells of each size that its window gets: while it works, and while it waits for what a person types.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

static volatile sig_atomic_t changes;

static void changed(int signo) {
  changes += signo == SIGWINCH;
}

static int height(void) {
  struct winsize size;
  ioctl(0, TIOCGWINSZ, &size);
  return size.ws_row;
}

int main(void) {
  char line[16];
  struct sigaction action = { .sa_handler = changed };
  sigaction(SIGWINCH, &action, NULL);
  dprintf(1, "%d rows\n", height());
  while (height() < 30) ;
  dprintf(1, "%d rows after %d signals\n", height(), changes);
  ssize_t length;
  while ((length = read(0, line, sizeof line)) < 0 && errno == EINTR) dprintf(1, "read again: %d rows after %d signals\n", height(), changes);
  dprintf(1, "%d bytes, %d rows after %d signals\n", (int)length, height(), changes);
  return 0;
}
