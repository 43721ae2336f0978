// Calls whose arguments lead to arrays, texts and counted bytes.
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void) {
  int ends[2];
  struct stat about;
  struct iovec parts[2] = {{"abc", 3}, {"defgh", 5}};
  struct sigaction action = {.sa_handler = SIG_IGN, .sa_flags = SA_RESTART};
  pipe(ends);
  writev(ends[1], parts, 2);
  struct pollfd watched[2] = {{ends[0], POLLIN}, {ends[1], POLLOUT}};
  poll(watched, 2, 10);
  char buffer[100] = "before";
  read(ends[0], buffer, sizeof buffer);
  write(ends[1], "xyz", 1);
  stat("/", &about);
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, SIGINT);
  sigaction(SIGUSR1, &action, NULL);
  isatty(0);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  syscall(SYS_futex, ends, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
  if (fork() == 0) _exit(0);
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  sendmsg(socket(AF_INET, SOCK_STREAM, 0), &message, MSG_NOSIGNAL);
  return 0;
}
