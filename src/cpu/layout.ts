// Where the processor's own state stands in the low, reserved part of WebAssembly memory. Byte addresses; all registers below 64 KiB so that a
// predecoded record names them with 16 bits.

export const PAGE_SIZE = 4096;

export const STATE = {
  /** rax rcx rdx rbx rsp rbp rsi rdi r8..r15, 8 bytes each, in encoding order. */
  gpr: 0x1000,
  /** Always zero: the base or index of an address without one. */
  zero: 0x1080,
  rip: 0x1088,
  /** Arithmetic flags, see flags.ts: the result, the carries, and the auxiliary carry with corrections. */
  flagResult: 0x1090, flagCarry: 0x1098, flagAux: 0x10a0,
  /** The other RFLAGS bits (TF IF DF IOPL NT AC ID), in their places, with bit 1 set. u32. */
  flagSystem: 0x10a8,
  /** Bases of es cs ss ds fs gs, 8 bytes each (es, cs, ss, ds: zero in 64-bit mode). */
  segmentBase: 0x10b0,
  /** Selectors es cs ss ds fs gs tr ldtr, u16 each. */
  selector: 0x10e0,
  /** ymm0..15, 32 bytes each: the low half is xmm. */
  ymm: 0x1200,
  /** Physical x87 registers R0..R7 (not ST(i)), 16 bytes each: u64 significand, u16 sign and exponent. MMX registers are the significands. */
  x87: 0x1400,
  /** x87 control word, u16 in a u32. */
  fcw: 0x1480,
  /** x87 status word without TOP (bits 11-13 zero), u16 in a u32. */
  fsw: 0x1484,
  /** TOP, 0..7, u32. */
  ftop: 0x1488,
  /** One bit a physical register: 1 when it is not empty (the abridged tag word of FXSAVE), u32. */
  ftag: 0x148c,
  /** Last x87 opcode (11 bits), instruction and operand address. */
  fop: 0x1490, fip: 0x1498, fdp: 0x14a0,
  mxcsr: 0x14a8,
  cr0: 0x14b0, cr2: 0x14b8, cr3: 0x14c0, cr4: 0x14c8, cr8: 0x14d0, efer: 0x14d8, xcr0: 0x14e0,
  star: 0x14e8, lstar: 0x14f0, cstar: 0x14f8, fmask: 0x1500, kernelGsBase: 0x1508, tscAux: 0x1510, sysenter: 0x1518, pat: 0x1530, apicBase: 0x1538,
  gdtBase: 0x1540, gdtLimit: 0x1548, idtBase: 0x1550, idtLimit: 0x1558, trBase: 0x1560, trLimit: 0x1568,
  dr: 0x1570,
  /** Current privilege level, 0 or 3. u32. */
  cpl: 0x15c0,
  /** Instructions retired since reset, f64. */
  retired: 0x15c8,
  /** Time stamp counter = tscBase + retired * tscPrice. f64 each. */
  tscBase: 0x15d0, tscPrice: 0x15d8,
  end: 0x1600,
} as const;

/** General registers by encoding. */
/** Inexact and C1 in the x87's status word. */
export const FSW_PE = 0x20, FSW_C1_BIT = 9, FSW_C1 = 1 << FSW_C1_BIT;

export const GPR_NAMES = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'] as const;
export const RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;

/** What follows the state: the engine's scratch words and tables, none of them architectural. */
export const ENGINE = {
  /** The address a slow path is asked about, i64. */
  slowAddress: 0x1600,
  /** Instructions left in this run, i32. */
  left: 0x1608,
  /** 0 or 1 << 62, and the space's tag from bit 48 on: mixed into jump cache tags so that rings and address spaces do not share entries, i64. */
  ringTag: 0x1610,
  /** TLBs of the current ring: read, write, i32 each. */
  readTlb: 0x1618, writeTlb: 0x161c,
  /** Where the running record stands on exit, i32. */
  record: 0x1620,
  /** The pending exception: vector and error code, i32 each; why a handler left, i32. */
  faultVector: 0x1624, faultCode: 0x1628,
  /** Where a handler outside the inner function jumps, i64. */
  target: 0x1630,
  /** Linear address of the page that the running record is on, i64: base of RIP-relative operands. */
  codePage: 0x1638,
  /** Bits 0-3: sse, avx, x87, mmx may not be used now; bits 4-7: and the reason is #UD, not #NM; bit 8: of x87 and mmx it is #MF, unless #NM or #UD come first. i32. */
  blockedUnits: 0x162c,
  /** Counts changes of translations: an instruction that crosses pages remembers when both were last seen in place. i32. */
  fetchGeneration: 0x1690,
  /** Instructions left in this run when a region was left, i32. */
  regionLeft: 0x1694,
  /** The vector of an interrupt that waits for IF; -1: none. i32. */
  interrupt: 0x1698,
  /** One more than the number of the helper that the instruction which was left wants to be run by, with everything exact; 0: none. i32. */
  exactHelper: 0x169c,
  /** How often a region was left since it was asked last because what it takes to be on one page is on two, and the record there, i32 each. */
  straddles: 0x16a0, straddler: 0x16a4,
  /** How often regions were left by an indirect jump or call since it was asked last, and the record of the last one, i32 each; where it led, i64. */
  leaps: 0x1640, leaper: 0x1644, leaptTo: 0x1648,
  /** What ringTag has of the address space, in the place of its upper half. i32. */
  spaceTag: 0x16a8,
  /** How often decoded code was dropped. i32. */
  codeDrops: 0x16ac,
  /** The exception of the instruction that is left has been delivered already: the record at which it is handled; -1: that has to be looked up; 0: it has not. i32. */
  handledAt: 0x16b0,
  /** Where IRET went last, i64: no jump leads there. */
  resumed: 0x16b8,
  /** Where blocks of a region meet: what its flags follow from. i32 kind; i64 r, a, b, newer; i32 of, af, cf: see translator/lazy_flags.ts. */
  flagKind: 0x16c0, flagR: 0x16c8, flagA: 0x16d0, flagB: 0x16d8, flagNewer: 0x16e0, flagOf: 0x16e8, flagAf: 0x16ec, flagCf: 0x16f0,
  /** Whether SYSCALL may go through the gate: translator/syscall_gate.ts. i32. */
  gate: 0x1730,
  /** How often regions were left, by REGION_EXIT, u32 each. */
  regionExits: 0x1700,
  /** +2 GiB and -2 GiB: index registers of displacements that do not fit, i64 each. */
  plus2G: 0x1680, minus2G: 0x1688,
  /** Bytes of accesses that cross a page or are watched: 32 slots of 64 bytes. */
  bounce: 0x1800, bounceEnd: 0x2000,
  /** The page that each of a region's places went to last, {i64 tag, i32 addend, i32 unused}: see translator/page_looks.ts. */
  lastPages: 0x2000,
  /** Constant tables of the instructions (shuffles, powers ...). */
  tables: 0x3000, tablesEnd: 0x10000,
  /** One byte a physical page: 1 when predecoded code stands on it. */
  codePages: 0x10000,
} as const;

export const TLB_ENTRIES = 4096;
export const TLB_BYTES = TLB_ENTRIES * 16;
/** Physical memory that `codePages` covers: 4 GiB. */
const CODE_PAGES_BYTES = 0x100000;
/** Read and write TLBs for ring 3, then for ring 0. */
export const TLB_BASE = ENGINE.codePages + CODE_PAGES_BYTES;
/** Tags of address spaces are below: between the bits of an address and that of the ring. */
export const SPACE_TAGS = 1 << 14;
/** What the engines know of the current ring: ENGINE.readTlb, writeTlb, and the upper half of ringTag without the space's tag. */
export const ringWords = (isUser: boolean): { readTlb: number; writeTlb: number; ringTag: number } => {
  const readTlb = TLB_BASE + (isUser ? 0 : 2) * TLB_BYTES;
  return { readTlb, writeTlb: readTlb + TLB_BYTES, ringTag: isUser ? 1 << 30 : 0 };
};
/** Jump cache: {i64 tag, i32 record, i32 unused} by linear address, or in the entry beside. */
export const JUMP_CACHE = TLB_BASE + 4 * TLB_BYTES;
export const JUMP_CACHE_ENTRIES = 16384, JUMP_ENTRY_BYTES = 16;
/** What is known of each entry of a region: see REGION_ENTRY. */
export const REGIONS = JUMP_CACHE + JUMP_CACHE_ENTRIES * JUMP_ENTRY_BYTES;
export const REGION_ENTRIES = 0x7ff0;
/**
 * i32 instructions that its first block needs, i32 function in the table of regions, u16 handler of the record below it, u16 number of the entry in the
 * function, i32 fetchGeneration when the region's pages were last looked at (of its first entry); when they were before that: OTHER_GENERATIONS.
 */
export const REGION_ENTRY = { minimum: 0, slot: 4, original: 8, state: 10, generation: 12, bytes: 16 } as const;
/** i32 by entry: two processes that run the same code by turns have a generation each. */
export const OTHER_GENERATIONS = REGIONS + 0x8000 * 16;
/**
 * Why a region was left: the lowest bits of the record that its function gives, plus or minus, which is where control goes on. The later ones are told otherwise.
 * `onward`: to a record behind it that is known. `twoPages` is one more than `page`.
 */
export const REGION_EXIT = { onward: 0, page: 1, twoPages: 2, exception: 3, doubt: 4, helper: 5, budget: 6, x87: 7, refused: 8, lookup: 9, stale: 10, hypercall: 11 } as const;
export const REGION_EXIT_MASK = 31;
/** For regions with indirect jumps: by the lowest bits of an address, one more than the number of the entry that may begin there, or 0; behind it, by that, the address. */
export const JUMP_MAPS = OTHER_GENERATIONS + 0x8000 * 4;
export const JUMP_MAP_SPAN = 4 * PAGE_SIZE, JUMP_MAP_ENTRIES = 128, JUMP_MAP_BYTES = JUMP_MAP_SPAN + 8 * JUMP_MAP_ENTRIES, JUMP_MAP_COUNT = 128;
/** Predecoded records, to the end of the reserved part. */
export const RECORDS = JUMP_MAPS + JUMP_MAP_COUNT * JUMP_MAP_BYTES;
export const RECORD_BYTES = 32;
/** The part of memory that belongs to the processor and never to the guest. */
export const CPU_RESERVED_BYTES = 32 << 20;

/** Fields of a record. */
export const RECORD = {
  handler: 0, length: 2, scale: 3,
  /** Addresses of the registers named by modrm.reg (or the opcode), modrm.rm, VEX.vvvv. */
  reg: 4, rm: 6, vvvv: 8,
  base: 10, index: 12, segment: 14,
  displacement: 16,
  /** Offset of the instruction in its page (up to 4096 + 15 for the record after the last), u16. */
  pageOffset: 20,
  /** Bit 0: 32-bit address size. */
  flags: 22,
  /** Second immediate of ENTER. */
  immediate2: 23,
  /** Immediate, sign-extended; linear target of a relative jump; address of the register named by is4. */
  immediate: 24,
  /** Relative jumps have no memory operand: the record of the target, when it is on the same page, 0 before it is known. */
  link: 16,
} as const;
