// Three threads that sleep in the kernel, each in its own call, while the first one goes on.
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int ends[2];

static void *locks(void *unused) { pthread_mutex_lock(&mutex); pthread_mutex_unlock(&mutex); return unused; }

static void *reads(void *unused) {
  char byte;
  read(ends[0], &byte, 1);
  byte++; // after read
  return unused;
}

static void *polls(void *unused) {
  struct pollfd one = {.fd = ends[0], .events = POLLIN};
  poll(&one, 1, -1);
  return unused;
}

int main(void) {
  pthread_t threads[3];
  pipe(ends);
  pthread_mutex_lock(&mutex);
  pthread_create(&threads[0], NULL, locks, NULL);
  pthread_create(&threads[1], NULL, reads, NULL);
  pthread_create(&threads[2], NULL, polls, NULL);
  usleep(1000);
  getppid();
  write(ends[1], "ab", 2);
  pthread_mutex_unlock(&mutex);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  return 0;
}
