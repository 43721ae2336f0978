#include "cases.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
/* A call of the i386 table out of 64-bit code. */
static long int80(long nr, long a, long b, long c, long d, long e) {
	long result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory", "r8", "r9", "r10", "r11");
	return result;
}
static char text[4096], name[] = "file";
static int words[16];
#define P(pointer) ((long)(pointer))

CASE(files) {
	long fd = TRY(int80(5, P(name), O_CREAT | O_RDWR, 0644, 0, 0));
	TRY(int80(4, fd, P("0123456789"), 10, 0, 0));
	TRY(int80(19, fd, -5, SEEK_CUR, 0, 0));
	TRY(int80(3, fd, P(text), 10, 0, 0));
	say("%s", text);
	TRY(int80(140, fd, 0, 3, P(words), SEEK_SET));
	say("%d", words[0]);
	TRY(int80(33, P(name), R_OK, 0, 0, 0));
	TRY(int80(6, fd, 0, 0, 0, 0));
	TRY(int80(6, 99, 0, 0, 0, 0));
	TRY(int80(10, P(name), 0, 0, 0, 0));
	TRY(int80(10, P(name), 0, 0, 0, 0));
}

CASE(times) {
	words[0] = 0; words[1] = 1000000;
	TRY(int80(162, P(words), 0, 0, 0, 0));
	words[1] = -1;
	TRY(int80(162, P(words), 0, 0, 0, 0));
	TRY(int80(162, 8, 0, 0, 0, 0));
	TRY(int80(265, 1, P(words), 0, 0, 0));
	IS(words[1] >= 0 && words[1] < 1000000000);
	TRY(int80(78, P(words), 0, 0, 0, 0));
	IS(words[1] >= 0 && words[1] < 1000000);
	TRY(int80(78, 8, 0, 0, 0, 0));
}

CASE(numbers_are_those_of_i386) {
	IS(int80(20, 0, 0, 0, 0, 0) == syscall(SYS_getpid));
	TRY(int80(39, P("folder"), 0755, 0, 0, 0));
	TRY(int80(40, P("folder"), 0, 0, 0, 0));
	TRY(int80(42, P(words), 0, 0, 0, 0));
	TRY(int80(999, 1, 2, 3, 4, 5));
	TRY(int80(4, 1, 8, 4, 0, 0));
}

CASE(ends_by_the_i386_call) {
	IN_CHILD("child", { int80(1, 7, 0, 0, 0, 0); });
}

/* Memory that 32-bit pointers reach. */
static uint32_t *low(void) {
	static uint32_t *page;
	if (!page) page = mmap((void *)0x30000000, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memset(page, 0, 4 * PAGE);
	return page;
}

CASE(stat64_family) {
	uint32_t *s = low();
	close(open("file", O_CREAT | O_RDWR, 0640));
	truncate("file", 70000);
	TRY(int80(195, P("file"), P(s), 0, 0, 0));
	say("mode %o, size %d, links %d, inode again %d", s[4], s[11], s[5], s[3] == s[22]);
	symlink("file", "link");
	TRY(int80(196, P("link"), P(s), 0, 0, 0));
	say("mode %o, size %d", s[4], s[11]);
	int fd = open("file", O_RDONLY);
	TRY(int80(197, fd, P(s), 0, 0, 0));
	say("mode %o, size %d", s[4], s[11]);
	TRY(int80(300, AT_FDCWD, P("link"), P(s), AT_SYMLINK_NOFOLLOW, 0));
	TRY(int80(195, P("none"), P(s), 0, 0, 0));
	TRY(int80(197, 99, P(s), 0, 0, 0));
	TRY(int80(195, P("file"), 8, 0, 0, 0));
}

CASE(vectors) {
	uint32_t *v = low();
	char *data = (char *)(v + 64);
	int p[2];
	pipe(p);
	strcpy(data, "abcdef");
	v[0] = P(data); v[1] = 2; v[2] = P(data + 3); v[3] = 3;
	TRY(int80(146, p[1], P(v), 2, 0, 0));
	v[0] = P(data + 100); v[1] = 3; v[2] = P(data + 200); v[3] = 10;
	TRY(int80(145, p[0], P(v), 2, 0, 0));
	say("%s %s", data + 100, data + 200);
	v[1] = -1;
	TRY(int80(146, p[1], P(v), 2, 0, 0));
	TRY(int80(146, p[1], P(v), 1025, 0, 0));
}

CASE(waiting) {
	uint32_t *w = low();
	pid_t child = CHILD(_exit(3));
	TRY(int80(7, child, P(w), 0, 0, 0) == child);
	say("%x", w[0]);
	child = CHILD(_exit(4));
	TRY(int80(114, child, P(w), 0, P(w + 8), 0) == child);
	say("%x, faults %d", w[0], w[8 + 8] > 0);
	TRY(int80(7, -1, P(w), 0, 0, 0));
	TRY(int80(77, RUSAGE_SELF, P(w), 0, 0, 0));
	TRY(int80(77, 9, P(w), 0, 0, 0));
	TRY(int80(43, P(w), 0, 0, 0, 0) != 0);
}

static volatile int handled;
static void handles(int signo) { handled = signo; }
CASE(signal_layouts) {
	uint32_t *a = low();
	signal(SIGUSR1, SIG_IGN);
	TRY(int80(174, SIGUSR1, 0, P(a), 8, 0));
	say("%x", a[0]);
	a[0] = 0; a[1] = SA_RESTART; a[2] = 0; a[3] = 1 << (SIGHUP - 1); a[4] = 1;
	TRY(int80(174, SIGUSR1, P(a), 0, 8, 0));
	TRY(int80(174, SIGUSR1, 0, P(a + 8), 8, 0));
	say("%x %x %x %x", a[8], a[9] & ~0x4000000, a[11], a[12]);
	TRY(int80(174, SIGKILL, P(a), 0, 8, 0));
	TRY(int80(186, 0, P(a), 0, 0, 0));
	say("flags %d size %d", a[1], a[2]);
	a[0] = 0x30001000; a[1] = 0; a[2] = 8192;
	TRY(int80(186, P(a), 0, 0, 0, 0));
	TRY(int80(186, 0, P(a + 4), 0, 0, 0));
	say("%x %x %d", a[4], a[5], a[6]);
}

CASE(identities) {
	uint32_t *w = low();
	TRY(int80(199, 0, 0, 0, 0, 0) == getuid());
	TRY(int80(202, 0, 0, 0, 0, 0) == getegid());
	TRY(int80(205, 0, P(w), 0, 0, 0) >= 0);
	TRY(int80(209, P(w), P(w + 1), P(w + 2), 0, 0));
	IS(w[0] == getuid());
	TRY(int80(208, getuid(), -1, -1, 0, 0));
	close(open("file", O_CREAT, 0600));
	TRY(int80(212, P("file"), -1, -1, 0, 0));
	TRY(int80(213, getuid(), 0, 0, 0, 0));
	TRY(int80(116, P(w), 0, 0, 0, 0));
	IS(w[13] >= 1);
}

CASE(sockets_by_one_number) {
	uint32_t *a = low();
	a[0] = 1; a[1] = 1; a[2] = 0; a[3] = P(a + 16);
	TRY(int80(102, 8, P(a), 0, 0, 0));
	say("%d %d", a[16], a[17]);
	int x = a[16], y = a[17];
	strcpy((char *)(a + 64), "hello");
	a[0] = x; a[1] = P(a + 64); a[2] = 5; a[3] = 0;
	TRY(int80(102, 9, P(a), 0, 0, 0));
	a[0] = y; a[1] = P(a + 80); a[2] = 20; a[3] = 0;
	TRY(int80(102, 10, P(a), 0, 0, 0));
	say("%s", (char *)(a + 80));
	a[0] = x; a[1] = 2;
	TRY(int80(102, 13, P(a), 0, 0, 0));
	a[0] = 2; a[1] = 2; a[2] = 0;
	TRY(int80(102, 1, P(a), 0, 0, 0));
	TRY(int80(102, 99, P(a), 0, 0, 0));
	TRY(int80(102, 1, 8, 0, 0, 0));
}

CASE(messages_of_32_bit_words) {
	uint32_t *a = low(), *header = a + 32, *vector = a + 48, *control = a + 56;
	a[0] = 1; a[1] = 1; a[2] = 0; a[3] = P(a + 16);
	int80(102, 8, P(a), 0, 0, 0);
	int x = a[16], y = a[17];
	strcpy((char *)(a + 80), "message");
	vector[0] = P(a + 80); vector[1] = 7;
	/* name, its length, vectors, how many, control messages, their length, flags */
	header[2] = P(vector); header[3] = 1; header[4] = P(control); header[5] = 16;
	/* A struct cmsghdr of 12 bytes: its length, level and type; then a descriptor. */
	control[0] = 16; control[1] = 1; control[2] = 1; control[3] = 1;
	a[0] = x; a[1] = P(header); a[2] = 0;
	TRY(int80(102, 16, P(a), 0, 0, 0));
	memset(control, 0, 64);
	vector[0] = P(a + 90); vector[1] = 20; header[5] = 40; header[6] = 99;
	a[0] = y;
	TRY(int80(102, 17, P(a), 0, 0, 0));
	say("%s, %u bytes of control, flags %x: %u %u %u, descriptor %d", (char *)(a + 90), header[5], header[6], control[0], control[1], control[2], (int)control[3] > y);
	control[0] = 17; header[5] = 16; vector[1] = 1;
	a[0] = x;
	TRY(int80(102, 16, P(a), 0, 0, 0));
	header[5] = 4;
	TRY(int80(102, 16, P(a), 0, 0, 0));
	a[1] = 8;
	TRY(int80(102, 16, P(a), 0, 0, 0));
	TRY(int80(102, 17, P(a), 0, 0, 0));
}

ROOT_CASE(ids_of_16_bits) {
	uint32_t *a = low();
	uint16_t *ids = (void *)a;
	TRY(int80(81, 3, P(memcpy(a, (uint16_t[]){ 7, 5, 65535 }, 6)), 0, 0, 0));
	TRY(int80(81, 3, P(memcpy(a, (uint16_t[]){ 7, 5, 6 }, 6)), 0, 0, 0));
	TRY(int80(80, 0, 0, 0, 0, 0));
	memset(a, 0, 64);
	TRY(int80(80, 2, P(a), 0, 0, 0));
	TRY(int80(80, 8, P(a), 0, 0, 0));
	say("%u %u %u", ids[0], ids[1], ids[2]);
	TRY(syscall(SYS_setresgid, 70000, 8, 9));
	TRY(int80(171, P(ids), P(ids + 1), P(ids + 2), 0, 0));
	say("%u %u %u", ids[0], ids[1], ids[2]);
	TRY(int80(47, 0, 0, 0, 0, 0));
	TRY(int80(50, 0, 0, 0, 0, 0));
	TRY(int80(71, 65535, 12, 0, 0, 0));
	TRY(int80(46, 0x1000d, 0, 0, 0, 0));
	TRY(int80(171, P(ids), P(ids + 1), 8, 0, 0));
	close(open("owned", O_CREAT | O_RDWR, 0600));
	struct stat st;
	TRY(int80(182, P("owned"), 11, 65535, 0, 0));
	stat("owned", &st);
	say("%u %u", st.st_uid, st.st_gid);
	TRY(int80(16, P("owned"), 65535, 0x10010, 0, 0));
	stat("owned", &st);
	say("%u %u", st.st_uid, st.st_gid);
	TRY(int80(95, 99, 1, 1, 0, 0));
	TRY(int80(139, 14, 0, 0, 0, 0));
	TRY(int80(138, 15, 0, 0, 0, 0));
	TRY(int80(170, 65535, 65535, 16, 0, 0));
	TRY(int80(164, 17, 18, 19, 0, 0));
	TRY(int80(165, P(ids), P(ids + 1), P(ids + 2), 0, 0));
	say("%u %u %u", ids[0], ids[1], ids[2]);
	TRY(int80(70, 18, 65535, 0, 0, 0));
	TRY(int80(23, 0, 0, 0, 0, 0));
	TRY(int80(24, 0, 0, 0, 0, 0));
	TRY(int80(49, 0, 0, 0, 0, 0));
	TRY(int80(81, 0, 0, 0, 0, 0));
}

static siginfo_t trapped;
static void traps(int signo, siginfo_t *info, void *context) { trapped = *info; }
CASE(sigsys_names_the_call_and_its_table) {
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP | 77),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 4, code };
	struct sigaction act = { .sa_sigaction = traps, .sa_flags = SA_SIGINFO };
	sigaction(SIGSYS, &act, NULL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	TRY(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
	TRY(int80(20, 0, 0, 0, 0, 0) == 20);
	say("code %d, errno %d, call %d, arch %x", trapped.si_code, trapped.si_errno, trapped.si_syscall, trapped.si_arch);
	IS(syscall(SYS_getpid) > 0);
}
