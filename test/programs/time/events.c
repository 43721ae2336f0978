// epoll over an event counter, a pipe and a timer, with a thread on the other side.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

static int counter, ends[2];

static void *other(void *arg) {
  for (uint64_t i = 1; i <= 4; i++) { write(counter, &i, sizeof i); usleep(300); }
  write(ends[1], "bye", 3);
  return arg;
}

int main(void) {
  int poll = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, 0);
  counter = eventfd(0, 0);
  pipe(ends);
  struct itimerspec every = { { 0, 400000 }, { 0, 400000 } };
  timerfd_settime(timer, 0, &every, NULL);
  int all[] = { counter, ends[0], timer };
  for (int i = 0; i < 3; i++) epoll_ctl(poll, EPOLL_CTL_ADD, all[i], &(struct epoll_event){ .events = EPOLLIN, .data.u32 = i });
  pthread_t thread;
  pthread_create(&thread, NULL, other, NULL);
  uint64_t sum = 0, ticks = 0, got;
  for (int over = 0; !over;) {
    struct epoll_event events[3];
    int count = epoll_wait(poll, events, 3, -1);
    for (int i = 0; i < count; i++) {
      int which = events[i].data.u32;
      got = 0;
      ssize_t length = read(all[which], &got, sizeof got);
      if (which == 0) sum += got;
      else if (which == 2) ticks += got;
      else over = length == 3;
    }
  }
  pthread_join(thread, NULL);
  printf("sum %d, %s\n", (int)sum, ticks > 0 ? "ticked" : "did not tick");
  return 0;
}
