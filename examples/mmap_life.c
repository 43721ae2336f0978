/*
 * The life of a mapping: mmap reserves addresses, the first touch of each page faults it in, mprotect takes rights away, munmap everything.
 * Look at: the faults in the timing panel, the mapping in the Kernel tree while it lives, and the fault that ends in SIGSEGV.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define PAGES 16

static sigjmp_buf back;

static void caught(int signo, siginfo_t *info, void *context)
{
	(void)signo, (void)context;
	siglongjmp(back, info->si_code);
}

static long faults(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

int main(void)
{
	long page = sysconf(_SC_PAGESIZE);
	struct sigaction action = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO };
	sigaction(SIGSEGV, &action, NULL);

	long before = faults();
	char *memory = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	printf("mapped %d pages: %ld page faults\n", PAGES, faults() - before);

	before = faults();
	for (int i = 0; i < PAGES; i++)
		memory[i * page] = 1;
	printf("touched them:    %ld page faults\n", faults() - before);

	mprotect(memory, PAGES * page, PROT_READ);
	int code = sigsetjmp(back, 1);
	if (code == 0)
		memory[0] = 2;
	printf("written when read-only: SIGSEGV, si_code %d (%s)\n", code, code == SEGV_ACCERR ? "SEGV_ACCERR" : "?");

	munmap(memory, PAGES * page);
	code = sigsetjmp(back, 1);
	if (code == 0)
		memory[0] = 2;
	printf("written when unmapped:  SIGSEGV, si_code %d (%s)\n", code, code == SEGV_MAPERR ? "SEGV_MAPERR" : "?");
	return 0;
}
