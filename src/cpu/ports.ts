// What the machine programs against: why run() came back, what the processor is made of. The classes are Cpu (cpu.ts), PhysicalMemory
// (physical_memory.ts) and Registers (registers.ts).
import type { EngineProfile } from './profile';

export { CPU_RESERVED_BYTES, PAGE_SIZE } from './layout';
export type { FirstWrite, PhysicalMemoryOptions } from './physical_memory';

/** Why Cpu.run came back. RIP and all state are at an instruction boundary in every case. */
export type Exit =
  /** VMCALL at CPL 0; RIP stands after it. Number and arguments are in registers by the machine's own convention. */
  | { kind: 'hypercall' }
  /** HLT at CPL 0; RIP stands after it. injectInterrupt() wakes it. */
  | { kind: 'hlt' }
  /** RIP equals a breakpoint; the instruction has not run. The next run() passes it. */
  | { kind: 'breakpoint'; address: bigint }
  /** The instruction before RIP touched a watched range; `address` and `size` are of the access. */
  | { kind: 'watchpoint'; address: bigint; size: number; access: 'read' | 'write'; rip: bigint }
  /** maxInsns instructions were retired, or `requestStop` was called. */
  | { kind: 'budget' }
  /** A fault while delivering a double fault, or an IDT that cannot be used. `reason` is a sentence. The processor stands still. */
  | { kind: 'shutdown'; reason: string };

/** A fault as seen by translate(): what the page walk would raise. */
export interface TranslationFault { vector: 13 | 14; errorCode: number }

export type Access = 'read' | 'write' | 'execute';

/** An instruction that the processor does not know; it raised #UD in the guest. */
export interface UnimplementedInstruction { rip: bigint; bytes: Uint8Array; text: string }

/** An exception or interrupt as the processor delivers it, for whoever watches. */
export interface DeliveredException { vector: number; errorCode: number | undefined; rip: bigint; cr2: bigint }

export type Engine = 'interpreter' | 'translator';

export interface CpuOptions {
  /** Default: 'translator', which interprets what is not hot. */
  engine?: Engine;
  /** How many samples of the running program have to fall into a place before it is translated. */
  translateAfter?: number;
  /** Bytes of translated code after which all of it is forgotten. */
  translatedBytes?: number;
  /** What keepCode() of an earlier processor of the same build gave: what was decoded then need not be now. Nothing else changes. The array is the processor's. */
  keptCode?: Uint8Array;
  /** Makes modules of WebAssembly. `isCommon`: every processor of this build has it. Default: new WebAssembly.Module(bytes). */
  compileModule?: (bytes: Uint8Array<ArrayBuffer>, isCommon: boolean) => object;
  /** Called when #UD is raised because an instruction is not implemented (not for UD2 and undefined encodings). */
  onUnimplemented?: (what: UnimplementedInstruction) => void;
  /** Called before an exception (not an interrupt) is delivered through the IDT. */
  onException?: (what: DeliveredException) => void;
}

export type WatchKind = 'write' | 'read' | 'readWrite';

/** Time stamp counter = base + instructions retired x price: the machine's clock record. Both may be changed between runs. */
export interface TimeStampCounter { base: number; perInsn: number }

/**
 * The ring-0 code at LSTAR, if it is as that of Linux: SWAPGS, the user's RSP to the per-CPU area, RSP from there, a frame of all registers, of which all but RSP are cleared, a
 * CALL of a function that puts a number in RAX and executes VMCALL; RET, checks of the frame, registers out of it, SWAPGS, SYSRET. Nothing of that may change.
 */
export interface SyscallGate {
  /** LSTAR; and all of the code. */
  readonly entry: bigint;
  readonly from: bigint;
  readonly to: bigint;
  /** Instructions behind SYSCALL, up to and with VMCALL; and from there up to and with SYSRET. */
  readonly before: number;
  readonly after: number;
  /** Offsets from the GS base of ring 0. */
  readonly perCpu: { readonly userStack: number; readonly top: number };
  /** Below the top of the stack: where the general registers but RSP, and the rest, stand in it. RDI points to it at VMCALL, RSI is the number with its sign. */
  readonly frame: { readonly bytes: number; readonly registers: readonly (readonly [number: number, offset: number])[]; readonly number: number; readonly rip: number; readonly cs: number; readonly rflags: number; readonly rsp: number; readonly ss: number };
  /** What is put into the frame, for RAX and the selectors of ring 3; what RAX is at VMCALL. */
  readonly answer: number;
  readonly cs: number;
  readonly ss: number;
  readonly hypercall: number;
  /** The address behind the CALL, and that behind VMCALL. */
  readonly returnsTo: bigint;
  readonly answered: bigint;
}

/** The shape of Cpu. `new Cpu(memory: PhysicalMemory, options?: CpuOptions)`. */
export interface Processor {
  /**
   * Instructions retired since reset: exact, in every engine. A REP string instruction counts once, when it completes (an interrupted one is counted
   * on completion only); a faulting instruction and one stopped at by a breakpoint do not count; hypercall, HLT, INT n, SYSCALL count.
   */
  instructionsRetired: number;
  readonly timeStampCounter: TimeStampCounter;
  /** Called by each RDTSC and RDTSCP before it reads, with instructionsRetired exact and registers as before it: it may change timeStampCounter.base. */
  onTimeStamp: (() => void) | null;
  /**
   * Called by each VMCALL at CPL 0, with all state at the instruction boundary behind it: how many instructions may run now, whatever the budget was; negative:
   * run() comes back with `hypercall`. It may change everything but run. Not called where instructions run one by one.
   */
  onHypercall: (() => number) | null;
  /** What LSTAR leads to, for regions to go through at once; it changes nothing else. */
  syscallGate: SyscallGate | null;
  /** Called after each 0F 19 /r (a NOP that no compiler emits), with instructionsRetired exact. Whether it is set changes nothing else. */
  onMark: (() => void) | null;
  /** What CPUID gives for a leaf: EAX, EBX, ECX, EDX. */
  cpuid(leaf: number, sub: number): readonly number[];
  /** Counts what the engines do from now on, and how long it takes by `clock`, in milliseconds. It changes nothing. */
  startProfile(clock: () => number): EngineProfile;
  /** Runs until something of Exit happens, at most `maxInsns` instructions (a double). */
  run(maxInsns: number): Exit;
  /** The next run() executes the instruction at RIP even if a breakpoint stands there, as it does after stopping at one. */
  passBreakpoint(): void;
  /** Whether it would. */
  readonly passesBreakpoint: boolean;
  /** From a callback (a port, onException): leave run() at the next instruction boundary with `budget`. */
  requestStop(): void;
  /** The decoded code, for the next processor: CpuOptions.keptCode. Null when there is too little that is new. */
  keepCode(): Uint8Array | null;
  /** Delivers an external interrupt through the IDT before the next instruction in which RFLAGS.IF is set; kept pending until then. */
  injectInterrupt(vector: number): void;
  /** Withdraws a pending interrupt; true if there was one. */
  cancelInterrupt(): boolean;

  setBreakpoint(address: bigint): void;
  clearBreakpoint(address: bigint): void;
  setWatchpoint(address: bigint, size: number, kind: WatchKind): void;
  clearWatchpoint(address: bigint, size: number, kind: WatchKind): void;

  /** Forgets all translations. Setting cr3 in the register file forgets all but those of global pages. */
  flushTlb(): void;
  /** Forgets the translation of one page, in all address spaces: to be called after each change of a present page table entry. */
  invlpg(address: bigint): void;
  /** The same for `pages` pages from the address with these halves on. */
  flushTlbRange(low: number, high: number, pages: number): void;
  /** As a load of CR3 with PCIDs: what is known of the space that is left is known again when it is loaded again so. Any other load of CR3 and flushTlb forget all spaces. */
  switchAddressSpace(pa: number): void;
  /** Page walk with the current CR3, without side effects (no accessed or dirty bits). `user`: as CPL 3 would (default: current CPL). */
  translate(address: bigint, access: Access, user?: boolean): { pa: number } | TranslationFault;

  /** Starts a write-tracking epoch in PhysicalMemory. */
  beginEpoch(onFirstWrite?: (page: number) => void): void;

  /** Registers, system registers, x87 and vector state, pending interrupt, instruction count. Not: memory, TLBs, breakpoints. */
  saveState(): Uint8Array;
  /** TLBs are flushed. Predecoded code stays valid: memory changed meanwhile must have been written through PhysicalMemory. */
  loadState(bytes: Uint8Array): void;
  /** As RESET: 64-bit mode is not entered by itself; the machine sets CR0, CR3, CR4, EFER and segments. */
  reset(): void;

  /** XSAVE image (legacy area, header with XSTATE_BV, AVX at 576; 832 bytes) at physical address `pa`; components by `mask` (default 7). */
  xsave(pa: number, mask?: number): void;
  /** Loads from an XSAVE image; components whose XSTATE_BV bit is clear are initialised. False when the image is malformed (would be #GP). */
  xrstor(pa: number, mask?: number): boolean;
}

/** Registers by name; 64-bit values are bigint, unsigned. */
export interface RegisterFile {
  get(name: RegisterName): bigint;
  set(name: RegisterName, value: bigint): void;
  /** Low and high 32 bits of a 64-bit register as unsigned numbers: no bigint on the hot path. */
  low(name: RegisterName): number;
  /** Where a register of 64 bits stands, for lowAt(): for those who read it a million times a second. */
  slotOf(name: RegisterName): number;
  lowAt(slot: number): number;
  /** What lowAt() reads, as it stands: for a comparison of many. */
  readonly words: Uint32Array;
  numberAt(slot: number): number;
  /** Not of a control register, whose change reaches the processor. */
  setHalvesAt(slot: number, low: number, high: number): void;
  high(name: RegisterName): number;
  setHalves(name: RegisterName, low: number, high: number): void;
  /** The whole as a double; exact up to 2^53. */
  number(name: RegisterName): number;
  /** ymm register as four 64-bit words, lowest first. */
  getYmm(index: number): [bigint, bigint, bigint, bigint];
  setYmm(index: number, words: readonly bigint[]): void;
  /** ST(i) as significand and sign/exponent. */
  getSt(index: number): { significand: bigint; exponent: number };
  setSt(index: number, significand: bigint, exponent: number): void;
}

export type RegisterName =
  | 'rax' | 'rcx' | 'rdx' | 'rbx' | 'rsp' | 'rbp' | 'rsi' | 'rdi' | 'r8' | 'r9' | 'r10' | 'r11' | 'r12' | 'r13' | 'r14' | 'r15'
  | 'rip' | 'rflags' | 'cpl' | 'es' | 'cs' | 'ss' | 'ds' | 'fs' | 'gs' | 'tr' | 'ldtr'
  | 'fs_base' | 'gs_base' | 'kernel_gs_base' | 'cr0' | 'cr2' | 'cr3' | 'cr4' | 'cr8' | 'xcr0' | 'efer' | 'star' | 'lstar' | 'cstar' | 'fmask' | 'tsc_aux'
  | 'gdt_base' | 'gdt_limit' | 'idt_base' | 'idt_limit' | 'tr_base' | 'tr_limit' | 'dr0' | 'dr1' | 'dr2' | 'dr3' | 'dr6' | 'dr7'
  | 'mxcsr' | 'fcw' | 'fsw' | 'ftw' | 'fop' | 'fip' | 'fdp';
