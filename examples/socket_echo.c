/* A server and a client in two processes: socket, bind, listen, accept, connect, send, recv, and what a refused connection says. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int client(struct sockaddr_in server)
{
	char answer[64];
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0) {
		perror("connect");
		close(fd);
		return 1;
	}
	send(fd, "ring 3 calling", 14, 0);
	ssize_t length = recv(fd, answer, sizeof answer, 0);
	printf("the client got: %.*s\n", (int)length, answer);
	close(fd);
	return 0;
}

int main(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	char request[64];

	int listener = socket(AF_INET, SOCK_STREAM, 0);
	bind(listener, (struct sockaddr *)&address, sizeof address);	/* port 0: any that is free */
	getsockname(listener, (struct sockaddr *)&address, &size);
	client(address);						/* nobody listens yet: ECONNREFUSED */
	listen(listener, 1);
	fflush(stdout);

	pid_t child = fork();
	if (child == 0)
		return client(address);

	int connection = accept(listener, NULL, NULL);
	ssize_t length = recv(connection, request, sizeof request, 0);
	for (ssize_t i = 0; i < length; i++)
		if (request[i] >= 'a' && request[i] <= 'z')
			request[i] -= 'a' - 'A';
	send(connection, request, length, 0);
	close(connection);
	close(listener);
	waitpid(child, NULL, 0);
	return 0;
}
