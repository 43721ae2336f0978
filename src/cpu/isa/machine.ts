// What the meaning of an instruction is written against. Semantics run once per operand form while an engine is built (or a region translated): they
// compute nothing themselves, they write code through `m`. The interpreter's `m` takes operands from predecoded records, the translator's from the
// instruction; semantics cannot tell. How to write rows: the comments below, then isa/arith.ts.
import type { Callee, V } from '../wasm/code';
import { Code } from '../wasm/code';
import type { OperandKind } from './operands';

export type { Callee, Label, V, Variable } from '../wasm/code';

/** Exception vectors. */
export const DE = 0, DB = 1, BP = 3, UD = 6, NM = 7, DF = 8, TS = 10, NP = 11, SS = 12, GP = 13, PF = 14, MF = 16, AC = 17, XM = 19;

/** Condition codes by encoding: o no b ae e ne be a s ns p np l ge le g. */
export type ConditionCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15;

/** One operand of the form being built; sizes are resolved. */
export interface Operand {
  readonly kind: OperandKind;
  readonly isMemory: boolean;
  /** Bytes: of the register or immediate, or of the memory access. */
  readonly size: number;
}

/** How arithmetic flags follow from operands and result. `r` is the result before truncation; a and b as read (zero-extended). */
export type ArithKind = 'add' | 'adc' | 'sub' | 'sbb';

/** Values for some flags: i32 nodes that are 0 or 1; numbers 0 and 1 are constants. Flags not named keep their value. */
export type FlagValues = { readonly [F in 'cf' | 'pf' | 'af' | 'zf' | 'sf' | 'of']?: V<'i32'> | 0 | 1 };

/** A number of the x87: its significand; its exponent in bits 0 to 14, its sign in bit 31. */
export interface Float80 { readonly mant: V<'i64'>; readonly signExp: V<'i32'> }
/** Gives up where the condition is not zero. */
export type Doubt = (condition: V<'i32'>) => void;

/** What a helper sees: the processor's state and this instruction. A helper must do all that can fault before it changes anything. */
export interface HelperContext {
  /** WebAssembly memory (processor state and guest physical memory); state offsets in layout.ts. */
  readonly view: DataView;
  /** The operands: register addresses and effective address resolved. */
  readonly insn: {
    /** State addresses of the registers named by modrm.reg (or the opcode), modrm.rm, VEX.vvvv. */
    readonly reg: number; readonly rm: number; readonly vvvv: number;
    readonly immediate: bigint;
    /** Second immediate, or the address of the register in is4. */
    readonly extra: number;
    /** Linear address of the memory operand (BigInt.asUintN 64). */
    readonly address: bigint;
    /** Of a gather: the address without its index, the state address of the index register, and the shift of an index. */
    readonly base: bigint; readonly index: number; readonly scale: number;
    readonly isMemory: boolean;
    /** Operand size in bytes, vector length in bytes. */
    readonly size: number; readonly vectorBytes: number;
    readonly rip: bigint; readonly length: number;
  };
  gpr(number: number): bigint;
  setGpr(number: number, value: bigint): void;
  /** RFLAGS with arithmetic flags; setFlags replaces the six arithmetic flags only. */
  flags(): number;
  setFlags(flags: number): void;
  /** Reads guest memory at a linear address; a fault leaves the helper. */
  read(address: bigint, length: number): Uint8Array;
  /** Makes sure that `length` bytes can be written, or faults. Call before the first change. */
  probeWrite(address: bigint, length: number): void;
  write(address: bigint, bytes: Uint8Array): void;
  /** Raises an exception: leaves the helper. */
  raise(vector: number, errorCode?: number): never;

  // For system instructions.
  /** Where control goes after this instruction, instead of the next one. */
  setRip(address: bigint): void;
  setRipHalves(low: number, high: number): void;
  /** Linear address of the next instruction. */
  nextRip(): bigint;
  /** To be called after a change of CPL, control registers, EFER, IF or TF: engine state that follows from them is renewed at the boundary. */
  controlChanged(): void;
  /** To be called when FSW.ES may have changed: an x87 exception waits, or does no more. */
  unitsChanged(): void;
  flushTlb(): void;
  invlpg(address: bigint): void;
  /** INT n, INT3: delivered through the IDT after this instruction, with gate DPL checked. */
  softwareInterrupt(vector: number): void;
  /** Delivers an exception after this instruction. */
  trap(vector: number): void;
  /** run() comes back after this instruction. */
  leaveRun(kind: 'hypercall' | 'hlt'): void;
  /** Interrupts stay blocked for one more instruction (STI, MOV SS). */
  delayInterrupts(): void;
  timeStamp(): bigint;
  /** The marking NOP was executed. */
  mark(): void;
  systemFlags(): number;
  setSystemFlags(flags: number): void;
  /** Reads for the processor itself, as CPL 0. */
  systemRead64(address: bigint): bigint;
  /** Reads as many bytes as `out` has, from RSP on. */
  readStack(out: Uint8Array): void;
  /** The upper word of a selector's descriptor in the GDT. */
  descriptorHigh(selector: number): number;
  addr32(): boolean;
  /** insn.size, without the rest of insn. */
  operandSize(): number;
  /** Base of the segment of a string source or memory operand. */
  segmentBase(): bigint;
  repeat(): '' | 'rep' | 'repne';
  /** A repeated instruction goes by single elements: TF is set, or alignment is checked. */
  isStepwise(): boolean;
  /** Whether code that has been decoded stands there. */
  touchesCode(address: bigint, length: number): boolean;
  /** The instruction is not complete: RIP stays, it is not counted. */
  again(): void;
  /** XSAVE components that are not in their initial state. */
  componentsInUse(): number;
  /** Loads a segment register from the GDT, with the checks of a 64-bit data segment. */
  loadSegment(index: number, selector: number): void;
  xsave(address: bigint, mask: number, kind: 'fxsave' | 'xsave' | 'xsavec'): void;
  xrstor(address: bigint, mask: number, kind: 'fxrstor' | 'xrstor'): void;
}
export type Helper = (cpu: HelperContext) => void;

/**
 * The emitter. Integers are i64 nodes: `read` zero-extends to 64 bits whatever the operand size, `write` takes the low bits (a 32-bit register write
 * clears the upper half, 8 and 16 bits leave the rest). Rules: (1) all reads and everything that can fault before any write; a memory operand that is read and then
 * written is read with `update`. (2) Never `if` on a value: `m.when`, `m.select`. `if` on `m.bits`, operand sizes and forms is fine: those are known.
 * (3) Write the memory operand before registers and flags.
 */
export abstract class Machine extends Code {
  /** Operand size of this form in bits: 8, 16, 32 or 64 (the size of the first operand that has one). */
  abstract readonly bits: number;
  /** Vector length in bytes: 16, or 32 under VEX.L. */
  abstract readonly vectorBytes: number;
  /** True for VEX-encoded forms: writes of 16 bytes clear the upper half of the ymm register. */
  abstract readonly isVex: boolean;
  /** Prefixes that repeat: 'rep' (F3), 'repne' (F2). Part of the form only for rows that declare `rep`. */
  abstract readonly repeat: '' | 'rep' | 'repne';
  /** Condition code from the low four bits of the opcode (jcc, setcc, cmovcc). */
  abstract readonly condition: ConditionCode;

  // --- integer operands ----------------------------------------------------------------------------------------------------------------------

  /** The operand zero-extended; immediates sign-extended to the operand size, then zero-extended (unless declared unsigned). */
  abstract read(operand: Operand): V<'i64'>;
  /** The operand sign-extended from its size to 64 bits. */
  abstract readSigned(operand: Operand): V<'i64'>;
  /** As `read`, of an operand that will be written: memory is checked for writing first. */
  abstract update(operand: Operand): V<'i64'>;
  abstract write(operand: Operand, value: V<'i64'>): void;
  /** Effective address of a memory operand without its segment (lea). */
  abstract offset(operand: Operand): V<'i64'>;
  /** Linear address of a memory operand. */
  abstract address(operand: Operand): V<'i64'>;
  /** A general register by number, of `bytes` bytes (1: low byte). */
  abstract gpr(number: number, bytes?: number): V<'i64'>;
  abstract setGpr(number: number, value: V<'i64'>, bytes?: number): void;

  /** Base of the segment that a string instruction's source uses (DS or an override). */
  abstract segmentBase(): V<'i64'>;
  /** 1 under an address-size prefix (string instructions, jrcxz, loop; memory operands see to it themselves). */
  abstract addr32(): V<'i32'>;
  /** 1 when the memory operand's base register is `number` (pop to memory). */
  abstract baseIs(number: number): V<'i32'>;
  /** Number of a segment, control or debug register operand. */
  abstract registerNumber(operand: Operand): V<'i32'>;
  /** Stores below RSP and moves it. */
  abstract push(value: V<'i64'>, bytes: number): void;

  // --- memory --------------------------------------------------------------------------------------------------------------------------------

  /** Translates a linear address for an access of `bytes` and gives the address in WebAssembly memory; a fault leaves the instruction. */
  abstract pointer(linear: V<'i64'>, bytes: number, access: 'r' | 'w'): V<'i32'>;
  /** What the TLB knows, without a look into the page tables: 1 where the page of `linear` may be accessed so as a whole, and where `linear` is then. */
  abstract pageHit(linear: V<'i64'>, access: 'r' | 'w'): { isKnown: V<'i32'>; pointer: V<'i32'> };
  /** Pointer to a memory operand, translated once however often it is asked ('w' permits reading too; ask for 'w' first). */
  abstract operandPointer(operand: Operand, access: 'r' | 'w'): V<'i32'>;
  /** Raises #GP(0) unless the operand's address is a multiple of `bytes` (movaps and its like; legacy SSE memory operands of 16 bytes). */
  abstract requireAligned(operand: Operand, bytes: number): void;

  // --- vectors -------------------------------------------------------------------------------------------------------------------------------

  /** 16 bytes of a vector register or memory operand: half 0 (bytes 0-15) or 1 (16-31). Memory narrower than 16 bytes is zero-extended. */
  abstract readV(operand: Operand, half?: 0 | 1): V<'v128'>;
  /** Writes 16 bytes. Half 0 of a register in a VEX form also clears bytes 16-31 (write half 1 after it). Memory: `size` bytes (4, 8, 16). */
  abstract writeV(operand: Operand, value: V<'v128'>, half?: 0 | 1): void;
  /** The low element as a float. */
  abstract readF32(operand: Operand): V<'f32'>;
  abstract readF64(operand: Operand): V<'f64'>;
  /** Writes the low element and leaves the rest of the register (legacy SSE scalar forms; memory). */
  abstract writeF32(operand: Operand, value: V<'f32'>): void;
  abstract writeF64(operand: Operand, value: V<'f64'>): void;
  /** MMX operand as i64. */
  abstract readMmx(operand: Operand): V<'i64'>;
  abstract writeMmx(operand: Operand, value: V<'i64'>): void;

  /** dst = f(half) for each 16 bytes of the vector length, all halves computed before the first is written. */
  vector(dst: Operand, f: (half: 0 | 1) => V<'v128'>): void {
    const low = f(0), high = this.vectorBytes === 32 ? f(1) : undefined;
    if (dst.isMemory) this.operandPointer(dst, 'w');
    this.writeV(dst, low, 0);
    if (high) this.writeV(dst, high, 1);
  }

  // --- flags ---------------------------------------------------------------------------------------------------------------------------------

  /** All six flags of an addition or subtraction of `bits` (default m.bits) wide operands. For adc and sbb, r includes the carry. */
  abstract arith(kind: ArithKind, a: V<'i64'>, b: V<'i64'>, r: V<'i64'>, bits?: number): void;
  /** ZF SF PF from r, CF OF AF cleared (and, or, xor, test). */
  abstract logic(r: V<'i64'>, bits?: number): void;
  /** ZF SF PF from r as given by `bits`; cf, of, af as given, unchanged when left out. */
  abstract resultFlags(r: V<'i64'>, rest: Pick<FlagValues, 'cf' | 'of' | 'af'>, bits?: number): void;
  /** Sets the flags that are named. */
  abstract setFlags(values: FlagValues): void;
  /** One flag as 0 or 1. */
  abstract flag(name: keyof FlagValues): V<'i32'>;
  /** Whether the condition holds, 0 or 1. */
  abstract test(condition: ConditionCode): V<'i32'>;

  // --- other state ---------------------------------------------------------------------------------------------------------------------------

  /** A state word of layout.ts STATE other than registers and flags (mxcsr, fcw ...). */
  abstract state(offset: number, name?: 'i32.load' | 'i32.load16_u'): V<'i32'>;
  abstract state64(offset: number): V<'i64'>;
  abstract setState(offset: number, value: V<'i32'> | V<'i64'>): void;
  /** ST(i), whatever its tag. */
  abstract readX87(i: V<'i32'> | number): Float80;
  abstract writeX87(i: V<'i32'> | number, value: Float80): void;
  /** The status word with a zero for C1. */
  abstract statusButC1(): V<'i32'>;
  /** Whether inexact is known to be noted in it. */
  isRoundingNoted(): boolean { return false; }
  /** C1: whether the last instruction of the x87 rounded up; left out: no. */
  abstract setRoundedUp(isUp?: V<'i32'>): void;
  /** Number i of an ST(i) operand. */
  abstract stNumber(operand: Operand): V<'i32'>;
  /** What every MMX instruction but EMMS does: TOP = 0, all registers valid. writeMmx to a register does it too. */
  abstract enterMmx(): void;
  /** Address of a constant table in WebAssembly memory; equal contents share a place. */
  abstract table(bytes: readonly number[]): V<'i32'>;
  /** Immediate operand known to both engines' code as a value; `immediate` gives it as an i32 for shuffles by table or switch. */
  abstract immediate(operand: Operand): V<'i32'>;

  // --- what is known while code is written ---------------------------------------------------------------------------------------------------

  /** True where MXCSR is known to round to nearest, mask all exceptions and flush nothing; helpers leave the code. See simd_quick.ts. */
  isMxcsrKnown(): boolean { return false; }
  /** With it: whether inexact is noted already. */
  isInexactNoted(): boolean { return false; }
  /** Whether a float of `bits`, or each one of a vector, is known to be zero or a normal number. */
  isOrdinary(_value: V, _bits: 32 | 64): boolean { return false; }
  noteOrdinary(_value: V, _bits: 32 | 64): void { /* for engines that remember */ }
  /** `require`, which leaves where it is not so, unless it has been done before: on the way here, as far as an engine remembers that while the code runs. */
  unlessOrdinary(_value: V, _bits: 32 | 64, require: () => void): void { require(); }
  /** A constant that is read once: the optimizing compiler adds what it does not know in one step with a shift. */
  steady(value: bigint): V<'i64'> { return this.i64(value); }

  // --- control -------------------------------------------------------------------------------------------------------------------------------

  /** Linear address of this instruction. */
  abstract rip(): V<'i64'>;
  /** Linear address of the next instruction. */
  abstract nextRip(): V<'i64'>;
  /** Ends the instruction by going to `target` (checked canonical). The row declares `ends: true`. */
  abstract jump(target: V<'i64'>): void;
  /** Ends the instruction by going to `target` in ring `cpl`, where nothing but the next instruction can come: no trap, no pending interrupt. */
  abstract enterRing(cpl: 0 | 3, target: V<'i64'>): void;
  /** Ends the instruction by calling whoever runs this processor, with everything exact and RIP behind it; the row declares `ends: true`. Interpreter only. */
  abstract hypercall(): void;
  /** Goes to the target of a relative operand, where `condition` holds; else on to the next instruction. */
  abstract branch(operand: Operand, condition?: V<'i32'>): void;
  /** Raises exception `vector` where `condition` holds (always, when left out), before any change. */
  abstract raise(vector: number, condition?: V<'i32'>, errorCode?: number): void;
  /** Calls TypeScript: for what is too odd to express. Registers may have changed after it. */
  abstract callHelper(helper: Helper): void;
  /** As callHelper, of the whole instruction, with the count of instructions exact: for what reads the time. */
  abstract callExactly(helper: Helper): void;
  /** The usual way: before it changes anything it says where it would not do. There the whole instruction is done by `exact`. */
  attempt(act: (doubt: Doubt) => void, exact: Helper): void {
    this.block(done => {
      this.block(odd => {
        act(condition => this.when(condition, () => this.br(odd), undefined, true));
        this.br(done);
      });
      this.callHelper(exact);
    });
  }
  /** Calls a wasm routine made by `routine()`: shared code such as a soft-float addition. */
  abstract callRoutine(routine: Routine, ...args: V[]): V[];
  /** Whether the code of a routine should rather be written here than called. */
  placesRoutine(): boolean { return false; }
}

/** Shared code, emitted once, called from many rows: pure except for processor state reached by `code.load/store` at STATE offsets. */
export interface Routine {
  readonly name: string;
  readonly params: readonly ('i32' | 'i64' | 'f32' | 'f64' | 'v128')[];
  readonly results: readonly ('i32' | 'i64' | 'f32' | 'f64' | 'v128')[];
  /** Returns the results. `call` reaches other routines; `table` places constants in memory and gives their address. */
  readonly body: (code: Code, args: V[], call: (routine: Routine, ...args: V[]) => V[], table: (bytes: readonly number[]) => V<'i32'>) => V[];
}
/** All of them, by name. */
export const routines = new Map<string, Routine>();
export const routine = (name: string, params: Routine['params'], results: Routine['results'], body: Routine['body']): Routine => {
  const made = { name, params, results, body };
  routines.set(name, made);
  return made;
};

export type Semantics = (m: Machine, operands: readonly Operand[]) => void;

/** Semantics that are one TypeScript function. */
export const helper = (fn: Helper): Semantics => m => m.callHelper(fn);

/** Semantics that are one TypeScript function which reads the time. */
export const exactHelper = (fn: Helper): Semantics => m => m.callExactly(fn);

export interface RowOptions {
  /** LOCK is allowed with a memory destination. */
  lock?: true;
  /** Default (and only) operand size 64 in 64-bit mode (push, pop, call, jmp near). 66h gives 16 for push and pop. */
  size64?: true;
  /** Operand size 64 whatever the prefixes say (near branches): Intel's way; AMD's processors let 66h make it 16. */
  force64?: true;
  /** Only at CPL 0, else #GP(0). */
  privileged?: true;
  /** modrm.mod does not matter: rm names a register (moves of control and debug registers). */
  ignoresMod?: true;
  /** Control does not simply go on to the next instruction: ends a block. */
  ends?: true;
  /** Emitted into the interpreter's inner function: for what hot loops are made of. Everything else is compiled when first met. */
  hot?: true;
  /** F3 and F2 repeat (string instructions): part of the form. */
  rep?: true;
  /** F3 and F2 before it make it undefined. */
  noRepeat?: true;
  /** Tests compare natively: false for what cannot run at CPL 3 or is not deterministic (rdtsc, cpuid, syscall, hlt ...). */
  native?: false;
  /** A CPUID feature the host must have for the native comparison, as /proc/cpuinfo spells it: 'avx2', 'bmi2', 'fma' ... */
  feature?: string;
  /** SSE state: #NM when CR0.TS, #UD when CR0.EM or CR4.OSFXSR clear ('sse'); VEX: XCR0 ('avx'); x87: #NM when TS or EM ('x87', 'mmx'), and #MF while an exception waits. */
  unit?: 'sse' | 'avx' | 'x87' | 'mmx';
}

/**
 * One encoding: `[opcode, mnemonic, operands, flags, semantics, options?]`.
 *
 * Opcode, in the manual's manner: optional mandatory prefix `NP` `66` `F3` `F2`, then `0F`, `0F 38`, `0F 3A` or nothing, then the opcode byte, then
 * `/0`..`/7` for an extension in modrm.reg, or a second hexadecimal byte for a whole fixed modrm (`0F 01 C1`, `D9 E8`). `REX.W` / `W0` at the end restrict W.
 * `+r` after the byte: the register in the opcode (`50+r`); `+cc`: sixteen conditions (`0F 40+cc`). Without mandatory prefix: any (66 selects the operand size).
 * VEX: `VEX.66.0F38.W0.L1 18` - prefix one of NP 66 F3 F2, map 0F 0F38 0F3A, W0 W1 or absent (ignored), L0 L1 or absent (both).
 *
 * Flags: eight letters for O D I S Z A P C: `m` modified, `0` `1` set so, `u` undefined (masked in tests), `-` untouched.
 */
export type Row = readonly [opcode: string, mnemonic: string, operands: readonly OperandKind[], flags: string, semantics: Semantics, options?: RowOptions];

/** A list of rows, made when the first of them is met: most programs meet few of the lists. */
export type Rows = () => readonly Row[];
export function rows(make: Rows): Rows {
  let list: readonly Row[] | undefined;
  return () => list ??= make();
}

export type { OperandKind } from './operands';
export type CallTarget = Callee;
