// A system call as a person sees it: names and values of its arguments, its result, and the reason of its failure. Text comes from the trace room.
import type { ArgType } from '../abi/arg_types';
import { findErrno } from '../abi/errno';
import { syscalls, syscalls32, syscallsByName, type SyscallDeclaration } from '../kernel/syscall';

export type Abi = 'x86-64' | 'i386';

export interface CallArgument {
  name: string;
  /** As it was passed, zero-extended as the type is wide. */
  raw: bigint;
  bits: 8 | 16 | 32 | 64;
  isSigned: boolean;
  /** The text of a path or string argument, bytes as latin1. */
  text?: string;
}

export interface CallFacts {
  nr: number;
  abi: Abi;
  name: string;
  args: readonly CallArgument[];
  ret?: bigint;
  errno?: { name: string; number: number; text: string; reason: string | null };
  /** At the return: what stood behind each pointer argument when the call was made. */
  before?: readonly (Uint8Array | undefined)[];
  text: string;
}

/** Twelve words as EventSink gives them: six arguments as [lo, hi]. */
export type CallWords = ArrayLike<number>;

export function findDeclaration(nr: number, abi: Abi): SyscallDeclaration | undefined {
  return (abi === 'x86-64' ? syscalls : syscalls32).get(nr);
}

/** The arguments of a call; `readString` gives a C string of the caller's memory, or null. */
export function argumentsOf(nr: number, abi: Abi, words: CallWords, readString: (address: number) => string | null): CallArgument[] {
  const declaration = findDeclaration(nr, abi);
  const types: [string, ArgType<unknown> | null][] = declaration ? Object.entries(declaration.args) : Array.from({ length: 6 }, (_, i) => [`arg${i}`, null]);
  return types.map(([name, type], i) => {
    const low = words[2 * i] ?? 0, high = words[2 * i + 1] ?? 0;
    const { bits, isSigned } = widthOf(type?.c ?? 'unsigned long');
    const argument: CallArgument = { name, raw: BigInt.asUintN(bits, (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)), bits, isSigned };
    if (type?.kind === 'path' || type?.kind === 'str') {
      const text = readString(Number(argument.raw));
      if (text !== null) argument.text = text;
    }
    return argument;
  });
}

const WIDTHS: Record<string, { bits: 8 | 16 | 32 | 64; isSigned: boolean }> = {
  int: { bits: 32, isSigned: true }, pid_t: { bits: 32, isSigned: true }, clockid_t: { bits: 32, isSigned: true }, key_t: { bits: 32, isSigned: true },
  long: { bits: 64, isSigned: true }, off_t: { bits: 64, isSigned: true }, loff_t: { bits: 64, isSigned: true }, ssize_t: { bits: 64, isSigned: true },
  'unsigned int': { bits: 32, isSigned: false }, uid_t: { bits: 32, isSigned: false }, gid_t: { bits: 32, isSigned: false }, socklen_t: { bits: 32, isSigned: false },
  mode_t: { bits: 16, isSigned: false },
};

function widthOf(c: string): { bits: 8 | 16 | 32 | 64; isSigned: boolean } {
  return WIDTHS[c] ?? { bits: 64, isSigned: false };
}

/** The errno that a result stands for, with the check that refused the call. */
export function errnoOf(ret: number, because: string | null): CallFacts['errno'] {
  if (ret >= 0 || ret < -4095) return undefined;
  const errno = findErrno(-ret);
  return { name: errno?.name ?? `ERRNO_${-ret}`, number: -ret, text: errno?.text ?? `Unknown error ${-ret}`, reason: because };
}

/** Every system call that the kernel declares, for filters. */
export function allCalls(): Iterable<{ readonly nr: number; readonly name: string; readonly classes: readonly string[] }> {
  return syscallsByName.values();
}
