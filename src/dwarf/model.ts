// What debug information says, in the debugger's words: source lines, functions, scopes, variables. Addresses are those of the
// file (link time): whoever loads it adds where it is loaded.
import type { Address } from '../base/address';
import type { CType } from './ctype';
import type { Expression } from './expr';

export interface SourceFile {
  /** The path as the compiler knew it, made absolute with the compilation directory where that is known. */
  path: string;
  /** As DWARF writes it: relative to `compDir` when not absolute. */
  name: string;
  compDir: string;
  /** The file's MD5 in hex (DWARF 5, clang). */
  md5?: string;
}

/** A row of the line table that covers an address. */
export interface LineLocation {
  /** The row's first address, and the address after the row. */
  address: Address;
  end: Address;
  file: SourceFile;
  /** 0: the compiler's own code, no line; only at the beginning of a function: elsewhere such code counts to the line before it. */
  line: number;
  /** 0: unknown. */
  column: number;
  isStatement: boolean;
  isPrologueEnd: boolean;
}

/** An address where a breakpoint on a line is set. */
export interface BreakpointAddress {
  address: Address;
  file: SourceFile;
  /** The line that has code: the one asked for or the next one. */
  line: number;
  column: number;
  /** The function that contains it, when known. */
  function?: string;
}

export interface BreakpointPosition { line: number; column: number; address: Address }

export interface FunctionInfo {
  /** As written in the source. C++: qualified. */
  name: string;
  /** The symbol's name when it differs (C++, Rust). */
  linkageName?: string;
  /** Entry. For an inline function without code of its own: undefined. */
  low?: Address;
  /** The end of the contiguous part that begins at `low`. */
  high?: Address;
  /** All address ranges, also of parts that were split off (`.cold`). */
  ranges: { low: Address; high: Address }[];
  file?: SourceFile;
  line?: number;
  isExternal: boolean;
  returns: CType;
  type: CType;
  /** Identifies the function among all of this file: the offset of its entry. */
  id: number;
}

/** A function's body inlined at a call: the innermost one is the first. */
export interface InlinedCall {
  function: FunctionInfo;
  /** The inlined copy's ranges. */
  ranges: { low: Address; high: Address }[];
  callFile?: SourceFile;
  callLine?: number;
  callColumn?: number;
}

export interface FunctionAt {
  /** The function whose code it is: what gdb calls the outer frame. */
  function: FunctionInfo;
  /** The calls inlined there, innermost first; empty when the address belongs to the function itself. */
  inlined: InlinedCall[];
}

/** How to find a variable's value at one address. */
export type VariableLocation =
  | { kind: 'expression'; expression: Expression }
  | { kind: 'constant'; value: bigint }
  | { kind: 'bytes'; bytes: Uint8Array }
  | { kind: 'optimizedOut' };

export interface Variable {
  name: string;
  type: CType;
  location: VariableLocation;
  isParameter: boolean;
  /** Made by the compiler, not the person. */
  isArtificial: boolean;
  isExternal: boolean;
  file?: SourceFile;
  line?: number;
  /** The offset of its entry: identifies it. */
  id: number;
}

/** One lexical block: the innermost is the first of the list that scopeAt gives. */
export interface Scope {
  kind: 'block' | 'inlined' | 'function';
  /** The name of the function or the inlined function. */
  name?: string;
  ranges: { low: Address; high: Address }[];
  variables: Variable[];
}

/** What a caller knows of the arguments that it passes: answers DW_OP_entry_value. */
export interface CallSite {
  returnAddress: Address;
  isTailCall: boolean;
  /** The call's origin, when it is known. */
  function?: string;
  parameters: { location: Expression; value: Expression }[];
}
