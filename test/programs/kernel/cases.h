/*
 * Many small guest programs in one binary. A family is test/programs/kernel/FAMILY.c; each CASE(name) { ... } in it is a program of its own:
 * `FAMILY name` runs it. test/native/kernel/kernel.test.ts runs every case natively under strace -f and in the machine, and compares what it
 * printed, its status, and its log from MARK to the end, task by task. One case is one mocha test: `npm test -- --only native/kernel --grep "FAMILY: name"`.
 *
 * A case prints what it learns with TRY, GIVES and say (one write each, so that the log says when), never pids, addresses or times that differ from
 * run to run: the log's are masked, the output's are not. A case starts with no children, default signals, a process group of its
 * own, umask 022 and an empty working directory.
 *
 *   CASE(name)        needs nothing; where the host's user is root, both sides run it as user 65534, with no capabilities
 *   ROOT_CASE(name)   runs as root, with the capabilities that the host gives; left out where the host's user is not root
 *
 * What differs between kernels is no case, or prints only what does not. Tasks that run at the same time print to one place only in an order that
 * they wait for; the log keeps each task's own order, and tells SIGCHLD last, since when it comes is chance on a real computer.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct test_case { const char *name; void (*run)(void); long needs_root; };

#define CASE_ENTRY(name, root) \
	static void case_##name(void); \
	static const struct test_case entry_##name __attribute__((used, section("test_cases"), aligned(8))) = { #name, case_##name, root }; \
	static void case_##name(void)
#define CASE(name) CASE_ENTRY(name, 0)
#define ROOT_CASE(name) CASE_ENTRY(name, 1)

/* One line on standard output by one write. */
__attribute__((format(printf, 1, 2), unused)) static void say(const char *format, ...) {
	char line[4096];
	va_list list;
	va_start(list, format);
	int length = vsnprintf(line, sizeof line - 1, format, list);
	va_end(list);
	if (length > (int)sizeof line - 2) length = sizeof line - 2;
	line[length++] = '\n';
	syscall(SYS_write, 1, line, length);
}

__attribute__((unused)) static const char *error_name(int error) {
	const char *name = strerrorname_np(error);
	return name ? name : "?";
}

/* The call and its result: a number, or the error's name. */
#define TRY(call) ({ errno = 0; long result_ = (long)(call); if (result_ == -1 && errno) say("%s: %s", #call, error_name(errno)); else say("%s: %ld", #call, result_); result_; })
/* The same for a result that differs from run to run. */
#define GIVES(call) ({ errno = 0; long result_ = (long)(call); if (result_ == -1 && errno) say("%s: %s", #call, error_name(errno)); else say("%s: ok", #call); result_; })
/* Whether something is so. */
#define IS(what) say("%s: %s", #what, (what) ? "yes" : "no")

/* What wait tells of a child. */
__attribute__((unused)) static void say_status(const char *what, int status) {
	if (WIFEXITED(status)) say("%s: exited %d", what, WEXITSTATUS(status));
	else if (WIFSIGNALED(status)) say("%s: killed by SIG%s%s", what, sigabbrev_np(WTERMSIG(status)), WCOREDUMP(status) ? ", core" : "");
	else if (WIFSTOPPED(status)) say("%s: stopped by SIG%s, event %d", what, sigabbrev_np(WSTOPSIG(status)), status >> 16);
	else if (WIFCONTINUED(status)) say("%s: continued", what);
	else say("%s: %#x", what, status);
}

/* A child that runs the statements and ends with status 0 unless it says otherwise; its pid. */
#define CHILD(...) ({ pid_t child_ = fork(); if (child_ == 0) { __VA_ARGS__; _exit(0); } child_; })
/* The same, waited for; says how it ended. */
#define IN_CHILD(what, ...) ({ int status_ = 0; pid_t waited_ = CHILD(__VA_ARGS__); while (waitpid(waited_, &status_, 0) == -1 && errno == EINTR); say_status(what, status_); })

#define BAD_POINTER ((void *)8)
#define KERNEL_POINTER ((void *)0xffff888000000000)
#define ALIGN_TO_PAGE __attribute__((aligned(4096)))
#define PAGE 4096L

/* Reads of this descriptor are left out of the log: how much one read of a file of /proc gives is no promise. So are its options and messages, of which each strace tells more. */
#define UNCOMPARED 99

/* Where the compared part of the log begins. */
#define MARK (-1000)

extern const struct test_case __start_test_cases[], __stop_test_cases[];

int main(int argc, char **argv) {
	for (const struct test_case *one = __start_test_cases; one < __stop_test_cases; one++) {
		if (argc < 2 || strcmp(one->name, argv[1])) continue;
		umask(022);
		personality(0);
		setpgid(0, 0);
		if (!one->needs_root && geteuid() == 0) {
			setgroups(0, NULL);
			setresgid(65534, 65534, 65534);
			setresuid(65534, 65534, 65534);
			prctl(PR_SET_DUMPABLE, 1);
		}
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		close(MARK);
		one->run();
		return 0;
	}
	fprintf(stderr, "no such case\n");
	return 99;
}
