// Seccomp: a filter that refuses a call, then one that kills. Both are programs of classic BPF that the kernel runs at each system call.
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)

/* Calls of another architecture have other numbers, so a filter looks at the architecture first. */
static struct sock_filter refuse_getppid[] = {
	LOAD(arch),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
	RETURN(SECCOMP_RET_KILL_PROCESS),
	LOAD(nr),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
	RETURN(SECCOMP_RET_ERRNO | EACCES), // BP:refuse
	RETURN(SECCOMP_RET_ALLOW),
};

static struct sock_filter kill_getuid[] = {
	LOAD(nr),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getuid, 0, 1),
	RETURN(SECCOMP_RET_KILL_PROCESS), // BP:kill
	RETURN(SECCOMP_RET_ALLOW),
};

static int attach(struct sock_filter *filter, size_t length)
{
	struct sock_fprog program = { .len = length, .filter = filter };
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(void)
{
	if (attach(refuse_getppid, 7) < 0)
		printf("a filter without no_new_privs: %s\n", strerror(errno));
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (attach(refuse_getppid, 7) < 0) {
		perror("prctl");
		return 1;
	}
	long parent = syscall(SYS_getppid); // BP:getppid
	printf("getppid: %ld %s\n", parent, strerror(errno));
	fflush(stdout);

	pid_t child = fork();
	if (child == 0) {
		attach(kill_getuid, 4);
		syscall(SYS_getuid); // BP:getuid
		_exit(0);
	}
	int status;
	waitpid(child, &status, 0);
	printf("the child was %s\n", WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "not stopped");
	return 0;
}
