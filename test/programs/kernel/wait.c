// wait4 and waitid, exit and exit_group, orphans and subreapers.
#include "cases.h"

CASE(wait4_refuses) {
	int status;
	TRY(syscall(SYS_wait4, -1, &status, 0, NULL));
	TRY(syscall(SYS_wait4, -1, &status, 0x10, NULL));
	TRY(syscall(SYS_wait4, -1, &status, WNOWAIT, NULL));
	TRY(syscall(SYS_wait4, INT_MIN, &status, 0, NULL));
	TRY(syscall(SYS_wait4, 1, &status, WNOHANG, NULL));
	TRY(syscall(SYS_wait4, 0, &status, WNOHANG, NULL));
	TRY(syscall(SYS_wait4, -99999, &status, WNOHANG, NULL));
}

CASE(wait4_bad_pointers) {
	pid_t child = CHILD(_exit(1));
	siginfo_t info;
	waitid(P_PID, child, &info, WEXITED | WNOWAIT);
	TRY(syscall(SYS_wait4, child, BAD_POINTER, 0, NULL));
	TRY(syscall(SYS_wait4, child, NULL, 0, NULL));
}

CASE(wait4_fills_rusage) {
	struct rusage usage;
	memset(&usage, 0x55, sizeof usage);
	pid_t child = CHILD();
	IS(wait4(child, NULL, 0, &usage) == child);
	say("msgsnd %ld, signals %ld, swaps %ld", usage.ru_msgsnd, usage.ru_nsignals, usage.ru_nswap);
	IS(usage.ru_maxrss > 0);
}

CASE(exit_status_is_eight_bits) {
	IN_CHILD("exit 256+3", _exit(259));
	IN_CHILD("exit -1", _exit(-1));
	IN_CHILD("exit_group 4", syscall(SYS_exit_group, 4));
	IN_CHILD("exit 5", syscall(SYS_exit, 5));
}

CASE(wnohang_gives_zero_while_the_child_runs) {
	int fds[2];
	pipe(fds);
	pid_t child = CHILD(char c; close(fds[1]); read(fds[0], &c, 1));
	TRY(waitpid(child, NULL, WNOHANG));
	close(fds[1]);
	IS(waitpid(child, NULL, 0) == child);
	TRY(waitpid(child, NULL, WNOHANG));
}

CASE(waitid_refuses) {
	siginfo_t info;
	TRY(syscall(SYS_waitid, P_ALL, 0, &info, 0, NULL));
	TRY(syscall(SYS_waitid, P_ALL, 0, &info, WNOHANG, NULL));
	TRY(syscall(SYS_waitid, P_ALL, 0, &info, WEXITED | 0x100, NULL));
	TRY(syscall(SYS_waitid, 9, 0, &info, WEXITED, NULL));
	TRY(syscall(SYS_waitid, P_PID, 0, &info, WEXITED, NULL));
	TRY(syscall(SYS_waitid, P_PID, -1, &info, WEXITED, NULL));
	TRY(syscall(SYS_waitid, P_PGID, -1, &info, WEXITED, NULL));
	TRY(syscall(SYS_waitid, P_ALL, 0, &info, WEXITED, NULL));
	TRY(syscall(SYS_waitid, P_PIDFD, -1, &info, WEXITED, NULL));
	TRY(syscall(SYS_waitid, P_PIDFD, 0, &info, WEXITED, NULL));
}

CASE(waitid_wnowait_leaves_the_zombie) {
	pid_t child = CHILD(_exit(9));
	siginfo_t info;
	for (int i = 0; i < 2; i++) {
		memset(&info, 0, sizeof info);
		TRY(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
		say("signo %d code %d status %d", info.si_signo, info.si_code, info.si_status);
	}
	TRY(waitid(P_PID, child, &info, WEXITED));
	TRY(waitid(P_PID, child, &info, WEXITED));
}

CASE(waitid_wnohang_writes_zeros) {
	int fds[2];
	pipe(fds);
	pid_t child = CHILD(char c; close(fds[1]); read(fds[0], &c, 1));
	siginfo_t info;
	memset(&info, 0x55, sizeof info);
	TRY(waitid(P_PID, child, &info, WEXITED | WNOHANG));
	say("signo %d pid %d", info.si_signo, info.si_pid);
	close(fds[1]);
	TRY(waitid(P_PID, child, NULL, WEXITED));
}

CASE(stops_and_continuations_are_told) {
	pid_t child = CHILD(raise(SIGSTOP); for (;;));
	int status;
	IS(waitpid(child, &status, WUNTRACED) == child);
	say_status("child", status);
	TRY(waitpid(child, &status, WUNTRACED | WNOHANG));
	kill(child, SIGCONT);
	IS(waitpid(child, &status, WCONTINUED) == child);
	say_status("child", status);
	TRY(waitpid(child, &status, WCONTINUED | WNOHANG));
	kill(child, SIGKILL);
	IS(waitpid(child, &status, 0) == child);
	say_status("child", status);
}

CASE(waitid_tells_stops_with_codes) {
	pid_t child = CHILD(raise(SIGTSTP); for (;;));
	siginfo_t info;
	TRY(waitid(P_PID, child, &info, WSTOPPED | WNOWAIT));
	say("code %d status %d", info.si_code, info.si_status);
	TRY(waitid(P_PID, child, &info, WSTOPPED));
	kill(child, SIGCONT);
	TRY(waitid(P_PID, child, &info, WCONTINUED));
	say("code %d status %d", info.si_code, info.si_status);
	kill(child, SIGTERM);
	TRY(waitid(P_PID, child, &info, WEXITED));
	say("code %d status %d", info.si_code, info.si_status);
}

CASE(waiting_for_a_process_group) {
	pid_t child = CHILD(setpgid(0, 0); _exit(2));
	setpgid(child, child);
	int status;
	IS(waitpid(-child, &status, 0) == child);
	say_status("child", status);
	TRY(waitpid(-child, &status, 0));
}

CASE(ignored_sigchld_leaves_no_zombies) {
	signal(SIGCHLD, SIG_IGN);
	pid_t child = CHILD(_exit(1));
	int status = 5;
	TRY(waitpid(child, &status, 0));
	say("status untouched %d", status);
}

CASE(sa_nocldwait_leaves_no_zombies) {
	struct sigaction action = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT };
	sigaction(SIGCHLD, &action, NULL);
	pid_t child = CHILD(_exit(1));
	TRY(waitpid(child, NULL, 0));
}

CASE(subreaper_inherits_orphans) {
	TRY(prctl(PR_SET_CHILD_SUBREAPER, 1));
	int on = 0;
	TRY(prctl(PR_GET_CHILD_SUBREAPER, &on));
	say("subreaper %d", on);
	int fds[2];
	pipe(fds);
	pid_t me = getpid();
	IN_CHILD("parent of the orphan", if (fork() == 0) { char c; close(fds[1]); read(fds[0], &c, 1); say("orphan: parent is the subreaper %d", getppid() == me); _exit(77); });
	close(fds[1]);
	int status;
	IS(wait(&status) > 0);
	say_status("orphan", status);
}

CASE(pdeathsig_comes_when_the_parent_ends) {
	int ready[2];
	pipe(ready);
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	char c;
	IN_CHILD("parent",
		if (fork() == 0) { prctl(PR_SET_PDEATHSIG, SIGUSR1); write(ready[1], "x", 1); for (;;); }
		read(ready[0], &c, 1));
	int status;
	IS(wait(&status) > 0);
	say_status("child", status);
}

CASE(wnothread_and_wall) {
	pid_t child = CHILD(_exit(3));
	int status;
	IS(waitpid(child, &status, __WALL | __WNOTHREAD) == child);
	say_status("child", status);
	TRY(waitpid(-1, &status, __WALL));
}

static void *exits(void *value) { syscall(SYS_exit, 9); return NULL; }

CASE(exit_of_a_thread_is_not_the_process) {
	pthread_t thread;
	IN_CHILD("child",
		pthread_create(&thread, NULL, exits, NULL);
		pthread_join(thread, NULL);
		_exit(2));
}

static void *ends_all(void *value) { _exit(11); }

CASE(exit_group_ends_every_thread) {
	IN_CHILD("child", pthread_t thread; pthread_create(&thread, NULL, ends_all, NULL); for (;;) pause());
}
