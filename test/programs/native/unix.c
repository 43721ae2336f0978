/* UNIX sockets: streams, datagrams, packets, names, descriptors and credentials in flight, ends. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *what, long r) { if (r < 0) printf("%s: %s\n", what, strerrorname_np(errno)); else printf("%s: %ld\n", what, r); fflush(stdout); }

static socklen_t name(struct sockaddr_un *a, const char *path) { memset(a, 0, sizeof *a); a->sun_family = AF_UNIX; strcpy(a->sun_path, path); return offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1; }

static void polled(const char *what, int fd) { struct pollfd p = { fd, POLLIN | POLLOUT | POLLRDHUP, 0 }; int n = poll(&p, 1, 0); printf("%s: poll %d, %s%s%s%s%s\n", what, n, p.revents & POLLIN ? "IN " : "", p.revents & POLLOUT ? "OUT " : "", p.revents & POLLHUP ? "HUP " : "", p.revents & POLLRDHUP ? "RDHUP " : "", p.revents & POLLERR ? "ERR " : ""); }

static void send_fd(int sock, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte = 'f';
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET; c->cmsg_type = SCM_RIGHTS; c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	say("sendmsg with a descriptor", sendmsg(sock, &m, 0));
}

static int receive_fd(int sock, int flags)
{
	char control[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))], buffer[8];
	struct iovec iov = { buffer, sizeof buffer };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	int fd = -1;
	say("recvmsg", recvmsg(sock, &m, flags));
	printf("controllen %zu flags %x\n", (size_t)m.msg_controllen, m.msg_flags);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_type == SCM_RIGHTS) { memcpy(&fd, CMSG_DATA(c), sizeof fd); printf("a descriptor, cloexec %d\n", fcntl(fd, F_GETFD)); }
		if (c->cmsg_type == SCM_CREDENTIALS) { struct ucred u; memcpy(&u, CMSG_DATA(c), sizeof u); printf("credentials: own pid %d uid %d\n", u.pid == getpid(), u.uid == getuid()); }
	}
	return fd;
}

int main(void)
{
	int sv[2], on = 1; char buffer[70000]; struct sockaddr_un a, b; socklen_t length;
	signal(SIGPIPE, SIG_IGN);

	puts("-- stream pair");
	say("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	polled("fresh", sv[0]);
	say("write", write(sv[0], "hello ", 6));
	say("send", send(sv[0], "world", 5, 0));
	say("peek", recv(sv[1], buffer, 3, MSG_PEEK));
	int n; ioctl(sv[1], FIONREAD, &n); printf("FIONREAD %d\n", n);
	say("read joins writes", read(sv[1], buffer, sizeof buffer)); printf("%.11s\n", buffer);
	say("recv of nothing", recv(sv[1], buffer, 1, MSG_DONTWAIT));
	say("send with address", sendto(sv[0], "x", 1, 0, (struct sockaddr *)&a, sizeof a));
	length = sizeof a; say("getsockname", getsockname(sv[0], (struct sockaddr *)&a, &length)); printf("length %d family %d\n", length, a.sun_family);
	length = sizeof a; say("getpeername", getpeername(sv[0], (struct sockaddr *)&a, &length)); printf("length %d\n", length);
	struct ucred peer; length = sizeof peer; say("SO_PEERCRED", getsockopt(sv[0], SOL_SOCKET, SO_PEERCRED, &peer, &length)); printf("own %d\n", peer.pid == getpid());
	fcntl(sv[0], F_SETFL, O_NONBLOCK);
	long total = 0, count = 0, r; while ((r = write(sv[0], "1", 1)) > 0) { total += r; count++; }
	say("one byte too many", r);
	printf("single bytes fit: %s\n", count > 100 && count < 400 ? "some hundreds" : "?");
	polled("full", sv[0]); polled("its reader", sv[1]);
	total = 0; while ((r = recv(sv[1], buffer, sizeof buffer, MSG_DONTWAIT)) > 0) total += r;
	printf("all read %d\n", total == count);
	polled("emptied", sv[0]);
	say("shutdown", shutdown(sv[0], SHUT_WR));
	say("read at end", read(sv[1], buffer, 1));
	polled("half closed", sv[1]);
	say("write after shutdown", write(sv[0], "x", 1));
	say("write the other way", write(sv[1], "back", 4));
	say("close", close(sv[1]));
	polled("peer gone", sv[0]);
	say("read what was sent", read(sv[0], buffer, 10)); say("then", read(sv[0], buffer, 10));
	close(sv[0]);
	socketpair(AF_UNIX, SOCK_STREAM, 0, sv); write(sv[0], "unread", 6); close(sv[1]);
	say("read after unread data", read(sv[0], buffer, 10)); say("write to nobody", write(sv[0], "x", 1)); close(sv[0]);

	puts("-- descriptors and credentials");
	socketpair(AF_UNIX, SOCK_STREAM, 0, sv); int pipes[2]; pipe(pipes);
	write(sv[0], "before", 6); send_fd(sv[0], pipes[1]); write(sv[0], "after", 5);
	say("read up to it", read(sv[1], buffer, 6));
	setsockopt(sv[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
	int got = receive_fd(sv[1], MSG_CMSG_CLOEXEC);
	say("use it", write(got, "through", 7)); say("pipe", read(pipes[0], buffer, 10)); close(got);
	say("the rest", read(sv[1], buffer, 10));
	send_fd(sv[0], pipes[0]); say("dropped by read", read(sv[1], buffer, 10)); send_fd(sv[0], 999);
	close(sv[0]); close(sv[1]);

	puts("-- names");
	char folder[] = "/tmp/ringside-unix-XXXXXX"; mkdtemp(folder); chdir(folder);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
	length = name(&a, "server");
	say("connect to nothing", connect(client, (struct sockaddr *)&a, length));
	say("listen unbound", listen(listener, 1));
	say("bind", bind(listener, (struct sockaddr *)&a, length));
	say("bind again", bind(listener, (struct sockaddr *)&a, length));
	say("connect unlistened", connect(client, (struct sockaddr *)&a, length));
	say("listen", listen(listener, 1));
	fcntl(listener, F_SETFL, O_NONBLOCK); say("accept nobody", accept4(listener, NULL, NULL, 0)); polled("listener", listener);
	say("read unconnected", read(client, buffer, 1)); say("write unconnected", write(client, "x", 1)); polled("unconnected", client);
	say("connect", connect(client, (struct sockaddr *)&a, length)); polled("listener", listener);
	say("connect again", connect(client, (struct sockaddr *)&a, length));
	say("write before accept", write(client, "early", 5));
	int extra[4]; for (int i = 0; i < 3; i++) { extra[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0); say("queued connect", connect(extra[i], (struct sockaddr *)&a, length)); }
	socklen_t peerlength = sizeof b; int server = accept4(listener, (struct sockaddr *)&b, &peerlength, SOCK_CLOEXEC); printf("accepted %d, peer's name has %d bytes, cloexec %d\n", server >= 0, peerlength, fcntl(server, F_GETFD));
	say("read", read(server, buffer, 10)); peerlength = sizeof b; getpeername(client, (struct sockaddr *)&b, &peerlength); printf("peer %s %d\n", b.sun_path, peerlength);
	struct stat { char room[256]; } ignored; (void)ignored;
	say("close listener with waiting connections", close(listener)); say("read reset", read(extra[0], buffer, 1)); polled("reset", extra[0]);
	for (int i = 0; i < 3; i++) close(extra[i]);
	close(client); say("read at end", read(server, buffer, 1)); close(server);
	client = socket(AF_UNIX, SOCK_STREAM, 0); say("connect to a name without owner", connect(client, (struct sockaddr *)&a, length)); close(client);
	listener = socket(AF_UNIX, SOCK_STREAM, 0); say("bind to a name that exists", bind(listener, (struct sockaddr *)&a, length)); say("unlink", unlink("server")); say("bind", bind(listener, (struct sockaddr *)&a, length)); unlink("server"); close(listener);

	puts("-- abstract names and a child that blocks");
	memset(&a, 0, sizeof a); a.sun_family = AF_UNIX; memcpy(a.sun_path, "\0ringside-test", 14); length = offsetof(struct sockaddr_un, sun_path) + 14;
	listener = socket(AF_UNIX, SOCK_SEQPACKET, 0); say("bind", bind(listener, (struct sockaddr *)&a, length)); listen(listener, 5);
	if (fork() == 0) {
		int c = socket(AF_UNIX, SOCK_SEQPACKET, 0); connect(c, (struct sockaddr *)&a, length);
		send(c, "first", 5, 0); send(c, "second packet", 13, 0); send(c, "", 0, 0); send(c, "last", 4, 0);
		char answer[8]; int k = recv(c, answer, sizeof answer, 0); _exit(k == 2 ? 7 : 8);
	}
	server = accept(listener, NULL, NULL); int status; struct iovec iov = { buffer, 4 }; struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	say("packet cut", recvmsg(server, &m, 0)); printf("flags %x\n", m.msg_flags); say("whole length", recv(server, buffer, 4, MSG_TRUNC)); say("empty packet", recv(server, buffer, 9, 0)); say("last", recv(server, buffer, 9, 0));
	say("answer", send(server, "ok", 2, MSG_NOSIGNAL)); wait(&status); printf("child %d\n", WEXITSTATUS(status)); say("gone", recv(server, buffer, 9, 0)); close(server); close(listener);

	puts("-- datagrams");
	int d1 = socket(AF_UNIX, SOCK_DGRAM, 0), d2 = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	length = name(&a, "one"); bind(d1, (struct sockaddr *)&a, length);
	say("send unconnected", send(d2, "x", 1, 0)); say("sendto", sendto(d2, "to one", 6, 0, (struct sockaddr *)&a, length));
	peerlength = sizeof b; say("recvfrom", recvfrom(d1, buffer, 99, 0, (struct sockaddr *)&b, &peerlength)); printf("from %d bytes\n", peerlength);
	say("connect", connect(d2, (struct sockaddr *)&a, length)); struct sockaddr_un mine; name(&mine, "two"); bind(d2, (struct sockaddr *)&mine, sizeof mine);
	for (count = 0; send(d2, "full?", 5, 0) == 5; count++); printf("datagrams until full: %ld, %s\n", count, strerrorname_np(errno)); polled("sender", d2);
	peerlength = sizeof b; say("recvfrom", recvfrom(d1, buffer, 2, 0, (struct sockaddr *)&b, &peerlength)); printf("from %s\n", b.sun_path); polled("sender", d2);
	say("too large", send(d2, buffer, sizeof buffer * 0 + 70000, 0)); close(d1); say("send to nobody", send(d2, "x", 1, 0)); say("and again", send(d2, "x", 1, 0)); close(d2);
	unlink("one"); unlink("two"); chdir("/"); rmdir(folder);

	puts("-- refusals");
	say("family", socket(99, SOCK_STREAM, 0)); say("type", socket(AF_UNIX, 77, 0)); say("protocol", socket(AF_UNIX, SOCK_STREAM, 5)); say("no socket", send(0, "x", 1, 0)); say("closed", send(99, "x", 1, 0));
	int s = socket(AF_UNIX, SOCK_STREAM, 0); say("short address", connect(s, (struct sockaddr *)&a, 1)); say("long address", connect(s, (struct sockaddr *)&a, 200)); say("accept", accept(s, NULL, NULL)); say("shutdown", shutdown(s, 9)); say("getpeername", getpeername(s, (struct sockaddr *)&b, &peerlength));
	say("option", setsockopt(s, SOL_SOCKET, 12345, &on, sizeof on)); say("level", setsockopt(s, 6, 1, &on, sizeof on)); say("fault", connect(s, (struct sockaddr *)8, 10)); close(s);
	return 0;
}
