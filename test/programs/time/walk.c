// Lines to walk over, forwards and backwards: a loop on one line, calls, recursion, a loop with a body, system calls.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile int shared;
#define KEEP static __attribute__((noipa))

KEEP int square(int x) {
  int result = x * x;
  shared += result;
  return result;
}

KEEP int factorial(int n) {
  if (n <= 1)
    return 1;
  int below = factorial(n - 1);
  return n * below;
}

KEEP void say(const char *text) {
  size_t length = strlen(text);
  write(1, text, length);
}

int main(void) {
  int sum = 0;
  for (int i = 0; i < 300; i++) sum += shared + i;
  for (int i = 0; i < 3; i++) {
    int part = square(i);
    sum += part;
  }
  say("one\n");
  sum += factorial(4);
  if (sum > 10)
    sum -= square(2) + square(3);
  shared = sum; // BP:shared
  say("two\n");
  printf("%d\n", sum);
  return 0;
}
