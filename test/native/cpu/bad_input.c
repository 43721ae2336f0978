// Instructions that fault, or should: each runs alone from a known state, and a signal handler prints what it saw. One line a case, in CASES:
//   bytes ; settings
// Settings: register=PLACE or register=PLACE+hex, flags=hex, m0= to m7= (words at `data`), @WHERE (where the last byte stands: the page after it is gone, or
// may not be executed). What follows the bytes is INT3: a case that does not fault ends there.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define PAGE 0x1000ul
#define CODE 0x10000000ul
#define DATA 0x20000000ul
#define STACK 0x30000000ul

static const struct { const char *name; uint64_t at; } PLACES[] = {
  { "code", CODE }, { "data", DATA }, { "end", DATA + 2 * PAGE }, { "readonly", DATA + 3 * PAGE }, { "none", DATA + 5 * PAGE }, { "hole", DATA + 9 * PAGE },
  { "low", STACK }, { "stack", STACK + PAGE }, { "top", STACK + 2 * PAGE }, { "kernel", 0xffff800000000000ul }, { "beyond", 0x0000800000000000ul }, { "odd", 0x8123456789abcdeful },
};
static const char *const NAMES[] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15" };
static const int ORDER[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI, REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };

#ifndef LIST
#define LIST "bad_input_cases.h"
#endif
static const char *const CASES[] = {
#include LIST
};
#define COUNT (sizeof CASES / sizeof *CASES)

static int current = -1;
static uint64_t start, before[16];
static uint32_t dataHash, stackHash, floatHash;
static uint8_t floats[512];

static uint32_t hash(const void *from, size_t length, uint32_t h) {
  for (const uint8_t *p = from; length--; p++) h = (h ^ *p) * 16777619u;
  return h;
}
/** x87 registers, control, status and tags, MXCSR, XMM; not where the last x87 instruction stood. */
static uint32_t hashFloats(const uint8_t *fx) {
  uint32_t h = hash(fx + 24, 4, hash(fx, 5, 2166136261u));
  for (int i = 0; i < 8; i++) h = hash(fx + 32 + 16 * i, 10, h);
  return hash(fx + 160, 256, h);
}

static const char *where(uint64_t a) {
  static char text[4][40];
  static int next;
  char *out = text[next++ & 3];
  if (a - CODE < 16 * PAGE) sprintf(out, "code%+ld", (long)(a - start));
  else {
    for (size_t i = 1; i < sizeof PLACES / sizeof *PLACES; i++) if (a - PLACES[i].at + 64 < 192) { sprintf(out, "%s%+ld", PLACES[i].name, (long)(a - PLACES[i].at)); return out; }
    sprintf(out, "%lx", a);
  }
  return out;
}

static uint64_t number(const char *text) {
  for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++) {
    size_t n = strlen(PLACES[i].name);
    if (strncmp(text, PLACES[i].name, n) != 0 || (text[n] != 0 && text[n] != '+' && text[n] != '-')) continue;
    return PLACES[i].at + (text[n] == '-' ? -strtoul(text + n + 1, 0, 16) : text[n] ? strtoul(text + n + 1, 0, 16) : 0);
  }
  return strtoul(text, 0, 16);
}

static void prepare(greg_t *g, uint8_t *fx) {
  char text[400], *p = text;
  uint8_t code[64];
  size_t length = 0;
  uint64_t *data = (uint64_t *)DATA;
  strcpy(text, CASES[current]);
  for (int i = 0; i < 16; i++) before[i] = 0x1111111111111111ul * (uint64_t)i;
  before[3] = DATA; before[4] = STACK + PAGE; before[5] = STACK + PAGE + 64; before[6] = DATA + 0x100; before[7] = DATA + 0x200; before[1] = 4;
  g[REG_EFL] = 0x202;
  for (size_t i = 0; i < 2 * PAGE / 8; i++) { data[i] = 0x0101010101010101ul * (i & 0x3f); ((uint64_t *)STACK)[i] = 0x0202020202020202ul * (i & 0x3f); }
  while (*p && *p != ';') {
    char *end;
    long byte = strtol(p, &end, 16);
    if (end == p) break;
    code[length++] = (uint8_t)byte;
    p = end;
    while (*p == ' ') p++;
  }
  start = CODE + 0x100;
  uint64_t here = start;
  for (char *word = *p == ';' ? strtok(p + 1, " ") : 0; word; word = strtok(0, " ")) {
    if (*word == '@') {
      // The last page of code, before: nothing, data, PROT_NONE.
      uint64_t edge = CODE + (strcmp(word, "@gone") == 0 ? 2 : strcmp(word, "@data") == 0 ? 5 : strcmp(word, "@none") == 0 ? 8 : 12) * PAGE;
      start = here = edge - (strcmp(word, "@across") == 0 ? length / 2 : length);
      continue;
    }
    char *value = strchr(word, '=');
    *value++ = 0;
    if (strcmp(word, "flags") == 0) g[REG_EFL] = (greg_t)number(value);
    else if (strcmp(word, "entry") == 0) here = start + number(value);
    else if (*word == 'm') data[word[1] - '0'] = number(value);
    else for (int i = 0; i < 16; i++) if (strcmp(word, NAMES[i]) == 0) before[i] = number(value);
  }
  memset((void *)CODE, 0xcc, 2 * PAGE); memset((void *)(CODE + 3 * PAGE), 0xcc, 2 * PAGE); memset((void *)(CODE + 7 * PAGE), 0xcc, PAGE); memset((void *)(CODE + 10 * PAGE), 0xcc, 4 * PAGE);
  memcpy((void *)start, code, length);
  for (int i = 0; i < 16; i++) g[ORDER[i]] = (greg_t)before[i];
  g[REG_RIP] = (greg_t)here;
  memcpy(fx, floats, 416);
  *(uint64_t *)(fx + 512) |= 3;
  dataHash = hash((void *)DATA, 2 * PAGE, 0); stackHash = hash((void *)STACK, 2 * PAGE, 0); floatHash = hashFloats(fx);
}

/** Cases may leave AC set, under which this program's own code would fault. */
void entry(int signo, siginfo_t *info, void *context);
__asm__("entry: pushfq; andl $~0x40000, (%rsp); popfq; jmp handler");
void handler(int signo, siginfo_t *info, void *context) {
  greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
  uint8_t *fx = (uint8_t *)((ucontext_t *)context)->uc_mcontext.fpregs;
  if (current >= 0) {
    printf("%s: signal %d code %d", CASES[current], signo, info->si_code);
    if (info->si_addr) printf(" at %s", where((uint64_t)info->si_addr));
    printf(", trap %ld error %lx", (long)g[REG_TRAPNO], (unsigned long)g[REG_ERR]);
    if (g[REG_TRAPNO] == 14) printf(" cr2 %s", where((uint64_t)g[REG_CR2]));
    printf(", rip %s flags %lx", where((uint64_t)g[REG_RIP]), (unsigned long)g[REG_EFL]);
    for (int i = 0; i < 16; i++) {
      uint64_t now = (uint64_t)g[ORDER[i]];
      if (now == before[i]) continue;
      if (now - before[i] + 0x10000 < 0x20000) printf(", %s%+ld", NAMES[i], (long)(now - before[i]));
      else printf(", %s %lx", NAMES[i], now);
    }
    uint32_t d = hash((void *)DATA, 2 * PAGE, 0), s = hash((void *)STACK, 2 * PAGE, 0), f = hashFloats(fx);
    if (d != dataHash) printf(", data %x", d);
    if (s != stackHash) printf(", stack %x", s);
    if (f != floatHash) printf(", floats %x (fsw %x fcw %x tags %x mxcsr %x)", f, *(uint16_t *)(fx + 2), *(uint16_t *)fx, fx[4], *(uint32_t *)(fx + 24));
    putchar('\n');
  }
  if (++current == (int)COUNT) { fflush(stdout); _Exit(0); }
  prepare(g, fx);
}

static void map(uint64_t at, size_t pages, int protection) {
  if (mmap((void *)at, pages * PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != (void *)at) { perror("mmap"); exit(1); }
}

int main(void) {
  const int RW = PROT_READ | PROT_WRITE, RWX = RW | PROT_EXEC;
  // Code: two pages before nothing, two before data, one before PROT_NONE, and four in a row.
  map(CODE, 2, RWX);
  map(CODE + 3 * PAGE, 2, RWX); map(CODE + 5 * PAGE, 1, RW);
  map(CODE + 7 * PAGE, 1, RWX); map(CODE + 8 * PAGE, 1, PROT_NONE);
  map(CODE + 10 * PAGE, 4, RWX);
  map(DATA, 2, RW); map(DATA + 3 * PAGE, 1, PROT_READ); map(DATA + 5 * PAGE, 1, PROT_NONE);
  map(STACK, 2, RW);
  *(uint16_t *)floats = 0x37f;
  *(uint32_t *)(floats + 24) = 0x1f80;
  stack_t stack = { .ss_sp = malloc(1 << 16), .ss_size = 1 << 16 };
  sigaltstack(&stack, 0);
  struct sigaction action = { .sa_sigaction = entry, .sa_flags = SA_SIGINFO | SA_ONSTACK };
  const int signals[] = { SIGTRAP, SIGSEGV, SIGILL, SIGFPE, SIGBUS };
  for (int i = 0; i < 5; i++) sigaction(signals[i], &action, 0);
  setvbuf(stdout, 0, _IOFBF, 1 << 16);
  __asm__ volatile("int3");
  return 1;
}
