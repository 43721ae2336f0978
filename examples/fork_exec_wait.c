/*
 * How a shell starts a program: fork makes a copy of the process, execve puts another program in its place, wait hears of its end.
 * Look at: the timeline of both tasks in the timing panel, and the page faults of the copy: fork shares every page until it is written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int shared = 1;

	if (argc > 1) {
		printf("  the new program, process %d as before, argument \"%s\"\n", getpid(), argv[1]);
		return 7;
	}
	printf("parent %d\n", getpid());
	fflush(stdout);

	pid_t child = fork();
	if (child == 0) {
		shared = 2; /* a copy on write: the parent's stays 1 */
		printf("  child %d of %d, shared is %d here\n", getpid(), getppid(), shared);
		fflush(stdout);
		execl("/proc/self/exe", argv[0], "from execve", (char *)NULL);
		perror("execl");
		_exit(127);
	}

	int status;
	waitpid(child, &status, 0);
	printf("the child ended with status %d; shared is still %d\n", WEXITSTATUS(status), shared);
	return 0;
}
