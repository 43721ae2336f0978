// All that the kernel knows of a machine: physical pages, the processor's few kernel-visible registers, time, entropy, host files, terminal, events.
// The machine room implements these; the kernel never imports it. Everything that comes from the host is recorded there.
//
// Numbers: a physical address (`pa`) is a plain number, a byte offset into guest memory. A user virtual address is a plain number (below 2^47).
// A kernel virtual address of the direct map or of the kernel image does not fit a double exactly: it appears only as [lo, hi] words or as a bigint.
import type { addr_t, dev_t, flags_t, ino_t, int, kgid_t, ktime_t, kuid_t, loff_t, long, phys_addr_t, pid_t, size_t, u16, u32, u64, u8, uint, ulong, umode_t } from '../../../abi/c_types';


/** Guest physical memory. Every write of the kernel goes through here, so that checkpoints and predecoded code stay right. */
export interface PhysicalPages {
  /** Bytes of RAM that page_alloc may hand out: [start, end). */
  readonly start: phys_addr_t;
  readonly end: phys_addr_t;
  /** Memory by 32-bit words, as it is now: it grows, so nobody keeps this; and nobody writes to it. For those who come a million times a second. */
  readonly words: ArrayLike<u32>;
  read8(pa: phys_addr_t): u8;
  read16(pa: phys_addr_t): u16;
  read32(pa: phys_addr_t): u32;
  /** 64 bits as a double: exact below 2^53. */
  read64(pa: phys_addr_t): u64;
  readBig64(pa: phys_addr_t): bigint;
  write8(pa: phys_addr_t, value: number): void;
  write16(pa: phys_addr_t, value: number): void;
  write32(pa: phys_addr_t, value: number): void;
  /** Two's complement of an integer of at most 53 bits (negative allowed). */
  write64(pa: phys_addr_t, value: number): void;
  writeBig64(pa: phys_addr_t, value: bigint): void;
  /** A copy. */
  readBytes(pa: phys_addr_t, length: size_t): Uint8Array;
  /** The bytes themselves, until memory is written to or grows. */
  viewBytes(pa: phys_addr_t, length: size_t): Uint8Array;
  /** Up to `most` bytes before the first zero, a character each. */
  readText(pa: phys_addr_t, most: size_t): string;
  writeBytes(pa: phys_addr_t, bytes: Uint8Array): void;
  fill(pa: phys_addr_t, length: size_t, value: number): void;
  copy(toPa: phys_addr_t, fromPa: phys_addr_t, length: size_t): void;
}

/** What the kernel does to the processor. */
export interface Processor {
  /** Loads CR3 with the physical address of a PGD page; flushes the TLB, of all address spaces. */
  loadCr3(pgdPa: phys_addr_t): void;
  /** Of all address spaces: switchTo() flushes nothing. */
  flushTlb(): void;
  /** Forgets the translation of one user page, or of those of [start, end), in all address spaces. */
  invlpg(address: addr_t): void;
  flushTlbRange(start: addr_t, end: addr_t): void;
  /** IA32_FS_BASE and IA32_KERNEL_GS_BASE (the user's GS base while in the kernel). */
  readonly fsBase: addr_t;
  readonly userGsBase: addr_t;
  setFsBase(address: addr_t): void;
  setUserGsBase(address: addr_t): void;
  /** XSAVE / XRSTOR of the full user FPU state, to and from an XSAVE image (standard format) in guest memory. */
  readonly xsaveSize: uint;
  xsave(pa: phys_addr_t): void;
  xrstor(pa: phys_addr_t): void;
  /** The initial FPU state (after execve). */
  resetFpu(): void;
  /** CR2 after a page fault; addresses of the upper half as negative numbers, which are exact where they matter. */
  readonly faultAddress: addr_t;
  /** DR6 after a debug exception, its reserved bits clear; clears it. Linux: debug_read_clear_dr6() */
  takeDebugStatus(): flags_t;
  /** Instructions retired by the whole machine. */
  readonly instructionsRetired: u64;
  /**
   * Leaves the context of `prev` and continues in that of `next`: saves and loads RSP, RIP and RFLAGS of ring 0, CR3, FS/GS bases and FPU state,
   * TSS.RSP0 and the per-CPU current stack top. A thread with no context yet starts at `ret_from_fork_asm` with its pt_regs at the top of its stack.
   */
  switchTo(prev: ThreadContext | null, next: ThreadContext): void;
}

/** The machine part of a task (thread_struct and the kernel stack). All addresses physical unless said otherwise; lives in the kernel's graph. */
export interface ThreadContext {
  /** Physical address of the 16 KiB kernel stack; pt_regs lie at its top. */
  stackPa: phys_addr_t;
  /** Ring-0 stack pointer (offset from stackPa) and resume point of a task that is not running; -1: never ran, starts at ret_from_fork_asm. */
  sp: long;
  /** Offset of the resume RIP from the kernel image's text start; meaningful when sp >= 0. */
  ip: ulong;
  pgdPa: phys_addr_t;
  fsBase: addr_t;
  gsBase: addr_t;
  /** Physical address of the page(s) that hold the XSAVE image while the task does not run. */
  fpuPa: phys_addr_t;
}

/**
 * What the kernel does that takes time beyond the entry code's instructions. The machine has the prices. A count is of bytes for copy_byte, of pages for the
 * pages, of mappings for vma; else of occurrences.
 */
export type Work =
  | 'syscall_entry' | 'syscall_exit' | 'int80_entry' | 'int80_exit' | 'exception' | 'interrupt' | 'rdtsc' | 'copy_call' | 'copy_byte'
  | 'fdget' | 'path_start' | 'path_component' | 'path_negative' | 'open_file' | 'fput' | 'inode_create' | 'inode_evict' | 'cache_page_read' | 'cache_page_write' | 'pipe_create'
  | 'page_fault' | 'zero_page' | 'copy_page' | 'map_page' | 'unmap_page' | 'share_page' | 'vma' | 'tlb_flush'
  | 'context_switch' | 'mm_switch' | 'wake_up' | 'wake' | 'sleep' | 'cputime' | 'new_task' | 'new_mm' | 'exit_task' | 'exit_mm' | 'exec' | 'reap' | 'signal_send' | 'signal_frame';

/** Virtual time. Nanoseconds as doubles (exact below 2^53: 104 days). */
export interface Clock {
  /** Nanoseconds since boot: CLOCK_MONOTONIC. */
  now(): ktime_t;
  /** CLOCK_REALTIME at boot, a recorded input: nanoseconds since 1970 as a bigint. */
  readonly bootEpochNs: bigint;
  /** Ticks of the TSC in a nanosecond, a power of two: the TSC is now() times this, and what passed of the current nanosecond. */
  readonly tscPerNs: u32;
  /** Adds the price of kernel work, `count` times, to the time; gives the nanoseconds, a whole number. */
  charge(work: Work, count?: ulong): ktime_t;
  /** What each work costs once, and how to charge that: charge() without a search, for those who come a million times a second. */
  readonly prices: Readonly<Record<Work, ktime_t>>;
  spend(ns: ktime_t): ktime_t;
  /** Of a copy between user and kernel memory: copy_call, and copy_byte so many times. */
  chargeCopy(bytes: size_t): ktime_t;
  /** Adds the price of what a call's handler does before any of that work. `nr`: its number on x86-64, -1 where it has none. */
  chargeCall(name: string, nr: int): ktime_t;
  /** The machine wakes the kernel (timer interrupt) no later than this; Infinity: no timer. */
  setTimer(atNs: ktime_t): void;
}

export interface HostStat {
  dev: dev_t; ino: ino_t; mode: umode_t; nlink: uint; uid: kuid_t; gid: kgid_t; rdev: dev_t; size: loff_t;
  blksize: uint; blocks: u64; mtimeNs: bigint; ctimeNs: bigint;
}

/** A host read that has no answer yet: the caller blocks and retries. */
export type Pending = 'pending';

/** Read-only files of the host below one root (sysroot or mount). Answers are recorded; errors come as Linux errno numbers (positive). */
export interface HostFiles {
  /** lstat of `path`, absolute inside `root`. */
  lstat(root: string, path: string): HostStat | number | Pending;
  readlink(root: string, path: string): string | number | Pending;
  /** Names in the host's own order with d_type (DT_*), without "." and "..". */
  readdir(root: string, path: string): { name: string; type: u8; ino: ino_t }[] | number | Pending;
  /** Up to `length` bytes at `offset`; shorter only at the end of the file. */
  read(root: string, path: string, offset: loff_t, length: size_t): Uint8Array | number | Pending;
}

/** What the person's terminal or the pipes of the CLI are to the guest. Unit 0, 1, 2 as the guest's first descriptors. */
export interface Console {
  /** 'tty': a terminal (line discipline in the kernel); 'pipe' | 'file' | 'null' otherwise. */
  kind(unit: int): 'tty' | 'pipe' | 'file' | 'null';
  write(unit: int, bytes: Uint8Array): void;
  /** Bytes that have arrived, at most `length`; an empty array at end of file; 'pending' when nothing has arrived yet. */
  read(unit: int, length: size_t): Uint8Array | Pending;
  /** True when read would not answer 'pending'. */
  isReadable(unit: int): boolean;
  windowSize(): { rows: u16; columns: u16 };
  /** Another size that the window has got since the last answer; null: none. */
  newWindowSize(): { rows: u16; columns: u16 } | null;
}

/** Facts of the host at launch, recorded. */
export interface LaunchFacts {
  uid: kuid_t; gid: kgid_t; groups: number[]; umask: umode_t; nodename: string;
  rlimits: { cur: bigint; max: bigint }[];
}

/** Deterministic random bytes (seeded). */
export interface Entropy { fill(bytes: Uint8Array): void }

/** Six arguments as unsigned [lo, hi] words. */
export type CallArguments = Readonly<ArrayLike<number>> & { join(separator: string): string };

/** What the kernel tells: the trace, the debugger and the log listen. Called when a call commits. */
export interface EventSink {
  /** The arguments stay as they are until the call is over. */
  syscallEnter(pid: pid_t, nr: number, abi: 'x86-64' | 'i386', args: CallArguments): void;
  /** `cost`: where the time between the two went; missing where nobody measured (the execve that began before the machine). */
  syscallExit(pid: pid_t, nr: number, ret: number, because: string | null, cost?: CallCost): void;
  signal(pid: pid_t, signo: number, info: SignalFacts): void;
  exit(pid: pid_t, tgid: number, waitStatus: number): void;
  fork(parent: number, child: number, flags: flags_t): void;
  exec(pid: pid_t, path: string): void;
  /** A thread that is not the leader called execve: from now on the leader's number is its own. No exit of the leader is told. */
  superseded(leader: number, thread: number): void;
  /** A thread stopped for job control. */
  stopped(pid: pid_t, signo: number): void;
  switch(prevPid: number, nextPid: number): void;
  /** A page fault that has been handled, since when. */
  fault(pid: pid_t, address: addr_t, errorCode: number, startNs: number): void;
  /** A call of a vDSO function that is over or, when it was answered, just about to be, and how many instructions had retired when it began. The machine tells this, since it happens in ring 3. */
  vdso(call: VdsoCall, instructions: number): void;
  /** Once per machine and subject: an unsupported call or variant, in one sentence for the person. */
  notice(sentence: string): void;
}

/** Where the time of a call went, in ns; the rest is the handler's. A call_record has it. */
export interface CallCost {
  readonly entry_ns: number;
  readonly exit_ns: number;
  readonly copy_ns: number;
  readonly blocked_ns: number;
  /** Bytes copied between user and kernel memory. */
  readonly copied: number;
}

/** The object is reused: take the numbers out. */
export interface VdsoCall {
  readonly pid: pid_t;
  /** Its place in the list of the vDSO's functions. */
  readonly fn: number;
  /** Clock id; -1 where the function has none. */
  readonly clock: number;
  readonly isServed: boolean;
  readonly returnAddress: number;
  /** How many it executes, and the time that it takes beside them: all of that has passed. */
  readonly instructions: number;
  readonly passedNs: number;
  /** The same as the last call's: so is all of this. */
  readonly serial: number;
}

export interface SignalFacts { code: number; errno: number; pid: pid_t; uid: kuid_t; status: number; address: addr_t; value: bigint; syscall: number; /** AUDIT_ARCH_* of si_syscall; x86-64's where absent. */ arch?: number; utime: number; stime: number; timerid: number; overrun: number; band: number; fd: number }

/** A symbol of the kernel's machine code: its address as 16 hexadecimal digits, and nm(1)'s letter. */
export interface KernelSymbol { readonly address: string; readonly type: string; readonly name: string }

export interface MachinePorts {
  /** In the order of their addresses; absent: the machine has no image. */
  kallsyms?(): readonly KernelSymbol[];
  /** What CPUID gives for a leaf: EAX, EBX, ECX, EDX. */
  cpuid?(leaf: u32, sub: u32): readonly u32[];
  phys: PhysicalPages;
  cpu: Processor;
  clock: Clock;
  files: HostFiles;
  console: Console;
  facts: LaunchFacts;
  entropy: Entropy;
  events: EventSink;
}
