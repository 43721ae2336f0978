// Netlink's messages, and those of NETLINK_ROUTE about links and addresses. Linux: include/uapi/linux/netlink.h, rtnetlink.h, if_link.h, if_addr.h.

export const NLMSG_HDRLEN = 16, NLMSG_MIN_TYPE = 0x10, NLMSG_ERROR = 2, NLMSG_DONE = 3;
export const NLM_F_REQUEST = 1, NLM_F_MULTI = 2, NLM_F_DUMP = 0x300;
export const NETLINK_ROUTE = 0;
export const RTM_NEWLINK = 16, RTM_GETLINK = 18, RTM_NEWADDR = 20, RTM_GETADDR = 22, RTM_GETROUTE = 26;
export const IFLA_ADDRESS = 1, IFLA_BROADCAST = 2, IFLA_IFNAME = 3, IFLA_MTU = 4, IFLA_QDISC = 6, IFLA_TXQLEN = 13, IFLA_OPERSTATE = 16, IFLA_LINKMODE = 17;
export const IFA_ADDRESS = 1, IFA_LOCAL = 2, IFA_LABEL = 3, IFA_CACHEINFO = 6, IFA_FLAGS = 8;
export const IFA_F_PERMANENT = 0x80, RT_SCOPE_HOST = 254;
