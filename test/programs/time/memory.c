// Mappings that are made, shared, protected, copied on write and taken away.
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  size_t size = 64 * 4096;
  char *own = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (size_t i = 0; i < size; i += 4096) own[i] = (char)(i >> 12);
  if (fork() == 0) {
    for (size_t i = 0; i < size; i += 8192) own[i] = 1;
    shared[0] = 42;
    _exit(0);
  }
  wait(NULL);
  mprotect(own, size / 2, PROT_READ);
  mprotect(own, size / 2, PROT_READ | PROT_WRITE);
  own = mremap(own, size, 2 * size, MREMAP_MAYMOVE);
  memset(own + size, 7, size);
  int sum = shared[0];
  for (size_t i = 0; i < 2 * size; i += 4096) sum += own[i];
  munmap(own, size);
  printf("sum %d\n", sum);
  return 0;
}
