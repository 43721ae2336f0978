// fork, execve, wait: statuses, signals that kill, stopped and continued children, orphans, process groups, vfork, exec failures, argument limits.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void status(const char *what, int s) {
	if (WIFEXITED(s)) printf("%s: exited %d\n", what, WEXITSTATUS(s));
	else if (WIFSIGNALED(s)) printf("%s: killed by %d core %d\n", what, WTERMSIG(s), !!WCOREDUMP(s));
	else if (WIFSTOPPED(s)) printf("%s: stopped by %d\n", what, WSTOPSIG(s));
	else if (WIFCONTINUED(s)) printf("%s: continued\n", what);
	else printf("%s: %x\n", what, s);
	fflush(stdout);
}

int main(int argc, char **argv) {
	if (argc > 1) { printf("exec'd %d arguments, %s, %s\n", argc, argv[argc - 1], getenv("MARK")); return argc; }
	struct rlimit none = { 0, 0 };
	setrlimit(RLIMIT_CORE, &none);
	int s;
	pid_t p;
	fflush(stdout);
	if ((p = fork()) == 0) _exit(300);
	printf("%d\n", waitpid(p, &s, 0) == p);
	status("exit 300", s);
	for (int i = 0; i < 3; i++) {
		static const int signals[] = { SIGTERM, SIGSEGV, SIGKILL };
		if ((p = fork()) == 0) { raise(signals[i]); _exit(1); }
		waitpid(p, &s, 0);
		status("raise", s);
	}
	if ((p = fork()) == 0) { raise(SIGSTOP); usleep(50000); _exit(5); }
	waitpid(p, &s, WUNTRACED);
	status("child", s);
	printf("WNOHANG %d\n", waitpid(p, &s, WNOHANG));
	kill(p, SIGCONT);
	waitpid(p, &s, WCONTINUED);
	status("child", s);
	waitpid(p, &s, 0);
	status("child", s);
	printf("no child: %d %s\n", waitpid(-1, &s, 0), strerror(errno));
	siginfo_t info;
	if ((p = fork()) == 0) _exit(9);
	memset(&info, 0, sizeof info);
	waitid(P_PID, p, &info, WEXITED | WNOWAIT);
	printf("waitid %d code %d status %d\n", info.si_pid == p, info.si_code, info.si_status);
	waitid(P_ALL, 0, &info, WEXITED);
	printf("waitid %d code %d status %d\n", info.si_pid == p, info.si_code, info.si_status);
	printf("waitid %d %s\n", waitid(P_PID, p, &info, WEXITED), strerror(errno));
	fflush(stdout);
	char *args[] = { "name", "one", "two", NULL }, *env[] = { "MARK=here", NULL };
	if ((p = fork()) == 0) { execve("/proc/self/exe", args, env); _exit(127); }
	waitpid(p, &s, 0);
	status("exec", s);
	if ((p = vfork()) == 0) { execve("/proc/self/exe", args, env); _exit(127); }
	waitpid(p, &s, 0);
	status("vfork exec", s);
	printf("%d %s\n", execve("/none", args, env), strerror(errno));
	printf("%d %s\n", execve("/etc", args, env), strerror(errno));
	printf("%d %s\n", execve("/etc/passwd", args, env), strerror(errno));
	int f = open("script", O_CREAT | O_WRONLY | O_TRUNC, 0755);
	write(f, "#!/proc/self/exe -x y\n", 22);
	close(f);
	f = open("junk", O_CREAT | O_WRONLY | O_TRUNC, 0755);
	write(f, "junk", 4);
	close(f);
	printf("%d %s\n", execve("junk", args, env), strerror(errno));
	f = open("script", O_CREAT | O_WRONLY | O_TRUNC, 0755);
	write(f, "#!/bin/echo -n  said \nrest", 26);
	close(f);
	fflush(stdout);
	if ((p = fork()) == 0) { execve("./script", args, env); _exit(127); }
	waitpid(p, &s, 0);
	status("\nscript", s);
	unlink("script");
	unlink("junk");
	if ((p = fork()) == 0) {
		setpgid(0, 0);
		printf("group %d session %d\n", getpgrp() == getpid(), getsid(0) == getsid(getppid()));
		printf("setsid %d %s\n", setsid(), strerror(errno));
		fflush(stdout);
		pid_t q = fork();
		if (q == 0) { printf("setsid %d group %d\n", setsid() == getpid(), getpgrp() == getpid()); fflush(stdout); _exit(0); }
		waitpid(q, NULL, 0);
		_exit(0);
	}
	waitpid(p, &s, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if ((p = fork()) == 0) {
		if (fork() == 0) { while (getppid() != (pid_t)atoi("0") && getppid() == p) ; usleep(30000); _exit(77); }
		_exit(1);
	}
	waitpid(p, &s, 0);
	status("parent of an orphan", s);
	p = wait(&s);
	status("orphan", s);
	signal(SIGCHLD, SIG_IGN);
	if ((p = fork()) == 0) _exit(1);
	printf("ignored: %d %s\n", waitpid(p, &s, 0), strerror(errno));
	signal(SIGCHLD, SIG_DFL);
	int pipe_fd[2];
	pipe2(pipe_fd, O_CLOEXEC);
	printf("cloexec %d\n", fcntl(pipe_fd[0], F_GETFD));
	if ((p = fork()) == 0) { char *a[] = { "test", "-e", "/proc/self/fd/3", NULL }; execve("/usr/bin/test", a, env); _exit(127); }
	waitpid(p, &s, 0);
	status("closed on exec", s);
	printf("kill %d %s\n", kill(999999, 0), strerror(errno));
	printf("clone %ld %s\n", syscall(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0), strerror(errno));
	return 0;
}
