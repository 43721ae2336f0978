/*
 * Sequences of random calls on random descriptors, names, pointers and flags, valid more often than not. `calls SEED` makes eight of them,
 * `calls SEEDxCALLS` four of so many calls, each in a child and in a folder of its own, and prints what each call answered and what it left in the
 * memory that it could write to. test/native/random/random.test.ts runs it on the host and in the machine. What differs between runs of one kernel
 * is not printed: numbers of processes, addresses that the kernel chose, times. Never as root: the program becomes user 65534.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/memfd.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "arguments.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#define MARK (-1000)
#define PRINTED (1 << 16)

/* What a row says of its call. */
#define SLEEPS 1 /* may sleep: a timer's signal ends that */
#define VARIES 2 /* what it writes differs from run to run */
#define HIDES 4  /* so does its result */

typedef long generator(void);
struct call { const char *name; long nr; char group; int traits; generator *args[6]; };
#define ROW(name, group, traits, ...) { #name, SYS_##name, group, traits, { __VA_ARGS__ } },

static const struct call table[] = {
#include "table.h"
};

static unsigned long seed;
static char *printed;
static int printed_length;

static void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void print(const char *format, ...) {
	__builtin_va_list list;
	__builtin_va_start(list, format);
	if (printed_length < PRINTED - 1000) printed_length += vsnprintf(printed + printed_length, 900, format, list);
	__builtin_va_end(list);
	*(int *)(printed + PRINTED) = printed_length;
}

void handler(int signo) { (void)signo; }
__asm__(".globl restorer\nrestorer:\n\tmov $15, %eax\n\tsyscall\n");

static int keep(int descriptor) {
	if (descriptor >= 0 && world_size < 64) world[world_size++] = descriptor;
	return descriptor;
}
static int keep_socket(int descriptor) { return sockets[socket_count++] = keep(descriptor); }

static int file(const char *name, const char *content) {
	int descriptor = open(name, O_CREAT | O_RDWR, 0644);
	if (write(descriptor, content, strlen(content))) {}
	return descriptor;
}

/* The folder's files, and a descriptor of each kind. */
static void make_world(int number, char group) {
	int ends[2];
	char line[64];
	world_size = socket_count = 0;
	keep(file("f", "The quick brown fox jumps over the lazy dog.\n"));
	close(file("g", "g"));
	mkdir("d", 0755); close(file("d/f", "inner")); mkdir("d/e", 0755); close(file("d/e/deep", ""));
	mkdir("readonly", 0755); close(file("readonly/f", "r")); chmod("readonly/f", 0444); chmod("readonly", 0555);
	mkdir("closed", 0755); close(file("closed/x", "x")); chmod("closed", 0);
	if (symlink("f", "l") | symlink("d", "ld") | symlink("loop", "loop") | symlink("missing", "dangling") | link("g", "h") | mkfifo("fifo", 0644)) {}
	close(file("exec", "#!/bin/true\n")); chmod("exec", 0755);
	keep(open("f", O_RDONLY)); keep(open("f", O_WRONLY)); keep(open("g", O_RDWR | O_APPEND)); keep(open("f", O_PATH));
	directory_fd = keep(open("d", O_RDONLY | O_DIRECTORY)); keep(open(".", O_RDONLY | O_DIRECTORY)); keep(open("d", O_PATH));
	if (pipe2(ends, O_NONBLOCK) == 0) { keep(ends[0]); keep(ends[1]); if (write(ends[1], "in the pipe", 11)) {} }
	if (pipe(ends) == 0) { keep(ends[0]); keep(ends[1]); }
	if (pipe2(ends, O_NONBLOCK) == 0) { keep(ends[1]); close(ends[0]); }
	keep(open("fifo", O_RDWR | O_NONBLOCK));
	keep(eventfd(3, EFD_NONBLOCK)); keep(eventfd(2, EFD_SEMAPHORE)); keep(memfd_create("memory", MFD_ALLOW_SEALING)); keep(open("/dev/null", O_RDWR)); keep(open("/dev/zero", O_RDWR));
	epoll_fd = keep(epoll_create1(0)); timer_fd = keep(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)); inotify_fd = keep(inotify_init1(IN_NONBLOCK));
	uint64_t set = 1UL << (SIGUSR1 - 1);
	signal_fd = keep(syscall(SYS_signalfd4, -1, &set, 8, SFD_NONBLOCK));
	/* What files of pidfs are has changed between kernels. */
	if (group == 's' || group == 'x') keep(syscall(SYS_pidfd_open, getpid(), 0));
	for (int type = 0; type < 3; type++) {
		static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
		if (socketpair(AF_UNIX, types[type], 0, ends)) continue;
		keep_socket(ends[0]); keep_socket(ends[1]);
		if (send(ends[0], "message", 7, 0) != 7) continue;
	}
	struct sockaddr_un name = { AF_UNIX, "s" };
	int listener = keep_socket(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
	bind(listener, (void *)&name, sizeof name); listen(listener, 5);
	keep_socket(socket(AF_UNIX, SOCK_STREAM, 0)); keep_socket(socket(AF_UNIX, SOCK_DGRAM, 0));
	keep_socket(socket(AF_INET, SOCK_DGRAM, 0)); keep_socket(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	struct sockaddr_in here = { AF_INET, 0, { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof here;
	listener = keep_socket(socket(AF_INET, SOCK_STREAM, 0));
	bind(listener, (void *)&here, sizeof here); listen(listener, 5); getsockname(listener, (void *)&here, &length);
	int client = keep_socket(socket(AF_INET, SOCK_STREAM, 0));
	if (connect(client, (void *)&here, sizeof here) == 0) keep_socket(accept(listener, NULL, NULL));
	keep_socket(socket(AF_INET6, SOCK_DGRAM, 0));
	own_key = 0x72730000 + (seed * 8 + number) % 0x10000;
	shm_id = shmget(IPC_PRIVATE, 8192, 0600); sem_id = semget(IPC_PRIVATE, 3, 0600); msg_id = msgget(IPC_PRIVATE, 0600);
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
	timer_t timer;
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	snprintf(line, sizeof line, "rs-%lu-%d", seed, number);
	abstract_name[0] = 0;
	memcpy(abstract_name + 1, line, strlen(line) < 18 ? strlen(line) : 18);
	char queue[32];
	snprintf(queue, sizeof queue, "%s", abstract_name + 1);
	syscall(SYS_mq_unlink, queue);
	memset(long_name, 'n', 256);
	for (int i = 0; i < 4160; i += 2) memcpy(long_path + i, "./", 2);
	mmap((void *)ARENA, READ_ONLY + 2 * 4096 - ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	munmap((void *)(OUT + OUT_SIZE), 8192); munmap((void *)(IN + IN_SIZE), 8192);
	mprotect((void *)READ_ONLY, 4096, PROT_READ); mprotect((void *)NO_ACCESS, 4096, PROT_NONE);
	mmap((void *)FIELD, FIELD_PAGES / 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memset((void *)FIELD, 'F', 8192);
}

static unsigned sum_of(const unsigned char *from, long length) {
	unsigned sum = 0;
	for (long i = 0; i < length; i++) if (from[i] != 0x5a) sum = sum * 31 + from[i] + i * 7;
	return sum;
}

static int is_tcp(long descriptor) {
	if (descriptor < 0 || descriptor > 100) return 0;
	int family = 0, type = 0;
	socklen_t size = sizeof family;
	return getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 && getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && family != AF_UNIX && type == SOCK_STREAM;
}

static int is_pidfd(long descriptor) {
	char name[32], target[32] = "";
	snprintf(name, sizeof name, "/proc/self/fd/%ld", descriptor);
	return readlink(name, target, sizeof target - 1) > 0 && strstr(target, "pidfd") != NULL;
}

static void make_call(int number, const struct call *call) {
	long args[6] = { 0 };
	next_in = IN;
	memset((void *)OUT, 0x5a, OUT_SIZE);
	memset((void *)IN, 0, IN_SIZE);
	for (int i = 0; i < 6 && call->args[i]; i++) {
		args[i] = call->args[i]();
		if (i == 0) is_whole = is_tcp(args[0]);
		else if (is_whole && call->args[i] == buf && args[i] % 4096 > 4000) args[i] = OUT;
		else if (is_whole && call->args[i] == len && args[i] == 0) args[i] = 1;
		else if (is_whole && call->args[i] == len && call->args[i - 1] == buf && args[i - 1] >= OUT && args[i - 1] < OUT + OUT_SIZE && (unsigned long)args[i] > OUT + OUT_SIZE - args[i - 1]) args[i] = OUT + OUT_SIZE - args[i - 1];
	}
	/* How much of TCP's data is taken before memory ends is chance; which files pidfds are, and which sockets credentials can be asked of, has changed between kernels. */
	if (is_whole && (call->args[1] == field || call->args[1] == buf && ((unsigned long)args[2] > OUT_SIZE || args[1] >= OUT + OUT_SIZE && args[1] < NO_ACCESS))) args[1] = OUT, args[2] = (unsigned long)args[2] % OUT_SIZE;
	if (call->nr == SYS_ftruncate && is_pidfd(args[0])) args[0] = -1;
	if (call->args[2] == option && args[2] == SO_PASSCRED) args[2] = SO_TYPE;
	/* A receive of several messages that a signal ends leaves an error behind that no program should see: ERESTARTSYS. */
	if (call->nr == SYS_recvmmsg && args[2] > 1) args[3] |= MSG_DONTWAIT;
	/* So is how much a stream of AF_UNIX holds of pages. */
	if (call->nr == SYS_sendfile && args[3] > 100000) args[3] = 100000;
	is_whole = 0;
	struct itimerval soon = { { 0, 30000 }, { 0, 30000 } }, never = { 0 };
	if (call->traits & SLEEPS) setitimer(ITIMER_REAL, &soon, NULL);
	errno = 0;
	long result = syscall(call->nr, args[0], args[1], args[2], args[3], args[4], args[5]);
	int error = errno;
	if (call->traits & SLEEPS) setitimer(ITIMER_REAL, &never, NULL);
	int own = getpid();
	for (unsigned *word = (void *)(IN + IN_SIZE - 64); word < (unsigned *)(IN + IN_SIZE); word++) if ((*word & 0x3fffffff) == own) *word &= ~0x3fffffff;
	while (id_count > 0) if (*ids[--id_count] == own) *ids[id_count] = 0;
	print("%d %s(", number, call->name);
	for (int i = 0; i < 6 && call->args[i]; i++) {
		int is_path = call->args[i] == path && args[i] >= IN && args[i] < IN + IN_SIZE;
		int is_pid = (call->args[i] == pid || call->args[i] == one_pid) && (args[i] == getpid() || args[i] == child_pid);
		const char *id = call->args[i] == shm && args[i] == shm_id ? "SHM" : call->args[i] == sem && args[i] == sem_id ? "SEM" : call->args[i] == msg && args[i] == msg_id ? "MSG" : NULL;
		if (id) print("%s%s", i ? ", " : "", id);
		else if (is_path) print("%s\"%.40s\"", i ? ", " : "", (char *)args[i]);
		else if (is_pid) print("%s%s", i ? ", " : "", args[i] == child_pid ? "CHILD" : "SELF");
		else if (args[i] > -4096 && args[i] < 4096) print("%s%ld", i ? ", " : "", args[i]);
		else print("%s%#lx", i ? ", " : "", args[i]);
	}
	if (result == -1 && error) print(") = %s", strerrorname_np(error) ? strerrorname_np(error) : "?");
	else if (call->traits & HIDES) print(") = ok");
	else if (call->group == 'x' && strncmp(call->name, "membarrier", 10) && (result == getpid() || result == child_pid)) print(") = %s", result == child_pid ? "CHILD" : "SELF");
	else print(") = %ld", result);
	if (!(call->traits & VARIES)) print(" [%x %x]", sum_of((void *)OUT, OUT_SIZE), sum_of((void *)IN, IN_SIZE));
	print("\n");
}

static void sequence(int number, int calls, const char *only) {
	char folder[16];
	snprintf(folder, sizeof folder, "w%d", number);
	mkdir(folder, 0755);
	if (chdir(folder)) _exit(98);
	setpgid(0, 0);
	struct rlimit small = { 1 << 20, 1 << 20 }, open_files = { 1024, 1024 };
	setrlimit(RLIMIT_FSIZE, &small);
	setrlimit(RLIMIT_NOFILE, &open_files);
	for (int signal = 1; signal <= 64; signal++) {
		long action[4] = { (long)handler, 0x04000000, (long)restorer, 0 };
		if (signal != SIGSEGV && signal != SIGBUS && signal != SIGILL && signal != SIGFPE && signal != SIGCHLD) syscall(SYS_rt_sigaction, signal, action, NULL, 8);
	}
	child_pid = fork();
	if (child_pid == 0) _exit(3);
	siginfo_t ended;
	waitid(P_PID, child_pid, &ended, WEXITED | WNOWAIT);
		/* Three of four sequences keep to one family of calls: they meet each other more often. */
	static const char groups[] = "ffffppnnnnmmstxi";
	char group = chance(4) ? groups[chance(sizeof groups - 1)] : 0;
	if (only) group = *only;
	make_world(number, group);
	close(MARK);
	for (int i = 0; i < calls; i++) {
		const struct call *call;
		do call = &table[chance(COUNT(table))]; while (group && call->group != group);
		make_call(i, call);
	}
	syscall(SYS_mq_unlink, abstract_name + 1);
	shmctl(shmget(own_key, 0, 0), IPC_RMID, NULL); semctl(semget(own_key, 0, 0), 0, IPC_RMID); msgctl(msgget(own_key, 0), IPC_RMID, NULL);
	shmctl(shm_id, IPC_RMID, NULL); semctl(sem_id, 0, IPC_RMID); msgctl(msg_id, IPC_RMID, NULL);
	_exit(0);
}

int main(int argc, char **argv) {
	char *rest = "";
	seed = argc > 1 ? strtoul(argv[1], &rest, 10) : 1;
	int sequences = argc > 2 ? atoi(argv[2]) : 8, calls = argc > 3 ? atoi(argv[3]) : 60;
	if (*rest == 'x') sequences = 4, calls = atoi(rest + 1);
	umask(022);
	personality(0);
	setpgid(0, 0);
	if (geteuid() == 0) {
		setgroups(0, NULL);
		if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)) return 97;
		prctl(PR_SET_DUMPABLE, 1);
	}
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	printed = mmap(NULL, PRINTED + 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < sequences; i++) {
		int status = 0;
		*(int *)(printed + PRINTED) = 0;
		pid_t child = fork();
		if (child == 0) {
			state = (seed * 1000 + i) * 0x9e3779b97f4a7c15UL | 1;
			for (int n = 0; n < 8; n++) chance(2);
			sequence(i, calls, argc > 4 ? argv[4] : NULL);
		}
		while (waitpid(child, &status, 0) == -1 && errno == EINTR);
		dprintf(1, "## %d: status %#x\n", i, status);
		int length = *(int *)(printed + PRINTED);
		for (int done = 0; done < length;) done += write(1, printed + done, length - done);
	}
	return 0;
}
