#include "cases.h"
#include "int80.h"
/* Every number of the i386 table with arguments that ask for nothing: whether it is there, the order of its checks, and its name and types in the log. */
/* Left out: what ends or sleeps, what other programs feel, what leaves this one no standard output, and what a container answers otherwise than a computer. */
static const short left_out[] = {
	0, 1, 2, 7, 29, 36, 37, 45, 72, 88, 101, 103, 111, 119, 120, 142, 168, 173, 177, 179, 190, 252, 308, 309, 354, 413, 414, 435,
	26, 110, 123, 128, 129, 243, 244, 245, 246, 247, 248, 249, 283, 286, 287, 288, 336, 341, 342, 350, 357, 374, 385, 416, 425, 426, 427, 428, 429, 430, 431, 432, 433, 442, 443, 444, 445, 446,
	393, 394, 395, 396, 397, 398, 399, 400, 401, 402, 451, 453, 454, 455, 456, 457, 458, 459, 460, 461, 462, -1,
};

static int is_left_out(int nr) {
	for (const short *one = left_out; *one >= 0; one++) if (*one == nr) return 1;
	return 0;
}

static void sweep(int from, int to, long value) {
	for (int nr = from; nr < to; nr++) {
		if (is_left_out(nr)) continue;
		long result = (int)int80_rax(nr, value, value, value, value, value, value);
		if (result < 0 && result > -4096) say("%d: %s", nr, result == -512 - 4 ? "again" : error_name(-result));
		else say("%d: ok", nr);
	}
}

CASE(nothing_of_0_to_120) { sweep(0, 120, 0); }
CASE(nothing_of_120_to_240) { sweep(120, 240, 0); }
CASE(nothing_of_240_to_360) { sweep(240, 360, 0); }
CASE(nothing_of_360_to_463) { sweep(360, 463, 0); }
CASE(minus_one_of_0_to_120) { sweep(0, 120, -1); }
CASE(minus_one_of_120_to_240) { sweep(120, 240, -1); }
CASE(minus_one_of_240_to_360) { sweep(240, 360, -1); }
CASE(minus_one_of_360_to_463) { sweep(360, 463, -1); }
CASE(large_of_0_to_120) { sweep(0, 120, 0x7ffffff8); }
CASE(large_of_120_to_240) { sweep(120, 240, 0x7ffffff8); }
CASE(large_of_240_to_360) { sweep(240, 360, 0x7ffffff8); }
CASE(large_of_360_to_463) { sweep(360, 463, 0x7ffffff8); }
