// What the virtual clock charges: every price of the machine, in nanoseconds, with its source. This is the one table; the kernel only names its work.
// Not here: when work is done (the kernel calls clock.charge), reading the clock (clock.ts). bench/calibration measures all of it on a real computer and inside.
//
// Sources. M: minima and medians and minima of the `native` table in bench/calibration/native.ts (an AMD EPYC 7003 guest under KVM, Linux 6.18); `vm` prices are fitted to it.
// L: literature and vendors' figures for recent x86-64 without virtualisation: 60-100 ns for getpid, 200-400 ns with page-table isolation, about 20 ns for a vDSO
// clock_gettime. H: half of the `vm` price: no nested paging, no noisy neighbours; the minima of M are nearer to that than its medians.
import type { Work } from '../kernel/arch/x86/ports';

export const COST_MODELS = ['bare-metal', 'pti', 'vm'] as const;
export type CostModelName = typeof COST_MODELS[number];

/** Nanoseconds on bare metal and in a virtual machine, and on bare metal with page-table isolation where that differs. */
type Price = readonly [bareMetal: number, vm: number, source: string, pti?: number];

/** Per retired instruction, all models. M: 0.17 is the geometric mean of nine compute programs (5830 MIPS), 0.08 in malloc and free. */
export const INSTRUCTION_NS = 0.15;

const work: Record<Work, Price> = {
  // The border. The entry code's own instructions (about 60) are priced as instructions, 9 ns.
  syscall_entry: [45, 115, 'M getpid 179-216; L 60-100. SYSCALL, stack switch, the C prologue', 120],
  syscall_exit: [30, 80, 'M getpid 179-216; L. The exit work test, SYSRET', 105],
  int80_entry: [90, 220, 'L: an interrupt gate and IRETQ cost about 100 ns more than SYSCALL', 165],
  int80_exit: [80, 180, 'L: IRETQ', 155],
  exception: [200, 450, 'M faults 1014-2992: delivery through the IDT and IRETQ; L about 200', 350],
  interrupt: [600, 1200, 'L: APIC timer interrupt, hrtimer and tick', 750],
  rdtsc: [10, 12, 'M rdtsc 12.2; L 20-25 cycles on bare metal, and LFENCE before it'],

  // Between user and kernel memory.
  copy_call: [3, 6, 'M uname, fstat: access checks, STAC and CLAC'],
  copy_byte: [0.04, 0.08, 'M pread 64 KB - 4 KB: 0.04-0.10 a byte; L 20-25 GB/s in cache'],

  // Files.
  fdget: [8, 16, 'M lseek, fstat'],
  path_start: [120, 300, 'M access 1312-1924: getname, the walk to its start'],
  path_component: [150, 330, 'M access, stat of two components'],
  path_negative: [20, 40, 'M stat ENOENT 921-1054: a negative dentry is no more than a lookup'],
  open_file: [700, 1500, 'M open + close 2738-5163: struct file, permission checks'],
  fput: [250, 500, 'M dup + close 565-1390, open + close: the last reference goes'],
  inode_create: [6000, 12000, 'M create + close + unlink 22033-37133'],
  inode_evict: [4000, 9000, 'M create + close + unlink 22033-37133'],
  cache_page_read: [40, 80, 'M pread 4 KB - 1 B'],
  cache_page_write: [1100, 2200, 'M pwrite 1 B 2476-4052: the journal handle, the folio made dirty, mtime'],
  pipe_create: [2300, 4700, 'M pipe2 + 2 close 6030-9540'],

  // Memory.
  page_fault: [250, 550, 'M zero page read 1014-1257: VMA lookup and the page table'],
  zero_page: [450, 1200, 'M anonymous write 1850-2992: a page from the allocator, zeroed, charged to the cgroup'],
  copy_page: [500, 1300, 'M fork; L: zero_page and 4 KB more to read'],
  map_page: [80, 170, 'M fork + execve: a page of the page cache is mapped, its neighbours with it'],
  unmap_page: [150, 600, 'M mmap + touch + munmap - mmap + munmap'],
  share_page: [70, 200, 'M fork + exit + wait 190401-379218: a page table entry is copied and write-protected'],
  vma: [900, 1900, 'M mmap + munmap 5184-9197: the maple tree, accounting, security hooks; for each mapping made, split or removed'],
  tlb_flush: [150, 500, 'M mprotect, munmap; L'],

  // Tasks.
  context_switch: [900, 2100, 'M context switch 5866-8271 for two with two yields; L 1000-1500', 1050],
  mm_switch: [250, 600, 'M pipe round trip 6617-13110: CR3 and the TLB that must fill again', 350],
  wake_up: [60, 260, 'M eventfd write + read 914-1479: the lock of a wait queue, whoever waits'],
  wake: [350, 900, 'M pipe and futex round trips'],
  sleep: [250, 600, 'M pipe and futex round trips: the wait queue, dequeue_task'],
  new_task: [6500, 13500, 'M vfork + exit + wait 31267-38088; pthread create + join'],
  new_mm: [35000, 100000, 'M fork + exit + wait 190401-379218 - vfork'],
  exit_task: [5000, 10500, 'M vfork + exit + wait'],
  exit_mm: [25000, 75000, 'M fork + exit + wait - vfork'],
  exec: [55000, 130000, 'M fork + execve + wait of a static program: 267318-669064 with its faults'],
  reap: [1200, 2800, 'M vfork + exit + wait'],
  cputime: [250, 750, 'M clock_gettime PROCESS_CPUTIME 728-1544: the run queue is locked, all threads are added up'],
  signal_send: [350, 800, 'M raise + handler + sigreturn 3411-5708'],
  signal_frame: [600, 1300, 'M raise + handler + sigreturn 3411-5708: the FPU state goes to the stack'],
};

/** What a call's handler costs before the work above. `other`: all that have no row. */
const calls: Record<string, Price> = {
  other: [80, 160, 'M eventfd, dup, fcntl and the like'],
  getpid: [0, 0, 'M getpid is the border itself'], gettid: [0, 0, 'as getpid'], getppid: [5, 10, 'as getpid'], getuid: [3, 6, 'as getpid'], geteuid: [3, 6, 'as getpid'],
  getgid: [3, 6, 'as getpid'], getegid: [3, 6, 'as getpid'], rt_sigprocmask: [5, 10, 'M sigprocmask 180-205'], umask: [3, 6, 'as getpid'], set_tid_address: [3, 6, 'as getpid'],
  getcpu: [25, 50, 'M getcpu 187-287'], uname: [45, 80, 'M uname 287-326'], time: [30, 60, 'as gettimeofday without the copy'],
  clock_gettime: [110, 300, 'M clock_gettime 314-727'], gettimeofday: [105, 260, 'as clock_gettime'], clock_getres: [20, 40, 'L'],
  getrandom: [200, 450, 'M getrandom 8 bytes 463-898'],
  read: [60, 120, 'M read, pread'], write: [60, 170, 'M write to /dev/null 252-567'], pread64: [170, 480, 'M pread 1 B 581-1028'], pwrite64: [300, 600, 'M pwrite 1 B 2476-4052'],
  readv: [90, 180, 'read, and the vector'], writev: [90, 190, 'write, and the vector'],
  lseek: [90, 270, 'M lseek 284-691'], fstat: [320, 850, 'M fstat 659-1480'], stat: [330, 750, 'M stat 1292-2636'], lstat: [350, 850, 'as stat'], newfstatat: [330, 750, 'as stat'],
  statx: [400, 900, 'as stat'], access: [180, 500, 'M access 1312-1924'], faccessat: [180, 500, 'as access'], faccessat2: [180, 500, 'as access'],
  open: [150, 350, 'M open + close 2738-5163'], openat: [150, 350, 'as open'], close: [60, 130, 'M dup + close 565-1390'], dup: [110, 400, 'M dup + close 565-1390'],
  fsync: [120000, 250000, 'L: a flash disk answers a flush in 0.1 to 1 ms'], fdatasync: [100000, 220000, 'as fsync'],
  poll: [55, 120, 'M poll 300-394'], epoll_wait: [10, 20, 'M epoll_wait 201-218'], epoll_pwait: [15, 30, 'as epoll_wait'], select: [90, 200, 'as poll'], eventfd2: [700, 1500, 'L: an anonymous inode file'],
  mmap: [500, 1100, 'M mmap + munmap 5184-9197'], munmap: [500, 1100, 'M mmap + munmap'], mprotect: [700, 1700, 'M mprotect toggle x2 4063-8385'], brk: [700, 1500, 'M brk 4572-10010'],
  madvise: [300, 700, 'L'], mremap: [900, 2000, 'L'],
  sched_yield: [250, 800, 'M sched_yield 657-1458'], futex: [110, 320, 'M futex wake 301-676, EAGAIN 375-777'],
  rt_sigreturn: [350, 900, 'M raise + handler + sigreturn'], tgkill: [120, 300, 'M raise'], kill: [150, 350, 'as tgkill'],
  nanosleep: [300, 700, 'L'], clock_nanosleep: [300, 700, 'L'], wait4: [200, 500, 'M vfork'], exit: [0, 0, 'exit_task has it'], exit_group: [0, 0, 'exit_task has it'],
  socket: [1500, 3200, 'L: an inode, a sock'], connect: [3000, 6500, 'L: loopback handshake'], sendto: [700, 1500, 'L: loopback send'], recvfrom: [400, 900, 'L'], sendmsg: [800, 1700, 'L'], recvmsg: [500, 1100, 'L'],
};

/** The prices of one model, as the clock uses them. */
export interface CostModel {
  readonly name: CostModelName;
  readonly instruction: number;
  readonly work: Readonly<Record<Work, number>>;
  /** By the name of the call; `other` for the rest. */
  readonly calls: ReadonlyMap<string, number>;
}

function model(name: CostModelName): CostModel {
  const price = ([bareMetal, vm, , pti]: Price): number => name === 'vm' ? vm : name === 'pti' ? pti ?? bareMetal : bareMetal;
  return {
    name, instruction: INSTRUCTION_NS,
    work: Object.fromEntries(Object.entries(work).map(([key, row]) => [key, price(row)])) as Record<Work, number>,
    calls: new Map(Object.entries(calls).map(([key, row]) => [key, price(row)])),
  };
}

const made: Partial<Record<CostModelName, CostModel>> = {};
const modelOf = (name: CostModelName): CostModel => made[name] ??= model(name);

/** Each is made when it is asked for. */
export const costModels: Readonly<Record<CostModelName, CostModel>> = {
  get 'bare-metal'() { return modelOf('bare-metal'); }, get pti() { return modelOf('pti'); }, get vm() { return modelOf('vm'); },
};

/** All rows as a person reads them: what, its price in each model, and where the figure comes from. */
export function costTable(): { name: string; bareMetal: number; pti: number; vm: number; source: string }[] {
  return [...Object.entries(work), ...Object.entries(calls).map(([name, row]): [string, Price] => [`${name}()`, row])]
    .map(([name, [bareMetal, vm, source, pti]]) => ({ name, bareMetal, pti: pti ?? bareMetal, vm, source }));
}
