/*
 * What random calls are made of: one function for each kind of argument, valid more often than not. A generator writes what its pointer leads to into the
 * arena, which is at the same address in every run, and returns the register's value.
 */
#define ARENA 0x20000000L
/* Eight pages for results; four for structs and strings; two that are missing; one that is read only; one without any access. */
#define OUT ARENA
#define OUT_SIZE (8 * 4096L)
#define IN (OUT + OUT_SIZE + 2 * 4096)
#define IN_SIZE (4 * 4096L)
#define READ_ONLY (IN + IN_SIZE + 2 * 4096)
#define NO_ACCESS (READ_ONLY + 4096)
/* Where maps come and go. */
#define FIELD 0x30000000L
#define FIELD_PAGES 16

static uint64_t state;

static unsigned chance(unsigned of) {
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 20) % of;
}

/* Where the next struct goes. */
static long next_in;

static void *room(long size) {
	void *at = (void *)next_in;
	next_in += (size + 31) & ~15;
	if (next_in > IN + IN_SIZE) next_in = IN, at = (void *)IN;
	return at;
}

/* Words of the arena that hold a number of a process: they are cleared before the memory is summed up. */
static int *ids[16], id_count;
static int process_id(int *at) {
	if (id_count < 16) ids[id_count++] = at;
	return getpid();
}

static long bad_pointer(void) {
	static const long bad[] = { 0, 8, OUT + OUT_SIZE, OUT + OUT_SIZE - 4, READ_ONLY, READ_ONLY + 4092, NO_ACCESS, 0x7ffffffff000, 0x800000000000, 0xffff888000000000, -1, -8 };
	return bad[chance(sizeof bad / sizeof *bad)];
}

/* A struct's address, or now and then one that is no good. */
#define GIVE(pointer) return chance(14) ? (long)(pointer) : bad_pointer()

#define COUNT(array) (sizeof array / sizeof *array)

/* One of the values. */
#define CHOICE(name, ...) static long name(void) { static const long all[] = { __VA_ARGS__ }; return all[chance(COUNT(all))]; }
/* Some of the bits, seldom one more. */
#define FLAGS(name, ...) static long name(void) { static const long all[] = { __VA_ARGS__ }; long value = 0; \
	for (int n = chance(4); n > 0; n--) value |= all[chance(COUNT(all))]; if (chance(24) == 0) value |= 1L << chance(32); return value; }

static int world[64], world_size;

static long fd(void) {
	static const int odd[] = { -1, 99, INT_MAX, INT_MIN, 1024, 63 };
	switch (chance(12)) {
	case 0: return odd[chance(COUNT(odd))];
	case 1: return 3 + chance(50);
	default: return world[chance(world_size)];
	}
}

/* Where the end of a directory is differs between file systems. */
static long fd_of_no_directory(void);

/* TCP's own maps are for its own receive. */
static long fd_of_no_socket(void) { long one = fd(); struct { char room[256]; } status; return syscall(SYS_fstat, one, &status) == 0 && (*(unsigned *)(status.room + 24) & 0170000) == 0140000 ? 3 : one; }

static int directory_fd, epoll_fd, timer_fd, inotify_fd, signal_fd;
static int sockets[16], socket_count;

/* Mostly `kind`, else any. */
static long mostly(int kind) { return chance(6) ? kind : fd(); }
static long fd_of_no_directory(void) { long one = fd(); struct { char room[256]; } status; return syscall(SYS_fstat, one, &status) == 0 && (*(unsigned *)(status.room + 24) & 0170000) == 0040000 ? 3 : one; }
static long dirfd_(void) { return chance(2) ? AT_FDCWD : mostly(directory_fd); }
static long epoll(void) { return mostly(epoll_fd); }
static long timer_descriptor(void) { return mostly(timer_fd); }
static long inotify(void) { return mostly(inotify_fd); }
static long sock(void) { return mostly(sockets[chance(socket_count)]); }
static long new_fd(void) { return chance(8) ? 3 + chance(60) : fd(); }

static long text(const char *string) {
	char *at = room(strlen(string) + 1);
	return (long)strcpy(at, string);
}

static char long_name[260], long_path[4200];

static const char *a_name(void) {
	static const char *const names[] = { "f", "g", "d", "d/f", "d/e", "l", "ld", "loop", "dangling", "none", "none/x", "f/x", "f/", "d/", "", ".", "..", "d/..", "fifo", "s", "h", "new", "new2", "d/new", "ld/f",
		"closed/x", "readonly/f", "readonly/new", "/", "/dev/null", "d/e/../f", "./f", "d//f", "l/", "dangling/", "/proc/self/fd/3", "exec" };
	switch (chance(40)) {
	case 0: return long_name;
	case 1: return long_path;
	default: return names[chance(COUNT(names))];
	}
}

static long path(void) {
	long at = text(a_name());
	GIVE(at);
}

static long buf(void) {
	switch (chance(12)) {
	case 0: return bad_pointer();
	case 1: return OUT + OUT_SIZE - chance(5000);
	case 2: return OUT + chance(4096);
	default: return OUT;
	}
}
static long out(void) { return chance(10) ? OUT + 64 * chance(8) : bad_pointer(); }
static long out2(void) { return chance(3) ? chance(10) ? OUT + 4096 + 64 * chance(8) : bad_pointer() : 0; }
static long data(void) { return chance(14) ? IN + chance(4096) : bad_pointer(); }
CHOICE(len, 0, 0, 1, 2, 3, 7, 8, 8, 9, 15, 16, 20, 24, 64, 100, 100, 4095, 4096, 4097, 8192, 20000, 70000, 1 << 20, INT_MAX, 0x80000000, 0x100000000, 1L << 62, LONG_MAX, LONG_MIN, -1)
CHOICE(small, 0, 1, 1, 2, 3, 4, 8, 16, 100, -1)
CHOICE(offset, 0, 0, 1, 5, 100, 4095, 4096, 5000, 10000, 1 << 20, 0x7fffffff, 0x100000000, LONG_MAX, -1, -4096, LONG_MIN)
CHOICE(number, 0, 0, 1, 1, 2, 3, 4, 5, 8, 10, 16, 64, 100, 1000, 4096, INT_MAX, INT_MIN, -1, -2)
CHOICE(zero, 0, 0, 0, 0, 0, 0, 0, 1, -1)
CHOICE(mode, 0, 0644, 0600, 0755, 0777, 0444, 0222, 01777, 02755, 04755, 07777, 0100644, 0170000, -1)
CHOICE(uid, 65534, 65534, -1, 0, 1, 1000)

static long offset_pointer(void) {
	if (chance(3) == 0) return 0;
	long *at = room(sizeof *at);
	*at = offset();
	GIVE(at);
}

/* For streams of TCP, where how much of a buffer is taken before its end is missing is chance: buffers that are whole. */
static int is_whole;

static long iov(void) {
	struct iovec *v = room(6 * sizeof *v);
	for (int i = 0; i < 6; i++) {
		static const long lengths[] = { 0, 0, 1, 2, 8, 100, 5, 4096, 5000, 70000 };
		v[i].iov_base = (void *)(is_whole || chance(10) ? OUT + 512 * i : bad_pointer());
		v[i].iov_len = is_whole || chance(20) ? lengths[chance(COUNT(lengths))] : len();
	}
	if (is_whole) for (int i = 0; i < 6; i++) if (v[i].iov_len > 5000) v[i].iov_len = 5000;
	GIVE(v);
}
CHOICE(iovcnt, 0, 1, 1, 2, 3, 4, 5, 6, 6, 1024, 1025, -1, INT_MAX)

FLAGS(oflags, O_WRONLY, O_RDWR, O_RDWR, O_CREAT, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_NONBLOCK, O_DIRECTORY, O_NOFOLLOW, O_PATH, O_CLOEXEC, O_NOATIME, O_TMPFILE, O_SYNC, O_DSYNC, O_NOCTTY, O_LARGEFILE, 3)
FLAGS(at_flags, AT_SYMLINK_NOFOLLOW, AT_SYMLINK_FOLLOW, AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_REMOVEDIR, AT_EACCESS)
FLAGS(rwf, RWF_DSYNC, RWF_HIPRI, RWF_SYNC, RWF_NOWAIT, RWF_APPEND)
FLAGS(descriptor_flags, O_CLOEXEC, O_NONBLOCK)
FLAGS(pipe_flags, O_CLOEXEC, O_NONBLOCK, O_DIRECT)
/* Without huge pages. */
CHOICE(memfd_flags, 0, MFD_CLOEXEC, MFD_ALLOW_SEALING, MFD_ALLOW_SEALING, MFD_CLOEXEC | MFD_ALLOW_SEALING, 8, 0x18, 0x100, 0x80000000, -1)
FLAGS(splice_flags, SPLICE_F_MOVE, SPLICE_F_NONBLOCK, SPLICE_F_GIFT)
FLAGS(falloc, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)
FLAGS(rename_flags, RENAME_NOREPLACE, RENAME_EXCHANGE)
FLAGS(sync_range, 1, 2, 4)
FLAGS(msg_flags, MSG_DONTWAIT, MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, MSG_NOSIGNAL, MSG_EOR, MSG_CMSG_CLOEXEC, MSG_DONTROUTE)
FLAGS(socket_flags, SOCK_CLOEXEC, SOCK_NONBLOCK)
FLAGS(xattr_flags, XATTR_CREATE, XATTR_REPLACE)
FLAGS(inotify_mask, IN_ACCESS, IN_MODIFY, IN_ATTRIB, IN_CLOSE, IN_OPEN, IN_MOVE, IN_CREATE, IN_DELETE, IN_ONLYDIR, IN_DONT_FOLLOW, IN_MASK_ADD, IN_MASK_CREATE, IN_ONESHOT, IN_EXCL_UNLINK, IN_DELETE_SELF)
CHOICE(access_mode, 0, 1, 2, 4, 5, 6, 7, 8, -1)
CHOICE(whence, 0, 0, 1, 1, 2, 2, 3, 4, 5, -1)
CHOICE(advice, 0, 1, 2, 3, 4, 5, 6, -1)
CHOICE(lock_op, LOCK_SH, LOCK_EX | LOCK_NB, LOCK_SH | LOCK_NB, LOCK_UN, LOCK_EX, 0, LOCK_SH | LOCK_EX, 64, LOCK_NB, -1)
CHOICE(node, 0644, S_IFREG | 0600, S_IFIFO | 0644, S_IFSOCK | 0600, S_IFCHR, S_IFBLK, S_IFDIR, S_IFLNK, S_IFMT, 0)
CHOICE(device, 0, 0x103, 0x501)
CHOICE(fcntl_command, F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETOWN, F_SETSIG, F_GETSIG, F_DUPFD_CLOEXEC, F_GETPIPE_SZ, F_SETPIPE_SZ, F_ADD_SEALS, F_GET_SEALS, F_SETLEASE, F_GETLEASE, F_NOTIFY, -1, 100, 1028)
CHOICE(fcntl_argument, 0, 1, 2, 3, 4, 10, 64, 100, 4096, 8192, O_NONBLOCK, O_APPEND, O_APPEND | O_NONBLOCK, O_ASYNC, 1 << 20, 1 << 21, -1, LONG_MAX)
CHOICE(lock_command, F_GETLK, F_SETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW)
CHOICE(owner_command, F_SETOWN_EX, F_GETOWN_EX, 17, 1035, 1036, 1037, 1038)
CHOICE(ioctl_command, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX, FIOASYNC, TCGETS, TIOCGWINSZ, TIOCGPGRP, TIOCSPTLCK, TIOCGPTN, TIOCOUTQ, FIOQSIZE, TCFLSH, TCXONC, TCSBRK, TIOCEXCL, TIOCNXCL, TIOCSTI, 0, 0x1234, -1, FIGETBSZ, TIOCGSID, TIOCNOTTY)

static long flock_(void) {
	static const short types[] = { F_RDLCK, F_WRLCK, F_UNLCK, 3, -1 };
	struct flock *lock = room(sizeof *lock);
	*lock = (struct flock){ types[chance(20) ? chance(3) : chance(5)], chance(16) ? chance(3) : chance(6), chance(5) ? 10 * chance(30) : -1, chance(5) ? 10 * chance(20) : 1L << 40, chance(8) ? 0 : 1 };
	GIVE(lock);
}

static long open_how(void) {
	long *how = room(3 * sizeof *how);
	how[0] = oflags();
	how[1] = how[0] & (O_CREAT | __O_TMPFILE) ? mode() : chance(12) ? 0 : 1;
	/* What RESOLVE_CACHED finds is chance. */
	how[2] = chance(2) ? 0 : 1L << chance(8) & ~0x20L;
	GIVE(how);
}
CHOICE(open_how_size, 24, 24, 24, 24, 24, 24, 0, 16, 23, 32, 4096, 5000)

static long timespec(void) {
	static const long seconds[] = { 0, 0, 0, 0, 0, -1, LONG_MIN }, parts[] = { 0, 1, 1000, 1000000, 2000000, 999999999, 1000000000, -1, LONG_MAX };
	if (chance(6) == 0) return 0;
	struct timespec *t = room(sizeof *t);
	*t = (struct timespec){ seconds[chance(chance(8) ? 5 : COUNT(seconds))], parts[chance(chance(8) ? 5 : COUNT(parts))] };
	GIVE(t);
}
/* A time that is over at once, or none: how much happens within a short one is chance. */
static long timespec_of_none(void) {
	if (chance(2)) return 0;
	long *t = room(16);
	t[0] = 0;
	t[1] = chance(8) ? 0 : 1000000000;
	GIVE(t);
}
static long timeval(void) {
	if (chance(6) == 0) return 0;
	struct timeval *t = room(sizeof *t);
	*t = (struct timeval){ chance(12) ? 0 : -1, chance(8) ? 1000 * chance(3) : chance(2) ? 1000000 : -1 };
	GIVE(t);
}
static long file_times(void) {
	if (chance(8) == 0) return 0;
	struct timespec *t = room(2 * sizeof *t);
	for (int i = 0; i < 2; i++) t[i] = (struct timespec){ chance(8) ? chance(1000000) : LONG_MAX, chance(4) == 0 ? UTIME_NOW : chance(4) == 0 ? UTIME_OMIT : chance(8) ? chance(1000000000) : 1000000000 };
	GIVE(t);
}
static long file_timevals(void) {
	if (chance(8) == 0) return 0;
	struct timeval *t = room(2 * sizeof *t);
	for (int i = 0; i < 2; i++) t[i] = (struct timeval){ chance(1000000), chance(8) ? chance(1000000) : 1000000 };
	GIVE(t);
}
static long itimerspec(void) {
	struct itimerspec *t = room(sizeof *t);
	*t = (struct itimerspec){ { 0, chance(8) ? 0 : 1000000000 }, { chance(3) ? 0 : chance(4) ? 100000000 : -1, chance(3) ? 0 : 1 } };
	GIVE(t);
}
CHOICE(timeout_ms, 0, 0, 1, 2, 5, -1, INT_MIN)
CHOICE(clockid, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, -1, -2, -6, INT_MAX)
/* On clocks of processor time it is chance how long a sleep is. */
CHOICE(sleep_clock, 0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, -1, INT_MAX)
CHOICE(timer_id, 0, 0, 1, 2, 3, -1, INT_MAX)
CHOICE(timer_flags, 0, 0, 0, 1, 2, 3, 4, -1)
static long sigevent(void) {
	struct sigevent *event = room(sizeof *event);
	memset(event, 0, sizeof *event);
	static const int notify[] = { 0, 1, 3, 4, 5, 8, -1 };
	event->sigev_notify = chance(8) ? chance(2) : notify[chance(COUNT(notify))];
	event->sigev_signo = chance(8) ? SIGUSR1 : chance(70);
	event->sigev_value.sival_int = 7;
	if (chance(6) == 0) return 0;
	GIVE(event);
}

/* Signals that wait and never end the run. */
CHOICE(signo, SIGUSR1, SIGUSR1, SIGUSR2, SIGURG, SIGWINCH, SIGCHLD, 34, 35, 64, 65, 0, -1, SIGCONT)
static long signal_set(void) {
	if (chance(8) == 0) return 0;
	uint64_t *set = room(sizeof *set);
	*set = 0;
	for (int n = chance(4); n > 0; n--) {
		static const int signals[] = { SIGUSR1, SIGUSR2, SIGURG, SIGWINCH, SIGCHLD, 34, 35, 64 };
		*set |= 1UL << (signals[chance(COUNT(signals))] - 1);
	}
	GIVE(set);
}
CHOICE(sigset_size, 8, 8, 8, 8, 8, 8, 8, 8, 8, 0, 4, 16, 128, -1)
CHOICE(how_masked, 0, 1, 0, 1, 2, 3, -1)
extern void handler(int);
extern void restorer(void);
static long sigaction_(void) {
	if (chance(6) == 0) return 0;
	long *action = room(4 * sizeof *action);
	static const long flags[] = { SA_RESTART, SA_NODEFER, SA_SIGINFO, SA_NOCLDWAIT, SA_NOCLDSTOP, SA_ONSTACK };
	*action = chance(4) ? SIG_IGN == 0 ? 0 : 1 : (long)handler;
	action[1] = 0x04000000 | (chance(2) ? flags[chance(COUNT(flags))] : 0);
	action[2] = (long)restorer;
	action[3] = 0;
	GIVE(action);
}
static long stack(void) {
	if (chance(5) == 0) return 0;
	stack_t *s = room(sizeof *s);
	static const int flags[] = { 0, SS_DISABLE, SS_ONSTACK, 3, 4, 1 << 31 };
	*s = (stack_t){ (void *)FIELD, flags[chance(COUNT(flags))], chance(5) ? 16384 : chance(3000) };
	GIVE(s);
}
static long siginfo(void) {
	siginfo_t *info = room(sizeof *info);
	memset(info, 0, sizeof *info);
	info->si_code = chance(5) ? SI_QUEUE : chance(2) ? 0 : SI_TKILL;
	info->si_signo = signo();
	info->si_value.sival_int = 5;
	GIVE(info);
}

static pid_t child_pid;
static long pid(void) {
	switch (chance(6)) {
	case 0: return 0;
	case 1: return child_pid;
	case 2: return chance(2) ? 4100000 : -5;
	case 3: return INT_MIN;
	default: return getpid();
	}
}
/* For calls that act on whole groups. */
static long one_pid(void) { return chance(5) ? getpid() : chance(2) ? child_pid : 4100000; }

static long pollfds(void) {
	struct pollfd *p = room(6 * sizeof *p);
	for (int i = 0; i < 6; i++) p[i] = (struct pollfd){ fd(), chance(4) ? POLLIN | POLLOUT : (1 << chance(15)), 0 };
	/* Others are looked at when the wait is over. */
	return chance(14) ? (long)p : 8;
}
CHOICE(nfds, 0, 1, 1, 2, 3, 4, 6, 6, 2000000, -1)
static long fd_set_(void) {
	if (chance(3) == 0) return 0;
	uint64_t *set = room(128);
	memset(set, 0, 128);
	for (int n = chance(5); n > 0; n--) set[0] |= 1UL << (chance(6) ? world[chance(world_size)] : chance(64));
	GIVE(set);
}
CHOICE(fd_count, 0, 1, 5, 20, 40, 64, 64, 64, 100, 1024, 2000, -1)
static long select_mask(void) {
	if (chance(3)) return 0;
	long *pair = room(2 * sizeof *pair);
	pair[0] = signal_set();
	pair[1] = sigset_size();
	GIVE(pair);
}
static long epoll_event_(void) {
	struct epoll_event *e = room(sizeof *e);
	static const unsigned bits[] = { EPOLLIN, EPOLLOUT, EPOLLIN, EPOLLOUT, EPOLLET, EPOLLONESHOT, EPOLLEXCLUSIVE, EPOLLRDHUP, EPOLLPRI, EPOLLWAKEUP };
	e->events = 0;
	for (int n = 1 + chance(3); n > 0; n--) e->events |= bits[chance(COUNT(bits))];
	e->data.u64 = chance(100);
	GIVE(e);
}
CHOICE(epoll_op, 1, 1, 1, 2, 3, 0, 4)
CHOICE(max_events, 1, 2, 8, 100, 0, -1, INT_MAX)

static char abstract_name[20];
static long address(void) {
	char *a = room(128);
	memset(a, 0, 128);
	*(short *)a = AF_UNIX;
	switch (chance(9)) {
	case 0: strcpy(a + 2, "s"); break;
	case 1: strcpy(a + 2, "new"); break;
	case 2: strcpy(a + 2, "d/f"); break;
	case 3: memcpy(a + 2, abstract_name, 12); break;
	case 4: *(short *)a = chance(70); break;
	case 5: strcpy(a + 2, a_name()[0] == 'x' ? "none" : a_name()); break;
	case 6: *(struct sockaddr_in *)a = (struct sockaddr_in){ AF_INET, htons(chance(2) ? 0 : chance(3) ? 9 : 80), { htonl(chance(3) ? INADDR_LOOPBACK : chance(2) ? 0 : 0x08080808) } }; break;
	case 7: *(struct sockaddr_in6 *)a = (struct sockaddr_in6){ AF_INET6, htons(chance(2) ? 0 : 9), 0, IN6ADDR_LOOPBACK_INIT }; break;
	default: break;
	}
	if (chance(10) == 0) return 0;
	GIVE(a);
}
CHOICE(address_length, 110, 110, 16, 16, 16, 28, 28, 14, 12, 3, 2, 1, 0, 8, 15, 100, 128, 129, -1, INT_MIN)
static long length_pointer(void) {
	if (chance(5) == 0) return 0;
	int *length = room(sizeof *length);
	static const int all[] = { 110, 128, 16, 16, 4, 8, 2, 0, 1, 3, 28, -1, INT_MAX };
	*length = all[chance(COUNT(all))];
	GIVE(length);
}
static long message_into(struct msghdr *m) {
	memset(m, 0, sizeof *m);
	if (chance(3) == 0) { m->msg_name = (void *)address(); m->msg_namelen = address_length(); }
	m->msg_iov = (void *)iov();
	m->msg_iovlen = chance(16) ? chance(6) : chance(2) ? 1024 : 5000;
	if (chance(2)) {
		struct cmsghdr *c = room(80);
		memset(c, 0, 80);
		int is_credentials = chance(4) == 0;
		c->cmsg_len = chance(10) ? is_credentials ? CMSG_LEN(12) : CMSG_LEN(8) : chance(80);
		c->cmsg_level = chance(10) ? SOL_SOCKET : chance(50);
		c->cmsg_type = chance(10) ? is_credentials ? SCM_CREDENTIALS : SCM_RIGHTS : chance(5);
		int *held = (void *)CMSG_DATA(c);
		if (is_credentials) { held[0] = chance(3) ? process_id(held) : 1; held[1] = held[2] = chance(4) ? 65534 : 0; }
		else { held[0] = fd(); held[1] = fd(); }
		m->msg_control = chance(14) ? c : (void *)bad_pointer();
		m->msg_controllen = chance(8) ? CMSG_SPACE(8) : chance(80);
	}
	m->msg_flags = chance(4) ? 0 : -1;
	return (long)m;
}
static long message(void) { GIVE(message_into(room(sizeof(struct msghdr)))); }
static long messages(void) {
	struct mmsghdr *m = room(3 * sizeof *m);
	for (int i = 0; i < 3; i++) { message_into(&m[i].msg_hdr); m[i].msg_len = 0; }
	GIVE(m);
}
CHOICE(message_count, 0, 1, 2, 3, 3)
CHOICE(family, AF_UNIX, AF_UNIX, AF_INET, AF_INET, AF_INET6, 0, 45, 46, 100, -1)
static long socket_type(void) {
	static const int types[] = { SOCK_STREAM, SOCK_STREAM, SOCK_DGRAM, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_RAW, 0, 4, 7, 10, 11, 16 };
	return types[chance(COUNT(types))] | (chance(3) ? 0 : socket_flags());
}
CHOICE(protocol, 0, 0, 0, 0, 0, 1, 6, 17, 255, 256, -1)
CHOICE(shut, 0, 1, 2, 3, -1)
CHOICE(level, SOL_SOCKET, SOL_SOCKET, SOL_SOCKET, SOL_SOCKET, SOL_SOCKET, 255, -1)
static long option(void) {
	static const int known[] = { SO_REUSEADDR, SO_TYPE, SO_ERROR, SO_KEEPALIVE, SO_BROADCAST, SO_LINGER, SO_PASSCRED, SO_PEERCRED, SO_RCVLOWAT, SO_RCVTIMEO, SO_SNDTIMEO, SO_ACCEPTCONN, SO_DOMAIN, SO_PROTOCOL,
		SO_REUSEPORT, SO_OOBINLINE, SO_PRIORITY, SO_TIMESTAMP, SO_DONTROUTE, SO_BSDCOMPAT, SO_SNDBUFFORCE, SO_MARK, SO_BINDTODEVICE, 1000 };
	return known[chance(COUNT(known))];
}
CHOICE(option_length, 4, 4, 4, 4, 8, 16, 1, 0, 3, 128, -1, INT_MAX)
static long option_value(void) {
	int *value = room(32);
	memset(value, 0, 32);
	*value = chance(4) ? chance(3) : number();
	GIVE(value);
}
CHOICE(backlog, 0, 1, 2, 5, 100, -1)

static long field(void) {
	static const long odd[] = { 0, FIELD + 1, 0x7ffffffff000, 0x800000000000, 1L << 62, -4096 };
	return chance(12) ? FIELD + 4096 * chance(FIELD_PAGES) : odd[chance(COUNT(odd))];
}
static long field_length(void) {
	static const long odd[] = { 0, 1, 4095, 100, 1L << 47, LONG_MAX, -1, -4096 };
	return chance(8) ? 4096 * (1 + chance(6)) : odd[chance(COUNT(odd))];
}
FLAGS(prot, PROT_READ, PROT_READ, PROT_WRITE, PROT_EXEC, PROT_READ | PROT_WRITE)
static long map_flags(void) {
	static const long odd[] = { MAP_GROWSDOWN, MAP_LOCKED, MAP_NORESERVE, MAP_POPULATE, MAP_STACK, MAP_DENYWRITE, MAP_SYNC, MAP_NONBLOCK };
	long value = chance(12) ? 1 + chance(3) : 0;
	if (chance(3)) value |= MAP_ANONYMOUS;
	value |= chance(6) ? MAP_FIXED : chance(2) ? MAP_FIXED_NOREPLACE : 0;
	return chance(4) ? value : value | odd[chance(COUNT(odd))];
}
CHOICE(one_page, 4096, 4096, 4096, 4096, 4096, 0, 1, -1)
CHOICE(page_offset, 0, 0, 0, 4096, 8192, 1, 4095, -4096, 1L << 62)
CHOICE(madvice, 0, 1, 2, 3, 4, 8, 9, 10, 11, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 100, -1)
FLAGS(msync_flags, MS_ASYNC, MS_SYNC, MS_INVALIDATE)
CHOICE(mlock_flags, 0, 0, 1, 2, -1)
FLAGS(remap_flags, MREMAP_MAYMOVE, MREMAP_MAYMOVE | MREMAP_FIXED, 4)

static int shm_id, sem_id, msg_id, own_key;
static long ipc_key(void) { return chance(3) ? 0 : own_key; }
static long shm(void) { return chance(8) ? shm_id : -1; }
static long sem(void) { return chance(8) ? sem_id : -1; }
static long msg(void) { return chance(8) ? msg_id : -1; }
CHOICE(shmat_flags, 0, 0, SHM_RDONLY, SHM_RND, SHM_REMAP, SHM_EXEC)
static long sembufs(void) {
	struct sembuf *s = room(4 * sizeof *s);
	for (int i = 0; i < 4; i++) s[i] = (struct sembuf){ chance(12) ? chance(3) : 100, (int)chance(5) - 2, chance(3) ? IPC_NOWAIT : chance(2) ? SEM_UNDO : 0 };
	GIVE(s);
}
CHOICE(sem_count, 1, 1, 2, 3, 4, 0, 501, -1)
CHOICE(sem_command, GETVAL, GETPID, GETNCNT, GETZCNT, SETVAL, GETALL, IPC_STAT, 100, -1)
CHOICE(sem_number, 0, 1, 2, 3, -1)
static long message_buffer(void) {
	long *m = room(128);
	m[0] = chance(10) ? 1 + chance(4) : (long)chance(2) - 1;
	GIVE(m);
}
CHOICE(message_size, 0, 1, 8, 16, 100, 8192, 8193, -1)
CHOICE(message_type, 0, 0, 1, 2, 3, -1, -2, LONG_MIN)
FLAGS(ipc_flags, IPC_NOWAIT, IPC_NOWAIT, MSG_NOERROR, MSG_EXCEPT, 040000)

CHOICE(resource, 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, -1)
static long rlimit_(void) {
	if (chance(3) == 0) return 0;
	struct rlimit *limit = room(sizeof *limit);
	*limit = (struct rlimit){ chance(3) ? 100 : RLIM_INFINITY, chance(3) ? 1000 : RLIM_INFINITY };
	GIVE(limit);
}
CHOICE(limited, 4, 8, 11, 12, 13, 14, 15, 16)
CHOICE(which, 0, 0, 0, 1, 2, 3, -1)
CHOICE(wait_options, 0, WNOHANG, WNOHANG, WNOHANG | WUNTRACED, WCONTINUED | WNOHANG, 0x10, -1)
CHOICE(waitid_options, WEXITED | WNOHANG, WEXITED, WSTOPPED | WNOHANG, WEXITED | WNOHANG | WNOWAIT, WCONTINUED | WNOHANG, 0, WNOHANG, -1)
CHOICE(waitid_which, P_ALL, P_PID, P_PGID, P_PIDFD, 4, -1)
CHOICE(prctl_option, 1, 2, 3, 4, 5, 7, 8, 9, 13, 14, 15, 16, 19, 20, 21, 23, 25, 27, 28, 30, 33, 34, 36, 37, 38, 39, 40, 42, 47, 55, 56, 57, 59, 0, -1, 1000)
CHOICE(policy, 0, 0, 1, 2, 3, 5, 6, 4, -1, 0x40000000)
static long sched_param_(void) {
	int *p = room(sizeof *p);
	*p = chance(3) ? 0 : chance(100);
	GIVE(p);
}
static long sched_attr(void) {
	uint32_t *a = room(64);
	memset(a, 0, 64);
	static const int sizes[] = { 48, 48, 48, 56, 0, 40, 64, 4096, -1 };
	a[0] = sizes[chance(COUNT(sizes))];
	a[1] = policy();
	a[4] = number();
	a[5] = chance(3) ? 0 : 1;
	GIVE(a);
}
CHOICE(futex_op, 0, 1, 9, 10, 3, 4, 5, 128, 129, 137, 138, 131, 132, 133, 2, 256, 6, 7, 8, 134, 135, 136, 11, 12, 13, 20, -1)
static long futex_word(void) {
	int *word = (void *)(IN + IN_SIZE - 64);
	return chance(10) ? (long)(word + chance(4)) : chance(2) ? (long)word + 1 : bad_pointer();
}
CHOICE(futex_value, 0, 0, 0, 1, 2, INT_MAX, -1, 0x04000000)
CHOICE(capability_id, 0, 5, 21, 40, 41, -1)
static long cap_header(void) {
	int *h = room(8);
	h[0] = chance(6) ? 0x20080522 : chance(2) ? 0x19980330 : 1;
	h[1] = chance(4) ? 0 : process_id(h + 1);
	GIVE(h);
}
CHOICE(kcmp_type, 0, 1, 2, 3, 4, 5, 6, 8, -1)
CHOICE(membarrier_command, 0, 1, 2, 4, 8, 16, 32, 64, 3, -1)
CHOICE(ioprio, 0, 0x4004, 0x6000, 0x2001, 0x8000, -1)
CHOICE(persona, 0, 0xffffffff, 0xffffffff)
CHOICE(statx_mask, 0x7ff, 0xfff, 0, 0x7fffffff, -1)
CHOICE(itimer, 1, 2, 1, 2, 3, -1)
static long itimerval(void) {
	if (chance(5) == 0) return 0;
	struct itimerval *t = room(sizeof *t);
	*t = (struct itimerval){ { 0, chance(6) ? 0 : 1000000 }, { chance(3) ? 1000 : 0, chance(8) ? 0 : -1 } };
	GIVE(t);
}
static long xattr_name(void) {
	static const char *const names[] = { "user.a", "user.a", "user.b", "trusted.a", "security.a", "system.posix_acl_access", "user.", "a", "", "other.a" };
	long at = text(chance(30) ? names[chance(COUNT(names))] : long_name);
	GIVE(at);
}
static long queue_name(void) { static char name[32]; snprintf(name, sizeof name, chance(8) ? "%s" : "/%s", abstract_name + 1); long at = text(name); GIVE(at); }
static long group_list(void) {
	int *groups = room(32);
	groups[0] = 65534;
	GIVE(groups);
}
