// Strings, vectors and pointers at the edge of what can be read.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#define CALL(...) syscall(__VA_ARGS__)
static char big[6000], b[300];
int main(void) {
  symlink("/a/very/long/path/that/is/longer/than/thirty/two/bytes", "lnk");
  CALL(SYS_readlink, "lnk", b, 200); CALL(SYS_readlink, "lnk", b, 3); CALL(SYS_getcwd, b, 300); CALL(SYS_unlink, "lnk");
  memset(big, 'x', 5999); CALL(SYS_open, big, 0); big[4096] = 0; CALL(SYS_open, big, 0); big[4095] = 0; CALL(SYS_open, big, 0); CALL(SYS_open, "", 0);
  char *m = (char *)CALL(SYS_mmap, 0, 8192, 3, 34, -1, 0); CALL(SYS_munmap, m + 4096, 4096); memset(m, 'y', 4096);
  CALL(SYS_open, m + 4090, 0); CALL(SYS_write, 99, m + 4090, 6); CALL(SYS_write, 99, m + 4090, 10); CALL(SYS_readlink, m + 4090, b, 10); CALL(SYS_open, -1L, 0); CALL(SYS_open, 0x7979797979797979, 0); CALL(SYS_write, 99, -2L, -3L); CALL(SYS_write, 99, "abc", -1L);
  char *av[140]; for (int i = 0; i < 139; i++) av[i] = "z"; av[139] = 0; CALL(SYS_execve, "/nope", av, av + 107); CALL(SYS_execve, "/nope", av + 138, av + 138); CALL(SYS_execve, "/nope", av + 107, av + 139); CALL(SYS_execve, "/nope", m + 4088, 0); CALL(SYS_execve, "/nope", 1, 1);
  struct iovec io[40]; for (int i = 0; i < 40; i++) io[i] = (struct iovec){ "q", 1 }; CALL(SYS_writev, 99, io, 40); CALL(SYS_writev, 99, io, 33); CALL(SYS_writev, 99, io, -1L); io[0].iov_base = (void *)-1L; io[1].iov_len = -1L; CALL(SYS_writev, 99, io, 2);
  struct iovec *edge = (void *)(m + 4096 - 32); edge[0] = io[2]; edge[1] = io[3]; CALL(SYS_writev, 99, edge, 3); struct pollfd *pf = (void *)(m + 4088); pf->fd = 0; pf->events = 1; CALL(SYS_poll, pf, 2, 0); CALL(SYS_poll, pf, -1L, 0);
  CALL(SYS_rt_sigprocmask, 0, -1L, 0, 8); CALL(SYS_rt_sigprocmask, 0, m, 0, 16); CALL(SYS_newfstatat, -1, 0, -1L, -1L); CALL(SYS_mmap, -1L, -1L, -1L, -1L, -1L, -1L); CALL(SYS_lseek, -1, 1L << 62, -1L); CALL(SYS_kill, 0x7fffffff, 65); CALL(SYS_close, -1L); CALL(SYS_close, 0x1234500000003L);
  CALL(SYS_exit, 300); return 0;
}
