// Vector and x87 arithmetic across calls: their state is part of time too.
#include <stdio.h>
#include <unistd.h>

int main(void) {
  long double x = 1, sum = 0;
  double harmonic = 0;
  for (int i = 1; i < 400; i++) {
    x *= 1.0L + 1.0L / (i * i);
    sum += x;
    harmonic += 1.0 / i;
    if (i % 100 == 0) getppid();
  }
  printf("%.15Lf %.12f\n", sum, harmonic);
  return 0;
}
