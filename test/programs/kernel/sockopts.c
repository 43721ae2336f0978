// Options of sockets, connections that do not block, flags of messages, IPv6 over loopback.
#include "cases.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/un.h>

#define GET(fd, level, option) do { int value_ = -77; socklen_t length_ = sizeof value_; int r_ = getsockopt(fd, level, option, &value_, &length_); \
	if (r_) say("%s: %s", #option, error_name(errno)); else say("%s: %d, length %d", #option, value_, length_); } while (0)
#define SET(fd, level, option, to) do { int value_ = to; int r_ = setsockopt(fd, level, option, &value_, sizeof value_); say("set %s %d: %s", #option, value_, r_ ? error_name(errno) : "ok"); } while (0)
#define SETGET(fd, level, option, to) do { SET(fd, level, option, to); GET(fd, level, option); } while (0)

static struct sockaddr_in loopback(int port) { return (struct sockaddr_in){ AF_INET, htons(port), { htonl(INADDR_LOOPBACK) } }; }
static int listener(void) {
	struct sockaddr_in at = loopback(0);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bind(fd, (void *)&at, sizeof at);
	listen(fd, 5);
	return fd;
}
static int port_of(int fd) {
	struct sockaddr_in6 at;
	socklen_t length = sizeof at;
	getsockname(fd, (void *)&at, &length);
	return ntohs(((struct sockaddr_in *)&at)->sin_port);
}

CASE(options_of_every_socket) {
	int kinds[3][2] = { { AF_INET, SOCK_STREAM }, { AF_INET, SOCK_DGRAM }, { AF_UNIX, SOCK_STREAM } };
	for (int k = 0; k < 3; k++) {
		int s = socket(kinds[k][0], kinds[k][1], 0);
		GET(s, SOL_SOCKET, SO_TYPE); GET(s, SOL_SOCKET, SO_DOMAIN); GET(s, SOL_SOCKET, SO_PROTOCOL); GET(s, SOL_SOCKET, SO_ERROR); GET(s, SOL_SOCKET, SO_ACCEPTCONN);
		GET(s, SOL_SOCKET, SO_REUSEADDR); GET(s, SOL_SOCKET, SO_KEEPALIVE); GET(s, SOL_SOCKET, SO_BROADCAST); GET(s, SOL_SOCKET, SO_OOBINLINE); GET(s, SOL_SOCKET, SO_DONTROUTE);
		GET(s, SOL_SOCKET, SO_PRIORITY); GET(s, SOL_SOCKET, SO_RCVLOWAT); GET(s, SOL_SOCKET, SO_SNDLOWAT); GET(s, SOL_SOCKET, SO_TIMESTAMP);
		GET(s, SOL_SOCKET, SO_MARK); GET(s, SOL_SOCKET, SO_NO_CHECK); GET(s, SOL_SOCKET, SO_REUSEPORT); GET(s, SOL_SOCKET, SO_RXQ_OVFL); GET(s, SOL_SOCKET, SO_PEEK_OFF); GET(s, SOL_SOCKET, SO_BUSY_POLL);
		GET(s, SOL_SOCKET, SO_LOCK_FILTER); GET(s, SOL_SOCKET, SO_SELECT_ERR_QUEUE); GET(s, SOL_SOCKET, SO_WIFI_STATUS); GET(s, SOL_SOCKET, SO_NOFCS);
		SETGET(s, SOL_SOCKET, SO_REUSEADDR, 5); SETGET(s, SOL_SOCKET, SO_KEEPALIVE, 1); SETGET(s, SOL_SOCKET, SO_BROADCAST, 1); SETGET(s, SOL_SOCKET, SO_OOBINLINE, 1); SETGET(s, SOL_SOCKET, SO_DONTROUTE, 1);
		SETGET(s, SOL_SOCKET, SO_PRIORITY, 3); SETGET(s, SOL_SOCKET, SO_PRIORITY, 9); SETGET(s, SOL_SOCKET, SO_RCVLOWAT, 10); SET(s, SOL_SOCKET, SO_SNDLOWAT, 10); SETGET(s, SOL_SOCKET, SO_TIMESTAMP, 1);
		SETGET(s, SOL_SOCKET, SO_TIMESTAMPNS, 1); SETGET(s, SOL_SOCKET, SO_REUSEPORT, 1); SETGET(s, SOL_SOCKET, SO_RXQ_OVFL, 1); SET(s, SOL_SOCKET, SO_TYPE, 1); SET(s, SOL_SOCKET, SO_MARK, 7); SET(s, SOL_SOCKET, SO_DEBUG, 1);
		SETGET(s, SOL_SOCKET, SO_SNDBUF, 20000); SETGET(s, SOL_SOCKET, SO_RCVBUF, 1); SET(s, SOL_SOCKET, SO_SNDBUFFORCE, 9000); SETGET(s, SOL_SOCKET, SO_PEEK_OFF, 4);
		close(s);
	}
}

CASE(lingering_and_timeouts) {
	int s = socket(AF_INET, SOCK_STREAM, 0);
	struct linger l = { 1, 7 }, got = { 0 };
	socklen_t length = sizeof got;
	TRY(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof l));
	TRY(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, 4));
	TRY(getsockopt(s, SOL_SOCKET, SO_LINGER, &got, &length));
	say("%d %d, length %d", got.l_onoff, got.l_linger, length);
	struct timeval t = { 1, 500000 }, old = { 0 };
	length = sizeof old;
	TRY(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
	TRY(getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &old, &length));
	say("%ld %ld, length %d", (long)old.tv_sec, (long)old.tv_usec, length);
	t.tv_usec = 1000000;
	TRY(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t));
	TRY(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, 8));
	char name[16];
	length = sizeof name;
	TRY(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, name, &length));
	say("length %d", length);
	length = 2;
	short half = -1;
	TRY(getsockopt(s, SOL_SOCKET, SO_TYPE, &half, &length));
	say("%d, length %d", half, length);
	length = -1;
	TRY(getsockopt(s, SOL_SOCKET, SO_TYPE, &half, &length));
	TRY(getsockopt(s, SOL_SOCKET, SO_TYPE, &half, BAD_POINTER));
	TRY(getsockopt(s, 999, 1, &half, &length));
	TRY(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, BAD_POINTER, 4));
	TRY(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &half, 2));
}

CASE(options_of_tcp) {
	int s = socket(AF_INET, SOCK_STREAM, 0);
	GET(s, IPPROTO_TCP, TCP_NODELAY); GET(s, IPPROTO_TCP, TCP_MAXSEG); GET(s, IPPROTO_TCP, TCP_CORK); GET(s, IPPROTO_TCP, TCP_KEEPIDLE); GET(s, IPPROTO_TCP, TCP_KEEPINTVL); GET(s, IPPROTO_TCP, TCP_KEEPCNT);
	GET(s, IPPROTO_TCP, TCP_SYNCNT); GET(s, IPPROTO_TCP, TCP_LINGER2); GET(s, IPPROTO_TCP, TCP_DEFER_ACCEPT); GET(s, IPPROTO_TCP, TCP_QUICKACK); GET(s, IPPROTO_TCP, TCP_USER_TIMEOUT); GET(s, IPPROTO_TCP, TCP_FASTOPEN);
	SETGET(s, IPPROTO_TCP, TCP_NODELAY, 1); SETGET(s, IPPROTO_TCP, TCP_CORK, 1); SETGET(s, IPPROTO_TCP, TCP_KEEPIDLE, 60); SETGET(s, IPPROTO_TCP, TCP_KEEPINTVL, 10); SETGET(s, IPPROTO_TCP, TCP_KEEPCNT, 4);
	SETGET(s, IPPROTO_TCP, TCP_KEEPIDLE, 0); SETGET(s, IPPROTO_TCP, TCP_KEEPCNT, 200); SETGET(s, IPPROTO_TCP, TCP_SYNCNT, 3); SETGET(s, IPPROTO_TCP, TCP_USER_TIMEOUT, 5000); SETGET(s, IPPROTO_TCP, TCP_USER_TIMEOUT, -1);
	SETGET(s, IPPROTO_TCP, TCP_MAXSEG, 1000); SET(s, IPPROTO_TCP, TCP_MAXSEG, 1); SET(s, IPPROTO_TCP, 999, 1);
	socklen_t length;
	struct tcp_info info;
	length = sizeof info;
	TRY(getsockopt(s, IPPROTO_TCP, TCP_INFO, &info, &length));
	say("state %d", info.tcpi_state);
	int u = socket(AF_INET, SOCK_DGRAM, 0);
	SET(u, IPPROTO_TCP, TCP_NODELAY, 1);
}

CASE(options_of_ip) {
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	GET(s, IPPROTO_IP, IP_TTL); GET(s, IPPROTO_IP, IP_TOS); GET(s, IPPROTO_IP, IP_HDRINCL); GET(s, IPPROTO_IP, IP_PKTINFO); GET(s, IPPROTO_IP, IP_RECVTTL); GET(s, IPPROTO_IP, IP_RECVTOS); GET(s, IPPROTO_IP, IP_MTU_DISCOVER);
	GET(s, IPPROTO_IP, IP_RECVERR); GET(s, IPPROTO_IP, IP_MULTICAST_TTL); GET(s, IPPROTO_IP, IP_MULTICAST_LOOP); GET(s, IPPROTO_IP, IP_MTU); GET(s, IPPROTO_IP, IP_FREEBIND); GET(s, IPPROTO_IP, IP_TRANSPARENT); GET(s, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
	SETGET(s, IPPROTO_IP, IP_TTL, 9); SETGET(s, IPPROTO_IP, IP_TTL, 0); SETGET(s, IPPROTO_IP, IP_TTL, 256); SETGET(s, IPPROTO_IP, IP_TTL, -1); SETGET(s, IPPROTO_IP, IP_TOS, 0x10); SETGET(s, IPPROTO_IP, IP_PKTINFO, 1);
	SETGET(s, IPPROTO_IP, IP_RECVTTL, 1); SETGET(s, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO); SET(s, IPPROTO_IP, IP_MTU_DISCOVER, 99); SETGET(s, IPPROTO_IP, IP_RECVERR, 1); SETGET(s, IPPROTO_IP, IP_MULTICAST_TTL, 3);
	SETGET(s, IPPROTO_IP, IP_MULTICAST_LOOP, 0); SETGET(s, IPPROTO_IP, IP_FREEBIND, 1); SET(s, IPPROTO_IP, IP_TRANSPARENT, 1); SET(s, IPPROTO_IP, 999, 1); GET(s, IPPROTO_IP, 999);
	GET(s, IPPROTO_UDP, UDP_CORK); SETGET(s, IPPROTO_UDP, UDP_CORK, 1);
}

CASE(connecting_without_blocking) {
	int l = listener(), s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct sockaddr_in at = loopback(port_of(l));
	struct pollfd p = { s, POLLOUT };
	int r = connect(s, (void *)&at, sizeof at);
	say("%s", r == 0 || errno == EINPROGRESS ? "on its way" : error_name(errno));
	TRY(poll(&p, 1, 1000));
	GET(s, SOL_SOCKET, SO_ERROR);
	int a = accept(l, NULL, NULL);
	TRY(send(s, "hi", 2, 0));
	char b[8] = "";
	TRY(recv(a, b, 8, 0));
	TRY(connect(s, (void *)&at, sizeof at));
	close(l);
	int refused = socket(AF_INET, SOCK_STREAM, 0);
	TRY(connect(refused, (void *)&at, sizeof at));
	TRY(accept4(l, NULL, NULL, SOCK_NONBLOCK));
	int nobody = socket(AF_INET, SOCK_STREAM, 0);
	TRY(send(nobody, "x", 1, MSG_NOSIGNAL));
	TRY(recv(nobody, b, 1, 0));
	int l2 = listener();
	fcntl(l2, F_SETFL, O_NONBLOCK);
	TRY(accept(l2, NULL, NULL));
}

CASE(flags_of_messages) {
	int p[2], u[2];
	char b[16];
	socketpair(AF_UNIX, SOCK_STREAM, 0, p);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, u);
	TRY(recv(p[0], b, 4, MSG_DONTWAIT));
	write(p[1], "abcdef", 6);
	TRY(recv(p[0], b, 4, MSG_PEEK)); say("%.4s", b);
	TRY(recv(p[0], b, 2, MSG_WAITALL)); say("%.2s", b);
	TRY(recv(p[0], b, 16, MSG_DONTWAIT)); say("%.4s", b);
	write(u[1], "datagram", 8);
	TRY(recv(u[0], b, 3, MSG_PEEK | MSG_TRUNC));
	TRY(recv(u[0], b, 3, MSG_TRUNC)); say("%.3s", b);
	TRY(send(u[1], "", 0, 0)); TRY(recv(u[0], b, 3, 0));
	TRY(send(p[1], "x", 1, MSG_MORE | MSG_EOR | MSG_DONTROUTE | MSG_CONFIRM));
	close(p[0]);
	TRY(send(p[1], "x", 1, MSG_NOSIGNAL));
	int l = listener(), s = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in at = loopback(port_of(l));
	connect(s, (void *)&at, sizeof at);
	int a = accept(l, NULL, NULL);
	send(s, "abc", 3, MSG_MORE); send(s, "def", 3, 0);
	TRY(recv(a, b, 6, MSG_WAITALL)); say("%.6s", b);
	TRY(recv(a, b, 1, MSG_OOB));
	TRY(recv(a, b, 4, MSG_TRUNC | MSG_DONTWAIT));
	shutdown(s, SHUT_WR);
	TRY(recv(a, b, 4, 0));
	TRY(send(s, "x", 1, MSG_NOSIGNAL));
}

CASE(ipv6_over_loopback) {
	struct sockaddr_in6 at = { AF_INET6, 0, 0, IN6ADDR_LOOPBACK_INIT }, from;
	socklen_t length = sizeof from;
	char b[16] = "", text[64];
	int l = TRY(socket(AF_INET6, SOCK_STREAM, 0));
	GET(l, IPPROTO_IPV6, IPV6_V6ONLY); GET(l, IPPROTO_IPV6, IPV6_UNICAST_HOPS); GET(l, IPPROTO_IPV6, IPV6_MULTICAST_LOOP); GET(l, IPPROTO_IPV6, IPV6_RECVPKTINFO); GET(l, IPPROTO_IPV6, IPV6_TCLASS);
	SETGET(l, IPPROTO_IPV6, IPV6_V6ONLY, 1); SETGET(l, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 7); SETGET(l, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	TRY(bind(l, (void *)&at, sizeof at));
	TRY(bind(l, (void *)&at, 20));
	TRY(listen(l, 1));
	at.sin6_port = htons(port_of(l));
	int s = socket(AF_INET6, SOCK_STREAM, 0);
	TRY(connect(s, (void *)&at, sizeof at));
	int a = accept(l, (void *)&from, &length);
	say("from %s, length %d", inet_ntop(AF_INET6, &from.sin6_addr, text, 64), length);
	TRY(send(s, "six", 3, 0));
	TRY(recv(a, b, 16, 0)); say("%s", b);
	int u = socket(AF_INET6, SOCK_DGRAM, 0), v = socket(AF_INET6, SOCK_DGRAM, 0);
	at.sin6_port = 0;
	TRY(bind(u, (void *)&at, sizeof at));
	at.sin6_port = htons(port_of(u));
	TRY(sendto(v, "udp", 3, 0, (void *)&at, sizeof at));
	length = sizeof from;
	TRY(recvfrom(u, b, 16, 0, (void *)&from, &length));
	say("%.3s from %s", b, inet_ntop(AF_INET6, &from.sin6_addr, text, 64));
	// IPv4 through a socket of IPv6.
	int both = socket(AF_INET6, SOCK_STREAM, 0), four = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in6 any = { AF_INET6 };
	TRY(bind(both, (void *)&any, sizeof any));
	listen(both, 1);
	struct sockaddr_in at4 = loopback(port_of(both));
	TRY(connect(four, (void *)&at4, sizeof at4));
	length = sizeof from;
	a = accept(both, (void *)&from, &length);
	say("from %s", a >= 0 ? inet_ntop(AF_INET6, &from.sin6_addr, text, 64) : "nobody");
}

CASE(several_messages_received_by_one_call) {
	int u[2];
	char a[8] = "", b[8] = "", c[8] = "";
	socketpair(AF_UNIX, SOCK_DGRAM, 0, u);
	struct iovec v[3] = { { a, 8 }, { b, 2 }, { c, 8 } };
	struct mmsghdr m[3] = { { { .msg_iov = v, .msg_iovlen = 1 } }, { { .msg_iov = v + 1, .msg_iovlen = 1 } }, { { .msg_iov = v + 2, .msg_iovlen = 1 } } };
	write(u[1], "one", 3); write(u[1], "three", 5);
	TRY(recvmmsg(u[0], m, 3, MSG_DONTWAIT, NULL));
	say("%s %d, %.2s %d %x", a, m[0].msg_len, b, m[1].msg_len, m[1].msg_hdr.msg_flags);
	TRY(recvmmsg(u[0], m, 3, MSG_DONTWAIT, NULL));
	write(u[1], "x", 1);
	struct timespec t = { 5, 0 };
	TRY(recvmmsg(u[0], m, 3, MSG_WAITFORONE, &t));
	TRY(recvmmsg(u[0], m, 0, 0, NULL));
	t.tv_nsec = -1;
	TRY(recvmmsg(u[0], m, 1, 0, &t));
	TRY(recvmmsg(99, m, 1, 0, NULL));
	TRY(recvmmsg(u[0], BAD_POINTER, 1, MSG_DONTWAIT, NULL));
}

CASE(datagram_sockets_connect_again) {
	struct sockaddr_in6 six = { AF_INET6, htons(9), 0, IN6ADDR_LOOPBACK_INIT }, me;
	struct sockaddr_in four = loopback(9);
	struct sockaddr nobody = { AF_UNSPEC };
	socklen_t length = sizeof me;
	char text[64];
	int s = socket(AF_INET6, SOCK_DGRAM, 0);
	TRY(connect(s, (void *)&six, sizeof six));
	getsockname(s, (void *)&me, &length);
	say("%s, port %d", inet_ntop(AF_INET6, &me.sin6_addr, text, 64), me.sin6_port != 0);
	TRY(connect(s, &nobody, sizeof nobody));
	getsockname(s, (void *)&me, &length);
	say("%s, port %d", inet_ntop(AF_INET6, &me.sin6_addr, text, 64), me.sin6_port != 0);
	TRY(connect(s, (void *)&four, sizeof four));
	getsockname(s, (void *)&me, &length);
	say("%s, port %d", inet_ntop(AF_INET6, &me.sin6_addr, text, 64), me.sin6_port != 0);
	getpeername(s, (void *)&me, &length);
	say("to %s, port %d", inet_ntop(AF_INET6, &me.sin6_addr, text, 64), ntohs(me.sin6_port));
	TRY(connect(s, &nobody, sizeof nobody));
	TRY(getpeername(s, (void *)&me, &length));
	TRY(send(s, "x", 1, 0));
}

static void headers(int family, int level, int hops, int class, int ask_hops, int ask_class) {
	struct sockaddr_storage at = { family };
	socklen_t length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	if (family == AF_INET) ((struct sockaddr_in *)&at)->sin_addr.s_addr = htonl(INADDR_LOOPBACK); else ((struct sockaddr_in6 *)&at)->sin6_addr = in6addr_loopback;
	int to = socket(family, SOCK_DGRAM, 0), from = socket(family, SOCK_DGRAM, 0), on = 1;
	bind(to, (void *)&at, length);
	getsockname(to, (void *)&at, &length);
	setsockopt(to, level, ask_hops, &on, sizeof on);
	setsockopt(to, level, ask_class, &on, sizeof on);
	if (family == AF_INET) setsockopt(to, level, IP_PKTINFO, &on, sizeof on);
	for (int round = 0; round < 2; round++) {
		char b[4], control[128];
		struct iovec v = { b, 4 };
		struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
		if (round) { SET(from, level, hops, 9); SET(from, level, class, 0x28); }
		sendto(from, "x", 1, 0, (void *)&at, length);
		TRY(recvmsg(to, &m, 0));
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) say("level %d type %d length %ld: %d", c->cmsg_level, c->cmsg_type, (long)c->cmsg_len, c->cmsg_len == CMSG_LEN(1) ? *CMSG_DATA(c) : *(int *)CMSG_DATA(c));
	}
}

CASE(headers_of_datagrams) { headers(AF_INET, IPPROTO_IP, IP_TTL, IP_TOS, IP_RECVTTL, IP_RECVTOS); headers(AF_INET6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, IPV6_TCLASS, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS); }
