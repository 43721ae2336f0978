// Code that is written anew while the program runs: on one page, over the border of two, and on pages that are unmapped in between.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

typedef int function(int);

/** mov eax, value; imul eax, edi; add eax, value; ret */
static void write_function(unsigned char *at, int value) {
  unsigned char code[] = {0xb8, 0, 0, 0, 0, 0x0f, 0xaf, 0xc7, 0x05, 0, 0, 0, 0, 0xc3};
  memcpy(code + 1, &value, 4);
  memcpy(code + 9, &value, 4);
  memcpy(at, code, sizeof code);
}

static int use(unsigned char *at) {
  int sum = 0;
  for (int i = 0; i < 200; i++) sum = sum * 3 + ((function *)at)(i);
  return sum;
}

int main(void) {
  unsigned sum = 0;
  const int all = PROT_READ | PROT_WRITE | PROT_EXEC;
  unsigned char *pages = mmap(0, 8192, all, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int round = 0; round < 12; round++) {
    int value = round % 3;
    write_function(pages + 64, value);
    // Its second number begins on one page and ends on the next.
    write_function(pages + 4096 - 11, value + 5);
    sum = sum * 31 + use(pages + 64) + use(pages + 4096 - 11);
    // Only the part on the second page changes.
    pages[4096 + 1] = round;
    sum = sum * 31 + use(pages + 4096 - 11);
    unsigned char *other = mmap(0, 4096, all, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_function(other, round);
    sum = sum * 31 + use(other);
    munmap(other, 4096);
    printf("%u\n", sum);
    fflush(stdout);
  }
  return 0;
}
