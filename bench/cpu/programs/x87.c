/* Arithmetic in long double: the x87. */
#include <stdio.h>

int main(void)
{
	long double sum = 0, x = 1;
	for (int i = 1; i <= 4000000; i++) {
		x = x * 1.0000001L + 0.5L / i;
		sum += x - (long double)i * 0.25L;
	}
	printf("%.15Lf\n", sum);
	return 0;
}
