#include "cases.h"
#include <sys/ipc.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include "int80.h"
/* Calls of the i386 table whose structures and arguments are laid out otherwise: what they read and write, in memory that 32-bit pointers reach. */
static long int80(long nr, long a, long b, long c, long d, long e, long f) {
	long result = int80_rax(nr, a, b, c, d, e, f);
	errno = (int)result < 0 && (int)result > -4096 ? -(int)result : 0;
	return errno ? -1 : (int)result;
}
#define CALL(nr, ...) CALL_(nr, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define CALL_(nr, a, b, c, d, e, f, ...) int80(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define P(pointer) ((long)(pointer))

static uint32_t *low(void) {
	static uint32_t *page;
	if (!page) page = mmap((void *)0x30000000, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memset(page, 0, 4 * PAGE);
	return page;
}

CASE(sleeps_and_clocks) {
	uint32_t *w = low();
	TRY(CALL(265, CLOCK_MONOTONIC, w));
	IS(w[1] < 1000000000 && w[2] == 0);
	TRY(CALL(403, CLOCK_MONOTONIC, w));
	IS(w[2] < 1000000000 && w[1] == 0);
	TRY(CALL(266, CLOCK_REALTIME, w));
	say("%u %u", w[0], w[1]);
	TRY(CALL(406, CLOCK_REALTIME, w));
	say("%u %u %u %u", w[0], w[1], w[2], w[3]);
	w[0] = 0; w[1] = 1000; w[2] = 77; w[3] = 0;
	TRY(CALL(162, w, w + 2));
	TRY(CALL(267, CLOCK_MONOTONIC, 0, w, w + 2));
	w[0] = w[1] = 0; w[2] = 1000; w[3] = 0xdead;
	TRY(CALL(407, CLOCK_MONOTONIC, 0, w, 0));
	w[0] = 0; w[1] = 2000000000;
	TRY(CALL(162, w, 0));
	w[0] = -1; w[1] = 0;
	TRY(CALL(162, w, 0));
	w[0] = -1; w[1] = 0;
	TRY(CALL(264, CLOCK_MONOTONIC, w));
	w[0] = 5;
	TRY(CALL(25, w));
	TRY(CALL(79, w, 0));
	TRY(CALL(78, w, w + 4));
	say("%u %u", w[4], w[5]);
}

static void nothing(int signo) {}
CASE(a_sleep_that_a_signal_ends_tells_what_is_left) {
	uint32_t *w = low();
	struct sigaction act = { .sa_handler = nothing };
	sigaction(SIGALRM, &act, NULL);
	w[0] = w[1] = 0; w[2] = 0; w[3] = 20000;
	TRY(CALL(104, ITIMER_REAL, w, w + 8));
	w[0] = 100; w[1] = 0;
	w[10] = w[11] = w[12] = w[13] = 77;
	TRY(CALL(162, w, w + 10));
	IS(w[10] == 99 && w[11] > 0 && w[11] < 1000000000);
	say("%u %u", w[12], w[13]);
	TRY(CALL(105, ITIMER_REAL, w));
	say("%u %u %u %u", w[0], w[1], w[2], w[3]);
	TRY(CALL(27, 100));
	IS(CALL(27, 0) >= 99);
}

CASE(timers) {
	uint32_t *w = low();
	/* A sigevent of i386: value, signal, kind. */
	w[0] = 5; w[1] = SIGUSR1; w[2] = SIGEV_NONE;
	TRY(CALL(259, CLOCK_MONOTONIC, w, w + 30));
	w[0] = 1; w[1] = 2; w[2] = 3000; w[3] = 0;
	TRY(CALL(260, w[30], 0, w, w + 8));
	say("%u %u %u %u", w[8], w[9], w[10], w[11]);
	TRY(CALL(261, w[30], w + 8));
	say("%u %u %u", w[8], w[9], w[10] > 2990);
	TRY(CALL(408, w[30], w + 8));
	say("%u %u %u %u", w[8], w[9], w[10], w[11]);
	w[0] = 0; w[1] = 2000000000;
	TRY(CALL(260, w[30], 0, w, 0));
	TRY(CALL(263, w[30]));
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	w[0] = 1; w[1] = 2; w[2] = 3000; w[3] = 0;
	TRY(CALL(325, fd, 0, w, w + 8));
	TRY(CALL(326, fd, w + 8));
	say("%u %u %u", w[8], w[9], w[10] > 2990);
	TRY(CALL(410, fd, w + 8));
	say("%u %u %u %u", w[8], w[9], w[10], w[11]);
}

CASE(waits_with_a_time) {
	uint32_t *w = low();
	int p[2];
	pipe(p);
	/* The first select has its arguments in memory; the next one a struct timeval of 32 bits. */
	w[0] = 8; w[1] = P(w + 16); w[2] = w[3] = 0; w[4] = P(w + 24);
	w[16] = 1 << p[0]; w[24] = 0; w[25] = 1000;
	TRY(CALL(82, w));
	say("%x %u %u", w[16], w[24], w[25]);
	write(p[1], "x", 1);
	w[16] = 1 << p[0]; w[17] = 99; w[24] = 5; w[25] = 123456; w[26] = 77;
	TRY(CALL(82, w));
	say("%x %u %u %u", w[16], w[17], w[24] <= 5, w[26]);
	w[16] = 1 << p[0]; w[24] = 5; w[25] = 123456;
	TRY(CALL(142, 8, w + 16, 0, 0, w + 24));
	w[0] = p[0]; w[1] = POLLIN; w[24] = 1; w[25] = 123456; w[26] = 0;
	TRY(CALL(309, w, 1, w + 24, 0, 8));
	TRY(CALL(414, w, 1, 0, 0, 8));
	w[40] = 0; w[41] = 0; w[50] = P(w + 40); w[51] = 8;
	w[24] = 0; w[25] = 1000;
	TRY(CALL(308, 0, 0, 0, 0, w + 24, w + 50));
	w[51] = 4;
	TRY(CALL(308, 0, 0, 0, 0, w + 24, w + 50));
	w[60] = 7;
	w[24] = 0; w[25] = 1000;
	TRY(CALL(240, w + 60, 0, 7, w + 24));
	TRY(CALL(240, w + 60, 0, 8, w + 24));
	TRY(CALL(240, w + 60, 1, 8));
	w[24] = 0; w[25] = 0; w[26] = 1000; w[27] = 9;
	TRY(CALL(422, w + 60, 0, 7, w + 24));
	w[40] = 1 << (SIGUSR1 - 1); w[41] = 0; w[24] = 0; w[25] = 1000;
	TRY(CALL(177, w + 40, 0, w + 24, 8));
	w[24] = w[25] = 0; w[26] = 1000; w[27] = 9;
	TRY(CALL(421, w + 40, 0, w + 24, 8));
	TRY(CALL(161, 0, w));
	say("%u %u", w[0], w[1]);
}

CASE(file_times) {
	uint32_t *w = low();
	struct stat s;
	close(open("file", O_CREAT | O_RDWR, 0600));
	char *name = strcpy((char *)(w + 64), "file");
	w[0] = 100; w[1] = 200;
	TRY(CALL(30, name, w));
	stat("file", &s); say("%ld %ld", s.st_atim.tv_sec, s.st_mtim.tv_sec);
	w[0] = 1; w[1] = 2; w[2] = 3; w[3] = 4;
	TRY(CALL(271, name, w));
	stat("file", &s); say("%ld.%ld %ld.%ld", s.st_atim.tv_sec, s.st_atim.tv_nsec, s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
	w[0] = -5; w[1] = 2; w[2] = 3; w[3] = UTIME_OMIT;
	TRY(CALL(320, AT_FDCWD, name, w, 0));
	stat("file", &s); say("%ld.%ld %ld.%ld", s.st_atim.tv_sec, s.st_atim.tv_nsec, s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
	TRY(CALL(299, AT_FDCWD, name, w));
	w[0] = 7; w[1] = 1; w[2] = 8; w[3] = 0xdead; w[4] = 9; w[5] = 0; w[6] = 10; w[7] = 0;
	TRY(CALL(412, AT_FDCWD, name, w, 0));
	stat("file", &s); say("%ld.%ld %ld.%ld", s.st_atim.tv_sec, s.st_atim.tv_nsec, s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
}

CASE(older_stat_and_statfs) {
	uint32_t *w = low();
	char *name = strcpy((char *)(w + 512), "file");
	close(open("file", O_CREAT | O_RDWR, 0640));
	truncate("file", 70000);
	TRY(CALL(106, name, w));
	uint16_t *h = (void *)w;
	say("mode %o links %u, size %u, block %u, blocks %u", h[4], h[5], w[5], w[6], w[7]);
	TRY(CALL(107, name, w));
	int fd = open("file", O_RDWR);
	TRY(CALL(108, fd, w));
	symlink("file", "link");
	TRY(CALL(107, strcpy((char *)(w + 520), "link"), w));
	say("mode %o, size %u", h[4], w[5]);
	TRY(CALL(99, strcpy((char *)(w + 530), "/proc"), w));
	say("type %x, block %u, name %u, frsize %u", w[0], w[1], w[9], w[10]);
	memset(w, 0, 400);
	TRY(CALL(268, w + 530, 84, w));
	say("type %x, block %u, name %u, frsize %u", w[0], w[1], w[14], w[15]);
	TRY(CALL(268, w + 530, 88, w));
	TRY(CALL(268, w + 530, 80, w));
	int proc = open("/proc", O_RDONLY);
	TRY(CALL(269, proc, 84, w));
	TRY(CALL(100, proc, w));
	TRY(CALL(100, 99, w));
	TRY(CALL(108, 99, w));
}

CASE(directories) {
	uint32_t *w = low();
	char *b = (char *)w;
	mkdir("dir", 0755);
	close(open("dir/a_name", O_CREAT | O_RDWR, 0600));
	int fd = open("dir", O_RDONLY | O_DIRECTORY);
	/* The order of the names is the file system's. */
	long got = TRY(CALL(141, fd, w, 512));
	for (long at = 0; at < got; at += *(uint16_t *)(b + at + 8))
		if (!strcmp(b + at + 10, "a_name")) say("%u bytes, type %d", *(uint16_t *)(b + at + 8), b[at + *(uint16_t *)(b + at + 8) - 1]);
	TRY(CALL(141, fd, w, 8));
	lseek(fd, 0, SEEK_SET);
	TRY(CALL(141, fd, w, 8));
	memset(w, 0, 512);
	int entries = 0, length = 0;
	for (; CALL(89, fd, w, 1) == 1; entries++) if (!strcmp(b + 10, "a_name")) length = *(uint16_t *)(b + 8);
	say("%d entries, one of %d", entries, length);
	TRY(CALL(89, 99, w, 1));
}

CASE(offsets_of_two_words) {
	uint32_t *w = low();
	char *name = strcpy((char *)(w + 64), "file"), *data = strcpy((char *)(w + 128), "0123456789");
	int fd = open("file", O_CREAT | O_RDWR, 0600);
	TRY(CALL(181, fd, data, 10, 0x10, 1));
	TRY(CALL(180, fd, data + 20, 4, 0x12, 1));
	say("%s", data + 20);
	TRY(CALL(180, fd, data, 4, -1, -1));
	w[0] = P(data); w[1] = 3; w[2] = P(data + 3); w[3] = 4;
	TRY(CALL(334, fd, w, 2, 0x20, 1));
	TRY(CALL(379, fd, w, 2, -1, -1, 0));
	w[0] = P(data + 40); w[2] = P(data + 50);
	TRY(CALL(333, fd, w, 2, 0x20, 1));
	say("%s %s", data + 40, data + 50);
	TRY(CALL(378, fd, w, 2, 0x21, 1, 0));
	say("%s", data + 40);
	TRY(CALL(333, fd, w, 2, 0, -1));
	struct stat s;
	fstat(fd, &s); say("%ld", s.st_size);
	TRY(CALL(193, name, 5, 1));
	fstat(fd, &s); say("%ld", s.st_size);
	TRY(CALL(194, fd, 7, 0));
	fstat(fd, &s); say("%ld", s.st_size);
	TRY(CALL(92, name, 3));
	TRY(CALL(93, fd, -3));
	TRY(CALL(324, fd, 0, 10, 0, 20, 0));
	fstat(fd, &s); say("%ld", s.st_size);
	TRY(CALL(324, fd, 0, -1, -1, 20, 0));
	TRY(CALL(250, fd, 0, 0, 100, POSIX_FADV_WILLNEED));
	TRY(CALL(272, fd, 0, 0, 100, 0, POSIX_FADV_RANDOM));
	TRY(CALL(272, fd, 0, 0, 0, -1, 99));
	TRY(CALL(314, fd, 0, 0, 100, 0, 7));
	TRY(CALL(225, fd, 0, 0, 100));
	int p[2];
	pipe(p);
	pwrite(fd, "abcdefghij", 10, 0);
	w[0] = 2; w[1] = 77;
	TRY(CALL(187, p[1], fd, w, 4));
	say("%u %u", w[0], w[1]);
	w[1] = 0;
	TRY(CALL(239, p[1], fd, w, 4));
	say("%u %u", w[0], w[1]);
	TRY(CALL(377, fd, 0, fd, 0, 0, 0));
	/* mmap with its arguments in memory. */
	w[0] = 0; w[1] = PAGE; w[2] = PROT_READ; w[3] = MAP_PRIVATE; w[4] = fd; w[5] = 0;
	long at = (uint32_t)CALL(90, w);
	IS(at != 0 && *(char *)at == 'a');
	w[5] = 100;
	TRY(CALL(90, w));
}

CASE(older_signal_calls) {
	uint32_t *w = low();
	TRY(CALL(48, SIGUSR1, SIG_IGN));
	TRY(CALL(48, SIGUSR1, SIG_DFL));
	TRY(CALL(48, SIGKILL, SIG_IGN));
	w[0] = 1; w[1] = 0x15; w[2] = SA_RESTART; w[3] = 0;
	TRY(CALL(67, SIGUSR2, w, w + 8));
	say("%x %x %x %x", w[8], w[9], w[10], w[11]);
	TRY(CALL(67, SIGUSR2, 0, w + 8));
	say("%x %x %x %x", w[8], w[9], w[10], w[11]);
	w[0] = 1 << (SIGUSR1 - 1) | 1 << (SIGHUP - 1);
	TRY(CALL(126, SIG_BLOCK, w, w + 1));
	say("%x", w[1]);
	w[0] = 1 << (SIGHUP - 1);
	TRY(CALL(126, SIG_UNBLOCK, w, w + 1));
	say("%x", w[1]);
	TRY(CALL(126, SIG_SETMASK, w, 0));
	TRY(CALL(126, 9, w, 0));
	TRY(CALL(126, 9, 0, w));
	TRY(CALL(68));
	TRY(CALL(69, 0x203));
	TRY(CALL(68));
	raise(SIGHUP);
	TRY(CALL(73, w));
	say("%x", w[0]);
	signal(SIGHUP, nothing);
	TRY(CALL(72, 0, 0, 0x200));
	TRY(CALL(68));
}

CASE(limits_names_and_niceness) {
	uint32_t *w = low();
	struct rlimit limit = { 0x180000000, RLIM_INFINITY };
	TRY(setrlimit(RLIMIT_FSIZE, &limit));
	TRY(CALL(191, RLIMIT_FSIZE, w));
	say("%x %x", w[0], w[1]);
	TRY(CALL(76, RLIMIT_FSIZE, w));
	say("%x %x", w[0], w[1]);
	w[0] = 5; w[1] = -1;
	TRY(CALL(75, RLIMIT_FSIZE, w));
	getrlimit(RLIMIT_FSIZE, &limit);
	say("%lx %lx", (long)limit.rlim_cur, (long)limit.rlim_max);
	w[0] = 5; w[1] = 4;
	TRY(CALL(75, RLIMIT_FSIZE, w));
	TRY(CALL(76, 99, w));
	TRY(CALL(340, 0, RLIMIT_FSIZE, 0, w));
	say("%x %x %x %x", w[0], w[1], w[2], w[3]);
	TRY(CALL(109, w));
	say("%s %s", (char *)w, (char *)w + 4 * 65);
	memset(w, 0, 400);
	TRY(CALL(59, w));
	say("%s %s", (char *)w, (char *)w + 4 * 9);
	TRY(CALL(34, 5));
	TRY(CALL(96, PRIO_PROCESS, 0));
	TRY(CALL(34, 100));
	TRY(CALL(96, PRIO_PROCESS, 0));
	TRY(CALL(34, -1));
	pid_t child = CALL(120, SIGCHLD);
	if (child == 0) _exit(9);
	int status;
	TRY(waitpid(child, &status, 0) == child);
	say("%x", status);
	TRY(CALL(120, CLONE_THREAD));
}

CASE(system_v_behind_one_number) {
	uint32_t *w = low();
	int sem = CALL(117, 2, 0, 2, 0600);
	IS(sem >= 0);
	w[0] = 3;
	TRY(CALL(117, 3, sem, 1, 16 | 0x100, w));
	TRY(CALL(117, 3, sem, 1, 12 | 0x100, w));
	((uint16_t *)w)[32] = 1; ((int16_t *)w)[33] = -2; ((int16_t *)w)[34] = 0;
	TRY(CALL(117, 1, sem, 1, 0, w + 16));
	TRY(CALL(117, 3, sem, 1, 12 | 0x100, w));
	w[24] = 0; w[25] = 1000;
	TRY(CALL(117, 4, sem, 1, 0, w + 16, w + 24));
	w[0] = P(w + 100);
	TRY(CALL(117, 3, sem, 0, 2 | 0x100, w));
	say("mode %o, semaphores %u", ((uint16_t *)w)[200 + 10], w[100 + 13]);
	memset(w + 100, 0, 200);
	TRY(CALL(117, 3, sem, 0, 2, w));
	say("mode %o, semaphores %u", ((uint16_t *)w)[200 + 6], ((uint16_t *)w)[200 + 20]);
	TRY(CALL(394, sem, 0, 2, w + 100));
	TRY(CALL(117, 3, sem, 0, 0x100, 0));
	TRY(CALL(117, 3, sem, 0, 0x100, w));

	int msg = CALL(117, 13, 0, 0600);
	IS(msg >= 0);
	w[0] = 4; strcpy((char *)(w + 1), "letter");
	TRY(CALL(117, 11, msg, 7, 0, w));
	w[0] = 5; strcpy((char *)(w + 1), "second");
	TRY(CALL(117, 11, msg, 7, 0, w));
	TRY(CALL(117, 14, msg, 2 | 0x100, 0, w + 100));
	say("mode %o, %u messages, %u of %u bytes", ((uint16_t *)w)[200 + 10], w[116], w[115], w[117]);
	TRY(CALL(117, 14, msg, 2, 0, w + 100));
	say("mode %o, %u messages, %u of %u bytes", ((uint16_t *)w)[200 + 6], ((uint16_t *)w)[200 + 23], ((uint16_t *)w)[200 + 22], ((uint16_t *)w)[200 + 24]);
	TRY(CALL(117, 12 | 1 << 16, msg, 20, 0, w + 40, 0));
	say("%u %s", w[40], (char *)(w + 41));
	w[50] = P(w + 60); w[51] = 0;
	TRY(CALL(117, 12, msg, 20, 0, w + 50));
	say("%u %s", w[60], (char *)(w + 61));
	TRY(CALL(117, 12, msg, 20, 0, 0));
	TRY(CALL(117, 12 | 1 << 16, msg, 20, IPC_NOWAIT, w, 0));
	TRY(CALL(117, 14, msg, 0x100, 0, 0));

	int shm = CALL(117, 23, 0, 5000, 0600);
	IS(shm >= 0);
	TRY(CALL(117, 21, shm, 0, w + 4, 0));
	IS(w[4] >= 65536);
	*(char *)(long)w[4] = 'x';
	TRY(CALL(117, 24, shm, 2 | 0x100, 0, w + 100));
	say("mode %o, %u bytes, %u attached", ((uint16_t *)w)[200 + 10], w[109], w[118]);
	TRY(CALL(117, 24, shm, 2, 0, w + 100));
	say("mode %o, %u bytes, %u attached", ((uint16_t *)w)[200 + 6], w[104], ((uint16_t *)w)[200 + 18]);
	TRY(CALL(117, 22, 0, 0, 0, w[4]));
	TRY(CALL(117, 24, shm, 0x100, 0, 0));
	TRY(CALL(117, 21 | 1 << 16, shm, 0, w + 4, 0));
	TRY(CALL(117, 99));
}

CASE(tuning_the_clock) {
	uint32_t *w = low();
	memset(w, 0, 128);
	TRY(CALL(124, w) >= 0);
	IS(w[9] > 1000000000 && w[10] < 1000000000 && w[11] == 10000);
	w[0] = ADJ_FREQUENCY;
	TRY(CALL(124, w));
	w[0] = 0;
	TRY(CALL(343, CLOCK_MONOTONIC, w));
	TRY(CALL(343, CLOCK_REALTIME, w) >= 0);
	TRY(CALL(405, CLOCK_REALTIME, w + 256) >= 0);
}

CASE(message_queues) {
	uint32_t *w = low();
	char *name = strcpy((char *)(w + 64), "int80-forms");
	w[0] = 0; w[1] = 3; w[2] = 16; w[3] = 0;
	int queue = TRY(CALL(277, name, O_CREAT | O_RDWR, 0600, w));
	TRY(CALL(282, queue, 0, w + 8));
	say("%u %u %u %u", w[8], w[9], w[10], w[11]);
	TRY(CALL(279, queue, name, 5, 1, 0));
	w[24] = 0; w[25] = 1000;
	TRY(CALL(280, queue, w + 100, 16, w + 110, w + 24));
	say("%u %.5s", w[110], (char *)(w + 100));
	TRY(CALL(280, queue, w + 100, 16, 0, w + 24));
	w[25] = -1;
	TRY(CALL(280, queue, w + 100, 16, 0, w + 24));
	TRY(CALL(278, name));
}

CASE(locks_with_offsets_of_both_sizes) {
	uint32_t *w = low();
	int fd = open("file", O_CREAT | O_RDWR, 0600);
	/* type and whence in one word, then start, length, owner. */
	w[0] = F_WRLCK; w[1] = 10; w[2] = 5; w[3] = 0;
	TRY(CALL(221, fd, 6, w));
	TRY(CALL(55, fd, 6, w));
	w[0] = F_WRLCK; w[1] = 100; w[2] = 0; w[3] = 20; w[4] = 0;
	TRY(CALL(221, fd, 13, w));
	TRY(CALL(221, fd, 37, w));
	IN_CHILD("another", {
		w[0] = F_RDLCK; w[1] = 0; w[2] = 50;
		TRY(CALL(221, fd, 5, w));
		say("%x %d %d %d", w[0], w[1], w[2], w[3] == getppid());
		w[0] = F_RDLCK; w[1] = 90; w[2] = 0; w[3] = 50; w[4] = 0;
		TRY(CALL(221, fd, 12, w));
		say("%x %d %d %d", w[0], w[1], w[3], w[5] == getppid());
		w[0] = F_RDLCK; w[1] = 12; w[2] = 1;
		TRY(CALL(221, fd, 6, w));
	});
}

CASE(what_is_told_of_signals_and_children) {
	uint32_t *w = low();
	pid_t child = CHILD(_exit(7));
	TRY(CALL(284, P_PID, child, w, WEXITED, 0));
	say("%d %d %d, child %d, uid %d, status %d", w[0], w[1], w[2], w[3] == child, w[4] == getuid(), w[5]);
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	w[0] = SIGUSR1; w[1] = 0; w[2] = -1; w[3] = getpid(); w[4] = 1234; w[5] = 99;
	TRY(CALL(178, getpid(), SIGUSR1, w));
	memset(w, 0, 128);
	w[40] = 1 << (SIGUSR1 - 1); w[41] = 0;
	TRY(CALL(177, w + 40, w, 0, 8));
	say("%d %d %d %d %d %d", w[0], w[1], w[2], w[3] == getpid(), w[4], w[5]);
	TRY(CALL(311, w + 50, 12));
	TRY(CALL(311, w + 50, 24));
	TRY(CALL(312, 0, w, w + 1));
	IS(w[0] == P(w + 50) && w[1] == 12);
}

CASE(a_robust_list_of_32_bit_words) {
	uint32_t *w = low();
	/* The futex lies in shared memory, so that the parent sees what becomes of it. */
	uint32_t *shared = mmap((void *)0x31000000, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	pid_t child = CHILD({
		shared[0] = P(w + 60); shared[1] = gettid();
		w[60] = P(shared); w[61] = 4; w[62] = 0;
		CALL(311, w + 60, 12);
	});
	int status;
	waitpid(child, &status, 0);
	say("%x", shared[1]);
}

CASE(programs_with_vectors_of_32_bit_pointers) {
	uint32_t *w = low();
	char *path = strcpy((char *)(w + 64), "/proc/self/exe"), *name = strcpy((char *)(w + 80), "int80_forms"), *next = strcpy((char *)(w + 96), "sleeps_and_clocks");
	w[0] = P(name); w[1] = P(next); w[2] = 0;
	w[8] = 0;
	TRY(CALL(11, path, 8, w + 8));
	w[4] = P(w + 200); w[5] = 3; w[6] = P(w + 220); w[7] = 3;
	strcpy((char *)(w + 200), "abcdef");
	TRY(CALL(347, getpid(), w + 6, 1, w + 4, 1, 0));
	say("%s", (char *)(w + 220));
	/* The filter of seccomp by a pointer of 32 bits: all is allowed. */
	((uint16_t *)w)[120] = 1; w[61] = P(w + 240);
	w[240] = 6; w[241] = 0x7fff0000;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	TRY(CALL(354, 1, 0, w + 60));
	CALL(11, path, w, w + 8);
}
