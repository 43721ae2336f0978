// Faults that a program handles itself: a bad pointer, a division by zero, an illegal instruction; on a stack of its own.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static sigjmp_buf back;
static volatile int last;

static void on_fault(int signo) { last = signo; siglongjmp(back, 1); }

int main(void) {
  stack_t own = { .ss_sp = malloc(32768), .ss_size = 32768 };
  sigaltstack(&own, NULL);
  struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK };
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGFPE, &action, NULL);
  sigaction(SIGILL, &action, NULL);
  int sum = 0;
  for (volatile int i = 0; i < 6; i++) {
    if (!sigsetjmp(back, 1)) {
      volatile int zero = 0;
      if (i % 3 == 0) *(volatile int *)16 = 1;
      if (i % 3 == 1) sum += 1 / zero;
      if (i % 3 == 2) __asm__ volatile("ud2");
    }
    sum = sum * 3 + last;
  }
  printf("faults: %d\n", sum);
  return 0;
}
