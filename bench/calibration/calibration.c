// What operations cost: each is repeated in batches, and the cheapest and the median batch are printed in nanoseconds an operation.
// calibration [BATCHES [SCALE]]: 20 batches natively; SCALE divides the repetitions. The same program runs natively and inside, see README.md.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#define FILE_BYTES 262144
static int null, file, listed[64];
static char buffer[65536];
static volatile long sink;
static char **self;

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

#define OP(name) static void name(long n)
#define LOOP for (long i = 0; i < n; i++)
static struct timespec ts;
static struct timeval tv;
static struct stat st;

OP(op_getpid) { LOOP syscall(SYS_getpid); }
OP(op_vdso_gettime) { LOOP clock_gettime(CLOCK_MONOTONIC, &ts); }
OP(op_vdso_coarse) { LOOP clock_gettime(CLOCK_MONOTONIC_COARSE, &ts); }
OP(op_real_gettime) { LOOP syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts); }
OP(op_cputime) { LOOP clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts); }
OP(op_vdso_timeofday) { LOOP gettimeofday(&tv, NULL); }
OP(op_vdso_time) { LOOP sink = time(NULL); }
OP(op_vdso_getcpu) { unsigned cpu; extern int getcpu(unsigned *, unsigned *); LOOP getcpu(&cpu, NULL); }
OP(op_real_getcpu) { unsigned cpu; LOOP syscall(SYS_getcpu, &cpu, NULL, NULL); }
OP(op_rdtsc) { LOOP sink = __rdtsc(); }
OP(op_uname) { struct utsname u; LOOP uname(&u); }
OP(op_getrandom) { LOOP sink = getrandom(buffer, 8, 0); }
OP(op_write1) { LOOP sink = write(null, buffer, 1); }
OP(op_write1000) { LOOP sink = write(null, buffer, 1000); }
OP(op_write64k) { LOOP sink = write(null, buffer, 65536); }
OP(op_writev) { struct iovec v[4] = { { buffer, 1 }, { buffer, 1 }, { buffer, 1 }, { buffer, 1 } }; LOOP sink = writev(null, v, 4); }
OP(op_pwrite1) { LOOP sink = pwrite(file, buffer, 1, i % FILE_BYTES); }
OP(op_pwrite4k) { LOOP sink = pwrite(file, buffer, 4096, i % 60 * 4096); }
OP(op_pread1) { LOOP sink = pread(file, buffer, 1, i % FILE_BYTES); }
OP(op_pread4k) { LOOP sink = pread(file, buffer, 4096, i % 60 * 4096); }
OP(op_pread64k) { LOOP sink = pread(file, buffer, 65536, 0); }
OP(op_lseek) { LOOP sink = lseek(file, i & 1023, SEEK_SET); }
OP(op_fstat) { LOOP fstat(file, &st); }
OP(op_fcntl) { LOOP sink = fcntl(file, F_GETFL); }
OP(op_stat) { LOOP stat("/etc/passwd", &st); }
OP(op_stat_missing) { LOOP stat("/etc/missing-file", &st); }
OP(op_access) { LOOP sink = access("/etc/passwd", R_OK); }
OP(op_open_close) { LOOP close(open("/etc/passwd", O_RDONLY)); }
OP(op_create_unlink) { LOOP { close(open("/tmp/calibration-file", O_CREAT | O_RDWR, 0600)); unlink("/tmp/calibration-file"); } }
OP(op_dup_close) { LOOP close(dup(file)); }
OP(op_pipe) { int p[2]; LOOP { sink = pipe2(p, O_CLOEXEC); close(p[0]); close(p[1]); } }
OP(op_poll) { struct pollfd p = { .fd = listed[0], .events = POLLIN }; LOOP sink = poll(&p, 1, 0); }
OP(op_epoll) { struct epoll_event e; LOOP sink = epoll_wait(listed[1], &e, 1, 0); }
OP(op_eventfd) { unsigned long one = 1; LOOP { sink = write(listed[2], &one, 8); sink = read(listed[2], &one, 8); } }
OP(op_socketpair) { char c = 1; LOOP { sink = write(listed[3], &c, 1); sink = read(listed[4], &c, 1); } }
OP(op_mmap) { LOOP munmap(mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 65536); }
OP(op_mmap_touch) { LOOP { char *p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); p[0] = 1; munmap(p, 65536); } }
static void touch(long n, int isWrite) {
	char *p = mmap(NULL, n * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	madvise(p, n * 4096, MADV_NOHUGEPAGE);
	LOOP if (isWrite) p[i * 4096] = 1; else sink = p[i * 4096];
	munmap(p, n * 4096);
}
OP(op_fault_write) { touch(n, 1); }
OP(op_fault_read) { touch(n, 0); }
OP(op_mprotect) { static char *p; if (!p) { p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); memset(p, 1, 4096); } LOOP { mprotect(p, 4096, PROT_READ); mprotect(p, 4096, PROT_READ | PROT_WRITE); } }
OP(op_brk) { LOOP { sbrk(4096); sbrk(-4096); } }
OP(op_madvise) { static char *p; if (!p) p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); LOOP { p[0] = 1; madvise(p, 4096, MADV_DONTNEED); } }
OP(op_sigprocmask) { sigset_t s; sigemptyset(&s); LOOP sigprocmask(SIG_BLOCK, &s, NULL); }
static void handler(int signo) { sink = signo; }
OP(op_signal) { signal(SIGUSR1, handler); LOOP raise(SIGUSR1); }
OP(op_kill0) { pid_t me = getpid(); LOOP kill(me, 0); }
OP(op_yield) { LOOP sched_yield(); }
static int word;
OP(op_futex_wake) { LOOP syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0); }
OP(op_futex_again) { LOOP syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0); }
OP(op_getrusage) { struct rusage u; LOOP getrusage(RUSAGE_SELF, &u); }
OP(op_nanosleep0) { struct timespec zero = { 0, 0 }; LOOP clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &zero, NULL); }

static void oneCpu(void) {
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	sched_setaffinity(0, sizeof set, &set);
}
static volatile int turn;
static long rounds;
static void futex_turn(int mine) {
	for (long i = 0; i < rounds; i++) {
		while (turn != mine) syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, !mine, NULL, NULL, 0);
		turn = !mine;
		syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
}
static void *futex_peer(void *none) { futex_turn(1); return none; }
OP(op_futex_round) { pthread_t t; rounds = n; turn = 0; pthread_create(&t, NULL, futex_peer, NULL); futex_turn(0); pthread_join(t, NULL); }
OP(op_pipe_round) {
	int there[2], back[2];
	char c = 0;
	sink = pipe(there) + pipe(back);
	pid_t child = fork();
	if (child == 0) {
		LOOP { sink = read(there[0], &c, 1); sink = write(back[1], &c, 1); }
		_exit(0);
	}
	LOOP { sink = write(there[1], &c, 1); sink = read(back[0], &c, 1); }
	waitpid(child, NULL, 0);
	for (int i = 0; i < 2; i++) close(there[i]), close(back[i]);
}
static void *yielder(void *n) { for (long i = 0; i < (long)n; i++) sched_yield(); return NULL; }
OP(op_switch) { pthread_t t; pthread_create(&t, NULL, yielder, (void *)n); yielder((void *)n); pthread_join(t, NULL); }
static void *nothing(void *p) { return p; }
OP(op_thread) { pthread_t t; LOOP { pthread_create(&t, NULL, nothing, NULL); pthread_join(t, NULL); } }
OP(op_fork) { LOOP { pid_t p = fork(); if (p == 0) _exit(0); waitpid(p, NULL, 0); } }
OP(op_vfork) { LOOP { pid_t p = vfork(); if (p == 0) _exit(0); waitpid(p, NULL, 0); } }
static void run(const char *path, char **argv, long n) { char *none[] = { NULL }; LOOP { pid_t p = fork(); if (p == 0) { execve(path, argv, none); _exit(127); } int status; waitpid(p, &status, 0); if (status) { fprintf(stderr, "%s: status %x\n", path, status); exit(1); } } }
OP(op_exec_static) { char *argv[] = { self[0], "exit", NULL }; run("/proc/self/exe", argv, n); }
OP(op_exec_dynamic) { char *argv[] = { "true", NULL }; run("/bin/true", argv, n); }
OP(op_malloc) { LOOP { void *p = malloc(64); sink = (long)p; free(p); } }
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
OP(op_mutex) { LOOP { pthread_mutex_lock(&mutex); pthread_mutex_unlock(&mutex); } }

static const struct { const char *name; void (*op)(long); long n; } ops[] = {
	{ "getpid", op_getpid, 2000 }, { "clock_gettime vDSO", op_vdso_gettime, 5000 }, { "clock_gettime COARSE vDSO", op_vdso_coarse, 5000 }, { "clock_gettime real call", op_real_gettime, 2000 },
	{ "clock_gettime PROCESS_CPUTIME", op_cputime, 2000 }, { "gettimeofday vDSO", op_vdso_timeofday, 5000 }, { "time() vDSO", op_vdso_time, 5000 }, { "getcpu vDSO", op_vdso_getcpu, 5000 },
	{ "getcpu real call", op_real_getcpu, 2000 }, { "rdtsc", op_rdtsc, 5000 }, { "uname", op_uname, 2000 }, { "getrandom 8 bytes", op_getrandom, 2000 },
	{ "write 1 B to /dev/null", op_write1, 2000 }, { "write 1000 B to /dev/null", op_write1000, 2000 }, { "write 64 KB to /dev/null", op_write64k, 2000 }, { "writev 4 x 1 B to /dev/null", op_writev, 2000 },
	{ "pwrite 1 B, cached file", op_pwrite1, 1000 }, { "pwrite 4096 B, cached file", op_pwrite4k, 1000 }, { "pread 1 B, cached", op_pread1, 2000 }, { "pread 4 KB, cached", op_pread4k, 2000 },
	{ "pread 64 KB, cached", op_pread64k, 300 }, { "lseek", op_lseek, 2000 }, { "fstat", op_fstat, 2000 }, { "fcntl F_GETFL", op_fcntl, 2000 }, { "stat existing", op_stat, 1000 },
	{ "stat ENOENT", op_stat_missing, 1000 }, { "access", op_access, 1000 }, { "open + close", op_open_close, 1000 }, { "create + close + unlink", op_create_unlink, 200 }, { "dup + close", op_dup_close, 1000 },
	{ "pipe2 + 2 close", op_pipe, 300 }, { "poll, timeout 0", op_poll, 2000 }, { "epoll_wait, timeout 0", op_epoll, 2000 }, { "eventfd write + read", op_eventfd, 1000 },
	{ "socketpair write + read", op_socketpair, 1000 }, { "mmap + munmap, untouched", op_mmap, 500 }, { "mmap + touch + munmap", op_mmap_touch, 500 }, { "page fault, anonymous write", op_fault_write, 500 },
	{ "page fault, zero page read", op_fault_read, 500 }, { "mprotect toggle x2", op_mprotect, 500 }, { "brk +4K -4K", op_brk, 500 }, { "touch + madvise DONTNEED", op_madvise, 500 },
	{ "sigprocmask", op_sigprocmask, 2000 }, { "signal: raise + handler + sigreturn", op_signal, 500 }, { "kill(self, 0)", op_kill0, 1000 }, { "sched_yield alone", op_yield, 2000 },
	{ "futex wake, no waiter", op_futex_wake, 2000 }, { "futex wait EAGAIN", op_futex_again, 2000 }, { "getrusage", op_getrusage, 1000 }, { "clock_nanosleep in the past", op_nanosleep0, 1000 },
	{ "futex round trip, one CPU", op_futex_round, 200 }, { "pipe round trip, one CPU", op_pipe_round, 200 }, { "context switch (2 yields)", op_switch, 500 }, { "pthread create + join", op_thread, 50 },
	{ "fork + exit + wait", op_fork, 10 }, { "vfork + exit + wait", op_vfork, 20 }, { "fork + execve + wait: static", op_exec_static, 5 }, { "fork + execve + wait: dynamic", op_exec_dynamic, 5 },
	{ "malloc + free 64 B", op_malloc, 5000 }, { "mutex lock + unlock, uncontended", op_mutex, 5000 },
};

static int ascending(const void *a, const void *b) { double x = *(const double *)a, y = *(const double *)b; return (x > y) - (x < y); }

int main(int argc, char **argv) {
	if (argc > 1 && !strcmp(argv[1], "exit")) return 0;
	self = argv;
	int batches = argc > 1 ? atoi(argv[1]) : 20;
	long scale = argc > 2 ? atoi(argv[2]) : 1;
	oneCpu();
	null = open("/dev/null", O_WRONLY);
	char path[] = "/tmp/calibration-XXXXXX";
	file = mkstemp(path);
	unlink(path);
	for (int i = 0; i < FILE_BYTES / 4096; i++) sink = write(file, buffer, 4096);
	int pair[2];
	sink = pipe(pair);
	listed[0] = pair[0];
	listed[1] = epoll_create1(0);
	listed[2] = eventfd(0, 0);
	sink = socketpair(AF_UNIX, SOCK_STREAM, 0, listed + 3);
	struct epoll_event e = { .events = EPOLLIN };
	epoll_ctl(listed[1], EPOLL_CTL_ADD, pair[0], &e);
	double *times = malloc(batches * sizeof *times);
	for (unsigned k = 0; k < sizeof ops / sizeof *ops; k++) {
		long n = ops[k].n / scale;
		if (n < 100 && ops[k].n > 100) n = 100;
		if (n < 2) n = 2;
		ops[k].op(2);
		for (int b = 0; b < batches; b++) {
			double start = now();
			ops[k].op(n);
			times[b] = (now() - start) / n;
		}
		qsort(times, batches, sizeof *times, ascending);
		printf("%-38s %12.1f %12.1f\n", ops[k].name, times[0], times[batches / 2]);
		fflush(stdout);
	}
	return 0;
}
