// Debug information of one ELF file in the debugger's terms: lines, functions, scopes, variables, types, unwinding. It reads only
// what is asked for. Addresses are the file's own; malformed units are left out and reported once. It knows no process.
import type { Address } from '../base/address';
import type { FormatError } from '../base/errors';
import type { CType } from './ctype';
import type { UnwindRow } from './frame_types';
import type { BreakpointAddress, BreakpointPosition, CallSite, FunctionAt, FunctionInfo, LineLocation, Scope, SourceFile, Variable } from './model';
import type { Expression } from './expr';

export interface DebugInfoOptions {
  /** The file's path: separate debug files and .dwo files are looked for beside it. */
  path?: string;
  /** Reads a companion file (separate debug file, .dwo, .dwp); undefined when there is none. */
  loadFile?: (path: string) => Uint8Array | undefined;
  /** Where separate debug files stand. Default: /usr/lib/debug. */
  debugDirectories?: readonly string[];
  /** Told of each malformed unit. */
  onProblem?: (problem: FormatError) => void;
}

export interface DebugInfo {
  /** There are compilation units (in this file or its separate debug file). */
  readonly hasUnits: boolean;

  lineAt(pc: Address): LineLocation | undefined;
  /** Where to stop for a line: the nearest line at or after it that has code, a function's entry moved past its prologue. `file`: a path or its tail. */
  addressesFor(file: string, line: number): BreakpointAddress[];
  /** The positions in a range of lines where a breakpoint may stand. */
  breakpointLocations(file: string, from: number, to: number): BreakpointPosition[];
  /** All source files that have line information. */
  sources(): SourceFile[];

  functionAt(pc: Address): FunctionAt | undefined;
  functionsNamed(name: string | RegExp): FunctionInfo[];
  /** The address where a breakpoint on the function is set: after the prologue. */
  prologueEnd(fn: FunctionInfo): Address | undefined;
  /** The blocks around `pc`, innermost first, with what each declares. */
  scopeAt(pc: Address): Scope[];
  /** The function's DW_AT_frame_base at `pc`. */
  frameBaseAt(pc: Address): Expression | undefined;
  /** The call that returns to `returnAddress`: answers DW_OP_entry_value. */
  callSiteAt(returnAddress: Address): CallSite | undefined;

  /** Global and file-static variables of that name; those of the unit at `near` first. */
  globalsNamed(name: string | RegExp, near?: Address): Variable[];
  enumeratorNamed(name: string, near?: Address): { value: bigint; type: CType } | undefined;
  /** `struct point`, `union u`, `enum e`, a typedef's or base type's name. */
  typeNamed(name: string, near?: Address): CType | undefined;
  /** The entry at an offset of .debug_info as a variable: the target of an implicit pointer. */
  variableAt(offset: number, pc: Address): Variable | undefined;
  /** The language of the unit at `pc`, as DW_LANG. */
  languageAt(pc: Address): number | undefined;

  unwindRow(pc: Address): UnwindRow | undefined;
}
