// Runs a program under ptrace and writes down what the log's formatter would see: registers at each entry and exit of a system call, and the memory
// behind them (pointers are followed three deep). Usage: capture OUT PROGRAM [ARGS...]
// Lines: E nr a0..a5 sp | X ret | S signo siginfo(hex) | U address length, unmapped | Q wait-status | M address bytes(hex), the memory that belongs to the next line.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static FILE *out;
static int memory;

// What was last written for an address: memory that has not changed is not repeated.
static struct { uint64_t at; int length; unsigned char bytes[4608]; } seen[8192];
static int seen_count;

static int dump(uint64_t at, int length, int depth) {
  unsigned char bytes[4608];
  if (at < 0x1000 || at >= 0x7ffffffff000) return 0;
  if (length > (int)sizeof bytes) length = sizeof bytes;
  int got = pread(memory, bytes, length, at);
  if (got <= 0) return 0;
  int i, known = 0;
  for (i = 0; i < seen_count; i++) if (seen[i].at == at) break;
  if (i < seen_count && seen[i].length >= got && !memcmp(seen[i].bytes, bytes, got)) known = 1;
  if (!known && i < 8192) {
    if (i == seen_count) seen_count++;
    seen[i].at = at;
    seen[i].length = got;
    memcpy(seen[i].bytes, bytes, got);
    fprintf(out, "M %lx ", (unsigned long)at);
    for (int k = 0; k < got; k++) fprintf(out, "%02x", bytes[k]);
    fputc('\n', out);
  }
  if (depth > 0) for (int k = 0; k + 8 <= got && k < 128; k += 8) {
    uint64_t inner;
    memcpy(&inner, bytes + k, 8);
    dump(inner, 72, depth - 1);
  }
  return 1;
}

// Memory behind an argument: more of it where a long string may stand.
static void arg(uint64_t at) {
  unsigned char bytes[600];
  int got = at < 0x1000 ? 0 : pread(memory, bytes, sizeof bytes, at);
  dump(at, got == (int)sizeof bytes && !memchr(bytes, 0, sizeof bytes) ? 4200 : 1200, 3);
}

int main(int argc, char **argv) {
  if (argc < 3 || !(out = fopen(argv[1], "we"))) return 2;
  pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    execv(argv[2], argv + 2);
    _exit(127);
  }
  int status;
  waitpid(child, &status, 0);
  ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
  char path[64];
  sprintf(path, "/proc/%d/mem", child);
  int in_call = 0, deliver = 0, started = 0;
  unsigned long nr = 0;
  for (;;) {
    ptrace(PTRACE_SYSCALL, child, 0, deliver);
    deliver = 0;
    if (waitpid(child, &status, 0) < 0) break;
    if (WIFEXITED(status) || WIFSIGNALED(status)) { fprintf(out, "Q %d\n", status); break; }
    int signo = WSTOPSIG(status);
    if (status >> 16 == PTRACE_EVENT_EXEC) {
      if (!started) { memory = open(path, O_RDONLY); started = 1; seen_count = 0; }
      continue;
    }
    if (signo == (SIGTRAP | 0x80)) {
      struct user_regs_struct r;
      ptrace(PTRACE_GETREGS, child, 0, &r);
      in_call = !in_call;
      if (!started) continue;
      if (in_call) {
        unsigned long a[6] = { r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9 };
        nr = r.orig_rax;
        for (int i = 0; i < 6; i++) arg(a[i]);
        if (nr == 15) dump(r.rsp + 256, 128, 0);
        fprintf(out, "E %ld %lx %lx %lx %lx %lx %lx %llx\n", nr, a[0], a[1], a[2], a[3], a[4], a[5], r.rsp);
      } else {
        unsigned long a[6] = { r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9 };
        for (int i = 0; i < 6; i++) if (nr == 217 && i == 1 && (long)r.rax > 0) dump(a[i], (int)r.rax, 0); else arg(a[i]);
        if (nr == 11 && r.rax == 0) fprintf(out, "U %lx %ld\n", a[0], (long)a[1]);
        if (nr != 59 || (long)r.rax < 0) fprintf(out, "X %ld\n", (long)r.rax);
      }
      continue;
    }
    siginfo_t info;
    if (ptrace(PTRACE_GETSIGINFO, child, 0, &info) == 0) {
      fprintf(out, "S %d ", signo);
      for (int k = 0; k < 128; k++) fprintf(out, "%02x", ((unsigned char *)&info)[k]);
      fputc('\n', out);
    }
    deliver = signo;
  }
  fclose(out);
  return 0;
}
