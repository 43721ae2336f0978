#include "cases.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <ucontext.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RET(action) BPF_STMT(BPF_RET | BPF_K, action)
#define ONLY(number, action) LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), RET(action), RET(SECCOMP_RET_ALLOW)
#define PROG(...) ({ static struct sock_filter code_[] = { __VA_ARGS__ }; static struct sock_fprog prog_; prog_ = (struct sock_fprog){ sizeof code_ / sizeof *code_, code_ }; &prog_; })
#define seccomp(op, flags, args) syscall(SYS_seccomp, op, flags, args)
#define FILTER(...) prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, PROG(__VA_ARGS__))
#define NO_NEW_PRIVS prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)

CASE(needs_no_new_privs) {
	TRY(FILTER(RET(SECCOMP_RET_ALLOW)));
	TRY(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	NO_NEW_PRIVS;
	TRY(FILTER(RET(SECCOMP_RET_ALLOW)));
	TRY(prctl(PR_GET_SECCOMP));
}

ROOT_CASE(root_needs_no_no_new_privs) { TRY(FILTER(RET(SECCOMP_RET_ALLOW))); }

CASE(errno_action) {
	NO_NEW_PRIVS;
	TRY(FILTER(ONLY(SYS_getppid, SECCOMP_RET_ERRNO | EACCES)));
	TRY(syscall(SYS_getppid));
	TRY(FILTER(ONLY(SYS_getuid, SECCOMP_RET_ERRNO | 0)));
	TRY(syscall(SYS_getuid));
	TRY(FILTER(ONLY(SYS_getgid, SECCOMP_RET_ERRNO | 9999)));
	TRY(syscall(SYS_getgid));
	TRY(FILTER(ONLY(SYS_getegid, SECCOMP_RET_ERRNO | 200)));
	TRY(syscall(SYS_getegid));
	GIVES(syscall(SYS_getpid));
}

CASE(trace_and_log_without_a_tracer) {
	NO_NEW_PRIVS;
	FILTER(ONLY(SYS_getuid, SECCOMP_RET_TRACE));
	TRY(syscall(SYS_getuid));
	FILTER(ONLY(SYS_getgid, SECCOMP_RET_LOG));
	TRY(syscall(SYS_getgid));
	FILTER(ONLY(SYS_geteuid, SECCOMP_RET_USER_NOTIF));
	TRY(syscall(SYS_geteuid));
}

CASE(kill_process) {
	IN_CHILD("child", { NO_NEW_PRIVS; FILTER(ONLY(SYS_getuid, SECCOMP_RET_KILL_PROCESS)); syscall(SYS_getuid); say("not here"); });
}

CASE(kill_thread_alone) {
	IN_CHILD("child", { NO_NEW_PRIVS; FILTER(ONLY(SYS_getuid, SECCOMP_RET_KILL_THREAD)); syscall(SYS_getuid); say("not here"); });
}

CASE(unknown_action_kills) {
	IN_CHILD("child", { NO_NEW_PRIVS; FILTER(ONLY(SYS_getuid, 0x12340000)); syscall(SYS_getuid); say("not here"); });
}

CASE(kill_ignores_handlers) {
	IN_CHILD("child", { signal(SIGSYS, SIG_IGN); NO_NEW_PRIVS; FILTER(ONLY(SYS_getuid, SECCOMP_RET_KILL_PROCESS)); syscall(SYS_getuid); });
}

static void on_sigsys(int signo, siginfo_t *info, void *context) {
	ucontext_t *uc = context;
	say("signal %d code %d errno %d syscall %d arch %#x here %d rax %lld", signo, info->si_code, info->si_errno, info->si_syscall, info->si_arch,
		(long)info->si_call_addr == uc->uc_mcontext.gregs[REG_RIP], uc->uc_mcontext.gregs[REG_RAX]);
	uc->uc_mcontext.gregs[REG_RAX] = 4242;
}

CASE(trap_is_emulated_by_a_handler) {
	struct sigaction action = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO };
	sigaction(SIGSYS, &action, NULL);
	NO_NEW_PRIVS;
	FILTER(ONLY(SYS_getuid, SECCOMP_RET_TRAP | 77));
	TRY(syscall(SYS_getuid));
}

CASE(trap_without_a_handler_kills) {
	IN_CHILD("child", { NO_NEW_PRIVS; FILTER(ONLY(SYS_getuid, SECCOMP_RET_TRAP)); syscall(SYS_getuid); });
}

CASE(trap_while_blocked_kills) {
	IN_CHILD("child", {
		struct sigaction action = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO };
		sigaction(SIGSYS, &action, NULL);
		sigset_t set; sigemptyset(&set); sigaddset(&set, SIGSYS); sigprocmask(SIG_BLOCK, &set, NULL);
		NO_NEW_PRIVS; FILTER(ONLY(SYS_getuid, SECCOMP_RET_TRAP)); syscall(SYS_getuid); say("not here");
	});
}

CASE(the_strongest_action_counts) {
	NO_NEW_PRIVS;
	FILTER(ONLY(SYS_getuid, SECCOMP_RET_LOG));
	FILTER(ONLY(SYS_getuid, SECCOMP_RET_TRACE));
	TRY(syscall(SYS_getuid));
	FILTER(ONLY(SYS_getuid, SECCOMP_RET_ERRNO | 11));
	TRY(syscall(SYS_getuid));
	FILTER(ONLY(SYS_getuid, SECCOMP_RET_ERRNO | 12));
	TRY(syscall(SYS_getuid));
	FILTER(ONLY(SYS_getuid, SECCOMP_RET_ALLOW));
	TRY(syscall(SYS_getuid));
	IN_CHILD("child", { FILTER(ONLY(SYS_getuid, SECCOMP_RET_KILL_THREAD)); syscall(SYS_getuid); });
}

CASE(strict_mode) {
	IN_CHILD("child", { prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT); syscall(SYS_write, 1, "strict\n", 7); syscall(SYS_exit, 5); });
	IN_CHILD("child", { prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT); syscall(SYS_getpid); syscall(SYS_exit, 5); });
	IN_CHILD("child", { seccomp(SECCOMP_SET_MODE_STRICT, 0, NULL); syscall(SYS_prctl, PR_GET_SECCOMP, 0, 0, 0, 0); });
}

CASE(strict_and_filter_exclude_each_other) {
	NO_NEW_PRIVS;
	TRY(FILTER(RET(SECCOMP_RET_ALLOW)));
	TRY(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
	TRY(seccomp(SECCOMP_SET_MODE_STRICT, 0, NULL));
}

CASE(bad_arguments) {
	NO_NEW_PRIVS;
	TRY(prctl(PR_SET_SECCOMP, 0));
	TRY(prctl(PR_SET_SECCOMP, 3));
	TRY(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL));
	TRY(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, BAD_POINTER));
	TRY(seccomp(99, 0, NULL));
	TRY(seccomp(SECCOMP_SET_MODE_STRICT, 1, NULL));
	TRY(seccomp(SECCOMP_SET_MODE_STRICT, 0, BAD_POINTER));
	TRY(seccomp(SECCOMP_SET_MODE_FILTER, 0x8000, PROG(RET(0))));
	TRY(seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_NEW_LISTENER, PROG(RET(0))));
	struct sock_fprog empty = { 0, NULL }, long_one = { 4097, NULL }, wild = { 1, BAD_POINTER };
	TRY(seccomp(SECCOMP_SET_MODE_FILTER, 0, &empty));
	TRY(seccomp(SECCOMP_SET_MODE_FILTER, 0, &long_one));
	TRY(seccomp(SECCOMP_SET_MODE_FILTER, 0, &wild));
	TRY(prctl(PR_GET_SECCOMP));
}

#define REFUSED(what, ...) say("%s: %s", what, FILTER(__VA_ARGS__) == 0 ? "attached" : error_name(errno))

CASE(checker_refuses) {
	NO_NEW_PRIVS;
	REFUSED("no return", LOAD(nr));
	REFUSED("unaligned load", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), RET(SECCOMP_RET_ALLOW));
	REFUSED("load behind the data", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), RET(SECCOMP_RET_ALLOW));
	REFUSED("byte load", BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), RET(SECCOMP_RET_ALLOW));
	REFUSED("indirect load", BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), RET(SECCOMP_RET_ALLOW));
	REFUSED("msh", BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), RET(SECCOMP_RET_ALLOW));
	REFUSED("modulo", BPF_STMT(BPF_LD | BPF_IMM, 7), BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 4), RET(SECCOMP_RET_ALLOW));
	REFUSED("division by 0", BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RET(SECCOMP_RET_ALLOW));
	REFUSED("shift by 32", BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), RET(SECCOMP_RET_ALLOW));
	REFUSED("memory word 16", BPF_STMT(BPF_ST, 16), RET(SECCOMP_RET_ALLOW));
	REFUSED("memory not written", BPF_STMT(BPF_LD | BPF_MEM, 3), RET(SECCOMP_RET_ALLOW));
	REFUSED("memory written on one way", BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), BPF_STMT(BPF_ST, 1), BPF_STMT(BPF_LD | BPF_MEM, 1), RET(SECCOMP_RET_ALLOW));
	REFUSED("jump out", BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0), RET(SECCOMP_RET_ALLOW));
	REFUSED("jump far out", BPF_JUMP(BPF_JMP | BPF_JA, 0xffffffff, 0, 0), RET(SECCOMP_RET_ALLOW));
	REFUSED("conditional jump out", BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 1, 0, 1), RET(SECCOMP_RET_ALLOW));
	REFUSED("unknown code", BPF_STMT(0xff, 1), RET(SECCOMP_RET_ALLOW));
	REFUSED("return of X", BPF_STMT(BPF_RET | BPF_X, 1));
}

CASE(instructions_compute) {
	NO_NEW_PRIVS;
	/* ((((7 + 5) * 3 - 1) / 2 | 0x40) & 0x7e ^ 1) << 2 >> 1, through memory and X. */
	TRY(FILTER(LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getuid, 1, 0), RET(SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_LD | BPF_IMM, 7), BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 5), BPF_STMT(BPF_LDX | BPF_IMM, 3), BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 1), BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 2), BPF_STMT(BPF_ST, 4), BPF_STMT(BPF_LDX | BPF_MEM, 4), BPF_STMT(BPF_MISC | BPF_TXA, 0),
		BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 0x40), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x7e), BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 1), BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 2),
		BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 1), BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO), BPF_STMT(BPF_RET | BPF_A, 0)));
	TRY(syscall(SYS_getuid));
	TRY(FILTER(LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getgid, 1, 0), RET(SECCOMP_RET_ALLOW), BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_IMM, 1), BPF_STMT(BPF_ALU | BPF_NEG, 0), BPF_STMT(BPF_ALU | BPF_AND | BPF_X, 0), BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO), BPF_STMT(BPF_RET | BPF_A, 0)));
	TRY(syscall(SYS_getgid));
}

CASE(arguments_are_seen_whole) {
	NO_NEW_PRIVS;
	TRY(FILTER(LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getuid, 1, 0), RET(SECCOMP_RET_ALLOW),
		LOAD(args[1]), BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x80000000, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1]) + 4), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x10, 0, 1), RET(SECCOMP_RET_ERRNO | 1), RET(SECCOMP_RET_ERRNO | 2)));
	TRY(syscall(SYS_getuid, 0, 0x1f80000001));
	TRY(syscall(SYS_getuid, 0, 0x0f80000001));
	TRY(syscall(SYS_getuid, 0, 1));
}

CASE(division_by_zero_in_x_kills) {
	IN_CHILD("child", {
		NO_NEW_PRIVS;
		FILTER(LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getuid, 1, 0), RET(SECCOMP_RET_ALLOW), BPF_STMT(BPF_LDX | BPF_IMM, 0), BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), RET(SECCOMP_RET_ALLOW));
		syscall(SYS_getuid);
	});
}

CASE(inherited_over_fork_and_exec) {
	NO_NEW_PRIVS;
	FILTER(ONLY(SYS_getuid, SECCOMP_RET_ERRNO | EPERM));
	IN_CHILD("fork", { TRY(syscall(SYS_getuid)); FILTER(ONLY(SYS_getgid, SECCOMP_RET_ERRNO | EIO)); TRY(syscall(SYS_getgid)); });
	TRY(syscall(SYS_getgid));
	if (getenv("AGAIN") == NULL) {
		char *argv[] = { "seccomp", "inherited_over_fork_and_exec", NULL }, *envp[] = { "AGAIN=1", NULL };
		execve("/proc/self/exe", argv, envp);
	}
}

CASE(action_avail) {
	unsigned actions[] = { SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO, SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE, SECCOMP_RET_LOG, SECCOMP_RET_ALLOW, 0x12340000, SECCOMP_RET_ERRNO | 1 };
	for (int i = 0; i < 10; i++) TRY(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &actions[i]));
	TRY(seccomp(SECCOMP_GET_ACTION_AVAIL, 1, &actions[0]));
	TRY(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, BAD_POINTER));
	struct seccomp_notif_sizes sizes;
	TRY(seccomp(SECCOMP_GET_NOTIF_SIZES, 0, &sizes));
	say("%d %d %d", sizes.seccomp_notif, sizes.seccomp_notif_resp, sizes.seccomp_data);
	TRY(seccomp(SECCOMP_GET_NOTIF_SIZES, 0, BAD_POINTER));
}

static int turn[2], back[2];
static void *threads_uid(void *unused) {
	char byte;
	read(turn[0], &byte, 1);
	TRY(syscall(SYS_getuid));
	TRY(prctl(PR_GET_SECCOMP));
	write(back[1], "x", 1);
	read(turn[0], &byte, 1);
	return NULL;
}

CASE(tsync) {
	pthread_t thread;
	char byte;
	pipe(turn); pipe(back);
	pthread_create(&thread, NULL, threads_uid, NULL);
	NO_NEW_PRIVS;
	TRY(seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, PROG(ONLY(SYS_getuid, SECCOMP_RET_ERRNO | EDOM))));
	write(turn[1], "x", 1);
	read(back[0], &byte, 1);
	write(turn[1], "x", 1);
	pthread_join(thread, NULL);
}

static void *own_filter(void *unused) {
	char byte;
	NO_NEW_PRIVS;
	FILTER(RET(SECCOMP_RET_ALLOW));
	write(back[1], "x", 1);
	read(turn[0], &byte, 1);
	return NULL;
}

CASE(tsync_with_a_thread_of_its_own_filter) {
	pthread_t thread;
	char byte;
	pipe(turn); pipe(back);
	NO_NEW_PRIVS;
	pthread_create(&thread, NULL, own_filter, NULL);
	read(back[0], &byte, 1);
	GIVES(seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, PROG(RET(SECCOMP_RET_ALLOW))));
	TRY(seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH, PROG(RET(SECCOMP_RET_ALLOW))));
	TRY(prctl(PR_GET_SECCOMP));
	write(turn[1], "x", 1);
	pthread_join(thread, NULL);
}

static void *dies(void *unused) {
	FILTER(ONLY(SYS_getuid, SECCOMP_RET_KILL_THREAD));
	syscall(SYS_getuid);
	say("not here");
	return NULL;
}

CASE(kill_thread_of_several) {
	pthread_t thread;
	NO_NEW_PRIVS;
	pthread_create(&thread, NULL, dies, NULL);
	pthread_join(thread, NULL);
	say("the other thread goes on");
}

CASE(supervisor) {
	NO_NEW_PRIVS;
	int pair[2];
	pipe(pair);
	int listener = TRY(seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, PROG(ONLY(SYS_getuid, SECCOMP_RET_USER_NOTIF))));
	TRY(seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, PROG(RET(SECCOMP_RET_ALLOW))));
	pid_t child = CHILD({ for (int i = 0; i < 3; i++) TRY(syscall(SYS_getuid, i, 0, 0, 0, 0, 0)); });
	for (int i = 0; i < 3; i++) {
		struct seccomp_notif notif = { 0 };
		struct seccomp_notif_resp resp = { 0 };
		TRY(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notif));
		say("call %d argument %lld of the child %d", notif.data.nr, notif.data.args[0], notif.pid == child);
		TRY(ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &notif.id));
		resp.id = notif.id;
		if (i == 0) resp.val = 1234;
		if (i == 1) resp.error = -EXDEV;
		if (i == 2) resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		TRY(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp));
	}
	int status;
	waitpid(child, &status, 0);
	say_status("child", status);
	close(listener);
	TRY(syscall(SYS_getuid));
}

static volatile char dispatch;
static volatile int dispatched;

static void dispatch_handler(int signo, siginfo_t *info, void *context) {
	ucontext_t *uc = context;
	dispatch = 0;
	dispatched++;
	say("signal %d code %d call %d arch %x rax %lld", signo, info->si_code, info->si_syscall, info->si_arch, uc->uc_mcontext.gregs[REG_RAX]);
	uc->uc_mcontext.gregs[REG_RAX] = 1234;
}

CASE(user_dispatch_hands_calls_to_the_program) {
	struct sigaction action = { .sa_sigaction = dispatch_handler, .sa_flags = SA_SIGINFO };
	sigaction(SIGSYS, &action, NULL);
	TRY(prctl(PR_SET_SYSCALL_USER_DISPATCH, 2, 0, 0, &dispatch));
	TRY(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, &dispatch));
	TRY(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 1, 0, &dispatch));
	TRY(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &dispatch));
	TRY(syscall(SYS_getppid) > 0);
	dispatch = 1;
	long result = syscall(SYS_getuid), unknown = (dispatch = 1, syscall(9999));
	say("%ld %ld, %d of them", result, unknown, dispatched);
	/* The range of the call's own instruction is the kernel's. */
	TRY(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 1, 1L << 46, &dispatch));
	dispatch = 1;
	TRY(syscall(SYS_getppid) > 0);
	dispatch = 0;
	say("%d of them", dispatched);
	TRY(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, 0));
}
