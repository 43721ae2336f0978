// The urgent byte of UNIX streams: out of band, in line, the mark, SIGURG.
#include "cases.h"
#include <sys/ioctl.h>
#include <sys/socket.h>

static int pair[2];
static void open_pair(void) { socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair); }

static void receive(int flags) {
	char bytes[32];
	long n = recv(pair[1], bytes, sizeof bytes, flags);
	if (n < 0) say("receive %x: %s", flags, error_name(errno));
	else say("receive %x: %ld '%.*s'", flags, n, (int)n, bytes);
}

static void mark(void) {
	int at = -1;
	struct pollfd ready = { pair[1], POLLIN | POLLPRI };
	TRY(ioctl(pair[1], SIOCATMARK, &at));
	poll(&ready, 1, 0);
	say("at mark %d, events %x", at, ready.revents);
}

CASE(byte_out_of_band) {
	open_pair();
	mark();
	receive(MSG_OOB);
	TRY(send(pair[0], "hello", 5, MSG_OOB));
	mark();
	receive(MSG_OOB | MSG_PEEK);
	receive(MSG_OOB);
	receive(MSG_OOB);
	mark();
	receive(0);
	mark();
	receive(0);
	mark();
}

CASE(byte_that_nobody_reads) {
	open_pair();
	send(pair[0], "ab", 2, 0);
	send(pair[0], "c", 1, MSG_OOB);
	send(pair[0], "de", 2, 0);
	mark();
	receive(MSG_PEEK);
	receive(0);
	mark();
	receive(MSG_PEEK);
	receive(0);
	mark();
	receive(MSG_OOB);
	receive(0);
}

CASE(byte_in_line) {
	int on = 1;
	open_pair();
	TRY(setsockopt(pair[1], SOL_SOCKET, SO_OOBINLINE, &on, 4));
	send(pair[0], "abc", 3, MSG_OOB);
	send(pair[0], "de", 2, 0);
	receive(MSG_OOB);
	mark();
	receive(0);
	mark();
	receive(0);
	mark();
}

CASE(second_byte) {
	open_pair();
	send(pair[0], "a", 1, MSG_OOB);
	send(pair[0], "b", 1, MSG_OOB);
	mark();
	receive(MSG_OOB);
	receive(0);
	mark();
	receive(0);
	send(pair[0], "x", 1, MSG_OOB);
	receive(MSG_OOB);
	send(pair[0], "yz", 2, 0);
	mark();
	receive(0);
	receive(0);
}

CASE(what_has_no_urgent_byte) {
	int other[2];
	open_pair();
	TRY(send(pair[0], "", 0, MSG_OOB));
	socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, other);
	TRY(send(other[0], "x", 1, MSG_OOB));
	TRY(recv(other[1], &other, 1, MSG_OOB));
	socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, other);
	TRY(send(other[0], "x", 1, MSG_OOB));
	send(pair[0], "x", 1, MSG_OOB);
	TRY(recv(pair[1], BAD_POINTER, 1, MSG_OOB));
	TRY(close(pair[1]));
	TRY(send(pair[0], "x", 1, MSG_OOB | MSG_NOSIGNAL));
}

static void told(int number) { say("SIG%s", sigabbrev_np(number)); }

CASE(owner_is_told) {
	open_pair();
	signal(SIGURG, told);
	TRY(send(pair[0], "x", 1, MSG_OOB));
	TRY(fcntl(pair[1], F_SETOWN, getpid()));
	TRY(send(pair[0], "x", 1, MSG_OOB));
	TRY(send(pair[0], "x", 1, 0));
}
