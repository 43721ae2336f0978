/* Single steps by TF, over calls of the kernel and breakpoints: which SIGTRAPs come, and where. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

extern char begin[], end[];
static struct { int signo, code; long at; long err, trap; } seen[64];
static int count;

static void trapped(int signo, siginfo_t *info, void *context)
{
	greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
	if (count < 64) {
		seen[count].signo = signo;
		seen[count].code = info->si_code;
		seen[count].at = g[REG_RIP] - (long)begin;
		seen[count].err = g[REG_ERR];
		seen[count++].trap = g[REG_TRAPNO];
	}
	if (g[REG_RIP] >= (long)end)
		g[REG_EFL] &= ~0x100L;
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = trapped, .sa_flags = SA_SIGINFO };
	sigaction(SIGTRAP, &action, NULL);
	long result = SYS_getuid;
	asm volatile("pushfq; orq $0x100, (%%rsp); popfq\n"
		     "begin: nop\n int3\n nop\n syscall\n nop\n mov $158, %%eax\n int $0x80\n nop\n pushfq; popfq\n"
		     "end: nop\n nop\n nop\n" : "+a"(result) : : "rcx", "r11", "memory", "cc");
	for (int i = 0; i < count; i++)
		printf("signal %d code %d at %ld error %ld trap %ld\n", seen[i].signo, seen[i].code, seen[i].at, seen[i].err, seen[i].trap);
	return 0;
}
