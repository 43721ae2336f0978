// Programs that hang, each in its own way, by its first argument.
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;

static void *other(void *unused) {
  (void)unused;
  pthread_mutex_lock(&second);
  usleep(1000);
  pthread_mutex_lock(&first);
  return NULL;
}

int main(int argc, char **argv) {
  int to_child[2], to_parent[2];
  char byte;
  (void)argc;
  pipe(to_child);
  pipe(to_parent);
  if (!strcmp(argv[1], "self")) {
    // A reader that forgot to close its own writing end.
    read(to_child[0], &byte, 1);
  } else if (!strcmp(argv[1], "mutexes")) {
    pthread_t thread;
    pthread_mutex_lock(&first);
    pthread_create(&thread, NULL, other, NULL);
    usleep(1000);
    pthread_mutex_lock(&second);
  } else if (!strcmp(argv[1], "pipes")) {
    // Each waits for the other to write first; the parent waits for the child.
    if (fork() == 0) {
      close(to_child[1]);
      close(to_parent[0]);
      read(to_child[0], &byte, 1);
      write(to_parent[1], "x", 1);
      return 0;
    }
    close(to_child[0]);
    close(to_parent[1]);
    read(to_parent[0], &byte, 1);
  } else if (!strcmp(argv[1], "child")) {
    if (fork() == 0) { sigset_t none; sigemptyset(&none); sigsuspend(&none); }
    wait(NULL);
  }
  return 0;
}
