// Code that changes under the processor, in one way a run: what it computes is printed.   code_changes WAY
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

typedef int (*function)(int);
enum { PAGE = 4096, OFTEN = 20000 };
static uint8_t *map(size_t bytes, int protection, int flags, int fd) {
  uint8_t *p = mmap(0, bytes, protection, flags, fd, 0);
  if (p == MAP_FAILED) { perror("mmap"); exit(1); }
  return p;
}
/** lea eax, [rdi + n]; ret */
static void writeAdd(uint8_t *at, int n) { const uint8_t code[] = { 0x8d, 0x87, 0, 0, 0, 0, 0xc3 }; memcpy(at, code, 7); memcpy(at + 2, &n, 4); }
/** Long enough to be found worth translating. */
static unsigned often(function f) { unsigned sum = 0; for (int i = 0; i < OFTEN; i++) sum += (unsigned)f(i); return sum; }

static void jit(void) {
  uint8_t *code = map(2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  for (int n = 0; n < 12; n++) { writeAdd(code, n); printf("%u\n", often((function)(void *)code)); }
  // A function over two pages, of which one or the other half changes.
  uint8_t *f = code + PAGE - 3;
  for (int n = 0; n < 8; n++) { writeAdd(f, n << 8 * (n & 3)); printf("%u\n", often((function)(void *)f)); f[2 + (n & 3)] ^= 1; printf("%u\n", often((function)(void *)f)); }
  // A loop that rewrites the constant that it adds: mov ecx, 2000; xor eax, eax; L: add eax, imm8; inc byte [L + 2]; dec ecx; jnz L; ret
  const uint8_t loop[] = { 0xb9, 0xd0, 0x07, 0x00, 0x00, 0x31, 0xc0, 0x83, 0xc0, 0x05, 0xfe, 0x05, 0xf9, 0xff, 0xff, 0xff, 0xff, 0xc9, 0x75, 0xf3, 0xc3 };
  memcpy(code, loop, sizeof loop);
  printf("%d\n", ((function)(void *)code)(0));
  // Hundreds of functions, each called once: code that is new all the time.
  unsigned sum = 0;
  for (int n = 0; n < 300; n++) { uint8_t *at = code + n % 200 * 16; writeAdd(at, n); sum += (unsigned)((function)(void *)at)(n); }
  printf("%u\n", sum);
}

static void toggle(void) {
  uint8_t *code = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  for (int n = 0; n < 12; n++) {
    writeAdd(code + 64 * (n & 1), n);
    mprotect(code, PAGE, PROT_READ | PROT_EXEC);
    printf("%u %u\n", often((function)(void *)(code + 64 * (n & 1))), n ? often((function)(void *)(code + 64 * (~n & 1))) : 0);
    mprotect(code, PAGE, PROT_READ | PROT_WRITE);
  }
}

static void aliases(void) {
  int fd = memfd_create("code", 0);
  if (ftruncate(fd, 2 * PAGE) != 0) exit(1);
  uint8_t *writable = map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd), *code = map(2 * PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd), *other = map(2 * PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd);
  for (int n = 0; n < 10; n++) {
    const size_t at = n & 1 ? PAGE - 4 : 128;
    writeAdd(writable + at, n);
    printf("%u %u\n", often((function)(void *)(code + at)), often((function)(void *)(other + at)));
    writable[at + 2] ^= 0x40;
    printf("%u %u\n", often((function)(void *)(other + at)), often((function)(void *)(code + at)));
  }
}

/** Written by the kernel, replaced, moved, forgotten, copied on write. */
static void kernel(void) {
  const int RWX = PROT_READ | PROT_WRITE | PROT_EXEC;
  uint8_t *code = map(PAGE, RWX, MAP_PRIVATE | MAP_ANONYMOUS, -1), text[7];
  int ends[2], status;
  if (pipe(ends) != 0) exit(1);
  for (int n = 0; n < 4; n++) {
    writeAdd(text, n * 3);
    if (write(ends[1], text, 7) != 7 || read(ends[0], code, 7) != 7) exit(1);
    printf("read %u\n", often((function)(void *)code));
    struct iovec to[2] = { { code, 3 }, { code + 3, 4 } };
    text[2] = 0x7f;
    if (write(ends[1], text, 7) != 7 || readv(ends[0], to, 2) != 7) exit(1);
    printf("readv %u\n", often((function)(void *)code));
  }
  int fd = memfd_create("code", 0);
  writeAdd(text, 77);
  if (write(fd, text, 7) != 7) exit(1);
  if (mmap(code, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0) != code) exit(1);
  printf("mmap %u\n", often((function)(void *)code));
  writeAdd(text, 78);
  if (pwrite(fd, text, 7, 0) != 7) exit(1);
  printf("pwrite %u\n", often((function)(void *)code));
  mprotect(code, PAGE, RWX);
  writeAdd(code, 79);
  printf("copy on write %u\n", often((function)(void *)code));
  madvise(code, PAGE, MADV_DONTNEED);
  printf("madvise %u\n", often((function)(void *)code));
  uint8_t *moved = mremap(code, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, code + 64 * PAGE);
  if (moved == MAP_FAILED) exit(1);
  printf("mremap %u\n", often((function)(void *)moved));
  if (mmap(code, PAGE, RWX, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != code) exit(1);
  writeAdd(code, 80);
  printf("again %u\n", often((function)(void *)code));
  fflush(stdout);
  if (fork() == 0) { writeAdd(code, 81); _exit((int)(often((function)(void *)code) & 0xff)); }
  wait(&status);
  printf("child %d, parent %u\n", WEXITSTATUS(status), often((function)(void *)code));
}

static void library(void) {
  for (int n = 0; n < 3; n++) {
    void *m = dlopen("libm.so.6", RTLD_NOW), *z = dlopen("libresolv.so.2", RTLD_LAZY);
    double (*cosine)(double) = (double (*)(double))dlsym(m, n & 1 ? "sin" : "cos"), sum = 0;
    for (int i = 0; i < 3000; i++) sum += cosine(i);
    printf("%.9f %d\n", sum, z != 0 && dlsym(z, "ns_get16") != 0);
    if (z) dlclose(z);
    dlclose(m);
  }
}

int main(int argc, char **argv) {
  const struct { const char *name; void (*run)(void); } WAYS[] = { { "jit", jit }, { "toggle", toggle }, { "aliases", aliases }, { "kernel", kernel }, { "library", library } };
  for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++) if (argc > 1 && strcmp(argv[1], WAYS[i].name) == 0) WAYS[i].run();
  return 0;
}
