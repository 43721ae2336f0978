/* Creates test.txt and writes one line into it: three system calls to watch. */
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	int fd = open("test.txt", O_WRONLY | O_CREAT, 0644);
	if (fd < 0)
		return 1;
	write(fd, "Hello, World!\n", 14);
	close(fd);
	return 0;
}
