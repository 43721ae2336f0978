// A program whose kernel objects are known: files, a pipe, signals, a thread that waits. It prints what /proc says of it, then calls getppid().
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static void on_alarm(int signo) { (void)signo; }

static void show(const char *path) {
  char buffer[65536];
  size_t size = 0;
  ssize_t got;
  int fd = open(path, O_RDONLY);
  while ((got = read(fd, buffer + size, sizeof buffer - size)) > 0) size += got;
  close(fd);
  printf("== %s\n", path);
  fwrite(buffer, 1, size, stdout);
}

static int ends[2];
static void *reader(void *unused) {
  char byte;
  (void)unused;
  read(ends[0], &byte, 1);
  return NULL;
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 1 << 18);
  int data_fd = open("/tmp/objects.txt", O_RDWR | O_CREAT | O_TRUNC, 0640);
  write(data_fd, "Hello, kernel!\n", 15);
  lseek(data_fd, 6, SEEK_SET);
  int pipe_fds[2];
  pipe(pipe_fds);
  write(pipe_fds[1], "12345", 5);
  signal(SIGALRM, on_alarm);
  signal(SIGPIPE, SIG_IGN);
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR1);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  raise(SIGUSR1);
  char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  page[0] = 'x';
  struct sockaddr_un where = { AF_UNIX, "/tmp/socket" };
  pipe(ends);
  pthread_t thread;
  pthread_create(&thread, NULL, reader, NULL);
  usleep(1000);
  show("/proc/self/maps");
  show("/proc/self/fdinfo/3");
  show("/proc/self/status");
  fflush(stdout);
  pid_t self = getpid(), nobody = 4242;
  struct sock_filter code[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
  struct sock_fprog program = { 2, code };
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
  syscall(SYS_getppid, page, data_fd, &where, &mask); // BP:known
  write(ends[1], "!", 1);
  pthread_join(thread, NULL);
  return self == nobody;
}
