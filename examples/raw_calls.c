/*
 * Four ways to the same call: the library's wrapper, syscall(2), the instruction by hand, and int 0x80 with i386's numbers.
 * Look at: step by instruction into each; the registers before and after `syscall` (RCX and R11 change), and the ring in the Registers view.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static long by_hand(long number, long a, long b, long c)
{
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
}

/* int 0x80: i386's numbers and registers; pointers must lie below 4 GiB. */
static long by_int80(long number, long a, long b, long c)
{
	long result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "r8", "r9", "r10", "r11", "memory");
	return result;
}

int main(void)
{
	static const char wrapper[] = "the library's wrapper\n", generic[] = "syscall(2)\n", hand[] = "the syscall instruction\n", old[] = "int 0x80\n";

	write(STDOUT_FILENO, wrapper, sizeof wrapper - 1);
	syscall(SYS_write, STDOUT_FILENO, generic, sizeof generic - 1);
	by_hand(SYS_write, STDOUT_FILENO, (long)hand, sizeof hand - 1);

	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	memcpy(low, old, sizeof old);
	by_int80(4, STDOUT_FILENO, (long)low, sizeof old - 1);
	return 0;
}
