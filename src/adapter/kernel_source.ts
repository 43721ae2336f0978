// The simulated kernel's sources as DAP sources. An editor that can open ringside-kernel: documents by itself (our extension's) gets their names; every other
// client gets references, to be asked for with the `source` request.
import path from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { KERNEL_SCHEME, kernelDocument, kernelFile } from '../debugger/kernel_source';
import type { StackFrame } from '../debugger/stack';
import type { KernelCode } from '../debugger/target';
import type { Session } from './session';

/** Functions between do_syscall_64 and a handler that Linux does not have: ours, and seldom what somebody looks for. */
const PLUMBING = new Set(['invoke_syscall', 'run_call', 'enter_syscall']);

/** Stops at an instruction that a person has gone to. */
const IN_CODE: ReadonlySet<string> = new Set(['step', 'breakpoint', 'function breakpoint', 'instruction breakpoint', 'data breakpoint']);

/** Where the entry code and the vDSO have their sources in the kernel's tree: the file of that name. */
function findImageSource(kernel: KernelCode, file: string): string | undefined {
  return kernel.sources.find(({ path: known }) => path.posix.basename(known) === path.posix.basename(file))?.path;
}

/** The source of a frame in the kernel or in an image that the kernel brings; undefined for the person's files. */
export function kernelSourceOf(session: Session, { file, module, index, kernel: inside, ring, pid }: StackFrame): DebugProtocol.Source | undefined {
  const { kernel } = session.debugger.target;
  if (file === undefined) return undefined;
  const known = kernelFile(file) ?? (module?.isKernel || module?.path === '[vdso]' ? findImageSource(kernel, file) : undefined);
  if (known === undefined) return undefined;
  const source = kernelSource(session, known);
  // A stop at a call, or of a task that sleeps in one, is a stop at the line that made it: the entry code is shown to those who step or break there.
  const { lastStop } = session.stopped;
  const isMeant = lastStop?.pid === pid && IN_CODE.has(lastStop.reason);
  const isAsleep = lastStop?.pid !== pid || lastStop.reason === 'deadlock' || lastStop.reason === 'pause';
  const isByTheWay = inside ? isAsleep || index > 0 && PLUMBING.has(inside.name) : ring === 0 && !isMeant;
  return isByTheWay ? { ...source, presentationHint: 'deemphasize' } : source;
}

export function kernelSource(session: Session, file: string): DebugProtocol.Source {
  const index = session.opensKernelDocuments ? -1 : session.debugger.target.kernel.sources.findIndex(source => source.path === file);
  return { name: path.posix.basename(file), path: kernelDocument(file), origin: 'Ringside kernel', ...(index < 0 ? {} : { sourceReference: index + 1 }) };
}

/** The document that a client means, by name or reference. */
export function kernelDocumentOf(session: Session, source: DebugProtocol.Source | undefined, reference = source?.sourceReference): string | undefined {
  if (source?.path?.startsWith(KERNEL_SCHEME)) return source.path;
  if (!reference) return undefined;
  const found = session.debugger.target.kernel.sources[reference - 1];
  return found && kernelDocument(found.path);
}
