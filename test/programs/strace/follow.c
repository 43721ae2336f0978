// A child that waits for its parent, a child that becomes another program, a thread: for logs of more than one task.
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static void *thread(void *argument) { usleep(10000); write(1, "thread\n", 7); return argument; }

int main(int argc, char **argv) {
  if (argc > 1) return write(1, "again\n", 6) == 6 ? 4 : 1;
  int ends[2], status;
  char byte;
  pipe(ends);
  pid_t child = fork();
  if (child == 0) {
    read(ends[0], &byte, 1);
    write(1, &byte, 1);
    _exit(3);
  }
  write(ends[1], "\n", 1);
  waitpid(child, &status, 0);
  child = vfork();
  if (child == 0) {
    execl(argv[0], argv[0], "again", (char *)0);
    _exit(1);
  }
  waitpid(child, &status, 0);
  pthread_t other;
  pthread_create(&other, 0, thread, 0);
  pthread_join(other, 0);
  usleep(20000);
  return WEXITSTATUS(status);
}
