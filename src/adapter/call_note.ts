// The note at the line of a system call: the decoded call, its result and the reason of a refusal, for the editor to write beside the C line.
// Not here: how it looks (the extension).
import type { Debugger, StopReport } from '../debugger/debugger';
import type { StackFrame } from '../debugger/stack';
import type { CallNote } from './messages';

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');

/** Undefined when the stop is not at a system call, or no frame of the person's has a source line. */
export function callNoteOf(core: Debugger, { call, phase, pid }: StopReport, localPath: (frame: StackFrame) => string | undefined): CallNote | undefined {
  if (!call || !phase) return undefined;
  const frame = core.stackOf(pid).find(candidate => candidate.ring === 3 && core.modules.hasSource(pid, candidate.physical.lookupPc));
  const path = frame && localPath(frame);
  if (!path || frame.line === undefined) return undefined;
  return { path, line: frame.line, phase, text: utf8(call.text), ...(call.errno ? { errno: call.errno.name, ...(call.errno.reason ? { because: utf8(call.errno.reason) } : {}) } : {}) };
}
