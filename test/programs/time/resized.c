// Waits for nothing but a new size of its window, in one of the ways that there are. Usage: resized pause | sigwait | signalfd | ignore
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void changed(int signo) { (void)signo; }

int main(int argc, char **argv) {
  const char *way = argc > 1 ? argv[1] : "pause";
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGWINCH);
  if (strcmp(way, "ignore")) signal(SIGWINCH, changed);
  if (!strcmp(way, "sigwait")) {
    int signo;
    sigprocmask(SIG_BLOCK, &set, NULL);
    sigwait(&set, &signo);
  } else if (!strcmp(way, "signalfd")) {
    struct signalfd_siginfo info;
    sigprocmask(SIG_BLOCK, &set, NULL);
    read(signalfd(-1, &set, 0), &info, sizeof info);
  } else pause();
  struct winsize size;
  ioctl(0, TIOCGWINSZ, &size);
  printf("%s: %d rows\n", way, size.ws_row);
  return 0;
}
