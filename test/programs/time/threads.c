// Threads that pass a turn around, and count under a lock.
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn, total;

static void *work(void *arg) {
  int me = (int)(long)arg;
  for (int i = 0; i < 6; i++) {
    pthread_mutex_lock(&lock);
    while (turn % 3 != me) pthread_cond_wait(&changed, &lock);
    turn++;
    total += me * 100 + i;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    for (volatile int spin = 0; spin < 2000; spin++);
  }
  return NULL;
}

int main(void) {
  pthread_t threads[3];
  for (long i = 0; i < 3; i++) pthread_create(&threads[i], NULL, work, (void *)i);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  printf("turn %d, total %d\n", turn, total);
  return 0;
}
