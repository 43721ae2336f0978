// Process groups, sessions, user and group ids, capabilities, limits, names.
#include "cases.h"
#include <linux/capability.h>
#include <sys/utsname.h>
#include <sys/personality.h>

CASE(setpgid_refuses) {
	TRY(setpgid(0, -1));
	TRY(setpgid(-1, 0));
	TRY(setpgid(99999, 0));
	TRY(setpgid(0, 99999));
	TRY(setpgid(0, 0));
	IS(getpgrp() == getpid());
	TRY(setpgid(0, getpid()));
}

CASE(setpgid_of_a_child) {
	int fds[2];
	pipe(fds);
	pid_t child = CHILD(char c; close(fds[1]); read(fds[0], &c, 1));
	TRY(setpgid(child, child));
	IS(getpgid(child) == child);
	TRY(setpgid(child, getpgrp()));
	IS(getpgid(child) == getpgrp());
	close(fds[1]);
	waitpid(child, NULL, 0);
	TRY(getpgid(99999));
	TRY(getpgid(-1));
}

CASE(setsid_makes_a_session) {
	setpgid(0, 0);
	TRY(setsid());
	IN_CHILD("child",
		IS(setsid() == getpid());
		IS(getsid(0) == getpid());
		IS(getpgrp() == getpid());
		TRY(setsid());
		TRY(setpgid(0, 0)));
	TRY(getsid(99999));
}

CASE(setpgid_after_exec_is_refused) {
	int fds[2], ready[2];
	char c;
	pipe(fds);
	pipe(ready);
	pid_t child = CHILD(dup2(fds[0], 0); dup2(ready[1], 1); close(fds[1]); execl("/bin/cat", "cat", NULL));
	write(fds[1], "x", 1);
	read(ready[0], &c, 1);
	TRY(setpgid(child, child));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	TRY(setpgid(child, 0));
}

ROOT_CASE(signals_to_other_users_are_refused) {
	int fds[2];
	char c;
	pipe(fds);
	pid_t child = CHILD(setuid(1); setsid(); write(fds[1], "x", 1); for (;;));
	read(fds[0], &c, 1);
	IN_CHILD("another user",
		setuid(2);
		TRY(kill(child, 0));
		TRY(kill(child, SIGTERM));
		TRY(kill(child, SIGCONT));
		TRY(prlimit(child, RLIMIT_NOFILE, NULL, &(struct rlimit){ 1, 1 }));
		TRY(setpriority(PRIO_PROCESS, child, 5));
		TRY(syscall(SYS_tgkill, child, child, SIGTERM));
		TRY(syscall(SYS_pidfd_send_signal, syscall(SYS_pidfd_open, child, 0), SIGTERM, NULL, 0));
		TRY(syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, child, 0), 0, 0)));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

ROOT_CASE(set_ids_as_root) {
	uid_t r, e, s;
	TRY(setresuid(1, 2, 3));
	getresuid(&r, &e, &s);
	say("%d %d %d", r, e, s);
	TRY(setuid(5));
	TRY(setuid(1));
	getresuid(&r, &e, &s);
	say("%d %d %d", r, e, s);
}

ROOT_CASE(setuid_as_root_sets_all_three) {
	uid_t r, e, s;
	TRY(setgid(7));
	TRY(setuid(8));
	getresuid(&r, &e, &s);
	say("%d %d %d", r, e, s);
	getresgid(&r, &e, &s);
	say("%d %d %d", r, e, s);
	TRY(setuid(0));
	TRY(setgid(0));
}

CASE(set_ids_as_nobody) {
	TRY(setuid(0));
	TRY(setuid(65534));
	TRY(setgid(0));
	TRY(setreuid(0, -1));
	TRY(setreuid(-1, 0));
	TRY(setreuid(65534, 65534));
	TRY(setregid(0, 0));
	TRY(setresuid(-1, -1, 0));
	TRY(setresuid(-1, -1, -1));
	TRY(setresgid(-1, 1, -1));
	TRY(syscall(SYS_setuid, -1));
	TRY(setgroups(0, NULL));
}

CASE(getres_bad_pointers) {
	uid_t id;
	TRY(syscall(SYS_getresuid, BAD_POINTER, &id, &id));
	TRY(syscall(SYS_getresuid, &id, NULL, &id));
	TRY(syscall(SYS_getresgid, &id, &id, KERNEL_POINTER));
}

CASE(setfsuid_gives_the_old_one) {
	TRY(syscall(SYS_setfsuid, 0));
	TRY(syscall(SYS_setfsuid, -1));
	TRY(syscall(SYS_setfsgid, 65534));
	TRY(syscall(SYS_setfsgid, -1));
}

ROOT_CASE(groups) {
	gid_t list[4] = { 10, 30, 20, 20 };
	TRY(setgroups(4, list));
	TRY(getgroups(0, NULL));
	memset(list, 0, sizeof list);
	TRY(getgroups(4, list));
	say("%d %d %d %d", list[0], list[1], list[2], list[3]);
	TRY(getgroups(3, list));
	TRY(getgroups(-1, list));
	TRY(getgroups(4, BAD_POINTER));
	TRY(setgroups(65537, list));
	TRY(setgroups(1, BAD_POINTER));
}

CASE(capget_and_capset) {
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	TRY(syscall(SYS_capget, &header, data));
	say("%x %x %x", data[0].effective, data[0].permitted, data[0].inheritable);
	data[0].permitted = data[0].effective = 1;
	TRY(syscall(SYS_capset, &header, data));
	data[0].permitted = 0;
	TRY(syscall(SYS_capset, &header, data));
	data[0].effective = 0;
	TRY(syscall(SYS_capset, &header, data));
	header.pid = 99999;
	TRY(syscall(SYS_capget, &header, data));
	TRY(syscall(SYS_capset, &header, data));
	header.pid = -1;
	TRY(syscall(SYS_capget, &header, data));
	header.pid = 0;
	header.version = 1;
	TRY(syscall(SYS_capget, &header, data));
	say("version %x", header.version);
	header.version = 1;
	TRY(syscall(SYS_capget, &header, NULL));
	TRY(syscall(SYS_capget, BAD_POINTER, data));
	TRY(syscall(SYS_capget, &header, BAD_POINTER));
}

CASE(prctl_names) {
	char name[17] = "";
	TRY(prctl(PR_SET_NAME, "a name that is much too long"));
	TRY(prctl(PR_GET_NAME, name));
	say("%s", name);
	TRY(prctl(PR_SET_NAME, BAD_POINTER));
	TRY(prctl(PR_GET_NAME, BAD_POINTER));
	int fd = open("/proc/self/comm", O_RDONLY);
	char text[32] = "";
	read(fd, text, 31);
	say("%s", text);
}

CASE(prctl_values) {
	int word = -1;
	TRY(prctl(PR_SET_PDEATHSIG, SIGUSR1));
	TRY(prctl(PR_GET_PDEATHSIG, &word));
	say("%d", word);
	TRY(prctl(PR_SET_PDEATHSIG, 65));
	TRY(prctl(PR_SET_PDEATHSIG, -1));
	TRY(prctl(PR_SET_PDEATHSIG, 0));
	TRY(prctl(PR_GET_PDEATHSIG, BAD_POINTER));
	TRY(prctl(PR_GET_DUMPABLE));
	TRY(prctl(PR_SET_DUMPABLE, 0));
	TRY(prctl(PR_GET_DUMPABLE));
	TRY(prctl(PR_SET_DUMPABLE, 2));
	TRY(prctl(PR_SET_KEEPCAPS, 1));
	TRY(prctl(PR_GET_KEEPCAPS));
	TRY(prctl(PR_SET_KEEPCAPS, 2));
	TRY(prctl(PR_GET_TIMERSLACK));
	TRY(prctl(PR_SET_TIMERSLACK, 1234));
	TRY(prctl(PR_GET_TIMERSLACK));
	TRY(prctl(PR_SET_TIMERSLACK, 0));
	TRY(prctl(PR_GET_TIMERSLACK));
	TRY(prctl(PR_GET_SECUREBITS));
	TRY(prctl(PR_CAPBSET_READ, 0));
	TRY(prctl(PR_CAPBSET_READ, 41));
	TRY(prctl(PR_CAPBSET_READ, -1));
	TRY(prctl(PR_CAPBSET_DROP, 0));
	TRY(prctl(PR_GET_TSC, &word));
	say("%d", word);
	TRY(prctl(PR_GET_CHILD_SUBREAPER, BAD_POINTER));
	TRY(prctl(9999, 0));
	TRY(prctl(-1, 0));
}

CASE(prctl_no_new_privs) {
	TRY(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	TRY(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	TRY(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0));
	TRY(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	TRY(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	TRY(prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0));
	IN_CHILD("child", TRY(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)));
}

CASE(personality_values) {
	TRY(personality(0xffffffff));
	TRY(personality(ADDR_NO_RANDOMIZE | READ_IMPLIES_EXEC));
	TRY(personality(0xffffffff));
	TRY(personality(0));
}

CASE(rlimits) {
	struct rlimit limit = { 100, 50 };
	TRY(setrlimit(RLIMIT_NOFILE, &limit));
	TRY(syscall(SYS_setrlimit, 16, &limit));
	TRY(syscall(SYS_getrlimit, 16, &limit));
	TRY(syscall(SYS_getrlimit, -1, &limit));
	TRY(syscall(SYS_getrlimit, RLIMIT_NOFILE, BAD_POINTER));
	TRY(syscall(SYS_setrlimit, RLIMIT_NOFILE, BAD_POINTER));
	limit = (struct rlimit){ 10, 20 };
	TRY(setrlimit(RLIMIT_NOFILE, &limit));
	limit = (struct rlimit){ 10, 21 };
	TRY(setrlimit(RLIMIT_NOFILE, &limit));
	TRY(prlimit(0, RLIMIT_NOFILE, NULL, &limit));
	say("%ld %ld", (long)limit.rlim_cur, (long)limit.rlim_max);
	TRY(prlimit(99999, RLIMIT_NOFILE, NULL, &limit));
	TRY(prlimit(-1, RLIMIT_NOFILE, NULL, &limit));
	for (int i = 0, fd; (fd = dup(1)) != -1 || (say("%s", error_name(errno)), 0); i++) if (fd == 9) say("9 is the last");
}

CASE(uname_and_names) {
	struct utsname names;
	TRY(uname(&names));
	say("%s %s", names.sysname, names.machine);
	TRY(uname(BAD_POINTER));
	TRY(sethostname("x", 1));
	TRY(syscall(SYS_setdomainname, "x", 1));
}

CASE(kill_refuses) {
	TRY(kill(getpid(), 65));
	TRY(kill(getpid(), -1));
	TRY(kill(99999, 0));
	TRY(kill(-99999, 0));
	TRY(kill(INT_MIN, 0));
	TRY(syscall(SYS_tkill, 0, 0));
	TRY(syscall(SYS_tkill, -1, 0));
	TRY(syscall(SYS_tkill, 99999, 0));
	TRY(syscall(SYS_tgkill, getpid(), 0, 0));
	TRY(syscall(SYS_tgkill, 1, gettid(), 0));
	TRY(syscall(SYS_tgkill, -1, gettid(), 0));
	TRY(syscall(SYS_tgkill, getpid(), gettid(), 65));
	TRY(syscall(SYS_tgkill, getpid(), gettid(), 0));
}
