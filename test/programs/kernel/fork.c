// fork, vfork, clone, clone3: what is shared, what is copied, and what is refused.
#include "cases.h"
#include <linux/sched.h>

CASE(fork_returns_twice) {
	pid_t parent = getpid(), child = fork();
	if (child == 0) { say("child: getppid %d", getppid() == parent); _exit(7); }
	int status;
	IS(waitpid(child, &status, 0) == child);
	say_status("child", status);
}

CASE(fork_copies_memory) {
	static int value = 1;
	IN_CHILD("child", value = 2);
	say("value %d", value);
}

CASE(clone_refuses_flags_that_do_not_go_together) {
	TRY(syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0));
	TRY(syscall(SYS_clone, CLONE_THREAD | SIGCHLD, 0, 0, 0, 0));
	TRY(syscall(SYS_clone, CLONE_THREAD | CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0));
	TRY(syscall(SYS_clone, CLONE_FS | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0));
}
