// The second build of the kernel, in which every statement reports a probe. The bundler makes it (scripts/kernel_probes.mjs) and puts here what loads it.
// Without the bundler there is none.
import type { ProbedEntries } from './probed_kernel';

/** The table of probes as the plugin writes it. Numbers are indices. */
export interface ProbeTable {
  /** Every source file of the kernel, its path below src/kernel. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly probes: readonly (readonly [fn: number, line: number, column: number, names: readonly string[]])[];
  /** `syscall`: the name of the system call that it handles. */
  readonly functions: readonly { readonly name: string; readonly file: number; readonly line: number; readonly endLine: number; readonly params: readonly string[]; readonly fields?: Readonly<Record<string, string>>; readonly syscall?: string }[];
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
export const sharedModules: Readonly<Record<string, object>> = {};

const absent = (): never => { throw new Error('this build of Ringside has no probed kernel'); };

export const loadProbeTable: () => ProbeTable = absent;
/** The function that it gives makes the probed kernel; its argument gives the modules that both builds share. */
export const loadProbedKernel: () => (require: (name: string) => object) => ProbedEntries = absent;
