#include "cases.h"
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
