// Time: sleeping, a timer descriptor, and what the clock says between.
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static long now_us(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000 + t.tv_nsec / 1000; }

int main(void) {
  long start = now_us();
  nanosleep(&(struct timespec){ 0, 3000000 }, NULL);
  int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  struct itimerspec every = { { 0, 700000 }, { 0, 700000 } };
  timerfd_settime(timer, 0, &every, NULL);
  uint64_t ticks = 0;
  for (int i = 0; i < 3; i++) {
    struct pollfd wait = { timer, POLLIN, 0 };
    poll(&wait, 1, 100);
    uint64_t more;
    read(timer, &more, sizeof more);
    ticks += more;
  }
  long took = now_us() - start;
  printf("%d ticks, %s\n", (int)ticks, took >= 5100 && took < 100000 ? "in time" : "out of time");
  return 0;
}
