// Calls on processes, signals, time and memory, with what strace prints about each.
#define _GNU_SOURCE
#include <linux/futex.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#define CALL(...) syscall(__VA_ARGS__)
static char buf[4096];
static int word;
static void handler(int n) { (void)n; }
static void info(int n, siginfo_t *i, void *u) { (void)n; (void)i; (void)u; }
int main(void) {
  void *m = (void *)CALL(SYS_mmap, 0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CALL(SYS_mmap, m, 4096, PROT_NONE, MAP_SHARED | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE | MAP_POPULATE, -1, 0); CALL(SYS_mmap, 0x10000, 0, 0x77, 0x3, 99, 0x1000);
  CALL(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_SHARED_VALIDATE | MAP_HUGETLB | (21 << 26), 99, 0x3000); CALL(SYS_mmap, 0, 4096, PROT_READ, 0, 99, 0x3000);
  CALL(SYS_mprotect, m, 4096, PROT_READ); CALL(SYS_mprotect, 1, 4096, PROT_READ | PROT_GROWSDOWN | 0x70); CALL(SYS_madvise, m, 4096, MADV_DONTNEED); CALL(SYS_madvise, m, 4096, 99);
  m = (void *)CALL(SYS_mremap, m, 8192, 16384, MREMAP_MAYMOVE); CALL(SYS_mremap, 1, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, 0x10000); CALL(SYS_msync, m, 4096, MS_SYNC | MS_INVALIDATE); CALL(SYS_munmap, m, 8192);
  CALL(SYS_brk, 0); CALL(SYS_brk, 1);
  struct sigaction none; (void)none;
  struct { void *h; unsigned long f; void *r; uint64_t mask; } act = { handler, SA_RESTART | 0x04000000, (void *)0x401000, 0x800 }, old;
  CALL(SYS_rt_sigaction, SIGUSR1, &act, &old, 8); CALL(SYS_rt_sigaction, SIGUSR1, 0, &old, 8); act.h = SIG_IGN; act.f = SA_NOCLDSTOP | SA_SIGINFO | 0x10; act.mask = ~0ULL; CALL(SYS_rt_sigaction, SIGUSR2, &act, 0, 8);
  act.h = SIG_DFL; act.f = 0; act.mask = 0xc00000000ULL; CALL(SYS_rt_sigaction, SIGUSR2, &act, &old, 8); CALL(SYS_rt_sigaction, 77, 1, 0, 8); CALL(SYS_rt_sigaction, SIGKILL, &act, &old, 8);
  uint64_t set = ~0x300000000ULL; CALL(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, 0, 8); set = 0x10200; CALL(SYS_rt_sigprocmask, SIG_BLOCK, &set, &set, 8); set = 0; CALL(SYS_rt_sigprocmask, SIG_SETMASK, &set, &set, 8); CALL(SYS_rt_sigprocmask, 9, 0, &set, 8);
  set = 1ULL << 40; CALL(SYS_rt_sigprocmask, SIG_BLOCK, &set, 0, 8); CALL(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, 0, 8);
  signal(SIGUSR1, handler); int pid = CALL(SYS_getpid); CALL(SYS_kill, pid, SIGUSR1); CALL(SYS_kill, pid, 0); CALL(SYS_kill, -1234567, 99); CALL(SYS_tgkill, pid, pid, SIGUSR1);
  signal(SIGRTMIN + 3, handler); CALL(SYS_tkill, pid, 37);
  union sigval v = { 7 }; sigqueue(pid, SIGRTMIN + 3, v);
  set = 0x200; CALL(SYS_rt_sigprocmask, SIG_BLOCK, &set, 0, 8); CALL(SYS_kill, pid, SIGUSR1); CALL(SYS_rt_sigpending, &set, 8); CALL(SYS_rt_sigtimedwait, &set, buf, &(struct timespec){ 1, 0 }, 8); CALL(SYS_rt_sigtimedwait, &set, 0, &(struct timespec){ 0, 0 }, 8);
  set = 0; CALL(SYS_rt_sigprocmask, SIG_SETMASK, &set, 0, 8);
  signal(SIGALRM, handler); struct itimerval it = { { 0, 0 }, { 0, 20000 } }; CALL(SYS_setitimer, ITIMER_REAL, &it, &it); CALL(SYS_getitimer, ITIMER_REAL, &it); CALL(SYS_pause);
  it.it_value.tv_usec = 20000; CALL(SYS_setitimer, ITIMER_REAL, &it, 0); CALL(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &(struct timespec){ 0, 500000000 }, buf); CALL(SYS_alarm, 0);
  CALL(SYS_nanosleep, &(struct timespec){ 0, 1000 }, buf); CALL(SYS_nanosleep, &(struct timespec){ 0, -1 }, 0); CALL(SYS_clock_nanosleep, CLOCK_MONOTONIC, 1, &(struct timespec){ 0, 1000 }, buf); CALL(SYS_nanosleep, 1, 0);
  stack_t ss = { buf, 0, 4096 }, os; CALL(SYS_sigaltstack, &ss, &os); ss.ss_flags = SS_DISABLE; CALL(SYS_sigaltstack, &ss, 0); CALL(SYS_sigaltstack, 0, &os);
  struct timespec ts; CALL(SYS_clock_gettime, CLOCK_MONOTONIC, &ts); CALL(SYS_clock_getres, CLOCK_REALTIME, &ts); CALL(SYS_clock_gettime, 99, &ts); CALL(SYS_clock_gettime, -6, &ts); CALL(SYS_clock_getres, CLOCK_BOOTTIME, 0);
  struct timeval tv; struct timezone tz; CALL(SYS_gettimeofday, &tv, &tz); CALL(SYS_gettimeofday, 0, 0); struct tms t; CALL(SYS_times, &t);
  struct rlimit rl; CALL(SYS_prlimit64, 0, RLIMIT_STACK, 0, &rl); CALL(SYS_getrlimit, RLIMIT_NOFILE, &rl); rl.rlim_cur = 100; CALL(SYS_setrlimit, RLIMIT_NOFILE, &rl); CALL(SYS_prlimit64, 0, 16, 0, &rl); CALL(SYS_prlimit64, 0, RLIMIT_CORE, &rl, 0);
  struct rusage ru; CALL(SYS_getrusage, RUSAGE_SELF, &ru); CALL(SYS_getrusage, 77, &ru);
  struct utsname un; CALL(SYS_uname, &un); CALL(SYS_uname, 1); struct sysinfo si; CALL(SYS_sysinfo, &si);
  CALL(SYS_getuid); CALL(SYS_setuid, -1); uid_t r, e, s; CALL(SYS_getresuid, &r, &e, &s); CALL(SYS_getpriority, PRIO_PROCESS, 0); CALL(SYS_getrandom, buf, 8, 1); CALL(SYS_getrandom, buf, 40, 0); CALL(SYS_getrandom, 1, 8, 8);
  memset(buf, 0, 512); CALL(SYS_sched_yield); CALL(SYS_sched_getscheduler, 0); CALL(SYS_sched_setscheduler, 0, SCHED_FIFO | 0x40000000, buf); CALL(SYS_sched_getaffinity, 0, 128, buf); CALL(SYS_sched_setaffinity, 0, 8, &(uint64_t){ 3 });
  CALL(SYS_prctl, PR_SET_NAME, "newname"); CALL(SYS_prctl, PR_GET_NAME, buf); CALL(SYS_prctl, PR_SET_DUMPABLE, 1); CALL(SYS_prctl, PR_GET_DUMPABLE); CALL(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL); CALL(SYS_prctl, PR_GET_PDEATHSIG, &word);
  CALL(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); CALL(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); CALL(SYS_prctl, PR_GET_SECCOMP); CALL(SYS_prctl, PR_CAPBSET_READ, 5); CALL(SYS_prctl, PR_SET_KEEPCAPS, 0); CALL(SYS_prctl, PR_GET_KEEPCAPS);
  CALL(SYS_prctl, PR_SET_CHILD_SUBREAPER, 0); CALL(SYS_prctl, PR_GET_CHILD_SUBREAPER, &word); CALL(SYS_prctl, 9999, 1, 2, 3, 4); CALL(SYS_prctl, PR_GET_TIMERSLACK); CALL(SYS_prctl, PR_SET_TIMERSLACK, 50000); CALL(SYS_prctl, PR_GET_SECUREBITS); CALL(SYS_prctl, PR_SET_THP_DISABLE, 0, 0, 0, 0);
  CALL(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); CALL(SYS_prctl, PR_SET_VMA, 0, m, 4096, "anon"); CALL(SYS_prctl, PR_GET_TSC, &word); CALL(SYS_prctl, PR_SET_MM, 8, 0, 0, 0);
  CALL(SYS_arch_prctl, 0x1003, buf); CALL(SYS_arch_prctl, 0x9999, 5); CALL(SYS_arch_prctl, 0x1004, buf);
  CALL(SYS_futex, &word, FUTEX_WAIT, 77, 0); CALL(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 1, &(struct timespec){ 0, 1000 }); CALL(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1); CALL(SYS_futex, &word, FUTEX_WAKE, 0x7fffffff);
  CALL(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, 0, 0, -1); CALL(SYS_futex, &word, FUTEX_WAKE_BITSET, 1, 0, 0, 5); CALL(SYS_futex, &word, FUTEX_REQUEUE, 1, 2, buf); CALL(SYS_futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 2, buf, 9);
  CALL(SYS_futex, &word, FUTEX_WAKE_OP, 1, 1, buf, FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_GT, 2)); CALL(SYS_futex, &word, FUTEX_UNLOCK_PI); CALL(SYS_futex, &word, FUTEX_LOCK_PI, 0, 1); CALL(SYS_futex, &word, FUTEX_TRYLOCK_PI); CALL(SYS_futex, &word, 99, 1, 2, 3, 4); CALL(SYS_futex, &word, FUTEX_WAKE_OP, 1, 1, buf, 0xffffffff);
  CALL(SYS_set_robust_list, buf, 24); CALL(SYS_gettid); CALL(SYS_getppid); CALL(SYS_setpgid, 0, 0);
  unsigned cpu, node; CALL(SYS_getcpu, &cpu, &node, 0);
  struct sock_filter f[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xc000003e, 1, 0), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 5), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 255), BPF_STMT(BPF_MISC | BPF_TAX, 0) };
  struct sock_fprog fp = { 7, f }; CALL(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0x80, &fp); CALL(SYS_prctl, PR_SET_SECCOMP, 2, 1); CALL(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &(uint32_t){ SECCOMP_RET_LOG }); CALL(SYS_seccomp, 9, 1, 0);
  int st; int child = fork(); if (child == 0) _exit(3);
  CALL(SYS_wait4, child, &st, 0, 0); child = CALL(SYS_clone, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, 0, 0, &word, 0); if (child == 0) { raise(SIGKILL); _exit(0); } CALL(SYS_waitid, P_PID, child, 0, WEXITED | WNOWAIT, 0);
  CALL(SYS_wait4, child, &st, WNOHANG | WUNTRACED | __WALL, &ru); CALL(SYS_wait4, -1, &st, WNOHANG | WUNTRACED, &ru); CALL(SYS_wait4, -1, &st, 0, 0); child = CALL(SYS_clone, SIGCHLD, 0, 0, 0, 0); if (child == 0) _exit(0); memset(buf, 0, 512); CALL(SYS_waitid, P_PID, child, buf, WEXITED, 0); CALL(SYS_waitid, P_ALL, 0, buf, WEXITED | WNOHANG, 0);
  struct { uint64_t a[11]; } ca = { { CLONE_PARENT_SETTID | 0x100000000ULL, 0, (uint64_t)&word, (uint64_t)&word, SIGCHLD, 0, 0, 0, 0, 0, 0 } }; child = CALL(SYS_clone3, &ca, 88); if (child == 0) _exit(0); CALL(SYS_wait4, child, 0, 0, 0); CALL(SYS_clone3, 0, 88); CALL(SYS_clone3, &ca, 8);
  CALL(SYS_clone, CLONE_PARENT_SETTID | CLONE_SETTLS | CLONE_SIGHAND | CLONE_NEWTIME, 0, &word, &word, 0x5000); CALL(SYS_execve, "/nope", (char *[]){ "nope", "a b", 0 }, (char *[]){ "A=1", 0 }); CALL(SYS_execve, 0, 0, 0);
  *(volatile int *)8 = 1; return 0;
}
