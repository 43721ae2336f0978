// What mappings look like from outside and at their limits: /proc/self/maps and smaps, memfd and its seals, secret memory, overcommit, stacks that grow.
#include "cases.h"
#include <setjmp.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static sigjmp_buf out;
static siginfo_t fault;
static char handler_stack[65536];
static void on_fault(int signo, siginfo_t *info, void *context) { fault = *info; siglongjmp(out, 1); }
static void catch_faults(void) {
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	sigaltstack(&(stack_t){ .ss_sp = handler_stack, .ss_size = sizeof handler_stack }, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}
#define TOUCH(what, access) do { \
	if (sigsetjmp(out, 1) == 0) { access; say("%s: fine", what); } \
	else say("%s: SIG%s code %d", what, sigabbrev_np(fault.si_signo), fault.si_code); } while (0)

static char text[65536];
static const char *slurp(const char *path) {
	int fd = open(path, O_RDONLY), length = 0, n;
	dup2(fd, UNCOMPARED);
	close(fd);
	while ((n = read(UNCOMPARED, text + length, sizeof text - 1 - length)) > 0) length += n;
	text[length] = 0;
	return text;
}

/* Each line of maps: size in pages, permissions, offset, device or none, name's last part; not what the version of Linux maps for itself. */
static void say_maps(char *maps) {
	for (char *line = strtok(maps, "\n"); line; line = strtok(NULL, "\n")) {
		unsigned long from, to, offset, ino;
		char perms[5], dev[16], name[200] = "";
		sscanf(line, "%lx-%lx %4s %lx %15s %lu %199[^\n]", &from, &to, perms, &offset, dev, &ino, name);
		if (strstr(name, "[v")) continue;
		say("%ld %s %lx %s %s", strstr(name, "[heap]") ? 0 : (to - from) / PAGE, perms, offset, ino ? "file" : dev, strrchr(name, '/') ? strrchr(name, '/') : name);
	}
}

CASE(maps_of_a_static_program) {
	say_maps((char *)slurp("/proc/self/maps"));
}

CASE(maps_of_a_dynamic_program) {
	int p[2], n, length = 0;
	pipe(p);
	personality(ADDR_NO_RANDOMIZE);
	pid_t child = CHILD({ dup2(p[1], 1); close(p[0]); close(p[1]); execl("/bin/cat", "cat", "/proc/self/maps", NULL); });
	close(p[1]);
	dup2(p[0], UNCOMPARED);
	while ((n = read(UNCOMPARED, text + length, sizeof text - 1 - length)) > 0) length += n;
	waitpid(child, NULL, 0);
	// How much memory ld.so and malloc take depends on the computer.
	char *at = text, *to = text;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (!strchr(line, '/') && !strchr(line, '[')) continue;
		length = strlen(line);
		memmove(to, line, length);
		to[length] = '\n';
		to += length + 1;
	}
	*to = 0;
	say_maps(at);
}

CASE(maps_merge_and_split) {
	char *p = mmap((void *)0x20000000, 16 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
	int fd = open("f", O_CREAT | O_RDWR, 0600), secret = memfd_create("named", 0);
	ftruncate(fd, 8 * PAGE); ftruncate(secret, 8 * PAGE);
	mprotect(p + PAGE, PAGE, PROT_NONE);
	mprotect(p + 3 * PAGE, PAGE, PROT_READ);
	mprotect(p + 3 * PAGE, PAGE, RW);
	mmap(p + 4 * PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0);
	mmap(p + 5 * PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, PAGE);
	mmap(p + 6 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 2 * PAGE);
	mmap(p + 7 * PAGE, 2 * PAGE, RW, MAP_SHARED | MAP_FIXED, secret, 0);
	mmap(p + 9 * PAGE, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p + 10 * PAGE, PAGE, "a name");
	madvise(p + 12 * PAGE, PAGE, MADV_DONTFORK);
	mlock(p + 14 * PAGE, PAGE);
	unlink("f");
	slurp("/proc/self/maps");
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		unsigned long from, to, offset, ino;
		char perms[5], dev[16], name[200] = "";
		sscanf(line, "%lx-%lx %4s %lx %15s %lu %199[^\n]", &from, &to, perms, &offset, dev, &ino, name);
		if (from >= 0x20000000 && from < 0x20020000) say("%lx-%lx %s %lx %s", from, to, perms, offset, strrchr(name, '/') ? strrchr(name, '/') : name);
	}
}

static void say_smaps(unsigned long start) {
	char first[40];
	sprintf(first, "%lx-", start);
	slurp("/proc/self/smaps");
	int inside = 0;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (line[0] >= '0' && line[0] <= '9' || line[0] >= 'a' && line[0] <= 'f') inside = !strncmp(line, first, strlen(first));
		else if (inside && strncmp(line, "THPeligible", 11) && strncmp(line, "ProtectionKey", 13)) say("%s", line);
	}
}
CASE(smaps_counts_pages) {
	char *p = mmap((void *)0x20000000, 8 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
	p[0] = p[PAGE] = p[5 * PAGE] = 1;
	say_smaps(0x20000000);
	int fd = open("f", O_CREAT | O_RDWR, 0600);
	char page[PAGE] = "x";
	for (int i = 0; i < 4; i++) write(fd, page, PAGE);
	char *q = mmap((void *)0x21000000, 4 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, fd, 0);
	q[0] = 1;
	mlock(q, 4 * PAGE);
	say_smaps(0x21000000);
	q = mmap((void *)0x22000000, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_NORESERVE | MAP_FIXED | MAP_ANONYMOUS, -1, 0);
	madvise(q, 4 * PAGE, MADV_DONTDUMP); madvise(q, 4 * PAGE, MADV_WIPEONFORK); madvise(q, 4 * PAGE, MADV_NOHUGEPAGE); madvise(q, 4 * PAGE, MADV_RANDOM);
	say_smaps(0x22000000);
	q = mmap((void *)0x23000000, 4 * PAGE, RW, MAP_SHARED | MAP_FIXED | MAP_ANONYMOUS, -1, 0);
	q[0] = 1;
	say_smaps(0x23000000);
}

CASE(memfd_refuses) {
	char name[260];
	memset(name, 'n', 259); name[259] = 0;
	TRY(memfd_create(name, 0) >= 0);
	name[249] = 0;
	TRY(memfd_create(name, 0) >= 0);
	TRY(syscall(SYS_memfd_create, BAD_POINTER, 0));
	TRY(memfd_create("x", 0x100));
	TRY(syscall(SYS_memfd_create, "x", MFD_HUGETLB | 8 | 16 | 21 << 26));
	TRY(memfd_create("", MFD_CLOEXEC | MFD_ALLOW_SEALING) >= 0);
	TRY(syscall(SYS_memfd_create, "x", 8 | 16));
}

CASE(memfd_seals) {
	int fd = memfd_create("sealed", MFD_ALLOW_SEALING), plain = memfd_create("plain", 0);
	char b[8] = "1234567";
	ftruncate(fd, 2 * PAGE);
	TRY(fcntl(plain, F_GET_SEALS));
	TRY(fcntl(plain, F_ADD_SEALS, F_SEAL_GROW));
	TRY(fcntl(0, F_GET_SEALS));
	TRY(fcntl(fd, F_GET_SEALS));
	TRY(fcntl(fd, F_ADD_SEALS, 0x100));
	char *p = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	munmap(p, PAGE);
	char *r = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	TRY(ftruncate(fd, PAGE));
	TRY(ftruncate(fd, 3 * PAGE));
	TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	TRY(ftruncate(fd, 4 * PAGE));
	TRY(pwrite(fd, b, 8, 3 * PAGE));
	TRY(pwrite(fd, b, 8, 0));
	TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
	TRY(pwrite(fd, b, 8, 0));
	TRY(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
	GIVES(mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));
	char *late = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	TRY(mprotect(late, PAGE, RW));
	TRY(fcntl(fd, F_GET_SEALS));
	TRY(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE));
	TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
	TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	TRY(fcntl(fd, F_GET_SEALS));
	int read_only = open("/dev/null", O_RDONLY);
	char path[40];
	sprintf(path, "/proc/self/fd/%d", fd);
	TRY((read_only = open(path, O_RDONLY)) >= 0);
	TRY(fcntl(read_only, F_ADD_SEALS, F_SEAL_GROW));
	int fresh = memfd_create("fresh", MFD_ALLOW_SEALING);
	ftruncate(fresh, PAGE);
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fresh, 0);
	TRY(fcntl(fresh, F_ADD_SEALS, F_SEAL_WRITE));
	p = mmap(NULL, PAGE, RW, MAP_PRIVATE, fresh, 0);
	TRY(fcntl(fresh, F_ADD_SEALS, F_SEAL_WRITE));
	TRY(write(fresh, b, 8));
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fresh, 0);
	TRY(p != MAP_FAILED);
	TRY(mprotect(p, PAGE, RW));
}

CASE(memfd_secret_memory) {
	int fd = TRY(syscall(SYS_memfd_secret, 0));
	TRY(syscall(SYS_memfd_secret, 1));
	TRY(ftruncate(fd, 2 * PAGE));
	TRY(ftruncate(fd, 3 * PAGE));
	char *p = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	IS(p != MAP_FAILED);
	TRY(mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));
	TRY(read(fd, handler_stack, 8));
	TRY(write(fd, handler_stack, 8));
	struct stat st;
	TRY(fstat(fd, &st));
	say("%o %ld", st.st_mode, (long)st.st_size);
	if (p == MAP_FAILED) return;
	strcpy(p, "secret");
	say("%s", p);
	IN_CHILD("a child sees it", say("%s", p));
}

CASE(overcommit) {
	TRY(mmap(NULL, 1ul << 46, RW, ANON, -1, 0));
	GIVES(mmap(NULL, 1ul << 45, RW, ANON | MAP_NORESERVE, -1, 0));
	GIVES(mmap(NULL, 1ul << 45, PROT_READ, ANON, -1, 0));
	GIVES(mmap(NULL, 1ul << 44, PROT_NONE, ANON, -1, 0));
	char *p = mmap(NULL, 1ul << 42, PROT_READ, ANON, -1, 0);
	TRY(mprotect(p, 1ul << 42, RW));
	TRY(mmap(NULL, 1ul << 42, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

CASE(limits_of_address_space_and_data) {
	char *end = (char *)syscall(SYS_brk, 0);
	char *p = mmap(NULL, PAGE, RW, ANON, -1, 0);
	setrlimit(RLIMIT_DATA, &(struct rlimit){ 4 << 20, 4 << 20 });
	IS((char *)syscall(SYS_brk, end + (8 << 20)) == end);
	TRY(mmap(NULL, 8 << 20, RW, ANON, -1, 0));
	GIVES(mmap(NULL, 8 << 20, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	char *q = mmap(NULL, 8 << 20, PROT_READ, ANON, -1, 0);
	TRY(mprotect(q, 8 << 20, RW));
	setrlimit(RLIMIT_AS, &(struct rlimit){ 32 << 20, 32 << 20 });
	TRY(mmap(NULL, 64 << 20, PROT_NONE, ANON, -1, 0));
	TRY(mremap(p, PAGE, 64 << 20, MREMAP_MAYMOVE));
	IS((char *)syscall(SYS_brk, end + (64 << 20)) == end);
}

static int deep(int n, int until) { volatile char room[4096]; room[0] = n; return n < until ? deep(n + 1, until) + room[0] : 0; }
CASE(the_stack_grows_to_its_limit) {
	catch_faults();
	setrlimit(RLIMIT_STACK, &(struct rlimit){ 1 << 20, 1 << 20 });
	TOUCH("half of it", deep(0, 120));
	TOUCH("more than it", deep(0, 400));
	char here;
	TOUCH("far below", *(volatile char *)(&here - (64 << 20)));
	TOUCH("within it at once", *(volatile char *)(&here - (900 << 10)));
}

CASE(growsdown_keeps_its_guard) {
	catch_faults();
	// Something is mapped 200 pages below: the gap of 256 pages is kept.
	char *p = mmap((void *)0x30000000, PAGE, RW, ANON | MAP_FIXED, -1, 0);
	char *low = mmap((void *)0x30000000 + 1000 * PAGE, PAGE, RW, ANON | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
	TOUCH("ten pages below", low[-10 * PAGE] = 1);
	TOUCH("within the gap", low[-900 * PAGE] = 1);
	TOUCH("at the gap", low[-740 * PAGE] = 1);
	TRY(mprotect(low, PAGE, PROT_READ | PROT_GROWSDOWN));
	TOUCH("protected from the start on", low[-20 * PAGE] = 1);
	TRY(mprotect(p, PAGE, RW | PROT_GROWSDOWN));
	TRY(mprotect(p, PAGE, RW | PROT_GROWSUP));
	TRY(mprotect(low, PAGE, RW | PROT_GROWSDOWN | PROT_GROWSUP));
}

CASE(a_file_that_shrinks_under_its_mapping) {
	int fd = open("f", O_CREAT | O_RDWR, 0600);
	catch_faults();
	ftruncate(fd, 3 * PAGE);
	char *p = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0), *q = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
	p[0] = 'a'; p[2 * PAGE] = 'c'; q[2 * PAGE] = 'C';
	TOUCH("the fourth page", p[3 * PAGE] = 1);
	ftruncate(fd, PAGE + 10);
	TOUCH("cut off, shared", p[2 * PAGE]);
	TOUCH("cut off, private and written", q[2 * PAGE]);
	TOUCH("the last page", p[PAGE + 100] = 'z');
	ftruncate(fd, 3 * PAGE);
	TOUCH("there again", p[2 * PAGE]);
	say("%d %d %d", p[2 * PAGE], q[2 * PAGE], p[PAGE + 100]);
	TRY(read(fd, p + 3 * PAGE, 1));
	TRY(write(fd, p + 3 * PAGE, 1));
}

CASE(shared_mappings_of_two_processes) {
	int fd = open("f", O_CREAT | O_RDWR, 0600), again = open("f", O_RDWR);
	ftruncate(fd, PAGE);
	char *p = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0), *q = mmap(NULL, PAGE, RW, MAP_SHARED, again, 0), b[6] = "";
	IN_CHILD("child", { q[0] = 'x'; pwrite(again, "yz", 2, 1); });
	say("%.3s", p);
	pread(fd, b, 3, 0);
	say("%s", b);
	p[3] = '!';
	pread(again, b, 4, 0);
	say("%s", b);
	int fresh = open("f", O_WRONLY | O_TRUNC);
	say("%d", fresh >= 0);
	catch_faults();
	TOUCH("truncated by another", p[0]);
	unlink("f");
	ftruncate(again, PAGE);
	TOUCH("without a name", p[0] = 'k');
	say("%c", q[0]);
}

CASE(mremap_of_shared_memory) {
	char *p = mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	strcpy(p, "twice");
	char *q = mremap(p, 0, 2 * PAGE, MREMAP_MAYMOVE);
	IS(q != MAP_FAILED && q != p);
	q[0] = 'T';
	say("%s", p);
	TRY(mremap(p, 0, PAGE, 0));
	catch_faults();
	char *larger = mremap(p, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
	TOUCH("beyond the object", larger[3 * PAGE] = 1);
	// A range of two mappings.
	char *two = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);
	mprotect(two, 2 * PAGE, PROT_READ);
	TRY(mremap(two, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE));
	GIVES(mremap(two + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
	TRY(mremap(two + 2 * PAGE, -1ul, PAGE, MREMAP_MAYMOVE));
	GIVES(mremap(two + 2 * PAGE, 2 * PAGE, PAGE, MREMAP_MAYMOVE));
	TRY(syscall(SYS_mremap, two + 2 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, -PAGE));
}

CASE(madvise_free_and_others) {
	unsigned char there[4];
	char *p = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0), *s = mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(p, 7, 4 * PAGE); memset(s, 7, 4 * PAGE);
	TRY(madvise(p, PAGE, MADV_FREE));
	p[0] = 8;
	say("%d", p[0]);
	TRY(madvise(s, PAGE, MADV_FREE));
	TRY(madvise(s, PAGE, MADV_DONTNEED));
	say("%d", s[0]);
	TRY(madvise(s + PAGE, PAGE, MADV_REMOVE));
	say("%d", s[PAGE]);
	TRY(madvise(s, PAGE, MADV_WIPEONFORK));
	TRY(mlock(p + PAGE, PAGE));
	TRY(madvise(p + PAGE, PAGE, MADV_DONTNEED));
	TRY(madvise(p + PAGE, PAGE, MADV_FREE));
	TRY(madvise(p + PAGE, PAGE, MADV_DONTNEED_LOCKED));
	say("%d", p[PAGE]);
	TRY(madvise(p, PAGE, MADV_COLD));
	TRY(madvise(p, PAGE, MADV_PAGEOUT));
	TRY(madvise(p, PAGE, MADV_POPULATE_READ));
	mprotect(p, PAGE, PROT_READ);
	TRY(madvise(p, PAGE, MADV_POPULATE_WRITE));
	mprotect(p, PAGE, PROT_NONE);
	TRY(madvise(p, PAGE, MADV_POPULATE_READ));
	TRY(madvise((void *)(1ul << 47), PAGE, MADV_NORMAL));
}

CASE(mlock_future_and_on_fault) {
	unsigned char there[2];
	setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){ 64 << 10, 64 << 10 });
	TRY(mlockall(MCL_FUTURE));
	char *p = mmap(NULL, 2 * PAGE, RW, ANON, -1, 0);
	TRY(mincore(p, 2 * PAGE, there));
	say("%d %d", there[0] & 1, there[1] & 1);
	TRY(mmap(NULL, 128 << 10, RW, ANON, -1, 0));
	TRY(munlockall());
	p = mmap(NULL, 2 * PAGE, RW, ANON | MAP_LOCKED, -1, 0);
	mincore(p, 2 * PAGE, there);
	say("%d %d", there[0] & 1, there[1] & 1);
	TRY(mmap(NULL, 128 << 10, RW, ANON | MAP_LOCKED, -1, 0));
	TRY(mlock(p, -1ul));
	TRY(munlock(p, -1ul));
	TRY(munmap(p, 2 * PAGE));
	TRY(munlock(p, 2 * PAGE));
}

CASE(pages_of_a_file_in_another_order) {
	int fd = open("f", O_CREAT | O_RDWR, 0600);
	for (int i = 0; i < 4; i++) { char page[PAGE]; memset(page, 'a' + i, PAGE); write(fd, page, PAGE); }
	char *p = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	TRY(remap_file_pages(p, PAGE, 0, 3, 0));
	TRY(remap_file_pages(p + PAGE, PAGE, 0, 2, 0));
	say("%c%c%c%c", p[0], p[PAGE], p[2 * PAGE], p[3 * PAGE]);
	TRY(remap_file_pages(p, PAGE, 1, 3, 0));
	TRY(remap_file_pages(p, 0, 0, 3, 0));
	char *private = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
	TRY(remap_file_pages(private, PAGE, 0, 0, 0));
}
