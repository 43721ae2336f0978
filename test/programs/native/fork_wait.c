/* A child that ends while its parent waits: the signal that nobody handles is in the log. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int status;
	pid_t child = fork();
	if (child == 0) { usleep(20000); _exit(3); }
	waitpid(child, &status, 0);
	signal(SIGPIPE, SIG_IGN);
	raise(SIGPIPE);
	raise(SIGWINCH);
	return WEXITSTATUS(status);
}
