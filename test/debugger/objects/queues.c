// A program with what others wait for or in: a timer, an epoll set, datagrams that nobody has read, a thread in a futex. It calls getppid() twice.
#include <linux/futex.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

static int word = 7;
static void *waiter(void *unused) {
  (void)unused;
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 7, NULL, NULL, 0);
  return NULL;
}

int main(void) {
  int timer = timerfd_create(CLOCK_MONOTONIC, 0), set = epoll_create1(0), ends[2];
  struct itimerspec in = {.it_interval = {.tv_sec = 2}, .it_value = {.tv_sec = 5}};
  timerfd_settime(timer, 0, &in, NULL);
  socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
  send(ends[0], "one", 3, 0);
  send(ends[0], "two!", 4, 0);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0x1234};
  epoll_ctl(set, EPOLL_CTL_ADD, timer, &event);
  epoll_ctl(set, EPOLL_CTL_ADD, ends[1], &event);
  pthread_t thread;
  pthread_create(&thread, NULL, waiter, NULL);
  usleep(1000);
  syscall(SYS_getppid, timer, set, ends[1], &word);
  syscall(SYS_getppid, timer, set, ends[1], &word);
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
  pthread_join(thread, NULL);
  return 0;
}
