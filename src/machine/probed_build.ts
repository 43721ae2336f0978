// The second build of the kernel, in which every statement reports a probe. The bundler makes it (scripts/kernel_probes.mjs) and puts here what loads it.
// Without the bundler there is none.
import type { ProbedEntries } from './probed_kernel';

/**
 * What declares the type of a variable, of its elements, of its fields; see scripts/kernel_types.mjs. A string is `c:size_t` (a name of abi/c_types.ts), `f:file.f_pos` (a field of
 * a kernel object), `a:read.fd` (an argument of a system call) or `r:read` (its result); `object` is a kernel object's type.
 */
export type KernelType = string | { readonly object: string } | { readonly list: KernelType } | { readonly set: KernelType } | { readonly map: readonly [KernelType | null, KernelType | null] } | { readonly struct: string };

export interface ProbedFunction {
  readonly name: string; readonly file: number; readonly line: number; readonly endLine: number; readonly params: readonly string[];
  /** The system call that it handles. */
  readonly syscall?: string;
  /** By variable; where a name is declared more than once, what it is from which line on. */
  readonly types?: Readonly<Record<string, KernelType | readonly (readonly [line: number, type: KernelType])[]>>;
  readonly returns?: KernelType;
}

/** The table of probes as the plugin writes it. Numbers are indices. */
export interface ProbeTable {
  /** Every source file of the kernel, its path below src/kernel. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly probes: readonly (readonly [fn: number, line: number, column: number, names: readonly string[]])[];
  readonly functions: readonly ProbedFunction[];
  /** The fields of the records that types name. */
  readonly structs: Readonly<Record<string, Readonly<Record<string, KernelType>>>>;
  /** By function: those that it may call. */
  readonly calls: readonly (readonly number[])[];
  /** The function that handles each system call. */
  readonly handlers: Readonly<Record<string, number>>;
  /** By ops table and name of the operation. */
  readonly ops: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Functions in tables of which it is not known who calls them. */
  readonly loaded: readonly number[];
}

/** By path below src, without extension. */
export const sharedModules = (): Readonly<Record<string, object>> => ({});

const absent = (): never => { throw new Error('this build of Ringside has no probed kernel'); };

export const loadProbeTable: () => ProbeTable = absent;
/** The function that it gives makes the probed kernel; its argument gives the modules that both builds share. */
export const loadProbedKernel: () => (require: (name: string) => object) => ProbedEntries = absent;
