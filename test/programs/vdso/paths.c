// Calls each function of the vDSO once for each way through it. Without a library, so that it is the vDSO's own functions that are called.
// The exit status is the number of results that were not 0.
#include <elf.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

static const char *image;

static int equal(const char *a, const char *b) {
	while (*a && *a == *b) a++, b++;
	return *a == *b;
}

static void *find(const char *name) {
	const Elf64_Ehdr *header = (const void *)image;
	const Elf64_Phdr *segment = (const void *)(image + header->e_phoff);
	const Elf64_Dyn *dynamic = 0;
	for (int i = 0; i < header->e_phnum; i++) if (segment[i].p_type == PT_DYNAMIC) dynamic = (const void *)(image + segment[i].p_vaddr);
	const Elf64_Sym *symbols = 0;
	const char *strings = 0;
	const unsigned *hash = 0;
	for (; dynamic->d_tag; dynamic++) {
		if (dynamic->d_tag == DT_SYMTAB) symbols = (const void *)(image + dynamic->d_un.d_ptr);
		if (dynamic->d_tag == DT_STRTAB) strings = image + dynamic->d_un.d_ptr;
		if (dynamic->d_tag == DT_HASH) hash = (const void *)(image + dynamic->d_un.d_ptr);
	}
	for (unsigned i = 0; i < hash[1]; i++) if (equal(strings + symbols[i].st_name, name)) return (void *)(image + symbols[i].st_value);
	return 0;
}

int run(long *stack) {
	long *p = stack + 1 + stack[0] + 1;
	while (*p++) ;
	for (; *p; p += 2) if (*p == 33) image = (const char *)p[1];
	if (!image) return 99;
	int (*clock_gettime)(int, struct timespec *) = find("__vdso_clock_gettime");
	int (*gettimeofday)(struct timeval *, struct timezone *) = find("__vdso_gettimeofday");
	long (*time)(long *) = find("__vdso_time");
	int (*getcpu)(unsigned *, unsigned *, void *) = find("__vdso_getcpu");
	int (*clock_getres)(int, struct timespec *) = find("__vdso_clock_getres");
	struct timespec ts;
	struct timeval tv;
	struct timezone tz;
	long seconds;
	unsigned cpu, node;
	int bad = 0;
	for (int clock = 0; clock < 12; clock++) {
		if (clock == 10) continue;
		bad += clock_gettime(clock, &ts) != 0;
		bad += clock_getres(clock, &ts) != 0;
		bad += clock_getres(clock, NULL) != 0;
	}
	bad += gettimeofday(&tv, NULL) != 0;
	bad += gettimeofday(&tv, &tz) != 0;
	bad += gettimeofday(NULL, &tz) != 0;
	bad += gettimeofday(NULL, NULL) != 0;
	bad += time(NULL) != time(&seconds);
	bad += getcpu(&cpu, &node, NULL) != 0 || cpu || node;
	bad += getcpu(&cpu, NULL, NULL) != 0;
	bad += getcpu(NULL, &node, NULL) != 0;
	bad += getcpu(NULL, NULL, NULL) != 0;
	bad += clock_gettime(-1, &ts) == 0;
	return bad;
}

__asm__(".globl _start\n_start: mov %rsp, %rdi\nand $-16, %rsp\ncall run\nmov %eax, %edi\nmov $231, %eax\nsyscall");
