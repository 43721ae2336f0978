// TCP over the loopback device: a server thread, two clients one after the other, a datagram at the end.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int server;
static struct sockaddr_in place;

static void *serve(void *arg) {
  for (int i = 0; i < 2; i++) {
    int peer = accept(server, NULL, NULL);
    char text[64];
    for (ssize_t length; (length = read(peer, text, sizeof text)) > 0;) write(peer, text, length);
    close(peer);
  }
  return arg;
}

int main(void) {
  place = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  socklen_t size = sizeof place;
  server = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(server, (struct sockaddr *)&place, size) || listen(server, 2)) { perror("listen"); return 1; }
  getsockname(server, (struct sockaddr *)&place, &size);
  pthread_t thread;
  pthread_create(&thread, NULL, serve, NULL);
  int echoed = 0;
  for (int i = 0; i < 2; i++) {
    int client = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(client, (struct sockaddr *)&place, size)) { perror("connect"); return 1; }
    for (int k = 0; k < 3; k++) {
      char text[64], back[64];
      int length = snprintf(text, sizeof text, "message %d of client %d", k, i);
      write(client, text, length);
      if (read(client, back, sizeof back) == length && !memcmp(text, back, length)) echoed++;
    }
    close(client);
  }
  pthread_join(thread, NULL);
  int sender = socket(AF_INET, SOCK_DGRAM, 0), receiver = socket(AF_INET, SOCK_DGRAM, 0);
  place.sin_port = 0;
  bind(receiver, (struct sockaddr *)&place, size);
  getsockname(receiver, (struct sockaddr *)&place, &size);
  sendto(sender, "datagram", 8, 0, (struct sockaddr *)&place, size);
  char got[16];
  ssize_t length = recv(receiver, got, sizeof got, 0);
  printf("%d echoed, %.*s\n", echoed, (int)length, got);
  return 0;
}
