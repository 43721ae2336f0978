/* Makes the ioctls whose numbers standard input has on a descriptor that is none: what they are called is one thing, what they answer another. */
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
	static unsigned long codes[20000];
	int count = 0;
	while (count < 20000 && scanf("%lu", &codes[count]) == 1) count++;
	close(-1000);
	for (int i = 0; i < count; i++) syscall(SYS_ioctl, -1, codes[i], 0L);
	return 0;
}
