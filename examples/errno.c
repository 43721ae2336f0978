/*
 * How a call fails: the kernel returns -errno in RAX, the library's wrapper puts errno aside and returns -1, perror makes a sentence of it.
 * Look at: a stop at "Failing syscall", which says why: the check that refused the call, and its function in the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
	if (open("/no/such/file", O_RDONLY) < 0)
		perror("open");

	if (write(42, "lost", 4) < 0)
		printf("write to descriptor 42: errno %d, %s\n", errno, strerror(errno));

	if (mkdir("/tmp", 0755) < 0)
		perror("mkdir /tmp");

	if (mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		perror("mmap of nothing");

	errno = 0;
	if (close(1234) < 0)
		perror("close");
	return 0;
}
