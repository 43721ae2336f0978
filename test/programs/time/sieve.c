// Computes: many pages, few calls.
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  enum { N = 60000 };
  char *composite = calloc(N, 1);
  int count = 0;
  for (int i = 2; i < N; i++) {
    if (composite[i]) continue;
    count++;
    for (int k = 2 * i; k < N; k += i) composite[k] = 1;
  }
  printf("%d primes\n", count);
  return 0;
}
