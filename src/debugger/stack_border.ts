// The words for the places where a stack crosses from ring 3 to ring 0, or from a program to its signal handler. What stands between colons fits a narrow side bar, each on a row of its own.
// Not here: the frames (stack.ts).
import { signalName } from '../abi/signal';
import { syscalls, syscalls32 } from '../kernel/syscall';
import { pageFaultText, vectorName } from './scopes/cpu_bits';
import type { StackFrame } from './stack';
import type { Target } from './target';

/** What stands between `above` and the frame that it interrupted or was entered from; undefined between plain calls. */
export function borderBetween(target: Target, above: StackFrame, below: StackFrame): string | undefined {
  if (above.ring === 0 && below.ring === 3) return crossing(target, above);
  if (below.ring === 3 && isTrampoline(above)) return `${deliveredSignal(target, above)} delivered here`;
  return undefined;
}

function crossing(target: Target, above: StackFrame): string {
  const entry = entryText(target, above);
  return `ring 0 above, ring 3 below: ${entry === undefined ? 'a new task, not there yet' : `entered by ${entry}`}`;
}

/** What led from ring 3 into ring 0; undefined: nothing, the task begins in ring 0. */
function entryText(target: Target, above: StackFrame): string | undefined {
  const { pid } = above;
  const user = target.registers(pid, 'user');
  const number = BigInt.asIntN(64, user.read('orig_rax') ?? -1n);
  if (number >= 0n) {
    const isI386 = above.name === 'entry_INT80_64';
    const name = (isI386 ? syscalls32 : syscalls).get(Number(number))?.name;
    return `${isI386 ? 'int 0x80: i386 ' : ''}syscall ${number}${name ? ` (${name})` : ', which does not exist'}`;
  }
  const exception = /^asm_exc_(\w+)$/.exec(above.name)?.[1];
  if (exception === 'page_fault') {
    const fault = target.registers(pid, 'innermost');
    const code = errorCode(target, above);
    return `#PF at 0x${(fault.read('cr2') ?? 0n).toString(16)}${code === undefined ? '' : `: ${pageFaultText(code)}`}`;
  }
  if (exception !== undefined) return vectorNamed(exception) ?? exception.replaceAll('_', ' ');
  if (/apic_timer/.test(above.name)) return 'timer interrupt';
  return undefined;
}

/** The error code that the entry code hands over in RSI. */
function errorCode(target: Target, { pid }: StackFrame): number | undefined {
  if (pid !== target.currentPid) return undefined;
  const rsi = target.registers(pid, 'innermost').read('rsi');
  return rsi !== undefined && rsi < 32n ? Number(rsi) : undefined;
}

const EXCEPTIONS: Readonly<Record<string, number>> = {
  divide_error: 0, debug: 1, nmi: 2, int3: 3, overflow: 4, bounds: 5, invalid_op: 6, device_not_available: 7, double_fault: 8, invalid_tss: 10, segment_not_present: 11, stack_segment: 12, general_protection: 13,
  coprocessor_error: 16, alignment_check: 17, machine_check: 18, simd_coprocessor_error: 19, virtualization_exception: 20, control_protection: 21,
};
const vectorNamed = (name: string): string | undefined => EXCEPTIONS[name] === undefined ? undefined : vectorName(EXCEPTIONS[name]);

/** glibc's and musl's sa_restorer: the caller that the kernel gives to a handler. */
const isTrampoline = (frame: StackFrame): boolean => frame.physical.isSignalFrame || /^(__restore_rt|__restore|__kernel_rt_sigreturn)$/.test(frame.name);

/** The frame that the kernel wrote starts with the restorer's address, and siginfo stands behind ucontext. Linux: arch/x86/include/asm/sigframe.h:struct rt_sigframe */
const SIGINFO_AT = 304n;

function deliveredSignal(target: Target, frame: StackFrame): string {
  const rsp = frame.physical.registers.read('rsp');
  if (rsp === undefined) return 'a signal';
  // At the trampoline the return address has been popped: RSP points at ucontext.
  const bytes = target.readMemory(frame.pid, rsp + SIGINFO_AT, 4);
  const signo = bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, true);
  return signo >= 1 && signo <= 64 ? `signal ${signalName(signo)}` : 'a signal';
}
