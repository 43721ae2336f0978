// What a person hovers over: a descriptor, pointers into four kinds of memory, a pid, a set of signals, a socket address.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char table[64] = "a table";

int main(void) {
    int fd = open("/tmp/notes.txt", O_RDWR | O_CREAT | O_TRUNC, 0644);
    write(fd, "three words here", 16);
    char *heap = malloc(100);
    strcpy(heap, "on the heap");
    const char *text = "read-only text";
    char *global = table;
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGUSR1);
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(8080)};
    inet_pton(AF_INET, "192.0.2.7", &peer.sin_addr);
    struct sockaddr *address = (struct sockaddr *)&peer;
    pid_t child = fork();
    if (child == 0) { pause(); _exit(0); }
    lseek(fd, 6, SEEK_SET); // here everything is set
    printf("%d %s %s %s %d %p %p\n", fd, heap, text, global, child, &blocked, address);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(fd);
    return 0;
}
