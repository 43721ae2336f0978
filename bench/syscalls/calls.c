// Makes one kind of system call again and again: calls KIND COUNT. Built by build.sh.
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int count = argc > 2 ? atoi(argv[2]) : 0, ends[2];
  char byte = 'x';
  pipe(ends);
  if (!strcmp(argv[1], "getpid")) for (int i = 0; i < count; i++) syscall(SYS_getpid);
  else if (!strcmp(argv[1], "pipe")) for (int i = 0; i < count; i++) { write(ends[1], &byte, 1); read(ends[0], &byte, 1); }
  else if (!strcmp(argv[1], "read")) { int fd = open("/dev/zero", O_RDONLY); for (int i = 0; i < count; i++) read(fd, &byte, 1); }
  else if (!strcmp(argv[1], "open")) for (int i = 0; i < count; i++) close(open("/dev/null", O_RDONLY));
  else if (!strcmp(argv[1], "write")) { int fd = open("/dev/null", O_WRONLY); for (int i = 0; i < count; i++) write(fd, "Hello, World!\n", 14); }
  else if (!strcmp(argv[1], "stat")) { struct stat st; for (int i = 0; i < count; i++) stat("/dev/null", &st); }
  else if (!strcmp(argv[1], "mmap")) for (int i = 0; i < count; i++) munmap(mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 65536);
  return 0;
}
