// Works while another thread waits for what a person types.
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile int isOver;
static char line[64];

static void *listen_to_person(void *arg) {
  for (int i = 0; i < 2; i++) {
    ssize_t length = read(0, line, sizeof line - 1);
    dprintf(1, "heard %.*s\n", (int)strcspn(line, "\n"), length > 0 ? line : "nothing");
  }
  isOver = 1;
  return arg;
}

int main(void) {
  pthread_t listener;
  pthread_create(&listener, NULL, listen_to_person, NULL);
  volatile unsigned long work = 0;
  while (!isOver) work++;
  pthread_join(listener, NULL);
  puts(work ? "worked" : "idle");
  return 0;
}
