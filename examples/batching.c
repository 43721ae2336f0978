/*
 * A thousand bytes written three ways: a call for each byte, one call for all, and through stdio, which collects them.
 * Look at: the distribution of write in the timing panel, and its advice, which names the line that wastes the time.
 */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define BYTES 1000

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (t.tv_sec * 1e9 + t.tv_nsec) / 1000;
}

int main(void)
{
	char data[BYTES];
	for (int i = 0; i < BYTES; i++)
		data[i] = 'a' + i % 26;

	int fd = open("batching.out", O_CREAT | O_TRUNC | O_WRONLY, 0644);
	if (fd < 0) {
		perror("batching.out");
		return 1;
	}
	double start = now();
	for (int i = 0; i < BYTES; i++)
		write(fd, &data[i], 1);
	double single = now() - start;

	start = now();
	write(fd, data, BYTES);
	double whole = now() - start;

	FILE *file = fdopen(fd, "w");
	start = now();
	for (int i = 0; i < BYTES; i++)
		fputc(data[i], file);
	fflush(file);
	double stdio = now() - start;
	fclose(file);
	unlink("batching.out");

	printf("%d writes of 1 byte:  %8.1f us\n", BYTES, single);
	printf("1 write of %d bytes:  %8.1f us\n", BYTES, whole);
	printf("%d times fputc:       %8.1f us\n", BYTES, stdio);
	return 0;
}
