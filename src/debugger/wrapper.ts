// Functions without source that a step into enters all the same: the C library's wrappers of system calls, since what lies behind them is what this debugger is for.
// `printf` is none: it comes to write() by many functions that nobody wants to read as machine code. Not here: the step itself (stepping.ts, kernel_plan.ts).
import type { Modules } from './modules';
import { isSystemCall } from './kernel_plan';
import type { Target } from './target';

/** Which functions a step into enters: those whose source is there, the wrappers of system calls besides, or every one. */
export type StepInto = 'source' | 'syscalls' | 'all';

/** POSIX functions that bear the name of a system call and are more than its wrapper: exit() runs handlers, syslog() writes to a socket. */
const MORE_THAN_A_CALL = new Set(['exit', 'syslog']);
/** A function that holds a `syscall` instruction and is longer than this does more than wrap it. */
const LONGEST_WRAPPER = 512n;

/** `__libc_write`, `__GI___write`, `write@@GLIBC_2.2.5`, `pread64`: the name that the call may have. */
const plainNames = (symbol: string): string[] => {
  const plain = symbol.replace(/@.*$/, '').replace(/^(__GI_|__libc_|_)+/, '');
  return [plain, plain.replace(/64$/, '')];
};

/** Whether the function with a symbol at or around `address` wraps a system call: it bears the name of one, or is short and executes `syscall` itself. */
export function isCallWrapper(target: Target, modules: Modules, pid: number, address: bigint, callNames: readonly string[]): boolean {
  const symbol = modules.at(pid, address)?.symbolAt(address);
  if (!symbol || symbol.name.endsWith('@plt')) return false;
  if (plainNames(symbol.name).some(name => callNames.includes(name) && !MORE_THAN_A_CALL.has(name))) return true;
  if (symbol.size === 0n || symbol.size > LONGEST_WRAPPER) return false;
  const code = target.readMemory(pid, symbol.address, Number(symbol.size));
  return code.some((byte, at) => byte === 0x0f && code[at + 1] === 0x05);
}

/** Where a step has come to in ring 3 without source, and what leads on; undefined where there are lines. */
export function instructionText(target: Target, modules: Modules, pid: number, pc: bigint): string | undefined {
  if (pc >= 1n << 63n || modules.hasSource(pid, pc)) return undefined;
  const where = modules.describe(pid, pc) ?? `0x${pc.toString(16)}`;
  return isSystemCall(target, pid, pc) ? `at the system call of ${where}; Step Into enters ring 0` : `in ${where}, which has no source; Step Into leads on towards the kernel`;
}
