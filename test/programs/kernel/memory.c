// mmap, munmap, mprotect, mremap, brk, msync, mincore, mlock: what is mapped, what is refused, which faults follow.
#include "cases.h"
#include <setjmp.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static sigjmp_buf out;
static siginfo_t fault;
static void on_fault(int signo, siginfo_t *info, void *context) { fault = *info; siglongjmp(out, 1); }
static void catch_faults(void) {
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}
/* Says how touching `address` ends. */
#define TOUCH(what, access) do { \
	if (sigsetjmp(out, 1) == 0) { access; say("%s: fine", what); } \
	else say("%s: SIG%s code %d", what, sigabbrev_np(fault.si_signo), fault.si_code); } while (0)

static int file_of(const char *name, int pages) {
	int fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0600);
	for (int i = 0; i < pages; i++) { char page[PAGE]; memset(page, 'a' + i, PAGE); write(fd, page, PAGE); }
	return fd;
}

CASE(mmap_refuses) {
	int fd = file_of("f", 1), write_only = open("f", O_WRONLY), read_only = open("f", O_RDONLY), dir = open(".", O_RDONLY);
	TRY(mmap(NULL, 0, PROT_READ, ANON, -1, 0));
	TRY(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0));
	TRY(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS | MAP_SHARED | MAP_PRIVATE | 0xc, -1, 0));
	TRY(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, -1, 0));
	TRY(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0));
	TRY(syscall(SYS_mmap, NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 1));
	TRY(mmap((void *)1, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0));
	TRY(mmap(NULL, 1ul << 47, PROT_READ, ANON, -1, 0));
	TRY(mmap(NULL, -1ul, PROT_READ, ANON, -1, 0));
	TRY(mmap(NULL, 1ul << 63, PROT_READ, ANON, -1, 0));
	TRY(mmap((void *)(1ul << 47), PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0));
	TRY(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, write_only, 0));
	TRY(mmap(NULL, PAGE, RW, MAP_SHARED, read_only, 0));
	GIVES(mmap(NULL, PAGE, RW, MAP_PRIVATE, read_only, 0));
	TRY(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, dir, 0));
	GIVES(mmap(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | 0x40000000, fd, 0));
}

CASE(mmap_noreplace_and_fixed) {
	char *p = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);
	p[PAGE] = 7;
	TRY(mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
	IS(mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0) == p + PAGE);
	say("fresh %d", p[PAGE]);
	munmap(p + 2 * PAGE, PAGE);
	IS(mmap(p + 2 * PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == p + 2 * PAGE);
	munmap(p + 2 * PAGE, PAGE);
	IS(mmap(p + 2 * PAGE, PAGE, RW, ANON, -1, 0) == p + 2 * PAGE);
}

CASE(faults_tell_code_and_address) {
	catch_faults();
	char *p = mmap(NULL, 2 * PAGE, PROT_READ, ANON, -1, 0), *none = mmap(NULL, PAGE, PROT_NONE, ANON, -1, 0);
	TOUCH("write to a read-only page", p[5] = 1);
	IS(fault.si_addr == p + 5);
	TOUCH("read of PROT_NONE", (void)*(volatile char *)none);
	munmap(p, PAGE);
	TOUCH("read of nothing", (void)*(volatile char *)p);
	IS(fault.si_addr == p);
	TOUCH("read of NULL", (void)*(volatile char *)8);
	TOUCH("read of a kernel address", (void)*(volatile char *)0xffff888000000000);
	say("address %p", fault.si_addr);
	TOUCH("read of no address", (void)*(volatile char *)0x8000000000000000);
	say("address %p", fault.si_addr);
	TOUCH("execute data", ((void (*)(void))(p + PAGE))());
}

CASE(sigbus_beyond_the_end_of_a_file) {
	catch_faults();
	int fd = file_of("f", 1);
	char *p = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
	TOUCH("last byte", p[PAGE - 1] = 1);
	TOUCH("beyond", p[PAGE] = 1);
	IS(fault.si_addr == p + PAGE);
	ftruncate(fd, 2 * PAGE);
	TOUCH("after growing", p[PAGE] = 1);
	ftruncate(fd, 0);
	TOUCH("after truncating", p[0] = 1);
}

CASE(shared_file_mappings_are_coherent_with_read_and_write) {
	int fd = file_of("f", 2);
	char *p = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0), *q = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE), text[6] = "";
	memcpy(p + PAGE, "hello", 5);
	pread(fd, text, 5, PAGE);
	say("%s %.5s", text, q);
	pwrite(fd, "world", 5, PAGE);
	say("%.5s %.5s", p + PAGE, q);
	char *copy = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0);
	copy[PAGE] = 'W';
	pread(fd, text, 5, PAGE);
	say("%s, private %.5s", text, copy + PAGE);
}

CASE(fork_copies_private_and_shares_shared_memory) {
	int *a = mmap(NULL, PAGE, RW, ANON, -1, 0), *b = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*a = *b = 1;
	IN_CHILD("child", *a = 2; *b = 2);
	say("private %d shared %d", *a, *b);
}

CASE(munmap_and_mprotect_refuse) {
	char *p = mmap(NULL, 3 * PAGE, RW, ANON, -1, 0);
	TRY(munmap(p + 1, PAGE));
	TRY(munmap(p, 0));
	TRY(munmap(p, -1ul));
	TRY(munmap((void *)(1ul << 47), PAGE));
	TRY(munmap(KERNEL_POINTER, PAGE));
	TRY(munmap(p + PAGE, PAGE));
	TRY(munmap(p + PAGE, PAGE));
	TRY(mprotect(p, 3 * PAGE, PROT_READ));
	TRY(mprotect(p + 1, PAGE, PROT_READ));
	TRY(mprotect(p, 0, PROT_READ));
	TRY(mprotect(p, PAGE, 0x10));
	TRY(mprotect(p, PAGE, PROT_READ | PROT_GROWSDOWN));
	TRY(mprotect(p, -1ul, PROT_READ));
	TRY(mprotect(p, PAGE, PROT_NONE));
	int fd = open("/proc/self/exe", O_RDONLY);
	char *file = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	TRY(mprotect(file, PAGE, RW));
}

CASE(mremap_moves_and_grows) {
	char *p = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);
	p[0] = 'x';
	munmap(p + PAGE, 3 * PAGE);
	IS(mremap(p, PAGE, 2 * PAGE, 0) == p);
	char *target = mmap(NULL, 8 * PAGE, PROT_NONE, ANON, -1, 0);
	IS(mremap(p, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target) == target);
	say("%c", target[0]);
	TRY(mremap(target, 3 * PAGE, 9 * PAGE, 0));
	IS(mremap(target, 3 * PAGE, PAGE, 0) == target);
	catch_faults();
	TOUCH("shrunk", target[PAGE] = 1);
}

CASE(mremap_dontunmap) {
	char *p = mmap(NULL, PAGE, RW, ANON, -1, 0);
	p[0] = 'x';
	char *q = (char *)syscall(SYS_mremap, p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	IS(q != p);
	say("moved %c, left %d", q[0], p[0]);
	TRY(syscall(SYS_mremap, p, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));
	TRY(syscall(SYS_mremap, p, PAGE, PAGE, MREMAP_DONTUNMAP, NULL));
}

CASE(mremap_refuses) {
	char *p = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);
	TRY(mremap(p, PAGE, 0, 0));
	TRY(mremap(p + 1, PAGE, PAGE, 0));
	TRY(mremap(p, PAGE, PAGE, 8));
	TRY(mremap(p, PAGE, PAGE, MREMAP_FIXED, p));
	TRY(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + PAGE));
	TRY(mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 4 * PAGE + 1));
	TRY(mremap((void *)PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
	TRY(mremap(p, 0, PAGE, MREMAP_MAYMOVE));
	munmap(p + PAGE, PAGE);
	TRY(mremap(p, 3 * PAGE, 4 * PAGE, MREMAP_MAYMOVE));
}

CASE(brk_moves_the_end_of_the_heap) {
	char *end = (char *)syscall(SYS_brk, 0);
	IS(syscall(SYS_brk, end + 3 * PAGE) == (long)(end + 3 * PAGE));
	end[PAGE] = 1;
	IS(syscall(SYS_brk, 1) == (long)(end + 3 * PAGE));
	IS(syscall(SYS_brk, end) == (long)end);
	catch_faults();
	TOUCH("given back", end[PAGE] = 1);
	IS(syscall(SYS_brk, -1ul) == (long)end);
}

CASE(rlimit_as_and_data) {
	setrlimit(RLIMIT_AS, &(struct rlimit){ 64 << 20, 64 << 20 });
	TRY(mmap(NULL, 128 << 20, RW, ANON, -1, 0));
	GIVES(mmap(NULL, 1 << 20, RW, ANON, -1, 0));
	setrlimit(RLIMIT_DATA, &(struct rlimit){ 0, 0 });
	TRY(mmap(NULL, 1 << 20, RW, ANON, -1, 0));
	GIVES(mmap(NULL, 1 << 20, PROT_READ, ANON, -1, 0));
}

CASE(large_reservations_cost_nothing) {
	char *p = mmap(NULL, 1ul << 40, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
	IS(p != MAP_FAILED);
	TRY(mprotect(p + (1ul << 39), 16 * PAGE, RW));
	p[1ul << 39] = 1;
	TRY(munmap(p, 1ul << 40));
}

CASE(mincore_tells_what_is_there) {
	unsigned char there[4];
	char *p = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);
	p[PAGE] = 1;
	TRY(mincore(p, 4 * PAGE, there));
	say("%d %d %d %d", there[0] & 1, there[1] & 1, there[2] & 1, there[3] & 1);
	TRY(mincore(p + 1, PAGE, there));
	TRY(mincore(p, PAGE, BAD_POINTER));
	munmap(p + 2 * PAGE, PAGE);
	TRY(mincore(p, 4 * PAGE, there));
	TRY(mincore(p, 0, there));
	TRY(mincore(p, -1ul, there));
}

CASE(msync_refuses) {
	char *p = mmap(NULL, 2 * PAGE, RW, ANON, -1, 0);
	TRY(msync(p, PAGE, MS_SYNC));
	TRY(msync(p, PAGE, MS_SYNC | MS_ASYNC));
	TRY(msync(p, PAGE, 8));
	TRY(msync(p + 1, PAGE, MS_SYNC));
	TRY(msync(p, 0, MS_SYNC));
	munmap(p + PAGE, PAGE);
	TRY(msync(p, 2 * PAGE, MS_ASYNC));
	mlock(p, PAGE);
	TRY(msync(p, PAGE, MS_INVALIDATE));
}

CASE(mlock_within_its_limit) {
	setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){ 2 * PAGE, 2 * PAGE });
	char *p = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);
	unsigned char there[4];
	TRY(mlock(p, PAGE));
	TRY(mlock(p, 3 * PAGE));
	TRY(syscall(SYS_mlock2, p + PAGE, PAGE, MLOCK_ONFAULT));
	mincore(p, 2 * PAGE, there);
	say("%d %d", there[0] & 1, there[1] & 1);
	TRY(syscall(SYS_mlock2, p, PAGE, 2));
	TRY(munlock(p, 4 * PAGE));
	TRY(mlock(p + 3 * PAGE, 2 * PAGE));
	TRY(mlock((void *)PAGE, PAGE));
	TRY(mlockall(MCL_CURRENT));
	TRY(mlockall(0));
	TRY(mlockall(8));
	TRY(mlockall(MCL_ONFAULT));
	TRY(munlockall());
	setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){ 0, 0 });
	TRY(mlock(p, PAGE));
}

CASE(madvise_advice) {
	char *p = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);
	p[0] = 1;
	TRY(madvise(p, PAGE, MADV_DONTNEED));
	say("%d", p[0]);
	TRY(madvise(p, PAGE, MADV_WILLNEED));
	TRY(madvise(p, 4 * PAGE, MADV_SEQUENTIAL));
	TRY(madvise(p, 0, MADV_NORMAL));
	TRY(madvise(p + 1, PAGE, MADV_NORMAL));
	TRY(madvise(p, PAGE, 12345));
	TRY(madvise(p, -1ul, MADV_NORMAL));
	TRY(madvise(p, PAGE, MADV_DONTFORK));
	catch_faults();
	IN_CHILD("child", TOUCH("not copied", p[0] = 1); TOUCH("copied", p[PAGE] = 1));
	TRY(madvise(p, PAGE, MADV_DOFORK));
	p[2 * PAGE] = 9;
	TRY(madvise(p + 2 * PAGE, PAGE, MADV_WIPEONFORK));
	IN_CHILD("child", say("wiped %d", p[2 * PAGE]));
	TRY(madvise(p + 3 * PAGE, PAGE, MADV_POPULATE_WRITE));
	munmap(p + PAGE, PAGE);
	TRY(madvise(p, 3 * PAGE, MADV_NORMAL));
	TRY(madvise(p, PAGE, MADV_REMOVE));
	TRY(madvise(p, PAGE, MADV_HWPOISON));
	TRY(madvise(p + PAGE, PAGE, MADV_POPULATE_READ));
}

CASE(growsdown_mappings_grow) {
	char *p = mmap(NULL, 256 * PAGE, PROT_NONE, ANON, -1, 0);
	munmap(p, 256 * PAGE);
	char *low = mmap(p + 200 * PAGE, PAGE, RW, ANON | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
	catch_faults();
	TOUCH("the page below", low[-1] = 1);
	TOUCH("five pages below", low[-5 * PAGE] = 1);
}

CASE(populate_brings_pages) {
	unsigned char there[2];
	char *p = mmap(NULL, 2 * PAGE, RW, ANON | MAP_POPULATE, -1, 0);
	mincore(p, 2 * PAGE, there);
	say("%d %d", there[0] & 1, there[1] & 1);
}

CASE(maps_of_what_was_mapped) {
	char *p = mmap((void *)0x10000000, 6 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
	int fd = file_of("f", 2);
	mprotect(p + PAGE, PAGE, PROT_READ);
	mmap(p + 2 * PAGE, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	mmap(p + 3 * PAGE, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, PAGE);
	munmap(p + 4 * PAGE, PAGE);
	static char text[16384];
	int maps = open("/proc/self/maps", O_RDONLY);
	read(maps, text, sizeof text - 1);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		unsigned long from, to, offset;
		char perms[5], dev[16], name[200] = "";
		unsigned long ino;
		sscanf(line, "%lx-%lx %4s %lx %15s %lu %199[^\n]", &from, &to, perms, &offset, dev, &ino, name);
		if (from >= 0x10000000 && from < 0x10010000) say("%lx-%lx %s %lx %s", from, to, perms, offset, strrchr(name, '/') ? strrchr(name, '/') : name);
	}
}

#define FAULTS(what) do { if (!sigsetjmp(out, 1)) { what; say("%s: no fault", #what); } else say("%s: code %d at %p", #what, fault.si_code, fault.si_addr); } while (0)

CASE(the_vsyscall_page) {
	long (*gettimeofday_)(void *, void *) = (void *)0xffffffffff600000, (*time_)(void *) = (void *)0xffffffffff600400, (*getcpu_)(void *, void *, void *) = (void *)0xffffffffff600800;
	void (*middle)(void) = (void *)0xffffffffff600008, (*unused)(void) = (void *)0xffffffffff600c00, (*past)(void) = (void *)0xffffffffff601000;
	struct timeval tv = { 0 };
	struct timezone tz = { 9, 9 };
	time_t now = 0;
	unsigned cpu = 99, node = 99;
	catch_faults();
	TRY(gettimeofday_(&tv, &tz));
	IS(tv.tv_sec > 1000000000 && tz.tz_dsttime == 0);
	IS(time_(&now) == now && now > 1000000000);
	IS(time_(NULL) >= now);
	TRY(getcpu_(&cpu, &node, NULL));
	IS(cpu < 99 && node == 0);
	FAULTS(gettimeofday_(BAD_POINTER, NULL));
	FAULTS(time_(KERNEL_POINTER));
	FAULTS(say("%d", *(volatile char *)0xffffffffff600000));
	FAULTS(*(volatile char *)0xffffffffff600000 = 1);
	FAULTS(middle());
	FAULTS(unused());
	FAULTS(past());
	static char maps[8192];
	dup2(open("/proc/self/maps", O_RDONLY), UNCOMPARED);
	for (long length = 0, got; (got = read(UNCOMPARED, maps + length, sizeof maps - 1 - length)) > 0; length += got);
	char *line = strstr(maps, "ffffffffff600000");
	say("%s", line ? line : "no such line");
}
