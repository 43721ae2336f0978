// What the kernel tells of network devices: ioctls and netlink. What is asked of is the loopback, which every computer has; answers come by descriptor UNCOMPARED, since lengths and counters differ.
#include "cases.h"
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/fib_rules.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Never those that set: an accident would take the host's network down. */
static const int gets[] = { SIOCGIFFLAGS, SIOCGIFADDR, SIOCGIFDSTADDR, SIOCGIFBRDADDR, SIOCGIFNETMASK, SIOCGIFMETRIC, SIOCGIFMTU, SIOCGIFHWADDR, SIOCGIFINDEX, SIOCGIFTXQLEN, SIOCGIFMAP, SIOCGIFSLAVE };

CASE(ioctls_tell_of_the_loopback) {
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	for (int i = 0; i < 12; i++) {
		struct ifreq request = { .ifr_name = "lo" };
		say("%x: %s", gets[i], ioctl(s, gets[i], &request) ? error_name(errno) : "ok");
		const unsigned char *byte = (void *)&request.ifr_addr;
		say("%02x%02x%02x%02x %02x%02x%02x%02x", byte[0], byte[1], byte[2], byte[3], byte[4], byte[5], byte[6], byte[7]);
	}
}

CASE(ioctls_of_devices_that_are_not_there) {
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	for (int i = 0; i < 12; i++) {
		struct ifreq request = { .ifr_name = "nope" };
		say("%x: %s", gets[i], ioctl(s, gets[i], &request) ? error_name(errno) : "ok");
		say("%x: %s", gets[i], ioctl(s, gets[i], BAD_POINTER) ? error_name(errno) : "ok");
	}
	struct ifreq request = { .ifr_name = "lo:0" };
	TRY(ioctl(s, SIOCGIFADDR, &request));
	TRY(ioctl(s, SIOCGIFINDEX, &request));
	memset(request.ifr_name, 'x', 16);
	TRY(ioctl(s, SIOCGIFINDEX, &request));
}

CASE(ioctls_name_devices_by_number) {
	int s = socket(AF_INET, SOCK_STREAM, 0);
	struct ifreq request = { .ifr_ifindex = 1 };
	TRY(ioctl(s, SIOCGIFNAME, &request));
	say("%s", request.ifr_name);
	request.ifr_ifindex = 9999;
	TRY(ioctl(s, SIOCGIFNAME, &request));
	request.ifr_ifindex = 0;
	TRY(ioctl(s, SIOCGIFNAME, &request));
	TRY(ioctl(s, SIOCGIFNAME, BAD_POINTER));
}

CASE(ioctls_of_other_families) {
	int u = socket(AF_UNIX, SOCK_DGRAM, 0), v = socket(AF_INET6, SOCK_DGRAM, 0), n = socket(AF_NETLINK, SOCK_RAW, 0);
	int all[] = { u, v, n };
	for (int k = 0; k < 3; k++) {
		struct ifreq request = { .ifr_name = "lo" };
		TRY(ioctl(all[k], SIOCGIFINDEX, &request));
		TRY(ioctl(all[k], SIOCGIFADDR, &request));
		TRY(ioctl(all[k], SIOCGIFNETMASK, &request));
		TRY(ioctl(all[k], SIOCGIFHWADDR, &request));
	}
	struct ifreq request = { .ifr_name = "lo" };
	TRY(ioctl(0, SIOCGIFINDEX, &request));
	TRY(ioctl(u, SIOCGSTAMP, &request));
}

CASE(ioctl_lists_addresses) {
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifconf none = { .ifc_len = 39, .ifc_buf = malloc(400) };
	TRY(ioctl(s, SIOCGIFCONF, &none));
	say("%d", none.ifc_len);
	none.ifc_len = -1;
	TRY(ioctl(s, SIOCGIFCONF, &none));
	none.ifc_len = 0;
	TRY(ioctl(s, SIOCGIFCONF, &none));
	none = (struct ifconf){ .ifc_len = 40, .ifc_buf = (char *)BAD_POINTER };
	TRY(ioctl(s, SIOCGIFCONF, &none));
	TRY(ioctl(s, SIOCGIFCONF, BAD_POINTER));
}

struct question { struct nlmsghdr header; union { struct ifinfomsg link; struct ifaddrmsg address; struct rtmsg route; struct fib_rule_hdr rule; char bytes[64]; }; };

/* Writes the question; says what comes back of those messages that the case can compare. */
static void ask(int s, const char *what, int type, int flags, const void *body, int length) {
	struct question question = { .header = { .nlmsg_len = NLMSG_HDRLEN + length, .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags, .nlmsg_seq = 7 } };
	static char answer[65536];
	memcpy(question.bytes, body, length);
	say("%s: %ld", what, (long)write(s, &question, question.header.nlmsg_len));
	dup2(s, UNCOMPARED);
	for (;;) {
		long got = read(UNCOMPARED, answer, sizeof answer);
		if (got < 0) { say("%s", error_name(errno)); break; }
		for (struct nlmsghdr *one = (void *)answer; NLMSG_OK(one, got); one = NLMSG_NEXT(one, got)) {
			if (one->nlmsg_type == NLMSG_ERROR) say("error %d, %d bytes, flags %x, seq %d", *(int *)NLMSG_DATA(one), one->nlmsg_len, one->nlmsg_flags, one->nlmsg_seq);
			if (one->nlmsg_type == NLMSG_DONE) say("done %d", *(int *)NLMSG_DATA(one));
			if (one->nlmsg_type == RTM_NEWLINK) {
				struct ifinfomsg *link = NLMSG_DATA(one);
				if (link->ifi_index != 1) continue;
				say("link %d type %d flags %x multi %d", link->ifi_index, link->ifi_type, link->ifi_flags, one->nlmsg_flags & NLM_F_MULTI);
				int room = IFLA_PAYLOAD(one);
				for (struct rtattr *a = IFLA_RTA(link); RTA_OK(a, room); a = RTA_NEXT(a, room)) {
					if (a->rta_type == IFLA_IFNAME || a->rta_type == IFLA_QDISC) say("  %d: %s", a->rta_type, (char *)RTA_DATA(a));
					if (a->rta_type == IFLA_MTU || a->rta_type == IFLA_TXQLEN || a->rta_type == IFLA_GROUP || a->rta_type == IFLA_NUM_TX_QUEUES) say("  %d: %d", a->rta_type, *(int *)RTA_DATA(a));
					if (a->rta_type == IFLA_ADDRESS || a->rta_type == IFLA_STATS64 || a->rta_type == IFLA_STATS || a->rta_type == IFLA_MAP) say("  %d: %d bytes", a->rta_type, (int)RTA_PAYLOAD(a));
				}
			}
			if (one->nlmsg_type == RTM_NEWADDR) {
				struct ifaddrmsg *address = NLMSG_DATA(one);
				if (address->ifa_index != 1) continue;
				say("address family %d prefix %d flags %x scope %d", address->ifa_family, address->ifa_prefixlen, address->ifa_flags, address->ifa_scope);
				int room = IFA_PAYLOAD(one);
				for (struct rtattr *a = IFA_RTA(address); RTA_OK(a, room); a = RTA_NEXT(a, room)) say("  %d: %d bytes", a->rta_type, (int)RTA_PAYLOAD(a));
			}
			if (one->nlmsg_type == RTM_NEWROUTE) {
				struct rtmsg *route = NLMSG_DATA(one);
				int room = RTM_PAYLOAD(one), device = 0;
				for (struct rtattr *a = RTM_RTA(route); RTA_OK(a, room); a = RTA_NEXT(a, room)) if (a->rta_type == RTA_OIF) device = *(int *)RTA_DATA(a);
				if (device == 1) say("route family %d to /%d table %d protocol %d scope %d type %d", route->rtm_family, route->rtm_dst_len, route->rtm_table, route->rtm_protocol, route->rtm_scope, route->rtm_type);
			}
			if (one->nlmsg_type == RTM_NEWRULE) say("rule of %d bytes", one->nlmsg_len);
		}
	}
}

static int netlink(void) {
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	return s;
}

CASE(netlink_links) {
	int s = netlink();
	struct ifinfomsg lo = { .ifi_index = 1 }, none = { .ifi_index = 9999 }, zero = { 0 };
	ask(s, "all", RTM_GETLINK, NLM_F_DUMP, &zero, sizeof zero);
	ask(s, "lo", RTM_GETLINK, 0, &lo, sizeof lo);
	ask(s, "lo, acknowledged", RTM_GETLINK, NLM_F_ACK, &lo, sizeof lo);
	ask(s, "none", RTM_GETLINK, NLM_F_ACK, &none, sizeof none);
	ask(s, "neither number nor name", RTM_GETLINK, 0, &zero, sizeof zero);
	ask(s, "too short", RTM_GETLINK, 0, &zero, 4);
	ask(s, "of one byte", RTM_GETLINK, NLM_F_DUMP, &zero, 1);
}

CASE(netlink_links_by_name) {
	int s = netlink();
	struct { struct ifinfomsg link; struct rtattr head; char name[8]; } by_name = { .head = { 7, IFLA_IFNAME }, .name = "lo" };
	ask(s, "lo", RTM_GETLINK, 0, &by_name, sizeof by_name);
	strcpy(by_name.name, "xx");
	ask(s, "xx", RTM_GETLINK, 0, &by_name, sizeof by_name);
}

CASE(netlink_addresses) {
	int s = netlink();
	struct ifaddrmsg any = { 0 }, four = { .ifa_family = AF_INET }, six = { .ifa_family = AF_INET6 };
	ask(s, "all", RTM_GETADDR, NLM_F_DUMP, &any, sizeof any);
	ask(s, "IPv4", RTM_GETADDR, NLM_F_DUMP, &four, sizeof four);
	ask(s, "IPv6", RTM_GETADDR, NLM_F_DUMP, &six, sizeof six);
	ask(s, "one of IPv4", RTM_GETADDR, 0, &four, sizeof four);
}

CASE(netlink_routes) {
	int s = netlink();
	struct rtmsg four = { .rtm_family = AF_INET };
	ask(s, "IPv4", RTM_GETROUTE, NLM_F_DUMP, &four, sizeof four);
	struct { struct rtmsg route; struct rtattr head; unsigned char to[4]; } to = { .route = four, .head = { 8, RTA_DST }, .to = { 127, 0, 0, 1 } };
	ask(s, "to the loopback", RTM_GETROUTE, 0, &to, sizeof to);
	ask(s, "rules", RTM_GETRULE, NLM_F_DUMP, &four, sizeof four);
	ask(s, "one rule", RTM_GETRULE, 0, &four, sizeof four);
}

CASE(netlink_refuses) {
	int s = netlink();
	struct ifinfomsg lo = { .ifi_index = 1 };
	ask(s, "no request at all", NLMSG_NOOP, NLM_F_ACK, &lo, sizeof lo);
	ask(s, "a control message", NLMSG_NOOP, 0, &lo, sizeof lo);
	ask(s, "an unknown message", 16 + 200, 0, &lo, sizeof lo);
	ask(s, "a namespace", 90, 0, &lo, sizeof lo);
	ask(s, "a new link", RTM_NEWLINK, NLM_F_ACK, &lo, sizeof lo);
	ask(s, "a link away", RTM_DELLINK, NLM_F_ACK, &lo, sizeof lo);
	TRY(setsockopt(s, SOL_NETLINK, NETLINK_CAP_ACK, &(int){ 1 }, 4));
	ask(s, "a new link, capped", RTM_NEWLINK, NLM_F_ACK, &lo, sizeof lo);
	char half[20] = { 200 };
	TRY(write(s, half, 20));
	TRY(write(s, half, 3));
	TRY(write(s, half, 0));
}

CASE(netlink_names) {
	int s = TRY(socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE));
	struct sockaddr_nl name = { 0 };
	socklen_t length = sizeof name;
	TRY(getsockname(s, (void *)&name, &length));
	say("%d %d %x", length, name.nl_pid, name.nl_groups);
	name = (struct sockaddr_nl){ .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR };
	TRY(bind(s, (void *)&name, sizeof name));
	TRY(getsockname(s, (void *)&name, &length));
	say("own number %d groups %x", name.nl_pid == getpid(), name.nl_groups);
	TRY(getpeername(s, (void *)&name, &length));
	say("%d %x", name.nl_pid, name.nl_groups);
	int t = TRY(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
	name = (struct sockaddr_nl){ .nl_family = AF_NETLINK, .nl_pid = getpid() };
	TRY(bind(t, (void *)&name, sizeof name));
	name.nl_pid = 1234567;
	TRY(bind(t, (void *)&name, sizeof name));
	name.nl_pid = 7654321;
	TRY(bind(t, (void *)&name, sizeof name));
	TRY(bind(t, (void *)&name, 8));
	name.nl_family = AF_INET;
	TRY(bind(t, (void *)&name, sizeof name));
	TRY(listen(t, 1));
	TRY(accept(t, NULL, NULL));
	TRY(shutdown(t, SHUT_RD));
	TRY(socket(AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE));
	TRY(socket(AF_NETLINK, SOCK_RAW, 31));
	TRY(socket(AF_NETLINK, SOCK_RAW, 32));
	TRY(socket(AF_NETLINK, SOCK_RAW, -1));
	TRY(socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG));
	TRY(socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT));
}

CASE(netlink_options) {
	int s = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), value;
	socklen_t length;
	for (int name = 0; name < 14; name++) {
		for (int set = 0; set < 3; set++) {
			value = set;
			say("%d = %d: %s", name, set, setsockopt(s, SOL_NETLINK, name, &value, 4) ? error_name(errno) : "ok");
		}
		if (name == NETLINK_LIST_MEMBERSHIPS) continue;
		length = 4;
		say("%d: %s", name, getsockopt(s, SOL_NETLINK, name, &value, &length) ? error_name(errno) : value ? "on" : "off");
		length = 1;
		say("%d: %s", name, getsockopt(s, SOL_NETLINK, name, &value, &length) ? error_name(errno) : "ok");
	}
}
