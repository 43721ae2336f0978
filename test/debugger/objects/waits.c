// Programs that hang, each in its own way, by its first argument.
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;

static void *other(void *unused) {
  (void)unused;
  pthread_mutex_lock(&second);
  usleep(1000);
  pthread_mutex_lock(&first);
  return NULL;
}

int main(int argc, char **argv) {
  int to_child[2], to_parent[2];
  char byte;
  (void)argc;
  pipe(to_child);
  pipe(to_parent);
  if (!strcmp(argv[1], "self")) {
    // A reader that forgot to close its own writing end.
    read(to_child[0], &byte, 1);
  } else if (!strcmp(argv[1], "mutexes")) {
    pthread_t thread;
    pthread_mutex_lock(&first);
    pthread_create(&thread, NULL, other, NULL);
    usleep(1000);
    pthread_mutex_lock(&second);
  } else if (!strcmp(argv[1], "pipes")) {
    // Each waits for the other to write first; the parent waits for the child.
    if (fork() == 0) {
      close(to_child[1]);
      close(to_parent[0]);
      read(to_child[0], &byte, 1);
      write(to_parent[1], "x", 1);
      return 0;
    }
    close(to_child[0]);
    close(to_parent[1]);
    read(to_parent[0], &byte, 1);
  } else if (!strcmp(argv[1], "child")) {
    if (fork() == 0) { sigset_t none; sigemptyset(&none); sigsuspend(&none); }
    wait(NULL);
  } else if (!strcmp(argv[1], "flock")) {
    // The child has one lock and wants the other.
    int one = open("/tmp/one.lock", O_RDWR | O_CREAT, 0644);
    flock(one, LOCK_EX);
    if (fork() == 0) {
      int two = open("/tmp/two.lock", O_RDWR | O_CREAT, 0644), again = open("/tmp/one.lock", O_RDWR);
      close(one);
      flock(two, LOCK_EX);
      write(to_parent[1], "x", 1);
      flock(again, LOCK_EX);
      return 0;
    }
    read(to_parent[0], &byte, 1);
    flock(open("/tmp/two.lock", O_RDWR), LOCK_SH);
  } else if (!strcmp(argv[1], "record")) {
    int file = open("/tmp/record", O_RDWR | O_CREAT, 0644);
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 20};
    fcntl(file, F_SETLKW, &range);
    if (fork() == 0) { fcntl(file, F_SETLKW, &range); return 0; }
    wait(NULL);
  } else if (!strcmp(argv[1], "socket")) {
    int ends[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    if (fork() == 0) { close(ends[0]); recv(ends[1], &byte, 1, 0); return 0; }
    close(ends[1]);
    recv(ends[0], &byte, 1, 0);
  } else if (!strcmp(argv[1], "epoll")) {
    // The child looks at a pipe and a socket that only its parent can write to, which polls for what only the child can write.
    int ends[2], epfd = epoll_create1(0);
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    if (fork() == 0) {
      struct epoll_event event = {.events = EPOLLIN};
      close(to_child[1]);
      close(to_parent[0]);
      close(ends[0]);
      event.data.fd = to_child[0];
      epoll_ctl(epfd, EPOLL_CTL_ADD, to_child[0], &event);
      event.data.fd = ends[1];
      epoll_ctl(epfd, EPOLL_CTL_ADD, ends[1], &event);
      epoll_wait(epfd, &event, 1, -1);
      return 0;
    }
    close(to_child[0]);
    close(to_parent[1]);
    close(ends[1]);
    struct pollfd waiting = {.fd = to_parent[0], .events = POLLIN};
    poll(&waiting, 1, -1);
  } else if (!strcmp(argv[1], "eventfd")) {
    long value;
    read(eventfd(0, 0), &value, sizeof value);
  } else if (!strcmp(argv[1], "semop")) {
    struct sembuf take = {.sem_num = 0, .sem_op = -1};
    semop(semget(IPC_PRIVATE, 1, 0600), &take, 1);
  } else if (!strcmp(argv[1], "semaphores")) {
    // Parent and child take a semaphore each, then each that of the other.
    struct sembuf take[2] = {{.sem_num = 0, .sem_op = -1, .sem_flg = SEM_UNDO}, {.sem_num = 1, .sem_op = -1, .sem_flg = SEM_UNDO}};
    int set = semget(IPC_PRIVATE, 2, 0600);
    semctl(set, 0, SETVAL, 1);
    semctl(set, 1, SETVAL, 1);
    int own = fork() == 0;
    semop(set, &take[own], 1);
    usleep(1000);
    semop(set, &take[!own], 1);
  } else if (!strcmp(argv[1], "msgsnd")) {
    struct { long type; char text[8192]; } message = {.type = 1};
    int queue = msgget(IPC_PRIVATE, 0600);
    for (int i = 0; i < 3; i++) msgsnd(queue, &message, sizeof message.text, 0);
  } else if (!strcmp(argv[1], "msgrcv")) {
    struct { long type; char text[8]; } message;
    msgrcv(msgget(IPC_PRIVATE, 0600), &message, sizeof message.text, 7, 0);
  } else if (!strcmp(argv[1], "mq")) {
    char text[8];
    struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 8};
    mq_receive(mq_open("/waits", O_RDWR | O_CREAT, 0600, &attr), text, sizeof text, NULL);
  } else if (!strcmp(argv[1], "pidfd")) {
    // The child reads what only its parent can write, which waits for the child's end.
    pid_t child = fork();
    if (child == 0) { close(to_child[1]); read(to_child[0], &byte, 1); return 0; }
    struct pollfd waiting = {.fd = syscall(SYS_pidfd_open, child, 0), .events = POLLIN};
    close(to_child[0]);
    poll(&waiting, 1, -1);
  } else if (!strcmp(argv[1], "accept")) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(4000), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 1);
    accept(listener, NULL, NULL);
  } else if (!strcmp(argv[1], "connect")) {
    // The child may accept, but waits for its parent, which asks for more connections than may wait.
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0waits"};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), ends[2];
    char byte;
    pipe(ends);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 0);
    if (fork() == 0) { close(ends[1]); read(ends[0], &byte, 1); accept(listener, NULL, NULL); }
    close(listener);
    for (int i = 0; i < 3; i++) connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address);
  } else if (!strcmp(argv[1], "tcp")) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(4000), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 0);
    // The child looks while its parent waits.
    if (fork() == 0) { close(listener); usleep(1000); getppid(); return 0; }
    for (int i = 0; i < 2; i++) connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address);
  }
  return 0;
}
