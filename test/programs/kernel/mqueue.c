#include "cases.h"
#include <mqueue.h>

#define open_(...) syscall(SYS_mq_open, __VA_ARGS__)
static mqd_t made(const char *name, long maxmsg, long msgsize) {
	struct mq_attr attr = { .mq_maxmsg = maxmsg, .mq_msgsize = msgsize };
	mq_unlink(name);
	return mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
}

CASE(priorities) {
	mqd_t q = made("/ringside-a", 4, 16);
	TRY(mq_send(q, "low", 3, 1));
	TRY(mq_send(q, "high", 4, 9));
	TRY(mq_send(q, "low too", 7, 1));
	TRY(mq_send(q, "", 0, 0));
	TRY(mq_send(q, "no room", 7, 0));
	struct mq_attr attr;
	TRY(mq_getattr(q, &attr));
	say("flags %lo max %ld size %ld now %ld", attr.mq_flags, attr.mq_maxmsg, attr.mq_msgsize, attr.mq_curmsgs);
	static char text[16];
	unsigned priority;
	for (int i = 0; i < 5; i++) {
		memset(text, 0, 16);
		long length = TRY(mq_receive(q, text, 16, &priority));
		if (length >= 0) say("%s %u", text, priority);
	}
	TRY(mq_unlink("/ringside-a"));
	TRY(mq_unlink("/ringside-a"));
	TRY(close(q));
}

CASE(bad_arguments) {
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 16 }, bad = { .mq_maxmsg = 0, .mq_msgsize = 16 }, large = { .mq_maxmsg = 100, .mq_msgsize = 16 };
	TRY(open_("ringside-none", O_RDWR, 0, NULL));
	TRY(open_("", O_RDWR, 0, NULL));
	TRY(open_("a/b", O_RDWR | O_CREAT, 0600, &attr));
	TRY(open_("ringside-b", O_RDWR | O_CREAT, 0600, &bad));
	TRY(open_("ringside-b", O_RDWR | O_CREAT, 0600, &large));
	TRY(open_(BAD_POINTER, O_RDWR, 0, NULL));
	TRY(open_("ringside-b", O_RDWR | O_CREAT, 0600, BAD_POINTER));
	mqd_t q = made("/ringside-c", 2, 16);
	TRY(open_("ringside-c", O_RDWR | O_CREAT | O_EXCL, 0600, &attr));
	TRY(mq_send(q, "0123456789abcdefg", 17, 0));
	TRY(mq_send(q, "x", 1, 32768));
	TRY(mq_send(q, BAD_POINTER, 1, 0));
	static char text[16];
	TRY(mq_receive(q, text, 15, NULL));
	TRY(mq_receive(1, text, 16, NULL));
	TRY(mq_send(999, "x", 1, 0));
	mqd_t reader = mq_open("/ringside-c", O_RDONLY);
	TRY(mq_send(reader, "x", 1, 0));
	mq_unlink("/ringside-c");
}

CASE(timeouts) {
	mqd_t q = made("/ringside-d", 1, 16);
	fcntl(q, F_SETFL, 0);
	static char text[16];
	struct timespec past = { 1, 0 }, wrong = { 1, -1 };
	TRY(syscall(SYS_mq_timedreceive, q, text, 16, NULL, &past));
	TRY(syscall(SYS_mq_timedreceive, q, text, 16, NULL, &wrong));
	TRY(mq_send(q, "full", 4, 0));
	TRY(syscall(SYS_mq_timedsend, q, "x", 1, 0, &past));
	mq_unlink("/ringside-d");
}

CASE(a_receiver_is_woken) {
	mqd_t q = made("/ringside-e", 2, 16);
	fcntl(q, F_SETFL, 0);
	pid_t child = CHILD({ static char text[16]; unsigned priority = 0; TRY(mq_receive(q, text, 16, &priority)); say("%s %u", text, priority); });
	usleep(50000);
	mq_send(q, "wake", 5, 3);
	int status;
	waitpid(child, &status, 0);
	mq_unlink("/ringside-e");
}

CASE(poll_tells) {
	mqd_t q = made("/ringside-f", 1, 16);
	struct pollfd fds = { q, POLLIN | POLLOUT, 0 };
	TRY(poll(&fds, 1, 0));
	say("%#x", fds.revents);
	mq_send(q, "x", 1, 0);
	TRY(poll(&fds, 1, 0));
	say("%#x", fds.revents);
	mq_unlink("/ringside-f");
}

static void on_notify(int signo, siginfo_t *info, void *context) { say("code %d value %d", info->si_code, info->si_value.sival_int); }
CASE(notify_by_signal) {
	mqd_t q = made("/ringside-g", 4, 16);
	struct sigaction action = { .sa_sigaction = on_notify, .sa_flags = SA_SIGINFO };
	sigaction(SIGUSR1, &action, NULL);
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 5 };
	TRY(mq_notify(q, &event));
	TRY(mq_notify(q, &event));
	mq_send(q, "a", 1, 0);
	mq_send(q, "b", 1, 0);
	TRY(mq_notify(q, NULL));
	mq_unlink("/ringside-g");
}

CASE(attributes_are_set) {
	mqd_t q = made("/ringside-h", 4, 16);
	struct mq_attr attr = { 0 }, old;
	TRY(mq_setattr(q, &attr, &old));
	say("%lo", old.mq_flags);
	TRY(mq_getattr(q, &attr));
	say("%lo", attr.mq_flags);
	attr.mq_flags = 1;
	TRY(mq_setattr(q, &attr, NULL));
	mq_unlink("/ringside-h");
}
