/* Messages of netlink, well formed and cut short, handed to sendto with an address that cannot be read: nobody gets them, and strace shows them all. */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned seed = 1;
static unsigned draw(unsigned n) { return (seed = seed * 1103515245 + 12345, seed >> 8) % n; }
static char buffer[65536];
static unsigned at;

static void put(const void *bytes, unsigned length) { memcpy(buffer + at, bytes, length); at += length; }
static void put32(uint32_t word) { put(&word, 4); }

/* Attributes with values that have no meaning of the computer's own: no numbers of its devices. */
static void attributes(int type) {
	static const unsigned char link[] = { 1, 2, 3, 4, 6, 7, 13, 14, 16, 17, 23, 27, 30, 31, 32, 33, 35, 39, 40, 41, 47, 48, 50, 51, 58, 59, 60, 61, 67, 99 }, address[] = { 1, 2, 3, 4, 6, 8, 11, 77 }, route[] = { 1, 2, 5, 6, 7, 12, 15, 20, 25, 88 },
		neighbour[] = { 1, 2, 4, 66 }, lengths[] = { 0, 1, 3, 4, 6, 8, 10, 16, 20, 28, 32, 36, 96, 100, 200 };
	for (int n = draw(5); n > 0; n--) {
		struct nlattr a = { .nla_type = type < 20 ? link[draw(sizeof link)] : type < 24 ? address[draw(sizeof address)] : type < 28 ? route[draw(sizeof route)] : neighbour[draw(sizeof neighbour)] };
		unsigned length = lengths[draw(sizeof lengths)];
		a.nla_len = NLA_HDRLEN + length;
		put(&a, NLA_HDRLEN);
		memset(buffer + at, draw(3) ? 0 : 'a' + draw(4), length);
		if (length > 0 && draw(2)) buffer[at] = draw(256);
		at += NLA_ALIGN(length);
	}
}

static void message(int type) {
	unsigned start = at;
	struct nlmsghdr h = { 0, type, draw(2) ? NLM_F_REQUEST | 0x300 : draw(0x1000), 7, 0 };
	put(&h, NLMSG_HDRLEN);
	unsigned char family = (unsigned char[]){ AF_UNSPEC, AF_INET, AF_INET6, AF_INET, AF_INET6, 99 }[draw(6)];
	if (type == NLMSG_DONE || type == NLMSG_ERROR) {
		put32(draw(2) ? 0 : -(int)draw(140));
		if (type == NLMSG_ERROR && draw(3)) { struct nlmsghdr of = { 20, 18, 1, 7, 0 }; put(&of, NLMSG_HDRLEN); put32(0); }
	} else if (draw(4) == 0) {
		unsigned length = draw(9);
		memset(buffer + at, 0, length + 4);
		buffer[at] = family;
		at += length;
	} else if (type >= 16 && type < 20) {
		struct ifinfomsg i = { .ifi_family = family, .ifi_type = draw(3) ? 772 : 1, .ifi_index = draw(2), .ifi_flags = draw(1 << 20), .ifi_change = draw(2) ? 0 : -1 };
		put(&i, sizeof i);
		attributes(type);
	} else if (type >= 20 && type < 24) {
		struct { unsigned char f, len, flags, scope; uint32_t index; } i = { family, draw(129), draw(256), draw(2) ? 254 : draw(256), draw(2) };
		put(&i, sizeof i);
		attributes(type);
	} else if (type >= 24 && type < 28) {
		struct rtmsg r = { family, draw(129), draw(33), draw(32), draw(256), draw(20), draw(256), draw(14), draw(2) ? 0 : draw(0x8000) };
		put(&r, sizeof r);
		attributes(type);
	} else if (type >= 28 && type < 32) {
		struct { unsigned char f, p1; uint16_t p2; uint32_t index; uint16_t state; unsigned char flags, type; } r = { family, 0, 0, draw(2), draw(256), draw(256), draw(14) };
		put(&r, sizeof r);
		attributes(type);
	} else put32(draw(1 << 20));
	((struct nlmsghdr *)(buffer + start))->nlmsg_len = draw(12) ? at - start : at - start + draw(40);
	at = start + NLMSG_ALIGN(at - start);
}

int main(void) {
	static const int types[] = { 1, NLMSG_ERROR, NLMSG_DONE, 4, 9, 16, 17, 18, 19, 20, 21, 22, 24, 25, 26, 28, 29, 30, 99, 120, 1000 };
	struct sockaddr_nl me = { .nl_family = AF_NETLINK };
	int unbound = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), bound = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	bind(bound, (void *)&me, sizeof me);
	close(-1000);
	for (int i = 0; i < 600; i++) {
		at = 0;
		for (int n = draw(3) ? 1 : draw(4); n >= 0 && at < 20000; n--) { message(types[draw(sizeof types / sizeof *types)]); if (draw(3)) break; }
		if (draw(20) == 0) at += draw(12);
		sendto(draw(10) ? bound : unbound, buffer, at, 0, (void *)8, 12);
		memset(buffer, 0, at);
	}
	return 0;
}
