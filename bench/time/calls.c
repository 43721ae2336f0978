// Calls the kernel for ever: a pipe, a file and a few cheap ones.
#include <fcntl.h>
#include <unistd.h>

int main(void) {
  int ends[2], file = open("/tmp/calls", O_CREAT | O_RDWR, 0644);
  char text[64] = "some text";
  if (pipe(ends)) return 1;
  for (unsigned i = 0;; i++) {
    write(ends[1], text, 16);
    read(ends[0], text, sizeof text);
    if (i % 16 == 0) { lseek(file, i % 65536, SEEK_SET); write(file, text, sizeof text); }
    if (i % 64 == 0) close(open("/tmp/calls", O_RDONLY));
    getppid();
    for (volatile int spin = 0; spin < 20; spin++);
  }
}
