// Randomness, and work whose amount depends on it.
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>

int main(void) {
  uint32_t sum = 0;
  for (int i = 0; i < 20; i++) {
    uint32_t word;
    getrandom(&word, sizeof word, 0);
    for (uint32_t k = 0; k < word % 500; k++) sum = sum * 31 + k;
    sum ^= word;
  }
  printf("%u\n", sum);
  return 0;
}
