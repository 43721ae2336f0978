// signalfd: read, poll, epoll, the mask changed, blocking until a signal comes, what a thread's own signals are.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(int fd) {
	struct signalfd_siginfo info[4];
	ssize_t n = read(fd, info, sizeof info);
	if (n < 0) { printf("read: %s\n", strerror(errno)); return; }
	for (int i = 0; i < n / (int)sizeof *info; i++)
		printf("signal %d code %d own %d uid %d int %d status %d\n", info[i].ssi_signo, info[i].ssi_code, info[i].ssi_pid == getpid(), info[i].ssi_uid == getuid(), info[i].ssi_int, info[i].ssi_status);
}

int main(void) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	show(fd);
	kill(getpid(), SIGUSR2);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR1);
	struct pollfd p = { fd, POLLIN | POLLOUT, 0 };
	printf("poll %d %x\n", poll(&p, 1, 0), p.revents);
	show(fd);
	printf("poll %d %x\n", poll(&p, 1, 0), p.revents);
	sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 7 });
	sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 8 });
	show(fd);
	int e = epoll_create1(0);
	struct epoll_event event = { EPOLLIN, { .u32 = 5 } };
	epoll_ctl(e, EPOLL_CTL_ADD, fd, &event);
	printf("epoll %d\n", epoll_wait(e, &event, 1, 0));
	raise(SIGUSR1);
	printf("epoll %d %u\n", epoll_wait(e, &event, 1, 0), event.data.u32);
	show(fd);
	sigset_t one;
	sigemptyset(&one);
	sigaddset(&one, SIGUSR2);
	printf("changed %d\n", signalfd(fd, &one, 0) == fd);
	raise(SIGUSR1);
	show(fd);
	signalfd(fd, &set, 0);
	show(fd);
	int blocking = signalfd(-1, &set, 0);
	pid_t child = fork();
	if (child == 0) {
		usleep(20000);
		kill(getppid(), SIGUSR2);
		usleep(20000);
		_exit(3);
	}
	show(blocking);
	show(blocking);
	waitpid(child, NULL, 0);
	printf("%ld %s\n", read(blocking, &set, 8), strerror(errno));
	printf("%d %s\n", signalfd(0, &set, 0), strerror(errno));
	printf("%ld %s\n", syscall(SYS_signalfd4, -1, &set, 4, 0), strerror(errno));
	printf("%ld %s\n", syscall(SYS_signalfd4, -1, &set, 8, 1), strerror(errno));
	printf("%ld %s\n", write(fd, "x", 1), strerror(errno));
	return 0;
}
