// Ring 3 touches what is not its own: the kernel's text, its direct map, addresses that are none, privileged instructions. Each fault's signal is printed.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static sigjmp_buf back;
static void on_fault(int signo, siginfo_t *info, void *unused) {
  (void)unused;
  printf("signal %d code %d address %p\n", signo, info->si_code, info->si_addr);
  siglongjmp(back, 1);
}

#define TRY(what, ...) do { printf("%s: ", what); fflush(stdout); if (sigsetjmp(back, 1) == 0) { __VA_ARGS__; printf("no fault\n"); } } while (0)

int main(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
  for (int i = 0; i < 5; i++) sigaction(signals[i], &action, NULL);
  volatile char *text = (char *)0xffffffff81000000, *map = (char *)0xffff888000000000, *odd = (char *)0x8000000000000000;
  TRY("read kernel text", (void)*text);
  TRY("write kernel text", *text = 1);
  TRY("read direct map", (void)*(map + 4096));
  TRY("write direct map", *(map + 4096) = 1);
  TRY("read non-canonical", (void)*odd);
  TRY("jump to kernel text", ((void (*)(void))0xffffffff81000000)());
  TRY("read vsyscall neighbour", (void)*(volatile char *)0xffffffffff601000);
  TRY("read null", (void)*(volatile char *)8);
  char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  printf("page %d\n", page[0]);
  TRY("cli", __asm__ volatile("cli"));
  TRY("hlt", __asm__ volatile("hlt"));
  TRY("wrmsr", __asm__ volatile("wrmsr" :: "c"(0xc0000082), "a"(0), "d"(0)));
  TRY("read cr0", __asm__ volatile("mov %%cr0, %%rax" ::: "rax"));
  TRY("write cr3", __asm__ volatile("mov %%rax, %%cr3" :: "a"(0)));
  TRY("swapgs", __asm__ volatile("swapgs"));
  TRY("sysretq", __asm__ volatile("sysretq"));
  TRY("iret to ring 0", __asm__ volatile("mov %%rsp, %%rax; pushq $0x18; pushq %%rax; pushfq; pushq $0x10; leaq 1f(%%rip), %%rax; pushq %%rax; iretq; 1:" ::: "rax", "memory"));
  TRY("int 14", __asm__ volatile("int $14"));
  TRY("int 0x81", __asm__ volatile("int $0x81"));
  TRY("int3", __asm__ volatile("int3"));
  TRY("ud2", __asm__ volatile("ud2"));
  TRY("lgdt", char table[10] = { 0 }; __asm__ volatile("lgdt %0" :: "m"(table)));
  TRY("in", __asm__ volatile("inb $0x80, %%al" ::: "rax"));
  volatile int zero = 0;
  TRY("divide", zero = 1 / zero);
  return 0;
}
