/* What a program finds out about the loopback: by netlink, as getifaddrs and getaddrinfo ask, and by ioctl. Lines of other devices begin otherwise. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void ask(int fd, const char *what, unsigned long command) {
	struct ifreq r;
	memset(&r, 0, sizeof r);
	strcpy(r.ifr_name, "lo");
	int result = ioctl(fd, command, &r);
	if (result) printf("lo %s: %s\n", what, strerrorname_np(errno));
	else if (command == SIOCGIFADDR || command == SIOCGIFNETMASK) printf("lo %s: %s\n", what, inet_ntoa(((struct sockaddr_in *)&r.ifr_addr)->sin_addr));
	else if (command == SIOCGIFFLAGS) printf("lo %s: %hx\n", what, r.ifr_flags);
	else if (command == SIOCGIFHWADDR) printf("lo %s: %d\n", what, r.ifr_hwaddr.sa_family);
	else printf("lo %s: %d\n", what, r.ifr_ifindex);
}

int main(void) {
	struct ifaddrs *all, *one;
	if (getifaddrs(&all)) return 1;
	for (one = all; one; one = one->ifa_next) {
		char text[64] = "";
		int family = one->ifa_addr ? one->ifa_addr->sa_family : -1;
		if (family == AF_INET) inet_ntop(family, &((struct sockaddr_in *)one->ifa_addr)->sin_addr, text, sizeof text);
		if (family == AF_INET6) inet_ntop(family, &((struct sockaddr_in6 *)one->ifa_addr)->sin6_addr, text, sizeof text);
		printf("%s: family %d, flags %x, %s\n", one->ifa_name, family, one->ifa_flags, text);
	}
	printf("lo is %u\n", if_nametoindex("lo"));
	char name[IF_NAMESIZE];
	printf("lo %s\n", if_indextoname(1, name) ? name : "has no number");
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	ask(fd, "flags", SIOCGIFFLAGS); ask(fd, "address", SIOCGIFADDR); ask(fd, "mask", SIOCGIFNETMASK); ask(fd, "MTU", SIOCGIFMTU); ask(fd, "index", SIOCGIFINDEX); ask(fd, "hardware", SIOCGIFHWADDR);
	struct ifreq r = { .ifr_name = "none" };
	printf("lo only: %d %s\n", ioctl(fd, SIOCGIFFLAGS, &r), strerrorname_np(errno));
	/* A question that nobody answers is refused with its header. */
	int route = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	struct { struct nlmsghdr h; char body[16]; } question = { { 32, 98, NLM_F_REQUEST, 7, 0 } };
	struct { struct nlmsghdr h; struct nlmsgerr e; char rest[256]; } answer;
	send(route, &question, 32, 0);
	ssize_t length = recv(route, &answer, sizeof answer, 0);
	printf("lo error: type %d, number %u, error %d, of type %d, more than a header %d\n", answer.h.nlmsg_type, answer.h.nlmsg_seq, answer.e.error, answer.e.msg.nlmsg_type, length >= 36);
	struct sockaddr_nl me;
	socklen_t size = sizeof me;
	getsockname(route, (void *)&me, &size);
	printf("lo port: %d %d\n", me.nl_family, me.nl_pid == (unsigned)getpid());
	printf("lo other protocols: %d\n", socket(AF_NETLINK, SOCK_STREAM, 0));
	return 0;
}
