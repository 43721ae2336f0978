/* memcpy, memset, memcmp and strlen of the C library. */
#include <stdio.h>
#include <string.h>

static char from[1 << 16], to[1 << 16];

int main(void)
{
	unsigned long sum = 0;
	memset(from, 'x', sizeof from - 1);
	for (int round = 0; round < 20000; round++) {
		size_t length = 64 + (round * 97) % (sizeof from - 65);
		memcpy(to, from, length);
		to[length] = 0;
		sum += strlen(to) + (memcmp(from, to, length) == 0);
		for (int i = 0; i < 50; i++) {
			memcpy(to + i * 40, from + i, 20 + i % 13);
			sum += strlen(from + sizeof from - 30 - i);
		}
	}
	printf("%lu\n", sum);
	return 0;
}
