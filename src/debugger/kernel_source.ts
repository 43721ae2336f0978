// The simulated kernel's source as a person meets it: documents named ringside-kernel:/fs/read_write.ts, functions by name, glob or regular expression.
// Not here: values and expressions (objects/), stepping (kernel_plan.ts).
import { kernel } from '../kernel/state';
import { localValue } from './kernel_locals';
import type { KernelNames } from './objects/evaluate';
import type { StackFrame } from './stack';
import type { KernelCode, KernelFrame } from './target';
import type { UnwoundFrame } from './unwind';
import type { Module } from './modules';

export const KERNEL_SCHEME = 'ringside-kernel:';

/** The document of a source file of the kernel, given its path below src/kernel. */
export const kernelDocument = (file: string): string => `${KERNEL_SCHEME}/${file}`;

/** The path below src/kernel, or undefined for a document of another kind. */
export function kernelFile(document: string): string | undefined {
  return document.startsWith(KERNEL_SCHEME) ? document.slice(KERNEL_SCHEME.length).replace(/^\/+/, '') : undefined;
}

/** A system call's handler is `__x64_sys_write`; `sys_write` means it too. `kernel:vfs_write` and `vfs_write` are one. */
export function findKernelFunctions(kernel: KernelCode, pattern: string | RegExp): KernelCode['functions'] {
  const matches = typeof pattern === 'string' ? (name: string) => name === pattern : (name: string) => !name.includes('/') && pattern.test(name);
  return kernel.functions.filter(({ name, probes }) => probes.length > 0 && (matches(name) || name.startsWith('__x64_') && matches(name.slice('__x64_'.length))));
}

/** The variables of a kernel function and of those that it stands in, the kernel's state and its constants, by the names that its source has for them; for expressions. */
export const namesOf = (code: KernelCode, frame: KernelFrame): KernelNames => name => {
  const local = variableOf(code.frames, frame, name);
  return local ? localValue(local, code.structs) : name === 'kernel' ? kernel : code.constant(name);
};

/** Function expressions are named `outer/inner`, and see what the outer one has, which called what calls them. */
function variableOf(frames: readonly KernelFrame[], frame: KernelFrame, name: string): KernelFrame['locals'][number] | undefined {
  const local = frame.locals.find(one => one.name === name), end = frame.name.lastIndexOf('/');
  if (local || end < 0) return local;
  const outer = frames.find((one, i) => one.name === frame.name.slice(0, end) && one.file === frame.file && i > frames.indexOf(frame));
  return outer && variableOf(frames, outer, name);
}

/** Whether a source of a module is the document of a piece of machine code that the kernel brings: the entry code, the vDSO. */
export function isImageSource(document: string, module: Module, source: string): boolean {
  const file = kernelFile(document);
  return file !== undefined && (module.isKernel || module.path === '[vdso]') && file.slice(file.lastIndexOf('/') + 1) === source.slice(source.lastIndexOf('/') + 1);
}

/**
 * The functions that the current task is in. A call that goes on after a sleep is called from the exit of another task's entry, which is no part of its stack: on
 * Linux its own frames would still be there, and here the entry code's are.
 */
export function ownFrames(frames: readonly KernelFrame[]): readonly KernelFrame[] {
  const again = frames.findIndex(({ name }, i) => name === 'run_call' && frames[i + 1]?.name === 'exit_to_user_mode');
  return again < 0 ? frames : frames.slice(0, again + 1);
}

/** A function of the kernel as a frame of the stack, above the entry code's frame `physical`. */
export function kernelStackFrame(pid: number, index: number, kernel: KernelFrame, physical: UnwoundFrame, module: Module | undefined): StackFrame {
  const { name, file, line, column } = kernel;
  return { pid, index, physical, pc: physical.pc, ring: 0, module, name, file: kernelDocument(file), line, column, inlineDepth: 0, isInlined: false, kernel };
}
