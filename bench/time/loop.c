// Computes for ever: a sieve over two megabytes, again and again.
#include <stdlib.h>
#include <string.h>

int main(void) {
  enum { N = 2 << 20 };
  char *composite = malloc(N);
  volatile int count = 0;
  for (;;) {
    memset(composite, 0, N);
    for (int i = 2; i < N; i++) {
      if (composite[i]) continue;
      count++;
      for (int k = 2 * i; k < N; k += i) composite[k] = 1;
    }
  }
}
