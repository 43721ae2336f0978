/* Socket addresses of families that have a form of their own, of every length, on a descriptor that is none; and the state of the clock. */
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

static unsigned char bytes[256];

int main(void) {
	static const short families[] = { AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK, 99 };
	static const int lengths[] = { 0, 1, 2, 3, 8, 12, 16, 20, 24, 28, 32, 88, 110 };
	static const unsigned char halves[] = { 0, 6, 8, 20 };
	close(-1000);
	for (unsigned f = 0; f < sizeof families / sizeof *families; f++)
		for (unsigned l = 0; l < sizeof lengths / sizeof *lengths; l++)
			for (int variant = 0; variant < 4; variant++) {
				for (unsigned i = 0; i < sizeof bytes; i++) bytes[i] = variant == 0 ? 0 : i * 7 + variant;
				*(short *)bytes = families[f];
				if (families[f] == AF_PACKET) { bytes[2] = 0; bytes[3] = 3; memset(bytes + 4, 0, 4); bytes[4] = variant < 2; bytes[8] = 772 & 255; bytes[9] = 772 >> 8; bytes[10] = variant; bytes[11] = halves[variant]; }
				if (families[f] == AF_INET6) memset(bytes + 24, 0, 4);
				syscall(SYS_connect, -1, bytes, lengths[l]);
			}
	struct timex t = { .modes = 0 };
	syscall(SYS_adjtimex, &t);
	t.modes = ADJ_TICK;
	t.tick = 3;
	syscall(SYS_adjtimex, &t); syscall(SYS_clock_adjtime, 99, &t); syscall(SYS_adjtimex, 8L);
	return 0;
}
