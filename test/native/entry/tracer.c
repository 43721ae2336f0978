// Writes user_regs_struct at each stop of a program's system calls, entry and exit: a line of hexadecimal words, as PTRACE_GETREGS has them.
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int status;
  pid_t child = fork();
  (void)argc;
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    execv(argv[1], argv + 1);
    _exit(127);
  }
  waitpid(child, &status, 0);
  for (int is_entry = 1;; is_entry = !is_entry) {
    ptrace(PTRACE_SYSCALL, child, 0, 0);
    if (waitpid(child, &status, 0) < 0 || WIFEXITED(status) || WIFSIGNALED(status)) return 0;
    struct user_regs_struct regs;
    ptrace(PTRACE_GETREGS, child, 0, &regs);
    fprintf(stderr, is_entry ? "enter" : "exit");
    for (unsigned i = 0; i < sizeof regs / sizeof(long); i++) fprintf(stderr, " %lx", ((unsigned long *)&regs)[i]);
    fprintf(stderr, "\n");
  }
}
