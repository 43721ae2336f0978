/* A little of everything that a log can show, the same each time: what every mix of strace's options is tried on. An argument chooses a part; none: all of one process. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static char buf[4096];
static void handler(int n) { (void)n; getuid(); }

static void files(void) {
	int fd = open("mix.tmp", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	write(fd, "hello \"w\"\t\1\0017\377\n\\<x, and a text that is longer than thirty-two bytes", 70);
	struct iovec two[2] = { { "first ", 6 }, { "second\n", 7 } }, into[2] = { { buf, 10 }, { buf + 100, 50 } };
	writev(fd, two, 2);
	lseek(fd, 2, SEEK_SET);
	readv(fd, into, 2);
	pread(fd, buf, 20, 0);
	pwrite(fd, "\n\r\v\f\b", 5, 3);
	struct stat st;
	fstat(fd, &st); stat("mix.tmp", &st); lstat("/dev/null", &st); stat("/nowhere", &st); stat("/tmp", (void *)8);
	struct statx sx;
	statx(fd, "", AT_EMPTY_PATH, STATX_SIZE | STATX_MODE, &sx);
	fchmod(fd, 04755); ftruncate(fd, 7); fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 100);
	struct timespec times[2] = { { 1600000000, 5 }, { 0, UTIME_OMIT } };
	futimens(fd, times);
	int copy = dup(fd), above = fcntl(fd, F_DUPFD_CLOEXEC, 20);
	dup2(fd, 30); dup3(fd, 31, O_CLOEXEC);
	fcntl(fd, F_GETFL); fcntl(fd, F_GETFD); fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK); fcntl(fd, F_GETFL);
	struct flock lock = { F_WRLCK, SEEK_SET, 1, 2, 0 };
	fcntl(fd, F_SETLK, &lock); fcntl(fd, F_GETLK, &lock);
	setxattr("/nowhere", "user.a", "value\0x", 7, XATTR_CREATE);
	mkdir("mix.dir", 0755); mkdir("mix.dir", 01777);
	rename("mix.tmp", "mix.dir/b"); symlink("mix.dir/b", "mix.link"); readlink("mix.link", buf, 100); link("/nowhere", "mix.hard");
	int dir = open("mix.dir", O_RDONLY | O_DIRECTORY);
	syscall(SYS_getdents64, dir, buf, sizeof buf);
	fchdir(dir); getcwd(buf, sizeof buf); chdir("..");
	faccessat(dir, "b", R_OK | W_OK, 0); access("/nowhere", F_OK); unlinkat(dir, "b", 0);
	close(dir); unlink("mix.link"); rmdir("mix.dir");
	write(fd, "gone", 4); fsync(fd); close(copy); close(above); close(30); close(31); close(fd); close(fd);
	mknod("mix.fifo", S_IFIFO | 0600, 0); unlink("mix.fifo"); umask(022);
	int null = open("/dev/null", O_RDWR);
	ioctl(null, TIOCGWINSZ, buf); ioctl(null, FIONREAD, buf); ioctl(null, 0x12345678, 9); write(null, (void *)1, 4); read(null, buf, 10);
	int mem = memfd_create("a <name>", MFD_CLOEXEC); write(mem, "x", 1); close(mem);
	close(null);
}

static void descriptors(void) {
	int ends[2];
	pipe2(ends, O_CLOEXEC); write(ends[1], "through a pipe", 14); read(ends[0], buf, 100);
	int e = epoll_create1(EPOLL_CLOEXEC), counter = eventfd(3, EFD_NONBLOCK), timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), watch = inotify_init1(IN_NONBLOCK);
	struct epoll_event event = { EPOLLIN | EPOLLET, { .u64 = 0x1234567890 } }, got[4];
	epoll_ctl(e, EPOLL_CTL_ADD, counter, &event); epoll_wait(e, got, 4, 0);
	struct itimerspec soon = { { 0, 0 }, { 0, 1 } };
	timerfd_settime(timer, 0, &soon, NULL);
	struct pollfd fds[3] = { { counter, POLLIN | POLLOUT, 0 }, { ends[0], POLLIN, 0 }, { -1, POLLIN, 0 } };
	poll(fds, 3, 0); poll(fds + 1, 1, 0);
	fd_set in;
	FD_ZERO(&in); FD_SET(counter, &in); FD_SET(ends[0], &in);
	struct timeval none = { 0, 0 };
	select(counter + 1, &in, NULL, NULL, &none);
	inotify_add_watch(watch, ".", IN_CREATE | IN_DELETE); read(watch, buf, 100);
	read(counter, buf, 8); close(e); close(counter); close(timer); close(watch); close(ends[0]); close(ends[1]);
}

static void sockets(void) {
	int pair[2];
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	send(pair[0], "over a socket", 13, MSG_NOSIGNAL); recv(pair[1], buf, 100, MSG_PEEK); recvfrom(pair[1], buf, 100, 0, NULL, NULL);
	struct iovec part = { "with a right", 12 };
	union { struct cmsghdr head; char room[CMSG_SPACE(sizeof(int))]; } control = { .head = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	*(int *)CMSG_DATA(&control.head) = 1;
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
	sendmsg(pair[0], &message, 0);
	part.iov_base = buf; part.iov_len = 100;
	recvmsg(pair[1], &message, MSG_CMSG_CLOEXEC);
	shutdown(pair[0], SHUT_WR); getsockname(pair[0], (void *)buf, &(socklen_t){ 110 });
	int tcp = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP), udp = socket(AF_INET6, SOCK_DGRAM, 0), raw = socket(AF_INET, 99, 7);
	setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, 4); setsockopt(tcp, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, 4); getsockopt(tcp, SOL_SOCKET, SO_ERROR, buf, &(socklen_t){ 4 });
	struct sockaddr_in here = { AF_INET, htons(0), { htonl(INADDR_ANY) } };
	bind(tcp, (void *)&here, sizeof here); listen(tcp, 5); getsockname(tcp, (void *)&here, &(socklen_t){ 16 }); accept(tcp, NULL, NULL);
	connect(raw, (void *)&here, 16);
	struct sockaddr_un name = { AF_UNIX, "\0mix" };
	int local = socket(AF_UNIX, SOCK_DGRAM, 0);
	bind(local, (void *)&name, 6); connect(local, (void *)&name, 6); sendto(local, "datagram", 8, 0, (void *)&name, 6); recvfrom(local, buf, 5, 0, (void *)&name, &(socklen_t){ 110 });
	close(tcp); close(udp); close(local); close(pair[0]); close(pair[1]);
}

static void process(void) {
	struct sigaction act = { .sa_handler = handler, .sa_flags = SA_RESTART }, old;
	sigaddset(&act.sa_mask, SIGUSR2);
	sigaction(SIGUSR1, &act, &old); raise(SIGUSR1); kill(getpid(), SIGUSR1); kill(getpid(), 0); kill(-12345678, SIGTERM);
	signal(SIGRTMIN + 3, handler); sigqueue(getpid(), SIGRTMIN + 3, (union sigval){ 7 });
	sigset_t set;
	sigfillset(&set); sigprocmask(SIG_BLOCK, &set, &set); sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGSEGV, SIG_DFL); signal(SIGPIPE, SIG_IGN); alarm(0);
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit); getrlimit(RLIMIT_CORE, &limit); setrlimit(77, &limit);
	struct timespec moment = { 0, 1000 };
	nanosleep(&moment, NULL); clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL); syscall(SYS_clock_gettime, 99, buf);
	prctl(PR_SET_NAME, "mixed"); prctl(PR_GET_DUMPABLE); prctl(PR_SET_PDEATHSIG, SIGKILL); syscall(SYS_arch_prctl, 0x1003, buf);
	getuid(); geteuid(); getgid(); setuid(-1); getpgid(0x7fffffff); sched_yield(); getpriority(PRIO_PROCESS, 0); syscall(999, 1, 2, 3, 4, 5, 6);
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	mprotect(page, 4096, PROT_NONE); madvise(page, 8192, MADV_DONTNEED); mremap(page, 8192, 4096, 0); munmap(page, 8192); mmap(NULL, 0, 0x100, MAP_SHARED | 0x40000000, 99, 4096);
	syscall(SYS_futex, buf, 129, 1, NULL, NULL, 0); syscall(SYS_futex, buf, 0, 1, NULL); syscall(SYS_openat, -100, (void *)1, O_WRONLY); syscall(SYS_execve, "/nowhere", (char *[]){ "a", "b\n", NULL }, (char *[]){ "A=1", NULL });
}

static void children(char **argv) {
	int status;
	if (!fork()) _exit(3);
	wait4(-1, &status, 0, NULL);
	if (!fork()) { execl(argv[0], argv[0], "end", NULL); _exit(1); }
	waitpid(-1, &status, WUNTRACED);
	if (!vfork()) _exit(0);
	struct rusage usage;
	wait4(-1, &status, 0, &usage);
	if (!fork()) { raise(SIGKILL); }
	siginfo_t info;
	waitid(P_ALL, 0, &info, WEXITED);
	wait4(-1, NULL, WNOHANG | 0x40000000, NULL);
}

int main(int argc, char **argv) {
	const char *part = argc > 1 ? argv[1] : "all";
	if (!strcmp(part, "files") || !strcmp(part, "all")) files();
	if (!strcmp(part, "descriptors") || !strcmp(part, "all")) descriptors();
	if (!strcmp(part, "sockets") || !strcmp(part, "all")) sockets();
	if (!strcmp(part, "process") || !strcmp(part, "all")) process();
	if (!strcmp(part, "children")) children(argv);
	if (!strcmp(part, "crash")) raise(SIGABRT);
	return 7;
}
