/* Product of two matrices of double. */
#include <stdio.h>

#define N 240
static double a[N][N], b[N][N], c[N][N];

int main(void)
{
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			a[i][j] = i * 0.5 + j;
			b[i][j] = i - j * 0.25;
		}
	double sum = 0;
	for (int round = 0; round < 24; round++) {
		for (int i = 0; i < N; i++)
			for (int j = 0; j < N; j++) {
				double s = 0;
				for (int k = 0; k < N; k++)
					s += a[i][k] * b[k][j];
				c[i][j] = s;
			}
		sum += c[round][N - 1 - round];
	}
	printf("%.6f\n", sum);
	return 0;
}
