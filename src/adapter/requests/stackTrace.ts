// stackTrace: frames of a task, a label where it crosses from ring 0 to ring 3 and where a signal was delivered.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../base/errors';
import { listingAt } from '../../debugger/listing';
import type { LazyStack, StackFrame } from '../../debugger/stack';
import { kernelSourceOf } from '../kernel_source';
import { request } from '../request';
import { hex, type Session } from '../session';

const ALL = 1000;

export default request<DebugProtocol.StackTraceArguments, DebugProtocol.StackTraceResponse['body']>('stackTrace', (session, { threadId, startFrame = 0, levels }) => {
  const core = session.stopped;
  if (!core.target.tasks().some(task => task.pid === threadId)) throw new UserError(`there is no task ${threadId}`);
  const stack = core.stackOf(threadId);
  const count = levels === undefined || levels === 0 ? ALL : levels;
  const rows = rowsOf(stack, startFrame + count + 1);
  const body: DebugProtocol.StackTraceResponse['body'] = {
    stackFrames: rows.slice(startFrame, startFrame + count).map(row => typeof row === 'string' ? label(session, row) : show(session, row)),
    totalFrames: rows.length > startFrame + count ? rows.length : undefined,
  };
  const [shown] = body.stackFrames, top = stack.at(0);
  return startFrame === 0 && shown && top && core.lastStop?.isInstruction && core.lastStop.pid === threadId ? listed(session, body, shown, top) : body;
}, { supportsDelayedStackTraceLoading: true });

function rowsOf(stack: LazyStack, limit: number): (StackFrame | string)[] {
  const rows: (StackFrame | string)[] = [];
  for (let i = 0; rows.length < limit; i++) {
    const frame = stack.at(i);
    if (!frame) return rows;
    // As many rows as it takes to be read in a side bar that is no wider than usual.
    if (frame.border !== undefined) rows.push(...frame.border.split(/(?<=:) /));
    rows.push(frame);
  }
  return rows;
}

/** With the machine code of the innermost function as its source. */
async function listed(session: Session, body: DebugProtocol.StackTraceResponse['body'], shown: DebugProtocol.StackFrame, { pid, pc }: StackFrame): Promise<DebugProtocol.StackTraceResponse['body']> {
  const listing = await listingAt(session.debugger.target, session.debugger.modules, pid, pc), line = listing?.lineOf(pc);
  if (listing && line !== undefined) Object.assign(shown, { source: session.listings.source(listing), line: session.line(line), column: session.column(1), presentationHint: 'normal' });
  return body;
}

function label(session: Session, name: string): DebugProtocol.StackFrame {
  return { id: session.labelId(), name, line: 0, column: 0, presentationHint: 'label' };
}

function show(session: Session, frame: StackFrame): DebugProtocol.StackFrame {
  const source = kernelSourceOf(session, frame) ?? sourceOf(session, frame);
  return {
    id: session.frameId(frame), name: frame.isInlined ? `${frame.name} [inlined]` : frame.name, source,
    line: source && frame.line !== undefined ? session.line(frame.line) : 0, column: source ? session.column(frame.column || 1) : 0,
    // A statement of the kernel's TypeScript is no instruction: an editor that shows machine code goes on to its source.
    instructionPointerReference: frame.kernel ? undefined : hex(frame.pc), moduleId: frame.module?.path, presentationHint: source?.presentationHint === 'deemphasize' || !source ? 'subtle' : 'normal', canRestart: frame.ring === 3 && frame.function !== undefined && !frame.isInlined,
  };
}

/** The person's file; one that is not there is named, but not offered to be opened first. The kernel image's sources are not files of the person's. */
function sourceOf(session: Session, frame: StackFrame): DebugProtocol.Source | undefined {
  const file = frame.module?.isKernel ? undefined : session.localPath(frame);
  if (file === undefined || frame.line === undefined) return undefined;
  return existsSync(file) ? { name: path.basename(file), path: file } : { name: path.basename(file), path: file, presentationHint: 'deemphasize' };
}
