#include "cases.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

static char text[64];

CASE(seqpacket_keeps_borders) {
	int pair[2];
	socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair);
	TRY(send(pair[0], "one", 3, 0));
	TRY(send(pair[0], "two too", 7, 0));
	TRY(recv(pair[1], text, 2, 0));
	TRY(recv(pair[1], text, 64, MSG_PEEK));
	TRY(recv(pair[1], text, 64, 0));
	TRY(recv(pair[1], text, 64, MSG_DONTWAIT));
}

CASE(unix_names) {
	struct sockaddr_un name = { AF_UNIX, "socket" };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
	TRY(connect(client, (void *)&name, sizeof name));
	TRY(bind(listener, (void *)&name, sizeof name));
	TRY(bind(listener, (void *)&name, sizeof name));
	TRY(connect(client, (void *)&name, sizeof name));
	TRY(listen(listener, 1));
	TRY(connect(client, (void *)&name, sizeof name));
	TRY(connect(client, (void *)&name, sizeof name));
	int other = TRY(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	TRY(send(other, "hi", 2, 0));
	TRY(recv(client, text, 64, 0));
	TRY(shutdown(other, SHUT_WR));
	TRY(recv(client, text, 64, 0));
	TRY(shutdown(listener, 9));
}

CASE(broken_pipe) {
	int pair[2];
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	close(pair[1]);
	TRY(send(pair[0], "x", 1, MSG_NOSIGNAL));
	IN_CHILD("child", { send(pair[0], "x", 1, 0); });
}

CASE(bad_arguments) {
	TRY(socket(AF_UNIX, 99, 0));
	TRY(socket(99, SOCK_STREAM, 0));
	TRY(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
	TRY(bind(1, NULL, 0));
	TRY(listen(99, 1));
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	TRY(recv(fd, text, 1, 0));
	TRY(send(fd, text, 1, MSG_NOSIGNAL));
	TRY(accept(fd, NULL, NULL));
	TRY(connect(fd, BAD_POINTER, 16));
	TRY(getpeername(fd, BAD_POINTER, BAD_POINTER));
	TRY(getsockopt(fd, SOL_SOCKET, 9999, text, &(socklen_t){ 4 }));
	TRY(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, text, 1));
}

CASE(udp_on_loopback) {
	struct sockaddr_in name = { AF_INET, 0, { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof name;
	int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);
	bind(a, (void *)&name, sizeof name);
	close(MARK);
	TRY(recv(a, text, 64, MSG_DONTWAIT));
	TRY(send(b, "x", 1, 0));
	int on;
	length = sizeof on;
	TRY(getsockopt(a, SOL_SOCKET, SO_TYPE, &on, &length));
	TRY(getsockopt(a, SOL_SOCKET, SO_ERROR, &on, &length));
}

CASE(descriptors_in_flight) {
	int pair[2], ends[2];
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	pipe(ends);
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec part = { "f", 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	struct cmsghdr *one = CMSG_FIRSTHDR(&message);
	*one = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
	*(int *)CMSG_DATA(one) = ends[1];
	TRY(sendmsg(pair[0], &message, 0));
	close(ends[1]);
	part.iov_base = text;
	TRY(recvmsg(pair[1], &message, MSG_CMSG_CLOEXEC));
	TRY(write(*(int *)CMSG_DATA(one), "through", 7));
	TRY(read(ends[0], text, 64));
	say("%s", text);
}

CASE(datagrams_are_cut) {
	int pair[2];
	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	TRY(send(pair[0], "0123456789", 10, 0));
	TRY(recv(pair[1], text, 4, MSG_TRUNC));
	TRY(send(pair[0], "", 0, 0));
	TRY(recv(pair[1], text, 4, 0));
	TRY(send(pair[0], "x", 1, MSG_OOB));
}

CASE(no_listener_refuses) {
	struct sockaddr_in name = { AF_INET, htons(1), { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	TRY(connect(fd, (void *)&name, sizeof name));
	name.sin_family = 99;
	TRY(connect(fd, (void *)&name, sizeof name));
}

CASE(several_messages_by_one_call) {
	int pair[2];
	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	struct iovec parts[2] = { { "one", 3 }, { "three", 5 } };
	struct mmsghdr messages[2] = { { { .msg_iov = parts, .msg_iovlen = 1 } }, { { .msg_iov = parts + 1, .msg_iovlen = 1 } } };
	IS(sendmmsg(pair[0], messages, 2, 0) == 2);
	say("%u %u", messages[0].msg_len, messages[1].msg_len);
	TRY(recv(pair[1], text, 64, 0));
	TRY(recv(pair[1], text, 64, 0));
}

CASE(udp_lite) {
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int a = TRY(socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE)), b = TRY(socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE)), c = TRY(socket(AF_INET, SOCK_STREAM, IPPROTO_UDPLITE)), value = 0;
	socklen_t size = sizeof at;
	TRY(bind(a, (void *)&at, sizeof at));
	TRY(getsockname(a, (void *)&at, &size));
	TRY(sendto(b, "light", 5, 0, (void *)&at, sizeof at));
	TRY(recv(a, text, 64, 0));
	say("%.5s", text);
	size = sizeof value;
	TRY(getsockopt(a, SOL_SOCKET, SO_PROTOCOL, &value, &size));
	say("%d", value);
	int plain = socket(AF_INET6, SOCK_DGRAM, 0);
	TRY(bind(plain, (void *)&at, sizeof at));
}

CASE(file_system_types) {
	char name[64] = "";
	IS(syscall(SYS_sysfs, 2, 0, name) == 0 && name[0]);
	TRY(syscall(SYS_sysfs, 2, 1000, name));
	TRY(syscall(SYS_sysfs, 2, 0, BAD_POINTER));
	TRY(syscall(SYS_sysfs, 1, "no such file system"));
	TRY(syscall(SYS_sysfs, 1, BAD_POINTER));
	TRY(syscall(SYS_sysfs, 4));
}
