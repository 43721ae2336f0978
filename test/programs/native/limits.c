// What a process may and what it is: rlimits, credentials, priorities, scheduling, prctl, clocks, timers, identity, uname, sysinfo, random, membarrier.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define T(...) do { errno = 0; long r_ = (long)(__VA_ARGS__); printf("%s = %ld%s%s\n", #__VA_ARGS__, r_, r_ < 0 ? " " : "", r_ < 0 ? strerror(errno) : ""); } while (0)

int main(void) {
	struct rlimit r = { 10, 20 };
	T(setrlimit(RLIMIT_NOFILE, &r));
	int last = -1, f;
	while ((f = open("/dev/null", O_RDONLY)) >= 0) last = f;
	printf("last %d %s\n", last, strerror(errno));
	T(dup2(0, 10));
	r.rlim_cur = 30;
	T(setrlimit(RLIMIT_NOFILE, &r));
	T(getrlimit(99, &r));
	T(prlimit(0, RLIMIT_NOFILE, NULL, &r));
	printf("%ld %ld\n", (long)r.rlim_cur, (long)r.rlim_max);
	for (f = 3; f < 10; f++) close(f);
	r.rlim_cur = r.rlim_max = 5000;
	signal(SIGXFSZ, SIG_IGN);
	T(setrlimit(RLIMIT_FSIZE, &r));
	f = open("limited", O_CREAT | O_RDWR, 0600);
	char big[8000] = "";
	T(write(f, big, 8000));
	T(write(f, big, 8000));
	T(ftruncate(f, 6000));
	unlink("limited");
	T(setpriority(PRIO_PROCESS, 0, 5));
	T(getpriority(PRIO_PROCESS, 0));
	T(nice(100));
	T(getpriority(PRIO_PROCESS, 99999999));
	T(sched_getscheduler(0));
	struct sched_param p = { 0 };
	T(sched_getparam(0, &p));
	T(sched_get_priority_max(SCHED_FIFO));
	T(sched_get_priority_min(7));
	p.sched_priority = 50;
	T(sched_setscheduler(0, SCHED_OTHER, &p));
	cpu_set_t set;
	CPU_ZERO(&set);
	T(sched_setaffinity(0, sizeof set, &set));
	T(sched_getaffinity(0, 4, &set));
	T(prctl(PR_SET_NAME, "a new name beyond"));
	char name[17] = "";
	T(prctl(PR_GET_NAME, name));
	printf("%s\n", name);
	T(prctl(PR_GET_DUMPABLE));
	T(prctl(PR_SET_DUMPABLE, 0));
	T(prctl(PR_GET_DUMPABLE));
	T(prctl(PR_SET_PDEATHSIG, SIGUSR1));
	int signo = 0;
	T(prctl(PR_GET_PDEATHSIG, &signo));
	printf("%d\n", signo);
	T(prctl(PR_SET_PDEATHSIG, 99));
	T(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	T(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	T(prctl(99999));
	T(syscall(SYS_getcpu, NULL, NULL, NULL));
	struct utsname u;
	T(uname(&u));
	printf("%s %s\n", u.sysname, u.machine);
	struct sysinfo info;
	T(sysinfo(&info));
	char random[8];
	T(getrandom(random, 8, 0));
	T(getrandom(random, 8, 99));
	struct timespec ts = { 0, 1000000000 };
	T(nanosleep(&ts, NULL));
	ts.tv_nsec = -1;
	T(clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL));
	T(clock_gettime(99, &ts));
	T(clock_getres(CLOCK_MONOTONIC, &ts));
	printf("%ld\n", ts.tv_nsec);
	T(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, NULL));
	clockid_t own;
	T(clock_getcpuclockid(0, &own));
	T(clock_gettime(own, &ts));
	struct itimerval it = { { 0, 0 }, { 100, 0 } }, old;
	T(setitimer(ITIMER_REAL, &it, NULL));
	it.it_value.tv_sec = 0;
	T(setitimer(ITIMER_REAL, &it, &old));
	printf("%d\n", old.it_value.tv_sec >= 99);
	T(alarm(10));
	T(alarm(0));
	struct tms tms;
	T(times(&tms) > 0);
	struct rusage usage;
	T(getrusage(RUSAGE_SELF, &usage));
	T(getrusage(5, &usage));
	printf("maxrss %d\n", usage.ru_maxrss > 100);
	T(getpgid(99999999));
	T(setpgid(0, 99999999));
	T(getsid(99999999));
	T(syscall(SYS_tgkill, -1, -1, 0));
	T(kill(0, 0));
	T(chroot("/none"));
	T(umask(0));
	T(umask(077));
	return 0;
}
