// What the debugger asks of the symbols of one ELF file, in link-time addresses; modules.ts adds where it is loaded.
// Not here: how DWARF says it. symbol_file.ts implements this over src/dwarf, tests by hand.
import type { DebugInfo } from '../dwarf/debug_info';

/** A row of the line table: [start, end) is the code of this row alone. */
export interface LineRow {
  /** Absolute where the compilation directory is known. */
  file: string;
  line: number;
  column: number;
  isStmt: boolean;
  start: bigint;
  end: bigint;
}

export interface FunctionFacts {
  name: string;
  low: bigint;
  high: bigint;
  /** Where the arguments are in place: the address for a breakpoint on the function. */
  bodyStart: bigint;
  file?: string;
  line?: number;
}

/** A call that the compiler inlined and whose code covers the address asked for. */
export interface InlinedCall { name: string; callFile: string; callLine: number; callColumn: number; low: bigint }

export interface FunctionAt extends FunctionFacts {
  /** Outermost first. */
  inlined: readonly InlinedCall[];
}

export interface CodeLocation { address: bigint; file: string; line: number; column: number }

/** How the value of a register of the caller is found. Registers by DWARF number of the psABI: 6 rbp, 7 rsp, 16 the return address. */
export type RegisterRule =
  | { kind: 'undefined' }
  | { kind: 'same' }
  | { kind: 'offset'; offset: number }
  | { kind: 'valOffset'; offset: number }
  | { kind: 'register'; register: number }
  | { kind: 'expression'; evaluate: UnwindExpression }
  | { kind: 'valExpression'; evaluate: UnwindExpression };

export interface UnwindReader {
  register(number: number): bigint | undefined;
  /** Zero-extended; undefined where memory is not readable. */
  memory(address: bigint, size: number): bigint | undefined;
}

/** The value of the expression with `cfa` pushed first when it is given; undefined when it needs what cannot be read. */
export type UnwindExpression = (reader: UnwindReader, cfa: bigint | undefined) => bigint | undefined;

export interface UnwindRow {
  cfa: { kind: 'register'; register: number; offset: number } | { kind: 'expression'; evaluate: UnwindExpression };
  /** By DWARF register number; an absent one is unchanged. */
  rules: ReadonlyMap<number, RegisterRule>;
  returnAddressRegister: number;
  isSignalFrame: boolean;
}

export interface SourceFacts { file: string; md5?: string }

export interface SymbolFile {
  readonly hasLines: boolean;
  /** Scopes, variables and types, for those who evaluate. */
  readonly info: DebugInfo | undefined;
  /** e_entry. */
  readonly entry: bigint;
  /** The link-time address of the byte at this file offset, by the program headers. */
  linkAddressOf(fileOffset: bigint): bigint | undefined;
  lineAt(address: bigint): LineRow | undefined;
  /** Where to stop for this line, by the nearest following line that has code; after the prologue at a function's first line. */
  addressesFor(file: string, line: number): CodeLocation[];
  /** Statement starts of the lines [from, to]. */
  breakpointLocations(file: string, from: number, to: number): CodeLocation[];
  functionAt(address: bigint): FunctionAt | undefined;
  functionsNamed(pattern: string | RegExp): FunctionFacts[];
  /** By the ELF symbol tables: the symbol that covers the address. */
  symbolAt(address: bigint): { name: string; address: bigint; size: bigint } | undefined;
  symbolsNamed(pattern: string | RegExp): { name: string; address: bigint }[];
  /** Offset in the module's thread-local block of a variable of the ELF symbol table. */
  threadLocalNamed(name: string): bigint | undefined;
  unwindRow(address: bigint): UnwindRow | undefined;
  /** Its debug information is a file of its own that a distribution has installed. */
  readonly isDistributions: boolean;
  /** With `names`: a big file that has no source called like one of them need not list the others. */
  sources(names?: readonly string[]): SourceFacts[];
}
