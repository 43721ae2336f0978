// A program that has one of every kernel object that people look for. It prints what the kernel says of them - `name=value`, the same on every Linux; `~name=value` where
// each run has its own -, calls getppid(), then makes one call for each object's function in the kernel.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

static void on_signal(int signo) { (void)signo; }

/** The line of a file of /proc that begins with `key`, printed as name=value; without a key the first one. */
static void fact(const char *name, const char *path, const char *key) {
  char text[65536];
  int fd = open(path, O_RDONLY), size = 0, got;
  while ((got = read(fd, text + size, sizeof text - 1 - size)) > 0) size += got;
  close(fd);
  text[size] = 0;
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
    if (strncmp(line, key, strlen(key))) continue;
    char *value = line + strlen(key);
    value += strspn(value, ": \t");
    printf("%s=%s\n", name, value);
    return;
  }
  printf("%s is missing\n", name);
}

static void link_fact(const char *name, const char *path) {
  char text[512] = "";
  readlink(path, text, sizeof text - 1);
  printf("%s=%s\n", name, text);
}

static int word = 7, gate[2];
static volatile int runs = 1, waiter_tid;
static void *wait_at_futex(void *unused) {
  waiter_tid = gettid();
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 7, NULL, NULL, 0);
  return unused;
}
static void *spin(void *unused) {
  while (runs) continue;
  return unused;
}

/** Its argument is an empty folder. */
int main(int argc, char **argv) {
  char path[64];
  setvbuf(stdout, NULL, _IOFBF, 1 << 16);
  chdir(argv[1]);
  umask(022);
  int data_fd = open("every.txt", O_RDWR | O_CREAT | O_APPEND, 0640);
  write(data_fd, "Hello, kernel!\n", 15);
  lseek(data_fd, 6, SEEK_SET);
  int pipe_fds[2];
  pipe2(pipe_fds, O_CLOEXEC);
  write(pipe_fds[1], "12345", 5);
  int timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), epoll_fd = epoll_create1(0), sockets[2];
  struct itimerspec in = {.it_interval = {.tv_sec = 2}, .it_value = {.tv_sec = 500}};
  timerfd_settime(timer_fd, 0, &in, NULL);
  socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets);
  send(sockets[0], "one", 3, 0);
  send(sockets[0], "two!", 4, 0);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0x1234};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, pipe_fds[0], &event);
  struct sockaddr_un where = {AF_UNIX, "every.socket"};
  int listen_fd = socket(AF_UNIX, SOCK_STREAM, 0);
  bind(listen_fd, (struct sockaddr *)&where, sizeof where);
  listen(listen_fd, 5);
  struct sockaddr_in inet = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof inet;
  int udp_sock = socket(AF_INET, SOCK_DGRAM, 0);
  bind(udp_sock, (struct sockaddr *)&inet, sizeof inet);
  getsockname(udp_sock, (struct sockaddr *)&inet, &size);
  signal(SIGALRM, on_signal);
  signal(SIGUSR1, on_signal);
  signal(SIGPIPE, SIG_IGN);
  sigset_t mask, pending;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR1);
  sigaddset(&mask, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  raise(SIGUSR1);
  sigpending(&pending);
  prctl(PR_SET_NAME, "every");
  char *page = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  page[0] = 'x';
  mprotect(page + 8192, 4096, PROT_READ);
  struct rlimit limit = {100, 200};
  setrlimit(RLIMIT_NOFILE, &limit);
  pipe(gate);
  pid_t child = fork();
  if (child == 0) {
    char byte;
    alarm(60);
    close(gate[1]);
    read(gate[0], &byte, 1);
    _exit(3);
  }
  pthread_t waiter, spinner;
  pthread_create(&waiter, NULL, wait_at_futex, NULL);
  pthread_create(&spinner, NULL, spin, NULL);
  usleep(20000);
  pid_t self = getpid(), nobody = 4242;
  struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog program = {2, code};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);

  struct stat about;
  int bytes;
  fact("comm", "/proc/self/comm", "");
  fact("~pid", "/proc/self/status", "Pid");
  fact("threads", "/proc/self/status", "Threads");
  fact("~uid", "/proc/self/status", "Uid");
  fact("~gid", "/proc/self/status", "Gid");
  fact("blocked", "/proc/self/status", "SigBlk");
  fact("pending", "/proc/self/status", "SigPnd");
  fact("ignored", "/proc/self/status", "SigIgn");
  fact("caught", "/proc/self/status", "SigCgt");
  fact("no_new_privs", "/proc/self/status", "NoNewPrivs");
  fact("seccomp", "/proc/self/status", "Seccomp");
  fact("seccomp_filters", "/proc/self/status", "Seccomp_filters");
  fact("~fds", "/proc/self/status", "FDSize");
  fact("~size", "/proc/self/status", "VmSize");
  fact("limit", "/proc/self/limits", "Max open files");
  fact("pos", "/proc/self/fdinfo/3", "pos");
  fact("flags", "/proc/self/fdinfo/3", "flags");
  fact("~watched", "/proc/self/fdinfo/7", "tfd");
  fact("interval", "/proc/self/fdinfo/6", "it_interval");
  link_fact("path", "/proc/self/fd/3");
  link_fact("timer_path", "/proc/self/fd/6");
  fstat(data_fd, &about);
  printf("mode=%o\nlength=%ld\nlinks=%lu\n~ino=%lu\n~dev=%lx\n", about.st_mode, (long)about.st_size, (unsigned long)about.st_nlink, (unsigned long)about.st_ino, (unsigned long)about.st_dev);
  ioctl(pipe_fds[0], FIONREAD, &bytes);
  printf("in_pipe=%d\npipe_size=%d\n", bytes, fcntl(pipe_fds[0], F_GETPIPE_SZ));
  ioctl(sockets[1], FIONREAD, &bytes);
  printf("in_socket=%d\n~port=%d\n", bytes, ntohs(inet.sin_port));
  unsigned char present[3];
  mincore(page, 3 * 4096, present);
  printf("present=%d%d%d\n~word=%lx\n~waiter=%d\n", present[0] & 1, present[1] & 1, present[2] & 1, (unsigned long)&word, waiter_tid);
  snprintf(path, sizeof path, "/proc/%d/status", child);
  fact("child", path, "State");
  fact("~procfs", "/proc/self/mounts", "proc");
  fact("~range", "/proc/self/maps", "");
  fflush(stdout);

  syscall(SYS_getppid, page, &where, &mask); // BP:known
  write(data_fd, "!", 1);
  write(pipe_fds[1], "6", 1);
  send(sockets[0], "three", 5, 0);
  epoll_wait(epoll_fd, &event, 1, 0);
  timerfd_settime(timer_fd, 0, &in, NULL);
  mprotect(page + 8192, 4096, PROT_READ | PROT_WRITE);
  sigprocmask(SIG_UNBLOCK, &mask, NULL);
  kill(child, SIGTERM);
  write(gate[1], "!", 1);
  runs = word = 0;
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
  pthread_join(waiter, NULL);
  return self == nobody || child == 0 || listen_fd == 0;
}
