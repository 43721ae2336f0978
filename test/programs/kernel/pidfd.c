// Process descriptors: pidfd_open, pidfd_send_signal, pidfd_getfd, poll, waitid.
#include "cases.h"

static int open_pid(pid_t pid, unsigned flags) { return syscall(SYS_pidfd_open, pid, flags); }
static int send_signal(int pidfd, int sig, siginfo_t *info, unsigned flags) { return syscall(SYS_pidfd_send_signal, pidfd, sig, info, flags); }
static int get_fd(int pidfd, int fd, unsigned flags) { return syscall(SYS_pidfd_getfd, pidfd, fd, flags); }

CASE(pidfd_open_refuses) {
	TRY(open_pid(0, 0));
	TRY(open_pid(-1, 0));
	TRY(open_pid(4194303, 0));
	TRY(open_pid(getpid(), 1));
	TRY(open_pid(getpid(), O_CLOEXEC));
}

CASE(pidfd_is_closed_on_exec_and_can_be_nonblocking) {
	int fd = TRY(open_pid(getpid(), 0));
	TRY(fcntl(fd, F_GETFD));
	int nonblocking = TRY(open_pid(getpid(), O_NONBLOCK));
	IS(fcntl(nonblocking, F_GETFL) & O_NONBLOCK);
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 5, 5 });
	TRY(open_pid(getpid(), 0));
}

CASE(pidfd_cannot_be_read_or_written) {
	int fd = open_pid(getpid(), 0);
	char c;
	TRY(read(fd, &c, 1));
	TRY(write(fd, &c, 1));
	TRY(lseek(fd, 0, SEEK_SET));
}

CASE(pidfd_is_readable_when_the_process_has_ended) {
	int fds[2];
	pipe(fds);
	pid_t child = CHILD(char c; close(fds[1]); read(fds[0], &c, 1));
	int fd = open_pid(child, 0);
	struct pollfd one = { fd, POLLIN, 0 };
	TRY(poll(&one, 1, 0));
	close(fds[1]);
	TRY(poll(&one, 1, -1));
	say("revents %#x", one.revents);
	waitpid(child, NULL, 0);
	TRY(poll(&one, 1, 0));
	say("revents %#x after the wait", one.revents);
	TRY(send_signal(fd, 0, NULL, 0));
}

CASE(pidfd_send_signal_sends) {
	int ready[2];
	char c;
	pipe(ready);
	pid_t child = CHILD(write(ready[1], "x", 1); for (;;));
	read(ready[0], &c, 1);
	int fd = open_pid(child, 0), status;
	TRY(send_signal(fd, 0, NULL, 0));
	TRY(send_signal(fd, SIGTERM, NULL, 0));
	waitpid(child, &status, 0);
	say_status("child", status);
}

CASE(pidfd_send_signal_refuses) {
	int fd = open_pid(getpid(), 0), null = open("/dev/null", O_RDONLY);
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };
	TRY(send_signal(fd, 65, NULL, 0));
	TRY(send_signal(fd, -1, NULL, 0));
	TRY(send_signal(fd, 0, NULL, 0x100));
	TRY(send_signal(99, 0, NULL, 0));
	TRY(send_signal(null, 0, NULL, 0));
	TRY(send_signal(fd, SIGUSR2, &info, 0));
	TRY(send_signal(fd, SIGUSR1, BAD_POINTER, 0));
	int ready[2];
	char c;
	pipe(ready);
	pid_t child = CHILD(write(ready[1], "x", 1); for (;;));
	read(ready[0], &c, 1);
	int other = open_pid(child, 0);
	info.si_code = SI_USER;
	TRY(send_signal(other, SIGUSR1, &info, 0));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

CASE(pidfd_send_signal_with_siginfo) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_QUEUE }, got;
	info.si_value.sival_int = 42;
	TRY(send_signal(open_pid(getpid(), 0), SIGUSR1, &info, 0));
	IS(sigwaitinfo(&set, &got) == SIGUSR1);
	say("code %d value %d", got.si_code, got.si_value.sival_int);
}

CASE(pidfd_getfd_duplicates) {
	pid_t me = getpid();
	int fds[2];
	pipe(fds);
	int fd = open_pid(me, 0), copy = TRY(get_fd(fd, fds[1], 0));
	TRY(fcntl(copy, F_GETFD));
	write(copy, "hello", 5);
	char text[8] = "";
	read(fds[0], text, 8);
	say("%s", text);
	TRY(get_fd(fd, 99, 0));
	TRY(get_fd(fd, -1, 0));
	TRY(get_fd(fd, 0, 1));
	TRY(get_fd(0, 0, 0));
	TRY(get_fd(99, 0, 0));
}

CASE(waitid_by_pidfd) {
	siginfo_t info;
	memset(&info, 0, sizeof info);
	pid_t child = CHILD(_exit(8));
	int fd = open_pid(child, 0);
	TRY(waitid(P_PIDFD, fd, &info, WEXITED | WNOWAIT));
	say("status %d", info.si_status);
	TRY(waitid(P_PIDFD, fd, &info, WEXITED));
	TRY(waitid(P_PIDFD, fd, &info, WEXITED));
	TRY(waitid(P_PIDFD, open_pid(getpid(), 0), &info, WEXITED));
}

CASE(waitid_by_a_nonblocking_pidfd) {
	int fds[2];
	pipe(fds);
	pid_t child = CHILD(char c; close(fds[1]); read(fds[0], &c, 1));
	int fd = open_pid(child, O_NONBLOCK);
	TRY(waitid(P_PIDFD, fd, NULL, WEXITED));
	TRY(waitid(P_PIDFD, fd, NULL, WEXITED | WNOHANG));
	close(fds[1]);
	poll(&(struct pollfd){ fd, POLLIN }, 1, -1);
	TRY(waitid(P_PIDFD, fd, NULL, WEXITED));
}

static volatile int came;
static void comes(int signo) { came = signo; }
CASE(pidfd_send_signal_takes_a_folder_of_proc) {
	int self = open("/proc/self", O_RDONLY | O_DIRECTORY), below = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
	signal(SIGUSR1, comes);
	TRY(syscall(SYS_pidfd_send_signal, self, SIGUSR1, NULL, 0));
	say("%d", came == SIGUSR1);
	TRY(syscall(SYS_pidfd_send_signal, below, SIGUSR1, NULL, 0));
	char path[40];
	pid_t child = CHILD(pause());
	usleep(50000);
	sprintf(path, "/proc/%d", child);
	dup2(open(path, O_RDONLY | O_DIRECTORY), 90);
	TRY(syscall(SYS_pidfd_send_signal, 90, SIGKILL, NULL, 0));
	waitpid(child, NULL, 0);
	TRY(syscall(SYS_pidfd_send_signal, 90, SIGKILL, NULL, 0));
}
