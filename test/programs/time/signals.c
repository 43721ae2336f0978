// A timer's signals in the middle of a loop, and signals that a process sends to itself.
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

static volatile int alarms, users;
static volatile unsigned long loops;

static void on_alarm(int signo) { (void)signo; alarms++; if (alarms == 2) raise(SIGUSR1); }
static void on_user(int signo, siginfo_t *info, void *context) { (void)signo; (void)context; users += info->si_code == SI_TKILL ? 1 : 100; }

int main(void) {
  struct sigaction alarm_action = { .sa_handler = on_alarm }, user_action = { .sa_sigaction = on_user, .sa_flags = SA_SIGINFO };
  sigaction(SIGALRM, &alarm_action, NULL);
  sigaction(SIGUSR1, &user_action, NULL);
  struct itimerval every = { { 0, 50 }, { 0, 50 } };
  setitimer(ITIMER_REAL, &every, NULL);
  while (alarms < 5) loops++;
  printf("%d alarms, %d user signals, %s\n", alarms, users, loops ? "looped" : "did not loop");
  return 0;
}
