// mmap, mprotect, mremap, madvise, brk, msync, mincore: what maps where, what faults, what errors; private and shared, files and none.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static sigjmp_buf jump;
static void caught(int s, siginfo_t *i, void *c) { siglongjmp(jump, s == SIGBUS ? 2 : 1); }
static const char *touch(volatile char *p, int isWrite) {
	int how = sigsetjmp(jump, 1);
	if (how) return how == 2 ? "SIGBUS" : "SIGSEGV";
	if (isWrite) *p = 'w'; else (void)*p;
	return "fine";
}
#define MAP(...) ({ void *result = mmap(__VA_ARGS__); printf("%s: %s\n", #__VA_ARGS__, result == MAP_FAILED ? strerror(errno) : "mapped"); result; })

int main(void) {
	struct sigaction a = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_NODEFER };
	sigaction(SIGSEGV, &a, NULL);
	sigaction(SIGBUS, &a, NULL);
	int f = open("mapped", O_CREAT | O_RDWR | O_TRUNC, 0600), r = open("mapped", O_RDONLY);
	ftruncate(f, 6000);
	pwrite(f, "contents", 8, 0);
	char *shared = MAP(NULL, 12288, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	char *private = MAP(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, f, 0);
	memcpy(private, "private!", 8);
	memcpy(shared + 4096, "second", 6);
	char b[9] = "";
	pread(f, b, 8, 0);
	printf("%s %.8s %.8s %.6s\n", b, private, shared, private + 4096);
	pread(f, b, 6, 4096);
	printf("%.6s, beyond the end but in the page %s, beyond the page %s\n", b, touch(shared + 8000, 1), touch(shared + 8192, 0));
	ftruncate(f, 100);
	printf("after truncation %s %s\n", touch(shared + 50, 0), touch(shared + 4096, 0));
	printf("msync %d, %d %s\n", msync(shared, 4096, MS_SYNC), msync((char *)1, 10, MS_SYNC), strerror(errno));
	MAP(NULL, 0, PROT_READ, MAP_PRIVATE, f, 0);
	MAP(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, r, 0);
	MAP(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, r, 0);
	MAP(NULL, 4096, PROT_READ, MAP_PRIVATE, f, 100);
	MAP(NULL, 4096, PROT_READ, 0, f, 0);
	MAP(NULL, 4096, PROT_READ, MAP_PRIVATE, -1, 0);
	MAP(NULL, 1UL << 48, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MAP((void *)1, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	char *low = MAP(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	printf("below 4 GiB %d\n", (unsigned long)low < 1UL << 32);
	char *m = MAP(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MAP(m, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	memset(m, 1, 65536);
	printf("mprotect %d %s %s %s\n", mprotect(m + 8192, 4096, PROT_READ), touch(m + 8192, 1), touch(m + 8191, 1), touch(m + 12288, 1));
	printf("none %d %s\n", mprotect(m + 8192, 4096, PROT_NONE), touch(m + 8192, 0));
	printf("mprotect %d %s\n", mprotect(m + 1, 4096, PROT_READ), strerror(errno));
	printf("munmap middle %d, hole %s\n", munmap(m + 16384, 4096), touch(m + 16384, 0));
	printf("mprotect over the hole %d %s\n", mprotect(m, 65536, PROT_READ | PROT_WRITE), strerror(errno));
	printf("munmap again %d, %d %s\n", munmap(m + 16384, 4096), munmap(m + 1, 4096), strerror(errno));
	m[40000] = 7;
	printf("madvise %d, now %d\n", madvise(m + 36864, 8192, MADV_DONTNEED), m[40000]);
	printf("madvise %d %s\n", madvise(m + 1, 1, MADV_DONTNEED), strerror(errno));
	printf("madvise %d %s\n", madvise(m, 4096, 9999), strerror(errno));
	unsigned char in[4];
	m = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	m[4096] = 1;
	int known = mincore(m, 16384, in);
	printf("mincore %d: %d %d %d\n", known, in[0] & 1, in[1] & 1, in[2] & 1);
	char *moved = mremap(m, 16384, 1 << 20, MREMAP_MAYMOVE);
	printf("mremap %s, contents %d\n", moved == MAP_FAILED ? strerror(errno) : "grown", moved[4096]);
	printf("shrunk %d, beyond %s\n", mremap(moved, 1 << 20, 8192, 0) == moved, touch(moved + 8192, 0));
	printf("mremap %d %s\n", mremap(moved, 8192, 1UL << 46, 0) == MAP_FAILED, strerror(errno));
	pid_t child;
	char *both = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fflush(stdout);
	if ((child = fork()) == 0) { both[0] = 'c'; moved[0] = 'c'; _exit(0); }
	waitpid(child, NULL, 0);
	printf("child wrote: shared %d private %d\n", both[0] == 'c', moved[0] == 'c');
	madvise(moved, 4096, MADV_WIPEONFORK);
	moved[0] = 'p';
	if ((child = fork()) == 0) _exit(moved[0]);
	int s;
	waitpid(child, &s, 0);
	printf("wiped on fork %d\n", WEXITSTATUS(s));
	void *before = sbrk(0);
	printf("brk %d, %d\n", sbrk(100000) == before, sbrk(-100000) == (char *)before + 100000);
	printf("mlock %d munlock %d\n", mlock(moved, 4096), munlock(moved, 4096));
	struct rlimit limit = { 200 << 20, 200 << 20 };
	setrlimit(RLIMIT_AS, &limit);
	MAP(NULL, 300 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *stack = (char *)__builtin_frame_address(0);
	printf("stack grows %s\n", touch(stack - 100000, 1));
	int fd = memfd_create("name", MFD_ALLOW_SEALING);
	ftruncate(fd, 4096);
	printf("seal %d\n", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK));
	printf("write %ld %s\n", write(fd, "x", 1), strerror(errno));
	printf("shrink %d %s\n", ftruncate(fd, 1), strerror(errno));
	MAP(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	unlink("mapped");
	return 0;
}
