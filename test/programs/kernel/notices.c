// What is told by a signal: descriptors that are ready (O_ASYNC, F_SETSIG), urgent data, leases that are broken, directories that change.
#include "cases.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <linux/sockios.h>

static int told;
static void note(int signo, siginfo_t *info, void *context) { told++; }
static void on(int signo) { struct sigaction a = { .sa_sigaction = note, .sa_flags = SA_SIGINFO }; sigaction(signo, &a, 0); }
/* A signal is taken where it comes: it is blocked but for one call. */
static void held(int signo) { sigset_t s; sigemptyset(&s); sigaddset(&s, signo); sigprocmask(SIG_BLOCK, &s, 0); }
static void took(int signo) {
	sigset_t s;
	siginfo_t i;
	sigemptyset(&s);
	sigaddset(&s, signo);
	memset(&i, 0, sizeof i);
	int got = sigtimedwait(&s, &i, &(struct timespec){ 0 });
	if (got < 0) say("SIG%s: none", sigabbrev_np(signo) ? sigabbrev_np(signo) : "RT");
	else say("signal %d code %d band %#lx fd %d", got, i.si_code, i.si_code > 0 && i.si_code < 128 ? (long)i.si_band : 0, i.si_code > 0 && i.si_code < 128 ? i.si_fd : 0);
}
static void async(int fd, int signo) { fcntl(fd, F_SETOWN, getpid()); if (signo) fcntl(fd, F_SETSIG, signo); fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC); held(signo ? signo : SIGIO); }

/* Both ends of a connection over the loopback device. */
static void connection(int ends[2]) {
	struct sockaddr_in at = { AF_INET, 0, { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof at;
	int l = socket(AF_INET, SOCK_STREAM, 0);
	bind(l, (void *)&at, sizeof at);
	listen(l, 1);
	getsockname(l, (void *)&at, &length);
	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	connect(ends[0], (void *)&at, sizeof at);
	ends[1] = accept(l, 0, 0);
	close(l);
}

CASE(owners) {
	int p[2], pid = 0;
	struct f_owner_ex ex = { 9, 9 };
	pipe(p);
	TRY(fcntl(p[0], F_GETOWN));
	TRY(fcntl(p[0], F_SETOWN, 999999));
	TRY(fcntl(p[0], F_SETOWN, -999999));
	TRY(fcntl(p[0], F_SETOWN, INT_MIN));
	TRY(fcntl(p[0], F_SETOWN, getpid()));
	IS(fcntl(p[0], F_GETOWN) == getpid());
	TRY(fcntl(p[0], F_SETOWN, -getpid()));
	TRY(fcntl(p[0], F_GETOWN_EX, &ex));
	say("%d %d", ex.type, ex.pid == getpid());
	ex = (struct f_owner_ex){ F_OWNER_TID, 999999 };
	TRY(fcntl(p[0], F_SETOWN_EX, &ex));
	ex = (struct f_owner_ex){ 7, 1 };
	TRY(fcntl(p[0], F_SETOWN_EX, &ex));
	ex = (struct f_owner_ex){ F_OWNER_TID, getpid() };
	TRY(fcntl(p[0], F_SETOWN_EX, &ex));
	TRY(fcntl(p[0], F_SETOWN, 0));
	TRY(fcntl(p[0], F_GETOWN));
	TRY(fcntl(p[0], F_SETSIG, 65));
	TRY(fcntl(p[0], F_SETSIG, SIGUSR1));
	TRY(fcntl(p[0], F_GETSIG));
	int s[2];
	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	pid = getpid();
	TRY(ioctl(s[0], FIOSETOWN, &pid));
	pid = 0;
	TRY(ioctl(s[0], SIOCGPGRP, &pid));
	IS(pid == getpid());
	pid = 999999;
	TRY(ioctl(s[0], SIOCSPGRP, &pid));
	TRY(ioctl(s[0], SIOCSPGRP, BAD_POINTER));
}

CASE(a_pipe_tells_that_it_is_ready) {
	int p[2];
	char b[8];
	pipe(p);
	async(p[0], 0);
	TRY(fcntl(p[0], F_GETFL));
	took(SIGIO);
	write(p[1], "x", 1);
	took(SIGIO);
	write(p[1], "y", 1);
	took(SIGIO);
	fcntl(p[0], F_SETSIG, SIGRTMIN + 1);
	held(SIGRTMIN + 1);
	write(p[1], "z", 1);
	write(p[1], "z", 1);
	took(SIGRTMIN + 1);
	took(SIGRTMIN + 1);
	took(SIGRTMIN + 1);
	async(p[1], SIGRTMIN + 2);
	read(p[0], b, 8);
	took(SIGRTMIN + 2);
	int on = 0;
	TRY(ioctl(p[0], FIOASYNC, &on));
	TRY(fcntl(p[0], F_GETFL));
	write(p[1], "z", 1);
	took(SIGRTMIN + 1);
	close(p[0]);
	took(SIGRTMIN + 2);
}

CASE(the_signal_says_which_descriptor) {
	int s[2];
	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	async(s[0], SIGRTMIN);
	write(s[1], "x", 1);
	took(SIGRTMIN);
	fcntl(s[0], F_SETSIG, SIGIO);
	held(SIGIO);
	write(s[1], "x", 1);
	took(SIGIO);
	fcntl(s[0], F_SETSIG, SIGCHLD);
	held(SIGCHLD);
	write(s[1], "x", 1);
	took(SIGCHLD);
	fcntl(s[0], F_SETSIG, SIGRTMIN);
	shutdown(s[1], SHUT_WR);
	took(SIGRTMIN);
	close(s[1]);
	took(SIGRTMIN);
}

CASE(sockets_tell_of_connections_and_data) {
	struct sockaddr_in at = { AF_INET, 0, { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof at;
	int l = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0);
	bind(l, (void *)&at, sizeof at);
	listen(l, 1);
	getsockname(l, (void *)&at, &length);
	async(l, SIGRTMIN);
	int c = socket(AF_INET, SOCK_STREAM, 0);
	async(c, SIGRTMIN + 1);
	connect(c, (void *)&at, sizeof at);
	took(SIGRTMIN);
	took(SIGRTMIN + 1);
	int a = accept(l, 0, 0);
	write(a, "x", 1);
	took(SIGRTMIN + 1);
	shutdown(a, SHUT_WR);
	took(SIGRTMIN + 1);
	at.sin_port = 0;
	bind(u, (void *)&at, sizeof at);
	getsockname(u, (void *)&at, &length);
	async(u, SIGRTMIN + 2);
	sendto(u, "x", 1, 0, (void *)&at, sizeof at);
	took(SIGRTMIN + 2);
}

CASE(inotify_and_files) {
	int i = inotify_init(), f = open("f", O_RDWR | O_CREAT | O_ASYNC, 0600), on = 1;
	TRY(fcntl(f, F_GETFL));
	TRY(fcntl(f, F_SETFL, O_ASYNC));
	TRY(fcntl(f, F_GETFL));
	TRY(fcntl(f, F_SETFL, 0));
	TRY(ioctl(f, FIOASYNC, &on));
	inotify_add_watch(i, ".", IN_CREATE);
	async(i, SIGRTMIN);
	close(open("g", O_CREAT | O_WRONLY, 0600));
	took(SIGRTMIN);
}

CASE(a_terminal_tells_that_it_is_ready) {
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY), zero = 0;
	ioctl(master, TIOCSPTLCK, &zero);
	int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	held(SIGIO);
	TRY(fcntl(slave, F_SETFL, O_RDWR | O_ASYNC));
	IS(fcntl(slave, F_GETOWN) == getpid());
	write(master, "part", 4);
	usleep(30000);
	took(SIGIO);
	write(master, "\n", 1);
	usleep(30000);
	took(SIGIO);
}

CASE(a_group_is_told) {
	int p[2], q[2], r[2];
	char b;
	pipe(p);
	pipe(q);
	pipe(r);
	pid_t c = CHILD({ held(SIGIO); write(q[1], "x", 1); read(r[0], &b, 1); took(SIGIO); });
	held(SIGIO);
	read(q[0], &b, 1);
	fcntl(p[0], F_SETOWN, -getpgrp());
	fcntl(p[0], F_SETFL, O_ASYNC);
	write(p[1], "x", 1);
	took(SIGIO);
	write(r[1], "x", 1);
	waitpid(c, 0, 0);
}

CASE(urgent_data) {
	int s[2], at = 9;
	char b[16] = "";
	struct pollfd f;
	connection(s);
	TRY(ioctl(s[1], SIOCATMARK, &at));
	say("%d", at);
	TRY(recv(s[1], b, 1, MSG_OOB));
	held(SIGURG);
	fcntl(s[1], F_SETOWN, getpid());
	TRY(send(s[0], "abc", 3, 0));
	TRY(send(s[0], "de!", 3, MSG_OOB));
	TRY(send(s[0], "fgh", 3, 0));
	took(SIGURG);
	f = (struct pollfd){ s[1], POLLIN | POLLPRI };
	TRY(poll(&f, 1, 0));
	say("%x", f.revents);
	TRY(ioctl(s[1], FIONREAD, &at));
	say("%d", at);
	TRY(recv(s[1], b, 16, MSG_PEEK));
	say("%.16s", b);
	TRY(recv(s[1], b, 16, 0));
	say("%.5s", b);
	TRY(ioctl(s[1], SIOCATMARK, &at));
	say("%d", at);
	TRY(recv(s[1], b, 1, MSG_OOB | MSG_PEEK));
	TRY(recv(s[1], b, 1, MSG_OOB));
	say("%c", b[0]);
	TRY(recv(s[1], b, 1, MSG_OOB));
	TRY(poll(&f, 1, 0));
	say("%x", f.revents);
	TRY(ioctl(s[1], SIOCATMARK, &at));
	say("%d", at);
	TRY(recv(s[1], b, 16, 0));
	say("%.3s", b);
	TRY(ioctl(s[1], SIOCATMARK, &at));
	say("%d", at);
}

CASE(urgent_data_in_line) {
	int s[2], on = 1, at;
	char b[16] = "";
	connection(s);
	setsockopt(s[1], SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
	send(s[0], "ab", 2, 0);
	send(s[0], "!", 1, MSG_OOB);
	send(s[0], "cd", 2, 0);
	TRY(recv(s[1], b, 1, MSG_OOB));
	TRY(ioctl(s[1], FIONREAD, &at));
	say("%d", at);
	TRY(recv(s[1], b, 16, 0));
	say("%.2s", b);
	TRY(ioctl(s[1], SIOCATMARK, &at));
	say("%d", at);
	TRY(recv(s[1], b, 16, 0));
	say("%.3s", b);
}

CASE(urgent_data_that_nobody_took) {
	int s[2], at;
	char b[16] = "";
	connection(s);
	send(s[0], "1", 1, MSG_OOB);
	send(s[0], "ab", 2, 0);
	send(s[0], "2", 1, MSG_OOB);
	TRY(recv(s[1], b, 16, 0));
	say("%.2s", b);
	TRY(recv(s[1], b, 1, MSG_OOB));
	say("%c", b[0]);
	TRY(send(s[0], "3", 1, MSG_OOB));
	TRY(recv(s[1], b, 16, MSG_DONTWAIT));
	struct iovec v = { b, 4 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	TRY(recvmsg(s[1], &m, MSG_OOB));
	say("%x", m.msg_flags);
	send(s[0], "x4", 2, MSG_OOB);
	v.iov_len = 0;
	TRY(recvmsg(s[1], &m, MSG_OOB));
	say("%x", m.msg_flags);
	close(s[0]);
	TRY(read(s[1], b, 16));
	TRY(read(s[1], b, 16));
}

CASE(select_tells_of_urgent_data) {
	int s[2];
	fd_set e;
	connection(s);
	send(s[0], "u", 1, MSG_OOB);
	FD_ZERO(&e);
	FD_SET(s[1], &e);
	struct timeval none = { 1, 0 };
	TRY(select(s[1] + 1, NULL, NULL, &e, &none));
	IS(FD_ISSET(s[1], &e));
}

CASE(leases_are_refused) {
	int p[2], r = open("f", O_RDONLY | O_CREAT, 0600), w = -1;
	pipe(p);
	TRY(fcntl(99, F_GETLEASE));
	TRY(fcntl(p[0], F_SETLEASE, F_RDLCK));
	TRY(fcntl(r, F_SETLEASE, 7));
	TRY(fcntl(r, F_GETLEASE));
	TRY(fcntl(r, F_SETLEASE, F_UNLCK));
	TRY(fcntl(r, F_SETLEASE, F_WRLCK));
	TRY(fcntl(r, F_SETLEASE, F_RDLCK));
	TRY(fcntl(r, F_GETLEASE));
	TRY(fcntl(r, F_SETLEASE, F_UNLCK));
	w = open("f", O_RDWR);
	TRY(fcntl(r, F_SETLEASE, F_RDLCK));
	TRY(fcntl(w, F_SETLEASE, F_WRLCK));
	close(r);
	TRY(fcntl(w, F_SETLEASE, F_RDLCK));
	TRY(fcntl(w, F_SETLEASE, F_WRLCK));
	TRY(fcntl(w, F_GETLEASE));
	int d = open(".", O_RDONLY);
	TRY(fcntl(d, F_SETLEASE, F_RDLCK));
	int o = open("/etc/passwd", O_RDONLY);
	TRY(fcntl(o, F_SETLEASE, F_RDLCK));
}

CASE(a_read_lease_is_broken_by_a_writer) {
	int f = open("f", O_RDONLY | O_CREAT, 0600), p[2];
	char b;
	pipe(p);
	held(SIGIO);
	TRY(fcntl(f, F_SETLEASE, F_RDLCK));
	IN_CHILD("reader", { TRY(open("f", O_RDONLY | O_NONBLOCK) > 0); });
	took(SIGIO);
	IN_CHILD("writer that does not wait", { TRY(open("f", O_WRONLY | O_NONBLOCK)); });
	took(SIGIO);
	TRY(fcntl(f, F_GETLEASE));
	pid_t c = CHILD({ write(p[1], "x", 1); TRY(open("f", O_WRONLY) > 0); });
	read(p[0], &b, 1);
	usleep(30000);
	TRY(fcntl(f, F_SETLEASE, F_UNLCK));
	waitpid(c, 0, 0);
	TRY(fcntl(f, F_GETLEASE));
}

CASE(a_write_lease_becomes_a_read_lease) {
	int f = open("f", O_RDWR | O_CREAT, 0600), p[2];
	char b;
	pipe(p);
	fcntl(f, F_SETSIG, SIGRTMIN);
	held(SIGRTMIN);
	TRY(fcntl(f, F_SETLEASE, F_WRLCK));
	pid_t c = CHILD({ close(f); write(p[1], "x", 1); TRY(open("f", O_RDONLY) > 0); write(p[1], "y", 1); });
	read(p[0], &b, 1);
	usleep(30000);
	took(SIGRTMIN);
	TRY(fcntl(f, F_GETLEASE));
	close(f);
	read(p[0], &b, 1);
	waitpid(c, 0, 0);
}

CASE(truncation_breaks_a_lease) {
	int f = open("f", O_RDONLY | O_CREAT, 0600);
	on(SIGIO);
	TRY(fcntl(f, F_SETLEASE, F_RDLCK));
	TRY(truncate("f", 5));
	say("told %d", told);
	TRY(fcntl(f, F_GETLEASE));
	TRY(fcntl(f, F_SETLEASE, F_UNLCK));
	TRY(truncate("f", 5));
}

CASE(dnotify) {
	int d = open(".", O_RDONLY), f, p[2];
	pipe(p);
	held(SIGIO);
	TRY(fcntl(p[0], F_NOTIFY, DN_CREATE));
	TRY(fcntl(d, F_NOTIFY, DN_CREATE));
	f = open("a", O_RDWR | O_CREAT, 0600);
	took(SIGIO);
	close(open("b", O_RDWR | O_CREAT, 0600));
	took(SIGIO);
	fcntl(d, F_SETSIG, SIGRTMIN);
	held(SIGRTMIN);
	TRY(fcntl(d, F_NOTIFY, DN_MULTISHOT | DN_CREATE | DN_DELETE | DN_RENAME));
	TRY(rename("b", "c"));
	took(SIGRTMIN);
	took(SIGRTMIN);
	took(SIGRTMIN);
	took(SIGRTMIN);
	TRY(unlink("c"));
	took(SIGRTMIN);
	took(SIGRTMIN);
	write(f, "x", 1);
	took(SIGRTMIN);
	TRY(fcntl(d, F_NOTIFY, DN_MULTISHOT | DN_MODIFY | DN_ACCESS | DN_ATTRIB));
	write(f, "x", 1);
	took(SIGRTMIN);
	TRY(chmod("a", 0644));
	took(SIGRTMIN);
	TRY(mkdir("sub", 0755));
	took(SIGRTMIN);
	took(SIGRTMIN);
	TRY(fcntl(d, F_NOTIFY, 0));
	TRY(mkdir("sub2", 0755));
	took(SIGRTMIN);
	TRY(fcntl(d, F_NOTIFY, DN_MULTISHOT | DN_CREATE));
	close(dup(d));
	TRY(mkdir("sub3", 0755));
	took(SIGRTMIN);
}
