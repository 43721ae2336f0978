/* The sieve of Eratosthenes over a byte a number, again and again. */
#include <stdio.h>
#include <string.h>

static unsigned char composite[2000000];

int main(void)
{
	unsigned count = 0;
	for (int round = 0; round < 100; round++) {
		memset(composite, 0, sizeof composite);
		for (unsigned i = 2; i * i < sizeof composite; i++)
			if (!composite[i])
				for (unsigned j = i * i; j < sizeof composite; j += i)
					composite[j] = 1;
		for (unsigned i = 2; i < sizeof composite; i++)
			count += !composite[i];
	}
	printf("%u\n", count);
	return 0;
}
