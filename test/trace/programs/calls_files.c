// Calls on files, with what strace prints about each: strings, flags, modes, structures, errors.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>
#define CALL(...) syscall(__VA_ARGS__)
static char buf[4096];
int main(void) {
  int fd = CALL(SYS_openat, AT_FDCWD, "f.txt", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  CALL(SYS_write, fd, "hello \"w\"\t\1\0017\377\n\\<x", 18);
  CALL(SYS_write, fd, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 50);
  CALL(SYS_write, fd, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 32);
  CALL(SYS_write, fd, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0017", 33);
  CALL(SYS_write, fd, "\0018\0019a\0a\000", 8);
  CALL(SYS_write, fd, 1, 4);
  CALL(SYS_write, fd, 0, 4);
  CALL(SYS_write, -1, "x", 1);
  CALL(SYS_write, fd, "", 0);
  CALL(SYS_lseek, fd, 0, SEEK_SET); CALL(SYS_lseek, fd, -5L, SEEK_CUR); CALL(SYS_lseek, fd, 5L, 77);
  CALL(SYS_read, fd, buf, 18); CALL(SYS_read, fd, buf, 100); CALL(SYS_read, 99, buf, 4); CALL(SYS_read, fd, buf, 0);
  CALL(SYS_pread64, fd, buf, 4, 2L);
  CALL(SYS_pwrite64, fd, "zz", 2, 1L);
  struct iovec iov[3] = { { "ab", 2 }, { "cdef", 4 }, { 0, 0 } };
  CALL(SYS_writev, fd, iov, 2); CALL(SYS_writev, fd, iov, 3); CALL(SYS_writev, fd, 0, 0); CALL(SYS_writev, -1, iov, 2);
  CALL(SYS_lseek, fd, 0, SEEK_SET);
  struct iovec rv[2] = { { buf, 3 }, { buf + 64, 200 } };
  CALL(SYS_readv, fd, rv, 2); CALL(SYS_readv, 99, rv, 2);
  CALL(SYS_preadv, fd, rv, 2, 4L, 0); CALL(SYS_pwritev, fd, iov, 2, 7L, 0);
  struct stat st;
  CALL(SYS_newfstatat, AT_FDCWD, "/dev/null", &st, 0); CALL(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH);
  CALL(SYS_newfstatat, AT_FDCWD, "/tmp", &st, AT_SYMLINK_NOFOLLOW); CALL(SYS_newfstatat, AT_FDCWD, "/nope", &st, 0);
  CALL(SYS_fstat, fd, &st); CALL(SYS_stat, "/", &st); CALL(SYS_lstat, "/proc/self/exe", &st); CALL(SYS_fstat, 99, &st); CALL(SYS_stat, 0, &st);
  struct statx stx;
  CALL(SYS_statx, AT_FDCWD, "/dev/null", AT_STATX_SYNC_AS_STAT, STATX_BASIC_STATS, &stx);
  CALL(SYS_statx, AT_FDCWD, "/nope", AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_MODE | STATX_SIZE, &stx);
  CALL(SYS_statx, fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_ALL, &stx);
  struct statfs sf;
  CALL(SYS_statfs, "/proc", &sf); CALL(SYS_fstatfs, fd, &sf); CALL(SYS_statfs, "/nope", &sf);
  CALL(SYS_openat, AT_FDCWD, "/tmp", O_WRONLY | O_DIRECTORY | 0x800000); CALL(SYS_openat, AT_FDCWD, "/nope", O_RDONLY);
  CALL(SYS_open, "f.txt", O_RDONLY | O_NOFOLLOW | O_NONBLOCK); CALL(SYS_open, "f2.txt", O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_SYNC, 0);
  CALL(SYS_openat, 99, "x", O_ACCMODE); CALL(SYS_openat, AT_FDCWD, ".", O_RDWR | O_TMPFILE, 0600); CALL(SYS_openat, AT_FDCWD, 5, O_PATH);
  CALL(SYS_creat, "f3.txt", 0600);
  CALL(SYS_access, "/tmp", R_OK | X_OK); CALL(SYS_access, "/nope", F_OK); CALL(SYS_faccessat, AT_FDCWD, "/tmp", W_OK); CALL(SYS_access, "/", 0x1f);
  CALL(SYS_faccessat2, AT_FDCWD, "/tmp", R_OK, AT_EACCESS);
  CALL(SYS_readlink, "/proc/self/nope", buf, 100); symlink("target", "link"); CALL(SYS_readlink, "link", buf, 4096); CALL(SYS_readlinkat, AT_FDCWD, "link", buf, 3);
  CALL(SYS_mkdir, "d", 0755); CALL(SYS_mkdirat, AT_FDCWD, "d", 0); CALL(SYS_rmdir, "d"); CALL(SYS_unlinkat, AT_FDCWD, "nope", AT_REMOVEDIR); CALL(SYS_unlink, "f3.txt");
  CALL(SYS_rename, "f2.txt", "f4.txt"); CALL(SYS_renameat, AT_FDCWD, "nope", AT_FDCWD, "x"); CALL(SYS_renameat2, AT_FDCWD, "nope", AT_FDCWD, "x", 1);
  CALL(SYS_link, "f.txt", "f5.txt"); CALL(SYS_linkat, AT_FDCWD, "nope", AT_FDCWD, "y", AT_SYMLINK_FOLLOW); CALL(SYS_symlinkat, "a", AT_FDCWD, "link");
  CALL(SYS_chmod, "f.txt", 04755); CALL(SYS_fchmod, fd, 0); CALL(SYS_fchmodat, AT_FDCWD, "f.txt", 0644); CALL(SYS_chown, "f.txt", -1, 0); CALL(SYS_fchown, fd, 0, -1);
  CALL(SYS_lchown, "f.txt", 0, 0); CALL(SYS_fchownat, AT_FDCWD, "f.txt", 0, 0, AT_SYMLINK_NOFOLLOW); CALL(SYS_umask, 022); CALL(SYS_umask, 0); CALL(SYS_umask, 022);
  CALL(SYS_truncate, "f.txt", 100L); CALL(SYS_ftruncate, fd, 50L); CALL(SYS_fsync, fd); CALL(SYS_fdatasync, fd); CALL(SYS_sync); CALL(SYS_syncfs, fd);
  CALL(SYS_mknod, "fifo", S_IFIFO | 0600, 0); CALL(SYS_mknodat, AT_FDCWD, "/nope/x", S_IFCHR | 0600, makedev(5, 1)); CALL(SYS_mknod, "/nope/y", 0600, 0);
  CALL(SYS_getcwd, buf, 1); CALL(SYS_chdir, "/nope"); CALL(SYS_fchdir, 99);
  int p[2]; CALL(SYS_pipe, p); CALL(SYS_pipe2, p, O_CLOEXEC | O_NONBLOCK); CALL(SYS_pipe2, p, 0x55555); CALL(SYS_pipe, 1);
  CALL(SYS_dup, fd); CALL(SYS_dup2, fd, 30); CALL(SYS_dup3, fd, 31, O_CLOEXEC); CALL(SYS_dup, 99);
  CALL(SYS_fcntl, fd, F_GETFD); CALL(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC); CALL(SYS_fcntl, fd, F_SETFD, 0); CALL(SYS_fcntl, fd, F_GETFD); CALL(SYS_fcntl, fd, F_GETFL);
  CALL(SYS_fcntl, p[0], F_SETFL, O_RDONLY | O_NONBLOCK); CALL(SYS_fcntl, fd, F_DUPFD, 40); CALL(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 41); CALL(SYS_fcntl, 99, F_GETFL);
  struct flock lk = { F_WRLCK, SEEK_SET, 0, 10, 0 };
  CALL(SYS_fcntl, fd, F_SETLK, &lk); CALL(SYS_fcntl, fd, F_GETLK, &lk); CALL(SYS_fcntl, fd, F_SETLKW, &lk); CALL(SYS_fcntl, fd, F_OFD_SETLK, &lk); CALL(SYS_fcntl, fd, F_SETLK, 0);
  CALL(SYS_fcntl, fd, F_GETOWN); CALL(SYS_fcntl, p[0], F_SETOWN, 0); CALL(SYS_fcntl, p[0], F_SETSIG, 10); CALL(SYS_fcntl, p[0], F_GETSIG); CALL(SYS_fcntl, p[0], F_GETPIPE_SZ); CALL(SYS_fcntl, p[0], F_SETPIPE_SZ, 65536);
  CALL(SYS_fcntl, fd, F_GETLEASE); CALL(SYS_fcntl, fd, 9999, 5); CALL(SYS_fcntl, fd, F_GET_SEALS); CALL(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_WRITE);
  CALL(SYS_flock, fd, LOCK_EX | LOCK_NB); CALL(SYS_flock, fd, LOCK_UN);
  CALL(SYS_ioctl, fd, TIOCGWINSZ, buf); CALL(SYS_ioctl, fd, TCGETS, buf); CALL(SYS_ioctl, fd, FIONREAD, buf); CALL(SYS_ioctl, p[0], FIONREAD, buf); CALL(SYS_ioctl, fd, 0x1234, 0);
  CALL(SYS_ioctl, fd, FIOCLEX); CALL(SYS_ioctl, p[0], FIONBIO, &(int){ 1 }); CALL(SYS_ioctl, fd, 0xc0185b03, buf); CALL(SYS_ioctl, fd, TIOCGPGRP, buf); CALL(SYS_ioctl, 99, TCSETSW, buf);
  struct pollfd pf[2] = { { p[0], POLLIN, 0 }, { p[1], POLLOUT, 0 } };
  CALL(SYS_pipe, p); pf[0].fd = p[0]; pf[1].fd = p[1];
  CALL(SYS_poll, pf, 2, 10); CALL(SYS_poll, pf, 1, 1); CALL(SYS_poll, 0, 0, 0); CALL(SYS_poll, 1, 1, 0); pf[0].fd = -1; pf[1].events = POLLIN | POLLPRI | POLLRDHUP | 0x4000; CALL(SYS_poll, pf, 2, 1);
  pf[0].fd = 99; CALL(SYS_ppoll, pf, 2, &(struct timespec){ 0, 1000000 }, &(uint64_t){ 0x200 }, 8); CALL(SYS_ppoll, pf + 1, 1, &(struct timespec){ 0, 1000 }, 0, 8);
  fd_set rs, ws; FD_ZERO(&rs); FD_ZERO(&ws); FD_SET(p[0], &rs); FD_SET(p[1], &ws); FD_SET(0, &rs);
  CALL(SYS_select, p[1] + 1, 0, &ws, 0, &(struct timeval){ 0, 0 }); FD_SET(p[0], &rs); FD_CLR(0, &rs); CALL(SYS_select, p[0] + 1, &rs, 0, 0, &(struct timeval){ 0, 1000 }); CALL(SYS_select, 0, 0, 0, 0, &(struct timeval){ 0, 1 });
  FD_ZERO(&ws); FD_SET(p[1], &ws); CALL(SYS_pselect6, p[1] + 1, 0, &ws, 0, 0, 0); uint64_t mask = 0x800; uint64_t pair[2] = { (uint64_t)&mask, 8 }; FD_SET(p[0], &rs);
  CALL(SYS_pselect6, p[0] + 1, &rs, 0, 0, &(struct timespec){ 0, 1000 }, pair); CALL(SYS_select, -1, 0, 0, 0, 0);
  int ep = CALL(SYS_epoll_create1, EPOLL_CLOEXEC); CALL(SYS_epoll_create, 5);
  struct epoll_event ev = { EPOLLOUT | EPOLLET, { .u64 = 0x500000007ULL } }, evs[4];
  CALL(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, p[1], &ev); CALL(SYS_epoll_wait, ep, evs, 4, 0); CALL(SYS_epoll_wait, ep, evs, 4, 0); CALL(SYS_epoll_ctl, ep, EPOLL_CTL_DEL, p[1], &ev); CALL(SYS_epoll_ctl, ep, EPOLL_CTL_MOD, 99, 0);
  CALL(SYS_epoll_pwait, ep, evs, 4, 0, &mask, 8); CALL(SYS_epoll_wait, 99, evs, 4, 0);
  CALL(SYS_eventfd2, 5, 0x80801); CALL(SYS_eventfd, 1); CALL(SYS_inotify_init1, 0x80800); CALL(SYS_inotify_add_watch, 99, "/tmp", 0x102);
  CALL(SYS_sendfile, p[1], fd, &(int64_t){ 3 }, 5L); CALL(SYS_sendfile, p[1], fd, 0, 5L); CALL(SYS_sendfile, p[1], 99, &(int64_t){ 3 }, 5L);
  CALL(SYS_splice, p[0], 0, fd, &(int64_t){ 3 }, 5L, 1); CALL(SYS_copy_file_range, fd, &(int64_t){ 0 }, fd, &(int64_t){ 60 }, 4L, 0);
  CALL(SYS_fallocate, fd, 1, 0L, 4096L); CALL(SYS_fadvise64, fd, 0L, 100L, 2); CALL(SYS_readahead, fd, 0L, 4096L);
  struct timespec ts[2] = { { 1700000000, 5 }, { 0, UTIME_OMIT } }; CALL(SYS_utimensat, AT_FDCWD, "f.txt", ts, 0); CALL(SYS_utimensat, fd, 0, 0, 0);
  struct timeval tv[2] = { { 1700000000, 5 }, { 1600000000, 0 } }; CALL(SYS_utimes, "f.txt", tv); CALL(SYS_futimesat, AT_FDCWD, "f.txt", tv); long ut[2] = { 1700000000, 5 }; CALL(SYS_utime, "f.txt", ut);
  CALL(SYS_getxattr, "f.txt", "user.x", buf, 10); CALL(SYS_setxattr, "/nope", "user.x", "v\0", 2, 1); CALL(SYS_listxattr, "f.txt", buf, 100);
  mkdir("dir", 0700); int d = CALL(SYS_open, "dir", O_RDONLY | O_DIRECTORY); CALL(SYS_getdents64, d, buf, 4096); CALL(SYS_getdents64, d, buf, 4096); CALL(SYS_getdents64, 99, buf, 4096);
  CALL(SYS_close, d); CALL(SYS_close, 99); CALL(SYS_close_range, 100, 200, 4); CALL(SYS_memfd_create, "name", 3); CALL(SYS_openat2, AT_FDCWD, "nope", (uint64_t[]){ O_RDONLY, 0, 8 }, 24);
  CALL(SYS_mount, "none", "/nope", "tmpfs", 1, 0); CALL(SYS_umount2, "/nope", 2); CALL(SYS_chroot, "/nope"); CALL(SYS_timerfd_create, 1, 0x80000); CALL(SYS_signalfd4, -1, &mask, 8, 0x80000);
  CALL(SYS_open, "/a/very/long/path/that/is/longer/than/thirty/two/bytes/and/never/cut", O_RDONLY); CALL(SYS_open, "weird\n\"\\\x7f\xe4", 0);
  CALL(999, 1, 2, 3, buf, 0, 0);
  CALL(SYS_exit_group, 7);
}
