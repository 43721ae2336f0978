/* What calls answer where two things meet, found by sequences of random calls (test/programs/random) and made small. */
#include "cases.h"
#include <netinet/in.h>
#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/un.h>

#define FIELD ((char *)0x30000000)

/* Two connected streams of TCP. */
static void connect_pair(int pair[2]) {
	struct sockaddr_in here = { AF_INET, 0, { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof here;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	bind(listener, (void *)&here, sizeof here);
	listen(listener, 5);
	getsockname(listener, (void *)&here, &length);
	pair[0] = socket(AF_INET, SOCK_STREAM, 0);
	connect(pair[0], (void *)&here, sizeof here);
	pair[1] = accept(listener, NULL, NULL);
	close(listener);
}

static int revents(int fd) {
	struct pollfd one = { fd, POLLIN | POLLOUT };
	poll(&one, 1, 0);
	return one.revents;
}

CASE(data_for_a_stream_that_is_shut_down_both_ways_resets_it) {
	int pair[2];
	signal(SIGPIPE, SIG_IGN);
	connect_pair(pair);
	TRY(shutdown(pair[1], SHUT_RDWR));
	TRY(write(pair[0], "late", 4));
	TRY(revents(pair[0]));
	TRY(recvmmsg(pair[0], NULL, 0, 0, NULL));
	TRY(recvmmsg(pair[0], NULL, 0, 0, NULL));
	TRY(write(pair[0], "later", 5));
	TRY(shutdown(pair[1], SHUT_WR));
	TRY(listen(pair[0], 1));
	TRY(listen(pair[1], 1));
	struct sockaddr_in nowhere = { AF_INET, htons(9), { htonl(INADDR_LOOPBACK) } };
	TRY(connect(pair[0], (void *)&nowhere, sizeof nowhere));
}

CASE(a_stream_that_was_disconnected_tells_of_it_once) {
	int pair[2];
	signal(SIGPIPE, SIG_IGN);
	connect_pair(pair);
	TRY(connect(pair[0], (void *)&(struct sockaddr){ AF_UNSPEC }, sizeof(struct sockaddr)));
	TRY(write(pair[0], "x", 1));
	TRY(write(pair[0], "x", 1));
	TRY(listen(pair[0], 1));
}

static void alarmed(int signal) { (void)signal; }

CASE(no_bytes_are_waited_for_once) {
	int pair[2], ends[2];
	char byte;
	connect_pair(pair);
	struct sigaction action = { .sa_handler = alarmed };
	sigaction(SIGALRM, &action, NULL);
	struct itimerval soon = { { 0, 0 }, { 0, 20000 } };
	struct msghdr empty = { 0 };
	setitimer(ITIMER_REAL, &soon, NULL);
	TRY(recv(pair[0], &byte, 0, 0));
	setitimer(ITIMER_REAL, &soon, NULL);
	TRY(recvmsg(pair[0], &empty, 0));
	TRY(recv(pair[0], &byte, 0, MSG_DONTWAIT));
	write(pair[1], "x", 1);
	TRY(recv(pair[0], &byte, 0, 0));
	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	setitimer(ITIMER_REAL, &soon, NULL);
	TRY(recv(ends[0], &byte, 0, 0));
}

CASE(a_datagram_that_does_not_fit_into_memory_is_lost) {
	static const int types[] = { SOCK_DGRAM, SOCK_SEQPACKET };
	for (int i = 0; i < 2; i++) {
		int ends[2];
		char room[16];
		socketpair(AF_UNIX, types[i] | SOCK_NONBLOCK, 0, ends);
		write(ends[0], "first", 5);
		write(ends[0], "second", 6);
		TRY(recv(ends[1], BAD_POINTER, 5, MSG_PEEK));
		TRY(read(ends[1], BAD_POINTER, 5));
		TRY(read(ends[1], room, sizeof room));
	}
	struct sockaddr_in here = { AF_INET, 0, { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof here;
	int udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	bind(udp, (void *)&here, sizeof here);
	getsockname(udp, (void *)&here, &length);
	sendto(udp, "datagram", 8, 0, (void *)&here, sizeof here);
	TRY(read(udp, BAD_POINTER, 8));
	TRY(read(udp, &length, 1));
}

CASE(what_a_peer_sent_goes_with_it) {
	int ends[2];
	char room[16];
	socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends);
	write(ends[0], "message", 7);
	close(ends[0]);
	TRY(recv(ends[1], room, sizeof room, MSG_PEEK));
	TRY(write(ends[1], "x", 1));
	TRY(read(ends[1], room, sizeof room));
	socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends);
	write(ends[0], "message", 7);
	TRY(connect(ends[1], (void *)&(struct sockaddr){ AF_UNSPEC }, sizeof(struct sockaddr)));
	TRY(revents(ends[0]) & POLLERR);
	TRY(write(ends[0], "x", 1));
	TRY(read(ends[1], room, sizeof room));
}

CASE(an_error_is_told_before_a_packet) {
	int ends[2];
	char room[16];
	socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends);
	write(ends[0], "one", 3);
	write(ends[1], "two", 3);
	close(ends[1]);
	TRY(read(ends[0], room, sizeof room));
	TRY(read(ends[0], room, sizeof room));
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends);
	struct iovec good = { room, 3 };
	struct mmsghdr two[2] = { { { .msg_iov = &good, .msg_iovlen = 1 } }, { { .msg_iov = BAD_POINTER, .msg_iovlen = 1 } } };
	write(ends[0], "onetwo", 6);
	TRY(recvmmsg(ends[1], two, 2, 0, NULL));
	TRY(revents(ends[1]) & POLLERR);
	TRY(recvmmsg(ends[1], two, 0, 0, NULL));
	TRY(recvmmsg(ends[1], two, 0, 0, &(struct timespec){ 0, 1000000000 }));
}

CASE(addresses_that_lead_nowhere) {
	int udp = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in nobody = { AF_INET, 0, { htonl(0x08080808) } }, here = { AF_INET, 0, { 0 } };
	TRY(sendto(udp, "x", 1, 0, (void *)&nobody, sizeof nobody));
	TRY(shutdown(udp, SHUT_RDWR));
	TRY(read(udp, &here, 1));
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	TRY(connect(udp, (void *)&here, sizeof here));
	TRY(write(udp, "x", 1));
	int datagrams = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct sockaddr_un name = { AF_UNIX, "name" };
	struct msghdr nameless = { .msg_name = &name, .msg_namelen = 2 };
	TRY(sendmsg(datagrams, &nameless, 0));
	TRY(bind(datagrams, (void *)&name, sizeof name));
	TRY(bind(datagrams, (void *)&name, sizeof name));
	TRY(bind(datagrams, (void *)&(struct sockaddr_un){ AF_UNIX, "none/name" }, sizeof name));
	TRY(bind(datagrams, (void *)&(struct sockaddr_un){ AF_UNIX, "other" }, sizeof name));
	TRY(setsockopt(datagrams, SOL_SOCKET, SO_RCVTIMEO, BAD_POINTER, 8));
	TRY(setsockopt(datagrams, SOL_SOCKET, SO_RCVTIMEO, &(long){ 1 }, 8));
}

CASE(times_that_are_carried) {
	struct timeval microseconds = { -1, 1000000 }, less = { -1, 999999 };
	TRY(select(0, NULL, NULL, NULL, &microseconds));
	TRY(select(0, NULL, NULL, NULL, &less));
	for (int clock = -1; clock > -10; clock--) TRY(syscall(SYS_clock_nanosleep, clock, 0, NULL, NULL));
	TRY(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, NULL, NULL));
}

static void make_field(int pages, int flags) {
	mmap(FIELD, pages * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

CASE(advice_goes_mapping_by_mapping) {
	make_field(8, MAP_PRIVATE);
	munmap(FIELD + 3 * PAGE, PAGE);
	TRY(mlock(FIELD + PAGE, 4 * PAGE));
	TRY(msync(FIELD + PAGE, PAGE, MS_INVALIDATE));
	TRY(msync(FIELD + 2 * PAGE, 3 * PAGE, MS_INVALIDATE));
	TRY(msync(FIELD + 4 * PAGE, PAGE, MS_INVALIDATE));
	TRY(madvise(FIELD, 8 * PAGE, MADV_COLD));
	TRY(madvise(FIELD, 8 * PAGE, MADV_PAGEOUT));
	TRY(madvise(FIELD, 8 * PAGE, MADV_DONTNEED));
	TRY(munlock(FIELD + PAGE, 4 * PAGE));
	TRY(msync(FIELD + PAGE, PAGE, MS_INVALIDATE));
	TRY(madvise(FIELD, 8 * PAGE, MADV_COLD));
	TRY(madvise(FIELD, 1UL << 46, MADV_DODUMP));
	TRY(madvise((void *)-PAGE, PAGE, MADV_COLD));
	TRY(madvise(FIELD, 2 * PAGE, MADV_REMOVE));
	int file = open("file", O_RDWR | O_CREAT, 0600);
	ftruncate(file, 8 * PAGE);
	mmap(FIELD, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0);
	TRY(madvise(FIELD, PAGE, MADV_REMOVE));
	mmap(FIELD, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0);
	TRY(madvise(FIELD, PAGE, MADV_REMOVE));
	TRY(mlock(FIELD + 1, -PAGE));
	TRY(munlock(FIELD + 1, -PAGE));
	GIVES(mmap(FIELD, 3 * PAGE, PROT_READ, MAP_FIXED, file, -PAGE));
	mmap(FIELD, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	TRY(mlock(FIELD, PAGE));
}

CASE(a_place_for_what_is_moved_is_looked_at_with_dontunmap) {
	make_field(4, MAP_PRIVATE);
	GIVES(mremap(FIELD, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, FIELD));
	GIVES(mremap(FIELD, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 1UL << 62));
	GIVES(mremap(FIELD, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, 0));
	GIVES(mremap(FIELD, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, 0));
}

CASE(futexes_that_are_none) {
	make_field(2, MAP_PRIVATE);
	mprotect(FIELD + PAGE, PAGE, PROT_READ);
	TRY(syscall(SYS_futex, -1, FUTEX_WAKE_PRIVATE, 0, NULL, NULL, 0));
	TRY(syscall(SYS_futex, -8, FUTEX_WAKE_PRIVATE, 0, NULL, NULL, 0));
	TRY(syscall(SYS_futex, 0x800000000000, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	TRY(syscall(SYS_futex, FIELD, FUTEX_REQUEUE, 1, 1, FIELD + PAGE, 0));
	TRY(syscall(SYS_futex, FIELD, FUTEX_REQUEUE_PRIVATE, 1, 1, FIELD + PAGE, 0));
}

CASE(priorities_of_groups_and_of_idle_tasks) {
	TRY(syscall(SYS_ioprio_get, 1, 0));
	TRY(syscall(SYS_ioprio_get, 2, 0));
	nice(7);
	TRY(syscall(SYS_ioprio_get, 2, 0));
	struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t rest[3]; } attributes = { 48, SCHED_IDLE, 0, 19 };
	TRY(syscall(SYS_sched_setattr, 0, &attributes, 0));
	TRY(getpriority(PRIO_PROCESS, 0));
	TRY(syscall(SYS_ioprio_get, 2, 0));
}

CASE(files_at_their_ends) {
	char *end = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + PAGE;
	mkdir("empty", 0755);
	int directory = open("empty", O_RDONLY), ends[2], sockets[2], counter = eventfd(0, EFD_NONBLOCK);
	TRY(syscall(SYS_getdents64, directory, end - 21, 24));
	TRY(syscall(SYS_getdents64, directory, end - 24, 0xffffffffL));
	lseek(directory, 0, SEEK_SET);
	TRY(syscall(SYS_getdents64, directory, end - 21, 100));
	mkfifo("fifo", 0600);
	TRY(open("fifo", O_ACCMODE | O_NONBLOCK));
	int file = open("file", O_RDWR | O_CREAT, 0600);
	TRY(pread(file, end - 1, 0, LONG_MAX));
	TRY(pread(file, end - 1, 1, LONG_MAX));
	socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
	pipe2(ends, O_NONBLOCK);
	lseek(directory, 0, SEEK_SET);
	TRY(sendfile(sockets[0], directory, NULL, 0));
	TRY(sendfile(ends[1], sockets[0], NULL, 1));
	TRY(sync_file_range(counter, 1L << 62, 1L << 62, 0));
	memset(end - 8, 0, 8);
	struct iovec several[] = { { end - 8, 8 }, { BAD_POINTER, 8 } };
	TRY(writev(counter, several, 2));
	mkdir("readonly", 0555);
	TRY(link("/dev/null", "readonly/new"));
	TRY(link("file", "readonly/new"));
	TRY(symlink("file", "readonly/new"));
	TRY(mkdir("readonly/new", 0755));
}
