// Calls on sockets, with what strace prints about each: addresses, options, messages, control data.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#define CALL(...) syscall(__VA_ARGS__)
static char buf[512];
int main(void) {
  int t = CALL(SYS_socket, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), u = CALL(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP), x = CALL(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
  CALL(SYS_socket, 77, 99, 5); CALL(SYS_socket, AF_INET6, SOCK_STREAM, IPPROTO_TCP); CALL(SYS_socket, AF_NETLINK, SOCK_RAW, 0); CALL(SYS_socket, AF_UNIX, SOCK_SEQPACKET, 3);
  struct sockaddr_in a = { AF_INET, htons(9), { htonl(0x7f000001) } }; CALL(SYS_connect, t, &a, sizeof a); CALL(SYS_connect, t, &a, 8); CALL(SYS_connect, t, &a, 4); CALL(SYS_connect, t, &a, 1); CALL(SYS_connect, t, 0, 16);
  struct sockaddr_un un = { AF_UNIX, "\0abs" }; CALL(SYS_connect, x, &un, 6); strcpy(un.sun_path, "/nope/s"); CALL(SYS_connect, x, &un, sizeof un); CALL(SYS_connect, x, &un, 6); CALL(SYS_bind, x, &un, 2);
  struct sockaddr_in6 a6 = { AF_INET6, htons(80), htonl(5), IN6ADDR_LOOPBACK_INIT, 3 }; CALL(SYS_bind, t, &a6, sizeof a6); inet_pton(AF_INET6, "fe80::1:0:0:2", &a6.sin6_addr); CALL(SYS_bind, t, &a6, 24); inet_pton(AF_INET6, "::ffff:1.2.3.4", &a6.sin6_addr); CALL(SYS_bind, t, &a6, 28); inet_pton(AF_INET6, "::", &a6.sin6_addr); CALL(SYS_bind, t, &a6, 28);
  struct { uint16_t f, p; uint32_t pid, g; } nl = { AF_NETLINK, 0, 5, 0x11 }; CALL(SYS_bind, t, &nl, 12); nl.f = 77; CALL(SYS_bind, t, &nl, 12); nl.f = AF_UNSPEC; CALL(SYS_bind, t, &nl, 6);
  int one = 1; struct timeval tv = { 5, 7 }; struct linger lg = { 1, 9 }; socklen_t n = 4;
  CALL(SYS_setsockopt, t, SOL_SOCKET, SO_REUSEADDR, &one, 4); CALL(SYS_setsockopt, t, SOL_SOCKET, SO_RCVTIMEO, &tv, 16); CALL(SYS_setsockopt, t, SOL_SOCKET, SO_LINGER, &lg, 8); CALL(SYS_setsockopt, t, IPPROTO_TCP, TCP_NODELAY, &one, 4); CALL(SYS_setsockopt, t, 77, 5, &one, 4);
  CALL(SYS_setsockopt, t, SOL_IP, IP_TOS, &one, 4); CALL(SYS_setsockopt, t, SOL_IPV6, IPV6_V6ONLY, &one, 4); CALL(SYS_setsockopt, t, SOL_SOCKET, 999, &one, 4); CALL(SYS_setsockopt, t, SOL_SOCKET, SO_KEEPALIVE, 0, 0); CALL(SYS_setsockopt, t, SOL_SOCKET, SO_KEEPALIVE, &one, 2); CALL(SYS_setsockopt, 99, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
  CALL(SYS_getsockopt, t, SOL_SOCKET, SO_ERROR, buf, &n); CALL(SYS_getsockopt, t, SOL_SOCKET, SO_TYPE, buf, &n); CALL(SYS_getsockopt, t, SOL_SOCKET, SO_DOMAIN, buf, &n); CALL(SYS_getsockopt, t, SOL_SOCKET, SO_PROTOCOL, buf, &n); n = 16; CALL(SYS_getsockopt, t, SOL_SOCKET, SO_RCVTIMEO, buf, &n); CALL(SYS_getsockopt, t, SOL_SOCKET, SO_REUSEADDR, buf, &n);
  n = 8; CALL(SYS_getsockopt, t, SOL_SOCKET, SO_LINGER, buf, &n); CALL(SYS_getsockopt, 99, SOL_SOCKET, SO_LINGER, buf, &n); CALL(SYS_getsockopt, t, SOL_TCP, TCP_NODELAY, buf, &n); CALL(SYS_getsockopt, t, SOL_SOCKET, SO_KEEPALIVE, 0, 0);
  int s = CALL(SYS_socket, AF_INET, SOCK_STREAM, IPPROTO_TCP); a.sin_port = 0; CALL(SYS_bind, s, &a, 16); CALL(SYS_listen, s, 5); n = 128; CALL(SYS_getsockname, s, buf, &n); n = 16; memcpy(&a, buf, 16); CALL(SYS_getpeername, s, buf, &n); CALL(SYS_getsockname, s, 0, 0);
  int c = socket(AF_INET, SOCK_STREAM, 0); connect(c, (void *)&a, 16); n = 128; int d = CALL(SYS_accept4, s, buf, &n, SOCK_CLOEXEC | SOCK_NONBLOCK); CALL(SYS_accept, 99, 0, 0); CALL(SYS_accept, 99, buf, &n); c = socket(AF_INET, SOCK_STREAM, 0); connect(c, (void *)&a, 16); CALL(SYS_accept, s, 0, 0);
  int sp[2]; CALL(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, sp); CALL(SYS_socketpair, AF_INET, SOCK_DGRAM, 0, sp + 0 * d);
  CALL(SYS_sendto, sp[0], "hello\n", 6, MSG_NOSIGNAL | MSG_DONTWAIT, 0, 0); CALL(SYS_recvfrom, sp[1], buf, 100, MSG_PEEK, 0, 0); n = 100; CALL(SYS_recvfrom, sp[1], buf, 100, 0, buf + 100, &n); CALL(SYS_recvfrom, sp[1], buf, 100, MSG_DONTWAIT, buf + 100, &n); CALL(SYS_recvfrom, sp[1], buf, 100, MSG_DONTWAIT, 0, 0);
  CALL(SYS_bind, u, &(struct sockaddr_in){ AF_INET, 0, { htonl(0x7f000001) } }, 16); n = 16; getsockname(u, (void *)&a, &n); CALL(SYS_sendto, u, "dgram", 5, 0, &a, 16); n = 128; CALL(SYS_recvfrom, u, buf, 100, 0, buf + 200, &n); CALL(SYS_sendto, 99, 1, 5, 0, &a, 16);
  struct iovec io[2] = { { "ab", 2 }, { "cd", 2 } }, in[1] = { { buf, 100 } }; char cm[CMSG_SPACE(8)] __attribute__((aligned(8))) = { 0 }; struct msghdr m = { 0, 0, io, 2, cm, sizeof cm, 0 };
  struct cmsghdr *h = (void *)cm; h->cmsg_len = CMSG_LEN(4); h->cmsg_level = SOL_SOCKET; h->cmsg_type = SCM_RIGHTS; *(int *)CMSG_DATA(h) = 0; m.msg_controllen = CMSG_SPACE(4); CALL(SYS_sendmsg, sp[0], &m, MSG_NOSIGNAL);
  struct msghdr r = { buf + 300, 100, in, 1, cm, sizeof cm, 0 }; CALL(SYS_recvmsg, sp[1], &r, 0); r.msg_namelen = 100; CALL(SYS_recvmsg, sp[1], &r, MSG_DONTWAIT); CALL(SYS_recvmsg, 99, 0, 0); m.msg_controllen = 0; m.msg_name = &a; m.msg_namelen = 16; CALL(SYS_sendmsg, u, &m, 0); r.msg_namelen = 100; r.msg_controllen = 0; CALL(SYS_recvmsg, u, &r, 0); CALL(SYS_sendmsg, 99, 1, 0);
  n = 12; CALL(SYS_getsockopt, sp[0], SOL_SOCKET, SO_PEERCRED, buf, &n); CALL(SYS_shutdown, sp[0], SHUT_RDWR); CALL(SYS_shutdown, sp[0], 9); CALL(SYS_recvfrom, sp[1], buf, 10, 0, 0, 0);
  return 0;
}
