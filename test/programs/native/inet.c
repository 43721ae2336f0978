/* TCP and UDP over the loopback device: connections, ends, refusals, options, readiness. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *what, long r) { if (r < 0) printf("%s: %s\n", what, strerrorname_np(errno)); else printf("%s: %ld\n", what, r); fflush(stdout); }
static void polled(const char *what, int fd) { struct pollfd p = { fd, POLLIN | POLLOUT | POLLRDHUP, 0 }; int n = poll(&p, 1, 0); printf("%s: poll %d, %s%s%s%s%s\n", what, n, p.revents & POLLIN ? "IN " : "", p.revents & POLLOUT ? "OUT " : "", p.revents & POLLHUP ? "HUP " : "", p.revents & POLLRDHUP ? "RDHUP " : "", p.revents & POLLERR ? "ERR " : ""); }
static int option(int fd, int level, int name) { int v = -1; socklen_t n = sizeof v; if (getsockopt(fd, level, name, &v, &n) < 0) return -errno; return v; }
static struct sockaddr_in at(const char *text, int port) { struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) }; inet_pton(AF_INET, text, &a.sin_addr); return a; }
static int port_of(int fd) { struct sockaddr_in a; socklen_t n = sizeof a; getsockname(fd, (struct sockaddr *)&a, &n); return ntohs(a.sin_port); }

static void pair(int listener, int *client, int *server)
{
	struct sockaddr_in a = at("127.0.0.1", port_of(listener));
	*client = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(*client, (struct sockaddr *)&a, sizeof a) < 0) perror("connect");
	*server = accept(listener, NULL, NULL);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	char buffer[100000]; int on = 1, client, server; socklen_t length; struct sockaddr_in a, b;

	puts("-- connecting");
	int listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	polled("fresh", listener);
	say("send unconnected", send(listener, "x", 1, 0)); say("recv unconnected", recv(listener, buffer, 1, 0));
	a = at("127.0.0.1", 0); say("bind", bind(listener, (struct sockaddr *)&a, sizeof a)); say("bind again", bind(listener, (struct sockaddr *)&a, sizeof a));
	int other = socket(AF_INET, SOCK_STREAM, 0); a = at("127.0.0.1", port_of(listener)); say("bind to a taken port", bind(other, (struct sockaddr *)&a, sizeof a));
	say("connect where nobody listens", connect(other, (struct sockaddr *)&a, sizeof a)); close(other);
	say("listen", listen(listener, 2)); printf("acceptconn %d\n", option(listener, SOL_SOCKET, SO_ACCEPTCONN));
	other = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	say("connect, nonblocking", connect(other, (struct sockaddr *)&a, sizeof a)); polled("connected", other); printf("SO_ERROR %d\n", option(other, SOL_SOCKET, SO_ERROR)); say("connect again", connect(other, (struct sockaddr *)&a, sizeof a));
	polled("listener", listener); length = sizeof b; server = accept(listener, (struct sockaddr *)&b, &length); printf("peer %s, its port %d, length %d\n", inet_ntoa(b.sin_addr), ntohs(b.sin_port) == port_of(other), length);
	length = sizeof b; getpeername(other, (struct sockaddr *)&b, &length); printf("getpeername %d\n", ntohs(b.sin_port) == port_of(listener)); close(other); close(server);
	int lonely = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0); struct sockaddr_in nobody = at("127.0.0.1", 1); say("nonblocking to nobody", connect(lonely, (struct sockaddr *)&nobody, sizeof nobody)); polled("refused", lonely); printf("SO_ERROR %d, then %d\n", option(lonely, SOL_SOCKET, SO_ERROR), option(lonely, SOL_SOCKET, SO_ERROR)); close(lonely);

	puts("-- data");
	pair(listener, &client, &server);
	polled("client", client);
	say("send", send(client, "hello ", 6, 0)); say("send", send(client, "world", 5, MSG_MORE)); 
	usleep(300000);
	int n; ioctl(server, FIONREAD, &n); printf("FIONREAD %d\n", n); say("peek", recv(server, buffer, 4, MSG_PEEK)); say("recv", recv(server, buffer, 100, MSG_WAITALL * 0)); printf("%.11s\n", buffer);
	say("nothing", recv(server, buffer, 1, MSG_DONTWAIT));
	struct timeval soon = { 0, 20000 }; setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon); say("timeout", recv(server, buffer, 1, 0));
	if (fork() == 0) { for (int i = 0; i < 10; i++) { write(client, buffer, 5000); usleep(1000); } _exit(0); }
	soon.tv_usec = 0; setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon); say("WAITALL", recv(server, buffer, 50000, MSG_WAITALL)); wait(NULL);
	say("shutdown", shutdown(client, SHUT_WR)); say("end", read(server, buffer, 1)); polled("half closed", server); say("write back", write(server, "answer", 6)); say("read", read(client, buffer, 10));
	say("write after shutdown", write(client, "x", 1)); close(server); say("end", read(client, buffer, 10)); polled("both closed", client); close(client);

	puts("-- ends");
	pair(listener, &client, &server); close(server); usleep(1000); polled("peer closed", client); say("read", read(client, buffer, 1)); say("first write", write(client, "x", 1)); usleep(1000); say("second write", write(client, "x", 1)); say("read", read(client, buffer, 1)); close(client);
	pair(listener, &client, &server); write(client, "unread", 6); usleep(1000); close(server); usleep(1000); polled("reset", client); say("read", read(client, buffer, 1)); say("read", read(client, buffer, 1)); say("write", write(client, "x", 1)); close(client);
	pair(listener, &client, &server); struct linger now = { 1, 0 }; setsockopt(server, SOL_SOCKET, SO_LINGER, &now, sizeof now); close(server); usleep(1000); say("lingered", read(client, buffer, 1)); close(client);

	puts("-- a child that answers");
	if (fork() == 0) { int s = accept(listener, NULL, NULL), k; while ((k = read(s, buffer, sizeof buffer)) > 0) { for (int i = 0; i < k; i++) buffer[i]++; write(s, buffer, k); } _exit(k == 0 ? 5 : 6); }
	client = socket(AF_INET, SOCK_STREAM, 0); a = at("127.0.0.1", port_of(listener)); say("connect", connect(client, (struct sockaddr *)&a, sizeof a)); write(client, "HAL", 3); say("answer", read(client, buffer, 10)); printf("%.3s\n", buffer); close(client); int status; wait(&status); printf("child %d\n", WEXITSTATUS(status));

	puts("-- options");
	client = socket(AF_INET, SOCK_STREAM, 0);
	printf("type %d domain %d protocol %d reuse %d nodelay %d keepalive %d keepidle %d\n", option(client, SOL_SOCKET, SO_TYPE), option(client, SOL_SOCKET, SO_DOMAIN), option(client, SOL_SOCKET, SO_PROTOCOL), option(client, SOL_SOCKET, SO_REUSEADDR), option(client, IPPROTO_TCP, TCP_NODELAY), option(client, SOL_SOCKET, SO_KEEPALIVE), option(client, IPPROTO_TCP, TCP_KEEPIDLE));
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); printf("nodelay %d sndbuf %d rcvbuf %d\n", option(client, IPPROTO_TCP, TCP_NODELAY), option(client, SOL_SOCKET, SO_SNDBUF), option(client, SOL_SOCKET, SO_RCVBUF));
	int small = 1; setsockopt(client, SOL_SOCKET, SO_SNDBUF, &small, sizeof small); setsockopt(client, SOL_SOCKET, SO_RCVBUF, &small, sizeof small); printf("sndbuf %d rcvbuf %d\n", option(client, SOL_SOCKET, SO_SNDBUF), option(client, SOL_SOCKET, SO_RCVBUF));
	say("unknown option", setsockopt(client, IPPROTO_TCP, 999, &on, sizeof on)); say("unknown level", setsockopt(client, 200, 1, &on, sizeof on)); say("short", setsockopt(client, SOL_SOCKET, SO_REUSEADDR, &on, 2)); close(client);

	puts("-- addresses");
	client = socket(AF_INET, SOCK_STREAM, 0); a = at("203.0.113.5", 80); a.sin_family = AF_INET6; say("wrong family", connect(client, (struct sockaddr *)&a, sizeof a)); a = at("203.0.113.5", 80); say("bind to another's address", bind(client, (struct sockaddr *)&a, sizeof a)); say("short", bind(client, (struct sockaddr *)&a, 8)); close(client);
	int six = socket(AF_INET6, SOCK_STREAM, 0); struct sockaddr_in6 a6 = { .sin6_family = AF_INET6 }, b6; say("bind ::", bind(six, (struct sockaddr *)&a6, sizeof a6)); listen(six, 5); length = sizeof a6; getsockname(six, (struct sockaddr *)&a6, &length);
	client = socket(AF_INET, SOCK_STREAM, 0); a = at("127.0.0.1", ntohs(a6.sin6_port)); say("IPv4 to an IPv6 listener", connect(client, (struct sockaddr *)&a, sizeof a)); length = sizeof b6; server = accept(six, (struct sockaddr *)&b6, &length); printf("%s %d\n", inet_ntop(AF_INET6, &b6.sin6_addr, buffer, 100), length); close(client); close(server);
	client = socket(AF_INET6, SOCK_STREAM, 0); inet_pton(AF_INET6, "::1", &a6.sin6_addr); say("::1", connect(client, (struct sockaddr *)&a6, sizeof a6)); length = sizeof b6; server = accept(six, (struct sockaddr *)&b6, &length); printf("%s\n", inet_ntop(AF_INET6, &b6.sin6_addr, buffer, 100)); close(client); close(server); printf("v6only %d\n", option(six, IPPROTO_IPV6, IPV6_V6ONLY)); close(six);

	puts("-- datagrams");
	int u = socket(AF_INET, SOCK_DGRAM, 0), v = socket(AF_INET, SOCK_DGRAM, 0); a = at("127.0.0.1", 0); bind(u, (struct sockaddr *)&a, sizeof a); a = at("127.0.0.1", port_of(u));
	say("send unconnected", send(v, "x", 1, 0)); say("sendto", sendto(v, "one", 3, 0, (struct sockaddr *)&a, sizeof a)); say("sendto", sendto(v, "", 0, 0, (struct sockaddr *)&a, sizeof a)); say("sendto", sendto(v, "three!", 6, 0, (struct sockaddr *)&a, sizeof a)); polled("receiver", u);
	length = sizeof b; say("recvfrom", recvfrom(u, buffer, 99, 0, (struct sockaddr *)&b, &length)); printf("from %s %d\n", inet_ntoa(b.sin_addr), ntohs(b.sin_port) == port_of(v)); say("empty", recv(u, buffer, 9, 0)); say("cut", recv(u, buffer, 3, MSG_TRUNC)); say("nothing", recv(u, buffer, 3, MSG_DONTWAIT));
	say("connect", connect(v, (struct sockaddr *)&a, sizeof a)); say("send", send(v, "x", 1, 0)); say("too large", send(v, buffer, 66000, 0)); say("listen", listen(v, 1)); close(u); recv(v, buffer, 1, MSG_DONTWAIT); say("send to nobody", send(v, "x", 1, 0)); usleep(1000); say("refused", send(v, "x", 1, 0)); say("recv", recv(v, buffer, 1, MSG_DONTWAIT)); 
	struct sockaddr none = { AF_UNSPEC }; say("disconnect", connect(v, &none, sizeof none)); say("send", send(v, "x", 1, 0)); close(v);

	puts("-- epoll");
	pair(listener, &client, &server); int ep = epoll_create1(0); struct epoll_event e = { EPOLLIN | EPOLLET, { .fd = server } }; epoll_ctl(ep, EPOLL_CTL_ADD, server, &e); say("quiet", epoll_wait(ep, &e, 1, 0)); write(client, "edge", 4); usleep(1000); say("edge", epoll_wait(ep, &e, 1, 100)); say("no new edge", epoll_wait(ep, &e, 1, 0)); write(client, "again", 5); usleep(1000); say("edge", epoll_wait(ep, &e, 1, 100)); close(client); usleep(1000); printf("hup %x\n", epoll_wait(ep, &e, 1, 100) == 1 ? e.events : -1);
	close(server); close(listener); return 0;
}
