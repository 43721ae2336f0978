// poll, select, epoll (level, edge, one-shot, nested), timerfd, eventfd, pipes as they fill, sendfile, splice, tee, copy_file_range.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void waited(const char *what, int e, int timeout) {
	struct epoll_event got[8];
	int n = epoll_wait(e, got, 8, timeout);
	printf("%s: %d", what, n);
	for (int i = 0; i < n; i++) printf(" (%x %u)", got[i].events, got[i].data.u32);
	printf("\n");
}

int main(void) {
	signal(SIGPIPE, SIG_IGN);
	int p[2], q[2];
	pipe2(p, O_NONBLOCK);
	pipe2(q, O_NONBLOCK);
	struct pollfd fds[3] = { { p[0], POLLIN }, { p[1], POLLOUT }, { 99, POLLIN } };
	int n = poll(fds, 3, 0);
	printf("poll %d: %x %x %x\n", n, fds[0].revents, fds[1].revents, fds[2].revents);
	char big[70000] = { 1 };
	long room = 0, w;
	while ((w = write(p[1], big, 4096)) > 0) room += w;
	printf("a pipe takes %ld, then %s\n", room, strerror(errno));
	n = poll(fds, 2, 0);
	printf("poll %d: %x %x\n", n, fds[0].revents, fds[1].revents);
	printf("size %d, set %d\n", fcntl(p[0], F_GETPIPE_SZ), fcntl(p[0], F_SETPIPE_SZ, 131072));
	while (read(p[0], big, sizeof big) > 0) ;
	fd_set set;
	FD_ZERO(&set);
	FD_SET(p[0], &set);
	struct timeval tv = { 0, 5000 };
	n = select(p[0] + 1, &set, NULL, NULL, &tv);
	printf("select %d, left %ld\n", n, (long)tv.tv_usec);
	write(p[1], "x", 1);
	FD_SET(p[0], &set);
	n = select(p[0] + 1, &set, NULL, NULL, NULL);
	printf("select %d %d\n", n, !!FD_ISSET(p[0], &set));
	int e = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event ev = { EPOLLIN, { .u32 = 1 } };
	epoll_ctl(e, EPOLL_CTL_ADD, p[0], &ev);
	waited("level", e, 0);
	waited("level again", e, 0);
	ev.events = EPOLLIN | EPOLLET;
	epoll_ctl(e, EPOLL_CTL_MOD, p[0], &ev);
	waited("edge", e, 0);
	waited("edge again", e, 0);
	write(p[1], "y", 1);
	waited("edge after a write", e, 0);
	ev.events = EPOLLIN | EPOLLONESHOT;
	epoll_ctl(e, EPOLL_CTL_MOD, p[0], &ev);
	waited("one shot", e, 0);
	waited("one shot again", e, 0);
	ev.events = EPOLLIN;
	epoll_ctl(e, EPOLL_CTL_MOD, p[0], &ev);
	int outer = epoll_create1(0);
	struct epoll_event nested = { EPOLLIN, { .u32 = 77 } };
	epoll_ctl(outer, EPOLL_CTL_ADD, e, &nested);
	waited("nested", outer, 0);
	printf("add twice %d %s\n", epoll_ctl(e, EPOLL_CTL_ADD, p[0], &ev), strerror(errno));
	printf("loop %d %s\n", epoll_ctl(e, EPOLL_CTL_ADD, outer, &nested), strerror(errno));
	printf("itself %d %s\n", epoll_ctl(e, EPOLL_CTL_ADD, e, &nested), strerror(errno));
	printf("no such %d %s\n", epoll_ctl(e, EPOLL_CTL_DEL, q[0], &ev), strerror(errno));
	int file = open("polled", O_CREAT | O_RDWR | O_TRUNC, 0600);
	printf("file %d %s\n", epoll_ctl(e, EPOLL_CTL_ADD, file, &ev), strerror(errno));
	close(p[1]);
	waited("hung up", e, 0);
	close(p[0]);
	waited("closed", e, 0);
	printf("broken pipe %ld %s\n", (close(q[0]), write(q[1], "x", 1)), strerror(errno));

	int t = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct itimerspec spec = { { 0, 200000000 }, { 0, 100000000 } };
	unsigned long ticks;
	printf("timerfd %ld %s\n", read(t, &ticks, 8), strerror(errno));
	timerfd_settime(t, 0, &spec, NULL);
	struct pollfd tp = { t, POLLIN };
	printf("poll %d\n", poll(&tp, 1, 1000));
	read(t, &ticks, 8);
	printf("ticks %lu\n", ticks);
	poll(&tp, 1, 1000);
	read(t, &ticks, 8);
	printf("ticks %lu\n", ticks);
	timerfd_gettime(t, &spec);
	printf("interval %ld, to go %d\n", spec.it_interval.tv_nsec, spec.it_value.tv_nsec > 0 && spec.it_value.tv_nsec <= 200000000);
	printf("short %ld %s\n", read(t, &ticks, 4), strerror(errno));
	int v = eventfd(3, EFD_NONBLOCK | EFD_SEMAPHORE);
	unsigned long value;
	read(v, &value, 8);
	printf("semaphore %lu\n", value);
	value = -2;
	printf("overflow %ld %s\n", write(v, &value, 8), strerror(errno));
	value = -1;
	printf("invalid %ld %s\n", write(v, &value, 8), strerror(errno));

	pwrite(file, "0123456789abcdef", 16, 0);
	int other = open("other", O_CREAT | O_RDWR | O_TRUNC, 0600);
	off_t at = 4;
	printf("sendfile %ld", sendfile(other, file, &at, 6));
	printf(" %ld\n", (long)at);
	printf("sendfile at the end %ld\n", (lseek(file, 16, SEEK_SET), sendfile(other, file, NULL, 6)));
	pipe(p);
	pipe(q);
	loff_t from = 2;
	printf("splice %ld", splice(file, &from, p[1], NULL, 8, 0));
	printf(" %ld\n", (long)from);
	printf("tee %ld\n", tee(p[0], q[1], 5, 0));
	printf("splice %ld\n", splice(p[0], NULL, other, NULL, 100, 0));
	char text[32] = "";
	pread(other, text, 31, 0);
	printf("%s\n", text);
	memset(text, 0, 32);
	read(q[0], text, 31);
	printf("%s\n", text);
	printf("splice %ld %s\n", splice(file, NULL, other, NULL, 5, 0), strerror(errno));
	loff_t in = 10, out = 0;
	printf("copy_file_range %ld\n", copy_file_range(file, &in, other, &out, 4, 0));
	memset(text, 0, 32);
	pread(other, text, 31, 0);
	printf("%s\n", text);
	struct iovec iov[3] = { { "ab", 2 }, { NULL, 0 }, { "cde", 3 } };
	printf("writev %ld pwritev %ld\n", writev(other, iov, 3), pwritev(other, iov, 3, 1));
	printf("vmsplice %ld\n", vmsplice(p[1], iov, 1, 0));
	unlink("polled");
	unlink("other");
	return 0;
}
