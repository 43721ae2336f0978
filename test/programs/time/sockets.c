// A server and a client on this machine: one listens, the other connects by name.
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  struct sockaddr_un name = { .sun_family = AF_UNIX };
  strcpy(name.sun_path, "/tmp/ringside-time.sock");
  unlink(name.sun_path);
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(server, (struct sockaddr *)&name, sizeof name) || listen(server, 2)) { perror("listen"); return 1; }
  pid_t child = fork();
  if (child == 0) {
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(client, (struct sockaddr *)&name, sizeof name)) _exit(1);
    for (int i = 0; i < 4; i++) { char c = 'a' + i; write(client, &c, 1); read(client, &c, 1); if (c != 'A' + i) _exit(2); }
    _exit(0);
  }
  int peer = accept(server, NULL, NULL);
  char c;
  int count = 0;
  while (read(peer, &c, 1) == 1) { c -= 32; write(peer, &c, 1); count++; }
  int status;
  waitpid(child, &status, 0);
  printf("%d bytes echoed, client %d\n", count, WEXITSTATUS(status));
  return 0;
}
