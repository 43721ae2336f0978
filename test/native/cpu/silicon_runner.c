// Runs single instructions on this processor, each from a given state, and prints the state after it. Linux x86-64 only.
// Standard input: an array of struct test_case; standard output: an array of struct outcome. Each case is entered by returning from a signal handler whose frame
// holds the case's registers, and left by the int3 after the instruction or by the fault that it raises.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define CODE 0x30000000ul
#define DATA 0x20000000ul
#define WINDOW (DATA + 0xf00)
#define WINDOW_BYTES 512

struct test_case { uint8_t code[16]; uint64_t gpr[16], flags; uint8_t fx[512], ymmh[256], mem[WINDOW_BYTES]; };
struct outcome { uint32_t trapno, err; uint64_t cr2, rip, gpr[16], flags; uint8_t fx[512], ymmh[256], mem[WINDOW_BYTES]; };

static const int ORDER[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI, REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };
static struct test_case *cases;
static struct outcome *outcomes;
static long count, current = -1;

static void handler(int signo, siginfo_t *info, void *context) {
  ucontext_t *uc = context;
  greg_t *g = uc->uc_mcontext.gregs;
  uint8_t *fp = (uint8_t *)uc->uc_mcontext.fpregs;
  (void)signo; (void)info;
  if (current >= 0) {
    struct outcome *o = &outcomes[current];
    o->trapno = (uint32_t)g[REG_TRAPNO]; o->err = (uint32_t)g[REG_ERR]; o->cr2 = (uint64_t)g[REG_CR2]; o->rip = (uint64_t)g[REG_RIP];
    for (int i = 0; i < 16; i++) o->gpr[i] = (uint64_t)g[ORDER[i]];
    o->flags = (uint64_t)g[REG_EFL];
    memcpy(o->fx, fp, 416);
    memcpy(o->ymmh, fp + 576, 256);
    memcpy(o->mem, (void *)WINDOW, WINDOW_BYTES);
  }
  if (++current == count) {
    const char *p = (const char *)outcomes;
    size_t left = sizeof *outcomes * (size_t)count;
    while (left) { ssize_t n = write(1, p, left); if (n <= 0) _exit(1); p += n; left -= (size_t)n; }
    _exit(0);
  }
  struct test_case *c = &cases[current];
  memset((void *)CODE, 0xcc, 64);
  memcpy((void *)CODE, c->code + 1, c->code[0]);
  memcpy((void *)WINDOW, c->mem, WINDOW_BYTES);
  for (int i = 0; i < 16; i++) g[ORDER[i]] = (greg_t)c->gpr[i];
  g[REG_EFL] = (greg_t)c->flags;
  g[REG_RIP] = CODE;
  memcpy(fp, c->fx, 416);
  *(uint64_t *)(fp + 512) |= 7;
  memcpy(fp + 576, c->ymmh, 256);
}

int main(void) {
  size_t room = 1 << 20, used = 0;
  char *input = malloc(room);
  for (ssize_t n; (n = read(0, input + used, room - used)) > 0;) { used += (size_t)n; if (used == room) input = realloc(input, room *= 2); }
  cases = (struct test_case *)input;
  count = (long)(used / sizeof *cases);
  outcomes = calloc((size_t)count, sizeof *outcomes);
  if (mmap((void *)CODE, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) return 1;
  if (mmap((void *)DATA, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) return 1;
  stack_t stack = { .ss_sp = malloc(1 << 16), .ss_size = 1 << 16 };
  sigaltstack(&stack, 0);
  struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK };
  int signals[] = { SIGTRAP, SIGSEGV, SIGILL, SIGFPE, SIGBUS };
  for (int i = 0; i < 5; i++) sigaction(signals[i], &action, 0);
  __asm__ volatile("vzeroupper; int3");
  return 1;
}
