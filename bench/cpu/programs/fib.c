/* Fibonacci's numbers by recursion: calls and returns. */
#include <stdio.h>

static int __attribute__((noinline)) fib(int n)
{
	if (n < 2)
		return n;
	return fib(n - 1) + fib(n - 2);
}

int main(void)
{
	printf("%d\n", fib(38));
	return 0;
}
