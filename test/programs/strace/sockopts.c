/* Every option of every level with values of every length, on a descriptor that is none. */
#include <sys/syscall.h>
#include <unistd.h>

static unsigned char value[256];

int main(void) {
	static const int levels[] = { 0, 1, 6, 17, 41, 58, 255, 263, 270, 282, 284, 77 }, lengths[] = { 0, 1, 3, 4, 8, 12, 16, 20, 32, 64, 136, -1 };
	close(-1000);
	for (unsigned i = 0; i < sizeof value; i++) value[i] = i < 8 ? i % 4 == 0 : i % 7;
	for (unsigned l = 0; l < sizeof levels / sizeof *levels; l++)
		for (int option = 0; option < 82; option++) {
			/* ICMP_FILTER's bits. */
			if (levels[l] == 255 && option == 1) continue;
			for (unsigned k = 0; k < sizeof lengths / sizeof *lengths; k++) syscall(SYS_setsockopt, -1, levels[l], option, value, lengths[k]);
			syscall(SYS_setsockopt, -1, levels[l], option, 8L, 4);
			syscall(SYS_setsockopt, -1, levels[l], option, 0L, 4);
		}
	return 0;
}
