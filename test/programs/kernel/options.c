// Options of sockets, level by level: what they begin with, what they take, what they read back; datagrams that are gathered, and those that come back.
#include "cases.h"
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <arpa/inet.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static const int values[] = { 0, 1, -1, 2, 7, 64, 255, 256, 65535, 1000000, 0x7fffffff };

/* Each value on a socket of its own. */
static void sweep(int domain, int type, int level, const int *names, int count) {
	for (int k = 0; k < count; k++) {
		for (int i = 0; i < 11; i++) {
			int s = dup2(socket(domain, type, 0), UNCOMPARED), read = -99;
			socklen_t length = 4;
			if (setsockopt(s, level, names[k], &values[i], 4)) say("%d %d = %d: %s", level, names[k], values[i], error_name(errno));
			else if (getsockopt(s, level, names[k], &read, &length)) say("%d %d = %d: reads %s", level, names[k], values[i], error_name(errno));
			else say("%d %d = %d: reads %d, %d bytes", level, names[k], values[i], read, length);
			close(s);
		}
		int s = dup2(socket(domain, type, 0), UNCOMPARED), one = 1;
		for (int length = 0; length < 4; length++) say("%d %d, %d bytes: %s", level, names[k], length, setsockopt(s, level, names[k], &one, length) ? error_name(errno) : "ok");
		close(s);
	}
}
#define SWEEP(domain, type, level, ...) ({ static const int names_[] = { __VA_ARGS__ }; sweep(domain, type, level, names_, sizeof names_ / sizeof *names_); })

CASE(ip_of_streams) { SWEEP(AF_INET, SOCK_STREAM, IPPROTO_IP, IP_TOS, IP_TTL, IP_RECVOPTS, IP_RETOPTS, IP_PKTINFO, IP_MTU_DISCOVER, IP_RECVERR, IP_RECVTTL, IP_FREEBIND, IP_TRANSPARENT, IP_MINTTL, IP_NODEFRAG, IP_CHECKSUM, IP_BIND_ADDRESS_NO_PORT); }
CASE(ip_multicast_of_streams) { SWEEP(AF_INET, SOCK_STREAM, IPPROTO_IP, IP_MULTICAST_IF, IP_MULTICAST_TTL, IP_MULTICAST_LOOP, IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP, IP_MULTICAST_ALL, IP_UNICAST_IF, IP_RECVFRAGSIZE); }
CASE(ip_of_datagrams) { SWEEP(AF_INET, SOCK_DGRAM, IPPROTO_IP, IP_TOS, IP_TTL, IP_HDRINCL, IP_ROUTER_ALERT, IP_MULTICAST_IF, IP_MULTICAST_TTL, IP_MULTICAST_LOOP, IP_ADD_MEMBERSHIP, IP_MULTICAST_ALL, IP_UNICAST_IF, IP_RECVFRAGSIZE, IP_ORIGDSTADDR); }
CASE(ipv6_of_streams) { SWEEP(AF_INET6, SOCK_STREAM, IPPROTO_IPV6, IPV6_UNICAST_HOPS, IPV6_MULTICAST_IF, IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP, IPV6_MTU_DISCOVER, IPV6_MTU, IPV6_RECVERR, IPV6_V6ONLY, IPV6_RECVPKTINFO, IPV6_TCLASS, IPV6_TRANSPARENT, IPV6_ADDRFORM); }
CASE(ipv6_of_datagrams) { SWEEP(AF_INET6, SOCK_DGRAM, IPPROTO_IPV6, IPV6_UNICAST_HOPS, IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP, IPV6_RECVHOPLIMIT, IPV6_RECVRTHDR, IPV6_RECVHOPOPTS, IPV6_RECVDSTOPTS, IPV6_DONTFRAG, IPV6_RECVTCLASS, IPV6_TCLASS, IPV6_HOPLIMIT, IPV6_JOIN_GROUP); }
CASE(tcp_numbers) { SWEEP(AF_INET, SOCK_STREAM, IPPROTO_TCP, TCP_NODELAY, TCP_MAXSEG, TCP_CORK, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_SYNCNT, TCP_LINGER2, TCP_DEFER_ACCEPT, TCP_WINDOW_CLAMP, TCP_QUICKACK, TCP_THIN_LINEAR_TIMEOUTS, TCP_THIN_DUPACK); }
CASE(tcp_numbers_that_came_later) { SWEEP(AF_INET6, SOCK_STREAM, IPPROTO_TCP, TCP_USER_TIMEOUT, TCP_REPAIR, TCP_FASTOPEN, TCP_NOTSENT_LOWAT, TCP_SAVE_SYN, TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_NO_COOKIE, TCP_INQ, TCP_TX_DELAY, TCP_MD5SIG, TCP_INFO, 15, 1000); }
CASE(udp_numbers) { SWEEP(AF_INET, SOCK_DGRAM, IPPROTO_UDP, UDP_CORK, 100, UDP_NO_CHECK6_TX, UDP_NO_CHECK6_RX, UDP_SEGMENT, UDP_GRO, 1000); }
CASE(sol_socket_of_tcp) { SWEEP(AF_INET, SOCK_STREAM, SOL_SOCKET, SO_KEEPALIVE, SO_OOBINLINE, SO_PRIORITY, SO_REUSEPORT, SO_PASSCRED, SO_TIMESTAMP, SO_TIMESTAMPNS, SO_BUSY_POLL, SO_INCOMING_CPU, SO_ZEROCOPY, SO_BINDTOIFINDEX, SO_MARK); }
CASE(sol_socket_of_unix) { SWEEP(AF_UNIX, SOCK_DGRAM, SOL_SOCKET, SO_REUSEPORT, SO_PASSCRED, SO_PASSSEC, SO_PEEK_OFF, SO_TIMESTAMPING, SO_MAX_PACING_RATE, SO_ZEROCOPY, SO_CNX_ADVICE, SO_ATTACH_FILTER, SO_DETACH_FILTER, SO_RXQ_OVFL, SO_BPF_EXTENSIONS); }

CASE(lengths_that_are_read) {
	int s = dup2(socket(AF_INET, SOCK_STREAM, 0), UNCOMPARED);
	static const int names[] = { SO_MAX_PACING_RATE, SO_COOKIE, SO_MEMINFO, SO_LINGER, SO_RCVTIMEO, SO_TIMESTAMPING, SO_PEERGROUPS, SO_PEERNAME, SO_BINDTODEVICE };
	static const int lengths[] = { 0, 1, 4, 7, 8, 36, 300 };
	for (int k = 0; k < 9; k++) for (int i = 0; i < 7; i++) {
		char buffer[300];
		socklen_t length = lengths[i];
		int failed = getsockopt(s, SOL_SOCKET, names[k], buffer, &length);
		say("%d, room for %d: %s, %d bytes", names[k], lengths[i], failed ? error_name(errno) : "ok", length);
	}
}

CASE(memberships) {
	int s = dup2(socket(AF_INET, SOCK_DGRAM, 0), UNCOMPARED), v = socket(AF_INET6, SOCK_DGRAM, 0);
	struct ip_mreqn group = { .imr_multiaddr.s_addr = inet_addr("224.1.2.3"), .imr_address.s_addr = inet_addr("127.0.0.1") };
	TRY(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, 8));
	TRY(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, 8));
	TRY(setsockopt(s, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group, 8));
	TRY(setsockopt(s, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group, 8));
	TRY(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, 7));
	group.imr_ifindex = 1;
	TRY(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, 12));
	group.imr_ifindex = 9999;
	TRY(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, 12));
	group.imr_multiaddr.s_addr = inet_addr("10.0.0.1");
	TRY(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, 8));
	struct in_addr lo = { inet_addr("127.0.0.1") }, read;
	socklen_t length = 4;
	TRY(setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &lo, 4));
	TRY(getsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &read, &length));
	IS(read.s_addr == lo.s_addr);
	lo.s_addr = inet_addr("9.9.9.9");
	TRY(setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &lo, 4));
	dup2(v, UNCOMPARED);
	v = UNCOMPARED;
	struct ipv6_mreq six = { .ipv6mr_interface = 1 };
	inet_pton(AF_INET6, "ff02::77", &six.ipv6mr_multiaddr);
	TRY(setsockopt(v, IPPROTO_IPV6, IPV6_JOIN_GROUP, &six, sizeof six));
	TRY(setsockopt(v, IPPROTO_IPV6, IPV6_JOIN_GROUP, &six, sizeof six));
	TRY(setsockopt(v, IPPROTO_IPV6, IPV6_LEAVE_GROUP, &six, sizeof six));
	TRY(setsockopt(v, IPPROTO_IPV6, IPV6_LEAVE_GROUP, &six, sizeof six));
	six.ipv6mr_interface = 9999;
	TRY(setsockopt(v, IPPROTO_IPV6, IPV6_JOIN_GROUP, &six, sizeof six));
	inet_pton(AF_INET6, "::1", &six.ipv6mr_multiaddr);
	TRY(setsockopt(v, IPPROTO_IPV6, IPV6_JOIN_GROUP, &six, sizeof six));
}

/* Two datagram sockets, the first connected to the second. */
static void pair(int domain, int *from, int *to) {
	struct sockaddr_storage name = { .ss_family = domain };
	socklen_t length = domain == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	if (domain == AF_INET) ((struct sockaddr_in *)&name)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else ((struct sockaddr_in6 *)&name)->sin6_addr = in6addr_loopback;
	*from = socket(domain, SOCK_DGRAM, 0);
	*to = socket(domain, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	bind(*to, (void *)&name, length);
	getsockname(*to, (void *)&name, &length);
	connect(*from, (void *)&name, length);
}

CASE(udp_cork) {
	int from, to;
	char buffer[100];
	pair(AF_INET, &from, &to);
	TRY(send(from, "one ", 4, MSG_MORE));
	TRY(recv(to, buffer, 100, 0));
	TRY(send(from, "two ", 4, MSG_MORE));
	TRY(send(from, "three", 5, 0));
	long n = TRY(recv(to, buffer, 100, 0));
	say("%.*s", (int)n, buffer);
	TRY(recv(to, buffer, 100, 0));
	int on = 1;
	TRY(setsockopt(from, IPPROTO_UDP, UDP_CORK, &on, 4));
	TRY(write(from, "abc", 3));
	TRY(write(from, "def", 3));
	TRY(recv(to, buffer, 100, 0));
	on = 0;
	TRY(setsockopt(from, IPPROTO_UDP, UDP_CORK, &on, 4));
	n = TRY(recv(to, buffer, 100, 0));
	say("%.*s", (int)n, buffer);
	TRY(send(from, "", 0, MSG_MORE));
	TRY(send(from, "x", 1, 0));
	TRY(recv(to, buffer, 100, 0));
	TRY(send(from, "lost", 4, MSG_MORE));
	TRY(close(from));
	TRY(recv(to, buffer, 100, 0));
}

CASE(udp_cork_too_much) {
	int from, to;
	static char buffer[65000];
	pair(AF_INET6, &from, &to);
	TRY(send(from, buffer, 40000, MSG_MORE));
	TRY(send(from, buffer, 40000, MSG_MORE));
	TRY(recv(to, buffer, 65000, 0));
	TRY(send(from, buffer, 100, 0));
	TRY(recv(to, buffer, 65000, 0));
}

/* What MSG_ERRQUEUE gives. */
static void error_queue(int s) {
	char data[2000] = "", control[512];
	struct sockaddr_storage name = { 0 };
	struct iovec vector = { data, sizeof data };
	struct msghdr message = { .msg_name = &name, .msg_namelen = sizeof name, .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	long n = recvmsg(dup2(s, UNCOMPARED), &message, MSG_ERRQUEUE);
	if (n < 0) { say("error queue: %s", error_name(errno)); return; }
	say("error queue: %ld bytes '%.5s', flags %x, name of family %d", n, data, message.msg_flags, name.ss_family);
	for (struct cmsghdr *one = CMSG_FIRSTHDR(&message); one; one = CMSG_NXTHDR(&message, one)) {
		struct sock_extended_err *error = (void *)CMSG_DATA(one);
		say("level %d type %d of %ld bytes: %s from %d, type %d code %d, offender of family %d", one->cmsg_level, one->cmsg_type, (long)one->cmsg_len, error_name(error->ee_errno), error->ee_origin, error->ee_type, error->ee_code, SO_EE_OFFENDER(error)->sa_family);
	}
}

CASE(datagrams_that_come_back) {
	int from, to, on = 1;
	char buffer[8];
	pair(AF_INET, &from, &to);
	close(to);
	TRY(setsockopt(from, IPPROTO_IP, IP_RECVERR, &on, 4));
	error_queue(from);
	TRY(send(from, "hello", 5, 0));
	struct pollfd ready = { from, POLLIN };
	TRY(poll(&ready, 1, 1000));
	say("%x", ready.revents);
	TRY(recv(from, buffer, 8, MSG_DONTWAIT));
	TRY(poll(&ready, 1, 0));
	say("%x", ready.revents);
	error_queue(from);
	TRY(poll(&ready, 1, 0));
	error_queue(from);
	TRY(send(from, "again", 5, 0));
	TRY(send(from, "third", 5, 0));
	error_queue(from);
	error_queue(from);
	int error;
	socklen_t length = 4;
	TRY(getsockopt(from, SOL_SOCKET, SO_ERROR, &error, &length));
	say("%s", error ? error_name(error) : "none");
}

CASE(datagrams_that_come_back_by_ipv6) {
	int from, to, on = 1;
	pair(AF_INET6, &from, &to);
	struct sockaddr_in6 name;
	socklen_t length = sizeof name;
	getsockname(to, (void *)&name, &length);
	close(to);
	close(from);
	/* Not connected: only who asks is told. */
	int s = socket(AF_INET6, SOCK_DGRAM, 0);
	TRY(sendto(s, "quiet", 5, 0, (void *)&name, sizeof name));
	error_queue(s);
	TRY(setsockopt(s, IPPROTO_IPV6, IPV6_RECVERR, &on, 4));
	TRY(sendto(s, "aloud", 5, 0, (void *)&name, sizeof name));
	error_queue(s);
	error_queue(s);
}

CASE(times_of_datagrams) {
	static const int names[] = { SO_TIMESTAMP, SO_TIMESTAMPNS };
	for (int i = 0; i < 2; i++) {
		int from, to, on = 1;
		char data[8], control[128];
		struct iovec vector = { data, sizeof data };
		struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
		pair(AF_INET, &from, &to);
		TRY(setsockopt(to, SOL_SOCKET, names[i], &on, 4));
		TRY(send(from, "x", 1, 0));
		IS(recvmsg(dup2(to, UNCOMPARED), &message, 0) == 1);
		struct cmsghdr *one = CMSG_FIRSTHDR(&message);
		say("type %d of %ld bytes", one->cmsg_type, (long)one->cmsg_len);
	}
}
