// fork, vfork, clone, clone3: what is shared, what is copied, and what is refused.
#include "cases.h"
#include <linux/sched.h>
#include <linux/futex.h>

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

CASE(fork_shares_file_offsets) {
	int fd = open("f", O_CREAT | O_RDWR, 0600);
	write(fd, "0123456789", 10);
	lseek(fd, 2, SEEK_SET);
	IN_CHILD("child", char c; read(fd, &c, 1); say("child read %c", c));
	TRY(lseek(fd, 0, SEEK_CUR));
}

CASE(fork_clears_pending_signals_and_keeps_the_mask) {
	sigset_t set, got;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	IN_CHILD("child", sigpending(&got); say("pending %d", sigismember(&got, SIGUSR1)); sigprocmask(SIG_BLOCK, NULL, &got); say("blocked %d", sigismember(&got, SIGUSR1)));
	sigpending(&got);
	say("parent: pending %d", sigismember(&got, SIGUSR1));
}

CASE(fork_forgets_timers_and_alarms) {
	alarm(100);
	IN_CHILD("child", say("alarm %u", alarm(0)));
	say("parent: alarm %u", alarm(0));
}

CASE(vfork_runs_the_child_first) {
	static volatile int value = 1;
	pid_t child = vfork();
	if (child == 0) { value = 2; _exit(3); }
	int status;
	waitpid(child, &status, 0);
	say_status("child", status);
	say("value %d", value);
}

CASE(clone_refuses_flags_that_do_not_go_together) {
	TRY(syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0));
	TRY(syscall(SYS_clone, CLONE_THREAD | SIGCHLD, 0, 0, 0, 0));
	TRY(syscall(SYS_clone, CLONE_THREAD | CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0));
	TRY(syscall(SYS_clone, CLONE_FS | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0));
	TRY(syscall(SYS_clone, CLONE_FS | CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
	TRY(syscall(SYS_clone, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_NEWPID, 0, 0, 0, 0));
}

CASE(clone_writes_the_tids_that_it_is_asked_for) {
	int parent_tid = 0, child_tid = 0;
	long child = syscall(SYS_clone, CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, 0, &parent_tid, &child_tid, 0);
	if (child == 0) { say("child: %d", child_tid == getpid()); _exit(0); }
	waitpid(child, NULL, 0);
	say("parent: %d, child's word here %d", parent_tid == child, child_tid);
}

CASE(clone_without_an_exit_signal_needs_wclone) {
	long child = syscall(SYS_clone, 0, 0, 0, 0, 0);
	if (child == 0) _exit(4);
	int status;
	TRY(waitpid(-1, &status, 0));
	IS(waitpid(child, &status, __WCLONE) == child);
	say_status("child", status);
}

CASE(clone_with_another_exit_signal) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	long child = syscall(SYS_clone, SIGUSR1, 0, 0, 0, 0);
	if (child == 0) _exit(9);
	siginfo_t info;
	IS(sigwaitinfo(&set, &info) == SIGUSR1);
	say("code %d pid %d status %d", info.si_code, info.si_pid == child, info.si_status);
	TRY(waitpid(child, NULL, 0));
	IS(waitpid(child, NULL, __WALL) == child);
}

CASE(clone_parent_gives_the_child_to_our_parent) {
	int fds[2], status;
	pipe(fds);
	pid_t child = CHILD(
		long sibling = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
		if (sibling == 0) { char c; close(fds[1]); read(fds[0], &c, 1); _exit(5); }
		TRY(waitpid(sibling, NULL, 0)));
	waitpid(child, NULL, 0);
	close(fds[1]);
	IS(wait(&status) > 0);
	say_status("grandchild is ours", status);
}

CASE(clone_files_shares_descriptors) {
	int fds[2];
	pipe(fds);
	long child = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (child == 0) { close(fds[0]); _exit(0); }
	waitpid(child, NULL, 0);
	TRY(fcntl(fds[0], F_GETFD));
	TRY(fcntl(fds[1], F_GETFD));
}

CASE(clone_fs_shares_umask_and_directory) {
	long child = syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0);
	if (child == 0) { umask(077); chdir("/"); _exit(0); }
	waitpid(child, NULL, 0);
	say("umask %o", umask(022));
	char path[64];
	say("cwd %s", getcwd(path, sizeof path));
}

static long clone3(struct clone_args *args, size_t size) { return syscall(SYS_clone3, args, size); }

CASE(clone3_refuses_bad_sizes) {
	struct clone_args args = { .exit_signal = SIGCHLD };
	static char zeros[8192];
	TRY(clone3(&args, 0));
	TRY(clone3(&args, 63));
	TRY(clone3((void *)zeros, 4097));
	TRY(clone3(BAD_POINTER, sizeof args));
	TRY(clone3(NULL, 64));
}

CASE(clone3_refuses_bad_arguments) {
	TRY(clone3(&(struct clone_args){ .exit_signal = 65 }, sizeof(struct clone_args)));
	TRY(clone3(&(struct clone_args){ .exit_signal = 1 << 20 }, sizeof(struct clone_args)));
	TRY(clone3(&(struct clone_args){ .flags = 1, .exit_signal = SIGCHLD }, sizeof(struct clone_args)));
	TRY(clone3(&(struct clone_args){ .flags = CLONE_DETACHED, .exit_signal = SIGCHLD }, sizeof(struct clone_args)));
	TRY(clone3(&(struct clone_args){ .flags = 1ull << 40, .exit_signal = SIGCHLD }, sizeof(struct clone_args)));
	TRY(clone3(&(struct clone_args){ .stack = 4096, .exit_signal = SIGCHLD }, sizeof(struct clone_args)));
	TRY(clone3(&(struct clone_args){ .stack_size = 4096, .exit_signal = SIGCHLD }, sizeof(struct clone_args)));
	TRY(clone3(&(struct clone_args){ .flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, .exit_signal = SIGCHLD }, sizeof(struct clone_args)));
	TRY(clone3(&(struct clone_args){ .flags = CLONE_PARENT, .exit_signal = SIGCHLD }, sizeof(struct clone_args)));
	TRY(clone3(&(struct clone_args){ .flags = CLONE_SIGHAND | CLONE_VM | CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD }, sizeof(struct clone_args)));
	TRY(clone3(&(struct clone_args){ .set_tid = 8, .exit_signal = SIGCHLD }, sizeof(struct clone_args)));
	TRY(clone3(&(struct clone_args){ .set_tid_size = 1, .exit_signal = SIGCHLD }, sizeof(struct clone_args)));
	TRY(clone3(&(struct clone_args){ .set_tid_size = 33, .set_tid = 8, .exit_signal = SIGCHLD }, sizeof(struct clone_args)));
	TRY(clone3(&(struct clone_args){ .flags = CLONE_INTO_CGROUP, .cgroup = 1ull << 40, .exit_signal = SIGCHLD }, sizeof(struct clone_args)));
}

CASE(clone3_tail_must_be_zero) {
	struct { struct clone_args args; char tail[16]; } big = { .args.exit_signal = SIGCHLD };
	big.tail[3] = 1;
	TRY(clone3(&big.args, sizeof big));
	big.tail[3] = 0;
	long child = clone3(&big.args, sizeof big);
	if (child == 0) _exit(1);
	int status;
	IS(waitpid(child, &status, 0) == child);
	say_status("child", status);
}

static void handler(int signo) { }

CASE(clone3_clear_sighand_resets_handlers_but_not_ignored_signals) {
	signal(SIGUSR1, handler);
	signal(SIGUSR2, SIG_IGN);
	struct clone_args args = { .flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD };
	long child = clone3(&args, sizeof args);
	if (child == 0) {
		struct sigaction old;
		sigaction(SIGUSR1, NULL, &old);
		say("USR1 default %d", old.sa_handler == SIG_DFL);
		sigaction(SIGUSR2, NULL, &old);
		say("USR2 ignored %d", old.sa_handler == SIG_IGN);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

CASE(clone3_pidfd) {
	int pidfd = -1;
	struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD };
	long child = clone3(&args, sizeof args);
	if (child == 0) _exit(6);
	IS(pidfd >= 0);
	TRY(fcntl(pidfd, F_GETFD));
	siginfo_t info;
	TRY(waitid(P_PIDFD, pidfd, &info, WEXITED));
	say("status %d", info.si_status);
}

static int thread_body(void *word) { *(int *)word = 1; return 0; }

CASE(clone_thread_shares_everything) {
	static char stack[65536] __attribute__((aligned(16)));
	static int word, tid = -1;
	int got = clone(thread_body, stack + sizeof stack, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID, &word, &tid, NULL, &tid);
	IS(got > 0);
	while (__atomic_load_n(&tid, __ATOMIC_SEQ_CST) != 0);
	say("word %d, tid %d", word, tid);
}

CASE(fork_bomb_meets_rlimit_nproc) {
	setrlimit(RLIMIT_NPROC, &(struct rlimit){ 0, 0 });
	TRY(fork());
	TRY(vfork());
}

CASE(set_tid_address_gives_the_tid) {
	int word;
	IS(syscall(SYS_set_tid_address, &word) == gettid());
	IS(syscall(SYS_set_tid_address, NULL) == gettid());
}

CASE(unshare_flags) {
	TRY(unshare(0));
	TRY(unshare(CLONE_FILES));
	TRY(unshare(CLONE_FS));
	TRY(unshare(CLONE_SYSVSEM));
	TRY(unshare(1));
	TRY(unshare(CLONE_PARENT));
	TRY(unshare(CLONE_THREAD));
	TRY(unshare(CLONE_VM));
}

CASE(an_exit_signal_that_is_none_is_not_sent) { int status; pid_t c = syscall(SYS_clone, 200, 0, 0, 0, 0); if (c == 0) _exit(3); IS(waitpid(c, &status, __WALL) == c); say_status("child", status); }
